//! Which lines of a log match a query: each is looked at once, those that matched before where more is typed, and so
//! many at a time and no more, so that a key never waits for all of them.

use std::collections::VecDeque;

use crate::tui::finder::{Filter, narrows};

/// How many rows are looked at in one go: a millisecond or two.
const PIECE: usize = 2000;

/// The rows that match, by their numbers, as far as rows were looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hits {
    query: String,
    /// The rows that match, ascending.
    sure: VecDeque<usize>,
    /// Rows before these that matched a query which this one narrows, ascending.
    unsure: VecDeque<usize>,
    /// No row before this one was looked at.
    unseen: usize,
    piece: usize,
}

impl Default for Hits {
    fn default() -> Self {
        Self { query: String::new(), sure: VecDeque::new(), unsure: VecDeque::new(), unseen: 0, piece: PIECE }
    }
}

impl Hits {
    /// Looks for something else from now on, in the rows before `end`; nothing is looked at yet.
    pub(super) fn search(&mut self, query: &str, end: usize) {
        if self.query == query {
            return;
        }
        if self.query.is_empty() || !narrows(&self.query, query) {
            self.unsure.clear();
            self.sure.clear();
            self.unseen = end;
        } else {
            self.unsure.append(&mut self.sure);
        }
        query.clone_into(&mut self.query);
    }

    /// Looks at some more rows, the newest first; the first row has the number `first`.
    pub(super) fn look_on<'row>(&mut self, first: usize, text: impl Fn(usize) -> &'row str) {
        if !self.are_unsure(first) {
            return;
        }
        let filter = Filter::new(&self.query);
        for _ in 0..self.piece {
            let Some(number) = self.next(first) else { return };
            if filter.fits(text(number)) {
                self.sure.push_front(number);
            }
        }
    }

    /// Whether there are rows that were not looked at.
    pub(super) fn are_unsure(&self, first: usize) -> bool {
        !self.query.is_empty() && (!self.unsure.is_empty() || self.unseen > first)
    }

    /// Returns what rows that come are to be held against, where something is searched for.
    pub(super) fn filter(&self) -> Option<Filter> {
        (!self.query.is_empty()).then(|| Filter::new(&self.query))
    }

    /// Notes a row that is to get this number, and whether it matches; those from there on get the next ones.
    pub(super) fn insert(&mut self, number: usize, fits: bool) {
        for later in self.sure.iter_mut().rev().chain(self.unsure.iter_mut().rev()).take_while(|at| **at >= number) {
            *later += 1;
        }
        if number < self.unseen {
            self.unseen += 1;
        } else if self.unsure.back().is_some_and(|last| *last > number) {
            // It comes to its turn with them.
            self.unsure.insert(self.unsure.partition_point(|at| *at < number), number);
        } else if fits {
            self.sure.insert(self.sure.partition_point(|at| *at < number), number);
        }
    }

    /// Forgets the rows before this one.
    pub(super) fn begin_at(&mut self, first: usize) {
        for numbers in [&mut self.unsure, &mut self.sure] {
            while numbers.front().is_some_and(|number| *number < first) {
                numbers.pop_front();
            }
        }
        self.unseen = self.unseen.max(first);
    }

    /// Forgets the rows from this one on.
    pub(super) fn end_at(&mut self, end: usize) {
        for numbers in [&mut self.sure, &mut self.unsure] {
            while numbers.back().is_some_and(|number| *number >= end) {
                numbers.pop_back();
            }
        }
        self.unseen = self.unseen.min(end);
    }

    /// Returns how many rows are known to match; `None` where nothing is searched for.
    pub(super) fn len(&self) -> Option<usize> {
        (!self.query.is_empty()).then_some(self.sure.len())
    }

    /// Returns the row at this place among those that match; `None` where nothing is searched for.
    pub(super) fn at(&self, place: usize) -> Option<usize> {
        if self.query.is_empty() { None } else { self.sure.get(place).copied() }
    }

    /// Returns how many matching rows there are up to this one; `None` where nothing is searched for.
    pub(super) fn up_to(&self, number: usize) -> Option<usize> {
        (!self.query.is_empty()).then(|| self.sure.partition_point(|hit| *hit <= number))
    }

    /// Takes the next row that is to be looked at.
    fn next(&mut self, first: usize) -> Option<usize> {
        self.unsure.pop_back().or_else(|| {
            let next = self.unseen.checked_sub(1).filter(|number| *number >= first)?;
            self.unseen = next;
            Some(next)
        })
    }
}

#[cfg(test)]
impl Hits {
    /// Looks at so many rows in one go.
    pub(super) fn look_at(&mut self, piece: usize) {
        self.piece = piece;
    }

    /// Returns what is searched for.
    pub(super) fn query(&self) -> &str {
        &self.query
    }
}
