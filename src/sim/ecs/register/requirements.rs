//! What AWS concludes from a task definition: where it can run, and what an instance must have for it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::{members::texts, quantity};

/// Returns `compatibilities` of a registered definition.
pub(in crate::sim::ecs) fn compatibilities(document: &Value) -> Value {
    let awsvpc = document["networkMode"] == "awsvpc";
    let fits = document.as_object().is_some_and(|members| {
        let (cpu, memory) = quantity::sizes(members);
        quantity::is_of_fargate(cpu, memory)
    });
    let asked: Vec<&str> = texts(document.get("requiresCompatibilities")).collect();
    match (awsvpc && fits, awsvpc) {
        (true, _) if asked.is_empty() || asked.contains(&"FARGATE") => json!(["EC2", "FARGATE"]),
        (_, true) => json!(["EC2"]),
        (_, false) => json!(["EXTERNAL", "EC2"]),
    }
}

/// Returns `requiresAttributes` of a registered definition.
pub(in crate::sim::ecs) fn required(document: &Value) -> Value {
    let mut names: BTreeSet<String> =
        BTreeSet::from(["com.amazonaws.ecs.capability.docker-remote-api.1.18".to_owned()]);
    let mut need = |holds: bool, name: &str| {
        if holds {
            names.insert(name.to_owned());
        }
    };
    let executes = document["executionRoleArn"].is_string();
    need(document["taskRoleArn"].is_string(), "com.amazonaws.ecs.capability.task-iam-role");
    need(document["networkMode"] == "awsvpc", "ecs.capability.task-eni");
    for container in document["containerDefinitions"].as_array().into_iter().flatten() {
        let ecr = container["image"].as_str().is_some_and(|image| image.contains(".dkr.ecr."));
        need(ecr, "com.amazonaws.ecs.capability.ecr-auth");
        need(ecr && executes, "ecs.capability.execution-role-ecr-pull");
        need(!container["healthCheck"].is_null(), "ecs.capability.container-health-check");
        need(!container["dependsOn"].is_null(), "ecs.capability.container-ordering");
        if let Some(driver) = container["logConfiguration"]["logDriver"].as_str() {
            need(true, &format!("com.amazonaws.ecs.capability.logging-driver.{driver}"));
            need(executes && driver == "awslogs", "ecs.capability.execution-role-awslogs");
        }
        for secret in container["secrets"].as_array().into_iter().flatten() {
            let manager = secret["valueFrom"].as_str().is_some_and(|from| from.contains(":secretsmanager:"));
            let kept = if manager { "asm" } else { "ssm" };
            need(true, &format!("ecs.capability.secrets.{kept}.environment-variables"));
        }
    }
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_runs_where_its_network_and_size_let_it() {
        let of = |asked: Value, mode: &str, cpu: &str| {
            compatibilities(
                &json!({ "requiresCompatibilities": asked, "networkMode": mode, "cpu": cpu, "memory": "512" }),
            )
        };
        assert_eq!(of(json!(["FARGATE"]), "awsvpc", "256"), json!(["EC2", "FARGATE"]));
        assert_eq!(of(json!([]), "awsvpc", "256"), json!(["EC2", "FARGATE"]));
        assert_eq!(of(json!([]), "awsvpc", "100"), json!(["EC2"]));
        assert_eq!(of(json!(["EC2"]), "bridge", "256"), json!(["EXTERNAL", "EC2"]));
    }
}
