//! From a key to a change and back, in the real program at a real terminal: a tag is changed, the rollout is watched,
//! it fails, and is rolled back.

mod common {
    pub(crate) mod account;
    pub(crate) mod terminal;
}

use std::{fs, time::Duration};

use common::{
    account::Account,
    terminal::{Program, Terminal},
};
use ecsui::sim::{Options, World};

/// The browser on the demo's world, which moves only by hand, reading anew every second.
fn browse(account: &Account) -> Terminal {
    let mut program = Program::new(common::account::ECSUI);
    for (name, value) in account.variables() {
        program = program.env(name, value);
    }
    let config = program.home().join("config.toml");
    fs::write(&config, "refresh_seconds = 1\n").expect("the home is its own");
    program.args(["--config".as_ref(), config.as_os_str()]).start(140, 45)
}

/// Waits for a text while the simulated world goes on.
fn wait_while_it_moves(account: &Account, terminal: &Terminal, text: &str) {
    terminal.wait_until(text, |screen| {
        account.sim.advance(Duration::from_millis(500));
        screen.contents().contains(text)
    });
}

fn calls(account: &Account, operation: &str) -> usize {
    account.sim.calls().iter().filter(|call| call.operation == operation).count()
}

#[test]
fn a_tag_is_changed_watched_fails_and_is_rolled_back() {
    let account = Account::serve(World::demo(), Options::explicit());
    let mut terminal = browse(&account);
    terminal.wait_for("prod-batch");
    terminal.type_in("^prod$\t^payments-api$");
    terminal.wait_for("payments-api");
    terminal.wait_for("3/3 :41");

    // The wish, the plan, the consent.
    terminal.type_in("\x18u");
    terminal.wait_for("image or :tag for payments-api");
    terminal.type_in("app=:3.43.0\r");
    terminal.wait_for("what changes");
    terminal.wait_for("payments-api:3.43.0");
    terminal.wait_for("ecs:RegisterTaskDefinition");
    assert_eq!((calls(&account, "RegisterTaskDefinition"), calls(&account, "UpdateService")), (0, 0));
    terminal.type_in("y");

    // It rolls, and what it brings crashes.
    wait_while_it_moves(&account, &terminal, "payments-api:42  PRIMARY  IN_PROGRESS");
    assert_eq!((calls(&account, "RegisterTaskDefinition"), calls(&account, "UpdateService")), (1, 1));
    wait_while_it_moves(&account, &terminal, "1 failed");

    // Back, before the circuit breaker does it.
    terminal.type_in("\x18b");
    terminal.wait_for("what changes");
    terminal.type_in("y");
    wait_while_it_moves(&account, &terminal, "prod/payments-api: rolled back");
    terminal.wait_for("payments-api:41  PRIMARY  COMPLETED");
    assert_eq!(calls(&account, "RegisterTaskDefinition"), 1, "nothing is registered to go back");

    terminal.type_in("\x11");
    assert!(terminal.wait_for_exit().success());
    terminal.assert_restored();
}
