//! Drives real clients of Session Manager's data channel, side by side, and prints the session rows of the performance
//! table.
//!
//! `cargo bench --bench session [-- --peer 'COMMAND …' …] [--only ROWS]`. Each client is a column: `ecsui exec` as it is
//! built, the least that a client can be (`bare.rs`), and every peer. In a peer's command `{json}` stands for the answer
//! of ExecuteCommand as the AWS CLI hands it to session-manager-plugin, `{env}` for the name of the variable that holds
//! it, and `{region}`, `{target}` (`ecs:CLUSTER_TASK_RUNTIME`) and `{endpoint}` for themselves; so the plugin is
//!
//! ```text
//! --peer 'session-manager-plugin {env} {region} StartSession "" {"Target":"{target}"} {endpoint}'
//! ```
//!
//! It measures and never judges: a slow machine is no failure. The far side is a process of its own (`far.rs`): the
//! simulated agent where a program must be reached, and an agent without a PTY (`fountain.rs`) where the simulated one,
//! as slow as the real one, would be what is measured. Keys are typed in turn into clients that run side by side, so
//! that they share what the machine does meanwhile.

#![expect(clippy::print_stdout, reason = "it prints what it measured")]

#[path = "session/bare.rs"]
mod bare;
#[path = "session/client.rs"]
mod client;
#[path = "session/far.rs"]
mod far;
#[path = "session/fountain.rs"]
mod fountain;
#[path = "session/wire.rs"]
mod wire;

use std::{
    env,
    fmt::Write as _,
    io,
    process::ExitCode,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use bare::Bare;
use client::{Client, Launch, Place, Result, in_words};
use ecsui::{
    ops::exec::{self, Command},
    session::{
        Secret, Size,
        dial::Network,
        ssm::{self, Gateway, Start},
    },
    terminal::{Keyboard, Ours, Signals, join},
};
use far::{Account, Ear, Far};
use serde_json::{Value, json};
use tokio::runtime::Builder;

/// The variable in which the AWS CLI hands a session to session-manager-plugin.
const SESSION: &str = "AWS_SSM_START_SESSION_RESPONSE";
/// Stands where a contestant has no such row.
const NONE: &str = "–";
/// How many sessions are opened for a row.
const OPENINGS: usize = 20;
/// How many keys are typed for a row.
const KEYS: usize = 2000;
/// The time between two keys; what they cause is over by then.
const PAUSE: Duration = Duration::from_millis(1);
/// How many times a terminal is resized for a row, and one that a slow client has.
const RESIZES: [usize; 2] = [200, 25];
/// How much is printed for a row.
const DOWN: usize = 200_000_000;
/// How much is uploaded for a row, and by a peer.
const UP: [usize; 2] = [20_000_000, 4_000_000];
/// How long idle clients are watched.
const WATCH: Duration = Duration::from_secs(10);

/// What a session was started with.
#[derive(Debug, Clone)]
struct Ticket {
    session_id: String,
    stream_url: String,
    token: String,
}

impl Ticket {
    fn to_json(&self) -> String {
        json!({ "SessionId": self.session_id, "StreamUrl": self.stream_url, "TokenValue": self.token }).to_string()
    }

    fn of_json(text: &str) -> Self {
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Self { session_id: text("SessionId"), stream_url: text("StreamUrl"), token: text("TokenValue") }
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match &words[..] {
        ["--far-side"] => far::serve().map_err(in_words),
        ["--bare"] => bare::run().map_err(in_words),
        ["--into-pipe"] => into_pipe().map_err(in_words),
        ["--program", program, address] => far::run(program, address).map_err(in_words),
        options => measure(options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// One column of the table.
enum Contestant {
    Ours,
    Bare,
    Peer(Vec<String>),
}

impl Contestant {
    fn name(&self) -> &str {
        match self {
            Self::Ours => "ecsui",
            Self::Bare => "floor",
            Self::Peer(words) => words[0].rsplit('/').next().map_or("peer", |name| &name[..name.len().min(20)]),
        }
    }

    /// Starts it on a command at the far side.
    fn start(&self, far: &Far, account: &Account, command: &[String], place: Place) -> Result<Client> {
        let mut launch = Launch::default();
        let variables = account.variables();
        launch.environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let me = || -> Result<String> { Ok(env::current_exe().map_err(in_words)?.to_string_lossy().into_owned()) };
        if matches!(self, Self::Ours) && place == Place::Terminal {
            let words = [env!("CARGO_BIN_EXE_ecsui"), "exec", far::SERVICE, "--"].map(str::to_owned);
            launch.words = words.into_iter().chain(command.iter().cloned()).collect();
            return Client::start(&launch, place);
        }
        let words = shlex::try_join(command.iter().map(String::as_str)).map_err(in_words)?;
        let ticket = far.runtime.block_on(account.execute(&words))?;
        launch.words = match self {
            Self::Ours => vec![me()?, "--into-pipe".to_owned()],
            Self::Bare => vec![me()?, "--bare".to_owned()],
            Self::Peer(words) => {
                let (cluster, task) = (account.target.cluster.name(), account.target.task.name());
                let runtime = account.target.runtime_id.as_deref().unwrap_or_default();
                let target = format!("ecs:{cluster}_{task}_{runtime}");
                let fill = |word: &String| {
                    let word = word.replace("{json}", &ticket.to_json()).replace("{env}", SESSION);
                    let word = word.replace("{region}", &account.region).replace("{target}", &target);
                    word.replace("{endpoint}", &account.endpoint)
                };
                words.iter().map(fill).collect()
            }
        };
        launch.environment.insert(SESSION.to_owned(), ticket.to_json());
        Client::start(&launch, place)
    }

    /// Starts it with a fountain at the far side, and waits for it.
    fn open(&self, far: &Far, command: &str, place: Place) -> Result<Client> {
        let command: Vec<String> = command.split(' ').map(str::to_owned).collect();
        let mut client = self.start(far, &far.fountain, &command, place)?;
        client.wait_for(fountain::READY)?;
        if let Self::Peer(_) = self {
            // session-manager-plugin takes its terminal after the first word.
            thread::sleep(Duration::from_millis(500));
        }
        Ok(client)
    }
}

/// Measures and prints rows.
type Measure = fn(&Table);

/// The table under way.
struct Table {
    far: Far,
    contestants: Vec<Contestant>,
}

fn measure(options: &[&str]) -> Result<()> {
    let mut contestants = vec![Contestant::Ours, Contestant::Bare];
    let mut only = None;
    for option in options.chunks(2) {
        match option {
            ["--peer", command] => {
                let words = shlex::split(command).filter(|words| !words.is_empty());
                contestants.push(Contestant::Peer(words.ok_or("a peer is a command")?));
            }
            ["--only", rows] => only = Some(*rows),
            other => return Err(format!("what is {other:?}? There is --peer 'COMMAND …' and --only ROWS")),
        }
    }
    let table = Table { far: Far::start()?, contestants };
    let names = table.contestants.iter().map(|contestant| Ok(contestant.name().to_owned())).collect();
    print("p50 / p99 where there are two figures", names);
    let rows: [(&str, Measure); 8] = [
        ("open", Table::open),
        ("echo", Table::echo),
        ("resize", Table::resize),
        ("flood", Table::flood),
        ("pipe", |table| table.bulk(Place::Pipe)),
        ("terminal", |table| table.bulk(Place::Terminal)),
        ("upload", Table::upload),
        ("idle", Table::idle),
    ];
    for (name, row) in rows {
        if only.is_none_or(|only| only.split(',').any(|wanted| wanted == name)) {
            row(&table);
        }
    }
    Ok(())
}

impl Table {
    /// Prints what `measure` gives for each contestant.
    fn row(&self, name: &str, measure: impl Fn(&Contestant) -> Result<String>) {
        print(name, self.contestants.iter().map(measure).collect());
    }

    /// Start → the far side's first word. `ecsui` also finds its container (4 calls) and starts the session.
    fn open(&self) {
        self.row("open: start of the process → first word", |contestant| {
            let times = repeat(OPENINGS, || {
                let command = ["echo".to_owned()];
                let mut client = contestant.start(&self.far, &self.far.fountain, &command, Place::Terminal)?;
                client.wait_for(fountain::READY)?;
                Ok(client.started.elapsed())
            })?;
            Ok(two(&times))
        });
        let account = &self.far.fountain;
        self.row("open: ExecuteCommand → first word, in one process", |contestant| {
            let times = repeat(OPENINGS, || {
                let begun = Instant::now();
                match contestant {
                    Contestant::Ours => self.far.runtime.block_on(async {
                        let command = Command::Shell("echo".to_owned());
                        let size = Size { columns: 80, rows: 24 };
                        let opened =
                            exec::open(&account.cx, &account.target, &command, size).await.map_err(in_words)?;
                        let took = begun.elapsed();
                        let _last_word = opened.hang_up().await;
                        Ok(took)
                    }),
                    Contestant::Bare => {
                        let ticket = self.far.runtime.block_on(account.execute("echo"))?;
                        Bare::open(&ticket).and_then(|mut bare| bare.read(&mut Vec::new())).map_err(in_words)?;
                        Ok(begun.elapsed())
                    }
                    Contestant::Peer(_) => Err(NONE.to_owned()),
                }
            })?;
            Ok(two(&times))
        });
    }

    /// Key → echo, less what the agent itself takes.
    fn echo(&self) {
        let (terminal, pipe) = (Place::Terminal, Place::Pipe);
        for (name, command, place) in [
            ("echo in a terminal", "echo", terminal),
            ("echo while 1 KiB a ms is printed", "flood", terminal),
            // Where the machine is busy, the kernel's terminals are late: they are a job of a thread like any other.
            ("echo over pipes", "echo", pipe),
        ] {
            let (agent, times) = match self.echoes(command, place) {
                Ok(echoes) => echoes,
                Err(why) => return println!("{name}: {why}"),
            };
            println!("{:<64}{:>22}", format!("{name}: of the agent, without a client"), two(&agent));
            let base = middle(&agent);
            let added = |times: &Result<Vec<Duration>>| {
                let times = times.as_ref().map_err(Clone::clone)?;
                Ok(two(&times.iter().map(|time| time.saturating_sub(base)).collect::<Vec<_>>()))
            };
            print(&format!("{name}: added to the agent's median"), times.iter().map(added).collect());
        }
    }

    /// Returns the agent's own echoes, and those of each contestant.
    #[expect(clippy::type_complexity, reason = "the second half failed or not one by one")]
    fn echoes(&self, command: &str, place: Place) -> Result<(Vec<Duration>, Vec<Result<Vec<Duration>>>)> {
        let ticket = self.far.runtime.block_on(self.far.fountain.execute(command))?;
        let mut agent = Bare::open(&ticket).map_err(in_words)?;
        let mut clients: Vec<Result<Client>> =
            self.contestants.iter().map(|contestant| contestant.open(&self.far, command, place)).collect();
        let mut own = Vec::new();
        let mut times: Vec<Vec<Duration>> = self.contestants.iter().map(|_| Vec::new()).collect();
        for _ in 0..KEYS {
            let begun = Instant::now();
            let mut printed = Vec::new();
            agent.type_in(b"K").map_err(in_words)?;
            while !printed.contains(&b'K') {
                agent.read(&mut printed).map_err(in_words)?;
            }
            own.push(begun.elapsed());
            thread::sleep(PAUSE);
            for (client, times) in clients.iter_mut().zip(&mut times) {
                if let Ok(running) = client {
                    let begun = Instant::now();
                    let echo = running.type_in(b"K").and_then(|()| running.wait_for(b"K"));
                    times.push(begun.elapsed());
                    if let Err(why) = echo {
                        *client = Err(why);
                    }
                    thread::sleep(PAUSE);
                }
            }
        }
        Ok((own, clients.into_iter().zip(times).map(|(client, times)| client.map(|_| times)).collect()))
    }

    /// New size of the terminal → SIGWINCH in the far program.
    fn resize(&self) {
        self.row("resize → SIGWINCH in the far program", |contestant| {
            if let Contestant::Bare = contestant {
                return Err(NONE.to_owned());
            }
            let mut ear = Ear::new()?;
            let client = self.program(contestant, "winch", &mut ear)?;
            drain(&client)?;
            // Whatever is said about the first size has been said.
            thread::sleep(Duration::from_secs(2));
            ear.forget()?;
            let mut columns = 81;
            let times = repeat(RESIZES[usize::from(matches!(contestant, Contestant::Peer(_)))], || {
                columns += 1;
                let begun = far::now();
                client.resize(columns, 30)?;
                let took = ear.hear(begun)?;
                // Not in step with a client that looks at its terminal from time to time.
                thread::sleep(Duration::from_millis(5 + u64::from(columns) * 37 % 50));
                Ok(took)
            })?;
            Ok(two(&times))
        });
    }

    /// Key → far program, while that prints endlessly.
    fn flood(&self) {
        self.row("key → far program that prints endlessly", |contestant| {
            let mut ear = Ear::new()?;
            let client = self.program(contestant, "flood", &mut ear)?;
            drain(&client)?;
            let times = repeat(KEYS, || {
                let begun = far::now();
                client.type_in(b"k")?;
                let took = ear.hear(begun)?;
                thread::sleep(PAUSE);
                Ok(took)
            })?;
            Ok(two(&times))
        });
    }

    /// Starts a contestant on a far program, and waits for that.
    fn program(&self, contestant: &Contestant, program: &str, ear: &mut Ear) -> Result<Client> {
        let mut client = contestant.start(&self.far, &self.far.agent, &ear.command(program)?, Place::Terminal)?;
        client.wait_for(b"READY")?;
        ear.listen()?;
        Ok(client)
    }

    /// What is printed in bulk.
    fn bulk(&self, place: Place) {
        let into = if place == Place::Pipe { "a pipe" } else { "a terminal" };
        let measured: Vec<Result<(Duration, Duration)>> = self
            .contestants
            .iter()
            .map(|contestant| {
                let mut client = contestant.open(&self.far, &format!("source {DOWN}"), place)?;
                let right = fountain::bulk(0, 1 << 20);
                let (begun, computed) = (Instant::now(), client.processor_time());
                client.type_in(b"K")?;
                let mut taken = 0;
                while taken < DOWN {
                    let bytes = client.read()?;
                    let at = taken % fountain::PERIOD;
                    if bytes != &right[at..at + bytes.len()] {
                        return Err("other bytes".to_owned());
                    }
                    taken += bytes.len();
                }
                Ok((begun.elapsed(), client.processor_time().saturating_sub(computed)))
            })
            .collect();
        let cells = |cell: fn(&(Duration, Duration)) -> String| {
            measured.iter().map(|measured| measured.as_ref().map(cell).map_err(Clone::clone)).collect()
        };
        print(&format!("bulk output into {into}"), cells(|(time, _)| rate(DOWN, *time)));
        print(
            "  processor time of the client a MB",
            cells(|(_, time)| format!("{:.2} ms", time.as_secs_f64() * 1e9 / DOWN as f64)),
        );
    }

    /// What is typed in bulk.
    fn upload(&self) {
        self.row("upload from a terminal", |contestant| {
            let length = UP[usize::from(matches!(contestant, Contestant::Peer(_)))];
            let mut client = contestant.open(&self.far, &format!("sink {length}"), Place::Terminal)?;
            let begun = Instant::now();
            let input = client.input()?;
            let typist = thread::spawn(move || {
                let bytes = fountain::bulk(0, length);
                let mut rest = &bytes[..];
                while let Ok(taken @ 1..) = rustix::io::write(&input, rest) {
                    rest = &rest[taken..];
                }
            });
            let mut said = Vec::new();
            while !said.ends_with(fountain::DONE) {
                said.extend_from_slice(client.read()?);
                if said.windows(fountain::WRONG.len()).any(|window| window == fountain::WRONG) {
                    return Err("other bytes".to_owned());
                }
            }
            let took = begun.elapsed();
            typist.join().map_err(|_| "the typist panicked")?;
            Ok(rate(length, took))
        });
    }

    /// What a client at the prompt costs.
    fn idle(&self) {
        let shell = ["sh".to_owned()];
        let start = |contestant: &Contestant| {
            let mut client = contestant.start(&self.far, &self.far.agent, &shell, Place::Terminal)?;
            client.wait_for(b" ")?;
            Ok(client)
        };
        let clients: Vec<Result<Client>> = self.contestants.iter().map(start).collect();
        thread::sleep(Duration::from_secs(2));
        let each = |look: fn(&Client) -> u64| -> Vec<Result<u64>> {
            clients.iter().map(|client| client.as_ref().map(look).map_err(Clone::clone)).collect()
        };
        let megabytes = |memory: Result<u64>| Ok(format!("{:.1} MB", memory? as f64 * 1024.0 / 1e6));
        print("memory at the prompt", each(Client::memory).into_iter().map(megabytes).collect());
        let own = each(Client::own_memory).into_iter().map(megabytes).collect();
        print("  of it not the program's own file and libraries", own);
        let before = each(Client::wake_ups);
        thread::sleep(WATCH);
        let woken = before.into_iter().zip(each(Client::wake_ups));
        let rate = |(before, after): (Result<u64>, Result<u64>)| {
            Ok(format!("{:.1} /s", (after? - before?) as f64 / WATCH.as_secs_f64()))
        };
        print("wake-ups at the prompt", woken.map(rate).collect());
    }
}

/// Reads and forgets what a client writes, until it ends.
fn drain(client: &Client) -> Result<()> {
    let output = client.input()?;
    thread::spawn(move || {
        let mut buffer = vec![0; 65536];
        while let Ok(1..) = rustix::io::read(&output, &mut buffer[..]) {}
    });
    Ok(())
}

/// Is `ecsui` where standard output is a pipe, which `ecsui exec` refuses so far: the same session, written by the same
/// writer, on the same kind of runtime.
fn into_pipe() -> io::Result<()> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let session = runtime.spawn(async {
        let ticket = Ticket::of_json(&env::var(SESSION).map_err(io::Error::other)?);
        let start = Start {
            label: "measured".to_owned(),
            session_id: ticket.session_id,
            stream_url: Secret::new(ticket.stream_url),
            token: Secret::new(ticket.token),
            target: None,
        };
        let gateway = Gateway {
            sign: Arc::new(|_| Box::pin(async { Ok(Vec::new()) })),
            resume: Arc::new(|_| Box::pin(async { Ok(None) })),
            terminate: Arc::new(|_| Box::pin(async { Ok(()) })),
            data_key: Arc::new(|_| Box::pin(std::future::pending())),
            fate: Arc::new(|_| Box::pin(std::future::pending())),
            allow_loopback: true,
            network: Network::default(),
        };
        let size = Size { columns: 80, rows: 24 };
        let session = ssm::open(start, gateway, size).await.map_err(io::Error::other)?;
        let (mut keyboard, mut signals) = (Keyboard::start(size)?, Signals::new()?);
        join(session.into(), &mut keyboard, &mut signals, Ours::to_the_end(Some('~'))).await.map(drop)
    });
    runtime.block_on(session).map_err(io::Error::other)?
}

/// Measures so many times.
fn repeat(times: usize, mut measure: impl FnMut() -> Result<Duration>) -> Result<Vec<Duration>> {
    (0..times).map(|_| measure()).collect()
}

/// Prints a row; what failed is said below it.
fn print(name: &str, cells: Vec<Result<String>>) {
    let mut line = format!("{name:<64}");
    for cell in &cells {
        let cell = cell.as_deref().unwrap_or(NONE);
        // Writing to a text never fails.
        let _written = write!(line, "{cell:>22}");
    }
    println!("{line}");
    for why in cells.into_iter().filter_map(Result::err).filter(|why| why != NONE) {
        println!("  – {why}");
    }
}

/// Returns the middle and the 99th percentile in words.
fn two(times: &[Duration]) -> String {
    let mut times = times.to_vec();
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    let at = |share: usize| times.get(last * share / 100).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0);
    format!("{:.3} / {:.3} ms", at(50), at(99))
}

fn middle(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn rate(bytes: usize, time: Duration) -> String {
    format!("{:.1} MB/s", bytes as f64 / 1e6 / time.as_secs_f64())
}
