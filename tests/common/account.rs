//! A simulated account of its own, and the real program pointed at it.

#![allow(dead_code, reason = "each user of this file needs a part of it")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::{fs, sync::mpsc, thread, time::Duration};

use ecsui::sim::{Options, Sim, World};
use tokio::runtime::{Builder, Runtime};

use super::terminal::{Program, Terminal};

/// The program.
pub(crate) const ECSUI: &str = env!("CARGO_BIN_EXE_ecsui");

/// A simulated account. Dropping it ends it.
pub(crate) struct Account {
    pub(crate) sim: Sim,
    runtime: Runtime,
}

impl Account {
    /// Serves a world.
    pub(crate) fn serve(world: World, options: Options) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let sim = runtime.block_on(Sim::start(world, options)).unwrap();
        Self { sim, runtime }
    }

    /// Serves a world in which nothing moves and nothing waits.
    pub(crate) fn still(world: World) -> Self {
        Self::serve(world, Options::explicit())
    }

    /// Serves a world, in which nothing moves and nothing waits, as another region of the account.
    pub(crate) fn start_region(&self, world: World) -> Sim {
        self.runtime.block_on(self.sim.start_region(world, Options::explicit())).unwrap()
    }

    /// What leads a program to the account.
    pub(crate) fn variables(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ENDPOINT_URL", self.sim.endpoint().to_owned()),
            ("AWS_REGION", self.sim.region().to_owned()),
            ("AWS_ACCESS_KEY_ID", self.sim.access_key().to_owned()),
            ("AWS_SECRET_ACCESS_KEY", self.sim.secret_key().to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    /// Returns the program on this account; it reads again only when asked to.
    pub(crate) fn ecsui(&self) -> Program {
        let mut program = Program::new(ECSUI);
        for (name, value) in self.variables() {
            program = program.env(name, value);
        }
        let config = program.home().join("config.toml");
        fs::write(&config, "refresh_seconds = 0\n").unwrap();
        program.args(["--config".as_ref(), config.as_os_str()])
    }

    /// Opens the browser in a terminal of this size.
    pub(crate) fn browse(&self, columns: u16, rows: u16) -> Terminal {
        self.ecsui().start(columns, rows)
    }

    /// Waits for something while time passes here: ten seconds, again and again.
    pub(crate) fn while_time_passes<T>(&self, wait: impl FnOnce() -> T) -> T {
        let (done, is_done) = mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                while is_done.recv_timeout(Duration::from_millis(300)) == Err(mpsc::RecvTimeoutError::Timeout) {
                    self.sim.advance(Duration::from_secs(10));
                }
            });
            let came = wait();
            drop(done);
            came
        })
    }

    /// Lets every later call wait.
    pub(crate) fn delay(&self, by: Duration) {
        self.sim.fault(ecsui::sim::Fault::delay("*", by));
    }
}
