//! The code of an MFA device: asked for in the browser and by commands, used once, and seen nowhere.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod account;
    pub(crate) mod terminal;
}

use std::{
    fs,
    process::{Command, Stdio},
};

use common::{
    account::{Account, ECSUI},
    terminal::{Program, Terminal},
};
use ecsui::sim::World;

/// An account whose role `dev` wants a code.
fn account() -> Account {
    let account = Account::still(World::grid(2, 1, 1));
    account.sim.demand_mfa("dev");
    account
}

/// Writes the files of somebody who has keys and that role.
fn settle(account: &Account, home: &std::path::Path) {
    let sim = &account.sim;
    let profiles = format!(
        "[profile keys]\naws_access_key_id = {}\naws_secret_access_key = {}\n[profile dev]\nregion = {}\n\
         role_arn = arn:aws:iam::{}:role/dev\nsource_profile = keys\nmfa_serial = {}\nendpoint_url = {}\n",
        sim.access_key(),
        sim.secret_key(),
        sim.region(),
        sim.account(),
        sim.mfa_device(),
        sim.endpoint(),
    );
    fs::create_dir_all(home.join(".aws")).unwrap();
    fs::write(home.join(".aws/config"), profiles).unwrap();
}

fn start(account: &Account, words: &[&str]) -> Terminal {
    let program = Program::new(ECSUI).args(["--profile", "dev"]).args(words);
    settle(account, program.home());
    program.start(100, 30)
}

fn assumed(account: &Account) -> usize {
    account.sim.calls().iter().filter(|call| call.operation == "AssumeRole").count()
}

#[test]
fn the_browser_asks_for_the_code_and_shows_what_the_role_may_see() {
    let account = account();
    let code = account.sim.mfa_code().unwrap();
    let mut terminal = start(&account, &[]);
    terminal.wait_for("MFA code for dev:");
    assert!(terminal.contents().contains(&account.sim.mfa_device()), "{}", terminal.contents());
    terminal.type_in(&code);
    terminal.wait_for("MFA code for dev: ••••••");
    assert_eq!(assumed(&account), 0);
    terminal.type_in("\r");
    terminal.wait_for("preprod-1");
    assert_eq!(assumed(&account), 1);
    terminal.type_in("\x11");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
    assert!(!terminal.contents().contains(&code));
}

#[test]
fn a_browser_without_the_code_says_so_and_asks_again_when_told_to() {
    let account = account();
    let mut terminal = start(&account, &[]);
    terminal.wait_for("MFA code for dev:");
    terminal.type_in("\x1b");
    terminal.wait_for("ctrl-r asks again");
    terminal.type_in("\x12");
    terminal.wait_for("MFA code for dev:");
}

#[test]
fn the_jump_asks_for_no_code_of_a_profile_that_nobody_went_to() {
    let account = account();
    let program = Program::new(ECSUI).args(["--profile", "keys", "--region", account.sim.region()]);
    let program = program.args(["--endpoint-url", account.sim.endpoint()]);
    settle(&account, program.home());
    let config = program.home().join("config.toml");
    fs::write(&config, "[[jump]]\nprofiles = [\"dev\"]\nregions = [\"eu-west-1\"]\n").unwrap();
    let mut terminal = program.args(["--config".as_ref(), config.as_os_str()]).start(110, 30);
    terminal.wait_for("· demo");
    terminal.type_in("\x06");
    terminal.wait_for("✖ dev · eu-west-1: ");
    terminal.wait_for("it is asked for when you go to profile dev");
    terminal.wait_for("jump:");
    assert!(!terminal.contents().contains("MFA code for dev:"), "{}", terminal.contents());
    assert_eq!(assumed(&account), 0);
    // Whoever goes there is asked, and then the jump has the session too.
    terminal.type_in("\x1b");
    terminal.wait_until("the panes", |screen| !screen.contents().contains("jump:"));
    terminal.type_in("\x07");
    terminal.wait_for("go to:");
    terminal.type_in("dev");
    terminal.wait_for("▸ dev");
    terminal.type_in("\r");
    terminal.wait_for("MFA code for dev:");
    terminal.type_in(account.sim.mfa_code().unwrap());
    terminal.wait_for("MFA code for dev: ••••••");
    terminal.type_in("\r");
    terminal.wait_for("preprod-1");
    terminal.type_in("\x07");
    terminal.wait_for("go to:");
    terminal.type_in("keys");
    terminal.wait_for("▸ keys");
    terminal.type_in("\r");
    terminal.wait_for("keys · eu-west-1");
    terminal.type_in("\x06");
    terminal.wait_for("jump: ");
    terminal.type_in("\x12");
    terminal.wait_until("nothing left to say", |screen| {
        screen.contents().contains("jump: ")
            && screen.contents().contains("2 sites")
            && !screen.contents().contains("✖")
    });
    assert_eq!(assumed(&account), 1);
    terminal.type_in("\x11");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
}

#[test]
fn a_command_asks_on_the_terminal_wherever_its_output_goes() {
    let account = account();
    let code = account.sim.mfa_code().unwrap();
    let program = Program::new("/bin/sh");
    settle(&account, program.home());
    let script = format!("{ECSUI} --profile dev list </dev/null >out 2>err; echo ended $?; wc -l <out; cat err");
    let mut terminal = program.args(["-c", &script]).start(100, 30);
    terminal.wait_for("for profile dev:");
    terminal.type_in(format!("{code}\r"));
    terminal.wait_for("ended 0");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    assert!(!terminal.contents().contains(&code), "{}", terminal.contents());
    terminal.assert_restored();
}

#[test]
fn a_command_that_gets_no_code_ends_and_leaves_the_terminal_as_it_was() {
    for key in ["\x03", "\x04"] {
        let account = account();
        let mut terminal = start(&account, &["list"]);
        terminal.wait_for("for profile dev:");
        terminal.type_in(key);
        assert_ne!(terminal.wait_for_end().exit_code(), 0);
        terminal.assert_restored();
        assert_eq!(assumed(&account), 0);
    }
}

#[test]
fn a_command_without_a_terminal_says_what_it_cannot_ask() {
    let account = account();
    let home = tempfile::tempdir().unwrap();
    settle(&account, home.path());
    let mut command = Command::new("setsid");
    command.args(["--wait", ECSUI, "--profile", "dev", "list"]).env_clear().stdin(Stdio::null());
    command.envs([("PATH", "/usr/bin:/bin"), ("AWS_EC2_METADATA_DISABLED", "true")]).env("HOME", home.path());
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("the code of the MFA device") && said.contains("there is no terminal to ask for it on"));
    assert!(output.stdout.is_empty());
}
