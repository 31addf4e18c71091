//! The stopped tasks that were seen, kept in a file for each account and region, since AWS forgets them within hours.
//!
//! A file is read whole, merged and replaced whole, under a lock: two processes at once lose nothing. What cannot be
//! understood is set aside and said, and never an error: a history is no reason not to show what AWS says now.

mod file;
mod record;

use std::{io, path::PathBuf};

use super::Cx;
use crate::model::{Arn, Task};
use file::File;
use record::Record;

/// What is remembered of a cluster.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// Its stopped tasks, the last to stop first.
    pub(super) tasks: Vec<Task>,
    /// What is wrong with the history.
    pub(super) notices: Vec<String>,
}

/// Returns what is remembered of a cluster's stopped tasks.
pub(super) async fn recall(cx: &Cx, cluster: &Arn) -> Remembered {
    remember(cx, cluster, &[]).await
}

/// Remembers these tasks of a cluster, those of them that have stopped, and returns what is remembered of all.
pub(super) async fn remember(cx: &Cx, cluster: &Arn, tasks: &[Task]) -> Remembered {
    let Some(path) = path(cx, cluster) else { return Remembered::default() };
    let seen: Vec<Record> = tasks.iter().filter(|task| task.stopped.is_some()).map(Record::of).collect();
    let cluster = cluster.clone();
    let work = move || kept(&File::new(path), seen, &cluster);
    match tokio::task::spawn_blocking(work).await {
        Ok(remembered) => remembered,
        Err(error) => Remembered { tasks: Vec::new(), notices: vec![format!("the history failed: {error}")] },
    }
}

/// Returns the file of the cluster's account and region; none where nothing is to be kept.
fn path(cx: &Cx, cluster: &Arn) -> Option<PathBuf> {
    let plain = |part: &str| -> String { part.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '-').collect() };
    let (account, region) = (plain(cluster.account()), plain(cluster.region()));
    let directory = cx.state.as_ref()?.join("stopped");
    Some(directory.join(format!("{account}.{region}.json")))
}

/// Merges what was seen into the file where it adds something, and returns what the file holds of the cluster.
fn kept(file: &File, seen: Vec<Record>, cluster: &Arn) -> Remembered {
    let mut notices = Vec::new();
    let mut known = file.read(&mut notices);
    if record::adds(&known, &seen) {
        match file.update(seen.clone(), &mut notices) {
            Ok(all) => known = all,
            Err(error) => {
                notices.push(complaint(file, &error));
                known = record::merged(known, seen);
            }
        }
    }
    notices.dedup();
    Remembered { tasks: known.iter().filter_map(|record| record.task(cluster)).collect(), notices }
}

fn complaint(file: &File, error: &io::Error) -> String {
    format!("stopped tasks cannot be remembered in {}: {error}", file.path().display())
}
