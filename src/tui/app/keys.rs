//! What keys do.

use crossterm::event::{KeyEvent, KeyEventKind};

use super::{
    Asks, Deed, DefinitionForm, Detail, DetailView, Effect, Help, Level, Line, Menu, Message, Missing, Overlay, Pick,
    Picks, Prompt, State, copy::COPIED, pick::Picked,
};
use crate::{
    config::{
        Action,
        keymap::{Effects, Found, Key, Place},
    },
    model::Arn,
    ops::exec::Command,
};

/// A way to go in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Up,
    Down,
    /// So many rows down, or up.
    By(isize),
    PageUp,
    PageDown,
    First,
    Last,
}

impl State {
    /// Takes a key.
    pub(super) fn press(&mut self, event: KeyEvent, effects: &mut Vec<Effect>) {
        if event.kind == KeyEventKind::Release {
            return;
        }
        self.message = None;
        self.click = None;
        let key = Key::from(event);
        let mut keys = std::mem::take(&mut self.prefix);
        keys.push(key);
        match self.keymap.find(self.place(), &keys) {
            Found::Action(action) => self.act(action, effects),
            Found::Beginning => self.prefix = keys,
            Found::Nothing if keys.len() > 1 => {}
            Found::Nothing => {
                if let Some(letter) = key.typed() {
                    self.type_letter(letter, effects);
                }
            }
        }
    }

    /// Takes pasted text.
    pub(super) fn paste(&mut self, text: &str) {
        self.message = None;
        if let Some(line) = self.line() {
            line.insert(text);
            self.line_changed(true);
        }
    }

    /// Keeps windows, details and scroll positions in step with what they show.
    pub(super) fn arrange(&mut self) {
        let areas = self.areas();
        for (level, area) in &areas.panes {
            self.pane_mut(*level).scroll_to_selection(usize::from(area.inner.height));
        }
        self.search_logs();
        self.search_jump();
        self.write_details();
    }

    pub(super) fn act(&mut self, action: Action, effects: &mut Vec<Effect>) {
        if action.info().effects != Effects::Reads
            && let Some(gone) = self.gone()
        {
            let text = format!("{gone} is gone; move to another row first");
            self.message = Some(Message::complaint(text));
            return;
        }
        if !matches!(action, Action::Quit | Action::Menu) {
            self.warned_of_sessions = false;
        }
        match action {
            Action::Login => self.log_in(effects),
            Action::Exec => self.ask_for_command(),
            Action::Up => self.step(Step::Up),
            Action::Down => self.step(Step::Down),
            Action::PageUp => self.step(Step::PageUp),
            Action::PageDown => self.step(Step::PageDown),
            Action::First => self.step(Step::First),
            Action::Last => self.step(Step::Last),
            Action::NextPane => {
                if let Some(next) = self.focus().next() {
                    self.set_focus(next);
                }
            }
            Action::PreviousPane => {
                if let Some(previous) = self.focus().previous() {
                    self.set_focus(previous);
                }
            }
            Action::Zoom => self.zoomed = !self.zoomed,
            Action::Mark => self.mark(),
            Action::WhichTasks => self.show_other_tasks(),
            Action::DeleteBack => self.edit(Line::delete_back),
            Action::DeleteWord => self.edit(Line::delete_word),
            Action::DeleteLine => self.edit(Line::delete_line),
            Action::LineStart => self.edit(Line::to_start),
            Action::LineEnd => self.edit(Line::to_end),
            Action::Accept => self.accept(effects),
            Action::Back => self.back(effects),
            Action::Jump => self.toggle_jump(),
            Action::ShowInPanes => self.show_in_panes(effects),
            Action::Sort => self.overlays.push(Overlay::Pick(Pick::new(Picks::Column(self.focus())))),
            Action::Menu => self.open_menu(),
            Action::SearchMenu => self.search_menu(),
            Action::Details => self.toggle_details(),
            Action::Facts => self.look_at(DetailView::Facts),
            Action::Events => self.look_at(DetailView::Events),
            Action::Deployments => self.look_at(DetailView::Deployments),
            Action::TaskDefinition => self.look_at(DetailView::TaskDefinition),
            Action::Stopped => self.look_at(DetailView::Stopped),
            Action::Targets => self.look_at(DetailView::Targets),
            Action::Instances => self.look_at(DetailView::Instances),
            Action::CopyDetails => self.copy_details(effects),
            Action::Logs => self.look_at(DetailView::Logs),
            Action::Json => self.toggle_form(DefinitionForm::Json),
            Action::Describe => self.toggle_described(),
            Action::Editor => self.open_editor(effects),
            Action::Diff => self.ask_for_revision(),
            Action::Reveal => self.reveal = !self.reveal,
            Action::Copy => self.open_copies(),
            Action::CopyArn => self.copy_arn(effects),
            Action::Console => self.open_page(effects),
            Action::Refresh => self.ask_again(effects),
            Action::Help => self.toggle_help(),
            Action::Quit => self.quit(effects),
            Action::Update => self.ask_for_image(),
            Action::Redeploy => self.redeploy(effects),
            Action::Scale => self.ask_for_count(),
            Action::RollBack => self.roll_back(effects),
            Action::EnableExec => self.enable_exec(effects),
            Action::Stop => self.stop(effects),
            Action::Run => self.ask_for_run(),
            Action::Register => self.ask_for_file(),
            Action::Go => self.ask_for_site(effects),
            Action::Sessions => self.ask_for_session(),
        }
    }

    fn type_letter(&mut self, letter: char, effects: &mut Vec<Effect>) {
        if let Some(Overlay::Menu(Menu { search: None, .. })) = self.overlay() {
            return self.choose(letter, effects);
        }
        if letter == 'y' && matches!(self.overlay(), Some(Overlay::Plan(sheet)) if sheet.is_asked()) {
            return self.agree(effects);
        }
        if let Some(line) = self.line() {
            line.insert(letter.encode_utf8(&mut [0; 4]));
            self.line_changed(true);
        }
    }

    /// Closes the menu and does what it offers.
    fn perform(&mut self, deed: Deed, effects: &mut Vec<Effect>) {
        let Some(Overlay::Menu(menu)) = self.overlays.pop() else { return };
        match deed {
            Deed::Copy(place) => {
                if let Some(copyable) = menu.copies.and_then(|copies| copies.into_iter().nth(place)) {
                    self.copy(&copyable, effects);
                }
            }
            Deed::Action(action) => self.act(action, effects),
            Deed::Own(place) => {
                if let Some(own) = self.own.get(place).cloned() {
                    self.run_own(&own, effects);
                }
            }
        }
    }

    /// Does what has this letter in the menu.
    fn choose(&mut self, letter: char, effects: &mut Vec<Effect>) {
        match self.menu_rows().iter().find(|row| row.letter == letter) {
            Some(row) => {
                let deed = row.deed;
                self.perform(deed, effects);
            }
            None => self.message = Some(Message::news(format!("no action here has the letter {letter}"))),
        }
    }

    fn accept(&mut self, effects: &mut Vec<Effect>) {
        match self.overlays.last() {
            Some(Overlay::Menu(menu)) => {
                if let Some(row) = self.menu_rows().get(menu.selected) {
                    let deed = row.deed;
                    self.perform(deed, effects);
                }
            }
            Some(Overlay::Prompt(prompt)) => {
                let prompt = prompt.clone();
                if let Err(complaint) = self.answer(prompt, effects) {
                    self.message = Some(Message::complaint(complaint));
                }
            }
            Some(Overlay::Pick(pick)) => {
                let pick = pick.clone();
                if let Err(complaint) = self.take_pick(&pick, effects) {
                    self.message = Some(Message::complaint(complaint));
                }
            }
            Some(Overlay::Plan(_)) => self.agree(effects),
            Some(Overlay::Jump(_)) => self.log_in_to_leaf(effects),
            Some(Overlay::Help(_) | Overlay::Detail(_)) | None => {}
        }
    }

    /// Goes one step back: the session being opened, then what is typed, then marks, then what is open.
    fn back(&mut self, effects: &mut Vec<Effect>) {
        let over_panes = matches!(self.overlays.last(), None | Some(Overlay::Jump(_)));
        if over_panes && (self.stop_opening(effects) || self.stop_planning(effects)) {
            return;
        }
        if let Some(line) = self.line().filter(|line| !line.is_empty()) {
            line.clear();
            return self.line_changed(false);
        }
        match self.overlays.pop() {
            Some(Overlay::Prompt(Prompt { asks: Asks::Code(question), .. })) => self.keep_code(question.id, effects),
            Some(_) => {}
            None => {
                let focus = self.focus();
                self.pane_mut(focus).unmark();
            }
        }
    }

    /// Marks the selected row, or takes its mark off, and goes on to the next row.
    fn mark(&mut self) {
        let focus = self.focus();
        match self.pane(focus).selected().map(|row| row.id.can_be_marked()) {
            Some(true) => {
                self.pane_mut(focus).mark();
                self.step_in_pane(Step::Down);
            }
            Some(false) => {
                self.message =
                    Some(Message::news("services, tasks and containers can be marked; this is none of them"));
            }
            None => {}
        }
    }

    fn ask_for_command(&mut self) {
        if !self.takes_selected(Action::Exec) {
            return;
        }
        let Some(target) = self.target() else { return };
        match self.obstacle(&target) {
            Some(obstacle) => self.message = Some(Message::failure(&obstacle)),
            None => self.overlays.push(Overlay::Prompt(Prompt { asks: Asks::Command(target), line: Line::default() })),
        }
    }

    /// Takes the answer to a question, if it is one.
    fn answer(&mut self, prompt: Prompt, effects: &mut Vec<Effect>) -> Result<(), String> {
        match prompt.asks {
            Asks::Command(target) => {
                let command = command(prompt.line.text())?;
                self.overlays.pop();
                self.open(target, command, effects);
            }
            Asks::Missing(missing) => return self.answer_missing(&missing, prompt.line.text(), effects),
            Asks::Code(question) => return self.give_code(&question, prompt.line.text(), effects),
            Asks::Name(run) => return self.give_name(run, prompt.line.text(), effects),
        }
        Ok(())
    }

    /// Does what something was picked for.
    fn take_pick(&mut self, pick: &Pick, effects: &mut Vec<Effect>) -> Result<(), String> {
        let picked = self.picked(pick)?;
        self.overlays.pop();
        match picked {
            Picked::Revision(revision) => self.toggle_form(DefinitionForm::Against(revision)),
            Picked::Column(level, column) => self.sort(level, column),
            Picked::Which(which) => self.stop_these(which, effects),
            Picked::Like(run) => self.ask(Missing::Command(run)),
            Picked::Profile(profile) => self.go_to_profile(&profile, effects),
            Picked::Region(region) => self.go_to_region(&region, effects),
            Picked::Session(id) => self.go_back_to(id, effects),
        }
        Ok(())
    }

    /// Asks which revision to compare with; what is compared already is read again in words.
    fn ask_for_revision(&mut self) {
        if let DefinitionForm::Against(_) = self.definition_form {
            return self.toggle_form(self.definition_form);
        }
        if let Some(arn) = self.selected_definition().cloned() {
            self.overlays.push(Overlay::Pick(Pick::new(Picks::Revision(arn))));
        }
    }

    /// Shows task definitions in this form, or in words where they are in it.
    fn toggle_form(&mut self, form: DefinitionForm) {
        self.definition_form = if self.definition_form == form { DefinitionForm::Readable } else { form };
        if let Some(Overlay::Detail(detail)) = self.overlays.last_mut() {
            *detail = Detail { scroll: Some(0), ..Detail::default() };
        }
    }

    /// Opens the action menu: in the jump it is about one row from then on.
    fn open_menu(&mut self) {
        self.settle_in_jump();
        self.overlays.push(Overlay::Menu(Menu::default()));
    }

    fn search_menu(&mut self) {
        if let Some(Overlay::Menu(menu)) = self.overlays.last_mut() {
            match &mut menu.search {
                Some(line) => line.insert("/"),
                None => menu.search = Some(Line::default()),
            }
            menu.selected = 0;
        }
    }

    fn toggle_details(&mut self) {
        match self.overlays.last() {
            Some(Overlay::Detail(_)) => {
                self.overlays.pop();
            }
            Some(
                Overlay::Help(_)
                | Overlay::Menu(_)
                | Overlay::Prompt(_)
                | Overlay::Pick(_)
                | Overlay::Jump(_)
                | Overlay::Plan(_),
            )
            | None => {
                let scroll = (!self.detail_view().newest_last()).then_some(0);
                self.overlays.push(Overlay::Detail(Detail { scroll, ..Detail::default() }));
            }
        }
    }

    fn toggle_help(&mut self) {
        match self.overlays.last() {
            Some(Overlay::Help(_)) => {
                self.overlays.pop();
            }
            Some(
                Overlay::Detail(_)
                | Overlay::Menu(_)
                | Overlay::Prompt(_)
                | Overlay::Pick(_)
                | Overlay::Jump(_)
                | Overlay::Plan(_),
            )
            | None => {
                self.overlays.push(Overlay::Help(Help::default()));
            }
        }
    }

    /// Looks at what is selected in this way, from now on.
    pub(super) fn look_at(&mut self, view: DetailView) {
        let focus = self.focus();
        if !self.detail_views().contains(&view) {
            self.message = Some(Message::news(format!("there is no view of {} here", view.title())));
            return;
        }
        self.chosen_views[focus as usize] = view;
        if let Some(Overlay::Detail(detail)) = self.overlays.last_mut() {
            *detail = Detail { scroll: (!view.newest_last()).then_some(0), ..Detail::default() };
        }
    }

    /// Copies the ARNs of all that are marked, a line each, or that of the selected row.
    fn copy_arn(&mut self, effects: &mut Vec<Effect>) {
        let in_jump = matches!(self.overlays.last(), Some(Overlay::Jump(_)));
        let arns = if in_jump { self.leaf_arn().into_iter().collect() } else { self.arns_of_the_pane() };
        let news = match &arns[..] {
            [] => return,
            [one] => format!("copied {one}"),
            all => format!("copied {} ARNs", all.len()),
        };
        let lines: Vec<&str> = arns.iter().map(Arn::as_str).collect();
        effects.push(Effect::Copy(lines.join("\n")));
        self.message = Some(Message::news(news));
    }

    /// Returns the ARNs of what is marked in the pane, or of what is selected.
    fn arns_of_the_pane(&self) -> Vec<Arn> {
        let pane = self.pane(self.focus());
        let mut arns: Vec<Arn> = pane.marked().map(|row| row.id.arn().clone()).collect();
        arns.dedup();
        if arns.is_empty() {
            arns.extend(pane.selected().map(|row| row.id.arn().clone()));
        }
        arns
    }

    /// Copies the lines of the details, those that are filtered for where they are full screen; of too many the newest.
    fn copy_details(&mut self, effects: &mut Vec<Effect>) {
        let lines = self.fit.lines();
        let (text, copied) = self.detail.copy(lines, COPIED);
        self.message = Some(Message::news(match lines.len() {
            0 => "there are no lines to copy".to_owned(),
            all if copied < all => format!("copied {copied} of {all} lines, as much as terminals take"),
            all => format!("copied {all} lines"),
        }));
        if copied > 0 {
            effects.push(Effect::Copy(text));
        }
    }

    /// Returns the view that an action stands for.
    pub(super) fn view_of(action: Action) -> Option<DetailView> {
        [
            (Action::Facts, DetailView::Facts),
            (Action::Events, DetailView::Events),
            (Action::Deployments, DetailView::Deployments),
            (Action::TaskDefinition, DetailView::TaskDefinition),
            (Action::Stopped, DetailView::Stopped),
            (Action::Targets, DetailView::Targets),
            (Action::Instances, DetailView::Instances),
            (Action::Logs, DetailView::Logs),
        ]
        .into_iter()
        .find(|(known, _)| *known == action)
        .map(|(_, view)| view)
    }

    pub(super) fn step(&mut self, step: Step) {
        match self.place() {
            Place::Clusters | Place::Services | Place::Tasks | Place::Containers => self.step_in_pane(step),
            Place::Detail => self.scroll_detail(step),
            Place::Menu => {
                let rows = self.menu_rows().len();
                if let Some(Overlay::Menu(menu)) = self.overlays.last_mut() {
                    menu.selected = stepped(step, menu.selected, rows, rows.max(1));
                }
            }
            Place::Help => {
                let inner = self.areas().help().inner;
                let page = usize::from(inner.height).max(1);
                let end = self.help_lines(inner.width).len().saturating_sub(page);
                if let Some(Overlay::Help(help)) = self.overlays.last_mut() {
                    help.scroll = stepped(step, help.scroll.min(end), end + 1, page);
                }
            }
            Place::Pick => {
                let (mut rows, selected) = self.pick_rows();
                let page = usize::from(self.pick_area().inner.height).max(1);
                let to = selected.map_or(0, |selected| stepped(step, selected, rows.len(), page));
                if let Some(Overlay::Pick(pick)) = self.overlays.last_mut() {
                    pick.selected = (to < rows.len()).then(|| rows.swap_remove(to).picked);
                }
            }
            Place::Plan => self.step_in_plan(step),
            Place::Jump => {
                let page = self.jump_height().max(1);
                self.step_in_jump(|at, len| stepped(step, at, len, page));
            }
            Place::Prompt => {}
        }
    }

    fn step_in_plan(&mut self, step: Step) {
        let areas = self.areas();
        if let Some(Overlay::Plan(sheet)) = self.overlays.last_mut() {
            let inner = areas.plan(|width| sheet.height(width)).inner;
            let page = usize::from(inner.height).max(1);
            let end = sheet.height(inner.width).saturating_sub(page);
            sheet.scroll = stepped(step, sheet.scroll.min(end), end + 1, page);
        }
    }

    fn step_in_pane(&mut self, step: Step) {
        let focus = self.focus();
        let page = self.areas().pane(focus).map_or(1, |area| usize::from(area.inner.height).max(1));
        let pane = self.pane_mut(focus);
        let before = pane.selected().map(|row| row.id.clone());
        pane.go_to(stepped(step, pane.cursor(), pane.hits(), page));
        if pane.selected().map(|row| &row.id) != before.as_ref() {
            self.moved(focus);
        }
    }

    /// Scrolls the details that are on the screen, in full or below the panes.
    pub(super) fn scroll_detail(&mut self, step: Step) {
        if self.detail_view() == DetailView::Logs {
            self.scroll_logs(step);
        } else {
            self.step_in_detail(step);
        }
    }

    /// Scrolls the details; the end is followed once it is reached where it is the newest.
    fn step_in_detail(&mut self, step: Step) {
        let page = usize::from(self.detail_area().inner.height).max(1);
        let follows = self.detail.newest_last;
        let end = self.fit.height().saturating_sub(page);
        let scroll = stepped(step, self.detail_scroll().unwrap_or(end).min(end), end + 1, page);
        self.scroll_detail_to((!follows || scroll < end).then_some(scroll));
    }

    fn scroll_logs(&mut self, step: Step) {
        let page = self.log_rows_on_page();
        match step {
            Step::By(rows) => self.step_in_logs(Some(rows), rows < 0),
            Step::Up => self.step_in_logs(Some(-1), true),
            Step::Down => self.step_in_logs(Some(1), false),
            Step::PageUp => self.step_in_logs(Some(-page), true),
            Step::PageDown => self.step_in_logs(Some(page), false),
            Step::First => self.step_in_logs(None, true),
            Step::Last => self.step_in_logs(None, false),
        }
    }

    /// Follows a cursor of this pane that went to another row.
    pub(super) fn moved(&mut self, level: Level) {
        self.unsettle();
        if let Some(next) = level.next() {
            self.fill_from(next);
        }
    }

    fn edit(&mut self, change: impl Fn(&mut Line)) {
        if let Some(line) = self.line() {
            let before = line.text().len();
            change(line);
            if line.text().len() != before {
                self.line_changed(false);
            }
        }
    }

    /// Returns the line that is typed into.
    fn line(&mut self) -> Option<&mut Line> {
        if self.overlays.is_empty() {
            let focus = self.focus();
            return Some(&mut self.pane_mut(focus).query);
        }
        self.overlays.last_mut().and_then(Overlay::line)
    }

    /// Follows what was typed, or deleted.
    fn line_changed(&mut self, typed: bool) {
        match self.overlays.last_mut() {
            Some(Overlay::Jump(_)) => self.jump_line_changed(typed),
            Some(Overlay::Menu(menu)) => menu.selected = 0,
            Some(Overlay::Pick(pick)) => pick.selected = None,
            Some(Overlay::Detail(detail)) => detail.scroll = if self.detail.newest_last { None } else { Some(0) },
            Some(Overlay::Help(_) | Overlay::Prompt(_) | Overlay::Plan(_)) => {}
            None => {
                let focus: Level = self.focus();
                let pane = self.pane_mut(focus);
                let before = pane.selected().map(|row| row.id.clone());
                if typed {
                    pane.typed();
                } else {
                    pane.deleted();
                }
                if pane.selected().map(|row| &row.id) != before.as_ref() {
                    self.moved(focus);
                }
            }
        }
    }
}

/// Returns where a step leads from `at` in a list of `len` rows, of which a page shows `page`.
fn stepped(step: Step, at: usize, len: usize, page: usize) -> usize {
    let last = len.saturating_sub(1);
    match step {
        Step::Up => at.saturating_sub(1),
        Step::Down => (at + 1).min(last),
        Step::By(rows) => at.saturating_add_signed(rows).min(last),
        Step::PageUp => at.saturating_sub(page),
        Step::PageDown => (at + page).min(last),
        Step::First => 0,
        Step::Last => last,
    }
}

/// Returns the command that was typed.
fn command(text: &str) -> Result<Command, String> {
    match shlex::split(text) {
        Some(words) if words.is_empty() => Err("type a command, for instance: ls -l /srv".to_owned()),
        Some(words) => Ok(Command::Argv(words)),
        None => Err("a quote is opened and not closed".to_owned()),
    }
}
