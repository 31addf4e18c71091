//! Names and ARNs in requests: which thing is meant.

use super::Account;
use crate::{
    model::Arn,
    sim::{identity::TaskId, refusal::Refusal, world::Cluster},
};

impl<'a> Account<'a> {
    /// Returns the cluster that a request names by name or ARN; `default` where it names none.
    pub(crate) fn cluster(self, named: Option<&str>) -> Result<&'a Cluster, Refusal> {
        let name = self.cluster_name(named.unwrap_or("default"))?;
        name.and_then(|name| self.world.cluster(&name))
            .ok_or_else(|| Refusal::new("ClusterNotFoundException", "Cluster not found."))
    }

    /// Returns the name in a cluster's name or ARN; `None` for an ARN of another account or region.
    pub(crate) fn cluster_name(self, text: &str) -> Result<Option<String>, Refusal> {
        if let Ok(arn) = text.parse::<Arn>() {
            if arn.kind() != "cluster" {
                return Err(Refusal::parameter(format!("Unsupported resource type: {}", arn.kind())));
            }
            return Ok(self.is_ours(&arn).then(|| arn.name().to_owned()));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if text.is_empty() || text.len() > 255 || !text.chars().all(fits) {
            return Err(Refusal::parameter(format!("Cluster must match ^[a-zA-Z0-9\\-_]{{1,255}}$, but was {text}")));
        }
        Ok(Some(text.to_owned()))
    }

    /// Returns the last segment of a service's, task's or instance's ARN, or the bare name that `text` is; `None` for
    /// an ARN of another account or region.
    pub(crate) fn name_in(self, cluster: &Cluster, kind: &str, text: &str) -> Result<Option<String>, Refusal> {
        let Ok(arn) = text.parse::<Arn>() else { return Ok(Some(text.to_owned())) };
        if arn.kind() != kind {
            return Err(Refusal::parameter(format!("Unsupported resource type: {}", arn.kind())));
        }
        if let [_, of, _] = arn.resource().split('/').collect::<Vec<_>>()[..]
            && of != &*cluster.name
        {
            let text = format!("Invalid identifier: Identifier is for cluster {of}. Your cluster is {}", cluster.name);
            return Err(Refusal::parameter(text));
        }
        Ok(self.is_ours(&arn).then(|| arn.name().to_owned()))
    }

    /// Returns the id of a task that a request names by id or ARN; `None` for one that cannot exist.
    pub(crate) fn task_id(self, cluster: &Cluster, text: &str) -> Result<Option<TaskId>, Refusal> {
        let Some(name) = self.name_in(cluster, "task", text)? else { return Ok(None) };
        if ![32, 36].contains(&name.len()) {
            return Err(Refusal::parameter(format!("{name} length should be one of [32,36]")));
        }
        Ok(name.parse().ok())
    }

    fn is_ours(self, arn: &Arn) -> bool {
        arn.region() == &*self.world.region && arn.account() == &*self.world.account
    }
}
