//! How far a handshake has come, and what its actions are answered.

use bytes::{Bytes, BytesMut};
use serde_json::Value;

use super::{
    super::message::{ActionStatus, EncryptionRequest, EncryptionResult, ProcessedAction, RequestedAction},
    KeyWish,
};

/// The name of the action that encrypts a session.
const ENCRYPTION: &str = "KMSEncryption";

/// Whether the agent wants things settled before data flows, and how far that has come.
#[derive(Debug)]
pub(super) enum Handshake {
    /// Not known before its first message. If it does, it throws away what was typed so far, which is remembered.
    Unknown { typed: BytesMut },
    /// It wants the session encrypted, and its answers wait for the key.
    WantsKey { wish: KeyWish, answers: Answers },
    /// It was answered, and is not content yet.
    UnderWay,
    /// Data flows.
    Settled,
    /// No data flows any more: the session is to end.
    GivenUp,
}

/// The answers to the actions that an agent asks for, in its order.
#[derive(Debug, Default)]
pub(super) struct Answers {
    actions: Vec<ProcessedAction>,
    wish: Option<KeyWish>,
}

impl Answers {
    /// Answers all that needs no key.
    pub(super) fn to(requested: &[RequestedAction]) -> Self {
        let mut answers = Self { actions: requested.iter().map(answer).collect(), wish: None };
        if answers.refusal().is_none() {
            answers.wish = requested.iter().find_map(wish);
        }
        answers
    }

    /// Returns what the key is to be made with, where one is wanted and nothing else stands in the way.
    pub(super) fn wish(&self) -> Option<&KeyWish> {
        self.wish.as_ref()
    }

    /// Returns why the session cannot be had, where something could not be done.
    pub(super) fn refusal(&self) -> Option<String> {
        let refused = self.actions.iter().find(|action| action.action_status != ActionStatus::SUCCESS);
        refused.map(|action| action.error.clone())
    }

    /// Answers the encryption with the sealed key.
    pub(super) fn encrypt(&mut self, sealed_key: Bytes, holds_challenge: bool) {
        let result = EncryptionResult { sealed_key, hash: None, holds_challenge };
        for action in self.encryption() {
            action.action_result = result.to_value();
        }
    }

    /// Answers the encryption with why there is no key, as the plugin words it.
    pub(super) fn do_not_encrypt(&mut self, reason: &str) {
        for action in self.encryption() {
            action.action_status = ActionStatus::FAILED;
            action.error = format!("Failed to process action {ENCRYPTION}: {reason}");
        }
    }

    fn encryption(&mut self) -> impl Iterator<Item = &mut ProcessedAction> {
        self.actions.iter_mut().filter(|action| action.action_type == ENCRYPTION)
    }
}

impl From<Answers> for Vec<ProcessedAction> {
    fn from(answers: Answers) -> Self {
        answers.actions
    }
}

/// Returns what becomes of a requested action when a key can be had.
fn answer(action: &RequestedAction) -> ProcessedAction {
    let (action_status, error) = match action.action_type.as_str() {
        "SessionType" => match action.action_parameters["SessionType"].as_str() {
            Some("InteractiveCommands" | "NonInteractiveCommands" | "Standard_Stream") => {
                (ActionStatus::SUCCESS, String::new())
            }
            other => (ActionStatus::FAILED, format!("sessions of type {} are not shells", other.unwrap_or("none"))),
        },
        ENCRYPTION if wish(action).is_some() => (ActionStatus::SUCCESS, String::new()),
        ENCRYPTION => (ActionStatus::FAILED, "the agent wants to encrypt the session and names no key".to_owned()),
        other => (ActionStatus::UNSUPPORTED, format!("the agent asks for {other}, which is not supported")),
    };
    ProcessedAction { action_type: action.action_type.clone(), action_status, action_result: Value::Null, error }
}

/// Returns what the key of a session is to be made with, if that is what the action asks for.
fn wish(action: &RequestedAction) -> Option<KeyWish> {
    if action.action_type != ENCRYPTION {
        return None;
    }
    let EncryptionRequest { key_id, challenge } = EncryptionRequest::from_value(&action.action_parameters)?;
    let challenge = (!challenge.is_empty()).then_some(challenge);
    (!key_id.is_empty()).then_some(KeyWish { key_id, challenge })
}
