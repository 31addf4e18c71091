//! What the screens look like, as text, at the sizes people have. A line that repeats is written once.

#[path = "common/browser.rs"]
mod browser;
#[path = "common/companies.rs"]
mod companies;
#[path = "common/looks.rs"]
mod looks;
#[path = "common/plans.rs"]
mod plans;

use std::{cell::RefCell, sync::Arc, time::Duration};

use browser::{Script, World, arn, at, cluster, company, container, service};
use companies::{balanced, ended, hosted};
use ecsui::{
    config::{Depth, Glyphs, Looks, Palette, Settings},
    model::{ExecAgent, LogSource, ServiceEvent},
    ops::{
        CodeWanted,
        change::{Check, Guard, Verdict},
        sites::KnownProfile,
        taskdefs::Revision,
    },
    session::Exit,
    tui::app::{ChangeNews, Event, LogPiece, LogRow, Look, Notice, QuestionId, Request, Response},
};
use looks::{GROUNDS, SIZES, colours, drawn_on, text};
use proptest::prelude::*;
use ratatui::{
    buffer::Buffer,
    style::{Color, Modifier},
};

thread_local! {
    /// What states are drawn for at the moment: `look` has each of them drawn for several backgrounds and terminals.
    static LOOKS: RefCell<Looks> = RefCell::default();
}

fn settings() -> Settings {
    Settings { looks: LOOKS.with_borrow(Clone::clone), ..Settings::default() }
}

/// Draws the state on a screen of its size.
fn drawn(script: &Script) -> Buffer {
    looks::drawn(&script.state)
}

/// Compares a state at every size, and its colours on every background, with what it looked like before.
fn look(name: &str, at_size: impl Fn(u16, u16) -> Script) {
    for (width, height) in SIZES {
        let screens = GROUNDS.map(|ground| {
            LOOKS.set(looks::looks(ground));
            drawn(&at_size(width, height))
        });
        LOOKS.take();
        let seen = format!("{}\n{}", text(&screens[0]), colours(&screens));
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), seen);
    }
}

fn loaded(width: u16, height: u16) -> Script {
    let mut script = Script::new(width, height, &settings());
    script.settle(&company());
    script
}

fn typed(width: u16, height: u16, keys: &str) -> Script {
    let mut script = loaded(width, height);
    script.keys(keys);
    script.settle(&company());
    script
}

fn throttled() -> Notice {
    Notice {
        text: "cannot list the tasks of prod: ecs:ListTasks was throttled: Rate exceeded".to_owned(),
        hints: vec!["it is tried again by itself".to_owned()],
        passing: true,
    }
}

fn denied() -> Notice {
    let caller = "arn:aws:sts::123456789012:assumed-role/dev/ana";
    Notice {
        text: format!(
            "cannot list clusters: ecs:ListClusters denied: User: {caller} is not authorized to perform: ecs:ListClusters on resource: *"
        ),
        hints: vec!["ask whoever looks after the account for ecs:ListClusters".to_owned()],
        passing: false,
    }
}

/// Fails what `chosen` picks and answers the rest.
fn fail(script: &mut Script, world: &World, chosen: impl Fn(&Request) -> bool, notice: &Notice) {
    while let Some((id, _, request)) = script.waiting.first().cloned() {
        let answer = if chosen(&request) { Err(notice.clone()) } else { world.answer(&request).expect("it reads") };
        script.answer(id, answer);
    }
}

#[test]
fn the_menu_of_what_can_be_copied() {
    look("copy_menu", |width, height| typed(width, height, "<right>payments-api<right><right><ctrl-x>y"));
}

#[test]
fn the_first_frame() {
    look("first", |width, height| Script::new(width, height, &settings()));
}

#[test]
fn a_row_that_is_gone_and_a_pane_that_is_sorted() {
    look("gone", |width, height| {
        let mut script = typed(width, height, "<right><ctrl-x>Orun<enter><down>");
        let mut world = company();
        world.services.retain(|service| &*service.name != "payments-web");
        script.keys("<ctrl-r>");
        script.serve(&world);
        script
    });
    look("sort", |width, height| typed(width, height, "<right><ctrl-x>Orun<enter><ctrl-x>O"));
}

#[test]
fn who_looks_for_stopped_tasks_among_those_that_run_is_told_where_they_are() {
    let shown = |keys: &str| text(&drawn(&typed(200, 50, keys)));
    let hint = "stopped tasks are shown with ctrl-t";
    for words in ["status:stopped", "status:'stop", "stopped"] {
        let panes = shown(&format!("<right>payments-api<right>{words}"));
        assert!(panes.contains(hint), "{panes}");
        let jump = shown(&format!("<ctrl-f>{words}"));
        assert!(jump.contains(&format!("nothing matches {words}; it holds what runs, {hint} in the panes")), "{jump}");
    }
    for other in
        ["<right>payments-api<right>status:pending", "<right>stopped", "<ctrl-f>!status:stopped", "<ctrl-f>xyz"]
    {
        assert!(!shown(other).contains(hint), "{other}");
    }
    let listed = shown("<right>payments-api<right><ctrl-t><ctrl-t>stopped");
    assert!(!listed.contains(hint), "{listed}");
}

#[test]
fn the_jump_over_everything() {
    look("jump", |width, height| typed(width, height, "<ctrl-f>pay app<down>"));
}

#[test]
fn a_jump_of_which_a_cluster_is_denied_and_a_column_is_not_there() {
    let refused = |request: &Request| matches!(request, Request::Leaves { cluster } if cluster.name() == "prod");
    look("jump_loading", |width, height| {
        let mut script = loaded(width, height);
        script.keys("<ctrl-f>");
        script
    });
    look("jump_denied", |width, height| {
        let mut script = loaded(width, height);
        script.keys("<ctrl-f>");
        fail(&mut script, &company(), refused, &denied());
        script
    });
    look("jump_no_column", |width, height| typed(width, height, "<ctrl-f>zone:1b nope:1"));
    look("jump_gone", |width, height| {
        let mut script = typed(width, height, "<ctrl-f>77c0 app");
        script.keys("<down>");
        let mut world = company();
        world.tasks.retain(|task| !task.arn.as_str().contains("77c01d9e"));
        script.pass(Duration::from_secs(61));
        script.serve(&world);
        script.pass(Duration::from_millis(10));
        script
    });
}

#[test]
fn services_on_their_way() {
    look("loading", |width, height| {
        let mut script = Script::new(width, height, &settings());
        for _ in 0..2 {
            let (id, _, request) = script.waiting[0].clone();
            script.answer(id, company().answer(&request).unwrap());
        }
        script.keys("<right>");
        script.pass(Duration::from_secs(1));
        script
    });
}

#[test]
fn what_a_hidden_pane_waits_for() {
    look("ahead", |width, height| {
        let mut script = Script::new(width, height, &settings());
        script.keys("<right><right>pay");
        script
    });
}

#[test]
fn nothing_that_matches() {
    look("nothing", |width, height| typed(width, height, "<right>xyz"));
}

#[test]
fn everything_there() {
    look("loaded", loaded);
}

#[test]
fn a_query() {
    look("query", |width, height| typed(width, height, "<right>pay"));
}

#[test]
fn a_container() {
    look("container", |width, height| typed(width, height, "<right><right><right><down>"));
}

#[test]
fn rows_that_could_not_be_read_again() {
    look("stale", |width, height| {
        let mut script = loaded(width, height);
        script.keys("<right><right>");
        script.pass(Duration::from_secs(132));
        fail(&mut script, &company(), |request| matches!(request, Request::Tasks { .. }), &throttled());
        script
    });
}

#[test]
fn clusters_whose_reading_is_throttled() {
    look("throttled", |width, height| {
        let mut script = Script::new(width, height, &settings());
        let text = "cannot list clusters: ecs:ListClusters was throttled: Rate exceeded".to_owned();
        let notice = Notice { text, ..throttled() };
        fail(&mut script, &company(), |request| matches!(request, Request::Clusters), &notice);
        script
    });
}

#[test]
fn an_empty_account() {
    look("empty", |width, height| {
        let mut script = Script::new(width, height, &settings());
        script.settle(&World::default());
        script
    });
}

#[test]
fn an_account_nobody_may_look_at() {
    look("denied", |width, height| {
        let mut script = Script::new(width, height, &settings());
        fail(&mut script, &company(), |request| matches!(request, Request::Clusters), &denied());
        script
    });
}

#[test]
fn a_login_that_failed() {
    look("failed", |width, height| {
        let mut script = typed(width, height, "<right><enter>");
        let (id, ..) = script.waiting[0].clone();
        let text =
            "ecs:ExecuteCommand: TargetNotConnectedException: The execute command failed due to an internal error"
                .to_owned();
        script.answer(
            id,
            Err(Notice {
                text,
                hints: vec!["the agent of a task that just started may need a minute".to_owned()],
                passing: false,
            }),
        );
        script
    });
}

#[test]
fn a_session_being_opened() {
    look("opening", |width, height| {
        let mut script = typed(width, height, "<right><enter>");
        script.pass(Duration::from_secs(3));
        script
    });
}

#[test]
fn back_from_a_session() {
    look("back", |width, height| {
        let mut script = loaded(width, height);
        let at = script.now;
        script.event(Event::Detached { label: "app in 4f2ab81c".to_owned(), exit: Exit::Code(130), at });
        script
    });
}

#[test]
fn the_keys() {
    look("help", |width, height| typed(width, height, "<right><f1>"));
}

#[test]
fn the_action_menu() {
    look("menu", |width, height| typed(width, height, "<right><right><ctrl-x>"));
}

#[test]
fn a_command_being_typed() {
    look("prompt", |width, height| typed(width, height, "<right><right><right><ctrl-x>ecat /proc/1/environ"));
}

#[test]
fn a_command_that_is_searched_for_in_the_menu() {
    look("menu_search", |width, height| typed(width, height, "<right><right><ctrl-x>/log"));
}

#[test]
fn a_code_that_is_asked_for() {
    look("code", |width, height| {
        let mut script = loaded(width, height);
        let arn = |resource: &str| format!("arn:aws:iam::123456789012:{resource}");
        let (device, role) = (arn("mfa/ana"), arn("role/dev"));
        let wanted = CodeWanted { profile: "prod".to_owned(), device, role, refused: None };
        script.event(Event::Asked(QuestionId(1), wanted));
        script.keys("123");
        script
    });
}

#[test]
fn a_way_to_stop_being_picked() {
    look("which_way", |width, height| typed(width, height, "<right><ctrl-x>k"));
}

#[test]
fn a_column_to_sort_by_being_picked() {
    look("sort_pick", |width, height| typed(width, height, "<right><ctrl-x>O"));
}

#[test]
fn where_to_go_being_picked() {
    look("go", |width, height| {
        let mut world = company();
        let known = |name: &str| KnownProfile { name: name.to_owned(), region: Some("eu-west-1".to_owned()) };
        world.profiles = Some(["dev", "prod", "支払い"].map(known).into());
        let mut script = Script::new(width, height, &settings());
        script.settle(&world);
        script.keys("<ctrl-g>");
        script.settle(&world);
        script
    });
}

#[test]
fn a_revision_being_picked() {
    look("pick", |width, height| {
        let mut world = company();
        let revision =
            |number: u32| Revision { arn: arn(&format!("task-definition/payments-api:{number}")), active: number > 20 };
        world.revisions = Some((1..=41).rev().map(revision).collect());
        world.tasks[1].definition = arn("task-definition/payments-api:38");
        let mut script = Script::new(width, height, &settings());
        for keys in ["<right><ctrl-x>4<ctrl-o>", "<ctrl-x>d", "3"] {
            script.settle(&world);
            script.keys(keys);
        }
        script
    });
}

#[test]
fn a_plan_to_agree_to() {
    let failed = Check::new("image payments-api:3.42.0 exists", Verdict::Failed("there is no such tag".to_owned()));
    let passed = Check::new("log group /ecs/payments-api exists", Verdict::Passed);
    let unknown = Check::new("role ecs-task may be passed", Verdict::Unknown("iam:GetRole is denied".to_owned()));
    for (name, guard, checks) in [
        ("plan", Guard::Ask, vec![passed.clone(), unknown]),
        ("plan_failed_check", Guard::Ask, vec![failed, passed]),
        ("plan_typed", Guard::Type("payments-api".to_owned()), vec![]),
        ("plan_refused", Guard::Refused("a [[guard]] rule of the config refuses it".to_owned()), vec![]),
    ] {
        look(name, |width, height| {
            let mut script = typed(width, height, "<right><ctrl-x>r");
            let (id, ..) = script.waiting.pop().unwrap();
            script.answer(id, Ok(Response::Planned(plans::plan(guard.clone(), checks.clone()))));
            script
        });
    }
}

#[test]
fn what_a_rule_of_the_config_guards() {
    look("guarded", |width, height| {
        let rule = toml::from_str("cluster = \"pro*\"\ncolor = \"yellow\"").expect("it is a rule");
        let mut script = Script::new(width, height, &Settings { guards: vec![rule], ..settings() });
        script.settle(&company());
        script
    });
}

#[test]
fn the_task_definition_in_full() {
    look("detail", |width, height| typed(width, height, "<right><right><ctrl-x>4<ctrl-o>"));
}

#[test]
fn how_a_service_does_in_full() {
    look("watched", |width, height| typed(width, height, "<right><ctrl-x>0<ctrl-o>"));
}

#[test]
fn events_in_full_and_filtered() {
    look("events", |width, height| {
        let mut world = company();
        let event = |n: u32| ServiceEvent {
            id: n.to_string().into(),
            at: Some(at("2026-03-10T11:00:00Z")),
            message: format!("(service payments-api) has started {n} tasks: (task 4f2ab81c0d0e4f5a8b7c6d5e4f3a2b1c).")
                .into(),
        };
        world.services[0].detail.as_mut().unwrap().events = (0..100).map(event).collect();
        let mut script = Script::new(width, height, &settings());
        script.settle(&world);
        script.keys("<right><ctrl-o>'97");
        script
    });
}

/// The view that keys lead to in a world, below the panes and in full.
fn look_at_view(name: &str, world: &World, keys: &str) {
    let seen = |width, height, more: &str| {
        let mut script = Script::new(width, height, &settings());
        for keys in [keys, more] {
            script.settle(world);
            script.keys(keys);
        }
        script.settle(world);
        script
    };
    look(name, |width, height| seen(width, height, ""));
    look(&format!("{name}_full"), |width, height| seen(width, height, "<ctrl-o>"));
}

#[test]
fn the_views_of_what_is_behind_a_service_and_a_cluster() {
    look_at_view("targets", &balanced(), "<right><f3>");
    look_at_view("deployments", &company(), "<right><f4>");
    look_at_view("instances", &hosted(), "<ctrl-x>i");
    look_at_view("stopped", &ended(), "<right><ctrl-x>s");
}

#[test]
fn the_logs_of_a_service() {
    for (name, more) in [("logs", ""), ("logs_full", "<ctrl-o>"), ("logs_query", "<ctrl-o>'upstream")] {
        look(name, |width, height| {
            let mut script = typed(width, height, "<right><f6>");
            let logs = script.waiting.iter().find(|(.., request)| matches!(request, Request::Look(Look::Logs(_))));
            let id = logs.expect("they are asked for").0;
            for piece in [LogPiece::Rows(written()), LogPiece::Caught { whole: true }] {
                script.event(Event::Progress(id, script.now, piece));
            }
            script.keys(more);
            script
        });
    }
}

/// What six tasks have written: one in each of the colours that tell tasks apart.
fn written() -> Vec<LogRow> {
    let ids = ["4f2ab81c", "d4e5f6a7", "b0aa71f3", "77c01d9e", "3c6da5d7", "27ac435a"];
    let texts = ["listening on :8080", "GET /up 200 3ms", "GET /basket 503 upstream timed out"];
    let row = |number: usize| LogRow {
        at: at("2026-03-10T12:03:00Z").checked_add(Duration::from_millis(number as u64 * 310)).expect("it is near"),
        source: Arc::new(LogSource {
            group: "/ecs/payments".into(),
            stream: format!("ecs/app/{}", ids[number % ids.len()]).into(),
            task: arn(&format!("task/prod/{}0d0e4f5a8b7c6d5e4f3a2b1c", ids[number % ids.len()])),
            service: Some("payments-api".into()),
            container: "app".into(),
        }),
        text: texts[number % texts.len()].to_owned(),
    };
    (0..24).map(row).collect()
}

#[test]
fn views_that_are_loading_denied_and_old() {
    let stopped = |request: &Request| matches!(request, Request::Look(Look::Stopped(_)));
    look("view_loading", |width, height| {
        let mut script = loaded(width, height);
        script.keys("<right><ctrl-x>s");
        script.pass(Duration::from_secs(1));
        script
    });
    look("view_denied", |width, height| {
        let mut script = loaded(width, height);
        script.keys("<right><ctrl-x>s");
        script.pass(Duration::from_secs(1));
        fail(&mut script, &company(), stopped, &denied());
        script
    });
    look("view_stale", |width, height| {
        let mut script = Script::new(width, height, &settings());
        script.settle(&ended());
        script.keys("<right><ctrl-x>s");
        script.settle(&ended());
        script.pass(Duration::from_secs(25));
        fail(&mut script, &ended(), stopped, &throttled());
        script
    });
}

#[test]
fn a_column_that_a_view_does_not_have() {
    look("view_no_column", |width, height| {
        let mut script = Script::new(width, height, &settings());
        for keys in ["<right><ctrl-x>s", "<ctrl-o>reson:memory"] {
            script.settle(&ended());
            script.keys(keys);
        }
        script.settle(&ended());
        script
    });
}

/// Names and texts as nobody should choose them.
fn hostile() -> World {
    let evil = "x\u{1b}[31mred\u{1b}]52;c;eA==\u{7}\u{202e}gpj.exe\u{200b}\u{9b}2J";
    let wide = "支払い-e\u{301}-оплата-مدفوعات-لا-👍🏽";
    let long = "y".repeat(10_000);
    let prod = arn("cluster/prod");
    let mut world = company();
    world.clusters.insert(0, cluster(evil, 1, 2, 3));
    world.clusters.insert(0, cluster(wide, 1, 2, 3));
    world.clusters.insert(0, cluster(&long, u32::MAX, u32::MAX, u32::MAX));
    world.clusters[0].arn = arn("cluster/zz");
    for name in [evil, wide, &long] {
        world.services.push(service(&prod, name, 1, 1, "2026-03-08T09:00:00Z", "COMPLETED"));
    }
    world.services.last_mut().expect("one was added").detail.as_mut().expect("it is described").desired = u32::MAX;
    let detail = world.services[0].detail.as_mut().expect("it is described");
    detail.events[0].message = format!("{evil}\n{wide}\t{long}").into();
    world.tasks[0].health = evil.into();
    world.tasks[0].zone = Some(wide.into());
    world.tasks[0].launch = long.as_str().into();
    for (name, image) in [(evil, wide), (wide, long.as_str())] {
        world.tasks[0].containers.push(container(name, image, ExecAgent::Stopped(Some(evil.to_owned()))));
    }
    world
}

#[test]
fn hostile_names_in_the_jump_the_query_line_a_prompt_and_a_list() {
    let opened = |width, height, keys: &[&str]| {
        let mut script = Script::new(width, height, &settings());
        script.settle(&hostile());
        for keys in keys {
            script.keys(keys);
            script.settle(&hostile());
        }
        script
    };
    look("hostile_jump", |width, height| opened(width, height, &["<ctrl-f>payments", "<down>"]));
    look("hostile_query", |width, height| {
        let mut script = opened(width, height, &["prod<right>"]);
        script.event(Event::Paste("支払い-لا e\u{301}\u{200b}\u{202e}\u{1b}[2J ".repeat(9)));
        script
    });
    look("hostile_prompt", |width, height| {
        let mut script = opened(width, height, &["prod<right>payments-api<right><right>", "<ctrl-x>e"]);
        script.event(Event::Paste("echo 支払い لا 👍🏽".to_owned()));
        script
    });
    look("hostile_events", |width, height| opened(width, height, &["prod<f2>", "<ctrl-o>"]));
}

#[test]
fn hostile_names() {
    look("hostile", |width, height| {
        let mut script = Script::new(width, height, &settings());
        script.settle(&hostile());
        script.keys("prod<right>");
        script.settle(&hostile());
        script
    });
}

#[test]
fn true_colours_are_those_of_256_unless_the_file_has_others() {
    for is_light in [false, true] {
        let shown = |depth| {
            LOOKS.set(looks::looks((is_light, depth)));
            drawn(&typed(120, 40, "<right>pay"))
        };
        assert_eq!(shown(Depth::True), shown(Depth::Indexed));
        assert_ne!(shown(Depth::Sixteen), shown(Depth::Indexed));
    }
    LOOKS.take();
}

#[test]
fn the_file_chooses_colours_by_what_they_are_for() {
    let palette = Palette { label: "underline #ff0000".parse().ok(), ..Palette::default() };
    let looks = |depth| Looks { depth, palette: palette.clone(), ..Looks::default() };
    let label = |settings: Settings| {
        let buffer = drawn(&looked_at(&settings));
        let cell = buffer.content().iter().find(|cell| cell.modifier == Modifier::UNDERLINED).cloned();
        cell.expect("something is underlined").fg
    };
    for (depth, shown) in
        [(Depth::True, Color::Rgb(255, 0, 0)), (Depth::Indexed, Color::Indexed(196)), (Depth::Sixteen, Color::LightRed)]
    {
        assert_eq!(label(Settings { looks: looks(depth), ..Settings::default() }), shown);
    }
    assert_eq!(label(Settings { looks: looks(Depth::True), colour: false, ..Settings::default() }), Color::Reset);
}

/// A browser that looks at the facts of a cluster.
fn looked_at(settings: &Settings) -> Script {
    let mut script = Script::new(100, 24, settings);
    script.settle(&company());
    script
}

#[test]
fn plainly_drawn_there_is_ascii_alone_and_the_meaning_stays() {
    let plain = Settings { glyphs: Glyphs::Plain, ..Settings::default() };
    for (name, keys) in [("plain_120x40", "<right>pay"), ("plain_menu_120x40", "<right>pay<right><ctrl-x>")] {
        let mut script = Script::new(120, 40, &plain);
        script.settle(&company());
        script.keys(keys);
        script.settle(&company());
        let text = text(&drawn(&script));
        assert!(text.lines().all(|line| line.starts_with("  … ") || line.is_ascii()), "{text}");
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn every_mark_of_ours_has_one_of_ascii() {
    const VIEWS: &[&str] = &[
        "",
        "<ctrl-o>",
        "<f2>",
        "<f3><ctrl-o>",
        "<f4><ctrl-o>",
        "<f6>",
        "<ctrl-x>",
        "<f1>",
        "<ctrl-x>s<ctrl-o>",
        "<ctrl-x>4<ctrl-o>",
        "<ctrl-x>i<ctrl-o>",
        "<ctrl-f>app",
        "<ctrl-g>",
        "<ctrl-x>O",
        "<ctrl-x>k",
        "<ctrl-x>e",
        "<ctrl-space>",
        "nothing",
    ];
    for (glyphs, world) in [
        (Glyphs::Plain, company()),
        (Glyphs::Plain, balanced()),
        (Glyphs::Plain, hosted()),
        (Glyphs::Plain, ended()),
        (Glyphs::Ascii, company()),
        (Glyphs::Ascii, hostile()),
    ] {
        for keys in ["", "<right>", "<right><right>", "<right><right><right>"] {
            for view in VIEWS {
                let mut script = Script::new(120, 40, &Settings { glyphs, ..Settings::default() });
                for keys in [keys, view] {
                    script.settle(&world);
                    script.keys(keys);
                }
                script.settle(&world);
                let theirs = |letter: char| glyphs == Glyphs::Plain && letter.is_alphabetic();
                let buffer = drawn(&script);
                let symbols = buffer.content().iter().flat_map(|cell| cell.symbol().chars());
                let odd: Vec<char> = symbols.filter(|letter| !letter.is_ascii() && !theirs(*letter)).collect();
                assert!(odd.is_empty(), "{keys}{view}: {odd:?}");
            }
        }
    }
}

#[test]
fn without_colours_there_are_none() {
    let mut script = Script::new(120, 40, &Settings { colour: false, ..Settings::default() });
    script.settle(&company());
    for keys in ["<right>pay", "<f1>", "<esc><ctrl-x>", "<esc><ctrl-o>"] {
        script.keys(keys);
        let buffer = drawn(&script);
        assert!(buffer.content().iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset), "{keys}");
        assert!(buffer.content().iter().any(|cell| cell.modifier != Modifier::empty()), "{keys}");
    }
}

/// What must not be in a cell: it would do something to the terminal instead of being seen.
fn acts(symbol: &str) -> bool {
    let invisible = ['\u{200b}', '\u{202e}', '\u{2066}', '\u{feff}'];
    symbol.chars().any(|letter| letter.is_control() || invisible.contains(&letter))
}

#[test]
fn nothing_hostile_reaches_a_cell() {
    let mut script = Script::new(120, 40, &Settings::default());
    script.settle(&hostile());
    for keys in [
        "prod<right>",
        "<right>",
        "<right><down><down>",
        "<enter>",
        "<ctrl-o>",
        "<ctrl-x>",
        "/x\u{1b}",
        "<esc><esc><esc><esc><left><left><home><down>",
    ] {
        script.keys(keys);
        script.settle(&hostile());
        let buffer = drawn(&script);
        assert!(buffer.content().iter().all(|cell| !acts(cell.symbol())), "{keys}");
    }
}

/// Keys that lead to every view there is.
const WALKS: [&str; 9] = [
    "",
    "<right>pay",
    "<right><right><right>",
    "<f1>",
    "<ctrl-x>",
    "<ctrl-x>/e",
    "<right><ctrl-x>els",
    "<right><ctrl-o>",
    "<right><enter>",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_size_is_too_small(width in 0_u16..130, height in 0_u16..45, walk in 0..WALKS.len(), other in (0_u16..130, 0_u16..45)) {
        let mut script = Script::new(width, height, &settings());
        script.settle(&hostile());
        script.keys(WALKS[walk]);
        script.settle(&hostile());
        drawn_on(&script.state, width, height);
        // A frame can be drawn before the state has heard of the new size.
        drawn_on(&script.state, other.0, other.1);
    }
}

#[test]
fn the_smallest_screens_stand() {
    for (width, height) in [(0, 0), (1, 1), (0, 24), (80, 0), (1, 24), (80, 1), (2, 2), (20, 5)] {
        for keys in WALKS {
            drawn(&typed(width, height, keys));
        }
    }
}

#[test]
fn what_is_done_stands_where_the_spinner_is() {
    for (width, height) in SIZES {
        let mut script = typed(width, height, "<right><ctrl-x>r");
        let (id, ..) = script.waiting.pop().expect("a plan is asked for");
        script.answer(id, Ok(Response::Planned(plans::plan(Guard::Ask, vec![]))));
        script.keys("y");
        let (id, ..) = script.waiting.pop().expect("it is being made");
        assert!(text(&drawn(&script)).contains("Redeploy payments-api in prod"), "{width}");
        let step = "1 of 3: stop task 97b8db18, and wait until another runs";
        script.event(Event::Changing(id, script.now, ChangeNews::Doing(step.to_owned())));
        let shown = text(&drawn(&script));
        assert!(shown.contains("1 of 3: stop task 97b8db18, and wait"), "{width}: {shown}");
    }
}

#[test]
fn marked_rows() {
    look("marked", |width, height| typed(width, height, "<right><ctrl-space><ctrl-space>"));
}
