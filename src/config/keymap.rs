//! The one table of actions: what each is called, where it works, what it does to the world, and its keys. The
//! keymap, the help, the action menu, the README's table and the example config are all derived from it.

mod chord;

use std::{fmt::Write as _, ops::Range};

pub use chord::{Chord, InvalidChord, Key};

/// What an action does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effects {
    /// Looks, or changes what is on the screen.
    Reads,
    /// Opens a session.
    Opens,
    /// Changes something at AWS: it is confirmed first, and refused in read-only mode.
    Changes,
}

/// Where the keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The pane of clusters.
    Clusters,
    /// The pane of services.
    Services,
    /// The pane of tasks.
    Tasks,
    /// The pane of containers.
    Containers,
    /// The details, full screen.
    Detail,
    /// The list of keys.
    Help,
    /// The action menu.
    Menu,
    /// A question with a line to type into.
    Prompt,
    /// A list to pick from.
    Pick,
    /// The list over everything.
    Jump,
    /// A plan to agree to.
    Plan,
}

/// Every place, in the order of the screen.
pub const PLACES: [Place; 11] = [
    Place::Clusters,
    Place::Services,
    Place::Tasks,
    Place::Containers,
    Place::Detail,
    Place::Help,
    Place::Menu,
    Place::Prompt,
    Place::Pick,
    Place::Jump,
    Place::Plan,
];

/// The places in which an action works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere.
    Everywhere,
    /// Where there is something to scroll or to move in.
    Lists,
    /// The four panes.
    Panes,
    /// The panes and the details.
    Browser,
    /// Where the selection leads to a container: the three inner panes, and the details.
    Targets,
    /// Where there is a line to type into.
    Lines,
    /// Where something is asked and the answer is to be taken.
    Questions,
    /// Where something of AWS is shown: the panes, the details, and the list over everything.
    Views,
    /// The list over everything.
    Jump,
    /// The action menu.
    Menu,
}

impl Scope {
    /// Whether an action of this scope works in `place`.
    pub fn holds(self, place: Place) -> bool {
        use Place::{Clusters, Containers, Detail, Help, Jump, Menu, Pick, Plan, Prompt, Services, Tasks};
        match self {
            Self::Everywhere => true,
            Self::Lists => place != Prompt,
            Self::Panes => matches!(place, Clusters | Services | Tasks | Containers),
            Self::Browser => matches!(place, Clusters | Services | Tasks | Containers | Detail),
            Self::Targets => matches!(place, Services | Tasks | Containers | Detail),
            Self::Lines => place != Help,
            Self::Questions => matches!(place, Menu | Prompt | Pick | Plan | Jump),
            Self::Views => place == Jump || Self::Browser.holds(place),
            Self::Jump => place == Jump,
            Self::Menu => place == Menu,
        }
    }

    /// Whether there is a place where actions of both scopes work.
    pub fn overlaps(self, other: Self) -> bool {
        PLACES.iter().any(|place| self.holds(*place) && other.holds(*place))
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionInfo {
    /// The action.
    pub action: Action,
    /// Its name in the config file.
    pub name: &'static str,
    /// Where it works.
    pub scope: Scope,
    /// What it does to the world.
    pub effects: Effects,
    /// Its default keys.
    pub keys: &'static [&'static str],
    /// Its letter in the action menu, if it is offered there.
    pub letter: Option<char>,
    /// What it does, in a few words.
    pub help: &'static str,
}

macro_rules! actions {
    ($($variant:ident $name:literal $scope:ident $effects:ident [$($key:literal),*] $(menu $letter:literal)?, $help:literal;)*) => {
        /// What a key can mean.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $(#[doc = $help] $variant,)*
        }

        /// The table of actions, in the order in which they are listed to people.
        pub const ACTIONS: &[ActionInfo] = &[$(ActionInfo {
            action: Action::$variant,
            name: $name,
            scope: Scope::$scope,
            effects: Effects::$effects,
            keys: &[$($key),*],
            letter: actions!(@letter $($letter)?),
            help: $help,
        },)*];
    };
    (@letter) => { None };
    (@letter $letter:literal) => { Some($letter) };
}

actions! {
    Login          "login"           Panes      Opens ["enter"] menu 'l',                  "log in: a shell in the selected container, or in the best one of the selected task or service";
    Exec           "exec"            Targets    Opens [] menu 'e',                         "run a command of your own in the container, with a terminal";
    Update         "update"          Targets    Changes [] menu 'u',                       "give the service, or the selected container of it, another image or tag";
    Redeploy       "redeploy"        Targets    Changes [] menu 'r',                       "replace all tasks of the service by a new deployment";
    Scale          "scale"           Targets    Changes [] menu 'n',                       "change the number of tasks of the service";
    RollBack       "rollback"        Targets    Changes [] menu 'b',                       "bring back what the service ran before its newest deployment";
    EnableExec     "enable-exec"     Targets    Changes [] menu 'x',                       "let new tasks of the service be logged in to, and replace its tasks";
    Stop           "stop"            Targets    Changes [] menu 'k',                       "stop the selected task, or the tasks of the service";
    Run            "run"             Browser    Changes [] menu 't',                       "run a task by hand, in the selected service's network";
    Register       "register"        Browser    Changes [] menu 'g',                       "register a revision of a task definition from a JSON file";
    Up             "up"              Lists      Reads ["up", "ctrl-p", "ctrl-k"],          "one row up";
    Down           "down"            Lists      Reads ["down", "ctrl-n", "ctrl-j"],        "one row down";
    PageUp         "page-up"         Lists      Reads ["pageup"],                          "one page up";
    PageDown       "page-down"       Lists      Reads ["pagedown"],                        "one page down";
    First          "first"           Lists      Reads ["home"],                            "to the first row";
    Last           "last"            Lists      Reads ["end"],                             "to the last row";
    NextPane       "next-pane"       Panes      Reads ["right", "tab"],                    "to the next pane";
    PreviousPane   "previous-pane"   Panes      Reads ["left", "shift-tab"],               "to the previous pane";
    Zoom           "zoom"            Panes      Reads [] menu 'z',                         "the pane in focus over the whole width, and back";
    Mark           "mark"            Panes      Reads ["ctrl-space"] menu 'm',             "mark the row, or no longer: actions take all services, tasks or containers that are marked";
    WhichTasks     "which-tasks"     Panes      Reads ["ctrl-t"] menu 'T',                 "tasks that run, tasks that have stopped, or all of them";
    DeleteBack     "delete-back"     Lines      Reads ["backspace", "ctrl-h"],             "delete the character before the cursor";
    DeleteWord     "delete-word"     Lines      Reads ["ctrl-w"],                          "delete the word before the cursor";
    DeleteLine     "delete-line"     Lines      Reads ["ctrl-u"],                          "delete everything before the cursor";
    LineStart      "line-start"      Lines      Reads ["ctrl-a"],                          "cursor to the start of the line";
    LineEnd        "line-end"        Lines      Reads ["ctrl-e"],                          "cursor to the end of the line";
    Accept         "accept"          Questions  Reads ["enter"],                           "take what is selected or typed";
    Back           "back"            Everywhere Reads ["esc"],                             "clear the query, then the marks, then close what is open; stop what is being opened";
    Jump           "jump"            Views      Reads ["ctrl-f"],                          "jump: one query over every container of every cluster, and back";
    ShowInPanes    "show-in-panes"   Jump       Reads ["tab"],                             "show what is selected in the panes";
    Sort           "sort"            Panes      Reads [] menu 'O',                         "sort the pane by a column, the other way round by the same again";
    Menu           "menu"            Views      Reads ["ctrl-x"],                          "action menu: everything that fits the selection, each with one letter";
    SearchMenu     "search-menu"     Menu       Reads ["/"],                               "search the action menu";
    Details        "details"         Browser    Reads ["ctrl-o"] menu 'o',                 "details full screen, and back";
    Facts          "facts"           Browser    Reads [] menu '0',                         "details: facts";
    Events         "events"          Browser    Reads ["f2"] menu '1',                     "details: events of the service, or of all services of the cluster";
    Targets        "targets"         Browser    Reads ["f3"] menu '2',                     "details: targets of the service's load balancers";
    Deployments    "deployments"     Browser    Reads ["f4"] menu '3',                     "details: deployments of the service, followed while one is under way";
    TaskDefinition "task-definition" Browser    Reads [] menu '4',                         "details: task definition";
    Logs           "logs"            Browser    Reads ["f6"] menu '5',                     "details: logs";
    Stopped        "stopped"         Browser    Reads [] menu 's',                         "details: stopped tasks, and why they stopped";
    Instances      "instances"       Browser    Reads [] menu 'i',                         "details: container instances of the cluster, and their tasks";
    Json           "json"            Browser    Reads [] menu 'j',                         "task definition as JSON, and back";
    Describe       "describe"        Browser    Reads [] menu 'a',                         "all that AWS says of what is looked at, as JSON full screen, and back";
    Editor         "editor"          Browser    Reads [] menu 'E',                         "open that JSON in the editor";
    Diff           "diff"            Browser    Reads [] menu 'd',                         "what differs from another revision of the task definition, and back";
    Reveal         "reveal"          Browser    Reads [] menu 'v',                         "show, or mask again, environment values whose names look secret";
    Copy           "copy"            Views      Reads [] menu 'y',                         "copy: name, id, ARN, IP, image, console link or aws command, each by a letter";
    CopyArn        "copy-arn"        Views      Reads ["ctrl-y"],                          "copy the ARN to the clipboard";
    CopyDetails    "copy-details"    Browser    Reads [] menu 'Y',                         "copy the details, as they are filtered, to the clipboard";
    Console        "console"         Views      Reads [] menu 'c',                         "open the page of AWS's console in the browser, or show and copy its link";
    Refresh        "refresh"         Views      Reads ["ctrl-r", "f5"] menu 'R',           "read again what is on screen";
    Go             "go"              Browser    Reads ["ctrl-g"] menu 'w',                 "go to another profile or region";
    Sessions       "sessions"        Views      Reads ["ctrl-s"] menu 'S',                  "sessions that were left running: back to one of them";
    Help           "help"            Everywhere Reads ["f1"] menu '?',                     "the keys that work here";
    Quit           "quit"            Everywhere Reads ["ctrl-c", "ctrl-q"] menu 'q',       "quit";
}

impl Action {
    /// Returns the action's row of the table.
    pub fn info(self) -> &'static ActionInfo {
        &ACTIONS[self as usize]
    }

    /// Returns the action of this name.
    pub fn named(name: &str) -> Option<Self> {
        ACTIONS.iter().find(|info| info.name == name).map(|info| info.action)
    }
}

/// Which keys mean which action. The action menu's own key followed by an action's letter is that action's chord
/// too: `ctrl-x e`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    /// By action, in the order of the table.
    bindings: Vec<Binding>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Binding {
    chords: Vec<Chord>,
    letter: Option<char>,
}

/// What some keys, pressed one after the other, mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// This action.
    Action(Action),
    /// The beginning of a longer chord.
    Beginning,
    /// Nothing.
    Nothing,
}

/// One line of the config's `[keys]`, with where it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The action's name.
    pub name: String,
    /// Where the name stands, in bytes.
    pub name_span: Range<usize>,
    /// The chords that replace the default ones, each with its place.
    pub chords: Vec<(String, Range<usize>)>,
}

/// A line of `[keys]` that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct KeyError {
    /// What is wrong, and what was expected.
    pub what: String,
    /// Where in the text, in bytes.
    pub span: Range<usize>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bindings = ACTIONS
            .iter()
            .map(|info| Binding {
                chords: info.keys.iter().map(|key| key.parse().expect("a test parses every default")).collect(),
                letter: info.letter,
            })
            .collect();
        Self { bindings }
    }
}

impl Keymap {
    /// Returns what `keys`, pressed one after the other, mean in `place`.
    pub fn find(&self, place: Place, keys: &[Key]) -> Found {
        let mut found = Found::Nothing;
        for (info, binding) in self.rows().filter(|(info, _)| info.scope.holds(place)) {
            for chord in &binding.chords {
                if chord.keys() == keys {
                    return Found::Action(info.action);
                }
                if chord.keys().starts_with(keys) {
                    found = Found::Beginning;
                }
            }
        }
        found
    }

    /// Returns the action that has this letter in the menu opened over `place`.
    pub fn by_letter(&self, place: Place, letter: char) -> Option<Action> {
        self.menu(place).find(|(known, _)| *known == letter).map(|(_, action)| action)
    }

    /// Returns the actions that the menu offers over `place`, with their letters.
    pub fn menu(&self, place: Place) -> impl Iterator<Item = (char, Action)> + '_ {
        self.rows()
            .filter(move |(info, _)| info.scope.holds(place))
            .filter_map(|(info, binding)| Some((binding.letter?, info.action)))
    }

    /// Returns the chords that mean `action`, the menu's last.
    pub fn chords(&self, action: Action) -> Vec<Chord> {
        let mut chords = self.bindings[action as usize].chords.clone();
        chords.extend(self.menu_chord(action));
        chords
    }

    /// Returns the shortest way to `action`, if there is one.
    pub fn first_chord(&self, action: Action) -> Option<Chord> {
        let binding = &self.bindings[action as usize];
        binding.chords.first().cloned().or_else(|| self.menu_chord(action))
    }

    /// Returns the chord that does what has this letter in the menu.
    pub fn in_menu(&self, letter: char) -> Option<Chord> {
        let menu = self.menu_keys().next()?;
        let letter = letter.to_string().parse().ok()?;
        Some(Chord::new(menu.keys().iter().copied().chain([letter]).collect()))
    }

    /// Replaces the keys of the actions named, and keeps the others'.
    pub fn merge(&mut self, overrides: &[Override]) -> Result<(), KeyError> {
        let mut given = vec![None; ACTIONS.len()];
        let mut parsed = Vec::new();
        for line in overrides {
            let action = Action::named(&line.name).ok_or_else(|| unknown_action(line))?;
            let mut chords = Vec::new();
            for (text, span) in &line.chords {
                let chord: Chord = text
                    .parse()
                    .map_err(|error: InvalidChord| KeyError { what: error.to_string(), span: span.clone() })?;
                chords.push((chord, span.clone()));
            }
            given[action as usize] = Some(line.name_span.clone());
            parsed.push((action, chords));
        }
        // The menu's own key decides which chords are letters of the menu.
        parsed.sort_by_key(|(action, _)| *action != Action::Menu);
        for (action, chords) in parsed {
            self.rebind(action, chords)?;
        }
        self.clash().map_or(Ok(()), |clash| Err(clash.blame(&given)))
    }

    fn rows(&self) -> impl Iterator<Item = (&'static ActionInfo, &Binding)> {
        ACTIONS.iter().zip(&self.bindings)
    }

    fn menu_keys(&self) -> impl Iterator<Item = &Chord> {
        self.bindings[Action::Menu as usize].chords.iter()
    }

    fn menu_chord(&self, action: Action) -> Option<Chord> {
        self.in_menu(self.bindings[action as usize].letter?)
    }

    fn rebind(&mut self, action: Action, chords: Vec<(Chord, Range<usize>)>) -> Result<(), KeyError> {
        let mut direct = Vec::new();
        for (chord, span) in chords {
            let tail = self.menu_keys().find_map(|menu| chord.keys().strip_prefix(menu.keys()));
            match tail {
                Some([letter]) if action != Action::Menu => {
                    let Some(letter) = letter.typed() else {
                        let what = format!("{:?}: in the action menu an action has one character", chord.to_string());
                        return Err(KeyError { what, span });
                    };
                    self.bindings[action as usize].letter = Some(letter);
                }
                _ if chord.keys()[0].typed().is_some() && action.info().scope != Scope::Menu => {
                    let what = format!(
                        "{:?} would be typed into the query: expected a key with ctrl or alt, or a function key",
                        chord.to_string()
                    );
                    return Err(KeyError { what, span });
                }
                _ => direct.push(chord),
            }
        }
        self.bindings[action as usize].chords = direct;
        Ok(())
    }

    /// Returns two actions between which a key cannot choose, if there are any.
    fn clash(&self) -> Option<Clash> {
        let rows: Vec<_> = self.rows().collect();
        for (index, (one, binding)) in rows.iter().enumerate() {
            for (two, other) in rows[index + 1..].iter().filter(|(two, _)| one.scope.overlaps(two.scope)) {
                for chord in &binding.chords {
                    if let Some(same) = other.chords.iter().find(|same| hides(chord, same)) {
                        return Some(Clash { one: one.action, two: two.action, key: same.to_string() });
                    }
                }
                if binding.letter.is_some() && binding.letter == other.letter {
                    let key = self.menu_chord(two.action).map(|chord| chord.to_string()).unwrap_or_default();
                    return Some(Clash { one: one.action, two: two.action, key });
                }
            }
        }
        None
    }
}

struct Clash {
    one: Action,
    two: Action,
    key: String,
}

impl Clash {
    /// Returns the error, at the later of the lines that took part.
    fn blame(&self, given: &[Option<Range<usize>>]) -> KeyError {
        let lines = [given[self.one as usize].clone(), given[self.two as usize].clone()];
        let span = lines.into_iter().flatten().max_by_key(|span| span.start).unwrap_or_default();
        let (one, two) = (self.one.info().name, self.two.info().name);
        KeyError { what: format!("{:?} cannot mean both `{one}` and `{two}`", self.key), span }
    }
}

/// Whether one of two chords is the other or its beginning, so that one could never be pressed.
fn hides(one: &Chord, two: &Chord) -> bool {
    one.keys().starts_with(two.keys()) || two.keys().starts_with(one.keys())
}

fn unknown_action(line: &Override) -> KeyError {
    let names: Vec<_> = ACTIONS.iter().map(|info| info.name).collect();
    KeyError {
        what: format!("there is no action {:?}: expected one of {}", line.name, names.join(", ")),
        span: line.name_span.clone(),
    }
}

/// Returns the table of keys for the README.
pub fn markdown() -> String {
    let keymap = Keymap::default();
    let mut table = "| keys | action | does |\n|---|---|---|\n".to_owned();
    for info in ACTIONS {
        let keys: Vec<_> = keymap.chords(info.action).iter().map(|chord| format!("`{chord}`")).collect();
        let _ = writeln!(table, "| {} | `{}` | {} |", keys.join(" "), info.name, info.help);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, at: usize, chords: &[&str]) -> Override {
        let chords = chords.iter().map(|chord| ((*chord).to_owned(), at + 1..at + 2)).collect();
        Override { name: name.to_owned(), name_span: at..at + name.len(), chords }
    }

    fn merged(lines: &[Override]) -> Result<Keymap, KeyError> {
        let mut keymap = Keymap::default();
        keymap.merge(lines)?;
        Ok(keymap)
    }

    fn press(keymap: &Keymap, place: Place, chord: &str) -> Found {
        keymap.find(place, chord.parse::<Chord>().unwrap().keys())
    }

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        assert!(ACTIONS.iter().enumerate().all(|(index, info)| info.action as usize == index));
    }

    #[test]
    fn names_and_help_are_said_once() {
        for (index, one) in ACTIONS.iter().enumerate() {
            assert!(
                ACTIONS[index + 1..].iter().all(|two| one.name != two.name && one.help != two.help),
                "{}",
                one.name
            );
        }
    }

    #[test]
    fn every_default_parses_and_prints_as_written() {
        for info in ACTIONS {
            for key in info.keys {
                assert_eq!(key.parse::<Chord>().unwrap().to_string(), *key, "{}", info.name);
            }
        }
    }

    #[test]
    fn no_default_would_be_typed_into_a_query() {
        for info in ACTIONS.iter().filter(|info| info.scope != Scope::Menu) {
            for key in info.keys {
                assert_eq!(key.parse::<Chord>().unwrap().keys()[0].typed(), None, "{}", info.name);
            }
        }
    }

    #[test]
    fn no_two_actions_share_a_key_where_both_work() {
        let clash = Keymap::default().clash();
        assert!(clash.is_none(), "{}", clash.unwrap().key);
    }

    #[test]
    fn every_action_can_be_reached() {
        let keymap = Keymap::default();
        assert!(ACTIONS.iter().all(|info| keymap.first_chord(info.action).is_some()));
    }

    #[test]
    fn every_action_of_a_function_key_has_another_key_too() {
        let keymap = Keymap::default();
        for info in ACTIONS {
            let chords = keymap.chords(info.action);
            let reachable =
                |chord: &Chord| !chord.to_string().starts_with('f') && !chord.to_string().starts_with("alt-");
            assert!(chords.iter().any(reachable), "{}", info.name);
        }
    }

    #[test]
    fn an_action_that_changes_something_is_in_the_menu() {
        assert!(ACTIONS.iter().all(|info| info.effects != Effects::Changes || info.letter.is_some()));
    }

    #[test]
    fn the_place_decides_what_enter_means() {
        let keymap = Keymap::default();
        assert_eq!(press(&keymap, Place::Services, "enter"), Found::Action(Action::Login));
        assert_eq!(press(&keymap, Place::Prompt, "enter"), Found::Action(Action::Accept));
        assert_eq!(press(&keymap, Place::Help, "enter"), Found::Nothing);
    }

    #[test]
    fn an_override_replaces_the_keys_of_its_action_only() {
        let keymap = merged(&[line("refresh", 0, &["f9", "alt-r"])]).unwrap();
        assert_eq!(press(&keymap, Place::Tasks, "f9"), Found::Action(Action::Refresh));
        assert_eq!(press(&keymap, Place::Tasks, "ctrl-r"), Found::Nothing);
        assert_eq!(press(&keymap, Place::Tasks, "f1"), Found::Action(Action::Help));
    }

    #[test]
    fn a_sequence_begins_and_ends() {
        let keymap = merged(&[line("exec", 0, &["f9 e"])]).unwrap();
        assert_eq!(press(&keymap, Place::Tasks, "f9"), Found::Beginning);
        assert_eq!(press(&keymap, Place::Tasks, "f9 e"), Found::Action(Action::Exec));
        assert_eq!(press(&keymap, Place::Tasks, "f9 x"), Found::Nothing);
    }

    #[test]
    fn a_chord_after_the_menus_key_is_a_letter_of_the_menu() {
        let keymap = merged(&[line("exec", 20, &["ctrl-b Z"]), line("menu", 0, &["ctrl-b"])]).unwrap();
        assert_eq!(keymap.by_letter(Place::Tasks, 'Z'), Some(Action::Exec));
        assert_eq!(keymap.by_letter(Place::Tasks, 'e'), None);
        assert_eq!(keymap.chords(Action::Exec), ["ctrl-b Z".parse().unwrap()]);
    }

    #[test]
    fn the_menu_offers_what_fits_the_place() {
        let keymap = Keymap::default();
        assert_eq!(keymap.by_letter(Place::Containers, 'e'), Some(Action::Exec));
        assert_eq!(keymap.by_letter(Place::Clusters, 'e'), None);
    }

    #[test]
    fn what_cannot_be_followed_says_where_and_why() {
        let refused = |lines: &[Override]| {
            let error = merged(lines).unwrap_err();
            (error.what, error.span)
        };
        let (what, span) = refused(&[line("refesh", 7, &["f9"])]);
        assert!(what.starts_with("there is no action \"refesh\": expected one of login, exec,"), "{what}");
        assert_eq!(span, 7..13);
        let (what, span) = refused(&[line("refresh", 3, &["strg-r"])]);
        assert!(what.starts_with("\"strg-r\" is no key"), "{what}");
        assert_eq!(span, 4..5);
        let (what, _) = refused(&[line("refresh", 0, &["r"])]);
        assert!(what.starts_with("\"r\" would be typed into the query"), "{what}");
        let (what, _) = refused(&[line("exec", 0, &["ctrl-x enter"])]);
        assert!(what.contains("one character"), "{what}");
    }

    #[test]
    fn a_clash_is_blamed_on_the_line_that_made_it() {
        let error = merged(&[line("refresh", 40, &["f1"])]).unwrap_err();
        assert_eq!((error.what.as_str(), error.span), ("\"f1\" cannot mean both `refresh` and `help`", 40..47));
        let error = merged(&[line("exec", 5, &["ctrl-x y"])]).unwrap_err();
        assert_eq!(error.what, "\"ctrl-x y\" cannot mean both `exec` and `copy`");
        let error = merged(&[line("exec", 5, &["f9"]), line("login", 60, &["f9 l"])]).unwrap_err();
        assert_eq!(error.span.start, 60);
    }

    #[test]
    fn the_table_of_the_readme_names_every_action() {
        let table = markdown();
        assert!(table.contains("| `ctrl-x e` | `exec` | run a command of your own"), "{table}");
        assert_eq!(table.lines().count(), ACTIONS.len() + 2);
    }
}
