//! What is said of one container.

use serde_json::Value;

use super::{Members, Said, each, items, joined, one, pairs, said, text, written};

/// The members that the model has a field for.
pub(super) const KNOWN: &[&str] = &[
    "name",
    "image",
    "essential",
    "cpu",
    "memory",
    "memoryReservation",
    "entryPoint",
    "command",
    "environment",
    "secrets",
];

/// Reads a member; one that is not known is told by its name.
pub(super) fn read(key: &str, value: &Value) -> Vec<Said> {
    match key {
        "portMappings" => items(value).filter_map(port).collect(),
        "logConfiguration" => logging(value),
        "healthCheck" => health(value),
        "repositoryCredentials" => {
            one("pull secret", written(value, |it| vec![it.with("from ", "credentialsParameter", "")]))
        }
        "environmentFiles" => {
            each("environment", value, |it| vec![it.with("from ", "value", ""), it.with("", "type", "")])
        }
        "restartPolicy" => one("restarts", written(value, restarts)),
        "mountPoints" => each("mount", value, |it| {
            let (volume, path) = (it.text("sourceVolume"), it.text("containerPath"));
            vec![Some(format!("{volume} at {path}")), it.whether("readOnly", "read-only")]
        }),
        "volumesFrom" => each("volumes from", value, |it| {
            vec![Some(it.text("sourceContainer")), it.whether("readOnly", "read-only")]
        }),
        "linuxParameters" => linux(value),
        "dependsOn" => {
            each("depends on", value, |it| vec![Some(format!("{} {}", it.text("containerName"), it.text("condition")))])
        }
        "ulimits" => each("ulimit", value, |it| {
            let (name, soft, hard) = (it.text("name"), it.text("softLimit"), it.text("hardLimit"));
            vec![Some(format!("{name} {soft}, {hard} at most"))]
        }),
        "systemControls" => {
            each("sysctl", value, |it| vec![Some(format!("{}={}", it.text("namespace"), it.text("value")))])
        }
        "resourceRequirements" => {
            each("needs", value, |it| vec![Some(format!("{} {}", it.text("type"), it.text("value")))])
        }
        "extraHosts" => {
            each("extra host", value, |it| vec![Some(format!("{} {}", it.text("hostname"), it.text("ipAddress")))])
        }
        "firelensConfiguration" => {
            one("firelens", written(value, |it| vec![Some(it.text("type")), it.take("options").map(joined)]))
        }
        "dockerLabels" => pairs("label", value),
        "credentialSpecs" => items(value).map(|spec| said("credential spec", text(spec))).collect(),
        "startTimeout" => one("start timeout", format!("{} s", text(value))),
        "stopTimeout" => one("stop timeout", format!("{} s", text(value))),
        "versionConsistency" => one("image version", text(value)),
        "links" => one("links", text(value)),
        "hostname" => one("hostname", text(value)),
        "user" => one("user", text(value)),
        "workingDirectory" => one("directory", text(value)),
        "disableNetworking" => one("network off", text(value)),
        "privileged" => one("privileged", text(value)),
        "readonlyRootFilesystem" => one("read-only root", text(value)),
        "dnsServers" => one("DNS servers", text(value)),
        "dnsSearchDomains" => one("DNS search", text(value)),
        "dockerSecurityOptions" => one("security", text(value)),
        "interactive" => one("keeps stdin open", text(value)),
        "pseudoTerminal" => one("terminal", text(value)),
        _ => one(key, text(value)),
    }
}

/// Writes a port; of one that is a number and nothing else there is a field.
fn port(mapping: &Value) -> Option<Said> {
    let of = |it: &mut Members<'_>| {
        let (port, _, _) = (it.take("containerPort"), it.take("hostPort"), it.take("protocol"));
        let named = it.with("named ", "name", "");
        (
            port.map(text),
            vec![named, it.with("speaks ", "appProtocol", ""), it.with("range ", "containerPortRange", "")],
        )
    };
    let mut port = None;
    let more = written(mapping, |it| {
        let (number, parts) = of(it);
        port = number;
        parts
    });
    let port = port.map(|port| format!("{port} ")).unwrap_or_default();
    (!more.is_empty()).then(|| said("port", format!("{port}{more}")))
}

/// Writes where the container's output goes, beyond what the field of the model says: options from secrets.
fn logging(value: &Value) -> Vec<Said> {
    let mut members = Members { all: value, taken: Vec::new() };
    let driver = members.text("logDriver");
    let options = members.take("options").map(joined).unwrap_or_default();
    let mut lines = vec![said("logs", format!("{driver} {options}").trim_end())];
    let secrets = members.take("secretOptions");
    lines.extend(
        secrets
            .into_iter()
            .flat_map(items)
            .map(|secret| said("log secret", format!("{} from {}", text(&secret["name"]), text(&secret["valueFrom"])))),
    );
    lines.extend(members.rest().map(|rest| said("logs", rest)));
    lines
}

/// Writes how the health check is made: the command has a field.
fn health(value: &Value) -> Vec<Said> {
    let how = written(value, |it| {
        it.take("command");
        vec![
            it.with("every ", "interval", " s"),
            it.with("", "timeout", " s to answer"),
            it.with("unhealthy after ", "retries", " failures"),
            it.with("not counted in the first ", "startPeriod", " s"),
        ]
    });
    if how.is_empty() { Vec::new() } else { vec![said("health check", how)] }
}

fn restarts(policy: &mut Members<'_>) -> Vec<Option<String>> {
    let enabled = policy.take("enabled").map(|enabled| if *enabled == Value::Bool(true) { "on" } else { "off" });
    vec![
        enabled.map(str::to_owned),
        policy.with("not on exit codes ", "ignoredExitCodes", ""),
        policy.with("after it ran for ", "restartAttemptPeriod", " s"),
    ]
}

fn linux(value: &Value) -> Vec<Said> {
    let mut members = Members { all: value, taken: Vec::new() };
    let capabilities = members
        .take("capabilities")
        .map(|it| written(it, |it| vec![it.with("added ", "add", ""), it.with("dropped ", "drop", "")]));
    let mut lines: Vec<Said> =
        capabilities.filter(|text| !text.is_empty()).map(|text| said("capabilities", text)).into_iter().collect();
    lines.extend(members.take("devices").into_iter().flat_map(|devices| {
        each("device", devices, |it| {
            vec![
                it.with("", "hostPath", " of the host"),
                it.with("at ", "containerPath", ""),
                it.with("", "permissions", ""),
            ]
        })
    }));
    lines.extend(members.take("tmpfs").into_iter().flat_map(|tmpfs| {
        each("tmpfs", tmpfs, |it| {
            vec![it.with("", "containerPath", ""), it.with("", "size", " MiB"), it.with("", "mountOptions", "")]
        })
    }));
    for (key, name, unit) in [
        ("initProcessEnabled", "init process", ""),
        ("sharedMemorySize", "shared memory", " MiB"),
        ("maxSwap", "swap", " MiB at most"),
        ("swappiness", "swappiness", ""),
    ] {
        lines.extend(members.with("", key, unit).map(|text| said(name, text)));
    }
    lines.extend(members.rest().map(|rest| said("linux", rest)));
    lines
}
