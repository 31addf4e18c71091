//! The question which of several things is meant, on the terminal.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal},
};

use super::prompt;

/// How many candidates are shown at once.
const SHOWN: usize = 20;

/// What was found by one name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place<T> {
    name: String,
    found: Vec<T>,
}

/// Whether there is somebody to ask.
pub(super) fn somebody_can_choose() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks until one name is left: a number chooses it, letters narrow the list. Returns what was found by that name, or
/// nothing if the person would rather not. The names are safe to show.
pub(super) fn pick<T: Clone>(found: impl Iterator<Item = (String, T)>) -> anyhow::Result<Option<Vec<T>>> {
    let mut places = places(found);
    while places.len() > 1 {
        let Some(line) = ask(&places)? else { return Ok(None) };
        places = narrow(places, &line);
    }
    Ok(places.pop().map(|place| place.found))
}

/// Shows the places and returns what is typed; nothing for ctrl-d.
fn ask<T>(places: &[Place<T>]) -> anyhow::Result<Option<String>> {
    let mut question = String::new();
    for (place, number) in places.iter().take(SHOWN).zip(1..) {
        writeln!(question, "{number:4}  {}", place.name).expect("a string takes everything");
    }
    if places.len() > SHOWN {
        writeln!(question, "      and {} more", places.len() - SHOWN).expect("a string takes everything");
    }
    question.push_str("Which one? (its number, or some of its letters) ");
    prompt::line_or_end(&question)
}

/// Returns the places that an answer leaves; all of them where it fits none.
fn narrow<T: Clone>(places: Vec<Place<T>>, answer: &str) -> Vec<Place<T>> {
    if let Some(place) = answer.trim().parse::<usize>().ok().and_then(|number| places.get(number.checked_sub(1)?)) {
        return vec![place.clone()];
    }
    let words: Vec<String> = answer.split_whitespace().map(str::to_lowercase).collect();
    let fits = |place: &&Place<T>| words.iter().all(|word| place.name.to_lowercase().contains(word));
    let left: Vec<Place<T>> = places.iter().filter(fits).cloned().collect();
    if left.is_empty() { places } else { left }
}

/// Gathers what was found by the name of its place, in the order of the first of each.
fn places<T>(found: impl Iterator<Item = (String, T)>) -> Vec<Place<T>> {
    let mut places: Vec<Place<T>> = Vec::new();
    for (name, found) in found {
        match places.iter_mut().find(|place| place.name == name) {
            Some(place) => place.found.push(found),
            None => places.push(Place { name, found: vec![found] }),
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Vec<Place<u8>> {
        let found = [("prod/api", 1), ("prod/web", 2), ("prod/api", 3), ("dev/API", 4)];
        places(found.into_iter().map(|(name, found)| (name.to_owned(), found)))
    }

    fn left(answer: &str) -> Vec<Vec<u8>> {
        narrow(shop(), answer).into_iter().map(|place| place.found).collect()
    }

    #[test]
    fn a_number_chooses() {
        assert_eq!(left("1\n"), [vec![1, 3]]);
        assert_eq!(left(" 3 "), [vec![4]]);
    }

    #[test]
    fn letters_narrow() {
        assert_eq!(left("api"), [vec![1, 3], vec![4]]);
        assert_eq!(left("dev api\n"), [vec![4]]);
    }

    #[test]
    fn what_fits_nothing_changes_nothing() {
        for answer in ["0", "4", "-1", "x", "", "99999999999999999999999"] {
            assert_eq!(left(answer).len(), 3, "{answer}");
        }
    }
}
