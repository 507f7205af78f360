//! Running the built program, and what tests expect of it.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// Runs `nearfar` with these arguments in this folder, without colours.
pub(crate) fn nearfar(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nearfar"));
    command.current_dir(folder).args(arguments).env("NO_COLOR", "1");
    command.output().expect("the program starts")
}

/// What it wrote to stdout.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What it wrote to stderr.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs `nearfar` and expects this exit code; what it wrote to stdout and stderr.
pub(crate) fn code(expected: i32, folder: impl AsRef<Path>, arguments: &[&str]) -> (String, String) {
    let output = nearfar(folder.as_ref(), arguments);
    let said = (stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(expected), "{arguments:?}: {}{}", said.0, said.1);
    said
}

/// Runs `nearfar` and expects success; what it wrote to stdout.
pub(crate) fn fine(folder: impl AsRef<Path>, arguments: &[&str]) -> String {
    code(0, folder, arguments).0
}

/// Runs `nearfar` and expects that it refuses its input and writes no result; what it wrote to stderr.
pub(crate) fn refused(folder: impl AsRef<Path>, arguments: &[&str]) -> String {
    let (said, why) = code(2, folder, arguments);
    assert_eq!(said, "", "{arguments:?}: {why}");
    why
}

/// Runs `nearfar` with `--json` among the arguments and expects success; the object it wrote.
pub(crate) fn json(folder: impl AsRef<Path>, arguments: &[&str]) -> Value {
    serde_json::from_str(&fine(folder, arguments)).expect("one JSON object")
}

/// A folder with these files of text.
pub(crate) fn folder_with(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file can be written");
    }
    folder
}

/// The text of a file.
pub(crate) fn text_of(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
