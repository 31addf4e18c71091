//! Parameters of SSM's Parameter Store.

use std::fmt;

use super::Timestamp;

/// A parameter, as far as it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, with slashes where it has a path.
    pub name: String,
    /// Its ARN.
    pub arn: Option<String>,
    /// Its type.
    pub kind: ParameterKind,
    /// Its value, unless it is secret and was not asked for; never in `Debug`.
    pub value: Option<String>,
    /// Which version of it this is.
    pub version: i64,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
}

/// A version of a parameter, and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterVersion {
    /// The parameter as it was then; `modified` is when the version was made. History tells no ARN.
    pub parameter: Parameter,
    /// The ARN of who made it.
    pub by: Option<String>,
    /// The labels that somebody gave this version.
    pub labels: Vec<String>,
}

/// What there is to know about a parameter besides its value; what a change has to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterMetadata {
    /// Its type.
    pub kind: ParameterKind,
    /// The key that it is encrypted with.
    pub key_id: Option<String>,
    /// What somebody wrote about it.
    pub description: Option<String>,
    /// What its values have to look like.
    pub allowed_pattern: Option<String>,
    /// `text`, `aws:ec2:image` …
    pub data_type: Option<String>,
    /// Whether it is of the advanced tier.
    pub advanced: bool,
    /// Whether it expires or notifies by policies.
    pub has_policies: bool,
    /// Its latest version.
    pub version: i64,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// A text.
    String,
    /// Texts with commas between them.
    StringList,
    /// A text that is encrypted with a key of KMS.
    SecureString,
}

impl ParameterKind {
    /// Returns SSM's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::StringList => "StringList",
            Self::SecureString => "SecureString",
        }
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, version {})=…", self.name, self.kind.as_str(), self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_not_shown_by_accident() {
        let parameter = Parameter {
            name: "/a".to_owned(),
            arn: None,
            kind: ParameterKind::SecureString,
            value: Some("hunter2".to_owned()),
            version: 3,
            modified: None,
        };
        assert_eq!(format!("{parameter:?}"), "/a (SecureString, version 3)=…");
    }
}
