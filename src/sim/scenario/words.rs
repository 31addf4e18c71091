//! The words a world is written in.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use crate::sim::{
    agent::{Door, Harm, Intruder},
    world::Ailment,
};

/// A whole world.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
    /// Whether services say now and then that they are well.
    #[serde(default)]
    pub(super) lively: bool,
    /// Containers that many task definitions share.
    #[serde(default)]
    pub(super) sidecar: BTreeMap<String, ContainerWords>,
    #[serde(default)]
    pub(super) taskdef: Vec<DefinitionWords>,
    /// Load balancers, by name.
    #[serde(default)]
    pub(super) balancer: BTreeMap<String, BalancerWords>,
    /// Target groups, by name; one that no more is said of needs none.
    #[serde(default)]
    pub(super) target_group: BTreeMap<String, GroupWords>,
    #[serde(default)]
    pub(super) cluster: BTreeMap<String, ClusterWords>,
    /// Log groups that containers should write to and that nobody has made.
    #[serde(default)]
    pub(super) missing_log_groups: Vec<String>,
    #[serde(default)]
    pub(super) alarm: Vec<AlarmWords>,
    #[serde(default)]
    pub(super) parameter: Vec<ParameterWords>,
    #[serde(default)]
    pub(super) push: Vec<PushWords>,
    /// Images in the account's registry, beside those that the definitions here run.
    #[serde(default)]
    pub(super) image: Vec<ImageWords>,
    /// Images that the definitions here run and that are not there, with `{registry}` for the account's own.
    #[serde(default)]
    pub(super) missing_images: Vec<String>,
    /// Roles and secrets beside those that the definitions here name, and those of these that are not there.
    #[serde(default)]
    pub(super) roles: Vec<String>,
    #[serde(default)]
    pub(super) missing_roles: Vec<String>,
    #[serde(default)]
    pub(super) secrets: Vec<String>,
    #[serde(default)]
    pub(super) missing_secrets: Vec<String>,
    /// What roles and the caller may not do.
    #[serde(default)]
    pub(super) denied: Vec<DeniedWords>,
    /// Members of requests that this AWS takes and that no model of it tells of yet.
    #[serde(default)]
    pub(super) newer_members: Vec<String>,
    /// How long ListServiceDeployments does not tell of a new deployment yet.
    pub(super) history_lag: Option<Age>,
    #[serde(default)]
    pub(super) fault: Vec<FaultWords>,
    #[serde(default)]
    pub(super) session_fault: Vec<SessionFaultWords>,
    #[serde(default)]
    pub(super) session_door: Vec<SessionDoorWords>,
}

/// A task definition; of several of one family each is good for the revisions after the one before it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DefinitionWords {
    pub(super) family: Spanned<String>,
    #[serde(default = "one")]
    pub(super) revision: u32,
    /// The oldest revision that is still ACTIVE; one more than `revision` where all have been deregistered.
    #[serde(default = "one")]
    pub(super) first: u32,
    /// How long ago the latest revision was registered.
    pub(super) age: Option<Age>,
    #[serde(default)]
    pub(super) launch: LaunchWord,
    pub(super) network: Option<String>,
    #[serde(default = "quarter_of_a_cpu")]
    pub(super) cpu: u32,
    #[serde(default = "half_a_gibibyte")]
    pub(super) memory: u32,
    #[serde(default = "x86")]
    pub(super) arch: String,
    /// The name of the task role; `FAMILY-task` where there is none, nothing where it is empty.
    pub(super) role: Option<String>,
    #[serde(default)]
    pub(super) container: Vec<ContainerWords>,
    #[serde(default)]
    pub(super) sidecars: Vec<Spanned<String>>,
    /// What its tasks do that are run by hand; without it they end after a while, unless a service runs them too.
    pub(super) runs: Option<RunsWords>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
}

/// What a task does that is run by hand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunsWords {
    #[serde(rename = "for")]
    pub(super) lasts: Age,
    #[serde(default)]
    pub(super) exit: i32,
    /// The lines that it writes.
    #[serde(default)]
    pub(super) says: Vec<String>,
}

/// A container of a task definition.
#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct ContainerWords {
    /// `app` where there is none; a sidecar has the name it is found under.
    pub(super) name: Option<String>,
    /// With `{registry}`, `{family}` and `{revision}` standing for the account's own.
    pub(super) image: String,
    /// Whether the task stops with it; without it, every container but a sidecar is.
    pub(super) essential: Option<bool>,
    #[serde(default)]
    pub(super) cpu: u32,
    pub(super) memory: Option<u32>,
    pub(super) reserve: Option<u32>,
    /// `8080`, `"53/udp"`, `"80:8080"` (host first).
    #[serde(default)]
    pub(super) ports: Vec<PortWord>,
    #[serde(default)]
    pub(super) entry: Vec<String>,
    #[serde(default)]
    pub(super) command: Vec<String>,
    /// In the order they are written in.
    #[serde(default)]
    pub(super) env: toml::Table,
    #[serde(default)]
    pub(super) secrets: toml::Table,
    /// The log group; `/ecs/{family}` where there is none.
    pub(super) log: Option<String>,
    /// The log driver; nothing where it is empty.
    pub(super) log_driver: Option<String>,
    /// The region of the log group.
    pub(super) log_region: Option<String>,
    /// What its log streams begin with; `ecs` where there is none, and none where it is empty.
    pub(super) log_prefix: Option<String>,
    /// How many lines it writes a second, at most 10 000.
    pub(super) lines: Option<f64>,
    /// The shell command of its health check.
    pub(super) health: Option<String>,
    #[serde(default)]
    pub(super) init: bool,
    #[serde(default)]
    pub(super) read_only: bool,
    #[serde(default)]
    pub(super) exec: ExecWord,
}

/// A cluster.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterWords {
    #[serde(default)]
    pub(super) insights: bool,
    /// The id of the KMS key that sessions are encrypted with.
    pub(super) kms_key: Option<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) instance: Vec<InstanceWords>,
    #[serde(default)]
    pub(super) service: Vec<ServiceWords>,
    /// Tasks that were run by hand.
    #[serde(default)]
    pub(super) task: Vec<TaskWords>,
}

/// EC2 instances.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InstanceWords {
    #[serde(default = "one")]
    pub(super) count: u32,
    #[serde(default = "m6i", rename = "type")]
    pub(super) kind: String,
    #[serde(default = "active")]
    pub(super) status: String,
    #[serde(default = "yes")]
    pub(super) connected: bool,
    pub(super) age: Option<Age>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
}

/// A service.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceWords {
    pub(super) name: Spanned<String>,
    /// `family` or `family:revision`; the service's own name where there is none.
    pub(super) taskdef: Option<Spanned<String>>,
    #[serde(default = "one")]
    pub(super) desired: u32,
    /// `ACTIVE`, or `DRAINING` while it is being deleted.
    #[serde(default = "active")]
    pub(super) status: String,
    /// How long ago it was created.
    pub(super) age: Option<Age>,
    /// How long ago the deployment in force began.
    pub(super) deployed: Option<Age>,
    #[serde(default = "yes")]
    pub(super) exec: bool,
    #[serde(default)]
    pub(super) daemon: bool,
    /// Who deploys it: `ECS`, `CODE_DEPLOY` or `EXTERNAL`; the task set of the others stays as it is.
    #[serde(default)]
    pub(super) controller: ControllerWord,
    /// The capacity provider in place of the launch type.
    pub(super) provider: Option<String>,
    /// How many of its tasks fail their health check.
    #[serde(default)]
    pub(super) unhealthy: u32,
    /// How long ago the scheduler said what.
    #[serde(default)]
    pub(super) events: Vec<(Age, String)>,
    #[serde(default)]
    pub(super) targets: Vec<TargetWords>,
    /// Tasks that were told so long ago to stop, and still drain.
    #[serde(default)]
    pub(super) draining: Vec<Age>,
    pub(super) load: Option<LoadWords>,
    pub(super) scaling: Option<ScalingWords>,
    pub(super) rolling: Option<RollingWords>,
    /// The circuit breaker: `off`, `on` or `rollback`; on where there is none, but where tasks fail and go on failing.
    pub(super) breaker: Option<BreakerWord>,
    pub(super) failing: Option<FailingWords>,
    /// Tasks that have stopped within the last hour.
    #[serde(default)]
    pub(super) stopped: Vec<StoppedWords>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
}

/// Where a service's tasks are registered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetWords {
    /// A target group.
    #[serde(default)]
    pub(super) group: String,
    /// A classic load balancer instead.
    pub(super) classic: Option<String>,
    pub(super) container: String,
    pub(super) port: u16,
    /// Its `advancedConfiguration`, for blue/green deployments, as AWS writes it.
    pub(super) advanced: Option<serde_json::Value>,
    /// How those fail that are unhealthy: `timeout`, `refused`, or the HTTP status they answer with.
    #[serde(default)]
    pub(super) fails: AilmentWord,
}

/// A load balancer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BalancerWords {
    #[serde(default, rename = "type")]
    pub(super) kind: BalancerWord,
    #[serde(default)]
    pub(super) internal: bool,
    pub(super) age: Option<Age>,
    #[serde(default)]
    pub(super) listener: Vec<ListenerWords>,
}

/// A kind of load balancer.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "lowercase")]
pub(super) enum BalancerWord {
    #[default]
    Application,
    Network,
    Classic,
}

/// A listener of a load balancer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListenerWords {
    pub(super) port: u16,
    #[serde(default = "https")]
    pub(super) protocol: String,
    /// Where requests go that no rule is for.
    pub(super) to: Option<WayWords>,
    #[serde(default)]
    pub(super) rule: Vec<RuleWords>,
    /// A classic load balancer's: the port of the instances.
    #[serde(default)]
    pub(super) instance_port: u16,
}

/// A rule of a listener; its place is its priority.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleWords {
    #[serde(default)]
    pub(super) host: Vec<String>,
    #[serde(default)]
    pub(super) path: Vec<String>,
    pub(super) to: WayWords,
}

/// Where requests go: a target group, several with their weights, `redirect`, or an HTTP status.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum WayWords {
    Status(u16),
    Name(String),
    Weights(BTreeMap<String, u32>),
}

/// A target group.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupWords {
    #[serde(default = "http")]
    pub(super) protocol: String,
    #[serde(default = "eighty")]
    pub(super) port: u16,
    /// How long a target that is taken out drains.
    pub(super) drains: Option<Age>,
    /// The path of its health check.
    pub(super) check: Option<String>,
    /// How often that is made.
    pub(super) every: Option<Age>,
    /// The HTTP codes that are good.
    pub(super) codes: Option<String>,
}

/// How a target fails its health check.
#[derive(Clone)]
pub(super) struct AilmentWord(pub(super) Ailment);

impl Default for AilmentWord {
    fn default() -> Self {
        Self(Ailment::Code(503))
    }
}

impl<'de> Deserialize<'de> for AilmentWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self(match (text.as_str(), text.parse()) {
            ("timeout", _) => Ailment::Timeout,
            ("refused", _) => Ailment::Refused,
            (_, Ok(code)) => Ailment::Code(code),
            _ => return Err(de::Error::custom(format!("{text:?}: a target fails by timeout, refused, or a status"))),
        }))
    }
}

/// Between which per cent its use of CPU and memory goes to and fro.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoadWords {
    pub(super) cpu: (f64, f64),
    pub(super) memory: (f64, f64),
}

/// How a service is scaled.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScalingWords {
    pub(super) min: u32,
    pub(super) max: u32,
    #[serde(default)]
    pub(super) suspended: bool,
    #[serde(default)]
    pub(super) track: Vec<TrackWords>,
    #[serde(default)]
    pub(super) step: Vec<StepWords>,
    /// How long ago the first policy set the desired count to what.
    #[serde(default)]
    pub(super) activities: Vec<(Age, u32)>,
}

/// A policy that keeps a metric near a value; CloudWatch gets two alarms for it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrackWords {
    pub(super) name: Option<String>,
    pub(super) metric: MetricWord,
    pub(super) target: f64,
    #[serde(default = "yes")]
    pub(super) scales_in: bool,
    #[serde(default = "a_minute")]
    pub(super) out_cooldown: u32,
    #[serde(default = "five_minutes")]
    pub(super) in_cooldown: u32,
}

/// A policy that adds or takes tasks when an alarm is raised.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepWords {
    pub(super) name: String,
    pub(super) alarm: String,
    /// How far above the threshold, and by how many tasks.
    pub(super) steps: Vec<(f64, i32)>,
    #[serde(default = "a_minute")]
    pub(super) cooldown: u32,
}

/// What ECS measures.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum MetricWord {
    Cpu,
    Memory,
}

/// An alarm on a service.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlarmWords {
    pub(super) name: String,
    pub(super) description: Option<String>,
    /// `CLUSTER/SERVICE`.
    pub(super) service: Spanned<String>,
    pub(super) metric: MetricWord,
    /// Above or below which threshold it is raised.
    pub(super) above: Option<f64>,
    pub(super) below: Option<f64>,
    #[serde(default = "a_minute")]
    pub(super) period: u32,
    #[serde(default = "three")]
    pub(super) periods: u32,
    #[serde(default)]
    pub(super) state: AlarmWord,
    /// How long it is in that state.
    pub(super) age: Option<Age>,
}

/// Where an alarm is.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum AlarmWord {
    #[default]
    Ok,
    Alarm,
    InsufficientData,
}

/// A parameter of Parameter Store.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParameterWords {
    pub(super) name: String,
    pub(super) value: String,
    /// `String`, `StringList` or `SecureString`.
    #[serde(default, rename = "type")]
    pub(super) kind: ParameterWord,
    pub(super) key: Option<String>,
    pub(super) description: Option<String>,
    pub(super) age: Option<Age>,
    /// The versions before it, oldest first.
    #[serde(default)]
    pub(super) earlier: Vec<EarlierWords>,
}

/// A version of a parameter that is no longer the latest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EarlierWords {
    pub(super) value: String,
    pub(super) age: Age,
}

/// The type of a parameter.
#[derive(Deserialize, Clone, Copy, Default)]
pub(super) enum ParameterWord {
    #[default]
    String,
    StringList,
    SecureString,
}

/// A tag that was pushed anew: tasks that started before run another image under the same name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PushWords {
    /// With `{registry}` standing for the account's own.
    pub(super) image: String,
    pub(super) age: Age,
}

/// Images of a repository, one for each tag.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImageWords {
    pub(super) repository: String,
    pub(super) tags: Vec<String>,
    /// `X86_64`, `ARM64`; several make an index.
    #[serde(default = "only_x86")]
    pub(super) arch: Vec<String>,
    pub(super) age: Option<Age>,
    /// That its program exits.
    pub(super) exits: Option<ExitWords>,
}

/// Something that a principal may not do; `*` stands for anything.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeniedWords {
    /// The name of a role; the caller is `demo`.
    #[serde(default = "anything")]
    pub(super) principal: String,
    pub(super) action: String,
    #[serde(default = "anything")]
    pub(super) resource: String,
    /// Whether a policy says so, and not only that none allows it.
    #[serde(default)]
    pub(super) explicit: bool,
}

/// How a program exits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExitWords {
    pub(super) code: i32,
    /// How long it runs first.
    pub(super) after: Option<Age>,
}

/// A deployment under way.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RollingWords {
    /// The definition that is being replaced.
    pub(super) from: Spanned<String>,
    /// How many new tasks run.
    #[serde(default)]
    pub(super) done: u32,
    /// How long after it the next revision is deployed.
    pub(super) every: Option<Age>,
}

/// How each new task of a service fails.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FailingWords {
    pub(super) reason: String,
    /// The container's own reason.
    pub(super) container: Option<String>,
    /// The exit code, where the container came up at all.
    pub(super) exit: Option<i32>,
    /// How many have failed so far.
    #[serde(default)]
    pub(super) failed: u32,
    /// Whether the circuit breaker has given the deployment up.
    #[serde(default)]
    pub(super) given_up: bool,
}

/// A task that has stopped.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct StoppedWords {
    /// How long ago.
    pub(super) age: Age,
    pub(super) reason: String,
    /// A `TaskStopCode`.
    pub(super) code: Spanned<String>,
    pub(super) exit: Option<i32>,
    /// The container's own reason.
    pub(super) container: Option<String>,
    /// How long it ran; nothing where it never did.
    pub(super) ran: Option<Age>,
}

/// Tasks that were run by hand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskWords {
    pub(super) taskdef: Spanned<String>,
    #[serde(default = "one")]
    pub(super) count: u32,
    pub(super) age: Option<Age>,
    #[serde(default = "yes")]
    pub(super) exec: bool,
    pub(super) group: Option<String>,
    pub(super) started_by: Option<String>,
    /// `PROVISIONING`, `PENDING` or `RUNNING`.
    #[serde(default)]
    pub(super) status: StatusWord,
    pub(super) stopped: Option<StoppedWords>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
}

/// Something that goes wrong with calls.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultWords {
    pub(super) operation: String,
    /// Only calls whose body holds this.
    pub(super) matching: Option<String>,
    pub(super) times: Option<u32>,
    pub(super) delay: Option<Age>,
    /// The code of an error.
    pub(super) error: Option<String>,
    #[serde(default)]
    pub(super) message: String,
    #[serde(default = "bad_request")]
    pub(super) status: u16,
    #[serde(default)]
    pub(super) hang: bool,
    #[serde(default)]
    pub(super) cut: bool,
    /// The connection is closed without a byte of an answer, `before` the call happens or `after` it has.
    pub(super) closes: Option<ClosesWord>,
    pub(super) garbage: Option<String>,
}

/// When a connection is closed.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum ClosesWord {
    Before,
    After,
}

/// Something that goes wrong on the line of each session.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionFaultWords {
    /// Which way the frames travel that are counted.
    pub(super) to: EndWord,
    #[serde(default)]
    pub(super) frames: FramesWord,
    /// The first frame it befalls.
    #[serde(default = "first")]
    pub(super) first: u64,
    /// Each so many frames again.
    #[serde(default)]
    pub(super) every: u64,
    /// `drop`, `duplicate`, `reorder`, `corrupt`, `truncate`, `text`, `cut`, `cut within`, `silence`, `delay: 5ms`; or
    /// what comes before the frame: `pause`, `start`, `unknown`, `large`, `oversized`, `noise`, `closed: WORDS`.
    pub(super) harm: HarmWord,
}

/// What a dial of each session meets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionDoorWords {
    /// How many dials in a row.
    #[serde(default = "one")]
    pub(super) times: u32,
    /// `open`, `hanging`, `mute`, `strange`, or an HTTP status.
    pub(super) is: DoorWord,
}

/// An end of a session's line.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum EndWord {
    Client,
    Agent,
}

/// Which frames a rule is for.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "lowercase")]
pub(super) enum FramesWord {
    #[default]
    All,
    Data,
    Acknowledgements,
}

/// What happens to a frame.
pub(super) struct HarmWord(pub(super) Harm);

impl<'de> Deserialize<'de> for HarmWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if let Some(words) = text.strip_prefix("closed: ") {
            return Ok(Self(Harm::Behind(Intruder::Closed(words.to_owned()))));
        }
        if let Some(time) = text.strip_prefix("delay: ") {
            return Age::parse(time).map(|Age(time)| Self(Harm::Delay(time))).map_err(de::Error::custom);
        }
        Ok(Self(match text.as_str() {
            "drop" => Harm::Drop,
            "duplicate" => Harm::Duplicate,
            "reorder" => Harm::Reorder,
            "corrupt" => Harm::Corrupt,
            "truncate" => Harm::Truncate,
            "text" => Harm::Text,
            "cut" => Harm::Cut,
            "cut within" => Harm::CutWithin,
            "silence" => Harm::Silence,
            "pause" => Harm::Behind(Intruder::Pause),
            "start" => Harm::Behind(Intruder::Start),
            "unknown" => Harm::Behind(Intruder::Unknown(2)),
            "large" => Harm::Behind(Intruder::Unknown(64 << 10)),
            "oversized" => Harm::Behind(Intruder::Unknown(1 << 20)),
            "noise" => Harm::Behind(Intruder::Noise),
            _ => return Err(de::Error::custom(format!("{text:?} is nothing that happens to a frame"))),
        }))
    }
}

/// What a dial meets.
pub(super) struct DoorWord(pub(super) Door);

impl<'de> Deserialize<'de> for DoorWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Status(u16),
            Text(String),
        }
        let text = match Either::deserialize(deserializer)? {
            Either::Status(status @ 400..600) => return Ok(Self(Door::Refusing(status))),
            Either::Status(status) => return Err(de::Error::custom(format!("{status} refuses nobody"))),
            Either::Text(text) => text,
        };
        Ok(Self(match text.as_str() {
            "open" => Door::Open,
            "hanging" => Door::Hanging,
            "mute" => Door::Mute,
            "strange" => Door::Strange,
            _ => {
                return Err(de::Error::custom(format!(
                    "{text:?}: a door is open, hanging, mute, strange, or a status"
                )));
            }
        }))
    }
}

/// Who deploys a service.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum ControllerWord {
    #[default]
    Ecs,
    CodeDeploy,
    External,
}

/// What happens to a deployment whose tasks fail again and again.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum BreakerWord {
    Off,
    On,
    Rollback,
}

/// Where a task that runs is in its life.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum StatusWord {
    Provisioning,
    Pending,
    #[default]
    Running,
}

/// Where tasks run.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum LaunchWord {
    #[default]
    Fargate,
    Ec2,
    External,
}

/// What becomes of a container's ExecuteCommandAgent: `ready`, `absent`, `pending`, `disconnected`, or why it stopped.
#[derive(Clone, Default)]
pub(super) enum ExecWord {
    #[default]
    Ready,
    Absent,
    Pending,
    Disconnected,
    Stopped(String),
}

impl<'de> Deserialize<'de> for ExecWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match text.as_str() {
            "ready" => Self::Ready,
            "absent" => Self::Absent,
            "pending" => Self::Pending,
            "disconnected" => Self::Disconnected,
            _ => {
                let reason = text.strip_prefix("stopped: ").ok_or_else(|| {
                    de::Error::custom("exec is ready, absent, pending, disconnected, or \"stopped: REASON\"")
                })?;
                Self::Stopped(reason.to_owned())
            }
        })
    }
}

/// A port: `8080`, `"53/udp"`, `"80:8080"` (host first, 0 for a dynamic one).
#[derive(Clone)]
pub(super) struct PortWord {
    pub(super) container: u16,
    pub(super) host: Option<u16>,
    pub(super) protocol: String,
}

impl<'de> Deserialize<'de> for PortWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(u16),
            Text(String),
        }
        let text = match Either::deserialize(deserializer)? {
            Either::Number(container) => return Ok(Self { container, host: None, protocol: "tcp".to_owned() }),
            Either::Text(text) => text,
        };
        let (ports, protocol) = text.split_once('/').unwrap_or((&text, "tcp"));
        let (host, container) = match ports.split_once(':') {
            Some((host, container)) => (Some(host), container),
            None => (None, ports),
        };
        let number = |text: &str| text.parse::<u16>().map_err(|_| de::Error::custom(format!("{text:?} is no port")));
        Ok(Self { container: number(container)?, host: host.map(number).transpose()?, protocol: protocol.to_owned() })
    }
}

/// A span of time: `90s`, `4m`, `3h`, `2d`.
#[derive(Clone, Copy)]
pub(super) struct Age(pub(super) Duration);

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl Age {
    fn parse(text: &str) -> Result<Self, String> {
        let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
        let age = units.iter().find_map(|(unit, millis)| {
            let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
            Some(Self(Duration::from_millis(number.checked_mul(*millis)?)))
        });
        age.ok_or_else(|| format!("{text:?} is no span of time such as 90s, 4m, 3h, 2d"))
    }
}

fn one() -> u32 {
    1
}

fn three() -> u32 {
    3
}

fn a_minute() -> u32 {
    60
}

fn five_minutes() -> u32 {
    300
}

fn first() -> u64 {
    1
}

fn quarter_of_a_cpu() -> u32 {
    256
}

fn half_a_gibibyte() -> u32 {
    512
}

fn bad_request() -> u16 {
    400
}

fn yes() -> bool {
    true
}

fn x86() -> String {
    "X86_64".to_owned()
}

fn anything() -> String {
    "*".to_owned()
}

fn only_x86() -> Vec<String> {
    vec![x86()]
}

fn m6i() -> String {
    "m6i.xlarge".to_owned()
}

fn http() -> String {
    "HTTP".to_owned()
}

fn https() -> String {
    "HTTPS".to_owned()
}

fn eighty() -> u16 {
    80
}

fn active() -> String {
    "ACTIVE".to_owned()
}
