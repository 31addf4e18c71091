//! The file of a history: read whole, replaced whole, by one process at a time.

use std::{
    fs::{self, DirBuilder, OpenOptions, TryLockError},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process, thread,
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::record::{Record, merged};

/// The version that is written, and the newest that is understood.
const VERSION: u32 = 1;
/// A larger file is none of ours.
const LARGEST: u64 = 64 << 20;
/// How often, and how long apart, it is tried to be the only one.
const TRIES: (u32, Duration) = (40, Duration::from_millis(50));

/// A history's file.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
}

/// What stands in it.
#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    version: u32,
    tasks: Vec<Record>,
}

/// The version of a file, whatever else stands in it.
#[derive(Debug, Deserialize)]
struct Version {
    version: u32,
}

impl File {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what stands in the file: nothing where there is none. What cannot be understood is set aside.
    pub(super) fn read(&self, notices: &mut Vec<String>) -> Vec<Record> {
        let bytes = match fs::metadata(&self.path) {
            Ok(metadata) if metadata.len() > LARGEST => Ok(Vec::new()),
            Ok(_) => fs::read(&self.path),
            Err(error) => Err(error),
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                notices.push(format!("the stopped tasks in {} cannot be read: {error}", self.path.display()));
                return Vec::new();
            }
        };
        match serde_json::from_slice::<Contents>(&bytes) {
            Ok(contents) if contents.version <= VERSION => contents.tasks,
            Ok(Contents { version, .. }) => self.set_aside(&format!("version-{version}"), notices),
            Err(_) => match serde_json::from_slice::<Version>(&bytes) {
                Ok(Version { version }) if version > VERSION => self.set_aside(&format!("version-{version}"), notices),
                Ok(_) | Err(_) => self.set_aside("broken", notices),
            },
        }
    }

    /// Adds what was seen and returns all that stands in the file then.
    pub(super) fn update(&self, seen: Vec<Record>, notices: &mut Vec<String>) -> io::Result<Vec<Record>> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let _only_one = self.lock()?;
        let tasks = merged(self.read(notices), seen);
        let contents = Contents { version: VERSION, tasks };
        self.replace(&serde_json::to_vec(&contents)?)?;
        Ok(contents.tasks)
    }

    /// Waits a little until this process is the only one; who is stopped while it has the lock stops nobody for ever.
    fn lock(&self) -> io::Result<fs::File> {
        let mut options = OpenOptions::new();
        let lock =
            options.create(true).truncate(false).write(true).mode(0o600).open(self.path.with_extension("lock"))?;
        let (times, apart) = TRIES;
        for _ in 0..times {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::WouldBlock) => thread::sleep(apart),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::new(ErrorKind::WouldBlock, "another process has the lock"))
    }

    /// Puts a whole new file in the old one's place.
    fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        let new = self.path.with_extension(format!("{}.new", process::id()));
        // Left by a process of the same number, or planted: it is never written into.
        let _none = fs::remove_file(&new);
        let mut options = OpenOptions::new();
        let written = options.create_new(true).write(true).mode(0o600).open(&new).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_data()
        });
        let replaced = written.and_then(|()| fs::rename(&new, &self.path));
        if replaced.is_err() {
            let _gone = fs::remove_file(&new);
        }
        replaced
    }

    /// Keeps a file that is not understood under another name, and says so.
    fn set_aside(&self, what: &str, notices: &mut Vec<String>) -> Vec<Record> {
        let aside = self.path.with_extension(format!("json.{what}"));
        let old = self.path.display();
        notices.push(match fs::rename(&self.path, &aside) {
            Ok(()) => format!("the stopped tasks in {old} cannot be understood: set aside as {}", aside.display()),
            Err(error) => format!("the stopped tasks in {old} cannot be understood, nor set aside: {error}"),
        });
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{super::record::tests::record, *};

    fn file(directory: &tempfile::TempDir) -> File {
        File::new(directory.path().join("stopped").join("1.eu-west-1.json"))
    }

    fn names(file: &File) -> Vec<String> {
        let entries = fs::read_dir(file.path.parent().unwrap()).unwrap();
        let mut names: Vec<String> = entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_written_is_read_and_nobody_elses() {
        let directory = tempfile::TempDir::new().unwrap();
        let (file, mut notices) = (file(&directory), Vec::new());
        assert_eq!(file.read(&mut notices), []);
        file.update(vec![record(1, 1, "a")], &mut notices).unwrap();
        file.update(vec![record(2, 2, "b")], &mut notices).unwrap();
        assert_eq!(file.read(&mut notices), [record(2, 2, "b"), record(1, 1, "a")]);
        assert!(notices.is_empty(), "{notices:?}");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file.path), mode(file.path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(names(&file), ["1.eu-west-1.json", "1.eu-west-1.lock"]);
    }

    #[test]
    fn what_is_not_understood_is_set_aside_and_said() {
        for (text, name) in [
            ("{\"version\":1,\"tas", "json.broken"),
            ("", "json.broken"),
            ("{\"version\":2,\"tasks\":{\"x\":1}}", "json.version-2"),
            ("{\"version\":9,\"tasks\":[]}", "json.version-9"),
        ] {
            let directory = tempfile::TempDir::new().unwrap();
            let (file, mut notices) = (file(&directory), Vec::new());
            fs::create_dir_all(file.path.parent().unwrap()).unwrap();
            fs::write(&file.path, text).unwrap();
            assert_eq!(file.update(vec![record(1, 1, "a")], &mut notices).unwrap(), [record(1, 1, "a")]);
            assert_eq!(notices.len(), 1, "{text}");
            assert_eq!(fs::read_to_string(file.path.with_extension(name)).unwrap(), text);
        }
    }

    #[test]
    fn several_at_once_lose_nothing() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = file(&directory).path;
        thread::scope(|scope| {
            for writer in 0..4 {
                let file = File::new(path.clone());
                scope.spawn(move || {
                    for number in 0..5 {
                        file.update(vec![record(writer * 10 + number, number, "a")], &mut Vec::new()).unwrap();
                    }
                });
            }
        });
        assert_eq!(File::new(path).read(&mut Vec::new()).len(), 20);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_an_error_and_no_panic() {
        let directory = tempfile::TempDir::new().unwrap();
        fs::write(directory.path().join("stopped"), "a file").unwrap();
        assert!(file(&directory).update(vec![record(1, 1, "a")], &mut Vec::new()).is_err());
    }
}
