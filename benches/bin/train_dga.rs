//! Trains the model of generated names that is shipped, and draws the sample of registered names that it is trained on.
//!
//! ```text
//! train-dga                                      from the sample of the project to its model: the same octets as there
//! train-dga --output FILE                        the same, elsewhere
//! train-dga --cctld FILE... --popular FILE       draws the sample anew first
//! ```

#![expect(clippy::print_stdout, reason = "a command says what it did")]

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use panopticon_benches::dga::sample::{Population, Sample};
use panopticon_benches::dga::train::Recipe;

/// Names of each part of the sample: of ccTLDs, hard ones, popular ones.
const PARTS: [usize; 3] = [120_000, 100_000, 60_000];

fn main() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/reference/dga");
    let (mut cctld, mut popular, mut output) = (Vec::new(), None, folder.join("model.bin"));
    let arguments = std::env::args().skip(1);
    let mut option = String::new();
    for word in arguments {
        match (word.as_str(), option.as_str()) {
            ("--cctld" | "--popular" | "--output", _) => option = word,
            (_, "--cctld") => cctld.push(PathBuf::from(word)),
            (_, "--popular") => popular = Some(PathBuf::from(word)),
            (_, "--output") => output = word.into(),
            _ => {
                anyhow::bail!("`{word}` is no option; there are --cctld FILE..., --popular FILE and --output FILE")
            }
        }
    }
    let kept = folder.join("sample.txt.zst");
    if let Some(popular) = popular {
        ensure!(!cctld.is_empty(), "add `--cctld FILE`");
        let texts = cctld.iter().map(|file| text(file)).collect::<anyhow::Result<Vec<String>>>()?;
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let population = Population::new(&texts, &text(&popular)?);
        let mut quick = Recipe::shipped();
        quick.growth.trees = 1;
        let sample = population.sample(PARTS, |sample| quick.train(sample))?;
        std::fs::write(&kept, zstd::encode_all(sample.text().as_bytes(), 19)?)?;
        println!("drew {}", kept.display());
    }
    let sample = Sample::parse(&text(&kept)?)?;
    let model = Recipe::shipped().train(&sample)?.to_bytes();
    std::fs::write(&output, &model).with_context(|| format!("cannot write `{}`", output.display()))?;
    println!("wrote {}: {} octets", output.display(), model.len());
    Ok(())
}

fn text(file: &Path) -> anyhow::Result<String> {
    let shown = || format!("cannot read `{}`", file.display());
    let packed = File::open(file).with_context(shown)?;
    Ok(String::from_utf8(zstd::decode_all(packed).with_context(shown)?)?)
}
