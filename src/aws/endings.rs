//! What is still to be told to AWS about sessions that nobody waits for any more, so that a program can wait for it
//! before it ends.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

/// How many endings are under way.
#[derive(Debug, Clone, Default)]
pub(super) struct Endings(Arc<(Mutex<usize>, Condvar)>);

/// One ending, under way until this is dropped.
#[derive(Debug)]
pub(super) struct Ending(Endings);

impl Endings {
    /// Begins one.
    pub(super) fn begin(&self) -> Ending {
        self.change(|count| count + 1);
        Ending(self.clone())
    }

    /// Blocks the thread until none is under way, for at most this long.
    pub(super) fn wait(&self, limit: Duration) {
        let (count, changed) = &*self.0;
        let count = count.lock().unwrap_or_else(PoisonError::into_inner);
        let _over_or_late = changed.wait_timeout_while(count, limit, |count| *count > 0);
    }

    fn change(&self, change: impl FnOnce(usize) -> usize) {
        let (count, changed) = &*self.0;
        let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
        *count = change(*count);
        changed.notify_all();
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.change(|count| count.saturating_sub(1));
    }
}
