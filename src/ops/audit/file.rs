//! The file: one JSON object a line, written in one piece at its end, read whole.

use std::{
    collections::HashMap,
    fs::{DirBuilder, OpenOptions},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::{Begun, Ended, Line, hold};
use crate::ops::{Cx, Error, Kind, Result};

/// The file's name in the state directory.
const NAME: &str = "changes.jsonl";

/// What was changed from here.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct History {
    /// Every change and how it ended, the oldest first; without an end it is under way, or was
    /// interrupted.
    pub changes: Vec<(Begun, Option<Ended>)>,
    /// How many lines cannot be understood.
    pub odd: usize,
    /// The file.
    pub path: PathBuf,
}

/// Returns what was changed from here, as far as it was written down.
pub fn history(cx: &Cx) -> Result<History> {
    let nowhere = || Error::new(Kind::Usage, "there is no directory for what ecsui remembers, and so no history");
    let path = path(cx).ok_or_else(nowhere)?;
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => {
            let what = format!("the history of changes in {} cannot be read", path.display());
            return Err(Error::new(Kind::Internal, what).because(error));
        }
    };
    let mut history = read(&text);
    for (begun, _) in history.changes.iter_mut().filter(|(_, ended)| ended.is_none()) {
        begun.under_way = hold::is_held(&path, &begun.id);
    }
    Ok(History { path, ..history })
}

/// Returns the file; none where nothing is to be kept.
pub(super) fn path(cx: &Cx) -> Option<PathBuf> {
    Some(cx.state.as_ref()?.join(NAME))
}

/// Appends a line in one piece; after one that broke off it begins a new one.
pub(super) fn append(path: &Path, line: &Line) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let mut file = OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(path)?;
    let mut text = serde_json::to_string(line)? + "\n";
    if !ends_with_a_line(&mut file)? {
        text.insert(0, '\n');
    }
    file.write_all(text.as_bytes())?;
    file.sync_data()
}

fn ends_with_a_line(file: &mut std::fs::File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn read(text: &str) -> History {
    let mut history = History::default();
    let mut places: HashMap<String, usize> = HashMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(Line::Begin(begun)) => {
                places.insert(begun.id.clone(), history.changes.len());
                history.changes.push((begun, None));
            }
            Ok(Line::End(ended)) => match places.get(&ended.id) {
                Some(place) => history.changes[*place].1 = Some(ended),
                None => history.odd += 1,
            },
            Ok(Line::Became(became)) => {
                let ended = places.get(&became.id).and_then(|place| history.changes[*place].1.as_mut());
                match ended {
                    Some(ended) => ended.became.push(became),
                    None => history.odd += 1,
                }
            }
            Err(_) => history.odd += 1,
        }
    }
    history
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::{
        super::{Became, Fate, Outcome},
        *,
    };

    fn begun(id: &str) -> Begun {
        Begun {
            id: id.to_owned(),
            at: "2026-03-01T12:00:00Z".parse().unwrap(),
            caller: None,
            user: "me".to_owned(),
            process: 1,
            profile: "dev".to_owned(),
            account: None,
            region: "eu-west-1".to_owned(),
            what: "Redeploy prod/api".to_owned(),
            resources: Vec::new(),
            calls: vec!["ecs:UpdateService: force a new deployment".to_owned()],
            matters: Vec::new(),
            under_way: false,
        }
    }

    fn ended(id: &str) -> Ended {
        let at = "2026-03-01T12:00:01Z".parse().unwrap();
        let (services, became) = (vec!["prod/api".to_owned()], Vec::new());
        Ended { id: id.to_owned(), at, result: Outcome::Done, made: Vec::new(), why: None, services, became }
    }

    fn became(id: &str) -> Became {
        let at = "2026-03-01T12:05:00Z".parse().unwrap();
        let why = Some("prod/api: failed".to_owned());
        Became { id: id.to_owned(), at, service: "prod/api".to_owned(), fate: Fate::Failed, why }
    }

    #[test]
    fn what_became_of_a_change_is_a_line_after_its_end() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join(NAME);
        for line in [Line::Begin(begun("1")), Line::End(ended("1")), Line::Became(became("1"))] {
            append(&path, &line).unwrap();
        }
        let history = read(&fs::read_to_string(&path).unwrap());
        let [(_, Some(seen))] = &history.changes[..] else { panic!("{history:?}") };
        assert_eq!((&seen.became[..], seen.fate(), history.odd), (&[became("1")][..], Some(Fate::Failed), 0));
        // One of which no end was written down belongs to nothing.
        append(&path, &Line::Became(became("2"))).unwrap();
        assert_eq!(read(&fs::read_to_string(&path).unwrap()).odd, 1);
    }

    #[test]
    fn lines_from_before_there_was_more_to_say_are_read() {
        let begin = concat!(
            r#"{"event":"begin","id":"1","at":"2026-03-01T12:00:00Z","caller":null,"user":"me","process":1,"#,
            r#""profile":"dev","account":null,"region":"eu-west-1","what":"Redeploy prod/api","resources":[],"calls":[]}"#
        );
        let end = r#"{"event":"end","id":"1","at":"2026-03-01T12:00:01Z","result":"done","made":[],"why":null}"#;
        let history = read(&format!("{begin}\n{end}\n"));
        let [(begun, Some(ended))] = &history.changes[..] else { panic!("{history:?}") };
        assert_eq!((&begun.matters[..], &ended.services[..], ended.fate(), history.odd), (&[][..], &[][..], None, 0));
    }

    #[test]
    fn a_change_has_a_line_before_it_and_one_after_it() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("ecsui").join(NAME);
        append(&path, &Line::Begin(begun("1"))).unwrap();
        append(&path, &Line::Begin(begun("2"))).unwrap();
        append(&path, &Line::End(ended("1"))).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 3);
        assert_eq!(read(&text).changes, [(begun("1"), Some(ended("1"))), (begun("2"), None)]);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn a_line_that_broke_off_costs_no_other_line() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join(NAME);
        fs::write(&path, "{\"event\":\"beg").unwrap();
        append(&path, &Line::Begin(begun("1"))).unwrap();
        let history = read(&fs::read_to_string(&path).unwrap());
        assert_eq!((history.changes.len(), history.odd), (1, 1));
    }

    #[test]
    fn several_at_once_lose_nothing() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join(NAME);
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    for number in 0..20 {
                        append(path, &Line::Begin(begun(&format!("{writer}.{number}")))).unwrap();
                    }
                });
            }
        });
        let history = read(&fs::read_to_string(&path).unwrap());
        assert_eq!((history.changes.len(), history.odd), (80, 0));
    }
}
