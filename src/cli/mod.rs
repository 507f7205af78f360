//! Room: cli (floor 8). One file per subcommand; the only room that speaks to the terminal.

pub mod import;
