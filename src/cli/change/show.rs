//! A plan, for people on standard error and for programs as JSON.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal},
};

use serde_json::{Value, json};

use crate::{
    cli::{
        context::{self, Context},
        failure,
    },
    model::{
        taskdef::diff::{Change, Difference},
        text::clean,
    },
    ops::change::{Check, Guard, Plan, Verdict},
};

/// Prints a plan on standard error.
pub(super) fn print(plan: &Plan, context: &Context) {
    let colours = context::colours(context.options.color, io::stderr().is_terminal());
    failure::print(&text(plan, colours));
}

/// Returns a plan as JSON; values that look secret are masked.
pub(super) fn json(plan: &Plan) -> Value {
    json!({
        "title": plan.title,
        "profile": plan.by.profile,
        "account": plan.by.account,
        "region": plan.by.region,
        "caller": plan.by.caller,
        "changes": plan.changes.iter().map(difference).collect::<Vec<_>>(),
        "calls": plan.calls.iter().map(|call| {
            json!({ "action": call.action, "resource": call.resource, "what": call.what })
        }).collect::<Vec<_>>(),
        "checks": plan.checks.iter().map(check).collect::<Vec<_>>(),
        "notes": plan.notes,
        "guard": guard(&plan.guard),
    })
}

fn difference(difference: &Difference) -> Value {
    let (before, after) = difference.values(false);
    json!({
        "place": difference.place,
        "what": difference.what,
        "kind": difference.change.kind(),
        "before": before,
        "after": after,
    })
}

fn check(check: &Check) -> Value {
    let (verdict, why) = match &check.verdict {
        Verdict::Passed => ("passed", None),
        Verdict::Failed(why) => ("failed", Some(why)),
        Verdict::Unknown(why) => ("unknown", Some(why)),
        Verdict::Skipped(why) => ("skipped", Some(why)),
    };
    json!({ "what": check.what, "verdict": verdict, "why": why })
}

fn guard(guard: &Guard) -> Value {
    match guard {
        Guard::Ask => json!({ "action": "confirm" }),
        Guard::Type(name) => json!({ "action": "type", "name": name }),
        Guard::Refused(why) => json!({ "action": "refuse", "why": why }),
    }
}

/// Returns a plan for people.
fn text(plan: &Plan, colours: bool) -> String {
    let paint = |code: &str, text: &str| {
        let text = clean(text);
        if colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text }
    };
    let mut text = String::new();
    let account = plan.by.account.as_deref().unwrap_or("unknown");
    let place = format!("profile {}, account {account}, {}", plan.by.profile, plan.by.region);
    let _ = writeln!(text, "{}  ({})", paint("1", &plan.title), clean(place));
    for it in &plan.changes {
        let (mark, code) = match it.change {
            Change::Added(_) => ("+", "32"),
            Change::Removed(_) => ("-", "31"),
            Change::Changed(..) => ("~", "33"),
        };
        let said = match it.values(false) {
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (Some(only), None) | (None, Some(only)) => only.to_owned(),
            (None, None) => String::new(),
        };
        let _ =
            writeln!(text, "  {} {}: {}", paint(code, mark), clean(format!("{}, {}", it.place, it.what)), clean(said));
    }
    for call in &plan.calls {
        let _ =
            writeln!(text, "  calls {} on {}: {}", paint("1", call.action), clean(&call.resource), clean(&call.what));
    }
    for check in &plan.checks {
        let (code, verdict, why) = match &check.verdict {
            Verdict::Passed => ("32", "passed", ""),
            Verdict::Failed(why) => ("1;31", "FAILED", why.as_str()),
            Verdict::Unknown(why) => ("33", "unknown", why.as_str()),
            Verdict::Skipped(why) => ("2", "skipped", why.as_str()),
        };
        let why = if why.is_empty() { String::new() } else { format!(": {}", clean(why)) };
        let _ = writeln!(text, "  check {}: {}{why}", clean(&check.what), paint(code, verdict));
    }
    for note in &plan.notes {
        let _ = writeln!(text, "  {} {}", paint("33", "note:"), clean(note));
    }
    match &plan.guard {
        Guard::Ask => {}
        Guard::Type(name) => {
            let _ = writeln!(text, "  guard: the name {} has to be typed", clean(name));
        }
        Guard::Refused(why) => {
            let _ = writeln!(text, "  guard: {}: {}", paint("1;31", "REFUSED"), clean(why));
        }
    }
    text
}
