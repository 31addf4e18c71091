//! `[[action]]`: what people do with what is selected by a command of their own.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{
    Keymap,
    keymap::{PLACES, Place},
};

/// What a command can be told, by the names in its braces. In the command's environment they have `ecsui_` before them.
const PLACEHOLDERS: [&str; 7] = ["cluster", "service", "task", "container", "arn", "profile", "region"];

/// An action of somebody's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAction {
    /// What it is called.
    pub name: String,
    /// Its letter in the action menu.
    pub letter: char,
    /// The panes that offer it; none means all that can.
    pub places: Vec<OwnPlace>,
    /// What is run.
    pub command: OwnCommand,
    /// Whether it may change something, so that read-only mode and guards that refuse or want a name typed hold for it.
    pub changes: bool,
}

/// A pane that offers an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "a place is its name")]
pub enum OwnPlace {
    Clusters,
    Services,
    Tasks,
    Containers,
}

/// What an action runs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected a line for sh, or a list of words")]
pub enum OwnCommand {
    /// A line for `sh -c`.
    Line(String),
    /// A program and its arguments, without a shell.
    Words(Vec<String>),
}

/// A command with what it is told filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// What its environment has besides; `None` takes a variable away.
    pub environment: Vec<(String, Option<String>)>,
}

/// An action as the file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    name: Spanned<String>,
    letter: Spanned<char>,
    #[serde(default, rename = "where")]
    places: Vec<OwnPlace>,
    command: Spanned<OwnCommand>,
    changes: Option<bool>,
}

/// Returns the actions of the file, or what is wrong with one and where.
pub(super) fn own(tables: Vec<Table>, keymap: &Keymap) -> Result<Vec<OwnAction>, (String, Range<usize>)> {
    let mut actions: Vec<OwnAction> = Vec::new();
    for table in tables {
        let letter = *table.letter.get_ref();
        let taken = PLACES.iter().flat_map(|place| keymap.menu(*place)).find(|(known, _)| *known == letter);
        let taken = taken.map(|(_, action)| action.info().name.to_owned());
        let also = actions.iter().find(|known| known.letter == letter).map(|known| known.name.clone());
        if let Some(other) = taken.or(also) {
            return Err((
                format!("the letter {letter:?} cannot mean both {:?} and `{other}`", table.name.get_ref()),
                table.letter.span(),
            ));
        }
        if !letter.is_alphanumeric() {
            return Err((format!("{letter:?} is no letter or digit"), table.letter.span()));
        }
        let nothing = match table.command.get_ref() {
            OwnCommand::Words(words) if words.is_empty() => Some("expected a program, and then its arguments"),
            OwnCommand::Line(line) if line.trim().is_empty() => Some("expected a line for sh"),
            OwnCommand::Words(_) | OwnCommand::Line(_) => None,
        };
        if let Some(nothing) = nothing {
            return Err((nothing.to_owned(), table.command.span()));
        }
        actions.push(OwnAction {
            name: table.name.into_inner(),
            letter,
            places: table.places,
            command: table.command.into_inner(),
            changes: table.changes.unwrap_or(true),
        });
    }
    Ok(actions)
}

impl OwnAction {
    /// Whether the menu over this place offers it.
    pub fn is_offered(&self, place: Place) -> bool {
        let wanted = match place {
            Place::Clusters => OwnPlace::Clusters,
            Place::Services => OwnPlace::Services,
            Place::Tasks => OwnPlace::Tasks,
            Place::Containers => OwnPlace::Containers,
            _ => return false,
        };
        self.places.is_empty() || self.places.contains(&wanted)
    }

    /// Returns the command in one line, as the file has it.
    pub fn line(&self) -> String {
        match &self.command {
            OwnCommand::Line(line) => line.clone(),
            OwnCommand::Words(words) => words.join(" "),
        }
    }

    /// Returns the command with what it is told, or the name of what it would need and nothing is there for. Nothing in
    /// a value can become a part of the command: words take it as it is, and a line names a variable instead.
    pub fn filled(&self, values: &[(&'static str, Option<String>)]) -> Result<Filled, &'static str> {
        let value = |name: &str| values.iter().find(|(known, _)| *known == name).and_then(|(_, value)| value.clone());
        let text = self.line();
        let needed =
            PLACEHOLDERS.into_iter().find(|name| text.contains(&format!("{{{name}}}")) && value(name).is_none());
        if let Some(name) = needed {
            return Err(name);
        }
        let environment = PLACEHOLDERS.into_iter().map(|name| (format!("ecsui_{name}"), value(name))).collect();
        Ok(match &self.command {
            OwnCommand::Line(line) => Filled {
                program: "/bin/sh".to_owned(),
                arguments: vec!["-c".to_owned(), with_variables(line)],
                environment,
            },
            OwnCommand::Words(words) => {
                let mut words = words.iter().map(|word| with_values(word, &value));
                Filled { program: words.next().unwrap_or_default(), arguments: words.collect(), environment }
            }
        })
    }
}

/// Where in a line of a shell something stands.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Nothing,
    Single,
    Double,
}

/// Returns the line with variables where it has names in braces, quoted as their place needs it. The shell reads what
/// is in a variable as a value, whatever it holds.
fn with_variables(line: &str) -> String {
    let mut text = String::new();
    let mut within = Within::Nothing;
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        if let Some((name, after)) = placeholder(rest).filter(|_| !text.ends_with('$')) {
            let variable = match within {
                Within::Nothing => format!("\"$ecsui_{name}\""),
                Within::Single => format!("'\"$ecsui_{name}\"'"),
                Within::Double => format!("${{ecsui_{name}}}"),
            };
            text.push_str(&variable);
            rest = after;
            continue;
        }
        within = match (within, letter) {
            (Within::Nothing, '\'') => Within::Single,
            (Within::Nothing, '"') => Within::Double,
            (Within::Single, '\'') | (Within::Double, '"') => Within::Nothing,
            (within, _) => within,
        };
        text.push(letter);
        rest = &rest[letter.len_utf8()..];
        if letter == '\\' && within != Within::Single {
            text.extend(rest.chars().next());
            rest = rest.chars().next().map_or("", |escaped| &rest[escaped.len_utf8()..]);
        }
    }
    text
}

fn with_values(word: &str, value: &impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::new();
    let mut rest = word;
    while let Some(letter) = rest.chars().next() {
        if let Some((name, after)) = placeholder(rest) {
            text += &value(name).unwrap_or_default();
            rest = after;
        } else {
            text.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    text
}

/// Returns the name in braces that the text begins with, and what follows it.
fn placeholder(text: &str) -> Option<(&'static str, &str)> {
    let inner = text.strip_prefix('{')?;
    PLACEHOLDERS.into_iter().find_map(|name| Some((name, inner.strip_prefix(name)?.strip_prefix('}')?)))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    fn action(command: OwnCommand) -> OwnAction {
        OwnAction { name: "x".to_owned(), letter: 'K', places: Vec::new(), command, changes: true }
    }

    fn values(value: &str) -> Vec<(&'static str, Option<String>)> {
        vec![("cluster", Some(value.to_owned())), ("task", None)]
    }

    /// What a command prints.
    fn printed(filled: &Filled) -> String {
        let mut command = Command::new(&filled.program);
        command.args(&filled.arguments).env_clear();
        command.envs(filled.environment.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    const HOSTILE: &str = "a b'\"$(echo no)`echo no`;echo no|*\\ \n{task}";

    #[test]
    fn no_name_becomes_a_part_of_the_command() {
        for line in
            ["printf %s {cluster}", "printf %s '{cluster}'", "printf %s \"{cluster}\"", "printf %s \\'{cluster}"]
        {
            let said = printed(&action(OwnCommand::Line(line.to_owned())).filled(&values(HOSTILE)).unwrap());
            assert_eq!(said.trim_start_matches('\''), HOSTILE, "{line}");
        }
        let words = ["printf", "%s", "x{cluster}"].map(str::to_owned).to_vec();
        let filled = action(OwnCommand::Words(words)).filled(&values(HOSTILE)).unwrap();
        assert_eq!((&*filled.program, &*filled.arguments[1]), ("printf", &*format!("x{HOSTILE}")));
    }

    #[test]
    fn braces_that_name_nothing_stay() {
        let line = "echo ${cluster} {a,b} '{print $1}' {clusters} {cluster";
        assert_eq!(with_variables(line), line);
    }

    #[test]
    fn what_is_needed_and_not_there_is_named() {
        let line = |line: &str| action(OwnCommand::Line(line.to_owned())).filled(&values("c"));
        assert_eq!(line("stop {cluster} {task}"), Err("task"));
        assert!(line("stop {cluster}").is_ok_and(|it| it.environment.contains(&("ecsui_task".to_owned(), None))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn every_value_is_passed_on_as_it_is(value in "[^\0]{0,20}", quote in "['\"]?") {
            let line = format!("printf %s {quote}{{cluster}}{quote}");
            prop_assert_eq!(printed(&action(OwnCommand::Line(line)).filled(&values(&value)).unwrap()), value);
        }
    }
}
