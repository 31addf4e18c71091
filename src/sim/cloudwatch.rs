//! CloudWatch, as far as services are watched by it: CPU and memory in AWS/ECS, and alarms on them.
//!
//! Shapes, limits and error codes are those of botocore's service model (`cloudwatch/2010-08-01/service-2.json`) and of
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>.

mod curve;

use serde::Deserialize;
use serde_json::{Value, json};

use self::curve::{Curve, Stat};
use super::{
    ecs::{
        Account,
        members::{self, without_nulls},
    },
    pages::page,
    refusal::Refusal,
    world::{Alarm, Metric},
};

/// The most queries of one GetMetricData.
const QUERIES: usize = 500;
/// The most data points of one answer, and how many it has where nothing is said.
const DATAPOINTS: usize = 100_800;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GetMetricData {
    metric_data_queries: Vec<Query>,
    start_time: f64,
    end_time: f64,
    next_token: Option<String>,
    scan_by: Option<String>,
    max_datapoints: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Query {
    id: String,
    metric_stat: Option<MetricStat>,
    label: Option<String>,
    return_data: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct MetricStat {
    metric: MetricWords,
    period: i64,
    stat: String,
    unit: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct MetricWords {
    namespace: Option<String>,
    metric_name: Option<String>,
    #[serde(default)]
    dimensions: Vec<Dimension>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Dimension {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeAlarms {
    alarm_names: Option<Vec<String>>,
    alarm_name_prefix: Option<String>,
    alarm_types: Option<Vec<String>>,
    state_value: Option<String>,
    max_records: Option<i64>,
    next_token: Option<String>,
}

/// Answers an operation; `None` where there is no such operation.
pub(crate) fn answer(cx: Account<'_>, operation: &str, body: &Value) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "GetMetricData" => metric_data(cx, body),
        "DescribeAlarms" => alarms(cx, body),
        _ => return None,
    })
}

fn metric_data(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: GetMetricData = members::read(body).map_err(invalid)?;
    if asked.metric_data_queries.len() > QUERIES {
        return Err(validation(format!(
            "The collection MetricDataQueries must not have a size greater than {QUERIES}."
        )));
    }
    if asked.start_time >= asked.end_time {
        return Err(validation("The parameter StartTime must be less than the parameter EndTime."));
    }
    let most = asked.max_datapoints.unwrap_or(DATAPOINTS);
    if most > DATAPOINTS {
        return Err(validation(format!("The parameter MaxDatapoints must be at most {DATAPOINTS}.")));
    }
    let ascending = match asked.scan_by.as_deref() {
        None | Some("TimestampDescending") => false,
        Some("TimestampAscending") => true,
        Some(other) => return Err(validation(format!("The value {other} for parameter ScanBy is not supported."))),
    };
    let mut results = Vec::new();
    let mut items = Vec::new();
    for query in &asked.metric_data_queries {
        let (label, mut points) = points(cx, query, asked.start_time, asked.end_time)?;
        if !ascending {
            points.reverse();
        }
        if query.return_data == Some(false) {
            continue;
        }
        let place = results.len();
        results.push((query.id.clone(), query.label.clone().unwrap_or(label)));
        let keyed = points.into_iter().enumerate();
        items.extend(keyed.map(|(at, point)| (format!("{place:03} {at:06}"), (place, point))));
    }
    let question = json!([asked.start_time, asked.end_time, ascending, results]).to_string();
    let page = page(&question, items.into_iter(), most, asked.next_token.as_deref());
    let (points, next) = page.ok_or_else(|| Refusal::new("InvalidNextToken", "The next token is not valid."))?;
    let unfinished = points.last().filter(|_| next.is_some()).map(|(place, _)| *place);
    let results: Vec<Value> = results
        .iter()
        .enumerate()
        .map(|(place, (id, label))| {
            let own = || points.iter().filter(move |(of, _)| *of == place).map(|(_, point)| *point);
            json!({
                "Id": id,
                "Label": label,
                "Timestamps": own().map(|(at, _)| at).collect::<Vec<f64>>(),
                "Values": own().map(|(_, value)| value).collect::<Vec<f64>>(),
                "StatusCode": if unfinished.is_some_and(|last| place >= last) { "PartialData" } else { "Complete" },
            })
        })
        .collect();
    Ok(without_nulls(json!({ "MetricDataResults": results, "Messages": [], "NextToken": next })))
}

/// Returns the label and the data points of a query, oldest first. A metric that does not exist has none.
fn points(cx: Account<'_>, query: &Query, start: f64, end: f64) -> Result<(String, Vec<(f64, f64)>), Refusal> {
    let Some(asked) = &query.metric_stat else {
        return Err(validation("not simulated: a query without MetricStat"));
    };
    if asked.period < 60 || asked.period % 60 != 0 {
        return Err(validation(format!("Period must be a multiple of 60, not {}.", asked.period)));
    }
    let Some(stat) = Stat::of(&asked.stat) else {
        return Err(validation(format!("not simulated: the statistic {}", asked.stat)));
    };
    let name = asked.metric.metric_name.clone().unwrap_or_default();
    if asked.unit.as_deref().is_some_and(|unit| unit != "Percent") {
        return Ok((name, Vec::new()));
    }
    let curve = (asked.metric.namespace.as_deref() == Some("AWS/ECS")).then(|| curve(cx, &asked.metric)).flatten();
    let points = curve.map(|curve| curve.points(stat, asked.period, start, end)).unwrap_or_default();
    Ok((name, points))
}

fn curve(cx: Account<'_>, asked: &MetricWords) -> Option<Curve> {
    let metric = [Metric::Cpu, Metric::Memory]
        .into_iter()
        .find(|metric| asked.metric_name.as_deref() == Some(metric.as_str()))?;
    let value = |name: &str| asked.dimensions.iter().find(|it| it.name == name).map(|it| it.value.as_str());
    let (2, Some(cluster), Some(service)) = (asked.dimensions.len(), value("ClusterName"), value("ServiceName")) else {
        return None;
    };
    Curve::new(cx, cluster, service, metric)
}

fn alarms(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: DescribeAlarms = members::read(body).map_err(invalid)?;
    if asked.alarm_names.is_some() && asked.alarm_name_prefix.is_some() {
        return Err(validation("AlarmNames and AlarmNamePrefix cannot be specified at the same time."));
    }
    let size = match asked.max_records.unwrap_or(50) {
        size @ 1..=100 => usize::try_from(size).unwrap_or_default(),
        size => {
            return Err(validation(format!(
                "1 validation error detected: Value '{size}' at 'maxRecords' failed to satisfy constraint: Member must have value less than or equal to 100"
            )));
        }
    };
    let metrics = asked.alarm_types.as_ref().is_none_or(|types| types.iter().any(|kind| kind == "MetricAlarm"));
    let wanted = |alarm: &&Alarm| {
        metrics
            && asked.alarm_names.as_ref().is_none_or(|names| names.iter().any(|name| **name == *alarm.name))
            && asked.alarm_name_prefix.as_ref().is_none_or(|prefix| alarm.name.starts_with(&**prefix))
            && asked.state_value.as_ref().is_none_or(|state| state == alarm.state.as_str())
    };
    let mut items: Vec<(String, Value)> =
        cx.world.alarms.iter().filter(wanted).map(|alarm| (alarm.name.to_string(), described(cx, alarm))).collect();
    items.sort_by(|one, two| one.0.cmp(&two.0));
    let question =
        format!("alarms {:?} {:?} {:?} {metrics}", asked.alarm_names, asked.alarm_name_prefix, asked.state_value);
    let page = page(&question, items.into_iter(), size, asked.next_token.as_deref());
    let (items, next) = page.ok_or_else(|| Refusal::new("InvalidNextToken", "The next token is not valid."))?;
    Ok(without_nulls(json!({ "MetricAlarms": items, "CompositeAlarms": [], "NextToken": next })))
}

fn described(cx: Account<'_>, alarm: &Alarm) -> Value {
    let since = cx.clock.seconds(alarm.since);
    let (comparison, words) =
        if alarm.above { ("GreaterThanThreshold", "greater than") } else { ("LessThanThreshold", "less than") };
    let reason = match alarm.state {
        super::world::AlarmState::InsufficientData => "Insufficient Data: no datapoints were received".to_owned(),
        super::world::AlarmState::Alarm => {
            format!("Threshold Crossed: {} datapoints were {words} the threshold ({}).", alarm.periods, alarm.threshold)
        }
        super::world::AlarmState::Ok => {
            format!("Threshold Crossed: 1 datapoint was not {words} the threshold ({}).", alarm.threshold)
        }
    };
    json!({
        "AlarmName": &*alarm.name,
        "AlarmArn": format!("arn:aws:cloudwatch:{}:{}:alarm:{}", cx.world.region, cx.world.account, alarm.name),
        "AlarmDescription": alarm.description.as_deref(),
        "AlarmConfigurationUpdatedTimestamp": since,
        "ActionsEnabled": true,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "StateValue": alarm.state.as_str(),
        "StateReason": reason,
        "StateUpdatedTimestamp": since,
        "StateTransitionedTimestamp": since,
        "MetricName": alarm.metric.as_str(),
        "Namespace": "AWS/ECS",
        "Statistic": "Average",
        "Dimensions": [
            { "Name": "ServiceName", "Value": &*alarm.service },
            { "Name": "ClusterName", "Value": &*alarm.cluster },
        ],
        "Period": alarm.period,
        "EvaluationPeriods": alarm.periods,
        "Threshold": alarm.threshold,
        "ComparisonOperator": comparison,
        "TreatMissingData": "missing",
    })
}

fn validation(message: impl Into<String>) -> Refusal {
    Refusal::new("ValidationError", message)
}

fn invalid(refusal: Refusal) -> Refusal {
    validation(refusal.message)
}
