//! Whether a label is valid under IDNA2008: RFC 5891 4.2 with the derived property of RFC 5892.
//!
//! UTS #46 lets more through (symbols, emoji, hyphens anywhere), browsers follow UTS #46, and registries follow
//! IDNA2008. So this is a flag on a name and never a reason to drop it. Unassigned code points are those of
//! the Unicode tables that come with the `idna` crate.

use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// Whether one label in lower-case A-label form could be registered.
pub(super) fn is_valid_label(label: &str) -> bool {
    if label.starts_with('-') || label.ends_with('-') || label.contains('_') {
        return false;
    }
    if label.as_bytes().get(2..4) != Some(b"--") {
        return true;
    }
    label.starts_with("xn--") && unicode_form(label).is_some_and(|u_label| is_u_label(&u_label))
}

/// The U-label, if the A-label decodes and encodes to itself.
fn unicode_form(label: &str) -> Option<String> {
    let uts46 = Uts46::new();
    let (unicode, valid) = uts46.to_unicode(label.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow);
    valid.ok()?;
    let ascii =
        uts46.to_ascii(unicode.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore).ok()?;
    (ascii == label).then(|| unicode.into_owned())
}

/// RFC 5891 4.2.3: no hyphens at 3 and 4 or at the ends, every code point permitted in its place. The rules for
/// leading combining marks, joiners and direction were checked by UTS #46 on the way here.
fn is_u_label(label: &str) -> bool {
    let chars: Vec<char> = label.chars().collect();
    chars.first() != Some(&'-')
        && chars.last() != Some(&'-')
        && chars.get(2..4) != Some(&['-', '-'])
        && (0..chars.len()).all(|at| is_permitted(&chars, at))
}

/// PVALID, or CONTEXTJ/CONTEXTO with its rule kept (RFC 5892 appendix A).
fn is_permitted(chars: &[char], at: usize) -> bool {
    let Some(&char) = chars.get(at) else {
        return false;
    };
    let before = at.checked_sub(1).and_then(|index| chars.get(index)).copied();
    let after = chars.get(at + 1).copied();
    match char {
        // CONTEXTJ: UTS #46 with CheckJoiners has applied the same rule.
        '\u{200C}' | '\u{200D}' => true,
        '\u{00B7}' => before == Some('l') && after == Some('l'),
        '\u{0375}' => after.is_some_and(|next| matches!(next, '\u{0370}'..='\u{03FF}' | '\u{1F00}'..='\u{1FFF}')),
        '\u{05F3}' | '\u{05F4}' => before.is_some_and(|prior| matches!(prior, '\u{0591}'..='\u{05F4}')),
        '\u{30FB}' => chars.iter().any(|&other| is_japanese(other)),
        '\u{0660}'..='\u{0669}' => !chars.iter().any(|other| matches!(other, '\u{06F0}'..='\u{06F9}')),
        '\u{06F0}'..='\u{06F9}' => !chars.iter().any(|other| matches!(other, '\u{0660}'..='\u{0669}')),
        _ => is_pvalid(char),
    }
}

/// Hiragana, Katakana or Han, as the rule of the katakana middle dot asks.
fn is_japanese(char: char) -> bool {
    matches!(char,
        '\u{3005}' | '\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{309D}'..='\u{309F}' | '\u{30A1}'..='\u{30FA}'
        | '\u{30FC}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{323AF}')
}

/// RFC 5892 section 3 for a code point that UTS #46 left unchanged: the exceptions, then the general category.
fn is_pvalid(char: char) -> bool {
    match char {
        '-' | '0'..='9' | 'a'..='z' => true,
        // Exceptions (F), permitted.
        '\u{00DF}' | '\u{03C2}' | '\u{06FD}' | '\u{06FE}' | '\u{0F0B}' | '\u{3007}' => true,
        // Exceptions (F), disallowed; then the conjoining Hangul (I).
        '\u{0640}' | '\u{07FA}' | '\u{302E}' | '\u{302F}' | '\u{3031}'..='\u{3035}' | '\u{303B}' => false,
        '\u{1100}'..='\u{11FF}' | '\u{A960}'..='\u{A97F}' | '\u{D7B0}'..='\u{D7FF}' => false,
        _ => matches!(
            CodePointMapData::<GeneralCategory>::new().get(char),
            GeneralCategory::LowercaseLetter
                | GeneralCategory::OtherLetter
                | GeneralCategory::ModifierLetter
                | GeneralCategory::NonspacingMark
                | GeneralCategory::SpacingMark
                | GeneralCategory::DecimalNumber
        ),
    }
}
