//! What the details need beyond what the panes know: what is looked at, and what was seen.
//!
//! A new view is a variant of each: what it is about, by ids, and what AWS says of it.

use std::time::Duration;

use super::{
    DefinitionForm, DetailView, Level, Notice, RowId, State,
    book::{LogBook, LogRow},
    detail::{revision_of, targets},
};
use crate::{
    model::{Alarm, Arn, Attachment, Described, Scaling, Service, TaskDefinition, Thing, Timestamp, Usage},
    ops::{
        deployments::Deployments,
        events::MOST_SERVICES,
        instances::Instances,
        logs::Wanted,
        sites::KnownProfile,
        stopped::{StoppedTask, Whose},
        targets::{Fronts, Health},
        taskdefs::Revision,
    },
};

/// How often numbers are read again at the most: CloudWatch has new ones each minute, and each look is paid for.
/// Revisions come no more often.
const CALM: Duration = Duration::from_mins(1);
/// How often load balancers and their rules are: people change these, and seldom.
const SELDOM: Duration = Duration::from_mins(10);
/// How often a deployment under way is, and targets of which one is about to get requests or to lose them.
const SOON: Duration = Duration::from_secs(3);

/// Something that is read for the details alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// A task definition.
    Definition(Arn),
    /// All that AWS says of something.
    Described(Thing),
    /// The revisions of a family of task definitions.
    Revisions(String),
    /// The profiles of the user's files.
    Profiles,
    /// The deployments of a service.
    Deployments {
        /// The cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
    },
    /// CPU and memory of a service.
    Usage {
        /// The cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
    },
    /// How a service is scaled.
    Scaling {
        /// The cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
    },
    /// The alarms of all services: CloudWatch gives them all or none.
    Alarms,
    /// The events of services of a cluster.
    Events {
        /// The cluster.
        cluster: Arn,
        /// The services.
        services: Vec<Arn>,
    },
    /// Stopped tasks.
    Stopped(Whose),
    /// What leads to the targets of a service.
    Fronts(Vec<Attachment>),
    /// How the targets of a service are.
    Health {
        /// The cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
        /// What its tasks are registered with.
        attachments: Vec<Attachment>,
    },
    /// The container instances of a cluster.
    Instances(Arn),
    /// Logs, followed for as long as somebody looks.
    Logs(Box<Wanted>),
    /// The lines of logs before this time.
    OlderLogs {
        /// Which logs.
        wanted: Box<Wanted>,
        /// The time of the first line that is known.
        before: Timestamp,
    },
}

/// What was seen where somebody looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// To [`Look::Definition`].
    Definition(Box<TaskDefinition>),
    /// To [`Look::Described`].
    Described(Box<Described>),
    /// To [`Look::Revisions`], the newest first.
    Revisions(Vec<Revision>),
    /// To [`Look::Profiles`], by name.
    Profiles(Vec<KnownProfile>),
    /// To [`Look::Deployments`].
    Deployments(Box<Deployments>),
    /// To [`Look::Usage`].
    Usage(Box<Usage>),
    /// To [`Look::Scaling`].
    Scaling(Box<Scaling>),
    /// To [`Look::Alarms`].
    Alarms(Vec<Alarm>),
    /// To [`Look::Events`]: the services as they were described.
    Events(Vec<Service>),
    /// To [`Look::Stopped`].
    Stopped(Box<StoppedTasks>),
    /// To [`Look::Fronts`].
    Fronts(Box<Fronts>),
    /// To [`Look::Health`].
    Health(Box<Health>),
    /// To [`Look::Instances`].
    Instances(Box<Instances>),
    /// To [`Look::Logs`]: what has been heard of them.
    Logs(LogBook),
    /// To [`Look::OlderLogs`]; none where there are none.
    OlderLogs(Vec<LogRow>),
}

/// Stopped tasks, and what stood in the way of seeing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoppedTasks {
    /// The tasks, those that are still stopping first, then the last to stop.
    pub tasks: Vec<StoppedTask>,
    /// Why AWS's are missing, and what is wrong with the remembered ones.
    pub troubles: Vec<Notice>,
}

/// How what is seen somewhere gets old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ageing {
    /// It never changes, so that one look is enough.
    Never,
    /// As soon as what is on the screen does.
    Soon,
    /// Not before this time.
    NotBefore(Duration),
    /// Not at all: it is followed, comes piece by piece, and is forgotten when nobody looks any more.
    Followed,
}

impl Look {
    /// Whether what is seen there never changes, so that one look is enough.
    pub(super) fn is_fixed(&self) -> bool {
        self.ageing() == Ageing::Never
    }

    /// Whether it is followed: what is seen comes piece by piece, and is forgotten when nobody looks any more.
    pub(super) fn is_live(&self) -> bool {
        self.ageing() == Ageing::Followed
    }

    /// Returns how often it is looked at again, where `refresh` is how often what is on the screen is.
    fn pace(&self, refresh: Duration) -> Duration {
        match self.ageing() {
            Ageing::Never | Ageing::Soon | Ageing::Followed => refresh,
            Ageing::NotBefore(least) => refresh.max(least),
        }
    }

    fn ageing(&self) -> Ageing {
        match self {
            Self::Definition(_) | Self::OlderLogs { .. } => Ageing::Never,
            Self::Described(_)
            | Self::Deployments { .. }
            | Self::Events { .. }
            | Self::Stopped(_)
            | Self::Health { .. }
            | Self::Instances(_) => Ageing::Soon,
            Self::Usage { .. } | Self::Scaling { .. } | Self::Alarms | Self::Revisions(_) | Self::Profiles => {
                Ageing::NotBefore(CALM)
            }
            Self::Fronts(_) => Ageing::NotBefore(SELDOM),
            Self::Logs(_) => Ageing::Followed,
        }
    }

    /// Whether this is what was to be seen there.
    pub(super) fn shows(&self, seen: &Seen) -> bool {
        match (self, seen) {
            (Self::Definition(_), Seen::Definition(_))
            | (Self::Described(_), Seen::Described(_))
            | (Self::Revisions(_), Seen::Revisions(_))
            | (Self::Profiles, Seen::Profiles(_))
            | (Self::Deployments { .. }, Seen::Deployments(_))
            | (Self::Usage { .. }, Seen::Usage(_))
            | (Self::Scaling { .. }, Seen::Scaling(_))
            | (Self::Alarms, Seen::Alarms(_))
            | (Self::Events { .. }, Seen::Events(_))
            | (Self::Stopped(_), Seen::Stopped(_))
            | (Self::Fronts(_), Seen::Fronts(_))
            | (Self::Health { .. }, Seen::Health(_))
            | (Self::Instances(_), Seen::Instances(_))
            | (Self::Logs(_), Seen::Logs(_))
            | (Self::OlderLogs { .. }, Seen::OlderLogs(_)) => true,
            (
                Self::Definition(_)
                | Self::Described(_)
                | Self::Revisions(_)
                | Self::Profiles
                | Self::Deployments { .. }
                | Self::Usage { .. }
                | Self::Scaling { .. }
                | Self::Alarms
                | Self::Events { .. }
                | Self::Stopped(_)
                | Self::Fronts(_)
                | Self::Health { .. }
                | Self::Instances(_)
                | Self::Logs(_)
                | Self::OlderLogs { .. },
                Seen::Definition(_)
                | Seen::Described(_)
                | Seen::Revisions(_)
                | Seen::Profiles(_)
                | Seen::Deployments(_)
                | Seen::Usage(_)
                | Seen::Scaling(_)
                | Seen::Alarms(_)
                | Seen::Events(_)
                | Seen::Stopped(_)
                | Seen::Fronts(_)
                | Seen::Health(_)
                | Seen::Instances(_)
                | Seen::Logs(_)
                | Seen::OlderLogs(_),
            ) => false,
        }
    }
}

impl State {
    /// Returns what the view of the details that is on the screen needs.
    pub(super) fn looks(&self) -> Vec<Look> {
        if let Some(thing) = self.described() {
            return vec![Look::Described(thing.clone())];
        }
        if self.gone().is_some() {
            return Vec::new();
        }
        match self.detail_view() {
            DetailView::Described => Vec::new(),
            DetailView::Facts => self.watched(),
            DetailView::Events => self.events_look().into_iter().collect(),
            DetailView::Deployments => self.deployments_look().into_iter().collect(),
            DetailView::Stopped => self.whose_stopped().map(Look::Stopped).into_iter().collect(),
            DetailView::Targets => targets::looks(self),
            DetailView::Instances => self.selected_cluster().cloned().map(Look::Instances).into_iter().collect(),
            DetailView::TaskDefinition => {
                let own = self.selected_definition();
                let other = match self.definition_form {
                    DefinitionForm::Against(revision) => own.and_then(|own| revision_of(own, revision)),
                    DefinitionForm::Readable | DefinitionForm::Json => None,
                };
                own.cloned().into_iter().chain(other).map(Look::Definition).collect()
            }
            DetailView::Logs => {
                let logs = self.wanted_logs().map(|wanted| Look::Logs(Box::new(wanted)));
                logs.into_iter().chain(self.older_logs()).chain(self.ended_look()).collect()
            }
        }
    }

    /// Returns the look at the deployments of the selected service.
    pub(super) fn deployments_look(&self) -> Option<Look> {
        let (service, _) = self.selected_service()?;
        Some(Look::Deployments { cluster: service.cluster.clone(), service: service.arn.clone() })
    }

    /// Returns the look at the tasks whose ends are said above the logs of a service.
    pub(super) fn ended_look(&self) -> Option<Look> {
        let of_service = self.focus() == Level::Service && self.selected_service().is_some();
        of_service.then(|| self.whose_stopped().map(Look::Stopped)).flatten()
    }

    /// Returns how often it is looked at again; sooner while what was seen there is about to be another, and later what
    /// only stands beside something else.
    pub(super) fn pace(&self, look: &Look, refresh: Duration) -> Duration {
        if self.detail_view() == DetailView::Logs && matches!(look, Look::Stopped(_)) {
            return refresh.max(CALM);
        }
        let seen = self.stock.looks.get(look).and_then(|slot| slot.value.as_ref());
        match seen {
            Some(Seen::Health(health)) if health.is_under_way() => look.pace(refresh).min(SOON),
            Some(Seen::Deployments(seen)) if !seen.outcome().is_final() => look.pace(refresh).min(SOON),
            Some(_) | None => look.pace(refresh),
        }
    }

    /// Returns what tells how the selected service does, where one is looked at.
    fn watched(&self) -> Vec<Look> {
        let row = self.pane(self.focus()).selected().map(|row| &row.id);
        match (self.focus(), row, self.selected_cluster()) {
            (Level::Service, Some(RowId::Service(service)), Some(cluster)) => {
                let (cluster, service) = (cluster.clone(), service.clone());
                let usage = Look::Usage { cluster: cluster.clone(), service: service.clone() };
                vec![usage, Look::Scaling { cluster, service }, Look::Alarms]
            }
            _ => Vec::new(),
        }
    }

    /// Returns what the events of a cluster need; those of a service come with its details.
    fn events_look(&self) -> Option<Look> {
        if self.focus() != Level::Cluster {
            return None;
        }
        let cluster = self.selected_cluster()?.clone();
        let services = &self.stock.services.get(&cluster)?.value;
        let services: Vec<Arn> = services.iter().take(MOST_SERVICES).map(|known| known.service.arn.clone()).collect();
        (!services.is_empty()).then_some(Look::Events { cluster, services })
    }

    /// Returns whose stopped tasks belong to what is selected.
    pub(super) fn whose_stopped(&self) -> Option<Whose> {
        let cluster = self.selected_cluster()?.clone();
        Some(match (self.focus(), self.pane(Level::Service).selected().map(|row| &row.id)) {
            (Level::Cluster, _) => Whose::Cluster(cluster),
            (_, Some(RowId::Service(service))) => Whose::Service { cluster, service: service.clone() },
            (_, _) => Whose::Standalone(cluster),
        })
    }
}
