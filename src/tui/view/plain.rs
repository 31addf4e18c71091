//! Frames for those who cannot see Unicode's signs, or have it read to them: every mark of ours by one of ASCII.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use crate::config::{Glyphs, ascii};

/// Replaces the marks on a screen that is drawn.
pub(super) fn plainly(buffer: &mut Buffer, glyphs: Glyphs) {
    let alone = match glyphs {
        Glyphs::Full => return,
        Glyphs::Plain => false,
        Glyphs::Ascii => true,
    };
    for cell in &mut buffer.content {
        let symbol = cell.symbol();
        if symbol.is_ascii() {
            continue;
        }
        let mut letters = symbol.chars();
        let mark = letters.next().and_then(ascii).filter(|_| letters.next().is_none());
        if let Some(mark) = mark {
            cell.set_char(mark);
        } else if alone {
            cell.set_symbol(if symbol.width() > 1 { "??" } else { "?" });
        }
    }
}
