//! Actions of somebody's own: what they are told of the selection, and their commands in the terminal.

use super::{Afterwards, Asks, Effect, Level, Line, Message, Opening, Overlay, Prompt, Request, RowId, State};
use crate::{
    config::{Filled, GuardAction, OwnAction},
    model::{Arn, text::clean},
    ops::Urgency,
};

/// A command of somebody's own that is run once a name was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRun {
    /// What it is called, clean.
    label: String,
    /// The command, as it was when it was asked for.
    command: Filled,
    /// What has to be typed.
    name: String,
}

impl OwnRun {
    /// Returns what is asked.
    pub(super) fn words(&self) -> String {
        format!("type {} to run {}:", clean(&self.name), self.label)
    }
}

impl State {
    /// Returns what a command is told, or why it cannot be run here.
    pub(super) fn own_command(&self, action: &OwnAction) -> Result<Filled, String> {
        if action.changes
            && let Some(refusal) = self.refused_by_settings()
        {
            return Err(refusal);
        }
        if self.pane(self.focus()).marks_others() {
            return Err("it takes the selected row alone: esc takes the marks off".to_owned());
        }
        action.filled(&self.selection()).map_err(|missing| format!("no {missing} is selected"))
    }

    /// Runs the command of an action in the terminal, unless it cannot be; where a guard wants a name for what may
    /// change something, that is asked for first.
    pub(super) fn run_own(&mut self, action: &OwnAction, effects: &mut Vec<Effect>) {
        if self.is_opening() {
            return;
        }
        let label = clean(&action.name);
        match self.own_command(action) {
            Err(obstacle) => {
                self.message = Some(Message::complaint(format!("{label}: {obstacle}")));
            }
            Ok(command) => {
                let name = self.name_wanted().filter(|_| action.changes);
                match name {
                    Some(name) => {
                        let asks = Asks::Name(OwnRun { label, command, name });
                        self.overlays.push(Overlay::Prompt(Prompt { asks, line: Line::default() }));
                    }
                    None => self.run(label, command, effects),
                }
            }
        }
    }

    /// Takes the name that was typed before a command is run.
    pub(super) fn give_name(&mut self, run: OwnRun, typed: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
        if typed.trim() != clean(&run.name) {
            return Err(format!("type {} to run {}, or esc", clean(&run.name), run.label));
        }
        self.overlays.pop();
        self.run(run.label, run.command, effects);
        Ok(())
    }

    fn run(&mut self, label: String, command: Filled, effects: &mut Vec<Effect>) {
        if self.is_opening() {
            return;
        }
        let id = self.next_id();
        let request = Request::RunOwn { label: label.clone(), command, size: self.size };
        let since = self.now;
        self.opening =
            Some(Opening { id, label, since, afterwards: Afterwards::Key, verb: "run", opened: None, edits: false });
        effects.push(Effect::Send(id, Urgency::Waiting, request));
    }

    /// Returns the name that a guard wants typed before something is changed here: the service's, or the cluster's
    /// where none is selected.
    fn name_wanted(&self) -> Option<String> {
        let wants = self.rules().iter().any(|rule| rule.action == GuardAction::Type);
        let place = self.selected_place().map(|place| place.name().to_owned());
        let cluster = || self.selected_cluster().map(|cluster| cluster.name().to_owned());
        wants.then(|| place.or_else(cluster).unwrap_or_else(|| self.profile.clone()))
    }

    /// Returns what is selected from the left to where the keys go, and the ARN there.
    fn selection(&self) -> Vec<(&'static str, Option<String>)> {
        let row =
            |level: Level| self.pane(level).selected().filter(|_| level <= self.focus()).map(|row| row.id.clone());
        let name = |arn: Option<Arn>| arn.map(|arn| arn.name().to_owned());
        let service = match row(Level::Service) {
            Some(RowId::Service(arn)) => Some(arn),
            Some(RowId::Cluster(_) | RowId::NoService(_) | RowId::Task(_) | RowId::Container(..)) | None => None,
        };
        let container = match row(Level::Container) {
            Some(RowId::Container(_, name)) => Some(name.to_string()),
            Some(RowId::Cluster(_) | RowId::NoService(_) | RowId::Service(_) | RowId::Task(_)) | None => None,
        };
        let identity = self.stock.identity.value.as_ref();
        vec![
            ("cluster", name(row(Level::Cluster).map(|id| id.arn().clone()))),
            ("service", name(service)),
            ("task", name(row(Level::Task).map(|id| id.arn().clone()))),
            ("container", container),
            ("arn", row(self.focus()).map(|id| id.arn().to_string())),
            ("profile", Some(identity.map_or_else(|| self.profile.clone(), |it| it.profile.clone()))),
            ("region", identity.map(|it| it.region.clone()).or_else(|| self.region.clone())),
        ]
    }
}
