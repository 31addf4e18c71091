//! Failures on standard error: what failed, why, and what to do next.

use std::{
    collections::BTreeSet,
    error::Error,
    io::{self, IsTerminal, Write},
};

use super::{
    context::{self, Context},
    exit::Exit,
    signs,
};
use crate::{
    model::text::clean,
    ops::{self, missing::Missing},
};

/// Says what failed on standard error: `error: what: cause: cause`, then a `hint: …` line each. A standard error that
/// is gone changes nothing.
pub(super) fn report(error: &anyhow::Error, colours: bool) {
    let mut text = paragraph("error", 31, colours, &sentence(error.as_ref()));
    for hint in hints(error) {
        text.push_str(&paragraph("hint", 36, colours, hint));
    }
    print(&text);
}

/// Says on standard error what could not be printed because IAM said no, and returns how the command ends: done only
/// where nothing is missing.
pub(super) fn denied(denied: Vec<ops::Error>, context: &Context) -> Exit {
    let exit = if denied.is_empty() { Exit::Done } else { Exit::Failed };
    let colours = context::colours(context.options.color, io::stderr().is_terminal());
    for error in denied {
        report(&error.into(), colours);
    }
    exit
}

/// Says what failed as ecsman does, and returns how it ends then.
pub(super) fn as_ecsman(error: &anyhow::Error, context: &Context) -> Exit {
    let colours = context::colours(context.options.color, io::stderr().is_terminal());
    let text = format!("Error {}\n", clean(sentence(error.as_ref()).replacen(": ", " ==> ", 1)));
    print(&hints(error).fold(text, |text, hint| text + &paragraph("hint", 36, colours, hint)));
    Exit::Failed
}

/// Writes a text for people on standard error. One that is gone changes nothing.
pub(super) fn print(text: &str) {
    let _gone = io::stderr().write_all(signs::written(text).as_bytes());
}

/// Says each part that could not be read, once; returns whether there is one.
pub(super) fn missing<'a>(parts: impl Iterator<Item = &'a Missing>) -> bool {
    let lines: BTreeSet<String> = parts.map(Missing::line).collect();
    for line in &lines {
        say(line);
    }
    !lines.is_empty()
}

/// Says one line on standard error.
pub(super) fn say(text: &str) {
    print(&format!("ecsui: {}\n", clean(text)));
}

/// Whether the reader of our output has gone: somebody piped us into `head` and has seen enough.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(is_epipe))
}

fn is_epipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

/// Returns an error and its causes, each of which says only what its own level failed at.
fn sentence(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // An error that passes on what its cause says is not heard twice.
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

fn hints(error: &anyhow::Error) -> impl Iterator<Item = &String> {
    error.chain().filter_map(|cause| cause.downcast_ref::<ops::Error>()).flat_map(|error| &error.hints)
}

/// Returns `label: text`, with later lines of the text indented; nothing in it that a terminal obeys but our colour.
fn paragraph(label: &str, colour: u8, colours: bool, text: &str) -> String {
    let label = if colours { format!("\u{1b}[1;{colour}m{label}:\u{1b}[0m ") } else { format!("{label}: ") };
    let lines: Vec<String> = text.lines().map(clean).collect();
    label + &lines.join("\n  ") + "\n"
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn causes_follow_once_each() {
        let cause = io::Error::other("connection refused");
        let error = ops::Error {
            kind: ops::Kind::Unreachable,
            what: "the clusters cannot be listed".to_owned(),
            source: Some(Box::new(cause)),
            hints: vec!["is it up?".to_owned()],
        };
        let error = anyhow::Error::new(error);
        assert_eq!(sentence(error.as_ref()), "the clusters cannot be listed: connection refused");
        assert_eq!(hints(&error).collect::<Vec<_>>(), ["is it up?"]);
    }

    #[test]
    fn nothing_from_outside_reaches_the_terminal_as_it_is() {
        assert_eq!(paragraph("error", 31, false, "no \u{1b}[2Jcluster\nprod\r"), "error: no ␛[2Jcluster\n  prod \n");
        assert_eq!(paragraph("hint", 36, true, "x"), "\u{1b}[1;36mhint:\u{1b}[0m x\n");
    }

    #[test]
    fn a_broken_pipe_is_found_below_its_context() {
        let broken = Err::<(), _>(io::Error::from(io::ErrorKind::BrokenPipe)).context("printing").unwrap_err();
        assert!(is_broken_pipe(&broken));
        assert!(!is_broken_pipe(&anyhow::anyhow!("denied")));
    }
}
