//! Room: sweep. What all runs of a point share, made by the first that needs it and dropped after the last.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Something for each point that is at work.
pub(super) struct OfPoints<T>(Vec<Mutex<Shared<T>>>);

struct Shared<T> {
    it: Option<Arc<T>>,
    /// Those who have yet to be done with it.
    users: usize,
}

impl<T> OfPoints<T> {
    /// For so many points; `users` names the point of everybody who will use one.
    pub(super) fn new(points: usize, users: impl Iterator<Item = u32>) -> Self {
        let mut counts = vec![0; points];
        users.for_each(|point| counts[point as usize] += 1);
        OfPoints(counts.into_iter().map(|users| Mutex::new(Shared { it: None, users })).collect())
    }

    fn at(&self, point: u32) -> MutexGuard<'_, Shared<T>> {
        self.0[point as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// That of a point. Who asks while another makes it waits for it, so `make` must not hand work to the pool it is called in:
    /// a thread that does other work meanwhile would wait for itself.
    pub(super) fn open(&self, point: u32, make: impl FnOnce() -> T) -> Arc<T> {
        Arc::clone(self.at(point).it.get_or_insert_with(|| Arc::new(make())))
    }

    /// One of its users is done with that of a point.
    pub(super) fn close(&self, point: u32) {
        let mut shared = self.at(point);
        shared.users = shared.users.saturating_sub(1);
        if shared.users == 0 {
            shared.it = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_dropped_after_the_last_user() {
        let cities = OfPoints::new(2, [0, 1, 0].into_iter());
        let first = cities.open(0, || "made first");
        cities.close(0);
        assert!(Arc::ptr_eq(&first, &cities.open(0, || unreachable!("made already"))));
        assert_eq!(*cities.open(1, || "of another point"), "of another point");
        cities.close(0);
        assert_eq!(Arc::strong_count(&first), 1);
    }
}
