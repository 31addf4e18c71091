//! Where the browser is: a profile in a region. Going to another leaves behind what was seen, for coming back.

use super::{
    DetailView, Effect, Level, Look, Message, Overlay, Pane, Pick, Picks, RequestId, State, TextLine, Tone,
    code::WithCodes,
    pick::{PickRow, Picked},
    stock::{Purpose, Stock},
    wrap::padded,
};
use crate::{
    model::text::clean,
    ops::sites::{KnownProfile, REGIONS, Site},
};

/// So many sites are remembered.
const REMEMBERED: usize = 8;

/// What was seen at a site that was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Left {
    site: Site,
    name: SiteName,
    stock: Stock,
    panes: [Pane; 4],
    focus: Level,
    chosen_views: [DetailView; 4],
}

/// What a site is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SiteName {
    /// The profile.
    pub(super) profile: String,
    /// The region, where it is known.
    pub(super) region: Option<String>,
}

impl SiteName {
    /// Returns it as people read it, clean.
    pub(super) fn label(&self) -> String {
        [Some(&self.profile), self.region.as_ref()].into_iter().flatten().map(clean).collect::<Vec<_>>().join(" · ")
    }
}

impl State {
    /// Asks where to go. The files are read again: whoever has just written a profile into them looks for it here.
    pub(super) fn ask_for_site(&mut self, effects: &mut Vec<Effect>) {
        self.ask_for(&Purpose::Look(Look::Profiles), effects);
        self.overlays.push(Overlay::Pick(Pick::new(Picks::Site)));
    }

    /// Returns what the site is called: as AWS has it, or as the settings have it until then.
    pub(super) fn site_name(&self) -> SiteName {
        let known = self.stock.identity.value.as_ref();
        let known = known.map(|it| SiteName { profile: it.profile.clone(), region: Some(it.region.clone()) });
        known.unwrap_or_else(|| SiteName { profile: self.profile.clone(), region: self.region.clone() })
    }

    /// Returns the rows of where one can go: the profiles, then the regions, the one here and the profile's own first.
    pub(super) fn site_rows(&self, profiles: &[KnownProfile]) -> Vec<PickRow> {
        let here = self.site_name();
        let mark = |is_here: bool| if is_here { "  ● here" } else { "" };
        let profile_row = |known: &KnownProfile| {
            let line = TextLine::said(Tone::Plain, padded(&known.name, 36))
                .with(Tone::Faint, " profile")
                .with(Tone::Good, mark(known.name == here.profile));
            PickRow { line, picked: Picked::Profile(known.clone()) }
        };
        let own = profiles.iter().find(|known| known.name == here.profile).and_then(|known| known.region.as_deref());
        let mut regions: Vec<&str> = here.region.as_deref().into_iter().chain(own).collect();
        regions.dedup();
        let others: Vec<&str> = REGIONS.into_iter().filter(|region| !regions.contains(region)).collect();
        let region_row = |region: &str| {
            let line = TextLine::said(Tone::Plain, padded(region, 36))
                .with(Tone::Faint, " region")
                .with(Tone::Good, mark(Some(region) == here.region.as_deref()));
            PickRow { line, picked: Picked::Region(region.to_owned()) }
        };
        let regions = regions.into_iter().chain(others).map(region_row);
        profiles.iter().map(profile_row).chain(regions).collect()
    }

    /// Goes to a profile, into its own region, or this one where it has none.
    pub(super) fn go_to_profile(&mut self, known: &KnownProfile, effects: &mut Vec<Effect>) {
        let region = known.region.clone().or_else(|| self.site_name().region);
        let name = SiteName { profile: known.name.clone(), region: region.clone() };
        let _is_there = self.go(Site { profile: Some(known.name.clone()), region }, name, effects);
    }

    /// Goes to another region with the same profile.
    pub(super) fn go_to_region(&mut self, region: &str, effects: &mut Vec<Effect>) {
        let name = SiteName { region: Some(region.to_owned()), ..self.site_name() };
        let _is_there = self.go(Site { region: Some(region.to_owned()), ..self.site.clone() }, name, effects);
    }

    /// Goes to a site: what is on its way here is given up, what was seen is kept, and what was seen there stands
    /// again. Returns whether the browser is there now.
    pub(super) fn go(&mut self, site: Site, name: SiteName, effects: &mut Vec<Effect>) -> bool {
        let here = self.site_name();
        if name == here {
            self.message = Some(Message::news("you are there"));
            return true;
        }
        self.stop_planning(effects);
        if let Some(changing) = &self.changing {
            self.message = Some(Message::news(format!("{}: that has to end first", changing.what)));
            return false;
        }
        self.stop_opening(effects);
        self.give_up_all(effects);
        // What is known of all sites goes along.
        let beside = std::mem::take(&mut self.stock.beside);
        self.leave(here);
        let place = self.left.iter().position(|left| left.name == name);
        let site = match place.map(|place| self.left.remove(place)) {
            Some(left) => {
                self.stock = left.stock;
                self.panes = left.panes;
                self.focus = left.focus;
                self.chosen_views = left.chosen_views;
                left.site
            }
            None => site,
        };
        self.stock.beside = beside;
        self.message = Some(Message::news(format!("at {}", name.label())));
        let SiteName { profile, region } = name;
        (self.profile, self.region) = (clean(profile), region.map(clean));
        self.is_profile_named |= site.profile.is_some();
        self.site = site.clone();
        self.with_codes = WithCodes::Gives;
        self.overlays.clear();
        self.forget_changes(effects);
        self.forget_leaves();
        effects.push(Effect::Go(site));
        self.unsettle();
        true
    }

    /// Keeps what was seen here, and begins anew.
    fn leave(&mut self, name: SiteName) {
        let elsewhere = self.stock.elsewhere();
        let left = Left {
            site: std::mem::take(&mut self.site),
            name,
            stock: std::mem::replace(&mut self.stock, elsewhere),
            panes: std::mem::take(&mut self.panes),
            focus: std::mem::replace(&mut self.focus, Level::Cluster),
            chosen_views: self.chosen_views,
        };
        self.left.push(left);
        if self.left.len() > REMEMBERED {
            self.left.remove(0);
        }
    }

    fn give_up_all(&mut self, effects: &mut Vec<Effect>) {
        let pending: Vec<RequestId> = self.pending.keys().copied().collect();
        for id in pending {
            self.give_up(id, effects);
        }
    }
}
