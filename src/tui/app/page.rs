//! The page of AWS's console that shows what is selected.

use super::{DetailView, Effect, Message, Notice, Request, State};
use crate::{
    model::{Page, Thing, text::clean},
    ops::Urgency,
};

impl State {
    /// Opens the page of what is looked at; where nothing shows pages its link is copied.
    pub(super) fn open_page(&mut self, effects: &mut Vec<Effect>) {
        let Some(thing) = self.looked_at() else { return self.say_nothing_selected() };
        let label = thing.label();
        let Some(page) = Page::of(&thing) else {
            let partition = thing.arn().partition();
            let text = format!("the console of {label} is not known (partition {partition})");
            self.message = Some(Message::complaint(text));
            return;
        };
        let Some(browser) = self.browser.clone() else {
            effects.push(Effect::Copy(page.to_string()));
            self.message = Some(Message::linked(format!("copied the console link of {label}"), page));
            return;
        };
        self.message = Some(opening(&label, page.clone()));
        let id = self.next_id();
        effects.push(Effect::Send(id, Urgency::Waiting, Request::OpenPage { browser, label, page }));
    }

    /// Takes that a page was opened, or why it was not. What has been said since stays, and so does what was copied.
    pub(super) fn take_page(&mut self, label: &str, page: Page, wrong: Option<Notice>, effects: &mut Vec<Effect>) {
        if self.message.as_ref() != Some(&opening(label, page.clone())) {
            if let Some(notice) = wrong {
                let text = clean(format!("the console page of {label} is not opened: {}", notice.text));
                match &mut self.message {
                    Some(said) => said.lines.push(text),
                    None => self.message = Some(Message::complaint(text)),
                }
            }
            return;
        }
        self.message = Some(match wrong {
            None => Message::linked(format!("opened the console page of {label}"), page),
            Some(notice) => {
                effects.push(Effect::Copy(page.to_string()));
                let text = format!("the console page of {label} is not opened, its link is copied: {}", notice.text);
                Message { failure: true, ..Message::linked(text, page) }
            }
        });
    }

    /// Returns what is looked at: the selected row of the jump; what stands there as AWS describes it; the task
    /// definition where the details show that; the selected row otherwise.
    pub(super) fn looked_at(&mut self) -> Option<Thing> {
        if self.jump().is_some() {
            return self.chosen_leaf().map(|(leaf, _)| leaf.id().thing(&leaf.row.cluster));
        }
        if let Some(thing) = self.described() {
            return Some(thing.clone());
        }
        if self.detail_view() == DetailView::TaskDefinition
            && let Some(definition) = self.selected_definition()
        {
            return Some(Thing::Definition(definition.clone()));
        }
        self.pane(self.focus()).selected().and_then(|row| self.thing(&row.id))
    }
}

/// Returns what is said until it is known whether the page is shown.
fn opening(label: &str, page: Page) -> Message {
    Message::linked(format!("opening the console page of {label} …"), page)
}
