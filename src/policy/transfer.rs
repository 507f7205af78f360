//! What stores send each other of a SKU when some of them have none left.

/// One SKU at one store.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Holding {
    /// Units that may be sent away.
    pub units: u32,
    /// Units on their way from another store.
    pub coming: u32,
    /// Units that it keeps when it gives, and is brought when it has none; 0 where the SKU is not carried.
    pub kept: u32,
}

/// So many units go from one store to another, both by their number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Move {
    /// Who gives.
    pub from: u32,
    /// Who receives.
    pub to: u32,
    /// How many.
    pub units: u32,
}

/// Who sends what: store by store, whoever carries the SKU but has no unit and none coming receives what it would keep from
/// the first of its neighbours (`reach`, by store, nearest first) that has more than it keeps, but at most half of that
/// surplus in whole units. What was given at this review counts as gone.
pub fn moves(holdings: &mut [Holding], reach: &[Vec<u32>]) -> Vec<Move> {
    let mut moves = Vec::new();
    for (to, neighbours) in reach.iter().enumerate() {
        let Holding { units: 0, coming: 0, kept: wanted } = holdings[to] else { continue };
        let offered = |from: &u32| {
            let giver = holdings[*from as usize];
            (giver.units.saturating_sub(giver.kept) / 2).min(wanted)
        };
        let giver = neighbours.iter().map(|from| (*from, offered(from))).find(|(_, units)| *units > 0);
        if let Some((from, units)) = giver {
            holdings[from as usize].units -= units;
            holdings[to].coming += units;
            moves.push(Move { from, to: to as u32, units });
        }
    }
    moves
}

/// Units that a store keeps: the demand expected in so many days, in whole units, and one at least.
pub fn kept(units_per_day: f64, days: f64) -> u32 {
    (units_per_day * days).ceil().clamp(1.0, 30_000.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(holdings: &[(u32, u32, u32)], reach: &[&[u32]]) -> Vec<(u32, u32, u32)> {
        let mut holdings: Vec<Holding> = holdings
            .iter()
            .map(|(units, coming, kept)| Holding { units: *units, coming: *coming, kept: *kept })
            .collect();
        let before: u32 = holdings.iter().map(|h| h.units + h.coming).sum();
        let moves = moves(&mut holdings, &reach.iter().map(|near| near.to_vec()).collect::<Vec<_>>());
        assert_eq!(holdings.iter().map(|h| h.units + h.coming).sum::<u32>(), before, "units are conserved");
        moves.iter().map(|m| (m.from, m.to, m.units)).collect()
    }

    #[test]
    fn who_has_none_receives_from_the_nearest_who_has_more_than_it_keeps() {
        // Store 1 has just what it keeps; of the surplus of store 2, seven, three may go.
        assert_eq!(sent(&[(0, 0, 5), (4, 0, 4), (10, 0, 3)], &[&[1, 2], &[], &[]]), [(2, 0, 3)]);
        // No more than the receiver would keep.
        assert_eq!(sent(&[(0, 0, 2), (10, 0, 3)], &[&[1], &[0]]), [(1, 0, 2)]);
        // A surplus of one has no whole half.
        assert_eq!(sent(&[(0, 0, 2), (4, 0, 3)], &[&[1], &[0]]), []);
        // Out of reach.
        assert_eq!(sent(&[(0, 0, 2), (40, 0, 3)], &[&[], &[0]]), []);
    }

    #[test]
    fn nobody_receives_who_has_some_expects_some_or_does_not_carry_it() {
        for holding in [(1, 0, 5), (0, 1, 5), (0, 0, 0)] {
            assert_eq!(sent(&[holding, (40, 0, 3)], &[&[1], &[0]]), [], "{holding:?}");
        }
    }

    #[test]
    fn lower_numbers_come_first_and_what_was_given_is_gone() {
        // Of a surplus of eight four go, of the four that are left two, and of two one.
        let given = sent(&[(0, 0, 9), (0, 0, 9), (10, 0, 2), (0, 0, 9)], &[&[2], &[2], &[], &[2]]);
        assert_eq!(given, [(2, 0, 4), (2, 1, 2), (2, 3, 1)]);
        // What is on its way cannot be sent on.
        assert_eq!(sent(&[(0, 0, 9), (0, 40, 2)], &[&[1], &[0]]), []);
    }

    #[test]
    fn a_store_keeps_expected_demand_in_whole_units_and_one_at_least() {
        assert_eq!([(2.0, 1.5), (0.4, 3.0), (0.1, 1.0), (0.0, 1.0)].map(|(a, days)| kept(a, days)), [3, 2, 1, 1]);
    }
}
