//! The one way of every command that changes something: plan, show, ask, carry out, follow, print.

mod applet;
mod consent;
mod follow;
mod result;
mod show;

use std::{io, ops::ControlFlow, time::Duration};

use anyhow::Context as _;

use super::{
    arguments::Format,
    context::{Context, Interrupted},
    exit::Exit,
    failure::{self, say},
    output, prompt,
};
use crate::{
    ops::{
        self,
        change::{self, Done, Halt, Made, Place, Plan, Step, Wish},
    },
    terminal::{Ending, Signals},
};

pub(super) use applet::{carried_out, planned};
pub(super) use consent::agreed;
pub(super) use result::COLUMNS;

/// What every command takes that changes something.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Consent {
    /// Only print what would be done: on standard error, with `-o json` on standard output
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Say the name of what is changed, as a guard may want it typed; then nothing is asked
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
    /// Do it although checks have failed
    #[arg(long)]
    force: bool,
    #[arg(skip)]
    asking: Asking,
}

impl Consent {
    /// Returns what flags have said, where that is all there is to say.
    pub(super) fn said(yes: bool, confirm: Option<String>) -> Self {
        Self { yes, confirm, ..Self::default() }
    }

    /// Whether something is changed without a word from anybody once the command has begun.
    pub(super) fn asks_nobody(&self) -> bool {
        self.yes && !self.dry_run
    }
}

/// How the person is asked.
#[derive(Debug, Default)]
pub(super) enum Asking {
    /// As all commands ask, unless flags have said it.
    #[default]
    Commands,
    /// Not at all.
    Not,
    /// By this question, wherever the answer comes from.
    Question(String),
    /// To write these words, wherever they come from, in capital letters or not.
    Words(String),
}

/// What every command takes that begins a deployment.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    pub(super) consent: Consent,
    #[command(flatten)]
    following: Following,
}

/// What every command takes that can follow what it began.
#[derive(Debug, clap::Args)]
pub(super) struct Following {
    /// Follow the deployment to its end, also where standard error is no terminal
    #[arg(long, overrides_with = "no_wait")]
    wait: bool,
    /// Do not follow the deployment
    #[arg(long)]
    no_wait: bool,
    /// Follow it no longer than this: `90s`, `10m`, `1h`; so it is followed, as with `--wait`
    #[arg(long, value_name = "SPAN", conflicts_with = "no_wait", value_parser = super::deployments::span)]
    timeout: Option<Duration>,
}

/// What came of a wish.
pub(super) enum Came {
    /// It was carried out.
    True(Done),
    /// It was not, or not to its end, and that has been said.
    Not(Exit),
}

/// Makes a wish come true, as far as the person agrees to it, and follows the deployments that it begins.
pub(super) fn run(wish: Wish, options: &Options, context: &Context) -> anyhow::Result<Exit> {
    let done = match make(wish, &options.consent, context)? {
        Came::True(done) => done,
        Came::Not(exit) => return Ok(exit),
    };
    let mut rows = result::rows(&done.made);
    let followed = if options.following.wanted() {
        follow::to_the_end(&done, &mut rows, options.following.timeout, context)?
    } else {
        follow::Followed { exit: Exit::Done, failed: Vec::new() }
    };
    output::print(COLUMNS, &rows, &context.style())?;
    offer_roll_back(followed.failed, options, context)?;
    Ok(followed.exit)
}

/// Makes a wish come true after which there is nothing to follow.
pub(super) fn run_without_end(wish: Wish, consent: &Consent, context: &Context) -> anyhow::Result<Exit> {
    match make(wish, consent, context)? {
        Came::True(done) => {
            print(&done.made, context)?;
            Ok(Exit::Done)
        }
        Came::Not(exit) => Ok(exit),
    }
}

/// Makes a wish come true, as far as the person agrees to it.
pub(super) fn make(wish: Wish, consent: &Consent, context: &Context) -> anyhow::Result<Came> {
    consent::possible(consent)?;
    let plan = context.wait_unless_interrupted(change::plan(context.cx(), wish))??;
    let json = context.options.output == Format::Json;
    if consent.dry_run && json {
        output::print_json(&show::json(&plan))?;
        return Ok(Came::Not(Exit::Done));
    }
    show::print(&plan, context);
    if consent.dry_run {
        say("nothing was done: this was a dry run");
        return Ok(Came::Not(Exit::Done));
    }
    if !consent::given(&plan, consent)? {
        say("nothing was done");
        return Ok(Came::Not(Exit::Failed));
    }
    match carry_out(&plan, context, aloud())? {
        Carried { ended: Ok(done), stopped: None } => Ok(Came::True(done)),
        Carried { ended: Ok(done), stopped: Some(ending) } => Err(left(&done.made, ending, context)?),
        Carried { ended: Err(halt), .. } => failed(halt, context).map(Came::Not),
    }
}

/// Prints what was made though somebody wanted to end, and says that it goes on. Returns how the command ends.
fn left(made: &[Made], ending: Ending, context: &Context) -> anyhow::Result<anyhow::Error> {
    print(made, context)?;
    let places: Vec<&Place> = made.iter().filter_map(Made::place).collect();
    if places.is_empty() {
        say("all of it was done");
    } else {
        say(&format!("all of it was done, and goes on; look with {}", follow::commands("deployments", &places)));
    }
    Ok(Interrupted(ending).into())
}

/// Prints what was made.
pub(super) fn print(made: &[Made], context: &Context) -> anyhow::Result<()> {
    Ok(output::print(COLUMNS, &result::rows(made), &context.style())?)
}

/// Offers to bring back what ran before, where a deployment has failed and stays where it is: asks on a terminal, and
/// names the command elsewhere. It changes nothing about how the command ends.
fn offer_roll_back(failed: Vec<Place>, options: &Options, context: &Context) -> anyhow::Result<()> {
    for service in failed {
        if !consent::can_ask(&options.consent) {
            say(&format!("hint: {} brings back what ran before", follow::commands("rollback", &[&service])));
        } else if prompt::confirm("Roll back to what ran before?")? {
            run(Wish::RollBack { service }, options, context)?;
        }
    }
    Ok(())
}

impl Following {
    /// Whether what was begun is followed.
    fn wanted(&self) -> bool {
        self.wait || self.timeout.is_some() || (!self.no_wait && io::IsTerminal::is_terminal(&io::stderr()))
    }
}

/// How a plan was carried out.
struct Carried {
    /// What was done.
    ended: Result<Done, Halt>,
    /// The signal that asked to end meanwhile.
    stopped: Option<Ending>,
}

/// Carries a plan out. The first signal lets the call under way come to its end, and no more are made; the second one
/// waits no longer.
fn carry_out(plan: &Plan, context: &Context, mut tell: impl FnMut(Step<'_>)) -> anyhow::Result<Carried> {
    let stop = std::sync::atomic::AtomicBool::new(false);
    let tell = |step: Step<'_>| {
        tell(step);
        if stop.load(std::sync::atomic::Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    context.wait(async {
        let mut signals = Signals::new().context("signals cannot be caught")?;
        let work = change::carry_out(context.cx(), plan, tell);
        tokio::pin!(work);
        let mut stopped = None;
        loop {
            tokio::select! {
                ended = &mut work => return Ok(Carried { ended, stopped }),
                ending = signals.next() => {
                    if stop.swap(true, std::sync::atomic::Ordering::Relaxed) {
                        say("not waited for: whether the call under way was made is not known; `ecsui history` has it");
                        return Err(Interrupted(ending).into());
                    }
                    stopped = Some(ending);
                    say("stopping: the call under way is waited for, and no more are made");
                }
            }
        }
    })?
}

/// Returns what says each step, but never twice what is waited for.
fn aloud() -> impl FnMut(Step<'_>) {
    let mut waiting = each_once(say);
    move |step| match step {
        Step::Doing(call) => say(&format!("{}: {}", call.action, call.what)),
        Step::Did(made) => told(made),
        Step::Waiting(text) => waiting(text),
        Step::Notice(text) => say(&text),
    }
}

/// Returns what says a text, unless it is the one before it once more.
pub(super) fn each_once(mut say: impl FnMut(&str)) -> impl FnMut(&str) {
    let mut said: Option<String> = None;
    move |text| {
        if said.replace(text.to_owned()).as_deref() != Some(text) {
            say(text);
        }
    }
}

/// Says what AWS made otherwise than it was told.
fn told(made: &Made) {
    if let Made::Registered { definition, .. } = made {
        say(&format!("{} is registered", definition.name()));
    }
    made.surprises().iter().for_each(|surprise| say(surprise));
}

/// Says what failed, and how things stand; prints what was made before.
fn failed(halt: Halt, context: &Context) -> anyhow::Result<Exit> {
    let rows = result::rows(&halt.made);
    if !rows.is_empty() || context.options.output == Format::Json {
        output::print(COLUMNS, &rows, &context.style())?;
    }
    let colours = super::context::colours(context.options.color, io::IsTerminal::is_terminal(&io::stderr()));
    let error: anyhow::Error = ops::Error::from(halt).into();
    failure::report(&error, colours);
    Ok(Exit::of_error(&error))
}
