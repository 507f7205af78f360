//! Room: metrics. What people call a KPI, and its unit, in the language of a report. Tables keep the English names.

use super::definition;
use crate::scenario::Language;

/// The Chinese labels, by name.
const CHINESE: [(&str, &str); 131] = [
    ("ai_list_share", "AI 清单订单占比"),
    ("audit_violations", "审计违规数"),
    ("backordered_share", "等待补货的近场订单占比"),
    ("before_reroute_mean_min", "下单到送达：改派前"),
    ("bundle_size_mean", "每趟单量"),
    ("cancelled", "取消订单"),
    ("censored_orders", "结束时未完成订单"),
    ("click_to_door_mean_min", "下单到送达时长均值"),
    ("click_to_door_over_mean_min", "近场超时均值"),
    ("click_to_door_p50_min", "下单到送达时长中位数"),
    ("click_to_door_p90_min", "下单到送达时长 P90"),
    ("click_to_door_p95_min", "下单到送达时长 P95"),
    ("click_to_door_p99_min", "下单到送达时长 P99"),
    ("co2e_break_even_g", "近场相对远场的碳排放余量"),
    ("co2e_per_100_yuan_g", "每百元商品碳排放"),
    ("co2e_per_order_far_g", "远场单均碳排放"),
    ("co2e_per_order_g", "单均碳排放"),
    ("co2e_per_order_near_g", "近场单均碳排放"),
    ("co2e_per_order_pickup_g", "自提单均碳排放"),
    ("contribution_margin_after_markdown_per_order", "单均边际贡献（剩余库存全部折价）"),
    ("contribution_margin_per_order", "单均边际贡献"),
    ("contribution_margin_per_order_far", "远场单均边际贡献"),
    ("contribution_margin_per_order_merchant", "单均边际贡献（商家）"),
    ("contribution_margin_per_order_near", "近场单均边际贡献"),
    ("contribution_margin_per_order_platform", "单均边际贡献（平台）"),
    ("contribution_margin_per_order_system", "单均边际贡献（全链路）"),
    ("contribution_margin_yuan", "边际贡献"),
    ("conversion", "转化率"),
    ("converted_share", "近场改远场订单占比"),
    ("cost_per_order", "单均成本"),
    ("cost_per_order_constant_volume", "单均成本（固定单量口径）"),
    ("cost_per_order_far", "远场单均成本"),
    ("cost_per_order_near", "近场单均成本"),
    ("cost_per_order_near_constant_volume", "近场单均成本（固定单量口径）"),
    ("cost_per_order_pickup", "自提单均成本"),
    ("courier_below_minimum_pay_share", "低于最低收入的骑手占比"),
    ("courier_busy_share", "骑手带单时间占比"),
    ("courier_pay_gini", "骑手收入基尼系数"),
    ("courier_productive_share", "骑手带单时间占比（不含等待）"),
    ("courier_repositioning_share", "骑手空驶调度时间占比"),
    ("courier_utilisation", "骑手利用率"),
    ("courier_wait_approach_mean_min", "等骑手：到店途中"),
    ("courier_wait_assignment_mean_min", "等骑手：出发前"),
    ("courier_wait_mean_min", "下单到送达：等骑手"),
    ("critical_ratio", "库存临界比"),
    ("cross_border_share", "跨境远场订单占比"),
    ("days_of_cover", "库存可售天数"),
    ("delivered", "送达订单"),
    ("empty_km_share", "骑手空驶里程占比"),
    ("far_backlog_clear_h", "积压清空用时"),
    ("far_backlog_max_h", "中心仓最大积压工时"),
    ("far_backlog_max_orders", "中心仓最大积压"),
    ("far_backlog_over_12h_h", "积压超过 12 小时的时间"),
    ("far_lead_mean_h", "远场时长均值"),
    ("far_lead_p50_h", "远场时长中位数"),
    ("far_lead_p90_h", "远场时长 P90"),
    ("far_on_time_share", "远场准时率"),
    ("fill_rate_lines", "订单行满足率"),
    ("fill_rate_orders", "订单满足率"),
    ("fill_rate_units", "件数满足率"),
    ("gmv", "成交额 (GMV)"),
    ("goods_margin_per_order", "单均商品毛利"),
    ("hand_out_mean_min", "下单到送达：交接"),
    ("hand_over_mean_min", "下单到送达：上门交付"),
    ("km_per_order", "单均骑行里程"),
    ("lateness_mean_min", "近场迟到时长均值"),
    ("leftover_markdown_yuan", "剩余库存全部折价损失"),
    ("leftover_value_yuan", "门店剩余库存（成本价）"),
    ("lost_sales_gmv", "流失销售额"),
    ("lost_sales_gross_gmv", "挽回前流失销售额"),
    ("lost_sales_gross_units", "挽回前流失件数"),
    ("lost_sales_sessions_gmv", "流失访问的销售额"),
    ("lost_sales_units", "流失销售件数"),
    ("lost_sessions_no_near", "流失访问：无门店"),
    ("lost_sessions_none", "自然离开的访问"),
    ("lost_sessions_overload", "流失访问：过载"),
    ("lost_sessions_price", "流失访问：运费"),
    ("lost_sessions_stock_out", "流失访问：缺货"),
    ("near_availability", "近场可售率"),
    ("near_fallback_no_stock_share", "近场需求转远场率：缺货"),
    ("near_fallback_no_store_share", "近场需求转远场率：无门店"),
    ("near_fallback_rationed_share", "近场需求转远场率：为到店客流预留"),
    ("near_fallback_share", "近场需求转远场率"),
    ("near_share_gmv", "近场成交额占比"),
    ("near_share_orders", "近场单量占比"),
    ("near_share_units", "近场件数占比"),
    ("on_time_share", "近场准时率"),
    ("orders", "下单量"),
    ("orders_per_courier_hour", "每骑手小时单量"),
    ("orders_per_courier_hour_peak", "高峰每骑手小时单量"),
    ("overload_time_share", "限流时间占比"),
    ("parcels_per_order", "单均包裹数"),
    ("partly_delivered", "部分送达订单"),
    ("pick_mean_min", "下单到送达：拣货"),
    ("pickup_no_show_share", "自提未取率"),
    ("pickup_ready_mean_min", "自提备货时长均值"),
    ("pickup_ready_on_time_share", "自提备货准时率"),
    ("pickup_share", "自提单量占比"),
    ("pickup_share_gmv", "自提成交额占比"),
    ("pickup_walk_km_mean", "到店步行距离均值"),
    ("platform_revenue_per_order", "平台单均收入"),
    ("promise_error_mean_min", "承诺减实际时长均值"),
    ("promise_mean_min", "近场承诺时效均值"),
    ("queue_mean_min", "下单到送达：排队"),
    ("ready_to_door_mean_min", "备好到送达时长均值"),
    ("ready_to_pickup_mean_min", "备好到取货时长均值"),
    ("refunded_line_share", "近场退款行占比"),
    ("resourced_orders", "改派门店的订单"),
    ("return_share_far", "远场退货率"),
    ("return_share_near", "近场退货率"),
    ("revenue_less_cost_per_order", "单均收入减成本"),
    ("ride_mean_min", "下单到送达：骑行"),
    ("sessions", "访问次数"),
    ("ship_from_store_share", "门店发货的远场订单占比"),
    ("split_rate", "拆单率"),
    ("stock_out_rate", "缺货率"),
    ("stock_out_rate_demand", "需求遇缺货率"),
    ("stock_service_level", "门店库存服务水平"),
    ("subsidy_per_order", "单均补贴"),
    ("substituted_line_share", "近场替换行占比"),
    ("total_courier_pay", "骑手总收入"),
    ("transferred_units", "门店间调拨件数"),
    ("turned_away_share", "近场需求拒单率"),
    ("unallocated_cost", "未分摊成本"),
    ("undelivered", "未送达订单"),
    ("units_per_order_ai_list", "AI 清单单均件数"),
    ("units_per_order_other", "其他订单单均件数"),
    ("walk_in_lost_share", "到店需求流失率"),
    ("walk_in_units", "到店客流需求"),
    ("wave_hit_share", "赶上首波次的包裹占比"),
    ("wave_size_mean", "每轮连续单量"),
];

/// Units of KPIs and keys in Chinese.
const UNITS: [(&str, &str); 19] = [
    ("min", "分钟"),
    ("h", "小时"),
    ("km", "公里"),
    ("km/h", "公里/小时"),
    ("days", "天"),
    ("g/100 yuan", "克/百元"),
    ("g/order", "克/单"),
    ("km/order", "公里/单"),
    ("orders", "单"),
    ("orders/h", "单/小时"),
    ("orders/day", "单/天"),
    ("parts/order", "件包裹/单"),
    ("sessions", "次"),
    ("units", "件"),
    ("units/order", "件/单"),
    ("yuan", "元"),
    ("yuan/order", "元/单"),
    ("ratio", ""),
    ("violations", "项"),
];

/// The label of a KPI in a language; its name if there is no such KPI.
pub fn label_in(name: &str, language: Language) -> &str {
    let chinese = match language {
        Language::En => None,
        Language::Zh => CHINESE.binary_search_by(|(known, _)| (*known).cmp(name)).ok().map(|at| CHINESE[at].1),
    };
    chinese.or_else(|| definition(name).map(|definition| definition.label)).unwrap_or(name)
}

/// A unit in a language; as it stands if it needs no other words.
pub fn unit_in(unit: &str, language: Language) -> &str {
    match language {
        Language::En => unit,
        Language::Zh => UNITS.iter().find(|(known, _)| *known == unit).map_or(unit, |(_, words)| words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::KPIS;

    #[test]
    fn every_kpi_and_unit_has_its_words_in_chinese() {
        assert!(CHINESE.is_sorted_by(|a, b| a.0 < b.0), "found by halving");
        for kpi in KPIS {
            let label = label_in(kpi.name, Language::Zh);
            assert!(!label.is_ascii(), "{} has no label in Chinese", kpi.name);
            assert_eq!(label_in(kpi.name, Language::En), kpi.label);
            let known = matches!(kpi.unit, "share") || UNITS.iter().any(|(unit, _)| *unit == kpi.unit);
            assert!(known, "{}: {} has no words in Chinese", kpi.name, kpi.unit);
        }
        for (name, _) in CHINESE {
            assert!(definition(name).is_some(), "{name} is no KPI");
        }
    }
}
