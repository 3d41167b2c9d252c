//! Suffix rules in a table: one look-up for every label of a name, from the right, until no rule lies deeper.
//!
//! The algorithm is that of <https://github.com/publicsuffix/list/wiki/Format>: the longest rule wins, `*`
//! stands for one label, an exception (`!`) wins over everything and takes its first label off. Both sections
//! of the list are answered in one walk, which is why this is not the `publicsuffix` crate: it needs a walk
//! for each section (48 ns and 45 ns a name, measured in the handbook) and hides which rule matched.

use std::collections::HashMap;

use compact_str::CompactString;

use super::{HostName, NameError};

/// Which of the two sections a rule stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// Suffixes of registries.
    Icann,
    /// Suffixes of platforms that let others create names.
    Private,
}

/// `a.b`: the name is a suffix.
const RULE: u8 = 1;
/// `*.a.b`: every name one label below is a suffix.
const WILDCARD: u8 = 2;
/// `!c.a.b`: the name is none, its parent is.
const EXCEPTION: u8 = 4;
/// Bits of the private section lie above those of the ICANN section.
const PRIVATE_SHIFT: u32 = 3;
/// Some rule lies below this name.
const DEEPER: u8 = 64;
/// The walk goes on below a name with one of these.
const GO_ON: u8 = DEEPER | WILDCARD | (WILDCARD << PRIVATE_SHIFT);

/// Rules by the name they end in, without their marks.
#[derive(Clone, Default)]
pub(super) struct RuleTable {
    rules: HashMap<CompactString, u8>,
}

/// What the rules say of a name. Offsets are those of the first octet of the suffix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The longest suffix of the ICANN section.
    pub(super) icann: Option<usize>,
    /// The longest suffix of the private section.
    pub(super) private: Option<usize>,
    /// Whether any rule ends in the top level of the name.
    pub(super) listed: bool,
}

impl RuleTable {
    /// Adds one rule, such as `com.xx`, `*.ck` or `!www.ck`, in any spelling.
    ///
    /// # Errors
    /// [`NameError`] if what remains without the marks, and of an exception without its first label, is no name.
    pub(super) fn add(&mut self, rule: &str, section: Section) -> Result<(), NameError> {
        let (bit, name) = match (rule.strip_prefix("*."), rule.strip_prefix('!')) {
            (Some(name), _) => (WILDCARD, name),
            (None, Some(name)) => (EXCEPTION, name),
            (None, None) => (RULE, rule),
        };
        let name = HostName::parse(name)?;
        // The suffix is what stands above an exception, so something must.
        if bit == EXCEPTION && name.parent().is_none() {
            return Err(NameError::Empty);
        }
        *self.rules.entry(CompactString::new(name.as_str())).or_default() |= match section {
            Section::Icann => bit,
            Section::Private => bit << PRIVATE_SHIFT,
        };
        let mut above = name.parent();
        while let Some(ancestor) = above {
            *self.rules.entry(CompactString::new(ancestor)).or_default() |= DEEPER;
            above = ancestor.split_once('.').map(|(_, parent)| parent);
        }
        Ok(())
    }

    /// The suffixes of a name in both sections. No default rule: see [`Found::listed`].
    pub(super) fn find(&self, name: &str) -> Found {
        let mut found = Found::default();
        let (mut icann, mut private) = (Walk::default(), Walk::default());
        let mut above = 0;
        let mut above_at = name.len();
        let mut end = Some(name.len());
        while let Some(label_end) = end {
            let dot = name.get(..label_end).and_then(|rest| rest.rfind('.'));
            let at = dot.map_or(0, |dot| dot + 1);
            let here = name.get(at..).and_then(|ending| self.rules.get(ending)).copied().unwrap_or_default();
            if above_at == name.len() {
                found.listed = here != 0;
            }
            icann.step(here, above, at, above_at);
            private.step(here >> PRIVATE_SHIFT, above >> PRIVATE_SHIFT, at, above_at);
            if here & GO_ON == 0 {
                break;
            }
            above = here;
            above_at = at;
            end = dot;
        }
        found.icann = icann.suffix;
        found.private = private.suffix;
        found
    }

    /// Whether there is no rule at all.
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The number of names that rules end in or lie below.
    pub(super) fn len(&self) -> usize {
        self.rules.len()
    }

    /// Feeds every rule to a digest, in the order of the names.
    pub(super) fn digest_into(&self, hasher: &mut blake3::Hasher) {
        let mut rules: Vec<_> = self.rules.iter().collect();
        rules.sort_unstable();
        for (name, bits) in rules {
            hasher.update(name.as_bytes()).update(&[0, *bits]);
        }
    }
}

/// The walk through one section.
#[derive(Default)]
struct Walk {
    suffix: Option<usize>,
    excepted: bool,
}

impl Walk {
    fn step(&mut self, here: u8, above: u8, at: usize, above_at: usize) {
        if self.excepted {
            return;
        }
        if here & EXCEPTION != 0 {
            self.suffix = Some(above_at);
            self.excepted = true;
        } else if here & RULE != 0 || above & WILDCARD != 0 {
            self.suffix = Some(at);
        }
    }
}
