//! The README's picture of the screen is made from the running program.
//!
//! `UPDATE_DOCS=1 cargo test --test picture` makes it anew.

#![cfg(feature = "demo")]

mod common {
    pub(crate) mod svg;
    pub(crate) mod terminal;
}

use std::{env, fs};

use common::{
    svg::picture,
    terminal::{Program, Terminal},
};

const PICTURE: &str = "assets/screen.svg";

/// What the picture is there to show; ages and events move on.
const SHOWN: [&str; 6] = ["clusters", "services", "tasks", "containers", "payments-api", "has reached a steady state"];

#[test]
fn the_picture_shows_what_the_demo_shows() {
    let demo = Program::new(env!("CARGO_BIN_EXE_ecsui")).args(["demo"]).start(118, 30);
    let mut demo = searched(demo);
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PICTURE, demo.screen(|screen| picture(screen, "ecsui demo"))).unwrap();
    }
    let committed = fs::read_to_string(PICTURE).unwrap();
    for text in SHOWN {
        assert!(committed.contains(text), "{PICTURE} does not show {text:?}");
    }
    demo.type_in("\x11");
    demo.wait_for_end();
}

/// The services of `prod` that match `pay`, the details of one, and everything read.
fn searched(mut demo: Terminal) -> Terminal {
    demo.wait_for("preprod");
    demo.type_in("^prod$\t");
    demo.wait_for("payments-cron");
    demo.type_in("pay");
    demo.wait_until("a service, its tasks and its events", |screen| {
        let contents = screen.contents();
        SHOWN.iter().all(|text| contents.contains(text)) && contents.contains("exec ready")
    });
    demo
}
