//! Contribution margin of every delivered order, in whole fen, as the platform, the merchants and both together see it.
//!
//! ```text
//!              earns                                   pays
//!  platform    delivery fee, commission                the way to the consumer (courier; line haul and last mile of
//!                                                      a parcel), late compensation
//!  merchant    margin on goods that are kept           discount on them, commission, bringing goods to a store, picking,
//!                                                      packaging, site, returns
//!  system      both together: the commission cancels out
//! ```
//! Whoever takes the fee pays the way it is paid for. What no delivered order bears falls on whoever pays such costs: the
//! guarantee of idle couriers on the platform, the fixed cost of idle stores on the merchants.

use super::cost::OrderCost;
use super::facts::OrderFacts;
use super::revenue::OrderRevenue;
use crate::city::{Channel, City};
use crate::event::{FarOrigin, Placement};
use crate::scenario::{Perspective, Scenario};
use crate::units::Money;

/// What one order earned; all zero unless delivered.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(super) struct OrderMoney {
    /// Margin on the goods, nothing if they came back.
    pub margin: Money,
    /// Taken off the list price of goods that are kept and paid for.
    pub discount: Money,
    pub platform: Money,
    pub merchant: Money,
    /// Delivery fee waived because the basket was large enough.
    pub fee_waived: Money,
    /// Site cost in the view at constant volume; None where no volume is planned.
    pub site_constant: Option<Money>,
}

impl OrderMoney {
    pub(super) fn system(&self) -> Money {
        self.platform + self.merchant
    }
    pub(super) fn of(&self, perspective: Perspective) -> Money {
        match perspective {
            Perspective::Platform => self.platform,
            Perspective::Merchant => self.merchant,
            Perspective::System => self.system(),
        }
    }
}

/// Works out what orders earn.
pub(super) struct Ledger<'a> {
    scenario: &'a Scenario,
    /// Fixed cost of near stores over planned near orders.
    site_constant: Option<Money>,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(scenario: &'a Scenario, city: &City) -> Self {
        let near = city.stores.iter().filter(|store| store.channel == Channel::Near);
        let fixed_per_day: Money = near.map(|store| store.fixed_cost_per_day).sum();
        let planned = scenario.planned_near_orders_per_day();
        let site_constant = planned.map(|orders| Money::from_yuan(fixed_per_day.yuan() / orders));
        Ledger { scenario, site_constant }
    }

    /// `fee_basis` is the value by which the delivery fee is asked; None: another part of the order pays it.
    pub(super) fn of(
        &self,
        order: &OrderFacts,
        placement: &Placement,
        cost: &OrderCost,
        revenue: OrderRevenue,
        fee_basis: Option<Money>,
    ) -> OrderMoney {
        if order.delivered.is_none() {
            return OrderMoney::default();
        }
        let category = self.scenario.catalogue.categories.get(placement.category.index());
        let part = |share: f64| Money::from_yuan(order.value_kept().yuan() * share);
        let share = if order.returned { 0.0 } else { category.map_or(0.0, |category| category.gross_margin_share) };
        let discount = match order.channel {
            Channel::Pickup if !order.returned => Money::from_yuan(self.scenario.pickup.discount_yuan),
            _ => part(self.discount_share(order, cost)),
        };
        let margin = part(share);
        let way = cost.last_mile + cost.line_haul - self.inbound(order);
        let platform = revenue.fee + revenue.commission - way - cost.late;
        OrderMoney {
            margin,
            discount,
            platform,
            merchant: margin + revenue.fee - discount - cost.total() - platform,
            fee_waived: self.fee_waived(order, fee_basis),
            site_constant: match order.channel {
                Channel::Near | Channel::Pickup => self.site_constant,
                Channel::Far => Some(cost.site),
            },
        }
    }

    /// Bringing the goods to a store, which is part of the line haul.
    fn inbound(&self, order: &OrderFacts) -> Money {
        let through_store = match order.channel {
            Channel::Near | Channel::Pickup => true,
            Channel::Far => matches!(order.far_origin, Some(FarOrigin::Store(_))),
        };
        if through_store { Money::from_yuan(self.scenario.cost.near_inbound_yuan) } else { Money::ZERO }
    }

    /// Nothing where the consumer has the price back: the goods were sent back, or came so late that they are free.
    fn discount_share(&self, order: &OrderFacts, cost: &OrderCost) -> f64 {
        let price = &self.scenario.price;
        match order.channel {
            _ if order.returned || cost.late >= order.value_kept() => 0.0,
            Channel::Near => price.near_discount_share,
            Channel::Far => price.far_discount_share,
            Channel::Pickup => 0.0,
        }
    }

    fn fee_waived(&self, order: &OrderFacts, fee_basis: Option<Money>) -> Money {
        let price = &self.scenario.price;
        let large = fee_basis.is_some_and(|value| value >= Money::from_yuan(price.near_free_basket_yuan));
        let free = order.is_near() && large;
        if free { Money::from_yuan(price.near_fee_yuan) } else { Money::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Frames;
    use super::*;
    use crate::event::Event;
    use crate::testing::{Run, small_run};
    use crate::units::{OrderId, StoreId};

    fn fen(run: &Run, column: &str) -> Vec<Option<i64>> {
        let orders = Frames::from_log(&run.scenario, &run.city, &run.log, 0).unwrap().orders;
        let yuan = orders.column(column).unwrap().f64().unwrap();
        yuan.iter().map(|yuan| yuan.map(|yuan| (yuan * 100.0).round() as i64)).collect()
    }

    #[test]
    fn who_earns_and_pays_what_is_as_worked_out_by_hand() {
        let run = small_run();
        // A margin of .24; order 1 comes back, orders 3, 5 and 6 are never delivered.
        assert_eq!(fen(&run, "margin_yuan"), [Some(2400), Some(0), Some(4800), None, Some(480), None, None]);
        // Commission 6.00, courier 9.41 · none of it kept, courier 10.60, compensation 3.00 · commission 10.00, parcel
        // 3.00 + 1.50 · commission 1.00, parcel 2.00 + 1.50.
        let platform = [Some(600 - 941), Some(-1060 - 300), Some(1000 - 450), None, Some(100 - 350), None, None];
        assert_eq!(fen(&run, "contribution_platform_yuan"), platform);
        // Margin less commission, picking, inbound, packaging, site and, of order 1, the return.
        let merchant = [
            Some(2400 - 600 - 208 - 60 - 80 - 1001),
            Some(-167 - 60 - 80 - 1000 - 900),
            Some(4800 - 1000 - 200 - 100 - 50),
            None,
            Some(480 - 100 - 200 - 100 - 50),
            None,
            None,
        ];
        assert_eq!(fen(&run, "contribution_merchant_yuan"), merchant);
    }

    #[test]
    fn the_system_is_platform_and_merchant_and_the_report_shows_whom_it_is_asked_for() {
        let mut run = small_run();
        let (platform, merchant) = (fen(&run, "contribution_platform_yuan"), fen(&run, "contribution_merchant_yuan"));
        let both = platform.iter().zip(&merchant).map(|(a, b)| Some((*a)? + (*b)?)).collect::<Vec<_>>();
        assert_eq!(fen(&run, "contribution_system_yuan"), both);
        for (perspective, expected) in
            [(Perspective::System, both), (Perspective::Platform, platform), (Perspective::Merchant, merchant)]
        {
            run.scenario.money.perspective = perspective;
            assert_eq!(fen(&run, "contribution_yuan"), expected);
        }
    }

    #[test]
    fn the_merchant_bears_the_discount_unless_the_price_is_given_back() {
        let mut run = small_run();
        let before = fen(&run, "contribution_merchant_yuan");
        let platform = fen(&run, "contribution_platform_yuan");
        (run.scenario.price.near_discount_share, run.scenario.price.far_discount_share) = (0.05, 0.1);
        let discounts = [Some(500), Some(0), Some(2000), None, Some(200), None, None];
        assert_eq!(fen(&run, "discount_yuan"), discounts);
        let after: Vec<_> = before.iter().zip(discounts).map(|(a, b)| Some((*a)? - b?)).collect();
        assert_eq!(fen(&run, "contribution_merchant_yuan"), after);
        assert_eq!(fen(&run, "contribution_platform_yuan"), platform);
        // A very late order that stays is free.
        run.log.records.retain(|record| !matches!(record.event, Event::OrderReturned { .. }));
        assert_eq!(fen(&run, "discount_yuan")[1], Some(250));
        run.scenario.cost.late_free_after_min = Some(4.9);
        assert_eq!(fen(&run, "discount_yuan")[1], Some(0));
    }

    #[test]
    fn an_order_in_parts_pays_or_is_spared_one_fee_by_the_value_of_all_of_it() {
        let mut run = small_run();
        // 50 yuan near and 200 by parcel; 100 yuan alone is too little.
        run.log.placements[2].part_of = Some(OrderId(1));
        run.scenario.price.near_free_basket_yuan = 150.0;
        let waived = [Some(0), Some(300), Some(0), None, Some(0), None, None];
        assert_eq!(fen(&run, "fee_waived_yuan"), waived);
        assert_eq!(fen(&run, "fee_yuan")[..3], [Some(300), Some(0), Some(0)]);
        run.scenario.price.near_free_basket_yuan = 251.0;
        run.scenario.price.far_fee_yuan = 7.0;
        assert_eq!(fen(&run, "fee_waived_yuan")[..3], [Some(0), Some(0), Some(0)]);
        assert_eq!(fen(&run, "fee_yuan")[..3], [Some(300), Some(300), Some(0)]);
        assert_eq!(fen(&run, "fee_yuan")[4], Some(700), "a whole parcel has its fee");
        (run.scenario.price.near_discount_share, run.scenario.price.far_discount_share) = (0.05, 0.1);
        run.log.records.retain(|record| !matches!(record.event, Event::OrderReturned { .. }));
        assert_eq!(fen(&run, "discount_yuan")[1..3], [Some(250), Some(2000)], "each part by its own value");
    }

    #[test]
    fn the_merchant_brings_goods_to_a_store_that_sends_a_parcel() {
        let mut run = small_run();
        for record in &mut run.log.records {
            if let Event::OrderSentFar { order: OrderId(2), from, .. } = &mut record.event {
                *from = FarOrigin::Store(StoreId(0));
            }
        }
        // The platform still pays 3.00 + 1.50, not the inbound .60 in the line haul of 3.60.
        assert_eq!(fen(&run, "contribution_platform_yuan")[2], Some(1000 - 450));
    }

    #[test]
    fn fixed_cost_at_constant_volume_does_not_depend_on_the_orders_of_the_day() {
        let mut run = small_run();
        run.scenario.money.constant_volume_near_orders_per_day = Some(100.0);
        // 240.12 + 120 yuan a day of two near stores over 100 orders; parcels as they are.
        let expected = [Some(360), Some(360), Some(50), None, Some(50), None, None];
        assert_eq!(fen(&run, "cost_site_constant_volume_yuan"), expected);
        run.scenario.money.constant_volume_near_orders_per_day = None;
        run.scenario.demand.source = crate::scenario::DemandSource::Trace;
        assert_eq!(fen(&run, "cost_site_constant_volume_yuan")[..3], [None, None, Some(50)]);
    }
}
