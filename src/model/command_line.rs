//! What asks AWS's own command line tool for the same as is looked at here.

use super::{Arn, Thing, text::clean};

/// The one option without a value.
const INTERACTIVE: &str = "--interactive";

/// What the tool is told beside what it is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tool<'said> {
    /// The profile; `None` leaves it to the tool.
    pub profile: Option<&'said str>,
    /// Where AWS is, if it is somewhere else.
    pub endpoint_url: Option<&'said str>,
}

impl Tool<'_> {
    /// Returns the line that describes something: `aws ecs describe-services --cluster arn:… --services api …`.
    /// Clusters and task definitions go by their ARNs: in another account there is no such thing, where there may be
    /// one of that name.
    ///
    /// Its words are quoted for a POSIX shell. There is no line where a name holds what cannot be seen, or would be
    /// taken for an option: whoever pastes it would not know what they do, and a terminal takes control characters for
    /// keys.
    pub fn describe(&self, thing: &Thing) -> Option<String> {
        let (verb, values) = match thing {
            Thing::Cluster(cluster) => ("describe-clusters", vec![("--clusters", cluster.as_str())]),
            Thing::Service { cluster, service } => {
                ("describe-services", vec![("--cluster", cluster.as_str()), ("--services", service.name())])
            }
            Thing::Task { cluster, task } | Thing::Container { cluster, task, .. } => {
                ("describe-tasks", vec![("--cluster", cluster.as_str()), ("--tasks", task.name())])
            }
            Thing::Definition(arn) => ("describe-task-definition", vec![("--task-definition", arn.as_str())]),
        };
        self.line(verb, &values, thing.arn())
    }

    /// Returns the line that runs a command in a container with a terminal; see [`Tool::describe`].
    pub fn execute(&self, cluster: &Arn, task: &Arn, container: &str, command: &str) -> Option<String> {
        let values = [
            ("--cluster", cluster.as_str()),
            ("--task", task.name()),
            ("--container", container),
            (INTERACTIVE, ""),
            ("--command", command),
        ];
        self.line("execute-command", &values, task)
    }

    /// Returns a line of these options; one without a value is a flag.
    fn line(&self, verb: &str, values: &[(&str, &str)], arn: &Arn) -> Option<String> {
        let named = |name, value: Option<_>| value.map(|value| (name, value));
        let mut all = values.to_vec();
        all.push(("--region", arn.region()));
        all.extend(named("--profile", self.profile));
        all.extend(named("--endpoint-url", self.endpoint_url));
        let is_misread = |value: &str| value.is_empty() || value.starts_with('-') || clean(value) != value;
        if all.iter().any(|(name, value)| *name != INTERACTIVE && is_misread(value)) {
            return None;
        }
        let words = all.iter().flat_map(|(name, value)| [*name, *value]).filter(|word| !word.is_empty());
        shlex::try_join(["aws", "ecs", verb].into_iter().chain(words)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn arn(resource: &str) -> Arn {
        format!("arn:aws:ecs:eu-west-1:123456789012:{resource}").parse().unwrap()
    }

    #[test]
    fn each_thing_has_its_line() {
        let tool = Tool { profile: Some("dev"), endpoint_url: None };
        let (cluster, task) = (arn("cluster/prod"), arn("task/prod/4f2ab81c"));
        let line = |thing: &Thing| tool.describe(thing).unwrap();
        let rest = "--region eu-west-1 --profile dev";
        assert_eq!(
            line(&Thing::Cluster(cluster.clone())),
            format!("aws ecs describe-clusters --clusters {cluster} {rest}")
        );
        let service = Thing::Service { cluster: cluster.clone(), service: arn("service/prod/api") };
        assert_eq!(line(&service), format!("aws ecs describe-services --cluster {cluster} --services api {rest}"));
        let of_task = format!("aws ecs describe-tasks --cluster {cluster} --tasks 4f2ab81c {rest}");
        assert_eq!(line(&Thing::Task { cluster: cluster.clone(), task: task.clone() }), of_task);
        assert_eq!(
            line(&Thing::Definition(arn("task-definition/api:41"))),
            format!("aws ecs describe-task-definition --task-definition {} {rest}", arn("task-definition/api:41"))
        );
        assert_eq!(
            Tool::default().execute(&cluster, &task, "app", "sh -c ls").unwrap(),
            format!(
                "aws ecs execute-command --cluster {cluster} --task 4f2ab81c --container app --interactive --command \
                 'sh -c ls' --region eu-west-1"
            )
        );
        let elsewhere = Tool { profile: None, endpoint_url: Some("http://127.0.0.1:4566") };
        assert!(elsewhere.describe(&service).unwrap().ends_with(" --endpoint-url http://127.0.0.1:4566"));
    }

    #[test]
    fn what_cannot_be_seen_makes_no_line() {
        let line = |name: &str| Tool::default().describe(&Thing::Cluster(arn(&format!("cluster/{name}"))));
        for hidden in ["a\nrm -rf x", "a\u{1b}[201~", "a\0", "a\u{202e}b", "a\u{15}"] {
            assert_eq!(line(hidden), None, "{hidden:?}");
        }
        assert!(line("ü $(x)").is_some_and(|line| line.contains("cluster/ü $(x)'")), "{:?}", line("ü $(x)"));
        let service = Thing::Service { cluster: arn("cluster/prod"), service: arn("service/prod/--profile=root") };
        assert_eq!(Tool::default().describe(&service), None);
    }

    proptest! {
        #[test]
        fn a_shell_reads_every_word_as_it_is(name in "[^/\\p{C}]{1,20}", profile in "[a-z'\"$ ]{1,10}") {
            let tool = Tool { profile: Some(&profile), endpoint_url: None };
            if let Some(line) = tool.describe(&Thing::Cluster(arn(&format!("cluster/{name}")))) {
                let words = shlex::split(&line).unwrap();
                let cluster = arn(&format!("cluster/{name}"));
                prop_assert_eq!(&words[..5], ["aws", "ecs", "describe-clusters", "--clusters", cluster.as_str()]);
                prop_assert_eq!(words.last(), Some(&profile));
            }
        }
    }
}
