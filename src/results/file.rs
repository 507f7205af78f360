//! A single output file: whole or not there.

use super::folder::{ResultsError, failed, write_synced};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file to be written once its text is known.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    filling: PathBuf,
}

impl OutputFile {
    /// Gets ready to write `path`, creating its parents. Fails where it must not or cannot be written, so that nobody
    /// waits for a simulation in vain; a file that is there is replaced only with `force`.
    pub fn prepare(path: &Path, force: bool) -> Result<OutputFile, ResultsError> {
        let taken = path.is_dir() || (path.exists() && !force);
        let (Some(name), false) = (path.file_name(), taken) else {
            return Err(ResultsError::Exists { path: path.to_owned() });
        };
        let filling = path.with_file_name(format!(".{}.tmp-{}", name.to_string_lossy(), std::process::id()));
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed(path))?;
        }
        let tried = write_synced(&filling, b"").and_then(|()| fs::remove_file(&filling));
        tried.map_err(failed(path))?;
        Ok(OutputFile { path: path.to_owned(), filling })
    }

    /// Writes it beside its place, then renames it there.
    pub fn commit(self, bytes: impl AsRef<[u8]>) -> Result<PathBuf, ResultsError> {
        let written: io::Result<()> =
            write_synced(&self.filling, bytes.as_ref()).and_then(|()| fs::rename(&self.filling, &self.path));
        if written.is_err() {
            // What cannot be removed now is small and has a telling name.
            let _ = fs::remove_file(&self.filling);
        }
        written.map_err(failed(&self.path))?;
        Ok(self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_replaced_only_if_forced() {
        let work = tempfile::tempdir().unwrap();
        let path = work.path().join("docs/table.md");
        let file = OutputFile::prepare(&path, false).unwrap();
        assert!(!path.exists(), "nothing before the text is known");
        assert_eq!(file.commit("one").unwrap(), path);
        let again = OutputFile::prepare(&path, false).unwrap_err();
        assert!(again.to_string().contains("--force"), "{again}");
        OutputFile::prepare(&path, true).unwrap().commit("two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no trace of the filling");
        assert!(OutputFile::prepare(work.path(), true).is_err(), "a folder");
    }
}
