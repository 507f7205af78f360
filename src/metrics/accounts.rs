//! What KPIs of money and carbon are made of: sums in whole fen and milligrams, read from the tables of one replication.

use super::MetricsError;
use super::measures::{fen, thousandths};
use polars::prelude::*;

/// Sums over the delivered orders of one channel.
#[derive(Default)]
pub(super) struct ChannelAccounts {
    pub cost_fen: i64,
    pub site_fen: i64,
    /// None if no volume is planned.
    pub site_constant_fen: Option<i64>,
    pub co2e_mg: i64,
    /// Of couriers' rides that no delivered order bears.
    pub co2e_unallocated_mg: i64,
    pub delivered_gmv_fen: i64,
    /// Contribution of the delivered orders, less the courier pay that none of them bears.
    pub contribution_fen: i64,
}

/// Money and carbon of one replication.
#[derive(Default)]
pub(super) struct Accounts {
    pub near: ChannelAccounts,
    pub far: ChannelAccounts,
    pub pickup: ChannelAccounts,
    /// Of all channels.
    pub all: ChannelAccounts,
    pub platform_fen: i64,
    pub merchant_fen: i64,
    /// Of `money.perspective`, like the two above less the cost that no delivered order bears.
    pub contribution_fen: i64,
    /// What fixed cost that no delivered order bears takes off that.
    pub stores_contribution_fen: i64,
    pub margin_fen: i64,
    /// Discounts, fees waived and late compensation.
    pub subsidy_fen: i64,
    /// Guaranteed pay that no delivered order bears.
    pub unallocated_pay_fen: i64,
}

impl Accounts {
    pub(super) fn new(orders: &DataFrame, couriers: &DataFrame, stores: &DataFrame) -> Result<Accounts, MetricsError> {
        let of = |channel: &str| orders.filter_seq(&orders.column("channel")?.str()?.equal(channel));
        let parcels_only = couriers.column("parcels_only")?.bool()?;
        let (pay, sites) = (fen(couriers, "unallocated_yuan")?, fen(stores, "unallocated_yuan")?);
        let sum = |column: &str| fen(orders, column);
        Ok(Accounts {
            near: ChannelAccounts::new(&of("near")?, &couriers.filter_seq(&!parcels_only)?)?,
            far: ChannelAccounts::new(&of("far")?, &couriers.filter_seq(parcels_only)?)?,
            pickup: ChannelAccounts::new(&of("pickup")?, &couriers.clear())?,
            all: ChannelAccounts::new(orders, couriers)?,
            platform_fen: sum("contribution_platform_yuan")? - pay,
            merchant_fen: sum("contribution_merchant_yuan")? - sites,
            contribution_fen: sum("contribution_yuan")?
                + fen(couriers, "contribution_yuan")?
                + fen(stores, "contribution_yuan")?,
            stores_contribution_fen: fen(stores, "contribution_yuan")?,
            margin_fen: sum("margin_yuan")?,
            subsidy_fen: sum("discount_yuan")? + sum("fee_waived_yuan")? + sum("cost_late_yuan")?,
            unallocated_pay_fen: pay,
        })
    }
    pub(super) fn system_fen(&self) -> i64 {
        self.platform_fen + self.merchant_fen
    }
}

impl ChannelAccounts {
    fn new(orders: &DataFrame, couriers: &DataFrame) -> Result<ChannelAccounts, MetricsError> {
        let delivered = orders.filter_seq(&orders.column("status")?.str()?.equal("delivered"))?;
        let planned = delivered.column("cost_site_constant_volume_yuan")?.null_count() == 0;
        let sum = |table: &DataFrame, column: &str| -> PolarsResult<i64> {
            Ok(thousandths(table, column)?.into_iter().sum())
        };
        Ok(ChannelAccounts {
            cost_fen: fen(&delivered, "cost_yuan")?,
            site_fen: fen(&delivered, "cost_site_yuan")?,
            site_constant_fen: match planned {
                true => Some(fen(&delivered, "cost_site_constant_volume_yuan")?),
                false => None,
            },
            co2e_mg: sum(&delivered, "co2e_g")?,
            co2e_unallocated_mg: sum(couriers, "co2e_unallocated_g")?,
            delivered_gmv_fen: fen(&delivered, "value_yuan")?,
            contribution_fen: fen(&delivered, "contribution_yuan")? + fen(couriers, "contribution_yuan")?,
        })
    }
    /// All carbon of the channel.
    pub(super) fn all_co2e_mg(&self) -> i64 {
        self.co2e_mg + self.co2e_unallocated_mg
    }
    /// What the orders cost in the view at constant volume; None without a plan.
    pub(super) fn constant_cost_fen(&self) -> Option<i64> {
        self.site_constant_fen.map(|constant| self.cost_fen - self.site_fen + constant)
    }
}
