//! nearfar simulates flash-commerce order routing.

pub mod audit;
pub mod city;
pub mod event;
pub mod metrics;
pub mod results;
pub mod rng;
pub mod scenario;
#[cfg(test)]
mod testing;
pub mod units;
