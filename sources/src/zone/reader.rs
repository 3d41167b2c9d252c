//! The reader of master files: RFC 1035 section 5, RFC 2308 `$TTL`, RFC 3597 types, as BIND writes them.
//!
//! A stream of bytes goes in, one record at a time comes out, of the few types that say what is delegated; all
//! others are passed over by type. Memory is one record and one buffer. The first thing that is wrong ends it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::lines::{Field, Fields, Lines, Start};
use super::plain::{Data, Habits, Owner, Plain, plain};
use super::{Fault, Name, ZoneError};

/// How to read a zone.
#[derive(Clone, Debug)]
pub struct Options {
    /// The origin before any `$ORIGIN`: the name of the zone.
    pub origin: Option<Name>,
    /// The folder that `$INCLUDE` may read from; none refuses it.
    pub include_folder: Option<PathBuf>,
    /// The longest record, in bytes of text. Default 1 MiB; no record can need more.
    pub max_record_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { origin: None, include_folder: None, max_record_bytes: 1 << 20 }
    }
}

impl Options {
    /// Those of a file: `$INCLUDE` may read what lies beside it.
    #[must_use]
    pub fn of_file(file: &Path, origin: Option<Name>) -> Options {
        let beside = file.parent().map(|folder| match folder.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => folder.to_owned(),
        });
        Options { origin, include_folder: beside, ..Options::default() }
    }
}

/// A record that says what is delegated. Names are valid until the next one is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record<'a> {
    /// The start of authority, and with it the apex.
    Soa {
        /// The apex.
        owner: &'a Name,
        /// Its serial.
        serial: u32,
    },
    /// A name server of `owner`.
    Ns {
        /// The delegated name, or the apex.
        owner: &'a Name,
        /// The name server.
        target: &'a Name,
    },
    /// `owner` is signed.
    Ds {
        /// The delegated name.
        owner: &'a Name,
    },
    /// `owner` has an address (A or AAAA).
    Address {
        /// A host, mostly a name server.
        owner: &'a Name,
    },
}

/// Included files within included files.
const MAX_DEPTH: usize = 8;

/// Reads a zone.
pub struct ZoneReader<'r> {
    /// The zone file, and the files that are being included.
    files: Vec<Open<'r>>,
    options: Options,
    record: Vec<u8>,
    owner: Name,
    /// The text that `owner` was read from; empty when it has to be read again.
    owner_text: Vec<u8>,
    has_owner: bool,
    target: Name,
    habits: Habits,
    skipped: u64,
}

struct Open<'r> {
    lines: Lines<'r>,
    origin: Option<Name>,
    /// The owner to go on with after the file.
    owner_before: Option<Name>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Soa,
    Ns,
    Ds,
    Address,
    Other,
}

impl<'r> ZoneReader<'r> {
    /// Reads `reader` under `options`.
    pub fn new(reader: impl BufRead + Send + 'r, options: Options) -> Self {
        let lines = Lines::new(Box::new(reader), None, options.max_record_bytes);
        let origin = options.origin.clone();
        ZoneReader {
            files: vec![Open { lines, origin, owner_before: None }],
            options,
            record: Vec::new(),
            owner: Name::default(),
            owner_text: Vec::new(),
            has_owner: false,
            target: Name::default(),
            habits: Habits::default(),
            skipped: 0,
        }
    }

    /// Records of other types that were passed over.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The next record; none at the end.
    ///
    /// # Errors
    /// A [`ZoneError`] at the first thing that is wrong; do not read on after it.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, ZoneError> {
        let (kind, serial) = loop {
            if let Some(kind) = self.plain_record()? {
                if kind == Type::Other {
                    self.skipped += 1;
                    continue;
                }
                break (kind, 0);
            }
            let Some(file) = self.files.last_mut() else { return Ok(None) };
            let Some(start) = file.lines.next(&mut self.record)? else {
                self.close_file();
                continue;
            };
            if let Some(found) = self.read_record(start)? {
                break found;
            }
        };
        let owner = &self.owner;
        Ok(Some(match kind {
            Type::Soa => Record::Soa { owner, serial },
            Type::Ns => Record::Ns { owner, target: &self.target },
            Type::Ds => Record::Ds { owner },
            Type::Address | Type::Other => Record::Address { owner },
        }))
    }

    /// Takes the next line if it is plain; none, and nothing taken, if it is not or has a fault.
    fn plain_record(&mut self) -> Result<Option<Type>, ZoneError> {
        let ZoneReader { files, owner, owner_text, has_owner, target, habits, .. } = self;
        let Some(Open { lines, origin, .. }) = files.last_mut() else { return Ok(None) };
        let Some(line) = lines.peek()? else { return Ok(None) };
        let Some(Plain { owner: named, data }) = plain(line, owner_text, habits) else { return Ok(None) };
        let origin = origin.as_ref();
        match named {
            Owner::Inherited | Owner::Same if !*has_owner => return Ok(None),
            Owner::Inherited | Owner::Same => {}
            Owner::Text(text) => {
                owner_text.clear();
                if !owner.read_plain(text, origin) {
                    return Ok(None);
                }
                owner_text.extend_from_slice(text);
                *has_owner = true;
            }
        }
        let kind = match data {
            Data::Ns(text) if !target.read_plain(text, origin) => return Ok(None),
            Data::Ns(_) => Type::Ns,
            Data::Ds => Type::Ds,
            Data::Address => Type::Address,
            Data::Other => Type::Other,
        };
        let length = line.len();
        lines.take(length);
        Ok(Some(kind))
    }

    /// Reads the record in the buffer: its type if it is one that counts, and the serial of an SOA.
    fn read_record(&mut self, start: Start) -> Result<Option<(Type, u32)>, ZoneError> {
        let record = std::mem::take(&mut self.record);
        let mut fields = Fields::new(&record);
        let found = match fields.next() {
            None => Ok(None),
            Some(field) if start == Start::Owner && !field.quoted && field.text.starts_with(b"$") => {
                self.directive(field, &mut fields).map(|()| None)
            }
            Some(field) => self.resource_record(start, field, &mut fields).map_err(|fault| self.fault(fault)),
        };
        self.record = record;
        found
    }

    fn resource_record(
        &mut self,
        start: Start,
        first: Field<'_>,
        fields: &mut Fields<'_>,
    ) -> Result<Option<(Type, u32)>, Fault> {
        let origin = self.files.last().and_then(|file| file.origin.as_ref());
        let mut field = if start == Start::Blank {
            if !self.has_owner {
                return Err(Fault::NoOwner);
            }
            Some(first)
        } else {
            // Records of one owner mostly follow each other in one spelling.
            if !self.has_owner || self.owner_text.is_empty() || self.owner_text != first.text {
                self.owner.read(first.text, origin)?;
                self.owner_text.clear();
                self.owner_text.extend_from_slice(first.text);
                self.has_owner = true;
            }
            fields.next()
        };
        let (mut ttl, mut class) = (false, false);
        let kind = loop {
            let word = field.filter(|field| !field.quoted).ok_or(Fault::NoType)?.text;
            if !ttl && word.first().is_some_and(u8::is_ascii_digit) {
                if !is_ttl(word) {
                    return Err(Fault::Ttl);
                }
                ttl = true;
            } else if !class && is_class(word)? {
                class = true;
            } else {
                break kind(word).ok_or(Fault::NoType)?;
            }
            field = fields.next();
        };
        let mut serial = 0;
        match kind {
            Type::Other => {
                self.skipped += 1;
                return Ok(None);
            }
            Type::Ns => self.name_server(fields)?,
            Type::Soa => serial = self.serial(fields)?,
            Type::Ds | Type::Address => {
                fields.next().ok_or(Fault::NoData)?;
            }
        }
        Ok(Some((kind, serial)))
    }

    fn name_server(&mut self, fields: &mut Fields<'_>) -> Result<(), Fault> {
        let field = fields.next().ok_or(Fault::NoData)?;
        if is_generic(field) {
            let data = generic_data(fields)?;
            let rest = self.target.read_wire(&data)?;
            return if rest.is_empty() { Ok(()) } else { Err(Fault::GenericData) };
        }
        let origin = self.files.last().and_then(|file| file.origin.as_ref());
        self.target.read(field.text, origin)?;
        if fields.next().is_some() { Err(Fault::TooMuchData) } else { Ok(()) }
    }

    fn serial(&mut self, fields: &mut Fields<'_>) -> Result<u32, Fault> {
        let first = fields.next().ok_or(Fault::NoData)?;
        if is_generic(first) {
            let data = generic_data(fields)?;
            let rest = self.target.read_wire(&data)?;
            let rest = self.target.read_wire(rest)?;
            return rest.first_chunk().map(|bytes| u32::from_be_bytes(*bytes)).ok_or(Fault::GenericData);
        }
        let serial = fields.nth(1).ok_or(Fault::NoData)?.text;
        std::str::from_utf8(serial).ok().and_then(|text| text.parse().ok()).ok_or(Fault::Serial)
    }

    fn directive(&mut self, directive: Field<'_>, fields: &mut Fields<'_>) -> Result<(), ZoneError> {
        let word = directive.text.to_ascii_uppercase();
        match word.as_slice() {
            b"$TTL" => {
                let ttl = fields.next().ok_or_else(|| self.fault(Fault::NoData))?;
                if is_ttl(ttl.text) { Ok(()) } else { Err(self.fault(Fault::Ttl)) }
            }
            b"$ORIGIN" => {
                let field = fields.next().ok_or_else(|| self.fault(Fault::NoData))?;
                let origin = self.name(field)?;
                if let Some(file) = self.files.last_mut() {
                    file.origin = Some(origin);
                }
                // The same text may now be another name.
                self.owner_text.clear();
                Ok(())
            }
            b"$INCLUDE" => {
                let file = fields.next().ok_or_else(|| self.fault(Fault::NoData))?;
                let file = String::from_utf8_lossy(file.text).into_owned();
                let origin = fields.next().map(|field| self.name(field)).transpose()?;
                self.include(&file, origin)
            }
            b"$GENERATE" => Err(ZoneError::Generate { at: self.position() }),
            _ => Err(self.fault(Fault::Directive)),
        }
    }

    fn name(&self, field: Field<'_>) -> Result<Name, ZoneError> {
        let origin = self.files.last().and_then(|file| file.origin.as_ref());
        Name::parse(field.text, origin).map_err(|fault| self.fault(fault))
    }

    /// Goes on with a file of the folder for it, until its end.
    fn include(&mut self, name: &str, origin: Option<Name>) -> Result<(), ZoneError> {
        let refused = |why| ZoneError::Include { at: self.position(), file: name.to_owned(), why };
        let Some(folder) = &self.options.include_folder else {
            return Err(refused("no folder is configured for included files"));
        };
        if self.files.len() > MAX_DEPTH {
            return Err(refused("files include each other too deeply"));
        }
        let path = confined(folder, name).ok_or_else(|| refused("the file is not in the folder for it"))?;
        let file = File::open(&path).map_err(|source| ZoneError::Io { at: self.position(), source })?;
        let lines = Lines::new(
            Box::new(BufReader::with_capacity(1 << 20, file)),
            Some(path),
            self.options.max_record_bytes,
        );
        let origin = origin.or_else(|| self.files.last().and_then(|file| file.origin.clone()));
        let owner_before = self.has_owner.then(|| self.owner.clone());
        self.owner_text.clear();
        self.files.push(Open { lines, origin, owner_before });
        Ok(())
    }

    /// Goes on with the file that included this one, with its origin and owner (RFC 1035 5.1).
    fn close_file(&mut self) {
        let closed = self.files.pop();
        self.owner_text.clear();
        match closed.and_then(|file| file.owner_before) {
            Some(owner) => self.owner = owner,
            None => self.has_owner = false,
        }
    }

    fn position(&self) -> super::Position {
        self.files.last().map(|file| file.lines.position().clone()).unwrap_or_default()
    }

    pub(super) fn fault(&self, fault: Fault) -> ZoneError {
        ZoneError::Syntax { at: self.position(), fault }
    }
}

/// The path of an included file if it lies in `folder`, links followed.
fn confined(folder: &Path, name: &str) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let path = folder.join(name).canonicalize().ok()?;
    (path.starts_with(&folder) && path.is_file()).then_some(path)
}

/// A number, or numbers with units in any order (`1d`, `2h30m`); RFC 2308 has seconds only, BIND has units.
fn is_ttl(word: &[u8]) -> bool {
    let mut total = 0u64;
    let mut number: Option<u64> = None;
    for &byte in word {
        match byte {
            b'0'..=b'9' => {
                let next = number.unwrap_or(0).saturating_mul(10).saturating_add(u64::from(byte - b'0'));
                number = Some(next);
            }
            _ => {
                let unit = match byte.to_ascii_lowercase() {
                    b's' => 1,
                    b'm' => 60,
                    b'h' => 3600,
                    b'd' => 86_400,
                    b'w' => 604_800,
                    _ => return false,
                };
                let Some(count) = number.take() else { return false };
                total = total.saturating_add(count.saturating_mul(unit));
            }
        }
    }
    !word.is_empty() && total.saturating_add(number.unwrap_or(0)) <= u64::from(u32::MAX)
}

/// Whether a word is the class IN.
fn is_class(word: &[u8]) -> Result<bool, Fault> {
    let is = |class: &str| word.eq_ignore_ascii_case(class.as_bytes());
    if is("IN") || is("CLASS1") {
        return Ok(true);
    }
    let is_numbered = word.get(..5).is_some_and(|head| head.eq_ignore_ascii_case(b"CLASS"));
    if is_numbered || is("CH") || is("HS") || is("CS") { Err(Fault::Class) } else { Ok(false) }
}

/// What a type is to us; none if it cannot be one. A type that we do not know is like one that does not matter:
/// new types come every year, and none of them delegates.
fn kind(word: &[u8]) -> Option<Type> {
    let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
    Some(if is("NS") {
        Type::Ns
    } else if is("DS") {
        Type::Ds
    } else if is("A") || is("AAAA") {
        Type::Address
    } else if is("SOA") {
        Type::Soa
    } else if !word.first()?.is_ascii_alphabetic()
        || !word.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    {
        return None;
    } else {
        match word.split_at_checked(4) {
            Some((head, number)) if head.eq_ignore_ascii_case(b"TYPE") => {
                match std::str::from_utf8(number).ok()?.parse::<u16>().ok()? {
                    2 => Type::Ns,
                    43 => Type::Ds,
                    1 | 28 => Type::Address,
                    6 => Type::Soa,
                    _ => Type::Other,
                }
            }
            _ => Type::Other,
        }
    })
}

fn is_generic(field: Field<'_>) -> bool {
    !field.quoted && field.text == b"\\#"
}

/// RFC 3597 section 5: a length, then hexadecimal digits in any number of words.
fn generic_data(fields: &mut Fields<'_>) -> Result<Vec<u8>, Fault> {
    let length = fields.next().ok_or(Fault::NoData)?.text;
    let length: usize =
        std::str::from_utf8(length).ok().and_then(|text| text.parse().ok()).ok_or(Fault::GenericData)?;
    let mut data = Vec::new();
    let mut high = None;
    for byte in fields.flat_map(|field| field.text) {
        let digit = char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let digit = digit.ok_or(Fault::GenericData)?;
        match high.take() {
            None => high = Some(digit << 4),
            Some(high) => data.push(high | digit),
        }
    }
    if high.is_none() && data.len() == length { Ok(data) } else { Err(Fault::GenericData) }
}
