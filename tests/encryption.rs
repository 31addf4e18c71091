//! Sessions encrypted with a KMS key: the real clients of ECS, SSM and KMS, real sockets, and an agent that has its key
//! opened by the simulated KMS.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod terminal;
    pub(crate) mod way;
}

use std::time::Duration;

use bytes::Bytes;
use common::{terminal::Program, way};
use ecsui::{
    ops::{
        Cx, Error,
        exec::{self, Command},
        find,
    },
    session::{Exit, Input, Output, Session, Size, clock::Clock},
    sim::{
        Fault, Options, Sim, World,
        agent::{self, Challenge, Direction, Frames, Harm},
    },
};
use serde_json::Value;
use tokio::{runtime::Runtime, time::timeout};

const WORLD: &str = r#"
[[taskdef]]
family = "api"
container = [{ image = "busybox:1" }]

[cluster.prod]
kms_key = "1234abcd-12ab-34cd-56ef-1234567890ab"
[[cluster.prod.service]]
name = "api"
"#;
const KEY: &str = "arn:aws:kms:eu-west-1:482913007156:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ENCRYPTED: &str = "This session is encrypted using AWS KMS.";
/// After this a test is stuck.
const STUCK: Duration = Duration::from_mins(1);

async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(STUCK, future).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

async fn start(agent: agent::Options) -> Sim {
    let world = World::from_toml(WORLD).unwrap();
    Sim::start(world, Options { agent, ..Options::explicit() }).await.unwrap()
}

async fn open(cx: &Cx, script: &str) -> Result<Session, Error> {
    let target = soon("the target", find::one(cx, &["api".to_owned()])).await.unwrap();
    let command = Command::Argv(["sh", "-c", script].map(str::to_owned).to_vec());
    soon("the opening", exec::open(cx, &target, &command, Size { columns: 80, rows: 24 })).await
}

/// Returns the error and its causes in one line.
fn words(error: &Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

/// What a session printed, as it comes.
struct Screen {
    session: Session,
    printed: Vec<u8>,
    notices: Vec<String>,
}

impl Screen {
    async fn open(sim: &Sim, script: &str) -> Self {
        let session = open(&way::cx(sim), script).await.unwrap();
        Self { session, printed: Vec::new(), notices: Vec::new() }
    }

    async fn type_in(&self, bytes: impl Into<Bytes>) {
        soon("room for input", self.session.input.send(Input::Bytes(bytes.into()))).await.unwrap();
    }

    /// Takes one piece of output; returns the exit when it was that.
    async fn next(&mut self) -> Option<Exit> {
        match soon("output", self.session.output.recv()).await.expect("an exit comes last") {
            Output::Bytes(bytes) | Output::Stderr(bytes) => self.printed.extend_from_slice(&bytes),
            Output::Notice(text) => self.notices.push(text),
            Output::Exit(exit) => return Some(exit),
        }
        None
    }

    async fn until(&mut self, text: &str) {
        while !String::from_utf8_lossy(&self.printed).contains(text) {
            assert_eq!(self.next().await, None, "{}", String::from_utf8_lossy(&self.printed));
        }
    }

    async fn exit(&mut self) -> Exit {
        loop {
            if let Some(exit) = self.next().await {
                return exit;
            }
        }
    }
}

/// Returns what calls of an operation said.
fn bodies(sim: &Sim, operation: &str) -> Vec<Value> {
    sim.calls().into_iter().filter(|call| call.operation == operation).map(|call| call.body).collect()
}

#[tokio::test]
async fn a_session_is_encrypted_where_the_cluster_has_a_key() {
    let sim = start(agent::Options::prompt()).await;
    let mut screen = Screen::open(&sim, "read line; echo you said $line").await;
    screen.type_in("hello\r").await;
    screen.until("you said hello").await;
    assert_eq!(screen.exit().await, Exit::Closed(String::new()));
    assert_eq!(screen.notices, [ENCRYPTED]);
    let [request] = &bodies(&sim, "GenerateDataKey")[..] else { panic!("one key") };
    assert_eq!((&request["KeyId"], &request["NumberOfBytes"]), (&KEY.into(), &64.into()));
    let context = request["EncryptionContext"].as_object().unwrap();
    assert_eq!(
        context.keys().collect::<Vec<_>>(),
        ["aws:ssm:RandomChallenge", "aws:ssm:SessionId", "aws:ssm:TargetId"]
    );
    assert!(context["aws:ssm:TargetId"].as_str().unwrap().starts_with("ecs:prod_"), "{context:?}");
}

#[tokio::test]
async fn agents_without_a_challenge_and_those_that_insist_on_it_are_served() {
    for (challenge, names) in [(Challenge::Unknown, 2), (Challenge::Required, 3)] {
        let sim = start(agent::Options { challenge, ..agent::Options::prompt() }).await;
        let mut screen = Screen::open(&sim, "echo served").await;
        screen.until("served").await;
        let [request] = &bodies(&sim, "GenerateDataKey")[..] else { panic!("one key") };
        assert_eq!(request["EncryptionContext"].as_object().unwrap().len(), names, "{challenge:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_megabyte_goes_both_ways_through_cuts_that_keep_the_key() {
    let cut = |direction, first, every| agent::Fault { direction, frames: Frames::All, first, every, harm: Harm::Cut };
    let faults = vec![cut(Direction::ToClient, 30, 700), cut(Direction::ToAgent, 90, 900)];
    // What a cut loses, the agent repeats one by one.
    let resend_interval = Duration::from_millis(1);
    let sim = start(agent::Options { faults, resend_interval, ..agent::Options::prompt() }).await;
    let sent: Vec<u8> = (0_u32..).flat_map(|number| number.to_string().into_bytes()).take(1 << 20).collect();
    let script = format!("stty raw -echo; echo ready; head -c {}; head -c 1", sent.len());
    let mut screen = Screen::open(&sim, &script).await;
    screen.until("ready").await;
    let input = screen.session.input.clone();
    let typing = {
        let sent = sent.clone();
        tokio::spawn(async move {
            for piece in sent.chunks(10_000) {
                input.send(Input::Bytes(Bytes::copy_from_slice(piece))).await.unwrap();
            }
        })
    };
    // The agent waits two seconds for what it repeats, and no longer: the program ends after that.
    while screen.printed.len() < "ready\n".len() + sent.len() {
        assert_eq!(screen.next().await, None);
    }
    typing.await.unwrap();
    screen.type_in(".").await;
    assert_eq!(screen.exit().await, Exit::Closed(String::new()));
    let printed = screen.printed.strip_prefix(b"ready\n").unwrap();
    assert!(printed.strip_suffix(b".").unwrap() == sent, "{} of {} bytes", printed.len(), sent.len());
    assert!(bodies(&sim, "ResumeSession").len() >= 3, "{}", bodies(&sim, "ResumeSession").len());
    assert_eq!(bodies(&sim, "GenerateDataKey").len(), 1, "one key for all connections");
}

#[tokio::test]
async fn a_denied_key_is_named_and_the_session_ended() {
    let sim = start(agent::Options::prompt()).await;
    let message = format!(
        "User: arn:aws:iam::482913007156:user/demo is not authorized to perform: kms:GenerateDataKey on resource: {KEY} \
         because no identity-based policy allows the kms:GenerateDataKey action"
    );
    sim.fault(Fault::error("GenerateDataKey", "AccessDeniedException", &message));
    let error = words(&open(&way::cx(&sim), "cat").await.unwrap_err());
    let named = format!("no key for this session (kms:GenerateDataKey with {KEY}): not allowed: kms:GenerateDataKey");
    assert!(error.contains(&named), "{error}");
    assert!(!bodies(&sim, "TerminateSession").is_empty(), "the command would run on");
}

#[tokio::test]
async fn a_kms_that_hangs_does_not_hold_the_opening() {
    let sim = start(agent::Options::prompt()).await;
    sim.fault(Fault::new("GenerateDataKey", ecsui::sim::Damage::Hang));
    let (clock, hand) = Clock::by_hand();
    let cx = way::cx(&sim).with_clock(clock);
    let opening = tokio::spawn(async move { open(&cx, "cat").await });
    soon("the call", async {
        while bodies(&sim, "GenerateDataKey").is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
    hand.advance(Duration::from_secs(9));
    let error = words(&soon("the end", opening).await.unwrap().unwrap_err());
    assert!(error.ends_with(&format!("(kms:GenerateDataKey with {KEY}): no answer")), "{error}");
}

#[tokio::test]
async fn a_key_for_another_container_is_no_key() {
    let identity = Some("ecs:prod_0123456789abcdef0123456789abcdef_x-1".to_owned());
    let sim = start(agent::Options { identity, ..agent::Options::prompt() }).await;
    let error = words(&open(&way::cx(&sim), "cat").await.unwrap_err());
    assert!(error.contains("Fetching data key failed") && error.contains("InvalidCiphertextException"), "{error}");
}

#[tokio::test]
async fn what_is_not_sealed_with_the_key_ends_the_session() {
    // Behind the three messages of the handshake and one of output.
    let sim = start(agent::Options { forged: Some(4), ..agent::Options::prompt() }).await;
    let mut screen = Screen::open(&sim, "echo before; read line; echo forged; read line; echo after").await;
    screen.until("before").await;
    screen.type_in("\r").await;
    let exit = screen.exit().await;
    assert_eq!(exit, Exit::Closed("the agent sent output that the session's key does not open".to_owned()));
    assert!(!String::from_utf8_lossy(&screen.printed).contains("after"));
    assert_eq!(bodies(&sim, "TerminateSession").len(), 1);
}

#[test]
fn exec_says_that_the_session_is_encrypted_and_is_otherwise_as_ever() {
    let runtime = Runtime::new().unwrap();
    let sim = runtime.block_on(start(agent::Options::prompt()));
    let script = "read line; echo you said $line; stty size";
    let mut terminal = Program::new(env!("CARGO_BIN_EXE_ecsui"))
        .args(["exec", "prod/api", "app", "--", "sh", "-c", script])
        .env("AWS_ENDPOINT_URL", sim.endpoint())
        .env("AWS_REGION", sim.region())
        .env("AWS_ACCESS_KEY_ID", sim.access_key())
        .env("AWS_SECRET_ACCESS_KEY", sim.secret_key())
        .start(100, 30);
    terminal.wait_for(ENCRYPTED);
    terminal.type_in("hello\r");
    terminal.wait_for("you said hello");
    terminal.wait_for("30 100");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}
