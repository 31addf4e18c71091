//! `ecsman`: the operations of womply/ecsman 1.0.2, in its own words.

mod changes;
mod flags;
mod page;

use super::super::{arguments::Global, context::Context, exit::Exit, failure, output};
use crate::{
    model::{Arn, Service},
    ops::{
        self, Kind, find, ls, targets,
        taskdefs::{self, Listing},
        whole,
    },
};
use flags::{Flags, Instead, Misuse, Operation};

/// Where ecsman looks when it is told no region.
const REGION: &str = "us-west-2";

/// Runs a command line of ecsman's.
pub(super) fn run(line: &[String], options: Global) -> anyhow::Result<Exit> {
    let (flags, operands) = match flags::parse(line) {
        Ok(parsed) => parsed,
        Err(misuse) => return Ok(refuse(&misuse)),
    };
    if let Some(Instead::Version) = flags.instead {
        output::print_text(concat!("Version ", env!("CARGO_PKG_VERSION"), " (ecsui)\n"))?;
        return Ok(Exit::Done);
    }
    if flags.instead.is_some() || operands.is_empty() {
        output::print_text(page::USAGE)?;
        return Ok(Exit::Done);
    }
    let operation = match flags::operation(operands) {
        Ok(operation) => operation,
        Err(misuse) => return Ok(refuse(&misuse)),
    };
    let region = flags.region.clone().or(options.region.clone()).unwrap_or_else(|| REGION.to_owned());
    let profile = flags.profile.clone().or(options.profile.clone());
    let context = Context::new(Global { region: Some(region), profile, ..options })?;
    if flags.verbose {
        output::print_text(&page::credentials(&context))?;
    }
    match perform(&operation, &flags, &context) {
        Err(error) if error.is::<ops::Error>() => Ok(failure::as_ecsman(&error, &context)),
        done => done,
    }
}

fn perform(operation: &Operation, flags: &Flags, context: &Context) -> anyhow::Result<Exit> {
    match operation {
        Operation::Clusters => clusters(context),
        Operation::Services { cluster, service } => services(cluster, service.as_deref(), flags, context),
        Operation::Check { cluster, service } => check(cluster, service, flags, context),
        Operation::Definitions { family, revision } => definitions(family.as_deref(), revision.as_deref(), context),
        Operation::Update { cluster, service, image } => changes::update(cluster, service, image, context),
        Operation::Register { file } => changes::register(file, context),
        Operation::Run { cluster, definition } => changes::run(cluster, definition, context),
    }
}

fn clusters(context: &Context) -> anyhow::Result<Exit> {
    let cx = context.cx();
    let ls::Clusters { clusters, denied } = context.wait(ls::clusters(cx))??;
    let mut denied = Vec::from_iter(denied);
    for cluster in clusters {
        let services = context.wait(whole::services(cx, &cluster.arn, &mut denied))??;
        output::print_text(&page::cluster(&cluster, &services.unwrap_or_default()))?;
    }
    Ok(failure::denied(denied, context))
}

fn services(cluster: &str, service: Option<&str>, flags: &Flags, context: &Context) -> anyhow::Result<Exit> {
    let cx = context.cx();
    let arn = context.wait(named(context, cluster))??;
    let mut services = context.wait(ls::services(cx, &arn))??;
    output::print_text(&page::services_of(services.len(), cluster))?;
    if services.is_empty() {
        output::print_text("  No services to describe.\n")?;
    }
    services.retain(|it| service.is_none_or(|name| *it.name == *name));
    if let (Some(name), true) = (service, services.is_empty()) {
        output::print_text(&page::not_found(name))?;
        return Ok(Exit::Done);
    }
    let wholes = context.wait(whole::wholes(cx, &arn, services, flags.events))??;
    let mut fronts = Vec::new();
    if flags.elb {
        let described: Vec<&Service> = wholes.services.iter().map(|whole| &whole.service).collect();
        fronts = context.wait(targets::fronts_of(cx, &described))??;
    }
    for (place, whole) in wholes.services.iter().enumerate() {
        output::print_text(&page::service(whole, flags))?;
        output::print_text(&fronts.get(place).map(page::balancers).unwrap_or_default())?;
    }
    let exit = failure::denied(wholes.denied, context);
    let is_missing = failure::missing(fronts.iter().flat_map(|fronts| &fronts.missing));
    Ok(if is_missing { Exit::Failed } else { exit })
}

fn check(cluster: &str, service: &str, flags: &Flags, context: &Context) -> anyhow::Result<Exit> {
    let cx = context.cx();
    let arn = context.wait(named(context, cluster))??;
    let described = context.wait(ls::services_named(cx, &arn, &[service]))??;
    let wholes = context.wait(whole::wholes(cx, &arn, described, 0))??;
    let Some(whole) = wholes.services.first() else {
        let what = format!("Attempt to fetch service data for {service} returned no data!");
        return Err(ops::Error::new(Kind::NotFound, what).into());
    };
    let attachments = whole.service.detail.as_ref().map(|detail| detail.attachments.as_slice()).unwrap_or_default();
    let (counts, missing) = context.wait(targets::counts(cx, attachments))??;
    output::print_text(&page::check(whole, &counts, flags))?;
    let exit = failure::denied(wholes.denied, context);
    Ok(if failure::missing(missing.iter()) { Exit::Failed } else { exit })
}

fn definitions(family: Option<&str>, revision: Option<&str>, context: &Context) -> anyhow::Result<Exit> {
    let cx = context.cx();
    let mut missing = None;
    let page = match (family, revision) {
        (None, _) => {
            let Listing { all, denied } = context.wait(taskdefs::families(cx))??;
            missing = denied;
            page::families(&all)
        }
        (Some(family), Some(revision)) => {
            let named = format!("{family}:{revision}");
            page::definitions(&[context.wait(taskdefs::one(cx, &named))??])
        }
        (Some(family), None) => {
            let Listing { mut all, denied } = context.wait(taskdefs::all(cx, family, false))??;
            all.reverse();
            missing = denied;
            page::definitions(&all)
        }
    };
    output::print_text(&page)?;
    Ok(failure::denied(Vec::from_iter(missing), context))
}

/// Returns the cluster of this very name.
async fn named(context: &Context, name: &str) -> ops::Result<Arn> {
    find::cluster_named(context.cx(), name).await
}

fn refuse(misuse: &Misuse) -> Exit {
    failure::say(&misuse.to_string());
    failure::print(page::USAGE);
    match misuse {
        Misuse::Flag(_) => Exit::Usage,
        Misuse::Operation(_) => Exit::Failed,
    }
}
