//! What every connection shares, and the way of a call through it: fault, quota, operation, journal.

use std::{
    fmt, io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{HeaderMap, header};
use serde_json::{Value, json};
use tokio::{net::TcpSocket, sync::watch};

use super::{
    Options,
    agent::{Encryption, Handshake, Launch, Sessions},
    autoscaling,
    clock::{Clock, Moment},
    cloudwatch, ec2, ecr,
    ecs::{self, Account},
    elb, elbv2,
    fault::{self, Damage},
    iam,
    identity::TaskId,
    journal::{Journal, Outcome},
    kms::Kms,
    loans::Loans,
    logs, parameters,
    refusal::Refusal,
    secrets,
    sigv4::{self, Keys, Rejection},
    ssm, sts,
    throttle::Buckets,
    world::World,
};
use crate::model::Timestamp;

/// Where the layers of images are.
const LAYERS: &str = "/ecr-layer/";

/// The simulated AWS, as its connections see it.
pub(crate) struct Cloud {
    pub(crate) keys: Keys,
    pub(crate) address: SocketAddr,
    pub(crate) sessions: Sessions,
    kms: Kms,
    /// An address that is ours and where nobody listens, if stream URLs lead there.
    shut: Option<(TcpSocket, SocketAddr)>,
    /// Where the data channels are.
    gateway: SocketAddr,
    latency: Duration,
    throttle: bool,
    unsigned_channels: bool,
    tls: bool,
    /// What the addresses of layers are known by.
    layer_word: String,
    /// Changes whenever somebody moves the time.
    pub(crate) moved: watch::Sender<()>,
    /// Changes whenever the live tails are cut off.
    pub(crate) tails_cut: watch::Sender<()>,
    inside: Mutex<Inside>,
    /// Other regions of the account, whose calls come to the same address.
    pub(crate) regions: Mutex<Vec<Arc<Self>>>,
}

/// What calls read and change.
pub(crate) struct Inside {
    pub(crate) world: World,
    pub(crate) clock: Clock,
    pub(crate) journal: Journal,
    pub(crate) loans: Loans,
    buckets: Buckets,
    /// Which sessions were opened in which task.
    opened: Vec<(TaskId, String)>,
}

/// A call that has been let in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// `ecs`, `ssm`, `sts`.
    pub(crate) service: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) body: &'a Value,
    /// The ARN of whoever asks; empty where nobody looks at it.
    pub(crate) caller: &'a str,
}

/// What becomes of a call.
#[derive(Debug)]
pub(crate) enum Reply {
    Answer(Value),
    Refusal(Refusal),
    /// An answer that breaks off in the middle.
    Cut(Value),
    /// A body that is no answer.
    Garbage(String),
    /// No answer, and the connection is closed.
    Close,
    /// No answer, ever.
    Hang,
}

impl Cloud {
    pub(crate) fn new(world: World, options: &Options, keys: Keys, address: SocketAddr) -> io::Result<Self> {
        let mut agent = options.agent.clone();
        agent.faults.extend(world.session_faults.iter().cloned());
        agent.doors.extend(&world.session_doors);
        let shut = if agent.listens { None } else { Some(shut(address)?) };
        let inside = Inside {
            world,
            clock: Clock::new(options.mode, options.epoch),
            journal: Journal::new(options.journal),
            loans: Loans::default(),
            buckets: Buckets::default(),
            opened: Vec::new(),
        };
        Ok(Self {
            keys,
            address,
            sessions: Sessions::new(agent),
            kms: Kms::new(),
            shut,
            gateway: options.gateway.unwrap_or(address),
            latency: options.latency,
            throttle: options.throttle,
            unsigned_channels: options.unsigned_channels,
            tls: options.tls,
            layer_word: sigv4::random_text(b"0123456789abcdef", 32)?,
            moved: watch::Sender::new(()),
            tails_cut: watch::Sender::new(()),
            inside: Mutex::new(inside),
            regions: Mutex::default(),
        })
    }

    /// Returns the region of the account that a request is for: this one, where it names none of the others.
    pub(crate) fn of_request(self: &Arc<Self>, headers: &HeaderMap) -> Arc<Self> {
        let regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let named = sigv4::region(headers);
        Arc::clone(regions.iter().find(|cloud| Some(&*cloud.keys.region) == named).unwrap_or(self))
    }

    /// Whether a data channel may be opened that carries these headers, before its signature is looked at.
    pub(crate) fn spares_signature(&self, headers: &HeaderMap) -> bool {
        self.unsigned_channels && !headers.contains_key(header::AUTHORIZATION)
    }

    /// Lets a request in that is signed with the account's keys or with keys that it lent, and says who it comes from.
    pub(crate) fn admit(&self, request: sigv4::Request<'_>, service: &str, at: Timestamp) -> Result<String, Rejection> {
        if request.headers.contains_key("x-amz-security-token") {
            let inside = self.inside();
            return inside.loans.admit(request, service, at, inside.clock.now());
        }
        self.keys.verify(request, service, at).map(|()| self.owner())
    }

    /// Returns the ARN of whom the account's own keys belong to.
    pub(crate) fn owner(&self) -> String {
        sts::caller(&self.inside().world)
    }

    /// Returns the inside, for as long as nobody waits for anything.
    pub(crate) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a call happen, and says how late after its arrival the answer may leave.
    pub(crate) fn call(&self, asked: Asked<'_>) -> (Duration, Reply) {
        let (delay, reply) = self.decide(asked);
        (self.latency + delay, reply)
    }

    /// Decides what becomes of a call and writes it down.
    fn decide(&self, asked: Asked<'_>) -> (Duration, Reply) {
        let mut inside = self.inside();
        let now = self.settle(&mut inside);
        let struck = fault::strike(&mut inside.world.faults, asked.operation, &asked.body.to_string());
        let (delay, damage) = struck.map_or((Duration::ZERO, Damage::None), |fault| (fault.delay, fault.damage));
        let reply = if self.throttle && !inside.buckets.take(asked.operation, now) {
            Reply::Refusal(Refusal::new("ThrottlingException", "Rate exceeded"))
        } else {
            match damage {
                Damage::Error { code, message, status } => Reply::Refusal(Refusal { status, code, message }),
                Damage::Hang => Reply::Hang,
                Damage::Garbage(text) => Reply::Garbage(text),
                Damage::None => self.perform(&mut inside, asked).map_or_else(Reply::Refusal, Reply::Answer),
                Damage::Lost => self.perform(&mut inside, asked).map_or_else(Reply::Refusal, |_| Reply::Close),
                Damage::Unheard => Reply::Close,
                Damage::Cut => self.perform(&mut inside, asked).map_or_else(Reply::Refusal, Reply::Cut),
            }
        };
        let outcome = match &reply {
            Reply::Answer(_) | Reply::Garbage(_) => Outcome::Answered,
            Reply::Refusal(refusal) => Outcome::Refused(refusal.code.clone()),
            Reply::Cut(_) | Reply::Close | Reply::Hang => Outcome::Unanswered,
        };
        inside.journal.write(now, asked.service, asked.operation, asked.body.clone(), outcome);
        (delay, reply)
    }

    /// Moves the clock, and lets happen what comes due by that.
    pub(crate) fn advance(&self, by: Duration) {
        let mut inside = self.inside();
        inside.clock.advance(by);
        self.settle(&mut inside);
        drop(inside);
        self.moved.send_replace(());
    }

    /// Looks at the account as it is now.
    pub(crate) fn look<T>(&self, look: impl FnOnce(Account<'_>, Moment) -> T) -> T {
        let mut inside = self.inside();
        let now = self.settle(&mut inside);
        look(Account { world: &inside.world, clock: &inside.clock }, now)
    }

    /// Lets happen what has come due, and ends the sessions in tasks that have ended by it.
    fn settle(&self, inside: &mut Inside) -> Moment {
        let now = inside.clock.now();
        for task in inside.world.settle(now) {
            for (_, session) in inside.opened.extract_if(.., |(of, _)| *of == task) {
                self.sessions.terminate(&session);
            }
        }
        now
    }

    fn perform(&self, inside: &mut Inside, asked: Asked<'_>) -> Result<Value, Refusal> {
        if let ("ecs", operation) = (asked.service, asked.operation)
            && let Some(answer) = ecs::change(&mut inside.world, &inside.clock, operation, asked.body)
        {
            return answer;
        }
        if asked.service == "sts" {
            let answer = sts::answer(inside, asked.caller, asked.operation, asked.body);
            return answer.unwrap_or_else(|| Err(unknown(asked)));
        }
        let cx = Account { world: &inside.world, clock: &inside.clock };
        let answer = match (asked.service, asked.operation) {
            ("ecs", "ExecuteCommand") => Some(self.execute(inside, asked.body)),
            ("ec2", operation) => ec2::answer(cx, operation, asked.body),
            ("application-autoscaling", operation) => autoscaling::answer(cx, operation, asked.body),
            ("cloudwatch", operation) => cloudwatch::answer(cx, operation, asked.body),
            ("ecs", operation) => ecs::answer(cx, operation, asked.body),
            ("ecr", operation) => ecr::answer(cx, operation, asked.body, &self.layers()),
            ("elb", operation) => elb::answer(cx, operation, asked.body),
            ("elbv2", operation) => elbv2::answer(cx, operation, asked.body),
            ("iam", operation) => iam::answer(cx, operation, asked.body),
            ("kms", operation) => self.kms.answer(&inside.world, operation, asked.body),
            ("logs", operation) => logs::answer(cx, inside.clock.now(), operation, asked.body),
            ("secretsmanager", operation) => secrets::answer(cx, operation, asked.body),
            ("ssm", operation) => parameters::answer(&mut inside.world, &inside.clock, operation, asked.body)
                .or_else(|| ssm::answer(&self.sessions, operation, asked.body, |id| self.stream_url(id))),
            ("ssmmessages", _) => Some(Ok(json!({}))),
            _ => None,
        };
        answer.unwrap_or_else(|| Err(unknown(asked)))
    }

    /// Opens a session with the agent of a container.
    fn execute(&self, inside: &mut Inside, body: &Value) -> Result<Value, Refusal> {
        let admitted = ecs::admit(Account { world: &inside.world, clock: &inside.clock }, body)?;
        let ecs::Admitted { task, command, environment, label, key, identity, mut answer } = admitted;
        let digits = sigv4::random_text(b"0123456789abcdef", 17)
            .map_err(|error| Refusal { status: 500, ..Refusal::new("ServerException", error.to_string()) })?;
        let session_id = format!("ecs-execute-command-{digits}");
        let launch = Launch { session_id, command, environment, label };
        let issued = match key {
            Some(key) => {
                let encryption = Encryption { key, identity, kms: self.kms.clone() };
                self.sessions.create_with(launch, Some(Handshake::Encryption(encryption)))
            }
            None => self.sessions.create(launch),
        };
        inside.opened.push((task, issued.session_id.clone()));
        answer["session"] = json!({
            "sessionId": issued.session_id,
            "streamUrl": self.stream_url(&issued.session_id),
            "tokenValue": issued.token,
        });
        Ok(answer)
    }

    /// Returns where the layers of images are: presigned, as it were, by a word that nobody can guess.
    fn layers(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}{}{}", self.address, LAYERS, self.layer_word)
    }

    /// Returns the layer of an image that a path leads to.
    pub(crate) fn layer(&self, path: &str) -> Option<String> {
        let (word, digits) = path.strip_prefix(LAYERS)?.split_once('/')?;
        if word == self.layer_word { ecr::blob(digits) } else { None }
    }

    /// Returns where a session's data channel is.
    fn stream_url(&self, session_id: &str) -> String {
        let scheme = if self.tls { "wss" } else { "ws" };
        let address = self.shut.as_ref().map_or(self.gateway, |(_, address)| *address);
        format!("{scheme}://{address}/v1/data-channel/{session_id}?role=publish_subscribe")
    }
}

/// Takes a port of the same host and listens to nobody there.
fn shut(beside: SocketAddr) -> io::Result<(TcpSocket, SocketAddr)> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(beside.ip(), 0))?;
    let address = socket.local_addr()?;
    Ok((socket, address))
}

/// Refuses an operation by name.
fn unknown(asked: Asked<'_>) -> Refusal {
    let message = format!("{}:{} is not simulated", asked.service, asked.operation);
    Refusal::new("UnknownOperationException", message)
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cloud({})", self.address)
    }
}
