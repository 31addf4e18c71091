//! What the agent does to the bytes a program prints before it sends them.

/// The most bytes a character takes in UTF-8.
const LONGEST_CHARACTER: usize = 4;

/// Regroups what a program prints at the borders of characters, with the losses of the real agent
/// (`processStdoutData` of amazon-ssm-agent 1c217c89 `agent/session/shell/shell.go`).
///
/// An invalid byte goes out as it is; up to three bytes at the end that might begin a character, or are invalid, are
/// held for the next read and dropped when the program ends; and of a genuine U+FFFD only the first byte goes out,
/// because it is taken for a decoding error.
#[derive(Debug, Default)]
pub(super) struct Regroup {
    held: Vec<u8>,
}

impl Regroup {
    /// Takes what was read and returns what is sent: perhaps nothing.
    pub(super) fn pass(&mut self, read: &[u8]) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.held);
        bytes.extend_from_slice(read);
        let mut sent = Vec::with_capacity(bytes.len());
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (valid, width) = first_character(rest);
            match valid {
                Some(character) => sent.extend_from_slice(character),
                None if rest.len() < LONGEST_CHARACTER => break,
                None => sent.push(rest[0]),
            }
            rest = &rest[width..];
        }
        self.held = rest.to_vec();
        sent
    }
}

/// Returns the first character, unless Go's `ReadRune` would call it an error, and how many bytes it takes there.
fn first_character(bytes: &[u8]) -> (Option<&[u8]>, usize) {
    let longest = &bytes[..bytes.len().min(LONGEST_CHARACTER)];
    let valid = match std::str::from_utf8(longest) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&longest[..error.valid_up_to()]).expect("valid up to there"),
    };
    match valid.chars().next() {
        Some('\u{fffd}') => (None, 3),
        Some(character) => (Some(&bytes[..character.len_utf8()]), character.len_utf8()),
        None => (None, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what goes out of a program that is read in these pieces.
    fn sent(reads: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut regroup = Regroup::default();
        reads.iter().map(|read| regroup.pass(read)).collect()
    }

    #[test]
    fn a_character_cut_by_a_read_is_sent_whole() {
        assert_eq!(sent(&[b"a\xc3", b"\xbcb"]), [b"a".to_vec(), "\u{fc}b".as_bytes().to_vec()]);
        assert_eq!(sent(&[b"\xf0\x9f", b"\x98", b"\x80"]), [vec![], vec![], "\u{1f600}".as_bytes().to_vec()]);
    }

    #[test]
    fn an_invalid_byte_goes_out_as_it_is() {
        assert_eq!(sent(&[b"\xff1234"]), [b"\xff1234".to_vec()]);
    }

    #[test]
    fn what_might_begin_a_character_at_the_very_end_is_lost() {
        assert_eq!(sent(&[b"end\xe2\x82"]), [b"end".to_vec()]);
        assert_eq!(sent(&[b"end\xff12"]), [b"end".to_vec()]);
    }

    #[test]
    fn of_a_replacement_character_one_byte_is_left() {
        assert_eq!(sent(&["a\u{fffd}bcd".as_bytes()]), [b"a\xefbcd".to_vec()]);
        assert_eq!(sent(&["a\u{fffd}".as_bytes(), b"b"]), [b"a".to_vec(), b"\xefb".to_vec()]);
    }
}
