//! What the views of the details look like over a simulated AWS: logs, targets, instances and deployments, below the
//! panes and in full, and while they are loading, empty, denied or old.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/browser.rs"]
mod browser;
#[path = "common/way.rs"]
mod way;
#[path = "common/window.rs"]
mod window;

use std::{fmt::Write as _, time::Duration};

use ecsui::{
    model::Arn,
    ops::ls,
    sim::{Call, Damage, Fault, Options, Sim, World},
};
use window::Window;

/// A service on hosts behind a load balancer, one that has neither, and a cluster without hosts.
const WORLD: &str = r#"
[[taskdef]]
family = "shop"
revision = 8
first = 7
launch = "EC2"
[[taskdef.container]]
image = "shop:{revision}"
ports = ["0:8080"]
env = { RELEASE = "{revision}" }

[[taskdef]]
family = "silent"
[[taskdef.container]]
image = "silent"

[target_group.shop]
port = 8080
check = "/up"

[balancer.front]
listener = [{ port = 443, rule = [{ host = ["shop.example"], to = "shop" }] }]

[[cluster.prod.instance]]
count = 2
type = "m6i.large"
age = "12d"

[[cluster.prod.service]]
name = "shop"
desired = 2
age = "90d"
deployed = "3h"
unhealthy = 1
targets = [{ group = "shop", container = "app", port = 8080, fails = "503" }]
rolling = { from = "shop:7", done = 1, every = "1h" }

[[cluster.bare.service]]
name = "silent"
desired = 1
age = "90d"
deployed = "3h"
"#;

/// The views, with the keys that lead to them from the pane of clusters.
const VIEWS: [(&str, &str); 4] =
    [("logs", "<right><f6>"), ("targets", "<right><f3>"), ("instances", "<ctrl-x>i"), ("deployments", "<right><f4>")];

/// What fails for a while under a view. Logs are followed: they go on by themselves.
const FAILING: [(&str, &str); 3] =
    [("targets", "DescribeTargetHealth"), ("instances", "ListContainerInstances"), ("deployments", "DescribeServices")];

/// What is denied to the views: at least an action of each.
const DENIED: [&str; 6] = [
    "logs:FilterLogEvents",
    "logs:StartLiveTail",
    "elasticloadbalancing:DescribeTargetHealth",
    "elasticloadbalancing:DescribeTargetGroups",
    "ecs:ListContainerInstances",
    "ecs:ListServiceDeployments",
];

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

struct Stage {
    sim: Sim,
}

impl Stage {
    /// Serves the world; what the containers of `shop` have written is three lines.
    async fn new() -> Self {
        let mut world = World::from_toml(WORLD).unwrap();
        for family in ["shop", "silent"] {
            assert!(world.set_log_rate(family, "app", 0.0));
        }
        let epoch = Some("2026-03-01T12:00:00Z".parse().unwrap());
        let sim = Sim::start(world, Options { epoch, ..Options::explicit() }).await.unwrap();
        let tasks = tasks(&sim).await;
        for (number, line) in
            ["listening on :8080", "GET /up 200 3ms", "GET /basket 503 upstream timed out"].iter().enumerate()
        {
            let stream = format!("ecs/app/{}", tasks[number % 2].name());
            sim.write_log("/ecs/shop", &stream, line, Duration::from_secs(30 - number as u64), Duration::ZERO);
        }
        Self { sim }
    }

    /// Opens the browser on a cluster.
    async fn on(&self, cluster: &str, (columns, rows): (u16, u16)) -> Window {
        let mut window = Window::open(&self.sim, way::cx(&self.sim), columns, rows).await;
        window.keys(&format!("^{cluster}$")).await;
        window
    }

    fn deny(&self) {
        for action in DENIED {
            let message =
                format!("User: arn:aws:iam::1:user/mia is not authorized to perform: {action} on resource: *");
            self.sim.fault(Fault::error(action.split_once(':').unwrap().1, "AccessDeniedException", &message));
        }
    }
}

async fn tasks(sim: &Sim) -> Vec<Arn> {
    let cx = way::cx(sim);
    let cluster =
        ls::clusters(&cx).await.unwrap().clusters.into_iter().find(|cluster| &*cluster.name == "prod").unwrap().arn;
    ls::tasks(&cx, &cluster, None).await.unwrap().into_iter().map(|task| task.arn).collect()
}

/// Returns the screen without the ids of deployments, which the simulated AWS makes up.
fn screen(window: &Window) -> String {
    let screen = window.screen();
    let mut pieces = screen.split("ecs-svc/");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        text + "ecs-svc/" + &"0".repeat(digits) + &piece[digits..]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_views_below_the_panes_and_in_full() {
    let stage = Stage::new().await;
    for (name, keys) in VIEWS {
        for size in SIZES {
            let mut window = stage.on("prod", size).await;
            window.keys(keys).await;
            window.catch_up().await;
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), screen(&window));
            window.keys("<ctrl-o>").await;
            insta::assert_snapshot!(format!("{name}_full_{}x{}", size.0, size.1), screen(&window));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_views_say_how_they_stand() {
    let stage = Stage::new().await;
    let (mut loading, mut empty, mut denied, mut old) = (String::new(), String::new(), String::new(), String::new());
    for (name, keys) in VIEWS {
        let mut window = stage.on("prod", SIZES[0]).await;
        window.script.keys(keys);
        writeln!(loading, "{name}\n{}\n", screen(&window)).unwrap();

        let mut window = stage.on("bare", SIZES[0]).await;
        window.keys(keys).await;
        window.catch_up().await;
        writeln!(empty, "{name}\n{}\n", screen(&window)).unwrap();

        if let Some((_, operation)) = FAILING.iter().find(|(view, _)| *view == name) {
            let mut window = stage.on("prod", SIZES[0]).await;
            window.keys(keys).await;
            stage.sim.fault(Fault::error(operation, "InternalFailure", "Something went wrong."));
            window.pass(Duration::from_secs(25)).await;
            writeln!(old, "{name}\n{}\n", screen(&window)).unwrap();
            stage.sim.mend();
        }

        stage.deny();
        let mut window = stage.on("prod", SIZES[0]).await;
        window.keys(keys).await;
        window.catch_up().await;
        let seen = screen(&window);
        assert!(DENIED.iter().any(|action| seen.contains(action)), "{name} says no missing action:\n{seen}");
        writeln!(denied, "{name}\n{seen}\n").unwrap();
        stage.sim.mend();
    }
    insta::assert_snapshot!("loading", loading);
    insta::assert_snapshot!("empty", empty);
    insta::assert_snapshot!("denied", denied);
    insta::assert_snapshot!("old", old);
}

// All that AWS says, as JSON.

/// The calls that were made since there were so many.
fn calls(stage: &Stage, from: usize) -> Vec<Call> {
    stage.sim.calls().split_off(from)
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_all_that_aws_says_of_a_thing_and_costs_one_call() {
    let stage = Stage::new().await;
    let mut window = stage.on("prod", SIZES[0]).await;
    for (keys, operation, include, words) in [
        ("", "DescribeClusters", 5, ["\"containerInsights\"", "\"runningEC2TasksCount\"", "\"clusterName\": \"prod\""]),
        (
            "<right>shop",
            "DescribeServices",
            1,
            ["\"placementStrategy\"", "\"deployments\"", "\"serviceName\": \"shop\""],
        ),
        ("<right>", "DescribeTasks", 1, ["\"ecs.cpu-architecture\"", "\"containers\"", "\"startedAt\": \"2026-03-01T"]),
        ("<right>", "DescribeTasks", 1, ["\"runtimeId\"", "\"managedAgents\"", "\"name\": \"app\""]),
    ] {
        window.keys(keys).await;
        let before = stage.sim.calls().len();
        window.keys("<ctrl-x>a").await;
        let made = calls(&stage, before);
        let [call] = &made[..] else { panic!("{keys}: {made:?}") };
        assert_eq!((&*call.operation, call.body["include"].as_array().map(Vec::len)), (operation, Some(include)));
        let text = window.text();
        for word in words {
            assert!(text.contains(word), "{word} is missing: {text}");
        }
        if operation == "DescribeServices" {
            insta::assert_snapshot!("json_80x24", screen(&window));
            window.keys("'desiredcount").await;
            insta::assert_snapshot!("json_searched_80x24", screen(&window));
            window.keys("<esc>").await;
        }
        window.keys("<esc>").await;
    }
    // A container is shown alone.
    window.keys("<ctrl-x>a").await;
    assert!(!window.text().contains("\"taskDefinitionArn\""), "{}", window.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn json_holds_what_this_program_does_not_know() {
    let stage = Stage::new().await;
    let mut window = stage.on("prod", SIZES[0]).await;
    window.keys("<right>shop<right>").await;
    let answer =
        r#"{ "failures": [], "tasks": [{ "taskArn": "x", "brandNew": { "since": 3, "readyAt": 1767225600.5 } }] }"#;
    stage.sim.fault(Fault::new("DescribeTasks", Damage::Garbage(answer.to_owned())));
    window.keys("<ctrl-x>a").await;
    let text = window.text();
    assert!(text.contains("\"since\": 3") && text.contains("\"readyAt\": \"2026-01-01T00:00:00.5Z\""), "{text}");
    let gone = r#"{ "tasks": [], "failures": [{ "arn": "x", "reason": "MISSING" }] }"#;
    stage.sim.mend();
    stage.sim.fault(Fault::new("DescribeTasks", Damage::Garbage(gone.to_owned())));
    window.keys("<ctrl-r>").await;
    let lines = window.lines();
    assert!(lines[0].ends_with("is gone: AWS does not know it any more") && lines.len() > 5, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_tags_sees_the_rest_and_who_may_read_nothing_is_told() {
    let stage = Stage::new().await;
    for (keys, operation) in
        [("", "DescribeClusters"), ("<right>shop", "DescribeServices"), ("<right>shop<right>", "DescribeTasks")]
    {
        let mut window = stage.on("prod", SIZES[0]).await;
        window.keys(keys).await;
        let denied = |action: &str| {
            let message = format!("User: x is not authorized to perform: ecs:{action}");
            Fault::error(operation, "AccessDeniedException", &message)
        };
        stage.sim.fault(denied("ListTagsForResource").matching("\"include\""));
        window.keys("<ctrl-x>a").await;
        assert!(window.text().contains("\"clusterArn\""), "{operation}: {}", window.text());
        stage.sim.mend();
        stage.sim.fault(denied(operation));
        window.keys("<esc><ctrl-x>a<ctrl-r>").await;
        assert!(window.lines()[0].contains(&format!("ecs:{operation}")), "{:?}", window.lines());
        stage.sim.mend();
    }
}
