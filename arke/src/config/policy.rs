//! Whom to tell, as the registry decided it.

use panopticon_model::time::{Epoch, HOUR_MS};

/// To whom a mail goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// Who holds the domain, and those whom the holder named.
    Holder,
    /// Who sold it.
    Registrar,
    /// Who sold it for the registrar.
    Reseller,
    /// Who runs the platform below which it is.
    Platform,
    /// The registry's own abuse desk.
    Desk,
}

impl Audience {
    const ALL: [Audience; 5] =
        [Audience::Holder, Audience::Registrar, Audience::Reseller, Audience::Platform, Audience::Desk];

    /// The audience of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Audience> {
        Audience::ALL.into_iter().find(|audience| audience.as_str() == word)
    }

    /// The word in columns and in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Audience::Holder => "holder",
            Audience::Registrar => "registrar",
            Audience::Reseller => "reseller",
            Audience::Platform => "platform",
            Audience::Desk => "desk",
        }
    }
}

/// Hours of a day, UTC, in which nothing is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// The first hour.
    pub from: u64,
    /// The hour at which it is over.
    pub until: u64,
}

impl QuietHours {
    /// Whether an instant lies in them; they may go over midnight.
    #[must_use]
    pub fn contain(self, at: Epoch) -> bool {
        let hour = at.0 / HOUR_MS % 24;
        let (from, until) = (self.from, self.until);
        if from <= until { (from..until).contains(&hour) } else { hour >= from || hour < until }
    }
}

/// Whom to tell, of one TLD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether domain contacts are written to at all; without it registrars and the desk alone are.
    pub direct_contact: bool,
    /// Whether they hear when it is over.
    pub all_clear: bool,
    /// Whether resellers are written to; they are named in any case.
    pub mail_resellers: bool,
    /// Days after which who was told is reminded.
    pub reminder_days: u64,
    /// Days after which registrar and desk hear that it is still there.
    pub escalate_days: u64,
    /// The feeds that may lead to a mail; none for every feed that the records trust.
    pub trusted_feeds: Option<Vec<String>>,
    /// When nothing is sent.
    pub quiet_hours: Option<QuietHours>,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            direct_contact: true,
            all_clear: true,
            mail_resellers: false,
            reminder_days: 3,
            escalate_days: 7,
            trusted_feeds: None,
            quiet_hours: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_go_over_midnight() {
        let quiet = QuietHours { from: 22, until: 6 };
        let hours: Vec<u64> = (0..24).filter(|hour| quiet.contain(Epoch(hour * HOUR_MS))).collect();
        assert_eq!(hours, [0, 1, 2, 3, 4, 5, 22, 23]);
        assert!(!QuietHours { from: 8, until: 8 }.contain(Epoch(8 * HOUR_MS)));
    }
}
