//! The keys that work where the keys go.

use std::borrow::Cow;

use super::{State, wrap::wrap};
use crate::{
    config::{
        Action,
        keymap::{ACTIONS, ActionInfo, Place, Scope},
    },
    model::text::clean,
};

/// How many cells the keys get.
const KEYS: u16 = 26;

/// One line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpLine {
    /// The keys, as they are written in the config; empty on the further lines of one entry.
    pub keys: String,
    /// What they do.
    pub text: String,
}

impl State {
    /// Returns the keys that work in the place below the help, as lines of this width.
    pub fn help_lines(&self, width: u16) -> Vec<HelpLine> {
        let room = usize::from(width.saturating_sub(KEYS + 1));
        let mut lines = Vec::new();
        for (keys, help) in self.help_entries() {
            for (index, range) in wrap(&help, room, 0).into_iter().enumerate() {
                let keys = if index == 0 { keys.clone() } else { String::new() };
                lines.push(HelpLine { keys, text: help[range].to_owned() });
            }
        }
        lines
    }

    /// Returns how many cells the keys get in the help.
    pub fn help_keys_width() -> u16 {
        KEYS
    }

    fn help_entries(&self) -> Vec<(String, Cow<'static, str>)> {
        let place = self.place_below();
        let mut entries: Vec<(String, Cow<'static, str>)> =
            typing(place).map(|help| ("letters".to_owned(), help.into())).into_iter().collect();
        for info in ACTIONS.iter().filter(|info| info.scope.holds(place)) {
            let keys: Vec<String> = self.keymap.chords(info.action).iter().map(ToString::to_string).collect();
            if !keys.is_empty() {
                entries.push((keys.join("  "), help_in(place, info).into()));
            }
        }
        if Scope::Browser.holds(place) {
            entries.extend(self.own_entries());
        }
        entries
    }

    /// Returns the actions of somebody's own that the menu offers here.
    fn own_entries(&self) -> impl Iterator<Item = (String, Cow<'static, str>)> + '_ {
        let offered = self.own.iter().filter(|own| own.is_offered(self.focused_place()));
        offered.filter_map(|own| {
            let chord = self.keymap.in_menu(own.letter)?;
            Some((chord.to_string(), clean(format!("{}: {}", own.name, own.line())).into()))
        })
    }
}

/// Returns what an action does in this place.
fn help_in(place: Place, info: &ActionInfo) -> &'static str {
    let logs_in = place == Place::Jump && info.action == Action::Accept;
    if logs_in { "log in: a shell in the selected container" } else { info.help }
}

/// Returns what letters do.
fn typing(place: Place) -> Option<&'static str> {
    match place {
        Place::Clusters | Place::Services | Place::Tasks | Place::Containers | Place::Detail => {
            Some("filter: words are fuzzy and all must match; 'word exact, ^start, end$, !not, column:word")
        }
        Place::Jump => {
            Some("search everything: words are fuzzy and all must match; 'word exact, ^start, end$, !not, column:word")
        }
        Place::Menu => Some("do, or copy, what has that letter"),
        Place::Prompt => Some("write the answer"),
        Place::Pick => Some("search the list; what it does not know can be typed"),
        Place::Plan => Some("y goes ahead; where something has to be typed, type it"),
        Place::Help => None,
    }
}
