//! Room: report. KPIs and units in words of either language, as charts say them.

use super::Look;
use crate::metrics::{label_in, unit_in};
use crate::scenario::Language;
use std::borrow::Cow;

/// What people call a KPI: its label in the language of the look, or its name if it is no KPI of ours.
pub fn kpi_label<'a>(look: &Look, name: &'a str) -> &'a str {
    label_in(name, look.language)
}

/// The same by the language alone.
pub fn label_in(name: &str, language: Language) -> &str {
    let english = || definition(name).map_or(name, |definition| definition.label);
    match language {
        Language::En => english(),
        Language::Zh => chinese(name).unwrap_or_else(english),
    }
}

/// A unit in words by the language alone.
pub fn unit_in(unit: &str, language: Language) -> Cow<'_, str> {
    match language {
        Language::En => Cow::Borrowed(unit),
        Language::Zh => chinese_unit(unit),
    }
}

/// A unit of KPIs in words: `min`, `分钟`; `share`, `count` and codes of currencies stay as they are.
pub fn unit_words<'a>(look: &Look, unit: &'a str) -> Cow<'a, str> {
    unit_in(unit, look.language)
}

fn chinese_unit(unit: &str) -> Cow<'_, str> {
    let known = match unit {
        "s" => "秒",
        "g" => "克",
        "order" => "单",
        "parcels" => "件",
        "session" => "次",
        "points" => "个百分点",
        "ratio" => "比值",
        unit => unit_in(unit, look.language),
    };
    let known = if known == unit { "" } else { known };
    match (known, unit.split_once('/')) {
        ("", Some((money, "order"))) => Cow::Owned(format!("{}/单", chinese_unit(money))),
        ("", Some((amount, per))) => match per.strip_prefix("100 ") {
            Some(money) => Cow::Owned(format!("{}/100 {}", chinese_unit(amount), chinese_unit(money))),
            None => Cow::Owned(format!("{}/{}", chinese_unit(amount), chinese_unit(per))),
        },
        ("", None) => Cow::Borrowed(unit),
        (known, _) => Cow::Owned(known.to_owned()),
    }
}

fn chinese(name: &str) -> Option<&'static str> {
    let found = CHINESE.binary_search_by_key(&name, |(name, _)| name).ok()?;
    Some(CHINESE[found].1)
}

/// By name, for the search.
const CHINESE: &[(&str, &str)] = &[
    ("ai_list_share", "AI 清单下单占比"),
    ("audit_violations", "审计违例"),
    ("backordered_share", "等待补货的近场订单占比"),
    ("before_reroute_mean_min", "下单到送达：改派前"),
    ("bundle_size_mean", "每次出发的单数"),
    ("cancelled", "取消单量"),
    ("censored_orders", "结束时未完成的订单"),
    ("click_to_door_mean_min", "下单到送达时长均值"),
    ("click_to_door_over_mean_min", "近场超时时长均值"),
    ("click_to_door_p50_min", "下单到送达时长中位数"),
    ("click_to_door_p90_min", "下单到送达时长 P90"),
    ("click_to_door_p95_min", "下单到送达时长 P95"),
    ("click_to_door_p99_min", "下单到送达时长 P99"),
    ("co2e_break_even_g", "近场相对远场的碳排放余量"),
    ("co2e_per_100_yuan_g", "每 100 元商品碳排放"),
    ("co2e_per_order_far_g", "远场单均碳排放"),
    ("co2e_per_order_g", "单均碳排放"),
    ("co2e_per_order_near_g", "近场单均碳排放"),
    ("co2e_per_order_pickup_g", "自提单均碳排放"),
    ("contribution_margin_after_markdown_per_order", "剩余库存打折后的单均边际贡献"),
    ("contribution_margin_per_order", "单均边际贡献"),
    ("contribution_margin_per_order_far", "远场单均边际贡献"),
    ("contribution_margin_per_order_merchant", "单均边际贡献（商家）"),
    ("contribution_margin_per_order_near", "近场单均边际贡献"),
    ("contribution_margin_per_order_platform", "单均边际贡献（平台）"),
    ("contribution_margin_per_order_system", "单均边际贡献（系统）"),
    ("contribution_margin_yuan", "边际贡献"),
    ("conversion", "转化率"),
    ("cost_per_order", "单均成本"),
    ("cost_per_order_constant_volume", "计划单量下的单均成本"),
    ("cost_per_order_far", "远场单均成本"),
    ("cost_per_order_near", "近场单均成本"),
    ("cost_per_order_near_constant_volume", "计划单量下的近场单均成本"),
    ("cost_per_order_pickup", "自提单均成本"),
    ("courier_below_minimum_pay_share", "低于最低工资的骑手占比"),
    ("courier_busy_share", "骑手带单时间占比"),
    ("courier_pay_gini", "骑手收入基尼系数"),
    ("courier_productive_share", "骑手带单时间占比（不含等待）"),
    ("courier_repositioning_share", "骑手空驶时间占比"),
    ("courier_utilisation", "骑手利用率"),
    ("courier_wait_approach_mean_min", "等骑手：到店途中"),
    ("courier_wait_assignment_mean_min", "等骑手：出发前"),
    ("courier_wait_mean_min", "下单到送达：等骑手"),
    ("critical_ratio", "库存临界比"),
    ("cross_border_share", "跨境发货的远场占比"),
    ("days_of_cover", "库存可售天数"),
    ("delivered", "送达单量"),
    ("empty_km_share", "空载里程占比"),
    ("far_backlog_clear_h", "积压清空用时"),
    ("far_backlog_max_h", "中心仓积压峰值（作业小时）"),
    ("far_backlog_max_orders", "中心仓积压峰值"),
    ("far_backlog_over_12h_h", "积压超过 12 小时的时长"),
    ("far_lead_mean_h", "远场时长均值"),
    ("far_lead_p50_h", "远场时长中位数"),
    ("far_lead_p90_h", "远场时长 P90"),
    ("far_on_time_share", "远场准时率"),
    ("fill_rate_lines", "商品行满足率"),
    ("fill_rate_orders", "订单满足率"),
    ("fill_rate_units", "件数满足率"),
    ("gmv", "GMV"),
    ("goods_margin_per_order", "单均商品毛利"),
    ("hand_out_mean_min", "下单到送达：交接"),
    ("hand_over_mean_min", "下单到送达：上门交付"),
    ("km_per_order", "单均骑行里程"),
    ("lateness_mean_min", "近场迟到时长均值（早到为负）"),
    ("leftover_markdown_yuan", "剩余库存全部打折的损失"),
    ("leftover_value_yuan", "门店剩余库存（成本价）"),
    ("lost_sales_gmv", "流失销售额"),
    ("lost_sales_gross_gmv", "挽回前的流失销售额"),
    ("lost_sessions_no_near", "流失访问：附近无门店"),
    ("lost_sessions_none", "流失访问：与我方无关"),
    ("lost_sessions_overload", "流失访问：过载管控"),
    ("lost_sessions_price", "流失访问：运费"),
    ("lost_sessions_stock_out", "流失访问：缺货"),
    ("near_availability", "近场可得率"),
    ("near_fallback_no_stock_share", "近场需求转远场：缺货"),
    ("near_fallback_no_store_share", "近场需求转远场：附近无门店"),
    ("near_fallback_rationed_share", "近场需求转远场：为到店客留货"),
    ("near_fallback_share", "近场需求转远场占比"),
    ("near_share_gmv", "近场 GMV 占比"),
    ("near_share_orders", "近场订单占比"),
    ("near_share_units", "近场件数占比"),
    ("on_time_share", "近场准时率"),
    ("orders", "下单量"),
    ("orders_per_courier_hour", "骑手人效（单/小时）"),
    ("orders_per_courier_hour_peak", "高峰小时骑手人效"),
    ("overload_time_share", "过载管控时间占比"),
    ("parcels_per_order", "单均拆分件数"),
    ("partly_delivered", "部分送达的订单"),
    ("pick_mean_min", "下单到送达：拣货"),
    ("pickup_no_show_share", "自提未取占比"),
    ("pickup_ready_mean_min", "自提备货时长均值"),
    ("pickup_ready_on_time_share", "自提按时备好率"),
    ("pickup_share", "自提订单占比"),
    ("pickup_share_gmv", "自提 GMV 占比"),
    ("pickup_walk_km_mean", "步行到店距离均值"),
    ("platform_revenue_per_order", "平台单均收入"),
    ("promise_error_mean_min", "承诺时效减实际时长均值"),
    ("promise_mean_min", "近场承诺时效均值"),
    ("queue_mean_min", "下单到送达：排队"),
    ("ready_to_door_mean_min", "备好到送达时长均值"),
    ("ready_to_pickup_mean_min", "备好到取货时长均值"),
    ("refunded_line_share", "近场商品行退款率"),
    ("resourced_orders", "改派到其他门店的订单"),
    ("return_share_far", "远场退货率"),
    ("return_share_near", "近场退货率"),
    ("revenue_less_cost_per_order", "单均收入减成本"),
    ("ride_mean_min", "下单到送达：骑行"),
    ("sessions", "访问次数"),
    ("ship_from_store_share", "由门店发货的远场占比"),
    ("split_rate", "拆单率"),
    ("stock_out_rate", "缺货率"),
    ("stock_out_rate_demand", "需求遇到的缺货率"),
    ("stock_service_level", "门店库存服务水平"),
    ("subsidy_per_order", "单均补贴"),
    ("substituted_line_share", "近场商品行替换率"),
    ("total_courier_pay", "骑手薪酬"),
    ("transferred_units", "店间调拨件数"),
    ("turned_away_share", "被拒绝的近场需求占比"),
    ("unallocated_cost", "无订单分摊的成本"),
    ("undelivered", "未送达单量"),
    ("units_per_order_ai_list", "AI 清单订单单均件数"),
    ("units_per_order_other", "其他订单单均件数"),
    ("walk_in_lost_share", "到店客需求流失率"),
    ("walk_in_units", "到店客需求"),
    ("wave_hit_share", "赶上首个波次的包裹占比"),
    ("wave_size_mean", "两次空闲之间的单数"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::KPIS;
    use crate::report::{Theme, fonts};

    fn zh() -> Look {
        Look { language: Language::Zh, theme: Theme::default() }
    }

    #[test]
    fn the_words_of_every_kpi_can_be_drawn() {
        for kpi in KPIS {
            let label = kpi_label(&zh(), kpi.name);
            assert_eq!(fonts::drawable(label).1, [], "{label}");
            assert_eq!(kpi_label(Look::plain(), kpi.name), kpi.label);
        }
    }

    #[test]
    fn units_are_said_in_chinese() {
        let said = ["min", "yuan/order", "CNY/order", "g/100 yuan", "share", "CNY", "units/order", "km"]
            .map(|unit| unit_words(&zh(), unit).into_owned());
        assert_eq!(said, ["分钟", "元/单", "CNY/单", "克/百元", "share", "CNY", "件/单", "公里"]);
        assert_eq!(unit_words(Look::plain(), "min"), "min");
    }
}
