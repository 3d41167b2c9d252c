//! Programs that make up names, as malware does: the only generated names that the model is trained on. None is
//! written after a known family; each draws its own alphabet, lengths and habits.

use super::random::Random;

const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8; 10] = b"0123456789";
const VOWELS: &[u8] = b"aeiou";
const CONSONANTS: &[u8] = b"bcdfghjklmnpqrstvwxyz";

/// Which generators are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Eleven plain ones.
    Plain,
    /// Every other one draws an alphabet of its own.
    Rich,
}

/// Names of one program.
const BATCH: usize = 40;

/// `count` names of six characters or more, by their seed.
#[must_use]
pub fn generated(kind: Kind, count: usize, seed: u64) -> Vec<String> {
    let mut names = Vec::with_capacity(count);
    let mut random = Random::new(seed);
    while names.len() < count {
        let mut machine = match kind {
            Kind::Plain => Machine::plain(&mut random),
            Kind::Rich => Machine::rich(&mut random),
        };
        for _ in 0..BATCH.min(count - names.len()) {
            let name = machine.name(&mut random);
            names.push(String::from_utf8_lossy(&name).into_owned());
        }
    }
    names
}

#[derive(Clone, Debug)]
enum Habit {
    /// Any character of an alphabet, which may hold one several times.
    Any(Vec<u8>),
    /// Turns between two alphabets.
    Turns(Vec<u8>, Vec<u8>),
    /// Pieces behind each other.
    Pieces(Vec<Vec<u8>>),
    /// A vowel with some probability.
    Vowels(Vec<u8>, Vec<u8>, f64),
}

#[derive(Clone, Debug)]
struct Machine {
    habit: Habit,
    shortest: usize,
    longest: usize,
}

impl Machine {
    fn plain(random: &mut Random) -> Machine {
        let alphanumeric = [LETTERS.as_slice(), DIGITS].concat();
        let any = |text: &[u8]| Habit::Any(text.to_vec());
        let turns = || Habit::Turns(CONSONANTS.to_vec(), VOWELS.to_vec());
        let (habit, shortest, longest) = match random.below(11) {
            0 => (any(LETTERS), 6, 12),
            1 => (any(LETTERS), 12, 20),
            2 => (any(LETTERS), 20, 30),
            3 => (any(&alphanumeric), 8, 16),
            4 => (any(&alphanumeric), 16, 30),
            5 => (any(b"0123456789abcdef"), 8, 32),
            6 => (turns(), 6, 16),
            7 => (any(CONSONANTS), 6, 16),
            8 => (any(&subset(random, LETTERS, 8, 16)), 8, 20),
            9 => (Habit::Pieces(pieces(random, 60)), 6, 16),
            _ => (Habit::Vowels(CONSONANTS.to_vec(), VOWELS.to_vec(), 0.4), 6, 16),
        };
        Machine { habit, shortest, longest }
    }

    /// Plain ones and, as often, letters of an alphabet of their own. Programs whose names can be spoken are left to the
    /// plain ones: with more of them, names that people made up look generated.
    fn rich(random: &mut Random) -> Machine {
        if random.below(2) == 0 {
            return Machine::plain(random);
        }
        let habit = match random.below(7) {
            0 => Habit::Any(LETTERS.to_vec()),
            1 => Habit::Any([LETTERS.as_slice(), DIGITS].concat()),
            // A range of the alphabet: what a remainder leaves.
            2 | 3 => {
                let count = random.within(10, 25);
                let first = if random.below(2) == 0 { 0 } else { random.below(26 - count) };
                Habit::Any(LETTERS.get(first..first + count).unwrap_or_default().to_vec())
            }
            4 | 5 => Habit::Any(subset(random, LETTERS, 7, 22)),
            _ => Habit::Vowels(CONSONANTS.to_vec(), b"aeiouy".to_vec(), 0.25 + random.share() * 0.4),
        };
        let shortest = 6 + random.below(3) * random.below(10);
        let longest = if random.below(3) == 0 { shortest } else { shortest + random.below(12) };
        Machine { habit, shortest, longest: longest.min(40) }
    }

    fn name(&mut self, random: &mut Random) -> Vec<u8> {
        let length = random.within(self.shortest, self.longest);
        let mut name = Vec::with_capacity(length + 4);
        let mut turn = random.below(2) == 0;
        while name.len() < length {
            let next = match &self.habit {
                Habit::Any(alphabet) => random.one_of(alphabet).copied(),
                Habit::Turns(first, second) => {
                    turn = !turn;
                    random.one_of(if turn { first } else { second }).copied()
                }
                Habit::Pieces(pieces) => {
                    name.extend(random.one_of(pieces).into_iter().flatten());
                    continue;
                }
                Habit::Vowels(consonants, vowels, share) => {
                    let vowel = random.share() < *share;
                    random.one_of(if vowel { vowels } else { consonants }).copied()
                }
            };
            name.push(next.unwrap_or(b'x'));
        }
        name.truncate(63);
        name
    }
}

fn subset(random: &mut Random, of: &[u8], least: usize, most: usize) -> Vec<u8> {
    let mut all = of.to_vec();
    random.shuffle(&mut all);
    all.truncate(random.within(least, most));
    all
}

/// Syllables of two or three letters.
fn pieces(random: &mut Random, count: usize) -> Vec<Vec<u8>> {
    let mut piece = || {
        let closed = random.below(3) == 0;
        let mut one = |of: &[u8]| random.one_of(of).copied().unwrap_or(b'a');
        let mut piece = vec![one(CONSONANTS), one(VOWELS)];
        if closed {
            piece.push(one(CONSONANTS));
        }
        piece
    };
    (0..count).map(|_| piece()).collect()
}
