//! Secrets Manager: whether a secret is there. What is in it is never asked for.

use aws_sdk_secretsmanager::config::{self, Region};

use super::{Error, Kind, budget::Category, call::Operation, clients::Clients};

const DESCRIBE_SECRET: Operation = Operation::read("secretsmanager:DescribeSecret", Category::Other);

impl Clients {
    /// Whether there is a secret of this name or ARN that is not about to be deleted; in another region where that is
    /// given.
    pub async fn has_secret(&self, secret: &str, region: Option<&str>) -> Result<bool, Error> {
        let call = || {
            let call = self.secrets().describe_secret().secret_id(secret).customize();
            match region {
                Some(region) => {
                    call.config_override(config::Builder::new().region(Region::new(region.to_owned()))).send()
                }
                None => call.send(),
            }
        };
        match self.call(DESCRIBE_SECRET, call).await {
            Ok(answer) => Ok(answer.deleted_date.is_none()),
            Err(error) if error.kind == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
