//! The action menu: what fits the selection, and what stands in its way.

use super::{Copyable, DetailView, Overlay, State};
use crate::{
    config::{Action, keymap::Place},
    model::text::clean,
    tui::finder,
};

/// What a line of the action menu does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// This action.
    Action(Action),
    /// The action of somebody's own with this place in the config.
    Own(usize),
    /// Copy what has this place in the menu.
    Copy(usize),
}

/// One line of the action menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuRow {
    /// The letter that does it.
    pub letter: char,
    /// What it does.
    pub deed: Deed,
    /// Why it cannot work, as far as that is known.
    pub obstacle: Option<String>,
}

impl State {
    /// Returns where keys go.
    pub fn place(&self) -> Place {
        self.overlays.last().map_or(self.focused_place(), Overlay::place)
    }

    /// Returns where keys would go if the topmost overlay were not there.
    pub fn place_below(&self) -> Place {
        self.overlays.iter().rev().nth(1).map_or(self.focused_place(), Overlay::place)
    }

    /// Returns the lines of the action menu, those that match what is searched for.
    pub fn menu_rows(&self) -> Vec<MenuRow> {
        let rows = self.copies().map_or_else(|| self.action_rows(), copy_rows);
        match self.overlay() {
            Some(Overlay::Menu(menu)) => {
                let query = menu.search.as_ref().map_or("", |line| line.text());
                let words: Vec<String> = rows.iter().map(|row| self.searched_words(row.deed)).collect();
                let text = |row: usize| &*words[row];
                finder::in_order(query, rows.len(), text).into_iter().map(|row| rows[row].clone()).collect()
            }
            _ => rows,
        }
    }

    /// Returns what the menu that is open offers to copy, if it is the one of that.
    fn copies(&self) -> Option<&[Copyable]> {
        match self.overlay() {
            Some(Overlay::Menu(menu)) => menu.copies.as_deref(),
            _ => None,
        }
    }

    /// Returns the lines of all actions that fit.
    fn action_rows(&self) -> Vec<MenuRow> {
        let obstacle = self.target().and_then(|target| self.obstacle(&target)).map(|notice| clean(notice.text));
        let mut rows: Vec<MenuRow> = self
            .keymap
            .menu(self.place_below())
            .filter(|(_, action)| self.fits(*action))
            .map(|(letter, action)| {
                let opens = matches!(action, Action::Login | Action::Exec);
                let obstacle = self.refusal(action).or_else(|| obstacle.clone().filter(|_| opens));
                MenuRow { letter, deed: Deed::Action(action), obstacle }
            })
            .collect();
        rows.extend(self.own_rows());
        rows
    }

    /// Returns what something in the menu is called, and what it does, clean.
    pub fn deed_words(&self, deed: Deed) -> (String, String) {
        match deed {
            Deed::Action(action) => (action.info().name.to_owned(), action.info().help.to_owned()),
            Deed::Own(place) => {
                self.own.get(place).map(|own| (clean(&own.name), clean(own.line()))).unwrap_or_default()
            }
            Deed::Copy(place) => {
                let copyable = self.copies().and_then(|copies| copies.get(place));
                copyable.map(|it| (it.name.to_owned(), it.shown())).unwrap_or_default()
            }
        }
    }

    /// Returns what the search of the menu looks at.
    fn searched_words(&self, deed: Deed) -> String {
        let (name, does) = self.deed_words(deed);
        match deed {
            Deed::Action(_) => does,
            Deed::Own(_) | Deed::Copy(_) => format!("{name} {does}"),
        }
    }

    /// Returns the lines of the actions of somebody's own.
    fn own_rows(&self) -> impl Iterator<Item = MenuRow> + '_ {
        let place = self.focused_place();
        let offered =
            self.own.iter().enumerate().filter(move |(_, own)| self.jump().is_none() && own.is_offered(place));
        offered.map(|(place, own)| MenuRow {
            letter: own.letter,
            deed: Deed::Own(place),
            obstacle: self.own_command(own).err(),
        })
    }

    /// Whether there is something selected that the action could be done to.
    fn fits(&self, action: Action) -> bool {
        match action {
            Action::Login | Action::Exec => self.target().is_some(),
            Action::Stop => !self.chosen_tasks().is_empty() || !self.chosen_places().is_empty(),
            Action::Run => self.selected_cluster().is_some(),
            Action::Update | Action::Redeploy | Action::Scale | Action::RollBack | Action::EnableExec => {
                !self.chosen_places().is_empty()
            }
            Action::Events
            | Action::Targets
            | Action::Deployments
            | Action::TaskDefinition
            | Action::Facts
            | Action::Stopped
            | Action::Instances
            | Action::Logs => Self::view_of(action).is_some_and(|view| self.detail_views().contains(&view)),
            Action::Json | Action::Diff => self.detail_view() == DetailView::TaskDefinition,
            Action::Reveal => matches!(
                self.detail_view(),
                DetailView::TaskDefinition | DetailView::Deployments | DetailView::Described
            ),
            Action::Mark => self.pane(self.focus()).selected().is_some_and(|row| row.id.can_be_marked()),
            Action::Copy | Action::CopyArn | Action::Console | Action::Describe | Action::Editor => self.has_subject(),
            Action::Details | Action::CopyDetails => self.pane(self.focus()).selected().is_some(),
            Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::First
            | Action::Last
            | Action::NextPane
            | Action::PreviousPane
            | Action::Zoom
            | Action::DeleteBack
            | Action::DeleteWord
            | Action::DeleteLine
            | Action::LineStart
            | Action::LineEnd
            | Action::Accept
            | Action::Back
            | Action::Jump
            | Action::ShowInPanes
            | Action::Sort
            | Action::Menu
            | Action::SearchMenu
            | Action::Register
            | Action::WhichTasks
            | Action::Go
            | Action::Sessions
            | Action::Refresh
            | Action::Help
            | Action::Quit => true,
        }
    }

    pub(super) fn focused_place(&self) -> Place {
        match self.focus() {
            super::Level::Cluster => Place::Clusters,
            super::Level::Service => Place::Services,
            super::Level::Task => Place::Tasks,
            super::Level::Container => Place::Containers,
        }
    }
}

fn copy_rows(copies: &[Copyable]) -> Vec<MenuRow> {
    let row = |(place, copyable): (usize, &Copyable)| MenuRow {
        letter: copyable.letter,
        deed: Deed::Copy(place),
        obstacle: copyable.texts.as_ref().err().cloned(),
    };
    copies.iter().enumerate().map(row).collect()
}
