//! A program of this machine on a PTY of its own, as a session.

use std::{
    ffi::OsString,
    fs::OpenOptions,
    io,
    os::unix::{fs::OpenOptionsExt as _, process::ExitStatusExt as _},
    path::{Path, PathBuf},
    process::{self, ExitStatus},
    time::Duration,
};

use bytes::{Buf as _, Bytes};
use filedescriptor::FileDescriptor;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::{
    fs::OFlags,
    process::{Pid, Signal, kill_process_group},
    termios::{OptionalActions, Winsize, tcgetattr, tcsetattr, tcsetwinsize},
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    select,
    signal::unix::{self, SignalKind},
    sync::mpsc,
    time::timeout,
};

use super::{Backend, Exit, Input, Output, Secret, Session, Size, pair};

/// How much is read at once; a PTY of Linux gives no more.
const READ: usize = 4096;
/// How long a program may take over a hang-up before it is killed.
const HANG_UP: Duration = Duration::from_secs(2);
/// How long the output of a program that has ended is waited for where something else holds its terminal open.
const REST: Duration = Duration::from_millis(250);
/// What ends the input of a terminal in its usual mode (POSIX, VEOF).
const END_OF_INPUT: &[u8] = b"\x04";

/// What to run.
#[derive(Debug, Clone)]
pub struct Program {
    /// For titles and notices.
    pub label: String,
    /// The program's file.
    pub path: PathBuf,
    /// Its arguments. Everybody on the machine can read them.
    pub arguments: Vec<OsString>,
    /// What its environment has beyond this program's own; `None` takes a variable away.
    pub environment: Vec<(String, Option<Secret>)>,
    /// Whether its terminal passes every byte untouched from the start, as a raw one does.
    pub raw: bool,
}

/// Starts a program in a terminal of this size. Must be called within a tokio runtime. Who hangs up sends it SIGHUP,
/// and SIGKILL if it does not care; it is waited for in any case.
///
/// # Errors
/// When no terminal can be had, or the program cannot be started.
pub fn open(program: &Program, size: Size) -> io::Result<Session> {
    open_with(program, size, ())
}

/// Starts a program as [`open`] does. What it needs is dropped as soon as it is gone, before its session ends, or where
/// it cannot be started.
pub fn open_with(program: &Program, size: Size, needs: impl Send + 'static) -> io::Result<Session> {
    let (session, backend) = pair(program.label.clone());
    let child = Child::start(program, size)?;
    tokio::spawn(child.serve(backend, needs));
    Ok(session)
}

/// The program. Dropping it kills and reaps it.
struct Child {
    process: Box<dyn portable_pty::Child + Send + Sync>,
    line: Line,
    /// Says that some child process has ended.
    ended: unix::Signal,
}

/// Why a program is not served any longer.
enum End {
    /// It has ended, and closed its terminal or not.
    Ended,
    /// The person has hung up.
    HungUp,
}

impl Child {
    fn start(program: &Program, size: Size) -> io::Result<Self> {
        let ended = unix::signal(SignalKind::child())?;
        let size = PtySize { rows: size.rows, cols: size.columns, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).map_err(io::Error::other)?;
        if program.raw {
            make_raw(&pty.master.tty_name().ok_or_else(|| io::Error::other("the terminal has no name"))?)?;
        }
        let line = Line::new(&*pty.master)?;
        let mut builder = CommandBuilder::new(&program.path);
        builder.args(&program.arguments);
        for (name, value) in &program.environment {
            match value {
                Some(value) => builder.env(name, value.expose()),
                None => builder.env_remove(name),
            }
        }
        if let Ok(directory) = std::env::current_dir() {
            builder.cwd(directory);
        }
        let process = pty.slave.spawn_command(builder).map_err(io::Error::other)?;
        Ok(Self { process, line, ended })
    }

    /// Carries bytes both ways until the program has ended or nobody wants it any more. What it needs is gone by the
    /// time the session is.
    async fn serve(mut self, mut backend: Backend, needs: impl Send) {
        match self.carry(&mut backend).await {
            End::Ended => {
                let exit = self.rest(&backend.output).await;
                drop(needs);
                let _nobody_listens = backend.output.send(Output::Exit(exit)).await;
            }
            End::HungUp => {
                self.hang_up().await;
                drop(needs);
            }
        }
    }

    async fn carry(&mut self, backend: &mut Backend) -> End {
        let mut typed = Bytes::new();
        let mut buffer = [0; READ];
        loop {
            select! {
                () = backend.output.closed() => return End::HungUp,
                _ = self.ended.recv() => if self.status().is_some() {
                    return End::Ended;
                },
                input = backend.input.recv(), if typed.is_empty() => match input {
                    Some(Input::Bytes(bytes)) => typed = bytes,
                    Some(Input::Resize(size)) => self.line.resize(size),
                    Some(Input::Eof) => typed = Bytes::from_static(END_OF_INPUT),
                    None => return End::HungUp,
                },
                written = self.line.write(&typed), if !typed.is_empty() => match written {
                    Ok(count) => typed.advance(count),
                    Err(_) => typed.clear(),
                },
                Some((room, printed)) = print(&self.line, &backend.output, &mut buffer) => match printed {
                    Ok(bytes) if !bytes.is_empty() => room.send(Output::Bytes(bytes)),
                    Ok(_) | Err(_) => return self.leave().await,
                },
            }
        }
    }

    /// Waits until the program that has closed its terminal has ended, or hung up on its own children.
    async fn leave(&mut self) -> End {
        if timeout(REST, self.gone()).await.is_err() {
            // It goes on without a terminal, where nobody can see or end it.
            self.hang_up().await;
        }
        End::Ended
    }

    /// Passes on what a program that has ended still printed. Returns how it ended.
    async fn rest(&mut self, output: &mpsc::Sender<Output>) -> Exit {
        let mut buffer = [0; READ];
        // Only the program is given so little time, not who listens.
        while let Ok(room) = output.reserve().await
            && let Ok(Ok(printed)) = timeout(REST, self.line.read(&mut buffer)).await
            && !printed.is_empty()
        {
            room.send(Output::Bytes(printed));
        }
        self.status().unwrap_or_else(|| Exit::Lost("nobody knows how the program ended".to_owned()))
    }

    /// Hangs up on the program, and kills it if it does not care; returns when it is gone.
    async fn hang_up(&mut self) {
        self.signal(Signal::HUP);
        if timeout(HANG_UP, self.gone()).await.is_err() {
            self.signal(Signal::KILL);
            self.gone().await;
        }
    }

    async fn gone(&mut self) {
        while self.status().is_none() {
            self.ended.recv().await;
        }
    }

    /// Returns how the program ended, if it has.
    fn status(&mut self) -> Option<Exit> {
        let process: &mut dyn portable_pty::Child = &mut *self.process;
        let process = process.downcast_mut::<process::Child>().expect("on Unix a PTY's child is a process");
        match process.try_wait() {
            Ok(status) => status.map(exit),
            Err(error) => Some(Exit::Lost(error.to_string())),
        }
    }

    fn signal(&mut self, signal: Signal) {
        if self.status().is_some() {
            return;
        }
        if let Some(id) = self.process.process_id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            // It leads a session, hence a group.
            let _ended_meanwhile = kill_process_group(id, signal);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.status().is_none() {
            self.signal(Signal::HUP);
            self.signal(Signal::KILL);
            let _no_such_child = self.process.wait();
        }
    }
}

/// The near end of a PTY.
struct Line(AsyncFd<FileDescriptor>);

impl Line {
    fn new(master: &dyn portable_pty::MasterPty) -> io::Result<Self> {
        let descriptor = master.as_raw_fd().ok_or_else(|| io::Error::other("the terminal has no descriptor"))?;
        let mut line = FileDescriptor::dup(&descriptor).map_err(io::Error::other)?;
        line.set_non_blocking(true).map_err(io::Error::other)?;
        #[expect(deprecated, reason = "what it lacks is a bound on descriptors that close themselves; this one does")]
        Ok(Self(AsyncFd::new(line)?))
    }

    /// Reads what the program prints next; nothing when nobody holds the far end any more.
    async fn read(&self, buffer: &mut [u8]) -> io::Result<Bytes> {
        let count = self.0.async_io(Interest::READABLE, |line| Ok(rustix::io::read(line, &mut *buffer)?)).await;
        match count {
            // What Linux says of a PTY whose far end is closed.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => Ok(Bytes::new()),
            count => Ok(Bytes::copy_from_slice(&buffer[..count?])),
        }
    }

    /// Writes to the program; waits while it does not read and the PTY is full. Loses nothing when it is dropped.
    async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.async_io(Interest::WRITABLE, |line| Ok(rustix::io::write(line, bytes)?)).await
    }

    fn resize(&self, size: Size) {
        let size = Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 };
        let _closed_already = tcsetwinsize(self.0.get_ref(), size);
    }
}

/// Waits for room, then for what the program prints next; `None` when nobody listens. Loses nothing when it is dropped.
async fn print<'a>(
    line: &Line,
    output: &'a mpsc::Sender<Output>,
    buffer: &mut [u8],
) -> Option<(mpsc::Permit<'a, Output>, io::Result<Bytes>)> {
    let room = output.reserve().await.ok()?;
    Some((room, line.read(buffer).await))
}

/// Makes the terminal of this name pass every byte untouched.
fn make_raw(name: &Path) -> io::Result<()> {
    let flags = OFlags::NOCTTY.bits().cast_signed();
    let terminal = OpenOptions::new().read(true).write(true).custom_flags(flags).open(name)?;
    let mut modes = tcgetattr(&terminal)?;
    modes.make_raw();
    Ok(tcsetattr(&terminal, OptionalActions::Now, &modes)?)
}

fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(number)) => Exit::Signal(signal_name(number)),
        (None, None) => Exit::Lost("nobody knows how the program ended".to_owned()),
    }
}

/// Returns a signal's name as `kill -l` prints it; the number where POSIX does not fix it.
fn signal_name(number: i32) -> String {
    let name = match number {
        1 => "HUP",
        2 => "INT",
        3 => "QUIT",
        6 => "ABRT",
        9 => "KILL",
        14 => "ALRM",
        15 => "TERM",
        _ => return number.to_string(),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { columns: 91, rows: 33 };

    fn shell(script: &str, raw: bool) -> Session {
        let program = Program {
            label: "sh".to_owned(),
            path: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
            environment: vec![
                ("SPOKEN".to_owned(), Some(Secret::new("quietly"))),
                ("CARGO_MANIFEST_DIR".to_owned(), None),
            ],
            raw,
        };
        open(&program, SIZE).unwrap()
    }

    /// Returns everything a session prints from now on, and how it ends.
    async fn rest(session: &mut Session) -> (String, Option<Exit>) {
        let mut printed = Vec::new();
        while let Some(output) = session.output.recv().await {
            match output {
                Output::Bytes(bytes) => printed.extend_from_slice(&bytes),
                Output::Exit(exit) => return (String::from_utf8(printed).unwrap(), Some(exit)),
                other => panic!("{other:?}"),
            }
        }
        (String::from_utf8(printed).unwrap(), None)
    }

    async fn until(session: &mut Session, text: &str) {
        let mut printed = String::new();
        while !printed.contains(text) {
            match session.output.recv().await {
                Some(Output::Bytes(bytes)) => printed.push_str(std::str::from_utf8(&bytes).unwrap()),
                other => panic!("{other:?} instead of {text}, after {printed}"),
            }
        }
    }

    async fn type_in(session: &Session, text: &str) {
        session.input.send(Input::Bytes(Bytes::copy_from_slice(text.as_bytes()))).await.unwrap();
    }

    fn lives(id: i32) -> bool {
        rustix::process::test_kill_process(Pid::from_raw(id).unwrap()).is_ok()
    }

    /// Starts a script that prints its process id and then `ready`.
    async fn numbered(script: &str) -> (Session, i32) {
        let mut session = shell(&format!("echo $$ ready; {script}"), false);
        let Some(Output::Bytes(bytes)) = session.output.recv().await else { panic!("no number") };
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        (session, text.split(' ').next().unwrap().parse().unwrap())
    }

    #[tokio::test]
    async fn it_has_the_size_from_the_start_and_after_a_resize() {
        let mut session = shell("stty size; read -r line; stty size; exit 3", false);
        until(&mut session, "33 91\r\n").await;
        session.input.send(Input::Resize(Size { columns: 100, rows: 40 })).await.unwrap();
        type_in(&session, "go\r").await;
        let (printed, exit) = rest(&mut session).await;
        assert_eq!((printed.as_str(), exit), ("go\r\n40 100\r\n", Some(Exit::Code(3))));
    }

    #[tokio::test]
    async fn the_environment_is_ours_and_what_was_added_or_taken() {
        let mut session = shell("echo $SPOKEN ${CARGO_MANIFEST_DIR-gone} ${PATH+path}", false);
        assert_eq!(rest(&mut session).await.0, "quietly gone path\r\n");
    }

    #[tokio::test]
    async fn a_signal_that_ends_it_is_named() {
        let mut session = shell("kill -TERM $$", false);
        assert_eq!(rest(&mut session).await.1, Some(Exit::Signal("TERM".to_owned())));
    }

    #[tokio::test]
    async fn a_raw_terminal_passes_control_characters_and_line_ends() {
        let mut session = shell("printf ready; head -c 9 | od -An -v -tx1", true);
        until(&mut session, "ready").await;
        type_in(&session, "\x03\x1a\x1c\x11\x13\r\n\x1b\x04").await;
        assert_eq!(rest(&mut session).await.0, " 03 1a 1c 11 13 0d 0a 1b 04\n");
    }

    #[tokio::test]
    async fn the_end_of_input_ends_a_reader() {
        let mut session = shell("cat; echo over", false);
        session.input.send(Input::Eof).await.unwrap();
        assert_eq!(rest(&mut session).await, ("over\r\n".to_owned(), Some(Exit::Code(0))));
    }

    #[tokio::test]
    async fn ten_megabytes_arrive_whole_and_wait_for_who_reads_slowly() {
        let mut session = shell("seq 1 1500000", true);
        // It is stopped by the terminal when nobody reads: as much as the channel holds, and not more, has come.
        while session.output.len() < session.output.max_capacity() {
            tokio::task::yield_now().await;
        }
        let (printed, exit) = rest(&mut session).await;
        assert_eq!(exit, Some(Exit::Code(0)));
        assert!((1..=1_500_000).map(|n| n.to_string()).eq(printed.lines().map(str::to_owned)));
    }

    #[tokio::test]
    async fn hanging_up_is_heard_and_the_program_is_gone_when_it_is_done() {
        let (session, id) = numbered("exec sleep 1000").await;
        assert!(lives(id));
        assert_eq!(session.hang_up().await, None);
        assert!(!lives(id));
    }

    #[tokio::test]
    async fn who_ignores_the_hang_up_is_killed_also_when_its_input_is_full() {
        let (session, id) = numbered("trap '' HUP; stty raw; while :; do sleep 1000; done").await;
        // More than a PTY takes from a program that does not read.
        type_in(&session, &"x".repeat(200_000)).await;
        session.hang_up().await;
        assert!(!lives(id));
    }

    #[tokio::test]
    async fn a_child_left_behind_does_not_keep_the_session() {
        let mut session = shell("trap '' HUP; sleep 1000 & echo $!; exit 5", false);
        let (printed, exit) = rest(&mut session).await;
        assert_eq!(exit, Some(Exit::Code(5)));
        let left: i32 = printed.trim().parse().unwrap();
        rustix::process::kill_process(Pid::from_raw(left).unwrap(), Signal::KILL).unwrap();
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_an_error() {
        let program = Program {
            label: String::new(),
            path: "/no/such".into(),
            arguments: vec![],
            environment: vec![],
            raw: false,
        };
        assert!(open(&program, SIZE).is_err());
    }
}
