//! The loop: events in, frames out, effects performed.
//!
//! It has a thread of its own and never waits for anything but the terminal; AWS is the worker's, on other threads.
//! Nothing ticks: with nothing pending the process sleeps until a key.

use std::{
    collections::{HashMap, VecDeque},
    future::pending,
    time::Duration,
};

use ratatui::Frame;
use tokio::{
    runtime::Builder,
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinSet,
    time::sleep,
};

use super::{
    app::{Afterwards, Effect, Event, Response, SessionId, State, update},
    view,
    worker::{Answer, News, Worker},
};
use crate::{
    model::{Timestamp, text::clean},
    ops::Cx,
    session::{Exit, Session, Size},
    terminal::{self, Away, Besides, Ending, Error, Going, Keyboard, Ours, Parting, Screen, Signals, Typed},
};

/// How many events are taken together before they are shown.
const BATCH: usize = 256;

/// How the browser ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ended {
    /// The signal that asked the program to end; `None` when the person quit.
    pub asked: Option<Ending>,
    /// What the person must still know, a line each: what goes on without being followed, and sessions that could not
    /// be told that they are over.
    pub last_words: Vec<String>,
}

/// Shows the browser until the person quits. `begin` makes its state for a terminal of this size, at this time. Must
/// not be called from within an async runtime; AWS is called on threads of its own, and nothing but the terminal is
/// touched before the first frame stands.
pub fn run(cx: Cx, begin: impl FnOnce(Size, Timestamp) -> State) -> Result<Ended, Error> {
    terminal::require()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let signals = Signals::new()?;
        let size = terminal::size();
        let mouse = cx.settings.mouse;
        let mut screen = Screen::enter(size, mouse)?;
        let mut state = begin(size, Timestamp::now());
        show(&mut state, &mut screen)?;
        let (tells, over) = mpsc::unbounded_channel();
        let mut browser = Browser {
            state,
            screen,
            keyboard: Keyboard::start(size)?,
            signals,
            ours: Ours { escape: cx.settings.escape, leaves: true, leave: cx.settings.leave },
            mouse,
            worker: Worker::new(cx),
            sessions: HashMap::new(),
            away: HashMap::new(),
            tells,
            over,
            opened: 0,
            farewells: JoinSet::new(),
        };
        let end = browser.serve().await;
        let mut last_words = browser.state.last_words();
        last_words.extend(browser.end().await);
        Ok(match end? {
            End::Quit => Ended { asked: None, last_words },
            End::Asked(ending) => Ended { asked: Some(ending), last_words },
        })
    })
}

/// Draws the state, and tells what the terminal is told besides.
fn drawn(state: &State, frame: &mut Frame<'_>) -> Besides {
    let view::Drawn { links, cursor } = view::draw_linked(state, frame);
    Besides { links: links.into_iter().map(|link| (link.area, link.page)).collect(), cursor }
}

/// Why the loop ends.
enum End {
    /// The person quit.
    Quit,
    /// The program was asked to end.
    Asked(Ending),
}

/// The pure state, and everything it has effects on.
struct Browser {
    state: State,
    screen: Screen,
    keyboard: Keyboard,
    signals: Signals,
    /// Which keys are ours while a session has the terminal.
    ours: Ours,
    /// Whether the mouse is reported while nobody else has the terminal.
    mouse: bool,
    worker: Worker,
    /// Live sessions that wait for the terminal.
    sessions: HashMap<SessionId, Session>,
    /// Sessions that were left running.
    away: HashMap<SessionId, Away>,
    /// What these say when they have ended.
    tells: UnboundedSender<(SessionId, Exit)>,
    over: UnboundedReceiver<(SessionId, Exit)>,
    /// How many sessions there have been.
    opened: u64,
    /// Sessions that are being hung up.
    farewells: JoinSet<(String, Option<String>)>,
}

/// What the loop woke up for.
enum Happened {
    Typed(Typed),
    Heard(News),
    /// A session that was left running has ended.
    Over(SessionId, Exit),
    /// A session that was hung up on has left something to know.
    LastWord {
        label: String,
        word: String,
    },
    Due,
}

impl Browser {
    /// Serves until the end.
    async fn serve(&mut self) -> Result<End, Error> {
        loop {
            let mut happened = Some(tokio::select! {
                biased;
                ending = self.signals.next() => return Ok(End::Asked(ending)),
                typed = self.keyboard.next() => Happened::Typed(typed),
                news = self.worker.next() => Happened::Heard(news),
                Some((id, exit)) = self.over.recv() => Happened::Over(id, exit),
                Some(Ok((label, Some(word)))) = self.farewells.join_next() => Happened::LastWord { label, word },
                () = due(self.state.next_deadline()) => Happened::Due,
            });
            let mut taken = 0;
            while let Some(next) = happened {
                if let Some(end) = self.take(next).await? {
                    return Ok(end);
                }
                taken += 1;
                happened = if taken < BATCH { self.ready() } else { None };
            }
            show(&mut self.state, &mut self.screen)?;
        }
    }

    /// Returns what has happened already. What is followed comes a piece a frame, so that however much of it there is a
    /// key waits for one.
    fn ready(&mut self) -> Option<Happened> {
        if let Some(typed) = self.keyboard.ready() {
            return Some(Happened::Typed(typed));
        }
        self.worker.ready().map(Happened::Heard)
    }

    /// Lets the state know what happened and performs what it wants. Before what was typed it hears the time, so that
    /// what a key sets off is timed from then.
    async fn take(&mut self, happened: Happened) -> Result<Option<End>, Error> {
        let event = match happened {
            Happened::Typed(Typed::Key(key)) => Event::Key(key),
            Happened::Typed(Typed::Mouse(mouse)) => Event::Mouse(mouse),
            Happened::Typed(Typed::Paste(text)) => Event::Paste(text),
            Happened::Typed(Typed::Resize(size)) => {
                self.screen.resize(size)?;
                Event::Resize(size)
            }
            Happened::Typed(Typed::Continued(size)) => {
                self.screen.take_again(size)?;
                Event::Resize(size)
            }
            Happened::Typed(Typed::Gone) => return Ok(Some(End::Asked(Ending::HangUp))),
            Happened::Heard(News::Answered(id, answer)) => {
                Event::Reply(id, Timestamp::now(), answer.map(|answer| self.response(answer)))
            }
            Happened::Heard(News::Told(id, piece)) => Event::Progress(id, Timestamp::now(), piece),
            Happened::Heard(News::Changing(id, news)) => Event::Changing(id, Timestamp::now(), news),
            Happened::Heard(News::Asked(id, wanted)) => Event::Asked(id, wanted),
            Happened::Over(id, exit) => Event::Over { id, exit, at: Timestamp::now() },
            Happened::LastWord { label, word } => {
                Event::Detached { label, exit: Exit::Closed(word), at: Timestamp::now() }
            }
            Happened::Due => Event::Due(Timestamp::now()),
        };
        let mut effects = match event {
            Event::Key(_) | Event::Mouse(_) | Event::Paste(_) => update(&mut self.state, Event::Due(Timestamp::now())),
            Event::Drawn
            | Event::Resize(_)
            | Event::Due(_)
            | Event::Reply(..)
            | Event::Progress(..)
            | Event::Changing(..)
            | Event::Asked(..)
            | Event::Detached { .. }
            | Event::Left { .. }
            | Event::Over { .. } => Vec::new(),
        };
        effects.extend(update(&mut self.state, event));
        self.perform(effects).await
    }

    /// Returns an answer as the state knows it: a session stays here under a number.
    fn response(&mut self, answer: Answer) -> Response {
        match answer {
            Answer::Response(response) => response,
            Answer::Session(session) => {
                self.opened += 1;
                let id = SessionId(self.opened);
                self.sessions.insert(id, session);
                Response::Opened(id)
            }
        }
    }

    /// Performs effects, and those they lead to. A session that is not given the terminal by then is hung up.
    async fn perform(&mut self, effects: Vec<Effect>) -> Result<Option<End>, Error> {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Send(id, urgency, request) => self.worker.send(id, urgency, request)?,
                Effect::Cancel(id) => self.worker.cancel(id),
                Effect::Go(site) => self.worker.go(&site),
                Effect::Answer(id, answer) => self.worker.answer(id, answer),
                Effect::Copy(text) => self.screen.copy(&text)?,
                Effect::Quit => return Ok(Some(End::Quit)),
                Effect::Attach(id, afterwards) => match self.attach(id, afterwards).await? {
                    Attached::Back(led_to) => effects.extend(led_to),
                    Attached::Asked(ending) => return Ok(Some(End::Asked(ending))),
                },
            }
        }
        for (_, unwanted) in std::mem::take(&mut self.sessions) {
            self.hang_up(unwanted);
        }
        Ok(None)
    }

    /// Gives the terminal to a session until it ends. What was typed before it was live is the browser's: the loop has
    /// taken it, or takes it after the session.
    async fn attach(&mut self, id: SessionId, afterwards: Afterwards) -> Result<Attached, Error> {
        let Some(going) = self.going(id).await else { return Ok(Attached::Back(Vec::new())) };
        let label = going.label().to_owned();
        self.screen.leave()?;
        if self.mouse {
            self.keyboard.forget_mouse();
        }
        let gone = match terminal::join(going, &mut self.keyboard, &mut self.signals, self.ours).await? {
            Parting::Ended(exit) => {
                if afterwards == Afterwards::Key
                    && let Some(ending) = self.wait_for_key(&format!("{label}: {exit}")).await?
                {
                    return Ok(Attached::Asked(ending));
                }
                Event::Detached { label, exit, at: Timestamp::now() }
            }
            Parting::Left(exit, session) => {
                self.hang_up(session);
                Event::Detached { label, exit, at: Timestamp::now() }
            }
            Parting::Away(going) => {
                let tells = self.tells.clone();
                let away = Away::leave(going, move |exit| drop(tells.send((id, exit))));
                self.away.insert(id, away);
                Event::Left { id, label, afterwards, at: Timestamp::now() }
            }
            Parting::Asked(ending, session) => {
                self.hang_up(session);
                return Ok(Attached::Asked(ending));
            }
        };
        let size = terminal::size();
        self.screen.come_back(size)?;
        let mut effects = update(&mut self.state, Event::Resize(size));
        effects.extend(update(&mut self.state, gone));
        Ok(Attached::Back(effects))
    }

    /// Returns a session that was opened, or left running.
    async fn going(&mut self, id: SessionId) -> Option<Going> {
        if let Some(session) = self.sessions.remove(&id) {
            return Some(session.into());
        }
        self.away.remove(&id)?.come_back().await
    }

    /// Leaves what a command printed on the terminal until a key is pressed. Returns the signal that came instead.
    async fn wait_for_key(&mut self, ended: &str) -> Result<Option<Ending>, Error> {
        let line = clean(format!("{ended} — any key returns to ecsui"));
        self.screen.say(&self.state.glyphs.written(&line))?;
        loop {
            tokio::select! {
                biased;
                ending = self.signals.next() => return Ok(Some(ending)),
                typed = self.keyboard.next() => match typed {
                    Typed::Key(_) | Typed::Paste(_) => return Ok(None),
                    Typed::Mouse(_) | Typed::Resize(_) | Typed::Continued(_) => {}
                    Typed::Gone => return Ok(Some(Ending::HangUp)),
                },
            }
        }
    }

    /// Hangs up without waiting for it.
    fn hang_up(&mut self, session: Session) {
        let label = session.label.clone();
        let farewell = terminal::hang_up(session);
        self.farewells.spawn(async { (label, farewell.await) });
    }

    /// Gives the terminal back, then lets open sessions end properly: the far side should hear of it. Another signal
    /// means now.
    async fn end(mut self) -> Vec<String> {
        for (_, session) in std::mem::take(&mut self.sessions) {
            self.hang_up(session);
        }
        for (_, away) in std::mem::take(&mut self.away) {
            if let Some(going) = away.come_back().await {
                self.hang_up(going.into_session());
            }
        }
        let Self { screen, keyboard, mut signals, worker, mut farewells, .. } = self;
        drop((screen, keyboard));
        let mut last_words = Vec::new();
        loop {
            tokio::select! {
                farewell = farewells.join_next() => match farewell {
                    Some(Ok((label, Some(word)))) => last_words.push(format!("{label}: {word}")),
                    Some(_) => {}
                    None => break,
                },
                _ = signals.next() => return last_words,
            }
        }
        tokio::select! {
            () = worker.end() => {}
            _ = signals.next() => {}
        }
        last_words
    }
}

/// Shows the state, and lets it know that it is shown.
fn show(state: &mut State, screen: &mut Screen) -> Result<(), Error> {
    screen.draw_linked(|frame| drawn(state, frame))?;
    let nothing = update(state, Event::Drawn);
    debug_assert_eq!(nothing, [], "what is seen changes nothing");
    Ok(())
}

/// How a session gave the terminal back.
enum Attached {
    /// The browser goes on, with these effects.
    Back(Vec<Effect>),
    /// The program was asked to end.
    Asked(Ending),
}

/// Completes when a deadline has passed; never where there is none.
async fn due(deadline: Option<Timestamp>) {
    match deadline {
        Some(deadline) => {
            let left = deadline.duration_since(Timestamp::now());
            sleep(Duration::try_from(left).unwrap_or_default()).await;
        }
        None => pending().await,
    }
}
