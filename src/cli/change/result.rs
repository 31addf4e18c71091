//! What was changed, as rows on standard output.

use crate::{
    cli::output::{Cell, Column},
    model::Arn,
    ops::change::{Made, Place},
};

/// What a change made of one thing.
#[derive(Debug)]
pub(in crate::cli) struct Row {
    kind: &'static str,
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
    Column::new("made", "`registered`, `updated` or `rolling back`", |row| Cell::text(row.kind)),
    Column::new("cluster", "the cluster's name", |row| Cell::maybe(row.place.as_ref().map(|it| it.cluster.name()))),
    Column::new("service", "the service's name", |row| Cell::maybe(row.place.as_ref().map(Place::name))),
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
        "what became of the deployment, where it was followed: `completed`, `failed`, `rolled back` …",
        |row| Cell::maybe(row.outcome),
    ),
    Column::fields_only("reason", "why the deployment failed", |row| Cell::maybe(row.reason.as_deref())),
    Column::fields_only("arn", "the service's ARN, or that of the revision that was registered", |row| {
        let arn = row.place.as_ref().map(|place| &place.service).or(row.definition.as_ref());
        Cell::maybe(arn.map(Arn::as_str))
    }),
];

/// Returns a row for everything that was made.
pub(super) fn rows(made: &[Made]) -> Vec<Row> {
    made.iter().map(row).collect()
}

fn row(made: &Made) -> Row {
    let nothing = Row {
        kind: "updated",
        place: None,
        before: None,
        definition: None,
        deployment: None,
        desired: None,
        outcome: None,
        reason: None,
    };
    match made {
        Made::Registered { definition, .. } => {
            Row { kind: "registered", definition: Some(definition.clone()), ..nothing }
        }
        Made::Updated { place, before, definition, deployment, desired, .. } => Row {
            place: Some(place.clone()),
            before: before.clone(),
            definition: definition.clone(),
            deployment: deployment.clone(),
            desired: Some(*desired),
            ..nothing
        },
        Made::RollingBack { place, .. } => Row { kind: "rolling back", place: Some(place.clone()), ..nothing },
    }
}
