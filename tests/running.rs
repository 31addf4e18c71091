//! Sessions that are left running: at a real terminal in the demo, and in the pure state.

mod common {
    pub(crate) mod account;
    pub(crate) mod browser;
    pub(crate) mod terminal;
}

use common::{
    account::Account,
    browser::{Script, company},
    terminal::Terminal,
};
use ecsui::{
    config::Settings,
    session::Exit,
    sim,
    tui::app::{Afterwards, Effect, Event, SessionId},
};

/// An account with one service, and so with one container to be in.
fn account() -> Account {
    let mut world = sim::World::empty();
    world.add_cluster("prod");
    world.add_service("prod", "api", 1);
    Account::still(world)
}

/// Opens a shell.
fn shell(account: &Account) -> Terminal {
    let mut terminal = account.browse(100, 30);
    terminal.wait_for("exec ready");
    terminal.type_in("\t\r");
    terminal.wait_until("the shell", |screen| !screen.alternate_screen());
    terminal.type_in("echo in-$((40 + 2))\r");
    terminal.wait_for("in-42");
    terminal
}

fn calls(account: &Account, operation: &str) -> usize {
    account.sim.calls().iter().filter(|call| call.operation == operation).count()
}

/// Waits until the browser is there, and has said this.
fn wait_for_browser(terminal: &Terminal, said: &str) {
    terminal.wait_until(said, |screen| {
        let text = screen.contents();
        text.contains("╭ clusters") && text.contains(said)
    });
}

#[test]
fn a_session_that_is_left_goes_on_and_is_there_when_one_comes_back() {
    let account = account();
    let mut terminal = shell(&account);
    terminal.type_in("word=kept\r~&");
    wait_for_browser(&terminal, "goes on; ctrl-s goes back to it");
    terminal.type_in("\x13");
    terminal.wait_for("● goes on");
    terminal.type_in("\r");
    terminal.wait_until("the shell", |screen| !screen.alternate_screen());
    terminal.type_in("echo it-was-$word\r");
    terminal.wait_for("it-was-kept");
    // Once more, by the key that full-screen programs let through.
    terminal.type_in("\x1d\x1d");
    wait_for_browser(&terminal, "goes on; ctrl-s goes back to it");
    assert_eq!(calls(&account, "ExecuteCommand"), 1);
}

#[test]
fn what_is_printed_while_nobody_looks_is_seen_later_also_of_a_session_that_has_ended() {
    let account = account();
    let mut terminal = shell(&account);
    terminal.type_in("sleep 0.3; echo missed-$((40 + 2)); exit\r~&");
    wait_for_browser(&terminal, "ctrl-s shows what it printed");
    terminal.type_in("\x13");
    terminal.wait_for("session ended");
    terminal.type_in("\r");
    terminal.wait_for("missed-42");
    terminal.wait_for("any key returns to ecsui");
    terminal.type_in(" ");
    wait_for_browser(&terminal, "session ended");
    terminal.type_in("\x13");
    terminal.wait_for("no session was left running");
}

#[test]
fn a_full_screen_program_gets_its_screen_back_and_draws_anew() {
    let account = account();
    let mut terminal = shell(&account);
    let program = "trap 'printf redrawn' WINCH; printf '\\033[?1049h\\033[?25l\\033[2Jfull-%s' screen; \
                   while :; do sleep 9 & wait $!; done";
    terminal.type_in(format!("{program}\r"));
    terminal.wait_for("full-screen");
    terminal.type_in("\x1d\x1d");
    wait_for_browser(&terminal, "goes on");
    terminal.type_in("\x13");
    terminal.wait_for("● goes on");
    terminal.type_in("\r");
    terminal.wait_until("the program's own screen, drawn anew", |screen| {
        screen.alternate_screen() && screen.hide_cursor() && screen.contents().starts_with("redrawn")
    });
}

#[test]
fn quitting_asks_while_a_session_goes_on_and_ends_it() {
    let account = account();
    let mut terminal = shell(&account);
    terminal.type_in("\r~&");
    wait_for_browser(&terminal, "goes on");
    terminal.type_in("\x03");
    wait_for_browser(&terminal, "once more ends it all and quits");
    terminal.type_in("\x03");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
    assert_eq!(calls(&account, "TerminateSession"), 1);
}

/// A browser from which these sessions were left, in this order.
fn left(sessions: &[(u64, &str)]) -> Script {
    let mut script = Script::new(120, 40, &Settings::default());
    script.settle(&company());
    for (id, label) in sessions {
        let (id, label) = (SessionId(*id), (*label).to_owned());
        script.event(Event::Left { id, label, afterwards: Afterwards::Browser, at: script.now });
    }
    script
}

fn said(script: &Script) -> String {
    script.state.message().map(|message| message.lines.join(" / ")).unwrap_or_default()
}

#[test]
fn the_last_one_is_the_first_to_go_back_to_and_each_is_found_by_its_name() {
    let mut script = left(&[(1, "app in 4f2ab81c"), (2, "envoy in 77c01d9e")]);
    assert_eq!(said(&script), "envoy in 77c01d9e goes on; ctrl-s goes back to it");
    script.keys("<ctrl-s><enter>");
    assert_eq!(script.effects, [Effect::Attach(SessionId(2), Afterwards::Browser)]);
    script.keys("<ctrl-s>4f2<enter>");
    assert_eq!(script.effects[1..], [Effect::Attach(SessionId(1), Afterwards::Browser)]);
    script.keys("<ctrl-s>");
    assert!(said(&script).starts_with("no session was left running"), "{}", said(&script));
}

#[test]
fn the_jump_too_leads_back() {
    let mut script = left(&[(1, "prod/1/app")]);
    script.keys("<ctrl-f><ctrl-s>");
    assert!(script.state.pick().is_some(), "the way that is named works where it is named");
    script.keys("<enter>");
    assert!(script.effects.contains(&Effect::Attach(SessionId(1), Afterwards::Browser)), "{:?}", script.effects);
    assert!(script.state.jump().is_some(), "it is there again afterwards");
}

#[test]
fn of_one_that_has_ended_what_it_printed_is_seen_until_a_key() {
    let mut script = left(&[(1, "app in 4f2ab81c")]);
    script.event(Event::Over { id: SessionId(1), exit: Exit::Code(3), at: script.now });
    assert_eq!(said(&script), "app in 4f2ab81c: exit 3; ctrl-s shows what it printed");
    // It needs no end any more.
    script.keys("<ctrl-c>");
    assert_eq!(script.effects, [Effect::Quit]);
    script.keys("<ctrl-s><enter>");
    assert_eq!(script.effects[1..], [Effect::Attach(SessionId(1), Afterwards::Key)]);
}

#[test]
fn quitting_asks_again_after_another_key() {
    let mut script = left(&[(1, "a"), (2, "b")]);
    script.keys("<ctrl-c>");
    assert_eq!(said(&script), "2 sessions go on (ctrl-s); once more ends it all and quits");
    script.keys("<down><ctrl-c>");
    assert_eq!(script.effects, []);
    script.keys("<ctrl-x>q");
    assert_eq!(script.effects, [Effect::Quit]);
}
