//! Statuses of a domain in the spelling of EPP.

/// EPP's word, and RDAP's for the same (RFC 8056, 2); `-` where EPP has none (RFC 9083, 10.2.2).
const TABLE: &str = include_str!("statuses.tsv");

/// What stands for a status that the table does not have. Its text is not kept: it could say anything of anybody.
pub(super) const OTHER: &str = "other";

/// The statuses of a domain that is not in the zone, or is about to leave it (RFC 5731, 2.3; RFC 3915, 3.1).
pub(super) const NOT_DELEGATED: [&str; 6] =
    ["serverHold", "clientHold", "inactive", "pendingCreate", "pendingDelete", "redemptionPeriod"];

/// The word of EPP for a status in either's spelling, whatever its case, blanks and hyphens; RDAP's word for what only
/// RDAP knows, and [`OTHER`] for anything else.
pub(super) fn epp(status: &str) -> &'static str {
    let status = letters(status);
    let rows = TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
    let mut known = rows.map(|(epp, rdap)| (if epp == "-" { rdap } else { epp }, rdap));
    known.find(|(epp, rdap)| letters(epp) == status || letters(rdap) == status).map_or(OTHER, |(epp, _)| epp)
}

/// The letters of a status, which are what it shares with its other spellings.
fn letters(text: &str) -> String {
    let is_between = |c: char| c.is_whitespace() || matches!(c, '-' | '_');
    text.chars().filter(|c| !is_between(*c)).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::{NOT_DELEGATED, OTHER, TABLE, epp};

    #[test]
    fn every_row_of_the_table_in_every_spelling() {
        let mut rows = 0;
        for (epp_word, rdap_word) in TABLE.lines().skip(1).map(|line| line.split_once('\t').unwrap()) {
            let expected = if epp_word == "-" { rdap_word } else { epp_word };
            for word in [expected, rdap_word] {
                let spellings = [
                    word.to_owned(),
                    word.to_uppercase(),
                    word.replace(' ', "  "),
                    word.replace(' ', "-"),
                    format!(" {word}\t"),
                ];
                for spelling in spellings {
                    assert_eq!(epp(&spelling), expected, "{spelling:?}");
                }
            }
            // The rule of RFC 8056: words are split where a capital is; two have names of their own.
            let split: String = epp_word
                .chars()
                .flat_map(|c| [c.is_uppercase().then_some(' '), Some(c.to_ascii_lowercase())])
                .flatten()
                .collect();
            let named = match epp_word {
                "ok" => "active",
                "linked" => "associated",
                "-" => rdap_word,
                _ => split.as_str(),
            };
            assert_eq!(named, rdap_word);
            rows += 1;
        }
        assert_eq!(rows, 36);
    }

    #[test]
    fn the_table_is_that_of_the_sources() {
        assert_eq!(TABLE, include_str!("../../../../sources/tests/data/rdap/statuses.tsv"));
        assert!(NOT_DELEGATED.iter().all(|status| epp(status) == *status));
    }

    #[test]
    fn what_no_table_has_is_not_repeated() {
        for status in ["", "server recover prohibited", "held for Somebody", "okay", "client hold client hold"] {
            assert_eq!(epp(status), OTHER, "{status}");
        }
    }
}
