//! What is wished for: from an action on what is selected, and from what was typed.

use super::Place;
use crate::{
    config::Action,
    model::{ImageWish, text::clean},
    ops::change::{Update, Whose, Wish},
    tui::app::{Asks, Effect, Line, Overlay, Prompt, RowId, State},
};

/// What a wish still needs to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// An image, or a tag, for a container of this service; without a name for the one that there is.
    Image(Place, Option<String>),
    /// How many tasks of this service are wanted.
    Desired(Place),
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
        }
    }

    /// Returns the action that asks.
    fn action(&self) -> Action {
        match self {
            Self::Image(..) => Action::Update,
            Self::Desired(_) => Action::Scale,
        }
    }

    /// Returns the wish that an answer completes.
    fn wish(&self, answer: &str) -> Result<Wish, String> {
        match self {
            Self::Image(place, container) => update(place, container.as_deref(), answer),
            Self::Desired(place) => {
                let desired = answer.trim().parse().map_err(|_| "type a number, for instance: 3".to_owned())?;
                Ok(Wish::Scale { services: vec![place.clone()], desired })
            }
        }
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

    /// Takes what was missing.
    pub(in crate::tui::app) fn answer_missing(
        &mut self,
        missing: &Missing,
        answer: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<(), String> {
        let wish = missing.wish(answer)?;
        self.overlays.pop();
        self.plan_change(missing.action(), wish, effects);
        Ok(())
    }

    fn wish(&mut self, action: Action, wish: impl FnOnce(Place) -> Wish, effects: &mut Vec<Effect>) {
        if let Some(place) = self.selected_place() {
            self.plan_change(action, wish(place), effects);
        }
    }

    fn ask_what_is_missing(&mut self, missing: impl FnOnce(Place) -> Missing) {
        let Some(missing) = self.selected_place().map(missing) else { return };
        if self.may_change(missing.action()) {
            self.overlays.push(Overlay::Prompt(Prompt { asks: Asks::Missing(missing), line: Line::default() }));
        }
    }

    fn selected_container(&self) -> Option<String> {
        match &self.pane(self.focus()).selected()?.id {
            RowId::Container(_, name) => Some(name.to_string()),
            RowId::Cluster(_) | RowId::NoService(_) | RowId::Service(_) | RowId::Task(_) => None,
        }
    }
}

/// Returns the wish for another image: `:tag`, `image`, or one of these after `CONTAINER=`.
fn update(place: &Place, container: Option<&str>, answer: &str) -> Result<Wish, String> {
    let answer = answer.trim();
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
