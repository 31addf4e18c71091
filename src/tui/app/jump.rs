//! The jump: one query over every container of every cluster of the region, and of the sites that the config names.
//!
//! Leaves are read cluster by cluster, kept with their age, and searched a piece an update, so that no key waits for all
//! of them. What is taken is what the whole search finds best.

mod beside;
mod leaf;
mod search;

use std::sync::Arc;

use ratatui::layout::Rect;

use super::{
    Effect, Level, Line, Load, Message, Notice, Overlay, Request, RowId, State, Target,
    layout::{lines, scrolled},
    login,
    stock::{Purpose, Status},
};
use crate::{
    model::Arn,
    ops::{
        Urgency,
        exec::{Command, ExecTarget},
        opened::Opened,
    },
};

pub use beside::{Origin, SiteLine};
pub use leaf::{Leaf, Leaves, leaves};
use search::{Part, Search, Worth};

/// The list over everything, as far as the person has to do with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Jump {
    /// What is searched for.
    pub query: Line,
    /// What the cursor is on, once that is settled.
    selected: Option<RowId>,
    cursor: usize,
    scroll: usize,
    /// What the cursor was on, where that is no longer there.
    gone: Option<String>,
}

/// What is known for the jump, open or not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Index {
    search: Search,
    /// The same search through leaves that are newer; it takes the other's place when it is through.
    coming: Option<Search>,
    worth: Worth,
}

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

    /// Returns how much of everything was read.
    pub fn reach(&self) -> Reach {
        let (shown, reading) = self.freshness();
        let read = shown.iter().filter_map(|status| status.read);
        Reach { read: read.clone().count(), all: shown.len(), reading, oldest: read.min() }
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

    /// Looks through leaves that have come: after the others where they are the first of their cluster.
    fn show_leaves(&mut self, part: Part, is_first: bool) {
        self.index.worth.extend(part.leaves.worth.iter().copied());
        if self.jump().is_none() {
            return;
        }
        if is_first && self.index.coming.is_none() {
            self.index.search.append(part);
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
        self.index.search.finish(&self.index.worth);
        let search = &self.index.search;
        if let Some(Overlay::Jump(jump)) = self.overlays.last_mut() {
            jump.follow(search);
            jump.cursor = to(jump.cursor, search.hits());
            jump.selected = search.at(jump.cursor).map(Leaf::id);
            jump.gone = None;
        }
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

    /// Logs in to the selected leaf.
    pub(super) fn log_in_to_leaf(&mut self, effects: &mut Vec<Effect>) {
        let Some((leaf, origin)) = self.chosen_leaf() else { return };
        let row = leaf.row;
        let Some(task) = row.task.clone() else {
            let name = crate::model::text::clean(row.place());
            self.message = Some(Message::news(format!("{name} has no running task; tab shows it in the panes")));
            return;
        };
        let (cluster, arn) = (row.cluster.clone(), task.arn.clone());
        let target = match row.container() {
            Some(container) => {
                if let Some(obstacle) = login::blocked(&task, container) {
                    self.message = Some(Message::failure(&obstacle));
                    return;
                }
                let runtime_id = container.runtime_id.as_deref().map(str::to_owned);
                let container = container.name.to_string();
                Target::Container(ExecTarget { cluster, task: arn, container, runtime_id })
            }
            None => Target::Task { cluster, task: arn },
        };
        let command: Command = self.shell.clone();
        self.open_at(Some(&*origin), target, command, effects);
    }

    /// Leaves the jump and shows the selected leaf in the panes, which go to its site.
    pub(super) fn show_in_panes(&mut self, effects: &mut Vec<Effect>) {
        let Some((leaf, origin)) = self.chosen_leaf() else { return };
        if let Some(site) = &origin.site
            && !self.go(site.clone(), origin.name(), effects)
        {
            return;
        }
        self.overlays.clear();
        let cluster = RowId::Cluster(leaf.row.cluster.clone());
        let task = leaf.row.task.as_ref().map(|task| RowId::Task(task.arn.clone()));
        let mut steps = vec![(None, cluster.clone())];
        let mut above = cluster;
        let (service, container) = (leaf.service(), leaf.row.container().map(|_| leaf.id()));
        for id in [service, task, container].into_iter().flatten() {
            steps.push((Some(above), id.clone()));
            above = id;
        }
        self.aim_at(steps);
    }

    /// Lets each pane select its step as soon as it is there.
    fn aim_at(&mut self, steps: Vec<(Option<RowId>, RowId)>) {
        let deepest = steps.len() - 1;
        for (level, (parent, id)) in Level::ALL.into_iter().zip(steps) {
            self.pane_mut(level).aim(parent, id);
        }
        self.set_focus(Level::ALL[deepest]);
        self.fill_from(Level::Cluster);
    }

    /// Returns what a login leads to, by names that outlive its tasks; nothing where its task is not known.
    pub(super) fn opened(&self, target: &Target) -> Option<(Arn, Opened)> {
        let (cluster, task, container) = match target {
            Target::Service { cluster, service } => {
                let (place, name) = (service.name().to_owned(), cluster.name().to_owned());
                return Some((cluster.clone(), Opened { cluster: name, place, container: None }));
            }
            Target::Task { cluster, task } => (cluster, task, None),
            Target::Container(exec) => (&exec.cluster, &exec.task, Some(exec.container.clone())),
        };
        let known = self.task(task).map(|task| &task.group);
        let leaf = || {
            let leaf = self.jump().and_then(Jump::cursor).and_then(|place| self.leaf(place))?;
            leaf.row.task.as_ref().filter(|other| other.arn == *task).map(|task| &task.group)
        };
        let group = known.or_else(leaf)?;
        let place = group.service().or_else(|| group.standalone())?.to_string();
        Some((cluster.clone(), Opened { cluster: cluster.name().to_owned(), place, container }))
    }

    /// Notes that something was logged in to: it stands higher from now on, also after the program has ended.
    pub(super) fn note_opened(&mut self, cluster: Arn, opened: Opened, effects: &mut Vec<Effect>) {
        *self.index.worth.entry(leaf::key_of(&cluster, &opened)).or_default() += 1000;
        let (id, at) = (self.next_id(), self.now);
        effects.push(Effect::Send(id, Urgency::Background, Request::Note { cluster, opened, at }));
    }

    /// Returns the ARN of the selected leaf.
    pub(super) fn leaf_arn(&mut self) -> Option<Arn> {
        self.chosen_leaf().map(|(leaf, _)| leaf.id().arn().clone())
    }

    /// Forgets what was read for the jump: it is of another account or region from now on.
    pub(super) fn forget_leaves(&mut self) {
        let worth = std::mem::take(&mut self.index.worth);
        self.index = Index { worth, ..Index::default() };
    }

    /// Returns the leaf that is meant, after all have been looked at, and where it was read; one that is gone is said.
    pub(super) fn chosen_leaf(&mut self) -> Option<(Leaf, Arc<Origin>)> {
        self.index.search.finish(&self.index.worth);
        let search = &self.index.search;
        let Some(Overlay::Jump(jump)) = self.overlays.last_mut() else { return None };
        jump.follow(search);
        if let Some(gone) = &jump.gone {
            self.message = Some(Message::complaint(format!("{gone} is gone: choose another")));
            return None;
        }
        search.at(jump.cursor).cloned().zip(search.origin(jump.cursor).cloned())
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

    fn leaf_statuses(&self) -> impl Iterator<Item = &Status> {
        let clusters = self.stock.clusters.value.iter();
        clusters.filter_map(|cluster| self.stock.leaves.get(&cluster.arn)).map(|slot| &slot.status)
    }
}

impl Jump {
    /// Keeps the cursor on what it is on, wherever that stands now, and notes where it is gone.
    fn follow(&mut self, search: &Search) {
        if let Some(id) = &self.selected {
            match search.place(|leaf| leaf.is(id)) {
                Some(place) => (self.cursor, self.gone) = (place, None),
                None if search.is_under_way() => {}
                None if search.holds(|leaf| leaf.is(id)) => (self.selected, self.cursor) = (None, 0),
                None => self.gone = self.gone.take().or_else(|| Some(called(id))),
            }
        }
        if self.selected.is_none() && !search.is_under_way() {
            self.selected = search.at(self.cursor).map(Leaf::id);
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
