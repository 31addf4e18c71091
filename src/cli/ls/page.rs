//! `ecsui ls` as people read it: a page of tables.

use super::{
    super::output::{Style, table},
    BEFORE, CLUSTERS, CONTAINERS, DEPLOYMENTS, EVENTS, Listed, SERVICES, Shown, TASKS, VARIABLES,
    columns::{before, members, variables},
};
use crate::model::{Cluster, ClusterDetail, text::clean};

/// Returns the clusters, and the services of each.
pub(super) fn clusters(clusters: &[Listed], style: &Style) -> String {
    let mut page = table(CLUSTERS, clusters, style);
    for Listed { cluster, services } in clusters {
        let services = services.as_deref().unwrap_or_default();
        section(&mut page, &format!("Services of {}", clean(&*cluster.name)), &table(SERVICES, services, style));
    }
    page
}

/// Returns the counts of a cluster, and services in full.
pub(super) fn services(cluster: Option<&Cluster>, shown: &[Shown], style: &Style) -> String {
    let mut page = cluster.and_then(counts).unwrap_or_default();
    for shown in shown {
        service(&mut page, shown, style);
    }
    page
}

/// Returns the counts of a cluster in a line, where they may be read.
fn counts(cluster: &Cluster) -> Option<String> {
    let ClusterDetail { status, services, running, pending, instances } = cluster.detail.as_ref()?;
    let (name, status) = (clean(&*cluster.name), clean(&**status));
    Some(format!(
        "Cluster {name} ({status}): {services} services, {running} tasks running, {pending} pending, {instances} instances\n"
    ))
}

/// Adds a service: its own fields, then a table for each thing it has many of.
fn service(page: &mut String, shown: &Shown, style: &Style) {
    let whole = &shown.whole;
    page.push_str(if page.is_empty() { "" } else { "\n" });
    page.push_str(&table(SERVICES, std::slice::from_ref(&whole.service), style));
    if let Some(detail) = &whole.service.detail {
        section(page, "Deployments", &table(DEPLOYMENTS, &detail.deployments, style));
    }
    if shown.fronts.is_some() {
        section(page, "Load balancers", &table(BEFORE, &before(shown), style));
    }
    if whole.tasks.is_some() {
        section(page, "Tasks", &table(TASKS, &members(shown), style));
    }
    if !whole.events.is_empty() {
        section(page, &format!("Events (most recent {})", whole.events.len()), &table(EVENTS, &whole.events, style));
    }
    if let Some(definition) = &whole.definition {
        let title = format!("Task definition {}", clean(definition.arn.name()));
        section(page, &title, &table(CONTAINERS, &definition.containers, style));
    }
    if shown.extent.verbose {
        section(page, "Environment", &table(VARIABLES, &variables(shown), style));
    }
}

fn section(page: &mut String, title: &str, table: &str) {
    page.extend(["\n", title, "\n", table]);
}
