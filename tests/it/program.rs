//! Running the built program.

use std::path::Path;
use std::process::{Command, Output};

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
