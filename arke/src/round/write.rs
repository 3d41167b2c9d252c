//! Writes letters into the outbox: texts, headers, signature, and the exact bytes that will leave.

use std::collections::{BTreeMap, BTreeSet};

use compact_str::CompactString;
use panopticon_model::id::Id;
use panopticon_model::name::{HostName, SuffixList};
use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::{DAY_MS, Epoch, HOUR_MS};

use super::look::{Facts, Plan, by_id};
use super::{House, RoundError};
use crate::config::{Audience, Mode};
use crate::contact::Address;
use crate::docket::{Confirmed, Entry};
use crate::ledger::{Enqueued, Ledger, NewMessage, NewNotice, Transition};
use crate::lists::Form;
use crate::notice::{self, Change, Confirmation, Delivery, Kind, NoticeData, compose, csv, xarf};
use crate::plan::{Letter, Target};
use crate::records::Records;
use crate::verp::VerpKey;

/// Messages that are written in one transaction.
const GROUP: usize = 64;

/// What became of the letters of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// In the outbox, to be sent.
    pub queued: usize,
    /// In the outbox; a person has to let them go.
    pub held: usize,
    /// In the outbox for another day: the recipient has a message of today.
    pub later: usize,
    /// Not written: the recipient was told, or gets no mail.
    pub left_out: usize,
}

impl Written {
    fn add_later(&mut self, is_written: bool) {
        if is_written { self.later += 1 } else { self.left_out += 1 }
    }
}

/// Puts a message into the outbox for the first day on which its recipient has none. It is looked at once more before it
/// goes. Gives whether that was within a week.
fn another_day(ledger: &mut Ledger, mut message: NewMessage, now: Epoch) -> Result<bool, RoundError> {
    let mut day = now.day();
    for _ in 0..7 {
        day = day.next();
        message.next_at = day.start();
        match ledger.enqueue(day.start(), &message)? {
            Enqueued::DayIsTaken => {}
            Enqueued::As(_) => return Ok(true),
            Enqueued::AlreadyTold => return Ok(false),
        }
    }
    Ok(false)
}

/// Remembers the cases of a plan and writes its letters into the outbox.
///
/// # Errors
/// [`RoundError`]: the ledger, or a text that fails.
pub fn write(
    house: &House<'_>,
    ledger: &mut Ledger,
    records: &Records,
    plan: &Plan,
    now: Epoch,
) -> Result<Written, RoundError> {
    ledger.put_cases(&plan.cases)?;
    let hold = why_held(house, ledger)?;
    let writing = Writing {
        house,
        entries: by_id(records),
        plan,
        tld: &records.head.tld,
        now,
        key: ledger.verp_key().clone(),
        suffixes: SuffixList::built_in(),
    };
    let mut written = Written::default();
    for group in plan.letters.chunks(GROUP) {
        let mut messages = Vec::new();
        for letter in group {
            messages.extend(writing.message(letter, ledger, hold)?);
        }
        let enqueued = ledger.enqueue_all(now, &messages)?;
        for (enqueued, message) in enqueued.into_iter().zip(messages) {
            match enqueued {
                Enqueued::DayIsTaken => written.add_later(another_day(ledger, message, now)?),
                Enqueued::As(crate::ledger::State::Queued) => written.queued += 1,
                Enqueued::As(crate::ledger::State::Held) => written.held += 1,
                Enqueued::As(_) | Enqueued::AlreadyTold => written.left_out += 1,
            }
        }
    }
    ledger.is_settled(&plan.settled)?;
    Ok(written)
}

/// Why all letters of a run wait for a person; none if they go by themselves.
fn why_held(house: &House<'_>, ledger: &Ledger) -> Result<Option<&'static str>, RoundError> {
    if ledger.reviews_all()? {
        return Ok(Some("first-look"));
    }
    Ok((house.config.mode == Mode::Review).then_some("review"))
}

struct Writing<'a> {
    house: &'a House<'a>,
    entries: BTreeMap<Id, &'a Entry>,
    plan: &'a Plan,
    tld: &'a str,
    now: Epoch,
    key: VerpKey,
    suffixes: SuffixList,
}

impl Writing<'_> {
    fn message(
        &self,
        letter: &Letter,
        ledger: &Ledger,
        hold: Option<&'static str>,
    ) -> Result<Option<NewMessage>, RoundError> {
        let target = &letter.target;
        let recipient_key = ledger.recipient_key(&target.address);
        // The same letter has the same id, whenever it is written.
        let mut hash = blake3::Hasher::new();
        hash.update(format!("{} {} {recipient_key}", self.tld, target.audience.as_str()).as_bytes());
        let mut notices = Vec::new();
        for (case_id, episode, transition) in &letter.tells {
            let told = format!("{case_id} {episode} {}", transition.as_str());
            hash.update(told.as_bytes());
            let notice_id = hex(&blake3::hash(format!("{told} {recipient_key}").as_bytes()));
            let case_id = case_id.to_string();
            if !ledger.was_told(&case_id, *episode, *transition, &target.address)? {
                notices.push(NewNotice { notice_id, case_id, episode: *episode, transition: *transition });
            }
        }
        if notices.is_empty() {
            return Ok(None);
        }
        hash.update(self.now.day().to_string().as_bytes());
        // What was cancelled and is due again is another message.
        let mut message_id = message_id(self.tld, &hash.finalize());
        while ledger.state(&message_id)?.is_some() {
            hash.update(b" again");
            message_id = self::message_id(self.tld, &hash.finalize());
        }
        let data = self.data(letter, &notices, &message_id);
        let rendered = self.house.templates.render(&data)?;
        let attachments = self.attachments(target, &data)?;
        let delivery = Delivery {
            id: message_id.clone(),
            to: target.address.clone(),
            to_name: target.name.clone(),
            date: self.now,
        };
        let sender = self.sender();
        let made = compose(&rendered, &delivery, &sender, &attachments, &self.key, &self.house.signers)?;
        Ok(Some(NewMessage {
            header_id: made.message_id.trim_matches(['<', '>']).to_owned(),
            message_id,
            host: target.address.domain().to_owned(),
            role: target.role.clone(),
            language: Some(rendered.lang.clone()),
            audience: target.audience.as_str().to_owned(),
            kind: data.kind.as_str().to_owned(),
            envelope_from: made.envelope_from,
            bytes: made.bytes,
            recipient: target.address.clone(),
            daily: true,
            hold: hold.map(str::to_owned),
            next_at: self.not_before(target),
            notices,
        }))
    }

    /// A registrar gets its digest from its hour on.
    fn not_before(&self, target: &Target) -> Epoch {
        let hour = target.hour.map(|hour| self.now.day().start().plus(hour * HOUR_MS));
        hour.filter(|hour| *hour > self.now).unwrap_or(self.now)
    }

    fn sender(&self) -> notice::Sender {
        sender(self.house, self.tld)
    }

    fn attachments(&self, target: &Target, data: &NoticeData) -> Result<Vec<notice::Attachment>, RoundError> {
        if !matches!(target.audience, Audience::Registrar | Audience::Platform) {
            return Ok(Vec::new());
        }
        let mut attachments = Vec::new();
        if target.form != Form::Csv {
            attachments.extend(xarf(data, &self.sender())?);
        }
        if target.form != Form::Xarf {
            attachments.push(csv(data));
        }
        Ok(attachments)
    }

    fn data(&self, letter: &Letter, notices: &[NewNotice], message_id: &str) -> NoticeData {
        let target = &letter.target;
        let told = |id: &Id, transition: &Transition| {
            let id = id.to_string();
            notices.iter().any(|notice| notice.case_id == id && notice.transition == *transition)
        };
        let tells = letter.tells.iter().filter(|(id, _, transition)| told(id, transition));
        let cases = tells.filter_map(|(id, _, transition)| self.case(*id, *transition)).collect();
        let transition = letter.transition();
        NoticeData {
            registry: registry(self.house, self.tld),
            reference: message_id.to_uppercase(),
            kind: kind(target.audience, transition),
            audience: audience(target.audience),
            round: if transition == Transition::Reminder { 2 } else { 1 },
            deadline: self.deadline(transition),
            date: self.now,
            contact: notice::Recipient {
                name: target.name.clone(),
                role: target.role.clone(),
                language: target.language.clone().or_else(|| Some(self.house.sender.language.clone())),
            },
            cases,
            desk: None,
        }
    }

    /// When the registrar is told, after a notice or a reminder.
    fn deadline(&self, transition: Transition) -> Option<Epoch> {
        let policy = &self.house.tld.policy;
        match transition {
            Transition::Notice => Some(self.now.plus(policy.escalate_days * DAY_MS)),
            Transition::Reminder => {
                Some(self.now.plus(policy.escalate_days.saturating_sub(policy.reminder_days) * DAY_MS))
            }
            _ => None,
        }
    }

    fn case(&self, id: Id, transition: Transition) -> Option<notice::Case> {
        let entry = self.entries.get(&id)?;
        let domain = entry.case.registrable_domain.as_str();
        let facts = self.plan.registrations.get(domain).cloned().unwrap_or_default();
        Some(case(entry, &facts, transition, &self.suffixes))
    }
}

/// A case as texts tell of it.
pub(super) fn case(entry: &Entry, facts: &Facts, transition: Transition, suffixes: &SuffixList) -> notice::Case {
    notice::Case {
        case_id: entry.case.case_id.to_string(),
        domain: domain(entry, facts),
        abuse_class: abuse_class(&entry.case.abuse_class),
        change: match transition {
            Transition::Notice => Change::New,
            Transition::Reminder | Transition::Escalation => Change::Open,
            Transition::AllClear => Change::Over,
            Transition::Correction => Change::Withdrawn,
        },
        first_seen: entry.case.first_seen,
        ended_at: entry.case.ended_at,
        remedy: entry.remedy.remedy.to_string(),
        hoster: hoster(&entry.remedy.name_servers, &entry.case.registrable_domain, suffixes),
        indicators: entry.confirmed.iter().map(indicator).collect(),
    }
}

/// Who sends.
pub(super) fn sender(house: &House<'_>, tld: &str) -> notice::Sender {
    let sender = house.sender;
    let mail = house.config.mail.as_ref();
    notice::Sender {
        name: sender.name.clone(),
        address: sender.address.clone(),
        reply_to: sender.reply_to.clone(),
        bounce_domain: mail.map_or_else(|| sender.address.domain().to_owned(), |mail| mail.bounce_domain.clone()),
        tld: tld.to_owned(),
    }
}

/// Who writes, for texts.
pub(super) fn registry(house: &House<'_>, tld: &str) -> notice::Registry {
    let sender = house.sender;
    notice::Registry {
        name: sender.name.clone(),
        tld: HostName::parse(tld).map_or_else(|_| tld.to_owned(), |name| name.to_unicode()),
        url: sender.url.clone(),
        verify_url: sender.verify_url.clone(),
        phone: sender.phone.clone(),
    }
}

fn domain(entry: &Entry, facts: &Facts) -> notice::Domain {
    let ascii = entry.case.registrable_domain.to_string();
    let organisation = |name: &str, url: Option<&String>, abuse: Option<&Address>| notice::Organisation {
        name: name.to_owned(),
        url: url.cloned(),
        abuse_email: abuse.cloned(),
    };
    notice::Domain {
        unicode: HostName::parse(&ascii).map_or_else(|_| ascii.clone(), |name| name.to_unicode()),
        ascii,
        created: facts.created,
        registrar: facts
            .registrar
            .as_ref()
            .map(|(name, url, abuse)| organisation(name, url.as_ref(), abuse.as_ref())),
        reseller: facts.reseller.as_ref().map(|(name, url)| organisation(name, url.as_ref(), None)),
    }
}

/// Who runs the servers, as far as their names tell: the one company under whose name all name servers stand, unless that
/// is the name itself.
fn hoster(name_servers: &[CompactString], domain: &str, suffixes: &SuffixList) -> Option<notice::Organisation> {
    let companies: Option<BTreeSet<String>> = name_servers.iter().map(|host| company(host, suffixes)).collect();
    let mut companies = companies?.into_iter();
    let name = companies.next().filter(|name| companies.next().is_none() && name != domain)?;
    Some(notice::Organisation { name, url: None, abuse_email: None })
}

/// The name of a host that somebody registered: its public suffix and one label more.
fn company(host: &str, suffixes: &SuffixList) -> Option<String> {
    let host = HostName::parse(host).ok()?;
    let suffix = suffixes.public_suffix(&host);
    let label = host.as_str().strip_suffix(suffix)?.strip_suffix('.')?.rsplit('.').next()?;
    Some(format!("{label}.{suffix}"))
}

fn indicator(row: &Confirmed) -> notice::Indicator {
    let observable = row.observable.to_string();
    let host = observable.split_once("://").map_or(observable.as_str(), |(_, rest)| rest);
    let host = host.split(['/', '?', ':']).next().unwrap_or_default().to_owned();
    notice::Indicator {
        indicator_id: row.indicator_id.to_string(),
        host,
        observable,
        kind: row.kind.to_string(),
        first_seen: row.first_seen,
        last_seen: row.confirmed_at,
        sources: row.feed_ids.iter().map(ToString::to_string).collect(),
        confirmed_by: row.confirmed_by.iter().filter_map(|entry| Confirmation::of_entry(entry)).collect(),
        confirmed_at: Some(row.confirmed_at),
    }
}

/// The class of a word of the records; a later version may have more of them.
fn abuse_class(word: &str) -> AbuseClass {
    AbuseClass::ALL.into_iter().find(|class| class.as_str() == word).unwrap_or(AbuseClass::Other)
}

fn kind(audience: Audience, transition: Transition) -> Kind {
    match (audience, transition) {
        (Audience::Registrar | Audience::Reseller, _) => Kind::Digest,
        (_, Transition::Notice) => Kind::Notice,
        (_, Transition::Reminder | Transition::Escalation) => Kind::Reminder,
        (_, Transition::AllClear) => Kind::AllClear,
        (_, Transition::Correction) => Kind::Correction,
    }
}

fn audience(audience: Audience) -> notice::Audience {
    match audience {
        Audience::Holder => notice::Audience::Registrant,
        Audience::Registrar | Audience::Reseller => notice::Audience::Registrar,
        Audience::Platform => notice::Audience::Hoster,
        Audience::Desk => notice::Audience::Desk,
    }
}

/// The id of a message, which in capitals is the reference that people type: the TLD and twelve characters that are not
/// mistaken for one another, 60 bits of a hash.
pub(super) fn message_id(tld: &str, hash: &blake3::Hash) -> String {
    const LETTERS: &[u8; 32] = b"23456789abcdefghjklmnpqrstuvwxyz";
    let mut id = tld.to_owned();
    for (at, octet) in hash.as_bytes().iter().take(12).enumerate() {
        if at % 4 == 0 {
            id.push('-');
        }
        id.push(char::from(LETTERS[usize::from(octet % 32)]));
    }
    id
}

/// 128 bits as hexadecimal digits.
fn hex(hash: &blake3::Hash) -> String {
    hash.to_hex().chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use panopticon_model::name::SuffixList;

    use super::{hoster, message_id};

    #[test]
    fn a_hoster_is_named_where_all_servers_are_of_one_company() {
        let suffixes = SuffixList::built_in();
        let named = |hosts: &[&str]| {
            let hosts: Vec<_> = hosts.iter().map(|host| (*host).into()).collect();
            hoster(&hosts, "shop.nz", &suffixes).map(|hoster| hoster.name)
        };
        let one = Some("cheap-host.co.uk".to_owned());
        assert_eq!(named(&["ns1.cheap-host.co.uk", "ns2.dns.cheap-host.co.uk"]), one);
        assert_eq!(named(&["ns1.cheap-host.co.uk", "ns2.other.com"]), None);
        assert_eq!(named(&["ns1.shop.nz"]), None);
        assert_eq!(named(&["com"]), None);
        assert_eq!(named(&[]), None);
    }

    #[test]
    fn the_id_of_a_message_can_be_typed() {
        assert_eq!(message_id("xx", &blake3::hash(b"letter")).len(), "xx-abcd-efgh-jklm".len());
        let id = message_id("xn--p1ai", &blake3::hash(b"letter"));
        assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{id}");
    }
}
