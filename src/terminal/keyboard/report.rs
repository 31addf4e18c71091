//! Reports of the mouse: what xterm sends in its SGR form (ctlseqs, mode 1006), and those that come too late.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

/// Begins a report; no key does.
pub(super) const BEGIN: &[u8] = b"\x1b[<";

/// Added to the button's number: the mouse was moved.
const MOVED: u16 = 32;
/// Added: it is the wheel.
const WHEEL: u16 = 64;
/// Added with each modifier.
const MODIFIERS: [(u16, KeyModifiers); 3] =
    [(4, KeyModifiers::SHIFT), (8, KeyModifiers::ALT), (16, KeyModifiers::CONTROL)];

/// Returns what a report with these parameters and this last byte says; nothing where it is none, or says what nobody
/// here asks for: moves, and buttons beyond the third.
pub(super) fn mouse(parameters: &[u8], last: u8) -> Option<MouseEvent> {
    let mut numbers = parameters.split(|byte| *byte == b';').map(number);
    let (code, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    if numbers.next().is_some() {
        return None;
    }
    let modifiers = MODIFIERS.iter().filter(|(bit, _)| code & bit != 0).fold(KeyModifiers::NONE, |all, it| all | it.1);
    let button = code & !(4 | 8 | 16);
    let kind = match (button, last) {
        (0..=2, b'M') => MouseEventKind::Down(pressed(button)),
        (0..=2, b'm') => MouseEventKind::Up(pressed(button)),
        (WHEEL, b'M') => MouseEventKind::ScrollUp,
        (code, b'M') if code == WHEEL + 1 => MouseEventKind::ScrollDown,
        _ => return None,
    };
    debug_assert_eq!(button & MOVED, 0, "no arm above takes a move");
    Some(MouseEvent { kind, column: column.checked_sub(1)?, row: row.checked_sub(1)?, modifiers })
}

fn pressed(button: u16) -> MouseButton {
    match button {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        _ => MouseButton::Right,
    }
}

/// Returns a decimal number of digits alone.
fn number(digits: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    text.parse().ok()
}

/// Takes reports out of bytes that are a session's: they were on their way when the mouse was switched off, and the far
/// side would take them for typed text.
#[derive(Debug, Default)]
pub(super) struct Strays {
    /// The beginning of what may be a report.
    begun: Vec<u8>,
}

impl Strays {
    /// Returns the bytes without the reports among them; half a report waits for its rest.
    pub(super) fn taken_out(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let mut kept = Vec::with_capacity(all.len());
        let mut rest = &all[..];
        while let Some(start) = rest.windows(BEGIN.len()).position(|window| window == BEGIN) {
            kept.extend_from_slice(&rest[..start]);
            rest = &rest[start..];
            let parameters = &rest[BEGIN.len()..];
            match parameters.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b';')) {
                Some(end) if matches!(parameters[end], b'M' | b'm') => rest = &parameters[end + 1..],
                Some(_) => {
                    kept.extend_from_slice(BEGIN);
                    rest = parameters;
                }
                None => {
                    self.begun = rest.to_vec();
                    return kept;
                }
            }
        }
        kept.extend_from_slice(rest);
        kept
    }

    /// Returns what waits for a rest that does not come.
    pub(super) fn give_up(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.begun)
    }

    /// Whether something waits for its rest.
    pub(super) fn is_waiting(&self) -> bool {
        !self.begun.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reports_go_and_everything_else_stays() {
        let mut strays = Strays::default();
        assert_eq!(strays.taken_out(b"a\x1b[<0;1;2Mb\x1b[<0;1;2m\x1b[A"), b"ab\x1b[A");
        assert_eq!(strays.taken_out(b"\x1b[<0;1"), b"");
        assert_eq!(strays.taken_out(b";2Mc"), b"c");
        assert_eq!(strays.taken_out(b"\x1b[<12"), b"");
        assert_eq!(strays.taken_out(b"u\x1b"), b"\x1b[<12u\x1b");
        assert!(!strays.is_waiting());
    }

    proptest! {
        #[test]
        fn what_is_typed_is_kept_wherever_it_is_cut(text in "(a|\x1b|\\[|<|1|;|Z){0,20}", cut in 0_usize..20) {
            let bytes = text.as_bytes();
            let cut = cut.min(bytes.len());
            let mut strays = Strays::default();
            let mut kept = strays.taken_out(&bytes[..cut]);
            kept.extend(strays.taken_out(&bytes[cut..]));
            kept.extend(strays.give_up());
            prop_assert_eq!(kept, bytes);
        }
    }
}
