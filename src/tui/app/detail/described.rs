//! All that AWS says of something, as JSON: full screen, and in an editor.

use super::{Look, Seen, State, TextLine, Tone};
use crate::{
    model::{Described, Thing},
    ops::Urgency,
    tui::app::{Afterwards, Detail, Effect, Opening, Overlay, Request},
};

/// Returns the lines of the JSON.
pub(super) fn lines(state: &State, thing: &Thing) -> Vec<TextLine> {
    state.seen(&Look::Described(thing.clone()), |seen| match seen {
        Seen::Described(described) => {
            described.json(state.reveal).lines().map(|line| TextLine::said(Tone::Plain, line)).collect()
        }
        _ => Vec::new(),
    })
}

impl State {
    /// Returns what is shown full screen as AWS describes it.
    pub(in crate::tui::app) fn described(&self) -> Option<&Thing> {
        self.full_detail()?.described.as_ref()
    }

    /// Shows all that AWS says of what is looked at; where that is shown, what was there before.
    pub(in crate::tui::app) fn toggle_described(&mut self) {
        if self.described().is_some() {
            self.overlays.retain(|overlay| !matches!(overlay, Overlay::Detail(_)));
            return;
        }
        let Some(thing) = self.looked_at() else { return self.say_nothing_selected() };
        self.overlays.retain(|overlay| !matches!(overlay, Overlay::Detail(_)));
        self.overlays.push(Overlay::Detail(Detail { described: Some(thing), scroll: Some(0), ..Detail::default() }));
    }

    /// Opens the JSON that is shown, or that of what is looked at, in the editor.
    pub(in crate::tui::app) fn open_editor(&mut self, effects: &mut Vec<Effect>) {
        if self.is_opening() {
            return;
        }
        let Some(thing) = self.described().cloned().or_else(|| self.looked_at()) else {
            return self.say_nothing_selected();
        };
        let known = self.known(&thing).map(Box::new);
        let id = self.next_id();
        let label = format!("the editor on {}", thing.label());
        let request = Request::Edit { known, thing, reveal: self.reveal, size: self.size };
        self.opening = Some(Opening {
            id,
            label,
            since: self.now,
            afterwards: Afterwards::Browser,
            verb: "open",
            opened: None,
            edits: true,
        });
        effects.push(Effect::Send(id, Urgency::Waiting, request));
    }

    /// Returns what the person sees of what AWS says of something; where that is not shown, what is known may be old.
    fn known(&self, thing: &Thing) -> Option<Described> {
        self.described().filter(|shown| *shown == thing)?;
        match self.stock.looks.get(&Look::Described(thing.clone()))?.value.as_ref()? {
            Seen::Described(described) => Some((**described).clone()),
            _ => None,
        }
    }
}
