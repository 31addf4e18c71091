//! Every byte of a session, both ways: the real program in a terminal, and a program in raw mode at the far end.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod account;
    pub(crate) mod terminal;
}

use std::fmt::Write as _;

use common::{account::Account, terminal::Terminal};
use ecsui::sim::{Options, World};
use sha2::{Digest as _, Sha256};

fn account() -> Account {
    Account::still(World::grid(1, 1, 1))
}

/// `ecsui exec` of a shell script in a container.
fn run(account: &Account, script: &str) -> Terminal {
    run_with(account, "", script)
}

fn run_with(account: &Account, config: &str, script: &str) -> Terminal {
    let program = account.ecsui();
    std::fs::write(program.home().join("config.toml"), config).unwrap();
    program.args(["exec", "payments", "--", "sh", "-c", script]).start(91, 33)
}

/// A far side that shows the next so many bytes of what it is sent, in hexadecimal and without a line break between.
fn dump(account: &Account, config: &str, count: usize) -> Terminal {
    let script =
        format!("stty raw -echo; printf ready; head -c {count} | od -An -v -tx1 | tr -d ' \\n'; echo; stty sane");
    let terminal = run_with(account, config, &script);
    terminal.wait_for("ready");
    terminal
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Types, and asserts that `expected` arrives.
fn assert_arrives(config: &str, typed: &[&[u8]], expected: &[u8]) {
    let account = account();
    let mut terminal = dump(&account, config, expected.len());
    let mark = terminal.mark();
    for typed in typed {
        terminal.type_in(typed);
    }
    let expected = hexadecimal(expected);
    terminal.wait_for_bytes("what was typed", mark, |bytes| bytes.contains(&b'\n'));
    let shown = String::from_utf8(terminal.bytes_since(mark)).unwrap();
    assert_eq!(shown.lines().next().unwrap(), expected);
    terminal.wait_for_end();
    terminal.assert_restored();
}

#[test]
fn every_byte_arrives_as_typed() {
    let all: Vec<u8> = (0..=255).collect();
    assert_arrives("", &[&all], &all);
}

#[test]
fn what_terminals_send_arrives_as_it_is() {
    // A bracketed paste with a tilde at the beginning of a line, SGR mouse reports, kitty's keyboard protocol, focus,
    // a cursor report, a colour query's answer, and halves of all that.
    let sent =
        b"\x1b[200~one\r~/two\n\x1b[201~\x1b[<0;10;20M\x1b[<0;10;20m\x1b[97;5:3u\x1b[57441;1:1u\x1b[?1u\x1b[I\x1b[O\
                 \x1b[24;80R\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[\x1bO\xc3";
    assert_arrives("", &[sent], sent);
}

#[test]
fn each_byte_alone_arrives_too() {
    let keys: Vec<&[u8]> =
        vec![b"\x03", b"\x1a", b"\x1c", b"\x11", b"\x13", b"\r", b"\n", b"\x1b", b"\x7f", b"\0", b"\x04"];
    assert_arrives("", &keys, &keys.concat());
}

#[test]
fn escapes_are_found_across_the_ends_of_reads_and_nothing_else_is_taken() {
    assert_arrives("", &[b"a~.\r~", b"~", b".b\r", b"~x", b"~.", b"\n~", b"\n"], b"a~.\r~.b\r~x~.\n~\n");
}

#[test]
fn without_escapes_a_tilde_is_a_tilde() {
    assert_arrives("[session]\nescape = \"none\"\n", &[b"~.\r~.\r~?\n~~"], b"~.\r~.\r~?\n~~");
    assert_arrives("[session]\nescape = \"%\"\n", &[b"~.\r%", b"%\r~."], b"~.\r%\r~.");
}

#[test]
fn another_escape_character_ends_the_session() {
    let account = account();
    let mut terminal = dump(&account, "[session]\nescape = \"%\"\n", 100);
    terminal.type_in("\r%?");
    terminal.wait_for("%.   end the session");
    terminal.type_in("%.");
    terminal.wait_for_end();
    terminal.assert_restored();
    assert!(terminal.contents().contains("ended with %."), "{}", terminal.contents());
}

#[test]
fn an_escape_in_a_paste_that_is_read_in_pieces_ends_the_session() {
    let account = account();
    let mut terminal = dump(&account, "", 1_000_000);
    // A terminal gives 4096 bytes at once: the tilde is the last of one read, the dot the first of the next.
    let mut paste = vec![b'a'; 4094];
    paste.extend_from_slice(b"\r~.never sent");
    terminal.type_in(paste);
    terminal.wait_for_end();
    terminal.assert_restored();
    assert!(terminal.contents().contains("ended with ~."), "{}", terminal.contents());
}

#[test]
fn a_megabyte_of_paste_arrives_whole() {
    let paste: Vec<u8> = (0..1_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    // What would be an escape, if there were any, is not.
    let paste: Vec<u8> = paste.into_iter().map(|byte| if byte == b'~' { b'-' } else { byte }).collect();
    let account = account();
    let script = format!("stty raw -echo; printf ready; head -c {} | sha256sum; stty sane", paste.len());
    let mut terminal = run(&account, &script);
    terminal.wait_for("ready");
    terminal.type_in(&paste);
    terminal.wait_for(&hexadecimal(&Sha256::digest(&paste)));
    terminal.wait_for_end();
}

#[test]
fn the_first_size_that_a_program_sees_is_the_right_one() {
    let account = account();
    // The agent starts a program on a PTY without a size; what comes first then must not be a guess.
    let mut terminal = run(&account, "while size=$(stty size); [ \"$size\" = '0 0' ]; do :; done; echo first $size");
    terminal.wait_for("first 33 91");
    terminal.wait_for_end();
}

#[test]
fn a_resize_reaches_the_program_at_once() {
    let account = account();
    let script = "trap 'echo now $(stty size)' WINCH; echo ready; while :; do sleep 0.02; done";
    let mut terminal = run(&account, script);
    terminal.wait_for("ready");
    for (columns, rows) in [(100, 40), (20, 5), (250, 60)] {
        terminal.resize(columns, rows);
        terminal.wait_for(&format!("now {rows} {columns}"));
    }
    terminal.type_in("\r~.");
    terminal.wait_for_end();
}

#[test]
fn output_reaches_the_terminal_byte_by_byte() {
    let account = account();
    // Characters of every length, bare line feeds, sequences that a terminal would act on, and no newline at the end.
    let line = "plain ü € 😀 \\r \\n \\033[31m \\033]0;title\\007 \\000 \\b \\t end";
    let script = format!(
        "stty raw -echo; printf '<'; n=0; while [ $n -lt 2000 ]; do printf '{line}'; n=$((n + 1)); done; printf '>'; stty sane"
    );
    let mut terminal = run(&account, &script);
    let printed = "plain ü € 😀 \r \n \x1b[31m \x1b]0;title\x07 \0 \x08 \t end".repeat(2000);
    let expected = format!("<{printed}>").into_bytes();
    terminal.wait_for_end();
    let bytes = terminal.bytes_since(0);
    let start = bytes.windows(6).position(|window| window == b"<plain").unwrap();
    assert!(bytes[start..].starts_with(&expected), "{}", bytes[start..].escape_ascii());
}

#[test]
fn ctrl_c_stops_a_flood_and_so_does_leaving() {
    let account = account();
    let mut terminal = run(&account, "trap 'echo st''opped; exit' INT; while :; do yes; done");
    terminal.wait_for("y\ny\ny\ny");
    terminal.type_in("\x03");
    terminal.wait_for("stopped");
    terminal.wait_for_end();

    let mut terminal = run(&account, "yes");
    terminal.wait_for("y\ny\ny\ny");
    terminal.type_in("~.");
    terminal.wait_for_end();
    terminal.assert_restored();
}

#[test]
fn leaving_a_flood_at_a_terminal_that_reads_no_more_ends_at_once() {
    let account = Account::serve(World::grid(1, 1, 1), Options::explicit());
    let mut terminal = run(&account, "yes");
    terminal.wait_for("y\ny\ny\ny");
    terminal.stop_reading();
    terminal.type_in("~.");
    terminal.wait_for_exit();
    terminal.wait_for_end();
    terminal.assert_restored();
    let ended = account.sim.calls().into_iter().filter(|call| call.operation == "TerminateSession").count();
    assert_eq!(ended, 1, "the command would run on");
}
