//! What the user can set: the config file, the environment and the flags, made into [`Settings`].

mod example;
mod file;
mod glyphs;
mod guard;
mod jump;
pub mod keymap;
mod own;
mod paint;
mod paths;
mod settings;
mod told;
mod written;

pub use example::example;
pub use file::{Error, faults, parse};
pub use glyphs::{Glyphs, Hyperlinks, ascii};
pub use guard::{Glob, GuardAction, GuardColour, GuardRule, Subject};
pub use jump::JumpRule;
pub use keymap::{Action, Keymap};
pub use own::{Filled, OwnAction, OwnCommand, OwnPlace};
pub use paint::{Colour, Depth, Looks, Paint, Palette, Theme};
pub use paths::{config_file, state_directory};
pub use settings::{Layer, Settings, Transport};
pub use told::{Origin, Told, told};
