//! The things that the words of a command mean.

use super::{
    change::Consent,
    context::{Context, Interrupted},
    pick,
};
use crate::{
    model::{Arn, Service, query::column_of, text::clean},
    ops::{
        self,
        exec::ExecTarget,
        find::{self, Depth, Found, Target},
        opened::Opened,
    },
    terminal::Ending,
};

/// What the commands take that can go on with what is new.
#[derive(Debug, clap::Args)]
pub(super) struct Watched {
    /// Words that name whose; see "Target words"
    #[arg(id = "of", value_name = "TARGET")]
    pub(super) words: Vec<String>,
    /// Go on with what is new as it comes, until ctrl-c; as JSON, one object a line
    #[arg(short, long)]
    pub(super) follow: bool,
}

/// Returns the one thing of a wanted depth that the words mean, within the cluster that `--cluster` names. Where they
/// may mean several, it asks on a terminal; elsewhere that is an error of usage that lists them.
pub(super) fn one(context: &Context, words: &[String], wanted: &[Depth]) -> anyhow::Result<Target> {
    one_by(context, words, wanted, find::meant)
}

/// Returns the one thing of a wanted depth that is to be changed, as [`one`] does; where nobody is asked before it is,
/// the words have to be its very names.
pub(super) fn to_change(
    context: &Context,
    words: &[String],
    wanted: &[Depth],
    consent: &Consent,
) -> anyhow::Result<Target> {
    one_by(context, words, wanted, if consent.asks_nobody() { find::named } else { find::meant })
}

/// Returns the cluster of this name in which something is to be changed, as [`to_change`] does.
pub(super) fn cluster(context: &Context, name: &str, consent: &Consent) -> anyhow::Result<Arn> {
    Ok(if consent.asks_nobody() {
        context.wait_unless_interrupted(find::cluster_in_full(context.cx(), name))??
    } else {
        context.wait_unless_interrupted(find::cluster(context.cx(), name))??
    })
}

fn one_by(
    context: &Context,
    words: &[String],
    wanted: &[Depth],
    meant: impl Fn(&[String], &[Depth], &[Found]) -> ops::Result<Target>,
) -> anyhow::Result<Target> {
    let targets = find::targets(context.cx(), words, context.cluster(), wanted);
    let found = context.wait_unless_interrupted(targets)??;
    match meant(words, wanted, &found) {
        Err(error) if asks(&error) => Ok(ask(found, Target::path)?.remove(0).target),
        meant => Ok(meant?),
    }
}

/// Returns the one thing of a wanted depth that is meant, or `None` where nothing was said at all.
pub(super) fn maybe(context: &Context, words: &[String], wanted: &[Depth]) -> anyhow::Result<Option<Target>> {
    if words.is_empty() && context.cluster().is_none() {
        return Ok(None);
    }
    one(context, words, wanted).map(Some)
}

/// Returns the services that are to be changed: each word with a slash and each ARN names one of its own, unless there
/// is a word without, when all of them together name one.
pub(super) fn services(context: &Context, words: &[String], consent: &Consent) -> anyhow::Result<Vec<Service>> {
    groups(words).into_iter().map(|words| service(context, words, consent)).collect()
}

/// Returns the words of each thing: each word with a slash and each ARN is one of its own, unless there is a word
/// without, when all of them together are one.
pub(super) fn groups(words: &[String]) -> Vec<&[String]> {
    let in_column = |word: &str| column_of(word).is_some() && word.parse::<Arn>().is_err();
    let whole = |word: &String| word.contains('/') && !word.starts_with('/') && !in_column(word);
    if words.iter().all(whole) { words.chunks(1).collect() } else { vec![words] }
}

/// Returns the last word and those before it.
pub(super) fn and_last(words: &[String]) -> (&str, &[String]) {
    words.split_last().map_or(("", &[]), |(last, before)| (last, before))
}

/// Reads a number of tasks.
pub(super) fn count(word: &str) -> ops::Result<u32> {
    let wrong = |why| ops::Error::new(ops::Kind::Usage, format!("{:?} is no number of tasks{why}", clean(word)));
    let is_negative = word.strip_prefix('-').is_some_and(|rest| rest.parse::<f64>().is_ok());
    match word.parse() {
        Ok(count) => Ok(count),
        Err(_) if is_negative => Err(wrong(": there are no fewer than 0")),
        Err(_) => Err(wrong("").hint("give it after the service")),
    }
}

/// Returns the service that is to be changed.
pub(super) fn service(context: &Context, words: &[String], consent: &Consent) -> anyhow::Result<Service> {
    match to_change(context, words, &[Depth::Service], consent)? {
        Target::Service(service) => Ok(service),
        Target::Cluster(_) | Target::Task(_) | Target::Container { .. } => {
            Err(ops::Error::new(ops::Kind::Internal, "words for a service mean something else").into())
        }
    }
}

/// A container to log in to.
#[derive(Debug)]
pub(super) struct Login {
    /// The container.
    pub(super) target: ExecTarget,
    /// What it is called by names that outlive its task.
    pub(super) opened: Option<Opened>,
}

/// Returns the container to log in to that the words mean: of a service, its best; otherwise like [`one`].
pub(super) fn container(context: &Context, words: &[String]) -> anyhow::Result<Login> {
    let found = find::containers(context.cx(), words, context.cluster());
    let found = context.wait_unless_interrupted(found)??;
    match choose(context, words, &found)? {
        Err(error) if asks(&error) => Ok(choose(context, words, &ask(found, Target::choice)?)??),
        chosen => Ok(chosen?),
    }
}

/// Returns the container to log in to where the words can mean no other; nothing where they may mean several or none,
/// and where that cannot be found out.
pub(super) fn only_container(context: &Context, words: &[String]) -> anyhow::Result<Option<Login>> {
    let found = find::containers(context.cx(), words, context.cluster());
    match context.wait_unless_interrupted(found)? {
        Ok(found) if find::is_one(&found) => Ok(Some(choose(context, words, &found)??)),
        Ok(_) | Err(_) => Ok(None),
    }
}

/// Chooses the container to log in to among those found.
fn choose(context: &Context, words: &[String], found: &[Found]) -> anyhow::Result<ops::Result<Login>> {
    let picked = context.wait_unless_interrupted(find::pick(context.cx(), words, found))?;
    Ok(picked.map(|target| Login { opened: find::opened(found, &target), target }))
}

/// Whether somebody can say what is meant.
fn asks(error: &ops::Error) -> bool {
    error.kind == ops::Kind::Usage && pick::somebody_can_choose()
}

/// Asks which of these is meant and returns what is called so: at least one thing.
fn ask(found: Vec<Found>, name: impl Fn(&Target) -> String) -> anyhow::Result<Vec<Found>> {
    let named = found.into_iter().map(|found| (name(&found.target), found));
    let picked = pick::pick(named)?.filter(|picked| !picked.is_empty());
    picked.ok_or_else(|| Interrupted(Ending::Interrupt).into())
}
