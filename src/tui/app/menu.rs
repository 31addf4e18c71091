//! The action menu: what fits the selection, and what stands in its way.

use super::{Overlay, State};
use crate::{
    config::{Action, keymap::Place},
    model::text::clean,
    tui::finder,
};

/// One line of the action menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuRow {
    /// The letter that does it.
    pub letter: char,
    /// What it does.
    pub action: Action,
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
        let obstacle = self.target().and_then(|target| self.obstacle(&target)).map(|notice| clean(notice.text));
        let rows: Vec<MenuRow> = self
            .keymap
            .menu(self.place_below())
            .filter(|(_, action)| self.fits(*action))
            .map(|(letter, action)| {
                let opens = matches!(action, Action::Login | Action::Exec);
                let obstacle = self.refusal(action).or_else(|| obstacle.clone().filter(|_| opens));
                MenuRow { letter, action, obstacle }
            })
            .collect();
        match self.overlay() {
            Some(Overlay::Menu(menu)) => {
                let query = menu.search.as_ref().map_or("", |line| line.text());
                let text = |row: usize| rows[row].action.info().help;
                finder::in_order(query, rows.len(), text).into_iter().map(|row| rows[row].clone()).collect()
            }
            _ => rows,
        }
    }

    /// Whether there is something selected that the action could be done to.
    fn fits(&self, action: Action) -> bool {
        match action {
            Action::Login | Action::Exec => self.target().is_some(),
            Action::Stop => self.task_to_stop().is_some() || self.selected_place().is_some(),
            Action::Run => self.selected_cluster().is_some(),
            Action::Update | Action::Redeploy | Action::Scale | Action::RollBack | Action::EnableExec => {
                self.selected_place().is_some()
            }
            Action::Events
            | Action::Targets
            | Action::Deployments
            | Action::TaskDefinition
            | Action::Facts
            | Action::Stopped
            | Action::Instances
            | Action::Logs => Self::view_of(action).is_some_and(|view| self.detail_views().contains(&view)),
            Action::Json | Action::Diff => self.detail_view() == super::DetailView::TaskDefinition,
            Action::Reveal => {
                matches!(self.detail_view(), super::DetailView::TaskDefinition | super::DetailView::Deployments)
            }
            Action::CopyArn | Action::Details | Action::CopyDetails => self.pane(self.focus()).selected().is_some(),
            Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::First
            | Action::Last
            | Action::NextPane
            | Action::PreviousPane
            | Action::DeleteBack
            | Action::DeleteWord
            | Action::DeleteLine
            | Action::LineStart
            | Action::LineEnd
            | Action::Accept
            | Action::Back
            | Action::Jump
            | Action::ShowInPanes
            | Action::Menu
            | Action::SearchMenu
            | Action::Register
            | Action::Refresh
            | Action::Help
            | Action::Quit => true,
        }
    }

    fn focused_place(&self) -> Place {
        match self.focus() {
            super::Level::Cluster => Place::Clusters,
            super::Level::Service => Place::Services,
            super::Level::Task => Place::Tasks,
            super::Level::Container => Place::Containers,
        }
    }
}
