//! Letters: what one recipient is told on one day, in one message.

use std::collections::BTreeMap;

use panopticon_model::id::Id;

use super::choose::Target;
use crate::config::Audience;
use crate::ledger::Transition;

/// Something that a target is told of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// The case.
    pub case_id: Id,
    /// Its episode.
    pub episode: u32,
    /// What is told.
    pub transition: Transition,
    /// Whom.
    pub target: Target,
}

/// A message that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// To whom.
    pub target: Target,
    /// What it tells, the most urgent first: case, episode, what.
    pub tells: Vec<(Id, u32, Transition)>,
}

impl Letter {
    /// What the message is as a whole.
    #[must_use]
    pub fn transition(&self) -> Transition {
        self.tells.first().map_or(Transition::Notice, |(_, _, transition)| *transition)
    }
}

/// One letter for each recipient and audience, sorted by both.
#[must_use]
pub fn letters(tellings: Vec<Telling>) -> Vec<Letter> {
    let mut letters: BTreeMap<(Audience, String), Letter> = BTreeMap::new();
    for Telling { case_id, episode, transition, target } in tellings {
        let key = (target.audience, target.address.key());
        let letter = letters.entry(key).or_insert_with(|| Letter { target, tells: Vec::new() });
        letter.tells.push((case_id, episode, transition));
    }
    let mut letters: Vec<Letter> = letters.into_values().collect();
    for letter in &mut letters {
        letter.tells.sort_unstable_by_key(|(case, episode, transition)| (urgency(*transition), *case, *episode));
        letter.tells.dedup();
    }
    letters
}

fn urgency(transition: Transition) -> u8 {
    match transition {
        Transition::Notice => 0,
        Transition::Escalation => 1,
        Transition::Reminder => 2,
        Transition::Correction => 3,
        Transition::AllClear => 4,
    }
}
