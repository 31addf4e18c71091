//! Writes the example config from the defaults, so that it cannot fall behind them.

use std::fmt::Write as _;

use super::{Settings, Transport, keymap::ACTIONS};

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

/// Returns `config.example.toml`: every setting with what it does and its default.
pub fn example() -> String {
    // Named one by one, so that a new setting does not compile before it stands here.
    let Settings {
        profile,
        region,
        endpoint_url,
        refresh,
        shell,
        utc,
        read_only,
        guards,
        parameters_path,
        colour,
        transport,
        escape,
        keymap,
    } = Settings::default();
    let refresh = refresh.map_or(0, |refresh| refresh.as_secs()).to_string();
    let mut text =
        "# ecsui's settings, each with its default. Copy what you change to ecsui/config.toml in your config\n\
                    # directory (~/.config on Linux), or name a file with --config.\n"
            .to_owned();
    let quoted = |value: &Option<String>| value.as_ref().map(|value| format!("{value:?}"));
    let settings = [
        (
            "profile",
            quoted(&profile),
            "\"dev\"",
            "The AWS profile. Flags and ECSUI_PROFILE, ECSCREDENTIAL or AWS_PROFILE win over it;\nwithout any the default chain of AWS's tools decides.",
        ),
        (
            "region",
            quoted(&region),
            "\"eu-west-1\"",
            "The AWS region. --region, AWS_REGION and AWS_DEFAULT_REGION win over it; without any\nthe profile decides.",
        ),
        (
            "endpoint_url",
            quoted(&endpoint_url),
            "\"http://127.0.0.1:4566\"",
            "Where the AWS APIs are instead of at AWS. --endpoint-url and AWS_ENDPOINT_URL win over it.",
        ),
        (
            "refresh_seconds",
            Some(refresh),
            "",
            "How often what is on screen is read again, in seconds; 0 only when asked (ctrl-r).",
        ),
        (
            "shell",
            quoted(&shell),
            "\"/bin/zsh\"",
            "The shell a login starts; without it bash where there is one, otherwise sh.",
        ),
        ("utc", Some(utc.to_string()), "", "Times in UTC instead of local time."),
        ("read_only", Some(read_only.to_string()), "", "Refuse everything that changes something at AWS."),
        (
            "parameters_path",
            quoted(&parameters_path),
            "\"/application/{app}\"",
            "Where `ecsui params` looks for a service's parameters. {cluster} and {service} stand for the names,\n{app} for the service's without the cluster's before it, -web and -worker.",
        ),
        ("color", Some(colour.to_string()), "", "Show colours. --color and NO_COLOR win over it."),
    ];
    for (name, value, sample, help) in settings {
        let line = value.map_or_else(|| format!("# {name} = {sample}"), |value| format!("{name} = {value}"));
        write_setting(&mut text, help, &line);
    }
    debug_assert!(guards.is_empty(), "nothing but a question stands before a change unless somebody says so");
    text.push_str(GUARD);
    text.push_str("\n# Sessions in containers.\n[session]\n");
    let transport = match transport {
        Transport::Native => "native",
        Transport::Plugin => "plugin",
    };
    let escape = escape.map_or_else(|| "none".to_owned(), String::from);
    write_setting(
        &mut text,
        "What carries them: \"native\", ecsui itself, or \"plugin\", AWS's session-manager-plugin.",
        &format!("transport = {transport:?}"),
    );
    write_setting(
        &mut text,
        "The character that begins ssh's escapes after a newline; \"none\" sends every byte.",
        &format!("escape = {escape:?}"),
    );
    text.push_str(
        "\n# The keys of the browser. A chord after the menu's own key, as in \"ctrl-x e\", is an action's letter in\n\
         # the action menu; keys of one action that stand here replace all its default ones.\n[keys]\n",
    );
    for info in ACTIONS {
        let keys: Vec<String> = keymap.chords(info.action).iter().map(|chord| format!("\"{chord}\"")).collect();
        let _ = write!(text, "# {}\n{} = [{}]\n", info.help, info.name, keys.join(", "));
    }
    text
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
    fn what_has_no_default_can_be_switched_on() {
        let text = example();
        let commented: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("# ") && !line.starts_with("#  ") && line.contains(" = "))
            .collect();
        assert_eq!(commented.len(), 5, "{commented:?}");
        for line in commented {
            assert!(
                parse(&line[2..], Path::new("config.toml")).is_ok_and(|layer| layer != crate::config::Layer::default()),
                "{line}"
            );
        }
    }
}
