//! A terminal with a person at it, for tests: a real PTY, a vt100 screen, and waiting for what is seen.

#![allow(dead_code, reason = "each user of this file needs a part of it")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::{
    ffi::OsStr,
    io::{Read, Write},
    path::Path,
    sync::{Arc, Condvar, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system};

/// After so long a wait has failed; nothing passes because of it.
pub(crate) const FAILED: Duration = Duration::from_mins(1);

/// A program and nothing of this machine's user: own home, no AWS variables, a known terminal type.
#[derive(Debug)]
pub(crate) struct Program {
    command: CommandBuilder,
    home: Arc<tempfile::TempDir>,
}

impl Program {
    /// The program at `path`.
    pub(crate) fn new(path: impl AsRef<OsStr>) -> Self {
        let home = Arc::new(tempfile::tempdir().unwrap());
        let mut command = CommandBuilder::new(path);
        command.env_clear();
        command.cwd(home.path());
        for (name, value) in [
            ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ] {
            command.env(name, value);
        }
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"]
        {
            command.env(name, home.path());
        }
        Self { command, home }
    }

    /// This test binary again, to be one of its own children: what `name` does when `CHILD` is set.
    pub(crate) fn child(name: &str) -> Self {
        Self::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture", "--test-threads=1"])
            .env("CHILD", "1")
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Starts it in a terminal of this size.
    pub(crate) fn start(self, columns: u16, rows: u16) -> Terminal {
        Terminal::start(self, columns, rows)
    }
}

/// The modes of a terminal, to be compared.
pub(crate) type Modes = String;

/// A terminal in which a program runs. Dropping it hangs up and ends the program.
pub(crate) struct Terminal {
    master: Box<dyn MasterPty>,
    slave: Option<Box<dyn SlavePty>>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    seen: Arc<Seen>,
    reader: Option<JoinHandle<()>>,
    before: Modes,
    started: Instant,
    _home: Arc<tempfile::TempDir>,
}

/// What the program has written.
#[derive(Default)]
struct Seen {
    state: Mutex<SeenState>,
    changed: Condvar,
    /// Whether the terminal has stopped reading.
    stopped: Mutex<bool>,
    reads_on: Condvar,
}

#[derive(Default)]
struct SeenState {
    parser: Option<vt100::Parser>,
    bytes: Vec<u8>,
    /// How many bytes there were when, read by read.
    arrivals: Vec<(usize, Instant)>,
    ended: bool,
}

impl Terminal {
    fn start(program: Program, columns: u16, rows: u16) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let before = modes(&*pair.master);
        let seen = Arc::new(Seen::default());
        let (rows, columns) = shown(columns, rows);
        seen.state.lock().unwrap().parser = Some(vt100::Parser::new(rows, columns, 0));
        let reader = read(pair.master.try_clone_reader().unwrap(), Arc::clone(&seen));
        let started = Instant::now();
        let child = pair.slave.spawn_command(program.command).unwrap();
        let keys = pair.master.take_writer().unwrap();
        Self {
            master: pair.master,
            slave: Some(pair.slave),
            child,
            keys,
            seen,
            reader: Some(reader),
            before,
            started,
            _home: program.home,
        }
    }

    /// When the program was started.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// Types.
    pub(crate) fn type_in(&mut self, keys: impl AsRef<[u8]>) {
        self.keys.write_all(keys.as_ref()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until the screen satisfies `condition`; `what` names it when it never does.
    pub(crate) fn wait_until(&self, what: &str, mut condition: impl FnMut(&vt100::Screen) -> bool) {
        self.wait(what, |state| condition(state.parser.as_ref().unwrap().screen()));
    }

    /// Waits until `text` stands somewhere on the screen.
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    /// Waits until the bytes written since `mark` satisfy `condition`.
    pub(crate) fn wait_for_bytes(&self, what: &str, mark: usize, mut condition: impl FnMut(&[u8]) -> bool) {
        self.wait(what, |state| condition(&state.bytes[mark..]));
    }

    fn wait(&self, what: &str, mut condition: impl FnMut(&SeenState) -> bool) {
        let begun = Instant::now();
        let mut state = self.seen.state.lock().unwrap();
        while !condition(&state) {
            let left = FAILED.saturating_sub(begun.elapsed());
            if state.ended || left.is_zero() {
                let (ended, contents) = (state.ended, state.parser.as_ref().unwrap().screen().contents());
                drop(state);
                panic!("{}: {what}\n{contents}", if ended { "the program ended before" } else { "never seen" });
            }
            state = self.seen.changed.wait_timeout(state, left).unwrap().0;
        }
    }

    /// Returns what stands on the screen.
    pub(crate) fn contents(&self) -> String {
        self.screen(vt100::Screen::contents)
    }

    /// Looks at the screen.
    pub(crate) fn screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.seen.state.lock().unwrap().parser.as_ref().unwrap().screen())
    }

    /// Returns how many bytes the program has written so far.
    pub(crate) fn mark(&self) -> usize {
        self.seen.state.lock().unwrap().bytes.len()
    }

    /// Returns what the program has written since `mark`.
    pub(crate) fn bytes_since(&self, mark: usize) -> Vec<u8> {
        self.seen.state.lock().unwrap().bytes[mark..].to_vec()
    }

    /// Waits until the program has written `text` since `mark`; returns when its last byte came and how many bytes
    /// there were by then.
    pub(crate) fn arrival_of(&self, text: &[u8], mark: usize) -> (Instant, usize) {
        let mut found = None;
        self.wait(&text.escape_ascii().to_string(), |state| {
            let place = state.bytes[mark..].windows(text.len()).position(|window| window == text);
            found = place.map(|place| {
                let end = mark + place + text.len();
                let arrived = state.arrivals.iter().find(|(total, _)| *total >= end);
                (arrived.expect("every byte arrived").1, end)
            });
            found.is_some()
        });
        found.unwrap()
    }

    /// Changes the terminal's size.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let (shown_rows, shown_columns) = shown(columns, rows);
        let mut state = self.seen.state.lock().unwrap();
        state.parser.as_mut().unwrap().screen_mut().set_size(shown_rows, shown_columns);
        drop(state);
        self.master.resize(size(columns, rows)).unwrap();
    }

    /// Stops reading what the program writes, after what is being read.
    pub(crate) fn stop_reading(&self) {
        *self.seen.stopped.lock().unwrap() = true;
    }

    /// Reads on.
    pub(crate) fn read_on(&self) {
        *self.seen.stopped.lock().unwrap() = false;
        self.seen.reads_on.notify_all();
    }

    /// Does to the terminal what a shell does that has it while the program is stopped.
    pub(crate) fn prompt_as_a_shell(&self) {
        let script = format!(
            "exec < /proc/{0}/fd/0 > /proc/{0}/fd/1; stty sane; printf '\\033[?1049l\\033[?2004l$ '",
            self.process_id()
        );
        assert!(std::process::Command::new("/bin/sh").args(["-c", &script]).status().unwrap().success());
    }

    /// Returns the program's process id.
    pub(crate) fn process_id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Sends a signal, named as for kill(1).
    pub(crate) fn signal(&self, name: &str) {
        let status = std::process::Command::new("/bin/sh")
            .args(["-c", &format!("kill -{name} {}", self.process_id())])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Stops the program, as ctrl-z and a shell do, and waits until it stands.
    pub(crate) fn stop(&self) {
        self.stop_by("STOP");
    }

    /// Stops the program by a signal, and waits until it stands.
    pub(crate) fn stop_by(&self, signal: &str) {
        self.signal(signal);
        let state = || std::fs::read_to_string(format!("/proc/{}/stat", self.process_id())).unwrap();
        let begun = Instant::now();
        while !state().contains(") T ") {
            assert!(begun.elapsed() < FAILED, "the program does not stop");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until the program has made the terminal raw.
    pub(crate) fn wait_until_raw(&self) {
        let begun = Instant::now();
        while !self.is_raw() {
            assert!(begun.elapsed() < FAILED, "the terminal is not made raw");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until the program has ended and everything it wrote was seen.
    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        let status = self.wait_for_exit();
        self.read_on();
        self.slave.take();
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        status
    }

    /// Waits until the program has ended, whether anybody reads what it wrote or not.
    pub(crate) fn wait_for_exit(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < FAILED, "the program does not end\n{}", self.contents());
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Asserts that the terminal is as the program found it; the program must have ended.
    pub(crate) fn assert_restored(&self) {
        assert_eq!(modes(&*self.master), self.before, "the terminal's modes");
        self.screen(|screen| {
            assert!(!screen.alternate_screen(), "still on the alternate screen");
            assert!(!screen.hide_cursor(), "the cursor is hidden");
            assert!(!screen.bracketed_paste(), "pastes are still bracketed");
            assert!(!screen.application_cursor() && !screen.application_keypad(), "keys are still the application's");
            assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
            assert_eq!((screen.fgcolor(), screen.bgcolor()), (vt100::Color::Default, vt100::Color::Default));
        });
    }

    /// Asserts that the terminal is as the program found it while the program is stopped; waits until that is seen.
    pub(crate) fn assert_given_away(&self) {
        assert_eq!(modes(&*self.master), self.before, "the terminal's modes");
        self.wait_until("the terminal as it was", |screen| {
            let mouse = screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None;
            !(screen.alternate_screen() || screen.hide_cursor() || screen.bracketed_paste() || mouse)
        });
    }

    /// Whether the terminal is raw now.
    pub(crate) fn is_raw(&self) -> bool {
        !modes(&*self.master).contains("ICANON")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.read_on();
        if self.reader.is_some() {
            let _ended = self.child.kill();
            let _status = self.child.wait();
        }
    }
}

/// Rows and columns of the screen that is looked at: vt100 0.16 overflows on the smallest ones, and a terminal without
/// a size counts as a usual one.
fn shown(columns: u16, rows: u16) -> (u16, u16) {
    if rows == 0 { (24, 80) } else { (rows.max(2), columns.max(2)) }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn modes(master: &dyn MasterPty) -> Modes {
    format!("{:?}", master.get_termios().unwrap())
}

fn read(mut from: Box<dyn Read + Send>, seen: Arc<Seen>) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut buffer = vec![0; 65536];
        loop {
            let stopped = seen.stopped.lock().unwrap();
            drop(seen.reads_on.wait_while(stopped, |stopped| *stopped).unwrap());
            let count = from.read(&mut buffer).unwrap_or(0);
            let now = Instant::now();
            let mut state = seen.state.lock().unwrap();
            state.parser.as_mut().unwrap().process(&buffer[..count]);
            state.bytes.extend_from_slice(&buffer[..count]);
            let total = state.bytes.len();
            state.arrivals.push((total, now));
            state.ended = count == 0;
            seen.changed.notify_all();
            if count == 0 {
                return;
            }
        }
    })
}
