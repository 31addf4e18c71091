//! Sessions over real sockets: what every transport owes a terminal, and the data channel's own troubles.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test")]

use std::{
    fmt::Write as _,
    future::Future,
    io::Write as _,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use ecsui::{
    session::{
        Exit, Input, Output, Secret, Session, Size,
        clock::{Clock, Hand},
        dial::Network,
        ssm::{self, Error, Failure, Gateway, Stage, Start, Timing},
    },
    sim::{
        Kms,
        agent::{Direction, Encryption, Fault, Handshake, Harm, Launch, Options, Sessions},
    },
};
use rustix::process::{Pid, test_kill_process};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::handshake::server::{Request, Response},
};

const SIZE: Size = Size { columns: 80, rows: 24 };
/// After this a test is stuck.
const STUCK: Duration = Duration::from_mins(1);

/// Fails a test that waits for what never comes.
async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(STUCK, future).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// Waits until a condition holds.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    soon(what, async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// Lets time pass, step by step, until the future gives something.
async fn as_time_goes_by<T>(hand: &Hand, step: Duration, future: impl Future<Output = T>) -> T {
    let clock = async {
        loop {
            hand.advance(step);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        given = future => given,
        () = clock => unreachable!("time does not end"),
    }
}

/// What a session printed, as it comes.
struct Screen {
    session: Session,
    printed: Vec<u8>,
    notices: Vec<String>,
}

impl Screen {
    fn new(session: Session) -> Self {
        Self { session, printed: Vec::new(), notices: Vec::new() }
    }

    async fn type_in(&self, keys: &str) {
        self.send(Input::Bytes(Bytes::copy_from_slice(keys.as_bytes()))).await;
    }

    async fn send(&self, input: Input) {
        self.session.input.send(input).await.expect("the session takes input");
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

    /// Reads until `text` was printed, and returns all printed up to there.
    async fn until(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = find(&self.printed, text.as_bytes()) {
                let seen = self.printed.drain(..at + text.len()).collect();
                return String::from_utf8(seen).unwrap();
            }
            if let Some(exit) = self.next().await {
                panic!("{exit:?} before {text:?}; printed: {:?}", String::from_utf8_lossy(&self.printed));
            }
        }
    }

    /// Reads to the end.
    async fn exit(&mut self) -> Exit {
        loop {
            if let Some(exit) = self.next().await {
                return exit;
            }
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// Text of a given length in which characters of all widths fall on all borders; its last character is ASCII.
fn text(length: usize) -> Vec<u8> {
    let mut text = String::with_capacity(length + 8);
    let mut number = 0_u32;
    while text.len() < length {
        writeln!(text, "{number} ä€😀").unwrap();
        number += 1;
    }
    let mut bytes = text.into_bytes();
    bytes.truncate(length - 4);
    while std::str::from_utf8(&bytes).is_err() {
        bytes.pop();
    }
    bytes.resize(length, b'.');
    bytes
}

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// What every transport to a shell owes the terminal. `open` starts a command and returns the session to it.
async fn shell_contract<F, S>(open: F)
where
    F: Fn(String) -> S,
    S: Future<Output = Session>,
{
    let start = async |command: &str| Screen::new(soon("the session", open(command.to_owned())).await);

    // What is typed arrives, and comes back.
    let mut screen = start("cat").await;
    screen.type_in("hällo\r").await;
    assert_eq!(screen.until("hällo\r\nhällo\r\n").await, "hällo\r\nhällo\r\n");

    // The end of input ends it, in the middle of a line too.
    screen.type_in("rest").await;
    screen.send(Input::Eof).await;
    screen.until("restrest").await;
    assert_eq!(screen.exit().await, Exit::Closed(String::new()));

    // The size is right from the start, and follows.
    let mut screen = start("sh -c 'stty size; trap \"stty size\" WINCH; while :; do read line; done'").await;
    screen.until("24 80\r\n").await;
    screen.send(Input::Resize(Size { columns: 101, rows: 33 })).await;
    screen.until("33 101\r\n").await;

    // Keys that are signals arrive as such.
    let mut screen =
        start("sh -c 'trap \"echo interrupted; exit\" INT; echo ready; while :; do sleep 0.01; done'").await;
    screen.until("ready\r\n").await;
    screen.type_in("\x03").await;
    screen.until("interrupted\r\n").await;
    assert_eq!(screen.exit().await, Exit::Closed(String::new()));

    // A hang-up ends the process.
    let mut screen = start("sh -c 'echo $$; sleep 1000'").await;
    let pid = screen.until("\n").await.trim().parse().unwrap();
    let pid = Pid::from_raw(pid).unwrap();
    assert!(test_kill_process(pid).is_ok());
    assert_eq!(soon("the farewell", screen.session.hang_up()).await, None);
    until("the process is gone", || test_kill_process(pid).is_err()).await;

    // Much output arrives whole.
    let sent = text(10 << 20);
    let source = file(&sent);
    let mut screen = start(&format!("sh -c 'stty -opost; cat {}'", source.path().display())).await;
    assert_eq!(screen.exit().await, Exit::Closed(String::new()));
    assert!(screen.printed == sent, "{} of {} bytes", screen.printed.len(), sent.len());

    // Much input arrives whole.
    let sent = text(1 << 20);
    let mut screen = start(&format!("sh -c 'stty raw -echo; echo ready; head -c {} | sha256sum'", sent.len())).await;
    screen.until("ready\n").await;
    for piece in sent.chunks(10_000) {
        screen.send(Input::Bytes(Bytes::copy_from_slice(piece))).await;
    }
    let digest = screen.until("  -").await;
    let expected = Sha256::digest(&sent).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    assert_eq!(digest.split_whitespace().next().unwrap(), expected);
}

/// The URL and the authorization of each upgrade.
type Upgrades = Arc<Mutex<Vec<(String, Option<String>)>>>;

/// A gateway with agents behind it, on a port of its own.
struct Server {
    address: SocketAddr,
    sessions: Sessions,
    resumes: Arc<AtomicUsize>,
    may_resume: Arc<AtomicBool>,
    may_terminate: Arc<AtomicBool>,
    upgrades: Upgrades,
}

impl Server {
    async fn start(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            sessions: Sessions::new(options),
            resumes: Arc::default(),
            may_resume: Arc::new(AtomicBool::new(true)),
            may_terminate: Arc::new(AtomicBool::new(true)),
            upgrades: Arc::default(),
        };
        let (sessions, upgrades) = (server.sessions.clone(), Arc::clone(&server.upgrades));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, sessions.clone(), Arc::clone(&upgrades)));
            }
        });
        server
    }

    fn gateway(&self) -> Gateway {
        let sessions = self.sessions.clone();
        let (resumes, may_resume) = (Arc::clone(&self.resumes), Arc::clone(&self.may_resume));
        let resume = move |session_id: String| {
            resumes.fetch_add(1, Ordering::SeqCst);
            let token = sessions.resume(&session_id).map(Secret::new);
            if may_resume.load(Ordering::SeqCst) { Ok(token) } else { Err(denied("ssm:ResumeSession")) }
        };
        let (sessions, may_terminate) = (self.sessions.clone(), Arc::clone(&self.may_terminate));
        let terminate = move |session_id: String| {
            if may_terminate.load(Ordering::SeqCst) {
                sessions.terminate(&session_id);
                Ok(())
            } else {
                Err(denied("ssm:TerminateSession"))
            }
        };
        Gateway {
            sign: Arc::new(|_| Box::pin(async { Ok(vec![("Authorization".to_owned(), "AWS4 signed".to_owned())]) })),
            resume: Arc::new(move |id| {
                let answer = resume(id);
                Box::pin(async { answer })
            }),
            terminate: Arc::new(move |id| {
                let answer = terminate(id);
                Box::pin(async { answer })
            }),
            data_key: Arc::new(|_| Box::pin(async { Err(denied("kms:GenerateDataKey")) })),
            fate: Arc::new(|_| Box::pin(std::future::pending())),
            allow_loopback: true,
            network: Network::default(),
        }
    }

    fn issue(&self, command: &str) -> Start {
        let session_id = format!("ecs-execute-command-{}", uuid::Uuid::new_v4().simple());
        let issued = self.sessions.create(Launch {
            session_id,
            command: command.to_owned(),
            environment: Vec::new(),
            label: "app".to_owned(),
        });
        let url = format!("ws://{}/v1/data-channel/{}?role=publish_subscribe", self.address, issued.session_id);
        Start {
            label: "app".to_owned(),
            session_id: issued.session_id,
            stream_url: Secret::new(url),
            token: Secret::new(issued.token),
            target: Some("ecs:prod_0123_0123-1".to_owned()),
        }
    }

    async fn try_open(&self, command: &str) -> Result<Session, Error> {
        soon("the opening", ssm::open(self.issue(command), self.gateway(), SIZE)).await
    }

    async fn open(&self, command: &str) -> Screen {
        Screen::new(self.try_open(command).await.unwrap())
    }
}

fn denied(call: &str) -> Failure {
    Failure { reason: format!("{call} is denied"), lasts: true }
}

/// Upgrades one connection and joins it to its session.
async fn serve(stream: TcpStream, sessions: Sessions, upgrades: Upgrades) {
    let mut path = String::new();
    #[expect(clippy::result_large_err, reason = "the callback's type is tungstenite's")]
    let note = |request: &Request, response: Response| {
        request.uri().path().clone_into(&mut path);
        let authorization = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
        upgrades.lock().unwrap().push((request.uri().to_string(), authorization));
        Ok(response)
    };
    if let Ok(socket) = accept_hdr_async(stream, note).await {
        let session_id = path.rsplit('/').next().unwrap_or_default().to_owned();
        sessions.connect(session_id, socket).await;
    }
}

fn fault(direction: Direction, first: u64, every: u64, harm: Harm) -> Fault {
    Fault::new(direction, first, every, harm)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_channel_keeps_the_contract() {
    let server = Server::start(Options::prompt()).await;
    shell_contract(|command| {
        let opening = ssm::open(server.issue(&command), server.gateway(), SIZE);
        async { opening.await.unwrap() }
    })
    .await;
    soon("the end of all sessions", server.sessions.shutdown()).await;
}

#[tokio::test]
async fn invalid_utf_8_comes_as_the_agent_sends_it() {
    let server = Server::start(Options::prompt()).await;
    let mut screen = server.open(r"printf 'a\377b\357\277\275cdef\342\202'").await;
    assert_eq!(screen.exit().await, Exit::Closed(String::new()));
    assert_eq!(screen.printed, b"a\xffb\xefcdef");
}

#[tokio::test]
async fn loss_doubles_and_disorder_cost_nothing_but_time() {
    let faults = [Direction::ToClient, Direction::ToAgent].into_iter().flat_map(|direction| {
        [
            fault(direction, 3, 11, Harm::Drop),
            fault(direction, 2, 7, Harm::Duplicate),
            fault(direction, 4, 5, Harm::Reorder),
            fault(direction, 6, 13, Harm::Delay(Duration::from_millis(5))),
        ]
    });
    let options = Options { faults: faults.collect(), resend_interval: Duration::from_millis(5), ..Options::prompt() };
    let server = Server::start(options).await;
    let sent = text(100_000);
    let length = sent.len();
    let mut screen = server.open(&format!("sh -c 'stty raw -echo; echo ready; head -c {length}; echo done'")).await;
    screen.until("ready\n").await;
    for piece in sent.chunks(777) {
        screen.send(Input::Bytes(Bytes::copy_from_slice(piece))).await;
    }
    let received = screen.until("done\n").await;
    assert!(received.as_bytes() == [sent.as_slice(), b"done\n"].concat(), "{} of {length} bytes", received.len());
}

#[tokio::test]
async fn a_cut_connection_is_taken_up_again_without_losing_a_byte() {
    let faults = vec![fault(Direction::ToClient, 20, 60, Harm::Cut), fault(Direction::ToAgent, 90, 70, Harm::Cut)];
    let options = Options { faults, resend_interval: Duration::from_millis(5), ..Options::prompt() };
    let server = Server::start(options).await;
    let sent = text(100_000);
    let length = sent.len();
    let mut screen = server.open(&format!("sh -c 'stty raw -echo; echo ready; head -c {length}; echo done'")).await;
    screen.until("ready\n").await;
    for piece in sent.chunks(500) {
        screen.send(Input::Bytes(Bytes::copy_from_slice(piece))).await;
    }
    let received = screen.until("done\n").await;
    assert!(received.as_bytes() == [sent.as_slice(), b"done\n"].concat(), "{} of {length} bytes", received.len());
    assert!(server.resumes.load(Ordering::SeqCst) > 2);
    // Each dial goes to the original URL, signed afresh.
    let upgrades = server.upgrades.lock().unwrap().clone();
    assert!(upgrades.iter().all(|upgrade| *upgrade == upgrades[0]));
    assert_eq!(upgrades[0].1.as_deref(), Some("AWS4 signed"));
    assert!(upgrades[0].0.ends_with("?role=publish_subscribe"));
}

#[tokio::test]
async fn a_gateway_that_closes_old_sockets_is_not_the_end() {
    let options = Options { socket_lifetime: Duration::from_millis(200), ..Options::prompt() };
    let server = Server::start(options).await;
    let mut screen = server.open("cat").await;
    let mut line = 0;
    while server.resumes.load(Ordering::SeqCst) < 5 {
        line += 1;
        screen.type_in(&format!("line {line}\r")).await;
        screen.until(&format!("line {line}\r\nline {line}\r\n")).await;
    }
    assert_eq!(screen.notices, [""; 0], "nobody is bothered with what takes no time");
}

/// Opens a session whose connection is cut by the second key, and returns how it ends.
async fn exit_after_a_cut(server: &Server, gateway: Gateway) -> Exit {
    let start = server.issue("sh -c 'stty raw -echo; echo ready; cat'");
    let mut screen = Screen::new(ssm::open(start, gateway, SIZE).await.unwrap());
    screen.until("ready\n").await;
    for key in ["a", "b", "c", "d"] {
        // The session may be over by now, and then takes nothing.
        let _over = screen.session.input.send(Input::Bytes(Bytes::from_static(key.as_bytes()))).await;
    }
    screen.exit().await
}

#[tokio::test]
async fn a_session_that_cannot_be_resumed_is_lost_in_words() {
    let options = Options { faults: vec![fault(Direction::ToAgent, 3, 0, Harm::Cut)], ..Options::prompt() };
    let server = Server::start(options).await;

    let over = Gateway { resume: Arc::new(|_| Box::pin(async { Ok(None) })), ..server.gateway() };
    let exit = exit_after_a_cut(&server, over).await;
    let Exit::Lost(reason) = exit else { panic!("{exit:?}") };
    assert!(reason.ends_with("; the session is over or has timed out"), "{reason}");

    server.may_resume.store(false, Ordering::SeqCst);
    let exit = exit_after_a_cut(&server, server.gateway()).await;
    let Exit::Lost(reason) = exit else { panic!("{exit:?}") };
    assert!(reason.ends_with("; could not resume the session: ssm:ResumeSession is denied"), "{reason}");
    assert_eq!(server.resumes.load(Ordering::SeqCst), 1, "what is denied is not asked for again");
}

#[tokio::test]
async fn a_resume_that_takes_its_time_is_told() {
    let options = Options { faults: vec![fault(Direction::ToAgent, 3, 0, Harm::Cut)], ..Options::prompt() };
    let server = Server::start(options).await;
    let (gateway, told) = (server.gateway(), Arc::new(tokio::sync::Notify::new()));
    let (resume, go_on) = (Arc::clone(&gateway.resume), Arc::clone(&told));
    let slow = Gateway {
        resume: Arc::new(move |id| {
            let (resume, go_on) = (Arc::clone(&resume), Arc::clone(&go_on));
            Box::pin(async move {
                go_on.notified().await;
                resume(id).await
            })
        }),
        ..gateway
    };
    let start = server.issue("sh -c 'stty raw -echo; echo ready; cat'");
    let mut screen = Screen::new(ssm::open(start, slow, SIZE).await.unwrap());
    screen.until("ready\n").await;
    screen.type_in("a").await;
    screen.type_in("b").await;
    while screen.notices.is_empty() {
        assert_eq!(screen.next().await, None);
    }
    assert!(screen.notices[0].starts_with("connection lost ("), "{:?}", screen.notices);
    told.notify_one();
    screen.until("ab").await;
    screen.type_in("c").await;
    screen.until("c").await;
    assert_eq!(screen.notices[1..], ["session resumed"]);
}

#[tokio::test]
async fn a_handshake_delays_the_input_and_loses_none() {
    let options = Options { handshake: Some(Handshake::SessionType), ..Options::prompt() };
    let server = Server::start(options).await;
    let mut screen =
        server.open("sh -c 'stty size; trap \"stty size\" WINCH; while :; do read line && echo $line; done'").await;
    screen.type_in("typed ahead\r").await;
    screen.until("24 80\r\n").await;
    screen.until("typed ahead\r\n").await;
}

#[tokio::test]
async fn an_encrypted_session_without_its_key_is_ended_with_a_word() {
    let key = "arn:aws:kms:eu-west-1:111122223333:key/1".to_owned();
    let encryption = Encryption { key, identity: "ecs:prod_0123_0123-1".to_owned(), kms: Kms::new() };
    let options = Options { handshake: Some(Handshake::Encryption(encryption)), ..Options::prompt() };
    let server = Server::start(options).await;
    let error = server.try_open("cat").await.unwrap_err();
    let refused = "no key for this session (kms:GenerateDataKey with arn:aws:kms:eu-west-1:111122223333:key/1): \
                   kms:GenerateDataKey is denied";
    assert_eq!(error.to_string(), refused);
}

#[tokio::test]
async fn a_command_that_cannot_start_is_an_error() {
    let server = Server::start(Options::prompt()).await;
    let error = server.try_open("no-such-program").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "session ended: Unable to start command: Failed to start pty: exec: \"no-such-program\": executable file \
         not found in $PATH"
    );
}

#[tokio::test]
async fn a_wrong_token_does_not_open_and_is_not_told() {
    let server = Server::start(Options::prompt()).await;
    let start = Start { token: Secret::new("wrong-token"), ..server.issue("cat") };
    let error = soon("the opening", ssm::open(start.clone(), server.gateway(), SIZE)).await.unwrap_err();
    assert!(matches!(error, Error::NotLetIn { .. }), "{error}");
    for told in [format!("{error} {error:?}"), format!("{start:?}")] {
        assert!(!told.contains("wrong-token") && !told.contains("role="), "{told}");
    }
}

#[tokio::test]
async fn only_aws_and_where_allowed_this_machine_are_dialled() {
    let server = Server::start(Options::prompt()).await;
    let strict = Gateway { allow_loopback: false, ..server.gateway() };
    let error = ssm::open(server.issue("cat"), strict, SIZE).await.unwrap_err();
    assert_eq!(error.to_string(), "refused to connect to 127.0.0.1: not a Session Manager host of AWS");
    let start = Start { stream_url: Secret::new("wss://evil.example/v1?token=x"), ..server.issue("cat") };
    let error = ssm::open(start, server.gateway(), SIZE).await.unwrap_err();
    assert_eq!(error.to_string(), "refused to connect to evil.example: not a Session Manager host of AWS");
    assert!(server.upgrades.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_url_that_is_signed_already_is_not_signed_again() {
    let server = Server::start(Options::prompt()).await;
    let start = server.issue("cat");
    let url = format!("{}&X-Amz-Signature=0", start.stream_url.expose());
    let start = Start { stream_url: Secret::new(url), ..start };
    let _session = soon("the opening", ssm::open(start, server.gateway(), SIZE)).await.unwrap();
    assert_eq!(server.upgrades.lock().unwrap()[0].1, None);
}

/// Answers a connection with these bytes, then keeps it open and silent.
async fn silent_server(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _read = stream.read(&mut request).await;
            let _written = stream.write_all(answer.as_bytes()).await;
            held.push(stream);
        }
    });
    address
}

/// Opens a session at this address, by this clock.
async fn open_at(address: SocketAddr, clock: &Clock) -> Error {
    let server = Server::start(Options::prompt()).await;
    let url = format!("ws://{address}/v1/data-channel/x?role=publish_subscribe");
    let start = Start { stream_url: Secret::new(url), ..server.issue("cat") };
    let timing = Timing { clock: clock.clone(), ..Timing::default() };
    soon("the refusal", ssm::open_within(start, server.gateway(), SIZE, timing)).await.unwrap_err()
}

#[tokio::test]
async fn a_gateway_that_hangs_is_given_up_after_ten_seconds() {
    let (clock, hand) = Clock::by_hand();
    let address = silent_server("").await;
    let hangs = as_time_goes_by(&hand, Duration::from_millis(100), open_at(address, &clock)).await;
    assert_eq!(hangs.to_string(), "127.0.0.1 did not open the session within 10 s");
}

#[tokio::test]
async fn a_gateway_that_refuses_is_an_error_at_once() {
    let (clock, _stands_still) = Clock::by_hand();
    let refuses = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    let refuses = open_at(silent_server(refuses).await, &clock).await;
    assert_eq!(refuses.to_string(), "127.0.0.1 refused the connection with HTTP status 403");
    let redirects = "HTTP/1.1 302 Found\r\nLocation: ws://evil.example/\r\nContent-Length: 0\r\n\r\n";
    let redirects = open_at(silent_server(redirects).await, &clock).await;
    assert_eq!(redirects.to_string(), "127.0.0.1 refused the connection with HTTP status 302");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = open_at(closed, &clock).await;
    assert!(matches!(nobody, Error::Unreachable { .. }), "{nobody}");
    assert!(!nobody.to_string().contains("role="));
}

#[tokio::test]
async fn an_agent_that_never_comes_is_an_error() {
    let options = Options { start_delay: Duration::from_hours(1), ..Options::prompt() };
    let server = Server::start(options).await;
    let (clock, hand) = Clock::by_hand();
    let timing = Timing { clock, ..Timing::default() };
    let opening = soon("the error", ssm::open_within(server.issue("cat"), server.gateway(), SIZE, timing));
    let error = as_time_goes_by(&hand, Duration::from_millis(100), opening).await.unwrap_err();
    assert_eq!(error.to_string(), "127.0.0.1 did not open the session within 10 s");
}

#[tokio::test]
async fn a_connection_that_stays_silent_is_dead() {
    let server = Server::start(Options::prompt()).await;
    let (start, open) = half_open(&server).await;
    let (clock, hand) = Clock::by_hand();
    let timing = Timing { clock, ..Timing::default() };
    let session = ssm::open_within(start, server.gateway(), SIZE, timing).await.unwrap();
    let mut screen = Screen::new(session);
    screen.type_in("a\r").await;
    as_time_goes_by(&hand, Duration::from_millis(1), screen.until("a\r\na\r\n")).await;
    open.store(false, Ordering::SeqCst);
    screen.type_in("b\r").await;
    as_time_goes_by(&hand, Duration::from_millis(100), screen.until("b\r\nb\r\n")).await;
    assert_eq!(server.resumes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn after_a_machine_has_slept_a_key_finds_the_dead_line() {
    let server = Server::start(Options::prompt()).await;
    let (start, open) = half_open(&server).await;
    let (clock, hand) = Clock::by_hand();
    let timing = Timing { clock, ..Timing::default() };
    let session = ssm::open_within(start, server.gateway(), SIZE, timing).await.unwrap();
    let mut screen = Screen::new(session);
    screen.type_in("a\r").await;
    as_time_goes_by(&hand, Duration::from_millis(1), screen.until("a\r\na\r\n")).await;
    open.store(false, Ordering::SeqCst);
    hand.sleep(Duration::from_hours(8));
    screen.type_in("b\r").await;
    as_time_goes_by(&hand, Duration::from_millis(100), screen.until("b\r\nb\r\n")).await;
    assert_eq!(server.resumes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn without_a_network_a_session_is_tried_for_as_long_as_aws_keeps_it() {
    let options = Options { faults: vec![fault(Direction::ToAgent, 3, 0, Harm::Cut)], ..Options::prompt() };
    let server = Server::start(options).await;
    let (clock, hand) = Clock::by_hand();
    let start_of_day = clock.now();
    let timing = Timing { clock: clock.clone(), ..Timing::default() };
    let attempts = Arc::new(AtomicUsize::new(0));
    let tried = Arc::clone(&attempts);
    let unreachable = Gateway {
        resume: Arc::new(move |_| {
            let number = tried.fetch_add(1, Ordering::SeqCst);
            let reason = if number < 5 { "no route" } else { "credentials have expired" }.to_owned();
            Box::pin(async { Err(Failure { reason, lasts: false }) })
        }),
        ..server.gateway()
    };
    let start = server.issue("sh -c 'stty raw -echo; echo ready; cat'");
    let mut screen = Screen::new(ssm::open_within(start, unreachable, SIZE, timing).await.unwrap());
    screen.until("ready\n").await;
    screen.type_in("a").await;
    screen.type_in("b").await;
    let exit = as_time_goes_by(&hand, Duration::from_millis(500), screen.exit()).await;
    let Exit::Lost(reason) = exit else { panic!("{exit:?}") };
    let told = "; there was no way back for 20 minutes, after which AWS ends a session";
    assert!(reason.ends_with(told), "{reason}");
    assert!(clock.now() - start_of_day >= Duration::from_mins(20));
    assert!(screen.notices[0].starts_with("connection lost ("), "{:?}", screen.notices);
    let still = "still trying to resume the session: ";
    assert_eq!(screen.notices.last().unwrap(), &format!("{still}credentials have expired"));
    assert!(screen.notices.len() <= 3, "each reason is told once: {:?}", screen.notices);
}

#[tokio::test]
async fn the_end_of_the_task_ends_a_session_that_nobody_closes() {
    let server = Server::start(Options::prompt()).await;
    let (clock, hand) = Clock::by_hand();
    let stopped = Arc::new(tokio::sync::Notify::new());
    let has_stopped = Arc::clone(&stopped);
    let gateway = Gateway {
        fate: Arc::new(move |stage| {
            let has_stopped = Arc::clone(&has_stopped);
            Box::pin(async move {
                match stage {
                    Stage::Stopping => "task 1 is being stopped: scale-in".to_owned(),
                    Stage::Stopped => {
                        has_stopped.notified().await;
                        "task 1 has stopped: scale-in\u{1b}[2J".to_owned()
                    }
                }
            })
        }),
        ..server.gateway()
    };
    let timing = Timing { clock, ..Timing::default() };
    let session = ssm::open_within(server.issue("sh -c 'echo ready; cat'"), gateway, SIZE, timing).await.unwrap();
    let mut screen = Screen::new(session);
    while screen.notices.is_empty() {
        assert_eq!(screen.next().await, None);
    }
    assert_eq!(screen.notices, ["task 1 is being stopped: scale-in"]);
    screen.type_in("still here\r").await;
    as_time_goes_by(&hand, Duration::from_millis(1), screen.until("still here\r\nstill here\r\n")).await;
    stopped.notify_one();
    let exit = as_time_goes_by(&hand, Duration::from_secs(1), screen.exit()).await;
    assert_eq!(exit, Exit::Closed("task 1 has stopped: scale-in␛[2J".to_owned()));
}

/// Returns a session behind a line whose first connection is half open once the flag is false.
async fn half_open(server: &Server) -> (Start, Arc<AtomicBool>) {
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (to, front) = (server.address, proxy.local_addr().unwrap());
    let open = Arc::new(AtomicBool::new(true));
    let flows = Arc::clone(&open);
    tokio::spawn(async move {
        let mut first = true;
        while let Ok((near, _)) = proxy.accept().await {
            let flows = if std::mem::take(&mut first) { Arc::clone(&flows) } else { Arc::new(AtomicBool::new(true)) };
            tokio::spawn(pipe(near, TcpStream::connect(to).await.unwrap(), flows));
        }
    });
    let start = server.issue("sh -c 'echo ready; cat'");
    let url = start.stream_url.expose().replace(&to.to_string(), &front.to_string());
    (Start { stream_url: Secret::new(url), ..start }, open)
}

/// Copies both ways, or swallows everything.
async fn pipe(mut near: TcpStream, mut far: TcpStream, flows: Arc<AtomicBool>) {
    let (mut up, mut down) = (vec![0; 4096], vec![0; 4096]);
    loop {
        let (length, to, bytes) = tokio::select! {
            read = near.read(&mut up) => (read.unwrap_or(0), &mut far, &up),
            read = far.read(&mut down) => (read.unwrap_or(0), &mut near, &down),
        };
        if length == 0 {
            return;
        }
        if flows.load(Ordering::SeqCst) && to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn where_terminating_is_denied_the_keys_end_the_command() {
    let server = Server::start(Options::prompt()).await;
    server.may_terminate.store(false, Ordering::SeqCst);
    let mut screen = server.open("cat").await;
    screen.type_in("a\r").await;
    screen.until("a\r\na\r\n").await;
    assert_eq!(soon("the farewell", screen.session.hang_up()).await, None);

    let mut screen = server.open("sh -c 'stty raw -echo; echo ready; exec sleep 1000'").await;
    screen.until("ready\n").await;
    let farewell = soon("the farewell", screen.session.hang_up()).await.unwrap();
    assert_eq!(
        farewell,
        "the remote command goes on until AWS's idle time-out: the session could not be terminated \
         (ssm:TerminateSession is denied)"
    );
}

#[tokio::test]
async fn where_terminating_hangs_the_keys_end_the_command() {
    let server = Server::start(Options::prompt()).await;
    let hanging = Gateway { terminate: Arc::new(|_| Box::pin(std::future::pending())), ..server.gateway() };
    let start = server.issue("sh -c 'echo ready; cat'");
    let mut screen = Screen::new(ssm::open(start, hanging, SIZE).await.unwrap());
    screen.until("ready\r\n").await;
    assert_eq!(soon("the farewell", screen.session.hang_up()).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_that_nobody_reads_is_bounded_and_delays_no_key() {
    let server = Server::start(Options::prompt()).await;
    let screen = server.open("sh -c 'trap \"exit\" INT; echo $$ > pid; yes; :'").await;
    let Screen { session, .. } = screen;
    // Nobody reads. The flood stands still when all buffers are full; the key gets through regardless.
    until("the output is full", || session.output.capacity() == 0 || session.output.len() == 64).await;
    session.input.send(Input::Bytes(Bytes::from_static(b"\x03"))).await.unwrap();
    let mut screen = Screen::new(session);
    let exit = screen.exit().await;
    assert_eq!(exit, Exit::Closed(String::new()));
    assert!(screen.printed.len() < 32 << 20, "{} bytes were held", screen.printed.len());
}
