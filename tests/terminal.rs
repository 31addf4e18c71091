//! The terminal module at a real terminal: what a panic, an error, a signal and a session leave behind.

#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod terminal;
}

use std::{
    env, fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use bytes::Bytes;
use common::terminal::{Program, Terminal};
use ecsui::{
    session::{Backend, Exit, Input, Output, pair},
    terminal::{Ending, Keyboard, Screen, Signals, Typed, attach, size},
};
use tokio::sync::mpsc::error::TrySendError;

/// Whether this process is the child of a test that is to do what the function does.
fn is_child() -> bool {
    env::var_os("CHILD").is_some()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

// What a panic, an error and a signal do to a terminal is seen in children of this test binary: the program itself has
// no way to panic that could be asked for.

/// Shows a screen and waits for a key.
async fn show_and_wait(screen: &mut Screen) -> Result<Typed, Ending> {
    let mut signals = Signals::new().unwrap();
    let mut keyboard = Keyboard::start(size()).unwrap();
    screen.draw(|frame| frame.render_widget("a screen", frame.area())).unwrap();
    tokio::select! {
        typed = keyboard.next() => Ok(typed),
        ending = signals.next() => Err(ending),
    }
}

#[test]
fn child_that_panics() {
    if is_child() {
        let mut screen = Screen::enter(size(), true).unwrap();
        let typed = block_on(show_and_wait(&mut screen));
        panic!("the boat leaks: {typed:?}");
    }
}

#[test]
fn child_whose_other_thread_panics() {
    if is_child() {
        let mut screen = Screen::enter(size(), true).unwrap();
        let _typed = block_on(show_and_wait(&mut screen));
        let _panicked = thread::spawn(|| panic!("the boat leaks")).join();
        unreachable!("the program ended with the thread");
    }
}

#[test]
fn child_that_fails() -> Result<(), String> {
    if is_child() {
        let mut screen = Screen::enter(size(), true).unwrap();
        return Err(format!("{:?}", block_on(show_and_wait(&mut screen))));
    }
    Ok(())
}

#[test]
fn child_that_goes_on_and_gives_its_screen_to_a_session_before_it_has_drawn() {
    if is_child() {
        let mut screen = Screen::enter(size(), true).unwrap();
        let _typed = block_on(show_and_wait(&mut screen));
        screen.take_again(size()).unwrap();
        screen.leave().unwrap();
        println!("the session's");
        block_on(async { Keyboard::start(size()).unwrap().next().await });
    }
}

/// A session whose far side tells what it got and says things by the letter.
#[test]
fn child_with_a_session() {
    if !is_child() {
        return;
    }
    let (session, far) = pair("far");
    let far_side = thread::spawn(move || {
        let mut far = far; // all of it: its end is the answer to a hang-up
        while let Some(input) = far.input.blocking_recv() {
            let said = match input {
                Input::Resize(size) => vec![Output::Bytes(format!("size {}x{}\r\n", size.columns, size.rows).into())],
                Input::Bytes(bytes) if bytes == "binary\r" => {
                    vec![Output::Bytes(Bytes::from_static(b"\xff\xfe\x1b[?1049h\x1b[?1002hnoise"))]
                }
                Input::Bytes(bytes) if bytes == "much\r" => {
                    let lines: Vec<_> = (0..50_000).map(|n| format!("line {n}\r\n")).collect();
                    let pieces = lines.chunks(1000).map(|lines| Output::Bytes(lines.concat().into()));
                    pieces.chain([Output::Exit(Exit::Code(3))]).collect()
                }
                Input::Bytes(bytes) if bytes == "flood\r" => {
                    while far.input.try_recv().is_err() {
                        far.output.blocking_send(Output::Bytes("water ".repeat(500).into())).unwrap();
                    }
                    vec![Output::Exit(Exit::Closed("dry".to_owned()))]
                }
                Input::Bytes(bytes) if bytes == "deluge\r" => {
                    deluge(&mut far);
                    vec![]
                }
                Input::Bytes(bytes) if bytes == "panic\r" => panic!("the boat leaks"),
                Input::Bytes(bytes) if bytes == "count\r" => vec![Output::Bytes(count(&mut far.input).into())],
                Input::Bytes(bytes) if bytes == "notice\r" => {
                    vec![Output::Bytes("in a line".into()), Output::Notice("a word \u{1b}[31m of ours".into())]
                }
                Input::Bytes(bytes) => vec![Output::Bytes(format!("got {}\r\n", bytes.escape_ascii()).into())],
                Input::Eof => vec![],
            };
            for output in said {
                far.output.blocking_send(output).unwrap();
            }
        }
    });
    let exit = block_on(attach(session, Some('~'))).unwrap();
    far_side.join().unwrap();
    println!("then: {exit}");
}

/// Prints until nobody takes any more, says so and how much was taken in the file `full`, and writes down what comes in
/// then.
fn deluge(far: &mut Backend) {
    let (mut taken, mut full) = (0, 0);
    while full < 200 {
        match far.output.try_send(Output::Bytes(vec![b'w'; PIECE].into())) {
            Ok(()) => (taken, full) = (taken + PIECE, 0),
            Err(TrySendError::Full(_)) => {
                full += 1;
                thread::sleep(Duration::from_millis(1));
            }
            Err(TrySendError::Closed(_)) => return,
        }
    }
    fs::write("full", taken.to_string()).unwrap();
    while let Some(input) = far.input.blocking_recv() {
        if let Input::Bytes(bytes) = input {
            fs::write("heard", bytes).unwrap();
        }
    }
}

/// How much is printed at once.
const PIECE: usize = 4096;

/// Says whether the next [`MUCH`] bytes are those of [`much`].
fn count(input: &mut tokio::sync::mpsc::Receiver<Input>) -> String {
    let mut got = Vec::new();
    while got.len() < MUCH {
        match input.blocking_recv() {
            Some(Input::Bytes(bytes)) => got.extend_from_slice(&bytes),
            other => return format!("{other:?}\r\n"),
        }
    }
    format!("{} bytes, as typed: {}\r\n", got.len(), got == much())
}

/// How much is pasted.
const MUCH: usize = 1_000_000;

/// A paste in which no two neighbours are alike.
fn much() -> Vec<u8> {
    (0..MUCH).map(|n| b'a' + (n % 23) as u8).collect()
}

fn at_a_screen(child: &str) -> Terminal {
    let terminal = Program::child(child).start(80, 24);
    terminal.wait_until("the screen", |screen| screen.alternate_screen() && screen.contents() == "a screen");
    assert!(terminal.is_raw());
    terminal
}

#[test]
fn a_session_gets_the_normal_screen_also_where_the_program_was_just_stopped() {
    let mut terminal = at_a_screen("child_that_goes_on_and_gives_its_screen_to_a_session_before_it_has_drawn");
    terminal.type_in("x");
    terminal.wait_for("the session's");
    terminal.screen(|screen| {
        assert!(!screen.alternate_screen());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    });
    terminal.type_in("x");
    terminal.wait_for_end();
    terminal.assert_restored();
}

fn in_a_session() -> Terminal {
    let terminal = Program::child("child_with_a_session").start(80, 24);
    terminal.wait_for("size 80x24");
    terminal
}

#[test]
fn after_a_panic_the_terminal_is_restored_and_its_message_is_read_there() {
    let mut terminal = at_a_screen("child_that_panics");
    terminal.type_in("x");
    assert_eq!(terminal.wait_for_end().exit_code(), 101);
    terminal.assert_restored();
    assert!(terminal.contents().contains("the boat leaks"), "{}", terminal.contents());
}

#[test]
fn after_a_panic_of_another_thread_too() {
    let mut terminal = at_a_screen("child_whose_other_thread_panics");
    terminal.type_in("x");
    assert_eq!(terminal.wait_for_end().exit_code(), 101);
    terminal.assert_restored();
    let contents = terminal.contents();
    assert!(contents.contains("the boat leaks") && !contents.contains("unreachable"), "{contents}");
}

#[test]
fn after_an_error_the_terminal_is_restored() {
    let mut terminal = at_a_screen("child_that_fails");
    terminal.type_in("x");
    assert!(!terminal.wait_for_end().success());
    terminal.assert_restored();
}

#[test]
fn after_a_signal_the_terminal_is_restored() {
    for signal in ["TERM", "HUP", "INT"] {
        let mut terminal = at_a_screen("child_that_fails");
        terminal.signal(signal);
        assert!(!terminal.wait_for_end().success());
        terminal.assert_restored();
    }
}

#[test]
fn a_session_gets_every_byte_and_the_new_size() {
    let mut terminal = in_a_session();
    terminal.type_in(b"\x03\x1b[A\xff~");
    terminal.wait_for(r"got \x03\x1b[A\xff~");
    terminal.resize(100, 30);
    terminal.wait_for("size 100x30");
    terminal.type_in("\r");
    terminal.wait_for(r"got \r");
    terminal.type_in("~.");
    assert!(terminal.wait_for_end().success());
    terminal.assert_restored();
    assert!(terminal.contents().contains("then: session ended: ended with ~."), "{}", terminal.contents());
}

#[test]
fn what_a_session_prints_passes_raw_and_is_taken_back_at_its_end() {
    let mut terminal = in_a_session();
    let mark = terminal.mark();
    terminal.type_in("binary\r");
    terminal.wait_until("the far side's alternate screen", vt100::Screen::alternate_screen);
    assert!(terminal.bytes_since(mark).starts_with(b"\xff\xfe\x1b[?1049h"));
    terminal.type_in("~.");
    terminal.wait_for_end();
    terminal.assert_restored();
}

#[test]
fn nothing_that_was_printed_before_the_end_is_lost() {
    let mut terminal = in_a_session();
    let mark = terminal.mark();
    terminal.type_in("much\r");
    assert!(terminal.wait_for_end().success());
    let printed = String::from_utf8(terminal.bytes_since(mark)).unwrap();
    assert!((0..50_000).map(|n| format!("line {n}")).eq(printed.lines().take(50_000)));
    assert!(printed.contains("then: exit 3"));
}

#[test]
fn a_large_paste_reaches_the_session_whole() {
    let mut terminal = in_a_session();
    terminal.type_in("count\r");
    terminal.type_in(much());
    terminal.wait_for("1000000 bytes, as typed: true");
    terminal.type_in("\r~.");
    terminal.wait_for_end();
}

#[test]
fn a_flood_can_be_stopped_from_the_keyboard() {
    let mut terminal = in_a_session();
    terminal.type_in("flood\r");
    terminal.wait_for("water");
    terminal.type_in("\x03");
    terminal.wait_for_end();
    assert!(terminal.contents().contains("then: session ended: dry"));
    terminal.assert_restored();
}

/// A session whose terminal has stopped reading and is full, and the program's home; with how many bytes were taken.
fn at_a_terminal_that_reads_no_more() -> (Terminal, PathBuf, usize) {
    let program = Program::child("child_with_a_session");
    let home = program.home().to_owned();
    let mut terminal = program.start(80, 24);
    terminal.wait_for("size 80x24");
    terminal.stop_reading();
    terminal.type_in("deluge\r");
    let taken = wait_for_file(&home.join("full")).parse().unwrap();
    (terminal, home, taken)
}

/// Waits until a file holds something.
fn wait_for_file(file: &Path) -> String {
    for _ in 0..30_000 {
        match fs::read_to_string(file) {
            Ok(text) if !text.is_empty() => return text,
            Ok(_) | Err(_) => thread::sleep(Duration::from_millis(2)),
        }
    }
    panic!("{} never came", file.display());
}

#[test]
fn a_terminal_that_reads_no_more_holds_the_session_up_and_not_the_keys() {
    let (mut terminal, home, taken) = at_a_terminal_that_reads_no_more();
    // The session's and the writer's queue hold 64 and 16 pieces, one write 64 KiB, a PTY of Linux about as much.
    assert!((64 * PIECE..128 * PIECE).contains(&taken), "{taken} bytes are kept somewhere");
    terminal.type_in("\x03");
    assert_eq!(wait_for_file(&home.join("heard")), "\x03");
    terminal.type_in("\r~.");
    terminal.wait_for_end();
}

#[test]
fn leaving_does_not_wait_for_a_terminal_that_reads_no_more() {
    let (mut terminal, _, _) = at_a_terminal_that_reads_no_more();
    terminal.type_in("~.");
    terminal.wait_for_exit();
    terminal.wait_for_end();
    terminal.assert_restored();
    assert!(terminal.contents().contains("then: session ended: ended with ~."), "{}", terminal.contents());
}

#[test]
fn no_signal_waits_for_a_terminal_that_reads_no_more() {
    for signal in ["TERM", "HUP", "INT"] {
        let (mut terminal, _, _) = at_a_terminal_that_reads_no_more();
        terminal.signal(signal);
        terminal.wait_for_exit();
        terminal.wait_for_end();
        terminal.assert_restored();
        assert!(terminal.contents().contains(&format!("then: ended by signal {signal}")), "{}", terminal.contents());
    }
}

#[test]
fn after_a_panic_during_a_session_the_terminal_is_restored() {
    let mut terminal = in_a_session();
    terminal.type_in("panic\r");
    assert_eq!(terminal.wait_for_end().exit_code(), 101);
    terminal.assert_restored();
    assert!(terminal.contents().contains("the boat leaks"), "{}", terminal.contents());
}

#[test]
fn a_session_that_was_stopped_goes_on_raw_and_with_the_new_size() {
    let mut terminal = in_a_session();
    terminal.stop();
    terminal.prompt_as_a_shell();
    assert!(!terminal.is_raw());
    terminal.resize(100, 30);
    terminal.signal("CONT");
    terminal.wait_until_raw();
    terminal.wait_for("size 100x30");
    terminal.type_in("\x03");
    terminal.wait_for(r"got \x03");
    terminal.type_in("\r~.");
    terminal.wait_for_end();
    terminal.assert_restored();
}

#[test]
fn a_session_gives_the_terminal_away_before_the_program_stops() {
    let mut terminal = in_a_session();
    terminal.stop_by("TSTP");
    terminal.assert_given_away();
    terminal.signal("CONT");
    terminal.wait_until_raw();
    terminal.type_in("\x03");
    terminal.wait_for(r"got \x03");
    terminal.type_in("\r~.");
    terminal.wait_for_end();
    terminal.assert_restored();
}

#[test]
fn the_list_of_escapes_and_notices_stand_on_lines_of_their_own() {
    let mut terminal = in_a_session();
    terminal.type_in("notice\r");
    terminal.wait_for("in a line\na word ␛[31m of ours");
    terminal.type_in("~?");
    terminal.wait_for("a word ␛[31m of ours\necsui understands, after a newline:\n  ~.   end the session\n");
    terminal.type_in("~.");
    terminal.wait_for_end();
}

#[test]
fn a_signal_during_a_session_ends_it_and_restores_the_terminal() {
    for (signal, name) in [("TERM", "TERM"), ("HUP", "HUP"), ("INT", "INT")] {
        let mut terminal = in_a_session();
        assert!(terminal.is_raw());
        terminal.signal(signal);
        terminal.wait_for_end();
        terminal.assert_restored();
        let contents = terminal.contents();
        assert!(contents.contains(&format!("then: ended by signal {name}")), "{contents}");
    }
}

/// A terminal whose window is closed: it starts a program, tells its number and is gone.
#[test]
fn child_that_is_a_terminal() {
    if is_child() {
        let ecsui = Program::new(env!("CARGO_BIN_EXE_ecsui")).env("AWS_REGION", "eu-west-1");
        for program in [Program::child("child_with_a_session"), Program::child("child_that_fails"), ecsui] {
            let terminal = program.start(80, 24);
            terminal.wait_until("the program at work", |screen| {
                screen.alternate_screen() || screen.contents().contains("size 80x24")
            });
            println!("process {}.", terminal.process_id());
            std::mem::forget(terminal);
        }
        println!("and gone");
        std::process::abort();
    }
}

#[test]
fn when_the_terminal_is_gone_so_is_the_program() {
    let mut terminal = Program::child("child_that_is_a_terminal").start(80, 24);
    terminal.wait_for_end();
    let contents = terminal.contents();
    assert!(contents.contains("and gone"), "{contents}");
    let processes = contents.split("process ").skip(1).filter_map(|rest| rest.split('.').next());
    let processes: Vec<PathBuf> = processes.map(|number| PathBuf::from(format!("/proc/{number}/exe"))).collect();
    assert_eq!(processes.len(), 3, "{contents}");
    while processes.iter().any(|process| process.exists()) {
        thread::sleep(Duration::from_millis(2));
    }
}
