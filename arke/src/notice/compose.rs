//! The words of a message become its final bytes: headers, MIME parts, signature. The same input gives the same bytes.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use panopticon_model::time::Epoch;
use thiserror::Error;

use super::dkim::{self, DkimError, Signer};
use super::render::Rendered;
use super::template::{Audience, Kind};
use crate::contact::{Address, Personal, clean};
use crate::verp::{VerpKey, is_id, verp};

/// Who sends.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The name beside the address.
    pub name: String,
    /// The address, in the registry's own domain.
    pub address: Address,
    /// The desk that reads answers.
    pub reply_to: Address,
    /// The domain of envelope senders, for bounces.
    pub bounce_domain: String,
    /// The zone, for `List-Id` and `Feedback-ID`.
    pub tld: String,
}

/// To whom, under which id, when.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The id of the message: lower-case letters, digits and hyphens, 45 at most. It is never used twice.
    pub id: String,
    /// The recipient.
    pub to: Address,
    /// Their name.
    pub to_name: Option<Personal>,
    /// The date of the mail, which the caller fixes once.
    pub date: Epoch,
}

/// A file that goes with a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, in ASCII.
    pub name: String,
    /// `application/json` or `text/csv`.
    pub content_type: &'static str,
    /// Its octets.
    pub bytes: Vec<u8>,
}

/// A message as it is stored and sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// With angle brackets.
    pub message_id: String,
    /// The envelope sender.
    pub envelope_from: Address,
    /// The envelope recipient.
    pub to: Address,
    /// Whether the server must offer SMTPUTF8 (RFC 6531): the recipient's local part is not ASCII.
    pub needs_smtputf8: bool,
    /// The final bytes, lines ending in CR LF.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({}, {} octets)", self.message_id, self.bytes.len())
    }
}

/// Why a message cannot be composed. It repeats nothing of the message.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// The id would not survive in an address.
    #[error("the id of a message has 1 to 45 lower-case letters, digits or hyphens")]
    Id,
    /// An unexpected attachment makes a mail suspicious.
    #[error("a message to a registrant has no attachment")]
    Attachment,
    /// The library refuses what it is given: a fault of the program.
    #[error("the mail could not be built: {0}")]
    Mail(&'static str),
    /// It cannot be signed.
    #[error(transparent)]
    Dkim(#[from] DkimError),
}

/// Composes a message and signs it with every key that is given.
///
/// # Errors
/// [`ComposeError`], which says what is wrong.
pub fn compose(
    rendered: &Rendered,
    delivery: &Delivery,
    sender: &Sender,
    attachments: &[Attachment],
    key: &VerpKey,
    signers: &[Signer],
) -> Result<Message, ComposeError> {
    if !is_id(&delivery.id) {
        return Err(ComposeError::Id);
    }
    if rendered.audience == Audience::Registrant && !attachments.is_empty() {
        return Err(ComposeError::Attachment);
    }
    let message_id = format!("<{}@{}>", delivery.id, sender.address.domain());
    let mut builder = lettre::Message::builder()
        .from(mailbox(Some(&clean(&sender.name)), &sender.address)?)
        .reply_to(mailbox(None, &sender.reply_to)?)
        .to(mailbox(delivery.to_name.as_ref().map(Personal::reveal), &delivery.to)?)
        .subject(rendered.subject.clone())
        .date(UNIX_EPOCH + Duration::from_millis(delivery.date.0))
        .message_id(Some(message_id.clone()));
    for (name, value) in headers(rendered, sender) {
        builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }
    let bytes = builder
        .multipart(parts(rendered, attachments, &delivery.id)?)
        .map_err(|_| ComposeError::Mail("its sender or recipient"))?
        .formatted();
    Ok(Message {
        message_id,
        envelope_from: format!("{}@{}", verp(&delivery.id, key), sender.bounce_domain)
            .parse()
            .map_err(|_| ComposeError::Mail("its bounce domain"))?,
        to: delivery.to.clone(),
        needs_smtputf8: delivery.to.needs_smtputf8(),
        bytes: dkim::sign(&bytes, signers, delivery.date)?,
    })
}

/// The headers that say what sort of mail it is.
fn headers(rendered: &Rendered, sender: &Sender) -> Vec<(&'static str, String)> {
    let tld = &sender.tld;
    let (kind, audience) = (rendered.kind.as_str(), rendered.audience.as_str());
    let mut headers = vec![
        // RFC 3834: no vacation answers. The second is what Exchange asks for.
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("X-Auto-Response-Suppress", "All".to_owned()),
        // RFC 2919: a label, so that people can file it.
        ("List-Id", format!("<abuse-notices.{}>", sender.address.domain())),
        ("Feedback-ID", format!("{kind}:{audience}:{tld}:arke")),
        ("Content-Language", rendered.lang.clone()),
    ];
    // RFC 2369. The first notice is no list: nobody leaves it. No RFC 8058: that needs a page.
    if rendered.kind == Kind::Reminder {
        let (desk, reference) = (sender.reply_to.reveal(), &rendered.reference);
        headers.push(("List-Unsubscribe", format!("<mailto:{desk}?subject=stop%20{reference}>")));
    }
    headers.into_iter().map(|(name, value)| (name, clean(&value))).collect()
}

/// The mail of an address. lettre ends the program on a name with line breaks: [`clean`] has taken them.
fn mailbox(name: Option<&str>, address: &Address) -> Result<Mailbox, ComposeError> {
    let address = address.reveal();
    let (local, domain) = address.rsplit_once('@').ok_or(ComposeError::Mail("an address"))?;
    let address = lettre::Address::new(local, domain).map_err(|_| ComposeError::Mail("an address"))?;
    Ok(Mailbox::new(name.map(str::to_owned), address))
}

/// Boundaries come from the id: lettre would draw new ones each time.
fn parts(rendered: &Rendered, attachments: &[Attachment], id: &str) -> Result<MultiPart, ComposeError> {
    let letter = MultiPart::alternative()
        .boundary(format!("=_letter_{id}"))
        .singlepart(text(&rendered.plain, ContentType::TEXT_PLAIN)?)
        .singlepart(text(&rendered.html, ContentType::TEXT_HTML)?);
    if attachments.is_empty() {
        return Ok(letter);
    }
    let mut mixed = MultiPart::mixed().boundary(format!("=_files_{id}")).multipart(letter);
    for attachment in attachments {
        let content_type =
            ContentType::parse(attachment.content_type).map_err(|_| ComposeError::Mail("a part"))?;
        let body = encoded(attachment.bytes.clone(), ContentTransferEncoding::Base64)?;
        let part = SinglePart::builder()
            .header(content_type)
            .header(ContentDisposition::attachment(&clean(&attachment.name)))
            .body(body);
        mixed = mixed.singlepart(part);
    }
    Ok(mixed)
}

/// Quoted-printable, always: no octet above 127, no line longer than 76, whatever the language.
fn text(text: &str, content_type: ContentType) -> Result<SinglePart, ComposeError> {
    let body = encoded(text.to_owned(), ContentTransferEncoding::QuotedPrintable)?;
    Ok(SinglePart::builder().header(content_type).body(body))
}

fn encoded(
    content: impl Into<lettre::message::MaybeString>,
    encoding: ContentTransferEncoding,
) -> Result<Body, ComposeError> {
    Body::new_with_encoding(content, encoding).map_err(|_| ComposeError::Mail("a part"))
}
