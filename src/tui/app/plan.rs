//! What should be read, and when: what is on screen, as seldom as the settings say, and nothing while the cursor is
//! still on its way.

use std::collections::BTreeSet;

use super::{
    Effect, Errand, Level, LogBook, Look, Request, RequestId, RowId, State,
    code::WithCodes,
    stock::{Purpose, TaskScope, later},
};
use crate::{
    model::{Arn, Timestamp},
    ops::Urgency,
};

/// How long the cursor has to rest on a row before that row's contents are read.
const SETTLE: std::time::Duration = std::time::Duration::from_millis(120);
/// How often a spinner turns while somebody waits.
const SPIN: std::time::Duration = std::time::Duration::from_millis(250);
/// How often services out of sight are described again at the most, and everything that the jump looks through is read.
const OUT_OF_SIGHT: std::time::Duration = std::time::Duration::from_mins(1);
/// So many sites are read at once: each has connections of its own.
const SITES_AT_ONCE: usize = 16;
/// How many services one DescribeServices takes.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html>
const DESCRIBED_AT_ONCE: usize = 10;

/// Something that should be on its way when its time has come.
struct Wanted {
    purpose: Purpose,
    /// `None` while it is on its way, or when there is no reason to read it again.
    due: Option<(Timestamp, Urgency)>,
}

impl State {
    /// Returns when the state has to hear of the time again, if nothing else happens before.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let due = wanted(self).into_iter().filter_map(|wanted| wanted.due).map(|(at, _)| at);
        let spin = self.somebody_waits().then(|| later(self.now, SPIN));
        let search = self.log_book().is_some_and(LogBook::is_searching).then_some(self.now);
        let jump = self.is_jump_searching().then_some(self.now);
        due.chain(spin).chain(search).chain(jump).min()
    }

    /// Notes that the cursor moved to a row whose contents may have to be read.
    pub(super) fn unsettle(&mut self) {
        self.settled = later(self.now, SETTLE);
    }

    /// Asks again for everything that is on screen, and for what could not be read before.
    pub(super) fn ask_again(&mut self, effects: &mut Vec<Effect>) {
        self.with_codes = WithCodes::Gives;
        for wanted in wanted(self) {
            let status = self.stock.status(&wanted.purpose);
            let settled = status.is_some_and(|status| status.read.is_some() && status.failure.is_none());
            match wanted.purpose {
                Purpose::Identity if settled => {}
                Purpose::Look(look) if settled && look.is_fixed() => {}
                purpose => self.ask_for(&purpose, effects),
            }
        }
    }

    /// Asks for one thing again; a request for it that is on its way is given up.
    pub(super) fn ask_for(&mut self, purpose: &Purpose, effects: &mut Vec<Effect>) {
        let pending: Vec<RequestId> =
            self.pending.iter().filter(|(_, pending)| overlap(pending, purpose)).map(|(id, _)| *id).collect();
        for id in pending {
            self.give_up(id, effects);
        }
        self.stock.mark(purpose, |status| status.asked = true);
    }

    /// Sends what is due, and gives up what nobody looks at any more.
    pub(super) fn carry_out_plan(&mut self, effects: &mut Vec<Effect>) {
        let wanted = wanted(self);
        if self.settled <= self.now {
            let unwanted = self.unwanted(&wanted);
            for id in unwanted {
                self.give_up(id, effects);
            }
        }
        let now = self.now;
        self.stock.look_at(
            wanted.iter().filter_map(|wanted| match &wanted.purpose {
                Purpose::Look(look) => Some(look),
                Purpose::Identity
                | Purpose::Clusters
                | Purpose::Services(_)
                | Purpose::Details(..)
                | Purpose::Leaves(_)
                | Purpose::ClustersBeside(_)
                | Purpose::LeavesBeside(..)
                | Purpose::Tasks(_) => None,
            }),
            now,
        );
        for Wanted { purpose, due } in wanted {
            if let Some((at, urgency)) = due
                && at <= self.now
            {
                self.send(purpose, urgency, effects);
            }
        }
    }

    /// Whether somebody looks at an empty place, or waits for a session.
    pub(super) fn somebody_waits(&self) -> bool {
        let empty = |purpose: &Purpose| self.stock.status(purpose).is_some_and(|status| status.read.is_none());
        self.opening.is_some() || self.changing.is_some() || self.pending.values().any(empty)
    }

    /// Returns the requests whose answers nobody looks at any more.
    fn unwanted(&self, wanted: &[Wanted]) -> Vec<RequestId> {
        let purposes: BTreeSet<&Purpose> = wanted.iter().map(|wanted| &wanted.purpose).collect();
        let is_wanted = |pending: &Purpose| match pending {
            Purpose::Details(..) => purposes.iter().any(|wanted| overlap(wanted, pending)),
            exact => purposes.contains(exact),
        };
        self.pending.iter().filter(|(_, pending)| !is_wanted(pending)).map(|(id, _)| *id).collect()
    }

    fn send(&mut self, purpose: Purpose, urgency: Urgency, effects: &mut Vec<Effect>) {
        let id = self.next_id();
        self.stock.mark(&purpose, |status| {
            status.pending = Some(id);
            status.asked = false;
        });
        effects.push(Effect::Send(id, urgency, request(&purpose)));
        self.pending.insert(id, purpose);
    }

    pub(super) fn give_up(&mut self, id: RequestId, effects: &mut Vec<Effect>) {
        if let Some(purpose) = self.pending.remove(&id) {
            // What was dropped meanwhile stays so.
            if self.stock.status(&purpose).is_some() {
                self.stock.mark(&purpose, |status| status.pending = None);
            }
            if let Purpose::Look(look) = &purpose
                && look.is_live()
            {
                self.stock.looks.remove(look);
            }
            effects.push(Effect::Cancel(id));
        }
    }
}

/// Returns everything that should be known for what is on screen.
fn wanted(state: &State) -> Vec<Wanted> {
    let mut wanted = vec![once(state, Purpose::Identity), periodic(state, Purpose::Clusters)];
    wanted.extend(state.wanted_leaves().into_iter().map(|purpose| periodic(state, purpose)));
    wanted.extend(beside(state));
    // Of the machine, whatever AWS says.
    let (mut files, look): (Vec<Look>, Vec<Look>) =
        state.pick_look().into_iter().partition(|look| matches!(look, Look::Profiles));
    if state.wants_own_regions() && files.is_empty() {
        files.push(Look::Profiles);
    }
    wanted.extend(files.into_iter().map(|look| periodic(state, Purpose::Look(look))));
    let Some(cluster) = state.selected_cluster() else { return wanted };
    wanted.push(settled(state, periodic(state, Purpose::Services(cluster.clone()))));
    if let Some(scope) = state.shown_tasks(cluster) {
        wanted.push(settled(state, periodic(state, Purpose::Tasks(scope))));
    }
    wanted.extend(details(state, cluster));
    let mut shown: Vec<Look> = state.looks().into_iter().chain(look).collect();
    shown.extend(state.listed_look().filter(|look| !shown.contains(look)));
    let followed = state.followed_looks().into_iter().filter(|look| !shown.contains(look));
    wanted.extend(followed.map(|look| periodic(state, Purpose::Look(look))));
    wanted.extend(shown.into_iter().map(|look| {
        let again = if look.is_fixed() { once } else { periodic };
        settled(state, again(state, Purpose::Look(look)))
    }));
    wanted
}

/// What has to be read of other sites: what is on its way stays on it, and no more sites begin than may be under way.
fn beside(state: &State) -> Vec<Wanted> {
    let is_pending = |wanted: &Wanted| {
        let status = state.stock.status(&wanted.purpose);
        status.is_some_and(|status| status.pending.is_some())
    };
    let is_due = |wanted: &Wanted| wanted.due.is_some_and(|(at, _)| at <= state.now);
    let sites: Vec<Vec<Wanted>> = state
        .wanted_beside()
        .into_iter()
        .map(|site| site.into_iter().map(|purpose| periodic(state, purpose)).collect())
        .collect();
    let mut under_way = sites.iter().filter(|site| site.iter().any(is_pending)).count();
    let may_go_on = |site: &Vec<Wanted>| {
        let begins = site.iter().any(is_due) && !site.iter().any(is_pending);
        let may = !begins || under_way < SITES_AT_ONCE;
        under_way += usize::from(begins && may);
        may
    };
    sites.into_iter().filter(may_go_on).flatten().collect()
}

fn periodic(state: &State, purpose: Purpose) -> Wanted {
    let refresh = match &purpose {
        Purpose::Look(look) => state.refresh.map(|refresh| state.pace(look, refresh)),
        Purpose::Leaves(_) | Purpose::ClustersBeside(_) | Purpose::LeavesBeside(..) => {
            state.refresh.map(|refresh| refresh.max(OUT_OF_SIGHT))
        }
        Purpose::Identity | Purpose::Clusters | Purpose::Services(_) | Purpose::Details(..) | Purpose::Tasks(_) => {
            state.refresh
        }
    };
    let due = match state.stock.status(&purpose) {
        Some(status) => status.due(refresh),
        None => Some((Timestamp::MIN, Urgency::Waiting)),
    };
    Wanted { purpose, due }
}

/// Something that does not change: it is read once, and again only when that failed.
fn once(state: &State, purpose: Purpose) -> Wanted {
    let known = state.stock.status(&purpose).is_some_and(|status| status.read.is_some() && !status.asked);
    if known { Wanted { purpose, due: None } } else { periodic(state, purpose) }
}

/// Waits for the cursor to rest, unless somebody asked.
fn settled(state: &State, wanted: Wanted) -> Wanted {
    let asked = state.stock.status(&wanted.purpose).is_some_and(|status| status.asked);
    let rest = if asked { Timestamp::MIN } else { state.settled };
    Wanted { due: wanted.due.map(|(at, urgency)| (at.max(rest), urgency)), ..wanted }
}

/// The details of the services that can be seen, ten at a time: those that are due now, and apart from them the rest.
/// Those that would be due soon go along, so that services that were first seen at different times share a call.
fn details(state: &State, cluster: &Arn) -> Vec<Wanted> {
    let looks = state.looks();
    let covered: Vec<&Arn> = looks
        .iter()
        .flat_map(|look| match look {
            Look::Events { services, .. } => &services[..],
            _ => &[],
        })
        .collect();
    let services: Vec<_> = state
        .visible_services()
        .filter_map(|service| Some((service, state.stock.service(cluster, service)?)))
        // What a look at their events reads anyway is not read twice.
        .filter(|(service, known)| known.details.read.is_none() || !covered.contains(service))
        .map(|(service, known)| {
            let rest = if known.details.asked { Timestamp::MIN } else { state.settled };
            (service, known.details.due(state.refresh).map(|(at, urgency)| (at.max(rest), urgency)))
        })
        .chain(searched(state, cluster))
        .collect();
    let due_by = |limit: Timestamp| move |due: &Option<(Timestamp, Urgency)>| due.is_some_and(|(at, _)| at <= limit);
    let any = services.iter().any(|(_, due)| due_by(state.now)(due));
    let soon = if any { later(state.now, state.refresh.unwrap_or_default() / 4) } else { state.now };
    let (now, rest): (Vec<_>, Vec<_>) = services.into_iter().partition(|(_, due)| due_by(soon)(due));
    let mut wanted = Vec::new();
    for due in [now, rest] {
        for chunk in due.chunks(DESCRIBED_AT_ONCE) {
            let services = chunk.iter().map(|(service, _)| (*service).clone()).collect();
            let at = chunk.iter().filter_map(|(_, due)| due.map(|(at, _)| at)).min();
            let waiting = chunk.iter().any(|(_, due)| due.is_some_and(|(_, urgency)| urgency == Urgency::Waiting));
            let urgency = if waiting { Urgency::Waiting } else { Urgency::Background };
            wanted
                .push(Wanted { purpose: Purpose::Details(cluster.clone(), services), due: at.map(|at| (at, urgency)) });
        }
    }
    wanted
}

/// Returns the services out of sight whose details are looked through, with when these are due: what words look for in
/// columns has to be known of all.
fn searched<'a>(state: &'a State, cluster: &Arn) -> Vec<(&'a Arn, Option<(Timestamp, Urgency)>)> {
    let Some(slot) = state.stock.services.get(cluster).filter(|_| state.pane(Level::Service).looks_in_columns()) else {
        return Vec::new();
    };
    let seen: Vec<&Arn> = state.visible_services().collect();
    let refresh = state.refresh.map(|refresh| refresh.max(OUT_OF_SIGHT));
    let hidden = slot.value.iter().filter(|known| !seen.contains(&&known.service.arn));
    hidden.map(|known| (&known.service.arn, known.details.due(refresh))).collect()
}

/// Whether two requests read the same thing, so that one makes the other needless.
fn overlap(one: &Purpose, two: &Purpose) -> bool {
    match (one, two) {
        (Purpose::Details(_, these), Purpose::Details(_, those)) => these.iter().any(|service| those.contains(service)),
        (one, two) => one == two,
    }
}

fn request(purpose: &Purpose) -> Request {
    match purpose.clone() {
        Purpose::Identity => Request::Identity,
        Purpose::Clusters => Request::Clusters,
        Purpose::Services(cluster) => Request::Services { cluster },
        Purpose::Leaves(cluster) => Request::Leaves { cluster },
        Purpose::ClustersBeside(site) => Request::Elsewhere { site, errand: Errand::Clusters },
        Purpose::LeavesBeside(site, cluster) => Request::Elsewhere { site, errand: Errand::Leaves { cluster } },
        Purpose::Details(cluster, services) => Request::ServiceDetails { cluster, services },
        Purpose::Tasks(scope) => Request::Tasks { cluster: scope.cluster, service: scope.service },
        Purpose::Look(look) => Request::Look(look),
    }
}

impl State {
    /// Returns the tasks that the panes show; of a small cluster all are read, even before its services are known.
    pub(super) fn shown_tasks(&self, cluster: &Arn) -> Option<TaskScope> {
        match self.pane(Level::Service).selected().map(|row| &row.id) {
            Some(RowId::Service(service)) => Some(self.stock.scope(cluster, Some(service))),
            Some(RowId::NoService(_)) => Some(self.stock.scope(cluster, None)),
            _ => self.stock.is_small(cluster).then(|| self.stock.scope(cluster, None)),
        }
    }

    /// Returns the services whose rows can be seen, and the selected one even where its pane is hidden.
    fn visible_services(&self) -> impl Iterator<Item = &Arn> {
        let pane = self.pane(Level::Service);
        let height = self.areas().pane(Level::Service).map_or(0, |area| usize::from(area.inner.height));
        let first = pane.window(height);
        let rows = if height == 0 { pane.cursor()..pane.cursor() + 1 } else { first..first + height };
        rows.filter_map(|place| pane.hit(place)).filter_map(|row| match &row.id {
            RowId::Service(arn) => Some(arn),
            _ => None,
        })
    }
}
