//! The targets of a service's load balancers: how each is, the task that it is, and what leads to it.

use super::{State, TextLine, Tone, columns, failure, part_missing};
use crate::{
    model::{Arn, Attachment, TargetCondition, Timestamp, text::clean},
    ops::targets::{Front, Fronts, Health, Row, TargetSet},
    tui::app::{
        Look, Seen,
        stock::Load,
        time::age,
        wrap::{padded, width},
    },
};

/// Returns what has to be looked at for this view: what leads there, and how it is.
pub(in crate::tui::app) fn looks(state: &State) -> Vec<Look> {
    let wanted = (|| {
        let (service, detail) = state.selected_service()?;
        let attachments = detail?.attachments.clone();
        (!attachments.is_empty()).then(|| {
            let (cluster, service) = (service.cluster.clone(), service.arn.clone());
            vec![Look::Health { cluster, service, attachments: attachments.clone() }, Look::Fronts(attachments)]
        })
    })();
    wanted.unwrap_or_default()
}

/// Returns the lines of the view; with a task selected, of its targets alone.
pub(super) fn lines(state: &State, only: Option<&Arn>) -> Vec<TextLine> {
    let Some((service, detail)) = state.selected_service() else { return Vec::new() };
    if detail.is_none() {
        return state.unread_service();
    }
    let looks = looks(state);
    let [health, ahead] = &looks[..] else {
        return vec![TextLine::said(Tone::Faint, format!("{} is registered with no load balancer", service.name))];
    };
    let slot = state.stock.looks.get(ahead);
    let fronts = slot.and_then(|slot| slot.value.as_ref()).and_then(|seen| match seen {
        Seen::Fronts(fronts) => Some(&**fronts),
        _ => None,
    });
    let mut lines = state.seen(health, |seen| match seen {
        Seen::Health(health) => sets(state, health, fronts, only),
        _ => Vec::new(),
    });
    match slot.map(|slot| slot.status.load()) {
        Some(Load::Failed(notice, _)) => lines.extend(failure(notice)),
        Some(Load::Ready(_)) => {}
        Some(Load::Never | Load::Loading) | None => {
            lines.push(TextLine::said(Tone::Faint, "load balancers: loading …"));
        }
    }
    lines.extend(fronts.iter().flat_map(|fronts| &fronts.missing).map(part_missing));
    lines
}

/// Writes every target group with its targets.
fn sets(state: &State, health: &Health, fronts: Option<&Fronts>, only: Option<&Arn>) -> Vec<TextLine> {
    let mut lines: Vec<TextLine> = Vec::new();
    for (place, set) in health.sets.iter().enumerate() {
        if place > 0 {
            lines.push(TextLine::new());
        }
        let front = fronts.and_then(|fronts| fronts.fronts.iter().find(|front| front.attachment == set.attachment));
        lines.push(heading(set));
        lines.extend(targets(state, set, front, only));
        lines.extend(front.into_iter().flat_map(ways));
    }
    lines.extend(health.missing.iter().map(part_missing));
    lines
}

/// Writes a group's name and how many of its targets are healthy.
fn heading(set: &TargetSet) -> TextLine {
    let Attachment { container, port, .. } = &set.attachment;
    let kind = if set.attachment.group().is_some() { "target group" } else { "classic load balancer" };
    let line = TextLine::said(Tone::Heading, format!("{kind} {}", set.attachment.name()));
    let line = line.with(Tone::Faint, format!(" → {container}:{port}"));
    let Some(rows) = &set.rows else { return line };
    let remaining = rows.iter().filter(|row| row.target.condition() != TargetCondition::Draining);
    let healthy = rows.iter().filter(|row| row.target.condition() == TargetCondition::Healthy).count();
    let (tone, all) = match remaining.count() {
        all if healthy == all && all > 0 => (Tone::Good, all),
        all if healthy == 0 => (Tone::Bad, all),
        all => (Tone::Underway, all),
    };
    line.with(tone, format!("  {healthy}/{all} healthy"))
}

/// Writes a group's targets, each in a line.
fn targets(state: &State, set: &TargetSet, front: Option<&Front>, only: Option<&Arn>) -> Vec<TextLine> {
    let Some(rows) = &set.rows else { return Vec::new() };
    let meant = |row: &&Row| only.is_none_or(|arn| row.task.as_ref().is_some_and(|task| task.arn == *arn));
    let rows: Vec<&Row> = rows.iter().filter(meant).collect();
    if rows.is_empty() {
        let said = if only.is_some() { "the task is not registered here" } else { "no targets" };
        return vec![TextLine::said(Tone::Faint, said)];
    }
    let widest = |text: fn(&Row) -> String| rows.iter().map(|row| width(&clean(text(row)))).max().unwrap_or_default();
    let (states, places) = (widest(|row| row.target.state.to_string()), widest(|row| row.target.to_string()));
    // What stands where there is no task is no reason to move the others.
    let (zones, revisions) = (widest(zone), widest(|row| row.task.as_ref().map(|_| revision(row)).unwrap_or_default()));
    let line = |row: &&Row| {
        let target = &row.target;
        let task = row.task.as_ref().map_or("–", |task| task.arn.short());
        let line = TextLine::new().with(tone(target.condition()), padded(&target.state, states) + "  ");
        let line = line.with(Tone::Plain, padded(&target.to_string(), places) + "  ");
        let line = line.with(Tone::Faint, padded(&zone(row), zones) + "  ");
        let line = line.with(Tone::Plain, format!("{task:<8}  {}", padded(&revision(row), revisions)));
        let line = match front.and_then(|front| front.drains_until(row)) {
            Some(until) => line.with(Tone::Underway, format!("  {}", left(state.now, until))),
            None => line,
        };
        match target.reason() {
            Some(reason) => line.with(Tone::Faint, format!("  {reason}")),
            None => line,
        }
        .of_row(&columns::of_target(set.attachment.name(), row))
    };
    rows.iter().map(line).collect()
}

/// Writes what leads to a group, and how its targets are checked.
fn ways(front: &Front) -> Vec<TextLine> {
    let mut lines = Vec::new();
    for balancer in &front.balancers {
        let line = TextLine::fact("load balancer", &balancer.name);
        let line = line.with(Tone::Faint, format!(" ({})", balancer.nature()));
        lines.push(match &balancer.dns_name {
            Some(name) => line.with(Tone::Plain, format!("  {name}")),
            None => line,
        });
        for listener in &balancer.listeners {
            lines.push(TextLine::fact("listener", listener.to_string()));
            lines.extend(listener.rules.iter().map(|rule| TextLine::fact("rule", rule.to_string())));
        }
    }
    let of_classic = || front.balancers.iter().find_map(|balancer| balancer.check.as_ref());
    let check = front.group.as_ref().map(|group| &group.check).or_else(of_classic);
    lines.extend(check.map(|check| TextLine::fact("health check", check.to_string())));
    lines.extend(front.delay.map(|delay| TextLine::fact("drains for", format!("{}s", delay.as_secs()))));
    lines
}

/// Returns how long a target still drains.
fn left(now: Timestamp, until: Timestamp) -> String {
    if until <= now { "done any moment".to_owned() } else { format!("{} left", age(until, now)) }
}

fn zone(row: &Row) -> String {
    let of_task = || row.task.as_ref().and_then(|task| task.zone.as_ref());
    row.target.zone.as_ref().or_else(of_task).map(ToString::to_string).unwrap_or_default()
}

fn revision(row: &Row) -> String {
    row.task.as_ref().map_or("no task of the service", |task| task.definition.name()).to_owned()
}

fn tone(condition: TargetCondition) -> Tone {
    match condition {
        TargetCondition::Healthy => Tone::Good,
        TargetCondition::Initial | TargetCondition::Draining => Tone::Underway,
        TargetCondition::Unhealthy => Tone::Bad,
        TargetCondition::Idle => Tone::Faint,
    }
}
