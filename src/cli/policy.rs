//! `ecsui policy`: the IAM policy that a feature needs.

use std::io::{self, Write as _};

use anyhow::anyhow;

use super::{
    context::Context,
    exit::Exit,
    output::{self, Cell, Column},
};
use crate::ops::{
    Error, Kind,
    policy::{self, FEATURES, Feature, Place},
};

/// Print the least-privilege IAM policy of what ecsui does; without a feature the list of features
///
/// The policy is JSON as IAM takes it. Without the options below it holds in every region, account and cluster. Keys of
/// one's own that Parameter Store encrypts with must be allowed besides. `sts:GetCallerIdentity` needs no permission.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Features, or `all`
    features: Vec<String>,
    /// Only in this account
    #[arg(long, value_name = "DIGITS")]
    account: Option<String>,
    /// Only the service of this name
    #[arg(long, value_name = "NAME", requires = "cluster")]
    service: Option<String>,
}

/// A row of the list of features.
type Row = (Feature, &'static str, &'static str);

/// The columns.
pub(super) const COLUMNS: &[Column<Row>] = &[
    Column::new("feature", "its name", |(_, name, _)| Cell::text(*name)),
    Column::new("what", "what it is", |(.., what)| Cell::text(*what)),
    Column::new("actions", "how many actions it needs", |(feature, ..)| {
        Cell::count(policy::actions(&[*feature]).len() as u32)
    }),
];

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    if args.features.is_empty() {
        output::print(COLUMNS, FEATURES, &context.style())?;
        return Ok(Exit::Done);
    }
    let features = named(&args.features)?;
    let place = Place {
        region: context.settings().region.clone(),
        account: args.account.clone(),
        cluster: context.cluster().map(str::to_owned),
        service: args.service.clone(),
    };
    writeln!(io::stdout().lock(), "{:#}", policy::policy(&features, &place)).map_err(|error| anyhow!(error))?;
    Ok(Exit::Done)
}

/// Returns the features that these words name.
fn named(words: &[String]) -> Result<Vec<Feature>, Error> {
    if words.iter().any(|word| word == "all") {
        return Ok(FEATURES.iter().map(|(feature, ..)| *feature).collect());
    }
    let known = |word: &String| Feature::named(word).ok_or_else(|| unknown(word));
    words.iter().map(known).collect()
}

fn unknown(word: &str) -> Error {
    let names: Vec<_> = FEATURES.iter().map(|(_, name, _)| *name).collect();
    Error::new(Kind::Usage, format!("there is no feature {word:?}"))
        .hint(format!("the features are {} and all", names.join(", ")))
}
