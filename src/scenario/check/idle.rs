//! Room: scenario. Keys that are set and change nothing, because what they are settings of is off.
//!
//! One table for all of them. A key that depends on a switch has a row here, and its meaning in the schema says so. Such
//! a key is no mistake of the run, which is what it would be without the line, so it is told and not refused.

use std::collections::BTreeMap;

use crate::scenario::desk::Desk;
use crate::scenario::{
    AfterMaxWait, CourierStart, DemandSource, DispatchPolicy, HandoverDistribution, Idle, LeadDistribution, Metric,
    OpeningStock, OverloadPolicy, PickDistribution, Placing, PromisePolicy, RationingPolicy, ReplenishmentPolicy,
    RepositionPolicy, Rounding, Scenario, SourcingPolicy, SplitPolicy, key, leaves,
};

/// Keys that have an effect only under a condition.
struct Needs {
    /// Full names; `*` is any row of a list, or any key of a section. `policy`, `model` and `enabled` are switches
    /// themselves and never meant.
    keys: &'static [&'static str],
    /// Whether they have an effect; the text is the id of the row, if the key stands in one.
    works: fn(&Scenario, &str) -> bool,
    /// What explains that they have none: keys, told with their values, or words.
    while_: &'static [&'static str],
    /// What to set.
    set: &'static str,
}

/// The row of a list called so.
fn row<'a, T>(rows: &'a [T], id: fn(&T) -> &str, wanted: &str) -> Option<&'a T> {
    rows.iter().find(|row| id(row) == wanted)
}

fn drawn(s: &Scenario) -> bool {
    s.demand.source == DemandSource::Synthetic
}

/// Whether places come from the density surface of a drawn city.
fn has_density(s: &Scenario) -> bool {
    let kinds = &s.stores.archetypes;
    let stores = s.stores.file.is_none() && kinds.iter().any(|k| k.count > 0 && k.placing == Placing::Density);
    let couriers = s.couriers.file.is_none() && s.couriers.count > 0 && s.couriers.start == CourierStart::Density;
    draws_homes(s) || stores || couriers
}

fn draws_homes(s: &Scenario) -> bool {
    drawn(s) && s.demand.points_file.is_none()
}

fn draws_places(s: &Scenario) -> bool {
    let stores = s.stores.file.is_none() && s.stores.archetypes.iter().any(|kind| kind.count > 0);
    let couriers = s.couriers.file.is_none() && s.couriers.count > 0 && s.couriers.start != CourierStart::Stores;
    draws_homes(s) || stores || couriers
}

fn reads_places(s: &Scenario) -> bool {
    let files = [&s.stores.file, &s.couriers.file, &s.demand.orders_file, &s.demand.points_file];
    s.city.metric == Metric::Haversine || files.iter().any(|file| file.is_some())
}

fn abroad(s: &Scenario) -> bool {
    s.catalogue.categories.iter().any(|category| category.abroad_share > 0.0)
}

fn returns(s: &Scenario) -> bool {
    s.catalogue.categories.iter().any(|category| category.return_rate > 0.0)
}

fn reviewed(s: &Scenario) -> bool {
    let policy = s.replenishment.policy;
    let by_review = matches!(policy, ReplenishmentPolicy::FullLevel | ReplenishmentPolicy::OrderUpTo);
    by_review && !s.stores.unlimited_stock
}

fn misses_lines(s: &Scenario) -> bool {
    !s.stores.unlimited_stock && (s.stock.phantom_share > 0.0 || s.stock.sync_latency_s > 0.0)
}

fn has_workers(s: &Scenario) -> bool {
    s.warehouse.capacity_per_h == 0.0
}

fn pay_varies(s: &Scenario) -> bool {
    s.couriers.file.is_none() && s.cost.courier_extra_yuan_by_hour.iter().any(|yuan| *yuan > 0.0)
}

/// Policies that give an order to a courier when it is placed do not ask the courier.
fn couriers_are_asked(s: &Scenario) -> bool {
    !matches!(s.dispatch.policy, DispatchPolicy::EarliestDropoff | DispatchPolicy::StoreCouriers)
}

fn couriers_refuse(s: &Scenario) -> bool {
    s.couriers.refusal_share > 0.0 && couriers_are_asked(s)
}

fn decides_from_time_to_time(s: &Scenario) -> bool {
    couriers_are_asked(s) && s.dispatch.policy != DispatchPolicy::GreedyNearest
}

/// Policies that weigh pairs of orders and couriers by the cost of `batch_match`.
fn matches_pairs(s: &Scenario) -> bool {
    use DispatchPolicy::{BatchMatch, Insertion, Pooling, Postpone};
    matches!(s.dispatch.policy, BatchMatch | Insertion | Pooling | Postpone)
}

fn allows_parts(s: &Scenario) -> bool {
    s.split.policy == SplitPolicy::Allow
}

fn joins_parts(s: &Scenario) -> bool {
    allows_parts(s) && s.dispatch.policy == DispatchPolicy::GreedyNearest
}

fn counts_batches(s: &Scenario) -> bool {
    use ReplenishmentPolicy::{Batches, MinMax};
    let keys = &s.replenishment;
    keys.policy == Batches || (keys.policy == MinMax && keys.level_units.is_none())
}

fn staged(s: &Scenario) -> bool {
    s.overload.policy == OverloadPolicy::Staged
}

/// Whether anybody looks at the load of the zones.
fn looks_at_load(s: &Scenario) -> bool {
    s.promise.policy == PromisePolicy::Quantile
        || s.consumers_choose()
        || staged(s)
        || s.reposition.policy != RepositionPolicy::Stay
        || s.near.max_queue_orders.is_some()
        || s.near.max_quote_min.is_some()
}

macro_rules! needs {
    ($([$($key:literal),+] $works:expr, [$($off:literal),+] $set:literal;)*) => {
        &[$(Needs { keys: &[$($key),+], works: $works, while_: &[$($off),+], set: $set }),*]
    };
}

/// Every key that does nothing under some condition; a value that turns off what is off anyway is let pass. The first row that fits and does not work is told.
static TABLE: &[Needs] = needs! {
    ["city.rounding_s"] |s, _| s.city.rounding != Rounding::None,
        ["city.rounding"] "set city.rounding = \"ceil\"";
    ["city.side_km"] |s, _| draws_places(s), ["every place comes from a file"] "draw stores, couriers or homes";
    ["city.hotspots", "city.uniform_share"] |s, _| has_density(s),
        ["no place follows the density surface"] "draw stores, couriers or homes";
    ["city.hotspot_sigma_km"] |s, _| has_density(s) && s.city.hotspots > 0 && s.city.uniform_share < 1.0,
        ["city.hotspots", "city.uniform_share"] "set city.hotspots above 0 and city.uniform_share below 1";
    ["city.earth_radius_km"] |s, _| reads_places(s), ["city.metric"] "set city.metric = \"haversine\"";
    ["city.matrix_file"] |s, _| s.city.metric == Metric::Matrix, ["city.metric"] "set city.metric = \"matrix\"";
    ["demand.orders_file"] |s, _| !drawn(s), ["demand.source"] "set demand.source = \"trace\"";
    ["demand.points_file", "demand.gap_rounding_s", "consumers.count"] |s, _| drawn(s),
        ["demand.source"] "set demand.source = \"synthetic\"";
    ["demand.hourly_profile"] |s, _| s.demand.profile.is_empty(), ["demand.profile"] "delete demand.profile";
    ["consumers.patience_from", "consumers.patience_grace_min"] |s, _| s.consumers.cancel_hazard_per_min > 0.0,
        ["consumers.cancel_hazard_per_min"] "set consumers.cancel_hazard_per_min above 0";
    ["ai_list.extra_items_mean"] |s, _| s.ai_list.share > 0.0, ["ai_list.share"] "set ai_list.share above 0";
    ["choice.*", "catalogue.categories.*.asc_near", "catalogue.categories.*.asc_far"] |s, _| s.consumers_choose(),
        ["choice.model", "demand.source"] "set choice.model = \"logit\", for demand that is drawn";
    ["choice.time_weight"] |s, _| s.choice.urgent_share < 1.0, ["choice.urgent_share"] "set choice.urgent_share below 1";
    ["choice.urgent_time_weight"] |s, _| s.choice.urgent_share > 0.0,
        ["choice.urgent_share"] "set choice.urgent_share above 0";
    ["choice.vip_rate_factor"] |s, _| s.choice.vip_session_share > 0.0,
        ["choice.vip_session_share"] "set choice.vip_session_share above 0";
    ["choice.member_rate_factor"] |s, _| s.choice.member_session_share > 0.0,
        ["choice.member_session_share"] "set choice.member_session_share above 0";
    ["pickup.*", "choice.walk_weight", "catalogue.categories.*.asc_pickup", "carbon.pickup_car_share",
     "carbon.car_g_per_km", "carbon.pickup_packaging_g"] |s, _| s.pickup_offered(),
        ["pickup.enabled", "choice.model", "demand.source"] "set pickup.enabled = true where consumers choose";
    ["carbon.car_g_per_km"] |s, _| s.carbon.pickup_car_share > 0.0,
        ["carbon.pickup_car_share"] "set carbon.pickup_car_share above 0";
    ["cross_border.*", "carbon.hub_transport_g", "carbon.forward_transport_g"] |s, _| abroad(s),
        ["every `abroad_share` is 0"] "set `abroad_share` of a category above 0";
    ["cross_border.hub_every_h", "cross_border.hub_lead_h", "cross_border.hub_line_haul_yuan", "carbon.hub_transport_g"]
        |s, _| s.cross_border.forward_share < 1.0,
        ["cross_border.forward_share"] "set cross_border.forward_share below 1";
    ["cross_border.forward_lead_h", "cross_border.forward_line_haul_yuan", "carbon.forward_transport_g"]
        |s, _| s.cross_border.forward_share > 0.0,
        ["cross_border.forward_share"] "set cross_border.forward_share above 0";
    ["returns.*", "cost.return_yuan", "cost.near_return_factor", "carbon.near_return_g", "carbon.far_return_g"]
        |s, _| returns(s), ["every `return_rate` is 0"] "set `return_rate` of a category above 0";
    ["stores.archetypes.*.count", "stores.archetypes.*.placing"] |s, _| s.stores.file.is_none(),
        ["stores.file"] "delete stores.file";
    ["stores.archetypes.*.cover_days", "stores.archetypes.*.full_level_units", "stores.replenish_every_h",
     "stores.replenish_at_h"] |s, _| !s.stores.unlimited_stock,
        ["stores.unlimited_stock"] "set stores.unlimited_stock = false";
    ["stores.archetypes.*.cover_days"]
        |s, id| row(&s.stores.archetypes, |k| &k.id, id).is_none_or(|kind| kind.full_level_units.is_none()),
        ["stores.archetypes.*.full_level_units"] "delete `full_level_units` of the row";
    ["stores.archetypes.*.pick_cv"]
        |s, id| row(&s.stores.archetypes, |k| &k.id, id).is_none_or(|k| k.pick_distribution == PickDistribution::Lognormal),
        ["stores.archetypes.*.pick_distribution"] "set `pick_distribution` of the row to \"lognormal\"";
    ["stores.replenish_every_h", "stores.replenish_at_h"] |s, _| reviewed(s),
        ["replenishment.policy"] "set replenishment.policy = \"order_up_to\"";
    ["stores.replenish_at_h"] |s, _| s.stores.replenish_every_h > 0.0,
        ["stores.replenish_every_h"] "set stores.replenish_every_h above 0";
    ["stock.phantom_share"] |s, _| !s.stores.unlimited_stock || s.stock.phantom_share == 0.0,
        ["stores.unlimited_stock"] "set stores.unlimited_stock = false";
    ["stock.sync_latency_s"] |s, _| !s.stores.unlimited_stock || s.stock.sync_latency_s == 0.0,
        ["stores.unlimited_stock"] "set stores.unlimited_stock = false";
    ["stock.substitution_accept", "stock.min_basket_yuan"] |s, _| misses_lines(s),
        ["stores.unlimited_stock", "stock.phantom_share", "stock.sync_latency_s"]
        "set stock.phantom_share or stock.sync_latency_s above 0 where shelves are counted";
    ["stock.transfer_max_km", "stock.transfer_lead_h", "stock.transfer_keep_days", "cost.transfer_yuan_per_unit"]
        |s, _| s.stock.transfer_every_h.is_some(), ["stock.transfer_every_h"] "set stock.transfer_every_h, 4 for example";
    ["replenishment.lead_h", "replenishment.lead_distribution", "replenishment.lead_cv"]
        |s, _| s.replenishment.policy != ReplenishmentPolicy::FullLevel,
        ["replenishment.policy"] "set replenishment.policy = \"order_up_to\", \"s_S\" or \"r_Q\"";
    ["replenishment.lead_cv"] |s, _| s.replenishment.lead_distribution == LeadDistribution::Lognormal,
        ["replenishment.lead_distribution"] "set replenishment.lead_distribution = \"lognormal\"";
    ["replenishment.level_units"]
        |s, _| matches!(s.replenishment.policy, ReplenishmentPolicy::OrderUpTo | ReplenishmentPolicy::MinMax),
        ["replenishment.policy"] "set replenishment.policy = \"order_up_to\" or \"s_S\"";
    ["replenishment.reorder_units"]
        |s, _| matches!(s.replenishment.policy, ReplenishmentPolicy::MinMax | ReplenishmentPolicy::Batches),
        ["replenishment.policy"] "set replenishment.policy = \"s_S\" or \"r_Q\"";
    ["replenishment.batch_units", "replenishment.batch_days"] |s, _| counts_batches(s),
        ["replenishment.policy", "replenishment.level_units"]
        "set replenishment.policy = \"r_Q\", or \"s_S\" without replenishment.level_units";
    ["replenishment.batch_days"] |s, _| s.replenishment.batch_units.is_none(),
        ["replenishment.batch_units"] "delete replenishment.batch_units";
    ["replenishment.safety_z"] |s, _| match s.replenishment.policy {
            ReplenishmentPolicy::FullLevel => false,
            ReplenishmentPolicy::OrderUpTo => s.replenishment.level_units.is_none(),
            _ => s.replenishment.reorder_units.is_none(),
        },
        ["replenishment.policy", "replenishment.level_units", "replenishment.reorder_units"]
        "set a replenishment.policy with a lead time, and leave its level or reorder point out";
    ["replenishment.forecast_cv"]
        |s, _| s.replenishment.policy != ReplenishmentPolicy::FullLevel || s.replenishment.opening == OpeningStock::Newsvendor,
        ["replenishment.policy", "replenishment.opening"]
        "set replenishment.policy = \"order_up_to\", \"s_S\" or \"r_Q\"";
    ["replenishment.opening_days", "replenishment.short_yuan", "replenishment.over_yuan"]
        |s, _| s.replenishment.opening == OpeningStock::Newsvendor,
        ["replenishment.opening"] "set replenishment.opening = \"newsvendor\"";
    ["warehouse.lines_per_worker_h", "warehouse.lines_per_worker_automated_h", "warehouse.automation_share"]
        |s, _| has_workers(s), ["warehouse.capacity_per_h"]
        "set warehouse.capacity_per_h = 0 and add a [[warehouse.shifts]] with workers";
    ["warehouse.lines_per_worker_h"] |s, _| s.warehouse.automation_share < 1.0,
        ["warehouse.automation_share"] "set warehouse.automation_share below 1";
    ["warehouse.lines_per_worker_automated_h"] |s, _| s.warehouse.automation_share > 0.0,
        ["warehouse.automation_share"] "set warehouse.automation_share above 0";
    ["warehouse.temp_from_h", "warehouse.temp_ramp_h"] |s, _| s.warehouse.temp_workers > 0,
        ["warehouse.temp_workers"] "set warehouse.temp_workers above 0";
    ["warehouse.shifts.*.from_h", "warehouse.shifts.*.to_h"]
        |s, id| row(&s.warehouse.shifts, |shift| &shift.id, id).is_none_or(|shift| shift.workers > 0),
        ["warehouse.shifts.*.workers"] "set `workers` of the row above 0";
    ["couriers.count", "couriers.on_duty_by_hour", "couriers.food_share_by_hour", "couriers.start",
     "couriers.work_for"] |s, _| s.couriers.file.is_none(), ["couriers.file"] "delete couriers.file";
    ["couriers.pay_elasticity"] |s, _| pay_varies(s) || s.couriers.pay_elasticity == 0.0, ["couriers.file", "cost.courier_extra_yuan_by_hour"]
        "set cost.courier_extra_yuan_by_hour above 0 in some hours, for couriers who are drawn";
    ["couriers.pay_lag_min"] |s, _| pay_varies(s) && s.couriers.pay_elasticity > 0.0,
        ["couriers.file", "cost.courier_extra_yuan_by_hour", "couriers.pay_elasticity"]
        "set couriers.pay_elasticity above 0, for couriers who are drawn and whose pay varies";
    ["couriers.handover_cv"] |s, _| s.couriers.handover_distribution == HandoverDistribution::Lognormal,
        ["couriers.handover_distribution"] "set couriers.handover_distribution = \"lognormal\"";
    ["couriers.pick_up_after_shift", "dispatch.queue"] |s, _| s.dispatch.policy == DispatchPolicy::GreedyNearest,
        ["dispatch.policy"] "set dispatch.policy = \"greedy_nearest\"";
    ["couriers.capacity"] |s, _| match s.dispatch.policy {
            DispatchPolicy::GreedyNearest => allows_parts(s) && s.split.join_km > 0.0,
            policy => policy != DispatchPolicy::EarliestDropoff,
        },
        ["dispatch.policy"] "set a dispatch.policy that puts several orders on a trip, \"batch_match\" for example";
    ["couriers.refusal_share"] |s, _| couriers_are_asked(s) || s.couriers.refusal_share == 0.0,
        ["dispatch.policy"] "set dispatch.policy = \"greedy_nearest\" or \"batch_match\"";
    ["couriers.refusal_per_km", "couriers.refusal_per_yuan", "cost.refusal_bonus_yuan"] |s, _| couriers_refuse(s),
        ["couriers.refusal_share", "dispatch.policy"]
        "set couriers.refusal_share above 0, under a policy that does not commit on placement";
    ["couriers.refusal_per_yuan"] |s, _| s.cost.refusal_bonus_yuan > 0.0,
        ["cost.refusal_bonus_yuan"] "set cost.refusal_bonus_yuan above 0";
    ["far.last_mile_cv"] |s, _| s.far.last_mile_h > 0.0, ["far.last_mile_h"] "set far.last_mile_h above 0";
    ["far.ship_from_store_lane"] |s, _| s.far.ship_from_store_over_h.is_some(),
        ["far.ship_from_store_over_h"] "set far.ship_from_store_over_h, 12 for example";
    ["sourcing.load_balance_weight", "sourcing.load_balance_slack_min", "sourcing.re_evaluate_min",
     "sourcing.re_evaluate_saving_yuan"]
        |s, _| !matches!(s.sourcing.policy, SourcingPolicy::FarOnly | SourcingPolicy::Reassignment),
        ["sourcing.policy"] "set a sourcing.policy that compares stores";
    ["sourcing.load_balance_slack_min"] |s, _| s.sourcing.load_balance_weight > 0.0,
        ["sourcing.load_balance_weight"] "set sourcing.load_balance_weight above 0";
    ["sourcing.far_if_cheaper"] |s, _| {
            use SourcingPolicy::{BidPrice, BidPriceClosed, Cheapest};
            matches!(s.sourcing.policy, Cheapest | BidPrice | BidPriceClosed)
        },
        ["sourcing.policy"] "set sourcing.policy = \"cheapest\", \"bid_price\" or \"bid_price_closed\"";
    ["sourcing.near_lost_yuan"] |s, _| {
            use SourcingPolicy::{BidPrice, BidPriceClosed, DlpClocks};
            matches!(s.sourcing.policy, BidPrice | BidPriceClosed | DlpClocks)
        },
        ["sourcing.policy"] "set sourcing.policy = \"bid_price\", \"bid_price_closed\" or \"dlp_clocks\"";
    ["sourcing.bid_every_min"]
        |s, _| matches!(s.sourcing.policy, SourcingPolicy::BidPrice | SourcingPolicy::DlpClocks),
        ["sourcing.policy"] "set sourcing.policy = \"bid_price\" or \"dlp_clocks\"";
    ["sourcing.re_evaluate_saving_yuan"] |s, _| s.sourcing.re_evaluate_min > 0.0,
        ["sourcing.re_evaluate_min"] "set sourcing.re_evaluate_min, 5 for example";
    ["split.*"] |s, _| allows_parts(s), ["split.policy"] "set split.policy = \"allow\"";
    ["split.join_km"] |s, _| joins_parts(s) && s.couriers.capacity >= 2,
        ["dispatch.policy", "couriers.capacity"]
        "set dispatch.policy = \"greedy_nearest\" and couriers.capacity of at least 2";
    ["split.far_rest"] |s, _| s.sourcing.policy != SourcingPolicy::NearOnly,
        ["sourcing.policy"] "set another sourcing.policy";
    ["split.annoyance_utility"] |s, _| s.consumers_choose(),
        ["choice.model", "demand.source"] "set choice.model = \"logit\"";
    ["rationing.protect_units"]
        |s, _| matches!(s.rationing.policy, RationingPolicy::Static | RationingPolicy::Time),
        ["rationing.policy"] "set rationing.policy = \"static\" or \"time\"";
    ["rationing.near_margin_yuan", "rationing.walk_in_margin_yuan"]
        |s, _| s.rationing.policy == RationingPolicy::Littlewood,
        ["rationing.policy"] "set rationing.policy = \"littlewood\"";
    ["rationing.release_h"] |s, _| s.rationing.policy == RationingPolicy::Time,
        ["rationing.policy"] "set rationing.policy = \"time\"";
    ["dispatch.max_wait_min"] |s, _| couriers_are_asked(s),
        ["dispatch.policy"] "set a dispatch.policy that asks couriers, \"greedy_nearest\" for example";
    ["dispatch.after_max_wait", "cost.conversion_compensation_yuan"] |s, _| s.dispatch.max_wait_min.is_some(),
        ["dispatch.max_wait_min"] "set dispatch.max_wait_min, 30 for example";
    ["dispatch.after_max_wait", "cost.conversion_compensation_yuan"] |s, _| couriers_are_asked(s),
        ["dispatch.policy"] "set a dispatch.policy that asks couriers, \"greedy_nearest\" for example";
    ["cost.conversion_compensation_yuan"] |s, _| s.dispatch.after_max_wait == AfterMaxWait::Far,
        ["dispatch.after_max_wait"] "set dispatch.after_max_wait = \"far\"";
    ["dispatch.interval_s", "dispatch.decision_s"] |s, _| decides_from_time_to_time(s),
        ["dispatch.policy"] "set a dispatch.policy that decides from time to time, \"batch_match\" for example";
    ["dispatch.horizon_min", "dispatch.soon_min", "dispatch.max_approach_km", "dispatch.far_after_min",
     "dispatch.approach_weight", "dispatch.late_weight", "dispatch.size_reward_min", "dispatch.age_weight",
     "dispatch.idle_reward"] |s, _| matches_pairs(s),
        ["dispatch.policy"] "set dispatch.policy = \"batch_match\", \"insertion\", \"pooling\" or \"postpone\"";
    ["dispatch.candidates"] |s, _| matches_pairs(s) || s.dispatch.policy == DispatchPolicy::RollingHorizon,
        ["dispatch.policy"] "set dispatch.policy = \"batch_match\" or \"rolling_horizon\"";
    ["dispatch.max_bundle"] |s, _| {
            use DispatchPolicy::{BatchMatch, Pooling, Postpone, RollingHorizon};
            matches!(s.dispatch.policy, BatchMatch | Pooling | Postpone | RollingHorizon)
        },
        ["dispatch.policy"] "set dispatch.policy = \"batch_match\", \"pooling\", \"postpone\" or \"rolling_horizon\"";
    ["dispatch.max_bundle_delay_min"] |s, _| s.dispatch.policy == DispatchPolicy::BatchMatch,
        ["dispatch.policy"] "set dispatch.policy = \"batch_match\"";
    ["dispatch.delay_weight", "dispatch.detour_share", "dispatch.detour_min"]
        |s, _| s.dispatch.policy == DispatchPolicy::Insertion,
        ["dispatch.policy"] "set dispatch.policy = \"insertion\"";
    ["dispatch.postpone_buffer_min"] |s, _| s.dispatch.policy == DispatchPolicy::Postpone,
        ["dispatch.policy"] "set dispatch.policy = \"postpone\"";
    ["rolling_horizon.*"] |s, _| s.dispatch.policy == DispatchPolicy::RollingHorizon,
        ["dispatch.policy"] "set dispatch.policy = \"rolling_horizon\"";
    ["external.timeout_s"] |s, _| s.dispatch.policy == DispatchPolicy::External,
        ["dispatch.policy"] "set dispatch.policy = \"external\"";
    ["promise.floor_min", "promise.quantile"] |s, _| s.promise.policy == PromisePolicy::Quantile,
        ["promise.policy"] "set promise.policy = \"quantile\"";
    ["promise.step_min"] |s, _| s.promise.policy == PromisePolicy::Quantile || staged(s),
        ["promise.policy", "overload.policy"] "set promise.policy = \"quantile\" or overload.policy = \"staged\"";
    ["overload.interval_min"] |s, _| looks_at_load(s),
        ["overload.policy"] "set overload.policy = \"staged\"";
    ["overload.longer_above", "overload.smaller_above", "overload.pause_above", "overload.promise_factor",
     "overload.radius_factor", "overload.fee_yuan", "overload.far_per_yuan"] |s, _| staged(s),
        ["overload.policy"] "set overload.policy = \"staged\"";
    ["overload.far_per_yuan"] |s, _| !s.consumers_choose(), ["choice.model", "demand.source"]
        "use choice.fee_weight, by which consumers who choose weigh the fee, or choice.model = \"intent\"";
    ["overload.far_per_yuan"] |s, _| s.overload.fee_yuan > 0.0,
        ["overload.fee_yuan"] "set overload.fee_yuan above 0";
    ["reposition.interval_min", "reposition.follow_share"] |s, _| s.reposition.policy != RepositionPolicy::Stay,
        ["reposition.policy"] "set reposition.policy = \"hot_spot_flow\"";
    ["price.near_free_basket_yuan"] |s, _| s.price.near_fee_yuan > 0.0,
        ["price.near_fee_yuan"] "set price.near_fee_yuan above 0";
};

/// The row of a list that a key stands in, or "" for a key of a section; None if the key is not of this pattern.
fn row_of<'k>(pattern: &str, key: &'k str) -> Option<&'k str> {
    let mut row = "";
    let (mut wanted, mut parts) = (pattern.split('.').peekable(), key.split('.'));
    while let Some(word) = wanted.next() {
        let part = parts.next()?;
        match word {
            "*" if wanted.peek().is_some() => row = part,
            "*" if matches!(part, "policy" | "model" | "enabled") => return None,
            "*" => {}
            word if word != part => return None,
            _ => {}
        }
    }
    parts.next().is_none().then_some(row)
}

/// The keys that the file itself or the command line sets, to something else than their default, and that change nothing.
/// What a parent sets is told of the parent.
pub(in crate::scenario) fn all(scenario: &Scenario, desk: &Desk) -> Vec<Idle> {
    let values: BTreeMap<String, String> = leaves(scenario).into_iter().collect();
    let defaults: BTreeMap<String, String> = leaves(&Scenario::default()).into_iter().collect();
    let is_default = |path: &str, value: &String| {
        let of_key = key(path).map(|key| key.default.clone().unwrap_or_else(|| "not set".into()));
        of_key.as_ref() == Some(value) || defaults.get(path) == Some(value)
    };
    let idle = |path: String| {
        let value = values.get(&path).filter(|value| !is_default(&path, value))?;
        let (because, help) = no_effect(scenario, &path)?;
        let found = format!("{} changes nothing while {because}", shortened(value));
        Some(Idle { origin: desk.origin(&path), found, help: format!("{help}, or delete the line"), key: path })
    };
    desk.set_here().into_iter().filter_map(idle).collect()
}

/// Why a key has no effect in a scenario and what to set, if it has none.
pub fn no_effect(scenario: &Scenario, key: &str) -> Option<(String, String)> {
    let (needs, row) = reason(scenario, key)?;
    let values: BTreeMap<String, String> = leaves(scenario).into_iter().collect();
    let named = |off: &&str| {
        let off = off.replace('*', row);
        match values.get(&off).map(String::as_str) {
            None => off,
            Some("not set") => format!("{off} is not set"),
            Some(value) => format!("{off} = {}", shortened(value)),
        }
    };
    let because: Vec<String> = needs.while_.iter().map(named).collect();
    Some((because.join(" and "), needs.set.to_owned()))
}

/// Why a key has no effect, if it has none, and the row it stands in.
fn reason<'k>(scenario: &Scenario, key: &'k str) -> Option<(&'static Needs, &'k str)> {
    TABLE.iter().find_map(|needs| {
        let row = needs.keys.iter().find_map(|pattern| row_of(pattern, key))?;
        (!(needs.works)(scenario, row)).then_some((needs, row))
    })
}

/// Lists of 24 hours are known by their beginning.
fn shortened(value: &str) -> String {
    match value.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests;
