//! Writes the example config from the defaults, so that it cannot fall behind them.

use std::fmt::Write as _;

use super::{
    Settings,
    keymap::ACTIONS,
    paint::ROLES,
    written::{Written, keys, written},
};

/// What stands for the guards, of which there are none.
const GUARD: &str = "
# What stands before changes, besides a question. All that a rule names must fit (profile, account, region, cluster,
# service; * stands for any characters, ? for one); of the rules that fit the strictest holds. The action is \"confirm\"
# (the default), \"type\" (the name of what is changed has to be typed, or said with --confirm) or \"refuse\". The color is
# that of the browser's frame.
#
#     [[guard]]
#     cluster = \"prod*\"
#     action = \"type\"
#     color = \"red\"
";

/// What stands for the actions of somebody's own, of which there are none.
const ACTION: &str = "
# What you do by commands of your own: in the action menu by a letter, in the terminal, then back to the browser.
# {cluster}, {service}, {task} (its id), {container}, {arn} (of the selected row), {profile} and {region} stand for what is
# selected; without it the action is refused, and so it is where other rows are marked. A line is run by sh: there a name in
# braces is a variable (ecsui_cluster, …) with the quotes that its place needs, so that no name at AWS becomes a part of the
# command. A list of words is run without a shell. \"where\" lists the panes that offer it (clusters, services, tasks,
# containers), otherwise all do. It is taken to change something: read-only mode and guards refuse it, or want a name typed
# first, unless changes is set to false.
#
#     [[action]]
#     name = \"describe\"
#     letter = \"D\"
#     where = [\"services\"]
#     command = \"aws ecs describe-services --region {region} --cluster {cluster} --services {service} | less\"
#     changes = false
";

/// What stands for the sites of the jump, of which there are none.
const JUMP: &str = "
# What the jump (ctrl-f) finds beside the containers of the profile and region where the browser is: those of every profile
# of a list in every region of the other. Without regions each profile's own is taken, without profiles the one that ecsui
# was started with. Each is read by itself: one that fails or is slow is named, and the others are not kept waiting.
# A `credential_process` that asks something is run once for each profile, whatever the number of its regions.
#
#     [[jump]]
#     profiles = [\"dev\", \"prod\"]
#     regions = [\"eu-west-1\", \"us-east-1\"]
";

/// Returns `config.example.toml`: every setting with what it does and its default.
pub fn example() -> String {
    let settings = Settings::default();
    let mut text =
        "# ecsui's settings, each with its default. Copy what you change to ecsui/config.toml in your config\n\
                    # directory (~/.config on Linux), or name a file with --config.\n"
            .to_owned();
    let written = written(&settings);
    write_table(&mut text, "", &written);
    debug_assert!(settings.guards.is_empty(), "nothing but a question stands before a change unless somebody says so");
    text.push_str(GUARD);
    text.push_str(ACTION);
    text.push_str(JUMP);
    colours(&mut text);
    text.push_str("\n# Sessions in containers.\n[session]\n");
    write_table(&mut text, "session", &written);
    text.push_str(
        "\n# The keys of the browser. A chord after the menu's own key, as in \"ctrl-x e\", is an action's letter in\n\
         # the action menu; keys of one action that stand here replace all its default ones.\n[keys]\n",
    );
    for info in ACTIONS {
        let _ = write!(text, "# {}\n{} = {}\n", info.help, info.name, keys(&settings.keymap, info.action));
    }
    text
}

/// Writes what can be coloured.
fn colours(text: &mut String) {
    text.push_str(
        "
# Colours instead of the theme's, by what they are for: one of the terminal's own (black, red, green, yellow, blue,
# magenta, cyan, white, each also bright-…), one of xterm's 256 by its number, or \"#rrggbb\"; besides or instead bold, dim,
# italic, underline, reverse, and \"on\" before the colour behind. A terminal that has fewer colours gets the nearest; with
# NO_COLOR, or with \"color\" false, no colour is shown, and what letters look like says it alone.
#
#     [colors]
",
    );
    for (role, help) in ROLES {
        let _ = writeln!(text, "#     {:<28}# {help}", format!("{role} = \"{}\"", sample(role)));
    }
}

/// Returns what a colour could be.
fn sample(role: &str) -> &'static str {
    match role {
        "selected" => "reverse",
        "faint" | "frame" => "bright-black",
        "task_1" => "cyan",
        "task_3" => "magenta",
        "task_4" | "good" => "green",
        "task_5" => "75",
        "task_6" => "red",
        "task_2" | "underway" => "yellow",
        "bad" => "bold red",
        "label" => "#87afd7",
        "matched" => "underline 214",
        "plain" => "default",
        "title" | "heading" | "beside" => "bold",
        _ => "bold cyan",
    }
}

/// Writes the settings of a table, each under what it does; one without a default as a sample.
fn write_table(text: &mut String, table: &str, written: &[Written]) {
    for Written { name, value, sample, help, .. } in written.iter().filter(|setting| setting.table == table) {
        let line = value.as_ref().map_or_else(|| format!("# {name} = {sample}"), |value| format!("{name} = {value}"));
        write_setting(text, help, &line);
    }
}

/// Writes a setting under what it does.
fn write_setting(text: &mut String, help: &str, line: &str) {
    let help = help.replace('\n', "\n# ");
    let _ = write!(text, "\n# {help}\n{line}\n");
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::parse;

    #[test]
    fn the_example_says_the_defaults() {
        let layer = parse(&example(), Path::new("config.example.toml")).unwrap();
        assert!(layer.keymap.is_some() && layer.refresh.is_some());
        assert_eq!(Settings::layered(crate::config::Layer::default(), |_| None, layer), Settings::default());
    }

    #[test]
    fn samples_of_tables_can_be_switched_on() {
        let text: String =
            example().lines().filter_map(|line| Some(line.strip_prefix("#     ")?.to_owned() + "\n")).collect();
        let layer = parse(&text, Path::new("config.toml")).unwrap();
        assert!(layer.guards.is_some_and(|guards| guards.len() == 1));
        assert!(layer.own_actions.is_some_and(|actions| actions.len() == 1));
        assert!(layer.jump.is_some_and(|rules| rules.len() == 1));
        assert!(layer.palette.is_some_and(|palette| palette.entries().iter().all(|(_, paint)| paint.is_some())));
    }

    #[test]
    fn what_has_no_default_can_be_switched_on() {
        let text = example();
        let commented: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("# ") && !line.starts_with("#  ") && line.contains(" = "))
            .collect();
        assert_eq!(commented.len(), 6, "{commented:?}");
        for line in commented {
            assert!(
                parse(&line[2..], Path::new("config.toml")).is_ok_and(|layer| layer != crate::config::Layer::default()),
                "{line}"
            );
        }
    }
}
