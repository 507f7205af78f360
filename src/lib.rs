//! nearfar simulates flash-commerce order routing.

pub mod city;
pub mod event;
pub mod report;
pub mod rng;
pub mod scenario;
pub mod units;
