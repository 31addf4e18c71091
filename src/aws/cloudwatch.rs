//! CloudWatch: CPU and memory of a service, and the alarms on services.

use std::time::Duration;

use aws_sdk_cloudwatch::types::{
    AlarmType, ComparisonOperator, Dimension, Metric, MetricAlarm, MetricDataQuery, MetricDataResult, MetricStat,
    ScanBy, StateValue,
};
use aws_smithy_types::DateTime;

use super::{Error, budget::Category, call::Operation, clients::Clients, convert::time};
use crate::model::{Alarm, AlarmState, Arn, Series, Share, Timestamp, Usage};

const GET_METRIC_DATA: Operation = Operation::read("cloudwatch:GetMetricData", Category::MetricRead);
const DESCRIBE_ALARMS: Operation = Operation::read("cloudwatch:DescribeAlarms", Category::AlarmRead);

/// The most that DescribeAlarms gives at once.
const ALARMS_AT_ONCE: i32 = 100;

/// The queries of one look: id, metric and statistic.
const QUERIES: [(&str, &str, &str); 4] = [
    ("cpu", "CPUUtilization", "Average"),
    ("cpu_peak", "CPUUtilization", "Maximum"),
    ("memory", "MemoryUtilization", "Average"),
    ("memory_peak", "MemoryUtilization", "Maximum"),
];

impl Clients {
    /// Returns CPU and memory of a service for `count` periods from `since` on, in one call.
    pub async fn usage(
        &self,
        service: &Arn,
        cluster: &Arn,
        since: Timestamp,
        period: Duration,
        count: usize,
    ) -> Result<Usage, Error> {
        let seconds = i64::try_from(period.as_secs()).unwrap_or(i64::MAX);
        let end = since.as_second().saturating_add(seconds.saturating_mul(count as i64));
        let queries: Vec<MetricDataQuery> =
            QUERIES.iter().map(|query| self::query(query, cluster.name(), service.name(), seconds as i32)).collect();
        let mut results: Vec<MetricDataResult> = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let call = || {
                let call = self.cloudwatch().get_metric_data().set_metric_data_queries(Some(queries.clone()));
                let call = call.start_time(DateTime::from_secs(since.as_second())).end_time(DateTime::from_secs(end));
                call.scan_by(ScanBy::TimestampAscending).set_next_token(token.clone()).send()
            };
            let answer = self.call(GET_METRIC_DATA, call).await?;
            results.extend(answer.metric_data_results.unwrap_or_default());
            let next = answer.next_token.filter(|next| !next.is_empty());
            if next.is_none() || next == token {
                break;
            }
            token = next;
        }
        let series = |average: &str, peak: &str| Series {
            since,
            period,
            points: points(&results, average, since.as_second(), seconds, count),
            peak: of(&results, peak).map(|(_, value)| share(value)).max(),
        };
        Ok(Usage { cpu: series("cpu", "cpu_peak"), memory: series("memory", "memory_peak") })
    }

    /// Returns all alarms whose metric is one of some service's, by name. CloudWatch finds alarms by name and state
    /// only, so all are read.
    pub async fn service_alarms(&self) -> Result<Vec<Alarm>, Error> {
        let mut alarms = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let call = || {
                let call = self.cloudwatch().describe_alarms().alarm_types(AlarmType::MetricAlarm);
                call.max_records(ALARMS_AT_ONCE).set_next_token(token.clone()).send()
            };
            let answer = self.call(DESCRIBE_ALARMS, call).await?;
            alarms.extend(answer.metric_alarms.unwrap_or_default().into_iter().filter_map(alarm));
            match answer.next_token.filter(|next| !next.is_empty()) {
                None => break,
                next if next == token => {
                    return Err(Error::broken(DESCRIBE_ALARMS.name, "the same page again and again"));
                }
                next => token = next,
            }
        }
        alarms.sort_by(|one: &Alarm, other| one.name.cmp(&other.name));
        Ok(alarms)
    }
}

fn query(&(id, metric, stat): &(&str, &str, &str), cluster: &str, service: &str, period: i32) -> MetricDataQuery {
    let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
    let metric = Metric::builder()
        .namespace("AWS/ECS")
        .metric_name(metric)
        .dimensions(dimension("ClusterName", cluster))
        .dimensions(dimension("ServiceName", service))
        .build();
    let stat = MetricStat::builder().metric(metric).period(period).stat(stat).build();
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}

/// Returns the data points of a query; an answer in pages has several results of one id.
fn of<'a>(results: &'a [MetricDataResult], id: &'a str) -> impl Iterator<Item = (i64, f64)> + 'a {
    results
        .iter()
        .filter(move |result| result.id() == Some(id))
        .flat_map(|result| result.timestamps().iter().map(DateTime::secs).zip(result.values().iter().copied()))
}

/// Puts data points into their periods.
fn points(results: &[MetricDataResult], id: &str, since: i64, period: i64, count: usize) -> Vec<Option<Share>> {
    let mut points = vec![None; count];
    for (at, value) in of(results, id) {
        let place = usize::try_from((at - since).div_euclid(period.max(1))).ok();
        if let Some(point) = place.and_then(|place| points.get_mut(place)) {
            *point = Some(share(value));
        }
    }
    points
}

fn share(per_cent: f64) -> Share {
    // What is no number becomes zero, what is too large the largest.
    (per_cent.max(0.0) * 100.0).round() as Share
}

/// Returns the alarm if it is on a service.
fn alarm(alarm: MetricAlarm) -> Option<Alarm> {
    let (cluster, service) = place(&alarm)?;
    Some(Alarm {
        state: match alarm.state_value {
            Some(StateValue::Ok) => AlarmState::Ok,
            Some(StateValue::Alarm) => AlarmState::Alarm,
            Some(StateValue::InsufficientData) => AlarmState::InsufficientData,
            _ => AlarmState::Unknown,
        },
        condition: condition(&alarm),
        since: alarm.state_transitioned_timestamp.or(alarm.state_updated_timestamp).and_then(time),
        name: alarm.alarm_name?,
        description: alarm.alarm_description.filter(|text| !text.is_empty()),
        cluster,
        service,
        reason: alarm.state_reason.filter(|text| !text.is_empty()),
        actions_enabled: alarm.actions_enabled.unwrap_or_default(),
    })
}

/// Returns the cluster and the service that an alarm's metric, or the first of its metrics that has any, is of.
fn place(alarm: &MetricAlarm) -> Option<(String, String)> {
    let own = std::iter::once(alarm.dimensions());
    let stats = alarm.metrics().iter().filter_map(|query| query.metric_stat()?.metric());
    own.chain(stats.map(Metric::dimensions)).find_map(|dimensions| {
        let value = |name: &str| dimensions.iter().find(|it| it.name() == Some(name))?.value().map(str::to_owned);
        Some((value("ClusterName")?, value("ServiceName")?))
    })
}

fn condition(alarm: &MetricAlarm) -> String {
    let metric = alarm.metric_name().unwrap_or("an expression");
    let sign = match alarm.comparison_operator() {
        Some(ComparisonOperator::GreaterThanThreshold) => ">",
        Some(ComparisonOperator::GreaterThanOrEqualToThreshold) => "≥",
        Some(ComparisonOperator::LessThanThreshold) => "<",
        Some(ComparisonOperator::LessThanOrEqualToThreshold) => "≤",
        Some(other) => return format!("{metric} {}", other.as_str()),
        None => return metric.to_owned(),
    };
    let threshold = alarm.threshold().map(|number| number.to_string()).unwrap_or_default();
    let minutes = alarm.period().unwrap_or_default().saturating_mul(alarm.evaluation_periods().unwrap_or(1)) / 60;
    match minutes {
        ..1 => format!("{metric} {sign} {threshold}"),
        1 => format!("{metric} {sign} {threshold} for a minute"),
        minutes => format!("{metric} {sign} {threshold} for {minutes} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_fall_into_their_periods_and_gaps_stay() {
        let result = |id: &str, at: &[i64], values: &[f64]| {
            MetricDataResult::builder()
                .id(id)
                .set_timestamps(Some(at.iter().map(|at| DateTime::from_secs(*at)).collect()))
                .set_values(Some(values.to_vec()))
                .build()
        };
        let results = [
            result("cpu", &[600, 1200], &[12.345, 250.0]),
            result("other", &[900], &[1.0]),
            result("cpu", &[1500, 1800, 0], &[f64::NAN, 1.0, 1.0]),
        ];
        assert_eq!(points(&results, "cpu", 600, 300, 4), [Some(1235), None, Some(25_000), Some(0)]);
    }

    #[test]
    fn an_alarm_is_on_a_service_or_none_of_ours() {
        let dimension = |name: &str| Dimension::builder().name(name).value(name.to_lowercase()).build();
        let bare = MetricAlarm::builder().alarm_name("a");
        assert_eq!(alarm(bare.clone().dimensions(dimension("ClusterName")).build()), None);
        let metric = Metric::builder().dimensions(dimension("ServiceName")).dimensions(dimension("ClusterName"));
        let query = MetricDataQuery::builder().metric_stat(MetricStat::builder().metric(metric.build()).build());
        let found = alarm(bare.metrics(MetricDataQuery::builder().build()).metrics(query.build()).build()).unwrap();
        assert_eq!((found.cluster.as_str(), found.service.as_str()), ("clustername", "servicename"));
        assert_eq!((found.state, found.condition.as_str()), (AlarmState::Unknown, "an expression"));
    }
}
