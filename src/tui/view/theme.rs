//! Colours by the role of what is coloured; without colours, weight and underlines alone.

use ratatui::style::{Color, Modifier, Style};

use crate::{
    config::{Colour, Depth, GuardColour, Looks, Paint},
    tui::app::Tone,
};

/// The styles of every role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Theme {
    /// The name of the program.
    pub(super) brand: Style,
    /// The frame of a pane.
    pub(super) frame: Style,
    /// The frame of the pane that the keys go to.
    pub(super) focused: Style,
    /// The title of a pane.
    pub(super) title: Style,
    /// The selected row where the keys go.
    pub(super) selected: Style,
    /// The selected row of another pane.
    pub(super) marked: Style,
    /// A letter that the query matched.
    pub(super) matched: Style,
    /// Plain text.
    pub(super) plain: Style,
    /// Text of little interest.
    pub(super) faint: Style,
    /// A name of what follows.
    pub(super) label: Style,
    /// A heading.
    pub(super) heading: Style,
    /// Something is as it should be.
    pub(super) good: Style,
    /// Something is on its way.
    pub(super) underway: Style,
    /// Something is wrong.
    pub(super) bad: Style,
    /// A key, in hints and menus.
    pub(super) key: Style,
    /// Tasks, told apart.
    pub(super) tasks: [Style; 6],
    /// The frames that rules of the config give: red, green, yellow, blue, magenta, cyan.
    guards: [Style; 6],
    /// Whether there are colours.
    colour: bool,
}

impl Theme {
    /// Returns the theme, with or without colours, for what the terminal can show. Where they can be read the sixteen
    /// colours of the terminal are used, so that the person's own palette holds.
    pub(super) fn new(colour: bool, looks: &Looks) -> Self {
        let Looks { is_light, depth, palette, theme: _ } = looks;
        let depth = *depth;
        let shown = |paint: Option<Paint>, otherwise: Paint| style(paint.unwrap_or(otherwise), colour, depth);
        let beyond = |index: u8, sixteen: u8| match depth {
            Depth::Sixteen => Colour::Ansi(sixteen),
            Depth::Indexed | Depth::True => Colour::Indexed(index),
        };
        let either = |dark: Colour, light: Colour| Some(if *is_light { light } else { dark });
        let own = Colour::Ansi;
        let nothing = Paint::default();
        let bold = Paint { bold: true, ..nothing };
        let plain = |colour| Paint { colour, ..nothing };
        // Cyan and yellow are hard to read on white, blue on black.
        let accent = either(own(CYAN), own(BLUE));
        let underway = either(own(YELLOW), beyond(130, MAGENTA));
        let good = either(own(GREEN), beyond(28, GREEN));
        let bad = either(own(RED), own(RED));
        let label = either(beyond(110, BRIGHT_BLUE), beyond(24, BLUE));
        let tasks = if *is_light {
            // Of sixteen, six that can be read on white: cyan and yellow cannot.
            [beyond(30, BRIGHT_BLACK), beyond(130, BRIGHT_BLUE), own(MAGENTA), beyond(28, GREEN), own(BLUE), own(RED)]
        } else {
            [own(CYAN), own(YELLOW), own(MAGENTA), own(GREEN), beyond(75, BRIGHT_BLUE), own(RED)]
        };
        let guards = if *is_light {
            [own(RED), beyond(28, GREEN), beyond(130, YELLOW), own(BLUE), own(MAGENTA), beyond(30, CYAN)]
        } else {
            [own(RED), own(GREEN), own(YELLOW), beyond(75, BRIGHT_BLUE), own(MAGENTA), own(CYAN)]
        };
        let mut chosen = palette.tasks().into_iter();
        let tasks = tasks.map(|task| shown(chosen.next().flatten(), plain(Some(task))));
        Self {
            brand: shown(palette.brand, Paint { colour: accent, ..bold }),
            frame: shown(palette.frame, plain(Some(own(BRIGHT_BLACK)))),
            focused: shown(palette.focused, plain(accent)),
            title: shown(palette.title, bold),
            selected: shown(palette.selected, Paint { reverse: true, ..nothing }),
            marked: shown(palette.beside, bold),
            matched: shown(palette.matched, Paint { underline: true, colour: underway, ..bold }),
            plain: shown(palette.plain, nothing),
            faint: shown(palette.faint, Paint { dim: true, ..nothing }),
            label: shown(palette.label, plain(label)),
            heading: shown(palette.heading, bold),
            good: shown(palette.good, plain(good)),
            underway: shown(palette.underway, plain(underway)),
            bad: shown(palette.bad, Paint { colour: bad, ..bold }),
            key: shown(palette.key, Paint { colour: accent, ..bold }),
            tasks,
            guards: guards.map(|guard| style(plain(Some(guard)), colour, depth)),
            colour,
        }
    }

    /// Returns the theme with the frames in the colour that a rule of the config gives to what is looked at.
    pub(super) fn guarded(self, colour: Option<GuardColour>) -> Self {
        // Without colours there is nothing to give.
        let Some(colour) = colour.filter(|_| self.colour) else { return self };
        let [red, green, yellow, blue, magenta, cyan] = self.guards;
        let frame = match colour {
            GuardColour::Red => red,
            GuardColour::Green => green,
            GuardColour::Yellow => yellow,
            GuardColour::Blue => blue,
            GuardColour::Magenta => magenta,
            GuardColour::Cyan => cyan,
        };
        Self { frame, focused: frame.add_modifier(Modifier::BOLD), ..self }
    }

    /// Returns the style of a title on a frame of this style: where the keys go it has the frame's colour.
    pub(super) fn title_on(&self, frame: Style) -> Style {
        if frame == self.focused { frame.patch(self.title) } else { self.title }
    }

    /// Returns the theme of a selected row, whose pieces have one ground: all but what the query matched is plain.
    pub(super) fn uniform(&self) -> Self {
        let plain = self.plain;
        Self {
            label: plain,
            heading: plain,
            good: plain,
            underway: plain,
            bad: plain,
            faint: plain,
            key: plain,
            tasks: [plain; 6],
            ..self.clone()
        }
    }

    /// Returns the style of a piece of the details.
    pub(super) fn tone(&self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => self.plain,
            Tone::Label => self.label,
            Tone::Heading => self.heading,
            Tone::Good => self.good,
            Tone::Underway => self.underway,
            Tone::Bad => self.bad,
            Tone::Faint => self.faint,
            Tone::Task(number) => self.tasks[usize::from(number) % self.tasks.len()],
        }
    }
}

// The numbers of the terminal's own colours.
const RED: u8 = 1;
const GREEN: u8 = 2;
const YELLOW: u8 = 3;
const BLUE: u8 = 4;
const MAGENTA: u8 = 5;
const CYAN: u8 = 6;
const BRIGHT_BLACK: u8 = 8;
const BRIGHT_BLUE: u8 = 12;

/// Returns what shows a paint; without colours what is left of it.
fn style(paint: Paint, colour: bool, depth: Depth) -> Style {
    let manners = [
        (paint.bold, Modifier::BOLD),
        (paint.dim, Modifier::DIM),
        (paint.italic, Modifier::ITALIC),
        (paint.underline, Modifier::UNDERLINED),
        (paint.reverse, Modifier::REVERSED),
    ];
    let mut style = Style::new();
    for (_, modifier) in manners.into_iter().filter(|(holds, _)| *holds) {
        style = style.add_modifier(modifier);
    }
    if colour {
        style.fg = paint.colour.map(|colour| on_screen(colour.within(depth)));
        style.bg = paint.behind.map(|colour| on_screen(colour.within(depth)));
    }
    style
}

/// Returns a colour as the screen is told it: the sixteen by their names, which every terminal has.
fn on_screen(colour: Colour) -> Color {
    const SIXTEEN: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match colour {
        Colour::Ansi(number) => SIXTEEN[usize::from(number % 16)],
        Colour::Indexed(index) => Color::Indexed(index),
        Colour::Rgb(red, green, blue) => Color::Rgb(red, green, blue),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the contrast of a colour with white or black: 1 is none, 21 that of black and white (WCAG 2.2).
    fn contrast(colour: Color, is_light: bool) -> f64 {
        let number = (0..16).find(|number| on_screen(Colour::Ansi(*number)) == colour);
        let known = match (number, colour) {
            (Some(number), _) => Colour::Ansi(number),
            (None, Color::Indexed(index)) => Colour::Indexed(index),
            (None, other) => panic!("{other} is no colour of a theme"),
        };
        let (red, green, blue) = known.rgb();
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let light = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
        if is_light { 1.05 / (light + 0.05) } else { (light + 0.05) / 0.05 }
    }

    #[test]
    fn every_colour_can_be_read_on_its_background() {
        for is_light in [false, true] {
            for depth in [Depth::Sixteen, Depth::Indexed, Depth::True] {
                let looks = Looks { is_light, depth, ..Looks::default() };
                let theme = Theme::new(true, &looks);
                let Theme { brand, frame, focused, title, selected, marked, matched, .. } = &theme;
                let Theme { plain, faint, label, heading, good, underway, bad, key, tasks, guards, .. } = &theme;
                let all = [brand, frame, focused, title, selected, marked, matched, plain, faint, label, heading];
                let all = all.into_iter().chain([good, underway, bad, key]).chain(tasks);
                // A rule of the config may ask for one that sixteen do not have dark.
                let all = all.chain(guards.iter().filter(|_| !(is_light && depth == Depth::Sixteen)));
                for colour in all.filter_map(|style| style.fg) {
                    // Green is what people take for good, and light terminals have a dark one.
                    let own_green = is_light && colour == Color::Green;
                    let found = contrast(colour, is_light);
                    assert!(found >= 3.5 || own_green, "{colour} has {found:.1} where light is {is_light}, {depth:?}");
                }
            }
        }
    }

    #[test]
    fn tasks_differ_in_colour_and_the_file_can_set_each() {
        for is_light in [false, true] {
            for depth in [Depth::Sixteen, Depth::Indexed] {
                let looks = Looks { is_light, depth, ..Looks::default() };
                let mut colours: Vec<_> = Theme::new(true, &looks).tasks.map(|style| style.fg).to_vec();
                colours.sort_by_key(|colour| format!("{colour:?}"));
                colours.dedup();
                assert_eq!(colours.len(), 6, "{colours:?}");
            }
        }
        let palette: crate::config::Palette = toml::from_str("task_2 = \"bold #ff0000\"\ntask_6 = \"7\"").unwrap();
        let theme = Theme::new(true, &Looks { palette, depth: Depth::True, ..Looks::default() });
        let own = Theme::new(true, &Looks { depth: Depth::True, ..Looks::default() });
        assert_eq!(theme.tone(Tone::Task(7)), Style::new().fg(Color::Rgb(255, 0, 0)).add_modifier(Modifier::BOLD));
        assert_eq!(theme.tone(Tone::Task(5)), Style::new().fg(Color::Gray));
        assert_eq!(theme.tone(Tone::Task(0)), own.tone(Tone::Task(0)));
    }
}
