//! What the browser does with keys, time and answers: no terminal, no AWS, no clock.

#[path = "common/browser.rs"]
mod browser;

use std::{sync::Arc, time::Duration};

use browser::{Script, World, arn, cluster, company, container, service};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ecsui::{
    config::Settings,
    model::{ExecAgent, Page, Thing},
    ops::{
        CodeWanted, Urgency,
        exec::{Command, ExecTarget},
        stopped::StoppedTask,
        taskdefs::Revision,
    },
    session::{Exit, Secret, Size},
    tui::app::{
        Afterwards, Effect, Event, Level, Load, Look, Notice, Overlay, QuestionId, Request, Response, SessionId, State,
    },
};

use jiff::tz::TimeZone;

const SECOND: Duration = Duration::from_secs(1);

/// A browser in which everything that is on screen has been read.
fn browsing(world: &World) -> Script {
    let mut script = Script::new(160, 40, &Settings::default());
    script.settle(world);
    script.effects.clear();
    script
}

fn without_refresh() -> Settings {
    Settings { refresh: None, ..Settings::default() }
}

/// The names of the rows that match, in their order.
fn names(script: &Script, level: Level) -> Vec<String> {
    let pane = script.state.pane(level);
    (0..pane.hits()).filter_map(|place| pane.hit(place)).map(|row| row.name().to_owned()).collect()
}

fn selected(script: &Script, level: Level) -> String {
    script.state.pane(level).selected().map(|row| row.name().to_owned()).unwrap_or_default()
}

/// What is being said.
fn said(script: &Script) -> String {
    script.state.message().map(|message| message.lines.join(" / ")).unwrap_or_default()
}

fn asked(script: &Script) -> Vec<Request> {
    script.waiting.iter().map(|(_, _, request)| request.clone()).collect()
}

fn denied(passing: bool) -> Notice {
    Notice { text: "ecs:ListTasks denied".to_owned(), hints: vec!["ask for it".to_owned()], passing }
}

/// Fails the requests that `chosen` picks and answers the others.
fn serve_but(script: &mut Script, world: &World, chosen: impl Fn(&Request) -> bool, notice: &Notice) {
    while let Some((id, _, request)) = script.waiting.first().cloned() {
        let answer = if chosen(&request) { Err(notice.clone()) } else { world.answer(&request).expect("it reads") };
        script.answer(id, answer);
    }
}

fn tasks_of(cluster: &str, service: Option<&str>) -> Request {
    Request::Tasks {
        cluster: arn(&format!("cluster/{cluster}")),
        service: service.map(|name| arn(&format!("service/{cluster}/{name}"))),
    }
}

// Loading.

#[test]
fn the_first_questions_are_who_and_which_clusters() {
    let script = Script::new(80, 24, &Settings::default());
    assert_eq!(asked(&script), [Request::Identity, Request::Clusters]);
    assert!(script.waiting.iter().all(|(_, urgency, _)| *urgency == Urgency::Waiting));
    assert_eq!(script.state.load(Level::Cluster), Load::Loading);
}

#[test]
fn clusters_that_came_are_sorted_and_the_first_is_read_at_once() {
    let mut script = Script::new(80, 24, &Settings::default());
    let world = company();
    let (id, _, request) = script.waiting[1].clone();
    script.answer(id, world.answer(&request).expect("it reads"));
    assert_eq!(names(&script, Level::Cluster), ["prod", "staging"]);
    let prod = arn("cluster/prod");
    assert_eq!(asked(&script)[1..], [Request::Services { cluster: prod }, tasks_of("prod", None)]);
}

#[test]
fn services_in_sight_are_described_ten_at_a_time() {
    let prod = arn("cluster/prod");
    let many = (0..35).map(|n| service(&prod, &format!("svc-{n:02}"), 1, 1, "2026-03-08T09:00:00Z", "COMPLETED"));
    let world = World { clusters: vec![cluster("prod", 35, 0, 0)], services: many.collect(), ..World::default() };
    let mut script = Script::new(160, 40, &Settings::default());
    while let Some(place) =
        script.waiting.iter().position(|(.., request)| !matches!(request, Request::ServiceDetails { .. }))
    {
        let (id, _, request) = script.waiting[place].clone();
        script.answer(id, world.answer(&request).expect("it reads"));
    }
    let asked: Vec<Vec<String>> = asked(&script)
        .into_iter()
        .filter_map(|request| match request {
            Request::ServiceDetails { services, .. } => {
                Some(services.iter().map(|arn| arn.name().to_owned()).collect())
            }
            _ => None,
        })
        .collect();
    let height = script.state.areas().pane(Level::Service).expect("it is shown").inner.height;
    assert_eq!(asked.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, usize::from(height) - 20]);
    assert_eq!(asked[0][0], "svc-00");
}

#[test]
fn moving_among_the_services_of_a_small_cluster_asks_for_nothing() {
    let mut script = browsing(&company());
    script.keys("<right><down><down>");
    script.pass(SECOND);
    assert_eq!(asked(&script), []);
    assert_eq!(names(&script, Level::Task), Vec::<String>::new());
    script.keys("<up>");
    assert_eq!(names(&script, Level::Task), ["b0aa71f3"]);
}

#[test]
fn a_big_cluster_is_read_service_by_service() {
    let mut world = company();
    world.clusters[1].detail.as_mut().unwrap().running = 5000;
    let mut script = browsing(&world);
    assert_eq!(names(&script, Level::Service)[0], "(no service)");
    script.keys("<right><down>");
    assert_eq!(asked(&script), []);
    script.pass(SECOND);
    assert_eq!(asked(&script), [tasks_of("prod", Some("payments-web"))]);
    script.serve(&world);
    script.keys("<home>");
    script.pass(SECOND);
    assert_eq!(asked(&script), [tasks_of("prod", None)]);
    script.serve(&world);
    assert_eq!(names(&script, Level::Task), ["c1d2e3f4"]);
}

#[test]
fn a_cursor_on_its_way_asks_for_nothing() {
    let clusters = (0..20).map(|n| cluster(&format!("c{n:02}"), 1, 1, 0)).collect();
    let world = World { clusters, ..World::default() };
    let mut script = browsing(&world);
    for _ in 0..10 {
        script.keys("<down>");
        script.pass(Duration::from_millis(30));
        assert_eq!(asked(&script), []);
    }
    script.pass(Duration::from_millis(150));
    assert_eq!(asked(&script), [Request::Services { cluster: arn("cluster/c10") }, tasks_of("c10", None)]);
}

#[test]
fn what_nobody_looks_at_any_more_is_given_up() {
    let world = company();
    let mut script = Script::new(160, 40, &Settings::default());
    let (id, _, request) = script.waiting[1].clone();
    script.answer(id, world.answer(&request).expect("it reads"));
    script.keys("<down>");
    script.pass(SECOND);
    let staging = arn("cluster/staging");
    assert_eq!(asked(&script)[1..], [Request::Services { cluster: staging }, tasks_of("staging", None)]);
    assert_eq!(script.effects.len(), 2, "{:?}", script.effects);
}

#[test]
fn a_late_answer_is_dropped() {
    let world = company();
    let mut script = browsing(&world);
    script.keys("<ctrl-r>");
    let (id, ..) = script.waiting[0].clone();
    script.keys("<ctrl-r>");
    script.answer(id, Ok(Response::Clusters(vec![cluster("ghost", 0, 0, 0)], None)));
    assert_eq!(names(&script, Level::Cluster), ["prod", "staging"]);
    script.serve(&world);
    assert_eq!(names(&script, Level::Cluster), ["prod", "staging"]);
}

#[test]
fn asking_again_gives_up_the_same_question() {
    let mut script = browsing(&company());
    script.keys("<ctrl-r>");
    let before: Vec<_> = script.waiting.iter().map(|(id, ..)| *id).collect();
    assert!(script.waiting.iter().all(|(_, urgency, _)| *urgency == Urgency::Waiting));
    script.keys("<f5>");
    assert_eq!(script.effects, before.iter().map(|id| Effect::Cancel(*id)).collect::<Vec<_>>());
    assert_eq!(script.waiting.len(), before.len());
}

#[test]
fn what_is_on_screen_is_read_again_as_often_as_the_settings_say() {
    let world = company();
    let mut script = browsing(&world);
    script.pass(9 * SECOND);
    assert_eq!(asked(&script), []);
    script.pass(2 * SECOND);
    let prod = arn("cluster/prod");
    assert!(asked(&script).contains(&Request::Clusters));
    assert!(asked(&script).contains(&Request::Services { cluster: prod }));
    assert!(asked(&script).contains(&tasks_of("prod", None)));
    assert!(asked(&script).iter().any(|request| matches!(request, Request::ServiceDetails { .. })));
    assert!(!asked(&script).contains(&Request::Identity));
    assert!(script.waiting.iter().all(|(_, urgency, _)| *urgency == Urgency::Background));
}

#[test]
fn without_a_refresh_an_idle_browser_wants_nothing() {
    let mut script = Script::new(160, 40, &without_refresh());
    script.settle(&company());
    script.pass(3600 * SECOND);
    assert_eq!((script.state.next_deadline(), asked(&script)), (None, vec![]));
}

#[test]
fn a_passing_failure_is_tried_again_and_a_lasting_one_is_not() {
    let world = company();
    for passing in [true, false] {
        let mut script = Script::new(160, 40, &Settings::default());
        serve_but(&mut script, &world, |request| matches!(request, Request::Tasks { .. }), &denied(passing));
        assert_eq!(script.state.load(Level::Task), Load::Failed(&denied(passing), None));
        script.pass(15 * SECOND);
        let again = asked(&script).contains(&tasks_of("prod", None));
        assert_eq!(again, passing);
    }
}

#[test]
fn stale_rows_stay_with_their_age() {
    let world = company();
    let mut script = browsing(&world);
    let read = script.now;
    script.pass(11 * SECOND);
    serve_but(&mut script, &world, |request| matches!(request, Request::Tasks { .. }), &denied(true));
    let Load::Failed(_, Some(age)) = script.state.load(Level::Task) else {
        panic!("{:?}", script.state.load(Level::Task))
    };
    assert!(age <= read);
    assert_eq!(names(&script, Level::Task), ["4f2ab81c", "77c01d9e"]);
    script.keys("<ctrl-r>");
    script.serve(&world);
    assert!(matches!(script.state.load(Level::Task), Load::Ready(_)));
}

#[test]
fn keys_are_answered_while_nothing_else_is() {
    let world = company();
    let mut script = browsing(&world);
    script.pass(11 * SECOND);
    script.keys("<right>web");
    assert_eq!(names(&script, Level::Service), ["payments-web"]);
}

#[test]
fn a_spinner_turns_only_while_somebody_waits() {
    let mut script = Script::new(160, 40, &without_refresh());
    let deadline = script.state.next_deadline().expect("the clusters are on their way");
    assert_eq!(deadline.duration_since(script.now).as_millis(), 250);
    script.settle(&company());
    assert_eq!(script.state.next_deadline(), None);
}

// Moving and searching.

#[test]
fn a_browser_can_begin_with_a_search() {
    let mut script = Script::new(160, 40, &Settings::default());
    script.state = State::new(&Settings::default(), SIZE, script.now, TimeZone::UTC).searching("stag");
    script.waiting.clear();
    script.event(Event::Due(script.now));
    script.settle(&company());
    assert_eq!(names(&script, Level::Cluster), ["staging"]);
    assert_eq!(names(&script, Level::Service), ["payments-api"]);
}

#[test]
fn typing_filters_and_takes_the_best() {
    let mut script = browsing(&company());
    script.keys("<right>web");
    assert_eq!(names(&script, Level::Service), ["payments-web"]);
    assert_eq!(selected(&script, Level::Service), "payments-web");
    assert_eq!(names(&script, Level::Task), ["b0aa71f3"]);
}

#[test]
fn clearing_the_query_keeps_what_was_found() {
    let mut script = browsing(&company());
    script.keys("<right>web<esc>");
    assert_eq!(selected(&script, Level::Service), "payments-web");
    assert_eq!(names(&script, Level::Service).len(), 4);
    script.keys("<esc><esc>");
    assert_eq!(selected(&script, Level::Service), "payments-web");
}

#[test]
fn the_query_is_edited_as_in_a_shell() {
    let mut script = browsing(&company());
    script.keys("<right>pay wub<backspace><backspace><backspace>web");
    assert_eq!(script.state.pane(Level::Service).query.text(), "pay web");
    script.keys("<ctrl-w><ctrl-a>!<ctrl-e>x<ctrl-u>");
    assert!(script.state.pane(Level::Service).query.is_empty());
    script.event(Event::Paste("se\u{1b}arch\n".to_owned()));
    assert_eq!(script.state.pane(Level::Service).query.text(), "se␛arch");
}

#[test]
fn panes_are_walked_with_tab_and_arrows() {
    let mut script = browsing(&company());
    let mut focus = |keys: &str| {
        script.keys(keys);
        script.state.focus()
    };
    assert_eq!(focus("<right>"), Level::Service);
    assert_eq!(focus("<tab><tab>"), Level::Container);
    assert_eq!(focus("<right>"), Level::Container);
    assert_eq!(focus("<shift-tab>"), Level::Task);
    assert_eq!(focus("<left><left><left>"), Level::Cluster);
}

#[test]
fn every_way_to_move_moves() {
    let clusters = (0..100).map(|n| cluster(&format!("c{n:02}"), 0, 0, 0)).collect();
    let mut script = browsing(&World { clusters, ..World::default() });
    let page = usize::from(script.state.areas().pane(Level::Cluster).expect("it is shown").inner.height);
    let mut place = |keys: &str| {
        script.keys(keys);
        script.state.pane(Level::Cluster).cursor()
    };
    assert_eq!(place("<down><ctrl-n><ctrl-j>"), 3);
    assert_eq!(place("<up><ctrl-p>"), 1);
    assert_eq!(place("<ctrl-k><ctrl-k>"), 0);
    assert_eq!(place("<pagedown>"), page);
    assert_eq!(place("<pageup>"), 0);
    assert_eq!(place("<end>"), 99);
    assert_eq!(place("<down><pagedown>"), 99);
    assert_eq!(place("<home>"), 0);
}

// Identity.

#[test]
fn the_selection_follows_its_row_through_a_refresh() {
    let mut world = company();
    let mut script = browsing(&world);
    script.keys("<right>pay<down>");
    assert_eq!(selected(&script, Level::Service), "payments-web");
    let prod = arn("cluster/prod");
    world.services.insert(0, service(&prod, "payments-admin", 1, 1, "2026-03-08T09:00:00Z", "COMPLETED"));
    script.keys("<ctrl-r>");
    script.serve(&world);
    assert_eq!(names(&script, Level::Service).len(), 3);
    assert_eq!(selected(&script, Level::Service), "payments-web");
    assert_eq!(script.state.pane(Level::Service).query.text(), "pay");
}

#[test]
fn a_service_that_is_gone_when_it_is_described_is_gone() {
    let world = company();
    let mut script = Script::new(160, 40, &Settings::default());
    serve_until_details(&mut script, &world);
    let (id, ..) = script.waiting[0].clone();
    script.answer(id, Ok(Response::ServiceDetails(vec![world.services[1].clone()])));
    assert_eq!(names(&script, Level::Service), ["(no service)", "payments-web"]);
}

fn serve_until_details(script: &mut Script, world: &World) {
    while let Some(place) =
        script.waiting.iter().position(|(.., request)| !matches!(request, Request::ServiceDetails { .. }))
    {
        let (id, _, request) = script.waiting[place].clone();
        script.answer(id, world.answer(&request).expect("it reads"));
    }
}

#[test]
fn details_survive_a_list_of_names() {
    let world = company();
    let mut script = browsing(&world);
    let before = script.state.detail().clone();
    script.keys("<right>");
    let details = script.state.detail().clone();
    assert_ne!(before, details);
    script.pass(11 * SECOND);
    let place = script.waiting.iter().position(|(.., request)| matches!(request, Request::Services { .. }));
    let (id, _, request) = script.waiting[place.expect("names are read again")].clone();
    script.answer(id, world.answer(&request).expect("it reads"));
    assert_eq!(script.state.detail().lines.len(), details.lines.len());
}

#[test]
fn going_back_finds_what_was_selected_there() {
    let mut script = browsing(&company());
    script.keys("<right><down><left><down>");
    script.settle(&company());
    assert_eq!(selected(&script, Level::Service), "payments-api");
    script.keys("<up>");
    assert_eq!(selected(&script, Level::Service), "payments-web");
}

#[test]
fn the_container_of_the_same_name_stays_selected_from_task_to_task() {
    let mut script = browsing(&company());
    script.keys("<right><right><right><down>");
    assert_eq!(selected(&script, Level::Container), "envoy");
    script.keys("<left><down>");
    assert_eq!(selected(&script, Level::Container), "envoy");
}

#[test]
fn standalone_tasks_have_a_row_of_their_own() {
    let mut script = browsing(&company());
    assert_eq!(names(&script, Level::Service), ["(no service)", "payments-api", "payments-web", "search"]);
    script.keys("<right><home>");
    assert_eq!(names(&script, Level::Task), ["c1d2e3f4"]);
    script.keys("<enter>");
    assert_eq!(script.state.focus(), Level::Task);
    let mut world = company();
    world.tasks.retain(|task| task.group.service().is_some());
    assert_eq!(names(&browsing(&world), Level::Service)[0], "payments-api");
}

// Logging in.

fn target(container: &str) -> ExecTarget {
    ExecTarget {
        cluster: arn("cluster/prod"),
        task: arn("task/prod/4f2ab81c0d0e4f5a8b7c6d5e4f3a2b1c"),
        container: container.to_owned(),
        runtime_id: Some(format!("{container}-1234567890")),
    }
}

const SIZE: Size = Size { columns: 160, rows: 40 };

#[test]
fn enter_on_a_container_opens_a_shell_in_it() {
    let mut script = browsing(&company());
    script.keys("<right><right><right><enter>");
    let (_, urgency, request) = script.waiting[0].clone();
    assert_eq!(urgency, Urgency::Waiting);
    assert_eq!(request, Request::OpenExec { target: target("app"), command: Command::DefaultShell, size: SIZE });
}

#[test]
fn enter_on_a_task_or_a_service_leaves_the_choice_to_the_worker() {
    let mut script = browsing(&company());
    let (cluster, command) = (arn("cluster/prod"), Command::DefaultShell);
    script.keys("<right><enter>");
    let service = arn("service/prod/payments-api");
    assert_eq!(
        asked(&script),
        [Request::OpenService { cluster: cluster.clone(), service, command: command.clone(), size: SIZE }]
    );
    script.keys("<esc><right><enter>");
    let task = target("app").task;
    assert_eq!(asked(&script), [Request::OpenTask { cluster, task, command, size: SIZE }]);
}

#[test]
fn enter_on_a_cluster_goes_on_to_its_services() {
    let mut script = browsing(&company());
    script.keys("<enter>");
    assert_eq!((script.state.focus(), asked(&script)), (Level::Service, vec![]));
}

#[test]
fn the_shell_of_the_settings_is_the_one_that_starts() {
    let mut script = Script::new(160, 40, &Settings { shell: Some("/bin/zsh".to_owned()), ..Settings::default() });
    script.settle(&company());
    script.keys("<right><right><right><enter>");
    let command = Command::Shell("/bin/zsh".to_owned());
    assert_eq!(asked(&script), [Request::OpenExec { target: target("app"), command, size: SIZE }]);
}

#[test]
fn an_open_session_gets_the_terminal_and_leaves_a_word() {
    let world = company();
    let mut script = browsing(&world);
    script.keys("<right><enter>");
    let (id, ..) = script.waiting[0].clone();
    script.answer(id, Ok(Response::Opened(SessionId(3))));
    assert_eq!(script.effects, [Effect::Attach(SessionId(3), Afterwards::Browser)]);
    let tasks = tasks_of("prod", None);
    assert!(!asked(&script).contains(&tasks));
    script.event(Event::Detached { label: "app".to_owned(), exit: Exit::Code(3), at: script.now });
    assert_eq!(said(&script), "app: exit 3");
    assert!(asked(&script).contains(&tasks));
    assert_eq!(script.state.focus(), Level::Service);
    assert_eq!(selected(&script, Level::Service), "payments-api");
}

#[test]
fn the_browser_lives_while_a_session_opens_and_esc_stops_it() {
    let mut script = browsing(&company());
    script.keys("<right><enter>");
    let (id, ..) = script.waiting[0].clone();
    script.keys("<down>");
    assert_eq!(selected(&script, Level::Service), "payments-web");
    script.keys("<enter>");
    assert_eq!(said(&script), "already opening payments-api; esc stops that");
    script.keys("<esc>");
    assert_eq!(script.effects, [Effect::Cancel(id)]);
    assert_eq!(said(&script), "stopped opening payments-api");
    script.answer(id, Ok(Response::Opened(SessionId(3))));
    assert_eq!(script.effects, [Effect::Cancel(id)]);
}

#[test]
fn a_session_that_cannot_be_opened_says_why_and_what_helps() {
    let mut script = browsing(&company());
    script.keys("<right><enter>");
    let (id, ..) = script.waiting[0].clone();
    script.answer(id, Err(denied(false)));
    assert_eq!(said(&script), "cannot log in to payments-api: ecs:ListTasks denied / hint: ask for it");
    script.keys("<down>");
    assert_eq!(said(&script), "");
}

/// What is said when enter is pressed on the container of a task that was changed, without any call.
fn refusal(change: impl Fn(&mut ecsui::model::Task)) -> String {
    let mut world = company();
    change(&mut world.tasks[0]);
    let mut script = browsing(&world);
    script.keys("<right><right><right><enter>");
    assert_eq!(asked(&script), []);
    let container = said(&script);
    script.keys("<left><enter>");
    assert_eq!((asked(&script), said(&script)), (vec![], container.clone()));
    container
}

#[test]
fn a_container_nobody_can_log_in_to_says_so_without_a_call() {
    let exec = |exec: ExecAgent| {
        refusal(move |task| {
            task.containers.truncate(1);
            task.containers[0].exec = exec.clone();
        })
    };
    assert!(
        exec(ExecAgent::Pending).starts_with("the exec agent of container app is still starting / hint: try again")
    );
    assert!(
        exec(ExecAgent::Stopped(Some("OutOfMemory".to_owned())))
            .starts_with("the exec agent of container app has stopped: OutOfMemory / hint: only a new task")
    );
    assert!(
        exec(ExecAgent::Absent)
            .starts_with("container app has no exec agent / hint: ECS starts it in no container that AWS")
    );
    let never = refusal(|task| {
        task.exec_enabled = false;
        task.containers[0].exec = ExecAgent::Absent;
    });
    assert!(
        never.starts_with("exec was not enabled when task 4f2ab81c was started / hint: enable it for the service"),
        "{never}"
    );
    let stopped = refusal(|task| {
        task.containers.truncate(1);
        task.containers[0].last_status = "STOPPED".into();
        task.containers[0].exit_code = Some(137);
    });
    assert!(stopped.starts_with("container app is STOPPED, exit code 137 / hint:"), "{stopped}");
    let pending = refusal(|task| task.last_status = "PROVISIONING".into());
    assert_eq!(pending, "task 4f2ab81c is still PROVISIONING / hint: wait until it is RUNNING");
}

#[test]
fn a_service_without_a_task_says_so_without_a_call() {
    let mut script = browsing(&company());
    script.keys("<right>search<enter>");
    assert_eq!(
        (asked(&script), said(&script)),
        (vec![], "search has no running task / hint: its events (f2) say why".to_owned())
    );
}

#[test]
fn one_task_that_can_be_logged_in_to_is_enough() {
    let mut world = company();
    world.tasks[0].last_status = "PENDING".into();
    let mut script = browsing(&world);
    script.keys("<right><enter>");
    assert!(matches!(asked(&script)[..], [Request::OpenService { .. }]));
}

#[test]
fn a_command_of_ones_own_runs_in_what_was_selected_when_it_was_asked_for() {
    let mut script = browsing(&company());
    script.keys("<right><right><right><ctrl-x>els -l '/srv/a b'");
    assert!(matches!(script.state.overlay(), Some(Overlay::Prompt(_))));
    script.keys("<enter>");
    let words = ["ls", "-l", "/srv/a b"].map(str::to_owned).to_vec();
    assert_eq!(
        asked(&script),
        [Request::OpenExec { target: target("app"), command: Command::Argv(words), size: SIZE }]
    );
    assert_eq!(script.state.overlay(), None);
    // Its output would be covered at once.
    let (id, ..) = script.waiting.pop().unwrap();
    script.answer(id, Ok(Response::Opened(SessionId(4))));
    assert_eq!(script.effects, [Effect::Attach(SessionId(4), Afterwards::Key)]);
}

#[test]
fn a_command_that_is_none_is_asked_for_again() {
    let mut script = browsing(&company());
    script.keys("<right><ctrl-x>e<enter>");
    assert_eq!(said(&script), "type a command, for instance: ls -l /srv");
    script.keys("echo 'a<enter>");
    assert_eq!(said(&script), "a quote is opened and not closed");
    script.keys("<esc><esc>");
    assert_eq!((asked(&script), script.state.overlay()), (vec![], None));
}

// Overlays.

/// The page of AWS's console that shows `prod`.
fn page_of_prod() -> String {
    Page::of(&Thing::Cluster(arn("cluster/prod"))).expect("it has one").to_string()
}

#[test]
fn the_menu_does_what_has_the_letter() {
    let mut script = browsing(&company());
    script.keys("<ctrl-x>c");
    assert_eq!(script.effects, [Effect::Copy(page_of_prod())]);
    script.keys("<ctrl-x>h");
    assert_eq!(said(&script), "no action here has the letter h");
    script.keys("q");
    assert_eq!(script.effects[1..], [Effect::Quit]);
}

#[test]
fn the_menu_offers_what_fits_and_says_what_is_in_the_way() {
    let mut world = company();
    for container in &mut world.tasks[0].containers {
        container.exec = ExecAgent::Absent;
    }
    let mut script = browsing(&world);
    let letters = |script: &Script| script.state.menu_rows().iter().map(|row| row.letter).collect::<String>();
    script.keys("<ctrl-x>");
    assert_eq!(letters(&script), "tgzTOo01siaEyYcRwS?q");
    script.keys("<esc><right><right><ctrl-x>");
    assert_eq!(letters(&script), "leurnbxktgzmTOo012345saEyYcRwS?q");
    let rows = script.state.menu_rows();
    assert_eq!(rows[0].obstacle.as_deref(), Some("container app has no exec agent"));
    assert_eq!((rows[14].letter, &rows[14].obstacle), ('o', &None));
}

#[test]
fn the_menu_can_be_searched() {
    let mut script = browsing(&company());
    script.keys("<ctrl-x>/AWS's console<enter>");
    assert_eq!(script.effects, [Effect::Copy(page_of_prod())]);
    assert_eq!(script.state.overlay(), None);
}

#[test]
fn the_menu_is_walked_with_arrows() {
    let mut script = browsing(&company());
    script.keys(&format!("<ctrl-x>{}<enter>", "<down>".repeat(14)));
    assert_eq!(script.effects, [Effect::Copy(page_of_prod())]);
}

#[test]
fn help_names_the_keys_that_work_here() {
    let mut script = browsing(&company());
    let help = |script: &Script| {
        script
            .state
            .help_lines(90)
            .iter()
            .map(|line| [&*line.keys, &*line.text].join(" "))
            .collect::<Vec<_>>()
            .join("\n")
    };
    script.keys("<f1>");
    assert!(help(&script).contains("enter  ctrl-x l log in"));
    script.keys("<f1>");
    assert_eq!(script.state.overlay(), None);
    script.keys("<ctrl-o><ctrl-x>?");
    assert!(!help(&script).contains("log in:"));
    assert!(help(&script).contains("ctrl-x e run a command"));
    script.keys("<esc><esc>");
    assert_eq!(script.state.overlay(), None);
}

#[test]
fn details_follow_the_cursor_and_the_chosen_view_stays_with_its_pane() {
    let world = company();
    let mut script = browsing(&world);
    let text =
        |script: &Script| script.state.detail().lines.iter().map(|line| line.text.clone() + "\n").collect::<String>();
    assert!(text(&script).contains("status            ACTIVE"));
    script.keys("<right>");
    assert!(text(&script).ends_with("12:03:11  has reached a steady state.\n"), "{}", text(&script));
    script.keys("<ctrl-x>4");
    assert_eq!(text(&script), "loading …\n");
    script.settle(&world);
    assert!(text(&script).contains("DB_PASSWORD=••••••"));
    script.keys("<ctrl-x>v");
    assert!(text(&script).contains("DB_PASSWORD=hunter2"));
    script.keys("<right>");
    assert!(text(&script).contains("address           10.0.12.34"));
    script.keys("<left>");
    assert!(text(&script).contains("DB_PASSWORD=hunter2"));
    script.keys("<f2>");
    assert!(text(&script).contains("steady state"));
}

#[test]
fn a_task_definition_is_read_once() {
    let world = company();
    let mut script = browsing(&world);
    script.keys("<right><ctrl-x>4");
    script.settle(&world);
    script.keys("<right><ctrl-x>4<ctrl-r>");
    script.pass(60 * SECOND);
    assert!(!asked(&script).iter().any(|request| matches!(request, Request::Look(Look::Definition(_)))));
}

#[test]
fn full_details_are_filtered_scrolled_and_closed() {
    let mut world = company();
    let events = world.services[0].detail.as_mut().expect("it is described");
    let one = events.events[0].clone();
    events.events = (0..90)
        .map(|n| ecsui::model::ServiceEvent {
            id: format!("e{n}").into(),
            message: format!("event {n}").into(),
            ..one.clone()
        })
        .collect();
    let mut script = browsing(&world);
    script.keys("<right><ctrl-o>");
    let scroll = |script: &Script| script.state.full_detail().expect("it is open").scroll;
    assert_eq!(scroll(&script), None);
    script.keys("<up>");
    let page = usize::from(script.state.areas().full_detail().inner.height);
    assert_eq!(scroll(&script), Some(90 - page - 1));
    script.keys("<home>");
    assert_eq!(scroll(&script), Some(0));
    script.keys("<end>");
    assert_eq!(scroll(&script), None);
    script.keys("'7<esc>");
    assert!(script.state.full_detail().is_some());
    script.keys("<ctrl-o>");
    assert_eq!(script.state.full_detail(), None);
}

#[test]
fn overlays_close_from_the_top() {
    let mut script = browsing(&company());
    script.keys("<ctrl-o><ctrl-x><f1><esc>");
    assert!(matches!(script.state.overlay(), Some(Overlay::Menu(_))));
    script.keys("<esc>");
    assert!(matches!(script.state.overlay(), Some(Overlay::Detail(_))));
    script.keys("<esc>");
    assert_eq!(script.state.overlay(), None);
}

#[test]
fn quitting_is_possible_everywhere() {
    for way in ["", "<ctrl-x>", "<f1>", "<ctrl-o>", "<right><ctrl-x>e"] {
        for key in ["<ctrl-c>", "<ctrl-q>"] {
            let mut script = browsing(&company());
            script.keys(way);
            script.keys(key);
            assert_eq!(script.effects.last(), Some(&Effect::Quit), "{way}{key}");
        }
    }
}

#[test]
fn letting_go_of_a_key_is_no_key() {
    let mut script = browsing(&company());
    let released = KeyEvent {
        kind: crossterm::event::KeyEventKind::Release,
        ..KeyEvent::new(KeyCode::Char('p'), KeyModifiers::NONE)
    };
    script.event(Event::Key(released));
    assert!(script.state.pane(Level::Cluster).query.is_empty());
}

#[test]
fn a_chord_of_ones_own_works_and_its_beginning_types_nothing() {
    let file =
        ecsui::config::parse("[keys]\nrefresh = \"f9 r\"", std::path::Path::new("config.toml")).expect("it is sound");
    let settings = Settings::layered(ecsui::config::Layer::default(), |_| None, file);
    let mut script = Script::new(160, 40, &settings);
    script.settle(&company());
    script.keys("<f9>x");
    assert_eq!((asked(&script), script.state.pane(Level::Cluster).query.text()), (vec![], ""));
    script.keys("<f9>r");
    assert!(asked(&script).contains(&Request::Clusters));
}

#[test]
fn hostile_text_is_clean_wherever_it_is_kept() {
    let mut world = company();
    let evil = "a\u{1b}]52;c;eA==\u{7}\u{202e}b";
    world.clusters[1].name = evil.into();
    world.tasks[0].containers[0] = container(evil, evil, ExecAgent::Stopped(Some(evil.to_owned())));
    let mut script = browsing(&world);
    script.keys("<right><right><right><enter>");
    let text = format!("{:?}", script.state.message())
        + &selected(&script, Level::Cluster)
        + &selected(&script, Level::Container);
    assert!(text.contains("␛]52;c;eA==␇"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']));
    assert!(script.state.detail().lines.iter().all(|line| !line.text.contains(['\u{1b}', '\u{202e}'])));
}

#[test]
fn the_newest_task_comes_first() {
    let world = company();
    assert_eq!(names(&browsing(&world), Level::Task), ["4f2ab81c", "77c01d9e"]);
}

#[test]
fn rows_that_do_not_exist_any_more_leave_an_empty_browser() {
    let world = company();
    let mut script = browsing(&world);
    script.keys("<right><right><right><ctrl-r>");
    script.serve(&World::default());
    script.keys("<enter><up><down><ctrl-x>e<esc><ctrl-y><f2>");
    assert_eq!(names(&script, Level::Container), Vec::<String>::new());
}

/// The looks that are on their way.
fn looks(script: &Script) -> Vec<Look> {
    let look = |request: &Request| match request {
        Request::Look(look) => Some(look.clone()),
        _ => None,
    };
    script.waiting.iter().filter_map(|(_, _, request)| look(request)).collect()
}

#[test]
fn numbers_are_read_while_the_facts_of_a_service_are_shown_and_once_a_minute() {
    let world = company();
    let mut script = browsing(&world);
    script.keys("<right>");
    script.settle(&world);
    assert_eq!(looks(&script), [], "the events need none");
    script.keys("<ctrl-x>0");
    script.pass(Duration::from_millis(150));
    assert_eq!(looks(&script).len(), 3, "usage, scaling and alarms");
    script.serve(&world);
    let mut counted = 0;
    for _ in 0..18 {
        script.pass(10 * SECOND);
        counted += looks(&script).len();
        script.serve(&world);
    }
    assert!((6..=9).contains(&counted), "three minutes, {counted} looks");
    script.keys("<down>");
    script.pass(Duration::from_millis(150));
    let of_another = looks(&script);
    assert_eq!(of_another.len(), 2, "the alarms are those of all services: {of_another:?}");
    script.serve(&world);
    script.keys("<f2>");
    script.settle(&world);
    script.pass(300 * SECOND);
    assert_eq!(looks(&script), [], "nobody looks any more");
}

#[test]
fn a_denied_part_of_the_facts_hides_no_other() {
    let world = company();
    let mut script = browsing(&world);
    script.keys("<right><ctrl-x>0");
    script.pass(Duration::from_millis(150));
    let usage = script.waiting.iter().find(|(_, _, request)| matches!(request, Request::Look(Look::Usage { .. })));
    let id = usage.expect("it was asked for").0;
    let text = "CPU and memory cannot be read: not allowed: cloudwatch:GetMetricData on *".to_owned();
    let hints = vec!["ask for cloudwatch:GetMetricData on * for mira".to_owned()];
    script.answer(id, Err(Notice { text, hints, passing: false }));
    script.serve(&world);
    let lines: Vec<&str> = script.state.detail().lines.iter().map(|line| line.text.as_str()).collect();
    let has = |text: &str| lines.iter().any(|line| line.contains(text));
    assert!(has("✖ CPU and memory cannot be read") && has("hint: ask for cloudwatch:GetMetricData"), "{lines:#?}");
    assert!(has("payments-memory-high") && has("2 to 8 tasks") && has("keeps CPU near 60%"), "{lines:#?}");
}

/// Revisions of payments-api, the newest first: every third is INACTIVE.
fn revisions(numbers: impl DoubleEndedIterator<Item = u32>) -> Vec<Revision> {
    let revision = |number: u32| Revision {
        arn: arn(&format!("task-definition/payments-api:{number}")),
        active: !number.is_multiple_of(3),
    };
    numbers.rev().map(revision).collect()
}

/// The task definition of payments-api is looked at, and another one is to be picked.
fn picking(world: &World) -> Script {
    let mut script = browsing(world);
    script.keys("<right><ctrl-x>4");
    script.settle(world);
    script.keys("<ctrl-x>d");
    script.settle(world);
    script
}

fn choices(script: &Script) -> (Vec<String>, usize) {
    let (rows, selected) = script.state.pick_rows();
    (rows.into_iter().map(|row| row.line.text).collect(), selected.expect("a row is selected"))
}

fn definitions_asked_for(script: &Script) -> Vec<String> {
    let names = script.waiting.iter().filter_map(|(_, _, request)| match request {
        Request::Look(Look::Definition(arn)) => Some(arn.name().to_owned()),
        _ => None,
    });
    names.collect()
}

#[test]
fn another_revision_is_picked_from_a_list_with_what_runs_marked() {
    let mut world = company();
    world.revisions = Some(revisions(36..44));
    world.tasks[1].definition = arn("task-definition/payments-api:39");
    let mut script = picking(&world);
    let (rows, selected) = choices(&script);
    let rows: Vec<String> = rows.iter().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        rows,
        [
            ":43 ACTIVE",
            ":42 INACTIVE",
            ":40 ACTIVE",
            ":39 INACTIVE ● 1 task runs it",
            ":38 ACTIVE",
            ":37 ACTIVE",
            ":36 INACTIVE",
        ],
        "all but the one that is compared"
    );
    assert_eq!(selected, 2, "the one before");
    script.keys("inactive<down>");
    let (rows, selected) = choices(&script);
    assert!(rows.len() == 3 && rows[selected].starts_with(":39"), "{rows:?}");
    script.keys("<enter>");
    script.pass(Duration::from_millis(150));
    assert_eq!((script.state.overlay(), definitions_asked_for(&script)), (None, vec!["payments-api:39".to_owned()]));
}

#[test]
fn a_list_that_nobody_looks_at_any_more_is_not_read() {
    let mut script = picking(&company());
    let list = |script: &Script| {
        script.waiting.iter().filter(|(.., request)| matches!(request, Request::Look(Look::Revisions(_)))).count()
    };
    assert_eq!(list(&script), 1);
    assert!(script.state.pick_trouble().is_some_and(|line| line.text == "loading …"));
    script.keys("<esc>");
    assert_eq!((script.state.overlay(), list(&script)), (None, 0));
}

#[test]
fn where_revisions_may_not_be_listed_a_number_is_taken() {
    let mut script = picking(&company());
    let of_list = |request: &Request| matches!(request, Request::Look(Look::Revisions(_)));
    let (id, ..) = script.waiting.iter().find(|(.., request)| of_list(request)).cloned().unwrap();
    script.answer(id, Err(denied(false)));
    assert!(script.state.pick_trouble().is_some_and(|line| line.text == "✖ ecs:ListTasks denied"));
    script.keys("x<enter>");
    assert_eq!(said(&script), "no revision matches, and a revision is a number");
    script.keys("<backspace>:12<enter>");
    script.pass(Duration::from_millis(150));
    assert_eq!((script.state.overlay(), definitions_asked_for(&script)), (None, vec!["payments-api:12".to_owned()]));
}

#[test]
fn tasks_that_have_stopped_are_listed_alone_or_beside_those_that_run() {
    let mut world = company();
    let mut old = world.tasks[0].clone();
    old.arn = arn("task/prod/0ld0ab81c0d0e4f5a8b7c6d5e4f3a2b1c");
    old.last_status = "STOPPED".into();
    world.stopped = vec![StoppedTask { task: Arc::new(old), remembered: false }];
    let mut script = browsing(&world);
    script.keys("<right>");
    script.settle(&world);
    let running = names(&script, Level::Task);
    let mut after = |keys: &str| {
        script.keys(keys);
        script.settle(&world);
        (names(&script, Level::Task), said(&script))
    };
    assert_eq!(after("<ctrl-t>"), (vec!["0ld0ab81".to_owned()], "tasks that have stopped".to_owned()));
    let all = [&running[..], &["0ld0ab81".to_owned()]].concat();
    assert_eq!(after("<ctrl-t>"), (all, "tasks that run and that have stopped".to_owned()));
    assert_eq!(after("<right><end><right>").0.len(), 3);
    assert_eq!(script.state.pane(Level::Container).len(), 2, "its containers are there");
    script.keys("<ctrl-t>");
    assert_eq!(names(&script, Level::Task), running);
}

/// What a code is wanted for.
fn code_wanted(refused: Option<&str>) -> CodeWanted {
    CodeWanted {
        profile: "dev".to_owned(),
        device: "arn:aws:iam::123456789012:mfa/mia".to_owned(),
        role: "arn:aws:iam::123456789012:role/dev".to_owned(),
        refused: refused.map(str::to_owned),
    }
}

fn is_asking(script: &Script) -> bool {
    matches!(script.state.overlay(), Some(Overlay::Prompt(prompt)) if prompt.asks.is_secret())
}

#[test]
fn a_code_goes_to_whoever_asked_for_it() {
    let mut script = Script::new(100, 30, &Settings::default());
    script.event(Event::Asked(QuestionId(7), code_wanted(None)));
    script.keys("12<enter>");
    assert_eq!(script.state.message().unwrap().lines, ["a code has six digits"]);
    assert!(is_asking(&script) && script.effects.is_empty());
    script.keys("3456<enter>");
    assert_eq!(script.effects, [Effect::Answer(QuestionId(7), Ok(Secret::new("123456")))]);
    assert!(!is_asking(&script));
}

#[test]
fn who_gives_no_code_is_left_alone_until_they_want_to_read_again() {
    let mut script = Script::new(100, 30, &Settings::default());
    script.event(Event::Asked(QuestionId(1), code_wanted(None)));
    script.keys("1<esc><esc>");
    let none = |id| Effect::Answer(QuestionId(id), Err("it was not given; ctrl-r asks again".to_owned()));
    assert_eq!(std::mem::take(&mut script.effects), [none(1)]);
    script.event(Event::Asked(QuestionId(2), code_wanted(None)));
    assert_eq!(std::mem::take(&mut script.effects), [none(2)]);
    assert!(!is_asking(&script));
    script.keys("<ctrl-r>");
    script.event(Event::Asked(QuestionId(3), code_wanted(Some("it was wrong"))));
    assert!(is_asking(&script));
    assert_eq!(script.state.message().unwrap().lines, ["it was wrong"]);
}
