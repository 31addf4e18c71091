//! `ecsui run`: tasks by hand.

mod wait;

use std::time::Duration;

use super::{
    change::{self, Came},
    context::{Context, Interrupted},
    exit::Exit,
    pick, target,
};
use crate::{
    model::{Arn, EnvironmentValue, text::clean},
    ops::{
        Error, Kind,
        change::{self as ops_change, Network, Place, Run, Wish},
        find, ls,
    },
    terminal::Ending,
};

/// Run tasks by hand, in the network and on the machines that a service has
///
/// Tasks with a network of their own (awsvpc) need subnets: those of a service (`--like`; asked for on a terminal) or
/// those that are named. Shows what will be started and asks. With `--wait` the exit code is that of the container: the
/// one that is named, else the first essential one that did not end with 0; of several tasks the highest. Whatever else
/// fails is 255 then. ctrl-c stops waiting: the tasks go on.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The cluster's name
    #[arg(value_name = "CLUSTER")]
    within: String,
    /// The task definition: `family`, `family:revision` or an ARN
    taskdef: String,
    /// How many tasks
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    count: u32,
    /// The service of the cluster whose subnets, security groups, capacity providers and launch type they get
    #[arg(long, value_name = "SERVICE")]
    like: Option<String>,
    /// The container whose command and variables are meant; needed where there are several
    #[arg(long, value_name = "NAME")]
    container: Option<String>,
    /// The command in the place of the container's, in one word that a shell (`sh -c`) reads
    #[arg(long, value_name = "LINE", conflicts_with = "words")]
    command: Option<String>,
    /// Set a variable of the environment; others on this machine can see it, so secrets belong into a secret store
    #[arg(long, value_name = "NAME=VALUE", value_parser = super::update::variable)]
    env: Vec<EnvironmentValue>,
    /// `FARGATE`, `EC2` or `EXTERNAL`
    #[arg(long, value_name = "TYPE", conflicts_with = "capacity_provider", value_parser = launch_type)]
    launch_type: Option<String>,
    /// The capacity provider: `FARGATE_SPOT`, or one of the cluster's
    #[arg(long, value_name = "NAME")]
    capacity_provider: Option<String>,
    /// The subnets
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    subnets: Vec<String>,
    /// The security groups
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    security_groups: Vec<String>,
    /// Whether they get a public address
    #[arg(long, value_name = "YES|NO", num_args = 0..=1, require_equals = true, default_missing_value = "yes", value_parser = yes_or_no)]
    public_ip: Option<bool>,
    /// Wait until they have ended; the exit code is then the container's
    #[arg(long)]
    wait: bool,
    /// Print what they write while they run, and wait until they have ended
    #[arg(long)]
    logs: bool,
    /// Wait no longer than this: `90s`, `10m`, `1h`; so it waits, as with `--wait`
    #[arg(long, value_name = "SPAN", value_parser = super::deployments::span)]
    timeout: Option<Duration>,
    #[command(flatten)]
    consent: change::Consent,
    /// The command in the place of the container's, word by word
    #[arg(last = true, value_name = "COMMAND")]
    words: Vec<String>,
}

impl Args {
    /// Whether the exit code is to be the container's.
    pub(super) fn waits(&self) -> bool {
        self.wait || self.logs || self.timeout.is_some()
    }
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let cluster = target::cluster(context, &args.within, &args.consent)?;
    let wish = Wish::Run(Box::new(wanted(args, cluster, context)?));
    let made = match change::make(wish, &args.consent, context)? {
        Came::True(done) => done.made,
        Came::Not(Exit::Failed) if args.waits() => return Ok(Exit::NoSession),
        Came::Not(exit) => return Ok(exit),
    };
    let started = wait::Started::of(&made);
    if !args.logs {
        change::print(&made, context)?;
    }
    if args.waits() {
        let wishes = wait::Wishes { container: args.container.as_deref(), logs: args.logs, limit: args.timeout };
        return wait::wait(&started, &wishes, context);
    }
    Ok(if started.all { Exit::Done } else { Exit::Failed })
}

fn wanted(args: &Args, cluster: Arn, context: &Context) -> anyhow::Result<Run> {
    let shell = args.command.iter().flat_map(|line| ["sh", "-c", line]).map(str::to_owned).collect();
    let mut run = Run {
        like: args.like.as_deref().map(|name| service(&cluster, name, context)).transpose()?,
        cluster,
        definition: args.taskdef.clone(),
        count: args.count,
        network: Network {
            launch_type: args.launch_type.clone(),
            provider: args.capacity_provider.clone(),
            subnets: args.subnets.clone(),
            security_groups: args.security_groups.clone(),
            public_ip: args.public_ip,
        },
        container: args.container.clone(),
        command: if args.words.is_empty() { shell } else { args.words.clone() },
        environment: args.env.clone(),
        started_by: Run::STARTED_BY.to_owned(),
    };
    if pick::somebody_can_choose()
        && context.wait_unless_interrupted(ops_change::needs_network(context.cx(), &run))??
    {
        run.like = Some(asked(&run, context)?);
    }
    Ok(run)
}

fn service(cluster: &Arn, name: &str, context: &Context) -> anyhow::Result<Place> {
    // Also with its cluster before it, as it is written elsewhere.
    let name = name.strip_prefix(cluster.name()).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name);
    let found = context.wait_unless_interrupted(find::service(context.cx(), cluster, name))??;
    Ok(Place::of(&found))
}

/// Asks which service the tasks share their network with.
fn asked(run: &Run, context: &Context) -> anyhow::Result<Place> {
    let services = context.wait_unless_interrupted(ls::services(context.cx(), &run.cluster))??;
    if services.is_empty() {
        let what = format!("cluster {} has no service whose network the task could share", clean(run.cluster.name()));
        return Err(Error::new(Kind::Usage, what).hint("name it with --subnets").into());
    }
    super::failure::say("the task has a network of its own: which service's should it be like?");
    let named = services.iter().map(|service| (clean(&*service.name), Place::of(service)));
    let picked = pick::pick(named)?.and_then(|picked| picked.into_iter().next());
    picked.ok_or_else(|| Interrupted(Ending::Interrupt).into())
}

fn launch_type(text: &str) -> Result<String, String> {
    let upper = text.to_uppercase();
    let known = ["FARGATE", "EC2", "EXTERNAL"].contains(&upper.as_str());
    known.then_some(upper).ok_or_else(|| "expected FARGATE, EC2 or EXTERNAL".to_owned())
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err("expected yes or no".to_owned()),
    }
}
