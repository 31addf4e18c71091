//! What was changed from the browser, followed by what it reads to its end, for the history of changes.

use crate::{
    ops::{
        Cx,
        change::{self, Course, Done, Place},
        deployments::{Deployments, Outcome},
    },
    tui::app::{Response, Seen},
};

/// The services that were changed from here and are not over.
#[derive(Debug, Default)]
pub(super) struct Followed(Vec<One>);

/// One of them.
#[derive(Debug)]
struct One {
    /// What the history calls the change.
    id: String,
    place: Place,
    course: Course,
}

/// A change that is over for a service.
#[derive(Debug)]
pub(super) struct Over {
    id: String,
    place: Place,
    outcome: Outcome,
    seen: Deployments,
}

impl Followed {
    /// Takes what the browser is told, as the browser itself does; returns what is over by it.
    pub(super) fn hear(&mut self, response: &Response) -> Option<Over> {
        if let Response::Changed(done) = response {
            self.begin(done);
        }
        if let Response::Seen(Seen::Deployments(seen)) = response { self.look(seen) } else { None }
    }

    fn begin(&mut self, done: &Done) {
        for made in &done.made {
            let Some(place) = made.place() else { continue };
            self.0.retain(|one| one.place != *place);
            self.0.push(One { id: done.id.clone(), place: place.clone(), course: Course::of(made) });
        }
    }

    fn look(&mut self, seen: &Deployments) -> Option<Over> {
        let place = Place::of(&seen.service);
        let index = self.0.iter().position(|one| one.place == place)?;
        let outcome = self.0[index].course.outcome(seen);
        outcome.is_final().then(|| {
            let One { id, place, .. } = self.0.swap_remove(index);
            Over { id, place, outcome, seen: seen.clone() }
        })
    }
}

impl Over {
    /// Writes down what became of it.
    pub(super) async fn write(self, cx: &Cx) {
        let Self { id, place, outcome, seen } = self;
        if let Some(complaint) = change::became(cx, &id, &place, outcome, &seen).await {
            tracing::warn!("{complaint}");
        }
    }
}
