//! The mouse at a real terminal: when it is reported, what a click does there, and that no session hears of it.

mod common {
    pub(crate) mod account;
    pub(crate) mod terminal;
}

use std::fs;

use common::{account::Account, terminal::Terminal};
use ecsui::sim::World;
use vt100::{MouseProtocolEncoding, MouseProtocolMode};

fn account() -> Account {
    Account::still(World::grid(2, 3, 2))
}

/// What a terminal sends when the left button is pressed there, or let go.
fn report(button: u8, (row, column): (u16, u16), end: char) -> String {
    format!("\x1b[<{button};{};{}{end}", column + 1, row + 1)
}

fn click(place: (u16, u16)) -> String {
    report(0, place, 'M') + &report(0, place, 'm')
}

/// Where these words stand on the screen.
fn find(screen: &vt100::Screen, words: &str) -> Option<(u16, u16)> {
    let (_, columns) = screen.size();
    screen.rows(0, columns).enumerate().find_map(|(row, line)| {
        let before = line.split_once(words)?.0;
        Some((row as u16, before.chars().count() as u16))
    })
}

fn is_reported(screen: &vt100::Screen) -> bool {
    screen.mouse_protocol_mode() == MouseProtocolMode::PressRelease
        && screen.mouse_protocol_encoding() == MouseProtocolEncoding::Sgr
}

fn is_off(screen: &vt100::Screen) -> bool {
    screen.mouse_protocol_mode() == MouseProtocolMode::None
}

/// The browser, with the pane of services filled.
fn browse(account: &Account) -> (Terminal, (u16, u16)) {
    let terminal = account.browse(120, 40);
    terminal.wait_for("orders-api");
    let place = terminal.screen(|screen| find(screen, "orders-api")).expect("it is there");
    (terminal, place)
}

#[test]
fn clicks_choose_and_log_in_and_the_session_hears_nothing_of_them() {
    let account = account();
    let (mut terminal, place) = browse(&account);
    assert!(terminal.screen(is_reported));
    // Cut in the middle, as a slow line may do it.
    let press = report(0, place, 'M');
    let (one, two) = press.split_at(4);
    terminal.type_in(one);
    terminal.type_in(two);
    terminal.type_in(report(0, place, 'm'));
    terminal.wait_until("the row selected and none of it typed", |screen| {
        let contents = screen.contents();
        contents.contains(" › orders-api") && contents.contains("type to filter services")
    });
    terminal.type_in(click(place) + &click(place));
    terminal.wait_until("the prompt of a shell", |screen| {
        !screen.alternate_screen()
            && (screen.contents().ends_with("$ ")
                || screen.contents().trim_end().ends_with('#')
                || screen.contents().trim_end().ends_with('$'))
    });
    assert!(terminal.screen(is_off), "the session has the mouse");
    // These were on their way when it was switched off.
    terminal.type_in(report(64, place, 'M') + &click(place) + "echo re''ady; cat -v\r");
    terminal.wait_for("ready");
    assert!(!terminal.contents().contains("<64") && !terminal.contents().contains("[<"), "{}", terminal.contents());
    terminal.type_in("\x04exit\r");
    terminal.wait_until("the browser again", |screen| screen.alternate_screen() && is_reported(screen));
    terminal.type_in("\x11");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn the_wheel_scrolls_a_long_pane() {
    let account = Account::still(World::grid(1, 80, 1));
    let mut terminal = account.browse(100, 24);
    terminal.wait_for("billing-api-001");
    let place = terminal.screen(|screen| find(screen, "billing-api-001"));
    let wheel = |button| report(button, place.expect("it is there"), 'M').repeat(4);
    terminal.type_in(wheel(65));
    terminal.wait_until("other services", |screen| find(screen, "billing-api-001").is_none());
    terminal.type_in(wheel(64));
    terminal.wait_until("the first ones again", |screen| find(screen, "billing-api-001") == place);
    terminal.type_in("\x11");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn a_signal_a_stop_and_the_end_leave_no_mouse_behind() {
    let account = account();
    for end in ["TERM", "HUP", "INT"] {
        let (mut terminal, _) = browse(&account);
        terminal.signal(end);
        terminal.wait_for_end();
        terminal.assert_restored();
    }
    let (mut terminal, _) = browse(&account);
    terminal.stop();
    terminal.prompt_as_a_shell();
    let mark = terminal.mark();
    terminal.signal("CONT");
    terminal.wait_for_bytes("the mouse again", mark, |bytes| {
        bytes.windows(16).any(|window| window == b"\x1b[?1000h\x1b[?1006h")
    });
    terminal.type_in("\x03");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn with_the_setting_off_the_terminal_keeps_its_mouse() {
    let account = account();
    let program = account.ecsui();
    fs::write(program.home().join("config.toml"), "refresh_seconds = 0\nmouse = false\n").expect("the home is its own");
    let mut terminal = program.start(120, 40);
    terminal.wait_for("orders-api");
    assert!(terminal.screen(is_off));
    terminal.type_in("\t\r");
    terminal.wait_until("a shell", |screen| !screen.alternate_screen());
    terminal.type_in("exit\r");
    terminal.wait_until("the browser again", vt100::Screen::alternate_screen);
    terminal.type_in("\x11");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    let written = terminal.bytes_since(0);
    assert!(!written.windows(8).any(|window| window == b"\x1b[?1000h"));
    terminal.assert_restored();
}
