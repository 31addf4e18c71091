//! The command reference of the README, written from the grammar, the columns and the exit codes themselves.

use std::fmt::Write as _;

use clap::{Arg, Command};

use super::{
    arguments, change, check, config, deployments, events, exit, history, instances, list, logs, ls, output::Column,
    params, policy, stopped, targets, taskdefs,
};

/// What hides the fields of a result until somebody asks.
const FOLDED: &str = "<details>\n<summary>Fields</summary>\n";

/// Returns the reference in Markdown.
pub fn reference() -> String {
    let mut text = String::new();
    let mut root = arguments::command();
    root.build();
    chapter(&mut text, &mut root);
    for verb in root.get_subcommands_mut().filter(|verb| verb.get_name() != "help") {
        chapter(&mut text, verb);
        for verb in verb.get_subcommands_mut().filter(|verb| verb.get_name() != "help") {
            chapter(&mut text, verb);
        }
        results(&mut text, verb.get_name());
    }
    line(&mut text, "### Options of every command\n");
    line(
        &mut text,
        "Their short forms stand before the command only; `-o` also after the commands that print results.
",
    );
    for option in root.get_arguments().filter(|argument| argument.is_global_set()) {
        item(&mut text, option);
    }
    line(&mut text, "\n### Exit codes\n\n| code | means |\n| --- | --- |");
    for (code, meaning) in exit::CODES {
        line(&mut text, &format!("| {code} | {meaning} |"));
    }
    text
}

/// Writes which fields the results of a command have, folded away.
fn results(text: &mut String, verb: &str) {
    let mut tables = String::new();
    match verb {
        "list" => fields(&mut tables, "A row", list::COLUMNS),
        "ls" => {
            fields(&mut tables, "A cluster", ls::CLUSTERS);
            fields(&mut tables, "A service", ls::SERVICES);
            fields(&mut tables, "A service in full, besides", ls::MORE);
            fields(&mut tables, "A deployment", ls::DEPLOYMENTS);
            fields(&mut tables, "A task", ls::TASKS);
            fields(&mut tables, "A container of the task definition", ls::CONTAINERS);
            fields(&mut tables, "A load balancer", ls::BEFORE);
            fields(&mut tables, "An event", ls::EVENTS);
            fields(&mut tables, "A variable of the environment", ls::VARIABLES);
        }
        "events" => fields(&mut tables, "An event", events::COLUMNS),
        "logs" => fields(&mut tables, "A line", logs::COLUMNS),
        "stopped" => {
            fields(&mut tables, "A stopped task", stopped::COLUMNS);
            fields(&mut tables, "One of its containers", stopped::CONTAINERS);
        }
        "deployments" => fields(&mut tables, "A deployment", deployments::COLUMNS),
        "taskdefs" => {
            fields(&mut tables, "A family", taskdefs::FAMILIES);
            fields(&mut tables, "A revision", taskdefs::REVISIONS);
            fields(&mut tables, "A difference", taskdefs::DIFFERENCES);
        }
        "check" => fields(&mut tables, "A finding", check::COLUMNS),
        "params" => {
            fields(&mut tables, "A row of `list`", params::COLUMNS);
            fields(&mut tables, "What `get` prints as JSON or TSV", params::FIELDS);
            fields(&mut tables, "A version that `history` prints", params::VERSIONS);
        }
        "policy" => fields(&mut tables, "A feature", policy::COLUMNS),
        "targets" => {
            fields(&mut tables, "A target", targets::COLUMNS);
            fields(&mut tables, "A load balancer", targets::BALANCERS);
            fields(&mut tables, "A listener", targets::LISTENERS);
            fields(&mut tables, "A rule", targets::RULES);
        }
        "instances" => fields(&mut tables, "A container instance", instances::COLUMNS),
        "update" => {
            fields(&mut tables, "What was changed, also by the other commands that change something", change::COLUMNS);
        }
        "config" => {
            fields(&mut tables, "The place that `path` prints as JSON or TSV", config::PLACE);
            fields(&mut tables, "A setting that `show` prints", config::SETTINGS);
            fields(&mut tables, "A fault that `check` prints", config::FAULTS);
        }
        "history" => fields(&mut tables, "A change", history::COLUMNS),
        _ => {}
    }
    if !tables.is_empty() {
        line(text, FOLDED);
        text.push_str(&tables);
        line(text, "</details>\n");
    }
}

/// Writes what one command is and takes.
fn chapter(text: &mut String, command: &mut Command) {
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").replace(" [OPTIONS]", "").replace(" [COMMAND]", "");
    line(text, &format!("### `{}`\n", usage.lines().next().unwrap_or_default()));
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    line(text, &format!("{}\n", about.trim()));
    let own = |argument: &&Arg| !argument.is_global_set() && !argument.is_hide_set() && argument.get_id() != "help";
    let arguments: Vec<&Arg> = command.get_arguments().filter(own).collect();
    for argument in &arguments {
        item(text, argument);
    }
    if !arguments.is_empty() {
        text.push('\n');
    }
}

/// Writes one argument or option.
fn item(text: &mut String, argument: &Arg) {
    let mut names: Vec<String> = Vec::new();
    names.extend(argument.get_short().map(|short| format!("-{short}")));
    names.extend(argument.get_long().map(|long| format!("--{long}")));
    let takes = argument.get_action().takes_values();
    let value = argument.get_value_names().filter(|_| takes).and_then(<[_]>::first);
    let value = value.map(ToString::to_string).unwrap_or_default();
    let shown = match (names.is_empty(), value.is_empty()) {
        (true, _) => value,
        (false, true) => names.join(", "),
        (false, false) => format!("{} {value}", names.join(", ")),
    };
    let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
    write!(text, "- `{shown}`: {help}").expect("a string takes everything");
    let possible: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|_| takes)
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !possible.is_empty() {
        write!(text, " ({})", possible.join(", ")).expect("a string takes everything");
    }
    text.push('\n');
}

/// Writes what the fields of a result say.
fn fields<R>(text: &mut String, title: &str, columns: &[Column<R>]) {
    line(text, &format!("{title}:\n\n| field | says |\n| --- | --- |"));
    for column in columns {
        let programs = if column.in_tables { "" } else { " (not in tables)" };
        line(text, &format!("| `{}` | {}{programs} |", column.name, column.about.replace('|', "\\|")));
    }
    text.push('\n');
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}
