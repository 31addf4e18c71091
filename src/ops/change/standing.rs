//! How services stand before they are changed, and whether that still holds.

use std::slice;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Base, Place};
use crate::{
    model::{Service, text::clean},
    ops::{Cx, Error, Kind, Result, ls},
};

/// How many services are described at once; the budget decides how fast.
const AT_ONCE: usize = 8;

/// Returns these services as they are, in their order, each once; one that cannot be changed is an error.
pub(super) async fn services(cx: &Cx, places: &[Place]) -> Result<Vec<Service>> {
    let mut once: Vec<&Place> = Vec::new();
    for place in places {
        if !once.contains(&place) {
            once.push(place);
        }
    }
    if once.is_empty() {
        return Err(Error::new(Kind::Usage, "no service is meant"));
    }
    let looks: Vec<_> = once.into_iter().map(|place| service(cx, place)).collect();
    stream::iter(looks).buffered(AT_ONCE).try_collect().await
}

/// Returns a service as it is; one that cannot be changed is an error.
pub(super) async fn service(cx: &Cx, place: &Place) -> Result<Service> {
    let found = ls::service_details(cx, &place.cluster, slice::from_ref(&place.service)).await?;
    let gone = || Error::new(Kind::NotFound, format!("service {} is gone", clean(place.path())));
    let service = found.into_iter().next().ok_or_else(gone)?;
    match service.detail.as_deref().map(|detail| &*detail.status) {
        Some("DRAINING" | "INACTIVE") => {
            let what = format!("service {} was deleted and is no longer active", clean(place.path()));
            Err(Error::new(Kind::Refused, what).hint("only services that are ACTIVE can be changed"))
        }
        _ => Ok(service),
    }
}

/// Fails where somebody else has changed a service since the plan was made; how many tasks are wanted counts only
/// where that is what changes.
pub(super) fn still(base: &Base, now: &Base, counts: bool) -> Result<()> {
    let name = |definition: &Option<crate::model::Arn>| {
        definition.as_ref().map_or_else(|| "none".to_owned(), |arn| clean(arn.name()))
    };
    let path = clean(base.place.path());
    let what = if base.definition != now.definition {
        let (before, after) = (name(&base.definition), name(&now.definition));
        format!("{path} was changed meanwhile: its task definition was {before} and is {after}")
    } else if base.deployment != now.deployment {
        format!("{path} was changed meanwhile: another deployment has begun")
    } else if counts && base.desired != now.desired {
        format!("{path} was changed meanwhile: {} tasks were wanted and {} are", base.desired, now.desired)
    } else {
        return Ok(());
    };
    Err(Error::new(Kind::Refused, what).hint("nothing was done; look at what it is now, and plan it again"))
}
