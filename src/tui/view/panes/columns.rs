//! What stands beside a row's name, the most telling first when there is little room.

use ratatui::style::Style;

use super::Theme;
use crate::tui::app::{
    Cells, ClusterCells, ContainerCells, Health, Readiness, Rollout, Row, ServiceCells, State, TaskCells, age,
};

/// One cell of a row.
pub(super) struct Column {
    pub(super) text: String,
    pub(super) style: Style,
    /// Whether it stands at the right of its column.
    pub(super) right: bool,
    /// The smaller, the later it gives way.
    pub(super) weight: u8,
    /// It never gets more cells than this.
    pub(super) most: u16,
}

impl Column {
    fn new(weight: u8, text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style, right: false, weight, most: 24 }
    }

    fn right(self) -> Self {
        Self { right: true, ..self }
    }
}

/// Returns the cells of a row; rows of one pane have the same columns.
pub(super) fn columns(state: &State, theme: &Theme, row: &Row) -> Vec<Column> {
    match &row.cells {
        Cells::Cluster(cells) => cluster(theme, cells.as_ref()),
        Cells::NoService(tasks) => {
            let count = tasks.map_or_else(String::new, |tasks| tasks.to_string());
            service_columns(theme, Column::new(0, count, theme.plain), None, "")
        }
        Cells::Service(None) => service_columns(theme, Column::new(0, "", theme.plain), None, ""),
        Cells::Service(Some(cells)) => service(state, theme, cells),
        Cells::Task(cells) => task(state, theme, cells),
        Cells::Container(cells) => container(theme, cells),
    }
}

fn cluster(theme: &Theme, cells: Option<&ClusterCells>) -> Vec<Column> {
    let status = cells.and_then(|it| it.status.as_deref()).unwrap_or_default();
    let say = |say: fn(&ClusterCells) -> String| cells.map(say).unwrap_or_default();
    let instances = cells.filter(|it| it.instances > 0).map(|it| format!("{} inst", it.instances));
    vec![
        Column::new(0, status, theme.bad),
        Column::new(1, say(|it| format!("{} svc", it.services)), theme.plain).right(),
        Column::new(2, say(|it| format!("{} tasks", it.tasks)), theme.plain).right(),
        Column::new(3, instances.unwrap_or_default(), theme.faint).right(),
    ]
}

fn service(state: &State, theme: &Theme, cells: &ServiceCells) -> Vec<Column> {
    let short = cells.running < cells.desired;
    let count = Column::new(
        0,
        format!("{}/{}", cells.running, cells.desired),
        if short { theme.underway } else { theme.plain },
    );
    let deployed = cells.deployed.map(|at| age(state.now, at)).unwrap_or_default();
    service_columns(theme, count, Some(cells), &deployed)
}

fn service_columns(theme: &Theme, count: Column, cells: Option<&ServiceCells>, deployed: &str) -> Vec<Column> {
    let (glyph, word, style) = match cells.map(|cells| cells.rollout) {
        Some(Rollout::Steady) => ("●", "steady", theme.good),
        Some(Rollout::Rolling) => ("◐", "rolling", theme.underway),
        Some(Rollout::Failed) => ("✖", "failed", theme.bad),
        Some(Rollout::Unknown) => ("–", "", theme.faint),
        None => ("", "", theme.plain),
    };
    let revision = cells.map_or("", |cells| &cells.revision);
    let exec = if cells.is_some_and(|cells| cells.exec) { "exec" } else { "" };
    let status = cells.and_then(|cells| cells.status.as_deref()).unwrap_or("");
    vec![
        Column::new(1, status, theme.bad),
        count.right(),
        Column::new(3, revision, theme.plain).right(),
        Column::new(4, deployed, theme.faint).right(),
        Column::new(2, glyph, style),
        Column::new(6, word, style),
        Column::new(5, exec, theme.faint),
    ]
}

fn task(state: &State, theme: &Theme, cells: &TaskCells) -> Vec<Column> {
    let status = match &*cells.status {
        "RUNNING" => theme.good,
        "PROVISIONING" | "PENDING" | "ACTIVATING" => theme.underway,
        _ => theme.bad,
    };
    let (health, health_style) = health(theme, cells.health);
    let zone = cells.zone.as_deref().and_then(|zone| zone.rsplit('-').next()).unwrap_or("");
    let mut ending = Column::new(2, cells.ending.as_deref().unwrap_or(""), theme.bad);
    ending.most = 60;
    vec![
        Column::new(0, &*cells.status, status),
        ending,
        Column::new(3, health, health_style),
        Column::new(1, cells.since.map(|at| age(state.now, at)).unwrap_or_default(), theme.faint).right(),
        Column::new(2, &*cells.revision, theme.plain).right(),
        Column::new(4, zone, theme.faint),
        Column::new(6, &*cells.launch, theme.faint),
        Column::new(5, cells.ip.as_deref().unwrap_or(""), theme.plain),
    ]
}

fn container(theme: &Theme, cells: &ContainerCells) -> Vec<Column> {
    let (glyph, words, style) = match cells.exec {
        Readiness::Ready => ("●", "exec ready", theme.good),
        Readiness::Starting => ("◐", "agent starting", theme.underway),
        Readiness::Stopped => ("✖", "agent stopped", theme.bad),
        Readiness::NoAgent => ("○", "no agent", theme.faint),
        Readiness::NotRunning => ("–", "", theme.faint),
    };
    let (health, health_style) = health(theme, cells.health);
    let exit = cells.exit_code.map(|code| format!("exit {code}")).unwrap_or_default();
    let mut tag = Column::new(4, &*cells.tag, theme.faint);
    tag.most = 14;
    vec![
        Column::new(0, glyph, style),
        Column::new(1, words, style),
        Column::new(2, exit, if cells.exit_code == Some(0) { theme.plain } else { theme.bad }),
        Column::new(3, health, health_style),
        Column::new(1, if cells.status == "RUNNING" { "" } else { &*cells.status }, theme.underway),
        tag,
    ]
}

fn health(theme: &Theme, health: Health) -> (&'static str, Style) {
    match health {
        Health::Healthy => ("♥", theme.good),
        Health::Unhealthy => ("✖", theme.bad),
        Health::Unknown => ("", theme.faint),
    }
}
