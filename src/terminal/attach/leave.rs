//! The leave key: pressed twice it leaves a session running. Pure.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::Instant;

/// How long after the first the second press counts.
const TWICE: Duration = Duration::from_millis(500);

/// Finds the leave key in what is typed. The first press is kept back until it is known that no second follows.
#[derive(Debug, Clone)]
pub(super) struct LeaveKey {
    /// The two ways in which terminals send it: the control character, and `CSI code ; 5 u` (fixterms, kitty).
    sequences: Option<[Bytes; 2]>,
    held: Option<(Bytes, Instant)>,
}

impl LeaveKey {
    /// Returns the key that is this letter or sign with ctrl, or none.
    pub(super) fn new(with_ctrl: Option<char>) -> Self {
        let sequences = with_ctrl.filter(char::is_ascii).map(|letter| {
            let control = letter.to_ascii_uppercase() as u8 & 0x1f;
            [Bytes::from(vec![control]), Bytes::from(format!("\x1b[{};5u", letter.to_ascii_lowercase() as u8))]
        });
        Self { sequences, held: None }
    }

    /// Takes typed bytes; returns those that are the session's, and whether the key was pressed twice. What was typed
    /// after that is nobody's.
    pub(super) fn feed(&mut self, typed: Bytes, now: Instant) -> (Bytes, bool) {
        if self.sequences.is_none() || (self.held.is_none() && self.find(&typed).is_none()) {
            return (typed, false);
        }
        let mut rest = typed;
        let mut passed = BytesMut::new();
        while !rest.is_empty() {
            let Some((start, end)) = self.find(&rest) else {
                passed.extend_from_slice(&self.release());
                passed.extend_from_slice(&rest);
                break;
            };
            if start > 0 {
                passed.extend_from_slice(&self.release());
                passed.extend_from_slice(&rest[..start]);
            }
            if self.held.take_if(|(_, at)| now.duration_since(*at) <= TWICE).is_some() {
                return (passed.freeze(), true);
            }
            passed.extend_from_slice(&self.release());
            self.held = Some((rest.slice(start..end), now));
            rest = rest.slice(end..);
        }
        (passed.freeze(), false)
    }

    /// Returns when a press that is kept back is the session's.
    pub(super) fn due(&self) -> Option<Instant> {
        self.held.as_ref().map(|(_, at)| *at + TWICE)
    }

    /// Returns what was kept back: no second press has followed.
    pub(super) fn release(&mut self) -> Bytes {
        self.held.take().map(|(bytes, _)| bytes).unwrap_or_default()
    }

    /// Returns where the key stands first.
    fn find(&self, typed: &[u8]) -> Option<(usize, usize)> {
        let places = self.sequences.iter().flatten().filter_map(|sequence| {
            let start = typed.windows(sequence.len()).position(|window| window == sequence)?;
            Some((start, start + sequence.len()))
        });
        places.min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(ms: u64, start: Instant) -> Instant {
        start + Duration::from_millis(ms)
    }

    fn fed(key: &mut LeaveKey, typed: &'static [u8], at: Instant) -> (Vec<u8>, bool) {
        let (passed, left) = key.feed(Bytes::from_static(typed), at);
        (passed.to_vec(), left)
    }

    #[test]
    fn twice_leaves_and_once_passes_through() {
        let start = Instant::now();
        let mut key = LeaveKey::new(Some(']'));
        assert_eq!(fed(&mut key, b"ab", start), (b"ab".to_vec(), false));
        assert_eq!(fed(&mut key, b"c\x1d", start), (b"c".to_vec(), false));
        assert_eq!(key.due(), Some(after(500, start)));
        assert_eq!(fed(&mut key, b"\x1dmore", after(300, start)), (vec![], true));
        assert_eq!(fed(&mut key, b"\x1d", after(400, start)), (vec![], false));
        assert_eq!(&key.release()[..], b"\x1d");
        assert_eq!(key.due(), None);
        assert_eq!(fed(&mut key, b"\x1d\x1d", start), (vec![], true));
    }

    #[test]
    fn what_comes_between_or_too_late_is_two_single_presses() {
        let start = Instant::now();
        let mut key = LeaveKey::new(Some(']'));
        assert_eq!(fed(&mut key, b"\x1dx\x1d", start), (b"\x1dx".to_vec(), false));
        assert_eq!(fed(&mut key, b"y", start), (b"\x1dy".to_vec(), false));
        assert_eq!(fed(&mut key, b"\x1d", start), (vec![], false));
        assert_eq!(fed(&mut key, b"\x1d", after(501, start)), (b"\x1d".to_vec(), false));
        assert_eq!(fed(&mut key, b"\x1d", after(900, start)), (vec![], true));
    }

    #[test]
    fn a_terminal_that_spells_keys_out_is_understood() {
        let mut key = LeaveKey::new(Some(']'));
        assert_eq!(fed(&mut key, b"a\x1b[93;5u\x1b[93;5u", Instant::now()), (b"a".to_vec(), true));
    }

    #[test]
    fn without_a_key_all_passes() {
        let mut key = LeaveKey::new(None);
        assert_eq!(fed(&mut key, b"\x1d\x1d", Instant::now()), (b"\x1d\x1d".to_vec(), false));
    }
}
