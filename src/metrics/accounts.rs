//! What KPIs of money and carbon are made of: sums in whole fen and milligrams, read from the tables of one replication.

use super::MetricsError;
use super::rows::{Columns, Rows};
use polars::prelude::DataFrame;

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
    /// What no delivered order bears, fixed cost left out: pay of couriers, picking, transfers.
    pub unallocated_variable_fen: i64,
}

impl Accounts {
    pub(super) fn new(orders: &Rows, couriers: &DataFrame, stores: &DataFrame) -> Result<Accounts, MetricsError> {
        let of = |channel: &str| orders.with("channel", channel);
        let couriers = Rows::all(couriers);
        let of_parcels = |only: bool| couriers.flagged("parcels_only", only);
        let (pay, sites) = (couriers.fen("unallocated_yuan")?, stores.fen("unallocated_yuan")?);
        let sum = |column: &str| orders.fen(column);
        Ok(Accounts {
            near: ChannelAccounts::new(&of("near")?, &of_parcels(false)?)?,
            far: ChannelAccounts::new(&of("far")?, &of_parcels(true)?)?,
            pickup: ChannelAccounts::new(&of("pickup")?, &couriers.none())?,
            all: ChannelAccounts::new(orders, &couriers)?,
            platform_fen: sum("contribution_platform_yuan")? - pay,
            merchant_fen: sum("contribution_merchant_yuan")? - sites,
            contribution_fen: sum("contribution_yuan")?
                + couriers.fen("contribution_yuan")?
                + stores.fen("contribution_yuan")?,
            stores_contribution_fen: stores.fen("contribution_yuan")?,
            margin_fen: sum("margin_yuan")?,
            subsidy_fen: sum("discount_yuan")? + sum("fee_waived_yuan")? + sum("cost_late_yuan")?,
            unallocated_variable_fen: pay + stores.fen("unallocated_variable_yuan")?,
        })
    }
    pub(super) fn system_fen(&self) -> i64 {
        self.platform_fen + self.merchant_fen
    }
}

impl ChannelAccounts {
    fn new(orders: &Rows, couriers: &Rows) -> Result<ChannelAccounts, MetricsError> {
        let delivered = orders.with("status", "delivered")?;
        let planned = delivered.known("cost_site_constant_volume_yuan")?.len() == delivered.len();
        Ok(ChannelAccounts {
            cost_fen: delivered.fen("cost_yuan")?,
            site_fen: delivered.fen("cost_site_yuan")?,
            site_constant_fen: match planned {
                true => Some(delivered.fen("cost_site_constant_volume_yuan")?),
                false => None,
            },
            co2e_mg: delivered.total_thousandths("co2e_g")?,
            co2e_unallocated_mg: couriers.total_thousandths("co2e_unallocated_g")?,
            delivered_gmv_fen: delivered.fen("value_yuan")?,
            contribution_fen: delivered.fen("contribution_yuan")? + couriers.fen("contribution_yuan")?,
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
