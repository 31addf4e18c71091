//! The editor, the browser of the web and links, in the real program at a real terminal.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod account;
    pub(crate) mod terminal;
}

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use common::{
    account::Account,
    terminal::{FAILED, Program, Terminal},
};
use ecsui::sim::World;

/// An editor that tells what it got, and reads from its terminal.
const EDITOR: &str = r#"#!/bin/sh
printf '%s\n' "$@" > "$HOME/arguments"
cp "$2" "$HOME/seen.json"
stat -c '%a' "$2" "$(dirname "$2")" > "$HOME/modes"
stty size > "$HOME/size"
cp "$2" "$2~"
printf 'editing, '
read -r line
echo "$line" > "$HOME/typed"
"#;

/// A browser of the web that writes down what it is to show, and where its input and output lead.
const BROWSER: &str = r#"#!/bin/sh
streams=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2)
echo "$streams" > "$HOME/streams"
printf '%s\n' "$@" > "$HOME/shown.new"
mv "$HOME/shown.new" "$HOME/shown"
"#;

/// Puts a program into a home.
fn put(home: &Path, name: &str, script: &str) -> String {
    let path = home.join(name);
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_string_lossy().into_owned()
}

/// A browser on a service of the demo.
fn on_a_service(program: Program) -> Terminal {
    let mut terminal = program.start(120, 40);
    terminal.wait_for("prod-batch");
    terminal.type_in("^prod$\t^payments-api$");
    terminal.wait_for("3/3 :41");
    terminal
}

/// Waits until a file is there, and returns what it holds.
fn read(path: &Path) -> String {
    let begun = Instant::now();
    loop {
        if let Ok(text) = fs::read_to_string(path) {
            return text;
        }
        assert!(begun.elapsed() < FAILED, "{} never comes", path.display());
        thread::sleep(Duration::from_millis(2));
    }
}

/// Fails where something is left in a directory.
fn is_empty(directory: &Path) {
    let left: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

fn quit(mut terminal: Terminal) {
    terminal.type_in("\x03");
    assert!(terminal.wait_for_end().success());
    terminal.assert_restored();
}

/// Returns the program with an editor, its home, and its directory for what does not stay.
fn with_editor(account: &Account, variable: &str) -> (Program, PathBuf, PathBuf) {
    let program = account.ecsui();
    let home = program.home().to_owned();
    let editor = put(&home, "my-editor", EDITOR);
    let temporary = home.join("tmp");
    fs::create_dir(&temporary).unwrap();
    let program = program.env("TMPDIR", &temporary).env(variable, format!("'{editor}' --wait"));
    (program, home, temporary)
}

#[test]
fn the_editor_has_the_terminal_and_a_file_of_its_own_that_does_not_stay() {
    let account = Account::still(World::demo());
    let (program, home, temporary) = with_editor(&account, "EDITOR");
    let mut terminal = on_a_service(program);
    terminal.type_in("\x18a");
    terminal.wait_for("as AWS describes it");
    terminal.wait_for("\"deployments\": [");
    terminal.type_in("\x18E");
    terminal.wait_until("the editor", |screen| !screen.alternate_screen() && screen.contents().contains("editing,"));
    terminal.type_in("some words\r");
    terminal.wait_until("the browser, and how the editor ended", |screen| {
        screen.alternate_screen() && screen.contents().contains("my-editor: exit 0")
    });
    assert_eq!(read(&home.join("typed")), "some words\n");
    assert_eq!((read(&home.join("modes")), read(&home.join("size"))), ("600\n700\n".to_owned(), "40 120\n".to_owned()));
    let arguments = read(&home.join("arguments"));
    let [wait, file] = arguments.lines().collect::<Vec<_>>()[..] else { panic!("{arguments}") };
    assert_eq!((wait, Path::new(file).file_name().unwrap()), ("--wait", "payments-api.json".as_ref()));
    assert!(file.starts_with(temporary.to_str().unwrap()), "{file}");
    is_empty(&temporary);
    let seen: serde_json::Value = serde_json::from_str(&read(&home.join("seen.json"))).unwrap();
    assert_eq!(seen["serviceName"], "payments-api");
    terminal.wait_for("as AWS describes it");
    quit(terminal);
}

#[test]
fn secrets_are_masked_in_the_file_unless_they_are_shown() {
    let account = Account::still(World::demo());
    for (reveal, keys) in [(false, "\x184\x18E"), (true, "\x184\x18v\x18E")] {
        let (program, home, temporary) = with_editor(&account, "VISUAL");
        let mut terminal = on_a_service(program.env("EDITOR", "/nowhere/ed"));
        terminal.type_in(keys);
        terminal.wait_for("editing,");
        terminal.type_in("\r");
        terminal.wait_for("my-editor: exit 0");
        let seen = read(&home.join("seen.json"));
        let definition: serde_json::Value = serde_json::from_str(&seen).unwrap();
        assert_eq!(definition["taskDefinition"]["family"], "payments-api");
        assert_eq!(seen.contains("••••••"), !reveal, "{seen}");
        is_empty(&temporary);
        quit(terminal);
    }
}

#[test]
fn an_editor_that_is_not_there_is_named_with_what_to_set() {
    let account = Account::still(World::demo());
    let program = account.ecsui().env("EDITOR", "/nowhere/ed");
    let temporary = program.home().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let mut terminal = on_a_service(program.env("TMPDIR", &temporary));
    terminal.type_in("\x18E");
    terminal.wait_for("/nowhere/ed cannot be started");
    terminal.wait_for("set VISUAL or EDITOR");
    is_empty(&temporary);
    quit(terminal);
}

#[test]
fn the_program_that_ends_takes_the_editors_file_along() {
    let account = Account::still(World::demo());
    let (program, _home, temporary) = with_editor(&account, "EDITOR");
    let mut terminal = on_a_service(program);
    terminal.type_in("\x18E");
    terminal.wait_for("editing,");
    terminal.signal("TERM");
    let _status = terminal.wait_for_exit();
    is_empty(&temporary);
}

#[test]
fn the_console_page_is_shown_by_a_program_that_has_nothing_of_the_terminal() {
    let account = Account::still(World::demo());
    let program = account.ecsui();
    let home = program.home().to_owned();
    let browser = put(&home, "my browser", BROWSER);
    let mut terminal = on_a_service(program.env("BROWSER", format!("'{browser}' --page=%s")));
    terminal.type_in("\x18c");
    let page =
        "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/payments-api/health?region=eu-west-1";
    assert_eq!(read(&home.join("shown")), format!("--page={page}\n"));
    assert_eq!(read(&home.join("streams")), "/dev/null\n/dev/null\n/dev/null\n");
    terminal.wait_for("opened the console page of service payments-api");
    quit(terminal);
}

#[test]
fn a_page_that_cannot_be_shown_is_copied() {
    let account = Account::still(World::demo());
    let mut terminal = on_a_service(account.ecsui().env("BROWSER", "false"));
    let mark = terminal.mark();
    terminal.type_in("\x18c");
    terminal.wait_for("its link is copied: false shows no page: it ended with exit");
    terminal
        .wait_for_bytes("the link on its way to the clipboard", mark, |bytes| holds(bytes, b"\x1b]52;c;aHR0cHM6Ly9l"));
    quit(terminal);
}

/// Whether bytes hold others.
fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[test]
fn what_leads_to_the_console_is_a_link_where_the_terminal_may_know_links() {
    let account = Account::still(World::demo());
    let link = b"\x1b]8;id=ecsui-0;https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/payments-api/health?region=eu-west-1\x1b\\";
    let mut terminal = on_a_service(account.ecsui());
    let mark = terminal.mark();
    terminal.type_in("\x180");
    terminal.wait_for("ARN  ");
    terminal.wait_for_bytes("a link", mark, |bytes| holds(bytes, link));
    terminal.wait_until("the text of the link, and the cursor where one types", |screen| {
        screen.contents().contains(":service/prod/payments-api") && screen.cursor_position() == (39, 15)
    });
    // The link goes with its text.
    let mark = terminal.mark();
    terminal.type_in("\x181");
    terminal.wait_for("steady state");
    terminal.type_in("\x03");
    assert!(terminal.wait_for_end().success());
    let after = terminal.bytes_since(mark);
    assert!(!holds(&after, b"\x1b]8;id="), "{}", String::from_utf8_lossy(&after));
    for program in [account.ecsui().env("TERM", "linux"), account.ecsui().args(["--plain"])] {
        let mut terminal = on_a_service(program);
        terminal.type_in("\x180");
        terminal.wait_for("ARN  ");
        terminal.type_in("\x03");
        assert!(terminal.wait_for_end().success());
        assert!(!holds(&terminal.bytes_since(0), b"\x1b]8;"));
    }
}
