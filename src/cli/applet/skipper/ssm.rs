//! `skipper ssm`: the parameters of a service below `/application/…`.

use super::super::super::{
    change::{Asking, Consent, agreed},
    context::Context,
    exit::Exit,
    failure, output, prompt, target,
};
use crate::{
    model::{ParameterKind, ParameterVersion, Service, text::clean},
    ops::{
        self, Kind,
        find::{Depth, Target},
        params::{self, Change, Deed, Listed, Listing},
    },
    session::Secret,
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Verb {
    /// List the parameters of all services and of one
    List(Words),
    /// Put one SSM parameter
    Put(Words),
    /// Delete one SSM parameter
    Delete(Words),
    /// History of one SSM parameter
    History(Words),
}

/// Which service.
#[derive(Debug, clap::Args)]
pub(super) struct Words {
    /// The cluster and the service
    #[arg(value_name = "CLUSTER SERVICE")]
    words: Vec<String>,
}

/// The name that stands for all services.
const GLOBAL: &str = "global";

/// Runs the command.
pub(super) fn run(verb: &Verb, context: &Context) -> anyhow::Result<Exit> {
    match verb {
        Verb::List(words) => list(&service(words, context)?, context),
        Verb::Put(words) => put(&service(words, context)?, context),
        Verb::Delete(words) => delete(&service(words, context)?, context),
        Verb::History(words) => history(&service(words, context)?, context),
    }
}

fn service(words: &Words, context: &Context) -> anyhow::Result<Service> {
    match target::one(context, &words.words, &[Depth::Service])? {
        Target::Service(service) => Ok(service),
        other => Err(ops::Error::new(Kind::Usage, format!("{} is no service", other.path())).into()),
    }
}

fn list(service: &Service, context: &Context) -> anyhow::Result<Exit> {
    let own = params::path(params::PREFIX, service);
    let mut exit = Exit::Done;
    for path in [params::PREFIX.replace("{app}", GLOBAL), own] {
        let listed = params::list(context.cx(), service, &path, true);
        let Listing { parameters, denied } = context.wait_unless_interrupted(listed)??;
        output::print_text(&page(&path, &parameters))?;
        if !denied.is_empty() {
            exit = failure::denied(denied, context);
        }
    }
    Ok(exit)
}

/// Returns the parameters below a path, values and all, as Skipper prints them.
fn page(path: &str, listed: &[Listed]) -> String {
    let below = format!("{path}/");
    let line = |it: &Listed| {
        let (key, value) = (it.name.strip_prefix(&below)?, it.parameter.as_ref()?.value.as_deref().unwrap_or_default());
        Some(format!("{:<30}: \t{}\n", clean(key), clean(value)))
    };
    let app = path.rsplit('/').next().unwrap_or_default();
    format!("=== {} Config Vars\n", clean(app)) + &listed.iter().filter_map(line).collect::<String>()
}

fn put(service: &Service, context: &Context) -> anyhow::Result<Exit> {
    let path = params::path(params::PREFIX, service);
    let name = params::name(&path, &asked("Name   : ")?);
    let deed = unguarded(context.wait_unless_interrupted(Deed::put(context.cx(), &name, Some(service)))??)?;
    let value = if prompt::somebody_answers() { prompt::unseen("Value : ")? } else { asked("Value : ")? };
    let change = Change {
        name,
        value: Secret::new(value),
        kind: Some(ParameterKind::SecureString),
        key_id: Some(format!("alias{path}")),
        description: None,
    };
    let prepared = context.wait_unless_interrupted(params::prepare(context.cx(), change))??;
    // Whether it was made is told by its answer alone: nothing interrupts it.
    let version = context.wait(deed.make(context.cx(), params::put(context.cx(), &prepared), failure::say))??;
    failure::say(&format!("{} is there, version {version}", prepared.name()));
    Ok(Exit::Done)
}

fn delete(service: &Service, context: &Context) -> anyhow::Result<Exit> {
    let name = params::name(&params::path(params::PREFIX, service), &asked("Name   : ")?);
    let deed = unguarded(context.wait_unless_interrupted(Deed::delete(context.cx(), &name, Some(service)))??)?;
    if asked(&format!("Are you sure you want to delete {} : ", clean(&name)))? != "yes" {
        failure::say("not deleted");
        return Ok(Exit::Failed);
    }
    context.wait(deed.make(context.cx(), params::delete(context.cx(), &name), failure::say))??;
    Ok(Exit::Done)
}

fn history(service: &Service, context: &Context) -> anyhow::Result<Exit> {
    let path = params::path(params::PREFIX, service);
    let name = params::name(&path, &asked("Name   : ")?);
    let versions = context.wait_unless_interrupted(params::history(context.cx(), &name, true))??;
    let versions = versions.iter().map(|it| version(&path, it));
    output::print_text(&versions.collect::<String>())?;
    Ok(Exit::Done)
}

/// Returns a version, value and all, as Skipper prints it.
fn version(path: &str, version: &ParameterVersion) -> String {
    let ParameterVersion { parameter: it, by, .. } = version;
    let modified = it.modified.map(|at| at.strftime("%F %T +0000 UTC").to_string()).unwrap_or_default();
    let key = it.name.strip_prefix(path).unwrap_or(&it.name).trim_start_matches('/');
    let lines = [
        ("VERSION", it.version.to_string()),
        ("LastModifiedDate", modified),
        (key, it.value.clone().unwrap_or_default()),
        ("User", by.clone().unwrap_or_default()),
    ];
    let rule = "-".repeat(85);
    let lines = lines.iter().map(|(name, value)| format!("{:<30}: \t{}\n", clean(*name), clean(value)));
    format!("{rule}\n{}{rule}\n", lines.collect::<String>())
}

/// Fails where a guard stands before a change that Skipper's own questions do not answer.
fn unguarded(deed: Deed) -> anyhow::Result<Deed> {
    agreed(&deed.guard, "the change of a parameter", "", &Consent::asking(Asking::Not))?;
    Ok(deed)
}

/// Asks for a line; where there is none, that is an error.
fn asked(question: &str) -> anyhow::Result<String> {
    let line = prompt::line_or_end(question)?.unwrap_or_default();
    if line.is_empty() {
        return Err(ops::Error::new(Kind::Usage, "nothing was said").into());
    }
    Ok(line)
}
