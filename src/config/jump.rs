//! `[[jump]]`: the profiles and regions whose containers the jump finds beside those of where the browser is.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::model::is_region;

/// Every one of these profiles in every one of these regions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JumpRule {
    /// The profiles; none means the one that the program began with.
    pub profiles: Vec<String>,
    /// The regions; none means each profile's own.
    pub regions: Vec<String>,
}

/// A rule as the file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    profiles: Option<Spanned<Names>>,
    regions: Option<Spanned<Names>>,
}

/// Names, each with its place.
type Names = Vec<Spanned<String>>;

/// Returns the rules of the file, or what is wrong with one and where.
pub(super) fn rules(tables: Vec<Spanned<Table>>) -> Result<Vec<JumpRule>, (String, Range<usize>)> {
    tables.into_iter().map(rule).collect()
}

impl JumpRule {
    /// Returns the rule in words: `profiles dev, prod; regions eu-west-1`.
    pub fn words(&self) -> String {
        let named = [("profiles", &self.profiles), ("regions", &self.regions)].into_iter();
        let named = named.filter(|(_, names)| !names.is_empty());
        named.map(|(what, names)| format!("{what} {}", names.join(", "))).collect::<Vec<_>>().join("; ")
    }
}

fn rule(table: Spanned<Table>) -> Result<JumpRule, (String, Range<usize>)> {
    let span = table.span();
    let Table { profiles, regions } = table.into_inner();
    if profiles.is_none() && regions.is_none() {
        return Err((
            "expected profiles, regions or both, for instance profiles = [\"dev\", \"prod\"]".to_owned(),
            span,
        ));
    }
    let profiles = names(profiles, |_| None)?;
    let regions = names(regions, |name| {
        (!is_region(name)).then(|| format!("{name:?} is not the name of a region: expected for instance \"eu-west-1\""))
    })?;
    Ok(JumpRule { profiles, regions })
}

/// Returns the names of a list that is there and not empty, unless `wrong` finds one of them to be.
fn names(
    list: Option<Spanned<Names>>,
    wrong: impl Fn(&str) -> Option<String>,
) -> Result<Vec<String>, (String, Range<usize>)> {
    let Some(list) = list else { return Ok(Vec::new()) };
    if list.get_ref().is_empty() {
        return Err(("expected at least one name".to_owned(), list.span()));
    }
    let name = |name: Spanned<String>| {
        let empty = name.get_ref().is_empty().then(|| "expected a name".to_owned());
        match empty.or_else(|| wrong(name.get_ref())) {
            Some(what) => Err((what, name.span())),
            None => Ok(name.into_inner()),
        }
    };
    list.into_inner().into_iter().map(name).collect()
}
