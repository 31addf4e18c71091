//! The commands that change something, as a script meets them: what they print, how they end, and what they leave
//! behind.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod account;
    pub(crate) mod terminal;
    pub(crate) mod way;
}

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use common::{account::Account, way};
use ecsui::sim::{Fault, World};
use serde_json::{Value, json};
use tempfile::TempDir;

const WORLD: &str = r#"
[[taskdef]]
family = "web"
revision = 7
container = [{ image = "{registry}/web:{revision}", ports = [8080], env = { API_TOKEN = "t0p" } }]

[[cluster.prod.service]]
name = "web"
taskdef = "web:7"
desired = 2
exec = false
breaker = "rollback"

[[cluster.prod.service]]
name = "worker"
taskdef = "web:7"
desired = 1
breaker = "off"
"#;

/// An account, and a home of one's own.
struct Rig {
    account: Account,
    home: TempDir,
}

impl Rig {
    fn new() -> Self {
        let mut world = World::from_toml(WORLD).unwrap();
        world.push_image("web", "8");
        world.push_crashing_image("web", "bad", 3, Duration::from_secs(1));
        Self { account: Account::still(world), home: TempDir::new().unwrap() }
    }

    fn command(&self, line: &str) -> Command {
        let mut command = way::command(&self.account.sim, self.home.path(), line);
        command.env("USER", "mia");
        command
    }

    fn run(&self, line: &str) -> Seen {
        Seen::of(&self.command(line).output().unwrap())
    }

    /// Runs a command that waits for something; minutes pass as often as it looks.
    fn run_while_time_passes(&self, line: &str) -> Seen {
        let mut command = self.command(line);
        self.account.while_time_passes(|| Seen::of(&command.output().unwrap()))
    }

    fn history(&self) -> PathBuf {
        self.home.path().join(".local/state/ecsui/changes.jsonl")
    }

    fn count(&self, operation: &str) -> usize {
        self.account.sim.calls().iter().filter(|call| call.operation == operation).count()
    }

    /// Waits until this is so.
    fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        for _ in 0..600 {
            if is_so(self) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("waited in vain for {what}");
    }
}

/// What is seen of a command.
#[derive(Debug)]
struct Seen {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Seen {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

#[test]
fn a_dry_run_prints_the_plan_and_does_nothing() {
    let rig = Rig::new();
    let plan = rig.run("update prod/web :8 --set API_TOKEN=n3w --dry-run -o json");
    assert_eq!((plan.code, &*plan.err), (Some(0), ""));
    let json = plan.json();
    assert_eq!(json["title"], "Update prod/web");
    assert_eq!(
        json["changes"][0],
        json!({
            "place": "container app", "what": "environment API_TOKEN", "kind": "changed", "before": "••••••", "after": "••••••",
        })
    );
    assert_eq!(json["calls"][1]["action"], "ecs:UpdateService");
    assert_eq!(json["guard"], json!({ "action": "confirm" }));
    let text = rig.run("update prod web :8 --dry-run");
    assert_eq!((text.code, &*text.out), (Some(0), ""));
    assert!(
        text.err.contains("~ container app, image: 482913007156.dkr.ecr.eu-west-1.amazonaws.com/web:7 → "),
        "{text:?}"
    );
    assert!(text.err.ends_with("ecsui: nothing was done: this was a dry run\n"), "{text:?}");
    assert_eq!((rig.count("RegisterTaskDefinition"), rig.count("UpdateService")), (0, 0));
    assert!(!rig.history().exists());
}

#[test]
fn nobody_who_could_be_asked_has_to_say_yes() {
    let rig = Rig::new();
    let refused = rig.run("redeploy prod/web");
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("hint: say --yes, or look at what would be done with --dry-run"), "{refused:?}");
    assert_eq!(rig.count("DescribeServices"), 0, "nothing is even planned");
    let done = rig.run("redeploy prod/web --yes -o json");
    assert_eq!(done.code, Some(0), "{done:?}");
    let row = &done.json()[0];
    assert_eq!((&row["service"], &row["definition"], &row["outcome"]), (&json!("web"), &json!("web:7"), &Value::Null));
    assert!(row["deployment"].as_str().unwrap().starts_with("ecs-svc/"));
    assert_eq!(rig.count("UpdateService"), 1);
}

#[test]
fn guards_ask_for_the_name_or_refuse() {
    let rig = Rig::new();
    fs::write(rig.home.path().join("c.toml"), "[[guard]]\ncluster = \"prod*\"\naction = \"type\"\n").unwrap();
    let line = "scale prod/worker 2 --config c.toml";
    let silent = rig.run(&format!("{line} --yes"));
    assert_eq!(silent.code, Some(2));
    assert!(silent.err.contains("hint: say --confirm worker"), "{silent:?}");
    let wrong = rig.run(&format!("{line} --confirm web"));
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("a guard wants the name \"worker\" to be confirmed, not \"web\""), "{wrong:?}");
    assert_eq!(rig.count("UpdateService"), 0);
    // Without a guard another name is not what somebody agreed to either.
    let other = rig.run("scale prod/worker 2 --confirm web");
    assert_eq!(other.code, Some(2));
    assert!(other.err.contains("\"web\" was confirmed, and what is changed is \"worker\""), "{other:?}");
    assert_eq!(rig.count("UpdateService"), 0);
    assert!(rig.run(&format!("{line} --dry-run")).err.contains("\n  guard: the name worker has to be typed\n"));
    assert_eq!(rig.run(&format!("{line} --confirm worker")).code, Some(0));
    fs::write(rig.home.path().join("c.toml"), "[[guard]]\naccount = \"4829*\"\naction = \"refuse\"\n").unwrap();
    for line in ["redeploy prod/web --yes --config c.toml", "redeploy prod/web --yes --read-only"] {
        let refused = rig.run(line);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.err.contains("Redeploy prod/web is refused: "), "{refused:?}");
        let planned = rig.run(&line.replace("--yes", "--dry-run"));
        assert!(planned.err.contains("\n  guard: REFUSED: "), "{planned:?}");
    }
    assert_eq!(rig.count("UpdateService"), 1);
}

#[test]
fn what_is_changed_unasked_is_named_in_full() {
    let rig = Rig::new();
    for (line, closest) in [
        ("redeploy prod/we --yes", "\"prod/we\" is the name of no service: prod/web comes closest"),
        ("redeploy prod/wb --yes", "\"prod/wb\" is the name of no service: prod/web comes closest"),
        ("scale wrk 3 --yes", "\"wrk\" is the name of no service: prod/worker comes closest"),
        ("stop prod/we --all -y", "\"prod/we\" is the name of no service: prod/web comes closest"),
        ("rollback wrk -y", "\"wrk\" is the name of no service: prod/worker comes closest"),
        ("params delete prod/we NAME --yes", "\"prod/we\" is the name of no service: prod/web comes closest"),
        ("run pro web --like web --yes", "\"pro\" is the name of no cluster: prod comes closest"),
    ] {
        let refused = rig.run(line);
        assert_eq!(refused.code, Some(1), "{line}: {refused:?}");
        assert!(refused.err.contains(closest), "{line}: {refused:?}");
        assert!(refused.err.contains("hint: with --yes nobody is asked whether that is meant"), "{line}: {refused:?}");
    }
    let several = rig.run("scale w 3 --yes");
    assert_eq!(several.code, Some(2), "{several:?}");
    assert!(!several.err.contains("with --yes"), "{several:?}");
    let calls = ["UpdateService", "StopTask", "DeleteParameter", "RunTask"].map(|call| rig.count(call));
    assert_eq!(calls, [0; 4]);
    // What is only planned may be guessed, and what was confirmed by its name was named.
    assert_eq!(rig.run("redeploy prod/we --dry-run").code, Some(0));
    assert_eq!(rig.run("redeploy prod/we --confirm web --no-wait").code, Some(0));
    assert_eq!(rig.run("redeploy web --yes --no-wait").code, Some(0));
    assert_eq!(rig.count("UpdateService"), 2);
}

#[test]
fn failed_checks_need_force() {
    let rig = Rig::new();
    let refused = rig.run("update prod/web :nope --yes");
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("FAILED: web has no such image"), "{refused:?}");
    assert!(refused.err.contains("hint: --force does it all the same"), "{refused:?}");
    assert_eq!(rig.count("RegisterTaskDefinition"), 0);
    assert_eq!(rig.run("update prod/web :nope --yes --force").code, Some(0));
}

#[test]
fn a_deployment_that_is_waited_for_ends_with_0_or_1_and_the_reasons() {
    let rig = Rig::new();
    let good = rig.run_while_time_passes("update prod/web :8 --yes --wait -o json");
    assert_eq!((good.code, &good.json()[1]["outcome"]), (Some(0), &json!("completed")), "{good:?}");
    assert!(good.err.contains(" is RUNNING"), "{good:?}");
    let bad = rig.run_while_time_passes("update prod/web :bad --yes --wait -o json");
    assert_eq!((bad.code, &bad.json()[1]["outcome"]), (Some(1), &json!("rolled back")), "{bad:?}");
    assert!(bad.err.contains("failed: ") && bad.err.contains("the deployment of prod/web was rolled back"), "{bad:?}");
}

#[test]
fn a_deployment_that_nothing_gives_up_is_not_waited_for_without_end() {
    let rig = Rig::new();
    let bad = rig.run_while_time_passes("update prod/worker :bad --yes --wait -o json");
    let row = &bad.json()[1];
    assert_eq!((bad.code, &row["outcome"]), (Some(1), &json!("failing")), "{bad:?}");
    let words = row["reason"].as_str().unwrap();
    assert!(words.ends_with(" tasks failed and the service has no circuit breaker: AWS goes on trying"), "{bad:?}");
    assert!(bad.err.contains(&format!("the deployment of prod/worker is failing: {words}\n")), "{bad:?}");
    assert!(bad.err.contains("hint: `ecsui rollback prod/worker` brings back what ran before"), "{bad:?}");
    let waited = rig.run_while_time_passes("deployments prod/worker --wait -o json");
    assert_eq!(waited.code, Some(1), "{waited:?}");
    assert!(
        waited.err.contains("the deployment of worker is failing: ") && !waited.err.contains("nothing is under way")
    );
}

/// Updates a service on a terminal until its tasks have failed, and answers whether that is rolled back.
fn fails_on_a_terminal(rig: &Rig, answer: &str) -> u32 {
    let mut terminal = rig.account.ecsui().args(["update", "prod/worker", ":bad"]).start(120, 40);
    terminal.wait_for("Update prod/worker? [y/N]");
    terminal.type_in("y\r");
    rig.account.while_time_passes(|| terminal.wait_for("Roll back to what ran before? [y/N]"));
    assert_eq!(rig.count("StopServiceDeployment"), 0, "nothing is rolled back before the answer");
    terminal.type_in(answer);
    if answer.starts_with('y') {
        terminal.wait_for("Roll back the deployment of prod/worker that is under way? [y/N]");
        assert_eq!(rig.count("StopServiceDeployment"), 0, "the plan is agreed to as every plan is");
        terminal.type_in("y\r");
        rig.until("the roll back", |rig| rig.count("StopServiceDeployment") == 1);
        terminal.type_in("\x03");
    }
    terminal.wait_for_exit().exit_code()
}

#[test]
fn a_roll_back_is_offered_on_a_terminal_and_made_only_after_a_yes() {
    let rig = Rig::new();
    assert_eq!(fails_on_a_terminal(&rig, "n\r"), 1);
    assert_eq!((rig.count("StopServiceDeployment"), rig.count("UpdateService")), (0, 1));
    let rig = Rig::new();
    fails_on_a_terminal(&rig, "y\r");
    assert_eq!((rig.count("StopServiceDeployment"), rig.count("UpdateService")), (1, 1));
}

#[test]
fn a_time_out_leaves_the_deployment_alone_and_says_so() {
    let rig = Rig::new();
    // Who says how long is waiting.
    for line in ["redeploy prod/web --yes --wait --timeout 1s", "redeploy prod/web --yes --timeout 1s"] {
        let seen = rig.run(line);
        assert_eq!(seen.code, Some(1));
        assert!(seen.err.contains("not over in time, and goes on; look with `ecsui deployments prod/web`"), "{seen:?}");
    }
}

#[test]
fn the_history_says_what_was_changed_and_of_what_was_killed_that_it_was_interrupted() {
    let rig = Rig::new();
    assert_eq!(rig.run("history -o json").json(), json!([]));
    rig.run("update prod/web :8 --set API_TOKEN=s3cr3t --yes");
    rig.account.sim.fault(Fault::delay("UpdateService", Duration::from_mins(1)));
    let mut killed = rig.command("redeploy prod/worker --yes").stderr(Stdio::null()).spawn().unwrap();
    rig.until("the line before the change", |rig| fs::read_to_string(rig.history()).unwrap().contains("Redeploy"));
    let running = rig.run("history -n 1 -o json").json();
    assert_eq!(running[0]["result"], "under way");
    killed.kill().unwrap();
    killed.wait().unwrap();
    let seen = rig.run("history -o json");
    let rows = seen.json();
    let of = |index: usize, field: &str| rows[index][field].clone();
    assert_eq!((of(0, "what"), of(0, "result")), (json!("Update prod/web"), json!("done")));
    assert_eq!((of(1, "what"), of(1, "result")), (json!("Redeploy prod/worker"), json!("interrupted")));
    assert_eq!(of(1, "why"), "may have been made, as far as it came: ecs:UpdateService: force a new deployment");
    assert!(of(0, "user").as_str().unwrap().starts_with("mia (uid "));
    assert_eq!(of(0, "made"), "registered web:8; updated prod/web");
    let file = fs::read_to_string(rig.history()).unwrap();
    assert!(!file.contains("s3cr3t") && !seen.out.contains("s3cr3t"));
}

#[test]
fn the_history_says_how_a_deployment_ended_that_was_followed_and_of_others_that_it_was_begun() {
    let rig = Rig::new();
    rig.run_while_time_passes("update prod/web :8 --yes --wait");
    rig.run_while_time_passes("update prod/web :bad --yes --wait");
    rig.run_while_time_passes("update prod/worker :bad --yes --wait");
    rig.run("redeploy prod/web --yes");
    rig.run("scale prod/web 3 --yes --timeout 1s");
    let seen = rig.run("history -o json");
    let rows = seen.json();
    let results: Vec<&str> = (0..5).map(|index| rows[index]["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["completed", "rolled back", "failing", "done", "done"], "{seen:?}");
    let why = |index: usize| rows[index]["why"].as_str().unwrap_or("–").to_owned();
    assert!(why(1).starts_with("prod/web: rolled back: "), "{}", why(1));
    assert!(why(2).starts_with("prod/worker: failing: ") && why(2).contains("no circuit breaker"), "{}", why(2));
    assert_eq!((why(0), why(3), why(4)), ("–".to_owned(), "–".to_owned(), "–".to_owned()));
    assert!(rows[0]["over"].is_string() && rows[3]["over"].is_null(), "{seen:?}");
    assert!(rig.run("history").out.contains("rolled back"));
}

#[test]
fn who_repeats_a_run_that_was_killed_is_told_of_it_and_of_the_task_that_it_has_started() {
    let rig = Rig::new();
    let line = "run prod web:7 --like web";
    assert!(!rig.run(&format!("{line} --dry-run")).err.contains("was interrupted"));
    rig.account.sim.fault(Fault::delay("RunTask", Duration::from_mins(1)).times(1));
    let mut killed = rig.command(&format!("{line} --yes")).stderr(Stdio::null()).spawn().unwrap();
    rig.until("the call", |rig| rig.count("RunTask") == 1);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let again = rig.run(&format!("{line} --dry-run"));
    let words =
        "was interrupted, and may have been made: look first, with `ecsui list --cluster prod`, `ecsui stopped prod`";
    assert!(again.err.contains("\"Run 1 task of web:7 in prod\" of ") && again.err.contains(words), "{again:?}");
    assert!(again.err.contains("tasks of web:7 that run by hand in prod now: "), "{again:?}");
    let other = rig.run("redeploy prod/web --dry-run");
    assert!(!other.err.contains("was interrupted"), "{other:?}");
    // Once it was made to its end, there is nothing to look for.
    assert_eq!(rig.run(&format!("{line} --yes")).code, Some(0));
    assert!(!rig.run(&format!("{line} --dry-run")).err.contains("was interrupted"));
}

#[test]
fn what_contradicts_itself_or_cannot_be_is_a_wrong_line() {
    let rig = Rig::new();
    let both = rig.run("update prod/web --set A=b --unset A --yes");
    assert_eq!(both.code, Some(2));
    assert!(both.err.contains("the variable \"A\" is to be set and to be taken out"), "{both:?}");
    let fewer = rig.run("scale prod/web -1 --yes");
    assert_eq!(fewer.code, Some(2));
    assert!(fewer.err.contains("\"-1\" is no number of tasks: there are no fewer than 0"), "{fewer:?}");
    let neither = rig.run("redeploy prod/web --yes --no-wait --timeout 1s");
    assert_eq!(neither.code, Some(2));
    assert!(neither.err.contains("cannot be used with"), "{neither:?}");
    assert_eq!((rig.count("UpdateService"), rig.count("RegisterTaskDefinition")), (0, 0));
}

#[test]
fn what_was_killed_is_interrupted_also_where_another_process_has_its_number() {
    let rig = Rig::new();
    rig.account.sim.fault(Fault::delay("UpdateService", Duration::from_mins(1)));
    let mut killed = rig.command("redeploy prod/worker --yes").stderr(Stdio::null()).spawn().unwrap();
    rig.until("the line before the change", |rig| {
        fs::read_to_string(rig.history()).is_ok_and(|text| text.contains("Redeploy"))
    });
    killed.kill().unwrap();
    killed.wait().unwrap();
    // The number of this very process, which is alive.
    let text = fs::read_to_string(rig.history()).unwrap();
    let (old, new) = (format!("\"process\":{}", killed.id()), format!("\"process\":{}", std::process::id()));
    assert!(text.contains(&old), "{text}");
    fs::write(rig.history(), text.replace(&old, &new)).unwrap();
    assert_eq!(rig.run("history -o json").json()[0]["result"], "interrupted");
}

#[test]
fn an_update_whose_last_answer_nobody_heard_is_not_made_again_when_it_is_repeated() {
    let rig = Rig::new();
    rig.account.sim.fault(Fault::delay("UpdateService", Duration::from_mins(1)).times(1));
    let mut killed = rig.command("update prod/web :8 --yes").stderr(Stdio::null()).spawn().unwrap();
    rig.until("the second call", |rig| rig.count("UpdateService") == 1);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let history = rig.run("history -o json").json();
    assert_eq!(history[0]["result"], "interrupted");
    let calls = ["ecs:RegisterTaskDefinition: register", "ecs:UpdateService: give the service the new revision"];
    assert!(calls.iter().all(|call| history[0]["why"].as_str().unwrap().contains(call)), "{history}");
    let again = rig.run("update prod/web :8 --yes");
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.err.contains("nothing about prod/web would be different: web:8 is like that already"), "{again:?}");
    assert_eq!((rig.count("RegisterTaskDefinition"), rig.count("UpdateService")), (1, 1));
}

#[test]
fn ctrl_c_lets_the_call_under_way_end_and_makes_no_more() {
    let rig = Rig::new();
    rig.account.sim.fault(Fault::delay("UpdateService", Duration::from_secs(2)).times(1));
    let child = rig.command("redeploy prod/web prod/worker --yes").stderr(Stdio::piped()).spawn().unwrap();
    rig.until("the first call", |rig| rig.count("UpdateService") == 1);
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    let seen = Seen::of(&child.wait_with_output().unwrap());
    assert_eq!((seen.code, rig.count("UpdateService")), (Some(1), 1), "{seen:?}");
    assert!(seen.err.contains("stopping: the call under way is waited for"), "{seen:?}");
    assert!(seen.err.contains("done: updated prod/web; not done: ecs:UpdateService"), "{seen:?}");
}

#[test]
fn who_ends_it_during_the_last_call_is_told_what_was_done_and_follows_nothing() {
    let rig = Rig::new();
    rig.account.sim.fault(Fault::delay("UpdateService", Duration::from_secs(2)).times(1));
    let line = "redeploy prod/web --yes --wait --timeout 20s -o json";
    let mut command = rig.command(line);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    rig.until("the call", |rig| rig.count("UpdateService") == 1);
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    let seen = Seen::of(&child.wait_with_output().unwrap());
    let row = &seen.json()[0];
    assert_eq!((seen.code, &row["made"], &row["outcome"]), (Some(143), &json!("updated"), &Value::Null), "{seen:?}");
    let words = "all of it was done, and goes on; look with `ecsui deployments prod/web`";
    assert!(seen.err.contains(words), "{seen:?}");
}

#[test]
fn on_a_terminal_it_asks_and_follows_until_somebody_has_seen_enough() {
    let rig = Rig::new();
    let start = || rig.account.ecsui().args(["redeploy", "prod/web"]).start(120, 30);
    let mut terminal = start();
    terminal.wait_for("Redeploy prod/web? [y/N]");
    terminal.type_in("\r");
    terminal.wait_for("nothing was done");
    assert_eq!((terminal.wait_for_exit().exit_code(), rig.count("UpdateService")), (1, 0));
    let mut terminal = start();
    terminal.wait_for("Redeploy prod/web? [y/N]");
    terminal.type_in("y\r");
    terminal.wait_for("/2 running");
    terminal.type_in("\x03");
    terminal.wait_for("no longer following: it goes on; look with `ecsui deployments prod/web`");
    assert_eq!((terminal.wait_for_exit().exit_code(), rig.count("UpdateService")), (130, 1));
}

#[test]
fn exec_is_enabled_and_rolled_back_by_name() {
    let rig = Rig::new();
    assert_eq!(rig.run("enable-exec prod/web --yes").code, Some(0));
    let again = rig.run("enable-exec prod/web --yes");
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("`ecsui redeploy prod/web` replaces them"), "{again:?}");
    let back = rig.run("rollback prod/web --yes");
    assert_eq!((back.code, rig.count("StopServiceDeployment")), (Some(0), 1), "{back:?}");
}
