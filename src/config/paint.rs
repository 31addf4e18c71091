//! Colours: which there are, how they are written, and which of them a terminal can show.

use std::{fmt, str::FromStr};

use serde::{Deserialize, de};

/// A colour, whether the terminal has it or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Colour {
    /// One of the terminal's own sixteen, in the person's palette: 0 is black, 7 white, those from 8 are bright.
    Ansi(u8),
    /// One of the 256 of xterm; the first sixteen are the terminal's own.
    Indexed(u8),
    /// Red, green and blue.
    Rgb(u8, u8, u8),
}

/// How something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a manner of its own")]
pub struct Paint {
    /// The colour of the letters; `None` is the terminal's own.
    pub colour: Option<Colour>,
    /// The colour behind them; `None` is the terminal's own.
    pub behind: Option<Colour>,
    /// Bold letters.
    pub bold: bool,
    /// Dim letters.
    pub dim: bool,
    /// Italic letters.
    pub italic: bool,
    /// A line below.
    pub underline: bool,
    /// Letters and background change places.
    pub reverse: bool,
}

/// What a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Depth {
    /// Its own sixteen colours.
    #[default]
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// All there are.
    True,
}

/// What colours are chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// What the terminal says of its background, or a dark one where it says nothing.
    #[default]
    Auto,
    /// Light letters on a dark background.
    Dark,
    /// Dark letters on a light background.
    Light,
}

macro_rules! roles {
    ($($role:ident $help:literal;)*) => {
        /// What the file says of the colours, by what they are for; `None` leaves the theme's.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Palette {
            $(#[doc = $help] pub $role: Option<Paint>,)*
        }

        /// What each colour is for, in the order of the example config.
        pub(super) const ROLES: &[(&str, &str)] = &[$((stringify!($role), $help)),*];

        impl Palette {
            /// Returns what the file says of each colour, by its name.
            pub fn entries(&self) -> Vec<(&'static str, Option<Paint>)> {
                vec![$((stringify!($role), self.$role)),*]
            }
        }
    };
}

roles! {
    brand    "the program's name";
    frame    "the frame of a pane";
    focused  "the frame of the pane that keys go to";
    title    "the title of a pane";
    selected "the selected row where keys go";
    beside   "the selected row of another pane";
    matched  "letters that the query matched";
    plain    "text";
    faint    "text of little interest";
    label    "the name of a fact";
    heading  "a heading";
    good     "something is as it should be";
    underway "something is on its way";
    bad      "something is wrong";
    key      "a key";
    task_1   "a task among several in logs: the first of six colours";
    task_2   "the second";
    task_3   "the third";
    task_4   "the fourth";
    task_5   "the fifth";
    task_6   "the sixth";
}

/// What the browser is coloured by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Looks {
    /// What the colours are chosen for.
    pub theme: Theme,
    /// Whether the background is light.
    pub is_light: bool,
    /// What the terminal can show.
    pub depth: Depth,
    /// What the file has instead of the theme's.
    pub palette: Palette,
}

/// The names of the terminal's own colours, by their numbers.
const NAMES: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/// The steps of the 6 × 6 × 6 cube of xterm's 256 colours.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// What is said of a paint that is none.
const NO_PAINT: &str = "expected a colour (red, bright-blue, 0 to 255, \"#87afd7\") and any of bold, dim, italic, \
                        underline and reverse; \"on\" stands before the colour of the background";

impl Palette {
    /// Returns what the file says of the colours that tell tasks apart.
    pub fn tasks(&self) -> [Option<Paint>; 6] {
        [self.task_1, self.task_2, self.task_3, self.task_4, self.task_5, self.task_6]
    }
}

impl Colour {
    /// Returns the nearest colour that a terminal of this depth has.
    #[must_use]
    pub fn within(self, depth: Depth) -> Self {
        match (self, depth) {
            (Self::Rgb(red, green, blue), Depth::Indexed) => Self::Indexed(indexed(red, green, blue)),
            (Self::Rgb(red, green, blue), Depth::Sixteen) => Self::Ansi(ansi(red, green, blue)),
            (Self::Indexed(index @ 0..16), _) => Self::Ansi(index),
            (Self::Indexed(index), Depth::Sixteen) => {
                let (red, green, blue) = rgb(index);
                Self::Ansi(ansi(red, green, blue))
            }
            (colour, _) => colour,
        }
    }

    /// Returns red, green and blue; of the terminal's own as xterm has them.
    pub fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Ansi(number) => own(number),
            Self::Indexed(index) => rgb(index),
            Self::Rgb(red, green, blue) => (red, green, blue),
        }
    }
}

impl Depth {
    /// Returns what the terminal can show by these variables of the environment.
    pub fn of(colorterm: Option<&str>, term: Option<&str>) -> Self {
        let term = term.unwrap_or_default();
        if matches!(colorterm, Some("truecolor" | "24bit")) || term.ends_with("-direct") {
            Self::True
        } else if term.contains("256color") {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }
}

impl Theme {
    /// Whether the background is light, by what some terminals say of themselves in COLORFGBG: `0;15`, where the last
    /// number is the background's.
    pub fn is_light(self, colorfgbg: Option<&str>) -> bool {
        match self {
            Self::Light => true,
            Self::Dark => false,
            Self::Auto => {
                let behind = colorfgbg.and_then(|said| said.rsplit(';').next()?.parse().ok());
                matches!(behind, Some(7 | 9..=15))
            }
        }
    }
}

impl FromStr for Paint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut paint = Self::default();
        let mut words = text.split_whitespace().peekable();
        words.peek().ok_or(NO_PAINT)?;
        while let Some(word) = words.next() {
            match word {
                "bold" => paint.bold = true,
                "dim" => paint.dim = true,
                "italic" => paint.italic = true,
                "underline" => paint.underline = true,
                "reverse" => paint.reverse = true,
                "default" => paint.colour = None,
                "on" => paint.behind = Some(colour(words.next().unwrap_or_default())?),
                word => paint.colour = Some(colour(word)?),
            }
        }
        Ok(paint)
    }
}

impl fmt::Display for Paint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let manners = [
            (self.bold, "bold"),
            (self.dim, "dim"),
            (self.italic, "italic"),
            (self.underline, "underline"),
            (self.reverse, "reverse"),
        ];
        let mut words: Vec<String> =
            manners.iter().filter(|(holds, _)| *holds).map(|(_, word)| (*word).to_owned()).collect();
        words.extend(self.colour.map(|colour| colour.to_string()));
        words.extend(self.behind.map(|colour| format!("on {colour}")));
        if words.is_empty() { f.write_str("default") } else { f.write_str(&words.join(" ")) }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ansi(number) => {
                let bright = if *number < 8 { "" } else { "bright-" };
                write!(f, "{bright}{}", NAMES[usize::from(number % 8)])
            }
            Self::Indexed(number) => write!(f, "{number}"),
            Self::Rgb(red, green, blue) => write!(f, "#{red:02x}{green:02x}{blue:02x}"),
        }
    }
}

impl<'de> Deserialize<'de> for Paint {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|what| de::Error::custom(format!("{text:?} is no colour: {what}")))
    }
}

fn colour(word: &str) -> Result<Colour, &'static str> {
    let (bright, name) = word.strip_prefix("bright-").map_or((0, word), |name| (8, name));
    if let Some(number) = NAMES.iter().position(|known| *known == name) {
        return Ok(Colour::Ansi(number as u8 + bright));
    }
    match word.strip_prefix('#') {
        Some(digits) if digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
            let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| NO_PAINT);
            Ok(Colour::Rgb(part(0)?, part(2)?, part(4)?))
        }
        _ => word.parse().map(Colour::Indexed).map_err(|_| NO_PAINT),
    }
}

/// Returns the number of the nearest of the 256 colours beyond the terminal's own.
fn indexed(red: u8, green: u8, blue: u8) -> u8 {
    let wanted = (red, green, blue);
    (16..=255).min_by_key(|index| distance(rgb(*index), wanted)).unwrap_or(16)
}

/// Returns the number of the nearest of the sixteen, as xterm has them.
fn ansi(red: u8, green: u8, blue: u8) -> u8 {
    let wanted = (red, green, blue);
    (0..16).min_by_key(|number| distance(own(*number), wanted)).unwrap_or(7)
}

/// Returns a colour of the terminal's own as xterm has it.
fn own(number: u8) -> (u8, u8, u8) {
    match number {
        7 => (229, 229, 229),
        8 => (127, 127, 127),
        12 => (92, 92, 255),
        4 => (0, 0, 238),
        _ => {
            let full = if number < 8 { 205 } else { 255 };
            let part = |bit: u8| if number & bit == 0 { 0 } else { full };
            (part(1), part(2), part(4))
        }
    }
}

/// Returns one of the 256 colours; the cube and the greys behind it.
fn rgb(index: u8) -> (u8, u8, u8) {
    match index {
        0..16 => own(index),
        16..232 => {
            let place = usize::from(index - 16);
            (STEPS[place / 36], STEPS[place / 6 % 6], STEPS[place % 6])
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

fn distance(one: (u8, u8, u8), other: (u8, u8, u8)) -> u32 {
    let part = |one: u8, other: u8| u32::from(one.abs_diff(other)).pow(2);
    part(one.0, other.0) + part(one.1, other.1) + part(one.2, other.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paint_is_colours_and_what_letters_look_like() {
        let paint = |text: &str| text.parse::<Paint>();
        let plain = Paint::default();
        assert_eq!(paint("bright-blue"), Ok(Paint { colour: Some(Colour::Ansi(12)), ..plain }));
        assert_eq!(
            paint("bold underline 110 on #000080"),
            Ok(Paint {
                colour: Some(Colour::Indexed(110)),
                behind: Some(Colour::Rgb(0, 0, 128)),
                bold: true,
                underline: true,
                ..plain
            })
        );
        assert_eq!(paint("reverse"), Ok(Paint { reverse: true, ..plain }));
        assert_eq!(paint("default"), Ok(plain));
        for none in ["", "  ", "purpel", "#12345", "#12345g", "256", "on", "-1", "#é2345"] {
            assert_eq!(paint(none), Err(NO_PAINT), "{none}");
        }
    }

    #[test]
    fn a_paint_is_written_as_it_is_read() {
        for text in ["default", "bold red", "dim italic bright-black on 17", "underline reverse #0a0b0c"] {
            assert_eq!(text.parse::<Paint>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_terminal_gets_the_nearest_colour_that_it_has() {
        let blue = Colour::Rgb(0x87, 0xaf, 0xd7);
        assert_eq!(blue.within(Depth::True), blue);
        assert_eq!(blue.within(Depth::Indexed), Colour::Indexed(110));
        assert_eq!(Colour::Rgb(250, 10, 10).within(Depth::Sixteen), Colour::Ansi(9));
        assert_eq!(Colour::Rgb(8, 8, 8).within(Depth::Indexed), Colour::Indexed(232));
        assert_eq!(Colour::Indexed(28).within(Depth::Sixteen), Colour::Ansi(2));
        assert_eq!(Colour::Indexed(9).within(Depth::True), Colour::Ansi(9));
        assert_eq!(Colour::Ansi(3).within(Depth::Sixteen), Colour::Ansi(3));
        for index in 16..=255 {
            let (red, green, blue) = rgb(index);
            let nearest = rgb(indexed(red, green, blue));
            assert_eq!(nearest, (red, green, blue), "{index}");
        }
    }

    #[test]
    fn the_environment_says_what_the_terminal_can_show() {
        assert_eq!(Depth::of(None, Some("xterm")), Depth::Sixteen);
        assert_eq!(Depth::of(None, None), Depth::Sixteen);
        assert_eq!(Depth::of(Some(""), Some("screen-256color")), Depth::Indexed);
        assert_eq!(Depth::of(Some("truecolor"), Some("xterm-256color")), Depth::True);
        assert_eq!(Depth::of(None, Some("xterm-direct")), Depth::True);
    }

    #[test]
    fn a_light_background_is_what_the_terminal_says_or_the_person() {
        assert!(Theme::Auto.is_light(Some("0;15")) && Theme::Auto.is_light(Some("0;default;7")));
        for dark in [Some("15;0"), Some("7;8"), Some("15;default"), Some(""), None] {
            assert!(!Theme::Auto.is_light(dark), "{dark:?}");
        }
        assert!(Theme::Light.is_light(Some("15;0")) && !Theme::Dark.is_light(Some("0;15")));
    }

    #[test]
    fn every_role_can_be_written() {
        for (role, _) in ROLES {
            let text = format!("{role} = \"red\"");
            assert!(toml::from_str::<Palette>(&text).is_ok_and(|palette| palette != Palette::default()), "{role}");
        }
    }
}
