//! A letter: plain text with a few marks, laid out for a terminal and for a browser.
//!
//! ```text
//! # A heading
//! > A line in a box.
//! - An entry of a list
//!   and a line of its own below it
//! 1. A numbered entry
//! Anything else is a paragraph; where its lines break does not matter, a blank line ends it.
//! ```
//!
//! So that a registry writes each text once, and both forms of a mail always say the same. Values come into the text
//! without line breaks, so they make no marks; the browser's form escapes all of it.

/// The longest line, in characters; a word that is longer stays whole.
const WIDTH: usize = 72;

enum Block {
    Heading(String),
    Boxed(Vec<String>),
    Bullets(Vec<Vec<String>>),
    Numbers(Vec<String>),
    Paragraph(String),
}

fn parse(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    // Whether a line may go on what the line before it began.
    let mut open = false;
    for line in text.lines() {
        let inner = visible(line);
        if inner.is_empty() {
            open = false;
            continue;
        }
        let goes_on = line.starts_with("  ");
        match (blocks.last_mut(), inner.as_str()) {
            (_, heading) if heading.starts_with("# ") => blocks.push(Block::Heading(heading[2..].to_owned())),
            (Some(Block::Boxed(lines)), it) if open && it.starts_with("> ") => lines.push(it[2..].to_owned()),
            (_, it) if it.starts_with("> ") => blocks.push(Block::Boxed(vec![it[2..].to_owned()])),
            (Some(Block::Bullets(entries)), it) if it.starts_with("- ") => entries.push(vec![it[2..].to_owned()]),
            (_, it) if it.starts_with("- ") => blocks.push(Block::Bullets(vec![vec![it[2..].to_owned()]])),
            (Some(Block::Bullets(entries)), it) if open && goes_on => {
                if let Some(entry) = entries.last_mut() {
                    entry.push(it.to_owned());
                }
            }
            (Some(Block::Numbers(entries)), it) if numbered(it).is_some() => {
                entries.push(numbered(it).unwrap_or_default().to_owned());
            }
            (_, it) if numbered(it).is_some() => {
                blocks.push(Block::Numbers(vec![numbered(it).unwrap_or_default().to_owned()]));
            }
            (Some(Block::Paragraph(text)), it) if open => {
                text.push(' ');
                text.push_str(it);
            }
            (Some(Block::Numbers(entries)), it) if open => {
                if let Some(entry) = entries.last_mut() {
                    entry.push(' ');
                    entry.push_str(it);
                }
            }
            (_, it) => blocks.push(Block::Paragraph(it.to_owned())),
        }
        open = true;
    }
    blocks
}

/// The line with single blanks and without controls. Blanks that do not break, as French has them, stay.
fn visible(line: &str) -> String {
    let line: String = line.chars().map(|c| if c.is_control() || c == '\u{2028}' { ' ' } else { c }).collect();
    line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What follows `1. `.
fn numbered(line: &str) -> Option<&str> {
    let (number, rest) = line.split_once(". ")?;
    (!number.is_empty() && number.len() <= 2 && number.bytes().all(|it| it.is_ascii_digit())).then_some(rest)
}

/// For a terminal: lines of at most 72 characters, where words allow it, that end in line feeds.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    for block in parse(text) {
        if !out.is_empty() {
            out.push('\n');
        }
        match block {
            Block::Heading(it) => {
                wrap(&mut out, &it, "", "");
                let rule = it.chars().count().min(WIDTH);
                wrap(&mut out, &"-".repeat(rule), "", "");
            }
            Block::Boxed(lines) => lines.iter().for_each(|it| wrap(&mut out, it, "    ", "    ")),
            Block::Bullets(entries) => {
                for lines in entries {
                    for (at, it) in lines.iter().enumerate() {
                        wrap(&mut out, it, if at == 0 { "- " } else { "  " }, "  ");
                    }
                }
            }
            Block::Numbers(entries) => {
                for (at, it) in entries.iter().enumerate() {
                    let number = format!("{}. ", at + 1);
                    wrap(&mut out, it, &number, &" ".repeat(number.len()));
                }
            }
            Block::Paragraph(it) => wrap(&mut out, &it, "", ""),
        }
    }
    out
}

fn wrap(out: &mut String, text: &str, first: &str, later: &str) {
    let mut length = first.chars().count();
    let mut empty = true;
    out.push_str(first);
    for word in text.split(' ') {
        let more = word.chars().count();
        if !empty && length + 1 + more > WIDTH {
            out.push('\n');
            out.push_str(later);
            length = later.chars().count();
            empty = true;
        }
        if !empty {
            out.push(' ');
            length += 1;
        }
        out.push_str(word);
        length += more;
        empty = false;
    }
    out.push('\n');
}

const BODY: &str = "margin:0;padding:0;background:#ffffff;color:#1f2328";
const PAGE: &str = "max-width:36em;margin:0 auto;padding:24px 20px;font:16px/1.55 -apple-system,'Segoe UI',Roboto,\
                    'Noto Sans',Arial,sans-serif;overflow-wrap:anywhere";
const HEADING: &str = "font-size:17px;line-height:1.3;margin:28px 0 8px;color:#1f2328";
const BOXED: &str = "margin:16px 0;padding:12px 16px;background:#f3f6fa;border-left:4px solid #2f5d8a";
const LIST: &str = "margin:0 0 16px;padding:0 0 0 22px";
const ENTRY: &str = "margin:0 0 8px";
const PARAGRAPH: &str = "margin:0 0 16px";
const ASIDE: &str = "color:#57606a;font-size:14px";
const CODE: &str = "font-family:ui-monospace,Consolas,Menlo,monospace;font-size:14px";
/// Languages that are written from right to left.
const RIGHT_TO_LEFT: [&str; 7] = ["ar", "arc", "dv", "fa", "he", "ur", "yi"];

/// For a browser: no image, no link, no style but its own, dark on white.
pub(super) fn html(text: &str, title: &str, lang: &str) -> String {
    let first = lang.split('-').next().unwrap_or_default();
    let direction = if RIGHT_TO_LEFT.contains(&first) { "rtl" } else { "ltr" };
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\" dir=\"{direction}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n</head>\n\
         <body style=\"{BODY}\">\n<div style=\"{PAGE}\">\n",
        escape(lang),
        escape(title)
    );
    for block in parse(text) {
        match block {
            Block::Heading(it) => tag(&mut out, "h2", HEADING, &escape(&it)),
            Block::Boxed(lines) => {
                let lines: Vec<String> = lines.iter().map(|it| escape(it)).collect();
                tag(&mut out, "div", BOXED, &lines.join("<br>\n"));
            }
            Block::Bullets(entries) => {
                open(&mut out, "ul", LIST);
                entries.iter().for_each(|lines| tag(&mut out, "li", ENTRY, &entry(lines)));
                out.push_str("</ul>\n");
            }
            Block::Numbers(entries) => {
                open(&mut out, "ol", LIST);
                entries.iter().for_each(|it| tag(&mut out, "li", ENTRY, &escape(it)));
                out.push_str("</ol>\n");
            }
            Block::Paragraph(it) => tag(&mut out, "p", PARAGRAPH, &escape(&it)),
        }
    }
    out.push_str("</div>\n</body>\n</html>\n");
    out
}

/// The first line, as code if it is one word; what follows it, smaller.
fn entry(lines: &[String]) -> String {
    let mut out = String::new();
    for (at, line) in lines.iter().enumerate() {
        let text = escape(line);
        match at {
            0 if !line.contains(' ') => out.push_str(&format!("<span style=\"{CODE}\">{text}</span>")),
            0 => out.push_str(&text),
            _ => out.push_str(&format!("<br>\n<span style=\"{ASIDE}\">{text}</span>")),
        }
    }
    out
}

fn open(out: &mut String, name: &str, style: &str) {
    out.push_str(&format!("<{name} style=\"{style}\">\n"));
}

fn tag(out: &mut String, name: &str, style: &str, inner: &str) {
    out.push_str(&format!("<{name} style=\"{style}\">{inner}</{name}>\n"));
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SOURCE: &str = "Dear Ann,\n\nA paragraph that is\nwritten in lines & goes on until it is longer than the \
                          longest line that a terminal shows.\n\n# Seen\n- hxxps://a[.]xx/b\n  first seen\n  \
                          confirmed\n- two words\n\n> Do <this>.\n> And that.\n\n1. One.\n2. Two goes\n   on.\n\nEnd.\n";

    #[test]
    fn marks_are_laid_out() {
        insta::assert_snapshot!("letter_plain", plain(SOURCE));
        insta::assert_snapshot!("letter_html", html(SOURCE, "A \"title\"", "fr"));
        assert!(html("x", "x", "ar").contains("dir=\"rtl\""));
    }

    proptest! {
        #[test]
        fn a_value_makes_no_mark_and_no_tag(value in any::<String>()) {
            let value = crate::contact::clean(&value);
            let page = html(&format!("Before {value} after"), "t", "en");
            let empty = html("Before after", "t", "en");
            prop_assert_eq!(page.matches('<').count(), empty.matches('<').count());
            prop_assert_eq!(page.matches('"').count(), empty.matches('"').count());
            let text = plain(&format!("Before {value} after"));
            prop_assert!(!text.contains('\r') && !text.contains("\n\n"));
        }
    }
}
