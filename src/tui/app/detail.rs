//! The details of what is selected, as clean lines of text.

mod columns;
mod compared;
mod definition;
mod deployments;
mod described;
mod events;
mod facts;
mod fit;
mod instances;
mod logs;
mod stopped;
mod tabs;
pub(super) mod targets;
mod watched;
mod written;

use std::{ops::Range, sync::Arc, time::Duration};

pub(super) use compared::difference;
pub use fit::Fit;
pub use tabs::{Placed, Tab, Title};
pub(super) use written::Written;

use ratatui::layout::Rect;

use super::{
    Framed, Level, Look, Notice, Overlay, RowId, Seen, State,
    stock::{Load, Status, later},
    wrap::wrap,
};
use crate::{
    model::{Arn, Cluster, Page, Service, ServiceDetail, Task, TaskDefinition, Timestamp, query::Column, text::clean},
    ops::{missing::Missing, stopped::Whose},
};

/// How far the lines after the first of a wrapped line stand in.
const INDENT: usize = 4;
/// What is never read again by itself is old after two of these.
const ENOUGH: Duration = Duration::from_mins(1);

/// A way to look at what is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailView {
    /// What there is to know about it.
    Facts,
    /// What the schedulers say.
    Events,
    /// What is rolled out, and what was.
    Deployments,
    /// What its containers are made of.
    TaskDefinition,
    /// Tasks that have stopped.
    Stopped,
    /// The targets of its load balancers.
    Targets,
    /// The container instances of the cluster.
    Instances,
    /// What its containers write.
    Logs,
    /// All that AWS says about it.
    Described,
}

/// The ways to look at a service, and at what it has started.
const OF_A_SERVICE: &[DetailView] = &[
    DetailView::Facts,
    DetailView::Events,
    DetailView::Targets,
    DetailView::Deployments,
    DetailView::TaskDefinition,
    DetailView::Logs,
    DetailView::Stopped,
];

impl DetailView {
    /// Returns its name on the screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Events => "events",
            Self::Deployments => "deployments",
            Self::TaskDefinition => "task definition",
            Self::Stopped => "stopped",
            Self::Targets => "targets",
            Self::Instances => "instances",
            Self::Logs => "logs",
            Self::Described => "JSON",
        }
    }

    /// Whether its last line is the newest.
    pub(super) fn newest_last(self) -> bool {
        match self {
            Self::Events | Self::Logs => true,
            Self::Facts
            | Self::Targets
            | Self::Deployments
            | Self::TaskDefinition
            | Self::Stopped
            | Self::Instances
            | Self::Described => false,
        }
    }
}

/// How a task definition is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DefinitionForm {
    /// In words.
    #[default]
    Readable,
    /// As AWS describes it.
    Json,
    /// What differs from this revision of its family.
    Against(u32),
}

/// Returns another revision of a task definition's family.
pub(super) fn revision_of(arn: &Arn, revision: u32) -> Option<Arn> {
    format!("{}:{revision}", arn.as_str().rsplit_once(':')?.0).parse().ok()
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
    /// A task among several, by a number of its own.
    Task(u8),
}

/// One line of the details.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextLine {
    /// All its text, clean.
    pub text: String,
    /// The tones of its pieces, each with where it ends in bytes, ascending.
    pub tones: Vec<(usize, Tone)>,
    /// What stands in the columns of the list, where the line belongs to one of its rows.
    pub cells: Option<Arc<[String]>>,
    /// The bytes that lead to a page, and the page.
    pub link: Option<Box<(Range<usize>, Page)>>,
}

/// The details of what is selected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DetailText {
    /// What they are about.
    pub title: String,
    /// The lines.
    pub lines: Vec<TextLine>,
    /// The columns that words can look in, where it is a list; none where a colon means nothing.
    pub columns: &'static [Column],
    /// Whether the last line is the newest, and the one to show.
    pub newest_last: bool,
    /// When it was read and whether it could not be read again since, where it is older than it should be.
    pub stale: Option<(Timestamp, bool)>,
}

impl TextLine {
    /// Returns an empty line, to be filled.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds untrusted text.
    pub(super) fn with(mut self, tone: Tone, text: impl AsRef<str>) -> Self {
        self.text.push_str(&clean(text));
        self.tones.push((self.text.len(), tone));
        self
    }

    pub(super) fn said(tone: Tone, text: impl AsRef<str>) -> Self {
        Self::new().with(tone, text)
    }

    /// Makes the line one of a row that has this in its columns.
    pub(super) fn of_row(self, cells: &Arc<[String]>) -> Self {
        Self { cells: Some(Arc::clone(cells)), ..self }
    }

    /// Returns a line that names a value.
    pub(super) fn fact(name: &str, value: impl AsRef<str>) -> Self {
        Self::new().with(Tone::Label, format!("{name:<17} ")).with(Tone::Plain, value)
    }

    /// Lets its last piece lead to a page.
    pub(super) fn leading_to(mut self, page: Option<Page>) -> Self {
        let before = self.tones.len().checked_sub(2).map_or(0, |piece| self.tones[piece].0);
        self.link = page.map(|page| Box::new((before..self.text.len(), page)));
        self
    }

    /// Returns the byte ranges of the screen lines it takes.
    pub fn wrapped(&self, width: usize) -> Vec<Range<usize>> {
        wrap(&self.text, width, INDENT.min(width / 2))
    }

    /// Returns how far the screen lines after the first stand in.
    pub fn indent(width: usize) -> usize {
        INDENT.min(width / 2)
    }
}

impl DetailText {
    /// Returns the text of these lines, and how many of them it holds: of more than `most` bytes the newest, or where
    /// the newest are not the last, the first.
    pub(super) fn copy(&self, lines: &[usize], most: usize) -> (String, usize) {
        let mut left = most;
        let mut fits = |line: &&usize| {
            let taken = left.checked_sub(self.lines[**line].text.len() + 1);
            left = taken.unwrap_or(0);
            taken.is_some()
        };
        let taken: Vec<usize> = if self.newest_last {
            let mut taken: Vec<usize> = lines.iter().rev().take_while(&mut fits).copied().collect();
            taken.reverse();
            taken
        } else {
            lines.iter().take_while(&mut fits).copied().collect()
        };
        (taken.iter().flat_map(|line| [self.lines[*line].text.as_str(), "\n"]).collect(), taken.len())
    }
}

impl State {
    /// Returns the ways there are to look at what is selected.
    pub fn detail_views(&self) -> &'static [DetailView] {
        match self.pane(self.focus()).selected().map(|row| &row.id) {
            Some(RowId::Service(_)) => OF_A_SERVICE,
            Some(RowId::Task(_) | RowId::Container(..)) if self.selected_service().is_some() => OF_A_SERVICE,
            Some(RowId::Task(_) | RowId::Container(..)) => {
                &[DetailView::Facts, DetailView::TaskDefinition, DetailView::Stopped, DetailView::Logs]
            }
            Some(RowId::Cluster(_)) => {
                &[DetailView::Facts, DetailView::Events, DetailView::Stopped, DetailView::Instances]
            }
            Some(RowId::NoService(_)) => &[DetailView::Facts, DetailView::Stopped],
            None => &[DetailView::Facts],
        }
    }

    /// Returns the way in which what is selected is looked at.
    pub fn detail_view(&self) -> DetailView {
        if self.described().is_some() {
            return DetailView::Described;
        }
        let chosen = self.chosen_views[self.focus() as usize];
        if self.detail_views().contains(&chosen) { chosen } else { DetailView::Facts }
    }

    /// Returns the area in which the details stand: below the panes, or in full. Where there is none it is empty.
    pub(super) fn detail_area(&self) -> Framed {
        let areas = self.areas();
        if self.full_detail().is_some() {
            return areas.full_detail();
        }
        areas.detail.unwrap_or_else(|| Framed::new(Rect::ZERO))
    }

    /// Returns how far the details below the panes are scrolled, as [`super::Detail::scroll`] says it.
    pub fn aside(&self) -> Option<usize> {
        self.aside
    }

    /// Returns how far the details on the screen are scrolled.
    pub(super) fn detail_scroll(&self) -> Option<usize> {
        self.full_detail().map_or(self.aside, |detail| detail.scroll)
    }

    /// Scrolls the details on the screen to there.
    pub(super) fn scroll_detail_to(&mut self, to: Option<usize>) {
        for overlay in &mut self.overlays {
            if let Overlay::Detail(detail) = overlay {
                detail.scroll = to;
                return;
            }
        }
        self.aside = to;
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

    /// Writes why the details of the selected service are not there.
    fn unread_service(&self) -> Vec<TextLine> {
        let cluster_and_service = self.selected_cluster().zip(self.selected_service());
        let known = cluster_and_service.and_then(|(cluster, (service, _))| self.stock.service(cluster, &service.arn));
        match known.map(|known| known.details.load()) {
            Some(Load::Failed(notice, _)) => failure(notice),
            Some(Load::Never | Load::Loading | Load::Ready(_)) | None => {
                vec![TextLine::said(Tone::Faint, "loading …")]
            }
        }
    }

    /// Returns the selected task.
    pub(super) fn selected_task(&self) -> Option<&Task> {
        self.task(self.pane(Level::Task).selected()?.id.arn())
    }

    /// Writes the details of what is selected: what [`State::detail`] returns, written now.
    pub fn describe(&self) -> DetailText {
        if let Some(thing) = self.described() {
            let lines = described::lines(self, thing);
            return DetailText { title: thing.label(), lines, stale: self.stale(), ..DetailText::default() };
        }
        let Some(row) = self.pane(self.focus()).selected() else { return self.describe_failure() };
        if let Some(gone) = self.gone() {
            let text = format!("✖ {gone} is gone: it is not there any more. It stands here until you move on.");
            return DetailText {
                title: row.name().to_owned(),
                lines: vec![TextLine::said(Tone::Bad, text)],
                stale: self.stale(),
                ..DetailText::default()
            };
        }
        let view = self.detail_view();
        let lines = match view {
            DetailView::Facts => self.facts(&row.id),
            DetailView::Events => self.events(),
            DetailView::Deployments => self.deployments(),
            DetailView::TaskDefinition => self.definition(),
            DetailView::Stopped => self.stopped(),
            DetailView::Targets => targets::lines(self, self.selected_target_task()),
            DetailView::Instances => {
                self.selected_cluster().map(|cluster| instances::lines(self, cluster)).unwrap_or_default()
            }
            DetailView::Logs => self.above_logs(),
            DetailView::Described => Vec::new(),
        };
        DetailText {
            title: row.name().to_owned(),
            lines,
            columns: view.columns(),
            newest_last: view.newest_last(),
            stale: self.stale(),
        }
    }

    /// Writes why there is nothing, where the pane is too narrow for it.
    fn describe_failure(&self) -> DetailText {
        let cause = self.cause(self.focus());
        match self.load(cause) {
            Load::Failed(notice, None) => {
                DetailText { title: format!("no {}", cause.plural()), lines: failure(notice), ..DetailText::default() }
            }
            Load::Never | Load::Loading | Load::Ready(_) | Load::Failed(_, Some(_)) => DetailText::default(),
        }
    }

    fn facts(&self, row: &RowId) -> Vec<TextLine> {
        match row {
            RowId::Cluster(arn) => {
                let cluster = self.stock.cluster(arn);
                cluster
                    .map(|it| facts::cluster(it, self.stock.uncounted.as_ref(), self.stock.identity.value.as_ref()))
                    .unwrap_or_default()
            }
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
        let status = self.events_status();
        match (self.focus(), self.selected_cluster(), self.selected_service()) {
            (Level::Cluster, Some(cluster), _) => self.framed(status, events::of_cluster(self, cluster), "no events"),
            (_, _, Some((service, _))) => self.framed(status, events::of_service(self, &service.arn), "no events"),
            (_, _, None) => Vec::new(),
        }
    }

    /// Returns how fresh the events are.
    fn events_status(&self) -> Option<&Status> {
        let cluster = self.selected_cluster()?;
        match self.focus() {
            Level::Cluster => match self.looks().first() {
                Some(look) => self.stock.looks.get(look).map(|slot| &slot.status),
                None => self.stock.services.get(cluster).map(|slot| &slot.status),
            },
            Level::Service | Level::Task | Level::Container => {
                let (service, _) = self.selected_service()?;
                self.stock.service(cluster, &service.arn).map(|known| &known.details)
            }
        }
    }

    /// Returns the task that targets are shown of; `None` means all of the service's.
    fn selected_target_task(&self) -> Option<&Arn> {
        match self.focus() {
            Level::Cluster | Level::Service => None,
            Level::Task | Level::Container => self.selected_task().map(|task| &task.arn),
        }
    }

    fn stopped(&self) -> Vec<TextLine> {
        let Some(whose) = self.whose_stopped() else { return Vec::new() };
        let names = !matches!(whose, Whose::Service { .. });
        self.seen_or(&Look::Stopped(whose), "no stopped tasks that AWS or this machine remembers", |seen| {
            let Seen::Stopped(tasks) = seen else { return Vec::new() };
            stopped::lines(self, tasks, names)
        })
    }

    /// Returns when what is looked at was read, and whether it could not be read again since, where that is too long
    /// ago: more than two turns of the refresh.
    pub(super) fn stale(&self) -> Option<(Timestamp, bool)> {
        let refresh = self.refresh.unwrap_or(ENOUGH);
        let of_look = |look: Look| {
            let beside = self.detail_view() == DetailView::Logs && matches!(look, Look::Stopped(_));
            let slot = self.stock.looks.get(&look).filter(|_| !look.is_fixed() && !beside)?;
            Some((self.pace(&look, refresh), &slot.status))
        };
        let of_events = (self.detail_view() == DetailView::Events).then(|| self.events_status()).flatten();
        let statuses = self.looks().into_iter().filter_map(of_look).chain(of_events.map(|status| (refresh, status)));
        let old = statuses.filter_map(|(pace, status)| {
            let (at, failed) = (status.read?, status.failure.is_some());
            (failed || later(at, pace * 2) < self.now).then_some((at, failed))
        });
        old.min()
    }

    fn definition(&self) -> Vec<TextLine> {
        let Some(arn) = self.selected_definition() else {
            return match self.selected_service() {
                Some((_, None)) => self.unread_service(),
                Some((_, Some(_))) | None => vec![TextLine::said(Tone::Faint, "the service names no task definition")],
            };
        };
        let look = Look::Definition(arn.clone());
        match self.definition_form {
            DefinitionForm::Readable => self.seen_definition(&look, |definition| {
                let only = match self.pane(self.focus()).selected().map(|row| &row.id) {
                    Some(RowId::Container(_, name)) => Some(&**name),
                    _ => None,
                };
                definition::lines(self, definition, only)
            }),
            DefinitionForm::Json => self.seen_definition(&look, |definition| {
                definition.described.json(self.reveal).lines().map(|line| TextLine::said(Tone::Plain, line)).collect()
            }),
            DefinitionForm::Against(revision) => {
                let Some(other) = revision_of(arn, revision) else { return Vec::new() };
                self.seen_definition(&Look::Definition(other), |before| {
                    self.seen_definition(&look, |after| compared::lines(before, after, self.reveal))
                })
            }
        }
    }

    fn seen_definition(&self, look: &Look, write: impl FnOnce(&TaskDefinition) -> Vec<TextLine>) -> Vec<TextLine> {
        self.seen(look, |seen| match seen {
            Seen::Definition(definition) => write(definition),
            _ => Vec::new(),
        })
    }

    fn deployments(&self) -> Vec<TextLine> {
        let Some(look) = self.deployments_look() else { return Vec::new() };
        self.seen(&look, |seen| match seen {
            Seen::Deployments(seen) => deployments::lines(self, seen),
            _ => Vec::new(),
        })
    }

    /// Writes what was seen, in the frame of all views.
    fn seen(&self, look: &Look, write: impl FnOnce(&Seen) -> Vec<TextLine>) -> Vec<TextLine> {
        self.seen_or(look, "nothing to show", write)
    }

    /// Writes what was seen; `nothing` says that there is nothing of it.
    fn seen_or(&self, look: &Look, nothing: &str, write: impl FnOnce(&Seen) -> Vec<TextLine>) -> Vec<TextLine> {
        let slot = self.stock.looks.get(look);
        let lines = slot.and_then(|slot| slot.value.as_ref()).map(write);
        self.framed(slot.map(|slot| &slot.status), lines, nothing)
    }

    /// Writes what is known, in the one frame of all views: why it could not be read, or read again, stands where the
    /// eye is; what is on its way and what is empty say so.
    fn framed(&self, status: Option<&Status>, known: Option<Vec<TextLine>>, nothing: &str) -> Vec<TextLine> {
        let trouble = match status.map(Status::load) {
            Some(Load::Failed(notice, _)) => failure(notice),
            Some(Load::Never | Load::Loading | Load::Ready(_)) | None => Vec::new(),
        };
        let lines = match known {
            Some(lines) if lines.is_empty() => vec![TextLine::said(Tone::Faint, nothing)],
            Some(lines) => lines,
            None if trouble.is_empty() => vec![TextLine::said(Tone::Faint, "loading …")],
            None => return trouble,
        };
        if self.detail_view().newest_last() { [lines, trouble].concat() } else { [trouble, lines].concat() }
    }
}

/// Returns a bar that is full where as many are there as are wanted.
fn bar(there: u32, wanted: u32) -> String {
    const WIDTH: u32 = 20;
    let full = (there * WIDTH).checked_div(wanted).unwrap_or(WIDTH).min(WIDTH) as usize;
    "█".repeat(full) + &"░".repeat(WIDTH as usize - full)
}

fn failure(notice: &Notice) -> Vec<TextLine> {
    let hints = notice.hints.iter().map(|hint| TextLine::said(Tone::Plain, format!("hint: {hint}")));
    std::iter::once(TextLine::said(Tone::Bad, format!("✖ {}", notice.text))).chain(hints).collect()
}

/// Writes that a part could not be read.
fn part_missing(part: &Missing) -> TextLine {
    TextLine::said(Tone::Bad, format!("✖ {}", part.line()))
}

fn no_service(cluster: Option<&Cluster>) -> Vec<TextLine> {
    let name = cluster.map(|cluster| &*cluster.name).unwrap_or_default();
    vec![TextLine::said(
        Tone::Plain,
        format!("tasks of {name} that no service started: run by hand, by a schedule or by a pipeline"),
    )]
}
