//! A task definition in readable form. Values of environment variables whose names look secret are masked.

use super::{State, TextLine, Tone};
use crate::{
    model::{
        ContainerDefinition, EnvironmentValue, PortMapping, TaskDefinition,
        taskdef::{MASK, looks_secret},
    },
    tui::app::time::moment,
};

/// Returns the lines of a definition; with a name, of that container alone.
pub(super) fn lines(state: &State, definition: &TaskDefinition, only: Option<&str>) -> Vec<TextLine> {
    let mut lines = vec![TextLine::said(Tone::Heading, definition.arn.name())];
    let sized = |name: &str, value: &Option<String>| value.as_ref().map(|value| TextLine::fact(name, value));
    if definition.status != "ACTIVE" {
        lines.push(TextLine::fact("status", "").with(Tone::Underway, &definition.status));
    }
    lines.extend(sized("CPU units", &definition.cpu));
    lines.extend(sized("memory MiB", &definition.memory));
    lines.extend(sized("network", &definition.network_mode));
    lines.extend(sized("task role", &definition.task_role));
    lines.extend(sized("execution role", &definition.execution_role));
    lines.extend(sized("system", &definition.operating_system));
    lines.extend(sized("architecture", &definition.architecture));
    if !definition.compatibilities.is_empty() {
        lines.push(TextLine::fact("compatible with", definition.compatibilities.join(" ")));
    }
    lines.extend(definition.registered.map(|at| TextLine::fact("registered", moment(state.now, at, &state.zone))));
    let shown = definition.containers.iter().filter(|container| only.is_none_or(|name| name == container.name));
    lines.extend(shown.flat_map(|one| container(one, state.reveal)));
    lines
}

fn container(container: &ContainerDefinition, reveal: bool) -> Vec<TextLine> {
    let essential = if container.essential { "essential" } else { "not essential" };
    let heading = TextLine::said(Tone::Heading, format!("container {}", container.name));
    let mut lines = vec![TextLine::new(), heading.with(Tone::Faint, format!("  {essential}"))];
    lines.push(TextLine::fact("image", &container.image));
    if container.cpu > 0 {
        lines.push(TextLine::fact("CPU units", container.cpu.to_string()));
    }
    lines.extend(memory(container).map(|memory| TextLine::fact("memory MiB", memory)));
    lines.extend(words("entry point", &container.entry_point));
    lines.extend(words("command", &container.command));
    lines.extend(container.ports.iter().map(|mapping| TextLine::fact("port", port(mapping))));
    lines.extend(container.logging.as_ref().map(|logging| TextLine::fact("logs", logging)));
    lines.extend(words("health check", &container.health_check));
    lines.extend(container.environment.iter().map(|variable| environment(variable, reveal)));
    lines.extend(container.secrets.iter().map(|secret| {
        TextLine::fact("secret", &secret.name).with(Tone::Faint, format!(" from {}", secret.value_from))
    }));
    lines
}

fn environment(variable: &EnvironmentValue, reveal: bool) -> TextLine {
    let line = TextLine::fact("environment", format!("{}=", variable.name));
    if reveal || !looks_secret(&variable.name, &variable.value) {
        line.with(Tone::Plain, &variable.value)
    } else {
        line.with(Tone::Faint, MASK)
    }
}

fn memory(container: &ContainerDefinition) -> Option<String> {
    match (container.memory, container.memory_reservation) {
        (Some(hard), Some(soft)) => Some(format!("{hard} at most, {soft} reserved")),
        (Some(hard), None) => Some(format!("{hard} at most")),
        (None, Some(soft)) => Some(format!("{soft} reserved")),
        (None, None) => None,
    }
}

fn port(mapping: &PortMapping) -> String {
    let PortMapping { container, host, protocol } = mapping;
    match host {
        Some(0) => format!("{container}/{protocol} on a port of the host that ECS chooses"),
        Some(host) if host != container => format!("{container}/{protocol} on port {host} of the host"),
        Some(_) | None => format!("{container}/{protocol}"),
    }
}

/// Returns a line with a command, quoted as a shell would need it.
fn words(name: &str, words: &[String]) -> Option<TextLine> {
    let quoted =
        |word: &String| shlex::try_quote(word).map_or_else(|_| format!("{word:?}"), std::borrow::Cow::into_owned);
    (!words.is_empty()).then(|| TextLine::fact(name, words.iter().map(quoted).collect::<Vec<_>>().join(" ")))
}
