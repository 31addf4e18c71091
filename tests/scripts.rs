//! What scripts may rely on, for every command that prints: valid JSON, no escape sequences in pipes, a reader that
//! leaves early is no failure, and hostile names stay harmless.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/way.rs"]
mod way;

use std::process::{Command, Output, Stdio};

use ecsui::sim::{Options, Sim, World};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The commands that print results of the demo's account.
const COMMANDS: &[&str] = &[
    "list",
    "ls",
    "ls -v",
    "ls prod",
    "ls prod -v --events 3",
    "ls prod payments-web",
    "ls prod/payments-web -v --events 5 --reveal",
    "events prod",
    "events prod/payments-web",
    "stopped prod",
    "check --exit-zero",
    "check -v --exit-zero prod",
    "params list prod/payments-api",
    "params history prod/payments-api LOG_LEVEL",
    "deployments prod/payments-web",
    "taskdefs",
];

/// Signs that stand in environments and reasons of the demo: theirs, not ours.
const THEIRS: &str = "🎟£🙏";

struct Rig {
    _runtime: Runtime,
    home: TempDir,
    sim: Sim,
}

impl Rig {
    fn new(world: World) -> Self {
        let runtime = Runtime::new().unwrap();
        let sim = runtime.block_on(Sim::start(world, Options::explicit())).unwrap();
        Self { _runtime: runtime, home: TempDir::new().unwrap(), sim }
    }

    fn command(&self, line: &str) -> Command {
        way::command(&self.sim, self.home.path(), line)
    }

    fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn every_command_prints_json_tsv_and_plain_tables() {
    let rig = Rig::new(World::demo());
    for line in COMMANDS {
        let json = rig.run(&format!("{line} --output json"));
        assert!(json.status.success(), "{line}: {}", text(&json.stderr));
        let rows: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
        let rows = rows.as_array().unwrap_or_else(|| panic!("{line} prints no array"));
        assert!(rows.iter().all(serde_json::Value::is_object), "{line}");
        let names: Vec<Vec<&String>> = rows.iter().map(|row| row.as_object().unwrap().keys().collect()).collect();
        assert!(names.windows(2).all(|two| two[0] == two[1]), "{line}: the fields change from row to row");
        let tsv = rig.run(&format!("{line} --output tsv"));
        assert_eq!(text(&tsv.stdout).lines().count(), rows.len(), "{line}");
        let tabs = |line: &str| line.matches('\t').count();
        assert!(text(&tsv.stdout).lines().all(|row| tabs(row) + 1 == names[0].len()), "{line}");
        for format in ["table", "json", "tsv"] {
            let output = rig.run(&format!("{line} --output {format}"));
            assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b), "{line} as {format}");
        }
    }
}

#[test]
fn plainly_written_what_people_read_is_ascii_alone_and_what_programs_read_is_as_ever() {
    let rig = Rig::new(World::demo());
    let others = [
        "targets prod/payments-web",
        "taskdefs payments-web latest",
        "taskdefs diff payments-web:87 payments-web:88",
        "update prod payments-web :2026.9.9 --dry-run",
        "deployments prod/no-such-service",
        "config check --file nowhere.toml",
        "--help",
        "login --help",
        "deployments --nonsense",
    ];
    let mut written_otherwise = 0;
    for line in COMMANDS.iter().chain(&others) {
        let (plain, usual) = (rig.run(&format!("--plain {line}")), rig.run(line));
        for stream in [&plain.stdout, &plain.stderr] {
            let ours = |letter: &char| !letter.is_ascii() && !letter.is_alphabetic() && !THEIRS.contains(*letter);
            let odd: String = text(stream).chars().filter(ours).collect();
            assert_eq!(odd, "", "{line}: {}", text(stream));
        }
        assert_eq!(plain.status, usual.status, "{line}");
        written_otherwise += usize::from(plain.stdout != usual.stdout || plain.stderr != usual.stderr);
    }
    assert!(written_otherwise > 3, "of all these {written_otherwise} have signs");
    for line in ["taskdefs payments-web latest", "deployments prod/payments-web", "ls prod -v"] {
        let [plain, usual] = ["--plain", ""].map(|flag| rig.run(format!("{flag} {line} --output json").trim()));
        assert_eq!(plain.stdout, usual.stdout, "{line}");
    }
}

#[test]
fn revisions_are_as_many_lines_as_objects() {
    let rig = Rig::new(World::demo());
    for line in ["taskdefs payments-api", "taskdefs ledger --all", "taskdefs payments-api latest"] {
        let json = rig.run(&format!("{line} --output json"));
        let rows: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
        let rows = rows.as_array().cloned().unwrap_or_else(|| vec![rows]);
        let tsv = rig.run(&format!("{line} --output tsv"));
        let lines: Vec<Vec<&str>> = text(&tsv.stdout).lines().map(|line| line.split('\t').collect()).collect();
        assert_eq!((lines.len(), lines.is_empty()), (rows.len(), false), "{line}");
        for (fields, row) in lines.iter().zip(&rows) {
            assert_eq!(
                (fields.len(), fields.last().copied()),
                (8, row["taskDefinition"]["taskDefinitionArn"].as_str())
            );
        }
    }
}

#[test]
fn colours_come_when_asked_for_and_only_around_states() {
    let rig = Rig::new(World::demo());
    for line in ["list", "ls prod", "ls prod payments-web"] {
        let coloured = rig.run(&format!("{line} --color always"));
        assert!(text(&coloured.stdout).contains("\u{1b}[32m"), "{line}");
        let plain = rig.run(line);
        let stripped = ["\u{1b}[32m", "\u{1b}[33m", "\u{1b}[1;31m", "\u{1b}[0m"]
            .iter()
            .fold(text(&coloured.stdout).to_owned(), |text, escape| text.replace(escape, ""));
        assert_eq!(stripped, text(&plain.stdout), "{line}");
        for format in ["json", "tsv"] {
            let output = rig.run(&format!("{line} --color always --output {format}"));
            assert!(!output.stdout.contains(&0x1b), "{line} as {format}");
        }
    }
}

#[test]
fn a_reader_that_leaves_is_no_failure_of_any_command() {
    let rig = Rig::new(World::demo());
    for line in COMMANDS {
        for format in ["table", "json", "tsv"] {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let mut command = rig.command(&format!("{line} --output {format}"));
            let output = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
            assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""), "{line} as {format}");
        }
    }
}

#[test]
fn hostile_names_are_shown_and_not_obeyed_by_any_command() {
    let mut world = World::empty();
    let cluster = "prod\u{1b}]0;owned\u{7}\u{202e}";
    world.add_cluster(cluster);
    world.add_service(cluster, "api\r\n\u{9b}2J", 1);
    let rig = Rig::new(world);
    let commands = [
        "list",
        "ls -v",
        "ls prod",
        "ls prod api",
        "ls prod -v --events 3",
        "events prod",
        "stopped prod",
        "check -v",
        "applet ecsman -region eu-west-1 -v -events 3 ls",
        "applet miniecs list",
        "applet skipper list",
        "ls nothing",
    ];
    for line in commands {
        let formats: &[&str] = if line.starts_with("applet") { &[""] } else { &["", "--output json", "--output tsv"] };
        for format in formats {
            let output = rig.run(&format!("{line} {format}"));
            let seen = format!("{}{}", text(&output.stdout), text(&output.stderr));
            assert!(seen.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()), "{line} {format}: {seen:?}");
            assert!(!seen.contains('\u{202e}'), "{line} {format}: {seen:?}");
        }
    }
}
