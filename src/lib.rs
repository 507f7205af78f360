//! nearfar simulates flash-commerce order routing.

pub mod city;
pub mod cli;
pub mod event;
pub mod import;
pub mod policy;
pub mod rng;
pub mod scenario;
pub mod sim;
pub mod table;
pub mod units;
