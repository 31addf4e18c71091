//! Whether the person agrees: asked on a terminal, said on the command line elsewhere.

use super::{Asking, Consent};
use crate::{
    cli::prompt,
    model::text::clean,
    ops::{
        Error, Kind, Result,
        change::{Guard, Plan},
    },
};

/// Fails at once where nobody has agreed and nobody can be asked.
pub(super) fn possible(consent: &Consent) -> Result<()> {
    let is_said = consent.dry_run || consent.yes || consent.confirm.is_some();
    if is_said || !is_of_commands(consent) || prompt::somebody_answers() {
        return Ok(());
    }
    Err(Error::new(Kind::Usage, "nobody can be asked whether to do that")
        .hint("say --yes, or look at what would be done with --dry-run"))
}

/// Whether the person can be asked more than what the flags say.
pub(super) fn can_ask(consent: &Consent) -> bool {
    is_of_commands(consent) && !consent.yes && consent.confirm.is_none() && prompt::somebody_answers()
}

/// Returns whether the person agrees to a plan.
pub(super) fn given(plan: &Plan, consent: &Consent) -> anyhow::Result<bool> {
    Ok(agreed(&plan.guard, &plan.title, &plan.name, consent)? && despite(plan, consent)?)
}

/// Returns whether the person agrees to what a guard stands before; `name` is what can be confirmed of it.
pub(in crate::cli) fn agreed(guard: &Guard, title: &str, name: &str, consent: &Consent) -> anyhow::Result<bool> {
    match guard {
        Guard::Refused(why) => Err(Error::new(Kind::Refused, format!("{title} is refused: {why}")).into()),
        Guard::Ask => {
            is_meant(name, consent)?;
            asked(title, consent)
        }
        Guard::Type(name) => Ok((is_of_commands(consent) || asked(title, consent)?) && typed(name, consent)?),
    }
}

fn asked(title: &str, consent: &Consent) -> anyhow::Result<bool> {
    match &consent.asking {
        Asking::Commands if consent.yes || consent.confirm.is_some() => Ok(true),
        Asking::Commands => prompt::confirm(&format!("{}?", clean(title))),
        Asking::Not => Ok(true),
        Asking::Question(question) => prompt::confirm(&clean(question)),
        Asking::Words(words) => {
            let said = prompt::line(&format!("Please confirm by writing the following [{}]: ", clean(words)))?;
            Ok(said.to_uppercase() == clean(words).to_uppercase())
        }
    }
}

fn is_of_commands(consent: &Consent) -> bool {
    matches!(consent.asking, Asking::Commands)
}

/// Fails where another name was said than that of what is changed.
fn is_meant(name: &str, consent: &Consent) -> Result<()> {
    let name = clean(name);
    match &consent.confirm {
        Some(said) if *said != name => {
            let what = format!("{:?} was confirmed, and what is changed is {name:?}", clean(said));
            Err(Error::new(Kind::Usage, what).hint("nothing was done; --yes agrees without a name"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns whether the person has said the name that a guard wants.
fn typed(name: &str, consent: &Consent) -> anyhow::Result<bool> {
    let name = clean(name);
    match &consent.confirm {
        Some(said) if *said == name => Ok(true),
        Some(said) => {
            let what = format!("a guard wants the name {name:?} to be confirmed, not {:?}", clean(said));
            Err(Error::new(Kind::Usage, what).into())
        }
        None if prompt::somebody_answers() => Ok(prompt::line(&format!("Type {name} to do that: "))? == name),
        None => {
            let what = "a guard wants the name of what is changed to be confirmed, and nobody can be asked";
            let whose = if is_of_commands(consent) { "say" } else { "ecsui's own command for it takes" };
            Err(Error::new(Kind::Usage, what).hint(format!("{whose} --confirm {name}")).into())
        }
    }
}

/// Returns whether the person wants it although checks have failed.
fn despite(plan: &Plan, consent: &Consent) -> anyhow::Result<bool> {
    let failed = plan.failed_checks().count();
    if failed == 0 || consent.force {
        return Ok(true);
    }
    let checks = if failed == 1 { "1 check has".to_owned() } else { format!("{failed} checks have") };
    if !can_ask(consent) {
        let what = format!("{checks} failed, and nothing was done");
        return Err(Error::new(Kind::Refused, what).hint("--force does it all the same").into());
    }
    prompt::confirm(&format!("{checks} failed. Do it all the same?"))
}
