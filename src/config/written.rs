//! The one list of settings: how each is written, what it does, and what else than the file sets it. The example config
//! and `ecsui config show` are made from it.

use toml::Value;

use super::{
    Action, Glyphs, Hyperlinks, Keymap, Layer, Settings, Theme, Transport,
    settings::{BROWSER, EDITOR, ENDPOINT, LOCALE, PROFILE, REGION, TERM},
};

/// The name of a flag, and whether it is given.
type Flag = (&'static str, fn(&Layer) -> bool);

/// A setting as people write it.
#[derive(Debug, Clone)]
pub(super) struct Written {
    /// The table of the file that it stands in; empty for none.
    pub(super) table: &'static str,
    /// Its name there.
    pub(super) name: &'static str,
    /// Its value; `None` where somebody else decides.
    pub(super) value: Option<Value>,
    /// What could stand there, where there is no default.
    pub(super) sample: &'static str,
    /// What it does.
    pub(super) help: &'static str,
    /// The flag that sets it, and whether the flags do.
    pub(super) flag: Option<Flag>,
    /// The variables that set it, the first that is set wins.
    pub(super) variables: &'static [&'static str],
}

/// Returns every setting but the tables of their own, guards, actions, sites and keys.
#[expect(clippy::too_many_lines, reason = "an entry a setting")]
pub(super) fn written(settings: &Settings) -> Vec<Written> {
    // Named one by one, so that a new setting does not compile before it stands here.
    let Settings {
        profile,
        region,
        endpoint_url,
        refresh,
        shell,
        utc,
        read_only,
        guards: _,
        own_actions: _,
        jump: _,
        parameters_path,
        colour,
        looks,
        glyphs,
        mouse,
        hyperlinks,
        transport,
        escape,
        leave,
        browser,
        editor,
        keymap: _,
    } = settings;
    let plain = |name, value, help| Written { table: "", name, value, sample: "", help, flag: None, variables: &[] };
    let text = |value: &Option<String>| value.clone().map(Value::from);
    vec![
        Written {
            sample: "\"dev\"",
            flag: Some(("--profile", |flags| flags.profile.is_some())),
            variables: &PROFILE,
            ..plain(
                "profile",
                text(profile),
                "The AWS profile. Flags and ECSUI_PROFILE, ECSCREDENTIAL or AWS_PROFILE win over it;\nwithout any the default chain of AWS's tools decides.",
            )
        },
        Written {
            sample: "\"eu-west-1\"",
            flag: Some(("--region", |flags| flags.region.is_some())),
            variables: &REGION,
            ..plain(
                "region",
                text(region),
                "The AWS region. --region, AWS_REGION and AWS_DEFAULT_REGION win over it; without any\nthe profile decides.",
            )
        },
        Written {
            sample: "\"http://127.0.0.1:4566\"",
            flag: Some(("--endpoint-url", |flags| flags.endpoint_url.is_some())),
            variables: &ENDPOINT,
            ..plain(
                "endpoint_url",
                text(endpoint_url),
                "Where the AWS APIs are instead of at AWS. --endpoint-url and AWS_ENDPOINT_URL win over it.",
            )
        },
        plain(
            "refresh_seconds",
            Some(Value::from(refresh.map_or(0, |refresh| refresh.as_secs() as i64))),
            "How often what is on screen is read again, in seconds; 0 only when asked (ctrl-r).",
        ),
        Written {
            sample: "\"/bin/zsh\"",
            ..plain("shell", text(shell), "The shell a login starts; without it bash where there is one, otherwise sh.")
        },
        plain("utc", Some((*utc).into()), "Times in UTC instead of local time."),
        Written {
            flag: Some(("--read-only", |flags| flags.read_only.is_some())),
            ..plain("read_only", Some((*read_only).into()), "Refuse everything that changes something at AWS.")
        },
        Written {
            sample: "\"/application/{app}\"",
            ..plain(
                "parameters_path",
                text(parameters_path),
                "Where `ecsui params` looks for a service's parameters. {cluster} and {service} stand for the names,\n{app} for the service's without the cluster's before it, -web and -worker.",
            )
        },
        Written {
            flag: Some(("--color", |flags| flags.colour.is_some())),
            variables: &["NO_COLOR"],
            ..plain("color", Some((*colour).into()), "Show colours. --color and NO_COLOR win over it.")
        },
        plain(
            "theme",
            Some(Value::from(match looks.theme {
                Theme::Auto => "auto",
                Theme::Dark => "dark",
                Theme::Light => "light",
            })),
            "Colours for a \"dark\" or a \"light\" background; \"auto\" takes what the terminal says in COLORFGBG, or else dark.",
        ),
        Written {
            flag: Some(("--plain", |flags| flags.plain.is_some())),
            variables: if *glyphs == Glyphs::Ascii { &LOCALE } else { &[] },
            ..plain(
                "plain",
                Some((*glyphs != Glyphs::Full).into()),
                "Draw and write with ASCII instead of lines and signs. Without a word here it is, too, where LC_ALL,\nLC_CTYPE or LANG name a locale without UTF-8.",
            )
        },
        plain(
            "mouse",
            Some((*mouse).into()),
            "Let the mouse choose and scroll in the browser: a click selects, a double click does what enter does. With\nfalse it is the terminal's, as it is with shift held.",
        ),
        Written {
            variables: if *hyperlinks == Hyperlinks::Untold && *glyphs == Glyphs::Full { &TERM } else { &[] },
            ..plain(
                "hyperlinks",
                Some((*hyperlinks == Hyperlinks::Told).into()),
                "Let ARNs and addresses lead to pages of AWS's console where the terminal knows links (OSC 8). Without a word\nhere they do not with \"plain\", nor where TERM is dumb or linux.",
            )
        },
        Written {
            sample: "\"firefox -P work\"",
            variables: &BROWSER,
            ..plain(
                "browser",
                text(browser),
                "What shows pages of AWS's console: a command, %s in it or its end is the address; \"none\" shows and copies it only.\nBROWSER wins over it. Without a word xdg-open or open does where you sit at the machine, and nothing over SSH.",
            )
        },
        Written {
            variables: &EDITOR,
            ..plain(
                "editor",
                Some(Value::from(editor.as_str())),
                "What reads JSON in the terminal, a command. VISUAL and EDITOR win over it.",
            )
        },
        Written {
            table: "session",
            ..plain(
                "transport",
                Some(Value::from(match transport {
                    Transport::Native => "native",
                    Transport::Plugin => "plugin",
                })),
                "What carries them: \"native\", ecsui itself, or \"plugin\", AWS's session-manager-plugin.",
            )
        },
        Written {
            table: "session",
            ..plain(
                "escape",
                Some(Value::from(escape.map_or_else(|| "none".to_owned(), String::from))),
                "The character that begins ssh's escapes after a newline; \"none\" sends every byte.",
            )
        },
        Written {
            table: "session",
            ..plain(
                "leave",
                Some(Value::from(leave.map_or_else(|| "none".to_owned(), |key| format!("ctrl-{key}")))),
                "Pressed twice, it leaves a session that the browser has opened running; \"none\" sends every byte.",
            )
        },
    ]
}

/// Returns the keys of an action as the file has them.
pub(super) fn keys(keymap: &Keymap, action: Action) -> Value {
    Value::Array(keymap.chords(action).iter().map(|chord| chord.to_string().into()).collect())
}
