//! Faults of the line between client and agent, as data: which frames are lost, doubled, exchanged, late, spoilt or the
//! last, what comes in between, and what a dial meets at the door.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use bytes::{BufMut, Bytes, BytesMut};

use crate::session::ssm::message::{AgentMessage, ChannelClosed, MessageType};

/// Which way a frame travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the agent.
    ToClient,
    /// To the agent.
    ToAgent,
}

/// Which frames a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Frames {
    /// Every one.
    #[default]
    All,
    /// Those of a stream: what was typed or printed, sizes, handshakes.
    Data,
    /// Acknowledgements.
    Acknowledgements,
}

/// What happens to a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Harm {
    /// It is lost.
    Drop,
    /// It arrives twice.
    Duplicate,
    /// It arrives after the frame behind it.
    Reorder,
    /// It arrives this much later; those behind it do not wait.
    Delay(Duration),
    /// A bit of its last byte is another, so that the digest does not hold.
    Corrupt,
    /// Its first half arrives as if that were all.
    Truncate,
    /// It arrives as text instead of binary.
    Text,
    /// It arrives behind something that nobody of this session sent.
    Behind(Intruder),
    /// It is lost, and the connection with it, without a word.
    Cut,
    /// Half of it arrives before the connection is cut. Towards the agent that is a cut.
    CutWithin,
    /// It is lost, and so is everything after it in both directions, pings too; the connection stays open.
    Silence,
}

/// What comes in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intruder {
    /// The gateway asks for no more data.
    Pause,
    /// The gateway lets data flow again.
    Start,
    /// A message of a type that nobody knows, with so many bytes of payload.
    Unknown(usize),
    /// A frame of noise.
    Noise,
    /// The gateway says, in these words, that the session is over; the agent hears of it too.
    Closed(String),
}

/// A rule for the frames of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The frames of this direction are counted, over all connections of the session.
    pub direction: Direction,
    /// Only these frames are counted.
    pub frames: Frames,
    /// The first frame it befalls, from 1.
    pub first: u64,
    /// Each so many frames again; 0 for once.
    pub every: u64,
    /// What befalls them.
    pub harm: Harm,
}

/// What a dial meets at the gateway's door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Door {
    /// It is let in.
    #[default]
    Open,
    /// TCP is accepted, and the upgrade never answered.
    Hanging,
    /// The upgrade is refused with this HTTP status.
    Refusing(u16),
    /// The websocket is accepted and nothing is ever said on it; pings are not answered either.
    Mute,
    /// The token is not taken, whatever it is.
    Strange,
}

impl Fault {
    /// Returns a rule for all frames of a direction: it befalls the first, from 1, and each so many again; 0 for once.
    pub fn new(direction: Direction, first: u64, every: u64, harm: Harm) -> Self {
        Self { direction, frames: Frames::All, first, every, harm }
    }

    /// Returns the rule, for some frames only.
    #[must_use]
    pub fn only(self, frames: Frames) -> Self {
        Self { frames, ..self }
    }

    /// Whether the rule befalls this frame.
    fn befalls(&self, frame: u64) -> bool {
        match frame.checked_sub(self.first) {
            None => false,
            Some(0) => true,
            Some(after) => self.every != 0 && after % self.every == 0,
        }
    }
}

impl Frames {
    fn count(self, frame: &Bytes) -> bool {
        let is_acknowledgement =
            || AgentMessage::decode(frame).is_ok_and(|message| message.message_type == MessageType::Acknowledge);
        match self {
            Self::All => true,
            Self::Data => !is_acknowledgement(),
            Self::Acknowledgements => is_acknowledgement(),
        }
    }
}

impl Intruder {
    fn frame(&self) -> Bytes {
        let control = |message_type, payload| AgentMessage::control(message_type, payload).encode();
        match self {
            Self::Pause => control(MessageType::PausePublication, Bytes::new()),
            Self::Start => control(MessageType::StartPublication, Bytes::new()),
            Self::Unknown(length) => {
                control(MessageType::Other("weather_report".to_owned()), Bytes::from(vec![b'~'; *length]))
            }
            Self::Noise => Bytes::from_static(b"\xff\0\x1b]0;noise\x07"),
            Self::Closed(words) => control(MessageType::ChannelClosed, ChannelClosed::new("", words).to_json()),
        }
    }
}

/// What comes out at the far end of a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Passing {
    /// A frame.
    Frame(Bytes),
    /// The same as text.
    Text(String),
    /// The word that the session is over, for both ends.
    Closed(Bytes),
    /// The end of the connection.
    Cut,
    /// The end of the connection in the middle of this frame.
    CutWithin(Bytes),
    /// The end of all that is heard on the connection.
    Silence,
}

/// One direction of a session's line.
#[derive(Debug, Default)]
pub(super) struct Lane {
    rules: Vec<Rule>,
    frames: u64,
    pings: u64,
    exchanged: Option<Bytes>,
    late: Vec<(Instant, Bytes)>,
    ready: VecDeque<Passing>,
}

/// A fault, and how many frames it has counted.
#[derive(Debug)]
struct Rule {
    fault: Fault,
    frames: u64,
}

impl Rule {
    /// Counts a frame; returns whether the rule befalls it.
    fn counts(&mut self, frame: &Bytes) -> bool {
        let counted = self.fault.frames.count(frame);
        self.frames += u64::from(counted);
        counted && self.fault.befalls(self.frames)
    }
}

impl Lane {
    /// Returns the lane of one direction under these rules.
    pub(super) fn new(faults: &[Fault], direction: Direction) -> Self {
        let faults = faults.iter().filter(|fault| fault.direction == direction).cloned();
        Self { rules: faults.map(|fault| Rule { fault, frames: 0 }).collect(), ..Self::default() }
    }

    /// Adds a rule that counts from now on.
    pub(super) fn add(&mut self, fault: Fault) {
        self.rules.push(Rule { fault, frames: 0 });
    }

    /// Returns how many frames have entered.
    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    /// Counts a ping.
    pub(super) fn on_ping(&mut self) {
        self.pings += 1;
    }

    /// Returns how many pings have come.
    pub(super) fn pings(&self) -> u64 {
        self.pings
    }

    /// Takes a frame in at one end. Of several rules that befall it, the first does.
    pub(super) fn enter(&mut self, frame: Bytes, now: Instant) {
        self.frames += 1;
        let mut harm = None;
        for rule in &mut self.rules {
            if rule.counts(&frame) && harm.is_none() {
                harm = Some(rule.fault.harm.clone());
            }
        }
        let exchanged = self.exchanged.take();
        match harm {
            None => self.ready.push_back(Passing::Frame(frame)),
            Some(Harm::Drop) => {}
            Some(Harm::Duplicate) => self.ready.extend([Passing::Frame(frame.clone()), Passing::Frame(frame)]),
            Some(Harm::Reorder) => self.exchanged = Some(frame),
            Some(Harm::Delay(time)) => self.late.push((now + time, frame)),
            Some(Harm::Corrupt) => self.ready.push_back(Passing::Frame(corrupted(&frame))),
            Some(Harm::Truncate) => self.ready.push_back(Passing::Frame(frame.slice(..frame.len() / 2))),
            Some(Harm::Text) => self.ready.push_back(Passing::Text(String::from_utf8_lossy(&frame).into_owned())),
            Some(Harm::Behind(intruder)) => {
                let word = match &intruder {
                    Intruder::Closed(_) => Passing::Closed(intruder.frame()),
                    Intruder::Pause | Intruder::Start | Intruder::Unknown(_) | Intruder::Noise => {
                        Passing::Frame(intruder.frame())
                    }
                };
                self.ready.extend([word, Passing::Frame(frame)]);
            }
            Some(Harm::Cut) => self.ready.push_back(Passing::Cut),
            Some(Harm::CutWithin) => self.ready.push_back(Passing::CutWithin(frame)),
            Some(Harm::Silence) => self.ready.push_back(Passing::Silence),
        }
        self.ready.extend(exchanged.map(Passing::Frame));
    }

    /// Returns what comes out next at the other end. With a connection goes what was to follow on it.
    pub(super) fn leave(&mut self, now: Instant) -> Option<Passing> {
        if let Some(due) = self.late.iter().position(|(due, _)| *due <= now) {
            let (_, frame) = self.late.swap_remove(due);
            self.ready.push_back(Passing::Frame(frame));
        }
        let passing = self.ready.pop_front()?;
        if matches!(passing, Passing::Cut | Passing::CutWithin(_) | Passing::Silence) {
            self.ready.clear();
        }
        Some(passing)
    }

    /// Returns when a late frame is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.late.iter().map(|(due, _)| *due).min()
    }
}

/// Returns a frame whose last byte is another.
fn corrupted(frame: &Bytes) -> Bytes {
    let Some((last, rest)) = frame.split_last() else {
        return frame.clone();
    };
    let mut spoilt = BytesMut::from(rest);
    spoilt.put_u8(last ^ 1);
    spoilt.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::ssm::message::PayloadType;

    /// Returns what comes out when `abcdef` goes in, one frame a letter.
    fn out(harm: Harm, first: u64, every: u64) -> String {
        let mut lane = Lane::new(&[Fault::new(Direction::ToClient, first, every, harm)], Direction::ToClient);
        let now = Instant::now();
        for letter in "abcdef".chars() {
            lane.enter(letter.to_string().into(), now);
        }
        let mut out = String::new();
        for (time, mark) in [(now, ""), (now + Duration::from_secs(1), "+")] {
            while let Some(passing) = lane.leave(time) {
                out += mark;
                let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
                out += &match &passing {
                    Passing::Frame(frame) => text(frame),
                    Passing::Text(text) => ["(", text, ")"].concat(),
                    Passing::Closed(_) => "closed".to_owned(),
                    Passing::Cut => "|".to_owned(),
                    Passing::CutWithin(frame) => text(frame) + "|",
                    Passing::Silence => "…".to_owned(),
                };
            }
        }
        out
    }

    #[test]
    fn a_rule_befalls_the_frames_it_names() {
        assert_eq!(out(Harm::Drop, 2, 0), "acdef");
        assert_eq!(out(Harm::Drop, 2, 3), "acdf");
        assert_eq!(out(Harm::Duplicate, 6, 1), "abcdeff");
        assert_eq!(out(Harm::Reorder, 1, 0), "bacdef");
        assert_eq!(out(Harm::Delay(Duration::from_secs(1)), 1, 0), "bcdef+a");
        assert_eq!(out(Harm::Corrupt, 2, 0), "accdef");
        assert_eq!(out(Harm::Text, 2, 0), "a(b)cdef");
        assert_eq!(out(Harm::Behind(Intruder::Closed("over".to_owned())), 3, 0), "abclosedcdef");
    }

    #[test]
    fn with_a_connection_goes_what_was_to_follow_on_it() {
        assert_eq!(out(Harm::Cut, 2, 0), "a|");
        assert_eq!(out(Harm::CutWithin, 2, 0), "ab|");
        assert_eq!(out(Harm::Silence, 2, 0), "a…");
    }

    #[test]
    fn half_a_frame_is_no_message() {
        let message = AgentMessage::stream(MessageType::OutputStreamData, 0, PayloadType::OUTPUT, "hello".into());
        let mut lane = Lane::new(&[Fault::new(Direction::ToClient, 1, 0, Harm::Truncate)], Direction::ToClient);
        lane.enter(message.encode(), Instant::now());
        let Some(Passing::Frame(frame)) = lane.leave(Instant::now()) else { panic!("nothing came") };
        assert!(frame.len() > 1 && AgentMessage::decode(&frame).is_err());
        assert!(AgentMessage::decode(&corrupted(&message.encode())).is_err());
    }

    #[test]
    fn a_rule_counts_only_the_frames_it_is_for() {
        let data = AgentMessage::stream(MessageType::InputStreamData, 0, PayloadType::OUTPUT, "x".into());
        let acknowledgement = data.acknowledgement();
        let passed = |frames| {
            let rule = Fault::new(Direction::ToAgent, 2, 0, Harm::Drop).only(frames);
            let mut lane = Lane::new(&[rule], Direction::ToAgent);
            for message in [&acknowledgement, &data, &acknowledgement, &data] {
                lane.enter(message.encode(), Instant::now());
            }
            let passed = std::iter::from_fn(|| lane.leave(Instant::now()));
            let frames = passed.map(|passing| if let Passing::Frame(frame) = passing { frame } else { panic!() });
            frames.map(|frame| AgentMessage::decode(&frame).unwrap().message_type).collect::<Vec<_>>()
        };
        let (word, data) = (MessageType::Acknowledge, MessageType::InputStreamData);
        assert_eq!(passed(Frames::All), [word.clone(), word.clone(), data.clone()]);
        assert_eq!(passed(Frames::Data), [word.clone(), data.clone(), word.clone()]);
        assert_eq!(passed(Frames::Acknowledgements), [word, data.clone(), data]);
    }
}
