//! Parameters of SSM's Parameter Store: those below a service's path, and those that its task definition names.

mod deed;

use std::collections::BTreeMap;

use futures_util::future::join;

use super::{Cx, Error, Kind, Result, ls, whole::unless_denied};
use crate::{
    aws::NewParameter,
    model::{Arn, Parameter, ParameterKind, ParameterMetadata, ParameterVersion, Service, TaskDefinition, text::clean},
    session::Secret,
};

pub use deed::Deed;

/// The path of a service's parameters where nothing else is set: Skipper's.
pub const PREFIX: &str = "/application/{app}";

/// The parameters of a service.
#[derive(Debug)]
pub struct Listing {
    /// Them, by name.
    pub parameters: Vec<Listed>,
    /// What is missing because IAM said no.
    pub denied: Vec<Error>,
}

/// A parameter of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its whole name; an ARN where that is all the task definition says.
    pub name: String,
    /// The parameter; `None` where the task definition names one that is not there, that is elsewhere, or that may not
    /// be read.
    pub parameter: Option<Parameter>,
    /// Whether it is there; `None` where that may not be read.
    pub there: Option<bool>,
    /// Where containers are given it: `container/VARIABLE`, each.
    pub given_to: Vec<String>,
}

/// What is to be put.
#[derive(Debug, Clone)]
pub struct Change {
    /// The whole name.
    pub name: String,
    /// The value.
    pub value: Secret,
    /// The type; `None` keeps that of a parameter that is there, and makes a new one secret.
    pub kind: Option<ParameterKind>,
    /// The key to encrypt it with; `None` keeps that of a parameter that is there.
    pub key_id: Option<String>,
    /// What it is for; `None` keeps what is there.
    pub description: Option<String>,
}

/// A change that only has to be made.
#[derive(Debug, Clone)]
pub struct Prepared {
    new: NewParameter,
    /// What is there so far; `None` where the parameter is new.
    pub before: Option<ParameterMetadata>,
}

/// Returns the path of a service's parameters: `{cluster}` and `{service}` stand for the names, `{app}` for the
/// service's without what Skipper leaves out of it (the cluster before it, `-web` and `-worker`).
pub fn path(template: &str, service: &Service) -> String {
    let app = service.name.replace(&format!("{}-", service.cluster.name()), "");
    let app = app.replace("-web", "").replace("-worker", "");
    let filled = template.replace("{cluster}", service.cluster.name()).replace("{service}", &service.name);
    format!("/{}", filled.replace("{app}", &app).trim_matches('/'))
}

/// Returns the whole name of a parameter: one with a slash before it is whole already.
pub fn name(path: &str, name: &str) -> String {
    if name.starts_with('/') || name.starts_with("arn:") {
        name.to_owned()
    } else {
        format!("{}/{name}", path.trim_end_matches('/'))
    }
}

/// Returns the parameters below a path and those that the service's task definition names, by name. Secret ones come
/// without their value unless `reveal` asks for it. What may not be read hides nothing else.
pub async fn list(cx: &Cx, service: &Service, path: &str, reveal: bool) -> Result<Listing> {
    let aws = cx.aws().await?;
    let below = async {
        let below = aws.parameters_below(path, reveal).await;
        below.map_err(|error| cx.failed(format!("the parameters below {} cannot be read", clean(path)), &aws, error))
    };
    let mut denied = Vec::new();
    let (below, references) = join(below, references(cx, service)).await;
    let below = unless_denied(below, &mut denied)?.unwrap_or_default();
    let references = unless_denied(references, &mut denied)?.unwrap_or_default();
    let names: Vec<String> =
        references.keys().filter(|name| !below.iter().any(|it| is_of(it, name))).cloned().collect();
    let (here, elsewhere): (Vec<String>, Vec<String>) = names.into_iter().partition(|name| is_in(name, aws.region()));
    let named = aws.parameters(&here, reveal).await;
    let named =
        named.map_err(|error| cx.failed("the parameters that the task definition names cannot be read", &aws, error));
    let named = unless_denied(named, &mut denied)?;
    let absent = named.is_some().then_some(false);
    let found: Vec<Parameter> = below.into_iter().chain(named.unwrap_or_default()).collect();
    let given = |parameter: &Parameter| {
        references.iter().filter(|(name, _)| is_of(parameter, name)).flat_map(|(_, given)| given.clone()).collect()
    };
    let missing = here.into_iter().chain(elsewhere).filter(|name| !found.iter().any(|it| is_of(it, name)));
    let missing = missing.map(|name| {
        let given_to = references[&name].clone();
        Listed { name, parameter: None, there: absent, given_to }
    });
    let missing: Vec<Listed> = missing.collect();
    let mut parameters: Vec<Listed> = found
        .into_iter()
        .map(|it| Listed { name: it.name.clone(), given_to: given(&it), parameter: Some(it), there: Some(true) })
        .chain(missing)
        .collect();
    parameters.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Listing { parameters, denied })
}

/// Returns a parameter with its value.
pub async fn get(cx: &Cx, name: &str) -> Result<Parameter> {
    let aws = cx.aws().await?;
    let parameter = aws.parameter(name, true).await;
    let parameter =
        parameter.map_err(|error| cx.failed(format!("parameter {} cannot be read", clean(name)), &aws, error))?;
    parameter.ok_or_else(|| absent(name))
}

/// Returns the versions of a parameter, newest first: AWS keeps a hundred. Those of a secret one come without their
/// value unless `reveal` asks for it.
pub async fn history(cx: &Cx, name: &str, reveal: bool) -> Result<Vec<ParameterVersion>> {
    let aws = cx.aws().await?;
    let versions = aws.parameter_history(name, reveal).await;
    let versions = versions
        .map_err(|error| cx.failed(format!("the history of parameter {} cannot be read", clean(name)), &aws, error))?;
    versions.ok_or_else(|| absent(name))
}

/// Returns what is known of a parameter besides its value; `None` where it is not there.
pub async fn metadata(cx: &Cx, name: &str) -> Result<Option<ParameterMetadata>> {
    let aws = cx.aws().await?;
    let metadata = aws.parameter_metadata(name).await;
    metadata.map_err(|error| cx.failed(format!("parameter {} cannot be described", clean(name)), &aws, error))
}

/// Finds out what a change needs so that nothing but the value changes: PutParameter forgets what it is not told again,
/// the key too. Changes nothing yet.
pub async fn prepare(cx: &Cx, change: Change) -> Result<Prepared> {
    let before = match metadata(cx, &change.name).await {
        // Without a look at what is there nothing can be kept: a new one can be made.
        Err(error) if error.kind == Kind::Denied && change.is_whole() => {
            tracing::warn!(error = error.line(), "a parameter is put without a look at what is there");
            return Ok(Prepared { before: None, new: new(change, None, false) });
        }
        before => before?,
    };
    if let (Some(before), Some(kind)) = (&before, change.kind)
        && before.kind != kind
    {
        let (old, new, name) = (before.kind.as_str(), kind.as_str(), clean(&change.name));
        let what = format!("parameter {name} is a {old}, which AWS cannot make a {new}");
        return Err(Error::new(Kind::Usage, what).hint(format!("delete it first, or put it as {old}")));
    }
    if before.as_ref().is_some_and(|before| before.has_policies) {
        let what = format!("parameter {} has policies, which putting it would take away", clean(&change.name));
        return Err(Error::new(Kind::Refused, what).hint("use `aws ssm put-parameter` with --policies"));
    }
    let overwrite = before.is_some();
    Ok(Prepared { new: new(change, before.as_ref(), overwrite), before })
}

/// Makes a change; returns the parameter's version.
pub async fn put(cx: &Cx, prepared: &Prepared) -> Result<i64> {
    let aws = cx.aws().await?;
    let version = aws.put_parameter(&prepared.new).await;
    version.map_err(|error| {
        let what = format!("parameter {} cannot be put", clean(&prepared.new.name));
        let exists = error.code.as_deref() == Some("ParameterAlreadyExists");
        let error = cx.failed(what, &aws, error);
        if exists { error.hint("somebody has made it just now: look at it, and put it again") } else { error }
    })
}

/// Deletes a parameter.
pub async fn delete(cx: &Cx, name: &str) -> Result<()> {
    let aws = cx.aws().await?;
    let deleted = aws.delete_parameter(name).await;
    let was_there =
        deleted.map_err(|error| cx.failed(format!("parameter {} cannot be deleted", clean(name)), &aws, error))?;
    if was_there { Ok(()) } else { Err(absent(name)) }
}

impl Change {
    /// Whether it says all that a new parameter needs.
    fn is_whole(&self) -> bool {
        match self.kind {
            Some(ParameterKind::String | ParameterKind::StringList) => true,
            Some(ParameterKind::SecureString) => self.key_id.is_some(),
            None => false,
        }
    }
}

impl Prepared {
    /// Returns the type that the parameter will have.
    pub fn kind(&self) -> ParameterKind {
        self.new.kind
    }

    /// Returns the whole name.
    pub fn name(&self) -> &str {
        &self.new.name
    }

    /// Returns the key that it will be encrypted with, where one is named.
    pub fn key_id(&self) -> Option<&str> {
        self.new.key_id.as_deref()
    }
}

fn new(change: Change, before: Option<&ParameterMetadata>, overwrite: bool) -> NewParameter {
    let kept = |take: fn(&ParameterMetadata) -> &Option<String>| before.and_then(|before| take(before).clone());
    let kind = change.kind.or(before.map(|before| before.kind)).unwrap_or(ParameterKind::SecureString);
    let secret = kind == ParameterKind::SecureString;
    NewParameter {
        name: change.name,
        kind,
        value: change.value,
        overwrite,
        key_id: change.key_id.or_else(|| kept(|it| &it.key_id)).filter(|_| secret),
        description: change.description.or_else(|| kept(|it| &it.description)),
        allowed_pattern: kept(|it| &it.allowed_pattern),
        data_type: kept(|it| &it.data_type),
        advanced: before.is_some_and(|before| before.advanced),
    }
}

/// Returns the parameters that the task definition of a service names, each with the containers' variables that it is
/// for. A service without a task definition names none.
async fn references(cx: &Cx, service: &Service) -> Result<BTreeMap<String, Vec<String>>> {
    let described = if service.detail.is_some() {
        Some(service.clone())
    } else {
        let arns: &[Arn] = std::slice::from_ref(&service.arn);
        ls::service_details(cx, &service.cluster, arns).await?.into_iter().next()
    };
    let arn = described.and_then(|service| service.detail?.task_definition);
    let Some(arn) = arn else { return Ok(BTreeMap::new()) };
    Ok(named_by(&*ls::task_definition(cx, &arn).await?))
}

fn named_by(definition: &TaskDefinition) -> BTreeMap<String, Vec<String>> {
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for container in &definition.containers {
        for secret in container.secrets.iter().filter(|secret| is_parameter(&secret.value_from)) {
            let given = format!("{}/{}", container.name, secret.name);
            named.entry(secret.value_from.clone()).or_default().push(given);
        }
    }
    named
}

/// Whether a reference is to Parameter Store; the others are to Secrets Manager.
fn is_parameter(reference: &str) -> bool {
    match reference.parse::<Arn>() {
        Ok(_) => reference.split(':').nth(2) == Some("ssm"),
        Err(_) => !reference.is_empty(),
    }
}

/// Whether a reference is to this region: where it says none, it is.
fn is_in(reference: &str, region: &str) -> bool {
    reference.parse::<Arn>().map_or(true, |arn| arn.region() == region)
}

/// Whether a name or an ARN means this parameter.
fn is_of(parameter: &Parameter, name: &str) -> bool {
    parameter.name == name || parameter.arn.as_deref() == Some(name)
}

fn absent(name: &str) -> Error {
    Error::new(Kind::NotFound, format!("there is no parameter {}", clean(name)))
        .hint("`ecsui params list` shows those of a service; names are told apart by their case")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(cluster: &str, name: &str) -> Service {
        Service {
            arn: format!("arn:aws:ecs:r:1:service/{cluster}/{name}").parse().unwrap(),
            cluster: format!("arn:aws:ecs:r:1:cluster/{cluster}").parse().unwrap(),
            name: name.into(),
            detail: None,
        }
    }

    #[test]
    fn a_path_is_skippers_or_ones_own() {
        let of = |template: &str, name: &str| path(template, &service("prod", name));
        assert_eq!(of(PREFIX, "payments-api"), "/application/payments-api");
        assert_eq!(of(PREFIX, "prod-payments-web"), "/application/payments");
        assert_eq!(of(PREFIX, "mail-worker"), "/application/mail");
        assert_eq!(of("{cluster}/{service}/", "mail-worker"), "/prod/mail-worker");
        assert_eq!(of("/", "x"), "/");
    }

    #[test]
    fn a_name_is_whole_or_below_the_path() {
        assert_eq!(name("/application/api", "LOG_LEVEL"), "/application/api/LOG_LEVEL");
        assert_eq!(name("/application/api/", "a/B"), "/application/api/a/B");
        assert_eq!(name("/", "B"), "/B");
        assert_eq!(name("/application/api", "/prod/key"), "/prod/key");
    }

    #[test]
    fn secrets_of_secrets_manager_are_no_parameters() {
        for reference in ["/prod/key", "key", "arn:aws:ssm:eu-west-1:1:parameter/prod/key"] {
            assert!(is_parameter(reference), "{reference}");
        }
        for reference in ["", "arn:aws:secretsmanager:eu-west-1:1:secret:prod/x-Xq3V1a:password::"] {
            assert!(!is_parameter(reference), "{reference}");
        }
        assert!(is_in("key", "eu-west-1") && !is_in("arn:aws:ssm:us-east-1:1:parameter/x", "eu-west-1"));
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name() {
        let before = ParameterMetadata {
            kind: ParameterKind::SecureString,
            key_id: Some("alias/payments".to_owned()),
            description: Some("signs".to_owned()),
            allowed_pattern: None,
            data_type: Some("text".to_owned()),
            advanced: true,
            has_policies: false,
            version: 4,
            modified: None,
        };
        let change = |kind, key_id: Option<&str>| Change {
            name: "/a".to_owned(),
            value: Secret::new("hunter2"),
            kind,
            key_id: key_id.map(str::to_owned),
            description: None,
        };
        let kept = new(change(None, None), Some(&before), true);
        assert_eq!((kept.kind, kept.key_id.as_deref()), (ParameterKind::SecureString, Some("alias/payments")));
        assert_eq!((kept.description.as_deref(), kept.advanced), (Some("signs"), true));
        assert_eq!(new(change(None, Some("k")), Some(&before), true).key_id.as_deref(), Some("k"));
        assert_eq!(new(change(Some(ParameterKind::String), None), None, false).key_id, None);
        assert_eq!(new(change(None, None), None, false).kind, ParameterKind::SecureString, "secret unless said");
        assert!(!format!("{kept:?}").contains("hunter2"));
    }
}
