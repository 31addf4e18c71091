//! Parameters of Parameter Store.

use std::{fmt, sync::Arc};

use crate::sim::clock::Moment;

/// The largest value of a parameter of the standard tier, in bytes.
const STANDARD: usize = 4096;

/// The latest version of a parameter.
#[derive(Clone)]
pub(crate) struct Parameter {
    pub(crate) kind: ParameterKind,
    pub(crate) value: Arc<str>,
    pub(crate) version: u32,
    pub(crate) modified: Moment,
    /// The key that a SecureString is encrypted with.
    pub(crate) key: Option<Arc<str>>,
    pub(crate) description: Option<Arc<str>>,
    pub(crate) allowed_pattern: Option<Arc<str>>,
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterKind {
    Text,
    List,
    Secure,
}

impl Parameter {
    /// Returns the tier that a value of this size is of.
    pub(crate) fn tier(&self) -> &'static str {
        if self.value.len() > STANDARD { "Advanced" } else { "Standard" }
    }
}

impl ParameterKind {
    pub(crate) const ALL: [Self; 3] = [Self::Text, Self::List, Self::Secure];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "String",
            Self::List => "StringList",
            Self::Secure => "SecureString",
        }
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parameter").field("kind", &self.kind).field("version", &self.version).finish_non_exhaustive()
    }
}
