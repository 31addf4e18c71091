//! Roles, secrets, and what is denied to whom. What a scenario's definitions name is there without a word.

use std::{collections::BTreeSet, sync::Arc};

use super::World;
use crate::sim::identity;

/// What is there of roles and secrets beside what definitions name, and what is not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Named {
    pub(crate) there: BTreeSet<String>,
    pub(crate) missing: BTreeSet<String>,
}

/// Something that a principal may not do. `*` in a pattern stands for anything.
#[derive(Debug, Clone)]
pub(crate) struct Denied {
    /// The name of a role or of the caller.
    pub(crate) principal: Arc<str>,
    /// `secretsmanager:GetSecretValue`.
    pub(crate) action: Arc<str>,
    pub(crate) resource: Arc<str>,
    /// Whether a policy says so, and not only that none allows it.
    pub(crate) explicit: bool,
    /// The key on whose value in a call it depends; all calls here have the right one.
    pub(crate) unless: Option<Arc<str>>,
}

impl Denied {
    /// Whether it is this that is denied.
    pub(crate) fn strikes(&self, principal: &str, action: &str, resource: &str) -> bool {
        fits(&self.principal, principal)
            && fits(&self.action.to_lowercase(), &action.to_lowercase())
            && fits(&self.resource, resource)
    }
}

impl World {
    /// Denies something to a role or the caller, by name; `*` stands for anything in each.
    pub fn deny(&mut self, principal: &str, action: &str, resource: &str) {
        let (principal, action, resource) = (principal.into(), action.into(), resource.into());
        self.denied.push(Denied { principal, action, resource, explicit: false, unless: None });
    }

    /// Does what [`World::deny`] does, by a policy that says so.
    pub fn forbid(&mut self, principal: &str, action: &str, resource: &str) {
        let (principal, action, resource) = (principal.into(), action.into(), resource.into());
        self.denied.push(Denied { principal, action, resource, explicit: true, unless: None });
    }

    /// Allows something only to calls that have a value of this key: `aws:SourceVpc`.
    pub fn allow_with(&mut self, principal: &str, action: &str, resource: &str, key: &str) {
        let (principal, action, resource) = (principal.into(), action.into(), resource.into());
        self.denied.push(Denied { principal, action, resource, explicit: false, unless: Some(key.into()) });
    }

    /// Whether a principal may do something.
    pub(crate) fn may(&self, principal: &str, action: &str, resource: &str) -> bool {
        let mut denied = self.denied.iter().filter(|denied| denied.unless.is_none());
        !denied.any(|denied| denied.strikes(principal, action, resource))
    }

    /// Takes a role away.
    pub fn lose_role(&mut self, name: &str) {
        self.roles.missing.insert(name.to_owned());
    }

    /// Takes a secret away, by its name.
    pub fn lose_secret(&mut self, name: &str) {
        self.secrets.missing.insert(name.to_owned());
    }

    /// Adds a secret of this name, and returns its ARN.
    pub fn add_secret(&mut self, name: &str) -> String {
        let suffix: String = identity::hex(&["secret", name], 6);
        let arn = format!("arn:aws:secretsmanager:{}:{}:secret:{name}-{suffix}", self.region, self.account);
        self.secrets.there.insert(arn.clone());
        arn
    }

    /// Whether there is a role of this name.
    pub(crate) fn has_role(&self, name: &str) -> bool {
        let named = || {
            self.scenario_definitions().any(|definition| {
                let roles = [&definition.template.task_role, &definition.template.execution_role];
                let filled = roles.into_iter().flatten().map(|role| definition.fill(role));
                filled.into_iter().any(|role| role.rsplit('/').next() == Some(name))
            })
        };
        !self.roles.missing.contains(name) && (self.roles.there.contains(name) || named())
    }

    /// Returns the ARN of the secret that its name, its ARN, or its ARN without the six characters at its end means.
    pub(crate) fn secret(&self, id: &str) -> Option<String> {
        let own = format!("arn:aws:secretsmanager:{}:{}:secret:", self.region, self.account);
        let is_meant = |arn: &String| {
            let full = arn.strip_prefix(&own)?;
            let name = full.rsplit_once('-')?.0;
            let meant = *arn == id || name == id || id.strip_prefix(&own) == Some(name);
            (meant && !self.secrets.missing.contains(name)).then(|| arn.clone())
        };
        self.secrets.there.iter().find_map(is_meant).or_else(|| self.named_secrets().find_map(|arn| is_meant(&arn)))
    }

    /// Returns the ARNs of the secrets that a scenario's definitions name.
    fn named_secrets(&self) -> impl Iterator<Item = String> {
        self.scenario_definitions().flat_map(|definition| {
            let containers = definition.template.containers.iter();
            let secrets = containers.flat_map(|container| &container.secrets);
            let filled =
                secrets.map(|(_, from)| definition.fill(from)).filter(|from| from.contains(":secretsmanager:"));
            // Key, stage and version follow the seven parts of the ARN.
            filled.map(|from| from.splitn(8, ':').take(7).collect::<Vec<_>>().join(":")).collect::<Vec<_>>()
        })
    }
}

/// Whether a text fits a pattern with `*`.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    rest.is_empty()
        || (0..=text.len()).filter(|place| text.is_char_boundary(*place)).any(|place| fits(rest, &text[place..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, fit) in [
            ("*", "", true),
            ("a*", "abc", true),
            ("a*c", "abc", true),
            ("a*b", "abc", false),
            ("*:secret:*", "x:secret:y", true),
            ("abc", "abc", true),
            ("abc", "abcd", false),
        ] {
            assert_eq!(fits(pattern, text), fit, "{pattern} {text}");
        }
    }

    #[test]
    fn secrets_are_found_in_every_spelling() {
        let mut world = World::empty();
        let arn = world.add_secret("prod/db");
        for id in ["prod/db", &arn, arn.rsplit_once('-').unwrap().0] {
            assert_eq!(world.secret(id).as_ref(), Some(&arn), "{id}");
        }
        assert_eq!(world.secret("prod/other"), None);
        world.lose_secret("prod/db");
        assert_eq!(world.secret("prod/db"), None);
    }

    #[test]
    fn the_roles_of_definitions_are_there() {
        let mut world = World::grid(1, 1, 1);
        assert!(world.has_role("ecs-execution") && world.has_role("prod-1-payments-api-000-task"));
        assert!(!world.has_role("nobody"));
        world.lose_role("ecs-execution");
        assert!(!world.has_role("ecs-execution"));
    }
}
