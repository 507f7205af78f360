//! Tests from outside: the built program and the shipped files, one test binary for all of them.

mod analytic;
mod architecture;
mod audit;
mod bistable;
mod broken_scenarios;
mod choice;
mod compare;
mod explain;
mod external;
mod external_city;
mod external_greedy;
mod external_mdrp_policies;
mod external_oddp;
mod external_policy;
mod external_sourcing;
mod golden;
mod ledger;
mod leftovers;
mod own_policy;
mod policies;
mod program;
mod run;
mod scenario_files;
mod signs;
mod sweep;
mod validate;
