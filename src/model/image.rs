//! Image references: read, printed, and given another tag.

use std::{fmt, str::FromStr};

/// The longest tag that a registry takes.
/// <https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests>
const LONGEST_TAG: usize = 128;

/// A reference to an image, `[registry/]repository[:tag][@digest]`; prints as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The registry, where one is named, and the repository: `registry.example:5000/team/app`.
    pub name: String,
    /// The tag, without its colon.
    pub tag: Option<String>,
    /// The digest, without its `@`: `sha256:…`.
    pub digest: Option<String>,
}

/// What the image of a container is to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageWish {
    /// This whole reference.
    Whole(Image),
    /// The image that it is, with this tag: in place of its tag and its digest.
    Tag(String),
}

/// A repository of Amazon ECR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcrRepository {
    /// The account that it is in, twelve digits.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Its name: `team/app`.
    pub name: String,
}

/// What an image is built for, in the words of OCI: `linux/arm64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// `linux`, `windows`.
    pub os: String,
    /// `amd64`, `arm64`.
    pub architecture: String,
}

/// The text is not a reference to an image, nor a tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {what}")]
pub struct InvalidImage {
    /// The text.
    pub text: String,
    /// What was expected.
    pub what: &'static str,
}

/// Returns the tag of an image; without one the digest, without both `latest`, which is what is then pulled.
pub fn tag_of(image: &str) -> &str {
    if let Some((_, digest)) = image.split_once('@') {
        return digest;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').map_or("latest", |(_, tag)| tag)
}

impl Image {
    /// Returns the same image with another tag; a digest gives way to it.
    #[must_use]
    pub fn with_tag(&self, tag: &str) -> Self {
        Self { name: self.name.clone(), tag: Some(tag.to_owned()), digest: None }
    }

    /// Returns the registry's host, with its port; `None` for Docker Hub, which references leave out.
    pub fn registry(&self) -> Option<&str> {
        let (first, _) = self.name.split_once('/')?;
        // What Docker takes for a host: <https://docs.docker.com/reference/cli/docker/image/tag/>.
        (first.contains(['.', ':']) || first == "localhost").then_some(first)
    }

    /// Returns the repository in Amazon ECR, where it is one.
    pub fn ecr(&self) -> Option<EcrRepository> {
        let (host, name) = self.name.split_once('/')?;
        let (account, rest) = host.split_once(".dkr")?;
        // `.dkr.ecr.` and `.dkr.ecr-fips.`, and `.dkr-ecr.` at dual-stack endpoints.
        let rest = ["ecr-fips.", "ecr."].iter().find_map(|kind| rest.get(1..)?.strip_prefix(kind))?;
        let (region, domain) = rest.split_once('.')?;
        let is_aws = domain.starts_with("amazonaws.") || domain.starts_with("on.");
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        (is_account && is_aws && !name.is_empty()).then(|| EcrRepository {
            account: account.to_owned(),
            region: region.to_owned(),
            name: name.to_owned(),
        })
    }
}

impl ImageWish {
    /// Returns what becomes of an image, written as the task definition writes it.
    pub fn applied_to(&self, current: &str) -> Result<Image, InvalidImage> {
        match self {
            Self::Whole(image) => Ok(image.clone()),
            Self::Tag(tag) => Ok(current.parse::<Image>()?.with_tag(tag)),
        }
    }
}

impl FromStr for Image {
    type Err = InvalidImage;

    fn from_str(text: &str) -> Result<Self, InvalidImage> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        // The colon before a tag comes after the last slash; one before it is that of a registry's port.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        let visible = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let fits = visible(name)
            && !name.starts_with([':', '/'])
            && !name.ends_with([':', '/'])
            && !name.split_once('/').map_or(name, |(_, repository)| repository).contains(':')
            && tag.is_none_or(is_tag)
            && digest.is_none_or(is_digest);
        fits.then(|| Self { name: name.to_owned(), tag: tag.map(Into::into), digest: digest.map(Into::into) })
            .ok_or_else(|| InvalidImage { text: text.to_owned(), what: "image, such as registry/repository:tag" })
    }
}

impl FromStr for ImageWish {
    type Err = InvalidImage;

    /// Reads a whole reference, or a tag with the colon before it, as ecsman has it.
    fn from_str(text: &str) -> Result<Self, InvalidImage> {
        match text.strip_prefix(':') {
            Some(tag) if is_tag(tag) => Ok(Self::Tag(tag.to_owned())),
            Some(_) => Err(InvalidImage { text: text.to_owned(), what: "tag, such as :1.2.3" }),
            None => text.parse().map(Self::Whole),
        }
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.as_ref().map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)
    }
}

fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= LONGEST_TAG
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, value)| {
        !algorithm.is_empty() && value.len() >= 32 && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DIGEST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    #[test]
    fn the_tag_is_what_tells_two_images_apart() {
        assert_eq!(tag_of("registry:5000/team/app:1.2"), "1.2");
        assert_eq!(tag_of("registry:5000/team/app"), "latest");
        assert_eq!(tag_of("app@sha256:abcd"), "sha256:abcd");
    }

    fn tagged(current: &str, tag: &str) -> String {
        tag.parse::<ImageWish>().unwrap().applied_to(current).unwrap().to_string()
    }

    #[test]
    fn a_tag_is_swapped_or_added_whatever_stands_before_it() {
        for (current, wanted) in [
            ("nginx", "nginx:2"),
            ("nginx:1.27", "nginx:2"),
            ("library/nginx:1", "library/nginx:2"),
            ("localhost:5000/app", "localhost:5000/app:2"),
            ("registry.example:5000/team/app:1", "registry.example:5000/team/app:2"),
            (
                "482913007156.dkr.ecr.eu-west-1.amazonaws.com/pay/api:1",
                "482913007156.dkr.ecr.eu-west-1.amazonaws.com/pay/api:2",
            ),
        ] {
            assert_eq!(tagged(current, ":2"), wanted);
            assert_eq!(tagged(&format!("{current}@{DIGEST}"), ":2"), wanted, "a digest gives way");
        }
    }

    #[test]
    fn a_whole_reference_replaces_the_image_as_it_is_given() {
        let whole = format!("registry.example:5000/app:1@{DIGEST}");
        for text in ["app", "app:1", "host:1/app", &whole] {
            assert_eq!(tagged("old:1", text), text);
        }
    }

    #[test]
    fn what_is_no_image_and_no_tag_is_refused() {
        for text in ["", ":", ":a b", ":-1", "a b", "app:", "app:1:2", "/app", "app/", "app@sha256:1", "app@", "ä"] {
            assert!(text.parse::<ImageWish>().is_err(), "{text}");
        }
        assert!(format!(":{}", "x".repeat(129)).parse::<ImageWish>().is_err());
        assert_eq!(":a/b".parse::<ImageWish>().unwrap_err().to_string(), "\":a/b\" is no tag, such as :1.2.3");
    }

    #[test]
    fn a_repository_of_ecr_is_recognised_by_its_host() {
        let ecr = |text: &str| text.parse::<Image>().unwrap().ecr().map(|it| (it.account, it.region, it.name));
        let found = |region: &str| Some(("482913007156".to_owned(), region.to_owned(), "pay/api".to_owned()));
        assert_eq!(ecr("482913007156.dkr.ecr.eu-west-1.amazonaws.com/pay/api:1"), found("eu-west-1"));
        assert_eq!(ecr("482913007156.dkr.ecr.cn-north-1.amazonaws.com.cn/pay/api"), found("cn-north-1"));
        assert_eq!(ecr("482913007156.dkr.ecr-fips.us-east-1.amazonaws.com/pay/api"), found("us-east-1"));
        assert_eq!(ecr("482913007156.dkr-ecr.eu-west-1.on.aws/pay/api"), found("eu-west-1"));
        for other in ["nginx", "public.ecr.aws/nginx/nginx", "48.dkr.ecr.eu-west-1.amazonaws.com/x", "dkr.ecr.x/y"] {
            assert_eq!(ecr(other), None, "{other}");
        }
    }

    #[test]
    fn a_registry_is_told_from_a_part_of_a_repository() {
        let registry = |text: &str| text.parse::<Image>().unwrap().registry().map(str::to_owned);
        assert_eq!(registry("team/app"), None);
        assert_eq!(registry("nginx:1"), None);
        assert_eq!(registry("localhost/app").as_deref(), Some("localhost"));
        assert_eq!(registry("r.example:5000/app").as_deref(), Some("r.example:5000"));
    }

    proptest! {
        #[test]
        fn whatever_is_read_prints_back(
            text in "([a-z0-9.]{1,9}(:[0-9]{2,5})?/)?[a-z0-9]{1,9}(/[a-z0-9_.-]{1,9}[a-z0-9])?(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,9})?(@sha256:[0-9a-f]{64})?"
        ) {
            prop_assert_eq!(text.parse::<Image>().unwrap().to_string(), text);
        }

        #[test]
        fn a_tag_changes_the_tag_and_nothing_else(
            name in "([a-z0-9.]{1,9}(:[0-9]{2,5})?/)?[a-z0-9]{1,9}(/[a-z0-9_.-]{1,9}[a-z0-9])?",
            old in "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,9})?(@sha256:[0-9a-f]{64})?",
            new in "[A-Za-z0-9_][A-Za-z0-9_.-]{0,9}",
        ) {
            prop_assert_eq!(tagged(&format!("{name}{old}"), &format!(":{new}")), format!("{name}:{new}"));
        }

        #[test]
        fn nothing_panics(text in "(?s).{0,40}|[:@/a.]{0,12}") {
            if let Ok(image) = text.parse::<Image>() {
                let _ = (image.ecr(), image.registry().map(str::len));
                prop_assert_eq!(image.to_string(), text);
            }
        }
    }
}
