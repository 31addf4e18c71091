//! Reading JSON in the editor of the person's choice, from a file that nobody else can read and that does not stay.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::{Cx, Error, Kind, Result};
use crate::{
    model::{Described, Thing},
    session::{Session, Size, local},
};

/// What to do about an editor that is not there.
const HINT: &str = "set VISUAL or EDITOR, or `editor` in the config, to the editor you have";

/// A file in a directory of its own. Dropping it removes both, with whatever the editor has left beside it.
#[derive(Debug)]
struct Draft {
    directory: PathBuf,
    file: PathBuf,
}

impl Draft {
    /// Writes a text into a new file of this name, below `directory`.
    fn write(directory: &Path, name: &str, text: &str) -> io::Result<Self> {
        let directory = directory.join(format!("ecsui-{}", Uuid::new_v4().simple()));
        DirBuilder::new().mode(0o700).create(&directory)?;
        let draft = Self { file: directory.join(name), directory };
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft.file)?;
        file.write_all(text.as_bytes())?;
        Ok(draft)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _gone_already = fs::remove_dir_all(&self.directory);
    }
}

/// Opens what AWS says of something in the editor of the settings, which gets the terminal. Values that look secret
/// stay masked unless they are to be revealed. What is changed in the file goes nowhere; it lies below `directory`, and
/// is removed when the editor ends. Must be called within a tokio runtime.
pub fn open(
    cx: &Cx,
    thing: &Thing,
    described: &Described,
    reveal: bool,
    directory: &Path,
    size: Size,
) -> Result<Session> {
    let command = &cx.settings.editor;
    let words = shlex::split(command).filter(|words| !words.is_empty());
    let words = words.ok_or_else(|| Error::new(Kind::Usage, format!("{command:?} is no command")).hint(HINT))?;
    let text = described.json(reveal) + "\n";
    let draft = Draft::write(directory, &file_name(thing), &text);
    let draft = draft.map_err(|error| {
        Error::new(Kind::Refused, format!("no file can be written in {}", directory.display())).because(error)
    })?;
    let arguments = words[1..].iter().map(Into::into).chain([draft.file.clone().into_os_string()]);
    let program = local::Program {
        label: Path::new(&words[0]).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        path: PathBuf::from(&words[0]),
        arguments: arguments.collect(),
        environment: Vec::new(),
        raw: false,
    };
    local::open_with(&program, size, draft)
        .map_err(|error| Error::new(Kind::Refused, format!("{} cannot be started", words[0])).because(error).hint(HINT))
}

/// Returns a name for the file by which people and editors know what is in it.
fn file_name(thing: &Thing) -> String {
    const LONGEST: usize = 100;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let letters = thing.name().chars().take(LONGEST).map(|letter| if is_plain(letter) { letter } else { '-' });
    letters.collect::<String>().trim_start_matches('-').to_owned() + ".json"
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_file_is_the_persons_alone_and_does_not_stay() {
        let home = tempfile::tempdir().unwrap();
        let draft = Draft::write(home.path(), "api.json", "{}").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&draft.directory), mode(&draft.file)), (0o700, 0o600));
        assert_eq!(fs::read_to_string(&draft.file).unwrap(), "{}");
        fs::write(draft.directory.join("api.json~"), "{}").unwrap();
        drop(draft);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn no_name_leads_out_of_the_directory() {
        let name = |name: &str| {
            let definition = format!("arn:aws:ecs:r:1:task-definition/{name}").parse().unwrap();
            file_name(&Thing::Definition(definition))
        };
        assert_eq!(name("api:41"), "api-41.json");
        assert_eq!(name("..\\..\u{1b}[31m .x"), "31m--x.json");
        assert_eq!(name("-rf"), "rf.json");
        assert!(name(&"x".repeat(10_000)).len() < 200);
    }
}
