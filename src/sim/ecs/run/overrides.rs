//! The overrides of RunTask: what a task runs otherwise than its definition says.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::quantity;
use crate::sim::{
    refusal::Refusal,
    world::{ContainerSpec, Definition, Template},
};

/// The most characters of overrides, the JSON's own among them.
const LONGEST: usize = 8192;

/// Returns the definition as it is to be run, and the overrides as DescribeTasks tells them.
pub(super) fn apply(definition: &Definition, overrides: Option<&Value>) -> Result<(Definition, Value), Refusal> {
    let mut told = overrides.cloned().unwrap_or_else(|| json!({}));
    if told.to_string().chars().count() > LONGEST {
        return Err(Refusal::parameter("Container Overrides length must be at most 8192."));
    }
    let mut template = Template::clone(&definition.template);
    for container in told["containerOverrides"].as_array().into_iter().flatten() {
        let name = container["name"].as_str().unwrap_or_default();
        let spec = template.containers.iter_mut().find(|spec| spec.name == name);
        let spec = spec.ok_or_else(|| {
            Refusal::parameter(format!("Override for container named {name} is not a container in the TaskDefinition."))
        })?;
        override_container(spec, container);
    }
    if let Some(members) = told.as_object() {
        let (cpu, memory) = quantity::sizes(members);
        (template.cpu, template.memory) = (or(cpu, template.cpu), or(memory, template.memory));
    }
    let role = |name: &str, own: &Option<String>| told[name].as_str().map(str::to_owned).or_else(|| own.clone());
    let (task_role, execution_role) =
        (role("taskRoleArn", &template.task_role), role("executionRoleArn", &template.execution_role));
    (template.task_role, template.execution_role) = (task_role, execution_role);
    complete(&mut told, &template);
    Ok((Definition { template: Arc::new(template), ..definition.clone() }, told))
}

fn or(size: u32, otherwise: u32) -> u32 {
    if size == 0 { otherwise } else { size }
}

fn override_container(spec: &mut ContainerSpec, words: &Value) {
    if let Some(command) = words["command"].as_array() {
        spec.command = command.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    }
    for pair in words["environment"].as_array().into_iter().flatten() {
        let text = |name: &str| pair[name].as_str().unwrap_or_default().to_owned();
        spec.environment.retain(|(name, _)| *name != text("name"));
        spec.environment.push((text("name"), text("value")));
    }
    let number = |name: &str| words[name].as_u64().and_then(|number| u32::try_from(number).ok());
    spec.cpu = number("cpu").unwrap_or(spec.cpu);
    spec.memory = number("memory").or(spec.memory);
    spec.memory_reservation = number("memoryReservation").or(spec.memory_reservation);
}

/// Adds those containers to the overrides that nothing is overridden of: AWS tells of all.
fn complete(told: &mut Value, template: &Template) {
    let mut containers = told["containerOverrides"].as_array().cloned().unwrap_or_default();
    for spec in &template.containers {
        if !containers.iter().any(|container| container["name"] == *spec.name) {
            containers.push(json!({ "name": spec.name }));
        }
    }
    told["containerOverrides"] = containers.into();
    if told["inferenceAcceleratorOverrides"].is_null() {
        told["inferenceAcceleratorOverrides"] = json!([]);
    }
}
