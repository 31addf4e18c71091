//! A session through AWS's own session-manager-plugin, for those who must use it: the program in a terminal of its own.
//!
//! How it is called, and what it says, is read from aws/session-manager-plugin 61cf1288 (1.2.677),
//! `src/sessionmanagerplugin/session/session.go` and `src/datachannel/streaming.go`.

use std::{env, fs, io, os::unix::fs::PermissionsExt as _, path::PathBuf, time::Duration};

use bytes::{Bytes, BytesMut};
use serde_json::json;
use tokio::{join, select, sync::mpsc, time::timeout};

use super::{
    Backend, Exit, Output, Secret, Session, Size,
    local::{self, Program},
    pair,
    ssm::{self, Failure, Gateway, Stage, Start},
};
use crate::model::text::clean;

/// The program's name.
const NAME: &str = "session-manager-plugin";
/// The variable that the session travels in, since 1.2.536: arguments can be read by everybody on the machine.
const VARIABLE: &str = "AWS_SSM_START_SESSION_RESPONSE";
/// What it says first.
const GREETING: &str = "Starting session with SessionId: ";
/// What it says instead of a session.
const FAILURES: [&str; 3] = ["Cannot perform start session: ", "Unknown operation ", "Invalid Operation"];
/// What Go's JSON says of the variable's name: what a plugin before 1.2.536 takes it for.
const TAKEN_FOR_JSON: &str = "invalid character 'A' looking for beginning of value";
/// How long it may take until it speaks.
const OPENING: Duration = Duration::from_secs(10);
/// How long the far side is waited for before the terminal is given away: a command may have nothing to say.
const QUIET: Duration = Duration::from_secs(3);
/// How long AWS is waited for to end the session of a plugin that has ended by itself.
const FAREWELL: Duration = Duration::from_secs(2);
/// How much of the end of its output is looked at for its last words.
const LAST_WORDS: usize = 8 * 1024;

/// What the plugin is called with.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its file; see [`find`].
    pub plugin: PathBuf,
    /// The session.
    pub start: Start,
    /// The session's region.
    pub region: String,
    /// The profile whose credentials it resumes, ends and encrypts sessions with; empty for the environment's.
    pub profile: String,
    /// Where SSM is.
    pub endpoint: String,
    /// What its environment has beyond this program's own; `None` takes a variable away.
    pub environment: Vec<(String, Option<Secret>)>,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program is not on this machine.
    #[error("{NAME} is not installed: it is in no directory of PATH")]
    Missing,
    /// The stream URL does not lead to AWS.
    #[error(transparent)]
    Address(ssm::Error),
    /// It cannot be run.
    #[error("{NAME} cannot be started")]
    NotStarted(#[source] io::Error),
    /// It knows no sessions by environment variable.
    #[error("this {NAME} is older than 1.2.536 and would want the session's token where everybody can read it")]
    TooOld,
    /// It gave up.
    #[error("{NAME}: {reason}")]
    Failed {
        /// In its words.
        reason: String,
    },
    /// It says nothing.
    #[error("{NAME} said nothing for {} s", OPENING.as_secs())]
    Silent,
}

/// Returns the plugin's file, looked for as a shell does.
pub fn find() -> Result<PathBuf, Error> {
    let path = env::var_os("PATH").unwrap_or_default();
    let runs = |file: &PathBuf| {
        fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    env::split_paths(&path).map(|directory| directory.join(NAME)).find(runs).ok_or(Error::Missing)
}

/// Lets the plugin open a session, and returns it once the far side has spoken or had the time to. Ending the session
/// is `gateway`'s where the plugin has not done so.
pub async fn open(call: Call, gateway: Gateway, size: Size) -> Result<Session, Error> {
    ssm::check_address(&call.start.stream_url, gateway.allow_loopback).map_err(Error::Address)?;
    let mut inner = local::open(&program(&call), size).map_err(Error::NotStarted)?;
    let begun = match timeout(OPENING, greeting(&mut inner.output)).await {
        Ok(Opening::Greeted) => timeout(QUIET, first(&mut inner.output)).await.unwrap_or(Opening::Begun(Bytes::new())),
        Ok(opening) => opening,
        Err(_) => return Err(Error::Silent),
    };
    let printed = match begun {
        Opening::Greeted => Bytes::new(),
        Opening::Begun(bytes) => bytes,
        Opening::Failed(words) => return Err(failure(&words, &call.start)),
    };
    let (session, backend) = pair(call.start.label);
    let Session { input, output, .. } = inner;
    let relay = Relay { session_id: call.start.session_id, gateway, last: BytesMut::new(), stopping: None };
    tokio::spawn(relay.run(output, backend, printed));
    Ok(Session { input, ..session })
}

/// Returns what is run. The token is in its environment and nowhere else.
fn program(call: &Call) -> Program {
    let Start { label, session_id, stream_url, token, target } = &call.start;
    let session = json!({
        "SessionId": session_id,
        "StreamUrl": stream_url.expose(),
        "TokenValue": token.expose(),
    });
    let target = json!({ "Target": target.as_deref().unwrap_or_default() }).to_string();
    let arguments = [VARIABLE, &call.region, "StartSession", &call.profile, &target, &call.endpoint];
    let mut environment = call.environment.clone();
    environment.push((VARIABLE.to_owned(), Some(Secret::new(session.to_string()))));
    Program {
        label: label.clone(),
        path: call.plugin.clone(),
        arguments: arguments.map(Into::into).into(),
        environment,
        // It makes its terminal half raw, by `stty cbreak -echo`: from a raw one nothing is lost by that.
        raw: true,
    }
}

/// How far the plugin has come.
#[derive(Debug, PartialEq, Eq)]
enum Opening {
    /// It has said hello, and nothing more.
    Greeted,
    /// The far side has spoken.
    Begun(Bytes),
    /// It has ended, with these words.
    Failed(String),
}

/// Waits until the plugin has greeted, and takes the greeting away; what it says instead is the session's, or why there
/// is none.
async fn greeting(output: &mut mpsc::Receiver<Output>) -> Opening {
    let mut heard = BytesMut::new();
    loop {
        match output.recv().await {
            Some(Output::Bytes(bytes)) => heard.extend_from_slice(&bytes),
            Some(Output::Exit(exit)) => return Opening::Failed(last_words(&heard, &exit)),
            Some(Output::Stderr(_) | Output::Notice(_)) => {}
            None => return Opening::Failed(last_words(&heard, &Exit::Lost(String::new()))),
        }
        let text = heard.trim_ascii_start();
        if text.starts_with(GREETING.as_bytes()) {
            let Some(end) = text.iter().position(|&byte| byte == b'\n') else { continue };
            let rest = Bytes::copy_from_slice(&text[end + 1..]);
            return if rest.is_empty() { Opening::Greeted } else { judge(rest, output).await };
        }
        let may_become = |words: &str| words.as_bytes().starts_with(text) || text.starts_with(words.as_bytes());
        if !may_become(GREETING) && !FAILURES.into_iter().any(may_become) {
            return Opening::Begun(heard.freeze());
        }
    }
}

/// Waits for the first words after the greeting.
async fn first(output: &mut mpsc::Receiver<Output>) -> Opening {
    match output.recv().await {
        Some(Output::Bytes(bytes)) => judge(bytes, output).await,
        Some(Output::Exit(exit)) => Opening::Failed(last_words(b"", &exit)),
        Some(Output::Stderr(_) | Output::Notice(_)) => Opening::Greeted,
        None => Opening::Failed(last_words(b"", &Exit::Lost(String::new()))),
    }
}

/// Says whether the first words are the far side's, or the plugin's that there is none; then its end is waited for.
async fn judge(words: Bytes, output: &mut mpsc::Receiver<Output>) -> Opening {
    if !FAILURES.iter().any(|failure| words.trim_ascii_start().starts_with(failure.as_bytes())) {
        return Opening::Begun(words);
    }
    let mut heard = BytesMut::from(words);
    while let Some(next) = output.recv().await {
        match next {
            Output::Bytes(bytes) => heard.extend_from_slice(&bytes),
            Output::Exit(_) => break,
            Output::Stderr(_) | Output::Notice(_) => {}
        }
    }
    Opening::Failed(last_words(&heard, &Exit::Code(0)))
}

/// Returns what the plugin said before it ended, or else how it ended.
fn last_words(heard: &[u8], exit: &Exit) -> String {
    let said = String::from_utf8_lossy(heard).trim().to_owned();
    if said.is_empty() { format!("it ended at once: {exit}") } else { said }
}

/// Returns the error that the plugin's words are, without what they may hold of the session's secrets.
fn failure(words: &str, start: &Start) -> Error {
    if words.contains(TAKEN_FOR_JSON) {
        return Error::TooOld;
    }
    let words = FAILURES[..1].iter().find_map(|failure| words.strip_prefix(failure)).unwrap_or(words);
    let reason = words.replace(start.token.expose(), "...").replace(start.stream_url.expose(), "...");
    Error::Failed { reason: clean(reason) }
}

/// Hangs up on the plugin, whatever is still to be typed into it, and returns when it is gone.
async fn hang_up(mut output: mpsc::Receiver<Output>) {
    output.close();
    while output.recv().await.is_some() {}
}

/// Stands between the plugin's terminal and ours, for its last words.
struct Relay {
    session_id: String,
    gateway: Gateway,
    /// The end of what was printed.
    last: BytesMut,
    /// Why the task stops, once it does.
    stopping: Option<String>,
}

impl Relay {
    /// Passes on what the plugin prints until it has ended or nobody listens; then sees to it that the session ends.
    async fn run(mut self, mut output: mpsc::Receiver<Output>, backend: Backend, printed: Bytes) {
        let mut next = Output::Bytes(printed);
        let mut stopping = (self.gateway.fate)(Stage::Stopping);
        loop {
            match &next {
                Output::Exit(exit) => return self.end(exit, &backend).await,
                Output::Bytes(bytes) => self.remember(bytes),
                Output::Stderr(_) | Output::Notice(_) => {}
            }
            if backend.output.send(next).await.is_err() {
                break;
            }
            next = select! {
                biased;
                () = backend.output.closed() => break,
                words = &mut stopping, if self.stopping.is_none() => Output::Notice(self.stopping.insert(words).clone()),
                printed = output.recv() => match printed {
                    Some(printed) => printed,
                    None => break,
                },
            };
        }
        let (ended, ()) = join!(self.terminate(), hang_up(output));
        if let Err(Failure { reason, .. }) = ended {
            backend.bid_farewell(format!(
                "the remote command goes on until AWS's idle time-out: the session could not be ended: {reason}"
            ));
        }
    }

    /// Says how the session ended. The plugin's status tells nothing: it is 0 whatever the command's.
    async fn end(&self, exit: &Exit, backend: &Backend) {
        let exit = match (exit, self.farewell()) {
            (Exit::Code(0), Some(reason)) if reason.is_empty() => {
                Exit::Closed(self.stopping.clone().map_or(reason, clean))
            }
            (Exit::Code(0), Some(reason)) => Exit::Closed(reason),
            (exit, _) => {
                let _it_may_be_over = timeout(FAREWELL, self.terminate()).await;
                Exit::Lost(format!("{NAME} has ended by itself ({exit})"))
            }
        };
        // Its last words have bare line feeds.
        let _nobody_listens = backend.output.send(Output::Bytes(Bytes::from_static(b"\r"))).await;
        let _nobody_listens = backend.output.send(Output::Exit(exit)).await;
    }

    /// Returns the reason for the session's end, where the plugin has told of it: empty where it gave none.
    fn farewell(&self) -> Option<String> {
        let last = String::from_utf8_lossy(&self.last);
        let plain = format!("Exiting session with sessionId: {}.", self.session_id);
        let with_reason = format!("SessionId: {} : ", self.session_id);
        if last.contains(&format!("Session: {} timed out.", self.session_id)) {
            return Some("it timed out, or ended while the connection was lost".to_owned());
        }
        match last.rfind(&with_reason) {
            Some(place) => Some(clean(last[place + with_reason.len()..].trim())),
            None => last.contains(&plain).then(String::new),
        }
    }

    fn remember(&mut self, bytes: &[u8]) {
        self.last.extend_from_slice(bytes);
        if self.last.len() > 2 * LAST_WORDS {
            self.last = self.last.split_off(self.last.len() - LAST_WORDS);
        }
    }

    async fn terminate(&self) -> Result<(), Failure> {
        (self.gateway.terminate)(self.session_id.clone()).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;
    use crate::session::{BoxFuture, dial::Network};

    /// A relay whose task stops with `fate`, and how often its session was ended.
    fn relay(fate: Option<&'static str>) -> (Relay, Arc<AtomicUsize>) {
        let ended = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&ended);
        let refused = || Failure { reason: "not here".to_owned(), lasts: true };
        let gateway = Gateway {
            sign: Arc::new(move |_| Box::pin(async move { Err(refused()) })),
            resume: Arc::new(move |_| Box::pin(async move { Err(refused()) })),
            terminate: Arc::new(move |_| {
                counted.fetch_add(1, Ordering::SeqCst);
                Box::pin(async { Ok(()) })
            }),
            data_key: Arc::new(move |_| Box::pin(async move { Err(refused()) })),
            fate: Arc::new(move |_| -> BoxFuture<String> {
                match fate {
                    Some(words) => Box::pin(async move { words.to_owned() }),
                    None => Box::pin(std::future::pending()),
                }
            }),
            allow_loopback: true,
            network: Network::default(),
        };
        (Relay { session_id: "s-1".to_owned(), gateway, last: BytesMut::new(), stopping: None }, ended)
    }

    /// Runs a relay over what the plugin prints; returns what the terminal is given, and how often the session was
    /// ended.
    async fn relayed(fate: Option<&'static str>, printed: &[&'static str], exit: Exit) -> (Vec<Output>, usize) {
        let (relay, ended) = relay(fate);
        let (plugin, output) = mpsc::channel(16);
        let (mut session, backend) = pair("app");
        let running = tokio::spawn(relay.run(output, backend, Bytes::from_static(b"first ")));
        let mut given = vec![session.output.recv().await.unwrap()];
        if fate.is_some() {
            given.push(session.output.recv().await.unwrap());
        }
        for text in printed {
            plugin.send(Output::Bytes(Bytes::from_static(text.as_bytes()))).await.unwrap();
        }
        plugin.send(Output::Exit(exit)).await.unwrap();
        while let Some(output) = session.output.recv().await {
            given.push(output);
        }
        running.await.unwrap();
        (given, ended.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn the_stopping_of_the_task_is_said_and_is_why_the_session_ends() {
        let farewell = ["\n\nExiting session with ses", "sionId: s-1.\n\n"];
        let (given, ended) = relayed(Some("the task is stopping: tired"), &farewell, Exit::Code(0)).await;
        assert!(given.contains(&Output::Notice("the task is stopping: tired".to_owned())), "{given:?}");
        let exit = Output::Exit(Exit::Closed("the task is stopping: tired".to_owned()));
        assert_eq!((given.last(), ended), (Some(&exit), 0));
    }

    #[tokio::test]
    async fn an_end_that_nobody_told_of_is_a_loss_and_the_session_is_ended() {
        let (given, ended) = relayed(None, &["Exiting session with sessionId: s-2."], Exit::Code(0)).await;
        assert!(matches!(given.last(), Some(Output::Exit(Exit::Lost(_)))), "{given:?}");
        assert_eq!(ended, 1);
    }

    #[tokio::test]
    async fn last_words_are_found_after_much_output() {
        let (mut relay, _) = relay(None);
        for _ in 0..10_000 {
            relay.remember(b"y\r\n");
        }
        relay.remember(b"\n\nSessionId: s-1 : idle for too long\n\n");
        assert!(relay.last.len() <= 2 * LAST_WORDS);
        assert_eq!(relay.farewell().as_deref(), Some("idle for too long"));
    }

    #[tokio::test]
    async fn what_is_no_greeting_is_the_sessions() {
        let (plugin, mut output) = mpsc::channel(16);
        let say = |text: &'static str| plugin.try_send(Output::Bytes(Bytes::from_static(text.as_bytes()))).unwrap();
        say("\nStarting sess");
        say("ion with SessionId: s-1\n");
        assert_eq!(greeting(&mut output).await, Opening::Greeted);
        say("\nStarting session with SessionId: s-1\n$ ");
        assert_eq!(greeting(&mut output).await, Opening::Begun(Bytes::from_static(b"$ ")));
        say("Welcome\n");
        assert_eq!(greeting(&mut output).await, Opening::Begun(Bytes::from_static(b"Welcome\n")));
    }

    #[test]
    fn no_error_holds_the_token() {
        let start = Start {
            label: "app".to_owned(),
            session_id: "s-1".to_owned(),
            stream_url: Secret::new("wss://host/x?secret"),
            token: Secret::new("t0ken"),
            target: None,
        };
        let error = failure("Cannot perform start session: dial wss://host/x?secret with t0ken", &start);
        assert_eq!(error.to_string(), "session-manager-plugin: dial ... with ...");
    }
}
