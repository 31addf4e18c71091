//! Everything that can go wrong with a session, against everything that a session does: what is printed, typed, resized
//! and ended arrives whole, once and in order, or the person is told; and nothing takes longer than is said.
//!
//! The simulated AWS, its agents and the client go by one clock, which is moved on whenever nothing moves by itself.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test")]

mod common {
    pub(crate) mod stage;
    pub(crate) mod way;
}

use std::{
    fmt::Write as _,
    io::Write as _,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use bytes::Bytes;
use common::stage::{SIZE, Screen, Stage, alone, timing};
use ecsui::{
    session::{
        Exit, Input, Output, Size,
        ssm::{Error, Start, Timing},
    },
    sim::{
        self, Damage, World,
        agent::{self, Direction, Door, Fault, Frames, Harm, Intruder},
    },
};
use sha2::{Digest, Sha256};
use tokio::{select, time::sleep};

/// How many cases run at once.
const AT_ONCE: usize = 4;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
/// A dead connection is noticed within three pings of 25 s; the rest is what this clock may step over while a far
/// program is busy.
const SILENCE: Duration = Duration::from_mins(5);
/// How long a simulated AWS may be lost before the client gives up.
const GIVES_UP: Duration = Duration::from_mins(20);

/// How long AWS keeps a session that nobody uses.
const IDLE: Duration = Duration::from_mins(20);

const TO_CLIENT: Direction = Direction::ToClient;
const TO_AGENT: Direction = Direction::ToAgent;

/// What a person does in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// Reads much.
    Output,
    /// Types much.
    Input,
    /// Pulls at the corner of the window.
    Resize,
    /// Sees the last words of a program that ends.
    Exit,
}

const ACTS: [Act; 4] = [Act::Output, Act::Input, Act::Resize, Act::Exit];

/// Something that goes wrong, and what must come of it.
struct Row {
    name: String,
    /// With the frames, after the session has opened.
    line: Vec<Fault>,
    /// With calls, after the session has opened.
    calls: Vec<sim::Fault>,
    /// How the agent behaves from the start.
    agent: agent::Options,
    expected: Expected,
    /// How long it may take, where that is in question. Elsewhere time passes while a program is busy, too.
    within: Option<Duration>,
    /// The agent waits no longer for its last words to be acknowledged: what a program printed last may be lost.
    outlasts_agent: bool,
}

/// What must come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Expected {
    /// All arrives, over the connection that there was.
    Whole,
    /// All arrives, over another connection.
    Resumed,
    /// The connection is lost, with these words; what had arrived until then is right.
    Lost(&'static str),
    /// The far side closes the session with these words; what had arrived until then is right.
    Closed(&'static str),
}

fn rows() -> Vec<Row> {
    let mut rows = vec![Row::new("nothing", Expected::Whole)];
    for (direction, name) in [(TO_CLIENT, "to the client"), (TO_AGENT, "to the agent")] {
        let each = |harm| Fault::new(direction, 2, 3, harm);
        let once = |at, harm| Fault::new(direction, at, 0, harm);
        let whole = |what: &str| Row::new(format!("{what} {name}"), Expected::Whole);
        let resumed = |what: &str| Row::new(format!("{what} {name}"), Expected::Resumed);
        rows.extend([
            whole("frames lost").line(each(Harm::Drop)),
            whole("frames doubled").line(each(Harm::Duplicate)),
            whole("frames exchanged").line(each(Harm::Reorder)),
            whole("frames late").line(each(Harm::Delay(Duration::from_millis(700)))),
            whole("frames corrupted").line(each(Harm::Corrupt)),
            whole("frames truncated").line(each(Harm::Truncate)),
            whole("frames as text").line(each(Harm::Text)),
            whole("acknowledgements lost").line(Fault::new(direction, 1, 2, Harm::Drop).only(Frames::Acknowledgements)),
            whole("data lost").line(Fault::new(direction, 1, 2, Harm::Drop).only(Frames::Data)),
            whole("noise").line(each(Harm::Behind(Intruder::Noise))),
            whole("unknown messages").line(each(Harm::Behind(Intruder::Unknown(2)))),
            whole("large messages").line(each(Harm::Behind(Intruder::Unknown(64 << 10)))),
            whole("a pause without an end").line(once(2, Harm::Behind(Intruder::Pause))),
            whole("a pause with an end")
                .line(once(2, Harm::Behind(Intruder::Pause)))
                .line(once(4, Harm::Behind(Intruder::Start))),
            resumed("a cut").line(once(3, Harm::Cut)),
            resumed("a cut within a frame").line(once(3, Harm::CutWithin)),
            resumed("silence").line(once(3, Harm::Silence)).lasting(SILENCE),
        ]);
    }
    let cut = || Fault::new(TO_CLIENT, 3, 0, Harm::Cut);
    let lost = |what: &str, words| Row::new(format!("a cut and {what}"), Expected::Lost(words)).line(cut());
    let resumed = |what: &str| Row::new(format!("a cut and {what}"), Expected::Resumed).line(cut());
    let resume = |damage| sim::Fault::new("ResumeSession", damage);
    let empty = || Damage::Garbage(r#"{"SessionId":"s","StreamUrl":"ws://127.0.0.1:1/"}"#.to_owned());
    let gone = "the session is over or has timed out";
    let broken = Damage::Error { code: "InternalServerError".to_owned(), message: "oh".to_owned(), status: 500 };
    let throttled = Damage::Error { code: "ThrottlingException".to_owned(), message: "slow".to_owned(), status: 400 };
    rows.extend([
        Row::new("a gateway that closes old sockets", Expected::Resumed).closing_after(SECOND),
        resumed("a resume that is throttled").call(resume(throttled).times(2)).outlasting_agent(),
        Row::new("payload types that nobody knows", Expected::Whole).strangers(2),
        Row::new("an oversized frame", Expected::Resumed).line(Fault::new(
            TO_CLIENT,
            3,
            0,
            Harm::Behind(Intruder::Unknown(1 << 20)),
        )),
        lost("a resume that is denied", "could not resume the session: ").call(sim::Fault::error(
            "ResumeSession",
            "AccessDeniedException",
            "not authorized",
        )),
        lost("a session that does not exist", gone).call(sim::Fault::error(
            "ResumeSession",
            "DoesNotExistException",
            "no such session",
        )),
        lost("an empty token", gone).call(resume(empty())),
        lost("a resume that always hangs", "no way back for 20 minutes")
            .call(resume(Damage::Hang))
            .lasting(GIVES_UP + MINUTE),
        resumed("a resume that hangs once").call(resume(Damage::Hang).times(1)).lasting(MINUTE),
        resumed("a resume that fails twice").call(resume(broken).times(2)).outlasting_agent(),
        resumed("a resume that is cut off").call(resume(Damage::Cut).times(1)),
        resumed("a door that is shut, hangs, is mute and strange")
            .doors(&[Door::Open, Door::Refusing(503), Door::Hanging, Door::Mute, Door::Strange])
            .lasting(5 * MINUTE),
        Row::new("words at the end", Expected::Closed("session ended: your task is being replaced")).line(Fault::new(
            TO_CLIENT,
            3,
            0,
            Harm::Behind(Intruder::Closed("your task is being replaced".to_owned())),
        )),
        Row::new("words with teeth", Expected::Closed("session ended: ␛]0;mine␇␛[2J evil")).line(Fault::new(
            TO_CLIENT,
            3,
            0,
            Harm::Behind(Intruder::Closed("\x1b]0;mine\x07\x1b[2J\nevil".to_owned())),
        )),
    ]);
    rows
}

#[test]
fn whatever_goes_wrong_everything_arrives_or_is_told() {
    let failures = run_all(&rows(), |row| {
        let mut failures = Vec::new();
        for act in ACTS {
            let verdict = alone(async { row.meets(act).await });
            failures.extend(verdict.err().map(|why| format!("{} × {act:?}: {why}", row.name)));
        }
        failures
    });
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// Does something with each item, a few at a time, and returns what that gave.
fn run_all<T: Sync>(items: &[T], act: impl Fn(&T) -> Vec<String> + Sync) -> Vec<String> {
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = act(item);
                    results.lock().unwrap().extend(result);
                }
            });
        }
    });
    results.into_inner().unwrap()
}

impl Row {
    fn new(name: impl Into<String>, expected: Expected) -> Self {
        let agent = agent::Options { idle_timeout: Duration::from_hours(24), ..agent::Options::prompt() };
        Self {
            name: name.into(),
            line: Vec::new(),
            calls: Vec::new(),
            agent,
            expected,
            within: None,
            outlasts_agent: false,
        }
    }

    fn line(mut self, fault: Fault) -> Self {
        self.line.push(fault);
        self
    }

    fn call(mut self, fault: sim::Fault) -> Self {
        self.calls.push(fault);
        self
    }

    fn doors(mut self, doors: &[Door]) -> Self {
        self.agent.doors = doors.to_vec();
        self
    }

    fn closing_after(mut self, lifetime: Duration) -> Self {
        self.agent.socket_lifetime = lifetime;
        self
    }

    fn strangers(mut self, every: u64) -> Self {
        self.agent.strangers = every;
        self
    }

    /// Says how long it takes at most, and that it outlasts the agent.
    fn lasting(self, within: Duration) -> Self {
        Self { within: Some(within), ..self.outlasting_agent() }
    }

    /// Says that it takes longer than the agent waits at the end.
    fn outlasting_agent(self) -> Self {
        Self { outlasts_agent: true, ..self }
    }

    /// Opens a session, lets it go wrong, and looks at what comes of it.
    async fn meets(&self, act: Act) -> Result<(), String> {
        let stage = Box::pin(Stage::set(self.agent.clone())).await;
        let (script, expected) = act.script();
        let start = Box::pin(stage.start(&script.command)).await;
        let session_id = start.session_id.clone();
        let session = stage.patiently("the opening", Box::pin(stage.open(start, timing(&stage.clock)))).await?;
        let mut screen = Screen::new(session);
        stage.patiently("the program", screen.until(b"ready\n")).await??;
        for fault in &self.calls {
            stage.sim.fault(fault.clone());
        }
        for fault in &self.line {
            assert!(stage.sim.sessions().fault(&session_id, fault.clone()));
        }
        let since = stage.clock.now();
        let ends = act == Act::Exit || matches!(self.expected, Expected::Lost(_) | Expected::Closed(_));
        let end = stage.patiently("the end", act.perform(&mut screen, (!ends).then_some(&expected))).await;
        let end = end.map_err(|why| {
            let (printed, calls) = (tail(&screen.printed), stage.sim.calls());
            let calls: Vec<_> = calls.iter().map(|call| (&call.operation, &call.outcome)).skip(8).collect();
            let passed = stage.clock.now() - since;
            format!(
                "{why} for {passed:?}: {} bytes, …{printed:?}, {:?}, {calls:?}",
                screen.printed.len(),
                screen.notices
            )
        })?;
        if self.expected == Expected::Resumed && end.is_none() {
            // All may have come before the connection was lost.
            let resumed = async {
                while stage.resumes() == 0 {
                    sleep(Duration::from_millis(1)).await;
                }
            };
            stage.patiently("another connection", resumed).await?;
        }
        let took = stage.clock.now() - since;
        self.judge(act, &expected, &screen, end.as_ref(), stage.resumes())?;
        if self.within.is_some_and(|within| took > within) { Err(format!("took {took:?}")) } else { Ok(()) }
    }

    fn judge(
        &self,
        act: Act,
        expected: &Printed,
        screen: &Screen,
        end: Option<&Exit>,
        resumes: usize,
    ) -> Result<(), String> {
        let is_whole = expected.is_met_by(&screen.printed);
        let printed = || format!("{} bytes, …{:?}", screen.printed.len(), tail(&screen.printed));
        let seen = || format!("{end:?} after {resumes} resumes, {:?}, {}", screen.notices, printed());
        match &self.expected {
            // The word that the session is over may be what was lost, and nobody says it twice: then all there is to
            // know is that there is no session to come back to.
            Expected::Whole | Expected::Resumed if act == Act::Exit => match end {
                Some(Exit::Closed(words)) if words.is_empty() && is_whole => Ok(()),
                Some(Exit::Lost(words)) if resumes > 0 && words.ends_with("is over or has timed out") => {
                    let agents_loss = self.outlasts_agent && expected.is_begun_by(&screen.printed);
                    if is_whole || agents_loss { Ok(()) } else { Err(seen()) }
                }
                _ => Err(seen()),
            },
            Expected::Whole | Expected::Resumed => {
                let resumed = (resumes > 0) == (self.expected == Expected::Resumed);
                if is_whole && end.is_none() && resumed { Ok(()) } else { Err(seen()) }
            }
            Expected::Lost(words) | Expected::Closed(words) => {
                let told = end.is_some_and(|end| {
                    matches!(end, Exit::Lost(_)) == matches!(self.expected, Expected::Lost(_))
                        && end.to_string().contains(words)
                });
                if told && expected.is_begun_by(&screen.printed) { Ok(()) } else { Err(seen()) }
            }
        }
    }
}

fn tail(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(40)..]).into_owned()
}

/// What a program prints after it is ready.
enum Printed {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The sizes of a terminal, some of them and in this order, the last one surely.
    Sizes(Vec<String>),
}

impl Printed {
    fn is_met_by(&self, printed: &[u8]) -> bool {
        match self {
            Self::Bytes(bytes) => printed == bytes,
            Self::Sizes(sizes) => {
                let last = sizes.last().unwrap();
                self.is_begun_by(printed) && String::from_utf8_lossy(printed).lines().last() == Some(last)
            }
        }
    }

    fn is_begun_by(&self, printed: &[u8]) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.starts_with(printed),
            Self::Sizes(sizes) => {
                let printed = String::from_utf8_lossy(printed);
                let places = printed.lines().map(|line| sizes.iter().position(|size| size == line));
                let places: Option<Vec<usize>> = places.collect();
                places.is_some_and(|places| places.is_sorted())
            }
        }
    }
}

/// What runs in the container.
struct Script {
    command: String,
    _file: Option<tempfile::NamedTempFile>,
}

impl Act {
    /// Returns what runs in the container, and what it prints after it is ready.
    fn script(self) -> (Script, Printed) {
        let quiet = "stty raw -echo; echo ready";
        match self {
            Self::Output => {
                let (bytes, file) = text(30_000);
                let path = file.path().display().to_string();
                let script = format!("sh -c '{quiet}; head -c 1 >/dev/null; cat {path}; sleep 1000'");
                (Script { command: script, _file: Some(file) }, Printed::Bytes(bytes))
            }
            Self::Input => {
                let (bytes, _) = text(30_000);
                let script = format!("sh -c '{quiet}; head -c {} | sha256sum; sleep 1000'", bytes.len());
                (Script { command: script, _file: None }, Printed::Bytes(format!("{}  -\n", hex(&bytes)).into_bytes()))
            }
            Self::Resize => {
                let script = format!(
                    "sh -c '{quiet}; while :; do now=$(stty size); [ \"$now\" = \"$was\" ] || echo $now; was=$now; sleep 0.01; done'"
                );
                // A terminal has none until it is told.
                let before = [Size { columns: 0, rows: 0 }, SIZE];
                let sizes = before.into_iter().chain(resizes()).map(|size| format!("{} {}", size.rows, size.columns));
                (Script { command: script, _file: None }, Printed::Sizes(sizes.collect()))
            }
            Self::Exit => {
                let (bytes, file) = text(5_000);
                let path = file.path().display().to_string();
                (
                    Script { command: format!("sh -c '{quiet}; head -c 1 >/dev/null; cat {path}'"), _file: Some(file) },
                    Printed::Bytes(bytes),
                )
            }
        }
    }
}

fn resizes() -> impl Iterator<Item = Size> {
    (101..=130).map(|columns| Size { columns, rows: 24 })
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// Text of about this length in which no two lines are the same, and a file that holds it.
fn text(length: usize) -> (Vec<u8>, tempfile::NamedTempFile) {
    let mut text = String::with_capacity(length + 16);
    let mut number = 0_u32;
    while text.len() < length {
        writeln!(text, "{number} ä€😀").unwrap();
        number += 1;
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    (text.into_bytes(), file)
}

impl Act {
    /// Does what a person does, and reads until everything that is waited for has come or the session is over.
    async fn perform(self, screen: &mut Screen, expected: Option<&Printed>) -> Option<Exit> {
        let mut inputs: Vec<Input> = match self {
            Self::Output | Self::Exit => vec![Input::Bytes(Bytes::from_static(b"x"))],
            Self::Input => text(30_000).0.chunks(700).map(|keys| Input::Bytes(Bytes::copy_from_slice(keys))).collect(),
            Self::Resize => resizes().map(Input::Resize).collect(),
        };
        inputs.reverse();
        loop {
            if inputs.is_empty() && expected.is_some_and(|expected| expected.is_met_by(&screen.printed)) {
                return None;
            }
            let input = screen.session.input.clone();
            select! {
                permit = input.reserve(), if !inputs.is_empty() => match permit {
                    Ok(permit) => permit.send(inputs.pop().unwrap()),
                    Err(_) => inputs.clear(),
                },
                exit = screen.next() => if exit.is_some() {
                    return exit;
                }
            }
        }
    }
}

/// Something that goes wrong while a session opens, and the words that say so.
struct Beginning {
    name: &'static str,
    calls: Vec<sim::Fault>,
    agent: agent::Options,
    words: &'static str,
    /// Whether the time that an opening may take is needed to know.
    takes_its_time: bool,
}

fn beginnings() -> Vec<Beginning> {
    let at_once = |name, agent, words| Beginning { name, calls: Vec::new(), agent, words, takes_its_time: false };
    let in_time = |name, agent| {
        let words = "127.0.0.1 did not open the session within 10 s";
        Beginning { name, calls: Vec::new(), agent, words, takes_its_time: true }
    };
    let door = |door| agent::Options { doors: vec![door], ..agent::Options::prompt() };
    let line = |direction, every, harm| agent::Options {
        faults: vec![Fault::new(direction, 1, every, harm)],
        ..agent::Options::prompt()
    };
    let called = |name, damage, words| Beginning {
        calls: vec![sim::Fault::new("OpenDataChannel", damage)],
        ..at_once(name, agent::Options::prompt(), words)
    };
    let denied = Damage::Error { code: "AccessDenied".to_owned(), message: "no".to_owned(), status: 403 };
    // In the words of the machine: closed, or reset.
    let closed = "the gateway did not open the session: ";
    let evil = || Harm::Behind(Intruder::Closed("\x1b]0;mine\x07 no".to_owned()));
    vec![
        at_once(
            "nobody listens",
            agent::Options { listens: false, ..agent::Options::prompt() },
            "could not connect to 127.0.0.1: Connection refused (os error 111)",
        ),
        at_once("403", door(Door::Refusing(403)), "127.0.0.1 refused the connection with HTTP status 403"),
        at_once("503", door(Door::Refusing(503)), "127.0.0.1 refused the connection with HTTP status 503"),
        called("denied by name", denied, "127.0.0.1 refused the connection with HTTP status 403"),
        in_time("an upgrade that is not answered", door(Door::Hanging)),
        in_time("a mute gateway", door(Door::Mute)),
        at_once(
            "a token that is not taken",
            door(Door::Strange),
            "the gateway did not open the session: the gateway closed the connection (1008: invalid token)",
        ),
        at_once("a cut", line(TO_AGENT, 0, Harm::Cut), closed),
        at_once("a cut before the first word", line(TO_CLIENT, 0, Harm::Cut), closed),
        at_once("a cut within the first word", line(TO_CLIENT, 0, Harm::CutWithin), closed),
        at_once(
            "an oversized frame",
            line(TO_CLIENT, 0, Harm::Behind(Intruder::Unknown(1 << 20))),
            "the gateway did not open the session: the gateway sent a frame that is too large",
        ),
        at_once("words with teeth", line(TO_CLIENT, 0, evil()), "session ended: ␛]0;mine␇ no"),
        in_time("silence", line(TO_AGENT, 0, Harm::Silence)),
        in_time("nothing but corrupted frames", line(TO_CLIENT, 1, Harm::Corrupt)),
        in_time("nothing but text", line(TO_CLIENT, 1, Harm::Text)),
        in_time("every frame lost", line(TO_AGENT, 1, Harm::Drop)),
        in_time(
            "a program that never starts",
            agent::Options { start_delay: Duration::from_hours(1), ..agent::Options::prompt() },
        ),
    ]
}

#[test]
fn what_goes_wrong_at_the_start_is_an_error_in_words_within_ten_seconds() {
    let failures = run_all(&beginnings(), |beginning| {
        let verdict = alone(async { beginning.is_told().await });
        verdict.err().map(|why| format!("{}: {why}", beginning.name)).into_iter().collect()
    });
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

impl Beginning {
    async fn is_told(&self) -> Result<(), String> {
        let stage = Box::pin(Stage::set(self.agent.clone())).await;
        self.calls.iter().for_each(|fault| stage.sim.fault(fault.clone()));
        let start = Box::pin(stage.start("cat")).await;
        let (limit, since) = (Timing::default().opening, stage.clock.now());
        let opening = Box::pin(stage.try_open(start, timing(&stage.clock)));
        let opened = stage.patiently("the error", opening).await?;
        let took = stage.clock.now() - since;
        let error = opened.map_or_else(|error| error.to_string(), |_| "it opened".to_owned());
        let in_time = took < limit + 3 * SECOND && self.takes_its_time == (took >= limit);
        let is_named = if self.words.ends_with(": ") {
            error.strip_prefix(self.words).is_some_and(|why| why.to_lowercase().contains("connection "))
        } else {
            error == self.words
        };
        if is_named && in_time { Ok(()) } else { Err(format!("{error} after {took:?}")) }
    }
}

#[test]
fn a_token_of_another_session_opens_nothing() {
    alone(async {
        let stage = Box::pin(Stage::set(agent::Options::prompt())).await;
        let (mine, other) = (Box::pin(stage.start("cat")).await, Box::pin(stage.start("cat")).await);
        let start = Start { token: other.token, ..mine };
        let opened = stage.patiently("the error", Box::pin(stage.try_open(start, timing(&stage.clock)))).await;
        assert!(matches!(opened.unwrap(), Err(Error::NotLetIn { .. })));
    });
}

#[test]
fn an_idle_session_ends_when_it_is_said_to_and_is_told_why() {
    alone(async {
        let stage = Box::pin(Stage::set(agent::Options::prompt())).await;
        let start = Box::pin(stage.start("sh -c 'echo ready; sleep 1000'")).await;
        let session = stage.patiently("the opening", Box::pin(stage.open(start, timing(&stage.clock)))).await.unwrap();
        let mut screen = Screen::new(session);
        stage.patiently("the program", screen.until(b"ready\r\n")).await.unwrap().unwrap();
        let since = stage.clock.now();
        let exit = stage.patiently("the end", async { while screen.next().await.is_none() {} }).await;
        let took = stage.clock.now() - since;
        exit.unwrap();
        assert!(took + MINUTE > IDLE && took < IDLE + MINUTE, "{took:?}");
        assert_eq!((stage.resumes(), &screen.notices[..]), (0, &[][..]), "the pings kept the connection");
    });
}

#[test]
fn a_worlds_sessions_go_wrong_as_it_says() {
    let world = r#"
        [[taskdef]]
        family = "web"
        container = [{ image = "web" }]
        [cluster.prod]
        task = [{ taskdef = "web" }]
        [[session_door]]
        is = 503
        [[session_fault]]
        to = "client"
        frames = "data"
        harm = "closed: not today"
    "#;
    alone(async {
        let stage = Box::pin(Stage::of(World::from_toml(world).unwrap(), agent::Options::prompt())).await;
        let start = Box::pin(stage.start("sh -c 'echo hello; cat'")).await;
        let again = start.clone();
        let open = |start| stage.patiently("the opening", Box::pin(stage.try_open(start, timing(&stage.clock))));
        let refused = open(start).await.unwrap().unwrap_err();
        assert_eq!(refused.to_string(), "127.0.0.1 refused the connection with HTTP status 503");
        // It may be heard before it is closed.
        let words = match open(again).await.unwrap() {
            Err(error) => error.to_string(),
            Ok(mut session) => loop {
                if let Output::Exit(exit) = stage.patiently("words", session.output.recv()).await.unwrap().unwrap() {
                    break exit.to_string();
                }
            },
        };
        assert_eq!(words, "session ended: not today");
    });
}
