//! What the details need beyond what the panes know: what is looked at, and what was seen.
//!
//! A new view is a variant of each: what it is about, by ids, and what AWS says of it.

use super::{DetailView, State};
use crate::model::{Arn, TaskDefinition};

/// Something that is read for the details alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// A task definition.
    Definition(Arn),
}

/// What was seen where somebody looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// To [`Look::Definition`].
    Definition(Box<TaskDefinition>),
}

impl Look {
    /// Whether what is seen there never changes, so that one look is enough.
    pub(super) fn is_fixed(&self) -> bool {
        match self {
            Self::Definition(_) => true,
        }
    }

    /// Whether this is what was to be seen there.
    pub(super) fn shows(&self, seen: &Seen) -> bool {
        match (self, seen) {
            (Self::Definition(_), Seen::Definition(_)) => true,
        }
    }
}

impl State {
    /// Returns what the view of the details that is on the screen needs.
    pub(super) fn looks(&self) -> Vec<Look> {
        match self.detail_view() {
            DetailView::Facts | DetailView::Events => Vec::new(),
            DetailView::TaskDefinition => {
                self.selected_definition().cloned().map(Look::Definition).into_iter().collect()
            }
        }
    }
}
