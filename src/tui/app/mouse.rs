//! What the mouse does: a click selects what stands there, a double click does with it what enter does, and the wheel
//! scrolls what is under it.

use std::time::Duration;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::{
    Deed, Effect, Level, Message, Overlay, RowId, State,
    jump::called,
    keys::Step,
    sight::{Part, Spot},
    stock::later,
};
use crate::{
    config::{Action, keymap::Place},
    model::Timestamp,
};

/// How long after a click another is the second of a double one.
const DOUBLE: Duration = Duration::from_millis(500);
/// How many rows a notch of the wheel moves text and long lists.
const NOTCH: isize = 3;

/// A click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Click {
    spot: Spot,
    place: Position,
    at: Timestamp,
    /// What stood over the panes after it.
    over: Option<Place>,
    /// Whether it is the second of a double one: that does something once the button is let go, so that nobody else
    /// gets to hear of it.
    is_second: bool,
}

impl State {
    /// Takes what the mouse did.
    pub(super) fn point(&mut self, mouse: MouseEvent, effects: &mut Vec<Effect>) {
        let place = Position { x: mouse.column, y: mouse.row };
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) if mouse.modifiers == KeyModifiers::NONE => self.press_on(place),
            MouseEventKind::Up(MouseButton::Left) => self.let_go(place, effects),
            MouseEventKind::ScrollUp => self.turn_wheel(place, -1),
            MouseEventKind::ScrollDown => self.turn_wheel(place, 1),
            MouseEventKind::Down(_)
            | MouseEventKind::Up(_)
            | MouseEventKind::Drag(_)
            | MouseEventKind::Moved
            | MouseEventKind::ScrollLeft
            | MouseEventKind::ScrollRight => {}
        }
    }

    /// Selects what was drawn there. A second click so close that it is one of two is about what the first was about:
    /// that may stand elsewhere by now.
    fn press_on(&mut self, place: Position) {
        self.prefix.clear();
        let before = self.click.take();
        if let Some(click) = before.filter(|click| click.is_followed_by(place, self.now) && click.over == self.over()) {
            self.click = Some(Click { is_second: true, ..click });
            return;
        }
        let Some(spot) = self.sight.spot(place, self.over()) else { return };
        self.message = None;
        if self.go_to(&spot) {
            self.click = Some(Click { spot, place, at: self.now, over: self.over(), is_second: false });
        }
    }

    /// Does what the second click of two was for.
    fn let_go(&mut self, place: Position, effects: &mut Vec<Effect>) {
        let is_meant = |click: &mut Click| click.is_second && click.is_at(place);
        let Some(click) = self.click.take_if(is_meant).filter(|click| click.over == self.over()) else { return };
        self.message = None;
        if !self.go_to(&click.spot) {
            return;
        }
        match click.spot {
            Spot::Row(..) => self.act(Action::Login, effects),
            Spot::Deed(_) | Spot::Pick(_) | Spot::Leaf(_) => self.act(Action::Accept, effects),
            Spot::Pane(_) | Spot::Tab(_) => {}
        }
    }

    /// Goes to what can be clicked; returns whether it is still there, and says where it is not.
    fn go_to(&mut self, spot: &Spot) -> bool {
        let (is_there, name) = match spot {
            Spot::Pane(level) => {
                self.focus_on(*level);
                return true;
            }
            Spot::Tab(view) => {
                self.look_at(*view);
                return true;
            }
            Spot::Row(level, id) => (self.go_to_row(*level, id), called(id)),
            Spot::Leaf(id) => (self.go_to_leaf(id), called(id)),
            Spot::Deed(deed) => (self.go_to_deed(*deed), self.deed_words(*deed).0),
            Spot::Pick(picked) => (self.go_to_pick(picked), "what was clicked".to_owned()),
        };
        if !is_there {
            self.message = Some(Message::news(format!("{name} is not there any more")));
        }
        is_there
    }

    fn go_to_row(&mut self, level: Level, id: &RowId) -> bool {
        let before = self.pane(level).selected().map(|row| row.id.clone());
        if !self.pane_mut(level).go_to_row(id) {
            return false;
        }
        self.focus_on(level);
        if before.as_ref() != Some(id) {
            self.moved(level);
        }
        true
    }

    fn go_to_deed(&mut self, deed: Deed) -> bool {
        let Some(place) = self.menu_rows().iter().position(|row| row.deed == deed) else { return false };
        if let Some(Overlay::Menu(menu)) = self.overlays.last_mut() {
            menu.selected = place;
        }
        true
    }

    fn focus_on(&mut self, level: Level) {
        if self.focus() != level {
            self.set_focus(level);
        }
    }

    /// Scrolls what is there by a notch.
    fn turn_wheel(&mut self, place: Position, notches: isize) {
        match self.sight.part(place, self.over()) {
            Some(Part::Pane(level)) => self.scroll_pane(level, notches * NOTCH),
            Some(Part::Detail) => self.scroll_detail(Step::By(notches * NOTCH)),
            Some(Part::Over) => match self.place() {
                Place::Jump => self.scroll_jump(notches * NOTCH),
                Place::Help | Place::Plan => self.step(Step::By(notches * NOTCH)),
                Place::Menu | Place::Pick => self.step(Step::By(notches)),
                Place::Clusters
                | Place::Services
                | Place::Tasks
                | Place::Containers
                | Place::Detail
                | Place::Prompt => {}
            },
            None => {}
        }
    }

    /// Scrolls a pane. Where it has not the keys nothing else is selected by that: what the keys are about would
    /// change.
    fn scroll_pane(&mut self, level: Level, rows: isize) {
        let height = self.areas().pane(level).map_or(0, |area| usize::from(area.inner.height));
        if level != self.focus() {
            return self.pane_mut(level).drift_by(rows, height);
        }
        let before = self.pane(level).selected().map(|row| row.id.clone());
        self.pane_mut(level).scroll_by(rows, height);
        if self.pane(level).selected().map(|row| &row.id) != before.as_ref() {
            self.moved(level);
        }
    }
}

impl Click {
    /// Whether a click there and then makes it a double one.
    fn is_followed_by(&self, place: Position, at: Timestamp) -> bool {
        !self.is_second && self.is_at(place) && at <= later(self.at, DOUBLE)
    }

    /// Whether it was there: hands shake.
    fn is_at(&self, place: Position) -> bool {
        self.place.y == place.y && self.place.x.abs_diff(place.x) <= 1
    }
}
