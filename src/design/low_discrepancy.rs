//! Room: design. Sobol' points, which fill the cube more evenly than chance, and the design of Saltelli built on them.

use super::{DesignError, check_size};
use sobol::Sobol;
use sobol::params::JoeKuoD6;

/// The most coordinates of a Sobol' point.
pub const MOST_DIMENSIONS: usize = 1000;

/// The first `points` Sobol' points (Sobol' 1967; direction numbers new-joe-kuo-6 of Joe and Kuo 2008), unscrambled, from
/// the zero point on. A power of two, and twice as many begin with the same points.
pub fn sobol(points: usize, factors: usize) -> Result<Vec<Vec<f64>>, DesignError> {
    check_size(Some(points), factors)?;
    if !points.is_power_of_two() {
        let above = points.next_power_of_two();
        return Err(DesignError::NotPowerOfTwo { found: points, below: above / 2, above });
    }
    if factors > MOST_DIMENSIONS {
        return Err(DesignError::TooManyDimensions { found: factors });
    }
    // The small table opens in a tenth of the time.
    let numbers = if factors <= 100 { JoeKuoD6::minimal() } else { JoeKuoD6::standard() };
    Ok(Sobol::<f64>::new(factors, &numbers).take(points).collect())
}

/// Where a point of a Saltelli design belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Matrix A.
    A,
    /// Matrix B.
    B,
    /// A with the column of this factor (from 0) taken from B.
    AB(usize),
}

/// A point of a Saltelli design.
#[derive(Clone, PartialEq, Debug)]
pub struct Labelled {
    /// Its row in the matrices, from 0.
    pub row: usize,
    /// Its matrix.
    pub role: Role,
    /// Its coordinates, from 0 to 1.
    pub values: Vec<f64>,
}

/// The design for Sobol' indices (Saltelli et al. 2010): `rows` (a power of two) Sobol' points of twice the factors make the
/// rows of A and B, and each factor in turn is taken from B. Row by row A, AB of each factor, B: rows · (factors + 2)
/// points, and twice as many rows begin with the same points.
pub fn saltelli(rows: usize, factors: usize) -> Result<Vec<Labelled>, DesignError> {
    check_size(rows.checked_mul(factors.saturating_add(2)), factors)?;
    let halves = sobol(rows, factors.saturating_mul(2))?;
    let mut points = Vec::with_capacity(rows * (factors + 2));
    for (row, both) in halves.iter().enumerate() {
        let (a, b) = both.split_at(factors);
        points.push(Labelled { row, role: Role::A, values: a.to_vec() });
        for factor in 0..factors {
            let mut values = a.to_vec();
            values[factor] = b[factor];
            points.push(Labelled { row, role: Role::AB(factor), values });
        }
        points.push(Labelled { row, role: Role::B, values: b.to_vec() });
    }
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_points_are_those_of_the_authors() {
        // The file new-joe-kuo-6.21201 with the program of its authors, three dimensions.
        let known = [
            [0.0, 0.0, 0.0],
            [0.5, 0.5, 0.5],
            [0.75, 0.25, 0.25],
            [0.25, 0.75, 0.75],
            [0.375, 0.375, 0.625],
            [0.875, 0.875, 0.125],
            [0.625, 0.125, 0.875],
            [0.125, 0.625, 0.375],
        ];
        assert_eq!(sobol(8, 3).unwrap(), known);
    }

    #[test]
    fn each_power_of_two_has_one_point_in_each_stratum_and_continues_the_last() {
        let (small, large) = (sobol(64, 120).unwrap(), sobol(128, 120).unwrap());
        assert_eq!(large[..64], small[..]);
        for factor in 0..120 {
            let mut strata: Vec<usize> = large.iter().map(|point| (point[factor] * 128.0) as usize).collect();
            strata.sort_unstable();
            assert!(strata.into_iter().eq(0..128), "factor {factor}");
        }
    }

    #[test]
    fn a_saltelli_design_swaps_one_column_at_a_time() {
        let design = saltelli(8, 3).unwrap();
        assert_eq!(design.len(), 8 * (3 + 2));
        for block in design.chunks(5) {
            let [a, ab @ .., b] = block else { panic!("five points a row") };
            assert_eq!((a.role, b.role), (Role::A, Role::B));
            for (factor, point) in ab.iter().enumerate() {
                assert_eq!((point.role, point.row), (Role::AB(factor), a.row));
                for i in 0..3 {
                    assert_eq!(point.values[i], if i == factor { b.values[i] } else { a.values[i] });
                }
            }
        }
        assert_eq!(saltelli(16, 3).unwrap()[..40], design[..]);
    }

    #[test]
    fn other_sizes_are_refused_with_the_nearest_that_work() {
        let error = saltelli(1000, 3).unwrap_err();
        assert_eq!(
            error.to_string(),
            "1000 points do not cover the space evenly, only powers of two do: take 512 or 1024"
        );
        assert_eq!(sobol(4, 1001), Err(DesignError::TooManyDimensions { found: 1001 }));
        assert_eq!(sobol(0, 1), Err(DesignError::TooFew { what: "points", found: 0, needed: 1 }));
        assert_eq!(saltelli(1 << 30, 3), Err(DesignError::TooMany));
        assert_eq!(saltelli(4, 0), Err(DesignError::NoFactors));
    }
}
