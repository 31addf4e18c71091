//! The whole program at a real terminal: browse, press Enter, be in a shell, come back.

#![cfg(feature = "demo")]

mod common {
    pub(crate) mod account;
    pub(crate) mod terminal;
}

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use common::{
    account::{Account, ECSUI},
    terminal::{Program, Terminal},
};
use ecsui::sim::{Damage, Fault, World};

/// Two clusters of three services of two tasks.
fn account() -> Account {
    Account::still(World::grid(2, 3, 2))
}

/// The browser, with every pane filled, in the pane of the services.
fn browser(account: &Account, columns: u16, rows: u16) -> Terminal {
    let mut terminal = account.browse(columns, rows);
    terminal.wait_for("prod-1");
    terminal.type_in("\t");
    terminal.wait_for("-api-");
    terminal
}

/// Enter, and the shell is there.
fn log_in(terminal: &mut Terminal) {
    terminal.type_in("\r");
    terminal.wait_until("the prompt of a shell", |screen| !screen.alternate_screen() && has_prompt(screen));
}

/// Whether the cursor stands after a prompt: `$ `, or `# ` for root.
fn has_prompt(screen: &vt100::Screen) -> bool {
    let (row, column) = screen.cursor_position();
    let line = screen.contents_between(row, 0, row, column);
    line.ends_with("$ ") || line.ends_with("# ")
}

/// Ends the shell, and the browser is there again.
fn come_back(terminal: &mut Terminal) {
    terminal.type_in("exit\r");
    wait_for_return(terminal);
}

fn wait_for_return(terminal: &Terminal) {
    terminal.wait_until("the browser again", |screen| {
        screen.alternate_screen() && screen.contents().contains("session ended")
    });
}

/// Leaves the browser and looks at what is left.
fn quit(mut terminal: Terminal) {
    terminal.type_in("\x11");
    assert_eq!(terminal.wait_for_end().exit_code(), 0, "{}", terminal.contents());
    terminal.assert_restored();
}

/// The rows of the panes and what is typed: everything but the title, whose age changes, the details, and what is said
/// in passing.
fn panes(screen: &vt100::Screen) -> String {
    let contents = screen.contents();
    let panes = contents.lines().skip(1).take_while(|line| !line.starts_with('╰'));
    let rows = panes.chain(contents.lines().last()).filter(|line| line.contains(char::is_alphanumeric));
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn browse_enter_shell_resize_and_back_as_it_was() {
    let account = account();
    let mut terminal = browser(&account, 120, 40);
    terminal.type_in("orders");
    let settled = |screen: &vt100::Screen| {
        let contents = screen.contents();
        contents.contains("\n orders ")
            && contents.contains("2/2")
            && contents.contains("exec ready")
            && !contents.contains('⟳')
    };
    terminal.wait_until("the filtered service and its containers", settled);
    let before = terminal.screen(panes);
    assert!(before.contains("orders-api") && !before.contains("billing-api"), "{before}");
    log_in(&mut terminal);
    terminal.type_in("echo $((6 * 7)); stty size\r");
    terminal.wait_for("42\n40 120\n");
    terminal.resize(90, 30);
    terminal.type_in("clear; stty size\r");
    terminal.wait_for("30 90\n");
    terminal.resize(120, 40);
    come_back(&mut terminal);
    terminal.wait_until(&format!("this again:\n{before}"), |screen| panes(screen) == before);
    quit(terminal);
}

#[test]
fn keys_before_in_and_after_a_session_arrive_once_each() {
    let account = account();
    let mut terminal = browser(&account, 100, 30);
    terminal.type_in("ord");
    terminal.wait_for("\n ord");
    for (typed, query) in [("e", "orde"), ("r", "order"), ("s", "orders")] {
        log_in(&mut terminal);
        let session = format!("of-{query}");
        terminal.type_in("echo re''ady; read -r line; echo \"<$line>\"\r");
        terminal.wait_until("the shell reading", |screen| screen.contents().ends_with("ready"));
        terminal.type_in(format!("{session}\r"));
        terminal.wait_for(&format!("<{session}>\n"));
        come_back(&mut terminal);
        terminal.type_in(typed);
        terminal.wait_until("the letter in the query", |screen| {
            screen.contents().lines().last().is_some_and(|line| line.starts_with(&format!(" {query} ")))
        });
    }
    quit(terminal);
}

#[test]
fn what_is_typed_while_a_session_opens_is_the_browsers_and_escape_cancels() {
    let account = account();
    let mut terminal = browser(&account, 100, 30);
    terminal.wait_for("exec ready");
    account.sim.fault(Fault::delay("ExecuteCommand", Duration::from_hours(1)));
    terminal.type_in("\rbill");
    terminal.wait_for("\n bill ");
    terminal.type_in("\x1b");
    terminal.wait_for("stopped opening");
    account.sim.mend();
    log_in(&mut terminal);
    come_back(&mut terminal);
    quit(terminal);
}

#[test]
fn who_quits_while_a_session_opens_leaves_no_command_behind() {
    let account = account();
    let mut terminal = browser(&account, 100, 30);
    terminal.wait_for("exec ready");
    account.sim.fault(Fault::delay("ExecuteCommand", Duration::from_millis(300)));
    terminal.type_in("\r");
    while !called(&account, "ExecuteCommand") {
        std::thread::yield_now();
    }
    quit(terminal);
    assert!(called(&account, "TerminateSession"), "the command that was started runs on");
}

fn called(account: &Account, operation: &str) -> bool {
    account.sim.calls().iter().any(|call| call.operation == operation)
}

#[test]
fn ssh_escapes_end_a_session_and_the_browser_goes_on() {
    let account = account();
    let mut terminal = browser(&account, 100, 30);
    log_in(&mut terminal);
    terminal.type_in("\r~?");
    terminal.wait_for("~.   end the session");
    terminal.type_in("~.");
    wait_for_return(&terminal);
    assert!(terminal.contents().contains("ended with ~."), "{}", terminal.contents());
    quit(terminal);
}

#[test]
fn what_a_command_printed_stays_until_a_key() {
    let account = account();
    let mut terminal = browser(&account, 100, 30);
    terminal.type_in("\x18e");
    terminal.wait_for("run in billing-api-001");
    terminal.type_in("echo it is $((6 * 7))\r");
    terminal.wait_until("what was printed, and how to go on", |screen| {
        let contents = screen.contents();
        !screen.alternate_screen() && contents.contains("it is $((6 * 7))") && contents.contains("any key returns")
    });
    terminal.type_in(" ");
    wait_for_return(&terminal);
    quit(terminal);
}

#[test]
fn a_container_can_leave_no_trace_on_the_terminal() {
    let account = account();
    let mut terminal = browser(&account, 100, 30);
    log_in(&mut terminal);
    let mark = terminal.mark();
    terminal.type_in(r"printf '\377\376\033[?1049h\033[?1003h\033[?1h\033[31m\033]0;t\007\033[2;5r\033[?25l'; exit");
    terminal.type_in("\r");
    wait_for_return(&terminal);
    assert!(terminal.bytes_since(mark).windows(10).any(|bytes| bytes == b"\xff\xfe\x1b[?1049h"), "raw");
    terminal.wait_until("a clean browser", |screen| {
        screen.contents().contains("-api-")
            // What the browser has set, and not what the container has.
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::PressRelease
            && !screen.application_cursor()
            && !screen.hide_cursor()
    });
    quit(terminal);
}

/// How many sessions AWS was told to end.
fn sessions_ended(account: &Account) -> usize {
    account.sim.calls().iter().filter(|call| call.operation == "TerminateSession").count()
}

#[test]
fn a_signal_restores_the_terminal_in_the_browser_and_in_a_session() {
    let account = account();
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        for in_session in [false, true] {
            let mut terminal = browser(&account, 100, 30);
            if in_session {
                log_in(&mut terminal);
            }
            let ended = sessions_ended(&account);
            terminal.signal(signal);
            assert_eq!(terminal.wait_for_end().exit_code(), code, "{signal}\n{}", terminal.contents());
            terminal.assert_restored();
            assert_eq!(sessions_ended(&account) - ended, usize::from(in_session), "sessions AWS was told to end");
        }
    }
}

/// Lets a browser that was stopped go on, and asserts that it has its screen and its keys again.
fn goes_on(mut terminal: Terminal) {
    terminal.signal("CONT");
    terminal.wait_until("the browser again", |screen| {
        screen.alternate_screen() && screen.bracketed_paste() && screen.contents().contains("-api-")
    });
    assert!(terminal.is_raw());
    terminal.type_in("orders");
    terminal.wait_for("\n orders ");
    quit(terminal);
}

#[test]
fn a_browser_that_was_stopped_takes_the_terminal_again() {
    let account = account();
    let terminal = browser(&account, 100, 30);
    terminal.stop();
    terminal.prompt_as_a_shell();
    terminal.wait_until("the shell's screen", |screen| !screen.alternate_screen() && !screen.bracketed_paste());
    terminal.resize(90, 25);
    goes_on(terminal);
}

#[test]
fn a_browser_gives_the_terminal_away_before_it_stops() {
    let account = account();
    let terminal = browser(&account, 100, 30);
    terminal.stop_by("TSTP");
    terminal.assert_given_away();
    goes_on(terminal);
}

#[test]
fn keys_are_answered_while_aws_is_not() {
    let account = account();
    let mut terminal = browser(&account, 100, 30);
    account.sim.fault(Fault::new("*", Damage::Hang));
    terminal.type_in("\x12\x1b[Z\x1b[B");
    terminal.wait_for("▸ prod-1");
    terminal.type_in("pre");
    terminal.wait_until("the filtered clusters", |screen| {
        let contents = screen.contents();
        contents.contains("\n pre") && !contents.contains("  prod-1")
    });
    quit(terminal);
}

#[test]
fn a_paste_is_text_and_no_keys() {
    let account = account();
    let mut terminal = browser(&account, 100, 30);
    terminal.type_in("\x1b[200~or\x11de\rrs\x1b[201~");
    terminal.wait_for("\n or␑de rs ");
    quit(terminal);
}

#[test]
fn every_size_is_drawn_and_none_panics() {
    let account = account();
    for (columns, rows) in [(1, 1), (20, 5), (40, 10), (59, 20), (80, 24), (99, 24), (200, 50)] {
        let mut terminal = account.browse(columns, rows);
        terminal.wait_until("a screen", vt100::Screen::alternate_screen);
        if columns >= 20 {
            terminal.wait_for("prod-1");
        }
        // Every size after the other, while something happens.
        for (columns, rows) in [(200, 50), (1, 1), (20, 5), (80, 24)] {
            terminal.resize(columns, rows);
            terminal.type_in("\x1b[B\t");
        }
        terminal.wait_until("the browser at 80×24", |screen| {
            screen.contents().contains("ecsui") && screen.contents().contains("F1 help")
        });
        quit(terminal);
    }
}

#[test]
fn a_terminal_without_a_size_counts_as_80_by_24() {
    let account = account();
    let program = account.ecsui();
    let mut terminal = program.start(0, 0);
    terminal.wait_for_bytes("a frame", 0, |bytes| bytes.windows(8).any(|end| end == b"\x1b[?2026l"));
    terminal.wait_for_bytes("its last line", 0, |bytes| bytes.windows(5).any(|place| place == b"\x1b[24;"));
    terminal.type_in("\x11");
    assert!(terminal.wait_for_end().success());
}

#[test]
fn without_a_terminal_nothing_is_touched_and_the_message_says_so() {
    let account = account();
    let output = Command::new(ECSUI)
        .env_clear()
        .envs(account.variables())
        .env("HOME", "/nonexistent")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("standard input is not a terminal"), "{words}");
    assert!(account.sim.calls().is_empty());

    // And with a terminal to read from, but none to draw on.
    let program = Program::new("/bin/sh").args(["-c", "exec \"$0\" | cat", ECSUI]);
    let mut terminal = program.start(100, 30);
    terminal.wait_for_end();
    terminal.assert_restored();
    assert!(terminal.contents().contains("standard output is not a terminal"), "{}", terminal.contents());
}

#[test]
fn one_command_shows_the_demo_and_a_shell_in_it() {
    let mut terminal = Program::new(ECSUI).args(["demo"]).start(120, 40);
    terminal.wait_until("a service with its tasks", |screen| screen.contents().contains("exec ready"));
    terminal.type_in("\t");
    log_in(&mut terminal);
    terminal.type_in("echo $((6 * 7))\r");
    terminal.wait_for("\n42\n");
    come_back(&mut terminal);
    quit(terminal);
}
