//! The ways to a simulated AWS: of the SDK in this process, and of the program as a script runs it.

#![allow(dead_code, reason = "each user of this file needs a part of it")]

use std::{
    path::Path,
    process::{Command, Stdio},
};

use ecsui::{aws::Access, config::Settings, ops::Cx, session::Secret, sim::Sim};

/// Returns what lets the SDK in.
pub(crate) fn access(sim: &Sim) -> Access {
    Access::Fixed {
        name: "demo".to_owned(),
        region: sim.region().to_owned(),
        endpoint_url: sim.endpoint().to_owned(),
        access_key: sim.access_key().to_owned(),
        secret_key: Secret::new(sim.secret_key()),
    }
}

/// Returns what operations need, with nobody's settings.
pub(crate) fn cx(sim: &Sim) -> Cx {
    Cx::new(access(sim), Settings::default())
}

/// Returns the program with this line of words in a home of its own, let in.
pub(crate) fn command(sim: &Sim, home: &Path, line: &str) -> Command {
    let mut command = stranger(home, line);
    command.envs([
        ("AWS_ENDPOINT_URL", sim.endpoint()),
        ("AWS_REGION", sim.region()),
        ("AWS_ACCESS_KEY_ID", sim.access_key()),
        ("AWS_SECRET_ACCESS_KEY", sim.secret_key()),
    ]);
    command
}

/// Returns the program with this line of words in a home of its own, which knows no account.
pub(crate) fn stranger(home: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecsui"));
    command.args(line.split_whitespace()).env_clear().current_dir(home).stdin(Stdio::null());
    command.envs([("PATH", "/usr/bin:/bin"), ("TZ", "UTC"), ("AWS_EC2_METADATA_DISABLED", "true")]);
    command.env("HOME", home);
    command
}
