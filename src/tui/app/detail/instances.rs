//! The container instances of a cluster, and the tasks on each.

use super::{State, TextLine, Tone, columns, part_missing};
use crate::{
    model::{Arn, Resource, Task},
    ops::instances::{Instances, Row},
    tui::app::{Look, Seen, stock::TaskScope},
};

/// Returns the lines of the view.
pub(super) fn lines(state: &State, cluster: &Arn) -> Vec<TextLine> {
    state.seen(&Look::Instances(cluster.clone()), |seen| match seen {
        Seen::Instances(instances) => all(state, cluster, instances),
        _ => Vec::new(),
    })
}

fn all(state: &State, cluster: &Arn, instances: &Instances) -> Vec<TextLine> {
    let scope = TaskScope { cluster: cluster.clone(), service: None };
    // Of a large cluster, tasks are read service by service only.
    let tasks = state.stock.tasks.get(&scope).map(|slot| slot.value.as_slice());
    let mut lines: Vec<TextLine> = instances.rows.iter().flat_map(|row| instance(row, tasks)).collect();
    if lines.is_empty() {
        lines.push(TextLine::said(Tone::Faint, "no container instances"));
    }
    lines.extend(instances.missing.iter().map(part_missing));
    lines
}

/// Writes an instance, and below it the tasks on it.
fn instance(row: &Row, tasks: Option<&[Task]>) -> Vec<TextLine> {
    let instance = &row.instance;
    let active = if &*instance.status == "ACTIVE" { Tone::Good } else { Tone::Underway };
    let mut line = TextLine::said(Tone::Heading, row.name());
    let id = instance.ec2.as_deref().filter(|id| *id != row.name());
    for part in id.into_iter().chain(row.kind()).chain(row.zone()) {
        line = line.with(Tone::Plain, format!("  {part}"));
    }
    line = line.with(active, format!("  {}", instance.status));
    // Running is what one expects.
    let state = row.host.as_ref().and_then(|host| host.state.as_deref()).filter(|state| *state != "running");
    if let Some(state) = state {
        line = line.with(Tone::Bad, format!("  {state}"));
    }
    let addresses = row.host.iter().flat_map(|host| [host.private_ip.as_deref(), host.public_ip.as_deref()]).flatten();
    for address in addresses {
        line = line.with(Tone::Plain, format!("  {address}"));
    }
    let version = instance.agent_version.as_deref().unwrap_or("–");
    let agent = if instance.agent_connected { (Tone::Good, "connected") } else { (Tone::Bad, "not connected") };
    let mut facts = TextLine::said(Tone::Plain, format!("  {} running", instance.running));
    if instance.pending > 0 {
        facts = facts.with(Tone::Underway, format!(", {} pending", instance.pending));
    }
    let facts = facts
        .with(Tone::Plain, format!("  {}  {}", free("CPU", instance.cpu, ""), free("memory", instance.memory, " MiB")))
        .with(Tone::Faint, format!("  agent {version} "))
        .with(agent.0, agent.1);
    let reason = instance.reason.as_ref().map(|reason| TextLine::said(Tone::Bad, format!("  {reason}")));
    let here = tasks.unwrap_or_default().iter().filter(|task| task.instance.as_ref() == Some(&instance.arn));
    let cells = columns::of_instance(row);
    [line, facts].into_iter().chain(reason).chain(here.map(task)).map(|line| line.of_row(&cells)).collect()
}

fn task(task: &Task) -> TextLine {
    let group = task.group.service().or_else(|| task.group.standalone()).map(|group| &**group).unwrap_or_default();
    let tone = if &*task.last_status == "RUNNING" { Tone::Good } else { Tone::Underway };
    TextLine::said(Tone::Faint, "    ")
        .with(Tone::Plain, format!("{}  {group}  {}  ", task.arn.short(), task.definition.name()))
        .with(tone, &task.last_status)
}

fn free(name: &str, resource: Resource, unit: &str) -> String {
    let Resource { remaining, registered } = resource;
    format!("{name} {remaining} of {registered}{unit} free")
}
