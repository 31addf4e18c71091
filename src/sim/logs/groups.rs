//! Log groups and log streams, in lists.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    no_group,
    track::{Choice, Track, tracks},
};
use crate::sim::{
    clock::Moment,
    ecs::{Account, members, paging::Page},
    refusal::Refusal,
    world::World,
};

/// The largest page of groups and of streams.
const LARGEST: i64 = 50;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DescribeGroups {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DescribeStreams {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    #[serde(default)]
    descending: bool,
    next_token: Option<String>,
    limit: Option<i64>,
}

/// Answers DescribeLogGroups.
pub(super) fn describe(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: DescribeGroups = members::read(body)?;
    let (prefix, pattern) = (asked.log_group_name_prefix, asked.log_group_name_pattern);
    if prefix.is_some() && pattern.is_some() {
        return Err(Refusal::parameter(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let fits = |name: &String| {
        prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix.as_str()))
            && pattern.as_ref().is_none_or(|pattern| name.to_lowercase().contains(&pattern.to_lowercase()))
    };
    let page = page(format!("groups {prefix:?} {pattern:?}"), asked.limit, asked.next_token.as_deref())?;
    let born = cx.clock.epoch_millis() - 90 * 86_400_000;
    let items = cx.world.log_groups().into_iter().filter(fits).map(|name| {
        let arn = arn(cx.world, &name);
        let group = json!({
            "logGroupName": name, "creationTime": born, "retentionInDays": 30, "metricFilterCount": 0,
            "arn": format!("{arn}:*"), "logGroupArn": arn, "storedBytes": 0, "logGroupClass": "STANDARD",
        });
        (name, group.to_string())
    });
    Ok(opened(page.of("logGroups", items), "logGroups"))
}

/// Answers DescribeLogStreams.
pub(super) fn streams(cx: Account<'_>, now: Moment, body: &Value) -> Result<Value, Refusal> {
    let asked: DescribeStreams = members::read(body)?;
    let group = named(cx.world, asked.log_group_name, asked.log_group_identifier)?;
    let by_time = match asked.order_by.as_deref() {
        None | Some("LogStreamName") => false,
        Some("LastEventTime") if asked.log_stream_name_prefix.is_some() => {
            return Err(Refusal::parameter("Cannot order by LastEventTime with a logStreamNamePrefix."));
        }
        Some("LastEventTime") => true,
        Some(other) => {
            return Err(Refusal::parameter(format!("orderBy {other:?} is not one of LogStreamName, LastEventTime")));
        }
    };
    let choice = Choice { prefixes: asked.log_stream_name_prefix.clone().into_iter().collect(), names: Vec::new() };
    let question = format!("streams {group} {:?} {by_time} {}", asked.log_stream_name_prefix, asked.descending);
    let page = page(question, asked.limit, asked.next_token.as_deref())?;
    let mut described: BTreeMap<String, (String, String)> = BTreeMap::new();
    for track in tracks(cx, now, &group, &choice) {
        let (last, stream) = stream_json(cx, &group, &track);
        let key = if by_time { format!("{last:020}/{}", track.stream) } else { track.stream.clone() };
        described.entry(track.stream).or_insert((key, stream.to_string()));
    }
    let mut items: Vec<(String, String)> = described.into_values().collect();
    items.sort();
    Ok(opened(
        if asked.descending {
            page.of_descending("logStreams", items.into_iter().rev())
        } else {
            page.of("logStreams", items.into_iter())
        },
        "logStreams",
    ))
}

/// Returns the time of a stream's last line, and the stream as AWS describes it.
fn stream_json(cx: Account<'_>, group: &str, track: &Track<'_>) -> (i64, Value) {
    let epoch = cx.clock.epoch_millis();
    let count = track.len();
    let end = count.checked_sub(1);
    let last = end.map(|end| epoch + track.at(end));
    let stream = json!({
        "logStreamName": track.stream, "creationTime": epoch + track.begun,
        "firstEventTimestamp": end.map(|_| epoch + track.at(0)), "lastEventTimestamp": last,
        "lastIngestionTime": end.map(|end| epoch + track.ingested(end)),
        "uploadSequenceToken": "49039859632500580450174352900871", "storedBytes": 0,
        "arn": format!("{}:log-stream:{}", arn(cx.world, group), track.stream),
    });
    (last.unwrap_or_default(), members::without_nulls(stream))
}

fn page(question: String, limit: Option<i64>, token: Option<&str>) -> Result<Page, Refusal> {
    if limit.is_some_and(|limit| !(1..=LARGEST).contains(&limit)) {
        return Err(Refusal::parameter(format!("limit must be between 1 and {LARGEST}.")));
    }
    Page::read(question, limit, token, LARGEST as usize)
}

/// Returns a page whose items are objects again.
fn opened(mut page: Value, name: &str) -> Value {
    for item in page[name].as_array_mut().into_iter().flatten() {
        if let Some(text) = item.as_str() {
            *item = serde_json::from_str(text).expect("it was written as JSON");
        }
    }
    page
}

/// Returns the group that a request names by its name or its ARN.
pub(super) fn named(world: &World, name: Option<String>, identifier: Option<String>) -> Result<String, Refusal> {
    let group = match (name, identifier) {
        (Some(name), None) => name,
        (None, Some(identifier)) => of_identifier(&identifier),
        (None, None) => return Err(Refusal::parameter("One of logGroupName and logGroupIdentifier must be given.")),
        (Some(_), Some(_)) => {
            return Err(Refusal::parameter("LogGroup name and LogGroup ARN are mutually exclusive parameters."));
        }
    };
    if world.log_groups().contains(&group) { Ok(group) } else { Err(no_group()) }
}

/// Returns the name in a name or an ARN.
pub(super) fn of_identifier(identifier: &str) -> String {
    let name = identifier.split_once(":log-group:").map_or(identifier, |(_, name)| name);
    name.trim_end_matches(":*").to_owned()
}

/// Returns the ARN of a group.
pub(super) fn arn(world: &World, group: &str) -> String {
    format!("arn:aws:logs:{}:{}:log-group:{group}", world.region, world.account)
}
