//! How a service does: CPU and memory as lines, its alarms and its scaling in words. Each part stands for itself: what
//! one of them may not read, or waits for, hides none of the others.

use super::{State, TextLine, Tone};
use crate::{
    model::{Alarm, AlarmState, Arn, PolicyKind, Scaling, ScalingActivity, ScalingPolicy, Series, Share},
    tui::app::{Look, Seen, stock::Load, time::moment},
};

/// What stands for a share of an eighth each; a share of nothing has the lowest.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// What stands where nothing was measured.
const GAP: char = '·';
/// How many of the latest things that scaling did are shown.
const ACTIVITIES: usize = 3;

/// Returns the lines of a service.
pub(super) fn lines(state: &State, cluster: &Arn, service: &Arn) -> Vec<TextLine> {
    let usage = Look::Usage { cluster: cluster.clone(), service: service.clone() };
    let scaling = Look::Scaling { cluster: cluster.clone(), service: service.clone() };
    let mut lines = part(state, &usage, "CPU, memory", |seen| {
        let Seen::Usage(usage) = seen else { return Vec::new() };
        vec![series("CPU", &usage.cpu), series("memory", &usage.memory)]
    });
    lines.extend(part(state, &Look::Alarms, "alarms", |seen| {
        let Seen::Alarms(all) = seen else { return Vec::new() };
        let of = |alarm: &&Alarm| alarm.cluster == cluster.name() && alarm.service == service.name();
        alarms(state, &all.iter().filter(of).collect::<Vec<_>>())
    }));
    lines.extend(part(state, &scaling, "autoscaling", |seen| {
        let Seen::Scaling(seen) = seen else { return Vec::new() };
        scaled(state, seen)
    }));
    lines
}

/// Writes what was seen under a name, or in its place why there is nothing.
fn part(state: &State, look: &Look, name: &str, write: impl FnOnce(&Seen) -> Vec<TextLine>) -> Vec<TextLine> {
    let loading = || vec![TextLine::fact(name, "").with(Tone::Faint, "loading …")];
    let Some(slot) = state.stock.looks.get(look) else { return loading() };
    let lines = slot.value.as_ref().map(write);
    match slot.status.load() {
        Load::Failed(notice, _) => {
            let name = if lines.is_none() { name } else { "" };
            let failed = TextLine::fact(name, "").with(Tone::Bad, format!("✖ {}", notice.text));
            let hints = notice.hints.iter().map(|hint| TextLine::fact("", format!("hint: {hint}")));
            lines.unwrap_or_default().into_iter().chain([failed]).chain(hints).collect()
        }
        Load::Never | Load::Loading | Load::Ready(_) => lines.unwrap_or_else(loading),
    }
}

fn series(name: &str, series: &Series) -> TextLine {
    let Some(latest) = series.latest() else {
        return TextLine::fact(name, "").with(Tone::Faint, "nothing was measured");
    };
    let hours = series.span().as_secs() / 3600;
    let average = series.average().unwrap_or_default();
    let peak = series.peak.map(|peak| format!(", {} peak", per_cent(peak))).unwrap_or_default();
    TextLine::fact(&format!("{name}, {hours} h"), "")
        .with(Tone::Plain, series.points.iter().map(|point| bar(*point)).collect::<String>())
        .with(Tone::Plain, format!("  {} now", per_cent(latest)))
        .with(Tone::Faint, format!(", {} avg{peak}", per_cent(average)))
}

/// Returns the bar of a share of a hundred per cent; more than that is as high as can be.
fn bar(point: Option<Share>) -> char {
    point.map_or(GAP, |share| BARS[(share as usize * BARS.len() / 10_000).min(BARS.len() - 1)])
}

fn per_cent(share: Share) -> String {
    match share {
        ..1000 => format!("{}.{}%", share / 100, share % 100 / 10),
        share => format!("{}%", (share + 50) / 100),
    }
}

fn alarms(state: &State, alarms: &[&Alarm]) -> Vec<TextLine> {
    let (tracking, own): (Vec<&Alarm>, Vec<&Alarm>) = alarms.iter().partition(|alarm| alarm.is_of_target_tracking());
    let mut own = own;
    own.sort_by_key(|alarm| alarm.state != AlarmState::Alarm);
    let mut lines: Vec<TextLine> = own.iter().map(|it| alarm(state, it)).collect();
    if !tracking.is_empty() {
        let text = format!("{} more that target tracking keeps for itself", tracking.len());
        lines.push(TextLine::fact("alarms", "").with(Tone::Faint, text));
    }
    if lines.is_empty() {
        lines.push(TextLine::fact("alarms", "").with(Tone::Faint, "none"));
    }
    lines
}

fn alarm(state: &State, alarm: &Alarm) -> TextLine {
    let (tone, word) = match alarm.state {
        AlarmState::Ok => (Tone::Good, "OK"),
        AlarmState::Alarm => (Tone::Bad, "✖ ALARM"),
        AlarmState::InsufficientData => (Tone::Underway, "no data"),
        AlarmState::Unknown => (Tone::Underway, "unknown"),
    };
    let mut line = TextLine::fact("alarm", "").with(tone, word).with(Tone::Plain, format!("  {}", alarm.name));
    line = line.with(Tone::Faint, format!("  {}", alarm.condition));
    if let Some(since) = alarm.since.filter(|_| alarm.state != AlarmState::Ok) {
        line = line.with(Tone::Plain, format!("  since {}", moment(state.now, since, &state.zone)));
    }
    if alarm.actions_enabled { line } else { line.with(Tone::Underway, "  nobody is told") }
}

fn scaled(state: &State, scaling: &Scaling) -> Vec<TextLine> {
    let missing = scaling.missing.iter().map(|missing| TextLine::fact("", "").with(Tone::Bad, format!("✖ {missing}")));
    let Some(limits) = &scaling.limits else {
        return std::iter::once(TextLine::fact("autoscaling", "").with(Tone::Faint, "none")).chain(missing).collect();
    };
    let first = TextLine::fact("autoscaling", format!("{} to {} tasks", limits.min, limits.max));
    let first = if limits.suspended.is_empty() {
        first
    } else {
        first.with(Tone::Underway, format!(", suspended: {}", limits.suspended.join(", ")))
    };
    let policies = scaling.policies.iter().map(|it| TextLine::fact("", policy(it)).with(Tone::Faint, named(it)));
    let activities = scaling.activities.iter().take(ACTIVITIES).map(|it| activity(state, it));
    std::iter::once(first).chain(policies).chain(activities).chain(missing).collect()
}

fn named(policy: &ScalingPolicy) -> String {
    format!("  {}", policy.name)
}

/// Returns what a policy does.
fn policy(policy: &ScalingPolicy) -> String {
    match &policy.kind {
        PolicyKind::Track { metric, target, scales_in } => {
            let near = match metric.as_str() {
                "ECSServiceAverageCPUUtilization" => format!("keeps CPU near {target}%"),
                "ECSServiceAverageMemoryUtilization" => format!("keeps memory near {target}%"),
                "ALBRequestCountPerTarget" => format!("keeps requests per target near {target}"),
                other => format!("keeps {other} near {target}"),
            };
            if *scales_in { near } else { near + ", never scales in" }
        }
        PolicyKind::Step { adjustment, steps, alarms } => {
            let steps: Vec<String> = steps.iter().map(|(from, by)| step(adjustment, from.as_deref(), *by)).collect();
            format!("when {} is raised: {}", alarms.join(" or "), steps.join(", "))
        }
        PolicyKind::Predictive => "scales ahead of the load it expects".to_owned(),
        PolicyKind::Other(kind) => kind.clone(),
    }
}

fn step(adjustment: &str, from: Option<&str>, by: i32) -> String {
    let by = match adjustment {
        "PercentChangeInCapacity" => format!("{by:+}%"),
        "ExactCapacity" => format!("{by} tasks"),
        _ => format!("{by:+}"),
    };
    match from {
        None | Some("0") => by,
        Some(from) => format!("{by} from {from} beyond"),
    }
}

fn activity(state: &State, activity: &ScalingActivity) -> TextLine {
    let at = activity.at.map(|at| moment(state.now, at, &state.zone)).unwrap_or_default();
    let tone = match activity.status.as_str() {
        "Successful" => Tone::Plain,
        "Failed" | "Unfulfilled" => Tone::Bad,
        _ => Tone::Underway,
    };
    let line = TextLine::fact("", "").with(Tone::Faint, format!("{at}  ")).with(tone, &activity.description);
    if activity.status == "Successful" { line } else { line.with(tone, format!("  {}", activity.status)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_an_eighth_of_a_hundred_per_cent() {
        let bars: String =
            [0, 1_249, 1_250, 5_000, 9_999, 10_000, 99_999].map(|share| bar(Some(share))).into_iter().collect();
        assert_eq!(bars, "▁▁▂▅███");
        assert_eq!(bar(None), GAP);
    }

    #[test]
    fn shares_have_three_figures_at_the_most() {
        assert_eq!(
            [0, 7, 99, 999, 1_049, 9_950, 25_000].map(per_cent),
            ["0.0%", "0.0%", "0.9%", "9.9%", "10%", "100%", "250%"]
        );
    }

    #[test]
    fn a_step_says_how_many_and_from_where() {
        assert_eq!(step("ChangeInCapacity", Some("0"), 2), "+2");
        assert_eq!(step("ChangeInCapacity", Some("20"), -6), "-6 from 20 beyond");
        assert_eq!(step("PercentChangeInCapacity", None, 50), "+50%");
        assert_eq!(step("ExactCapacity", None, 4), "4 tasks");
    }
}
