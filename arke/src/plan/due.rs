//! What is due of a case, by what the records say of it and what was told before. A pure function: the same facts give
//! the same answer.

use panopticon_model::time::{DAY_MS, Epoch, HOUR_MS};

use crate::config::{Limits, Policy};
use crate::docket::{Confirmed, Entry, Standing};
use crate::ledger::Transition;

/// How old a case may be when it is met first; an older one waits for a person.
pub const BACKLOG_DAYS: u64 = 7;

/// What was told of a case before, and what a person said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// When this episode of the case was met here first; none if it is met now.
    pub met: Option<Epoch>,
    /// Whether a person marked it as wrong.
    pub marked: bool,
    /// Whether a person let it go although it is old, popular or protected.
    pub let_go: bool,
    /// Whether nobody of the domain could be reached: every message came back.
    pub unreachable: bool,
    /// What was told in this episode, and is not known to have failed.
    pub told: Vec<Told>,
    /// What somebody is still to be told, because the message that told it was cancelled.
    pub owed: Vec<Transition>,
}

/// Something that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// What.
    pub transition: Transition,
    /// When it was handed over; none if it still waits.
    pub at: Option<Epoch>,
}

/// What is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// To tell this.
    Tell(Transition),
    /// Nothing, until somebody or something decides.
    Wait(Wait),
    /// Nothing.
    Nothing,
}

/// Why something waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wait {
    /// Nothing of it is confirmed.
    NotConfirmed,
    /// The confirmation is too old.
    Stale,
    /// No feed that may lead to a mail says so.
    Untrusted,
    /// It was confirmed because something else than evidence changed.
    Cause,
    /// A popular or protected name: a person decides.
    Guarded,
    /// A person marked it as wrong.
    Marked,
    /// It was old when it was met first.
    Backlog,
    /// Nothing is sent at this hour.
    Quiet,
}

impl Wait {
    /// The word in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Wait::NotConfirmed => "not-confirmed",
            Wait::Stale => "confirmation-too-old",
            Wait::Untrusted => "no-trusted-feed",
            Wait::Cause => "not-by-evidence",
            Wait::Guarded => "person-decides",
            Wait::Marked => "marked-as-wrong",
            Wait::Backlog => "backlog",
            Wait::Quiet => "quiet-hours",
        }
    }

    /// What it means, for people.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Wait::NotConfirmed => "nothing of it is confirmed now",
            Wait::Stale => "the last confirmation is too old; the next records may have a newer one",
            Wait::Untrusted => "no feed of `trusted_feeds` says so",
            Wait::Cause => "it became confirmed because a setting changed, not because somebody saw something",
            Wait::Guarded => "a popular or protected name; `arke cases release` lets it go",
            Wait::Marked => "a person marked it as a false positive",
            Wait::Backlog => "it was first seen more than 7 days before it was met here; `--backlog` lets it go",
            Wait::Quiet => "nothing is sent at this hour; it is judged again later",
        }
    }
}

/// What is due of a case.
#[must_use]
pub fn due(entry: &Entry, history: &History, policy: &Policy, limits: &Limits, now: Epoch) -> Decision {
    if policy.quiet_hours.is_some_and(|quiet| quiet.contain(now)) {
        return Decision::Wait(Wait::Quiet);
    }
    match entry.standing {
        Standing::Open => open(entry, history, policy, limits, now),
        Standing::Remediated if history.marked => history.after(Transition::Correction),
        // Who was told that it was a mistake needs no word that it is over.
        Standing::Remediated if policy.all_clear && history.last(Transition::Correction).is_none() => {
            history.after(Transition::AllClear)
        }
        Standing::Withdrawn => history.after(Transition::Correction),
        Standing::Remediated | Standing::Expired => Decision::Nothing,
    }
}

fn open(entry: &Entry, history: &History, policy: &Policy, limits: &Limits, now: Epoch) -> Decision {
    if history.marked {
        // Who was told before the mark is owed a correction.
        return match history.after(Transition::Correction) {
            Decision::Nothing => Decision::Wait(Wait::Marked),
            correction => correction,
        };
    }
    if let Some(wait) = unconfirmed(entry, policy, limits, now) {
        return Decision::Wait(wait);
    }
    match history.last(Transition::Notice) {
        // A message that came back was told to nobody: who sold the name hears of it at once.
        None if history.unreachable => match history.last(Transition::Escalation) {
            None => Decision::Tell(Transition::Escalation),
            Some(_) => Decision::Nothing,
        },
        None => first(entry, history, now),
        Some(None) if history.owed.contains(&Transition::Notice) => Decision::Tell(Transition::Notice),
        Some(None) => Decision::Nothing,
        Some(Some(told)) => {
            let days = now.0.saturating_sub(told.0) / DAY_MS;
            let due = |what| history.last(what).is_none() || history.owed.contains(&what);
            if days >= policy.escalate_days {
                if due(Transition::Escalation) {
                    Decision::Tell(Transition::Escalation)
                } else {
                    Decision::Nothing
                }
            } else if history.owed.contains(&Transition::Notice) {
                Decision::Tell(Transition::Notice)
            } else if days >= policy.reminder_days && due(Transition::Reminder) {
                Decision::Tell(Transition::Reminder)
            } else {
                Decision::Nothing
            }
        }
    }
}

fn first(entry: &Entry, history: &History, now: Epoch) -> Decision {
    if history.let_go {
        return Decision::Tell(Transition::Notice);
    }
    // Of a platform it is the operator who is told, and operators are popular.
    let is_platform = entry.case.platform.is_some();
    if entry.remedy.held_back.is_some() || (entry.guarded.is_some() && !is_platform) {
        return Decision::Wait(Wait::Guarded);
    }
    let met = history.met.unwrap_or(now);
    let is_old = met.0.saturating_sub(entry.case.first_seen.0) > BACKLOG_DAYS * DAY_MS;
    // What came back was told of before, or was old already then.
    if is_old && !entry.recurred {
        return Decision::Wait(Wait::Backlog);
    }
    match entry.cause.as_deref() {
        None | Some("evidence") => Decision::Tell(Transition::Notice),
        Some(_) => Decision::Wait(Wait::Cause),
    }
}

/// Why a mail must not rest on what is confirmed now; none if it may.
fn unconfirmed(entry: &Entry, policy: &Policy, limits: &Limits, now: Epoch) -> Option<Wait> {
    if entry.confirmed.is_empty() {
        return Some(Wait::NotConfirmed);
    }
    let fresh: Vec<&Confirmed> = entry.confirmed.iter().filter(|row| is_fresh(row, limits, now)).collect();
    if fresh.is_empty() {
        return Some(Wait::Stale);
    }
    let trusted = |row: &&Confirmed| match &policy.trusted_feeds {
        Some(trusted) => row.feed_ids.iter().any(|feed| trusted.iter().any(|it| it == feed)),
        None => true,
    };
    (!fresh.iter().any(trusted)).then_some(Wait::Untrusted)
}

/// Whether a confirmation is young enough for a mail.
#[must_use]
pub fn is_fresh(row: &Confirmed, limits: &Limits, now: Epoch) -> bool {
    now < row.valid_until && now.0.saturating_sub(row.confirmed_at.0) < limits.max_indicator_age_h * HOUR_MS
}

impl History {
    /// When something was told last; the inner is none while it waits.
    fn last(&self, transition: Transition) -> Option<Option<Epoch>> {
        self.told.iter().filter(|told| told.transition == transition).map(|told| told.at).max()
    }

    /// What is due to those who were told, when it is over.
    fn after(&self, last_word: Transition) -> Decision {
        let was_told = self.told.iter().any(|told| told.at.is_some() && told.transition != last_word);
        let is_due = self.last(last_word).is_none() || self.owed.contains(&last_word);
        if was_told && is_due { Decision::Tell(last_word) } else { Decision::Nothing }
    }
}
