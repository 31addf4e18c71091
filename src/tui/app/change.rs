//! Changing things: a plan is asked for, shown, agreed to and carried out, one at a time; the browser stays usable all
//! the while.

mod by_hand;
mod followed;
mod sheet;
mod wishes;

use super::{Effect, Level, Message, Notice, Overlay, Request, RequestId, Response, State};
use crate::{
    config::{Action, GuardAction, GuardColour, GuardRule, Subject, keymap::Effects},
    model::{Arn, Timestamp, text::clean},
    ops::{
        Urgency,
        change::{Done, Guard, Made, Place, Plan},
    },
};

pub(super) use followed::Followed;
pub use sheet::Sheet;
pub use wishes::Missing;

/// A change on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changing {
    /// The request.
    pub id: RequestId,
    /// What is done: `planning: redeploy`.
    pub what: String,
    /// Since when.
    pub since: Timestamp,
    /// What is done just now, once it is told.
    pub step: Option<String>,
    /// What somebody should know of it in the end.
    notices: Vec<String>,
    /// How far it has come.
    stage: Stage,
}

/// What is told of a change while it is made. It is clean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeNews {
    /// This is done or waited for now: `2 of 5: stop task 4f2ab81c`.
    Doing(String),
    /// Somebody should know this.
    Notice(String),
}

/// How far a change has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing has been changed.
    Planning,
    /// It is being made; whether somebody who wants to leave was told so.
    Making { warned: bool },
}

impl State {
    /// Whether an action may change something now; otherwise it is said why not.
    fn may_change(&mut self, action: Action) -> bool {
        if let Some(why) = self.refusal(action) {
            self.message = Some(Message::complaint(why));
            return false;
        }
        if let Some(changing) = &self.changing {
            self.message = Some(Message::news(format!("one change at a time: {}", changing.what)));
            return false;
        }
        true
    }

    /// Asks for a plan.
    fn plan_change(&mut self, action: Action, request: Request, effects: &mut Vec<Effect>) {
        if self.may_change(action) {
            self.begin(format!("planning: {}", action.info().name), Stage::Planning, request, effects);
        }
    }

    /// Begins a part of a change.
    fn begin(&mut self, what: String, stage: Stage, request: Request, effects: &mut Vec<Effect>) {
        let id = self.next_id();
        self.changing = Some(Changing { id, what, since: self.now, step: None, notices: Vec::new(), stage });
        effects.push(Effect::Send(id, Urgency::Waiting, request));
    }

    /// Returns why an action that changes something cannot be done here at all: to nothing, or not to what is meant.
    pub(super) fn refusal(&self, action: Action) -> Option<String> {
        if action.info().effects != Effects::Changes {
            return None;
        }
        if self.read_only {
            return Some("ecsui is read-only".to_owned());
        }
        self.refusing_rule(action).map(GuardRule::refusal)
    }

    /// Returns the rule of the config that refuses an action for something that it would change.
    fn refusing_rule(&self, action: Action) -> Option<&GuardRule> {
        let refuses = |cluster: Option<&Arn>, service: Option<&str>| {
            self.rules_about(cluster, service).into_iter().find(|rule| rule.action == GuardAction::Refuse)
        };
        let places = self.chosen_places();
        if action == Action::Register {
            return refuses(None, None);
        }
        // Tasks that no service starts are the cluster's.
        if action == Action::Run || places.is_empty() {
            return refuses(self.selected_cluster(), None);
        }
        places.iter().find_map(|place| refuses(Some(&place.cluster), Some(place.name())))
    }

    /// Returns why what may change something cannot be done here at all: the settings say so.
    pub(super) fn refused_by_settings(&self) -> Option<String> {
        if self.read_only {
            return Some("ecsui is read-only".to_owned());
        }
        let refuses = |rule: &&GuardRule| rule.action == GuardAction::Refuse;
        let rule = self.rules().into_iter().find(refuses)?;
        Some(format!("a [[guard]] rule of the config says so: {}", rule.words()))
    }

    /// Returns the service that is selected, or that what is selected belongs to.
    pub(super) fn selected_place(&self) -> Option<Place> {
        let cluster = self.selected_cluster()?.clone();
        let service = self.pane(Level::Service).selected().filter(|_| self.focus() >= Level::Service)?.id.service()?;
        Some(Place { cluster, service: service.clone() })
    }

    /// Takes what is told of a change that is being made; of one that nobody waits for any more it is dropped.
    pub(super) fn take_change_news(&mut self, id: RequestId, news: ChangeNews) {
        let Some(changing) = self.changing.as_mut().filter(|changing| changing.id == id) else { return };
        match news {
            ChangeNews::Doing(step) => changing.step = Some(step),
            ChangeNews::Notice(notice) => changing.notices.push(notice),
        }
    }

    /// Takes the answer to a plan that was asked for, or to a change.
    pub(super) fn take_change(&mut self, result: Result<Response, Notice>, effects: &mut Vec<Effect>) {
        let Some(changing) = self.changing.take() else { return };
        match (changing.stage, result) {
            (Stage::Planning, Ok(Response::Planned(plan))) => self.overlays.push(Overlay::Plan(Sheet::new(plan))),
            (Stage::Making { .. }, Ok(Response::Changed(done))) => self.take_done(&done, changing.notices, effects),
            (_, Ok(_)) => {
                self.message = Some(Message::complaint("an answer came that fits no question"));
            }
            (Stage::Planning, Err(notice)) => self.message = Some(Message::failure(&notice)),
            (Stage::Making { .. }, Err(notice)) => {
                let mut message = Message::failure(&notice);
                message.lines.extend(changing.notices);
                self.message = Some(message);
                self.ask_again(effects);
            }
        }
    }

    /// Takes what was made: it is said, and what it changed is read anew and followed.
    fn take_done(&mut self, done: &Done, notices: Vec<String>, effects: &mut Vec<Effect>) {
        let words: Vec<String> = done.made.iter().map(made).collect();
        let mut message = Message::news(words.join(", "));
        message.lines.extend(done.made.iter().flat_map(Made::surprises).map(clean));
        message.lines.extend(notices);
        self.message = Some(message);
        // Nobody is to do something to them once more by mistake.
        self.panes.iter_mut().for_each(|pane| _ = pane.unmark());
        for made in &done.made {
            if let Some(place) = made.place() {
                self.follow(place, made, effects);
            }
            match made {
                Made::Started { cluster, tasks, .. } => self.await_tasks(cluster, tasks, effects),
                Made::Stopped { place, .. } => self.ask_for_tasks(&place.cluster, effects),
                Made::Registered { .. } | Made::Updated { .. } | Made::RollingBack { .. } => {}
            }
        }
    }

    /// Leaves, unless a change is being made: what becomes of it would not be written down.
    pub(super) fn quit(&mut self, effects: &mut Vec<Effect>) {
        if let Some(Changing { what, stage: Stage::Making { warned: warned @ false }, .. }) = &mut self.changing {
            *warned = true;
            let text =
                format!("{what} is not finished; once more leaves all the same, and nobody will see how it ends");
            self.message = Some(Message::complaint(text));
            return;
        }
        if !self.keeps_sessions() {
            effects.push(Effect::Quit);
        }
    }

    /// Gives a plan up that is being made; returns whether there was one.
    pub(super) fn stop_planning(&mut self, effects: &mut Vec<Effect>) -> bool {
        let Some(changing) = self.changing.take_if(|changing| changing.stage == Stage::Planning) else { return false };
        effects.push(Effect::Cancel(changing.id));
        self.message = Some(Message::news(format!("stopped {}; nothing was changed", changing.what)));
        true
    }

    /// Agrees to the plan that is open, if what was typed is what its guard wants.
    pub(super) fn agree(&mut self, effects: &mut Vec<Effect>) {
        let Some(Overlay::Plan(sheet)) = self.overlays.last() else { return };
        match sheet.consent() {
            Ok(()) => self.make(sheet.plan.clone(), effects),
            Err(complaint) => self.message = Some(Message::complaint(complaint)),
        }
    }

    /// Has a plan carried out.
    fn make(&mut self, plan: Box<Plan>, effects: &mut Vec<Effect>) {
        self.overlays.pop();
        self.begin(clean(&plan.title), Stage::Making { warned: false }, Request::Change(plan), effects);
    }

    /// Returns the colour that the rules of the config give to what is selected.
    pub fn guard_colour(&self) -> Option<GuardColour> {
        let rules = self.rules_of_the_leaf().unwrap_or_else(|| self.rules());
        rules.into_iter().find_map(|rule| rule.color)
    }

    /// Returns the rules of the config that are about what is selected in the jump, by the profile, account and region
    /// where that is.
    fn rules_of_the_leaf(&self) -> Option<Vec<&GuardRule>> {
        let place = self.jump()?.cursor()?;
        let (leaf, origin) = self.leaf(place).zip(self.leaf_origin(place))?;
        let cluster = &leaf.row.cluster;
        let subject = Subject {
            profile: &origin.profile,
            account: Some(cluster.account()),
            region: Some(cluster.region()),
            cluster: Some(cluster.name()),
            service: leaf.row.service.as_deref(),
        };
        Some(self.guards.iter().filter(|rule| rule.fits(&subject)).collect())
    }

    /// Returns the rules of the config that are about what is selected.
    pub(super) fn rules(&self) -> Vec<&GuardRule> {
        let service = self.pane(Level::Service).selected().and_then(|row| row.id.service()).map(Arn::name);
        self.rules_about(self.selected_cluster(), service)
    }

    /// Returns the rules of the config that are about something here. Until AWS has said who we are, the ARN of the
    /// selected cluster says where that is.
    fn rules_about(&self, cluster: Option<&Arn>, service: Option<&str>) -> Vec<&GuardRule> {
        let identity = self.stock.identity.value.as_ref();
        let here = self.selected_cluster();
        let subject = Subject {
            profile: identity.map_or(&*self.profile, |identity| &identity.profile),
            account: identity.and_then(|identity| identity.account.as_deref()).or(here.map(Arn::account)),
            region: identity.map(|identity| &*identity.region).or(here.map(Arn::region)).or(self.region.as_deref()),
            cluster: cluster.map(Arn::name),
            service,
        };
        self.guards.iter().filter(|rule| rule.fits(&subject)).collect()
    }
}

/// Returns what was made in words, with where it is to be seen.
fn made(made: &Made) -> String {
    match made {
        Made::Started { definition, .. } => format!("{} of {}, under (no service)", made.words(), definition.name()),
        Made::Registered { .. } | Made::Updated { .. } | Made::RollingBack { .. } | Made::Stopped { .. } => {
            made.words()
        }
    }
}
