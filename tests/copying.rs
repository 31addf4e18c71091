//! Copying, the pages of AWS's console, JSON and the editor: what keys ask for, without a terminal and without AWS.

#[path = "common/browser.rs"]
mod browser;

use browser::{Script, World, arn, company};
use ecsui::{
    config::{Hyperlinks, Settings},
    model::{Arn, Cluster, Page, Thing},
    ops::{Identity, Urgency},
    session::{Exit, Size},
    tui::{
        app::{
            Afterwards, Deed, Effect, Event, Look, Message, Notice, Overlay, Request, RequestId, Response, SessionId,
        },
        view::draw_linked,
    },
};
use ratatui::{Terminal, backend::TestBackend};

const TASK: &str = "4f2ab81c0d0e4f5a8b7c6d5e4f3a2b1c";
const AT: &str = "--region eu-west-1 --profile dev";

/// A browser that has typed this.
fn with(settings: &Settings, world: &World, keys: &str) -> Script {
    let mut script = Script::new(120, 40, settings);
    script.settle(world);
    script.keys(keys);
    script.settle(world);
    script.effects.clear();
    script
}

fn typed(keys: &str) -> Script {
    with(&Settings::default(), &company(), keys)
}

fn said(script: &Script) -> String {
    script.state.message().map(|message: &Message| message.lines.join(" / ")).unwrap_or_default()
}

/// What the last letter of these keys copies.
fn copied(keys: &str) -> String {
    let mut script = typed(&keys[..keys.len() - 1]);
    script.keys(&keys[keys.len() - 1..]);
    match script.effects.pop() {
        Some(Effect::Copy(text)) => text,
        other => panic!("{other:?} after {keys}: {}", said(&script)),
    }
}

fn letters(script: &Script) -> String {
    script.state.menu_rows().iter().map(|row| row.letter).collect()
}

/// The lines of the details.
fn lines(script: &Script) -> Vec<&str> {
    script.state.detail().lines.iter().map(|line| &*line.text).collect()
}

fn cluster() -> Arn {
    arn("cluster/prod")
}

fn task() -> Arn {
    arn(&format!("task/prod/{TASK}"))
}

fn service() -> Thing {
    Thing::Service { cluster: cluster(), service: arn("service/prod/payments-api") }
}

// Copying.

#[test]
fn the_menu_offers_what_there_is_of_the_selection() {
    for (keys, expected) in [
        ("", "nalw"),
        ("<right><home>", "nalw"),
        ("<right>payments-api", "natlw"),
        ("<right>payments-api<right>", "iaptlw"),
        ("<right>payments-api<right><right>", "niapmtlw"),
        ("<ctrl-f>payments-api 'app", "niapmtlw"),
        ("<ctrl-f>search", "nalw"),
    ] {
        let mut script = typed(keys);
        script.keys("<ctrl-x>y");
        assert_eq!(letters(&script), expected, "{keys}");
    }
}

#[test]
fn each_letter_copies_its_own() {
    let of_service = |letter: &str| copied(&format!("<right>payments-api<ctrl-x>y{letter}"));
    assert_eq!(of_service("n"), "payments-api");
    assert_eq!(of_service("a"), arn("service/prod/payments-api").as_str());
    assert_eq!(of_service("t"), arn("task-definition/payments-api:41").as_str());
    assert_eq!(of_service("l"), Page::of(&service()).unwrap().as_str());
    assert_eq!(
        of_service("w"),
        format!("aws ecs describe-services --cluster {} --services payments-api {AT}", cluster())
    );
    let of_container = |letter: &str| copied(&format!("<right>payments-api<right><right><ctrl-x>y{letter}"));
    assert_eq!(of_container("n"), "app");
    assert_eq!(of_container("i"), TASK);
    assert_eq!(of_container("a"), task().as_str());
    assert_eq!(of_container("p"), "10.0.12.34");
    assert!(of_container("m").starts_with("registry.example.com/payments"), "{}", of_container("m"));
    assert_eq!(
        of_container("w"),
        format!(
            "aws ecs execute-command --cluster {} --task {TASK} --container app --interactive --command sh {AT}",
            cluster()
        )
    );
    let of_task = copied("<right>payments-api<right><ctrl-x>yw");
    assert_eq!(of_task, format!("aws ecs describe-tasks --cluster {} --tasks {TASK} {AT}", cluster()));
    assert_eq!(copied("<ctrl-x>yw"), format!("aws ecs describe-clusters --clusters {} {AT}", cluster()));
}

#[test]
fn the_line_names_the_shell_and_the_place_that_the_settings_name() {
    let settings = Settings {
        shell: Some("/bin/zsh -l".to_owned()),
        endpoint_url: Some("http://127.0.0.1:4566".to_owned()),
        ..Settings::default()
    };
    let mut script = with(&settings, &company(), "<right>payments-api<right><right>");
    script.keys("<ctrl-x>yw");
    let Some(Effect::Copy(line)) = script.effects.pop() else { panic!("{}", said(&script)) };
    assert!(line.contains("--command '/bin/zsh -l' --region"), "{line}");
    assert!(line.ends_with("--profile dev --endpoint-url http://127.0.0.1:4566"), "{line}");
}

/// The profile in the line for AWS's tool where AWS's files call ours so, and somebody has named this one.
fn told_profile(profile: &str, named: Option<&str>) -> Option<String> {
    let settings = Settings { profile: named.map(str::to_owned), ..Settings::default() };
    let mut script = Script::new(120, 40, &settings);
    let is_asked = |(_, _, request): &&(RequestId, Urgency, Request)| *request == Request::Identity;
    let id = script.waiting.iter().find(is_asked).expect("it is asked who we are").0;
    let region = "eu-west-1".to_owned();
    let identity = Identity { profile: profile.to_owned(), region, account: None, caller: None };
    script.answer(id, Ok(Response::Identity(identity)));
    script.settle(&company());
    script.effects.clear();
    script.keys("<ctrl-x>yw");
    let Some(Effect::Copy(line)) = script.effects.pop() else { panic!("{}", said(&script)) };
    line.split_once("--profile ").map(|(_, name)| name.to_owned())
}

#[test]
fn the_line_names_the_profile_that_was_named_and_no_other_is_taken_for_it() {
    assert_eq!(told_profile("dev", Some("dev")).as_deref(), Some("dev"));
    assert_eq!(told_profile("default", Some("default")).as_deref(), Some("default"), "AWS_PROFILE may say another");
    assert_eq!(told_profile("default", None), None, "keys of the environment, or an instance's role");
    assert_eq!(told_profile("env", Some("env")), None);
}

#[test]
fn of_marked_rows_each_has_a_line() {
    let mut script = typed("<right>payments-api<right><ctrl-space><ctrl-space>");
    script.keys("<ctrl-x>y");
    script.keys("i");
    let [Effect::Copy(text)] = &script.effects[..] else { panic!("{}", said(&script)) };
    assert_eq!(text.lines().map(|line| &line[..8]).collect::<Vec<_>>(), ["4f2ab81c", "77c01d9e"]);
    assert_eq!(said(&script), "copied 2 lines (task id)");
    script.keys("<ctrl-x>yw");
    let Some(Effect::Copy(text)) = script.effects.pop() else { panic!("{}", said(&script)) };
    assert_eq!(text.lines().filter(|line| line.starts_with("aws ecs describe-tasks ")).count(), 2);
    script.keys("<ctrl-x>yt");
    let Some(Effect::Copy(text)) = script.effects.pop() else { panic!("{}", said(&script)) };
    assert_eq!(text, arn("task-definition/payments-api:41").as_str(), "what is the same is there once");
}

#[test]
fn what_was_copied_is_said_and_the_menu_is_closed() {
    let mut script = typed("<right>payments-api<ctrl-x>y");
    assert!(matches!(script.state.overlay(), Some(Overlay::Menu(menu)) if menu.copies.is_some()));
    script.keys("z");
    assert_eq!(said(&script), "no action here has the letter z");
    script.keys("n");
    assert_eq!((said(&script).as_str(), script.state.overlay()), ("copied payments-api", None));
    script.keys("<ctrl-x>y/link<enter>");
    assert!(matches!(&script.effects[..], [_, Effect::Copy(link)] if link.starts_with("https://")));
    script.keys("<ctrl-x>y<down><enter>");
    assert_eq!(script.effects.last(), Some(&Effect::Copy(arn("service/prod/payments-api").to_string())));
    script.keys("<ctrl-x>y<esc>");
    assert_eq!(script.state.overlay(), None);
}

#[test]
fn what_was_offered_is_copied_whatever_happens_meanwhile() {
    let mut world = company();
    let mut script = with(&Settings::default(), &world, "<right>payments-api<right><ctrl-x>y");
    world.tasks.retain(|task| task.arn != self::task());
    script.pass(std::time::Duration::from_secs(11));
    script.serve(&world);
    script.keys("i");
    assert_eq!(script.effects.last(), Some(&Effect::Copy(TASK.to_owned())));
}

#[test]
fn a_name_that_no_shell_should_be_given_makes_no_line_and_is_not_copied() {
    let evil = "prod\u{1b}[201~\nrm -rf ~";
    let mut world = company();
    world.clusters =
        vec![Cluster { name: evil.into(), arn: arn(&format!("cluster/{evil}")), ..world.clusters[1].clone() }];
    let mut script = with(&Settings::default(), &world, "<ctrl-x>y");
    let row = script.state.menu_rows().pop().expect("the command is the last");
    assert_eq!(row.obstacle.as_deref(), Some("a name has characters that no shell should be given"));
    script.keys("w");
    assert_eq!(script.effects, []);
    assert!(script.state.message().is_some_and(|message| message.failure));
    for (letter, name) in [('n', "name"), ('a', "ARN")] {
        script.keys(&format!("<ctrl-x>y{letter}"));
        assert_eq!(said(&script), format!("{name}: it has characters that cannot be seen"));
        assert_eq!(script.effects, []);
    }
    let Deed::Copy(_) = row.deed else { panic!("it copies") };
}

#[test]
fn where_nothing_is_selected_nothing_is_copied() {
    let world = World { clusters: Vec::new(), ..company() };
    let mut script = with(&Settings::default(), &world, "<ctrl-x>");
    assert!(!letters(&script).contains(['y', 'c', 'a', 'E']), "{}", letters(&script));
    script.keys("<esc><ctrl-f>nothing at all<ctrl-x>");
    assert!(!letters(&script).contains(['y', 'c']), "{}", letters(&script));
}

#[test]
fn what_is_longer_than_terminals_take_is_cut_at_a_line() {
    let mut world = company();
    let long = "x".repeat(20_000);
    for (number, task) in world.tasks.iter_mut().enumerate() {
        task.containers.truncate(1);
        task.containers[0].image = format!("{number}{long}").into();
    }
    let mut script = with(&Settings::default(), &world, "<right>payments-api<right><right>");
    script.keys("<ctrl-x>ym");
    assert!(matches!(script.effects.pop(), Some(Effect::Copy(text)) if text.len() == 20_001));
    for container in &mut world.tasks[0].containers {
        container.image = "x".repeat(60_000).into();
    }
    let mut script = with(&Settings::default(), &world, "<right>payments-api<right><right>");
    script.keys("<ctrl-x>ym");
    assert_eq!((script.effects.len(), said(&script).as_str()), (0, "the image is longer than what terminals take"));
}

// The console.

#[test]
fn without_a_browser_the_link_is_shown_and_copied() {
    let mut script = typed("<right>payments-api");
    script.keys("<ctrl-x>c");
    let page = Page::of(&service()).unwrap();
    assert_eq!(script.effects, [Effect::Copy(page.to_string())]);
    assert_eq!(said(&script), format!("copied the console link of service payments-api / {page}"));
    assert_eq!(script.state.message().unwrap().link, Some(page));
}

#[test]
fn a_browser_is_asked_for_the_page_of_what_is_looked_at() {
    let settings = Settings { browser: Some("firefox".to_owned()), ..Settings::default() };
    let world = company();
    let of_task = Thing::Task { cluster: cluster(), task: task() };
    for (keys, thing) in [
        ("", Thing::Cluster(cluster())),
        ("<right>payments-api", service()),
        ("<right>payments-api<right>", of_task.clone()),
        ("<right>payments-api<right><right>", of_task.clone()),
        ("<ctrl-f>payments-api 4f2ab81c app", of_task),
        ("<right>payments-api<ctrl-x>4", Thing::Definition(arn("task-definition/payments-api:41"))),
    ] {
        let mut script = with(&settings, &world, keys);
        script.keys("<ctrl-x>c");
        let page = Page::of(&thing).unwrap();
        let asked = script.waiting.iter().find_map(|(id, urgency, request)| match request {
            Request::OpenPage { browser, page, label } => {
                Some((*id, *urgency, browser.clone(), page.clone(), label.clone()))
            }
            _ => None,
        });
        let Some((id, urgency, browser, asked, label)) = asked else { panic!("{keys}: {}", said(&script)) };
        assert_eq!((urgency, &*browser, &asked), (Urgency::Waiting, "firefox", &page), "{keys}");
        assert_eq!(script.effects, [], "{keys}");
        let answer = Response::PageOpened { label: label.clone(), page: page.clone(), wrong: None };
        script.answer(id, Ok(answer));
        assert_eq!(said(&script), format!("opened the console page of {label} / {page}"));
    }
}

#[test]
fn a_browser_that_fails_is_said_and_the_link_is_copied() {
    let settings = Settings { browser: Some("firefox".to_owned()), ..Settings::default() };
    let mut script = with(&settings, &company(), "");
    script.keys("<ctrl-x>c");
    let Some((id, _, Request::OpenPage { label, page, .. })) = script.waiting.pop() else { panic!("no request") };
    let wrong = Notice { text: "firefox cannot be started".to_owned(), hints: Vec::new(), passing: false };
    script.answer(id, Ok(Response::PageOpened { label, page: page.clone(), wrong: Some(wrong) }));
    assert_eq!(script.effects, [Effect::Copy(page.to_string())]);
    let text = "the console page of cluster prod is not opened, its link is copied: firefox cannot be started";
    assert_eq!(said(&script), format!("{text} / {page}"));
    assert!(script.state.message().unwrap().failure);
}

#[test]
fn what_was_said_and_copied_while_a_page_was_opened_stays() {
    let settings = Settings { browser: Some("firefox".to_owned()), ..Settings::default() };
    let wrong = Notice { text: "firefox shows no page".to_owned(), hints: Vec::new(), passing: false };
    let not_opened = "the console page of cluster prod is not opened: firefox shows no page";
    let after = |keys: &str, wrong: Option<&Notice>| {
        let mut script = with(&settings, &company(), "");
        script.keys("<ctrl-x>c");
        let asked = script.waiting.pop();
        let Some((id, _, Request::OpenPage { label, page, .. })) = asked else { panic!("no request") };
        script.keys(keys);
        script.effects.clear();
        script.answer(id, Ok(Response::PageOpened { label, page, wrong: wrong.cloned() }));
        assert_eq!(script.effects, []);
        said(&script)
    };
    assert_eq!(after("<ctrl-x>yn", None), "copied prod");
    assert_eq!(after("<ctrl-x>yn", Some(&wrong)), format!("copied prod / {not_opened}"));
    assert_eq!(after("<right>", None), "");
    assert_eq!(after("<right>", Some(&wrong)), not_opened);
}

#[test]
fn a_partition_without_a_known_console_says_so() {
    let mut world = company();
    let iso: Arn = "arn:aws-iso:ecs:us-iso-east-1:123456789012:cluster/prod".parse().unwrap();
    world.clusters = vec![Cluster { arn: iso, ..world.clusters[1].clone() }];
    let mut script = with(&Settings::default(), &world, "");
    script.keys("<ctrl-x>c");
    assert_eq!(said(&script), "the console of cluster prod is not known (partition aws-iso)");
    script.keys("<ctrl-x>y");
    assert_eq!(letters(&script), "naw");
}

// Links.

/// The addresses that the screen leads to, with the text that does.
fn links(script: &Script) -> Vec<(String, String)> {
    let query = script.state.areas().query;
    let mut terminal = Terminal::new(TestBackend::new(query.width, query.bottom())).unwrap();
    let mut links = Vec::new();
    terminal.draw(|frame| links = draw_linked(&script.state, frame).links).unwrap();
    links.into_iter().map(|link| (link.text, link.page.to_string())).collect()
}

#[test]
fn an_arn_leads_to_the_page_of_what_it_names() {
    let script = typed("<right>payments-api<ctrl-x>0<ctrl-o>");
    let page = Page::of(&service()).unwrap().to_string();
    assert_eq!(links(&script), [(arn("service/prod/payments-api").to_string(), page)]);
    let mut narrow = Script::new(60, 30, &Settings::default());
    narrow.settle(&company());
    narrow.keys("<right>payments-api<right><ctrl-o>");
    narrow.settle(&company());
    let parts = links(&narrow);
    assert!(parts.len() == 2 && parts[0].1 == parts[1].1, "{parts:?}");
    assert_eq!(format!("{}{}", parts[0].0, parts[1].0), task().as_str());
}

#[test]
fn a_notice_leads_to_its_page_and_what_covers_a_link_does_not() {
    let mut script = typed("<right>payments-api<ctrl-x>0");
    script.keys("<ctrl-x>c");
    assert_eq!(links(&script).iter().filter(|(text, page)| text == page).count(), 1);
    script.keys("<f1>");
    assert_eq!(links(&script), []);
}

#[test]
fn nothing_leads_anywhere_where_links_are_off_or_the_name_is_hostile() {
    let off = Settings { hyperlinks: Hyperlinks::Untold, ..Settings::default() };
    assert_eq!(links(&with(&off, &company(), "<right>payments-api<ctrl-x>0")), []);
    let mut world = company();
    let evil = arn("cluster/x\u{1b}]8;;http://evil\u{1b}\\\u{202e}");
    world.clusters = vec![Cluster { arn: evil, ..world.clusters[1].clone() }];
    let script = with(&Settings::default(), &world, "");
    assert!(script.state.detail().lines.iter().any(|line| line.link.is_some()));
    assert_eq!(links(&script), []);
}

// JSON and the editor.

#[test]
fn everything_aws_says_is_shown_full_screen_searched_and_left() {
    let mut script = typed("<right>payments-api<right><ctrl-x>a");
    assert_eq!(script.state.detail().title, "task 4f2ab81c");
    let text = lines(&script).join("\n");
    assert!(text.contains("\"newThing\": {") && text.contains("tomorrow"), "{text}");
    assert!(text.contains("\"value\": \"••••••\"") && !text.contains("hunter2"), "{text}");
    script.keys("<ctrl-x>v");
    assert!(lines(&script).join("\n").contains("hunter2"));
    script.keys("<ctrl-x>v'tomorrow");
    assert_eq!(script.state.full_detail().map(|detail| detail.query.text()), Some("'tomorrow"));
    script.keys("<ctrl-x>Y");
    assert!(matches!(script.effects.pop(), Some(Effect::Copy(text)) if text.trim() == "\"tomorrow\""));
    script.keys("<esc>");
    assert!(script.state.full_detail().is_some(), "first the query goes");
    script.keys("<esc>");
    assert!(script.state.full_detail().is_none());
    script.keys("<ctrl-x>a<ctrl-x>a");
    assert!(script.state.full_detail().is_none());
    script.keys("<ctrl-x>a<f2>");
    assert!(script.state.full_detail().is_some() && script.state.detail().title == "4f2ab81c");
}

#[test]
fn the_json_is_that_of_what_is_looked_at() {
    let container = Thing::Container { cluster: cluster(), task: task(), name: "app".into() };
    for (keys, thing) in [
        ("", Thing::Cluster(cluster())),
        ("<right><home>", Thing::Cluster(cluster())),
        ("<right>payments-api", service()),
        ("<right>payments-api<right><right>", container),
        ("<right>payments-api<ctrl-x>4", Thing::Definition(arn("task-definition/payments-api:41"))),
    ] {
        let mut script = typed(keys);
        script.keys("<ctrl-x>a");
        script.pass(std::time::Duration::from_millis(150));
        let asked = |(_, _, request): &(_, _, Request)| *request == Request::Look(Look::Described(thing.clone()));
        assert!(script.waiting.iter().any(asked), "{keys}: {:?}", script.waiting);
        script.serve(&company());
        assert!(lines(&script).len() > 3, "{keys}: {:?}", lines(&script));
    }
}

#[test]
fn json_that_cannot_be_read_says_why_and_what_was_read_stays() {
    let mut script = typed("<right>payments-api");
    script.keys("<ctrl-x>a");
    script.pass(std::time::Duration::from_millis(150));
    assert_eq!(lines(&script), ["loading …"]);
    script.settle(&company());
    let before = lines(&script).len();
    script.keys("<ctrl-r>");
    let look = Request::Look(Look::Described(service()));
    let id = script.waiting.iter().find(|(_, _, request)| *request == look).expect("it is read again").0;
    let gone = Notice { text: "service payments-api is gone".to_owned(), hints: Vec::new(), passing: false };
    script.answer(id, Err(gone));
    assert_eq!((lines(&script)[0], lines(&script).len()), ("✖ service payments-api is gone", before + 1));
}

#[test]
fn the_editor_gets_what_is_shown_masked_as_it_is_shown() {
    let mut script = typed("<right>payments-api<right><ctrl-x>a");
    script.keys("<ctrl-x>E");
    let Some((id, _, Request::Edit { thing, known, reveal, size })) = script.waiting.pop() else { panic!("no editor") };
    assert_eq!((thing, reveal), (Thing::Task { cluster: cluster(), task: task() }, false));
    assert!(known.is_some_and(|known| known.json(false).contains("tomorrow")));
    assert_eq!(size, Size { columns: 120, rows: 40 });
    script.answer(id, Ok(Response::Opened(SessionId(4))));
    assert_eq!(script.effects, [Effect::Attach(SessionId(4), Afterwards::Browser)]);
    script.event(Event::Detached { label: "vi".to_owned(), exit: Exit::Code(0), at: script.now });
    assert!(said(&script).starts_with("vi: "), "{}", said(&script));
    script.keys("<ctrl-x>v<ctrl-x>E");
    assert!(matches!(script.waiting.pop(), Some((_, _, Request::Edit { reveal: true, .. }))));
}

#[test]
fn an_editor_that_does_not_wait_is_told_of() {
    let after = |millis: u64, exit: Exit| {
        let mut script = typed("<right>payments-api<ctrl-x>a<ctrl-x>E");
        let Some((id, _, Request::Edit { .. })) = script.waiting.pop() else { panic!("no editor") };
        script.answer(id, Ok(Response::Opened(SessionId(4))));
        let at = script.now.checked_add(std::time::Duration::from_millis(millis)).unwrap();
        script.event(Event::Detached { label: "code".to_owned(), exit, at });
        said(&script)
    };
    let hint = "it returned at once: if it has a window of its own, give it its flag to wait, as in `code -w`";
    assert_eq!(after(300, Exit::Code(0)), format!("code: exit 0 / {hint}"));
    assert_eq!(after(300, Exit::Code(1)), "code: exit 1");
    assert_eq!(after(1500, Exit::Code(0)), "code: exit 0");
}

#[test]
fn the_editor_gets_what_is_read_anew_where_nobody_looks_at_what_was_read() {
    let mut script = typed("<right>payments-api<ctrl-x>a");
    script.keys("<ctrl-x>a");
    assert!(script.state.full_detail().is_none());
    script.pass(std::time::Duration::from_mins(1));
    script.keys("<ctrl-x>E");
    let edits = script.waiting.iter().filter(|(_, _, request)| matches!(request, Request::Edit { .. }));
    let edits: Vec<_> = edits.map(|(_, _, request)| request).collect();
    assert!(matches!(edits[..], [Request::Edit { known: None, .. }]), "{edits:?}");
}

#[test]
fn the_editor_opens_from_the_panes_too_and_says_what_is_missing() {
    let mut script = typed("<right>payments-api");
    script.keys("<ctrl-x>E");
    let Some((id, _, Request::Edit { thing, known: None, .. })) = script.waiting.pop() else { panic!("no editor") };
    assert_eq!(thing, service());
    script.keys("<ctrl-x>E");
    assert_eq!(said(&script), "already opening the editor on service payments-api; esc stops that");
    let hint = "set VISUAL or EDITOR".to_owned();
    let missing = Notice { text: "vi cannot be started".to_owned(), hints: vec![hint], passing: false };
    script.answer(id, Err(missing));
    let text = "cannot open the editor on service payments-api: vi cannot be started / hint: set VISUAL or EDITOR";
    assert_eq!(said(&script), text);
}
