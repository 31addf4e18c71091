//! ecsman's output, line by line as its scripts know it.

mod changed;

use std::{
    fmt::{self, Write as _},
    sync::Arc,
};

use super::{super::super::context::Context, flags::Flags};
use crate::{
    model::{
        Arn, Cluster, ContainerDefinition, Service, Task, TaskDefinition, Timestamp,
        taskdef::{MASK, looks_secret, masked_words},
        text::{Clean, clean},
    },
    ops::{
        sites::ENVIRONMENT,
        targets::{Counts, Fronts},
        taskdefs::Family,
        whole::Whole,
    },
};

pub(super) use changed::{images, registered, revision, started, updated};

/// What ecsman says about itself.
pub(super) const USAGE: &str = "\
Usage: ecsman <flags> <operation> <cluster> <service>

Operations:
  ls [CLUSTER [SERVICE]]          what runs there
  check CLUSTER SERVICE           whether the service does what it should
  update CLUSTER SERVICE IMAGE    give the service an image, or with `:TAG` another tag
  register FILE                   a new revision from a file of JSON
  run CLUSTER TASK                start one task
  taskdefs [FAMILY [REVISION]]    families, revisions, or one of them (`latest` too)

Flags, before the operation:
  -v                environment, processor and memory of each task
  -elb              load balancers
  -events NUMBER    this many events of a service (0)
  -cred PROFILE     an AWS profile, or `env`; else ECSCREDENTIAL
  -region REGION    (us-west-2)
  -version          the version
";

const RULE: &str = "-----------------------------------------------------------------------------------------------\n";

/// A page that is being written: every word in it is safe to show.
struct Page(String);

impl Page {
    fn say(&mut self, line: fmt::Arguments<'_>) {
        self.0.write_fmt(line).expect("a string takes everything");
        self.0.push('\n');
    }
}

/// Returns whose credentials are used.
pub(super) fn credentials(context: &Context) -> String {
    match context.settings().profile.as_deref() {
        Some(ENVIRONMENT) => "--> Running with credentials from environment variables\n\n".to_owned(),
        profile => format!("--> Running with credential profile {}\n\n", clean(profile.unwrap_or("default"))),
    }
}

/// Returns a cluster with its services.
pub(super) fn cluster(cluster: &Cluster, services: &[Service]) -> String {
    let mut page = Page(RULE.to_owned());
    let name = Clean::new(&*cluster.name);
    match &cluster.detail {
        None => page.say(format_args!("Cluster: {name}")),
        Some(detail) => {
            page.say(format_args!("Cluster: {name} ({})", Clean::new(&*detail.status)));
            page.say(format_args!("  {} services active, {} containers", detail.services, detail.instances));
            page.say(format_args!("  Tasks: {} running, {} pending", detail.running, detail.pending));
        }
    }
    for service in services {
        let name = Clean::new(&*service.name);
        match &service.detail {
            None => page.say(format_args!("  - Service: {name}")),
            Some(detail) => {
                let (status, running) = (Clean::new(&*detail.status), detail.running);
                page.say(format_args!("  - Service: {name} ({status}), running count: {running}"));
            }
        }
    }
    page.0
}

/// Returns how many services a cluster has.
pub(super) fn services_of(count: usize, cluster: &str) -> String {
    format!("{count} Services in cluster {}\n", clean(cluster))
}

/// Returns that a cluster has no such service.
pub(super) fn not_found(service: &str) -> String {
    format!("  Service {} not found.\n", clean(service))
}

/// Returns a service in full.
pub(super) fn service(whole: &Whole, flags: &Flags) -> String {
    let mut page = Page(RULE.to_owned());
    page.say(format_args!("  Service: {}", Clean::new(&*whole.service.name)));
    if let Some(detail) = &whole.service.detail {
        page.say(format_args!("  - Running Count: {}", detail.running));
        page.say(format_args!("  - Status: {}", Clean::new(&*detail.status)));
        for deployment in &detail.deployments {
            let (id, status) = (Clean::new(&deployment.id), Clean::new(&*deployment.status));
            page.say(format_args!("  - Deployment: {id} Status: {status}"));
            page.say(format_args!("    Running instances: {}", deployment.running));
        }
    }
    for one in whole.tasks.iter().flatten() {
        task(&mut page, one);
        if whole.is_of_another_revision(one) {
            page.say(format_args!(
                "    *** WARNING: task does not have the same task/revision as the service definition ***"
            ));
        }
    }
    events(&mut page, whole, flags.events);
    if let Some(one) = &whole.definition {
        definition(&mut page, one, flags.verbose);
    }
    page.0
}

/// Returns the load balancers before a service.
pub(super) fn balancers(fronts: &Fronts) -> String {
    let mut page = Page(String::new());
    for front in &fronts.fronts {
        for balancer in &front.balancers {
            page.say(format_args!("  - ELB: {}", Clean::new(&*balancer.name)));
            page.say(format_args!("    DNS Name: {}", Clean::new(balancer.dns_name.as_deref().unwrap_or_default())));
            for instance in &balancer.instances {
                page.say(format_args!("    Instance: {}", Clean::new(&**instance)));
            }
            for backend in balancer.listeners.iter().filter_map(|listener| listener.backend.as_ref()) {
                page.say(format_args!("    Backend Port: {}", backend.port));
            }
            if front.attachment.group().is_some() {
                page.say(format_args!("    Backend Port: {}", front.attachment.port));
            }
        }
    }
    page.0
}

/// Returns the warnings of `check`; with `-v`, and the tasks.
pub(super) fn check(whole: &Whole, counts: &[Counts], flags: &Flags) -> String {
    let mut page = Page(String::new());
    let definition = whole.service.detail.as_ref().and_then(|detail| detail.task_definition.as_ref());
    for one in whole.tasks.iter().flatten() {
        if flags.verbose {
            task(&mut page, one);
        }
        if whole.is_of_another_revision(one) {
            let (task, service) = (clean(one.definition.name()), clean(definition.map_or("unknown", Arn::name)));
            page.say(format_args!("WARNING: task uses {task} but service definition is {service}"));
        }
    }
    let running = whole.tasks.as_ref().map(|tasks| tasks.iter().filter(|task| &*task.last_status == "RUNNING").count());
    if running == Some(0) {
        page.say(format_args!("WARNING: No tasks in RUNNING state for the service"));
    }
    for (healthy, running) in counts.iter().filter_map(|counts| counts.healthy.zip(running)) {
        if healthy != running {
            page.say(format_args!(
                "WARNING: ELB instance count of {healthy} is different from number of running tasks {running}"
            ));
        }
    }
    page.0
}

/// Returns the families with their latest revisions.
pub(super) fn families(families: &[Family]) -> String {
    let mut page = Page("Task Definition families:\n".to_owned());
    for family in families {
        let number = family.latest.as_ref().map_or("", |arn| parts(arn).1);
        page.say(format_args!("  {} (latest revision: {})", Clean::new(&family.name), Clean::new(number)));
    }
    page.0
}

/// Returns task definitions with all that is in them.
pub(super) fn definitions(definitions: &[Arc<TaskDefinition>]) -> String {
    let mut page = Page(String::new());
    for one in definitions {
        definition(&mut page, one, true);
    }
    page.0
}

fn task(page: &mut Page, task: &Task) {
    let (desired, last) = (Clean::new(&*task.desired_status), Clean::new(&*task.last_status));
    page.say(format_args!("  - Task {}", Clean::new(task.arn.as_str())));
    page.say(format_args!("    Task Def: {}", Clean::new(task.definition.as_str())));
    page.say(format_args!("    Desired status {desired} - Last status {last}"));
}

fn events(page: &mut Page, whole: &Whole, count: usize) {
    if whole.events.is_empty() {
        return;
    }
    page.say(format_args!("  - Events (most recent {count}):"));
    for said in &whole.events {
        let at = said.event.at.map(moment).unwrap_or_default();
        page.say(format_args!("    At {at}: {}", Clean::new(&*said.event.message)));
        match (&said.task, said.event.task()) {
            (Some(task), _) => {
                page.say(format_args!("      Task: {}", Clean::new(task.definition.as_str())));
                page.say(format_args!("      Last known status: {}", Clean::new(&*task.last_status)));
            }
            (None, Some(_)) => page.say(format_args!("      Request for task data returned no results.")),
            (None, None) => {}
        }
    }
}

/// Adds a task definition.
fn definition(page: &mut Page, definition: &TaskDefinition, verbose: bool) {
    let (family, _) = parts(&definition.arn);
    page.say(format_args!("  - Task Definition: {}", Clean::new(definition.arn.as_str())));
    page.say(format_args!("    - Family: {}", Clean::new(family)));
    for one in &definition.containers {
        container(page, one, verbose);
    }
}

fn container(page: &mut Page, container: &ContainerDefinition, verbose: bool) {
    page.say(format_args!("    - Container Definition:"));
    page.say(format_args!("      - Image: {}", Clean::new(&container.image)));
    if verbose {
        page.say(format_args!("      - CPU: {}", container.cpu));
        let memory = container.memory.or(container.memory_reservation).unwrap_or_default();
        page.say(format_args!("      - Memory: {memory}"));
    }
    for port in &container.ports {
        let host = port.host.unwrap_or_default();
        page.say(format_args!("      - Container Port {} : Host Port {host}", port.container));
    }
    if !container.command.is_empty() {
        let command = masked_words(container.command.iter().map(String::as_str));
        page.say(format_args!("      - Command: [{}]", Clean::new(command.join(" "))));
    }
    if !container.entry_point.is_empty() {
        page.say(format_args!("      - Entry Point: [{}]", Clean::new(container.entry_point.join(" "))));
    }
    if verbose && !container.environment.is_empty() {
        page.say(format_args!("      - Environment:"));
        for variable in &container.environment {
            let value = if looks_secret(&variable.name, &variable.value) { MASK } else { &variable.value };
            page.say(format_args!("        {} = {}", Clean::new(&variable.name), Clean::new(value)));
        }
    }
}

/// Returns the family and the number of a revision.
fn parts(definition: &Arn) -> (&str, &str) {
    definition.name().rsplit_once(':').unwrap_or((definition.name(), ""))
}

/// Returns a time as Go prints it.
fn moment(at: Timestamp) -> String {
    at.strftime("%F %T +0000 UTC").to_string()
}
