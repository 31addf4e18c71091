//! The account's Amazon ECR: repositories and the images in them.
//!
//! What task definitions of a scenario run is there without a word; only more than that needs to be said.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use super::World;
use crate::sim::{clock::Moment, identity};

/// The repositories that something is said of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registry {
    pub(crate) repositories: BTreeMap<Arc<str>, Repository>,
    /// References of images that definitions of the scenario run and that are not there.
    pub(crate) missing: BTreeSet<String>,
    /// The prefixes of repositories that pull through caches fill, each with the host that they fill them from.
    pub(crate) caches: BTreeMap<Arc<str>, Arc<str>>,
}

/// A repository.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    /// In the order in which they were pushed.
    pub(crate) images: Vec<Image>,
}

/// An image, or an index of images for several platforms.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    pub(crate) tags: Vec<Arc<str>>,
    /// `sha256:…`.
    pub(crate) digest: Arc<str>,
    /// One for a single image, several for an index.
    pub(crate) platforms: Vec<Platform>,
    pub(crate) pushed: Moment,
    /// Its program's exit code, and how long it runs; `None` for one that runs on.
    pub(crate) exits: Option<(i32, Duration)>,
}

/// What an image is built for, in OCI's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Platform {
    /// `linux`, `windows`.
    pub(crate) os: Arc<str>,
    /// `amd64`, `arm64`.
    pub(crate) architecture: Arc<str>,
}

/// Where an image is.
#[derive(Debug)]
pub(crate) enum Whereabouts<'w> {
    /// In a registry that is none of ours.
    Elsewhere,
    /// In ours, as something is said of it.
    Here(&'w Image),
    /// In ours, because a definition of the scenario runs it.
    Derived,
    /// It should be in ours, and is not.
    Nowhere,
}

/// An image that a definition of the scenario runs.
#[derive(Debug)]
pub(crate) struct Derived<'w> {
    /// The whole reference.
    pub(crate) image: String,
    pub(crate) architecture: &'w str,
    /// When the definition was registered.
    pub(crate) registered: Moment,
}

/// The parts of a reference to an image in our registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reference<'r> {
    pub(crate) repository: &'r str,
    /// `latest` where neither tag nor digest is given.
    pub(crate) tag: Option<&'r str>,
    pub(crate) digest: Option<&'r str>,
}

impl World {
    /// Pushes an image for linux/amd64 to a repository of the account, which is created where there is none; the tag
    /// then means it. Returns its reference.
    pub fn push_image(&mut self, repository: &str, tag: &str) -> String {
        self.put_image(repository, Image::new(repository, tag, &["X86_64"], Moment::START))
    }

    /// Does what [`World::push_image`] does; the program in the image exits with `code` after it has run for `after`.
    pub fn push_crashing_image(&mut self, repository: &str, tag: &str, code: i32, after: Duration) -> String {
        let image = Image::new(repository, tag, &["X86_64"], Moment::START);
        self.put_image(repository, Image { exits: Some((code, after)), ..image })
    }

    /// Does what [`World::push_image`] does, for these architectures in ECS's words (`X86_64`, `ARM64`); several make
    /// an index.
    pub fn push_image_for(&mut self, repository: &str, tag: &str, architectures: &[&str]) -> String {
        self.put_image(repository, Image::new(repository, tag, architectures, Moment::START))
    }

    /// Has repositories with this prefix filled from a host when something is first pulled.
    pub fn cache_registry(&mut self, prefix: &str, upstream: &str) {
        self.registry.caches.insert(prefix.into(), upstream.into());
    }

    /// Adds an image, and takes its tags from those that had them.
    pub(crate) fn put_image(&mut self, repository: &str, image: Image) -> String {
        let tag = image.tags.first().cloned().unwrap_or_default();
        let known =
            self.registry.repositories.entry(repository.into()).or_insert_with(|| Repository { images: vec![] });
        for other in &mut known.images {
            other.tags.retain(|tag| !image.tags.contains(tag));
        }
        known.images.push(image);
        format!("{}/{repository}:{tag}", self.registry_host())
    }

    /// Returns the host of the account's registry.
    pub(crate) fn registry_host(&self) -> String {
        format!("{}.dkr.ecr.{}.amazonaws.com", self.account, self.region)
    }

    /// Finds out where an image is.
    pub(crate) fn find_image(&self, image: &str) -> Whereabouts<'_> {
        let Some(reference) = self.reference(image) else { return Whereabouts::Elsewhere };
        if let Some(found) = self.said_image(image) {
            return Whereabouts::Here(found);
        }
        let plain = image.split('@').next().unwrap_or(image);
        let digest = reference.digest.is_none_or(|digest| digest == derived_digest(plain));
        if digest && self.is_derived(plain) { Whereabouts::Derived } else { Whereabouts::Nowhere }
    }

    /// Returns an image of ours that something is said of.
    pub(crate) fn said_image(&self, image: &str) -> Option<&Image> {
        let reference = self.reference(image)?;
        self.registry.repositories.get(reference.repository)?.find(reference)
    }

    /// Takes a reference to an image of ours apart.
    fn reference<'r>(&self, image: &'r str) -> Option<Reference<'r>> {
        let rest = image.strip_prefix(&self.registry_host())?.strip_prefix('/')?;
        Some(Reference::of(rest))
    }

    /// Whether a definition of the scenario runs an image.
    pub(crate) fn is_derived(&self, image: &str) -> bool {
        !self.registry.missing.contains(image) && self.derived().any(|derived| derived.image == image)
    }

    /// Returns every image that a definition of the scenario runs.
    pub(crate) fn derived(&self) -> impl Iterator<Item = Derived<'_>> {
        self.cut_definitions().flat_map(|(family, template, definition)| {
            let registered = family.registered_at(definition.revision);
            let containers = template.containers.iter();
            containers.map(move |container| Derived {
                image: definition.fill(&container.image),
                architecture: &template.architecture,
                registered,
            })
        })
    }
}

impl Repository {
    fn find(&self, reference: Reference<'_>) -> Option<&Image> {
        self.images.iter().find(|image| match reference {
            Reference { digest: Some(digest), .. } => &*image.digest == digest,
            Reference { tag, .. } => image.tags.iter().any(|known| Some(&**known) == tag),
        })
    }
}

impl Image {
    /// Returns an image that runs on.
    pub(crate) fn new(repository: &str, tag: &str, architectures: &[&str], pushed: Moment) -> Self {
        let parts = ["pushed image", repository, tag, &pushed.millis().to_string(), &architectures.join(" ")];
        let platform = |name: &&str| Platform { os: "linux".into(), architecture: oci_architecture(name).into() };
        Self {
            tags: vec![tag.into()],
            digest: format!("sha256:{}", identity::long_hex(&parts)).into(),
            platforms: architectures.iter().map(platform).collect(),
            pushed,
            exits: None,
        }
    }
}

impl<'r> Reference<'r> {
    /// Takes the part of a reference apart that follows the host.
    pub(crate) fn of(text: &'r str) -> Self {
        let (plain, digest) = text.split_once('@').map_or((text, None), |(plain, digest)| (plain, Some(digest)));
        let (repository, tag) = plain.rsplit_once(':').map_or((plain, None), |(name, tag)| (name, Some(tag)));
        let otherwise = if digest.is_none() { Some("latest") } else { None };
        Self { repository, tag: tag.or(otherwise), digest }
    }
}

/// Returns OCI's word for an architecture of ECS.
pub(crate) fn oci_architecture(name: &str) -> &str {
    match name {
        "X86_64" => "amd64",
        "ARM64" => "arm64",
        other => other,
    }
}

/// Returns the digest of an image that nothing is said of.
pub(crate) fn derived_digest(image: &str) -> String {
    format!("sha256:{}", identity::long_hex(&["image", image]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_its_parts() {
        let of = |text| {
            let Reference { repository, tag, digest } = Reference::of(text);
            (repository, tag, digest)
        };
        assert_eq!(of("team/app:1.2"), ("team/app", Some("1.2"), None));
        assert_eq!(of("app"), ("app", Some("latest"), None));
        assert_eq!(of("app:1@sha256:00"), ("app", Some("1"), Some("sha256:00")));
        assert_eq!(of("app@sha256:00"), ("app", None, Some("sha256:00")));
    }

    #[test]
    fn what_a_scenario_runs_is_there_and_what_was_pushed_and_nothing_else() {
        let mut world = World::grid(1, 1, 1);
        let host = world.registry_host();
        let at = |world: &World, image: &str| match world.find_image(image) {
            Whereabouts::Elsewhere => "elsewhere",
            Whereabouts::Here(_) => "here",
            Whereabouts::Derived => "derived",
            Whereabouts::Nowhere => "nowhere",
        };
        let plain = format!("{host}/prod-1-payments-api-000:plain-1");
        assert_eq!(at(&world, &plain), "derived");
        assert_eq!(at(&world, &format!("{plain}@{}", derived_digest(&plain))), "derived");
        assert_eq!(at(&world, &format!("{plain}@sha256:00")), "nowhere");
        assert_eq!(at(&world, &format!("{host}/prod-1-payments-api-000:plain-2")), "nowhere");
        assert_eq!(at(&world, "nginx:1"), "elsewhere");
        let pushed = world.push_image("new", "1");
        assert_eq!((at(&world, &pushed), at(&world, &format!("{host}/new"))), ("here", "nowhere"));
        world.push_image_for("new", "1", &["ARM64", "X86_64"]);
        let images = &world.registry.repositories["new"].images;
        assert_eq!((images[0].tags.len(), images[1].platforms.len()), (0, 2), "the tag has moved");
    }
}
