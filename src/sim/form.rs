//! Reading the members of a call in a query protocol, and cutting lists into pages.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::refusal::Refusal;

/// Reads the members of a form. What is not known is refused by name, with the service's own `code`.
pub(crate) fn read<T: DeserializeOwned>(body: &Value, code: &str) -> Result<T, Refusal> {
    serde_json::from_value(body.clone()).map_err(|error| match error.to_string() {
        message if message.starts_with("unknown field") => Refusal::new(code, format!("not simulated: {message}")),
        message => Refusal::new(code, message),
    })
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) from: usize,
    pub(crate) size: usize,
}

impl Part {
    /// Reads the size of a page, where one is given, and the marker of the page before.
    pub(crate) fn read(
        size: Option<&str>,
        marker: Option<&str>,
        allowed: std::ops::RangeInclusive<usize>,
        usual: usize,
    ) -> Option<Self> {
        let size = size.map_or(Some(usual), |text| text.parse().ok().filter(|size| allowed.contains(size)))?;
        let from = marker.map_or(Some(0), |text| text.strip_prefix("page-")?.parse().ok())?;
        Some(Self { from, size })
    }

    /// Returns the items of this part, and the marker of the next one.
    pub(crate) fn of(self, items: Vec<Value>) -> (Vec<Value>, Option<String>) {
        let next = self.from.saturating_add(self.size);
        let marker = (next < items.len()).then(|| format!("page-{next}"));
        (items.into_iter().skip(self.from).take(self.size).collect(), marker)
    }
}
