//! What the DNS says of the sender, and what it must say so that mail is taken: SPF (RFC 7208), DKIM (RFC 6376), DMARC
//! (RFC 7489), and who takes bounces and answers.

use super::Finding;
use crate::config::{Mail, Sender, read_secret};
use crate::dns::{DnsError, Kind, Stub};
use crate::notice::Signer;

/// What the DNS says, or why not.
type Answer = Result<Vec<String>, DnsError>;

const RESOLVER: &str = "see that this machine can ask its DNS server, or name another as `resolver`";

/// Asks for all that mail of a sender needs.
pub(super) async fn look(stub: &Stub, sender: &Sender, mail: &Mail) -> Vec<Finding> {
    let (from, bounces) = (sender.address.domain(), mail.bounce_domain.as_str());
    let mut domains = vec![bounces, from];
    domains.dedup();
    let mut findings = Vec::new();
    for domain in domains {
        findings.push(spf(domain, &stub.ask(domain, Kind::Txt).await));
    }
    findings.push(dkim_record(stub, mail).await);
    findings.push(dmarc(stub, from).await);
    findings.push(alignment(from, bounces, mail.dkim.as_ref().map(|dkim| dkim.domain.as_str())));
    let answers = sender.reply_to.domain();
    let mut takers = vec![("bounces", bounces), ("answers", answers)];
    takers.dedup_by_key(|(_, domain)| *domain);
    for (what, domain) in takers {
        findings.push(mx(what, domain, &stub.ask(domain, Kind::Mx).await));
    }
    findings
}

fn spf(domain: &str, answer: &Answer) -> Finding {
    let part = format!("spf {domain}");
    let texts = match answer {
        Ok(texts) => texts,
        Err(error) => return Finding::mend(&part, error.to_string(), RESOLVER),
    };
    let is_spf = |text: &&String| text.split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case("v=spf1"));
    let records: Vec<&String> = texts.iter().filter(is_spf).collect();
    let publish = "publish as TXT there: v=spf1 ip4:ADDRESS-OF-YOUR-MAIL-SERVER -all";
    match records.as_slice() {
        [] => Finding::mend(&part, "there is no SPF record", publish),
        [one] if one.split(' ').any(|word| matches!(word, "all" | "+all")) => {
            Finding::mend(&part, format!("`{one}` lets everybody send"), publish)
        }
        [one] => Finding::good(&part, format!("`{one}`")),
        more => Finding::mend(&part, format!("there are {} SPF records: none counts", more.len()), "leave one"),
    }
}

async fn dkim_record(stub: &Stub, mail: &Mail) -> Finding {
    let Some(dkim) = &mail.dkim else {
        return Finding::left_out("dkim", "no `smtp.dkim`: see that the mail server signs");
    };
    let key = read_secret(&dkim.key_file).ok();
    let signer = key.and_then(|key| Signer::new(&dkim.domain, &dkim.selector, key.reveal()).ok());
    let Some(signer) = signer else { return Finding::left_out("dkim", "there is no key to compare with") };
    let (name, record) = signer.record();
    dkim_key(&name, &record, &stub.ask(&name, Kind::Txt).await)
}

fn dkim_key(name: &str, record: &str, answer: &Answer) -> Finding {
    let part = format!("dkim {name}");
    let key = |text: &str| {
        let tags = text.split(';').filter_map(|tag| tag.split_once('='));
        let mut keys = tags.filter(|(tag, _)| tag.trim() == "p").map(|(_, key)| key.replace([' ', '\t'], ""));
        keys.next().filter(|key| !key.is_empty())
    };
    let publish = format!("publish as TXT there: {record}");
    let texts = match answer {
        Ok(texts) => texts,
        Err(error) => return Finding::mend(&part, error.to_string(), RESOLVER),
    };
    let keys: Vec<String> = texts.iter().filter_map(|text| key(text)).collect();
    match keys.as_slice() {
        [] => Finding::mend(&part, "there is no DKIM key", publish),
        [one] if Some(one) == key(record).as_ref() => Finding::good(&part, "the key that signs"),
        [_] => Finding::mend(&part, "there is another key than the one that signs", publish),
        more => Finding::mend(&part, format!("there are {} keys: which one counts is open", more.len()), publish),
    }
}

/// The record of the domain, else of the nearest domain above it that has one.
async fn dmarc(stub: &Stub, domain: &str) -> Finding {
    let mut at = domain;
    loop {
        let part = format!("dmarc _dmarc.{at}");
        match stub.ask(&format!("_dmarc.{at}"), Kind::Txt).await {
            Err(error) => return Finding::mend(&part, error.to_string(), RESOLVER),
            Ok(texts) => {
                if let Some(found) = texts.iter().find(|text| text.starts_with("v=DMARC1")) {
                    return Finding::good(&part, format!("`{found}`"));
                }
            }
        }
        match at.split_once('.') {
            Some((_, above)) if above.contains('.') => at = above,
            _ => break,
        }
    }
    let publish = format!("publish as TXT there: v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}");
    Finding::mend(&format!("dmarc _dmarc.{domain}"), "there is no DMARC record", publish)
}

/// Whether SPF or DKIM speaks for the domain in `From` (RFC 7489, 3.1, relaxed): one lies below the other.
fn alignment(from: &str, bounces: &str, dkim: Option<&str>) -> Finding {
    let below =
        |low: &str, high: &str| low == high || low.strip_suffix(high).is_some_and(|rest| rest.ends_with('.'));
    let speaks = |domain: &str| below(domain, from) || below(from, domain);
    if speaks(bounces) || dkim.is_some_and(speaks) {
        return Finding::good("alignment", format!("what SPF or DKIM proves speaks for {from}"));
    }
    Finding::mend(
        "alignment",
        format!("neither {bounces} nor a DKIM domain lies below {from}: DMARC would fail"),
        format!("take a `bounce_domain` below {from}, or sign with a DKIM key of {from}"),
    )
}

fn mx(what: &str, domain: &str, answer: &Answer) -> Finding {
    let part = format!("mx {domain}");
    let publish = format!("publish an MX record there: {what} come back to this domain");
    match answer.as_deref() {
        Err(error) => Finding::mend(&part, error.to_string(), RESOLVER),
        Ok([]) => Finding::mend(&part, "nobody is named who takes mail", publish),
        Ok([one]) if one.is_empty() => Finding::mend(&part, "it says that it takes no mail", publish),
        Ok(hosts) => Finding::good(&part, hosts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Verdict;

    fn texts(list: &[&str]) -> Answer {
        Ok(list.iter().map(|&text| text.to_owned()).collect())
    }

    #[test]
    fn one_spf_record_that_leaves_somebody_out() {
        for (list, verdict) in [
            (&["v=spf1 ip4:192.0.2.1 -all", "other"][..], Verdict::Good),
            (&["V=SPF1 mx ~all"], Verdict::Good),
            (&["v=spf1 +all"], Verdict::Mend),
            (&["v=spf1 all"], Verdict::Mend),
            (&["v=spf10 -all"], Verdict::Mend),
            (&["v=spf1 -all", "v=spf1 mx -all"], Verdict::Mend),
            (&[], Verdict::Mend),
        ] {
            assert_eq!(spf("nic.xx", &texts(list)).result, verdict, "{list:?}");
        }
        assert_eq!(spf("nic.xx", &Err(DnsError::Silent)).result, Verdict::Mend);
    }

    #[test]
    fn the_dkim_key_is_the_one_that_signs() {
        let record = "v=DKIM1; k=rsa; p=AbC=";
        for (list, verdict) in [
            (&["v=DKIM1; k=rsa; p=AbC="][..], Verdict::Good),
            (&["v=DKIM1;p=Ab C=; k=rsa"], Verdict::Good),
            (&["v=DKIM1; p=abc="], Verdict::Mend),
            (&["v=DKIM1; p="], Verdict::Mend),
            (&["v=DKIM1; p=AbC=", "v=DKIM1; p=x"], Verdict::Mend),
            (&[], Verdict::Mend),
        ] {
            assert_eq!(dkim_key("a._domainkey.nic.xx", record, &texts(list)).result, verdict, "{list:?}");
        }
    }

    #[test]
    fn a_domain_speaks_for_those_below_and_above() {
        for (from, bounces, dkim, verdict) in [
            ("nic.xx", "bounce.nic.xx", None, Verdict::Good),
            ("abuse.nic.xx", "nic.xx", None, Verdict::Good),
            ("nic.xx", "mailer.example", Some("nic.xx"), Verdict::Good),
            ("nic.xx", "mailer.example", Some("mailer.example"), Verdict::Mend),
            ("nic.xx", "clinic.xx", None, Verdict::Mend),
        ] {
            assert_eq!(alignment(from, bounces, dkim).result, verdict, "{from} {bounces} {dkim:?}");
        }
    }

    #[test]
    fn somebody_takes_mail() {
        assert_eq!(mx("bounces", "nic.xx", &texts(&["mx.nic.xx"])).result, Verdict::Good);
        assert_eq!(mx("bounces", "nic.xx", &texts(&[""])).result, Verdict::Mend);
        assert_eq!(mx("bounces", "nic.xx", &texts(&[])).result, Verdict::Mend);
    }
}
