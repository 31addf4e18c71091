//! What became of what changes have begun, where somebody followed it to its end.

use serde::{Deserialize, Serialize};

use super::Ended;
use crate::{model::Timestamp, ops::deployments};

/// What became of a service that a change was about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Became {
    /// The change.
    pub id: String,
    /// When that was seen.
    pub at: Timestamp,
    /// The service: `prod/payments-api`.
    pub service: String,
    /// What became of it.
    pub fate: Fate,
    /// Why it is not completed.
    pub why: Option<String>,
}

/// How what was begun came out; the worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// As it was wanted.
    Completed,
    /// A newer deployment took its place.
    Superseded,
    /// Its tasks fail, and nothing gives it up.
    Failing,
    /// It was given up, and the one before it runs again.
    RolledBack,
    /// It was given up.
    Failed,
}

impl Fate {
    /// Returns the fate of a deployment that is over; none of one that is not, or of which AWS does not say it.
    pub(in crate::ops) fn of(outcome: deployments::Outcome) -> Option<Self> {
        use deployments::Outcome;
        match outcome {
            Outcome::Completed => Some(Self::Completed),
            Outcome::Superseded => Some(Self::Superseded),
            Outcome::Failing => Some(Self::Failing),
            Outcome::RolledBack => Some(Self::RolledBack),
            Outcome::Failed => Some(Self::Failed),
            Outcome::UnderWay | Outcome::RollingBack | Outcome::Unknown => None,
        }
    }
}

impl Ended {
    /// Returns what became of all that the change has begun: the worst, as soon as one service is not completed, and
    /// otherwise only once somebody has followed every one to its end.
    pub fn fate(&self) -> Option<Fate> {
        let worst = self.became.iter().map(|it| it.fate).max()?;
        let is_followed = |service: &String| self.became.iter().any(|it| it.service == *service);
        (worst != Fate::Completed || self.services.iter().all(is_followed)).then_some(worst)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Outcome, *};

    fn ended(fates: &[(&str, Fate)]) -> Ended {
        let at = Timestamp::UNIX_EPOCH;
        let became = |(service, fate): &(&str, Fate)| Became {
            id: "1".to_owned(),
            at,
            service: (*service).to_owned(),
            fate: *fate,
            why: None,
        };
        Ended {
            id: "1".to_owned(),
            at,
            result: Outcome::Done,
            made: Vec::new(),
            why: None,
            services: vec!["prod/web".to_owned(), "prod/api".to_owned()],
            became: fates.iter().map(became).collect(),
        }
    }

    #[test]
    fn it_is_completed_once_every_service_is_and_not_once_one_is_not() {
        assert_eq!(ended(&[]).fate(), None);
        assert_eq!(ended(&[("prod/web", Fate::Completed)]).fate(), None);
        assert_eq!(
            ended(&[("prod/web", Fate::Completed), ("prod/api", Fate::Completed)]).fate(),
            Some(Fate::Completed)
        );
        assert_eq!(ended(&[("prod/api", Fate::RolledBack)]).fate(), Some(Fate::RolledBack));
        assert_eq!(ended(&[("prod/web", Fate::Superseded), ("prod/api", Fate::Failed)]).fate(), Some(Fate::Failed));
    }
}
