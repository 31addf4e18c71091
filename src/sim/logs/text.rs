//! What containers write: made from the container and the number of the line, the same words each time.

use crate::sim::world::{ContainerSpec, Task};

/// What a container has to say.
#[derive(Debug)]
pub(super) struct Voice<'w> {
    pub(super) seed: u64,
    pub(super) task: &'w Task,
    pub(super) container: &'w ContainerSpec,
    /// How it failed, where it has: exit code and reason.
    pub(super) failure: Option<(i32, &'w str)>,
    /// Whether its work is done, and nobody had to stop it.
    pub(super) finished: bool,
}

const ROUTES: [&str; 8] = [
    "/v1/payments",
    "/v1/orders/81723",
    "/v1/orders",
    "/healthz",
    "/v1/tickets?page=2",
    "/v1/customers/5512/cards",
    "/v1/search?q=Z%C3%BCrich",
    "/metrics",
];
const SAID: [&str; 8] = [
    "request completed",
    "cache refreshed",
    "message consumed",
    "payment authorised",
    "connection returned to the pool",
    "order shipped to Zürich",
    "支払い完了",
    "token renewed",
];

impl Voice<'_> {
    /// Returns the line that a container begins with.
    pub(super) fn first_words(&self) -> String {
        let image = self.task.definition.fill(&self.container.image);
        let image = image.rsplit('/').next().unwrap_or(&image);
        self.say("info", &format!("starting {image}"), "")
    }

    /// Returns the lines that it ends with.
    pub(super) fn last_words(&self) -> Vec<String> {
        match self.failure {
            Some((code, reason)) => vec![
                self.say("error", "cannot go on", &format!("unhandled failure: {reason}")),
                format!("    at main ({}:{})", self.container.name, 40 + self.seed % 60),
                self.say("fatal", &format!("exiting with code {code}"), ""),
            ],
            None if self.finished => vec![self.say("info", "done", "")],
            None => vec![self.say("info", "SIGTERM received, draining", ""), self.say("info", "stopped", "")],
        }
    }

    /// Returns a line of its work.
    pub(super) fn line(&self, number: u64) -> String {
        let draw = mix(self.seed, number);
        let route = ROUTES[(draw >> 8) as usize % ROUTES.len()];
        let took = 1 + (draw >> 16) % 240;
        let request = format!("{:08x}", draw >> 32);
        if self.container.name == "envoy" {
            let status = if draw.is_multiple_of(50) { 503 } else { 200 };
            return format!("\"GET {route} HTTP/1.1\" {status} - 0 {} {took} \"{request}\"", 200 + draw % 4000);
        }
        match draw % 40 {
            0 => self.say("error", "upstream answered 502", &format!("route={route} request={request} attempt=3")),
            1 | 2 => self.say("warn", "slow query", &format!("took={}ms request={request}", 900 + took)),
            _ => {
                let said = SAID[(draw >> 24) as usize % SAID.len()];
                self.say("info", said, &format!("route={route} took={took}ms request={request} n={number}"))
            }
        }
    }

    /// Words a line as the container does: half of them speak JSON.
    fn say(&self, level: &str, message: &str, more: &str) -> String {
        if self.task.definition.family.len().is_multiple_of(2) {
            return serde_json::json!({ "level": level, "msg": message, "more": more }).to_string();
        }
        let space = if more.is_empty() { "" } else { " " };
        format!("{} {message}{space}{more}", level.to_uppercase())
    }
}

/// Returns a number that looks random and depends on nothing but these two (splitmix64).
pub(super) fn mix(seed: u64, number: u64) -> u64 {
    let mut mixed = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
