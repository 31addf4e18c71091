//! Why RunTask did not start a task, in words.
//!
//! The reasons are those of <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html>.

use crate::{
    aws::NotStarted,
    model::text::{clean, listing},
    ops::{Error, Kind},
};

/// Returns why a task was not started, AWS's own words after ours.
pub(super) fn words(failure: &NotStarted) -> String {
    let reason = failure.reason.as_deref().unwrap_or("no reason given");
    let place = failure.arn.as_deref().map(|arn| format!("{}: ", arn.rsplit('/').next().unwrap_or(arn)));
    let detail = failure.detail.as_deref().map(|detail| format!(", {detail}"));
    let said = meaning(reason).map_or_else(|| reason.to_owned(), |meaning| format!("{meaning} ({reason})"));
    clean(format!("{}{said}{}", place.unwrap_or_default(), detail.unwrap_or_default()))
}

/// Returns the error of a call that has started nothing.
pub(super) fn error(what: String, failures: &[String]) -> Error {
    let why = if failures.is_empty() { "AWS started none and does not say why".to_owned() } else { listing(failures) };
    let error = Error::new(Kind::Refused, what).because(std::io::Error::other(why));
    let full = failures.iter().any(|failure| failure.contains("RESOURCE:"));
    if full { error.hint("`ecsui instances` shows what container instances have left") } else { error }
}

/// Returns what one of AWS's reasons means.
fn meaning(reason: &str) -> Option<String> {
    let known = match reason {
        "RESOURCE:MEMORY" => "not enough memory is left",
        "RESOURCE:CPU" => "not enough CPU is left",
        "RESOURCE:PORTS" | "RESOURCE:PORT" => "a port that the task needs on its host is taken",
        "RESOURCE:GPU" => "not enough GPUs are left",
        "RESOURCE:ENI" => "no network interface is left",
        "RESOURCE:INFERENCE_ACCELERATOR" => "no inference accelerator is left",
        "AGENT" => "the ECS agent there is not connected",
        "LOCATION" => "it is in another availability zone or network than the task has to be",
        "ATTRIBUTE" => "it lacks an attribute that the task definition needs",
        "INACTIVE" => "it is not active",
        "MISSING" => "it is not there",
        _ => return reason.strip_prefix("RESOURCE:").map(|what| format!("not enough {} is left", what.to_lowercase())),
    };
    Some(known.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(arn: Option<&str>, reason: &str, detail: Option<&str>) -> NotStarted {
        let owned = |text: &str| text.to_owned();
        NotStarted { arn: arn.map(owned), reason: Some(reason.to_owned()), detail: detail.map(owned) }
    }

    #[test]
    fn reasons_are_told_in_words_and_in_awss() {
        let arn = "arn:aws:ecs:eu-west-1:1:container-instance/prod/0f3c";
        assert_eq!(
            words(&failure(Some(arn), "RESOURCE:MEMORY", None)),
            "0f3c: not enough memory is left (RESOURCE:MEMORY)"
        );
        assert_eq!(words(&failure(None, "RESOURCE:DISK", None)), "not enough disk is left (RESOURCE:DISK)");
        let capacity = "Capacity is unavailable at this time. Please try again later.";
        assert_eq!(words(&failure(None, capacity, Some("eu-west-1a"))), format!("{capacity}, eu-west-1a"));
        assert_eq!(words(&failure(None, "x\u{1b}[2J", None)), "x␛[2J");
    }
}
