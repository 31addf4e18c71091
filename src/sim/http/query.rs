//! The query protocol: calls as forms, answers as XML. EC2 speaks a dialect of its own.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html> and
//! <https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html>.

use serde_json::{Map, Value};

use crate::sim::{refusal::Refusal, sigv4};

/// A service that speaks the query protocol.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// What it is called here: `elbv2`.
    pub(crate) service: &'static str,
    /// The name its requests are signed for.
    pub(crate) signed_for: &'static str,
    version: &'static str,
    namespace: &'static str,
    /// Whether answers are EC2's: lists of `item`, no result around the members, errors in a list.
    ec2: bool,
}

const ANSWERED: [Dialect; 5] = [
    Dialect {
        service: "sts",
        signed_for: "sts",
        version: "2011-06-15",
        namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
        ec2: false,
    },
    Dialect {
        service: "elb",
        signed_for: "elasticloadbalancing",
        version: "2012-06-01",
        namespace: "http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/",
        ec2: false,
    },
    Dialect {
        service: "elbv2",
        signed_for: "elasticloadbalancing",
        version: "2015-12-01",
        namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
        ec2: false,
    },
    Dialect {
        service: "iam",
        signed_for: "iam",
        version: "2010-05-08",
        namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
        ec2: false,
    },
    Dialect {
        service: "ec2",
        signed_for: "ec2",
        version: "2016-11-15",
        namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
        ec2: true,
    },
];

/// How a call is refused that is of no service's version: as STS does.
pub(crate) const UNKNOWN: &Dialect = &ANSWERED[0];

impl Dialect {
    /// Returns the dialect of this version of an API.
    pub(crate) fn of_version(version: &str) -> Option<&'static Self> {
        ANSWERED.iter().find(|dialect| dialect.version == version)
    }

    /// Writes an answer; its members are named as on the wire.
    pub(crate) fn answer(&self, operation: &str, result: &Value, request_id: &str) -> String {
        let members = self.members(result);
        let Self { namespace, ec2, .. } = self;
        if *ec2 {
            return format!(
                "<{operation}Response xmlns=\"{namespace}\"><requestId>{request_id}</requestId>{members}</{operation}Response>"
            );
        }
        format!(
            "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{members}</{operation}Result><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
        )
    }

    /// Writes an error.
    pub(crate) fn refusal(&self, refusal: &Refusal, request_id: &str) -> String {
        let (code, message) = (escaped(&refusal.code), escaped(&refusal.message));
        let Self { namespace, ec2, .. } = self;
        if *ec2 {
            return format!(
                "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>"
            );
        }
        format!(
            "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    }

    fn members(&self, value: &Value) -> String {
        let element = |name: &str, value: &Value| format!("<{name}>{}</{name}>", self.members(value));
        match value {
            Value::Null => String::new(),
            Value::Object(members) => {
                members.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| element(name, value)).collect()
            }
            Value::Array(items) => {
                let name = if self.ec2 { "item" } else { "member" };
                items.iter().map(|item| element(name, item)).collect()
            }
            Value::String(text) => escaped(text),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
        }
    }
}

/// Reads the members of a form: `Names.member.1` and EC2's `Name.1` are lists, `Filter.1.Name` is a list of structures.
/// All that is no list or structure is a text.
pub(crate) fn form(body: &[u8]) -> Map<String, Value> {
    let text = String::from_utf8_lossy(body).replace('+', " ");
    let plain = |text: &str| String::from_utf8_lossy(&sigv4::decoded(text)).into_owned();
    let mut members = Map::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = plain(name);
        let path: Vec<&str> = name.split('.').filter(|part| *part != "member").collect();
        put(&mut members, &path, plain(value));
    }
    members.into_iter().map(|(name, value)| (name, lists(value))).collect()
}

fn put(members: &mut Map<String, Value>, path: &[&str], value: String) {
    let [name, rest @ ..] = path else { return };
    if rest.is_empty() {
        members.insert((*name).to_owned(), Value::String(value));
        return;
    }
    let inner = members.entry((*name).to_owned()).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

/// Makes lists of the structures whose members are numbered.
fn lists(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let numbered = |name: &String| name.parse::<usize>().ok();
    if members.is_empty() || !members.keys().all(|name| numbered(name).is_some()) {
        return Value::Object(members.into_iter().map(|(name, value)| (name, lists(value))).collect());
    }
    let mut items: Vec<(String, Value)> = members.into_iter().collect();
    items.sort_by_key(|(name, _)| numbered(name));
    items.into_iter().map(|(_, value)| lists(value)).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_has_lists_and_structures() {
        let body = b"Action=DescribeInstances&InstanceId.1=i-1&InstanceId.2=i-2&Filter.1.Name=a+b&Filter.1.Value.1=x%2F&Names.member.1=web&Names.member.10=ten&Names.member.2=two";
        assert_eq!(
            Value::Object(form(body)),
            json!({
                "Action": "DescribeInstances",
                "InstanceId": ["i-1", "i-2"],
                "Filter": [{ "Name": "a b", "Value": ["x/"] }],
                "Names": ["web", "two", "ten"],
            })
        );
    }

    #[test]
    fn an_answer_is_nested_and_escaped() {
        let dialect = Dialect::of_version("2015-12-01").unwrap();
        let text = dialect.answer(
            "DescribeRules",
            &json!({ "Rules": [{ "Priority": "<1>", "IsDefault": true, "Nothing": null }] }),
            "id",
        );
        assert!(
            text.contains("<Rules><member><Priority>&lt;1&gt;</Priority><IsDefault>true</IsDefault></member></Rules>")
                || text.contains(
                    "<Rules><member><IsDefault>true</IsDefault><Priority>&lt;1&gt;</Priority></member></Rules>"
                ),
            "{text}"
        );
        let ec2 = Dialect::of_version("2016-11-15").unwrap();
        let text = ec2.answer("DescribeInstances", &json!({ "reservationSet": [{ "instancesSet": [1] }] }), "id");
        assert!(text.contains("<requestId>id</requestId><reservationSet><item><instancesSet><item>1</item></instancesSet></item></reservationSet>"), "{text}");
    }
}
