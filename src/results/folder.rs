//! The output folder: filled in a hidden folder beside it, then put in place with a rename.
//!
//! For a target `output/rush` these names are ours, all in `output/`: `.rush.lock` (held while a run
//! writes there), `.rush.tmp-<pid>` (being filled) and `.rush.old-<pid>` (being replaced). A crash
//! never leaves a half-written target: it is the old folder or the new one, or, for a crash between the
//! two renames, absent until the next run puts the old one back.

use crate::metrics::MetricsError;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

/// The value of `program` in the manifest, by which nearfar knows its own folders.
pub const PROGRAM: &str = "nearfar";
/// Name of the file of facts about a run.
pub(super) const MANIFEST: &str = "manifest.json";

/// Why results cannot be written; each message says what to do.
#[derive(thiserror::Error, Debug)]
pub enum ResultsError {
    /// The path is a file.
    #[error("{}: is a file, not a folder; name another output folder, or move the file away", .path.display())]
    NotAFolder {
        /// The output folder, as given.
        path: PathBuf,
    },
    /// The folder holds something that nearfar did not write.
    #[error(
        "{}: holds files that nearfar did not write, such as {example:?}; \
         name another output folder, or give --force to write into this one (files of other names are kept)",
        .path.display()
    )]
    Foreign {
        /// The output folder, as given.
        path: PathBuf,
        /// The first such file.
        example: String,
    },
    /// The file is there already.
    #[error("{}: exists; name another file, or give --force to replace it", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The folder is, or contains, the current folder, which cannot be exchanged.
    #[error("{}: is the current folder or contains it; name a folder inside it", .path.display())]
    Enclosing {
        /// The output folder, as given.
        path: PathBuf,
    },
    /// Another run is writing there.
    #[error("{}: another nearfar is writing there; wait for it, or name another output folder", .path.display())]
    Busy {
        /// The output folder, as given.
        path: PathBuf,
    },
    /// The system does not let us write there.
    #[error("{}: no permission to write there; name an output folder you may write to", .path.display())]
    Denied {
        /// The file or folder.
        path: PathBuf,
    },
    /// No space left.
    #[error("{}: the disk is full; free some space, or name an output folder on another disk", .path.display())]
    DiskFull {
        /// The file or folder.
        path: PathBuf,
    },
    /// A file name that leads out of the folder, or one given twice.
    #[error("{name:?} is not a new file inside the output folder")]
    BadName {
        /// The name.
        name: String,
    },
    /// Any other failure of the system.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A table could not be written.
    #[error(transparent)]
    Table(#[from] MetricsError),
}

/// An error of the system, said in terms of what to do about it.
pub(super) fn failed(path: &Path) -> impl FnOnce(io::Error) -> ResultsError + '_ {
    move |source| {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => ResultsError::Denied { path },
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ResultsError::DiskFull { path },
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => ResultsError::NotAFolder { path },
            _ => ResultsError::Io { path, source },
        }
    }
}

/// Results in place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Committed {
    /// The output folder.
    pub path: PathBuf,
    /// Whether it replaces a folder of an earlier run.
    pub replaced: bool,
}

/// An output folder being filled; dropped without [`OutputFolder::commit`] it leaves no trace.
#[derive(Debug)]
pub struct OutputFolder {
    /// As the user gave it, for messages.
    given: PathBuf,
    names: Names,
    /// Files added, relative to the folder.
    files: BTreeSet<String>,
    /// Held until the end, so that nobody else writes there.
    _lock: Option<File>,
}

/// Where things are, all in one parent so that a rename is all it takes.
#[derive(Debug)]
struct Names {
    parent: PathBuf,
    target: PathBuf,
    filling: PathBuf,
    replaced: PathBuf,
    lock: PathBuf,
}

/// What is at the target now.
enum Found {
    Nothing,
    Ours,
    Foreign(String),
}

impl OutputFolder {
    /// Gets ready to write to `path`, creating its parents. Fails where the run must not or cannot
    /// write, so that nobody waits for a simulation in vain. With `force` a folder holding other files
    /// is accepted; files that nearfar did not write are kept unless it writes one of that name.
    pub fn prepare(path: &Path, force: bool) -> Result<OutputFolder, ResultsError> {
        let given = path.to_owned();
        let names = Names::of(path)?;
        let lock = lock(&names, &given)?;
        let folder = OutputFolder { given, names, files: BTreeSet::new(), _lock: lock };
        folder.names.tidy_up().map_err(failed(path))?;
        match found(&folder.names.target, path)? {
            Found::Foreign(example) if !force => Err(ResultsError::Foreign { path: path.to_owned(), example }),
            _ => {
                fs::create_dir(&folder.names.filling).map_err(failed(path))?;
                Ok(folder)
            }
        }
    }

    /// The folder that results will be in.
    pub fn path(&self) -> &Path {
        &self.given
    }

    /// Adds a file, such as `charts/near.svg`.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), ResultsError> {
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if name.is_empty() || !inside || !self.files.insert(name.to_owned()) {
            return Err(ResultsError::BadName { name: name.to_owned() });
        }
        let file = self.names.filling.join(name);
        let shown = self.given.join(name);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).map_err(failed(&shown))?;
        }
        write_synced(&file, bytes).map_err(failed(&shown))
    }

    /// Writes the manifest (`program`, the reproducible `facts`, the list of `files`, and `timing` apart)
    /// and puts the folder in place.
    pub fn commit(mut self, facts: Map<String, Value>, timing: Map<String, Value>) -> Result<Committed, ResultsError> {
        let mut manifest = Map::from_iter([("program".to_owned(), Value::from(PROGRAM))]);
        manifest.extend(facts);
        let files = self.files.iter().map(String::as_str).chain([MANIFEST]).map(Value::from).collect();
        manifest.insert("files".into(), Value::Array(files));
        manifest.insert("timing".into(), Value::Object(timing));
        let text = format!("{:#}\n", Value::Object(manifest));
        self.add(MANIFEST, text.as_bytes())?;
        sync_folders(&self.names.filling).map_err(failed(&self.given))?;
        let replaced = matches!(found(&self.names.target, &self.given)?, Found::Ours);
        self.names.put_in_place().map_err(failed(&self.given))?;
        Ok(Committed { path: self.given.clone(), replaced })
    }
}

impl Drop for OutputFolder {
    /// Best effort: what cannot be removed now is tidied up by the next run.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.names.filling);
        let _ = fs::remove_file(&self.names.lock);
    }
}

impl Names {
    fn of(path: &Path) -> Result<Names, ResultsError> {
        let target = match fs::canonicalize(path) {
            Ok(existing) => existing,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let name = path.file_name().ok_or_else(|| ResultsError::Enclosing { path: path.to_owned() })?;
                let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
                fs::create_dir_all(parent).map_err(failed(parent))?;
                fs::canonicalize(parent).map_err(failed(parent))?.join(name)
            }
            Err(error) => return Err(failed(path)(error)),
        };
        let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
            return Err(ResultsError::Enclosing { path: path.to_owned() });
        };
        if std::env::current_dir().and_then(fs::canonicalize).is_ok_and(|here| here.starts_with(&target)) {
            return Err(ResultsError::Enclosing { path: path.to_owned() });
        }
        let pid = std::process::id();
        Ok(Names {
            filling: parent.join(hidden(name, &format!(".tmp-{pid}"))),
            replaced: parent.join(hidden(name, &format!(".old-{pid}"))),
            lock: parent.join(hidden(name, ".lock")),
            parent: parent.to_owned(),
            target,
        })
    }

    /// Removes what a crashed run left beside the target. Called under the lock, so nobody is using it.
    fn tidy_up(&self) -> io::Result<()> {
        for old in self.leftovers(".old-")? {
            if self.target.exists() {
                keep_other_files(&old, &self.target)?;
                fs::remove_dir_all(&old)?;
            } else {
                fs::rename(&old, &self.target)?;
            }
        }
        self.leftovers(".tmp-")?.iter().try_for_each(fs::remove_dir_all)
    }

    /// Folders of ours with this ending and a process id, in order of name.
    fn leftovers(&self, ending: &str) -> io::Result<BTreeSet<PathBuf>> {
        let Some(name) = self.target.file_name() else {
            return Ok(BTreeSet::new());
        };
        let start = hidden(name, ending);
        let mut folders = BTreeSet::new();
        for entry in fs::read_dir(&self.parent)? {
            let entry = entry?;
            let found = entry.file_name();
            let pid = found.as_encoded_bytes().strip_prefix(start.as_encoded_bytes());
            if pid.is_some_and(|pid| !pid.is_empty() && pid.iter().all(u8::is_ascii_digit)) {
                folders.insert(entry.path());
            }
        }
        Ok(folders)
    }

    fn put_in_place(&self) -> io::Result<()> {
        let replaces = self.target.exists();
        if replaces {
            fs::rename(&self.target, &self.replaced)?;
        }
        if let Err(error) = fs::rename(&self.filling, &self.target) {
            if replaces {
                fs::rename(&self.replaced, &self.target)?;
            }
            return Err(error);
        }
        sync_folder(&self.parent);
        if replaces {
            keep_other_files(&self.replaced, &self.target)?;
            fs::remove_dir_all(&self.replaced)?;
        }
        Ok(())
    }
}

/// `.rush.lock` for `rush` and `.lock`.
fn hidden(name: &OsStr, ending: &str) -> OsString {
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(ending);
    hidden
}

/// Takes the lock of the target; file systems that know no locks go without.
fn lock(names: &Names, given: &Path) -> Result<Option<File>, ResultsError> {
    let file = File::options().create(true).truncate(false).write(true).open(&names.lock).map_err(failed(given))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(ResultsError::Busy { path: given.to_owned() }),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

fn found(target: &Path, given: &Path) -> Result<Found, ResultsError> {
    let entries = match fs::read_dir(target) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        entries => entries.map_err(failed(given))?,
    };
    if files_of(target).is_some() {
        return Ok(Found::Ours);
    }
    let mut names = BTreeSet::new();
    for entry in entries {
        names.insert(entry.map_err(failed(given))?.file_name().to_string_lossy().into_owned());
    }
    Ok(names.pop_first().map_or(Found::Nothing, Found::Foreign))
}

/// The files that nearfar wrote into a folder, by its manifest; `None` if it has none of ours.
fn files_of(folder: &Path) -> Option<BTreeSet<String>> {
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join(MANIFEST)).ok()?).ok()?;
    if manifest.get("program")? != PROGRAM {
        return None;
    }
    let files = manifest.get("files").and_then(Value::as_array).into_iter().flatten();
    Some(files.filter_map(|file| file.as_str().map(str::to_owned)).collect())
}

/// Moves files that nearfar did not write from a replaced folder to the new one, unless it has one of
/// that name: a folder may hold a planner's notes.
fn keep_other_files(old: &Path, new: &Path) -> io::Result<()> {
    let ours = files_of(old).unwrap_or_default();
    move_others(old, new, "", &ours)
}

fn move_others(old: &Path, new: &Path, prefix: &str, ours: &BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(old)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let goal = new.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            let had = goal.exists();
            if !had {
                fs::create_dir(&goal)?;
            }
            if goal.is_dir() {
                move_others(&entry.path(), &goal, &format!("{name}/"), ours)?;
            }
            if !had {
                // Fails, as it should, where something was moved in.
                let _ = fs::remove_dir(&goal);
            }
        } else if !ours.contains(&name) && goal.symlink_metadata().is_err() {
            fs::rename(entry.path(), &goal)?;
        }
    }
    Ok(())
}

pub(super) fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the names in a folder and those below it durable.
fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    sync_folder(folder);
    Ok(())
}

/// Makes the names in a folder durable, where the system can do that to a folder.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(path: &Path, files: &[(&str, &str)], force: bool) -> Result<Committed, ResultsError> {
        let mut folder = OutputFolder::prepare(path, force)?;
        for (name, text) in files {
            folder.add(name, text.as_bytes())?;
        }
        folder.commit(Map::new(), Map::new())
    }
    fn names_in(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }

    #[test]
    fn a_second_run_replaces_the_first_and_leaves_nothing_beside() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("deep/er/rush");
        let first = run(&target, &[("a.csv", "1"), ("charts/x.svg", "x")], false).unwrap();
        assert!(!first.replaced);
        fs::write(target.join("notes.txt"), "mine").unwrap();
        let second = run(&target, &[("b.csv", "2")], false).unwrap();
        assert!(second.replaced);
        assert_eq!(names_in(&target), ["b.csv", "manifest.json", "notes.txt"]);
        assert_eq!(names_in(target.parent().unwrap()), ["rush"]);
    }

    #[test]
    fn a_folder_of_others_is_refused_untouched_and_with_force_keeps_their_files() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("holiday");
        fs::create_dir(&target).unwrap();
        fs::write(target.join("photo.jpg"), "sea").unwrap();
        fs::write(target.join("a.csv"), "theirs").unwrap();
        let error = run(&target, &[("a.csv", "1")], false).unwrap_err();
        assert!(matches!(&error, ResultsError::Foreign { example, .. } if example == "a.csv"), "{error}");
        assert_eq!(names_in(&target), ["a.csv", "photo.jpg"]);
        assert_eq!(names_in(dir.path()), ["holiday"]);
        assert!(!run(&target, &[("a.csv", "1")], true).unwrap().replaced);
        assert_eq!(names_in(&target), ["a.csv", "manifest.json", "photo.jpg"]);
        assert_eq!(fs::read_to_string(target.join("a.csv")).unwrap(), "1");
    }

    #[test]
    fn a_manifest_of_another_program_does_not_make_a_folder_ours() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(MANIFEST), r#"{"program": "other"}"#).unwrap();
        assert!(matches!(run(dir.path(), &[], false), Err(ResultsError::Foreign { .. })));
    }

    #[test]
    fn an_empty_folder_is_fine_and_a_file_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let empty = dir.path().join("empty");
        fs::create_dir(&empty).unwrap();
        assert!(!run(&empty, &[], false).unwrap().replaced);
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        for path in [file.clone(), file.join("below")] {
            let error = run(&path, &[], true).unwrap_err();
            assert!(matches!(error, ResultsError::NotAFolder { .. }), "{error:?}");
        }
    }

    #[test]
    fn leftovers_of_a_crash_are_tidied_up_and_a_half_replaced_folder_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("rush");
        run(&target, &[("a.csv", "1")], false).unwrap();
        fs::rename(&target, dir.path().join(".rush.old-1")).unwrap();
        fs::create_dir(dir.path().join(".rush.tmp-1")).unwrap();
        fs::create_dir(dir.path().join(".rush.tmp-notes")).unwrap();
        drop(OutputFolder::prepare(&target, false).unwrap());
        assert_eq!(names_in(dir.path()), [".rush.tmp-notes", "rush"]);
        assert_eq!(fs::read_to_string(target.join("a.csv")).unwrap(), "1");
    }

    #[test]
    fn two_runs_do_not_write_to_one_folder_at_once_and_an_abandoned_one_leaves_no_trace() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("rush");
        let mut first = OutputFolder::prepare(&target, false).unwrap();
        first.add("a.csv", b"1").unwrap();
        assert!(matches!(OutputFolder::prepare(&target, false), Err(ResultsError::Busy { .. })));
        drop(first);
        assert_eq!(names_in(dir.path()), Vec::<String>::new());
    }

    #[test]
    fn files_cannot_leave_the_folder_or_come_twice() {
        let dir = tempfile::tempdir().unwrap();
        let mut folder = OutputFolder::prepare(&dir.path().join("rush"), false).unwrap();
        for name in ["../x", "/etc/x", "", "a/../../x", "."] {
            assert!(matches!(folder.add(name, b""), Err(ResultsError::BadName { .. })), "{name}");
        }
        folder.add("x", b"").unwrap();
        assert!(matches!(folder.add("x", b""), Err(ResultsError::BadName { .. })));
    }

    #[test]
    fn the_current_folder_is_not_replaced() {
        let here = std::env::current_dir().unwrap();
        for path in [here.as_path(), Path::new("/"), Path::new(".")] {
            assert!(matches!(OutputFolder::prepare(path, true), Err(ResultsError::Enclosing { .. })), "{path:?}");
        }
    }

    #[test]
    fn errors_of_the_system_say_what_to_do() {
        let said = |kind: ErrorKind| failed(Path::new("out"))(kind.into()).to_string();
        assert!(said(ErrorKind::StorageFull).contains("free some space"));
        assert!(said(ErrorKind::PermissionDenied).contains("you may write to"));
        assert!(said(ErrorKind::ReadOnlyFilesystem).contains("you may write to"));
    }
}
