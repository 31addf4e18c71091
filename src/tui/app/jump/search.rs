//! A search through the leaves of many clusters, so many at a time and no more: a key never waits for all of them.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use super::{
    Origin,
    leaf::{COLUMNS, Leaf, Leaves},
};
use crate::{model::query::Query, tui::finder::narrows};

/// How many leaves are held against one word in one go: a few milliseconds at the most.
const PIECE: usize = 8000;
/// How many are passed over in one go because they lack letters, or where nothing is looked for.
const PASSED: usize = 100_000;

/// How much is gained by having been opened, by what leaves are called by.
pub(in crate::tui::app) type Worth = HashMap<u64, u32>;

/// A search, as far as it has come. Without a query all leaves match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Search {
    query: String,
    parts: Vec<Part>,
    /// With which number the leaves of each part begin; and the end.
    starts: Vec<u32>,
    /// The leaves that were not looked at, the next one last.
    todo: Vec<u32>,
    /// Those that match, best first.
    hits: Vec<Hit>,
    trouble: Option<String>,
    piece: usize,
}

/// The leaves of a cluster, and where they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Where.
    pub(super) origin: Arc<Origin>,
    /// What.
    pub(super) leaves: Arc<Leaves>,
}

/// In the order of who comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    /// How many words are in image and address alone.
    astray: u32,
    score: Reverse<u32>,
    worth: Reverse<u32>,
    leaf: u32,
}

impl Default for Search {
    fn default() -> Self {
        Self::new("", Vec::new())
    }
}

impl Search {
    /// Returns a search in which nothing was looked at yet.
    pub(super) fn new(query: &str, parts: Vec<Part>) -> Self {
        let mut starts = vec![0];
        for part in &parts {
            starts.push(starts.last().copied().unwrap_or(0) + part.leaves.rows.len() as u32);
        }
        let todo = (0..starts.last().copied().unwrap_or(0)).rev().collect();
        Self { query: query.to_owned(), parts, starts, todo, hits: Vec::new(), trouble: None, piece: PIECE }
    }

    /// Looks for something else in the same leaves: where it narrows what was looked for, in those that matched alone.
    pub(super) fn look_for(&mut self, query: &str) {
        if self.query == query {
            return;
        }
        if query.contains(':') || !narrows(&self.query, query) {
            *self = Self { piece: self.piece, ..Self::new(query, std::mem::take(&mut self.parts)) };
            return;
        }
        query.clone_into(&mut self.query);
        let mut again: Vec<u32> = self.hits.drain(..).map(|hit| hit.leaf).collect();
        again.sort_unstable_by(|one, two| two.cmp(one));
        self.todo.append(&mut again);
    }

    /// Goes through these leaves too, after the others.
    pub(super) fn append(&mut self, part: Part) {
        let start = self.all() as u32;
        let end = start + part.leaves.rows.len() as u32;
        self.todo.splice(0..0, (start..end).rev());
        self.starts.push(end);
        self.parts.push(part);
    }

    /// Looks at some more leaves.
    pub(super) fn look_on(&mut self, worth: &Worth) {
        if self.todo.is_empty() {
            return;
        }
        match Query::parse(&self.query, COLUMNS) {
            Ok(query) => self.score(&query, worth),
            Err(error) => {
                self.trouble = Some(error.to_string());
                self.todo.clear();
            }
        }
    }

    /// Looks at all that are left.
    pub(super) fn finish(&mut self, worth: &Worth) {
        while self.is_under_way() {
            self.look_on(worth);
        }
    }

    /// Whether there are leaves that were not looked at.
    pub(super) fn is_under_way(&self) -> bool {
        !self.todo.is_empty()
    }

    /// Returns why nothing can be looked for.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Returns how many leaves match, as far as it is known.
    pub(super) fn hits(&self) -> usize {
        self.hits.len()
    }

    /// Returns how many leaves there are.
    pub(super) fn all(&self) -> usize {
        self.starts.last().copied().unwrap_or(0) as usize
    }

    /// Returns the leaf at this place among those that match.
    pub(super) fn at(&self, place: usize) -> Option<&Leaf> {
        self.hits.get(place).map(|hit| self.leaf(hit.leaf).0)
    }

    /// Returns where the leaf at this place was read.
    pub(super) fn origin(&self, place: usize) -> Option<&Arc<Origin>> {
        self.hits.get(place).map(|hit| self.leaf(hit.leaf).1)
    }

    /// Returns the place of the first matching leaf that this is true of.
    pub(super) fn place(&self, is_it: impl Fn(&Leaf) -> bool) -> Option<usize> {
        self.hits.iter().position(|hit| is_it(self.leaf(hit.leaf).0))
    }

    /// Whether this is true of any leaf, whether it matches or not.
    pub(super) fn holds(&self, is_it: impl Fn(&Leaf) -> bool) -> bool {
        self.parts.iter().flat_map(|part| &part.leaves.rows).any(is_it)
    }

    fn score(&mut self, query: &Query, worth: &Worth) {
        let (words, wanted) = (query.len(), query.letters());
        let (mut left, mut passed) = (self.piece, PASSED);
        let before = self.hits.len();
        while left > 0
            && passed > 0
            && let Some(number) = self.todo.pop()
        {
            passed -= 1;
            let (leaf, origin) = self.leaf(number);
            if leaf.letters & wanted != wanted {
                continue;
            }
            left = left.saturating_sub(words);
            if let Some(fit) = query.fit(&leaf.parts(), |column| leaf.value(origin, column)) {
                let worth = leaf.keys.iter().filter_map(|key| worth.get(key)).max().copied().unwrap_or(0);
                let (score, worth) = (Reverse(fit.score), Reverse(worth));
                self.hits.push(Hit { astray: fit.astray, score, worth, leaf: number });
            }
        }
        self.hits[before..].sort_unstable();
        // Two runs that are in order: this merges them.
        self.hits.sort();
    }

    /// Returns a leaf, and where it was read.
    fn leaf(&self, number: u32) -> (&Leaf, &Arc<Origin>) {
        let place = self.starts.partition_point(|start| *start <= number) - 1;
        let part = &self.parts[place];
        (&part.leaves.rows[(number - self.starts[place]) as usize], &part.origin)
    }
}

#[cfg(test)]
mod tests;
