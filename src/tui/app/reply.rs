//! Taking what the worker and the sessions say.

use std::time::Duration;

use super::{
    Effect, Level, LogBook, LogPiece, LogRow, Look, Message, Notice, RequestId, Response, Row, Seen, State,
    stock::{KnownService, Purpose, Status, later},
};
use crate::{
    model::{Arn, Service, Task},
    ops::logs::Wanted,
    session::Exit,
};

/// An editor that has returned so soon has waited for nobody.
const AT_ONCE: Duration = Duration::from_secs(1);

impl State {
    /// Takes an answer; one that nobody waits for any more is dropped.
    pub(super) fn take_reply(&mut self, id: RequestId, result: Result<Response, Notice>, effects: &mut Vec<Effect>) {
        if self.opening.as_ref().is_some_and(|opening| opening.id == id) {
            return self.take_session(result, effects);
        }
        if self.changing.as_ref().is_some_and(|changing| changing.id == id) {
            return self.take_change(result, effects);
        }
        let Some(result) = self.take_ends(id, result) else { return };
        if let Ok(Response::Noted(Some(wrong))) = &result {
            self.message = Some(Message::failure(wrong));
        }
        if let Ok(Response::PageOpened { label, page, wrong }) = result {
            return self.take_page(&label, page, wrong, effects);
        }
        let Some(purpose) = self.pending.remove(&id) else { return };
        match result {
            Ok(response) => self.take_response(&purpose, response, effects),
            Err(notice) => self.take_failure(&purpose, &notice),
        }
    }

    /// Takes a piece of what is followed; one that nobody waits for any more is dropped.
    pub(super) fn take_progress(&mut self, id: RequestId, piece: LogPiece) {
        let Some(Purpose::Look(look)) = self.pending.get(&id) else { return };
        let held = self.log_anchor().is_some();
        let slot = self.stock.looks.entry(look.clone()).or_default();
        match &mut slot.value {
            Some(Seen::Logs(book)) if book.is_by(id) => book.take(piece, held),
            value => {
                let mut book = LogBook::new(id);
                book.take(piece, held);
                *value = Some(Seen::Logs(book));
            }
        }
        slot.status.hear(self.now);
    }

    /// Puts older lines before those that are there.
    fn take_older(&mut self, wanted: &Wanted, rows: Vec<LogRow>) {
        let slot = self.stock.looks.get_mut(&Look::Logs(Box::new(wanted.clone())));
        if let Some(Some(Seen::Logs(book))) = slot.map(|slot| &mut slot.value) {
            book.prepend(rows);
        }
    }

    /// Comes back from a session: what it left behind is read at once.
    pub(super) fn come_back(&mut self, label: &str, exit: &Exit, effects: &mut Vec<Effect>) {
        let mut message = Message::ended(format!("{label}: {exit}"), exit);
        let began = self.editing_since.take().filter(|_| *exit == Exit::Code(0));
        if began.is_some_and(|began| later(began, AT_ONCE) > self.now) {
            let hint = "it returned at once: if it has a window of its own, give it its flag to wait, as in `code -w`";
            message.lines.push(hint.to_owned());
        }
        self.message = Some(message);
        let scope = self.selected_cluster().and_then(|cluster| self.shown_tasks(cluster));
        if let Some(scope) = scope {
            self.ask_for(&Purpose::Tasks(scope), effects);
        }
    }

    fn take_session(&mut self, result: Result<Response, Notice>, effects: &mut Vec<Effect>) {
        let Some(opening) = self.opening.take() else { return };
        match result {
            Ok(Response::Opened(session)) => {
                self.message = None;
                self.editing_since = opening.edits.then_some(self.now);
                if let Some((cluster, opened)) = opening.opened {
                    self.note_opened(cluster, opened, effects);
                }
                effects.push(Effect::Attach(session, opening.afterwards));
            }
            Ok(_) => self.message = Some(Message::failure(&unexpected())),
            Err(notice) => {
                let text = format!("cannot {} {}: {}", opening.verb, opening.label, notice.text);
                self.message = Some(Message::failure(&Notice { text, ..notice }));
            }
        }
    }

    fn take_failure(&mut self, purpose: &Purpose, notice: &Notice) {
        let now = self.now;
        self.stock.mark(purpose, |status| status.fail(notice.clone(), now));
        if let Purpose::Look(look) = purpose {
            self.hear_why(look);
        }
        // Where these fail no empty pane says why.
        if matches!(purpose, Purpose::Details(..)) {
            self.message = Some(Message::failure(notice));
        }
    }

    fn take_response(&mut self, purpose: &Purpose, response: Response, effects: &mut Vec<Effect>) {
        let now = self.now;
        let changed = match (purpose, response) {
            (Purpose::Identity, Response::Identity(identity)) => {
                self.take_home(&identity);
                self.stock.identity.value = Some(identity);
                None
            }
            (Purpose::Clusters, Response::Clusters(mut clusters, uncounted)) => {
                clusters.sort_by(|one, two| one.name.cmp(&two.name));
                self.stock.clusters.value = clusters;
                self.take_uncounted(uncounted);
                self.sort_out_beside();
                Some(Level::Cluster)
            }
            (Purpose::Services(cluster), Response::Services(services)) => {
                let slot = self.stock.services.entry(cluster.clone()).or_default();
                slot.value = known(services, std::mem::take(&mut slot.value));
                Some(Level::Service)
            }
            (Purpose::Details(cluster, asked), Response::ServiceDetails(services)) => {
                self.take_details(cluster, asked, services).then_some(Level::Service)
            }
            (Purpose::Leaves(cluster), Response::Leaves(leaves)) => {
                self.take_leaves(cluster, leaves);
                None
            }
            (Purpose::ClustersBeside(site), Response::ClustersElsewhere(clusters)) => {
                self.take_clusters_beside(site, clusters);
                None
            }
            (Purpose::LeavesBeside(site, cluster), Response::Leaves(leaves)) => {
                self.take_leaves_beside(site, cluster, leaves);
                None
            }
            (Purpose::Tasks(scope), Response::Tasks(mut tasks)) => {
                tasks.sort_by(newest_first);
                let slot = self.stock.tasks.entry(scope.clone()).or_default();
                let before = std::mem::replace(&mut slot.value, tasks);
                self.keep_awaited(before);
                Some(Level::Service)
            }
            (Purpose::Look(look @ Look::OlderLogs { wanted, .. }), Response::Seen(Seen::OlderLogs(rows))) => {
                self.take_older(wanted, rows);
                self.stock.looks.remove(look);
                return;
            }
            (Purpose::Look(look), Response::Ended) if look.is_live() => None,
            (Purpose::Look(look), Response::Seen(seen)) if look.shows(&seen) => self.take_seen(look, seen, effects),
            (
                purpose,
                Response::Identity(_)
                | Response::Clusters(..)
                | Response::Services(_)
                | Response::ServiceDetails(_)
                | Response::Noted(_)
                | Response::PageOpened { .. }
                | Response::Leaves(_)
                | Response::ClustersElsewhere(_)
                | Response::Tasks(_)
                | Response::Seen(_)
                | Response::Ended
                | Response::Opened(_)
                | Response::Planned(_)
                | Response::Changed(_)
                | Response::TasksEnded(_),
            ) => return self.take_failure(purpose, &unexpected()),
        };
        self.stock.mark(purpose, |status| status.succeed(now));
        if let Some(level) = changed {
            self.fill_from(level);
        }
    }

    /// Takes why the clusters have no counts: that is said once, and stands in the details.
    fn take_uncounted(&mut self, uncounted: Option<Notice>) {
        if let Some(notice) = uncounted.as_ref().filter(|_| self.stock.uncounted != uncounted) {
            self.message = Some(Message::failure(notice));
        }
        self.stock.uncounted = uncounted;
    }

    /// Takes what was seen for the details. The services of a look at events are described by it as well as by any
    /// other look: their rows and their events are kept where these always are.
    fn take_seen(&mut self, look: &Look, seen: Seen, effects: &mut Vec<Effect>) -> Option<Level> {
        let (kept, changed) = match (look, seen) {
            (Look::Events { cluster, services: asked }, Seen::Events(services)) => {
                let vanished = self.take_details(cluster, asked, services);
                let now = self.now;
                self.stock.mark(&Purpose::Details(cluster.clone(), asked.clone()), |status| {
                    status.read = Some(now);
                    status.failure = None;
                });
                (Seen::Events(Vec::new()), vanished.then_some(Level::Service))
            }
            (Look::Stopped(_), seen) => (seen, Some(Level::Task)),
            (_, seen) => (seen, None),
        };
        self.stock.looks.entry(look.clone()).or_default().value = Some(kept);
        self.hear_of_followed(look, effects);
        changed
    }

    /// Takes the details of the services that were asked for; those that are not among them are gone.
    /// Returns whether other rows may be shown now.
    fn take_details(&mut self, cluster: &Arn, asked: &[Arn], services: Vec<Service>) -> bool {
        let slot = self.stock.services.entry(cluster.clone()).or_default();
        let before = slot.value.len();
        let there = |known: &KnownService| {
            !asked.contains(&known.service.arn) || services.iter().any(|service| service.arn == known.service.arn)
        };
        slot.value.retain(there);
        let mut rows = Vec::new();
        for service in services {
            self.stock.events.hear(&service);
            if let Some(known) = slot.value.iter_mut().find(|known| known.service.arn == service.arn) {
                known.service = service;
                rows.push(Row::service(known));
            }
        }
        let vanished = slot.value.len() != before;
        let pane = self.pane_mut(Level::Service);
        pane.replace(rows);
        vanished || pane.looks_in_columns()
    }
}

/// Joins the names that were listed with the details that are known, sorted by name.
fn known(services: Vec<Service>, before: Vec<KnownService>) -> Vec<KnownService> {
    let mut before: std::collections::BTreeMap<Arn, KnownService> =
        before.into_iter().map(|known| (known.service.arn.clone(), known)).collect();
    let mut services: Vec<KnownService> = services
        .into_iter()
        .map(|service| match before.remove(&service.arn) {
            Some(known) => known,
            None => KnownService { service, details: Status::default() },
        })
        .collect();
    services.sort_by(|one, two| one.service.name.cmp(&two.service.name));
    services
}

fn newest_first(one: &Task, two: &Task) -> std::cmp::Ordering {
    let since = |task: &Task| task.created.or(task.started);
    since(two).cmp(&since(one)).then_with(|| one.arn.cmp(&two.arn))
}

/// A worker never answers a question that was not asked.
fn unexpected() -> Notice {
    Notice { text: "an answer came that does not fit its question".to_owned(), hints: Vec::new(), passing: false }
}
