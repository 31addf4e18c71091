//! An update changes the image and nothing else, whatever a task definition holds: over the corpus, judged by
//! botocore's model of RegisterTaskDefinition.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod boto;
    pub(crate) mod peers;
    pub(crate) mod stand;
    pub(crate) mod way;
}

use std::{collections::BTreeMap, fs, path::Path};

use common::{boto::check, stand::Stand};
use ecsui::{
    config::Settings,
    model::{
        ImageWish,
        taskdef::{MEMBERS, READ_ONLY},
    },
    ops::change::{Update, Whose, Wish},
    sim::{Damage, Fault, World},
};
use serde_json::{Value, json};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/taskdefs");

/// The service that has each definition of the corpus in turn.
const WORLD: &str = r#"
[[taskdef]]
family = "web"
revision = 7
container = [{ image = "{registry}/web:{revision}" }]

[[cluster.prod.service]]
name = "web"
taskdef = "web:7"
desired = 1
"#;

/// Members that the model does not know yet.
const NEWER: [&str; 2] = ["quantumSettings", "newThing"];

/// Returns the corpus: answers of DescribeTaskDefinition, by their file's name.
fn corpus() -> BTreeMap<String, String> {
    let files = fs::read_dir(CORPUS).unwrap().map(|entry| entry.unwrap().path());
    let json = files.filter(|path| path.extension().is_some_and(|it| it == "json"));
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    json.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// Gives a container of a described definition another image through the whole of ecsui; returns what was sent.
async fn sent(described: &str, container: &str, image: &str) -> (Value, Vec<String>, Vec<String>) {
    let mut world = World::from_toml(WORLD).unwrap();
    for member in NEWER {
        world.take_newer_member(member);
    }
    let stand = Stand::of(world, Settings::default()).await;
    let place = stand.place("prod", "web").await;
    stand.sim.fault(Fault::new("DescribeTaskDefinition", Damage::Garbage(described.to_owned())));
    let update = Update {
        place,
        whose: Whose::Named(container.to_owned()),
        image: Some(image.parse::<ImageWish>().unwrap()),
        set: Vec::new(),
        unset: Vec::new(),
        target_group: None,
        placement_group: None,
    };
    let plan = stand.plan(Wish::Update(Box::new(update))).await.unwrap();
    let changes = plan.changes.iter().map(|it| format!("{}: {}", it.place, it.what)).collect();
    let ended = stand.carry_out(&plan).await;
    if let Err(halt) = ended {
        // The service that stands for all of them is one of Fargate's.
        let why = halt.error.line();
        assert!(halt.made.len() == 1 && why.contains("Task definition does not support launch_type"), "{why}");
    }
    assert_eq!((stand.count("RegisterTaskDefinition"), stand.count("UpdateService")), (1, 1));
    (stand.last("RegisterTaskDefinition"), changes, plan.notes)
}

/// Returns what has to be sent: all that was described but what AWS adds, with the image of one container another.
fn expected(described: &Value, container: &str, image: &str) -> Value {
    let mut members = described["taskDefinition"].as_object().unwrap().clone();
    members.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
    let containers = members["containerDefinitions"].as_array_mut().unwrap();
    containers.iter_mut().find(|it| it["name"] == container).unwrap()["image"] = image.into();
    let tags = described["tags"].as_array().unwrap().iter();
    let tags: Vec<Value> = tags.filter(|tag| !tag["key"].as_str().unwrap().starts_with("aws:")).cloned().collect();
    if !tags.is_empty() {
        members.insert("tags".to_owned(), tags.into());
    }
    Value::Object(members)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_changes_the_image_and_nothing_else() {
    let corpus = corpus();
    assert!(corpus.len() >= 30, "{}", corpus.len());
    let mut all = serde_json::Map::new();
    for (name, text) in &corpus {
        let described: Value = serde_json::from_str(text).unwrap();
        let containers = described["taskDefinition"]["containerDefinitions"].as_array().unwrap();
        // The last one: that it is the first that is found proves little.
        let container = containers.last().unwrap()["name"].as_str().unwrap();
        let image = "registry.example:5000/team/other:2";
        let (body, changes, notes) = sent(text, container, image).await;
        assert_eq!(body, expected(&described, container, image), "{name}");
        assert_eq!(changes, [format!("container {container}: image")], "{name}");
        let unknown: Vec<&String> = notes.iter().filter(|note| note.contains("ecsui does not know them")).collect();
        assert_eq!(unknown.len(), usize::from(name == "from-the-future"), "{name}: {notes:?}");
        all.insert(name.clone(), json!({ "container": container, "image": image, "sent": body }));
    }
    let home = tempfile::TempDir::new().unwrap();
    let file = home.path().join("sent.json");
    fs::write(&file, Value::Object(all).to_string()).unwrap();
    let stand = Stand::toml("").await;
    let words = ["judge", CORPUS, file.to_str().unwrap()];
    let Some(judged) = check(&stand.sim, "roundtrip.py", &words).await else { return };
    let unknown = ["containerDefinitions.newThing", "quantumSettings"];
    assert_eq!(judged, json!({ "judged": corpus.len(), "unknown": { "from-the-future": unknown } }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_members_that_are_known_are_botocores() {
    let home = tempfile::TempDir::new().unwrap();
    let file = home.path().join("members.json");
    let members: BTreeMap<&str, Vec<&str>> =
        MEMBERS.iter().map(|(place, members)| (*place, members.split(' ').collect())).collect();
    fs::write(&file, json!({ "members": members, "read_only": READ_ONLY }).to_string()).unwrap();
    let stand = Stand::toml("").await;
    let Some(compared) = check(&stand.sim, "roundtrip.py", &["members", file.to_str().unwrap()]).await else { return };
    assert_eq!(compared, json!("the same"));
}
