//! Room: design (floor 1). Which points of an experiment to run; may use `rng`; sobol.
//!
//! Over lists of values: [`grid`], [`zip()`], [`list()`]. In the unit cube, each coordinate from 0 to 1: [`lhs`], [`sobol()`],
//! [`saltelli`], [`morris`]; the caller maps a coordinate to a range, a logarithm or a whole number. Every design is a pure
//! function of its arguments and a seed: the same on any machine. docs/statistics.md says when to use which.

mod latin_hypercube;
mod levels;
mod low_discrepancy;
mod trajectories;

pub use latin_hypercube::lhs;
pub use levels::{grid, list, zip};
pub use low_discrepancy::{Labelled, MOST_DIMENSIONS, Role, saltelli, sobol};
pub use trajectories::{Trajectory, morris};

/// The most points a design may have.
pub const MOST_POINTS: usize = 10_000_000;

/// Why a design cannot be made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DesignError {
    /// No factor to change.
    #[error("a design needs at least one factor to change")]
    NoFactors,
    /// A factor without values.
    #[error("factor {factor} (counted from 1) has no values")]
    NoValues {
        /// Its place, from 1.
        factor: usize,
    },
    /// Lists to be read side by side have different lengths.
    #[error(
        "zip reads the lists side by side, so all need the same number of values: factor 1 has {expected}, factor {factor} has {found}; use a grid to combine each with each"
    )]
    Unequal {
        /// The factor that differs, from 1.
        factor: usize,
        /// Its number of values.
        found: usize,
        /// That of the first factor.
        expected: usize,
    },
    /// A row of a list has too many or too few values.
    #[error("row {row} has {found} values, there are {expected} factors")]
    Row {
        /// The row, from 1.
        row: usize,
        /// Its number of values.
        found: usize,
        /// The number of factors.
        expected: usize,
    },
    /// Too few of something.
    #[error("{what}: {found} asked for, at least {needed} are needed")]
    TooFew {
        /// What there is too little of.
        what: &'static str,
        /// How many.
        found: usize,
        /// How many it takes.
        needed: usize,
    },
    /// More points than anyone can run.
    #[error("more than {MOST_POINTS} points: leave out factors or values")]
    TooMany,
    /// A number of points that is not a power of two.
    #[error("{found} points do not cover the space evenly, only powers of two do: take {below} or {above}")]
    NotPowerOfTwo {
        /// What was asked for.
        found: usize,
        /// The next one below, at least 1.
        below: usize,
        /// The next one above.
        above: usize,
    },
    /// More dimensions than there are direction numbers.
    #[error("{found} dimensions (two for each factor of a Saltelli design), at most {MOST_DIMENSIONS} are possible")]
    TooManyDimensions {
        /// What was asked for.
        found: usize,
    },
    /// A Morris design with an odd number of levels.
    #[error("a Morris design needs an even number of levels, 4 as a rule; found {0}")]
    OddLevels(usize),
}

/// Refuses empty designs and those too large to run.
fn check_size(points: Option<usize>, factors: usize) -> Result<(), DesignError> {
    match points {
        _ if factors == 0 => Err(DesignError::NoFactors),
        Some(0) => Err(DesignError::TooFew { what: "points", found: 0, needed: 1 }),
        Some(points) if points <= MOST_POINTS => Ok(()),
        _ => Err(DesignError::TooMany),
    }
}
