//! `ecsui deployments`: what is rolled out, what was, and waiting for the end of it.

mod progress;

use std::{fmt::Write as _, time::Duration};

use anyhow::{Context as _, anyhow};
use jiff::SignedDuration;

use super::{
    arguments::Format,
    context::{Context, Interrupted},
    exit::Exit,
    failure,
    output::{self, Cell, Column},
    target, taskdefs,
};
use crate::{
    model::{Arn, Deployment, Service, TaskDefinition, Timestamp, taskdef::diff::diff, text::clean},
    ops::{
        deployments::{self, Deployments, Outcome, Release},
        find::{Depth, Target},
    },
};
pub(super) use progress::Progress;

/// Print the deployments of a service: those under way, and the history that ECS keeps for 90 days
///
/// With --wait it follows the one that is under way until it is completed, failed or rolled back, and ends with 1
/// unless it is completed. Where none is under way it says how the newest one ended, and ends with 1 if that failed or
/// was rolled back within the last 10 minutes, or if the service is still stuck with it: then it may be the one that is
/// waited for. What was given up before that, while what ran before it runs, ends with 0. Ctrl-C stops following: the
/// deployment goes on.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Words that name the service
    #[arg(required = true)]
    target: Vec<String>,
    /// Follow the deployment that is under way to its end
    #[arg(long)]
    wait: bool,
    /// Follow it no longer than this: `90s`, `10m`, `1h`
    #[arg(long, requires = "wait", value_parser = span)]
    timeout: Option<Duration>,
    /// Show values that look secret in what differs
    #[arg(long)]
    reveal: bool,
}

/// A deployment under way, or one of the history.
#[derive(Debug)]
pub(super) struct Row {
    kind: &'static str,
    id: String,
    status: Option<String>,
    state: Option<String>,
    desired: Option<u32>,
    running: Option<u32>,
    pending: Option<u32>,
    failed: Option<u32>,
    threshold: Option<u32>,
    definition: Option<Arn>,
    images: Vec<String>,
    created: Option<Timestamp>,
    finished: Option<Timestamp>,
    reason: Option<String>,
    rollback: Option<Arn>,
    arn: Option<Arn>,
}

/// The columns.
pub(super) const COLUMNS: &[Column<Row>] = &[
    Column::new("kind", "`now`: DescribeServices tells of it; `history`: a service deployment", |row| {
        Cell::text(row.kind)
    }),
    Column::new("id", "the deployment's id, `ecs-svc/…`, or the last part of the service deployment's ARN", |row| {
        Cell::text(&*row.id)
    }),
    Column::new("status", "`PRIMARY`, `ACTIVE` or `INACTIVE`; nothing in the history", |row| {
        Cell::maybe_state(row.status.as_deref())
    }),
    Column::new(
        "state",
        "`IN_PROGRESS`, `COMPLETED` or `FAILED`; in the history `SUCCESSFUL`, `STOPPED`, `ROLLBACK_SUCCESSFUL` …",
        |row| Cell::maybe_state(row.state.as_deref()),
    ),
    Column::new("desired", "how many tasks are wanted", |row| count(row.desired)),
    Column::new("running", "how many tasks run", |row| count(row.running)),
    Column::new("pending", "how many tasks are on their way", |row| count(row.pending)),
    Column::new("failed", "how many tasks failed", |row| count(row.failed)),
    Column::fields_only("threshold", "how many failures make the circuit breaker give up", |row| count(row.threshold)),
    Column::new("definition", "the task definition, `family:revision`", |row| {
        Cell::maybe(row.definition.as_ref().map(Arn::name))
    }),
    Column::fields_only("images", "the images of its containers", |row| Cell::joined(row.images.iter().cloned())),
    Column::new("created", "when it began", |row| Cell::moment(row.created)),
    Column::new("finished", "when it ended", |row| Cell::moment(row.finished)),
    Column::new("reason", "why it is in that state", |row| Cell::maybe(row.reason.as_deref())),
    Column::fields_only("rollback", "the service revision that came back", |row| {
        Cell::maybe(row.rollback.as_ref().map(Arn::as_str))
    }),
    Column::fields_only("arn", "the service deployment's ARN", |row| Cell::maybe(row.arn.as_ref().map(Arn::as_str))),
];

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let service = service(args, context)?;
    if !args.wait {
        let read = deployments::deployments(context.cx(), &service.cluster, &service.arn);
        print(&context.wait_unless_interrupted(read)??, args, context)?;
        return Ok(Exit::Done);
    }
    let followed = follow(args, &service, context)?;
    print(&followed.seen, args, context)?;
    Ok(verdict(&service, &followed))
}

/// What became of a deployment.
struct Followed {
    outcome: Outcome,
    seen: Deployments,
    /// Whether it had ended before anybody looked.
    over: bool,
}

/// Says what became of the deployment, and returns how the command ends.
fn verdict(service: &Service, followed: &Followed) -> Exit {
    let Followed { outcome, seen, over } = followed;
    let long_ago = seen.given_up_long_ago(Timestamp::now()).filter(|_| *over);
    let mut text = format!("the deployment of {} {}", service.name, ended(*outcome, seen));
    if let Some(at) = long_ago {
        let runs = seen.primary().and_then(|it| it.task_definition.as_ref()).map_or("what was before it", Arn::name);
        let _ = write!(text, " at {at:.0}; {runs} runs");
    }
    if *over {
        text = format!("nothing is under way: {text}");
    }
    let completed = *outcome == Outcome::Completed;
    if *over || !completed {
        failure::say(&text);
    }
    if completed || long_ago.is_some() { Exit::Done } else { Exit::Failed }
}

/// Returns the service that the words mean.
fn service(args: &Args, context: &Context) -> anyhow::Result<Service> {
    match target::one(context, &args.target, &[Depth::Service])? {
        Target::Service(service) => Ok(service),
        Target::Cluster(_) | Target::Task(_) | Target::Container { .. } => {
            Err(anyhow!("only services have deployments"))
        }
    }
}

/// Follows the newest deployment to its end.
fn follow(args: &Args, service: &Service, context: &Context) -> anyhow::Result<Followed> {
    let mut looks = 0_u32;
    let mut progress = Progress::new();
    let cx = context.cx();
    let limit = args.timeout.unwrap_or(Duration::MAX / 4);
    let following = deployments::follow(cx, &service.cluster, &service.arn, |outcome, seen| {
        looks = looks.saturating_add(1);
        progress.show(outcome, seen);
    });
    let followed = context.wait_unless_interrupted(in_time(limit, following));
    progress.end();
    match followed {
        Ok(Some(followed)) => {
            let (outcome, seen) = followed?;
            Ok(Followed { outcome, seen, over: looks == 1 && outcome != Outcome::Failing })
        }
        Ok(None) => Err(anyhow!("the deployment of {} was not over in time and goes on", service.name)),
        Err(error) if error.is::<Interrupted>() => {
            failure::say(&format!("no longer following {}: its deployment goes on", service.name));
            Err(error)
        }
        Err(error) => Err(error),
    }
}

/// Returns what the future gives, unless the time is over first.
pub(super) async fn in_time<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, future).await.ok()
}

fn print(seen: &Deployments, args: &Args, context: &Context) -> anyhow::Result<()> {
    let style = context.style();
    let rows = rows(seen);
    output::print(COLUMNS, &rows, &style)?;
    if style.format == Format::Table
        && let Some((before, after)) = compared(seen)
    {
        let differences = diff(before, after);
        let title = clean(format!("{} → {}", before.arn.name(), after.arn.name()));
        output::print_page(&format!("\n{title}\n"))?;
        let rows = taskdefs::rows(&differences, args.reveal);
        output::print_page(&output::table(taskdefs::DIFFERENCES, &rows, &style))?;
    }
    for gap in &seen.gaps {
        failure::say(&gap.text);
        gap.hints.iter().for_each(|hint| failure::say(&format!("hint: {hint}")));
    }
    Ok(())
}

/// Returns the task definitions between which the newest deployment goes, where both could be read.
fn compared(seen: &Deployments) -> Option<(&TaskDefinition, &TaskDefinition)> {
    let (before, after) = seen.change()?;
    Some((seen.definitions.get(before)?, seen.definitions.get(after)?))
}

/// Returns a row for each deployment: those under way first, then the history.
fn rows(seen: &Deployments) -> Vec<Row> {
    let now = seen.current().iter().map(|it| of_deployment(it, seen));
    now.chain(seen.history.iter().map(of_release)).collect()
}

fn of_deployment(deployment: &Deployment, seen: &Deployments) -> Row {
    let definition = deployment.task_definition.as_ref().and_then(|arn| seen.definitions.get(arn));
    let containers = definition.map(|definition| definition.containers.as_slice()).unwrap_or_default();
    Row {
        kind: "now",
        id: deployment.id.clone(),
        status: Some(deployment.status.to_string()),
        state: deployment.rollout.as_deref().map(str::to_owned),
        desired: Some(deployment.desired),
        running: Some(deployment.running),
        pending: Some(deployment.pending),
        failed: Some(deployment.failed),
        threshold: None,
        definition: deployment.task_definition.clone(),
        images: containers.iter().map(|container| container.image.clone()).collect(),
        created: deployment.created,
        finished: None,
        reason: deployment.reason.clone(),
        rollback: None,
        arn: None,
    }
}

fn of_release(release: &Release) -> Row {
    let Release { deployment, target, .. } = release;
    let detail = deployment.detail.as_ref();
    let tasks = detail.and_then(|detail| detail.target.as_ref());
    let breaker = deployment.breaker();
    let rollback = detail.and_then(|detail| detail.rollback.as_ref());
    Row {
        kind: "history",
        id: deployment.arn.name().to_owned(),
        status: None,
        state: Some(deployment.status.to_string()),
        desired: tasks.map(|tasks| tasks.requested),
        running: tasks.map(|tasks| tasks.running),
        pending: tasks.map(|tasks| tasks.pending),
        failed: breaker.map(|breaker| breaker.failures),
        threshold: breaker.map(|breaker| breaker.threshold),
        definition: release.definition().cloned(),
        images: target.iter().flat_map(|target| &target.images).map(|image| image.image.clone()).collect(),
        created: deployment.created,
        finished: deployment.finished,
        reason: deployment.reason.clone(),
        rollback: rollback.and_then(|rollback| rollback.revision.clone()),
        arn: Some(deployment.arn.clone()),
    }
}

/// Returns how a deployment has ended, after its name.
pub(super) fn ended(outcome: Outcome, seen: &Deployments) -> String {
    match outcome {
        Outcome::Completed => "is completed".to_owned(),
        Outcome::Failed => "has failed".to_owned(),
        Outcome::RolledBack => "was rolled back".to_owned(),
        Outcome::Superseded => "was superseded by a newer one".to_owned(),
        Outcome::Failing => format!("is failing: {}", seen.why_failing()),
        Outcome::UnderWay | Outcome::RollingBack => format!("is {}", outcome.words()),
        Outcome::Unknown => "cannot be followed: AWS does not say how it stands".to_owned(),
    }
}

fn count(count: Option<u32>) -> Cell {
    count.map_or(Cell::Nothing, Cell::count)
}

/// Reads a span of time.
pub(super) fn span(text: &str) -> anyhow::Result<Duration> {
    let span: SignedDuration = text.parse().with_context(|| format!("{text:?} is no span of time such as 10m"))?;
    Duration::try_from(span).context("a span of time is no less than nothing")
}
