//! The program: parse, run, turn the result into an exit code; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    ecsui::cli::main()
}
