//! What is wished for: from an action on what is selected, and from what was typed or picked.

use super::Place;
use crate::{
    config::Action,
    model::{ImageWish, text::clean},
    ops::change::{Run, Stop, TaskPlace, Update, Which, Whose, Wish},
    tui::app::{Asks, Effect, Level, Line, Overlay, Pick, Picks, Prompt, Request, RowId, State},
};

/// What a wish still needs to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// An image, or a tag, for a container of this service; without a name for the one that there is.
    Image(Place, Option<String>),
    /// How many tasks of this service are wanted.
    Desired(Place),
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
            Self::Desired(place) => format!("how many tasks of {}:", clean(place.name())),
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
            Self::Desired(place) => {
                let desired = answer.parse().map_err(|_| "type a number, for instance: 3".to_owned())?;
                Ok(Next::wish(Wish::Scale { services: vec![place], desired }))
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
    /// Replaces the tasks of the selected service.
    pub(in crate::tui::app) fn redeploy(&mut self, effects: &mut Vec<Effect>) {
        self.wish(Action::Redeploy, |place| Wish::Redeploy { services: vec![place] }, effects);
    }

    /// Brings back what the selected service ran before.
    pub(in crate::tui::app) fn roll_back(&mut self, effects: &mut Vec<Effect>) {
        self.wish(Action::RollBack, |service| Wish::RollBack { service }, effects);
    }

    /// Lets new tasks of the selected service be logged in to.
    pub(in crate::tui::app) fn enable_exec(&mut self, effects: &mut Vec<Effect>) {
        self.wish(Action::EnableExec, |place| Wish::EnableExec { services: vec![place] }, effects);
    }

    /// Asks for another image of the selected service, or of the selected container.
    pub(in crate::tui::app) fn ask_for_image(&mut self) {
        let container = self.selected_container();
        self.ask_what_is_missing(|place| Missing::Image(place, container));
    }

    /// Asks how many tasks the selected service is to have.
    pub(in crate::tui::app) fn ask_for_count(&mut self) {
        self.ask_what_is_missing(Missing::Desired);
    }

    /// Stops the selected task; of a service it is asked which way.
    pub(in crate::tui::app) fn stop(&mut self, effects: &mut Vec<Effect>) {
        match (self.task_to_stop(), self.selected_place()) {
            (Some(task), _) => self.stop_these(Which::These(vec![task]), effects),
            (None, Some(place)) if self.may_change(Action::Stop) => {
                self.overlays.push(Overlay::Pick(Pick::new(Picks::Stop(place))));
            }
            (None, Some(_) | None) => {}
        }
    }

    /// Stops tasks.
    pub(in crate::tui::app) fn stop_these(&mut self, which: Which, effects: &mut Vec<Effect>) {
        let stop = Stop { which, reason: Stop::REASON.to_owned() };
        self.plan_change(Action::Stop, Request::Plan(Wish::Stop(stop)), effects);
    }

    /// Returns the task that is selected, or whose container is.
    pub(in crate::tui::app) fn task_to_stop(&self) -> Option<TaskPlace> {
        let task = self.selected_task().filter(|_| self.focus() >= Level::Task)?;
        Some(TaskPlace { cluster: task.cluster.clone(), task: task.arn.clone() })
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

    fn wish(&mut self, action: Action, wish: impl FnOnce(Place) -> Wish, effects: &mut Vec<Effect>) {
        if let Some(place) = self.selected_place() {
            self.plan_change(action, Request::Plan(wish(place)), effects);
        }
    }

    fn ask_what_is_missing(&mut self, missing: impl FnOnce(Place) -> Missing) {
        if let Some(missing) = self.selected_place().map(missing) {
            self.ask(missing);
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
