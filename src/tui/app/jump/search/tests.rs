//! Searches that go piece by piece.

use proptest::prelude::*;

use super::{super::leaf::leaves, *};
use crate::{
    model::{Arn, Container, ExecAgent, Group, Task},
    ops::{list::Row, ls::Branch},
};

fn arn(resource: &str) -> Arn {
    format!("arn:aws:ecs:eu-west-1:123456789012:{resource}").parse().unwrap()
}

/// The leaves of a cluster whose services have a task each of two containers.
fn part(cluster: &str, services: &[String]) -> Part {
    let container = |name: &str| Container {
        arn: None,
        name: name.into(),
        image: format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/{name}:1").into(),
        digest: None,
        last_status: "RUNNING".into(),
        health: "HEALTHY".into(),
        bindings: Vec::new(),
        runtime_id: None,
        exit_code: None,
        reason: None,
        exec: ExecAgent::Running,
    };
    let task = |(number, service): (usize, &String)| Task {
        arn: arn(&format!("task/{cluster}/{number:08x}{:024}", 0)),
        cluster: arn(&format!("cluster/{cluster}")),
        group: Group::Service(service.as_str().into()),
        definition: arn("task-definition/x:1"),
        last_status: "RUNNING".into(),
        desired_status: "RUNNING".into(),
        health: "HEALTHY".into(),
        launch: "FARGATE".into(),
        zone: Some("eu-west-1b".into()),
        instance: None,
        ip: Some("10.0.0.1".into()),
        exec_enabled: true,
        created: None,
        started: None,
        stopping: None,
        stopped: None,
        stop_code: None,
        stopped_reason: None,
        containers: ["app", "envoy"].map(container).to_vec(),
    };
    let tasks = services.iter().enumerate().map(task).collect();
    let branch = Branch { cluster: arn(&format!("cluster/{cluster}")), services: Vec::new(), tasks };
    let leaves = leaves(&arn(&format!("cluster/{cluster}")), Row::all(branch), Vec::new(), []);
    Part { origin: Arc::new(Origin { profile: "dev".to_owned(), region: None, site: None }), leaves }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn found(search: &Search) -> Vec<&str> {
    (0..search.hits()).filter_map(|place| search.at(place)).map(Leaf::path).collect()
}

fn finished(mut search: Search, worth: &Worth) -> Search {
    search.finish(worth);
    search
}

#[test]
fn a_leaf_is_its_path_its_image_without_the_registry_and_its_address() {
    let part = part("prod", &names(&["api"]));
    let leaf = &part.leaves.rows[0];
    assert_eq!((leaf.path(), leaf.image(), leaf.ip()), ("prod/api/00000000/app", "app:1", "10.0.0.1"));
    assert_eq!(leaf.text, "prod/api/00000000/app app:1 10.0.0.1");
}

#[test]
fn without_a_query_what_was_opened_comes_first() {
    let part = part("prod", &names(&["api", "web"]));
    let web = part.leaves.rows[2].keys[0];
    let search = finished(Search::new("", vec![part]), &Worth::from([(web, 7)]));
    assert_eq!(found(&search)[..2], ["prod/web/00000001/app", "prod/api/00000000/app"]);
}

#[test]
fn among_equals_what_was_opened_comes_first_and_a_better_match_before_it() {
    let part = part("prod", &names(&["api", "api", "apia"]));
    let third = part.leaves.rows[4].keys[0];
    let worth = Worth::from([(third, 9)]);
    let search = finished(Search::new("app", vec![part.clone()]), &worth);
    assert_eq!(found(&search)[0], "prod/apia/00000002/app");
    let search = finished(Search::new("'api/ app", vec![part]), &worth);
    assert_eq!(found(&search), ["prod/api/00000000/app", "prod/api/00000001/app"]);
}

#[test]
fn words_look_in_columns_and_a_column_that_is_not_there_is_said() {
    let part = part("prod", &names(&["api"]));
    let look = |query: &str| finished(Search::new(query, vec![part.clone()]), &Worth::new());
    assert_eq!(look("container:envoy az:1b exec:yes rev:1 profile:dev region:eu account:1234 image:dkr").hits(), 1);
    assert_eq!(look("service:web").hits(), 0);
    assert_eq!(look("amazonaws").hits(), 0, "a registry is in its column alone");
    let search = look("nope:1");
    assert_eq!(search.hits(), 0);
    assert!(search.trouble().is_some_and(|text| text.starts_with("there is no column nope")));
}

proptest! {
    #[test]
    fn piece_by_piece_finds_what_is_found_at_once(
        services in proptest::collection::vec("[a-cäA-]{1,6}", 0..12),
        queries in proptest::collection::vec("[abc!$' ^:äA]{0,3}", 1..5),
        piece in 1_usize..5,
        split in 0_usize..12,
    ) {
        let (first, second) = services.split_at(split.min(services.len()));
        let parts = [part("prod", first), part("dev", second)];
        let worth = Worth::from([(parts[0].leaves.rows.first().map_or(0, |leaf| leaf.keys[1]), 3)]);
        let mut typed = String::new();
        let mut search = Search { piece, ..Search::new("", vec![parts[0].clone()]) };
        search.append(parts[1].clone());
        for more in queries {
            typed.push_str(&more);
            search.look_for(&typed);
            search.look_on(&worth);
            let fresh = finished(Search::new(&typed, parts.to_vec()), &worth);
            let so_far = finished(search.clone(), &worth);
            prop_assert_eq!(found(&so_far), found(&fresh), "{:?}", typed);
            prop_assert_eq!(so_far.trouble(), fresh.trouble());
        }
    }
}
