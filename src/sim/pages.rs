//! Lists in pages for the services that name their members otherwise than ECS.

use super::ecs::paging::{opened, sealed};

/// A page of a list: its items, and the token of the next one where there is one.
pub(crate) type Page<T> = (Vec<T>, Option<String>);

/// Cuts a page out of `items`, which are sorted by their keys; `None` where the token is not one for this question.
pub(crate) fn page<T>(
    question: &str,
    items: impl Iterator<Item = (String, T)>,
    size: usize,
    token: Option<&str>,
) -> Option<Page<T>> {
    let after = match token {
        None => None,
        Some(token) => Some(opened(question, token)?),
    };
    let mut rest = items.filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    let page: Vec<(String, T)> = rest.by_ref().take(size).collect();
    let last = page.last().map(|(key, _)| key.clone());
    let token = last.filter(|_| rest.next().is_some()).map(|key| sealed(question, &key));
    Some((page.into_iter().map(|(_, item)| item).collect(), token))
}
