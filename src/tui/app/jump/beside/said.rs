//! What there is to say of the other sites: how many were reached, what is wrong with each, and which are still being
//! read.

use ratatui::layout::Rect;

use super::{
    super::super::{Load, Notice, State, cut, stock::Status, wrap},
    share::Share,
};
use crate::model::text::clean;

/// So many rows are left for saying why the list is empty.
const SAID: usize = 3;

/// What there is to say of a site that was not read, or not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteLine {
    /// Which one, clean: `prod · us-east-1`.
    pub label: String,
    /// And what of it, clean.
    pub text: String,
    /// Whether something is wrong there; otherwise it is only slow.
    pub wrong: bool,
    /// Of which sites it tells, clean.
    sites: Vec<String>,
}

impl State {
    /// Whether the config names sites beside the one in the panes.
    pub fn looks_beside(&self) -> bool {
        !self.jump_rules.is_empty()
    }

    /// Returns how many sites were read, at least as far as to their clusters, and how many the jump looks through; the
    /// one in the panes is among them.
    pub fn sites_reached(&self) -> (usize, usize) {
        let sites = self.sites_beside();
        let read =
            sites.iter().filter(|origin| self.beside(origin).is_some_and(|it| it.clusters.status.read.is_some()));
        (read.count() + usize::from(self.stock.clusters.status.read.is_some()), sites.len() + 1)
    }

    /// Returns what there is to say of the other sites: what is wrong with each, or that it is still being read.
    pub fn site_lines(&self) -> Vec<SiteLine> {
        self.shares().iter().filter_map(|share| self.site_line(share)).collect()
    }

    /// Returns the same as rows of this width below a list in a window of this height, first what is wrong. They take
    /// no more than half of it, or what the list leaves over; what there is no room for is named.
    pub fn rows_below(&self, width: u16, height: u16) -> Vec<(String, bool)> {
        let lines = wrong_first(self.site_lines());
        let listed = self.leaf_count().0.max(SAID);
        let most = usize::from(height / 2).max(usize::from(height).saturating_sub(listed));
        let mut shown: Vec<(String, bool)> = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            let rows = line.rows(usize::from(width));
            let is_last = number + 1 == lines.len();
            if shown.len() + rows.len() + usize::from(!is_last) > most {
                if shown.len() < most {
                    shown.push((left_out(&lines[number..], number > 0, width), line.wrong));
                }
                break;
            }
            shown.extend(rows);
        }
        shown
    }

    /// Returns where the jump's leaves are listed.
    pub fn jump_list(&self) -> Rect {
        let inner = self.areas().full_detail().inner;
        let below = self.rows_below(inner.width.saturating_sub(2), inner.height).len();
        Rect { height: inner.height - below as u16, ..inner }
    }

    /// Returns how many leaves the jump shows at once.
    pub fn jump_height(&self) -> usize {
        usize::from(self.jump_list().height)
    }

    fn site_line(&self, share: &Share) -> Option<SiteLine> {
        let label = share.origin.label();
        let beside = self.beside(&share.origin);
        let status = beside.map(|beside| &beside.clusters.status);
        let slots = || share.read.iter().filter_map(|cluster| beside?.leaves.get(cluster));
        let mut troubles = status.into_iter().chain(slots().map(|slot| &slot.status)).filter_map(|status| {
            let (notice, _) = status.failure.as_ref()?;
            Some(notice)
        });
        let denied = slots().flat_map(|slot| &slot.value.denied);
        if let Some(first) = troubles.next() {
            return Some(wrong(label, first, troubles.chain(denied).count()));
        }
        let denied: Vec<&Notice> = denied.collect();
        if let Some(first) = denied.first() {
            return Some(wrong(label, first, denied.len() - 1));
        }
        let all = share.read.len();
        let read = slots().filter(|slot| slot.status.read.is_some()).count();
        match status.map(Status::load) {
            None | Some(Load::Never | Load::Loading) => Some(slow(label, "still reading its clusters")),
            Some(Load::Ready(_)) if read < all => {
                Some(slow(label, &format!("still reading, {read} of {all} clusters")))
            }
            Some(Load::Ready(_) | Load::Failed(..)) => None,
        }
    }
}

impl SiteLine {
    fn rows(&self, width: usize) -> Vec<(String, bool)> {
        let pieces = wrap(&self.text, width, 2).into_iter().enumerate();
        let piece = |(number, range): (usize, std::ops::Range<usize>)| {
            let indent = if number > 0 { "  " } else { "" };
            (format!("{indent}{}", &self.text[range]), self.wrong)
        };
        pieces.map(piece).collect()
    }
}

/// Names the sites that there is no room to say more of.
fn left_out(lines: &[SiteLine], is_rest: bool, width: u16) -> String {
    let names: Vec<&str> = lines.iter().flat_map(|line| &line.sites).map(String::as_str).collect();
    let more = if is_rest { " more" } else { "" };
    cut(&format!("  {}{more} not read, or not yet: {}", names.len(), names.join(", ")), width).into_owned()
}

/// Returns the lines of what is wrong, and then all that is slow in one.
fn wrong_first(lines: Vec<SiteLine>) -> Vec<SiteLine> {
    let (mut lines, slow): (Vec<SiteLine>, Vec<SiteLine>) = lines.into_iter().partition(|line| line.wrong);
    match &slow[..] {
        [] | [_] => lines.extend(slow),
        several => {
            let sites: Vec<String> = several.iter().map(|line| line.label.clone()).collect();
            let text = format!("… still reading {}", sites.join(", "));
            lines.push(SiteLine { label: String::new(), text, wrong: false, sites });
        }
    }
    lines
}

/// Says what is wrong with a site, and what to do.
fn wrong(label: String, notice: &Notice, more: usize) -> SiteLine {
    let hints = notice.hints.iter().fold(String::new(), |hints, hint| hints + "; " + &clean(hint));
    let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
    let text = format!("✖ {label}: {}{hints}{more}", clean(&notice.text));
    SiteLine { text, sites: vec![label.clone()], label, wrong: true }
}

fn slow(label: String, what: &str) -> SiteLine {
    SiteLine { text: format!("… {label}: {what}"), sites: vec![label.clone()], label, wrong: false }
}
