//! A day in one session: hourly closes, pings, and now and then a few bytes, by a clock that is moved by hand.
#![cfg(feature = "demo")]

mod common {
    pub(crate) mod stage;
    pub(crate) mod way;
}

use std::{future::Future, time::Duration};

use bytes::Bytes;
use common::stage::{Screen, Stage, alone, timing};
use ecsui::{
    session::{Input, ssm::Timing},
    sim::agent,
};
use tokio::time::sleep;

const DAY: Duration = Duration::from_hours(24);
/// How often somebody types: more often than AWS closes a session that nobody uses.
const TYPES: u32 = 24;
/// In how many parts the time between two pings passes.
const LOOKS: u32 = 5;
/// It is typed and acknowledged, printed and acknowledged.
const FRAMES_OF_A_LINE: u64 = 4;

#[test]
fn a_day_of_hourly_closes_costs_no_byte_and_no_call_that_is_not_due() {
    alone(async {
        let stage = Box::pin(Stage::set(agent::Options::prompt())).await;
        let start = Box::pin(stage.start("sh -c \'stty raw -echo; echo ready; exec cat\'")).await;
        let timing = timing(&stage.clock);
        let ping = timing.ping;
        let session = stage.patiently("the opening", Box::pin(stage.open(start, timing))).await.unwrap();
        let mut screen = Screen::new(session);
        stage.patiently("the program", screen.until(b"ready\n")).await.unwrap().unwrap();

        let (mut typed, mut lines) = (String::new(), 0);
        let since = stage.clock.now();
        let frames_before = stage.sim.sessions().frames();
        for step in 1.. {
            if stage.clock.now() - since >= DAY {
                break;
            }
            let seen = traffic(&stage);
            for _ in 0..LOOKS {
                stage.hand.advance(ping / LOOKS);
                tokio::task::yield_now().await;
            }
            if step % TYPES == 0 {
                // Into whatever happens now, a close too.
                let line = format!("it is step {step} of the day\n");
                let frames = stage.sim.sessions().frames();
                screen.session.input.send(Input::Bytes(Bytes::from(line.clone()))).await.unwrap();
                typed.push_str(&line);
                lines += 1;
                stage.patiently("the echo", screen.until(line.as_bytes())).await.unwrap().unwrap();
                // It is shown before it is acknowledged: who lets time pass between has it sent again.
                let acknowledged = async {
                    while stage.sim.sessions().frames() < frames + FRAMES_OF_A_LINE {
                        sleep(Duration::from_micros(200)).await;
                    }
                };
                stage.patiently("its acknowledgement", acknowledged).await.unwrap();
            }
            // A ping, or a connection in the place of one that has grown old.
            soon(async {
                while traffic(&stage) == seen {
                    sleep(Duration::from_micros(200)).await;
                }
            })
            .await;
        }

        assert_eq!(screen.printed, b"", "nothing but what was typed comes back");
        assert_eq!(screen.notices, [""; 0], "nobody is bothered");
        let calls = stage.sim.calls();
        let count = |operation: &str| calls.iter().filter(|call| call.operation == operation).count() as u64;
        let (resumes, dials) = (count("ResumeSession"), count("OpenDataChannel"));
        assert!((23..=24).contains(&resumes), "one an hour: {resumes}");
        assert_eq!(dials, resumes + 1, "and a dial for each");
        let due = (DAY.as_secs() / Timing::default().ping.as_secs()) + 1;
        let pings = stage.sim.sessions().pings();
        assert!(pings <= due && pings + 3 * resumes >= due, "{pings} pings of {due}");
        // After a close the size, and all that again.
        let frames = stage.sim.sessions().frames() - frames_before;
        assert!(
            frames <= FRAMES_OF_A_LINE * lines + 8 * resumes,
            "{frames} frames for {lines} lines and {resumes} closes"
        );
        assert!(lines >= 140, "{lines} lines, {} bytes", typed.len());
    });
}

/// Returns what tells that a ping or a new connection has come.
fn traffic(stage: &Stage) -> (u64, usize) {
    (stage.sim.sessions().pings(), stage.resumes())
}

async fn soon(future: impl Future<Output = ()>) {
    tokio::time::timeout(Duration::from_mins(1), future).await.expect("the client is there");
}
