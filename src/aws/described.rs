//! Clusters, services and tasks with everything that AWS says about them, whatever this program knows of it.

use aws_sdk_ecs::types::{ClusterField, ServiceField, TaskField};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Value;

use super::{
    Error, Kind,
    body::Body,
    call::Operation,
    clients::Clients,
    ecs::{DESCRIBE_CLUSTERS, DESCRIBE_SERVICES, DESCRIBE_TASKS, heed},
    taskdefs::time,
};
use crate::model::{Arn, Described};

/// What the names of members end with that are points in time; the wire tells these in seconds since 1970.
const TIME: &str = "At";

impl Clients {
    /// Returns all that AWS says of a cluster; none where there is no such cluster.
    pub async fn described_cluster(&self, cluster: &Arn) -> Result<Option<Described>, Error> {
        use ClusterField::{Attachments, Configurations, Settings, Statistics, Tags};
        let (body, all) = (Body::default(), [Attachments, Configurations, Settings, Statistics, Tags]);
        let call = |more: bool| {
            let call = self.ecs().describe_clusters().clusters(cluster.as_str());
            call.set_include(more.then(|| all.to_vec())).customize().interceptor(body.clone()).send()
        };
        let answer = self.with_tags(DESCRIBE_CLUSTERS, call).await?;
        heed(DESCRIBE_CLUSTERS.name, answer.failures())?;
        Ok(first(&body, "clusters"))
    }

    /// Returns all that AWS says of a service; none where there is no such service.
    pub async fn described_service(&self, cluster: &Arn, service: &Arn) -> Result<Option<Described>, Error> {
        let body = Body::default();
        let call = |tags: bool| {
            let call = self.ecs().describe_services().cluster(cluster.as_str()).services(service.as_str());
            let call = call.set_include(tags.then(|| vec![ServiceField::Tags]));
            call.customize().interceptor(body.clone()).send()
        };
        let answer = self.with_tags(DESCRIBE_SERVICES, call).await?;
        heed(DESCRIBE_SERVICES.name, answer.failures())?;
        Ok(first(&body, "services"))
    }

    /// Returns all that AWS says of a task, or with a name of that container of it; none where there is no such task or
    /// container.
    pub async fn described_task(
        &self,
        cluster: &Arn,
        task: &Arn,
        container: Option<&str>,
    ) -> Result<Option<Described>, Error> {
        let body = Body::default();
        let call = |tags: bool| {
            let call = self.ecs().describe_tasks().cluster(cluster.as_str()).tasks(task.as_str());
            let call = call.set_include(tags.then(|| vec![TaskField::Tags]));
            call.customize().interceptor(body.clone()).send()
        };
        let answer = self.with_tags(DESCRIBE_TASKS, call).await?;
        heed(DESCRIBE_TASKS.name, answer.failures())?;
        let task = first(&body, "tasks");
        let Some(name) = container else { return Ok(task) };
        let containers = task.as_ref().and_then(|task| task.value()["containers"].as_array());
        let found = containers.into_iter().flatten().find(|container| container["name"] == name);
        Ok(found.cloned().map(Described::new))
    }

    /// Makes a call with tags in its answer, or without them where these are denied: who may not read them may still
    /// read the rest.
    async fn with_tags<T, E, F>(&self, operation: Operation, send: impl Fn(bool) -> F + Send + Sync) -> Result<T, Error>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        T: Send,
    {
        match self.call(operation, || send(true)).await {
            Err(error) if error.kind == Kind::Denied => self.call(operation, || send(false)).await,
            answer => answer,
        }
    }
}

/// Returns the first item of this list in an answer, its times as AWS's command line prints them.
fn first(body: &Body, list: &str) -> Option<Described> {
    let mut item = body.take()?.get_mut(list)?.get_mut(0)?.take();
    tell_times(&mut item);
    Some(Described::new(item))
}

fn tell_times(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(tell_times),
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_f64().filter(|_| name.ends_with(TIME)).and_then(time) {
                    Some(moment) => *member = moment.to_string().into(),
                    None => tell_times(member),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_told_as_people_read_them_and_other_numbers_stay() {
        let mut value = json!({
            "createdAt": 1_767_225_600.5, "cpu": 256, "At": "x", "flatAt": "y",
            "deployments": [{ "updatedAt": 1_767_225_600, "newThing": { "seenAt": 0.001, "count": 1_767_225_600 } }],
        });
        tell_times(&mut value);
        assert_eq!(
            value,
            json!({
                "createdAt": "2026-01-01T00:00:00.5Z", "cpu": 256, "At": "x", "flatAt": "y",
                "deployments": [{
                    "updatedAt": "2026-01-01T00:00:00Z",
                    "newThing": { "seenAt": "1970-01-01T00:00:00.001Z", "count": 1_767_225_600 },
                }],
            })
        );
    }
}
