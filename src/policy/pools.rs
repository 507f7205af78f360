//! Two pools at one site: how a store divides what it holds of a SKU between walk-ins and orders.

use super::replenishment::Levels;

/// Units that walk-ins get of a shelf, in proportion to expected demand, rounded to whole units; all of them if nobody
/// else is expected, none if no walk-ins are.
pub fn walk_in_units(units: u32, walk_in_share: f64) -> u32 {
    ((f64::from(units) * walk_in_share).round() as u32).min(units)
}

/// The levels of orders and of walk-ins that add up to those of one shelf, but that a batch has a unit at least. A pool of
/// which nothing is expected has none.
pub fn divided(levels: Levels, walk_in_share: f64) -> [Levels; 2] {
    let part = |units| walk_in_units(units, walk_in_share);
    if walk_in_share <= 0.0 {
        return [levels, Levels::default()];
    }
    if walk_in_share >= 1.0 {
        return [Levels::default(), levels];
    }
    let Levels { reorder, target, batch } = levels;
    let walk_ins = Levels { reorder: part(reorder), target: part(target), batch: part(batch).max(1) };
    let rest = (reorder - walk_ins.reorder, target - walk_ins.target, batch.saturating_sub(part(batch)).max(1));
    [Levels { reorder: rest.0, target: rest.1, batch: rest.2 }, walk_ins]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shelf_is_divided_by_expected_demand_in_whole_units_that_add_up() {
        assert_eq!([0.0, 0.24, 0.25, 0.5, 1.0].map(|share| walk_in_units(10, share)), [0, 2, 3, 5, 10]);
        // One unit stays with those who expect more.
        assert_eq!([0.49, 0.51].map(|share| walk_in_units(1, share)), [0, 1]);
        let whole = Levels { reorder: 5, target: 12, batch: 7 };
        let [orders, walk_ins] = divided(whole, 0.4);
        assert_eq!(walk_ins, Levels { reorder: 2, target: 5, batch: 3 });
        assert_eq!(orders, Levels { reorder: 3, target: 7, batch: 4 });
        assert_eq!(divided(whole, 0.0), [whole, Levels::default()]);
        assert_eq!(divided(whole, 1.0), [Levels::default(), whole]);
        let least = divided(Levels { reorder: 0, target: 1, batch: 1 }, 0.5);
        assert_eq!(least.map(|levels| levels.batch), [1, 1]);
    }
}
