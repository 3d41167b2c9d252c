//! Label generation rules of a TLD (RFC 7940): which code points it holds for variants of one another.
//!
//! Only variants are read. Rules that depend on what stands around a code point (`when`, `not-when`) are taken as if they
//! always held: then two labels look alike that a registry may tell apart, and none is missed.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// A larger table is none of a TLD.
const MOST_PAIRS: usize = 1 << 20;

/// A sequence of code points, and one that is a variant of it.
pub type Pair = (Vec<char>, Vec<char>);

/// Why a table is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LgrError {
    /// It is no XML.
    #[error("the table of variants is no XML")]
    Xml(#[from] quick_xml::Error),
    /// It is XML of another kind.
    #[error("the file has no element `lgr`: it is no table of label generation rules (RFC 7940)")]
    Foreign,
    /// A code point that is none.
    #[error("`{0}` is no sequence of code points: four to six hexadecimal digits each, with blanks between")]
    CodePoint(String),
    /// It has no end.
    #[error("the table has more than {MOST_PAIRS} variants")]
    TooLong,
}

/// The pairs of variants in a table, in their order.
///
/// # Errors
/// [`LgrError`] when the table cannot be used.
pub fn variants(input: impl BufRead) -> Result<Vec<Pair>, LgrError> {
    let mut reader = Reader::from_reader(input);
    let (mut buffer, mut pairs) = (Vec::new(), Vec::new());
    let (mut is_lgr, mut depth) = (false, 0_usize);
    // The sequence whose variants follow.
    let mut of: Option<Vec<char>> = None;
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer)?;
        match &event {
            Event::Start(element) | Event::Empty(element) => {
                let name = element.local_name();
                match (depth, name.as_ref()) {
                    (0, "lgr") => is_lgr = true,
                    (0, _) => return Err(LgrError::Foreign),
                    (_, "char") => of = code_points(element)?,
                    (_, "var") => {
                        if let (Some(of), Some(variant)) = (&of, code_points(element)?) {
                            pairs.push((of.clone(), variant));
                        }
                    }
                    _ => {}
                }
                if pairs.len() > MOST_PAIRS {
                    return Err(LgrError::TooLong);
                }
                if matches!(event, Event::Start(_)) {
                    depth += 1;
                }
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                if element.local_name().as_ref() == "char" {
                    of = None;
                }
            }
            Event::Eof if is_lgr => return Ok(pairs),
            Event::Eof => return Err(LgrError::Foreign),
            _ => {}
        }
    }
}

/// The attribute `cp`; none if it is empty, which stands for nothing at all, or is not there.
fn code_points(element: &BytesStart<'_>) -> Result<Option<Vec<char>>, LgrError> {
    let Some(found) = element.try_get_attribute("cp").map_err(quick_xml::Error::from)? else { return Ok(None) };
    let text = found.value.into_owned();
    let wrong = || LgrError::CodePoint(text.chars().take(40).collect());
    let one = |word: &str| {
        let digits = (4..=6).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u32::from_str_radix(word, 16).ok().filter(|_| digits);
        number.and_then(char::from_u32).ok_or_else(wrong)
    };
    let all = text.split_ascii_whitespace().map(one).collect::<Result<Vec<char>, _>>()?;
    Ok(Some(all).filter(|all| !all.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<!-- a table -->
<lgr xmlns="urn:ietf:params:xml:ns:lgr-1.0">
  <meta><version>1</version><language>und-Cyrl</language></meta>
  <data>
    <char cp="0061" tag="sc:Latn"><var cp="0430" type="blocked" comment="a &amp; а"/></char>
    <char cp="0062"/>
    <range first-cp="0063" last-cp="007A"/>
    <char cp="00DF"><var cp="0073 0073" type="allocatable"/><var cp="" type="blocked"/></char>
  </data>
  <rules/>
</lgr>"#;

    fn said(text: &str) -> String {
        variants(text.as_bytes()).map_or_else(|error| error.to_string(), |pairs| format!("{} pairs", pairs.len()))
    }

    #[test]
    fn variants_are_read_and_nothing_else() {
        let pairs = variants(TABLE.as_bytes()).unwrap();
        assert_eq!(pairs, [(vec!['a'], vec!['а']), (vec!['ß'], vec!['s', 's'])]);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        assert_eq!(said("<lgr/>"), "0 pairs");
        assert!(said("<html><var cp=\"0061\"/></html>").starts_with("the file has no element `lgr`"));
        assert!(said("").starts_with("the file has no element `lgr`"));
        assert_eq!(said("<lgr><data><char cp='0061'></data></lgr>"), "the table of variants is no XML");
        for wrong in ["61", "0061g", "D800", "110000", "0061,0062"] {
            let told = said(&format!("<lgr><data><char cp=\"{wrong}\"/></data></lgr>"));
            assert!(told.starts_with(&format!("`{wrong}` is no sequence")), "{told}");
        }
    }
}
