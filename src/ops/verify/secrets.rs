//! Whether the secrets are there, and the execution role may read them.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::{AT_ONCE, containers, execution_role, untold};
use crate::{
    aws,
    model::{Arn, taskdef::Document},
    ops::{
        Identity,
        change::{Check, Verdict},
    },
};

/// A thing that a secret variable is filled from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    /// A secret of Secrets Manager: its ARN without the key and the version that may stand behind it.
    Secret(String),
    /// A parameter of Parameter Store, by its name or ARN.
    Parameter(String),
}

/// Returns a check of each secret and parameter, and of whether the execution role may read it.
pub(super) async fn checks(aws: &aws::Clients, by: &Identity, document: &Document) -> Vec<Check> {
    let sources: BTreeSet<Source> = containers(document).flat_map(references).map(Source::of).collect();
    if sources.is_empty() {
        return Vec::new();
    }
    let there: Vec<_> = sources.iter().map(|source| is_there(aws, source.clone())).collect();
    let mut checks: Vec<Check> = stream::iter(there).buffered(AT_ONCE).collect().await;
    let Some(role) = execution_role(by, document) else {
        if document.value().get("executionRoleArn").is_none() {
            let why = "without an execution role nobody can read them for the containers".to_owned();
            checks.push(Check::new("the secrets can be read", Verdict::Failed(why)));
        }
        return checks;
    };
    for (action, of_kind) in [
        (
            "secretsmanager:GetSecretValue",
            sources.iter().filter(|it| matches!(it, Source::Secret(_))).collect::<Vec<_>>(),
        ),
        ("ssm:GetParameters", sources.iter().filter(|it| matches!(it, Source::Parameter(_))).collect()),
    ] {
        let resources: Vec<String> = of_kind.into_iter().map(|source| source.arn(by)).collect();
        checks.extend(super::roles::may(aws, role, action, &resources).await);
    }
    checks
}

async fn is_there(aws: &aws::Clients, source: Source) -> Check {
    let (what, found) = match &source {
        Source::Secret(secret) => {
            let region = secret.parse::<Arn>().ok().map(|arn| arn.region().to_owned());
            (format!("secret {secret} is there"), aws.has_secret(secret, region.as_deref()).await)
        }
        Source::Parameter(name) => {
            let what = format!("parameter {name} is there");
            let elsewhere = name.parse::<Arn>().is_ok_and(|arn| arn.region() != aws.region());
            if elsewhere {
                return Check::new(what, Verdict::Skipped("it is in another region".to_owned()));
            }
            let found = aws.parameters(std::slice::from_ref(name), false).await;
            (what, found.map(|found| !found.is_empty()))
        }
    };
    let verdict = match found {
        Ok(true) => Verdict::Passed,
        Ok(false) => Verdict::Failed("there is none".to_owned()),
        Err(error) => untold(error),
    };
    Check::new(what, verdict)
}

/// Returns what a container's secret variables, its log driver and its registry's password are read from.
fn references(container: &Value) -> Vec<String> {
    let lists = [&container["secrets"], &container["logConfiguration"]["secretOptions"]];
    let secrets = lists.into_iter().filter_map(Value::as_array).flatten().filter_map(|it| it["valueFrom"].as_str());
    let password = container["repositoryCredentials"]["credentialsParameter"].as_str();
    secrets.chain(password).map(str::to_owned).collect()
}

impl Source {
    fn of(reference: String) -> Self {
        match reference.parse::<Arn>() {
            // arn:…:secret:NAME:KEY:STAGE:VERSION
            Ok(arn) if arn.kind() == "secret" => {
                Self::Secret(reference.split(':').take(7).collect::<Vec<_>>().join(":"))
            }
            Ok(_) | Err(_) => Self::Parameter(reference),
        }
    }

    /// Returns the ARN; that of a parameter that is named is one of who asks.
    fn arn(&self, by: &Identity) -> String {
        match self {
            Self::Secret(arn) => arn.clone(),
            Self::Parameter(arn) if arn.starts_with("arn:") => arn.clone(),
            Self::Parameter(name) => {
                let account = by.account.as_deref().unwrap_or("*");
                format!("arn:aws:ssm:{}:{account}:parameter/{}", by.region, name.trim_start_matches('/'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_named_without_its_key_and_version() {
        let arn = "arn:aws:secretsmanager:eu-west-1:482913007156:secret:prod/db-AbCdEf";
        assert_eq!(Source::of(format!("{arn}:password::")), Source::Secret(arn.to_owned()));
        assert_eq!(Source::of("/prod/plain".to_owned()), Source::Parameter("/prod/plain".to_owned()));
    }
}
