//! What stands where on the screen that was drawn last, by identity: a click is about what somebody saw there, and
//! Enter in the jump about what they saw under the cursor, whatever was read since.

use ratatui::layout::{Position, Rect};

use super::{
    Areas, Deed, DetailView, Framed, Jump, Level, Overlay, RowId, State, jump::Glimpse, layout::chosen_lines,
    pick::Picked,
};
use crate::config::keymap::Place;

/// What stands where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sight {
    /// What stood over the panes.
    over: Option<Place>,
    /// What a wheel scrolls.
    parts: Vec<(Rect, Part)>,
    /// What a click is about.
    spots: Vec<(Rect, Spot)>,
    /// What the keys are about in the jump.
    glimpse: Option<Glimpse>,
}

/// A part of the screen that scrolls by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A pane.
    Pane(Level),
    /// The details, below the panes or in full.
    Detail,
    /// What stands over them: a list, the keys, a plan.
    Over,
}

/// Something that can be clicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spot {
    /// A pane, beside its rows.
    Pane(Level),
    /// A row of a pane.
    Row(Level, RowId),
    /// The name of a view.
    Tab(DetailView),
    /// An action of the menu.
    Deed(Deed),
    /// A row of a list to pick from.
    Pick(Picked),
    /// A row of the jump.
    Leaf(RowId),
}

impl Sight {
    /// Returns what scrolls there, if that is still so.
    pub(super) fn part(&self, at: Position, over: Option<Place>) -> Option<Part> {
        self.found(&self.parts, at, over).copied()
    }

    /// Returns what can be clicked there, if that is still so.
    pub(super) fn spot(&self, at: Position, over: Option<Place>) -> Option<Spot> {
        self.found(&self.spots, at, over).cloned()
    }

    /// Returns what stood under the cursor of the jump.
    pub(super) fn glimpse(&self) -> Option<&Glimpse> {
        self.glimpse.as_ref()
    }

    /// What has come to stand over the rest since was not pointed at.
    fn found<'a, T>(&self, places: &'a [(Rect, T)], at: Position, over: Option<Place>) -> Option<&'a T> {
        let hit = places.iter().rev().find(|(area, _)| area.contains(at)).map(|(_, what)| what);
        hit.filter(|_| self.over == over)
    }
}

impl State {
    /// Notes what stands where on the screen.
    pub(super) fn look_around(&mut self) {
        let areas = self.areas();
        let mut sight = Sight { over: self.over(), glimpse: self.glimpse(), ..Sight::default() };
        match self.overlay() {
            None => self.see_panes(&areas, &mut sight),
            Some(Overlay::Detail(_)) => self.see_details(areas.full_detail(), &mut sight),
            Some(Overlay::Menu(menu)) => self.see_menu(menu.selected, &areas, &mut sight),
            Some(Overlay::Pick(_)) => self.see_pick(&mut sight),
            Some(Overlay::Jump(jump)) => self.see_jump(jump, &areas, &mut sight),
            Some(Overlay::Help(_)) => sight.parts.push((areas.help().outer, Part::Over)),
            Some(Overlay::Plan(sheet)) => {
                sight.parts.push((areas.plan(|width| sheet.height(width)).outer, Part::Over));
            }
            Some(Overlay::Prompt(_)) => {}
        }
        self.sight = sight;
    }

    /// Returns what stands over the panes.
    pub(super) fn over(&self) -> Option<Place> {
        self.overlay().map(Overlay::place)
    }

    fn see_panes(&self, areas: &Areas, sight: &mut Sight) {
        for (level, area) in &areas.panes {
            sight.parts.push((area.outer, Part::Pane(*level)));
            sight.spots.push((area.outer, Spot::Pane(*level)));
            let rows = self.pane(*level).lines(area.inner);
            sight.spots.extend(rows.map(|(_, line, row)| (line, Spot::Row(*level, row.id.clone()))));
        }
        if let Some(area) = areas.detail {
            self.see_details(area, sight);
        }
    }

    fn see_details(&self, area: Framed, sight: &mut Sight) {
        sight.parts.push((area.outer, Part::Detail));
        let tabs = self.detail_title(area).map(|title| title.tabs).unwrap_or_default();
        sight.spots.extend(tabs.into_iter().map(|tab| (tab.name.area, Spot::Tab(tab.view))));
    }

    fn see_menu(&self, selected: usize, areas: &Areas, sight: &mut Sight) {
        let rows = self.menu_rows();
        let area = areas.menu(rows.len());
        sight.parts.push((area.outer, Part::Over));
        let lines = chosen_lines(area.inner, selected, rows.len());
        sight.spots.extend(lines.map(|(place, line)| (line, Spot::Deed(rows[place].deed))));
    }

    fn see_pick(&self, sight: &mut Sight) {
        let (rows, selected) = self.pick_rows();
        let area = self.pick_area();
        sight.parts.push((area.outer, Part::Over));
        let lines = chosen_lines(self.pick_list(area.inner), selected.unwrap_or(0), rows.len());
        sight.spots.extend(lines.map(|(place, line)| (line, Spot::Pick(rows[place].picked.clone()))));
    }

    fn see_jump(&self, jump: &Jump, areas: &Areas, sight: &mut Sight) {
        let area = areas.full_detail();
        sight.parts.push((area.outer, Part::Over));
        let lines = self.leaf_lines(jump, self.jump_list());
        sight.spots.extend(lines.map(|(_, line, leaf)| (line, Spot::Leaf(leaf.id()))));
    }
}
