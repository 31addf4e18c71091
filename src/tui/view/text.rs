//! Writing into cells: clipped, and counted in cells whatever the script.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, symbols::border};

pub(super) use crate::tui::app::{cut, width};
use crate::{
    model::Page,
    tui::app::{ELLIPSIS, Framed, cells},
};

/// Cells of a row that lead to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The cells, one row.
    pub area: Rect,
    /// What stands in them.
    pub text: String,
    /// The page.
    pub page: Page,
}

/// The cells of the screen. Nothing is ever written outside the area that is given.
pub(super) struct Canvas<'buffer> {
    buffer: &'buffer mut Buffer,
    screen: Rect,
    links: Vec<Link>,
}

impl<'buffer> Canvas<'buffer> {
    /// Returns the cells of this screen.
    pub(super) fn new(buffer: &'buffer mut Buffer, screen: Rect) -> Self {
        Self { buffer, screen, links: Vec::new() }
    }

    /// Writes as much of the text as there is room for, in this style and none of what was there before, and returns
    /// the column after it.
    pub(super) fn write(&mut self, x: u16, y: u16, room: u16, text: &str, style: Style) -> u16 {
        let right = self.screen.right().min(x.saturating_add(room));
        if x < self.screen.x || y < self.screen.y || y >= self.screen.bottom() || x >= right {
            return x;
        }
        self.buffer.set_stringn(x, y, text, usize::from(right - x), Style::reset().patch(style)).0
    }

    /// Writes text that ends in an ellipsis where it had to be cut.
    pub(super) fn write_cut(&mut self, x: u16, y: u16, room: u16, text: &str, style: Style) -> u16 {
        self.write(x, y, room, &cut(text, room), style)
    }

    /// Writes text of several styles, and returns the column after it.
    pub(super) fn write_spans(&mut self, mut x: u16, y: u16, room: u16, spans: &[(&str, Style)]) -> u16 {
        let right = x.saturating_add(room);
        for (text, style) in spans {
            x = self.write(x, y, right.saturating_sub(x), text, *style);
        }
        x
    }

    /// Notes that this text, which is written there, leads to a page.
    pub(super) fn link(&mut self, x: u16, y: u16, room: u16, text: &str, page: &Page) {
        let area = Rect { x, y, width: width(text).min(room), height: 1 };
        self.links.push(Link { area: area.intersection(self.screen), text: text.to_owned(), page: page.clone() });
    }

    /// Returns the links whose text can be seen: something else may have been written over it.
    pub(super) fn seen_links(self) -> Vec<Link> {
        let Self { buffer, mut links, .. } = self;
        let stands_there = |link: &Link| {
            let cells = (link.area.left()..link.area.right()).map(|x| buffer[(x, link.area.y)].symbol());
            !link.area.is_empty() && link.text.is_ascii() && cells.collect::<String>() == link.text
        };
        links.retain(stands_there);
        links
    }

    /// Gives every cell of the area this style on top of its own.
    pub(super) fn paint(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area.intersection(self.screen), style);
    }

    /// Empties the area.
    pub(super) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.screen);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                self.buffer[(x, y)].reset();
            }
        }
    }

    /// Draws the frame of an area, where it has one.
    pub(super) fn frame(&mut self, area: Framed, style: Style) {
        if !area.has_frame() {
            return;
        }
        let Rect { x, y, width, height } = area.outer;
        let set = border::ROUNDED;
        let line = set.horizontal_top.repeat(usize::from(width - 2));
        let (right, bottom) = (x + width - 1, y + height - 1);
        self.write(x, y, width, &[set.top_left, &line, set.top_right].concat(), style);
        self.write(x, bottom, width, &[set.bottom_left, &line, set.bottom_right].concat(), style);
        for y in y + 1..bottom {
            self.write(x, y, 1, set.vertical_left, style);
            self.write(right, y, 1, set.vertical_right, style);
        }
    }
}

/// Returns the text, or what of its end fits with an ellipsis before it.
pub(super) fn cut_start(text: &str, room: u16) -> std::borrow::Cow<'_, str> {
    if width(text) <= room {
        return text.into();
    }
    let room = usize::from(room).saturating_sub(1);
    let mut used = 0;
    let fits = |(_, letter): &(usize, char)| {
        used += cells(*letter);
        used <= room
    };
    let start = text.char_indices().rev().take_while(fits).last().map_or(text.len(), |(start, _)| start);
    format!("{ELLIPSIS}{}", &text[start..]).into()
}

/// Returns the text in pieces of one style each. A mark that combines with a letter stays with it.
pub(super) fn runs(text: &str, mut style: impl FnMut(usize) -> Style) -> Vec<(&str, Style)> {
    let mut runs: Vec<(usize, Style)> = Vec::new();
    for (place, (at, letter)) in text.char_indices().enumerate() {
        let style = style(place);
        let continues = runs.last().is_some_and(|(_, last)| *last == style || cells(letter) == 0);
        if !continues {
            runs.push((at, style));
        }
    }
    let ends = runs.iter().skip(1).map(|(at, _)| *at).chain([text.len()]);
    runs.iter().zip(ends).map(|((start, style), end)| (&text[*start..end], *style)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::clean;
    use proptest::prelude::*;

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("payments", 8), "payments");
        assert_eq!(cut("payments", 5), "paym…");
        assert_eq!(cut("支払い処理", 6), "支払…");
        assert_eq!(cut_start("prod › api › app", 6), "…› app");
    }

    proptest! {
        #[test]
        fn what_is_cut_fits(text in ".{0,20}", room in 1_u16..20) {
            let text = clean(text);
            prop_assert!(width(&cut(&text, room)) <= room);
            prop_assert!(width(&cut_start(&text, room)) <= room);
        }
    }
}
