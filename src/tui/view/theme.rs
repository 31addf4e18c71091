//! Colours by the role of what is coloured; without colours, weight and underlines alone.

use ratatui::style::{Color, Modifier, Style};

use crate::{config::GuardColour, tui::app::Tone};

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
}

impl Theme {
    /// Returns the theme, with or without colours. The sixteen colours of the terminal are used, so that the person's
    /// own palette holds, light or dark.
    pub(super) fn new(colour: bool) -> Self {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let colours = if colour { Self::colours } else { |_| Style::new() };
        Self {
            brand: bold.patch(colours(Color::Cyan)),
            frame: colours(Color::DarkGray),
            focused: colours(Color::Cyan),
            title: bold,
            selected: Style::new().add_modifier(Modifier::REVERSED),
            marked: bold,
            matched: bold.add_modifier(Modifier::UNDERLINED).patch(colours(Color::Yellow)),
            plain: Style::new(),
            faint: Style::new().add_modifier(Modifier::DIM),
            label: colours(Color::Blue),
            heading: bold,
            good: colours(Color::Green),
            underway: colours(Color::Yellow),
            bad: bold.patch(colours(Color::Red)),
            key: bold.patch(colours(Color::Cyan)),
            tasks: [Color::Cyan, Color::Yellow, Color::Magenta, Color::Green, Color::Blue, Color::Red].map(colours),
        }
    }

    /// Returns the theme with the frames in the colour that a rule of the config gives to what is looked at.
    pub(super) fn guarded(self, colour: Option<GuardColour>) -> Self {
        let colour = match colour {
            // Without colours there is nothing to give.
            None => return self,
            Some(_) if self.focused == Style::new() => return self,
            Some(GuardColour::Red) => Color::Red,
            Some(GuardColour::Yellow) => Color::Yellow,
            Some(GuardColour::Green) => Color::Green,
            Some(GuardColour::Cyan) => Color::Cyan,
            Some(GuardColour::Blue) => Color::Blue,
            Some(GuardColour::Magenta) => Color::Magenta,
        };
        let frame = Style::new().fg(colour);
        Self { frame, focused: frame.add_modifier(Modifier::BOLD), ..self }
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

    fn colours(colour: Color) -> Style {
        Style::new().fg(colour)
    }
}
