//! Whose clusters are whose: several sites may lead to the same ones, and each row is there once.
//!
//! A cluster is the first site's that lists it, but only once that has read what is in it: until then whoever has shows
//! it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    super::{
        super::{
            State,
            stock::{Beside, Status},
        },
        search::Part,
    },
    Origin,
};
use crate::model::Arn;

/// The clusters that are a site's.
pub(super) struct Share {
    /// Which site.
    pub(super) origin: Origin,
    /// Those whose leaves are shown as this site's.
    pub(super) shown: Vec<Arn>,
    /// Those that it reads: the same, and those that it shows as soon as it has read them.
    pub(super) read: Vec<Arn>,
}

impl State {
    /// Returns the other sites, each with those of its clusters that are its own.
    pub(super) fn shares(&self) -> Vec<Share> {
        let sites = self.sites_beside();
        if sites.is_empty() {
            return Vec::new();
        }
        let (first, reader) = self.claims(&sites);
        let share = |(place, origin): (usize, &Origin)| {
            let clusters = self.beside(origin).map_or(&[][..], |beside| &beside.clusters.value);
            let those = |are: &dyn Fn(&Arn) -> bool| clusters.iter().filter(|it| are(it)).cloned().collect();
            let claims = |by: &BTreeMap<&Arn, usize>, cluster: &Arn| by.get(cluster) == Some(&place);
            let shows = |cluster: &Arn| reader.get(cluster).or_else(|| first.get(cluster)) == Some(&place);
            let reads = |cluster: &Arn| claims(&first, cluster) || claims(&reader, cluster);
            Share { origin: origin.clone(), shown: those(&shows), read: those(&reads) }
        };
        (1..).zip(&sites).map(share).collect()
    }

    /// Returns the leaves of other sites that were read and are shown.
    pub(in super::super) fn parts_beside(&self) -> Vec<Part> {
        let part = |share: Share| {
            let slots = self.beside(&share.origin).map(|beside| &beside.leaves);
            let slots = slots.into_iter().flat_map(|leaves| share.shown.iter().filter_map(|it| leaves.get(it)));
            let leaves: Vec<_> = slots.map(|slot| Arc::clone(&slot.value)).collect();
            let origin = Arc::new(share.origin);
            leaves.into_iter().map(move |leaves| Part { origin: Arc::clone(&origin), leaves }).collect::<Vec<_>>()
        };
        self.shares().into_iter().flat_map(part).collect()
    }

    /// Returns how fresh the leaves of each cluster are that are shown, here or as another site's, and whether anything
    /// is being read.
    pub(in super::super) fn freshness(&self) -> (Vec<Status>, bool) {
        let shares = self.shares();
        let elsewhere: BTreeSet<&Arn> = shares.iter().flat_map(|share| &share.shown).collect();
        let mut shown = Vec::new();
        let mut reading = self.stock.clusters.status.pending.is_some();
        for cluster in &self.stock.clusters.value {
            let status = self.stock.leaves.get(&cluster.arn).map(|slot| slot.status.clone()).unwrap_or_default();
            reading |= status.pending.is_some();
            shown.extend((!elsewhere.contains(&cluster.arn)).then_some(status));
        }
        for share in &shares {
            let beside = self.beside(&share.origin);
            reading |= beside.is_some_and(|beside| beside.clusters.status.pending.is_some());
            for cluster in &share.read {
                let status = beside.and_then(|beside| beside.leaves.get(cluster)).map(|slot| slot.status.clone());
                reading |= status.as_ref().is_some_and(|status| status.pending.is_some());
                shown.extend(share.shown.contains(cluster).then(|| status.unwrap_or_default()));
            }
        }
        (shown, reading)
    }

    /// Whether the leaves of this cluster were read before, by whomever.
    pub(in super::super) fn has_leaves(&self, cluster: &Arn) -> bool {
        let beside = self.stock.beside.values().filter_map(|beside| beside.leaves.get(cluster));
        self.stock.leaves.get(cluster).into_iter().chain(beside).any(|slot| slot.status.read.is_some())
    }

    /// Returns what is known of another site.
    pub(super) fn beside(&self, origin: &Origin) -> Option<&Beside> {
        origin.site.as_ref().and_then(|site| self.stock.beside.get(site))
    }

    /// Returns who is the first to list each cluster, and who is the first that has read it: 0 is the site in the
    /// panes.
    fn claims<'a>(&'a self, sites: &[Origin]) -> (BTreeMap<&'a Arn, usize>, BTreeMap<&'a Arn, usize>) {
        let (mut first, mut reader) = (BTreeMap::new(), BTreeMap::new());
        let mut claim = |place: usize, cluster: &'a Arn, is_read: bool| {
            first.entry(cluster).or_insert(place);
            if is_read {
                reader.entry(cluster).or_insert(place);
            }
        };
        for cluster in &self.stock.clusters.value {
            let slot = self.stock.leaves.get(&cluster.arn);
            claim(0, &cluster.arn, slot.is_some_and(|slot| slot.status.read.is_some()));
        }
        for (place, beside) in (1..).zip(sites.iter().map(|origin| self.beside(origin))) {
            for cluster in beside.into_iter().flat_map(|beside| &beside.clusters.value) {
                let slot = beside.and_then(|beside| beside.leaves.get(cluster));
                claim(place, cluster, slot.is_some_and(|slot| slot.status.read.is_some()));
            }
        }
        (first, reader)
    }
}
