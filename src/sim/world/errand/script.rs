//! Following a few commands of a shell, so that what somebody runs does what they mean.

use std::time::Duration;

/// How long a command takes that takes no time.
const STEP: Duration = Duration::from_millis(200);

/// What a program does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Performance {
    /// What it says, and when after its start; `None` where it says what programs here usually say.
    pub(crate) says: Option<Vec<(Duration, String)>>,
    /// When it exits, and how; `None` for one that goes on.
    pub(crate) ends: Option<(Duration, i32)>,
}

impl Performance {
    /// Returns that of a program that goes on, and says what programs usually say.
    pub(crate) fn endless() -> Self {
        Self::default()
    }

    /// Returns that of a program that says its lines over a time, and exits; without lines it says what is usual.
    pub(crate) fn over(lasts: Duration, exit: i32, lines: &[String]) -> Self {
        let pause = lasts / u32::try_from(lines.len() + 1).unwrap_or(u32::MAX);
        let said = (1..).zip(lines).map(|(number, line)| (pause * number, line.clone())).collect();
        Self { says: (!lines.is_empty()).then_some(said), ends: Some((lasts, exit)) }
    }
}

/// Follows the words of a command: `true`, `false`, `exit N`, `sleep N`, `echo …`, `printenv NAME`, alone or in
/// `sh -c` with `;`, `&&` and `||`; `None` where anything else is asked for.
pub(super) fn follow(words: &[String], environment: &[(String, String)]) -> Option<Performance> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut play = Play { environment, ..Play::default() };
    match words[..] {
        [] => return None,
        [shell, "-c", script] if is_shell(shell) => play.perform(script)?,
        [shell, "-c", inner_shell, "-c", script] if is_shell(shell) && is_shell(inner_shell) => play.perform(script)?,
        // What an entry point of a shell is given is its script.
        ref command => play.step(command)?,
    }
    let ends = if play.asleep { None } else { Some((play.at.max(STEP), play.status)) };
    Some(Performance { says: Some(play.says), ends })
}

fn is_shell(word: &str) -> bool {
    ["sh", "bash", "ash"].contains(&word.rsplit('/').next().unwrap_or(word))
}

/// How far a script has come.
#[derive(Debug, Default)]
struct Play<'e> {
    environment: &'e [(String, String)],
    says: Vec<(Duration, String)>,
    at: Duration,
    status: i32,
    over: bool,
    asleep: bool,
}

impl Play<'_> {
    fn perform(&mut self, script: &str) -> Option<()> {
        for line in script.split([';', '\n']).map(str::trim).filter(|line| !line.is_empty()) {
            let mut rest = line;
            let mut runs = true;
            loop {
                let and = rest.find("&&").map(|place| (place, true));
                let or = rest.find("||").map(|place| (place, false));
                let next = [and, or].into_iter().flatten().min();
                let command = next.map_or(rest, |(place, _)| &rest[..place]);
                if runs && !self.over && !self.asleep {
                    self.step(&split(command)?.iter().map(String::as_str).collect::<Vec<_>>())?;
                }
                let Some((place, on_success)) = next else { break };
                runs = (self.status == 0) == on_success;
                rest = &rest[place + 2..];
            }
        }
        Some(())
    }

    fn step(&mut self, command: &[&str]) -> Option<()> {
        self.at += STEP;
        match *command {
            ["true" | ":"] => self.status = 0,
            ["false"] => self.status = 1,
            ["exit"] => self.over = true,
            ["exit", status] => (self.status, self.over) = (status.parse().ok()?, true),
            ["sleep", "infinity"] => self.asleep = true,
            ["sleep", time] => {
                let seconds: f64 = time.trim_end_matches('s').parse().ok()?;
                self.at += Duration::try_from_secs_f64(seconds).ok()?;
            }
            ["echo", ref words @ ..] => self.say(&words.join(" ")),
            ["printenv", name] => {
                let value = self.value(name).map(str::to_owned);
                self.status = i32::from(value.is_none());
                self.says.extend(value.map(|value| (self.at, value)));
            }
            _ => return None,
        }
        Some(())
    }

    fn say(&mut self, text: &str) {
        let text = self.filled(text);
        self.says.push((self.at, text));
        self.status = 0;
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.environment.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Puts the values of variables in their places.
    fn filled(&self, text: &str) -> String {
        let mut parts = text.split('$');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let braced = part.strip_prefix('{').and_then(|rest| rest.split_once('}'));
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
            let (name, rest) = braced.unwrap_or_else(|| part.split_at(end));
            filled.push_str(self.value(name).unwrap_or_default());
            filled.push_str(rest);
        }
        filled
    }
}

/// Splits a command into words; quotes hold words together. `None` where a quote is left open.
fn split(command: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote): (Vec<String>, Option<String>, Option<char>) = (Vec::new(), None, None);
    for c in command.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                word.get_or_insert_default();
                quote = Some(c);
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tenths of a second, and an exit code.
    type Ends = Option<(u128, i32)>;

    /// Returns what is said and how it ends.
    fn played(words: &[&str]) -> Option<(Vec<String>, Ends)> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let environment = [("STAGE".to_owned(), "prod".to_owned())];
        let Performance { says, ends } = follow(&words, &environment)?;
        let said = says.unwrap().into_iter().map(|(_, line)| line).collect();
        Some((said, ends.map(|(after, exit)| (after.as_millis() / 100, exit))))
    }

    #[test]
    fn simple_commands_do_what_they_say() {
        assert_eq!(played(&["true"]), Some((vec![], Some((2, 0)))));
        assert_eq!(played(&["false"]), Some((vec![], Some((2, 1)))));
        assert_eq!(played(&["sleep", "3"]), Some((vec![], Some((32, 0)))));
        assert_eq!(played(&["sleep", "infinity"]), Some((vec![], None)));
        assert_eq!(played(&["echo", "a", "b"]), Some((vec!["a b".to_owned()], Some((2, 0)))));
        assert_eq!(played(&["migrate", "up"]), None);
        assert_eq!(played(&[]), None);
    }

    #[test]
    fn a_script_is_followed_to_its_end() {
        let said = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let script = |text: &str| played(&["/bin/sh", "-c", text]);
        assert_eq!(script("exit 7"), Some((vec![], Some((2, 7)))));
        assert_eq!(
            script("echo \"on ${STAGE}, $STAGE!\"; sleep 1 && echo done; exit 3; echo never"),
            Some((said(&["on prod, prod!", "done"]), Some((18, 3))))
        );
        assert_eq!(script("false && echo no || echo yes"), Some((said(&["yes"]), Some((4, 0)))));
        assert_eq!(script("true || echo no; printenv STAGE; printenv NONE"), Some((said(&["prod"]), Some((6, 1)))));
        assert_eq!(script("rake db:migrate"), None);
        assert_eq!(script("echo 'open"), None);
    }
}
