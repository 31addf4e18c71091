//! What AWS adds to a task definition where nothing was said.

use serde_json::{Map, Value, json};

use super::super::quantity;

/// Fills in the defaults of a request that has been let through.
pub(super) fn fill(members: &mut Map<String, Value>) {
    let (cpu, memory) = quantity::sizes(members);
    for (name, size) in [("cpu", cpu), ("memory", memory)] {
        // AWS turns `1 vCPU` into units.
        members.get_mut(name).into_iter().for_each(|text| *text = size.to_string().into());
    }
    add(
        members,
        &[("volumes", json!([])), ("placementConstraints", json!([])), ("enableFaultInjection", json!(false))],
    );
    let mode = members.get("networkMode").and_then(Value::as_str).unwrap_or("bridge").to_owned();
    for container in objects(members.get_mut("containerDefinitions")) {
        fill_container(container, &mode);
    }
    for volume in objects(members.get_mut("volumes")) {
        fill_volume(volume);
    }
}

fn fill_container(container: &mut Map<String, Value>, mode: &str) {
    let lists = ["portMappings", "environment", "mountPoints", "volumesFrom", "systemControls"];
    add(container, &lists.map(|name| (name, json!([]))));
    add(container, &[("cpu", json!(0)), ("essential", json!(true))]);
    for port in objects(container.get_mut("portMappings")) {
        let same = port.get("containerPort").cloned().filter(|_| mode != "bridge");
        add(port, &[("protocol", json!("tcp"))]);
        if port.contains_key("containerPort") {
            add(port, &[("hostPort", same.unwrap_or_else(|| json!(0)))]);
        }
    }
    if let Some(check) = container.get_mut("healthCheck").and_then(Value::as_object_mut) {
        add(check, &[("interval", json!(30)), ("timeout", json!(5)), ("retries", json!(3))]);
    }
}

fn fill_volume(volume: &mut Map<String, Value>) {
    if let Some(efs) = volume.get_mut("efsVolumeConfiguration").and_then(Value::as_object_mut) {
        add(efs, &[("rootDirectory", json!("/"))]);
    }
    // A volume of nothing but its name is one of the host's.
    if volume.len() == 1 {
        add(volume, &[("host", json!({}))]);
    }
}

/// Adds the members that are missing.
fn add(members: &mut Map<String, Value>, missing: &[(&str, Value)]) {
    for (name, value) in missing {
        members.entry(*name).or_insert_with(|| value.clone());
    }
}

fn objects(list: Option<&mut Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    list.and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_stays_and_what_was_not_is_added() {
        let mut said = json!({
            "networkMode": "awsvpc", "cpu": "1 vCPU", "memory": "2048",
            "containerDefinitions": [{
                "name": "app", "essential": false, "portMappings": [{ "containerPort": 80 }, { "containerPortRange": "1-2" }],
                "healthCheck": { "command": ["true"], "interval": 9 }, "environment": [{ "name": "A", "value": "1" }],
            }],
            "volumes": [{ "name": "tmp" }, { "name": "efs", "efsVolumeConfiguration": { "fileSystemId": "fs-1" } }],
        });
        fill(said.as_object_mut().unwrap());
        assert_eq!(
            said,
            json!({
                "networkMode": "awsvpc", "cpu": "1024", "memory": "2048", "placementConstraints": [],
                "enableFaultInjection": false,
                "containerDefinitions": [{
                    "name": "app", "essential": false, "cpu": 0, "mountPoints": [], "volumesFrom": [], "systemControls": [],
                    "portMappings": [
                        { "containerPort": 80, "hostPort": 80, "protocol": "tcp" },
                        { "containerPortRange": "1-2", "protocol": "tcp" },
                    ],
                    "healthCheck": { "command": ["true"], "interval": 9, "timeout": 5, "retries": 3 },
                    "environment": [{ "name": "A", "value": "1" }],
                }],
                "volumes": [
                    { "name": "tmp", "host": {} },
                    { "name": "efs", "efsVolumeConfiguration": { "fileSystemId": "fs-1", "rootDirectory": "/" } },
                ],
            })
        );
    }
}
