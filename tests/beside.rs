//! The jump over several profiles and regions at once, in the state alone: no terminal, no AWS, no clock.

#[path = "common/browser.rs"]
mod browser;

use std::time::Duration;

use browser::{Script, World, arn, company};
use ecsui::{
    config::{GuardColour, GuardRule, JumpRule, Settings},
    model::{Arn, Task},
    ops::{
        Identity, list,
        ls::Branch,
        sites::{KnownProfile, Site},
    },
    tui::{
        app::{
            Effect, Errand, Event, Leaf, Level, Look, Notice, Request, RequestId, Response, Row, Seen, SessionId,
            leaves,
        },
        view::draw,
    },
};
use ratatui::{Terminal, backend::TestBackend, buffer::Cell};

const TASK: &str = "a1b2c3d40d0e4f5a8b7c6d5e4f3a2b1c";

/// Two profiles in three regions, where the browser is in one of the six.
fn settings() -> Settings {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let rule =
        JumpRule { profiles: names(&["dev", "prod"]), regions: names(&["eu-west-1", "us-east-1", "ap-south-1"]) };
    Settings { jump: vec![rule], ..Settings::default() }
}

fn site(profile: &str, region: &str) -> Site {
    Site { profile: Some(profile.to_owned()), region: Some(region.to_owned()) }
}

/// An ARN of the account that a profile leads to.
fn arn_at(site: &Site, resource: &str) -> Arn {
    let account = if site.profile.as_deref() == Some("prod") { "222222222222" } else { "123456789012" };
    let region = site.region.as_deref().unwrap_or_default();
    format!("arn:aws:ecs:{region}:{account}:{resource}").parse().expect("it has six parts")
}

/// The one cluster of a site.
fn cluster_of(site: &Site) -> Arn {
    arn_at(site, "cluster/main")
}

fn task_of(site: &Site) -> Task {
    let (cluster, arn) = (cluster_of(site), arn_at(site, &format!("task/main/{TASK}")));
    Task { arn, cluster, ..browser::task(&cluster_of(site), TASK, Some("api"), "2026-03-08T12:00:00Z") }
}

/// A world in which the panes see what is at a site.
fn world_of(site: &Site) -> World {
    let cluster = ecsui::model::Cluster { arn: cluster_of(site), ..browser::cluster("main", 1, 1, 0) };
    let mut service = browser::service(&cluster.arn, "api", 1, 1, "2026-03-08T09:00:00Z", "COMPLETED");
    service.arn = arn_at(site, "service/main/api");
    World { clusters: vec![cluster], services: vec![service], tasks: vec![task_of(site)], ..World::default() }
}

/// What is on the screen, without what is blank at the end of its lines.
fn screen(script: &Script) -> String {
    let query = script.state.areas().query;
    let mut terminal = Terminal::new(TestBackend::new(query.width, query.bottom())).expect("memory is a terminal");
    terminal.draw(|frame| draw(&script.state, frame)).expect("memory takes every frame");
    let rows = terminal.backend().buffer().content.chunks(usize::from(query.width));
    let row = |row: &[Cell]| row.iter().map(Cell::symbol).collect::<String>().trim_end().to_owned();
    rows.map(row).collect::<Vec<_>>().join("\n")
}

/// A browser at dev in eu-west-1 whose jump is open, with what it read there.
fn jumping(settings: &Settings) -> Script {
    jumping_at(160, 40, settings)
}

fn jumping_at(columns: u16, rows: u16, settings: &Settings) -> Script {
    let mut script = Script::new(columns, rows, settings);
    script.settle(&company());
    script.keys("<ctrl-f>");
    script.serve(&company());
    script
}

/// What was asked of other sites and not answered.
fn asked(script: &Script) -> Vec<(Site, Errand)> {
    let elsewhere = script.waiting.iter().filter_map(|(_, _, request)| match request {
        Request::Elsewhere { site, errand } => Some((site.clone(), errand.clone())),
        _ => None,
    });
    elsewhere.collect()
}

fn request_of(script: &Script, site: &Site, errand: &Errand) -> RequestId {
    let wanted = Request::Elsewhere { site: site.clone(), errand: errand.clone() };
    let found = script.waiting.iter().find(|(_, _, request)| *request == wanted);
    found.map_or_else(|| panic!("{wanted:?} of {:?}", script.waiting), |(id, ..)| *id)
}

fn answer(script: &mut Script, site: &Site, errand: &Errand, answer: Result<Response, Notice>) {
    let id = request_of(script, site, errand);
    script.answer(id, answer);
}

/// Answers everything that a site is asked for.
fn serve(script: &mut Script, site: &Site) {
    let cluster = cluster_of(site);
    answer(script, site, &Errand::Clusters, Ok(Response::ClustersElsewhere(vec![cluster.clone()])));
    serve_leaves(script, site);
}

fn serve_leaves(script: &mut Script, site: &Site) {
    let cluster = cluster_of(site);
    let branch = Branch { cluster: cluster.clone(), services: Vec::new(), tasks: vec![task_of(site)] };
    let found = leaves(&cluster, list::flat(branch), Vec::new(), []);
    answer(script, site, &Errand::Leaves { cluster }, Ok(Response::Leaves(found)));
}

fn expired() -> Notice {
    Notice {
        text: "AWS cannot be used: profile prod: the SSO session has expired".to_owned(),
        hints: vec!["log in again: `aws sso login --profile prod`".to_owned()],
        passing: false,
    }
}

/// The jump in which one site is slow, one has failed and the others were read.
fn one_slow_one_failing(settings: &Settings) -> Script {
    one_slow_one_failing_at(160, 40, settings)
}

fn one_slow_one_failing_at(columns: u16, rows: u16, settings: &Settings) -> Script {
    let mut script = jumping_at(columns, rows, settings);
    answer(&mut script, &site("prod", "us-east-1"), &Errand::Clusters, Err(expired()));
    for read in [site("dev", "us-east-1"), site("prod", "eu-west-1"), site("prod", "ap-south-1")] {
        serve(&mut script, &read);
    }
    script
}

fn found(script: &Script) -> Vec<(String, String)> {
    let (hits, _) = script.state.leaf_count();
    let leaf = |place| {
        let origin = script.state.leaf_origin(place)?.label();
        Some((origin, script.state.leaf(place).map(Leaf::path)?.to_owned()))
    };
    (0..hits).filter_map(leaf).collect()
}

fn places(script: &Script) -> Vec<String> {
    let mut places: Vec<String> = found(script).into_iter().map(|(place, _)| place).collect();
    places.sort();
    places.dedup();
    places
}

fn lines(script: &Script) -> Vec<String> {
    script.state.site_lines().into_iter().map(|line| line.text).collect()
}

fn cluster_names(script: &Script) -> Vec<String> {
    let pane = script.state.pane(Level::Cluster);
    (0..pane.hits()).filter_map(|place| pane.hit(place)).map(|row| row.name().to_owned()).collect()
}

#[test]
fn each_site_is_asked_once_beside_the_one_in_the_panes() {
    let mut settings = settings();
    settings.jump.extend(settings.jump.clone());
    let script = jumping(&settings);
    let sites: Vec<Site> = asked(&script).into_iter().map(|(site, _)| site).collect();
    let wanted = [
        site("dev", "us-east-1"),
        site("dev", "ap-south-1"),
        site("prod", "eu-west-1"),
        site("prod", "us-east-1"),
        site("prod", "ap-south-1"),
    ];
    assert_eq!(sites, wanted);
    assert_eq!(script.state.sites_reached(), (1, 6));
    assert_eq!(places(&script), ["dev · eu-west-1"], "what is here is there at once");
    let mut closed = script;
    closed.effects.clear();
    closed.keys("<esc>");
    closed.pass(Duration::from_millis(200));
    assert_eq!(asked(&closed), [], "nobody looks any more");
}

#[test]
fn it_looks_so() {
    for (columns, rows) in [(60, 20), (80, 24), (120, 40), (200, 50)] {
        let mut script = one_slow_one_failing_at(columns, rows, &settings());
        script.keys("app");
        script.pass(Duration::from_millis(20));
        insta::assert_snapshot!(format!("sites_{columns}x{rows}"), screen(&script));
    }
    let mut loading = jumping_at(80, 24, &settings());
    look_through(&mut loading);
    insta::assert_snapshot!("sites_loading", screen(&loading));
}

#[test]
fn one_that_fails_is_named_one_that_is_slow_too_and_the_others_are_there() {
    let mut script = one_slow_one_failing(&settings());
    assert_eq!(places(&script), ["dev · eu-west-1", "dev · us-east-1", "prod · ap-south-1", "prod · eu-west-1"]);
    assert_eq!(
        lines(&script),
        [
            "… dev · ap-south-1: still reading its clusters",
            "✖ prod · us-east-1: AWS cannot be used: profile prod: the SSO session has expired; log in again: `aws sso \
             login --profile prod`",
        ]
    );
    assert_eq!(asked(&script), [(site("dev", "ap-south-1"), Errand::Clusters)]);
    assert_eq!(cluster_names(&script), ["prod", "staging"], "nothing of it is in the panes");
    script.keys("profile:prod region:ap 'api container:app");
    assert_eq!(found(&script), [("prod · ap-south-1".to_owned(), "main/api/a1b2c3d4/app".to_owned())]);
    script.keys("<ctrl-u>account:2222");
    assert_eq!(places(&script), ["prod · ap-south-1", "prod · eu-west-1"]);
    script.keys("<ctrl-u>profile:^dev region:us app");
    assert_eq!(places(&script), ["dev · us-east-1"]);
    // And when it comes after all.
    script.keys("<ctrl-u>");
    serve(&mut script, &site("dev", "ap-south-1"));
    script.pass(Duration::from_millis(20));
    assert_eq!(places(&script).len(), 5);
    assert_eq!(lines(&script).len(), 1);
}

#[test]
fn enter_logs_in_where_the_row_is_while_another_site_is_slow() {
    let mut script = one_slow_one_failing(&settings());
    let there = site("prod", "ap-south-1");
    script.keys("profile:prod region:ap app<enter>");
    let login = script.waiting.last().cloned().expect("it is asked for");
    match &login.2 {
        Request::Elsewhere { site, errand: Errand::OpenExec { target, .. } } => {
            assert_eq!((site, &target.task, &*target.container), (&there, &task_of(&there).arn, "app"));
        }
        other => panic!("{other:?}"),
    }
    script.answer(login.0, Ok(Response::Opened(SessionId(7))));
    assert!(script.effects.iter().any(|effect| matches!(effect, Effect::Attach(SessionId(7), _))));
    let noted = script.waiting.iter().find_map(|(_, _, request)| match request {
        Request::Note { cluster, opened, .. } => Some((cluster.clone(), opened.place.clone())),
        _ => None,
    });
    assert_eq!(noted, Some((cluster_of(&there), "api".to_owned())), "its ARN knows account and region");
    script.keys("<ctrl-u>'main app");
    script.pass(Duration::from_millis(20));
    assert_eq!(found(&script)[0].0, "prod · ap-south-1", "of the equal ones of all sites it is the one");
    assert_eq!(asked(&script), [(site("dev", "ap-south-1"), Errand::Clusters)], "still at it");
}

#[test]
fn a_login_that_fails_elsewhere_says_where() {
    let mut script = one_slow_one_failing(&settings());
    script.keys("profile:prod region:ap app<enter>");
    assert!(screen(&script).contains("opening app in a1b2c3d4 at prod · ap-south-1 …"), "{}", screen(&script));
    let id = script.waiting.last().expect("it is asked for").0;
    script.answer(id, Err(expired()));
    let said = script.state.message().expect("it is said").lines.join(" ");
    assert!(said.starts_with("cannot log in to app in a1b2c3d4 at prod · ap-south-1: AWS cannot be used"), "{said}");
}

#[test]
fn tab_goes_to_the_site_of_the_row_and_puts_the_cursor_on_it() {
    let mut script = one_slow_one_failing(&settings());
    let there = site("prod", "ap-south-1");
    script.keys("profile:prod region:ap app");
    script.effects.clear();
    script.keys("<tab>");
    assert!(script.effects.contains(&Effect::Go(there.clone())), "{:?}", script.effects);
    assert!(script.state.jump().is_none());
    assert_eq!(asked(&script), [], "what other sites were asked is given up with the rest");
    let who = Identity {
        profile: "prod".to_owned(),
        region: "ap-south-1".to_owned(),
        account: Some("222222222222".to_owned()),
        caller: None,
    };
    let id = script.waiting.iter().find(|(_, _, request)| *request == Request::Identity).expect("it is asked").0;
    script.answer(id, Ok(Response::Identity(who)));
    script.settle(&world_of(&there));
    let on = |script: &Script| script.state.pane(Level::Container).selected().map(|row| row.id.arn().clone());
    assert_eq!(on(&script), Some(task_of(&there).arn));
    assert_eq!((script.state.focus(), cluster_names(&script)), (Level::Container, vec!["main".to_owned()]));
    // There it is the one that is not read again, and what was read of the others stands at once.
    script.keys("<ctrl-f>");
    assert!(!asked(&script).iter().any(|(site, _)| *site == there));
    assert!(asked(&script).iter().any(|(asked, _)| *asked == site("dev", "eu-west-1")), "where we came from");
    assert!(places(&script).contains(&"dev · us-east-1".to_owned()));
}

#[test]
fn a_reply_of_another_site_lands_nowhere_once_it_was_left() {
    let mut script = one_slow_one_failing(&settings());
    let slow = site("dev", "ap-south-1");
    let id = request_of(&script, &slow, &Errand::Clusters);
    script.keys("profile:prod region:ap app<tab>");
    script.event(Event::Reply(id, script.now, Ok(Response::ClustersElsewhere(vec![cluster_of(&slow)]))));
    script.event(Event::Reply(id, script.now, Ok(Response::Clusters(world_of(&slow).clusters, None))));
    assert_eq!(cluster_names(&script), Vec::<String>::new());
}

#[test]
fn what_one_site_shows_no_other_profile_reads_again() {
    let mut script = jumping(&settings());
    let alias = site("prod", "eu-west-1");
    let clusters = vec![arn("cluster/prod"), arn("cluster/staging")];
    answer(&mut script, &alias, &Errand::Clusters, Ok(Response::ClustersElsewhere(clusters)));
    assert!(asked(&script).iter().all(|(site, _)| *site != alias), "these are the clusters in the panes");
    assert_eq!(places(&script), ["dev · eu-west-1"]);
    assert!(!lines(&script).iter().any(|line| line.contains("prod · eu-west-1")));
}

#[test]
fn a_profile_without_regions_is_read_in_its_own() {
    let rule = JumpRule { profiles: vec!["prod".to_owned(), "roaming".to_owned()], regions: Vec::new() };
    let settings = Settings { jump: vec![rule], ..Settings::default() };
    let mut script = jumping(&settings);
    assert_eq!(asked(&script), [], "which that is has to be known first");
    let files = Request::Look(Look::Profiles);
    let id = script.waiting.iter().find(|(_, _, request)| *request == files).expect("the files are read").0;
    let known =
        |name: &str, region: Option<&str>| KnownProfile { name: name.to_owned(), region: region.map(str::to_owned) };
    let profiles = vec![known("dev", Some("eu-west-1")), known("prod", Some("us-east-1")), known("roaming", None)];
    script.answer(id, Ok(Response::Seen(Seen::Profiles(profiles))));
    let sites: Vec<Site> = asked(&script).into_iter().map(|(site, _)| site).collect();
    assert_eq!(sites, [site("prod", "us-east-1"), site("roaming", "eu-west-1")], "or in that where it began");
}

#[test]
fn regions_without_profiles_are_read_with_the_profile_of_the_beginning() {
    let rule = JumpRule { profiles: Vec::new(), regions: vec!["eu-west-1".to_owned(), "us-east-1".to_owned()] };
    let script = jumping(&Settings { jump: vec![rule], ..Settings::default() });
    let there = Site { profile: None, region: Some("us-east-1".to_owned()) };
    assert_eq!(asked(&script), [(there, Errand::Clusters)]);
}

#[test]
fn a_site_that_may_be_the_one_in_the_panes_waits_until_that_is_known() {
    let mut settings = settings();
    settings.profile = Some("dev".to_owned());
    let mut script = Script::new(160, 40, &settings);
    script.keys("<ctrl-f>");
    let sites = |script: &Script| asked(script).into_iter().map(|(site, _)| site).collect::<Vec<_>>();
    let others = [site("prod", "eu-west-1"), site("prod", "us-east-1"), site("prod", "ap-south-1")];
    assert_eq!(sites(&script), others, "nothing of them hangs on who we are here");
    let id = script.waiting.iter().find(|(_, _, request)| *request == Request::Identity).expect("it is asked").0;
    script.answer(id, company().answer(&Request::Identity).expect("it is known"));
    assert_eq!(sites(&script).len(), 5);
    assert!(!sites(&script).contains(&site("dev", "eu-west-1")));
}

#[test]
fn what_may_pass_is_tried_again_and_the_rest_when_asked_to() {
    let mut script = jumping(&settings());
    let (passing, lasting) = (site("prod", "us-east-1"), site("prod", "eu-west-1"));
    answer(&mut script, &passing, &Errand::Clusters, Err(Notice { passing: true, ..expired() }));
    answer(&mut script, &lasting, &Errand::Clusters, Err(expired()));
    let is_asked = |script: &Script, wanted: &Site| asked(script).iter().any(|(site, _)| site == wanted);
    script.pass(Duration::from_secs(59));
    assert!(!is_asked(&script, &passing));
    script.pass(Duration::from_secs(2));
    assert!(is_asked(&script, &passing) && !is_asked(&script, &lasting));
    script.keys("<ctrl-r>");
    assert!(is_asked(&script, &lasting));
}

#[test]
fn parts_that_are_denied_are_named_with_their_site() {
    let mut script = jumping(&settings());
    let there = site("prod", "eu-west-1");
    let cluster = cluster_of(&there);
    answer(&mut script, &there, &Errand::Clusters, Ok(Response::ClustersElsewhere(vec![cluster.clone()])));
    assert!(lines(&script).contains(&"… prod · eu-west-1: still reading, 0 of 1 clusters".to_owned()));
    let denied = Notice { text: "not allowed: ecs:ListTasks".to_owned(), hints: Vec::new(), passing: false };
    let found = leaves(&cluster, Vec::new(), vec![denied], []);
    answer(&mut script, &there, &Errand::Leaves { cluster }, Ok(Response::Leaves(found)));
    assert!(
        lines(&script).contains(&"✖ prod · eu-west-1: not allowed: ecs:ListTasks".to_owned()),
        "{:?}",
        lines(&script)
    );
    let rows = |height: u16| script.state.rows_below(60, height).into_iter().map(|(text, _)| text).collect::<Vec<_>>();
    let wrong = "✖ prod · eu-west-1: not allowed: ecs:ListTasks";
    let slow = ["… still reading dev · us-east-1, dev · ap-south-1, prod ·", "  us-east-1, prod · ap-south-1"];
    assert_eq!(rows(6), [wrong, slow[0], slow[1]]);
    assert_eq!(rows(4), [wrong, "  4 more not read, or not yet: dev · us-east-1, dev · ap-so…"]);
    assert_eq!(rows(2), ["  5 not read, or not yet: prod · eu-west-1, dev · us-east-1…"]);
    assert_eq!(rows(1), Vec::<String>::new());
}

#[test]
fn all_sites_that_fail_are_named_and_said_in_full_where_the_list_is_short() {
    let regions: Vec<String> = (0..6).map(|number| format!("xx-{number}")).collect();
    let rule = JumpRule { profiles: vec!["prod".to_owned()], regions: regions.clone() };
    let mut script = jumping_at(80, 24, &Settings { jump: vec![rule], ..Settings::default() });
    for region in &regions {
        answer(&mut script, &site("prod", region), &Errand::Clusters, Err(expired()));
    }
    look_through(&mut script);
    let shown = screen(&script);
    assert!(shown.contains("more not read, or not yet: "), "{shown}");
    assert!(regions.iter().all(|region| shown.contains(&format!("prod · {region}"))), "{shown}");
    script.keys("staging");
    look_through(&mut script);
    let shown = screen(&script);
    assert_eq!(shown.matches("✖ prod · xx-").count(), 6, "{shown}");
    assert!(shown.contains("staging/payments-api"), "{shown}");
}

#[test]
fn the_cursor_stays_on_what_matches_best_whichever_site_comes_first() {
    let there = [site("prod", "eu-west-1"), site("dev", "us-east-1"), site("prod", "ap-south-1")];
    for first in 0..there.len() {
        let mut script = Script::new(160, 40, &settings());
        serve_panes(&mut script, |request| matches!(request, Request::Identity | Request::Clusters));
        script.keys("<ctrl-f>main app");
        for number in 0..there.len() {
            serve(&mut script, &there[(first + number) % there.len()]);
            look_through(&mut script);
            script.shown();
        }
        serve_panes(&mut script, |request| matches!(request, Request::Leaves { .. }));
        look_through(&mut script);
        script.shown();
        let best = found(&script).first().cloned();
        assert_eq!((found(&script).len() > 2, cursor(&script)), (true, best), "{first}");
    }
}

#[test]
fn the_frame_has_the_colour_of_the_rule_for_the_row_wherever_that_is() {
    let rule = GuardRule {
        profile: Some("prod".into()),
        region: Some("ap-*".into()),
        color: Some(GuardColour::Red),
        ..GuardRule::default()
    };
    let mut script = one_slow_one_failing(&Settings { guards: vec![rule], ..settings() });
    script.keys("profile:prod region:ap app");
    assert_eq!(script.state.guard_colour(), Some(GuardColour::Red));
    script.keys("<ctrl-u>profile:prod region:eu app");
    assert_eq!(script.state.guard_colour(), None);
}

#[test]
fn many_sites_are_read_some_at_a_time() {
    let regions = (0..40).map(|number| format!("xx-east-{number}")).collect();
    let rule = JumpRule { profiles: vec!["prod".to_owned()], regions };
    let mut script = jumping(&Settings { jump: vec![rule], ..Settings::default() });
    assert_eq!(asked(&script).len(), 16);
    let first = asked(&script)[0].0.clone();
    answer(&mut script, &first, &Errand::Clusters, Err(expired()));
    assert_eq!(asked(&script).len(), 16, "the next one takes its turn");
    assert_eq!(script.state.pane(Level::Cluster).selected().map(Row::name), Some("prod"));
}

/// Profiles of one account in one region: the browser is at the first, the jump looks through the others too.
fn aliases(profiles: &[&str]) -> Settings {
    let profiles = profiles.iter().map(|&name| name.to_owned()).collect();
    let rule = JumpRule { profiles, regions: vec!["eu-west-1".to_owned()] };
    Settings { jump: vec![rule], ..Settings::default() }
}

/// Tells a site which clusters it leads to: those of the company.
fn list_company(script: &mut Script, site: &Site) {
    let clusters = company().clusters.into_iter().map(|cluster| cluster.arn).collect();
    answer(script, site, &Errand::Clusters, Ok(Response::ClustersElsewhere(clusters)));
}

/// Tells a site what is in one of them.
fn serve_company(script: &mut Script, site: &Site, cluster: &str) {
    let cluster = arn(cluster);
    let Some(found) = company().answer(&Request::Leaves { cluster: cluster.clone() }) else { unreachable!() };
    answer(script, site, &Errand::Leaves { cluster }, found);
}

/// Answers the requests of the panes that are of this kind.
fn serve_panes(script: &mut Script, is_it: impl Fn(&Request) -> bool) {
    while let Some(place) = script.waiting.iter().position(|(_, _, request)| is_it(request)) {
        let (id, _, request) = script.waiting.remove(place);
        script.answer(id, company().answer(&request).expect("it is known"));
    }
}

/// Looks at everything that came.
fn look_through(script: &mut Script) {
    script.pass(Duration::from_millis(20));
}

fn cursor(script: &Script) -> Option<(String, String)> {
    let place = script.state.jump()?.cursor()?;
    found(script).get(place).cloned()
}

#[test]
fn a_row_stays_under_the_cursor_while_the_panes_come_to_know_its_cluster() {
    let mut script = Script::new(160, 40, &aliases(&["dev", "prod"]));
    serve_panes(&mut script, |request| *request == Request::Identity);
    script.keys("<ctrl-f>app");
    let alias = site("prod", "eu-west-1");
    list_company(&mut script, &alias);
    serve_company(&mut script, &alias, "cluster/prod");
    serve_company(&mut script, &alias, "cluster/staging");
    look_through(&mut script);
    script.keys("<down>");
    let rows = found(&script).len();
    let (place, path) = cursor(&script).expect("there are rows");
    assert_eq!(place, "prod · eu-west-1");
    let reach = script.state.reach();
    assert_eq!((reach.read, reach.all), (2, 2));

    serve_panes(&mut script, |request| *request == Request::Clusters);
    look_through(&mut script);
    assert_eq!(script.state.jump().and_then(|jump| jump.gone()), None);
    assert_eq!((cursor(&script), found(&script).len()), (Some((place, path.clone())), rows));
    let reach = script.state.reach();
    assert_eq!((reach.read, reach.all, reach.reading), (2, 2, true), "each cluster once");
    assert!(script.waiting.iter().any(|(_, _, request)| matches!(request, Request::Leaves { .. })));
    let mut there = script.clone();
    there.keys("<enter>");
    let login = &there.waiting.last().expect("it is asked for").2;
    assert!(
        matches!(login, Request::Elsewhere { site, errand: Errand::OpenExec { .. } } if *site == alias),
        "{login:?}"
    );

    // One cluster after the other is the panes' as soon as they have read it, and each row is there once.
    serve_panes(&mut script, |request| *request == Request::Leaves { cluster: arn("cluster/prod") });
    look_through(&mut script);
    assert_eq!(script.state.jump().and_then(|jump| jump.gone()), None);
    let expected = Some(("dev · eu-west-1".to_owned(), path));
    assert_eq!((cursor(&script), found(&script).len()), (expected.clone(), rows));
    serve_panes(&mut script, |request| matches!(request, Request::Leaves { .. }));
    look_through(&mut script);
    assert_eq!((cursor(&script), found(&script).len()), (expected, rows));
    assert_eq!(places(&script), ["dev · eu-west-1"]);
    assert_eq!(lines(&script), Vec::<String>::new());
}

#[test]
fn an_earlier_profile_takes_a_cluster_over_once_it_has_read_it() {
    let mut script = jumping(&aliases(&["slow", "fast"]));
    let (slow, fast) = (site("slow", "eu-west-1"), site("fast", "eu-west-1"));
    let clusters = |script: &mut Script, of: &Site| {
        answer(script, of, &Errand::Clusters, Ok(Response::ClustersElsewhere(vec![cluster_of(of)])));
    };
    let main = |script: &Script| -> Vec<String> {
        found(script).into_iter().filter(|(_, path)| path.starts_with("main/")).map(|(place, _)| place).collect()
    };
    clusters(&mut script, &fast);
    serve_leaves(&mut script, &fast);
    look_through(&mut script);
    script.keys("'main");
    let row = main(&script).len();
    clusters(&mut script, &slow);
    look_through(&mut script);
    assert_eq!(main(&script), vec!["fast · eu-west-1"; row]);
    assert_eq!(lines(&script), ["… slow · eu-west-1: still reading, 0 of 1 clusters"]);
    let mut failing = script.clone();
    serve_leaves(&mut script, &slow);
    look_through(&mut script);
    assert_eq!(main(&script), vec!["slow · eu-west-1"; row]);
    assert_eq!(lines(&script), Vec::<String>::new());
    assert_eq!(script.state.jump().and_then(|jump| jump.gone()), None);
    // One that never can leaves it to who did, which goes on reading it.
    answer(&mut failing, &slow, &Errand::Leaves { cluster: cluster_of(&slow) }, Err(expired()));
    failing.pass(Duration::from_mins(2));
    assert_eq!(main(&failing), vec!["fast · eu-west-1"; row]);
    assert!(asked(&failing).contains(&(fast.clone(), Errand::Leaves { cluster: cluster_of(&fast) })));
    assert!(lines(&failing)[0].starts_with("✖ slow · eu-west-1: "), "{:?}", lines(&failing));
}

#[test]
fn a_site_is_through_once_what_it_still_read_is_another_ones() {
    let mut script = jumping(&aliases(&["slow", "fast"]));
    let (slow, fast) = (site("slow", "eu-west-1"), site("fast", "eu-west-1"));
    let list = |script: &mut Script, of: &Site, clusters: Vec<Arn>| {
        answer(script, of, &Errand::Clusters, Ok(Response::ClustersElsewhere(clusters)));
    };
    list(&mut script, &fast, vec![cluster_of(&fast)]);
    assert!(lines(&script).contains(&"… fast · eu-west-1: still reading, 0 of 1 clusters".to_owned()));
    list(&mut script, &slow, vec![cluster_of(&slow)]);
    look_through(&mut script);
    assert_eq!(asked(&script), [(slow.clone(), Errand::Leaves { cluster: cluster_of(&slow) })]);
    assert_eq!(lines(&script), ["… slow · eu-west-1: still reading, 0 of 1 clusters"]);
    // And where the cluster is deleted while it is read.
    script.keys("<ctrl-r>");
    list(&mut script, &fast, Vec::new());
    list(&mut script, &slow, Vec::new());
    look_through(&mut script);
    assert_eq!(lines(&script), Vec::<String>::new());
    assert!(asked(&script).iter().all(|(_, errand)| *errand == Errand::Clusters), "{:?}", asked(&script));
}

#[test]
fn a_late_site_is_read_to_its_end_however_often_the_others_begin_anew() {
    let regions: Vec<String> = (0..20).map(|number| format!("xx-east-{number}")).collect();
    let rule = JumpRule { profiles: vec!["prod".to_owned()], regions: regions.clone() };
    let mut script = jumping(&Settings { jump: vec![rule], ..Settings::default() });
    let late = site("prod", "xx-east-19");
    let serve_others = |script: &mut Script| {
        while let Some((other, errand)) = asked(script).into_iter().find(|(site, _)| *site != late) {
            assert_eq!(errand, Errand::Clusters);
            answer(script, &other, &errand, Ok(Response::ClustersElsewhere(Vec::new())));
        }
    };
    serve_others(&mut script);
    let id = request_of(&script, &late, &Errand::Clusters);
    for _ in 0..3 {
        script.pass(Duration::from_secs(61));
        assert_eq!(asked(&script).len(), 16, "no more than that begin, all at once or not");
        assert_eq!(request_of(&script, &late, &Errand::Clusters), id, "and nobody is given up for it");
        serve_others(&mut script);
    }
    script.answer(id, Ok(Response::ClustersElsewhere(vec![cluster_of(&late)])));
    serve_leaves(&mut script, &late);
    look_through(&mut script);
    assert!(places(&script).contains(&"prod · xx-east-19".to_owned()));
}
