//! What ECS means when it refuses ExecuteCommand: AWS's words say little, the causes behind them are known.

use crate::aws;

/// Returns what to do about a refused ExecuteCommand.
pub(super) fn hints(error: &aws::Error) -> Vec<String> {
    let code = error.code.as_deref().unwrap_or_default();
    let hints: &[&str] = match code {
        "TargetNotConnectedException" => &[
            "the agent runs but cannot reach Session Manager: the task role needs ssmmessages:CreateControlChannel, \
             CreateDataChannel, OpenControlChannel and OpenDataChannel, and the task a way to ssmmessages (internet or \
             VPC endpoint)",
            "AWS_ACCESS_KEY_ID and the like in the container's environment, or a read-only root file system, keep it \
             from working too; a task younger than a minute may only need a moment",
        ],
        "TargetNotFoundException" => &["the task or container is gone: refresh and choose again"],
        "ClusterNotFoundException" => &["is it in another region?"],
        "ThrottlingException" => &["the account's call budget is used up; it refills by itself"],
        "InvalidParameterException" => invalid(&error.message),
        _ => &[],
    };
    hints.iter().map(|&hint| hint.to_owned()).collect()
}

/// Sorts the one exception that ECS uses for almost everything, by its words.
fn invalid(message: &str) -> &'static [&'static str] {
    let says = |words: &str| message.to_lowercase().contains(words);
    if says("execute command was not enabled") || says("execute command agent isn") {
        &[
            "if exec is enabled for the service now, this task is older: let the service start a new one",
            "if not: aws ecs update-service … --enable-execute-command --force-new-deployment",
            "an agent that is still starting needs a few seconds; one that has stopped does not come back",
        ]
    } else if says("container name") {
        &["name the container: a task with several has no default"]
    } else if says("platform") {
        &["exec needs Fargate platform version 1.4.0 or later (Windows: 1.0.0): use LATEST and redeploy"]
    } else {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str, message: &str) -> aws::Error {
        aws::Error {
            operation: Some("ecs:ExecuteCommand"),
            kind: aws::Kind::Refused,
            code: Some(code.to_owned()),
            message: message.to_owned(),
            request_id: None,
            hints: vec![],
            lost: None,
            awaits_login: false,
        }
    }

    #[test]
    fn awss_own_words_lead_to_the_cause() {
        let not_enabled = "The execute command failed because execute command was not enabled when the task was run or \
                           the execute command agent isn’t running. Wait and try again or run a new task with execute \
                           command enabled and try again.";
        assert_eq!(hints(&refused("InvalidParameterException", not_enabled)).len(), 3);
        let internal = "The execute command failed due to an internal error. Try again later.";
        assert!(hints(&refused("TargetNotConnectedException", internal))[0].contains("ssmmessages"));
        assert!(hints(&refused("InvalidParameterException", "Something new")).is_empty());
    }
}
