//! The terminal UI: a pure core (`app`, `finder`, `view`), and the shell around it (`run`, `worker`).

pub mod app;
mod finder;
mod run;
pub mod view;
mod worker;

pub use run::{Ended, run};
pub use worker::{Answer, News, Worker};
