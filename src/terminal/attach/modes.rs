//! Which of the terminal's modes a session's program has set, so that they can be set again when somebody comes back to
//! it: the terminal itself forgets them when it is given back. Pure.

use std::{collections::BTreeMap, fmt::Write as _};

use bytes::Bytes;

/// Longer sequences set no mode that is known.
const LONGEST: usize = 64;
/// Synchronized output: set for the length of a frame, and never to be begun by us.
const SYNCHRONIZED: u16 = 2026;
/// The private modes that are set where nobody has said anything: lines wrap, and the cursor is seen.
const SET_BY_DEFAULT: [u16; 2] = [7, 25];
/// The alternate screen, in its three forms: entered before the other modes are set.
const ALTERNATE: [u16; 3] = [47, 1047, 1049];

/// The modes, as far as they were said.
#[derive(Debug, Clone, Default)]
pub(super) struct Modes {
    /// DEC's private modes by number: `CSI ? n h` sets one, `CSI ? n l` takes it back.
    private: BTreeMap<u16, bool>,
    /// Whether the keypad sends sequences of its own (`ESC =`, and back with `ESC >`).
    keypad: bool,
    at: At,
    /// What stands between `CSI` and here.
    inside: Vec<u8>,
}

/// Where in a sequence the output stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum At {
    #[default]
    Ground,
    Escape,
    Csi,
}

impl Modes {
    /// Sees what a program prints, however it is cut.
    pub(super) fn see(&mut self, mut printed: &[u8]) {
        while let Some((&byte, rest)) = printed.split_first() {
            printed = rest;
            match self.at {
                At::Ground => match behind(0x1b, byte, rest) {
                    Some(after) => (self.at, printed) = (At::Escape, after),
                    None => return,
                },
                At::Escape => self.at = self.after_escape(byte),
                At::Csi => self.within_csi(byte),
            }
        }
    }

    fn after_escape(&mut self, byte: u8) -> At {
        match byte {
            b'[' => {
                self.inside.clear();
                return At::Csi;
            }
            0x1b => return At::Escape,
            b'=' => self.keypad = true,
            b'>' => self.keypad = false,
            // A full reset.
            b'c' => *self = Self::default(),
            _ => {}
        }
        At::Ground
    }

    fn within_csi(&mut self, byte: u8) {
        match byte {
            0x1b => self.at = At::Escape,
            b'h' | b'l' => {
                self.set(byte == b'h');
                self.at = At::Ground;
            }
            0x40..=0x7e => self.at = At::Ground,
            _ if self.inside.len() == LONGEST => self.at = At::Ground,
            _ => self.inside.push(byte),
        }
    }

    fn set(&mut self, is_set: bool) {
        let Some(numbers) = self.inside.strip_prefix(b"?") else { return };
        let numbers =
            numbers.split(|byte| *byte == b';').filter_map(|number| str::from_utf8(number).ok()?.parse().ok());
        self.private.extend(numbers.map(|number: u16| (number, is_set)));
    }

    /// Returns what sets them again on a terminal that has none set.
    pub(super) fn restored(&self) -> Bytes {
        let differs =
            |(number, is_set): &(&u16, &bool)| **number != SYNCHRONIZED && **is_set != SET_BY_DEFAULT.contains(number);
        let (first, others): (Vec<_>, Vec<_>) =
            self.private.iter().filter(differs).partition(|(number, _)| ALTERNATE.contains(number));
        let mut restored = String::new();
        for (number, is_set) in first.into_iter().chain(others) {
            let _infallible = write!(restored, "\x1b[?{number}{}", if *is_set { 'h' } else { 'l' });
        }
        if self.keypad {
            restored.push_str("\x1b=");
        }
        restored.into()
    }
}

/// Returns what stands behind the first byte that is this, of those of which the first was taken already.
fn behind(wanted: u8, first: u8, rest: &[u8]) -> Option<&[u8]> {
    if first == wanted {
        return Some(rest);
    }
    rest.iter().position(|byte| *byte == wanted).map(|place| &rest[place + 1..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(pieces: &[&[u8]]) -> String {
        let mut modes = Modes::default();
        for piece in pieces {
            modes.see(piece);
        }
        String::from_utf8(modes.restored().to_vec()).unwrap()
    }

    #[test]
    fn a_full_screen_program_gets_its_screen_and_modes_back() {
        let vim: &[u8] = b"\x1b[?2004h\x1b[?1049h\x1b[22;0;0t\x1b[?1h\x1b=text\x1b[?25l\x1b[?1006;1000hmore";
        assert_eq!(seen(&[vim]), "\x1b[?1049h\x1b[?1h\x1b[?25l\x1b[?1000h\x1b[?1006h\x1b[?2004h\x1b=");
    }

    #[test]
    fn what_was_taken_back_is_not_set_and_frames_are_not_begun() {
        assert_eq!(seen(&[b"\x1b[?1049h\x1b[?25l\x1b=", b"\x1b[?25h\x1b>\x1b[?1049l"]), "");
        assert_eq!(seen(&[b"\x1b[?2026h\x1b[?7l"]), "\x1b[?7l");
        assert_eq!(seen(&[b"\x1b[?2004h\x1bc"]), "");
    }

    #[test]
    fn sequences_that_are_none_set_nothing() {
        assert_eq!(seen(&[b"\x1b[4h\x1b[?\x1b[?99999999h\x1b[?x1h\x1b[1049h"]), "");
        assert_eq!(seen(&[&[b"\x1b[?".as_slice(), &[b'1'; 200], b"h"].concat()]), "");
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_output_is_cut(
            printed in prop::collection::vec(prop_oneof![
                Just(b"\x1b[?1049h".to_vec()), Just(b"\x1b[?25l".to_vec()), Just(b"\x1b=".to_vec()),
                Just(b"\x1b[?1;2004h".to_vec()), Just(b"\x1b[31m".to_vec()), prop::collection::vec(any::<u8>(), 0..6),
            ], 0..8),
            cut in any::<prop::sample::Index>(),
        ) {
            let whole = printed.concat();
            let (head, tail) = whole.split_at(cut.index(whole.len() + 1));
            prop_assert_eq!(seen(&[&whole]), seen(&[head, tail]));
        }
    }
}
