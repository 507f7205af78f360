//! Room: report. Whether colours can be told apart, also by people who see no red, no green or no blue.
//!
//! Sight by Machado, Oliveira and Fernandes (2009), complete dichromacy; difference as the distance in CIE L*a*b* (1976).

use super::palette::Rgb;

/// A way to see: its words, and what it makes of red, green and blue as light.
type Sight = (&'static str, [[f64; 3]; 3]);

const SIGHTS: [Sight; 4] = [
    ("everybody", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "people who see no red",
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    ),
    (
        "people who see no green",
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    ),
    (
        "people who see no blue",
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    ),
];

/// The least difference of two colours over all ways to see, and to whom.
pub(crate) fn least_difference(a: Rgb, b: Rgb) -> (f64, &'static str) {
    let seen = SIGHTS.map(|(whom, matrix)| {
        let (a, b) = (lab(a, &matrix), lab(b, &matrix));
        ((0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt(), whom)
    });
    seen.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, SIGHTS[0].0))
}

fn lab((red, green, blue): Rgb, sight: &[[f64; 3]; 3]) -> [f64; 3] {
    let light = [red, green, blue].map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    let times = |matrix: &[[f64; 3]; 3], v: [f64; 3]| {
        [0, 1, 2].map(|row| matrix[row].iter().zip(v).map(|(factor, part)| factor * part).sum::<f64>())
    };
    let seen = times(sight, light).map(|part| part.clamp(0.0, 1.0));
    const XYZ: [[f64; 3]; 3] =
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]];
    let [x, y, z] = times(&XYZ, seen);
    let f = |t: f64| if t > 0.008856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let (x, y, z) = (f(x / 0.95047), f(y), f(z / 1.08883));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::palette::{FAR, NEAR, PICKUP};

    #[test]
    fn black_and_white_are_a_hundred_apart_for_all() {
        let (least, _) = least_difference((0, 0, 0), (255, 255, 255));
        assert!((least - 100.0).abs() < 0.1, "{least}");
        assert!(least_difference((9, 9, 9), (9, 9, 9)).0 < 1e-9);
    }

    #[test]
    fn ours_stay_apart_and_red_beside_green_does_not() {
        assert!(least_difference(NEAR, FAR).0 > 90.0);
        assert!(least_difference(FAR, PICKUP).0 > 15.0);
        let (least, whom) = least_difference((0xB4, 0x23, 0x2A), (0x1B, 0x7F, 0x4B));
        assert!(least < 25.0 && whom == "people who see no red", "{least} {whom}");
    }
}
