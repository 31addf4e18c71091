//! `ecsui demo`: the same program against a simulated AWS of its own.

use std::time::Duration;

use anyhow::Context as _;
use clap::ValueEnum;

use super::{arguments::Global, browse, context::Context, exit::Exit, failure, output};
use crate::{
    aws::Access,
    config::Settings,
    ops::{self, Cx},
    session::Secret,
    sim::{Options, Scale, Sim, World},
    terminal::Signals,
};

/// Open the browser on a simulated AWS on this machine: no account and no configuration is needed
///
/// A container's shell is a real shell of this machine, in a fresh temporary home. The simulated AWS listens on
/// loopback and lets in only who has the keys that are made up for this run.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A generated account of this size instead of the demo company's
    #[arg(long)]
    scale: Option<Size>,
    /// Only serve until ctrl-c, and print the lines that point any AWS tool at it
    #[arg(long)]
    serve: bool,
    /// How long each answer takes at least, for instance 40ms
    #[arg(long, value_name = "TIME", value_parser = duration)]
    latency: Option<Duration>,
    /// Hold callers to AWS's request quotas
    #[arg(long)]
    throttle: bool,
}

/// How large the made-up account is: clusters × services × tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Size {
    /// 2 × 10 × 2
    Small,
    /// 5 × 100 × 3
    Large,
    /// 20 × 500 × 10
    Huge,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    if let Some(option) = names_an_account(&context.options) {
        let error = ops::Error::new(ops::Kind::Usage, format!("demo has an account of its own and takes no {option}"));
        return Err(error.into());
    }
    let world = match args.scale {
        None => World::demo(),
        Some(Size::Small) => World::generated(Scale::Small),
        Some(Size::Large) => World::generated(Scale::Large),
        Some(Size::Huge) => World::generated(Scale::Huge),
    };
    let options = Options {
        latency: args.latency.unwrap_or_default(),
        throttle: args.throttle,
        // AWS still lets older plugins in, and those are what people have.
        unsigned_channels: args.serve,
        ..Options::default()
    };
    let sim = context.wait(Sim::start(world, options))?.context("the simulated AWS cannot be started")?;
    if args.serve { serve(&sim, context) } else { browse::open(&[], context, cx(&sim, context.settings())) }
}

/// Returns the option that names an account, if one was given.
fn names_an_account(options: &Global) -> Option<&'static str> {
    let given = [
        ("--profile", options.profile.is_some()),
        ("--region", options.region.is_some()),
        ("--endpoint-url", options.endpoint_url.is_some()),
    ];
    given.into_iter().find(|(_, is_given)| *is_given).map(|(name, _)| name)
}

/// Returns the way into the simulated account.
fn cx(sim: &Sim, settings: &Settings) -> Cx {
    let access = Access::Fixed {
        name: "demo".to_owned(),
        region: sim.region().to_owned(),
        endpoint_url: sim.endpoint().to_owned(),
        access_key: sim.access_key().to_owned(),
        secret_key: Secret::new(sim.secret_key()),
    };
    // Other profiles and regions are none of it.
    Cx::new(access, Settings { jump: Vec::new(), ..settings.clone() })
}

/// Prints the way in for other programs and serves until a signal.
fn serve(sim: &Sim, context: &Context) -> anyhow::Result<Exit> {
    context.wait(async {
        let mut signals = Signals::new()?;
        output::print_text(&exports(sim))?;
        failure::say(
            "serving a simulated AWS on loopback until ctrl-c; its containers' shells are shells of this machine",
        );
        signals.next().await;
        Ok(Exit::Done)
    })?
}

/// Variables that would lead elsewhere.
const MISLEADING: &[&str] = &[
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ENDPOINT_URL_ECS",
    "AWS_ENDPOINT_URL_SSM",
    "AWS_ENDPOINT_URL_STS",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "ECSUI_PROFILE",
    "ECSCREDENTIAL",
];

/// Returns lines for a POSIX shell.
fn exports(sim: &Sim) -> String {
    let variables = [
        ("AWS_ENDPOINT_URL", sim.endpoint()),
        ("AWS_REGION", sim.region()),
        ("AWS_DEFAULT_REGION", sim.region()),
        ("AWS_ACCESS_KEY_ID", sim.access_key()),
        ("AWS_SECRET_ACCESS_KEY", sim.secret_key()),
    ];
    let exports = variables.map(|(name, value)| format!("export {name}='{value}'\n")).concat();
    format!("{exports}unset {}\n", MISLEADING.join(" "))
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration = text.parse::<jiff::SignedDuration>().map_err(|error| error.to_string())?;
    duration.try_into().map_err(|_| "time does not run backwards".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_have_units() {
        assert_eq!(duration("40ms"), Ok(Duration::from_millis(40)));
        assert_eq!(duration("1s"), Ok(Duration::from_secs(1)));
        assert!(duration("40").is_err());
        assert!(duration("-1s").is_err());
    }
}
