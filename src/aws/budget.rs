//! The call budget: AWS's token buckets, kept on this side of the wire so that no call has to be refused.
//!
//! ECS counts the calls of a whole account and region in a few buckets; who empties one, empties it for the console
//! and the deployments too. The sizes are those of
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::time::sleep;

/// Whether somebody waits for an answer; decides how much of AWS's shared call budget a verb may spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// A person looks at the empty place: may spend an idle bucket's whole burst.
    Waiting,
    /// A refresh of what is already shown: at most a quarter of the refill.
    Background,
}

/// The buckets that AWS counts our calls in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    /// ListClusters, DescribeClusters.
    ClusterRead,
    /// ListServices, DescribeServices.
    ServiceRead,
    /// UpdateService; StopServiceDeployment, whose bucket AWS does not name.
    ServiceModify,
    /// ListServiceDeployments, DescribeServiceDeployments.
    DeploymentRead,
    /// DescribeServiceRevisions.
    RevisionRead,
    /// ListTasks, DescribeTasks.
    ResourceRead,
    /// ExecuteCommand, StopTask, RunTask.
    ResourceModify,
    /// DescribeTaskDefinition, ListTaskDefinitions, ListTaskDefinitionFamilies.
    DefinitionRead,
    /// RegisterTaskDefinition: one a second.
    DefinitionModify,
    /// GetMetricData.
    MetricRead,
    /// DescribeAlarms.
    AlarmRead,
    /// GetParameter, GetParameters, GetParametersByPath.
    ParameterRead,
    /// The describes of Elastic Load Balancing, version 2.
    BalancerRead,
    /// Those of version 1.
    ClassicBalancerRead,
    /// The describes of EC2.
    InstanceRead,
    /// FilterLogEvents: five a second, says AWS's knowledge center, and the quota cannot be raised.
    LogRead,
    /// Calls whose limits AWS does not publish per account (STS, SSM): only their throttle answers are heeded.
    Other,
}

/// The calls that may still be made along one way to AWS: those of its account and region, once these are known.
#[derive(Debug, Default)]
pub struct Budget(Mutex<Arc<Buckets>>);

/// The budgets of all accounts and regions that this process calls. Cheap to clone; all clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Budgets(Arc<Mutex<HashMap<Place, Arc<Buckets>>>>);

/// An account and a region.
type Place = (String, String);

/// The calls that this process may still make in an account and region.
#[derive(Debug)]
struct Buckets {
    cluster_read: Bucket,
    service_read: Bucket,
    service_modify: Bucket,
    deployment_read: Bucket,
    revision_read: Bucket,
    resource_read: Bucket,
    resource_modify: Bucket,
    definition_read: Bucket,
    definition_modify: Bucket,
    metric_read: Bucket,
    alarm_read: Bucket,
    parameter_read: Bucket,
    balancer_read: Bucket,
    classic_balancer_read: Bucket,
    instance_read: Bucket,
    log_read: Bucket,
    other: Bucket,
}

impl Budget {
    /// Returns a full budget.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until a call of this category may be made.
    pub(super) async fn spend(&self, category: Category, urgency: Urgency) {
        self.buckets().bucket(category).take(urgency).await;
    }

    /// Notes that AWS answered a call with a throttle.
    pub(super) fn throttled(&self, category: Category) {
        self.buckets().bucket(category).throttled();
    }

    fn buckets(&self) -> Arc<Buckets> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Budgets {
    /// Notes which account and region the calls of a budget are counted in: from now on it is one with those of all
    /// other ways there.
    pub fn join(&self, budget: &Budget, account: &str, region: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = budget.buckets();
        let shared = known.entry((account.to_owned(), region.to_owned())).or_insert(own);
        let shared = Arc::clone(shared);
        *budget.0.lock().unwrap_or_else(PoisonError::into_inner) = shared;
    }
}

impl Default for Buckets {
    fn default() -> Self {
        Self {
            cluster_read: Bucket::new(50, 20),
            service_read: Bucket::new(100, 20),
            service_modify: Bucket::new(50, 5),
            deployment_read: Bucket::new(50, 20),
            revision_read: Bucket::new(50, 20),
            resource_read: Bucket::new(100, 20),
            resource_modify: Bucket::new(100, 40),
            definition_read: Bucket::new(50, 20),
            definition_modify: Bucket::new(20, 1),
            // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html, of the slowest
            // regions.
            metric_read: Bucket::new(10, 10),
            alarm_read: Bucket::new(9, 9),
            // https://docs.aws.amazon.com/general/latest/gr/ssm.html
            parameter_read: Bucket::new(40, 40),
            // https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
            balancer_read: Bucket::new(40, 10),
            classic_balancer_read: Bucket::new(40, 10),
            // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
            instance_read: Bucket::new(100, 20),
            log_read: Bucket::new(5, 5),
            other: Bucket::new(50, 20),
        }
    }
}

impl Buckets {
    fn bucket(&self, category: Category) -> &Bucket {
        match category {
            Category::ClusterRead => &self.cluster_read,
            Category::ServiceRead => &self.service_read,
            Category::ServiceModify => &self.service_modify,
            Category::DeploymentRead => &self.deployment_read,
            Category::RevisionRead => &self.revision_read,
            Category::ResourceRead => &self.resource_read,
            Category::ResourceModify => &self.resource_modify,
            Category::DefinitionRead => &self.definition_read,
            Category::DefinitionModify => &self.definition_modify,
            Category::MetricRead => &self.metric_read,
            Category::AlarmRead => &self.alarm_read,
            Category::ParameterRead => &self.parameter_read,
            Category::BalancerRead => &self.balancer_read,
            Category::ClassicBalancerRead => &self.classic_balancer_read,
            Category::InstanceRead => &self.instance_read,
            Category::LogRead => &self.log_read,
            Category::Other => &self.other,
        }
    }
}

/// The least share of its refill that throttle answers can push a bucket to.
const SLOWEST: f64 = 0.05;

/// How long a bucket takes from its slowest back to its full pace.
const RECOVERY: Duration = Duration::from_mins(1);

/// How much later than here a bucket begins to refill there: AWS's clock starts when the first call has arrived, and a
/// later call may travel faster.
const TRAVEL: Duration = Duration::from_millis(200);

/// The background's share of the refill.
const BACKGROUND: f64 = 0.25;

/// One bucket, and the queues before it. Who waits, waits in turn; a dropped future leaves the queue.
#[derive(Debug)]
struct Bucket {
    level: Mutex<Level>,
    queue: tokio::sync::Mutex<()>,
    background_queue: tokio::sync::Mutex<()>,
}

impl Bucket {
    fn new(burst: u32, refill: u32) -> Self {
        Self {
            level: Mutex::new(Level::full(burst, refill, Instant::now())),
            queue: tokio::sync::Mutex::new(()),
            background_queue: tokio::sync::Mutex::new(()),
        }
    }

    async fn take(&self, urgency: Urgency) {
        if urgency == Urgency::Background {
            let _turn = self.background_queue.lock().await;
            self.wait_for(Level::take_background).await;
        }
        let _turn = self.queue.lock().await;
        self.wait_for(Level::take).await;
    }

    async fn wait_for(&self, take: fn(&mut Level, Instant) -> Result<(), Duration>) {
        while let Err(missing) = self.with_level(take) {
            // A millisecond more than computed, so that rounding cannot make a second, empty round of it.
            sleep(missing + Duration::from_millis(1)).await;
        }
    }

    fn throttled(&self) {
        self.with_level(Level::throttled);
    }

    fn with_level<T>(&self, act: impl FnOnce(&mut Level, Instant) -> T) -> T {
        // A panic while a level was held leaves numbers, and numbers are always a level.
        act(&mut self.level.lock().unwrap_or_else(PoisonError::into_inner), Instant::now())
    }
}

/// How full a bucket is at a moment.
#[derive(Debug)]
struct Level {
    burst: f64,
    refill: f64,
    tokens: f64,
    /// What the background may take of the tokens.
    background: f64,
    /// The share of the refill that throttle answers have left.
    pace: f64,
    throttled_at: Option<Instant>,
    at: Instant,
}

impl Level {
    fn full(burst: u32, refill: u32, at: Instant) -> Self {
        let (burst, refill) = (f64::from(burst), f64::from(refill));
        Self { burst, refill, tokens: burst, background: refill * BACKGROUND, pace: 1.0, throttled_at: None, at }
    }

    /// Takes a token, or says how long it takes until there is one.
    fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.fill(now);
        if self.tokens >= self.burst {
            self.at = now + TRAVEL;
        }
        let until_refill = self.at.saturating_duration_since(now);
        take_one(&mut self.tokens, self.refill * self.pace).map_err(|missing| until_refill + missing)
    }

    /// Takes one of the background's tokens, or says how long it takes until there is one.
    fn take_background(&mut self, now: Instant) -> Result<(), Duration> {
        self.fill(now);
        take_one(&mut self.background, self.refill * self.pace * BACKGROUND)
    }

    /// Empties the bucket. Many calls of one burst meet the same throttle, so the pace goes down once a second at most.
    fn throttled(&mut self, now: Instant) {
        self.fill(now);
        self.tokens = 0.0;
        self.background = 0.0;
        if self.throttled_at.is_none_or(|at| now.saturating_duration_since(at) >= Duration::from_secs(1)) {
            self.throttled_at = Some(now);
            self.pace = (self.pace / 2.0).max(SLOWEST);
        }
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        let gain = passed * self.refill * self.pace;
        self.tokens = (self.tokens + gain).min(self.burst);
        self.background = (self.background + gain * BACKGROUND).min(self.refill * BACKGROUND);
        self.pace = (self.pace + passed / RECOVERY.as_secs_f64()).min(1.0);
        self.at = self.at.max(now);
    }
}

fn take_one(tokens: &mut f64, per_second: f64) -> Result<(), Duration> {
    if *tokens < 1.0 {
        return Err(Duration::from_secs_f64((1.0 - *tokens) / per_second));
    }
    *tokens -= 1.0;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes `calls` calls, each as soon as `take` lets it, and returns how many seconds the clock went on.
    fn seconds_for(level: &mut Level, calls: usize, take: fn(&mut Level, Instant) -> Result<(), Duration>) -> f64 {
        let start = level.at;
        let mut now = start;
        for _ in 0..calls {
            while let Err(missing) = take(level, now) {
                now += missing + Duration::from_nanos(1);
            }
        }
        (now - start).as_secs_f64()
    }

    fn bucket(burst: u32, refill: u32) -> Level {
        Level::full(burst, refill, Instant::now())
    }

    fn assert_about(seconds: f64, expected: f64) {
        assert!((seconds - expected).abs() <= expected * 0.02 + 0.01, "{seconds} s instead of {expected} s");
    }

    #[test]
    fn a_person_spends_the_whole_burst_and_then_the_refill() {
        let mut level = bucket(100, 20);
        assert_about(seconds_for(&mut level, 100, Level::take), 0.0);
        let mut level = bucket(100, 20);
        assert_about(seconds_for(&mut level, 140, Level::take), TRAVEL.as_secs_f64() + 2.0);
    }

    #[test]
    fn the_background_gets_a_quarter_of_the_refill() {
        let mut level = bucket(100, 20);
        seconds_for(&mut level, 5, Level::take_background);
        assert_about(seconds_for(&mut level, 50, Level::take_background), 10.0);
    }

    #[test]
    fn a_throttle_answer_empties_the_bucket_and_halves_its_pace() {
        let mut level = bucket(100, 20);
        level.throttled(level.at);
        let seconds = seconds_for(&mut level, 10, Level::take);
        assert!((0.9..=1.0).contains(&seconds), "{seconds}");
    }

    #[test]
    fn a_burst_of_throttles_is_one_throttle() {
        let mut level = bucket(100, 20);
        for _ in 0..30 {
            level.throttled(level.at);
        }
        assert_about(level.pace, 0.5);
    }

    #[test]
    fn the_pace_comes_back_within_a_minute() {
        let mut level = bucket(10, 20);
        for second in 0..20 {
            level.throttled(level.at + Duration::from_secs(second));
        }
        level.fill(level.at + RECOVERY);
        assert_about(seconds_for(&mut level, 30, Level::take), TRAVEL.as_secs_f64() + 1.0);
    }

    #[test]
    fn ways_to_one_account_and_region_share_a_budget_and_others_do_not() {
        let (budgets, [one, same, other]) = (Budgets::default(), [(); 3].map(|()| Budget::new()));
        budgets.join(&one, "1", "eu-west-1");
        budgets.join(&same, "1", "eu-west-1");
        budgets.join(&other, "1", "us-east-1");
        budgets.join(&same, "1", "eu-west-1");
        one.throttled(Category::ClusterRead);
        let left = |budget: &Budget| budget.buckets().cluster_read.with_level(|level, _| level.tokens);
        assert!(left(&same) < 1.0 && left(&one) < 1.0);
        assert_about(left(&other), 50.0);
    }

    #[test]
    fn a_clock_that_goes_back_takes_nothing_away() {
        let mut level = bucket(10, 20);
        let later = level.at + Duration::from_secs(5);
        level.fill(later);
        level.fill(later.checked_sub(Duration::from_secs(1)).unwrap());
        assert_about(seconds_for(&mut level, 10, Level::take), 0.0);
    }
}
