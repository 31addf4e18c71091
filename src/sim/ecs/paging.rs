//! Lists in pages, with a token that means nothing to the caller and is good for the same question only.

use serde_json::{Value, json};

use super::members::without_nulls;
use crate::sim::{identity, refusal::Refusal};

/// The largest page of every ECS list.
const LARGEST: i64 = 100;

/// Which page of a list is wanted.
#[derive(Debug)]
pub(crate) struct Page {
    question: String,
    size: usize,
    /// The key of the last item of the page before.
    after: Option<String>,
}

impl Page {
    /// Reads `maxResults` and `nextToken` of a request whose other members are `question`.
    pub(crate) fn read(
        question: String,
        max_results: Option<i64>,
        next_token: Option<&str>,
        default: usize,
    ) -> Result<Self, Refusal> {
        let size = match max_results {
            None => default,
            Some(size) if (1..=LARGEST).contains(&size) => usize::try_from(size).unwrap_or(default),
            Some(_) => return Err(Refusal::parameter(format!("maxResults must be between 1 and {LARGEST}."))),
        };
        let after = match next_token {
            None => None,
            Some(token) => Some(opened(&question, token).ok_or_else(|| Refusal::parameter("Invalid token"))?),
        };
        Ok(Self { question, size, after })
    }

    /// Returns the page of `items` under `name`, with a `nextToken` where more follow.
    ///
    /// The items come sorted by their keys, which are unique: what appears or goes between two pages neither doubles
    /// nor hides another item.
    pub(crate) fn of(self, name: &str, items: impl Iterator<Item = (String, impl Into<Value>)>) -> Value {
        self.cut(name, items, |key, after| key > after)
    }

    /// Does what [`Page::of`] does, for items sorted downwards.
    pub(crate) fn of_descending(self, name: &str, items: impl Iterator<Item = (String, impl Into<Value>)>) -> Value {
        self.cut(name, items, |key, after| key < after)
    }

    fn cut(
        self,
        name: &str,
        items: impl Iterator<Item = (String, impl Into<Value>)>,
        follows: impl Fn(&str, &str) -> bool,
    ) -> Value {
        let mut rest = items.filter(|(key, _)| self.after.as_deref().is_none_or(|after| follows(key, after)));
        let page: Vec<_> = rest.by_ref().take(self.size).collect();
        let last = page.last().map(|(key, _)| key.clone());
        let token = last.filter(|_| rest.next().is_some()).map(|key| sealed(&self.question, &key));
        let values: Vec<Value> = page.into_iter().map(|(_, value)| value.into()).collect();
        without_nulls(json!({ name: values, "nextToken": token }))
    }
}

/// Returns a token for `key`: a check sum over question and key, then the key veiled by the check sum.
pub(crate) fn sealed(question: &str, key: &str) -> String {
    let sum = identity::hex(&["token", question, key], 32);
    let veiled = veil(&sum, key.as_bytes());
    veiled.iter().fold(sum, |token, byte| token + &format!("{byte:02x}"))
}

/// Returns the key that a token was made for; `None` where it is not a token for this question.
pub(crate) fn opened(question: &str, token: &str) -> Option<String> {
    let (sum, veiled) = token.split_at_checked(32)?;
    let pairs = veiled.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    let veiled: Option<Vec<u8>> = pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect();
    let key = String::from_utf8(veil(sum, &veiled?)).ok()?;
    (sealed(question, &key) == token).then_some(key)
}

fn veil(sum: &str, bytes: &[u8]) -> Vec<u8> {
    let veil = identity::long_hex(&["veil", sum]);
    bytes.iter().zip(veil.bytes().cycle()).map(|(byte, veil)| byte ^ veil).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(count: usize) -> impl Iterator<Item = (String, String)> {
        (0..count).map(|index| (format!("{index:03}"), format!("item {index}")))
    }

    #[test]
    fn every_length_is_walked_to_its_end() {
        for count in [0, 1, 9, 10, 11, 20, 99, 100, 101] {
            let (mut token, mut seen, mut pages) = (None::<String>, 0, 0);
            loop {
                let page = Page::read("q".into(), None, token.as_deref(), 10).unwrap().of("names", items(count));
                seen += page["names"].as_array().unwrap().len();
                pages += 1;
                token = page["nextToken"].as_str().map(str::to_owned);
                if token.is_none() {
                    break;
                }
            }
            assert_eq!((seen, pages), (count, count.div_ceil(10).max(1)));
        }
    }

    #[test]
    fn a_token_is_good_for_its_own_question() {
        let page = Page::read("q".into(), Some(2), None, 10).unwrap().of("names", items(5));
        let token = page["nextToken"].as_str().unwrap();
        assert!(!token.contains("001"), "opaque");
        assert!(Page::read("q".into(), None, Some(token), 10).is_ok());
        for (question, token) in [("other", token), ("q", "nonsense"), ("q", ""), ("q", &token[1..]), ("q", "ü")] {
            assert_eq!(
                Page::read(question.into(), None, Some(token), 10).unwrap_err(),
                Refusal::parameter("Invalid token")
            );
        }
    }

    #[test]
    fn pages_hold_one_to_a_hundred() {
        for size in [-1, 0, 101] {
            assert!(Page::read("q".into(), Some(size), None, 10).is_err());
        }
        assert!(Page::read("q".into(), Some(100), None, 10).is_ok());
    }
}
