//! Run: tasks by hand, in a network and on machines like those of a service, or as they are told.

mod end;

use std::{fmt, sync::Arc};

use super::{Call, Check, Place, Request, Scope, Verdict, plan::Draft};
use crate::{
    aws::{NetworkPlace, NewTasks},
    model::{
        Arn, EnvironmentValue, TaskDefinition,
        taskdef::{
            Document,
            diff::{Change, Difference},
            looks_secret, masked_words,
        },
        text::{clean, listing},
    },
    ops::{Cx, Error, Identity, Kind, Result, taskdefs, verify},
};

pub use end::{Ended, wait_for};

/// The most tasks of one call.
const AT_ONCE: u32 = 10;

/// Tasks to be run.
#[derive(Clone, PartialEq, Eq)]
pub struct Run {
    /// In which cluster.
    pub cluster: Arn,
    /// From what: `family`, `family:revision` or an ARN.
    pub definition: String,
    /// How many.
    pub count: u32,
    /// The service whose network and machines they share.
    pub like: Option<Place>,
    /// What is said of that besides, in the place of what the service says.
    pub network: Network,
    /// The container whose command and variables are meant; needed where there are several.
    pub container: Option<String>,
    /// The command in the place of the container's.
    pub command: Vec<String>,
    /// Variables besides those of the definition.
    pub environment: Vec<EnvironmentValue>,
    /// Who starts them, as tasks say it.
    pub started_by: String,
}

/// Where tasks run, as far as somebody says it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Network {
    /// `FARGATE`, `EC2` or `EXTERNAL`.
    pub launch_type: Option<String>,
    /// A capacity provider.
    pub provider: Option<String>,
    /// The subnets.
    pub subnets: Vec<String>,
    /// The security groups.
    pub security_groups: Vec<String>,
    /// Whether they get a public address.
    pub public_ip: Option<bool>,
}

impl Run {
    /// Who starts tasks where nothing else is said.
    pub const STARTED_BY: &str = "ecsui";
}

impl fmt::Debug for Run {
    /// Commands may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("cluster", &self.cluster)
            .field("definition", &self.definition)
            .field("count", &self.count)
            .field("like", &self.like)
            .field("network", &self.network)
            .finish_non_exhaustive()
    }
}

/// Whether a network has to be named for tasks of this definition, which have one of their own, and is not.
pub async fn needs_network(cx: &Cx, run: &Run) -> Result<bool> {
    let definition = taskdefs::one(cx, &run.definition).await?;
    Ok(has_own_network(&definition) && run.like.is_none() && run.network.subnets.is_empty())
}

/// Returns what has to be done.
pub(super) async fn plan(cx: &Cx, by: &Identity, run: &Run) -> Result<Draft> {
    if run.count == 0 {
        return Err(Error::new(Kind::Usage, "no task is wanted"));
    }
    let definition = taskdefs::one(cx, &run.definition).await?;
    let mut notes = Vec::new();
    let place = place(cx, run, &definition, &mut notes).await?;
    let container = container(run, &definition)?;
    let path = run.cluster.name();
    let tasks = if run.count == 1 { "1 task".to_owned() } else { format!("{} tasks", run.count) };
    let mut changes = vec![Difference {
        place: format!("cluster {path}"),
        what: "tasks".to_owned(),
        change: Change::Added(format!("{tasks} of {}{}", definition.arn.name(), words(&place))),
        secret: false,
    }];
    changes.extend(overrides(run, &definition, container));
    notes.push(match run.count {
        1 => "the task runs until it ends: no service starts another".to_owned(),
        _ => "the tasks run until they end: no service starts others".to_owned(),
    });
    let mut checks = vec![fits(&definition, &place)];
    checks.extend(verify::definition(cx, by, &Document::of(&definition)).await);
    Ok(Draft {
        title: format!("Run {tasks} of {} in {path}", definition.arn.name()),
        scopes: vec![Scope { cluster: run.cluster.clone(), service: None }],
        changes,
        calls: calls(run, &definition, &place, container),
        checks,
        notes,
        name: path.to_owned(),
        ..Draft::default()
    })
}

/// Returns where the tasks are to run: as is said, else as the service's tasks do.
async fn place(cx: &Cx, run: &Run, definition: &TaskDefinition, notes: &mut Vec<String>) -> Result<NetworkPlace> {
    let mut place = match &run.like {
        Some(like) => of_service(cx, like).await?,
        None => NetworkPlace::default(),
    };
    let said = &run.network;
    if let Some(launch) = &said.launch_type {
        (place.launch_type, place.providers) = (Some(launch.clone()), Vec::new());
    }
    if let Some(provider) = &said.provider {
        (place.launch_type, place.providers) = (None, vec![(provider.clone(), 1, 0)]);
    }
    if !said.subnets.is_empty() {
        place.subnets.clone_from(&said.subnets);
    }
    if !said.security_groups.is_empty() {
        place.security_groups.clone_from(&said.security_groups);
    }
    place.public_ip = said.public_ip.unwrap_or(place.public_ip);
    let name = clean(definition.arn.name());
    if !has_own_network(definition) {
        if !said.subnets.is_empty() || !said.security_groups.is_empty() || said.public_ip.is_some() {
            let mode = definition.network_mode.as_deref().unwrap_or("bridge");
            let what = format!("the tasks of {name} have no network of their own (network mode {})", clean(mode));
            return Err(Error::new(Kind::Usage, what).hint("leave out --subnets, --security-groups and --public-ip"));
        }
        (place.subnets, place.security_groups, place.public_ip) = (Vec::new(), Vec::new(), false);
    } else if place.subnets.is_empty() {
        return Err(without_network(&name, run.like.as_ref()));
    }
    if place.launch_type.is_none() && place.providers.is_empty() && is_for_fargate_alone(definition) {
        place.launch_type = Some("FARGATE".to_owned());
        notes.push("on Fargate, which is all that the definition is for".to_owned());
    }
    if !place.on_fargate() {
        place.platform = None;
    }
    Ok(place)
}

/// Returns the error of tasks for which nothing says in which network they are to be.
fn without_network(definition: &str, like: Option<&Place>) -> Error {
    let own = format!("the tasks of {definition} have a network of their own (awsvpc)");
    match like {
        Some(like) => {
            let like = clean(like.path());
            let what = format!("{own}, and {like} has none that they could be in: its tasks are not awsvpc");
            Error::new(Kind::Usage, what).hint("name a service whose tasks are awsvpc, or the subnets: --subnets")
        }
        None => Error::new(Kind::Usage, format!("{own}, and nothing says which")).hint(
            "take that of a service of the cluster, with --like or from a service in the browser; or name it: --subnets",
        ),
    }
}

async fn of_service(cx: &Cx, like: &Place) -> Result<NetworkPlace> {
    let aws = cx.aws().await?;
    let path = clean(like.path());
    let found = aws.place_of_service(&like.cluster, &like.service).await;
    let found = found.map_err(|error| cx.failed(format!("service {path} cannot be described"), &aws, error))?;
    found.ok_or_else(|| Error::new(Kind::NotFound, format!("service {path} is gone")))
}

fn has_own_network(definition: &TaskDefinition) -> bool {
    definition.network_mode.as_deref() == Some("awsvpc")
}

fn is_for_fargate_alone(definition: &TaskDefinition) -> bool {
    let required = &definition.described.value()["taskDefinition"]["requiresCompatibilities"];
    required.as_array().is_some_and(|all| all.len() == 1 && all[0] == "FARGATE")
}

/// Checks that what the tasks run on is something that the definition is made for.
fn fits(definition: &TaskDefinition, place: &NetworkPlace) -> Check {
    let what = format!("{} can run{}", definition.arn.name(), where_to(place));
    let wanted = match (&place.launch_type, &place.providers[..]) {
        (Some(launch), _) => launch.as_str(),
        (None, []) => return Check::new(what, Verdict::Skipped("the cluster decides where".to_owned())),
        (None, _) if place.on_fargate() => "FARGATE",
        (None, _) => "EC2",
    };
    let verdict = if definition.compatibilities.iter().any(|it| it == wanted) {
        Verdict::Passed
    } else {
        Verdict::Failed(format!("it is made for {}", definition.compatibilities.join(", ")))
    };
    Check::new(what, verdict)
}

/// Returns the container whose command and variables are others; none where nothing is said of them.
fn container<'a>(run: &Run, definition: &'a TaskDefinition) -> Result<Option<&'a str>> {
    let all = &definition.containers;
    let names = || listing(&all.iter().map(|it| it.name.clone()).collect::<Vec<_>>());
    let name = clean(definition.arn.name());
    let found = match (&run.container, &all[..]) {
        (Some(wanted), _) => {
            let found = all.iter().find(|it| *it.name == **wanted);
            let what = || format!("{name} has no container {:?}", clean(wanted));
            found.ok_or_else(|| Error::new(Kind::NotFound, what()).hint(format!("there are {}", names())))?
        }
        (None, _) if run.command.is_empty() && run.environment.is_empty() => return Ok(None),
        (None, [one]) => one,
        (None, _) => {
            let what = format!("{name} has several containers: {}", names());
            return Err(Error::new(Kind::Usage, what)
                .hint("name one of them: --container, or `NAME:` before the command in the browser"));
        }
    };
    Ok(Some(&found.name))
}

/// Returns what is otherwise than in the definition.
fn overrides(run: &Run, definition: &TaskDefinition, container: Option<&str>) -> Vec<Difference> {
    let Some(name) = container else { return Vec::new() };
    let own = definition.containers.iter().find(|it| &*it.name == name);
    let place = format!("container {name}");
    let mut changes = Vec::new();
    if !run.command.is_empty() {
        let shown = |command: &[String]| masked_words(command.iter().map(String::as_str)).join(" ");
        let before = own.map(|it| &it.command[..]).filter(|command| !command.is_empty());
        let change = match before {
            Some(before) => Change::Changed(shown(before), shown(&run.command)),
            None => Change::Added(shown(&run.command)),
        };
        changes.push(Difference { place: place.clone(), what: "command".to_owned(), change, secret: false });
    }
    for EnvironmentValue { name, value } in &run.environment {
        // Of several of a name the last counts.
        let before = own.and_then(|it| it.environment.iter().rfind(|it| it.name == *name));
        let change = match before {
            Some(before) => Change::Changed(before.value.clone(), value.clone()),
            None => Change::Added(value.clone()),
        };
        let secret = before.into_iter().map(|it| &it.value).chain([value]).any(|value| looks_secret(name, value));
        changes.push(Difference { place: place.clone(), what: format!("environment {name}"), change, secret });
    }
    changes
}

/// Returns the calls: each starts ten tasks at most, and has a token of its own.
fn calls(run: &Run, definition: &TaskDefinition, place: &NetworkPlace, container: Option<&str>) -> Vec<Call> {
    let wish = uuid::Uuid::new_v4().simple().to_string();
    let numbers = 0..run.count.div_ceil(AT_ONCE);
    let call = |number: u32| {
        let count = AT_ONCE.min(run.count - number * AT_ONCE);
        let tasks = if count == 1 { "1 task".to_owned() } else { format!("{count} tasks") };
        Call {
            action: "ecs:RunTask",
            resource: definition.arn.to_string(),
            what: format!("start {tasks}"),
            request: Request::RunTask(Box::new(NewTasks {
                cluster: run.cluster.clone(),
                definition: definition.arn.clone(),
                count,
                place: place.clone(),
                container: container.map(str::to_owned),
                command: run.command.clone(),
                environment: run.environment.iter().map(|it| (it.name.clone(), it.value.clone())).collect(),
                started_by: Some(run.started_by.clone()),
                token: format!("{wish}-{number}"),
            })),
        }
    };
    numbers.map(call).collect()
}

/// Returns where tasks run, for people.
fn words(place: &NetworkPlace) -> String {
    let mut parts = vec![where_to(place)];
    if !place.subnets.is_empty() {
        let public = if place.public_ip { "with" } else { "without" };
        parts.push(format!(" in {}", listing(&place.subnets)));
        if !place.security_groups.is_empty() {
            parts.push(format!(" within {}", listing(&place.security_groups)));
        }
        parts.push(format!(" {public} a public address"));
    }
    parts.concat()
}

fn where_to(place: &NetworkPlace) -> String {
    let providers: Vec<&str> = place.providers.iter().map(|(name, ..)| name.as_str()).collect();
    match (&place.launch_type, &providers[..]) {
        (Some(launch), _) => format!(" on {launch}"),
        (None, []) => " where the cluster has it".to_owned(),
        (None, providers) => format!(" on {}", providers.join(", ")),
    }
}

/// Returns the containers of tasks whose exit codes say how they ended: the one that is named, else the essential ones.
pub(super) fn telling(definition: &TaskDefinition, named: Option<&str>) -> Vec<Arc<str>> {
    let all = definition.containers.iter();
    let meant = all.filter(|it| named.map_or(it.essential, |name| *it.name == *name));
    meant.map(|it| it.name.as_str().into()).collect()
}
