//! How tasks end by themselves: what their images do, if they can be pulled at all.

use std::{sync::Arc, time::Duration};

use super::{ContainerSpec, Definition, Image, Launch, Template, Whereabouts, World};

/// How long a program runs that cannot be executed.
const AT_ONCE: Duration = Duration::from_secs(1);
/// What ECS says of a task whose essential container has ended.
pub(crate) const EXITED: &str = "Essential container in task exited";

/// How a task will end by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fate {
    /// Why the task stopped.
    pub(crate) reason: String,
    /// The container's own reason (`CannotPullContainerError: …`).
    pub(crate) container: Option<String>,
    /// The exit code of the essential container; `None` when it never ran.
    pub(crate) exit: Option<i32>,
    /// How long it runs.
    pub(crate) after: Duration,
    /// The name of the container that ends it; the first essential one where there is none.
    pub(crate) by: Option<String>,
}

impl Fate {
    /// Returns the fate of a task that is never started.
    fn unstarted(reason: String, container: &str) -> Self {
        Self {
            container: Some(reason.clone()),
            reason,
            exit: None,
            after: Duration::ZERO,
            by: Some(container.to_owned()),
        }
    }

    /// Returns the fate of a task one of whose containers exits.
    pub(crate) fn exited(code: i32, after: Duration, container: &str) -> Self {
        Self { reason: EXITED.to_owned(), container: None, exit: Some(code), after, by: Some(container.to_owned()) }
    }
}

impl World {
    /// Returns how tasks of a definition end that are started now: by the first container that does not come up, else
    /// by the first essential one whose program ends.
    pub(crate) fn fate_of(&self, definition: &Definition, launch: Launch) -> Option<Arc<Fate>> {
        let Template { architecture, containers, document, .. } = &*definition.template;
        let fates = containers.iter().filter_map(|container| {
            let image = definition.fill(&container.image);
            let whereabouts = match document {
                Some(_) => self.find_image(&image),
                // What a scenario's definitions run is there unless something else is said.
                None if self.registry.missing.contains(&image) => Whereabouts::Nowhere,
                None => self.said_image(&image).map_or(Whereabouts::Derived, Whereabouts::Here),
            };
            let fate = match document {
                Some(_) => self.unready(definition, container),
                None => None,
            };
            let image = || fate_of_image(&whereabouts, &image, architecture, &container.name, launch);
            let fate = fate.or_else(image)?;
            (fate.exit.is_none() || container.essential).then_some(fate)
        });
        fates.min_by_key(|fate| (fate.exit.is_some(), fate.after)).map(Arc::new)
    }
}

impl World {
    /// Returns the fate of a task whose secrets or log group a container cannot have:
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html>.
    fn unready(&self, definition: &Definition, container: &ContainerSpec) -> Option<Fate> {
        let role = definition.template.execution_role.as_deref().unwrap_or_default();
        let role = role.rsplit('/').next().unwrap_or_default();
        for (_, from) in container.secrets.iter().filter(|(_, from)| from.contains(":secretsmanager:")) {
            let arn = from.splitn(8, ':').take(7).collect::<Vec<_>>().join(":");
            let why = if self.secret(&arn).is_none() {
                "ResourceNotFoundException: Secrets Manager can't find the specified secret.".to_owned()
            } else if self.may(role, "secretsmanager:GetSecretValue", &arn) {
                continue;
            } else {
                format!(
                    "AccessDeniedException: User: arn:aws:sts::{}:assumed-role/{role} is not authorized to perform: secretsmanager:GetSecretValue on resource: {arn}",
                    self.account
                )
            };
            let reason = format!(
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret {arn} from secrets manager: {why}"
            );
            return Some(Fate { container: None, ..Fate::unstarted(reason, &container.name) });
        }
        let log = container.log.as_ref().filter(|log| log.is_kept() && !log.creates)?;
        if self.log_groups().contains(&log.group) {
            return None;
        }
        let reason = "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1".to_owned();
        Some(Fate { container: None, ..Fate::unstarted(reason, &container.name) })
    }
}

fn fate_of_image(
    whereabouts: &Whereabouts<'_>,
    image: &str,
    architecture: &str,
    container: &str,
    launch: Launch,
) -> Option<Fate> {
    match whereabouts {
        Whereabouts::Elsewhere | Whereabouts::Derived => None,
        Whereabouts::Nowhere => {
            let why = format!("failed to resolve ref {image}: not found");
            Some(Fate::unstarted(cannot_pull(launch, image, &why), container))
        }
        Whereabouts::Here(found) => fate_of_program(found, image, architecture, container, launch),
    }
}

fn fate_of_program(found: &Image, image: &str, architecture: &str, container: &str, launch: Launch) -> Option<Fate> {
    let wanted = super::registry::oci_architecture(architecture);
    match &found.platforms[..] {
        // A single manifest is pulled for whatever machine, and does not run there.
        [only] if &*only.architecture != wanted => Some(Fate::exited(255, AT_ONCE, container)),
        [_, _, ..] if found.platforms.iter().all(|platform| &*platform.architecture != wanted) => {
            let why = format!("image Manifest does not contain descriptor matching platform 'linux/{wanted}'");
            Some(Fate::unstarted(cannot_pull(launch, image, &why), container))
        }
        _ => found.exits.map(|(code, after)| Fate::exited(code, after, container)),
    }
}

/// Returns AWS's words for an image that cannot be pulled:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html>.
fn cannot_pull(launch: Launch, image: &str, why: &str) -> String {
    match launch {
        Launch::Fargate => {
            format!("CannotPullContainerError: pull image manifest has been retried 1 time(s): {why}")
        }
        Launch::Ec2 | Launch::External if why.ends_with("not found") => format!(
            "CannotPullContainerError: Error response from daemon: manifest for {image} not found: manifest unknown: Requested image not found"
        ),
        Launch::Ec2 | Launch::External => format!("CannotPullContainerError: Error response from daemon: {why}"),
    }
}
