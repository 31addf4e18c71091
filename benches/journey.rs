//! Drives the real program in a terminal against the simulated AWS and prints the rows of the performance table.
//!
//! `cargo bench --bench journey` (`--profile dev` for the debug build; `-- streaming list` for some of its parts). It
//! measures and never judges: a slow machine is no failure. What it compares with are floors measured in the same run: a
//! bare process start, an echo of the kernel's terminal.

#![expect(clippy::print_stdout, reason = "it prints what it measured")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "../tests/common/account.rs"]
mod account;
#[path = "../tests/common/terminal.rs"]
mod terminal;

use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use account::{Account, ECSUI};
use ecsui::sim::{Options, World, agent};
use terminal::{Program, Terminal};

/// What ends a frame.
const FRAME_END: &[u8] = b"\x1b[?2026l";
/// What a call of AWS takes, from an office.
const CALL: Duration = Duration::from_millis(40);
/// How much a shell prints to fill a terminal.
const MEGABYTES: usize = 20;
/// How wide and high the terminal is.
const SIZE: (u16, u16) = (200, 50);

/// The parts, by name.
const PARTS: [(&str, fn()); 8] = [
    ("start", start),
    ("browsing", browsing),
    ("waiting", waiting),
    ("streaming", streaming),
    ("events", events),
    ("jump", jump),
    ("list", list),
    ("session", session),
];

fn main() {
    println!("{:<58} {:>12} {:>12}", "5 clusters × 100 services × 3 tasks × 2 containers", "p50", "p99/worst");
    let named: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    for (name, part) in PARTS {
        if named.is_empty() || named.iter().any(|word| word == name) {
            part();
        }
    }
}

/// Start → first frame, first rows.
fn start() {
    let floor = repeat(20, || {
        let mut terminal = Program::new("/bin/echo").args(["frame"]).start(SIZE.0, SIZE.1);
        let took = terminal.arrival_of(b"frame", 0).0 - terminal.started();
        terminal.wait_for_end();
        took
    });
    row("floor: start of /bin/echo → its output", &floor);
    let account = serve(CALL);
    let mut frames = Vec::new();
    let mut clusters = Vec::new();
    let mut services = Vec::new();
    for _ in 0..20 {
        let mut terminal = open(&account);
        frames.push(terminal.arrival_of(FRAME_END, 0).0 - terminal.started());
        clusters.push(terminal.arrival_of(b"prod-1", 0).0 - terminal.started());
        services.push(terminal.arrival_of(b"-api-", 0).0 - terminal.started());
        quit(&mut terminal);
    }
    row("start → first frame", &frames);
    row("start → clusters, 40 ms a call", &clusters);
    row("start → every service name of the first cluster", &services);
}

/// Key → frame, bytes a key, idle, memory, with everything loaded.
fn browsing() {
    let account = serve(Duration::ZERO);
    let mut terminal = open(&account);
    settle(&terminal);
    keys("key → frame, moving", "bytes a key, moving", &mut terminal, &[b"\x1b[B", b"\x1b[A"]);
    terminal.type_in("\t");
    settle(&terminal);
    keys("key → frame, moving through services", "bytes a key, services", &mut terminal, &[b"\x1b[B", b"\x1b[A"]);
    keys("key → frame, filtering services", "bytes a key, filtering", &mut terminal, &[b"s", b"e", b"\x7f", b"\x7f"]);
    settle(&terminal);
    let before = (wake_ups(&terminal), terminal.mark());
    thread::sleep(Duration::from_secs(5));
    let after = (wake_ups(&terminal), terminal.mark());
    println!("{:<58} {:>12} {:>12}", "idle for 5 s: wake-ups, bytes", after.0 - before.0, after.1 - before.1);
    println!("{:<58} {:>9} KiB", "memory (RSS)", status(&terminal, "VmRSS:"));
    quit(&mut terminal);
}

/// Key → frame while every call takes 5 s.
fn waiting() {
    let account = serve(Duration::ZERO);
    let mut terminal = open(&account);
    settle(&terminal);
    terminal.type_in("\t");
    settle(&terminal);
    account.delay(Duration::from_secs(5));
    terminal.type_in("\x12");
    keys("key → frame while every call takes 5 s", "bytes a key meanwhile", &mut terminal, &[b"\x1b[B", b"\x1b[A"]);
    quit(&mut terminal);
}

/// Key → frame while three containers write 10 000 lines a second, and as many lines as are kept are filtered anew.
fn streaming() {
    let mut world = World::grid(5, 100, 3);
    assert!(world.set_log_rate("prod-1-payments-api-000", "app", 10_000.0 / 3.0));
    let account = Account::serve(world, Options { throttle: true, ..Options::default() });
    let mut terminal = open_at_a_service(&account);
    // F6, and full screen.
    terminal.type_in("\x1b[17~");
    terminal.type_in("\x0f");
    terminal.wait_for("20000 lines");
    let times = repeat(100, || time_of_a_letter(&mut terminal, b"app"));
    row("key → frame while 10 000 log lines a second come", &times);
    println!("{:<58} {:>9} KiB", "memory (RSS) with these", status(&terminal, "VmRSS:"));
    quit(&mut terminal);
}

/// Key → frame over every container of an account of 5 × 100 × 30 × 2, and the whole of what matches.
fn jump() {
    let account = Account::serve(World::grid(5, 100, 30), Options::default());
    let mut terminal = open(&account);
    settle(&terminal);
    let begun = Instant::now();
    terminal.type_in("\x06");
    // On the screen: of a number that goes up only what differs is written.
    terminal.wait_for("jump 30000/30000");
    row("jump → 30 000 containers", &[begun.elapsed()]);
    settle(&terminal);
    let (some, back): (&[&[u8]], _) = (&[b"p", b"a", b"y", b" ", b"a", b"p", b"p"], b"\x7f");
    let there_and_back: Vec<&[u8]> = some.iter().copied().chain(some.iter().map(|_| &back[..])).collect();
    keys("key → frame, jump over 30 000", "bytes a key, jump", &mut terminal, &there_and_back);
    println!("{:<58} {:>9} KiB", "memory (RSS) with these", status(&terminal, "VmRSS:"));
    quit(&mut terminal);
}

/// Key → frame while 500 events of a service stand, new ones come, and all are filtered anew.
fn events() {
    let account = Account::serve(World::grid(5, 100, 3), Options { throttle: true, ..Options::default() });
    let mut terminal = open_at_a_service(&account);
    // F2, and full screen.
    terminal.type_in("\x1bOQ");
    terminal.type_in("\x0f");
    let mut said = 0;
    let mut say = |count: usize| {
        for _ in 0..count {
            said += 1;
            assert!(account.sim.say("prod-1", "payments-api-000", &format!("has said number {said}.")));
        }
        said
    };
    // AWS tells no more than 100 at once.
    for _ in 0..5 {
        let said = say(99);
        terminal.type_in("\x12");
        terminal.wait_for(&format!("number {said}."));
    }
    let mut count = 0;
    let times = repeat(200, || {
        say(1);
        count += 1;
        if count % 5 == 0 {
            terminal.type_in("\x12");
        }
        time_of_a_letter(&mut terminal, b"number")
    });
    row("key → frame while 500 events stand and new ones come", &times);
    quit(&mut terminal);
}

/// Opens the browser and goes to a service.
fn open_at_a_service(account: &Account) -> Terminal {
    let mut terminal = open(account);
    settle(&terminal);
    terminal.type_in("^prod-1$");
    settle(&terminal);
    terminal.type_in("\t");
    terminal.type_in("payments-api-000");
    settle(&terminal);
    terminal
}

/// Searches the lines of the details for a letter that none has, and returns how long its frame took; waits until the
/// lines are back, which `back` is a part of.
fn time_of_a_letter(terminal: &mut Terminal, back: &[u8]) -> Duration {
    let letter = "§";
    let mark = terminal.mark();
    let begun = Instant::now();
    terminal.type_in(letter);
    let (_, end) = terminal.arrival_of(letter.as_bytes(), mark);
    let (shown, _) = terminal.arrival_of(FRAME_END, end);
    let mark = terminal.mark();
    terminal.type_in("\x7f");
    terminal.arrival_of(back, mark);
    shown - begun
}

/// The whole account, flat.
fn list() {
    let mut calls = Vec::new();
    let mut rows = 0;
    let took = repeat(10, || {
        // Its quotas are full each time.
        let account = serve(CALL);
        let begun = Instant::now();
        let output = command(&account).args(["list", "-o", "json"]).output().unwrap();
        let took = begun.elapsed();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        calls.push(account.sim.calls().len());
        rows = serde_json::from_slice::<Vec<serde_json::Value>>(&output.stdout).unwrap().len();
        took
    });
    row("ecsui list -o json, 40 ms a call", &took);
    println!("{:<58} {:>12} {:>12}", "  calls, rows", calls.iter().max().unwrap(), rows);
}

/// A session: open, echo, bulk.
fn session() {
    let mut floor = Program::new("/bin/sh").args(["-c", "stty raw -echo; echo ready; exec cat"]).start(SIZE.0, SIZE.1);
    floor.wait_for("ready");
    row("floor: echo of cat in a terminal", &echoes(&mut floor));
    drop(floor);
    let mut floor = Program::new("/bin/sh").start(SIZE.0, SIZE.1);
    bulk("floor: bulk output of a local shell", &mut floor);
    drop(floor);
    let account = serve(Duration::ZERO);
    let opened = repeat(10, || {
        let mut terminal = open(&account);
        settle(&terminal);
        let took = log_in(&mut terminal);
        terminal.type_in("exit\r");
        terminal.wait_until("the browser", vt100::Screen::alternate_screen);
        quit(&mut terminal);
        took
    });
    row("session: Enter → prompt", &opened);
    let mut terminal = open(&account);
    settle(&terminal);
    log_in(&mut terminal);
    let before = processor_time(&terminal);
    bulk("session: bulk output", &mut terminal);
    let each = processor_time(&terminal).saturating_sub(before) / MEGABYTES as u32;
    println!("{:<58} {:>9.1} ms", "session: processor time a megabyte of output", each.as_secs_f64() * 1000.0);
    terminal.type_in("stty raw -echo; echo re''ady; cat\r");
    terminal.wait_for("ready");
    row("session: echo of cat", &echoes(&mut terminal));
    println!("{:<58} {:>9} KiB", "session: memory (RSS)", status(&terminal, "VmRSS:"));
    let before = wake_ups(&terminal);
    thread::sleep(Duration::from_secs(5));
    println!("{:<58} {:>12}", "session: wake-ups in 5 s at the prompt", wake_ups(&terminal) - before);
}

/// Serves the account; each answer takes `latency`, and AWS's quotas hold.
fn serve(latency: Duration) -> Account {
    let options = Options { latency, throttle: true, agent: agent::Options::prompt(), ..Options::default() };
    Account::serve(World::grid(5, 100, 3), options)
}

/// Opens the browser.
fn open(account: &Account) -> Terminal {
    account.browse(SIZE.0, SIZE.1)
}

/// Returns a command of the program, without a terminal.
fn command(account: &Account) -> Command {
    let mut command = Command::new(ECSUI);
    command.env_clear().envs(account.variables()).env("HOME", "/nonexistent").stdin(Stdio::null());
    command
}

/// Waits until the program writes nothing any more.
fn settle(terminal: &Terminal) {
    terminal.wait_until("the browser", vt100::Screen::alternate_screen);
    let mut mark = 0;
    while mark != terminal.mark() {
        mark = terminal.mark();
        thread::sleep(Duration::from_secs(1));
    }
}

/// Enters a shell; returns how long it took to its prompt.
fn log_in(terminal: &mut Terminal) -> Duration {
    terminal.type_in("\t");
    settle(terminal);
    let mark = terminal.mark();
    let begun = Instant::now();
    terminal.type_in("\r");
    let prompt: &[u8] = if is_root() { b"# " } else { b"$ " };
    terminal.arrival_of(prompt, mark).0 - begun
}

/// Whether shells here prompt with a number sign.
fn is_root() -> bool {
    fs::read_to_string("/proc/self/status").unwrap().lines().any(|line| line.starts_with("Uid:\t0\t"))
}

/// Leaves the browser.
fn quit(terminal: &mut Terminal) {
    terminal.type_in("\x11");
    terminal.wait_for_end();
}

/// Measures keys, one after the other.
fn keys(time: &str, size: &str, terminal: &mut Terminal, keys: &[&[u8]]) {
    let mut bytes = Vec::new();
    let times: Vec<Duration> = (0..400)
        .map(|count: usize| {
            let mark = terminal.mark();
            let begun = Instant::now();
            terminal.type_in(keys[count % keys.len()]);
            let (shown, end) = terminal.arrival_of(FRAME_END, mark);
            bytes.push(end - mark);
            thread::sleep(Duration::from_millis(5));
            shown - begun
        })
        .collect();
    row(time, &times);
    bytes.sort_unstable();
    println!("{size:<58} {:>12} {:>12}", bytes[bytes.len() / 2], bytes[bytes.len() - 1]);
}

/// Measures how fast a shell fills the terminal, whose own speed is in the floor.
fn bulk(name: &str, terminal: &mut Terminal) {
    let mark = terminal.mark();
    let begun = Instant::now();
    terminal.type_in(format!("yes 0123456789abcdef | head -c {}; echo; echo do''ne\r", MEGABYTES * 1_000_000));
    terminal.wait_for_bytes("the end", mark, |bytes| {
        bytes[bytes.len().saturating_sub(200)..].windows(5).any(|end| end == b"\ndone")
    });
    println!("{name:<58} {:>7.1} MB/s", MEGABYTES as f64 / begun.elapsed().as_secs_f64());
}

/// Measures echoes of single letters.
fn echoes(terminal: &mut Terminal) -> Vec<Duration> {
    repeat(400, || {
        let mark = terminal.mark();
        let begun = Instant::now();
        terminal.type_in("x");
        terminal.arrival_of(b"x", mark).0 - begun
    })
}

/// Measures so many times.
fn repeat(times: usize, mut measure: impl FnMut() -> Duration) -> Vec<Duration> {
    (0..times).map(|_| measure()).collect()
}

/// Prints the middle and the 99th percentile.
fn row(name: &str, times: &[Duration]) {
    let mut times = times.to_vec();
    times.sort_unstable();
    let milliseconds = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1000.0);
    let at = |share: usize| milliseconds(times[(times.len() - 1) * share / 100]);
    println!("{name:<58} {:>12} {:>12}", at(50), at(99));
}

/// Returns how often the program's threads have woken up.
fn wake_ups(terminal: &Terminal) -> u64 {
    let threads = fs::read_dir(format!("/proc/{}/task", terminal.process_id())).unwrap();
    threads
        .filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("status")).ok())
        .map(|status| field(&status, "voluntary_ctxt_switches:"))
        .sum()
}

/// Returns how long the program has computed, in ticks of 10 ms (proc(5), fields 14 and 15; `USER_HZ` is 100).
fn processor_time(terminal: &Terminal) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", terminal.process_id())).unwrap();
    let fields = stat.rsplit(") ").next().unwrap().split(' ').skip(11).take(2);
    Duration::from_millis(fields.map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum())
}

/// Returns a number of the program's status.
fn status(terminal: &Terminal, name: &str) -> u64 {
    field(&fs::read_to_string(format!("/proc/{}/status", terminal.process_id())).unwrap(), name)
}

fn field(status: &str, name: &str) -> u64 {
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
