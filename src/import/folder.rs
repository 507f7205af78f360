//! Room: import. Writing a scenario folder without ever leaving half of one.

use super::{Import, ImportError};
use std::io::Write;
use std::path::Path;

/// First words of every scenario file an import writes; a folder with such a file may be written again.
pub(super) const MARK: &str = "# Written by `nearfar import";

impl Import {
    /// Whether `folder` may be written: it is new, empty, or an import wrote it; or `force` is set.
    pub fn check_folder(&self, folder: &Path, force: bool) -> Result<(), ImportError> {
        let io = |error| ImportError::io(folder, error);
        if force || !folder.try_exists().map_err(io)? || std::fs::read_dir(folder).map_err(io)?.next().is_none() {
            return Ok(());
        }
        match std::fs::read_to_string(folder.join("scenario.toml")) {
            Ok(text) if text.starts_with(MARK) => Ok(()),
            _ => Err(ImportError::Occupied(folder.to_owned())),
        }
    }

    /// Writes the folder. A new one appears at once and whole; in one that exists each file is replaced at
    /// once, the scenario last, and files of other names stay.
    pub fn write(&self, folder: &Path, force: bool) -> Result<(), ImportError> {
        self.check_folder(folder, force)?;
        match folder.exists() {
            true => self.fill(folder),
            false => self.create(folder),
        }
    }

    fn create(&self, folder: &Path) -> Result<(), ImportError> {
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).map_err(|error| ImportError::io(parent, error))?;
        // Beside the target, because renaming does not reach across disks.
        let draft = tempfile::Builder::new().prefix(".nearfar-import").tempdir_in(parent);
        let draft = draft.map_err(|error| ImportError::io(parent, error))?;
        let inner = draft.path().join("folder");
        std::fs::create_dir(&inner).map_err(|error| ImportError::io(&inner, error))?;
        self.fill(&inner)?;
        std::fs::rename(&inner, folder).map_err(|error| ImportError::io(folder, error))
    }

    fn fill(&self, folder: &Path) -> Result<(), ImportError> {
        for (name, text) in &self.files {
            put(folder, name, text)?;
        }
        put(folder, "scenario.toml", &self.scenario_toml)
    }
}

fn put(folder: &Path, name: &str, text: &str) -> Result<(), ImportError> {
    let path = folder.join(name);
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        readable_by_all(file.path())?;
        file.persist(&path).map_err(|error| error.error)
    });
    written.map(drop).map_err(|error| ImportError::io(&path, error))
}

/// Temporary files are private to their owner; a scenario is to be shared.
#[cfg(unix)]
fn readable_by_all(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &Path) -> std::io::Result<()> {
    Ok(())
}
