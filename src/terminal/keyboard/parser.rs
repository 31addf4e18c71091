//! Bytes of a terminal → keys and clicks: xterm's control sequences (ctlseqs), with the dialects of the Linux console,
//! rxvt and kitty. Pure; what waits for more bytes says how long.

use std::{collections::VecDeque, time::Duration};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEvent};

use super::{Typed, report};

/// How long an escape byte alone may be the beginning of a sequence: a slow line may cut there.
const AFTER_ESCAPE: Duration = Duration::from_millis(10);
/// How long a sequence may stay half here.
const AFTER_BEGINNING: Duration = Duration::from_millis(100);
/// How long a paste may pause before it counts as cut off, and a report of the mouse: no key begins as either, and
/// their rest would be taken for text.
const AFTER_PASTE: Duration = Duration::from_secs(1);
/// A longer sequence is not one.
const LONGEST: usize = 256;
/// A longer answer to a question nobody here asked (OSC, DCS) is not one.
const LONGEST_STRING: usize = 64 * 1024;
/// Begins a bracketed paste.
const PASTE: &[u8] = b"\x1b[200~";
/// Ends it.
const PASTED: &[u8] = b"\x1b[201~";

/// What stands at the beginning of the unparsed bytes.
enum Step {
    /// So many bytes are this key.
    Key(usize, KeyEvent),
    /// So many bytes say what the mouse did.
    Mouse(usize, MouseEvent),
    /// So many bytes mean nothing to us.
    Skip(usize),
    /// So many bytes are a paste.
    Paste(usize),
    /// It depends on bytes that are not here yet.
    More,
}

/// Parses what a terminal sends.
#[derive(Debug, Default)]
pub(super) struct Parser {
    unparsed: Vec<u8>,
    /// How far the end of a paste was looked for.
    searched: usize,
}

impl Parser {
    /// Takes bytes and appends what they mean.
    pub(super) fn feed(&mut self, bytes: &[u8], to: &mut VecDeque<Typed>) {
        self.unparsed.extend_from_slice(bytes);
        let mut start = 0;
        loop {
            let rest = &self.unparsed[start..];
            let step = if rest.starts_with(PASTE) { paste(rest, self.searched) } else { step(rest) };
            match step {
                Step::Key(length, key) => {
                    to.push_back(Typed::Key(key));
                    start += length;
                }
                Step::Mouse(length, mouse) => {
                    to.push_back(Typed::Mouse(mouse));
                    start += length;
                }
                Step::Skip(length) => start += length,
                Step::Paste(length) => {
                    to.push_back(pasted(&rest[PASTE.len()..length - PASTED.len()]));
                    start += length;
                    self.searched = 0;
                }
                Step::More => {
                    self.searched = rest.len();
                    break;
                }
            }
        }
        self.unparsed.drain(..start);
    }

    /// Returns how long to wait for the rest of what has begun.
    pub(super) fn patience(&self) -> Option<Duration> {
        match self.unparsed.as_slice() {
            [] => None,
            [0x1b] => Some(AFTER_ESCAPE),
            begun if begun.starts_with(PASTE) || begun.starts_with(report::BEGIN) => Some(AFTER_PASTE),
            _ => Some(AFTER_BEGINNING),
        }
    }

    /// Takes what has begun for all that comes.
    pub(super) fn give_up_waiting(&mut self, to: &mut VecDeque<Typed>) {
        self.searched = 0;
        let begun = std::mem::take(&mut self.unparsed);
        match begun.as_slice() {
            [0x1b] => to.push_back(Typed::Key(KeyCode::Esc.into())),
            [0x1b, letter @ 0x20..=0x7e] => {
                to.push_back(Typed::Key(character(char::from(*letter), KeyModifiers::ALT)));
            }
            [0x1b, ..] if begun.starts_with(PASTE) => to.push_back(pasted(&begun[PASTE.len()..])),
            [] | [0x1b, ..] => {}
            [..] => to.push_back(Typed::Key(character(char::REPLACEMENT_CHARACTER, KeyModifiers::NONE))),
        }
    }

    /// Returns the bytes that are not yet a key, as they came.
    pub(super) fn take_unparsed(&mut self) -> Option<Vec<u8>> {
        self.searched = 0;
        (!self.unparsed.is_empty()).then(|| std::mem::take(&mut self.unparsed))
    }
}

/// Reads what stands at the beginning of `bytes`.
fn step(bytes: &[u8]) -> Step {
    match bytes {
        [] => Step::More,
        [0x1b, rest @ ..] => escape(rest),
        [byte @ (0..=0x1f | 0x7f), ..] => Step::Key(1, control(*byte)),
        _ => match utf8(bytes) {
            Utf8::Char(character_, length) => Step::Key(length, character(character_, KeyModifiers::NONE)),
            Utf8::Invalid(length) => Step::Key(length, character(char::REPLACEMENT_CHARACTER, KeyModifiers::NONE)),
            Utf8::More => Step::More,
        },
    }
}

/// Reads what follows an escape byte.
fn escape(rest: &[u8]) -> Step {
    match rest {
        [] => Step::More,
        [0x1b, ..] => Step::Key(1, KeyCode::Esc.into()),
        [b'[', rest @ ..] => csi(rest),
        [b'O', rest @ ..] => ss3(rest),
        // Answers to questions of a program that is gone: OSC, DCS, SOS, PM, APC.
        [b']' | b'P' | b'X' | b'^' | b'_', rest @ ..] => string(rest),
        _ => match step(rest) {
            Step::Key(length, key) => Step::Key(1 + length, KeyEvent::new(key.code, key.modifiers | KeyModifiers::ALT)),
            Step::Skip(length) => Step::Skip(1 + length),
            Step::Mouse(..) | Step::Paste(_) | Step::More => Step::More,
        },
    }
}

/// Reads a control sequence after `ESC [`.
fn csi(rest: &[u8]) -> Step {
    // X10 mouse: three bytes follow the letter. The Linux console's function keys: one.
    match rest {
        [b'M', _, _, _, ..] => return Step::Skip(6),
        [b'M', ..] | [b'['] => return Step::More,
        [b'[', letter @ b'A'..=b'E', ..] => return Step::Key(4, KeyCode::F(letter - b'A' + 1).into()),
        _ => {}
    }
    let Some(end) = rest.iter().position(|byte| !matches!(byte, 0x20..=0x3f)) else {
        return if rest.len() > LONGEST { Step::Skip(2 + rest.len()) } else { Step::More };
    };
    match rest[end] {
        last @ 0x40..=0x7e if rest.starts_with(b"<") => {
            report::mouse(&rest[1..end], last).map_or(Step::Skip(3 + end), |mouse| Step::Mouse(3 + end, mouse))
        }
        last @ 0x40..=0x7e => sequence(&rest[..end], last).map_or(Step::Skip(3 + end), |key| Step::Key(3 + end, key)),
        // Not a sequence after all; what broke it stands for itself.
        _ => Step::Skip(2 + end),
    }
}

/// Returns the key that a control sequence with these parameters and this last byte is.
fn sequence(parameters: &[u8], last: u8) -> Option<KeyEvent> {
    let parameters = std::str::from_utf8(parameters).ok()?;
    let mut parameters = parameters.split(';');
    let mut first = parameters.next().unwrap_or_default().split(':');
    let number: Option<u32> = match first.next() {
        None | Some("") => None,
        Some(digits) => Some(digits.parse().ok()?),
    };
    let mut second = parameters.next().unwrap_or_default().split(':');
    let modifiers = modifiers(second.next().and_then(|digits| digits.parse().ok()).unwrap_or(1));
    if second.next() == Some("3") {
        return None; // kitty: the key was released
    }
    let code = match last {
        b'~' if number == Some(27) => return unicode(parameters.next()?.parse().ok()?, modifiers),
        b'u' => return unicode(number?, modifiers),
        b'Z' => return Some(KeyEvent::new(KeyCode::BackTab, modifiers | KeyModifiers::SHIFT)),
        b'~' => numbered(number?)?,
        // rxvt: ctrl and shift-ctrl.
        b'^' => return Some(KeyEvent::new(numbered(number?)?, KeyModifiers::CONTROL)),
        b'@' => return Some(KeyEvent::new(numbered(number?)?, KeyModifiers::CONTROL | KeyModifiers::SHIFT)),
        // rxvt: shift.
        b'a'..=b'd' if number.is_none() => {
            return Some(KeyEvent::new(lettered(last.to_ascii_uppercase())?, KeyModifiers::SHIFT));
        }
        // With a row and a column it is the cursor's position, which nobody here asked for.
        _ if number.is_none_or(|number| number == 1) => lettered(last)?,
        _ => return None,
    };
    Some(KeyEvent::new(code, modifiers))
}

/// Reads what follows `ESC O`.
fn ss3(rest: &[u8]) -> Step {
    let Some(&letter) = rest.first() else { return Step::More };
    let code = match letter {
        b'M' => Some(KeyCode::Enter),
        b'I' => Some(KeyCode::Tab),
        b'j'..=b'y' => Some(KeyCode::Char(char::from(letter - b'j' + b'*'))),
        b'X' => Some(KeyCode::Char('=')),
        _ => lettered(letter),
    };
    match (code, letter) {
        (Some(code), _) => Step::Key(3, code.into()),
        (None, 0x20..=0x7e) => Step::Skip(3),
        // Alt-O, and then something else.
        (None, _) => Step::Key(2, character('O', KeyModifiers::ALT)),
    }
}

/// Reads a string after its two-byte beginning, up to BEL or `ESC \`.
fn string(rest: &[u8]) -> Step {
    for (place, byte) in rest.iter().enumerate() {
        match (byte, rest.get(place + 1)) {
            (0x07, _) => return Step::Skip(2 + place + 1),
            (0x1b, Some(b'\\')) => return Step::Skip(2 + place + 2),
            (0x1b, Some(_)) => return Step::Skip(2 + place),
            _ => {}
        }
    }
    if rest.len() > LONGEST_STRING { Step::Skip(2 + rest.len()) } else { Step::More }
}

/// Reads a bracketed paste whose end is not in the first `searched` bytes.
fn paste(bytes: &[u8], searched: usize) -> Step {
    let from = searched.saturating_sub(PASTED.len()).clamp(PASTE.len(), bytes.len());
    bytes[from..]
        .windows(PASTED.len())
        .position(|window| window == PASTED)
        .map_or(Step::More, |place| Step::Paste(from + place + PASTED.len()))
}

/// Returns what was pasted: terminals send line breaks as carriage returns.
fn pasted(bytes: &[u8]) -> Typed {
    Typed::Paste(String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n"))
}

/// Returns the key of a C0 control or DEL.
fn control(byte: u8) -> KeyEvent {
    let code = match byte {
        b'\r' => return KeyCode::Enter.into(),
        b'\t' => return KeyCode::Tab.into(),
        0x7f => return KeyCode::Backspace.into(),
        0 => ' ',
        0x01..=0x1a => char::from(byte - 1 + b'a'),
        // As crossterm names them: ctrl-4 … ctrl-7 are what `\ ] ^ _` share their bytes with.
        _ => char::from(byte.wrapping_sub(0x1c).wrapping_add(b'4')),
    };
    KeyEvent::new(KeyCode::Char(code), KeyModifiers::CONTROL)
}

/// Returns the key of a character; capitals carry shift, as crossterm has it.
fn character(character: char, modifiers: KeyModifiers) -> KeyEvent {
    let shift = if character.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    KeyEvent::new(KeyCode::Char(character), modifiers | shift)
}

/// Returns the key that a code point means in `CSI u` and xterm's modifyOtherKeys.
fn unicode(point: u32, modifiers: KeyModifiers) -> Option<KeyEvent> {
    let code = match char::from_u32(point)? {
        '\r' => KeyCode::Enter,
        '\t' if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        '\t' => KeyCode::Tab,
        '\x1b' => KeyCode::Esc,
        '\x08' | '\x7f' => KeyCode::Backspace,
        // kitty's numbers for keys without a character.
        '\u{e000}'..='\u{f8ff}' => return None,
        letter if modifiers.contains(KeyModifiers::SHIFT) && letter.is_ascii_lowercase() => {
            KeyCode::Char(letter.to_ascii_uppercase())
        }
        letter if letter.is_control() => return None,
        letter => KeyCode::Char(letter),
    };
    Some(KeyEvent::new(code, modifiers))
}

/// Returns the key of `CSI number ~`.
fn numbered(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F((number - 10) as u8),
        17..=21 => KeyCode::F((number - 11) as u8),
        23..=26 => KeyCode::F((number - 12) as u8),
        28 | 29 => KeyCode::F((number - 13) as u8),
        31..=34 => KeyCode::F((number - 14) as u8),
        _ => return None,
    })
}

/// Returns the key of `CSI letter` and `SS3 letter`.
fn lettered(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(letter - b'P' + 1),
        _ => return None,
    })
}

/// Returns the modifiers of xterm's parameter: one more than their bits.
fn modifiers(parameter: u32) -> KeyModifiers {
    let bits = parameter.saturating_sub(1);
    [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
        (16, KeyModifiers::HYPER),
        (32, KeyModifiers::META),
    ]
    .into_iter()
    .filter(|(bit, _)| bits & bit != 0)
    .fold(KeyModifiers::NONE, |all, (_, modifier)| all | modifier)
}

/// What stands where a character should.
enum Utf8 {
    Char(char, usize),
    Invalid(usize),
    More,
}

/// Reads one character of UTF-8.
fn utf8(bytes: &[u8]) -> Utf8 {
    let longest = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(longest) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => {
            std::str::from_utf8(&longest[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(error) => return error.error_len().map_or(Utf8::More, Utf8::Invalid),
    };
    valid.chars().next().map_or(Utf8::More, |first| Utf8::Char(first, first.len_utf8()))
}

#[cfg(test)]
mod tests {
    use crossterm::event::{MouseButton, MouseEventKind};
    use proptest::prelude::*;

    use super::*;

    fn parse(bytes: &[u8]) -> Vec<Typed> {
        parse_pieces(&[bytes])
    }

    fn parse_pieces(pieces: &[&[u8]]) -> Vec<Typed> {
        let (mut parser, mut typed) = (Parser::default(), VecDeque::new());
        for piece in pieces {
            parser.feed(piece, &mut typed);
        }
        if parser.patience().is_some() {
            parser.give_up_waiting(&mut typed);
        }
        assert_eq!(parser.patience(), None);
        typed.into()
    }

    fn keys(keys: &[(KeyCode, KeyModifiers)]) -> Vec<Typed> {
        keys.iter().map(|&(code, modifiers)| Typed::Key(KeyEvent::new(code, modifiers))).collect()
    }

    const NONE: KeyModifiers = KeyModifiers::NONE;
    const CONTROL: KeyModifiers = KeyModifiers::CONTROL;
    const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
    const ALT: KeyModifiers = KeyModifiers::ALT;

    #[test]
    fn letters_controls_and_alt() {
        let expected = keys(&[
            (KeyCode::Char('a'), NONE),
            (KeyCode::Char('É'), SHIFT),
            (KeyCode::Char('語'), NONE),
            (KeyCode::Char('a'), CONTROL),
            (KeyCode::Char('j'), CONTROL),
            (KeyCode::Char(' '), CONTROL),
            (KeyCode::Char('5'), CONTROL),
            (KeyCode::Enter, NONE),
            (KeyCode::Tab, NONE),
            (KeyCode::Backspace, NONE),
            (KeyCode::Char('x'), ALT),
            (KeyCode::Enter, ALT),
        ]);
        assert_eq!(parse("aÉ語\x01\n\0\x1d\r\t\x7f\x1bx\x1b\r".as_bytes()), expected);
    }

    #[test]
    fn arrows_function_and_editing_keys_of_several_terminals() {
        for (bytes, code, modifiers) in [
            (&b"\x1b[A"[..], KeyCode::Up, NONE),
            (b"\x1bOA", KeyCode::Up, NONE),
            (b"\x1b[1;5C", KeyCode::Right, CONTROL),
            (b"\x1b[1;2:1D", KeyCode::Left, SHIFT),
            (b"\x1b[Z", KeyCode::BackTab, SHIFT),
            (b"\x1bOP", KeyCode::F(1), NONE),
            (b"\x1b[11~", KeyCode::F(1), NONE),
            (b"\x1b[[A", KeyCode::F(1), NONE),
            (b"\x1b[15~", KeyCode::F(5), NONE),
            (b"\x1b[24;3~", KeyCode::F(12), ALT),
            (b"\x1b[1;2R", KeyCode::F(3), SHIFT),
            (b"\x1b[5~", KeyCode::PageUp, NONE),
            (b"\x1b[3;5~", KeyCode::Delete, CONTROL),
            (b"\x1b[3^", KeyCode::Delete, CONTROL),
            (b"\x1b[a", KeyCode::Up, SHIFT),
            (b"\x1b[4~", KeyCode::End, NONE),
            (b"\x1b[H", KeyCode::Home, NONE),
            (b"\x1b[13;5u", KeyCode::Enter, CONTROL),
            (b"\x1b[97;6u", KeyCode::Char('A'), CONTROL.union(SHIFT)),
            (b"\x1b[27;5;13~", KeyCode::Enter, CONTROL),
            (b"\x1bOM", KeyCode::Enter, NONE),
            (b"\x1bOs", KeyCode::Char('3'), NONE),
            (b"\x1b", KeyCode::Esc, NONE),
            (b"\x1b[", KeyCode::Char('['), ALT),
            (b"\x1bO", KeyCode::Char('O'), ALT.union(SHIFT)),
        ] {
            assert_eq!(parse(bytes), keys(&[(code, modifiers)]), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn what_is_no_key_leaves_no_letters_behind() {
        let strays: [&[u8]; 9] = [
            b"\x1b[M !!",
            b"\x1b[<35;10;20M",
            b"\x1b[I",
            b"\x1b[?62;4c",
            b"\x1b[24;80R",
            b"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
            b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
            b"\x1bP1$r0m\x1b\\",
            b"\x1b[97;1:3u",
        ];
        for stray in strays {
            let mut bytes = stray.to_vec();
            bytes.push(b'x');
            assert_eq!(parse(&bytes), keys(&[(KeyCode::Char('x'), NONE)]), "{}", stray.escape_ascii());
        }
    }

    #[test]
    fn what_the_mouse_did_is_said_by_place_button_and_modifiers() {
        let mouse = |kind, column, row, modifiers| vec![Typed::Mouse(MouseEvent { kind, column, row, modifiers })];
        for (bytes, expected) in [
            (&b"\x1b[<0;1;1M"[..], mouse(MouseEventKind::Down(MouseButton::Left), 0, 0, NONE)),
            (b"\x1b[<0;10;20m", mouse(MouseEventKind::Up(MouseButton::Left), 9, 19, NONE)),
            (b"\x1b[<1;300;4M", mouse(MouseEventKind::Down(MouseButton::Middle), 299, 3, NONE)),
            (b"\x1b[<18;2;2M", mouse(MouseEventKind::Down(MouseButton::Right), 1, 1, CONTROL)),
            (b"\x1b[<64;2;2M", mouse(MouseEventKind::ScrollUp, 1, 1, NONE)),
            (b"\x1b[<73;2;2M", mouse(MouseEventKind::ScrollDown, 1, 1, ALT)),
        ] {
            assert_eq!(parse(bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_report_that_is_none_is_nothing() {
        for bad in [
            &b"\x1b[<0;0;1M"[..],
            b"\x1b[<0;1;0M",
            b"\x1b[<0;1M",
            b"\x1b[<0;1;1;1M",
            b"\x1b[<;;M",
            b"\x1b[<M",
            b"\x1b[<-1;1;1M",
            b"\x1b[<+0;1;1M",
            b"\x1b[< 0;1;1M",
            b"\x1b[<0;70000;1M",
            b"\x1b[<0;1:2;1M",
            b"\x1b[<3;1;1M",
            b"\x1b[<35;1;1M",
            b"\x1b[<64;1;1m",
            b"\x1b[<66;1;1M",
            b"\x1b[<128;1;1M",
            b"\x1b[<0;1;1u",
            b"\x1b[<0;1;1~",
        ] {
            let bytes = [bad, b"x"].concat();
            assert_eq!(parse(&bytes), keys(&[(KeyCode::Char('x'), NONE)]), "{}", bad.escape_ascii());
        }
    }

    #[test]
    fn half_a_report_waits_longer_than_half_a_key() {
        let (mut parser, mut typed) = (Parser::default(), VecDeque::new());
        parser.feed(b"\x1b[<0;1", &mut typed);
        assert_eq!(parser.patience(), Some(AFTER_PASTE));
        parser.give_up_waiting(&mut typed);
        assert_eq!(typed, []);
    }

    #[test]
    fn a_paste_is_one_event_however_it_is_cut() {
        let bytes = "\x1b[200~two\r\nlines \x1b[A ~.\x1b[201~x".as_bytes();
        let expected =
            [Typed::Paste("two\nlines \x1b[A ~.".to_owned()), keys(&[(KeyCode::Char('x'), NONE)])[0].clone()];
        for cut in 0..bytes.len() {
            assert_eq!(parse_pieces(&[&bytes[..cut], &bytes[cut..]]), expected, "cut at {cut}");
        }
    }

    #[test]
    fn invalid_utf8_is_seen() {
        let expected = keys(&[(KeyCode::Char('\u{fffd}'), NONE), (KeyCode::Char('x'), NONE)]);
        assert_eq!(parse(b"\xffx"), expected);
        assert_eq!(parse(b"\xe8x"), expected);
    }

    fn pieces() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let piece = prop_oneof![
            any::<Vec<u8>>(),
            Just(b"\x1b".to_vec()),
            Just(b"\x1b[".to_vec()),
            Just(PASTE.to_vec()),
            Just(PASTED.to_vec()),
            Just(b"\x1b[1;5".to_vec()),
            Just(b"\x1b[<".to_vec()),
            Just(b"\x1b[<0;3;4M".to_vec()),
            Just(b"\x1b]0;t".to_vec()),
            "[a-zé語;~]{0,4}".prop_map(String::into_bytes),
        ];
        prop::collection::vec(piece, 0..12)
    }

    proptest! {
        #[test]
        fn where_the_reads_were_cut_makes_no_difference(pieces in pieces()) {
            let whole = pieces.concat();
            let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            let bytes: Vec<&[u8]> = whole.chunks(1).collect();
            prop_assert_eq!(parse_pieces(&pieces), parse(&whole));
            prop_assert_eq!(parse_pieces(&bytes), parse(&whole));
        }

        #[test]
        fn reports_are_never_text_however_they_are_cut(
            reports in prop::collection::vec(("[a-z]{0,3}", "[0-9;:<=>? -]{0,12}|[0-9]{1,3};[1-9][0-9]{0,2};[1-9][0-9]{0,2}", "[Mm]"), 0..6),
            cuts in prop::collection::vec(1_usize..6, 1..40),
        ) {
            let parts: Vec<String> =
                reports.iter().map(|(text, report, end)| format!("{text}\x1b[<{report}{end}")).collect();
            let whole = parts.concat();
            let mut pieces = Vec::new();
            let mut rest = whole.as_bytes();
            for cut in cuts.iter().cycle().take_while(|_| !whole.is_empty()) {
                if rest.is_empty() {
                    break;
                }
                let (piece, left) = rest.split_at((*cut).min(rest.len()));
                pieces.push(piece);
                rest = left;
            }
            let typed = parse_pieces(&pieces);
            let letters: String = typed.iter().filter_map(|typed| match typed {
                Typed::Key(KeyEvent { code: KeyCode::Char(letter), .. }) => Some(*letter),
                Typed::Mouse(_) => None,
                other => panic!("{other:?}"),
            }).collect();
            let text: String = reports.iter().map(|(text, ..)| &**text).collect();
            prop_assert_eq!(letters, text);
        }

        #[test]
        fn typed_text_comes_out_as_typed(text in "[^\\p{C}]*") {
            let got: String = parse(text.as_bytes()).iter().map(|typed| match typed {
                Typed::Key(KeyEvent { code: KeyCode::Char(character), .. }) => *character,
                other => panic!("{other:?}"),
            }).collect();
            prop_assert_eq!(got, text);
        }
    }
}
