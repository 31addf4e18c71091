//! Which settings hold, and where each comes from.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use toml::Value;

use super::{
    Layer, Settings, file,
    keymap::ACTIONS,
    written::{Written, keys, written},
};

/// A setting that holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Its name in the file, after that of its table: `session.escape`.
    pub name: String,
    /// Its value as the file would have it; `None` where AWS's tools or the moment decide.
    pub value: Option<Value>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag, by its name.
    Flag(&'static str),
    /// A variable of the environment, by its name.
    Variable(&'static str),
    /// The config file, and the line there, counted from 1.
    File(PathBuf, usize),
    /// Nobody said anything.
    Default,
}

/// Returns the settings that hold when these flags are given, in the order of the example config. The file is its text
/// and its path. What would let somebody in through an endpoint's address is left out.
pub fn told(
    flags: &Layer,
    variable: impl Fn(&str) -> Option<String>,
    file: Option<(&str, &Path)>,
) -> Result<Vec<Told>, super::Error> {
    let layer = file.map_or_else(|| Ok(Layer::default()), |(text, path)| super::parse(text, path))?;
    let lines = file.map_or_else(|| (BTreeMap::new(), Path::new("")), |(text, path)| (file::lines(text), path));
    let in_file = |name: &str| match lines.0.get(name) {
        Some(line) => Origin::File(lines.1.to_owned(), *line),
        None => Origin::Default,
    };
    let settings = Settings::layered(flags.clone(), &variable, layer);
    let variable = |name: &&'static str| variable(name).filter(|value| !value.is_empty()).map(|value| (*name, value));
    let one = |setting: Written| {
        let Written { table, name, value, flag, variables, .. } = setting;
        let name = if table.is_empty() { name.to_owned() } else { format!("{table}.{name}") };
        let (value, origin) = match (flag, variables.iter().find_map(variable)) {
            (Some((flag, is_given)), _) if is_given(flags) => (value, Origin::Flag(flag)),
            // Those that the SDK reads itself are not among our settings.
            (_, Some((variable, said))) => (value.or(Some(said.into())), Origin::Variable(variable)),
            (_, None) => (value, in_file(&name)),
        };
        Told { value: value.map(without_userinfo), name, origin }
    };
    let mut told: Vec<Told> = written(&settings).into_iter().map(one).collect();
    for (index, rule) in settings.guards.iter().enumerate() {
        let name = format!("guard.{}", index + 1);
        told.push(Told { value: Some(rule.words().into()), origin: in_file(&name), name });
    }
    for (index, action) in settings.own_actions.iter().enumerate() {
        let name = format!("action.{}", index + 1);
        let value = format!("{}: {}", action.name, action.line());
        told.push(Told { value: Some(value.into()), origin: in_file(&name), name });
    }
    for (index, rule) in settings.jump.iter().enumerate() {
        let name = format!("jump.{}", index + 1);
        told.push(Told { value: Some(rule.words().into()), origin: in_file(&name), name });
    }
    for (role, paint) in settings.looks.palette.entries() {
        let name = format!("colors.{role}");
        told.push(Told { value: paint.map(|paint| paint.to_string().into()), origin: in_file(&name), name });
    }
    for info in ACTIONS {
        let name = format!("keys.{}", info.name);
        told.push(Told { value: Some(keys(&settings.keymap, info.action)), origin: in_file(&name), name });
    }
    Ok(told)
}

/// Returns the value; of an address, without name and password in it.
fn without_userinfo(value: Value) -> Value {
    let shortened = value.as_str().and_then(|text| {
        let (scheme, rest) = text.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let at = rest[..end].rfind('@')?;
        Some(format!("{scheme}://…{}", &rest[at..]))
    });
    shortened.map_or(value, Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(flags: &Layer, environment: &[(&str, &str)], text: &str, name: &str) -> (String, Origin) {
        let variable =
            |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let told = told(flags, variable, Some((text, Path::new("c.toml")))).unwrap();
        let found = told.into_iter().find(|told| told.name == name).unwrap();
        (found.value.map_or_else(String::new, |value| value.to_string()), found.origin)
    }

    fn in_file(line: usize) -> Origin {
        Origin::File("c.toml".into(), line)
    }

    #[test]
    fn each_setting_says_who_set_it() {
        let text = "profile = \"file\"\nregion = \"eu-west-1\"\n[session]\nescape = \"%\"\n[keys]\nrefresh = \"f9\"\n";
        let flags = &Layer { profile: Some("flag".to_owned()), ..Layer::default() };
        let none = &Layer::default();
        let dev = &[("ECSCREDENTIAL", "dev"), ("AWS_REGION", "us-east-1"), ("NO_COLOR", "1")][..];
        assert_eq!(origin(flags, dev, text, "profile"), ("\"flag\"".to_owned(), Origin::Flag("--profile")));
        assert_eq!(origin(none, dev, text, "profile"), ("\"dev\"".to_owned(), Origin::Variable("ECSCREDENTIAL")));
        assert_eq!(origin(none, &[], text, "profile"), ("\"file\"".to_owned(), in_file(1)));
        assert_eq!(origin(none, &[], "", "profile"), (String::new(), Origin::Default));
        assert_eq!(origin(none, dev, text, "region"), ("\"us-east-1\"".to_owned(), Origin::Variable("AWS_REGION")));
        assert_eq!(origin(none, dev, text, "color"), ("false".to_owned(), Origin::Variable("NO_COLOR")));
        assert_eq!(origin(none, &[], text, "session.escape"), ("\"%\"".to_owned(), in_file(4)));
        assert_eq!(origin(none, &[], text, "keys.refresh").1, in_file(6));
        assert_eq!(origin(none, &[], text, "keys.help").1, Origin::Default);
    }

    #[test]
    fn a_variable_that_is_empty_says_nothing() {
        assert_eq!(origin(&Layer::default(), &[("AWS_REGION", "")], "", "region").1, Origin::Default);
    }

    #[test]
    fn guards_are_counted_from_one() {
        let (words, origin) = origin(&Layer::default(), &[], "[[guard]]\ncluster = \"prod*\"\n", "guard.1");
        assert!(words.contains("prod*"), "{words}");
        assert_eq!(origin, in_file(1));
    }

    #[test]
    fn sites_of_the_jump_are_told_with_their_lines() {
        let text = "utc = true\n[[jump]]\nprofiles = [\"dev\"]\n[[jump]]\nregions = [\"eu-west-1\"]\n";
        let found = origin(&Layer::default(), &[], text, "jump.2");
        assert_eq!(found, ("\"regions eu-west-1\"".to_owned(), in_file(4)));
    }

    #[test]
    fn no_password_of_an_address_is_told() {
        for (address, shown) in [
            ("http://me:pass@host:1/x", "http://…@host:1/x"),
            ("http://host/x@y", "http://host/x@y"),
            ("http://a@b@host?x", "http://…@host?x"),
        ] {
            let flags = Layer { endpoint_url: Some(address.to_owned()), ..Layer::default() };
            assert_eq!(origin(&flags, &[], "", "endpoint_url").0, format!("{shown:?}"), "{address}");
        }
    }
}
