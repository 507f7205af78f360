//! Room: report. One moment of a day as SVG, for readers without JavaScript.

use super::{Day, Order, Point, Ride, Way};
use crate::report::wording::{clock, plural};

/// Width of the picture.
const WIDTH: f64 = 960.0;
const EDGE: f64 = 16.0;

/// The moment with the most open near orders; the middle of the replay if there never is one.
pub(super) fn busiest_s(day: &Day) -> f64 {
    let [placed, done] = [0, 3].map(|what| &day.counts.so_far[what]);
    let open = placed.iter().zip(done).map(|(placed, done)| placed.saturating_sub(*done));
    let most = open.enumerate().max_by_key(|(step, open)| (*open, std::cmp::Reverse(*step)));
    match most.filter(|(_, open)| *open > 0) {
        Some((step, _)) => (step as f64 * day.counts.step_s).min(day.span_s),
        None => day.span_s / 2.0,
    }
}

/// The map at the busiest moment and a sentence that says what it shows.
pub(super) fn still(day: &Day) -> (String, String) {
    let at_s = busiest_s(day);
    let scale = (WIDTH - 2.0 * EDGE) / (day.high.0 - day.low.0);
    let height = (day.high.1 - day.low.1) * scale + 2.0 * EDGE;
    let on_sheet = |at: Point| (EDGE + (at.0 - day.low.0) * scale, height - EDGE - (at.1 - day.low.1) * scale);
    let open = |order: &&Order| order.placed_s <= at_s && order.done_s.is_none_or(|done| done > at_s);
    let near: Vec<&Order> = day.orders.iter().filter(open).filter(|order| order.channel == Way::Near).collect();
    let riding: Vec<&Ride> = day.rides.iter().filter(|ride| ride.from_s <= at_s && at_s < ride.until_s).collect();
    let said = format!(
        "{}: {} open and {} riding at {}",
        day.label,
        plural(near.len(), "near-field order"),
        plural(riding.len(), "courier"),
        clock(at_s, day.start_hour)
    );
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height:.0}\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{}\">\
         <rect width=\"{WIDTH}\" height=\"{height:.0}\" fill=\"#0f161d\"/>",
        escaped(&said)
    );
    let mut dot = |at: Point, size: f64, colour: &str| {
        let (x, y) = on_sheet(at);
        svg += &format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{size}\" style=\"fill:{colour}\"/>");
    };
    near.iter().for_each(|order| dot(order.at, 3.0, "var(--near,#ff8a3d)"));
    for ride in &riding {
        let part = (at_s - ride.from_s) / (ride.until_s - ride.from_s);
        let colour = if ride.load > 0 { "#ffffff" } else { "#2fc6a8" };
        dot(along(day.along_streets, ride, part), 4.0, colour);
    }
    for store in &day.stores {
        let (x, y) = on_sheet(store.at);
        svg += &format!("<rect x=\"{:.1}\" y=\"{:.1}\" width=\"7\" height=\"7\" fill=\"#75889b\"/>", x - 3.5, y - 3.5);
    }
    if let Some((x, y)) = day.warehouse.map(on_sheet) {
        let (x, y) = (x.clamp(EDGE, WIDTH - EDGE) - 7.0, y.clamp(EDGE, height - EDGE) - 7.0);
        svg += &format!("<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"14\" height=\"14\" fill=\"#4aa8e0\"/>");
    }
    (svg + "</svg>", said)
}

/// The place on a ride after a part of its time; along streets first east or west, then north or south.
pub(super) fn along(streets: bool, ride: &Ride, part: f64) -> Point {
    let ((x0, y0), (x1, y1)) = (ride.from, ride.to);
    if !streets {
        return (x0 + (x1 - x0) * part, y0 + (y1 - y0) * part);
    }
    let (dx, dy) = ((x1 - x0).abs(), (y1 - y0).abs());
    let gone = part * (dx + dy);
    match gone <= dx {
        true => (x0 + gone * (x1 - x0).signum(), y0),
        false => (x1, y0 + (gone - dx) * (y1 - y0).signum()),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{day_of, town};
    use super::*;

    #[test]
    fn the_still_shows_a_busy_moment_and_says_so() {
        let day = day_of(&town(), super::super::MOST_ORDERS);
        let (svg, said) = still(&day);
        assert!(said.contains("near-field order") && said.contains(" at 1"), "{said}");
        assert_eq!(svg.matches("#75889b").count(), day.stores.len());
        assert!(svg.matches("#ff8a3d").count() > 3 && svg.ends_with("</svg>"));
    }

    #[test]
    fn rides_follow_streets_or_the_straight_line() {
        let ride = Ride {
            courier: 0,
            from_s: 0.0,
            until_s: 1.0,
            busy_until_s: 1.0,
            from: (10.0, 0.0),
            to: (0.0, 30.0),
            load: 0,
            to_store: false,
        };
        assert_eq!(
            [0.0, 0.125, 0.25, 0.5, 1.0].map(|part| along(true, &ride, part)),
            [(10.0, 0.0), (5.0, 0.0), (0.0, 0.0), (0.0, 10.0), (0.0, 30.0)]
        );
        assert_eq!(along(false, &ride, 0.5), (5.0, 15.0));
    }
}
