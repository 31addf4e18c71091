//! From the words of a scenario to the images in the account's registry.

use super::{
    build::ago,
    words::{Age, ImageWords},
};
use crate::sim::world::{Image, World};

const DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// Adds images, and takes those away that are missing.
pub(super) fn add(world: &mut World, images: &[ImageWords], missing: &[String]) {
    let host = world.registry_host();
    world.registry.missing.extend(missing.iter().map(|image| image.replace("{registry}", &host)));
    for words in images {
        let architectures: Vec<&str> = words.arch.iter().map(String::as_str).collect();
        for tag in &words.tags {
            let image = Image::new(&words.repository, tag, &architectures, ago(words.age, DAY));
            let exits = words.exits.as_ref().map(|exits| (exits.code, exits.after.map_or(CRASH, |Age(after)| after)));
            world.put_image(&words.repository, Image { exits, ..image });
        }
    }
}

/// How long a program runs that exits.
const CRASH: std::time::Duration = std::time::Duration::from_secs(5);
