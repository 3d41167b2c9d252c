//! Names and URLs: tables of spellings, the public vectors, and properties that hold for every text.

mod canonical;
mod host;
mod mask;
mod place;
mod properties;
mod refang;
mod safe_browsing;
mod vectors;

use panopticon_model::name::{HostName, Label, Places, RegistrableRules, SuffixList, TldRules};

/// The rules that the tests below use; see `sample.dat`.
fn sample_list() -> SuffixList {
    SuffixList::parse(include_str!("sample.dat")).unwrap()
}

/// The sample list; `cx` and `zz` by the list, `xx` and `nz` by rules of their own.
fn sample_places() -> Places {
    Places::new(
        sample_list(),
        vec![
            tld("cx", &[]),
            tld(".ZZ", &[]),
            tld("xx", &["xx", "com.xx", "*.wild.xx", "!open.wild.xx"]),
            tld("nz", &["nz", "co.nz", "school.nz"]),
        ],
    )
}

fn tld(name: &str, rules: &[&str]) -> TldRules {
    let rules: Vec<String> = rules.iter().map(|rule| (*rule).to_owned()).collect();
    TldRules { tld: Label::parse(name).unwrap(), rules: RegistrableRules::parse(&rules).ok() }
}

fn host(name: &str) -> HostName {
    HostName::parse(name).unwrap()
}
