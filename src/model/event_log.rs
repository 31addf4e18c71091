//! What a service's scheduler was heard to say: AWS's window of 100 events, poll by poll, made into one log.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use super::ServiceEvent;

/// How many events AWS keeps for a service.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html>
const WINDOW: usize = 100;

/// How many events are remembered of a service, the newest ones.
const REMEMBERED: usize = 2000;

/// The events of one service that were heard, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventLog {
    heard: VecDeque<Heard>,
    ids: HashSet<Arc<str>>,
}

/// An event that was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The event.
    pub event: ServiceEvent,
    /// Whether some before it may have been missed: it was the oldest of a whole window in which nothing was known.
    pub gap: bool,
}

impl EventLog {
    /// Takes the events of one poll, newest first as AWS gives them, and returns how many of them are new.
    pub fn hear(&mut self, window: &[ServiceEvent]) -> usize {
        let mut fresh: Vec<&ServiceEvent> =
            window.iter().rev().filter(|event| !self.ids.contains(&key(event))).collect();
        // Stable: events of the same time stay as AWS has them.
        fresh.sort_by_key(|event| event.at);
        let count = fresh.len();
        let missed = !self.heard.is_empty() && count >= WINDOW;
        for (place, event) in fresh.into_iter().enumerate() {
            self.ids.insert(key(event));
            self.heard.push_back(Heard { event: event.clone(), gap: missed && place == 0 });
        }
        while self.heard.len() > REMEMBERED {
            if let Some(oldest) = self.heard.pop_front() {
                self.ids.remove(&key(&oldest.event));
            }
        }
        count
    }

    /// Returns what was heard, oldest first.
    pub fn heard(&self) -> impl DoubleEndedIterator<Item = &Heard> + ExactSizeIterator {
        self.heard.iter()
    }

    /// Returns how many events are remembered.
    pub fn len(&self) -> usize {
        self.heard.len()
    }

    /// Whether nothing was heard.
    pub fn is_empty(&self) -> bool {
        self.heard.is_empty()
    }
}

/// Returns what an event is known by; one without an id by its time and words.
fn key(event: &ServiceEvent) -> Arc<str> {
    if event.id.is_empty() { format!("{:?} {}", event.at, event.message).into() } else { Arc::clone(&event.id) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use proptest::prelude::*;

    fn event(number: i64, second: i64) -> ServiceEvent {
        let at = Timestamp::from_second(second).ok();
        ServiceEvent { id: number.to_string().into(), at, message: format!("said {number}").into() }
    }

    /// What AWS shows once `ever` events have happened, one a second.
    fn window(ever: i64) -> Vec<ServiceEvent> {
        (1..=ever).rev().take(WINDOW).map(|number| event(number, number)).collect()
    }

    fn numbers(log: &EventLog) -> Vec<&str> {
        log.heard().map(|heard| &*heard.event.id).collect()
    }

    #[test]
    fn a_second_poll_adds_what_is_new() {
        let mut log = EventLog::default();
        assert_eq!((log.hear(&window(3)), log.hear(&window(3)), log.hear(&window(5))), (3, 0, 2));
        assert_eq!(numbers(&log), ["1", "2", "3", "4", "5"]);
        assert!(log.heard().all(|heard| !heard.gap));
    }

    #[test]
    fn events_of_one_time_hide_none() {
        let mut log = EventLog::default();
        log.hear(&[event(2, 7), event(1, 7)]);
        log.hear(&[event(3, 7), event(2, 7), event(1, 7)]);
        assert_eq!(numbers(&log), ["1", "2", "3"]);
    }

    #[test]
    fn a_window_of_nothing_known_has_a_gap_before_it() {
        let mut log = EventLog::default();
        log.hear(&window(150));
        assert!(log.heard().all(|heard| !heard.gap), "before the first poll nobody listened");
        log.hear(&window(249));
        assert!(log.heard().all(|heard| !heard.gap), "99 new ones leave one known");
        log.hear(&window(349));
        let gaps: Vec<_> = log.heard().filter(|heard| heard.gap).map(|heard| &*heard.event.id).collect();
        assert_eq!(gaps, ["250"]);
    }

    #[test]
    fn events_without_an_id_are_known_by_what_they_say() {
        let nameless = |second| ServiceEvent { id: "".into(), ..event(1, second) };
        let mut log = EventLog::default();
        assert_eq!((log.hear(&[nameless(1)]), log.hear(&[nameless(2), nameless(1)])), (1, 1));
    }

    proptest! {
        #[test]
        fn however_often_it_is_looked_at_nothing_doubles_and_nothing_is_out_of_order(steps in proptest::collection::vec(0_i64..260, 1..40)) {
            let (mut log, mut ever) = (EventLog::default(), 0);
            for step in steps {
                let before = ever;
                ever += step;
                let fresh = log.hear(&window(ever));
                prop_assert_eq!(fresh as i64, step.min(WINDOW as i64));
                let gapped = log.heard().rev().take(WINDOW).any(|heard| heard.gap && heard.event.at.is_some_and(|at| at.as_second() > before));
                prop_assert_eq!(gapped, before > 0 && step >= WINDOW as i64);
            }
            prop_assert!(log.len() <= REMEMBERED);
            prop_assert!(log.heard().map(|heard| heard.event.at).is_sorted_by(|one, two| one < two));
            prop_assert_eq!(log.ids.len(), log.len());
        }
    }
}
