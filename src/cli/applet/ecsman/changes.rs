//! The operations of ecsman that change something, in its own words. They do not ask, unless a guard wants it.

use super::{
    super::super::{change, context::Context, exit::Exit, failure, output, register},
    named, page,
};
use crate::{
    model::{Arn, InvalidImage, text::clean},
    ops::{
        self, Kind,
        change::{self as ops_change, Made, Network, Place, Registration, Run, Update, Whose, Wish},
        ls,
    },
};

/// Who runs tasks, as these say it.
const STARTED_BY: &str = "ecsman";

/// `update CLUSTER SERVICE IMAGE|:TAG`.
pub(super) fn update(cluster: &str, service: &str, image: &str, context: &Context) -> anyhow::Result<Exit> {
    output::print_text(&format!("Updating service {}\n", clean(service)))?;
    let place = place(cluster, service, context)?;
    let wish = Update {
        place: place.clone(),
        whose: Whose::TheOne,
        image: Some(image.parse().map_err(usage)?),
        set: Vec::new(),
        unset: Vec::new(),
        target_group: None,
        placement_group: None,
    };
    let is_needed = context.wait(ops_change::is_needed(context.cx(), &wish))?;
    let plan = if is_needed.map_err(|error| of_command(error, "update"))? {
        let plan = change::planned(Wish::Update(Box::new(wish)), context)?;
        output::print_text(&page::images(&plan))?;
        plan
    } else {
        // The same tag again: what it stands for now is fetched anew, as ecsman's new revision makes it be.
        failure::say("the image is named like that already: tasks are replaced, and no revision is registered");
        change::planned(Wish::Redeploy { services: vec![place.clone()] }, context)?
    };
    let (made, ended) = change::carried_out(&plan, context)?;
    for made in &made {
        match made {
            Made::Registered { definition, .. } => output::print_text(&page::revision(definition))?,
            Made::Updated { .. } => updated(&place, context)?,
            Made::RollingBack { .. } | Made::Stopped { .. } | Made::Started { .. } => {}
        }
    }
    ended?;
    Ok(Exit::Done)
}

/// `register FILE`.
pub(super) fn register(file: &str, context: &Context) -> anyhow::Result<Exit> {
    output::print_text("Registering Task Definition...\n\n")?;
    let written = register::read(file)?;
    let registration = Registration { document: written.document, dropped: written.dropped };
    let plan = change::planned(Wish::Register(Box::new(registration)), context)?;
    let (made, ended) = change::carried_out(&plan, context)?;
    for made in &made {
        if let Made::Registered { definition, .. } = made {
            let told = told(context.wait(ls::task_definition(context.cx(), definition))?, "it was registered");
            output::print_text(&page::registered(definition, told.as_deref()))?;
        }
    }
    ended?;
    Ok(Exit::Done)
}

/// `run CLUSTER TASK`.
pub(super) fn run(cluster: &str, definition: &str, context: &Context) -> anyhow::Result<Exit> {
    output::print_text(&format!("Running one instance of task {}\n", clean(definition)))?;
    let run = Run {
        cluster: context.wait(named(context, cluster))??,
        definition: definition.to_owned(),
        count: 1,
        like: None,
        network: Network::default(),
        container: None,
        command: Vec::new(),
        environment: Vec::new(),
        started_by: STARTED_BY.to_owned(),
    };
    let plan = change::planned(Wish::Run(Box::new(run)), context).map_err(|error| match error.downcast() {
        Ok(error) => of_command(error, "run").into(),
        Err(error) => error,
    })?;
    let (made, ended) = change::carried_out(&plan, context)?;
    for made in &made {
        if let Made::Started { cluster, tasks, .. } = made {
            started(cluster, tasks, context)?;
        }
    }
    ended?;
    Ok(Exit::Done)
}

/// Returns the service of these very names.
fn place(cluster: &str, service: &str, context: &Context) -> anyhow::Result<Place> {
    let cluster = context.wait(named(context, cluster))??;
    let found = context.wait(ls::services_named(context.cx(), &cluster, &[service]))??;
    let none = || ops::Error::new(Kind::NotFound, format!("Got zero services for name {}", clean(service)));
    Ok(Place::of(found.first().ok_or_else(none)?))
}

/// Prints how a service stands that was changed.
fn updated(place: &Place, context: &Context) -> anyhow::Result<()> {
    let now = context.wait(ls::services_named(context.cx(), &place.cluster, &[place.service.as_str()]))?;
    let now = told(now, "the service was updated").into_iter().flatten().next();
    Ok(output::print_text(&page::updated(now.as_ref()))?)
}

/// Prints tasks that were started.
fn started(cluster: &Arn, tasks: &[Arn], context: &Context) -> anyhow::Result<()> {
    let ids: Vec<&str> = tasks.iter().map(Arn::as_str).collect();
    let tasks = context.wait(ls::tasks_named(context.cx(), cluster, &ids))?;
    for task in told(tasks, "the task was started").into_iter().flatten() {
        output::print_text(&page::started(&task))?;
    }
    Ok(())
}

/// Returns what AWS tells of what was done; where it does not, that is said, and the change has been made all the same.
fn told<T>(answer: ops::Result<T>, done: &str) -> Option<T> {
    answer.inspect_err(|error| failure::say(&format!("{done}, and what came of it is not told: {}", error.line()))).ok()
}

/// Returns an error whose hints name flags, with whose flags they are.
fn of_command(error: ops::Error, command: &str) -> ops::Error {
    if error.kind == Kind::Usage {
        return error.hint(format!("ecsman has no such flags: `ecsui {command}` takes them"));
    }
    error
}

fn usage(error: InvalidImage) -> ops::Error {
    ops::Error::new(Kind::Usage, "the image cannot be understood").because(error)
}
