//! Parts of an answer that must not be read, or are gone: they hide nothing else, and say what is missing.

use super::{Cx, Result};
use crate::{aws, model::text::clean};

/// A part that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// What is not known: `the rules`.
    pub what: String,
    /// The IAM action that is not allowed, where that is why.
    pub action: Option<String>,
    /// Why, in words that are safe to show.
    pub why: String,
}

impl Missing {
    /// Returns what is missing and why in one line that is safe to show.
    pub fn line(&self) -> String {
        clean(format!("{} cannot be read: {}", self.what, self.why))
    }
}

/// What could be read of a part, or why it is missing. Other failures than those of one part are failures of the whole.
pub(super) fn tolerated<T>(
    cx: &Cx,
    aws: &aws::Clients,
    what: &str,
    read: std::result::Result<T, aws::Error>,
) -> Result<std::result::Result<T, Missing>> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(error) if matches!(error.kind, aws::Kind::Denied | aws::Kind::NotFound) => {
            let denied = error.denial().map(|denial| denial.action);
            let action = match error.kind {
                aws::Kind::Denied => denied.or_else(|| error.operation.map(str::to_owned)),
                _ => None,
            };
            Ok(Err(Missing { what: what.to_owned(), action, why: clean(error.to_string()) }))
        }
        Err(error) => Err(cx.failed(format!("{what} cannot be read"), aws, error)),
    }
}

/// Notes a part that is missing, once for each thing and action.
pub(super) fn note<T>(missing: &mut Vec<Missing>, read: std::result::Result<T, Missing>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(part) => {
            if !missing.iter().any(|known| (&known.what, &known.action) == (&part.what, &part.action)) {
                missing.push(part);
            }
            None
        }
    }
}
