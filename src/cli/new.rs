//! `nearfar new`: a folder with a commented starter scenario and a what-if on it.

use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::scenario::{starter, starter_whatif};

/// Make a folder with a commented starter scenario and a what-if that extends it
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Folder to make; it must not hold anything
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = &arguments.folder;
    refuse_used(folder)?;
    let base = folder.join("scenario.toml");
    let whatif = folder.join("whatif-more-couriers.toml");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&base, starter()))
        .and_then(|()| fs::write(&whatif, starter_whatif()))
        .map_err(|error| Failure::Other(format!("cannot write to {}: {error}", folder.display())))?;
    anstream::eprintln!("wrote {} and {}", base.display(), whatif.display());
    anstream::eprintln!("next: nearfar run {}", crate::results::shell_path(&base));
    Ok(())
}

fn refuse_used(folder: &Path) -> Result<(), Failure> {
    let help = "name a folder that does not exist yet".to_string();
    if folder.exists() && !folder.is_dir() {
        return Err(Failure::Input(format!("{} is a file", folder.display()), help));
    }
    let is_used = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if is_used { Err(Failure::Input(format!("{} is not empty", folder.display()), help)) } else { Ok(()) }
}
