//! Logs through the real SDK against the simulated AWS: no line lost, doubled or out of order, whatever goes wrong.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/way.rs"]
mod way;

use std::{
    collections::{BTreeMap, HashMap},
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use ecsui::{
    model::{Arn, LogLine, Timestamp},
    ops::{
        Cx, Error, Kind,
        logs::{self, Begin, Follow, Said, Wanted, Whose},
        ls,
    },
    session::clock::{Clock, Hand},
    sim::{Damage, Fault, Options, Sim, World},
};
use tokio::{runtime::Runtime, time::timeout};

/// After so long a wait has failed; nothing passes because of it.
const STUCK: Duration = Duration::from_mins(2);
/// How far time is moved at once.
const STEP: Duration = Duration::from_millis(500);

const FAMILY: &str = "prod-1-payments-api-000";
const GROUP: &str = "/ecs/prod-1-payments-api-000";

/// An account, and somebody who reads its logs.
struct Scene {
    sim: Sim,
    cx: Cx,
    hand: Hand,
    cluster: Arn,
    service: Arn,
    tasks: Vec<Arn>,
}

/// What was heard.
#[derive(Default)]
struct Heard {
    lines: Vec<LogLine>,
    notes: Vec<String>,
    whole: Option<bool>,
    failure: Option<Error>,
}

impl Scene {
    /// Serves a service of three tasks whose `app` writes so many lines a second.
    async fn new(rate: f64) -> Self {
        Self::with(rate, Options::explicit()).await
    }

    async fn with(rate: f64, options: Options) -> Self {
        let mut world = World::grid(1, 1, 3);
        assert!(world.set_log_rate(FAMILY, "app", rate));
        let sim = Sim::start(world, options).await.unwrap();
        let (clock, hand) = Clock::by_hand();
        let cx = way::cx(&sim).with_clock(clock);
        let cluster = ls::clusters(&cx).await.unwrap().clusters.remove(0).arn;
        let service = ls::services(&cx, &cluster).await.unwrap().remove(0).arn;
        let tasks = ls::tasks(&cx, &cluster, None).await.unwrap().into_iter().map(|task| task.arn).collect();
        sim.advance(Duration::from_secs(20));
        Self { sim, cx, hand, cluster, service, tasks }
    }

    fn wanted(&self) -> Wanted {
        let whose = Whose::Service { cluster: self.cluster.clone(), service: self.service.clone() };
        Wanted { whose, task: None, container: Some("app".into()), pattern: None }
    }

    fn follow(&self, begin: Begin) -> Follow {
        logs::follow(&self.cx, self.wanted(), begin)
    }

    /// Lets time pass and hears what is said meanwhile.
    async fn pass(&self, follow: &mut Follow, heard: &mut Heard, time: Duration) {
        for _ in 0..time.as_millis() / STEP.as_millis() {
            self.sim.advance(STEP);
            self.step(follow, heard).await;
        }
    }

    /// Lets the reader's time pass and hears what is there.
    async fn step(&self, follow: &mut Follow, heard: &mut Heard) {
        self.hand.advance(STEP);
        while let Ok(Some(said)) = timeout(Duration::from_millis(20), follow.next()).await {
            heard.take(said);
        }
    }

    /// Hears until `done`, while the reader's time passes.
    async fn until(&self, follow: &mut Follow, heard: &mut Heard, done: impl Fn(&Heard) -> bool) {
        let wait = async {
            while !done(heard) {
                self.step(follow, heard).await;
            }
        };
        timeout(STUCK, wait).await.unwrap();
    }

    /// Returns the words of each stream of `app` that can be seen, from a time on.
    fn truth(&self, since: i64) -> BTreeMap<String, Vec<(i64, String)>> {
        let mut streams: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
        for (stream, at, message) in self.sim.log(GROUP, since) {
            if stream.contains("/app/") {
                streams.entry(stream).or_default().push((at, message));
            }
        }
        streams
    }

    /// Lets lines come until everything that can be seen now was heard, then holds it against what was written.
    async fn heard_is_what_was_written(&self, follow: &mut Follow, heard: &mut Heard, since: i64) {
        let written = self.truth(since);
        let count = written.values().map(Vec::len).sum::<usize>();
        for _ in 0..8 {
            self.sim.advance(STEP);
            self.step(follow, heard).await;
        }
        self.until(follow, heard, |heard| heard.lines.len() >= count).await;
        let last = self.truth(since);
        for (stream, lines) in heard.streams() {
            let there = &last[&stream];
            assert!(lines.len() >= written.get(&stream).map_or(0, Vec::len), "{stream} lacks lines");
            assert_eq!(lines, there[..lines.len().min(there.len())], "{stream}");
        }
        assert_eq!(heard.streams().len(), written.len());
    }
}

impl Heard {
    fn take(&mut self, said: Result<Said, Error>) {
        match said {
            Ok(Said::Lines(lines)) => self.lines.extend(lines),
            Ok(Said::Note(note)) => self.notes.push(note),
            Ok(Said::Caught { whole }) => self.whole = Some(whole),
            Err(error) => self.failure = Some(error),
        }
    }

    fn streams(&self) -> BTreeMap<String, Vec<(i64, String)>> {
        let mut streams: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
        for line in &self.lines {
            let entry = streams.entry(line.source.stream.to_string()).or_default();
            entry.push((line.at.as_millisecond(), line.message.to_string()));
        }
        streams
    }

    fn words(&self) -> Vec<&str> {
        self.lines.iter().map(|line| &*line.message).collect()
    }
}

fn denied(operation: &str) -> Fault {
    let message = format!(
        "User: arn:aws:iam::123456789012:user/me is not authorized to perform: logs:{operation} on resource: \
         arn:aws:logs:eu-west-1:123456789012:log-group:{GROUP} because no identity-based policy allows it"
    );
    Fault::error(operation, "AccessDeniedException", &message)
}

fn calls(sim: &Sim, operation: &str) -> usize {
    sim.calls().iter().filter(|call| call.operation == operation).count()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_tasks_are_merged_while_they_write() {
    let scene = Scene::new(7.0).await;
    let since = scene.sim.now() - 5000;
    let mut follow = scene.follow(Begin::Since(at(since)));
    let mut heard = Heard::default();
    scene.pass(&mut follow, &mut heard, Duration::from_secs(20)).await;
    scene.heard_is_what_was_written(&mut follow, &mut heard, since).await;
    assert_eq!((calls(&scene.sim, "StartLiveTail"), heard.streams().len()), (1, 3));
    assert!(heard.notes.is_empty() && heard.failure.is_none(), "{:?}", heard.notes);
    assert!(heard.lines.iter().all(|line| line.source.service.as_deref() == Some("payments-api-000")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_live_tail_it_is_looked_once_a_second() {
    let scene = Scene::new(7.0).await;
    scene.sim.fault(denied("StartLiveTail"));
    let since = scene.sim.now() - 5000;
    let mut follow = scene.follow(Begin::Since(at(since)));
    let mut heard = Heard::default();
    scene.pass(&mut follow, &mut heard, Duration::from_secs(10)).await;
    scene.heard_is_what_was_written(&mut follow, &mut heard, since).await;
    assert_eq!(calls(&scene.sim, "StartLiveTail"), 1, "who is not allowed is not asked again");
    assert!(heard.notes[0].contains("not allowed: logs:StartLiveTail"), "{:?}", heard.notes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_in_the_middle_of_a_live_tail_loses_nothing() {
    let scene = Scene::new(20.0).await;
    scene.sim.fault(Fault::new("StartLiveTail", Damage::Cut).times(1));
    let since = scene.sim.now();
    let mut follow = scene.follow(Begin::Since(at(since)));
    let mut heard = Heard::default();
    for _ in 0..3 {
        scene.pass(&mut follow, &mut heard, Duration::from_secs(5)).await;
        scene.sim.cut_live_tails();
    }
    scene.pass(&mut follow, &mut heard, Duration::from_secs(5)).await;
    scene.heard_is_what_was_written(&mut follow, &mut heard, since).await;
    assert!(calls(&scene.sim, "StartLiveTail") >= 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_loses_nothing() {
    let scene = Scene::new(20.0).await;
    scene.sim.fault(denied("StartLiveTail"));
    let throttled = Fault::error("FilterLogEvents", "ThrottlingException", "Rate exceeded");
    let since = scene.sim.now();
    let mut follow = scene.follow(Begin::Since(at(since)));
    let mut heard = Heard::default();
    for _ in 0..3 {
        scene.pass(&mut follow, &mut heard, Duration::from_secs(2)).await;
        scene.sim.fault(throttled.clone().times(3));
    }
    scene.heard_is_what_was_written(&mut follow, &mut heard, since).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_tail_that_is_sampled_is_filled() {
    let scene = Scene::new(400.0).await;
    let since = scene.sim.now();
    let mut follow = scene.follow(Begin::Since(at(since)));
    let mut heard = Heard::default();
    scene.pass(&mut follow, &mut heard, Duration::from_secs(6)).await;
    scene.heard_is_what_was_written(&mut follow, &mut heard, since).await;
    // A live tail alone tells of 500 a second.
    assert!(heard.lines.len() > 5000, "{}", heard.lines.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn late_lines_are_found_once() {
    let scene = Scene::new(0.0).await;
    scene.sim.fault(denied("StartLiveTail"));
    let stream = format!("ecs/app/{}", scene.tasks[0].name());
    let second = Duration::from_secs(1);
    let mut follow = scene.follow(Begin::Since(at(scene.sim.now())));
    let mut heard = Heard::default();
    scene.sim.write_log(GROUP, &stream, "first", Duration::ZERO, Duration::ZERO);
    // Two that are alike but for the one that comes into sight later, and one that is older than what was seen before
    // it.
    scene.sim.write_log(GROUP, &stream, "twin", Duration::ZERO, Duration::ZERO);
    scene.sim.write_log(GROUP, &stream, "twin", Duration::ZERO, second * 6);
    scene.pass(&mut follow, &mut heard, second * 3).await;
    scene.sim.write_log(GROUP, &stream, "second", Duration::ZERO, Duration::ZERO);
    scene.sim.write_log(GROUP, &stream, "late", second * 2, second * 3);
    scene.pass(&mut follow, &mut heard, second * 8).await;
    scene.until(&mut follow, &mut heard, |heard| heard.lines.len() == 5).await;
    scene.pass(&mut follow, &mut heard, second * 5).await;
    let mut words = heard.words();
    assert_eq!(words[..3], ["first", "twin", "second"]);
    words.sort_unstable();
    assert_eq!(words, ["first", "late", "second", "twin", "twin"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_live_tail_after_three_hours_is_not_the_end() {
    let scene = Scene::new(0.1).await;
    let since = scene.sim.now();
    let mut follow = scene.follow(Begin::Since(at(since)));
    let mut heard = Heard::default();
    scene.pass(&mut follow, &mut heard, Duration::from_secs(3)).await;
    scene.sim.advance(Duration::from_hours(3));
    scene.pass(&mut follow, &mut heard, Duration::from_secs(30)).await;
    scene.heard_is_what_was_written(&mut follow, &mut heard, since).await;
    assert_eq!(calls(&scene.sim, "StartLiveTail"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_lines_come_first_and_then_those_that_follow() {
    let scene = Scene::new(5.0).await;
    let mut follow = scene.follow(Begin::Latest(50));
    let mut heard = Heard::default();
    scene.until(&mut follow, &mut heard, |heard| heard.whole.is_some()).await;
    assert_eq!(heard.whole, Some(false));
    let begun = heard.lines.len();
    assert!((50..60).contains(&begun) && heard.lines.is_sorted_by_key(|line| line.at), "{begun}");
    let since = heard.lines[0].at.as_millisecond();
    scene.pass(&mut follow, &mut heard, Duration::from_secs(10)).await;
    scene.heard_is_what_was_written(&mut follow, &mut heard, since).await;
    assert!(heard.lines.len() > begun + 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_containers_nothing_is_told_that_is_older_than_the_beginning() {
    let scene = Scene::new(5.0).await;
    let wanted = Wanted { container: None, ..scene.wanted() };
    let mut follow = logs::follow(&scene.cx, wanted, Begin::Latest(50));
    let mut heard = Heard::default();
    scene.until(&mut follow, &mut heard, |heard| heard.whole.is_some()).await;
    let since = heard.lines[0].at;
    scene.pass(&mut follow, &mut heard, Duration::from_secs(5)).await;
    assert!(heard.lines.iter().all(|line| line.at >= since) && heard.lines.len() < 300, "{}", heard.lines.len());
    assert_eq!(heard.streams().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn older_lines_are_read_page_by_page_until_the_first() {
    let scene = Scene::new(9.0).await;
    let mut wanted = scene.wanted();
    wanted.whose = Whose::Tasks { cluster: scene.cluster.clone(), tasks: scene.tasks.clone() };
    let until = scene.sim.now() - 10_000;
    let mut reading = logs::back(&scene.cx, &wanted, Some(at(until))).await.unwrap();
    let mut lines: Vec<LogLine> = Vec::new();
    for _ in 0..5 {
        let mut older = reading.next(700).await.unwrap();
        assert!(older.len() >= 700 && older.is_sorted_by_key(|line| line.at));
        older.extend(lines);
        lines = older;
    }
    let since = lines[0].at.as_millisecond();
    let mut truth = scene.truth(since);
    for lines in truth.values_mut() {
        lines.retain(|(at, _)| *at <= until);
    }
    let heard = Heard { lines, ..Heard::default() };
    assert_eq!(heard.streams(), truth);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_of_time_is_read_whole() {
    let scene = Scene::new(300.0).await;
    let (since, until) = (scene.sim.now() - 20_000, scene.sim.now() - 5000);
    let mut reading = logs::span(&scene.cx, &scene.wanted(), at(since), Some(at(until))).await.unwrap();
    let mut heard = Heard::default();
    while let Some(lines) = Some(reading.next(1000).await.unwrap()).filter(|lines| !lines.is_empty()) {
        heard.lines.extend(lines);
    }
    let mut truth = scene.truth(since);
    for lines in truth.values_mut() {
        lines.retain(|(at, _)| *at <= until);
    }
    assert!(heard.lines.is_sorted_by_key(|line| line.at) && heard.lines.len() > 13_000);
    assert_eq!(heard.streams(), truth);
    assert!(reading.is_at_its_end());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_pattern_is_aws_s_work() {
    let scene = Scene::new(50.0).await;
    let wanted = Wanted { pattern: Some("?ERROR ?\"level\\\":\\\"error\"".to_owned()), ..scene.wanted() };
    let mut reading = logs::span(&scene.cx, &wanted, at(scene.sim.now() - 15_000), None).await.unwrap();
    let lines = reading.next(10_000).await.unwrap();
    assert!(!lines.is_empty() && lines.iter().all(|line| line.message.to_lowercase().contains("error")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_joins_is_heard_from_its_first_line() {
    let scene = Scene::new(5.0).await;
    let mut follow = scene.follow(Begin::Latest(1));
    let mut heard = Heard::default();
    scene.until(&mut follow, &mut heard, |heard| heard.whole.is_some()).await;
    assert!(scene.sim.stop_task(&scene.tasks[0], "Scaling activity"));
    scene.pass(&mut follow, &mut heard, Duration::from_mins(3)).await;
    let streams = heard.streams();
    let written = scene.truth(scene.sim.now() - 400_000);
    let new: Vec<&String> = written.keys().filter(|stream| written[*stream][0].0 > scene.sim.now() - 200_000).collect();
    assert_eq!((new.len(), streams.len()), (1, 4), "{:?}", streams.keys());
    let lines = &streams[new[0]];
    assert_eq!(lines[..], written[new[0]][..lines.len()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_reading_says_the_action() {
    let scene = Scene::new(5.0).await;
    scene.sim.fault(denied("FilterLogEvents"));
    let mut reading = logs::back(&scene.cx, &scene.wanted(), None).await.unwrap();
    let error = reading.next(10).await.unwrap_err();
    assert_eq!(error.kind, Kind::Denied);
    assert!(error.line().contains("not allowed: logs:FilterLogEvents"), "{}", error.line());
    assert!(error.hints[0].starts_with("ask for logs:FilterLogEvents on arn:aws:logs:"), "{:?}", error.hints);

    let mut follow = scene.follow(Begin::Latest(10));
    let mut heard = Heard::default();
    scene.until(&mut follow, &mut heard, |heard| heard.failure.is_some()).await;
    assert_eq!(heard.failure.unwrap().kind, Kind::Denied);
    assert!(follow.next().await.is_none(), "nothing is left to follow");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_does_not_exist_is_said_by_name() {
    let scene = Scene::new(5.0).await;
    let missing = "The specified log group does not exist.";
    scene.sim.fault(Fault::error("FilterLogEvents", "ResourceNotFoundException", missing));
    let mut reading = logs::back(&scene.cx, &scene.wanted(), None).await.unwrap();
    let error = reading.next(10).await.unwrap_err();
    assert_eq!(error.kind, Kind::NotFound);
    assert!(error.line().contains(GROUP) && error.hints[0].contains("nobody has made the log group"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_lines_a_second_are_bounded_and_whole() {
    let scene = Scene::new(3333.0).await;
    let since = scene.sim.now();
    let mut follow = scene.follow(Begin::Since(at(since)));
    let mut heard = Heard::default();
    // Nobody reads: what waits is bounded, and nothing is lost by it.
    for _ in 0..6 {
        scene.sim.advance(STEP);
        scene.hand.advance(STEP);
    }
    scene.heard_is_what_was_written(&mut follow, &mut heard, since).await;
    assert!(heard.lines.len() > 20_000, "{}", heard.lines.len());
    let mut counts: HashMap<(&str, i64, &str), u32> = HashMap::new();
    for line in &heard.lines {
        *counts.entry((&line.source.stream, line.at.as_millisecond(), &line.message)).or_default() += 1;
    }
    assert!(counts.values().all(|count| *count == 1), "each line of the simulated containers has a number");
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_it_ends_everything() {
    let scene = Scene::new(5.0).await;
    let mut follow = scene.follow(Begin::Latest(5));
    let mut heard = Heard::default();
    scene.pass(&mut follow, &mut heard, Duration::from_secs(3)).await;
    drop(follow);
    let before = scene.sim.calls().len();
    for _ in 0..20 {
        scene.sim.advance(STEP);
        scene.hand.advance(STEP);
        tokio::task::yield_now().await;
    }
    assert_eq!(scene.sim.calls().len(), before);
}

/// Runs `ecsui logs` with these words on the scene's account.
fn command(scene: &Scene, line: &str) -> Command {
    let mut command = way::command(&scene.sim, Path::new("/"), &format!("logs {line}"));
    command.env("HOME", "/nonexistent");
    command
}

/// Returns the exit code and what was printed on both streams.
async fn run(scene: &Scene, line: &str) -> (Option<i32>, String, String) {
    let mut command = command(scene, line);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_prints_the_latest_lines_of_all_tasks() {
    let scene = Scene::new(5.0).await;
    let (code, out, err) = run(&scene, "prod-1/payments-api-000 --limit 9").await;
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 9);
    let whose = |line: &str| line.split(' ').nth(2).unwrap().split('/').next().unwrap().to_owned();
    let tasks: Vec<&str> = scene.tasks.iter().map(Arn::short).collect();
    assert!(lines.iter().all(|line| tasks.contains(&whose(line).as_str())), "{out}");

    let one = format!("{} --limit 3 --format {{short_task}}", scene.tasks[1].name());
    assert_eq!(run(&scene, &one).await.1, format!("{0}\n{0}\n{0}\n", scene.tasks[1].short()));
    let one = format!("prod-1/payments-api-000 -t {} --limit 2 --format {{short_task}}", scene.tasks[2].short());
    assert_eq!(run(&scene, &one).await.1, format!("{0}\n{0}\n", scene.tasks[2].short()));
}

/// A container that logs to CloudWatch beside one that does not.
const ROUTED: &str = r#"
[[taskdef]]
family = "api"
container = [{ name = "app", image = "busybox:1" }, { name = "routed", image = "busybox:1", log_driver = "splunk" }]

[cluster.prod]
[[cluster.prod.service]]
name = "api"
"#;

#[test]
fn a_container_that_logs_elsewhere_is_said() {
    let runtime = Runtime::new().unwrap();
    let sim = runtime.block_on(Sim::start(World::from_toml(ROUTED).unwrap(), Options::explicit())).unwrap();
    for line in ["logs prod/api --limit 1", "logs prod/api --since 1h", "logs prod --limit 1"] {
        let output = way::command(&sim, Path::new("/"), line).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{line}");
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "ecsui: container routed logs with splunk: Splunk has the lines\n",
            "{line}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_an_array_and_an_object_a_line_while_it_follows() {
    let scene = Scene::new(5.0).await;
    let (code, out, _) = run(&scene, "prod-1/payments-api-000 -s 10s -u now -o json").await;
    let lines: serde_json::Value = serde_json::from_str(&out).unwrap();
    let lines = lines.as_array().unwrap();
    assert_eq!(code, Some(0));
    let fields: Vec<&String> = lines[0].as_object().unwrap().keys().collect();
    assert_eq!(fields.len(), 8, "{fields:?}");

    let mut child =
        command(&scene, "prod-1/payments-api-000 -f --limit 5 -o json").stdout(Stdio::piped()).spawn().unwrap();
    let out = child.stdout.take().unwrap();
    let (first, mut child) = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).unwrap();
        (line, child)
    })
    .await
    .unwrap();
    let first: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!(first["service"], "payments-api-000");
    // Its reader is gone by now, and ctrl-c ends it: neither is a failure.
    Command::new("/bin/kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
    assert_eq!(status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_with_its_exit_code() {
    let scene = Scene::new(5.0).await;
    for (line, code, words) in [
        ("prod-1 -s yesterday", 2, "is no time"),
        ("prod-1 -f -u 1h", 2, "--follow goes on"),
        ("prod-1 --format {nothing}", 2, "there is no field"),
        ("prod-9", 1, "prod-9"),
    ] {
        let (got, out, err) = run(&scene, line).await;
        assert_eq!((got, out.as_str()), (Some(code), ""), "{line}: {err}");
        assert!(err.contains(words), "{line}: {err}");
    }
    scene.sim.fault(denied("FilterLogEvents"));
    let (code, _, err) = run(&scene, "prod-1/payments-api-000").await;
    assert_eq!(code, Some(1));
    assert!(
        err.contains("not allowed: logs:FilterLogEvents") && err.contains("hint: ask for logs:FilterLogEvents"),
        "{err}"
    );
}
