//! Parameters of Parameter Store.

use std::{fmt, sync::Arc};

use crate::sim::clock::Moment;

/// The largest value of a parameter of the standard tier, in bytes.
const STANDARD: usize = 4096;

/// How many versions of a parameter are kept.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html>
const KEPT: usize = 100;

/// A version of a parameter: of a parameter that is there, the latest.
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
    /// The versions before it, oldest first, without any of their own.
    pub(crate) earlier: Vec<Self>,
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterKind {
    Text,
    List,
    Secure,
}

impl Parameter {
    /// Returns its versions, oldest first.
    pub(crate) fn versions(&self) -> impl Iterator<Item = &Self> {
        self.earlier.iter().chain([self])
    }

    /// Returns the versions that are before the next one.
    pub(crate) fn superseded(&self) -> Vec<Self> {
        let beyond = (self.earlier.len() + 2).saturating_sub(KEPT);
        let versions = self.versions().skip(beyond);
        versions.map(|version| Self { earlier: Vec::new(), ..version.clone() }).collect()
    }

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
