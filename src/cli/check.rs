//! `ecsui check`: whether services are as they should be.

use super::{
    arguments::Format,
    context::Context,
    exit::Exit,
    output::{self, Cell, Column},
    target,
};
use crate::{
    model::{Arn, Timestamp},
    ops::{
        check::{self, Checked, Finding, Scope},
        find::{Depth, Target},
    },
};

/// Check services: tasks that run, their revision and images, deployments; says nothing when all is well
///
/// Findings are: no task runs although some are wanted; a task runs another revision than the service's and no
/// deployment is about to change that; a deployment failed, or is under way for ten minutes with failed tasks or for an
/// hour; not as many targets of a load balancer are healthy as tasks run; one image name stands for different images in
/// the tasks of a service. What could not be looked at, because AWS denies it, is a finding as well. With a finding the
/// exit code is 1.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The cluster, or the service as `cluster/service`; without words every service of every cluster
    words: Vec<String>,
    /// Also list the services that are well
    #[arg(short, long)]
    verbose: bool,
    /// Exit with 0 whatever was found
    #[arg(long)]
    exit_zero: bool,
}

/// A line of the result.
#[derive(Debug)]
pub(super) struct Row {
    cluster: Arn,
    service: Option<String>,
    running: usize,
    /// `None` where the service is well.
    finding: Option<Finding>,
}

/// The columns.
pub(super) const COLUMNS: &[Column<Row>] = &[
    Column::new("cluster", "the cluster's name", |row| Cell::text(row.cluster.name())),
    Column::new("service", "the service's name; nothing where a whole cluster could not be looked at", |row| {
        Cell::maybe(row.service.as_deref())
    }),
    Column::new(
        "kind",
        "`no-running-task`, `other-revision`, `deployment-failed`, `deployment-stuck`, `target-health`, \
         `images-differ`, \
         `not-checked`; with `-v` also `ok`",
        |row| Cell::text(row.finding.as_ref().map_or("ok", |finding| finding.kind.as_str())),
    ),
    Column::new("finding", "what is wrong, in words", |row| {
        Cell::text(row.finding.as_ref().map_or_else(|| running(row.running), |finding| finding.text.clone()))
    }),
    Column::fields_only("about", "the task, the deployment or the image that it is about", |row| {
        Cell::maybe(row.finding.as_ref().and_then(|finding| finding.about.as_deref()))
    }),
];

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let scope = match target::maybe(context, &args.words, &[Depth::Cluster, Depth::Service])? {
        None => Scope::Everything,
        Some(Target::Service(service)) => Scope::Service(service),
        Some(target) => Scope::Cluster(target.cluster().clone()),
    };
    let checked = check::check(context.cx(), scope, Timestamp::now());
    let checked = context.wait_unless_interrupted(checked)??;
    let found = checked.iter().any(|checked| !checked.findings.is_empty());
    let rows: Vec<Row> = checked.into_iter().flat_map(|checked| rows(checked, args.verbose)).collect();
    if !rows.is_empty() || context.options.output == Format::Json {
        output::print(COLUMNS, &rows, &context.style())?;
    }
    Ok(if found && !args.exit_zero { Exit::Failed } else { Exit::Done })
}

fn rows(checked: Checked, verbose: bool) -> Vec<Row> {
    let Checked { cluster, service, running, findings } = checked;
    let service = service.as_deref().map(str::to_owned);
    let row = |finding| Row { cluster: cluster.clone(), service: service.clone(), running, finding };
    if findings.is_empty() {
        return verbose.then(|| row(None)).into_iter().collect();
    }
    findings.into_iter().map(|finding| row(Some(finding))).collect()
}

fn running(count: usize) -> String {
    if count == 1 { "1 task runs".to_owned() } else { format!("{count} tasks run") }
}
