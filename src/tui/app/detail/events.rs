//! What the schedulers say, of one service or of all of a cluster, the newest last.

use super::{State, TextLine, Tone};
use crate::{
    model::{Arn, EventLog, Heard, text::clean},
    tui::app::{
        time::clock,
        wrap::{padded, width},
    },
};

/// So many events of a cluster are shown, the newest.
const MOST: usize = 2000;
/// The names of services are shown as columns up to this width.
const NAME: u16 = 32;

/// Returns the lines of a service's events; nothing where none have been read.
pub(super) fn of_service(state: &State, service: &Arn) -> Option<Vec<TextLine>> {
    let log = state.stock.events.of(service)?;
    Some(log.heard().flat_map(|heard| lines(state, heard, service.name(), None)).collect())
}

/// Returns the lines of the events of a cluster's services; nothing where none have been read.
pub(super) fn of_cluster(state: &State, cluster: &Arn) -> Option<Vec<TextLine>> {
    let services = &state.stock.services.get(cluster)?.value;
    let arns: Vec<&Arn> = services.iter().map(|known| &known.service.arn).collect();
    let logs: Vec<&EventLog> = arns.iter().filter_map(|service| state.stock.events.of(service)).collect();
    if logs.is_empty() && !services.is_empty() {
        return None;
    }
    let merged = state.stock.events.merged(&arns, MOST);
    let times = merged.iter().map(|(_, heard)| width(&when(state, heard))).max().unwrap_or(0);
    let names = merged.iter().map(|(place, _)| width(&clean(arns[*place].name()))).max().unwrap_or(0).min(NAME);
    let lines = merged.iter().flat_map(|(place, heard)| lines(state, heard, arns[*place].name(), Some((times, names))));
    Some(part(logs.len(), arns.len()).into_iter().chain(lines).collect())
}

/// Says which part of a cluster is shown, where it is one.
fn part(read: usize, all: usize) -> Option<TextLine> {
    (read < all).then(|| TextLine::said(Tone::Faint, format!("{read} of {all} services have been read")))
}

fn when(state: &State, heard: &Heard) -> String {
    heard.event.at.map(|at| clock(state.now, at, &state.zone)).unwrap_or_default()
}

/// Returns the line of an event, and before it the one that says a gap; among those of several services with columns of
/// these widths for time and service.
fn lines(state: &State, heard: &Heard, service: &str, columns: Option<(u16, u16)>) -> impl Iterator<Item = TextLine> {
    let at = when(state, heard);
    let before = match columns {
        Some((times, names)) => format!("{}  {}  ", padded(&at, times), padded(service, names)),
        None => at + "  ",
    };
    let begin = |tone: Tone, text: &str| TextLine::said(Tone::Label, &before).with(tone, text);
    let missing = "… AWS keeps 100 events and all of them were new: more may be missing before this one";
    let gap = heard.gap.then(|| begin(Tone::Underway, missing));
    let said = heard.event.said();
    gap.into_iter().chain([begin(tone(said), said).of_row(&super::columns::of_event(service, heard))])
}

/// Returns how what is said should be taken.
fn tone(said: &str) -> Tone {
    let holds = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if holds(&["unable", "unhealthy", "failed", "rolling back"]) {
        Tone::Bad
    } else if holds(&["steady state", "deployment completed"]) {
        Tone::Good
    } else {
        Tone::Plain
    }
}
