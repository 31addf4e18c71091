//! `ecsui`, a fuzzy-finder terminal program for Amazon ECS.
//!
//! The crate is a library with a thin `main.rs`. Its modules are strict layers; `ARCHITECTURE.md` draws
//! the plan and `tests/layers.rs` holds the table of who may use whom.

pub mod aws;
pub mod cli;
pub mod config;
pub mod model;
pub mod ops;
pub mod session;
#[cfg(feature = "demo")]
pub mod sim;
pub mod terminal;
pub mod tui;
