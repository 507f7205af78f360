//! What the tests of several methods share: a function with known indices, and a stream to pick from.

use crate::rng::{Purpose, Streams};
use rand::RngExt;

/// Ishigami and Homma (1990) with a = 7, b = 0.1, on the unit cube stretched to [-π, π]³.
pub(super) fn ishigami(unit: &[f64]) -> f64 {
    let x = [0, 1, 2].map(|i| std::f64::consts::PI * (2.0 * unit[i] - 1.0));
    x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin()
}

/// A function that picks whole numbers below n, by seed.
pub(super) fn picker(seed: u64) -> impl FnMut(usize) -> usize {
    let mut stream = Streams::new(seed, 0).long(Purpose::Bootstrap);
    move |n| stream.random_range(0..n)
}

#[track_caller]
pub(super) fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found}, not {expected} within {tolerance}");
}

/// The worked example of ten pairs.
pub(super) const A: [f64; 10] = [30.2, 28.7, 33.1, 31.5, 29.9, 32.4, 30.8, 31.1, 29.4, 32.0];
pub(super) const B: [f64; 10] = [28.9, 27.9, 31.2, 30.6, 28.8, 31.9, 29.1, 30.3, 28.6, 30.7];
