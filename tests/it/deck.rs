//! `nearfar deck` from outside: what is in the files, and what careless users are told.

use resvg::usvg::roxmltree::Document;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;
use tempfile::TempDir;

use crate::program::{fine, refused};

const TOWN: &str = "label = 'Small & <quick>'\nquestion = 'What does a small town show?'\nseed = 7\nhorizon_h = 3.0\n\
    start_hour = 11.0\n[city]\nside_km = 5.0\n[demand]\norders_per_day = 500\n[consumers]\ncount = 200\n[catalogue]\n\
    skus_per_category = 8\n[couriers]\ncount = 8\n";
const MORE: &str = "extends = 'town.toml'\nlabel = '更多骑手'\n[couriers]\ncount = { add = 6 }\n\
    [[hypothesis]]\nmetric = 'courier_utilisation'\ndirection = 'down'\nreason = 'more hands for the same work'\n";
const SWEEP: &str = "scenarios = ['town.toml']\nlabel = 'Fleet of a town'\nmetrics = ['orders', 'cost_per_order']\n\
    [replications]\nmin = 2\nmax = 2\n[[factor]]\nkey = 'couriers.count'\nlabel = 'couriers'\nvalues = [4, 8]\n";

fn town() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("town", TOWN), ("more", MORE), ("fleet", SWEEP)] {
        fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
    }
    folder
}

/// The parts of an office file by name.
fn parts(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut read = |name: &String| {
        let mut bytes = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        (name.clone(), bytes)
    };
    names.iter().map(&mut read).collect()
}

fn text(parts: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(parts.get(name).unwrap_or_else(|| panic!("{name} is a part")).clone()).unwrap()
}

/// Every part is well-formed, known by its type, and every relationship leads somewhere.
fn sound(parts: &BTreeMap<String, Vec<u8>>) {
    let types = text(parts, "[Content_Types].xml");
    let types = Document::parse(&types).unwrap();
    let of = |tag: &str, attribute: &str| -> BTreeSet<String> {
        let found = types
            .descendants()
            .filter(|node| node.has_tag_name(("http://schemas.openxmlformats.org/package/2006/content-types", tag)));
        found.filter_map(|node| node.attribute(attribute).map(str::to_owned)).collect()
    };
    let (defaults, overrides) = (of("Default", "Extension"), of("Override", "PartName"));
    for name in &overrides {
        assert!(parts.contains_key(name.trim_start_matches('/')), "{name} is typed but not there");
    }
    for name in parts.keys().filter(|name| *name != "[Content_Types].xml") {
        let ending = name.rsplit('.').next().unwrap();
        assert!(overrides.contains(&format!("/{name}")) || defaults.contains(ending), "{name} has no type");
        if matches!(ending, "xml" | "rels" | "svg") {
            let part = text(parts, name);
            Document::parse(&part).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        if ending == "rels" {
            related(parts, name);
        }
    }
}

fn related(parts: &BTreeMap<String, Vec<u8>>, name: &str) {
    let (folder, _) = name.split_once("_rels/").unwrap();
    let part = text(parts, name);
    let document = Document::parse(&part).unwrap();
    for node in document.descendants() {
        let Some(target) = node.attribute("Target") else { continue };
        let mut at: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        for step in target.trim_start_matches('/').split('/') {
            match step {
                ".." => drop(at.pop()),
                step => at.push(step),
            }
        }
        assert!(parts.contains_key(&at.join("/")), "{name}: {target} is not there");
    }
}

/// The words of a slide, a run each.
fn words(parts: &BTreeMap<String, Vec<u8>>, slide: usize) -> Vec<String> {
    let part = text(parts, &format!("ppt/slides/slide{slide}.xml"));
    let document = Document::parse(&part).unwrap();
    let runs = document.descendants().filter(|node| node.tag_name().name() == "t");
    runs.filter_map(|node| node.text().map(str::to_owned)).collect()
}

fn slides(parts: &BTreeMap<String, Vec<u8>>) -> usize {
    parts.keys().filter(|name| name.starts_with("ppt/slides/slide")).count()
}

#[test]
fn the_deck_of_a_run_has_its_findings_as_text_and_its_numbers_as_numbers() {
    let town = town();
    fine(&town, &["run", "town.toml", "-o", "out/day", "--quiet"]);
    let told = fine(&town, &["deck", "out/day", "--pdf", "--xlsx"]);
    assert!(told.contains("day.pptx") && told.contains(" charts, "), "{told}");
    let at = |name: &str| town.path().join("out").join(name);
    let deck = parts(&at("day.pptx"));
    sound(&deck);
    assert!(words(&deck, 1).contains(&"Small & <quick>".to_owned()));
    for (place, slug) in ["01-orders-by-channel", "02-click-to-door-ecdf"].iter().enumerate() {
        let json = fs::read(at(&format!("day/charts/{slug}.json"))).unwrap();
        let chart: Value = serde_json::from_slice(&json).unwrap();
        let slide = words(&deck, place + 3);
        for key in ["title", "subtitle"] {
            let wanted = chart[key].as_str().unwrap();
            assert!(slide.iter().any(|run| run == wanted), "{key} {wanted} in {slide:?}");
        }
        // Two lines hold the source of these.
        assert!(slide.iter().any(|run| run.starts_with(&chart["source"].as_str().unwrap()[..60])), "{slide:?}");
        let xml = text(&deck, &format!("ppt/slides/slide{}.xml", place + 3));
        assert!(xml.contains("svgBlip") && xml.contains("descr=\""));
        assert!(deck[&format!("ppt/media/chart{}.png", place + 1)].starts_with(b"\x89PNG"));
        let twin = text(&deck, &format!("ppt/media/chart{}.svg", place + 1));
        assert!(twin.contains("<path") && !twin.contains("<text"), "the twin needs no fonts");
    }
    let pdf = fs::read(at("day.pdf")).unwrap();
    let count = format!("/Count {} ", slides(&deck));
    assert!(pdf.starts_with(b"%PDF-") && pdf.windows(count.len()).any(|part| part == count.as_bytes()));
    let book = parts(&at("day.xlsx"));
    sound(&book);
    let index = text(&book, "xl/workbook.xml");
    for sheet in ["KPIs", "01-orders-by-channel", "Assumptions", "Manifest"] {
        assert!(index.contains(&format!("name=\"{sheet}\"")), "{sheet} in {index}");
    }
    let kpis = text(&book, "xl/worksheets/sheet1.xml");
    assert!(kpis.contains("state=\"frozen\"") && kpis.contains("<autoFilter") && kpis.contains("<v>"), "{kpis:.600}");
}

#[test]
fn the_same_folder_gives_the_same_bytes_at_any_number_of_threads() {
    let town = town();
    fine(&town, &["run", "town.toml", "-o", "day", "--quiet"]);
    let make = |name: &str, threads: &str| {
        let deck = format!("{name}.pptx");
        fine(&town, &["deck", "day", "-o", &deck, "--pdf", "--xlsx", "--threads", threads, "--quiet"]);
        ["pptx", "pdf", "xlsx"].map(|ending| fs::read(town.path().join(format!("{name}.{ending}"))).unwrap())
    };
    assert!(make("one", "1") == make("two", "2"));
}

#[test]
fn the_deck_of_a_comparison_tells_verdicts_hypotheses_and_changes() {
    let town = town();
    fine(
        &town,
        &["compare", "town.toml", "more.toml", "--replications", "3", "--correct", "none", "-o", "both", "--quiet"],
    );
    fine(&town, &["deck", "both", "-o", "both", "--pdf", "--xlsx", "--quiet"]);
    let deck = parts(&town.path().join("both.pptx"));
    sound(&deck);
    let all: Vec<String> = (1..=slides(&deck)).flat_map(|slide| words(&deck, slide)).collect();
    for wanted in ["no difference shown", "as expected", "more hands for the same work", "couriers.count", "14"] {
        assert!(all.iter().any(|run| run == wanted), "{wanted} in {all:?}");
    }
    assert!(words(&deck, 1).iter().any(|run| run.contains("更多骑手")));
    let verdicts = words(&deck, 2);
    assert!(verdicts.contains(&"Verdict".to_owned()) && verdicts.contains(&"95% interval".to_owned()));
    let index = text(&parts(&town.path().join("both.xlsx")), "xl/workbook.xml");
    assert!(index.contains("name=\"What changed\"") && index.contains("name=\"Hypotheses\""));
}

#[test]
fn the_deck_of_a_sweep_tells_settings_and_factors() {
    let town = town();
    fine(&town, &["sweep", "fleet.toml", "-o", "fleet", "--quiet"]);
    fine(&town, &["deck", "fleet", "--xlsx", "--quiet"]);
    let deck = parts(&town.path().join("fleet.pptx"));
    sound(&deck);
    let all: Vec<String> = (1..=slides(&deck)).flat_map(|slide| words(&deck, slide)).collect();
    for wanted in ["Fleet of a town", "Cost per order", "couriers.count", "4, 8"] {
        assert!(all.iter().any(|run| run == wanted), "{wanted} in {all:?}");
    }
    // With an analysis there are charts and what it found.
    fine(&town, &["analyze", "fleet", "--method", "best", "--metric", "cost_per_order"]);
    let trade = ["--metric", "on_time_share", "--metric", "cost_per_order"];
    fine(&town, &[&["analyze", "fleet", "--method", "pareto"], &trade[..]].concat());
    fine(&town, &["deck", "fleet", "--force", "--quiet"]);
    let deck = parts(&town.path().join("fleet.pptx"));
    sound(&deck);
    assert!(deck.contains_key("ppt/media/chart1.svg"), "the chart of an analysis");
    let all: Vec<String> = (1..=slides(&deck)).flat_map(|slide| words(&deck, slide)).collect();
    assert!(all.iter().any(|run| run == "May be the best"), "{all:?}");
    // A chart that another program left there, with nothing but a picture and its numbers, gets a slide too.
    let charts = town.path().join("fleet/charts");
    fs::create_dir_all(&charts).unwrap();
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1920\" height=\"1080\"><path d=\"M0 0L9 9\" stroke=\"#000\"/></svg>";
    fs::write(charts.join("40-own-chart.svg"), svg).unwrap();
    fs::write(charts.join("40-own-chart.csv"), "x,y\n1,2\n").unwrap();
    fine(&town, &["deck", "fleet", "--pdf", "--force", "--quiet"]);
    let deck = parts(&town.path().join("fleet.pptx"));
    sound(&deck);
    assert!((1..=slides(&deck)).any(|slide| words(&deck, slide).contains(&"own chart".to_owned())));
}

#[test]
fn careless_calls_are_told_what_to_do_and_leave_nothing() {
    let town = town();
    fine(&town, &["run", "town.toml", "-o", "bare", "--no-report", "--quiet"]);
    fine(&town, &["sweep", "plan", "fleet.toml", "-o", "planned"]);
    fs::create_dir(town.path().join("photos")).unwrap();
    let cases: [(&[&str], &str); 6] = [
        (&["deck", "nowhere"], "there is no such folder"),
        (&["deck", "photos"], "name a folder that `nearfar run`"),
        (&["deck", "bare"], "--no-report"),
        (&["deck", "planned"], "sweep collect"),
        (&["deck", "bare", "-o", "deck.pdf"], "slides are a .pptx file"),
        (&["deck", "town.toml"], "there is no such folder"),
    ];
    for (arguments, told) in cases {
        let said = refused(&town, arguments);
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
    let left: Vec<String> =
        fs::read_dir(town.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!left.iter().any(|name| name.contains("pptx") || name.contains("pdf")), "{left:?}");
}

#[test]
fn files_that_exist_are_kept_unless_forced_and_none_is_written_where_one_cannot_be() {
    let town = town();
    fine(&town, &["run", "town.toml", "-o", "day", "--quiet"]);
    fs::write(town.path().join("deck.xlsx"), "mine").unwrap();
    let said = refused(&town, &["deck", "day", "-o", "deck.pptx", "--xlsx"]);
    assert!(said.contains("deck.xlsx") && said.contains("--force"), "{said}");
    assert!(!town.path().join("deck.pptx").exists(), "all or none");
    fine(&town, &["deck", "day", "-o", "deck.pptx", "--xlsx", "--force", "--quiet"]);
    assert_ne!(fs::read(town.path().join("deck.xlsx")).unwrap(), b"mine");
    let said = refused(&town, &["deck", "day", "-o", "town.toml/deck.pptx"]);
    assert!(said.contains("town.toml"), "{said}");
    fs::write(town.path().join("day/charts/01-orders-by-channel.json"), "{").unwrap();
    let said = refused(&town, &["deck", "day"]);
    assert!(said.contains("01-orders-by-channel.json: is not as nearfar writes it"), "{said}");
}

#[test]
fn several_what_ifs_against_one_base_make_one_deck() {
    let folder = town();
    let at = folder.path();
    fs::write(at.join("few.toml"), "extends = 'town.toml'\nlabel = 'Fewer riders'\n[couriers]\ncount = 5\n").unwrap();
    fine(at, &["compare", "town.toml", "more.toml", "few.toml", "--replications", "2", "-o", "all", "--quiet"]);
    fine(at, &["deck", "all", "--xlsx", "--pdf", "--quiet"]);
    let slides = parts(&at.join("all.pptx"));
    sound(&slides);
    let number = |parts: &BTreeMap<String, Vec<u8>>| {
        parts.keys().filter(|name| name.starts_with("ppt/slides/slide") && name.ends_with(".xml")).count()
    };
    let whole = |parts: &BTreeMap<String, Vec<u8>>| -> String {
        let name = |n: usize| format!("ppt/slides/slide{n}.xml");
        (1..=number(parts)).map(|n| text(parts, &name(n))).collect()
    };
    let told = whole(&slides);
    for words in ["2 what-ifs", "moves", "Fewer riders", "更多骑手", "in brackets: no difference shown"] {
        assert!(told.contains(words), "{words}");
    }
    // Each comparison tells what it tells by itself; the appendix of the base stands once, as does the cover.
    let one = at.join("all/compare-town-few");
    fine(at, &["deck", one.to_str().unwrap(), "-o", "one.pptx", "--quiet"]);
    let single = number(&parts(&at.join("one.pptx")));
    assert!(number(&slides) > single + 3 && number(&slides) < 2 * single, "{} and {single}", number(&slides));
    let book = text(&parts(&at.join("all.xlsx")), "xl/workbook.xml");
    for sheet in ["1 KPIs", "2 KPIs", "1 What changed", "2 Hypotheses", "1 Assumptions base", "2 Assumptions what-if"] {
        assert!(book.contains(&format!("\"{sheet}\"")), "{sheet} in {book}");
    }
    assert!(!book.contains("2 Assumptions base"));
    // A comparison against another base does not belong to it.
    fine(at, &["compare", "few.toml", "more.toml", "--replications", "2", "-o", "all/other", "--quiet"]);
    let said = refused(at, &["deck", "all", "-o", "mixed.pptx"]);
    assert!(said.contains("2 different bases") && said.contains("help:"), "{said}");
}
