//! The frames of `application/vnd.amazon.eventstream`, in which AWS answers with streams of JSON.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use serde_json::Value;

/// Frames an event.
pub(crate) fn event(kind: &str, payload: &Value) -> Bytes {
    message("event", ":event-type", kind, payload)
}

/// Frames what a stream ends with when something is wrong.
pub(crate) fn exception(kind: &str, payload: &Value) -> Bytes {
    message("exception", ":exception-type", kind, payload)
}

fn message(message_type: &str, name: &'static str, kind: &str, payload: &Value) -> Bytes {
    let text = |text: &str| HeaderValue::String(text.to_owned().into());
    let message = Message::new(payload.to_string())
        .add_header(Header::new(name, text(kind)))
        .add_header(Header::new(":content-type", text("application/json")))
        .add_header(Header::new(":message-type", text(message_type)));
    let mut frame = Vec::new();
    write_message_to(&message, &mut frame).expect("headers and payload are small");
    frame.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Made with Python's struct and zlib from the description of the format; botocore reads such frames in
    /// `tests/sim.py`.
    #[test]
    fn a_frame_is_framed_as_aws_frames() {
        let frame = event("initial-response", &json!({}));
        let hex = frame.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        assert_eq!(
            hex,
            concat!(
                "00000068000000564e6817240b3a6576656e742d74797065070010696e697469616c2d726573706f6e73650d3a636f6e",
                "74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070005657665",
                "6e747b7dd591c62b",
            )
        );
    }
}
