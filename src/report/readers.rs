//! Room: report. Who reads a page, and which KPIs and charts each of them needs.

/// One kind of reader.
pub(crate) struct Reader {
    /// Name of the section in addresses.
    pub(crate) id: &'static str,
    /// One word for them.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What they decide with it.
    pub(crate) lead: &'static str,
    /// KPIs by name, in the order of the section.
    pub(crate) kpis: &'static [&'static str],
}

/// The readers, in the order of the page.
pub(crate) const READERS: [Reader; 4] = [
    Reader {
        id: "platform",
        name: "Platform",
        title: "For the platform: what goes near, and what that earns",
        lead: "How far the near field reaches, who is turned away or sent far, and what is left of an order.",
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
        name: "Brand",
        title: "For brands and merchants: stock, sales lost and margin",
        lead: "Whether the goods are where they are wanted, what is lost where they are not, and who earns what on an order.",
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
        name: "Logistics",
        title: "For logistics: time, couriers, warehouse and cost",
        lead: "How long an order takes and where the time goes, whether couriers and warehouse keep up, and what it costs.",
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
        name: "Analyst",
        title: "For the analyst: everything, and how far to trust it",
        lead: "All KPIs with their names in the tables, what the numbers cover, every assumption and where it comes from.",
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
        "06" | "20" | "30" | "31" | "32" | "33" | "34" => None,
        _ => Some("analyst"),
    }
}

/// The question a chart answers, by its file name.
pub(crate) fn question(slug: &str) -> &'static str {
    match slug.get(..2) {
        Some("01") => "Who fulfils what, when?",
        Some("02") => "How fast is each channel?",
        Some("03") => "Where does near-field win?",
        Some("04") => "Why does an order cost more or less?",
        Some("05") => "What do couriers do through the day?",
        Some("06") => "What does the what-if change?",
        Some("09") => "Who earns what on an order?",
        Some("10") => "How far does the warehouse fall behind?",
        Some("11") => "When do nearby stores run out?",
        Some("12") => "Why do near orders come late?",
        Some("13") => "Where is near-field wanted and not had?",
        Some("14") => "Where is near-field fast, where on time?",
        Some("15") => "Which store serves whom?",
        Some("16") => "How far may a courier ride for less carbon?",
        Some("17") => "Which goods go near?",
        Some("20") => "Where does each KPI stand?",
        Some("21") => "What became of the same people?",
        Some("22") => "Where does the what-if move near-field?",
        Some("30") => "From where on does more bring little more?",
        Some("31") => "Does it do the same everywhere?",
        Some("32") => "What is the best trade?",
        Some("33") => "Which inputs matter?",
        Some("34") => "Where do near and far break even?",
        _ => "What else is there to see?",
    }
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
