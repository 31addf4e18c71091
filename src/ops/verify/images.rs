//! Whether the images are there, and built for what tasks run on.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::{AT_ONCE, untold};
use crate::{
    aws,
    model::{EcrRepository, Image, Platform, taskdef::Document},
    ops::{
        Error, Identity,
        change::{Check, Verdict},
    },
};

/// Returns a check of each image.
pub(super) async fn checks(aws: &aws::Clients, by: &Identity, document: &Document) -> Vec<Check> {
    let images: BTreeSet<&str> = document.containers().map(|(_, image)| image).collect();
    let wanted = wanted(document.value());
    let checks: Vec<_> = images.into_iter().map(|image| check(aws, by, image.to_owned(), wanted.clone())).collect();
    stream::iter(checks).buffered(AT_ONCE).collect().await
}

async fn check(aws: &aws::Clients, by: &Identity, text: String, wanted: Option<Platform>) -> Check {
    let what = match &wanted {
        Some(platform) => format!("image {text} is there for {platform}"),
        None => format!("image {text} is there"),
    };
    let verdict = match text.parse::<Image>() {
        Err(error) => Verdict::Failed(error.to_string()),
        Ok(image) => match image.ecr() {
            None => Verdict::Skipped("it is not in Amazon ECR".to_owned()),
            Some(repository) => match aws.image_platforms(&repository, &image).await {
                // Who may not look into another account's registry is told that there is nothing.
                Ok(None) if by.account.as_ref().is_some_and(|account| *account != repository.account) => {
                    Verdict::Unknown(format!("the registry of account {} shows nothing of it", repository.account))
                }
                Ok(None) => missing(aws, &repository).await,
                Ok(Some(platforms)) => fits(&platforms, wanted.as_ref()),
                Err(error) => untold(error),
            },
        },
    };
    Check::new(what, verdict)
}

/// Returns what it means that an image is not there: a pull through cache brings it when it is first pulled.
async fn missing(aws: &aws::Clients, repository: &EcrRepository) -> Verdict {
    let nothing = format!("{} has no such image", repository.name);
    match aws.cached_prefixes(repository).await {
        Ok(prefixes) if prefixes.iter().any(|prefix| is_beneath(&repository.name, prefix)) => {
            Verdict::Unknown(format!("{nothing} yet, and a pull through cache brings it where there is one upstream"))
        }
        // The repositories of a cache have a prefix.
        Err(error) if repository.name.contains('/') => {
            let why = Error::aws("whether a pull through cache brings it cannot be told", error).line();
            Verdict::Unknown(format!("{nothing}; {why}"))
        }
        Ok(_) | Err(_) => Verdict::Failed(nothing),
    }
}

/// Whether a repository is one of those that a pull through cache fills; `ROOT` stands for all.
fn is_beneath(repository: &str, prefix: &str) -> bool {
    prefix == "ROOT" || repository.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
}

fn fits(platforms: &[Platform], wanted: Option<&Platform>) -> Verdict {
    match wanted {
        Some(wanted) if !platforms.is_empty() && !platforms.contains(wanted) => {
            let built: Vec<String> = platforms.iter().map(ToString::to_string).collect();
            Verdict::Failed(format!("it is built for {}", built.join(", ")))
        }
        Some(_) if platforms.is_empty() => Verdict::Unknown("it does not say what it is built for".to_owned()),
        Some(_) | None => Verdict::Passed,
    }
}

/// Returns what tasks run on: Fargate's default is linux/amd64, and on instances it is theirs, where nothing is said.
fn wanted(document: &Value) -> Option<Platform> {
    let platform = &document["runtimePlatform"];
    let of_fargate =
        document["requiresCompatibilities"].as_array().is_some_and(|all| all.iter().any(|it| it == "FARGATE"));
    if platform.is_null() && !of_fargate {
        return None;
    }
    let family = platform["operatingSystemFamily"].as_str().unwrap_or("LINUX");
    let architecture = match platform["cpuArchitecture"].as_str() {
        Some("ARM64") => "arm64",
        Some("X86_64") => "amd64",
        None if of_fargate => "amd64",
        Some(_) | None => return None,
    };
    let os = if family.starts_with("WINDOWS") { "windows" } else { "linux" };
    Some(Platform { os: os.to_owned(), architecture: architecture.to_owned() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_tasks_run_on_is_known_only_where_it_is_said_or_on_fargate() {
        let on = |what: &str, platform: Value| {
            let wanted = wanted(&json!({ "requiresCompatibilities": [what], "runtimePlatform": platform }));
            wanted.map(|platform| platform.to_string())
        };
        let (linux, arm) = (json!({ "operatingSystemFamily": "LINUX" }), json!({ "cpuArchitecture": "ARM64" }));
        assert_eq!(on("FARGATE", Value::Null).as_deref(), Some("linux/amd64"));
        assert_eq!(on("FARGATE", linux.clone()).as_deref(), Some("linux/amd64"));
        assert_eq!(on("EC2", arm).as_deref(), Some("linux/arm64"));
        assert_eq!((on("EC2", Value::Null), on("EC2", linux)), (None, None));
    }

    #[test]
    fn a_cache_fills_what_has_its_prefix() {
        assert!(is_beneath("docker-hub/library/nginx", "docker-hub") && is_beneath("nginx", "ROOT"));
        assert!(!is_beneath("docker-hubs/nginx", "docker-hub") && !is_beneath("docker-hub", "docker-hub"));
    }
}
