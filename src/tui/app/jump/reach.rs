//! How much of everything the jump has read, and what stands in the way of the rest.

use super::super::{Load, Notice, State, stock::Status};

/// How much of everything was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// The clusters that were read.
    pub read: usize,
    /// All there are.
    pub all: usize,
    /// Whether some are being read.
    pub reading: bool,
    /// When the oldest part was read.
    pub oldest: Option<crate::model::Timestamp>,
}

impl State {
    /// Returns how much of everything was read.
    pub fn reach(&self) -> Reach {
        let (shown, reading) = self.freshness();
        let read = shown.iter().filter_map(|status| status.read);
        Reach { read: read.clone().count(), all: shown.len(), reading, oldest: read.min() }
    }

    /// Whether every cluster was read.
    pub(super) fn is_all_there(&self) -> bool {
        let Reach { read, all, .. } = self.reach();
        read == all
    }

    /// Returns what stands in the way of seeing everything.
    pub fn reach_troubles(&self) -> Vec<&Notice> {
        let clusters = match self.stock.clusters.status.load() {
            Load::Failed(notice, _) => Some(notice),
            Load::Never | Load::Loading | Load::Ready(_) => None,
        };
        let parts = self.leaf_statuses().filter_map(|status| status.failure.as_ref().map(|(notice, _)| notice));
        let denied = self.stock.leaves.values().flat_map(|slot| &slot.value.denied);
        clusters.into_iter().chain(parts).chain(denied).collect()
    }

    fn leaf_statuses(&self) -> impl Iterator<Item = &Status> {
        let clusters = self.stock.clusters.value.iter();
        clusters.filter_map(|cluster| self.stock.leaves.get(&cluster.arn)).map(|slot| &slot.status)
    }
}
