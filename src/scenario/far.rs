//! Room: scenario. Keys of the far field: the warehouse with its labour and waves, and what comes after it.

use super::key::any;
use super::macros::section;
use super::schema::Scenario;

section! {
    /// A shift of the warehouse.
    WarehouseShift {
        /// Identifies the shift in tables; keyed lists are patched by it.
        id: String = "shift".into(); "", any(), "";
        /// Clock hour it begins.
        from_h: f64 = 0.0; "clock hour", 0.0..=24.0, "asm";
        /// Clock hour it ends; equal to or less than `from_h` runs past midnight.
        to_h: f64 = 24.0; "clock hour", 0.0..=24.0, "asm";
        /// Workers who pick and pack.
        workers: u32 = 0; "workers", 0.0..=1e5, "asm";
    }
}
section! {
    /// A transit lane from the warehouse to the city.
    Lane {
        /// Identifies the lane in tables; keyed lists are patched by it.
        id: String = "lane".into(); "", any(), "";
        /// Share of parcels on this lane; shares are normalised.
        share: f64 = 1.0; "weight", 0.0..=1e6, "R33";
        /// Mean of the varying part of the transit time (lognormal).
        transit_h: f64 = 24.0; "h", 0.0..=2000.0, "R36, R37";
        /// Coefficient of variation of that part.
        cv: f64 = 0.25; "ratio", 0.0..=5.0, "R36, R37";
        /// Fixed part of the transit time.
        base_h: f64 = 0.0; "h", 0.0..=2000.0, "asm";
        /// Line haul of a parcel relative to `cost.far_line_haul_yuan`.
        line_haul_factor: f64 = 1.0; "ratio", 0.0..=1000.0, "asm; a longer way costs more";
    }
}

section! {
    /// The central warehouse of the far field.
    Warehouse {
        /// Position east of the city's south-west corner, for the dot on maps and in replays alone: time, cost and
        /// carbon of a
        /// parcel are those given for its lane, not worked out from a distance.
        x_km: f64 = 2.0; "km", -1000.0..=3000.0, "asm";
        /// The same north of that corner.
        y_km: f64 = 2.0; "km", -1000.0..=3000.0, "asm";
        /// Orders it can pick and pack in an hour, first come, first served; 0: what the workers of `warehouse.shifts` get done.
        capacity_per_h: f64 = 900.0; "orders/h", 0.0..=1e9, "asm, about 60 % load at the default demand";
        /// Shifts of workers, for `capacity_per_h = 0`, patched by id; shifts that overlap add up.
        shifts: Vec<WarehouseShift> = vec![]; "", any(), "asm";
        /// Order lines that a worker picks and packs in an hour by hand, for `capacity_per_h = 0`.
        lines_per_worker_h: f64 = 100.0; "lines/h", 0.1..=1e5, "R40, range 60-350";
        /// The same at an automated work place.
        lines_per_worker_automated_h: f64 = 250.0; "lines/h", 0.1..=1e5, "R40, range 60-350";
        /// Share of the workers at automated work places. For `capacity_per_h = 0`.
        automation_share: f64 = 0.0; "share", 0.0..=1.0, "asm";
        /// Temporary workers, on duty whenever a shift is. For `capacity_per_h = 0`.
        temp_workers: u32 = 0; "workers", 0.0..=1e5, "asm";
        /// Time from the start of the run until they come. For `temp_workers` above 0.
        temp_from_h: f64 = 24.0; "h", 0.0..=3000.0, "asm";
        /// Time in which they learn: from no output to that of the others, growing hour by hour.
        temp_ramp_h: f64 = 8.0; "h", 0.0..=1000.0, "asm";
        /// Output relative to what `capacity_per_h` or labour give, for a speed-up of the whole line such as better planning or robots.
        capacity_factor: f64 = 1.0; "ratio", 0.01..=100.0, "asm; 1.2 is a vendor's claim for orchestrated robots, range 1-3";
        /// Clock hours at which packed parcels leave; empty: at once.
        wave_hours: Vec<f64> = vec![11.0, 16.0, 23.0]; "clock hours", 0.0..=24.0, "asm";
    }
}
section! {
    /// The far field: transit after the warehouse.
    Far {
        /// Mean time of the last mile, from the branch near the consumer to the door, after the lane's transit; 0: it is part of
        /// the lane's transit.
        last_mile_h: f64 = 0.0; "h", 0.0..=1000.0, "asm, the published transit times reach the door";
        /// Coefficient of variation of that time (lognormal). For `last_mile_h` above 0.
        last_mile_cv: f64 = 0.25; "ratio", 0.0..=5.0, "asm";
        /// Hours of work before the warehouse above which a far order is picked in the nearest store that has all of it, and
        /// sent as a parcel from there; absent: never.
        ship_from_store_over_h: Option<f64> = None; "h", 0.0..=1e4, "asm, 12 where it is used";
        /// The lane of parcels from stores, by its id. For `ship_from_store_over_h`.
        ship_from_store_lane: String = "same_city".into(); "", any(), "asm";
        /// Transit lanes, patched by id; at least one has a share above 0.
        lanes: Vec<Lane> = default_lanes(); "", any(), "R33, R36, R37";
    }
}

section! {
    /// Orders that come back, by `return_rate` of their category: when, and how long they travel.
    Returns {
        /// Mean time from delivery until the consumer sends the goods back (lognormal).
        request_after_h: f64 = 72.0; "h", 0.0..=1000.0, "asm; platforms take goods back for seven days";
        /// Coefficient of variation of that time.
        request_cv: f64 = 0.5; "ratio", 0.0..=5.0, "asm";
        /// Mean time from there until the goods are back in the store of a near order, or in the warehouse (lognormal).
        back_after_h: f64 = 48.0; "h", 0.0..=1000.0, "asm, as a parcel";
        /// Coefficient of variation of that time.
        back_cv: f64 = 0.25; "ratio", 0.0..=5.0, "asm";
    }
}
section! {
    /// Far orders whose goods come from abroad, by `abroad_share` of their category: direct mail through a consolidation hub, or
    /// stock sent ahead to a node near the city.
    CrossBorder {
        /// Share of the orders from abroad whose goods stand in the forward stock node.
        forward_share: f64 = 0.0; "share", 0.0..=1.0, "asm";
        /// Time between two departures of the consolidation hub, the first at the start of the run; 0: a parcel leaves at once.
        hub_every_h: f64 = 24.0; "h", 0.0..=1000.0, "asm";
        /// Mean time from departure of the hub to the door (lognormal). Those of the hub are for `forward_share` below 1.
        hub_lead_h: f64 = 180.0; "h", 0.0..=2000.0, "asm: direct mail takes about 8 days, half a day of them at the hub";
        /// Mean time from order to door for goods of the forward stock node (lognormal). For `forward_share` above 0.
        forward_lead_h: f64 = 24.0; "h", 0.0..=2000.0, "asm: next or same day is what hosting services promise";
        /// Coefficient of variation of both times.
        lead_cv: f64 = 0.25; "ratio", 0.0..=5.0, "asm";
        /// Line haul of a parcel by direct mail, duty left out.
        hub_line_haul_yuan: f64 = 25.0; "yuan/order", 0.0..=1e4, "asm";
        /// Line haul of a parcel from the forward stock node, its share of the bulk transport included.
        forward_line_haul_yuan: f64 = 8.0; "yuan/order", 0.0..=1e4, "asm";
    }
}

fn default_lanes() -> Vec<Lane> {
    // The line haul of the mix is that of the cost table.
    let rows = [("same_city", 0.2, 16.0, 0.4), ("region", 0.4, 30.0, 0.8), ("nation", 0.4, 54.0, 1.5)];
    rows.into_iter()
        .map(|(id, share, transit_h, line_haul_factor)| Lane {
            id: id.into(),
            share,
            transit_h,
            line_haul_factor,
            ..Lane::default()
        })
        .collect()
}

impl Scenario {
    /// Line haul of a parcel on a lane, by its place in `far.lanes`.
    pub fn line_haul_yuan(&self, lane: usize) -> f64 {
        self.cost.far_line_haul_yuan * self.far.lanes.get(lane).map_or(1.0, |lane| lane.line_haul_factor)
    }
    /// The same on average over the lanes.
    pub fn mean_line_haul_yuan(&self) -> f64 {
        let total: f64 = self.far.lanes.iter().map(|lane| lane.share).sum();
        let weighed = self.far.lanes.iter().enumerate().map(|(i, lane)| lane.share * self.line_haul_yuan(i));
        weighed.sum::<f64>() / total
    }
}
