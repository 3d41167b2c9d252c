//! The corpora in the ordinary tests: every seed as it is, and every seed damaged in the same ways each time.
//!
//! No clock and no chance: a red run means a change of the code. The real search is that of the fuzzer.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Fewer seeds than that are no corpus.
const FEWEST: usize = 3;
/// A corpus is small: it is read by people and run by every test.
const MOST: usize = 100;
const MOST_BYTES: usize = 200_000;
/// A seed is cut at so many places, and flipped as often.
const DAMAGES: usize = 16;

/// The folder of all corpora, seen from a package of the workspace.
pub fn corpora(package: &str) -> PathBuf {
    let here = Path::new(package);
    [here.join("fuzz/corpus"), here.join("../fuzz/corpus")].into_iter().find(|path| path.is_dir()).unwrap()
}

/// Runs a target over its corpus.
pub fn replay(package: &str, name: &str, target: fn(&[u8])) {
    let seeds = seeds(&corpora(package).join(name));
    let bytes: usize = seeds.iter().map(|(_, seed)| seed.len()).sum();
    assert!((FEWEST..MOST).contains(&seeds.len()), "{name} has {} seeds", seeds.len());
    assert!(bytes < MOST_BYTES, "the corpus of {name} has {bytes} bytes");
    for (at, (file, seed)) in seeds.iter().enumerate() {
        let (_, next) = &seeds[(at + 1) % seeds.len()];
        run(target, seed, || format!("{name}/{file}"));
        for (what, damaged) in damages(seed, next) {
            run(target, &damaged, || format!("{name}/{file} {what}: {}", damaged.escape_ascii()));
        }
    }
}

fn run(target: fn(&[u8]), data: &[u8], which: impl Fn() -> String) {
    assert!(catch_unwind(AssertUnwindSafe(|| target(data))).is_ok(), "broken by {}", which());
}

/// The files of a corpus, sorted by name.
fn seeds(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(folder).unwrap_or_else(|error| panic!("no corpus {}: {error}", folder.display()));
    let mut seeds: Vec<_> = files
        .map(|file| file.unwrap())
        .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
        .collect();
    seeds.sort();
    seeds
}

/// Cut off, flipped, with a piece twice or gone, and joined to the next seed.
fn damages<'a>(seed: &'a [u8], next: &'a [u8]) -> impl Iterator<Item = (&'static str, Vec<u8>)> + 'a {
    let mut random = Random(seed.len() as u64);
    let cuts = (0..DAMAGES).map(|n| ("cut", seed[..seed.len() * n / DAMAGES].to_vec()));
    let others = (0..DAMAGES).filter(|_| !seed.is_empty()).map(move |n| {
        let mut damaged = seed.to_vec();
        let (from, to) = (random.below(seed.len()), random.below(seed.len()));
        let piece = from.min(to)..from.max(to) + 1;
        match n % 4 {
            0 => damaged[from] ^= 1 << random.below(8),
            1 => (0..4).for_each(|_| damaged[random.below(seed.len())] = random.octet()),
            2 => drop(damaged.splice(from..from, seed[piece].iter().copied())),
            _ => drop(damaged.drain(piece)),
        }
        ("damaged", damaged)
    });
    cuts.chain(others).chain([("joined", [seed, next].concat())])
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    /// Mostly one that means something to some parser.
    fn octet(&mut self) -> u8 {
        const TELLING: &[u8] = b"\0\x01\x7f\x80\xff\n\r\t \"'`,;:.@/\\#?%&=+-_()[]{}<>$0159azAZ\xc3\xa9\xe2";
        TELLING[self.below(TELLING.len())]
    }
}
