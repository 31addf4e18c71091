//! The program: parse, run, turn the result into an exit code; nothing else.

fn main() {}
