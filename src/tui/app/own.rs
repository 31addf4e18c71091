//! Actions of somebody's own: what they are told of the selection, and their commands in the terminal.

use super::{Afterwards, Effect, Level, Message, Opening, Request, RowId, State};
use crate::{
    config::{Filled, OwnAction},
    model::{Arn, text::clean},
    ops::Urgency,
};

impl State {
    /// Returns what a command is told, or why it cannot be run here.
    pub(super) fn own_command(&self, action: &OwnAction) -> Result<Filled, String> {
        if action.changes
            && let Some(refusal) = self.refused_by_settings()
        {
            return Err(refusal);
        }
        action.filled(&self.selection()).map_err(|missing| format!("no {missing} is selected"))
    }

    /// Runs the command of an action in the terminal, unless it cannot be.
    pub(super) fn run_own(&mut self, action: &OwnAction, effects: &mut Vec<Effect>) {
        if let Some(opening) = &self.opening {
            self.message = Some(Message::news(format!("already opening {}; esc stops that", opening.label)));
            return;
        }
        match self.own_command(action) {
            Err(obstacle) => {
                self.message =
                    Some(Message { failure: true, lines: vec![format!("{}: {obstacle}", clean(&action.name))] });
            }
            Ok(command) => {
                let id = self.next_id();
                let label = clean(&action.name);
                let request = Request::RunOwn { label: label.clone(), command, size: self.size };
                self.opening = Some(Opening {
                    id,
                    label,
                    since: self.now,
                    afterwards: Afterwards::Key,
                    verb: "run",
                    opened: None,
                });
                effects.push(Effect::Send(id, Urgency::Waiting, request));
            }
        }
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
