//! RunTask: tasks by hand, which end by themselves.

mod overrides;
mod placing;

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value, json};

use super::{
    Account,
    members::{check_tags, missing, tags_in},
    shape,
};
use crate::sim::{
    clock::Clock,
    identity::{self, TaskId},
    life::Change,
    refusal::Refusal,
    world::{Definition, Group, Launch, Phase, Run, Tags, Task, World, zone},
};

/// The most tasks of a call.
const AT_ONCE: i64 = 10;
/// How soon a task that was run goes on.
const SOON: Duration = Duration::from_millis(500);

/// A request that has been let through.
struct Wanted {
    cluster: Arc<str>,
    definition: Definition,
    count: usize,
    launch: Launch,
    provider: Option<Arc<str>>,
    group: Group,
    started_by: Option<Arc<str>>,
    exec: bool,
    tags: Tags,
    run: Run,
}

pub(super) fn run(world: &mut World, clock: &Clock, body: &Value) -> Result<Value, Refusal> {
    let members = shape::taken("RunTask", body, &world.newer_members)?;
    let token = members.get("clientToken").and_then(Value::as_str).map(str::to_owned);
    let cx = Account { world, clock };
    let cluster = Arc::clone(&cx.cluster(members.get("cluster").and_then(Value::as_str))?.name);
    if let Some(token) = &token {
        let fits = token.len() <= 64 && token.bytes().all(|byte| (33..=126).contains(&byte));
        if !fits {
            return Err(Refusal::parameter("clientToken has up to 64 characters in the range of 33-126."));
        }
        match world.ran.seen(token, &members, clock.now()) {
            Some((tasks, true)) => return answer(Account { world, clock }, &cluster, &tasks, Vec::new()),
            Some((_, false)) => {
                return Err(Refusal::new("ConflictException", "The client token was used with different parameters."));
            }
            None => {}
        }
    }
    let wanted = read(Account { world, clock }, &members)?;
    let (tasks, failures) = start(world, clock, &wanted);
    if let Some(token) = token {
        world.ran.remember(&token, members, tasks.clone(), clock.now());
    }
    answer(Account { world, clock }, &cluster, &tasks, failures)
}

/// Reads a request and looks at it by AWS's rules.
fn read(cx: Account<'_>, members: &Map<String, Value>) -> Result<Wanted, Refusal> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let invalid = |message: &str| Err(Refusal::parameter(message));
    let cluster = cx.cluster(text("cluster"))?;
    let named = text("taskDefinition").ok_or_else(|| Refusal::parameter("taskDefinition cannot be null or empty."))?;
    let definition = cx.usable_definition(named)?;
    let count = members.get("count").map_or(Some(1), Value::as_i64).unwrap_or(0);
    if !(1..=AT_ONCE).contains(&count) {
        return invalid("count should be between 1 and 10.");
    }
    let strategy = members.get("capacityProviderStrategy").filter(|it| it.as_array().is_some_and(|it| !it.is_empty()));
    if strategy.is_some() && members.contains_key("launchType") {
        return invalid("You may choose a capacity provider or a launch type but not both.");
    }
    let provider = strategy.and_then(|strategy| strategy[0]["capacityProvider"].as_str());
    let launch = match (provider, text("launchType")) {
        (Some(provider), _) if provider.starts_with("FARGATE") => Launch::Fargate,
        (None, Some("FARGATE")) => Launch::Fargate,
        (None, Some("EXTERNAL")) => Launch::External,
        _ => Launch::Ec2,
    };
    cx.check_launch(&definition, launch)?;
    Account::check_network(&definition, members.get("networkConfiguration"))?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || ['-', '_', '/'].contains(&c);
    if text("startedBy").is_some_and(|by| by.len() > 128 || !by.chars().all(allowed)) {
        return invalid("startedBy must be up to 128 letters, numbers, hyphens, forward slashes and underscores.");
    }
    if text("group").is_some_and(|group| group.starts_with("service:")) {
        return invalid("Invalid group: the prefix service: is reserved.");
    }
    let exec = members.get("enableExecuteCommand").is_some_and(|it| it == true);
    if exec && definition.template.task_role.is_none() && members["overrides"]["taskRoleArn"].is_null() {
        return invalid(
            "The task couldn't be run because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.",
        );
    }
    check_tags(members.get("tags").filter(|tags| tags.as_array().is_some_and(|tags| !tags.is_empty())))?;
    let mut tags = tags_in(members.get("tags"));
    match text("propagateTags") {
        Some("SERVICE") => return invalid("propagateTags SERVICE is not valid when running a task."),
        Some("TASK_DEFINITION") => {
            let own =
                cx.world.tags_of(&definition).iter().filter(|(key, _)| tags.iter().all(|(known, _)| known != key));
            tags.extend(own.cloned().collect::<Tags>());
        }
        _ => {}
    }
    if launch != Launch::Fargate && cluster.instances.is_empty() {
        return invalid("No Container Instances were found in your cluster.");
    }
    let group = text("group").map_or(Group::Family, |group| Group::Named(group.into()));
    let (definition, overrides) = overrides::apply(&definition, members.get("overrides"))?;
    let run = Run { overrides, performances: cx.world.performances(&definition) };
    Ok(Wanted {
        cluster: Arc::clone(&cluster.name),
        definition,
        count: usize::try_from(count).unwrap_or_default(),
        launch,
        provider: provider.map(Into::into),
        group,
        started_by: text("startedBy").map(Into::into),
        exec,
        tags,
        run,
    })
}

/// Starts as many of the tasks as find room; returns these, and why the others do not.
fn start(world: &mut World, clock: &Clock, wanted: &Wanted) -> (Vec<TaskId>, Vec<Value>) {
    let now = clock.now();
    let (mut started, mut failures) = (Vec::new(), Vec::new());
    let pulled = world.fate_of(&wanted.definition, wanted.launch);
    // An image that cannot be pulled comes before what its program would do.
    let own = wanted.run.fate(&wanted.definition.template);
    let followed = wanted.run.performances.iter().any(|(_, performance)| performance.says.is_some());
    let fate = match (pulled, own) {
        (Some(pulled), _) if pulled.exit.is_none() || !followed => Some(pulled),
        (_, own) => own,
    };
    for _ in 0..wanted.count {
        let cx = Account { world, clock };
        let instance = match cx.room(wanted) {
            Ok(instance) => instance,
            Err(reasons) => {
                failures.extend(reasons);
                continue;
            }
        };
        world.ran.ever += 1;
        let number = world.ran.ever;
        let id = TaskId(identity::number(&["run", &wanted.cluster, &number.to_string()]));
        let region = Arc::clone(&world.region);
        let Some(cluster) = world.cluster_mut(&wanted.cluster) else { continue };
        cluster.put(Task {
            id,
            definition: wanted.definition.clone(),
            group: wanted.group.clone(),
            started_by: wanted.started_by.clone(),
            launch: wanted.launch,
            provider: wanted.provider.clone(),
            instance: None,
            zone: zone(&region, number as usize),
            exec: wanted.exec,
            healthy: true,
            created: now,
            phase: Phase::Provisioning,
            started: None,
            fate: fate.clone(),
            run: Some(Arc::new(wanted.run.clone())),
            stop: None,
            tags: wanted.tags.clone(),
        });
        if let Some((task, (instance, zone))) = cluster.tasks.get_mut(&id).zip(instance) {
            (task.instance, task.zone) = (Some(instance), zone);
        }
        let step = Change::Step { cluster: Arc::clone(&wanted.cluster), task: id, from: Phase::Provisioning };
        world.agenda.add(now.after(SOON), step);
        started.push(id);
    }
    (started, failures)
}

fn answer(cx: Account<'_>, cluster: &str, tasks: &[TaskId], failures: Vec<Value>) -> Result<Value, Refusal> {
    let cluster = cx.cluster(Some(cluster))?;
    let of = |id: &TaskId| cluster.tasks.get(id).map(|task| cx.whole_task_json(cluster, task));
    let gone = tasks.iter().filter(|id| !cluster.tasks.contains_key(id)).map(|id| missing(&cx.task_arn(cluster, *id)));
    let failures: Vec<Value> = failures.into_iter().chain(gone).collect();
    Ok(json!({ "tasks": tasks.iter().filter_map(of).collect::<Vec<_>>(), "failures": failures }))
}
