//! What stands before a change: a question, a name to be typed, or a refusal; by the settings.

use crate::config::{GuardAction, GuardColour, Settings, Subject};

/// What stands before a change. The later ones are stricter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// A yes.
    Ask,
    /// This text, typed.
    Type(String),
    /// Nothing: it is not made, and why.
    Refused(String),
}

/// Returns what stands before a change of these things, and the colour that the rules give to them; `name` is what has
/// to be typed where a rule wants that. Of all rules that fit one of the things the strictest holds.
pub fn of(settings: &Settings, subjects: &[Subject<'_>], name: &str) -> (Guard, Option<GuardColour>) {
    let fits =
        |subject: &Subject<'_>| settings.guards.iter().filter(move |rule| rule.fits(subject)).collect::<Vec<_>>();
    let rules: Vec<_> = subjects.iter().flat_map(fits).collect();
    let colour = rules.iter().find_map(|rule| rule.color);
    if settings.read_only {
        return (Guard::Refused("ecsui is read-only (read_only in the config, or --read-only)".to_owned()), colour);
    }
    let strictest = rules.iter().max_by_key(|rule| rule.action);
    let guard = match strictest.map(|rule| (rule.action, rule)) {
        None | Some((GuardAction::Confirm, _)) => Guard::Ask,
        Some((GuardAction::Type, _)) => Guard::Type(name.to_owned()),
        Some((GuardAction::Refuse, rule)) => Guard::Refused(rule.refusal()),
    };
    (guard, colour)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::GuardRule;

    fn rule(cluster: &str, action: GuardAction, color: Option<GuardColour>) -> GuardRule {
        GuardRule { cluster: Some(cluster.into()), action, color, ..GuardRule::default() }
    }

    fn subject(cluster: &str) -> Subject<'_> {
        Subject { cluster: Some(cluster), ..Subject::default() }
    }

    #[test]
    fn the_strictest_rule_that_fits_holds() {
        let guards = vec![
            rule("prod*", GuardAction::Type, None),
            rule("*", GuardAction::Confirm, Some(GuardColour::Yellow)),
            rule("prod-pci", GuardAction::Refuse, Some(GuardColour::Red)),
        ];
        let settings = Settings { guards, ..Settings::default() };
        let of = |clusters: &[&str]| of(&settings, &clusters.iter().map(|it| subject(it)).collect::<Vec<_>>(), "api");
        assert_eq!(of(&["dev"]), (Guard::Ask, Some(GuardColour::Yellow)));
        assert_eq!(of(&["prod"]).0, Guard::Type("api".to_owned()));
        assert_eq!(of(&["dev", "prod"]).0, Guard::Type("api".to_owned()), "one of several is enough");
        let refused = "a [[guard]] rule of the config refuses changes of cluster \"prod-pci\"";
        assert_eq!(of(&["prod-pci"]).0, Guard::Refused(refused.to_owned()));
    }

    #[test]
    fn read_only_refuses_whatever_the_rules_say() {
        let settings = Settings { read_only: true, ..Settings::default() };
        assert!(matches!(of(&settings, &[subject("dev")], "api").0, Guard::Refused(_)));
        assert_eq!(of(&Settings::default(), &[subject("dev")], "api"), (Guard::Ask, None));
    }
}
