//! Notices as people and programs meet them: every text that arke ships, what is wrong with a file of templates, and the
//! bytes of mails.

mod mails;
mod templates;
mod texts;

use arke::notice::{Audience, Kind};

/// Every message that there is a text for.
pub(crate) const MESSAGES: [(Kind, Audience); 10] = [
    (Kind::Notice, Audience::Registrant),
    (Kind::Reminder, Audience::Registrant),
    (Kind::AllClear, Audience::Registrant),
    (Kind::Correction, Audience::Registrant),
    (Kind::Notice, Audience::Hoster),
    (Kind::Reminder, Audience::Hoster),
    (Kind::AllClear, Audience::Hoster),
    (Kind::Correction, Audience::Hoster),
    (Kind::Digest, Audience::Registrar),
    (Kind::Desk, Audience::Desk),
];
