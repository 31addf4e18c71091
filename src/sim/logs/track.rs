//! What stands in a log stream: lines that follow from their number, and lines written by hand.

use std::{borrow::Cow, time::Duration};

use super::text::{Voice, mix};
use crate::sim::{
    clock::Moment,
    ecs::Account,
    identity,
    world::{ContainerSpec, LogSpec, Task},
};

/// How long after its container's start the first line comes that is not about the start.
const FIRST: i64 = 300;
/// How long a container's lines are gathered before they are sent.
const BATCH: i64 = 1000;
/// How long AWS takes at least until a batch can be seen; up to a second more, another time for each.
const LAG: i64 = 100;

/// A line that was written by hand; times in milliseconds of the simulation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) at: i64,
    /// From when on it can be seen.
    pub(crate) visible: i64,
    pub(crate) message: String,
}

/// A sequence of lines of one log stream, in the order of their times.
#[derive(Debug)]
pub(super) struct Track<'w> {
    pub(super) stream: String,
    /// When the stream began.
    pub(super) begun: i64,
    /// Whether a container wrote it, and nobody by hand.
    of_container: bool,
    lines: Lines<'w>,
}

#[derive(Debug)]
enum Lines<'w> {
    /// Lines that each stand somewhere.
    Kept(Cow<'w, [Written]>),
    Made(Writer<'w>),
}

/// A container that writes.
#[derive(Debug)]
struct Writer<'w> {
    voice: Voice<'w>,
    /// How many microseconds pass from line to line; 0 where it says nothing in between.
    period: i64,
    started: i64,
    ended: Option<i64>,
    now: i64,
}

/// Which streams of a group are meant.
#[derive(Debug, Clone, Default)]
pub(super) struct Choice {
    pub(super) names: Vec<String>,
    pub(super) prefixes: Vec<String>,
}

impl Choice {
    /// Whether a stream is meant; all are where nothing was said.
    fn holds(&self, stream: &str) -> bool {
        (self.names.is_empty() && self.prefixes.is_empty())
            || self.names.iter().any(|name| name == stream)
            || self.prefixes.iter().any(|prefix| stream.starts_with(prefix.as_str()))
    }
}

/// Returns the tracks of a group's streams by name, as they are at this moment.
pub(super) fn tracks<'w>(cx: Account<'w>, now: Moment, group: &str, choice: &Choice) -> Vec<Track<'w>> {
    let world = cx.world;
    let mut tracks = Vec::new();
    for task in world.clusters.iter().flat_map(|cluster| cluster.tasks.values()) {
        let Some(started) = task.started else { continue };
        for container in &task.definition.template.containers {
            let Some(log) = container.log.as_ref().filter(|log| log.is_kept()) else { continue };
            if task.definition.fill(&log.group) != group {
                continue;
            }
            let stream = stream_name(task, container, log);
            if choice.holds(&stream) {
                let performance = task.run.as_deref().and_then(|run| run.performance(&container.name));
                let lines = match performance.and_then(|performance| performance.says.as_deref()) {
                    Some(says) => Lines::Kept(said(task, says, started, now).into()),
                    None => Lines::Made(Writer::new(task, container, log, started, now)),
                };
                tracks.push(Track { stream, begun: started.millis(), of_container: true, lines });
            }
        }
    }
    let by_hand = world.logs.written.iter().filter(|((of, stream), _)| of == group && choice.holds(stream));
    tracks.extend(by_hand.map(|((_, stream), lines)| {
        let begun = lines.first().map_or(0, |line| line.at);
        Track { stream: stream.clone(), begun, of_container: false, lines: Lines::Kept(lines.as_slice().into()) }
    }));
    tracks.sort_by(|one, other| (&one.stream, one.kind()).cmp(&(&other.stream, other.kind())));
    tracks
}

/// Returns what the program of a task that was run by hand has said so far.
fn said(task: &Task, says: &[(Duration, String)], started: Moment, now: Moment) -> Vec<Written> {
    let end = task.stop.as_deref().map_or(now, |stop| stop.asked.min(now));
    let seed = identity::number(&["said", &task.id.to_string()]) as u64;
    let lines = says.iter().map(|(after, message)| {
        let at = started.after(*after).millis();
        let batch = (at - started.millis()) / BATCH + 1;
        let lag = LAG + (mix(seed, batch as u64) % 900) as i64;
        Written { at, visible: started.millis() + batch * BATCH + lag, message: message.clone() }
    });
    lines.filter(|line| line.at <= end.millis()).collect()
}

/// Returns `prefix/container/task`, or the container's id where there is no prefix.
fn stream_name(task: &Task, container: &ContainerSpec, log: &LogSpec) -> String {
    match &log.prefix {
        Some(prefix) => format!("{prefix}/{}/{}", container.name, task.id),
        None => Account::runtime_id(task, container),
    }
}

impl Track<'_> {
    /// Returns which of a stream's tracks this is.
    pub(super) fn kind(&self) -> u8 {
        u8::from(!self.of_container)
    }

    /// Returns how many lines there are, those that cannot be seen yet among them.
    pub(super) fn len(&self) -> u64 {
        match &self.lines {
            Lines::Kept(lines) => lines.len() as u64,
            Lines::Made(writer) => writer.len(),
        }
    }

    /// Returns the time of a line.
    pub(super) fn at(&self, index: u64) -> i64 {
        match &self.lines {
            Lines::Kept(lines) => lines[index as usize].at,
            Lines::Made(writer) => writer.at(index),
        }
    }

    /// Returns from when on a line can be seen.
    pub(super) fn visible(&self, index: u64) -> i64 {
        match &self.lines {
            Lines::Kept(lines) => lines[index as usize].visible,
            Lines::Made(writer) => writer.visible(index),
        }
    }

    /// Returns when AWS took a line in.
    pub(super) fn ingested(&self, index: u64) -> i64 {
        (self.visible(index) - LAG / 2).max(self.at(index))
    }

    /// Returns the words of a line.
    pub(super) fn message(&self, index: u64) -> String {
        match &self.lines {
            Lines::Kept(lines) => lines[index as usize].message.clone(),
            Lines::Made(writer) => writer.message(index),
        }
    }

    /// Returns the number of the first line at or after a time.
    pub(super) fn first_at(&self, time: i64) -> u64 {
        first(self.len(), |index| self.at(index) >= time)
    }

    /// Returns the numbers of the lines that came into sight after `from`, `to` included.
    pub(super) fn came_into_sight(&self, from: i64, to: i64) -> Box<dyn ExactSizeIterator<Item = u64> + '_> {
        match &self.lines {
            Lines::Kept(lines) => {
                let fresh = lines.iter().enumerate().filter(|(_, line)| from < line.visible && line.visible <= to);
                Box::new(fresh.map(|(index, _)| index as u64).collect::<Vec<_>>().into_iter())
            }
            // A container's batches come into sight one after the other.
            Lines::Made(writer) => {
                let until = |moment| first(writer.len(), |index| writer.visible(index) > moment) as usize;
                Box::new((until(from)..until(to)).map(|index| index as u64))
            }
        }
    }
}

/// Returns the first number below `len` of which something holds that holds of all after it.
fn first(len: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

impl<'w> Writer<'w> {
    fn new(task: &'w Task, container: &'w ContainerSpec, log: &LogSpec, started: Moment, now: Moment) -> Self {
        let stop = task.stop.as_deref();
        let seed = identity::number(&["log", &task.id.to_string(), &container.name]) as u64;
        let failure = stop.and_then(|stop| {
            let ending = stop.endings.iter().find(|ending| ending.container == container.name)?;
            ending.exit.filter(|code| *code != 0).map(|code| (code, &*stop.reason))
        });
        let finished = stop.is_some_and(|stop| {
            stop.endings.iter().any(|ending| ending.container == container.name && ending.exit == Some(0))
        });
        let period = if log.rate > 0.0 { (Duration::from_secs(1).as_micros() as f64 / log.rate) as i64 } else { 0 };
        Self {
            voice: Voice { seed, task, container, failure, finished },
            period,
            started: started.millis(),
            ended: stop.map(|stop| stop.asked.millis().max(started.millis())),
            now: now.millis(),
        }
    }

    /// Returns how many lines it has written between its first and its last words.
    fn chatter(&self) -> u64 {
        let until = self.ended.unwrap_or(i64::MAX).min(self.now + 1);
        let micros = (until - self.started - FIRST).max(0) * 1000;
        if self.period == 0 { 0 } else { (micros as u64).div_ceil(self.period as u64) }
    }

    fn len(&self) -> u64 {
        let has_ended = self.ended.is_some_and(|ended| ended <= self.now);
        let first = u64::from(self.started <= self.now);
        first + self.chatter() + if has_ended { self.voice.last_words().len() as u64 } else { 0 }
    }

    fn at(&self, index: u64) -> i64 {
        let chatter = self.chatter();
        if index == 0 {
            self.started
        } else if index <= chatter {
            self.started + FIRST + (index as i64 - 1) * self.period / 1000
        } else {
            self.ended.unwrap_or(self.now)
        }
    }

    fn visible(&self, index: u64) -> i64 {
        let batch = (self.at(index) - self.started) / BATCH;
        let lag = LAG + (mix(self.voice.seed, batch as u64) % 900) as i64;
        self.started + (batch + 1) * BATCH + lag
    }

    fn message(&self, index: u64) -> String {
        let chatter = self.chatter();
        if index == 0 {
            self.voice.first_words()
        } else if index <= chatter {
            self.voice.line(index)
        } else {
            self.voice.last_words().swap_remove((index - chatter - 1) as usize)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{clock::Clock, clock::Mode, world::World};

    fn account(world: &World, clock: &Clock, after: u64, look: impl Fn(&[Track<'_>])) {
        let now = Moment::START.after(Duration::from_millis(after));
        let cx = Account { world, clock };
        look(&tracks(cx, now, "/ecs/prod-1-payments-api-000", &Choice::default()));
    }

    #[test]
    fn lines_are_in_order_and_come_into_sight_in_order_and_late() {
        let (mut world, clock) = (World::grid(1, 1, 1), Clock::new(Mode::Explicit, None));
        world.set_log_rate("prod-1-payments-api-000", "app", 800.0);
        account(&world, &clock, 5000, |tracks| {
            let [app, _envoy] = tracks else { panic!("two containers") };
            let last = app.len() - 1;
            for index in last - 4000..last {
                assert!(app.at(index) <= app.at(index + 1) && app.visible(index) <= app.visible(index + 1));
                assert!(app.visible(index) > app.at(index), "nothing is seen at once");
            }
            assert!((4998..=5000).contains(&app.at(last)), "{}", app.at(last));
        });
    }

    #[test]
    fn every_line_comes_into_sight_once() {
        let (mut world, clock) = (World::grid(1, 1, 1), Clock::new(Mode::Explicit, None));
        world.set_log_rate("prod-1-payments-api-000", "app", 90.0);
        account(&world, &clock, 10_000, |tracks| {
            let seconds = (-3..9).map(|second| tracks[0].came_into_sight(second * 1000, (second + 1) * 1000));
            let one_by_one: Vec<u64> = seconds.flatten().collect();
            assert_eq!(one_by_one, tracks[0].came_into_sight(-3000, 9000).collect::<Vec<_>>());
            assert!(one_by_one.len() > 1000);
        });
    }

    #[test]
    fn the_past_does_not_change() {
        let (world, clock) = (World::grid(1, 1, 1), Clock::new(Mode::Explicit, None));
        let mut before = Vec::new();
        for after in [1000, 60_000] {
            let mut seen = Vec::new();
            let now = Moment::START.after(Duration::from_millis(after));
            for track in tracks(
                Account { world: &world, clock: &clock },
                now,
                "/ecs/prod-1-payments-api-000",
                &Choice::default(),
            ) {
                let until = track.first_at(-1000);
                seen.extend((until - 20..until).map(|index| (track.at(index), track.message(index))));
            }
            if !before.is_empty() {
                assert_eq!(seen, before);
            }
            before = seen;
        }
    }
}
