//! The scenario file as types: one struct per section, one line per key.
//!
//! This file and those it takes sections from are the single home of every key: name, type, default, unit, range, meaning and the
//! source of the default. The reader, `nearfar schema`, `nearfar new` and the key table of the docs
//! are all made from it (see `macros.rs`), so they cannot disagree.
//!
//! Sources: `R..` are the looked-up references listed in docs/sources.md; `asm` is an assumption of ours.

use super::ai_list::AiList;
use super::carbon::Carbon;
use super::choice::Choice;
use super::decisions::{Dispatch, External, Rationing, RollingHorizon, Sourcing};
use super::far::{CrossBorder, Far, Returns, Warehouse};
use super::hypothesis::Hypotheses;
use super::key::{any, file};
use super::look::Language;
use super::macros::{choice, section};
use super::money::Money;
use super::near::{HandoverDistribution, Near};
use super::pickup::Pickup;
use super::replenishment::Replenishment;
use super::split::Split;
use super::stock::Stock;
use super::terms::{Overload, Price, Promise, Reposition};

choice! {
    /// How the distance between two places is measured.
    Metric {
        /// Straight line on the plane.
        Euclid = "euclid",
        /// Along two street directions: |dx| + |dy|.
        Manhattan = "manhattan",
        /// Great circle; places must be given as lon/lat.
        Haversine = "haversine",
        /// Travel times from `city.matrix_file`.
        Matrix = "matrix",
    }
}
choice! {
    /// How a travel time is rounded to multiples of `city.rounding_s`.
    Rounding {
        /// Kept to the millisecond.
        None = "none",
        /// To the next multiple above.
        Ceil = "ceil",
        /// To the next multiple below.
        Floor = "floor",
        /// To the nearest multiple, halves up.
        HalfUp = "half_up",
    }
}
choice! {
    /// Where demand comes from.
    DemandSource {
        /// Drawn from rate, profile, homes and popularity.
        Synthetic = "synthetic",
        /// Replayed from `demand.orders_file`.
        Trace = "trace",
    }
}
choice! {
    /// How picking times vary about their mean.
    PickDistribution {
        /// Lognormal with coefficient of variation `pick_cv`.
        Lognormal = "lognormal",
        /// Exponential.
        Exponential = "exponential",
    }
}
choice! {
    /// Where a consumer's patience starts to run.
    PatienceFrom {
        /// At the promised time.
        Promise = "promise",
        /// When the order is placed.
        Placed = "placed",
    }
}
choice! {
    /// How places are spread over a synthetic city.
    Placing {
        /// Following the density surface: hot spots plus a uniform share.
        Density = "density",
        /// Evenly at random.
        Uniform = "uniform",
    }
}
choice! {
    /// Where couriers wait when their first shift begins.
    CourierStart {
        /// Following the density surface.
        Density = "density",
        /// Evenly at random.
        Uniform = "uniform",
        /// At a store, stores taken in turn.
        Stores = "stores",
    }
}
choice! {
    /// Whom a drawn courier works for.
    WorkFor {
        /// Every store of the fleet.
        Fleet = "fleet",
        /// One store, stores taken in turn.
        Store = "store",
    }
}
choice! {
    /// What a courier does after handing over the last order they carry.
    AfterDelivery {
        /// Takes the next order from there, or waits there.
        Stay = "stay",
        /// Rides back to where they started, or to the one store they work for, and then does.
        Return = "return",
    }
}
section! {
    /// A product category: what its baskets are worth and whether consumers want them at once.
    Category {
        /// Identifies the category in tables; keyed lists are patched by it.
        id: String = "all".into(); "", any(), "";
        /// Share of orders whose basket is of this category; shares are normalised over all categories.
        share: f64 = 1.0; "weight", 0.0..=1e6, "asm";
        /// Mean basket value at list price.
        aov_yuan: f64 = 60.0; "yuan", 0.01..=1e6, "asm; 48.9 for food R24, 75 for a front warehouse R14";
        /// Share of orders whose consumer asks for near-field delivery if a store can serve it. Where consumers choose
        /// the share that shelves are filled for and that `nearfar calibrate` aims at; consumers decide for themselves.
        near_intent: f64 = 1.0; "share", 0.0..=1.0, "asm, set so that the city's near share is .29 of orders and about .11 of GMV";
        /// What near-field delivery of this category is worth to consumers against not ordering, time and fee aside, in units
        /// of utility, see `nearfar calibrate`. Where consumers choose, as the next.
        asc_near: f64 = -1.0; "utility", -50.0..=50.0, "calibrated";
        /// The same of a parcel.
        asc_far: f64 = -0.5; "utility", -50.0..=50.0, "calibrated";
        /// The same of pick-up in store, the walk aside too; for `pickup.enabled`.
        asc_pickup: f64 = -3.6; "utility", -50.0..=50.0, "calibrated";
        /// Share of far-field orders sent back after delivery, see `[returns]`.
        return_rate: f64 = 0.02; "share", 0.0..=1.0, "R44 for apparel, else asm";
        /// Share of far-field orders whose goods come from abroad, see `[cross_border]`.
        abroad_share: f64 = 0.0; "share", 0.0..=1.0, "asm";
        /// Margin on the goods: list price less what they cost the merchant, as a share of the list price.
        gross_margin_share: f64 = 0.25; "share", -1.0..=1.0, "asm; 18-30 % R11, R15";
        /// What marking down or throwing away a unit left over costs the merchant, as a share of what it cost. It changes
        /// KPIs of stock and nothing in the city.
        markdown_share: f64 = 0.08; "share", 0.0..=0.6, "R15 (5-8 %); .25 for fresh asm";
    }
}
section! {
    /// A kind of store: how many there are, what they carry and how they pick.
    Archetype {
        /// Identifies the archetype in tables; keyed lists are patched by it.
        id: String = "store".into(); "", any(), "";
        /// Number of stores of this kind in a synthetic city.
        count: u32 = 0; "stores", 0.0..=1e6, "asm";
        /// Largest distance to a consumer it serves, by `city.metric` without detour; absent: `near.radius_km`.
        radius_km: Option<f64> = None; "km", 0.0..=1000.0, "R16, R20, R27";
        /// Share of the catalogue it carries.
        assortment_share: f64 = 0.85; "share", 0.0..=1.0, "R9-R11";
        /// Pickers working at the same time; 0 means no limit.
        pickers: u32 = 2; "pickers", 0.0..=10000.0, "asm";
        /// Fixed part of the mean picking time of an order.
        pick_base_min: f64 = 3.5; "min", 0.0..=1000.0, "R19 (1.5), R39 (10-15), R41";
        /// Added to the mean picking time for every unit.
        pick_per_item_min: f64 = 0.5; "min/unit", 0.0..=100.0, "R19, R39, R41";
        /// How the picking time varies about its mean.
        pick_distribution: PickDistribution = PickDistribution::Lognormal; "", any(), "asm";
        /// Coefficient of variation of the lognormal picking time. For `pick_distribution = "lognormal"`.
        pick_cv: f64 = 0.4; "ratio", 0.0..=5.0, "asm";
        /// Picking times are rounded to multiples of this, halves up; 0: kept to the millisecond.
        pick_rounding_s: f64 = 0.0; "s", 0.0..=86400.0, "asm";
        /// Full level of a SKU in days of its expected near demand at this store (at least 1 unit).
        cover_days: f64 = 1.2; "days", 0.0..=365.0, "asm";
        /// Full level of a SKU as max(1, Poisson(mean)); overrides `cover_days`.
        full_level_units: Option<f64> = None; "units", 0.0..=60000.0, "asm";
        /// Clock hour the store opens for near-field orders.
        open_h: f64 = 0.0; "clock hour", 0.0..=24.0, "R11";
        /// Clock hour it closes; equal to or less than `open_h` runs past midnight.
        close_h: f64 = 24.0; "clock hour", 0.0..=24.0, "R11";
        /// Units that walk-ins look for in an hour of each category, mean over the day by `demand.hourly_profile`; they come while the store is open.
        walk_in_units_per_category_h: f64 = 0.0; "units/h", 0.0..=10000.0, "asm, range 0-10; 1.2 is a shop with walk-ins";
        /// Rent and fixed wages that the simulated orders bear, allocated over the orders the store serves.
        fixed_cost_yuan_per_day: f64 = 135.0; "yuan/day", 0.0..=1e7, "R15: 1,200 a day at about 450 orders of all sources; the baseline brings some 50";
        /// Where stores of this kind stand in a synthetic city.
        placing: Placing = Placing::Density; "", any(), "asm";
        /// Couriers of the same fleet serve this store.
        fleet: String = "near".into(); "", any(), "asm";
    }
}

section! {
    /// The place: size, density, distance and travel.
    City {
        /// Side of the square synthetic city.
        side_km: f64 = 20.0; "km", 0.1..=2000.0, "asm";
        /// How distance is measured.
        metric: Metric = Metric::Manhattan; "", any(), "asm";
        /// Road distance divided by the distance of the metric.
        detour_factor: f64 = 1.0; "ratio", 0.1..=10.0, "asm";
        /// Rounding rule of every travel time.
        rounding: Rounding = Rounding::None; "", any(), "asm";
        /// Unit of the rounding rule, unless that is `none`.
        rounding_s: f64 = 1.0; "s", 0.001..=86400.0, "asm";
        /// Number of hot spots of the density surface. For a drawn city, as the two keys that follow.
        hotspots: u32 = 6; "hot spots", 0.0..=1000.0, "asm";
        /// Share of homes spread evenly; the rest lives around hot spots.
        uniform_share: f64 = 0.35; "share", 0.0..=1.0, "asm";
        /// Standard deviation of a hot spot in each direction.
        hotspot_sigma_km: f64 = 1.8; "km", 0.01..=500.0, "asm";
        /// Side of the zones by which promises, overload control and repositioning look at the city.
        zone_km: f64 = 2.0; "km", 0.1..=500.0, "asm";
        /// Radius of the earth for `metric = "haversine"`, and for files with lon/lat.
        earth_radius_km: f64 = 6371.0088; "km", 1000.0..=10000.0, "IUGG mean radius";
        /// Travel times between numbered places, for `metric = "matrix"`: CSV or Parquet with columns from, to, seconds.
        matrix_file: Option<String> = None; "path", file(), "";
    }
}
section! {
    /// Orders: how many, when, and what is in them.
    Demand {
        /// Drawn or replayed.
        source: DemandSource = DemandSource::Synthetic; "", any(), "asm";
        /// Expected orders in 24 hours, all channels. Where consumers choose, what planners expect: it sets the number of
        /// sessions (`choice.sessions_per_day`) and what shelves are filled for.
        orders_per_day: f64 = 18000.0; "orders/day", 0.0..=5e8, "asm, model of a 20 x 20 km district";
        /// Share of the day's orders placed in each clock hour, 0 to 23; normalised. Unless `profile` is given.
        hourly_profile: [f64; 24] = [1.6, 0.9, 0.5, 0.4, 0.4, 0.6, 1.3, 2.4, 3.4, 4.2, 5.2, 7.2, 6.6, 4.8, 4.3, 4.4, 4.9, 6.3, 7.4, 7.2, 7.0, 7.0, 6.2, 3.8]; "weights", 0.0..=1e9, "asm; peaks as in R28, 21-22 h heavy R32";
        /// Share of the day's orders placed in each of any number of equal steps of the day, such as 48 half-hours, instead
        /// of `hourly_profile`; normalised; the number divides 1440.
        profile: Vec<f64> = vec![]; "weights", 0.0..=1e9, "asm";
        /// Times between orders are rounded to multiples of this, halves up, each drawn at the rate of the instant it
        /// begins; 0: a Poisson process, kept to the millisecond. For `source = "synthetic"`.
        gap_rounding_s: f64 = 0.0; "s", 0.0..=3600.0, "asm";
        /// Units in a basket beyond the first: Poisson with this mean.
        extra_items_mean: f64 = 1.2; "units", 0.0..=100.0, "asm";
        /// Orders to replay (see docs/trace-format.md), for `source = "trace"`.
        orders_file: Option<String> = None; "path", file(), "";
        /// Places where synthetic consumers live: columns x_m,y_m or lon,lat and optionally weight. For `source =
        /// "synthetic"`.
        points_file: Option<String> = None; "path", file(), "";
    }
}
section! {
    /// Consumers: how many there are and how long they wait.
    Consumers {
        /// Consumers living in a synthetic city; each order is placed by one of them at random.
        count: u32 = 200000; "consumers", 1.0..=5e7, "asm";
        /// When patience starts to run. For `cancel_hazard_per_min` above 0.
        patience_from: PatienceFrom = PatienceFrom::Promise; "", any(), "asm";
        /// Time from there until a consumer may cancel. For `cancel_hazard_per_min` above 0.
        patience_grace_min: f64 = 10.0; "min", 0.0..=1e5, "asm";
        /// Hazard of cancelling after the grace time, until the courier has the goods; 0 means never.
        cancel_hazard_per_min: f64 = 0.04; "1/min", 0.0..=60.0, "asm, range 0-.20";
    }
}
section! {
    /// Articles: categories, popularity and prices.
    Catalogue {
        /// SKUs in each category.
        skus_per_category: u32 = 200; "SKUs", 1.0..=20000.0, "asm";
        /// Popularity of the k-th SKU of a category is proportional to k^-exponent.
        zipf_exponent: f64 = 0.9; "", 0.0..=5.0, "asm, range .6-1.2";
        /// Coefficient of variation of list prices within a category (lognormal).
        price_cv: f64 = 0.4; "ratio", 0.0..=5.0, "asm";
        /// Product categories, patched by id.
        categories: Vec<Category> = default_categories(); "", any(), "asm";
    }
}
section! {
    /// Stores and dark stores: archetypes, or a file of stores, and their replenishment.
    Stores {
        /// Stores from a file (see docs/trace-format.md) instead of the archetypes' counts.
        file: Option<String> = None; "path", file(), "";
        /// Shelves never run empty.
        unlimited_stock: bool = false; "", any(), "asm";
        /// Hours between replenishments to the full level; 0 means never. For `replenishment.policy` `full_level`
        /// and `order_up_to`.
        replenish_every_h: f64 = 24.0; "h", 0.0..=1000.0, "asm";
        /// Clock hour of the first replenishment.
        replenish_at_h: f64 = 4.0; "clock hour", 0.0..=24.0, "asm";
        /// Kinds of store, patched by id. A list of no rows, in a file without `extends`, is a city without stores.
        archetypes: Vec<Archetype> = default_archetypes(); "", any(), "R9, R14 density asm";
    }
}
section! {
    /// Couriers: fleet, shifts, speed and service times.
    Couriers {
        /// Couriers in the fleet of a synthetic city.
        count: u32 = 170; "couriers", 0.0..=1e7, "asm, just above the knee of this demand";
        /// Couriers from a file (see docs/trace-format.md) instead of `count`.
        file: Option<String> = None; "path", file(), "";
        /// Riding speed.
        speed_kmh: f64 = 18.0; "km/h", 0.1..=200.0, "R20, R28";
        /// Speed in each clock hour relative to `speed_kmh`.
        speed_factor_by_hour: [f64; 24] = [1.0; 24]; "ratio", 0.01..=10.0, "asm";
        /// Share of the fleet on duty in each clock hour, 0 to 23.
        on_duty_by_hour: [f64; 24] = [0.35, 0.25, 0.25, 0.25, 0.25, 0.25, 0.35, 0.5, 0.6, 0.75, 0.9, 1.0, 1.0, 0.85, 0.75, 0.75, 0.8, 0.95, 1.0, 1.0, 0.95, 0.9, 0.8, 0.55]; "share", 0.0..=1.0, "asm";
        /// Share of those on duty whom restaurant food takes up in each clock hour: the fleets of instant retail carry both.
        food_share_by_hour: [f64; 24] = [0.0; 24]; "share", 0.0..=1.0, "asm, range 0-.7; .4 at 11-13 and 17-19 h where food matters";
        /// Relative growth of the share on duty for each relative growth of the pay per order; 0 means pay brings
        /// nobody. It takes hours with extra pay (`cost.courier_extra_yuan_by_hour`) and couriers who are drawn.
        pay_elasticity: f64 = 0.5; "ratio", 0.0..=10.0, "asm, range 0-1.5";
        /// Time until a change of pay brings or takes couriers.
        pay_lag_min: f64 = 20.0; "min", 0.0..=1440.0, "asm";
        /// Where couriers wait when their first shift begins.
        start: CourierStart = CourierStart::Density; "", any(), "asm";
        /// Whom a drawn courier works for; a couriers file says it by its columns fleet and store.
        work_for: WorkFor = WorkFor::Fleet; "", any(), "asm";
        /// What a courier does after handing over the last order they carry.
        after_delivery: AfterDelivery = AfterDelivery::Stay; "", any(), "asm";
        /// Service at the store; goods are taken over half way through.
        pickup_service_min: f64 = 2.0; "min", 0.0..=120.0, "R28 (4)";
        /// Mean hand-over at the door.
        handover_min: f64 = 4.0; "min", 0.0..=120.0, "R28 (4), R21";
        /// How the hand-over varies about its mean.
        handover_distribution: HandoverDistribution = HandoverDistribution::Lognormal; "", any(), "asm; exponential is what textbook queues take";
        /// Coefficient of variation of the lognormal hand-over. For `handover_distribution = "lognormal"`.
        handover_cv: f64 = 0.5; "ratio", 0.0..=5.0, "R21";
        /// Under `greedy_nearest` a courier may pick up after the end of the shift what was assigned within it; false:
        /// such orders wait for another. The other policies foresee the pick-up and keep to the shift.
        pick_up_after_shift: bool = true; "", any(), "asm";
        /// Most orders on board at the same time, for policies that put several orders on a trip.
        capacity: u32 = 5; "orders", 1.0..=1000.0, "R21: 3.2 orders a wave";
        /// Share of offers refused by a courier at the store; 0: nobody refuses. Policies that commit on placement do not ask.
        refusal_share: f64 = 0.05; "share", 0.0..=0.9, "R21, qualitatively";
        /// Added to the log odds of a refusal by each kilometre to the store. For `refusal_share` above 0, as the next.
        refusal_per_km: f64 = 0.2; "1/km", 0.0..=10.0, "asm";
        /// Taken off the log odds of a refusal by each yuan of bonus.
        refusal_per_yuan: f64 = 0.5; "1/yuan", 0.0..=10.0, "asm";
    }
}
section! {
    /// Costs per order by cause.
    Cost {
        /// Courier pay per delivered order.
        courier_per_order_yuan: f64 = 5.0; "yuan/order", 0.0..=1e4, "R24 (4.75), R26 (8)";
        /// Courier pay per kilometre ridden for an order, approach included.
        courier_per_km_yuan: f64 = 0.6; "yuan/km", 0.0..=1e4, "R24, R26";
        /// Bonus for the courier who accepts an order, for each courier who refused it before. For
        /// `couriers.refusal_share` above 0.
        refusal_bonus_yuan: f64 = 0.5; "yuan/refusal", 0.0..=100.0, "asm";
        /// Compensation of an order that was to come from a store and is sent far, since no courier took it within
        /// `dispatch.max_wait_min`.
        conversion_compensation_yuan: f64 = 3.0; "yuan/order", 0.0..=1e4, "asm, as late_compensation_yuan";
        /// Added to the pay per order in each clock hour, 0 to 23, by the hour in which the order is given to the courier.
        courier_extra_yuan_by_hour: [f64; 24] = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]; "yuan/order", 0.0..=1e4, "asm, range 0-5";
        /// Pay is at least this much per hour on duty.
        courier_guarantee_yuan_per_h: f64 = 0.0; "yuan/h", 0.0..=1e4, "asm";
        /// Wage of a store picker for the minutes spent on the order.
        picker_wage_yuan_per_h: f64 = 25.0; "yuan/h", 0.0..=1e4, "asm, range 18-40";
        /// Packaging of a near order.
        near_packaging_yuan: f64 = 0.8; "yuan/order", 0.0..=1e4, "asm, cost table of sources.md";
        /// Bringing one unit from a store to another that has none; borne by no order, for the account of the
        /// giving store. For `stock.transfer_every_h`.
        transfer_yuan_per_unit: f64 = 1.0; "yuan/unit", 0.0..=1e4, "asm, range .3-3";
        /// Bringing a near order's goods to the store.
        near_inbound_yuan: f64 = 0.6; "yuan/order", 0.0..=1e4, "asm, cost table of sources.md";
        /// Last mile of a parcel.
        far_last_mile_yuan: f64 = 1.5; "yuan/order", 0.0..=1e4, "R33, R34, asm";
        /// Picking and packing in the warehouse.
        far_pick_pack_yuan: f64 = 2.0; "yuan/order", 0.0..=1e4, "asm";
        /// Line haul and sorting of a parcel on a lane with `line_haul_factor` 1.
        far_line_haul_yuan: f64 = 2.0; "yuan/order", 0.0..=1e4, "R34";
        /// Packaging of a parcel.
        far_packaging_yuan: f64 = 1.0; "yuan/order", 0.0..=1e4, "asm";
        /// Warehouse site cost of a parcel.
        far_site_yuan: f64 = 0.5; "yuan/order", 0.0..=1e4, "asm, cost table of sources.md";
        /// Cost of one returned order.
        return_yuan: f64 = 9.0; "yuan/return", 0.0..=1e4, "asm, range 5-40";
        /// Return rate of near-field orders relative to the category's rate. For categories with a `return_rate`.
        near_return_factor: f64 = 0.5; "ratio", 0.0..=10.0, "asm";
        /// Compensation of a near order delivered after its promise.
        late_compensation_yuan: f64 = 3.0; "yuan/late order", 0.0..=1e4, "asm, range 0-20";
        /// A near order later than its promise by more than this is free: its value is given back instead; absent: never.
        late_free_after_min: Option<f64> = None; "min", 0.0..=1e5, "asm, 20 where platforms offer it";
    }
}
section! {
    /// What the report shows.
    Report {
        /// Side of a heat-map cell.
        cell_km: f64 = 1.0; "km", 0.01..=100.0, "asm";
        /// Cells with fewer orders are shown grey.
        min_orders_per_cell: u32 = 20; "orders", 0.0..=1e6, "asm";
        /// Currency named in tables and charts.
        currency: String = "CNY".into(); "", any(), "asm";
        /// Language of charts, report and slides; results do not depend on it.
        language: Language = Language::En; "", any(), "asm";
        /// Theme file of a brand: colours, logo, font; absent: the look of nearfar. docs/themes.md lists its keys.
        theme: Option<String> = None; "path", file(), "";
    }
}
section! {
    /// A whole scenario.
    Scenario {
        /// Version of the file format.
        schema: u32 = 1; "", 1.0..=1.0, "";
        /// Names the output folder; absent: the file's name.
        name: String = String::new(); "", any(), "";
        /// Shown in tables and charts; absent: the name.
        label: String = String::new(); "", any(), "";
        /// The what-if question this scenario answers.
        question: String = String::new(); "", any(), "";
        /// Root of every random stream.
        seed: u64 = 20251111; "", 0.0..=9.0e15, "asm";
        /// Time during which orders are placed, more than 0.
        horizon_h: f64 = 24.0; "h", 0.0..=1000.0, "asm";
        /// Longest time after the horizon to finish open orders; what is open then is counted as censored.
        drain_h: f64 = 120.0; "h", 0.0..=2000.0, "asm";
        /// Time at the start that KPIs leave out, less than `horizon_h`: a city begins with idle couriers, full shelves and nothing
        /// in the warehouse; 6 is usual with a horizon of two days. The tables of orders and events hold all of it.
        warm_up_h: f64 = 0.0; "h", 0.0..=1000.0, "asm, 6 where it is used";
        /// Clock hour at the start of the run, less than 24.
        start_hour: f64 = 0.0; "clock hour", 0.0..=24.0, "asm";
        /// See [`City`].
        city: City = City::default(); "", any(), "";
        /// See [`Demand`].
        demand: Demand = Demand::default(); "", any(), "";
        /// See [`Consumers`].
        consumers: Consumers = Consumers::default(); "", any(), "";
        /// See [`AiList`].
        ai_list: AiList = AiList::default(); "", any(), "";
        /// See [`Choice`].
        choice: Choice = Choice::default(); "", any(), "";
        /// See [`Catalogue`].
        catalogue: Catalogue = Catalogue::default(); "", any(), "";
        /// See [`Stores`].
        stores: Stores = Stores::default(); "", any(), "";
        /// See [`Stock`].
        stock: Stock = Stock::default(); "", any(), "";
        /// See [`Replenishment`].
        replenishment: Replenishment = Replenishment::default(); "", any(), "";
        /// See [`Warehouse`].
        warehouse: Warehouse = Warehouse::default(); "", any(), "";
        /// See [`Couriers`].
        couriers: Couriers = Couriers::default(); "", any(), "";
        /// See [`Near`].
        near: Near = Near::default(); "", any(), "";
        /// See [`Pickup`].
        pickup: Pickup = Pickup::default(); "", any(), "";
        /// See [`Far`].
        far: Far = Far::default(); "", any(), "";
        /// See [`CrossBorder`].
        cross_border: CrossBorder = CrossBorder::default(); "", any(), "";
        /// See [`Returns`].
        returns: Returns = Returns::default(); "", any(), "";
        /// See [`Sourcing`].
        sourcing: Sourcing = Sourcing::default(); "", any(), "";
        /// See [`Split`].
        split: Split = Split::default(); "", any(), "";
        /// See [`Rationing`].
        rationing: Rationing = Rationing::default(); "", any(), "";
        /// See [`Dispatch`].
        dispatch: Dispatch = Dispatch::default(); "", any(), "";
        /// See [`RollingHorizon`].
        rolling_horizon: RollingHorizon = RollingHorizon::default(); "", any(), "";
        /// See [`External`].
        external: External = External::default(); "", any(), "";
        /// See [`Promise`].
        promise: Promise = Promise::default(); "", any(), "";
        /// See [`Overload`].
        overload: Overload = Overload::default(); "", any(), "";
        /// See [`Reposition`].
        reposition: Reposition = Reposition::default(); "", any(), "";
        /// See [`Price`].
        price: Price = Price::default(); "", any(), "";
        /// See [`Cost`].
        cost: Cost = Cost::default(); "", any(), "";
        /// See [`Report`].
        report: Report = Report::default(); "", any(), "";
        /// See [`Money`].
        money: Money = Money::default(); "", any(), "";
        /// See [`Carbon`].
        carbon: Carbon = Carbon::default(); "", any(), "";
        /// What is expected of a what-if beforehand: KPI, direction and reason; a comparison answers.
        hypothesis: Hypotheses = Hypotheses::default(); "", any(), "";
    }
}

impl Demand {
    /// Shares of the day's orders in equal steps of the day: `profile`, else `hourly_profile`; not normalised.
    pub fn day_profile(&self) -> &[f64] {
        if self.profile.is_empty() { &self.hourly_profile } else { &self.profile }
    }
    /// The same by clock hour.
    pub fn by_clock_hour(&self) -> [f64; 24] {
        if self.profile.is_empty() {
            return self.hourly_profile;
        }
        let steps_per_h = self.profile.len() as f64 / 24.0;
        let overlap = |step: usize, hour: usize| {
            let (from, to) = (hour as f64 * steps_per_h, (hour + 1) as f64 * steps_per_h);
            (to.min(step as f64 + 1.0) - from.max(step as f64)).max(0.0)
        };
        let weight = |hour| self.profile.iter().enumerate().map(|(step, weight)| weight * overlap(step, hour)).sum();
        std::array::from_fn(weight)
    }
}

fn default_categories() -> Vec<Category> {
    // Shares, baskets and return rates of the model's six categories, and the near share that shelves are filled for. After
    // the margin come constants of choice by `nearfar calibrate`, for a conversion of .30, a near share of .29 of the orders,
    // by category as near_intent but for .04 of apparel and .025 of electronics, and a pick-up share of .03.
    let rows = [
        ("convenience", 0.30, 45.0, 0.50, 0.02, 0.24, -1.252, -0.781, -3.010),
        ("fresh", 0.18, 70.0, 0.50, 0.02, 0.25, -1.260, -0.770, -2.944),
        ("health", 0.08, 60.0, 0.30, 0.02, 0.30, -1.819, -0.440, -3.087),
        ("beauty", 0.16, 150.0, 0.12, 0.10, 0.38, -2.727, -0.146, -3.035),
        ("apparel", 0.18, 230.0, 0.05, 0.30, 0.42, -3.845, -0.057, -3.116),
        ("electronics", 0.10, 900.0, 0.04, 0.06, 0.08, -4.326, -0.036, -3.231),
    ];
    rows.into_iter()
        .map(|(id, share, aov_yuan, near_intent, return_rate, gross_margin_share, asc_near, asc_far, asc_pickup)| {
            Category {
                id: id.into(),
                share,
                aov_yuan,
                near_intent,
                asc_near,
                asc_far,
                asc_pickup,
                return_rate,
                gross_margin_share,
                markdown_share: if id == "fresh" { 0.25 } else { 0.08 },
                ..Category::default()
            }
        })
        .collect()
}

fn default_archetypes() -> Vec<Archetype> {
    let base = Archetype::default();
    vec![
        Archetype { id: "flash_warehouse".into(), count: 60, ..base.clone() },
        Archetype {
            id: "supermarket".into(),
            count: 30,
            assortment_share: 0.90,
            open_h: 7.0,
            close_h: 23.0,
            walk_in_units_per_category_h: 1.2,
            fixed_cost_yuan_per_day: 25.0,
            ..base.clone()
        },
        Archetype {
            id: "brand_store".into(),
            count: 25,
            radius_km: Some(5.0),
            assortment_share: 0.75,
            pickers: 1,
            open_h: 10.0,
            close_h: 22.0,
            walk_in_units_per_category_h: 1.2,
            fixed_cost_yuan_per_day: 25.0,
            ..base
        },
    ]
}
