//! What is known of the account, how fresh each part is, and what is on its way.

mod events;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{Leaves, Look, Notice, RequestId, Seen};
use crate::{
    model::{Arn, Cluster, Service, Task, Timestamp},
    ops::{Identity, Urgency, sites::Site},
};
use events::EventLogs;

/// A cluster with more tasks than this is read service by service.
const WHOLE_CLUSTER: u32 = 1000;
/// What was seen for the details is kept so long after it was on the screen.
const KEPT: Duration = Duration::from_mins(10);
/// And no more than so much of it.
const MOST_LOOKS: usize = 200;

/// Everything that has been read, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Stock {
    /// Who we are.
    pub(crate) identity: Slot<Option<Identity>>,
    /// The clusters, by name.
    pub(crate) clusters: Slot<Vec<Cluster>>,
    /// Why the clusters have no counts.
    pub(crate) uncounted: Option<Notice>,
    /// The services of each cluster that was looked at, by name.
    pub(crate) services: BTreeMap<Arn, Slot<Vec<KnownService>>>,
    /// What could be logged in to, of the clusters that the jump has read.
    pub(crate) leaves: BTreeMap<Arn, Slot<Arc<Leaves>>>,
    /// What could be logged in to at other sites, of those that the jump has read.
    pub(crate) beside: BTreeMap<Site, Beside>,
    /// Tasks, newest first.
    pub(crate) tasks: BTreeMap<TaskScope, Slot<Vec<Task>>>,
    /// Tasks that were run from here and have ended or are about to, the last to end last.
    pub(crate) ended: Vec<Task>,
    /// What was seen for the details.
    pub(crate) looks: BTreeMap<Look, Slot<Option<Seen>>>,
    /// When each of these was last on the screen.
    looked: BTreeMap<Look, Timestamp>,
    /// What the schedulers were heard to say.
    pub(crate) events: EventLogs,
}

/// What the jump has read of another site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Beside {
    /// The clusters, by name.
    pub(crate) clusters: Slot<Vec<Arn>>,
    /// What could be logged in to in each.
    pub(crate) leaves: BTreeMap<Arn, Slot<Arc<Leaves>>>,
}

/// A part of what is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Slot<T> {
    /// What was read last.
    pub(crate) value: T,
    /// How fresh that is.
    pub(crate) status: Status,
}

/// How fresh something is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Status {
    /// When it was last read.
    pub(crate) read: Option<Timestamp>,
    /// Why the last attempt after that failed, and when.
    pub(crate) failure: Option<(Notice, Timestamp)>,
    /// The request that reads it now.
    pub(crate) pending: Option<RequestId>,
    /// Whether somebody asked for it just now.
    pub(crate) asked: bool,
}

/// How a pane's rows came to be, for showing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load<'status> {
    /// Nobody has asked.
    Never,
    /// The first answer is on its way.
    Loading,
    /// Read at this time.
    Ready(Timestamp),
    /// The last attempt failed; rows read before it stand, with their age.
    Failed(&'status Notice, Option<Timestamp>),
}

/// A service and how fresh its details are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownService {
    /// The service.
    pub(crate) service: Service,
    /// Of its details.
    pub(crate) details: Status,
}

/// Whose tasks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TaskScope {
    /// In this cluster.
    pub(crate) cluster: Arn,
    /// Of this service; `None` means all.
    pub(crate) service: Option<Arn>,
}

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// Who we are.
    Identity,
    /// The clusters.
    Clusters,
    /// The names of a cluster's services.
    Services(Arn),
    /// The details of some services of a cluster.
    Details(Arn, Vec<Arn>),
    /// What could be logged in to in a cluster.
    Leaves(Arn),
    /// The clusters of another site.
    ClustersBeside(Site),
    /// What could be logged in to in a cluster of another site.
    LeavesBeside(Site, Arn),
    /// Tasks.
    Tasks(TaskScope),
    /// What a view of the details needs.
    Look(Look),
}

impl Stock {
    /// Returns what is known of another account: of this one's nothing but what is the machine's.
    pub(crate) fn elsewhere(&self) -> Self {
        let mut stock = Self::default();
        let files = (self.looks.get(&Look::Profiles), self.looked.get(&Look::Profiles));
        if let (Some(slot), Some(at)) = files {
            stock.looks.insert(Look::Profiles, slot.clone());
            stock.looked.insert(Look::Profiles, *at);
        }
        stock
    }

    /// Returns the cluster of this ARN.
    pub(crate) fn cluster(&self, arn: &Arn) -> Option<&Cluster> {
        self.clusters.value.iter().find(|cluster| cluster.arn == *arn)
    }

    /// Returns the service of this ARN.
    pub(crate) fn service(&self, cluster: &Arn, service: &Arn) -> Option<&KnownService> {
        let services = &self.services.get(cluster)?.value;
        // Sorted by name, which is the end of the ARN: there may be thousands, and this is asked for every row in
        // sight.
        let place = services.binary_search_by(|known| (*known.service.name).cmp(service.name()));
        let there = place.ok().map(|place| &services[place]).filter(|known| known.service.arn == *service);
        there.or_else(|| services.iter().find(|known| known.service.arn == *service))
    }

    /// Returns which tasks are read to show those of `service`: the whole cluster's where these are few, so that
    /// moving among its services costs nothing.
    pub(crate) fn scope(&self, cluster: &Arn, service: Option<&Arn>) -> TaskScope {
        let service = service.filter(|_| !self.is_small(cluster));
        TaskScope { cluster: cluster.clone(), service: service.cloned() }
    }

    /// Whether the cluster is read as a whole.
    pub(crate) fn is_small(&self, cluster: &Arn) -> bool {
        let detail = self.cluster(cluster).and_then(|cluster| cluster.detail.as_ref());
        let tasks = detail.map(|detail| detail.running.saturating_add(detail.pending));
        tasks.is_none_or(|tasks| tasks <= WHOLE_CLUSTER)
    }

    /// Returns how many tasks of the cluster no service started, once all were read.
    pub(crate) fn standalone(&self, cluster: &Arn) -> Option<usize> {
        let slot = self.tasks.get(&TaskScope { cluster: cluster.clone(), service: None })?;
        slot.status.read?;
        let tasks = slot.value.iter().chain(self.ended_in(cluster));
        Some(tasks.filter(|task| task.group.service().is_none()).count())
    }

    /// Returns the tasks of the cluster that were run from here and have ended, as far as AWS does not tell of them any
    /// more among those that run; the last to end first.
    pub(crate) fn ended_in(&self, cluster: &Arn) -> impl Iterator<Item = &Task> {
        let whole = TaskScope { cluster: cluster.clone(), service: None };
        let read = self.tasks.get(&whole).map(|slot| slot.value.as_slice()).unwrap_or_default();
        let ended = self.ended.iter().rev().filter(move |task| task.cluster == whole.cluster);
        ended.filter(|task| read.iter().all(|known| known.arn != task.arn))
    }

    /// Notes what is on the screen now, and drops what has not been there for long: nobody misses it, and it would be
    /// read again anyway.
    pub(crate) fn look_at<'a>(&mut self, looks: impl Iterator<Item = &'a Look>, now: Timestamp) {
        self.looked.extend(looks.map(|look| (look.clone(), now)));
        let limit = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        let mut times: Vec<Timestamp> = self.looked.values().copied().collect();
        times.sort_unstable_by(|one, two| two.cmp(one));
        let limit = times.get(MOST_LOOKS).map_or(limit, |at| limit.max(later(*at, Duration::from_nanos(1))));
        self.looked.retain(|_, at| *at >= limit);
        self.looks.retain(|look, slot| self.looked.contains_key(look) || slot.status.pending.is_some());
    }

    /// Returns how fresh the thing is that a request of this purpose reads; of several the least fresh.
    pub(crate) fn status(&self, purpose: &Purpose) -> Option<&Status> {
        match purpose {
            Purpose::Identity => Some(&self.identity.status),
            Purpose::Clusters => Some(&self.clusters.status),
            Purpose::Services(cluster) => self.services.get(cluster).map(|slot| &slot.status),
            Purpose::Leaves(cluster) => self.leaves.get(cluster).map(|slot| &slot.status),
            Purpose::ClustersBeside(site) => self.beside.get(site).map(|beside| &beside.clusters.status),
            Purpose::LeavesBeside(site, cluster) => {
                self.beside.get(site).and_then(|beside| beside.leaves.get(cluster)).map(|slot| &slot.status)
            }
            Purpose::Tasks(scope) => self.tasks.get(scope).map(|slot| &slot.status),
            Purpose::Look(look) => self.looks.get(look).map(|slot| &slot.status),
            Purpose::Details(cluster, services) => services
                .iter()
                .filter_map(|service| self.service(cluster, service))
                .map(|known| &known.details)
                .min_by_key(|status| status.read),
        }
    }

    /// Changes the status of everything that a request of this purpose reads.
    pub(crate) fn mark(&mut self, purpose: &Purpose, change: impl Fn(&mut Status)) {
        match purpose {
            Purpose::Identity => change(&mut self.identity.status),
            Purpose::Clusters => change(&mut self.clusters.status),
            Purpose::Services(cluster) => change(&mut self.services.entry(cluster.clone()).or_default().status),
            Purpose::Leaves(cluster) => change(&mut self.leaves.entry(cluster.clone()).or_default().status),
            Purpose::ClustersBeside(site) => {
                change(&mut self.beside.entry(site.clone()).or_default().clusters.status);
            }
            Purpose::LeavesBeside(site, cluster) => {
                let beside = self.beside.entry(site.clone()).or_default();
                change(&mut beside.leaves.entry(cluster.clone()).or_default().status);
            }
            Purpose::Tasks(scope) => change(&mut self.tasks.entry(scope.clone()).or_default().status),
            Purpose::Look(look) => change(&mut self.looks.entry(look.clone()).or_default().status),
            Purpose::Details(cluster, services) => {
                let slot = self.services.entry(cluster.clone()).or_default();
                for known in slot.value.iter_mut().filter(|known| services.contains(&known.service.arn)) {
                    change(&mut known.details);
                }
            }
        }
    }
}

impl Status {
    /// Returns how the rows came to be.
    pub(crate) fn load(&self) -> Load<'_> {
        match (&self.failure, self.read, self.pending) {
            (Some((notice, _)), read, _) => Load::Failed(notice, read),
            (None, Some(read), _) => Load::Ready(read),
            (None, None, Some(_)) => Load::Loading,
            (None, None, None) => Load::Never,
        }
    }

    /// Returns when it is to be read again, and how urgently; `None` when that is never, or on its way.
    pub(crate) fn due(&self, refresh: Option<Duration>) -> Option<(Timestamp, Urgency)> {
        let urgency = if self.read.is_none() || self.asked { Urgency::Waiting } else { Urgency::Background };
        let at = match (&self.failure, self.read) {
            _ if self.pending.is_some() => return None,
            _ if self.asked => Timestamp::MIN,
            (Some((notice, at)), _) if notice.passing => later(*at, refresh?),
            (Some(_), _) => return None,
            (None, Some(at)) => later(at, refresh?),
            (None, None) => Timestamp::MIN,
        };
        Some((at, urgency))
    }

    /// Notes that it was read.
    pub(crate) fn succeed(&mut self, at: Timestamp) {
        *self = Self { read: Some(at), ..Self::default() };
    }

    /// Notes that some of it was heard, and that more is to come.
    pub(crate) fn hear(&mut self, at: Timestamp) {
        self.read = Some(at);
        self.failure = None;
    }

    /// Notes that it could not be read.
    pub(crate) fn fail(&mut self, notice: Notice, at: Timestamp) {
        *self = Self { read: self.read, failure: Some((notice, at)), ..Self::default() };
    }
}

/// Returns the time `after` this one.
pub(crate) fn later(at: Timestamp, after: Duration) -> Timestamp {
    at.checked_add(after).unwrap_or(Timestamp::MAX)
}
