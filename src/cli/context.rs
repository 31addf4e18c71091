//! What every command is handed: the options, the settings, and a runtime for those that need one.

use std::{
    cell::OnceCell,
    fs,
    future::Future,
    io::{self, IsTerminal},
    panic,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::ColorChoice;
use jiff::tz::TimeZone;
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinError,
};

use super::{arguments::Global, code, exit::Exit, output::Style, signs};
use crate::{
    aws::Access,
    config::{self, Layer, Settings, Told},
    ops::{self, Cx},
    terminal::{self, Ending, Signals},
};

/// The options and settings of this run.
#[derive(Debug)]
pub(super) struct Context {
    /// The options as they were given.
    pub(super) options: Global,
    settings: Settings,
    /// Dropped before the runtime: it waits for what AWS is still to be told.
    cx: OnceCell<Cx>,
    runtime: OnceCell<Runtime>,
}

/// The person changed their mind before anything remote existed.
#[derive(Debug, thiserror::Error)]
#[error("ended by {0}")]
pub(super) struct Interrupted(pub(super) Ending);

impl Context {
    /// Returns the context; reads the config file and the environment, and nothing else.
    pub(super) fn new(options: Global) -> anyhow::Result<Self> {
        let flags = flags(&options);
        let settings = Settings::layered(flags, variable, file(options.config.as_deref())?);
        signs::choose(settings.glyphs);
        Ok(Self { options, settings, cx: OnceCell::new(), runtime: OnceCell::new() })
    }

    /// Returns the way to the account that options, environment and config name.
    pub(super) fn cx(&self) -> &Cx {
        self.cx.get_or_init(|| {
            let cx = Cx::new(self.access(), self.settings.clone())
                .asking(code::codes())
                .keeping_in(config::state_directory());
            cx.used_by(["USER", "LOGNAME"].into_iter().find_map(variable))
        })
    }

    /// Returns the name of the one cluster that is meant, if one is.
    pub(super) fn cluster(&self) -> Option<&str> {
        self.options.cluster.as_deref()
    }

    /// Returns the settings.
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns how results are printed.
    pub(super) fn style(&self) -> Style {
        let zone = if self.settings.utc { TimeZone::UTC } else { TimeZone::system() };
        let colours = colours(self.options.color, io::stdout().is_terminal() && self.settings.colour);
        Style { format: self.options.output, colours, zone }
    }

    /// Waits for a future on the runtime, which lives as long as the context.
    pub(super) fn wait<T>(&self, future: impl Future<Output = T>) -> anyhow::Result<T> {
        Ok(self.runtime()?.block_on(future))
    }

    /// Waits for a future that runs where the tasks do: what they have for it then changes no thread.
    pub(super) fn wait_among_tasks<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let runtime = self.runtime()?;
        match runtime.block_on(runtime.spawn(future)).map_err(JoinError::try_into_panic) {
            Ok(done) => Ok(done),
            Err(Ok(panic)) => panic::resume_unwind(panic),
            Err(Err(cancelled)) => Err(cancelled.into()),
        }
    }

    /// Waits for a future, unless a signal asks the program to end: then the future is dropped, which undoes what it
    /// had begun, and the error is [`Interrupted`].
    pub(super) fn wait_unless_interrupted<T>(&self, future: impl Future<Output = T>) -> anyhow::Result<T> {
        self.runtime()?.block_on(async {
            let mut signals = Signals::new().context("signals cannot be caught")?;
            tokio::select! {
                biased;
                ending = signals.next() => Err(Interrupted(ending).into()),
                done = future => Ok(done),
            }
        })
    }

    /// Waits for something that goes on until it fails or a signal ends it: ctrl-c is what people end it with.
    pub(super) fn wait_until_interrupted(
        &self,
        future: impl Future<Output = anyhow::Result<Exit>>,
    ) -> anyhow::Result<Exit> {
        match self.wait_unless_interrupted(future) {
            Ok(ended) => ended,
            Err(error) => match error.downcast_ref() {
                Some(Interrupted(Ending::Interrupt)) => Ok(Exit::Done),
                Some(Interrupted(_)) | None => Err(error),
            },
        }
    }

    fn access(&self) -> Access {
        // AWS's own variable is left to the SDK, which lets keys in the environment go before it, as the AWS CLI does.
        let asked = self.options.profile.is_some() || ["ECSUI_PROFILE", "ECSCREDENTIAL"].into_iter().any(is_set);
        let left_to_the_sdk = !asked && is_set("AWS_PROFILE");
        Access::Chain {
            profile: self.settings.profile.clone().filter(|_| !left_to_the_sdk),
            region: self.settings.region.clone(),
            endpoint_url: self.settings.endpoint_url.clone(),
        }
    }

    fn runtime(&self) -> anyhow::Result<&Runtime> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime);
        }
        // One, so that what tasks have for one another changes no thread; the thread that waits is the second.
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.context("the runtime cannot be started")?;
        Ok(self.runtime.get_or_init(|| runtime))
    }
}

impl Drop for Context {
    /// Leaves without waiting for a look-up of a name that is under way, which can take as long as its resolver.
    fn drop(&mut self) {
        drop(self.cx.take());
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Returns the settings that hold with these options, and where each comes from.
pub(super) fn told(options: &Global) -> anyhow::Result<Vec<Told>> {
    let file = read(options.config.as_deref())?;
    Ok(config::told(&flags(options), variable, file.as_ref().map(|(text, path)| (&**text, &**path)))?)
}

/// Returns text and path of the config file: the one that was named, or the user's own if there is one.
pub(super) fn read(named: Option<&Path>) -> anyhow::Result<Option<(String, PathBuf)>> {
    let path = named.map(Path::to_owned).or_else(config::config_file);
    let Some(path) = path else { return Ok(None) };
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some((text, path))),
        Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => Ok(None),
        Err(error) => Err(error).with_context(|| format!("the config file {} cannot be read", path.display())),
    }
}

/// Returns what the options say of the settings.
fn flags(options: &Global) -> Layer {
    Layer {
        profile: options.profile.clone(),
        region: options.region.clone(),
        endpoint_url: options.endpoint_url.clone(),
        read_only: options.read_only.then_some(true),
        plain: options.plain.then_some(true),
        colour: match options.color {
            ColorChoice::Always => Some(true),
            ColorChoice::Never => Some(false),
            ColorChoice::Auto => None,
        },
        ..Layer::default()
    }
}

/// Returns what the config file says.
fn file(named: Option<&Path>) -> anyhow::Result<Layer> {
    match read(named)? {
        Some((text, path)) => Ok(config::parse(&text, &path)?),
        None => Ok(Layer::default()),
    }
}

/// Returns a variable of the environment that says something.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn is_set(name: &str) -> bool {
    variable(name).is_some()
}

/// Says that `what` needs a terminal where there is none, before anything is started far away.
pub(super) fn require_terminal(what: &str, hint: &str) -> ops::Result<()> {
    let refused =
        |error| ops::Error::new(ops::Kind::Refused, format!("{what} needs a terminal")).because(error).hint(hint);
    terminal::require().map_err(refused)
}

/// Whether a stream gets colours that is a terminal, or is not.
pub(super) fn colours(when: ColorChoice, is_terminal: bool) -> bool {
    match when {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => is_terminal && !is_set("NO_COLOR") && variable("TERM").is_none_or(|term| term != "dumb"),
    }
}
