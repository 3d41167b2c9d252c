//! Judging a name of the zone: from its likenesses, its score and what is known of it to the rows of `typosquats`,
//! `algorithmic_names` and `high_risk_names`.

use std::sync::Arc;

use compact_str::{CompactString, ToCompactString, format_compact};
use panopticon_model::campaign::CampaignKey;
use panopticon_model::judgement::Policies;
use panopticon_model::lookalike::{AlgorithmicName, HighRiskName, Suppression, Surveyed, Typosquat, full_name};
use panopticon_model::observable::top_level;
use panopticon_model::time::{DAY_MS, Epoch};
use serde::{Deserialize, Serialize};

use super::lookalikes::Pair;
use crate::facts::Timed;
use crate::lexical::{Context, Tables, judge};
use crate::risk::Model;

/// What is known of a name that is looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Clue {
    /// It imitates a protected name.
    Pair(Arc<Pair>),
    /// Its score as a name made by a machine, and from which one on that counts.
    Scored(i32, i32),
    /// The set of name servers on which it stands.
    Servers(u64),
    /// What was counted of these.
    Company(Surveyed),
    /// What was counted of a name that it imitates.
    Target(CompactString, Surveyed),
    /// It is one of the popular names.
    Popular,
    /// It is itself protected.
    Protected,
    /// An operator marked it as harmless.
    Dismissed,
    /// A feed has it, or had it.
    Listed,
    /// It came with others: how many they are, itself included.
    Together(Arc<(CampaignKey, usize)>),
    /// When it entered the zone, and how long ago that is.
    Entered(Epoch, Age),
}

/// How long a name has been there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Age {
    /// At most seven days.
    Week,
    /// At most thirty.
    Month,
    /// Longer.
    Older,
}

impl Age {
    /// Days within which it is told apart.
    const WEEK: u64 = 7;
    const MONTH: u64 = 30;

    /// Days, as far as anybody asks.
    fn days(self) -> u32 {
        match self {
            Age::Week => 0,
            Age::Month => 8,
            Age::Older => 31,
        }
    }
}

/// A row of one of the three views.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Risk {
    /// Of `typosquats`.
    Typosquat(Arc<Typosquat>),
    /// Of `algorithmic_names`.
    Algorithmic(Arc<AlgorithmicName>),
    /// Of `high_risk_names`.
    High(Arc<HighRiskName>),
    /// What would be one of them if no feed had it: the judgement of its cases wants to know.
    Listed(Arc<HighRiskName>),
}

/// The rows of a name.
pub(crate) fn risks(
    name: &str,
    clues: &[(&Clue, isize)],
    tables: &Tables,
    model: &Model,
    policies: &Policies,
    out: &mut Vec<Risk>,
) {
    let says = |clue: &Clue| clues.iter().any(|(known, _)| *known == clue);
    let servers = clues.iter().find_map(|(clue, _)| if let Clue::Servers(set) = clue { Some(*set) } else { None });
    let entered = clues.iter().find_map(|(clue, _)| match clue {
        Clue::Entered(at, age) => Some((*at, *age)),
        _ => None,
    });
    let company = clues.iter().find_map(|(clue, _)| if let Clue::Company(of) = clue { Some(*of) } else { None });
    let company = company.unwrap_or_default();
    let context = Context {
        dismissed: says(&Clue::Dismissed) || policies.of(top_level(name)).allows(name),
        protected: says(&Clue::Protected),
        popular: says(&Clue::Popular),
        squatting_servers: company.squatting,
        many_targets: company.many_targets,
        age_days: entered.map(|(_, age)| age.days()),
        ..Context::default()
    };
    let entered_at = entered.map(|(at, _)| at);
    let mut typosquats: Vec<Arc<Typosquat>> = Vec::new();
    for (clue, _) in clues {
        let Clue::Pair(pair) = clue else { continue };
        let target = full_name(&pair.target.label, &pair.target.suffix);
        let counted = clues.iter().find_map(|(clue, _)| match clue {
            Clue::Target(of, counted) if *of == target => Some(*counted),
            _ => None,
        });
        let counted = counted.unwrap_or_default();
        let context = Context {
            crowded: counted.crowded,
            defensive: servers.is_some() && counted.holder == servers,
            ..context
        };
        let judgement = judge(tables, &pair.domain.label, &pair.target, &pair.findings, &context);
        let findings = pair.findings.iter().map(|(technique, edit)| (*technique, edit.to_compact_string()));
        let terms = judgement.terms.iter().map(|(term, points)| (term.to_compact_string(), *points));
        typosquats.push(Arc::new(Typosquat {
            name: name.into(),
            target,
            findings: findings.collect(),
            terms: terms.collect(),
            score: judgement.score,
            tier: judgement.tier,
            suppressed_by: judgement.suppressed_by,
            entered_at,
        }));
    }
    let gates = [
        (context.dismissed, Suppression::Dismissed),
        (context.protected, Suppression::Protected),
        (context.popular, Suppression::Popular),
    ];
    let label = name.split('.').next().unwrap_or(name);
    let together = clues.iter().filter_map(|(clue, _)| match clue {
        Clue::Together(campaign) => {
            let (CampaignKey { day, shared, .. }, count) = campaign.as_ref();
            Some(format_compact!("one of {count} names of {day} with {shared}"))
        }
        _ => None,
    });
    let algorithmic = clues.iter().find_map(|(clue, _)| match clue {
        Clue::Scored(score, cut_off) => Some(AlgorithmicName {
            name: name.into(),
            score: *score,
            cut_off: *cut_off,
            reasons: {
                let of_letters = model.reasons(label).into_iter().map(|reason| reason.to_compact_string());
                of_letters.chain(together.clone()).collect()
            },
            suppressed_by: gates.iter().find(|(closed, _)| *closed).map(|(_, reason)| *reason),
            entered_at,
        }),
        _ => None,
    });
    let row = HighRiskName::of(&typosquats, algorithmic.as_ref()).map(Arc::new);
    out.extend(row.map(if says(&Clue::Listed) { Risk::Listed } else { Risk::High }));
    out.extend(typosquats.into_iter().map(Risk::Typosquat));
    out.extend(algorithmic.map(|row| Risk::Algorithmic(Arc::new(row))));
}

/// When a name entered its zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Entered {
    pub(crate) name: CompactString,
    pub(crate) at: Epoch,
}

impl Timed for Entered {
    type Says = (CompactString, Clue);

    fn at(&self, now: Epoch) -> Option<Self::Says> {
        let days = now.0.saturating_sub(self.at.0) / DAY_MS;
        let age = match (days <= Age::WEEK, days <= Age::MONTH) {
            (true, _) => Age::Week,
            (_, true) => Age::Month,
            _ => Age::Older,
        };
        Some((self.name.clone(), Clue::Entered(self.at, age)))
    }

    fn turns(&self) -> [Option<Epoch>; 2] {
        [Age::WEEK, Age::MONTH].map(|days| Some(self.at.plus((days + 1) * DAY_MS)))
    }
}
