//! `nearfar ledger`: from the ledger of a run, why nodes did not serve orders, and what the ones that did cost beyond the best.

use super::kpi_table::{Side, aligned};
use super::manifest::{self, object};
use super::screen::Screen;
use super::{Failure, print};
use crate::metrics::{
    ReasonCount, Regret, RegretSummary, StoredCandidates, regret_csv, regret_parquet, regret_summaries,
};
use crate::report::wording::{count, number, percent, plural, span};
use crate::results::{Committed, OutputFolder, ReadError, RunFolder};
use crate::scenario::{self, Scenario};
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::time::Instant;

/// Table why nodes did not serve orders, and near against far what the chosen ones cost beyond the cheapest (run --ledger)
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Output folder of a run that kept its ledger, such as output/baseline
    run: PathBuf,
    /// Also write the regret of every order, and both tables, into this folder
    #[arg(short = 'o', long = "output", value_name = "DIR")]
    output: Option<PathBuf>,
    /// Write into a folder that holds other things; files of other names stay
    #[arg(long)]
    force: bool,
    /// Print nothing but errors
    #[arg(long)]
    quiet: bool,
    /// Print one JSON object instead of tables
    #[arg(long)]
    json: bool,
}

/// What the ledger of a run says.
struct Told {
    scenario: Scenario,
    replications: u32,
    /// Orders and sessions that left.
    asked: (usize, usize),
    reasons: Vec<ReasonCount>,
    regrets: Vec<Regret>,
    summaries: Vec<RegretSummary>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let started = manifest::start();
    let folder = RunFolder::open(&arguments.run)?;
    let prepared = arguments.output.as_ref().map(|path| OutputFolder::prepare(path, arguments.force)).transpose()?;
    let told = Told::read(&folder)?;
    let committed = prepared.map(|prepared| told.write(prepared, started)).transpose()?;
    if let Some(committed) = committed.as_ref().filter(|committed| committed.replaced) {
        Screen::new(arguments.quiet, arguments.json).say(&format!("replaced {}", committed.path.display()));
    }
    match (arguments.json, arguments.quiet) {
        (true, _) => print(&format!("{}\n", Value::Object(told.json()))),
        (false, true) => Ok(()),
        (false, false) => print(&told.text(committed.as_ref())),
    }
}

impl Told {
    fn read(folder: &RunFolder) -> Result<Told, Failure> {
        let candidates: StoredCandidates = folder.candidates()?;
        let broken = |source| ReadError::Table { path: folder.path().join("candidates.parquet"), source };
        let regrets = candidates.regrets().map_err(broken)?;
        Ok(Told {
            scenario: folder.scenario()?,
            replications: folder.replications(),
            asked: candidates.asked().map_err(broken)?,
            reasons: candidates.reasons().map_err(broken)?,
            summaries: regret_summaries(&regrets),
            regrets,
        })
    }

    fn write(&self, mut folder: OutputFolder, started: Instant) -> Result<Committed, Failure> {
        folder.add("regret.csv", regret_csv(&self.regrets).as_bytes())?;
        folder.add("regret.parquet", &regret_parquet(&self.regrets)?)?;
        folder.add("regret_summary.csv", self.summary_csv().as_bytes())?;
        folder.add("reasons.csv", self.reasons_csv().as_bytes())?;
        let mut facts = manifest::program();
        facts.extend(object(json!({
            "scenario": self.scenario.name,
            "scenario_hash": scenario::hash(&self.scenario),
            "seed": self.scenario.seed,
            "replications": self.replications,
        })));
        let timing = object(json!({ "total_s": (started.elapsed().as_secs_f64() * 1e3).round() / 1e3 }));
        Ok(folder.commit(facts, timing)?)
    }

    fn reasons_csv(&self) -> String {
        let row =
            |r: &ReasonCount| format!("{},{},{},{},{}\n", r.why_not, r.stores, r.nearest_store, r.warehouse, r.pickup);
        let head = "why_not,stores,nearest_store,warehouse,pickup\n".to_owned();
        std::iter::once(head).chain(self.reasons.iter().map(row)).collect()
    }

    fn summary_csv(&self) -> String {
        let row = |s: &RegretSummary| {
            let numbers = [
                s.regret_mean_yuan,
                s.regret_p90_yuan,
                s.in_channel_mean_yuan,
                s.cheaper_near_share,
                s.cheaper_far_share,
                s.delay_mean_min,
                s.delay_p90_min,
                s.cheaper_pickup_share,
                s.co2e_mean_g,
                s.co2e_p90_g,
            ];
            format!(
                "{},{},{},{}\n",
                s.channel,
                s.category,
                s.orders,
                numbers.map(|number| number.to_string()).join(",")
            )
        };
        let head = "channel,category,orders,regret_mean_yuan,regret_p90_yuan,in_channel_mean_yuan,cheaper_near_share,\
                    cheaper_far_share,delay_mean_min,delay_p90_min,cheaper_pickup_share,co2e_mean_g,co2e_p90_g\n";
        std::iter::once(head.to_owned()).chain(self.summaries.iter().map(row)).collect()
    }

    /// The tables for a person.
    fn text(&self, committed: Option<&Committed>) -> String {
        let (orders, left) = self.asked;
        let left = match left {
            0 => String::new(),
            n => format!(" and {} that left", plural(n, "session")),
        };
        let days = plural(self.replications as usize, "replication");
        let head = format!("{}: the ledger of {days}, seed {}", self.scenario.label, self.scenario.seed);
        let what = format!("{}{left}", plural(orders, "order"));
        let legend = "Cost and time are those expected when the node was chosen; a node counts if it could have served the \
                      order.\ndocs/ledger.md tells how to read both tables.";
        let files = committed.map_or(String::new(), |it| format!("\nFiles    {}\n", it.path.display()));
        format!(
            "{head}\n\nWhy nodes did not serve, {what}\n{}\nWhat the chosen node cost and took beyond the best\n{}\n{legend}\n{files}",
            self.reasons_table(),
            self.regret_table()
        )
    }

    fn reasons_table(&self) -> String {
        let head = ["", "stores", "nearest store", "warehouse", "pick-up"].map(str::to_owned);
        let cell = |n: u64| if n == 0 { "–".to_owned() } else { count(n as usize) };
        let row = |r: &ReasonCount| {
            let [stores, nearest, warehouse, pickup] = [r.stores, r.nearest_store, r.warehouse, r.pickup].map(cell);
            [r.why_not.replace('_', " "), stores, nearest, warehouse, pickup]
        };
        let rows: Vec<[String; 5]> = std::iter::once(head).chain(self.reasons.iter().map(row)).collect();
        aligned(&rows, [Side::Left, Side::Right, Side::Right, Side::Right, Side::Right])
    }

    fn regret_table(&self) -> String {
        let currency = &self.scenario.report.currency;
        let head = [
            String::new(),
            "orders".into(),
            format!("{currency} more, mean"),
            "p90".into(),
            "in channel".into(),
            "cheaper store".into(),
            "cheaper parcel".into(),
            "cheaper pick-up".into(),
            "longer, mean".into(),
            "p90".into(),
            "g CO2e more".into(),
            "p90".into(),
        ];
        let row = |s: &RegretSummary| {
            let who = match (s.channel.as_str(), s.category.as_str()) {
                ("all", _) => "all orders".to_owned(),
                (channel, "all") => channel.to_owned(),
                (_, category) => format!("  {category}"),
            };
            [
                who,
                count(s.orders),
                number(s.regret_mean_yuan, 2),
                number(s.regret_p90_yuan, 2),
                number(s.in_channel_mean_yuan, 2),
                percent(s.cheaper_near_share),
                percent(s.cheaper_far_share),
                percent(s.cheaper_pickup_share),
                span(s.delay_mean_min),
                span(s.delay_p90_min),
                number(s.co2e_mean_g, 0),
                number(s.co2e_p90_g, 0),
            ]
        };
        let rows: Vec<[String; 12]> = std::iter::once(head).chain(self.summaries.iter().map(row)).collect();
        use Side::{Left, Right};
        aligned(&rows, [Left, Right, Right, Right, Right, Right, Right, Right, Right, Right, Right, Right])
    }

    /// The same for a program.
    fn json(&self) -> Map<String, Value> {
        let reason = |r: &ReasonCount| {
            json!({
                "why_not": r.why_not, "stores": r.stores, "nearest_store": r.nearest_store, "warehouse": r.warehouse,
                "pickup": r.pickup,
            })
        };
        let group = |s: &RegretSummary| {
            json!({
                "channel": s.channel,
                "category": s.category,
                "orders": s.orders,
                "regret_mean_yuan": s.regret_mean_yuan,
                "regret_p90_yuan": s.regret_p90_yuan,
                "in_channel_mean_yuan": s.in_channel_mean_yuan,
                "cheaper_near_share": s.cheaper_near_share,
                "cheaper_far_share": s.cheaper_far_share,
                "delay_mean_min": s.delay_mean_min,
                "delay_p90_min": s.delay_p90_min,
                "cheaper_pickup_share": s.cheaper_pickup_share,
                "co2e_mean_g": s.co2e_mean_g,
                "co2e_p90_g": s.co2e_p90_g,
            })
        };
        object(json!({
            "scenario": self.scenario.name,
            "seed": self.scenario.seed,
            "replications": self.replications,
            "orders": self.asked.0,
            "sessions_left": self.asked.1,
            "reasons": self.reasons.iter().map(reason).collect::<Vec<_>>(),
            "regret": self.summaries.iter().map(group).collect::<Vec<_>>(),
        }))
    }
}
