//! What common random numbers are worth: a queue with other servers and other speeds, on streams shared in three ways.
//!
//! Reference for this queue over 40 replications: for service 5 % faster at 6 servers the variance of the difference falls
//! from .34 to .026 with a stream for each purpose (correlation .996); one shared stream gains nothing (24.0 of 24.8 for 5
//! against 6 servers). The 9.2 of 24.8 for the latter compares two samples of 40: within one sample the reduction
//! is 1.2 to 1.3, because nearly all variance is that of the crowded side and stays in the difference.

use super::student::{PairedDifference, paired};
use super::{Confidence, variance};
use crate::rng::{Purpose, Streams};
use rand::{Rng, RngExt};

const CUSTOMERS: usize = 3000;
const REPLICATIONS: u32 = 40;

/// Mean time in the system of customers who arrive one a minute and are served at `rate` by the first free of `servers`.
fn time_in_system(servers: usize, draws: &[(f64, f64)], rate: f64) -> f64 {
    let mut free_at = vec![0.0; servers];
    let (mut now, mut total) = (0.0, 0.0);
    for (gap, work) in draws {
        now += gap;
        let first = (1..servers).fold(0, |best, i| if free_at[i] < free_at[best] { i } else { best });
        let done = f64::max(now, free_at[first]) + work / rate;
        free_at[first] = done;
        total += done - now;
    }
    total / draws.len() as f64
}

fn exponential(stream: &mut impl Rng) -> f64 {
    -(1.0 - stream.random::<f64>()).ln()
}

/// Gaps and works from a stream each.
fn by_purpose(seed: u64, replication: u32) -> Vec<(f64, f64)> {
    let streams = Streams::new(seed, replication);
    let (mut gaps, mut works) = (streams.long(Purpose::Arrivals), streams.long(Purpose::Picking));
    (0..CUSTOMERS).map(|_| (exponential(&mut gaps), exponential(&mut works))).collect()
}

/// All from one stream, `extra` further draws for each customer shifting the rest.
fn from_one(seed: u64, replication: u32, extra: usize) -> Vec<(f64, f64)> {
    let mut stream = Streams::new(seed, replication).long(Purpose::Arrivals);
    let customer = |_| {
        let pair = (exponential(&mut stream), exponential(&mut stream));
        for _ in 0..extra {
            let _: f64 = stream.random();
        }
        pair
    };
    (0..CUSTOMERS).map(customer).collect()
}

/// Service rate of the base; 5 servers are busy 91 % of the time.
const RATE: f64 = 0.22;

fn difference(one: impl Fn(u32) -> f64, other: impl Fn(u32) -> f64) -> PairedDifference {
    let runs = |f: &dyn Fn(u32) -> f64| (0..REPLICATIONS).map(f).collect::<Vec<f64>>();
    paired(&runs(&one), &runs(&other), Confidence::default()).unwrap()
}

#[test]
fn a_stream_for_each_purpose_pays_where_a_change_is_small() {
    let at = |seed, servers, rate| move |r| time_in_system(servers, &by_purpose(seed, r), rate);
    let independent = difference(at(1, 6, RATE), at(2, 6, 1.05 * RATE));
    let common = difference(at(1, 6, RATE), at(1, 6, 1.05 * RATE));
    // A variance over 40 replications is off by less than a factor of 2 (4.9 sigma of its logarithm are 1.1).
    for (found, reference) in [(variance_of(&independent), 0.339), (variance_of(&common), 0.0258)] {
        assert!((0.33..3.0).contains(&(found / reference)), "{found}, reference {reference}");
    }
    assert!((0.5..2.0).contains(&independent.variance_reduction), "{independent:?}");
    assert!(common.variance_reduction > 5.0 && common.correlation > 0.97, "{common:?}");
    assert!(common.difference.half_width < independent.difference.half_width / 2.0);
}

#[test]
fn a_server_more_keeps_the_variance_of_the_crowded_side() {
    let common =
        difference(|r| time_in_system(5, &by_purpose(1, r), RATE), |r| time_in_system(6, &by_purpose(1, r), RATE));
    assert!(common.correlation > 0.7, "reference .87: {common:?}");
    assert!((1.05..1.8).contains(&common.variance_reduction), "{common:?}");
}

#[test]
fn one_stream_for_all_gains_nothing() {
    // The what-if draws once more for each customer, which shifts all that follows.
    let shared = difference(
        |r| time_in_system(6, &from_one(1, r, 0), RATE),
        |r| time_in_system(6, &from_one(1, r, 1), 1.05 * RATE),
    );
    assert!((0.5..2.0).contains(&shared.variance_reduction), "{shared:?}");
}

fn variance_of(difference: &PairedDifference) -> f64 {
    difference.standard_deviation.powi(2)
}

#[test]
fn the_queue_waits_as_the_closed_form_says() {
    // One server, half busy: 1 / (μ - λ) with λ = 1, μ = 2.
    let runs: Vec<f64> = (0..REPLICATIONS).map(|r| time_in_system(1, &by_purpose(3, r), 2.0)).collect();
    let standard_error = (variance(&runs) / f64::from(REPLICATIONS)).sqrt();
    assert!((super::mean(&runs) - 1.0).abs() < 4.9 * standard_error + 0.005);
}
