//! What an answer of a mail server means for a message. Pure.
//!
//! | in which phase | 4xx | 5xx | no answer |
//! |---|---|---|---|
//! | connect, TLS, login, sender | our fault | our fault | our fault; of the sender: come again |
//! | recipient, data | come again | bounced | come again |
//! | body: the message was on its way | come again | bounced | uncertain |
//!
//! An answer that wants a login or TLS is our fault in every phase before the body (RFC 4954, 6; RFC 3207, 4). What is
//! our fault stops the run and leaves the recipient untouched.

use std::fmt;

use panopticon_model::time::{Epoch, HOUR_MS, MINUTE_MS};

/// How far a hand-over has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The connection, the greeting and EHLO.
    Connect,
    /// TLS, at once or by STARTTLS.
    Tls,
    /// The login.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// The command DATA.
    Data,
    /// The message and the answer to it.
    Body,
}

/// An answer of a mail server. Its text may name the recipient: it is in no error, log or event.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The three digits (RFC 5321, 4.2).
    pub code: u16,
    /// The text, all lines.
    pub text: String,
}

/// An enhanced status code (RFC 3463): class, subject, detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u8, pub u16, pub u16);

/// What is known of a hand-over, for the ledger: where, and what was heard.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    /// The phase, or who says so.
    pub phase: &'static str,
    /// The answer; none if there was none.
    pub reply: Option<Reply>,
}

/// What became of a hand-over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Taken.
    Accepted(Note),
    /// To be tried later.
    Deferred(Note),
    /// Refused for good; `hard` when the address itself is at fault.
    Bounced {
        /// Whether the recipient gets no mail any more.
        hard: bool,
        /// What was heard.
        note: Note,
    },
    /// Taken or not.
    Uncertain(Note),
    /// Our own fault: nothing was handed over, and the run has to stop.
    Untouched(Note),
    /// The mail server cannot take the address or the content: it lacks an extension.
    Undeliverable,
}

impl Phase {
    /// As it is written in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Connect => "connect",
            Phase::Tls => "tls",
            Phase::Auth => "auth",
            Phase::Mail => "mail",
            Phase::Rcpt => "rcpt",
            Phase::Data => "data",
            Phase::Body => "body",
        }
    }
}

impl Reply {
    /// The enhanced status code at the beginning of the text (RFC 2034).
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        Status::parse(self.text.split_whitespace().next()?)
    }

    /// Whether the address itself is refused: it does not exist or takes no mail, as opposed to what is refused by
    /// policy or for a full mailbox. Without an enhanced code: 550, 551, 553.
    #[must_use]
    pub fn blames_address(&self) -> bool {
        match self.status() {
            Some(status) => status.blames_address(),
            None => matches!(self.code, 550 | 551 | 553),
        }
    }
}

impl Status {
    /// Reads `5.1.1`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Status> {
        let mut parts = text.split('.');
        let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if parts.next().is_some() || !matches!(class, "2" | "4" | "5") || !digits(subject) || !digits(detail) {
            return None;
        }
        Some(Status(class.parse().ok()?, subject.parse().ok()?, detail.parse().ok()?))
    }

    /// Whether the address itself is refused for good: bad address (5.1.0 to 5.1.6, 5.1.10), mailbox disabled (5.2.1),
    /// no such host (5.4.4). The sender's address (5.1.7, 5.1.8) is ours.
    #[must_use]
    pub fn blames_address(self) -> bool {
        matches!(self, Status(5, 1, 0..=6 | 10) | Status(5, 2, 1) | Status(5, 4, 4))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Note {
    /// A note without an answer.
    #[must_use]
    pub fn of(phase: &'static str) -> Note {
        Note { phase, reply: None }
    }

    /// The answer in full, which may be personal.
    pub(crate) fn text(&self) -> Option<String> {
        self.reply.as_ref().map(|reply| format!("{} {}", reply.code, reply.text))
    }

    /// The phase and the codes: `rcpt 550 5.1.1`.
    #[must_use]
    pub fn summary(&self) -> String {
        let Some(reply) = &self.reply else { return self.phase.to_owned() };
        let status = reply.status().map_or(String::new(), |status| format!(" {status}"));
        format!("{} {}{status}", self.phase, reply.code)
    }
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Note({})", self.summary())
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({})", self.code)
    }
}

/// What it means that a phase ended without success: with an answer, or with none because the connection was lost, the
/// time was over or the answer was none that belongs there.
#[must_use]
pub fn classify(phase: Phase, reply: Option<Reply>) -> Outcome {
    let class = reply.as_ref().map(|reply| reply.code / 100);
    let wants_login = reply.as_ref().is_some_and(|reply| matches!(reply.code, 454 | 530 | 534 | 535 | 538));
    let blames_address = reply.as_ref().is_some_and(Reply::blames_address);
    let note = Note { phase: phase.as_str(), reply };
    match (phase, class) {
        (Phase::Connect | Phase::Tls | Phase::Auth, _) | (Phase::Mail, Some(5)) => Outcome::Untouched(note),
        (Phase::Mail | Phase::Rcpt | Phase::Data, _) if wants_login => Outcome::Untouched(note),
        (Phase::Rcpt | Phase::Data | Phase::Body, Some(5)) => {
            Outcome::Bounced { hard: phase == Phase::Rcpt && blames_address, note }
        }
        (Phase::Mail | Phase::Rcpt | Phase::Data, _) | (Phase::Body, Some(4)) => Outcome::Deferred(note),
        (Phase::Body, _) => Outcome::Uncertain(note),
    }
}

/// When a message that was deferred is tried again, by how often it was tried: after 15 minutes, 30, 1 hour, 2, then
/// every 4 hours; none after 18 times, which is within three days (RFC 5321, 4.5.4.1, wants four to five days of relays;
/// a notice is too old before).
#[must_use]
pub fn retry_at(now: Epoch, attempts: u32) -> Option<Epoch> {
    let wait = (15 * MINUTE_MS) << attempts.saturating_sub(1).min(4);
    (attempts < 18).then(|| now.plus(wait.min(4 * HOUR_MS)))
}

#[cfg(test)]
mod tests {
    use panopticon_model::time::{DAY_MS, Epoch};

    use super::{Note, Outcome, Phase, Reply, Status, classify, retry_at};

    const PHASES: [Phase; 7] =
        [Phase::Connect, Phase::Tls, Phase::Auth, Phase::Mail, Phase::Rcpt, Phase::Data, Phase::Body];

    fn shown(outcome: &Outcome) -> &'static str {
        match outcome {
            Outcome::Accepted(_) => "accepted",
            Outcome::Deferred(_) => "deferred",
            Outcome::Bounced { hard: true, .. } => "bounced-hard",
            Outcome::Bounced { hard: false, .. } => "bounced",
            Outcome::Uncertain(_) => "uncertain",
            Outcome::Untouched(_) => "untouched",
            Outcome::Undeliverable => "undeliverable",
        }
    }

    #[test]
    fn the_table_of_answers() {
        let table = include_str!("outcomes.tsv");
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let [phase, reply, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line:?}") };
            let phase = PHASES.into_iter().find(|it| it.as_str() == phase).unwrap();
            let reply = (reply != "-").then(|| {
                let (code, text) = reply.split_once(' ').unwrap_or((reply, ""));
                Reply { code: code.parse().unwrap(), text: text.to_owned() }
            });
            assert_eq!(shown(&classify(phase, reply)), expected, "{line}");
        }
    }

    /// Nothing but the body leaves doubt, and nothing before it bounces a recipient whom the server was not told of.
    #[test]
    fn doubt_begins_with_the_body() {
        for phase in PHASES {
            for code in
                [None, Some(200), Some(354), Some(421), Some(450), Some(500), Some(535), Some(554), Some(999)]
            {
                let outcome = classify(phase, code.map(|code| Reply { code, text: String::new() }));
                let uncertain = matches!(outcome, Outcome::Uncertain(_));
                assert_eq!(uncertain, phase == Phase::Body && !matches!(code.map(|it| it / 100), Some(4 | 5)));
                let is_early = matches!(phase, Phase::Connect | Phase::Tls | Phase::Auth | Phase::Mail);
                assert!(!(is_early && matches!(outcome, Outcome::Bounced { .. })), "{phase:?} {code:?}");
            }
        }
    }

    #[test]
    fn status_codes_are_read_and_replies_do_not_show_themselves() {
        let reply = Reply { code: 550, text: "5.1.1 <jane@example.xx> unknown".to_owned() };
        assert_eq!(reply.status(), Some(Status(5, 1, 1)));
        let note = Note { phase: "rcpt", reply: Some(reply) };
        assert_eq!(format!("{note:?}"), "Note(rcpt 550 5.1.1)");
        for text in ["5.1", "5.1.1.1", "1.1.1", "5.x.1", "", "5..1", "5.1.99999999"] {
            assert_eq!(Status::parse(text), None, "{text}");
        }
    }

    #[test]
    fn retries_end_within_three_days() {
        let (mut now, mut tries) = (Epoch(0), 1);
        while let Some(next) = retry_at(now, tries) {
            assert!(next > now);
            (now, tries) = (next, tries + 1);
        }
        assert!(now < Epoch(3 * DAY_MS), "{now}");
        assert!(now > Epoch(2 * DAY_MS), "{now}");
    }
}
