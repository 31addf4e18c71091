//! Who writes where: the tasks that are meant, their containers, and the log streams of these.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use futures_util::future::{try_join, try_join_all};

use super::{
    Wanted, Whose,
    guess::{self, Guess},
};
use crate::{
    aws::RawLine,
    model::{Arn, LogLine, LogPlace, LogSource, Task, Timestamp},
    ops::{Cx, Error, Kind, Result, ls},
};

/// From when on AWS reads backwards.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
const BACKWARDS_FROM: i64 = 1_704_067_200_000;

/// How many streams of others are remembered, so that nobody is asked about them again.
const STRANGERS: usize = 10_000;

/// A log group, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    /// The region; `None` is ours.
    pub(super) region: Option<String>,
    /// The log group.
    pub(super) group: Arc<str>,
}

/// Who writes where.
#[derive(Debug, Clone)]
pub(super) struct Roster {
    pub(super) wanted: Wanted,
    sources: HashMap<(Arc<str>, Arc<str>), Arc<LogSource>>,
    /// By log group, what the streams begin with, and since when there can be lines in them.
    places: BTreeMap<Place, BTreeMap<String, i64>>,
    tasks: HashSet<Arn>,
    elsewhere: BTreeSet<String>,
    /// Streams that are somebody else's.
    strangers: HashSet<Arc<str>>,
    /// What streams are told by where the tasks may not be read.
    guesses: Vec<Guess>,
    /// Why they may not, in words that are safe to show.
    denied: Option<String>,
}

impl Roster {
    /// Finds out who writes where. It is an error where nobody writes to CloudWatch Logs.
    pub(super) async fn read(cx: &Cx, wanted: &Wanted) -> Result<Self> {
        let mut roster = Self {
            wanted: wanted.clone(),
            sources: HashMap::new(),
            places: BTreeMap::new(),
            tasks: HashSet::new(),
            elsewhere: BTreeSet::new(),
            strangers: HashSet::new(),
            guesses: Vec::new(),
            denied: None,
        };
        roster.look_again(cx, true).await?;
        if roster.places.is_empty() { Err(roster.nobody()) } else { Ok(roster) }
    }

    /// Whether more tasks may join.
    pub(super) fn grows(&self) -> bool {
        match self.wanted.whose {
            Whose::Cluster(_) | Whose::Service { .. } => true,
            Whose::Tasks { .. } => false,
        }
    }

    /// Looks for tasks that have joined; also for those that have stopped already, where it is said.
    pub(super) async fn look_again(&mut self, cx: &Cx, stopped: bool) -> Result<()> {
        if self.denied.is_some() {
            return Ok(());
        }
        let tasks = match tasks(cx, &self.wanted.whose, stopped).await {
            Err(error) if error.kind == Kind::Denied && self.places.is_empty() => {
                return self.guess(cx, error).await;
            }
            tasks => tasks?,
        };
        let named = |task: &Task| self.wanted.task.as_ref().is_none_or(|id| task.arn.name().starts_with(id.as_str()));
        let fresh: Vec<Task> = tasks.into_iter().filter(|task| named(task) && !self.is_settled(task)).collect();
        let mut definitions: Vec<&Arn> = fresh.iter().map(|task| &task.definition).collect();
        definitions.sort_unstable();
        definitions.dedup();
        let read = definitions.iter().map(|arn| ls::task_definition(cx, arn));
        let read = try_join_all(read).await?;
        let places: HashMap<&Arn, _> = definitions.iter().copied().zip(&read).collect();
        for task in &fresh {
            let containers = places.get(&task.definition).map_or(&[][..], |definition| &definition.containers);
            let only = self.wanted.container.clone();
            for container in containers.iter().filter(|one| only.as_ref().is_none_or(|name| **name == *one.name)) {
                self.add(task, &container.name, &container.log);
            }
            self.tasks.insert(task.arn.clone());
        }
        Ok(())
    }

    /// Takes what the task definitions of services say of their streams, where their tasks may not be read; where these
    /// may not be read either, it is the error that there was.
    async fn guess(&mut self, cx: &Cx, denied: Error) -> Result<()> {
        let cluster = self.wanted.whose.cluster();
        let Ok(services) = services(cx, &self.wanted.whose).await else { return Err(denied) };
        let Ok(containers) = guess::containers(cx, cluster, &services).await else { return Err(denied) };
        let only = self.wanted.container.clone();
        for (container, guess) in containers {
            if only.as_ref().is_some_and(|name| **name != *container.name) {
                continue;
            }
            if let Some(elsewhere) = container.log.elsewhere() {
                self.elsewhere.insert(format!("container {} logs with {elsewhere}", container.name));
            }
            if let Some(guess) = guess {
                let place = Place { region: guess.region.clone(), group: Arc::clone(&guess.group) };
                self.places.entry(place).or_default().insert(guess.prefix.clone(), guess.since);
                self.guesses.push(guess);
            }
        }
        if self.guesses.is_empty() {
            return Err(denied);
        }
        let whose = match self.wanted.whose {
            Whose::Cluster(_) => "shown is every stream that the task definitions of its services lead to",
            Whose::Service { .. } | Whose::Tasks { .. } => "shown is every stream that its task definition leads to",
        };
        let whose = format!("{whose}, those of others that log there too");
        self.denied = Some(format!("{}; {whose}", denied.line()));
        Ok(())
    }

    /// Returns why streams are told by what they begin with: the tasks may not be read.
    pub(super) fn denied(&self) -> Option<&str> {
        self.denied.as_deref()
    }

    /// Returns the log groups, what their streams begin with, and since when there can be lines.
    pub(super) fn places(&self) -> &BTreeMap<Place, BTreeMap<String, i64>> {
        &self.places
    }

    /// Returns who writes a stream.
    pub(super) fn source(&self, group: &Arc<str>, stream: &str) -> Option<Arc<LogSource>> {
        let known = self.sources.get(&(Arc::clone(group), Arc::from(stream))).map(Arc::clone);
        known.or_else(|| self.guessed(group, stream).map(Arc::new))
    }

    /// Returns who writes a stream, by what it begins with.
    fn guessed(&self, group: &Arc<str>, stream: &str) -> Option<LogSource> {
        let source = self.guesses.iter().find_map(|guess| guess.source(group, stream))?;
        let is_wanted = self.wanted.task.as_ref().is_none_or(|id| source.task.name().starts_with(id.as_str()));
        is_wanted.then_some(source)
    }

    /// Whether somebody may write this stream of whom nobody has heard.
    pub(super) fn may_be_new(&self, stream: &str) -> bool {
        self.grows() && !self.strangers.contains(stream)
    }

    /// Notes that nobody who is meant writes this stream.
    pub(super) fn is_a_stranger(&mut self, stream: &str) {
        if self.strangers.len() == STRANGERS {
            self.strangers.clear();
        }
        self.strangers.insert(stream.into());
    }

    /// Returns a line that is meant, as the model has it.
    pub(super) fn line(&self, group: &Arc<str>, line: RawLine) -> Option<LogLine> {
        let source = self.source(group, &line.stream)?;
        let at = Timestamp::from_millisecond(line.at).ok()?;
        let ingested = line.ingested.and_then(|ingested| Timestamp::from_millisecond(ingested).ok());
        Some(LogLine { at, ingested, source, message: line.message.into_boxed_str() })
    }

    /// Returns what there is to say of containers that write elsewhere, a line each.
    pub(super) fn elsewhere(&self) -> &BTreeSet<String> {
        &self.elsewhere
    }

    /// Returns since when lines can be read backwards.
    pub(super) fn backwards_from(since: i64) -> i64 {
        since.max(BACKWARDS_FROM)
    }

    /// Whether all containers of a task are known; one that waits for its runtime's id is not.
    fn is_settled(&self, task: &Task) -> bool {
        let is_named = task.containers.iter().all(|container| container.runtime_id.is_some());
        self.tasks.contains(&task.arn) && (is_named || &*task.last_status == "STOPPED")
    }

    fn add(&mut self, task: &Task, container: &str, place: &LogPlace) {
        if let Some(elsewhere) = place.elsewhere() {
            self.elsewhere.insert(format!("container {container} logs with {elsewhere}"));
        }
        let runtime_id = task.container(container).and_then(|container| container.runtime_id.as_deref());
        let (LogPlace::CloudWatch { group, region, .. }, Some(stream)) =
            (place, place.stream(container, &task.arn, runtime_id))
        else {
            return;
        };
        let key = Place { region: region.clone(), group: group.as_str().into() };
        let prefix = match place.stream_prefix(container) {
            Some(prefix) if self.grows() => prefix,
            Some(_) | None => stream.clone(),
        };
        let since = task.created.map_or(0, Timestamp::as_millisecond);
        let known = self.places.entry(key.clone()).or_default().entry(prefix).or_insert(since);
        *known = since.min(*known);
        let source = LogSource {
            group: Arc::clone(&key.group),
            stream: stream.as_str().into(),
            task: task.arn.clone(),
            service: task.group.service().cloned(),
            container: container.into(),
        };
        self.sources.insert((key.group, Arc::clone(&source.stream)), Arc::new(source));
    }

    /// Returns why there is nothing to read.
    fn nobody(&self) -> Error {
        let name = self.wanted.whose.name();
        if self.tasks.is_empty() {
            let what = format!("there is no task of {name} whose logs could be read");
            return Error::new(Kind::NotFound, what).hint(
                "AWS remembers stopped tasks for an hour or so; the log group may have their lines all the same",
            );
        }
        let whose = self.wanted.container.as_ref().map_or(name.clone(), |container| format!("{name}/{container}"));
        let error = Error::new(Kind::NotFound, format!("nothing of {whose} is in CloudWatch Logs"));
        self.elsewhere.iter().fold(error, Error::hint)
    }
}

/// Returns the services that are meant; of tasks nobody knows theirs.
async fn services(cx: &Cx, whose: &Whose) -> Result<Vec<Arn>> {
    match whose {
        Whose::Cluster(cluster) => {
            let services = ls::services(cx, cluster).await?;
            Ok(services.into_iter().map(|service| service.arn).collect())
        }
        Whose::Service { service, .. } => Ok(vec![service.clone()]),
        Whose::Tasks { .. } => Ok(Vec::new()),
    }
}

async fn tasks(cx: &Cx, whose: &Whose, stopped: bool) -> Result<Vec<Task>> {
    let (cluster, service) = match whose {
        Whose::Cluster(cluster) => (cluster, None),
        Whose::Service { cluster, service } => (cluster, Some(service)),
        Whose::Tasks { cluster, tasks } => {
            let ids: Vec<&str> = tasks.iter().map(Arn::as_str).collect();
            return ls::tasks_named(cx, cluster, &ids).await;
        }
    };
    if !stopped {
        return ls::tasks(cx, cluster, service).await;
    }
    let (mut running, gone) =
        try_join(ls::tasks(cx, cluster, service), ls::stopped_tasks(cx, cluster, service)).await?;
    running.extend(gone);
    Ok(running)
}
