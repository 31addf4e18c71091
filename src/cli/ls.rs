//! `ecsui ls`: clusters, the services of one, or services in full.

mod columns;
mod page;

use futures_util::future::join_all;

use super::{
    arguments::Format,
    context::Context,
    exit::Exit,
    failure,
    output::{self, Fields},
    target,
};
use crate::{
    model::{Arn, Cluster, Service},
    ops::{
        self, Cx, Error,
        find::{Depth, Target},
        ls,
        targets::{self, Fronts},
        whole::{self, Whole, Wholes},
    },
};

pub(super) use columns::{BEFORE, CLUSTERS, CONTAINERS, DEPLOYMENTS, EVENTS, MORE, SERVICES, TASKS, VARIABLES};

/// Print the clusters with their counts, the services of a cluster, or services in full
///
/// Without words it prints the clusters; with a cluster, its services; with a service, that one in full: deployments,
/// tasks, task definition. With `-v`, `--events` or `--elb` the services of a cluster are printed in full, too.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Words that name a cluster or a service; see "Target words"
    #[arg(value_name = "TARGET")]
    words: Vec<String>,
    /// Also the environment of the containers; of clusters, also their services
    #[arg(short, long)]
    verbose: bool,
    /// Also the latest N events of each service, with the tasks that they are about
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    events: usize,
    /// Also the load balancers of each service, with DNS name, instances and backend ports
    #[arg(long)]
    elb: bool,
    /// Show values of environment variables that look secret
    #[arg(long)]
    reveal: bool,
}

/// What a service is printed with.
#[derive(Debug, Clone, Copy)]
struct Extent {
    verbose: bool,
    reveal: bool,
}

/// A cluster, and its services where they were asked for.
#[derive(Debug)]
pub(super) struct Listed {
    cluster: Cluster,
    services: Option<Vec<Service>>,
}

/// A service in full, and how much of it is shown.
#[derive(Debug)]
pub(super) struct Shown {
    whole: Whole,
    /// What is before it, where that was asked for.
    fronts: Option<Fronts>,
    extent: Extent,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let cx = context.cx();
    match target::maybe(context, &args.words, &[Depth::Cluster, Depth::Service])? {
        None => {
            let (clusters, denied) = context.wait(clusters(cx, args.verbose))??;
            print_clusters(&clusters, args, context)?;
            Ok(failure::denied(denied, context))
        }
        Some(Target::Service(service)) => in_full(&service.cluster.clone(), vec![service], args, context),
        Some(other) if args.wants_all() => {
            let services = context.wait(ls::services(cx, other.cluster()))??;
            in_full(other.cluster(), services, args, context)
        }
        Some(other) => {
            let named = context.wait(ls::services(cx, other.cluster()))??;
            let mut denied = Vec::new();
            let services = context.wait(whole::described(cx, other.cluster(), named, &mut denied))??;
            output::print(SERVICES, &services, &context.style())?;
            Ok(failure::denied(denied, context))
        }
    }
}

impl Args {
    fn wants_all(&self) -> bool {
        self.verbose || self.elb || self.events > 0
    }
}

/// Returns the clusters, and where they are asked for their services, described.
async fn clusters(cx: &Cx, with_services: bool) -> ops::Result<(Vec<Listed>, Vec<Error>)> {
    let ls::Clusters { clusters, denied } = ls::clusters(cx).await?;
    let mut denied = Vec::from_iter(denied);
    if !with_services {
        let bare = |cluster| Listed { cluster, services: None };
        return Ok((clusters.into_iter().map(bare).collect(), denied));
    }
    let answers = join_all(clusters.iter().map(|cluster| services(cx, &cluster.arn))).await;
    let mut listed = Vec::new();
    for (cluster, answer) in clusters.into_iter().zip(answers) {
        let (services, missing) = answer?;
        denied.extend(missing);
        listed.push(Listed { cluster, services });
    }
    Ok((listed, denied))
}

/// Returns the services of a cluster, and what of them may not be read.
async fn services(cx: &Cx, cluster: &Arn) -> ops::Result<(Option<Vec<Service>>, Vec<Error>)> {
    let mut denied = Vec::new();
    let services = whole::services(cx, cluster, &mut denied).await?;
    Ok((services, denied))
}

fn print_clusters(clusters: &[Listed], args: &Args, context: &Context) -> anyhow::Result<()> {
    let style = context.style();
    if style.format == Format::Table && args.verbose {
        output::print_page(&page::clusters(clusters, &style))?;
    } else {
        output::print(CLUSTERS, clusters, &style)?;
    }
    Ok(())
}

/// Prints services in full.
fn in_full(cluster: &Arn, services: Vec<Service>, args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let wholes = whole::wholes(context.cx(), cluster, services, args.events);
    let Wholes { cluster: counts, services, denied } = context.wait(wholes)??;
    let extent = Extent { verbose: args.verbose, reveal: args.reveal };
    let mut fronts = Vec::new();
    if args.elb {
        let described: Vec<&Service> = services.iter().map(|whole| &whole.service).collect();
        fronts = context.wait(targets::fronts_of(context.cx(), &described))??;
    }
    let mut exit = failure::denied(denied, context);
    if failure::missing(fronts.iter().flat_map(|fronts| &fronts.missing)) {
        exit = Exit::Failed;
    }
    let mut fronts = fronts.into_iter();
    let shown: Vec<Shown> = services.into_iter().map(|whole| Shown { whole, fronts: fronts.next(), extent }).collect();
    let style = context.style();
    if style.format == Format::Table {
        output::print_page(&page::services(counts.as_ref(), &shown, &style))?;
    } else {
        let fields = |shown: &Shown| Fields::of(SERVICES, &shown.whole.service).and(MORE, shown);
        output::print_fields(&shown.iter().map(fields).collect::<Vec<_>>(), style.format)?;
    }
    Ok(exit)
}
