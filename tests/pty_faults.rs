//! A real terminal while a session goes wrong: however that ends, the terminal is as it was and the exit code says it.

#![cfg(feature = "demo")]

mod common {
    pub(crate) mod account;
    pub(crate) mod terminal;
}

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

use common::{
    account::{Account, ECSUI},
    terminal::{Program, Terminal},
};
use ecsui::sim::{
    self, Options, World,
    agent::{self, Direction, Door, Fault, Harm},
};

/// Leaves no mode of a terminal as it was, and says what is typed.
const UNTIDY: &str = r"stty raw -echo
    printf '\033[?1049h\033[?2004h\033[?1003h\033[?1006h\033[?1h\033[>1u\033[?25l\033[31mready'
    exec cat";

fn account(agent: agent::Options) -> Account {
    Account::serve(World::grid(1, 1, 1), Options { agent, ..Options::explicit() })
}

/// `ecsui exec` with a program that has made a mess of the terminal.
fn untidy(program: Program) -> Terminal {
    let words = ["exec", "prod-1", "payments-api-000", "app", "--", "sh", "-c", UNTIDY];
    let terminal = program.args(words).start(100, 30);
    terminal.wait_until("the mess", |screen| screen.alternate_screen() && screen.contents().contains("ready"));
    assert!(terminal.is_raw());
    terminal
}

/// Lets something befall the session that is open.
fn befall(account: &Account, harm: Harm) {
    let calls = account.sim.calls();
    let dial = calls.iter().find(|call| call.operation == "OpenDataChannel").expect("a session is open");
    let session_id = dial.body["SessionId"].as_str().expect("it has an id");
    assert!(account.sim.sessions().fault(session_id, Fault::new(Direction::ToAgent, 1, 0, harm)));
}

/// Waits for the end, and looks at what it leaves.
#[track_caller]
fn assert_left_as_found(mut terminal: Terminal, code: u32) -> String {
    assert_eq!(terminal.wait_for_end().exit_code(), code, "{}", terminal.contents());
    terminal.assert_restored();
    let bytes = terminal.bytes_since(0);
    let last = |sequence: &[u8]| bytes.windows(sequence.len()).rposition(|window| window == sequence);
    assert!(last(b"\x1b[=0u") > last(b"\x1b[>1u"), "the kitty keyboard is still on");
    terminal.contents()
}

fn called(account: &Account, operation: &str) -> bool {
    account.sim.calls().iter().any(|call| call.operation == operation)
}

#[test]
fn a_cut_that_cannot_be_mended_ends_with_255_and_a_word() {
    let account = account(agent::Options::prompt());
    let mut terminal = untidy(account.ecsui());
    account.sim.fault(sim::Fault::error("ResumeSession", "AccessDeniedException", "not authorized"));
    befall(&account, Harm::Cut);
    terminal.type_in("x");
    let left = assert_left_as_found(terminal, 255);
    assert!(left.contains("connection lost") && left.contains("could not resume the session"), "{left}");
}

#[test]
fn a_session_that_times_out_somewhere_else_ends_with_255_and_a_word() {
    let account = account(agent::Options::prompt());
    let mut terminal = untidy(account.ecsui());
    account.sim.fault(sim::Fault::error("ResumeSession", "DoesNotExistException", "no such session"));
    befall(&account, Harm::CutWithin);
    terminal.type_in("x");
    let left = assert_left_as_found(terminal, 255);
    assert!(left.contains("the session is over or has timed out"), "{left}");
}

#[test]
fn a_gateway_that_hangs_or_refuses_is_an_error_and_the_terminal_was_never_touched() {
    let doors = [
        (Door::Refusing(403), "refused the connection with HTTP status 403"),
        (Door::Strange, "the gateway did not open the session"),
        // This one takes the ten seconds that it says.
        (Door::Hanging, "did not open the session within 10 s"),
    ];
    thread::scope(|scope| {
        for (door, words) in doors {
            scope.spawn(move || {
                let account = account(agent::Options { doors: vec![door], ..agent::Options::prompt() });
                let mut terminal = account.ecsui().args(["exec", "app", "--", "cat"]).start(100, 30);
                assert_eq!(terminal.wait_for_end().exit_code(), 255, "{}", terminal.contents());
                terminal.assert_restored();
                let told = terminal.contents().replace('\n', "");
                assert!(told.contains(words), "{told}");
                assert!(called(&account, "TerminateSession"), "the command that was started runs on");
            });
        }
    });
}

#[test]
fn signals_are_heard_on_a_line_that_is_half_open() {
    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        let account = account(agent::Options::prompt());
        let mut terminal = untidy(account.ecsui());
        befall(&account, Harm::Silence);
        terminal.type_in("x");
        terminal.signal(signal);
        assert_left_as_found(terminal, code);
        assert!(called(&account, "TerminateSession"), "the remote program runs on");
    }
}

#[test]
fn signals_are_heard_while_a_session_is_being_resumed() {
    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        let account = account(agent::Options::prompt());
        let mut terminal = untidy(account.ecsui());
        account.sim.fault(sim::Fault::new("ResumeSession", sim::Damage::Hang));
        befall(&account, Harm::Cut);
        terminal.type_in("x");
        terminal.wait_for("trying to resume");
        terminal.signal(signal);
        assert_left_as_found(terminal, code);
    }
}

#[test]
fn escapes_are_heard_on_a_line_that_is_half_open() {
    let account = account(agent::Options::prompt());
    let mut terminal = untidy(account.ecsui());
    befall(&account, Harm::Silence);
    terminal.type_in("\r~.");
    let left = assert_left_as_found(terminal, 0);
    assert!(left.contains("ended with ~."), "{left}");
}

/// A simulated AWS in a process of its own. Dropping it kills it.
struct Server {
    process: Child,
    variables: Vec<(String, String)>,
    /// What a killed one leaves behind goes with it.
    _home: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let home = tempfile::tempdir().expect("a directory of our own");
        let mut process = Command::new(ECSUI)
            .args(["demo", "--serve", "--scale", "small"])
            .env_clear()
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let output = process.stdout.take().expect("it is piped");
        let mut variables = Vec::new();
        for line in BufReader::new(output).lines() {
            let line = line.expect("it is text");
            if line.starts_with("unset ") {
                break;
            }
            if let Some((name, value)) = line.strip_prefix("export ").and_then(|line| line.split_once('=')) {
                variables.push((name.to_owned(), value.trim_matches(['\'', '"']).to_owned()));
            }
        }
        Self { process, variables, _home: home }
    }

    fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it is ours");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _killed_already = self.process.kill();
        let _waited_already = self.process.wait();
    }
}

#[test]
fn a_killed_gateway_is_told_and_signals_and_escapes_still_end_the_program() {
    thread::scope(|scope| {
        for (ending, code) in [(None, 0), (Some("TERM"), 143), (Some("HUP"), 129)] {
            scope.spawn(move || {
                let mut server = Server::start();
                let mut program = Program::new(ECSUI);
                for (name, value) in &server.variables {
                    program = program.env(name, value);
                }
                let mut terminal = untidy(program);
                server.kill();
                terminal.wait_for("trying to resume the session");
                match ending {
                    Some(signal) => terminal.signal(signal),
                    None => terminal.type_in("\r~."),
                }
                assert_left_as_found(terminal, code);
            });
        }
    });
}
