//! The code of an MFA device, asked for on the terminal: nothing else of a command's may be mixed up with it.

use crate::{
    model::text::clean,
    ops::{CodeAnswer, CodeWanted, Codes},
    session::Secret,
    terminal,
};

/// Returns codes that are typed on the terminal.
pub(super) fn codes() -> Codes {
    Codes::asked(ask)
}

async fn ask(wanted: CodeWanted) -> CodeAnswer {
    let CodeWanted { profile, device, refused, .. } = wanted;
    let again = refused.map(|why| format!("{}\n", clean(why))).unwrap_or_default();
    let question = format!("{again}MFA code of {} for profile {}: ", clean(device), clean(profile));
    match terminal::ask_unseen(&question).await {
        Ok(Some(code)) => Ok(Secret::new(code.trim())),
        Ok(None) => Err("it was not given".to_owned()),
        Err(error) => Err(format!("there is no terminal to ask for it on ({error})")),
    }
}
