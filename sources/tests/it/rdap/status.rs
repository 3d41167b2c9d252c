//! Statuses, row by row.

use panopticon_sources::rdap::status::{EPP_AND_RDAP, OTHER, RDAP_ONLY, epp};

use super::fixture;

#[test]
fn every_row_of_the_table_in_every_spelling() {
    let table = String::from_utf8(fixture("statuses.tsv")).unwrap();
    let rows = table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once('\t').unwrap());
    let mut both = Vec::new();
    let mut only = Vec::new();
    for (epp_word, rdap_word) in rows {
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
        if epp_word == "-" { only.push(rdap_word) } else { both.push((epp_word, rdap_word)) }
    }
    assert_eq!((both.as_slice(), only.as_slice()), (&EPP_AND_RDAP[..], &RDAP_ONLY[..]));
}

#[test]
fn what_no_table_has_is_not_repeated() {
    for status in ["", "server recover prohibited", "held for Somebody", "okay", "client hold client hold"] {
        assert_eq!(epp(status), OTHER, "{status}");
    }
}
