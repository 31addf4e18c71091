//! The operation of STS.

use super::{budget::Category, call::Operation, clients::Clients, error::Error};

const GET_CALLER_IDENTITY: Operation = Operation::read("sts:GetCallerIdentity", Category::Other);

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account, twelve digits.
    pub account: Option<String>,
    /// The ARN.
    pub arn: Option<String>,
}

impl Clients {
    /// Returns who asks.
    pub async fn caller(&self) -> Result<Caller, Error> {
        let answer = self.call(GET_CALLER_IDENTITY, || self.sts().get_caller_identity().send()).await?;
        Ok(Caller { account: answer.account, arn: answer.arn })
    }
}
