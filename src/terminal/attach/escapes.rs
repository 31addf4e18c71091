//! ssh's escapes: what a tilde means after a newline. Pure.

use bytes::{BufMut, Bytes, BytesMut};

/// What the person wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// Send this.
    Send(Bytes),
    /// Show [`Escapes::list`].
    List,
    /// End the session.
    End,
    /// Leave it running.
    Leave,
}

/// Where in a line the typing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// At its beginning, where a tilde is an escape.
    Beginning,
    /// After the tilde, which is kept back.
    Tilde,
    /// Within the line.
    Within,
}

/// Finds the escapes in what is typed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Escapes {
    /// What begins one, usually a tilde; `None` where nothing does.
    tilde: Option<char>,
    /// Whether the session can be left running.
    leaves: bool,
    at: At,
}

impl Escapes {
    /// Returns the escapes that begin with this visible ASCII character, or none; `leaves` says whether one of them
    /// leaves the session running.
    pub(super) fn new(tilde: Option<char>, leaves: bool) -> Self {
        Self { tilde: tilde.filter(char::is_ascii_graphic), leaves, at: At::Beginning }
    }

    /// Returns what ends the session.
    pub(super) fn end(self) -> String {
        self.tilde.map(|tilde| format!("{tilde}.")).unwrap_or_default()
    }

    /// Returns what `~?` shows.
    pub(super) fn list(self) -> String {
        let Some(tilde) = self.tilde else { return String::new() };
        let name = if tilde == '~' { "tilde".to_owned() } else { tilde.to_string() };
        let leave = if self.leaves { format!("  {tilde}&   leave it running\n") } else { String::new() };
        format!(
            "ecsui understands, after a newline:\n  {tilde}.   end the session\n{leave}  {tilde}{tilde}   send a \
             {name}\n  {tilde}?   show this list"
        )
    }

    /// Takes typed bytes and returns what they wish, in their order; nothing after [`Wish::End`] or [`Wish::Leave`]. As
    /// in OpenSSH (`clientloop.c`, `process_escapes`): an unknown escape is sent as it was typed.
    pub(super) fn feed(&mut self, typed: &Bytes) -> Vec<Wish> {
        let Some(tilde) = self.tilde.and_then(|tilde| u8::try_from(tilde).ok()) else {
            return vec![Wish::Send(typed.clone())];
        };
        let mut wishes = Vec::new();
        let mut sent = BytesMut::with_capacity(typed.len() + 1);
        for &byte in typed {
            match (self.at, byte) {
                (At::Beginning, byte) if byte == tilde => {
                    self.at = At::Tilde;
                    continue;
                }
                (At::Tilde, b'.') => {
                    push(&mut wishes, &mut sent);
                    wishes.push(Wish::End);
                    return wishes;
                }
                (At::Tilde, b'&') if self.leaves => {
                    push(&mut wishes, &mut sent);
                    wishes.push(Wish::Leave);
                    self.at = At::Beginning;
                    return wishes;
                }
                (At::Tilde, b'?') => {
                    push(&mut wishes, &mut sent);
                    wishes.push(Wish::List);
                    self.at = At::Beginning;
                    continue;
                }
                (At::Tilde, byte) if byte != tilde => sent.put_u8(tilde),
                (At::Tilde | At::Beginning | At::Within, _) => {}
            }
            sent.put_u8(byte);
            self.at = if matches!(byte, b'\r' | b'\n') { At::Beginning } else { At::Within };
        }
        push(&mut wishes, &mut sent);
        wishes
    }
}

/// Appends what is to be sent so far, if there is any.
fn push(wishes: &mut Vec<Wish>, sent: &mut BytesMut) {
    if !sent.is_empty() {
        wishes.push(Wish::Send(sent.split().freeze()));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn feed(pieces: &[&[u8]]) -> (Vec<u8>, Vec<Wish>) {
        feed_with(Some('~'), pieces)
    }

    fn feed_with(tilde: Option<char>, pieces: &[&[u8]]) -> (Vec<u8>, Vec<Wish>) {
        let mut escapes = Escapes::new(tilde, false);
        let (mut sent, mut others) = (Vec::new(), Vec::new());
        for piece in pieces {
            for wish in escapes.feed(&Bytes::copy_from_slice(piece)) {
                match wish {
                    Wish::Send(bytes) => sent.extend_from_slice(&bytes),
                    Wish::List | Wish::End | Wish::Leave => others.push(wish),
                }
            }
            if others.contains(&Wish::End) || others.contains(&Wish::Leave) {
                break;
            }
        }
        (sent, others)
    }

    #[test]
    fn tilde_and_dot_after_a_newline_end_the_session() {
        assert_eq!(feed(&[b"ls\r~.never"]), (b"ls\r".to_vec(), vec![Wish::End]));
        assert_eq!(feed(&[b"~", b"."]), (vec![], vec![Wish::End]));
    }

    #[test]
    fn within_a_line_a_tilde_is_a_tilde() {
        assert_eq!(feed(&[b"cd ~.\r"]), (b"cd ~.\r".to_vec(), vec![]));
    }

    #[test]
    fn two_tildes_are_one_and_the_line_has_begun() {
        assert_eq!(feed(&[b"\r~~.x"]), (b"\r~.x".to_vec(), vec![]));
    }

    #[test]
    fn an_unknown_escape_is_sent_as_typed() {
        assert_eq!(feed(&[b"\r~/bin\r~&"]), (b"\r~/bin\r~&".to_vec(), vec![]));
        assert_eq!(feed(&[b"\r~\r~."]), (b"\r~\r".to_vec(), vec![Wish::End]));
    }

    #[test]
    fn the_list_can_be_asked_for_again_and_again() {
        assert_eq!(feed(&[b"~?~?~."]), (vec![], vec![Wish::List, Wish::List, Wish::End]));
    }

    #[test]
    fn the_list_names_every_escape_there_is() {
        assert_eq!(listed(false), ["~.", "~~", "~?"]);
        assert_eq!(listed(true), ["~.", "~&", "~~", "~?"]);
    }

    fn listed(leaves: bool) -> Vec<String> {
        let list = Escapes::new(Some('~'), leaves).list();
        let words = list.lines().filter_map(|line| line.trim().split(' ').next());
        words.filter(|word| word.starts_with('~')).map(str::to_owned).collect()
    }

    #[test]
    fn tilde_and_ampersand_leave_where_there_is_somewhere_to_go() {
        let mut escapes = Escapes::new(Some('~'), true);
        let wishes = escapes.feed(&Bytes::from_static(b"make\r~&never"));
        assert_eq!(wishes, [Wish::Send(Bytes::from_static(b"make\r")), Wish::Leave]);
    }

    #[test]
    fn another_character_takes_the_tildes_place() {
        assert_eq!(
            feed_with(Some('%'), &[b"~.\r%%\r%x\r%?%."]),
            (b"~.\r%\r%x\r".to_vec(), vec![Wish::List, Wish::End])
        );
        let escapes = Escapes::new(Some('%'), false);
        assert_eq!(escapes.end(), "%.");
        assert!(escapes.list().contains("  %%   send a %\n"), "{}", escapes.list());
    }

    #[test]
    fn without_a_character_nothing_is_an_escape() {
        assert_eq!(feed_with(None, &[b"~.\r~?\n", b"~."]), (b"~.\r~?\n~.".to_vec(), vec![]));
    }

    proptest! {
        #[test]
        fn without_a_tilde_after_a_newline_every_byte_passes(bytes in any::<Vec<u8>>()) {
            let mut typed = vec![b'x'];
            typed.extend(bytes.iter().map(|&byte| if byte == b'~' { b'-' } else { byte }));
            prop_assert_eq!(feed(&[&typed]), (typed.clone(), vec![]));
        }

        #[test]
        fn where_the_reads_were_cut_makes_no_difference(typed in "[a~.?&\r\n]{0,24}") {
            let bytes: Vec<&[u8]> = typed.as_bytes().chunks(1).collect();
            prop_assert_eq!(feed(&bytes), feed(&[typed.as_bytes()]));
        }

        #[test]
        fn nothing_is_sent_that_was_not_typed(typed in "[a~.?&\r]{0,24}") {
            let (sent, _) = feed(&[typed.as_bytes()]);
            let mut rest = typed.bytes();
            prop_assert!(sent.iter().all(|byte| rest.any(|other| other == *byte)));
        }
    }
}
