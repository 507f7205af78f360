//! Tells the program which git commit it is built from; outside a checkout it knows none.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Which compiler made a result is told in logs, never in the result.
    let compiler = std::env::var("RUSTC").ok().and_then(|rustc| output(&rustc, &["--version"]));
    if let Some(compiler) = compiler {
        println!("cargo::rustc-env=NEARFAR_RUSTC={compiler}");
    }
    // Development builds do without: a rebuild after every commit would cost more than it tells.
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    // A packaged crate may lie inside somebody else's checkout.
    if !release || !Path::new(".git").exists() {
        return;
    }
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]).filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    if let Some(commit) = git(&["rev-parse", "HEAD"]) {
        println!("cargo::rustc-env=NEARFAR_COMMIT={commit}");
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    output("git", arguments)
}

/// What a program prints, if it goes well.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
