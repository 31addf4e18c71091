//! Where the value of a parameter comes from.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use anyhow::Context as _;

use crate::{
    cli::prompt,
    model::text::clean,
    ops::{Error, Kind},
    session::Secret,
};

/// The largest value that Parameter Store takes, in bytes (advanced tier).
const LARGEST: u64 = 8192;

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source<'a> {
    /// The command line.
    Said(&'a str),
    /// A file.
    File(&'a Path),
    /// Standard input, to its end.
    Stdin,
    /// Somebody who types it unseen.
    Typed,
}

impl<'a> Source<'a> {
    /// Returns where the value comes from that the options name, `asks` being whether somebody can be asked.
    pub(super) fn of(value: Option<&'a str>, file: Option<&'a Path>, asks: bool) -> Self {
        match (value, file) {
            (Some(value), _) => Self::Said(value),
            (None, Some(file)) if file == Path::new("-") => Self::Stdin,
            (None, Some(file)) => Self::File(file),
            (None, None) if asks => Self::Typed,
            (None, None) => Self::Stdin,
        }
    }

    pub(super) fn is_said(self) -> bool {
        matches!(self, Self::Said(_))
    }

    pub(super) fn takes_stdin(self) -> bool {
        matches!(self, Self::Stdin)
    }

    /// Reads the value; `name` is for the question.
    pub(super) fn read(self, name: &str) -> anyhow::Result<Secret> {
        let text = match self {
            Self::Said(value) => value.to_owned(),
            Self::File(file) => {
                let opened = fs::File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
                whole(opened).with_context(|| format!("{} cannot be read", file.display()))?
            }
            Self::Stdin => whole(io::stdin().lock()).context("standard input cannot be read")?,
            Self::Typed => prompt::unseen(&format!("Value of {}: ", clean(name)))?,
        };
        if text.is_empty() {
            return Err(Error::new(Kind::Usage, "the value is empty, which AWS does not take").into());
        }
        Ok(Secret::new(text))
    }
}

/// Reads a text to its end, without the line break there.
fn whole(from: impl io::Read) -> io::Result<String> {
    let mut text = String::new();
    from.take(LARGEST + 2).read_to_string(&mut text)?;
    let end = text.strip_suffix('\n').map_or(text.len(), str::len);
    text.truncate(end);
    if text.ends_with('\r') {
        text.pop();
    }
    if text.len() as u64 > LARGEST {
        return Err(io::Error::other("it is longer than the 8 KiB that a parameter holds"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_from_where_the_options_say() {
        let file = Path::new("value.txt");
        assert_eq!(Source::of(Some("x"), None, true), Source::Said("x"));
        assert_eq!(Source::of(None, Some(file), true), Source::File(file));
        assert_eq!(Source::of(None, Some(Path::new("-")), true), Source::Stdin);
        assert_eq!(Source::of(None, None, true), Source::Typed);
        assert_eq!(Source::of(None, None, false), Source::Stdin);
    }

    #[test]
    fn one_line_break_at_the_end_is_left_out() {
        let read = |text: &str| whole(text.as_bytes()).unwrap();
        assert_eq!([read("x\n"), read("x\r\n"), read("x"), read("a\nb\n\n")], ["x", "x", "x", "a\nb\n"]);
        assert!(whole("x".repeat(9000).as_bytes()).is_err());
    }
}
