//! Which lines have been told, so that the same line from two places, or from two looks at one place, is told once.
//!
//! A live tail gives lines no identity, so a line is known by its stream, its time and its words, and counted: a look
//! through FilterLogEvents sees all lines of a span of time, and of those that are alike it tells as many as have not
//! been told. What is older than [`OVERLAP`], or more than [`MOST`] lines back, is forgotten; looks begin where the
//! memory begins.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher, RandomState},
};

use crate::aws::RawLine;

/// How far back a look reaches, in milliseconds: a line that comes into sight later than that is found by nobody.
pub(super) const OVERLAP: i64 = 30_000;

/// How many lines are remembered, which a look has to read again. At 10 000 lines a second these are three seconds,
/// more than the second or two by which the streams of a group come into sight apart.
const MOST: usize = 30_000;

/// The lines that were told of late.
#[derive(Debug)]
pub(super) struct Ledger {
    hasher: RandomState,
    lines: HashMap<u64, Known>,
    times: BTreeMap<i64, Vec<u64>>,
    newest: i64,
    begin: i64,
    look: u64,
    session: u64,
}

/// Lines that are alike.
#[derive(Debug, Default)]
struct Known {
    /// How many were told.
    told: u32,
    /// The look that saw some last, and how many it saw.
    look: (u64, u32),
    /// The live tail that brought some last, and how many it brought.
    session: (u64, u32),
}

impl Ledger {
    /// Returns a ledger of lines from `begin` on, of which none was told.
    pub(super) fn new(begin: i64) -> Self {
        Self {
            hasher: RandomState::new(),
            lines: HashMap::new(),
            times: BTreeMap::new(),
            newest: i64::MIN,
            begin,
            look: 0,
            session: 0,
        }
    }

    /// Returns the time at which the next look has to begin.
    pub(super) fn begin(&self) -> i64 {
        self.begin
    }

    /// Notes a line that was told by somebody else.
    pub(super) fn told(&mut self, line: &RawLine) {
        let key = self.key(line);
        self.note(key, line);
        self.forget();
    }

    /// Begins to look through all lines since [`begin`](Self::begin).
    pub(super) fn begin_look(&mut self) {
        self.look += 1;
        self.forget();
    }

    /// Begins to hear a live tail.
    pub(super) fn begin_session(&mut self) {
        self.session += 1;
    }

    /// Takes a line that a look sees; returns whether it is to be told.
    pub(super) fn seen(&mut self, line: &RawLine) -> bool {
        let (key, look) = (self.key(line), self.look);
        let known = self.lines.entry(key).or_default();
        known.look = (look, if known.look.0 == look { known.look.1 + 1 } else { 1 });
        let fresh = known.look.1 > known.told;
        if fresh {
            self.note(key, line);
        }
        fresh
    }

    /// Takes a line that the live tail brings; returns whether it is to be told. Those that are forgotten already are.
    pub(super) fn heard(&mut self, line: &RawLine) -> bool {
        if line.at < self.begin {
            return true;
        }
        let (key, session) = (self.key(line), self.session);
        let known = self.lines.entry(key).or_default();
        known.session = (session, if known.session.0 == session { known.session.1 + 1 } else { 1 });
        let fresh = known.session.1 > known.told;
        if fresh {
            self.note(key, line);
        }
        fresh
    }

    /// Forgets what is too old or too much.
    pub(super) fn forget(&mut self) {
        while let Some(first) = self.times.first_entry() {
            let at = *first.key();
            if self.lines.len() <= MOST && at >= self.newest.saturating_sub(OVERLAP) {
                break;
            }
            for key in first.remove() {
                self.lines.remove(&key);
            }
            self.begin = self.begin.max(at + 1);
        }
    }

    fn note(&mut self, key: u64, line: &RawLine) {
        let known = self.lines.entry(key).or_default();
        known.told += 1;
        if known.told == 1 {
            self.times.entry(line.at).or_default().push(key);
        }
        // Whoever's clock is ahead does not move the memory on: AWS's own clock says when it is now.
        self.newest = self.newest.max(line.at.min(line.ingested.unwrap_or(line.at)));
    }

    fn key(&self, line: &RawLine) -> u64 {
        self.hasher.hash_one((&line.stream, line.at, &line.message))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(at: i64, message: &str) -> RawLine {
        RawLine { stream: "ecs/app/1".to_owned(), at, ingested: None, message: message.to_owned() }
    }

    #[test]
    fn lines_that_are_alike_are_told_as_often_as_they_are_there() {
        let mut ledger = Ledger::new(0);
        ledger.begin_look();
        assert!([line(1, "a"), line(1, "a")].iter().all(|line| ledger.seen(line)));
        ledger.begin_look();
        let told: Vec<bool> = [line(1, "a"), line(1, "a"), line(1, "a")].iter().map(|line| ledger.seen(line)).collect();
        assert_eq!(told, [false, false, true]);
    }

    #[test]
    fn what_a_look_has_told_the_tail_does_not_tell_again() {
        let mut ledger = Ledger::new(0);
        ledger.begin_session();
        ledger.begin_look();
        assert!(ledger.seen(&line(5, "x")));
        assert!(!ledger.heard(&line(5, "x")));
        assert!(ledger.heard(&line(5, "x")), "the second of its kind");
        ledger.begin_look();
        assert!(!ledger.seen(&line(5, "x")) && !ledger.seen(&line(5, "x")));
    }

    #[test]
    fn a_look_begins_where_the_memory_begins() {
        let mut ledger = Ledger::new(0);
        ledger.begin_look();
        for at in [10, 20, 20 + OVERLAP, 21 + OVERLAP] {
            assert!(ledger.seen(&line(at, "x")));
        }
        ledger.begin_look();
        assert_eq!(ledger.begin(), 21, "the lines of 20 are older than the overlap, and forgotten");
        assert!(ledger.heard(&line(3, "late")), "what comes very late is told");
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut ledger = Ledger::new(0);
        ledger.begin_look();
        for number in 0..100_000 {
            ledger.seen(&line(number / 10, &number.to_string()));
            ledger.forget();
        }
        assert!(ledger.lines.len() <= MOST && ledger.begin() > 6000);
    }

    #[test]
    fn a_clock_that_is_ahead_does_not_hide_the_others() {
        let mut ledger = Ledger::new(0);
        ledger.begin_look();
        ledger.seen(&RawLine { ingested: Some(100), ..line(3_600_000, "ahead") });
        ledger.seen(&line(90, "right"));
        ledger.begin_look();
        assert_eq!(ledger.begin(), 0);
    }

    proptest! {
        /// Whatever comes into sight when, however often is looked: each line is told once.
        #[test]
        fn every_line_is_told_once(late in proptest::collection::vec((0_i64..200, 0_i64..100, 0_u8..3), 1..60)) {
            let mut ledger = Ledger::new(0);
            let mut told = Vec::new();
            for now in (0..400).step_by(7) {
                ledger.begin_look();
                let mut visible: Vec<_> = late.iter().filter(|(at, lag, _)| at + lag <= now).collect();
                visible.sort_by_key(|(at, ..)| *at);
                for (at, _, word) in visible {
                    if ledger.seen(&line(*at, &word.to_string())) {
                        told.push((*at, *word));
                    }
                }
            }
            let mut there: Vec<_> = late.iter().map(|(at, _, word)| (*at, *word)).collect();
            there.sort_unstable();
            told.sort_unstable();
            prop_assert_eq!(told, there);
        }
    }
}
