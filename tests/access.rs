//! The way to AWS as the user's files, environment and flags describe it, each case in a process with a home and an
//! environment of its own.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "the process of a probe tells its parent what it found")]

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Lines, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    thread,
};

use ecsui::{
    aws::Access,
    config::Settings,
    ops::{CodeWanted, Codes, Cx, ls},
    session::Secret,
    sim::{Options, Sim, World},
};
use sha2::{Digest as _, Sha256};

/// Set for the process that [`probe`] runs in.
const PROBE: &str = "ECSUI_TEST_PROBE";

/// What comes before the probe's lines, among those of the test runner.
const MARK: &str = "probe: ";

#[test]
fn an_unknown_profile_is_named_with_those_there_are() {
    let home = Home::new("[profile production]\nregion = eu-west-1\n[profile dev]\nregion = eu-west-1\n");
    for said in [home.probe().profile("prod"), home.probe().env("AWS_PROFILE", "prod")] {
        said.run().expect(
            "Usage",
            "AWS cannot be used: there is no profile \"prod\" in the AWS configuration",
            &["did you mean production?", "the profiles are: dev, production"],
        );
    }
}

#[test]
fn a_machine_without_profiles_is_told_how_to_get_one() {
    let home = Home::new("");
    let answer = home.probe().profile("prod").run();
    assert!(answer.hint("`aws configure"), "{answer:?}");
}

#[test]
fn a_broken_configuration_file_is_named() {
    let home = Home::new("[profile dev\n");
    let answer = home.probe().region("eu-west-1").run();
    assert_eq!(answer.kind(), "Usage");
    assert!(answer.line().contains(".aws/config") && answer.line().contains("line 1"), "{answer:?}");
}

#[test]
fn no_region_is_told_with_the_ways_to_set_one() {
    let home = Home::new("[default]\naws_access_key_id = AKID\naws_secret_access_key = secret\n");
    home.probe().run().expect(
        "Usage",
        "AWS cannot be used: no region is set",
        &["choose one with --region, AWS_REGION, or `region = …` in the profile"],
    );
}

#[test]
fn what_is_no_region_is_told() {
    let home = Home::new("");
    for probe in [home.probe().region("eu west"), home.probe().env("AWS_REGION", "eu west")] {
        probe.run().expect(
            "Usage",
            "AWS cannot be used: \"eu west\" is not the name of a region",
            &["regions look like eu-west-1"],
        );
    }
}

#[test]
fn a_region_that_cannot_be_reached_is_named() {
    let home = Home::new("[default]\naws_access_key_id = AKID\naws_secret_access_key = secret\n");
    // A proxy that is not there stands for the name that does not resolve: no test asks the network.
    let answer = home.probe().region("xx-nowhere-9").env("HTTPS_PROXY", "http://127.0.0.1:1").run();
    assert_eq!(answer.kind(), "Unreachable");
    assert!(answer.hint("is xx-nowhere-9 the right region"), "{answer:?}");
}

#[test]
fn what_is_no_endpoint_is_told() {
    let home = Home::new("");
    let answer = home.probe().region("eu-west-1").endpoint("localhost:1").run();
    assert_eq!((answer.kind(), answer.line()), ("Usage", "AWS cannot be used: \"localhost:1\" is not an endpoint URL"));
}

/// Set but empty is not set: that is how a variable is taken back for one command.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_set_and_empty_counts_as_unset() {
    let sim = sim().await;
    let (keys, endpoint) = (keys(&sim), sim.endpoint());
    let general = Home::new(&format!("[default]\nregion = eu-west-1\nendpoint_url = {endpoint}\n{keys}"));
    for (name, probe) in [
        ("AWS_ENDPOINT_URL", general.probe().env("AWS_ENDPOINT_URL", "")),
        ("AWS_ENDPOINT_URL_ECS", general.probe().env("AWS_ENDPOINT_URL_ECS", "")),
        ("the endpoint's flag", general.probe().endpoint("")),
        ("AWS_REGION", general.probe().env("AWS_REGION", "")),
        ("AWS_DEFAULT_REGION", general.probe().env("AWS_DEFAULT_REGION", "")),
        ("AWS_REGION before another", general.probe().env("AWS_REGION", "").env("AWS_DEFAULT_REGION", "eu-west-1")),
        ("the region's flag", general.probe().region("")),
        ("AWS_PROFILE", general.probe().env("AWS_PROFILE", "")),
        ("the profile's flag", general.probe().profile("")),
    ] {
        assert_eq!(probe.run().clusters(), Some(2), "{name}");
    }
    let in_files = Home::new(&format!(
        "[default]\nregion = eu-west-1\nendpoint_url =\nservices = local\n{keys}[services local]\necs =\n  \
         endpoint_url =\n"
    ));
    assert_eq!(in_files.probe().env("AWS_ENDPOINT_URL", endpoint).run().clusters(), Some(2));
    let nowhere = Home::new("[default]\nregion = eu-west-1\nendpoint_url =\n");
    assert_eq!(nowhere.probe().env("AWS_ENDPOINT_URL", "").run().kind(), "Expired");
}

#[test]
fn what_is_no_endpoint_is_told_wherever_it_stands() {
    let keys = "aws_access_key_id = AKID\naws_secret_access_key = secret\n";
    let plain = Home::new(&format!("[default]\nregion = eu-west-1\n{keys}"));
    let in_profile = Home::new(&format!("[default]\nregion = eu-west-1\nendpoint_url = localhost:1\n{keys}"));
    for probe in [
        plain.probe().env("AWS_ENDPOINT_URL", "localhost:1"),
        plain.probe().env("AWS_ENDPOINT_URL_ECS", "localhost:1"),
        plain.probe().env("AWS_ENDPOINT_URL_SSM", "localhost:1"),
        in_profile.probe(),
    ] {
        let answer = probe.run();
        assert_eq!(
            (answer.kind(), answer.line()),
            ("Usage", "AWS cannot be used: \"localhost:1\" is not an endpoint URL")
        );
    }
}

/// Our calls have retries of their own; what other tools are told about theirs must not stop us.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retry_settings_that_the_sdk_does_not_know_are_no_obstacle() {
    let sim = sim().await;
    let home = Home::new(&format!("[default]\nregion = eu-west-1\nretry_mode = legacy\n{}", keys(&sim)));
    let probe = || home.probe().endpoint(sim.endpoint());
    for probe in [
        probe(),
        probe().env("AWS_RETRY_MODE", "adaptive"),
        probe().env("AWS_MAX_ATTEMPTS", "0"),
        probe().env("AWS_MAX_ATTEMPTS", "99999999999"),
    ] {
        assert_eq!(probe.run().clusters(), Some(2));
    }
}

#[test]
fn keys_with_a_line_break_are_refused_before_they_are_sent() {
    let home = Home::new("");
    let probe = home.probe().region("eu-west-1").env("AWS_ACCESS_KEY_ID", "AKID\nx").env("AWS_SECRET_ACCESS_KEY", "x");
    let answer = probe.run();
    assert_eq!(answer.kind(), "Expired", "{answer:?}");
    assert!(answer.line().contains("the access key id holds"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_region_that_is_not_served_there_is_named() {
    let sim = sim().await;
    let home = Home::new(&format!("[default]\n{}", keys(&sim)));
    let answer = home.probe().endpoint(sim.endpoint()).region("xx-nowhere-9").run();
    assert_eq!(answer.kind(), "Usage", "{answer:?}");
    assert!(answer.hint("is xx-nowhere-9 the right region") && !answer.hint("credentials"), "{answer:?}");
}

#[test]
fn no_credentials_are_told_with_the_ways_to_get_some() {
    let home = Home::new("[profile empty]\nregion = eu-west-1\n");
    for probe in [home.probe().region("eu-west-1"), home.probe().profile("empty")] {
        let answer = probe.run();
        assert_eq!(answer.kind(), "Expired", "{answer:?}");
        assert!(answer.line().ends_with("no credentials were found") && answer.hint("--profile"), "{answer:?}");
    }
}

#[test]
fn a_profile_that_leads_nowhere_says_where() {
    let home = Home::new(
        "[profile dev]\nregion = eu-west-1\nrole_arn = arn:aws:iam::123456789012:role/dev\nsource_profile = gone\n\
         [profile process]\nregion = eu-west-1\ncredential_process = false\n",
    );
    let answer = home.probe().profile("dev").run();
    assert_eq!(answer.kind(), "Expired", "{answer:?}");
    assert!(answer.line().contains("profile `gone` was not defined"), "{answer:?}");
    let answer = home.probe().profile("process").run();
    assert!(answer.line().contains("external process exited"), "{answer:?}");
}

#[test]
fn an_sso_profile_without_a_login_is_told_how_to_log_in() {
    let home = Home::new(
        "[profile dev]\nregion = eu-west-1\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = dev\n\
         [sso-session corp]\nsso_start_url = https://corp.example/start\nsso_region = eu-west-1\n",
    );
    let answer = home.probe().profile("dev").run();
    assert_eq!(answer.kind(), "Expired", "{answer:?}");
    assert!(answer.hint("`aws sso login --profile dev`"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_name_an_endpoint_leads_there() {
    let sim = sim().await;
    let keys = keys(&sim);
    let endpoint = sim.endpoint();
    let plain = Home::new(&format!("[default]\nregion = eu-west-1\n{keys}"));
    let in_profile = Home::new(&format!("[default]\nregion = eu-west-1\nendpoint_url = {endpoint}\n{keys}"));
    let in_services = Home::new(&format!(
        "[default]\nregion = eu-west-1\nservices = local\n{keys}[services local]\necs =\n  endpoint_url = {endpoint}\n"
    ));
    for (name, probe) in [
        ("the flag", plain.probe().endpoint(endpoint)),
        ("AWS_ENDPOINT_URL", plain.probe().env("AWS_ENDPOINT_URL", endpoint)),
        ("AWS_ENDPOINT_URL_ECS", plain.probe().env("AWS_ENDPOINT_URL_ECS", endpoint)),
        ("the profile", in_profile.probe()),
        ("the profile's services", in_services.probe()),
        (
            "a service's endpoint comes before the general one",
            plain.probe().env("AWS_ENDPOINT_URL_ECS", endpoint).env("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ),
        (
            "the flag comes before the environment",
            plain.probe().endpoint(endpoint).env("AWS_ENDPOINT_URL_ECS", "http://127.0.0.1:1"),
        ),
    ] {
        assert_eq!(probe.run().clusters(), Some(2), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_asked_for_by_name_comes_before_keys_in_the_environment() {
    let sim = sim().await;
    let home = Home::new(&format!("[profile dev]\nregion = eu-west-1\n{}", keys(&sim)));
    let wrong = |probe: Probe| probe.env("AWS_ACCESS_KEY_ID", "AKIDWRONG").env("AWS_SECRET_ACCESS_KEY", "wrong");
    let probe = || home.probe().endpoint(sim.endpoint());
    assert_eq!(wrong(probe().profile("dev")).run().clusters(), Some(2));
    // As with every AWS tool, naming it in the environment is weaker than keys in the environment.
    assert_eq!(wrong(probe().env("AWS_PROFILE", "dev")).run().kind(), "Expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_profile_called_env_is_the_environments_keys() {
    let sim = sim().await;
    let home = Home::new(&format!("[default]\n{}", keys(&sim)));
    let probe = || home.probe().endpoint(sim.endpoint()).region("eu-west-1").profile("env");
    assert_eq!(probe().run().kind(), "Expired");
    let given = probe().env("AWS_ACCESS_KEY", sim.access_key()).env("AWS_SECRET_KEY", sim.secret_key());
    assert_eq!(given.run().clusters(), Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_process_is_asked() {
    let sim = sim().await;
    let answer = format!(
        r#"{{"Version": 1, "AccessKeyId": "{}", "SecretAccessKey": "{}"}}"#,
        sim.access_key(),
        sim.secret_key()
    );
    let home = Home::new("");
    let file = home.0.path().join("answer.json");
    fs::write(&file, answer).unwrap();
    let config = format!("[profile dev]\nregion = eu-west-1\ncredential_process = cat {}\n", file.display());
    home.configure(&config);
    assert_eq!(home.probe().profile("dev").endpoint(sim.endpoint()).run().clusters(), Some(2));
}

/// A profile with keys, and one that assumes a role with its device's code.
fn with_mfa(sim: &Sim) -> Home {
    Home::new(&format!(
        "[profile keys]\n{}[profile dev]\nregion = eu-west-1\nrole_arn = arn:aws:iam::{}:role/dev\nsource_profile = keys\n\
         mfa_serial = {}\nduration_seconds = 1800\nrole_session_name = mia\nexternal_id = x-1\n",
        keys(sim),
        sim.account(),
        sim.mfa_device(),
    ))
}

fn assumed(sim: &Sim) -> Vec<serde_json::Value> {
    let calls = sim.calls().into_iter().filter(|call| call.operation == "AssumeRole");
    calls.map(|call| call.body).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_is_assumed_with_the_code_that_was_asked_for_once() {
    let sim = sim().await;
    sim.demand_mfa("dev");
    let home = with_mfa(&sim);
    let code = sim.mfa_code().unwrap();
    let answer = home.probe().profile("dev").env("AWS_ENDPOINT_URL", sim.endpoint()).codes(&[&code]).run();
    assert_eq!(answer.clusters(), Some(2), "{answer:?}");
    assert_eq!(answer.asked(), [format!("dev {} arn:aws:iam::{}:role/dev -", sim.mfa_device(), sim.account())]);
    let assumed = assumed(&sim);
    assert_eq!(assumed.len(), 1, "{assumed:?}");
    assert_eq!(assumed[0]["DurationSeconds"], "1800");
    assert_eq!((&assumed[0]["ExternalId"], &assumed[0]["RoleSessionName"]), (&"x-1".into(), &"mia".into()));
    assert_eq!((&assumed[0]["SerialNumber"], &assumed[0]["TokenCode"]), (&sim.mfa_device().into(), &code.into()));
    assert_eq!(answer.caller(), format!("arn:aws:sts::{}:assumed-role/dev/mia", sim.account()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_code_is_said_and_another_one_asked_for() {
    let sim = sim().await;
    let home = with_mfa(&sim);
    let code = sim.mfa_code().unwrap();
    let probe = || home.probe().profile("dev").env("AWS_ENDPOINT_URL", sim.endpoint());
    // Any digits but those that are shown.
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let answer = probe().codes(&["12ab", wrong, &code]).run();
    assert_eq!(answer.clusters(), Some(2), "{answer:?}");
    let asked = answer.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked[1].ends_with("a code has six digits"), "{asked:?}");
    assert!(asked[2].ends_with("MultiFactorAuthentication failed with invalid MFA one time pass code."), "{asked:?}");
    assert_eq!(assumed(&sim).len(), 2, "what is no code is not shown to AWS");
    let answer = probe().codes(&[&code, &code, &code]).run();
    assert_eq!((answer.kind(), answer.asked().len()), ("Expired", 3), "a code is good once: {answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gives_no_code_is_told_what_it_was_for() {
    let sim = sim().await;
    let home = with_mfa(&sim);
    let answer = home.probe().profile("dev").env("AWS_ENDPOINT_URL", sim.endpoint()).codes(&[]).run();
    let device = sim.mfa_device();
    assert_eq!(answer.kind(), "Expired");
    let line =
        format!("AWS cannot be used: profile dev: the code of the MFA device {device} is needed: nobody has one");
    assert_eq!(answer.line(), line);
    assert!(assumed(&sim).is_empty());
}

/// The session outlives the way to AWS that asked for it, and what runs out is asked for again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_used_until_aws_does_not_take_it_any_more() {
    let sim = sim().await;
    let home = with_mfa(&sim);
    let codes = [sim.mfa_code().unwrap(), sim.mfa_code().unwrap()];
    let mut running = home.probe().profile("dev").env("AWS_ENDPOINT_URL", sim.endpoint());
    running = running.codes(&[&codes[0], &codes[1]]).env("ECSUI_TEST_STEPS", "4");
    let mut running = running.start();
    assert_eq!(running.step().clusters(), Some(2));
    assert_eq!(running.step().clusters(), Some(2));
    assert_eq!(assumed(&sim).len(), 1);
    sim.advance(std::time::Duration::from_secs(1801));
    assert_eq!(running.step().kind(), "Expired", "AWS knows that it is over before we do");
    assert_eq!(running.step().clusters(), Some(2));
    assert_eq!(assumed(&sim).len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_not_be_assumed_is_named() {
    let sim = sim().await;
    let role = format!("arn:aws:iam::{}:role/dev", sim.account());
    sim.edit(|world| world.deny("demo", "sts:AssumeRole", "*"));
    let config = format!("[profile dev]\nregion = eu-west-1\nrole_arn = {role}\nsource_profile = dev\n{}", keys(&sim));
    let answer = Home::new(&config).probe().profile("dev").endpoint(sim.endpoint()).run();
    assert_eq!(answer.kind(), "Denied", "{answer:?}");
    assert!(answer.line().contains(&format!("not allowed: sts:AssumeRole on {role}")), "{answer:?}");
    assert!(answer.hint("ask for sts:AssumeRole"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_lead_to_roles_and_to_the_environment() {
    let sim = sim().await;
    let account = sim.account();
    let home = Home::new(&format!(
        "[profile keys]\n{}[profile one]\nrole_arn = arn:aws:iam::{account}:role/one\nsource_profile = keys\n\
         [profile two]\nregion = eu-west-1\nrole_arn = arn:aws:iam::{account}:role/two\nsource_profile = one\n\
         [profile env]\nregion = eu-west-1\nrole_arn = arn:aws:iam::{account}:role/e\ncredential_source = Environment\n\
         [profile round]\nregion = eu-west-1\nrole_arn = arn:aws:iam::{account}:role/r\nsource_profile = about\n\
         [profile about]\nregion = eu-west-1\nrole_arn = arn:aws:iam::{account}:role/a\nsource_profile = round\n",
        keys(&sim)
    ));
    let probe = |name: &str| home.probe().profile(name).endpoint(sim.endpoint());
    let answer = probe("two").run();
    assert!(answer.caller().contains(":assumed-role/two/ecsui-"), "{answer:?}");
    assert_eq!(assumed(&sim).len(), 2);
    let answer = probe("round").run();
    assert!(answer.line().ends_with("the profiles round, about and round lead to one another"), "{answer:?}");
    let keys = [("AWS_ACCESS_KEY_ID", sim.access_key()), ("AWS_SECRET_ACCESS_KEY", sim.secret_key())];
    let by_role = home.probe().env("AWS_PROFILE", "env").endpoint(sim.endpoint());
    let answer = keys.into_iter().fold(by_role, |probe, (name, value)| probe.env(name, value)).run();
    assert_eq!(answer.clusters(), Some(2), "{answer:?}");
}

/// A profile of the access portal, by a session of its own.
fn with_sso(sim: &Sim) -> Home {
    Home::new(&format!(
        "[profile dev]\nregion = eu-west-1\nsso_session = corp\nsso_account_id = {account}\nsso_role_name = admin\n\
         [profile deploy]\nregion = eu-west-1\nrole_arn = arn:aws:iam::{account}:role/deploy\nsource_profile = dev\n\
         [sso-session corp]\nsso_start_url = https://corp.example/start\nsso_region = eu-west-1\n",
        account = sim.account(),
    ))
}

/// What `aws sso login` leaves behind.
fn log_in(home: &Home, token: &str, expires: &str) {
    let cache = home.0.path().join(".aws/sso/cache");
    fs::create_dir_all(&cache).unwrap();
    // The name is the SHA-1 of the session's.
    let text = serde_json::json!({
        "startUrl": "https://corp.example/start", "region": "eu-west-1", "accessToken": token, "expiresAt": expires,
    });
    fs::write(cache.join("ee0bfd2552fbd840c02cc48b6e823320543c450f.json"), text.to_string()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_logged_in_to_the_access_portal_is_let_in() {
    let sim = sim().await;
    let home = with_sso(&sim);
    log_in(&home, &sim.identity_token(std::time::Duration::from_hours(8)).unwrap(), "2999-01-01T00:00:00Z");
    let probe = |name: &str| home.probe().profile(name).env("AWS_ENDPOINT_URL", sim.endpoint());
    let answer = probe("dev").run();
    assert!(answer.caller().contains(":assumed-role/AWSReservedSSO_admin_"), "{answer:?}");
    let answer = probe("deploy").run();
    assert!(answer.caller().contains(":assumed-role/deploy/"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_must_log_in_again_is_told_the_one_command_and_let_in_after_it() {
    let sim = sim().await;
    let (run_out, good) = (
        sim.identity_token(std::time::Duration::ZERO).unwrap(),
        sim.identity_token(std::time::Duration::from_hours(8)).unwrap(),
    );
    for (profile, token, expires) in [
        ("dev", "", "2020-01-01T00:00:00Z"),
        // AWS has ended it before its time.
        ("dev", &*run_out, "2999-01-01T00:00:00Z"),
        ("deploy", "", "2020-01-01T00:00:00Z"),
    ] {
        let home = with_sso(&sim);
        log_in(&home, token, expires);
        let probe = home.probe().profile(profile).env("AWS_ENDPOINT_URL", sim.endpoint());
        let mut running = probe.env("ECSUI_TEST_STEPS", "2").start();
        let answer = running.step();
        assert_eq!(answer.kind(), "Expired", "{answer:?}");
        assert!(answer.hint("log in again: `aws sso login --profile dev`") && answer.passes(), "{answer:?}");
        log_in(&home, &good, "2999-01-01T00:00:00Z");
        assert_eq!(running.step().clusters(), Some(2));
    }
}

/// What proves to AWS Sign-In that somebody logged in on this machine; it opens nothing but simulations.
const DPOP_KEY: &str = "-----BEGIN EC PRIVATE KEY-----\n\
    MHcCAQEEIIfatHwGKweHZCqa182bRVddXdgKCuC1hlZeFmIekbtnoAoGCCqGSM49\n\
    AwEHoUQDQgAEa6ImcGWNB05qn7bQod/Evt5cuiWNCA/MUElnk+7Bjv6+emw94zwf\n\
    wwhsX/5I7ge9h4gBiEN+L85XIfu2bb9bWA==\n-----END EC PRIVATE KEY-----\n";

/// The file that `aws login` leaves behind, with the keys of a caller, or with none that are good, until then. Its name
/// is the SHA-256 of the session's.
fn sign_in(home: &Home, account: &str, keys: [&str; 3], refresh: &str, expires: &str) -> PathBuf {
    let session = format!("arn:aws:iam::{account}:user/mia");
    home.configure(&format!("[profile dev]\nregion = eu-west-1\nlogin_session = {session}\n"));
    let cache = home.0.path().join(".aws/login/cache");
    fs::create_dir_all(&cache).unwrap();
    let text = serde_json::json!({
        "accessToken": {
            "accessKeyId": keys[0], "secretAccessKey": keys[1], "sessionToken": keys[2], "accountId": account,
            "expiresAt": expires,
        },
        "tokenType": "aws_sigv4", "refreshToken": refresh, "idToken": "x", "dpopKey": DPOP_KEY,
        "clientId": "arn:aws:signin:::devtools/same-device",
    });
    let name: Vec<String> = Sha256::digest(session).iter().map(|byte| format!("{byte:02x}")).collect();
    let file = cache.join(format!("{}.json", name.concat()));
    fs::write(&file, text.to_string()).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_signed_in_is_let_in_and_stays_so() {
    let sim = sim().await;
    let home = Home::new("");
    let lent = sim.lend("box", std::time::Duration::from_hours(1)).unwrap();
    let refresh = sim.identity_token(std::time::Duration::from_hours(12)).unwrap();
    let probe = || home.probe().profile("dev").env("AWS_ENDPOINT_URL", sim.endpoint());
    sign_in(&home, &sim.account(), lent.each_ref().map(|word| &**word), &refresh, "2999-01-01T00:00:00Z");
    let answer = probe().run();
    assert!(answer.caller().ends_with(":assumed-role/box/session"), "{answer:?}");
    assert!(!sim.calls().iter().any(|call| call.service == "signin"));

    let file = sign_in(&home, &sim.account(), ["AKIAOLD", "old", "old"], &refresh, "2020-01-01T00:00:00Z");
    let answer = probe().run();
    assert!(answer.caller().ends_with(":user/mia"), "{answer:?}");
    assert_eq!(sim.calls().iter().filter(|call| call.operation == "CreateOAuth2Token").count(), 1);
    let kept: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert!(kept["refreshToken"] != *refresh && kept["accessToken"]["accessKeyId"] != "AKIAOLD", "nothing was kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_must_sign_in_again_is_told_the_one_command_and_let_in_after_it() {
    let sim = sim().await;
    let home = Home::new("");
    let run_out = sim.identity_token(std::time::Duration::ZERO).unwrap();
    sign_in(&home, &sim.account(), ["AKIAOLD", "old", "old"], &run_out, "2020-01-01T00:00:00Z");
    let probe = home.probe().profile("dev").env("AWS_ENDPOINT_URL", sim.endpoint());
    let mut running = probe.env("ECSUI_TEST_STEPS", "2").start();
    let answer = running.step();
    assert_eq!(answer.kind(), "Expired", "{answer:?}");
    assert!(answer.hint("log in again: `aws login --profile dev`") && answer.passes(), "{answer:?}");
    let lent = sim.lend("box", std::time::Duration::from_hours(1)).unwrap();
    sign_in(&home, &sim.account(), lent.each_ref().map(|word| &**word), "next", "2999-01-01T00:00:00Z");
    assert_eq!(running.step().clusters(), Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_web_identity_is_exchanged_for_a_role() {
    let sim = sim().await;
    let role = format!("arn:aws:iam::{}:role/pod", sim.account());
    let token = sim.identity_token(std::time::Duration::from_hours(1)).unwrap();
    let home = Home::new("");
    let file = home.write("token", &token);
    home.configure(&format!(
        "[profile dev]\nregion = eu-west-1\nrole_arn = {role}\nweb_identity_token_file = {}\n",
        file.display()
    ));
    let probe = || home.probe().env("AWS_ENDPOINT_URL", sim.endpoint());
    let of_environment =
        probe().region("eu-west-1").env("AWS_WEB_IDENTITY_TOKEN_FILE", &file).env("AWS_ROLE_ARN", &role);
    for probe in [probe().profile("dev"), of_environment] {
        let answer = probe.run();
        assert!(answer.caller().contains(":assumed-role/pod/"), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_and_an_instance_have_roles() {
    let sim = sim().await;
    let [access, secret, token] = sim.lend("box", std::time::Duration::from_hours(1)).unwrap();
    let keys = serde_json::json!({
        "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-01-01T00:00:00Z", "AccessKeyId": access,
        "SecretAccessKey": secret, "Token": token, "Expiration": "2999-01-01T00:00:00Z",
    });
    let metadata = Metadata::serve(keys.to_string());
    let home = Home::new("[default]\nregion = eu-west-1\n");
    let probe = || home.probe().env("AWS_ENDPOINT_URL", sim.endpoint());
    let container = probe().env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/keys", metadata.url));
    let instance =
        probe().env("AWS_EC2_METADATA_DISABLED", "false").env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url);
    for probe in [container, instance] {
        let answer = probe.run();
        assert!(answer.caller().ends_with(":assumed-role/box/session"), "{answer:?}");
    }
}

/// As with the AWS CLI: the variable before the profile, and set but empty is not set.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ca_bundle_is_believed() {
    let (sim, stranger) = (sim_with_tls().await, sim_with_tls().await);
    let home = Home::new(&format!("[default]\nregion = eu-west-1\n{}", keys(&sim)));
    let bundle = home.write("ca.pem", sim.ca_pem().unwrap());
    let probe = || home.probe().endpoint(sim.endpoint());
    let distrusts = |answer: Answer| {
        answer.expect(
            "Unreachable",
            "the clusters cannot be listed: ecs:ListClusters: cannot be reached: its certificate comes from an \
             authority that is not trusted here",
            &["the file that AWS_CA_BUNDLE or the profile's `ca_bundle` names must hold its issuer's certificate"],
        );
    };
    let other = home.write("other.pem", stranger.ca_pem().unwrap());
    // This machine's own authorities, whatever machine it is.
    distrusts(probe().env("SSL_CERT_FILE", &other).run());
    assert_eq!(probe().env("AWS_CA_BUNDLE", &bundle).run().clusters(), Some(2));
    // This machine is not reached through the proxy that is not there.
    let proxied = probe().env("AWS_CA_BUNDLE", &bundle).env("HTTPS_PROXY", "http://127.0.0.1:1");
    assert_eq!(proxied.run().clusters(), Some(2));

    home.configure(&format!("[default]\nregion = eu-west-1\nca_bundle = {}\n{}", bundle.display(), keys(&sim)));
    assert_eq!(probe().run().clusters(), Some(2));
    assert_eq!(probe().env("AWS_CA_BUNDLE", "").run().clusters(), Some(2));
    distrusts(probe().env("AWS_CA_BUNDLE", other).run());
}

/// Credentials come over the same connections as calls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gives_credentials_must_be_believed_too() {
    let (sim, stranger) = (sim_with_tls().await, sim_with_tls().await);
    let home = Home::new("[default]\nregion = eu-west-1\n");
    let other = home.write("other.pem", stranger.ca_pem().unwrap());
    let answer = home
        .probe()
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/credentials", sim.endpoint()))
        .env("AWS_CA_BUNDLE", other)
        .run();
    assert!(answer.line().ends_with("its certificate comes from an authority that is not trusted here"), "{answer:?}");
    assert!(answer.hint("AWS_CA_BUNDLE"), "{answer:?}");
}

#[test]
fn a_ca_bundle_that_cannot_be_used_is_named() {
    let home = Home::new("[default]\nregion = eu-west-1\nca_bundle = /nowhere/ca.pem\n");
    home.probe().run().expect(
        "Usage",
        "AWS cannot be used: the CA bundle /nowhere/ca.pem cannot be used: No such file or directory (os error 2)",
        &["the profile's ca_bundle names it; it should be a file of certificates in PEM"],
    );
    for (text, reason) in [
        ("", "it holds no certificate"),
        ("a text\n", "it holds no certificate"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "it holds no certificate"),
        ("-----BEGIN CERTIFICATE-----\n", "it is not PEM"),
    ] {
        let bundle = home.write("ca.pem", text);
        let answer = home.probe().env("AWS_CA_BUNDLE", &bundle).run();
        let line = format!("AWS cannot be used: the CA bundle {} cannot be used: {reason}", bundle.display());
        assert!(answer.line().starts_with(&line), "{answer:?}");
        assert!(answer.hint("AWS_CA_BUNDLE names it"), "{answer:?}");
    }
}

/// The user repairs the files while the program runs, and asks again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repaired_configuration_is_read_again() {
    let sim = sim().await;
    let right = format!("[profile dev]\nregion = eu-west-1\n{}", keys(&sim));
    let run_out = "[profile dev]\nregion = eu-west-1\naws_access_key_id = OLD\naws_secret_access_key = old\n";
    for (broken, kind) in [("[profile other]\nregion = eu-west-1\n", "Usage"), (run_out, "Expired")] {
        let home = Home::new(broken);
        let repair = home.0.path().join("repaired");
        fs::write(&repair, &right).unwrap();
        let answer = home.probe().profile("dev").endpoint(sim.endpoint()).env("ECSUI_TEST_REPAIR", &repair).run();
        assert_eq!((answer.kind(), answer.clusters()), (kind, Some(2)), "{answer:?}");
    }
}

/// Not a test of its own: what the others run in a process of its own.
#[tokio::test]
async fn probe() {
    if env::var_os(PROBE).is_none() {
        return;
    }
    let flag = |name: &str| env::var(name).ok();
    let access = Access::Chain {
        profile: flag("ECSUI_TEST_PROFILE"),
        region: flag("ECSUI_TEST_REGION"),
        endpoint_url: flag("ECSUI_TEST_ENDPOINT"),
    };
    let codes = std::sync::Mutex::new(flag("ECSUI_TEST_CODES").unwrap_or_default());
    let cx = Cx::new(access, Settings::default()).asking(Codes::asked(move |wanted| {
        let CodeWanted { profile, device, role, refused } = wanted;
        println!("\n{MARK}asked {profile} {device} {role} {}", refused.as_deref().unwrap_or("-"));
        let mut codes = codes.lock().unwrap();
        let (code, rest) =
            codes.split_once(',').map(|(code, rest)| (code.to_owned(), rest.to_owned())).unwrap_or_default();
        *codes = rest;
        std::future::ready(if code.is_empty() { Err("nobody has one".to_owned()) } else { Ok(Secret::new(code)) })
    }));
    if let Some(steps) = flag("ECSUI_TEST_STEPS") {
        for _ in 0..steps.parse().unwrap() {
            std::io::stdin().read_line(&mut String::new()).unwrap();
            report(&cx).await;
            println!("\n{MARK}step");
        }
        return;
    }
    report(&cx).await;
    if let Some(repaired) = env::var_os("ECSUI_TEST_REPAIR") {
        let config = Path::new(&env::var_os("HOME").unwrap()).join(".aws/config");
        fs::copy(repaired, config).unwrap();
        report(&cx).await;
    }
}

async fn report(cx: &Cx) {
    match ls::clusters(cx).await {
        Ok(clusters) => {
            println!("\n{MARK}clusters {}", clusters.clusters.len());
            if let Ok(identity) = ls::identity(cx).await {
                println!("{MARK}caller {}", identity.caller.unwrap_or_default());
            }
        }
        Err(error) => {
            println!("\n{MARK}kind {:?}\n{MARK}line {}\n{MARK}passes {}", error.kind, error.line(), error.passes());
            for hint in &error.hints {
                println!("{MARK}hint {hint}");
            }
        }
    }
}

async fn sim() -> Sim {
    Sim::start(World::grid(2, 1, 1), Options::explicit()).await.unwrap()
}

async fn sim_with_tls() -> Sim {
    Sim::start(World::grid(2, 1, 1), Options { tls: true, ..Options::explicit() }).await.unwrap()
}

fn keys(sim: &Sim) -> String {
    format!("aws_access_key_id = {}\naws_secret_access_key = {}\n", sim.access_key(), sim.secret_key())
}

/// A home directory with an `~/.aws/config`.
struct Home(tempfile::TempDir);

impl Home {
    fn new(config: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir(home.0.path().join(".aws")).unwrap();
        home.configure(config);
        home
    }

    fn configure(&self, config: &str) {
        fs::write(self.0.path().join(".aws/config"), config).unwrap();
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn probe(&self) -> Probe {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "probe", "--nocapture", "--test-threads", "1"]).env_clear();
        command.env(PROBE, "1").env("HOME", self.0.path()).env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("PATH", "/usr/bin:/bin");
        Probe(command)
    }
}

struct Probe(Command);

impl Probe {
    fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    fn profile(self, name: &str) -> Self {
        self.env("ECSUI_TEST_PROFILE", name)
    }

    fn region(self, name: &str) -> Self {
        self.env("ECSUI_TEST_REGION", name)
    }

    fn endpoint(self, url: &str) -> Self {
        self.env("ECSUI_TEST_ENDPOINT", url)
    }

    /// What is answered when a code is asked for.
    fn codes(self, codes: &[&str]) -> Self {
        self.env("ECSUI_TEST_CODES", format!("{},", codes.join(",")))
    }

    fn start(mut self) -> Running {
        let mut child = self.0.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Running { child, lines }
    }

    fn run(mut self) -> Answer {
        let Output { status, stdout, stderr } = self.0.output().unwrap();
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        let lines = String::from_utf8(stdout).unwrap();
        Answer(lines.lines().filter_map(|line| line.strip_prefix(MARK)).map(str::to_owned).collect())
    }
}

/// A probe that looks when it is told to.
struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn step(&mut self) -> Answer {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
        let mut found = Vec::new();
        for line in self.lines.by_ref() {
            match line.unwrap().strip_prefix(MARK) {
                Some("step") => return Answer(found),
                Some(line) => found.push(line.to_owned()),
                None => {}
            }
        }
        panic!("the probe has ended: {found:?}")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

/// What a container and an instance ask for their keys.
struct Metadata {
    url: String,
}

impl Metadata {
    fn serve(keys: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut asked = String::new();
                reader.read_line(&mut asked).unwrap();
                let mut header = String::new();
                while reader.read_line(&mut header).is_ok_and(|length| length > 2) {
                    header.clear();
                }
                let body = match asked.split(' ').nth(1).unwrap_or_default() {
                    "/latest/api/token" => "a-token",
                    path if path.ends_with("/security-credentials/") => "box",
                    path if path == "/keys" || path.ends_with("/security-credentials/box") => &keys,
                    _ => "",
                };
                let status = if body.is_empty() { "404 Not Found" } else { "200 OK" };
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {}\r\nx-aws-ec2-metadata-token-ttl-seconds: 60\r\n\
                     connection: close\r\n\r\n",
                    body.len()
                );
                let _client_gone = stream.write_all(format!("{head}{body}").as_bytes());
            }
        });
        Self { url }
    }
}

/// The probe's lines.
#[derive(Debug)]
struct Answer(Vec<String>);

impl Answer {
    fn kind(&self) -> &str {
        self.find("kind ").unwrap_or("none")
    }

    fn line(&self) -> &str {
        self.find("line ").unwrap_or_default()
    }

    fn clusters(&self) -> Option<usize> {
        self.find("clusters ")?.parse().ok()
    }

    fn caller(&self) -> &str {
        self.find("caller ").unwrap_or_default()
    }

    fn passes(&self) -> bool {
        self.find("passes ") == Some("true")
    }

    /// What codes were asked for: profile, device, role, and why the one before was not taken.
    fn asked(&self) -> Vec<&str> {
        self.0.iter().filter_map(|line| line.strip_prefix("asked ")).collect()
    }

    fn hint(&self, words: &str) -> bool {
        self.0.iter().any(|line| line.starts_with("hint ") && line.contains(words))
    }

    fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|line| line.strip_prefix(name))
    }

    fn expect(&self, kind: &str, line: &str, hints: &[&str]) {
        assert_eq!((self.kind(), self.line()), (kind, line));
        let said: Vec<&str> = self.0.iter().filter_map(|line| line.strip_prefix("hint ")).collect();
        assert_eq!(said, hints);
    }
}
