//! The finding itself in the browser: no terminal, no AWS, no clock.

#[path = "common/browser.rs"]
mod browser;

use browser::{Script, World, arn, cluster, company, service};
use ecsui::{
    config::Settings,
    ops::opened::Opened,
    session::Size,
    tui::app::{Effect, Event, Level, Notice, Request, Response, SessionId, Sort, State},
};
use jiff::tz::TimeZone;

const SIZE: Size = Size { columns: 160, rows: 40 };

/// A browser in which everything that is on screen has been read.
fn browsing(world: &World) -> Script {
    let mut script = Script::new(160, 40, &Settings::default());
    script.settle(world);
    script.effects.clear();
    script
}

/// The names of the rows that match, in their order.
fn names(script: &Script, level: Level) -> Vec<String> {
    let pane = script.state.pane(level);
    (0..pane.hits()).filter_map(|place| pane.hit(place)).map(|row| row.name().to_owned()).collect()
}

// Columns.

#[test]
fn words_look_in_the_columns_of_every_pane() {
    let world = company();
    let mut script = browsing(&world);
    script.keys("name:^stag");
    assert_eq!(names(&script, Level::Cluster), ["staging"]);
    script.keys("<ctrl-u>status:active services:4");
    assert_eq!(names(&script, Level::Cluster), ["prod"]);
    script.keys("<ctrl-u><tab>rollout:rolling");
    script.settle(&world);
    assert_eq!(names(&script, Level::Service), ["payments-web"]);
    script.keys("<ctrl-u>payments rev:41 exec:yes !rollout:rolling 'api");
    script.settle(&world);
    assert_eq!(names(&script, Level::Service), ["payments-api"]);
    script.keys("<tab>az:1b status:run ip:10.0.12");
    script.settle(&world);
    let all = names(&script, Level::Task).len();
    assert!(all > 0);
    script.keys(" az:!1b");
    assert_eq!(names(&script, Level::Task).len(), 0);
    script.keys("<ctrl-u><tab>exec:no image:envoy");
    assert_eq!(names(&script, Level::Container), ["envoy"]);
}

#[test]
fn a_column_that_is_not_there_is_said_and_comes_right_when_it_is() {
    let world = company();
    let mut script = browsing(&world);
    script.keys("<tab>stat:active");
    let pane = script.state.pane(Level::Service);
    assert_eq!(pane.hits(), 0);
    assert!(pane.trouble().is_some_and(|text| text.starts_with("there is no column stat: there are name, status,")));
    script.keys("<ctrl-u>status:active");
    assert_eq!(script.state.pane(Level::Service).trouble(), None);
    assert_eq!(names(&script, Level::Service).len(), 3);
}

#[test]
fn services_out_of_sight_are_described_when_words_look_in_their_columns() {
    let prod = arn("cluster/prod");
    let mut services: Vec<_> =
        (0..35).map(|n| service(&prod, &format!("svc-{n:02}"), 1, 1, "2026-03-08T09:00:00Z", "COMPLETED")).collect();
    services.push(service(&prod, "svc-99", 0, 1, "2026-03-08T09:00:00Z", "FAILED"));
    let world = World { clusters: vec![cluster("prod", 36, 0, 0)], services, ..World::default() };
    let mut script = Script::new(160, 24, &Settings::default());
    script.settle(&world);
    let described = |script: &Script| -> usize {
        let asked = script.waiting.iter().map(|(.., request)| match request {
            Request::ServiceDetails { services, .. } => services.len(),
            _ => 0,
        });
        asked.sum()
    };
    script.keys("<tab>svc name:svc");
    script.event(Event::Due(script.now));
    assert_eq!(described(&script), 0, "their names are known");
    script.keys("<ctrl-u>rollout:failed");
    assert_eq!(names(&script, Level::Service).len(), 0);
    script.settle(&world);
    assert_eq!(names(&script, Level::Service), ["svc-99"]);
    assert_eq!(script.state.pane(Level::Service).selected().map(ecsui::tui::app::Row::name), Some("svc-99"));
}

// The jump.

/// The paths of what matches in the jump, in their order.
fn paths(script: &Script) -> Vec<String> {
    let (hits, _) = script.state.leaf_count();
    (0..hits).filter_map(|place| script.state.leaf(place)).map(|leaf| leaf.path().to_owned()).collect()
}

/// The path of what is selected in the jump.
fn chosen(script: &Script) -> Option<String> {
    let place = script.state.jump()?.cursor()?;
    script.state.leaf(place).map(|leaf| leaf.path().to_owned())
}

fn said(script: &Script) -> String {
    script.state.message().map(|message| message.lines.join(" / ")).unwrap_or_default()
}

fn asked(script: &Script) -> Vec<Request> {
    script.waiting.iter().map(|(_, _, request)| request.clone()).collect()
}

fn leaves_of(cluster: &str) -> Request {
    Request::Leaves { cluster: arn(&format!("cluster/{cluster}")) }
}

/// Answers what is asked for one cluster's leaves.
fn serve_leaves(script: &mut Script, world: &World, cluster: &str) {
    let wanted = leaves_of(cluster);
    let id = script.waiting.iter().find(|(_, _, request)| *request == wanted).map(|(id, ..)| *id);
    script.answer(id.expect("it was asked for"), world.answer(&wanted).expect("it reads"));
}

/// The jump over everything, read.
fn jumping(world: &World) -> Script {
    let mut script = browsing(world);
    script.keys("<ctrl-f>");
    script.serve(world);
    script
}

/// A cluster of so many tasks of two containers.
fn big(tasks: u32) -> World {
    let prod = arn("cluster/prod");
    let task = |number: u32| {
        let service = format!("svc-{:03}", number % 400);
        browser::task(&prod, &format!("{number:08x}0d0e4f5a8b7c6d5e4f3a2b1c"), Some(&service), "2026-03-08T12:00:00Z")
    };
    World { clusters: vec![cluster("prod", 400, tasks, 0)], tasks: (0..tasks).map(task).collect(), ..World::default() }
}

#[test]
fn the_jump_reads_every_cluster_once_and_shows_what_has_come() {
    let world = company();
    let mut script = browsing(&world);
    script.keys("<ctrl-f>");
    assert_eq!(asked(&script), [leaves_of("prod"), leaves_of("staging")]);
    assert_eq!((script.state.leaf_count(), script.state.reach().read), ((0, 0), 0));
    serve_leaves(&mut script, &world, "staging");
    assert_eq!(paths(&script), ["staging/payments-api"], "a service without tasks is one of them");
    serve_leaves(&mut script, &world, "prod");
    assert_eq!(script.state.reach().read, 2);
    script.keys("'payments- 'app");
    assert_eq!(
        paths(&script),
        ["prod/payments-api/4f2ab81c/app", "prod/payments-api/77c01d9e/app", "prod/payments-web/b0aa71f3/app"]
    );
    assert!(asked(&script).is_empty(), "typing asks for nothing");
}

#[test]
fn enter_logs_in_to_the_very_container_and_the_jump_stays() {
    let world = company();
    let mut script = jumping(&world);
    script.keys("web app<enter>");
    let task = arn("task/prod/b0aa71f30d0e4f5a8b7c6d5e4f3a2b1c");
    match &asked(&script)[..] {
        [Request::OpenExec { target, .. }] => {
            assert_eq!((&target.task, target.container.as_str()), (&task, "app"));
            assert_eq!(target.runtime_id.as_deref(), Some("app-1234567890"));
        }
        other => panic!("{other:?}"),
    }
    script.keys("<esc>");
    assert!(said(&script).starts_with("stopped opening"), "{}", said(&script));
    assert!(script.state.jump().is_some());
    script.keys("<ctrl-u>web envoy<enter>");
    assert!(said(&script).starts_with("container envoy has no exec agent"), "{}", said(&script));
    script.keys("<ctrl-u>staging<enter>");
    assert!(said(&script).starts_with("payments-api has no running task"), "{}", said(&script));
    assert!(asked(&script).is_empty());
}

#[test]
fn tab_shows_it_in_the_panes_also_where_these_have_not_been_read() {
    let world = company();
    let mut script = jumping(&world);
    script.keys("staging<tab>");
    script.settle(&world);
    assert!(script.state.jump().is_none());
    let selected = |script: &Script, level| script.state.pane(level).selected().map(|row| row.name().to_owned());
    assert_eq!(selected(&script, Level::Cluster).as_deref(), Some("staging"));
    assert_eq!(selected(&script, Level::Service).as_deref(), Some("payments-api"));
    assert_eq!(script.state.focus(), Level::Service);

    script.keys("<ctrl-f>web envoy<tab>");
    script.settle(&world);
    let all = Level::ALL.map(|level| selected(&script, level).unwrap_or_default());
    assert_eq!(all, ["prod", "payments-web", "b0aa71f3", "envoy"]);
    assert_eq!(script.state.focus(), Level::Container);

    script.keys("<ctrl-f>c1d2 app<tab>");
    script.settle(&world);
    let all = Level::ALL.map(|level| selected(&script, level).unwrap_or_default());
    assert_eq!(all, ["prod", "(no service)", "c1d2e3f4", "app"]);
}

#[test]
fn everything_is_read_again_while_it_is_open_and_the_cursor_stays_on_its_row() {
    let mut world = company();
    let mut script = jumping(&world);
    script.keys("pay app<down>");
    let on = chosen(&script).expect("there is one");
    let prod = arn("cluster/prod");
    world.tasks.insert(
        0,
        browser::task(&prod, "aaaa71f30d0e4f5a8b7c6d5e4f3a2b1c", Some("payments-api"), "2026-03-10T12:03:30Z"),
    );
    script.pass(std::time::Duration::from_secs(61));
    script.serve(&world);
    script.pass(std::time::Duration::from_millis(10));
    assert!(paths(&script).contains(&"prod/payments-api/aaaa71f3/app".to_owned()));
    assert_eq!(chosen(&script), Some(on));
    script.keys("<esc><esc>");
    assert!(script.state.jump().is_none());
    script.pass(std::time::Duration::from_mins(2));
    assert!(!asked(&script).contains(&leaves_of("prod")), "nobody looks");
}

#[test]
fn what_is_gone_is_said_and_nothing_takes_its_place() {
    let mut world = company();
    let mut script = jumping(&world);
    script.keys("pay app<down>");
    assert_eq!(chosen(&script).as_deref(), Some("prod/payments-api/77c01d9e/app"));
    world.tasks.retain(|task| !task.arn.as_str().contains("77c01d9e"));
    script.pass(std::time::Duration::from_secs(61));
    script.serve(&world);
    script.pass(std::time::Duration::from_millis(10));
    assert_eq!(chosen(&script), None);
    script.keys("<enter>");
    assert_eq!(said(&script), "app in 77c01d9e is gone: choose another");
    script.keys("<tab>");
    assert!(script.state.jump().is_some() && said(&script).ends_with("choose another"));
    assert!(!asked(&script).iter().any(|request| matches!(request, Request::OpenExec { .. })));
    script.keys("<up>");
    assert_eq!(chosen(&script).as_deref(), Some("prod/payments-api/4f2ab81c/app"));
}

/// Three clusters with an `api` each; the words `x app` fit that of `x` best, which is named so that it is read in any
/// place.
fn three_clusters() -> World {
    let names = ["aaa-box", "x", "zzz-box"];
    let task = |(number, name): (u32, &str)| {
        let id = format!("{number:08x}0d0e4f5a8b7c6d5e4f3a2b1c");
        browser::task(&arn(&format!("cluster/{name}")), &id, Some("api"), "2026-03-08T12:00:00Z")
    };
    World {
        clusters: names.iter().map(|name| cluster(name, 1, 1, 0)).collect(),
        tasks: (0..).zip(names).map(task).collect(),
        ..World::default()
    }
}

/// The jump over these, with nothing read and these words typed, as somebody sees it.
fn early(world: &World, words: &str) -> Script {
    let mut script = browsing(world);
    script.keys("<ctrl-f>");
    script.keys(words);
    script.shown();
    script
}

/// Reads a cluster, and shows what has come.
fn come(script: &mut Script, world: &World, name: &str) {
    serve_leaves(script, world, name);
    script.pass(std::time::Duration::from_millis(10));
    script.shown();
}

fn opens(script: &Script) -> Vec<String> {
    let opens = asked(script).into_iter().filter_map(|request| match request {
        Request::OpenExec { target, .. } => Some(format!("{}/{}", target.cluster.name(), target.container)),
        _ => None,
    });
    opens.collect()
}

const BEST: &str = "x/api/00000001/app";

#[test]
fn the_cursor_stays_on_what_matches_best_until_somebody_moves_it_in_whatever_order_rows_come() {
    let world = three_clusters();
    for order in [["aaa-box", "x", "zzz-box"], ["zzz-box", "x", "aaa-box"], ["aaa-box", "zzz-box", "x"]] {
        let mut script = early(&world, "^x app$");
        script.keys("<ctrl-u>x app");
        for name in order {
            come(&mut script, &world, name);
            assert_eq!(script.state.jump().and_then(ecsui::tui::app::Jump::cursor), Some(0), "{order:?}: {name}");
        }
        assert_eq!(chosen(&script).as_deref(), Some(BEST), "{order:?}");
        script.pass(std::time::Duration::from_secs(61));
        script.serve(&world);
        script.pass(std::time::Duration::from_millis(10));
        assert_eq!(chosen(&script).as_deref(), Some(BEST), "{order:?}: after all was read again");
    }
}

#[test]
fn equals_stand_in_the_order_of_their_clusters_however_these_were_read() {
    let world = three_clusters();
    for order in [["aaa-box", "x", "zzz-box"], ["zzz-box", "x", "aaa-box"], ["x", "aaa-box", "zzz-box"]] {
        let mut script = early(&world, "app$");
        for name in order {
            come(&mut script, &world, name);
        }
        assert_eq!(paths(&script), ["aaa-box/api/00000000/app", BEST, "zzz-box/api/00000002/app"], "{order:?}");
    }
}

#[test]
fn what_somebody_has_gone_to_stays_under_the_cursor_while_better_rows_come() {
    let world = three_clusters();
    let mut script = early(&world, "x app");
    come(&mut script, &world, "zzz-box");
    script.keys("<down>");
    let on = chosen(&script).expect("there is a row");
    assert!(on.starts_with("zzz-box/"), "{on}");
    come(&mut script, &world, "x");
    come(&mut script, &world, "aaa-box");
    assert_eq!((paths(&script)[0].as_str(), chosen(&script)), (BEST, Some(on)));
    script.keys("<enter>");
    assert_eq!(opens(&script), ["zzz-box/app"]);
}

#[test]
fn enter_takes_what_was_shown_under_the_cursor_and_not_what_came_since() {
    let world = three_clusters();
    let mut script = early(&world, "x app");
    come(&mut script, &world, "zzz-box");
    serve_leaves(&mut script, &world, "x");
    script.pass(std::time::Duration::from_millis(10));
    assert_eq!(chosen(&script).as_deref(), Some(BEST), "it has come, and nobody has seen it");
    let mut seen = script.clone();
    script.keys("<enter>");
    assert_eq!(opens(&script), ["zzz-box/app"]);
    assert!(chosen(&script).is_some_and(|path| path.starts_with("zzz-box/")), "and there the cursor is");
    seen.shown();
    seen.keys("<enter>");
    assert_eq!(opens(&seen), ["x/app"]);
}

#[test]
fn a_step_leads_from_what_was_shown_under_the_cursor() {
    let world = three_clusters();
    let mut script = early(&world, "x api");
    come(&mut script, &world, "zzz-box");
    serve_leaves(&mut script, &world, "x");
    script.keys("<down>");
    assert_eq!(chosen(&script).as_deref(), Some("zzz-box/api/00000002/envoy"));
}

#[test]
fn a_menu_in_the_jump_is_about_the_row_that_was_shown_when_it_was_opened() {
    let world = three_clusters();
    let mut script = early(&world, "x app");
    come(&mut script, &world, "zzz-box");
    script.keys("<ctrl-x>");
    script.shown();
    come(&mut script, &world, "x");
    script.keys("ya");
    assert!(said(&script).contains("task/zzz-box/"), "{}", said(&script));
}

#[test]
fn enter_does_nothing_where_nothing_was_shown_and_says_what_has_gone_since() {
    let mut world = three_clusters();
    let mut script = early(&world, "x app");
    serve_leaves(&mut script, &world, "zzz-box");
    script.keys("<enter>");
    assert_eq!(opens(&script), ["x/app"; 0]);
    script.serve(&world);
    script.pass(std::time::Duration::from_millis(10));
    script.shown();
    world.tasks.retain(|task| task.cluster.name() != "x");
    script.pass(std::time::Duration::from_secs(61));
    script.serve(&world);
    script.pass(std::time::Duration::from_millis(10));
    script.keys("<enter>");
    assert_eq!((opens(&script).len(), said(&script).as_str()), (0, "app in 00000001 is gone: choose another"));
}

#[test]
fn enter_takes_no_other_row_for_one_that_matches_no_more() {
    let mut world = three_clusters();
    let mut script = early(&world, "x app health:unknown");
    script.serve(&world);
    script.pass(std::time::Duration::from_millis(10));
    script.shown();
    assert_eq!(chosen(&script).as_deref(), Some(BEST));
    for container in &mut world.tasks[1].containers {
        container.health = "UNHEALTHY".into();
    }
    script.pass(std::time::Duration::from_secs(61));
    script.serve(&world);
    script.pass(std::time::Duration::from_millis(10));
    assert_ne!(chosen(&script).as_deref(), Some(BEST));
    script.keys("<enter>");
    let lost = "app in 00000001 does not match any more: choose another";
    assert_eq!((opens(&script).len(), said(&script).as_str()), (0, lost));
}

#[test]
fn what_words_find_in_a_path_comes_before_what_they_find_in_an_image() {
    let mut world = company();
    for task in &mut world.tasks {
        task.containers[1].image = "public.ecr.aws/appmesh/aws-appmesh-envoy:v1".into();
    }
    let mut script = jumping(&world);
    script.keys("pay app");
    let found = paths(&script);
    assert!(found[..4].iter().all(|path| path.ends_with("/app")), "{found:?}");
    assert_eq!(found.iter().filter(|path| path.ends_with("/envoy")).count(), 4, "{found:?}");
    script.keys("<ctrl-u>'payments-web app<enter>");
    assert_eq!(opens(&script), ["prod/app"]);
    script.keys("<esc><ctrl-u>'payments-web appmesh");
    assert_eq!(paths(&script), ["prod/payments-web/b0aa71f3/envoy"], "an image is found nonetheless");
}

#[test]
fn path_image_and_address_each_have_a_beginning_and_an_end() {
    let world = company();
    let mut script = jumping(&world);
    script.keys("'payments- app$");
    assert_eq!(paths(&script).len(), 3, "{:?}", paths(&script));
    assert!(paths(&script).iter().all(|path| path.ends_with("/app")), "{:?}", paths(&script));
    let image = |script: &Script| script.state.leaf(0).map(|leaf| leaf.image().to_owned()).expect("there is one");
    let end: String = image(&script).chars().rev().take(3).collect::<Vec<_>>().into_iter().rev().collect();
    script.keys(&format!("<ctrl-u>payments {end}$"));
    assert!(image(&script).ends_with(&end) && script.state.leaf_count().0 > 0);
    script.keys("<ctrl-u>payments ^10.0.");
    assert!(script.state.leaf(0).is_some_and(|leaf| leaf.ip().starts_with("10.0.")));
}

#[test]
fn a_cluster_that_cannot_be_read_is_named_and_hides_no_other() {
    let world = company();
    let mut script = browsing(&world);
    script.keys("<ctrl-f>");
    let denied = Notice { text: "ecs:ListTasks denied".to_owned(), hints: Vec::new(), passing: false };
    let prod = script.waiting.iter().find(|(_, _, request)| *request == leaves_of("prod")).map(|(id, ..)| *id);
    script.answer(prod.expect("it was asked for"), Err(denied.clone()));
    script.serve(&world);
    assert_eq!(paths(&script), ["staging/payments-api"]);
    assert_eq!(script.state.reach_troubles(), [&denied]);
}

#[test]
fn a_key_looks_at_a_piece_and_enter_at_all() {
    let world = big(15_000);
    let mut script = jumping(&world);
    script.pass(std::time::Duration::from_millis(10));
    assert_eq!(script.state.leaf_count(), (30_000, 30_000));
    script.event(Event::Paste("sv 39 ap".to_owned()));
    assert!(script.state.is_jump_searching(), "not all of them within the key");
    assert_eq!(script.state.next_deadline(), Some(script.now), "the rest goes on at once");
    script.keys("<enter>");
    assert!(!script.state.is_jump_searching());
    let first = chosen(&script).expect("there is one");
    assert!(matches!(&asked(&script)[..], [Request::OpenExec { .. }]), "{:?}", asked(&script));
    let mut slowly = jumping(&world);
    slowly.keys("sv 39 ap");
    slowly.pass(std::time::Duration::from_secs(1));
    assert_eq!(chosen(&slowly), Some(first));
}

#[test]
fn the_help_of_the_jump_says_what_enter_does_there() {
    let mut script = jumping(&company());
    let entry = |script: &Script, key: &str| {
        let line = script.state.help_lines(100).into_iter().find(|line| line.keys == key);
        line.map(|line| line.text)
    };
    script.keys("<f1>");
    assert_eq!(entry(&script, "enter").as_deref(), Some("log in: a shell in the selected container"));
    script.keys("<esc><esc><ctrl-g><f1>");
    assert_eq!(entry(&script, "enter").as_deref(), Some("take what is selected or typed"));
}

#[test]
fn a_browser_can_begin_with_the_jump() {
    let world = company();
    let mut script = Script::new(160, 40, &Settings::default());
    script.state = State::new(&Settings::default(), SIZE, script.now, TimeZone::UTC).jumping("web envoy");
    script.waiting.clear();
    script.event(Event::Due(script.now));
    script.settle(&world);
    assert_eq!(chosen(&script).as_deref(), Some("prod/payments-web/b0aa71f3/envoy"));
    script.keys("<ctrl-y>");
    assert_eq!(
        script.effects,
        [Effect::Copy("arn:aws:ecs:eu-west-1:123456789012:task/prod/b0aa71f30d0e4f5a8b7c6d5e4f3a2b1c".to_owned())]
    );
}

// Rows that are gone.

#[test]
fn a_row_that_vanished_stays_under_the_cursor_and_nothing_is_done_to_it() {
    let mut world = company();
    let mut script = browsing(&world);
    script.keys("<right><down>");
    world.services.retain(|service| &*service.name != "payments-web");
    script.keys("<ctrl-r>");
    script.serve(&world);
    assert_eq!(said(&script), "payments-web is gone");
    let on = |script: &Script| {
        let row = script.state.pane(Level::Service).selected().expect("a row is selected");
        (row.name().to_owned(), row.gone)
    };
    assert_eq!(on(&script), ("payments-web".to_owned(), true));
    assert!(script.state.detail().lines[0].text.contains("payments-web is gone"));
    let pane = script.state.pane(Level::Service);
    assert_eq!((pane.hits(), pane.counts()), (4, (3, 3)), "it is shown, and not counted");
    for keys in ["<enter>", "<ctrl-x>r", "<ctrl-x>e", "<ctrl-x>k", "<right><enter>", "<right><enter>"] {
        script.keys(keys);
        assert_eq!(said(&script), "payments-web is gone; move to another row first", "{keys}");
        assert!(script.state.overlay().is_none(), "{keys}");
    }
    script.keys("<left><left><ctrl-r>");
    script.settle(&world);
    assert_eq!(on(&script), ("payments-web".to_owned(), true), "also after another refresh");
    script.keys("<down>");
    assert_eq!(on(&script), ("search".to_owned(), false));
    script.keys("<up>");
    assert_eq!(on(&script), ("payments-api".to_owned(), false), "once left it is not there any more");
    assert_eq!(names(&script, Level::Service), ["(no service)", "payments-api", "search"]);
}

#[test]
fn what_comes_back_is_no_longer_gone_and_typing_leaves_it() {
    let mut world = company();
    let mut script = browsing(&world);
    script.keys("<right><down>");
    let all = world.services.clone();
    world.services.retain(|service| &*service.name != "payments-web");
    script.keys("<ctrl-r>");
    script.serve(&world);
    world.services = all;
    script.keys("<ctrl-r>");
    script.serve(&world);
    assert_eq!(script.state.gone(), None);
    assert_eq!(names(&script, Level::Service).len(), 4);
    world.services.retain(|service| &*service.name != "payments-web");
    script.keys("<ctrl-r>");
    script.serve(&world);
    assert_eq!(script.state.gone(), Some("payments-web"));
    script.keys("sea");
    assert_eq!(script.state.gone(), None);
    assert_eq!(names(&script, Level::Service), ["search"]);
}

// Sorting.

#[test]
fn a_pane_is_sorted_by_any_column_and_stays_so() {
    let mut world = company();
    let mut script = browsing(&world);
    script.keys("<right><ctrl-x>Oname<esc>run<enter>");
    script.settle(&world);
    assert_eq!(names(&script, Level::Service), ["(no service)", "payments-api", "payments-web", "search"]);
    script.keys("<ctrl-x>Orun<enter>");
    assert_eq!(names(&script, Level::Service), ["(no service)", "search", "payments-web", "payments-api"]);
    let sort = script.state.pane(Level::Service).sort();
    assert!(matches!(sort, Some(Sort { column: 2, down: false })), "{sort:?}");
    let on = |script: &Script| script.state.pane(Level::Service).selected().map(|row| row.name().to_owned());
    assert_eq!(on(&script).as_deref(), Some("payments-api"), "the cursor stays on its row");
    let prod = arn("cluster/prod");
    world.services.push(service(&prod, "aaa", 9, 9, "2026-03-08T09:00:00Z", "COMPLETED"));
    script.keys("<ctrl-r>");
    script.settle(&world);
    assert_eq!(names(&script, Level::Service), ["(no service)", "search", "payments-web", "payments-api", "aaa"]);
    script.keys("pa");
    assert_eq!(names(&script, Level::Service), ["payments-web", "payments-api"], "it is what was asked for");
    script.keys("<ctrl-u><ctrl-x>Oas they come<enter>api");
    assert_eq!(script.state.pane(Level::Service).sort(), None);
    script.settle(&world);
    script.keys("<right><ctrl-x>Osince<enter>");
    assert_eq!(names(&script, Level::Task)[0], "4f2ab81c");
    script.keys("<ctrl-x>Osince<enter>");
    assert_eq!(names(&script, Level::Task)[0], "77c01d9e");
}

// What was opened.

#[test]
fn what_was_logged_in_to_stands_first_among_equals() {
    let opened = |place: &str, container: Option<&str>| Opened {
        cluster: "prod".to_owned(),
        place: place.to_owned(),
        container: container.map(str::to_owned),
    };
    let mut world = company();
    world.opened = vec![(opened("payments-web", Some("app")), 700), (opened("family:migrate", None), 900)];
    let mut script = jumping(&world);
    assert_eq!(
        paths(&script)[..3],
        ["prod/family:migrate/c1d2e3f4/app", "prod/family:migrate/c1d2e3f4/envoy", "prod/payments-web/b0aa71f3/app"]
    );
    script.keys("'payments- 'app");
    assert_eq!(paths(&script)[0], "prod/payments-web/b0aa71f3/app");
}

#[test]
fn a_login_is_noted_by_names_and_counts_at_once() {
    let world = company();
    let mut script = jumping(&world);
    script.keys("77c0 'app<enter>");
    let (id, ..) = script.waiting[0].clone();
    script.answer(id, Ok(Response::Opened(SessionId(1))));
    let noted =
        Opened { cluster: "prod".to_owned(), place: "payments-api".to_owned(), container: Some("app".to_owned()) };
    let wanted = Request::Note { cluster: arn("cluster/prod"), opened: noted, at: script.now };
    assert!(asked(&script).contains(&wanted), "{:?}", asked(&script));
    script.keys("<ctrl-u>");
    script.pass(std::time::Duration::from_millis(10));
    assert_eq!(paths(&script)[0], "prod/payments-api/4f2ab81c/app", "the newest task of that service");
    script.keys("<esc><right><enter>");
    let (id, ..) = script.waiting.last().cloned().expect("it is asked for");
    script.answer(id, Ok(Response::Opened(SessionId(2))));
    let notes = asked(&script).into_iter().filter_map(|request| match request {
        Request::Note { opened, .. } => Some((opened.place, opened.container)),
        _ => None,
    });
    assert_eq!(notes.last(), Some(("payments-api".to_owned(), None)), "ecsui chose the container");
}

#[test]
fn a_login_that_cannot_be_noted_is_said() {
    let world = company();
    let mut script = jumping(&world);
    script.keys("77c0 'app<enter>");
    let (id, ..) = script.waiting[0].clone();
    script.answer(id, Ok(Response::Opened(SessionId(1))));
    let note = script.waiting.iter().find(|(_, _, request)| matches!(request, Request::Note { .. }));
    let id = note.map(|(id, ..)| *id).expect("it is noted");
    let wrong = Notice { text: "the disk is full".to_owned(), hints: Vec::new(), passing: false };
    script.answer(id, Ok(Response::Noted(Some(wrong))));
    assert_eq!(said(&script), "the disk is full");
}
