//! Going to another profile or region without a restart: the list, what is left behind, and what stands there again.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod account;
    pub(crate) mod browser;
    pub(crate) mod terminal;
}

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use common::{
    account::{Account, ECSUI},
    browser::{Script, World, company},
    terminal::{Program, Terminal},
};
use ecsui::{
    config::Settings,
    ops::sites::{KnownProfile, Site},
    sim,
    tui::app::{Effect, Level, Look, Request, Response, Seen},
};

const CTRL_G: &str = "\x07";

fn world() -> World {
    let known =
        |name: &str, region: Option<&str>| KnownProfile { name: name.to_owned(), region: region.map(str::to_owned) };
    let profiles = vec![known("dev", Some("eu-west-1")), known("prod", Some("us-east-1")), known("roaming", None)];
    World { profiles: Some(profiles), ..company() }
}

/// A browser that has read what is on its screen.
fn settled() -> Script {
    let mut script = Script::new(120, 40, &Settings::default());
    script.settle(&world());
    script
}

/// Opens the list, and lets the files be read.
fn open(script: &mut Script) {
    script.keys("<ctrl-g>");
    script.pass(Duration::from_millis(150));
    let files = Request::Look(Look::Profiles);
    if let Some(id) = script.waiting.iter().find(|(_, _, request)| *request == files).map(|(id, ..)| *id) {
        script.answer(id, Ok(Response::Seen(Seen::Profiles(world().profiles.unwrap()))));
    }
}

fn rows(script: &Script) -> Vec<String> {
    script.state.pick_rows().0.into_iter().map(|row| row.line.text).collect()
}

fn sites(script: &mut Script) -> Vec<Site> {
    let effects = std::mem::take(&mut script.effects).into_iter();
    effects.filter_map(|effect| if let Effect::Go(site) = effect { Some(site) } else { None }).collect()
}

fn site(profile: Option<&str>, region: Option<&str>) -> Site {
    Site { profile: profile.map(str::to_owned), region: region.map(str::to_owned) }
}

#[test]
fn one_list_has_the_profiles_and_the_regions_the_own_ones_first() {
    let mut script = settled();
    open(&mut script);
    let rows = rows(&script);
    let names: Vec<Vec<&str>> = rows.iter().map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(names[0], ["dev", "profile", "●", "here"]);
    assert_eq!((&names[1][..], &names[2][..]), (&["prod", "profile"][..], &["roaming", "profile"][..]));
    assert_eq!(
        (&names[3][..], &names[4][..]),
        (&["eu-west-1", "region", "●", "here"][..], &["af-south-1", "region"][..])
    );
    assert_eq!(names.iter().filter(|name| name[0] == "eu-west-1").count(), 1);
}

#[test]
fn what_was_gone_to_in_the_list_stays_selected_when_rows_come_and_is_said_when_it_has_gone() {
    let mut script = settled();
    script.keys("<ctrl-g><down><down>");
    let selected = |script: &Script| {
        let (rows, selected) = script.state.pick_rows();
        selected.map(|place| rows[place].line.text.clone())
    };
    let before = selected(&script);
    assert!(before.as_deref().is_some_and(|row| row.starts_with("ap-east-1 ")), "{before:?}");
    script.pass(Duration::from_millis(150));
    let files = |script: &Script| {
        let look = script.waiting.iter().find(|(_, _, request)| *request == Request::Look(Look::Profiles));
        look.map(|(id, ..)| *id).unwrap()
    };
    let id = files(&script);
    script.answer(id, Ok(Response::Seen(Seen::Profiles(world().profiles.unwrap()))));
    assert_eq!((rows(&script).len(), selected(&script)), (42, before), "three profiles and all regions");

    script.keys("<home><down>");
    assert!(selected(&script).unwrap().starts_with("prod "));
    script.pass(Duration::from_mins(2));
    let id = files(&script);
    script.answer(id, Ok(Response::Seen(Seen::Profiles(Vec::new()))));
    assert_eq!(selected(&script), None);
    script.effects.clear();
    script.keys("<enter>");
    assert_eq!(sites(&mut script), []);
    let said = &script.state.message().unwrap().lines;
    assert_eq!(said, &["what was selected is not there any more: pick another"]);
    script.keys("<down>");
    assert!(selected(&script).is_some());
}

#[test]
fn opening_the_list_reads_the_files_again_at_once_and_shows_what_is_known_meanwhile() {
    let mut script = settled();
    open(&mut script);
    script.keys("<esc>");
    script.pass(Duration::from_secs(5));
    script.keys("<ctrl-g>");
    let before = rows(&script);
    assert!(before[0].starts_with("dev "), "{:?}", before[0]);
    let files = Request::Look(Look::Profiles);
    let id = script.waiting.iter().find(|(_, _, request)| *request == files).map(|(id, ..)| *id);
    let mut profiles = world().profiles.unwrap();
    profiles.push(KnownProfile { name: "added".to_owned(), region: None });
    script.answer(id.expect("they are read"), Ok(Response::Seen(Seen::Profiles(profiles))));
    script.keys("added");
    assert!(rows(&script)[0].starts_with("added "), "{:?}", rows(&script));
    script.pass(Duration::from_secs(30));
    assert!(script.waiting.iter().all(|(_, _, request)| *request != files), "and then no more often than before");
}

#[test]
fn going_drops_what_is_under_way_and_coming_back_shows_what_was_there() {
    let mut script = settled();
    let before = script.state.pane(Level::Cluster).hits();
    assert!(before > 0);
    script.keys("<ctrl-r>");
    let under_way = script.waiting.len();
    assert!(under_way > 0);
    open(&mut script);
    script.effects.clear();
    script.keys("prod<enter>");
    let cancelled = script.effects.iter().filter(|effect| matches!(effect, Effect::Cancel(_))).count();
    assert!(cancelled >= under_way, "{:?}", script.effects);
    assert_eq!(sites(&mut script), [site(Some("prod"), Some("us-east-1"))]);
    assert_eq!(script.state.pane(Level::Cluster).hits(), 0);
    let asked: Vec<&Request> = script.waiting.iter().map(|(_, _, request)| request).collect();
    assert_eq!(asked, [&Request::Identity, &Request::Clusters]);
    open(&mut script);
    script.keys("dev<enter>");
    assert_eq!(sites(&mut script), [Site::default()], "there we began");
    assert_eq!(script.state.pane(Level::Cluster).hits(), before, "as stale as it is, it stands at once");
}

#[test]
fn a_region_is_gone_to_with_the_same_profile_and_a_profile_without_one_stays_in_it() {
    let mut script = settled();
    script.keys("<ctrl-g>paris");
    assert!(rows(&script).is_empty());
    script.keys("<enter>");
    assert_eq!(script.state.message().unwrap().lines, ["no profile and no region matches: pick one of the list"]);
    script.keys("<ctrl-u>eu-west-3<enter>");
    assert_eq!(sites(&mut script), [site(None, Some("eu-west-3"))]);
    open(&mut script);
    script.keys("roaming<enter>");
    assert_eq!(sites(&mut script), [site(Some("roaming"), Some("eu-west-3"))]);
    script.keys("<ctrl-g>xx-new-1<enter>");
    assert_eq!(sites(&mut script), [site(Some("roaming"), Some("xx-new-1"))]);
    script.keys("<ctrl-g>xx-new-1<enter>");
    assert_eq!(sites(&mut script), []);
    assert_eq!(script.state.message().unwrap().lines, ["you are there"]);
}

/// An account with one cluster.
fn account(cluster: &str) -> Account {
    let mut world = sim::World::empty();
    world.add_cluster(cluster);
    world.add_service(cluster, "api", 1);
    Account::still(world)
}

fn start(accounts: &[(&str, &Account)], more: &str) -> Terminal {
    start_with(accounts, more, "")
}

/// Starts the browser at the first account, with more profiles and these settings.
fn start_with(accounts: &[(&str, &Account)], more: &str, settings: &str) -> Terminal {
    let program = Program::new(ECSUI).args(["--profile", accounts[0].0]).env("AWS_ENDPOINT_URL", "");
    let path = program.home().join("config.toml");
    fs::write(&path, settings).unwrap();
    let program = program.args(["--config".as_ref(), path.as_os_str()]);
    let mut config = more.to_owned();
    for (name, Account { sim, .. }) in accounts {
        let (endpoint, region, key, secret) = (sim.endpoint(), sim.region(), sim.access_key(), sim.secret_key());
        let _infallible = write!(
            config,
            "[profile {name}]\nregion = {region}\nendpoint_url = {endpoint}\naws_access_key_id = {key}\n\
             aws_secret_access_key = {secret}\n"
        );
    }
    fs::create_dir(program.home().join(".aws")).unwrap();
    fs::write(program.home().join(".aws/config"), config).unwrap();
    program.start(110, 30)
}

fn go(terminal: &mut Terminal, to: &str) {
    terminal.type_in(CTRL_G);
    terminal.wait_for("go to:");
    terminal.type_in(to);
    terminal.wait_until("the row", |screen| {
        let text = screen.contents();
        text.contains(&format!("go to: {to}")) && text.contains(&format!("▸ {to}"))
    });
    terminal.type_in("\r");
}

#[test]
fn accounts_are_gone_to_and_come_back_to_and_one_that_fails_says_why() {
    let (one, two) = (account("alpha"), account("beta"));
    let broken = "[profile broken]\nregion = eu-west-1\ncredential_process = false\n";
    let mut terminal = start(&[("one", &one), ("two", &two)], broken);
    terminal.wait_for("▸ alpha");
    terminal.wait_for("· demo");
    go(&mut terminal, "two");
    terminal.wait_for("▸ beta");
    go(&mut terminal, "broken");
    terminal.wait_for("external process exited");
    assert!(!terminal.contents().contains("beta"), "{}", terminal.contents());
    let before = two.sim.calls().len();
    go(&mut terminal, "one");
    terminal.wait_for("▸ alpha");
    go(&mut terminal, "us-west-2");
    terminal.wait_for("is us-west-2 the right region");
    go(&mut terminal, "two");
    terminal.wait_for("▸ beta");
    assert!(two.sim.calls().len() >= before);
    terminal.type_in("\x11");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

/// An account with a cluster of this name in each of these regions, which are all at one address.
fn account_in(number: &str, regions: &[(&str, &str)]) -> (Account, Vec<sim::Sim>) {
    let world = |(region, cluster): &(&str, &str)| {
        let mut world = sim::World::empty().of_account(number).in_region(region);
        world.add_cluster(cluster);
        world.add_service(cluster, "api", 1);
        world
    };
    let account = Account::still(world(&regions[0]));
    let others = regions[1..].iter().map(|region| account.start_region(world(region))).collect();
    (account, others)
}

#[test]
fn two_profiles_in_three_regions_are_one_jump_though_one_fails_and_one_is_slow() {
    let dev = [("eu-west-1", "dev-eu"), ("us-east-1", "dev-us"), ("ap-south-1", "dev-ap")];
    let prod = [("eu-west-1", "prod-eu"), ("us-east-1", "prod-us"), ("ap-south-1", "prod-ap")];
    let (dev, devs) = account_in("111111111111", &dev);
    let (prod, prods) = account_in("222222222222", &prod);
    let (slow, failing, there) = (&devs[1], &prods[0], &prods[1]);
    slow.fault(sim::Fault::new("ListClusters", sim::Damage::Hang));
    let denied = "User: x is not authorized to perform: ecs:ListClusters on resource: *";
    failing.fault(sim::Fault::error("ListClusters", "AccessDeniedException", denied));
    let jump = "refresh_seconds = 0\n[[jump]]\nprofiles = [\"dev\", \"prod\"]\nregions = [\"eu-west-1\", \"us-east-1\", \"ap-south-1\"]\n";
    let mut terminal = start_with(&[("dev", &dev), ("prod", &prod)], "", jump);
    terminal.wait_for("▸ dev-eu");
    terminal.type_in("\x06");
    terminal.wait_until("every other site, and both troubles", |screen| {
        let text = screen.contents();
        ["dev-eu/api", "dev-us/api", "prod-eu/api", "prod-ap/api"].iter().all(|row| text.contains(row))
            && text.contains("✖ prod · us-east-1: ")
            && text.contains("ecs:ListClusters on * for x")
            && text.contains("dev · ap-south-1: ")
    });
    terminal.type_in("profile:prod region:ap api");
    terminal.wait_until("the one row", |screen| screen.contents().contains("▸ ● prod · ap-south-1 prod-ap/api/"));
    let opened = |sim: &sim::Sim| sim.calls().iter().filter(|call| call.operation == "ExecuteCommand").count();
    terminal.type_in("\r");
    terminal.wait_until("a session there", |screen| opened(there) == 1 && !screen.contents().contains("jump"));
    terminal.type_in("echo it is $((6*7))\r");
    terminal.wait_for("it is 42");
    terminal.type_in("exit\r");
    terminal.wait_for("jump: profile:prod");
    let others = [&dev.sim, &prod.sim, &devs[0], slow, failing];
    assert_eq!((opened(there), others.map(opened)), (1, [0; 5]));
    let clusters = slow.calls().iter().filter(|call| call.operation != "ListClusters").count();
    assert_eq!(clusters, 0, "and it hangs to this day");
    terminal.type_in("\t");
    terminal.wait_until("the panes there", |screen| {
        let text = screen.contents();
        text.contains("prod · ap-south-1 · 2222…2222") && text.contains("prod-ap › api › ")
    });
    let listed = dev.sim.calls().iter().filter(|call| call.operation == "ListClusters").count();
    assert_eq!(listed, 1, "the site in the panes is not read beside itself");
    terminal.type_in("\x11");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

/// Writes a helper that gives these keys and notes each time that it is run; returns it, and what counts these.
fn helper(directory: &Path, sim: &sim::Sim) -> (PathBuf, impl Fn() -> usize + use<>) {
    let (script, log) = (directory.join("helper.sh"), directory.join("helper.log"));
    let (key, secret) = (sim.access_key(), sim.secret_key());
    let answer = format!(r#"{{"Version": 1, "AccessKeyId": "{key}", "SecretAccessKey": "{secret}"}}"#);
    fs::write(&script, format!("echo run >> {}\necho '{answer}'\n", log.display())).unwrap();
    (script, move || fs::read_to_string(&log).unwrap_or_default().lines().count())
}

#[test]
fn a_helper_is_asked_once_for_all_regions_of_its_profiles_and_for_the_login() {
    let regions = [("eu-west-1", "prod-eu"), ("us-east-1", "prod-us"), ("ap-south-1", "prod-ap")];
    let (one, (prod, prods)) = (account("alpha"), account_in("222222222222", &regions));
    let directory = tempfile::tempdir().unwrap();
    let (script, runs) = helper(directory.path(), &prod.sim);
    let (script, endpoint) = (script.display(), prod.sim.endpoint());
    let more = format!(
        "[profile helped]\nendpoint_url = {endpoint}\ncredential_process = sh {script}\n\
         [profile role]\nendpoint_url = {endpoint}\nrole_arn = arn:aws:iam::222222222222:role/dev\n\
         source_profile = helped\n"
    );
    let jump = "refresh_seconds = 0\n[[jump]]\nprofiles = [\"helped\", \"role\"]\nregions = [\"eu-west-1\", \"us-east-1\", \"ap-south-1\"]\n";
    let mut terminal = start_with(&[("one", &one)], &more, jump);
    terminal.wait_for("▸ alpha");
    terminal.type_in("\x06");
    let assumed = |sim: &sim::Sim| sim.calls().iter().filter(|call| call.operation == "AssumeRole").count();
    let listed = |sim: &sim::Sim| sim.calls().iter().filter(|call| call.operation == "ListClusters").count();
    let sims = || [&prod.sim, &prods[0], &prods[1]];
    terminal.wait_until("all three regions, by both profiles", |screen| {
        let text = screen.contents();
        ["prod-eu/api", "prod-us/api", "prod-ap/api"].iter().all(|row| text.contains(row))
            && sims().map(listed) == [2; 3]
    });
    terminal.type_in("profile:helped region:ap api");
    terminal.wait_until("the one row", |screen| screen.contents().contains("▸ ● helped · ap-south-1 prod-ap/api/"));
    terminal.type_in("\r");
    terminal.wait_until("a session there", |screen| !screen.contents().contains("jump"));
    terminal.type_in("echo it is $((6*7))\r");
    terminal.wait_for("it is 42");
    assert_eq!((runs(), sims().map(assumed).iter().sum::<usize>()), (1, 1));
}

#[test]
fn sites_that_cannot_even_be_called_say_why() {
    let one = account("alpha");
    let gone = "[profile broken]\nregion = eu-west-1\ncredential_process = false\n\
                [profile nobody]\nregion = eu-west-1\naws_access_key_id = AKIAX\naws_secret_access_key = x\n\
                endpoint_url = http://127.0.0.1:1\n";
    let jump = "[[jump]]\nprofiles = [\"broken\", \"nobody\", \"missing\"]\n";
    let mut terminal = start_with(&[("one", &one)], gone, jump);
    terminal.wait_for("▸ alpha");
    terminal.type_in("\x06");
    terminal.wait_until("all three named, and what is here", |screen| {
        let text = screen.contents();
        text.contains("alpha/api/")
            && text.contains("✖ broken · eu-west-1: AWS cannot be used: profile broken: ")
            && text.contains("✖ nobody · eu-west-1: ")
            && text.contains("calls go to http://127.0.0.1:1 instead of AWS")
            && text.contains("✖ missing · eu-west-1: ")
            && text.contains("there is no profile \"missing\"")
    });
}

#[test]
fn hundreds_of_profiles_are_searched() {
    let one = account("alpha");
    let mut many = String::new();
    for number in 0..500 {
        let _infallible = write!(many, "[profile customer-{number}]\nregion = eu-west-1\n");
    }
    let mut terminal = start(&[("one", &one)], &many);
    terminal.wait_for("▸ alpha");
    terminal.type_in(CTRL_G);
    terminal.wait_for("customer-0");
    terminal.type_in("stomer-499");
    terminal.wait_until("the one row", |screen| {
        let text = screen.contents();
        text.contains("customer-499") && !text.contains("customer-49 ")
    });
}
