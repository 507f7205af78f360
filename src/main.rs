//! The program `nearfar`: reads the arguments, runs one command, exits with its code.

use std::process::ExitCode;

fn main() -> ExitCode {
    match nearfar::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            anstream::eprint!("{failure}");
            failure.exit_code()
        }
    }
}
