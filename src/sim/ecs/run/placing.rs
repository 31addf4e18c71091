//! Which container instance has room for a task, or why none has.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{super::Account, Wanted};
use crate::sim::world::{Instance, Launch};

/// An instance and its zone.
pub(super) type Place = (Arc<str>, Arc<str>);

impl Account<'_> {
    /// Returns an instance with room and its zone, `None` where none is needed; else why each one has none.
    ///
    /// The reasons are those of <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html>.
    pub(super) fn room(self, wanted: &Wanted) -> Result<Option<Place>, Vec<Value>> {
        if wanted.launch == Launch::Fargate {
            return Ok(None);
        }
        let Some(cluster) = self.world.cluster(&wanted.cluster) else { return Ok(None) };
        let template = &wanted.definition.template;
        let mut reasons = Vec::new();
        let mut best: Option<(&Instance, u32)> = None;
        for instance in cluster.instances.iter().filter(|instance| &*instance.status == "ACTIVE") {
            let (cpu, memory) = Self::remaining(cluster, instance);
            let fixed = template.containers.iter().flat_map(|container| &container.ports).filter_map(|port| port.host);
            let fixed = fixed.filter(|host| *host != 0 && template.network_mode != "awsvpc");
            let taken = fixed.clone().any(|host| Self::has_port(cluster, instance, host));
            let reason = if !instance.connected {
                Some("AGENT")
            } else if memory < template.memory {
                Some("RESOURCE:MEMORY")
            } else if cpu < template.cpu {
                Some("RESOURCE:CPU")
            } else if taken {
                Some("RESOURCE:PORTS")
            } else {
                None
            };
            match reason {
                Some(reason) => {
                    reasons.push(json!({ "arn": self.instance_arn(cluster, &instance.id), "reason": reason }));
                }
                None if best.is_none_or(|(_, most)| memory > most) => best = Some((instance, memory)),
                None => {}
            }
        }
        match best {
            Some((instance, _)) => Ok(Some((Arc::clone(&instance.id), Arc::clone(&instance.zone)))),
            None if reasons.is_empty() => Err(vec![json!({ "reason": "RESOURCE:CPU" })]),
            None => Err(reasons),
        }
    }
}
