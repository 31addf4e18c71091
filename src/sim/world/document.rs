//! Templates of task definitions that were registered as JSON: what the simulation goes by.

use std::sync::Arc;

use serde_json::Value;

use super::{ContainerSpec, Exec, Launch, LogSpec, Port, Tags, Template};

/// How many lines a second an essential container writes, and another.
const RATES: (f64, f64) = (0.7, 0.1);

impl Template {
    /// Reads what was registered, with AWS's defaults in it.
    pub(crate) fn of(document: Value, tags: Tags) -> Self {
        let text = |name: &str| document[name].as_str().map(str::to_owned);
        let size = |name: &str| document[name].as_str().and_then(|text| text.parse().ok());
        let containers: Vec<ContainerSpec> = items(&document["containerDefinitions"]).map(container).collect();
        let cpu = size("cpu").unwrap_or_else(|| containers.iter().map(|it| it.cpu).sum());
        let of_container = |it: &ContainerSpec| it.memory.or(it.memory_reservation).unwrap_or(0);
        let memory = size("memory").unwrap_or_else(|| containers.iter().map(of_container).sum());
        Self {
            launch: launch(&document["requiresCompatibilities"]),
            network_mode: text("networkMode").unwrap_or_else(|| "bridge".to_owned()),
            cpu,
            memory,
            task_role: text("taskRoleArn"),
            execution_role: text("executionRoleArn"),
            architecture: document["runtimePlatform"]["cpuArchitecture"].as_str().unwrap_or("X86_64").to_owned(),
            containers,
            tags,
            errand: None,
            document: Some(Arc::new(document)),
        }
    }
}

fn launch(compatibilities: &Value) -> Launch {
    let asks = |word: &str| items(compatibilities).any(|it| it == word);
    if asks("FARGATE") {
        Launch::Fargate
    } else if asks("EXTERNAL") && !asks("EC2") {
        Launch::External
    } else {
        Launch::Ec2
    }
}

fn container(words: &Value) -> ContainerSpec {
    let text = |name: &str| words[name].as_str().unwrap_or_default().to_owned();
    let number = |name: &str| words[name].as_u64().and_then(|number| u32::try_from(number).ok());
    let essential = words["essential"] != false;
    ContainerSpec {
        name: text("name"),
        image: text("image"),
        essential,
        cpu: number("cpu").unwrap_or(0),
        memory: number("memory"),
        memory_reservation: number("memoryReservation"),
        ports: items(&words["portMappings"]).filter_map(port).collect(),
        entry_point: texts(&words["entryPoint"]),
        command: texts(&words["command"]),
        environment: pairs(&words["environment"], "value"),
        secrets: pairs(&words["secrets"], "valueFrom"),
        log: log(&words["logConfiguration"], essential),
        health: texts(&words["healthCheck"]["command"]),
        init_process: words["linuxParameters"]["initProcessEnabled"] == true,
        read_only_root: words["readonlyRootFilesystem"] == true,
        exec: Exec::Ready,
    }
}

fn port(words: &Value) -> Option<Port> {
    let number = |name: &str| words[name].as_u64().and_then(|number| u16::try_from(number).ok());
    let protocol = words["protocol"].as_str().unwrap_or("tcp").to_owned();
    Some(Port { container: number("containerPort")?, host: number("hostPort"), protocol })
}

fn log(words: &Value, essential: bool) -> Option<LogSpec> {
    let driver = words["logDriver"].as_str()?.to_owned();
    let option = |name: &str| words["options"][name].as_str().map(str::to_owned);
    Some(LogSpec {
        driver,
        group: option("awslogs-group").unwrap_or_default(),
        region: option("awslogs-region"),
        prefix: option("awslogs-stream-prefix"),
        rate: if essential { RATES.0 } else { RATES.1 },
        creates: option("awslogs-create-group").as_deref() == Some("true"),
    })
}

fn pairs(list: &Value, value: &str) -> Vec<(String, String)> {
    let text = |pair: &Value, name: &str| pair[name].as_str().unwrap_or_default().to_owned();
    items(list).map(|pair| (text(pair, "name"), text(pair, value))).collect()
}

fn texts(list: &Value) -> Vec<String> {
    items(list).filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_runs_is_what_was_registered() {
        let template = Template::of(
            json!({
                "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
                "runtimePlatform": { "cpuArchitecture": "ARM64" },
                "containerDefinitions": [{
                    "name": "app", "image": "web:{revision}", "cpu": 7, "portMappings": [{ "containerPort": 80 }],
                    "environment": [{ "name": "A", "value": "{family}" }], "command": ["serve"],
                    "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": "/x" } },
                }, { "name": "side", "image": "side", "essential": false }],
            }),
            Tags::new(),
        );
        let app = &template.containers[0];
        assert_eq!((template.launch, template.cpu, &*template.architecture), (Launch::Fargate, 256, "ARM64"));
        assert_eq!((&*app.image, app.essential, app.ports[0].container), ("web:{revision}", true, 80));
        assert_eq!(app.log.as_ref().map(|log| (&*log.group, log.prefix.as_deref())), Some(("/x", None)));
        assert!(!template.containers[1].essential);
    }
}
