//! The model as octets: a header with version and SHA-256, then tables of fixed size, then the trees.

use sha2::{Digest, Sha256};

use super::features::FEATURES;
use super::forest::{Node, Tree};
use super::grams::GRAMS;
use super::histogram::{BUCKETS, Histogram};
use super::language::{Language, SIZES};
use super::model::{Model, ModelError, Parts};
use super::spelling::LONGEST;

const MAGIC: &[u8; 8] = b"pano-dga";
/// Another reading of the same octets needs another number.
const VERSION: u16 = 1;
const HEADER: usize = MAGIC.len() + 2 + 4 + 32;

impl Model {
    /// Reads a model.
    ///
    /// # Errors
    /// When it is no model, of another version, cut off, damaged, or leads astray.
    pub fn from_bytes(octets: &[u8]) -> Result<Model, ModelError> {
        let mut header = Reader(octets);
        if header.take(MAGIC.len()).ok() != Some(MAGIC.as_slice()) {
            return Err(ModelError::Magic);
        }
        let short = |_| ModelError::Length { expected: HEADER, found: octets.len() };
        let version = u16::from_le_bytes(header.array().map_err(short)?);
        if version != VERSION {
            return Err(ModelError::Version(version));
        }
        let length = u32::from_le_bytes(header.array().map_err(short)?) as usize;
        let digest: [u8; 32] = header.array().map_err(short)?;
        let body = header.0;
        if body.len() != length {
            return Err(ModelError::Length { expected: HEADER.saturating_add(length), found: octets.len() });
        }
        if digest != digest_of(version, body) {
            return Err(ModelError::Digest);
        }
        Model::new(read(body).map_err(|End| ModelError::Part("end"))?)
    }

    /// Writes it, so that [`Model::from_bytes`] reads the same.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = written(&self.parts());
        let mut octets = MAGIC.to_vec();
        octets.extend(VERSION.to_le_bytes());
        octets.extend((body.len() as u32).to_le_bytes());
        octets.extend(digest_of(VERSION, &body));
        octets.extend(body);
        octets
    }
}

fn digest_of(version: u16, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(version.to_le_bytes());
    hash.update(body);
    hash.finalize().into()
}

/// The text ends too early.
struct End;

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], End> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(End)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], End> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(End)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn short(&mut self) -> Result<i16, End> {
        self.array().map(i16::from_le_bytes)
    }

    fn long(&mut self) -> Result<i32, End> {
        self.array().map(i32::from_le_bytes)
    }

    fn count(&mut self) -> Result<usize, End> {
        self.array().map(|octets| usize::from(u16::from_le_bytes(octets)))
    }

    fn shorts(&mut self, count: usize) -> Result<Vec<i16>, End> {
        let octets = self.take(count.saturating_mul(2))?.chunks_exact(2);
        Ok(octets.filter_map(|pair| pair.first_chunk()).map(|pair| i16::from_le_bytes(*pair)).collect())
    }
}

fn read(body: &[u8]) -> Result<Parts, End> {
    let mut reader = Reader(body);
    let grams = reader.shorts(GRAMS)?;
    let lengths = reader.shorts(LONGEST + 1)?;
    let mut tables = [const { Vec::new() }; SIZES.len()];
    for (table, size) in tables.iter_mut().zip(SIZES) {
        *table = reader.take(size)?.to_vec();
    }
    let (loose, bias) = (reader.long()?, reader.long()?);
    let limits = (0..FEATURES).map(|_| Ok([reader.short()?, reader.short()?])).collect::<Result<_, End>>()?;
    let counts = (0..BUCKETS).map(|_| reader.array().map(u32::from_le_bytes)).collect::<Result<Vec<_>, End>>()?;
    let background = Histogram::of_counts(counts.into_iter().map(u64::from));
    let mut trees = Vec::new();
    for _ in 0..reader.count()? {
        let (nodes, leaves) = (reader.count()?, reader.count()?);
        let mut tree = Tree::default();
        for _ in 0..nodes {
            let [feature] = reader.array()?;
            let threshold = reader.short()?;
            tree.nodes.push(Node { feature, threshold, next: [reader.short()?, reader.short()?] });
        }
        tree.leaves = reader.shorts(leaves)?;
        trees.push(tree);
    }
    if !reader.0.is_empty() {
        return Err(End);
    }
    Ok(Parts { grams, lengths, language: Language { tables }, loose, trees, bias, limits, background })
}

fn written(parts: &Parts) -> Vec<u8> {
    let mut body = Vec::new();
    let shorts =
        |body: &mut Vec<u8>, values: &[i16]| body.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    shorts(&mut body, &parts.grams);
    shorts(&mut body, &parts.lengths);
    parts.language.tables.iter().for_each(|table| body.extend(table));
    body.extend(parts.loose.to_le_bytes());
    body.extend(parts.bias.to_le_bytes());
    parts.limits.iter().for_each(|limits| shorts(&mut body, limits));
    for count in parts.background.counts() {
        body.extend(u32::try_from(*count).unwrap_or(u32::MAX).to_le_bytes());
    }
    body.extend((parts.trees.len() as u16).to_le_bytes());
    for tree in &parts.trees {
        body.extend((tree.nodes.len() as u16).to_le_bytes());
        body.extend((tree.leaves.len() as u16).to_le_bytes());
        for node in &tree.nodes {
            body.push(node.feature);
            shorts(&mut body, &[node.threshold, node.next[0], node.next[1]]);
        }
        shorts(&mut body, &tree.leaves);
    }
    body
}
