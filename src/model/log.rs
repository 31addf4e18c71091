//! Where containers write their logs, and the lines that stand there.

use std::sync::Arc;

use super::{Arn, Timestamp};

/// Where the output of a container goes, by its task definition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LogPlace {
    /// Nobody said: to whatever the Docker daemon of the container instance does by itself.
    #[default]
    Unsaid,
    /// To CloudWatch Logs, by the driver `awslogs`.
    CloudWatch {
        /// The log group.
        group: String,
        /// The region of the group; `None` is the task's.
        region: Option<String>,
        /// What the names of its streams begin with. Without it a stream is called by the container's id, which only
        /// the container runtime and DescribeTasks know.
        prefix: Option<String>,
    },
    /// To somewhere else, by this driver.
    Elsewhere(String),
}

/// A container of a task that writes to CloudWatch Logs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogSource {
    /// The log group.
    pub group: Arc<str>,
    /// The log stream.
    pub stream: Arc<str>,
    /// The task.
    pub task: Arn,
    /// The service that the task belongs to, if one started it.
    pub service: Option<Arc<str>>,
    /// The container's name.
    pub container: Arc<str>,
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written, by the clock of whoever wrote it.
    pub at: Timestamp,
    /// When CloudWatch Logs took it in.
    pub ingested: Option<Timestamp>,
    /// Who wrote it.
    pub source: Arc<LogSource>,
    /// What was written, untrusted text.
    pub message: Box<str>,
}

#[cfg(test)]
impl LogLine {
    /// Returns a line of the container `app` of a task of `api`.
    pub(crate) fn example(message: &str) -> Self {
        Self {
            at: "2026-03-10T12:00:00.25Z".parse().expect("a time"),
            ingested: None,
            source: Arc::new(LogSource {
                group: "/ecs/api".into(),
                stream: "ecs/app/4f2ab81c0d0e".into(),
                task: "arn:aws:ecs:eu-west-1:123456789012:task/prod/4f2ab81c0d0e".parse().expect("an ARN"),
                service: Some("api".into()),
                container: "app".into(),
            }),
            message: message.into(),
        }
    }
}

impl LogPlace {
    /// Returns the place that a log driver and its options mean.
    pub fn of(driver: &str, option: impl Fn(&str) -> Option<String>) -> Self {
        match (driver, option("awslogs-group")) {
            ("awslogs", Some(group)) => Self::CloudWatch {
                group,
                region: option("awslogs-region").filter(|region| !region.is_empty()),
                prefix: option("awslogs-stream-prefix").filter(|prefix| !prefix.is_empty()),
            },
            (driver, _) => Self::Elsewhere(driver.to_owned()),
        }
    }

    /// Returns the name of the stream of a container of a task; `None` where nobody can tell it, or there is none.
    pub fn stream(&self, container: &str, task: &Arn, runtime_id: Option<&str>) -> Option<String> {
        match self {
            Self::CloudWatch { prefix: Some(prefix), .. } => Some(format!("{prefix}/{container}/{}", task.name())),
            Self::CloudWatch { prefix: None, .. } => runtime_id.map(str::to_owned),
            Self::Unsaid | Self::Elsewhere(_) => None,
        }
    }

    /// Returns what the streams of a container begin with, in all tasks that write there; `None` where their names
    /// have nothing in common.
    pub fn stream_prefix(&self, container: &str) -> Option<String> {
        match self {
            Self::CloudWatch { prefix: Some(prefix), .. } => Some(format!("{prefix}/{container}/")),
            Self::CloudWatch { prefix: None, .. } | Self::Unsaid | Self::Elsewhere(_) => None,
        }
    }

    /// Returns what is said where there is nothing to read: who has the lines instead.
    pub fn elsewhere(&self) -> Option<String> {
        let (driver, who) = match self {
            Self::CloudWatch { .. } => return None,
            Self::Unsaid => ("no log driver of its own", "the Docker daemon of its container instance has the lines"),
            Self::Elsewhere(driver) => (driver.as_str(), keeper(driver)),
        };
        Some(format!("{driver}: {who}"))
    }
}

/// Returns who has the lines of a log driver.
fn keeper(driver: &str) -> &'static str {
    match driver {
        "awsfirelens" => "the log router beside it sends the lines to where its own options say",
        "json-file" | "local" => "`docker logs` on its container instance shows the lines",
        "journald" => "`journalctl` on its container instance shows the lines",
        "syslog" => "the syslog that its options name has the lines",
        "splunk" => "Splunk has the lines",
        "fluentd" => "the Fluentd that its options name has the lines",
        "gelf" => "the Graylog or Logstash that its options name has the lines",
        "awslogs" => "its options name no log group",
        "none" => "nobody keeps the lines",
        _ => "whatever it writes to has the lines",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(driver: &str, options: &[(&str, &str)]) -> LogPlace {
        let option =
            |name: &str| options.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        LogPlace::of(driver, option)
    }

    #[test]
    fn a_stream_is_named_by_prefix_container_and_task() {
        let task: Arn = "arn:aws:ecs:eu-west-1:123456789012:task/prod/0123456789abcdef".parse().unwrap();
        let named = place("awslogs", &[("awslogs-group", "/ecs/api"), ("awslogs-stream-prefix", "ecs")]);
        assert_eq!(named.stream("app", &task, None).as_deref(), Some("ecs/app/0123456789abcdef"));
        assert_eq!(named.stream_prefix("app").as_deref(), Some("ecs/app/"));
        assert_eq!(named.elsewhere(), None);
    }

    #[test]
    fn without_a_prefix_it_is_the_containers_id() {
        let task: Arn = "arn:aws:ecs:eu-west-1:123456789012:task/prod/0123456789abcdef".parse().unwrap();
        let bare = place("awslogs", &[("awslogs-group", "/ecs/api")]);
        assert_eq!(bare.stream("app", &task, Some("4f2ab81c")).as_deref(), Some("4f2ab81c"));
        assert_eq!((bare.stream("app", &task, None), bare.stream_prefix("app")), (None, None));
    }

    #[test]
    fn other_drivers_are_said_by_name() {
        assert_eq!(place("splunk", &[]).elsewhere().unwrap(), "splunk: Splunk has the lines");
        assert!(place("awslogs", &[]).elsewhere().unwrap().contains("no log group"));
        assert!(LogPlace::Unsaid.elsewhere().unwrap().contains("Docker daemon"));
    }
}
