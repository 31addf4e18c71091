//! Events and stopped tasks: read and followed through the real SDK, remembered on disk, and printed by the program.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/way.rs"]
mod way;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use ecsui::{
    model::{Arn, Ending, Service},
    ops::{
        Cx, Kind,
        events::{self, Follow, Scope, Told},
        find, ls,
        stopped::{self, Stopped, Whose},
    },
    sim::{Damage, Fault, Options, Sim, World},
};
use insta::assert_snapshot;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A shop in which things have stopped.
const SHOP: &str = r#"
[[taskdef]]
family = "api"
revision = 41
[[taskdef.container]]
image = "api:41"

[cluster.prod]
[[cluster.prod.service]]
name = "api"
desired = 2
events = [["5m", "has started 1 tasks: (task {task})."]]
stopped = [
    { age = "3m", code = "EssentialContainerExited", reason = "Essential container in task exited", exit = 137, container = "OutOfMemoryError: Container killed due to memory usage", ran = "1h" },
    { age = "9m", code = "TaskFailedToStart", reason = "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref api:42: not found" },
]
[[cluster.prod.service]]
name = "web"
taskdef = "api"
[[cluster.prod.task]]
taskdef = "api"
stopped = { age = "7m", code = "UserInitiated", reason = "done, thanks", exit = 0, ran = "2m" }
"#;

async fn shop() -> (Sim, Cx) {
    serve(World::from_toml(SHOP).unwrap()).await
}

async fn serve(world: World) -> (Sim, Cx) {
    let sim = Sim::start(world, Options::explicit()).await.unwrap();
    let cx = way::cx(&sim);
    (sim, cx)
}

async fn service(cx: &Cx, name: &str) -> Service {
    let cluster = find::cluster(cx, "prod").await.unwrap();
    find::service(cx, &cluster, name).await.unwrap()
}

fn count(sim: &Sim, operation: &str) -> usize {
    sim.calls().iter().filter(|call| call.operation == operation).count()
}

fn said(told: &[Told]) -> Vec<String> {
    told.iter().map(|told| format!("{} {}", told.service, told.heard.event.said())).collect()
}

#[tokio::test]
async fn a_service_is_followed_without_doubles_and_without_holes() {
    let (sim, cx) = shop().await;
    let mut follow = Follow::new(Scope::Service(service(&cx, "api").await));
    let first = follow.poll(&cx).await.unwrap();
    assert!(first.len() > 1 && first.is_sorted_by_key(|told| told.heard.event.at));
    assert!(follow.poll(&cx).await.unwrap().is_empty());
    // All of the same time: time tells them from no other.
    for number in 0..3 {
        assert!(sim.say("prod", "api", &format!("has said {number}.")));
    }
    assert_eq!(said(&follow.poll(&cx).await.unwrap()), ["api has said 0.", "api has said 1.", "api has said 2."]);
    assert!(sim.say("prod", "api", "has said 3."));
    assert_eq!(said(&follow.poll(&cx).await.unwrap()), ["api has said 3."]);
    assert_eq!(count(&sim, "DescribeServices"), 4);
}

#[tokio::test]
async fn more_than_aws_keeps_between_two_looks_is_a_gap() {
    let (sim, cx) = shop().await;
    let mut follow = Follow::new(Scope::Service(service(&cx, "api").await));
    follow.poll(&cx).await.unwrap();
    for number in 0..120 {
        sim.say("prod", "api", &format!("has said {number}."));
    }
    let told = follow.poll(&cx).await.unwrap();
    assert_eq!((told.len(), said(&told)[0].as_str()), (100, "api has said 20."));
    assert_eq!(told.iter().map(|told| told.heard.gap).collect::<Vec<_>>()[..2], [true, false]);
}

#[tokio::test]
async fn the_services_of_a_cluster_are_merged_by_time() {
    let (sim, cx) = shop().await;
    let cluster = find::cluster(&cx, "prod").await.unwrap();
    let mut follow = Follow::new(Scope::Cluster(cluster));
    follow.poll(&cx).await.unwrap();
    for (service, text) in [("web", "first"), ("api", "second"), ("web", "third")] {
        sim.advance(Duration::from_secs(1));
        sim.say("prod", service, text);
    }
    assert_eq!(said(&follow.poll(&cx).await.unwrap()), ["web first", "api second", "web third"]);
    assert_eq!((follow.left_out(), count(&sim, "DescribeServices")), (0, 2));
}

#[tokio::test]
async fn of_a_large_cluster_a_part_is_read_and_said() {
    let (sim, cx) = serve(World::grid(1, 230, 0)).await;
    let cluster = ls::clusters(&cx).await.unwrap().clusters.remove(0).arn;
    let mut follow = Follow::new(Scope::Cluster(cluster));
    assert_eq!(follow.poll(&cx).await.unwrap().len(), events::MOST_SERVICES);
    assert_eq!((follow.left_out(), count(&sim, "ListServices"), count(&sim, "DescribeServices")), (130, 3, 10));
}

#[tokio::test]
async fn a_denied_or_a_throttled_look_says_so_and_following_goes_on() {
    let (sim, cx) = shop().await;
    let mut follow = Follow::new(Scope::Service(service(&cx, "api").await));
    follow.poll(&cx).await.unwrap();
    sim.say("prod", "api", "has said it.");
    let no = "User: arn:aws:iam::1:user/x is not authorized to perform: ecs:DescribeServices on resource: y";
    sim.fault(Fault::error("DescribeServices", "AccessDeniedException", no));
    let denied = follow.poll(&cx).await.unwrap_err();
    assert_eq!(denied.kind, Kind::Denied);
    assert!(denied.hints.iter().any(|hint| hint.contains("ecs:DescribeServices")), "{:?}", denied.hints);
    sim.mend();
    sim.fault(Fault::error("DescribeServices", "ThrottlingException", "Rate exceeded").times(1));
    assert_eq!(said(&follow.poll(&cx).await.unwrap()), ["api has said it."]);
}

#[tokio::test]
async fn a_service_that_is_gone_ends_its_events() {
    let (sim, cx) = shop().await;
    let mut follow = Follow::new(Scope::Service(service(&cx, "web").await));
    follow.poll(&cx).await.unwrap();
    sim.edit(|world| world.remove_service("prod", "web"));
    assert_eq!(follow.poll(&cx).await.unwrap_err().kind, Kind::NotFound);
}

#[tokio::test]
async fn events_lead_to_their_tasks_even_where_aws_forgot_them() {
    let (sim, cx) = shop().await;
    let home = TempDir::new().unwrap();
    let cx = cx.keeping_in(Some(home.path().to_owned()));
    let api = service(&cx, "api").await;
    let whose = Whose::Service { cluster: api.cluster.clone(), service: api.arn.clone() };
    let ended = stopped::tasks(&cx, &whose).await.tasks.remove(0).task;
    sim.say("prod", "api", &format!("has started 1 tasks: (task {}).", ended.arn.name()));
    let told = Follow::new(Scope::Service(api.clone())).poll(&cx).await.unwrap();
    let events = || told.iter().map(|told| &told.heard.event);
    let now = events::tasks(&cx, &api.cluster, events()).await.unwrap();
    assert_eq!(&*now[ended.arn.name()].last_status, "STOPPED");
    assert!(now.values().any(|task| &*task.last_status == "RUNNING"));
    sim.advance(Duration::from_hours(2));
    let later = events::tasks(&cx, &api.cluster, events()).await.unwrap();
    assert_eq!(later[ended.arn.name()].definition.name(), "api:41");
}

fn words(stopped: &Stopped) -> Vec<String> {
    stopped.tasks.iter().map(|it| Ending::of(&it.task).unwrap().words).collect()
}

const MEMORY: &str = "out of memory: container app was killed when it used more than it may";
const PULL: &str = "the image cannot be pulled: there is none of that name or tag";

#[tokio::test]
async fn stopped_tasks_have_their_reason_in_words() {
    let (_sim, cx) = shop().await;
    let api = service(&cx, "api").await;
    let cluster = api.cluster.clone();
    let of_service = stopped::tasks(&cx, &Whose::Service { cluster: cluster.clone(), service: api.arn }).await;
    assert_eq!(words(&of_service), [MEMORY, PULL]);
    assert!(of_service.failure.is_none() && of_service.notices.is_empty());
    let all = stopped::tasks(&cx, &Whose::Cluster(cluster.clone())).await;
    assert_eq!(words(&all), [MEMORY, "stopped by hand: done, thanks", PULL]);
    let standalone = stopped::tasks(&cx, &Whose::Standalone(cluster)).await;
    assert_eq!(words(&standalone), ["stopped by hand: done, thanks"]);
}

#[tokio::test]
async fn where_the_list_of_a_service_is_empty_that_of_its_cluster_is_read() {
    let (sim, cx) = shop().await;
    let api = service(&cx, "api").await;
    let empty = Damage::Garbage(r#"{"taskArns":[]}"#.to_owned());
    sim.fault(Fault::new("ListTasks", empty).matching("serviceName"));
    let stopped = stopped::tasks(&cx, &Whose::Service { cluster: api.cluster, service: api.arn }).await;
    assert_eq!(words(&stopped), [MEMORY, PULL]);
}

#[tokio::test]
async fn a_task_that_is_stopping_comes_first() {
    let (sim, cx) = shop().await;
    let api = service(&cx, "api").await;
    let running = ls::tasks(&cx, &api.cluster, Some(&api.arn)).await.unwrap().remove(0);
    assert!(sim.stop_task(&running.arn, "Björn: weg damit"));
    let stopped = stopped::tasks(&cx, &Whose::Service { cluster: api.cluster.clone(), service: api.arn }).await;
    assert_eq!(words(&stopped)[0], "stopped by hand: Björn: weg damit");
    let task = Whose::Task { cluster: api.cluster, task: running.arn };
    assert_eq!(stopped::tasks(&cx, &task).await.tasks.len(), 1);
}

#[tokio::test]
async fn what_aws_forgets_is_remembered() {
    let (sim, cx) = shop().await;
    let home = TempDir::new().unwrap();
    let keeping = cx.clone().keeping_in(Some(home.path().to_owned()));
    let api = service(&cx, "api").await;
    let whose = Whose::Service { cluster: api.cluster.clone(), service: api.arn.clone() };
    let seen = stopped::tasks(&keeping, &whose).await;
    assert!(seen.tasks.iter().all(|it| !it.remembered));
    let file = home.path().join("stopped").join(format!("{}.{}.json", sim.account(), sim.region()));
    let written = fs::read_to_string(&file).unwrap();
    sim.advance(Duration::from_hours(2));
    let remembered = stopped::tasks(&keeping, &whose).await;
    assert_eq!(words(&remembered), words(&seen));
    assert!(remembered.tasks.iter().all(|it| it.remembered));
    assert_eq!(fs::read_to_string(&file).unwrap(), written, "nothing new is nothing to write");
    assert!(stopped::tasks(&cx, &whose).await.tasks.is_empty(), "who keeps nothing has nothing");
    let one = Whose::Task { cluster: api.cluster, task: seen.tasks[0].task.arn.clone() };
    assert_eq!(words(&stopped::tasks(&keeping, &one).await), [MEMORY]);
}

#[tokio::test]
async fn a_denied_list_hides_nothing_that_is_remembered() {
    let (sim, cx) = shop().await;
    let home = TempDir::new().unwrap();
    let cx = cx.keeping_in(Some(home.path().to_owned()));
    let api = service(&cx, "api").await;
    let whose = Whose::Service { cluster: api.cluster, service: api.arn };
    stopped::tasks(&cx, &whose).await;
    let no = "User: x is not authorized to perform: ecs:ListTasks on resource: *";
    sim.fault(Fault::error("ListTasks", "AccessDeniedException", no));
    let stopped = stopped::tasks(&cx, &whose).await;
    assert_eq!((words(&stopped).len(), stopped.failure.unwrap().kind), (2, Kind::Denied));
}

#[tokio::test]
async fn a_broken_history_is_set_aside_and_said() {
    let (sim, cx) = shop().await;
    let home = TempDir::new().unwrap();
    let cx = cx.keeping_in(Some(home.path().to_owned()));
    let directory = home.path().join("stopped");
    fs::create_dir(&directory).unwrap();
    let file = directory.join(format!("{}.{}.json", sim.account(), sim.region()));
    fs::write(&file, "{").unwrap();
    let cluster: Arn = find::cluster(&cx, "prod").await.unwrap();
    let stopped = stopped::tasks(&cx, &Whose::Cluster(cluster.clone())).await;
    assert_eq!((stopped.tasks.len(), stopped.notices.len()), (3, 1));
    assert!(stopped.failure.is_none() && file.with_extension("json.broken").exists());
    assert!(stopped::tasks(&cx, &Whose::Cluster(cluster)).await.notices.is_empty());
}

/// A simulated AWS and a home of one's own.
struct Rig {
    _runtime: Runtime,
    home: TempDir,
    sim: Sim,
}

impl Rig {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let epoch = Some("2026-03-01T12:00:00Z".parse().unwrap());
        let options = Options { epoch, ..Options::explicit() };
        let sim = runtime.block_on(Sim::start(World::from_toml(SHOP).unwrap(), options)).unwrap();
        let home = TempDir::new().unwrap();
        fs::write(home.path().join("config.toml"), "refresh_seconds = 1\n").unwrap();
        Self { _runtime: runtime, home, sim }
    }

    fn command(&self, line: &str) -> Command {
        let mut command = way::command(&self.sim, self.home.path(), line);
        command.args(["--config", "config.toml"]);
        command
    }

    fn run(&self, line: &str) -> String {
        let output = self.command(line).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        format!("{}--- stderr\n{}--- exit {code}\n", text(output.stdout), text(output.stderr))
    }

    fn rows(&self, line: &str) -> Vec<serde_json::Value> {
        serde_json::from_slice(&self.command(line).output().unwrap().stdout).unwrap()
    }
}

/// A program that runs; it is ended with the test.
struct Running(Child);

impl Running {
    fn start(mut command: Command) -> (Self, impl Iterator<Item = String>) {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        (Self(child), lines)
    }

    fn interrupt(&self) {
        assert!(Command::new("kill").args(["-INT", &self.0.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

#[test]
fn events_are_printed_with_their_tasks() {
    let rig = Rig::new();
    assert_snapshot!(rig.run("events prod/api --limit 2"), @r"
    AT                   SERVICE  DEFINITION  STATUS   MESSAGE
    2026-02-20 12:01:31  api      -           -        has reached a steady state.
    2026-03-01 11:55:00  api      api:41      STOPPED  has started 1 tasks: (task 245024ef0633303dacb71a56a92a1fcf).
    --- stderr
    --- exit 0
    ");
    let rows = rig.rows("events prod -o json");
    assert!(rows.iter().any(|row| row["service"] == "web"), "{rows:?}");
    let about = rows.iter().find(|row| !row["status"].is_null()).unwrap();
    assert_eq!((&about["definition"], &about["gap"]), (&"api:41".into(), &false.into()));
    assert!(about["message"].as_str().unwrap().contains(about["task"].as_str().unwrap()));
    assert_eq!(rig.run("events prod/api -o tsv").lines().next().unwrap().split('\t').count(), 8);
}

#[test]
fn followed_events_end_cleanly_with_ctrl_c() {
    let rig = Rig::new();
    let (mut program, mut lines) = Running::start(rig.command("events prod/api -f -o json --limit 1"));
    let row = |line: String| serde_json::from_str::<serde_json::Value>(&line).unwrap();
    assert_eq!(row(lines.next().unwrap())["service"], "api");
    rig.sim.say("prod", "api", "has said it.");
    assert_eq!(row(lines.next().unwrap())["message"], "has said it.");
    program.interrupt();
    assert_eq!((program.0.wait().unwrap().code(), lines.next()), (Some(0), None));
}

#[test]
fn followed_events_end_quietly_where_nobody_reads_them() {
    let rig = Rig::new();
    let (mut program, mut lines) = Running::start(rig.command("events prod -f"));
    assert!(lines.next().unwrap().starts_with("AT "));
    drop(lines);
    rig.sim.say("prod", "api", "has said it.");
    assert_eq!(program.0.wait().unwrap().code(), Some(0));
    let mut said = String::new();
    std::io::Read::read_to_string(&mut program.0.stderr.take().unwrap(), &mut said).unwrap();
    assert_eq!(said, "");
}

#[test]
fn stopped_tasks_are_printed_and_remembered() {
    let rig = Rig::new();
    assert_snapshot!(rig.run("stopped prod"), @r"
    STOPPED              SERVICE  TASK                              DEFINITION  EXIT     REMEMBERED  WHY
    2026-03-01 11:57:00  api      245024ef0633303dacb71a56a92a1fcf  api:41      app=137  no          out of memory: container app was killed when it used more than it may
    2026-03-01 11:53:00  -        aadbe277d377415366973a32abce1ada  api:41      app=0    no          stopped by hand: done, thanks
    2026-03-01 11:51:00  api      a1fd0416a16372f7c14447c8ad854377  api:41      -        no          the image cannot be pulled: there is none of that name or tag
    --- stderr
    --- exit 0
    ");
    assert_eq!(rig.run("stopped prod/api -o tsv").lines().next().unwrap().split('\t').count(), 19);
    let task = rig.rows("stopped prod/api -o json")[0]["task"].as_str().unwrap().to_owned();
    rig.sim.advance(Duration::from_hours(2));
    for words in [format!("prod/api/{}", &task[..8]), task[..8].to_owned(), task.clone()] {
        let rows = rig.rows(&format!("stopped {words} -o json"));
        assert_eq!((rows.len(), &rows[0]["remembered"], &rows[0]["why"]), (1, &true.into(), &MEMORY.into()), "{words}");
        assert_eq!(rows[0]["containers"][0]["exit"], 137);
    }
    let arn = format!("arn:aws:ecs:eu-west-1:{}:task/prod/{task}", rig.sim.account());
    assert_eq!(rig.rows(&format!("stopped {arn} -o json")).len(), 1);
    assert!(rig.home.path().join(".local/state/ecsui/stopped").is_dir());
}

#[test]
fn the_demo_remembers_nothing() {
    let home = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecsui"));
    command.args(["demo", "--serve"]).env_clear().env("HOME", home.path()).env("PATH", "/usr/bin:/bin");
    let (program, mut lines) = Running::start(command);
    assert!(lines.next().unwrap().starts_with("export "));
    drop(program);
    assert!(!Path::new(&home.path().join(".local/state/ecsui")).exists());
}
