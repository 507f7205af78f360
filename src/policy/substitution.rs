//! What a picker proposes to the consumer for a line that is not there.

use crate::units::{Money, SkuId};

/// Of the SKUs at hand with their prices, the one nearest in price to what was wanted; ties to the lower number.
pub fn nearest_in_price(wanted: Money, at_hand: impl Iterator<Item = (SkuId, Money)>) -> Option<SkuId> {
    at_hand.min_by_key(|(sku, price)| ((price.0 - wanted.0).abs(), *sku)).map(|(sku, _)| sku)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_price_wins_whether_above_or_below() {
        let of = |prices: &[i64]| {
            let at_hand = prices.iter().enumerate().map(|(sku, fen)| (SkuId(sku as u32), Money(*fen)));
            nearest_in_price(Money(1000), at_hand)
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[500, 1300, 800]), Some(SkuId(2)));
        assert_eq!(of(&[500, 1200, 800]), Some(SkuId(1)));
    }
}
