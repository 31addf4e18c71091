//! Whatever AWS says, nothing but visible text reaches a terminal: every command and every view, over answers full of
//! escape sequences, marks that turn the reading order, characters without a width, and texts of 10 000 characters.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/browser.rs"]
mod browser;
#[path = "common/tamper.rs"]
mod tamper;
#[path = "common/tour.rs"]
mod tour;
#[path = "common/way.rs"]
mod way;
#[path = "common/window.rs"]
mod window;

use ecsui::{
    aws::Access,
    config::Settings,
    model::text::clean,
    ops::Cx,
    sim::{Options, Sim, World},
    tui::app::Effect,
};
use tamper::{Tamper, Texts};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tour::{COMMANDS, VIEWS};
use window::Window;

/// How wide and high the browser is.
const SIZES: [(u16, u16); 3] = [(60, 20), (80, 24), (200, 50)];

/// What is looked at by itself, with the keys that lead to it from the pane of clusters.
const THINGS: [(&str, &str); 6] = [
    ("cluster", "^prod"),
    ("service", "^prod<right>^payments-api"),
    ("task", "^prod<right>^payments-api<right>"),
    ("container", "^prod<right>^payments-api<right><right>"),
    ("task definition", "^prod<right>^payments-api<ctrl-x>4"),
    ("leaf", "<ctrl-f>^prod payments-api 'app"),
];

/// Whether there is such a thing: where all names are tampered with, no task says the name of its service.
fn is_there(thing: &str, texts: Texts) -> bool {
    texts == Texts::Free || !["task", "container"].contains(&thing)
}

/// What a script is given as it is; a terminal is not.
const AS_IT_IS: &str = "params get prod/payments-api DATABASE_PASSWORD";

struct Rig {
    runtime: Runtime,
    sim: Sim,
    tamper: Tamper,
    home: TempDir,
}

impl Rig {
    fn new(texts: Texts) -> Self {
        let runtime = Runtime::new().unwrap();
        let sim = runtime.block_on(Sim::start(World::demo(), Options::explicit())).unwrap();
        let tamper = runtime.block_on(Tamper::before(sim.endpoint(), texts));
        Self { runtime, sim, tamper, home: TempDir::new().unwrap() }
    }

    /// Returns all that a command printed.
    fn run(&self, line: &str) -> String {
        let mut command = way::command(&self.sim, self.home.path(), line);
        let output = command.env("AWS_ENDPOINT_URL", &self.tamper.endpoint).output().unwrap();
        assert!(output.status.code().is_some(), "{line} was killed");
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(output.stdout), text(output.stderr));
        assert!(!err.contains("panicked"), "{line}: {err}");
        out + &err
    }

    fn cx(&self) -> Cx {
        let Access::Fixed { name, region, access_key, secret_key, .. } = way::access(&self.sim) else {
            panic!("the way to a simulated AWS is a fixed one")
        };
        let endpoint_url = self.tamper.endpoint.clone();
        Cx::new(Access::Fixed { name, region, endpoint_url, access_key, secret_key }, Settings::default())
    }
}

/// Fails where a text holds what a terminal obeys, or what cannot be seen.
fn is_visible(what: &str, text: &str) {
    let hidden = ['\u{202e}', '\u{2066}', '\u{200b}', '\u{e0041}', '\u{feff}'];
    let wrong = text.char_indices().find(|(_, c)| hidden.contains(c) || c.is_control() && !['\n', '\t'].contains(c));
    if let Some((at, wrong)) = wrong {
        let before: String = text[..at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect();
        panic!("{what} lets {wrong:?} through after {before:?}");
    }
}

/// Whether hostile text has arrived, made visible.
fn holds_evil(text: &str) -> bool {
    ["␛[31m", "\\u001b[31m"].iter().any(|seen| text.contains(seen))
}

fn commands(texts: Texts) -> Vec<&'static str> {
    let rig = Rig::new(texts);
    let mut reached = Vec::new();
    for line in COMMANDS {
        for form in [line, line.trim_end_matches(" -o json")] {
            let said = rig.run(form);
            if form != AS_IT_IS {
                is_visible(form, &said);
            }
            if holds_evil(&said) {
                reached.push(form);
            }
        }
    }
    assert!(rig.tamper.tampered() > 1000);
    reached
}

fn views(texts: Texts) -> Vec<&'static str> {
    let rig = Rig::new(texts);
    let mut reached = Vec::new();
    for (columns, rows) in SIZES {
        rig.runtime.block_on(async {
            let mut window = Window::open(&rig.sim, rig.cx(), columns, rows).await;
            for (view, keys) in VIEWS {
                // Names are longer now.
                window.keys(&keys.replace('$', "")).await;
                window.catch_up().await;
                let screen = window.screen();
                let said = format!("{}\n{screen}", window.text());
                is_visible(view, &said);
                assert!(screen.lines().count() == usize::from(rows), "{view} at {columns}×{rows}");
                if holds_evil(&said) {
                    reached.push(*view);
                }
            }
        });
    }
    reached
}

#[test]
fn messages_reasons_and_values_are_seen_and_not_obeyed_by_commands() {
    let reached = commands(Texts::Free);
    for line in ["list", "list -o json", "events tools", "taskdefs payments-api 41"] {
        assert!(reached.contains(&line), "{line} is not among {reached:?}");
    }
}

#[test]
fn messages_reasons_and_values_are_seen_and_not_obeyed_in_the_browser() {
    let reached = views(Texts::Free);
    for view in ["events", "task definition", "stopped tasks of a cluster", "logs"] {
        assert!(reached.contains(&view), "{view} is not among {reached:?}");
    }
}

#[test]
fn names_and_states_are_seen_and_not_obeyed_by_commands() {
    let reached = commands(Texts::All);
    assert!(reached.len() >= 10, "{reached:?}");
}

#[test]
fn names_and_states_are_seen_and_not_obeyed_in_the_browser() {
    let reached = views(Texts::All);
    for view in ["pane of clusters", "pane of services", "pane of tasks", "targets"] {
        assert!(reached.contains(&view), "{view} is not among {reached:?}");
    }
}

#[test]
fn json_is_seen_and_not_obeyed_and_nothing_of_it_is_lost() {
    for texts in [Texts::Free, Texts::All] {
        let rig = Rig::new(texts);
        rig.runtime.block_on(async {
            for (thing, keys) in THINGS.iter().filter(|(thing, _)| *thing != "leaf" && is_there(thing, texts)) {
                let mut window = Window::open(&rig.sim, rig.cx(), 80, 24).await;
                window.keys(keys).await;
                window.keys("<ctrl-x>a").await;
                let said = format!("{}\n{}", window.text(), window.screen());
                is_visible(thing, &said);
                // A cluster has messages of nobody.
                let is_reached = texts == Texts::All || !["cluster", "service"].contains(thing);
                assert!(holds_evil(&said) || !is_reached, "{thing}: {said}");
                let json = window.text();
                let value: serde_json::Value =
                    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
                assert!(!is_reached || value.to_string().contains('\u{202e}'), "{thing}: {value}");
            }
        });
    }
}

#[test]
fn nothing_that_cannot_be_seen_is_copied_and_what_is_is_the_real_thing() {
    for texts in [Texts::Free, Texts::All] {
        let rig = Rig::new(texts);
        rig.runtime.block_on(async {
            let mut copied = 0;
            for (thing, keys) in THINGS.into_iter().filter(|(thing, _)| is_there(thing, texts)) {
                let mut window = Window::open(&rig.sim, rig.cx(), 80, 24).await;
                window.keys(keys).await;
                window.keys("<ctrl-x>y").await;
                is_visible(thing, &window.screen());
                let offered: Vec<char> = window.script.state.menu_rows().iter().map(|row| row.letter).collect();
                window.keys("<esc>").await;
                for letter in offered {
                    window.script.effects.clear();
                    window.keys(&format!("<ctrl-x>y{letter}")).await;
                    is_visible(thing, &window.screen());
                    match (&window.script.effects[..], letter) {
                        ([Effect::Copy(text)], 'w' | 'l') => {
                            assert!(text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{text:?}");
                            copied += 1;
                        }
                        ([Effect::Copy(text)], _) => {
                            assert!(!text.contains(['␛', '\u{fffd}']), "{thing} {letter}: {text:?}");
                            assert_eq!(clean(text), *text, "{thing} {letter}");
                        }
                        ([], 'w') => assert_eq!((thing, texts), ("leaf", Texts::All)),
                        ([], 'n' | 'i' | 'a' | 'p' | 'm' | 't') => {
                            let said = &window.script.state.message().expect("it is said").lines[0];
                            assert!(said.ends_with(": it has characters that cannot be seen"), "{said}");
                        }
                        (effects, _) => panic!("{thing} {letter}: {effects:?}"),
                    }
                }
                window.keys("<ctrl-x>c").await;
                is_visible(thing, &window.screen());
            }
            assert!(copied >= 7, "{copied}");
        });
    }
}
