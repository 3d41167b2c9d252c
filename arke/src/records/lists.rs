//! What the records say beside cases: who is not to be imitated, what is held for harmless, and what no feed has.

use std::collections::BTreeSet;

use compact_str::{CompactString, format_compact};

use super::{RecordsError, Row};

/// The lists of the records; those of an earlier minor version have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Protected names, each as a line of a list: `name,sector,word`.
    pub protected: Vec<CompactString>,
    /// Names that an operator of Panopticon marked as harmless.
    pub allowed: BTreeSet<CompactString>,
    /// Names of the zone that no feed has.
    pub high_risk: Vec<HighRiskRow>,
}

/// A name that no feed has, as Panopticon found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HighRiskRow {
    /// The registered domain.
    pub name: CompactString,
    /// `review`, `high`.
    pub tier: CompactString,
    /// The score of its likeness; none if it is like nobody.
    pub score: Option<i64>,
    /// The protected name that it imitates.
    pub target: Option<CompactString>,
    /// How.
    pub techniques: Vec<CompactString>,
    /// Whether it looks as if a machine had made it.
    pub algorithmic: bool,
}

impl Lists {
    /// Takes a row of one of their tables; others are left.
    pub(crate) fn row(&mut self, row: &Row<'_>) -> Result<(), RecordsError> {
        match row.table() {
            "protected_names" => {
                let (name, sector) = (row.word("name")?, row.maybe_text("sector")?.unwrap_or_default());
                let word = if row.number("common_word")? == 0 { "" } else { "word" };
                self.protected.push(format_compact!("{name},{sector},{word}"));
            }
            "allow_list" => {
                self.allowed.insert(row.word("marked")?);
            }
            "high_risk_names" => {
                let techniques = row.maybe_text("techniques")?.unwrap_or_default();
                let techniques = techniques.split(',').filter(|technique| !technique.is_empty());
                self.high_risk.push(HighRiskRow {
                    name: row.word("name")?,
                    tier: row.word("tier")?,
                    score: row.maybe_number("score")?,
                    target: row.maybe_word("target")?,
                    techniques: techniques.map(CompactString::from).collect(),
                    algorithmic: row.number("algorithmic")? != 0,
                });
            }
            _ => {}
        }
        Ok(())
    }
}
