//! The clock that sessions go by: the machine's, or one that a test moves by hand.
//!
//! A session lives for hours of pings, time-outs and hourly closes. A clock that is handed in lets a day pass in a
//! test without waiting; tokio's own paused clock would run ahead of real sockets and real programs.

use std::{
    fmt,
    future::Future,
    time::{Duration, Instant, SystemTime},
};

use tokio::{
    select,
    sync::watch,
    time::{Instant as Alarm, sleep_until},
};

/// Tells the time and waits for it.
#[derive(Clone, Default)]
pub struct Clock(Option<ByHand>);

/// A clock whose hand somebody moves.
#[derive(Clone)]
struct ByHand {
    moments: watch::Receiver<Moment>,
    /// How many wait for a moment.
    waiting: watch::Sender<usize>,
}

/// Moves the clock that came with it.
#[derive(Debug)]
pub struct Hand {
    moments: watch::Sender<Moment>,
    waiting: watch::Receiver<usize>,
}

/// What both of a machine's clocks show.
#[derive(Debug, Clone, Copy)]
struct Moment {
    /// The one that stands still while the machine sleeps.
    awake: Instant,
    /// The one on the wall.
    wall: SystemTime,
}

/// The time was over first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed;

impl Clock {
    /// Returns a clock that stands still until its hand is moved.
    pub fn by_hand() -> (Self, Hand) {
        let (hand, moments) = watch::channel(Moment { awake: Instant::now(), wall: SystemTime::now() });
        let (waiting, who_waits) = watch::channel(0);
        (Self(Some(ByHand { moments, waiting })), Hand { moments: hand, waiting: who_waits })
    }

    /// Returns the time for intervals. It stands still while the machine sleeps.
    pub fn now(&self) -> Instant {
        self.0.as_ref().map_or_else(Instant::now, |hand| hand.moments.borrow().awake)
    }

    /// Returns the time on the wall, which goes on while the machine sleeps, and jumps when somebody sets it.
    pub fn wall(&self) -> SystemTime {
        self.0.as_ref().map_or_else(SystemTime::now, |hand| hand.moments.borrow().wall)
    }

    /// Waits until a moment. For ever where a clock's hand is gone before.
    pub async fn sleep_until(&self, moment: Instant) {
        match &self.0 {
            None => sleep_until(Alarm::from_std(moment)).await,
            Some(ByHand { moments, waiting }) => {
                let _until_then = Waiting::of(waiting);
                let mut moments = moments.clone();
                if moments.wait_for(|now| now.awake >= moment).await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }

    /// Waits this long.
    pub async fn sleep(&self, time: Duration) {
        self.sleep_until(self.now() + time).await;
    }

    /// Returns what the future gives, if it does so in time.
    pub async fn timeout<T>(&self, time: Duration, future: impl Future<Output = T>) -> Result<T, Elapsed> {
        let end = self.now() + time;
        select! {
            biased;
            given = future => Ok(given),
            () = self.sleep_until(end) => Err(Elapsed),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Clock(by hand)" } else { "Clock" })
    }
}

impl Hand {
    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        self.moments.send_modify(|moment| {
            moment.awake += by;
            moment.wall += by;
        });
    }

    /// Lets time pass as it does while a machine sleeps: only the clock on the wall goes on.
    pub fn sleep(&self, by: Duration) {
        self.moments.send_modify(|moment| moment.wall += by);
    }

    /// Waits until somebody waits for the clock. For ever where nobody has it any more.
    pub async fn is_waited_for(&self) {
        if self.waiting.clone().wait_for(|waiting| *waiting > 0).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Somebody who waits, until it is dropped.
struct Waiting<'a>(&'a watch::Sender<usize>);

impl<'a> Waiting<'a> {
    fn of(all: &'a watch::Sender<usize>) -> Self {
        all.send_modify(|waiting| *waiting += 1);
        Self(all)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|waiting| *waiting -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[tokio::test]
    async fn time_passes_when_the_hand_is_moved() {
        let (clock, hand) = Clock::by_hand();
        let start = clock.now();
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(start + HOUR).await }
        });
        hand.advance(HOUR);
        waiting.await.unwrap();
        assert_eq!(clock.now() - start, HOUR);
    }

    #[tokio::test]
    async fn the_hand_knows_whether_somebody_waits() {
        let (clock, hand) = Clock::by_hand();
        let is_waited_for = || tokio::time::timeout(Duration::from_millis(1), hand.is_waited_for());
        is_waited_for().await.unwrap_err();
        let waiting = tokio::spawn(async move { clock.sleep(HOUR).await });
        hand.is_waited_for().await;
        hand.advance(HOUR);
        waiting.await.unwrap();
        is_waited_for().await.unwrap_err();
    }

    #[tokio::test]
    async fn what_is_given_in_time_is_given() {
        let (clock, hand) = Clock::by_hand();
        assert_eq!(clock.timeout(HOUR, async { 7 }).await, Ok(7));
        let late = async {
            hand.advance(HOUR);
            std::future::pending::<()>().await;
        };
        assert_eq!(clock.timeout(HOUR, late).await, Err(Elapsed));
    }

    #[test]
    fn a_sleeping_machine_sees_only_the_wall_move() {
        let (clock, hand) = Clock::by_hand();
        let (awake, wall) = (clock.now(), clock.wall());
        hand.sleep(HOUR);
        assert_eq!(clock.now(), awake);
        assert_eq!(clock.wall().duration_since(wall).unwrap(), HOUR);
    }

    #[tokio::test]
    async fn the_machines_clock_goes_by_itself() {
        let clock = Clock::default();
        let start = clock.now();
        clock.sleep(Duration::from_millis(1)).await;
        assert!(clock.now() > start);
    }
}
