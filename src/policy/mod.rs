//! Room: policy (floor 3). Pure decisions: small views in, plan out; no clock, no ECS, no file.
//! May use `units`, `scenario`, `city`, `event`.

pub mod dispatch;
pub mod sourcing;
