//! Logging in to a container.

mod choice;
mod plugin;
mod refusal;
mod watch;

use std::sync::Arc;

use super::{Cx, Error, Kind, Result, ls};
use crate::{
    aws,
    config::Transport,
    model::{Arn, Container, Task},
    session::{
        Session, Size,
        clock::Clock,
        ssm::{self, Gateway, Start, Timing},
    },
};

pub(super) use choice::{Candidate, choose};

/// The container to log in to, by ids and never by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecTarget {
    /// The cluster.
    pub cluster: Arn,
    /// The task.
    pub task: Arn,
    /// The container's name.
    pub container: String,
    /// The container's runtime id, for the Session Manager target.
    pub runtime_id: Option<String>,
}

/// What to start in the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `bash` where there is one, otherwise `sh`.
    DefaultShell,
    /// This shell.
    Shell(String),
    /// These words, each one argument, quoted for the agent's shlex.
    Argv(Vec<String>),
}

impl ExecTarget {
    /// Returns the target that is this container of this task.
    pub fn new(task: &Task, container: &Container) -> Self {
        Self {
            cluster: task.cluster.clone(),
            task: task.arn.clone(),
            container: container.name.as_ref().to_owned(),
            runtime_id: container.runtime_id.as_deref().map(str::to_owned),
        }
    }
}

/// Returns the best container of a service to log in to: the newest RUNNING healthy task whose agent is ready, its
/// first essential container.
pub async fn choose_in_service(cx: &Cx, cluster: &Arn, service: &Arn) -> Result<ExecTarget> {
    let mut tasks = ls::tasks(cx, cluster, Some(service)).await?;
    // Some emulators list the whole cluster's.
    tasks.retain(|task| task.group.service().is_none_or(|name| **name == *service.name()));
    let candidates = tasks.iter().map(|task| (task, task.containers.iter().collect())).collect();
    choose(cx, &format!("service {}", service.name()), candidates).await
}

/// Returns the best container of a task to log in to: its first essential one whose agent is ready.
pub async fn choose_in_task(cx: &Cx, cluster: &Arn, task: &Arn) -> Result<ExecTarget> {
    let aws = cx.aws().await?;
    let tasks = aws.describe_tasks(cluster, std::slice::from_ref(task)).await;
    let tasks = tasks.map_err(|error| cx.failed(format!("task {} cannot be described", task.short()), &aws, error))?;
    let candidates = tasks.iter().map(|task| (task, task.containers.iter().collect())).collect();
    choose(cx, &format!("task {}", task.short()), candidates).await
}

/// Starts a command in a container and returns the live session. ExecuteCommand is called once and not repeated.
pub async fn open(cx: &Cx, target: &ExecTarget, command: &Command, size: Size) -> Result<Session> {
    let words = words(command)?;
    let aws = cx.aws().await?;
    let plugin = match cx.settings.transport {
        Transport::Native => None,
        Transport::Plugin => Some(plugin::ready(&aws, target).await?),
    };
    let started = aws.execute_command(&target.cluster, &target.task, &target.container, &words).await;
    let started = started.map_err(|error| {
        let hints = refusal::hints(&error);
        let failed = cx.failed(format!("no session in {}", label(target)), &aws, error);
        hints.into_iter().fold(failed, Error::hint)
    })?;
    let unopened = Unopened { aws: aws.clone(), session_id: Some(started.session_id.clone()) };
    let start = Start {
        label: label(target),
        session_id: started.session_id,
        stream_url: started.stream_url,
        token: started.token,
        target: target.runtime_id.as_deref().map(|runtime_id| session_manager_target(target, runtime_id)),
    };
    let gateway = gateway(&aws, target, &cx.clock);
    let session = match plugin {
        Some(plugin) => plugin.open(start, gateway, target, size).await?,
        None => native(cx, start, gateway, target, size).await?,
    };
    unopened.keep();
    Ok(session)
}

/// Opens a session that was started ourselves.
async fn native(cx: &Cx, start: Start, gateway: Gateway, target: &ExecTarget, size: Size) -> Result<Session> {
    let timing = Timing { clock: cx.clock.clone(), ..Timing::default() };
    ssm::open_within(start, gateway, size, timing).await.map_err(|error| {
        let kind = match error {
            ssm::Error::Unreachable { .. } | ssm::Error::Refused { .. } | ssm::Error::Silent { .. } => {
                Kind::Unreachable
            }
            ssm::Error::Unsigned { .. } => Kind::Expired,
            ssm::Error::ForeignHost { .. } | ssm::Error::Closed { .. } | ssm::Error::Declined { .. } => Kind::Refused,
            ssm::Error::BadUrl | ssm::Error::NotLetIn { .. } => Kind::Internal,
        };
        let hint = error.hint();
        let failed = Error::new(kind, format!("no session in {}", label(target))).because(error);
        hint.into_iter().fold(failed, Error::hint)
    })
}

/// A session that was started and has nobody attached. Its command runs already: dropped before it is kept, because
/// opening failed or nobody waits any more, it is ended.
struct Unopened {
    aws: aws::Clients,
    session_id: Option<String>,
}

impl Unopened {
    fn keep(mut self) {
        self.session_id = None;
    }
}

impl Drop for Unopened {
    fn drop(&mut self) {
        if let Some(session_id) = self.session_id.take() {
            self.aws.abandon_session(session_id);
        }
    }
}

/// Returns what the data channel asks of AWS.
fn gateway(aws: &aws::Clients, target: &ExecTarget, clock: &Clock) -> Gateway {
    let (signing, resuming, terminating, encrypting) = (aws.clone(), aws.clone(), aws.clone(), aws.clone());
    Gateway {
        sign: Arc::new(move |address| {
            let aws = signing.clone();
            Box::pin(async move { aws.sign_channel(&address).await.map_err(|error| failure(&error)) })
        }),
        resume: Arc::new(move |session_id| {
            let aws = resuming.clone();
            Box::pin(async move { aws.resume_session(&session_id).await.map_err(|error| failure(&error)) })
        }),
        terminate: Arc::new(move |session_id| {
            let aws = terminating.clone();
            Box::pin(async move { aws.terminate_session(&session_id).await.map_err(|error| failure(&error)) })
        }),
        data_key: Arc::new(move |request: ssm::KeyRequest| {
            let aws = encrypting.clone();
            Box::pin(
                async move { aws.data_key(&request.key_id, &request.context).await.map_err(|error| failure(&error)) },
            )
        }),
        fate: watch::fate(aws, target, clock),
        allow_loopback: aws.ecs_endpoint().is_some(),
        network: aws.network().clone(),
    }
}

/// Returns a failure as the channel tells it. Credentials that have run out are mended by logging in again, which a
/// session waits for.
fn failure(error: &aws::Error) -> ssm::Failure {
    let lasts = match error.kind {
        aws::Kind::Unreachable | aws::Kind::Throttled | aws::Kind::Broken | aws::Kind::Credentials => false,
        aws::Kind::Setup | aws::Kind::Denied | aws::Kind::NotFound | aws::Kind::Refused => true,
    };
    let hint = error.hints.first().map(|hint| format!(" ({hint})")).unwrap_or_default();
    ssm::Failure { reason: format!("{error}{hint}"), lasts }
}

/// Returns what Session Manager calls a container.
fn session_manager_target(target: &ExecTarget, runtime_id: &str) -> String {
    format!("ecs:{}_{}_{runtime_id}", target.cluster.name(), target.task.name())
}

/// Returns what a session leads to: `cluster/task/container`.
fn label(target: &ExecTarget) -> String {
    format!("{}/{}/{}", target.cluster.name(), target.task.short(), target.container)
}

/// The shell that is there: a container has `bash` or it has `sh`.
const DEFAULT_SHELL: &str = "sh -c 'command -v bash >/dev/null && exec bash || exec sh'";

/// Returns the command line as the agent takes it: split by <https://github.com/google/shlex> and executed without a
/// shell.
fn words(command: &Command) -> Result<String> {
    let nul = || Error::new(Kind::Usage, "a command cannot hold the character NUL");
    match command {
        Command::DefaultShell => Ok(DEFAULT_SHELL.to_owned()),
        Command::Shell(shell) if shell.trim().is_empty() => Err(Error::new(Kind::Usage, "the shell has no name")),
        Command::Shell(shell) if shell.contains('\0') => Err(nul()),
        Command::Shell(shell) => Ok(shell.clone()),
        Command::Argv(argv) if argv.is_empty() => Err(Error::new(Kind::Usage, "there is no command to run")),
        Command::Argv(argv) => shlex::try_join(argv.iter().map(String::as_str)).map_err(|_| nul()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Splits as google/shlex e7afc7f (shlex.go, `Tokenizer.scanStream`) does: quotes, escapes, and `#` comments where
    /// a word could begin.
    fn agent_split(line: &str) -> Vec<String> {
        #[derive(Clone, Copy)]
        enum At {
            Start,
            Word,
            Escaping,
            EscapingQuoted,
            Quoted,
            Double,
            Comment,
        }
        let (mut words, mut word, mut at) = (Vec::new(), String::new(), At::Start);
        for character in line.chars() {
            at = match (at, character) {
                (At::Start, ' ' | '\t' | '\r' | '\n') | (At::Comment, '\n') => At::Start,
                (At::Start, '#') | (At::Comment, _) => At::Comment,
                (At::Start | At::Word, '"') => At::Double,
                (At::Start | At::Word, '\'') => At::Quoted,
                (At::Start | At::Word, '\\') => At::Escaping,
                (At::Word, ' ' | '\t' | '\r' | '\n') => {
                    words.push(std::mem::take(&mut word));
                    At::Start
                }
                (At::Quoted, '\'') | (At::Double, '"') => At::Word,
                (At::Double, '\\') => At::EscapingQuoted,
                (at @ (At::Start | At::Word | At::Escaping | At::EscapingQuoted | At::Quoted | At::Double), other) => {
                    word.push(other);
                    match at {
                        At::Quoted => At::Quoted,
                        At::Double | At::EscapingQuoted => At::Double,
                        At::Start | At::Word | At::Escaping | At::Comment => At::Word,
                    }
                }
            };
        }
        if !matches!(at, At::Start | At::Comment) {
            words.push(word);
        }
        words
    }

    #[test]
    fn the_default_shell_is_three_words_to_the_agent() {
        assert_eq!(agent_split(DEFAULT_SHELL), ["sh", "-c", "command -v bash >/dev/null && exec bash || exec sh"]);
    }

    #[test]
    fn a_comment_sign_and_an_empty_word_survive() {
        let argv = ["echo", "#no comment", "", "a'b", "$HOME", "!x", "a\\b", "a\nb"].map(String::from);
        assert_eq!(agent_split(&words(&Command::Argv(argv.to_vec())).unwrap()), argv);
    }

    #[test]
    fn what_cannot_be_a_command_is_refused() {
        for command in [
            Command::Argv(vec![]),
            Command::Argv(vec!["a\0b".to_owned()]),
            Command::Shell(" ".to_owned()),
            Command::Shell("a\0".to_owned()),
        ] {
            assert_eq!(words(&command).unwrap_err().kind, Kind::Usage, "{command:?}");
        }
    }

    proptest! {
        #[test]
        fn every_argument_arrives_as_it_is(argv in prop::collection::vec("[^\0]{0,12}", 1..6)) {
            let line = words(&Command::Argv(argv.clone())).unwrap();
            prop_assert_eq!(agent_split(&line), argv);
        }
    }
}
