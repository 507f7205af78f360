//! Tells the program which sources and which git commit it is built from; outside a checkout it knows no commit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Which compiler made a result is told in logs, never in the result.
    let compiler = std::env::var("RUSTC").ok().and_then(|rustc| output(&rustc, &["--version"]));
    if let Some(compiler) = compiler {
        println!("cargo::rustc-env=NEARFAR_RUSTC={compiler}");
    }
    // Whatever changes here compiles the program anew anyway, so that this costs no build of its own.
    for path in SOURCES {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rustc-env=NEARFAR_SOURCES={:016x}", fingerprint());
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
        // The sources are watched above, so that the flag is never behind them.
        let edited =
            git(&[&["status", "--porcelain", "--"], &SOURCES[..]].concat()).is_some_and(|told| !told.is_empty());
        println!("cargo::rustc-env=NEARFAR_COMMIT={commit}{}", if edited { "-dirty" } else { "" });
    }
}

/// What decides how the program computes.
const SOURCES: [&str; 4] = ["src", "Cargo.lock", "Cargo.toml", "build.rs"];

/// FNV-1a over names and contents of all sources: tells edited trees apart, and guards against nobody.
fn fingerprint() -> u64 {
    let mut files = Vec::new();
    SOURCES.iter().for_each(|path| collect(Path::new(path), &mut files));
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        let bytes = fs::read(&file).unwrap_or_default();
        for byte in file.to_string_lossy().bytes().chain([0]).chain(bytes).chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

/// The files below a path, or the file itself; a packaged crate may lack one.
fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| collect(&entry.path(), files)),
        Err(_) if path.is_file() => files.push(path.to_owned()),
        Err(_) => {}
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
