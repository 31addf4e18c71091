//! Sessions that were left running: which there are, and going back to one of them.

use super::{
    Afterwards, Effect, Message, Overlay, Pick, Picks, SessionId, State, TextLine, Tone, age,
    pick::{PickRow, Picked},
};
use crate::{
    model::{Timestamp, text::clean},
    session::Exit,
};

/// A session that was left running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Running {
    id: SessionId,
    /// Clean.
    label: String,
    left: Timestamp,
    afterwards: Afterwards,
    /// How it has ended since.
    over: Option<Exit>,
}

impl State {
    /// Notes that a session was left running.
    pub(super) fn leave_running(&mut self, id: SessionId, label: String, afterwards: Afterwards) {
        let label = clean(label);
        self.message = Some(Message::news(format!("{label} goes on; {} goes back to it", self.way_to_sessions())));
        self.running.push(Running { id, label, left: self.now, afterwards, over: None });
    }

    /// Notes that one of them has ended. What it has printed is there until somebody has seen it.
    pub(super) fn end_running(&mut self, id: SessionId, exit: Exit) {
        let way = self.way_to_sessions();
        let Some(running) = self.running.iter_mut().find(|running| running.id == id) else { return };
        let text = format!("{}: {exit}; {way} shows what it printed", running.label);
        self.message = Some(Message::ended(text, &exit));
        running.over = Some(exit);
    }

    /// Asks which of them to go back to.
    pub(super) fn ask_for_session(&mut self) {
        if self.running.is_empty() {
            let text = "no session was left running; `~&` on a new line leaves one, and so does the leave key, twice";
            self.message = Some(Message::news(text));
        } else {
            self.overlays.push(Overlay::Pick(Pick::new(Picks::Session)));
        }
    }

    /// Returns their rows, those that were left last first.
    pub(super) fn session_rows(&self) -> Vec<PickRow> {
        let row = |running: &Running| {
            let line = TextLine::said(Tone::Plain, &running.label);
            let left = format!("  left {} ago", age(self.now, running.left));
            let line = match &running.over {
                None => line.with(Tone::Faint, left).with(Tone::Good, "  ● goes on"),
                Some(exit) => {
                    line.with(Tone::Faint, left).with(Tone::Underway, format!("  {}", clean(exit.to_string())))
                }
            };
            PickRow { line, picked: Picked::Session(running.id) }
        };
        self.running.iter().rev().map(row).collect()
    }

    /// Goes back to one of them; of one that has ended what it printed is seen until a key is pressed.
    pub(super) fn go_back_to(&mut self, id: SessionId, effects: &mut Vec<Effect>) {
        let Some(place) = self.running.iter().position(|running| running.id == id) else { return };
        let running = self.running.remove(place);
        let afterwards = if running.over.is_some() { Afterwards::Key } else { running.afterwards };
        effects.push(Effect::Attach(id, afterwards));
    }

    /// Whether quitting would end sessions that go on, which is said the first time.
    pub(super) fn keeps_sessions(&mut self) -> bool {
        let goes_on = self.running.iter().filter(|running| running.over.is_none()).count();
        if goes_on == 0 || std::mem::replace(&mut self.warned_of_sessions, true) {
            return false;
        }
        let what = if goes_on == 1 { "a session goes on".to_owned() } else { format!("{goes_on} sessions go on") };
        let way = self.way_to_sessions();
        self.message = Some(Message::complaint(format!("{what} ({way}); once more ends it all and quits")));
        true
    }

    fn way_to_sessions(&self) -> String {
        use crate::config::Action::Sessions;
        self.keymap.first_chord(Sessions).map_or_else(|| Sessions.info().name.to_owned(), |chord| chord.to_string())
    }
}
