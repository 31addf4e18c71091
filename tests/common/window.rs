//! A browser without a terminal whose requests go through the browser's own worker to a simulated AWS.

#![allow(dead_code, reason = "each user of this file needs a part of it")]

use std::{collections::BTreeSet, time::Duration};

use ecsui::{
    model::Timestamp,
    ops::Cx,
    sim::Sim,
    tui::{
        Answer, News, Worker,
        app::{Effect, Event, LogPiece, Look, Request, RequestId},
        view::draw,
    },
};
use ratatui::{Terminal, backend::TestBackend, buffer::Cell};

use super::browser::Script;

/// How long the cursor rests until what it rests on is read.
const REST: Duration = Duration::from_millis(150);

/// The browser, and who works for it.
pub(crate) struct Window {
    pub(crate) script: Script,
    worker: Worker,
    /// What the worker was asked and has not answered.
    asked: BTreeSet<RequestId>,
    /// Whether what is followed was caught up with.
    caught: bool,
    columns: u16,
    rows: u16,
}

impl Window {
    /// Opens a browser of this size at what the simulated clock shows, and lets it read what it begins with.
    pub(crate) async fn open(sim: &Sim, cx: Cx, columns: u16, rows: u16) -> Self {
        let now = Timestamp::from_millisecond(sim.now()).expect("the simulated clock shows a time");
        let script = Script::begun(columns, rows, &cx.settings, now);
        let mut window = Self { script, worker: Worker::new(cx), asked: BTreeSet::new(), caught: false, columns, rows };
        window.serve().await;
        window
    }

    /// Types, lets the cursor rest, and waits until all that is wanted then was answered.
    pub(crate) async fn keys(&mut self, keys: &str) {
        self.script.keys(keys);
        self.pass(REST).await;
    }

    /// Lets the browser's time pass, and waits until all that is wanted then was answered.
    pub(crate) async fn pass(&mut self, time: Duration) {
        self.script.pass(time);
        self.serve().await;
    }

    /// Waits until the logs that are looked at are caught up with, or cannot be read.
    pub(crate) async fn catch_up(&mut self) {
        while !self.caught && self.follows() {
            self.hear().await;
        }
    }

    /// Returns the lines of the details.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.script.state.detail().lines.iter().map(|line| line.text.clone()).collect()
    }

    /// Returns the details as one text.
    pub(crate) fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// Returns what is on the screen, without what is blank at the end of its lines.
    pub(crate) fn screen(&self) -> String {
        let mut terminal = Terminal::new(TestBackend::new(self.columns, self.rows)).expect("memory is a terminal");
        terminal.draw(|frame| draw(&self.script.state, frame)).expect("memory takes every frame");
        let rows = terminal.backend().buffer().content.chunks(usize::from(self.columns));
        let row = |row: &[Cell]| row.iter().map(Cell::symbol).collect::<String>().trim_end().to_owned();
        rows.map(row).collect::<Vec<_>>().join("\n")
    }

    /// Answers what is asked until nothing is; what is followed goes on.
    async fn serve(&mut self) {
        self.hand_over();
        while self.script.waiting.iter().any(|(_, _, request)| !is_followed(request)) {
            self.hear().await;
        }
    }

    /// Whether something is followed.
    fn follows(&self) -> bool {
        self.script.waiting.iter().any(|(_, _, request)| is_followed(request))
    }

    async fn hear(&mut self) {
        match self.worker.next().await {
            News::Answered(id, answer) => {
                self.asked.remove(&id);
                let answer = answer.map(|answer| match answer {
                    Answer::Response(response) => response,
                    Answer::Session(_) => panic!("nobody logs in here"),
                });
                self.script.answer(id, answer);
            }
            News::Changing(id, news) => self.script.event(Event::Changing(id, self.script.now, news)),
            News::Told(id, piece) => {
                self.caught |= matches!(piece, LogPiece::Caught { .. });
                self.script.event(Event::Progress(id, self.script.now, piece));
            }
            News::Asked(id, wanted) => self.script.event(Event::Asked(id, wanted)),
        }
        self.hand_over();
    }

    /// Asks the worker what it was not asked yet, and takes back what nobody wants any more.
    fn hand_over(&mut self) {
        for effect in self.script.effects.extract_if(.., |effect| matches!(effect, Effect::Go(_))) {
            if let Effect::Go(site) = effect {
                self.worker.go(&site);
                self.asked.clear();
            }
        }
        let waiting: BTreeSet<RequestId> = self.script.waiting.iter().map(|(id, ..)| *id).collect();
        for id in self.asked.difference(&waiting) {
            self.worker.cancel(*id);
        }
        for (id, urgency, request) in &self.script.waiting {
            if !self.asked.contains(id) {
                self.caught &= !is_followed(request);
                self.worker.send(*id, *urgency, request.clone()).expect("threads can be had");
            }
        }
        self.asked = waiting;
    }
}

fn is_followed(request: &Request) -> bool {
    matches!(request, Request::Look(Look::Logs(_)))
}
