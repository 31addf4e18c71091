//! The configurations of images, which say what they are built for: the only layers that can be fetched.

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::sim::{sigv4, world::Platform};

/// The media type of a configuration.
pub(super) const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
/// The platforms that images are built for here.
const PLATFORMS: [(&str, &str); 3] = [("linux", "amd64"), ("linux", "arm64"), ("windows", "amd64")];

/// Returns the configuration of an image and the digits of its digest.
pub(super) fn config(platform: &Platform) -> (String, String) {
    written(&platform.os, &platform.architecture)
}

/// Returns the configuration whose digest has these digits.
pub(crate) fn blob(digits: &str) -> Option<String> {
    let all = PLATFORMS.into_iter().map(|(os, architecture)| written(os, architecture));
    all.into_iter().find(|(_, digest)| digest == digits).map(|(text, _)| text)
}

fn written(os: &str, architecture: &str) -> (String, String) {
    let text = json!({
        "architecture": architecture, "os": os, "config": { "Cmd": ["serve"] },
        "rootfs": { "type": "layers", "diff_ids": [] },
    });
    let text = text.to_string();
    let digest = sigv4::hex(&Sha256::digest(text.as_bytes()));
    (text, digest)
}
