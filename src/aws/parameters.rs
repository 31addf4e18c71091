//! SSM's Parameter Store.

use aws_sdk_ssm::types::{self, ParameterStringFilter, ParameterTier, ParameterType};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Error, Kind, budget::Category, call::Operation, clients::Clients, convert::time};
use crate::{
    model::{Parameter, ParameterKind, ParameterMetadata, ParameterVersion},
    session::Secret,
};

const GET_BY_PATH: Operation = Operation::read("ssm:GetParametersByPath", Category::ParameterRead);
const GET_SEVERAL: Operation = Operation::read("ssm:GetParameters", Category::ParameterRead);
const GET_ONE: Operation = Operation::read("ssm:GetParameter", Category::ParameterRead);
const HISTORY: Operation = Operation::read("ssm:GetParameterHistory", Category::Other);
const DESCRIBE: Operation = Operation::read("ssm:DescribeParameters", Category::Other);
const PUT: Operation = Operation::change("ssm:PutParameter", Category::Other);
const DELETE: Operation = Operation::change("ssm:DeleteParameter", Category::Other);

/// The most that GetParameters takes and GetParametersByPath gives.
const AT_ONCE: usize = 10;
/// [`AT_ONCE`] as the API wants it.
const PAGE_SIZE: i32 = 10;

/// A value to be put into Parameter Store, and all that belongs to it.
#[derive(Debug, Clone)]
pub struct NewParameter {
    /// Its whole name.
    pub name: String,
    /// Its type.
    pub kind: ParameterKind,
    /// Its value.
    pub value: Secret,
    /// Whether one of this name may be there already.
    pub overwrite: bool,
    /// The key to encrypt it with; `None` leaves it to AWS.
    pub key_id: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What its values have to look like.
    pub allowed_pattern: Option<String>,
    /// `text`, `aws:ec2:image` …
    pub data_type: Option<String>,
    /// Whether it is of the advanced tier.
    pub advanced: bool,
}

impl Clients {
    /// Returns all parameters below a path, by name; secret ones with their value only where `reveal` asks for it.
    pub async fn parameters_below(&self, path: &str, reveal: bool) -> Result<Vec<Parameter>, Error> {
        let mut parameters = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let call = || {
                let call = self.ssm().get_parameters_by_path().path(path).recursive(true).with_decryption(reveal);
                call.max_results(PAGE_SIZE).set_next_token(token.clone()).send()
            };
            let answer = self.call(GET_BY_PATH, call).await?;
            parameters.extend(answer.parameters.unwrap_or_default().into_iter().filter_map(|it| parameter(it, reveal)));
            match answer.next_token.filter(|next| !next.is_empty()) {
                None => break,
                next if next == token => return Err(Error::broken(GET_BY_PATH.name, "the same page again and again")),
                next => token = next,
            }
        }
        parameters.sort_by(|one: &Parameter, other| one.name.cmp(&other.name));
        Ok(parameters)
    }

    /// Returns those of the parameters of these names or ARNs that are there.
    pub async fn parameters(&self, names: &[String], reveal: bool) -> Result<Vec<Parameter>, Error> {
        let pieces: Vec<Vec<String>> = names.chunks(AT_ONCE).map(<[String]>::to_vec).collect();
        let read = |names: Vec<String>| async move {
            let call = || self.ssm().get_parameters().set_names(Some(names.clone())).with_decryption(reveal).send();
            let answer = self.call(GET_SEVERAL, call).await?;
            let parameters = answer.parameters.unwrap_or_default().into_iter();
            Ok(parameters.filter_map(|it| parameter(it, reveal)).collect::<Vec<_>>())
        };
        stream::iter(pieces).map(read).buffered(2).try_concat().await
    }

    /// Returns a parameter with its value; `None` where there is none of this name.
    pub async fn parameter(&self, name: &str, reveal: bool) -> Result<Option<Parameter>, Error> {
        let call = || self.ssm().get_parameter().name(name).with_decryption(reveal).send();
        match self.call(GET_ONE, call).await {
            Ok(answer) => Ok(answer.parameter.and_then(|it| parameter(it, reveal))),
            Err(error) if error.kind == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the versions of a parameter that AWS keeps, newest first; `None` where there is none of this name. Those
    /// of a secret one have their value only where `reveal` asks for it.
    pub async fn parameter_history(&self, name: &str, reveal: bool) -> Result<Option<Vec<ParameterVersion>>, Error> {
        let mut versions = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let call = || {
                let call = self.ssm().get_parameter_history().name(name).with_decryption(reveal);
                call.set_next_token(token.clone()).send()
            };
            let answer = match self.call(HISTORY, call).await {
                Err(error) if error.kind == Kind::NotFound => return Ok(None),
                answer => answer?,
            };
            versions.extend(answer.parameters.unwrap_or_default().into_iter().filter_map(|it| version(it, reveal)));
            match answer.next_token.filter(|next| !next.is_empty()) {
                None => break,
                next if next == token => return Err(Error::broken(HISTORY.name, "the same page again and again")),
                next => token = next,
            }
        }
        versions.sort_by_key(|it: &ParameterVersion| std::cmp::Reverse(it.parameter.version));
        Ok(Some(versions))
    }

    /// Returns what there is to know about a parameter besides its value; `None` where there is none of this name.
    pub async fn parameter_metadata(&self, name: &str) -> Result<Option<ParameterMetadata>, Error> {
        let filter = ParameterStringFilter::builder().key("Name").option("Equals").values(name).build();
        let filter = filter.map_err(|error| Error::broken(DESCRIBE.name, error.to_string()))?;
        let mut token: Option<String> = None;
        loop {
            let call = || {
                let call = self.ssm().describe_parameters().parameter_filters(filter.clone());
                call.set_next_token(token.clone()).send()
            };
            let answer = self.call(DESCRIBE, call).await?;
            let found = answer.parameters.unwrap_or_default().into_iter().find(|it| it.name() == Some(name));
            if let Some(found) = found {
                return Ok(Some(metadata(found)));
            }
            // A filtered list may come in empty pages.
            match answer.next_token.filter(|next| !next.is_empty()) {
                None => return Ok(None),
                next if next == token => return Err(Error::broken(DESCRIBE.name, "the same page again and again")),
                next => token = next,
            }
        }
    }

    /// Puts a parameter and returns its version. Made once.
    pub async fn put_parameter(&self, new: &NewParameter) -> Result<i64, Error> {
        let call = || {
            let call = self.ssm().put_parameter().name(&new.name).value(new.value.expose());
            let call = call.r#type(kind_of(new.kind)).overwrite(new.overwrite).set_key_id(new.key_id.clone());
            let call = call.set_description(new.description.clone());
            let call = call.set_allowed_pattern(new.allowed_pattern.clone()).set_data_type(new.data_type.clone());
            call.set_tier(new.advanced.then_some(ParameterTier::Advanced)).send()
        };
        self.call(PUT, call).await.map(|answer| answer.version)
    }

    /// Deletes a parameter; returns whether it was there. Made once.
    pub async fn delete_parameter(&self, name: &str) -> Result<bool, Error> {
        let call = || self.ssm().delete_parameter().name(name).send();
        match self.call(DELETE, call).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn parameter(parameter: types::Parameter, reveal: bool) -> Option<Parameter> {
    let kind = kind(parameter.r#type.as_ref());
    Some(Parameter {
        name: parameter.name?,
        arn: parameter.arn,
        kind,
        value: readable(parameter.value, kind, reveal),
        version: parameter.version,
        modified: parameter.last_modified_date.and_then(time),
    })
}

fn version(found: types::ParameterHistory, reveal: bool) -> Option<ParameterVersion> {
    let kind = kind(found.r#type.as_ref());
    let parameter = Parameter {
        name: found.name?,
        arn: None,
        kind,
        value: readable(found.value, kind, reveal),
        version: found.version,
        modified: found.last_modified_date.and_then(time),
    };
    Some(ParameterVersion { parameter, by: found.last_modified_user, labels: found.labels.unwrap_or_default() })
}

/// Returns the value, unless it is the ciphertext that AWS gives of a secret one, which nobody can read.
fn readable(value: Option<String>, kind: ParameterKind, reveal: bool) -> Option<String> {
    value.filter(|_| reveal || kind != ParameterKind::SecureString)
}

fn metadata(found: types::ParameterMetadata) -> ParameterMetadata {
    ParameterMetadata {
        kind: kind(found.r#type.as_ref()),
        key_id: found.key_id,
        description: found.description.filter(|text| !text.is_empty()),
        allowed_pattern: found.allowed_pattern.filter(|text| !text.is_empty()),
        data_type: found.data_type,
        advanced: found.tier == Some(ParameterTier::Advanced),
        has_policies: found.policies.is_some_and(|policies| !policies.is_empty()),
        version: found.version,
        modified: found.last_modified_date.and_then(time),
    }
}

/// Returns the type; one that is not known is treated as secret.
fn kind(kind: Option<&ParameterType>) -> ParameterKind {
    match kind {
        Some(ParameterType::String) => ParameterKind::String,
        Some(ParameterType::StringList) => ParameterKind::StringList,
        _ => ParameterKind::SecureString,
    }
}

fn kind_of(kind: ParameterKind) -> ParameterType {
    match kind {
        ParameterKind::String => ParameterType::String,
        ParameterKind::StringList => ParameterType::StringList,
        ParameterKind::SecureString => ParameterType::SecureString,
    }
}
