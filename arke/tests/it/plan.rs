//! What is due of a case, and what the ledger remembers of it.

use arke::config::{Limits, Policy, QuietHours};
use arke::docket::{Entry, Standing};
use arke::ledger::{LedgerCase, Transition};
use arke::plan::{Decision, History, Told, due, met, registered};
use panopticon_model::time::{DAY_MS, Epoch, HOUR_MS};
use proptest::prelude::*;

use crate::made::{confirmed, entry, words};

/// Noon of a day.
const NOW: Epoch = Epoch(1_795_521_600_000);

const LIMITS: Limits = Limits {
    mails_per_run: 500,
    per_host_per_minute: 10,
    max_indicator_age_h: 24,
    max_records_age_h: 26,
    first_run: 10,
};

/// The facts that a row of the table names.
fn facts(row: &str) -> (Entry, History, Policy) {
    let mut entry = entry("shop.xx", NOW.minus(DAY_MS));
    let (mut history, mut policy) = (History::default(), Policy::default());
    for word in row.split(' ') {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        let days = || NOW.minus(value.parse::<u64>().unwrap() * DAY_MS);
        match key {
            "open" => entry.standing = Standing::Open,
            "remediated" => entry.standing = Standing::Remediated,
            "expired" => entry.standing = Standing::Expired,
            "withdrawn" => entry.standing = Standing::Withdrawn,
            "confirmed" => {
                let hours: u64 = value.parse().unwrap();
                entry.confirmed.push(confirmed("shop.xx", NOW.minus(hours * HOUR_MS)));
            }
            "feed" => entry.confirmed.iter_mut().for_each(|row| row.feed_ids = words(value)),
            "cause" => entry.cause = Some(value.into()),
            "held" => entry.remedy.held_back = Some("protected-name".into()),
            "ranked" => entry.guarded = Some("ranked"),
            "platform" => entry.case.platform = Some("pages.xx".into()),
            "recurred" => entry.recurred = true,
            "seen" => entry.case.first_seen = days(),
            "met" => history.met = Some(days()),
            "marked" => history.marked = true,
            "released" => history.let_go = true,
            "unreachable" => history.unreachable = true,
            "trusted" => policy.trusted_feeds = Some(vec![value.to_owned()]),
            "quiet" => policy.quiet_hours = Some(QuietHours { from: 12, until: 13 }),
            "no-all-clear" => policy.all_clear = false,
            "owed" => history.owed.push(Transition::from_word(value).unwrap()),
            "told" => {
                let (what, when) = value.split_once('@').unwrap();
                let at = (when != "queued").then(|| NOW.minus(when.parse::<u64>().unwrap() * DAY_MS));
                history.told.push(Told { transition: Transition::from_word(what).unwrap(), at });
            }
            other => panic!("{other}"),
        }
    }
    (entry, history, policy)
}

fn said(decision: &Decision) -> String {
    match decision {
        Decision::Tell(transition) => format!("tell {}", transition.as_str()),
        Decision::Wait(wait) => format!("wait {}", wait.as_str()),
        Decision::Nothing => "nothing".to_owned(),
    }
}

#[test]
fn what_is_due() {
    let rows = include_str!("../data/due.tsv").lines().filter(|line| !line.starts_with('#'));
    let mut checked = 0;
    for row in rows {
        let (so, expected) = row.split_once('\t').unwrap();
        let (entry, history, policy) = facts(so);
        assert_eq!(said(&due(&entry, &history, &policy, &LIMITS, NOW)), expected, "{so}");
        checked += 1;
    }
    assert!(checked > 40, "{checked}");
}

/// The case after it was met with such a status.
fn then(known: Option<&LedgerCase>, status: &str, days: u64) -> LedgerCase {
    let mut entry = entry("shop.xx", NOW.minus(DAY_MS));
    entry.case.status = status.into();
    entry.recurred = status == "recurred";
    entry.standing = match status {
        "remediated" => Standing::Remediated,
        "expired" => Standing::Expired,
        "withdrawn" => Standing::Withdrawn,
        _ => Standing::Open,
    };
    met(&entry, known, "xx", NOW.plus(days * DAY_MS))
}

#[test]
fn episodes_are_counted() {
    let episode = |statuses: &[&str]| {
        let mut known = None;
        for (day, status) in statuses.iter().enumerate() {
            known = Some(then(known.as_ref(), status, day as u64));
        }
        known.unwrap().episode
    };
    assert_eq!(episode(&["new"]), 1);
    assert_eq!(episode(&["new", "active", "active"]), 1);
    assert_eq!(episode(&["new", "remediated", "recurred", "recurred"]), 2);
    // The file of the day between did not come.
    assert_eq!(episode(&["active", "recurred"]), 2);
    assert_eq!(episode(&["active", "remediated", "recurred", "remediated", "recurred"]), 3);
    // Nobody looked: whether it was gone in between is not known, so it goes on.
    assert_eq!(episode(&["active", "expired", "active"]), 1);
    assert_eq!(episode(&["active", "withdrawn", "active"]), 2);
    assert_eq!(episode(&["remediated"]), 1);
}

#[test]
fn a_new_holder_begins_a_new_episode() {
    let case = then(None, "active", 0);
    let old = Some(NOW.minus(400 * DAY_MS));
    let case = registered(case, old, NOW);
    assert_eq!((case.episode, case.created_at_seen), (1, old));
    let same = registered(case.clone(), old, NOW);
    assert_eq!(same.episode, 1);
    let anew = registered(case.clone(), Some(NOW), NOW.plus(1));
    assert_eq!((anew.episode, anew.opened_at), (2, NOW.plus(1)));
    // RDAP said nothing this time.
    let silent = registered(anew, None, NOW.plus(2));
    assert_eq!((silent.episode, silent.created_at_seen), (2, Some(NOW)));
}

proptest! {
    /// Whatever else is so: no first notice of what is guarded, marked, stale, untrusted or not by evidence.
    #[test]
    fn no_notice_without_a_right(
        hours in 0u64..80,
        ranked: bool, held: bool, marked: bool, trusted: bool, quiet: bool, policy_cause: bool,
        seen in 0u64..40,
    ) {
        let mut row = format!("open confirmed={hours} seen={seen}");
        for (is_so, word) in [(ranked, " ranked"), (held, " held"), (marked, " marked"), (quiet, " quiet"),
            (policy_cause, " cause=policy"), (!trusted, " trusted=other")] {
            if is_so {
                row.push_str(word);
            }
        }
        let (entry, history, policy) = facts(&row);
        let decision = due(&entry, &history, &policy, &LIMITS, NOW);
        let may = hours < 24 && !ranked && !held && !marked && trusted && !quiet && !policy_cause && seen <= 7;
        prop_assert_eq!(decision == Decision::Tell(Transition::Notice), may, "{}", row);
    }

    /// What was told is not told again in the same episode.
    #[test]
    fn nothing_is_told_twice(days in 0u64..30, what in 0usize..5) {
        let words = ["notice", "reminder", "escalation", "all-clear", "correction"];
        for status in ["open", "remediated", "withdrawn"] {
            let row = format!("{status} confirmed=1 told=notice@{days} told={}@0", words[what]);
            let (entry, history, policy) = facts(&row);
            if let Decision::Tell(transition) = due(&entry, &history, &policy, &LIMITS, NOW) {
                prop_assert!(history.told.iter().all(|told| told.transition != transition), "{}", row);
            }
        }
    }
}
