//! From a key to a change and back, in the real program at a real terminal: a tag is changed, the rollout is watched,
//! it fails, and is rolled back; a task is stopped, another run by hand, and a definition registered.

mod common {
    pub(crate) mod account;
    pub(crate) mod terminal;
}

use std::{fs, path::PathBuf, time::Duration};

use common::{
    account::Account,
    terminal::{Program, Terminal},
};
use ecsui::sim::{Options, World};
use serde_json::{Value, json};

/// The browser on a world that moves only by hand, reading anew every second; and its home.
fn browse(account: &Account) -> (Terminal, PathBuf) {
    let mut program = Program::new(common::account::ECSUI);
    for (name, value) in account.variables() {
        program = program.env(name, value);
    }
    let config = program.home().join("config.toml");
    fs::write(&config, "refresh_seconds = 1\n").expect("the home is its own");
    let home = program.home().to_owned();
    (program.args(["--config".as_ref(), config.as_os_str()]).start(140, 45), home)
}

/// A service, and a job that ends badly.
const SMALL: &str = r#"
[[taskdef]]
family = "web"
revision = 8
container = [{ image = "{registry}/web:{revision}", ports = [8080] }]

[[taskdef]]
family = "job"
revision = 3
runs = { for = "9s", exit = 4, says = ["reading", "giving up"] }
container = [{ image = "{registry}/job:{revision}", command = ["settle"] }]

[[cluster.prod.service]]
name = "web"
taskdef = "web:8"
desired = 2
"#;

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
    let (mut terminal, home) = browse(&account);
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
    assert!(terminal.wait_for_end().success());
    terminal.assert_restored();

    // What became of it is written down, for it was followed.
    let history = fs::read_to_string(home.join("ecsui/changes.jsonl")).expect("the history of changes");
    let became: Vec<&str> = history.lines().filter(|line| line.contains("\"event\":\"became\"")).collect();
    assert!(matches!(became[..], [one] if one.contains("\"fate\":\"completed\"")), "{history}");
}

#[test]
fn a_tag_that_does_not_exist_fails_for_a_reason_in_words_and_is_rolled_back_afterwards() {
    let account = Account::serve(World::demo(), Options::explicit());
    let (mut terminal, _) = browse(&account);
    terminal.wait_for("preprod");
    terminal.type_in("^preprod$\t^orders$");
    terminal.wait_for("services 1/9");
    terminal.wait_for("1/1 :");
    let before = definition_of(&terminal);

    // A check has failed: who goes on all the same says so.
    terminal.type_in("\x18u");
    terminal.wait_for("image or :tag for orders");
    terminal.type_in("app=:5.58.0\r");
    terminal.wait_for("type yes to go ahead:");
    terminal.wait_for("✖ ");
    terminal.type_in("yes\r");

    // Why tasks fail is said while it goes on, and again once it is given up.
    wait_while_it_moves(&account, &terminal, "of 3 failed: the image cannot be pulled: there is none of");
    wait_while_it_moves(
        &account,
        &terminal,
        "preprod/orders: failed: the image cannot be pulled: there is none of that name",
    );
    terminal.wait_for("hint: rollback (ctrl-x b) brings back what ran before");
    terminal.wait_for("PRIMARY  FAILED");
    assert_eq!((calls(&account, "UpdateService"), calls(&account, "RegisterTaskDefinition")), (1, 1));

    // The way back that is offered: nothing is under way, so that the revision before is deployed.
    terminal.type_in("\x18b");
    terminal.wait_for("what changes");
    terminal.wait_for("ecs:UpdateService");
    terminal.type_in("y");
    wait_while_it_moves(&account, &terminal, "preprod/orders: completed");
    terminal.wait_for(&format!("orders{before}  PRIMARY  COMPLETED"));
    assert_eq!((calls(&account, "UpdateService"), calls(&account, "RegisterTaskDefinition")), (2, 1));
    assert_eq!(calls(&account, "StopServiceDeployment"), 0);

    terminal.type_in("\x11");
    assert!(terminal.wait_for_end().success());
    terminal.assert_restored();
}

/// Returns the number of the revision that stands in the row of the selected service: `:7`.
fn definition_of(terminal: &Terminal) -> String {
    let contents = terminal.contents();
    let (_, rest) = contents.split_once("1/1 :").expect("it is seen");
    format!(":{}", rest.split_whitespace().next().expect("it has one"))
}

#[test]
fn who_leaves_while_a_deployment_is_followed_is_told_that_it_goes_on() {
    let account = Account::serve(World::from_toml(SMALL).expect("it is one"), Options::explicit());
    let (mut terminal, _) = browse(&account);
    terminal.wait_for("2/2 :8");
    terminal.type_in("\t\x18r");
    terminal.wait_for("ecs:UpdateService");
    terminal.type_in("y");
    terminal.wait_for("web:8  PRIMARY  IN_PROGRESS");
    terminal.type_in("\x03");
    assert!(terminal.wait_for_end().success());
    terminal.wait_for("no longer following prod/web: it goes on; look with `ecsui deployments prod/web`");
    terminal.assert_restored();
}

/// What was asked of this operation last.
fn last(account: &Account, operation: &str) -> Value {
    let calls = account.sim.calls();
    calls.iter().rev().find(|call| call.operation == operation).expect("it was asked for").body.clone()
}

#[test]
fn a_task_is_stopped_another_run_by_hand_and_a_definition_registered() {
    let account = Account::serve(World::from_toml(SMALL).expect("it is one"), Options::explicit());
    let (mut terminal, home) = browse(&account);
    terminal.wait_for("2/2 :8");

    // A task stops, and the service starts another.
    terminal.wait_for("RUNNING");
    terminal.type_in("\t\t\x18k");
    terminal.wait_for("ecs:StopTask");
    terminal.wait_for("service prod/web starts another in its place");
    terminal.type_in("y");
    wait_while_it_moves(&account, &terminal, "✖ gone");
    assert_eq!(last(&account, "StopTask")["reason"], "stopped with ecsui");
    assert_eq!(calls(&account, "StopTask"), 1);
    terminal.wait_until("two tasks that run", |screen| {
        account.sim.advance(Duration::from_millis(500));
        screen.contents().matches("  RUNNING ").count() == 2
    });

    // All of them, one after the other: what is done and what is waited for stands there meanwhile.
    terminal.type_in("\x1b[D\x18k\r");
    terminal.wait_for("Stop the 2 tasks of prod/web, one after the other");
    terminal.type_in("y");
    terminal.wait_for(" 1 of 2: ");
    wait_while_it_moves(&account, &terminal, " 2 of 2: ");
    wait_while_it_moves(&account, &terminal, ", stopped task");
    assert_eq!(calls(&account, "StopTask"), 3);
    wait_while_it_moves(&account, &terminal, "2/2 :8");

    // A job is run as the service is, and its end is told; it stays in sight with what it wrote.
    terminal.type_in("\x18t");
    terminal.wait_for("task definition to run in prod: web:8");
    terminal.type_in("\x15job\r");
    terminal.wait_for("command, if another");
    terminal.type_in("settle --all\r");
    terminal.wait_for("how many tasks: 1");
    terminal.type_in("\r");
    terminal.wait_for("Run 1 task of job:3 in prod");
    terminal.wait_for("settle → settle --all");
    terminal.type_in("y");
    wait_while_it_moves(&account, &terminal, "of job:3, under (no service)");
    assert_eq!(last(&account, "RunTask")["overrides"]["containerOverrides"][0]["command"], json!(["settle", "--all"]));
    wait_while_it_moves(&account, &terminal, "of job:3 has ended: container app ended with 4: the program failed");
    terminal.type_in("\x1b[H\t");
    terminal.wait_for("STOPPED");
    terminal.type_in("\x185");
    wait_while_it_moves(&account, &terminal, "giving up");

    // A definition is registered from a file below the home.
    let written = r#"{ "family": "web", "containerDefinitions": [{ "name": "web", "image": "web:9", "memory": 64 }] }"#;
    fs::write(home.join("web.json"), written).expect("the home is its own");
    terminal.type_in("\x18g~/nothing.json\r");
    terminal.wait_for("~/nothing.json cannot be read");
    terminal.type_in("\x18g~/web.json\r");
    terminal.wait_for("Register a revision of web");
    terminal.type_in("y");
    wait_while_it_moves(&account, &terminal, "registered web:9");
    assert_eq!(last(&account, "RegisterTaskDefinition")["containerDefinitions"][0]["image"], "web:9");

    terminal.type_in("\x11");
    assert!(terminal.wait_for_end().success());
    terminal.assert_restored();
}
