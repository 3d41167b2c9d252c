//! A template and facts become subject, plain text and HTML.

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};
use thiserror::Error;

use super::context::context;
use super::data::{DataError, NoticeData};
use super::filters;
use super::letter;
use super::template::{Audience, Kind, Language, Templates, Text};
use crate::contact::clean;

/// The most steps that a text may take: a digest of some ten thousand lines, and no endless loop.
const FUEL: u64 = 5_000_000;

/// A message in words.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// Lines that end in line feeds.
    pub plain: String,
    /// A page without images and links.
    pub html: String,
    /// The language of it (BCP 47).
    pub lang: String,
    /// What it is for.
    pub kind: Kind,
    /// Whom it speaks to.
    pub audience: Audience,
    /// What is typed to check it.
    pub reference: String,
}

/// Why a message cannot be written. It repeats nothing of what the message would say.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The facts do not suffice.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The file has no text for it: write one.
    #[error("no text for a {} to {}", .0.as_str(), .1.as_str())]
    NoText(Kind, Audience),
    /// A text failed: run `arke template check`.
    #[error("template `{template}`, {lang}, {part}: {message}; run `arke template check`")]
    Text {
        /// The id of the template.
        template: String,
        /// The language of the text.
        lang: String,
        /// `subject`, `plain` or `html`.
        part: &'static str,
        /// What went wrong.
        message: String,
    },
}

/// A text of which a part failed: the part, and what the engine says.
pub(super) type PartError = (&'static str, minijinja::Error);

impl Templates {
    /// Writes a message in the recipient's language, or in the default one.
    ///
    /// # Errors
    /// [`RenderError`], which names the text that failed or what is missing.
    pub fn render(&self, data: &NoticeData) -> Result<Rendered, RenderError> {
        data.check()?;
        let (text, language) = self
            .text(data.kind, data.audience, data.contact.language.as_deref())
            .ok_or(RenderError::NoText(data.kind, data.audience))?;
        render_text(text, language, data).map_err(|(part, error)| RenderError::Text {
            template: self.id_of(data.kind, data.audience),
            lang: language.lang.clone(),
            part,
            message: describe(&error),
        })
    }

    fn id_of(&self, kind: Kind, audience: Audience) -> String {
        let found = self.file.templates.iter().find(|it| it.audience == audience && it.kinds.contains(&kind));
        found.map_or_else(String::new, |it| it.id.clone())
    }
}

/// What went wrong, by its kind and place: the engine's own words may hold a value.
fn describe(error: &minijinja::Error) -> String {
    let what = match error.kind() {
        ErrorKind::UndefinedError => "names something that is not there".to_owned(),
        ErrorKind::OutOfFuel => "does not come to an end".to_owned(),
        kind => kind.to_string(),
    };
    format!("{what} (line {} of the text)", error.line().unwrap_or_default())
}

/// The three parts of a text.
pub(super) fn render_text(text: &Text, language: &Language, data: &NoticeData) -> Result<Rendered, PartError> {
    let context = context(data, language);
    let environment = environment(language);
    let part = |name: &'static str, source: &str| render_part(&environment, name, source, &context);
    let subject = clean(&part("subject", &text.subject)?);
    let letter = drop_marked_lines(&part("plain", &mark_tag_lines(&text.plain))?);
    let html = match &text.html {
        Some(html) => part("html", html)?,
        None => letter::html(&letter, &subject, &language.lang),
    };
    Ok(Rendered {
        subject,
        plain: letter::plain(&letter),
        html,
        lang: language.lang.clone(),
        kind: data.kind,
        audience: data.audience,
        reference: clean(&data.reference),
    })
}

fn render_part(
    environment: &Environment<'_>,
    part: &'static str,
    source: &str,
    context: &Value,
) -> Result<String, PartError> {
    environment.render_named_str(part, source, context).map_err(|error| (part, error))
}

/// Stands at the end of lines with tags. No value holds it: all are cleaned of controls.
const MARK: char = '\u{1}';

/// Marks the lines that may come to nothing.
fn mark_tag_lines(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 256);
    for line in source.lines() {
        out.push_str(line);
        let closed = |open: &str, close: &str| line.rfind(open) < line.rfind(close) || !line.contains(open);
        if line.contains("{%") && closed("{%", "%}") && closed("{{", "}}") && closed("{#", "#}") {
            out.push(MARK);
        }
        out.push('\n');
    }
    out
}

/// Without the lines of which only the mark is left: a line of tags leaves no line behind.
fn drop_marked_lines(text: &str) -> String {
    let kept = text.lines().filter(|line| !(line.contains(MARK) && line.replace(MARK, "").trim().is_empty()));
    kept.flat_map(|line| [line, "\n"]).collect::<String>().replace(MARK, "")
}

/// The engine, as strict as it can be.
pub(super) fn environment(language: &Language) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|name| if name == "html" { AutoEscape::Html } else { AutoEscape::None });
    environment.add_filter("defang", |text: &str| filters::defang(text));
    let (for_date, for_utc) = (language.clone(), language.clone());
    environment.add_filter("date", move |text: &str| filters::date(text, &for_date));
    environment.add_filter("utc", move |text: &str| filters::utc(text, &for_utc));
    environment
}
