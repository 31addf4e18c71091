//! StartLiveTail: what came into sight, told every second for three hours, as an event stream.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

use super::{
    groups, no_group,
    pattern::Pattern,
    track::{Choice, tracks},
};
use crate::sim::{
    clock::Moment,
    ecs::{Account, members},
    http::frames::{event, exception},
    identity,
    refusal::Refusal,
};

/// How often something is told.
const PACE: Duration = Duration::from_secs(1);
/// The most lines that one update tells of.
const SAMPLE: usize = 500;
/// How many updates AWS keeps for somebody who reads slowly.
const KEPT: usize = 10;
/// How long a session lasts.
const LASTS: Duration = Duration::from_hours(3);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    #[serde(rename = "logGroupIdentifiers")]
    groups: Vec<String>,
    #[serde(default, rename = "logStreamNames")]
    names: Vec<String>,
    #[serde(default, rename = "logStreamNamePrefixes")]
    prefixes: Vec<String>,
    #[serde(default, rename = "logEventFilterPattern")]
    pattern: String,
}

/// A session of live tail.
#[derive(Debug)]
pub(crate) struct Tail {
    /// Name and ARN of each group.
    groups: Vec<(String, String)>,
    choice: Choice,
    pattern: Pattern,
    start: Value,
    begun: Moment,
    /// Until when has been told what there was.
    told: Moment,
}

impl Tail {
    /// Opens a session.
    pub(crate) fn open(cx: Account<'_>, now: Moment, body: &Value) -> Result<Self, Refusal> {
        let asked: Start = members::read(body)?;
        let arns = asked.groups;
        if arns.is_empty() || arns.len() > 10 {
            return Err(Refusal::parameter("logGroupIdentifiers must have 1 to 10 members."));
        }
        let narrow = !asked.names.is_empty() || !asked.prefixes.is_empty();
        if narrow && arns.len() > 1 {
            return Err(Refusal::parameter("Log streams can be named for a single log group only."));
        }
        if !asked.names.is_empty() && !asked.prefixes.is_empty() {
            return Err(Refusal::parameter("logStreamNames and logStreamNamePrefixes are mutually exclusive."));
        }
        let known = cx.world.log_groups();
        let mut named = Vec::new();
        for arn in &arns {
            if !arn.starts_with("arn:") || arn.ends_with('*') {
                return Err(Refusal::parameter(format!("{arn} is not the ARN of a log group.")));
            }
            let name = groups::of_identifier(arn);
            if !known.contains(&name) || *arn != groups::arn(cx.world, &name) {
                return Err(no_group());
            }
            named.push((name, arn.clone()));
        }
        let session = identity::uuid(&["live tail", &now.millis().to_string(), &arns.join(" ")]);
        let start = json!({
            "requestId": identity::uuid(&["request", &session]),
            "sessionId": session,
            "logGroupIdentifiers": arns,
            "logStreamNames": asked.names,
            "logStreamNamePrefixes": asked.prefixes,
            "logEventFilterPattern": asked.pattern,
        });
        Ok(Self {
            groups: named,
            choice: Choice { names: asked.names, prefixes: asked.prefixes },
            pattern: Pattern::read(&asked.pattern)?,
            start,
            begun: now,
            told: now,
        })
    }

    /// Returns what a session begins with.
    pub(crate) fn hello(&self) -> Bytes {
        let mut bytes = event("initial-response", &json!({})).to_vec();
        bytes.extend(event("sessionStart", &self.start));
        bytes.into()
    }

    /// Returns the updates that are due; of too many the oldest are lost.
    pub(crate) fn updates(&mut self, cx: Account<'_>, now: Moment) -> Vec<Bytes> {
        let end = self.end().min(now);
        let mut seconds = Vec::new();
        while self.told.after(PACE) <= end {
            let from = self.told;
            self.told = from.after(PACE);
            seconds.push((from, self.told));
        }
        // Where time is moved by hand a leap is nobody's slowness.
        let lost = if cx.clock.goes_by_itself() { seconds.len().saturating_sub(KEPT) } else { 0 };
        seconds.drain(lost..).map(|(from, to)| event("sessionUpdate", &self.update(cx, now, from, to))).collect()
    }

    /// Whether the session has lasted as long as sessions do.
    pub(crate) fn is_over(&self, now: Moment) -> bool {
        self.end() <= now
    }

    /// Returns what a session ends with.
    pub(crate) fn farewell() -> Bytes {
        let payload = json!({ "message": "The live tail session has timed out after 3 hours." });
        exception("SessionTimeoutException", &payload)
    }

    fn end(&self) -> Moment {
        self.begun.after(LASTS)
    }

    /// Tells what came into sight within a second.
    fn update(&self, cx: Account<'_>, now: Moment, from: Moment, to: Moment) -> Value {
        let epoch = cx.clock.epoch_millis();
        let mut lines = Vec::new();
        let mut count = 0;
        for (group, arn) in &self.groups {
            for track in tracks(cx, now, group, &self.choice) {
                let fresh = track.came_into_sight(from.millis(), to.millis());
                // Of very many only some are looked at: they are to be sampled anyway.
                let step = if self.pattern.asks() { 1 } else { fresh.len().div_ceil(SAMPLE).max(1) };
                count += if self.pattern.asks() { 0 } else { fresh.len() };
                for index in fresh.step_by(step) {
                    let message = track.message(index);
                    if self.pattern.fits(&message) {
                        let line = json!({
                            "logStreamName": track.stream, "logGroupIdentifier": arn, "message": message,
                            "timestamp": epoch + track.at(index), "ingestionTime": epoch + track.ingested(index),
                        });
                        lines.push((track.at(index), line));
                    }
                }
            }
        }
        let count = count.max(lines.len());
        lines.sort_by_key(|(at, _)| *at);
        let step = lines.len().div_ceil(SAMPLE).max(1);
        let results: Vec<Value> = lines.into_iter().step_by(step).map(|(_, line)| line).collect();
        json!({ "sessionMetadata": { "sampled": count > SAMPLE }, "sessionResults": results })
    }
}
