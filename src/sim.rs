//! A simulated AWS behind a real port of this machine's loopback.

pub mod agent;
