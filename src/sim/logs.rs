//! CloudWatch Logs: reads a request's members, asks what the containers have written, answers in AWS's shapes.
//!
//! Nothing is stored of what containers write: every line follows from its container and its number. Shapes, limits and
//! error codes are those of botocore's service model (`logs/2014-03-28/service-2.json`).

mod groups;
mod pattern;
mod read;
mod tail;
mod text;
mod track;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub(crate) use self::{tail::Tail, track::Written};
use super::{clock::Moment, ecs::Account, refusal::Refusal, world::World};

/// What stands in the logs beside what the containers write.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    /// Lines that were written by hand, by group and stream, in the order of their times.
    pub(crate) written: BTreeMap<(String, String), Vec<Written>>,
    /// Groups that were created.
    pub(crate) created: BTreeSet<String>,
    /// Groups that containers should write to and that do not exist.
    pub(crate) missing: BTreeSet<String>,
}

impl World {
    /// Creates a log group.
    pub fn create_log_group(&mut self, name: &str) {
        self.logs.missing.remove(name);
        self.logs.created.insert(name.to_owned());
    }

    /// Returns the names of all log groups: those that are written to by hand, those that the definitions of a scenario
    /// name, and those that were created.
    pub(crate) fn log_groups(&self) -> BTreeSet<String> {
        let mut groups: BTreeSet<String> = self.logs.written.keys().map(|(group, _)| group.clone()).collect();
        groups.extend(self.logs.created.iter().cloned());
        for (name, family) in &self.families {
            let last = family.of_scenario().filter_map(|(revisions, _)| family.definition(name, *revisions.end()));
            for definition in last {
                let logs = definition.template.containers.iter().filter_map(|container| container.log.as_ref());
                let kept = logs.filter(|log| log.is_kept()).map(|log| definition.fill(&log.group));
                groups.extend(kept.filter(|group| !self.logs.missing.contains(group)));
            }
        }
        let tasks = self.clusters.iter().flat_map(|cluster| cluster.tasks.values());
        let creating = tasks.filter(|task| task.started.is_some() && task.definition.template.document.is_some());
        for definition in creating.map(|task| &task.definition) {
            let logs = definition.template.containers.iter().filter_map(|container| container.log.as_ref());
            groups.extend(logs.filter(|log| log.creates).map(|log| log.group.clone()));
        }
        groups
    }

    /// Writes a line into a log, whose group and stream there are from then on.
    pub(crate) fn write_log(&mut self, group: &str, stream: &str, line: Written) {
        let lines = self.logs.written.entry((group.to_owned(), stream.to_owned())).or_default();
        let place = lines.partition_point(|other| other.at <= line.at);
        lines.insert(place, line);
    }
}

/// Answers an operation; `None` where there is no such operation.
pub(crate) fn answer(cx: Account<'_>, now: Moment, operation: &str, body: &Value) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "DescribeLogGroups" => groups::describe(cx, body),
        "DescribeLogStreams" => groups::streams(cx, now, body),
        "GetLogEvents" => read::get(cx, now, body),
        "FilterLogEvents" => read::filter(cx, now, body),
        // What it answers with is a stream, which the listener writes.
        "StartLiveTail" => Tail::open(cx, now, body).map(|_| Value::Null),
        _ => return None,
    })
}

/// Returns the lines of a group since a time that can be seen, by stream and in the order in which each was written:
/// stream, time in milliseconds since 1970, words.
pub(crate) fn lines(cx: Account<'_>, now: Moment, group: &str, since: i64) -> Vec<(String, i64, String)> {
    let epoch = cx.clock.epoch_millis();
    let tracks = track::tracks(cx, now, group, &track::Choice::default());
    let visible = |track: &track::Track<'_>| {
        let seen = (track.first_at(since - epoch)..track.len()).filter(|index| track.visible(*index) <= now.millis());
        seen.map(|index| (track.stream.clone(), epoch + track.at(index), track.message(index))).collect::<Vec<_>>()
    };
    tracks.iter().flat_map(visible).collect()
}

/// Refuses what names no log group.
fn no_group() -> Refusal {
    Refusal::new("ResourceNotFoundException", "The specified log group does not exist.")
}

/// Refuses what names no log stream.
fn no_stream() -> Refusal {
    Refusal::new("ResourceNotFoundException", "The specified log stream does not exist.")
}
