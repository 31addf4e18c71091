//! What was changed from here: a file that only grows, in which every change has a line before it, one after it, and
//! one for each service whose way to its end somebody followed.

mod fate;
mod file;
mod hold;

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::{Cx, Error, Identity, change::Plan};
use crate::model::{Timestamp, text::clean};

pub use fate::{Became, Fate};
pub use file::{History, history};
use hold::Hold;

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Line {
    Begin(Begun),
    End(Ended),
    Became(Became),
}

/// A change that is about to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Tells it from all others.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Who AWS takes the person for, an ARN.
    pub caller: Option<String>,
    /// Who the person is on this machine.
    pub user: String,
    /// The process that makes it.
    pub process: u32,
    /// The profile.
    pub profile: String,
    /// The account.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// What is changed, in a line.
    pub what: String,
    /// The ARNs of what is changed.
    pub resources: Vec<String>,
    /// The calls, as IAM names them, with what each does.
    pub calls: Vec<String>,
    /// What it is and what it is about: changes of which a word is the same are the same wish.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matters: Vec<String>,
    /// Whether it is being made right now, wherever that is on this machine.
    #[serde(skip)]
    pub under_way: bool,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The change.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// How it ended.
    pub result: Outcome,
    /// What was made, in words.
    pub made: Vec<String>,
    /// Why it failed.
    pub why: Option<String>,
    /// The services that something has begun of which can be followed to its end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// What became of those that somebody followed.
    #[serde(skip)]
    pub became: Vec<Became>,
}

/// How a change ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Every call was made.
    Done,
    /// A call was refused; those before it were made.
    Failed,
    /// Nobody knows what became of the last call.
    Unknown,
}

/// A change that was written down, so that its end can be.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: String,
    /// Held as long as it is under way; none where that cannot be said.
    _hold: Option<Hold>,
}

/// What is written down of a change before it is made.
#[derive(Debug)]
pub(super) struct About<'a> {
    /// Who makes it, and where.
    pub(super) by: &'a Identity,
    /// What is changed, in a line.
    pub(super) what: String,
    /// The ARNs, or names, of what is changed.
    pub(super) resources: Vec<String>,
    /// The calls, as IAM names them, with what each does.
    pub(super) calls: Vec<String>,
    /// What tells the same wish.
    pub(super) matters: Vec<String>,
}

/// What is written down of a change after it was made, or not to its end.
#[derive(Debug)]
pub(super) struct End {
    /// How it ended.
    pub(super) result: Outcome,
    /// What was made, in words.
    pub(super) made: Vec<String>,
    /// Why not all was.
    pub(super) why: Option<String>,
    /// The services that something has begun of which can be followed to its end.
    pub(super) services: Vec<String>,
}

impl<'a> About<'a> {
    /// Returns what is written down of a plan.
    pub(super) fn plan(plan: &'a Plan) -> Self {
        Self {
            by: &plan.by,
            what: plan.title.clone(),
            resources: plan.resources(),
            calls: plan.calls.iter().map(|call| format!("{}: {}", call.action, call.what)).collect(),
            matters: plan.matters(),
        }
    }
}

/// Writes down that something is about to be changed. Where that cannot be written, what to say about it comes too.
pub(super) async fn begin(cx: &Cx, about: About<'_>) -> (Entry, Option<String>) {
    let at = now(cx);
    let About { by, what, resources, calls, matters } = about;
    let begun = Begun {
        id: id(at),
        at,
        caller: by.caller.clone(),
        user: user(cx),
        process: std::process::id(),
        profile: by.profile.clone(),
        account: by.account.clone(),
        region: by.region.clone(),
        what,
        resources,
        calls,
        matters,
        under_way: true,
    };
    // Taken before the line is written, so that nobody takes the change for interrupted.
    let hold = file::path(cx).and_then(|path| Hold::take(&path, &begun.id).ok());
    let entry = Entry { id: begun.id.clone(), _hold: hold };
    (entry, write(cx, Line::Begin(begun)).await)
}

/// Writes down how it ended.
pub(super) async fn end(cx: &Cx, entry: &Entry, end: End) -> Option<String> {
    let End { result, made, why, services } = end;
    let (id, at, became) = (entry.id.clone(), now(cx), Vec::new());
    write(cx, Line::End(Ended { id, at, result, made, why, services, became })).await
}

/// Writes down what became of a service that the change of this id was about.
pub(super) async fn became(cx: &Cx, id: &str, service: String, fate: Fate, why: Option<String>) -> Option<String> {
    write(cx, Line::Became(Became { id: id.to_owned(), at: now(cx), service, fate, why })).await
}

/// Appends a line; returns what to say where that fails.
async fn write(cx: &Cx, line: Line) -> Option<String> {
    let path = file::path(cx)?;
    let shown = path.display().to_string();
    let written = tokio::task::spawn_blocking(move || file::append(&path, &line)).await;
    let failure = match written {
        Ok(Ok(())) => return None,
        Ok(Err(error)) => Error::new(super::Kind::Internal, "cannot be written").because(error).line(),
        Err(error) => error.to_string(),
    };
    Some(clean(format!("the history of changes in {shown} {failure}: the change is not in it")))
}

fn now(cx: &Cx) -> Timestamp {
    Timestamp::try_from(cx.clock.wall()).unwrap_or_default()
}

/// Returns what tells a change from all others of this machine.
fn id(at: Timestamp) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{:x}-{:x}-{count:x}", at.as_millisecond(), std::process::id())
}

/// Returns who the person is on this machine, by what is known: a name, and the number that nobody can make up.
fn user(cx: &Cx) -> String {
    let number = rustix::process::getuid().as_raw();
    cx.user.as_ref().map_or_else(|| format!("uid {number}"), |name| format!("{name} (uid {number})"))
}
