//! Room: city. The travel-time matrix: seconds between numbered places.

use super::Problem;
use crate::city::space::Matrix;
use crate::table::Table;
use crate::table::sheet::Sheet;

/// Most places a matrix may have; its size grows with the square (800 MB at this bound).
const MOST_PLACES: u32 = 10_000;

/// Checks a travel-time table: every pair once; a place's way to itself may be left out and is 0.
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
    let side = legs.iter().map(|&(_, start, end, _)| start.max(end) as usize + 1).max().unwrap_or(0);
    let whole = legs.len() == table.len();
    let mut times = vec![f64::NAN; side * side];
    for (row, start, end, seconds) in legs {
        let cell = &mut times[start as usize * side + end as usize];
        if !cell.is_nan() {
            sheet.problem(row, from, &format!("the way from {start} to {end} only once"));
        }
        *cell = seconds;
    }
    // Pairs that failed above would be reported missing a second time.
    if whole {
        fill_gaps(&mut times, side, &mut sheet);
    }
    sheet.finish(times).map(|times| Matrix::new(side, times))
}

fn fill_gaps(times: &mut [f64], side: usize, sheet: &mut Sheet<'_>) {
    for start in 0..side {
        for end in 0..side {
            let cell = &mut times[start * side + end];
            if cell.is_nan() && start == end {
                *cell = 0.0;
            } else if cell.is_nan() {
                sheet.file_problem(&format!("no row from {start} to {end}"), "every pair of places");
            }
        }
    }
}
