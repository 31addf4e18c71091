//! How services are watched: metrics, alarms, scaling, parameters and `check`, against the simulated AWS and through
//! the real binary.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/way.rs"]
mod way;

use std::{
    fmt::Write as _,
    io::Write as _,
    process::{Output, Stdio},
    time::Duration,
};

use ecsui::{
    model::{AlarmState, ParameterKind, PolicyKind, Service, Timestamp},
    ops::{
        Cx, Kind,
        check::{self, Checked, FindingKind, Scope},
        find, ls,
        params::{self, Change},
        watch,
    },
    session::Secret,
    sim::{Call, Damage, Fault, Options, Sim, World},
};
use serde_json::Value;
use tempfile::TempDir;

async fn begin(world: World) -> (Sim, Cx) {
    let sim = Sim::start(world, Options::explicit()).await.unwrap();
    let cx = way::cx(&sim);
    (sim, cx)
}

async fn service(cx: &Cx, cluster: &str, name: &str) -> Service {
    let cluster = find::cluster(cx, cluster).await.unwrap();
    let named = find::service(cx, &cluster, name).await.unwrap();
    ls::service_details(cx, &cluster, std::slice::from_ref(&named.arn)).await.unwrap().remove(0)
}

fn asked(sim: &Sim, operation: &str) -> Vec<Call> {
    sim.calls().into_iter().filter(|call| call.operation == operation).collect()
}

fn denied(operation: &str, action: &str) -> Fault {
    let message = format!(
        "User: arn:aws:iam::1:user/mira is not authorized to perform: {action} on resource: * because no identity-based policy allows the {action} action"
    );
    Fault::error(operation, "AccessDeniedException", &message)
}

#[tokio::test]
async fn four_hours_of_cpu_and_memory_take_one_call() {
    let (sim, cx) = begin(World::demo()).await;
    let api = service(&cx, "prod", "payments-api").await;
    let usage = watch::usage(&cx, &api.cluster, &api.arn, Timestamp::now()).await.unwrap();
    let [call] = &asked(&sim, "GetMetricData")[..] else { panic!("one call") };
    assert_eq!(call.body["MetricDataQueries"].as_array().unwrap().len(), 4);
    for (series, low, high) in [(&usage.cpu, 1_800, 7_400), (&usage.memory, 5_200, 6_100)] {
        assert_eq!((series.points.len(), series.span()), (24, Duration::from_hours(4)));
        assert!(series.points.iter().flatten().all(|share| (low..=high).contains(share)), "{series:?}");
        assert!(series.points[..23].iter().all(Option::is_some), "{series:?}");
        let (latest, average, peak) = (series.latest().unwrap(), series.average().unwrap(), series.peak.unwrap());
        assert!(peak >= latest && peak > average, "{series:?}");
    }
    assert!(usage.cpu.points.iter().flatten().max() > usage.cpu.points.iter().flatten().min());
}

#[tokio::test]
async fn what_does_not_run_has_no_numbers() {
    let (_sim, cx) = begin(World::demo()).await;
    let idle = service(&cx, "prod", "legacy-voucher-import").await;
    let usage = watch::usage(&cx, &idle.cluster, &idle.arn, Timestamp::now()).await.unwrap();
    assert_eq!((usage.cpu.latest(), usage.cpu.average(), usage.cpu.peak), (None, None, None));
}

#[tokio::test]
async fn alarms_of_all_services_come_in_pages_and_say_whose_they_are() {
    let mut text = "[[taskdef]]\nfamily = \"api\"\n[[taskdef.container]]\nimage = \"a:1\"\n[cluster.prod]\n[[cluster.prod.service]]\nname = \"api\"\n".to_owned();
    for number in 0..250 {
        writeln!(text, "[[alarm]]\nname = \"a{number:03}\"\nservice = \"prod/api\"\nmetric = \"cpu\"\nabove = 80")
            .unwrap();
    }
    let (sim, cx) = begin(World::from_toml(&text).unwrap()).await;
    let alarms = watch::alarms(&cx).await.unwrap();
    assert_eq!((alarms.len(), asked(&sim, "DescribeAlarms").len()), (250, 3));
    assert!(alarms.is_sorted_by(|one, other| one.name < other.name));

    let (_sim, cx) = begin(World::demo()).await;
    let alarms = watch::alarms(&cx).await.unwrap();
    let raised = alarms.iter().find(|alarm| alarm.name == "orders-memory-high").unwrap();
    assert_eq!((raised.cluster.as_str(), raised.service.as_str()), ("prod", "orders"));
    assert_eq!((raised.state, raised.condition.as_str()), (AlarmState::Alarm, "MemoryUtilization > 90 for 3 minutes"));
    assert!(raised.reason.as_ref().unwrap().starts_with("Threshold Crossed"));
    let own = alarms.iter().filter(|alarm| alarm.is_of_target_tracking() && alarm.service == "payments-api");
    assert_eq!(own.count(), 3, "one that does not scale in has only one");
}

#[tokio::test]
async fn scaling_is_told_whole_and_where_there_is_none_costs_one_call() {
    let (sim, cx) = begin(World::demo()).await;
    let api = service(&cx, "prod", "payments-api").await;
    let scaling = watch::scaling(&cx, &api.cluster, &api.arn).await.unwrap();
    let limits = scaling.limits.unwrap();
    assert_eq!((limits.min, limits.max, limits.suspended.len()), (3, 12, 0));
    let PolicyKind::Track { metric, target, scales_in } = &scaling.policies[0].kind else { panic!("no tracking") };
    assert_eq!((metric.as_str(), target.as_str(), *scales_in), ("ECSServiceAverageCPUUtilization", "60", true));
    assert_eq!(scaling.activities.len(), 3);
    assert_eq!(scaling.activities[0].description, "Setting desired count to 3.");
    assert!(scaling.activities.is_sorted_by(|one, other| one.at >= other.at));
    assert!(scaling.missing.is_empty());

    let shop = service(&cx, "prod", "shop-frontend").await;
    let scaling = watch::scaling(&cx, &shop.cluster, &shop.arn).await.unwrap();
    let PolicyKind::Step { adjustment, steps, alarms } = &scaling.policies[0].kind else { panic!("no steps") };
    assert_eq!(adjustment, "ChangeInCapacity");
    assert_eq!(steps[..], [(Some("0".to_owned()), 2), (Some("20".to_owned()), 6)]);
    assert_eq!(alarms[..], ["shop-frontend-cpu-high"]);

    let resizer = service(&cx, "prod", "image-resizer").await;
    let scaling = watch::scaling(&cx, &resizer.cluster, &resizer.arn).await.unwrap();
    assert_eq!(scaling.limits.unwrap().suspended, ["scaling in", "scaling out", "scheduled scaling"]);

    let ledger = service(&cx, "prod", "ledger").await;
    let before = sim.calls().len();
    assert_eq!(watch::scaling(&cx, &ledger.cluster, &ledger.arn).await.unwrap().limits, None);
    assert_eq!(sim.calls().len() - before, 1);
}

#[tokio::test]
async fn a_denied_part_hides_no_other_and_says_the_action() {
    let (sim, cx) = begin(World::demo()).await;
    let api = service(&cx, "prod", "payments-api").await;
    sim.fault(denied("GetMetricData", "cloudwatch:GetMetricData"));
    let error = watch::usage(&cx, &api.cluster, &api.arn, Timestamp::now()).await.unwrap_err();
    assert_eq!(error.kind, Kind::Denied);
    assert!(error.line().contains("not allowed: cloudwatch:GetMetricData on *"), "{}", error.line());
    assert!(error.hints[0].contains("ask for cloudwatch:GetMetricData"), "{:?}", error.hints);
    assert!(watch::alarms(&cx).await.is_ok());
    sim.fault(denied("DescribeScalingPolicies", "application-autoscaling:DescribeScalingPolicies"));
    let scaling = watch::scaling(&cx, &api.cluster, &api.arn).await.unwrap();
    assert!(scaling.limits.is_some() && scaling.policies.is_empty() && !scaling.activities.is_empty());
    let [missing] = &scaling.missing[..] else { panic!("one is missing") };
    assert!(missing.contains("application-autoscaling:DescribeScalingPolicies"), "{missing}");
    sim.fault(denied("DescribeAlarms", "cloudwatch:DescribeAlarms"));
    assert_eq!(watch::alarms(&cx).await.unwrap_err().kind, Kind::Denied);
}

#[tokio::test]
async fn cloudwatch_is_asked_again_after_a_throttle_and_a_cut_answer() {
    let (sim, cx) = begin(World::demo()).await;
    let api = service(&cx, "prod", "payments-api").await;
    sim.fault(Fault::error("GetMetricData", "ThrottlingException", "Rate exceeded").times(1));
    sim.fault(Fault::new("GetMetricData", Damage::Cut).times(1));
    let usage = watch::usage(&cx, &api.cluster, &api.arn, Timestamp::now()).await.unwrap();
    assert!(usage.cpu.latest().is_some());
    assert_eq!(asked(&sim, "GetMetricData").len(), 3);
}

#[tokio::test]
async fn parameters_are_those_below_the_path_and_those_of_the_definition() {
    let (sim, cx) = begin(World::demo()).await;
    let api = service(&cx, "prod", "payments-api").await;
    let path = params::path(params::PREFIX, &api);
    let listed = params::list(&cx, &api, &path, false).await.unwrap().parameters;
    let names: Vec<&str> = listed.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names.len(), 5);
    assert!(names.is_sorted() && names[..4].iter().all(|name| name.starts_with(&path)));
    assert_eq!((names[4], listed[4].given_to.join(" ").as_str()), ("/prod/payments/signing-key", "app/SIGNING_KEY"));
    let secret = |it: &&params::Listed| it.parameter.as_ref().unwrap().kind == ParameterKind::SecureString;
    assert!(listed.iter().filter(secret).all(|it| it.parameter.as_ref().unwrap().value.is_none()));
    assert!(asked(&sim, "GetParametersByPath").iter().all(|call| call.body["WithDecryption"] == false));
    let listed = params::list(&cx, &api, &path, true).await.unwrap().parameters;
    assert!(listed.iter().all(|it| it.parameter.as_ref().unwrap().value.is_some()));
    assert!(!format!("{listed:?}").contains("geheim"));
}

#[tokio::test]
async fn every_length_of_a_path_is_read_whole() {
    for count in [0, 1, 9, 10, 11, 25] {
        let mut text = "[[taskdef]]\nfamily = \"api\"\n[[taskdef.container]]\nimage = \"a:1\"\nsecrets = { A = \"/elsewhere/a\", B = \"arn:aws:ssm:us-east-1:482913007156:parameter/b\", C = \"/application/api/P000\" }\n[cluster.prod]\n[[cluster.prod.service]]\nname = \"api\"\n".to_owned();
        for number in 0..count {
            writeln!(text, "[[parameter]]\nname = \"/application/api/P{number:03}\"\nvalue = \"x\"").unwrap();
        }
        let (sim, cx) = begin(World::from_toml(&text).unwrap()).await;
        let api = service(&cx, "prod", "api").await;
        let listed = params::list(&cx, &api, "/application/api", false).await.unwrap().parameters;
        let there = listed.iter().filter(|it| it.parameter.is_some()).count();
        let missing: Vec<&str> = listed.iter().filter(|it| it.parameter.is_none()).map(|it| it.name.as_str()).collect();
        assert_eq!((there, missing.len()), (count, if count == 0 { 3 } else { 2 }), "{count}: {missing:?}");
        assert_eq!(asked(&sim, "GetParametersByPath").len(), count.div_ceil(10).max(1));
        let elsewhere = |call: &Call| call.body["Names"].to_string().contains("us-east-1");
        assert!(!asked(&sim, "GetParameters").iter().any(elsewhere), "another region's cannot be read here");
    }
}

#[tokio::test]
async fn a_put_changes_the_value_and_nothing_else() {
    let (sim, cx) = begin(World::demo()).await;
    let change = |name: &str, kind| Change {
        name: name.to_owned(),
        value: Secret::new("neu"),
        kind,
        key_id: None,
        description: None,
    };
    let prepared = params::prepare(&cx, change("/prod/payments/signing-key", None)).await.unwrap();
    assert_eq!((prepared.kind(), prepared.key_id()), (ParameterKind::SecureString, Some("alias/payments")));
    assert!(asked(&sim, "PutParameter").is_empty(), "nothing is changed yet");
    assert_eq!(params::put(&cx, &prepared).await.unwrap(), 5);
    let body = &asked(&sim, "PutParameter")[0].body;
    assert_eq!((&body["KeyId"], &body["Description"]), (&"alias/payments".into(), &"signs payment orders".into()));
    assert_eq!(params::get(&cx, "/prod/payments/signing-key").await.unwrap().value.as_deref(), Some("neu"));

    let new = params::prepare(&cx, change("/new", None)).await.unwrap();
    assert!(new.before.is_none() && new.kind() == ParameterKind::SecureString);
    assert_eq!(params::put(&cx, &new).await.unwrap(), 1);
    let again = params::put(&cx, &new).await.unwrap_err();
    assert!(again.line().contains("already exists") && again.hints[0].contains("somebody"), "{again:?}");

    let other = params::prepare(&cx, change("/new", Some(ParameterKind::String))).await.unwrap_err();
    assert_eq!(other.kind, Kind::Usage);
    params::delete(&cx, "/new").await.unwrap();
    assert_eq!(params::delete(&cx, "/new").await.unwrap_err().kind, Kind::NotFound);

    // A put whose answer is lost is not made twice.
    sim.fault(Fault::new("PutParameter", Damage::Cut).times(1));
    let before = asked(&sim, "PutParameter").len();
    assert!(params::put(&cx, &prepared).await.is_err());
    assert_eq!(asked(&sim, "PutParameter").len(), before + 1);

    sim.fault(denied("DescribeParameters", "ssm:DescribeParameters"));
    let blind = params::prepare(&cx, change("/prod/payments/signing-key", None)).await.unwrap_err();
    assert!(blind.line().contains("ssm:DescribeParameters"), "its key would be lost: {}", blind.line());
    let whole = params::prepare(&cx, change("/plain", Some(ParameterKind::String))).await.unwrap();
    assert_eq!(params::put(&cx, &whole).await.unwrap(), 1, "a new one can be made");
    assert!(params::put(&cx, &whole).await.is_err(), "and none replaced");
}

fn kinds(checked: &[Checked], service: &str) -> Vec<FindingKind> {
    let of = checked.iter().filter(|it| it.service.as_deref() == Some(service));
    of.flat_map(|it| it.findings.iter().map(|finding| finding.kind)).collect()
}

async fn check_prod(cx: &Cx, name: &str) -> Vec<Checked> {
    let cluster = find::cluster(cx, name).await.unwrap();
    check::check(cx, Scope::Cluster(cluster), Timestamp::now()).await.unwrap()
}

#[tokio::test]
async fn a_check_finds_what_is_wrong_and_nothing_else() {
    let (_sim, cx) = begin(World::demo()).await;
    let checked = check_prod(&cx, "prod").await;
    assert_eq!(kinds(&checked, "checkout"), [FindingKind::DeploymentStuck]);
    assert_eq!(kinds(&checked, "identity"), [FindingKind::ImagesDiffer]);
    // A rollout that goes well, tasks that are not wanted.
    for well in ["payments-web", "payments-api", "legacy-voucher-import", "ledger"] {
        assert_eq!(kinds(&checked, well), [], "{well}");
    }
    assert_eq!(kinds(&checked, "orders"), [FindingKind::TargetHealth]);
    let orders = checked.iter().find(|it| it.service.as_deref() == Some("orders")).unwrap();
    assert_eq!(orders.findings[0].text, "5 tasks run, and 4 targets of orders are healthy, 1 are not");
    let checked = check_prod(&cx, "staging").await;
    assert_eq!(kinds(&checked, "payments-api"), [FindingKind::NoRunningTask, FindingKind::DeploymentFailed]);
    let everything = check::check(&cx, Scope::Everything, Timestamp::now()).await.unwrap();
    assert!(everything.len() > 30 && everything.is_sorted_by_key(|it| (it.cluster.name(), it.service.clone())));
    let one = Scope::Service(service(&cx, "prod", "identity").await);
    let one = check::check(&cx, one, Timestamp::now()).await.unwrap();
    assert_eq!((one.len(), kinds(&one, "identity")), (1, vec![FindingKind::ImagesDiffer]));
}

#[tokio::test]
async fn a_deployment_is_stuck_after_an_hour_even_without_failures() {
    let (_sim, cx) = begin(World::demo()).await;
    let web = Scope::Service(service(&cx, "prod", "payments-web").await);
    let later = Timestamp::now() + Duration::from_hours(2);
    let checked = check::check(&cx, web, later).await.unwrap();
    assert_eq!(kinds(&checked, "payments-web"), [FindingKind::DeploymentStuck]);
}

#[tokio::test]
async fn what_is_denied_is_no_pass() {
    let (sim, cx) = begin(World::demo()).await;
    sim.fault(denied("DescribeTasks", "ecs:DescribeTasks"));
    let checked = check_prod(&cx, "staging").await;
    assert_eq!(kinds(&checked, "payments-api"), [FindingKind::NoRunningTask, FindingKind::DeploymentFailed]);
    let unread: Vec<&Checked> = checked.iter().filter(|it| it.service.is_none()).collect();
    assert_eq!(unread.len(), 1, "once for the whole cluster");
    assert!(unread[0].findings[0].text.contains("ecs:DescribeTasks"), "{unread:?}");
    sim.mend();
    sim.fault(denied("DescribeTargetHealth", "elasticloadbalancing:DescribeTargetHealth"));
    let checked = check_prod(&cx, "prod").await;
    assert_eq!(kinds(&checked, "identity"), [FindingKind::ImagesDiffer], "the rest is checked");
    let unread = checked.iter().find(|it| it.service.is_none()).unwrap();
    assert!(unread.findings[0].text.contains("elasticloadbalancing:DescribeTargetHealth"), "{unread:?}");
    sim.mend();
    sim.fault(denied("DescribeServices", "ecs:DescribeServices"));
    let checked = check_prod(&cx, "staging").await;
    let all: Vec<FindingKind> = checked.iter().flat_map(|it| &it.findings).map(|finding| finding.kind).collect();
    assert_eq!(all, [FindingKind::NotChecked]);
}

/// The real program, let in to a simulated AWS, with a home of its own.
struct Rig {
    sim: Sim,
    home: TempDir,
}

impl Rig {
    async fn new(world: World) -> Self {
        let sim = Sim::start(world, Options::explicit()).await.unwrap();
        Self { sim, home: TempDir::new().unwrap() }
    }

    async fn run(&self, line: &str, input: Option<&str>) -> (String, String, i32) {
        let mut command = way::command(&self.sim, self.home.path(), line);
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if let Some(input) = input {
            child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        }
        let Output { status, stdout, stderr } =
            tokio::task::spawn_blocking(move || child.wait_with_output()).await.unwrap().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(stdout), text(stderr), status.code().unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_check_is_silent_when_all_is_well_and_1_otherwise() {
    let rig = Rig::new(World::demo()).await;
    assert_eq!(rig.run("check prod/ledger", None).await, (String::new(), String::new(), 0));
    let (out, _, code) = rig.run("check prod/ledger -v", None).await;
    assert!(out.lines().last().unwrap().ends_with("4 tasks run") && code == 0, "{out}");
    let (out, err, code) = rig.run("check staging", None).await;
    assert_eq!((out.lines().count(), err.as_str(), code), (3, "", 1), "{out}");
    assert_eq!(rig.run("check staging --exit-zero", None).await.2, 0);
    let (out, _, code) = rig.run("check staging -o json", None).await;
    let findings: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((findings[0]["kind"].as_str(), code), (Some("no-running-task"), 1));
    assert_eq!(
        (findings[1]["kind"].as_str(), findings[1]["service"].as_str()),
        (Some("deployment-failed"), Some("payments-api"))
    );
    assert!(findings[1]["about"].as_str().unwrap().starts_with("ecs-svc/"));
    let (out, _, code) = rig.run("check prod/ledger -o json", None).await;
    assert_eq!((serde_json::from_str::<Value>(&out).unwrap(), code), (Value::Array(vec![]), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn secret_values_are_printed_only_when_asked_for() {
    let rig = Rig::new(World::demo()).await;
    let (out, _, code) = rig.run("params list prod/payments-api", None).await;
    assert!(code == 0 && out.contains("DATABASE_PASSWORD") && out.contains("info") && !out.contains("geheim"), "{out}");
    let (out, ..) = rig.run("params list prod/payments-api --reveal -o tsv", None).await;
    assert!(out.contains("nicht-wirklich-geheim"));
    let (out, _, code) = rig.run("params get prod/payments-api DATABASE_PASSWORD", None).await;
    assert_eq!((out.as_str(), code), ("nicht-wirklich-geheim\n", 0));
    let (out, ..) = rig.run("params list prod/payments-api --path /prod/payments", None).await;
    assert_eq!(out.lines().count(), 2, "{out}");
    let log = rig.home.path().join("log");
    let line = format!("--log-file {} params get prod/payments-api DATABASE_PASSWORD", log.display());
    rig.run(&line, None).await;
    assert!(!std::fs::read_to_string(log).unwrap().contains("geheim"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_put_from_standard_input_and_never_from_the_command_line() {
    let rig = Rig::new(World::demo()).await;
    let put = "params put prod/payments-api DATABASE_PASSWORD";
    let (_, err, code) = rig.run(put, Some("neu\n")).await;
    assert!(code == 2 && err.contains("--yes"), "{err}");
    let (out, err, code) = rig.run(&format!("{put} --yes"), Some("neu\n")).await;
    assert_eq!((out.as_str(), code), ("", 0), "{err}");
    assert!(err.contains("version 8") && !err.contains("neu"), "{err}");
    let (out, ..) = rig.run("params get prod/payments-api DATABASE_PASSWORD", None).await;
    assert_eq!(out, "neu\n");
    for line in [
        format!("{put} --yes --type SecureString --value x"),
        format!("{put} --yes --value x"),
        "params put NAME --yes".to_owned(),
        "params put /x --yes".to_owned(),
    ] {
        let (_, err, code) = rig.run(&line, Some("")).await;
        assert_eq!(code, 2, "{line}: {err}");
    }
    let (_, err, code) = rig.run("params put /x --type String --value plain --yes", None).await;
    assert_eq!(code, 0, "{err}");
    let (_, _, code) = rig.run("params delete /x --yes", None).await;
    assert_eq!(code, 0);
    let (_, err, code) = rig.run("params delete /x --yes", None).await;
    assert!(code == 1 && err.contains("there is no parameter /x"), "{err}");
    std::fs::write(rig.home.path().join("c.toml"), "read_only = true\n").unwrap();
    let (_, err, code) = rig.run("--config c.toml params delete /application/global/TZ --yes", None).await;
    assert!(code == 1 && err.contains("read_only"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_are_changed_behind_guards_and_written_down_without_their_values() {
    let rig = Rig::new(World::demo()).await;
    let rules = "[[guard]]\ncluster = 'prod'\naction = 'type'\n[[guard]]\ncluster = 'tools'\naction = 'refuse'\n";
    std::fs::write(rig.home.path().join("c.toml"), rules).unwrap();
    let delete = "--config c.toml params delete prod/payments-api LOG_LEVEL";
    let (_, err, code) = rig.run(&format!("{delete} --yes"), None).await;
    assert!(code == 2 && err.contains("--confirm /application/payments-api/LOG_LEVEL"), "{err}");
    let (_, err, code) = rig.run(&format!("{delete} --confirm LOG_LEVEL"), None).await;
    assert!(code == 2 && err.contains("to be confirmed"), "{err}");
    let (_, err, code) = rig.run("--config c.toml params put tools/grafana TOKEN --yes", Some("geheim\n")).await;
    assert!(code == 1 && err.contains("refuses changes of cluster \"tools\""), "{err}");
    let (_, err, code) = rig.run("--config c.toml applet skipper ssm put tools grafana", Some("TOKEN\ngeheim\n")).await;
    assert!(code == 1 && err.contains("refuses"), "{err}");
    let (_, _, code) = rig.run("params get prod/payments-api LOG_LEVEL", None).await;
    assert_eq!(code, 0, "nothing of that was done");

    let (_, err, code) = rig.run(&format!("{delete} --confirm /application/payments-api/LOG_LEVEL"), None).await;
    assert_eq!(code, 0, "{err}");
    let put = "--config c.toml params put prod/payments-api TOKEN --confirm /application/payments-api/TOKEN";
    let (_, err, code) = rig.run(put, Some("geheim\n")).await;
    assert_eq!(code, 0, "{err}");
    let (_, _, code) = rig.run("params delete /nope --yes", None).await;
    assert_eq!(code, 1);
    let (out, ..) = rig.run("history -o json", None).await;
    let lines: serde_json::Value = serde_json::from_str(&out).unwrap();
    let told: Vec<String> =
        lines.as_array().unwrap().iter().map(|it| format!("{} {}", it["what"], it["result"])).collect();
    assert_eq!(
        told,
        [
            r#""Delete parameter /application/payments-api/LOG_LEVEL" "done""#,
            r#""Put parameter /application/payments-api/TOKEN" "done""#,
            r#""Delete parameter /nope" "failed""#,
        ]
    );
    assert!(!out.contains("geheim"));
}
