//! nearfar simulates flash-commerce order routing.

pub mod audit;
pub mod city;
pub mod cli;
pub mod event;
pub mod import;
pub mod metrics;
pub mod policy;
pub mod report;
pub mod results;
pub mod rng;
pub mod scenario;
pub mod sim;
pub mod study;
pub mod table;
#[cfg(test)]
mod testing;
pub mod units;
