//! A report as Markdown: for a terminal, a mail or an issue. Charts are left to their tables.

use super::super::output::{Row, plain};
use super::words::shortened;
use super::{Report, Section, Table};

/// The report as Markdown.
pub(super) fn text(report: &Report) -> String {
    let mut lines = vec![
        format!("# {}", escaped(&report.title)),
        String::new(),
        format!("As of {}, by {}.", report.as_of.0, report.program),
    ];
    for section in &report.sections {
        lines.extend(section_lines(section));
    }
    lines.join("\n") + "\n"
}

fn section_lines(section: &Section) -> Vec<String> {
    let mut lines = vec![String::new(), format!("## {}", section.title)];
    if !section.says.is_empty() {
        lines.push(String::new());
        lines.extend(section.says.iter().map(|said| escaped(said)));
    }
    lines.extend(commands(&section.queries));
    lines.extend(section.tables.iter().flat_map(table_lines));
    lines
}

fn table_lines(table: &Table) -> Vec<String> {
    let heads: Vec<String> = table.columns.iter().map(|column| column.replace('_', " ")).collect();
    let mut lines = vec![String::new(), format!("**{}**", table.caption), String::new()];
    lines.push(format!("| {} |", heads.join(" | ")));
    lines.push(format!("|{}", "---|".repeat(heads.len())));
    lines.extend(table.rows.iter().map(|row| format!("| {} |", cells(row, &table.columns).join(" | "))));
    if table.left_out > 0 {
        lines.extend([String::new(), format!("and {} more", table.left_out)]);
    }
    lines.extend(commands(&table.queries));
    lines
}

fn cells(row: &Row, columns: &[&'static str]) -> Vec<String> {
    columns
        .iter()
        .map(|column| row.get(*column).map(plain).map(|text| escaped(&shortened(text))).unwrap_or_default())
        .collect()
}

/// The lines to type, as code.
fn commands(queries: &[String]) -> Vec<String> {
    queries.iter().flat_map(|query| [String::new(), format!("    {query}")]).collect()
}

/// Text that Markdown and the HTML in it leave as it is, on one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '|' | '#' | '~' | '&' | '!' => {
                escaped.extend(['\\', letter]);
            }
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_cell_stays_a_cell() {
        for (text, expected) in [
            ("shop.xx", "shop.xx"),
            ("a|b\nc", "a\\|b c"),
            ("<b>[x](y)`", "\\<b\\>\\[x\\](y)\\`"),
            ("\\|", "\\\\\\|"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}
