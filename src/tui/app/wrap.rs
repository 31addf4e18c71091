//! Breaking and cutting text to a given width, counted in terminal cells.

use std::{borrow::Cow, ops::Range};

use ratatui::{style::Style, text::Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::model::text::clean;

/// What stands for text that had no room.
pub const ELLIPSIS: char = '…';

/// Returns how many cells a character takes. Terminals draw nothing for a combining mark on its own.
pub fn cells(letter: char) -> usize {
    letter.width().unwrap_or(0)
}

/// Returns how many cells a text takes, letter by letter as it is drawn: some letters that stand side by side are one
/// sign in print and two on a terminal.
pub fn width(text: &str) -> u16 {
    let cells = if text.is_ascii() {
        text.len()
    } else {
        Span::raw(text).styled_graphemes(Style::new()).map(|letter| letter.symbol.width()).sum()
    };
    u16::try_from(cells).unwrap_or(u16::MAX)
}

/// Returns a text, safe to show, with blanks behind it up to a width; what is wider stays whole.
pub(super) fn padded(text: &str, cells: u16) -> String {
    let mut text = clean(text);
    text.extend(std::iter::repeat_n(' ', usize::from(cells.saturating_sub(width(&text)))));
    text
}

/// Returns the text, or what of it fits with an ellipsis.
pub fn cut(text: &str, room: u16) -> Cow<'_, str> {
    if width(text) <= room {
        return text.into();
    }
    let room = usize::from(room).saturating_sub(1);
    let mut used = 0;
    let fits = |letter: &char| {
        used += cells(*letter);
        used <= room
    };
    let mut kept: String = text.chars().take_while(fits).collect();
    kept.push(ELLIPSIS);
    kept.into()
}

/// Returns the byte ranges of the lines that `text` takes at this width, each broken at its last blank where there is
/// one; the lines after the first are `indent` cells shorter. There is at least one line.
pub fn wrap(text: &str, width: usize, indent: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    loop {
        let room = if lines.is_empty() { width } else { width.saturating_sub(indent) };
        let end = line_end(&text[start..], room.max(1)) + start;
        lines.push(start..end);
        start = end + text[end..].len() - text[end..].trim_start_matches(' ').len();
        if start >= text.len() {
            return lines;
        }
    }
}

/// Returns where the first line of `text` ends: at its last blank, unless that would leave most of the line empty.
fn line_end(text: &str, room: usize) -> usize {
    let mut used = 0;
    let mut blank = None;
    for (at, letter) in text.char_indices() {
        used += cells(letter);
        if used > room {
            let first = text.chars().next().map_or(0, char::len_utf8);
            return if letter == ' ' { at } else { blank.unwrap_or(at) }.max(first);
        }
        if letter == ' ' && used > room / 3 {
            blank = Some(at);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str, width: usize, indent: usize) -> Vec<&str> {
        wrap(text, width, indent).into_iter().map(|line| &text[line]).collect()
    }

    #[test]
    fn lines_break_at_blanks() {
        assert_eq!(lines("registered 1 target in blue", 12, 2), ["registered 1", "target in", "blue"]);
        assert_eq!(lines("", 12, 0), [""]);
    }

    #[test]
    fn a_long_word_breaks_where_it_must() {
        assert_eq!(lines("ARN arn:aws:ecs:eu-west-1", 12, 0), ["ARN arn:aws:", "ecs:eu-west-", "1"]);
        assert_eq!(lines("支払い処理", 4, 0), ["支払", "い処", "理"]);
    }

    proptest! {
        #[test]
        fn nothing_but_blanks_is_lost_and_lines_fit(text in "[a支 é]{0,40}", width in 0_usize..12, indent in 0_usize..4) {
            let lines = lines(&text, width, indent);
            let solid = |text: &str| text.replace(' ', "");
            prop_assert_eq!(lines.iter().map(|line| solid(line)).collect::<String>(), solid(&text));
            let widest = |line: &str| line.chars().map(cells).sum::<usize>();
            prop_assert!(lines.iter().all(|line| widest(line) <= width.max(2)), "{:?}", lines);
        }
    }
}
