//! Text on the screen that leads to a page (OSC 8): written over the frame that ratatui has written, which knows of
//! none. <https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda>

use std::io::{self, Write};

use ratatui::{
    backend::{Backend as _, CrosstermBackend},
    buffer::{Buffer, Cell, CellWidth as _},
    layout::{Position, Rect},
};

use crate::model::Page;

/// Ends a link.
const CLOSE: &str = "\x1b]8;;\x1b\\";

/// What a frame says besides its cells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Besides {
    /// The cells that lead to pages.
    pub links: Vec<(Rect, Page)>,
    /// Where the cursor stands, if it is shown.
    pub cursor: Option<Position>,
}

/// The links that stand on the screen.
#[derive(Debug, Default)]
pub(super) struct Links(Vec<Run>);

/// Cells one after the other, and where they lead.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    page: Page,
    cells: Vec<(Position, Cell)>,
}

impl Links {
    /// Writes the links of the frame that was written just now, and takes those away that are no longer there. Of links
    /// that stand there already nothing is written. Returns whether the cursor was moved for it.
    pub(super) fn write<W: Write>(
        &mut self,
        links: Vec<(Rect, Page)>,
        frame: &Buffer,
        to: &mut CrosstermBackend<W>,
    ) -> io::Result<bool> {
        let cells = |positions: &mut dyn Iterator<Item = Position>| -> Vec<(Position, Cell)> {
            positions.filter_map(|at| Some((at, frame.cell(at)?.clone()))).collect()
        };
        let runs = links.into_iter().map(|(area, page)| Run { page, cells: cells(&mut area.positions()) });
        let runs: Vec<Run> = runs.filter(|run| !run.cells.is_empty()).collect();
        if runs == self.0 {
            return Ok(false);
        }
        for before in std::mem::take(&mut self.0) {
            draw(whole(&before.cells, frame), to)?;
        }
        for run in &runs {
            // Rows of one link have one id, so that they light up together.
            let id = runs.iter().position(|other| other.page == run.page).unwrap_or_default();
            write!(to, "\x1b]8;id=ecsui-{id};{}\x1b\\", run.page)?;
            draw(whole(&run.cells, frame), to)?;
            to.write_all(CLOSE.as_bytes())?;
        }
        self.0 = runs;
        Ok(true)
    }
}

/// Returns what the frame has where these cells are. A wide character is there whole, and once: what its second cell
/// holds would be written behind it, and all that follows with it.
fn whole<'f>(cells: &[(Position, Cell)], frame: &'f Buffer) -> Vec<(Position, &'f Cell)> {
    let mut found: Vec<(Position, &Cell)> = Vec::new();
    for at in cells.iter().map(|(at, _)| *at) {
        let before = at.x.checked_sub(1).map(|x| Position { x, ..at });
        let wide = before.and_then(|at| Some((at, frame.cell(at)?))).filter(|(_, cell)| cell.cell_width() > 1);
        match wide {
            Some(first) if found.last().is_none_or(|last| last.0 != first.0) => found.push(first),
            Some(_) => {}
            None => found.extend(frame.cell(at).map(|cell| (at, cell))),
        }
    }
    found
}

fn draw<W: Write>(cells: Vec<(Position, &Cell)>, to: &mut CrosstermBackend<W>) -> io::Result<()> {
    to.draw(cells.into_iter().map(|(at, cell)| (at.x, at.y, cell)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Thing;

    fn page(name: &str) -> Page {
        let cluster = format!("arn:aws:ecs:eu-west-1:123456789012:cluster/{name}").parse().unwrap();
        Page::of(&Thing::Cluster(cluster)).unwrap()
    }

    /// What is written for these links on a frame of these lines.
    fn written(links: &mut Links, lines: [&str; 2], now: &[(Rect, Page)]) -> String {
        let mut bytes = Vec::new();
        let frame = Buffer::with_lines(lines);
        let moved = links.write(now.to_vec(), &frame, &mut CrosstermBackend::new(&mut bytes)).unwrap();
        assert_eq!(moved, !bytes.is_empty());
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_link_is_written_once_and_taken_away_with_its_text() {
        let mut links = Links::default();
        let at = |y| Rect { x: 1, y, width: 3, height: 1 };
        let (one, two) = (page("one"), page("two"));
        let both = [(at(0), one.clone()), (at(1), one.clone())];
        let said = written(&mut links, [" abc ", " def "], &both);
        assert_eq!(said.matches(&format!("\x1b]8;id=ecsui-0;{one}\x1b\\")).count(), 2, "{said:?}");
        assert_eq!(said.matches(CLOSE).count(), 2);
        let plain = |text: &str| {
            let mut parser = vt100::Parser::new(2, 5, 0);
            parser.process(text.as_bytes());
            parser.screen().contents()
        };
        assert_eq!(plain(&said), " abc\n def");
        assert_eq!(written(&mut links, [" abc ", " def "], &both), "");
        // The same text that leads elsewhere, and text that leads nowhere any more.
        let said = written(&mut links, [" abc ", " xyz "], &[(at(0), two.clone())]);
        assert_eq!(said.matches("\x1b]8;id").count(), 1);
        assert!(said.contains(two.as_str()) && said.find("xyz") < said.find("\x1b]8;"), "{said:?}");
        let said = written(&mut links, [" abc ", " xyz "], &[]);
        assert!(said.contains("abc") && !said.contains("\x1b]8"), "{said:?}");
    }

    #[test]
    fn where_a_link_was_wide_characters_stand_as_in_the_frame() {
        for lines in ["日本go 12", "a日本go 2", " ab日本go"] {
            let (mut bytes, frame) = (Vec::new(), Buffer::with_lines([lines]));
            let mut links = Links::default();
            let at = Rect { x: 1, y: 0, width: 5, height: 1 };
            let before = Buffer::with_lines(["  abc  "]);
            links.write(vec![(at, page("one"))], &before, &mut CrosstermBackend::new(&mut Vec::new())).unwrap();
            let mut parser = vt100::Parser::new(2, 20, 0);
            parser.process(lines.as_bytes());
            links.write(Vec::new(), &frame, &mut CrosstermBackend::new(&mut bytes)).unwrap();
            parser.process(&bytes);
            assert_eq!(parser.screen().contents(), lines);
        }
    }

    #[test]
    fn cells_beyond_the_screen_have_no_link() {
        let beyond = Rect { x: 3, y: 1, width: 9, height: 4 };
        let said = written(&mut Links::default(), ["     ", "   ab"], &[(beyond, page("one"))]);
        assert!(said.contains("ab") && said.matches("\x1b]8;id").count() == 1, "{said:?}");
    }
}
