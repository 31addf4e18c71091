//! Actions of somebody's own, in the real program at a real terminal.

mod common {
    pub(crate) mod account;
    pub(crate) mod terminal;
}

use std::fs;

use common::{
    account::Account,
    terminal::{Program, Terminal},
};
use ecsui::sim::{Options, World};

const CONFIG: &str = r#"
[[action]]
name = "tell"
letter = "K"
command = "printf 'I see %s' {cluster}/{service}; echo \" of {region}\"; read line; echo \"heard $line\"; exit 3"

[[action]]
name = "enter"
letter = "J"
command = ["echo", "{container}"]
changes = false

[[action]]
name = "nowhere"
letter = "W"
command = ["/nowhere/at/all"]
where = ["services"]
changes = false
"#;

/// The browser on a service, with actions of somebody's own.
fn browse(account: &Account, flags: &[&str]) -> Terminal {
    let mut program = Program::new(common::account::ECSUI);
    for (name, value) in account.variables() {
        program = program.env(name, value);
    }
    let config = program.home().join("config.toml");
    fs::write(&config, CONFIG).expect("the home is its own");
    let config = config.to_string_lossy().into_owned();
    let terminal = program.args(["--config", &config]).args(flags).start(140, 45);
    let mut terminal = terminal;
    terminal.wait_for("prod-batch");
    terminal.type_in("^prod$\t^payments-api$");
    terminal.wait_for("3/3 :41");
    terminal
}

#[test]
fn a_command_of_ones_own_is_told_what_is_selected_and_has_the_terminal() {
    let account = Account::serve(World::demo(), Options::explicit());
    let mut terminal = browse(&account, &[]);
    terminal.type_in("\x18K");
    terminal.wait_for("I see prod/payments-api of eu-west-1");
    terminal.type_in("me\r");
    terminal.wait_for("heard me");
    terminal.wait_for("tell: exit 3 — any key returns to ecsui");
    terminal.type_in(" ");
    terminal.wait_until("the browser, and how it ended", |screen| {
        let text = screen.contents();
        text.contains("tell: exit 3") && text.contains("has reached a steady state") && !text.contains("any key")
    });
    terminal.type_in("\x03");
    assert!(terminal.wait_for_end().success());
    terminal.assert_restored();
}

#[test]
fn plainly_drawn_all_that_reaches_the_terminal_is_ascii() {
    let account = Account::serve(World::demo(), Options::explicit());
    let mut terminal = browse(&account, &["--plain"]);
    for (key, seen) in [("\x1bOP", " keys 1-"), ("\x18", "a letter does it"), ("\x06", "jump:")] {
        terminal.type_in(key);
        terminal.wait_for(seen);
        terminal.type_in("\x1b");
        terminal.wait_until("the panes again", |screen| !screen.contents().contains(seen));
    }
    terminal.type_in("\x18K");
    terminal.wait_for("I see prod/payments-api of eu-west-1");
    terminal.type_in("me\r");
    terminal.wait_for("tell: exit 3 - any key returns to ecsui");
    terminal.type_in(" ");
    terminal.wait_until("the browser, and how it ended", |screen| {
        let text = screen.contents();
        text.contains("tell: exit 3") && text.contains("has reached a steady state") && !text.contains("any key")
    });
    terminal.type_in("\x03");
    assert!(terminal.wait_for_end().success());
    let odd: String = String::from_utf8_lossy(&terminal.bytes_since(0)).chars().filter(|c| !c.is_ascii()).collect();
    assert_eq!(odd, "");
}

#[test]
fn what_cannot_be_run_says_why() {
    let account = Account::serve(World::demo(), Options::explicit());
    let mut terminal = browse(&account, &["--read-only"]);
    terminal.type_in("\x18");
    terminal.wait_until("what stands in the way of each", |screen| {
        let text = screen.contents();
        text.contains("no container is selected")
            && text.lines().any(|line| line.contains("tell") && line.contains("read-only"))
    });
    terminal.type_in("J");
    terminal.wait_for("enter: no container is selected");
    terminal.type_in("\x18W");
    terminal.wait_for("cannot run nowhere");
    terminal.type_in("\x03");
    assert!(terminal.wait_for_exit().success());
}
