//! Faults of the line between client and agent, as data: which frames are lost, doubled, exchanged, late or the last.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use tokio::time::Instant;

/// Which way a frame travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the agent.
    ToClient,
    /// To the agent.
    ToAgent,
}

/// What happens to a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// It is lost.
    Drop,
    /// It arrives twice.
    Duplicate,
    /// It arrives after the frame behind it.
    Reorder,
    /// It arrives this much later; those behind it do not wait.
    Delay(Duration),
    /// It is lost, and the connection with it, without a word.
    Cut,
}

/// A rule for the frames of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The frames of this direction are counted, over all connections of the session.
    pub direction: Direction,
    /// The first frame it befalls, from 1.
    pub first: u64,
    /// Each so many frames again; 0 for once.
    pub every: u64,
    /// What befalls them.
    pub harm: Harm,
}

impl Fault {
    /// Whether the rule befalls this frame.
    fn befalls(&self, frame: u64) -> bool {
        match frame.checked_sub(self.first) {
            None => false,
            Some(0) => true,
            Some(after) => self.every != 0 && after % self.every == 0,
        }
    }
}

/// One direction of a session's line.
#[derive(Debug, Default)]
pub(super) struct Lane {
    rules: Vec<Fault>,
    frames: u64,
    exchanged: Option<Bytes>,
    late: Vec<(Instant, Bytes)>,
    ready: VecDeque<Bytes>,
    cut: bool,
}

impl Lane {
    /// Returns the lane of one direction under these rules.
    pub(super) fn new(faults: &[Fault], direction: Direction) -> Self {
        let rules = faults.iter().filter(|fault| fault.direction == direction).cloned().collect();
        Self { rules, ..Self::default() }
    }

    /// Takes a frame in at one end.
    pub(super) fn enter(&mut self, frame: Bytes, now: Instant) {
        self.frames += 1;
        let harm = self.rules.iter().find(|rule| rule.befalls(self.frames)).map(|rule| rule.harm);
        let exchanged = self.exchanged.take();
        match harm {
            None => self.ready.push_back(frame),
            Some(Harm::Drop) => {}
            Some(Harm::Duplicate) => self.ready.extend([frame.clone(), frame]),
            Some(Harm::Reorder) => self.exchanged = Some(frame),
            Some(Harm::Delay(time)) => self.late.push((now + time, frame)),
            Some(Harm::Cut) => self.cut = true,
        }
        self.ready.extend(exchanged);
    }

    /// Returns the next frame that comes out at the other end.
    pub(super) fn leave(&mut self, now: Instant) -> Option<Bytes> {
        if let Some(due) = self.late.iter().position(|(due, _)| *due <= now) {
            let (_, frame) = self.late.swap_remove(due);
            self.ready.push_back(frame);
        }
        self.ready.pop_front()
    }

    /// Returns when a late frame is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.late.iter().map(|(due, _)| *due).min()
    }

    /// Returns whether the connection is cut, once.
    pub(super) fn take_cut(&mut self) -> bool {
        std::mem::take(&mut self.cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what comes out when `abcdef` goes in, one frame a letter.
    fn out(harm: Harm, first: u64, every: u64) -> String {
        let mut lane = Lane::new(&[Fault { direction: Direction::ToClient, first, every, harm }], Direction::ToClient);
        let now = Instant::now();
        for letter in "abcdef".chars() {
            lane.enter(letter.to_string().into(), now);
        }
        let mut out = Vec::new();
        while let Some(frame) = lane.leave(now) {
            out.extend_from_slice(&frame);
        }
        let late = now + Duration::from_secs(1);
        while let Some(frame) = lane.leave(late) {
            out.push(b'+');
            out.extend_from_slice(&frame);
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_rule_befalls_the_frames_it_names() {
        assert_eq!(out(Harm::Drop, 2, 0), "acdef");
        assert_eq!(out(Harm::Drop, 2, 3), "acdf");
        assert_eq!(out(Harm::Duplicate, 6, 1), "abcdeff");
        assert_eq!(out(Harm::Reorder, 1, 0), "bacdef");
        assert_eq!(out(Harm::Delay(Duration::from_secs(1)), 1, 0), "bcdef+a");
    }

    #[test]
    fn a_cut_is_told_once() {
        let rules = [Fault { direction: Direction::ToAgent, first: 1, every: 0, harm: Harm::Cut }];
        let mut lane = Lane::new(&rules, Direction::ToAgent);
        lane.enter(Bytes::new(), Instant::now());
        assert!(lane.take_cut());
        assert!(!lane.take_cut());
    }
}
