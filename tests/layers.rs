//! Holds the table of ARCHITECTURE.md: which module may use which, and what only some of them may touch.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// Module → the modules it may name. `cli` may name all and is the only one, with the tests, that may name `sim`.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("config", &["model"]),
    ("aws", &["model"]),
    ("session", &["model"]),
    ("ops", &["model", "config", "aws", "session"]),
    ("terminal", &["model", "session"]),
    ("tui", &["model", "config", "session", "ops", "terminal"]),
    ("sim", &["model"]),
    ("cli", &["model", "config", "aws", "session", "ops", "terminal", "tui", "sim"]),
];

/// Single paths that a module may name beyond its layer.
const EXCEPTIONS: &[(&str, &str)] = &[
    // A key is a secret before it is anything else, and there is one type for that.
    ("aws", "session::Secret"),
    ("aws", "session::DataKey"),
    // Whose certificates are believed and what is behind a proxy is read once, for the calls and for the sessions.
    ("aws", "session::dial"),
    // The simulated AWS shares the codec of the data channel with the client, and the clock of a test, and nothing
    // more.
    ("sim", "session::ssm::message"),
    ("sim", "session::clock"),
];

/// The parts of `tui` that are functions of their arguments, and what they may not name.
const PURE_TUI: &[&str] = &["app", "finder", "view"];
const NOT_IN_PURE_TUI: &[&str] = &["tui::worker", "tui::run", "terminal"];

/// Modules that do no I/O and read no clock: what would be either.
const PURE: &[&str] = &["model", "tui::app", "tui::finder", "tui::view"];
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "tokio",
    "Timestamp::now",
    "Zoned::now",
    "Instant::now",
    "SystemTime::now",
];

/// What reads the machine instead of what it was handed.
const AMBIENT: &[&str] = &["std::env", "env::var", "env::var_os", "env::vars", "directories"];

/// A place where the table does not hold.
#[derive(Debug, PartialEq, Eq)]
struct Violation {
    line: usize,
    what: String,
}

#[test]
fn the_layers_hold() {
    let mut report = String::new();
    for file in sources(Path::new("src")) {
        let text = fs::read_to_string(&file).unwrap();
        for violation in check(&module_of(&file), &text) {
            writeln!(report, "{}:{} {}", file.display(), violation.line, violation.what).unwrap();
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_module_has_a_row() {
    for file in sources(Path::new("src")) {
        let module = module_of(&file);
        let Some(top) = module.first() else { continue };
        assert!(LAYERS.iter().any(|(name, _)| name == top), "{top} is not in the table");
    }
    for (name, _) in LAYERS {
        assert!(Path::new(&format!("src/{name}.rs")).exists(), "{name} is in the table and not in src");
    }
}

#[test]
fn files_are_named_and_begin_as_agreed() {
    for file in sources(Path::new("src")) {
        assert_ne!(file.file_name().unwrap(), "mod.rs", "{} should be foo.rs beside foo/", file.display());
    }
    for file in sources(Path::new("src")).into_iter().chain(sources(Path::new("tests"))) {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//! "), "{} does not begin by saying what it owns", file.display());
    }
}

#[test]
fn an_upward_import_is_found() {
    let planted = "//! Bytes.\n\nuse crate::tui::app::State;\n";
    assert_eq!(found("session::ssm", planted), ["3 session uses tui::app::State"]);
}

#[test]
fn groups_super_and_plain_paths_are_seen() {
    assert_eq!(
        found("ops::ls", "use crate::{model::Arn, tui::{app::Event, run}};"),
        ["1 ops uses tui::app::Event", "1 ops uses tui::run"]
    );
    assert_eq!(found("session::ssm", "fn a() { super::super::aws::call() }"), ["1 session uses aws::call"]);
    assert_eq!(found("ops", "fn a() -> crate::cli::Exit {}"), ["1 ops uses cli::Exit"]);
    assert_eq!(found("model::arn", "mod inner { use super::super::super::ops; }"), ["1 model uses ops"]);
}

#[test]
fn comments_strings_and_unit_tests_are_free() {
    assert!(
        found(
            "model",
            "/// See crate::tui.\n/* crate::sim */ const A: &str = \"crate::aws\"; const B: &str = r#\"crate::aws\"#;"
        )
        .is_empty()
    );
    assert!(found("aws::ecs", "#[cfg(test)]\nmod tests { use crate::sim::Sim; }").is_empty());
    assert_eq!(found("aws::ecs", "#[cfg(test)]\nmod tests { }\nuse crate::sim::Sim;"), ["3 aws uses sim::Sim"]);
}

#[test]
fn only_the_excepted_path_is_excepted() {
    assert!(found("aws", "use crate::session::Secret;").is_empty());
    assert_eq!(found("aws", "use crate::session::{Secret, Session};"), ["1 aws uses session::Session"]);
    assert!(found("sim::agent", "use crate::session::ssm::message::Message;").is_empty());
    assert_eq!(found("sim::agent", "use crate::session::ssm::open;"), ["1 sim uses session::ssm::open"]);
}

#[test]
fn inside_the_tui_the_core_knows_no_shell() {
    assert_eq!(found("tui::app", "use crate::tui::worker::Worker;"), ["1 tui::app uses tui::worker::Worker"]);
    assert_eq!(found("tui::view::panes", "use super::super::run;"), ["1 tui::view uses tui::run"]);
    assert_eq!(found("tui::finder", "use crate::terminal::Screen;"), ["1 tui::finder uses terminal::Screen"]);
    assert_eq!(found("tui::app", "fn a() { crate::ops::ls::clusters() }"), ["1 tui::app calls ops::ls::clusters"]);
    assert!(found("tui::app", "use crate::ops::{Identity, exec::{Command, ExecTarget}};").is_empty());
    assert!(found("tui::worker", "use crate::ops::ls; use crate::terminal;").is_empty());
    assert_eq!(
        found("tui::app::pane", "fn a() { Timestamp::now() }"),
        ["1 tui::app::pane is pure and names Timestamp::now"]
    );
    assert_eq!(found("model", "use std::{fmt, fs};"), ["1 model is pure and names std::fs"]);
}

#[test]
fn the_sdk_the_streams_and_the_environment_have_their_places() {
    assert_eq!(found("ops::ls", "use aws_sdk_ecs::Client;"), ["1 ops names the SDK: aws_sdk_ecs"]);
    assert!(found("aws::ecs", "use aws_sdk_ecs::Client;").is_empty());
    assert!(found("sim::http::cbor", "use aws_smithy_cbor::Decoder;").is_empty());
    assert!(found("sim::http::frames", "use aws_smithy_eventstream::frame::write_message_to;").is_empty());
    assert_eq!(found("sim::ecs", "use aws_smithy_cbor::Decoder;"), ["1 sim names the SDK: aws_smithy_cbor"]);
    assert_eq!(found("ops", "fn a() { println!(\"\") }"), ["1 ops prints: println!"]);
    assert!(found("cli::list", "fn a() { println!(\"\"); std::io::stdout() }").is_empty());
    assert_eq!(found("tui::run", "fn a() { io::stdout() }"), ["1 tui takes stdout"]);
    assert_eq!(found("ops", "fn a() { std::env::var(\"HOME\") }"), ["1 ops reads the machine: std::env::var"]);
}

/// Returns what `check` finds in `text`, as lines to compare.
fn found(module: &str, text: &str) -> Vec<String> {
    let module: Vec<String> = module.split("::").map(str::to_owned).collect();
    check(&module, text).into_iter().map(|violation| format!("{} {}", violation.line, violation.what)).collect()
}

/// Returns where the text of a module breaks the rules.
fn check(module: &[String], text: &str) -> Vec<Violation> {
    // `main.rs` and `lib.rs` name every module and are nothing else.
    let Some(top) = module.first() else { return Vec::new() };
    let tokens = tokens(text);
    let mut violations = Vec::new();
    for path in paths(module, &tokens) {
        let shown = path.names.join("::");
        let what =
            if path.in_crate { crate_rule(module, top, &path.names) } else { outside_rule(module, top, &path.names) };
        violations.extend(what.map(|what| Violation { line: path.line, what: what.replace("{path}", &shown) }));
    }
    for (at, pair) in tokens.windows(2).enumerate() {
        let (name, next) = (&pair[0], &pair[1]);
        // What a program is given instead of ours.
        let is_given = tokens.get(at + 2).is_some_and(|token| token.text == "Stdio");
        let what = match (name.text.as_str(), next.text.as_str()) {
            (print @ ("print" | "println" | "eprint" | "eprintln"), "!")
                if !["cli", "terminal"].contains(&top.as_str()) =>
            {
                format!("{top} prints: {print}!")
            }
            (stream @ ("stdin" | "stdout" | "stderr"), "(")
                if !is_given && !["cli", "terminal"].contains(&top.as_str()) =>
            {
                format!("{top} takes {stream}")
            }
            _ => continue,
        };
        violations.push(Violation { line: name.line, what });
    }
    violations
}

/// Says which rule a path into this crate breaks.
fn crate_rule(module: &[String], top: &str, names: &[String]) -> Option<String> {
    let (target, path) = (names.first()?, names.join("::"));
    let inner = module.get(1).map(String::as_str).filter(|inner| top == "tui" && PURE_TUI.contains(inner));
    if let Some(inner) = inner {
        if NOT_IN_PURE_TUI.iter().any(|banned| within(&path, banned)) {
            return Some(format!("tui::{inner} uses {{path}}"));
        }
        let names_a_type = names.iter().any(|name| name.starts_with(char::is_uppercase));
        if target == "ops" && !names_a_type {
            return Some(format!("tui::{inner} calls {{path}}"));
        }
    }
    if target == top || target.starts_with(char::is_uppercase) {
        return None;
    }
    let allowed =
        LAYERS.iter().find(|(name, _)| *name == top).is_none_or(|(_, allowed)| allowed.contains(&target.as_str()));
    let excepted = EXCEPTIONS.iter().any(|(name, exception)| *name == top && within(&path, exception));
    (!allowed && !excepted).then(|| format!("{top} uses {{path}}"))
}

/// Says which rule a path out of this crate breaks.
fn outside_rule(module: &[String], top: &str, names: &[String]) -> Option<String> {
    let (first, path) = (names.first()?, names.join("::"));
    let sdk = ["aws_sdk_", "aws_config", "aws_smithy_", "aws_credential_types", "aws_sigv4", "aws_types"];
    // What the simulated CloudWatch reads and writes, as it borrows the codec of the data channel.
    let codec = ["aws_smithy_cbor", "aws_smithy_types::DateTime"].iter().any(|name| within(&path, name));
    // And the frames of a live tail, which the SDK reads with the same crate.
    let frames = ["aws_smithy_eventstream", "aws_smithy_types::event_stream"].iter().any(|name| within(&path, name));
    if top != "aws"
        && !(module.join("::") == "sim::http::cbor" && codec)
        && !(module.join("::") == "sim::http::frames" && frames)
        && sdk.iter().any(|prefix| first.starts_with(prefix))
    {
        return Some(format!("{top} names the SDK: {first}"));
    }
    if top == "ops" && AMBIENT.iter().any(|ambient| within(&path, ambient)) {
        return Some("ops reads the machine: {path}".to_owned());
    }
    let here = module.join("::");
    let pure = PURE.iter().any(|pure| within(&here, pure));
    (pure && IMPURE.iter().any(|impure| within(&path, impure))).then(|| format!("{here} is pure and names {{path}}"))
}

/// Whether `path` is `prefix` or lies below it.
fn within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// A path that a file names.
struct Named {
    line: usize,
    /// Whether it leads into this crate; then `names` begins below `crate`.
    in_crate: bool,
    names: Vec<String>,
}

/// Returns every path with `::` in it, `use` groups unfolded and `super` resolved, outside of unit tests.
fn paths(module: &[String], tokens: &[Token]) -> Vec<Named> {
    let mut found = Vec::new();
    // The inline modules we are in, each with the depth of braces at which it ends.
    let mut inline: Vec<(String, usize)> = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    while at < tokens.len() {
        let word = |ahead: usize| tokens.get(at + ahead).map_or("", |token| token.text.as_str());
        if starts_unit_tests(&tokens[at..]) {
            at = end_of_block(tokens, at);
            continue;
        }
        match word(0) {
            "mod" if word(2) == "{" => {
                depth += 1;
                inline.push((word(1).to_owned(), depth));
                at += 3;
            }
            "{" => {
                depth += 1;
                at += 1;
            }
            "}" => {
                if inline.last().is_some_and(|(_, ends)| *ends == depth) {
                    inline.pop();
                }
                depth -= 1;
                at += 1;
            }
            name if is_name(name) && word(1) == "::" => {
                let here: Vec<String> =
                    module.iter().cloned().chain(inline.iter().map(|(name, _)| name.clone())).collect();
                let (branches, next) = branches(tokens, at);
                found.extend(branches.into_iter().map(|names| resolve(&here, names, tokens[at].line)));
                at = next;
            }
            _ => at += 1,
        }
    }
    found
}

/// Makes `crate::a`, `self::a` and `super::a` a path below the crate.
fn resolve(here: &[String], names: Vec<String>, line: usize) -> Named {
    let mut base = here.to_vec();
    let mut rest = names.as_slice();
    match names[0].as_str() {
        "crate" => return Named { line, in_crate: true, names: names[1..].to_vec() },
        "self" => rest = &rest[1..],
        "super" => {
            while rest.first().is_some_and(|name| name == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        _ => return Named { line, in_crate: false, names },
    }
    base.extend_from_slice(rest);
    Named { line, in_crate: true, names: base }
}

/// Returns the paths that start at `at` (several for `a::{b, c}`) and the place behind them.
fn branches(tokens: &[Token], at: usize) -> (Vec<Vec<String>>, usize) {
    let mut path = vec![tokens[at].text.clone()];
    let mut at = at + 1;
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    while word(at) == "::" {
        at += 1;
        if word(at) == "{" {
            let mut all = Vec::new();
            at += 1;
            while at < tokens.len() && word(at) != "}" {
                if is_name(word(at)) {
                    let (inner, next) = branches(tokens, at);
                    all.extend(inner.into_iter().map(|tail| {
                        let tail = if tail == ["self"] { Vec::new() } else { tail };
                        path.iter().cloned().chain(tail).collect()
                    }));
                    at = next;
                    if word(at) == "as" {
                        at += 2;
                    }
                } else {
                    at += 1;
                }
            }
            return (all, at + 1);
        }
        if !is_name(word(at)) {
            break;
        }
        path.push(word(at).to_owned());
        at += 1;
    }
    (vec![path], at)
}

/// Whether `#[cfg(test)] mod … {` stands here.
fn starts_unit_tests(tokens: &[Token]) -> bool {
    let expected = ["#", "[", "cfg", "(", "test", ")", "]", "mod"];
    tokens.len() > expected.len() && tokens.iter().zip(expected).all(|(token, expected)| token.text == expected)
}

/// Returns the place behind the block that opens next.
fn end_of_block(tokens: &[Token], from: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => return at + 1,
            "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// A word or a sign of Rust.
struct Token {
    line: usize,
    text: String,
}

/// Cuts Rust into words and signs; comments, strings and characters are left out.
fn tokens(text: &str) -> Vec<Token> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < characters.len() {
        let end = end_of_token(&characters, at);
        let piece: String = characters[at..end].iter().collect();
        let skipped = piece.contains('"') || ["//", "/*", "'"].iter().any(|start| piece.starts_with(start));
        let skipped = skipped || piece.starts_with(char::is_whitespace);
        if !skipped {
            tokens.push(Token { line, text: piece.clone() });
        }
        line += piece.matches('\n').count();
        at = end;
    }
    tokens
}

/// Returns where the token that begins at `at` ends.
fn end_of_token(text: &[char], at: usize) -> usize {
    let rest = &text[at..];
    let until = |end: &str, from: usize| {
        let end: Vec<char> = end.chars().collect();
        (from..rest.len()).find(|&from| rest[from..].starts_with(&end)).map_or(rest.len(), |found| found + end.len())
    };
    if let Some((hashes, opening)) = raw_string(rest) {
        return at + until(&format!("\"{}", "#".repeat(hashes)), opening);
    }
    let length = match rest {
        ['/', '/', ..] => rest.iter().position(|&c| c == '\n').unwrap_or(rest.len()),
        ['/', '*', ..] => until("*/", 2),
        ['b' | 'c', '"', ..] => end_of_string(rest, 2),
        ['"', ..] => end_of_string(rest, 1),
        ['\'', '\\', ..] => until("'", 3),
        ['\'', _, '\'', ..] => 3,
        // A lifetime.
        ['\'', ..] => 1 + rest[1..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').count(),
        [':', ':', ..] => 2,
        [first, ..] if first.is_alphanumeric() || *first == '_' => {
            rest.iter().take_while(|c| c.is_alphanumeric() || **c == '_').count()
        }
        [first, ..] if first.is_whitespace() => rest.iter().take_while(|c| c.is_whitespace()).count(),
        _ => 1,
    };
    at + length
}

/// Returns how many `#` a raw string has and where its text begins.
fn raw_string(text: &[char]) -> Option<(usize, usize)> {
    let prefix = text.iter().take_while(|c| matches!(c, 'r' | 'b' | 'c')).count();
    if !text[..prefix].contains(&'r') || prefix > 2 {
        return None;
    }
    let hashes = text[prefix..].iter().take_while(|&&c| c == '#').count();
    (text.get(prefix + hashes) == Some(&'"')).then_some((hashes, prefix + hashes + 1))
}

/// Returns where a string that may hold escapes ends.
fn end_of_string(text: &[char], from: usize) -> usize {
    let mut at = from;
    while at < text.len() {
        match text[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Returns the module that a file is: `src/tui/app.rs` → `tui`, `app`; nothing for `main.rs` and `lib.rs`.
fn module_of(file: &Path) -> Vec<String> {
    let path = file.strip_prefix("src").expect("a file below src").with_extension("");
    let names: Vec<String> = path.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    if names == ["main"] || names == ["lib"] { Vec::new() } else { names }
}

/// Returns every Rust file below a directory.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory that can be read") {
        let path = entry.expect("an entry that can be read").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
