//! What a plan has found out beforehand: images, secrets, log groups and roles, each missing, denied and as it should
//! be.

#![cfg(feature = "demo")]

mod common {
    pub(crate) mod stand;
    pub(crate) mod way;
}

use common::stand::Stand;
use ecsui::{
    config::Settings,
    ops::change::{Network, Plan, Run, Update, Verdict, Whose, Wish},
    sim::{Damage, Fault, World},
};

const WORLD: &str = r#"
[[taskdef]]
family = "web"
revision = 7
role = "web-task"
container = [{
    image = "{registry}/web:{revision}",
    ports = [8080],
    secrets = { DB = "arn:aws:secretsmanager:eu-west-1:482913007156:secret:prod/db-AbCdEf:password::", KEY = "/prod/key" },
    log = "/ecs/web",
}]

[[parameter]]
name = "/prod/key"
value = "k"

[[cluster.prod.service]]
name = "web"
taskdef = "web:7"
desired = 1
"#;

/// Plans to give the service an image of this tag, in a world that was changed before.
async fn planned(tag: &str, change: impl FnOnce(&mut World), faults: &[Fault]) -> Plan {
    let mut world = World::from_toml(WORLD).expect("a world");
    change(&mut world);
    let stand = Stand::of(world, Settings::default()).await;
    for fault in faults {
        stand.sim.fault(fault.clone());
    }
    let update = Update {
        place: stand.place("prod", "web").await,
        whose: Whose::TheOne,
        image: Some(tag.parse().expect("a tag")),
        set: Vec::new(),
        unset: Vec::new(),
        target_group: None,
        placement_group: None,
    };
    stand.plan(Wish::Update(Box::new(update))).await.expect("a plan")
}

/// Returns the checks, a line each.
fn lines(plan: &Plan) -> Vec<String> {
    let line = |check: &ecsui::ops::change::Check| match &check.verdict {
        Verdict::Passed => format!("{}: passed", check.what),
        Verdict::Failed(why) => format!("{}: FAILED {why}", check.what),
        Verdict::Unknown(why) => format!("{}: unknown {why}", check.what),
        Verdict::Skipped(why) => format!("{}: skipped {why}", check.what),
    };
    plan.checks.iter().map(line).collect()
}

fn failed(plan: &Plan) -> Vec<String> {
    lines(plan).into_iter().filter(|line| line.contains(": FAILED ")).collect()
}

fn image(world: &mut World) {
    world.push_image("web", "9");
}

#[tokio::test]
async fn everything_that_tasks_need_is_looked_at() {
    let plan = planned(":9", image, &[]).await;
    let secret = "arn:aws:secretsmanager:eu-west-1:482913007156:secret:prod/db-AbCdEf";
    assert_eq!(
        lines(&plan),
        [
            "image 482913007156.dkr.ecr.eu-west-1.amazonaws.com/web:9 is there for linux/amd64: passed".to_owned(),
            format!("secret {secret} is there: passed"),
            "parameter /prod/key is there: passed".to_owned(),
            "ecs-execution is allowed secretsmanager:GetSecretValue: passed".to_owned(),
            "ecs-execution is allowed ssm:GetParameters: passed".to_owned(),
            "log group /ecs/web is there: passed".to_owned(),
            "ecs-execution is allowed logs:CreateLogStream: passed".to_owned(),
            "ecs-execution is allowed logs:PutLogEvents: passed".to_owned(),
            "role web-task is there: passed".to_owned(),
            "role ecs-execution is there: passed".to_owned(),
            "demo is allowed iam:PassRole: passed".to_owned(),
        ]
    );
}

#[tokio::test]
async fn an_image_that_is_not_there_or_for_another_processor_fails() {
    assert_eq!(
        failed(&planned(":nope", image, &[]).await),
        [
            "image 482913007156.dkr.ecr.eu-west-1.amazonaws.com/web:nope is there for linux/amd64: FAILED web has no such image",
        ]
    );
    let arm = |world: &mut World| {
        world.push_image_for("web", "arm", &["ARM64"]);
        world.push_image_for("web", "both", &["ARM64", "X86_64"]);
    };
    assert!(failed(&planned(":arm", arm, &[]).await)[0].ends_with("FAILED it is built for linux/arm64"));
    assert_eq!(failed(&planned(":both", arm, &[]).await), Vec::<String>::new());
    let elsewhere = lines(&planned("nginx:1", |_| (), &[]).await);
    assert_eq!(elsewhere[0], "image nginx:1 is there for linux/amd64: skipped it is not in Amazon ECR");
    let nowhere = planned("482913007156.dkr.ecr.eu-west-1.amazonaws.com/nope:1", |_| (), &[]).await;
    assert!(failed(&nowhere)[0].ends_with("FAILED nope has no such image"), "{:?}", failed(&nowhere));
    let others = lines(&planned("111122223333.dkr.ecr.eu-west-1.amazonaws.com/nope:1", |_| (), &[]).await);
    assert!(others[0].ends_with("unknown the registry of account 111122223333 shows nothing of it"), "{others:?}");
}

#[tokio::test]
async fn what_is_missing_fails() {
    let without = |lose: fn(&mut World)| async move {
        let plan = planned(
            ":9",
            |world| {
                image(world);
                lose(world);
            },
            &[],
        )
        .await;
        failed(&plan)
    };
    let secret = without(|world| world.lose_secret("prod/db")).await;
    assert!(secret[0].contains("prod/db-AbCdEf is there: FAILED there is none"), "{secret:?}");
    let role = without(|world| world.lose_role("web-task")).await;
    assert_eq!(role[0], "role web-task is there: FAILED there is none");
    let pass = without(|world| world.deny("demo", "iam:PassRole", "*web-task")).await;
    assert_eq!(
        pass,
        [
            "demo is allowed iam:PassRole: FAILED its policies do not allow it on arn:aws:iam::482913007156:role/web-task",
        ]
    );
    let read = without(|world| world.forbid("ecs-execution", "secretsmanager:GetSecretValue", "*")).await;
    assert!(read[0].starts_with("ecs-execution is allowed secretsmanager:GetSecretValue: FAILED"), "{read:?}");
    let write = without(|world| world.deny("ecs-execution", "logs:PutLogEvents", "*")).await;
    assert!(write[0].starts_with("ecs-execution is allowed logs:PutLogEvents: FAILED"), "{write:?}");
}

#[tokio::test]
async fn what_others_may_allow_or_a_call_alone_can_tell_is_unknown() {
    let secret = "arn:aws:secretsmanager:eu-west-1:482913007156:secret:prod/db-AbCdEf";
    for (change, line) in [
        (
            (|world| world.deny("ecs-execution", "secretsmanager:GetSecretValue", "*")) as fn(&mut World),
            format!(
                "ecs-execution is allowed secretsmanager:GetSecretValue: unknown its policies do not allow it on {secret}, \
                 but a policy of that may"
            ),
        ),
        (
            |world| world.allow_with("ecs-execution", "ssm:GetParameters", "*", "aws:SourceVpc"),
            "ecs-execution is allowed ssm:GetParameters: unknown its policies do not allow it on \
             arn:aws:ssm:eu-west-1:482913007156:parameter/prod/key as far as can be told without aws:SourceVpc"
                .to_owned(),
        ),
    ] {
        let with = |world: &mut World| {
            image(world);
            change(world);
        };
        let plan = planned(":9", with, &[]).await;
        assert_eq!(failed(&plan), Vec::<String>::new());
        assert!(lines(&plan).contains(&line), "{:#?}", lines(&plan));
    }
    // A key of which the value is given is not missing.
    let passed = |world: &mut World| {
        image(world);
        world.allow_with("demo", "iam:PassRole", "*", "iam:PassedToService");
    };
    assert!(failed(&planned(":9", passed, &[]).await)[0].starts_with("demo is allowed iam:PassRole: FAILED"));
}

#[tokio::test]
async fn an_image_that_a_cache_would_bring_is_not_missing_yet() {
    let registry = "482913007156.dkr.ecr.eu-west-1.amazonaws.com";
    let cached = |world: &mut World| world.cache_registry("docker-hub", "registry-1.docker.io");
    let image = format!("{registry}/docker-hub/library/nginx:1.29");
    let plan = planned(&image, cached, &[]).await;
    assert_eq!(
        lines(&plan)[0],
        format!(
            "image {image} is there for linux/amd64: unknown docker-hub/library/nginx has no such image yet, and a pull \
             through cache brings it where there is one upstream"
        )
    );
    let other = planned(&format!("{registry}/team/nginx:1.29"), cached, &[]).await;
    assert!(failed(&other)[0].ends_with("FAILED team/nginx has no such image"), "{:?}", failed(&other));
    let message = "User: mia is not authorized to perform: ecr:DescribePullThroughCacheRules on resource: x";
    let denied = Fault::error("DescribePullThroughCacheRules", "AccessDeniedException", message);
    let plan = planned(&image, cached, std::slice::from_ref(&denied)).await;
    assert!(lines(&plan)[0].contains("unknown docker-hub/library/nginx has no such image; "), "{:?}", lines(&plan));
    assert!(lines(&plan)[0].contains("not allowed: ecr:DescribePullThroughCacheRules"), "{:?}", lines(&plan));
    let plain = planned(":nope", |_| (), &[denied]).await;
    assert!(failed(&plain)[0].ends_with("FAILED web has no such image"), "{:?}", failed(&plain));
}

#[tokio::test]
async fn a_log_group_that_nobody_made_fails() {
    let none = Fault::new("DescribeLogGroups", Damage::Garbage("{\"logGroups\":[]}".to_owned()));
    let failed = failed(&planned(":9", image, &[none]).await);
    assert_eq!(failed, ["log group /ecs/web is there: FAILED there is none, so tasks would not start"]);
}

#[tokio::test]
async fn what_may_not_be_looked_at_is_unknown_and_names_the_permission() {
    for (operation, action) in [
        ("BatchGetImage", "ecr:BatchGetImage"),
        ("GetDownloadUrlForLayer", "ecr:GetDownloadUrlForLayer"),
        ("DescribeSecret", "secretsmanager:DescribeSecret"),
        ("GetParameters", "ssm:GetParameters"),
        ("DescribeLogGroups", "logs:DescribeLogGroups"),
        ("GetRole", "iam:GetRole"),
        ("SimulatePrincipalPolicy", "iam:SimulatePrincipalPolicy"),
    ] {
        let message =
            format!("User: mia is not authorized to perform: {action} on resource: x because no policy allows it");
        let plan = planned(":9", image, &[Fault::error(operation, "AccessDeniedException", &message)]).await;
        assert_eq!(failed(&plan), Vec::<String>::new(), "{operation}");
        let unknown =
            lines(&plan).into_iter().filter(|line| line.contains(": unknown ") && line.contains(action)).count();
        assert!(unknown > 0, "{operation}: {:#?}", lines(&plan));
    }
}

#[tokio::test]
async fn what_is_replaced_or_run_as_it_is_is_looked_at_too() {
    let mut world = World::from_toml(WORLD).expect("a world");
    world.lose_secret("prod/db");
    let stand = Stand::of(world, Settings::default()).await;
    let web = stand.place("prod", "web").await;
    let secret = "secret arn:aws:secretsmanager:eu-west-1:482913007156:secret:prod/db-AbCdEf is there: FAILED";
    let run = Run {
        cluster: web.cluster.clone(),
        definition: "web:7".to_owned(),
        count: 1,
        like: Some(web.clone()),
        network: Network::default(),
        container: None,
        command: Vec::new(),
        environment: Vec::new(),
        started_by: "mia".to_owned(),
    };
    for wish in [Wish::Redeploy { services: vec![web] }, Wish::Run(Box::new(run))] {
        let plan = stand.plan(wish).await.expect("a plan");
        assert!(failed(&plan).iter().any(|line| line.starts_with(secret)), "{:?}", lines(&plan));
    }
}
