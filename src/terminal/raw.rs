//! Raw mode, and the promise that it and everything else the terminal was told is taken back in every case.

use std::{
    io, panic, process,
    sync::{
        Mutex, Once, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, ThreadId},
};

use rustix::{
    process::{Signal, getpid, kill_process},
    stdio::stdin,
    termios::{OptionalActions, QueueSelector, tcflush, tcgetattr, tcsetattr},
};

use super::output::write_in_time;

/// Whether somebody holds the terminal raw.
static HELD: AtomicBool = AtomicBool::new(false);
/// What ends it, besides the mode: the sequence that takes back what was switched on, and whose thread it is.
static HOLDER: Mutex<Option<Holder>> = Mutex::new(None);
/// The panic hook is installed once.
static HOOK: Once = Once::new();

/// Who holds the terminal.
#[derive(Debug, Clone, Copy)]
struct Holder {
    farewell: &'static str,
    thread: ThreadId,
}

/// The terminal in raw mode; dropping it, or a panic anywhere in the program, restores it.
#[derive(Debug)]
#[must_use = "dropping it restores the terminal"]
pub struct RawMode(());

impl RawMode {
    /// Switches to raw mode. Through crossterm, which remembers the mode there was.
    pub fn enter() -> io::Result<Self> {
        install_hook();
        crossterm::terminal::enable_raw_mode()?;
        *HOLDER.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Holder { farewell: "", thread: thread::current().id() });
        HELD.store(true, Ordering::Release);
        Ok(Self(()))
    }

    /// Throws away what was typed and not read: it was for nobody else.
    pub fn forget_input(&self) {
        let _gone = tcflush(stdin(), QueueSelector::IFlush);
    }

    /// Says what must be written before the mode is restored, whoever restores it.
    #[expect(clippy::unused_self, reason = "only who holds the terminal may say it")]
    pub(super) fn set_farewell(&self, farewell: &'static str) {
        if let Some(holder) = HOLDER.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            holder.farewell = farewell;
        }
    }

    /// Whether the terminal is still ours: a panic of another thread may have restored it.
    pub(super) fn is_held() -> bool {
        HELD.load(Ordering::Acquire)
    }
}

/// Gives the terminal away as it was, and stops the program as SIGTSTP does by default. It may stand only a moment
/// after this has returned: another thread may be the one that the signal meets.
pub(super) fn stop() {
    let farewell = HOLDER.lock().unwrap_or_else(PoisonError::into_inner).map_or("", |holder| holder.farewell);
    write_in_time(farewell);
    let _gone = crossterm::terminal::disable_raw_mode();
    let _it_is_ours = kill_process(getpid(), Signal::STOP);
}

/// Makes the terminal raw again, if somebody holds it: where it was not given away, crossterm believes that it still
/// is.
pub(super) fn take_again() {
    if !RawMode::is_held() {
        return;
    }
    let _gone = crossterm::terminal::enable_raw_mode();
    if let Ok(mut modes) = tcgetattr(stdin()) {
        modes.make_raw();
        let _gone = tcsetattr(stdin(), OptionalActions::Now, &modes);
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        restore();
    }
}

/// Restores the terminal if it is held; returns who held it. A terminal that is gone is left alone.
fn restore() -> Option<Holder> {
    if !HELD.swap(false, Ordering::AcqRel) {
        return None;
    }
    let holder = HOLDER.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(holder) = holder {
        write_in_time(holder.farewell);
    }
    let _gone = crossterm::terminal::disable_raw_mode();
    holder
}

/// Makes every panic restore the terminal before it prints, so that the message stands on the normal screen.
fn install_hook() {
    HOOK.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let holder = restore();
            print(panic);
            if holder.is_some_and(|holder| holder.thread != thread::current().id()) {
                end();
            }
        }));
    });
}

/// Ends the program after a panic of a thread other than the terminal's: its screen is gone, and nobody else would
/// tell the loop.
#[expect(clippy::exit, reason = "the panicking thread cannot unwind the one that draws")]
fn end() -> ! {
    process::exit(101)
}
