//! What is kept of a stopped task: why and when it stopped, and nothing that its containers were given.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::model::{Arn, Container, ExecAgent, Group, Task, Timestamp};

/// So many tasks are kept at most, the last to stop.
pub(super) const MOST: usize = 10_000;
/// How long before the last of them a task may have stopped.
pub(super) const OLDEST: Duration = Duration::from_hours(30 * 24);

/// A stopped task as the file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    task: String,
    cluster: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    definition: String,
    #[serde(default)]
    launch: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stopping: Option<String>,
    stopped: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default)]
    containers: Vec<ContainerRecord>,
}

/// One of its containers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ContainerRecord {
    name: String,
    #[serde(default)]
    image: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exit: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Record {
    /// Returns what is kept of a task that has stopped.
    pub(super) fn of(task: &Task) -> Self {
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let container = |it: &Container| ContainerRecord {
            name: it.name.to_string(),
            image: it.image.to_string(),
            exit: it.exit_code,
            reason: it.reason.clone(),
        };
        Self {
            task: task.arn.to_string(),
            cluster: task.cluster.to_string(),
            service: task.group.service().map(ToString::to_string),
            group: task.group.standalone().map(ToString::to_string),
            definition: task.definition.to_string(),
            launch: task.launch.to_string(),
            zone: task.zone.as_ref().map(ToString::to_string),
            created: time(task.created),
            started: time(task.started),
            stopping: time(task.stopping),
            stopped: task.stopped.unwrap_or_default().to_string(),
            code: task.stop_code.as_ref().map(ToString::to_string),
            reason: task.stopped_reason.clone(),
            containers: task.containers.iter().map(container).collect(),
        }
    }

    /// Returns the task, if it is the cluster's and can be understood.
    pub(super) fn task(&self, cluster: &Arn) -> Option<Task> {
        if self.cluster != cluster.as_str() {
            return None;
        }
        let time = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
        let container = |it: &ContainerRecord| Container {
            arn: None,
            name: it.name.as_str().into(),
            image: it.image.as_str().into(),
            digest: None,
            last_status: "STOPPED".into(),
            health: "UNKNOWN".into(),
            bindings: Vec::new(),
            runtime_id: None,
            exit_code: it.exit,
            reason: it.reason.clone(),
            exec: ExecAgent::Absent,
        };
        Some(Task {
            arn: self.task.parse().ok()?,
            cluster: cluster.clone(),
            group: match &self.service {
                Some(service) => Group::Service(service.as_str().into()),
                None => Group::Standalone(self.group.as_deref().unwrap_or_default().into()),
            },
            definition: self.definition.parse().ok()?,
            last_status: "STOPPED".into(),
            desired_status: "STOPPED".into(),
            health: "UNKNOWN".into(),
            launch: self.launch.as_str().into(),
            zone: self.zone.as_deref().map(Into::into),
            instance: None,
            ip: None,
            exec_enabled: false,
            created: time(&self.created),
            started: time(&self.started),
            stopping: time(&self.stopping),
            stopped: Some(self.stopped()),
            stop_code: self.code.as_deref().map(Into::into),
            stopped_reason: self.reason.clone(),
            containers: self.containers.iter().map(container).collect(),
        })
    }

    fn stopped(&self) -> Timestamp {
        self.stopped.parse().unwrap_or_default()
    }
}

/// Whether these say something that is not known.
pub(super) fn adds(known: &[Record], seen: &[Record]) -> bool {
    let known: HashMap<&str, &Record> = known.iter().map(|record| (record.task.as_str(), record)).collect();
    seen.iter().any(|record| known.get(record.task.as_str()).is_none_or(|known| *known != record))
}

/// Returns both, each task once and as it was seen last, the last to stop first, and no more than are kept.
pub(super) fn merged(known: Vec<Record>, seen: Vec<Record>) -> Vec<Record> {
    let by_task: BTreeMap<String, Record> =
        known.into_iter().chain(seen).map(|record| (record.task.clone(), record)).collect();
    let mut dated: Vec<(Timestamp, Record)> = by_task.into_values().map(|record| (record.stopped(), record)).collect();
    dated.sort_by(|(one, first), (two, second)| (Reverse(one), &first.task).cmp(&(Reverse(two), &second.task)));
    let limit = dated.first().and_then(|(last, _)| last.checked_sub(OLDEST).ok()).unwrap_or(Timestamp::MIN);
    dated.into_iter().filter(|(at, _)| *at >= limit).map(|(_, record)| record).take(MOST).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    const CLUSTER: &str = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod";

    /// A task that stopped so many hours after 2026 began.
    pub(crate) fn record(id: u32, hour: u32, reason: &str) -> Record {
        let begin: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let at = begin.checked_add(Duration::from_hours(hour.into())).unwrap();
        Record {
            task: format!("arn:aws:ecs:eu-west-1:123456789012:task/prod/{id:032x}"),
            cluster: CLUSTER.to_owned(),
            service: Some("api".to_owned()),
            group: None,
            definition: "arn:aws:ecs:eu-west-1:123456789012:task-definition/api:41".to_owned(),
            launch: "FARGATE".to_owned(),
            zone: None,
            created: None,
            started: None,
            stopping: None,
            stopped: at.to_string(),
            code: Some("EssentialContainerExited".to_owned()),
            reason: Some(reason.to_owned()),
            containers: vec![ContainerRecord {
                name: "app".to_owned(),
                image: "i".to_owned(),
                exit: Some(1),
                reason: None,
            }],
        }
    }

    #[test]
    fn a_task_comes_back_as_it_was() {
        let cluster: Arn = CLUSTER.parse().unwrap();
        let kept = record(1, 5, "why");
        let task = kept.task(&cluster).unwrap();
        assert_eq!((Record::of(&task), task.containers[0].exit_code), (kept.clone(), Some(1)));
        assert_eq!(kept.task(&"arn:aws:ecs:eu-west-1:123456789012:cluster/other".parse().unwrap()), None);
    }

    #[test]
    fn only_so_many_and_only_so_old_ones_are_kept() {
        let many = (0..MOST as u32 + 5).map(|id| record(id, id / 100, "why")).collect();
        let kept = merged(Vec::new(), many);
        assert_eq!(kept.len(), MOST);
        assert!(kept.contains(&record(94, 0, "why")) && !kept.contains(&record(95, 0, "why")));
        let old = merged(vec![record(1, 0, "why")], vec![record(2, 30 * 24, "why")]);
        assert_eq!(old.len(), 2);
        let older = merged(vec![record(1, 0, "why")], vec![record(2, 30 * 24 + 1, "why")]);
        assert_eq!(older, [record(2, 30 * 24 + 1, "why")]);
    }

    fn records() -> impl Strategy<Value = Vec<Record>> {
        proptest::collection::vec((0_u32..20, 0_u32..1500, "[ab]"), 0..30)
            .prop_map(|all| all.into_iter().map(|(id, hour, reason)| record(id, hour, &reason)).collect())
    }

    proptest! {
        #[test]
        fn merging_again_changes_nothing(known in records(), seen in records()) {
            let once = merged(known, seen.clone());
            prop_assert_eq!(&merged(once.clone(), Vec::new()), &once);
            prop_assert_eq!(&merged(Vec::new(), once.clone()), &once);
            prop_assert_eq!(&merged(once.clone(), once.clone()), &once);
            prop_assert!(!adds(&once, &once));
        }

        #[test]
        fn each_task_is_there_once_as_it_was_seen_last(known in records(), seen in records()) {
            let all = merged(known.clone(), seen.clone());
            let newest = |task: &str| known.iter().chain(&seen).rfind(|it| it.task == task).cloned();
            let mut tasks: Vec<_> = all.iter().map(|it| it.task.clone()).collect();
            prop_assert!(all.iter().all(|it| Some(it.clone()) == newest(&it.task)));
            prop_assert!(all.iter().map(Record::stopped).is_sorted_by(|one, two| one >= two));
            tasks.sort();
            tasks.dedup();
            prop_assert_eq!(tasks.len(), all.len());
        }
    }
}
