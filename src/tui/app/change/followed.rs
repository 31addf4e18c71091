//! Services that were changed from here: they are followed until that is over, whatever is on the screen.

use crate::{
    config::Action,
    model::{Arn, text::clean},
    ops::{
        change::{Course, Failures, Made, Place},
        deployments::{Deployments, Outcome},
        stopped::Whose,
    },
    tui::app::{DetailView, Effect, Look, Message, Notice, Purpose, Seen, State},
};

/// A service that was changed from here, until it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui::app) struct Followed {
    place: Place,
    course: Course,
    /// Its tasks that fail; none before the first look.
    failures: Option<Failures>,
    /// How many had failed at the last look.
    failed: u32,
    /// Why, each reason once; that of the last failure last.
    reasons: Vec<String>,
    /// How it has ended, while it is not known yet why.
    ended: Option<Outcome>,
}

impl Followed {
    fn of(made: &Made, place: &Place) -> Self {
        let (place, course) = (place.clone(), Course::of(made));
        Self { place, course, failures: None, failed: 0, reasons: Vec::new(), ended: None }
    }

    fn deployments(&self) -> Look {
        Look::Deployments { cluster: self.place.cluster.clone(), service: self.place.service.clone() }
    }

    fn stopped(&self) -> Look {
        let Place { cluster, service } = self.place.clone();
        Look::Stopped(Whose::Service { cluster, service })
    }

    /// Returns what has to be read: how it stands until it is over, and why tasks failed once more have.
    fn looks(&self) -> impl Iterator<Item = Look> {
        let deployments = self.ended.is_none().then(|| self.deployments());
        let stopped = self.is_unexplained().then(|| self.stopped());
        deployments.into_iter().chain(stopped)
    }

    /// Takes a look at its deployments. Returns whether more tasks have failed since the last one.
    fn see(&mut self, seen: &Deployments) -> bool {
        let outcome = self.course.outcome(seen);
        self.ended = outcome.is_final().then_some(outcome);
        let before = std::mem::replace(&mut self.failed, self.course.failed(seen));
        if self.failures.is_none() {
            self.failures = Some(self.course.failures(seen));
        }
        self.failed > before && self.is_unexplained()
    }

    /// Whether tasks have failed of which nobody knows why, and it matters.
    fn is_unexplained(&self) -> bool {
        self.ended.is_none_or(has_failed) && self.failures.as_ref().is_some_and(|it| it.are_more(self.failed))
    }

    /// Takes why tasks have failed. Returns the reasons that are new.
    fn hear(&mut self, ends: Vec<(Arn, String)>) -> Vec<String> {
        let mut new = Vec::new();
        for (_, why) in ends {
            let known = self.reasons.iter().position(|reason| *reason == why);
            match known {
                Some(place) => drop(self.reasons.remove(place)),
                None => new.push(why.clone()),
            }
            self.reasons.push(why);
        }
        new
    }
}

impl State {
    /// Follows what was made of a service from now on.
    pub(super) fn follow(&mut self, place: &Place, made: &Made, effects: &mut Vec<Effect>) {
        self.followed.retain(|followed| followed.place != *place);
        let followed = Followed::of(made, place);
        if self.selected_place().as_ref() == Some(place) {
            self.chosen_views[self.focus() as usize] = DetailView::Deployments;
        }
        self.ask_for(&Purpose::Look(followed.deployments()), effects);
        self.ask_for(&Purpose::Details(place.cluster.clone(), vec![place.service.clone()]), effects);
        self.followed.push(followed);
    }

    /// Forgets what was begun from here: it is another account's from now on.
    pub(in crate::tui::app) fn forget_changes(&mut self, effects: &mut Vec<Effect>) {
        self.followed.clear();
        effects.extend(self.run_by_hand.drain(..).map(|(id, _)| Effect::Cancel(id)));
    }

    /// Returns what has to be read so that what was begun from here is followed to its end, whatever is on the screen.
    pub(in crate::tui::app) fn followed_looks(&self) -> Vec<Look> {
        self.followed.iter().flat_map(Followed::looks).collect()
    }

    /// Returns how far the services have come that were changed from here: `prod/api 1/3, prod/web 2/2`.
    pub fn followed_words(&self) -> Option<String> {
        let words = |followed: &Followed| {
            let progress = self.deployments_of(followed)?.progress();
            Some(clean(format!("{} {}/{}", followed.place.path(), progress.running, progress.desired)))
        };
        let all: Vec<String> = self.followed.iter().filter_map(words).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// Returns what somebody who has left must still know, a line each: what was begun from here goes on.
    pub fn last_words(&self) -> Vec<String> {
        let command = format!("{}deployments", self.options_of_site());
        let words = |Followed { place, .. }: &Followed| {
            let look = place.command(&command);
            clean(format!("no longer following {}: it goes on; look with {look}", place.path()))
        };
        self.followed.iter().map(words).collect()
    }

    /// Returns what a command line needs to be about the place where the browser has gone, with a space after each.
    fn options_of_site(&self) -> String {
        let option = |name: &str, value: &Option<String>| {
            let value = value.as_ref()?;
            let quoted = shlex::try_quote(value).ok()?;
            Some(format!("{name} {quoted} "))
        };
        let options = [option("--profile", &self.site.profile), option("--region", &self.site.region)];
        options.into_iter().flatten().collect()
    }

    /// Takes what was seen of something that is followed: why its tasks fail is asked for, or said, and how it ended.
    pub(in crate::tui::app) fn hear_of_followed(&mut self, look: &Look, effects: &mut Vec<Effect>) {
        let Some(index) = self.followed.iter().position(|it| it.deployments() == *look) else {
            return self.hear_why(look);
        };
        let slot = self.stock.looks.get(look);
        let Some(Seen::Deployments(seen)) = slot.and_then(|slot| slot.value.as_ref()) else { return };
        let followed = &mut self.followed[index];
        if followed.see(seen) {
            let stopped = followed.stopped();
            self.ask_for(&Purpose::Look(stopped), effects);
        } else {
            self.end_following(index);
        }
    }

    /// Takes the stopped tasks of something that is followed, as far as they could be read.
    pub(in crate::tui::app) fn hear_why(&mut self, look: &Look) {
        let awaited = |it: &Followed| it.is_unexplained() && it.stopped() == *look;
        let Some(index) = self.followed.iter().position(awaited) else { return };
        let stopped = match self.stock.looks.get(look).and_then(|slot| slot.value.as_ref()) {
            Some(Seen::Stopped(seen)) => &seen.tasks[..],
            Some(_) | None => &[],
        };
        let followed = &mut self.followed[index];
        let failed = followed.failed;
        let tasks = stopped.iter().map(|stopped| &*stopped.task);
        let ends = followed.failures.as_mut().map(|failures| failures.take(failed, tasks)).unwrap_or_default();
        let new = followed.hear(ends);
        if !new.is_empty() {
            let followed = &self.followed[index];
            let of = self.deployments_of(followed).and_then(|seen| seen.progress().threshold);
            let of = of.map(|threshold| format!(" of {threshold}")).unwrap_or_default();
            let text = format!("{}: {failed}{of} failed: {}", followed.place.path(), new.join("; "));
            self.message = Some(Message::complaint(text));
        }
        self.end_following(index);
    }

    /// Says how something that was begun from here has ended, and why, and follows it no longer; not before both are
    /// known.
    fn end_following(&mut self, index: usize) {
        let followed = &self.followed[index];
        let Some(outcome) = followed.ended.filter(|_| !followed.is_unexplained()) else { return };
        let Some(seen) = self.deployments_of(followed) else { return };
        let text = format!("{}: {}", followed.place.path(), followed.course.words(outcome, seen));
        let why = followed.reasons.last().filter(|_| has_failed(outcome));
        let said = why.map_or_else(|| text.clone(), |why| format!("{text}: {why}"));
        self.message = Some(if outcome == Outcome::Completed {
            Message::news(text)
        } else {
            let hints = self.ways_on(outcome, why.is_some());
            Message::failure(&Notice { text: said, hints, passing: false })
        });
        self.followed.remove(index);
    }

    /// Returns what a failed deployment leaves to do.
    fn ways_on(&self, outcome: Outcome, is_told_why: bool) -> Vec<String> {
        let key = |action| self.keymap.first_chord(action).map(|chord| format!(" ({chord})")).unwrap_or_default();
        let why = format!("its deployments{} say why", key(Action::Deployments));
        let back = format!("rollback{} brings back what ran before", key(Action::RollBack));
        match (outcome, is_told_why) {
            (Outcome::RolledBack, true) => Vec::new(),
            (Outcome::RolledBack, false) => vec![why],
            (_, true) => vec![back],
            (_, false) => vec![format!("{why}; {back}")],
        }
    }

    fn deployments_of(&self, followed: &Followed) -> Option<&Deployments> {
        let slot = self.stock.looks.get(&followed.deployments())?;
        let Some(Seen::Deployments(seen)) = &slot.value else { return None };
        Some(seen)
    }
}

/// Whether this is how a deployment ends whose tasks fail.
fn has_failed(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Failed | Outcome::Failing | Outcome::RolledBack)
}
