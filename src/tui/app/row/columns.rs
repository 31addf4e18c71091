//! The columns of rows, as words look in them.

use std::{borrow::Cow, cmp::Ordering};

use super::{Cells, Health, Readiness, Rollout, Row};
use crate::model::query::Column;

const CLUSTERS: &[Column] = &[
    Column::new("name"),
    Column::state("status"),
    Column::number("services"),
    Column::number("tasks"),
    Column::number("instances"),
];

const SERVICES: &[Column] = &[
    Column::new("name"),
    Column::state("status"),
    Column::number("running"),
    Column::number("desired"),
    Column::number("rev").or(&["revision"]),
    Column::new("deployed"),
    Column::new("rollout"),
    Column::new("exec"),
];

const TASKS: &[Column] = &[
    Column::new("name").or(&["id"]),
    Column::state("status"),
    Column::state("health"),
    Column::new("since"),
    Column::number("rev").or(&["revision"]),
    Column::new("az").or(&["zone"]),
    Column::new("launch"),
    Column::new("ip"),
    Column::new("reason"),
];

const CONTAINERS: &[Column] = &[
    Column::new("name"),
    Column::state("status"),
    Column::state("health"),
    Column::new("exec"),
    Column::new("image"),
    Column::new("tag"),
    Column::number("exit"),
];

impl Row {
    /// Returns the columns of the list that the row stands in.
    pub fn columns(&self) -> &'static [Column] {
        match &self.cells {
            Cells::Cluster(_) => CLUSTERS,
            Cells::NoService(_) | Cells::Service(_) => SERVICES,
            Cells::Task(_) => TASKS,
            Cells::Container(_) => CONTAINERS,
        }
    }

    /// Returns what stands in one of these columns, by its place among them; nothing where it is not known.
    pub fn value(&self, column: usize) -> Cow<'_, str> {
        let columns = self.columns();
        let Some(name) = columns.get(column).map(|column| column.name) else { return Cow::Borrowed("") };
        match (&self.cells, name) {
            // The whole id of a task, which its row shows the beginning of.
            (Cells::Task(_), "name") => self.text.split(' ').next().unwrap_or_default().into(),
            (_, "name") => self.name().into(),
            (Cells::Cluster(Some(cells)), "status") => cells.status.as_deref().unwrap_or("ACTIVE").into(),
            (Cells::Cluster(Some(cells)), "services") => cells.services.to_string().into(),
            (Cells::Cluster(Some(cells)), "tasks") => cells.tasks.to_string().into(),
            (Cells::Cluster(Some(cells)), "instances") => cells.instances.to_string().into(),
            (Cells::NoService(Some(tasks)), "running") => tasks.to_string().into(),
            (Cells::Service(Some(cells)), "status") => cells.status.as_deref().unwrap_or("ACTIVE").into(),
            (Cells::Service(Some(cells)), "running") => cells.running.to_string().into(),
            (Cells::Service(Some(cells)), "desired") => cells.desired.to_string().into(),
            (Cells::Service(Some(cells)), "rev") => number(&cells.revision).into(),
            (Cells::Service(Some(cells)), "deployed") => time(cells.deployed),
            (Cells::Service(Some(cells)), "rollout") => rollout(cells.rollout).into(),
            (Cells::Service(Some(cells)), "exec") => if cells.exec { "yes" } else { "no" }.into(),
            (Cells::Task(cells), "status") => cells.status.as_str().into(),
            (Cells::Task(cells), "health") => health(cells.health).into(),
            (Cells::Task(cells), "since") => time(cells.since),
            (Cells::Task(cells), "rev") => number(&cells.revision).into(),
            (Cells::Task(cells), "az") => cells.zone.as_deref().unwrap_or_default().into(),
            (Cells::Task(cells), "launch") => cells.launch.as_str().into(),
            (Cells::Task(cells), "ip") => cells.ip.as_deref().unwrap_or_default().into(),
            (Cells::Task(cells), "reason") => cells.ending.as_deref().unwrap_or_default().into(),
            (Cells::Container(cells), "status") => cells.status.as_str().into(),
            (Cells::Container(cells), "health") => health(cells.health).into(),
            (Cells::Container(cells), "exec") => exec(cells.exec).into(),
            (Cells::Container(cells), "image") => cells.image.as_str().into(),
            (Cells::Container(cells), "tag") => cells.tag.as_str().into(),
            (Cells::Container(cells), "exit") => {
                cells.exit_code.map(|code| code.to_string()).unwrap_or_default().into()
            }
            _ => "".into(),
        }
    }
}

/// Returns which of two rows of one list comes first by a column. Rows of which nothing is known come last, the tasks
/// without a service first.
pub(in crate::tui::app) fn compare(one: &Row, other: &Row, column: usize, down: bool) -> Ordering {
    let is_first = |row: &Row| !matches!(row.cells, Cells::NoService(_));
    let (these, those) = (one.value(column), other.value(column));
    let by_value = match (these.parse::<u64>(), those.parse::<u64>()) {
        (Ok(this), Ok(that)) => this.cmp(&that),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => these.to_lowercase().cmp(&those.to_lowercase()),
    };
    is_first(one).cmp(&is_first(other)).then(these.is_empty().cmp(&those.is_empty())).then(if down {
        by_value.reverse()
    } else {
        by_value
    })
}

/// Returns the number of a revision that may stand after its family.
pub(in crate::tui::app) fn number(revision: &str) -> &str {
    revision.rsplit_once(':').map_or("", |(_, number)| number)
}

/// Returns what stands in the column of who can be logged in to: yes or no, and why.
pub(in crate::tui::app) fn exec(readiness: Readiness) -> &'static str {
    match readiness {
        Readiness::Ready => "yes ready",
        Readiness::Starting => "no starting",
        Readiness::Stopped => "no stopped",
        Readiness::NoAgent => "no agent",
        Readiness::NotRunning => "no",
    }
}

/// Returns ECS's word for a health.
pub(in crate::tui::app) fn health(health: Health) -> &'static str {
    match health {
        Health::Healthy => "HEALTHY",
        Health::Unhealthy => "UNHEALTHY",
        Health::Unknown => "UNKNOWN",
    }
}

fn rollout(rollout: Rollout) -> &'static str {
    match rollout {
        Rollout::Steady => "steady COMPLETED",
        Rollout::Rolling => "rolling IN_PROGRESS",
        Rollout::Failed => "failed FAILED",
        Rollout::Unknown => "unknown",
    }
}

fn time(at: Option<crate::model::Timestamp>) -> Cow<'static, str> {
    at.map(|at| at.to_string()).unwrap_or_default().into()
}
