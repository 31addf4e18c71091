//! What every connection shares, and the way of a call through it: fault, quota, operation, journal.

use std::{
    fmt,
    net::SocketAddr,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use serde_json::Value;

use super::{
    Options,
    clock::Clock,
    ecs::{self, Account},
    fault::{self, Damage},
    journal::{Journal, Outcome},
    refusal::Refusal,
    sigv4::Keys,
    sts,
    throttle::Buckets,
    world::World,
};

/// The simulated AWS, as its connections see it.
pub(crate) struct Cloud {
    pub(crate) keys: Keys,
    pub(crate) address: SocketAddr,
    latency: Duration,
    throttle: bool,
    inside: Mutex<Inside>,
}

/// What calls read and change.
pub(crate) struct Inside {
    pub(crate) world: World,
    pub(crate) clock: Clock,
    pub(crate) journal: Journal,
    buckets: Buckets,
}

/// A call that has been let in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// `ecs`, `ssm`, `sts`.
    pub(crate) service: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) body: &'a Value,
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
    /// No answer, ever.
    Hang,
}

impl Cloud {
    pub(crate) fn new(world: World, options: &Options, keys: Keys, address: SocketAddr) -> Self {
        let inside = Inside {
            world,
            clock: Clock::new(options.mode, options.epoch),
            journal: Journal::new(options.journal),
            buckets: Buckets::default(),
        };
        Self { keys, address, latency: options.latency, throttle: options.throttle, inside: Mutex::new(inside) }
    }

    /// Returns the inside, for as long as nobody waits for anything.
    pub(crate) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Lets a call happen, late where it must be.
    pub(crate) async fn call(&self, asked: Asked<'_>) -> Reply {
        let (delay, reply) = self.decide(asked);
        let wait = self.latency + delay;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        reply
    }

    /// Decides what becomes of a call and writes it down.
    fn decide(&self, asked: Asked<'_>) -> (Duration, Reply) {
        let mut inside = self.inside();
        let now = inside.clock.now();
        let struck = fault::strike(&mut inside.world.faults, asked.operation, &asked.body.to_string());
        let (delay, damage) = struck.map_or((Duration::ZERO, Damage::None), |fault| (fault.delay, fault.damage));
        let reply = if self.throttle && !inside.buckets.take(asked.operation, now) {
            Reply::Refusal(Refusal::new("ThrottlingException", "Rate exceeded"))
        } else {
            match damage {
                Damage::Error { code, message, status } => Reply::Refusal(Refusal { status, code, message }),
                Damage::Hang => Reply::Hang,
                Damage::Garbage(text) => Reply::Garbage(text),
                Damage::None => inside.perform(asked).map_or_else(Reply::Refusal, Reply::Answer),
                Damage::Cut => inside.perform(asked).map_or_else(Reply::Refusal, Reply::Cut),
            }
        };
        let outcome = match &reply {
            Reply::Answer(_) | Reply::Garbage(_) => Outcome::Answered,
            Reply::Refusal(refusal) => Outcome::Refused(refusal.code.clone()),
            Reply::Cut(_) | Reply::Hang => Outcome::Unanswered,
        };
        inside.journal.write(now, asked.service, asked.operation, asked.body.clone(), outcome);
        (delay, reply)
    }
}

impl Inside {
    fn perform(&mut self, asked: Asked<'_>) -> Result<Value, Refusal> {
        let Self { world, clock, .. } = self;
        let cx = Account { world, clock };
        let answer = match asked.service {
            "ecs" => ecs::answer(cx, asked.operation, asked.body),
            "sts" => sts::answer(cx, asked.operation, asked.body),
            _ => None,
        };
        answer.unwrap_or_else(|| Err(unknown(asked)))
    }
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
