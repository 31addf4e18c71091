//! Actions of somebody's own: in the state, and in the real program at a real terminal.

mod common {
    pub(crate) mod account;
    pub(crate) mod browser;
    pub(crate) mod terminal;
}

use std::{fs, path::Path};

use common::{
    account::Account,
    browser::{Script, company},
    terminal::{Program, Terminal},
};
use ecsui::{
    config::{Layer, Settings, parse},
    sim::{Options, World},
    tui::app::{Overlay, Request, State},
};

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

/// An action on a cluster.
const SWEEP: &str = "[[action]]\nname = \"sweep\"\nletter = \"Z\"\ncommand = \"sweep {cluster}\"\n";

/// A browser with these actions, and what the config says besides.
fn with(config: &str) -> Script {
    let layer = parse(&format!("{config}\n{CONFIG}{SWEEP}"), Path::new("config.toml")).expect("it can be followed");
    let settings = Settings::layered(Layer::default(), |_| None, layer);
    let mut script = Script::new(120, 60, &settings);
    script.settle(&company());
    script
}

fn said(script: &Script) -> String {
    script.state.message().map(|message| message.lines.join(" / ")).unwrap_or_default()
}

fn ran(script: &Script) -> Vec<&str> {
    let run = |request: &'_ Request| matches!(request, Request::RunOwn { .. });
    let runs = script.waiting.iter().map(|(_, _, request)| request).filter(|request| run(request));
    runs.map(|request| match request {
        Request::RunOwn { label, .. } => &**label,
        _ => "",
    })
    .collect()
}

fn asked(state: &State) -> String {
    match state.overlay() {
        Some(Overlay::Prompt(prompt)) => prompt.asks.words(),
        _ => String::new(),
    }
}

#[test]
fn the_help_names_those_that_the_pane_offers_with_what_they_run() {
    let helped = |keys: &str| {
        let mut script = with("[keys]\nmenu = \"ctrl-b\"");
        script.keys(&format!("{keys}<f1>"));
        let lines = script.state.help_lines(100).into_iter().map(|line| format!("{} = {}", line.keys, line.text));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert!(helped("").contains("ctrl-b J = enter: echo {container}"), "{}", helped(""));
    assert!(helped("").contains("ctrl-b K = tell: printf 'I see %s'"));
    assert!(!helped("").contains("nowhere"));
    assert!(helped("<right>").contains("ctrl-b W = nowhere: /nowhere/at/all"));
    assert!(helped("<right><ctrl-o>").contains("ctrl-b W = nowhere"), "the details have the menu too");
    assert!(!helped("<ctrl-f>").contains("tell"));
}

const PROD_IS_TYPED: &str = "[[guard]]\ncluster = \"prod\"\naction = \"type\"";

#[test]
fn where_a_guard_wants_a_name_it_is_typed_before_what_may_change_something() {
    let mut script = with(PROD_IS_TYPED);
    script.keys("<ctrl-x>Z");
    assert_eq!((asked(&script.state), ran(&script)), ("type prod to run sweep:".to_owned(), vec![]));
    script.keys("<enter>");
    assert_eq!((said(&script), ran(&script)), ("type prod to run sweep, or esc".to_owned(), vec![]));
    script.keys("pro<enter>");
    assert!(ran(&script).is_empty());
    script.keys("d<enter>");
    assert_eq!((asked(&script.state), ran(&script)), (String::new(), vec!["sweep"]));

    let mut script = with(PROD_IS_TYPED);
    script.keys("<right><ctrl-x>K");
    assert_eq!(asked(&script.state), "type payments-api to run tell:", "of a service it is its name");
    script.keys("payments-api<esc><esc>");
    assert_eq!((asked(&script.state), ran(&script)), (String::new(), vec![]));
}

#[test]
fn nobody_types_a_name_while_something_else_is_opened() {
    let mut script = with(PROD_IS_TYPED);
    script.keys("<ctrl-x>J<right><ctrl-x>W");
    assert_eq!(ran(&script), ["nowhere"], "{}", said(&script));
    script.keys("<ctrl-x>K");
    assert_eq!(
        (asked(&script.state), said(&script)),
        (String::new(), "already opening nowhere; esc stops that".into())
    );
}

#[test]
fn a_rule_of_a_region_holds_before_aws_has_said_who_we_are() {
    let answer_but_identity = |region: &str, action: &str| {
        let config = format!("[[guard]]\nregion = \"{region}\"\naction = \"{action}\"\n{CONFIG}{SWEEP}");
        let layer = parse(&config, Path::new("config.toml")).expect("it can be followed");
        let settings = Settings::layered(Layer::default(), |_| None, layer);
        let mut script = Script::new(120, 60, &settings);
        script.waiting.retain(|(_, _, request)| *request != Request::Identity);
        script.settle(&company());
        script.keys("<ctrl-x>Z");
        script
    };
    let script = answer_but_identity("eu-west-1", "refuse");
    assert!(ran(&script).is_empty() && said(&script).contains("region \"eu-west-1\""), "{}", said(&script));
    let script = answer_but_identity("eu-west-1", "type");
    assert_eq!((asked(&script.state), ran(&script)), ("type prod to run sweep:".to_owned(), vec![]));
    assert_eq!(ran(&answer_but_identity("us-east-1", "refuse")), ["sweep"], "the cluster's ARN says where it is");
}

#[test]
fn what_only_reads_and_what_no_guard_is_about_is_run_at_once() {
    let mut script = with(PROD_IS_TYPED);
    script.keys("<right><ctrl-x>W");
    assert_eq!(ran(&script), ["nowhere"]);
    for config in ["", "[[guard]]\ncluster = \"staging\"\naction = \"type\"", "[[guard]]\ncolor = \"red\""] {
        let mut script = with(config);
        script.keys("<ctrl-x>Z");
        assert_eq!(ran(&script), ["sweep"], "{config}");
    }
    for config in ["read_only = true", "[[guard]]\ncluster = \"prod\"\naction = \"refuse\""] {
        let mut script = with(config);
        script.keys("<ctrl-x>Z");
        assert!(ran(&script).is_empty() && said(&script).starts_with("sweep: "), "{config}: {}", said(&script));
    }
}

#[test]
fn where_other_rows_are_marked_nothing_is_run_and_the_menu_says_why() {
    let mut script = with("");
    script.keys("<right><ctrl-space><ctrl-space><ctrl-x>");
    let own = script.state.menu_rows().into_iter().find(|row| row.letter == 'K').expect("it is offered");
    assert_eq!(own.obstacle.as_deref(), Some("it takes the selected row alone: esc takes the marks off"));
    script.keys("K");
    let alone = "tell: it takes the selected row alone: esc takes the marks off";
    assert_eq!((said(&script).as_str(), ran(&script)), (alone, vec![]));
    script.keys("<esc><ctrl-x>K");
    assert_eq!(ran(&script), ["tell"]);

    let mut script = with("");
    script.keys("<right><ctrl-space><up><ctrl-x>K");
    assert_eq!(ran(&script), ["tell"], "the one that is marked is the selected one: {}", said(&script));
}
