//! Showing a page of the web to the person, by a program of theirs.

use std::{
    fmt, io,
    os::unix::process::CommandExt as _,
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use tokio::time::timeout;

use super::{Error, Kind, Result};
use crate::model::Page;

/// After so long a program that has not failed shows the page, and may go on doing so.
const SETTLED: Duration = Duration::from_secs(3);
/// What stands for the address in a command.
const PLACE: &str = "%s";

/// The program ended, and not well.
#[derive(Debug)]
struct Ended(ExitStatus);

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it ended with {}", self.0)
    }
}

impl std::error::Error for Ended {}

/// Shows a page by this command, of which `%s`, or the end, is the address. No shell reads it. The program has nothing
/// of our terminal, and is not waited for longer than it takes to see whether it fails at once.
pub async fn open(browser: &str, page: &Page) -> Result<()> {
    let words = shlex::split(browser).filter(|words| !words.is_empty());
    let words = words.ok_or_else(|| Error::new(Kind::Usage, format!("{browser:?} is no command")))?;
    let failed = |error: io::Error| Error::new(Kind::Refused, format!("{} cannot be started", words[0])).because(error);
    let mut child = command(&words, page).spawn().map_err(failed)?;
    let waiting = tokio::task::spawn_blocking(move || child.wait());
    match timeout(SETTLED, waiting).await {
        Ok(Ok(Ok(status))) if !status.success() => {
            Err(Error::new(Kind::Refused, format!("{} shows no page", words[0])).because(Ended(status)))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Returns the command in a process group of its own, so that no key of ours reaches it.
fn command(words: &[String], page: &Page) -> Command {
    let mut command = Command::new(&words[0]);
    let has_place = words[1..].iter().any(|word| word.contains(PLACE));
    command.args(words[1..].iter().map(|word| word.replace(PLACE, page.as_str())));
    command.args((!has_place).then(|| page.as_str()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Thing;

    fn page() -> Page {
        let cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod".parse().unwrap();
        Page::of(&Thing::Cluster(cluster)).unwrap()
    }

    #[test]
    fn the_address_is_one_word_in_its_place_or_at_the_end() {
        let words = |line: &str| {
            let command = command(&shlex::split(line).unwrap(), &page());
            let words = command.get_args().map(|word| word.to_str().unwrap().to_owned());
            words.map(|word| word.replace(page().as_str(), "PAGE")).collect::<Vec<_>>()
        };
        assert_eq!(words("firefox"), ["PAGE"]);
        assert_eq!(words("firefox -P 'my own'"), ["-P", "my own", "PAGE"]);
        assert_eq!(words("chrome --app=%s --new"), ["--app=PAGE", "--new"]);
    }

    #[tokio::test]
    async fn who_shows_no_page_says_why() {
        let said = async |browser: &str| open(browser, &page()).await.map_err(|error| error.line());
        assert_eq!(said("sh -c 'exit 0' sh").await, Ok(()));
        let failed = said("sh -c 'exit 3' sh").await.unwrap_err();
        assert_eq!(failed, "sh shows no page: it ended with exit status: 3");
        assert!(said("/nowhere/browser").await.unwrap_err().starts_with("/nowhere/browser cannot be started: "));
        assert!(said("'open").await.unwrap_err().contains("is no command"));
        assert_eq!(said("sh -c '[ \"$1\" = https://proxy/ ]' sh https://proxy/ %s").await, Ok(()));
    }
}
