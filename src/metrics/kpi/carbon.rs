//! KPIs of carbon: grams of CO2 equivalent by the factor table of `[carbon]`.

use super::Better::{Higher, Lower};
use super::{Definition, per};
use crate::metrics::measures::Measures;

/// Grams for each of so many things.
fn grams_per(mg: i64, things: f64) -> f64 {
    per(mg as f64 / 1000.0, things)
}
fn near_g(m: &Measures) -> f64 {
    grams_per(m.accounts.near.all_co2e_mg(), m.near.delivered as f64)
}
fn far_g(m: &Measures) -> f64 {
    grams_per(m.accounts.far.all_co2e_mg(), m.far.delivered as f64)
}
fn all_mg(m: &Measures) -> i64 {
    m.accounts.all.all_co2e_mg()
}

pub(super) const CO2E_PER_ORDER_NEAR_G: Definition = Definition {
    name: "co2e_per_order_near_g",
    unit: "g/order",
    better: Lower,
    label: "CO2e per near order",
    formula: "(Courier km x carbon.courier_g_per_km, rides for no order included + bringing goods to the store + store energy + packaging + returns, of delivered near orders) / delivered near orders.",
    compute: near_g,
};

pub(super) const CO2E_PER_ORDER_FAR_G: Definition = Definition {
    name: "co2e_per_order_far_g",
    unit: "g/order",
    better: Lower,
    label: "CO2e per far order",
    formula: "(Transport + energy + packaging + city leg + returns of delivered far orders, by carbon.*) / delivered far orders.",
    compute: far_g,
};

pub(super) const CO2E_PER_ORDER_PICKUP_G: Definition = Definition {
    name: "co2e_per_order_pickup_g",
    unit: "g/order",
    better: Lower,
    label: "CO2e per pick-up order",
    formula: "(Bringing goods to the store + store energy + packaging + returns + the way of consumers who drive, of collected pick-up orders) / collected pick-up orders.",
    compute: |m| grams_per(m.accounts.pickup.all_co2e_mg(), m.pickup.delivered as f64),
};

pub(super) const CO2E_PER_ORDER_G: Definition = Definition {
    name: "co2e_per_order_g",
    unit: "g/order",
    better: Lower,
    label: "CO2e per order",
    formula: "Grams of all delivered orders and of courier rides for no order / delivered.",
    compute: |m| grams_per(all_mg(m), m.delivered() as f64),
};

pub(super) const CO2E_PER_100_YUAN_G: Definition = Definition {
    name: "co2e_per_100_yuan_g",
    unit: "g/100 yuan",
    better: Lower,
    label: "CO2e per 100 yuan of goods",
    formula: "All grams / value of delivered orders x 100 yuan; baskets of the two channels differ.",
    compute: |m| grams_per(all_mg(m), m.accounts.all.delivered_gmv_fen as f64 / 10_000.0),
};

pub(super) const CO2E_BREAK_EVEN_G: Definition = Definition {
    name: "co2e_break_even_g",
    unit: "g/order",
    better: Higher,
    label: "CO2e, near against far: grams to spare",
    formula: "co2e_per_order_far_g - co2e_per_order_near_g: grams that the factors may add to a near order until both emit the same; negative: near emits more.",
    compute: |m| far_g(m) - near_g(m),
};
