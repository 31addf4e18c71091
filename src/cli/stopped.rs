//! `ecsui stopped`: stopped tasks and why they stopped.

use futures_util::future::join_all;

use super::{
    context::Context,
    exit::Exit,
    failure,
    output::{self, Cell, Column},
    target,
};
use crate::{
    model::{Arn, Container, Ending, ending},
    ops::{
        find::{Depth, Target},
        ls,
        stopped::{self, StoppedTask, Whose},
    },
};

/// Print the stopped tasks of a service, of a cluster, or one task, the last to stop first, and why they stopped
///
/// AWS forgets a stopped task within hours. What was seen of it here is remembered for 30 days, by account and region,
/// in ecsui's state directory (~/.local/state/ecsui on Linux), and printed too.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Words that name the service, the cluster or the task; see "Target words"
    #[arg(id = "of", value_name = "TARGET")]
    target: Vec<String>,
}

/// The columns.
pub(super) const COLUMNS: &[Column<StoppedTask>] = &[
    Column::new("stopped", "when it stopped; nothing while it is stopping", |it| Cell::moment(it.task.stopped)),
    Column::new("service", "the service that started it; nothing for a standalone task", |it| {
        Cell::maybe(it.task.group.service().map(|name| &**name))
    }),
    Column::new("task", "the task's id", |it| Cell::text(it.task.arn.name())),
    Column::new("definition", "the task definition, `family:revision`", |it| Cell::text(it.task.definition.name())),
    Column::new("exit", "the exit codes of its containers, `container=code`", |it| {
        let code = |it: &Container| Some(format!("{}={}", it.name, it.exit_code?));
        Cell::joined(it.task.containers.iter().filter_map(code))
    }),
    Column::new("remembered", "whether AWS has forgotten it, so that this is what was seen of it here", |it| {
        Cell::Truth(it.remembered)
    }),
    Column::new("why", "the reason in words", |it| Cell::maybe(Ending::of(&it.task).map(|ending| ending.words))),
    Column::fields_only("failed", "whether something went wrong; otherwise it was meant to stop, or done", |it| {
        Ending::of(&it.task).map_or(Cell::Nothing, |ending| Cell::Truth(ending.failed))
    }),
    Column::fields_only("code", "the stop code of ECS: `EssentialContainerExited`, `TaskFailedToStart` …", |it| {
        Cell::maybe(it.task.stop_code.as_deref())
    }),
    Column::fields_only("reason", "the reason as ECS says it", |it| Cell::maybe(it.task.stopped_reason.as_deref())),
    Column::fields_only(
        "group",
        "what started a standalone task: `family:NAME`, or a name of the caller's choice",
        |it| Cell::maybe(it.task.group.standalone().map(|name| &**name)),
    ),
    Column::fields_only("created", "when it was asked for", |it| Cell::moment(it.task.created)),
    Column::fields_only("started", "when it became RUNNING; nothing where it never did", |it| {
        Cell::moment(it.task.started)
    }),
    Column::fields_only("stopping", "when it began to stop", |it| Cell::moment(it.task.stopping)),
    Column::fields_only("launch", "`FARGATE`, `EC2`, `EXTERNAL` or a capacity provider", |it| {
        Cell::text(&*it.task.launch)
    }),
    Column::fields_only("zone", "the availability zone", |it| Cell::maybe(it.task.zone.as_deref())),
    Column::fields_only("cluster_arn", "the cluster's ARN", |it| Cell::text(it.task.cluster.as_str())),
    Column::fields_only("task_arn", "the task's ARN", |it| Cell::text(it.task.arn.as_str())),
    Column::fields_only("containers", "its containers", |it| Cell::rows(CONTAINERS, &it.task.containers)),
];

/// The columns of its containers.
pub(super) const CONTAINERS: &[Column<Container>] = &[
    Column::new("container", "the container's name", |it| Cell::text(&*it.name)),
    Column::new("image", "the image, as the task definition writes it", |it| Cell::text(&*it.image)),
    Column::new("exit", "its exit code; nothing where it never ran", |it| {
        it.exit_code.map_or(Cell::Nothing, |code| Cell::Count(code.into()))
    }),
    Column::new("means", "what the exit code says", |it| Cell::maybe(it.exit_code.map(ending::exit_code))),
    Column::new("reason", "the container's own reason, as ECS says it", |it| Cell::maybe(it.reason.as_deref())),
];

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let Meant { whose, id } = meant(context, &args.target)?;
    let asked = join_all(whose.iter().map(|whose| stopped::tasks(context.cx(), whose)));
    let (mut tasks, mut notices, mut failure) = (Vec::new(), Vec::new(), None);
    for part in context.wait_unless_interrupted(asked)? {
        tasks.extend(part.tasks);
        notices.extend(part.notices);
        failure = failure.or(part.failure);
    }
    notices.dedup();
    for notice in &notices {
        failure::say(notice);
    }
    tasks.retain(|it| id.as_ref().is_none_or(|id| it.task.arn.name().starts_with(id)));
    if failure.is_none() || !tasks.is_empty() {
        output::print(COLUMNS, &tasks, &context.style())?;
    }
    match failure {
        Some(error) => Err(error.into()),
        None => Ok(Exit::Done),
    }
}

/// Whose stopped tasks are meant, and of these perhaps only those whose id begins so.
struct Meant {
    whose: Vec<Whose>,
    id: Option<String>,
}

/// Returns whose stopped tasks are meant. The words find no task that AWS has forgotten: an ARN, and the beginning of
/// an id behind the name of its service or cluster, or alone, mean one all the same.
fn meant(context: &Context, words: &[String]) -> anyhow::Result<Meant> {
    let of_arn = |arn: Arn| (arn.kind() == "task").then(|| Some((arn.cluster()?, arn))).flatten();
    if let [word] = words
        && let Some((cluster, task)) = word.parse().ok().and_then(of_arn)
    {
        return Ok(Meant { whose: vec![Whose::Task { cluster, task }], id: None });
    }
    let path = words.join("/");
    let (before, last) = path.rsplit_once('/').unwrap_or(("", &path));
    if last.len() < 4 || !last.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Meant { whose: vec![whose(target::one(context, words, DEPTHS)?)], id: None });
    }
    let whose = match (before, context.cluster()) {
        ("", None) => {
            let clusters = context.wait_unless_interrupted(ls::cluster_arns(context.cx()))??;
            clusters.into_iter().map(Whose::Cluster).collect()
        }
        ("", Some(_)) => vec![whose(target::one(context, &[], &[Depth::Cluster])?)],
        _ => vec![whose(target::one(context, &[before.to_owned()], DEPTHS)?)],
    };
    Ok(Meant { whose, id: Some(last.to_ascii_lowercase()) })
}

const DEPTHS: &[Depth] = &[Depth::Cluster, Depth::Service];

fn whose(target: Target) -> Whose {
    match target {
        Target::Service(service) => Whose::Service { cluster: service.cluster, service: service.arn },
        other => Whose::Cluster(other.cluster().clone()),
    }
}
