//! What a word that is being typed may become: the next name of `cluster/service/task/container`, a profile or a
//! region.

use super::{
    Cx, Result, ls,
    sites::{self, REGIONS},
};
use crate::{aws::ENVIRONMENT, model::Arn};

/// Returns what the beginning of a target's word can become: a name more than it has slashes, each but a container's
/// with a slash behind it where something lies below. `within` names the cluster that the word leaves out.
///
/// It costs the lists that lead there and no more. Names that a shell would not take as they are are left out.
pub async fn words(cx: &Cx, typed: &str, within: Option<&str>) -> Result<Vec<String>> {
    let whole: Vec<&str> = within.into_iter().chain(typed.split('/')).collect();
    let Some((last, before)) = whole.split_last() else { return Ok(Vec::new()) };
    let (names, is_deepest) = match before {
        [] => (names(&ls::cluster_arns(cx).await?), false),
        [cluster] => (services(cx, cluster).await?, false),
        [cluster, service] => (tasks(cx, cluster, service).await?.into_iter().map(|(id, _)| id).collect(), false),
        [cluster, service, task] => {
            let tasks = tasks(cx, cluster, service).await?;
            (tasks.into_iter().find(|(id, _)| id == task).map(|(_, containers)| containers).unwrap_or_default(), true)
        }
        _ => return Ok(Vec::new()),
    };
    let before = &typed[..typed.len() - last.len()];
    let slash = if is_deepest { "" } else { "/" };
    let fitting = names.into_iter().filter(|name| name.starts_with(last) && is_harmless(name));
    Ok(fitting.map(|name| format!("{before}{name}{slash}")).collect())
}

/// Returns the names of the clusters that begin so; those that a shell would not take as they are are left out.
pub async fn clusters(cx: &Cx, typed: &str) -> Result<Vec<String>> {
    let names = names(&ls::cluster_arns(cx).await?);
    Ok(names.into_iter().filter(|name| name.starts_with(typed) && is_harmless(name)).collect())
}

/// Returns the user's profiles that begin so, and `env` where it does. Makes no call.
pub async fn profiles(cx: &Cx, typed: &str) -> Result<Vec<String>> {
    let known = sites::profiles(cx).await?.into_iter().map(|profile| profile.name);
    let all = known.chain([ENVIRONMENT.to_owned()]);
    Ok(all.filter(|name| name.starts_with(typed) && is_harmless(name)).collect())
}

/// Returns the regions that begin so. Makes no call.
pub fn regions(typed: &str) -> Vec<String> {
    REGIONS.iter().filter(|region| region.starts_with(typed)).map(|&region| region.to_owned()).collect()
}

async fn services(cx: &Cx, cluster: &str) -> Result<Vec<String>> {
    let Some(cluster) = cluster_named(cx, cluster).await? else { return Ok(Vec::new()) };
    let services = ls::services(cx, &cluster).await?;
    Ok(services.iter().map(|service| service.name.to_string()).collect())
}

/// Returns the ids of the tasks of a service, the newest first, each with the names of its containers.
async fn tasks(cx: &Cx, cluster: &str, service: &str) -> Result<Vec<(String, Vec<String>)>> {
    let Some(cluster) = cluster_named(cx, cluster).await? else { return Ok(Vec::new()) };
    let services = ls::services(cx, &cluster).await?;
    let Some(service) = services.into_iter().find(|known| &*known.name == service) else { return Ok(Vec::new()) };
    let tasks = ls::tasks(cx, &cluster, Some(&service.arn)).await?;
    let containers = |task: &crate::model::Task| task.containers.iter().map(|one| one.name.to_string()).collect();
    Ok(tasks.iter().map(|task| (task.arn.name().to_owned(), containers(task))).collect())
}

async fn cluster_named(cx: &Cx, name: &str) -> Result<Option<Arn>> {
    Ok(ls::cluster_arns(cx).await?.into_iter().find(|arn| arn.name() == name))
}

fn names(arns: &[Arn]) -> Vec<String> {
    let mut names: Vec<String> = arns.iter().map(|arn| arn.name().to_owned()).collect();
    names.sort_unstable();
    names
}

/// Whether a shell takes a name as it is. AWS's own names are all so.
fn is_harmless(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|character| character.is_alphanumeric() || "-_.".contains(character))
}
