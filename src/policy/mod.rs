//! Room: policy (floor 3). Pure decisions: small views in, plan out; no clock, no ECS, no file.
//! May use `units`, `scenario`, `city`, `event`.

pub mod choice;
pub mod dispatch;
mod flow;
pub mod overload;
pub mod pools;
pub mod promise;
pub mod replenishment;
pub mod reposition;
pub mod sourcing;
pub mod substitution;
pub mod transfer;
