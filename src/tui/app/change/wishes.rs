//! What is wished for: from an action on what is selected, and from what was typed or picked.

use super::Place;
use crate::{
    config::Action,
    model::{ImageWish, text::clean},
    ops::change::{Run, Stop, TaskPlace, Update, Which, Whose, Wish},
    tui::app::{Asks, Effect, Level, Line, Message, Overlay, Pick, Picks, Prompt, Request, Row, RowId, State},
};

/// What a wish still needs to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// An image, or a tag, for a container of this service; without a name for the one that there is.
    Image(Place, Option<String>),
    /// How many tasks of these services are wanted, of each.
    Desired(Vec<Place>),
    /// What is to be run.
    Definition(Box<Run>),
    /// The command to run it with.
    Command(Box<Run>),
    /// How many are to be run.
    Count(Box<Run>),
    /// The file that holds what is to be registered.
    File,
}

/// What an answer leads to.
pub(super) enum Next {
    /// All is known, and a plan is asked for.
    Plan(Request),
    /// Something else is missing.
    Ask(Missing),
    /// Something has to be picked.
    Pick(Picks),
}

impl Missing {
    /// Returns the question.
    pub fn words(&self) -> String {
        match self {
            Self::Image(place, Some(container)) => {
                format!("image or :tag for {} in {}:", clean(container), clean(place.name()))
            }
            Self::Image(place, None) => format!("image or :tag for {}, or CONTAINER=…:", clean(place.name())),
            Self::Desired(places) => match &places[..] {
                [one] => format!("how many tasks of {}:", clean(one.name())),
                all => format!("how many tasks of each of {} services:", all.len()),
            },
            Self::Definition(run) => format!("task definition to run in {}:", clean(run.cluster.name())),
            Self::Command(_) => "command, if another ([CONTAINER:] WORDS…):".to_owned(),
            Self::Count(_) => "how many tasks:".to_owned(),
            Self::File => "JSON file of the task definition:".to_owned(),
        }
    }

    /// Returns the line to type the answer into, with the answer that is likely.
    fn line(&self) -> Line {
        let mut line = Line::default();
        match self {
            Self::Definition(run) => line.insert(&clean(&run.definition)),
            Self::Count(run) => line.insert(&run.count.to_string()),
            Self::Image(..) | Self::Desired(_) | Self::Command(_) | Self::File => {}
        }
        line
    }

    /// Returns the action that asks.
    fn action(&self) -> Action {
        match self {
            Self::Image(..) => Action::Update,
            Self::Desired(_) => Action::Scale,
            Self::Definition(_) | Self::Command(_) | Self::Count(_) => Action::Run,
            Self::File => Action::Register,
        }
    }

    /// Returns what an answer leads to; an answer that is none is told what would be one.
    fn next(self, answer: &str) -> Result<Next, String> {
        let answer = answer.trim();
        match self {
            Self::Image(place, container) => update(&place, container.as_deref(), answer).map(Next::wish),
            Self::Desired(services) => {
                let desired = answer.parse().map_err(|_| "type a number, for instance: 3".to_owned())?;
                Ok(Next::wish(Wish::Scale { services, desired }))
            }
            Self::Definition(run) => super::by_hand::of_definition(run, answer),
            Self::Command(run) => super::by_hand::with_command(run, answer),
            Self::Count(run) => super::by_hand::so_many(run, answer),
            Self::File if answer.is_empty() => Err("type the path of a file, for instance: ~/web.json".to_owned()),
            Self::File => Ok(Next::Plan(Request::PlanRegistration { file: answer.to_owned() })),
        }
    }
}

impl Next {
    pub(super) fn wish(wish: Wish) -> Self {
        Self::Plan(Request::Plan(wish))
    }
}

impl State {
    /// Replaces the tasks of the services that are meant.
    pub(in crate::tui::app) fn redeploy(&mut self, effects: &mut Vec<Effect>) {
        self.wish(Action::Redeploy, |services| Wish::Redeploy { services }, effects);
    }

    /// Lets new tasks of the services that are meant be logged in to.
    pub(in crate::tui::app) fn enable_exec(&mut self, effects: &mut Vec<Effect>) {
        self.wish(Action::EnableExec, |services| Wish::EnableExec { services }, effects);
    }

    /// Brings back what the service that is meant ran before.
    pub(in crate::tui::app) fn roll_back(&mut self, effects: &mut Vec<Effect>) {
        if let Some(service) = self.chosen_place(Action::RollBack) {
            self.plan_change(Action::RollBack, Request::Plan(Wish::RollBack { service }), effects);
        }
    }

    /// Asks for another image of the service that is meant, or of the selected container.
    pub(in crate::tui::app) fn ask_for_image(&mut self) {
        let container = self.selected_container();
        if let Some(place) = self.chosen_place(Action::Update) {
            self.ask(Missing::Image(place, container));
        }
    }

    /// Asks how many tasks the services that are meant are to have.
    pub(in crate::tui::app) fn ask_for_count(&mut self) {
        let places = self.chosen_places();
        if !places.is_empty() {
            self.ask(Missing::Desired(places));
        }
    }

    /// Stops the tasks that are meant; of a service it is asked which way.
    pub(in crate::tui::app) fn stop(&mut self, effects: &mut Vec<Effect>) {
        let tasks = self.chosen_tasks();
        if !tasks.is_empty() {
            return self.stop_these(Which::These(tasks), effects);
        }
        if self.may_change(Action::Stop)
            && let Some(place) = self.chosen_place(Action::Stop)
        {
            self.overlays.push(Overlay::Pick(Pick::new(Picks::Stop(place))));
        }
    }

    /// Stops tasks.
    pub(in crate::tui::app) fn stop_these(&mut self, which: Which, effects: &mut Vec<Effect>) {
        let stop = Stop { which, reason: Stop::REASON.to_owned() };
        self.plan_change(Action::Stop, Request::Plan(Wish::Stop(stop)), effects);
    }

    /// Returns the tasks that are meant: all that are marked, or the one that is selected or whose container is.
    pub(in crate::tui::app) fn chosen_tasks(&self) -> Vec<TaskPlace> {
        let Some(cluster) = self.selected_cluster().filter(|_| self.focus() >= Level::Task) else { return Vec::new() };
        let rows = match self.focus() {
            Level::Task => self.chosen_rows(),
            Level::Cluster | Level::Service | Level::Container => {
                self.pane(Level::Task).selected().into_iter().collect()
            }
        };
        rows.iter().map(|row| TaskPlace { cluster: cluster.clone(), task: row.id.arn().clone() }).collect()
    }

    /// Returns the services that are meant: all that are marked, or the one that is selected or whose task is.
    pub(in crate::tui::app) fn chosen_places(&self) -> Vec<Place> {
        let Some(cluster) = self.selected_cluster() else { return Vec::new() };
        match self.focus() {
            Level::Service => {
                let services = self.chosen_rows().into_iter().filter_map(|row| row.id.service());
                services.map(|service| Place { cluster: cluster.clone(), service: service.clone() }).collect()
            }
            Level::Cluster | Level::Task | Level::Container => self.selected_place().into_iter().collect(),
        }
    }

    /// Returns the service that is meant by an action that takes one; where several are marked that is said.
    pub(super) fn chosen_place(&mut self, action: Action) -> Option<Place> {
        if self.focus() == Level::Service && !self.takes_one(action) {
            return None;
        }
        self.chosen_places().pop()
    }

    /// Whether no more than one row is marked, as an action needs it; otherwise that is said.
    pub(in crate::tui::app) fn takes_one(&mut self, action: Action) -> bool {
        let focus = self.focus();
        let marked = self.pane(focus).marked().count();
        if marked > 1 {
            let (name, what) = (action.info().name, focus.plural());
            let text = format!("{name} takes one, and {marked} {what} are marked: esc takes the marks off");
            self.message = Some(Message::complaint(text));
        }
        marked <= 1
    }

    /// Whether nothing is marked but the selected row, as an action needs it; otherwise that is said.
    pub(in crate::tui::app) fn takes_selected(&mut self, action: Action) -> bool {
        let marks_others = self.pane(self.focus()).marks_others();
        if marks_others {
            let text = format!("{} takes the selected row alone: esc takes the marks off", action.info().name);
            self.message = Some(Message::complaint(text));
        }
        !marks_others
    }

    /// Returns the rows that are meant in the pane in focus: all that are marked, or the one that is selected.
    pub(in crate::tui::app) fn chosen_rows(&self) -> Vec<&Row> {
        let pane = self.pane(self.focus());
        let marked: Vec<&Row> = pane.marked().collect();
        if marked.is_empty() { pane.selected().into_iter().collect() } else { marked }
    }

    /// Asks for the file of a task definition.
    pub(in crate::tui::app) fn ask_for_file(&mut self) {
        self.ask(Missing::File);
    }

    /// Takes what was missing.
    pub(in crate::tui::app) fn answer_missing(
        &mut self,
        missing: &Missing,
        answer: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<(), String> {
        let next = missing.clone().next(answer)?;
        self.overlays.pop();
        match next {
            Next::Plan(request) => self.plan_change(missing.action(), request, effects),
            Next::Ask(missing) => self.ask(missing),
            Next::Pick(picks) => self.overlays.push(Overlay::Pick(Pick::new(picks))),
        }
        Ok(())
    }

    fn wish(&mut self, action: Action, wish: impl FnOnce(Vec<Place>) -> Wish, effects: &mut Vec<Effect>) {
        let places = self.chosen_places();
        if !places.is_empty() {
            self.plan_change(action, Request::Plan(wish(places)), effects);
        }
    }

    /// Asks what a wish still needs, if it can come true now.
    pub(in crate::tui::app) fn ask(&mut self, missing: Missing) {
        if self.may_change(missing.action()) {
            let line = missing.line();
            self.overlays.push(Overlay::Prompt(Prompt { asks: Asks::Missing(missing), line }));
        }
    }

    pub(super) fn selected_container(&self) -> Option<String> {
        match &self.pane(self.focus()).selected()?.id {
            RowId::Container(_, name) => Some(name.to_string()),
            RowId::Cluster(_) | RowId::NoService(_) | RowId::Service(_) | RowId::Task(_) => None,
        }
    }
}

/// Returns the wish for another image: `:tag`, `image`, or one of these after `CONTAINER=`.
fn update(place: &Place, container: Option<&str>, answer: &str) -> Result<Wish, String> {
    if answer.is_empty() {
        return Err("type an image, or a colon and a tag, for instance: :1.42.0".to_owned());
    }
    // No reference to an image holds an equals sign.
    let (whose, image) = match (answer.split_once('='), container) {
        (Some((container, image)), _) => (Whose::Named(container.trim().to_owned()), image.trim()),
        (None, Some(container)) => (Whose::Named(container.to_owned()), answer),
        (None, None) => (Whose::TheOne, answer),
    };
    let image: ImageWish = image.parse().map_err(|error| format!("{error}"))?;
    Ok(Wish::Update(Box::new(Update {
        place: place.clone(),
        whose,
        image: Some(image),
        set: Vec::new(),
        unset: Vec::new(),
        target_group: None,
        placement_group: None,
    })))
}
