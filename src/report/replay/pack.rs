//! Room: report. A day as JSON whose long columns are whole numbers of 16 or 32 bits in base64.
//!
//! A time is a number of ticks, a place a 65,534th of the map, money a tenth of a yuan: too fine to see on a screen, and a
//! day of 18,000 orders takes little more than a megabyte. 65,535 stands for nothing.

use super::{COUNTED, Courier, Day, Order, Point, Ride};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Stands for nothing in a column of 16 bits.
pub(super) const NONE: u16 = u16::MAX;
const LARGEST: f64 = 65_534.0;

/// Seconds of one tick: a whole day in steps of 2 s.
pub(super) fn tick_s(day: &Day) -> f64 {
    (day.span_s / LARGEST).max(1.0).ceil()
}

/// A number as a whole one within 16 bits, nothing as [`NONE`].
fn whole(value: Option<f64>) -> u16 {
    value.filter(|value| value.is_finite()).map_or(NONE, |value| value.round().clamp(0.0, LARGEST) as u16)
}

/// Turns times and places into whole numbers.
pub(super) struct Scale {
    tick_s: f64,
    low: Point,
    size: Point,
}

impl Scale {
    pub(super) fn of(day: &Day) -> Scale {
        Scale { tick_s: tick_s(day), low: day.low, size: (day.high.0 - day.low.0, day.high.1 - day.low.1) }
    }
    pub(super) fn time(&self, at_s: f64) -> u16 {
        whole(Some(at_s / self.tick_s))
    }
    /// A time that the replay may not reach.
    pub(super) fn maybe(&self, at_s: Option<f64>) -> u16 {
        whole(at_s.map(|at_s| at_s / self.tick_s).filter(|ticks| *ticks <= LARGEST))
    }
    pub(super) fn x(&self, at: Point) -> u16 {
        whole(Some((at.0 - self.low.0) / self.size.0 * LARGEST))
    }
    pub(super) fn y(&self, at: Point) -> u16 {
        whole(Some((at.1 - self.low.1) / self.size.1 * LARGEST))
    }
}

fn words16(values: impl Iterator<Item = u16>) -> String {
    quoted_bytes(values.flat_map(u16::to_le_bytes).collect())
}
fn words32(values: impl Iterator<Item = u32>) -> String {
    quoted_bytes(values.flat_map(u32::to_le_bytes).collect())
}
fn bytes(values: impl Iterator<Item = u8>) -> String {
    quoted_bytes(values.collect())
}
fn quoted_bytes(bytes: Vec<u8>) -> String {
    format!("\"{}\"", STANDARD.encode(bytes))
}

/// A JSON string that may stand in a script element.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out += &format!("\\u{:04x}", c as u32),
            c if c.is_control() => out += &format!("\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out + "\""
}

/// `[a, b, …]`.
fn list(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(","))
}

/// `{"a":…, "b":…}` of names and JSON.
fn object(fields: &[(&str, String)]) -> String {
    let field = |(name, json): &(&str, String)| format!("\"{name}\":{json}");
    format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(","))
}

/// The data of a page; the script beside it knows the names.
pub(super) fn json(day: &Day) -> String {
    let scale = Scale::of(day);
    let store = |store: &super::Store| {
        format!("[{},{},{},{}]", quoted(&store.name), scale.x(store.at), scale.y(store.at), u8::from(store.far))
    };
    object(&[
        ("label", quoted(&day.label)),
        ("currency", quoted(&crate::report::wording::currency(&day.currency))),
        ("seed", day.seed.to_string()),
        ("startHour", day.start_hour.to_string()),
        ("span", day.span_s.to_string()),
        ("tick", tick_s(day).to_string()),
        ("width", (day.high.0 - day.low.0).to_string()),
        ("height", (day.high.1 - day.low.1).to_string()),
        ("streets", day.along_streets.to_string()),
        ("oneIn", day.one_in.to_string()),
        ("allOrders", day.all_orders.to_string()),
        ("warehouse", day.warehouse.map_or("null".into(), |at| format!("[{},{}]", scale.x(at), scale.y(at)))),
        ("stores", list(day.stores.iter().map(store))),
        ("couriers", couriers(&day.couriers, &scale)),
        ("rides", rides(&day.rides, &scale)),
        ("orders", orders(day, &scale)),
        ("counts", counts(day)),
    ])
}

fn couriers(couriers: &[Courier], scale: &Scale) -> String {
    let shifts =
        || couriers.iter().enumerate().flat_map(|(i, courier)| courier.shifts.iter().map(move |shift| (i, shift)));
    object(&[
        ("name", list(couriers.iter().map(|courier| quoted(&courier.name)))),
        ("x", words16(couriers.iter().map(|courier| scale.x(courier.at)))),
        ("y", words16(couriers.iter().map(|courier| scale.y(courier.at)))),
        ("shiftOf", words16(shifts().map(|(i, _)| i as u16))),
        ("on", words16(shifts().map(|(_, (on, _))| scale.time(*on)))),
        ("off", words16(shifts().map(|(_, (_, off))| scale.time(*off)))),
    ])
}

fn rides(rides: &[Ride], scale: &Scale) -> String {
    let words = |value: fn(&Scale, &Ride) -> u16| words16(rides.iter().map(|ride| value(scale, ride)));
    object(&[
        ("courier", words(|_, ride| ride.courier as u16)),
        ("from", words(|scale, ride| scale.time(ride.from_s))),
        ("until", words(|scale, ride| scale.time(ride.until_s))),
        ("busy", words(|scale, ride| scale.time(ride.busy_until_s))),
        ("x0", words(|scale, ride| scale.x(ride.from))),
        ("y0", words(|scale, ride| scale.y(ride.from))),
        ("x1", words(|scale, ride| scale.x(ride.to))),
        ("y1", words(|scale, ride| scale.y(ride.to))),
        // The highest bit: ends at a store.
        ("load", bytes(rides.iter().map(|ride| ride.load.min(127) | (u8::from(ride.to_store) << 7)))),
    ])
}

fn orders(day: &Day, scale: &Scale) -> String {
    let words = |value: &dyn Fn(&Order) -> u16| words16(day.orders.iter().map(value));
    let minutes = |order: &Order, at: Option<f64>| whole(at.map(|at| (at - order.placed_s) / 60.0));
    // Two bits of channel, then late, then cancelled.
    let kind = |order: &Order| order.channel as u8 | (u8::from(order.late) << 2) | (u8::from(order.cancelled) << 3);
    object(&[
        ("id", words32(day.orders.iter().map(|order| order.id))),
        ("kind", bytes(day.orders.iter().map(kind))),
        ("x", words(&|order| scale.x(order.at))),
        ("y", words(&|order| scale.y(order.at))),
        ("placed", words(&|order| scale.time(order.placed_s))),
        ("ready", words(&|order| scale.maybe(order.ready_s))),
        ("left", words(&|order| scale.maybe(order.left_s))),
        ("done", words(&|order| scale.maybe(order.done_s))),
        ("took", words(&|order| minutes(order, order.done_s))),
        ("promise", words(&|order| minutes(order, order.promised_s))),
        ("cost", words(&|order| whole(order.cost_yuan.map(|yuan| yuan * 10.0)))),
        ("store", words(&|order| whole(order.store.map(|store| store as f64)))),
        ("courier", words(&|order| whole(order.courier.map(|courier| courier as f64)))),
    ])
}

fn counts(day: &Day) -> String {
    let mut fields = vec![("step", day.counts.step_s.to_string())];
    fields
        .extend(COUNTED.iter().zip(&day.counts.so_far).map(|(name, series)| (*name, words32(series.iter().copied()))));
    object(&fields)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{day_of, town};
    use super::*;

    /// The column of this name in an object of the JSON.
    fn column(json: &str, of: &str, name: &str) -> Vec<u16> {
        let part = &json[json.find(&format!("\"{of}\":{{")).unwrap()..];
        let start = part.find(&format!("\"{name}\":\"")).unwrap() + name.len() + 4;
        let text = &part[start..start + part[start..].find('"').unwrap()];
        STANDARD.decode(text).unwrap().chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
    }

    #[test]
    fn columns_read_back_as_what_went_in_within_a_step() {
        let day = day_of(&town(), super::super::MOST_ORDERS);
        let (json, tick) = (json(&day), tick_s(&day));
        let metres = (day.high.0 - day.low.0) / LARGEST;
        let placed = column(&json, "orders", "placed");
        let (x, done) = (column(&json, "orders", "x"), column(&json, "orders", "done"));
        assert_eq!(placed.len(), day.orders.len());
        for (i, order) in day.orders.iter().enumerate() {
            assert!((f64::from(placed[i]) * tick - order.placed_s).abs() <= tick / 2.0 + 1e-9);
            assert!((f64::from(x[i]) * metres + day.low.0 - order.at.0).abs() <= metres);
            match order.done_s.filter(|done| *done <= LARGEST * tick) {
                Some(at) => assert!((f64::from(done[i]) * tick - at).abs() <= tick / 2.0 + 1e-9),
                None => assert_eq!(done[i], NONE, "{order:?}"),
            }
        }
        let (from, y1) = (column(&json, "rides", "from"), column(&json, "rides", "y1"));
        assert_eq!(from.len(), day.rides.len());
        let high = (day.high.1 - day.low.1) / LARGEST;
        for (i, ride) in day.rides.iter().enumerate() {
            assert!((f64::from(from[i]) * tick - ride.from_s).abs() <= tick / 2.0 + 1e-9);
            assert!((f64::from(y1[i]) * high + day.low.1 - ride.to.1).abs() <= high);
        }
    }

    #[test]
    fn an_order_takes_less_than_eighty_bytes_of_the_page() {
        let day = day_of(&town(), super::super::MOST_ORDERS);
        let fixed = json(&Day { orders: Vec::new(), rides: Vec::new(), ..day.clone() }).len();
        let each = (json(&day).len() - fixed) / day.orders.len();
        assert!(each < 80, "{each} bytes an order: a page of {} would not fit", super::super::MOST_ORDERS);
    }

    #[test]
    fn names_cannot_end_the_script_they_stand_in() {
        assert_eq!(quoted("a</script>\"\\\n近"), "\"a\\u003c/script\\u003e\\\"\\\\\\u000a近\"");
    }

    #[test]
    fn what_lies_beyond_the_replay_is_nothing() {
        assert_eq!((whole(None), whole(Some(f64::NAN)), whole(Some(-3.0)), whole(Some(9e9))), (NONE, NONE, 0, 65_534));
        let scale = Scale { tick_s: 2.0, low: (0.0, 0.0), size: (100.0, 50.0) };
        assert_eq!((scale.maybe(Some(200_000.0)), scale.maybe(Some(100.0)), scale.x((100.0, 0.0))), (NONE, 50, 65_534));
    }
}
