//! Every row of the table of keys, pressed: what it does is named for each, and an action that is new needs a row here.

#[path = "common/browser.rs"]
mod browser;

use browser::{Script, World, arn, company};
use ecsui::{
    config::{
        Action, Keymap, Settings,
        keymap::{ACTIONS, Chord, Effects},
    },
    ops::{change::Wish, taskdefs::Revision},
    tui::app::{Asks, DetailView, Effect, Level, Overlay, Picks, Request, State},
};

/// A row of the table: the keys before the one that is tried, and what is to be seen of it afterwards.
struct Tried {
    before: &'static str,
    does: fn(&State, &Script) -> bool,
}

fn tried(before: &'static str, does: fn(&State, &Script) -> bool) -> Tried {
    Tried { before, does }
}

/// What each action does. No arm stands for several that are not named.
fn row(action: Action) -> Tried {
    match action {
        Action::Login => tried("<right>", |_, it| asks(it, |what| matches!(what, Request::OpenService { .. }))),
        Action::Exec => tried("<right>", |_, it| prompts(it, "run in payments-api:")),
        Action::Update => tried("<right>", |_, it| prompts(it, "image or :tag for payments-api")),
        Action::Redeploy => tried("<right>", |_, it| plans(it, |wish| matches!(wish, Wish::Redeploy { .. }))),
        Action::Scale => tried("<right>", |_, it| prompts(it, "how many tasks of payments-api")),
        Action::RollBack => tried("<right>", |_, it| plans(it, |wish| matches!(wish, Wish::RollBack { .. }))),
        Action::EnableExec => tried("<right>", |_, it| plans(it, |wish| matches!(wish, Wish::EnableExec { .. }))),
        Action::Stop => tried("<right>", |_, it| picks(it, |what| matches!(what, Picks::Stop(_)))),
        Action::Run => tried("<right>", |_, it| prompts(it, "task definition to run in prod")),
        Action::Register => tried("<right>", |_, it| prompts(it, "JSON file")),
        Action::Up => tried("<right><end>", |was, it| cursor(&it.state) + 1 == cursor(was)),
        Action::Down => tried("<right>", |was, it| cursor(&it.state) == cursor(was) + 1),
        Action::PageUp => tried("<right><end>", |was, it| cursor(&it.state) == 0 && cursor(was) == 3),
        Action::PageDown => tried("<right><home>", |was, it| cursor(&it.state) == 3 && cursor(was) == 0),
        Action::First => tried("<right><end>", |_, it| cursor(&it.state) == 0),
        Action::Last => tried("<right>", |_, it| cursor(&it.state) == 3),
        Action::NextPane => tried("<right>", |_, it| it.state.focus() == Level::Task),
        Action::PreviousPane => tried("<right>", |_, it| it.state.focus() == Level::Cluster),
        Action::Zoom => tried("<right>", |was, it| {
            was.areas().panes.len() == 4 && it.state.areas().panes.iter().map(|(level, _)| *level).eq([Level::Service])
        }),
        Action::Mark => tried("<right>", |_, it| it.state.pane(Level::Service).marked().count() == 1),
        Action::WhichTasks => tried("<right>", |_, it| it.state.shown_tasks_are().plural().contains("stopped")),
        Action::DeleteBack => tried("<right>ab cd", |_, it| query(it) == "ab c"),
        Action::DeleteWord => tried("<right>ab cd", |_, it| query(it) == "ab "),
        Action::DeleteLine => tried("<right>ab cd", |_, it| query(it).is_empty()),
        Action::LineStart => tried("<right>ab", |_, it| it.state.pane(Level::Service).query.before().is_empty()),
        Action::LineEnd => tried("<right>ab<ctrl-a>", |_, it| it.state.pane(Level::Service).query.before() == "ab"),
        Action::Accept => {
            tried("<right><ctrl-x>/new deployment", |_, it| plans(it, |wish| matches!(wish, Wish::Redeploy { .. })))
        }
        Action::Back => tried("<right>ab", |_, it| query(it).is_empty()),
        Action::Jump => tried("<right>", |_, it| it.state.jump().is_some()),
        Action::ShowInPanes => tried("<ctrl-f>b0aa app", |_, it| {
            it.state.overlay().is_none()
                && it.state.pane(Level::Task).selected().is_some_and(|row| row.name() == "b0aa71f3")
        }),
        Action::Sort => tried("<right>", |_, it| picks(it, |what| matches!(what, Picks::Column(Level::Service)))),
        Action::Menu => tried("<right>", |_, it| matches!(it.state.overlay(), Some(Overlay::Menu(_)))),
        Action::SearchMenu => tried(
            "<right><ctrl-x>",
            |_, it| matches!(it.state.overlay(), Some(Overlay::Menu(menu)) if menu.search.is_some()),
        ),
        Action::Details => tried("<right>", |_, it| it.state.full_detail().is_some()),
        Action::Facts => tried("<right>", |_, it| looks(it, DetailView::Facts)),
        Action::Events => tried("<right><ctrl-x>0", |_, it| looks(it, DetailView::Events)),
        Action::Targets => tried("<right>", |_, it| looks(it, DetailView::Targets)),
        Action::Deployments => tried("<right>", |_, it| looks(it, DetailView::Deployments)),
        Action::TaskDefinition => tried("<right>", |_, it| looks(it, DetailView::TaskDefinition)),
        Action::Logs => tried("<right>", |_, it| looks(it, DetailView::Logs)),
        Action::Stopped => tried("<right>", |_, it| looks(it, DetailView::Stopped)),
        Action::Instances => tried("", |_, it| looks(it, DetailView::Instances)),
        Action::Json => tried("<right><ctrl-x>4", |_, it| shows(it, "\"containerDefinitions\": [")),
        Action::Diff => tried("<right><ctrl-x>4", |_, it| picks(it, |what| matches!(what, Picks::Revision(_)))),
        Action::Reveal => tried("<right><ctrl-x>4", |_, it| shows(it, "hunter2")),
        Action::Describe => tried("<right>", |_, it| looks(it, DetailView::Described)),
        Action::Editor => tried("<right>", |_, it| asks(it, |what| matches!(what, Request::Edit { .. }))),
        Action::Copy => {
            tried("<right>", |_, it| matches!(it.state.overlay(), Some(Overlay::Menu(menu)) if menu.copies.is_some()))
        }
        Action::Console => tried("<right>", |_, it| copies(it, "https://eu-west-1.console.aws.amazon.com/ecs/v2/")),
        Action::CopyArn => tried("<right>", |_, it| copies(it, "arn:aws:ecs:eu-west-1:123456789012:service/prod/")),
        Action::CopyDetails => tried("<right>", |_, it| copies(it, "has reached a steady state")),
        Action::Refresh => tried("<right>", |_, it| asks(it, |what| *what == Request::Clusters)),
        Action::Go => tried("<right>", |_, it| picks(it, |what| matches!(what, Picks::Site))),
        Action::Sessions => tried("<right>", |_, it| {
            it.state.message().is_some_and(|message| message.lines[0].starts_with("no session was left running"))
        }),
        Action::Help => tried("<right>", |_, it| matches!(it.state.overlay(), Some(Overlay::Help(_)))),
        Action::Quit => tried("<right>", |_, it| it.effects.contains(&Effect::Quit)),
    }
}

fn asks(script: &Script, what: fn(&Request) -> bool) -> bool {
    script.waiting.iter().any(|(_, _, request)| what(request))
}

fn plans(script: &Script, what: fn(&Wish) -> bool) -> bool {
    script.waiting.iter().any(|(_, _, request)| matches!(request, Request::Plan(wish) if what(wish)))
}

fn prompts(script: &Script, words: &str) -> bool {
    matches!(script.state.overlay(), Some(Overlay::Prompt(prompt)) if prompt.asks.words().contains(words))
}

fn picks(script: &Script, what: fn(&Picks) -> bool) -> bool {
    script.state.pick().is_some_and(|pick| what(&pick.picks))
}

fn looks(script: &Script, view: DetailView) -> bool {
    script.state.detail_view() == view
}

fn shows(script: &Script, words: &str) -> bool {
    script.state.detail().lines.iter().any(|line| line.text.contains(words))
}

fn copies(script: &Script, words: &str) -> bool {
    script.effects.iter().any(|effect| matches!(effect, Effect::Copy(text) if text.contains(words)))
}

fn query(script: &Script) -> &str {
    script.state.pane(Level::Service).query.text()
}

fn cursor(state: &State) -> usize {
    state.pane(Level::Service).cursor()
}

fn world() -> World {
    let mut world = company();
    world.revisions = Some(vec![Revision { arn: arn("task-definition/payments-api:40"), active: true }]);
    world
}

/// A browser after these keys, in which everything that is on screen has been read.
fn after(settings: &Settings, keys: &str) -> Script {
    let world = world();
    let mut script = Script::new(160, 40, settings);
    script.settle(&world);
    script.keys(keys);
    script.settle(&world);
    script.effects.clear();
    script
}

/// A chord as a script types it.
fn typed(chord: &Chord) -> String {
    let key = |key: &str| if key.chars().count() == 1 { key.to_owned() } else { format!("<{key}>") };
    chord.to_string().split(' ').map(key).collect()
}

#[test]
fn every_key_of_the_table_does_what_its_row_says() {
    let keymap = Keymap::default();
    for info in ACTIONS {
        let Tried { before, does } = row(info.action);
        for chord in keymap.chords(info.action) {
            let mut script = after(&Settings::default(), before);
            let was = script.state.clone();
            script.keys(&typed(&chord));
            assert!(does(&was, &script), "{chord} does not do what {} says", info.name);
            let mut other = after(&Settings::default(), before);
            assert!(!does(&was, &other), "{}: it is so before {chord} is pressed", info.name);
            other.keys("<f12>");
            assert!(!does(&was, &other), "{}: any key does it", info.name);
        }
    }
}

#[test]
fn the_keys_of_the_table_are_those_that_people_were_told() {
    let keymap = Keymap::default();
    for (action, keys) in [
        (Action::Up, &["up", "ctrl-p", "ctrl-k"][..]),
        (Action::Down, &["down", "ctrl-n", "ctrl-j"]),
        (Action::PageUp, &["pageup"]),
        (Action::PageDown, &["pagedown"]),
        (Action::First, &["home"]),
        (Action::Last, &["end"]),
        (Action::NextPane, &["right", "tab"]),
        (Action::PreviousPane, &["left", "shift-tab"]),
        (Action::DeleteLine, &["ctrl-u"]),
        (Action::DeleteWord, &["ctrl-w"]),
        (Action::LineStart, &["ctrl-a"]),
        (Action::LineEnd, &["ctrl-e"]),
        (Action::DeleteBack, &["backspace"]),
        (Action::Back, &["esc"]),
        (Action::Login, &["enter"]),
        (Action::Menu, &["ctrl-x"]),
        (Action::Redeploy, &["ctrl-x r"]),
        (Action::Jump, &["ctrl-f"]),
        (Action::Mark, &["ctrl-space"]),
        (Action::WhichTasks, &["ctrl-t"]),
        (Action::Details, &["ctrl-o"]),
        (Action::Events, &["f2", "ctrl-x 1"]),
        (Action::Targets, &["f3", "ctrl-x 2"]),
        (Action::Deployments, &["f4", "ctrl-x 3"]),
        (Action::TaskDefinition, &["ctrl-x 4"]),
        (Action::Logs, &["f6", "ctrl-x 5"]),
        (Action::Refresh, &["ctrl-r", "f5"]),
        (Action::Go, &["ctrl-g"]),
        (Action::Sessions, &["ctrl-s"]),
        (Action::CopyArn, &["ctrl-y"]),
        (Action::Help, &["f1", "ctrl-x ?"]),
        (Action::Quit, &["ctrl-c", "ctrl-q"]),
    ] {
        let chords: Vec<String> = keymap.chords(action).iter().map(ToString::to_string).collect();
        for key in keys {
            assert!(chords.iter().any(|chord| chord == key), "{key} is none of {chords:?}");
        }
    }
}

#[test]
fn esc_goes_one_step_back_at_a_time_and_in_an_empty_browser_nowhere() {
    let mut script = after(&Settings::default(), "<right>pay<ctrl-space><ctrl-o>rea<ctrl-x>/log");
    let mut esc = || {
        script.keys("<esc>");
        let state = &script.state;
        let marks = state.pane(Level::Service).marked().count();
        let over = state.overlay().map(Overlay::place);
        (over.is_some(), state.full_detail().is_some(), state.pane(Level::Service).query.text().to_owned(), marks)
    };
    let pay = || "pay".to_owned();
    assert_eq!(esc(), (true, true, pay(), 1), "the search of the menu");
    assert_eq!(esc(), (true, true, pay(), 1), "the menu");
    assert_eq!(esc(), (true, true, pay(), 1), "the filter of the details");
    assert_eq!(esc(), (false, false, pay(), 1), "the details");
    assert_eq!(esc(), (false, false, String::new(), 1), "the query");
    assert_eq!(esc(), (false, false, String::new(), 0), "the marks");
    let before = script.state.clone();
    script.keys("<esc>");
    assert_eq!((&script.state, &script.effects[..]), (&before, &[][..]));
}

/// Whether a request is a step towards changing something at AWS. No arm stands for several that are not named.
fn changes(request: &Request) -> bool {
    match request {
        Request::Plan(_) | Request::PlanRegistration { .. } | Request::Change(_) | Request::WaitForTasks { .. } => true,
        Request::Identity
        | Request::Clusters
        | Request::Services { .. }
        | Request::ServiceDetails { .. }
        | Request::Leaves { .. }
        | Request::Elsewhere { .. }
        | Request::Note { .. }
        | Request::Tasks { .. }
        | Request::Look(_)
        | Request::OpenExec { .. }
        | Request::OpenService { .. }
        | Request::OpenTask { .. }
        | Request::OpenPage { .. }
        | Request::Edit { .. }
        | Request::RunOwn { .. } => false,
    }
}

#[test]
fn in_read_only_mode_no_key_leads_to_a_change_and_those_that_would_say_so() {
    let settings = Settings { read_only: true, ..Settings::default() };
    let keymap = Keymap::default();
    for info in ACTIONS {
        for chord in keymap.chords(info.action) {
            let mut script = after(&settings, row(info.action).before);
            let over = script.state.overlay().map(Overlay::place);
            script.keys(&typed(&chord));
            let asked: Vec<&Request> = script.waiting.iter().map(|(_, _, request)| request).collect();
            assert!(!asked.iter().any(|request| changes(request)), "{chord}: {asked:?}");
            if info.effects == Effects::Changes {
                let said = script.state.message().map(|message| message.lines.join(" ")).unwrap_or_default();
                assert_eq!(said, "ecsui is read-only", "{chord}");
                assert_eq!(script.state.overlay().map(Overlay::place), over, "{chord} asks for nothing");
            }
        }
    }
}

#[test]
fn what_leads_to_a_change_is_marked_so_in_the_table() {
    let keymap = Keymap::default();
    for info in ACTIONS.iter().filter(|info| info.action != Action::Accept) {
        let chord = &keymap.chords(info.action)[0];
        let mut script = after(&Settings::default(), row(info.action).before);
        script.keys(&typed(chord));
        let asked = script.waiting.iter().any(|(_, _, request)| changes(request));
        let begun = match script.state.overlay() {
            Some(Overlay::Prompt(prompt)) => matches!(prompt.asks, Asks::Missing(_)),
            Some(Overlay::Pick(pick)) => matches!(pick.picks, Picks::Stop(_) | Picks::Like(_)),
            _ => false,
        };
        assert_eq!(asked || begun, info.effects == Effects::Changes, "{}", info.name);
    }
}
