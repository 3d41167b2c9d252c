//! `arke template check`: what must be mended in the texts before any mail, with the line of the file.

use std::fmt;

use super::placeholders::{is_known, nearest};
use super::render::{environment, render_text};
use super::sample::{SAMPLES, sample};
use super::template::{Audience, Language, Template, Templates, Text};

/// Something to mend in the file of templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The line of the file, from 1.
    pub line: usize,
    /// The id of the template.
    pub template: String,
    /// The language of the text.
    pub lang: String,
    /// `subject`, `plain` or `html`.
    pub part: &'static str,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Complaint { line, template, lang, part, message } = self;
        write!(f, "line {line}: template `{template}`, {lang}, {part}: {message}")
    }
}

impl Templates {
    /// Looks for names that do not exist and for what fails on made-up cases of every sort. An empty list is good.
    #[must_use]
    pub fn check(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        for template in &self.file.templates {
            for text in &template.texts {
                let Some(language) = self.language(&text.lang) else { continue };
                let mut found = self.check_names(template, text, language);
                if found.is_empty() {
                    found = self.check_samples(template, text, language);
                }
                complaints.append(&mut found);
            }
        }
        complaints.sort_by_key(|it| it.line);
        complaints
    }

    fn check_names(&self, template: &Template, text: &Text, language: &Language) -> Vec<Complaint> {
        let environment = environment(language);
        let mut complaints = Vec::new();
        for (part, source) in parts(text) {
            match environment.template_from_named_str(part, source) {
                Ok(compiled) => {
                    let mut names: Vec<String> = compiled.undeclared_variables(true).into_iter().collect();
                    names.sort_unstable();
                    for name in names.iter().filter(|name| !is_known(name, template.audience)) {
                        let line =
                            source.lines().position(|line| line.contains(name.as_str())).unwrap_or_default();
                        let hint = nearest(name, template.audience)
                            .map_or_else(String::new, |known| format!(", did you mean `{known}`?"));
                        let audience = template.audience.as_str();
                        let message = format!("`{name}` is no placeholder of a text for {audience}{hint}");
                        complaints.push(self.complain(template, text, part, line, message));
                    }
                }
                Err(error) => {
                    let line = error.line().unwrap_or(1).saturating_sub(1);
                    complaints.push(self.complain(template, text, part, line, told(&error)));
                }
            }
        }
        complaints
    }

    fn check_samples(&self, template: &Template, text: &Text, language: &Language) -> Vec<Complaint> {
        for kind in &template.kinds {
            for name in SAMPLES {
                let data = sample(name, *kind, template.audience);
                let rendered = match render_text(text, language, &data) {
                    Ok(rendered) => rendered,
                    Err((part, error)) => {
                        let line = error.line().unwrap_or(1).saturating_sub(1);
                        let source = parts(text).into_iter().find(|(it, _)| *it == part).map_or("", |(_, it)| it);
                        let said = source.lines().nth(line).unwrap_or_default().trim();
                        let message = format!("{} in `{said}` (sample `{name}`)", told(&error));
                        return vec![self.complain(template, text, part, line, message)];
                    }
                };
                if rendered.subject.is_empty() {
                    return vec![self.complain(template, text, "subject", 0, "it is empty".to_owned())];
                }
                let checkable = [&data.registry.verify_url, &data.registry.phone];
                let plain = rendered.plain.replace('\u{a0}', " ");
                let says = |what: &str| plain.contains(what);
                let genuine = says(&data.reference) && checkable.iter().any(|it| it.as_deref().is_some_and(says));
                if template.audience != Audience::Desk && !genuine {
                    let message = "it does not say how to check that it is genuine: name `notice.reference`, and \
                                   `registry.verify_url` or `registry.phone`";
                    return vec![self.complain(template, text, "plain", 0, message.to_owned())];
                }
            }
        }
        Vec::new()
    }

    /// `line` counts from 0 within the part.
    fn complain(
        &self,
        template: &Template,
        text: &Text,
        part: &'static str,
        line: usize,
        message: String,
    ) -> Complaint {
        let line = self.line_of(template, text, part) + line;
        Complaint { line, template: template.id.clone(), lang: text.lang.clone(), part, message }
    }

    /// The line of the file, from 1, at which a part begins.
    fn line_of(&self, template: &Template, text: &Text, part: &str) -> usize {
        let after = |from: usize, what: &str| {
            let rest = self.source.get(from..).unwrap_or_default();
            rest.find(what).map_or(from, |at| from + at)
        };
        let at = after(0, &format!("id=\"{}\"", template.id));
        let at = after(at, &format!("<text lang=\"{}\"", text.lang));
        let source = parts(text).into_iter().find(|(name, _)| *name == part).map_or("", |(_, source)| source);
        let begins = after(at, &format!("<{part}>"));
        let at = if source.is_empty() { begins } else { after(begins, source) };
        self.source.get(..at).unwrap_or_default().matches('\n').count() + 1
    }
}

fn parts(text: &Text) -> Vec<(&'static str, &str)> {
    let mut parts = vec![("subject", text.subject.as_str()), ("plain", text.plain.as_str())];
    parts.extend(text.html.as_deref().map(|html| ("html", html)));
    parts
}

/// The engine's words; on samples they hold no personal data.
fn told(error: &minijinja::Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()))
}
