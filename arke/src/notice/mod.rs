//! Notices: from a registry's template and what is known of a case to the final bytes of a mail.
//!
//! ```text
//! notices.xml ──Templates::read──► Templates ──check──► what must be mended before any mail
//!                                      │
//! NoticeData ──────────────────────render──► Rendered ──compose──► Message (bytes, Message-ID, envelope sender)
//!       └──xarf, csv──► attachments of registrars and desks ──┘        └─dkim: signed over the final bytes
//! ```
//!
//! All of it is pure but what reads a file ([`Templates::read_file`], [`Signer::read_key`]). The same input gives the
//! same bytes: a notice is rendered once, stored, and sent as it was stored. What a registrant must not see (what
//! Panopticon judges of a case) cannot be named in a registrant's text.

mod check;
mod compose;
mod context;
mod csv;
mod data;
mod dkim;
mod filters;
mod letter;
mod placeholders;
mod render;
mod sample;
mod template;
mod xarf;

pub use check::Complaint;
pub use compose::{Attachment, ComposeError, Delivery, Message, Sender, compose};
pub use csv::csv;
pub use data::{
    Case, Change, Confirmation, DataError, Desk, Domain, Indicator, NoticeData, Organisation, Recipient, Registry,
};
pub use dkim::{DkimError, Signer, sign};
pub use filters::defang;
pub use placeholders::{PLACEHOLDERS, Placeholder};
pub use render::{RenderError, Rendered};
pub use sample::{SAMPLES, sample};
pub use template::{Audience, DEFAULT, Kind, TemplateError, Templates};
pub use xarf::xarf;
