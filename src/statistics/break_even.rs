//! Room: statistics. Where near and far break even: the zero line of a difference over two factors, with its band.
//!
//! Marching squares (Lorensen and Cline 1987 in two dimensions) with linear interpolation on the edges of the grid.
//! Coordinates are those of the axes: hand in logarithms for an axis drawn so.

use super::{StatisticsError, at_least, same_length};
use std::collections::BTreeMap;

/// A line through the plane as the points it joins, in the coordinates of the axes; closed if the first comes again at the end.
pub type Line = Vec<[f64; 2]>;

/// A difference on a grid of two factors.
#[derive(Clone, Copy, Debug)]
pub struct Surface<'a> {
    /// Values of the first factor, ascending.
    pub x: &'a [f64],
    /// Values of the second factor, ascending.
    pub y: &'a [f64],
    /// The difference at each point, row by row: `values[iy][ix]`; NaN where a run failed.
    pub values: &'a [Vec<f64>],
}

/// On which side of 0 a surface lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Above 0 or at it everywhere: no line.
    Above,
    /// Below 0 or at it everywhere: no line.
    Below,
    /// Some of it above, some below.
    Both,
    /// 0 everywhere.
    Zero,
    /// No value at all.
    NoData,
}

/// The line of no difference and the band in which the interval includes 0.
#[derive(Clone, PartialEq, Debug)]
pub struct BreakEven {
    /// Where the difference itself is 0.
    pub lines: Vec<Line>,
    /// Where the lower end of its interval is 0: beyond it the difference is surely above.
    pub low_lines: Vec<Line>,
    /// Where the upper end is 0: beyond it the difference is surely below.
    pub high_lines: Vec<Line>,
    /// On which side the difference lies.
    pub side: Side,
    /// Share of the points with a value where the interval includes 0: no difference shown.
    pub unclear_share: f64,
}

/// Break-even lines of a surface whose points have intervals of these half-widths, `half_widths[iy][ix]`.
pub fn break_even(surface: Surface<'_>, half_widths: &[Vec<f64>]) -> Result<BreakEven, StatisticsError> {
    check(surface)?;
    check(Surface { values: half_widths, ..surface })?;
    let shifted = |sign: f64| -> Vec<Vec<f64>> {
        let row = |(values, half_widths): (&Vec<f64>, &Vec<f64>)| {
            values.iter().zip(half_widths).map(|(value, half_width)| value + sign * half_width).collect()
        };
        surface.values.iter().zip(half_widths).map(row).collect()
    };
    let (low, high) = (shifted(-1.0), shifted(1.0));
    let ends = low.iter().flatten().zip(high.iter().flatten());
    let known: Vec<(&f64, &f64)> = ends.filter(|(low, high)| low.is_finite() && high.is_finite()).collect();
    let unclear = known.iter().filter(|(low, high)| **low <= 0.0 && **high >= 0.0).count();
    Ok(BreakEven {
        lines: zero_lines(surface)?,
        low_lines: zero_lines(Surface { values: &low, ..surface })?,
        high_lines: zero_lines(Surface { values: &high, ..surface })?,
        side: side(surface.values),
        unclear_share: unclear as f64 / known.len() as f64,
    })
}

/// Lines along which a surface is 0. Cells with an unknown corner are left out, so that lines end there. Where a cell has
/// the signs of a saddle, the mean of its corners says which are joined.
pub fn zero_lines(surface: Surface<'_>) -> Result<Vec<Line>, StatisticsError> {
    check(surface)?;
    let mut joined: BTreeMap<Edge, Vec<Edge>> = BTreeMap::new();
    for iy in 0..surface.y.len() - 1 {
        for ix in 0..surface.x.len() - 1 {
            for (a, b) in segments(surface, ix, iy) {
                joined.entry(a).or_default().push(b);
                joined.entry(b).or_default().push(a);
            }
        }
    }
    Ok(chains(joined).into_iter().map(|edges| points(surface, &edges)).filter(|line| line.len() > 1).collect())
}

/// Where the straight pieces through points of one factor cross 0, ascending; pieces with an unknown end are left out.
pub fn crossings(x: &[f64], values: &[f64]) -> Result<Vec<f64>, StatisticsError> {
    same_length("differences along an axis", values.len(), x.len())?;
    ascending(x)?;
    let piece = |i: &usize| {
        let (a, b) = (values[*i], values[i + 1]);
        a.is_finite() && b.is_finite() && (a >= 0.0) != (b >= 0.0)
    };
    let at = |i: usize| between(x[i], x[i + 1], values[i], values[i + 1]);
    Ok((0..x.len().saturating_sub(1)).filter(piece).map(at).collect())
}

/// An edge of the grid: the point it starts at, and whether it runs along x.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    iy: usize,
    ix: usize,
    along_x: bool,
}

fn check(surface: Surface<'_>) -> Result<(), StatisticsError> {
    at_least("values of the first factor", surface.x.len(), 2)?;
    at_least("values of the second factor", surface.y.len(), 2)?;
    ascending(surface.x)?;
    ascending(surface.y)?;
    same_length("rows of a surface", surface.values.len(), surface.y.len())?;
    surface.values.iter().try_for_each(|row| same_length("values in a row of a surface", row.len(), surface.x.len()))
}

fn ascending(axis: &[f64]) -> Result<(), StatisticsError> {
    let fine = axis.windows(2).all(|pair| pair[0] < pair[1]) && axis.iter().all(|value| value.is_finite());
    if fine { Ok(()) } else { Err(StatisticsError::Axis("a surface")) }
}

fn side(values: &[Vec<f64>]) -> Side {
    let known = || values.iter().flatten().filter(|value| value.is_finite());
    match (known().any(|value| *value > 0.0), known().any(|value| *value < 0.0)) {
        (true, true) => Side::Both,
        (true, false) => Side::Above,
        (false, true) => Side::Below,
        (false, false) if known().next().is_some() => Side::Zero,
        (false, false) => Side::NoData,
    }
}

/// The pieces of line in a cell, each from edge to edge. 0 counts as above, so that each point has one side.
fn segments(surface: Surface<'_>, ix: usize, iy: usize) -> Vec<(Edge, Edge)> {
    let value = |dx: usize, dy: usize| surface.values[iy + dy][ix + dx];
    // Corners against the clock, and the edge after each.
    let corners = [value(0, 0), value(1, 0), value(1, 1), value(0, 1)];
    if corners.iter().any(|corner| !corner.is_finite()) {
        return Vec::new();
    }
    let edges = [
        Edge { iy, ix, along_x: true },
        Edge { iy, ix: ix + 1, along_x: false },
        Edge { iy: iy + 1, ix, along_x: true },
        Edge { iy, ix, along_x: false },
    ];
    let above = corners.map(|corner| corner >= 0.0);
    let crossed: Vec<Edge> = (0..4).filter(|&i| above[i] != above[(i + 1) % 4]).map(|i| edges[i]).collect();
    match crossed[..] {
        [a, b] => vec![(a, b)],
        [a, b, c, d] => {
            let middle_above = corners.iter().sum::<f64>() >= 0.0;
            // Two lines, each cutting off the corners that are not of the middle's side: those between edges d and a, and
            // b and c, if the first corner is such a one.
            if above[0] == middle_above { vec![(a, b), (c, d)] } else { vec![(d, a), (b, c)] }
        }
        _ => Vec::new(),
    }
}

/// Joins pieces that share an edge: first the open lines, from the edge that comes first, then the closed ones.
fn chains(mut joined: BTreeMap<Edge, Vec<Edge>>) -> Vec<Vec<Edge>> {
    let mut chains = Vec::new();
    let ends: Vec<Edge> = joined.iter().filter(|(_, next)| next.len() == 1).map(|(edge, _)| *edge).collect();
    for end in ends {
        chains.extend(follow(&mut joined, end));
    }
    while let Some((&start, _)) = joined.first_key_value() {
        chains.extend(follow(&mut joined, start));
    }
    chains
}

/// Follows a line from an edge until it ends or returns, and takes it out.
fn follow(joined: &mut BTreeMap<Edge, Vec<Edge>>, start: Edge) -> Option<Vec<Edge>> {
    let mut chain = vec![start];
    let mut at = start;
    while let Some(&next) = joined.get(&at).and_then(|next| next.last()) {
        part(joined, at, next);
        part(joined, next, at);
        chain.push(next);
        at = next;
    }
    (chain.len() > 1).then_some(chain)
}

/// Forgets that a piece of line goes from one edge to another.
fn part(joined: &mut BTreeMap<Edge, Vec<Edge>>, from: Edge, to: Edge) {
    if let Some(next) = joined.get_mut(&from) {
        next.retain(|edge| *edge != to);
        if next.is_empty() {
            joined.remove(&from);
        }
    }
}

fn points(surface: Surface<'_>, edges: &[Edge]) -> Line {
    let point = |edge: &Edge| {
        let Edge { ix, iy, along_x } = *edge;
        let (x, y, values) = (surface.x, surface.y, surface.values);
        if along_x {
            [between(x[ix], x[ix + 1], values[iy][ix], values[iy][ix + 1]), y[iy]]
        } else {
            [x[ix], between(y[iy], y[iy + 1], values[iy][ix], values[iy + 1][ix])]
        }
    };
    let mut line: Line = edges.iter().map(point).collect();
    // Where the surface is 0 on a point of the grid, several edges cross at that point.
    line.dedup();
    line
}

/// Where a straight piece from `a` at `from` to `b` at `to`, on both sides of 0, is 0.
fn between(from: f64, to: f64, a: f64, b: f64) -> f64 {
    from + (to - from) * (a / (a - b))
}

#[cfg(test)]
mod tests {
    use super::super::testing::close;
    use super::*;

    fn axis(n: usize) -> Vec<f64> {
        (0..n).map(|i| i as f64).collect()
    }

    fn sampled(x: &[f64], y: &[f64], f: impl Fn(f64, f64) -> f64) -> Vec<Vec<f64>> {
        y.iter().map(|y| x.iter().map(|x| f(*x, *y)).collect()).collect()
    }

    fn lines(values: &[Vec<f64>]) -> Vec<Line> {
        let (x, y) = (axis(values[0].len()), axis(values.len()));
        zero_lines(Surface { x: &x, y: &y, values }).unwrap()
    }

    #[test]
    fn a_slope_has_its_straight_line_from_edge_to_edge() {
        let (x, y) = (axis(5), axis(4));
        let found = lines(&sampled(&x, &y, |x, y| x + y - 2.5));
        assert_eq!(found.len(), 1);
        assert!(found[0].iter().all(|[x, y]| (x + y - 2.5).abs() < 1e-12));
        let mut ends = [found[0][0], *found[0].last().unwrap()];
        ends.sort_by(|a, b| a[0].total_cmp(&b[0]));
        assert_eq!(ends, [[0.0, 2.5], [2.5, 0.0]]);
    }

    #[test]
    fn a_hill_has_a_closed_line_near_the_circle() {
        let x: Vec<f64> = (-20..=20).map(|i| f64::from(i) / 10.0).collect();
        let values = sampled(&x, &x, |x, y| 1.0 - x * x - y * y);
        let found = zero_lines(Surface { x: &x, y: &x, values: &values }).unwrap();
        assert_eq!(found.len(), 1);
        let ring = &found[0];
        assert!(ring.len() > 40 && ring[0] == ring[ring.len() - 1]);
        assert!(ring.iter().all(|[x, y]| (x.hypot(*y) - 1.0).abs() < 0.003));
        let length: f64 = ring.windows(2).map(|p| (p[1][0] - p[0][0]).hypot(p[1][1] - p[0][1])).sum();
        close(length, 2.0 * std::f64::consts::PI, 0.02);
    }

    #[test]
    fn the_mean_of_a_saddle_says_which_corners_are_joined() {
        // Above at two opposite corners; the middle is above in the first and below in the second.
        for (high, joined) in [(3.0, true), (1.0, false)] {
            let found = lines(&[vec![high, -1.5], vec![-1.5, high]]);
            assert_eq!(found.len(), 2);
            // A line that cuts off the corner (1, 0) leaves the two high corners joined.
            let cuts_low_corner = found.iter().any(|line| line.iter().all(|[x, y]| x - y > 0.0));
            assert_eq!(cuts_low_corner, joined, "{found:?}");
        }
    }

    #[test]
    fn zeros_on_the_grid_give_one_line_without_standing_still() {
        let (x, y) = (axis(5), axis(3));
        assert_eq!(lines(&sampled(&x, &y, |x, _| x - 2.0)), [[[2.0, 0.0], [2.0, 1.0], [2.0, 2.0]]]);
        assert_eq!(lines(&sampled(&x, &y, |x, _| 2.0 - x)), [[[2.0, 0.0], [2.0, 1.0], [2.0, 2.0]]]);
        // Touched from below at one point: no line.
        let mut touched = sampled(&x, &y, |_, _| -1.0);
        touched[1][2] = 0.0;
        assert!(lines(&touched).is_empty());
    }

    #[test]
    fn an_unknown_point_opens_the_line() {
        let (x, y) = (axis(7), axis(3));
        let mut values = sampled(&x, &y, |_, y| y - 0.5);
        assert_eq!(lines(&values).len(), 1);
        values[0][3] = f64::NAN;
        let found = lines(&values);
        assert_eq!(found, [[[0.0, 0.5], [1.0, 0.5], [2.0, 0.5]], [[4.0, 0.5], [5.0, 0.5], [6.0, 0.5]]]);
    }

    #[test]
    fn the_band_lies_on_both_sides_of_the_line() {
        let (x, y) = (axis(5), axis(3));
        let values = sampled(&x, &y, |x, _| x - 1.5);
        let half_widths = vec![vec![1.0; 5]; 3];
        let surface = Surface { x: &x, y: &y, values: &values };
        let found = break_even(surface, &half_widths).unwrap();
        let at = |lines: &[Line]| lines.iter().flatten().map(|point| point[0]).collect::<Vec<_>>();
        assert_eq!(at(&found.lines), [1.5; 3]);
        assert_eq!((at(&found.low_lines), at(&found.high_lines)), (vec![2.5; 3], vec![0.5; 3]));
        // x = 1 and 2 of 0 to 4.
        assert_eq!((found.side, found.unclear_share), (Side::Both, 0.4));
        assert!(break_even(surface, &half_widths[..2]).is_err());
    }

    #[test]
    fn one_side_has_no_line_and_says_so() {
        let (x, y) = (axis(3), axis(3));
        for (value, side) in [(2.0, Side::Above), (-2.0, Side::Below), (0.0, Side::Zero), (f64::NAN, Side::NoData)] {
            let values = vec![vec![value; 3]; 3];
            let found = break_even(Surface { x: &x, y: &y, values: &values }, &vec![vec![0.5; 3]; 3]).unwrap();
            assert_eq!((found.lines.len(), found.side), (0, side));
        }
        let down = [2.0, 1.0];
        assert!(zero_lines(Surface { x: &down, y: &y, values: &vec![vec![1.0; 2]; 3] }).is_err());
    }

    #[test]
    fn one_factor_breaks_even_between_its_points() {
        let found = crossings(&[1.0, 2.0, 4.0, 5.0, 6.0], &[-1.0, 1.0, -3.0, f64::NAN, 1.0]).unwrap();
        assert_eq!(found, [1.5, 2.5]);
        assert_eq!(crossings(&[1.0, 2.0, 3.0], &[-1.0, 0.0, 1.0]).unwrap(), [2.0]);
        assert!(crossings(&[], &[]).unwrap().is_empty());
    }
}
