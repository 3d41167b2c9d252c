//! The file of templates: XML in, typed texts out. What the file may hold is in `assets/notices.xsd`.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use panopticon_model::sighting::AbuseClass;
use serde::Deserialize;
use thiserror::Error;

use super::data::Confirmation;

/// The templates that arke ships: English, French and Spanish.
pub const DEFAULT: &str = include_str!("../../assets/notices.xml");
/// The name space of the file, whose last part is its major version.
const NAMESPACE: &str = "urn:panopticon:notice-template:1";
/// The longest file that is read, in bytes.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The first time that somebody hears of a case.
    Notice,
    /// It goes on.
    Reminder,
    /// It is over.
    AllClear,
    /// It was a mistake.
    Correction,
    /// All cases of a registrar's names, once a day.
    Digest,
    /// The day, for the registry's own people.
    Desk,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 6] =
        [Kind::Notice, Kind::Reminder, Kind::AllClear, Kind::Correction, Kind::Digest, Kind::Desk];

    /// The word in the file and in headers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Notice => "notice",
            Kind::Reminder => "reminder",
            Kind::AllClear => "all-clear",
            Kind::Correction => "correction",
            Kind::Digest => "digest",
            Kind::Desk => "desk",
        }
    }
}

/// Whom a text speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// The contacts of a domain name.
    Registrant,
    /// Its registrar, or reseller.
    Registrar,
    /// Who runs the server or the platform.
    Hoster,
    /// The registry's own people.
    Desk,
}

impl Audience {
    /// All of them.
    pub const ALL: [Audience; 4] = [Audience::Registrant, Audience::Registrar, Audience::Hoster, Audience::Desk];

    /// The word in the file and in headers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Audience::Registrant => "registrant",
            Audience::Registrar => "registrar",
            Audience::Hoster => "hoster",
            Audience::Desk => "desk",
        }
    }
}

/// Why a file of templates cannot be used. None of it holds personal data: a template has none.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// The file cannot be read: check the path and who may read it.
    #[error("`{path}` cannot be read")]
    Io {
        /// The path as it was given.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file is larger than any set of texts.
    #[error("`{0}` is larger than 4 MiB: it is no file of templates")]
    TooLarge(String),
    /// The file is not as its schema says: mend what is named, or start again from the default.
    #[error("the templates are not as notices.xsd says: {0}")]
    Xml(#[from] quick_xml::DeError),
    /// The file is of another version.
    #[error("the templates are of `{0}`, expected `urn:panopticon:notice-template:1`")]
    Namespace(String),
    /// Two templates are for the same kind and audience, or two texts or languages for the same language.
    #[error("two of the same: {0}; remove one")]
    Twice(String),
    /// Something that every file needs is not there.
    #[error("missing: {0}; copy it from the default templates")]
    Missing(String),
}

/// A set of texts, as read. Whether its placeholders exist is for [`Templates::check`] to say.
#[derive(Clone, Debug)]
pub struct Templates {
    pub(super) file: NoticeTemplates,
    /// The source, to name lines of it.
    pub(super) source: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoticeTemplates {
    #[serde(rename = "@xmlns")]
    namespace: String,
    #[serde(rename = "@version")]
    version: String,
    #[serde(rename = "@defaultLang")]
    default_lang: String,
    #[serde(rename = "language")]
    pub(super) languages: Vec<Language>,
    #[serde(rename = "template")]
    pub(super) templates: Vec<Template>,
}

/// What a language calls things.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Language {
    #[serde(rename = "@lang")]
    pub(super) lang: String,
    /// `{day} {month} {year}` in the order of the language.
    #[serde(rename = "@date")]
    pub(super) date: String,
    #[serde(rename = "@months")]
    pub(super) months: Vec<String>,
    #[serde(rename = "confirmation")]
    confirmations: Vec<Phrase>,
    #[serde(rename = "abuse")]
    abuses: Vec<Abuse>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrase {
    #[serde(rename = "@by")]
    by: String,
    #[serde(rename = "$text")]
    text: String,
}

/// What a kind of abuse is called, what it is, and what helps.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Abuse {
    #[serde(rename = "@class")]
    class: String,
    pub(super) name: String,
    pub(super) what: String,
    #[serde(rename = "step")]
    pub(super) steps: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Template {
    #[serde(rename = "@id")]
    pub(super) id: String,
    #[serde(rename = "@kind")]
    pub(super) kinds: Vec<Kind>,
    #[serde(rename = "@audience")]
    pub(super) audience: Audience,
    #[serde(rename = "text")]
    pub(super) texts: Vec<Text>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    #[serde(rename = "@lang")]
    pub(super) lang: String,
    pub(super) subject: String,
    pub(super) plain: String,
    /// Made from the plain text where there is none.
    pub(super) html: Option<String>,
}

impl Templates {
    /// Reads the text of a file. External entities and unknown elements are refused.
    ///
    /// # Errors
    /// [`TemplateError`], which names what is wrong.
    pub fn read(source: &str) -> Result<Templates, TemplateError> {
        let file: NoticeTemplates = quick_xml::de::from_str(source)?;
        if file.namespace != NAMESPACE {
            return Err(TemplateError::Namespace(file.namespace));
        }
        let templates = Templates { file, source: source.to_owned() };
        templates.refuse_twice()?;
        templates.refuse_missing()?;
        Ok(templates)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`TemplateError`], which names the path or what is wrong.
    pub fn read_file(path: &Path) -> Result<Templates, TemplateError> {
        let shown = path.display().to_string();
        let failed = |source| TemplateError::Io { path: shown.clone(), source };
        if fs::metadata(path).map_err(failed)?.len() > MAX_BYTES {
            return Err(TemplateError::TooLarge(shown));
        }
        Templates::read(&fs::read_to_string(path).map_err(failed)?)
    }

    /// The version that the registry gave its texts, for the record of what was sent.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.file.version
    }

    /// The languages that there are texts in, the default first.
    #[must_use]
    pub fn languages(&self) -> Vec<&str> {
        let mut languages: Vec<&str> = self.file.languages.iter().map(|it| it.lang.as_str()).collect();
        languages.sort_by_key(|lang| *lang != self.file.default_lang);
        languages
    }

    /// The text for a kind, an audience and a wish: the language itself, or its first part (`fr-CA`, `fr`), or the
    /// default. The language's own words come with it.
    pub(super) fn text(&self, kind: Kind, audience: Audience, wish: Option<&str>) -> Option<(&Text, &Language)> {
        let template =
            self.file.templates.iter().find(|it| it.audience == audience && it.kinds.contains(&kind))?;
        let wish = wish.unwrap_or_default().to_ascii_lowercase();
        let first = wish.split(['-', '_']).next().unwrap_or_default();
        let of = |lang: &str| {
            let text = template.texts.iter().find(|text| text.lang.eq_ignore_ascii_case(lang))?;
            Some((text, self.language(&text.lang)?))
        };
        of(&wish).or_else(|| of(first)).or_else(|| of(&self.file.default_lang))
    }

    pub(super) fn language(&self, lang: &str) -> Option<&Language> {
        self.file.languages.iter().find(|it| it.lang == lang)
    }

    fn refuse_twice(&self) -> Result<(), TemplateError> {
        let mut seen = BTreeSet::new();
        let mut once = |what: String| {
            let told = what.clone();
            if seen.insert(what) { Ok(()) } else { Err(TemplateError::Twice(told)) }
        };
        for language in &self.file.languages {
            once(format!("language {}", language.lang))?;
        }
        for template in &self.file.templates {
            once(format!("template id {}", template.id))?;
            for kind in &template.kinds {
                once(format!("{} for {}", kind.as_str(), template.audience.as_str()))?;
            }
            for text in &template.texts {
                once(format!("text {} of template {}", text.lang, template.id))?;
            }
        }
        Ok(())
    }

    /// Every kind has a text in the default language; every text, the words of its language.
    fn refuse_missing(&self) -> Result<(), TemplateError> {
        let missing = |what: String| Err(TemplateError::Missing(what));
        for language in &self.file.languages {
            let lang = &language.lang;
            if language.months.len() != 12 {
                return missing(format!("twelve months of language {lang}"));
            }
            for class in AbuseClass::ALL {
                if !language.abuses.iter().any(|it| it.class == class.as_str() && !it.steps.is_empty()) {
                    return missing(format!("abuse {} of language {lang}", class.as_str()));
                }
            }
            for by in Confirmation::ALL {
                if !language.confirmations.iter().any(|it| it.by == by.as_str()) {
                    return missing(format!("confirmation {} of language {lang}", by.as_str()));
                }
            }
        }
        for (kind, audience) in REQUIRED {
            if self.text(kind, audience, None).is_none() {
                let (kind, audience) = (kind.as_str(), audience.as_str());
                return missing(format!("a {kind} for {audience} in language {}", self.file.default_lang));
            }
        }
        for template in &self.file.templates {
            for text in &template.texts {
                if self.language(&text.lang).is_none() {
                    return missing(format!(
                        "language {}, which template {} has a text in",
                        text.lang, template.id
                    ));
                }
            }
        }
        Ok(())
    }
}

/// What every file has a text for.
const REQUIRED: [(Kind, Audience); 10] = [
    (Kind::Notice, Audience::Registrant),
    (Kind::Reminder, Audience::Registrant),
    (Kind::AllClear, Audience::Registrant),
    (Kind::Correction, Audience::Registrant),
    (Kind::Notice, Audience::Hoster),
    (Kind::Reminder, Audience::Hoster),
    (Kind::AllClear, Audience::Hoster),
    (Kind::Correction, Audience::Hoster),
    (Kind::Digest, Audience::Registrar),
    (Kind::Desk, Audience::Desk),
];

impl Language {
    /// The words for a class; every language that was read has them.
    pub(super) fn abuse(&self, class: AbuseClass) -> Option<&Abuse> {
        self.abuses.iter().find(|it| it.class == class.as_str())
    }

    /// The phrase for what confirmed an indicator.
    pub(super) fn confirmation(&self, by: Confirmation) -> Option<&str> {
        self.confirmations.iter().find(|it| it.by == by.as_str()).map(|it| it.text.as_str())
    }
}
