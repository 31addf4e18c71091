//! What commands say to people, in ASCII where they want it so. What programs read (JSON, TSV, the output of
//! containers) stays as it is.

use std::{borrow::Cow, sync::OnceLock};

use crate::config::Glyphs;

/// What is written with: one choice for the whole run, made before anything is said.
static GLYPHS: OnceLock<Glyphs> = OnceLock::new();

/// Chooses what is written with from now on; the first choice holds.
pub(super) fn choose(glyphs: Glyphs) {
    let _first = GLYPHS.set(glyphs);
}

/// Returns a text as it is written.
pub(super) fn written(text: &str) -> Cow<'_, str> {
    GLYPHS.get().copied().unwrap_or_default().written(text)
}
