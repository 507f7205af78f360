//! Room: report. Who reads a page, and which KPIs and charts each of them needs.

use super::Look;

/// The same in English and in Chinese.
pub(crate) type Words = (&'static str, &'static str);

/// One kind of reader.
pub(crate) struct Reader {
    /// Name of the section in addresses.
    pub(crate) id: &'static str,
    /// One word for them.
    pub(crate) name: Words,
    pub(crate) title: Words,
    /// What they decide with it.
    pub(crate) lead: Words,
    /// KPIs by name, in the order of the section.
    pub(crate) kpis: &'static [&'static str],
}

/// The readers, in the order of the page.
pub(crate) const READERS: [Reader; 4] = [
    Reader {
        id: "platform",
        name: ("Platform", "平台"),
        title: ("For the platform: what goes near, and what that earns", "平台视角：什么走近场，带来多少收益"),
        lead: (
            "How far the near field reaches, who is turned away or sent far, and what is left of an order.",
            "近场覆盖到哪里，谁被拒单或转远场，每单还剩多少。",
        ),
        kpis: &[
            "near_share_orders",
            "near_availability",
            "conversion",
            "on_time_share",
            "contribution_margin_per_order_platform",
            "contribution_margin_per_order_system",
            "platform_revenue_per_order",
            "subsidy_per_order",
            "near_fallback_share",
            "turned_away_share",
            "lost_sales_gmv",
            "pickup_share",
        ],
    },
    Reader {
        id: "brand",
        name: ("Brand", "品牌"),
        title: ("For brands and merchants: stock, sales lost and margin", "品牌与商家视角：库存、流失销售与毛利"),
        lead: (
            "Whether the goods are where they are wanted, what is lost where they are not, and who earns what on an order.",
            "货是否在需要的地方，不在时损失多少，一单里谁赚多少。",
        ),
        kpis: &[
            "contribution_margin_per_order_merchant",
            "goods_margin_per_order",
            "fill_rate_orders",
            "fill_rate_units",
            "stock_out_rate",
            "stock_out_rate_demand",
            "lost_sales_gross_gmv",
            "substituted_line_share",
            "days_of_cover",
            "leftover_value_yuan",
            "return_share_near",
            "return_share_far",
        ],
    },
    Reader {
        id: "logistics",
        name: ("Logistics", "物流"),
        title: ("For logistics: time, couriers, warehouse and cost", "物流视角：时效、骑手、中心仓与成本"),
        lead: (
            "How long an order takes and where the time goes, whether couriers and warehouse keep up, and what it costs.",
            "一单要多久、时间花在哪里，骑手与中心仓是否跟得上，成本多少。",
        ),
        kpis: &[
            "click_to_door_p50_min",
            "click_to_door_p90_min",
            "far_lead_p50_h",
            "courier_utilisation",
            "orders_per_courier_hour",
            "orders_per_courier_hour_peak",
            "empty_km_share",
            "bundle_size_mean",
            "far_backlog_max_h",
            "wave_hit_share",
            "cost_per_order_near",
            "cost_per_order_far",
            "km_per_order",
            "co2e_per_order_g",
        ],
    },
    Reader {
        id: "analyst",
        name: ("Analyst", "分析师"),
        title: ("For the analyst: everything, and how far to trust it", "分析师视角：全部数据，以及可信到什么程度"),
        lead: (
            "All KPIs with their names in the tables, what the numbers cover, every assumption and where it comes from.",
            "全部指标及其在表中的名称，数字涵盖的范围，每一项假设及其来源。",
        ),
        kpis: &[],
    },
];

/// The section a chart stands in, by its file name; None stands right after the answers.
pub(crate) fn reader_of(slug: &str) -> Option<&'static str> {
    match slug.get(..2)? {
        "01" | "03" | "13" | "17" | "21" | "22" => Some("platform"),
        "09" | "11" => Some("brand"),
        "02" | "04" | "05" | "10" | "12" | "14" | "15" | "16" => Some("logistics"),
        // What answers a comparison or a sweep.
        "06" | "20" | "30" | "31" | "32" | "33" | "34" | "35" | "36" => None,
        _ => Some("analyst"),
    }
}

/// The question a chart answers, by its file name.
pub(crate) fn question(slug: &str, look: &Look) -> &'static str {
    let (english, chinese) = match slug.get(..2) {
        Some("01") => ("Who fulfils what, when?", "什么时段由谁履约？"),
        Some("02") => ("How fast is each channel?", "各渠道有多快？"),
        Some("03") => ("Where does near-field win?", "近场在哪里占优？"),
        Some("04") => ("Why does an order cost more or less?", "一单为什么更贵或更便宜？"),
        Some("05") => ("What do couriers do through the day?", "骑手一天在做什么？"),
        Some("06") => ("What does the what-if change?", "假设方案改变了什么？"),
        Some("09") => ("Who earns what on an order?", "一单里谁赚多少？"),
        Some("10") => ("How far does the warehouse fall behind?", "中心仓积压有多严重？"),
        Some("11") => ("When do nearby stores run out?", "附近门店何时缺货？"),
        Some("12") => ("Why do near orders come late?", "近场订单为什么迟到？"),
        Some("13") => ("Where is near-field wanted and not had?", "哪里想要近场却得不到？"),
        Some("14") => ("Where is near-field fast, where on time?", "哪里近场快，哪里准时？"),
        Some("15") => ("Which store serves whom?", "哪家门店服务谁？"),
        Some("16") => ("How far may a courier ride for less carbon?", "骑行多远仍更低碳？"),
        Some("17") => ("Which goods go near?", "哪些商品走近场？"),
        Some("20") => ("Where does each KPI stand?", "各项指标处于什么水平？"),
        Some("21") => ("What became of the same people?", "同一批消费者去了哪里？"),
        Some("22") => ("Where does the what-if move near-field?", "假设方案让近场在哪里变化？"),
        Some("30") => ("From where on does more bring little more?", "加到多少之后收益很小？"),
        Some("31") => ("Does it do the same everywhere?", "各种条件下效果一样吗？"),
        Some("32") => ("What is the best trade?", "最好的取舍是什么？"),
        Some("33") => ("Which inputs matter?", "哪些输入重要？"),
        Some("35") => ("Which inputs matter at all?", "究竟哪些输入重要？"),
        Some("36") => ("Where does the spread come from?", "差异来自何处？"),
        Some("34") => ("Where do near and far break even?", "近场与远场在哪里打平？"),
        _ => ("What else is there to see?", "还能看到什么？"),
    };
    look.say(english, chinese)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::definition;

    #[test]
    fn readers_name_kpis_that_exist_and_each_once() {
        for reader in &READERS {
            let mut names = reader.kpis.to_vec();
            names.iter().for_each(|name| assert!(definition(name).is_some(), "{}: {name}", reader.id));
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), reader.kpis.len(), "{}", reader.id);
        }
    }

    #[test]
    fn every_chart_has_a_section_or_answers_first() {
        for slug in ["01-a", "09-b", "12-c", "77-new", "21-moves"] {
            let id = reader_of(slug).unwrap();
            assert!(READERS.iter().any(|reader| reader.id == id));
        }
        assert_eq!((reader_of("06-whatif-delta"), reader_of("30-knee")), (None, None));
    }
}
