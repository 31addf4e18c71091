//! `skipper restart` and `skipper update`.

use std::time::Duration;

use super::super::super::{
    change::{self, Asking, Consent, Options},
    context::Context,
    exit::Exit,
    failure, target,
};
use crate::{
    model::EnvironmentValue,
    ops::change::{self as ops_change, Place, Stop, Update, Which, Whose, Wish},
};

/// How long Skipper waits for a deployment.
const LONGEST: Duration = Duration::from_mins(5);
/// What AWS tells of tasks that are stopped.
const REASON: &str = "stopped by skipper restart";

/// `restart`.
#[derive(Debug, clap::Args)]
pub(super) struct Restart {
    /// The cluster and the service
    #[arg(value_name = "CLUSTER SERVICE")]
    words: Vec<String>,
    /// Kill all tasks but not at the same time aka. Rolling kill
    #[arg(short = 'r', long = "rotatingkill")]
    rolling: bool,
    /// Kill all tasks at the same time, after `KILL SERVICE` was typed; it goes before -r
    #[arg(short = 't', long = "terminatekill")]
    all: bool,
}

/// `update`.
#[derive(Debug, clap::Args)]
pub(super) struct Change {
    /// The cluster and the service
    #[arg(value_name = "CLUSTER SERVICE")]
    words: Vec<String>,
    /// key=value to be updated (can be used multiple times)
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// key to be removed (can be used multiple times)
    #[arg(long, value_name = "KEY")]
    unset: Vec<String>,
    /// The placement group to use: the attribute `group` of container instances
    #[arg(long = "targetGroup", value_name = "GROUP")]
    group: Option<String>,
}

/// Replaces the tasks of a service: by a deployment, or by stopping them.
pub(super) fn restart(args: &Restart, context: &Context) -> anyhow::Result<Exit> {
    let place = Place::of(&target::service(context, &args.words, &Consent::default())?);
    if !args.all && !args.rolling {
        return deploy(Wish::Redeploy { services: vec![place.clone()] }, &place, &args.words, context);
    }
    let name = place.name().to_uppercase();
    let (which, asking) = if args.all {
        (Which::AllOf(place), Asking::Words(format!("KILL {name}")))
    } else {
        (Which::EachOf(place), Asking::Question("Start rotating kill tasks?".to_owned()))
    };
    let wish = Wish::Stop(Stop { which, reason: REASON.to_owned() });
    change::run_without_end(wish, &Consent::asking(asking), context)
}

/// Changes variables, and where tasks are placed, of all containers.
pub(super) fn update(args: &Change, context: &Context) -> anyhow::Result<Exit> {
    let place = Place::of(&target::service(context, &args.words, &Consent::default())?);
    let update = Update {
        place: place.clone(),
        whose: Whose::All,
        image: None,
        set: args.set.iter().map(|word| variable(word)).collect(),
        unset: args.unset.clone(),
        target_group: None,
        placement_group: args.group.clone().filter(|group| !group.is_empty()),
    };
    let wish = if context.wait_unless_interrupted(ops_change::is_needed(context.cx(), &update))?? {
        Wish::Update(Box::new(update))
    } else {
        failure::say("nothing would be different: tasks are replaced, and no revision is registered");
        Wish::Redeploy { services: vec![place.clone()] }
    };
    deploy(wish, &place, &args.words, context)
}

/// Begins a deployment and follows it: unasked where the words are the very names of the service, as Skipper takes no
/// others.
fn deploy(wish: Wish, place: &Place, words: &[String], context: &Context) -> anyhow::Result<Exit> {
    let is_named = words.join("/") == place.path() || words == [place.service.as_str()];
    let asking = if is_named { Asking::Not } else { Asking::Question(format!("Is {} meant?", place.path())) };
    change::run(wish, &Options::asking(asking, LONGEST), context)
}

/// Returns a variable; one without a value is empty.
fn variable(word: &str) -> EnvironmentValue {
    let (name, value) = word.split_once('=').unwrap_or((word, ""));
    EnvironmentValue { name: name.to_owned(), value: value.to_owned() }
}
