//! A change of a parameter: what stands before it, and what is written down of it.

use crate::{
    config::Subject,
    model::{Service, text::clean},
    ops::{
        Cx, Error, Identity, Kind, Result,
        audit::{self, About, End, Outcome},
        change::{Guard, guard},
        ls,
    },
};

/// What is done to a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    /// It gets a value.
    Put,
    /// It is deleted, with all its versions.
    Delete,
}

/// A change that somebody wants to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// What stands before it.
    pub guard: Guard,
    verb: Verb,
    name: String,
    by: Identity,
}

impl Deed {
    /// Returns the change by which a parameter gets a value. It is a service's where it was named by it. Nothing is
    /// changed yet; it is an error where no change may be made at all.
    pub async fn put(cx: &Cx, name: &str, service: Option<&Service>) -> Result<Self> {
        Self::of(cx, Verb::Put, name, service).await
    }

    /// Returns the change by which a parameter is deleted, in the same way.
    pub async fn delete(cx: &Cx, name: &str, service: Option<&Service>) -> Result<Self> {
        Self::of(cx, Verb::Delete, name, service).await
    }

    async fn of(cx: &Cx, verb: Verb, name: &str, service: Option<&Service>) -> Result<Self> {
        if cx.settings.read_only {
            return Err(Error::new(Kind::Refused, "nothing is changed: the settings say read_only"));
        }
        let by = ls::identity(cx).await?;
        let subject = Subject {
            profile: &by.profile,
            account: by.account.as_deref(),
            region: Some(&by.region),
            cluster: service.map(|service| service.cluster.name()),
            service: service.map(|service| &*service.name),
        };
        let (guard, _) = guard::of(&cx.settings, &[subject], name);
        let deed = Self { guard, verb, name: name.to_owned(), by };
        deed.allowed()?;
        Ok(deed)
    }

    /// Makes the change, with a line before it and one after it in the history; where that cannot be written, `tell` is
    /// told so.
    pub async fn make<T>(
        &self,
        cx: &Cx,
        work: impl Future<Output = Result<T>>,
        mut tell: impl FnMut(&str),
    ) -> Result<T> {
        self.allowed()?;
        let (entry, complaint) = audit::begin(cx, self.about()).await;
        if let Some(complaint) = complaint {
            tell(&complaint);
        }
        let made = work.await;
        let (result, why) = match &made {
            Ok(_) => (Outcome::Done, None),
            Err(error) if error.kind == Kind::Unreachable => (Outcome::Unknown, Some(error.line())),
            Err(error) => (Outcome::Failed, Some(error.line())),
        };
        let end = End { result, made: Vec::new(), why, services: Vec::new() };
        let complaint = audit::end(cx, &entry, end).await;
        if let Some(complaint) = complaint {
            tell(&complaint);
        }
        made
    }

    fn allowed(&self) -> Result<()> {
        match &self.guard {
            Guard::Refused(why) => Err(Error::new(Kind::Refused, format!("{} is refused: {why}", self.title()))),
            Guard::Ask | Guard::Type(_) => Ok(()),
        }
    }

    fn title(&self) -> String {
        format!("{} parameter {}", self.words().0, clean(&self.name))
    }

    fn words(&self) -> (&'static str, &'static str) {
        match self.verb {
            Verb::Put => ("Put", "ssm:PutParameter"),
            Verb::Delete => ("Delete", "ssm:DeleteParameter"),
        }
    }

    fn about(&self) -> About<'_> {
        About {
            by: &self.by,
            what: self.title(),
            resources: vec![self.name.clone()],
            calls: vec![self.words().1.to_owned()],
            matters: Vec::new(),
        }
    }
}
