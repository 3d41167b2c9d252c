//! Services that stand in the place of the holder: a letter to them need not reach anybody.

/// What their names have in them, in lower case. Whole phrases: a word such as `privacy` is in honest names as well.
const PHRASES: [&str; 22] = [
    "anonymize",
    "contact privacy",
    "domain privacy",
    "domain protection service",
    "domains by proxy",
    "id shield",
    "identity protect",
    "perfect privacy",
    "privacy protect",
    "privacy service",
    "privacyguardian",
    "private registration",
    "private whois",
    "proxy service",
    "registration private",
    "super privacy",
    "whois agent",
    "whois privacy",
    "whois protect",
    "whoisguard",
    "whoisproxy",
    "withheld for privacy",
];

/// Whether a name is that of such a service.
pub(super) fn is_service(name: &str) -> bool {
    let name = name.to_lowercase();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    PHRASES.iter().any(|phrase| name.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::is_service;

    #[test]
    fn services_and_others() {
        for (name, expected) in [
            ("Example Privacy Service", true),
            ("Domains  By Proxy, LLC", true),
            ("WhoisGuard Protected", true),
            ("Registration Private", true),
            ("Institute for Privacy", false),
            ("Proxy Rental", false),
            ("REDACTED FOR PRIVACY", false),
            ("", false),
        ] {
            assert_eq!(is_service(name), expected, "{name}");
        }
    }
}
