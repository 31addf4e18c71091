//! A pane: rows, a query over them, and a selection that follows the identity of its row, never its place.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use ratatui::layout::Rect;

use super::{
    layout::{lines, scrolled, window},
    line::Line,
    row::{self, Row, RowId},
};
use crate::{
    model::query::{self, Column},
    tui::finder::{Finder, List},
};

/// One of the four lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pane {
    /// What is typed.
    pub query: Line,
    rows: Vec<Row>,
    finder: Finder,
    /// The place of the selected row among the hits.
    cursor: usize,
    selected: Option<RowId>,
    scroll: usize,
    /// Whether the window was moved without the cursor, which may be out of sight.
    is_adrift: bool,
    /// What the rows belong to.
    parent: Option<RowId>,
    /// What the rows are sorted by.
    sort: Option<Sort>,
    /// What was selected under other parents.
    remembered: BTreeMap<RowId, RowId>,
    /// What is to be selected under a parent as soon as it is there.
    aim: Option<(Option<RowId>, RowId)>,
    /// What is marked, also under other parents.
    marks: BTreeSet<RowId>,
}

/// What rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The column, by its place.
    pub column: usize,
    /// Whether the largest comes first.
    pub down: bool,
}

impl Sort {
    /// Returns which way it goes.
    pub fn arrow(self) -> &'static str {
        if self.down { "↓" } else { "↑" }
    }
}

/// The rows as they are searched.
struct Rows<'rows>(&'rows [Row]);

impl<'rows> List<'rows> for Rows<'rows> {
    fn columns(&self) -> &'static [Column] {
        self.0.first().map_or(&[], Row::columns)
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn text(&self, row: usize) -> &'rows str {
        &self.0[row].text
    }

    fn value(&self, row: usize, column: usize) -> Cow<'rows, str> {
        self.0[row].value(column)
    }
}

impl Pane {
    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns how many rows match the query.
    pub fn hits(&self) -> usize {
        self.finder.len()
    }

    /// Returns how many rows match the query, and how many there are: one that is gone is not there any more.
    pub fn counts(&self) -> (usize, usize) {
        let gone = self.rows.iter().filter(|row| row.gone).count();
        let found = self.finder.rows().filter(|row| !self.rows[*row].gone).count();
        (found, self.len() - gone)
    }

    /// Returns why nothing can be looked for: a column was named that is not there.
    pub fn trouble(&self) -> Option<&str> {
        self.finder.trouble()
    }

    /// Whether what stands in the rows' columns decides which of them are shown.
    pub(super) fn looks_in_columns(&self) -> bool {
        let words = self.query.text().split(' ');
        let named = words.filter_map(|word| query::column_of(word).map(|(name, _)| name));
        let columns = self.rows.first().map_or(&[][..], Row::columns);
        let sorted = self.sort.is_some_and(|sort| sort.column > 0);
        sorted || named.into_iter().any(|name| columns.iter().skip(1).any(|column| column.is_called(name)))
    }

    /// Returns the columns of the rows.
    pub fn columns(&self) -> &'static [Column] {
        self.rows.first().map_or(&[], Row::columns)
    }

    /// Returns what the rows are sorted by; nothing where they stand as they come.
    pub fn sort(&self) -> Option<Sort> {
        self.sort
    }

    /// Sorts the rows, now and whenever they are read; the selected one stays selected.
    pub(super) fn sort_by(&mut self, sort: Option<Sort>, rows: Vec<Row>) {
        self.sort = sort;
        self.finder.keep_order(sort.is_some());
        let _gone = self.refresh(rows, true);
    }

    fn sort_rows(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        self.in_order(&mut rows);
        self.rows = rows;
    }

    /// Sorts these rows; those of which nothing is known come last, and the tasks without a service first.
    fn in_order(&self, rows: &mut [Row]) {
        if let Some(Sort { column, down }) = self.sort {
            rows.sort_by(|one, other| row::compare(one, other, column, down));
        }
    }

    /// Returns the place of the selected row among the hits.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Returns the selected row.
    pub fn selected(&self) -> Option<&Row> {
        self.hit(self.cursor)
    }

    /// Returns the row at this place among the hits.
    pub fn hit(&self, place: usize) -> Option<&Row> {
        self.finder.row(place).map(|row| &self.rows[row])
    }

    /// Whether a row is marked.
    pub fn is_marked(&self, row: &Row) -> bool {
        self.marks.contains(&row.id)
    }

    /// Returns the rows that are marked, also those that do not match the query.
    pub fn marked(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| self.is_marked(row))
    }

    /// Whether rows are marked beside the selected one.
    pub(super) fn marks_others(&self) -> bool {
        self.marked().any(|row| self.selected() != Some(row))
    }

    /// Marks the selected row, or takes the mark off.
    pub(super) fn mark(&mut self) {
        let Some(id) = self.selected().map(|row| row.id.clone()) else { return };
        if !self.marks.remove(&id) {
            self.marks.insert(id);
        }
    }

    /// Takes the marks off the rows that there are; returns whether any had one.
    pub(super) fn unmark(&mut self) -> bool {
        let before = self.marks.len();
        let rows = &self.rows;
        self.marks.retain(|id| rows.iter().all(|row| row.id != *id));
        self.marks.len() != before
    }

    /// Returns the place of the first row that a window of this height shows.
    pub fn window(&self, height: usize) -> usize {
        if self.is_adrift {
            return self.scroll.min(self.hits().saturating_sub(height));
        }
        window(self.scroll, self.cursor, self.hits(), height)
    }

    /// Returns the rows that an area shows, each with its place among the hits and its line.
    pub fn lines(&self, area: Rect) -> impl Iterator<Item = (usize, Rect, &Row)> {
        let first = self.window(usize::from(area.height));
        lines(area, first, self.hits()).filter_map(|(place, line)| Some((place, line, self.hit(place)?)))
    }

    /// Moves the window over the rows; the cursor stays in sight.
    pub(super) fn scroll_by(&mut self, rows: isize, height: usize) {
        let start = self.window(height);
        let (start, cursor) = scrolled((start, self.cursor), rows, self.hits(), height);
        self.scroll = start;
        if cursor != self.cursor {
            self.go_to(cursor);
        }
    }

    /// Moves the window over the rows, and selects nothing else.
    pub(super) fn drift_by(&mut self, rows: isize, height: usize) {
        let latest = self.hits().saturating_sub(height);
        self.scroll = self.window(height).saturating_add_signed(rows).min(latest);
        self.is_adrift = true;
    }

    /// Brings the cursor back into sight.
    pub(super) fn settle(&mut self) {
        self.is_adrift = false;
    }

    /// Goes to this row, if it is there; returns whether it is.
    pub(super) fn go_to_row(&mut self, id: &RowId) -> bool {
        let Some(place) = self.place(id) else { return false };
        if self.selected.as_ref() != Some(id) {
            self.go_to(place);
        }
        true
    }

    /// Keeps the window where it is seen now.
    pub(super) fn scroll_to_selection(&mut self, height: usize) {
        self.scroll = self.window(height);
    }

    /// Selects the row at this place among the hits, or the nearest there is.
    pub(super) fn select(&mut self, place: usize) {
        self.cursor = place.min(self.hits().saturating_sub(1));
        self.selected = self.selected().map(|row| row.id.clone());
    }

    /// Goes to the row at this place among the hits, or the nearest there is, because somebody wants to.
    pub(super) fn go_to(&mut self, place: usize) {
        self.aim = None;
        self.settle();
        let before = self.selected.clone();
        self.select(place);
        if self.selected != before {
            return self.leave_gone();
        }
        if self.selected().is_some_and(|row| row.gone) {
            self.rows.retain(|row| !row.gone);
            self.search();
            self.select(self.cursor);
        }
    }

    /// Searches again after something was typed: the best hit is what was meant.
    pub(super) fn typed(&mut self) {
        self.aim = None;
        self.settle();
        self.finder.refine(self.query.text(), &Rows(&self.rows));
        self.scroll = 0;
        self.select(0);
        self.leave_gone();
    }

    /// Searches again after something was deleted: the selected row stays selected if it is still there.
    pub(super) fn deleted(&mut self) {
        self.settle();
        self.finder.refine(self.query.text(), &Rows(&self.rows));
        let place = self.selected.as_ref().and_then(|id| self.place(id));
        self.select(place.unwrap_or(0));
    }

    /// Selects a row under a parent, at once or as soon as it is there; no query hides it.
    pub(super) fn aim(&mut self, parent: Option<RowId>, id: RowId) {
        self.settle();
        self.query.clear();
        self.search();
        self.aim = Some((parent, id));
        let place = self.selected.as_ref().and_then(|id| self.place(id));
        self.select(place.unwrap_or(0));
        self.hit_aim();
    }

    /// Selects what was aimed at, if it is there.
    fn hit_aim(&mut self) {
        let Some((parent, id)) = &self.aim else { return };
        let is_here = match (&self.parent, parent) {
            (Some(own), Some(other)) => is_same(own, other),
            (own, other) => own == other,
        };
        let place = self.finder.rows().position(|row| is_same(&self.rows[row].id, id));
        if let Some(place) = place.filter(|_| is_here) {
            self.aim = None;
            self.select(place);
        }
    }

    /// Takes new rows. Under the same parent the selection stays on its row; where that is no longer among them and the
    /// pane keeps it, it stands there still, marked, and its name is returned. Under another parent the selection is
    /// what was selected there before, or what has the same name.
    pub(super) fn fill(&mut self, parent: Option<RowId>, rows: Vec<Row>, keeps: bool) -> Option<String> {
        let gone = if self.parent == parent { self.refresh(rows, keeps) } else { self.enter(parent, rows) };
        self.hit_aim();
        gone
    }

    /// Replaces rows that have got other cells and are the same in everything else.
    pub(super) fn replace(&mut self, rows: Vec<Row>) {
        let mut rows: BTreeMap<RowId, Row> = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
        for row in &mut self.rows {
            if let Some(newer) = rows.remove(&row.id) {
                *row = newer;
            }
        }
    }

    fn refresh(&mut self, mut rows: Vec<Row>, keeps: bool) -> Option<String> {
        let old: Vec<RowId> = self.finder.rows().map(|row| self.rows[row].id.clone()).collect();
        self.forget_marks_of_what_is_gone(&rows);
        self.in_order(&mut rows);
        let gone = if keeps { self.keep_gone(&mut rows) } else { None };
        self.rows = rows;
        self.search();
        let kept = self.selected.as_ref().and_then(|id| self.place(id));
        if let Some(place) = kept {
            self.select(place);
            return gone;
        }
        let (left, right) = old.split_at(self.cursor.min(old.len()));
        let neighbour = right.iter().chain(left.iter().rev()).find_map(|id| self.place(id));
        self.select(neighbour.unwrap_or_else(|| self.first()));
        gone
    }

    /// Leaves the selected row where it was where it is not among these: nothing takes its place under the cursor.
    /// Returns its name if that is new.
    fn keep_gone(&self, rows: &mut Vec<Row>) -> Option<String> {
        let row = self.selected().filter(|row| rows.iter().all(|new| new.id != row.id))?;
        let at = self.rows.iter().position(|old| old.id == row.id)?;
        let before = self.rows[..at].iter().rev().find_map(|old| rows.iter().position(|new| new.id == old.id));
        let mut kept = row.clone();
        kept.gone = true;
        rows.insert(before.map_or(0, |place| place + 1), kept);
        (!row.gone).then(|| row.name().to_owned())
    }

    /// Lets go of what is gone, once somebody has moved on.
    fn leave_gone(&mut self) {
        let stays = |row: &Row| !row.gone || self.selected.as_ref() == Some(&row.id);
        if self.rows.iter().all(stays) {
            return;
        }
        let selected = self.selected.clone();
        self.rows.retain(|row| !row.gone || selected.as_ref() == Some(&row.id));
        self.search();
        let place = selected.as_ref().and_then(|id| self.place(id));
        self.select(place.unwrap_or_else(|| self.first()));
    }

    fn forget_marks_of_what_is_gone(&mut self, rows: &[Row]) {
        let old = &self.rows;
        let there = |rows: &[Row], id: &RowId| rows.iter().any(|row| row.id == *id);
        self.marks.retain(|id| !there(old, id) || there(rows, id));
    }

    fn enter(&mut self, parent: Option<RowId>, rows: Vec<Row>) -> Option<String> {
        let name = self.selected().map(|row| row.name().to_owned());
        if let (Some(parent), Some(selected)) = (self.parent.take(), self.selected.take()) {
            self.remembered.insert(parent, selected);
        }
        self.rows = rows;
        self.sort_rows();
        self.search();
        let known = parent.as_ref().and_then(|parent| self.remembered.get(parent)).and_then(|id| self.place(id));
        let place = known.or_else(|| {
            let name = name?;
            self.finder.rows().position(|row| self.rows[row].name() == name)
        });
        self.parent = parent;
        self.scroll = 0;
        self.settle();
        self.select(place.unwrap_or_else(|| self.first()));
        None
    }

    fn search(&mut self) {
        self.finder.search(self.query.text(), &Rows(&self.rows));
    }

    /// Returns the place of the first row that people come for.
    fn first(&self) -> usize {
        let service = |row: usize| !matches!(self.rows[row].id, RowId::NoService(_));
        self.finder.rows().position(service).unwrap_or(0)
    }

    fn place(&self, id: &RowId) -> Option<usize> {
        self.finder.rows().position(|row| self.rows[row].id == *id)
    }
}

/// Whether two identities are of one thing; the ARN of a service may be of the old format, which holds no cluster.
fn is_same(one: &RowId, other: &RowId) -> bool {
    match (one, other) {
        (RowId::Service(one), RowId::Service(other)) => one.name() == other.name(),
        (one, other) => one == other,
    }
}
