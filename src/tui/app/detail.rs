//! The details of what is selected, as clean lines of text.

mod definition;
mod facts;
mod watched;

use super::{Level, Look, Notice, RowId, Seen, State, stock::Load, time::clock, wrap::wrap};
use crate::{
    model::{Arn, Cluster, Service, ServiceDetail, Task, text::clean},
    tui::finder,
};

/// How far the lines after the first of a wrapped line stand in.
const INDENT: usize = 4;

/// A way to look at what is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailView {
    /// What there is to know about it.
    Facts,
    /// What the scheduler says about the service.
    Events,
    /// What its containers are made of.
    TaskDefinition,
}

impl DetailView {
    /// Returns its name on the screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Events => "events",
            Self::TaskDefinition => "task definition",
        }
    }
}

/// What a piece of text is, for showing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Plain text.
    Plain,
    /// A name of what follows, a time.
    Label,
    /// A heading.
    Heading,
    /// Something is as it should be.
    Good,
    /// Something is on its way.
    Underway,
    /// Something is wrong.
    Bad,
    /// Of little interest.
    Faint,
}

/// One line of the details.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextLine {
    /// All its text, clean.
    pub text: String,
    /// The tones of its pieces, each with where it ends in bytes, ascending.
    pub tones: Vec<(usize, Tone)>,
}

/// The details of what is selected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DetailText {
    /// What they are about.
    pub title: String,
    /// The lines.
    pub lines: Vec<TextLine>,
    /// Whether the last line is the newest, and the one to show.
    pub newest_last: bool,
}

impl TextLine {
    /// Returns an empty line, to be filled.
    fn new() -> Self {
        Self::default()
    }

    /// Adds untrusted text.
    fn with(mut self, tone: Tone, text: impl AsRef<str>) -> Self {
        self.text.push_str(&clean(text));
        self.tones.push((self.text.len(), tone));
        self
    }

    fn said(tone: Tone, text: impl AsRef<str>) -> Self {
        Self::new().with(tone, text)
    }

    /// Returns a line that names a value.
    fn fact(name: &str, value: impl AsRef<str>) -> Self {
        Self::new().with(Tone::Label, format!("{name:<17} ")).with(Tone::Plain, value)
    }

    /// Returns the byte ranges of the screen lines it takes.
    pub fn wrapped(&self, width: usize) -> Vec<std::ops::Range<usize>> {
        wrap(&self.text, width, INDENT.min(width / 2))
    }

    /// Returns how far the screen lines after the first stand in.
    pub fn indent(width: usize) -> usize {
        INDENT.min(width / 2)
    }
}

impl DetailText {
    /// Returns the places of the lines that match the query, in their own order.
    pub fn matching(&self, query: &str) -> Vec<usize> {
        finder::in_order(query, self.lines.len(), |line| &self.lines[line].text)
    }

    /// Returns how many screen lines these lines take.
    pub fn height(&self, lines: &[usize], width: usize) -> usize {
        lines.iter().map(|line| self.lines[*line].wrapped(width).len()).sum()
    }
}

impl State {
    /// Returns the ways there are to look at what is selected.
    pub fn detail_views(&self) -> &'static [DetailView] {
        match self.pane(self.focus()).selected().map(|row| &row.id) {
            Some(RowId::Service(_)) => &[DetailView::Facts, DetailView::Events, DetailView::TaskDefinition],
            Some(RowId::Task(_) | RowId::Container(..)) if self.selected_service().is_some() => {
                &[DetailView::Facts, DetailView::Events, DetailView::TaskDefinition]
            }
            Some(RowId::Task(_) | RowId::Container(..)) => &[DetailView::Facts, DetailView::TaskDefinition],
            Some(RowId::Cluster(_) | RowId::NoService(_)) | None => &[DetailView::Facts],
        }
    }

    /// Returns the way in which what is selected is looked at.
    pub fn detail_view(&self) -> DetailView {
        let chosen = self.chosen_views[self.focus() as usize];
        if self.detail_views().contains(&chosen) { chosen } else { DetailView::Facts }
    }

    /// Returns the task definition of what is selected.
    pub(super) fn selected_definition(&self) -> Option<&Arn> {
        match self.focus() {
            Level::Cluster => None,
            Level::Service => self.selected_service()?.1?.task_definition.as_ref(),
            Level::Task | Level::Container => Some(&self.selected_task()?.definition),
        }
    }

    /// Returns the selected service, with its details once these are known.
    pub(super) fn selected_service(&self) -> Option<(&Service, Option<&ServiceDetail>)> {
        let row = self.pane(Level::Service).selected()?;
        let RowId::Service(arn) = &row.id else { return None };
        let service = &self.stock.service(self.selected_cluster()?, arn)?.service;
        Some((service, service.detail.as_deref()))
    }

    /// Returns the selected task.
    pub(super) fn selected_task(&self) -> Option<&Task> {
        self.task(self.pane(Level::Task).selected()?.id.arn())
    }

    /// Writes the details of what is selected.
    pub(super) fn describe(&self) -> DetailText {
        let Some(row) = self.pane(self.focus()).selected() else { return self.describe_failure() };
        let view = self.detail_view();
        let lines = match view {
            DetailView::Facts => self.facts(&row.id),
            DetailView::Events => self.events(),
            DetailView::TaskDefinition => self.definition(),
        };
        DetailText { title: row.name().to_owned(), lines, newest_last: view == DetailView::Events }
    }

    /// Writes why there is nothing, where the pane is too narrow for it.
    fn describe_failure(&self) -> DetailText {
        let cause = self.cause(self.focus());
        match self.load(cause) {
            Load::Failed(notice, None) => {
                DetailText { title: format!("no {}", cause.plural()), lines: failure(notice), newest_last: false }
            }
            Load::Never | Load::Loading | Load::Ready(_) | Load::Failed(_, Some(_)) => DetailText::default(),
        }
    }

    fn facts(&self, row: &RowId) -> Vec<TextLine> {
        match row {
            RowId::Cluster(arn) => self.stock.cluster(arn).map(facts::cluster).unwrap_or_default(),
            RowId::NoService(arn) => no_service(self.stock.cluster(arn)),
            RowId::Service(arn) => {
                let cluster = self.selected_cluster();
                let watched = cluster.map(|cluster| watched::lines(self, cluster, arn)).unwrap_or_default();
                let service = self.selected_service();
                service.map(|(_, detail)| facts::service(self, arn, detail, watched)).unwrap_or_default()
            }
            RowId::Task(arn) => self.task(arn).map(|task| facts::task(self, task)).unwrap_or_default(),
            RowId::Container(arn, name) => self
                .task(arn)
                .and_then(|task| Some(facts::container(self, task, task.container(name)?)))
                .unwrap_or_default(),
        }
    }

    fn events(&self) -> Vec<TextLine> {
        let Some((_, detail)) = self.selected_service() else { return Vec::new() };
        let Some(detail) = detail else { return vec![TextLine::said(Tone::Faint, "loading …")] };
        if detail.events.is_empty() {
            return vec![TextLine::said(Tone::Faint, "no events")];
        }
        let line = |event: &crate::model::ServiceEvent| {
            let at = event.at.map(|at| clock(self.now, at, &self.zone)).unwrap_or_default();
            TextLine::new().with(Tone::Label, format!("{at}  ")).with(Tone::Plain, &event.message)
        };
        detail.events.iter().rev().map(line).collect()
    }

    fn definition(&self) -> Vec<TextLine> {
        let Some(arn) = self.selected_definition() else {
            return vec![TextLine::said(Tone::Faint, "the service names no task definition, or has not been read yet")];
        };
        self.seen(&Look::Definition(arn.clone()), |seen| {
            let Seen::Definition(definition) = seen else { return Vec::new() };
            let only = match self.pane(self.focus()).selected().map(|row| &row.id) {
                Some(RowId::Container(_, name)) => Some(&**name),
                _ => None,
            };
            definition::lines(self, definition, only)
        })
    }

    /// Writes what was seen, or why there is nothing yet; what is old because the last look failed says so.
    fn seen(&self, look: &Look, write: impl FnOnce(&Seen) -> Vec<TextLine>) -> Vec<TextLine> {
        let loading = || vec![TextLine::said(Tone::Faint, "loading …")];
        let Some(slot) = self.stock.looks.get(look) else { return loading() };
        match (&slot.value, slot.status.load()) {
            (Some(seen), Load::Failed(notice, _)) => failure(notice).into_iter().chain(write(seen)).collect(),
            (Some(seen), _) => write(seen),
            (None, Load::Failed(notice, _)) => failure(notice),
            (None, Load::Never | Load::Loading | Load::Ready(_)) => loading(),
        }
    }
}

fn failure(notice: &Notice) -> Vec<TextLine> {
    let hints = notice.hints.iter().map(|hint| TextLine::said(Tone::Plain, format!("hint: {hint}")));
    std::iter::once(TextLine::said(Tone::Bad, format!("✖ {}", notice.text))).chain(hints).collect()
}

fn no_service(cluster: Option<&Cluster>) -> Vec<TextLine> {
    let name = cluster.map(|cluster| &*cluster.name).unwrap_or_default();
    vec![TextLine::said(
        Tone::Plain,
        format!("tasks of {name} that no service started: run by hand, by a schedule or by a pipeline"),
    )]
}
