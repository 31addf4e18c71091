//! When the details are written anew: only where what they are made of may be another.

use super::{DefinitionForm, DetailView, Fit};
use crate::{
    model::Thing,
    tui::app::{Level, RequestId, RowId, State},
};

/// What the details were made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui::app) struct Written {
    view: DetailView,
    focus: Level,
    /// What is selected, and whether it is gone.
    selected: [Option<(RowId, bool)>; 4],
    /// What is shown as AWS describes it.
    described: Option<Thing>,
    form: DefinitionForm,
    reveal: bool,
    /// The last question asked, and how many are not answered. Whatever is known changes with an answer alone, and each
    /// answer leaves one question less, each question has a new number.
    questions: (RequestId, usize),
    /// The time, as exactly as the text tells it: ages in seconds, of events only the day.
    time: i64,
}

impl Written {
    /// Whether the same is looked at in the same way, however it has changed.
    fn is_about_the_same_as(&self, other: &Self) -> bool {
        let same = |one: &Option<(RowId, bool)>, other: &Option<(RowId, bool)>| {
            one.as_ref().map(|(id, _)| id) == other.as_ref().map(|(id, _)| id)
        };
        let selected = self.selected.iter().zip(&other.selected).take(self.focus as usize + 1);
        (self.view, self.focus, self.form, &self.described) == (other.view, other.focus, other.form, &other.described)
            && selected.into_iter().all(|(one, other)| same(one, other))
    }
}

impl State {
    /// Writes the details where they may have changed, and fits them to the screen.
    pub(in crate::tui::app) fn write_details(&mut self) {
        let made_of = self.made_of();
        // What stands above logs is little, and told piece by piece.
        if self.written.as_ref() == Some(&made_of) && made_of.view != DetailView::Logs {
            self.detail.stale = self.stale();
            if !self.fit.is_for(self.detail_query(), self.detail_width()) {
                self.fit = self.fitted();
            }
            return;
        }
        let now = self.describe();
        let before = std::mem::replace(&mut self.detail, now);
        self.written = Some(made_of);
        let same = before.lines == self.detail.lines && before.columns == self.detail.columns;
        if !same || !self.fit.is_for(self.detail_query(), self.detail_width()) {
            let fitted = self.fitted();
            let fit = std::mem::replace(&mut self.fit, fitted);
            self.hold_still(&before, &fit);
        }
    }

    /// Lets the details below the panes begin anew where they are about something else.
    pub(in crate::tui::app) fn begin_aside_anew(&mut self) {
        let made_of = self.made_of();
        if !self.written.as_ref().is_some_and(|written| written.is_about_the_same_as(&made_of)) {
            self.aside = (!made_of.view.newest_last()).then_some(0);
        }
    }

    /// Returns what the lines of the details are filtered by.
    pub(in crate::tui::app) fn detail_query(&self) -> &str {
        self.full_detail().map_or("", |detail| detail.query.text())
    }

    fn fitted(&self) -> Fit {
        Fit::new(&self.detail, self.detail_query(), self.detail_width())
    }

    /// Returns how wide the lines of the details may be.
    fn detail_width(&self) -> usize {
        usize::from(self.detail_area().inner.width)
    }

    /// Keeps the text where it is while it is scrolled up and other text comes before or after it.
    fn hold_still(&mut self, before: &super::DetailText, fit: &Fit) {
        let (detail, now) = (&self.detail, &self.fit);
        if !detail.newest_last || before.title != detail.title {
            return;
        }
        if let Some(scroll) = self.detail_scroll() {
            let followed = now.followed(detail, (before, fit), scroll);
            self.scroll_detail_to(Some(followed));
        }
    }

    fn made_of(&self) -> Written {
        let (view, second) = (self.detail_view(), self.now.as_second());
        Written {
            view,
            focus: self.focus(),
            selected: Level::ALL.map(|level| self.pane(level).selected().map(|row| (row.id.clone(), row.gone))),
            described: self.described().cloned(),
            form: self.definition_form,
            reveal: self.reveal,
            questions: (self.last_id, self.pending.len() + self.run_by_hand.len()),
            time: if view == DetailView::Events { second.div_euclid(60) } else { second },
        }
    }
}
