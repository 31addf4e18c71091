//! `ecsui targets`: the targets of a service's load balancers, and what leads to them.

use std::fmt::Write as _;

use super::{
    arguments::Format,
    context::Context,
    exit::Exit,
    failure,
    output::{self, Cell, Column, Style},
    target,
};
use crate::{
    model::{Arn, Backend, Listener, LoadBalancer, Rule, Service, text::clean},
    ops::{
        self, Cx, Error, Kind,
        find::{self, Depth, Target},
        targets::{self, Front, Targets},
    },
};

/// Print the targets of a service's load balancers with their health, and what leads to them
///
/// For every target group and classic load balancer: load balancer, listeners, rules, health check, and a row a target,
/// joined to its task and revision. What must not be read is said on standard error and hides nothing else.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Words that name the service, or one of its tasks; see "Target words"
    #[arg(id = "of", value_name = "TARGET", required = true)]
    target: Vec<String>,
}

/// A target, or the place of one that has none.
#[derive(Debug)]
pub(super) struct Row {
    service: Arn,
    front: Front,
    registered: Option<targets::Row>,
    /// Whether its targets could be read.
    is_known: bool,
}

/// The columns.
pub(super) const COLUMNS: &[Column<Row>] = &[
    Column::fields_only("service", "the service's name", |it| Cell::text(it.service.name())),
    Column::fields_only("group", "the target group, or the classic load balancer", |it| {
        Cell::text(it.front.attachment.name())
    }),
    Column::new("target", "address or instance, and port; nothing where nothing is registered", |it| {
        Cell::maybe(it.target().map(ToString::to_string))
    }),
    Column::new("zone", "the availability zone", |it| {
        let of_task = || it.task().and_then(|task| task.zone.as_deref());
        Cell::maybe(it.target().and_then(|target| target.zone.as_deref().or_else(of_task)))
    }),
    Column::new("state", "AWS's word: `healthy`, `initial`, `draining`, `unhealthy`, `InService` …", |it| {
        Cell::maybe_state(it.target().map(|target| &*target.state))
    }),
    Column::new("task", "the id of the task that it is, where that is the service's", |it| {
        Cell::maybe(it.task().map(|task| task.arn.name()))
    }),
    Column::new("definition", "that task's definition, `family:revision`", |it| {
        Cell::maybe(it.task().map(|task| task.definition.name()))
    }),
    Column::new("until", "when a draining target is done, where that is known", |it| {
        Cell::moment(it.registered.as_ref().and_then(|row| it.front.drains_until(row)))
    }),
    Column::new("reason", "why it is in that state, in words", |it| {
        Cell::maybe(it.target().and_then(crate::model::Target::reason))
    }),
    Column::fields_only("code", "AWS's code for that", |it| Cell::maybe(it.target().and_then(|it| it.code.as_deref()))),
    Column::fields_only("description", "what AWS says besides", |it| {
        Cell::maybe(it.target().and_then(|target| target.description.as_deref()))
    }),
    Column::fields_only("container", "the container that answers", |it| Cell::text(&*it.front.attachment.container)),
    Column::fields_only("container_port", "its port", |it| Cell::count(it.front.attachment.port.into())),
    Column::fields_only("check", "the health check", |it| Cell::maybe(check(&it.front))),
    Column::fields_only("drains_seconds", "how long a target that is taken out drains", |it| {
        it.front.delay.map_or(Cell::Nothing, |delay| Cell::Count(i64::try_from(delay.as_secs()).unwrap_or(i64::MAX)))
    }),
    Column::fields_only("load_balancers", "the load balancers that lead there", |it| {
        Cell::rows(BALANCERS, &it.front.balancers)
    }),
    Column::fields_only("group_arn", "the target group's ARN", |it| {
        Cell::maybe(it.front.attachment.group().map(Arn::as_str))
    }),
    Column::fields_only("task_arn", "the task's ARN", |it| Cell::maybe(it.task().map(|task| task.arn.as_str()))),
    Column::fields_only("service_arn", "the service's ARN", |it| Cell::text(it.service.as_str())),
];

/// The columns of a load balancer.
pub(super) const BALANCERS: &[Column<LoadBalancer>] = &[
    Column::new("name", "its name", |it| Cell::text(&*it.name)),
    Column::new("type", "`application`, `network`, `gateway` or `classic`", |it| Cell::text(&*it.kind)),
    Column::new("scheme", "`internet-facing` or `internal`", |it| Cell::maybe(it.scheme.as_deref())),
    Column::new("state", "`active`, `provisioning`, `active_impaired` or `failed`", |it| {
        Cell::maybe_state(it.state.as_deref())
    }),
    Column::new("dns_name", "the name under which it is found", |it| Cell::maybe(it.dns_name.as_deref())),
    Column::new("instances", "the instances that are registered with a classic one", |it| {
        Cell::joined(it.instances.iter().map(ToString::to_string))
    }),
    Column::new("listeners", "the listeners that lead to the target group", |it| Cell::rows(LISTENERS, &it.listeners)),
    Column::new("arn", "its ARN; a classic one has none", |it| Cell::maybe(it.arn.as_ref().map(Arn::as_str))),
];

/// The columns of a listener.
pub(super) const LISTENERS: &[Column<Listener>] = &[
    Column::new("protocol", "`HTTP`, `HTTPS`, `TCP`, `TLS` …", |it| Cell::text(&*it.protocol)),
    Column::new("port", "its port", |it| it.port.map_or(Cell::Nothing, |port| Cell::count(port.into()))),
    Column::new("backend_protocol", "what a classic one speaks to the instances", |it| {
        Cell::maybe(it.backend.as_ref().map(|Backend { protocol, .. }| &**protocol))
    }),
    Column::new("backend_port", "the port of the instances behind a classic one", |it| {
        it.backend.as_ref().map_or(Cell::Nothing, |backend| Cell::count(backend.port.into()))
    }),
    Column::new("rules", "the rules that lead to the target group", |it| Cell::rows(RULES, &it.rules)),
];

/// The columns of a rule.
pub(super) const RULES: &[Column<Rule>] = &[
    Column::new("priority", "its priority; nothing for what no other rule takes", |it| {
        it.priority.map_or(Cell::Nothing, Cell::count)
    }),
    Column::new("conditions", "what a request must fulfil", |it| {
        let conditions: Vec<String> = it.conditions.iter().map(ToString::to_string).collect();
        if conditions.is_empty() { Cell::Nothing } else { Cell::text(conditions.join(", ")) }
    }),
    Column::new("weight", "the group's weight among those that the rule leads to", |it| {
        it.weight.map_or(Cell::Nothing, |(weight, _)| Cell::count(weight))
    }),
    Column::new("weights", "the sum of all their weights", |it| {
        it.weight.map_or(Cell::Nothing, |(_, sum)| Cell::count(sum))
    }),
];

impl Row {
    fn target(&self) -> Option<&crate::model::Target> {
        self.registered.as_ref().map(|row| &row.target)
    }

    fn task(&self) -> Option<&crate::model::Task> {
        self.registered.as_ref().and_then(|row| row.task.as_deref())
    }
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let named = target::one(context, &args.target, &[Depth::Service, Depth::Task])?;
    let (service, targets) = context.wait_unless_interrupted(read(context.cx(), &named))??;
    for part in targets.fronts.missing.iter().chain(&targets.health.missing) {
        failure::say(&part.line());
    }
    if targets.fronts.fronts.is_empty() {
        failure::say(&format!("{} is registered with no load balancer", clean(service.arn.name())));
    }
    let only = named.tasks().first().map(|task| &task.arn);
    let rows: Vec<Vec<Row>> = rows(&service.arn, targets, only);
    let style = context.style();
    if style.format == Format::Table {
        output::print_page(&page(&rows, &style))?;
    } else {
        output::print(COLUMNS, &rows.into_iter().flatten().collect::<Vec<_>>(), &style)?;
    }
    Ok(Exit::Done)
}

/// Reads the targets of the service that is meant, or whose task is.
async fn read(cx: &Cx, named: &Target) -> ops::Result<(Service, Targets)> {
    let service = match (named, named.service()) {
        (Target::Service(service), _) => service.clone(),
        (_, Some(name)) => find::service(cx, named.cluster(), name).await?,
        (_, None) => {
            let what = format!("no service started {}, so nothing registers it with a load balancer", named.path());
            return Err(Error::new(Kind::NotFound, what));
        }
    };
    let targets = targets::targets(cx, &service).await?;
    Ok((service, targets))
}

/// Returns the rows of each front, at least one each; with a task, only its.
fn rows(service: &Arn, targets: Targets, only: Option<&Arn>) -> Vec<Vec<Row>> {
    let Targets { fronts, health } = targets;
    let meant = |row: &targets::Row| only.is_none_or(|arn| row.task.as_ref().is_some_and(|task| task.arn == *arn));
    let of_front = |(front, set): (Front, targets::TargetSet)| {
        let is_known = set.rows.is_some();
        let rows: Vec<targets::Row> = set.rows.unwrap_or_default().into_iter().filter(meant).collect();
        let row = |registered| Row { service: service.clone(), front: front.clone(), registered, is_known };
        if rows.is_empty() { vec![row(None)] } else { rows.into_iter().map(|it| row(Some(it))).collect() }
    };
    fronts.fronts.into_iter().zip(health.sets).map(of_front).collect()
}

/// Returns a page: for each front what leads to it, and a table of its targets.
fn page(fronts: &[Vec<Row>], style: &Style) -> String {
    let mut text = String::new();
    for rows in fronts {
        let Some(Row { front, .. }) = rows.first() else { continue };
        if !text.is_empty() {
            text.push('\n');
        }
        heading(&mut text, front);
        match &rows[..] {
            [Row { registered: None, is_known: false, .. }] => {}
            [Row { registered: None, .. }] => text.push_str("  no targets\n"),
            _ => text.push_str(&output::table(COLUMNS, rows, style)),
        }
    }
    text
}

/// Writes what leads to a front's targets.
fn heading(text: &mut String, front: &Front) {
    let attachment = &front.attachment;
    let kind = if attachment.group().is_some() { "Target group" } else { "Classic load balancer" };
    let title = format!("{kind} {} → {}:{}", attachment.name(), attachment.container, attachment.port);
    text.extend([&clean(title), "\n"]);
    let mut line = |name: &str, value: &str| {
        writeln!(text, "  {name:<13}  {}", clean(value)).expect("a string takes everything");
    };
    for balancer in &front.balancers {
        let dns = balancer.dns_name.as_deref().unwrap_or("-");
        line("load balancer", &format!("{} ({})  {dns}", balancer.name, balancer.nature()));
        for listener in &balancer.listeners {
            line("listener", &listener.to_string());
            for rule in &listener.rules {
                line("rule", &rule.to_string());
            }
        }
    }
    if let Some(check) = check(front) {
        line("health check", &check);
    }
    if let Some(delay) = front.delay {
        line("drains for", &format!("{}s", delay.as_secs()));
    }
}

fn check(front: &Front) -> Option<String> {
    let of_group = front.group.as_ref().map(|group| &group.check);
    let of_classic = front.balancers.iter().find_map(|balancer| balancer.check.as_ref());
    of_group.or(of_classic).map(ToString::to_string)
}
