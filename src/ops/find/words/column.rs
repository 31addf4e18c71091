//! Words that look in one column of a thing.

use std::borrow::Cow;

use super::{Depth, Target};
use crate::{
    model::{
        Arn, Container, ExecAgent, Task,
        query::{NoColumn, Query, column_of},
        tag_of,
    },
    ops::list::Row,
};

/// A word that looks in one column.
pub(super) struct InColumn {
    query: Query,
    column: usize,
    text: String,
}

impl InColumn {
    /// Reads a word for things that lie so deep at most; nothing where it looks in no column.
    pub(super) fn of(word: &str, deepest: Depth) -> Result<Option<Self>, NoColumn> {
        let Some((name, text)) = column_of(word) else { return Ok(None) };
        let columns = match deepest {
            Depth::Cluster => &Row::COLUMNS[..1],
            Depth::Service => &Row::COLUMNS[..2],
            Depth::Task | Depth::Container => &Row::COLUMNS,
        };
        let query = Query::parse(word, columns)?;
        let column = columns.iter().position(|column| column.is_called(name)).unwrap_or_default();
        Ok(Some(Self { query, column, text: text.to_owned() }))
    }

    /// Whether this may be of something in a cluster.
    pub(super) fn allows(&self, cluster: &Arn) -> bool {
        Row::COLUMNS[self.column].name != "cluster" || self.query.score("", |_| cluster.name().into()).is_some()
    }

    /// Returns whether this is all that stands in the column of a thing; nothing where it is not there.
    pub(super) fn fit(&self, target: &Target) -> Option<bool> {
        let value = value(target, Row::COLUMNS[self.column].name)?;
        self.query.score("", |_| Cow::Borrowed(&*value))?;
        Some(value.eq_ignore_ascii_case(&self.text))
    }
}

/// Returns what stands in a column of a thing; nothing where the thing has no such column.
fn value<'a>(target: &'a Target, column: &str) -> Option<Cow<'a, str>> {
    let task = || target.task();
    let container = || task().zip(target.container()).and_then(|(task, name)| task.container(name));
    match column {
        "cluster" => Some(target.cluster().name().into()),
        "service" => target.service().map(Cow::Borrowed),
        "task" => Some(task()?.arn.name().into()),
        "container" => target.container().map(Cow::Borrowed),
        "status" => Some(container().map_or(&*task()?.last_status, |container| &container.last_status).into()),
        "health" => Some(container().map_or(&*task()?.health, |container| &container.health).into()),
        "image" => Some(said(task()?, container(), |container| &container.image)),
        "tag" => Some(said(task()?, container(), |container| tag_of(&container.image))),
        "rev" => Some(definition(task()?).1.into()),
        "family" => Some(definition(task()?).0.into()),
        "az" => task()?.zone.as_deref().map(Cow::Borrowed),
        "launch" => Some((&*task()?.launch).into()),
        "ip" => task()?.ip.as_deref().map(Cow::Borrowed),
        "exec" => Some(said(task()?, container(), |container| exec(&container.exec))),
        _ => None,
    }
}

/// Returns what is said of a container, or of all of a task's.
fn said<'a>(task: &'a Task, container: Option<&'a Container>, say: impl Fn(&'a Container) -> &'a str) -> Cow<'a, str> {
    match container {
        Some(container) => say(container).into(),
        None => task.containers.iter().map(say).collect::<Vec<_>>().join(" ").into(),
    }
}

fn definition(task: &Task) -> (&str, &str) {
    task.definition.name().rsplit_once(':').unwrap_or((task.definition.name(), ""))
}

fn exec(agent: &ExecAgent) -> &'static str {
    match agent {
        ExecAgent::Running => "yes",
        ExecAgent::Pending | ExecAgent::Stopped(_) | ExecAgent::Absent => "no",
    }
}
