//! Baskets in parts: which stores share an order between them, and what comes as a parcel.
//!
//! ```text
//!  score of a plan = cost of its parts + penalty × (deliveries − 1) + far wait × share of the value that comes as a parcel
//! ```
//!
//! A store close to that of the most valuable part shares its courier: the two are one delivery, and one way to the door.
//!
//! Looked at are: every store alone with the rest as a parcel, and the stores that greedy set cover takes one after the
//! other (most new lines for each yuan added), their rest as a parcel. The order stays whole unless one of them scores
//! better. A line is never divided: a store either has all of its units or none.

use crate::units::StoreId;

/// Lines of one basket as bits, the first line lowest.
pub type Lines = u64;

/// Baskets with more lines are not split.
pub const MOST_LINES: usize = Lines::BITS as usize;

/// The rule of a scenario, see the keys of `[split]`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rule {
    /// Most stores that share an order (1 to 8).
    pub max_stores: usize,
    /// The rest may come as a parcel.
    pub far_rest: bool,
    /// Least value of a part from a store (yuan).
    pub min_near_value: f64,
    /// What each delivery beyond the first counts (yuan).
    pub penalty: f64,
    /// What a whole order that comes as a parcel counts beside its cost (yuan).
    pub far_wait: f64,
}

/// What the order would be if it stayed whole.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Whole {
    /// One store serves it at this cost (yuan).
    Near(f64),
    /// It comes as one parcel.
    Far,
    /// Nobody serves it.
    Refused,
}

/// A store that has some of the lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The store; candidates come nearest first with ties by id.
    pub store: StoreId,
    /// The lines it has.
    pub has: Lines,
}

/// What one store serves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// Place of the store among the candidates.
    pub place: usize,
    /// Its lines.
    pub lines: Lines,
}

/// An order in parts.
#[derive(Clone, PartialEq, Debug)]
pub struct Split {
    /// The parts from stores, at least one, the most valuable first.
    pub near: Vec<Part>,
    /// Place in `near` of the part that shares the courier of the first.
    pub joined: Option<usize>,
    /// Lines that come as a parcel; none if stores have all of them.
    pub far: Lines,
    /// Its score (yuan).
    pub score: f64,
}

impl Split {
    /// Parts in all.
    pub fn parts(&self) -> usize {
        self.near.len() + usize::from(self.far != 0)
    }
}

/// A basket, what it costs to serve parts of it, and the rule.
pub struct Basket<'a, F> {
    /// Value of each line (yuan), 1 to [`MOST_LINES`] of them.
    pub values: &'a [f64],
    /// Stores that have some of it.
    pub candidates: &'a [Candidate],
    /// Cost of serving these lines from the store at this place of the candidates (yuan).
    pub near_cost: F,
    /// What is saved if the stores at these two places of the candidates share a courier (yuan); None if they cannot.
    pub saving: &'a dyn Fn(usize, usize) -> Option<f64>,
    /// Cost of a parcel (yuan).
    pub far_cost: f64,
    /// The rule.
    pub rule: Rule,
}

impl<F: Fn(usize, Lines) -> f64> Basket<'_, F> {
    fn all(&self) -> Lines {
        Lines::MAX >> (MOST_LINES - self.values.len())
    }

    fn value(&self, lines: Lines) -> f64 {
        let value = |(line, value): (usize, &f64)| if lines >> line & 1 == 1 { *value } else { 0.0 };
        self.values.iter().enumerate().map(value).sum()
    }

    /// The best way to split the order; None if it had better stay whole.
    pub fn split(&self, whole: Whole) -> Option<Split> {
        let mut best: Option<Split> = None;
        let mut limit = match whole {
            Whole::Near(cost) => cost,
            Whole::Far => self.far_cost + self.rule.far_wait,
            Whole::Refused => f64::INFINITY,
        };
        let mut look_at = |parts: &[Part]| {
            if let Some(split) = self.scored(parts).filter(|split| split.score < limit) {
                limit = split.score;
                best = Some(split);
            }
        };
        for (place, candidate) in self.candidates.iter().enumerate() {
            if self.is_enough(candidate.has) {
                look_at(&[Part { place, lines: candidate.has }]);
            }
        }
        let cover = self.greedy_cover();
        for stores in 2..=cover.len() {
            look_at(&cover[..stores]);
        }
        best
    }

    fn is_enough(&self, lines: Lines) -> bool {
        lines != 0 && self.value(lines) >= self.rule.min_near_value
    }

    /// These parts with the rest as a parcel; None if that is no split, or not allowed.
    fn scored(&self, near: &[Part]) -> Option<Split> {
        let served = near.iter().fold(0, |lines, part| lines | part.lines);
        let far = self.all() & !served;
        let parts = near.len() + usize::from(far != 0);
        if parts < 2 || (far != 0 && !self.rule.far_rest) {
            return None;
        }
        let mut near = near.to_vec();
        near.sort_by(|a, b| self.value(b.lines).total_cmp(&self.value(a.lines)));
        let saving = |part: &Part| (self.saving)(near[0].place, part.place);
        let joined = near.iter().skip(1).position(|part| saving(part).is_some()).map(|place| place + 1);
        let mut score: f64 = near.iter().map(|part| (self.near_cost)(part.place, part.lines)).sum();
        score -= joined.and_then(|place| saving(&near[place])).unwrap_or(0.0);
        score += self.rule.penalty * (parts - 1 - usize::from(joined.is_some())) as f64;
        if far != 0 {
            let total = self.value(self.all());
            let share = if total > 0.0 { self.value(far) / total } else { 0.0 };
            score += self.far_cost + self.rule.far_wait * share;
        }
        Some(Split { near, joined, far, score })
    }

    /// Stores one after the other, each the one with most new lines for each yuan that it adds; ties to the lower id.
    fn greedy_cover(&self) -> Vec<Part> {
        let mut cover: Vec<Part> = Vec::new();
        let mut left = self.all();
        while cover.len() < self.rule.max_stores && left != 0 {
            let mut best: Option<(f64, Part)> = None;
            for (place, candidate) in self.candidates.iter().enumerate() {
                let lines = candidate.has & left;
                if !self.is_enough(lines) || cover.iter().any(|part| part.place == place) {
                    continue;
                }
                let shared = cover.first().and_then(|first| (self.saving)(first.place, place));
                let added = (self.near_cost)(place, lines) + shared.map_or(self.rule.penalty, |saving| -saving);
                let gain = f64::from(lines.count_ones()) / added.max(1e-9);
                let better = best.is_none_or(|(most, part)| {
                    gain > most || (gain == most && candidate.store < self.candidates[part.place].store)
                });
                if better {
                    best = Some((gain, Part { place, lines }));
                }
            }
            let Some((_, part)) = best else { break };
            left &= !part.lines;
            cover.push(part);
        }
        cover
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{EntityStream, Purpose, Streams};
    use rand::RngExt;

    const RULE: Rule = Rule { max_stores: 2, far_rest: true, min_near_value: 10.0, penalty: 4.0, far_wait: 30.0 };

    fn candidates(has: &[Lines]) -> Vec<Candidate> {
        has.iter().enumerate().map(|(i, &has)| Candidate { store: StoreId(i as u32), has }).collect()
    }

    /// Nine yuan a part from any store, seven a parcel.
    fn split(values: &[f64], has: &[Lines], rule: Rule, whole: Whole) -> Option<Split> {
        let candidates = candidates(has);
        let near_cost = |_: usize, _: Lines| 9.0;
        Basket { values, candidates: &candidates, near_cost, saving: &apart, far_cost: 7.0, rule }.split(whole)
    }

    /// No two stores are close.
    fn apart(_: usize, _: usize) -> Option<f64> {
        None
    }

    fn part(place: usize, lines: Lines) -> Part {
        Part { place, lines }
    }

    #[test]
    fn two_stores_share_what_none_has_alone() {
        let found = split(&[20.0, 30.0], &[0b01, 0b10], RULE, Whole::Far).unwrap();
        // The more valuable part leads; 9 + 9 + 4.
        assert_eq!(found, Split { near: vec![part(1, 0b10), part(0, 0b01)], joined: None, far: 0, score: 22.0 });
        assert_eq!(found.parts(), 2);
    }

    #[test]
    fn what_no_store_has_comes_as_a_parcel() {
        let found = split(&[20.0, 30.0, 50.0], &[0b001, 0b101], RULE, Whole::Far).unwrap();
        // 9 + 7 + 4, and 30 yuan times three tenths of the value.
        assert_eq!(found, Split { near: vec![part(1, 0b101)], joined: None, far: 0b010, score: 29.0 });
    }

    #[test]
    fn an_order_stays_whole_where_that_scores_no_worse() {
        let stores = &[0b01, 0b10][..];
        let values = &[20.0, 30.0][..];
        assert_eq!(split(values, stores, RULE, Whole::Near(22.0)), None);
        assert!(split(values, stores, RULE, Whole::Near(22.1)).is_some());
        assert_eq!(split(values, stores, Rule { far_wait: 15.0, ..RULE }, Whole::Far), None);
        assert!(split(values, stores, Rule { far_wait: 0.0, ..RULE }, Whole::Refused).is_some());
        assert_eq!(split(values, &[0b11], RULE, Whole::Refused), None, "a store that has all of it is no split");
        assert_eq!(split(values, &[], RULE, Whole::Far), None);
    }

    #[test]
    fn parts_of_little_value_are_not_brought() {
        assert_eq!(split(&[9.0, 91.0], &[0b01], RULE, Whole::Far), None);
        let alone = split(&[9.0, 91.0], &[0b10, 0b01], RULE, Whole::Far).unwrap();
        assert_eq!((alone.near, alone.far), (vec![part(0, 0b10)], 0b01));
    }

    #[test]
    fn the_rule_says_how_many_stores_and_whether_a_parcel() {
        let values = &[20.0, 20.0, 20.0][..];
        let stores = &[0b001, 0b010, 0b100][..];
        let wait = Rule { far_wait: 300.0, ..RULE };
        let shape = |rule| split(values, stores, rule, Whole::Far).map(|found| (found.near.len(), found.far != 0));
        assert_eq!(shape(Rule { max_stores: 1, ..wait }), Some((1, true)));
        assert_eq!(shape(wait), Some((2, true)));
        assert_eq!(shape(Rule { max_stores: 3, ..wait }), Some((3, false)));
        assert_eq!(shape(Rule { far_rest: false, ..wait }), None);
    }

    #[test]
    fn equal_stores_give_way_to_the_lower_id() {
        let candidates = [
            Candidate { store: StoreId(7), has: 0b011 },
            Candidate { store: StoreId(3), has: 0b011 },
            Candidate { store: StoreId(9), has: 0b100 },
        ];
        let near_cost = |_: usize, _: Lines| 9.0;
        let basket = Basket {
            values: &[20.0; 3],
            candidates: &candidates,
            near_cost,
            saving: &apart,
            far_cost: 7.0,
            rule: RULE,
        };
        assert_eq!(basket.split(Whole::Refused).unwrap().near, [part(1, 0b011), part(2, 0b100)]);
    }

    #[test]
    fn stores_close_to_each_other_share_a_courier_and_are_one_delivery() {
        let candidates = candidates(&[0b001, 0b010, 0b100]);
        let near_cost = |_: usize, _: Lines| 9.0;
        // The second and third store are neighbours.
        let saving = |a: usize, b: usize| (a + b == 3).then_some(1.5);
        let rule = Rule { max_stores: 3, far_rest: false, ..RULE };
        let basket =
            |values| Basket { values, candidates: &candidates, near_cost, saving: &saving, far_cost: 7.0, rule };
        let found = basket(&[20.0, 30.0, 40.0]).split(Whole::Refused).unwrap();
        // Three parts in two deliveries: 27 - 1.5 + 4.
        assert_eq!((found.near[0], found.joined, found.score), (part(2, 0b100), Some(1), 29.5));
        let found = basket(&[90.0, 30.0, 40.0]).split(Whole::Refused).unwrap();
        assert_eq!(
            (found.near[0], found.joined, found.score),
            (part(0, 0b001), None, 35.0),
            "the first has no neighbour"
        );
    }

    /// The least score of all ways to give every line to a store that has it or to the parcel.
    fn brute_force<F: Fn(usize, Lines) -> f64>(basket: &Basket<'_, F>) -> f64 {
        let stores = basket.candidates.len();
        let mut least = f64::INFINITY;
        for mut code in 0..(stores + 1).pow(basket.values.len() as u32) {
            let mut lines = vec![0; stores + 1];
            for line in 0..basket.values.len() {
                lines[code % (stores + 1)] |= 1 << line;
                code /= stores + 1;
            }
            let parts: Vec<Part> =
                (0..stores).filter(|&place| lines[place] != 0).map(|place| part(place, lines[place])).collect();
            let held =
                parts.iter().all(|p| p.lines & !basket.candidates[p.place].has == 0 && basket.is_enough(p.lines));
            if held
                && !parts.is_empty()
                && parts.len() <= basket.rule.max_stores
                && let Some(split) = basket.scored(&parts)
            {
                least = least.min(split.score);
            }
        }
        least
    }

    #[test]
    fn the_choice_is_never_better_and_seldom_worse_than_the_best_of_all_ways() {
        let streams = Streams::new(3, 0).purpose(Purpose::Basket);
        let (mut cases, mut equal, mut excess) = (0, 0, 0.0);
        for case in 0..800 {
            let mut rng = streams.of(case);
            let pick = |rng: &mut EntityStream, n: u32| rng.random_range(0..n);
            let values: Vec<f64> = (0..2 + pick(&mut rng, 4)).map(|_| f64::from(5 + pick(&mut rng, 60))).collect();
            let all: Lines = (1 << values.len()) - 1;
            let has: Vec<Lines> = (0..1 + pick(&mut rng, 4)).map(|_| rng.random::<Lines>() & all).collect();
            let has: Vec<Lines> = has.into_iter().filter(|lines| *lines != all && *lines != 0).collect();
            let fixed: Vec<f64> = has.iter().map(|_| 7.0 + f64::from(pick(&mut rng, 40)) / 10.0).collect();
            let near_cost = |place: usize, lines: Lines| fixed[place] + 0.5 * f64::from(lines.count_ones());
            let rule = Rule { max_stores: 1 + pick(&mut rng, 3) as usize, far_rest: pick(&mut rng, 2) == 0, ..RULE };
            let candidates = candidates(&has);
            let basket =
                Basket { values: &values, candidates: &candidates, near_cost, saving: &apart, far_cost: 7.0, rule };
            let (best, found) = (brute_force(&basket), basket.split(Whole::Refused));
            if best.is_infinite() {
                assert_eq!(found, None, "case {case}");
                continue;
            }
            let Some(found) = found else { continue };
            let served = found.near.iter().fold(found.far, |lines, part| lines + part.lines);
            assert_eq!(served, all, "case {case}: the parts are the basket, {found:?}");
            assert!(found.score >= best - 1e-9, "case {case}");
            cases += 1;
            equal += usize::from(found.score <= best + 1e-9);
            excess += found.score / best - 1.0;
        }
        assert!(cases > 200, "{cases} cases");
        assert!(equal * 100 >= cases * 85, "{equal} of {cases} as good as the best");
        assert!(excess / (cases as f64) < 0.01, "{excess} more over {cases} cases");
    }
}
