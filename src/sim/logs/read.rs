//! Reading lines: FilterLogEvents over many streams, GetLogEvents over one.

use std::{cmp::Ordering, collections::BinaryHeap};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    groups::named,
    no_stream,
    pattern::Pattern,
    text::mix,
    track::{Choice, Track, tracks},
};
use crate::sim::{
    clock::Moment,
    ecs::{Account, members, paging},
    identity,
    refusal::Refusal,
};

/// The most lines of a page.
const LARGEST: usize = 10_000;
/// The most bytes of a page, and what a line counts beside its own.
const PAGE_BYTES: usize = 1 << 20;
const LINE_BYTES: usize = 26;
/// The earliest start of reading backwards: 2024-01-01, in milliseconds since 1970.
const BACKWARDS_FROM: i64 = 1_704_067_200_000;
/// How many lines are looked at for one page: where few fit, a page may be empty and not the last.
const SCANNED: usize = 20_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Filter {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    #[serde(default)]
    log_stream_names: Vec<String>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    #[serde(default, rename = "filterPattern")]
    pattern: String,
    next_token: Option<String>,
    limit: Option<usize>,
    start_from_head: Option<bool>,
    /// AWS has interleaved every answer since 2019.
    #[serde(rename = "interleaved")]
    _interleaved: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Get {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<usize>,
    #[serde(default)]
    start_from_head: bool,
}

/// A place between lines: the line beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    at: i64,
    stream: String,
    kind: u8,
    index: u64,
}

/// What is read, and from where.
struct Reading<'a> {
    tracks: &'a [Track<'a>],
    from: i64,
    to: i64,
    beside: Option<Place>,
    newest_first: bool,
    limit: usize,
    now: i64,
    pattern: &'a Pattern,
}

/// The lines of a page, by track and number, and where the next page begins.
struct Page {
    lines: Vec<(usize, u64)>,
    next: Option<Place>,
}

/// Answers FilterLogEvents.
pub(super) fn filter(cx: Account<'_>, now: Moment, body: &Value) -> Result<Value, Refusal> {
    let asked: Filter = members::read(body)?;
    let group = named(cx.world, asked.log_group_name, asked.log_group_identifier)?;
    if !asked.log_stream_names.is_empty() && asked.log_stream_name_prefix.is_some() {
        return Err(Refusal::parameter("logStreamNames and logStreamNamePrefix are mutually exclusive parameters."));
    }
    if asked.log_stream_names.len() > 100 {
        return Err(Refusal::parameter("1 validation error detected: logStreamNames has more than 100 members"));
    }
    let limit = limit(asked.limit)?;
    let pattern = Pattern::read(&asked.pattern)?;
    let choice =
        Choice { names: asked.log_stream_names, prefixes: asked.log_stream_name_prefix.clone().into_iter().collect() };
    let tracks = tracks(cx, now, &group, &choice);
    if choice.names.iter().any(|name| tracks.iter().all(|track| track.stream != *name)) {
        return Err(no_stream());
    }
    let newest_first = asked.start_from_head == Some(false);
    if newest_first && asked.next_token.is_none() && asked.start_time.is_none_or(|start| start < BACKWARDS_FROM) {
        return Err(Refusal::parameter("startFromHead can be false only with a startTime on or after 2024-01-01."));
    }
    let question = format!(
        "filter {group} {choice:?} {:?} {:?} {} {newest_first}",
        asked.start_time, asked.end_time, asked.pattern
    );
    let beside = asked.next_token.map(|token| opened(&question, &token)).transpose()?;
    let (from, to) = window(cx, asked.start_time, asked.end_time);
    let reading =
        Reading { tracks: &tracks, from, to, beside, newest_first, limit, now: now.millis(), pattern: &pattern };
    let page = reading.page();
    let events: Vec<Value> = page.lines.iter().map(|(track, index)| event(cx, &tracks[*track], *index, true)).collect();
    let token = page.next.map(|place| sealed(&question, &place));
    Ok(members::without_nulls(json!({ "events": events, "searchedLogStreams": [], "nextToken": token })))
}

/// Answers GetLogEvents. A token says which way it leads, and where nothing follows it comes back as it was.
pub(super) fn get(cx: Account<'_>, now: Moment, body: &Value) -> Result<Value, Refusal> {
    let asked: Get = members::read(body)?;
    let group = named(cx.world, asked.log_group_name, asked.log_group_identifier)?;
    let limit = limit(asked.limit)?;
    let choice = Choice { names: vec![asked.log_stream_name.clone()], prefixes: Vec::new() };
    let tracks = tracks(cx, now, &group, &choice);
    if tracks.is_empty() {
        return Err(no_stream());
    }
    let question = format!("get {group} {}", asked.log_stream_name);
    let (backward, beside) = match asked.next_token.as_deref().map(|token| token.split_at_checked(2)) {
        None => (!asked.start_from_head, None),
        Some(Some((way @ ("f/" | "b/"), token))) => (way == "b/", Some(opened(&question, token)?)),
        Some(_) => return Err(Refusal::parameter("The specified nextToken is invalid.")),
    };
    // Its end, unlike FilterLogEvents', is not included.
    let (from, to) = window(cx, asked.start_time, asked.end_time.map(|end| end - 1));
    let pattern = Pattern::default();
    let reading = Reading {
        tracks: &tracks,
        from,
        to,
        beside: beside.clone(),
        newest_first: backward,
        limit,
        now: now.millis(),
        pattern: &pattern,
    };
    let mut lines = reading.page().lines;
    if backward {
        lines.reverse();
    }
    let edge = |line: Option<&(usize, u64)>| {
        let start = Place { at: from, stream: String::new(), kind: 0, index: 0 };
        line.map(|(track, index)| place(&tracks[*track], *index)).or_else(|| beside.clone()).unwrap_or(start)
    };
    let events: Vec<Value> = lines.iter().map(|(track, index)| event(cx, &tracks[*track], *index, false)).collect();
    Ok(json!({
        "events": events,
        "nextForwardToken": format!("f/{}", sealed(&question, &edge(lines.last()))),
        "nextBackwardToken": format!("b/{}", sealed(&question, &edge(lines.first()))),
    }))
}

fn limit(limit: Option<usize>) -> Result<usize, Refusal> {
    match limit {
        None => Ok(LARGEST),
        Some(limit @ 1..=LARGEST) => Ok(limit),
        Some(_) => Err(Refusal::parameter(format!("limit must be between 1 and {LARGEST}."))),
    }
}

/// Returns the times that are asked for, both included, in milliseconds of the simulation.
fn window(cx: Account<'_>, start: Option<i64>, end: Option<i64>) -> (i64, i64) {
    let epoch = cx.clock.epoch_millis();
    (start.map_or(i64::MIN, |start| start - epoch), end.map_or(i64::MAX - 1, |end| end - epoch))
}

fn sealed(question: &str, place: &Place) -> String {
    paging::sealed(question, &format!("{} {} {} {}", place.at, place.kind, place.index, place.stream))
}

fn opened(question: &str, token: &str) -> Result<Place, Refusal> {
    let read = || {
        let key = paging::opened(question, token)?;
        let mut words = key.splitn(4, ' ');
        let mut next = || words.next();
        let (at, kind, index) = (next()?.parse().ok()?, next()?.parse().ok()?, next()?.parse().ok()?);
        Some(Place { at, kind, index, stream: next()?.to_owned() })
    };
    read().ok_or_else(|| Refusal::parameter("The specified nextToken is invalid."))
}

fn place(track: &Track<'_>, index: u64) -> Place {
    Place { at: track.at(index), stream: track.stream.clone(), kind: track.kind(), index }
}

/// Returns a line as AWS tells it.
fn event(cx: Account<'_>, track: &Track<'_>, index: u64, filtered: bool) -> Value {
    let epoch = cx.clock.epoch_millis();
    let mut event = json!({
        "timestamp": epoch + track.at(index),
        "ingestionTime": epoch + track.ingested(index),
        "message": track.message(index),
    });
    if filtered {
        let stream = identity::number(&["stream", &track.stream]) as u64;
        let id = mix(stream, u64::from(track.kind()));
        event["logStreamName"] = track.stream.clone().into();
        event["eventId"] = format!("{:013}{id:020}{index:023}", epoch + track.at(index)).into();
    }
    event
}

impl Reading<'_> {
    /// Reads a page: the lines of all tracks by their times.
    fn page(&self) -> Page {
        let mut heap = BinaryHeap::new();
        let mut ends = Vec::new();
        for (track, lines) in self.tracks.iter().enumerate() {
            let (low, high) = self.range(lines);
            ends.push((low, high));
            if low < high {
                heap.push(self.next(track, if self.newest_first { high - 1 } else { low }));
            }
        }
        let (mut page, mut bytes, mut scanned) = (Page { lines: Vec::new(), next: None }, 0, 0);
        let mut last = None;
        while let Some(Next { track, index, .. }) = heap.pop() {
            let lines = &self.tracks[track];
            if lines.visible(index) <= self.now {
                let message = (self.pattern.asks() || page.lines.len() < self.limit).then(|| lines.message(index));
                if let Some(message) = message.filter(|message| self.pattern.fits(message)) {
                    bytes += message.len() + LINE_BYTES;
                    if bytes > PAGE_BYTES && !page.lines.is_empty() {
                        page.next = last;
                        return page;
                    }
                    page.lines.push((track, index));
                }
            }
            scanned += 1;
            let (low, high) = ends[track];
            let following =
                if self.newest_first { index.checked_sub(1).filter(|it| *it >= low) } else { Some(index + 1) };
            if let Some(following) = following.filter(|it| *it < high) {
                heap.push(self.next(track, following));
            }
            if (page.lines.len() == self.limit || scanned == SCANNED) && !heap.is_empty() {
                page.next = Some(place(lines, index));
                return page;
            }
            last = Some(place(lines, index));
        }
        page
    }

    /// Returns the numbers of a track's lines that are within the window and beyond the place.
    fn range(&self, lines: &Track<'_>) -> (u64, u64) {
        let (mut low, mut high) = (lines.first_at(self.from), lines.first_at(self.to.saturating_add(1)));
        if let Some(beside) = &self.beside {
            let mut cut = lines.first_at(beside.at);
            let before = |index| match place(lines, index).cmp(beside) {
                Ordering::Less => true,
                Ordering::Equal => !self.newest_first,
                Ordering::Greater => false,
            };
            while cut < lines.len() && before(cut) {
                cut += 1;
            }
            if self.newest_first { high = high.min(cut) } else { low = low.max(cut) }
        }
        (low, high)
    }

    fn next(&self, track: usize, index: u64) -> Next {
        Next { at: self.tracks[track].at(index), track, index, newest_first: self.newest_first }
    }
}

/// A line that could be read next; the greatest is.
#[derive(PartialEq, Eq)]
struct Next {
    at: i64,
    /// Tracks stand in the order of their streams.
    track: usize,
    index: u64,
    newest_first: bool,
}

impl Ord for Next {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = (self.at, self.track, self.index).cmp(&(other.at, other.track, other.index));
        if self.newest_first { order } else { order.reverse() }
    }
}

impl PartialOrd for Next {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
