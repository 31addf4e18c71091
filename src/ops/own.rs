//! Commands of somebody's own, in the terminal.

use std::path::PathBuf;

use super::{Error, Kind, Result};
use crate::{
    config::Filled,
    session::{Secret, Session, Size, local},
};

/// Starts a command on this machine. Must be called within a tokio runtime. Its session ends with it.
pub fn open(label: &str, command: &Filled, size: Size) -> Result<Session> {
    let secret = |value: &String| Secret::new(value.clone());
    let program = local::Program {
        label: label.to_owned(),
        path: PathBuf::from(&command.program),
        arguments: command.arguments.iter().map(Into::into).collect(),
        environment: command
            .environment
            .iter()
            .map(|(name, value)| (name.clone(), value.as_ref().map(secret)))
            .collect(),
        raw: false,
    };
    local::open(&program, size)
        .map_err(|error| Error::new(Kind::Refused, format!("{} cannot be started", command.program)).because(error))
}
