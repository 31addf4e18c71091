//! Worlds from TOML: few words in, a whole account out, and a line number for each mistake.

mod balancers;
mod build;
mod images;
mod watched;
mod words;

use std::{fmt, fs, ops::Range, path::Path};

use self::words::Scenario;
use super::world::World;

/// Where and why a world's TOML cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioError {
    /// The file, where it came from one.
    pub file: Option<String>,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl World {
    /// Returns the world of `ecsui demo`: a company with a few clusters, and the troubles that companies have.
    pub fn demo() -> Self {
        Self::from_toml(include_str!("../../assets/demo.toml")).expect("the demo world is tested")
    }

    /// Returns the world that `text` describes; `assets/demo.toml` shows every word there is.
    pub fn from_toml(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Scenario = toml::from_str(text).map_err(|error| {
            ScenarioError::at(text, error.span().unwrap_or_default(), error.message().trim_end().to_owned())
        })?;
        build::world(scenario).map_err(|Mistake { span, message }| ScenarioError::at(text, span, message))
    }

    /// Returns the world that a file describes.
    pub fn load(path: &Path) -> Result<Self, ScenarioError> {
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| ScenarioError {
            file: Some(file.clone()),
            line: 1,
            message: error.to_string(),
        })?;
        Self::from_toml(&text).map_err(|error| ScenarioError { file: Some(file), ..error })
    }
}

/// Something that TOML allows and a world does not.
#[derive(Debug)]
struct Mistake {
    span: Range<usize>,
    message: String,
}

impl ScenarioError {
    fn at(text: &str, span: Range<usize>, message: String) -> Self {
        let line = text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1;
        Self { file: None, line, message }
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.as_deref().unwrap_or("world"), self.line, self.message)
    }
}

impl std::error::Error for ScenarioError {}

#[cfg(test)]
mod tests;
