//! The simulated AWS held against AWS's own words: botocore's service models, and boto3 as a client.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod boto;
    pub(crate) mod peers;
    pub(crate) mod way;
}

use std::{path::Path, time::Duration};

use common::{boto, way};
use ecsui::{
    ops::{
        exec::{self, Command as Remote},
        find, ls,
    },
    session::{Exit, Input, Output, Size},
    sim::{Damage, Fault, Options, Outcome, Sim, World},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// After so long a wait has failed; nothing passes because of it.
const STUCK: Duration = Duration::from_mins(1);

/// Runs a check of tests/sim.py against `sim`; `None` where there is no Python for it.
async fn check(sim: &Sim, words: &[&str]) -> Option<Value> {
    boto::check(sim, "sim.py", words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_walks_a_generated_world() {
    let sim = Sim::start(World::grid(3, 21, 2), Options::explicit()).await.unwrap();
    let Some(seen) = check(&sim, &["walk"]).await else { return };
    let count = |name: &str| seen[name].as_u64().unwrap();
    assert_eq!((count("clusters"), count("services"), count("tasks"), count("containers")), (3, 63, 126, 252));
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_walks_the_demo_world_and_its_answers_are_awss() {
    let sim = Sim::start(World::demo(), Options::explicit()).await.unwrap();
    let Some(seen) = check(&sim, &["walk"]).await else { return };
    let count = |name: &str| seen[name].as_u64().unwrap();
    let (clusters, services, _) = World::demo().size();
    assert_eq!((count("clusters"), count("services")), (clusters as u64, services as u64));
    assert!(count("tasks") > 60 && count("stopped") > 5 && count("instances") == 11, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_every_size_are_walked_to_their_end() {
    let mut sims = Vec::new();
    let mut expected = Vec::new();
    for size in [0, 1, 9, 10, 11, 100, 101, 250] {
        for (clusters, services, tasks) in [(size, 1, 0), (1, size, 0), (1, 1, size)] {
            let sim = Sim::start(World::grid(clusters, services, tasks), Options::explicit()).await.unwrap();
            sims.push(sim);
            expected.push(json!([clusters, clusters * services, clusters * services * tasks]));
        }
    }
    let how = |sim: &Sim| {
        json!({
            "endpoint_url": sim.endpoint(),
            "aws_access_key_id": sim.access_key(),
            "aws_secret_access_key": sim.secret_key(),
        })
        .to_string()
    };
    let worlds: Vec<String> = sims.iter().map(how).collect();
    let mut words = vec!["sizes"];
    words.extend(worlds.iter().map(String::as_str));
    let Some(seen) = check(&sims[0], &words).await else { return };
    assert_eq!(seen, Value::Array(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_opens_resumes_and_ends_a_session() {
    let sim = Sim::start(World::grid(1, 1, 1), Options::explicit()).await.unwrap();
    let Some(seen) = check(&sim, &["execute", "prod-1", "payments-api-000"]).await else { return };
    assert_eq!(
        seen["operations"],
        json!(["DescribeTasks", "ExecuteCommand", "ListTasks", "ResumeSession", "TerminateSession"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn load_balancers_targets_and_instances_are_awss() {
    let sim = Sim::start(World::demo(), Options::explicit()).await.unwrap();
    let Some(seen) = check(&sim, &["balancing"]).await else { return };
    assert_eq!(seen["instances"], 11);
    assert_eq!(seen["registered"], 2);
    assert!(seen["rules"].as_u64().unwrap() > 8, "{seen}");
    for state in ["draining", "healthy", "unhealthy"] {
        assert!(seen["states"].as_array().unwrap().contains(&state.into()), "{state}: {seen}");
    }
    assert_eq!(seen["operations"].as_array().unwrap().len(), 8, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_keys_open_in_their_context_and_nowhere_else() {
    let world = World::from_toml("[cluster.prod]\nkms_key = \"1234abcd-12ab-34cd-56ef-1234567890ab\"\n").unwrap();
    let sim = Sim::start(world, Options::explicit()).await.unwrap();
    let Some(seen) = check(&sim, &["data_keys", "prod"]).await else { return };
    assert_eq!(seen["operations"], json!(["Decrypt", "GenerateDataKey"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_reads_metrics_alarms_and_scaling_in_awss_shapes() {
    let sim = Sim::start(World::demo(), Options::explicit()).await.unwrap();
    for protocol in ["json", "smithy-rpc-v2-cbor"] {
        let words = ["watched", protocol, "prod", "payments-api", "ledger"];
        let Some(seen) = check(&sim, &words).await else { return };
        assert_eq!((&seen["limits"], seen["policies"].as_array().unwrap().len()), (&json!([3, 12]), 2));
        assert_eq!(
            seen["operations"],
            json!([
                "DescribeAlarms",
                "DescribeScalableTargets",
                "DescribeScalingActivities",
                "DescribeScalingPolicies",
                "GetMetricData"
            ])
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_reads_and_changes_parameters() {
    let sim = Sim::start(World::demo(), Options::explicit()).await.unwrap();
    let Some(seen) = check(&sim, &["parameters"]).await else { return };
    assert_eq!(seen["below"], 4);
    assert_eq!(seen["operations"].as_array().unwrap().len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_read_in_every_way_and_told_live() {
    let mut world = World::grid(3, 1, 2);
    assert!(world.set_log_rate("prod-1-payments-api-000", "app", 30.0));
    // The time goes by itself: a live tail tells every second.
    let sim = Sim::start(world, Options::default()).await.unwrap();
    let Some(seen) = check(&sim, &["logs", "/ecs/prod-1-payments-api-000"]).await else { return };
    let operations = ["DescribeLogGroups", "DescribeLogStreams", "FilterLogEvents", "GetLogEvents"];
    assert_eq!(seen, json!({ "streams": 4, "operations": operations }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_channel_opens_to_a_signature_and_a_token_and_to_nothing_less() {
    let sim = Sim::start(World::grid(1, 1, 1), Options::explicit()).await.unwrap();
    let Some(seen) = check(&sim, &["door", "prod-1", "payments-api-000"]).await else { return };
    assert_eq!(seen, json!([403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 400, 101]));
    let doors = sim.calls().into_iter().filter(|call| call.operation == "OpenDataChannel");
    let outcomes: Vec<Outcome> = doors.map(|call| call.outcome).collect();
    let refused = |code: &str| Outcome::Refused(code.into());
    assert_eq!(
        outcomes,
        [
            refused("MissingAuthenticationTokenException"),
            // Another secret, service, region, host, query, path; too old, too new.
            refused("InvalidSignatureException"),
            refused("InvalidSignatureException"),
            refused("InvalidSignatureException"),
            refused("InvalidSignatureException"),
            refused("InvalidSignatureException"),
            refused("InvalidSignatureException"),
            refused("InvalidSignatureException"),
            refused("InvalidSignatureException"),
            // A session token that was never given out.
            refused("UnrecognizedClientException"),
            Outcome::Answered
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn old_plugins_come_in_unsigned_where_that_is_allowed_and_nobody_with_a_wrong_signature() {
    let wrong = "Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/ssmmessages/aws4_request, \
                 SignedHeaders=host;x-amz-date, Signature=00\r\nX-Amz-Date: 20260101T000000Z\r\n";
    for (unsigned_channels, unsigned, forged) in [(false, 403, 403), (true, 101, 403)] {
        let options = Options { unsigned_channels, ..Options::explicit() };
        let sim = Sim::start(World::grid(1, 1, 1), options).await.unwrap();
        let address = sim.endpoint().strip_prefix("http://").unwrap().to_owned();
        assert_eq!(knock(&address, "").await, unsigned);
        assert_eq!(knock(&address, wrong).await, forged);
    }
}

/// Asks for a data channel with these headers; returns the status.
async fn knock(address: &str, headers: &str) -> u16 {
    let mut line = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /v1/data-channel/x?role=publish_subscribe HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{headers}\r\n"
    );
    line.write_all(request.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    line.read_exact(&mut status).await.unwrap();
    std::str::from_utf8(&status[9..]).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_are_remembered_the_rolled_back_ones_too() {
    let sim = Sim::start(World::demo(), Options::explicit()).await.unwrap();
    for _ in 0..400 {
        sim.advance(Duration::from_secs(1));
    }
    let Some(seen) = check(&sim, &["releases", "prod", "refunds"]).await else { return };
    assert!(seen.as_array().unwrap().contains(&json!(["ROLLBACK_SUCCESSFUL", true, "TRIGGERED"])), "{seen}");
    let Some(seen) = check(&sim, &["releases", "prod", "storefront"]).await else { return };
    assert!(seen.as_array().unwrap().contains(&json!(["SUCCESSFUL", false, "MONITORING_COMPLETE"])), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deregistered_is_there_for_who_asks() {
    let sim = Sim::start(World::demo(), Options::explicit()).await.unwrap();
    let Some(seen) = check(&sim, &["retired", "payments-api", "voucher-printer"]).await else { return };
    assert_eq!(seen, json!([41, 30, 29, 1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_refuses_is_refused_in_its_words() {
    let sim = Sim::start(World::grid(1, 12, 2), Options::explicit()).await.unwrap();
    check(&sim, &["refusals", "prod-1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_state_of_an_agent_has_its_answer() {
    let sim = Sim::start(world("exec_agents"), Options::explicit()).await.unwrap();
    let Some(seen) = check(&sim, &["agents"]).await else { return };
    let refused = "InvalidParameterException";
    assert_eq!(
        seen,
        json!({
            "service:agents/ecs-svc/ready": ["RUNNING", "RUNNING", "opened"],
            "service:agents/ecs-svc/absent": ["RUNNING", refused],
            "service:agents/ecs-svc/pending": ["RUNNING", "PENDING", refused],
            "service:agents/ecs-svc/disconnected": ["RUNNING", "RUNNING", "TargetNotConnectedException"],
            "service:agents/ecs-svc/stopped": ["RUNNING", "STOPPED", refused],
            "service:disabled/ecs-svc/app": ["RUNNING", refused],
            "family:one//app": ["PENDING", "PENDING", refused],
            "family:one/by-hand/app": ["RUNNING", "RUNNING", "opened"],
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worlds_faults_strike_where_it_says() {
    let sim = Sim::start(world("one_cluster_denied"), Options::explicit()).await.unwrap();
    let Some(seen) = check(&sim, &["denied"]).await else { return };
    assert_eq!(seen, 400);
}

/// Returns a world of tests/worlds.
fn world(name: &str) -> World {
    World::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds").join(name).with_extension("toml")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_without_the_keys() {
    let sim = Sim::start(World::grid(1, 1, 1), Options::explicit()).await.unwrap();
    let words = ["keys", sim.access_key(), sim.secret_key()];
    let Some(seen) = check(&sim, &words).await else { return };
    assert_eq!(seen, json!([400, 403, 400, 403, 400, 403, 400, 403, 400]));
    assert!(sim.calls().iter().all(|call| matches!(call.outcome, Outcome::Refused(_))), "{:?}", sim.calls());
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_strike_in_their_order() {
    let sim = Sim::start(World::grid(1, 1, 1), Options::explicit()).await.unwrap();
    sim.fault(Fault::error("ListClusters", "AccessDeniedException", "not allowed").times(1));
    sim.fault(Fault::new("ListClusters", Damage::Cut).times(1));
    sim.fault(Fault::new("ListClusters", Damage::Hang).times(1));
    let Some(seen) = check(&sim, &["faults"]).await else { return };
    assert_eq!(seen, json!(["IncompleteRead", "ReadTimeoutError"]));
    let outcomes: Vec<Outcome> = sim.calls().into_iter().map(|call| call.outcome).collect();
    let denied = Outcome::Refused("AccessDeniedException".into());
    assert_eq!(outcomes, [denied, Outcome::Unanswered, Outcome::Unanswered, Outcome::Answered]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_beyond_the_quota_is_throttled() {
    let sim = Sim::start(World::grid(1, 1, 1), Options { throttle: true, ..Options::explicit() }).await.unwrap();
    let Some(seen) = check(&sim, &["throttled"]).await else { return };
    assert_eq!(seen, json!({ "status": 400, "answered": 50 }));
    sim.advance(Duration::from_secs(1));
    let Some(seen) = check(&sim, &["throttled"]).await else { return };
    assert_eq!(seen["answered"], 20);
}

#[tokio::test]
async fn a_session_ends_with_its_task() {
    let sim = Sim::start(World::grid(1, 1, 1), Options::explicit()).await.unwrap();
    let cx = way::cx(&sim);
    let target = find::one(&cx, &["app".to_owned()]).await.unwrap();
    let cat = Remote::Argv(vec!["cat".to_owned()]);
    let mut session = exec::open(&cx, &target, &cat, Size { columns: 80, rows: 24 }).await.unwrap();
    session.input.send(Input::Bytes("still here\r".into())).await.unwrap();
    let mut heard = Vec::new();
    // Once as echo, once from cat.
    while String::from_utf8_lossy(&heard).matches("still here").count() < 2 {
        let Some(Output::Bytes(bytes)) = timeout(STUCK, session.output.recv()).await.unwrap() else { panic!("ended") };
        heard.extend_from_slice(&bytes);
    }
    assert!(sim.stop_task(&target.task, "enough"));
    sim.advance(Duration::from_secs(10));
    let exit = loop {
        match timeout(STUCK, session.output.recv()).await.unwrap().unwrap() {
            Output::Exit(exit) => break exit,
            Output::Bytes(_) | Output::Stderr(_) | Output::Notice(_) => {}
        }
    };
    assert!(matches!(exit, Exit::Closed(_)), "{exit}");
    let [service] = &ls::services(&cx, &target.cluster).await.unwrap()[..] else { panic!("one service") };
    let tasks = ls::tasks(&cx, &target.cluster, Some(&service.arn)).await.unwrap();
    assert_eq!(tasks.len(), 1, "the service has replaced it");
    assert_ne!(tasks[0].arn, target.task);
}

#[tokio::test]
async fn only_loopback_names_are_answered_and_nobody_after_the_end() {
    let sim = Sim::start(World::grid(1, 1, 1), Options::explicit()).await.unwrap();
    let address = sim.endpoint().strip_prefix("http://").unwrap().to_owned();
    let ask = |host: &str| {
        let (address, request) =
            (address.clone(), format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"));
        async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.write_all(request.as_bytes()).await?;
            let mut status = [0; 12];
            stream.read_exact(&mut status).await?;
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&status).into_owned())
        }
    };
    assert_eq!(ask("evil.example").await.unwrap(), "HTTP/1.1 421");
    assert_eq!(ask("localhost:80").await.unwrap(), "HTTP/1.1 400");
    let idle = TcpStream::connect(&address).await.unwrap();
    drop(sim);
    let mut byte = [0];
    // An end that could not be seen would hang here.
    let (mut reader, _writer) = idle.into_split();
    assert_eq!(reader.read(&mut byte).await.unwrap_or(0), 0);
    assert!(ask("localhost").await.is_err());
}
