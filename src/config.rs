//! What the user can set: the config file, the environment and the flags, made into [`Settings`].

pub mod keymap;
mod settings;

pub use keymap::{Action, Keymap};
pub use settings::Settings;
