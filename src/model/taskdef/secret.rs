//! Which values should not be shown to whoever looks over the shoulder.

use serde_json::Value;

/// What stands in the place of a value that looks secret.
pub const MASK: &str = "••••••";

/// Parts of names that are given to secrets.
const SECRET_WORDS: [&str; 11] =
    ["PASS", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE", "AUTH", "DSN", "COOKIE", "SALT", "SIGNATURE"];

/// The members of a task definition whose own members have names of people's choice.
const MAPS: [&str; 4] = ["options", "dockerLabels", "driverOpts", "labels"];

/// The members whose items are pairs that AWS names: of a task's attachments, `privateIPv4Address` among them.
const TOLD_BY_AWS: &str = "details";

/// Whether a value looks secret: by its name, or because a URL with a password is in it.
pub fn looks_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    !value.is_empty() && (SECRET_WORDS.iter().any(|word| name.contains(word)) || holds_password(value))
}

/// Returns the words of a command with everything masked that looks secret: a URL with a password, what a name is set
/// to (`--token=…`, `TOKEN=…`), the word after an option of such a name, and a whole line for a shell that holds one of
/// these.
pub fn masked_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut is_awaited = false;
    let mask = |word: &'a str| {
        let is_value = std::mem::replace(&mut is_awaited, awaits_secret(word)) && !word.starts_with('-');
        if is_value { MASK.to_owned() } else { masked_word(word) }
    };
    words.into_iter().map(mask).collect()
}

/// Whether a word is an option whose value looks secret and comes with the next one.
fn awaits_secret(word: &str) -> bool {
    word.starts_with('-') && !word.contains(|it: char| it == '=' || it.is_whitespace()) && looks_secret(word, MASK)
}

fn masked_word(word: &str) -> String {
    if looks_secret("", word) || is_line_with_secret(word) {
        return MASK.to_owned();
    }
    match secret_set_in(word) {
        Some(place) => format!("{}{MASK}", &word[..place]),
        None => word.to_owned(),
    }
}

/// Whether a word is a line of several, one of which looks secret.
fn is_line_with_secret(word: &str) -> bool {
    let words: Vec<&str> = word.split_whitespace().collect();
    words.len() > 1 && masked_words(words.iter().copied()) != words
}

/// Returns where in a word the value begins that a name is set to which looks secret.
fn secret_set_in(word: &str) -> Option<usize> {
    let is_of_name = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '.');
    word.match_indices('=').find_map(|(place, _)| {
        let name = word[..place].rsplit(|it| !is_of_name(it)).next()?;
        looks_secret(name, &word[place + 1..]).then_some(place + 1)
    })
}

/// Returns what AWS said of something with every value masked that looks secret.
pub fn masked(value: &Value) -> Value {
    mask(value, None)
}

/// Whether something within a described value looks secret.
pub fn holds_secret(value: &Value) -> bool {
    masked(value) != *value
}

/// Masks a value that stands under `name`, where that is a name of people's choice.
fn mask(value: &Value, name: Option<&str>) -> Value {
    match value {
        Value::String(text) if looks_secret(name.unwrap_or_default(), text) => MASK.into(),
        Value::Array(items) => match all_words(items).filter(|_| name.is_none()) {
            Some(words) => masked_words(words).into(),
            None => items.iter().map(|item| mask(item, name)).collect(),
        },
        Value::Object(members) => {
            let pair = members.get("name").or_else(|| members.get("key")).and_then(Value::as_str);
            let masked = members.iter().map(|(key, member)| {
                let masked = match (key.as_str(), member) {
                    ("value", Value::String(_)) => mask(member, pair),
                    (TOLD_BY_AWS, Value::Array(pairs)) => pairs.iter().map(unless_a_password).collect(),
                    (key, Value::Object(chosen)) if MAPS.contains(&key) => {
                        chosen.iter().map(|(key, value)| (key.clone(), mask(value, Some(key)))).collect()
                    }
                    _ => mask(member, None),
                };
                (key.clone(), masked)
            });
            masked.collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Returns the items of a list that holds words alone, as a command does.
fn all_words(items: &[Value]) -> Option<Vec<&str>> {
    items.iter().map(Value::as_str).collect()
}

/// Masks only what is a password whatever its name.
fn unless_a_password(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(key, member)| (key.clone(), mask(member, None))).collect(),
        other => mask(other, None),
    }
}

/// Whether a text has a URL in it with a password.
fn holds_password(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_that_look_secret_are_masked() {
        for name in ["DB_PASSWORD", "apiKey", "GITHUB_TOKEN", "ClientSecret", "SENTRY_DSN"] {
            assert!(looks_secret(name, "x"), "{name}");
        }
        assert!(!looks_secret("LOG_LEVEL", "debug"));
        assert!(!looks_secret("DB_PASSWORD", ""));
    }

    #[test]
    fn a_url_with_a_password_is_masked_whatever_its_name() {
        assert!(looks_secret("DATABASE_URL", "postgres://app:hunter2@db:5432/app"));
        assert!(looks_secret("DATABASE_URL", "postgres://app:hunt@er2@db:5432/app"));
        assert!(looks_secret("", "serve --see http://example.com --database postgres://app:hunter2@db/app"));
        assert!(!looks_secret("HOMEPAGE", "https://example.com/a:b@c"));
    }

    #[test]
    fn in_a_command_what_is_given_to_a_secret_is_masked_and_the_rest_is_not() {
        let cases: [(&[&str], &[&str]); 8] = [
            (&["x", "--password=hunter2", "-v"], &["x", "--password=••••••", "-v"]),
            (&["env", "DB_PASSWORD=hunter2", "x"], &["env", "DB_PASSWORD=••••••", "x"]),
            (&["x", "--token", "hunter2", "y"], &["x", "--token", "••••••", "y"]),
            (&["x", "--ask-password", "--quiet"], &["x", "--ask-password", "--quiet"]),
            (&["x", "--set=db.password=hunter2"], &["x", "--set=db.password=••••••"]),
            (&["sh", "-c", "x --password='hunter 2'"], &["sh", "-c", MASK]),
            (&["sh", "-c", "psql \"host=db password=hunter2\""], &["sh", "-c", MASK]),
            (
                &["curl", "https://auth.example.com/?page=2", "--password="],
                &["curl", "https://auth.example.com/?page=2", "--password="],
            ),
        ];
        for (command, shown) in cases {
            assert_eq!(masked_words(command.iter().copied()), shown);
            assert_eq!(masked(&json!({ "command": command })), json!({ "command": shown }));
        }
    }

    #[test]
    fn of_a_task_the_overrides_are_masked_and_the_addresses_are_not() {
        let pair = |name: &str, value: &str| json!({ "name": name, "value": value });
        let task = |secret: &str, url: &str| {
            json!({
                "attachments": [{ "details": [pair("privateIPv4Address", "10.0.0.1"), pair("x", url)] }],
                "overrides": { "containerOverrides": [{ "name": "app", "environment": [pair("API_KEY", secret)] }] },
                "tags": [{ "key": "auth", "value": secret }],
            })
        };
        assert_eq!(masked(&task("s1", "http://a:b@c")), task(MASK, MASK));
    }

    #[test]
    fn json_keeps_its_form_and_loses_its_secrets() {
        let described = json!({ "containerDefinitions": [{
            "name": "app",
            "environment": [{ "name": "API_KEY", "value": "k1" }, { "name": "STAGE", "value": "prod" }],
            "secrets": [{ "name": "API_KEY", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/key" }],
            "repositoryCredentials": { "credentialsParameter": "arn:aws:secretsmanager:x" },
            "command": ["serve", "--database", "postgres://app:hunter2@db/app"],
            "dockerLabels": { "auth.token": "t1", "team": "pay" },
            "logConfiguration": { "logDriver": "splunk", "options": { "splunk-token": "s1", "splunk-url": "https://x" } },
        }]});
        assert_eq!(
            masked(&described),
            json!({ "containerDefinitions": [{
                "name": "app",
                "environment": [{ "name": "API_KEY", "value": MASK }, { "name": "STAGE", "value": "prod" }],
                "secrets": [{ "name": "API_KEY", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/key" }],
                "repositoryCredentials": { "credentialsParameter": "arn:aws:secretsmanager:x" },
                "command": ["serve", "--database", MASK],
                "dockerLabels": { "auth.token": MASK, "team": "pay" },
                "logConfiguration": { "logDriver": "splunk", "options": { "splunk-token": MASK, "splunk-url": "https://x" } },
            }]})
        );
    }
}
