//! The far side in a process of its own, so that its processor time is not the client's, and the programs that run at
//! the end of the simulated agent's PTY.

use std::{
    env,
    io::{self, BufRead, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, ChildStdin, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use ecsui::{
    aws::{Access, Budget, Clients},
    config::Settings,
    ops::{Cx, exec::ExecTarget, find},
    session::Secret,
    sim::{Options, Sim, World, agent},
    terminal::RawMode,
};
use rustix::termios::tcgetwinsize;
use serde_json::{Value, json};
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{SignalKind, signal},
};

use crate::{
    Ticket,
    client::{Result, in_words},
    fountain,
};

/// The simulated account's only service.
pub(crate) const SERVICE: &str = "far";

/// Two simulated accounts in another process: containers with agents as they are, and containers with a fountain.
pub(crate) struct Far {
    pub(crate) runtime: Runtime,
    pub(crate) agent: Account,
    pub(crate) fountain: Account,
    child: Child,
    /// Closing it ends the process.
    life: Option<ChildStdin>,
}

/// One simulated account, as a client sees it.
pub(crate) struct Account {
    pub(crate) endpoint: String,
    pub(crate) region: String,
    access_key: String,
    secret_key: String,
    pub(crate) cx: Cx,
    clients: Clients,
    pub(crate) target: ExecTarget,
}

impl Far {
    /// Starts the process: this one again.
    pub(crate) fn start() -> Result<Self> {
        let mut command = Command::new(env::current_exe().map_err(in_words)?);
        command.arg("--far-side").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(in_words)?;
        let life = child.stdin.take();
        let mut told = String::new();
        let output = child.stdout.take().ok_or("no output")?;
        io::BufReader::new(output).read_line(&mut told).map_err(in_words)?;
        let told: Value = serde_json::from_str(&told).map_err(in_words)?;
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(in_words)?;
        let [agent, fountain] = [0, 1].map(|place| runtime.block_on(Account::new(&told[place])));
        Ok(Self { runtime, agent: agent?, fountain: fountain?, child, life })
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        self.life.take();
        let _ended = self.child.wait();
    }
}

impl Account {
    async fn new(told: &Value) -> Result<Self> {
        let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
        let access = Access::Fixed {
            name: "measured".to_owned(),
            region: text("region"),
            endpoint_url: text("endpoint"),
            access_key: text("access_key"),
            secret_key: Secret::new(text("secret_key")),
        };
        let cx = Cx::new(access.clone(), Settings::default());
        let target = find::one(&cx, &[SERVICE.to_owned()]).await.map_err(in_words)?;
        let clients = Clients::open(&access, Arc::new(Budget::new())).await.map_err(in_words)?;
        let (access_key, secret_key) = (text("access_key"), text("secret_key"));
        Ok(Self { endpoint: text("endpoint"), region: text("region"), access_key, secret_key, cx, clients, target })
    }

    /// Calls ExecuteCommand, for clients that begin where a session was started.
    pub(crate) async fn execute(&self, command: &str) -> Result<Ticket> {
        let ExecTarget { cluster, task, container, .. } = &self.target;
        let started = self.clients.execute_command(cluster, task, container, command).await.map_err(in_words)?;
        Ok(Ticket {
            session_id: started.session_id,
            stream_url: started.stream_url.expose().to_owned(),
            token: started.token.expose().to_owned(),
        })
    }

    /// Returns what leads a client to the account.
    pub(crate) fn variables(&self) -> [(&'static str, &str); 4] {
        [
            ("AWS_ENDPOINT_URL", &self.endpoint),
            ("AWS_REGION", &self.region),
            ("AWS_ACCESS_KEY_ID", &self.access_key),
            ("AWS_SECRET_ACCESS_KEY", &self.secret_key),
        ]
    }
}

/// Is the other process.
pub(crate) fn serve() -> io::Result<()> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let options = || Options { agent: agent::Options::prompt(), unsigned_channels: true, ..Options::default() };
    let mut world = World::empty();
    let cluster = world.add_cluster("bench");
    world.add_service(&cluster, SERVICE, 1);
    let agents = runtime.block_on(Sim::start(world.clone(), options()))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let options = Options { gateway: Some(listener.local_addr()?), ..options() };
    let fountains = Arc::new(runtime.block_on(Sim::start(world, options))?);
    fountain::serve(listener, {
        let sim = Arc::clone(&fountains);
        // Whoever comes has just been let in.
        move || {
            let calls = sim.calls();
            let call = calls.iter().rfind(|call| call.operation == "ExecuteCommand").expect("a session was started");
            call.body["command"].as_str().expect("a command").to_owned()
        }
    });
    let told = |sim: &Sim| {
        json!({
            "endpoint": sim.endpoint(),
            "region": sim.region(),
            "access_key": sim.access_key(),
            "secret_key": sim.secret_key(),
        })
    };
    writeln!(io::stdout(), "{}", json!([told(&agents), told(&fountains)]))?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// Is a program at the end of a PTY, which tells this address when something has reached it: `winch` a new size,
/// `flood` a key while it prints endlessly.
pub(crate) fn run(program: &str, address: &str) -> io::Result<()> {
    let mut to = TcpStream::connect(address)?;
    to.set_nodelay(true)?;
    let mut tell = move || to.write_all(&now().to_be_bytes());
    match program {
        "winch" => {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut resized = signal(SignalKind::window_change())?;
                writeln!(io::stdout(), "READY")?;
                let mut before = tcgetwinsize(io::stdin())?;
                loop {
                    resized.recv().await;
                    let size = tcgetwinsize(io::stdin())?;
                    // Who comes later says its size late.
                    if (before.ws_col, before.ws_row) != (size.ws_col, size.ws_row) {
                        before = size;
                        tell()?;
                    }
                }
            })
        }
        "flood" => {
            let _raw = RawMode::enter()?;
            writeln!(io::stdout(), "READY")?;
            thread::spawn(|| {
                let text = b"y\r\n".repeat(1024);
                while io::stdout().write_all(&text).is_ok() {}
            });
            let mut typed = [0; 64];
            loop {
                for _ in 0..io::stdin().read(&mut typed)?.max(1) {
                    tell()?;
                }
            }
        }
        other => Err(io::Error::other(format!("there is no program {other}"))),
    }
}

/// Hears what such programs tell.
pub(crate) struct Ear {
    listener: TcpListener,
    from: Option<TcpStream>,
}

impl Ear {
    pub(crate) fn new() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(in_words)?;
        Ok(Self { listener, from: None })
    }

    /// Returns the command line of a program that tells this ear.
    pub(crate) fn command(&self, program: &str) -> Result<Vec<String>> {
        let me = env::current_exe().map_err(in_words)?;
        let address = self.listener.local_addr().map_err(in_words)?;
        Ok([me.to_string_lossy().into_owned(), "--program".into(), program.into(), address.to_string()].into())
    }

    /// Waits for the program; it must be running.
    pub(crate) fn listen(&mut self) -> Result<()> {
        let (from, _) = self.listener.accept().map_err(in_words)?;
        from.set_read_timeout(Some(Duration::from_secs(20))).map_err(in_words)?;
        self.from = Some(from);
        Ok(())
    }

    /// Forgets what was said so far.
    pub(crate) fn forget(&mut self) -> Result<()> {
        let from = self.from.as_mut().ok_or("nobody speaks")?;
        from.set_nonblocking(true).map_err(in_words)?;
        while let Ok(1..) = from.read(&mut [0; 64]) {}
        from.set_nonblocking(false).map_err(in_words)
    }

    /// Waits for the next word; returns how long after `begun` it was said.
    pub(crate) fn hear(&mut self, begun: u64) -> Result<Duration> {
        let mut said = [0; 8];
        self.from.as_mut().ok_or("nobody speaks")?.read_exact(&mut said).map_err(in_words)?;
        Ok(Duration::from_nanos(u64::from_be_bytes(said).saturating_sub(begun)))
    }
}

/// Returns the time on the wall, which all processes of a machine share, in nanoseconds.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}
