//! What the browser does on the way from a key to a change: no terminal, no AWS, no clock.

#[path = "common/browser.rs"]
mod browser;
#[path = "common/plans.rs"]
mod plans;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use browser::{Script, World, arn, company};
use ecsui::{
    config::{GuardColour, GuardRule, Settings, keymap},
    model::{Deployment, Task},
    ops::{
        change::{
            Check, Done, Ended, Guard, Made, Network, Place, Plan, Run, Stop, TaskPlace, Update, Verdict, Which, Whose,
            Wish,
        },
        deployments::Deployments,
        stopped::{StoppedTask, Whose as WhoseTasks},
    },
    tui::{
        app::{
            Cells, ChangeNews, Deed, DetailView, Effect, Event, Level, Look, Message, Notice, Overlay, Request,
            RequestId, Response, RowId, Seen, StoppedTasks,
        },
        view,
    },
};
use plans::{payments, plan};
use ratatui::{Terminal, backend::TestBackend};

/// A browser on a service, with everything read.
fn on_a_service(settings: &Settings, world: &World) -> Script {
    let mut script = Script::new(120, 40, settings);
    script.settle(world);
    script.keys("<right>");
    script.settle(world);
    script.effects.clear();
    script
}

/// Asks to redeploy the selected service and answers with a plan.
fn planned(script: &mut Script, plan: Box<Plan>) {
    script.keys("<ctrl-x>r");
    let (id, _, request) = script.waiting.pop().expect("it asks for a plan");
    assert_eq!(request, Request::Plan(Wish::Redeploy { services: vec![payments()] }));
    script.answer(id, Ok(Response::Planned(plan)));
}

fn said(script: &Script) -> String {
    script.state.message().map(|message: &Message| message.lines.join(" / ")).unwrap_or_default()
}

fn changes(script: &Script) -> Vec<&Request> {
    script.waiting.iter().map(|(_, _, request)| request).filter(|it| matches!(it, Request::Change(_))).collect()
}

#[test]
fn a_change_is_planned_shown_and_made_once_somebody_agrees() {
    for agreeing in ["y", "<enter>"] {
        let mut script = on_a_service(&Settings::default(), &company());
        let plan = plan(Guard::Ask, vec![]);
        planned(&mut script, plan.clone());
        assert!(matches!(script.state.overlay(), Some(Overlay::Plan(_))));
        assert!(changes(&script).is_empty());
        script.keys(agreeing);
        assert_eq!(changes(&script), [&Request::Change(plan)]);
        assert_eq!(script.state.overlay(), None);
    }
}

/// Asks with these keys, and returns the wish that a plan is asked for.
fn wished(keys: &str) -> Wish {
    let mut script = on_a_service(&Settings::default(), &company());
    script.keys(keys);
    match script.waiting.pop() {
        Some((_, _, Request::Plan(wish))) => wish,
        other => panic!("no plan is asked for, but {other:?}: {}", said(&script)),
    }
}

fn update(whose: Whose, image: &str) -> Wish {
    Wish::Update(Box::new(Update {
        place: payments(),
        whose,
        image: Some(image.parse().expect("it is one")),
        set: vec![],
        unset: vec![],
        target_group: None,
        placement_group: None,
    }))
}

#[test]
fn each_action_wishes_for_what_it_is_called() {
    let services = || vec![payments()];
    assert_eq!(wished("<ctrl-x>r"), Wish::Redeploy { services: services() });
    assert_eq!(wished("<ctrl-x>b"), Wish::RollBack { service: payments() });
    assert_eq!(wished("<ctrl-x>x"), Wish::EnableExec { services: services() });
    assert_eq!(wished("<ctrl-x>n5<enter>"), Wish::Scale { services: services(), desired: 5 });
    assert_eq!(wished("<ctrl-x>u:2.0<enter>"), update(Whose::TheOne, ":2.0"));
    let named = |image| update(Whose::Named("app".to_owned()), image);
    assert_eq!(wished("<ctrl-x>uapp=registry:5000/x:1<enter>"), named("registry:5000/x:1"));
    assert_eq!(wished("<right><right><ctrl-x>u:2.0<enter>"), named(":2.0"), "of the selected container");
    assert_eq!(wished("<right><ctrl-x>r"), Wish::Redeploy { services: services() }, "from one of its tasks");
}

fn stop(which: Which) -> Wish {
    Wish::Stop(Stop { which, reason: "stopped with ecsui".to_owned() })
}

#[test]
fn a_task_stops_and_of_a_service_it_is_asked_which_way() {
    assert_eq!(wished("<ctrl-x>k<enter>"), stop(Which::EachOf(payments())), "the gentle way comes first");
    assert_eq!(wished("<ctrl-x>kall<enter>"), stop(Which::AllOf(payments())));
    let task = arn("task/prod/4f2ab81c0d0e4f5a8b7c6d5e4f3a2b1c");
    let this = || stop(Which::These(vec![TaskPlace { cluster: payments().cluster, task: task.clone() }]));
    assert_eq!(wished("<right><ctrl-x>k"), this());
    assert_eq!(wished("<right><right><ctrl-x>k"), this(), "whose container is selected");
    assert_eq!(wished("<home><right><ctrl-x>k"), stop(Which::These(vec![standalone()])), "that no service started");
    let mut script = on_a_service(&Settings::default(), &company());
    script.keys("<home><ctrl-x>k");
    assert_eq!(said(&script), "no action here has the letter k", "these are no service's");
}

fn standalone() -> TaskPlace {
    TaskPlace { cluster: payments().cluster, task: arn("task/prod/c1d2e3f40d0e4f5a8b7c6d5e4f3a2b1c") }
}

/// What is run: in the network of this service, this many of this definition, with this command in this container.
fn run(like: Option<Place>, count: u32, definition: &str, container: Option<&str>, command: &[&str]) -> Wish {
    Wish::Run(Box::new(Run {
        cluster: payments().cluster,
        definition: definition.to_owned(),
        count,
        like,
        network: Network::default(),
        container: container.map(str::to_owned),
        command: command.iter().map(|word| (*word).to_owned()).collect(),
        environment: vec![],
        started_by: "ecsui".to_owned(),
    }))
}

#[test]
fn a_task_is_run_by_hand_as_the_selected_service_runs_it_or_otherwise() {
    let like = || Some(payments());
    assert_eq!(wished("<ctrl-x>t<enter><enter><enter>"), run(like(), 1, "payments-api:41", None, &[]));
    assert_eq!(
        wished("<ctrl-x>t<ctrl-u>migrate:7<enter>sh -c 'x y'<enter><backspace>12<enter>"),
        run(like(), 12, "migrate:7", None, &["sh", "-c", "x y"])
    );
    assert_eq!(
        wished("<ctrl-x>t<enter>app: ls: -l<enter><enter>"),
        run(like(), 1, "payments-api:41", Some("app"), &["ls:", "-l"])
    );
    let in_app = "<right><right><ctrl-x>t<enter>ls<enter><enter>";
    assert_eq!(wished(in_app), run(like(), 1, "payments-api:41", Some("app"), &["ls"]), "in the selected container");
    // Where no service says so it is picked whose network it has.
    let search = Place { service: arn("service/prod/search"), ..payments() };
    assert_eq!(
        wished("<home><ctrl-x>tmigrate<enter>sear<enter><enter><enter>"),
        run(Some(search), 1, "migrate", None, &[])
    );
    assert_eq!(wished("<left><ctrl-x>tmigrate<enter>none<enter><enter><enter>"), run(None, 1, "migrate", None, &[]));
}

#[test]
fn what_is_registered_stands_in_a_file() {
    let mut script = on_a_service(&Settings::default(), &company());
    script.keys("<ctrl-x>g ~/web.json <enter>");
    let (id, _, request) = script.waiting.pop().expect("a plan is asked for");
    assert_eq!(request, Request::PlanRegistration { file: "~/web.json".to_owned() });
    script.answer(id, Ok(Response::Planned(plan(Guard::Ask, vec![]))));
    assert!(matches!(script.state.overlay(), Some(Overlay::Plan(_))));
}

/// A browser in which a task was run from the selected service.
fn with_a_task_run(world: &World) -> Script {
    let mut script = on_a_service(&Settings::default(), world);
    planned(&mut script, plan(Guard::Ask, vec![]));
    script.keys("y");
    let (id, ..) = script.waiting.pop().expect("it is being made");
    let made = Made::Started {
        cluster: payments().cluster,
        definition: arn("task-definition/migrate:41"),
        tasks: vec![standalone().task],
        failures: vec![],
    };
    script.answer(id, Ok(Response::Changed(Box::new(Done { made: vec![made], ..Done::default() }))));
    assert_eq!(said(&script), "started task c1d2e3f4 of migrate:41, under (no service)");
    script
}

#[test]
fn how_a_task_that_was_run_ends_is_said_and_it_stays_in_sight() {
    let mut world = company();
    let mut script = with_a_task_run(&world);
    let wait = Request::WaitForTasks { cluster: payments().cluster, tasks: vec![standalone().task] };
    let waits = script.waiting.iter().find(|(_, _, request)| *request == wait).map(|(id, ..)| *id);
    script.settle(&world);
    script.keys("<home><right>");
    script.settle(&world);
    // It ends, and AWS tells of it no more among the tasks that run.
    let at = world.tasks.iter().position(|task| task.arn == standalone().task).expect("it is there");
    let mut task = world.tasks.remove(at);
    task.last_status = "STOPPED".into();
    task.stop_code = Some("EssentialContainerExited".into());
    task.stopped_reason = Some("Essential container in task exited".into());
    task.containers[0].exit_code = Some(4);
    script.pass(Duration::from_secs(15));
    script.settle(&world);
    assert_eq!(said(&script), "", "that it is gone would be news too early");
    let words = "container app ended with exit code 4".to_owned();
    let ended = Ended { task, exit: Some(4), words };
    script.answer(waits.expect("its end is waited for"), Ok(Response::TasksEnded(vec![ended])));
    assert_eq!(said(&script), "task c1d2e3f4 of migrate:41 has ended: container app ended with exit code 4");
    assert!(script.state.message().expect("it is said").failure);
    script.pass(Duration::from_secs(15));
    script.settle(&world);
    let row = script.state.pane(Level::Task).selected().expect("it is there");
    assert_eq!(row.id, RowId::Task(standalone().task));
    let Cells::Task(cells) = &row.cells else { panic!("it is a task") };
    assert_eq!(cells.status, "STOPPED");
    script.keys("<f6>");
    let logs = script.waiting.iter().any(|(_, _, request)| matches!(request, Request::Look(Look::Logs(_))));
    assert!(logs, "what it wrote can be read");
}

#[test]
fn it_is_said_where_the_end_of_a_task_cannot_be_known() {
    let mut script = with_a_task_run(&company());
    let waits = |request: &Request| matches!(request, Request::WaitForTasks { .. });
    let id =
        script.waiting.iter().find(|(_, _, request)| waits(request)).map(|(id, ..)| *id).expect("it is waited for");
    script.answer(id, Err(Notice { text: "ecs:DescribeTasks is denied".to_owned(), hints: vec![], passing: false }));
    assert_eq!(said(&script), "how the tasks that were run end is not known: ecs:DescribeTasks is denied");
}

#[test]
fn what_cannot_be_understood_is_asked_for_again() {
    let mut script = on_a_service(&Settings::default(), &company());
    script.keys("<ctrl-x>nmany<enter>");
    assert_eq!(said(&script), "type a number, for instance: 3");
    script.keys("<esc><esc><ctrl-x>u<enter>");
    assert_eq!(said(&script), "type an image, or a colon and a tag, for instance: :1.42.0");
    script.keys("a b<enter>");
    assert!(said(&script).contains("\"a b\""), "{}", said(&script));
    let mut complaint = |keys: &str| {
        script.keys(keys);
        said(&script)
    };
    assert_eq!(complaint("<esc><esc><ctrl-x>knothing<enter>"), "none matches: pick one of the list");
    assert_eq!(complaint("<esc><esc><ctrl-x>g<enter>"), "type the path of a file, for instance: ~/web.json");
    assert_eq!(complaint("<esc><ctrl-x>t<ctrl-u><enter>"), "type a task definition, for instance: migrate:7");
    assert_eq!(complaint("migrate<enter>'a<enter>"), "a quote is opened and not closed");
    assert_eq!(complaint("<ctrl-u>app:<enter>"), "type the command after the container, or nothing");
    assert_eq!(complaint("<ctrl-u><enter><ctrl-u>101<enter>"), "type a number from 1 to 100");
    assert!(script.waiting.is_empty());
}

#[test]
fn esc_leaves_a_plan_and_stops_one_that_is_being_made() {
    let mut script = on_a_service(&Settings::default(), &company());
    planned(&mut script, plan(Guard::Ask, vec![]));
    script.keys("<esc>");
    assert_eq!((script.state.overlay(), changes(&script)), (None, vec![]));
    script.keys("<ctrl-x>r<esc>");
    assert!(matches!(script.effects[..], [Effect::Cancel(_)]), "{:?}", script.effects);
    assert_eq!(said(&script), "stopped planning: redeploy; nothing was changed");
}

#[test]
fn a_guard_wants_the_name_typed() {
    let mut script = on_a_service(&Settings::default(), &company());
    planned(&mut script, plan(Guard::Type("payments-api".to_owned()), vec![]));
    assert!(hints(&script).ends_with("⏎ go ahead  esc leave it"), "{}", hints(&script));
    script.keys("y<enter>");
    assert_eq!(said(&script), "type payments-api to go ahead, or esc");
    assert!(hints(&script).ends_with("⏎ go ahead  esc clear"), "{}", hints(&script));
    script.keys("<esc>");
    assert!(matches!(script.state.overlay(), Some(Overlay::Plan(_))), "the text goes first");
    assert!(hints(&script).ends_with("esc leave it"), "{}", hints(&script));
    script.keys("<ctrl-u>payments-api<enter>");
    assert_eq!(changes(&script).len(), 1);
}

#[test]
fn a_failed_check_is_not_overlooked_by_pressing_enter() {
    let failed = Check::new("the image exists", Verdict::Failed("no such tag".to_owned()));
    let mut script = on_a_service(&Settings::default(), &company());
    planned(&mut script, plan(Guard::Ask, vec![failed]));
    script.keys("<enter>");
    assert!(changes(&script).is_empty());
    script.keys("yes<enter>");
    assert_eq!(changes(&script).len(), 1);
}

#[test]
fn what_a_guard_refuses_is_not_made() {
    let mut script = on_a_service(&Settings::default(), &company());
    planned(&mut script, plan(Guard::Refused("a rule says no".to_owned()), vec![]));
    assert!(hints(&script).ends_with("esc leave it") && !hints(&script).contains("go ahead"), "{}", hints(&script));
    script.keys("y<enter>");
    assert_eq!((said(&script), changes(&script)), ("a rule says no".to_owned(), vec![]));
}

/// Returns what the last line of the screen says.
fn hints(script: &Script) -> String {
    line(script, 39)
}

/// Returns a line of the screen.
fn line(script: &Script, row: usize) -> String {
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("it is in memory");
    terminal.draw(|frame| view::draw(&script.state, frame)).expect("it is in memory");
    let cells = &terminal.backend().buffer().content()[row * 120..][..120];
    cells.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned()
}

/// Returns why the action menu says that nothing can be done, by the name of the action; none where something can.
fn obstacles(script: &mut Script) -> BTreeMap<&'static str, Option<String>> {
    script.keys("<ctrl-x>");
    let rows = script.state.menu_rows().into_iter();
    let obstacles = rows.filter_map(|row| match row.deed {
        Deed::Action(action) if action.info().effects == keymap::Effects::Changes => {
            Some((action.info().name, row.obstacle))
        }
        Deed::Action(_) | Deed::Own(_) | Deed::Copy(_) => None,
    });
    let obstacles = obstacles.collect();
    script.keys("<esc>");
    obstacles
}

#[test]
fn what_a_guard_refuses_of_what_is_selected_is_not_offered() {
    let refuse = |about: &str| {
        let guards = vec![toml(&format!("{about}\naction = \"refuse\""))];
        on_a_service(&Settings { guards, ..Settings::default() }, &company())
    };
    let of_service = "a [[guard]] rule of the config refuses changes of service \"payments-*\"";
    let mut script = refuse("service = \"payments-*\"");
    for (name, obstacle) in obstacles(&mut script) {
        // What is registered or run is no service's.
        let refused = (!["register", "run"].contains(&name)).then_some(of_service);
        assert_eq!(obstacle.as_deref(), refused, "{name}");
    }
    for keys in ["<ctrl-x>r", "<ctrl-x>n", "<ctrl-x>k", "<right><ctrl-x>k"] {
        script.keys(keys);
        assert_eq!(said(&script), of_service, "{keys}");
        assert!(script.waiting.is_empty() && script.state.overlay().is_none(), "{keys}");
    }
    // Of several that are marked one is enough.
    let mut script = refuse("service = \"search\"");
    assert_eq!(obstacles(&mut script)["redeploy"], None);
    script.keys("<ctrl-space>sear<ctrl-space>");
    assert!(obstacles(&mut script)["redeploy"].is_some());
    // Tasks that no service started are the cluster's.
    let mut script = refuse("cluster = \"pro*\"");
    assert!(obstacles(&mut script)["run"].is_some() && obstacles(&mut script)["register"].is_none());
    script.keys("<home><right><ctrl-x>k");
    assert_eq!(said(&script), "a [[guard]] rule of the config refuses changes of cluster \"pro*\"");
    assert!(obstacles(&mut refuse("account = \"1234*\""))["register"].is_some());
    assert!(obstacles(&mut refuse("region = \"us-east-1\"")).values().all(Option::is_none));
}

#[test]
fn read_only_mode_refuses_every_action_that_changes_something() {
    let settings = Settings { read_only: true, ..Settings::default() };
    for info in keymap::ACTIONS.iter().filter(|info| info.effects == keymap::Effects::Changes) {
        let mut script = on_a_service(&settings, &company());
        script.keys("<ctrl-x>");
        let rows = script.state.menu_rows();
        let row = rows.iter().find(|row| row.deed == Deed::Action(info.action)).expect("it is offered");
        assert_eq!(row.obstacle.as_deref(), Some("ecsui is read-only"), "{}", info.name);
        script.keys(&row.letter.to_string());
        assert!(script.waiting.is_empty() && script.state.overlay().is_none(), "{}", info.name);
        assert_eq!(said(&script), "ecsui is read-only", "{}", info.name);
    }
}

#[test]
fn one_change_at_a_time_and_none_is_left_in_the_middle() {
    let mut script = on_a_service(&Settings::default(), &company());
    planned(&mut script, plan(Guard::Ask, vec![]));
    script.keys("y<ctrl-x>r");
    assert_eq!(said(&script), "one change at a time: Redeploy payments-api in prod");
    script.keys("<esc><ctrl-q>");
    assert!(said(&script).contains("is not finished"), "{}", said(&script));
    assert!(!script.effects.contains(&Effect::Quit));
    script.keys("<ctrl-q>");
    assert!(script.effects.contains(&Effect::Quit));
}

#[test]
fn what_is_told_while_a_change_is_made_is_not_lost() {
    let mut script = on_a_service(&Settings::default(), &company());
    planned(&mut script, plan(Guard::Ask, vec![]));
    script.keys("y");
    let (id, ..) = script.waiting.pop().expect("it is being made");
    let notice = "what is changed cannot be written down".to_owned();
    script.event(Event::Changing(id, script.now, ChangeNews::Notice(notice)));
    script.event(Event::Changing(id, script.now, ChangeNews::Doing("starts a new deployment".to_owned())));
    script.answer(id, Ok(Response::Changed(Box::default())));
    assert!(said(&script).ends_with("what is changed cannot be written down"), "{}", said(&script));
    script.event(Event::Changing(id, script.now, ChangeNews::Notice("too late".to_owned())));
    assert!(!said(&script).contains("too late"));
}

#[test]
fn a_failure_is_said_and_offers_no_second_try_by_itself() {
    let mut script = on_a_service(&Settings::default(), &company());
    planned(&mut script, plan(Guard::Ask, vec![]));
    script.keys("y");
    let (id, ..) = script.waiting.pop().expect("it is being made");
    let text = "payments-api cannot be redeployed: ecs:UpdateService is denied".to_owned();
    script.answer(id, Err(Notice { text: text.clone(), hints: vec![], passing: false }));
    assert_eq!((said(&script), changes(&script)), (text, vec![]));
}

/// What AWS says of the deployments of the service while one of this id is in this state.
fn deployments(world: &World, id: &str, rollout: &str) -> Response {
    let mut service =
        world.services.iter().find(|service| &*service.name == "payments-api").expect("it is there").clone();
    let detail = service.detail.as_mut().expect("it is described");
    let first: &mut Deployment = &mut detail.deployments[0];
    id.clone_into(&mut first.id);
    first.status = "PRIMARY".into();
    first.rollout = Some(rollout.into());
    detail.deployments.truncate(1);
    let seen = Deployments { service, history: vec![], definitions: BTreeMap::new(), gaps: vec![] };
    Response::Seen(Seen::Deployments(Box::new(seen)))
}

#[test]
fn a_deployment_is_followed_to_its_end_whatever_is_looked_at() {
    let world = company();
    let mut script = on_a_service(&Settings::default(), &world);
    planned(&mut script, plan(Guard::Ask, vec![]));
    script.keys("y");
    let (id, ..) = script.waiting.pop().expect("it is being made");
    let made = Made::Updated {
        place: payments(),
        before: None,
        definition: None,
        deployment: Some("ecs-svc/2".to_owned()),
        begun: None,
        desired: 3,
        deploys: true,
    };
    script.answer(id, Ok(Response::Changed(Box::new(Done { made: vec![made], ..Done::default() }))));
    assert_eq!(said(&script), "updated prod/payments-api");
    assert_eq!(script.state.detail_view(), DetailView::Deployments);
    // Another pane, another view.
    script.keys("<left>");
    let look = Look::Deployments { cluster: payments().cluster, service: payments().service };
    let mut answer = |id: &str, rollout: &str| {
        let asked = |script: &Script| {
            script.waiting.iter().find(|(_, _, it)| *it == Request::Look(look.clone())).map(|(id, ..)| *id)
        };
        let request = (0..60).find_map(|_| {
            script.pass(Duration::from_secs(1));
            asked(&script)
        });
        script.answer(request.expect("it is looked at again"), Ok(deployments(&world, id, rollout)));
        said(&script)
    };
    assert_eq!(answer("ecs-svc/1", "COMPLETED"), "", "AWS does not know of it yet");
    assert_eq!(answer("ecs-svc/2", "IN_PROGRESS"), "");
    assert_eq!(
        answer("ecs-svc/2", "FAILED"),
        "prod/payments-api: failed / hint: its deployments (f4) say why; rollback (ctrl-x b) brings back what ran before"
    );
    script.pass(Duration::from_mins(1));
    assert!(!script.waiting.iter().any(|(_, _, request)| *request == Request::Look(look.clone())), "it has ended");
}

#[test]
fn a_deployment_that_nothing_gives_up_is_said_to_fail() {
    let world = company();
    let mut script = on_a_service(&Settings::default(), &world);
    planned(&mut script, plan(Guard::Ask, vec![]));
    script.keys("y");
    let (id, ..) = script.waiting.pop().expect("it is being made");
    let (deployment, begun) = (Some("ecs-svc/2".to_owned()), None);
    let (before, definition) = (None, None);
    let made = Made::Updated { place: payments(), before, definition, deployment, begun, desired: 3, deploys: true };
    script.answer(id, Ok(Response::Changed(Box::new(Done { made: vec![made], ..Done::default() }))));
    let look = Request::Look(Look::Deployments { cluster: payments().cluster, service: payments().service });
    for (failed, expected) in [
        (2, "updated prod/payments-api"),
        (
            3,
            "prod/payments-api: 3 tasks failed and the service has no circuit breaker: AWS goes on trying / hint: its \
             deployments (f4) say why; rollback (ctrl-x b) brings back what ran before",
        ),
    ] {
        let request = asked(&mut script, &look);
        let mut answer = deployments(&world, "ecs-svc/2", "IN_PROGRESS");
        if let Response::Seen(Seen::Deployments(seen)) = &mut answer {
            let detail = seen.service.detail.as_mut().expect("it is described");
            detail.breaker = false;
            detail.deployments[0].failed = failed;
        }
        script.answer(request, Ok(answer));
        // Why they failed cannot be read: then that is all there is to say.
        let notice = Notice { text: "ecs:ListTasks is denied".to_owned(), hints: vec![], passing: false };
        let why = asked(&mut script, &stopped_tasks());
        script.answer(why, Err(notice));
        assert_eq!(said(&script), expected);
    }
}

/// Waits until this is asked.
fn asked(script: &mut Script, wanted: &Request) -> RequestId {
    let ask = |script: &Script| script.waiting.iter().find(|(_, _, it)| it == wanted).map(|(id, ..)| *id);
    let found = (0..60).find_map(|_| {
        script.pass(Duration::from_secs(1));
        ask(script)
    });
    found.unwrap_or_else(|| panic!("{wanted:?} is never asked, but {:?}", script.waiting))
}

fn stopped_tasks() -> Request {
    Request::Look(Look::Stopped(WhoseTasks::Service { cluster: payments().cluster, service: payments().service }))
}

/// What AWS says of a service's tasks that ended for these reasons, the last to end first.
fn ended(world: &World, reasons: &[&str]) -> Response {
    let task = |(number, reason): (usize, &&str)| Task {
        arn: arn(&format!("task/prod/{number:032}")),
        last_status: "STOPPED".into(),
        desired_status: "STOPPED".into(),
        stop_code: Some("TaskFailedToStart".into()),
        stopped_reason: Some((*reason).to_owned()),
        ..world.tasks[0].clone()
    };
    let tasks = reasons.iter().enumerate().map(task).rev();
    let tasks = tasks.map(|task| StoppedTask { task: Arc::new(task), remembered: false }).collect();
    Response::Seen(Seen::Stopped(Box::new(StoppedTasks { tasks, troubles: vec![] })))
}

/// A browser in which a deployment of the selected service has just begun.
fn with_a_deployment(world: &World) -> Script {
    let mut script = on_a_service(&Settings::default(), world);
    deploy(&mut script, world);
    script
}

/// Begins a deployment of the selected service, and looks at something else.
fn deploy(script: &mut Script, world: &World) {
    planned(script, plan(Guard::Ask, vec![]));
    script.keys("y");
    let (id, ..) = script.waiting.pop().expect("it is being made");
    let created = world.tasks[0].created;
    let (deployment, begun) = (Some("ecs-svc/2".to_owned()), created);
    let (before, definition) = (None, None);
    let made = Made::Updated { place: payments(), before, definition, deployment, begun, desired: 3, deploys: true };
    script.answer(id, Ok(Response::Changed(Box::new(Done { made: vec![made], ..Done::default() }))));
    script.keys("<left>");
}

/// Lets AWS say that so many tasks of the deployment have failed; it has a circuit breaker.
fn fail(script: &mut Script, world: &World, rollout: &str, failed: u32) {
    let look = Request::Look(Look::Deployments { cluster: payments().cluster, service: payments().service });
    let request = asked(script, &look);
    let mut answer = deployments(world, "ecs-svc/2", rollout);
    if let Response::Seen(Seen::Deployments(seen)) = &mut answer {
        let detail = seen.service.detail.as_mut().expect("it is described");
        detail.breaker = true;
        // The one that it replaces has failures of its own.
        let before =
            Deployment { id: "ecs-svc/1".to_owned(), status: "ACTIVE".into(), ..detail.deployments[0].clone() };
        detail.deployments.push(Deployment { failed: 7, ..before });
        detail.deployments[0].failed = failed;
    }
    script.answer(request, Ok(answer));
}

#[test]
fn why_tasks_fail_is_said_as_it_comes_once_for_each_reason_and_with_the_end() {
    let (no_image, no_secret) =
        ("CannotPullContainerError: x: not found", "ResourceInitializationError: unable to pull secrets");
    let world = company();
    let mut script = with_a_deployment(&world);
    fail(&mut script, &world, "IN_PROGRESS", 0);
    assert!(!script.waiting.iter().any(|(_, _, it)| *it == stopped_tasks()), "none has failed");
    fail(&mut script, &world, "IN_PROGRESS", 1);
    let why = asked(&mut script, &stopped_tasks());
    script.answer(why, Ok(ended(&world, &[no_image])));
    let words = "the image cannot be pulled: there is none of that name or tag";
    assert_eq!(said(&script), format!("prod/payments-api: 1 failed: {words}"));
    assert!(script.state.message().expect("it is said").failure);
    // The same once more is no news, and while no more fail nobody asks.
    script.keys("<left>");
    fail(&mut script, &world, "IN_PROGRESS", 2);
    let why = asked(&mut script, &stopped_tasks());
    script.answer(why, Ok(ended(&world, &[no_image, no_image])));
    fail(&mut script, &world, "IN_PROGRESS", 2);
    script.pass(Duration::from_mins(1));
    assert!(!script.waiting.iter().any(|(_, _, it)| *it == stopped_tasks()), "no more have failed");
    assert_eq!(said(&script), "");
    // The end waits for the reason of the failure that came with it.
    fail(&mut script, &world, "FAILED", 3);
    assert_eq!(said(&script), "");
    let why = asked(&mut script, &stopped_tasks());
    script.answer(why, Ok(ended(&world, &[no_image, no_image, no_secret])));
    let said = said(&script);
    assert!(said.starts_with("prod/payments-api: failed: what it needs could not be set up: a secret"), "{said}");
    assert!(said.ends_with(" / hint: rollback (ctrl-x b) brings back what ran before"), "{said}");
    assert_eq!(script.state.last_words(), Vec::<String>::new(), "it is over");
}

#[test]
fn what_failed_before_is_not_told_of_a_deployment() {
    let world = company();
    let mut script = with_a_deployment(&world);
    fail(&mut script, &world, "IN_PROGRESS", 1);
    let why = asked(&mut script, &stopped_tasks());
    let mut answer = ended(&world, &["CannotPullContainerError: x: not found"]);
    if let Response::Seen(Seen::Stopped(seen)) = &mut answer {
        let before = world.tasks[1].created;
        assert!(before < world.tasks[0].created);
        Arc::make_mut(&mut seen.tasks[0].task).created = before;
    }
    script.answer(why, Ok(answer));
    assert_eq!(said(&script), "");
}

#[test]
fn how_far_deployments_are_stands_above_whatever_is_looked_at_and_they_go_on_when_somebody_leaves() {
    let world = company();
    let mut script = with_a_deployment(&world);
    assert_eq!(script.state.followed_words(), None, "nothing is known yet");
    fail(&mut script, &world, "IN_PROGRESS", 0);
    let words = script.state.followed_words().expect("it is under way");
    assert!(words.starts_with("prod/payments-api "), "{words}");
    let screen = line(&script, 0);
    assert!(screen.contains(&words), "{screen}");
    let look = "look with `ecsui deployments prod/payments-api`";
    assert_eq!(script.state.last_words(), [format!("no longer following prod/payments-api: it goes on; {look}")]);
    script.keys("<ctrl-q>");
    assert!(script.effects.contains(&Effect::Quit), "nobody is asked");
    fail(&mut script, &world, "COMPLETED", 0);
    assert_eq!((script.state.followed_words(), script.state.last_words()), (None, vec![]));
    // Elsewhere the command has to lead there.
    script.keys("<ctrl-g>us-east-1<enter>");
    script.settle(&world);
    script.keys("<right>");
    script.settle(&world);
    deploy(&mut script, &world);
    let look = "look with `ecsui --region us-east-1 deployments prod/payments-api`";
    assert_eq!(script.state.last_words(), [format!("no longer following prod/payments-api: it goes on; {look}")]);
}

#[test]
fn the_frame_has_the_colour_of_the_rule_that_fits() {
    let rule = GuardRule { color: Some(GuardColour::Red), ..toml("cluster = \"pro*\"") };
    let settings = Settings { guards: vec![rule], ..Settings::default() };
    let mut script = on_a_service(&settings, &company());
    assert_eq!(script.state.guard_colour(), Some(GuardColour::Red));
    script.keys("<left><down>");
    assert_eq!(script.state.guard_colour(), None);
}

fn toml(text: &str) -> GuardRule {
    toml::from_str(text).expect("it is a rule")
}
