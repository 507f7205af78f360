//! Tests of nearfar from outside, in one binary.

mod external;
mod external_city;
