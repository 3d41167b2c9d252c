//! SMTP (RFC 5321) with each phase told apart, over the connection of lettre: its transport reports one error for all.

use std::error::Error as _;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension};
use lettre::transport::smtp::response::Response;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Step;
use super::outcome::{Note, Outcome, Phase, Reply, classify};
use crate::config::Secret;
use crate::contact::Address;
use crate::ledger::outbox::Letter;
use crate::names;

/// How long one waits for the connection, and for an answer to a command (RFC 5321, 4.5.3.2, wants five minutes).
const COMMAND: Duration = Duration::from_secs(5 * 60);
const CONNECT: Duration = Duration::from_secs(30);
/// How long one waits for the answer to a message (RFC 5321, 4.5.3.2.6).
const BODY: Duration = Duration::from_secs(10 * 60);

/// Whether the connection is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// By STARTTLS, or nothing is sent.
    #[default]
    Required,
    /// From the first byte.
    Implicit,
    /// Not at all: only to an address of loopback.
    None,
}

/// Who we are for the mail server.
pub struct Login {
    /// The name.
    pub user: String,
    /// The secret.
    pub password: Secret,
}

/// How the mail server is reached.
pub struct SmtpConfig {
    /// Its name, which the certificate must have; an address of loopback with [`Tls::None`].
    pub host: String,
    /// Its port: 587, 465 with [`Tls::Implicit`], 25.
    pub port: u16,
    /// Whether the connection is encrypted.
    pub tls: Tls,
    /// Certificates of authorities to trust besides those of the system, as PEM.
    pub extra_ca: Option<Vec<u8>>,
    /// The login, if one is needed.
    pub login: Option<Login>,
    /// Our name for EHLO.
    pub hello: String,
    /// Who gets a blind copy of every message, from which uncertain ones are resolved.
    pub copy_to: Option<Address>,
    /// How long one waits for an answer at most; none: as long as RFC 5321 wants.
    pub patience: Option<Duration>,
}

/// Why the configuration of the mail server cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SmtpError {
    /// Only loopback may go without TLS.
    #[error("`tls: none` is only for a mail server at 127.0.0.1 or ::1: use `required` or `implicit`")]
    Clear,
    /// The extra authority cannot be read.
    #[error("the extra CA file holds no certificate as PEM")]
    Authority,
    /// The name of the server, or an authority, cannot be used for TLS.
    #[error("TLS cannot be set up: is the name of the mail server right?")]
    Tls,
}

/// A mail server, ready to be spoken to.
pub struct Smtp {
    config: SmtpConfig,
    parameters: Option<TlsParameters>,
    hello: ClientId,
}

/// A connection to it, logged in.
pub(crate) struct Session {
    connection: AsyncSmtpConnection,
    /// Whether a message has gone over it.
    used: bool,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({}:{}, {:?})", self.config.host, self.config.port, self.config.tls)
    }
}

impl Smtp {
    /// Reads the configuration; connects to nothing.
    ///
    /// # Errors
    /// [`SmtpError`] says what to change.
    pub fn new(config: SmtpConfig) -> Result<Smtp, SmtpError> {
        let parameters = if config.tls == Tls::None {
            let is_loopback = config.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
            if !is_loopback {
                return Err(SmtpError::Clear);
            }
            None
        } else {
            let mut builder = TlsParameters::builder(config.host.clone());
            if let Some(pem) = &config.extra_ca {
                let certificate = Certificate::from_pem(pem).map_err(|_| SmtpError::Authority)?;
                if !pem.windows(11).any(|bytes| bytes == b"-----BEGIN ") {
                    return Err(SmtpError::Authority);
                }
                builder = builder.add_root_certificate(certificate);
            }
            Some(builder.build_rustls().map_err(|_| SmtpError::Tls)?)
        };
        let hello = ClientId::Domain(config.hello.clone());
        Ok(Smtp { config, parameters, hello })
    }

    fn within(&self, most: Duration) -> Duration {
        self.config.patience.map_or(most, |patience| patience.min(most))
    }

    /// Connects, makes TLS, logs in.
    ///
    /// # Errors
    /// What went wrong, and in which phase: it is our fault, whatever it is.
    pub(crate) async fn connect(&self) -> Result<Session, Note> {
        let mut phase = Phase::Connect;
        let connected = timeout(self.within(COMMAND), self.connect_in(&mut phase)).await;
        let failed = match connected {
            Ok(Ok(session)) => return Ok(session),
            Ok(Err(reply)) => reply,
            Err(_) => None,
        };
        Err(Note { phase: phase.as_str(), reply: failed })
    }

    async fn connect_in(&self, phase: &mut Phase) -> Result<Session, Option<Reply>> {
        let found = timeout(self.within(CONNECT), names::addresses(&self.config.host, self.config.port)).await;
        let server = found.map_err(|_| None)?.map_err(|_| None)?;
        let server = server.as_slice();
        let mut connection = if let (Tls::Implicit, Some(parameters)) = (self.config.tls, &self.parameters) {
            *phase = Phase::Tls;
            let parameters = Some(parameters.clone());
            let patience = Some(self.within(CONNECT));
            AsyncSmtpConnection::connect_tokio1(server, patience, &self.hello, parameters, None).await
        } else {
            // lettre writes a message and its end in two pieces: without this the second waits for an acknowledgement.
            let stream = timeout(self.within(CONNECT), TcpStream::connect(server)).await.map_err(|_| None)?;
            let stream = stream.map_err(|_| None)?;
            stream.set_nodelay(true).map_err(|_| None)?;
            AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await
        }
        .map_err(|error| reply_of(&error))?;
        if let (Tls::Required, Some(parameters)) = (self.config.tls, &self.parameters) {
            *phase = Phase::Tls;
            connection.starttls(parameters.clone(), &self.hello).await.map_err(|error| reply_of(&error))?;
        }
        if let Some(login) = &self.config.login {
            *phase = Phase::Auth;
            let credentials = Credentials::new(login.user.clone(), login.password.reveal().to_owned());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&mechanisms, &credentials).await.map_err(|error| reply_of(&error))?;
        }
        Ok(Session { connection, used: false })
    }

    /// Hands one message over, by the connection that is given or a new one; gives the connection back if it can be
    /// used again. A connection that the server closed since its last message is replaced once: nothing was said yet.
    pub(crate) async fn send(
        &self,
        session: Option<Session>,
        letter: &Letter,
        step: &(dyn Fn(Step) + Send + Sync),
    ) -> (Outcome, Option<Session>) {
        let mut session = match session {
            Some(session) => session,
            None => match self.connect().await {
                Ok(session) => session,
                Err(note) => return (Outcome::Untouched(note), None),
            },
        };
        loop {
            let outcome = self.hand_over(&mut session, letter, step).await;
            let note = match &outcome {
                Outcome::Accepted(note)
                | Outcome::Deferred(note)
                | Outcome::Bounced { note, .. }
                | Outcome::Uncertain(note)
                | Outcome::Untouched(note) => note.clone(),
                Outcome::Undeliverable => return (outcome, Some(session)),
            };
            let is_closed = note.reply.as_ref().is_none_or(|reply| reply.code == 421);
            let is_early = note.phase == Phase::Mail.as_str() && matches!(outcome, Outcome::Deferred(_));
            if is_closed && is_early && session.used {
                match self.connect().await {
                    Ok(fresh) => session = fresh,
                    Err(note) => return (Outcome::Untouched(note), None),
                }
                continue;
            }
            session.used = true;
            let is_between_messages = note.phase == Phase::Body.as_str();
            let usable = !is_closed && (is_between_messages || self.reset(&mut session).await);
            return (outcome, usable.then_some(session));
        }
    }

    async fn hand_over(
        &self,
        session: &mut Session,
        letter: &Letter,
        step: &(dyn Fn(Step) + Send + Sync),
    ) -> Outcome {
        let server = session.connection.server_info();
        let needs_utf8 = letter.recipient.needs_smtputf8() || letter.envelope_from.needs_smtputf8();
        let needs_8bit = !letter.bytes.is_ascii();
        let lacks = |needed: bool, extension| needed && !server.supports_feature(extension);
        if lacks(needs_utf8, Extension::SmtpUtfEight) || lacks(needs_8bit, Extension::EightBitMime) {
            return Outcome::Undeliverable;
        }
        let utf8 = if needs_utf8 { " SMTPUTF8" } else { "" };
        let body = if needs_8bit { " BODY=8BITMIME" } else { "" };
        let mail = format!("MAIL FROM:<{}>{body}{utf8}\r\n", letter.envelope_from.reveal());
        step(Step::Mail);
        if let Err(reply) = self.ask(session, mail, &[250]).await {
            return classify(Phase::Mail, reply);
        }
        step(Step::Rcpt);
        let rcpt = format!("RCPT TO:<{}>\r\n", letter.recipient.reveal());
        if let Err(reply) = self.ask(session, rcpt, &[250, 251, 252]).await {
            return classify(Phase::Rcpt, reply);
        }
        if let Some(copy_to) = &self.config.copy_to {
            let rcpt = format!("RCPT TO:<{}>\r\n", copy_to.reveal());
            if let Err(reply) = self.ask(session, rcpt, &[250, 251, 252]).await {
                return Outcome::Untouched(Note { phase: "copy", reply });
            }
        }
        step(Step::Data);
        if let Err(reply) = self.ask(session, Data, &[354]).await {
            return classify(Phase::Data, reply);
        }
        step(Step::Body);
        let answer = timeout(self.within(BODY), session.connection.message(&letter.bytes)).await;
        let outcome = match judge(answer, &[250]) {
            Ok(reply) => Outcome::Accepted(Note { phase: Phase::Body.as_str(), reply: Some(reply) }),
            Err(reply) => classify(Phase::Body, reply),
        };
        step(Step::Answered);
        outcome
    }

    /// Says a command; any answer but those that are expected is an error.
    async fn ask(
        &self,
        session: &mut Session,
        command: impl fmt::Display,
        expected: &[u16],
    ) -> Result<Reply, Option<Reply>> {
        judge(timeout(self.within(COMMAND), session.connection.command(command)).await, expected)
    }

    /// Forgets a message that was begun, so that the connection can be used again.
    async fn reset(&self, session: &mut Session) -> bool {
        self.ask(session, Rset, &[250]).await.is_ok()
    }
}

/// An answer that is not the expected one is a refusal if it is one, and else no answer: then the two sides are out of
/// step, as when an answer comes twice.
fn judge(
    answer: Result<Result<Response, lettre::transport::smtp::Error>, tokio::time::error::Elapsed>,
    expected: &[u16],
) -> Result<Reply, Option<Reply>> {
    match answer {
        Err(_) => Err(None),
        Ok(Err(error)) => Err(reply_of(&error)),
        Ok(Ok(response)) => {
            let code = u16::from(response.code());
            let text = response.message().collect::<Vec<_>>().join(" ");
            if expected.contains(&code) { Ok(Reply { code, text }) } else { Err(None) }
        }
    }
}

/// The answer in an error of lettre; none if there was no answer.
fn reply_of(error: &lettre::transport::smtp::Error) -> Option<Reply> {
    let code = u16::from(error.status()?);
    Some(Reply { code, text: error.source().map(ToString::to_string).unwrap_or_default() })
}
