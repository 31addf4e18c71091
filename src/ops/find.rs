//! From words to things: what people type where a cluster, a service, a task or a container is wanted.
//!
//! A word is fuzzy, with fzf's marks (`'exact`, `^start`, `end$`, `!not`), and all words must match. A word with
//! slashes names parts of `cluster/service/task/container` from left to right; parts may be left out. Task ids are
//! matched by their beginning, ARNs as they are. `column:word` looks in one column: `image:nginx`, `status:pending`,
//! `az:1b`.

mod login;
mod reading;
mod words;

use std::sync::Arc;

use futures_util::FutureExt;
use nucleo::{Config, Matcher};

use super::{
    Cx, Error, Kind, Result,
    exec::{self, ExecTarget},
    ls,
};
use crate::model::{
    Arn, Service, Task,
    text::{clean, listing},
};
pub use login::{is_one, opened};
use words::{Fit, Part};

/// How deep in the tree of an account a thing lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// A cluster.
    Cluster,
    /// A service, whether it has tasks or not.
    Service,
    /// A task.
    Task,
    /// A container.
    Container,
}

/// A thing that words can mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A cluster.
    Cluster(Arn),
    /// A service, as a list names it or described.
    Service(Service),
    /// A task that runs or is about to; one that has stopped only where its ARN or its whole id was given.
    Task(Arc<Task>),
    /// A container of one task, or the containers of this name in several tasks of one service.
    Container {
        /// The tasks it is a container of, newest first: at least one.
        tasks: Vec<Arc<Task>>,
        /// Its name.
        name: Arc<str>,
    },
}

/// A thing that the words may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The thing.
    pub target: Target,
    fit: Fit,
}

/// Returns what the words may mean of the wanted depths, the closest first; all there is for no words. `within` names
/// the one cluster to look into.
///
/// It reads no deeper than it must: the names of a cluster and a service that are typed letter by letter cost their two
/// lists, and tasks are read only where nothing above them comes close to the words.
pub async fn targets(cx: &Cx, words: &[String], within: Option<&str>, wanted: &[Depth]) -> Result<Vec<Found>> {
    // Boxed: what waits for this lies deep enough.
    let found = reading::found(cx, words, within, wanted).boxed().await?;
    Ok(outermost(together(found)))
}

/// Returns the one thing that is meant among those found: the closest, where there is only one so close; otherwise the
/// words are ambiguous ([`Kind::Usage`]).
pub fn meant(words: &[String], wanted: &[Depth], found: &[Found]) -> Result<Target> {
    match closest(found)[..] {
        [] => Err(nothing(words, wanted)),
        [one] => Ok(one.target.clone()),
        ref several => {
            let paths: Vec<String> = several.iter().map(|found| found.target.path()).collect();
            Err(ambiguous(words, wanted, &paths))
        }
    }
}

/// Returns the one thing that is meant among those found, as [`meant`] does, where every word names it letter by
/// letter; what only comes closest may be another thing tomorrow.
pub fn named(words: &[String], wanted: &[Depth], found: &[Found]) -> Result<Target> {
    let target = meant(words, wanted, found)?;
    if closest(found).iter().all(|found| found.fit.is_exact()) {
        return Ok(target);
    }
    Err(unnamed(&words.join(" "), &nouns(wanted), &target.path()))
}

/// Returns the cluster of this very name or ARN, as [`cluster`] does of a part of one.
pub async fn cluster_in_full(cx: &Cx, name: &str) -> Result<Arn> {
    let cluster = cluster(cx, name).await?;
    if cluster.name() == name || cluster.as_str() == name {
        return Ok(cluster);
    }
    Err(unnamed(name, noun(Depth::Cluster), cluster.name()))
}

fn unnamed(said: &str, noun: &str, closest: &str) -> Error {
    let what = format!("{:?} is the name of no {noun}: {} comes closest", clean(said), clean(closest));
    Error::new(Kind::NotFound, what)
        .hint("with --yes nobody is asked whether that is meant: name it in full, or leave --yes out")
}

/// Returns the containers that the words may mean, task by task, the closest first; all there are for no words.
pub async fn containers(cx: &Cx, words: &[String], within: Option<&str>) -> Result<Vec<Found>> {
    reading::found(cx, words, within, CONTAINERS).boxed().await
}

/// Returns the one container to log in to that the words mean.
pub async fn one(cx: &Cx, words: &[String]) -> Result<ExecTarget> {
    let found = containers(cx, words, None).await?;
    pick(cx, words, &found).await
}

/// Returns the one container to log in to among those found. Where the closest ones are of one service or one
/// standalone task, the best of them is; otherwise the words are ambiguous ([`Kind::Usage`]).
pub async fn pick(cx: &Cx, words: &[String], found: &[Found]) -> Result<ExecTarget> {
    let closest = closest(found);
    let mut places: Vec<String> = closest.iter().map(|found| found.target.choice()).collect();
    places.sort_unstable();
    places.dedup();
    match &places[..] {
        [] => Err(nothing(words, CONTAINERS)),
        [place] => exec::choose(cx, place, candidates(&closest)).await,
        several => Err(ambiguous(words, CONTAINERS, several)),
    }
}

/// What one can log in to.
const CONTAINERS: &[Depth] = &[Depth::Container];

/// Returns the cluster of this name or ARN; a part of a name will do where only one cluster has it. Who may not list
/// clusters can name one in full.
pub async fn cluster(cx: &Cx, name: &str) -> Result<Arn> {
    let arns = match ls::cluster_arns(cx).await {
        Err(error) if error.kind == Kind::Denied => {
            let cluster = ls::cluster_named(cx, name).await.ok().flatten();
            return cluster.map(|cluster| cluster.arn).ok_or(error);
        }
        arns => arns?,
    };
    unique(name, arns, Arn::clone)?.ok_or_else(|| {
        Error::new(Kind::NotFound, format!("there is no cluster {:?}", clean(name)))
            .hint("`ecsui ls` shows all there are; is it in another region?")
    })
}

/// Returns the cluster of this very name or ARN, which needs no list; who may not describe it is told from the list.
pub async fn cluster_named(cx: &Cx, name: &str) -> Result<Arn> {
    let cluster = match ls::cluster_named(cx, name).await {
        Err(error) if error.kind == Kind::Denied => {
            let listed = ls::cluster_arns(cx).await.map_err(|_| error)?;
            listed.into_iter().find(|arn| arn.name() == name || arn.as_str() == name)
        }
        described => described?.map(|cluster| cluster.arn),
    };
    cluster.ok_or_else(|| {
        Error::new(Kind::NotFound, format!("there is no cluster {:?}", clean(name)))
            .hint("`ecsui ls` shows all there are; is it in another region?")
    })
}

/// Returns the service of this name or ARN in a cluster; a part of a name will do where only one service has it. Who
/// may not list services can name one in full.
pub async fn service(cx: &Cx, cluster: &Arn, name: &str) -> Result<Service> {
    let services = reading::services(cx, cluster, &[name]).await?;
    let service = unique(name, services, |service| service.arn.clone())?;
    service.ok_or_else(|| {
        let cluster = clean(cluster.name());
        Error::new(Kind::NotFound, format!("there is no service {:?} in cluster {cluster}", clean(name)))
            .hint(format!("`ecsui ls {cluster}` shows all there are"))
    })
}

impl Target {
    /// Returns how deep it lies.
    pub fn depth(&self) -> Depth {
        match self {
            Self::Cluster(_) => Depth::Cluster,
            Self::Service(_) => Depth::Service,
            Self::Task(_) => Depth::Task,
            Self::Container { .. } => Depth::Container,
        }
    }

    /// Returns the cluster it is or lies in.
    pub fn cluster(&self) -> &Arn {
        match self {
            Self::Cluster(arn) => arn,
            Self::Service(service) => &service.cluster,
            Self::Task(task) => &task.cluster,
            Self::Container { tasks, .. } => &first(tasks).cluster,
        }
    }

    /// Returns the name of the service it is or belongs to; `None` for a cluster and for what runs without a service.
    pub fn service(&self) -> Option<&str> {
        match self {
            Self::Cluster(_) => None,
            Self::Service(service) => Some(&service.name),
            Self::Task(_) | Self::Container { .. } => {
                self.task().and_then(|task| task.group.service()).map(|name| &**name)
            }
        }
    }

    /// Returns the tasks that are meant, newest first; none for a cluster or a service, which stand for all of theirs.
    pub fn tasks(&self) -> &[Arc<Task>] {
        match self {
            Self::Cluster(_) | Self::Service(_) => &[],
            Self::Task(task) => std::slice::from_ref(task),
            Self::Container { tasks, .. } => tasks,
        }
    }

    /// Returns the container's name.
    pub fn container(&self) -> Option<&str> {
        match self {
            Self::Cluster(_) | Self::Service(_) | Self::Task(_) => None,
            Self::Container { name, .. } => Some(name),
        }
    }

    /// Returns `cluster/service/task/container` as far as it goes, safe to show.
    pub fn path(&self) -> String {
        let task = match self.tasks() {
            [task] => Some(task.arn.short()),
            _ => None,
        };
        let parts = [Some(self.cluster().name()), self.place(), task, self.container()];
        clean(parts.into_iter().flatten().collect::<Vec<_>>().join("/"))
    }

    /// Returns what a container to log in to is chosen within: a service, or a standalone task. Safe to show.
    pub fn choice(&self) -> String {
        let task = self.task().filter(|_| self.service().is_none()).map(|task| task.arn.short());
        let parts = [Some(self.cluster().name()), self.place(), task];
        clean(parts.into_iter().flatten().collect::<Vec<_>>().join("/"))
    }

    /// Returns the first of its tasks.
    fn task(&self) -> Option<&Task> {
        self.tasks().first().map(|task| &**task)
    }

    /// Returns what people look for it under: its service, or else the group of its task.
    fn place(&self) -> Option<&str> {
        let group = || self.task().and_then(|task| task.group.standalone()).map(|group| &**group);
        self.service().or_else(group)
    }

    /// Whether another thing lies in this one.
    fn holds(&self, other: &Self) -> bool {
        let is_above = self.depth() < other.depth() && self.cluster() == other.cluster();
        is_above
            && match self {
                Self::Cluster(_) => true,
                Self::Service(service) => other.service() == Some(&*service.name),
                Self::Task(task) => other.tasks().iter().all(|other| other.arn == task.arn),
                Self::Container { .. } => false,
            }
    }
}

fn first(tasks: &[Arc<Task>]) -> &Task {
    tasks.first().expect("a container has a task")
}

/// Makes one of the containers of a service that have one name and fit alike.
fn together(found: Vec<Found>) -> Vec<Found> {
    let mut merged: Vec<Found> = Vec::new();
    for one in found {
        let same =
            merged.iter_mut().find(|other| other.fit == one.fit && is_same_in_other_task(&other.target, &one.target));
        match (same.map(|found| &mut found.target), one.target) {
            (Some(Target::Container { tasks, .. }), Target::Container { tasks: more, .. }) => tasks.extend(more),
            (_, target) => merged.push(Found { target, fit: one.fit }),
        }
    }
    merged
}

fn is_same_in_other_task(one: &Target, other: &Target) -> bool {
    one.container().is_some()
        && one.service().is_some()
        && (one.container(), one.service(), one.cluster()) == (other.container(), other.service(), other.cluster())
}

/// Leaves out what lies in something that was found as well and fits no worse.
fn outermost(found: Vec<Found>) -> Vec<Found> {
    let covered = |one: &Found| found.iter().any(|other| other.fit >= one.fit && other.target.holds(&one.target));
    let left: Vec<bool> = found.iter().map(|one| !covered(one)).collect();
    found.into_iter().zip(left).filter_map(|(one, left)| left.then_some(one)).collect()
}

/// Returns those that fit best.
fn closest(found: &[Found]) -> Vec<&Found> {
    let best = found.iter().map(|found| found.fit).max();
    found.iter().filter(|found| Some(found.fit) == best).collect()
}

fn nothing(words: &[String], wanted: &[Depth]) -> Error {
    let said = clean(words.join(" "));
    let nouns = nouns(wanted);
    let what = if said.is_empty() { format!("there is no {nouns}") } else { format!("no {nouns} matches {said:?}") };
    let shows = if wanted.iter().all(|depth| *depth <= Depth::Service) { "ls" } else { "list" };
    Error::new(Kind::NotFound, what).hint(format!("`ecsui {shows}` shows all there are; is it in another region?"))
}

fn ambiguous(words: &[String], wanted: &[Depth], candidates: &[String]) -> Error {
    let (said, listing) = (clean(words.join(" ")), listing(candidates));
    if said.is_empty() {
        let wanted = nouns(wanted);
        return Error::new(Kind::Usage, format!("several may be meant: {listing}")).hint(format!("name a {wanted}"));
    }
    Error::new(Kind::Usage, format!("{said:?} may mean several: {listing}")).hint("name more of it")
}

fn nouns(wanted: &[Depth]) -> String {
    wanted.iter().map(|depth| noun(*depth)).collect::<Vec<_>>().join(" or ")
}

fn noun(depth: Depth) -> &'static str {
    match depth {
        Depth::Cluster => "cluster",
        Depth::Service => "service",
        Depth::Task => "task",
        Depth::Container => "container",
    }
}

/// Returns the tasks of these containers, each with those of its containers that are among them.
fn candidates<'a>(found: &[&'a Found]) -> Vec<exec::Candidate<'a>> {
    let mut candidates: Vec<exec::Candidate<'a>> = Vec::new();
    for found in found {
        let named = found.target.task().zip(found.target.container());
        let Some((task, container)) = named.and_then(|(task, name)| Some((task, task.container(name)?))) else {
            continue;
        };
        match candidates.iter_mut().find(|(other, _)| other.arn == task.arn) {
            Some((_, containers)) => containers.push(container),
            None => candidates.push((task, vec![container])),
        }
    }
    candidates
}

/// Returns the one thing that is called so, exactly or else in part.
fn unique<T>(name: &str, all: Vec<T>, arn: impl Fn(&T) -> Arn) -> Result<Option<T>> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let part = Part::new(name);
    let fits: Vec<Option<u32>> = all
        .iter()
        .map(|one| {
            let arn = arn(one);
            if arn.as_str() == name { Some(u32::MAX) } else { part.fit(arn.name(), &mut matcher) }
        })
        .collect();
    let best = fits.iter().flatten().max().copied();
    let mut closest: Vec<T> =
        all.into_iter().zip(fits).filter(|(_, fit)| fit.is_some() && *fit == best).map(|(one, _)| one).collect();
    match closest.len() {
        0 | 1 => Ok(closest.pop()),
        _ => {
            let names: Vec<String> = closest.iter().map(|one| arn(one).name().to_owned()).collect();
            let what = format!("{:?} may mean several: {}", clean(name), listing(&names));
            Err(Error::new(Kind::Usage, what).hint("name more of it"))
        }
    }
}

#[cfg(test)]
mod tests;
