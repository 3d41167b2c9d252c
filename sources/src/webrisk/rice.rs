//! Rice-Golomb coding: how sorted numbers are packed in a diff.
//!
//! ```text
//! numbers  1 5 7 13     first 1, deltas 4 2 6
//! delta d  = q * 2^k + r:  q ones, a zero, then r in k bits, the lowest first
//! bits     fill each byte from its lowest bit up, as in DEFLATE (RFC 1951 3.1.1)
//! ```
//!
//! Specification: <https://cloud.google.com/web-risk/docs/compression> and `RiceDeltaEncoding` of the API.

/// Numbers as they are packed (`RiceDeltaEncoding`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RiceDelta<'a> {
    /// The first number.
    pub first_value: u32,
    /// How many bits of a delta are not in unary; 2 to 28 if there are deltas.
    pub parameter: u32,
    /// The number of deltas: one less than there are numbers.
    pub entry_count: u32,
    /// The deltas.
    pub data: &'a [u8],
}

/// Data that cannot be unpacked. Nothing of it is used; ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RiceError {
    /// A parameter that the API does not have.
    #[error("the Rice parameter is {0}, not 2 to 28")]
    Parameter(u32),
    /// More numbers than there may be.
    #[error("{count} numbers, and at most {most} are taken")]
    TooMany {
        /// How many it says there are.
        count: u64,
        /// How many there may be.
        most: u32,
    },
    /// The data ends before all deltas have come.
    #[error("the data ends within its deltas")]
    Short,
    /// A number does not fit in 32 bits.
    #[error("a number has more than 32 bits")]
    Overflow,
    /// There is data after the last delta.
    #[error("{0} bits follow the last delta")]
    Trailing(u64),
}

/// Unpacks at most `most` numbers, in rising order. Memory is bounded by `most` and by the data: a delta has at least
/// three bits.
///
/// # Errors
/// [`RiceError`].
pub fn decode(packed: &RiceDelta<'_>, most: u32) -> Result<Vec<u32>, RiceError> {
    let count = u64::from(packed.entry_count) + 1;
    if count > u64::from(most) {
        return Err(RiceError::TooMany { count, most });
    }
    let mut bits = Bits::new(packed.data);
    let parameter = packed.parameter;
    if packed.entry_count > 0 {
        if !(2..=28).contains(&parameter) {
            return Err(RiceError::Parameter(parameter));
        }
        if u64::from(packed.entry_count) * u64::from(parameter + 1) > bits.left() {
            return Err(RiceError::Short);
        }
    }
    let mut numbers = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
    let mut number = packed.first_value;
    numbers.push(number);
    for _ in 0..packed.entry_count {
        let quotient = bits.ones(u32::MAX >> parameter)?;
        let delta = quotient << parameter | bits.take(parameter)?;
        number = number.checked_add(delta).ok_or(RiceError::Overflow)?;
        numbers.push(number);
    }
    // The last byte is filled up with zeros.
    if bits.left() >= 8 { Err(RiceError::Trailing(bits.left())) } else { Ok(numbers) }
}

/// Bits of bytes, the lowest of each byte first.
struct Bits<'a> {
    data: &'a [u8],
    /// The next bit.
    at: u64,
    end: u64,
}

impl<'a> Bits<'a> {
    fn new(data: &'a [u8]) -> Bits<'a> {
        Bits { data, at: 0, end: data.len() as u64 * 8 }
    }

    fn left(&self) -> u64 {
        self.end - self.at
    }

    /// At least the next 57 bits, the next one lowest; zeros after the end.
    fn window(&self) -> u64 {
        let from = usize::try_from(self.at / 8).unwrap_or(usize::MAX);
        let mut bytes = [0; 8];
        for (byte, value) in bytes.iter_mut().zip(self.data.get(from..).unwrap_or_default()) {
            *byte = *value;
        }
        u64::from_le_bytes(bytes) >> (self.at % 8)
    }

    /// Takes ones up to a zero, and the zero; says how many ones.
    fn ones(&mut self, most: u32) -> Result<u32, RiceError> {
        let mut ones = 0;
        loop {
            let run = self.window().trailing_ones().min(57);
            ones += run;
            if ones > most {
                return Err(RiceError::Overflow);
            }
            self.at += u64::from(run);
            if run < 57 {
                break;
            }
        }
        // After the end the window has zeros, so the run ended there at the latest.
        if self.left() == 0 {
            return Err(RiceError::Short);
        }
        self.at += 1;
        Ok(ones)
    }

    /// Takes a number of so many bits, at most 28.
    fn take(&mut self, count: u32) -> Result<u32, RiceError> {
        if u64::from(count) > self.left() {
            return Err(RiceError::Short);
        }
        let value = self.window() & ((1 << count) - 1);
        self.at += u64::from(count);
        u32::try_from(value).map_err(|_| RiceError::Overflow)
    }
}
