//! The rows of a message as CSV (RFC 4180) for spreadsheets: defanged, since a click on a cell opens what it holds, and
//! without cells that a spreadsheet takes for a formula.

use panopticon_model::time::Epoch;

use super::compose::Attachment;
use super::context::url;
use super::data::NoticeData;
use super::filters::defang;
use crate::contact::clean;

const COLUMNS: &str = "reference,case_id,domain,abuse_class,change,first_seen,ended_at,indicator_id,kind,url,\
                       url_first_seen,url_last_seen,sources,confirmed_by,confirmed_at";

/// One row an indicator, those of ended cases included.
#[must_use]
pub fn csv(data: &NoticeData) -> Attachment {
    let mut text = format!("{COLUMNS}\r\n");
    let instant = |at: Option<Epoch>| at.map(|at| at.to_string()).unwrap_or_default();
    for case in &data.cases {
        for it in &case.indicators {
            let confirmed_by: Vec<&str> = it.confirmed_by.iter().map(|by| by.as_str()).collect();
            let cells = [
                cell(&data.reference),
                cell(&case.case_id),
                cell(&case.domain.ascii),
                cell(case.abuse_class.as_str()),
                cell(case.change.as_str()),
                cell(&case.first_seen.to_string()),
                cell(&instant(case.ended_at)),
                cell(&it.indicator_id),
                cell(&it.kind),
                // All of it is printable ASCII, and may be longer than what is cleaned.
                quoted(defang(&url(&it.observable))),
                cell(&it.first_seen.to_string()),
                cell(&it.last_seen.to_string()),
                cell(&it.sources.join(" ")),
                cell(&confirmed_by.join(" ")),
                cell(&instant(it.confirmed_at)),
            ];
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
    }
    Attachment { name: "cases.csv".to_owned(), content_type: "text/csv; charset=utf-8", bytes: text.into_bytes() }
}

fn cell(text: &str) -> String {
    quoted(clean(text))
}

/// A cell of one line. One that begins as a formula does gets an apostrophe in front.
fn quoted(mut text: String) -> String {
    if text.starts_with(['=', '+', '-', '@']) {
        text.insert(0, '\'');
    }
    if text.contains([',', '"', ';']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::notice::sample::sample;
    use crate::notice::template::{Audience, Kind};

    #[test]
    fn rows() {
        let attachment = csv(&sample("many", Kind::Digest, Audience::Registrar));
        insta::assert_snapshot!("csv", String::from_utf8(attachment.bytes).unwrap().replace('\r', ""));
    }

    #[test]
    fn no_cell_is_a_formula() {
        let rows = [
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("\t=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("a,b", "\"a,b\""),
            ("plain", "plain"),
        ];
        for (from, to) in rows {
            assert_eq!(cell(from), to);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_one_cell(text in any::<String>()) {
            let cell = cell(&text);
            prop_assert!(!cell.contains(['\r', '\n', '\t']));
            let read = cell.strip_prefix('"').and_then(|it| it.strip_suffix('"')).map(|it| it.replace("\"\"", "\""));
            prop_assert!(!read.unwrap_or(cell).starts_with(['=', '+', '-', '@']));
        }
    }
}
