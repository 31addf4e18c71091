//! Filter patterns for lines without a form: terms, phrases, `-not`, `?any`. The others are refused by name.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax-MetricFilters.html>.

use crate::sim::refusal::Refusal;

/// What a line has to hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    /// Reads a pattern.
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        let mut pattern = Self::default();
        let mut rest = text.trim_start();
        if let Some(form @ ('{' | '[' | '%')) = rest.chars().next() {
            let kind = match form {
                '{' => "JSON",
                '[' => "space-delimited",
                _ => "regular expression",
            };
            return Err(Refusal::parameter(format!("not simulated: a {kind} filter pattern")));
        }
        while !rest.is_empty() {
            let (list, term) = match rest.split_at_checked(1) {
                Some(("-", term)) => (&mut pattern.none, term),
                Some(("?", term)) => (&mut pattern.any, term),
                _ => (&mut pattern.all, rest),
            };
            let (term, more) = match term.strip_prefix('"') {
                Some(phrase) => phrase_of(phrase).ok_or_else(invalid)?,
                None => bare(term)?,
            };
            if term.is_empty() {
                return Err(invalid());
            }
            list.push(term);
            rest = more.trim_start();
        }
        // Beside terms that must be there, those that may be are passed over.
        if !(pattern.all.is_empty() && pattern.none.is_empty()) {
            pattern.any.clear();
        }
        Ok(pattern)
    }

    /// Whether it asks for something.
    pub(super) fn asks(&self) -> bool {
        *self != Self::default()
    }

    /// Whether a line fits.
    pub(super) fn fits(&self, line: &str) -> bool {
        let has = |term: &String| line.contains(term.as_str());
        self.all.iter().all(has) && !self.none.iter().any(has) && (self.any.is_empty() || self.any.iter().any(has))
    }
}

/// Returns what stands before the closing quote, and what follows it.
fn phrase_of(text: &str) -> Option<(String, &str)> {
    let mut phrase = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((phrase, &text[at + 1..])),
            '\\' => phrase.push(letters.next()?.1),
            letter => phrase.push(letter),
        }
    }
    None
}

/// Returns a term without quotes: letters, digits and underscores.
fn bare(text: &str) -> Result<(String, &str), Refusal> {
    let (term, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    let plain = term.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    if plain { Ok((term.to_owned(), rest)) } else { Err(invalid()) }
}

fn invalid() -> Refusal {
    Refusal::parameter("Invalid filter pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, line: &str) -> bool {
        Pattern::read(pattern).unwrap().fits(line)
    }

    #[test]
    fn terms_phrases_exclusions_and_options() {
        let line = r#"ERROR upstream "api" answered 502"#;
        for pattern in ["", "ERROR 502", "ERROR -WARN", "?WARN ?ERROR", r#""upstream \"api\"""#, r#"502 -"no such""#] {
            assert!(fits(pattern, line), "{pattern}");
        }
        for pattern in ["error", "ERROR WARN", "-ERROR", "?WARN ?INFO", r#""upstream api""#] {
            assert!(!fits(pattern, line), "{pattern}");
        }
        assert!(fits("?WARN 502", line), "beside a term that must be there an option does not count");
    }

    #[test]
    fn other_forms_are_refused_by_name() {
        let refused = |pattern: &str| Pattern::read(pattern).unwrap_err().message;
        assert!(refused("{ $.level = \"error\" }").contains("JSON"));
        assert!(refused("[ip, user]").contains("space-delimited"));
        assert!(refused("%5[0-9]{2}%").contains("regular expression"));
        for pattern in ["a-b", "\"open", "-", "?", "x=1"] {
            assert_eq!(refused(pattern), "Invalid filter pattern", "{pattern}");
        }
    }
}
