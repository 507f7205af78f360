//! Room: report. A made-up day with plausible numbers, for tests only.

use super::{Assumption, Kpi, Provenance, RunView};
use polars::prelude::{Column, DataFrame};

/// What differs from a plain day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct City {
    pub(crate) orders: usize,
    pub(crate) replications: u32,
    /// Chance that an order inside the reach of stores goes near-field.
    pub(crate) near_chance: f64,
    /// Chance that a far order inside the reach of stores is fetched instead.
    pub(crate) pickup_chance: f64,
    pub(crate) stores: usize,
    pub(crate) couriers: f64,
    pub(crate) horizon_h: f64,
    pub(crate) label: &'static str,
    pub(crate) warehouse_m: Option<(f64, f64)>,
    /// Chance that a near order is cancelled.
    pub(crate) cancel_chance: f64,
    /// Sessions that left for want of a near offer, of a thousand orders.
    pub(crate) lost: usize,
    /// Extent northwards; places beyond it are counted in the last row of cells.
    pub(crate) height_m: f64,
}

impl Default for City {
    fn default() -> City {
        City {
            orders: 18_000,
            replications: 1,
            near_chance: 0.62,
            pickup_chance: 0.0,
            stores: 115,
            couriers: 170.0,
            horizon_h: 24.0,
            label: "Baseline city",
            warehouse_m: Some((24_500.0, 3_000.0)),
            cancel_chance: 0.03,
            lost: 45,
            height_m: SIDE_M,
        }
    }
}

/// The frames of a made-up day and all a view borrows.
pub(crate) struct Frames {
    pub(crate) orders: DataFrame,
    pub(crate) courier_states: DataFrame,
    pub(crate) stores: DataFrame,
    pub(crate) couriers: DataFrame,
    pub(crate) lost_sessions: DataFrame,
    pub(crate) provenance: Provenance,
    pub(crate) kpis: Vec<Kpi>,
    pub(crate) assumptions: Vec<Assumption>,
    city: City,
}

const SIDE_M: f64 = 20_000.0;

/// Uniform numbers from a SplitMix64 sequence: enough for pictures.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
    /// About normal: mean 0, standard deviation 1.
    fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
    fn place(&mut self) -> (f64, f64) {
        const HOT: [(f64, f64, f64); 4] = [
            (9_500.0, 10_500.0, 2_400.0),
            (5_000.0, 6_000.0, 1_500.0),
            (14_500.0, 7_000.0, 1_800.0),
            (7_500.0, 16_000.0, 1_400.0),
        ];
        let inside = |v: f64| v.clamp(0.0, SIDE_M - 1.0);
        if self.unit() < 0.25 {
            return (self.unit() * SIDE_M, self.unit() * SIDE_M);
        }
        let (x, y, spread) = HOT[(self.unit() * 4.0) as usize % 4];
        (inside(x + spread * self.bell()), inside(y + spread * self.bell()))
    }
}

/// Relative demand at a clock hour: a lunch peak and a higher evening peak.
fn demand(hour: f64) -> f64 {
    let bump = |middle: f64, width: f64| (-((hour - middle) / width).powi(2) / 2.0).exp();
    0.12 + 0.75 * bump(12.0, 1.4) + 1.1 * bump(18.6, 1.9) + 0.35 * bump(21.5, 1.2)
}

/// What only some charts ask for.
#[derive(Default)]
struct More {
    category: Vec<&'static str>,
    store: Vec<Option<String>>,
    nearest_store: Vec<Option<String>>,
    cancel_reason: Vec<Option<&'static str>>,
    far_reason: Vec<Option<&'static str>>,
    session_id: Vec<u32>,
    promised_s: Vec<f64>,
    ride_m: Vec<Option<f64>>,
    ridden_m: Vec<Option<f64>>,
    co2e_g: Vec<Option<f64>>,
}

#[derive(Default)]
struct Rows {
    replication: Vec<u32>,
    channel: Vec<&'static str>,
    status: Vec<&'static str>,
    x_m: Vec<f64>,
    y_m: Vec<f64>,
    placed_s: Vec<f64>,
    click_to_door_s: Vec<Option<f64>>,
    on_time: Vec<Option<bool>>,
    costs: [Vec<f64>; 7],
    site_constant: Vec<Option<f64>>,
    sent_far_s: Vec<Option<f64>>,
    packed_s: Vec<Option<f64>>,
    parts: [Vec<Option<f64>>; 7],
    nearest_had_stock: Vec<Option<bool>>,
    more: More,
    /// Value, margin, fee, commission, discount, contribution of the platform.
    money: [Vec<f64>; 6],
}

impl Rows {
    fn push(&mut self, replication: u32, dice: &mut Dice, city: &City, stores: &[(f64, f64)]) {
        let hour = loop {
            let hour = dice.unit() * city.horizon_h;
            if dice.unit() * 1.4 < demand(hour) {
                break hour;
            }
        };
        let (x, y) = dice.place();
        let mut by_distance: Vec<(f64, usize)> =
            stores.iter().enumerate().map(|(store, s)| ((s.0 - x).hypot(s.1 - y), store)).collect();
        by_distance.sort_by(|a, b| a.0.total_cmp(&b.0));
        let nearest = by_distance.first().map_or(f64::INFINITY, |found| found.0);
        let evening = 1.0 + 0.12 * (-((hour - 18.6) / 1.9f64).powi(2) / 2.0).exp();
        let near = nearest < 3_000.0 && dice.unit() < city.near_chance * evening * (1.0 - nearest / 5_000.0);
        let pickup = city.pickup_chance > 0.0 && !near && nearest < 2_000.0 && dice.unit() < city.pickup_chance;
        let cancelled = dice.unit() < if near { city.cancel_chance } else { 0.004 };
        let minutes = if pickup {
            18.0 + 60.0 * (0.8 * dice.bell()).exp()
        } else if near {
            9.0 + nearest / 260.0 + 14.0 * evening * (0.35 * dice.bell()).exp()
        } else {
            60.0 * 24.0 * (0.38 * dice.bell()).exp().max(0.3) + 300.0 * dice.unit()
        };
        let promise = if near { 45.0 } else { 72.0 * 60.0 };
        self.replication.push(replication);
        self.channel.push(match (near, pickup) {
            (true, _) => "near",
            (_, true) => "pickup",
            _ => "far",
        });
        self.status.push(if cancelled { "cancelled" } else { "delivered" });
        let far = !near && !pickup;
        self.sent_far_s.push(far.then_some(hour * 3600.0 + 60.0));
        // The warehouse falls behind in the evening and catches up at night.
        let wait_h = 1.0 + 5.0 * (-((hour - 20.5) / 3.0f64).powi(2) / 2.0).exp();
        self.packed_s.push(far.then_some((hour + wait_h) * 3600.0));
        // What a near order takes beyond its plain way is mostly waiting for a courier.
        let slack = (minutes - 16.0).max(0.0);
        let shares = [0.0, 0.12, 0.05, 0.55, 0.03, 0.22, 0.03];
        let plain = [0.0, 0.5, 4.0, 2.0, 0.5, 7.0, 2.0];
        for ((column, plain), share) in self.parts.iter_mut().zip(plain).zip(shares) {
            column.push((near && !cancelled).then_some((plain + slack * share) * 60.0));
        }
        let short = dice.unit() < if far { 0.16 } else { 0.05 } * evening;
        self.nearest_had_stock.push((nearest < 3_000.0).then_some(!short));
        self.x_m.push(x);
        self.y_m.push(y);
        self.placed_s.push(hour * 3600.0);
        self.click_to_door_s.push((!cancelled).then_some(minutes * 60.0));
        self.on_time.push((!cancelled).then_some(minutes <= promise));
        let late = if near && !cancelled && minutes > promise { 3.0 } else { 0.0 };
        let costs = if cancelled {
            [0.0; 7]
        } else if pickup {
            [0.0, 1.8, 0.6, 0.5, 1.1, 0.1, 0.0]
        } else if near {
            [5.9 + 0.8 * dice.unit(), 1.7, 0.6, 0.8, 1.1, 0.27, late]
        } else {
            [1.5, 2.0, 2.0, 1.0, 0.5, 0.54, late]
        };
        self.site_constant.push((!cancelled).then_some(if near { 0.9 } else { 0.5 }));
        let [value, fee] = if near { [62.0, 0.6] } else { [95.0, 0.0] };
        let (margin, commission, hauled) = (value * 0.24, value * 0.055, if near || pickup { 0.0 } else { costs[2] });
        let platform = fee + commission - costs[0] - hauled - costs[6];
        let money = [value, margin, fee, commission, value * 0.02, platform];
        for (column, amount) in self.money.iter_mut().zip(money) {
            column.push(if cancelled { f64::NAN } else { amount });
        }
        for (column, cost) in self.costs.iter_mut().zip(costs) {
            column.push(cost);
        }
        self.push_more(dice, (near, far, cancelled), &by_distance, hour * 3600.0 + promise * 60.0);
    }

    /// Near goods come from one of the two nearest stores.
    fn push_more(
        &mut self,
        dice: &mut Dice,
        (near, far, cancelled): (bool, bool, bool),
        by_distance: &[(f64, usize)],
        promised_s: f64,
    ) {
        const NEAR_GOODS: [&str; 5] = ["convenience", "convenience", "fresh", "fresh", "beauty"];
        const FAR_GOODS: [&str; 5] = ["convenience", "beauty", "beauty", "apparel", "fresh"];
        let more = &mut self.more;
        let rank = usize::from(dice.unit() < 0.3).min(by_distance.len().saturating_sub(1));
        let goods = if near { NEAR_GOODS } else { FAR_GOODS };
        let reached = by_distance.first().filter(|found| found.0 < 3_000.0);
        let name = |store: usize| format!("store-{store:03}");
        let ride = by_distance.get(rank).map(|found| found.0).filter(|_| near);
        let ridden = ride.map(|m| m * 1.3 + 900.0 + 900.0 * dice.unit()).filter(|_| !cancelled);
        more.category.push(goods[(dice.unit() * 5.0) as usize % 5]);
        more.store.push(by_distance.get(rank).filter(|_| near).map(|found| name(found.1)));
        more.nearest_store.push(reached.map(|found| name(found.1)));
        more.cancel_reason.push((near && cancelled).then_some(if rank == 0 { "patience" } else { "no_courier" }));
        let no_store = if dice.unit() < 0.9 { "chosen" } else { "no_store" };
        more.far_reason.push(far.then_some(no_store));
        more.session_id.push(more.session_id.len() as u32);
        more.promised_s.push(promised_s);
        more.ride_m.push(ride.map(|m| m * 1.3));
        more.ridden_m.push(ridden);
        let grams = ridden.map_or(565.0, |m| 170.0 + m * 0.012);
        more.co2e_g.push((!cancelled).then_some(grams + if dice.unit() < 0.05 { 35.0 } else { 0.0 }));
    }
}

impl City {
    /// The chart of this name from such a day.
    pub(crate) fn chart(&self, slug: &str) -> super::Chart {
        let charts = super::charts(&self.frames().view()).expect("the frames hold every column");
        charts.into_iter().find(|chart| chart.slug == slug).expect("every run has every chart")
    }

    pub(crate) fn frames(&self) -> Frames {
        let mut dice = Dice(42);
        let places: Vec<(f64, f64)> = (0..self.stores).map(|_| dice.place()).collect();
        let mut rows = Rows::default();
        for replication in 0..self.replications {
            for _ in 0..self.orders {
                rows.push(replication, &mut dice, self, &places);
            }
        }
        Frames {
            orders: orders_frame(rows),
            courier_states: self.states_frame(),
            stores: stores_frame(&places),
            couriers: couriers_frame(self.couriers as usize),
            lost_sessions: lost_frame(&mut dice, self.orders * self.lost / 1000),
            provenance: self.provenance(),
            kpis: kpis(self.replications),
            assumptions: assumptions(),
            city: *self,
        }
    }

    fn provenance(&self) -> Provenance {
        Provenance {
            label: self.label.to_owned(),
            question: "Which orders should a nearby store serve, and what does that cost?".to_owned(),
            scenario_hash: "3f9c1a2b77d0e4c5".to_owned(),
            seed: 20_251_111,
            replications: self.replications,
            version: "0.1.0".to_owned(),
            commit: Some("d110604".to_owned()),
        }
    }

    fn states_frame(&self) -> DataFrame {
        let (mut start, mut state, mut couriers) = (Vec::new(), Vec::new(), Vec::new());
        for bucket in 0..(self.horizon_h * 4.0) as usize {
            let hour = bucket as f64 / 4.0;
            let on_duty = self.couriers * if (7.0..23.0).contains(&hour) { 1.0 } else { 0.35 };
            let busy = on_duty * (0.78 * demand(hour)).min(0.94);
            let shares = [("to_pickup", 0.24), ("at_pickup", 0.13), ("to_dropoff", 0.45), ("at_dropoff", 0.18)];
            let mut push = |name: &str, number: f64| {
                start.push(bucket as f64 * 900.0);
                state.push(name.to_owned());
                couriers.push(number);
            };
            push("idle", on_duty - busy);
            shares.iter().for_each(|(name, share)| push(name, busy * share));
        }
        let columns = vec![
            Column::new("bucket_start_s".into(), start),
            Column::new("state".into(), state),
            Column::new("couriers".into(), couriers),
        ];
        DataFrame::new_infer_height(columns).expect("columns of one length")
    }
}

fn orders_frame(rows: Rows) -> DataFrame {
    let mut columns = vec![
        Column::new("replication".into(), rows.replication),
        Column::new("channel".into(), rows.channel),
        Column::new("status".into(), rows.status),
        Column::new("x_m".into(), rows.x_m),
        Column::new("y_m".into(), rows.y_m),
        Column::new("part_of".into(), vec![None::<u32>; rows.placed_s.len()]),
        Column::new("placed_s".into(), rows.placed_s),
        Column::new("click_to_door_s".into(), rows.click_to_door_s),
        Column::new("on_time".into(), rows.on_time),
        Column::new("cost_site_constant_volume_yuan".into(), rows.site_constant),
        Column::new("sent_far_s".into(), rows.sent_far_s),
        Column::new("packed_s".into(), rows.packed_s),
        Column::new("nearest_had_stock".into(), rows.nearest_had_stock),
    ];
    for ((name, _), seconds) in super::data::PARTS.iter().zip(rows.parts) {
        columns.push(Column::new((*name).into(), seconds));
    }
    let names =
        ["value_yuan", "margin_yuan", "fee_yuan", "commission_yuan", "discount_yuan", "contribution_platform_yuan"];
    for (name, amounts) in names.iter().zip(rows.money) {
        columns.push(Column::new((*name).into(), amounts));
    }
    let more = rows.more;
    columns.extend([
        Column::new("category".into(), more.category),
        Column::new("store".into(), more.store),
        Column::new("nearest_store".into(), more.nearest_store),
        Column::new("cancel_reason".into(), more.cancel_reason),
        Column::new("far_reason".into(), more.far_reason),
        Column::new("session_id".into(), more.session_id),
        Column::new("promised_s".into(), more.promised_s),
        Column::new("ride_m".into(), more.ride_m),
        Column::new("ridden_m".into(), more.ridden_m),
        Column::new("co2e_g".into(), more.co2e_g),
    ]);
    for ((name, _), costs) in super::data::COSTS.iter().zip(rows.costs) {
        columns.push(Column::new((*name).into(), costs));
    }
    DataFrame::new_infer_height(columns).expect("columns of one length")
}

fn stores_frame(places: &[(f64, f64)]) -> DataFrame {
    let names: Vec<String> = (0..places.len()).map(|store| format!("store-{store:03}")).collect();
    let kinds = ["flash_warehouse", "flash_warehouse", "supermarket", "brand_store"];
    let columns = vec![
        Column::new("store".into(), names),
        Column::new("x_m".into(), places.iter().map(|p| p.0).collect::<Vec<_>>()),
        Column::new("y_m".into(), places.iter().map(|p| p.1).collect::<Vec<_>>()),
        Column::new("channel".into(), vec!["near"; places.len()]),
        Column::new("unallocated_yuan".into(), vec![20.0; places.len()]),
        Column::new("archetype".into(), (0..places.len()).map(|store| kinds[store % 4]).collect::<Vec<_>>()),
        Column::new("radius_m".into(), vec![3_000.0; places.len()]),
    ];
    DataFrame::new_infer_height(columns).expect("columns of one length")
}

fn lost_frame(dice: &mut Dice, sessions: usize) -> DataFrame {
    let places: Vec<(f64, f64)> = (0..sessions).map(|_| dice.place()).collect();
    let reasons = ["stock_out", "stock_out", "stock_out", "no_near", "overload"];
    let columns = vec![
        Column::new("replication".into(), vec![0u32; sessions]),
        Column::new("reason".into(), (0..sessions).map(|row| reasons[row % 5]).collect::<Vec<_>>()),
        Column::new("x_m".into(), places.iter().map(|place| place.0).collect::<Vec<_>>()),
        Column::new("y_m".into(), places.iter().map(|place| place.1).collect::<Vec<_>>()),
    ];
    DataFrame::new_infer_height(columns).expect("columns of one length")
}

fn couriers_frame(couriers: usize) -> DataFrame {
    let columns = vec![Column::new("unallocated_yuan".into(), vec![6.0; couriers])];
    DataFrame::new_infer_height(columns).expect("columns of one length")
}

fn kpis(replications: u32) -> Vec<Kpi> {
    let half = |width: f64| (replications > 1).then_some(width);
    let kpi = |name: &str, label: &str, value, width, unit: &str| Kpi {
        name: name.to_owned(),
        label: label.to_owned(),
        value,
        half_width: half(width),
        unit: unit.to_owned(),
    };
    vec![
        kpi("orders", "Orders placed", 18_000.0, 120.0, "count"),
        kpi("near_share_orders", "Near-field share of orders", 0.294, 0.004, "share"),
        kpi("on_time_share", "Delivered on time", 0.931, 0.006, "share"),
        kpi("click_to_door_p50_min", "Click-to-door, median", 1_180.0, 14.0, "min"),
        kpi("click_to_door_p90_min", "Click-to-door, 90th percentile", 2_390.0, 22.0, "min"),
        kpi("cost_per_order", "Cost per delivered order", 8.41, 0.03, "yuan"),
        kpi("courier_utilisation", "Courier utilisation", f64::NAN, 0.0, "share"),
    ]
}

fn assumptions() -> Vec<Assumption> {
    let row = |key: &str, value: &str, source: &str| Assumption {
        key: key.to_owned(),
        value: value.to_owned(),
        source: source.to_owned(),
    };
    vec![
        row("promise.near_min", "45 min", "asm; R9, R10, R23"),
        row("cost.courier_per_order_yuan", "5.0 yuan/order", "R24, R26"),
        row("near.radius_km", "3 km", "scenario"),
    ]
}

impl Frames {
    pub(crate) fn view(&self) -> RunView<'_> {
        RunView {
            look: crate::report::Look::plain(),
            orders: &self.orders,
            courier_states: &self.courier_states,
            stores: &self.stores,
            couriers: &self.couriers,
            lost_sessions: &self.lost_sessions,
            kpis: &self.kpis,
            assumptions: &self.assumptions,
            provenance: &self.provenance,
            width_m: SIDE_M,
            height_m: self.city.height_m,
            warehouse_m: self.city.warehouse_m,
            start_hour: 0.0,
            horizon_h: self.city.horizon_h,
            warm_up_h: 0.0,
            near_promise_min: 45.0,
            far_promise_min: 72.0 * 60.0,
            currency: "CNY",
            cell_km: 1.0,
            min_orders_per_cell: 20,
        }
    }
}
