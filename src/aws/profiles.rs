//! The profiles of the user's files, as a list to choose from.

use aws_types::os_shim_internal::{Env, Fs};

use super::{Access, Error, error::last_cause};

/// A profile that the user's files hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnownProfile {
    /// Its name.
    pub name: String,
    /// Its region, if it has one.
    pub region: Option<String>,
}

/// Returns the profiles of `~/.aws/config` and `~/.aws/credentials`, or of the files that the environment names
/// instead, by name; with given keys there is one. Reads files and makes no call.
#[expect(clippy::default_trait_access, reason = "the only name of the files' type that aws-config gives is deprecated")]
pub async fn profiles(access: &Access) -> Result<Vec<KnownProfile>, Error> {
    if let Access::Fixed { name, region, .. } = access {
        return Ok(vec![KnownProfile { name: name.clone(), region: Some(region.clone()) }]);
    }
    let files = aws_config::profile::load(&Fs::default(), &Env::default(), &Default::default(), None)
        .await
        .map_err(|error| Error::setup(format!("the AWS configuration cannot be read: {}", last_cause(&error))))?;
    let region = |name: &str| files.get_profile(name)?.get("region").filter(|region| !region.is_empty());
    let known = |name: &str| KnownProfile { name: name.to_owned(), region: region(name).map(str::to_owned) };
    let mut profiles: Vec<KnownProfile> = files.profiles().map(known).collect();
    profiles.sort_unstable();
    Ok(profiles)
}
