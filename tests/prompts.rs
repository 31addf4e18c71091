//! Questions at a real terminal: which of several is meant, yes or no, and what nobody should see.

#![cfg(feature = "demo")]

mod common {
    pub(crate) mod account;
    pub(crate) mod terminal;
}

use common::{account::Account, terminal::Terminal};
use ecsui::sim::{Call, World};

const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";

/// A cluster of two services whose names begin alike.
fn account() -> Account {
    let mut world = World::empty();
    world.add_cluster("prod");
    world.add_service("prod", "orders-api", 1);
    world.add_service("prod", "orders-worker", 1);
    Account::still(world)
}

fn run(account: &Account, line: &str) -> Terminal {
    account.ecsui().args(line.split_whitespace()).start(100, 30)
}

fn calls(account: &Account, operation: &str) -> Vec<Call> {
    account.sim.calls().into_iter().filter(|call| call.operation == operation).collect()
}

/// The command at the question which of the two services is meant.
fn choosing(account: &Account) -> Terminal {
    let terminal = run(account, "ls orders");
    terminal.wait_for("   1  prod/orders-api\n   2  prod/orders-worker\nWhich one?");
    terminal
}

#[test]
fn who_is_asked_which_of_several_chooses_by_number_or_by_letters() {
    for (answers, chosen) in [("2\r", "orders-worker"), ("1\r", "orders-api"), ("x\r\rWORK\r", "orders-worker")] {
        let account = account();
        let mut terminal = choosing(&account);
        terminal.type_in(answers);
        assert_eq!(terminal.wait_for_end().exit_code(), 0, "{}", terminal.contents());
        assert!(terminal.contents().contains("\nDeployments\n"), "{}", terminal.contents());
        let described = calls(&account, "DescribeServices");
        assert_eq!(described.len(), 1);
        let services = described[0].body["services"].to_string();
        assert!(services.ends_with(&format!("/prod/{chosen}\"]")), "{services}");
        terminal.assert_restored();
    }
}

#[test]
fn who_chooses_none_of_several_leaves_with_ctrl_d_or_ctrl_c() {
    for key in [CTRL_D, CTRL_C] {
        let account = account();
        let mut terminal = choosing(&account);
        terminal.type_in(key);
        assert_eq!(terminal.wait_for_end().exit_code(), 130, "{key:?}\n{}", terminal.contents());
        assert!(calls(&account, "DescribeServices").is_empty(), "nothing was chosen");
        terminal.assert_restored();
    }
}

/// The command at the question for a secret, some of which is typed.
fn typing(account: &Account, line: &str) -> Terminal {
    let mut terminal = run(account, line);
    terminal.wait_for("Value of ");
    terminal.wait_until_raw();
    terminal.type_in("geheim");
    terminal
}

#[test]
fn a_signal_while_a_secret_is_typed_restores_the_terminal() {
    // The first has asked AWS whose parameter it is, the second has asked nobody yet.
    for line in ["params put prod/orders-api KEY", "params put /prod/key"] {
        for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
            let account = account();
            let mut terminal = typing(&account, line);
            terminal.signal(signal);
            assert_eq!(terminal.wait_for_end().exit_code(), code, "{line}, {signal}\n{}", terminal.contents());
            terminal.assert_restored();
            assert!(!terminal.contents().contains("geheim"), "{}", terminal.contents());
            assert!(calls(&account, "PutParameter").is_empty());
        }
    }
}

#[test]
fn ctrl_c_while_a_secret_is_typed_puts_nothing_and_enter_asks_on() {
    let account = account();
    let mut terminal = typing(&account, "params put prod/orders-api KEY");
    terminal.type_in(CTRL_C);
    assert_eq!(terminal.wait_for_end().exit_code(), 130, "{}", terminal.contents());
    terminal.assert_restored();
    assert!(calls(&account, "PutParameter").is_empty());

    let mut terminal = typing(&account, "params put prod/orders-api KEY");
    terminal.type_in("\r");
    terminal.wait_for("a new SecureString? [y/N]");
    terminal.type_in("y\r");
    assert_eq!(terminal.wait_for_end().exit_code(), 0, "{}", terminal.contents());
    assert_eq!(calls(&account, "PutParameter").len(), 1);
    assert!(!terminal.contents().contains("geheim"), "{}", terminal.contents());
    terminal.assert_restored();
}

#[test]
fn a_question_that_is_not_answered_ends_with_a_signal_and_changes_nothing() {
    let account = account();
    for (end, code) in [("TERM", 143), (CTRL_C, 130), (CTRL_D, 1), ("\r", 1), ("n\r", 1)] {
        let mut terminal = run(&account, "params delete prod/orders-api KEY");
        terminal.wait_for("[y/N]");
        if end == "TERM" {
            terminal.signal(end);
        } else {
            terminal.type_in(end);
        }
        assert_eq!(terminal.wait_for_end().exit_code(), code, "{end:?}\n{}", terminal.contents());
        terminal.assert_restored();
    }
    assert!(calls(&account, "DeleteParameter").is_empty());
}

#[test]
fn questions_and_errors_have_no_colours_where_nobody_wants_them() {
    let account = account();
    for (variable, value, colours) in [("NO_COLOR", "1", false), ("TERM", "dumb", false), ("LANG", "C.UTF-8", true)] {
        let program = account.ecsui().env(variable, value);
        let mut terminal = program.args(["params", "delete", "orders", "KEY"]).start(100, 30);
        terminal.wait_for("Which one?");
        terminal.type_in("1\r");
        terminal.wait_for("[y/N]");
        terminal.type_in("y\r");
        assert_eq!(terminal.wait_for_end().exit_code(), 1, "{}", terminal.contents());
        assert!(terminal.contents().contains("error: there is no parameter"), "{}", terminal.contents());
        assert_eq!(terminal.bytes_since(0).contains(&0x1b), colours, "{variable}={value}");
    }
}
