//! Holds the documents to the program: what can be written from the code is, and compared.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` writes it.

use std::{env, fs, path::Path};

use ecsui::{cli, config};

// One test, because it may write: two would overwrite each other.
#[test]
fn the_readme_has_the_key_table_and_the_command_reference() {
    part_is("README.md", "keys", &config::keymap::markdown());
    part_is("README.md", "commands", &cli::reference());
}

#[test]
fn the_example_config_is_the_programs_own() {
    whole_is("config.example.toml", &config::example());
}

#[test]
fn links_between_the_documents_lead_somewhere() {
    for document in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs/parity.md"] {
        let text = fs::read_to_string(document).unwrap();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for target in targets.filter(|target| !target.is_empty() && !target.contains("://")) {
            assert!(Path::new(target).exists(), "{document} links to {target}, which is not there");
        }
    }
}

#[test]
fn the_architecture_names_every_module() {
    let text = fs::read_to_string("ARCHITECTURE.md").unwrap();
    for entry in fs::read_dir("src").unwrap() {
        let path = entry.unwrap().path();
        let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
        if path.extension().is_some_and(|extension| extension == "rs") && !["lib", "main"].contains(&name) {
            assert!(text.contains(&format!("### `{name}`")), "ARCHITECTURE.md has no heading for {name}");
        }
    }
}

/// Compares what stands between `<!-- name: … -->` and `<!-- /name -->`.
fn part_is(file: &str, name: &str, expected: &str) {
    let text = fs::read_to_string(file).expect("a document that can be read");
    let (opening, closing) = (format!("<!-- {name}:"), format!("<!-- /{name} -->"));
    let opens = text.find(&opening).unwrap_or_else(|| panic!("{file} has no {opening}"));
    let start = opens + text[opens..].find("-->\n").expect("a marker ends with its line") + "-->\n".len();
    let end = start + text[start..].find(&closing).unwrap_or_else(|| panic!("{file} has no {closing}"));
    let expected = format!("\n{}\n\n", expected.trim());
    if text[start..end] != expected {
        differs(file, &format!("{}{expected}{}", &text[..start], &text[end..]));
    }
}

/// Compares a whole file.
fn whole_is(file: &str, expected: &str) {
    if fs::read_to_string(file).unwrap_or_default() != expected {
        differs(file, expected);
    }
}

/// Writes the file anew if asked to, and fails otherwise.
fn differs(file: &str, expected: &str) {
    assert!(
        env::var_os("UPDATE_DOCS").is_some(),
        "{file} is not what the program says; `UPDATE_DOCS=1 cargo test --test docs` writes it"
    );
    fs::write(file, expected).expect("a document that can be written");
}
