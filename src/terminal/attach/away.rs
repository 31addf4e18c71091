//! A session that was left running: what it prints is kept until somebody comes back to it.

use std::collections::VecDeque;

use tokio::{sync::oneshot, task::JoinHandle};

use super::modes::Modes;
use crate::session::{Exit, Input, Output, Session, Size};

/// How many bytes are kept of what a session prints while nobody looks, the newest. It is not kept waiting: who leaves
/// a build running wants it to go on.
const KEPT: usize = 4 * 1024 * 1024;

/// A session, with what is needed to give it a terminal.
#[derive(Debug)]
pub struct Going {
    pub(super) session: Session,
    /// The modes of the terminal that its program has set.
    pub(super) modes: Modes,
    /// What it has printed since somebody looked.
    pub(super) missed: VecDeque<Output>,
    /// Whether somebody has looked at it before.
    pub(super) is_back: bool,
    /// How many bytes wait in `missed`.
    waiting: usize,
    /// How many more there were, which are gone.
    lost: usize,
}

/// A session that goes on while nobody looks. Dropping it hangs up.
#[derive(Debug)]
pub struct Away {
    call: oneshot::Sender<()>,
    kept: JoinHandle<Going>,
}

impl From<Session> for Going {
    fn from(session: Session) -> Self {
        Self { session, modes: Modes::default(), missed: VecDeque::new(), is_back: false, waiting: 0, lost: 0 }
    }
}

impl Going {
    /// Returns what it leads to.
    pub fn label(&self) -> &str {
        &self.session.label
    }

    /// Returns the session alone.
    pub fn into_session(self) -> Session {
        self.session
    }

    /// Makes it ready for a terminal of this size. A program that has drawn on it before draws anew when the size
    /// changes, so it is told of another first.
    pub(super) fn come_back(&mut self, size: Size) {
        if !self.is_back {
            return;
        }
        if self.lost > 0 {
            let text = format!("the first {} bytes of what it printed meanwhile were not kept", self.lost);
            self.missed.push_front(Output::Notice(text));
        }
        self.missed.push_front(Output::Bytes(self.modes.restored()));
        (self.waiting, self.lost) = (0, 0);
        let smaller = Size { rows: size.rows.saturating_sub(1).max(1), ..size };
        let _deaf_or_gone = self.session.input.try_send(Input::Resize(smaller));
    }

    /// Keeps something that it printed, and as much of what was before as there is room for.
    fn keep(&mut self, output: Output) {
        self.waiting += length(&output);
        self.missed.push_back(output);
        while self.waiting > KEPT {
            let gone = self.missed.pop_front().map_or(0, |output| length(&output));
            self.waiting -= gone;
            self.lost += gone;
        }
    }
}

fn length(output: &Output) -> usize {
    match output {
        Output::Bytes(bytes) | Output::Stderr(bytes) => bytes.len(),
        Output::Notice(_) | Output::Exit(_) => 0,
    }
}

impl Away {
    /// Leaves a session running; `over` is told when it has ended by itself. Must be called within an async runtime.
    pub fn leave(mut going: Going, over: impl FnOnce(Exit) + Send + 'static) -> Self {
        let (call, mut called) = oneshot::channel();
        going.is_back = true;
        let kept = tokio::spawn(async move {
            let mut over = Some(over);
            loop {
                let output = tokio::select! {
                    biased;
                    _ = &mut called => return going,
                    output = going.session.output.recv(), if over.is_some() => output,
                };
                let output = output.unwrap_or_else(Output::without_a_word);
                if let Output::Exit(exit) = &output
                    && let Some(over) = over.take()
                {
                    over(exit.clone());
                }
                going.keep(output);
            }
        });
        Self { call, kept }
    }

    /// Returns the session with all that it has printed; nothing where whoever kept it was stopped.
    pub async fn come_back(self) -> Option<Going> {
        let _it_may_be_gone = self.call.send(());
        self.kept.await.ok()
    }
}
