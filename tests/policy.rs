//! `ecsui policy`: what it prints is enough for what it names, and no more than that.

mod common {
    pub(crate) mod account;
    pub(crate) mod terminal;
}

use std::collections::BTreeSet;

use common::account::Account;
use ecsui::{
    ops::policy::{FEATURES, Feature, actions},
    sim::{Call, World},
};

/// The command lines that use a feature to the full, in the demo's world.
fn lines(feature: Feature) -> &'static [&'static str] {
    match feature {
        Feature::Browse => &[],
        Feature::List => &["list"],
        Feature::Ls => &["ls", "ls prod payments-api -v --events 5"],
        Feature::Exec => &["login prod/payments-api"],
        Feature::Events => &["events prod/payments-api"],
        Feature::Targets => &["targets prod/payments-api", "targets prod-batch/voucher-legacy"],
        Feature::Deployments => &["deployments prod/payments-api"],
        Feature::Taskdefs => &["taskdefs", "taskdefs payments-api", "taskdefs payments-api latest"],
        Feature::Logs => &["logs prod/payments-api"],
        Feature::Stopped => &["stopped prod/payments-api"],
        Feature::Instances => &["instances"],
        Feature::Params => &[
            "params list prod/payments-api",
            "params get prod/payments-api LOG_LEVEL",
            "params history prod/payments-api LOG_LEVEL",
        ],
        Feature::ParamsPut => &["params delete prod/payments-api LOG_LEVEL --yes"],
        Feature::Check => &["check prod payments-api", "check prod-batch voucher-legacy --exit-zero"],
        Feature::Update | Feature::Verify => &["update prod payments-api :3.42.0 --container app --yes"],
        Feature::Redeploy => &["redeploy prod/payments-api --yes"],
        Feature::Scale => &["scale prod/payments-api 4 --yes"],
        Feature::Rollback => &["rollback prod/payments-api --yes --force"],
        Feature::EnableExec => &["enable-exec prod/ledger --yes"],
        Feature::Stop => &["stop prod/payments-api --all --yes"],
        Feature::Run => &["run prod database-migration --like payments-api --yes"],
        Feature::Register => {
            &[concat!("register ", env!("CARGO_MANIFEST_DIR"), "/tests/corpus/taskdefs/fargate-web.json --yes --force")]
        }
    }
}

/// What a feature needs besides, and those command lines do not come to.
fn besides(feature: Feature) -> &'static [&'static str] {
    match feature {
        // Encrypted sessions, those that were cut off, and those that are hung up from here.
        Feature::Exec => &["kms:GenerateDataKey", "ssm:ResumeSession", "ssm:TerminateSession"],
        Feature::Logs => &["logs:StartLiveTail"],
        // Single tasks are described, and those that are waited for. IAM asks who runs tasks for their roles too.
        Feature::Stop => &["ecs:DescribeTasks"],
        Feature::Run => &["ecs:DescribeTasks", "iam:PassRole"],
        // Of a family that is there.
        Feature::Register => &["ecs:DescribeTaskDefinition", "iam:PassRole"],
        // Why new tasks fail, where some do; of a service that gets another target group.
        Feature::Update => {
            &["ecs:ListTasks", "ecs:DescribeTasks", "iam:PassRole", "elasticloadbalancing:DescribeTargetGroups"]
        }
        Feature::Redeploy | Feature::Scale | Feature::EnableExec => &["ecs:ListTasks", "ecs:DescribeTasks"],
        // A deployment that is under way is stopped.
        Feature::Rollback => &["ecs:ListTasks", "ecs:DescribeTasks", "ecs:StopServiceDeployment"],
        // Of an image that is not there.
        Feature::Verify => &["ecr:DescribePullThroughCacheRules"],
        Feature::ParamsPut => &["ssm:DescribeParameters", "ssm:PutParameter"],
        _ => &[],
    }
}

/// What those command lines ask for besides, which is a feature of its own.
fn of_others(feature: Feature) -> Vec<&'static str> {
    match feature {
        Feature::Update
        | Feature::Redeploy
        | Feature::Scale
        | Feature::Rollback
        | Feature::EnableExec
        | Feature::Run
        | Feature::Register => actions(&[Feature::Verify]),
        Feature::Verify => actions(&[Feature::Update]),
        _ => Vec::new(),
    }
}

#[test]
fn a_policy_is_enough_and_the_least() {
    let mut wrong = Vec::new();
    for (feature, name, _) in FEATURES {
        let allowed: BTreeSet<_> = actions(&[*feature]).into_iter().map(str::to_owned).collect();
        let mut used: BTreeSet<_> = besides(*feature).iter().map(|action| (*action).to_owned()).collect();
        let account = Account::still(World::demo());
        used.extend(calls_of(&account, *feature));
        let others = of_others(*feature);
        used.retain(|action| !others.contains(&action.as_str()) || allowed.contains(action));
        if used != allowed {
            wrong.push(format!(
                "{name}\n  used and not allowed: {:?}\n  allowed and not used: {:?}",
                used.difference(&allowed).collect::<Vec<_>>(),
                allowed.difference(&used).collect::<Vec<_>>()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Uses a feature and returns the actions that were asked for.
fn calls_of(account: &Account, feature: Feature) -> BTreeSet<String> {
    if feature == Feature::Browse {
        browse(account);
    }
    for line in lines(feature) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut terminal = account.ecsui().args(&words).start(100, 30);
        if feature == Feature::Exec {
            terminal.type_in("exit\r");
        }
        let ended = account.while_time_passes(|| terminal.wait_for_exit());
        assert!(ended.success(), "{line}: {}", terminal.contents());
    }
    asked(account)
}

/// Looks at the facts of a service, down to a container.
fn browse(account: &Account) {
    let mut terminal = account.browse(200, 50);
    terminal.wait_for("prod-batch");
    terminal.type_in("^prod$\tpayments-api\x180");
    terminal.wait_for("autoscaling");
    terminal.type_in("\t\t");
    terminal.wait_until("everything allowed asked for", |_| {
        let asked = asked(account);
        actions(&[Feature::Browse]).iter().all(|action| asked.contains(*action))
    });
    terminal.type_in("\x11");
    assert!(terminal.wait_for_exit().success());
}

/// Returns the actions that were asked for.
fn asked(account: &Account) -> BTreeSet<String> {
    let calls = account.sim.calls();
    calls.iter().filter_map(action).chain(calls.iter().filter_map(tagging)).collect()
}

/// Returns the action that IAM looks at besides where something is made with tags:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html>.
fn tagging(call: &Call) -> Option<String> {
    let makes = matches!(&*call.operation, "RegisterTaskDefinition" | "RunTask");
    let tags = call.body["tags"].as_array().filter(|tags| makes && !tags.is_empty());
    tags.map(|_| "ecs:TagResource".to_owned())
}

/// Returns the action that IAM looks at for a call; the identity may be asked for by everybody, and a data channel is
/// opened with a token.
fn action(call: &Call) -> Option<String> {
    let service = match &*call.service {
        "elb" | "elbv2" => "elasticloadbalancing",
        "sts" | "ssmmessages" => return None,
        other => other,
    };
    Some(format!("{service}:{}", call.operation))
}
