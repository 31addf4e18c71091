//! Which container people mean when they name a service or a task.

use std::cmp::Reverse;

use super::ExecTarget;
use crate::{
    model::{Container, ExecAgent, Task, TaskDefinition},
    ops::{Cx, Error, Kind, Result, ls},
};

/// A task, and those of its containers that are meant.
pub(crate) type Candidate<'a> = (&'a Task, Vec<&'a Container>);

/// Returns the container to log in to: of the newest RUNNING healthy task whose agent is ready, the first essential
/// one. `place` says in an error what was looked at.
pub(crate) async fn choose(cx: &Cx, place: &str, candidates: Vec<Candidate<'_>>) -> Result<ExecTarget> {
    let Some((task, containers)) = best_task(&candidates) else { return Err(refusal(place, &candidates)) };
    let [single] = containers[..] else {
        // Without the right to read it, the order of the answer must do.
        let definition = ls::task_definition(cx, &task.definition).await.ok();
        let container = first(&containers, definition.as_deref());
        return Ok(ExecTarget::new(task, container));
    };
    Ok(ExecTarget::new(task, single))
}

/// Returns the best task and those of its containers that can be logged in to: at least one.
fn best_task<'a>(candidates: &[Candidate<'a>]) -> Option<Candidate<'a>> {
    let open = candidates.iter().filter_map(|(task, containers)| {
        let containers = ready(task, containers);
        (&*task.last_status == "RUNNING" && !containers.is_empty()).then_some((*task, containers))
    });
    open.min_by_key(|(task, _)| {
        let health = match &*task.health {
            "HEALTHY" => 0,
            "UNHEALTHY" => 2,
            _ => 1,
        };
        (health, Reverse(task.started.or(task.created)), task.arn.clone())
    })
}

/// Returns the containers whose agent is ready. Where ECS tells of no agent at all in a task that was started with
/// exec, as some emulators do, every running container may have one.
fn ready<'a>(task: &Task, containers: &[&'a Container]) -> Vec<&'a Container> {
    let untold = task.exec_enabled && task.containers.iter().all(|container| container.exec == ExecAgent::Absent);
    let is_ready = |container: &&Container| match container.exec {
        ExecAgent::Running => true,
        ExecAgent::Absent => untold && &*container.last_status != "STOPPED",
        ExecAgent::Pending | ExecAgent::Stopped(_) => false,
    };
    containers.iter().copied().filter(is_ready).collect()
}

/// Returns the first essential container in the order of the definition; what the definition does not name, AWS has
/// added for itself.
fn first<'a>(containers: &[&'a Container], definition: Option<&TaskDefinition>) -> &'a Container {
    let defined = definition.map(|definition| &definition.containers[..]).unwrap_or_default();
    let rank = |container: &&&Container| {
        let place = defined.iter().position(|other| *other.name == *container.name);
        place.map_or((2, 0), |place| (u8::from(!defined[place].essential), place))
    };
    containers.iter().min_by_key(rank).expect("at least one container is ready")
}

/// Says why nothing can be logged in to, and what mends it.
fn refusal(place: &str, candidates: &[Candidate<'_>]) -> Error {
    let running: Vec<&Candidate<'_>> = candidates.iter().filter(|(task, _)| &*task.last_status == "RUNNING").collect();
    let Some((task, _)) = candidates.first() else {
        return Error::new(Kind::NotFound, format!("{place} has no running task"))
            .hint("its events say why: see the details of the service");
    };
    if running.is_empty() {
        let state = &task.last_status;
        return Error::new(Kind::Refused, format!("{place} has no task that is RUNNING; its newest is {state}"))
            .hint("try again when it runs");
    }
    if running.iter().all(|(task, _)| !task.exec_enabled) {
        return not_enabled(place, task);
    }
    let agents = || running.iter().flat_map(|(_, containers)| containers).map(|container| &container.exec);
    if agents().any(|agent| *agent == ExecAgent::Pending) {
        return Error::new(Kind::Refused, format!("the exec agent of {place} is still starting"))
            .hint("try again in a few seconds");
    }
    let stopped = agents().find_map(|agent| match agent {
        ExecAgent::Stopped(reason) => Some(reason.as_deref()),
        ExecAgent::Absent | ExecAgent::Pending | ExecAgent::Running => None,
    });
    if let Some(reason) = stopped {
        let because = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        return Error::new(Kind::Refused, format!("the exec agent of {place} has stopped{because}"))
            .hint("an agent does not come back: stop the task, so that its service starts a new one");
    }
    Error::new(Kind::Refused, format!("no container of {place} has an exec agent"))
        .hint("with `pidMode: task` only one container of a task has one")
}

fn not_enabled(place: &str, task: &Task) -> Error {
    let error = Error::new(Kind::Refused, format!("exec is not enabled for the running tasks of {place}"));
    match task.group.service() {
        Some(service) => error.hint(format!(
            "tasks keep what they were started with; for new ones: aws ecs update-service --cluster {} --service \
             {service} --enable-execute-command --force-new-deployment",
            task.cluster.name()
        )),
        None => error.hint("tasks keep what they were started with: run it again with --enable-execute-command"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Arn, ContainerDefinition, Group};

    fn container(name: &str, exec: ExecAgent) -> Container {
        Container {
            arn: None,
            name: name.into(),
            image: "image".into(),
            digest: None,
            last_status: "RUNNING".into(),
            health: "UNKNOWN".into(),
            bindings: Vec::new(),
            runtime_id: None,
            exit_code: None,
            reason: None,
            exec,
        }
    }

    fn task(id: &str, status: &str, health: &str, started: i64, containers: Vec<Container>) -> Task {
        let arn = |resource: String| -> Arn { format!("arn:aws:ecs:r:1:{resource}").parse().unwrap() };
        Task {
            arn: arn(format!("task/prod/{id}")),
            cluster: arn("cluster/prod".to_owned()),
            group: Group::Service("api".into()),
            definition: arn("task-definition/api:1".to_owned()),
            last_status: status.into(),
            desired_status: "RUNNING".into(),
            health: health.into(),
            launch: "FARGATE".into(),
            zone: None,
            instance: None,
            ip: None,
            exec_enabled: true,
            created: None,
            started: jiff::Timestamp::from_second(started).ok(),
            stopping: None,
            stopped: None,
            stop_code: None,
            stopped_reason: None,
            containers,
        }
    }

    fn ready_task(id: &str, status: &str, health: &str, started: i64) -> Task {
        task(id, status, health, started, vec![container("app", ExecAgent::Running)])
    }

    fn all(tasks: &[Task]) -> Vec<Candidate<'_>> {
        tasks.iter().map(|task| (task, task.containers.iter().collect())).collect()
    }

    fn best(tasks: &[Task]) -> Option<&str> {
        best_task(&all(tasks)).map(|(task, _)| task.arn.name())
    }

    #[test]
    fn the_newest_healthy_running_task_with_a_ready_agent_wins() {
        let tasks = [
            ready_task("old", "RUNNING", "HEALTHY", 10),
            ready_task("new", "RUNNING", "HEALTHY", 20),
            ready_task("sick", "RUNNING", "UNHEALTHY", 30),
            ready_task("unchecked", "RUNNING", "UNKNOWN", 40),
            ready_task("leaving", "DEACTIVATING", "HEALTHY", 50),
            task("closed", "RUNNING", "HEALTHY", 60, vec![container("app", ExecAgent::Pending)]),
        ];
        assert_eq!(best(&tasks), Some("new"));
        assert_eq!(best(&tasks[2..]), Some("unchecked"));
        assert_eq!(best(&tasks[4..]), None);
    }

    #[test]
    fn the_first_essential_container_wins_over_sidecars_and_what_aws_adds() {
        let containers = ["aws-guardduty-agent", "envoy", "app"].map(|name| container(name, ExecAgent::Running));
        let ready: Vec<&Container> = containers.iter().collect();
        let define = |name: &str, essential| ContainerDefinition {
            name: name.to_owned(),
            image: String::new(),
            essential,
            cpu: 0,
            memory: None,
            memory_reservation: None,
            ports: vec![],
            entry_point: vec![],
            command: vec![],
            environment: vec![],
            secrets: vec![],
            log: crate::model::LogPlace::default(),
            health_check: vec![],
        };
        let definition = |containers| TaskDefinition {
            arn: "arn:aws:ecs:r:1:task-definition/api:1".parse().unwrap(),
            status: "ACTIVE".to_owned(),
            network_mode: None,
            cpu: None,
            memory: None,
            compatibilities: vec![],
            task_role: None,
            execution_role: None,
            operating_system: None,
            architecture: None,
            registered: None,
            containers,
            described: crate::model::Described::default(),
        };
        let name = |definition: Option<TaskDefinition>| first(&ready, definition.as_ref()).name.to_string();
        assert_eq!(name(Some(definition(vec![define("envoy", false), define("app", true)]))), "app");
        assert_eq!(name(Some(definition(vec![define("envoy", true), define("app", true)]))), "envoy");
        assert_eq!(name(None), "aws-guardduty-agent");
    }

    #[test]
    fn where_no_agent_is_told_of_every_running_container_may_have_one() {
        let silent = task("a", "RUNNING", "UNKNOWN", 1, vec![container("app", ExecAgent::Absent)]);
        assert_eq!(best(std::slice::from_ref(&silent)), Some("a"));
        let without = Task { exec_enabled: false, ..silent.clone() };
        assert_eq!(best(&[without]), None);
        let beside = vec![container("app", ExecAgent::Absent), container("envoy", ExecAgent::Running)];
        let told = Task { containers: beside, ..silent };
        let (_, containers) = best_task(&all(std::slice::from_ref(&told))).unwrap();
        assert_eq!(containers.iter().map(|container| &*container.name).collect::<Vec<_>>(), ["envoy"]);
    }

    #[test]
    fn a_refusal_says_why_and_what_helps() {
        let words = |tasks: &[Task]| {
            let error = refusal("service api", &all(tasks));
            assert!(!error.hints.is_empty());
            error.what
        };
        let agent = |agent| [task("a", "RUNNING", "UNKNOWN", 1, vec![container("app", agent)])];
        assert_eq!(words(&[]), "service api has no running task");
        assert_eq!(
            words(&[ready_task("a", "PENDING", "UNKNOWN", 1)]),
            "service api has no task that is RUNNING; its newest is PENDING"
        );
        let off = agent(ExecAgent::Absent).map(|task| Task { exec_enabled: false, ..task });
        assert_eq!(words(&off), "exec is not enabled for the running tasks of service api");
        assert_eq!(words(&agent(ExecAgent::Pending)), "the exec agent of service api is still starting");
        assert_eq!(
            words(&agent(ExecAgent::Stopped(Some("out of memory".to_owned())))),
            "the exec agent of service api has stopped: out of memory"
        );
    }
}
