//! `[[guard]]`: what stands before a change, by profile, account, region, cluster and service.

use serde::Deserialize;

/// A rule of the config.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuardRule {
    /// The profile's name.
    pub profile: Option<Glob>,
    /// The account, twelve digits.
    pub account: Option<Glob>,
    /// The region.
    pub region: Option<Glob>,
    /// The cluster's name.
    pub cluster: Option<Glob>,
    /// The service's name.
    pub service: Option<Glob>,
    /// What stands before the change.
    pub action: GuardAction,
    /// The colour of the browser's frame while such a thing is looked at.
    pub color: Option<GuardColour>,
}

/// What stands before a change; the later ones are stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GuardAction {
    /// A yes.
    #[default]
    Confirm,
    /// The name of what is changed, typed.
    Type,
    /// Nothing: it is not made.
    Refuse,
}

/// A colour of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "a colour is its name")]
pub enum GuardColour {
    Red,
    Yellow,
    Green,
    Cyan,
    Blue,
    Magenta,
}

/// What a change is about, as far as rules ask; clusters and services that it is not about are `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Subject<'a> {
    /// The profile's name.
    pub profile: &'a str,
    /// The account; `None` where it is not known.
    pub account: Option<&'a str>,
    /// The region; `None` where it is not known.
    pub region: Option<&'a str>,
    /// The cluster's name.
    pub cluster: Option<&'a str>,
    /// The service's name.
    pub service: Option<&'a str>,
}

/// A name with `*` for any characters and `?` for one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Glob(String);

impl GuardRule {
    /// Whether the rule is about this: everything that the rule names must fit. Where the account or the region cannot
    /// be told, a rule that names one is taken to be about it.
    pub fn fits(&self, subject: &Subject<'_>) -> bool {
        let fits = |glob: &Option<Glob>, name: Option<&str>, unknown: bool| {
            glob.as_ref().is_none_or(|glob| name.map_or(unknown, |name| glob.fits(name)))
        };
        fits(&self.profile, Some(subject.profile), false)
            && fits(&self.account, subject.account, true)
            && fits(&self.region, subject.region, true)
            && fits(&self.cluster, subject.cluster, false)
            && fits(&self.service, subject.service, false)
    }

    /// Returns the rule in words, for whoever wonders which one it was: `cluster "prod*", action "refuse"`.
    pub fn words(&self) -> String {
        let names = [
            ("profile", &self.profile),
            ("account", &self.account),
            ("region", &self.region),
            ("cluster", &self.cluster),
            ("service", &self.service),
        ];
        let named = names.into_iter().filter_map(|(name, glob)| Some(format!("{name} {:?}", glob.as_ref()?.0)));
        let words: Vec<String> = named.collect();
        if words.is_empty() { "everything".to_owned() } else { words.join(", ") }
    }

    /// Returns why nothing is changed where the rule refuses it.
    pub fn refusal(&self) -> String {
        format!("a [[guard]] rule of the config refuses changes of {}", self.words())
    }
}

impl Glob {
    /// Whether a name is meant.
    pub fn fits(&self, name: &str) -> bool {
        fits(&self.0.chars().collect::<Vec<_>>(), &name.chars().collect::<Vec<_>>())
    }
}

impl From<&str> for Glob {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Whether a name fits a pattern: after a mismatch the last star takes one character more.
fn fits(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut seen, mut star) = (0, 0, None);
    while seen < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || *wanted == name[seen] => (at, seen) = (at + 1, seen + 1),
            _ => match star {
                Some((place, taken)) => {
                    star = Some((place, taken + 1));
                    (at, seen) = (place + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_and_question_marks_stand_for_characters() {
        for (glob, name) in
            [("prod*", "prod"), ("prod*", "prod-eu"), ("*eu*", "prod-eu-1"), ("p?od", "prod"), ("*", "")]
        {
            assert!(Glob::from(glob).fits(name), "{glob} {name}");
        }
        for (glob, name) in [("prod*", "preprod"), ("prod", "prod-eu"), ("p?od", "pod"), ("", "x"), ("*a", "ab")] {
            assert!(!Glob::from(glob).fits(name), "{glob} {name}");
        }
    }

    #[test]
    fn all_that_a_rule_names_must_fit() {
        let rule = GuardRule { account: Some("4829*".into()), cluster: Some("prod*".into()), ..GuardRule::default() };
        let prod = Subject { account: Some("482913007156"), cluster: Some("prod"), ..Subject::default() };
        assert!(rule.fits(&prod));
        assert!(!rule.fits(&Subject { cluster: Some("dev"), ..prod }));
        assert!(!rule.fits(&Subject { cluster: None, ..prod }));
        assert!(!rule.fits(&Subject { account: Some("1"), ..prod }));
        assert!(rule.fits(&Subject { account: None, ..prod }), "who cannot tell the account is not let through");
        let of_region = GuardRule { region: Some("eu-west-1".into()), ..GuardRule::default() };
        assert!(of_region.fits(&Subject { region: Some("eu-west-1"), ..prod }));
        assert!(!of_region.fits(&Subject { region: Some("us-east-1"), ..prod }));
        assert!(of_region.fits(&Subject { region: None, ..prod }), "nor who cannot tell the region");
        assert_eq!(rule.words(), "account \"4829*\", cluster \"prod*\"");
    }

    proptest! {
        #[test]
        fn a_name_fits_itself_and_a_star_fits_all(name in "[a-z*?-]{0,12}", other in ".{0,12}") {
            prop_assert!(Glob::from(&*name).fits(&name));
            prop_assert!(Glob::from("*").fits(&other));
            let before = format!("{other}*");
            prop_assert!(Glob::from(&*before.replace(['*', '?'], "") ).fits(&before.replace(['*', '?'], "")));
        }
    }
}
