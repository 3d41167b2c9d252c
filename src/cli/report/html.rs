//! A report as one HTML page that needs nothing else: no script, no network, its style inside.

use panopticon_model::time::Day;

use super::super::output::{Row, plain};
use super::words::shortened;
use super::{Report, Section, Table, chart};

const STYLE: &str = include_str!("style.css");

/// The report as a page.
///
/// # Errors
/// When the chart cannot be drawn.
pub(super) fn page(report: &Report) -> anyhow::Result<String> {
    let sections: anyhow::Result<Vec<String>> = report.sections.iter().map(section).collect();
    let title = escaped(&report.title);
    let (as_of, program) = (report.as_of.0, escaped(report.program));
    Ok(format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n\
         <p>As of <time datetime=\"{as_of}\">{as_of}</time>, by {program}.</p>\n</header>\n<main>\n{}</main>\n\
         </body>\n</html>\n",
        unbroken(&report.title),
        sections?.concat()
    ))
}

fn section(section: &Section) -> anyhow::Result<String> {
    let says: Vec<String> = section.says.iter().map(|said| escaped(said)).collect();
    let says = if says.is_empty() { String::new() } else { format!("<p>{}</p>\n", says.join(" ")) };
    let tables: anyhow::Result<Vec<String>> = section.tables.iter().map(table).collect();
    Ok(format!(
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{}</h2>\n{says}{}<div class=\"tables\">\n{}</div>\n</section>\n",
        escaped(section.title),
        commands(&section.queries),
        tables?.concat(),
        id = escaped(section.id),
    ))
}

fn table(table: &Table) -> anyhow::Result<String> {
    let caption = escaped(table.caption);
    let drawn = chart::of(table)?;
    let chart = drawn.map(|svg| format!("<div class=\"chart\" role=\"img\" aria-label=\"{caption}; the table below has the numbers\">{svg}</div>\n"));
    let is_number =
        |column: &str| table.rows.iter().any(|row| row.get(column).is_some_and(serde_json::Value::is_number));
    let class = |column: &str| if is_number(column) { " class=\"n\"" } else { "" };
    // A date is not broken at its hyphens.
    let class_of = |column: &str, text: &str| {
        if text.parse::<Day>().is_ok() { " class=\"d\"" } else { class(column) }
    };
    let heads = table
        .columns
        .iter()
        .map(|column| format!("<th scope=\"col\"{}>{}</th>", class(column), escaped(&column.replace('_', " "))));
    let cells = |row: &Row| {
        let cell = |(at, column): (usize, &&'static str)| {
            let text = row.get(*column).map(plain).map(shortened).unwrap_or_default();
            let (open, close) = if at == 0 { ("th scope=\"row\"", "th") } else { ("td", "td") };
            format!("<{open}{}>{}</{close}>", class_of(column, &text), escaped(&text))
        };
        format!("<tr>{}</tr>\n", table.columns.iter().enumerate().map(cell).collect::<String>())
    };
    let more = if table.left_out > 0 { format!("<p>and {} more</p>\n", table.left_out) } else { String::new() };
    let wide = match table.chart {
        Some(_) => " charted",
        None if table.columns.len() > 4 => " wide",
        None => "",
    };
    Ok(format!(
        "<div class=\"table{wide}\">\n{}<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\">\n\
         <table>\n<caption>{caption}</caption>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table>\n</div>\n{more}{}</div>\n",
        chart.unwrap_or_default(),
        heads.collect::<String>(),
        table.rows.iter().map(cells).collect::<String>(),
        commands(&table.queries),
    ))
}

/// The lines to type.
fn commands(queries: &[String]) -> String {
    queries.iter().map(|query| format!("<p class=\"ask\"><code>{}</code></p>\n", unbroken(query))).collect()
}

/// Text whose words with hyphens, as dates and flags are, stay on one line.
fn unbroken(text: &str) -> String {
    let word = |word: &str| match word.contains('-') {
        true => format!("<span class=\"d\">{}</span>", escaped(word)),
        false => escaped(word),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// The one way of text into the page.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a browser makes of escaped text.
    fn read(html: &str) -> String {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
            .iter()
            .fold(html.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    proptest! {
        #[test]
        fn any_text_is_text_and_is_read_as_it_was(text in "(?s).{0,80}|[<>&\"'a#;xlt]{0,40}") {
            let html = escaped(&text);
            prop_assert!(!html.contains(['<', '>', '"', '\'']));
            let as_read = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
            prop_assert_eq!(read(&html), as_read.collect::<String>());
        }
    }

    #[test]
    fn no_cell_becomes_markup() {
        let evil = "</td><script>alert('&')</script>";
        let row = super::super::words::row([("subject", evil.into()), ("cases", 1.into())]);
        let made = Table::whole("t", "c", vec![evil.to_owned()], &["subject", "cases"], vec![row]);
        let html = table(&made).unwrap();
        assert!(!html.contains("<script") && html.matches("&lt;script&gt;").count() == 2, "{html}");
    }
}
