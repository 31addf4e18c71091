//! The way to AWS: opened once, by whoever needs it first, and again after it failed.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::runtime::Handle;

use crate::{
    aws::{Access, Budget, Budgets, Clients, Codes, Error},
    model::{Arn, ServiceRevision, TaskDefinition},
};

/// How long the end of the program waits until AWS was told of sessions that nobody waits for.
const FAREWELL: Duration = Duration::from_secs(2);

/// An opening under way, or done: all who wait for it wait for the same one.
type Opening = Shared<BoxFuture<'static, Result<Clients, Error>>>;

/// The way to AWS of one profile in one region, and what is worth keeping of what came along it.
pub(super) struct Way {
    access: Arc<Access>,
    codes: Codes,
    budget: Arc<Budget>,
    /// Those of all ways that lead from where this one began.
    budgets: Budgets,
    opening: Mutex<Option<Opening>>,
    /// Those whose credentials AWS did not take any more.
    refused: Mutex<Option<Clients>>,
    definitions: Mutex<HashMap<Arn, Arc<TaskDefinition>>>,
    revisions: Mutex<HashMap<Arn, ServiceRevision>>,
}

impl Way {
    /// Returns a way that nobody has gone yet.
    pub(super) fn new(access: Access, codes: Codes) -> Self {
        Self::paid_from(Arc::default(), Budgets::default(), access, codes)
    }

    fn paid_from(budget: Arc<Budget>, budgets: Budgets, access: Access, codes: Codes) -> Self {
        Self {
            access: Arc::new(access),
            codes,
            budget,
            budgets,
            opening: Mutex::new(None),
            refused: Mutex::new(None),
            definitions: Mutex::new(HashMap::new()),
            revisions: Mutex::new(HashMap::new()),
        }
    }

    /// Returns where it leads.
    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    /// Returns a way to somewhere else, which nobody has gone yet.
    pub(super) fn toward(&self, access: Access) -> Self {
        Self::paid_from(Arc::default(), self.budgets.clone(), access, self.codes.clone())
    }

    /// Returns another way to the same place, which nobody has gone yet, with other codes; the sessions that were
    /// opened with the old ones are there.
    pub(super) fn anew(&self, codes: Codes) -> Self {
        let access = Access::clone(&self.access);
        Self::paid_from(Arc::clone(&self.budget), self.budgets.clone(), access, codes.sharing(&self.codes))
    }

    /// Returns another way to the same place, on which nobody is asked for codes.
    pub(super) fn unasked(&self) -> Self {
        self.anew(self.codes.unasked())
    }

    /// Notes which account and region it leads to: all ways there share what may be called.
    pub(super) fn leads_to(&self, account: &str, region: &str) {
        self.budgets.join(&self.budget, account, region);
    }

    /// Returns the clients, after opening the way if need be. A failure is told to all who wait, and not kept.
    pub(super) async fn open(&self) -> Result<Clients, Error> {
        let opening = held(&self.opening).get_or_insert_with(|| self.start()).clone();
        let opened = opening.clone().await;
        if opened.is_err() {
            let mut current = held(&self.opening);
            if current.as_ref().is_some_and(|current| current.ptr_eq(&opening)) {
                *current = None;
            }
        }
        opened
    }

    /// Makes the next verb open the way anew, unless somebody did already.
    pub(super) fn forget(&self, clients: &Clients) {
        let mut opening = held(&self.opening);
        let current = opening.as_ref().and_then(Shared::peek);
        if current.is_some_and(|current| current.as_ref().is_ok_and(|current| current.is(clients))) {
            *opening = None;
            *held(&self.refused) = Some(clients.clone());
        }
    }

    /// Returns the task definition if it was read before.
    pub(super) fn definition(&self, arn: &Arn) -> Option<Arc<TaskDefinition>> {
        held(&self.definitions).get(arn).cloned()
    }

    /// Keeps a task definition: of a revision nothing changes but its tags and its status.
    pub(super) fn keep(&self, arn: &Arn, definition: &Arc<TaskDefinition>) {
        held(&self.definitions).insert(arn.clone(), Arc::clone(definition));
    }

    /// Returns the service revision if it was read before.
    pub(super) fn revision(&self, arn: &Arn) -> Option<ServiceRevision> {
        held(&self.revisions).get(arn).cloned()
    }

    /// Keeps a service revision: it never changes.
    pub(super) fn keep_revision(&self, revision: ServiceRevision) {
        held(&self.revisions).insert(revision.arn.clone(), revision);
    }

    /// Blocks the thread until AWS was told of sessions that nobody waits for, for at most this long.
    pub(super) fn wait_for_endings(&self, limit: Duration) {
        let opened =
            held(&self.opening).as_ref().and_then(Shared::peek).and_then(|opened| opened.as_ref().ok().cloned());
        if let Some(clients) = opened {
            clients.wait_for_endings(limit);
        }
    }

    fn start(&self) -> Opening {
        let (access, budget, codes) = (Arc::clone(&self.access), Arc::clone(&self.budget), self.codes.clone());
        let refused = held(&self.refused).take();
        async move {
            if let Some(clients) = refused {
                clients.forget_session(&codes);
            }
            Clients::open_asking(&access, budget, &codes).await
        }
        .boxed()
        .shared()
    }
}

impl Drop for Way {
    /// Who interrupts an opening ends the program too: it lives on until the command that was started is told to end.
    fn drop(&mut self) {
        if Handle::try_current().is_err() {
            self.wait_for_endings(FAREWELL);
        }
    }
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Way").field("access", &self.access).finish_non_exhaustive()
    }
}

/// Locks; what a panic left behind is as good as what it found, for each of these is replaced whole.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
