//! Much output and much input: everything arrives, once and in order, whatever carries it.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test")]

#[path = "common/account.rs"]
mod account;
#[path = "common/terminal.rs"]
mod terminal;

use std::{
    env,
    io::{Read as _, Write as _},
    process::{Command, Stdio},
    sync::OnceLock,
};

use account::Account;
use ecsui::{
    aws::Access,
    config::Settings,
    ops::{Cx, exec, find},
    session::{Secret, Size},
    sim::{Options, World},
    terminal::{Keyboard, Ours, Signals, join},
};
use sha2::{Digest, Sha256};

/// How much is printed.
const DOWN: usize = 50_000_000;
/// How much is typed.
const UP: usize = 20_000_000;
/// What a child says before the session has its standard output.
const BEGIN: &[u8] = b"<begin>";

/// Text in which characters of all widths fall on all borders. Its lines begin with no tilde, and its last character is
/// ASCII: the agent loses half a character at the end.
fn text() -> &'static [u8] {
    static TEXT: OnceLock<Vec<u8>> = OnceLock::new();
    TEXT.get_or_init(|| {
        let mut text = Vec::with_capacity(DOWN + 64);
        let mut number = 0_u32;
        while text.len() < DOWN - 64 {
            writeln!(text, "{number} aä€😀 {}", "€ß𝄞é".repeat(number as usize % 3)).unwrap();
            number += 1;
        }
        text.resize(DOWN, b'.');
        text
    })
}

fn account() -> Account {
    let mut world = World::empty();
    let cluster = world.add_cluster("prod");
    world.add_service(&cluster, "api", 1);
    Account::serve(world, Options::explicit())
}

/// Returns a file with the text, and the command that prints it as it is.
fn printing() -> (tempfile::NamedTempFile, [String; 3]) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text()).unwrap();
    let command = format!("stty raw; cat {}", file.path().display());
    (file, ["sh".to_owned(), "-c".to_owned(), command])
}

/// Asserts that this is the text; says where it is not.
fn assert_text(got: &[u8]) {
    if got != text() {
        let same = got.iter().zip(text()).take_while(|(got, sent)| got == sent).count();
        let around = |bytes: &[u8]| {
            String::from_utf8_lossy(&bytes[same.min(bytes.len())..bytes.len().min(same + 60)]).into_owned()
        };
        panic!("{} of {DOWN} bytes; at {same}: {:?} for {:?}", got.len(), around(got), around(text()));
    }
}

#[test]
fn fifty_megabytes_through_a_terminal() {
    let account = account();
    let (_file, command) = printing();
    let exec = account.ecsui().args(["exec", "api", "--"]).args(command);
    let mut terminal = exec.start(80, 24);
    // Each part has its minute.
    for part in 1..=10 {
        terminal.wait_for_bytes("more of it", 0, |bytes| bytes.len() >= DOWN / 10 * part);
    }
    let status = terminal.wait_for_end();
    let got = terminal.bytes_since(0);
    assert_text(&got[..DOWN]);
    assert_eq!(got.get(DOWN), Some(&0x1b), "nothing follows but what restores the terminal");
    assert!(status.success());
    terminal.assert_restored();
}

#[test]
fn twenty_megabytes_typed_into_a_terminal() {
    let account = account();
    let command = format!("stty raw -echo; echo ready; head -c {UP} | sha256sum");
    let mut terminal = account.ecsui().args(["exec", "api", "--", "sh", "-c", &command]).start(120, 24);
    terminal.wait_for("ready");
    terminal.type_in(&text()[..UP]);
    let digest = Sha256::digest(&text()[..UP]).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    terminal.wait_for(" -");
    assert!(terminal.contents().contains(&digest), "{}", terminal.contents());
    assert!(terminal.wait_for_end().success());
}

// `ecsui exec` wants a terminal; what writes for it is held to the same over a pipe in a child of this test binary.

#[test]
fn child_that_writes_into_a_pipe() {
    let Some(command) = env::var_os("CHILD_COMMAND") else { return };
    let variable = |name: &str| env::var(name).unwrap();
    let access = Access::Fixed {
        name: "simulated".to_owned(),
        region: variable("AWS_REGION"),
        endpoint_url: variable("AWS_ENDPOINT_URL"),
        access_key: variable("AWS_ACCESS_KEY_ID"),
        secret_key: Secret::new(variable("AWS_SECRET_ACCESS_KEY")),
    };
    let command = ["sh", "-c", command.to_str().unwrap()].map(str::to_owned);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let (cx, size) = (Cx::new(access, Settings::default()), Size { columns: 80, rows: 24 });
        let target = find::one(&cx, &["api".to_owned()]).await.unwrap();
        let session = exec::open(&cx, &target, &exec::Command::Argv(command.to_vec()), size).await.unwrap();
        rustix::io::write(rustix::stdio::stdout(), BEGIN).unwrap();
        let (mut keyboard, mut signals) = (Keyboard::start(size).unwrap(), Signals::new().unwrap());
        join(session.into(), &mut keyboard, &mut signals, Ours::to_the_end(None)).await.unwrap();
    });
}

#[test]
fn fifty_megabytes_into_a_pipe() {
    let account = account();
    let (_file, [_, _, command]) = printing();
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "child_that_writes_into_a_pipe", "--nocapture", "--test-threads=1"]);
    child.env_clear().envs(account.variables()).env("CHILD_COMMAND", command);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut got = Vec::with_capacity(DOWN + 1024);
    child.stdout.take().unwrap().read_to_end(&mut got).unwrap();
    assert!(child.wait().unwrap().success());
    let begin = got.windows(BEGIN.len()).position(|window| window == BEGIN).unwrap() + BEGIN.len();
    let (got, rest) = got[begin..].split_at(DOWN.min(got.len() - begin));
    assert_text(got);
    assert!(rest.starts_with(b"ok\n"), "the test harness is what follows");
}
