//! Scale: another number of tasks is wanted of services.

use futures_util::{StreamExt, stream};

use super::{
    Base, Call, Check, NewDefinition, Place, Request, Verdict,
    plan::{Draft, name},
    standing::{self, Asked},
};
use crate::{
    aws::ServiceChange,
    model::{
        ScalingLimits,
        taskdef::diff::{Change, Difference},
        text::{clean, listing},
    },
    ops::{Cx, Error, Kind, Result},
};

/// How many services are asked for their limits at once.
const AT_ONCE: usize = 4;

/// Returns what has to be done.
pub(super) async fn plan(cx: &Cx, places: &[Place], desired: u32) -> Result<Draft> {
    let services = standing::services(cx, places, Asked::Count).await?;
    let (same, base): (Vec<Base>, Vec<Base>) = services.iter().map(Base::of).partition(|base| base.desired == desired);
    let paths = |all: &[Base]| all.iter().map(|base| base.place.path()).collect::<Vec<_>>();
    let tasks = if desired == 1 { "1 task".to_owned() } else { format!("{desired} tasks") };
    if base.is_empty() {
        let what = format!("nothing would be different: {tasks} are wanted of {} already", listing(&paths(&same)));
        return Err(Error::new(Kind::Refused, clean(what)));
    }
    let looks: Vec<_> = base.iter().map(|base| limits(cx, &base.place, desired)).collect();
    let found: Vec<(Option<Check>, Option<String>)> = stream::iter(looks).buffered(AT_ONCE).collect().await;
    let (checks, notes): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let mut notes: Vec<String> = notes.into_iter().flatten().collect();
    notes.extend(same.iter().map(|base| format!("{tasks} are wanted of {} already", base.place.path())));
    Ok(Draft {
        title: format!("Scale {} to {tasks}", listing(&paths(&base))),
        changes: base.iter().map(|base| counted(base, desired)).collect(),
        calls: base.iter().map(|base| call(&base.place, desired)).collect(),
        checks: checks.into_iter().flatten().collect(),
        name: name(&base),
        notes,
        base,
        ..Draft::default()
    })
}

/// Returns whether autoscaling lets a service have so many tasks, and what it will do about them.
async fn limits(cx: &Cx, place: &Place, desired: u32) -> (Option<Check>, Option<String>) {
    let what = format!("autoscaling of {} lets it have {desired}", place.name());
    let limits = match cx.aws().await {
        Ok(aws) => {
            let limits = aws.scaling_limits(&place.cluster, &place.service).await;
            limits.map_err(|error| Error::aws("its limits cannot be read", error))
        }
        Err(error) => Err(error),
    };
    match limits {
        Ok(None) => (None, None),
        Ok(Some(limits)) => {
            let note = format!(
                "autoscaling goes on scaling {} between {} and {} tasks{}",
                place.name(),
                limits.min,
                limits.max,
                suspended(&limits)
            );
            (Some(Check::new(what, fits(&limits, desired))), Some(note))
        }
        Err(error) => (Some(Check::new(what, Verdict::Unknown(error.line()))), None),
    }
}

fn fits(limits: &ScalingLimits, desired: u32) -> Verdict {
    let ScalingLimits { min, max, .. } = limits;
    if desired < *min {
        Verdict::Failed(format!("it keeps at least {min}, and scales out to that again: change its minimum first"))
    } else if desired > *max {
        Verdict::Failed(format!("it keeps at most {max}, and scales in to that again: change its maximum first"))
    } else {
        Verdict::Passed
    }
}

fn suspended(limits: &ScalingLimits) -> String {
    if limits.suspended.is_empty() { String::new() } else { format!(" (suspended: {})", limits.suspended.join(", ")) }
}

fn counted(base: &Base, desired: u32) -> Difference {
    Difference {
        place: format!("service {}", base.place.name()),
        what: "tasks wanted".to_owned(),
        change: Change::Changed(base.desired.to_string(), desired.to_string()),
        secret: false,
    }
}

fn call(place: &Place, desired: u32) -> Call {
    Call {
        action: "ecs:UpdateService",
        resource: place.service.to_string(),
        what: if desired == 1 { "want 1 task".to_owned() } else { format!("want {desired} tasks") },
        request: Request::UpdateService {
            place: place.clone(),
            definition: NewDefinition::Kept,
            change: ServiceChange { desired: Some(desired), ..ServiceChange::default() },
        },
    }
}
