//! A leaf of the tree that the jump looks through: a container and where it runs, or a service that has none.

use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use super::super::{
    Notice, Readiness, RowId,
    row::{self, readiness},
};
use super::Origin;
use crate::{
    model::{
        Arn, Container, Task,
        query::{Column, Query, letters},
        tag_of,
        text::clean,
    },
    ops::{list::Row, opened::Opened},
};

/// The columns of leaves: those of rows, and where these were read.
pub(super) const COLUMNS: &[Column] = &{
    let mut all = [Column::new("profile"); Row::COLUMNS.len() + 3];
    let (rows, places) = all.split_at_mut(Row::COLUMNS.len());
    rows.copy_from_slice(&Row::COLUMNS);
    (places[1], places[2]) = (Column::new("region"), Column::new("account"));
    all
};

/// The leaves of one cluster, as they were read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leaves {
    /// Services by name, tasks newest first, containers as they stand in the task.
    pub rows: Vec<Leaf>,
    /// What may not be read of it.
    pub denied: Vec<Notice>,
    /// How much is gained by having been opened, by what leaves and their services are called by.
    pub(super) worth: Vec<(u64, u32)>,
}

/// A container and where it runs; a service without tasks, and a task without containers, are leaves themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Where it hangs; its ARNs know account and region.
    pub row: Row,
    /// `cluster/service/task/container image ip`, clean: what words are held against, part by part.
    pub text: String,
    path_end: u32,
    image_end: u32,
    /// Which letters the text has.
    pub(super) letters: u64,
    /// What it is called by from one deployment to the next, and what its service is.
    pub(super) keys: [u64; 2],
}

impl Leaf {
    /// Returns the leaf of a row of the listing.
    pub fn new(row: Row) -> Self {
        let task = row.task.as_deref();
        let parts = [
            Some(row.cluster.name()),
            Some(row.place()).filter(|place| !place.is_empty()),
            task.map(|task| task.arn.short()),
            row.container().map(|container| &*container.name),
        ];
        let path = clean(parts.into_iter().flatten().collect::<Vec<_>>().join("/"));
        let image = row.image().map(|image| clean(short(image))).unwrap_or_default();
        let text = format!("{path} {image} {}", row.ip().map(clean).unwrap_or_default());
        let container = row.container().map(|container| &*container.name);
        Self {
            path_end: path.len() as u32,
            image_end: (path.len() + 1 + image.len()) as u32,
            letters: letters(&text),
            keys: [key(&row.cluster, row.place(), container), key(&row.cluster, row.place(), None)],
            text,
            row,
        }
    }

    /// Returns `cluster/service/task/container`.
    pub fn path(&self) -> &str {
        &self.text[..self.path_end as usize]
    }

    /// Returns the image without its registry.
    pub fn image(&self) -> &str {
        &self.text[self.path_end as usize + 1..self.image_end as usize]
    }

    /// Returns the address.
    pub fn ip(&self) -> &str {
        &self.text[self.image_end as usize + 1..]
    }

    /// Returns path, image and address: what words are looked for in, one after the other.
    pub(super) fn parts(&self) -> [&str; 3] {
        [self.path(), self.image(), self.ip()]
    }

    /// Returns which characters of its text a query matched, counted in `char`s, ascending.
    pub fn positions(&self, query: &str) -> Vec<u32> {
        Query::parse(query, COLUMNS).map(|query| query.positions_in(&self.parts())).unwrap_or_default()
    }

    /// Returns the identity of the row in the innermost pane that it leads to.
    pub fn id(&self) -> RowId {
        match (&self.row.task, self.row.container()) {
            (Some(task), Some(container)) => RowId::Container(task.arn.clone(), container.name.clone()),
            (Some(task), None) => RowId::Task(task.arn.clone()),
            (None, _) => self.service().unwrap_or_else(|| RowId::Cluster(self.row.cluster.clone())),
        }
    }

    /// Whether its identity is this.
    pub(super) fn is(&self, id: &RowId) -> bool {
        match (id, &self.row.task) {
            (RowId::Container(task, name), Some(own)) => {
                own.arn == *task && self.row.container().is_some_and(|container| container.name == *name)
            }
            (RowId::Task(task), Some(own)) => own.arn == *task && self.row.container().is_none(),
            (id, None) => self.id() == *id,
            (RowId::Cluster(_) | RowId::NoService(_) | RowId::Service(_), Some(_)) => false,
        }
    }

    /// Returns the identity of the row of its service, or of what runs without one.
    pub fn service(&self) -> Option<RowId> {
        let cluster = &self.row.cluster;
        let Some(name) = &self.row.service else { return Some(RowId::NoService(cluster.clone())) };
        let service = cluster.as_str().replacen(":cluster/", ":service/", 1);
        format!("{service}/{name}").parse().ok().map(RowId::Service)
    }

    /// Returns whether somebody can log in.
    pub fn readiness(&self) -> Readiness {
        self.row.container().map_or(Readiness::NotRunning, readiness)
    }

    /// Returns what stands in a column, by its place.
    pub(super) fn value<'leaf>(&'leaf self, origin: &'leaf Origin, column: usize) -> Cow<'leaf, str> {
        let (task, container) = (self.row.task.as_deref(), self.row.container());
        let of_task = |say: for<'a> fn(&'a Task) -> &'a str| task.map_or("", say).into();
        let of_container = |say: for<'a> fn(&'a Container) -> &'a str| container.map_or("", say).into();
        match COLUMNS[column].name {
            "cluster" => self.row.cluster.name().into(),
            "service" => self.row.service.as_deref().unwrap_or_default().into(),
            "task" => of_task(|task| task.arn.name()),
            "container" => of_container(|container| &container.name),
            "status" => self.row.status().unwrap_or_default().into(),
            "health" => self.row.health().map_or("", row::health_word).into(),
            "image" => of_container(|container| &container.image),
            "tag" => of_container(|container| tag_of(&container.image)),
            "rev" => of_task(|task| row::number(task.definition.name())),
            "family" => of_task(|task| task.definition.name().rsplit_once(':').map_or("", |(family, _)| family)),
            "az" => of_task(|task| task.zone.as_deref().unwrap_or_default()),
            "launch" => of_task(|task| &task.launch),
            "ip" => of_task(|task| task.ip.as_deref().unwrap_or_default()),
            "exec" => container.map_or("", |container| row::exec_word(readiness(container))).into(),
            "profile" => origin.profile.as_str().into(),
            "region" => self.row.cluster.region().into(),
            "account" => self.row.cluster.account().into(),
            _ => "".into(),
        }
    }
}

/// Returns the leaves of the rows of a cluster, with what was opened there before.
pub fn leaves(
    cluster: &Arn,
    rows: Vec<Row>,
    denied: Vec<Notice>,
    opened: impl IntoIterator<Item = (Opened, u32)>,
) -> Arc<Leaves> {
    let worth = opened.into_iter().map(|(opened, worth)| (key_of(cluster, &opened), worth));
    Arc::new(Leaves { rows: rows.into_iter().map(Leaf::new).collect(), denied, worth: worth.collect() })
}

/// Returns what something that was opened is called by.
pub(in crate::tui::app) fn key_of(cluster: &Arn, opened: &Opened) -> u64 {
    key(cluster, &opened.place, opened.container.as_deref())
}

/// Returns what a container, or with no name a service or a group of standalone tasks, is called by from one deployment
/// to the next.
fn key(cluster: &Arn, place: &str, container: Option<&str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (cluster.as_str(), place, container).hash(&mut hasher);
    hasher.finish()
}

/// Returns an image without the host of its registry.
fn short(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => rest,
        _ => image,
    }
}
