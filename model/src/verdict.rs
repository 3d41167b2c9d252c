//! What a case was while it was open, kept beyond its end: the views judge only what is open, and none depends on its own
//! past output. So the household notes it as an input, at each publication.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::judgement::{Remedy, RemedyKind};
use crate::time::Epoch;

/// What was judged of a case last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Verdict {
    /// What it was.
    pub remedy: RemedyKind,
    /// The registrar, as RDAP named it.
    pub registrar: Option<CompactString>,
    /// As of when it was found validated first; none if it never was.
    pub validated_at: Option<Epoch>,
}

impl Verdict {
    /// What is to be noted of a case that is open, after what was noted `before`, as of an instant. A case that `came_back`
    /// since begins anew.
    #[must_use]
    pub fn of(remedy: &Remedy, before: Option<&Verdict>, came_back: bool, at: Epoch) -> Verdict {
        let before = before.filter(|_| !came_back);
        let validated = before.and_then(|before| before.validated_at).or_else(|| remedy.validated.then_some(at));
        let known = before.and_then(|before| before.registrar.clone());
        Verdict { remedy: remedy.kind, registrar: remedy.registrar.clone().or(known), validated_at: validated }
    }
}
