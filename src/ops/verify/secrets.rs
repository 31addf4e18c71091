//! Whether the secrets are there, and the execution role may read them.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::{AT_ONCE, containers, execution_role, partition, untold};
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
    /// A secret of Secrets Manager: its ARN without the key and the version that may stand behind it, or its name.
    Secret(String),
    /// A parameter of Parameter Store, by its name or ARN.
    Parameter(String),
}

/// Returns a check of each secret and parameter, and of whether the execution role may read it.
pub(super) async fn checks(aws: &aws::Clients, by: &Identity, document: &Document) -> Vec<Check> {
    let sources: BTreeSet<Source> = containers(document).flat_map(references).collect();
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
        let resources: Vec<String> = of_kind.into_iter().filter_map(|source| source.arn(by, role)).collect();
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
fn references(container: &Value) -> Vec<Source> {
    let lists = [&container["secrets"], &container["logConfiguration"]["secretOptions"]];
    let secrets = lists.into_iter().filter_map(Value::as_array).flatten().filter_map(|it| it["valueFrom"].as_str());
    let password = container["repositoryCredentials"]["credentialsParameter"].as_str();
    secrets.map(Source::of).chain(password.map(Source::secret)).collect()
}

impl Source {
    fn of(reference: &str) -> Self {
        match reference.parse::<Arn>() {
            Ok(arn) if arn.kind() == "secret" => Self::secret(reference),
            Ok(_) | Err(_) => Self::Parameter(reference.to_owned()),
        }
    }

    /// Returns a secret, where nothing else can be meant: `arn:…:secret:NAME:KEY:STAGE:VERSION`, or its name.
    fn secret(reference: &str) -> Self {
        match reference.parse::<Arn>() {
            Ok(_) => Self::Secret(reference.split(':').take(7).collect::<Vec<_>>().join(":")),
            Err(_) => Self::Secret(reference.to_owned()),
        }
    }

    /// Returns the ARN; that of a parameter that is named is one of who asks, and of a secret that is named it has more
    /// than the name.
    fn arn(&self, by: &Identity, role: &str) -> Option<String> {
        match self {
            Self::Secret(arn) | Self::Parameter(arn) if arn.starts_with("arn:") => Some(arn.clone()),
            Self::Secret(_) => None,
            Self::Parameter(name) => {
                let (partition, account) = (partition(role), by.account.as_deref().unwrap_or("*"));
                let name = name.trim_start_matches('/');
                Some(format!("arn:{partition}:ssm:{}:{account}:parameter/{name}", by.region))
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
        assert_eq!(Source::of(&format!("{arn}:password::")), Source::Secret(arn.to_owned()));
        assert_eq!(Source::of("/prod/plain"), Source::Parameter("/prod/plain".to_owned()));
        assert_eq!(Source::secret("prod/registry"), Source::Secret("prod/registry".to_owned()));
    }

    #[test]
    fn the_password_of_a_registry_is_a_secret_by_whatever_name() {
        let container = serde_json::json!({ "repositoryCredentials": { "credentialsParameter": "prod/registry" } });
        assert_eq!(references(&container), [Source::Secret("prod/registry".to_owned())]);
    }

    #[test]
    fn a_parameter_is_in_the_partition_of_the_role_that_reads_it() {
        let account = Some("1".to_owned());
        let by = Identity { profile: "gov".to_owned(), region: "us-gov-west-1".to_owned(), account, caller: None };
        let arn = Source::of("/prod/key").arn(&by, "arn:aws-us-gov:iam::1:role/execution");
        assert_eq!(arn.as_deref(), Some("arn:aws-us-gov:ssm:us-gov-west-1:1:parameter/prod/key"));
    }
}
