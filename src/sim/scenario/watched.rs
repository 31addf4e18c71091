//! From the words of a scenario to what watches services and what they are given: load, scaling, alarms, parameters.

use std::time::Duration;

use super::{
    Mistake,
    build::{ago, mistake},
    words::{AlarmWord, MetricWord, ParameterWord, ScalingWords, Scenario, ServiceWords},
};
use crate::sim::{
    autoscaling::tracking_alarm,
    clock::Moment,
    world::{
        Activity, Alarm, AlarmState, Denied, Load, Metric, Parameter, ParameterKind, Policy, Scaling, Service, World,
    },
};

const HOUR: Duration = Duration::from_hours(1);
/// How long scaling in has to be possible before its alarm is raised, in minutes.
const SCALE_IN_PERIODS: u32 = 15;

/// Adds roles, secrets, and what is denied.
pub(super) fn permit(world: &mut World, scenario: &mut Scenario) {
    world.roles.there.extend(std::mem::take(&mut scenario.roles));
    world.roles.missing.extend(std::mem::take(&mut scenario.missing_roles));
    for name in &scenario.secrets {
        world.add_secret(name);
    }
    world.secrets.missing.extend(std::mem::take(&mut scenario.missing_secrets));
    let denied = scenario.denied.iter().map(|words| Denied {
        principal: words.principal.as_str().into(),
        action: words.action.as_str().into(),
        resource: words.resource.as_str().into(),
        explicit: words.explicit,
        unless: None,
    });
    world.denied.extend(denied);
}

/// Adds alarms, parameters and pushes.
pub(super) fn add(world: &mut World, scenario: &Scenario) -> Result<(), Mistake> {
    let registry = format!("{}.dkr.ecr.{}.amazonaws.com", world.account, world.region);
    for words in &scenario.push {
        let image = words.image.replace("{registry}", &registry);
        world.pushes.entry(image.into()).or_default().push(Moment::ago(words.age.0));
    }
    for words in &scenario.parameter {
        let kind = match words.kind {
            ParameterWord::String => ParameterKind::Text,
            ParameterWord::StringList => ParameterKind::List,
            ParameterWord::SecureString => ParameterKind::Secure,
        };
        let key = (kind == ParameterKind::Secure).then(|| words.key.as_deref().unwrap_or("alias/aws/ssm").into());
        let mut parameter = Parameter {
            kind,
            value: words.value.as_str().into(),
            version: 1,
            modified: ago(words.age, 24 * 30 * HOUR),
            key,
            description: words.description.as_deref().map(Into::into),
            allowed_pattern: None,
            earlier: Vec::new(),
        };
        for (version, before) in (1..).zip(&words.earlier) {
            let (value, modified) = (before.value.as_str().into(), Moment::ago(before.age.0));
            parameter.earlier.push(Parameter { value, version, modified, ..parameter.clone() });
            parameter.version = version + 1;
        }
        parameter.earlier.iter_mut().for_each(|version| version.earlier.clear());
        world.parameters.insert(words.name.as_str().into(), parameter);
    }
    for words in &scenario.alarm {
        let (cluster, service) = words.service.get_ref().split_once('/').unwrap_or_default();
        let known = world.cluster(cluster).and_then(|cluster| cluster.services.get_key_value(service));
        let Some((service, _)) = known else { return Err(mistake(&words.service, "there is no such service")) };
        let (above, threshold) = match (words.above, words.below) {
            (Some(threshold), None) => (true, threshold),
            (None, Some(threshold)) => (false, threshold),
            (None, None) | (Some(_), Some(_)) => {
                return Err(mistake(&words.service, "an alarm is raised above or below a threshold"));
            }
        };
        let alarm = Alarm {
            name: words.name.as_str().into(),
            description: words.description.as_deref().map(Into::into),
            cluster: cluster.into(),
            service: service.clone(),
            metric: metric(words.metric),
            above,
            threshold,
            period: words.period,
            periods: words.periods,
            state: match words.state {
                AlarmWord::Ok => AlarmState::Ok,
                AlarmWord::Alarm => AlarmState::Alarm,
                AlarmWord::InsufficientData => AlarmState::InsufficientData,
            },
            since: ago(words.age, 24 * HOUR),
        };
        world.alarms.push(alarm);
    }
    let tracking: Vec<Alarm> = world
        .clusters
        .iter()
        .flat_map(|cluster| cluster.services.values().flat_map(|service| tracking_alarms(&cluster.name, service)))
        .collect();
    world.alarms.extend(tracking);
    Ok(())
}

/// Sets what a service has to do, and how it is scaled.
pub(super) fn set(service: &mut Service, cluster: &str, words: &ServiceWords) {
    service.load = words.load.as_ref().map(|load| Load { cpu: load.cpu, memory: load.memory });
    service.scaling = words.scaling.as_ref().map(|words| Box::new(scaling(cluster, &service.name, words)));
}

fn scaling(cluster: &str, service: &str, words: &ScalingWords) -> Scaling {
    let tracks = words.track.iter().map(|track| {
        let name = track.name.clone().unwrap_or_else(|| format!("{service}-{}", short(track.metric)));
        Policy::Track {
            name: name.into(),
            metric: metric(track.metric),
            target: track.target,
            scales_in: track.scales_in,
            cooldowns: (track.out_cooldown, track.in_cooldown),
        }
    });
    let steps = words.step.iter().map(|step| Policy::Step {
        name: step.name.as_str().into(),
        alarm: step.alarm.as_str().into(),
        steps: step.steps.clone(),
        cooldown: step.cooldown,
    });
    let policies: Vec<Policy> = tracks.chain(steps).collect();
    let (alarm, policy) = match policies.first() {
        Some(Policy::Track { name, .. }) => {
            (tracking_alarm(&format!("service/{cluster}/{service}"), name, "AlarmHigh").into(), name.clone())
        }
        Some(Policy::Step { name, alarm, .. }) => (alarm.clone(), name.clone()),
        None => ("".into(), "".into()),
    };
    let done = |(age, to): &(super::words::Age, u32)| Activity {
        at: Moment::ago(age.0),
        to: *to,
        alarm: std::sync::Arc::clone(&alarm),
        policy: std::sync::Arc::clone(&policy),
    };
    let mut activities: Vec<Activity> = words.activities.iter().map(done).collect();
    activities.sort_by_key(|activity| std::cmp::Reverse(activity.at));
    Scaling { min: words.min, max: words.max, suspended: words.suspended, policies, activities }
}

/// Returns the alarms that target tracking keeps for itself. The one for scaling in is raised whenever there is less to
/// do, which is nothing to worry about.
fn tracking_alarms(cluster: &str, service: &Service) -> Vec<Alarm> {
    let resource = format!("service/{cluster}/{}", service.name);
    let policies = service.scaling.iter().flat_map(|scaling| &scaling.policies);
    policies
        .filter_map(|policy| match policy {
            Policy::Track { name, metric, target, scales_in, .. } => Some((name, metric, target, scales_in)),
            Policy::Step { .. } => None,
        })
        .flat_map(|(name, metric, target, scales_in)| {
            let alarm = |which: &str, above: bool, threshold: f64, periods: u32, state: AlarmState| Alarm {
                name: tracking_alarm(&resource, name, which).into(),
                description: Some("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy".into()),
                cluster: cluster.into(),
                service: service.name.clone(),
                metric: *metric,
                above,
                threshold,
                period: 60,
                periods,
                state,
                since: Moment::ago(HOUR),
            };
            let high = alarm("AlarmHigh", true, *target, 3, AlarmState::Ok);
            let low = scales_in.then(|| alarm("AlarmLow", false, target * 0.9, SCALE_IN_PERIODS, AlarmState::Alarm));
            std::iter::once(high).chain(low)
        })
        .collect()
}

fn metric(word: MetricWord) -> Metric {
    match word {
        MetricWord::Cpu => Metric::Cpu,
        MetricWord::Memory => Metric::Memory,
    }
}

fn short(word: MetricWord) -> &'static str {
    match word {
        MetricWord::Cpu => "cpu",
        MetricWord::Memory => "memory",
    }
}
