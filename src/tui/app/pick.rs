//! Picking one of a list: searched as one types, and answered with enter.

use ratatui::layout::Rect;

use super::{
    Level, Look, Notice, Overlay, Seen, SessionId, Sort, State, TextLine, Tone,
    layout::Framed,
    line::Line,
    stock::{KnownService, Load, Status},
};
use crate::{
    model::{Arn, is_region, query::Column, text::clean},
    ops::{
        change::{Place, Run, Which},
        sites::KnownProfile,
        taskdefs::Revision,
    },
    tui::finder,
};

/// A list to pick from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// What is picked.
    pub picks: Picks,
    /// What is searched for.
    pub query: Line,
    /// The selected row, by what is picked with it, once somebody has moved.
    pub(super) selected: Option<Picked>,
}

/// What is picked, with what it is for: that was fixed when the list was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picks {
    /// A revision, to compare this task definition with.
    Revision(Arn),
    /// The column that a pane is sorted by.
    Column(Level),
    /// The way in which the tasks of this service stop.
    Stop(Place),
    /// The service whose network this is run in.
    Like(Box<Run>),
    /// Where to go.
    Site,
    /// The session to go back to.
    Session,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickRow {
    /// What is shown, and searched.
    pub line: TextLine,
    /// What is picked with it.
    pub(super) picked: Picked,
}

/// What was picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Picked {
    /// A revision of the family.
    Revision(u32),
    /// A column of a pane; none leaves the rows as they come.
    Column(Level, Option<usize>),
    /// Tasks to stop.
    Which(Which),
    /// What is to be run, with where.
    Like(Box<Run>),
    /// A profile to go to.
    Profile(KnownProfile),
    /// A region to go to.
    Region(String),
    /// A session to go back to.
    Session(SessionId),
}

impl Pick {
    /// Returns a list in which nothing was searched for.
    pub(super) fn new(picks: Picks) -> Self {
        Self { picks, query: Line::default(), selected: None }
    }
}

impl Picks {
    /// Returns what the list is for.
    pub fn title(&self) -> String {
        match self {
            Self::Revision(arn) => format!("compare {} with", clean(arn.name())),
            Self::Column(level) => format!("sort {} by", level.plural()),
            Self::Stop(place) => format!("stop the tasks of {}", clean(place.name())),
            Self::Like(run) => format!("run {} in the network of", clean(&run.definition)),
            Self::Site => "go to a profile or region".to_owned(),
            Self::Session => "sessions that were left running".to_owned(),
        }
    }

    /// Returns what stands before the query.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Revision(_) => "revision:",
            Self::Column(_) => "column:",
            Self::Stop(_) => "which way:",
            Self::Like(_) => "service:",
            Self::Site => "go to:",
            Self::Session => "back to:",
        }
    }

    /// Returns what the rows are read with, where they are not known.
    fn look(&self) -> Option<Look> {
        match self {
            Self::Revision(arn) => Some(Look::Revisions(family(arn).to_owned())),
            Self::Site => Some(Look::Profiles),
            Self::Column(_) | Self::Stop(_) | Self::Like(_) | Self::Session => None,
        }
    }
}

impl State {
    /// Returns the list that is open.
    pub fn pick(&self) -> Option<&Pick> {
        match self.overlay() {
            Some(Overlay::Pick(pick)) => Some(pick),
            Some(
                Overlay::Help(_)
                | Overlay::Menu(_)
                | Overlay::Prompt(_)
                | Overlay::Jump(_)
                | Overlay::Plan(_)
                | Overlay::Detail(_),
            )
            | None => None,
        }
    }

    /// Returns what the list that is open is read with.
    pub(super) fn pick_look(&self) -> Option<Look> {
        self.pick().and_then(|pick| pick.picks.look())
    }

    /// Returns the rows that match what is searched for, and the place of the selected one; there is none where that
    /// has gone, or no row matches.
    pub fn pick_rows(&self) -> (Vec<PickRow>, Option<usize>) {
        let Some(pick) = self.pick() else { return (Vec::new(), None) };
        let rows = self.all_pick_rows(pick);
        let (query, text) = (pick.query.text(), |row: usize| &*rows[row].line.text);
        let hits = match &pick.picks {
            Picks::Site => finder::best_first(query, rows.len(), text),
            Picks::Revision(_) | Picks::Column(_) | Picks::Stop(_) | Picks::Like(_) | Picks::Session => {
                finder::in_order(query, rows.len(), text)
            }
        };
        let rows: Vec<PickRow> = hits.into_iter().map(|row| rows[row].clone()).collect();
        let selected = match &pick.selected {
            Some(selected) => rows.iter().position(|row| row.picked == *selected),
            None => first_choice(pick, &rows),
        };
        (rows, selected)
    }

    /// Returns the area of the list: of the same height whatever is searched for, with a line above where there is
    /// something to say.
    pub fn pick_area(&self) -> Framed {
        let rows = self.pick().map_or(0, |pick| self.all_pick_rows(pick).len());
        self.areas().pick(rows + usize::from(self.pick_trouble().is_some()))
    }

    fn all_pick_rows(&self, pick: &Pick) -> Vec<PickRow> {
        match (&pick.picks, self.seen_for(pick)) {
            (Picks::Revision(arn), Some(Seen::Revisions(revisions))) => self.revision_rows(arn, revisions),
            (Picks::Revision(_), Some(_) | None) => Vec::new(),
            (Picks::Column(level), _) => self.column_rows(*level),
            (Picks::Stop(place), _) => ways_to_stop(place),
            (Picks::Like(run), _) => self.networks(run),
            (Picks::Site, Some(Seen::Profiles(profiles))) => self.site_rows(profiles),
            (Picks::Site, Some(_) | None) => self.site_rows(&[]),
            (Picks::Session, _) => self.session_rows(),
        }
    }

    /// Returns where the rows stand in the list's area: below what is said of them.
    pub fn pick_list(&self, area: Rect) -> Rect {
        let width = usize::from(area.width.saturating_sub(1));
        let said = self.pick_trouble().map_or(0, |line| line.wrapped(width).len());
        let said = u16::try_from(said).unwrap_or(u16::MAX).min(area.height);
        Rect { y: area.y + said, height: area.height - said, ..area }
    }

    /// Goes to the row with which this is picked, if there is one; returns whether there is.
    pub(super) fn go_to_pick(&mut self, picked: &Picked) -> bool {
        let (rows, _) = self.pick_rows();
        let is_there = rows.iter().any(|row| row.picked == *picked);
        if let Some(Overlay::Pick(pick)) = self.overlays.last_mut().filter(|_| is_there) {
            pick.selected = Some(picked.clone());
        }
        is_there
    }

    /// Returns why there are no rows, or not all of them.
    pub fn pick_trouble(&self) -> Option<TextLine> {
        let look = self.pick()?.picks.look()?;
        let status = self.stock.looks.get(&look).map(|slot| &slot.status);
        match status.map_or(Load::Never, Status::load) {
            Load::Failed(Notice { text, .. }, _) => Some(TextLine::said(Tone::Bad, format!("✖ {text}"))),
            Load::Never | Load::Loading => Some(TextLine::said(Tone::Faint, "loading …")),
            Load::Ready(_) => None,
        }
    }

    /// Returns what the list answers: the selected row, or what was typed where there is none.
    pub(super) fn picked(&self, pick: &Pick) -> Result<Picked, String> {
        let (mut rows, selected) = self.pick_rows();
        if let Some(selected) = selected {
            return Ok(rows.swap_remove(selected).picked);
        }
        if pick.selected.is_some() {
            return Err("what was selected is not there any more: pick another".to_owned());
        }
        match &pick.picks {
            Picks::Revision(arn) => revision(arn, pick.query.text()).map(Picked::Revision),
            Picks::Site => region(pick.query.text()).map(Picked::Region),
            Picks::Column(_) | Picks::Stop(_) | Picks::Like(_) | Picks::Session => {
                Err("none matches: pick one of the list".to_owned())
            }
        }
    }

    fn seen_for(&self, pick: &Pick) -> Option<&Seen> {
        self.stock.looks.get(&pick.picks.look()?)?.value.as_ref()
    }

    /// Returns the rows of a pane's columns.
    fn column_rows(&self, level: Level) -> Vec<PickRow> {
        let pane = self.pane(level);
        let columns = pane.columns().iter().enumerate().map(|(place, column)| {
            let line = TextLine::said(Tone::Plain, column.name);
            let line = match pane.sort() {
                Some(sort) if sort.column == place => {
                    line.with(Tone::Faint, format!(" {} turns it round", sort.arrow()))
                }
                Some(_) | None => line,
            };
            PickRow { line, picked: Picked::Column(level, Some(place)) }
        });
        let none = PickRow { line: TextLine::said(Tone::Plain, "(as they come)"), picked: Picked::Column(level, None) };
        columns.chain([none]).collect()
    }

    /// Sorts a pane by a column; the other way round where it is sorted by that already.
    pub(super) fn sort(&mut self, level: Level, column: Option<usize>) {
        let pane = self.pane(level);
        let sort = column.map(|column| match pane.sort() {
            Some(sort) if sort.column == column => Sort { column, down: !sort.down },
            Some(_) | None => Sort { column, down: pane.columns().get(column).is_some_and(Column::is_most_first) },
        });
        let (_, rows) = self.rows(level);
        self.pane_mut(level).sort_by(sort, rows);
        if let Some(next) = level.next() {
            self.fill_from(next);
        }
    }

    /// Returns the rows of a family's revisions: all but the one that is compared.
    fn revision_rows(&self, own: &Arn, revisions: &[Revision]) -> Vec<PickRow> {
        let row = |revision: &Revision| {
            let at = number(&revision.arn).filter(|_| revision.arn != *own)?;
            let state = if revision.active { "ACTIVE" } else { "INACTIVE" };
            let tone = if revision.active { Tone::Plain } else { Tone::Faint };
            let line = TextLine::said(Tone::Plain, format!(":{at:<7} ")).with(tone, format!("{state:<8}"));
            let line = match self.running_from(&revision.arn) {
                0 => line,
                1 => line.with(Tone::Good, "  ● 1 task runs it"),
                many => line.with(Tone::Good, format!("  ● {many} tasks run it")),
            };
            Some(PickRow { line, picked: Picked::Revision(at) })
        };
        revisions.iter().filter_map(row).collect()
    }

    /// Returns whose network something can be run in.
    fn networks(&self, run: &Run) -> Vec<PickRow> {
        let services = self.stock.services.get(&run.cluster).map(|slot| slot.value.as_slice()).unwrap_or_default();
        let row = |line: TextLine, like: Option<Place>| PickRow {
            line,
            picked: Picked::Like(Box::new(Run { like, ..run.clone() })),
        };
        let like = |known: &KnownService| {
            row(TextLine::said(Tone::Plain, &known.service.name), Some(Place::of(&known.service)))
        };
        let none = row(TextLine::said(Tone::Faint, "(none: it has no network of its own)"), None);
        services.iter().map(like).chain([none]).collect()
    }

    /// Returns how many of the tasks that are known in the selected cluster run a task definition.
    fn running_from(&self, definition: &Arn) -> usize {
        let scope = self.selected_cluster().and_then(|cluster| self.shown_tasks(cluster));
        let slot = scope.and_then(|scope| self.stock.tasks.get(&scope));
        slot.map_or(0, |slot| slot.value.iter().filter(|task| task.definition == *definition).count())
    }
}

/// Returns the ways in which the tasks of a service stop, the gentle one first.
fn ways_to_stop(place: &Place) -> Vec<PickRow> {
    let row = |words: &str, more: &str, which| {
        let line = TextLine::said(Tone::Plain, words).with(Tone::Faint, more);
        PickRow { line, picked: Picked::Which(which) }
    };
    vec![
        row("one after the other", "  the next when as many run as before", Which::EachOf(place.clone())),
        row("all at once", "  until others run nobody answers", Which::AllOf(place.clone())),
    ]
}

/// Returns which row is the best guess, if there are any.
fn first_choice(pick: &Pick, rows: &[PickRow]) -> Option<usize> {
    let best = match &pick.picks {
        Picks::Revision(arn) if pick.query.is_empty() => {
            let own = number(arn);
            rows.iter().position(|row| matches!(row.picked, Picked::Revision(at) if Some(at) < own))
        }
        Picks::Revision(_) | Picks::Column(_) | Picks::Stop(_) | Picks::Like(_) | Picks::Site | Picks::Session => None,
    };
    best.or_else(|| (!rows.is_empty()).then_some(0))
}

/// Returns the region that was typed: there may be new ones.
fn region(text: &str) -> Result<String, String> {
    let text = text.trim();
    // A single hyphen may stand in what was meant to be a profile.
    if is_region(text) && text.split('-').count() >= 3 {
        return Ok(text.to_owned());
    }
    Err("no profile and no region matches: pick one of the list".to_owned())
}

/// Returns the revision that was typed; the one before where nothing was.
fn revision(arn: &Arn, text: &str) -> Result<u32, String> {
    match (text.trim().trim_start_matches(':'), number(arn)) {
        ("", Some(own @ 2..)) => Ok(own - 1),
        ("", _) => Err("there is none before it: type a revision".to_owned()),
        (text, _) => text.parse().map_err(|_| "no revision matches, and a revision is a number".to_owned()),
    }
}

fn family(definition: &Arn) -> &str {
    definition.name().rsplit_once(':').map_or(definition.name(), |(family, _)| family)
}

fn number(definition: &Arn) -> Option<u32> {
    definition.name().rsplit_once(':')?.1.parse().ok()
}
