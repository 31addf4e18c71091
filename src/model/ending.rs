//! Why a task stopped, in words: from ECS's stop code and reason, and the reasons and exit codes of its containers.
//!
//! The codes and texts are those of
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html> and
//! <https://repost.aws/knowledge-center/ecs-task-stopped>. ECS's own words stay visible beside these.

use super::{Container, Task};

/// Why a task stopped or is stopping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The reason in words; parts of it are untrusted.
    pub words: String,
    /// Whether something went wrong; otherwise it was meant to stop, or was done.
    pub failed: bool,
}

impl Ending {
    /// Returns why the task stopped or is stopping; `None` while it is wanted.
    pub fn of(task: &Task) -> Option<Self> {
        let ends = &*task.desired_status == "STOPPED" || &*task.last_status == "STOPPED";
        if !ends && task.stopped_reason.is_none() && task.stop_code.is_none() {
            return None;
        }
        Some(
            out_of_memory(task)
                .or_else(|| by_error_name(task))
                .or_else(|| by_phrase(task))
                .or_else(|| by_stop_code(task))
                .unwrap_or_else(|| unnamed(task)),
        )
    }

    fn failure(words: impl Into<String>) -> Self {
        Self { words: words.into(), failed: true }
    }

    fn meant(words: impl Into<String>) -> Self {
        Self { words: words.into(), failed: false }
    }
}

/// Returns what an exit code says, after the code itself: `137: killed …`.
pub fn exit_code(code: i32) -> String {
    let words = match code {
        0 => "done",
        2 => "the program failed, or a shell did not understand its command",
        125 => "the container runtime could not start it",
        126 => "its command cannot be executed: no permission, or no program",
        127 => "its command was not found",
        129 => "hung up (SIGHUP)",
        130 => "interrupted (SIGINT)",
        131 => "quit (SIGQUIT)",
        132 => "an illegal instruction (SIGILL): perhaps an image for another processor",
        134 => "aborted itself (SIGABRT)",
        135 => "a bus error (SIGBUS)",
        136 => "an arithmetic error (SIGFPE)",
        137 => "killed (SIGKILL): over its memory, or not gone in time after it was asked to stop",
        139 => "crashed (SIGSEGV)",
        141 => "nobody read what it wrote (SIGPIPE)",
        143 => "ended when it was asked to (SIGTERM)",
        255 => "the program failed, with a status out of range",
        _ if (129..=192).contains(&code) => return format!("{code}: ended by signal {}", code - 128),
        _ => "the program failed",
    };
    format!("{code}: {words}")
}

/// Whether an exit code is of a container that was stopped from outside and not of one that failed by itself.
fn was_stopped(code: i32) -> bool {
    matches!(code, 0 | 137 | 143)
}

fn out_of_memory(task: &Task) -> Option<Ending> {
    let of_memory = |text: &str| text.contains("OutOfMemory");
    let container =
        task.containers.iter().find(|container| container.reason.as_deref().is_some_and(of_memory)).map(|it| &it.name);
    if container.is_none() && !task.stopped_reason.as_deref().is_some_and(of_memory) {
        return None;
    }
    let who = container.map_or_else(|| "a container".to_owned(), |name| format!("container {name}"));
    Some(Ending::failure(format!("out of memory: {who} was killed when it used more than it may")))
}

/// The names that ECS puts before a colon, and what they say.
const ERRORS: [(&str, &str); 20] = [
    ("CannotPullContainerError", "the image cannot be pulled"),
    ("CannotPullImageManifestError", "the image cannot be pulled"),
    ("CannotPullECRContainerError", "the image cannot be pulled from ECR"),
    ("CannotPullEnvironmentFilesError", "its environment files cannot be read"),
    ("ResourceInitializationError", "what it needs could not be set up"),
    ("CannotStartContainerError", "a container cannot be started"),
    ("CannotCreateContainerError", "a container cannot be created"),
    ("CannotInspectContainerError", "a container's state cannot be told"),
    ("CannotDescribeContainerError", "a container's state cannot be told"),
    ("CannotStopContainerError", "a container cannot be stopped"),
    ("CannotCreateVolumeError", "a volume cannot be created"),
    ("ContainerRuntimeTimeoutError", "a container did not start or stop in time"),
    ("DockerTimeoutError", "a container did not start or stop in time"),
    ("ContainerRuntimeError", "the container runtime failed"),
    ("DockerStateError", "the container runtime failed"),
    ("TaskFailedToStart", "it could not be started"),
    ("OutOfDiskError", "its disk is full"),
    ("SpotInterruptionError", "AWS took the Spot capacity back"),
    ("AttributeError", "no container instance has what it needs"),
    ("InternalError", "an internal error of ECS"),
];

fn by_error_name(task: &Task) -> Option<Ending> {
    let named = task.containers.iter().filter_map(|it| Some((Some(&*it.name), it.reason.as_deref()?)));
    let reasons = task.stopped_reason.as_deref().map(|reason| (None, reason)).into_iter().chain(named);
    reasons.into_iter().find_map(|(container, reason)| {
        let (_, words) = ERRORS.iter().find(|(name, _)| reason.starts_with(name))?;
        let detail = reason.split_once(':').map_or("", |(_, detail)| detail.trim());
        let whose = container.map(|name| format!(" (container {name})")).unwrap_or_default();
        let why = underlying(detail).map(|why| format!(": {why}")).unwrap_or_default();
        Some(Ending::failure(format!("{words}{whose}{why}")))
    })
}

/// Returns what commonly lies beneath the text of an error.
fn underlying(detail: &str) -> Option<&'static str> {
    const CAUSES: [(&[&str], &str); 11] = [
        (
            &["no match for platform", "does not match the specified platform", "exec format error"],
            "it is built for another processor",
        ),
        (&["toomanyrequests", "TOOMANYREQUESTS", "rate limit"], "the registry's rate limit is reached"),
        (
            &["unable to pull secrets", "unable to retrieve secret", "ssm:GetParameters"],
            "a secret cannot be read; is the execution role allowed to, and is there a way to it?",
        ),
        (
            &[
                "AccessDenied",
                "not authorized",
                "no basic auth",
                "403 Forbidden",
                "401 Unauthorized",
                "pull access denied",
                "denied:",
            ],
            "permission is missing; the execution role needs it",
        ),
        (
            &["failed to initialize logging driver", "failed to validate logger args", "log group"],
            "its log driver cannot be set up",
        ),
        (&["failed to invoke EFS", "mount.nfs", "efs"], "its EFS volume cannot be mounted"),
        (&["no space left on device"], "the disk is full"),
        (
            &["i/o timeout", "deadline exceeded", "dial tcp", "no such host", "connection refused", "Client.Timeout"],
            "there is no way to it: no route, no NAT and no endpoint, or a security group in between",
        ),
        (
            &["not found", "manifest unknown", "repository does not exist", "NotFound"],
            "there is none of that name or tag",
        ),
        (&["network interface"], "its network interface"),
        (&["permission denied"], "a file may not be used"),
    ];
    let holds = |(phrases, _): &&(&[&str], &str)| phrases.iter().any(|phrase| detail.contains(phrase));
    CAUSES.iter().find(holds).map(|(_, words)| *words)
}

/// Finds the phrases that ECS uses whatever the stop code.
fn by_phrase(task: &Task) -> Option<Ending> {
    let reason = task.stopped_reason.as_deref()?;
    let after = |phrase: &str| reason.split_once(phrase).map(|(_, rest)| rest.trim_matches(['.', ' ']));
    if let Some(group) = after("failed ELB health checks in") {
        return Some(Ending::failure(format!("the load balancer's health check failed {}", in_group(group))));
    }
    if reason.contains("failed ELB health checks") {
        return Some(Ending::failure("the load balancer's health check failed"));
    }
    if reason.contains("failed container health checks") {
        let unhealthy = task.containers.iter().find(|it| &*it.health == "UNHEALTHY");
        let whose = unhealthy.map_or_else(|| "a container's".to_owned(), |it| format!("container {}'s", it.name));
        return Some(Ending::failure(format!("{whose} health check failed")));
    }
    if reason.contains("Spot Task was interrupted") {
        return Some(Ending::meant("AWS took the Spot capacity back"));
    }
    if reason.contains("performing maintenance") {
        return Some(Ending::meant("AWS maintains the host it ran on"));
    }
    if reason.contains("Capacity is unavailable") {
        return Some(Ending::failure("AWS has no capacity for it at the moment"));
    }
    if reason.contains("network interface provisioning") {
        return Some(Ending::failure("its network interface did not come in time"));
    }
    None
}

/// Returns the target group that `(target-group ARN)` names.
fn in_group(text: &str) -> String {
    let arn = text.trim_start_matches("(target-group ").trim_end_matches(')');
    let name = arn.split_once("targetgroup/").and_then(|(_, rest)| rest.split('/').next()).unwrap_or(arn);
    format!("in target group {name}")
}

fn by_stop_code(task: &Task) -> Option<Ending> {
    let reason = task.stopped_reason.as_deref().unwrap_or_default();
    Some(match task.stop_code.as_deref()? {
        "EssentialContainerExited" => exited(task),
        "UserInitiated" if reason.is_empty() || reason == "Task stopped by user" => Ending::meant("stopped by hand"),
        "UserInitiated" => Ending::meant(format!("stopped by hand: {reason}")),
        "ServiceSchedulerInitiated" => scheduler(reason),
        "SpotInterruption" => Ending::meant("AWS took the Spot capacity back"),
        "TerminationNotice" => match reason.split_once("(instance ").and_then(|(_, rest)| rest.split_once(')')) {
            Some((instance, _)) => Ending::failure(format!("its host {instance} was terminated or stopped")),
            None => Ending::failure("its host was terminated"),
        },
        "InfrastructureHealth" => Ending::failure("the infrastructure it ran on is unhealthy"),
        "TaskFailedToStart" if reason.is_empty() => Ending::failure("it could not be started"),
        "TaskFailedToStart" => Ending::failure(format!("it could not be started: {reason}")),
        _ => return None,
    })
}

/// Says what the scheduler stopped it for: nothing tells a smaller service from a deployment that replaced the task.
fn scheduler(reason: &str) -> Ending {
    let deployment = reason.split_once("(deployment ").and_then(|(_, rest)| rest.split_once(')'));
    match deployment {
        Some((id, _)) => Ending::meant(format!("the service scaled in or replaced it ({id})")),
        None if reason.is_empty() || reason.starts_with("Scaling activity") => {
            Ending::meant("the service scaled in or replaced it")
        }
        None => Ending::meant(format!("the service stopped it: {reason}")),
    }
}

/// Says which container ended the task: one that failed by itself before one that was stopped with it.
fn exited(task: &Task) -> Ending {
    let exited = |it: &&Container| it.exit_code.is_some();
    let by_itself = |it: &&Container| it.exit_code.is_some_and(|code| !was_stopped(code));
    let failed = |it: &&Container| it.exit_code.is_some_and(|code| code != 0);
    let all = || task.containers.iter();
    let culprit = all()
        .find(|it| it.reason.is_some() && exited(it))
        .or_else(|| all().find(by_itself))
        .or_else(|| all().find(failed))
        .or_else(|| all().find(exited));
    let Some((container, code)) = culprit.and_then(|it| Some((it, it.exit_code?))) else {
        return Ending::failure("an essential container ended");
    };
    let words = format!("container {} ended with {}", container.name, exit_code(code));
    let reason = container.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    Ending { words: format!("{words}{reason}"), failed: code != 0 && code != 143 }
}

fn unnamed(task: &Task) -> Ending {
    match (&task.stopped_reason, task.stop_code.as_deref()) {
        (Some(reason), _) => Ending::failure(reason),
        (None, Some(code)) => Ending::failure(code),
        (None, None) => Ending::meant("ECS gives no reason"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ExecAgent, Group};
    use proptest::prelude::*;

    fn container(name: &str, exit_code: Option<i32>, reason: Option<&str>) -> Container {
        Container {
            arn: None,
            name: name.into(),
            image: "image".into(),
            digest: None,
            last_status: "STOPPED".into(),
            health: "UNKNOWN".into(),
            bindings: Vec::new(),
            runtime_id: None,
            exit_code,
            reason: reason.map(str::to_owned),
            exec: ExecAgent::Absent,
        }
    }

    fn task(code: Option<&str>, reason: Option<&str>, containers: Vec<Container>) -> Task {
        let arn = |resource: &str| format!("arn:aws:ecs:eu-west-1:123456789012:{resource}").parse().unwrap();
        Task {
            arn: arn("task/prod/4f2ab81c"),
            cluster: arn("cluster/prod"),
            group: Group::Service("api".into()),
            definition: arn("task-definition/api:41"),
            last_status: "STOPPED".into(),
            desired_status: "STOPPED".into(),
            health: "UNKNOWN".into(),
            launch: "FARGATE".into(),
            zone: None,
            instance: None,
            ip: None,
            exec_enabled: false,
            created: None,
            started: None,
            stopping: None,
            stopped: None,
            stop_code: code.map(Into::into),
            stopped_reason: reason.map(str::to_owned),
            containers,
        }
    }

    fn words(code: &str, reason: &str, containers: Vec<Container>) -> String {
        let ending = Ending::of(&task(Some(code), Some(reason), containers)).unwrap();
        format!("{}{}", if ending.failed { "✖ " } else { "" }, ending.words)
    }

    #[test]
    fn a_task_that_is_wanted_has_no_ending() {
        let running =
            Task { desired_status: "RUNNING".into(), last_status: "RUNNING".into(), ..task(None, None, vec![]) };
        assert_eq!(Ending::of(&running), None);
        assert!(Ending::of(&task(None, None, vec![])).is_some_and(|ending| !ending.failed));
    }

    #[test]
    fn memory_comes_before_everything_else() {
        let reason = "OutOfMemoryError: Container killed due to memory usage";
        assert_eq!(
            words(
                "EssentialContainerExited",
                "Essential container in task exited",
                vec![container("app", Some(137), Some(reason))]
            ),
            "✖ out of memory: container app was killed when it used more than it may"
        );
        assert!(words("TaskFailedToStart", reason, vec![]).starts_with("✖ out of memory: a container was"));
    }

    #[test]
    fn what_cannot_be_pulled_says_why() {
        let cannot = |detail: &str| words("TaskFailedToStart", &format!("CannotPullContainerError: {detail}"), vec![]);
        let cases = [
            ("failed to resolve ref x: not found", "there is none of that name or tag"),
            (
                "pull image manifest has been retried 1 time(s): image Manifest does not contain descriptor: no match for platform in manifest",
                "it is built for another processor",
            ),
            ("toomanyrequests: You have reached your pull rate limit", "the registry's rate limit is reached"),
            (
                "User: arn:aws:sts::1:x is not authorized to perform: ecr:GetAuthorizationToken",
                "permission is missing; the execution role needs it",
            ),
            (
                "dial tcp 10.0.0.1:443: i/o timeout",
                "there is no way to it: no route, no NAT and no endpoint, or a security group in between",
            ),
        ];
        for (detail, why) in cases {
            assert_eq!(cannot(detail), format!("✖ the image cannot be pulled: {why}"));
        }
        assert_eq!(cannot("something new"), "✖ the image cannot be pulled");
    }

    #[test]
    fn what_could_not_be_set_up_says_why() {
        let secrets =
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed";
        assert!(
            words("TaskFailedToStart", secrets, vec![])
                .starts_with("✖ what it needs could not be set up: a secret cannot be read")
        );
        let logs = "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: the specified log group does not exist";
        assert!(words("TaskFailedToStart", logs, vec![]).ends_with("its log driver cannot be set up"));
        let started = container("app", None, Some("CannotStartContainerError: exec: \"serve\": permission denied"));
        assert_eq!(
            words("TaskFailedToStart", "Task failed to start", vec![started]),
            "✖ a container cannot be started (container app): a file may not be used"
        );
    }

    #[test]
    fn the_container_that_failed_by_itself_is_named() {
        let ended = |containers| words("EssentialContainerExited", "Essential container in task exited", containers);
        let envoy = || container("envoy", Some(137), None);
        assert_eq!(
            ended(vec![envoy(), container("app", Some(1), None)]),
            "✖ container app ended with 1: the program failed"
        );
        assert_eq!(ended(vec![container("migrate", Some(0), None)]), "container migrate ended with 0: done");
        assert!(ended(vec![envoy()]).starts_with("✖ container envoy ended with 137: killed (SIGKILL)"));
        assert_eq!(ended(vec![container("app", None, None)]), "✖ an essential container ended");
        assert!(
            ended(vec![container("app", Some(78), Some("exited with: no config"))])
                .ends_with("(exited with: no config)")
        );
    }

    #[test]
    fn what_was_meant_is_no_failure() {
        assert_eq!(
            words("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/123)", vec![]),
            "the service scaled in or replaced it (ecs-svc/123)"
        );
        assert_eq!(words("UserInitiated", "Task stopped by user", vec![]), "stopped by hand");
        assert_eq!(words("UserInitiated", "done, thanks", vec![]), "stopped by hand: done, thanks");
        assert_eq!(
            words("TerminationNotice", "Your Spot Task was interrupted.", vec![]),
            "AWS took the Spot capacity back"
        );
    }

    #[test]
    fn health_checks_and_hosts_are_failures() {
        let group = "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/blue/0123)";
        assert_eq!(
            words("ServiceSchedulerInitiated", group, vec![]),
            "✖ the load balancer's health check failed in target group blue"
        );
        assert_eq!(
            words("ServiceSchedulerInitiated", "Task failed container health checks", vec![]),
            "✖ a container's health check failed"
        );
        assert_eq!(
            words("TerminationNotice", "Host EC2 (instance i-0abc) terminated.", vec![]),
            "✖ its host i-0abc was terminated or stopped"
        );
        assert_eq!(words("InfrastructureHealth", "x", vec![]), "✖ the infrastructure it ran on is unhealthy");
    }

    #[test]
    fn what_is_not_known_is_said_as_ecs_says_it() {
        assert_eq!(words("SomethingNew", "it was time", vec![]), "✖ it was time");
        assert_eq!(exit_code(141), "141: nobody read what it wrote (SIGPIPE)");
        assert_eq!(exit_code(152), "152: ended by signal 24");
        assert_eq!(exit_code(78), "78: the program failed");
    }

    proptest! {
        #[test]
        fn whatever_ecs_says_there_are_words(code in ".{0,12}|EssentialContainerExited|TerminationNotice|ServiceSchedulerInitiated", reason in ".{0,30}|\\(deployment .{0,5}|\\(instance .{0,5}|failed ELB health checks in.{0,9}", exit in any::<Option<i32>>()) {
            let ending = Ending::of(&task(Some(&code), Some(&reason), vec![container("app", exit, Some(&reason))])).unwrap();
            prop_assert!(!ending.words.is_empty() || (reason.is_empty()));
        }
    }
}
