//! Cases that tests make up.

use arke::cases::{CaseLine, Words};
use arke::docket::{Confirmed, Entry, RemedyRow, Standing};
use panopticon_model::id::Id;
use panopticon_model::time::{DAY_MS, Epoch};

/// Words of a list.
pub(crate) fn words(text: &str) -> Words {
    text.split(',').map(Into::into).collect()
}

/// An id for a name.
fn id(name: &str, salt: u8) -> Id {
    Id([name.bytes().fold(salt, u8::wrapping_add); 16])
}

/// An open case of phishing, of which nothing is confirmed.
pub(crate) fn entry(name: &str, first_seen: Epoch) -> Entry {
    Entry {
        case: CaseLine {
            case_id: id(name, 1),
            subject: name.into(),
            registrable_domain: name.into(),
            platform: None,
            abuse_class: "phishing".into(),
            status: "active".into(),
            first_seen,
            ended_at: None,
            evidence_count: 1,
            feed_ids: words("list"),
            delegated: Some(true),
            rank: None,
        },
        standing: Standing::Open,
        guarded: None,
        recurred: false,
        remedy: RemedyRow::default(),
        confirmed: Vec::new(),
        cause: None,
    }
}

/// A page of a name that was seen at an instant. It counts for longer than a mail may rest on it.
pub(crate) fn confirmed(name: &str, at: Epoch) -> Confirmed {
    Confirmed {
        indicator_id: id(name, 2),
        observable: format!("http://{name}/pay").as_str().into(),
        kind: "url".into(),
        feed_ids: words("list"),
        first_seen: at.minus(DAY_MS),
        confirmed_by: words("http ch"),
        confirmed_at: at,
        valid_until: at.plus(3 * DAY_MS),
    }
}
