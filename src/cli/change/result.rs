//! What was changed, as rows on standard output.

use crate::{
    cli::output::{Cell, Column},
    model::Arn,
    ops::change::{Made, Place},
};

/// What a change made of one thing.
#[derive(Debug, Default)]
pub(in crate::cli) struct Row {
    kind: &'static str,
    cluster: Option<Arn>,
    service: Option<String>,
    task: Option<Arn>,
    pub(super) place: Option<Place>,
    before: Option<Arn>,
    definition: Option<Arn>,
    deployment: Option<String>,
    desired: Option<u32>,
    pub(super) outcome: Option<&'static str>,
    pub(super) reason: Option<String>,
}

/// The columns.
pub(in crate::cli) const COLUMNS: &[Column<Row>] = &[
    Column::new("made", "`registered`, `updated`, `rolling back`, `stopped` or `started`", |row| Cell::text(row.kind)),
    Column::new("cluster", "the cluster's name", |row| Cell::maybe(row.cluster.as_ref().map(Arn::name))),
    Column::new("service", "the service's name", |row| Cell::maybe(row.service.as_deref())),
    Column::new("task", "the task's id", |row| Cell::maybe(row.task.as_ref().map(Arn::name))),
    Column::new("before", "its task definition before, `family:revision`", |row| {
        Cell::maybe(row.before.as_ref().map(Arn::name))
    }),
    Column::new("definition", "its task definition now, or the one that was registered", |row| {
        Cell::maybe(row.definition.as_ref().map(Arn::name))
    }),
    Column::new("desired", "how many tasks are wanted now", |row| row.desired.map_or(Cell::Nothing, Cell::count)),
    Column::new("deployment", "the id of the deployment in force, `ecs-svc/…`", |row| {
        Cell::maybe(row.deployment.as_deref())
    }),
    Column::new(
        "outcome",
        "what became of the deployment, where it was followed: `completed`, `failed`, `failing`, `rolled back` …",
        |row| Cell::maybe(row.outcome),
    ),
    Column::fields_only("reason", "why the deployment failed", |row| Cell::maybe(row.reason.as_deref())),
    Column::fields_only("arn", "the ARN of the service, the task, or the revision that was registered", |row| {
        let service = row.place.as_ref().map(|place| &place.service);
        let arn = service.or(row.task.as_ref()).or(row.definition.as_ref());
        Cell::maybe(arn.map(Arn::as_str))
    }),
];

/// Returns a row for everything that was made.
pub(super) fn rows(made: &[Made]) -> Vec<Row> {
    made.iter().flat_map(rows_of).collect()
}

fn rows_of(made: &Made) -> Vec<Row> {
    match made {
        Made::Registered { definition, .. } => {
            vec![Row { kind: "registered", definition: Some(definition.clone()), ..Row::default() }]
        }
        Made::Updated { place, before, definition, deployment, desired, .. } => vec![Row {
            before: before.clone(),
            definition: definition.clone(),
            deployment: deployment.clone(),
            desired: Some(*desired),
            ..of_service("updated", place)
        }],
        Made::RollingBack { place, .. } => vec![of_service("rolling back", place)],
        Made::Stopped { place, service } => vec![Row {
            kind: "stopped",
            cluster: Some(place.cluster.clone()),
            service: service.as_deref().map(str::to_owned),
            task: Some(place.task.clone()),
            ..Row::default()
        }],
        Made::Started { cluster, definition, tasks, .. } => {
            let row = |task: &Arn| Row {
                kind: "started",
                cluster: Some(cluster.clone()),
                task: Some(task.clone()),
                definition: Some(definition.clone()),
                ..Row::default()
            };
            tasks.iter().map(row).collect()
        }
    }
}

fn of_service(kind: &'static str, place: &Place) -> Row {
    let (cluster, service) = (Some(place.cluster.clone()), Some(place.name().to_owned()));
    Row { kind, cluster, service, place: Some(place.clone()), ..Row::default() }
}
