//! Statuses: the words of RDAP and those of EPP for the same thing (RFC 8056).

/// EPP's word, and RDAP's for the same (RFC 8056 2).
pub const EPP_AND_RDAP: [(&str, &str); 24] = [
    ("addPeriod", "add period"),
    ("autoRenewPeriod", "auto renew period"),
    ("clientDeleteProhibited", "client delete prohibited"),
    ("clientHold", "client hold"),
    ("clientRenewProhibited", "client renew prohibited"),
    ("clientTransferProhibited", "client transfer prohibited"),
    ("clientUpdateProhibited", "client update prohibited"),
    ("inactive", "inactive"),
    ("linked", "associated"),
    ("ok", "active"),
    ("pendingCreate", "pending create"),
    ("pendingDelete", "pending delete"),
    ("pendingRenew", "pending renew"),
    ("pendingRestore", "pending restore"),
    ("pendingTransfer", "pending transfer"),
    ("pendingUpdate", "pending update"),
    ("redemptionPeriod", "redemption period"),
    ("renewPeriod", "renew period"),
    ("serverDeleteProhibited", "server delete prohibited"),
    ("serverHold", "server hold"),
    ("serverRenewProhibited", "server renew prohibited"),
    ("serverTransferProhibited", "server transfer prohibited"),
    ("serverUpdateProhibited", "server update prohibited"),
    ("transferPeriod", "transfer period"),
];

/// What RDAP knows and EPP does not (RFC 9083 10.2.2 and the registry of IANA that it began).
pub const RDAP_ONLY: [&str; 12] = [
    "administrative",
    "delete prohibited",
    "locked",
    "obscured",
    "private",
    "proxy",
    "removed",
    "renew prohibited",
    "reserved",
    "transfer prohibited",
    "update prohibited",
    "validated",
];

/// What stands for a status that no table has. Its text is not kept: it could say anything of anybody.
pub const OTHER: &str = "other";

/// The word of EPP for a status in either's spelling, whatever its case and blanks (`Client  Hold`, `clientHold`,
/// `client-hold`); what only RDAP knows in the word of RDAP, and [`OTHER`] for anything else.
#[must_use]
pub fn epp(status: &str) -> &'static str {
    let status = letters(status);
    let both = EPP_AND_RDAP.iter().find(|(epp, rdap)| letters(epp) == status || letters(rdap) == status);
    let only = || RDAP_ONLY.iter().copied().find(|word| letters(word) == status);
    both.map(|(epp, _)| *epp).or_else(only).unwrap_or(OTHER)
}

/// The letters of a status, which are what it shares with its other spellings.
fn letters(text: &str) -> String {
    let is_between = |c: char| c.is_whitespace() || matches!(c, '-' | '_');
    text.chars().filter(|c| !is_between(*c)).map(|c| c.to_ascii_lowercase()).collect()
}
