//! RegisterTaskDefinition, whose body is a document of our own: the SDK's types would lose what they do not know.

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeTransmitInterceptorContextMut, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{body::SdkBody, config_bag::ConfigBag};
use serde_json::Value;

use crate::{
    aws::{Error, body::Body, budget::Category, call::Operation, clients::Clients, convert, taskdefs},
    model::TaskDefinition,
};

const REGISTER: Operation = Operation::change("ecs:RegisterTaskDefinition", Category::DefinitionModify);

impl Clients {
    /// Registers a task definition, given as the members of RegisterTaskDefinition, and returns it as AWS has it then.
    /// Made once; a throttled call waits for its turn.
    pub async fn register_task_definition(&self, document: &Value) -> Result<TaskDefinition, Error> {
        let (ours, body) = (Document(document.to_string()), Body::default());
        let family = document["family"].as_str().unwrap_or_default();
        let call = || {
            let call = self.ecs().register_task_definition().family(family).set_container_definitions(Some(Vec::new()));
            call.customize().interceptor(ours.clone()).interceptor(body.clone()).send()
        };
        let answer = self.call(REGISTER, call).await?;
        let described = taskdefs::described(&body, true).unwrap_or_default();
        let definition = answer.task_definition.and_then(|definition| convert::task_definition(definition, described));
        definition.ok_or_else(|| Error::broken(REGISTER.name, "an answer without a task definition"))
    }
}

/// Puts a text in the place of a call's body before the call is signed. It may hold secrets.
#[derive(Clone)]
struct Document(String);

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Document(…)")
    }
}

#[dyn_dispatch_hint]
impl Intercept for Document {
    fn name(&self) -> &'static str {
        "Document"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        request.headers_mut().insert("content-length", self.0.len().to_string());
        *request.body_mut() = SdkBody::from(self.0.clone());
        Ok(())
    }
}
