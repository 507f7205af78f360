//! Consumers as choosers: tier and price sensitivity, which they keep for the whole run.

use super::demand::Home;
use crate::rng::{Purpose, Streams};
use crate::scenario::Scenario;
use crate::units::Tier;
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

/// Tier and price sensitivity of every consumer, and how often each tier opens a session.
#[derive(Clone, PartialEq, Debug)]
pub struct Consumers {
    /// By `ConsumerId`.
    pub tiers: Vec<Tier>,
    /// Consumers of each tier, by id.
    of_tier: [Vec<Shopper>; 3],
    /// Share of sessions of the first tier, and of the first two.
    session_share: [f64; 2],
}

/// All that a session asks of its consumer, in one place: a session reads one at random.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Shopper {
    /// The consumer's id.
    pub consumer: u32,
    /// Where they live.
    pub home: Home,
    /// Weight of money; lognormal, mean 1.
    pub sensitivity: f32,
}

impl Consumers {
    /// The consumers of a scenario, one a home. A tier has as many of them as its share of sessions divided by its rate says.
    pub fn new(scenario: &Scenario, homes: &[Home]) -> Self {
        let keys = &scenario.choice;
        let sessions = session_shares(scenario);
        let rates = [keys.vip_rate_factor, keys.member_rate_factor, 1.0];
        let people: [f64; 3] = std::array::from_fn(|tier| sessions[tier] / rates[tier]);
        let all: f64 = people.iter().sum();
        let streams = Streams::new(scenario.seed, 0).purpose(Purpose::Tier);
        let sigma = keys.sensitivity_sigma;
        let mut consumers = Consumers {
            tiers: Vec::with_capacity(homes.len()),
            of_tier: Default::default(),
            session_share: [sessions[0], sessions[0] + sessions[1]],
        };
        for (id, home) in homes.iter().enumerate() {
            let mut draw = streams.of(id as u64);
            let tier = of_shares([people[0] / all, (people[0] + people[1]) / all], draw.random());
            let z: f64 = StandardNormal.sample(&mut draw);
            consumers.tiers.push(tier);
            let sensitivity = (sigma * z - 0.5 * sigma * sigma).exp() as f32;
            consumers.of_tier[tier as usize].push(Shopper { consumer: id as u32, home: *home, sensitivity });
        }
        consumers
    }

    /// Draws who opens a session: the tier by its share of sessions, then one of its consumers.
    #[inline]
    pub fn draw(&self, rng: &mut impl Rng) -> (Shopper, Tier) {
        let tier = of_shares(self.session_share, rng.random());
        let place: f64 = rng.random();
        let people = &self.of_tier[tier as usize];
        match people.len() {
            0 => self.of_all((place * self.tiers.len() as f64) as usize),
            some => (people[(place * some as f64) as usize], tier),
        }
    }

    /// A consumer of any tier: a tier without consumers, which only a tiny city has, leaves its sessions to the others.
    fn of_all(&self, consumer: usize) -> (Shopper, Tier) {
        let tier = self.tiers[consumer];
        let people = &self.of_tier[tier as usize];
        (people[people.partition_point(|other| (other.consumer as usize) < consumer)], tier)
    }
}

fn session_shares(scenario: &Scenario) -> [f64; 3] {
    let (vip, member) = (scenario.choice.vip_session_share, scenario.choice.member_session_share);
    [vip, member, (1.0 - vip - member).max(0.0)]
}

fn of_shares(up_to: [f64; 2], draw: f64) -> Tier {
    match draw {
        draw if draw < up_to[0] => Tier::Vip,
        draw if draw < up_to[1] => Tier::Member,
        _ => Tier::Guest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: Home = Home { x_m: 1.0, y_m: 2.0 };

    #[test]
    fn vips_are_few_and_open_their_share_of_sessions() {
        let scenario = Scenario::default();
        let consumers = Consumers::new(&scenario, &[HOME; 100_000]);
        let vips = consumers.of_tier[0].len() as f64 / 100_000.0;
        // .34 / 9 of .34 / 9 + .46 / 2 + .20.
        assert!((vips - 0.0808).abs() < 4.9 * (0.0808_f64 * 0.9192 / 1e5).sqrt(), "{vips}");
        let streams = Streams::new(5, 0);
        let opened = (0..100_000)
            .filter(|id| {
                let (who, tier) = consumers.draw(&mut streams.of(Purpose::Consumer, *id));
                assert_eq!((consumers.tiers[who.consumer as usize], who.home), (tier, HOME));
                tier == Tier::Vip
            })
            .count() as f64;
        assert!((opened / 1e5 - 0.34).abs() < 4.9 * (0.34_f64 * 0.66 / 1e5).sqrt(), "{opened}");
        let all = consumers.of_tier.iter().flatten();
        let mean = all.map(|who| f64::from(who.sensitivity)).sum::<f64>() / 1e5;
        assert!((mean - 1.0).abs() < 4.9 * 0.66 / 1e5_f64.sqrt(), "{mean}");
    }

    #[test]
    fn a_city_of_one_has_its_sessions() {
        let consumers = Consumers::new(&Scenario::default(), &[HOME]);
        for id in 0..50 {
            let (who, tier) = consumers.draw(&mut Streams::new(5, 0).of(Purpose::Consumer, id));
            assert_eq!((who.consumer, tier), (0, consumers.tiers[0]));
        }
    }
}
