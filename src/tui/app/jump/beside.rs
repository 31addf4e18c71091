//! The sites of the config that the jump looks through beside the one in the panes: each is read by itself, named where it
//! fails, and never waited for.

mod said;

use std::{collections::BTreeSet, sync::Arc};

use super::{
    super::{
        Jump, Leaves, Load, Look, Message, Purpose, Seen, State,
        site::SiteName,
        stock::{Beside, Status},
    },
    search::Part,
};
use crate::{
    config::{Action, JumpRule},
    model::Arn,
    ops::{Identity, sites::Site},
};

pub use said::SiteLine;

/// So many sites are read at once: each has connections of its own.
const AT_ONCE: usize = 16;

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

    /// Whether what is selected in the jump is described at another site, which nobody asks from here; that is said.
    pub(in crate::tui::app) fn is_described_elsewhere(&mut self) -> bool {
        let place = self.jump().and_then(Jump::cursor);
        let origin = place.and_then(|place| self.leaf_origin(place)).filter(|origin| origin.site.is_some());
        let Some(label) = origin.map(Origin::label) else { return false };
        let key = self.keymap.first_chord(Action::ShowInPanes).map(|chord| format!("; {chord} goes there"));
        self.message = Some(Message::news(format!("that is at {label}{}", key.unwrap_or_default())));
        true
    }

    /// Returns what has to be read of other sites.
    pub(in crate::tui::app) fn wanted_beside(&self) -> Vec<Purpose> {
        if self.jump().is_none() {
            return Vec::new();
        }
        let mut wanted = Vec::new();
        let mut under_way = 0;
        for (origin, clusters) in self.shares() {
            let Some(site) = origin.site else { continue };
            let own = clusters.into_iter().map(|cluster| Purpose::LeavesBeside(site.clone(), cluster));
            let purposes: Vec<Purpose> = [Purpose::ClustersBeside(site.clone())].into_iter().chain(own).collect();
            let status = |purpose: &Purpose| self.stock.status(purpose).cloned().unwrap_or_default();
            let unread = |it: &Status| it.pending.is_some() || (it.read.is_none() && it.failure.is_none());
            if purposes.iter().any(|purpose| unread(&status(purpose))) {
                under_way += 1;
            }
            if under_way <= AT_ONCE {
                wanted.extend(purposes);
            }
        }
        wanted
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
        let beside = self.stock.beside.entry(site.clone()).or_default();
        let slot = beside.leaves.entry(cluster.clone()).or_default();
        let is_first = slot.status.read.is_none();
        slot.value = Arc::clone(&leaves);
        let share = self.shares().into_iter().find(|(origin, _)| origin.site.as_ref() == Some(site));
        let Some((origin, _)) = share.filter(|(_, clusters)| clusters.contains(cluster)) else { return };
        self.show_leaves(Part { origin: Arc::new(origin), leaves }, is_first);
    }

    /// Goes through all leaves again where the clusters may be other sites' now.
    pub(in crate::tui::app) fn sort_out_beside(&mut self) {
        if self.looks_beside() && self.jump().is_some() {
            self.search_anew();
        }
    }

    /// Returns the leaves of other sites that were read.
    pub(super) fn parts_beside(&self) -> Vec<Part> {
        let part = |(origin, clusters): (Origin, Vec<Arn>)| {
            let slots = self.beside(&origin).map(|beside| &beside.leaves);
            let slots = slots.into_iter().flat_map(|leaves| clusters.iter().filter_map(|cluster| leaves.get(cluster)));
            let leaves: Vec<_> = slots.map(|slot| Arc::clone(&slot.value)).collect();
            let origin = Arc::new(origin);
            leaves.into_iter().map(move |leaves| Part { origin: Arc::clone(&origin), leaves }).collect::<Vec<_>>()
        };
        self.shares().into_iter().flat_map(part).collect()
    }

    /// Returns how fresh the leaves of each cluster are that other sites show, and whether some site's clusters are being
    /// read.
    pub(super) fn freshness_beside(&self) -> (Vec<Status>, bool) {
        let (mut leaves, mut reading) = (Vec::new(), false);
        for (origin, clusters) in self.shares() {
            let beside = self.beside(&origin);
            reading |= beside.is_some_and(|beside| beside.clusters.status.pending.is_some());
            let status = |cluster| beside.and_then(|beside| beside.leaves.get(cluster)).map(|slot| slot.status.clone());
            leaves.extend(clusters.iter().map(|cluster| status(cluster).unwrap_or_default()));
        }
        (leaves, reading)
    }

    /// Returns the sites of the config but that in the panes, each once, in the order of the config. One that may be that in
    /// the panes is left out until that is known.
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

    /// Returns the other sites, each with its clusters that neither the site in the panes shows nor one before it.
    fn shares(&self) -> Vec<(Origin, Vec<Arn>)> {
        let mut shown: BTreeSet<&Arn> = self.stock.clusters.value.iter().map(|cluster| &cluster.arn).collect();
        let mut shares = Vec::new();
        for origin in self.sites_beside() {
            let clusters = self.beside(&origin).map(|beside| &beside.clusters.value);
            let own = clusters.into_iter().flatten().filter(|cluster| shown.insert(cluster)).cloned().collect();
            shares.push((origin, own));
        }
        shares
    }

    fn beside(&self, origin: &Origin) -> Option<&Beside> {
        origin.site.as_ref().and_then(|site| self.stock.beside.get(site))
    }
}

/// Whether something was read, or cannot be.
fn settled(status: &Status) -> bool {
    !matches!(status.load(), Load::Never | Load::Loading)
}
