//! Where everything stands on a screen of a given size; shared by `update`, which moves by pages and knows what a click
//! is about, and the views.

use ratatui::layout::Rect;

use super::Level;
use crate::session::Size;

/// Under this width the focused pane and its neighbour are shown.
const WIDE: u16 = 100;
/// Under this width only the focused pane is shown.
const NARROW: u16 = 60;
/// The least and the most rows of a list to pick from, with its frame.
const LIST: (u16, u16) = (5, 22);
/// A body of fewer rows than this belongs to the panes alone.
const ROOM_FOR_DETAIL: u16 = 10;
/// The width of the action menu, where there is so much: that of its longest line.
const MENU: u16 = 118;

/// The areas of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Areas {
    /// The title line; empty on a screen of fewer than three rows.
    pub title: Rect,
    /// The panes that are shown, from left to right.
    pub panes: Vec<(Level, Framed)>,
    /// The details below the panes, where there is room.
    pub detail: Option<Framed>,
    /// Panes and details together: what an overlay may cover.
    pub body: Rect,
    /// What the program has to say, above the query line.
    pub message: Rect,
    /// The query line.
    pub query: Rect,
}

/// An area with a frame around it, where there is room for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Framed {
    /// The whole area.
    pub outer: Rect,
    /// What is left for the contents.
    pub inner: Rect,
}

impl Framed {
    /// Returns the area with its frame; small areas go without.
    pub fn new(outer: Rect) -> Self {
        let inner = if outer.width >= 6 && outer.height >= 4 { shrunk(outer) } else { outer };
        Self { outer, inner }
    }

    /// Whether there is a frame.
    pub fn has_frame(&self) -> bool {
        self.outer != self.inner
    }
}

impl Areas {
    /// Returns the area of this pane, if it is shown.
    pub fn pane(&self, level: Level) -> Option<Framed> {
        self.panes.iter().find(|(shown, _)| *shown == level).map(|(_, area)| *area)
    }

    /// Returns the area of the details in full.
    pub fn full_detail(&self) -> Framed {
        Framed::new(self.body)
    }

    /// Returns the area of the list of keys.
    pub fn help(&self) -> Framed {
        self.centred(98, self.body.height)
    }

    /// Returns the area of an action menu of so many rows.
    pub fn menu(&self, rows: usize) -> Framed {
        self.centred(MENU, u16::try_from(rows.max(1) + 2).unwrap_or(u16::MAX))
    }

    /// Returns the area of a list to pick from of so many rows.
    pub fn pick(&self, rows: usize) -> Framed {
        self.centred(72, u16::try_from(rows + 2).unwrap_or(u16::MAX).clamp(LIST.0, LIST.1))
    }

    /// Returns the area of a plan that takes so many rows in a box of a width.
    pub fn plan(&self, rows: impl Fn(u16) -> usize) -> Framed {
        let width = self.centred(110, self.body.height).inner.width;
        self.centred(110, u16::try_from(rows(width) + 2).unwrap_or(u16::MAX))
    }

    /// Returns an area in the middle of the body, as near to this size as there is room for.
    pub fn centred(&self, width: u16, height: u16) -> Framed {
        let (width, height) = (width.min(self.body.width), height.min(self.body.height));
        let x = self.body.x + (self.body.width - width) / 2;
        let y = self.body.y + (self.body.height - height) / 2;
        Framed::new(Rect { x, y, width, height })
    }
}

/// Returns where everything stands, with `message` rows of message wanted; `alone` leaves all the width to the pane in
/// focus.
pub fn layout(size: Size, focus: Level, alone: bool, message: u16) -> Areas {
    let Size { columns: width, rows: height } = size;
    let title = u16::from(height >= 3);
    let query = u16::from(height >= 1);
    let message = message.min(height.saturating_sub(title + query + 1));
    let body = height - title - query - message;
    let row = |y: u16, height: u16| Rect { x: 0, y, width, height };
    let body = row(title, body);
    let detail = if body.height < ROOM_FOR_DETAIL { 0 } else { (body.height * 2 / 5).clamp(5, 20) };
    let panes = row(body.y, body.height - detail);
    Areas {
        title: row(0, title),
        panes: columns(panes, &if alone { vec![focus] } else { shown(width, focus) }),
        detail: (detail > 0).then(|| Framed::new(row(body.y + panes.height, detail))),
        body,
        message: row(body.y + body.height, message),
        query: row(height - query, query),
    }
}

/// Returns the start of a window of `height` rows over `len` rows that moves as little as it can from `start` and
/// always shows the row `cursor`.
pub fn window(start: usize, cursor: usize, len: usize, height: usize) -> usize {
    let latest = len.saturating_sub(height);
    let start = start.min(latest);
    if cursor < start {
        cursor
    } else if height > 0 && cursor >= start + height {
        (cursor + 1 - height).min(latest)
    } else {
        start
    }
}

/// Returns the lines of an area in which the rows of a list of `len` stand, from the `first` that is shown, each with
/// the row's place.
pub(super) fn lines(area: Rect, first: usize, len: usize) -> impl Iterator<Item = (usize, Rect)> {
    area.rows().enumerate().map(move |(line, rect)| (first + line, rect)).take_while(move |(place, _)| *place < len)
}

/// Returns the lines of an area in which the rows of a list stand that begins at its first row unless the chosen one
/// would be out of sight.
pub fn chosen_lines(area: Rect, chosen: usize, len: usize) -> impl Iterator<Item = (usize, Rect)> {
    lines(area, window(0, chosen, len, usize::from(area.height)), len)
}

/// Returns start and cursor of a window of `height` rows over `len` rows that was moved by so many: the cursor stays on
/// its row as long as that is seen, then on the nearest.
pub(super) fn scrolled((start, cursor): (usize, usize), by: isize, len: usize, height: usize) -> (usize, usize) {
    let start = start.saturating_add_signed(by).min(len.saturating_sub(height));
    let last = (start + height.max(1)).min(len).saturating_sub(1);
    (start, cursor.clamp(start.min(last), last))
}

fn columns(area: Rect, shown: &[Level]) -> Vec<(Level, Framed)> {
    let total: u16 = shown.iter().map(|level| share(*level)).sum();
    let mut x = area.x;
    let mut left = u32::from(area.width);
    let mut shares = u32::from(total);
    shown
        .iter()
        .map(|&level| {
            let share = u32::from(share(level));
            let width = (left * share / shares) as u16;
            left -= u32::from(width);
            shares -= share;
            let outer = Rect { x, width, ..area };
            x += width;
            (level, Framed::new(outer))
        })
        .collect()
}

fn shown(width: u16, focus: Level) -> Vec<Level> {
    let neighbour = focus.next().or(focus.previous());
    if width >= WIDE {
        Level::ALL.to_vec()
    } else if width >= NARROW {
        let mut pair = vec![focus];
        pair.extend(neighbour);
        pair.sort_unstable();
        pair
    } else {
        vec![focus]
    }
}

/// How much of the width a pane gets, compared to the others.
fn share(level: Level) -> u16 {
    match level {
        Level::Cluster => 17,
        Level::Service => 31,
        Level::Task => 28,
        Level::Container => 24,
    }
}

fn shrunk(area: Rect) -> Rect {
    Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn levels(columns: u16, focus: Level) -> Vec<Level> {
        layout(Size { columns, rows: 24 }, focus, false, 0).panes.into_iter().map(|(level, _)| level).collect()
    }

    #[test]
    fn narrow_screens_show_the_focus_and_its_neighbour() {
        assert_eq!(levels(100, Level::Task), Level::ALL);
        assert_eq!(levels(99, Level::Cluster), [Level::Cluster, Level::Service]);
        assert_eq!(levels(80, Level::Container), [Level::Task, Level::Container]);
        assert_eq!(levels(59, Level::Task), [Level::Task]);
    }

    #[test]
    fn a_pane_alone_has_the_whole_width() {
        let areas = layout(Size { columns: 200, rows: 24 }, Level::Task, true, 0);
        assert_eq!(
            areas.panes.iter().map(|(level, area)| (*level, area.outer.width)).collect::<Vec<_>>(),
            [(Level::Task, 200)]
        );
    }

    #[test]
    fn a_window_that_is_scrolled_keeps_its_cursor_in_sight() {
        assert_eq!(scrolled((0, 5), 3, 20, 8), (3, 5));
        assert_eq!(scrolled((3, 5), 3, 20, 8), (6, 6));
        assert_eq!(scrolled((6, 13), -3, 20, 8), (3, 10));
        assert_eq!(scrolled((10, 13), 30, 20, 8), (12, 13));
        assert_eq!(scrolled((0, 2), 3, 5, 8), (0, 2), "what is seen whole does not move");
        assert_eq!(scrolled((0, 0), 3, 0, 8), (0, 0));
    }

    #[test]
    fn a_screen_of_24_rows_has_room_for_everything() {
        let areas = layout(Size { columns: 80, rows: 24 }, Level::Service, false, 0);
        assert_eq!(areas.pane(Level::Service).map(|area| area.inner.height), Some(12));
        assert_eq!(areas.detail.map(|area| area.inner.height), Some(6));
    }

    proptest! {
        #[test]
        fn nothing_stands_outside_the_screen_or_on_something_else(columns in 0_u16..260, rows in 0_u16..90, focus in 0_usize..4, alone: bool, message in 0_u16..6) {
            let size = Size { columns, rows };
            let areas = layout(size, Level::ALL[focus], alone, message);
            let screen = Rect { x: 0, y: 0, width: columns, height: rows };
            let mut parts = vec![areas.title, areas.message, areas.query];
            parts.extend(areas.panes.iter().map(|(_, area)| area.outer));
            parts.extend(areas.detail.map(|area| area.outer));
            for (index, part) in parts.iter().enumerate() {
                prop_assert!(part.is_empty() || screen.union(*part) == screen, "{part:?}");
                prop_assert!(parts[index + 1..].iter().all(|other| part.intersection(*other).is_empty()), "{part:?}");
            }
            let covered: u32 = parts.iter().map(|part| part.area()).sum();
            prop_assert_eq!(covered, screen.area());
        }

        #[test]
        fn however_a_window_is_scrolled_its_cursor_is_seen(start in 0_usize..50, cursor in 0_usize..40, more in 1_usize..40, height in 1_usize..20, by in -9_isize..9) {
            let len = cursor + more;
            let (start, cursor) = scrolled((window(start, cursor, len, height), cursor), by, len, height);
            prop_assert_eq!(window(start, cursor, len, height), start);
            prop_assert!(start <= cursor && cursor < (start + height).min(len));
        }

        #[test]
        fn the_window_always_shows_the_selection(start in 0_usize..50, cursor in 0_usize..40, more in 1_usize..40, height in 1_usize..20) {
            let len = cursor + more;
            let start = window(start, cursor, len, height);
            prop_assert!(start <= cursor && cursor < start + height);
            prop_assert!(start + height <= len || start == 0);
        }
    }
}
