//! ecsman's command line: Go's flags before the operation.

/// The flags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// `-v`.
    pub(super) verbose: bool,
    /// What is asked for instead of an operation.
    pub(super) instead: Option<Instead>,
    /// `-elb`.
    pub(super) elb: bool,
    /// `-region`.
    pub(super) region: Option<String>,
    /// `-cred`, where it says something.
    pub(super) profile: Option<String>,
    /// `-events`; none for a number below zero.
    pub(super) events: usize,
}

/// What can be asked for instead of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instead {
    /// `-h` or `-help`.
    Help,
    /// `-version`.
    Version,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operation {
    /// `ls`
    Clusters,
    /// `ls CLUSTER [SERVICE]`
    Services {
        /// The cluster's name.
        cluster: String,
        /// The service's name.
        service: Option<String>,
    },
    /// `check CLUSTER SERVICE`
    Check {
        /// The cluster's name.
        cluster: String,
        /// The service's name.
        service: String,
    },
    /// `taskdefs [FAMILY [REVISION|latest]]`
    Definitions {
        /// The family; all of them without one.
        family: Option<String>,
        /// The revision, or `latest`.
        revision: Option<String>,
    },
    /// `update CLUSTER SERVICE IMAGE`
    Update {
        /// The cluster's name.
        cluster: String,
        /// The service's name.
        service: String,
        /// The image, or a colon and a tag.
        image: String,
    },
    /// `register FILE`
    Register {
        /// The file.
        file: String,
    },
    /// `run CLUSTER TASK`
    Run {
        /// The cluster's name.
        cluster: String,
        /// The task definition.
        definition: String,
    },
}

/// A command line that cannot be understood, in ecsman's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Misuse {
    /// The flags are wrong, as Go says it.
    #[error("{0}")]
    Flag(String),
    /// The operation is wrong.
    #[error("{0}")]
    Operation(String),
}

/// Returns the flags of a command line and what follows them.
pub(super) fn parse(line: &[String]) -> Result<(Flags, &[String]), Misuse> {
    let mut flags = Flags::default();
    let mut rest = line;
    while let Some((word, after)) = rest.split_first() {
        if word == "--" {
            return Ok((flags, after));
        }
        let Some(flag) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')).filter(|_| word != "-") else {
            break;
        };
        if flag.is_empty() || flag.starts_with(['-', '=']) {
            return Err(Misuse::Flag(format!("bad flag syntax: {word}")));
        }
        rest = after;
        let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
        match name {
            "v" => flags.verbose = truth(name, value)?,
            "version" => flags.instead = truth(name, value)?.then_some(Instead::Version),
            "elb" => flags.elb = truth(name, value)?,
            "h" | "help" => return Ok((Flags { instead: Some(Instead::Help), ..flags }, rest)),
            "region" | "cred" | "events" => {
                let value = if let Some(value) = value {
                    value
                } else {
                    let (value, after) = rest.split_first().ok_or_else(|| missing(name))?;
                    rest = after;
                    value
                };
                match name {
                    "region" => flags.region = Some(value.to_owned()),
                    "cred" => flags.profile = Some(value.to_owned()).filter(|name| !name.is_empty()),
                    _ => flags.events = number(name, value)?,
                }
            }
            _ => return Err(Misuse::Flag(format!("flag provided but not defined: -{name}"))),
        }
    }
    Ok((flags, rest))
}

/// Returns the operation that words mean; there is at least one.
pub(super) fn operation(words: &[String]) -> Result<Operation, Misuse> {
    let wrong = |what: &str| Err(Misuse::Operation(what.to_owned()));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["ls"] => Ok(Operation::Clusters),
        ["ls", cluster, ref rest @ ..] => Ok(Operation::Services {
            cluster: cluster.to_owned(),
            service: rest.first().filter(|name| !name.is_empty()).map(|&name| name.to_owned()),
        }),
        ["taskdefs", ref rest @ ..] => {
            let said = |index: usize| rest.get(index).filter(|word| !word.is_empty()).map(|&word| word.to_owned());
            Ok(Operation::Definitions { family: said(0), revision: said(1) })
        }
        ["check", cluster, service, ..] => {
            Ok(Operation::Check { cluster: cluster.to_owned(), service: service.to_owned() })
        }
        ["check", ..] => wrong("check needs a cluster and a service"),
        ["register", file, ..] => Ok(Operation::Register { file: file.to_owned() }),
        ["register"] => wrong("register needs a file of JSON"),
        ["update", cluster, service, image, ..] => {
            Ok(Operation::Update { cluster: cluster.to_owned(), service: service.to_owned(), image: image.to_owned() })
        }
        ["update", ..] => wrong("update needs a cluster, a service and an image"),
        ["run", cluster, definition, ..] => {
            Ok(Operation::Run { cluster: cluster.to_owned(), definition: definition.to_owned() })
        }
        ["run", ..] => wrong("run needs a cluster and a task definition"),
        [other, ..] => wrong(&format!("there is no operation `{other}`")),
        [] => wrong("which operation is meant?"),
    }
}

/// Returns the value of a flag that says yes or no, as Go's `strconv.ParseBool` reads it.
fn truth(name: &str, value: Option<&str>) -> Result<bool, Misuse> {
    match value {
        None | Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(true),
        Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false),
        Some(other) => Err(Misuse::Flag(format!("invalid boolean value {other:?} for -{name}: parse error"))),
    }
}

/// Returns the value of a flag that is a number, as Go's `strconv.ParseInt` reads it with base 0.
fn number(name: &str, value: &str) -> Result<usize, Misuse> {
    let wrong = || Misuse::Flag(format!("invalid value {value:?} for flag -{name}: parse error"));
    let (negative, digits) = match value.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, value.strip_prefix('+').unwrap_or(value)),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = match &lower {
        text if text.starts_with("0x") => (16, &text[2..]),
        text if text.starts_with("0o") => (8, &text[2..]),
        text if text.starts_with("0b") => (2, &text[2..]),
        text if text.len() > 1 && text.starts_with('0') => (8, &text[1..]),
        text => (10, &text[..]),
    };
    if digits.starts_with(['+', '-']) {
        return Err(wrong());
    }
    let number = i64::from_str_radix(digits, base).map_err(|_| wrong())?;
    Ok(if negative { 0 } else { usize::try_from(number).unwrap_or(usize::MAX) })
}

fn missing(name: &str) -> Misuse {
    Misuse::Flag(format!("flag needs an argument: -{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn flags_stand_before_the_operation_in_gos_forms() {
        let line = words("-v -elb=true --events 5 -region=eu-west-1 -cred dev ls prod -v");
        let (flags, rest) = parse(&line).unwrap();
        let expected = Flags {
            verbose: true,
            elb: true,
            events: 5,
            region: Some("eu-west-1".to_owned()),
            profile: Some("dev".to_owned()),
            ..Flags::default()
        };
        assert_eq!((flags, rest), (expected, &words("ls prod -v")[..]));
        assert_eq!(parse(&words("-- -v")).unwrap().1, words("-v"));
        assert_eq!(parse(&words("- ls")).unwrap().1, words("- ls"));
        assert!(!parse(&words("-v -v=f ls")).unwrap().0.verbose);
    }

    #[test]
    fn what_go_refuses_is_refused_in_its_words() {
        let refused = |line: &str| parse(&words(line)).unwrap_err().to_string();
        assert_eq!(refused("-x ls"), "flag provided but not defined: -x");
        assert_eq!(refused("-region"), "flag needs an argument: -region");
        assert_eq!(refused("-v=maybe"), "invalid boolean value \"maybe\" for -v: parse error");
        assert_eq!(refused("-events many"), "invalid value \"many\" for flag -events: parse error");
        assert_eq!(refused("---v"), "bad flag syntax: ---v");
        assert_eq!(refused("-=v"), "bad flag syntax: -=v");
    }

    #[test]
    fn operations_want_what_ecsman_wants() {
        let refused = |line: &str| operation(&words(line)).unwrap_err().to_string();
        assert_eq!(refused("check prod"), "check needs a cluster and a service");
        assert_eq!(refused("update prod api"), "update needs a cluster, a service and an image");
        assert_eq!(refused("run prod"), "run needs a cluster and a task definition");
        assert_eq!(refused("register"), "register needs a file of JSON");
        assert_eq!(refused("list"), "there is no operation `list`");
        let run = Operation::Run { cluster: "prod".to_owned(), definition: "api".to_owned() };
        assert_eq!(operation(&words("run prod api")), Ok(run));
        let services = |service: Option<&str>| {
            Ok(Operation::Services { cluster: "prod".to_owned(), service: service.map(str::to_owned) })
        };
        assert_eq!(operation(&words("ls prod")), services(None));
        assert_eq!(operation(&words("ls prod api more")), services(Some("api")));
    }

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        let read = |text: &str| number("events", text).ok();
        assert_eq!(
            [read("5"), read("+5"), read("-5"), read("0x10"), read("010"), read("0b11")].map(Option::unwrap),
            [5, 5, 0, 16, 8, 3]
        );
        assert!(
            ["", "-", "0x", "5.0", "--5", "0x-5", "99999999999999999999"].into_iter().all(|text| read(text).is_none())
        );
    }

    proptest! {
        #[test]
        fn no_line_panics(line in proptest::collection::vec("(-{0,3}(v|elb|events|cred|region|h|version|é)?=?[a-z0-9-]{0,4}|ls|check|.{0,3})", 0..8)) {
            if let Ok((_, rest)) = parse(&line) {
                prop_assert!(line.ends_with(rest));
                let _ = operation(rest);
            }
        }
    }
}
