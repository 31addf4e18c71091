//! Whether a change is under way: a lock that is held as long as it is made, and that the system lets go of whatever
//! becomes of the process.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// The directory beside the file of changes in which each change under way has a locked file.
const NAME: &str = "under-way";

/// The lock of a change. Dropping it says that the change is no longer under way.
#[derive(Debug)]
pub(super) struct Hold {
    path: PathBuf,
    _locked: File,
}

impl Hold {
    /// Says that the change of this id is under way; `changes` is the file of changes.
    pub(super) fn take(changes: &Path, id: &str) -> io::Result<Self> {
        let path = place(changes, id);
        if let Some(directory) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        }
        let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path)?;
        file.lock()?;
        Ok(Self { path, _locked: file })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let _gone = fs::remove_file(&self.path);
    }
}

/// Whether the change of this id is under way.
pub(super) fn is_held(changes: &Path, id: &str) -> bool {
    // The id comes from a file that others may have written to: it is to lead nowhere else.
    let is_id = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_id
        && File::open(place(changes, id))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

fn place(changes: &Path, id: &str) -> PathBuf {
    changes.with_file_name(NAME).join(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_under_way_as_long_as_its_lock_is_held() {
        let directory = tempfile::TempDir::new().unwrap();
        let changes = directory.path().join("changes.jsonl");
        assert!(!is_held(&changes, "a-1"));
        let hold = Hold::take(&changes, "a-1").unwrap();
        assert!(is_held(&changes, "a-1") && !is_held(&changes, "a-2") && !is_held(&changes, "../under-way/a-1"));
        drop(hold);
        assert!(!is_held(&changes, "a-1"));
        // What a process that was killed leaves behind is a file that nobody holds.
        fs::write(place(&changes, "a-1"), "").unwrap();
        assert!(!is_held(&changes, "a-1"));
    }
}
