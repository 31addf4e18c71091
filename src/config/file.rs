//! The config file: TOML in, a layer of settings or an error with its place out.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use toml::{
    Spanned,
    de::{DeArray, DeString, DeTable, DeValue},
};

use super::{
    GuardRule, Keymap, Palette, Theme, jump,
    keymap::{KeyError, Override},
    own::{self, own},
    settings::{Layer, Transport},
};

/// The longest refresh that makes sense, a day.
const LONGEST_REFRESH: u64 = 86_400;

/// What is said of a leave key that is none.
const NO_LEAVE_KEY: &str = "expected a key with ctrl, as in \"ctrl-]\", that is no other key's too, or \"none\"";
/// What is said of an escape character that is none.
const NO_ESCAPE: &str =
    "expected one visible ASCII character other than `.`, `?` and `&`, for instance \"~\", or \"none\"";

/// The config file cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}:{column}: {what}", path.display())]
pub struct Error {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong, and what was expected.
    pub what: String,
}

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    profile: Option<String>,
    region: Option<String>,
    endpoint_url: Option<String>,
    refresh_seconds: Option<Spanned<u64>>,
    shell: Option<String>,
    utc: Option<bool>,
    read_only: Option<bool>,
    parameters_path: Option<String>,
    color: Option<bool>,
    theme: Option<Theme>,
    plain: Option<bool>,
    mouse: Option<bool>,
    hyperlinks: Option<bool>,
    browser: Option<String>,
    editor: Option<String>,
    colors: Option<Palette>,
    guard: Option<Vec<GuardRule>>,
    action: Option<Vec<own::Table>>,
    jump: Option<Vec<Spanned<jump::Table>>>,
    session: SessionTable,
    keys: toml::Table,
}

/// `[session]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SessionTable {
    transport: Option<Transport>,
    escape: Option<Spanned<String>>,
    leave: Option<Spanned<String>>,
}

/// Something in the file that cannot be followed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    what: String,
    /// In bytes.
    span: Range<usize>,
}

/// Returns what the text of a config file says; `path` is for the error.
pub fn parse(text: &str, path: &Path) -> Result<Layer, Error> {
    let table = DeTable::parse(text).map_err(Fault::from);
    table.and_then(|table| layer(&table)).map_err(|fault| fault.within(text, path))
}

/// Returns everything in the text of a config file that cannot be followed, in the order of the text. Where the text is
/// no TOML only that is said: what its parts would be is a guess.
pub fn faults(text: &str, path: &Path) -> Vec<Error> {
    let (mut table, unread) = DeTable::parse_recoverable(text);
    let mut faults: Vec<Fault> = unread.into_iter().map(Fault::from).collect();
    if faults.is_empty() {
        // Each fault hides those after it, so what is wrong is taken out and the rest read again. What is missing only
        // because it was taken out is no fault.
        let mut taken: Vec<Taken> = Vec::new();
        while let Err(fault) = layer(&table) {
            let out = take_out(table.get_mut(), 0, fault.span.start);
            if !taken.iter().any(|taken| taken.is_missed_by(&fault)) {
                faults.push(fault);
            }
            match out {
                Some(out) => taken.push(out),
                None => break,
            }
        }
    }
    faults.sort_by_key(|fault| fault.span.start);
    faults.into_iter().map(|fault| fault.within(text, path)).collect()
}

/// Returns the lines on which the file says something, by the name of what it says: `region`, `session.escape`,
/// `guard.2` for the second guard. A text that is no TOML says nothing.
pub(super) fn lines(text: &str) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    let mut note = |name: String, span: Range<usize>| lines.insert(name, place(text, span.start).0);
    for (name, value) in DeTable::parse(text).iter().flat_map(Spanned::get_ref) {
        match value.get_ref() {
            DeValue::Table(table) => {
                for inner in table.keys() {
                    note(format!("{}.{}", name.get_ref(), inner.get_ref()), inner.span());
                }
            }
            DeValue::Array(array) if array.iter().any(|item| item.get_ref().is_table()) => {
                for (index, item) in array.iter().enumerate() {
                    note(format!("{}.{}", name.get_ref(), index + 1), item.span());
                }
            }
            _ => {
                note(name.get_ref().to_string(), name.span());
            }
        }
    }
    lines
}

/// Returns what the file says, as it was parsed.
fn layer(table: &Spanned<DeTable<'_>>) -> Result<Layer, Fault> {
    let fault = |what: &str, span: Range<usize>| Fault { what: what.to_owned(), span };
    let file = File::deserialize(toml::de::Deserializer::from(table.clone()))?;
    let keymap = keymap(table.get_ref()).map_err(|error| fault(&error.what, error.span))?;
    let refresh = match file.refresh_seconds {
        Some(seconds) if *seconds.get_ref() > LONGEST_REFRESH => {
            let what = format!("expected at most {LONGEST_REFRESH} seconds, or 0 for none");
            return Err(fault(&what, seconds.span()));
        }
        seconds => seconds.map(Spanned::into_inner).map(|seconds| (seconds > 0).then(|| Duration::from_secs(seconds))),
    };
    let key = |text: Option<Spanned<String>>, read: fn(&str) -> Option<char>, wrong: &str| match text {
        Some(text) if text.get_ref() == "none" => Ok(Some(None)),
        Some(text) => read(text.get_ref()).map(|key| Some(Some(key))).ok_or_else(|| fault(wrong, text.span())),
        None => Ok(None),
    };
    let escape = key(file.session.escape, escape, NO_ESCAPE)?;
    let leave = key(file.session.leave, leave, NO_LEAVE_KEY)?;
    let letters = || keymap.clone().unwrap_or_default();
    let own_actions = file.action.map(|tables| own(tables, &letters())).transpose();
    let own_actions = own_actions.map_err(|(what, span)| fault(&what, span))?;
    let jump = file.jump.map(jump::rules).transpose().map_err(|(what, span)| fault(&what, span))?;
    let said = |text: Option<String>| text.filter(|text| !text.is_empty());
    Ok(Layer {
        profile: said(file.profile),
        region: said(file.region),
        endpoint_url: said(file.endpoint_url),
        refresh,
        shell: said(file.shell),
        utc: file.utc,
        read_only: file.read_only,
        guards: file.guard,
        own_actions,
        jump,
        parameters_path: said(file.parameters_path),
        colour: file.color,
        theme: file.theme,
        plain: file.plain,
        mouse: file.mouse,
        palette: file.colors,
        hyperlinks: file.hyperlinks,
        browser: said(file.browser).map(|command| Some(command).filter(|command| command != "none")),
        editor: said(file.editor),
        transport: file.session.transport,
        escape,
        leave,
        keymap,
    })
}

impl Fault {
    /// Returns the error that says it with its place in the file.
    fn within(self, text: &str, path: &Path) -> Error {
        let (line, column) = place(text, self.span.start);
        Error { path: path.to_owned(), line, column, what: self.what }
    }
}

impl From<toml::de::Error> for Fault {
    fn from(error: toml::de::Error) -> Self {
        Self { what: error.message().trim().to_owned(), span: error.span().unwrap_or_default() }
    }
}

/// What was taken out of a text because it cannot be followed.
struct Taken {
    /// Where the table begins that it stood in.
    table: usize,
    /// Its name; empty where a table of a list was taken.
    name: String,
}

impl Taken {
    /// Whether this is no more than that it is missing: what is wrong with a whole table is blamed on its beginning.
    fn is_missed_by(&self, fault: &Fault) -> bool {
        let missing = fault.what.strip_prefix("missing field ").map(|name| name.trim_matches('`'));
        fault.span.start == self.table && missing.is_none_or(|name| name == self.name)
    }
}

/// Takes the smallest thing out that stands at this byte of a table, which begins at `start`; returns what that was.
fn take_out(table: &mut DeTable<'_>, start: usize, byte: usize) -> Option<Taken> {
    for (_, value) in table.iter_mut() {
        let start = value.span().start;
        let taken = match value.get_mut() {
            DeValue::Table(inner) => take_out(inner, start, byte),
            DeValue::Array(items) => take_out_of_list(items, byte),
            _ => None,
        };
        if taken.is_some() {
            return taken;
        }
    }
    let within = |span: &Range<usize>| span.contains(&byte);
    let stands_there =
        |(name, value): &(&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| within(&name.span()) || within(&value.span());
    let name = table.iter().find(stands_there).map(|(name, _)| name.get_ref().to_string())?;
    table.remove(&*name).map(|_| Taken { table: start, name })
}

/// Takes the smallest thing out that stands at this byte of a list of tables: of one of them, or a whole one.
fn take_out_of_list(items: &mut DeArray<'_>, byte: usize) -> Option<Taken> {
    for item in items.iter_mut() {
        let start = item.span().start;
        let taken = match item.get_mut() {
            DeValue::Table(inner) => take_out(inner, start, byte),
            _ => None,
        };
        if taken.is_some() {
            return taken;
        }
    }
    let stands_there = |item: &Spanned<DeValue<'_>>| item.get_ref().is_table() && item.span().contains(&byte);
    let table = items.iter().find(|item| stands_there(item))?.span().start;
    let mut rest = DeArray::new();
    std::mem::replace(items, DeArray::new())
        .into_iter()
        .filter(|item| !stands_there(item))
        .for_each(|item| rest.push(item));
    *items = rest;
    Some(Taken { table, name: String::new() })
}

/// Returns the character of a text that can begin escapes.
fn escape(text: &str) -> Option<char> {
    single(text).filter(|character| character.is_ascii_graphic() && !matches!(character, '.' | '?' | '&'))
}

/// Returns the letter or sign of a text that names a key with ctrl which terminals send as one control character and as
/// nothing else.
fn leave(text: &str) -> Option<char> {
    let key = single(text.strip_prefix("ctrl-")?)?;
    let is_sent = matches!(key, 'a'..='z' | '\\' | ']' | '^' | '_') && !matches!(key, 'h' | 'i' | 'j' | 'm');
    is_sent.then_some(key)
}

/// Returns the character of a text that has no other.
fn single(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}

/// Returns the keymap with the file's keys in it, where it names any.
fn keymap(file: &DeTable<'_>) -> Result<Option<Keymap>, KeyError> {
    // Read apart from the rest: serde would lose where each key stands.
    let Some(DeValue::Table(keys)) = file.get("keys").map(Spanned::get_ref) else { return Ok(None) };
    let mut keymap = Keymap::default();
    keymap.merge(&keys.iter().map(|(name, keys)| line(name, keys)).collect::<Result<Vec<_>, _>>()?)?;
    Ok(Some(keymap))
}

fn line(name: &Spanned<DeString<'_>>, keys: &Spanned<DeValue<'_>>) -> Result<Override, KeyError> {
    let several = match keys.get_ref() {
        DeValue::Array(several) => several.iter().collect(),
        _ => vec![keys],
    };
    let chords = several.into_iter().map(chord).collect::<Result<_, _>>()?;
    Ok(Override { name: name.get_ref().to_string(), name_span: name.span(), chords })
}

fn chord(chord: &Spanned<DeValue<'_>>) -> Result<(String, Range<usize>), KeyError> {
    match chord.get_ref() {
        DeValue::String(text) => Ok((text.to_string(), chord.span())),
        _ => Err(KeyError {
            what: "expected a key or a list of keys, for instance \"ctrl-r\" or [\"f5\", \"ctrl-x R\"]".to_owned(),
            span: chord.span(),
        }),
    }
}

/// Returns line and column of a byte of the text, counted from 1.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |start| start.chars().count()) + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Action, GuardAction, GuardColour, Settings};
    use proptest::prelude::*;

    fn parsed(text: &str) -> Result<Layer, String> {
        parse(text, Path::new("config.toml")).map_err(|error| error.to_string())
    }

    fn fault(text: &str) -> String {
        parsed(text).unwrap_err()
    }

    #[test]
    fn an_empty_file_says_nothing() {
        assert_eq!(parsed(""), Ok(Layer::default()));
    }

    #[test]
    fn what_is_written_is_taken() {
        let layer = parsed("region = \"eu-west-1\"\nrefresh_seconds = 0\nutc = true\n[keys]\nrefresh = \"f9\"\nevents = [\"f2\", \"alt-e\"]\n").unwrap();
        assert_eq!(layer.region.as_deref(), Some("eu-west-1"));
        assert_eq!((layer.refresh, layer.utc), (Some(None), Some(true)));
        let keymap = layer.keymap.unwrap();
        assert_eq!(keymap.first_chord(Action::Refresh), "f9".parse().ok());
        assert_eq!(keymap.first_chord(Action::Help), Keymap::default().first_chord(Action::Help));
    }

    #[test]
    fn a_fault_says_where_it_is_and_what_was_expected() {
        assert_eq!(
            fault("profile = \"ü\"\nregon = \"x\"\n"),
            "config.toml:2:1: unknown field `regon`, expected one of `profile`, `region`, `endpoint_url`, \
             `refresh_seconds`, `shell`, `utc`, `read_only`, `parameters_path`, `color`, `theme`, `plain`, `mouse`, `hyperlinks`, `browser`, `editor`, `colors`, `guard`, `action`, `jump`, `session`, `keys`"
        );
        assert_eq!(fault("utc = \"yes\""), "config.toml:1:7: invalid type: string \"yes\", expected a boolean");
        assert_eq!(
            fault("refresh_seconds = 100000"),
            "config.toml:1:19: expected at most 86400 seconds, or 0 for none"
        );
        assert!(fault("refresh_seconds = -1").starts_with("config.toml:1:19: invalid value: integer `-1`"));
        assert!(
            fault("profile = \"dev\nutc = true").starts_with("config.toml:1:"),
            "{}",
            fault("profile = \"dev\nutc = true")
        );
    }

    #[test]
    fn a_key_that_cannot_be_says_so_at_its_place() {
        assert_eq!(
            fault("[keys]\nrefresh = [\"f9\", \"strg-r\"]"),
            "config.toml:2:18: \"strg-r\" is no key: expected for instance `ctrl-r`, `f5`, `shift-tab`, `alt-enter` or `ctrl-x e`"
        );
        assert!(fault("[keys]\n\nrefesh = \"f9\"").starts_with("config.toml:3:1: there is no action \"refesh\""));
        assert_eq!(fault("[keys]\nrefresh = \"f1\""), "config.toml:2:1: \"f1\" cannot mean both `refresh` and `help`");
        assert!(
            fault("[keys]\nrefresh = 5").starts_with("config.toml:2:11: expected a key or a list of keys"),
            "{}",
            fault("[keys]\nrefresh = 5")
        );
    }

    #[test]
    fn every_fault_is_found_not_only_the_first() {
        let text = "regon = \"x\"\nutc = \"yes\"\n[session]\nescape = \"~~\"\ntransport = \"pigeon\"\n\
                    [keys]\nrefresh = \"strg-r\"\nexec = \"f1\"\nnothing = \"f9\"\n\
                    [[guard]]\ncluster = \"prod\"\n[[guard]]\naction = \"maybe\"\ncolor = 3\n";
        let found: Vec<_> = faults(text, Path::new("c")).into_iter().map(|error| (error.line, error.column)).collect();
        assert_eq!(found, [(1, 1), (2, 7), (4, 10), (5, 13), (7, 11), (8, 1), (9, 1), (13, 10), (14, 9)]);
        assert_eq!(faults("[keys]\nrefresh = \"f1\"\nexec = \"f1\"", Path::new("c")).len(), 2);
        assert_eq!(faults(&crate::config::example(), Path::new("c")), []);
    }

    #[test]
    fn of_each_table_of_a_list_its_own_faults_are_found_and_no_others() {
        let action = |lines: &str| format!("[[action]]\nname = \"x\"\n{lines}\n");
        let (letter, command) = ("letter = \"r\"", "command = \"x\"");
        let text = [
            action(command),
            action(&format!("{letter}\n{command}")),
            action(&format!("letter = \"Q\"\n{command}")),
            action(&format!("letter = \"Q\"\nwher = []\n{command}")),
            action("letter = \"Z\"\ncommand = \"\""),
            action("letter = 3\ncommand = \"x\"\nchanges = 1"),
        ];
        let found: Vec<_> = faults(&text.concat(), Path::new("c")).iter().map(ToString::to_string).collect();
        let places: Vec<_> = found.iter().map(|fault| fault.split(' ').next().unwrap()).collect();
        assert_eq!(
            places,
            ["c:1:1:", "c:6:10:", "c:14:10:", "c:15:1:", "c:20:11:", "c:23:10:", "c:25:11:"],
            "{found:#?}"
        );
        assert_eq!(found.iter().filter(|fault| fault.contains("missing field")).count(), 1, "{found:#?}");
    }

    #[test]
    fn of_a_text_that_is_no_toml_only_that_is_said() {
        let found = faults("utc = yes\nregon = \"x\"\nshell = \"sh\n", Path::new("c"));
        let lines: Vec<_> = found.iter().map(|error| error.line).collect();
        assert_eq!(lines, [1, 3], "{found:?}");
    }

    #[test]
    fn lines_are_known_by_the_name_of_what_they_say() {
        let found = lines("region = \"x\"\n\n[session]\nescape = \"~\"\n[[guard]]\n[[guard]]\ncluster = \"x\"\n");
        let found: Vec<(&str, usize)> = found.iter().map(|(name, line)| (&**name, *line)).collect();
        assert_eq!(found, [("guard.1", 5), ("guard.2", 6), ("region", 1), ("session.escape", 4)]);
    }

    #[test]
    fn colours_are_named_by_what_they_are_for() {
        let layer = parsed("theme = \"light\"\nplain = true\nmouse = false\n[colors]\nlabel = \"bold 110\"").unwrap();
        assert_eq!((layer.theme, layer.plain, layer.mouse), (Some(Theme::Light), Some(true), Some(false)));
        assert_eq!(layer.palette.unwrap().label, "bold 110".parse().ok());
        assert_eq!(
            fault("[colors]\nlabel = \"purpel\""),
            "config.toml:2:9: \"purpel\" is no colour: expected a colour (red, bright-blue, 0 to 255, \"#87afd7\") and any of \
             bold, dim, italic, underline and reverse; \"on\" stands before the colour of the background"
        );
        assert!(fault("[colors]\nlable = \"red\"").starts_with("config.toml:2:1: unknown field `lable`"));
    }

    #[test]
    fn sites_of_the_jump_are_profiles_regions_or_both() {
        let rules = parsed(
            "[[jump]]\nprofiles = [\"dev\", \"prod\"]\nregions = [\"eu-west-1\"]\n[[jump]]\nprofiles = [\"ci\"]",
        )
        .unwrap()
        .jump
        .unwrap();
        let words: Vec<String> = rules.iter().map(crate::config::JumpRule::words).collect();
        assert_eq!(words, ["profiles dev, prod; regions eu-west-1", "profiles ci"]);
        assert_eq!(
            fault("utc = true\n[[jump]]\n"),
            "config.toml:2:1: expected profiles, regions or both, for instance profiles = [\"dev\", \"prod\"]"
        );
        assert_eq!(fault("[[jump]]\nprofiles = []"), "config.toml:2:12: expected at least one name");
        assert_eq!(fault("[[jump]]\nprofiles = [\"dev\", \"\"]"), "config.toml:2:20: expected a name");
        assert_eq!(
            fault("[[jump]]\nregions = [\"eu-west-1\", \"EU\"]"),
            "config.toml:2:25: \"EU\" is not the name of a region: expected for instance \"eu-west-1\""
        );
        assert!(fault("[[jump]]\nregion = [\"eu-west-1\"]").starts_with("config.toml:2:1: unknown field `region`"));
        assert!(fault("[[jump]]\nregions = \"eu-west-1\"").starts_with("config.toml:2:11: invalid type: string"));
        let found = faults("[[jump]]\n[[jump]]\nregions = [\"x\"]\n[[guard]]\ncolor = 3\n", Path::new("c"));
        let lines: Vec<_> = found.iter().map(|error| error.line).collect();
        assert_eq!(lines, [1, 3, 5], "and the second rule says something, though nothing that can be followed");
    }

    #[test]
    fn actions_of_ones_own_have_a_letter_that_is_free() {
        let own = |rest: &str| format!("[[action]]\nname = \"mine\"\nletter = \"K\"\ncommand = \"ls\"\n{rest}");
        let actions = parsed(&own("where = [\"tasks\"]\nchanges = false")).unwrap().own_actions.unwrap();
        assert_eq!((actions[0].letter, actions[0].changes, actions[0].places.len()), ('K', false, 1));
        assert!(parsed(&own("")).unwrap().own_actions.unwrap()[0].changes);
        let taken = own("").replace('K', "l");
        assert_eq!(fault(&taken), "config.toml:3:10: the letter 'l' cannot mean both \"mine\" and `login`");
        assert_eq!(fault(&own(&own(""))), "config.toml:7:10: the letter 'K' cannot mean both \"mine\" and `mine`");
        assert!(parsed(&(own("").replace('K', "l") + "[keys]\nlogin = [\"enter\", \"ctrl-x K\"]")).is_ok());
        assert!(fault(&own("").replace("\"ls\"", "5")).contains("expected a line for sh, or a list of words"));
        assert!(fault(&own("").replace("\"ls\"", "[]")).starts_with("config.toml:4:11: expected a program"));
        assert!(fault(&own("where = [\"pods\"]")).starts_with("config.toml:5:"));
    }

    #[test]
    fn sessions_have_a_table() {
        let layer = parsed("[session]\ntransport = \"plugin\"\nescape = \"none\"").unwrap();
        assert_eq!((layer.transport, layer.escape), (Some(Transport::Plugin), Some(None)));
        assert_eq!(parsed("[session]\nescape = \"%\"").unwrap().escape, Some(Some('%')));
        for no_escape in ["", "~~", " ", "é", "None", "\\t", ".", "?"] {
            let fault = fault(&format!("[session]\nescape = \"{no_escape}\""));
            assert_eq!(fault, format!("config.toml:2:10: {NO_ESCAPE}"));
        }
        let fault = fault("[session]\ntransport = \"carrier pigeon\"");
        assert!(fault.starts_with("config.toml:2:13: unknown variant `carrier pigeon`, expected `native`"), "{fault}");
    }

    #[test]
    fn guards_are_a_list_of_rules() {
        let text = "[[guard]]\ncluster = \"prod*\"\naction = \"type\"\ncolor = \"red\"\n[[guard]]\naccount = \"1*\"\n";
        let guards = parsed(text).unwrap().guards.unwrap();
        assert_eq!((guards.len(), guards[0].action, guards[0].color), (2, GuardAction::Type, Some(GuardColour::Red)));
        assert_eq!((guards[1].action, &guards[1].account), (GuardAction::Confirm, &Some("1*".into())));
        assert!(fault("[[guard]]\nclusters = \"x\"").starts_with("config.toml:2:1: unknown field `clusters`"));
        assert!(fault("[[guard]]\naction = \"ask\"").starts_with("config.toml:2:10: unknown variant `ask`"));
    }

    #[test]
    fn a_key_set_twice_is_refused() {
        assert!(fault("utc = true\nutc = false").starts_with("config.toml:2:1: duplicate key"));
    }

    #[test]
    fn keys_can_be_swapped() {
        let layer = parsed("[keys]\nhelp = \"f2\"\nevents = \"f1\"").unwrap();
        assert_ne!(layer.keymap, Some(Settings::default().keymap));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(?s).{0,60}|(profile|keys|\\[keys\\]|refresh_seconds| = |\"|\n|é|1|true){0,12}") {
            let is_wrong = parsed(&text).is_err();
            prop_assert_eq!(faults(&text, Path::new("c")).is_empty(), !is_wrong);
        }
    }
}
