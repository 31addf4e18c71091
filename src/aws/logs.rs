//! The operations of CloudWatch Logs: pages of lines, and the live tail.

use aws_sdk_cloudwatchlogs::{
    Client,
    config::{self, Region, StalledStreamProtectionConfig},
    operation::start_live_tail::StartLiveTailOutput,
    types::StartLiveTailResponseStream,
};

use super::{Error, budget::Category, call::Operation, clients::Clients};

const FILTER_LOG_EVENTS: Operation = Operation::read("logs:FilterLogEvents", Category::LogRead);
const DESCRIBE_LOG_GROUPS: Operation = Operation::read("logs:DescribeLogGroups", Category::Other);
/// A session costs money for as long as it lasts: nobody opens two by accident.
const START_LIVE_TAIL: Operation = Operation::change("logs:StartLiveTail", Category::Other);

/// Which lines are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// The region of the log group; `None` is that of the clients.
    pub region: Option<String>,
    /// The log group.
    pub group: String,
    /// What the names of the log streams begin with.
    pub prefix: String,
    /// The time of the earliest line, in milliseconds since 1970.
    pub from: Option<i64>,
    /// The time of the latest line.
    pub to: Option<i64>,
    /// A filter pattern.
    pub pattern: Option<String>,
    /// Whether the latest lines come first; then [`from`](Self::from) must be given and be in 2024 or later.
    pub newest_first: bool,
    /// The most lines of a page; `None` is as many as AWS gives.
    pub limit: Option<i32>,
}

/// A line as AWS tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawLine {
    /// The log stream.
    pub stream: String,
    /// When it was written, in milliseconds since 1970.
    pub at: i64,
    /// When AWS took it in.
    pub ingested: Option<i64>,
    /// What was written.
    pub message: String,
}

/// What a live tail tells of a second.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TailUpdate {
    /// The lines that came in.
    pub lines: Vec<RawLine>,
    /// Whether there were too many of them, so that some are missing.
    pub sampled: bool,
}

/// A session of live tail. Dropping it ends it.
#[derive(Debug)]
pub struct LiveTail(StartLiveTailOutput);

impl Clients {
    /// Whether there is a log group of this very name.
    pub async fn has_log_group(&self, name: &str) -> Result<bool, Error> {
        // Those that begin so come in the order of their names: this one first.
        let call = || self.logs().describe_log_groups().log_group_name_prefix(name).limit(1).send();
        let answer = self.call(DESCRIBE_LOG_GROUPS, call).await?;
        Ok(answer.log_groups().iter().any(|group| group.log_group_name() == Some(name)))
    }

    /// Returns a page of lines in the order of their times, and the token of the next page. A page may be empty and not
    /// be the last.
    pub async fn log_page(
        &self,
        query: &LogQuery,
        token: Option<String>,
    ) -> Result<(Vec<RawLine>, Option<String>), Error> {
        let client = self.logs_in(query.region.as_deref());
        let call = || {
            let call = client.filter_log_events().log_group_name(&query.group).log_stream_name_prefix(&query.prefix);
            let call = call.set_start_time(query.from).set_end_time(query.to).set_limit(query.limit);
            let call = call.set_filter_pattern(query.pattern.clone());
            call.set_start_from_head(query.newest_first.then_some(false)).set_next_token(token.clone()).send()
        };
        let answer = self.call(FILTER_LOG_EVENTS, call).await?;
        let next = answer.next_token.filter(|next| !next.is_empty());
        if next.is_some() && next == token {
            return Err(Error::broken(FILTER_LOG_EVENTS.name, "the same page again and again"));
        }
        let lines = answer
            .events
            .unwrap_or_default()
            .into_iter()
            .filter_map(|event| line(event.log_stream_name, event.timestamp, event.ingestion_time, event.message));
        Ok((lines.collect(), next))
    }

    /// Opens a live tail of the streams of a log group (its ARN) whose names begin with one of the prefixes, at most
    /// 100.
    pub async fn live_tail(
        &self,
        region: Option<&str>,
        group: &str,
        prefixes: &[String],
        pattern: Option<&str>,
    ) -> Result<LiveTail, Error> {
        let client = self.logs_in(region);
        let patience = self.beginning_of_a_stream();
        let call = || {
            let call = client.start_live_tail().log_group_identifiers(group);
            let call = call.set_log_stream_name_prefixes(Some(prefixes.to_vec()));
            let call = call.set_log_event_filter_pattern(pattern.map(str::to_owned));
            call.customize().config_override(patience.clone()).send()
        };
        Ok(LiveTail(self.call(START_LIVE_TAIL, call).await?))
    }

    /// Returns the settings of a call whose answer goes on for hours, with silence in it.
    fn beginning_of_a_stream(&self) -> config::Builder {
        let config = config::Builder::new().stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        match self.prefixed_pool() {
            Some(pool) => config.http_client(pool),
            None => config,
        }
    }

    /// Returns the client for a region, where that is another one than ours.
    fn logs_in(&self, region: Option<&str>) -> Client {
        match region.filter(|region| *region != self.region()) {
            None => self.logs().clone(),
            Some(region) => {
                let config = self.logs().config().to_builder().region(Region::new(region.to_owned()));
                Client::from_conf(config.build())
            }
        }
    }
}

impl LiveTail {
    /// Waits for the next update; `None` once the session is over: after three hours, or because something broke. What
    /// came in from then on has to be read in another way.
    pub async fn next(&mut self) -> Option<TailUpdate> {
        loop {
            match self.0.response_stream.recv().await {
                Ok(Some(StartLiveTailResponseStream::SessionUpdate(update))) => {
                    let sampled = update.session_metadata.is_some_and(|metadata| metadata.sampled);
                    let lines = update.session_results.unwrap_or_default().into_iter();
                    let lines = lines.filter_map(|event| {
                        line(event.log_stream_name, event.timestamp, event.ingestion_time, event.message)
                    });
                    return Some(TailUpdate { lines: lines.collect(), sampled });
                }
                // The session has begun, or something that this version of the SDK does not know.
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(error) => {
                    tracing::debug!(%error, "a live tail is over");
                    return None;
                }
            }
        }
    }
}

/// Returns a line; one without stream and time is none.
fn line(stream: Option<String>, at: Option<i64>, ingested: Option<i64>, message: Option<String>) -> Option<RawLine> {
    Some(RawLine { stream: stream?, at: at?, ingested, message: message.unwrap_or_default() })
}
