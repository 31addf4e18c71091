//! The question for the code of an MFA device, without which a profile's role cannot be assumed.

use super::{Asks, Effect, Line, Message, Notice, Overlay, Prompt, State};
use crate::{
    config::Action,
    model::text::clean,
    ops::{CodeAnswer, CodeWanted},
    session::Secret,
};

/// Names one question for a code until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionId(pub u64);

/// A question for a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Which one.
    pub id: QuestionId,
    /// What the code is for.
    pub wanted: CodeWanted,
}

/// What the person does with codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum WithCodes {
    /// Gives them when asked.
    #[default]
    Gives,
    /// Gives none until somebody wants to read again what is on screen.
    Keeps,
}

impl Question {
    /// Returns the question.
    pub(super) fn words(&self) -> String {
        format!("MFA code for {}:", clean(&self.wanted.profile))
    }
}

impl State {
    /// Asks the person, unless they would rather not.
    pub(super) fn ask_for_code(&mut self, id: QuestionId, wanted: CodeWanted, effects: &mut Vec<Effect>) {
        if self.with_codes == WithCodes::Keeps {
            effects.push(Effect::Answer(id, self.no_code()));
            return;
        }
        self.message = Some(match &wanted.refused {
            Some(why) => Message::failure(&Notice { text: clean(why), hints: Vec::new(), passing: false }),
            None => Message::news(format!("{} needs a code of {}", wanted.role, wanted.device)),
        });
        self.overlays
            .push(Overlay::Prompt(Prompt { asks: Asks::Code(Question { id, wanted }), line: Line::default() }));
    }

    /// Gives the code that was typed.
    pub(super) fn give_code(
        &mut self,
        question: &Question,
        typed: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<(), String> {
        let code = typed.trim();
        if code.len() != 6 || !code.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err("a code has six digits".to_owned());
        }
        self.overlays.pop();
        effects.push(Effect::Answer(question.id, Ok(Secret::new(code))));
        Ok(())
    }

    /// Gives no code, and asks for none until somebody wants to read again what is on screen.
    pub(super) fn keep_code(&mut self, id: QuestionId, effects: &mut Vec<Effect>) {
        self.with_codes = WithCodes::Keeps;
        effects.push(Effect::Answer(id, self.no_code()));
    }

    fn no_code(&self) -> CodeAnswer {
        let again = self.keymap.first_chord(Action::Refresh).map(|chord| format!("; {chord} asks again"));
        Err(format!("it was not given{}", again.unwrap_or_default()))
    }
}
