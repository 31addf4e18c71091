//! `ecsui update`: another image, other variables, another target group.

use super::{change, context::Context, exit::Exit, target};
use crate::{
    model::{Arn, EnvironmentValue, ImageWish, text::clean},
    ops::{
        Error, Kind,
        change::{Place, Update, Whose, Wish},
    },
};

/// Give a service another image, or other variables: a new revision in which nothing else changes
///
/// A word that begins with a colon is a tag: it takes the place of the image's tag and digest. Anything else is a whole
/// reference to an image, taken as it is. Every other member of the task definition is carried over, its tags too, also
/// those that ecsui does not know. Shows what will be different and asks. On a terminal it follows the deployment.
#[derive(Debug, clap::Args)]
#[command(override_usage = "ecsui update [OPTIONS] <SERVICE>... [IMAGE|:TAG]")]
pub(super) struct Args {
    /// The service, as `cluster/service` or as two words; then the image or the `:tag`
    #[arg(required = true, value_name = "SERVICE… IMAGE|:TAG")]
    words: Vec<String>,
    /// The container whose image and variables are meant; needed where there are several
    #[arg(long, value_name = "NAME")]
    container: Option<String>,
    /// Set a variable of the environment; others on this machine can see it, so secrets belong into a secret store
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    set: Vec<EnvironmentValue>,
    /// Take a variable out of the environment
    #[arg(long, value_name = "NAME")]
    unset: Vec<String>,
    /// Register new tasks with this target group, in the place of the one that the service has
    #[arg(long, value_name = "ARN")]
    target_group: Option<Arn>,
    /// Place tasks only on container instances whose attribute `group` has this value
    #[arg(long, value_name = "GROUP")]
    placement_group: Option<String>,
    #[command(flatten)]
    options: change::Options,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let (target, image) = split(&args.words, context.cluster().is_some());
    let image: Option<ImageWish> = image.map(str::parse).transpose().map_err(usage)?;
    let whole = args.target_group.is_some() || args.placement_group.is_some();
    if image.is_none() && args.set.is_empty() && args.unset.is_empty() && !whole {
        let what = "what should be different?";
        let hint = "give an image or a :tag after the service, or --set, --unset, --target-group, --placement-group";
        return Err(Error::new(Kind::Usage, what).hint(hint).into());
    }
    if let Some(both) = args.set.iter().find(|variable| args.unset.contains(&variable.name)) {
        let what = format!("the variable {:?} is to be set and to be taken out", clean(&both.name));
        return Err(Error::new(Kind::Usage, what).hint("say either --set or --unset of it").into());
    }
    let update = Update {
        place: Place::of(&target::service(context, target, &args.options.consent)?),
        whose: args.container.clone().map_or(Whose::TheOne, Whose::Named),
        image,
        set: args.set.clone(),
        unset: args.unset.clone(),
        target_group: args.target_group.clone(),
        placement_group: args.placement_group.clone(),
    };
    change::run(Wish::Update(Box::new(update)), &args.options, context)
}

/// Returns the words that name the service, and the image after them: a tag is the last word in any case, and a whole
/// reference what stands after `cluster/service`, or after two words (one, with `--cluster`).
fn split(words: &[String], in_cluster: bool) -> (&[String], Option<&str>) {
    let (last, before) = target::and_last(words);
    let whole = |word: &String| word.contains('/') || word.starts_with("arn:");
    let of_service = if in_cluster || words.first().is_some_and(whole) { 1 } else { 2 };
    let has_image = !before.is_empty() && (last.starts_with(':') || words.len() > of_service);
    if has_image { (before, Some(last)) } else { (words, None) }
}

/// Reads a variable of the environment and its value.
pub(super) fn variable(text: &str) -> Result<EnvironmentValue, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            Ok(EnvironmentValue { name: name.to_owned(), value: value.to_owned() })
        }
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn usage(error: crate::model::InvalidImage) -> Error {
    Error::new(Kind::Usage, "the image cannot be understood").because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_stands_after_the_service_however_that_is_named() {
        let split = |line: &str, in_cluster| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let (service, image) = split(&words, in_cluster);
            (service.join(" "), image.map(str::to_owned))
        };
        for (line, in_cluster, service, image) in [
            ("prod api nginx:2", false, "prod api", Some("nginx:2")),
            ("prod api :2", false, "prod api", Some(":2")),
            ("pay :2", false, "pay", Some(":2")),
            ("prod/api host:5000/x", false, "prod/api", Some("host:5000/x")),
            ("arn:aws:ecs:r:1:service/prod/api nginx", false, "arn:aws:ecs:r:1:service/prod/api", Some("nginx")),
            ("api nginx", true, "api", Some("nginx")),
            ("prod api", false, "prod api", None),
            ("prod/api", false, "prod/api", None),
            (":2", false, ":2", None),
        ] {
            assert_eq!(split(line, in_cluster), (service.to_owned(), image.map(str::to_owned)), "{line}");
        }
    }
}
