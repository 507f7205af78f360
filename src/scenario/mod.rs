//! Room: scenario (floor 1). File → checked [`Scenario`]; may use `units` and `rng`, and toml.

mod macros;
mod schema;

pub use schema::*;
