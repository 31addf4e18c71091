//! Worlds that are well written, and those that are not.

use std::time::Duration;

use super::*;
use crate::sim::agent::{self, Direction, Door, Frames, Harm, Intruder};

const DEFINITION: &str = "[[taskdef]]\nfamily = \"web\"\nrevision = 3\ncontainer = [{ image = \"{registry}/web:{revision}\", ports = [80, \"53/udp\", \"0:9200\"] }]\n";

fn error(text: &str) -> String {
    World::from_toml(text).unwrap_err().to_string()
}

#[test]
fn the_demo_world_holds_what_the_demo_is_about() {
    let world = World::demo();
    let (clusters, services, tasks) = world.size();
    assert!(clusters >= 6 && services >= 30 && tasks >= 80, "{clusters} {services} {tasks}");
    let services = || world.clusters.iter().flat_map(|cluster| cluster.services.values());
    assert!(services().any(|service| !service.exec), "one cannot be logged in to");
    assert!(services().any(|service| service.deployments.len() > 1 && service.failing.is_none()), "one is mid-rollout");
    assert!(services().any(|service| service.failing.is_some()), "one fails");
    assert!(services().any(|service| service.name.len() > 100), "one has a very long name");
    let tasks = || world.clusters.iter().flat_map(|cluster| cluster.tasks.values());
    assert!(tasks().any(|task| task.service().is_none() && task.stop.is_none()), "one runs by itself");
    assert!(tasks().any(|task| task.instance.is_some()), "one runs on EC2");
    assert!(tasks().any(|task| task.stop.as_ref().is_some_and(|stop| stop.reason.contains('\u{1b}'))), "one lies");
}

#[test]
fn two_worlds_of_one_text_have_the_same_ids() {
    let ids = |world: World| world.clusters[2].tasks.keys().copied().collect::<Vec<_>>();
    assert_eq!(ids(World::demo()), ids(World::demo()));
    assert!(!ids(World::demo()).is_empty());
}

#[test]
fn a_definition_is_filled_in() {
    let world = World::from_toml(DEFINITION).unwrap();
    let definition = world.definition("web", Some(2)).unwrap();
    let container = &definition.template.containers[0];
    assert_eq!(definition.fill(&container.image), "482913007156.dkr.ecr.eu-west-1.amazonaws.com/web:2");
    let ports: Vec<_> = container.ports.iter().map(|port| (port.host, port.container, &*port.protocol)).collect();
    assert_eq!(ports, [(None, 80, "tcp"), (None, 53, "udp"), (Some(0), 9200, "tcp")]);
    assert!(world.definition("web", Some(4)).is_none());
}

#[test]
fn each_mistake_is_found_where_it_is() {
    for (text, expected) in [
        ("[cluster.prod]\ninsight = true\n", "world:2: unknown field `insight`"),
        ("x = \n", "world:1: "),
        ("[[cluster.prod.service]]\n\nname = \"web\"\n", "world:3: \"web\": there is no such task definition"),
        ("[[cluster.prod.service]]\nname = \"ü\"\n", "world:2: \"ü\": a service's name has"),
        ("[[taskdef]]\nfamily = \"a\"\n", "world:2: \"a\": a task definition needs a container"),
        ("[[taskdef]]\nfamily = \"a\"\nsidecars = [\"envoy\"]\n", "world:3: \"envoy\": there is no such sidecar"),
        ("[[taskdef]]\nfamily = \"a\"\nage = \"soon\"\n", "world:3: \"soon\" is no span of time"),
        ("[[taskdef]]\nfamily = \"a\"\nlaunch = \"LAMBDA\"\n", "world:3: unknown variant `LAMBDA`"),
        (
            "[[taskdef]]\nfamily = \"a\"\n[[taskdef.container]]\nimage = \"a\"\nexec = \"maybe\"\n",
            "world:5: exec is ready",
        ),
    ] {
        let found = error(text);
        assert!(found.starts_with(expected), "{found}");
    }
    let service = "[[cluster.prod.service]]\nname = \"web\"\n";
    for (text, expected) in [
        (format!("{DEFINITION}{service}taskdef = \"web:9\"\n"), "world:7: \"web:9\": there is no such"),
        (format!("{DEFINITION}{service}taskdef = \"web:x\"\n"), "world:7: \"web:x\": a revision is a number"),
        (format!("{DEFINITION}{service}{service}"), "world:8: \"web\": there is a service of this name"),
        (format!("{DEFINITION}{DEFINITION}"), "world:6: \"web\": revisions of a family"),
        (
            format!("{DEFINITION}{service}stopped = [{{ age = \"1m\", code = \"Bored\", reason = \"\" }}]\n"),
            "world:7: \"Bored\": no TaskStopCode",
        ),
    ] {
        let found = error(&text);
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn a_file_is_named_in_its_errors() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("broken.toml");
    fs::write(&path, "\nnonsense = 1\n").unwrap();
    let error = World::load(&path).unwrap_err();
    assert_eq!((error.file.as_deref(), error.line), (path.to_str(), 2));
    assert!(World::load(&directory.path().join("none.toml")).is_err());
}

#[test]
fn what_goes_wrong_with_sessions_has_words() {
    let text = r#"
        session_fault = [
            { to = "client", first = 3, every = 5, harm = "delay: 5ms" },
            { to = "agent", frames = "acknowledgements", harm = "drop" },
            { to = "client", harm = "closed: your time is up" },
        ]
        session_door = [{ is = 503, times = 2 }, { is = "mute" }]
    "#;
    let world = World::from_toml(text).unwrap();
    let late = Harm::Delay(Duration::from_millis(5));
    let closed = Harm::Behind(Intruder::Closed("your time is up".to_owned()));
    assert_eq!(
        world.session_faults,
        [
            agent::Fault::new(Direction::ToClient, 3, 5, late),
            agent::Fault::new(Direction::ToAgent, 1, 0, Harm::Drop).only(Frames::Acknowledgements),
            agent::Fault::new(Direction::ToClient, 1, 0, closed),
        ]
    );
    assert_eq!(world.session_doors, [Door::Refusing(503), Door::Refusing(503), Door::Mute]);
    let wrong = "session_fault = [{ to = \"client\", harm = \"explode\" }]";
    assert!(error(wrong).ends_with("\"explode\" is nothing that happens to a frame"), "{}", error(wrong));
    let wrong = "session_door = [{ is = 200 }]";
    assert!(error(wrong).ends_with("200 refuses nobody"), "{}", error(wrong));
}
