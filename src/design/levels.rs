//! Room: design. Designs over lists of values.

use super::{DesignError, check_size};

/// Each value of each factor with each of all others (full factorial design, Fisher 1935); the last factor changes first.
pub fn grid<T: Clone>(factors: &[Vec<T>]) -> Result<Vec<Vec<T>>, DesignError> {
    all_have_values(factors)?;
    let size = factors.iter().try_fold(1usize, |size, values| size.checked_mul(values.len()));
    check_size(size, factors.len())?;
    let mut points = vec![Vec::new()];
    for values in factors {
        let with = |point: &Vec<T>| {
            let point = point.clone();
            values.iter().map(move |value| point.iter().chain([value]).cloned().collect())
        };
        points = points.iter().flat_map(with).collect();
    }
    Ok(points)
}

/// The lists read side by side: first values together, second values together and so on.
pub fn zip<T: Clone>(factors: &[Vec<T>]) -> Result<Vec<Vec<T>>, DesignError> {
    all_have_values(factors)?;
    let points = factors.first().map_or(0, Vec::len);
    check_size(Some(points.max(1)), factors.len())?;
    if let Some(other) = factors.iter().position(|values| values.len() != points) {
        return Err(DesignError::Unequal { factor: other + 1, found: factors[other].len(), expected: points });
    }
    Ok((0..points).map(|row| factors.iter().map(|values| values[row].clone()).collect()).collect())
}

/// Points given one by one, each with a value for each factor; equal points stay, so that rows keep their numbers.
pub fn list<T: Clone>(rows: &[Vec<T>], factors: usize) -> Result<Vec<Vec<T>>, DesignError> {
    check_size(Some(rows.len()), factors)?;
    match rows.iter().position(|row| row.len() != factors) {
        Some(row) => Err(DesignError::Row { row: row + 1, found: rows[row].len(), expected: factors }),
        None => Ok(rows.to_vec()),
    }
}

fn all_have_values<T>(factors: &[Vec<T>]) -> Result<(), DesignError> {
    match factors.iter().position(Vec::is_empty) {
        Some(factor) => Err(DesignError::NoValues { factor: factor + 1 }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_combines_each_with_each_and_the_last_factor_changes_first() {
        let found = grid(&[vec![4, 6], vec![10, 20, 30]]).unwrap();
        assert_eq!(found, [[4, 10], [4, 20], [4, 30], [6, 10], [6, 20], [6, 30]]);
        assert_eq!(grid::<i32>(&[]), Err(DesignError::NoFactors));
        assert_eq!(grid(&[vec![1], vec![]]), Err(DesignError::NoValues { factor: 2 }));
        assert_eq!(grid(&vec![vec![0; 100]; 40]), Err(DesignError::TooMany), "the size does not fit a number");
    }

    #[test]
    fn zip_reads_side_by_side_and_wants_equal_lengths() {
        assert_eq!(zip(&[vec!["a", "b"], vec!["x", "y"]]).unwrap(), [["a", "x"], ["b", "y"]]);
        let error = zip(&[vec![1, 2], vec![1, 2, 3]]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "zip reads the lists side by side, so all need the same number of values: factor 1 has 2, factor 2 has 3; \
             use a grid to combine each with each"
        );
        assert_eq!(zip::<i32>(&[]), Err(DesignError::NoFactors));
    }

    #[test]
    fn a_list_stays_as_it_is_and_its_rows_fit_the_factors() {
        let rows = vec![vec![1, 2], vec![1, 2]];
        assert_eq!(list(&rows, 2).unwrap(), rows);
        assert_eq!(list(&rows, 3), Err(DesignError::Row { row: 1, found: 2, expected: 3 }));
        assert_eq!(list::<i32>(&[], 3), Err(DesignError::TooFew { what: "points", found: 0, needed: 1 }));
    }
}
