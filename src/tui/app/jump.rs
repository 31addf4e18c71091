//! The jump: one query over every container of every cluster of the region, and of the sites that the config names.
//!
//! Leaves are read cluster by cluster, kept with their age, and searched a piece an update, so that no key waits for
//! all of them. The cursor stays on what matches best until somebody moves it. What is taken is what was drawn under
//! it; whoever is faster than the first frame gets what the whole search finds best.

mod beside;
mod chosen;
mod leaf;
mod reach;
mod search;

use std::sync::Arc;

use ratatui::layout::Rect;

use super::{
    Line, Overlay, RowId, State,
    layout::{lines, scrolled},
    stock::Purpose,
};
use crate::model::Arn;

pub use beside::{Origin, SiteLine};
pub use leaf::{Leaf, Leaves, leaves};
pub use reach::Reach;
use search::{Part, Search, Worth};

/// The list over everything, as far as the person has to do with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Jump {
    /// What is searched for.
    pub query: Line,
    /// What the cursor is on, once somebody has moved or done something; until then it is on what matches best.
    selected: Option<RowId>,
    cursor: usize,
    scroll: usize,
    /// What the cursor was on, where that is no longer there.
    gone: Option<String>,
}

/// What stood under the cursor of the jump when it was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glimpse {
    /// What was searched for.
    query: String,
    /// The row; none where there were none.
    leaf: Option<RowId>,
}

/// What somebody means who does something in the jump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meant {
    /// This leaf: they have gone to it, or saw it under the cursor.
    Leaf(RowId),
    /// What matches best, whatever that is: they have seen nothing of what they look for yet.
    Best,
    /// Nothing: they have seen that there is nothing.
    Nothing,
}

/// What is known for the jump, open or not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Index {
    search: Search,
    /// The same search through leaves that are newer; it takes the other's place when it is through.
    coming: Option<Search>,
    worth: Worth,
}

impl Jump {
    /// Returns the place of the selected leaf among those that match; none where what was selected is gone.
    pub fn cursor(&self) -> Option<usize> {
        self.gone.is_none().then_some(self.cursor)
    }

    /// Returns what was selected and is no longer there.
    pub fn gone(&self) -> Option<&str> {
        self.gone.as_deref()
    }

    /// Returns the place of the first leaf that a window of this height shows.
    pub fn window(&self, hits: usize, height: usize) -> usize {
        super::window(self.scroll, self.cursor.min(hits.saturating_sub(1)), hits, height)
    }
}

impl State {
    /// Returns the same state with the jump open, and these words typed.
    #[must_use]
    pub fn jumping(mut self, words: &str) -> Self {
        let mut query = Line::default();
        query.insert(words);
        self.overlays.push(Overlay::Jump(Jump { query, ..Jump::default() }));
        self.begin_jump();
        self
    }

    /// Returns the jump, where it is open.
    pub fn jump(&self) -> Option<&Jump> {
        self.overlays.iter().find_map(|overlay| match overlay {
            Overlay::Jump(jump) => Some(jump),
            Overlay::Help(_)
            | Overlay::Menu(_)
            | Overlay::Prompt(_)
            | Overlay::Pick(_)
            | Overlay::Plan(_)
            | Overlay::Detail(_) => None,
        })
    }

    /// Returns how many leaves match, and of how many.
    pub fn leaf_count(&self) -> (usize, usize) {
        (self.index.search.hits(), self.index.search.all())
    }

    /// Returns the leaf at this place among those that match, best first.
    pub fn leaf(&self, place: usize) -> Option<&Leaf> {
        self.index.search.at(place)
    }

    /// Returns the leaves that an area shows, each with its place among those that match and its line.
    pub fn leaf_lines(&self, jump: &Jump, area: Rect) -> impl Iterator<Item = (usize, Rect, &Leaf)> {
        let hits = self.leaf_count().0;
        let first = jump.window(hits, usize::from(area.height));
        lines(area, first, hits).filter_map(|(place, line)| Some((place, line, self.leaf(place)?)))
    }

    /// Returns where the leaf at this place was read.
    pub fn leaf_origin(&self, place: usize) -> Option<&Origin> {
        self.index.search.origin(place).map(|origin| &**origin)
    }

    /// Returns why nothing can be looked for.
    pub fn jump_trouble(&self) -> Option<&str> {
        self.index.search.trouble()
    }

    /// Whether there are leaves that were not looked at.
    pub fn is_jump_searching(&self) -> bool {
        self.jump().is_some() && (self.index.search.is_under_way() || self.index.coming.is_some())
    }

    /// Returns what stands under the cursor of the jump. Where nothing was found yet and leaves are still looked at,
    /// there is nothing to be seen.
    pub(super) fn glimpse(&self) -> Option<Glimpse> {
        let jump = self.jump()?;
        let leaf = jump.cursor().and_then(|place| self.leaf(place)).map(Leaf::id);
        let is_seen = leaf.is_some() || !self.index.search.is_under_way();
        is_seen.then(|| Glimpse { query: jump.query.text().to_owned(), leaf })
    }

    /// Opens the jump, or closes it.
    pub(super) fn toggle_jump(&mut self) {
        if let Some(Overlay::Jump(_)) = self.overlays.last() {
            self.overlays.pop();
            return;
        }
        self.overlays.retain(|overlay| !matches!(overlay, Overlay::Detail(_)));
        self.overlays.push(Overlay::Jump(Jump::default()));
        self.begin_jump();
    }

    /// Returns what has to be read for the jump.
    pub(super) fn wanted_leaves(&self) -> Vec<Purpose> {
        let clusters = self.jump().map_or(&[][..], |_| &self.stock.clusters.value);
        clusters.iter().map(|cluster| Purpose::Leaves(cluster.arn.clone())).collect()
    }

    /// Takes the leaves of a cluster.
    pub(super) fn take_leaves(&mut self, cluster: &Arn, leaves: Arc<Leaves>) {
        let (is_first, now) = (!self.has_leaves(cluster), self.now);
        let slot = self.stock.leaves.entry(cluster.clone()).or_default();
        slot.value = Arc::clone(&leaves);
        // Whatever another site showed of it is shown as read here from now on.
        slot.status.succeed(now);
        self.show_leaves(Part { origin: self.origin_here(), leaves }, is_first);
    }

    /// Looks through leaves that have come: after the others where they are the first of their cluster. Once all have
    /// come equals stand in the order of their clusters, and no longer in that in which these were read.
    fn show_leaves(&mut self, part: Part, is_first: bool) {
        self.index.worth.extend(part.leaves.worth.iter().copied());
        if self.jump().is_none() {
            return;
        }
        if is_first && self.index.coming.is_none() {
            self.index.search.append(part);
            if self.is_all_there() {
                self.search_anew();
            }
        } else {
            self.search_anew();
        }
    }

    /// Follows what was typed into the jump, or deleted.
    pub(super) fn jump_line_changed(&mut self, typed: bool) {
        let Some(Overlay::Jump(jump)) = self.overlays.last_mut() else { return };
        self.index.search.look_for(jump.query.text());
        if let Some(coming) = &mut self.index.coming {
            coming.look_for(jump.query.text());
        }
        (jump.scroll, jump.gone) = (0, None);
        if typed {
            (jump.selected, jump.cursor) = (None, 0);
        }
    }

    /// Looks at some more leaves, and keeps the cursor on what it is on.
    pub(super) fn search_jump(&mut self) {
        if self.jump().is_none() {
            return;
        }
        let height = self.jump_height();
        let Index { search, coming, worth } = &mut self.index;
        match coming {
            Some(newer) if !search.is_under_way() => {
                newer.look_on(worth);
                if !newer.is_under_way() {
                    std::mem::swap(search, newer);
                    *coming = None;
                }
            }
            Some(_) | None => search.look_on(worth),
        }
        let hits = self.index.search.hits();
        let search = &self.index.search;
        let jump = self.overlays.iter_mut().find_map(|overlay| match overlay {
            Overlay::Jump(jump) => Some(jump),
            _ => None,
        });
        if let Some(jump) = jump {
            jump.follow(search);
            jump.cursor = jump.cursor.min(hits.saturating_sub(1));
            jump.scroll = jump.window(hits, height);
        }
    }

    /// Moves to another leaf: `to` says where from the place and the number of those that match.
    pub(super) fn step_in_jump(&mut self, to: impl Fn(usize, usize) -> usize) {
        self.settle_in_jump();
        let search = &self.index.search;
        if let Some(Overlay::Jump(jump)) = self.overlays.last_mut() {
            jump.cursor = to(jump.cursor, search.hits());
            jump.selected = search.at(jump.cursor).map(Leaf::id);
            jump.gone = None;
        }
    }

    /// Keeps the cursor on the leaf that is meant from now on, after all have been looked at; returns which that was.
    pub(super) fn settle_in_jump(&mut self) -> Meant {
        self.index.search.finish(&self.index.worth);
        let search = &self.index.search;
        let Some(Overlay::Jump(jump)) = self.overlays.last_mut() else { return Meant::Nothing };
        let meant = jump.meant(self.sight.glimpse());
        jump.selected = match &meant {
            Meant::Leaf(id) => Some(id.clone()),
            Meant::Best => search.at(0).map(Leaf::id),
            Meant::Nothing => None,
        };
        jump.follow(search);
        meant
    }

    /// Goes to this leaf, if it is among those that match; returns whether it is.
    pub(super) fn go_to_leaf(&mut self, id: &RowId) -> bool {
        self.index.search.finish(&self.index.worth);
        let Some(place) = self.index.search.place(|leaf| leaf.is(id)) else { return false };
        self.step_in_jump(|_, _| place);
        true
    }

    /// Moves the window over the leaves; the cursor stays in sight.
    pub(super) fn scroll_jump(&mut self, rows: isize) {
        let height = self.jump_height();
        let Some((start, cursor)) = self.jump().map(|jump| (jump.window(self.leaf_count().0, height), jump.cursor))
        else {
            return;
        };
        let (start, to) = scrolled((start, cursor), rows, self.leaf_count().0, height);
        if to != cursor {
            self.step_in_jump(|_, _| to);
        }
        if let Some(Overlay::Jump(jump)) = self.overlays.last_mut() {
            jump.scroll = start;
        }
    }

    /// Forgets what was read for the jump: it is of another account or region from now on.
    pub(super) fn forget_leaves(&mut self) {
        let worth = std::mem::take(&mut self.index.worth);
        self.index = Index { worth, ..Index::default() };
    }

    fn begin_jump(&mut self) {
        let query = self.jump().map(|jump| jump.query.text().to_owned()).unwrap_or_default();
        self.index.search = Search::new(&query, self.leaf_parts());
        self.index.coming = None;
    }

    fn search_anew(&mut self) {
        let query = self.jump().map(|jump| jump.query.text().to_owned()).unwrap_or_default();
        self.index.coming = Some(Search::new(&query, self.leaf_parts()));
    }

    /// Returns the leaves that were read, cluster by cluster, by name; then those of other sites, in their order.
    fn leaf_parts(&self) -> Vec<Part> {
        let origin = self.origin_here();
        let slots = self.stock.clusters.value.iter().filter_map(|cluster| self.stock.leaves.get(&cluster.arn));
        let here = slots.map(|slot| Part { origin: Arc::clone(&origin), leaves: Arc::clone(&slot.value) });
        here.chain(self.parts_beside()).collect()
    }

    /// Returns the site in the panes, as leaves know it.
    fn origin_here(&self) -> Arc<Origin> {
        let name = self.site_name();
        Arc::new(Origin { profile: name.profile, region: name.region, site: None })
    }
}

impl Jump {
    /// Returns what somebody means who saw this last.
    fn meant(&self, seen: Option<&Glimpse>) -> Meant {
        let seen = seen.filter(|seen| seen.query == self.query.text()).map(|seen| seen.leaf.as_ref());
        match (&self.selected, seen) {
            (Some(id), _) | (None, Some(Some(id))) => Meant::Leaf(id.clone()),
            (None, Some(None)) => Meant::Nothing,
            (None, None) => Meant::Best,
        }
    }

    /// Keeps the cursor on what it is on, wherever that stands now, and notes where it is gone.
    fn follow(&mut self, search: &Search) {
        let Some(id) = &self.selected else {
            self.cursor = 0;
            return;
        };
        match search.place(|leaf| leaf.is(id)) {
            Some(place) => (self.cursor, self.gone) = (place, None),
            None if search.is_under_way() => {}
            None if search.holds(|leaf| leaf.is(id)) => (self.selected, self.cursor, self.gone) = (None, 0, None),
            None => self.gone = self.gone.take().or_else(|| Some(called(id))),
        }
    }
}

/// Returns what people call it, clean.
pub(super) fn called(id: &RowId) -> String {
    crate::model::text::clean(match id {
        RowId::Container(task, name) => format!("{name} in {}", task.short()),
        RowId::Task(task) => format!("task {}", task.short()),
        RowId::Service(arn) | RowId::Cluster(arn) | RowId::NoService(arn) => arn.name().to_owned(),
    })
}
