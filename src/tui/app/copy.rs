//! Copying what is selected: the menu of what there is of it, each by a letter.

use super::{Effect, Menu, Message, Overlay, RowId, State};
use crate::{
    model::{Arn, Page, Thing, Tool, text::clean},
    ops::{change::Place, exec::Command, sites::ENVIRONMENT},
};

/// So much text is copied at most: xterm takes 75 kB of base64, others more.
pub(super) const COPIED: usize = 50_000;

/// The shell in a line for AWS's tool, where nobody has set another: every image with a shell has it.
const SHELL: &str = "sh";

/// A line of the menu: what can be copied, as it was when the menu was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copyable {
    /// The letter that copies it.
    pub letter: char,
    /// What it is called.
    pub name: &'static str,
    /// What is copied, one for each row that is meant and has it; or why it cannot be.
    pub texts: Result<Vec<String>, String>,
}

/// A row, as far as it can be copied.
struct Subject {
    thing: Thing,
    /// The profile with which it was read.
    profile: String,
    image: Option<String>,
    address: Option<String>,
    definition: Option<Arn>,
}

impl Copyable {
    /// Returns what is shown of it, clean.
    pub(super) fn shown(&self) -> String {
        match self.texts.as_deref() {
            Ok([one]) => clean(one),
            Ok(all) => format!("{} lines, from {}", all.len(), all.first().map(clean).unwrap_or_default()),
            Err(_) => String::new(),
        }
    }
}

impl State {
    /// Opens the menu of what can be copied of the rows that are meant.
    pub(super) fn open_copies(&mut self) {
        let subjects = self.subjects();
        if subjects.is_empty() {
            return self.say_nothing_selected();
        }
        let copies = self.copyables(&subjects);
        self.overlays.push(Overlay::Menu(Menu { copies: Some(copies), ..Menu::default() }));
    }

    /// Copies a line of the menu.
    pub(super) fn copy(&mut self, copyable: &Copyable, effects: &mut Vec<Effect>) {
        let texts = match &copyable.texts {
            Ok(texts) => texts,
            Err(why) => {
                self.message = Some(Message::complaint(format!("{}: {why}", copyable.name)));
                return;
            }
        };
        let mut left = COPIED;
        let fits = |text: &&String| {
            let after = left.checked_sub(text.len() + 1);
            left = after.unwrap_or(0);
            after.is_some()
        };
        let taken: Vec<&str> = texts.iter().take_while(fits).map(String::as_str).collect();
        let said = match (&taken[..], texts.len()) {
            ([], _) => format!("the {} is longer than what terminals take", copyable.name),
            ([one], 1) => format!("copied {one}"),
            (some, all) if some.len() < all => {
                format!("copied {} of {all} lines ({}), as much as terminals take", some.len(), copyable.name)
            }
            (_, all) => format!("copied {all} lines ({})", copyable.name),
        };
        if !taken.is_empty() {
            effects.push(Effect::Copy(taken.join("\n")));
        }
        self.message = Some(Message::news(said));
    }

    /// Whether there is something that could be copied, or looked at elsewhere.
    pub(super) fn has_subject(&self) -> bool {
        match self.jump() {
            Some(_) => self.leaf_count().0 > 0,
            None => self.pane(self.focus()).selected().is_some(),
        }
    }

    /// Returns what a row of the panes is.
    pub(super) fn thing(&self, id: &RowId) -> Option<Thing> {
        self.selected_cluster().map(|cluster| id.thing(cluster))
    }

    pub(super) fn say_nothing_selected(&mut self) {
        self.message = Some(Message::news("nothing is selected"));
    }

    /// Returns the rows that are meant: the selected one of the jump, all that are marked in the pane, or the selected
    /// one.
    fn subjects(&mut self) -> Vec<Subject> {
        if self.jump().is_some() {
            return self.leaf_subject().into_iter().collect();
        }
        self.chosen_rows().into_iter().filter_map(|row| self.subject(&row.id)).collect()
    }

    fn subject(&self, id: &RowId) -> Option<Subject> {
        let thing = self.thing(id)?;
        let task = match id {
            RowId::Task(task) | RowId::Container(task, _) => self.task(task),
            RowId::Cluster(_) | RowId::NoService(_) | RowId::Service(_) => None,
        };
        let image = match id {
            RowId::Container(_, name) => task.and_then(|task| Some(task.container(name)?.image.to_string())),
            RowId::Cluster(_) | RowId::NoService(_) | RowId::Service(_) | RowId::Task(_) => None,
        };
        let definition = match id {
            RowId::Service(service) => {
                let place = Place { cluster: self.selected_cluster()?.clone(), service: service.clone() };
                self.definition_of(&place).cloned()
            }
            RowId::Cluster(_) | RowId::NoService(_) | RowId::Task(_) | RowId::Container(..) => {
                task.map(|task| task.definition.clone())
            }
        };
        let address = task.and_then(|task| task.ip.as_deref()).map(str::to_owned);
        Some(Subject { thing, profile: self.site_name().profile, image, address, definition })
    }

    fn leaf_subject(&mut self) -> Option<Subject> {
        let (leaf, origin) = self.chosen_leaf()?;
        let row = &leaf.row;
        Some(Subject {
            thing: leaf.id().thing(&row.cluster),
            profile: origin.profile.clone(),
            image: row.image().map(str::to_owned),
            address: row.ip().map(str::to_owned),
            definition: row.task.as_ref().map(|task| task.definition.clone()),
        })
    }

    /// Returns what there is of these rows, in the order of the menu.
    fn copyables(&self, subjects: &[Subject]) -> Vec<Copyable> {
        let of = |letter, name, text: &dyn Fn(&Subject) -> Option<String>| {
            let mut texts: Vec<String> = subjects.iter().filter_map(text).collect();
            texts.dedup();
            let is_hidden = texts.iter().any(|text| clean(text) != *text);
            let hidden = || "it has characters that cannot be seen".to_owned();
            let texts = if is_hidden { Err(hidden()) } else { Ok(texts) };
            (texts != Ok(Vec::new())).then_some(Copyable { letter, name, texts })
        };
        let all = [
            of('n', "name", &|it| name(&it.thing)),
            of('i', "task id", &|it| task_id(&it.thing)),
            of('a', "ARN", &|it| Some(it.thing.arn().to_string())),
            of('p', "private IP", &|it| it.address.clone()),
            of('m', "image", &|it| it.image.clone()),
            of('t', "task definition", &|it| it.definition.as_ref().map(Arn::to_string)),
            of('l', "console link", &|it| Page::of(&it.thing).map(|page| page.to_string())),
            Some(self.commands(subjects)),
        ];
        all.into_iter().flatten().collect()
    }

    fn commands(&self, subjects: &[Subject]) -> Copyable {
        let lines: Option<Vec<String>> = subjects.iter().map(|subject| self.command_line(subject)).collect();
        let mut texts = lines.ok_or_else(|| "a name has characters that no shell should be given".to_owned());
        if let Ok(lines) = &mut texts {
            lines.dedup();
        }
        Copyable { letter: 'w', name: "aws command", texts }
    }

    /// Returns the line by which AWS's own tool shows the same, or logs in to a container.
    fn command_line(&self, subject: &Subject) -> Option<String> {
        let Subject { thing, profile, .. } = subject;
        // The tool takes the environment's keys by itself. Where nobody has named a profile it looks where we did, and
        // an instance's role or the like has none to name.
        let is_left_out = |name: &str| name == ENVIRONMENT || name == "default" && !self.is_profile_named;
        let profile = Some(&**profile).filter(|name| !is_left_out(name));
        let tool = Tool { profile, endpoint_url: self.endpoint_url.as_deref() };
        match thing {
            Thing::Container { cluster, task, name } => {
                let shell = match &self.shell {
                    Command::Shell(shell) => shell,
                    Command::DefaultShell | Command::Argv(_) => SHELL,
                };
                tool.execute(cluster, task, name, shell)
            }
            Thing::Cluster(_) | Thing::Service { .. } | Thing::Task { .. } | Thing::Definition(_) => {
                tool.describe(thing)
            }
        }
    }
}

fn name(thing: &Thing) -> Option<String> {
    match thing {
        Thing::Task { .. } => None,
        Thing::Cluster(_) | Thing::Service { .. } | Thing::Container { .. } | Thing::Definition(_) => {
            Some(thing.name().to_owned())
        }
    }
}

fn task_id(thing: &Thing) -> Option<String> {
    match thing {
        Thing::Task { task, .. } | Thing::Container { task, .. } => Some(task.name().to_owned()),
        Thing::Cluster(_) | Thing::Service { .. } | Thing::Definition(_) => None,
    }
}
