//! What can stand over the panes.

use super::{
    change::{Missing, Sheet},
    code::Question,
    copy::Copyable,
    jump::Jump,
    line::Line,
    login::Target,
    own::OwnRun,
    pick::Pick,
};
use crate::{config::keymap::Place, model::Thing};

/// Something that stands over the panes and takes the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overlay {
    /// The keys that work in the place below.
    Help(Help),
    /// The actions that fit the place below, or what can be copied there.
    Menu(Menu),
    /// A question.
    Prompt(Prompt),
    /// A list to pick from.
    Pick(Pick),
    /// The list over everything.
    Jump(Jump),
    /// A plan to agree to.
    Plan(Sheet),
    /// The details in full.
    Detail(Detail),
}

impl Overlay {
    /// Returns where the keys go while it is on top.
    pub fn place(&self) -> Place {
        match self {
            Self::Help(_) => Place::Help,
            Self::Menu(_) => Place::Menu,
            Self::Prompt(_) => Place::Prompt,
            Self::Pick(_) => Place::Pick,
            Self::Jump(_) => Place::Jump,
            Self::Plan(_) => Place::Plan,
            Self::Detail(_) => Place::Detail,
        }
    }

    /// Returns the line that is typed into, if there is one.
    pub(super) fn line(&mut self) -> Option<&mut Line> {
        match self {
            Self::Help(_) => None,
            Self::Menu(menu) => menu.search.as_mut(),
            Self::Prompt(prompt) => Some(&mut prompt.line),
            Self::Pick(pick) => Some(&mut pick.query),
            Self::Jump(jump) => Some(&mut jump.query),
            Self::Plan(sheet) => sheet.wanted().is_some().then_some(()).map(|()| &mut sheet.typed),
            Self::Detail(detail) => Some(&mut detail.query),
        }
    }
}

/// The list of keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Help {
    /// How many lines are scrolled past.
    pub scroll: usize,
}

/// The action menu, or that of what can be copied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Menu {
    /// The place of the selected action.
    pub selected: usize,
    /// What is searched for, once somebody searches.
    pub search: Option<Line>,
    /// What it offers to copy, where it is the menu of that.
    pub copies: Option<Vec<Copyable>>,
}

/// A question, with what it is about: that was fixed when it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What is asked.
    pub asks: Asks,
    /// The answer so far.
    pub line: Line,
}

/// What a question asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asks {
    /// A command, to run there.
    Command(Target),
    /// What a wish for a change still needs.
    Missing(Missing),
    /// The code of an MFA device: nobody sees what is typed.
    Code(Question),
    /// A name, before a command of somebody's own is run that may change something there.
    Name(OwnRun),
}

impl Asks {
    /// Returns the question.
    pub fn words(&self) -> String {
        match self {
            Self::Command(target) => format!("run in {}:", target.label()),
            Self::Missing(missing) => missing.words(),
            Self::Code(question) => question.words(),
            Self::Name(run) => run.words(),
        }
    }

    /// Whether nobody may see the answer.
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::Code(_))
    }
}

/// The details in full.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Detail {
    /// What the lines are filtered by.
    pub query: Line,
    /// How many lines are scrolled past; `None` follows the end.
    pub scroll: Option<usize>,
    /// What is shown as AWS describes it, in the place of a view of what is selected.
    pub described: Option<Thing>,
}
