//! `nearfar schema`: prints the schema of scenario files for editors and for the docs.

use super::{Failure, print};
use crate::scenario::{json_schema, key_table};

/// Print the JSON Schema of scenario files, from which editors complete keys
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The table of keys as Markdown instead (docs/keys.md)
    #[arg(long)]
    markdown: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.markdown {
        return print(&key_table());
    }
    let text = serde_json::to_string_pretty(&json_schema()).map_err(|error| Failure::Other(error.to_string()))?;
    print(&(text + "\n"))
}
