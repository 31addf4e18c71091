//! Every key of the table, pressed in the real program at a real terminal: after each something that is named is seen.

mod common {
    pub(crate) mod account;
    pub(crate) mod terminal;
}

use std::collections::BTreeSet;

use common::{account::Account, terminal::Terminal};
use ecsui::{
    config::{Keymap, keymap::ACTIONS},
    sim::World,
};

/// What is done, and what is seen then.
enum Step {
    /// This chord of the table is pressed.
    Key(&'static str, Seen),
    /// These chords of the table are pressed, and what they do is seen of the last.
    Keys(&'static str, Seen),
    /// Something is typed.
    Text(&'static str, Seen),
}

/// What is seen.
#[derive(Clone, Copy)]
enum Seen {
    /// These words somewhere.
    Words(&'static str),
    /// These words nowhere any more.
    Gone(&'static str),
    /// The row with this name under the cursor of its pane.
    On(&'static str),
    /// This in the line that is typed into.
    Typed(&'static str),
    /// The cursor in that column of it.
    At(u16),
    /// So many panes.
    Panes(usize),
    /// AWS was asked for the clusters once more.
    ReadAgain,
    /// The prompt of a shell, on the terminal's own screen.
    Shell,
    /// This, put on the clipboard.
    Copied(&'static str),
}

use Seen::{At, Copied, Gone, On, Panes, ReadAgain, Shell, Typed, Words};
use Step::{Key, Keys, Text};

/// From the first frame to the last, in the order of a visit.
const VISIT: &[Step] = &[
    // The list of clusters.
    Key("down", On("prod")),
    Key("up", On("preprod")),
    Key("ctrl-n", On("prod")),
    Key("ctrl-p", On("preprod")),
    Key("ctrl-j", On("prod")),
    Key("ctrl-k", On("preprod")),
    Key("end", On("tools")),
    Key("home", On("preprod")),
    Key("pagedown", On("tools")),
    Key("pageup", On("preprod")),
    Text("^prod$", On("prod")),
    Key("ctrl-x i", Words("[instances]")),
    // From pane to pane.
    Key("right", Typed("")),
    Key("left", Typed("^prod$")),
    Key("tab", Typed("")),
    Key("shift-tab", Typed("^prod$")),
    Keys("tab", Typed("")),
    // The line.
    Text("ab cd", Typed("ab cd")),
    Key("ctrl-h", Typed("ab c")),
    Key("backspace", Typed("ab ")),
    Text("cd", Typed("ab cd")),
    Key("ctrl-w", Typed("ab ")),
    Key("ctrl-a", At(1)),
    Key("ctrl-e", At(4)),
    Key("ctrl-u", Typed("")),
    Text("zz", Typed("zz")),
    Key("esc", Typed("")),
    Text("^payments-api$", On("payments-api")),
    // Ways to look at it.
    Key("f3", Words("[targets]")),
    Key("f4", Words("[deployments]")),
    Key("f6", Words("[logs]")),
    Key("f2", Words("[events]")),
    Key("ctrl-x 2", Words("[targets]")),
    Key("ctrl-x 3", Words("[deployments]")),
    Key("ctrl-x 5", Words("[logs]")),
    Key("ctrl-x 1", Words("[events]")),
    Key("ctrl-x s", Words("[stopped]")),
    Key("ctrl-x 0", Words("[facts]")),
    Key("ctrl-x 4", Words("[task definition]")),
    Key("ctrl-o", Words("type to filter the lines")),
    Key("ctrl-x v", Words("pk_test_4eC39HqLyjWDarjtT1zdp7dc")),
    Key("ctrl-x j", Words("\"taskDefinition\": {")),
    Key("ctrl-x d", Words("compare payments-api:41 with")),
    Keys("esc", Gone("compare payments-api:41 with")),
    Key("ctrl-x Y", Copied("lines")),
    Keys("ctrl-o", Gone("type to filter the lines")),
    Key("ctrl-x o", Words("type to filter the lines")),
    Keys("esc", Gone("type to filter the lines")),
    Keys("f2", Words("[events]")),
    Key("ctrl-y", Copied("arn:aws:ecs:eu-west-1:482913007156:service/prod/payments-api")),
    Key("ctrl-x y", Words("╭ copy")),
    Keys("esc", Gone("╭ copy")),
    Key("ctrl-x c", Copied("https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/payments-api")),
    Key("ctrl-x E", Words("set VISUAL or EDITOR")),
    Key("ctrl-x a", Words("as AWS describes it")),
    Keys("ctrl-x a", Gone("as AWS describes it")),
    // Reading again.
    Key("ctrl-r", ReadAgain),
    Key("f5", ReadAgain),
    Key("ctrl-x R", ReadAgain),
    // What the panes list, and how.
    Key("ctrl-space", Words("1 marked")),
    Key("ctrl-x m", Gone("1 marked")),
    Key("ctrl-t", Words("stopped tasks")),
    Key("ctrl-x T", Gone("stopped tasks")),
    Key("ctrl-x O", Words("sort services by")),
    Keys("down", Words("▸")),
    Key("enter", Words("· by ")),
    Key("ctrl-x z", Panes(1)),
    Keys("ctrl-x z", Panes(4)),
    // Elsewhere.
    Key("ctrl-g", Words("go to a profile or region")),
    Keys("esc", Gone("go to a profile or region")),
    Key("ctrl-x w", Words("go to a profile or region")),
    Keys("esc", Gone("go to a profile or region")),
    Key("ctrl-s", Words("no session was left running")),
    Keys("esc", Gone("no session was left running")),
    Key("ctrl-x S", Words("no session was left running")),
    Keys("esc", Gone("no session was left running")),
    Key("ctrl-f", Words("jump:")),
    Text("^prod/ledger app", Words("ledger:2024.203")),
    Key("tab", Gone("jump:")),
    Keys("ctrl-f", Words("jump:")),
    Keys("ctrl-f", Gone("jump:")),
    // What can be done.
    Key("ctrl-x", Words("╭ actions")),
    Key("/", Words("action:")),
    Keys("esc", Gone("╭ actions")),
    Key("ctrl-x ?", Words(" keys 1–")),
    Keys("esc", Gone(" keys 1–")),
    Key("f1", Words(" keys 1–")),
    Keys("esc", Gone(" keys 1–")),
    Keys("left", Words("type to filter tasks")),
    Keys("left", Words("type to filter services")),
    Text("^payments-api$", On("payments-api")),
    Key("ctrl-x e", Words("run in payments-api:")),
    Keys("esc", Gone("run in payments-api:")),
    Key("ctrl-x u", Words("image or :tag for payments-api")),
    Keys("esc", Gone("image or :tag")),
    Key("ctrl-x n", Words("how many tasks of payments-api:")),
    Keys("esc", Gone("how many tasks")),
    Key("ctrl-x k", Words("stop the tasks of payments-api")),
    Keys("esc", Gone("stop the tasks")),
    Key("ctrl-x t", Words("task definition to run in prod:")),
    Keys("ctrl-u", Gone("prod: payments-api:41")),
    Keys("esc", Gone("task definition to run")),
    Key("ctrl-x g", Words("JSON file of the task definition:")),
    Keys("esc", Gone("JSON file")),
    Key("ctrl-x r", Words("Redeploy prod/payments-api")),
    Keys("esc", Gone("Redeploy prod/payments-api")),
    Key("ctrl-x b", Words("Roll prod/payments-api back to payments-api:40")),
    Keys("esc", Gone("Roll prod/payments-api back")),
    Key("ctrl-x x", Words("exec is enabled for prod/payments-api already")),
    // Being in a container, and back.
    Key("enter", Shell),
    Text("exit\r", Words("▸ payments-api")),
    Key("ctrl-x l", Shell),
    Text("exit\r", Words("▸ payments-api")),
];

/// The ways out.
const LEAVE: [&str; 3] = ["ctrl-c", "ctrl-q", "ctrl-x q"];

#[test]
fn every_key_of_the_table_is_pressed_and_what_it_does_is_seen() {
    let account = Account::still(World::demo());
    let mut terminal = account.ecsui().env("EDITOR", "/nowhere/ed").start(120, 40);
    terminal.wait_for("prod-batch");
    let mut pressed = BTreeSet::new();
    for step in VISIT {
        let (name, keys, seen) = match step {
            Key(chord, seen) | Keys(chord, seen) => {
                pressed.insert((*chord).to_owned());
                (*chord, chord.split(' ').flat_map(bytes).collect(), *seen)
            }
            Text(text, seen) => (*text, text.as_bytes().to_vec(), *seen),
        };
        see(&account, &mut terminal, name, &keys, seen, matches!(step, Key(..)));
    }
    for chord in LEAVE {
        pressed.insert(chord.to_owned());
        terminal.type_in(chord.split(' ').flat_map(bytes).collect::<Vec<u8>>());
        assert_eq!(terminal.wait_for_end().exit_code(), 0, "{chord}");
        terminal.assert_restored();
        terminal = account.browse(120, 40);
        terminal.wait_for("prod-batch");
    }
    let keymap = Keymap::default();
    let all: Vec<String> =
        ACTIONS.iter().flat_map(|info| keymap.chords(info.action)).map(|chord| chord.to_string()).collect();
    let missing: Vec<&String> = all.iter().filter(|chord| !pressed.contains(*chord)).collect();
    assert!(missing.is_empty(), "no step presses {missing:?}");
}

/// Does a step, and waits until what it is for is seen; where it is tried, it was not to be seen before.
fn see(account: &Account, terminal: &mut Terminal, name: &str, keys: &[u8], seen: Seen, is_tried: bool) {
    let (mark, reads) = (terminal.mark(), reads(account));
    if is_tried && !matches!(seen, ReadAgain | Copied(_)) {
        assert!(
            !terminal.screen(|screen| is_seen(screen, seen)),
            "{name}: that is seen already\n{}",
            terminal.contents()
        );
    }
    terminal.type_in(keys);
    match seen {
        ReadAgain => terminal.wait_until(name, |_| self::reads(account) > reads),
        Copied(_) => {
            terminal.wait_until(name, |screen| is_seen(screen, seen));
            let written = terminal.bytes_since(mark);
            assert!(written.windows(7).any(|window| window == b"\x1b]52;c;"), "{name} puts nothing on the clipboard");
        }
        Words(_) | Gone(_) | On(_) | Typed(_) | At(_) | Panes(_) | Shell => {
            terminal.wait_until(name, |screen| is_seen(screen, seen));
        }
    }
}

fn is_seen(screen: &vt100::Screen, seen: Seen) -> bool {
    let contents = screen.contents();
    let line = contents.lines().last().unwrap_or_default();
    let in_browser = screen.alternate_screen();
    match seen {
        Words(words) => in_browser && contents.contains(words),
        Gone(words) => in_browser && !contents.contains(words),
        On(name) => contents.contains(&format!("▸ {name} ")),
        // What stands there while nothing is typed is no text.
        Typed("") => line.contains("type to filter"),
        Typed(text) => line.starts_with(&format!(" {text} ")),
        At(column) => screen.cursor_position().1 == column,
        Panes(count) => contents.lines().nth(1).is_some_and(|line| line.matches('╭').count() == count),
        ReadAgain => false,
        Shell => !in_browser && (line.trim_end().ends_with('$') || line.trim_end().ends_with('#')),
        Copied(words) => contents.contains("copied") && contents.contains(words),
    }
}

/// How often AWS was asked for the clusters.
fn reads(account: &Account) -> usize {
    account.sim.calls().iter().filter(|call| call.operation == "ListClusters").count()
}

/// What a terminal sends for a key, as the config names it.
fn bytes(key: &str) -> Vec<u8> {
    let text = match key {
        "up" => "\x1b[A",
        "down" => "\x1b[B",
        "right" => "\x1b[C",
        "left" => "\x1b[D",
        "home" => "\x1b[H",
        "end" => "\x1b[F",
        "pageup" => "\x1b[5~",
        "pagedown" => "\x1b[6~",
        "tab" => "\t",
        "shift-tab" => "\x1b[Z",
        "enter" => "\r",
        "esc" => "\x1b",
        "backspace" => "\x7f",
        "ctrl-space" => "\0",
        "f1" => "\x1bOP",
        "f2" => "\x1bOQ",
        "f3" => "\x1bOR",
        "f4" => "\x1bOS",
        "f5" => "\x1b[15~",
        "f6" => "\x1b[17~",
        _ => {
            let letter = key.strip_prefix("ctrl-").and_then(|rest| rest.bytes().next());
            return letter.map_or_else(|| key.as_bytes().to_vec(), |letter| vec![letter & 0x1f]);
        }
    };
    text.as_bytes().to_vec()
}
