//! Smithy's RPC protocol in CBOR, which CloudWatch speaks: calls name service and operation in their path.
//!
//! <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>

use aws_smithy_cbor::{Decoder, Encoder, data::Type, decode::DeserializeError};
use aws_smithy_types::DateTime;
use serde_json::{Map, Value};

/// What a request and its answer carry in the header `smithy-protocol`.
pub(crate) const PROTOCOL: &str = "rpc-v2-cbor";

/// How deep an item may be nested.
const DEEPEST: usize = 32;

/// The services that speak it by the name in their path, and what these are called, here and by signatures. As AWS JSON
/// 1.0 they have the same name.
const SERVICES: [(&str, &str, &str); 1] = [("GraniteServiceVersion20100801", "cloudwatch", "monitoring")];

/// Returns service, name for signatures and operation of the path `/service/NAME/operation/OPERATION`.
pub(crate) fn route(path: &str) -> Option<(&'static str, &'static str, &str)> {
    let (name, operation) = path.strip_prefix("/service/")?.split_once("/operation/")?;
    let (service, signed_for) = named(name)?;
    (!operation.is_empty() && !operation.contains('/')).then_some((service, signed_for, operation))
}

/// Returns what the service of this name is called, here and by signatures.
pub(crate) fn named(name: &str) -> Option<(&'static str, &'static str)> {
    let (_, service, signed_for) = SERVICES.iter().find(|(known, ..)| *known == name)?;
    Some((service, signed_for))
}

/// Reads a request's members; times become seconds since 1970.
pub(crate) fn read(body: &[u8]) -> Result<Value, String> {
    let mut decoder = Decoder::new(body);
    let value = item(&mut decoder, DEEPEST).map_err(|error| error.to_string())?;
    if decoder.position() == body.len() { Ok(value) } else { Err("more than one item".to_owned()) }
}

/// Writes an answer. CBOR marks times: those are the members whose names end in `Timestamp` or `Timestamps`, as all of
/// CloudWatch's do.
pub(crate) fn write(value: &Value) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    put(&mut encoder, value, false);
    encoder.into_writer()
}

fn item(decoder: &mut Decoder<'_>, depth: usize) -> Result<Value, DeserializeError> {
    if depth == 0 {
        return Err(DeserializeError::custom("nested too deep", decoder.position()));
    }
    Ok(match decoder.datatype()? {
        Type::Bool => Value::Bool(decoder.boolean()?),
        Type::Null => {
            decoder.null()?;
            Value::Null
        }
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            decoder.long()?.into()
        }
        Type::F16 | Type::F32 | Type::F64 => decoder.double()?.into(),
        Type::String | Type::StringIndef => Value::String(decoder.string()?),
        Type::Tag => decoder.timestamp()?.as_secs_f64().into(),
        Type::Array | Type::ArrayIndef => {
            let mut items = Vec::new();
            let length = decoder.list()?;
            while !ended(decoder, length, items.len())? {
                items.push(item(decoder, depth - 1)?);
            }
            Value::Array(items)
        }
        Type::Map | Type::MapIndef => {
            let mut members = Map::new();
            let (length, mut read) = (decoder.map()?, 0);
            while !ended(decoder, length, read)? {
                let name = decoder.string()?;
                members.insert(name, item(decoder, depth - 1)?);
                read += 1;
            }
            Value::Object(members)
        }
        other @ (Type::Undefined | Type::Simple | Type::Bytes | Type::BytesIndef | Type::Break | Type::Unknown(_)) => {
            return Err(DeserializeError::custom(format!("not simulated: {other:?}"), decoder.position()));
        }
    })
}

/// Whether a list or a map is at its end; that of one without a length is a mark, which is read.
fn ended(decoder: &mut Decoder<'_>, length: Option<u64>, read: usize) -> Result<bool, DeserializeError> {
    match length {
        Some(length) => Ok(read as u64 >= length),
        None if decoder.datatype()? == Type::Break => decoder.skip().map(|()| true),
        None => Ok(false),
    }
}

fn put(encoder: &mut Encoder, value: &Value, time: bool) {
    match value {
        Value::Null => encoder.null(),
        Value::Bool(truth) => encoder.boolean(*truth),
        Value::Number(number) if time => {
            encoder.timestamp(&DateTime::from_secs_f64(number.as_f64().unwrap_or_default()))
        }
        Value::Number(number) => match number.as_i64() {
            Some(whole) => encoder.long(whole),
            None => encoder.double(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => encoder.str(text),
        Value::Array(items) => {
            encoder.array(items.len());
            for item in items {
                put(encoder, item, time);
            }
            encoder
        }
        Value::Object(members) => {
            encoder.map(members.values().filter(|member| !member.is_null()).count());
            for (name, member) in members.iter().filter(|(_, member)| !member.is_null()) {
                encoder.str(name);
                put(encoder, member, name.ends_with("Timestamp") || name.ends_with("Timestamps"));
            }
            encoder
        }
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_names_service_and_operation() {
        let path = "/service/GraniteServiceVersion20100801/operation/GetMetricData";
        assert_eq!(route(path), Some(("cloudwatch", "monitoring", "GetMetricData")));
        for path in ["/", "/service/Other/operation/X", "/service/GraniteServiceVersion20100801/operation/", "/x"] {
            assert_eq!(route(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_times_are_marked() {
        let value = json!({
            "Values": [1.5, -3, true, "ü"], "Timestamps": [1_700_000_000.5], "StateUpdatedTimestamp": 1.0, "None": {},
        });
        let bytes = write(&value);
        assert_eq!(read(&bytes).unwrap(), value);
        let times = bytes.windows(2).filter(|pair| pair == &[0xc1, 0xfb]).count();
        assert_eq!(times, 2, "tag 1 is epoch time, here as a double");
    }

    #[test]
    fn lists_and_maps_without_a_length_are_read() {
        let mut encoder = Encoder::new(Vec::new());
        encoder.begin_map().str("A").begin_array().integer(1).end().end();
        assert_eq!(read(&encoder.into_writer()).unwrap(), json!({ "A": [1] }));
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = read(&bytes);
        }
    }
}
