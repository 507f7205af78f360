//! Room: import. The instance file of the dark-store simulator: warehouses, clients and the seconds between them.

use crate::table::Problem;
use std::path::Path;

/// A dark store of the instance.
pub(super) struct Warehouse {
    pub(super) at: (f64, f64),
    pub(super) couriers: u32,
    pub(super) pickers: u32,
}

/// An instance as given.
pub(super) struct Instance {
    pub(super) name: String,
    pub(super) pick_mean_s: f64,
    pub(super) service_s: f64,
    /// Coordinates are degrees; else steps of a plane.
    pub(super) globe: bool,
    pub(super) warehouses: Vec<Warehouse>,
    pub(super) clients: Vec<(f64, f64)>,
    /// From each client to each warehouse, client by client.
    pub(super) seconds: Vec<f64>,
}

/// Problems told one by one.
const PROBLEMS_SHOWN: usize = 50;
/// Most cells of the travel-time matrix.
const MOST_PAIRS: usize = 100_000_000;

#[derive(Clone, Copy, PartialEq)]
enum Section {
    Header,
    Warehouses,
    Clients,
    Weights,
}

/// The file being read, line by line.
struct Reader<'a> {
    file: &'a str,
    line: u64,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, found: impl Into<String>, expected: impl Into<String>) {
        if self.problems.len() < PROBLEMS_SHOWN {
            let problem = Problem::of_file(self.file, found, expected);
            self.problems.push(Problem { row: Some(self.line).filter(|line| *line > 0), ..problem });
        }
    }

    fn number(&mut self, text: &str, (low, high): (f64, f64), expected: &str) -> Option<f64> {
        let number = text.trim().parse().ok().filter(|number: &f64| *number >= low && *number <= high);
        if number.is_none() {
            self.problem(format!("\"{}\"", text.trim()), expected);
        }
        number
    }

    /// The cells of a line, if they are as many as the section has.
    fn cells<'t>(&mut self, line: &'t str, count: usize, expected: &str) -> Option<Vec<&'t str>> {
        let cells: Vec<&str> = line.split_whitespace().collect();
        if cells.len() != count {
            self.problem(format!("{} numbers", cells.len()), expected);
            return None;
        }
        Some(cells)
    }

    /// The first cell counts the lines of its section.
    fn in_turn(&mut self, text: &str, expected: usize) {
        if text.parse() != Ok(expected) {
            self.problem(format!("\"{text}\""), format!("the number {expected}, because rows are counted from 0"));
        }
    }
}

/// The header's numbers.
#[derive(Default)]
struct Header {
    name: String,
    clients: Option<f64>,
    warehouses: Option<f64>,
    pick_mean_s: Option<f64>,
    service_s: Option<f64>,
    globe: bool,
}

const COORDINATE: (f64, f64) = (-1e7, 1e7);
const SECONDS: (f64, f64) = (0.0, 604_800.0);
const COUNT: (f64, f64) = (1.0, 1e6);

/// Reads an instance file; all problems at once.
pub(super) fn read(path: &Path) -> Result<Instance, Vec<Problem>> {
    let file = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&file, &text),
        Err(error) => Err(vec![
            Problem::of_file(&file, format!("cannot be read: {error}"), "")
                .help("name an instance file such as grid.txt, not its folder"),
        ]),
    }
}

pub(super) fn parse(file: &str, text: &str) -> Result<Instance, Vec<Problem>> {
    let mut reader = Reader { file, line: 0, problems: Vec::new() };
    let mut header = Header::default();
    let mut section = Section::Header;
    let (mut warehouses, mut clients, mut seconds) = (Vec::new(), Vec::new(), Vec::new());
    let mut weight_rows = 0;
    for (number, line) in text.lines().enumerate() {
        reader.line = number as u64 + 1;
        match line.trim() {
            "" => continue,
            "EOF" => break,
            "WAREHOUSE_SECTION" => section = Section::Warehouses,
            "CLIENT_SECTION" => section = Section::Clients,
            "EDGE_WEIGHT_SECTION" => section = Section::Weights,
            line => match section {
                Section::Header => header_line(&mut reader, &mut header, line),
                Section::Warehouses => warehouses.extend(warehouse(&mut reader, line, warehouses.len())),
                Section::Clients => clients.extend(client(&mut reader, line, clients.len())),
                Section::Weights => {
                    weight_rows += 1;
                    let Some(row) = reader.cells(line, warehouses.len(), "one number for each warehouse") else {
                        continue;
                    };
                    seconds.extend(row.iter().filter_map(|cell| reader.number(cell, SECONDS, "seconds")));
                }
            },
        }
    }
    reader.line = 0;
    check_counts(&mut reader, &header, warehouses.len(), clients.len(), weight_rows);
    match (header.pick_mean_s, header.service_s) {
        (Some(pick_mean_s), Some(service_s)) if reader.problems.is_empty() => Ok(Instance {
            name: header.name,
            pick_mean_s,
            service_s,
            globe: header.globe,
            warehouses,
            clients,
            seconds,
        }),
        _ => Err(reader.problems),
    }
}

fn header_line(reader: &mut Reader, header: &mut Header, line: &str) {
    let Some((key, value)) = line.split_once(':') else {
        reader.problem(format!("\"{line}\""), "KEY : value, or the name of a section");
        return;
    };
    match key.trim() {
        "NAME" => header.name = value.trim().to_owned(),
        "NUMBER_CLIENTS" => header.clients = reader.number(value, COUNT, "a number of clients"),
        "NUMBER_WAREHOUSES" => header.warehouses = reader.number(value, COUNT, "a number of warehouses"),
        "MEAN_COMMISSION_TIME" => header.pick_mean_s = reader.number(value, SECONDS, "seconds of picking"),
        "MEAN_SERVICE_AT_CLIENT_TIME" => header.service_s = reader.number(value, SECONDS, "seconds at the door"),
        // Only cities on the globe have a box of their own.
        "GRID_SW_COORDINATES" | "GRID_NE_COORDINATES" => header.globe = true,
        _ => {}
    }
}

fn warehouse(reader: &mut Reader, line: &str, number: usize) -> Option<Warehouse> {
    let cells = reader.cells(line, 5, "number, two coordinates, couriers, pickers")?;
    reader.in_turn(cells[0], number);
    let [x, y] = [1, 2].map(|i| reader.number(cells[i], COORDINATE, "a coordinate"));
    let whole = |reader: &mut Reader, text: &str, expected| {
        let number: Option<u32> = text.parse().ok().filter(|number| (1..=10_000).contains(number));
        if number.is_none() {
            reader.problem(format!("\"{text}\""), expected);
        }
        number
    };
    let couriers = whole(reader, cells[3], "a number of couriers, 1 to 10000");
    let pickers = whole(reader, cells[4], "a number of pickers, 1 to 10000");
    Some(Warehouse { at: (x?, y?), couriers: couriers?, pickers: pickers? })
}

fn client(reader: &mut Reader, line: &str, number: usize) -> Option<(f64, f64)> {
    let cells = reader.cells(line, 3, "number and two coordinates")?;
    reader.in_turn(cells[0], number);
    let [x, y] = [1, 2].map(|i| reader.number(cells[i], COORDINATE, "a coordinate"));
    Some((x?, y?))
}

fn check_counts(reader: &mut Reader, header: &Header, warehouses: usize, clients: usize, weight_rows: usize) {
    if header.name.is_empty() {
        reader.problem("no NAME", "the name of the instance in the header");
    }
    let counts = [
        ("NUMBER_WAREHOUSES", header.warehouses, warehouses, "rows of WAREHOUSE_SECTION"),
        ("NUMBER_CLIENTS", header.clients, clients, "rows of CLIENT_SECTION"),
        ("NUMBER_CLIENTS", header.clients, weight_rows, "rows of EDGE_WEIGHT_SECTION"),
    ];
    for (key, said, found, rows) in counts {
        match said {
            Some(said) if said != found as f64 => reader.problem(format!("{found} {rows}"), format!("{said} by {key}")),
            Some(_) => {}
            None => reader.problem(format!("no {key}"), "it in the header"),
        }
    }
    for (key, value) in
        [("MEAN_COMMISSION_TIME", header.pick_mean_s), ("MEAN_SERVICE_AT_CLIENT_TIME", header.service_s)]
    {
        if value.is_none() {
            reader.problem(format!("no {key}"), "it in the header");
        }
    }
    if (warehouses + clients) * warehouses > MOST_PAIRS {
        reader.problem(format!("{clients} clients and {warehouses} warehouses"), "at most 100 million pairs");
    }
}
