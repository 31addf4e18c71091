//! The same way for the applets: what other tools do without a question is not asked for, and they print it themselves.

use std::time::Duration;

use super::{Asking, Carried, Consent, Following, Options, carry_out, consent};
use crate::{
    cli::{
        context::{Context, Interrupted},
        failure::say,
    },
    ops::{
        Error, Kind, Result,
        change::{self, Made, Plan, Step, Verdict, Wish},
    },
};

/// Plans, and says on standard error what somebody should know of it.
pub(in crate::cli) fn planned(wish: Wish, context: &Context) -> anyhow::Result<Plan> {
    let plan = context.wait_unless_interrupted(change::plan(context.cx(), wish))??;
    for check in plan.failed_checks() {
        if let Verdict::Failed(why) = &check.verdict {
            say(&format!("check failed: {}: {why}", check.what));
        }
    }
    plan.notes.iter().for_each(|note| say(note));
    Ok(plan)
}

/// Carries a plan out unless a guard stands before it. Returns what was made, and how that ended.
pub(in crate::cli) fn carried_out(plan: &Plan, context: &Context) -> anyhow::Result<(Vec<Made>, Result<()>)> {
    if !consent::given(plan, &Consent::asking(Asking::Not))? {
        return Err(Error::new(Kind::Refused, "nothing was done").into());
    }
    let tell = |step: Step<'_>| match step {
        Step::Doing(_) | Step::Did(_) => {}
        Step::Waiting(text) => say(text),
        Step::Notice(text) => say(&text),
    };
    match carry_out(plan, context, tell)? {
        Carried { ended: Ok(done), stopped: None } => Ok((done.made, Ok(()))),
        Carried { ended: Ok(done), stopped: Some(ending) } => {
            let words: Vec<String> = done.made.iter().map(Made::words).collect();
            say(&format!("all of it was done: {}", words.join(", ")));
            Err(Interrupted(ending).into())
        }
        Carried { ended: Err(halt), .. } => Ok((halt.made, Err(halt.error))),
    }
}

impl Consent {
    /// Returns the consent of somebody who is asked so, and not again because of failed checks.
    pub(in crate::cli) fn asking(asking: Asking) -> Self {
        Self { force: true, asking, ..Self::default() }
    }
}

impl Options {
    /// Returns the options of somebody who is asked so, and follows the deployment so long.
    pub(in crate::cli) fn asking(asking: Asking, timeout: Duration) -> Self {
        let following = Following { wait: true, no_wait: false, timeout: Some(timeout) };
        Self { consent: Consent::asking(asking), following }
    }
}
