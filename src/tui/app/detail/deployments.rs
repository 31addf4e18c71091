//! The deployments of a service: how far the newest has come, those under way, the history, and what it changes.

use super::{State, TextLine, Tone, bar, compared};
use crate::{
    model::{Arn, Deployment},
    ops::deployments::{Deployments, Gap, Outcome, Release},
    tui::app::{time::age, time::clock},
};

/// Returns the lines.
pub(super) fn lines(state: &State, seen: &Deployments) -> Vec<TextLine> {
    let mut lines: Vec<TextLine> = seen.gaps.iter().flat_map(missing).collect();
    lines.extend(newest(state, seen));
    for deployment in seen.current() {
        lines.push(TextLine::new());
        lines.extend(current(state, deployment, seen));
    }
    if !seen.history.is_empty() {
        lines.push(TextLine::new());
        lines.push(TextLine::said(Tone::Heading, "history"));
        lines.extend(seen.history.iter().map(|release| past(state, release)));
    }
    lines.extend(changes(state, seen));
    lines
}

/// Writes what could not be read.
fn missing(gap: &Gap) -> Vec<TextLine> {
    let hints = gap.hints.iter().map(|hint| TextLine::said(Tone::Plain, format!("hint: {hint}")));
    let said = std::iter::once(TextLine::said(Tone::Bad, format!("✖ {}", gap.text))).chain(hints);
    said.chain([TextLine::new()]).collect()
}

/// Writes how far the newest deployment has come.
fn newest(state: &State, seen: &Deployments) -> Vec<TextLine> {
    let (outcome, progress) = (seen.outcome(), seen.progress());
    let mut lines = Vec::new();
    let line = TextLine::fact("rollout", format!("{} ", bar(progress.running, progress.desired)));
    let line = line.with(Tone::Plain, format!("{} of {} running, ", progress.running, progress.desired));
    let line = line.with(Tone::Plain, format!("{} pending, {} failed  ", progress.pending, progress.failed));
    lines.push(line.with(tone(outcome), outcome.words()));
    let Some(Release { deployment, .. }) = seen.history.first() else { return lines };
    let Some(detail) = &deployment.detail else { return lines };
    if let Some(breaker) = &detail.breaker {
        let tone = if &*breaker.status == "TRIGGERED" { Tone::Bad } else { Tone::Plain };
        let counted = format!("  {} of {} failures", breaker.failures, breaker.threshold);
        let line = TextLine::fact("circuit breaker", "").with(tone, &breaker.status);
        lines.push(if &*breaker.status == "DISABLED" { line } else { line.with(Tone::Faint, counted) });
    }
    if let Some(stage) = &detail.stage {
        lines.push(TextLine::fact("stage", stage));
    }
    if !detail.alarms.is_empty() {
        lines.push(TextLine::fact("alarms", "").with(Tone::Bad, detail.alarms.join(", ")));
    }
    if let Some(rollback) = &detail.rollback {
        let at = rollback.at.map(|at| clock(state.now, at, &state.zone)).unwrap_or_default();
        let source = seen.history[0].source.as_ref().and_then(|source| source.task_definition.as_ref());
        let to = source.map(|arn| format!(" to {}", arn.name())).unwrap_or_default();
        lines.push(TextLine::fact("rollback", format!("{at}{to}")));
        lines.extend(rollback.reason.as_ref().map(|reason| TextLine::fact("", "").with(Tone::Bad, reason)));
    } else if let Some(reason) = &deployment.reason {
        lines.push(TextLine::fact("reason", reason));
    }
    lines
}

/// Writes a deployment that DescribeServices tells of.
fn current(state: &State, deployment: &Deployment, seen: &Deployments) -> Vec<TextLine> {
    let rollout = deployment.rollout.as_deref().unwrap_or("–");
    let tone = match rollout {
        "COMPLETED" => Tone::Good,
        "IN_PROGRESS" => Tone::Underway,
        "FAILED" => Tone::Bad,
        _ => Tone::Plain,
    };
    let name = deployment.task_definition.as_ref().map_or("–", Arn::name);
    let heading = TextLine::said(Tone::Heading, name).with(Tone::Plain, format!("  {}  ", deployment.status));
    let Deployment { running, desired, pending, failed, .. } = deployment;
    let counts = format!("{running} of {desired} running, {pending} pending, {failed} failed");
    let mut lines = vec![heading.with(tone, rollout), TextLine::fact("tasks", counts)];
    let definition = deployment.task_definition.as_ref().and_then(|arn| seen.definitions.get(arn));
    let containers = definition.map(|definition| definition.containers.as_slice()).unwrap_or_default();
    let essential = containers.iter().filter(|container| container.essential);
    lines.extend(essential.map(|container| TextLine::fact("image", &container.image)));
    if let Some(at) = deployment.created {
        lines.push(
            TextLine::fact("began", clock(state.now, at, &state.zone))
                .with(Tone::Faint, format!("  {} ago", age(state.now, at))),
        );
    }
    lines.extend(deployment.reason.as_ref().map(|reason| TextLine::fact("reason", reason)));
    lines.push(TextLine::fact("id", &deployment.id));
    lines
}

/// Writes a release of the history in a line.
fn past(state: &State, release: &Release) -> TextLine {
    let deployment = &release.deployment;
    let at = deployment.created.map(|at| clock(state.now, at, &state.zone)).unwrap_or_default();
    let line = TextLine::new().with(Tone::Label, format!("{at}  "));
    let line = line.with(tone(release.outcome()), format!("{:<20} ", deployment.status));
    let source = release.source.as_ref().and_then(|source| source.task_definition.as_ref());
    let line = match (source, release.definition()) {
        (Some(before), Some(after)) => line.with(Tone::Plain, format!(" {} → {}", before.name(), after.name())),
        (_, Some(after)) => line.with(Tone::Plain, format!(" {}", after.name())),
        (_, None) => line,
    };
    let failed = deployment.breaker().filter(|breaker| breaker.failures > 0);
    let line = match failed {
        Some(breaker) => line.with(Tone::Plain, format!("  {} failed", breaker.failures)),
        None => line,
    };
    let line = match deployment.created.zip(deployment.finished) {
        Some((created, finished)) => line.with(Tone::Faint, format!("  took {}", age(finished, created))),
        None => line,
    };
    match &deployment.reason {
        Some(reason) => line.with(Tone::Faint, format!("  {reason}")),
        None => line,
    }
}

/// Writes what the newest deployment changes, where both task definitions could be read.
fn changes(state: &State, seen: &Deployments) -> Vec<TextLine> {
    let Some((before, after)) = seen.change() else { return Vec::new() };
    let (Some(before), Some(after)) = (seen.definitions.get(before), seen.definitions.get(after)) else {
        return Vec::new();
    };
    std::iter::once(TextLine::new()).chain(compared::lines(before, after, state.reveal)).collect()
}

fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::UnderWay => Tone::Underway,
        Outcome::Completed => Tone::Good,
        Outcome::Failing | Outcome::RollingBack | Outcome::Failed | Outcome::RolledBack => Tone::Bad,
        Outcome::Superseded | Outcome::Unknown => Tone::Plain,
    }
}
