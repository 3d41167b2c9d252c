//! The hand-made features of the second stage: small integers that can be said in words.

use super::language::{BIT, Costs};
use super::spelling::{CLASS_OF, Class, Spelling};

/// How many features there are.
pub const FEATURES: usize = Feature::ALL.len();

macro_rules! features {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// What is looked at. Shares are in thousandths, costs in sixteenths of a bit.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "each has its line")]
        pub enum Feature { $($(#[doc = $doc])* $name,)* }

        impl Feature {
            /// All of them, in the order of the model file.
            pub const ALL: [Feature; [$(Feature::$name),*].len()] = [$(Feature::$name),*];
        }
    };
}

features! {
    /// Characters.
    Length,
    /// Mean cost of a character after the one before.
    Cost2,
    /// Mean cost after two.
    Cost3,
    /// Mean cost after three.
    Cost4,
    /// All costs after three.
    Total4,
    /// The largest cost after three.
    Worst4,
    /// Share of transitions that are rare.
    Rare,
    /// Share of transitions that are common.
    Common,
    /// Share of digits.
    Digits,
    /// Share of hyphens.
    Hyphens,
    /// Share of vowels among letters.
    Vowels,
    /// Share of `0` to `9` and `a` to `f`.
    Hex,
    /// Changes between letters and digits.
    Switches,
    /// Longest run of consonants.
    ConsonantRun,
    /// Longest run of vowels.
    VowelRun,
    /// Longest run of digits.
    DigitRun,
    /// Entropy of the characters.
    Entropy,
    /// Share of distinct characters.
    Distinct,
    /// Log-odds of the first stage, in hundredths.
    Linear,
    /// The same, as if all characters counted in full: in tenths.
    LinearTotal,
    /// Mean cost of a letter by itself.
    Cost1,
    /// Mean cost of a class after five.
    CostClass,
    /// All costs of classes.
    TotalClass,
    /// The dearest five characters in a row.
    WorstFive,
    /// The cheapest five characters in a row.
    BestFive,
    /// The cheapest eight characters in a row.
    BestEight,
    /// Transitions that are rare.
    RareCount,
    /// Share of `j q x z w k v y` among letters.
    RareLetters,
    /// Pairs of equal characters, per thousand pairs.
    Coincidence,
    /// Letters.
    Letters,
    /// Changes between vowels and consonants, per thousand neighbours.
    Alternation,
    /// Mean cost of the longest word between hyphens and digits.
    LongestWord,
    /// Cost of the first two characters.
    Opening,
    /// Cost of the last character and the end.
    Closing,
    /// Equal neighbours.
    Doubles,
    /// How much a character is dearer after two than by itself, in the mean.
    Gain,
}

/// A cost above which a transition is rare: 7 bits.
const RARE: u16 = 7 * BIT;
/// A cost below which it is common: 3.5 bits.
const COMMON: u16 = 7 * BIT / 2;

/// -n log2(n) in 1/256, from a table of integers.
const LOG2: [i32; 65] = {
    // log2(n) in 1/65536 by repeated squaring.
    let mut table = [0_i32; 65];
    let mut n = 1_usize;
    while n < 65 {
        let mut whole = 0;
        while (n >> (whole + 1)) > 0 {
            whole += 1;
        }
        let mut x = ((n as u64) << 32) >> whole;
        let mut bits = whole << 8;
        let mut bit = 7;
        loop {
            x = ((x as u128 * x as u128) >> 32) as u64;
            if x >> 33 > 0 {
                x >>= 1;
                bits |= 1 << bit;
            }
            if bit == 0 {
                break;
            }
            bit -= 1;
        }
        table[n] = bits;
        n += 1;
    }
    table
};

fn share(part: usize, whole: usize) -> i16 {
    (part * 1000).checked_div(whole).unwrap_or_default().min(1000) as i16
}

fn clamped(value: i32) -> i16 {
    value.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

fn sum(costs: &[u8]) -> i32 {
    costs.iter().map(|cost| i32::from(*cost)).sum()
}

fn mean(costs: &[u8]) -> i16 {
    // A sixteenth of a sixteenth of a bit, so that long names keep their differences.
    clamped((sum(costs) * 16).checked_div(costs.len() as i32).unwrap_or_default())
}

/// Sums of windows: the smallest, the largest; of all if there are fewer.
fn windows(costs: &[u8], width: usize) -> (i16, i16) {
    let width = width.min(costs.len()).max(1);
    let sums = costs.windows(width).map(|window| sum(window) * 16 / width as i32);
    let (least, most) = sums.fold((i32::MAX, 0), |(least, most), sum| (least.min(sum), most.max(sum)));
    (clamped(if costs.is_empty() { 0 } else { least }), clamped(most))
}

pub(super) fn features(spelling: &Spelling, costs: &Costs, linear: i32) -> [i16; FEATURES] {
    let mut values = [0_i16; FEATURES];
    let mut set = |feature: Feature, value: i16| values[feature as usize] = value;
    let length = spelling.length();
    let four = costs.four.get(..=length).unwrap_or_default();
    let three = costs.three.get(..=length).unwrap_or_default();
    let two = costs.two.get(..=length).unwrap_or_default();
    let one = costs.one.get(..=length).unwrap_or_default();
    let class = costs.class.get(..=length).unwrap_or_default();
    set(Feature::Length, length as i16);
    set(Feature::Cost2, mean(two));
    set(Feature::Cost3, mean(three));
    set(Feature::Cost4, mean(four));
    set(Feature::Total4, clamped(sum(four)));
    set(Feature::Worst4, four.iter().copied().max().map_or(0, i16::from));
    let rare = three.iter().filter(|cost| u16::from(**cost) > RARE).count();
    set(Feature::Rare, share(rare, three.len()));
    set(Feature::RareCount, rare as i16);
    set(Feature::Common, share(three.iter().filter(|cost| u16::from(**cost) < COMMON).count(), three.len()));
    set(Feature::Linear, clamped(linear / 10));
    set(Feature::LinearTotal, clamped((i64::from(linear) * 65_536 / super::grams::share(length) / 100) as i32));
    set(Feature::Cost1, mean(one));
    set(Feature::Gain, mean(three) - mean(one));
    set(Feature::CostClass, mean(class));
    set(Feature::TotalClass, clamped(sum(class)));
    let (best, worst) = windows(four, 5);
    set(Feature::BestFive, best);
    set(Feature::WorstFive, worst);
    set(Feature::BestEight, windows(four, 8).0);
    set(Feature::Opening, clamped(sum(three.get(..2).unwrap_or_default())));
    set(Feature::Closing, clamped(sum(three.get(length.saturating_sub(1)..).unwrap_or_default())));
    let counted = Counted::new(spelling.plain(), four);
    let letters = counted.vowels + counted.consonants;
    set(Feature::Digits, share(counted.digits, length));
    set(Feature::Hyphens, share(counted.hyphens, length));
    set(Feature::Vowels, share(counted.vowels, letters));
    set(Feature::Hex, share(counted.hex, length));
    set(Feature::Switches, counted.switches as i16);
    set(Feature::ConsonantRun, counted.longest[Class::Consonant as usize] as i16);
    set(Feature::VowelRun, counted.longest[Class::Vowel as usize] as i16);
    set(Feature::DigitRun, counted.longest[Class::Digit as usize] as i16);
    set(Feature::RareLetters, share(counted.rare_letters, letters));
    set(Feature::Letters, letters as i16);
    set(Feature::Alternation, share(counted.alternations, length.saturating_sub(1)));
    set(Feature::Doubles, counted.doubles as i16);
    set(Feature::LongestWord, counted.longest_word);
    let distinct = counted.by_symbol.iter().filter(|count| **count > 0).count();
    set(Feature::Distinct, share(distinct, length));
    let log = |count: usize| LOG2[count.min(64)];
    let weighted: i32 = counted.by_symbol.iter().map(|count| i32::from(*count) * log(usize::from(*count))).sum();
    set(Feature::Entropy, clamped(log(length) - weighted.checked_div(length as i32).unwrap_or_default()));
    let equal: usize = counted.by_symbol.iter().map(|n| usize::from(*n) * usize::from(n.saturating_sub(1))).sum();
    set(Feature::Coincidence, share(equal, length * length.saturating_sub(1)));
    values
}

#[derive(Default)]
struct Counted {
    vowels: usize,
    consonants: usize,
    digits: usize,
    hyphens: usize,
    hex: usize,
    rare_letters: usize,
    switches: usize,
    alternations: usize,
    doubles: usize,
    longest: [usize; 5],
    longest_word: i16,
    by_symbol: Symbols,
}

struct Symbols([u8; super::spelling::SYMBOLS]);

impl Default for Symbols {
    fn default() -> Symbols {
        Symbols([0; super::spelling::SYMBOLS])
    }
}

impl std::ops::Deref for Symbols {
    type Target = [u8; super::spelling::SYMBOLS];
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Counted {
    fn new(symbols: &[u8], four: &[u8]) -> Counted {
        let mut counted = Counted::default();
        let (mut before, mut last, mut run) = (Class::Mark, u8::MAX, 0);
        let (mut word, mut word_cost, mut longest) = (0, 0, (0, 0));
        for (symbol, cost) in symbols.iter().zip(four) {
            let class = CLASS_OF[usize::from(*symbol) % super::spelling::SYMBOLS];
            let letter = matches!(class, Class::Vowel | Class::Consonant);
            match class {
                Class::Vowel => counted.vowels += 1,
                Class::Consonant => counted.consonants += 1,
                Class::Digit => counted.digits += 1,
                Class::Mark | Class::Other => counted.hyphens += 1,
            }
            counted.hex += usize::from(class == Class::Digit || (2..8).contains(symbol));
            // j, k, q, v, w, x, y, z.
            counted.rare_letters += usize::from(matches!(symbol, 11 | 12 | 18 | 23..=27));
            counted.doubles += usize::from(*symbol == last);
            counted.switches += usize::from(letter && before == Class::Digit)
                + usize::from(class == Class::Digit && matches!(before, Class::Vowel | Class::Consonant));
            counted.alternations += usize::from(matches!(
                (before, class),
                (Class::Vowel, Class::Consonant) | (Class::Consonant, Class::Vowel)
            ));
            run = if class == before { run + 1 } else { 1 };
            let of_class = &mut counted.longest[class as usize];
            *of_class = run.max(*of_class);
            if let Some(count) = counted.by_symbol.0.get_mut(usize::from(*symbol)) {
                *count = count.saturating_add(1);
            }
            (word, word_cost) = if letter { (word + 1, word_cost + i32::from(*cost)) } else { (0, 0) };
            if word > longest.0 {
                longest = (word, word_cost);
            }
            (before, last) = (class, *symbol);
        }
        counted.longest_word = clamped((longest.1 * 16).checked_div(longest.0).unwrap_or_default());
        counted
    }
}
