//! A real program of this machine on a PTY of its own, in a fresh home.

use std::{
    env, fs, io,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use filedescriptor::FileDescriptor;
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use rustix::{
    process::{Pid, Signal, kill_process_group},
    termios::{Winsize, tcsetwinsize},
};
use tempfile::TempDir;
use tokio::{
    io::{Interest, unix::AsyncFd},
    signal::unix::{SignalKind, signal},
    time,
};

/// How long a program may take over a hang-up before it is killed.
const HANG_UP: Duration = Duration::from_secs(2);
/// How often it is looked whether a program that nobody can wait for has ended.
const LOOK: Duration = Duration::from_millis(5);
/// A home is its owner's: what is written there is nobody else's business on a shared machine.
const PRIVATE: u32 = 0o700;

/// The program. Dropping it kills the process and removes its home.
pub(super) struct Shell {
    child: Box<dyn Child + Send + Sync>,
    /// The near end of its PTY.
    line: AsyncFd<FileDescriptor>,
    ended: bool,
    _home: TempDir,
}

impl Shell {
    /// Starts `command`, split into words as the agent does (`shlex`), without a shell around it.
    ///
    /// # Errors
    ///
    /// In the agent's own words (`StartCommandExecutor` of amazon-ssm-agent 1c217c89
    /// `agent/session/shell/shell_unix.go`).
    pub(super) fn start(command: &str, environment: &[(String, String)]) -> Result<Self, String> {
        let words = words(command)?;
        Self::spawn(&words, environment).map_err(|reason| format!("Failed to start pty: {reason}\n"))
    }

    fn spawn(words: &[String], environment: &[(String, String)]) -> Result<Self, String> {
        let path = env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned());
        look_up(&words[0], &path)?;
        let home = tempfile::Builder::new()
            .prefix("ecsui-")
            .permissions(fs::Permissions::from_mode(PRIVATE))
            .tempdir()
            .map_err(in_words)?;
        let mut builder = CommandBuilder::new(&words[0]);
        builder.args(&words[1..]);
        builder.env_clear();
        builder.cwd(home.path());
        for (name, value) in environment {
            builder.env(name, value);
        }
        if environment.iter().all(|(name, value)| name != "LANG" || value.is_empty()) {
            builder.env("LANG", "C.UTF-8");
        }
        builder.env("TERM", "xterm-256color");
        builder.env("PATH", path);
        builder.env("HOME", home.path());
        // As the real one: a PTY has no size until somebody gives it one.
        let size = PtySize { rows: 0, cols: 0, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).map_err(in_words)?;
        let descriptor = pty.master.as_raw_fd().ok_or("the PTY has no descriptor")?;
        let mut line = FileDescriptor::dup(&descriptor).map_err(in_words)?;
        line.set_non_blocking(true).map_err(in_words)?;
        #[expect(deprecated, reason = "what it lacks is a bound on descriptors that close themselves; this one does")]
        let line = AsyncFd::new(line).map_err(in_words)?;
        let child = pty.slave.spawn_command(builder).map_err(in_words)?;
        Ok(Self { child, line, ended: false, _home: home })
    }

    /// Reads what the program prints; 0 when nobody holds the far end any more.
    pub(super) async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.line.async_io(Interest::READABLE, |line| Ok(rustix::io::read(line, &mut *buffer)?)).await;
        match read {
            // What Linux says of a PTY whose far end is closed.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => Ok(0),
            read => read,
        }
    }

    /// Writes to the program; waits while it does not read and the PTY is full.
    pub(super) async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.line.async_io(Interest::WRITABLE, |line| Ok(rustix::io::write(line, bytes)?)).await
    }

    /// Gives the PTY a size.
    pub(super) fn resize(&self, columns: u16, rows: u16) {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let _closed_already = tcsetwinsize(self.line.get_ref(), size);
    }

    /// Hangs up on the program, and kills it if it does not care; returns when it is gone.
    pub(super) async fn hang_up(mut self) {
        self.signal(Signal::HUP);
        if time::timeout(HANG_UP, self.gone()).await.is_err() {
            self.signal(Signal::KILL);
            self.gone().await;
        }
    }

    /// Waits until the program has ended.
    async fn gone(&mut self) {
        let Ok(mut child_ended) = signal(SignalKind::child()) else {
            return;
        };
        while !self.has_ended() {
            child_ended.recv().await;
        }
    }

    fn has_ended(&mut self) -> bool {
        // An error means that there is no such child.
        self.ended = self.ended || !matches!(self.child.try_wait(), Ok(None));
        self.ended
    }

    fn signal(&mut self, signal: Signal) {
        if self.has_ended() {
            return;
        }
        if let Some(pid) = self.child.process_id().and_then(|pid| Pid::from_raw(pid.cast_signed())) {
            // It leads a session, hence a group; jobs of an interactive shell have groups of their own and may survive.
            let _ended_meanwhile = kill_process_group(pid, signal);
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        if !self.has_ended() {
            self.signal(Signal::HUP);
            // A shell uses the time to hang up on its jobs, which have groups of their own.
            let start = Instant::now();
            while !self.has_ended() && start.elapsed() < HANG_UP {
                thread::sleep(LOOK);
            }
            self.signal(Signal::KILL);
            let _no_such_child = self.child.wait();
        }
    }
}

/// Splits a command line; an empty one means `sh`.
fn words(command: &str) -> Result<Vec<String>, String> {
    if command.trim().is_empty() {
        return Ok(vec!["sh".to_owned()]);
    }
    let words = shlex::split(command).filter(|words| !words.is_empty());
    words.ok_or_else(|| "Failed to parse commands input: EOF found when expecting closing quote\n".to_owned())
}

/// Finds a program, or says in Go's words why not.
fn look_up(program: &str, path: &str) -> Result<(), String> {
    if program.contains('/') {
        return match Path::new(program).metadata() {
            Ok(_) => Ok(()),
            Err(_) => Err(format!("fork/exec {program}: no such file or directory")),
        };
    }
    if env::split_paths(path).any(|directory| directory.join(program).is_file()) {
        return Ok(());
    }
    Err(format!("exec: \"{program}\": executable file not found in $PATH"))
}

fn in_words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns all that a command prints.
    async fn printed(command: &str, environment: &[(&str, &str)]) -> String {
        let environment: Vec<_> =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let shell = Shell::start(command, &environment).unwrap();
        let mut printed = Vec::new();
        let mut buffer = [0; 1024];
        loop {
            match shell.read(&mut buffer).await.unwrap() {
                0 => return String::from_utf8(printed).unwrap(),
                length => printed.extend_from_slice(&buffer[..length]),
            }
        }
    }

    #[tokio::test]
    async fn a_command_is_split_and_run_without_a_shell() {
        assert_eq!(printed("echo 'a  b' $HOME ';' c", &[]).await, "a  b $HOME ; c\r\n");
    }

    #[tokio::test]
    async fn a_program_sees_its_own_environment_and_nothing_of_ours() {
        let seen = printed("env", &[("APP", "1"), ("TERM", "dumb"), ("HOME", "/root")]).await;
        let mut names: Vec<_> = seen.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
        names.sort_unstable();
        assert_eq!(names, ["APP", "HOME", "LANG", "PATH", "SHELL", "TERM"]);
        assert!(seen.contains("TERM=xterm-256color"), "{seen}");
        assert!(!seen.contains("HOME=/root"), "{seen}");
    }

    #[tokio::test]
    async fn the_home_is_the_working_directory_and_goes_with_the_program() {
        let home = printed("sh -c 'cd; pwd -P; [ \"$PWD\" = \"$HOME\" ] || echo elsewhere'", &[]).await;
        let home = Path::new(home.trim());
        assert!(home.file_name().unwrap().to_str().unwrap().starts_with("ecsui-"), "{home:?}");
        assert!(!home.exists());
    }

    #[tokio::test]
    async fn the_home_is_nobody_elses() {
        assert_eq!(printed("stat -c %a .", &[]).await, "700\r\n");
    }

    #[tokio::test]
    async fn a_dropped_program_hears_the_hang_up_before_it_is_killed() {
        let directory = tempfile::tempdir().unwrap();
        let mark = directory.path().join("heard");
        let environment = [("MARK".to_owned(), mark.to_str().unwrap().to_owned())];
        // Short sleeps: a hang-up that comes just before one is heard only after it.
        let command = r#"sh -c 'trap ": > \"$MARK\"; exit" HUP; echo ready; while :; do sleep 0.1; done'"#;
        let shell = Shell::start(command, &environment).unwrap();
        shell.read(&mut [0; 1024]).await.unwrap();
        drop(shell);
        assert!(mark.exists());
    }

    #[tokio::test]
    async fn a_command_that_cannot_start_says_so_in_the_agents_words() {
        let why = |command: &str| Shell::start(command, &[]).map(|_| ()).unwrap_err();
        assert_eq!(
            why("no-such-program -x"),
            "Failed to start pty: exec: \"no-such-program\": executable file not found in $PATH\n"
        );
        assert_eq!(why("/no/such"), "Failed to start pty: fork/exec /no/such: no such file or directory\n");
        assert_eq!(why("sh -c 'x"), "Failed to parse commands input: EOF found when expecting closing quote\n");
    }

    #[tokio::test]
    async fn a_program_that_ignores_the_hang_up_is_killed() {
        let shell = Shell::start("sh -c 'trap \"\" HUP; echo ready; while :; do sleep 1000; done'", &[]).unwrap();
        let mut buffer = [0; 1024];
        shell.read(&mut buffer).await.unwrap();
        let pid = Pid::from_raw(shell.child.process_id().unwrap().cast_signed()).unwrap();
        shell.hang_up().await;
        assert!(rustix::process::test_kill_process(pid).is_err());
    }
}
