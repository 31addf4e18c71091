//! The way out, over real sockets: TLS with authorities of one's own, proxies that let through, refuse or hang, and
//! what neither of them gets to see.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod terminal;
}

use std::{
    fs,
    future::Future,
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use common::terminal::Program;
use ecsui::{
    session::{
        Exit, Input, Output as Printed, Secret, Session, Size,
        clock::Clock,
        dial::{Bundle, Destination, Network, Proxies},
        ssm::{self, Error, Gateway, Start, Timing},
    },
    sim::{
        Options, Sim, World,
        agent::{self, Launch, Sessions},
    },
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    select,
    sync::Notify,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::handshake::server::{Request, Response},
};

const SIZE: Size = Size { columns: 80, rows: 24 };
/// A host that sessions lead to.
const AWS: &str = "ssmmessages.eu-west-1.amazonaws.com";
/// After this a test is stuck.
const STUCK: Duration = Duration::from_mins(1);

/// Fails a test that waits for what never comes.
async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(STUCK, future).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// Who signs certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn bundle(&self) -> Bundle {
        Bundle::parse(self.pem().as_bytes()).unwrap()
    }

    /// Returns what takes connections with a certificate for a name.
    fn acceptor(&self, name: &str) -> TlsAcceptor {
        self.acceptor_until(name, 4000)
    }

    /// Returns what takes connections with a certificate for a name, good up to a year.
    fn acceptor_until(&self, name: &str, year: i32) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(year, 1, 1));
        let certificate = params.signed_by(&key, &self.0).unwrap().der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.unwrap().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A Session Manager of one's own, with agents behind it.
struct Far {
    address: SocketAddr,
    sessions: Sessions,
}

impl Far {
    async fn start(acceptor: TlsAcceptor) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let far = Self { address: listener.local_addr().unwrap(), sessions: Sessions::new(agent::Options::prompt()) };
        let sessions = far.sessions.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, acceptor.clone(), sessions.clone()));
            }
        });
        far
    }

    /// Issues a session that seems to be at `authority`.
    fn issue(&self, authority: &str, command: &str) -> Start {
        let session_id = format!("ecs-execute-command-{}", uuid::Uuid::new_v4().simple());
        let launch =
            Launch { session_id, command: command.to_owned(), environment: Vec::new(), label: "app".to_owned() };
        let issued = self.sessions.create(launch);
        let url = format!("wss://{authority}/v1/data-channel/{}?role=publish_subscribe", issued.session_id);
        Start {
            label: "app".to_owned(),
            session_id: issued.session_id,
            target: None,
            stream_url: Secret::new(url),
            token: Secret::new(issued.token),
        }
    }
}

/// Upgrades one connection and joins it to its session.
async fn serve(stream: TcpStream, acceptor: TlsAcceptor, sessions: Sessions) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let mut path = String::new();
    #[expect(clippy::result_large_err, reason = "the callback's type is tungstenite's")]
    let note = |request: &Request, response: Response| {
        assert!(request.headers().contains_key("authorization"), "the upgrade is signed");
        request.uri().path().clone_into(&mut path);
        Ok(response)
    };
    if let Ok(socket) = accept_hdr_async(stream, note).await {
        let session_id = path.rsplit('/').next().unwrap_or_default().to_owned();
        sessions.connect(session_id, socket).await;
    }
}

fn gateway(far: &Far, network: Network) -> Gateway {
    let sessions = far.sessions.clone();
    Gateway {
        sign: Arc::new(|_| Box::pin(async { Ok(vec![("Authorization".to_owned(), "AWS4 signed".to_owned())]) })),
        resume: Arc::new(move |id| {
            let token = sessions.resume(&id).map(Secret::new);
            Box::pin(async { Ok(token) })
        }),
        terminate: Arc::new(|_| Box::pin(async { Ok(()) })),
        fate: Arc::new(|_| Box::pin(std::future::pending())),
        data_key: Arc::new(|_| Box::pin(std::future::pending())),
        allow_loopback: true,
        network,
    }
}

/// Reads a session's output until `text` was printed.
async fn printed(session: &mut Session, text: &str) {
    let mut all = Vec::new();
    while !String::from_utf8_lossy(&all).contains(text) {
        match soon(text, session.output.recv()).await.unwrap() {
            Printed::Bytes(bytes) | Printed::Stderr(bytes) => all.extend_from_slice(&bytes),
            Printed::Notice(_) => {}
            Printed::Exit(exit) => panic!("{exit:?} before {text:?}: {}", String::from_utf8_lossy(&all)),
        }
    }
}

/// Reads a session's output to its end.
async fn exit(session: &mut Session) -> Exit {
    loop {
        if let Printed::Exit(exit) = soon("the exit", session.output.recv()).await.unwrap() {
            return exit;
        }
    }
}

/// What a proxy does with who asks.
#[derive(Debug, Clone, Copy)]
enum Manner {
    /// Connects everybody to there, whatever was asked for.
    Connect(SocketAddr),
    /// The same, a byte at a time.
    Dribble(SocketAddr),
    /// Answers this and closes.
    Say(&'static str),
    /// Answers nothing.
    Hang,
}

/// A proxy.
struct Between {
    address: SocketAddr,
    heard: Arc<Mutex<Heard>>,
    cut: Arc<Notify>,
}

/// What a proxy was told.
#[derive(Debug, Default)]
struct Heard {
    /// The heads of requests.
    asked: Vec<String>,
    /// What went to the far side.
    passed: Vec<u8>,
}

impl Between {
    async fn start(manner: Manner) -> Self {
        Self::start_with(manner, None).await
    }

    async fn start_with(manner: Manner, acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let between = Self { address: listener.local_addr().unwrap(), heard: Arc::default(), cut: Arc::default() };
        let (heard, cut) = (Arc::clone(&between.heard), Arc::clone(&between.cut));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, heard, cut) = (acceptor.clone(), Arc::clone(&heard), Arc::clone(&cut));
                tokio::spawn(async move {
                    let served = async {
                        match acceptor {
                            None => between_two(stream, manner, &heard).await,
                            Some(acceptor) => {
                                if let Ok(stream) = acceptor.accept(stream).await {
                                    between_two(stream, manner, &heard).await;
                                }
                            }
                        }
                    };
                    select! {
                        () = served => {}
                        () = cut.notified() => {}
                    }
                });
            }
        });
        between
    }

    /// Returns its URL, with a user and a password.
    fn url(&self) -> Secret {
        Secret::new(format!("http://me:p%40ss@{}", self.address))
    }

    /// Drops the connections that there are.
    fn cut(&self) {
        self.cut.notify_waiters();
    }

    fn asked(&self) -> Vec<String> {
        self.heard.lock().unwrap().asked.clone()
    }

    fn passed(&self) -> Vec<u8> {
        self.heard.lock().unwrap().passed.clone()
    }
}

/// Answers one connection to a proxy.
async fn between_two(mut near: impl AsyncRead + AsyncWrite + Unpin, manner: Manner, heard: &Mutex<Heard>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = near.read_u8().await else { return };
        head.push(byte);
    }
    heard.lock().unwrap().asked.push(String::from_utf8(head).unwrap());
    let (far, piece) = match manner {
        Manner::Connect(far) => (far, 4096),
        Manner::Dribble(far) => (far, 1),
        Manner::Say(words) => return near.write_all(words.as_bytes()).await.unwrap_or_default(),
        Manner::Hang => std::future::pending().await,
    };
    let mut far = TcpStream::connect(far).await.unwrap();
    for byte in b"HTTP/1.1 200 Connection established\r\nVia: between\r\n\r\n".chunks(piece) {
        near.write_all(byte).await.unwrap();
        near.flush().await.unwrap();
    }
    let (mut out, mut back) = (vec![0; piece], vec![0; piece]);
    loop {
        let moved = select! {
            read = near.read(&mut out) => match read {
                Ok(count @ 1..) => {
                    heard.lock().unwrap().passed.extend_from_slice(&out[..count]);
                    far.write_all(&out[..count]).await
                }
                _ => return,
            },
            read = far.read(&mut back) => match read {
                Ok(count @ 1..) => match near.write_all(&back[..count]).await {
                    Ok(()) => near.flush().await,
                    failed => failed,
                },
                _ => return,
            },
        };
        if moved.is_err() {
            return;
        }
    }
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[tokio::test]
async fn a_session_goes_through_the_proxy_which_sees_nothing_of_it() {
    let authority = Authority::new("ours");
    let far = Far::start(authority.acceptor(AWS)).await;
    for (manner, by_tls) in [
        (Manner::Connect(far.address), false),
        (Manner::Dribble(far.address), false),
        (Manner::Connect(far.address), true),
    ] {
        let acceptor = by_tls.then(|| authority.acceptor("127.0.0.1"));
        let between = Between::start_with(manner, acceptor).await;
        let url =
            if by_tls { between.url().expose().replace("http:", "https:") } else { between.url().expose().into() };
        let network = Network::new(Proxies::through(&Secret::new(url), ""), Some(authority.bundle()));
        let start = far.issue(AWS, "sh -c 'read line; echo over $((6*7)) $line'");
        let (session_id, token) = (start.session_id.clone(), start.token.clone());
        let mut session = soon("the opening", ssm::open(start, gateway(&far, network), SIZE)).await.unwrap();
        session.input.send(Input::Bytes("the wire\r".into())).await.unwrap();
        printed(&mut session, "over 42 the wire").await;
        assert_eq!(exit(&mut session).await, Exit::Closed(String::new()), "{manner:?}");

        assert_eq!(
            between.asked(),
            [format!(
                "CONNECT {AWS}:443 HTTP/1.1\r\nHost: {AWS}:443\r\nProxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n"
            )]
        );
        let passed = between.passed();
        assert!(passed.starts_with(b"\x16\x03"), "TLS begins at once");
        for secret in [token.expose(), &session_id, "AWS4 signed", "bWU6", "the wire"] {
            assert!(!contains(&passed, secret), "{secret} was seen");
        }
    }
}

#[tokio::test]
async fn a_session_that_was_cut_comes_back_through_the_proxy() {
    let authority = Authority::new("ours");
    let far = Far::start(authority.acceptor(AWS)).await;
    let between = Between::start(Manner::Connect(far.address)).await;
    let network = Network::new(Proxies::through(&between.url(), ""), Some(authority.bundle()));
    let start = far.issue(AWS, "sh -c 'echo ready; read line; echo over $line'");
    let mut session = soon("the opening", ssm::open(start, gateway(&far, network), SIZE)).await.unwrap();
    printed(&mut session, "ready").await;
    between.cut();
    session.input.send(Input::Bytes("again\r".into())).await.unwrap();
    printed(&mut session, "over again").await;
    assert_eq!(exit(&mut session).await, Exit::Closed(String::new()));
    let asked = between.asked();
    assert!(asked.len() == 2 && asked[0] == asked[1], "{asked:?}");
}

#[tokio::test]
async fn this_machine_is_reached_without_the_proxy() {
    let authority = Authority::new("ours");
    let far = Far::start(authority.acceptor("localhost")).await;
    let between = Between::start(Manner::Say("HTTP/1.1 403 Forbidden\r\n\r\n")).await;
    let network = Network::new(Proxies::through(&between.url(), ""), Some(authority.bundle()));
    let start = far.issue(&format!("localhost:{}", far.address.port()), "echo here");
    let mut session = soon("the opening", ssm::open(start, gateway(&far, network), SIZE)).await.unwrap();
    printed(&mut session, "here").await;
    assert!(between.asked().is_empty());
}

#[test]
fn what_no_proxy_lists_is_reached_without_it() {
    let url = Secret::new("http://proxy.example:3128");
    let proxy = |except: &str| {
        let network = Network::new(Proxies::through(&url, except), None);
        network.proxy_toward(&Destination::with_tls(AWS, 443))
    };
    assert_eq!(proxy("").as_deref(), Some("proxy.example:3128"));
    assert_eq!(proxy("example.com,amazonaws.co").as_deref(), Some("proxy.example:3128"));
    for except in ["amazonaws.com", "example.com, .amazonaws.com", AWS, "*"] {
        assert_eq!(proxy(except), None, "{except}");
    }
}

/// Returns why no session can be had through a proxy of this manner, with its hint.
async fn refused(manner: Manner) -> (String, Option<String>) {
    let authority = Authority::new("ours");
    let far = Far::start(authority.acceptor(AWS)).await;
    let between = Between::start(manner).await;
    let network = Network::new(Proxies::through(&between.url(), ""), Some(authority.bundle()));
    let opening = ssm::open(far.issue(AWS, "true"), gateway(&far, network), SIZE);
    let error = soon("the refusal", opening).await.unwrap_err();
    let told = format!("{error} {error:?} {:?}", error.hint());
    assert!(!told.contains("p%40ss") && !told.contains("p@ss") && !told.contains("bWU6"), "{told}");
    (error.to_string().replace(&between.address.to_string(), "[proxy]"), error.hint())
}

#[tokio::test]
async fn a_proxy_that_does_not_let_through_is_told_in_words() {
    let before = format!("could not connect to {AWS}: the proxy [proxy]");
    for (answer, words, hint) in [
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "refused the connection with HTTP status 403", "NO_PROXY"),
        ("HTTP/1.1 407 Who\r\n\r\n", "asks for another user or password", "http://user:password@host:port"),
        ("", "did not open the connection: its answer broke off", "HTTPS_PROXY"),
        ("HTTP/1.1 200 OK\r\nVia", "did not open the connection: its answer broke off", "HTTPS_PROXY"),
        ("220 mail.example ESMTP\r\n", "did not open the connection: its answer is not HTTP", "HTTPS_PROXY"),
    ] {
        let (told, hinted) = refused(Manner::Say(answer)).await;
        assert_eq!(told, format!("{before} {words}"));
        assert!(hinted.as_ref().is_some_and(|hinted| hinted.contains(hint)), "{hinted:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let far = Far::start(Authority::new("ours").acceptor(AWS)).await;
    let network = Network::new(Proxies::through(&Secret::new(format!("{nobody}")), ""), None);
    let error = soon("the refusal", ssm::open(far.issue(AWS, "true"), gateway(&far, network), SIZE)).await.unwrap_err();
    let told = error.to_string();
    assert!(told.starts_with(&format!("could not connect to {AWS}: the proxy {nobody} cannot be reached: ")), "{told}");
}

#[tokio::test]
async fn a_proxy_that_hangs_ends_with_the_limit_of_the_opening() {
    let far = Far::start(Authority::new("ours").acceptor(AWS)).await;
    let between = Between::start(Manner::Hang).await;
    let network = Network::new(Proxies::through(&between.url(), ""), None);
    let (clock, hand) = Clock::by_hand();
    let timing = Timing { clock, ..Timing::default() };
    let opening = tokio::spawn(ssm::open_within(far.issue(AWS, "true"), gateway(&far, network), SIZE, timing));
    soon("the request", async {
        while between.asked().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    hand.advance(Duration::from_millis(9_999));
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!opening.is_finished(), "it has 10 s");
    hand.advance(Duration::from_millis(1));
    let error = soon("the end", opening).await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Silent { .. }), "{error:?}");
    assert_eq!(error.hint(), Some(format!("the way there leads through the proxy {}", between.address)));
}

#[tokio::test]
async fn who_cannot_be_believed_is_told_in_words() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let hint = "the file that AWS_CA_BUNDLE or the profile's `ca_bundle` names must hold its issuer's certificate";
    let cases = [
        (
            theirs.acceptor("localhost"),
            "its certificate comes from an authority that is not trusted here",
            Some(hint.to_owned()),
        ),
        // Of the same name, but not the same.
        (
            Authority::new("ours").acceptor("localhost"),
            "its certificate comes from an authority that is not trusted here",
            Some(hint.to_owned()),
        ),
        (ours.acceptor("other.example"), "its certificate is for another name: other.example", None),
        (
            ours.acceptor_until("localhost", 2001),
            "its certificate has expired",
            Some("is the clock of this machine right?".to_owned()),
        ),
    ];
    for (acceptor, words, hint) in cases {
        let far = Far::start(acceptor).await;
        let network = Network::new(Proxies::default(), Some(ours.bundle()));
        let start = far.issue(&format!("localhost:{}", far.address.port()), "true");
        let error = soon("the refusal", ssm::open(start, gateway(&far, network), SIZE)).await.unwrap_err();
        assert_eq!((error.to_string(), error.hint()), (format!("could not connect to localhost: {words}"), hint));
    }
}

#[tokio::test]
async fn who_does_not_speak_tls_is_told_in_words() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let _until_it_is_gone = stream.read_to_end(&mut Vec::new()).await;
    });
    let network = Network::new(Proxies::default(), Some(Authority::new("ours").bundle()));
    let destination = Destination::with_tls("127.0.0.1", address.port());
    let error = soon("the refusal", network.connect(&destination)).await.err().unwrap();
    assert_eq!(error.to_string(), "it does not speak TLS");
}

/// A simulated AWS with TLS, and files beside it.
struct Shop {
    sim: Sim,
    home: tempfile::TempDir,
}

impl Shop {
    async fn open() -> Self {
        let mut world = World::empty();
        world.add_cluster("prod");
        world.add_service("prod", "api", 1);
        let sim = Sim::start(world, Options { tls: true, ..Options::default() }).await.unwrap();
        Self { sim, home: tempfile::tempdir().unwrap() }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Returns what lets the program in.
    fn environment(&self) -> [(&'static str, &str); 4] {
        [
            ("AWS_ENDPOINT_URL", self.sim.endpoint()),
            ("AWS_REGION", self.sim.region()),
            ("AWS_ACCESS_KEY_ID", self.sim.access_key()),
            ("AWS_SECRET_ACCESS_KEY", self.sim.secret_key()),
        ]
    }

    /// Returns `ecsui ls`, let in but for the certificate. This machine's own authorities are those of a file, so that
    /// nothing depends on it.
    fn ls(&self) -> Command {
        let roots = self.write("roots.pem", &Authority::new("theirs").pem());
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecsui"));
        command.arg("ls").env_clear().envs(self.environment()).current_dir(&self.home).stdin(Stdio::null());
        command.env("HOME", self.home.path()).env("AWS_EC2_METADATA_DISABLED", "true").env("SSL_CERT_FILE", roots);
        command
    }
}

fn seen(Output { status, stdout, stderr }: Output) -> (Option<i32>, String, String) {
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_believes_the_bundle_and_nobody_without_it() {
    let shop = Shop::open().await;
    let bundle = shop.write("ca.pem", shop.sim.ca_pem().unwrap());
    let (code, stdout, stderr) = seen(shop.ls().env("AWS_CA_BUNDLE", &bundle).output().unwrap());
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.contains("prod"), "{stdout}");

    let (code, stdout, stderr) = seen(shop.ls().output().unwrap());
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert_eq!(
        stderr,
        "error: the clusters cannot be listed: ecs:ListClusters: cannot be reached: its certificate comes from an \
         authority that is not trusted here\nhint: the file that AWS_CA_BUNDLE or the profile's `ca_bundle` names must \
         hold its issuer's certificate\n"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_opens_a_session_over_tls() {
    let shop = Shop::open().await;
    let bundle = shop.write("ca.pem", shop.sim.ca_pem().unwrap());
    // Nothing of it leaves this machine.
    let between = Between::start(Manner::Say("HTTP/1.1 403 Forbidden\r\n\r\n")).await;
    let script = "read line; echo over $((6*7)) $line";
    let mut program = Program::new(env!("CARGO_BIN_EXE_ecsui"))
        .args(["exec", "prod/api", "app", "--", "sh", "-c", script])
        .env("AWS_CA_BUNDLE", &bundle)
        .env("HTTPS_PROXY", format!("http://{}", between.address));
    for (name, value) in shop.environment() {
        program = program.env(name, value);
    }
    let session = tokio::task::spawn_blocking(move || {
        let mut terminal = program.start(100, 30);
        terminal.type_in("TLS\r");
        terminal.wait_for("over 42 TLS");
        assert_eq!(terminal.wait_for_end().exit_code(), 0);
        terminal.assert_restored();
    });
    session.await.unwrap();
    assert!(between.asked().is_empty());
    let upgraded = shop.sim.calls().iter().any(|call| call.operation == "OpenDataChannel");
    assert!(upgraded, "the session went through the simulated gateway");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_and_sessions_read_the_same_proxy_out_of_the_environment() {
    let shop = Shop::open().await;
    let between = Between::start(Manner::Say("HTTP/1.1 407 Who\r\n\r\n")).await;
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let mut ls = shop.ls();
        let (code, _, stderr) =
            seen(ls.env_remove("AWS_ENDPOINT_URL").env(name, between.url().expose()).output().unwrap());
        assert_eq!(code, Some(1), "{stderr}");
        // What sessions would go through is what the hint names.
        assert!(stderr.contains(&format!("hint: calls go through the proxy {}", between.address)), "{stderr}");
        assert!(!stderr.contains("p%40ss") && !stderr.contains("p@ss") && !stderr.contains("bWU6"), "{stderr}");
        let asked = std::mem::take(&mut between.heard.lock().unwrap().asked);
        assert!(asked.iter().all(|head| head.starts_with("CONNECT ecs.eu-west-1.amazonaws.com:443 ")), "{asked:?}");
        assert!(!asked.is_empty(), "{name} is not followed");
        assert!(!asked.concat().contains(shop.sim.access_key()), "{asked:?}");
    }
}
