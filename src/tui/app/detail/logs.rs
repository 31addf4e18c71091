//! The logs of what is selected: which they are, what stands above them, and going through them.

use super::{DetailView, State, TextLine, Tone, stopped::because};
use crate::{
    model::{Ending, text::clean},
    ops::logs::{Wanted, Whose},
    tui::app::{
        Level, Look, RowId, Seen,
        book::{LogBook, LogPage, LogRow},
        stock::{Purpose, later},
        time::clock,
    },
};

/// How long a task that has stopped is spoken of above the logs of its service, and how many are.
const RECENT: std::time::Duration = std::time::Duration::from_hours(1);
const ENDED: usize = 3;

impl State {
    /// Returns whose logs are looked at.
    pub(in crate::tui::app) fn wanted_logs(&self) -> Option<Wanted> {
        let cluster = self.selected_cluster()?.clone();
        let (whose, container) = match &self.pane(self.focus()).selected()?.id {
            RowId::Service(service) => (Whose::Service { cluster, service: service.clone() }, None),
            RowId::Task(task) => (Whose::Tasks { cluster, tasks: vec![task.clone()] }, None),
            RowId::Container(task, name) => {
                (Whose::Tasks { cluster, tasks: vec![task.clone()] }, Some(name.as_ref().into()))
            }
            RowId::Cluster(_) | RowId::NoService(_) => return None,
        };
        Some(Wanted { whose, task: None, container, pattern: None })
    }

    /// Returns the lines that are held, where logs are what is looked at.
    pub fn log_book(&self) -> Option<&LogBook> {
        if self.detail_view() != DetailView::Logs {
            return None;
        }
        let look = Look::Logs(Box::new(self.wanted_logs()?));
        match &self.stock.looks.get(&look)?.value {
            Some(Seen::Logs(book)) => Some(book),
            Some(_) | None => None,
        }
    }

    /// Returns the line that shows a row, and where its words begin.
    pub fn log_line(&self, row: &LogRow) -> (TextLine, usize) {
        let several = matches!(self.pane(self.focus()).selected().map(|row| &row.id), Some(RowId::Service(_)));
        row.line(&clock(self.now, row.at, &self.zone), several)
    }

    /// Returns what is on the screen of the logs: as high and wide as this, ending with the row `last` or the newest.
    pub fn log_page(&self, last: Option<usize>, width: usize, height: usize) -> LogPage {
        let lines = |row: &LogRow| self.log_line(row).0.wrapped(width).len();
        self.log_book().map(|book| book.page(last, height, lines)).unwrap_or_default()
    }

    /// Returns the row with which the lines on the screen end; `None` follows the newest.
    pub(in crate::tui::app) fn log_anchor(&self) -> Option<usize> {
        self.detail_scroll()
    }

    /// Returns the older lines that are wanted: where somebody has scrolled up to the first.
    pub(in crate::tui::app) fn older_logs(&self) -> Option<Look> {
        let anchor = self.log_anchor()?;
        let before = self.log_book()?.older_than()?;
        let inner = self.detail_area().inner;
        let page = self.log_page(Some(anchor), usize::from(inner.width), usize::from(inner.height));
        let wanted = Box::new(self.wanted_logs()?);
        page.at_top.then_some(Look::OlderLogs { wanted, before })
    }

    /// Shows only the lines that match what is typed.
    pub(in crate::tui::app) fn search_logs(&mut self) {
        if self.detail_view() != DetailView::Logs {
            return;
        }
        let query = self.detail_query().to_owned();
        let Some(look) = self.wanted_logs().map(|wanted| Look::Logs(Box::new(wanted))) else { return };
        if let Some(Some(Seen::Logs(book))) = self.stock.looks.get_mut(&look).map(|slot| &mut slot.value) {
            book.search(&query);
        }
    }

    /// Goes so many rows down in the logs, or up; `None` is all the way.
    pub(in crate::tui::app) fn step_in_logs(&mut self, rows: Option<isize>, up: bool) {
        let Some(book) = self.log_book() else { return };
        let anchor = self.log_anchor();
        let to = match (rows, up) {
            (None, true) => book.top(),
            (None, false) => None,
            (Some(rows), _) => book.turned(anchor, rows),
        };
        let again = (to.is_none() && book.has_missed()).then(|| self.wanted_logs()).flatten();
        self.scroll_detail_to(to);
        // What was left out meanwhile is read anew, from the end.
        if let Some(wanted) = again {
            self.stock.mark(&Purpose::Look(Look::Logs(Box::new(wanted))), |status| status.asked = true);
        }
    }

    /// Returns how many rows a page of the logs shows.
    pub(in crate::tui::app) fn log_rows_on_page(&self) -> isize {
        let inner = self.detail_area().inner;
        let page = self.log_page(self.log_anchor(), usize::from(inner.width), usize::from(inner.height));
        isize::try_from(page.rows.len()).unwrap_or(1).saturating_sub(1).max(1)
    }

    /// Says why tasks of the selected service have stopped in the last hour, the last to stop first.
    fn recently_ended(&self) -> Vec<TextLine> {
        let Some(look) = self.ended_look() else { return Vec::new() };
        self.seen_or(&look, "", |seen| {
            let Seen::Stopped(seen) = seen else { return Vec::new() };
            let recent = |at| later(at, RECENT) >= self.now;
            let ended: Vec<_> =
                seen.tasks.iter().map(|it| &it.task).filter(|task| task.stopped.is_none_or(recent)).collect();
            let mut lines: Vec<TextLine> = seen.troubles.iter().flat_map(super::failure).take(1).collect();
            lines.extend(ended.iter().take(ENDED).map(|task| {
                let at = task.stopped.map_or_else(
                    || "is stopping".to_owned(),
                    |at| format!("stopped at {}", clock(self.now, at, &self.zone)),
                );
                because(TextLine::said(Tone::Label, format!("{} {at}: ", task.arn.short())), task)
            }));
            if let more @ 1.. = ended.len().saturating_sub(ENDED) {
                lines.push(TextLine::said(
                    Tone::Faint,
                    format!("and {more} more in the last hour: the view of stopped tasks"),
                ));
            }
            lines
        })
        .into_iter()
        .filter(|line| line.text != "loading …")
        .collect()
    }

    /// Writes what stands above the lines: why the task has stopped, and what there is to know about how they come.
    pub(super) fn above_logs(&self) -> Vec<TextLine> {
        let Some(wanted) = self.wanted_logs() else { return Vec::new() };
        let mut lines = Vec::new();
        let task = self.selected_task().filter(|_| self.focus() >= Level::Task);
        if let Some((task, ending)) = task.and_then(|task| Some((task, Ending::of(task)?))) {
            let tone = if ending.failed { Tone::Bad } else { Tone::Faint };
            let at = task.stopped.map(|at| format!(" at {}", clock(self.now, at, &self.zone))).unwrap_or_default();
            lines.push(TextLine::said(tone, format!("stopped{at}: {}", ending.words)));
        }
        lines.extend(self.recently_ended());
        let older = self.older_logs().map(|look| self.seen_or(&look, "", |_| Vec::new()));
        lines.extend(older.into_iter().flatten().take(1));
        let look = Look::Logs(Box::new(wanted));
        let said = self.seen_or(&look, "", |seen| match seen {
            Seen::Logs(book) => {
                let mut said: Vec<TextLine> =
                    book.notes().map(|note| TextLine::said(Tone::Underway, clean(note))).collect();
                if book.has_missed() {
                    said.push(TextLine::said(Tone::Underway, "newer lines wait: the end brings them"));
                }
                if book.counts().0 == 0 {
                    let words = if book.is_caught_up() { "nothing has been written yet" } else { "loading …" };
                    said.push(TextLine::said(Tone::Faint, words));
                }
                said
            }
            _ => Vec::new(),
        });
        lines.extend(said);
        // Where there is nothing to say all the room is the lines'.
        lines.retain(|line| !line.text.is_empty());
        lines
    }
}
