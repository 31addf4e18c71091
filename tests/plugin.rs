//! Sessions through session-manager-plugin: a script that stands for it, and the real one where this machine has it.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod account;
    pub(crate) mod terminal;
}

use std::{
    env, fs,
    io::Write as _,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use common::{
    account::Account,
    terminal::{FAILED, Program, Terminal},
};
use ecsui::sim::{Options, World, agent};
use serde_json::Value;

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What every stand-in does first, as session.go of session-manager-plugin 1.2.677 does: it takes the session from its
/// environment and says its id. It leaves what it was called with in its home.
const BEGIN: &str = r#"#!/bin/sh
printf '%s\n' "$@" > "$HOME/arguments"
tr '\0' '\n' < /proc/$$/cmdline > "$HOME/cmdline"
printf '%s' "$AWS_SSM_START_SESSION_RESPONSE" > "$HOME/session"
id=$(sed 's/.*"SessionId":"\([^"]*\)".*/\1/' "$HOME/session")
printf '\nStarting session with SessionId: %s\n' "$id"
stty cbreak -echo
"#;

/// What it does last where the session has ended.
const END: &str = r#"
printf '\n\nExiting session with sessionId: %s.\n\n' "$id"
"#;

fn account() -> Account {
    account_with(agent::Options::prompt())
}

fn account_with(agent: agent::Options) -> Account {
    Account::serve(World::grid(1, 1, 1), Options { unsigned_channels: true, agent, ..Options::explicit() })
}

/// `ecsui login` with the plugin as its transport, its home, and where the plugin is looked for.
fn login(account: &Account) -> (Program, PathBuf, PathBuf) {
    let program = account.ecsui();
    let home = program.home().to_owned();
    fs::write(home.join("config.toml"), "[session]\ntransport = \"plugin\"\n").unwrap();
    let directory = home.join("bin");
    fs::create_dir(&directory).unwrap();
    let path = format!("{}:{PATH}", directory.display());
    (program.env("PATH", path).args(["login", "payments"]), home, directory.join("session-manager-plugin"))
}

/// Logs in with a script in the plugin's place.
fn login_with(account: &Account, script: &str) -> (Terminal, PathBuf) {
    let (program, home, plugin) = login(account);
    fs::write(&plugin, script).unwrap();
    fs::set_permissions(&plugin, fs::Permissions::from_mode(0o755)).unwrap();
    (program.start(93, 31), home)
}

fn calls(account: &Account, operation: &str) -> usize {
    account.sim.calls().iter().filter(|call| call.operation == operation).count()
}

fn assert_says(terminal: &Terminal, words: &str) {
    // However the lines were broken.
    let contents = terminal.contents().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(contents.contains(words), "{contents}");
}

#[test]
fn the_plugin_gets_the_session_by_its_environment_and_a_terminal_of_the_right_size() {
    let account = account();
    let (mut terminal, home) = login_with(&account, &format!("{BEGIN}stty size; read -r stop{END}"));
    terminal.wait_for("31 93");
    assert!(!terminal.contents().contains("Starting session"), "{}", terminal.contents());
    terminal.type_in("\n");
    assert_eq!(terminal.wait_for_end().exit_code(), 0, "{}", terminal.contents());
    terminal.assert_restored();
    assert_eq!(calls(&account, "TerminateSession"), 0, "it has ended by itself");

    let read = |name: &str| fs::read_to_string(home.join(name)).unwrap();
    let session: Value = serde_json::from_str(&read("session")).unwrap();
    let task = account.sim.calls().into_iter().find(|call| call.operation == "ExecuteCommand").unwrap();
    let task = task.body["task"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let arguments = read("arguments");
    let [variable, region, operation, profile, target, endpoint] = arguments.lines().collect::<Vec<_>>()[..] else {
        panic!("{arguments}");
    };
    assert_eq!((variable, region, operation), ("AWS_SSM_START_SESSION_RESPONSE", "eu-west-1", "StartSession"));
    assert_eq!((profile, endpoint), ("", account.sim.endpoint()));
    let target: Value = serde_json::from_str(target).unwrap();
    let target = target["Target"].as_str().unwrap();
    assert!(target.starts_with(&format!("ecs:prod-1_{task}_{task}-")), "{target}");
    let token = session["TokenValue"].as_str().unwrap();
    assert!(session["StreamUrl"].as_str().unwrap().starts_with("ws://127.0.0.1:"));
    assert!(token.len() > 20 && !read("cmdline").contains(token));
}

#[test]
fn every_byte_passes_the_plugins_terminal() {
    let account = account();
    let script = format!("{BEGIN}printf 'ready\\n'; head -c 9 | od -An -v -tx1; printf 'a\\nb'{END}");
    let (mut terminal, _) = login_with(&account, &script);
    terminal.wait_for("ready");
    let mark = terminal.mark();
    terminal.type_in("\x03\x1a\x1c\x11\x13\r\n\x1b\x04");
    assert!(terminal.wait_for_end().success());
    let printed = String::from_utf8(terminal.bytes_since(mark)).unwrap();
    assert!(printed.starts_with(" 03 1a 1c 11 13 0d 0a 1b 04\na\nb"), "{printed:?}");
}

#[test]
fn without_a_plugin_nothing_is_started() {
    let account = account();
    let (program, _, _) = login(&account);
    let mut terminal = program.start(100, 30);
    assert!(!terminal.wait_for_end().success());
    assert_says(&terminal, "session-manager-plugin is not installed");
    assert_says(&terminal, "transport = \"native\"");
    assert_eq!(calls(&account, "ExecuteCommand"), 0);
}

#[test]
fn a_plugin_that_is_too_old_or_fails_leaves_no_session() {
    let old =
        "#!/bin/sh\necho \"Cannot perform start session: invalid character 'A' looking for beginning of value\"\n";
    let fails = format!("{BEGIN}echo 'Cannot perform start session: no route to host'");
    for (script, words) in [
        (old, "older than 1.2.536"),
        (&fails, "session-manager-plugin: no route to host"),
        ("#!/bin/sh\nexit 7\n", "session-manager-plugin: it ended at once: exit 7"),
    ] {
        let account = account();
        let (mut terminal, _) = login_with(&account, script);
        assert!(!terminal.wait_for_end().success());
        assert_says(&terminal, words);
        terminal.assert_restored();
        assert_eq!((calls(&account, "ExecuteCommand"), calls(&account, "TerminateSession")), (1, 1), "{words}");
    }
}

#[test]
fn a_plugin_that_dies_is_said_and_its_session_ended() {
    let account = account();
    let (mut terminal, _) = login_with(&account, &format!("{BEGIN}echo ready; read -r stop; kill -KILL $$"));
    terminal.wait_for("ready");
    terminal.type_in("\n");
    assert!(!terminal.wait_for_end().success());
    assert_says(&terminal, "session-manager-plugin has ended by itself (ended by signal KILL)");
    terminal.assert_restored();
    assert_eq!(calls(&account, "TerminateSession"), 1);
}

#[test]
fn the_reason_of_the_end_is_said() {
    let account = account();
    for (words, said) in [
        ("\\n\\nSessionId: %s : idle too long\\n\\n", "session ended: idle too long"),
        ("Session: %s timed out.\\n", "session ended: it timed out, or ended while the connection was lost"),
    ] {
        let (mut terminal, _) = login_with(&account, &format!("{BEGIN}echo ready; printf '{words}' \"$id\""));
        terminal.wait_for_end();
        assert_says(&terminal, said);
    }
    assert_eq!(calls(&account, "TerminateSession"), 0);
}

#[test]
fn who_leaves_takes_the_plugin_and_the_session_along() {
    let account = account();
    let (mut terminal, home) =
        login_with(&account, &format!("{BEGIN}echo $$ > $HOME/number; echo ready; read -r stop"));
    terminal.wait_for("ready");
    terminal.type_in("~.");
    terminal.wait_for_end();
    terminal.assert_restored();
    assert_says(&terminal, "ended with ~.");
    assert_eq!(calls(&account, "TerminateSession"), 1);
    let number = fs::read_to_string(home.join("number")).unwrap();
    assert!(!Path::new("/proc").join(number.trim()).exists());
}

/// Returns the real plugin, where `ECSUI_PEERS_PLUGIN` names it.
fn real_plugin() -> Option<PathBuf> {
    let plugin = env::var_os("ECSUI_PEERS_PLUGIN").map(PathBuf::from).filter(|plugin| plugin.is_file());
    if plugin.is_none() {
        // Past the test harness, which keeps the words of a test that passes to itself.
        let _best_effort = writeln!(std::io::stderr(), "skipped: ECSUI_PEERS_PLUGIN names no session-manager-plugin");
    }
    plugin
}

/// Logs in with the real plugin to an agent that behaves so; `None` where this machine has none.
fn login_with_the_real_one(agent: agent::Options) -> Option<(Account, Terminal)> {
    let real = real_plugin()?;
    let account = account_with(agent);
    let (program, _, plugin) = login(&account);
    symlink(real, plugin).unwrap();
    let terminal = program.start(100, 30);
    terminal.wait_until("a prompt", |screen| screen.contents().trim_end().ends_with(['$', '#']));
    Some((account, terminal))
}

/// Types what the shell answers with 42.
fn ask(terminal: &mut Terminal) {
    terminal.type_in("clear; echo is $((6 * 7))\r");
    terminal.wait_for("is 42\n");
}

#[test]
fn the_real_plugin_logs_in_echoes_resizes_and_ends() {
    let Some((account, mut terminal)) = login_with_the_real_one(agent::Options::prompt()) else { return };
    ask(&mut terminal);
    terminal.resize(90, 25);
    terminal.type_in("until stty size | grep '25 90'; do sleep 0.05; done\r");
    terminal.wait_for("\n25 90\n");
    terminal.type_in("stty raw -echo; printf rea; echo dy; head -c 9 | od -An -v -tx1; stty sane\r");
    terminal.wait_for("ready");
    terminal.type_in("\x03\x1a\x1c\x11\x13\r\n\x1b\x04");
    terminal.wait_for("03 1a 1c 11 13 0d 0a 1b 04");
    terminal.type_in("exit\r");
    assert_eq!(terminal.wait_for_end().exit_code(), 0, "{}", terminal.contents());
    terminal.assert_restored();
    assert_eq!(calls(&account, "TerminateSession"), 0, "it has ended by itself");
}

#[test]
fn the_real_plugin_answers_the_simulated_handshake() {
    let agent = agent::Options { handshake: Some(agent::Handshake::SessionType), ..agent::Options::prompt() };
    let Some((_account, mut terminal)) = login_with_the_real_one(agent) else { return };
    ask(&mut terminal);
    terminal.type_in("exit\r");
    assert!(terminal.wait_for_end().success());
}

#[test]
fn the_real_plugin_resumes_after_the_gateways_close() {
    let agent = agent::Options { socket_lifetime: Duration::from_secs(2), ..agent::Options::prompt() };
    let Some((account, mut terminal)) = login_with_the_real_one(agent) else { return };
    terminal.type_in("while :; do sleep 0.05; echo tick; done &\r");
    for resumed in 1..3 {
        let begun = Instant::now();
        while calls(&account, "ResumeSession") < resumed {
            assert!(begun.elapsed() < FAILED, "the session is not resumed\n{}", terminal.contents());
            std::thread::sleep(Duration::from_millis(5));
        }
        // It ends when something is typed while there is no connection: only then, when the new one carries something.
        let mark = terminal.mark();
        terminal.wait_for_bytes("output again", mark, |bytes| bytes.windows(4).any(|word| word == b"tick"));
        ask(&mut terminal);
    }
    terminal.type_in("kill $!; exit\r");
    assert!(terminal.wait_for_end().success(), "{}", terminal.contents());
}

#[test]
fn who_leaves_the_real_plugin_ends_its_session() {
    let Some((account, mut terminal)) = login_with_the_real_one(agent::Options::prompt()) else { return };
    terminal.type_in("\r~.");
    terminal.wait_for_end();
    terminal.assert_restored();
    assert_eq!(calls(&account, "TerminateSession"), 1);
}
