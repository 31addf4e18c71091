//! A running client, seen from outside: what it is given, what it writes, and what the kernel says of it.

use std::{
    collections::HashMap,
    fs, io,
    process::{self, Stdio},
    time::{Duration, Instant},
};

use filedescriptor::FileDescriptor;
use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{read, write},
};
use tempfile::TempDir;

/// After so long without a byte a client has failed.
const FAILED: Timespec = Timespec { tv_sec: 20, tv_nsec: 0 };
/// How much is read at once.
const READ: usize = 256 * 1024;

/// What a measurement gives, or why not.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// A command line with its environment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Launch {
    pub(crate) words: Vec<String>,
    pub(crate) environment: HashMap<String, String>,
}

/// What a client reads from and writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Terminal,
    Pipe,
}

/// A running client. Dropping it ends it.
pub(crate) struct Client {
    pub(crate) started: Instant,
    process: u32,
    child: Child,
    master: Option<Box<dyn MasterPty>>,
    input: FileDescriptor,
    output: FileDescriptor,
    buffer: Vec<u8>,
    _home: TempDir,
}

enum Child {
    Terminal(Box<dyn portable_pty::Child + Send + Sync>),
    Pipe(process::Child),
}

impl Client {
    pub(crate) fn start(launch: &Launch, place: Place) -> Result<Self> {
        match place {
            Place::Terminal => Self::in_terminal(launch),
            Place::Pipe => Self::in_pipe(launch),
        }
        .map_err(|error| format!("{}: {error}", launch.words[0]))
    }

    fn in_terminal(launch: &Launch) -> io::Result<Self> {
        let home = tempfile::tempdir()?;
        let pty = native_pty_system().openpty(size(80, 24)).map_err(io::Error::other)?;
        let mut command = CommandBuilder::new(&launch.words[0]);
        command.args(&launch.words[1..]);
        command.env_clear();
        command.cwd(home.path());
        for (name, value) in launch.variables(&home) {
            command.env(name, value);
        }
        let descriptor = pty.master.as_raw_fd().ok_or(io::ErrorKind::Unsupported)?;
        let duplicate = || FileDescriptor::dup(&descriptor).map_err(io::Error::other);
        let (input, output) = (duplicate()?, duplicate()?);
        let started = Instant::now();
        let child = pty.slave.spawn_command(command).map_err(io::Error::other)?;
        Ok(Self {
            started,
            process: child.process_id().unwrap_or_default(),
            child: Child::Terminal(child),
            master: Some(pty.master),
            input,
            output,
            buffer: vec![0; READ],
            _home: home,
        })
    }

    fn in_pipe(launch: &Launch) -> io::Result<Self> {
        let home = tempfile::tempdir()?;
        let mut command = process::Command::new(&launch.words[0]);
        command.args(&launch.words[1..]).env_clear().envs(launch.variables(&home)).current_dir(home.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let started = Instant::now();
        let mut child = command.spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let input = FileDescriptor::new(input.ok_or(io::ErrorKind::BrokenPipe)?);
        let output = FileDescriptor::new(output.ok_or(io::ErrorKind::BrokenPipe)?);
        let (process, child) = (child.id(), Child::Pipe(child));
        Ok(Self { started, process, child, master: None, input, output, buffer: vec![0; READ], _home: home })
    }

    /// Waits for what the client writes next.
    pub(crate) fn read(&mut self) -> Result<&[u8]> {
        let mut ready = [PollFd::new(&self.output, PollFlags::IN)];
        if poll(&mut ready, Some(&FAILED)).map_err(in_words)? == 0 {
            return Err("silent for 20 s".to_owned());
        }
        match read(&self.output, &mut self.buffer) {
            Ok(0) | Err(_) => Err("ended".to_owned()),
            Ok(length) => Ok(&self.buffer[..length]),
        }
    }

    /// Reads until the client has written `text`; returns all up to there and what came with it.
    pub(crate) fn wait_for(&mut self, text: &[u8]) -> Result<Vec<u8>> {
        let mut seen = Vec::new();
        while !seen.windows(text.len()).any(|window| window == text) {
            match self.read() {
                Ok(bytes) => seen.extend_from_slice(bytes),
                Err(why) => return Err(format!("{why} after {:?}", String::from_utf8_lossy(&seen))),
            }
        }
        Ok(seen)
    }

    pub(crate) fn type_in(&self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            bytes = &bytes[write(&self.input, bytes).map_err(in_words)?..];
        }
        Ok(())
    }

    /// Returns a second way to what it is given.
    pub(crate) fn input(&self) -> Result<FileDescriptor> {
        self.input.try_clone().map_err(in_words)
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) -> Result<()> {
        let master = self.master.as_ref().ok_or("no terminal")?;
        master.resize(size(columns, rows)).map_err(in_words)
    }

    /// Returns how long the client's threads have computed so far (proc(5), `schedstat`, in nanoseconds).
    pub(crate) fn processor_time(&self) -> Duration {
        let of = |thread: String| thread.split(' ').next().and_then(|time| time.parse().ok()).unwrap_or(0);
        Duration::from_nanos(self.threads("schedstat").map(of).sum())
    }

    /// Returns how often its threads have waited for something.
    pub(crate) fn wake_ups(&self) -> u64 {
        self.threads("status").map(|status| field(&status, "voluntary_ctxt_switches:")).sum()
    }

    /// Returns its memory (resident) in KiB.
    pub(crate) fn memory(&self) -> u64 {
        field(&self.status(), "VmRSS:")
    }

    /// Returns how much of it is no file's.
    pub(crate) fn own_memory(&self) -> u64 {
        field(&self.status(), "RssAnon:")
    }

    fn status(&self) -> String {
        fs::read_to_string(format!("/proc/{}/status", self.process)).unwrap_or_default()
    }

    fn threads(&self, file: &'static str) -> impl Iterator<Item = String> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.process)).into_iter().flatten();
        threads.filter_map(move |thread| fs::read_to_string(thread.ok()?.path().join(file)).ok())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        match &mut self.child {
            Child::Terminal(child) => {
                let _ended = child.kill();
                let _status = child.wait();
            }
            Child::Pipe(child) => {
                let _ended = child.kill();
                let _status = child.wait();
            }
        }
    }
}

impl Launch {
    /// Returns the whole environment.
    fn variables(&self, home: &TempDir) -> HashMap<String, String> {
        let home = home.path().to_string_lossy();
        let mut variables = self.environment.clone();
        for (name, value) in [
            ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("HOME", &*home),
            ("XDG_CONFIG_HOME", &*home),
            ("XDG_CACHE_HOME", &*home),
            ("XDG_STATE_HOME", &*home),
        ] {
            variables.insert(name.to_owned(), value.to_owned());
        }
        variables
    }
}

pub(crate) fn in_words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn field(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
