//! Words against names: what is typed, and how close it comes to a thing.

mod column;

use nucleo::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

use super::{Depth, Found, Target};
use crate::{
    model::{Arn, Service, query::NoColumn},
    ops::{Error, Kind, Result},
};
use column::InColumn;

/// How close a word comes to a name: letter by letter the same, within it as it stands, or with letters between.
const EXACT: u32 = 3;
const WITHIN: u32 = 2;
const FUZZY: u32 = 1;

/// How many hexadecimal digits the id of a task has.
const ID: usize = 32;

/// How close words come to a thing: all of them together, and then the one that comes least close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fit {
    sum: u32,
    least: u32,
}

impl Fit {
    /// What no words say of everything.
    const WHATEVER: Self = Self { sum: 0, least: EXACT };

    /// Whether every word is a name letter by letter.
    pub(super) fn is_exact(self) -> bool {
        self.least >= EXACT
    }

    /// Whether every word stands in a name as it was typed.
    pub(super) fn is_close(self) -> bool {
        self.least >= WITHIN
    }

    fn and(self, word: u32) -> Self {
        Self { sum: self.sum + word, least: self.least.min(word) }
    }
}

/// The words, ready to be matched.
pub(super) struct Query(Vec<Word>);

enum Word {
    Arn(Arn),
    Path(Vec<Part>),
    Free(Part),
    Column(InColumn),
}

/// One name as it was typed.
pub(super) struct Part {
    text: String,
    pattern: Pattern,
    /// The beginning of a task's id, where it may be one.
    id: Option<String>,
}

impl Query {
    /// Reads words for things of the wanted depths; a column that these do not have is an error of usage.
    pub(super) fn new(words: &[String], wanted: &[Depth]) -> Result<Self> {
        let words = words.iter().flat_map(|word| word.split_whitespace());
        let deepest = wanted.iter().max().copied().unwrap_or(Depth::Cluster);
        let word = |word: &str| {
            if let Ok(arn) = word.parse::<Arn>() {
                return Ok(Word::Arn(arn));
            }
            if let Some(in_column) = InColumn::of(word, deepest)? {
                return Ok(Word::Column(in_column));
            }
            Ok(if word.contains('/') {
                Word::Path(word.split('/').filter(|part| !part.is_empty()).map(Part::new).collect())
            } else {
                Word::Free(Part::new(word))
            })
        };
        words.map(word).collect::<std::result::Result<_, NoColumn>>().map(Self).map_err(|error| {
            let what = format!("there is no column {} to look in", error.name);
            Error::new(Kind::Usage, what).hint(format!(
                "there are {}; '{}: looks for the text itself",
                error.there.join(", "),
                error.name
            ))
        })
    }

    /// Whether nothing was said.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the ARNs among the words.
    pub(super) fn arns(&self) -> impl Iterator<Item = &Arn> {
        self.0.iter().filter_map(|word| match word {
            Word::Arn(arn) => Some(arn),
            Word::Path(_) | Word::Free(_) | Word::Column(_) => None,
        })
    }

    /// Returns whatever may be the whole id of a task.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.parts().filter_map(|part| part.id.as_deref()).filter(|id| id.len() == ID)
    }

    /// Returns whatever may be the very name of a service.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let named = self.arns().filter(|arn| arn.kind() == "service").map(Arn::name);
        named.chain(self.parts().map(|part| &*part.text).filter(|text| is_name(text)))
    }

    /// Returns the clusters that need to be looked into: the very name of a cluster before other parts means that
    /// cluster, and the ARNs of services and tasks hold theirs.
    pub(super) fn narrow(&self, clusters: &[Arn]) -> Vec<Arn> {
        let means = |word: &Word, cluster: &Arn| match word {
            Word::Arn(arn) => arn.cluster().as_ref() == Some(cluster),
            Word::Path(parts) => parts.len() > 1 && parts[0].text == cluster.name(),
            Word::Free(_) | Word::Column(_) => false,
        };
        let in_columns = |cluster: &&Arn| {
            self.0.iter().all(|word| match word {
                Word::Column(word) => word.allows(cluster),
                Word::Arn(_) | Word::Path(_) | Word::Free(_) => true,
            })
        };
        let by_word = |word: &Word| clusters.iter().find(|cluster| means(word, cluster));
        let first = || match &self.0[..] {
            [Word::Free(part), _, ..] => clusters.iter().find(|cluster| part.text == cluster.name()),
            _ => None,
        };
        let named = self.0.iter().find_map(by_word).or_else(first);
        named.map_or_else(|| clusters.iter().filter(in_columns).cloned().collect(), |cluster| vec![cluster.clone()])
    }

    /// Returns the service whose very name stands first, or after its cluster's; or whose ARN is among the words.
    pub(super) fn service<'a>(&self, services: &'a [Service]) -> Option<&'a Service> {
        let by_arn = |arn: &Arn| services.iter().find(|service| service.arn == *arn);
        let by_name = || {
            let mut parts = self.parts().map(|part| &*part.text).peekable();
            let cluster = services.first()?.cluster.name();
            parts.next_if(|part| *part == cluster);
            let name = parts.next()?;
            services.iter().find(|service| *service.name == *name)
        };
        self.arns().find_map(by_arn).or_else(by_name)
    }

    /// Returns those of the things that all words fit.
    pub(super) fn fitting(&self, targets: impl IntoIterator<Item = Target>) -> Vec<Found> {
        let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
        let found = targets.into_iter().filter_map(|target| {
            let fit = self.fit(&target, &mut matcher)?;
            Some(Found { target, fit })
        });
        found.collect()
    }

    fn fit(&self, target: &Target, matcher: &mut Matcher) -> Option<Fit> {
        let levels = levels(target);
        self.0.iter().try_fold(Fit::WHATEVER, |fit, word| match word {
            Word::Arn(arn) => is_of(target, arn).then(|| fit.and(EXACT)),
            Word::Path(parts) => parts_fit(fit, parts, &levels, matcher),
            Word::Free(part) => Some(fit.and(part.free_fit(&levels, matcher)?)),
            Word::Column(word) => Some(fit.and(if word.fit(target)? { EXACT } else { WITHIN })),
        })
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        self.0.iter().flat_map(|word| match word {
            Word::Arn(_) | Word::Column(_) => &[],
            Word::Path(parts) => &parts[..],
            Word::Free(part) => std::slice::from_ref(part),
        })
    }
}

impl Part {
    pub(super) fn new(text: &str) -> Self {
        let hexadecimal = text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        Self {
            text: text.to_owned(),
            pattern: Pattern::parse(text, CaseMatching::Smart, Normalization::Smart),
            id: hexadecimal.then(|| text.to_ascii_lowercase()),
        }
    }

    /// Returns how close this comes to a name.
    pub(super) fn fit(&self, name: &str, matcher: &mut Matcher) -> Option<u32> {
        if self.text == name {
            return Some(EXACT);
        }
        let mut buffer = Vec::new();
        self.pattern.score(Utf32Str::new(name, &mut buffer), matcher)?;
        Some(if name.to_lowercase().contains(&self.text.to_lowercase()) { WITHIN } else { FUZZY })
    }

    /// Returns how close this comes to a name of a level; ids are matched by their beginning alone.
    fn level_fit(&self, level: &Level<'_>, matcher: &mut Matcher) -> Option<u32> {
        match level {
            Level::Name(name) => self.fit(name, matcher),
            Level::Id(id) if self.id.as_ref().is_some_and(|start| id.starts_with(start)) => Some(EXACT),
            Level::Id(_) => None,
        }
    }

    /// Returns how well this fits a thing as a whole: the best of its names, or else all of them in one.
    fn free_fit(&self, levels: &[Level<'_>], matcher: &mut Matcher) -> Option<u32> {
        // A word that excludes must find nothing anywhere.
        let excludes = self.text.starts_with('!');
        let best = levels.iter().filter_map(|level| self.level_fit(level, matcher)).max();
        if best.is_some() && !excludes {
            return best;
        }
        let names = levels.iter().filter_map(|level| match level {
            Level::Name(name) => Some(*name),
            Level::Id(_) => None,
        });
        let whole = names.collect::<Vec<_>>().join("/");
        let mut buffer = Vec::new();
        self.pattern.score(Utf32Str::new(&whole, &mut buffer), matcher).map(|_| FUZZY)
    }
}

/// One part of a thing's path.
enum Level<'a> {
    Name(&'a str),
    Id(&'a str),
}

/// Returns the parts of a thing's path, as deep as the thing lies.
fn levels(target: &Target) -> Vec<Level<'_>> {
    let mut levels = vec![Level::Name(target.cluster().name())];
    levels.extend(target.place().map(Level::Name));
    levels.extend(target.task().map(|task| Level::Id(task.arn.name())));
    levels.extend(target.container().map(Level::Name));
    levels
}

/// Returns the best way to lay the parts on the levels, both from left to right, where there is one.
fn parts_fit(fit: Fit, parts: &[Part], levels: &[Level<'_>], matcher: &mut Matcher) -> Option<Fit> {
    let Some((part, rest)) = parts.split_first() else { return Some(fit) };
    let mut best = None;
    for (index, level) in levels.iter().enumerate() {
        if let Some(here) = part.level_fit(level, matcher) {
            best = best.max(parts_fit(fit.and(here), rest, &levels[index + 1..], matcher));
        }
    }
    best
}

/// Whether a thing lies in, or is, what an ARN names; a task also lies in its definition and its instance.
fn is_of(target: &Target, arn: &Arn) -> bool {
    match arn.kind() {
        "cluster" => target.cluster() == arn,
        "service" => {
            // ARNs of the old format hold no cluster: `service/NAME`.
            let cluster_is_right = arn.cluster().is_none_or(|cluster| cluster == *target.cluster());
            target.service() == Some(arn.name()) && cluster_is_right
        }
        "task" => target.task().is_some_and(|task| task.arn == *arn),
        "container" => {
            let named = target.task().zip(target.container()).and_then(|(task, name)| task.container(name));
            named.is_some_and(|container| container.arn.as_ref() == Some(arn))
        }
        "task-definition" => target.task().is_some_and(|task| task.definition == *arn),
        "container-instance" => target.task().is_some_and(|task| task.instance.as_ref() == Some(arn)),
        _ => false,
    }
}

/// Whether a text can be a name in ECS as it stands: fzf's marks cannot.
fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}
