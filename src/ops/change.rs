//! Changing things: a wish becomes a plan, and the plan, once somebody has agreed to it, is carried out.
//!
//! A plan is data: it holds what will be seen and every call that will be made, in order, and nothing else is ever
//! made. A change whose answer is lost is looked for before it is made again.

mod back;
mod became;
mod carry_out;
mod course;
mod enable_exec;
mod failures;
mod follow;
pub mod guard;
mod not_started;
mod perform;
mod plan;
mod redeploy;
mod register;
mod repeated;
mod roll_back;
mod run;
mod scale;
mod standing;
mod stop;
mod update;

use super::{Cx, Result, ls};
use crate::model::Arn;

pub use back::{Back, wait_until_gone};
pub use became::{became, reason};
pub use carry_out::{Done, Halt, Made, Step, carry_out};
pub use course::Course;
pub use failures::Failures;
pub use follow::{News, follow};
pub use guard::Guard;
pub use plan::{Base, Call, Check, NewDefinition, Plan, Request, Scope, Verdict};
pub use register::Registration;
pub use run::{Ended, Network, Run, needs_network, wait_for};
pub use stop::{Stop, TaskPlace, Which};
pub use update::{Update, Whose, is_needed};

/// What somebody wants to be different. It holds all it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// A service gets a new revision of its task definition, and with it another image, variables or target group.
    Update(Box<Update>),
    /// All tasks of these services are replaced, one deployment each.
    Redeploy {
        /// The services.
        services: Vec<Place>,
    },
    /// So many tasks of these services are wanted.
    Scale {
        /// The services.
        services: Vec<Place>,
        /// How many tasks, of each.
        desired: u32,
    },
    /// What ran before the newest deployment of a service comes back.
    RollBack {
        /// The service.
        service: Place,
    },
    /// New tasks of these services can be logged in to; their tasks are replaced by new ones.
    EnableExec {
        /// The services.
        services: Vec<Place>,
    },
    /// Tasks end.
    Stop(Stop),
    /// A revision of a task definition is registered.
    Register(Box<Registration>),
    /// Tasks are run by hand.
    Run(Box<Run>),
}

/// A service, and the cluster that it is in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The cluster.
    pub cluster: Arn,
    /// The service; its ARN may be of the old format, which holds no cluster.
    pub service: Arn,
}

/// Returns what has to be done so that a wish comes true, and what is known of it beforehand. Changes nothing.
pub async fn plan(cx: &Cx, wish: Wish) -> Result<Plan> {
    let by = ls::identity(cx).await?;
    let draft = async {
        match &wish {
            Wish::Update(update) => update::plan(cx, &by, update).await,
            Wish::Redeploy { services } => redeploy::plan(cx, &by, services).await,
            Wish::Scale { services, desired } => scale::plan(cx, services, *desired).await,
            Wish::RollBack { service } => roll_back::plan(cx, &by, service).await,
            Wish::EnableExec { services } => enable_exec::plan(cx, &by, services).await,
            Wish::Stop(stop) => stop::plan(cx, stop).await,
            Wish::Register(registration) => register::plan(cx, &by, registration).await,
            Wish::Run(run) => run::plan(cx, &by, run).await,
        }
    };
    let draft = draft.await?;
    let mut plan = draft.planned(&cx.settings, by, wish);
    plan.notes.extend(repeated::notes(cx, &plan).await);
    Ok(plan)
}
