//! Reading what stands in the logs, forwards or backwards, the streams of all groups merged by time.

use std::{cmp::Ordering, collections::VecDeque, sync::Arc};

use futures_util::future::join_all;

use super::roster::Roster;
use crate::{
    aws::LogQuery,
    model::{LogLine, Timestamp},
    ops::{Cx, Error, Kind, Result},
};

/// The largest and the smallest page that is asked for.
const PAGES: std::ops::RangeInclusive<usize> = 100..=10_000;

/// Reads the lines of several log groups, a piece at a time.
#[derive(Debug)]
pub struct Reading {
    cx: Cx,
    roster: Roster,
    newest_first: bool,
    feeds: Vec<Feed>,
    failures: Vec<Error>,
    denied: Option<Error>,
    notes: Vec<String>,
}

/// The streams of one group with one beginning.
#[derive(Debug)]
struct Feed {
    group: Arc<str>,
    query: LogQuery,
    next: Next,
    lines: VecDeque<LogLine>,
}

/// Where a feed goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Next {
    Page(Option<String>),
    End,
}

impl Reading {
    /// Returns what reads from `until` back, or from the end.
    pub(super) fn backwards(cx: &Cx, roster: &Roster, until: Option<Timestamp>) -> Self {
        Self::new(cx, roster, true, |since| (Roster::backwards_from(since), until.map(Timestamp::as_millisecond)))
    }

    /// Returns what reads from `since` on, until `until` or the end.
    pub(super) fn forwards(cx: &Cx, roster: &Roster, since: Timestamp, until: Option<Timestamp>) -> Self {
        Self::new(cx, roster, false, |_| (since.as_millisecond(), until.map(Timestamp::as_millisecond)))
    }

    fn new(cx: &Cx, roster: &Roster, newest_first: bool, window: impl Fn(i64) -> (i64, Option<i64>)) -> Self {
        let feed = |(place, prefix, since): (&super::roster::Place, &String, &i64)| {
            let (from, to) = window(*since);
            let query = LogQuery {
                region: place.region.clone(),
                group: place.group.to_string(),
                prefix: prefix.clone(),
                from: Some(from),
                to,
                pattern: roster.wanted.pattern.clone(),
                newest_first,
                limit: None,
            };
            Feed { group: Arc::clone(&place.group), query, next: Next::Page(None), lines: VecDeque::new() }
        };
        let places = roster.places().iter();
        let feeds =
            places.flat_map(|(place, prefixes)| prefixes.iter().map(move |(prefix, since)| (place, prefix, since)));
        Self {
            cx: cx.clone(),
            roster: roster.clone(),
            newest_first,
            feeds: feeds.map(feed).collect(),
            failures: Vec::new(),
            denied: roster.denied().map(|why| Error::new(Kind::Denied, why)),
            notes: roster.elsewhere().iter().cloned().collect(),
        }
    }

    /// Reads so many lines more, in the order of their times; also those of the same time as the last of them. None are
    /// left where there are none.
    pub async fn next(&mut self, count: usize) -> Result<Vec<LogLine>> {
        let mut lines: Vec<LogLine> = Vec::new();
        loop {
            self.fill(count).await?;
            let Some(feed) = self.first() else { break };
            let first = &self.feeds[feed].lines[0];
            if lines.len() >= count && lines.last().is_none_or(|last| last.at != first.at) {
                break;
            }
            lines.extend(self.feeds[feed].lines.pop_front());
        }
        if self.newest_first {
            lines.reverse();
        }
        Ok(lines)
    }

    /// Whether there is nothing more.
    pub fn is_at_its_end(&self) -> bool {
        self.feeds.iter().all(|feed| feed.next == Next::End && feed.lines.is_empty())
    }

    /// Returns why some groups could not be read, where others could.
    pub fn failures(&mut self) -> Vec<Error> {
        std::mem::take(&mut self.failures)
    }

    /// Returns, once, why streams are told by what they begin with: the tasks may not be read.
    pub fn denied(&mut self) -> Option<Error> {
        self.denied.take()
    }

    /// Returns, once, what there is to say of containers that write elsewhere, a line each.
    pub fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Reads until each feed has a line or is at its end.
    async fn fill(&mut self, count: usize) -> Result<()> {
        loop {
            let (cx, roster, newest_first) = (&self.cx, &self.roster, self.newest_first);
            let dry = self.feeds.iter_mut().filter(|feed| feed.lines.is_empty() && feed.next != Next::End);
            let read = dry.map(|feed| async move {
                if newest_first {
                    let size = count.clamp(*PAGES.start(), *PAGES.end());
                    feed.query.limit = i32::try_from(size).ok();
                }
                feed.page(cx, roster).await
            });
            let read = join_all(read).await;
            if read.is_empty() {
                return Ok(());
            }
            for failure in read.into_iter().filter_map(Result::err) {
                if failure.passes() || failure.kind == Kind::Expired || self.feeds.len() == 1 {
                    return Err(failure);
                }
                self.failures.push(failure);
            }
            if self.failures.len() == self.feeds.len() && !self.failures.is_empty() {
                return Err(self.failures.remove(0));
            }
        }
    }

    /// Returns the feed whose next line is the first.
    fn first(&self) -> Option<usize> {
        let there = self.feeds.iter().enumerate().filter_map(|(index, feed)| Some((index, feed.lines.front()?)));
        there.min_by(|(_, one), (_, other)| self.order(one, other)).map(|(index, _)| index)
    }

    fn order(&self, one: &LogLine, other: &LogLine) -> Ordering {
        if self.newest_first { other.at.cmp(&one.at) } else { one.at.cmp(&other.at) }
    }
}

impl Feed {
    /// Reads a page. What failed for good is at its end.
    async fn page(&mut self, cx: &Cx, roster: &Roster) -> Result<()> {
        let Next::Page(token) = &self.next else { return Ok(()) };
        match page(cx, &self.query, token.clone()).await {
            Ok((lines, next)) => {
                self.lines.extend(lines.into_iter().filter_map(|line| roster.line(&self.group, line)));
                self.next = next.map_or(Next::End, |token| Next::Page(Some(token)));
                Ok(())
            }
            Err(error) => {
                if !error.passes() {
                    self.next = Next::End;
                }
                Err(error)
            }
        }
    }
}

/// Reads a page of a log group, and explains why that failed.
pub(super) async fn page(
    cx: &Cx,
    query: &LogQuery,
    token: Option<String>,
) -> Result<(Vec<crate::aws::RawLine>, Option<String>)> {
    let aws = cx.aws().await?;
    aws.log_page(query, token).await.map_err(|error| {
        let failed = cx.failed(format!("log group {} cannot be read", query.group), &aws, error);
        match failed.kind {
            Kind::NotFound => failed.hint(
                "nobody has made the log group, or it is in another region: awslogs-create-group lets ECS make it",
            ),
            Kind::Denied
            | Kind::Expired
            | Kind::Throttled
            | Kind::Unreachable
            | Kind::Refused
            | Kind::Usage
            | Kind::Internal => failed,
        }
    })
}
