//! The sites of the config that the jump looks through beside the one in the panes: each is read by itself, named where
//! it fails, and never waited for.

mod said;
mod share;

use std::{collections::BTreeSet, sync::Arc};

use super::{
    super::{Leaves, Load, Look, Purpose, Seen, State, site::SiteName, stock::Status},
    search::Part,
};
use crate::{
    config::JumpRule,
    model::Arn,
    ops::{Identity, sites::Site},
};

pub use said::SiteLine;
use share::Share;

/// Where leaves were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The name of the profile.
    pub profile: String,
    /// The region, where it is known.
    pub region: Option<String>,
    /// The way there; `None` for the one in the panes.
    pub site: Option<Site>,
}

impl Origin {
    /// Returns it as people read it, clean: `prod · us-east-1`.
    pub fn label(&self) -> String {
        self.name().label()
    }

    pub(super) fn name(&self) -> SiteName {
        SiteName { profile: self.profile.clone(), region: self.region.clone() }
    }
}

impl State {
    /// Notes what the place is called where the program began, once that is known.
    pub(in crate::tui::app) fn take_home(&mut self, identity: &Identity) {
        if self.site == Site::default() {
            self.home = SiteName { profile: identity.profile.clone(), region: Some(identity.region.clone()) };
        }
    }

    /// Whether it has to be known which regions the profiles have.
    pub(in crate::tui::app) fn wants_own_regions(&self) -> bool {
        self.jump().is_some() && self.jump_rules.iter().any(|rule| rule.regions.is_empty() && !rule.profiles.is_empty())
    }

    /// Returns what has to be read of other sites, site by site.
    pub(in crate::tui::app) fn wanted_beside(&self) -> Vec<Vec<Purpose>> {
        if self.jump().is_none() {
            return Vec::new();
        }
        let of_site = |share: Share| {
            let site = share.origin.site?;
            let leaves = share.read.into_iter().map(|cluster| Purpose::LeavesBeside(site.clone(), cluster));
            Some([Purpose::ClustersBeside(site.clone())].into_iter().chain(leaves).collect())
        };
        self.shares().into_iter().filter_map(of_site).collect()
    }

    /// Takes the clusters of another site.
    pub(in crate::tui::app) fn take_clusters_beside(&mut self, site: &Site, mut clusters: Vec<Arn>) {
        clusters.sort_by(|one, two| one.name().cmp(two.name()));
        let beside = self.stock.beside.entry(site.clone()).or_default();
        beside.leaves.retain(|cluster, _| clusters.contains(cluster));
        if beside.clusters.value != clusters {
            beside.clusters.value = clusters;
            self.sort_out_beside();
        }
    }

    /// Takes the leaves of a cluster of another site.
    pub(in crate::tui::app) fn take_leaves_beside(&mut self, site: &Site, cluster: &Arn, leaves: Arc<Leaves>) {
        let (is_first, now) = (!self.has_leaves(cluster), self.now);
        let beside = self.stock.beside.entry(site.clone()).or_default();
        let slot = beside.leaves.entry(cluster.clone()).or_default();
        slot.value = Arc::clone(&leaves);
        // It is this site's from now on, unless one before it has read it.
        slot.status.succeed(now);
        let share = self.shares().into_iter().find(|share| share.origin.site.as_ref() == Some(site));
        let Some(share) = share.filter(|share| share.shown.contains(cluster)) else { return };
        self.show_leaves(Part { origin: Arc::new(share.origin), leaves }, is_first);
    }

    /// Goes through all leaves again where the clusters may be other sites' now.
    pub(in crate::tui::app) fn sort_out_beside(&mut self) {
        if self.looks_beside() && self.jump().is_some() {
            self.search_anew();
        }
    }

    /// Returns the sites of the config but that in the panes, each once, in the order of the config. One that may be
    /// that in the panes is left out until that is known.
    fn sites_beside(&self) -> Vec<Origin> {
        let here = self.site_name();
        let is_named = settled(&self.stock.identity.status);
        let may_be_here = |origin: &Origin| {
            let unknown = here.region.is_none() || origin.region.is_none();
            !is_named && unknown && origin.profile == here.profile
        };
        let mut seen = BTreeSet::from([here.clone()]);
        let all = self.jump_rules.iter().flat_map(|rule| self.sites_of(rule));
        all.filter(|origin| !may_be_here(origin) && seen.insert(origin.name())).collect()
    }

    fn sites_of(&self, rule: &JumpRule) -> Vec<Origin> {
        let profiles: Vec<Option<&String>> = match &rule.profiles[..] {
            [] => vec![None],
            some => some.iter().map(Some).collect(),
        };
        let mut sites = Vec::new();
        for profile in profiles {
            let regions = match (&rule.regions[..], profile) {
                ([], Some(profile)) if self.knows_profiles() => vec![self.own_region(profile)],
                ([], _) => Vec::new(),
                (some, _) => some.iter().cloned().map(Some).collect(),
            };
            sites.extend(regions.into_iter().map(|region| Origin {
                profile: profile.unwrap_or(&self.home.profile).clone(),
                region: region.clone(),
                site: Some(Site { profile: profile.cloned(), region }),
            }));
        }
        sites
    }

    /// Returns the region of a profile; where it has none, that in which the program began.
    fn own_region(&self, profile: &str) -> Option<String> {
        let known = self.known_profiles().and_then(|known| known.iter().find(|known| known.name == profile));
        known.and_then(|known| known.region.clone()).or_else(|| self.home.region.clone())
    }

    fn known_profiles(&self) -> Option<&Vec<crate::ops::sites::KnownProfile>> {
        match self.stock.looks.get(&Look::Profiles).and_then(|slot| slot.value.as_ref()) {
            Some(Seen::Profiles(profiles)) => Some(profiles),
            Some(_) | None => None,
        }
    }

    /// Whether the user's files were read, or cannot be.
    fn knows_profiles(&self) -> bool {
        self.stock.looks.get(&Look::Profiles).is_some_and(|slot| settled(&slot.status))
    }
}

/// Whether something was read, or cannot be.
fn settled(status: &Status) -> bool {
    !matches!(status.load(), Load::Never | Load::Loading)
}
