//! The CPU and memory of services over time: made up, and the same ones at each look.

use std::time::Duration;

use crate::sim::{
    clock::Moment,
    ecs::Account,
    identity,
    world::{Load, Metric},
};

/// Seconds of a minute, the finest that ECS measures.
const MINUTE: i64 = 60;
/// Within how many seconds the load goes up and down once.
const TIDE: f64 = 5_400.0;
/// How old data points can be, by their period: <https://aws.amazon.com/cloudwatch/faqs/>, 15, 63 and 455 days.
const KEPT: [(i64, Duration); 3] =
    [(60, Duration::from_hours(15 * 24)), (300, Duration::from_hours(63 * 24)), (3600, Duration::from_hours(455 * 24))];

/// How the minutes of a period become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stat {
    Average,
    Maximum,
    Minimum,
    Sum,
    SampleCount,
}

/// One metric of one service.
#[derive(Debug)]
pub(super) struct Curve {
    seed: u128,
    range: (f64, f64),
    /// How many tasks report each minute.
    tasks: usize,
    /// The first and the last second that there is data of.
    since: i64,
    now: i64,
}

impl Stat {
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "Average" => Self::Average,
            "Maximum" => Self::Maximum,
            "Minimum" => Self::Minimum,
            "Sum" => Self::Sum,
            "SampleCount" => Self::SampleCount,
            _ => return None,
        })
    }
}

impl Curve {
    /// Returns the curve of a service's metric; `None` where nothing runs that could be measured.
    pub(super) fn new(cx: Account<'_>, cluster: &str, service: &str, metric: Metric) -> Option<Self> {
        let cluster = cx.world.cluster(cluster)?;
        let service = cluster.services.get(service)?;
        let tasks = cluster
            .tasks
            .values()
            .filter(|task| task.service() == Some(&service.name) && task.started.is_some() && task.wanted())
            .count();
        if tasks == 0 {
            return None;
        }
        let seed = identity::number(&["curve", &cluster.name, &service.name, metric.as_str()]);
        let Load { cpu, memory } = service.load.unwrap_or_else(|| usual(seed));
        Some(Self {
            seed,
            range: match metric {
                Metric::Cpu => cpu,
                Metric::Memory => memory,
            },
            tasks,
            since: seconds(cx, service.created),
            now: seconds(cx, cx.clock.now()),
        })
    }

    /// Returns the data points from `start` until before `end`, oldest first, each at the start of its period.
    pub(super) fn points(&self, stat: Stat, period: i64, start: f64, end: f64) -> Vec<(f64, f64)> {
        let kept = KEPT.iter().rev().find(|(finest, _)| period >= *finest).map_or(0, |(_, kept)| kept.as_secs() as i64);
        let first = (start as i64).max(self.since).max(self.now - kept);
        let mut at = first.div_euclid(period) * period;
        let mut points = Vec::new();
        while (at as f64) < end && at <= self.now {
            points.extend(self.point(stat, period, at).map(|value| (at as f64, value)));
            at += period;
        }
        points
    }

    fn point(&self, stat: Stat, period: i64, at: i64) -> Option<f64> {
        let minutes = (0..period / MINUTE).map(|minute| at + minute * MINUTE);
        let minutes: Vec<i64> = minutes.filter(|minute| *minute >= self.since && *minute <= self.now).collect();
        if minutes.is_empty() {
            return None;
        }
        let samples = (minutes.len() * self.tasks) as f64;
        let averages = || minutes.iter().map(|minute| self.average(*minute));
        let average = averages().sum::<f64>() / minutes.len() as f64;
        let spread = 1.0 + 0.08 * (self.tasks.min(4) - 1) as f64;
        let value = match stat {
            Stat::Average => average,
            Stat::Maximum => averages().fold(0.0, f64::max) * spread,
            Stat::Minimum => averages().fold(f64::MAX, f64::min) / spread,
            Stat::Sum => average * samples,
            Stat::SampleCount => samples,
        };
        Some((value * 1000.0).round() / 1000.0)
    }

    /// Returns the average over the tasks within a minute.
    fn average(&self, minute: i64) -> f64 {
        let (low, high) = self.range;
        let phase = (self.seed % 10_000) as f64 / 10_000.0;
        let tide = ((minute as f64 / TIDE + phase) * std::f64::consts::TAU).sin();
        let noise = identity::number(&["noise", &self.seed.to_string(), &minute.to_string()]) % 1000;
        let level = (0.5 + 0.42 * tide + (noise as f64 / 1000.0 - 0.5) * 0.16).clamp(0.0, 1.0);
        low + (high - low) * level
    }
}

/// Returns the load of a service of which the world says nothing.
fn usual(seed: u128) -> Load {
    let draw = |shift: u32, below: u128| (seed >> shift) as f64 % below as f64;
    let (cpu, memory) = (4.0 + draw(16, 24), 20.0 + draw(40, 40));
    Load { cpu: (cpu, cpu + 14.0), memory: (memory, memory + 6.0) }
}

fn seconds(cx: Account<'_>, moment: Moment) -> i64 {
    cx.clock.seconds(moment) as i64
}
