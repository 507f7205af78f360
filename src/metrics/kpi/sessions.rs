//! KPIs of sessions: conversion, and why consumers left.

use super::Better::{Higher, Lower, Neither};
use super::{Definition, of_sessions, per, yuan};
use crate::event::LeaveReason;

pub(super) const SESSIONS: Definition = Definition {
    name: "sessions",
    unit: "sessions",
    better: Neither,
    label: "Sessions",
    formula: "Consumers who looked at what was on offer within the horizon (choice.model); no data where arrivals are orders.",
    compute: |m| of_sessions(m, |s| s.all as f64),
};

pub(super) const CONVERSION: Definition = Definition {
    name: "conversion",
    unit: "share",
    better: Higher,
    label: "Conversion",
    formula: "Orders placed / sessions, all channels.",
    compute: |m| of_sessions(m, |s| per(s.ordered as f64, s.all as f64)),
};

pub(super) const NEAR_AVAILABILITY: Definition = Definition {
    name: "near_availability",
    unit: "share",
    better: Higher,
    label: "Near availability",
    formula: "Sessions that a store could have served (open, within radius, every line in stock, taking orders) / sessions.",
    compute: |m| of_sessions(m, |s| per(s.near_offered as f64, s.all as f64)),
};

pub(super) const LOST_SESSIONS_PRICE: Definition = Definition {
    name: "lost_sessions_price",
    unit: "sessions",
    better: Lower,
    label: "Sessions lost: fee",
    formula: "Sessions left that had ordered near without the delivery fee, or for pick-up without its fee.",
    compute: |m| of_sessions(m, |s| s.left[LeaveReason::Price as usize] as f64),
};

pub(super) const LOST_SESSIONS_NO_NEAR: Definition = Definition {
    name: "lost_sessions_no_near",
    unit: "sessions",
    better: Lower,
    label: "Sessions lost: no store",
    formula: "Sessions left that saw no near offer and had ordered near at the usual promise and fee, no open store being within its radius.",
    compute: |m| of_sessions(m, |s| s.left[LeaveReason::NoNear as usize] as f64),
};

pub(super) const LOST_SESSIONS_STOCK_OUT: Definition = Definition {
    name: "lost_sessions_stock_out",
    unit: "sessions",
    better: Lower,
    label: "Sessions lost: stock-out",
    formula: "As lost_sessions_no_near, of sessions with open stores within radius that lacked a line or kept it for walk-ins.",
    compute: |m| of_sessions(m, |s| s.left[LeaveReason::StockOut as usize] as f64),
};

pub(super) const LOST_SESSIONS_OVERLOAD: Definition = Definition {
    name: "lost_sessions_overload",
    unit: "sessions",
    better: Lower,
    label: "Sessions lost: overload",
    formula: "As lost_sessions_no_near, of sessions whose store took no orders, or none from there, by overload control or its limits, or had no courier on duty.",
    compute: |m| of_sessions(m, |s| s.left[LeaveReason::Overload as usize] as f64),
};

pub(super) const LOST_SALES_SESSIONS_GMV: Definition = Definition {
    name: "lost_sales_sessions_gmv",
    unit: "yuan",
    better: Lower,
    label: "Sales lost with sessions",
    formula: "Sum over the sessions of lost_sessions_no_near, lost_sessions_stock_out and lost_sessions_overload of the mean basket of their category; beside lost_sales_gmv, which is of orders.",
    compute: |m| of_sessions(m, |s| yuan(s.lost_fen)),
};

pub(super) const LOST_SESSIONS_NONE: Definition = Definition {
    name: "lost_sessions_none",
    unit: "sessions",
    better: Neither,
    label: "Sessions left for no reason of ours",
    formula: "Sessions left that neither a waived fee nor a near offer had kept.",
    compute: |m| of_sessions(m, |s| s.left[LeaveReason::None as usize] as f64),
};
