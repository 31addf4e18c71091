//! What the user can set: the config file, the environment and the flags, made into [`Settings`].

mod settings;

pub use settings::Settings;
