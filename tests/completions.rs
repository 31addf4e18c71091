//! What shells are taught: a real bash asks how words go on, against the simulated AWS.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/way.rs"]
mod way;

use std::{
    fs,
    io::Write as _,
    net::TcpListener,
    path::Path,
    process::{Command, Output, Stdio},
};

use ecsui::sim::{Fault, Options, Sim, World};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const BASH: &str = "/bin/bash";

/// A simulated AWS, a home of one's own, and a bash that has been taught.
struct Rig {
    _runtime: Runtime,
    home: TempDir,
    sim: Sim,
}

impl Rig {
    fn new() -> Self {
        let mut world = World::empty();
        world.add_cluster("prod");
        world.add_service("prod", "payments-api", 1);
        world.add_service("prod", "payments-web", 0);
        world.add_service("prod", "cron", 0);
        world.add_cluster("staging");
        world.add_cluster("odd;rm");
        let runtime = Runtime::new().unwrap();
        let sim = runtime.block_on(Sim::start(world, Options::explicit())).unwrap();
        Self { _runtime: runtime, home: TempDir::new().unwrap(), sim }
    }

    /// Returns how the last of these words can go on, as bash is told; nothing may be said besides.
    fn ask(&self, words: &[&str]) -> Vec<String> {
        let output = self.asked(words, |_| {});
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words:?}");
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    fn asked(&self, words: &[&str], change: impl Fn(&mut Command)) -> Output {
        let program = Path::new(env!("CARGO_BIN_EXE_ecsui")).parent().unwrap();
        let mut bash = Command::new(BASH);
        bash.args(["--norc", "--noprofile", "-c"]);
        bash.arg(
            "source <(ecsui completions bash) || exit 3\n\
             COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9\n\
             _clap_complete_ecsui ecsui \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"\n\
             printf '%s\\n' \"${COMPREPLY[@]}\"",
        );
        bash.arg("bash").arg("ecsui").args(words);
        // What the program is given is what its shell has.
        let like = way::command(&self.sim, self.home.path(), "");
        bash.env_clear().envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
        bash.env("PATH", format!("{}:/usr/bin:/bin", program.display())).current_dir(self.home.path());
        bash.stdin(Stdio::null());
        change(&mut bash);
        bash.output().unwrap()
    }
}

/// Whether there is a bash; where there is none the test says so and passes.
fn has_bash() -> bool {
    let is_there = Path::new(BASH).exists();
    if !is_there {
        let _best_effort = writeln!(std::io::stderr(), "skipped: there is no {BASH}");
    }
    is_there
}

#[test]
fn commands_options_and_their_values_go_on() {
    if !has_bash() {
        return;
    }
    let rig = Rig::new();
    assert_eq!(rig.ask(&["redep"]), ["redeploy"]);
    assert_eq!(rig.ask(&["config", "ch"]), ["check"]);
    assert_eq!(rig.ask(&["--read"]), ["--read-only"]);
    assert_eq!(rig.ask(&["list", "--output", "j"]), ["json"]);
    assert_eq!(rig.ask(&["completions", "b"]), ["bash"]);
    assert!(rig.sim.calls().is_empty(), "{:?}", rig.sim.calls());
}

#[test]
fn names_of_the_account_go_on_a_part_at_a_time() {
    if !has_bash() {
        return;
    }
    let rig = Rig::new();
    assert_eq!(rig.ask(&["login", "p"]), ["prod/"]);
    assert_eq!(rig.ask(&["login", "prod/pay"]), ["prod/payments-api/", "prod/payments-web/"]);
    assert_eq!(rig.ask(&["events", "prod/c"]), ["prod/cron/"]);
    let task = rig.ask(&["exec", "prod/payments-api/"]);
    assert_eq!(task.len(), 1, "{task:?}");
    let containers = rig.ask(&["exec", &task[0]]);
    assert_eq!(containers, [format!("{}app", task[0]), format!("{}envoy", task[0])]);
    assert_eq!(rig.ask(&["prod/cr"]), ["prod/cron/"]);
    assert_eq!(rig.ask(&["--cluster", "prod", "login", "cr"]), ["cron/"]);
    assert_eq!(rig.ask(&["list", "--cluster", "s"]), ["staging"]);
    assert_eq!(rig.ask(&["instances", "prod"]), ["prod"]);
    assert_eq!(rig.ask(&["login", "nowhere/"]), [""]);
}

#[test]
fn profiles_and_regions_go_on_without_a_call() {
    if !has_bash() {
        return;
    }
    let rig = Rig::new();
    fs::create_dir_all(rig.home.path().join(".aws")).unwrap();
    let files = "[profile dev]\nregion = eu-west-1\n[profile dev-eu]\n[profile prod]\n[profile e@rm]\n";
    fs::write(rig.home.path().join(".aws/config"), files).unwrap();
    assert_eq!(rig.ask(&["--profile", "d"]), ["dev", "dev-eu"]);
    assert_eq!(rig.ask(&["list", "--profile", "e"]), ["env"]);
    assert_eq!(rig.ask(&["ls", "--region", "eu-west-"]), ["eu-west-1", "eu-west-2", "eu-west-3"]);
    assert_eq!(rig.ask(&["-p", "pr"]), ["prod"]);
    assert_eq!(rig.ask(&["--profile", "nobody"]), [""]);
    assert!(rig.sim.calls().is_empty(), "{:?}", rig.sim.calls());
}

#[test]
fn a_name_that_a_shell_would_obey_is_not_offered() {
    if !has_bash() {
        return;
    }
    assert_eq!(Rig::new().ask(&["login", "odd"]), [""]);
}

#[test]
fn whatever_fails_nothing_is_said() {
    if !has_bash() {
        return;
    }
    let rig = Rig::new();
    rig.sim.fault(Fault::error("ListClusters", "AccessDeniedException", "no"));
    assert_eq!(rig.ask(&["login", "p"]), [""]);
    fs::create_dir_all(rig.home.path().join(".config/ecsui")).unwrap();
    fs::write(rig.home.path().join(".config/ecsui/config.toml"), "no toml").unwrap();
    assert_eq!(rig.ask(&["login", "p"]), [""]);
    // Nobody answers there: what is waited for has an end.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    fs::write(rig.home.path().join(".config/ecsui/config.toml"), "").unwrap();
    let output = rig.asked(&["login", "p"], |bash| {
        bash.env("AWS_ENDPOINT_URL", &address);
    });
    assert_eq!((&*output.stdout, &*output.stderr), (&b"\n"[..], &b""[..]));
}

#[test]
fn every_shell_is_taught_and_every_page_written() {
    let home = TempDir::new().unwrap();
    let run = |line: &str| way::stranger(home.path(), line).output().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&format!("completions {shell}"));
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && script.contains("ECSUI_COMPLETE"), "{shell}: {script}");
    }
    assert_eq!(run("completions tcsh").status.code(), Some(2));
    let page = String::from_utf8(run("man").stdout).unwrap();
    assert!(page.contains(".TH ecsui 1") && page.contains("ecsui\\-exec(1)"), "{page}");
    let page = String::from_utf8(run("man params get").stdout).unwrap();
    assert!(page.contains(".TH ecsui-params-get 1") || page.contains(".TH ecsui\\-params\\-get 1"), "{page}");
    assert_eq!(run("man nothing").status.code(), Some(2));
    assert!(run("man --into pages").status.success());
    for page in ["ecsui.1", "ecsui-exec.1", "ecsui-params-get.1"] {
        let page = fs::read_to_string(home.path().join("pages").join(page)).unwrap();
        assert!(page.contains(concat!(" 1  \"ecsui ", env!("CARGO_PKG_VERSION"), "\"")), "{page}");
    }
}
