//! What AWS refuses to register, in its words.
//!
//! The rules are those of <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::super::{
    members::{check_tags, texts},
    quantity,
};
use crate::sim::refusal::Refusal;

/// The largest request, in bytes.
const LARGEST: usize = 64 << 10;
/// The most containers of a task definition.
const CONTAINERS: usize = 10;

/// Looks at a request of `length` bytes whose members have the right types.
pub(super) fn check(members: &Map<String, Value>, length: usize) -> Result<(), Refusal> {
    if length > LARGEST {
        return client(format!("Actual length: '{length}'. Max allowed length is '{LARGEST}' bytes."));
    }
    named("Family", members.get("family"))?;
    check_tags(members.get("tags"))?;
    let containers = list(members.get("containerDefinitions"));
    match containers.len() {
        0 => return client("Container list cannot be empty."),
        1..=CONTAINERS => {}
        _ => return client("Too many containers."),
    }
    for container in containers {
        check_container(members, container)?;
    }
    let names: BTreeSet<&str> = containers.iter().filter_map(|container| container["name"].as_str()).collect();
    if names.len() < containers.len() {
        return client("Container names must be unique within a Task Definition.");
    }
    if containers.iter().all(|container| container["essential"] == false) {
        return client("A task definition must have at least one essential container.");
    }
    if texts(members.get("requiresCompatibilities")).any(|word| word == "FARGATE") {
        check_fargate(members, containers)?;
    }
    let has_secrets = containers.iter().any(|container| !list(container.get("secrets")).is_empty());
    if has_secrets && members.get("executionRoleArn").is_none() {
        return client(
            "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
        );
    }
    Ok(())
}

fn check_container(members: &Map<String, Value>, container: &Value) -> Result<(), Refusal> {
    named("Container.name", container.get("name"))?;
    let name = container["name"].as_str().unwrap_or_default();
    if container["image"].as_str().unwrap_or_default().is_empty() {
        return client("Container.image should not be null or empty.");
    }
    if members.get("memory").is_none() && container["memory"].is_null() && container["memoryReservation"].is_null() {
        return client(format!(
            "Invalid setting for container '{name}'. At least one of 'memory' or 'memoryReservation' must be specified."
        ));
    }
    if members.get("networkMode").is_some_and(|mode| mode == "awsvpc") {
        let differ = |port: &Value| port["hostPort"].as_i64().is_some_and(|host| port["containerPort"] != host);
        if list(container.get("portMappings")).iter().any(differ) {
            return client("When networkMode=awsvpc, the host ports and container ports in port mappings must match.");
        }
    }
    let volumes = list(members.get("volumes"));
    for mount in list(container.get("mountPoints")) {
        let wanted = mount["sourceVolume"].as_str().unwrap_or_default();
        if !volumes.iter().any(|volume| volume["name"] == wanted) {
            return client(format!("Unknown volume '{wanted}'."));
        }
    }
    Ok(())
}

fn check_fargate(members: &Map<String, Value>, containers: &[Value]) -> Result<(), Refusal> {
    if members.get("networkMode").is_none_or(|mode| mode != "awsvpc") {
        return client("Fargate only supports network mode ‘awsvpc’.");
    }
    for name in ["cpu", "memory"] {
        if members.get(name).is_none() {
            return client(format!("Fargate requires that '{name}' be defined at the task level."));
        }
    }
    let (cpu, memory) = quantity::sizes(members);
    if !quantity::is_of_fargate(cpu, memory) {
        return client(format!(
            "No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon ECS documentation for the valid values."
        ));
    }
    if members.get("executionRoleArn").is_none() {
        let is_ecr = |container: &&Value| container["image"].as_str().is_some_and(|image| image.contains(".dkr.ecr."));
        let writes = |container: &&Value| container["logConfiguration"]["logDriver"] == "awslogs";
        let why = if containers.iter().find(is_ecr).is_some() {
            "ECR images"
        } else if containers.iter().find(writes).is_some() {
            "log driver awslogs"
        } else {
            return Ok(());
        };
        return client(format!("Fargate requires task definition to have execution role ARN to support {why}."));
    }
    Ok(())
}

/// Refuses what is no name of up to 255 letters, digits, hyphens and underscores.
fn named(what: &str, name: Option<&Value>) -> Result<(), Refusal> {
    let name = name.and_then(Value::as_str).unwrap_or_default();
    if name.is_empty() {
        return client(format!("{what} should not be null or empty."));
    }
    if name.len() > 255 || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        return client(format!("{what} contains invalid characters."));
    }
    Ok(())
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn client<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new("ClientException", message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fargate() -> Value {
        json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": ".25 vCPU",
            "memory": "0.5 GB", "executionRoleArn": "arn:aws:iam::1:role/x",
            "containerDefinitions": [{ "name": "app", "image": "1.dkr.ecr.eu-west-1.amazonaws.com/a:1" }],
        })
    }

    /// Changes a request that is good, and returns what AWS says of it.
    fn said(change: impl FnOnce(&mut Value)) -> String {
        let mut body = fargate();
        change(&mut body);
        match check(body.as_object().unwrap(), body.to_string().len()) {
            Ok(()) => String::new(),
            Err(refusal) => refusal.message,
        }
    }

    #[test]
    fn what_is_good_is_let_through() {
        assert_eq!(said(|_| {}), "");
        assert_eq!(said(|it| it["tags"] = json!([{ "key": "a", "value": "b" }])), "");
    }

    #[test]
    fn each_rule_has_its_words() {
        let gone = |name: &'static str| move |it: &mut Value| drop(it.as_object_mut().unwrap().remove(name));
        let app = |it: &mut Value, name: &str, value: Value| it["containerDefinitions"][0][name] = value;
        for (words, got) in [
            ("Family should not be null", said(gone("family"))),
            ("Family contains invalid", said(|it| it["family"] = "a b".into())),
            ("Container list cannot be empty", said(gone("containerDefinitions"))),
            ("Too many containers", said(|it| it["containerDefinitions"] = vec![json!({}); 11].into())),
            ("Container.name should not be null", said(|it| app(it, "name", "".into()))),
            ("Container.name contains invalid", said(|it| app(it, "name", "ä".into()))),
            ("Container.image should not be null", said(|it| app(it, "image", Value::Null))),
            ("at least one essential", said(|it| app(it, "essential", false.into()))),
            ("Unknown volume 'x'", said(|it| app(it, "mountPoints", json!([{ "sourceVolume": "x" }])))),
            ("must match", said(|it| app(it, "portMappings", json!([{ "containerPort": 1, "hostPort": 2 }])))),
            ("network mode ‘awsvpc’", said(gone("networkMode"))),
            ("'cpu' be defined", said(gone("cpu"))),
            ("given values: 256 CPU, 4096 memory", said(|it| it["memory"] = "4 GB".into())),
            ("support ECR images", said(gone("executionRoleArn"))),
            ("Tags can not be empty", said(|it| it["tags"] = json!([]))),
            ("Max allowed length", said(|it| it["family"] = "a".repeat(70_000).into())),
        ] {
            assert!(got.contains(words), "{words}: {got}");
        }
        let twice = said(|it| {
            let app = it["containerDefinitions"][0].clone();
            it["containerDefinitions"].as_array_mut().unwrap().push(app);
        });
        assert!(twice.contains("must be unique"), "{twice}");
        let secret = said(|it| {
            gone("executionRoleArn")(it);
            it["requiresCompatibilities"] = json!(["EC2"]);
            app(it, "secrets", json!([{ "name": "A", "valueFrom": "b" }]));
        });
        assert!(secret.contains("container secrets"), "{secret}");
        let roomless = said(|it| {
            gone("memory")(it);
            it["requiresCompatibilities"] = json!(["EC2"]);
        });
        assert!(roomless.contains("At least one of 'memory'"), "{roomless}");
    }
}
