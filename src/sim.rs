//! A simulated AWS behind a real port of this machine's loopback.
//!
//! [`Sim::start`] serves a [`World`] over HTTP as Amazon ECS, STS, the data keys of KMS, and the session half of SSM,
//! data channel included, closely enough that AWS's own SDKs and tools work against it. It lets in nobody who does not
//! sign with the keys it made up for this run. What it does not simulate it refuses by name.

pub mod agent;
mod autoscaling;
mod clock;
mod cloud;
mod cloudwatch;
mod ec2;
mod ecr;
mod ecs;
mod elb;
mod elbv2;
mod fault;
mod form;
mod generate;
mod http;
mod iam;
mod identity;
mod journal;
mod kms;
mod life;
mod loans;
mod logs;
mod pages;
mod parameters;
mod portal;
mod refusal;
mod registration;
mod scenario;
mod secrets;
mod signin;
mod sigv4;
mod ssm;
mod sts;
mod throttle;
mod world;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, PoisonError},
    time::Duration,
};

use tokio::{net::TcpListener, sync::watch};

pub use self::{
    clock::Mode,
    fault::{Damage, Fault},
    generate::Scale,
    journal::{Call, Outcome},
    kms::Kms,
    scenario::ScenarioError,
    world::World,
};
use self::{cloud::Cloud, http::Identity, sigv4::Keys};
use crate::model::{Arn, Timestamp};

/// What a container's shell begins with.
const NOTICE: &str = "Simulated container: this is a real shell of this machine, in a temporary home.";

/// How the simulated AWS behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who moves the time.
    pub mode: Mode,
    /// What the simulated clock shows at the start; `None` is the real time.
    pub epoch: Option<Timestamp>,
    /// How long each answer takes at least.
    pub latency: Duration,
    /// Whether AWS's request quotas hold.
    pub throttle: bool,
    /// Whether a data channel may be opened without a signature, as session-manager-plugin before 1.2.764.0 does. One
    /// that is signed must be signed well in any case.
    pub unsigned_channels: bool,
    /// Who serves the data channels instead of the agents here: for measuring clients against a far side of one's own.
    pub gateway: Option<SocketAddr>,
    /// How many calls the journal remembers.
    pub journal: usize,
    /// How the agents in the containers behave.
    pub agent: agent::Options,
    /// Whether it speaks TLS, with a certificate by an authority of its own; see [`Sim::ca_pem`].
    pub tls: bool,
}

impl Default for Options {
    /// Real time, no latency, no quotas, no TLS, and agents that say once whose shell they open.
    fn default() -> Self {
        Self {
            mode: Mode::Auto,
            epoch: None,
            latency: Duration::ZERO,
            throttle: false,
            unsigned_channels: false,
            gateway: None,
            journal: 10_000,
            agent: agent::Options { notice: Some(NOTICE.to_owned()), ..agent::Options::default() },
            tls: false,
        }
    }
}

impl Options {
    /// Returns the options of a test: time moves only by [`Sim::advance`], and agents never wait.
    pub fn explicit() -> Self {
        Self { mode: Mode::Explicit, agent: agent::Options::prompt(), ..Self::default() }
    }
}

/// A running simulated AWS. Dropping it stops it.
#[derive(Debug)]
pub struct Sim {
    endpoint: String,
    authority: Option<String>,
    cloud: Arc<Cloud>,
    /// Closing it stops the server.
    _running: watch::Sender<()>,
}

impl Sim {
    /// Starts serving `world` on a free port of 127.0.0.1, on the caller's tokio runtime.
    ///
    /// # Errors
    /// When no port or no randomness can be had.
    pub async fn start(world: World, options: Options) -> io::Result<Self> {
        let keys = Keys::random(&world.region)?;
        Self::start_with(keys, world, options).await
    }

    /// Starts serving `world` as another region of the same account: at an address of its own, and, as it is with
    /// emulators that are one address for all regions, at this one's for whoever signs for that region. The keys are
    /// the same.
    ///
    /// # Errors
    /// When no port or no randomness can be had.
    pub async fn start_region(&self, world: World, options: Options) -> io::Result<Self> {
        let other = Self::start_with(self.cloud.keys.in_region(&world.region), world, options).await?;
        self.cloud.regions.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&other.cloud));
        Ok(other)
    }

    async fn start_with(keys: Keys, world: World, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let cloud = Arc::new(Cloud::new(world, &options, keys, address)?);
        let (running, stop) = watch::channel(());
        let identity = options.tls.then(Identity::random).transpose()?;
        let (scheme, authority) = match &identity {
            Some(identity) => ("https", Some(identity.authority().to_owned())),
            None => ("http", None),
        };
        tokio::spawn(http::serve(listener, identity, Arc::clone(&cloud), stop));
        Ok(Self { endpoint: format!("{scheme}://{address}"), authority, cloud, _running: running })
    }

    /// Returns the certificate of the authority that its own is by, in PEM; nothing without TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// Returns where it listens: `http://127.0.0.1:PORT`, and `https` with TLS.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the region that requests must be signed for.
    pub fn region(&self) -> &str {
        &self.cloud.keys.region
    }

    /// Returns the twelve digits of the account.
    pub fn account(&self) -> String {
        self.cloud.inside().world.account.to_string()
    }

    /// Returns the access key id that is let in, made up for this run.
    pub fn access_key(&self) -> &str {
        &self.cloud.keys.access
    }

    /// Returns the secret access key that is let in, made up for this run.
    pub fn secret_key(&self) -> &str {
        &self.cloud.keys.secret
    }

    /// Shows a code on the MFA device of the account's user: six digits that are good once.
    ///
    /// # Errors
    /// When no randomness can be had.
    pub fn mfa_code(&self) -> io::Result<String> {
        self.cloud.inside().loans.show_code()
    }

    /// Returns the ARN of the MFA device of the account's user.
    pub fn mfa_device(&self) -> String {
        sts::device(&self.cloud.inside().world)
    }

    /// Lets only those assume a role, by its name, who show a code.
    pub fn demand_mfa(&self, role: &str) {
        self.cloud.inside().loans.guarded.insert(role.to_owned());
    }

    /// Returns a token that stands for a person at the access portal and at Sign-In, and for a workload at STS, for
    /// this long.
    ///
    /// # Errors
    /// When no randomness can be had.
    pub fn identity_token(&self, lifetime: Duration) -> io::Result<String> {
        let mut inside = self.cloud.inside();
        let now = inside.clock.now();
        inside.loans.token(now, lifetime)
    }

    /// Lends keys to a role of the account for this long: access key id, secret access key, session token.
    ///
    /// # Errors
    /// When no randomness can be had.
    pub fn lend(&self, role: &str, lifetime: Duration) -> io::Result<[String; 3]> {
        let mut inside = self.cloud.inside();
        let caller = format!("arn:aws:sts::{}:assumed-role/{role}/session", inside.world.account);
        let (region, until) = (inside.world.region.to_string(), inside.clock.now().after(lifetime));
        let keys = inside.loans.lend(&region, caller, until)?.keys;
        Ok([keys.access, keys.secret, keys.token.unwrap_or_default()])
    }

    /// Returns the latest calls, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.cloud.inside().journal.calls()
    }

    /// Moves the simulated time.
    pub fn advance(&self, by: Duration) {
        self.cloud.advance(by);
    }

    /// Adds a fault; those added first strike first.
    pub fn fault(&self, fault: Fault) {
        self.cloud.inside().world.faults.push(fault);
    }

    /// Takes all faults away.
    pub fn mend(&self) {
        self.cloud.inside().world.faults.clear();
    }

    /// Writes a line into a log. It is `age` old, and can be seen after `delay`.
    pub fn write_log(&self, group: &str, stream: &str, message: &str, age: Duration, delay: Duration) {
        let mut inside = self.cloud.inside();
        let now = inside.clock.now();
        let (at, visible) = (now.before(age).millis(), now.after(delay).millis());
        inside.world.write_log(group, stream, logs::Written { at, visible, message: message.to_owned() });
    }

    /// Returns the lines of a log group since a time that can be seen, by stream and in the order in which each was
    /// written: stream, time in milliseconds since 1970, words.
    pub fn log(&self, group: &str, since: i64) -> Vec<(String, i64, String)> {
        self.cloud.look(|cx, now| logs::lines(cx, now, group, since))
    }

    /// Returns what the simulated clock shows, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.cloud.look(|cx, now| cx.clock.epoch_millis() + now.millis())
    }

    /// Cuts the connections of all live tails that are under way.
    pub fn cut_live_tails(&self) {
        self.cloud.tails_cut.send_replace(());
    }

    /// Returns the sessions, so that something can befall one of them.
    pub fn sessions(&self) -> &agent::Sessions {
        &self.cloud.sessions
    }

    /// Asks a task to stop, as somebody else would; returns whether it was running. It stops as time goes by.
    pub fn stop_task(&self, task: &Arn, reason: &str) -> bool {
        let [_, cluster, id] = task.resource().split('/').collect::<Vec<_>>()[..] else { return false };
        let Ok(id) = id.parse() else { return false };
        let mut inside = self.cloud.inside();
        let now = inside.clock.now();
        inside.world.stop_task(now, &cluster.into(), id, "UserInitiated", reason)
    }

    /// Lets the scheduler say something about a service, which is in its words: `(service NAME) TEXT`; returns whether
    /// there is such a service.
    pub fn say(&self, cluster: &str, service: &str, text: &str) -> bool {
        let mut inside = self.cloud.inside();
        let now = inside.clock.now();
        let service = inside.world.cluster_mut(cluster).and_then(|cluster| cluster.services.get_mut(service));
        service.map(|service| service.say(now, text)).is_some()
    }

    /// Changes the world between two calls.
    pub fn edit<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        change(&mut self.cloud.inside().world)
    }
}
