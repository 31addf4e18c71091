//! What is done with the selected leaf: it is logged in to, remembered, or shown in the panes.

use std::sync::Arc;

use super::{
    super::{Effect, Level, Message, Request, RowId, State, Target, login},
    Jump, Leaf, Meant, Origin, called, leaf,
};
use crate::{
    model::Arn,
    ops::{
        Urgency,
        exec::{Command, ExecTarget},
        opened::Opened,
    },
};

impl State {
    /// Logs in to the selected leaf.
    pub(in crate::tui::app) fn log_in_to_leaf(&mut self, effects: &mut Vec<Effect>) {
        let Some((leaf, origin)) = self.chosen_leaf() else { return };
        let row = leaf.row;
        let Some(task) = row.task.clone() else {
            let name = crate::model::text::clean(row.place());
            self.message = Some(Message::news(format!("{name} has no running task; tab shows it in the panes")));
            return;
        };
        let (cluster, arn) = (row.cluster.clone(), task.arn.clone());
        let target = match row.container() {
            Some(container) => {
                if let Some(obstacle) = login::blocked(&task, container) {
                    self.message = Some(Message::failure(&obstacle));
                    return;
                }
                let runtime_id = container.runtime_id.as_deref().map(str::to_owned);
                let container = container.name.to_string();
                Target::Container(ExecTarget { cluster, task: arn, container, runtime_id })
            }
            None => Target::Task { cluster, task: arn },
        };
        let command: Command = self.shell.clone();
        self.open_at(Some(&*origin), target, command, effects);
    }

    /// Leaves the jump and shows the selected leaf in the panes, which go to its site.
    pub(in crate::tui::app) fn show_in_panes(&mut self, effects: &mut Vec<Effect>) {
        let Some((leaf, origin)) = self.chosen_leaf() else { return };
        if let Some(site) = &origin.site
            && !self.go(site.clone(), origin.name(), effects)
        {
            return;
        }
        self.overlays.clear();
        let cluster = RowId::Cluster(leaf.row.cluster.clone());
        let task = leaf.row.task.as_ref().map(|task| RowId::Task(task.arn.clone()));
        let mut steps = vec![(None, cluster.clone())];
        let mut above = cluster;
        let (service, container) = (leaf.service(), leaf.row.container().map(|_| leaf.id()));
        for id in [service, task, container].into_iter().flatten() {
            steps.push((Some(above), id.clone()));
            above = id;
        }
        self.aim_at(steps);
    }

    /// Returns what a login leads to, by names that outlive its tasks; nothing where its task is not known.
    pub(in crate::tui::app) fn opened(&self, target: &Target) -> Option<(Arn, Opened)> {
        let (cluster, task, container) = match target {
            Target::Service { cluster, service } => {
                let (place, name) = (service.name().to_owned(), cluster.name().to_owned());
                return Some((cluster.clone(), Opened { cluster: name, place, container: None }));
            }
            Target::Task { cluster, task } => (cluster, task, None),
            Target::Container(exec) => (&exec.cluster, &exec.task, Some(exec.container.clone())),
        };
        let known = self.task(task).map(|task| &task.group);
        let leaf = || {
            let leaf = self.jump().and_then(Jump::cursor).and_then(|place| self.leaf(place))?;
            leaf.row.task.as_ref().filter(|other| other.arn == *task).map(|task| &task.group)
        };
        let group = known.or_else(leaf)?;
        let place = group.service().or_else(|| group.standalone())?.to_string();
        Some((cluster.clone(), Opened { cluster: cluster.name().to_owned(), place, container }))
    }

    /// Notes that something was logged in to: it stands higher from now on, also after the program has ended.
    pub(in crate::tui::app) fn note_opened(&mut self, cluster: Arn, opened: Opened, effects: &mut Vec<Effect>) {
        *self.index.worth.entry(leaf::key_of(&cluster, &opened)).or_default() += 1000;
        let (id, at) = (self.next_id(), self.now);
        effects.push(Effect::Send(id, Urgency::Background, Request::Note { cluster, opened, at }));
    }

    /// Returns the ARN of the selected leaf.
    pub(in crate::tui::app) fn leaf_arn(&mut self) -> Option<Arn> {
        self.chosen_leaf().map(|(leaf, _)| leaf.id().arn().clone())
    }

    /// Returns the leaf that is meant, and where it was read; one that is gone, or matches no more, is said.
    pub(in crate::tui::app) fn chosen_leaf(&mut self) -> Option<(Leaf, Arc<Origin>)> {
        let meant = self.settle_in_jump();
        let jump = self.jump()?;
        let lost = match (&meant, &jump.selected, jump.gone()) {
            (_, _, Some(gone)) => format!("{gone} is gone"),
            (Meant::Leaf(id), None, None) => format!("{} does not match any more", called(id)),
            (Meant::Nothing, ..) => return None,
            (Meant::Leaf(_) | Meant::Best, _, None) => {
                let search = &self.index.search;
                return search.at(jump.cursor).cloned().zip(search.origin(jump.cursor).cloned());
            }
        };
        self.message = Some(Message::complaint(format!("{lost}: choose another")));
        None
    }

    /// Lets each pane select its step as soon as it is there.
    fn aim_at(&mut self, steps: Vec<(Option<RowId>, RowId)>) {
        let deepest = steps.len() - 1;
        for (level, (parent, id)) in Level::ALL.into_iter().zip(steps) {
            self.pane_mut(level).aim(parent, id);
        }
        self.set_focus(Level::ALL[deepest]);
        self.fill_from(Level::Cluster);
    }
}
