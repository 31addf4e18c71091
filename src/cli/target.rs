//! The things that the words of a command mean.

use super::{
    context::{Context, Interrupted},
    pick,
};
use crate::{
    ops::{
        self,
        exec::ExecTarget,
        find::{self, Depth, Found, Target},
    },
    terminal::Ending,
};

/// Returns the one thing of a wanted depth that the words mean, within the cluster that `--cluster` names. Where they may
/// mean several, it asks on a terminal; elsewhere that is an error of usage that lists them.
pub(super) fn one(context: &Context, words: &[String], wanted: &[Depth]) -> anyhow::Result<Target> {
    let targets = find::targets(context.cx(), words, context.cluster(), wanted);
    let found = context.wait_unless_interrupted(targets)??;
    match find::meant(words, wanted, &found) {
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

/// Returns the container to log in to that the words mean: of a service, its best; otherwise like [`one`].
pub(super) fn container(context: &Context, words: &[String]) -> anyhow::Result<ExecTarget> {
    let found = find::containers(context.cx(), words, context.cluster());
    let found = context.wait_unless_interrupted(found)??;
    let choose = |found: &[Found]| context.wait_unless_interrupted(find::pick(context.cx(), words, found));
    match choose(&found)? {
        Err(error) if asks(&error) => Ok(choose(&ask(found, Target::choice)?)??),
        chosen => Ok(chosen?),
    }
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
