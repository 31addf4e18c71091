//! What the schedulers were heard to say, service by service: more than AWS keeps, and bounded, so that a browser that
//! stays open for days does not grow.

use std::collections::{BTreeMap, BinaryHeap};

use crate::model::{Arn, EventLog, Heard, Service, Timestamp};

/// So many events are kept of all services together; then that service is forgotten of which nothing was read for the
/// longest time.
const MOST: usize = 50_000;

/// The logs of the services.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct EventLogs {
    logs: BTreeMap<Arn, Log>,
    /// How often anything was heard.
    turn: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Log {
    events: EventLog,
    /// When it was last read, in turns.
    turn: u64,
}

impl EventLogs {
    /// Takes the events of a service that was described.
    pub(crate) fn hear(&mut self, service: &Service) {
        let Some(detail) = &service.detail else { return };
        self.turn += 1;
        let log = self.logs.entry(service.arn.clone()).or_default();
        log.turn = self.turn;
        log.events.hear(&detail.events);
        while self.logs.len() > 1 && self.logs.values().map(|log| log.events.len()).sum::<usize>() > MOST {
            let oldest = self.logs.iter().min_by_key(|(_, log)| log.turn).map(|(arn, _)| arn.clone());
            oldest.and_then(|arn| self.logs.remove(&arn));
        }
    }

    /// Returns what was heard of a service; nothing where it has not been described.
    pub(crate) fn of(&self, service: &Arn) -> Option<&EventLog> {
        self.logs.get(service).map(|log| &log.events)
    }

    /// Returns the newest `most` events of these services with the place of their service, oldest first.
    pub(crate) fn merged<'a>(&'a self, services: &[&Arn], most: usize) -> Vec<(usize, &'a Heard)> {
        let mut rest: Vec<_> =
            services.iter().map(|service| self.of(service).into_iter().flat_map(EventLog::heard).rev()).collect();
        let mut newest: BinaryHeap<Next<'a>> = rest
            .iter_mut()
            .enumerate()
            .filter_map(|(place, log)| log.next().map(|heard| Next::new(place, heard)))
            .collect();
        let mut merged = Vec::new();
        while let Some(Next { place, heard, .. }) = newest.pop().filter(|_| merged.len() < most) {
            merged.push((place, heard));
            newest.extend(rest[place].next().map(|heard| Next::new(place, heard)));
        }
        merged.reverse();
        merged
    }
}

/// The newest event of a service that has not been taken: compared by its time, of the same time by its service.
struct Next<'a> {
    at: Option<Timestamp>,
    place: usize,
    heard: &'a Heard,
}

impl<'a> Next<'a> {
    fn new(place: usize, heard: &'a Heard) -> Self {
        Self { at: heard.event.at, place, heard }
    }
}

impl Ord for Next<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.place).cmp(&(other.at, other.place))
    }
}

impl PartialOrd for Next<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Next<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Next<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ServiceDetail, ServiceEvent};

    fn arn(name: &str) -> Arn {
        format!("arn:aws:ecs:eu-west-1:123456789012:service/prod/{name}").parse().unwrap()
    }

    fn service(name: &str, seconds: impl DoubleEndedIterator<Item = i64>) -> Service {
        let event = |second: i64| ServiceEvent {
            id: format!("{name} {second}").into(),
            at: Timestamp::from_second(second).ok(),
            message: "said".into(),
        };
        Service {
            arn: arn(name),
            cluster: "arn:aws:ecs:eu-west-1:123456789012:cluster/prod".parse().unwrap(),
            name: name.into(),
            detail: Some(Box::new(ServiceDetail {
                status: "ACTIVE".into(),
                desired: 1,
                running: 1,
                pending: 0,
                task_definition: None,
                launch: "FARGATE".into(),
                controller: "ECS".into(),
                scheduling: "REPLICA".into(),
                breaker: true,
                exec_enabled: false,
                attachments: Vec::new(),
                created: None,
                deployments: Vec::new(),
                events: seconds.rev().map(event).collect(),
            })),
        }
    }

    #[test]
    fn services_are_merged_by_time_and_cut_at_the_oldest() {
        let mut logs = EventLogs::default();
        logs.hear(&service("api", [1, 4, 5].into_iter()));
        logs.hear(&service("web", [2, 4, 6].into_iter()));
        let (api, web, none) = (arn("api"), arn("web"), arn("none"));
        let merged = |most| {
            let all = logs.merged(&[&api, &none, &web], most);
            all.into_iter().map(|(_, heard)| &*heard.event.id).collect::<Vec<_>>()
        };
        assert_eq!(merged(9), ["api 1", "web 2", "api 4", "web 4", "api 5", "web 6"]);
        assert_eq!(merged(2), ["api 5", "web 6"]);
    }

    #[test]
    fn what_nobody_looked_at_for_long_is_forgotten_first() {
        let mut logs = EventLogs::default();
        let many = MOST as i64 / 100;
        for number in 0..many {
            logs.hear(&service(&number.to_string(), 0..100));
        }
        logs.hear(&service("0", 0..100));
        assert_eq!(logs.logs.len() as i64, many);
        logs.hear(&service("one more", 0..1));
        assert!(logs.of(&arn("0")).is_some() && logs.of(&arn("1")).is_none() && logs.of(&arn("one more")).is_some());
    }
}
