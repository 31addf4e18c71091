//! Which characters the browser is drawn with.

/// What the browser's own marks and frames are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Glyphs {
    /// Lines and signs of Unicode.
    #[default]
    Full,
    /// ASCII; what comes from elsewhere stays as it is.
    Plain,
    /// ASCII alone, because the terminal shows nothing else: other characters are question marks.
    Ascii,
}

impl Glyphs {
    /// Returns what to draw with. `plain` is what flags and file say; `locale` what the environment says of the
    /// characters that the terminal shows, where it says anything: `de_DE.UTF-8`.
    pub fn of(plain: Option<bool>, locale: Option<&str>) -> Self {
        let is_utf8 = locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        match (plain, is_utf8) {
            (Some(false), _) | (None, true) => Self::Full,
            (Some(true), true) => Self::Plain,
            (Some(true) | None, false) => Self::Ascii,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_without_unicode_gets_ascii_unless_somebody_knows_better() {
        assert_eq!(Glyphs::of(None, None), Glyphs::Full);
        assert_eq!(Glyphs::of(None, Some("de_DE.UTF-8")), Glyphs::Full);
        assert_eq!(Glyphs::of(None, Some("C.utf8")), Glyphs::Full);
        assert_eq!(Glyphs::of(None, Some("C")), Glyphs::Ascii);
        assert_eq!(Glyphs::of(Some(true), Some("de_DE.ISO-8859-1")), Glyphs::Ascii);
        assert_eq!(Glyphs::of(Some(true), Some("C.UTF-8")), Glyphs::Plain);
        assert_eq!(Glyphs::of(Some(false), Some("C")), Glyphs::Full);
    }
}
