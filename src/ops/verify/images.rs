//! Whether the images are there, and built for what tasks run on.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::{AT_ONCE, untold};
use crate::{
    aws,
    model::{Image, Platform, taskdef::Document},
    ops::{
        Identity,
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
                Ok(None) => Verdict::Failed(format!("{} has no such image", repository.name)),
                Ok(Some(platforms)) => fits(&platforms, wanted.as_ref()),
                Err(error) => untold(error),
            },
        },
    };
    Check::new(what, verdict)
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
        Some("X86_64") | None => "amd64",
        Some(_) => return None,
    };
    let os = if family.starts_with("WINDOWS") { "windows" } else { "linux" };
    Some(Platform { os: os.to_owned(), architecture: architecture.to_owned() })
}
