//! Request → ops → response: every request its own task on threads of their own, so that nothing AWS does can delay a
//! key.

mod followed;

use std::{collections::HashMap, io, ops::ControlFlow, path::PathBuf, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::{
    runtime::{Builder, Runtime},
    sync::{
        mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender, channel, unbounded_channel},
        oneshot,
    },
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use followed::Followed;

use super::app::{
    ChangeNews, Errand, LogPiece, LogRow, Look, Notice, QuestionId, Request, RequestId, Response, Seen, StoppedTasks,
    leaves,
};
use crate::{
    model::{Arn, LogLine, Timestamp, text::clean},
    ops::{
        CodeAnswer, CodeWanted, Codes, Cx, Error, Result, Urgency,
        change::{self, Done, Plan, Registration, Step, Wish},
        deployments, described, editor, events, exec, instances, list, logs, ls, opened, own, page,
        sites::{self, Site},
        stopped, targets, taskdefs, watch,
    },
    session::{Session, Size},
};

/// How many threads work. What takes time is AWS, and the futures share them; the second is for TLS and parsing.
const THREADS: usize = 2;
/// How long the end of the program waits until AWS was told of sessions that nobody will see.
const FAREWELL: Duration = Duration::from_secs(2);

/// How many pieces of what is followed wait to be shown.
const WAITING: usize = 4;
/// With how many lines logs begin, and how many older ones are read at once.
const LATEST: usize = 500;
/// So many lines at most are shown in one go: a key waits for no more.
const PIECE: usize = 500;
/// How much of a line is shown, in bytes.
const LONGEST: usize = 8 << 10;

/// What a request led to.
#[derive(Debug)]
pub enum Answer {
    /// Something to know.
    Response(Response),
    /// A session that is live and waits for the terminal.
    Session(Session),
}

/// What comes of requests.
#[derive(Debug)]
pub enum News {
    /// The answer to one.
    Answered(RequestId, std::result::Result<Answer, Notice>),
    /// A piece of what one follows.
    Told(RequestId, LogPiece),
    /// How far the change has come that one makes.
    Changing(RequestId, ChangeNews),
    /// Somebody needs the code of an MFA device; see [`Worker::answer`].
    Asked(QuestionId, CodeWanted),
}

/// What a request says.
#[derive(Debug)]
enum Word {
    /// How far it has come.
    News(ChangeNews),
    /// Its answer, the last word.
    Last(Result<Answer>),
}

/// A question for a code, and where its answer goes.
type Question = (CodeWanted, oneshot::Sender<CodeAnswer>);

/// Does what the browser asks for. Dropping it drops whatever is under way, and hangs up sessions nobody took.
#[derive(Debug)]
pub struct Worker {
    cx: Cx,
    /// Where the program began.
    home: Cx,
    /// Where we have been, each with what it keeps.
    sites: HashMap<Site, Cx>,
    /// Where something is read beside where we are: nobody is asked for codes there.
    beside: HashMap<Site, Cx>,
    /// Started by the first request: a frame is on the screen by then.
    runtime: Option<Runtime>,
    under_way: HashMap<RequestId, JoinHandle<()>>,
    say: UnboundedSender<(RequestId, Word)>,
    words: UnboundedReceiver<(RequestId, Word)>,
    /// Bounded: what is followed waits for whoever shows it.
    tell: Sender<(RequestId, LogPiece)>,
    told: Receiver<(RequestId, LogPiece)>,
    questions: UnboundedReceiver<Question>,
    /// The questions that nobody has answered yet.
    asked: HashMap<QuestionId, oneshot::Sender<CodeAnswer>>,
    last_question: QuestionId,
    /// What was changed from here, until it is over.
    followed: Followed,
    /// What is being written down of it.
    writing: JoinSet<()>,
}

impl Worker {
    /// Returns a worker that has done nothing yet.
    pub fn new(cx: Cx) -> Self {
        let (say, words) = unbounded_channel();
        let (tell, told) = channel(WAITING);
        let (codes, questions) = codes();
        let cx = cx.asking(codes);
        Self {
            home: cx.clone(),
            sites: HashMap::from([(Site::default(), cx.clone())]),
            beside: HashMap::new(),
            cx,
            runtime: None,
            under_way: HashMap::new(),
            say,
            words,
            tell,
            told,
            questions,
            asked: HashMap::new(),
            last_question: QuestionId(0),
            followed: Followed::default(),
            writing: JoinSet::new(),
        }
    }

    /// Asks AWS there from now on; what is under way is dropped, and nobody answers questions for codes any more.
    pub fn go(&mut self, site: &Site) {
        for (_, task) in self.under_way.drain() {
            task.abort();
        }
        self.asked.clear();
        self.followed = Followed::default();
        self.cx = self.at(site);
    }

    /// Returns the way to a site.
    fn at(&mut self, site: &Site) -> Cx {
        self.sites.entry(site.clone()).or_insert_with(|| self.home.at(site)).clone()
    }

    /// Returns the way that a request goes.
    fn way_of(&mut self, request: &Request) -> Cx {
        match request {
            Request::Elsewhere { site, errand: Errand::Clusters | Errand::Leaves { .. } } => {
                let asking = self.at(site);
                self.beside.entry(site.clone()).or_insert_with(|| asking.unasked()).clone()
            }
            Request::Elsewhere { site, errand: Errand::OpenExec { .. } | Errand::OpenTask { .. } } => self.at(site),
            Request::Identity
            | Request::Clusters
            | Request::Services { .. }
            | Request::ServiceDetails { .. }
            | Request::Leaves { .. }
            | Request::Note { .. }
            | Request::Tasks { .. }
            | Request::Look(_)
            | Request::OpenExec { .. }
            | Request::OpenService { .. }
            | Request::OpenTask { .. }
            | Request::RunOwn { .. }
            | Request::Edit { .. }
            | Request::OpenPage { .. }
            | Request::Plan(_)
            | Request::PlanRegistration { .. }
            | Request::Change(_)
            | Request::WaitForTasks { .. } => self.cx.clone(),
        }
    }

    /// Answers a question for a code.
    pub fn answer(&mut self, id: QuestionId, answer: CodeAnswer) {
        if let Some(asked) = self.asked.remove(&id) {
            let _nobody_waits = asked.send(answer);
        }
    }

    /// Begins to work on a request; its answer comes unless it is cancelled.
    pub fn send(&mut self, id: RequestId, urgency: Urgency, request: Request) -> io::Result<()> {
        let (cx, say, tell) = (self.way_of(&request).with_urgency(urgency), self.say.clone(), self.tell.clone());
        let task = self.runtime()?.spawn(async move {
            let result = match request {
                Request::Look(Look::Logs(wanted)) => follow(&cx, *wanted, id, &tell).await,
                request => {
                    let news = |news| drop(say.send((id, Word::News(news))));
                    perform(&cx, request, news).await
                }
            };
            let _nobody_listens = say.send((id, Word::Last(result)));
        });
        self.under_way.insert(id, task);
        Ok(())
    }

    /// Drops a request; if its answer is on the way already, nobody will see it.
    pub fn cancel(&mut self, id: RequestId) {
        if let Some(task) = self.under_way.remove(&id) {
            task.abort();
        }
    }

    /// Waits for what comes next of a request that was not cancelled. Loses nothing when it is dropped. A session
    /// nobody waits for any more is dropped, which hangs it up.
    pub async fn next(&mut self) -> News {
        loop {
            tokio::select! {
                biased;
                word = self.words.recv() => {
                    let (id, word) = word.expect("the worker holds a sender itself");
                    if let Some(news) = self.wanted(id, word) {
                        return news;
                    }
                }
                question = self.questions.recv() => {
                    if let Some((wanted, answer)) = question {
                        self.last_question.0 += 1;
                        self.asked.insert(self.last_question, answer);
                        return News::Asked(self.last_question, wanted);
                    }
                }
                told = self.told.recv() => {
                    let (id, piece) = told.expect("the worker holds a sender itself");
                    if self.under_way.contains_key(&id) {
                        return News::Told(id, piece);
                    }
                }
            }
        }
    }

    /// Returns what was said already, apart from what is followed.
    pub fn ready(&mut self) -> Option<News> {
        loop {
            let (id, word) = self.words.try_recv().ok()?;
            if let Some(news) = self.wanted(id, word) {
                return Some(news);
            }
        }
    }

    /// Drops what is under way, and waits until AWS was told of the sessions among it: a command that was started for
    /// nobody would run on.
    pub async fn end(mut self) {
        let under_way = std::mem::take(&mut self.under_way);
        let farewell = async {
            for task in under_way.values() {
                task.abort();
            }
            for task in under_way.into_values() {
                let _cancelled = task.await;
            }
            while let Ok((_, word)) = self.words.try_recv() {
                if let Word::Last(Ok(Answer::Session(session))) = word {
                    session.hang_up().await;
                }
            }
            while self.writing.join_next().await.is_some() {}
        };
        let _done_or_late = timeout(FAREWELL, farewell).await;
        for cx in self.sites.values() {
            cx.wait_for_endings(FAREWELL);
        }
    }

    fn wanted(&mut self, id: RequestId, word: Word) -> Option<News> {
        match word {
            Word::News(news) => self.under_way.contains_key(&id).then_some(News::Changing(id, news)),
            Word::Last(result) => {
                self.under_way.remove(&id)?;
                if let Ok(Answer::Response(response)) = &result {
                    self.follow(response);
                }
                Some(News::Answered(id, result.map_err(|error| notice(&error))))
            }
        }
    }

    /// Follows what was changed by the answers that the browser gets, and has it written down what became of it.
    fn follow(&mut self, response: &Response) {
        let (Some(over), Some(runtime)) = (self.followed.hear(response), &self.runtime) else { return };
        let cx = self.cx.clone();
        self.writing.spawn_on(async move { over.write(&cx).await }, runtime.handle());
    }

    fn runtime(&mut self) -> io::Result<&Runtime> {
        if self.runtime.is_none() {
            let runtime =
                Builder::new_multi_thread().worker_threads(THREADS).thread_name("worker").enable_all().build()?;
            self.runtime = Some(runtime);
        }
        Ok(self.runtime.as_ref().expect("made above"))
    }
}

impl Drop for Worker {
    /// Ends the threads without waiting for what is under way: a look-up of a name can take its time.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Returns codes that are asked for here, and the questions that come of it.
fn codes() -> (Codes, UnboundedReceiver<Question>) {
    let (ask, questions) = unbounded_channel();
    let codes = Codes::asked(move |wanted| {
        let (answer, heard) = oneshot::channel();
        let _nobody_listens = ask.send((wanted, answer));
        async { heard.await.unwrap_or_else(|_| Err("it was not given".to_owned())) }
    });
    (codes, questions)
}

/// Does one request, and says how far a change has come.
async fn perform(cx: &Cx, request: Request, say: impl Fn(ChangeNews) + Send) -> Result<Answer> {
    let response = match request {
        Request::Identity => Response::Identity(ls::identity(cx).await?),
        Request::Clusters => {
            let ls::Clusters { clusters, denied } = ls::clusters(cx).await?;
            Response::Clusters(clusters, denied.as_ref().map(notice))
        }
        Request::Services { cluster } => Response::Services(ls::services(cx, &cluster).await?),
        Request::ServiceDetails { cluster, services } => {
            Response::ServiceDetails(ls::service_details(cx, &cluster, &services).await?)
        }
        Request::Leaves { cluster } => leaves_of(cx, &cluster).await?,
        Request::Elsewhere { site: _, errand } => match errand {
            Errand::Clusters => Response::ClustersElsewhere(ls::cluster_arns(cx).await?),
            Errand::Leaves { cluster } => leaves_of(cx, &cluster).await?,
            Errand::OpenExec { target, command, size } => {
                return exec::open(cx, &target, &command, size).await.map(Answer::Session);
            }
            Errand::OpenTask { cluster, task, command, size } => {
                return open_task(cx, &cluster, &task, &command, size).await;
            }
        },
        Request::Note { cluster, opened, at } => {
            let wrong = opened::note(cx, &cluster, opened, at).await;
            Response::Noted(wrong.map(|text| Notice { text, hints: Vec::new(), passing: false }))
        }
        Request::OpenPage { browser, label, page } => {
            let wrong = page::open(&browser, &page).await.err();
            Response::PageOpened { label, page, wrong: wrong.as_ref().map(notice) }
        }
        Request::Tasks { cluster, service } => Response::Tasks(ls::tasks(cx, &cluster, service.as_ref()).await?),
        Request::Look(look) => Response::Seen(look_at(cx, look).await?),
        Request::Plan(wish) => Response::Planned(Box::new(change::plan(cx, wish).boxed().await?)),
        Request::PlanRegistration { file } => {
            let wish = Wish::Register(Box::new(registration(file).await?));
            Response::Planned(Box::new(change::plan(cx, wish).boxed().await?))
        }
        Request::WaitForTasks { cluster, tasks } => {
            Response::TasksEnded(change::wait_for(cx, &cluster, &tasks, None, |_| {}).boxed().await?)
        }
        Request::Change(plan) => Response::Changed(Box::new(change_by(cx, &plan, say).await?)),
        Request::Edit { thing, known, reveal, size } => {
            let described = match known {
                Some(known) => *known,
                None => described::described(cx, &thing).await?,
            };
            return editor::open(cx, &thing, &described, reveal, &std::env::temp_dir(), size).map(Answer::Session);
        }
        Request::RunOwn { label, command, size } => return own::open(&label, &command, size).map(Answer::Session),
        Request::OpenExec { target, command, size } => {
            return exec::open(cx, &target, &command, size).await.map(Answer::Session);
        }
        Request::OpenService { cluster, service, command, size } => {
            let target = exec::choose_in_service(cx, &cluster, &service).await?;
            return exec::open(cx, &target, &command, size).await.map(Answer::Session);
        }
        Request::OpenTask { cluster, task, command, size } => {
            return open_task(cx, &cluster, &task, &command, size).await;
        }
    };
    Ok(Answer::Response(response))
}

/// Reads what somebody could log in to in a cluster.
async fn leaves_of(cx: &Cx, cluster: &Arn) -> Result<Response> {
    let list::Listing { rows, denied } = list::rows_of(cx, cluster).await?;
    let opened = opened::worth(cx, cluster, Timestamp::now()).await;
    Ok(Response::Leaves(leaves(cluster, rows, denied.iter().map(notice).collect(), opened)))
}

/// Logs in to the best container of a task.
async fn open_task(cx: &Cx, cluster: &Arn, task: &Arn, command: &exec::Command, size: Size) -> Result<Answer> {
    let target = exec::choose_in_task(cx, cluster, task).await?;
    exec::open(cx, &target, command, size).await.map(Answer::Session)
}

/// Reads a task definition from a file, whose path may begin with `~`.
async fn registration(file: String) -> Result<Registration> {
    let path = match (file.strip_prefix('~'), std::env::home_dir()) {
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        (Some(_) | None, _) => PathBuf::from(&file),
    };
    // On a thread of its own: what is read may be a pipe that nobody writes to.
    let read = tokio::task::spawn_blocking(|| std::fs::read_to_string(path)).await;
    let text = read.map_err(io::Error::other).flatten().map_err(|error| Registration::unreadable(&file, error))?;
    Registration::read(&file, &text)
}

/// Carries a plan out to its end, and says what is being done.
async fn change_by(cx: &Cx, plan: &Plan, say: impl Fn(ChangeNews) + Send) -> Result<Done> {
    let mut begun = 0;
    let tell = move |step: Step<'_>| {
        let of_all = |begun: usize, what: &str| match plan.calls.len() {
            0 | 1 => clean(what),
            all => clean(format!("{begun} of {all}: {what}")),
        };
        match step {
            Step::Doing(call) => {
                begun += 1;
                say(ChangeNews::Doing(of_all(begun, &call.what)));
            }
            Step::Waiting(text) => say(ChangeNews::Doing(of_all(begun, text))),
            // All that was made is told in the end.
            Step::Did(_) => {}
            Step::Notice(text) => say(ChangeNews::Notice(clean(text))),
        }
        ControlFlow::Continue(())
    };
    change::carry_out(cx, plan, tell).boxed().await.map_err(Error::from)
}

/// Follows logs until nobody looks any more, or there is nothing more to come.
async fn follow(cx: &Cx, wanted: logs::Wanted, id: RequestId, tell: &Sender<(RequestId, LogPiece)>) -> Result<Answer> {
    let mut follow = logs::follow(cx, wanted, logs::Begin::Latest(LATEST));
    while let Some(said) = follow.next().await {
        let pieces = match said? {
            logs::Said::Lines(lines) => pieces(rows(lines)),
            logs::Said::Caught { whole } => vec![LogPiece::Caught { whole }],
            logs::Said::Note(note) => vec![LogPiece::Note(clean(note))],
        };
        for piece in pieces {
            let _nobody_looks = tell.send((id, piece)).await;
        }
    }
    Ok(Answer::Response(Response::Ended))
}

/// Reads the lines before a time.
async fn older(cx: &Cx, wanted: &logs::Wanted, before: Timestamp) -> Result<Vec<LogRow>> {
    // Those of the same time are there already.
    let until = before.checked_sub(jiff::Span::new().milliseconds(1)).unwrap_or(before);
    let mut reading = logs::back(cx, wanted, Some(until)).await?;
    Ok(rows(reading.next(LATEST).await?))
}

/// Returns lines as they are shown: clean, and none of them endless.
fn rows(lines: Vec<LogLine>) -> Vec<LogRow> {
    let row = |line: LogLine| {
        let cut = line.message.floor_char_boundary(LONGEST);
        let mut text = clean(&line.message[..cut]);
        if cut < line.message.len() {
            text.push('…');
        }
        LogRow { at: line.at, source: line.source, text }
    };
    lines.into_iter().map(row).collect()
}

/// Returns lines in pieces that are shown one after the other.
fn pieces(mut rows: Vec<LogRow>) -> Vec<LogPiece> {
    let mut pieces = Vec::new();
    while rows.len() > PIECE {
        let rest = rows.split_off(PIECE);
        pieces.push(LogPiece::Rows(std::mem::replace(&mut rows, rest)));
    }
    pieces.push(LogPiece::Rows(rows));
    pieces
}

/// Looks at something for the details.
async fn look_at(cx: &Cx, look: Look) -> Result<Seen> {
    Ok(match look {
        Look::Usage { cluster, service } => {
            Seen::Usage(Box::new(watch::usage(cx, &cluster, &service, Timestamp::now()).await?))
        }
        Look::Scaling { cluster, service } => Seen::Scaling(Box::new(watch::scaling(cx, &cluster, &service).await?)),
        Look::Alarms => Seen::Alarms(watch::alarms(cx).await?),
        Look::Profiles => Seen::Profiles(sites::profiles(cx).await?),
        Look::Deployments { cluster, service } => {
            Seen::Deployments(Box::new(deployments::deployments(cx, &cluster, &service).await?))
        }
        Look::OlderLogs { wanted, before } => Seen::OlderLogs(older(cx, &wanted, before).await?),
        // It is followed, and nobody asks for it in this way.
        Look::Logs(wanted) => Seen::OlderLogs(older(cx, &wanted, Timestamp::now()).await?),
        Look::Definition(arn) => Seen::Definition(Box::new(Arc::unwrap_or_clone(ls::task_definition(cx, &arn).await?))),
        Look::Described(thing) => Seen::Described(Box::new(described::described(cx, &thing).boxed().await?)),
        Look::Revisions(family) => Seen::Revisions(taskdefs::revisions(cx, &family, true).await?),
        Look::Fronts(attachments) => Seen::Fronts(Box::new(targets::fronts(cx, &attachments).boxed().await?)),
        Look::Health { cluster, service, attachments } => {
            Seen::Health(Box::new(targets::health(cx, &cluster, &service, &attachments).boxed().await?))
        }
        Look::Instances(cluster) => Seen::Instances(Box::new(instances::instances(cx, Some(&cluster)).boxed().await?)),
        Look::Events { cluster, services } => Seen::Events(events::described(cx, &cluster, &services).await?),
        Look::Stopped(whose) => Seen::Stopped(Box::new(stopped_tasks(cx, &whose).await?)),
    })
}

/// Looks at stopped tasks: where AWS does not tell, at the remembered ones, if there are any.
async fn stopped_tasks(cx: &Cx, whose: &stopped::Whose) -> Result<StoppedTasks> {
    let stopped::Stopped { tasks, failure, notices } = stopped::tasks(cx, whose).await;
    match failure {
        Some(error) if tasks.is_empty() => Err(error),
        failure => {
            let said = notices.into_iter().map(|text| Notice { text: clean(text), hints: Vec::new(), passing: false });
            Ok(StoppedTasks { tasks, troubles: failure.iter().map(notice).chain(said).collect() })
        }
    }
}

/// Returns what a person is told about an error: the failure and its causes in one line.
fn notice(error: &Error) -> Notice {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = error.source();
    }
    Notice { text: clean(text), hints: error.hints.iter().map(clean).collect(), passing: error.passes() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{aws, config::Settings, ops::Kind, session::pair};

    /// A worker that has been asked `request`, without anybody working on it.
    fn asked(request: RequestId) -> Worker {
        let access = aws::Access::Chain { profile: None, region: None, endpoint_url: None };
        let mut worker = Worker::new(Cx::new(access, Settings::default()));
        worker.under_way.insert(request, tokio::spawn(std::future::pending::<()>()));
        worker
    }

    #[tokio::test]
    async fn a_session_that_opens_after_its_request_was_cancelled_is_hung_up() {
        let mut worker = asked(RequestId(7));
        let (session, mut backend) = pair("app");
        worker.say.send((RequestId(7), Word::Last(Ok(Answer::Session(session))))).unwrap();
        worker.cancel(RequestId(7));
        assert!(worker.ready().is_none());
        assert_eq!(backend.input.recv().await, None);
    }

    #[tokio::test]
    async fn an_answer_comes_once() {
        let mut worker = asked(RequestId(7));
        for _ in 0..2 {
            let answer = Ok(Answer::Response(Response::Clusters(vec![], None)));
            worker.say.send((RequestId(7), Word::Last(answer))).unwrap();
        }
        let news = worker.next().await;
        assert!(matches!(news, News::Answered(RequestId(7), Ok(Answer::Response(Response::Clusters(..))))));
        assert!(worker.ready().is_none());
    }

    #[test]
    fn a_notice_is_one_clean_line_with_every_cause_once() {
        let error = Error {
            kind: Kind::Throttled,
            what: "cannot list clusters".to_owned(),
            source: Some(Box::new(Error {
                kind: Kind::Throttled,
                what: "Rate\nexceeded\u{1b}[31m".to_owned(),
                source: Some("exceeded".into()),
                hints: vec![],
            })),
            hints: vec!["try\tlater".to_owned()],
        };
        assert_eq!(
            notice(&error),
            Notice {
                text: "cannot list clusters: Rate exceeded␛[31m".to_owned(),
                hints: vec!["try later".to_owned()],
                passing: true,
            }
        );
    }
}
