//! The operation of EC2 that tells of the instances behind clusters.

use std::sync::Arc;

use aws_sdk_ec2::types::{self, Filter};

use super::{Error, budget::Category, call::Operation, clients::Clients, convert, whole};
use crate::model::Host;

const DESCRIBE_INSTANCES: Operation = Operation::read("ec2:DescribeInstances", Category::InstanceRead);

/// The most values that a filter takes.
const AT_ONCE: usize = 200;
/// The largest page there is.
const PAGE_SIZE: i32 = 1000;

impl Clients {
    /// Returns these instances; those that are gone are absent.
    pub async fn hosts(&self, ids: &[Arc<str>]) -> Result<Vec<Host>, Error> {
        let mut all = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            // By a filter: of ids, a single one that is gone would fail the call.
            let wanted = Filter::builder().name("instance-id");
            let wanted = wanted.set_values(Some(ids.iter().map(ToString::to_string).collect())).build();
            let wanted = &wanted;
            let read = whole::list(DESCRIBE_INSTANCES.name, |token| async move {
                let call = || {
                    let call = self.ec2().describe_instances().filters(wanted.clone()).max_results(PAGE_SIZE);
                    call.set_next_token(token.clone()).send()
                };
                let answer = self.call(DESCRIBE_INSTANCES, call).await?;
                let instances = answer.reservations().iter().flat_map(types::Reservation::instances);
                Ok((instances.filter_map(host).collect(), answer.next_token))
            });
            let read: Vec<Host> = read.await?;
            all.extend(read);
        }
        Ok(all)
    }
}

fn host(instance: &types::Instance) -> Option<Host> {
    let name = instance.tags().iter().find(|tag| tag.key() == Some("Name")).and_then(|tag| tag.value());
    let filled = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(Into::into);
    Some(Host {
        id: instance.instance_id()?.into(),
        name: filled(name),
        kind: instance.instance_type().map(|kind| kind.as_str().into()),
        zone: filled(instance.placement().and_then(|placement| placement.availability_zone())),
        state: instance.state().and_then(|state| state.name()).map(|name| name.as_str().into()),
        private_ip: filled(instance.private_ip_address()),
        public_ip: filled(instance.public_ip_address()),
        launched: instance.launch_time().and_then(|time| convert::time(*time)),
    })
}
