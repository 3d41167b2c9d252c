//! The closed list of what a text can name, with what each means. `docs/notices.md` has the same table.

use super::template::Audience;

/// Something that a text can name.
#[derive(Clone, Copy, Debug)]
pub struct Placeholder {
    /// Its name; `[]` stands for an entry of a list.
    pub name: &'static str,
    /// Who may read it.
    audiences: Readers,
    /// What it says.
    pub says: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readers {
    All,
    /// All but the desk, whose message may be about no name at all.
    Outside,
    /// Registrars and the desk: what is judged of a case.
    Professionals,
    Desk,
}

impl Placeholder {
    /// Whether a text for an audience can name it.
    #[must_use]
    pub fn is_for(&self, audience: Audience) -> bool {
        match self.audiences {
            Readers::All => true,
            Readers::Outside => audience != Audience::Desk,
            Readers::Professionals => matches!(audience, Audience::Registrar | Audience::Desk),
            Readers::Desk => audience == Audience::Desk,
        }
    }

    /// Who can name it, for the table of the documents.
    #[must_use]
    pub fn readers(&self) -> &'static str {
        match self.audiences {
            Readers::All => "all",
            Readers::Outside => "all but desk",
            Readers::Professionals => "registrar, desk",
            Readers::Desk => "desk",
        }
    }
}

const fn of(audiences: Readers, name: &'static str, says: &'static str) -> Placeholder {
    Placeholder { name, audiences, says }
}

/// Every placeholder. Those marked with ? in their meaning can be none: ask with `{% if %}` first.
pub const PLACEHOLDERS: &[Placeholder] = &[
    of(Readers::All, "lang", "the language of the text, `fr`"),
    of(Readers::All, "registry.name", "name of the registry"),
    of(Readers::All, "registry.tld", "its zone, without a dot in front"),
    of(Readers::All, "registry.url", "its page?"),
    of(Readers::All, "registry.verify_url", "page on which the reference can be typed?"),
    of(Readers::All, "registry.phone", "telephone number at which a message can be checked?"),
    of(Readers::All, "notice.reference", "what is typed on that page, and found in answers"),
    of(Readers::All, "notice.kind", "`notice`, `reminder`, `all-clear`, `correction`, `digest`, `desk`"),
    of(Readers::All, "notice.round", "1 for the first message, 2 for the first reminder"),
    of(Readers::All, "notice.deadline", "instant of the next step?"),
    of(Readers::All, "notice.date", "instant at which it is written"),
    of(Readers::All, "contact.name", "name of the recipient?"),
    of(Readers::All, "contact.role", "`registrant`, `administrative`, `technical`, `abuse`"),
    of(Readers::All, "contact.language", "language that the recipient wants?"),
    of(Readers::Outside, "domain.ascii", "name of the first case in A-labels"),
    of(Readers::Outside, "domain.unicode", "the same as people write it"),
    of(Readers::Outside, "domain.created", "instant of its registration?"),
    of(Readers::Outside, "registrar", "its registrar?"),
    of(Readers::Outside, "registrar.name", "name of that"),
    of(Readers::Outside, "registrar.url", "page of that?"),
    of(Readers::Outside, "registrar.abuse_email", "where it takes reports?"),
    of(Readers::Outside, "reseller", "who sold the name to its holder?"),
    of(Readers::Outside, "reseller.name", "name of that"),
    of(Readers::Outside, "reseller.url", "page of that?"),
    of(Readers::Outside, "reseller.abuse_email", "where it takes reports?"),
    of(Readers::Outside, "hoster", "who runs the server of the first case?"),
    of(Readers::Outside, "hoster.name", "name of that"),
    of(Readers::Outside, "hoster.url", "page of that?"),
    of(Readers::Outside, "hoster.abuse_email", "where it takes reports?"),
    of(
        Readers::All,
        "domains[]",
        "each name that the message is about, once: `ascii`, `unicode`, `created`?, `registrar`?, `reseller`?",
    ),
    of(Readers::All, "cases[].domain", "the name of a case, as in `domains[]`"),
    of(
        Readers::All,
        "cases[].abuse_class",
        "`phishing`, `malware`, `botnet`, `pharming`, `spam`, `scam`, `other`",
    ),
    of(Readers::All, "cases[].name", "what the language calls that"),
    of(Readers::All, "cases[].what", "what it is, in a phrase"),
    of(Readers::All, "cases[].steps", "what helps, a list of sentences"),
    of(Readers::All, "cases[].change", "`new`, `open` (goes on), `over`, `withdrawn` (was a mistake)"),
    of(Readers::All, "cases[].first_seen", "instant since when"),
    of(Readers::All, "cases[].ended_at", "instant until when?"),
    of(Readers::All, "cases[].break_in", "true when a stranger has probably got in"),
    of(Readers::Professionals, "cases[].remedy", "`malicious`, `compromised`, `platform`, `unclear`"),
    of(Readers::All, "cases[].hoster", "who runs the server?: `name`, `url`?, `abuse_email`?"),
    of(Readers::All, "cases[].indicators[].url", "what was seen, defanged"),
    of(Readers::All, "cases[].indicators[].host", "its host, defanged"),
    of(Readers::All, "cases[].indicators[].kind", "`url`, `host`"),
    of(Readers::All, "cases[].indicators[].first_seen", "instant"),
    of(Readers::All, "cases[].indicators[].last_seen", "instant"),
    of(Readers::All, "cases[].indicators[].sources", "feeds that say so, a list"),
    of(Readers::All, "cases[].indicators[].confirmed_by", "what confirms it, a list of phrases; may be empty"),
    of(Readers::All, "cases[].indicators[].confirmed_at", "instant?"),
    of(Readers::Desk, "desk.day", "instant at which the day began"),
    of(Readers::Desk, "desk.problems", "what a person must mend, a list of lines"),
    of(Readers::Desk, "desk.accepted", "messages that a server took"),
    of(Readers::Desk, "desk.held", "that wait for a person"),
    of(Readers::Desk, "desk.deferred", "that are tried again"),
    of(Readers::Desk, "desk.uncertain", "that may have been sent: a person must say"),
    of(Readers::Desk, "desk.bounced", "that were refused"),
    of(Readers::Desk, "desk.cancelled", "that were not sent, for a reason"),
    of(Readers::Desk, "desk.report", "what the records say of the day, a list of lines"),
    of(Readers::Desk, "desk.waiting", "what waits for a person, a list of lines"),
    of(Readers::Desk, "desk.high_risk", "names that no feed has yet, a list of lines"),
];

/// Whether a text for an audience can name something: a placeholder, or the beginning of one (`{% if reseller %}`).
pub(super) fn is_known(name: &str, audience: Audience) -> bool {
    names(audience).any(|known| {
        known
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('['))
    })
}

/// The known name that a wrong one is nearest to.
pub(super) fn nearest(name: &str, audience: Audience) -> Option<&'static str> {
    names(audience)
        .min_by_key(|known| distance(name, known))
        .filter(|known| distance(name, known) <= name.len() / 4)
}

fn names(audience: Audience) -> impl Iterator<Item = &'static str> {
    PLACEHOLDERS.iter().filter(move |it| it.is_for(audience)).map(|it| it.name)
}

/// Levenshtein distance.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, a) in one.chars().enumerate() {
        let mut next = vec![line + 1];
        for ((b, above), diagonal) in other.iter().zip(row.iter().skip(1)).zip(&row) {
            let left = next.last().copied().unwrap_or_default();
            next.push((diagonal + usize::from(a != *b)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
