//! Host names, labels, lists of names, and the rules under which they can be registered.

use std::io::{BufRead, BufReader};

use panopticon_model::name::{HostName, Label, Places, RegistrableRules, SuffixList, TldRules};
use panopticon_model::url::UrlHost;
use panopticon_sources::names::{ProtectedNames, protected};

use super::world::{check_place, places, text};

/// Host names and labels: the canonical form is its own form, for machines and for people.
pub fn host(data: &[u8]) {
    let text = text(data);
    if let Ok(host) = HostName::parse(&text) {
        check_host(&host);
        check_place(places(), &host);
        assert!(host.canonical_cmp(&host).is_eq() && !host.is_below(&host));
        let _ = host.is_idna2008();
    }
    if let Ok(label) = Label::parse(&text) {
        assert!(!label.as_str().contains('.'));
        assert_eq!(Label::parse(&format!("{label}")).as_ref(), Ok(&label));
        assert_eq!(Label::parse(&label.to_unicode()).as_ref(), Ok(&label));
    }
    if let Ok(host) = UrlHost::parse(&text) {
        assert_eq!(UrlHost::parse(&host.to_string()).as_ref(), Ok(&host));
        if let Some(name) = host.name() {
            assert_eq!(HostName::parse(&text).as_ref(), Ok(name));
        }
    }
}

fn check_host(host: &HostName) {
    let octets = host.as_str().as_bytes();
    assert!((1..=253).contains(&octets.len()) && octets.is_ascii());
    assert!(host.labels().all(|label| (1..=63).contains(&label.len())));
    assert_eq!(HostName::parse(&format!("{host}.")).as_ref(), Ok(host));
    assert_eq!(HostName::parse(&host.to_unicode()).as_ref(), Ok(host));
}

/// Suffix lists and a registry's own rules: what they say of the names that they mention holds together.
pub fn suffix_list(data: &[u8]) {
    let text = text(data);
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let own = RegistrableRules::parse(&lines).ok();
    let list = SuffixList::parse(&text).ok();
    let tld = TldRules { tld: Label::parse("xx").unwrap(), rules: own.clone() };
    let rules = list.clone().map(|list| Places::new(list, vec![tld]));
    if let Some(list) = &list {
        assert_eq!(SuffixList::parse(&text).unwrap().version(), list.version());
    }
    for line in lines.iter().take(64) {
        let name = line.trim().trim_start_matches(['!', '*', '.']);
        for host in [name.to_owned(), format!("a.{name}"), format!("www.b.{name}")] {
            let Ok(host) = HostName::parse(&host) else { continue };
            if let Some(list) = &list {
                let found =
                    [list.icann_suffix(&host), list.private_suffix(&host), Some(list.public_suffix(&host))];
                found
                    .into_iter()
                    .flatten()
                    .for_each(|suffix| assert!(host.is_at_or_below(suffix), "{host} {suffix}"));
            }
            if let Some(suffix) = own.as_ref().and_then(|own| own.suffix(&host)) {
                assert!(host.is_at_or_below(suffix), "{host} {suffix}");
            }
            if let Some(rules) = &rules {
                check_place(rules, &host);
            }
        }
    }
}

/// A list of protected names: read the same under any cut, each line counted once, only registrable domains guarded, and
/// each label that is looked for one label.
pub fn names_list(data: &[u8]) {
    let whole = list(data);
    for size in [1, 13] {
        assert_eq!(list(BufReader::with_capacity(size, data)), whole, "buffers of {size}");
    }
    let lines = data.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
    assert!(whole.rows + whole.faults.count <= u64::try_from(lines).unwrap());
    assert!(u64::try_from(whole.domains.len()).unwrap() <= whole.rows);
    for domain in &whole.domains {
        let host = HostName::parse(domain).unwrap();
        assert!(host.as_str() == domain && places().in_scope(&host));
        check_place(places(), &host);
    }
    for (name, target) in &whole.targets {
        let host = HostName::parse(name).unwrap();
        assert!(
            host.labels().any(|label| label == target.label) && host.as_str().ends_with(target.suffix.as_str())
        );
    }
    let first = &whole.faults.first;
    assert!(u64::try_from(first.len()).unwrap() == whole.faults.count.min(1000));
    assert!(first.iter().all(|fault| fault.sample.chars().count() <= 120 && !fault.sample.contains('@')));
    assert!(first.is_sorted_by_key(|fault| fault.line_number));
}

fn list(input: impl BufRead) -> ProtectedNames {
    let registrable = |host: &HostName| {
        let place = places().place(host).ok().filter(|_| places().in_scope(host))?;
        Some(place.registrable_domain.as_str().into())
    };
    protected(input, places().list(), registrable).unwrap()
}
