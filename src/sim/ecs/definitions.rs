//! ListTaskDefinitions, ListTaskDefinitionFamilies and DescribeTaskDefinition.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Account,
    members::{included, read, tags, without_nulls},
    paging::Page,
    register,
};
use crate::{
    model::Arn,
    sim::{
        refusal::Refusal,
        sts,
        world::{ContainerSpec, Definition, Launch},
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    family_prefix: Option<String>,
    status: Option<String>,
    sort: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Families {
    family_prefix: Option<String>,
    status: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Describe {
    task_definition: String,
    #[serde(default)]
    include: Vec<String>,
}

pub(super) fn list(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let List { family_prefix, status, sort, next_token, max_results } = read(body)?;
    let status = status.as_deref().unwrap_or("ACTIVE");
    if !["ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"].contains(&status) {
        return Err(Refusal::parameter(format!("{status} is not a valid task definition status.")));
    }
    let descending = match sort.as_deref() {
        None | Some("ASC") => false,
        Some("DESC") => true,
        Some(other) => return Err(Refusal::parameter(format!("{other} is not a valid sort order."))),
    };
    let page = Page::read(
        format!("definitions {family_prefix:?} {status} {descending}"),
        max_results,
        next_token.as_deref(),
        100,
    )?;
    // Here familyPrefix is a whole family; for families it is a prefix:
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitions.html
    let families =
        cx.world.families.iter().filter(|(name, _)| family_prefix.as_deref().is_none_or(|wanted| wanted == &***name));
    let items = families.flat_map(|(name, family)| {
        (1..=family.latest).filter(move |revision| family.status(*revision) == status).map(move |revision| {
            (format!("{name}:{revision:010}"), cx.world.arn(format_args!("task-definition/{name}:{revision}")))
        })
    });
    if descending {
        let mut items: Vec<_> = items.collect();
        items.reverse();
        Ok(page.of_descending("taskDefinitionArns", items.into_iter()))
    } else {
        Ok(page.of("taskDefinitionArns", items))
    }
}

pub(super) fn families(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let Families { family_prefix, status, next_token, max_results } = read(body)?;
    let question = format!("families {family_prefix:?} {status:?}");
    let page = Page::read(question, max_results, next_token.as_deref(), 100)?;
    // Without a status, families whose revisions are all INACTIVE are listed too:
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitionFamilies.html
    let active = match status.as_deref() {
        None | Some("ALL") => None,
        Some("ACTIVE") => Some(true),
        Some("INACTIVE") => Some(false),
        Some(other) => return Err(Refusal::parameter(format!("{other} is not a valid family status."))),
    };
    let families = cx.world.families.iter().filter(|(name, family)| {
        active.is_none_or(|active| active == (family.status(family.latest) == "ACTIVE"))
            && family_prefix.as_deref().is_none_or(|prefix| name.starts_with(prefix))
    });
    Ok(page.of("families", families.map(|(name, _)| (name.to_string(), name.to_string()))))
}

pub(super) fn describe(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let Describe { task_definition, include } = read(body)?;
    let include = included(&include, &["TAGS"])?;
    let definition = cx
        .find_definition(&task_definition)
        .ok_or_else(|| Refusal::new("ClientException", "Unable to describe task definition."))?;
    let tags = (!include.is_empty()).then(|| tags(cx.world.tags_of(&definition)));
    Ok(without_nulls(json!({ "taskDefinition": cx.definition_json(&definition), "tags": tags })))
}

impl Account<'_> {
    pub(super) fn definition_arn(self, definition: &Definition) -> String {
        self.world.arn(format_args!("task-definition/{}:{}", definition.family, definition.revision))
    }

    /// Returns the definition that `family`, `family:revision` or an ARN names.
    pub(super) fn find_definition(self, text: &str) -> Option<Definition> {
        let arn = text.parse::<Arn>().ok();
        let name = match &arn {
            Some(arn) if arn.kind() == "task-definition" && arn.account() == &*self.world.account => arn.name(),
            Some(_) => return None,
            None => text,
        };
        let (family, revision) = match name.split_once(':') {
            Some((family, revision)) => (family, Some(revision.parse().ok()?)),
            None => (name, None),
        };
        self.world.definition(family, revision)
    }

    /// Returns a revision as DescribeTaskDefinition tells it: what was registered here is given back word for word.
    pub(super) fn definition_json(self, definition: &Definition) -> Value {
        let mut answer = match definition.template.document.as_deref() {
            Some(document) => self.document_json(document),
            None => self.template_json(definition),
        };
        let Some(family) = self.world.families.get(&definition.family) else { return answer };
        answer["taskDefinitionArn"] = self.definition_arn(definition).into();
        answer["family"] = (&*definition.family).into();
        answer["revision"] = definition.revision.into();
        answer["status"] = family.status(definition.revision).into();
        answer["registeredAt"] = self.seconds(family.registered_at(definition.revision)).into();
        let deregistered = family.deregistered_at(definition.revision);
        answer["deregisteredAt"] = deregistered.map(|at| self.seconds(at)).into();
        answer
    }

    fn document_json(self, document: &Value) -> Value {
        let mut answer = document.clone();
        answer["requiresAttributes"] = register::required(document);
        answer["compatibilities"] = register::compatibilities(document);
        answer["registeredBy"] = sts::caller(self.world).into();
        answer
    }

    fn template_json(self, definition: &Definition) -> Value {
        let template = &definition.template;
        let compatibilities = match template.launch {
            Launch::Fargate => json!(["EC2", "FARGATE"]),
            Launch::Ec2 => json!(["EXTERNAL", "EC2"]),
            Launch::External => json!(["EXTERNAL"]),
        };
        let filled = |text: &Option<String>| text.as_deref().map(|text| definition.fill(text));
        let platform = json!({ "cpuArchitecture": template.architecture, "operatingSystemFamily": "LINUX" });
        let containers: Vec<Value> =
            template.containers.iter().map(|container| self.container_definition_json(definition, container)).collect();
        json!({
            "containerDefinitions": containers,
            "taskRoleArn": filled(&template.task_role),
            "executionRoleArn": filled(&template.execution_role),
            "networkMode": template.network_mode,
            "volumes": [],
            "requiresAttributes": [{ "name": "com.amazonaws.ecs.capability.docker-remote-api.1.19" }],
            "placementConstraints": [],
            "compatibilities": compatibilities,
            "requiresCompatibilities": [template.launch.as_str()],
            "runtimePlatform": (template.launch == Launch::Fargate).then_some(platform),
            "cpu": template.cpu.to_string(),
            "memory": template.memory.to_string(),
            "registeredBy": format!("arn:aws:sts::{}:assumed-role/terraform/ci", self.world.account),
            "enableFaultInjection": false,
        })
    }

    fn container_definition_json(self, definition: &Definition, container: &ContainerSpec) -> Value {
        let fill = |text: &str| definition.fill(text);
        let all =
            |texts: &[String]| (!texts.is_empty()).then(|| texts.iter().map(|text| fill(text)).collect::<Vec<_>>());
        let awsvpc = definition.template.network_mode == "awsvpc";
        let ports: Vec<Value> = container
            .ports
            .iter()
            .map(|port| {
                let host = if awsvpc { port.container } else { port.host.unwrap_or(0) };
                json!({ "containerPort": port.container, "hostPort": host, "protocol": port.protocol })
            })
            .collect();
        let environment: Vec<Value> =
            container.environment.iter().map(|(name, value)| json!({ "name": name, "value": fill(value) })).collect();
        let secrets: Vec<Value> =
            container.secrets.iter().map(|(name, from)| json!({ "name": name, "valueFrom": fill(from) })).collect();
        let log = container.log.as_ref().map(|log| {
            let options = log.is_kept().then(|| {
                json!({
                    "awslogs-group": fill(&log.group),
                    "awslogs-region": log.region.as_deref().unwrap_or(&self.world.region),
                    "awslogs-stream-prefix": log.prefix,
                })
            });
            json!({ "logDriver": log.driver, "options": options })
        });
        let health = all(&container.health).map(
            |command| json!({ "command": command, "interval": 10, "timeout": 5, "retries": 3, "startPeriod": 15 }),
        );
        json!({
            "name": container.name,
            "image": fill(&container.image),
            "cpu": container.cpu,
            "memory": container.memory,
            "memoryReservation": container.memory_reservation,
            "portMappings": ports,
            "essential": container.essential,
            "entryPoint": all(&container.entry_point),
            "command": all(&container.command),
            "environment": environment,
            "environmentFiles": [],
            "mountPoints": [],
            "volumesFrom": [],
            "secrets": (!secrets.is_empty()).then_some(secrets),
            "linuxParameters": container.init_process.then(|| json!({ "initProcessEnabled": true })),
            "readonlyRootFilesystem": container.read_only_root.then_some(true),
            "logConfiguration": log,
            "healthCheck": health,
            "systemControls": [],
        })
    }
}
