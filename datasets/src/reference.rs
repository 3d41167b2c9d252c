//! Reference tables that are part of the program: their text, as it stands under `datasets/reference/`.
//!
//! Origin and licence of each are in the README beside it, and in its first lines.

/// Neighbouring keys: layout, key, its neighbours.
pub const KEYBOARDS: &str = include_str!("../reference/lookalikes/keyboards.tsv");
/// What is taken for what: set, what is meant, what looks like it.
pub const GLYPHS: &str = include_str!("../reference/lookalikes/glyphs.tsv");
/// What further code points are read as.
pub const READINGS: &str = include_str!("../reference/lookalikes/readings.tsv");
/// Words that stand beside an imitated name: sector, word.
pub const KEYWORDS: &str = include_str!("../reference/lookalikes/keywords.tsv");
/// Names that are imitated everywhere: name, sector, whether it is a common word.
pub const IMITATED: &str = include_str!("../reference/lookalikes/imitated.csv");

/// The model of generated names, as `panopticon_dataflow::risk::Model::from_bytes` reads it.
pub const DGA_MODEL: &[u8] = include_bytes!("../reference/dga/model.bin");
