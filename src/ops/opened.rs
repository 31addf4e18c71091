//! What was logged in to, and when: kept in a file for each account and region, so that what people come for stands
//! first.
//!
//! A line a login, appended in one piece, by names that outlive deployments; a file that has grown is cut to its newer
//! half. A line that cannot be understood is passed over: this is no reason not to show anything.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process,
};

use serde::{Deserialize, Serialize};

use super::Cx;
use crate::model::{Arn, Timestamp, text::clean};

/// A file of more bytes than this is cut to its newer half.
const LARGEST: u64 = 128 << 10;
/// A login counts half as much after so many seconds: a week.
const HALF: f64 = 7.0 * 86_400.0;

/// What was logged in to, by names that outlive its tasks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Opened {
    /// The name of the cluster.
    pub cluster: String,
    /// The service, or the group of a standalone task.
    pub place: String,
    /// The container; `None` where ecsui chose it.
    pub container: Option<String>,
}

/// A login, as it is written down.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    at: Timestamp,
    #[serde(flatten)]
    opened: Opened,
}

/// Writes down that something in this cluster was logged in to. Returns what is wrong where it cannot be.
pub async fn note(cx: &Cx, cluster: &Arn, opened: Opened, at: Timestamp) -> Option<String> {
    let path = path(cx, cluster)?;
    let work = move || append(&path, &Line { at, opened }).err().map(|error| complaint(&path, &error));
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Some(error.to_string()))
}

/// Returns what was logged in to in this cluster, each with how much that counts now: a thousand for a login just now,
/// half of that a week later, and the sum of all.
pub async fn worth(cx: &Cx, cluster: &Arn, now: Timestamp) -> Vec<(Opened, u32)> {
    let Some(path) = path(cx, cluster) else { return Vec::new() };
    let text = tokio::task::spawn_blocking(move || fs::read_to_string(path).unwrap_or_default()).await;
    let text = text.unwrap_or_default();
    counted(&text, now).into_iter().filter(|(opened, _)| opened.cluster == cluster.name()).collect()
}

/// Returns the file of the cluster's account and region; none where nothing is to be kept.
fn path(cx: &Cx, cluster: &Arn) -> Option<PathBuf> {
    let plain = |part: &str| -> String { part.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '-').collect() };
    let (account, region) = (plain(cluster.account()), plain(cluster.region()));
    Some(cx.state.as_ref()?.join("opened").join(format!("{account}.{region}.jsonl")))
}

fn counted(text: &str, now: Timestamp) -> Vec<(Opened, u32)> {
    let mut sums: std::collections::BTreeMap<Opened, f64> = std::collections::BTreeMap::new();
    for line in text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()) {
        let age = now.duration_since(line.at).as_secs_f64().max(0.0);
        *sums.entry(line.opened).or_default() += (-age / HALF).exp2();
    }
    sums.into_iter().map(|(opened, sum)| (opened, (sum * 1000.0) as u32)).collect()
}

fn append(path: &Path, line: &Line) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    if fs::metadata(path).is_ok_and(|file| file.len() > LARGEST) {
        shorten(path)?;
    }
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600).open(path)?.write_all(&bytes)
}

/// Puts a file of the newer half in the old one's place.
fn shorten(path: &Path) -> io::Result<()> {
    let text = fs::read_to_string(path)?;
    let half = text.floor_char_boundary(text.len() / 2);
    let newer = text[half..].split_once('\n').map_or("", |(_, newer)| newer);
    let new = path.with_extension(format!("{}.new", process::id()));
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    OpenOptions::new().create_new(true).write(true).mode(0o600).open(&new)?.write_all(newer.as_bytes())?;
    fs::rename(&new, path)
}

fn complaint(path: &Path, error: &io::Error) -> String {
    clean(format!("what was opened cannot be remembered in {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn opened(place: &str) -> Opened {
        Opened { cluster: "prod".to_owned(), place: place.to_owned(), container: Some("app".to_owned()) }
    }

    #[test]
    fn a_login_counts_half_after_a_week_and_logins_add_up() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("opened").join("1.eu.jsonl");
        for (place, day) in [("api", "01"), ("api", "08"), ("web", "08")] {
            append(&path, &Line { at: at(&format!("2026-03-{day}T00:00:00Z")), opened: opened(place) }).unwrap();
        }
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(counted(&text, at("2026-03-08T00:00:00Z")), [(opened("api"), 1500), (opened("web"), 1000)]);
        assert_eq!(counted(&text, at("2026-03-15T00:00:00Z")), [(opened("api"), 750), (opened("web"), 500)]);
        assert_eq!(counted(&text, at("2026-01-01T00:00:00Z"))[1].1, 1000, "a clock that went back is no harm");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn what_cannot_be_understood_is_passed_over() {
        let line = serde_json::to_string(&Line { at: at("2026-03-08T00:00:00Z"), opened: opened("api") }).unwrap();
        let text = format!("{{\"at\":\n\u{1b}[31m\n{line}\n{{\"version\":2}}\n{}", &line[..20]);
        assert_eq!(counted(&text, at("2026-03-08T00:00:00Z")), [(opened("api"), 1000)]);
    }

    #[test]
    fn a_file_that_has_grown_is_cut_to_its_newer_half() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("1.eu.jsonl");
        let now = at("2026-03-08T00:00:00Z");
        let line = |number: usize| serde_json::to_string(&Line { at: now, opened: opened(&format!("s{number:05}")) });
        let old: Vec<String> = (0..2000).map(|number| line(number).unwrap()).collect();
        fs::write(&path, old.join("\n") + "\n").unwrap();
        append(&path, &Line { at: now, opened: opened("newest") }).unwrap();
        assert!(fs::metadata(&path).unwrap().len() <= LARGEST);
        let left = counted(&fs::read_to_string(&path).unwrap(), now);
        assert!(left.iter().any(|(it, _)| it.place == "newest") && left.iter().any(|(it, _)| it.place == "s01999"));
        assert!(!left.iter().any(|(it, _)| it.place == "s00000"));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_said() {
        let directory = tempfile::TempDir::new().unwrap();
        fs::write(directory.path().join("opened"), "a file").unwrap();
        let path = directory.path().join("opened").join("1.eu.jsonl");
        assert!(append(&path, &Line { at: Timestamp::UNIX_EPOCH, opened: opened("api") }).is_err());
    }
}
