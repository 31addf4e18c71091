//! Parameter Store: the parameters of SSM.
//!
//! Shapes, limits and error codes are those of botocore's service model (`ssm/2014-11-06/service-2.json`).

mod history;

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    clock::Clock,
    ecs::members::{self, without_nulls},
    identity,
    pages::page,
    refusal::Refusal,
    world::{Parameter, ParameterKind, World},
};

/// The largest page of GetParametersByPath, and the most that GetParameters takes.
const BY_PATH: i64 = 10;
/// The largest page of DescribeParameters.
const DESCRIBED: i64 = 50;
/// The largest value of the standard tier.
const LARGEST: usize = 4096;
/// How deep a hierarchy of names may be.
const LEVELS: usize = 15;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ByPath {
    path: String,
    #[serde(default)]
    recursive: bool,
    #[serde(default)]
    with_decryption: bool,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Several {
    names: Vec<String>,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct One {
    name: String,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Describe {
    #[serde(default)]
    parameter_filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    key: String,
    option: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Put {
    name: String,
    value: String,
    #[serde(rename = "Type")]
    kind: Option<String>,
    description: Option<String>,
    key_id: Option<String>,
    #[serde(default)]
    overwrite: bool,
    allowed_pattern: Option<String>,
    data_type: Option<String>,
    tier: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Delete {
    name: String,
}

/// Answers an operation; `None` where there is no such operation.
pub(crate) fn answer(
    world: &mut World,
    clock: &Clock,
    operation: &str,
    body: &Value,
) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "GetParametersByPath" => by_path(world, clock, body),
        "GetParameters" => several(world, clock, body),
        "GetParameter" => one(world, clock, body),
        "GetParameterHistory" => history::history(world, clock, body),
        "DescribeParameters" => describe(world, clock, body),
        "PutParameter" => put(world, clock, body),
        "DeleteParameter" => delete(world, body),
        _ => return None,
    })
}

fn by_path(world: &World, clock: &Clock, body: &Value) -> Result<Value, Refusal> {
    let asked: ByPath = members::read(body).map_err(invalid)?;
    if !asked.path.starts_with('/') {
        return Err(validation(
            "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \"/\".",
        ));
    }
    let size = size(asked.max_results, BY_PATH)?;
    let under = format!("{}/", asked.path.trim_end_matches('/'));
    let within = |name: &str| {
        name.strip_prefix(&under).is_some_and(|rest| !rest.is_empty() && (asked.recursive || !rest.contains('/')))
    };
    let items = world.parameters.iter().filter(|(name, _)| within(name));
    let items = items.map(|(name, it)| (name.to_string(), shown(world, clock, name, it, asked.with_decryption)));
    let question = format!("by path {under} {}", asked.recursive);
    let (items, next) = page(&question, items, size, asked.next_token.as_deref()).ok_or_else(bad_token)?;
    Ok(without_nulls(json!({ "Parameters": items, "NextToken": next })))
}

fn several(world: &World, clock: &Clock, body: &Value) -> Result<Value, Refusal> {
    let asked: Several = members::read(body).map_err(invalid)?;
    if asked.names.is_empty() || asked.names.len() > BY_PATH as usize {
        let message = "1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length less than or equal to 10, and greater than or equal to 1";
        return Err(validation(message));
    }
    let found = |name: &String| find(world, name).ok();
    let there: Vec<Value> = asked
        .names
        .iter()
        .filter_map(found)
        .map(|(name, it)| shown(world, clock, name, it, asked.with_decryption))
        .collect();
    let missing: Vec<&String> = asked.names.iter().filter(|name| found(name).is_none()).collect();
    // AWS says it where none is missing, too.
    Ok(json!({ "Parameters": there, "InvalidParameters": missing }))
}

fn one(world: &World, clock: &Clock, body: &Value) -> Result<Value, Refusal> {
    let asked: One = members::read(body).map_err(invalid)?;
    let (name, parameter) = find(world, &asked.name)?;
    Ok(json!({ "Parameter": shown(world, clock, name, parameter, asked.with_decryption) }))
}

fn describe(world: &World, clock: &Clock, body: &Value) -> Result<Value, Refusal> {
    let asked: Describe = members::read(body).map_err(invalid)?;
    let size = size(asked.max_results, DESCRIBED)?;
    for filter in &asked.parameter_filters {
        match (filter.key.as_str(), filter.option.as_deref()) {
            ("Name", None | Some("Equals" | "BeginsWith")) => {}
            ("Name", Some(option)) => {
                return Err(Refusal::new("InvalidFilterOption", format!("not simulated: {option}")));
            }
            (key, _) => return Err(Refusal::new("InvalidFilterKey", format!("not simulated: {key}"))),
        }
    }
    let fits = |name: &str| {
        asked.parameter_filters.iter().all(|filter| {
            let begins = filter.option.as_deref() == Some("BeginsWith");
            filter.values.iter().any(|value| if begins { name.starts_with(value.as_str()) } else { name == value })
        })
    };
    let items = world.parameters.iter().filter(|(name, _)| fits(name));
    let items = items.map(|(name, it)| (name.to_string(), metadata(world, clock, name, it)));
    let question = format!("described {:?}", asked.parameter_filters);
    let (items, next) = page(&question, items, size, asked.next_token.as_deref()).ok_or_else(bad_token)?;
    Ok(without_nulls(json!({ "Parameters": items, "NextToken": next })))
}

fn put(world: &mut World, clock: &Clock, body: &Value) -> Result<Value, Refusal> {
    let asked: Put = members::read(body).map_err(invalid)?;
    check_name(&asked.name)?;
    if asked.value.is_empty() {
        return Err(validation(
            "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
        ));
    }
    if asked.value.len() > LARGEST && asked.tier.as_deref().unwrap_or("Standard") == "Standard" {
        return Err(validation(
            "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
        ));
    }
    if asked.data_type.as_deref().is_some_and(|kind| kind != "text") {
        return Err(validation("not simulated: a data type other than text"));
    }
    let kind = asked.kind.as_deref().map(|name| {
        let known = ParameterKind::ALL.into_iter().find(|kind| kind.as_str() == name);
        known.ok_or_else(|| validation(format!("1 validation error detected: Value '{name}' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [SecureString, StringList, String]")))
    });
    let kind = kind.transpose()?;
    let before = world.parameters.get(asked.name.as_str());
    if before.is_some() && !asked.overwrite {
        let message =
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
        return Err(Refusal::new("ParameterAlreadyExists", message));
    }
    let kind = match (before.map(|it| it.kind), kind) {
        (None, None) => return Err(validation("A parameter type is required when you create a parameter.")),
        (Some(old), Some(new)) if old != new => {
            let message = format!("The parameter type cannot be changed from {} to {}.", old.as_str(), new.as_str());
            return Err(Refusal::new("HierarchyTypeMismatchException", message));
        }
        (Some(kind), _) | (None, Some(kind)) => kind,
    };
    if asked.key_id.is_some() && kind != ParameterKind::Secure {
        return Err(validation("KeyId is not required for String type parameter ."));
    }
    // What is not said again is lost, the key too.
    let key = (kind == ParameterKind::Secure).then(|| asked.key_id.as_deref().unwrap_or("alias/aws/ssm").into());
    let parameter = Parameter {
        kind,
        value: asked.value.into(),
        version: before.map_or(1, |it| it.version + 1),
        modified: clock.now(),
        key,
        description: asked.description.as_deref().map(Into::into),
        allowed_pattern: asked.allowed_pattern.as_deref().map(Into::into),
        earlier: before.map(Parameter::superseded).unwrap_or_default(),
    };
    let answer = json!({ "Version": parameter.version, "Tier": parameter.tier() });
    world.parameters.insert(asked.name.into(), parameter);
    Ok(answer)
}

fn delete(world: &mut World, body: &Value) -> Result<Value, Refusal> {
    let asked: Delete = members::read(body).map_err(invalid)?;
    world.parameters.remove(asked.name.as_str()).map(|_| json!({})).ok_or_else(not_found)
}

/// Returns the parameter that a name, a name with a version, or an ARN of this account means.
fn find<'a>(world: &'a World, asked: &str) -> Result<(&'a Arc<str>, &'a Parameter), Refusal> {
    let own = format!("arn:aws:ssm:{}:{}:parameter", world.region, world.account);
    let path = asked.strip_prefix(&own).unwrap_or(asked);
    let (path, selector) = match path.split_once(':') {
        Some((path, selector)) => (path, Some(selector)),
        None => (path, None),
    };
    let by = |name: &str| world.parameters.get_key_value(name);
    // The ARN of a name without a slash has one all the same.
    let found = by(path).or_else(|| by(path.strip_prefix('/')?)).ok_or_else(not_found)?;
    let Some(selector) = selector else { return Ok(found) };
    let chosen = found.1.versions().find(|it| it.version.to_string() == selector);
    chosen.map(|chosen| (found.0, chosen)).ok_or_else(|| {
        let message =
            format!("Systems Manager could not find version {selector} of {path}. Verify the version and try again.");
        Refusal::new("ParameterVersionNotFound", message)
    })
}

fn shown(world: &World, clock: &Clock, name: &str, parameter: &Parameter, decrypted: bool) -> Value {
    json!({
        "Name": name,
        "Type": parameter.kind.as_str(),
        "Value": value_of(name, parameter, decrypted),
        "Version": parameter.version,
        "LastModifiedDate": clock.seconds(parameter.modified),
        "ARN": arn(world, name),
        "DataType": "text",
    })
}

fn metadata(world: &World, clock: &Clock, name: &str, parameter: &Parameter) -> Value {
    json!({
        "Name": name,
        "ARN": arn(world, name),
        "Type": parameter.kind.as_str(),
        "KeyId": parameter.key.as_deref(),
        "LastModifiedDate": clock.seconds(parameter.modified),
        "LastModifiedUser": format!("arn:aws:iam::{}:user/demo", world.account),
        "Description": parameter.description.as_deref(),
        "AllowedPattern": parameter.allowed_pattern.as_deref(),
        "Version": parameter.version,
        "Tier": parameter.tier(),
        "Policies": [],
        "DataType": "text",
    })
}

fn arn(world: &World, name: &str) -> String {
    let slash = if name.starts_with('/') { "" } else { "/" };
    format!("arn:aws:ssm:{}:{}:parameter{slash}{name}", world.region, world.account)
}

/// Returns the value, or what stands for it.
fn value_of(name: &str, parameter: &Parameter, decrypted: bool) -> String {
    let sealed = parameter.kind == ParameterKind::Secure && !decrypted;
    if sealed { ciphertext(name, parameter) } else { parameter.value.to_string() }
}

/// Returns what stands for a SecureString whose reader did not ask for more.
fn ciphertext(name: &str, parameter: &Parameter) -> String {
    let seal = identity::long_hex(&["ciphertext", name, &parameter.version.to_string()]);
    format!("AQICAHh{}", STANDARD.encode(seal))
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    let plain = name.trim_start_matches('/').to_ascii_lowercase();
    if name.contains('/') && !name.starts_with('/') {
        return Err(validation("Parameter name must be a fully qualified name."));
    }
    if plain.is_empty() || !name.chars().all(fits) || name.ends_with('/') || name.contains("//") {
        return Err(validation(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_",
        ));
    }
    if plain.starts_with("aws") || plain.starts_with("ssm") {
        return Err(validation(format!("No access to reserved parameter name: {name}.")));
    }
    if name.matches('/').count() > LEVELS {
        return Err(Refusal::new(
            "HierarchyLevelLimitExceededException",
            "A hierarchy can have a maximum of 15 levels.",
        ));
    }
    Ok(())
}

fn size(asked: Option<i64>, most: i64) -> Result<usize, Refusal> {
    match asked.unwrap_or(most) {
        size if (1..=most).contains(&size) => Ok(usize::try_from(size).unwrap_or_default()),
        size => Err(validation(format!(
            "1 validation error detected: Value '{size}' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to {most}"
        ))),
    }
}

/// AWS says nothing more.
fn not_found() -> Refusal {
    Refusal::new("ParameterNotFound", "")
}

fn bad_token() -> Refusal {
    Refusal::new("InvalidNextToken", "The specified token isn't valid.")
}

fn validation(message: impl Into<String>) -> Refusal {
    Refusal::new("ValidationException", message)
}

fn invalid(refusal: Refusal) -> Refusal {
    validation(refusal.message)
}
