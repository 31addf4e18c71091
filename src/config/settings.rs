//! The settings, and how file, environment and flags become them.

use std::time::Duration;

use serde::Deserialize;

use super::{Depth, Glyphs, GuardRule, Hyperlinks, JumpRule, Keymap, Looks, OwnAction, Palette, Theme};

/// Everything a user can set; flags win over the environment, the environment over the file, the file over these
/// defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Settings {
    /// The AWS profile; `None` leaves the choice to the SDK's default chain.
    pub profile: Option<String>,
    /// The AWS region; `None` leaves it to the profile and the environment.
    pub region: Option<String>,
    /// Where the AWS APIs are instead of at AWS: a simulator, a VPC endpoint.
    pub endpoint_url: Option<String>,
    /// How often what is on screen is read again; `None` only when asked.
    pub refresh: Option<Duration>,
    /// The shell a login starts; `None` takes `bash` where there is one, otherwise `sh`.
    pub shell: Option<String>,
    /// Times in UTC instead of local time.
    pub utc: bool,
    /// Refuse everything that changes something.
    pub read_only: bool,
    /// What stands before changes, besides being asked.
    pub guards: Vec<GuardRule>,
    /// What people do by commands of their own.
    pub own_actions: Vec<OwnAction>,
    /// Where the jump looks beside where the browser is.
    pub jump: Vec<JumpRule>,
    /// Where a service's parameters are in Parameter Store; `None` takes Skipper's path.
    pub parameters_path: Option<String>,
    /// Show colours; meaning never hangs on them.
    pub colour: bool,
    /// Which colours the browser shows.
    pub looks: Looks,
    /// What the browser is drawn with.
    pub glyphs: Glyphs,
    /// Let the mouse choose and scroll in the browser; otherwise it selects text, as the terminal does it.
    pub mouse: bool,
    /// Whether the terminal is told which text leads to pages of the web (OSC 8).
    pub hyperlinks: Hyperlinks,
    /// What carries sessions.
    pub transport: Transport,
    /// The character that begins ssh's escapes after a newline; `None` where every byte is the session's.
    pub escape: Option<char>,
    /// Pressed twice with ctrl, this leaves a session of the browser running; `None` where nothing does.
    pub leave: Option<char>,
    /// What shows a page of the web to the person, with its arguments; `None` where nothing does.
    pub browser: Option<String>,
    /// What a file is read with in the terminal, with its arguments.
    pub editor: String,
    /// Which keys mean what in the browser.
    pub keymap: Keymap,
}

/// What carries a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// ecsui itself.
    #[default]
    Native,
    /// AWS's session-manager-plugin.
    Plugin,
}

/// What one source of settings says: the file, or the flags. What it does not mention is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layer {
    /// The AWS profile.
    pub profile: Option<String>,
    /// The AWS region.
    pub region: Option<String>,
    /// Where the AWS APIs are.
    pub endpoint_url: Option<String>,
    /// How often what is on screen is read again; `Some(None)` says never.
    pub refresh: Option<Option<Duration>>,
    /// The shell a login starts.
    pub shell: Option<String>,
    /// Times in UTC.
    pub utc: Option<bool>,
    /// Refuse everything that changes something.
    pub read_only: Option<bool>,
    /// What stands before changes.
    pub guards: Option<Vec<GuardRule>>,
    /// What people do by commands of their own.
    pub own_actions: Option<Vec<OwnAction>>,
    /// Where the jump looks.
    pub jump: Option<Vec<JumpRule>>,
    /// Where a service's parameters are.
    pub parameters_path: Option<String>,
    /// Show colours.
    pub colour: Option<bool>,
    /// What colours are chosen for.
    pub theme: Option<Theme>,
    /// Colours instead of the theme's.
    pub palette: Option<Palette>,
    /// ASCII instead of Unicode's signs.
    pub plain: Option<bool>,
    /// Let the mouse choose and scroll.
    pub mouse: Option<bool>,
    /// Tell the terminal which text leads to pages.
    pub hyperlinks: Option<bool>,
    /// What carries sessions.
    pub transport: Option<Transport>,
    /// The character of the escapes; `Some(None)` says that there are none.
    pub escape: Option<Option<char>>,
    /// What leaves sessions with ctrl; `Some(None)` says that nothing does.
    pub leave: Option<Option<char>>,
    /// What shows a page of the web; `Some(None)` says that nothing does.
    pub browser: Option<Option<String>>,
    /// What a file is read with.
    pub editor: Option<String>,
    /// Which keys mean what.
    pub keymap: Option<Keymap>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            profile: None,
            region: None,
            endpoint_url: None,
            refresh: Some(Duration::from_secs(10)),
            shell: None,
            utc: false,
            read_only: false,
            guards: Vec::new(),
            own_actions: Vec::new(),
            jump: Vec::new(),
            parameters_path: None,
            colour: true,
            looks: Looks::default(),
            glyphs: Glyphs::default(),
            mouse: true,
            hyperlinks: Hyperlinks::default(),
            transport: Transport::default(),
            escape: Some('~'),
            leave: Some(']'),
            browser: opener(|_| None),
            editor: "vi".to_owned(),
            keymap: Keymap::default(),
        }
    }
}

/// The variables that name a profile, the first that is set wins. `ECSCREDENTIAL` is ecsman's.
pub(super) const PROFILE: [&str; 3] = ["ECSUI_PROFILE", "ECSCREDENTIAL", "AWS_PROFILE"];
/// The SDK's own variables for the region, which it reads itself.
pub(super) const REGION: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];
/// The SDK's own variables for the endpoint: where one is set the file's word does not count.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
pub(super) const ENDPOINT: [&str; 4] =
    ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ECS", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSM"];

/// The variables that say which characters the terminal shows, the first that is set wins (POSIX, 8.2).
pub(super) const LOCALE: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];

/// The variable that names the kind of terminal.
pub(super) const TERM: [&str; 1] = ["TERM"];
/// The variable that names what shows a page of the web.
pub(super) const BROWSER: [&str; 1] = ["BROWSER"];
/// The variables that name what a file is read with, the first that is set wins.
pub(super) const EDITOR: [&str; 2] = ["VISUAL", "EDITOR"];

impl Settings {
    /// Returns the settings of these sources, the first that says something wins: flags, the environment, the file,
    /// the defaults. A variable that is set and empty says nothing.
    ///
    /// Region and endpoint from AWS's own variables stay `None`: the SDK reads those itself, each for its service.
    pub fn layered(flags: Layer, variable: impl Fn(&str) -> Option<String>, file: Layer) -> Self {
        let variable = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let left_to_the_sdk = |names: &[&str]| names.iter().any(|name| variable(name).is_some());
        let defaults = Self::default();
        let theme = flags.theme.or(file.theme).unwrap_or_default();
        let looks = Looks {
            theme,
            is_light: theme.is_light(variable(&"COLORFGBG").as_deref()),
            depth: Depth::of(variable(&"COLORTERM").as_deref(), variable(&"TERM").as_deref()),
            palette: flags.palette.or(file.palette).unwrap_or_default(),
        };
        let glyphs = Glyphs::of(flags.plain.or(file.plain), LOCALE.iter().find_map(variable).as_deref());
        Self {
            profile: flags.profile.or_else(|| PROFILE.iter().find_map(variable)).or(file.profile),
            region: flags.region.or(file.region.filter(|_| !left_to_the_sdk(&REGION))),
            endpoint_url: flags.endpoint_url.or(file.endpoint_url.filter(|_| !left_to_the_sdk(&ENDPOINT))),
            refresh: flags.refresh.or(file.refresh).unwrap_or(defaults.refresh),
            shell: flags.shell.or(file.shell),
            utc: flags.utc.or(file.utc).unwrap_or(defaults.utc),
            read_only: flags.read_only.or(file.read_only).unwrap_or(defaults.read_only),
            own_actions: flags.own_actions.or(file.own_actions).unwrap_or(defaults.own_actions),
            jump: flags.jump.or(file.jump).unwrap_or(defaults.jump),
            guards: flags.guards.or(file.guards).unwrap_or(defaults.guards),
            parameters_path: flags.parameters_path.or(file.parameters_path),
            colour: flags.colour.or(variable(&"NO_COLOR").map(|_| false)).or(file.colour).unwrap_or(defaults.colour),
            looks,
            glyphs,
            mouse: flags.mouse.or(file.mouse).unwrap_or(defaults.mouse),
            hyperlinks: Hyperlinks::of(
                flags.hyperlinks.or(file.hyperlinks),
                glyphs,
                TERM.iter().find_map(variable).as_deref(),
            ),
            transport: flags.transport.or(file.transport).unwrap_or(defaults.transport),
            escape: flags.escape.or(file.escape).unwrap_or(defaults.escape),
            leave: flags.leave.or(file.leave).unwrap_or(defaults.leave),
            browser: flags
                .browser
                .or_else(|| BROWSER.iter().find_map(variable).map(|said| Some(first_of(&said))))
                .or(file.browser)
                .unwrap_or_else(|| opener(|name| variable(&name))),
            editor: flags
                .editor
                .or_else(|| EDITOR.iter().find_map(variable))
                .or(file.editor)
                .unwrap_or(defaults.editor),
            keymap: flags.keymap.or(file.keymap).unwrap_or(defaults.keymap),
        }
    }
}

/// Returns the first command of those in the variable, which may have several with colons between them.
fn first_of(browsers: &str) -> String {
    browsers.split(':').find(|command| !command.trim().is_empty()).unwrap_or(browsers).to_owned()
}

/// Returns what shows pages on this machine. Over SSH nothing does: the person does not sit at it.
fn opener(variable: impl Fn(&'static str) -> Option<String>) -> Option<String> {
    let is_set = |name: &&'static str| variable(name).is_some();
    if ["SSH_CONNECTION", "SSH_TTY"].iter().any(is_set) {
        return None;
    }
    if cfg!(target_os = "macos") {
        return Some("open".to_owned());
    }
    ["WAYLAND_DISPLAY", "DISPLAY"].iter().any(is_set).then(|| "xdg-open".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layered(flags: Layer, environment: &[(&str, &str)], file: Layer) -> Settings {
        let variable =
            |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Settings::layered(flags, variable, file)
    }

    fn profile(name: &str) -> Layer {
        Layer { profile: Some(name.to_owned()), ..Layer::default() }
    }

    #[test]
    fn nothing_said_means_the_defaults() {
        assert_eq!(layered(Layer::default(), &[], Layer::default()), Settings::default());
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let environment = [("AWS_PROFILE", "c"), ("ECSCREDENTIAL", "b"), ("ECSUI_PROFILE", "a")];
        let found = |flags, from: usize| layered(flags, &environment[..from], profile("file")).profile;
        assert_eq!(found(profile("flag"), 3).as_deref(), Some("flag"));
        assert_eq!(found(Layer::default(), 3).as_deref(), Some("a"));
        assert_eq!(found(Layer::default(), 2).as_deref(), Some("b"));
        assert_eq!(found(Layer::default(), 1).as_deref(), Some("c"));
        assert_eq!(found(Layer::default(), 0).as_deref(), Some("file"));
    }

    #[test]
    fn an_empty_variable_says_nothing() {
        assert_eq!(
            layered(Layer::default(), &[("ECSUI_PROFILE", ""), ("AWS_PROFILE", "dev")], Layer::default())
                .profile
                .as_deref(),
            Some("dev")
        );
    }

    #[test]
    fn the_sdk_reads_its_own_variables_instead_of_the_file() {
        let file = Layer {
            region: Some("eu-west-1".to_owned()),
            endpoint_url: Some("http://localhost:1".to_owned()),
            ..Layer::default()
        };
        let settings = layered(
            Layer::default(),
            &[("AWS_DEFAULT_REGION", "us-east-1"), ("AWS_ENDPOINT_URL_ECS", "http://x")],
            file.clone(),
        );
        assert_eq!((settings.region, settings.endpoint_url), (None, None));
        let settings = layered(Layer::default(), &[], file);
        assert_eq!(settings.region.as_deref(), Some("eu-west-1"));
    }

    #[test]
    fn no_color_holds_unless_a_flag_says_otherwise() {
        let colour = |flag, environment: &[(&str, &str)]| {
            layered(
                Layer { colour: flag, ..Layer::default() },
                environment,
                Layer { colour: Some(true), ..Layer::default() },
            )
            .colour
        };
        assert!(!colour(None, &[("NO_COLOR", "1")]));
        assert!(colour(Some(true), &[("NO_COLOR", "1")]));
        assert!(colour(None, &[]));
    }

    #[test]
    fn pages_are_shown_where_the_person_sits() {
        let browser = |environment: &[(&str, &str)], file: Option<Option<&str>>| {
            let browser = file.map(|said| said.map(str::to_owned));
            layered(Layer::default(), environment, Layer { browser, ..Layer::default() }).browser
        };
        let usual = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
        assert_eq!(browser(&[("DISPLAY", ":0")], None).as_deref(), Some(usual));
        assert_eq!(browser(&[("DISPLAY", ":10"), ("SSH_CONNECTION", "1 2 3 4")], None), None);
        let named = [("BROWSER", "firefox -P work"), ("SSH_TTY", "/dev/pts/1")];
        assert_eq!(browser(&named, Some(Some("w3m"))).as_deref(), Some("firefox -P work"));
        assert_eq!(browser(&named[1..], Some(Some("w3m"))).as_deref(), Some("w3m"));
        assert_eq!(browser(&[("BROWSER", ":firefox %s:w3m")], None).as_deref(), Some("firefox %s"));
        let behind = "opener --base https://proxy/ %s";
        assert_eq!(browser(&[], Some(Some(behind))).as_deref(), Some(behind), "only the variable is a list");
        assert_eq!(browser(&[("DISPLAY", ":0")], Some(None)), None);
    }

    #[test]
    fn links_are_for_terminals_that_may_know_them() {
        let hyperlinks = |environment: &[(&str, &str)], plain, file| {
            let file = Layer { plain, hyperlinks: file, ..Layer::default() };
            layered(Layer::default(), environment, file).hyperlinks == Hyperlinks::Told
        };
        assert!(hyperlinks(&[("TERM", "xterm-256color")], None, None) && hyperlinks(&[], None, None));
        assert!(!hyperlinks(&[("TERM", "linux")], None, None) && !hyperlinks(&[("TERM", "dumb")], None, None));
        assert!(!hyperlinks(&[], Some(true), None) && !hyperlinks(&[], None, Some(false)));
        assert!(hyperlinks(&[("TERM", "linux")], None, Some(true)));
    }

    #[test]
    fn the_editor_is_that_of_the_environment() {
        let editor = |environment: &[(&str, &str)], file: Option<&str>| {
            layered(Layer::default(), environment, Layer { editor: file.map(str::to_owned), ..Layer::default() }).editor
        };
        assert_eq!(editor(&[("EDITOR", "nano"), ("VISUAL", "code -w")], Some("ed")), "code -w");
        assert_eq!(editor(&[("EDITOR", "nano")], Some("ed")), "nano");
        assert_eq!((editor(&[], Some("ed")), editor(&[], None)), ("ed".to_owned(), "vi".to_owned()));
    }

    #[test]
    fn a_file_can_switch_the_refresh_off() {
        let file = Layer { refresh: Some(None), ..Layer::default() };
        assert_eq!(layered(Layer::default(), &[], file).refresh, None);
    }
}
