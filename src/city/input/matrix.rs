//! Room: city. The travel-time matrix: seconds between numbered places.

use super::Problem;
use crate::city::space::Matrix;
use crate::table::Table;
use crate::table::sheet::Sheet;

/// Most places a matrix may have.
const MOST_PLACES: u32 = 1_000_000;
/// Most pairs it may have (800 MB at this bound).
const MOST_PAIRS: usize = 100_000_000;

/// Checks a travel-time table: every pair of a place and a node once. Nodes are the places that some row leads to, and
/// stand first; usually all are. A place's way to itself may be left out and is 0; where not every place is a node, the
/// ways between nodes may be left out too and are NaN here.
pub fn matrix(table: &Table) -> Result<Matrix, Vec<Problem>> {
    let mut sheet = Sheet::open(table, &["from", "to", "seconds"]);
    let from = sheet.required("from", "the number of the place left");
    let to = sheet.required("to", "the number of the place reached");
    let time = sheet.required("seconds", "the travel time");
    let mut legs = Vec::with_capacity(table.len());
    for row in sheet.rows() {
        let mut end = |column| {
            sheet.needed_text(row, column, "the number of a place")?;
            sheet.whole(row, column, (0, MOST_PLACES - 1), "the number of a place, from 0")
        };
        let (start, end) = (end(from), end(to));
        let seconds = sheet.needed_number(row, time, (0.0, 1e9), "seconds");
        if let (Some(start), Some(end), Some(seconds)) = (start, end, seconds) {
            legs.push((row, start, end, seconds));
        }
    }
    let last = |ends: &mut dyn Iterator<Item = u32>| ends.max().map_or(0, |place| place as usize + 1);
    let nodes = last(&mut legs.iter().map(|leg| leg.2));
    let places = last(&mut legs.iter().map(|leg| leg.1)).max(nodes);
    let whole = legs.len() == table.len();
    if places * nodes > MOST_PAIRS {
        sheet.file_problem(&format!("{places} places with ways to {nodes}"), "at most 100 million pairs");
        return sheet.finish(Matrix::default());
    }
    let mut times = vec![f64::NAN; places * nodes];
    for (row, start, end, seconds) in legs {
        let cell = &mut times[start as usize * nodes + end as usize];
        if !cell.is_nan() {
            sheet.problem(row, from, &format!("the way from {start} to {end} only once"));
        }
        *cell = seconds;
    }
    // Pairs that failed above would be reported missing a second time.
    if whole {
        fill_gaps(&mut times, nodes, &mut sheet);
    }
    sheet.finish(times).map(|times| Matrix::new(nodes, times))
}

fn fill_gaps(times: &mut [f64], nodes: usize, sheet: &mut Sheet<'_>) {
    let square = times.len() == nodes * nodes;
    for (cell, time) in times.iter_mut().enumerate().filter(|(_, time)| time.is_nan()) {
        let (start, end) = (cell / nodes, cell % nodes);
        if start == end {
            *time = 0.0;
        } else if square || start >= nodes {
            sheet.file_problem(&format!("no row from {start} to {end}"), "every pair of places");
        }
    }
}
