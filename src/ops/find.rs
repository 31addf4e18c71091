//! From words to things: what people type where a container, a service or a cluster is wanted.
//!
//! A word is fuzzy, with fzf's marks (`'exact`, `^start`, `end$`, `!not`), and all words must match. A word with slashes
//! names parts of `cluster/service/task/container` from left to right; parts may be left out. Task ids are matched by
//! their beginning, ARNs as they are.

use nucleo::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

use super::{
    Cx, Error, Kind, Result,
    exec::{self, ExecTarget},
    list::{self, Row},
    ls,
};
use crate::model::{
    Arn, Service,
    text::{clean, listing},
};

/// A container that the words may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where to log in.
    pub target: ExecTarget,
    /// `cluster/service/task/container`, safe to show.
    pub path: String,
    /// The container's row: status, image, health, exec agent.
    pub row: Row,
    fit: u32,
}

/// Returns the containers that the words may mean, the closest first; all there are for no words.
pub async fn containers(cx: &Cx, words: &[String]) -> Result<Vec<Found>> {
    let arns = ls::cluster_arns(cx).await?;
    let query = Query::new(words);
    let branches = ls::tree_of(cx, &query.narrow(arns)).await?;
    let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
    let rows = branches.into_iter().flat_map(list::flat);
    let mut found: Vec<Found> = rows.filter_map(|row| Found::new(row, &query, &mut matcher)).collect();
    found.sort_by_key(|found| std::cmp::Reverse(found.fit));
    Ok(found)
}

/// Returns the one container that the words mean.
pub async fn one(cx: &Cx, words: &[String]) -> Result<ExecTarget> {
    let found = containers(cx, words).await?;
    pick(cx, words, &found).await
}

/// Returns the one container that is meant among those found. Where the closest ones are of one service or one
/// standalone task, the best of them is; otherwise the words are ambiguous ([`Kind::Usage`]).
pub async fn pick(cx: &Cx, words: &[String], found: &[Found]) -> Result<ExecTarget> {
    let said = clean(words.join(" "));
    let Some(fit) = found.iter().map(|found| found.fit).max() else {
        return Err(Error::new(Kind::NotFound, format!("no container matches {said:?}"))
            .hint("`ecsui list` shows all there are"));
    };
    let closest: Vec<&Found> = found.iter().filter(|found| found.fit == fit).collect();
    let mut places: Vec<String> = closest.iter().map(|found| found.place()).collect();
    places.sort_unstable();
    places.dedup();
    if let [place] = &places[..] {
        return exec::choose(cx, place, candidates(&closest)).await;
    }
    let listing = listing(&places);
    Err(Error::new(Kind::Usage, format!("{said:?} may mean several: {listing}")).hint("name more of it"))
}

/// Returns the cluster of this name or ARN; a part of a name will do where only one cluster has it.
pub async fn cluster(cx: &Cx, name: &str) -> Result<Arn> {
    let arns = ls::cluster_arns(cx).await?;
    unique(name, arns, Arn::clone)?.ok_or_else(|| {
        Error::new(Kind::NotFound, format!("there is no cluster {:?}", clean(name)))
            .hint("`ecsui ls` shows all there are; is it in another region?")
    })
}

/// Returns the service of this name or ARN in a cluster; a part of a name will do where only one service has it.
pub async fn service(cx: &Cx, cluster: &Arn, name: &str) -> Result<Service> {
    let services = ls::services(cx, cluster).await?;
    let service = unique(name, services, |service| service.arn.clone())?;
    service.ok_or_else(|| {
        let cluster = clean(cluster.name());
        Error::new(Kind::NotFound, format!("there is no service {:?} in cluster {cluster}", clean(name)))
            .hint(format!("`ecsui ls {cluster}` shows all there are"))
    })
}

impl Found {
    fn new(row: Row, query: &Query, matcher: &mut Matcher) -> Option<Self> {
        let (task, container) = (row.task.as_ref()?, row.container()?);
        let fit = query.fit(&row, matcher)?;
        let path = clean(format!("{}/{}/{}/{}", row.cluster.name(), row.place(), task.arn.short(), container.name));
        Some(Self { target: ExecTarget::new(task, container), path, fit, row })
    }

    /// Returns what a choice is made within: a service, or a standalone task.
    fn place(&self) -> String {
        let cluster = self.row.cluster.name();
        clean(match &self.row.service {
            Some(service) => format!("{cluster}/{service}"),
            None => format!("{cluster}/{}/{}", self.row.place(), self.target.task.short()),
        })
    }
}

/// Returns the tasks of these rows, each with those of its containers that are among them.
fn candidates<'a>(found: &[&'a Found]) -> Vec<exec::Candidate<'a>> {
    let mut candidates: Vec<exec::Candidate<'a>> = Vec::new();
    for found in found {
        let (Some(task), Some(container)) = (&found.row.task, found.row.container()) else { continue };
        match candidates.iter_mut().find(|(other, _)| other.arn == task.arn) {
            Some((_, containers)) => containers.push(container),
            None => candidates.push((task, vec![container])),
        }
    }
    candidates
}

/// Returns the one thing that is called so, exactly or else in part.
fn unique<T>(name: &str, all: Vec<T>, arn: impl Fn(&T) -> Arn) -> Result<Option<T>> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Part::new(name);
    let fit = |one: &T| {
        let arn = arn(one);
        if arn.as_str() == name { Some(EXACT) } else { pattern.fit(arn.name(), &mut matcher) }
    };
    let fits: Vec<Option<u32>> = all.iter().map(fit).collect();
    let best = fits.iter().flatten().max().copied();
    let mut closest: Vec<T> =
        all.into_iter().zip(fits).filter(|(_, fit)| fit.is_some() && *fit == best).map(|(one, _)| one).collect();
    match closest.len() {
        0 | 1 => Ok(closest.pop()),
        _ => {
            let names: Vec<String> = closest.iter().map(|one| arn(one).name().to_owned()).collect();
            let what = format!("{:?} may mean several: {}", clean(name), listing(&names));
            Err(Error::new(Kind::Usage, what).hint("name more of it"))
        }
    }
}

/// How close a word comes to a name: letter by letter the same, within it as it stands, or with letters between.
const EXACT: u32 = 3;
const WITHIN: u32 = 2;
const FUZZY: u32 = 1;

/// The words, ready to be matched.
struct Query(Vec<Word>);

enum Word {
    Arn(Arn),
    Path(Vec<Part>),
    Free(Part),
}

/// One name as it was typed.
struct Part {
    text: String,
    pattern: Pattern,
    /// The beginning of a task's id, where it may be one.
    id: Option<String>,
}

impl Query {
    fn new(words: &[String]) -> Self {
        let words = words.iter().flat_map(|word| word.split_whitespace());
        Self(
            words
                .map(|word| match word.parse::<Arn>() {
                    Ok(arn) => Word::Arn(arn),
                    Err(_) if word.contains('/') => {
                        Word::Path(word.split('/').filter(|part| !part.is_empty()).map(Part::new).collect())
                    }
                    Err(_) => Word::Free(Part::new(word)),
                })
                .collect(),
        )
    }

    /// Returns the clusters that need to be looked into: a path that begins with the very name of a cluster means that
    /// cluster, and the ARNs of services and tasks hold theirs.
    fn narrow(&self, clusters: Vec<Arn>) -> Vec<Arn> {
        let named = self.0.iter().find_map(|word| {
            let is_meant = |cluster: &&Arn| match word {
                Word::Arn(arn) => arn == *cluster || arn.resource().split('/').rev().nth(1) == Some(cluster.name()),
                Word::Path(parts) => parts.len() > 1 && parts[0].text == cluster.name(),
                Word::Free(_) => false,
            };
            clusters.iter().find(is_meant).cloned()
        });
        named.map_or(clusters, |cluster| vec![cluster])
    }

    /// Returns how well a container's row fits all words, or `None` if it does not fit one.
    fn fit(&self, row: &Row, matcher: &mut Matcher) -> Option<u32> {
        self.0.iter().try_fold(0, |sum, word| Some(sum + word.fit(row, matcher)?))
    }
}

impl Word {
    fn fit(&self, row: &Row, matcher: &mut Matcher) -> Option<u32> {
        match self {
            Self::Arn(arn) => is_of(row, arn).then_some(EXACT),
            Self::Path(parts) => path_fit(parts, &levels(row), matcher),
            Self::Free(part) => part.free_fit(&levels(row), matcher),
        }
    }
}

impl Part {
    fn new(text: &str) -> Self {
        let hexadecimal = text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        Self {
            text: text.to_owned(),
            pattern: Pattern::parse(text, CaseMatching::Smart, Normalization::Smart),
            id: hexadecimal.then(|| text.to_ascii_lowercase()),
        }
    }

    /// Returns how close this comes to a name.
    fn fit(&self, name: &str, matcher: &mut Matcher) -> Option<u32> {
        if self.text == name {
            return Some(EXACT);
        }
        let mut buffer = Vec::new();
        self.pattern.score(Utf32Str::new(name, &mut buffer), matcher)?;
        Some(if name.to_lowercase().contains(&self.text.to_lowercase()) { WITHIN } else { FUZZY })
    }

    /// Returns how close this comes to a name of a level; ids are matched by their beginning alone.
    fn level_fit(&self, level: &Level<'_>, matcher: &mut Matcher) -> Option<u32> {
        match level {
            Level::Name(name) => self.fit(name, matcher),
            Level::Id(id) if self.id.as_ref().is_some_and(|start| id.starts_with(start)) => Some(EXACT),
            Level::Id(_) => None,
        }
    }

    /// Returns how well this fits a row as a whole: the best of its names, or else all of them in one.
    fn free_fit(&self, levels: &[Level<'_>; 4], matcher: &mut Matcher) -> Option<u32> {
        // A word that excludes must find nothing anywhere.
        let excludes = self.text.starts_with('!');
        let best = levels.iter().filter_map(|level| self.level_fit(level, matcher)).max();
        if best.is_some() && !excludes {
            return best;
        }
        let names = levels.iter().filter_map(|level| match level {
            Level::Name(name) => Some(*name),
            Level::Id(_) => None,
        });
        let whole = names.collect::<Vec<_>>().join("/");
        let mut buffer = Vec::new();
        self.pattern.score(Utf32Str::new(&whole, &mut buffer), matcher).map(|_| FUZZY)
    }
}

/// One of the four parts of a container's path.
enum Level<'a> {
    Name(&'a str),
    Id(&'a str),
}

fn levels(row: &Row) -> [Level<'_>; 4] {
    [
        Level::Name(row.cluster.name()),
        Level::Name(row.place()),
        Level::Id(row.task.as_ref().map(|task| task.arn.name()).unwrap_or_default()),
        Level::Name(row.container().map(|container| &*container.name).unwrap_or_default()),
    ]
}

/// Returns the best way to lay the parts on the levels, both from left to right, where there is one.
fn path_fit(parts: &[Part], levels: &[Level<'_>], matcher: &mut Matcher) -> Option<u32> {
    let Some((part, rest)) = parts.split_first() else { return Some(0) };
    let mut best = None;
    for (index, level) in levels.iter().enumerate() {
        let here = part.level_fit(level, matcher);
        let total = here.and_then(|here| Some(here + path_fit(rest, &levels[index + 1..], matcher)?));
        best = best.max(total);
    }
    best
}

/// Whether a row lies in, or is, what an ARN names.
fn is_of(row: &Row, arn: &Arn) -> bool {
    let Some(task) = &row.task else { return false };
    match arn.kind() {
        "cluster" => row.cluster == *arn,
        "service" => {
            let cluster = arn.resource().split('/').rev().nth(1);
            row.service.as_deref() == Some(arn.name())
                // ARNs of the old format hold no cluster: `service/NAME`.
                && (cluster == Some("service") || cluster == Some(row.cluster.name()))
        }
        "task" => task.arn == *arn,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cluster, Container, ExecAgent, Group, Task};

    fn arn(resource: &str) -> Arn {
        format!("arn:aws:ecs:eu-west-1:123456789012:{resource}").parse().unwrap()
    }

    fn rows() -> Vec<Row> {
        let task = |cluster: &str, group: Group, id: &str| Task {
            arn: arn(&format!("task/{cluster}/{id}")),
            cluster: arn(&format!("cluster/{cluster}")),
            group,
            definition: arn("task-definition/x:1"),
            last_status: "RUNNING".into(),
            desired_status: "RUNNING".into(),
            health: "HEALTHY".into(),
            launch: "FARGATE".into(),
            zone: None,
            instance: None,
            ip: None,
            exec_enabled: true,
            created: None,
            started: None,
            stopped: None,
            stopped_reason: None,
            containers: ["app", "envoy"]
                .map(|name| Container {
                    name: name.into(),
                    image: "image".into(),
                    last_status: "RUNNING".into(),
                    health: "HEALTHY".into(),
                    runtime_id: None,
                    exit_code: None,
                    reason: None,
                    exec: ExecAgent::Running,
                })
                .to_vec(),
        };
        let service = |name: &str| Group::Service(name.into());
        let branch = |cluster: &str, tasks| ls::Branch {
            cluster: Cluster {
                arn: arn(&format!("cluster/{cluster}")),
                name: cluster.into(),
                status: "ACTIVE".into(),
                services: 0,
                running: 0,
                pending: 0,
                instances: 0,
            },
            services: vec![],
            tasks,
        };
        let prod = branch(
            "prod",
            vec![
                task("prod", service("payments-api"), "4f2ab81c00000000000000000000aaaa"),
                task("prod", service("api"), "77c01d9e00000000000000000000bbbb"),
                task("prod", Group::Standalone("family:migrate".into()), "deadbeef00000000000000000000cccc"),
            ],
        );
        let staging = branch("staging", vec![task("staging", service("api"), "0badcafe00000000000000000000dddd")]);
        [prod, staging].into_iter().flat_map(list::flat).collect()
    }

    /// Returns the paths that fit best.
    fn best(words: &str) -> Vec<String> {
        let query = Query::new(&[words.to_owned()]);
        let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
        let found: Vec<Found> = rows().into_iter().filter_map(|row| Found::new(row, &query, &mut matcher)).collect();
        let fit = found.iter().map(|found| found.fit).max();
        found.into_iter().filter(|found| Some(found.fit) == fit).map(|found| found.path).collect()
    }

    #[test]
    fn words_name_parts_in_any_order() {
        assert_eq!(best("app pay"), ["prod/payments-api/4f2ab81c/app"]);
        assert_eq!(best("stag env"), ["staging/api/0badcafe/envoy"]);
        assert!(best("nothing").is_empty());
    }

    #[test]
    fn the_very_name_comes_before_a_part_of_one() {
        assert_eq!(best("prod/api"), ["prod/api/77c01d9e/app", "prod/api/77c01d9e/envoy"]);
        assert_eq!(best("prod api app"), ["prod/api/77c01d9e/app"]);
    }

    #[test]
    fn a_path_may_leave_parts_out_and_never_goes_back() {
        assert_eq!(best("payments-api/envoy"), ["prod/payments-api/4f2ab81c/envoy"]);
        assert_eq!(best("prod/payments-api/4f2a/app"), ["prod/payments-api/4f2ab81c/app"]);
        assert!(best("app/payments-api").is_empty());
    }

    #[test]
    fn task_ids_are_known_by_their_beginning() {
        assert_eq!(best("dead"), ["prod/family:migrate/deadbeef/app", "prod/family:migrate/deadbeef/envoy"]);
        assert!(best("beef0000").is_empty());
    }

    #[test]
    fn arns_are_taken_as_they_are() {
        assert_eq!(best(arn("task/prod/4f2ab81c00000000000000000000aaaa").as_str()).len(), 2);
        assert_eq!(best(arn("service/staging/api").as_str()).len(), 2);
        assert_eq!(best(arn("service/api").as_str()).len(), 4);
        assert_eq!(best(arn("cluster/prod").as_str()).len(), 6);
        assert!(best(arn("task/prod/gone").as_str()).is_empty());
    }

    #[test]
    fn fzfs_marks_work() {
        assert_eq!(best("pay !envoy"), ["prod/payments-api/4f2ab81c/app"]);
        assert_eq!(best("^api app$ !staging"), ["prod/api/77c01d9e/app"]);
    }

    #[test]
    fn only_the_named_cluster_is_looked_into() {
        let clusters = || vec![arn("cluster/prod"), arn("cluster/staging")];
        let narrow = |words: &str| Query::new(&[words.to_owned()]).narrow(clusters()).len();
        assert_eq!(narrow("prod/api"), 1);
        assert_eq!(narrow(arn("task/staging/0badcafe").as_str()), 1);
        assert_eq!(narrow("pro/api"), 2);
        assert_eq!(narrow("prod"), 2);
    }

    #[test]
    fn a_cluster_is_found_by_name_part_and_arn() {
        let clusters = || vec![arn("cluster/prod"), arn("cluster/prod-batch"), arn("cluster/dev")];
        let find = |name: &str| unique(name, clusters(), Arn::clone);
        assert_eq!(find("prod").unwrap().unwrap().name(), "prod");
        assert_eq!(find("batch").unwrap().unwrap().name(), "prod-batch");
        assert_eq!(find(arn("cluster/dev").as_str()).unwrap().unwrap().name(), "dev");
        assert_eq!(find("pro").unwrap_err().kind, Kind::Usage);
        assert!(find("test").unwrap().is_none());
    }
}
