//! The state of the browser and the one function that changes it. Pure: no I/O, no clock, nothing that can fail.

mod book;
mod change;
mod code;
mod copy;
mod detail;
mod help;
mod jump;
mod keys;
mod layout;
mod line;
mod login;
mod look;
mod menu;
mod message;
mod mouse;
mod overlay;
mod own;
mod page;
mod pane;
mod pick;
mod plan;
mod reply;
mod row;
mod running;
mod sight;
mod site;
mod stock;
mod tasks;
mod time;
mod wrap;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crossterm::event::{KeyEvent, MouseEvent};
use jiff::tz::TimeZone;

use crate::{
    config::{Filled, Glyphs, GuardRule, Hyperlinks, JumpRule, Keymap, Looks, OwnAction, Settings, keymap},
    model::{Arn, Cluster, Described, Page, Service, Task, Thing, Timestamp},
    ops::{
        CodeAnswer, CodeWanted, Identity, Urgency,
        change::{Done, Ended, Plan, Wish},
        exec::{Command, ExecTarget},
        opened::Opened,
        sites::Site,
    },
    session::{Exit, Size},
};

pub use book::{LogBook, LogPage, LogPiece, LogRow};
pub use change::{ChangeNews, Changing, Missing, Sheet};
pub use code::{Question, QuestionId};
pub use copy::Copyable;
pub use detail::{DefinitionForm, DetailText, DetailView, Fit, Placed, Tab, TextLine, Title, Tone};
pub use help::HelpLine;
pub use jump::{Jump, Leaf, Leaves, Origin, Reach, SiteLine, leaves};
pub use layout::{Areas, Framed, chosen_lines, layout, window};
pub use line::Line;
pub use login::{Opening, Target};
pub use look::{Look, Seen, StoppedTasks};
pub use menu::{Deed, MenuRow};
pub use message::Message;
pub use overlay::{Asks, Detail, Help, Menu, Overlay, Prompt};
pub use own::OwnRun;
pub use pane::{Pane, Sort};
pub use pick::{Pick, PickRow, Picks};
pub use row::{
    Cells, ClusterCells, ContainerCells, Health, Level, Readiness, Rollout, Row, RowId, ServiceCells, TaskCells,
};
pub use stock::Load;
pub use tasks::ShownTasks;
pub use time::{age, clock};
pub use wrap::{ELLIPSIS, cells, cut, width, wrap};

use change::Followed;
use code::WithCodes;
use mouse::Click;
use sight::Sight;
use site::{Left, SiteName};
use stock::{Purpose, Stock};

/// Names one request until its reply has come; a reply to a number that is no longer pending is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Names an open session in the table that `tui::run` keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was pressed, let go, or its wheel turned.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this size now.
    Resize(Size),
    /// What the state shows is on the screen now: what is pointed at is what stands there, until the next such event.
    Drawn,
    /// It is this late now: sent when a deadline that [`State::next_deadline`] asked for has passed, and before keys,
    /// so that what these set off is timed from when they were pressed.
    Due(Timestamp),
    /// The worker's answer, with the time it came.
    Reply(RequestId, Timestamp, Result<Response, Notice>),
    /// What a request that is followed has brought, with the time it came.
    Progress(RequestId, Timestamp, LogPiece),
    /// What is told of a change that is being made, with the time it came.
    Changing(RequestId, Timestamp, ChangeNews),
    /// Somebody who makes a request needs the code of an MFA device first.
    Asked(QuestionId, CodeWanted),
    /// A session gave the terminal back.
    Detached {
        /// The session's label.
        label: String,
        /// How it ended.
        exit: Exit,
        /// When.
        at: Timestamp,
    },
    /// A session was left running.
    Left {
        /// The session.
        id: SessionId,
        /// Its label.
        label: String,
        /// What follows its end.
        afterwards: Afterwards,
        /// When.
        at: Timestamp,
    },
    /// A session that was left running has ended by itself.
    Over {
        /// The session.
        id: SessionId,
        /// How it ended.
        exit: Exit,
        /// When.
        at: Timestamp,
    },
}

/// What must happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Ask the worker.
    Send(RequestId, Urgency, Request),
    /// Nobody wants that answer any more.
    Cancel(RequestId),
    /// Give the terminal to this session.
    Attach(SessionId, Afterwards),
    /// From now on ask AWS there; nobody wants what was asked for here.
    Go(Site),
    /// Tell whoever asked for a code.
    Answer(QuestionId, CodeAnswer),
    /// Put this text on the clipboard (OSC 52).
    Copy(String),
    /// Leave.
    Quit,
}

/// What follows a session that has ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Afterwards {
    /// The browser: who was in a shell has seen its end.
    Browser,
    /// A key, then the browser: what a command printed would be gone before it is read.
    Key,
}

/// What the worker is asked; each carries all it needs, never "the selected row".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Who are we, where?
    Identity,
    /// Every cluster, counted.
    Clusters,
    /// Every service of a cluster, by name.
    Services {
        /// The cluster.
        cluster: Arn,
    },
    /// The details of these services.
    ServiceDetails {
        /// The cluster.
        cluster: Arn,
        /// The services, at most ten for one call.
        services: Vec<Arn>,
    },
    /// Everything of a cluster that somebody could log in to.
    Leaves {
        /// The cluster.
        cluster: Arn,
    },
    /// Something at another site than that of the panes.
    Elsewhere {
        /// Where.
        site: Site,
        /// What.
        errand: Errand,
    },
    /// Write down that something was logged in to.
    Note {
        /// The cluster.
        cluster: Arn,
        /// What.
        opened: Opened,
        /// When.
        at: Timestamp,
    },
    /// The running tasks of a cluster, or of one of its services.
    Tasks {
        /// The cluster.
        cluster: Arn,
        /// The service; `None` means the whole cluster.
        service: Option<Arn>,
    },
    /// What a view of the details needs.
    Look(Look),
    /// A shell or a command in a container.
    OpenExec {
        /// Where.
        target: ExecTarget,
        /// What.
        command: Command,
        /// The size of the terminal.
        size: Size,
    },
    /// A shell in the best container of a service: the newest RUNNING healthy task whose agent is ready, its first
    /// essential container.
    OpenService {
        /// The cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
        /// What.
        command: Command,
        /// The size of the terminal.
        size: Size,
    },
    /// A shell in the best container of a task: its first essential one whose agent is ready.
    OpenTask {
        /// The cluster.
        cluster: Arn,
        /// The task.
        task: Arn,
        /// What.
        command: Command,
        /// The size of the terminal.
        size: Size,
    },
    /// A command of somebody's own, in the terminal.
    RunOwn {
        /// What it is called, clean.
        label: String,
        /// The command.
        command: Filled,
        /// The size of the terminal.
        size: Size,
    },
    /// What AWS says of something, in the editor.
    Edit {
        /// Of what.
        thing: Thing,
        /// What it says, where that was read already.
        known: Option<Box<Described>>,
        /// Whether values that look secret are written.
        reveal: bool,
        /// The size of the terminal.
        size: Size,
    },
    /// Show a page to the person.
    OpenPage {
        /// The command that shows pages.
        browser: String,
        /// What the page shows, clean.
        label: String,
        /// The page.
        page: Page,
    },
    /// What would have to be done so that this comes true?
    Plan(Wish),
    /// What would have to be done so that what this file holds is registered?
    PlanRegistration {
        /// Its path, as somebody typed it: `~` is their home.
        file: String,
    },
    /// Do it.
    Change(Box<Plan>),
    /// Wait until these tasks have ended.
    WaitForTasks {
        /// The cluster.
        cluster: Arn,
        /// The tasks.
        tasks: Vec<Arn>,
    },
}

/// What is asked of another site than that of the panes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// Its clusters. Nobody is asked for codes of MFA devices.
    Clusters,
    /// Everything of one of its clusters that somebody could log in to. Nobody is asked for codes of MFA devices.
    Leaves {
        /// The cluster.
        cluster: Arn,
    },
    /// As [`Request::OpenExec`].
    OpenExec {
        /// Where.
        target: ExecTarget,
        /// What.
        command: Command,
        /// The size of the terminal.
        size: Size,
    },
    /// As [`Request::OpenTask`].
    OpenTask {
        /// The cluster.
        cluster: Arn,
        /// The task.
        task: Arn,
        /// What.
        command: Command,
        /// The size of the terminal.
        size: Size,
    },
}

/// The worker's answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// To [`Request::Identity`].
    Identity(Identity),
    /// To [`Request::Clusters`]; and why they come without counts, where they do.
    Clusters(Vec<Cluster>, Option<Notice>),
    /// To [`Request::Services`], without details.
    Services(Vec<Service>),
    /// To [`Request::ServiceDetails`]; services that are gone are absent.
    ServiceDetails(Vec<Service>),
    /// To [`Request::Note`]; and what is wrong, where it could not be written down.
    Noted(Option<Notice>),
    /// To [`Request::OpenPage`].
    PageOpened {
        /// What the page shows, clean.
        label: String,
        /// The page.
        page: Page,
        /// Why it is not shown, where it is not.
        wrong: Option<Notice>,
    },
    /// To [`Request::Leaves`] and [`Errand::Leaves`].
    Leaves(Arc<Leaves>),
    /// To [`Errand::Clusters`].
    ClustersElsewhere(Vec<Arn>),
    /// To [`Request::Tasks`].
    Tasks(Vec<Task>),
    /// To [`Request::Look`].
    Seen(Seen),
    /// To a look that was followed: nothing more comes.
    Ended,
    /// To all `Open…`: the session is live and waits for the terminal.
    Opened(SessionId),
    /// To [`Request::Plan`] and [`Request::PlanRegistration`].
    Planned(Box<Plan>),
    /// To [`Request::Change`].
    Changed(Box<Done>),
    /// To [`Request::WaitForTasks`].
    TasksEnded(Vec<Ended>),
}

/// A failure in words a person can use: made from an `ops` error by the worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What failed and why, one line.
    pub text: String,
    /// What to do next.
    pub hints: Vec<String>,
    /// Whether trying again later may help (throttled, unreachable).
    pub passing: bool,
}

/// Everything the browser knows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct State {
    /// The size of the terminal.
    pub(super) size: Size,
    /// The latest time that was heard of.
    pub(super) now: Timestamp,
    /// The zone in which times are shown.
    pub(super) zone: TimeZone,
    /// Which keys mean what.
    pub(super) keymap: Keymap,
    /// Whether colours are shown.
    pub(super) colour: bool,
    /// Which.
    pub(super) looks: Looks,
    /// What frames and marks are made of.
    pub(super) glyphs: Glyphs,
    /// Whether the terminal is told which text leads to pages.
    pub(super) hyperlinks: Hyperlinks,
    /// The profile, until AWS has said who we are.
    pub(super) profile: String,
    /// Since when an editor has had the terminal.
    pub(super) editing_since: Option<Timestamp>,
    /// Whether somebody has named a profile, by whatever name.
    pub(super) is_profile_named: bool,
    /// The region, until AWS has said who we are.
    pub(super) region: Option<String>,
    /// How often what is on screen is read again.
    pub(super) refresh: Option<Duration>,
    /// What shows pages of the web, if anything does.
    browser: Option<String>,
    /// Where AWS is, if the settings say so.
    endpoint_url: Option<String>,
    /// What a login starts.
    shell: Command,
    pub(super) stock: Stock,
    pending: BTreeMap<RequestId, Purpose>,
    last_id: RequestId,
    /// Until when the cursor is on its way.
    settled: Timestamp,
    panes: [Pane; 4],
    focus: Level,
    /// Whether the pane in focus has the whole width.
    zoomed: bool,
    /// Sessions that were left running, the last one last.
    running: Vec<running::Running>,
    /// Whether somebody who quits knows that this ends them.
    warned_of_sessions: bool,
    /// Which tasks the pane of tasks lists.
    listed: ShownTasks,
    /// By pane, how what is selected is looked at.
    chosen_views: [DetailView; 4],
    /// Whether values that look secret are shown.
    reveal: bool,
    /// How task definitions are shown.
    definition_form: DefinitionForm,
    pub(super) detail: DetailText,
    /// What these were made of.
    written: Option<detail::Written>,
    /// How they fit the screen.
    pub(super) fit: Fit,
    /// How far the details below the panes are scrolled, as [`Detail::scroll`] says it.
    aside: Option<usize>,
    /// What the jump looks through.
    index: jump::Index,
    /// What stands over the panes, the topmost last.
    pub(super) overlays: Vec<Overlay>,
    /// The keys of a chord so far.
    prefix: Vec<keymap::Key>,
    /// What stands where on the screen.
    sight: Sight,
    /// The last click, as long as another would make it a double one.
    click: Option<Click>,
    pub(super) message: Option<Message>,
    pub(super) opening: Option<Opening>,
    /// Whether everything that changes something is refused.
    read_only: bool,
    /// The rules of what stands before changes.
    guards: Vec<GuardRule>,
    /// Actions of somebody's own.
    own: Vec<OwnAction>,
    /// Where we are.
    site: Site,
    /// What the place is called where the program began.
    home: SiteName,
    /// Where the jump looks beside where we are.
    jump_rules: Vec<JumpRule>,
    /// Where we were, the last one last.
    left: Vec<Left>,
    /// What the person does with codes that are asked for.
    with_codes: WithCodes,
    /// The change on its way.
    pub(super) changing: Option<Changing>,
    /// Deployments that were begun from here.
    followed: Vec<Followed>,
    /// Tasks that were run from here and have not ended, by the requests that wait for their ends.
    run_by_hand: Vec<(RequestId, Vec<Arn>)>,
}

impl State {
    /// Returns the state of a browser that has not asked anything yet; its first deadline is at once. `local` is the
    /// zone of the machine.
    pub fn new(settings: &Settings, size: Size, now: Timestamp, local: TimeZone) -> Self {
        Self {
            size,
            now,
            zone: if settings.utc { TimeZone::UTC } else { local },
            keymap: settings.keymap.clone(),
            colour: settings.colour,
            looks: settings.looks.clone(),
            glyphs: settings.glyphs,
            hyperlinks: settings.hyperlinks,
            profile: crate::model::text::clean(settings.profile.as_deref().unwrap_or("default")),
            editing_since: None,
            is_profile_named: settings.profile.is_some(),
            region: settings.region.as_ref().map(crate::model::text::clean),
            refresh: settings.refresh,
            browser: settings.browser.clone(),
            endpoint_url: settings.endpoint_url.clone(),
            shell: settings.shell.clone().map_or(Command::DefaultShell, Command::Shell),
            stock: Stock::default(),
            pending: BTreeMap::new(),
            last_id: RequestId(0),
            settled: Timestamp::MIN,
            panes: Default::default(),
            focus: Level::Cluster,
            zoomed: false,
            running: Vec::new(),
            warned_of_sessions: false,
            listed: ShownTasks::default(),
            chosen_views: [DetailView::Facts, DetailView::Events, DetailView::Facts, DetailView::Facts],
            reveal: false,
            definition_form: DefinitionForm::Readable,
            detail: DetailText::default(),
            written: None,
            fit: Fit::default(),
            aside: None,
            index: jump::Index::default(),
            overlays: Vec::new(),
            prefix: Vec::new(),
            sight: Sight::default(),
            click: None,
            message: None,
            opening: None,
            read_only: settings.read_only,
            guards: settings.guards.clone(),
            own: settings.own_actions.clone(),
            site: Site::default(),
            home: SiteName {
                profile: settings.profile.clone().unwrap_or_else(|| "default".to_owned()),
                region: settings.region.clone(),
            },
            jump_rules: settings.jump.clone(),
            left: Vec::new(),
            with_codes: WithCodes::default(),
            changing: None,
            followed: Vec::new(),
            run_by_hand: Vec::new(),
        }
    }

    /// Returns the same state with this typed into the pane of clusters.
    #[must_use]
    pub fn searching(mut self, words: &str) -> Self {
        self.panes[Level::Cluster as usize].query.insert(words);
        self
    }

    /// Returns a pane.
    pub fn pane(&self, level: Level) -> &Pane {
        &self.panes[level as usize]
    }

    /// Returns the pane that the keys go to.
    pub fn focus(&self) -> Level {
        self.focus
    }

    /// Returns what is being said to the person.
    pub fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    /// Returns what stands over the panes, if anything does.
    pub fn overlay(&self) -> Option<&Overlay> {
        self.overlays.last()
    }

    /// Returns the details in full, where they stand over the panes.
    pub fn full_detail(&self) -> Option<&Detail> {
        self.overlays.iter().find_map(|overlay| match overlay {
            Overlay::Detail(detail) => Some(detail),
            Overlay::Help(_)
            | Overlay::Menu(_)
            | Overlay::Prompt(_)
            | Overlay::Pick(_)
            | Overlay::Jump(_)
            | Overlay::Plan(_) => None,
        })
    }

    /// Returns the details of what is selected.
    pub fn detail(&self) -> &DetailText {
        &self.detail
    }

    /// Returns where everything stands on the screen.
    pub fn areas(&self) -> Areas {
        let message = self.message.as_ref().map_or(0, |message| message.rows(self.size.columns).len() as u16);
        layout(self.size, self.focus, self.zoomed, message)
    }

    /// Returns how the rows of a pane came to be.
    pub fn load(&self, level: Level) -> Load<'_> {
        let status = match level {
            Level::Cluster => Some(&self.stock.clusters.status),
            Level::Service => {
                self.selected_cluster().and_then(|cluster| self.stock.services.get(cluster)).map(|slot| &slot.status)
            }
            Level::Task | Level::Container => {
                let scope = self.selected_cluster().and_then(|cluster| self.shown_tasks(cluster));
                scope.and_then(|scope| self.stock.tasks.get(&scope)).map(|slot| &slot.status)
            }
        };
        status.map_or(Load::Never, stock::Status::load)
    }

    /// Returns the pane whose rows decide whether this one can have any: itself, or the first to its left in which
    /// nothing is selected.
    pub fn cause(&self, level: Level) -> Level {
        let empty = |left: &Level| *left < level && self.pane(*left).selected().is_none();
        Level::ALL.into_iter().find(empty).unwrap_or(level)
    }

    /// Whether the rows of a pane are being read.
    pub fn is_reading(&self, level: Level) -> bool {
        let cluster = self.selected_cluster();
        self.pending.values().any(|purpose| match (level, purpose) {
            (Level::Cluster, Purpose::Clusters) => true,
            (Level::Service, Purpose::Services(of) | Purpose::Details(of, _)) => Some(of) == cluster,
            (Level::Task, Purpose::Tasks(scope)) => Some(&scope.cluster) == cluster,
            _ => false,
        })
    }

    fn set_focus(&mut self, level: Level) {
        self.focus = level;
        self.pane_mut(level).settle();
        self.unsettle();
    }

    fn next_id(&mut self) -> RequestId {
        self.last_id.0 += 1;
        self.last_id
    }

    fn pane_mut(&mut self, level: Level) -> &mut Pane {
        &mut self.panes[level as usize]
    }

    /// Fills this pane and those to its right from what is known.
    fn fill_from(&mut self, level: Level) {
        let mut level = Some(level);
        let mut said = false;
        while let Some(filled) = level {
            let (parent, rows) = self.rows(filled);
            let keeps = self.focus >= filled;
            if let Some(gone) = self.pane_mut(filled).fill(parent, rows, keeps)
                && !said
            {
                said = true;
                self.message = Some(Message::news(format!("{gone} is gone")));
            }
            level = filled.next();
        }
    }

    /// Returns the name of what is selected and no longer there, or of what it belongs to.
    pub fn gone(&self) -> Option<&str> {
        let levels = Level::ALL.into_iter().take_while(|level| *level <= self.focus);
        levels.filter_map(|level| self.pane(level).selected()).find(|row| row.gone).map(Row::name)
    }

    /// Returns the rows of a pane, and what they belong to.
    fn rows(&self, level: Level) -> (Option<RowId>, Vec<Row>) {
        let parent = level.previous().and_then(|left| self.pane(left).selected()).map(|row| row.id.clone());
        let rows = match (level, &parent) {
            (Level::Cluster, _) => self.stock.clusters.value.iter().map(Row::cluster).collect(),
            (Level::Service, Some(RowId::Cluster(cluster))) => self.service_rows(cluster),
            (Level::Task, Some(RowId::Service(service))) => self.task_rows(Some(service.name())),
            (Level::Task, Some(RowId::NoService(_))) => self.task_rows(None),
            (Level::Container, Some(RowId::Task(task))) => match self.task(task) {
                Some(task) => task.containers.iter().map(|container| Row::container(task, container)).collect(),
                None => Vec::new(),
            },
            _ => Vec::new(),
        };
        (parent, rows)
    }

    fn service_rows(&self, cluster: &Arn) -> Vec<Row> {
        let Some(slot) = self.stock.services.get(cluster) else { return Vec::new() };
        let standalone = self.stock.standalone(cluster);
        let some = match standalone {
            Some(count) => count > 0,
            // Of a big cluster nobody knows before all its tasks were read: that is what the row is for.
            None => slot.status.read.is_some() && !self.stock.is_small(cluster),
        };
        let first = some.then(|| Row::no_service(cluster, standalone));
        first.into_iter().chain(slot.value.iter().map(Row::service)).collect()
    }
}

/// Lets the state know what happened, and returns what must happen.
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    let mut effects = Vec::new();
    match event {
        // Nothing has happened, but that it is seen.
        Event::Drawn => {
            state.look_around();
            return effects;
        }
        Event::Key(key) => state.press(key, &mut effects),
        Event::Mouse(mouse) => state.point(mouse, &mut effects),
        Event::Paste(text) => state.paste(&text),
        Event::Resize(size) => state.size = size,
        Event::Due(at) => state.now = state.now.max(at),
        Event::Reply(id, at, result) => {
            state.now = state.now.max(at);
            state.take_reply(id, result, &mut effects);
        }
        Event::Progress(id, at, piece) => {
            state.now = state.now.max(at);
            state.take_progress(id, piece);
        }
        Event::Changing(id, at, news) => {
            state.now = state.now.max(at);
            state.take_change_news(id, news);
        }
        Event::Asked(id, wanted) => state.ask_for_code(id, wanted, &mut effects),
        Event::Detached { label, exit, at } => {
            state.now = state.now.max(at);
            state.come_back(&label, &exit, &mut effects);
        }
        Event::Left { id, label, afterwards, at } => {
            state.now = state.now.max(at);
            state.leave_running(id, label, afterwards);
        }
        Event::Over { id, exit, at } => {
            state.now = state.now.max(at);
            state.end_running(id, exit);
        }
    }
    state.begin_aside_anew();
    state.carry_out_plan(&mut effects);
    state.arrange();
    effects
}
