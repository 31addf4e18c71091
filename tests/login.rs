//! `login`, `exec` and the demo at a real terminal, against a simulated AWS.

#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod terminal;
}

use std::{fs, net::TcpListener, path::Path};

use common::terminal::{Program, Terminal};
use ecsui::sim::{Fault, Options, Sim, World};
use tokio::runtime::Runtime;

/// A simulated AWS with two clusters that both have a service `api`.
struct Shop {
    sim: Sim,
    _runtime: Runtime,
}

impl Shop {
    fn open() -> Self {
        let mut world = World::empty();
        for (cluster, services) in [("prod", &["api", "web"][..]), ("staging", &["api"])] {
            world.add_cluster(cluster);
            for service in services {
                world.add_service(cluster, service, 1);
            }
        }
        let runtime = Runtime::new().unwrap();
        let sim = runtime.block_on(Sim::start(world, Options::default())).unwrap();
        Self { sim, _runtime: runtime }
    }

    /// Starts the program in a terminal, let in to the simulated AWS.
    fn start(&self, words: &[&str]) -> Terminal {
        self.program(words).start(100, 30)
    }

    /// Starts it where what it keeps from one time to the next is in this directory.
    fn start_keeping(&self, words: &[&str], state: &Path) -> Terminal {
        self.program(words).env("XDG_STATE_HOME", state).start(100, 30)
    }

    fn program(&self, words: &[&str]) -> Program {
        Program::new(env!("CARGO_BIN_EXE_ecsui"))
            .args(words)
            .env("AWS_ENDPOINT_URL", self.sim.endpoint())
            .env("AWS_REGION", self.sim.region())
            .env("AWS_ACCESS_KEY_ID", self.sim.access_key())
            .env("AWS_SECRET_ACCESS_KEY", self.sim.secret_key())
    }

    fn sessions(&self) -> usize {
        self.sim.calls().iter().filter(|call| call.operation == "ExecuteCommand").count()
    }
}

#[test]
fn exec_runs_the_command_with_its_arguments_as_they_are() {
    let shop = Shop::open();
    // The size comes at once, and still after the command has begun.
    let script = r#"printf '<%s>' "$@"; read line; stty size"#;
    let mut terminal =
        shop.start(&["exec", "prod/api", "app", "--", "sh", "-c", script, "sh", "a  b", "$HOME", "--", "'"]);
    terminal.wait_for("<a  b><$HOME><--><'>");
    terminal.type_in("\r");
    terminal.wait_for("30 100");
    // Over ECS Exec the status is not told: the end of a session is all there is to know.
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn login_asks_which_is_meant_and_opens_a_shell() {
    let shop = Shop::open();
    let mut terminal = shop.start(&["login", "api"]);
    terminal.wait_for("Which one?");
    assert!(terminal.contents().contains("1  prod/api") && terminal.contents().contains("2  staging/api"));
    terminal.type_in("nothing like it\r");
    terminal.wait_until("the question again", |screen| screen.contents().matches("Which one?").count() == 2);
    assert_eq!(shop.sessions(), 0);
    terminal.type_in("stag\r");
    terminal.wait_until("a raw terminal", |_| shop.sessions() == 1);
    terminal.type_in("echo my cluster is $((6*7))\r");
    terminal.wait_for("my cluster is 42");
    terminal.type_in("exit\r");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
    let calls = shop.sim.calls();
    let opened = calls.iter().find(|call| call.operation == "ExecuteCommand").unwrap();
    assert!(opened.body.to_string().contains("staging"), "{}", opened.body);
}

#[test]
fn ctrl_d_is_an_answer_too() {
    let shop = Shop::open();
    let mut terminal = shop.start(&["login", "api"]);
    terminal.wait_for("Which one?");
    terminal.type_in("\u{4}");
    assert_eq!(terminal.wait_for_end().exit_code(), 130);
    assert_eq!(shop.sessions(), 0);
}

#[test]
fn what_cannot_be_opened_ends_with_255_and_says_why() {
    let shop = Shop::open();
    let mut terminal = shop.start(&["exec", "prod/nothing", "--", "true"]);
    assert_eq!(terminal.wait_for_end().exit_code(), 255);
    assert!(terminal.contents().contains("error: no container matches"), "{}", terminal.contents());

    shop.sim.fault(Fault::error("ExecuteCommand", "AccessDeniedException", "no"));
    let mut terminal = shop.start(&["login", "prod/web"]);
    assert_eq!(terminal.wait_for_end().exit_code(), 255);
    assert!(terminal.contents().contains("error: no session in prod/"), "{}", terminal.contents());
    terminal.assert_restored();
}

#[test]
fn interrupted_before_anything_remote_exists_it_ends_with_130() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let shop = Shop::open();
    let mut terminal = shop.start(&["exec", "prod/api", "--endpoint-url", &endpoint, "--", "true"]);
    // Called, and never answered.
    let _call = listener.accept().unwrap();
    terminal.type_in("\u{3}");
    assert_eq!(terminal.wait_for_end().exit_code(), 130);
    terminal.assert_restored();
}

#[test]
fn words_are_looked_for_among_everything_and_the_cluster_is_one_of_them() {
    let shop = Shop::open();
    let mut terminal = shop.start(&["stag"]);
    terminal.wait_for("jump");
    terminal.wait_until("what matches", |screen| screen.contents().contains("▸ ● staging/"));
    terminal.type_in("\u{11}");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();

    let mut terminal = shop.start(&["prod/web", "app"]);
    terminal.wait_until("the container", |screen| screen.contents().contains("▸ ● prod/web/"));
    terminal.type_in("\r");
    terminal.wait_for("Simulated container");
    assert_eq!(shop.sessions(), 1);
    terminal.type_in("exit\r");
    terminal.wait_for("▸ ● prod/web/");
    terminal.type_in("\t");
    terminal.wait_until("the panes", |screen| {
        !screen.contents().contains("jump:") && screen.contents().contains("prod › web › ")
    });
    terminal.type_in("\u{11}");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);

    let mut terminal = shop.start(&["--cluster", "prod", "web"]);
    terminal.wait_until("only that cluster", |screen| {
        screen.contents().contains("jump: cluster:^prod$ web") && screen.contents().contains("▸ ● prod/web/")
    });
    terminal.signal("TERM");
    assert_eq!(terminal.wait_for_end().exit_code(), 143);
    terminal.assert_restored();
}

#[test]
fn what_commands_log_in_to_stands_first_in_the_jump_too() {
    let shop = Shop::open();
    let state = tempfile::tempdir().unwrap();
    let mut terminal = shop.start_keeping(&["exec", "staging/api", "app", "--", "true"], state.path());
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    let kept = state.path().join(format!("ecsui/opened/{}.{}.jsonl", shop.sim.account(), shop.sim.region()));
    let lines = fs::read_to_string(&kept).unwrap();
    assert!(lines.contains(r#""cluster":"staging","place":"api","container":"app"}"#), "{lines}");

    for _ in 0..2 {
        let mut terminal = shop.start_keeping(&["login", "prod/web"], state.path());
        terminal.wait_for("Simulated container");
        terminal.type_in("exit\r");
        assert_eq!(terminal.wait_for_end().exit_code(), 0);
    }
    assert_eq!(fs::read_to_string(&kept).unwrap().lines().count(), 3);
    let terminal = shop.start_keeping(&["container:app"], state.path());
    terminal.wait_until("what was logged in to twice, then once", |screen| {
        let text = screen.contents();
        let place = |path: &str| text.find(path).unwrap_or(usize::MAX);
        let places = ["● prod/web/", "● staging/api/", "● prod/api/"].map(place);
        places.is_sorted() && places[2] < usize::MAX
    });
}

#[test]
fn a_login_that_cannot_be_written_down_is_said_after_it() {
    let shop = Shop::open();
    let state = tempfile::tempdir().unwrap();
    fs::write(state.path().join("ecsui"), "a file where a directory should be").unwrap();
    let mut terminal = shop.start_keeping(&["exec", "prod/api", "--", "echo", "here"], state.path());
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    let text = terminal.contents();
    let (said, wrong) = (text.find("here").unwrap(), text.find("what was opened cannot be remembered").unwrap());
    assert!(said < wrong, "{text}");
}

#[test]
fn one_hit_logs_in_at_once_when_told_to() {
    let shop = Shop::open();
    let mut terminal = shop.start(&["--now", "web"]);
    terminal.wait_for("Simulated container");
    assert_eq!(shop.sessions(), 1);
    terminal.type_in("exit\r");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();

    // `api` is another's name as well, and `api` typed in full is not.
    shop.sim.edit(|world| {
        world.add_service("staging", "web-api", 1);
        world.add_service("staging", "webhook", 1);
    });
    let mut terminal = shop.start(&["--now", "staging/api"]);
    terminal.wait_for("Simulated container");
    assert_eq!(shop.sessions(), 2);
    terminal.type_in("exit\r");
    terminal.wait_for_end();
    let calls = shop.sim.calls();
    let opened = calls.iter().rfind(|call| call.operation == "ExecuteCommand").unwrap();
    assert!(opened.body.to_string().contains("staging"), "{}", opened.body);
}

#[test]
fn several_hits_or_none_open_the_browser_at_the_words() {
    let shop = Shop::open();
    for (words, shown) in [("api", "● prod/api/"), ("nothing-like-it", "nothing matches nothing-like-it")] {
        let mut terminal = shop.start(&["--now", words]);
        terminal.wait_for(shown);
        terminal.wait_for(&format!("jump: {words}"));
        terminal.type_in("\u{11}");
        assert_eq!(terminal.wait_for_end().exit_code(), 0);
        terminal.assert_restored();
    }
    assert_eq!(shop.sessions(), 0);
    // What cannot be looked for is for the browser to say.
    shop.sim.fault(Fault::error("ListClusters", "AccessDeniedException", "no"));
    let mut terminal = shop.start(&["--now", "web"]);
    terminal.wait_for("jump: web");
    terminal.type_in("\u{11}");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);

    shop.sim.mend();
    shop.sim.fault(Fault::error("ExecuteCommand", "AccessDeniedException", "no"));
    let mut terminal = shop.start(&["--now", "web"]);
    assert_eq!(terminal.wait_for_end().exit_code(), 255);
    assert!(terminal.contents().contains("error: no session in prod/"), "{}", terminal.contents());
}

#[test]
fn the_demo_needs_nothing_and_leaves_nothing() {
    let program = Program::new(env!("CARGO_BIN_EXE_ecsui")).args(["demo"]);
    let home = program.home().to_owned();
    let mut terminal = program.start(120, 40);
    terminal.wait_for("exec ready");
    terminal.type_in("\u{3}");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
    assert_eq!(fs::read_dir(home).unwrap().count(), 0);
}
