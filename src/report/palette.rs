//! Room: report. The colours of every chart; safe under the common kinds of colour blindness.
//!
//! A channel keeps its colour in every chart, and no scenario or courier state ever borrows it.

/// A colour as red, green and blue, 0 to 255.
pub(crate) type Rgb = (u8, u8, u8);

pub(crate) const NEAR: Rgb = (0xD5, 0x5E, 0x00);
pub(crate) const FAR: Rgb = (0x00, 0x72, 0xB2);
/// Dark enough to be told from the blue of far by those who see no red.
pub(crate) const PICKUP: Rgb = (0x54, 0x27, 0x88);
/// Near adds to the cost of far.
pub(crate) const NEAR_ADDS: Rgb = (0xF0, 0xB4, 0x8A);
/// Near saves against the cost of far.
pub(crate) const NEAR_SAVES: Rgb = (0x8F, 0xC1, 0xE3);
pub(crate) const INK: Rgb = (0x1B, 0x26, 0x31);
pub(crate) const MUTED: Rgb = (0x5B, 0x67, 0x75);
pub(crate) const GREY: Rgb = (0x9A, 0xA1, 0xAB);
pub(crate) const GRID: Rgb = (0xE3, 0xE7, 0xEB);
pub(crate) const AXIS: Rgb = (0x8A, 0x94, 0xA0);
pub(crate) const PAPER: Rgb = (0xFF, 0xFF, 0xFF);
/// Ground of the map where nobody ordered.
pub(crate) const GROUND: Rgb = (0xF4, 0xF5, 0xF7);
/// Cells with too few orders to compare.
pub(crate) const THIN: Rgb = (0xD9, 0xDD, 0xE2);
/// What somebody earns, and what somebody pays, on an order.
pub(crate) const EARNS: Rgb = (0x2E, 0x8B, 0x7A);
pub(crate) const PAYS: Rgb = (0xE0, 0xA9, 0xB2);
/// A difference whose interval excludes zero.
pub(crate) const CLEAR: Rgb = (0x1F, 0x4E, 0x79);

/// Ribbon of a 95 % interval around a line in [`CLEAR`].
pub(crate) const RIBBON: Rgb = (0xC9, 0xD8, 0xE8);
/// Band of the interval of a place on an axis.
pub(crate) const BAND: Rgb = (0xF3, 0xE9, 0xD2);
/// An input at its low level; the high level is in [`CLEAR`].
pub(crate) const LOW_LEVEL: Rgb = (0xA9, 0xBC, 0xD0);

/// Ramp of what was wanted and missed: pale where little, dark where much.
pub(crate) const MISSED: [Rgb; 4] = [(0xFB, 0xF3, 0xEF), (0xF0, 0xB3, 0xA9), (0xCC, 0x4C, 0x5E), (0x7A, 0x0F, 0x33)];
/// Ramp of times: pale where short, dark where long.
pub(crate) const SLOW: [Rgb; 4] = [(0xF2, 0xF5, 0xE4), (0xB4, 0xD9, 0xC4), (0x4F, 0xA3, 0x9B), (0x0D, 0x4F, 0x57)];

/// Courier states in the order of a trip, drawn from the axis upwards.
pub(crate) const AT_DROPOFF: Rgb = (0x0B, 0x4F, 0x4A);
pub(crate) const TO_DROPOFF: Rgb = (0x00, 0x9E, 0x73);
pub(crate) const AT_PICKUP: Rgb = (0xCC, 0x79, 0xA7);
pub(crate) const TO_PICKUP: Rgb = (0x8C, 0xD3, 0xBE);
pub(crate) const REPOSITIONING: Rgb = (0x99, 0x99, 0x99);
pub(crate) const IDLE: Rgb = (0xDD, 0xE1, 0xE6);

/// Stops of the near-share ramp: light blue, off-white in the middle, orange, brown.
const RAMP: [(f64, Rgb); 6] = [
    (0.00, (0x7F, 0xB5, 0xD8)),
    (0.25, (0xC4, 0xDD, 0xEC)),
    (0.50, (0xF5, 0xF1, 0xE8)),
    (0.70, (0xFB, 0xBE, 0x7A)),
    (0.88, (0xE2, 0x73, 0x12)),
    (1.00, (0x8F, 0x3B, 0x05)),
];

/// Colour of a near share between 0 and 1; 0.5 is the neutral middle.
pub(crate) fn near_share(share: f64) -> Rgb {
    on_ramp(&RAMP, share)
}

/// Colour of a place between 0 and 1 on a ramp.
pub(crate) fn on_ramp(ramp: &[(f64, Rgb); 6], share: f64) -> Rgb {
    let share = share.clamp(0.0, 1.0);
    let upper = ramp.iter().position(|stop| share <= stop.0).unwrap_or(ramp.len() - 1).max(1);
    let ((from, a), (to, b)) = (ramp[upper - 1], ramp[upper]);
    mix(a, b, (share - from) / (to - from))
}

/// Colour of a part between 0 and 1 on a ramp of evenly spaced stops.
pub(crate) fn shade(stops: &[Rgb], part: f64) -> Rgb {
    let place = part.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
    let below = (place.floor() as usize).min(stops.len().saturating_sub(2));
    mix(stops[below], stops[(below + 1).min(stops.len() - 1)], place - below as f64)
}

/// The colour `part` of the way from `a` (0) to `b` (1).
pub(crate) fn mix(a: Rgb, b: Rgb, part: f64) -> Rgb {
    let channel = |a: u8, b: u8| (a as f64 + (b as f64 - a as f64) * part.clamp(0.0, 1.0)).round() as u8;
    (channel(a.0, b.0), channel(a.1, b.1), channel(a.2, b.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ramp_meets_its_stops_and_survives_bad_shares() {
        for (share, colour) in RAMP {
            assert_eq!(near_share(share), colour);
        }
        assert_eq!(near_share(7.0), RAMP[5].1);
        assert_eq!(near_share(-1.0), RAMP[0].1);
        assert_eq!((shade(&SLOW, -1.0), shade(&SLOW, 7.0)), (SLOW[0], SLOW[3]));
        assert_eq!(shade(&MISSED, 1.0 / 3.0), MISSED[1]);
    }
}
