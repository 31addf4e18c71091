//! Lists of the query protocols: page by page to their end, and things asked for by name in pieces.

use std::future::Future;

use super::{Error, Kind};

/// Returns the whole list whose pages `page` reads, given the marker of the page before.
pub(super) async fn list<T, F>(
    operation: &'static str,
    page: impl Fn(Option<String>) -> F + Send,
) -> Result<Vec<T>, Error>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), Error>> + Send,
    T: Send,
{
    let (mut all, mut marker) = (Vec::new(), None);
    loop {
        let (items, next) = page(marker.clone()).await?;
        all.extend(items);
        match next.filter(|next| !next.is_empty()) {
            None => return Ok(all),
            next if next == marker => return Err(Error::broken(operation, "the same page again and again")),
            next => marker = next,
        }
    }
}

/// Returns what these names stand for, asked for in pieces of at most `size`. Where one name in a piece is unknown, the
/// services refuse the whole of it: then its names are asked for one by one, and those that are gone are left out.
pub(super) async fn named<T, F>(
    names: &[String],
    size: usize,
    describe: impl Fn(Vec<String>) -> F + Send + Sync,
) -> Result<Vec<T>, Error>
where
    F: Future<Output = Result<Vec<T>, Error>> + Send,
    T: Send,
{
    let mut all = Vec::new();
    for piece in names.chunks(size) {
        match describe(piece.to_vec()).await {
            Ok(described) => all.extend(described),
            Err(error) if error.kind == Kind::NotFound => {
                for name in piece.iter().filter(|_| piece.len() > 1) {
                    match describe(vec![name.clone()]).await {
                        Ok(described) => all.extend(described),
                        Err(error) if error.kind == Kind::NotFound => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}
