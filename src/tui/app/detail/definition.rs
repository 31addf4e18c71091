//! A task definition in readable form. Values of environment variables whose names look secret are masked.

use super::{State, TextLine, Tone};
use crate::{
    model::{
        ContainerDefinition, EnvironmentValue, PortMapping, TaskDefinition,
        taskdef::{
            MASK, looks_secret, masked_words,
            readable::{self, Said},
        },
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
    let more = readable::of_task(&definition.described, state.reveal);
    lines.extend(more.iter().map(fact));
    let shown = definition.containers.iter().filter(|container| only.is_none_or(|name| name == container.name));
    for one in shown {
        let more = readable::of_container(&definition.described, &one.name, state.reveal);
        lines.extend(container(one, &more, state.reveal));
    }
    lines
}

/// Returns the lines of a container; what is said of its logs there is said in full in `more`.
fn container(container: &ContainerDefinition, more: &[Said], reveal: bool) -> Vec<TextLine> {
    let essential = if container.essential { "essential" } else { "not essential" };
    let heading = TextLine::said(Tone::Heading, format!("container {}", container.name));
    let mut lines = vec![TextLine::new(), heading.with(Tone::Faint, format!("  {essential}"))];
    lines.push(TextLine::fact("image", &container.image));
    if container.cpu > 0 {
        lines.push(TextLine::fact("CPU units", container.cpu.to_string()));
    }
    lines.extend(memory(container).map(|memory| TextLine::fact("memory MiB", memory)));
    lines.extend(words("entry point", &container.entry_point, reveal));
    lines.extend(words("command", &container.command, reveal));
    lines.extend(container.ports.iter().map(|mapping| TextLine::fact("port", port(mapping))));
    lines.extend(words("health check", &container.health_check, reveal));
    lines.extend(container.environment.iter().map(|variable| environment(variable, reveal)));
    lines.extend(container.secrets.iter().map(|secret| {
        TextLine::fact("secret", &secret.name).with(Tone::Faint, format!(" from {}", secret.value_from))
    }));
    lines.extend(more.iter().map(fact));
    lines
}

fn fact(said: &Said) -> TextLine {
    TextLine::fact(&said.name, &said.value)
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
fn words(name: &str, words: &[String], reveal: bool) -> Option<TextLine> {
    let shown = if reveal { words.to_vec() } else { masked_words(words.iter().map(String::as_str)) };
    let quoted = |word: &String| match word {
        word if word == MASK => MASK.to_owned(),
        word => shlex::try_quote(word).map_or_else(|_| format!("{word:?}"), std::borrow::Cow::into_owned),
    };
    (!shown.is_empty()).then(|| TextLine::fact(name, shown.iter().map(quoted).collect::<Vec<_>>().join(" ")))
}
