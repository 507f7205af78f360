//! Room: scenario. Keys of decisions: which node serves an order, what stores keep back for walk-ins, and which courier
//! carries what.

use super::key::any;
use super::macros::{choice, section};

choice! {
    /// Which node serves an order.
    SourcingPolicy {
        /// The nearest open store within its radius that has every line available, else the warehouse.
        NearestStocked = "nearest_stocked",
        /// The store whose couriers would be at the door first, queues for pickers and couriers counted; for `store_couriers`.
        Reassignment = "reassignment",
        /// The stocked store from which the order is expected to cost least.
        Cheapest = "cheapest",
        /// The stocked store from which it is expected to arrive first: picker queue, courier and ride.
        Fastest = "fastest",
        /// As nearest_stocked, but an order that no store can serve is cancelled instead of sent to the warehouse.
        NearOnly = "near_only",
        /// As cheapest, plus the price of the units taken: what the next consumers of the store will miss them for, from a linear program for each scarce SKU.
        BidPrice = "bid_price",
        /// As bid_price, with prices from a formula instead of the linear program.
        BidPriceClosed = "bid_price_closed",
        /// Stores at random in the shares of the linear program, lines of a basket with common chance; the store that most units fall on.
        DlpClocks = "dlp_clocks",
        /// Every order goes to the warehouse.
        FarOnly = "far_only",
    }
}
choice! {
    /// How many units a store keeps from near orders for consumers who walk in.
    RationingPolicy {
        /// None.
        None = "none",
        /// A fixed number of each SKU.
        Static = "static",
        /// As many as are more likely to earn the walk-in margin than the near one (Littlewood).
        Littlewood = "littlewood",
        /// A number that goes down to none before the store is replenished or closes.
        Time = "time",
    }
}
choice! {
    /// Which courier carries an order.
    DispatchPolicy {
        /// When the order is ready, the nearest idle courier; orders wait first come, first served when none is idle.
        GreedyNearest = "greedy_nearest",
        /// On placement, irrevocably the courier who would drop it off first, busy couriers included.
        EarliestDropoff = "earliest_dropoff",
        /// On placement, irrevocably the courier who would be at the door first, the way back to their store after each trip counted.
        StoreCouriers = "store_couriers",
        /// Every `dispatch.interval_s`: the matching of orders to couriers with the least total cost.
        BatchMatch = "batch_match",
        /// Every `dispatch.interval_s`: bundles sized to the pressure on the fleet, priority groups, assignment, and
        /// commitment in two stages (Reyes et al. 2018).
        RollingHorizon = "rolling_horizon",
        /// Every `dispatch.interval_s`: orders go into the stops of couriers who have some, where that is a small detour
        /// and breaks no promise; the others one by one to the couriers of least cost.
        Insertion = "insertion",
        /// Every `dispatch.interval_s`: an order that must leave takes along the waiting orders with which it saves more
        /// way than they could expect to save otherwise (Ma, Ma, Romero 2025).
        Pooling = "pooling",
        /// The same, but an order leaves only when its promise is near or when it has found company.
        Postpone = "postpone",
        /// Every `dispatch.interval_s`: what a program of yours answers, see docs/external-policy.md.
        External = "external",
    }
}
choice! {
    /// What becomes of an order that no courier took in time.
    AfterMaxWait {
        /// Its units go back on the shelf and it is sent far, with a compensation.
        Far = "far",
        /// It is cancelled.
        Cancel = "cancel",
    }
}
choice! {
    /// Which waiting order a courier takes who becomes idle, under `greedy_nearest`.
    DispatchQueue {
        /// The one that has waited longest, anywhere: bistable, see docs/model.md.
        Fifo = "fifo",
        /// The one at the nearest store.
        Nearest = "nearest",
        /// The one that has waited longest in the courier's zone, else in the nearest zone with one.
        Zone = "zone",
    }
}
section! {
    /// Which node serves an order.
    Sourcing {
        /// The policy.
        policy: SourcingPolicy = SourcingPolicy::NearestStocked; "", any(), "asm";
        /// Nearest stocked stores that a policy weighs against each other.
        candidates: u32 = 8; "stores", 1.0..=1000.0, "asm";
        /// Minutes of riding that each minute of a store's picking queue beyond the slack counts for when stores are compared; 0 means busy stores are not avoided.
        load_balance_weight: f64 = 0.0; "ratio", 0.0..=100.0, "asm";
        /// Picking queue that is not held against a store. For `load_balance_weight` above 0.
        load_balance_slack_min: f64 = 5.0; "min", 0.0..=1000.0, "asm";
        /// Whether `cheapest` and the bid price policies may send an order to the warehouse because that costs less than the best store.
        far_if_cheaper: bool = false; "", any(), "asm, whoever asked for near is served far only for want of a store";
        /// What it costs beyond the ledger to serve near demand from the warehouse, for bid prices: lost margin, disappointed consumer.
        near_lost_yuan: f64 = 10.0; "yuan/order", 0.0..=1e4, "asm";
        /// Time between two solutions of the linear program of `bid_price` and `dlp_clocks`.
        bid_every_min: f64 = 60.0; "min", 1.0..=1440.0, "hourly as in the published study; asm";
        /// Time between two looks at orders that wait for a picker: they move if the policy finds a better store; 0 means never.
        re_evaluate_min: f64 = 0.0; "min", 0.0..=1440.0, "asm, range 5-15";
        /// Least saving for which an order moves; minutes count as the courier's pay for riding them. For
        /// `re_evaluate_min` above 0.
        re_evaluate_saving_yuan: f64 = 1.0; "yuan/order", 0.0..=1e4, "asm";
    }
}
section! {
    /// Units kept from near orders for walk-ins.
    Rationing {
        /// The policy; it concerns stores with walk-ins.
        policy: RationingPolicy = RationingPolicy::None; "", any(), "asm";
        /// Units of each SKU kept by `static`, and at most by `time`.
        protect_units: u32 = 1; "units", 0.0..=60000.0, "asm, range 0-5";
        /// Margin of a unit sold near, after delivery, for `littlewood`.
        near_margin_yuan: f64 = 4.0; "yuan/unit", 0.0..=1e6, "asm";
        /// Margin of a unit sold to a walk-in, for `littlewood`.
        walk_in_margin_yuan: f64 = 8.0; "yuan/unit", 0.001..=1e6, "asm";
        /// Hours before replenishment or closing in which `time` lets its units go.
        release_h: f64 = 6.0; "h", 0.0..=1000.0, "asm";
    }
}
section! {
    /// Which courier carries an order.
    Dispatch {
        /// The policy.
        policy: DispatchPolicy = DispatchPolicy::GreedyNearest; "", any(), "asm";
        /// An order that could be delivered only later than this after placement is not carried; absent: no limit.
        /// Not for `greedy_nearest` and `external`.
        max_click_to_door_min: Option<f64> = None; "min", 0.0..=1e5, "asm";
        /// An order that has no courier this long after it was packed, or after a courier gave it back, is delivered
        /// near no more; absent: it waits for as long as its consumer does. Not for `earliest_dropoff` and
        /// `store_couriers`, which give it to a courier when it is placed.
        max_wait_min: Option<f64> = None; "min", 0.0..=1e5, "asm";
        /// What becomes of it then.
        after_max_wait: AfterMaxWait = AfterMaxWait::Far; "", any(), "asm";
        /// Which waiting order a courier takes who becomes idle, under `greedy_nearest`.
        queue: DispatchQueue = DispatchQueue::Fifo; "", any(), "asm";
        /// Time between two decisions of a policy that decides for many orders at once. Such are all but
        /// `greedy_nearest`, `earliest_dropoff` and `store_couriers`.
        interval_s: f64 = 60.0; "s", 1.0..=86400.0, "R21: 30 or 60";
        /// Time from such a decision to the moment it is carried out; what has become impossible by then is left out.
        decision_s: f64 = 0.0; "s", 0.0..=3600.0, "asm";
        /// Orders that are ready within this time take part in a decision of `batch_match`, `insertion`, `pooling` or
        /// `postpone`.
        horizon_min: f64 = 8.0; "min", 0.0..=1e4, "asm, range 0-20";
        /// Couriers who are free within this time take part in it.
        soon_min: f64 = 5.0; "min", 0.0..=1e4, "asm";
        /// Couriers considered for each order: those who would be at its store first; for each bundle of
        /// `rolling_horizon`: those with whom it is worth most.
        candidates: u32 = 10; "couriers", 1.0..=1000.0, "asm";
        /// Most orders in a bundle; 1 rules bundles out. For `batch_match`, `rolling_horizon`, `pooling` and `postpone`.
        max_bundle: u32 = 3; "orders", 1.0..=20.0, "R21: 3.2 orders a wave";
        /// Most that an order may lose by sharing a trip, for `batch_match`.
        max_bundle_delay_min: f64 = 6.0; "min", 0.0..=1e4, "asm";
        /// Longest road to the store for `batch_match`; absent: no limit.
        max_approach_km: Option<f64> = Some(3.0); "km", 0.0..=1000.0, "asm";
        /// Orders older than this are fetched from any distance.
        far_after_min: f64 = 8.0; "min", 0.0..=1e5, "asm";
        /// Cost of a minute of riding to the store, beside the minutes that orders lose, for `batch_match`.
        approach_weight: f64 = 0.2; "ratio", 0.0..=100.0, "asm";
        /// Cost of a minute after the promise, beside the same. This, `size_reward_min`, `age_weight` and
        /// `idle_reward` are for `batch_match`, `insertion`, `pooling` and `postpone`.
        late_weight: f64 = 1.0; "ratio", 0.0..=100.0, "asm";
        /// Cost of a minute by which an order is delivered later, in minutes of a courier's time, for `insertion`.
        delay_weight: f64 = 0.5; "ratio", 0.0..=100.0, "asm";
        /// Minutes taken off the cost of a bundle for each order beyond the first.
        size_reward_min: f64 = 0.0; "min", 0.0..=1e3, "asm";
        /// Cost of leaving an order for another decision, for each minute since its placement.
        age_weight: f64 = 1.0; "ratio", 0.0..=100.0, "asm";
        /// Reward for each minute that the courier has stood idle, up to an hour: evens out earnings.
        idle_reward: f64 = 0.02; "ratio", 0.0..=100.0, "asm";
        /// Most by which `insertion` lengthens a courier's stops by riding and waiting, as a share of the riding left.
        detour_share: f64 = 0.25; "ratio", 0.0..=10.0, "asm";
        /// Or this, if it is more.
        detour_min: f64 = 6.0; "min", 0.0..=1e4, "asm";
        /// Under `postpone` an order that would be delivered less than this before its promise leaves without company.
        postpone_buffer_min: f64 = 5.0; "min", 0.0..=1e4, "R67: 4 to 8, range 0-15";
        /// With `store_couriers`: an order joins its courier's last trip if that is to leave after the order is ready.
        join_trips: bool = false; "", any(), "asm";
    }
}
section! {
    /// Settings of `dispatch.policy = "rolling_horizon"`, in the symbols of Reyes et al. (2018).
    RollingHorizon {
        /// Orders that are ready within this time take part in a decision (Δu).
        horizon_min: f64 = 10.0; "min", 0.0..=1e4, "Reyes et al. 2018";
        /// Orders ready within this time count for the size of bundles (Δ1).
        pressure_orders_min: f64 = 10.0; "min", 0.0..=1e4, "Reyes et al. 2018";
        /// Couriers free within this time count for it (Δ2).
        pressure_couriers_min: f64 = 10.0; "min", 0.0..=1e4, "Reyes et al. 2018";
        /// Cost of a minute that orders are delayed by their bundle, in minutes of riding (β).
        delay_weight: f64 = 0.5; "ratio", 0.0..=100.0, "Reyes et al. 2018: 0 to 1";
        /// Cost of a minute between ready and pick-up (θ).
        freshness_weight: f64 = 0.2; "ratio", 0.0..=100.0, "Reyes et al. 2018: 0 to 1";
        /// Weight of the orders delivered a minute.
        throughput_reward: f64 = 10.0; "ratio", 0.0..=1000.0, "Reyes et al. 2018: 1 to 10";
        /// Orders whose delivery would be later than the promise by more than this choose their couriers first.
        dropoff_tolerance_min: f64 = 10.0; "min", 0.0..=1e4, "Reyes et al. 2018: 10 to 25";
        /// Orders whose pick-up would be later than ready by more than this come second.
        pickup_tolerance_min: f64 = 5.0; "min", 0.0..=1e4, "Reyes et al. 2018: 5 to 20";
        /// A commitment is final if one of its orders has been ready for longer than this (x).
        final_after_min: f64 = 20.0; "min", 0.0..=1e4, "Reyes et al. 2018: 15 to 25";
    }
}
section! {
    /// A program of yours that decides, for `dispatch.policy = "external"`.
    External {
        /// Program and arguments: a list, or one string that is split at spaces. A word that is the path of a file, from the folder of the scenario file, stands for that file.
        command: Vec<String> = vec![]; "", any(), "";
        /// Wall-clock time an answer may take; the run goes on without later ones, and counts them.
        timeout_s: f64 = 10.0; "s", 0.001..=86400.0, "asm";
    }
}
