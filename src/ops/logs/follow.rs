//! Following logs while they are written.
//!
//! Each log group has a task of its own. It hears a live tail where that is allowed, and otherwise looks through
//! FilterLogEvents once a second. A look always reads back over what the [`Ledger`] remembers, so that late lines are
//! found and none is told twice; it also fills what a live tail left out: before its beginning, after a cut, while it
//! was sampled, and when nobody read it for a while. Lines go through a bounded channel: who reads slowly is waited
//! for.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{
        Mutex,
        mpsc::{Receiver, Sender, channel},
        watch,
    },
    task::JoinSet,
};

use super::{
    Reading, Wanted,
    ledger::Ledger,
    reading,
    roster::{Place, Roster},
};
use crate::{
    aws::{self, LogQuery, RawLine, TailUpdate},
    model::{Arn, LogLine, Timestamp},
    ops::{Cx, Error, Kind, Result},
};

/// How often is looked where nothing tells that there is something new.
const PACE: Duration = Duration::from_secs(1);
/// How often is looked for tasks that have joined. One whose lines are seen before is looked for at once.
const ROLL_CALL: Duration = Duration::from_secs(10);
/// How long somebody may not have read before what AWS has dropped meanwhile is looked for: it keeps ten updates.
const SLOW: Duration = Duration::from_secs(5);
/// How long after its beginning a live tail is held against a look: what AWS took in about then may be in neither.
const DOUBT: Duration = Duration::from_secs(10);
/// How long a live tail that could not be opened, though it might be, is left alone.
const AGAIN: Duration = Duration::from_secs(30);
/// How many prefixes of streams a live tail takes (botocore's service model).
const PREFIXES: usize = 100;
/// How many batches wait for whoever reads them, and how many lines a batch has at most.
const WAITING: usize = 8;
const BATCH: usize = 1000;
/// A look that told of so many lines is followed by the next at once.
const BUSY: usize = 3000;

/// Where following begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// With so many of the latest lines.
    Latest(usize),
    /// With the lines since then.
    Since(Timestamp),
}

/// What is heard of logs that are followed.
#[derive(Debug)]
pub enum Said {
    /// Lines, of each stream in the order in which they were written.
    Lines(Vec<LogLine>),
    /// What there was at the beginning has been told; whether that was all there is.
    Caught {
        /// Whether there are no older lines.
        whole: bool,
    },
    /// Something to know: how the lines come, or what cannot be read.
    Note(String),
}

/// Logs that are followed. Dropping it ends that.
#[derive(Debug)]
pub struct Follow {
    said: Receiver<Result<Said>>,
    _work: JoinSet<()>,
}

impl Follow {
    /// Waits for what is said next; `None` after there is nobody left to follow.
    pub async fn next(&mut self) -> Option<Result<Said>> {
        self.said.recv().await
    }
}

/// Begins to follow; nothing has been asked yet. Must be called on a runtime.
pub fn follow(cx: &Cx, wanted: Wanted, begin: Begin) -> Follow {
    let (say, said) = channel(WAITING);
    let mut work = JoinSet::new();
    let cx = cx.clone();
    work.spawn(async move {
        if let Err(error) = supervise(&cx, &wanted, begin, &say).await {
            let _nobody_listens = say.send(Err(error)).await;
        }
    });
    Follow { said, _work: work }
}

/// What all who follow a group share.
#[derive(Clone)]
struct Common {
    cx: Cx,
    wanted: Wanted,
    roster: Arc<Mutex<Roster>>,
    /// Changes when somebody has joined.
    joined: watch::Sender<()>,
    say: Sender<Result<Said>>,
}

/// Tells what there is, then lets every group be followed, and calls the roll.
async fn supervise(cx: &Cx, wanted: &Wanted, begin: Begin, say: &Sender<Result<Said>>) -> Result<()> {
    let roster = Roster::read(cx, wanted).await?;
    for note in roster.denied().into_iter().chain(roster.elsewhere().iter().map(String::as_str)) {
        let _nobody_listens = say.send(Ok(Said::Note(note.to_owned()))).await;
    }
    let (told, floor) = match begin {
        Begin::Since(since) => (Vec::new(), Some(since.as_millisecond())),
        Begin::Latest(count) => tell_latest(cx, &roster, count, say).await?,
    };
    let common = Common {
        cx: cx.clone(),
        wanted: wanted.clone(),
        roster: Arc::new(Mutex::new(roster)),
        joined: watch::Sender::new(()),
        say: say.clone(),
    };
    let mut followed: BTreeSet<Place> = BTreeSet::new();
    let mut groups: JoinSet<Result<()>> = JoinSet::new();
    let mut joined = common.joined.subscribe();
    let mut late = false;
    loop {
        let (places, grows) = {
            let roster = common.roster.lock().await;
            (roster.places().clone(), roster.grows())
        };
        for (place, prefixes) in places {
            if followed.insert(place.clone()) {
                let first = prefixes.values().copied().min().unwrap_or_default();
                // Whoever joins later is read from the beginning.
                let mut ledger = Ledger::new(if late { first } else { floor.unwrap_or(first) });
                for line in told.iter().filter(|line| *line.source.group == *place.group) {
                    ledger.told(&raw(line));
                }
                groups.spawn(Group::new(common.clone(), place, ledger).follow());
            }
        }
        late = true;
        tokio::select! {
            ended = groups.join_next() => match ended {
                Some(Ok(Err(error))) if groups.is_empty() => return Err(error),
                Some(Ok(Err(error))) => common.note(error.line()).await,
                Some(_) => {}
                None => return Ok(()),
            },
            _ = joined.changed() => {}
            () = cx.clock.sleep(ROLL_CALL), if grows => {
                if let Err(error) = common.roster.lock().await.look_again(cx, false).await
                    && !error.passes()
                {
                    common.note(format!("new tasks are not found any more: {}", error.line())).await;
                }
            }
        }
    }
}

/// Tells the latest lines; returns them, and the time of the first unless these were all.
async fn tell_latest(
    cx: &Cx,
    roster: &Roster,
    count: usize,
    say: &Sender<Result<Said>>,
) -> Result<(Vec<LogLine>, Option<i64>)> {
    let mut reading = Reading::backwards(cx, roster, None);
    let lines = reading.next(count).await?;
    for failure in reading.failures() {
        let _nobody_listens = say.send(Ok(Said::Note(failure.line()))).await;
    }
    let whole = reading.is_at_its_end();
    let first = lines.first().filter(|_| !whole).map(|line| line.at.as_millisecond());
    for batch in lines.chunks(BATCH) {
        let _nobody_listens = say.send(Ok(Said::Lines(batch.to_vec()))).await;
    }
    let _nobody_listens = say.send(Ok(Said::Caught { whole })).await;
    Ok((lines, first))
}

fn raw(line: &LogLine) -> RawLine {
    RawLine {
        stream: line.source.stream.to_string(),
        at: line.at.as_millisecond(),
        ingested: line.ingested.map(Timestamp::as_millisecond),
        message: line.message.to_string(),
    }
}

impl Common {
    async fn note(&self, text: String) {
        let _nobody_listens = self.say.send(Ok(Said::Note(text))).await;
    }
}

/// Follows one log group.
struct Group {
    common: Common,
    place: Place,
    ledger: Ledger,
    /// The prefixes that have been looked through once.
    known: Vec<String>,
    /// Whether it makes sense to ask for a live tail.
    tails: bool,
    failing: bool,
}

/// Why a live tail is heard no more.
enum Parted {
    /// It is over, or was cut.
    Over,
    /// Somebody has joined whom it does not tell of.
    Joined,
}

impl Group {
    fn new(common: Common, place: Place, ledger: Ledger) -> Self {
        Self { common, place, ledger, known: Vec::new(), tails: true, failing: false }
    }

    /// Follows for ever, or until something fails that will not pass.
    async fn follow(mut self) -> Result<()> {
        let clock = self.common.cx.clock.clone();
        let mut tail_from = clock.now();
        loop {
            if self.tails && tail_from <= clock.now() {
                let began = clock.now();
                match self.open_tail().await {
                    Ok(tail) => match self.hear(tail).await? {
                        // One that ends as soon as it begins would cost a call each time.
                        Parted::Over if clock.now().duration_since(began) < SLOW => tail_from = clock.now() + PACE,
                        Parted::Over | Parted::Joined => continue,
                    },
                    Err(error) if error.passes() => tail_from = clock.now() + AGAIN,
                    Err(error) => {
                        self.tails = false;
                        self.explain(&error).await;
                    }
                }
            }
            if self.look_unless_it_passes().await? < BUSY {
                clock.sleep(PACE).await;
            }
        }
    }

    /// Says why the lines come a little later. That a group is not there will be said by whoever looks.
    async fn explain(&self, error: &Error) {
        if error.kind != Kind::NotFound {
            self.common.note(format!("{}; looking once a second instead", error.line())).await;
        }
    }

    async fn open_tail(&self) -> Result<aws::LiveTail> {
        let prefixes: Vec<String> = self.prefixes().await.into_keys().collect();
        if prefixes.len() > PREFIXES {
            return Err(Error::new(Kind::Refused, format!("a live tail tells of {PREFIXES} log streams at most")));
        }
        let cx = &self.common.cx;
        let (wanted, region) = (&self.common.wanted, self.place.region.as_deref());
        let group = arn_of(wanted.whose.cluster(), region, &self.place.group);
        let aws = cx.aws().await?;
        let tail = aws.live_tail(region, &group, &prefixes, wanted.pattern.as_deref()).await;
        tail.map_err(|error| cx.failed("there is no live tail", &aws, error))
    }

    /// Hears a live tail until it is over.
    async fn hear(&mut self, mut tail: aws::LiveTail) -> Result<Parted> {
        let clock = self.common.cx.clock.clone();
        let mut joined = self.common.joined.subscribe();
        let begun = self.prefixes().await.into_keys().collect::<Vec<_>>();
        self.ledger.begin_session();
        // What came before it.
        self.look_unless_it_passes().await?;
        let mut doubt = Some(clock.now() + DOUBT);
        let mut behind = false;
        loop {
            let update = tokio::select! {
                biased;
                _ = joined.changed() => {
                    if self.prefixes().await.into_keys().ne(begun.iter().cloned()) {
                        return Ok(Parted::Joined);
                    }
                    continue;
                }
                update = tail.next() => update,
            };
            let Some(TailUpdate { lines, sampled }) = update else { return Ok(Parted::Over) };
            let now = clock.now();
            let doubtful = doubt.is_some_and(|until| until <= now);
            if doubtful {
                doubt = None;
            }
            if sampled || behind || doubtful {
                self.look_unless_it_passes().await?;
            }
            if !sampled {
                self.take_heard(lines).await?;
            }
            self.ledger.forget();
            behind = sampled || clock.now().duration_since(now) > SLOW;
        }
    }

    /// Tells what the live tail brings and no look has told.
    async fn take_heard(&mut self, mut lines: Vec<RawLine>) -> Result<()> {
        lines.sort_by_key(|line| line.at);
        self.meet(&lines).await?;
        let roster = Arc::clone(&self.common.roster);
        let roster = roster.lock().await;
        let group = Arc::clone(&self.place.group);
        let ours = lines.into_iter().filter(|line| roster.source(&group, &line.stream).is_some());
        let fresh: Vec<RawLine> = ours.filter(|line| self.ledger.heard(line)).collect();
        let fresh = fresh.into_iter().filter_map(|line| roster.line(&group, line)).collect();
        drop(roster);
        self.tell(fresh).await;
        Ok(())
    }

    /// Looks; what may pass is said once and tried again later.
    async fn look_unless_it_passes(&mut self) -> Result<usize> {
        match self.look().await {
            Ok(told) => {
                self.failing = false;
                Ok(told)
            }
            Err(error) if error.passes() => {
                if !std::mem::replace(&mut self.failing, true) {
                    self.common.note(format!("{}; going on", error.line())).await;
                }
                Ok(0)
            }
            Err(error) => Err(error),
        }
    }

    /// Looks through all that the ledger does not know for certain, and tells what is new; returns how much that was.
    async fn look(&mut self) -> Result<usize> {
        self.ledger.begin_look();
        let begin = self.ledger.begin();
        let mut told = 0;
        let is_first = self.known.is_empty();
        for (prefix, since) in self.prefixes().await {
            // Whoever joins later is read from the beginning.
            let from = if is_first || self.known.contains(&prefix) { begin } else { since.min(begin) };
            told += self.look_through(&prefix, from).await?;
            if !self.known.contains(&prefix) {
                self.known.push(prefix);
            }
        }
        Ok(told)
    }

    async fn look_through(&mut self, prefix: &str, from: i64) -> Result<usize> {
        let query = LogQuery {
            region: self.place.region.clone(),
            group: self.place.group.to_string(),
            prefix: prefix.to_owned(),
            from: Some(from),
            to: None,
            pattern: self.common.wanted.pattern.clone(),
            newest_first: false,
            limit: None,
        };
        let (mut token, mut told) = (None, 0);
        loop {
            let (lines, next) = reading::page(&self.common.cx, &query, token).await?;
            self.meet(&lines).await?;
            let roster = Arc::clone(&self.common.roster);
            let roster = roster.lock().await;
            let group = Arc::clone(&self.place.group);
            let ours = lines.into_iter().filter(|line| roster.source(&group, &line.stream).is_some());
            let fresh: Vec<RawLine> = ours.filter(|line| self.ledger.seen(line)).collect();
            let fresh: Vec<LogLine> = fresh.into_iter().filter_map(|line| roster.line(&group, line)).collect();
            drop(roster);
            told += fresh.len();
            self.tell(fresh).await;
            match next {
                Some(_) => token = next,
                None => return Ok(told),
            }
        }
    }

    /// Finds out who writes the streams of which nobody has heard.
    async fn meet(&mut self, lines: &[RawLine]) -> Result<()> {
        let group = &self.place.group;
        let mut roster = self.common.roster.lock().await;
        let is_new = |roster: &Roster, line: &RawLine| {
            roster.source(group, &line.stream).is_none() && roster.may_be_new(&line.stream)
        };
        if !lines.iter().any(|line| is_new(&roster, line)) {
            return Ok(());
        }
        roster.look_again(&self.common.cx, true).await?;
        for line in lines {
            if is_new(&roster, line) {
                roster.is_a_stranger(&line.stream);
            }
        }
        drop(roster);
        self.common.joined.send_replace(());
        Ok(())
    }

    async fn tell(&self, mut lines: Vec<LogLine>) {
        while !lines.is_empty() {
            let rest = lines.split_off(lines.len().min(BATCH));
            let _nobody_listens = self.common.say.send(Ok(Said::Lines(lines))).await;
            lines = rest;
        }
    }

    async fn prefixes(&self) -> BTreeMap<String, i64> {
        self.common.roster.lock().await.places().get(&self.place).cloned().unwrap_or_default()
    }
}

/// Returns the ARN of a log group in the account of a cluster.
fn arn_of(cluster: &Arn, region: Option<&str>, group: &str) -> String {
    let (partition, region, account) = (cluster.partition(), region.unwrap_or(cluster.region()), cluster.account());
    format!("arn:{partition}:logs:{region}:{account}:log-group:{group}")
}
