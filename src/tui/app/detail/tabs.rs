//! The frame's title of the details: what they are about, the views there are, and how old they are; and where each of
//! these stands.

use ratatui::layout::Rect;

use super::DetailView;
use crate::tui::app::{
    Framed, State,
    time::age,
    wrap::{cut, width},
};

/// What stands for the views whose names have no room.
const MORE: &str = " …";

/// The title of the details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// What they are about.
    pub name: Placed,
    /// The views whose names are shown, where there are several.
    pub tabs: Vec<Tab>,
    /// Where these end.
    pub end: u16,
    /// How old the details are, where that is older than they should be.
    pub old: Option<Placed>,
}

/// The name of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// The view.
    pub view: DetailView,
    /// What stands before the name.
    pub before: Placed,
    /// The name, in brackets where it is that of the view in force.
    pub name: Placed,
}

/// A text and where it stands on the frame's first line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The text.
    pub text: String,
    /// Its cells, as many as there is room for.
    pub area: Rect,
}

impl State {
    /// Returns the title of the details in this area; none where it has no frame, or there is nothing.
    pub fn detail_title(&self, area: Framed) -> Option<Title> {
        if !area.has_frame() || self.detail().title.is_empty() {
            return None;
        }
        let line = Line { y: area.outer.y };
        let (left, end) = (area.outer.x + 1, area.outer.right() - 1);
        let old = self.old(end - left).map(|text| line.placed(end - width(&text), end, text));
        let end = old.as_ref().map_or(end, |old| old.area.x);
        let is_described = self.detail_view() == DetailView::Described;
        let views = if is_described { &[] } else { self.detail_views() };
        let room = if views.len() > 1 { (end - left) / 2 } else { end - left };
        let more = if is_described { "· as AWS describes it " } else { "" };
        let name = cut(&format!(" {} {more}", self.detail().title), room).into_owned();
        let name = line.placed(left, left + room, name);
        let mut x = name.area.right();
        let mut tabs = Vec::new();
        if views.len() > 1 {
            let first = self.first_shown(end.saturating_sub(x));
            for (index, view) in views[first..].iter().enumerate() {
                let before = match (index, first) {
                    (0, 0) => "─",
                    (0, _) => "─ …",
                    (_, _) => " ·",
                };
                let before = line.placed(x, end, before.to_owned());
                let name = if *view == self.detail_view() {
                    format!(" [{}]", view.title())
                } else {
                    format!(" {}", view.title())
                };
                // A stump of a name says nothing.
                let more = if first + index + 1 < views.len() { width(MORE) } else { 0 };
                if before.area.right() + width(&name) + more > end && *view != self.detail_view() {
                    let before = line.placed(x, end, MORE.to_owned());
                    x = before.area.right();
                    tabs.push(Tab { view: *view, name: line.placed(x, x, String::new()), before });
                    break;
                }
                let name = line.placed(before.area.right(), end, name);
                x = name.area.right();
                tabs.push(Tab { view: *view, before, name });
            }
        }
        Some(Title { name, tabs, end: x, old })
    }

    /// Returns how old the details are, where there is room to say it.
    fn old(&self, room: u16) -> Option<String> {
        let (at, failed) = self.detail().stale?;
        let text = format!(" {}{} old ", if failed { "✖ " } else { "" }, age(self.now, at));
        (width(&text) <= room / 3).then_some(text)
    }

    /// Returns the first of the views whose names are shown, so that the present one's is.
    fn first_shown(&self, room: u16) -> usize {
        let views = self.detail_views();
        let present = views.iter().position(|view| *view == self.detail_view()).unwrap_or(0);
        // Each has its separator before it, the present one its brackets, and a part an ellipsis at both ends.
        let wide = |views: &[DetailView]| views.iter().map(|view| width(view.title()) + 3).sum::<u16>() + 6;
        (0..present).find(|first| wide(&views[*first..=present]) <= room).unwrap_or(present)
    }
}

/// A line of the screen.
struct Line {
    y: u16,
}

impl Line {
    /// Returns where a text stands from `x` on, of which nothing may stand beyond `end`.
    fn placed(&self, x: u16, end: u16, text: String) -> Placed {
        let area = Rect { x, y: self.y, width: width(&text).min(end.saturating_sub(x)), height: 1 };
        Placed { text, area }
    }
}
