//! Packed numbers against an encoder, and against the vectors of the test of the Apache-2.0 client
//! <https://github.com/google/webrisk> (`hash_test.go`), which the server made.

use panopticon_sources::webrisk::rice::{RiceDelta, RiceError, decode};
use proptest::prelude::*;

use super::hex;

/// Packs sorted numbers: the parameter, how many deltas there are, and their bits.
pub(super) fn encode(numbers: &[u32], parameter: u32) -> (u32, Vec<u8>) {
    let mut bits = Vec::new();
    for pair in numbers.windows(2) {
        let delta = pair[1] - pair[0];
        bits.extend((0..delta >> parameter).map(|_| true));
        bits.push(false);
        bits.extend((0..parameter).map(|bit| delta >> bit & 1 == 1));
    }
    let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    (u32::try_from(numbers.len()).unwrap() - 1, bits.chunks(8).map(byte).collect())
}

fn check(first_value: u32, parameter: u32, entry_count: u32, data: &str, expected: Result<&[u32], RiceError>) {
    let data = hex(data);
    let packed = RiceDelta { first_value, parameter, entry_count, data: &data };
    assert_eq!(decode(&packed, 1000), expected.map(<[u32]>::to_vec), "{packed:?}");
}

#[test]
fn public_vectors_of_deltas() {
    let vectors: [(u32, &str, &[u32]); 11] = [
        (2, "f702", &[15, 9]),
        (5, "00", &[0]),
        (
            28,
            "54607be70a5fc1dcee69defe583ca3d6a5f2108c4a595600",
            &[62763050, 1046523781, 192522171, 1800511020, 4442775, 582142548],
        ),
        (
            28,
            "06861b2314cb46f2af0708c988541f4104d51a03ebe63a8013917bbf83f3b785f12918b36109",
            &[
                26067715, 344823336, 8420095, 399843890, 95029378, 731622412, 35811335, 1047558127, 1117722715,
                78698892,
            ],
        ),
        (
            27,
            "8998d875bc4491eb390c3e309a78f36ad4d9b19ffb703e443ea3086742c22b46698e3cebd9105a439a32a52d4e770f877820b6ab7198480c9e9ed7230c13432ca901",
            &[
                225846818, 328287420, 166748623, 29117720, 552397365, 350353215, 558267528, 4738273, 567093445,
                28563065, 55077698, 73091685, 339246010, 98242620, 38060941, 63917830, 206319759, 137700744,
            ],
        ),
        (
            28,
            "21c50291f982d757b8e93cf0c84fe8648d776204d6853f1c9700041b17c6",
            &[339784008, 263128563, 63871877, 69723256, 826001074, 797300228, 671166008, 207712688],
        ),
        (
            28,
            "959c7db08fe8d9bdfe8c7f81530d75dc4e40180c9a453da8dcfa2659409e16084377c34e0401a4e65d00",
            &[
                471820069, 196333855, 855579133, 122737976, 203433838, 85354544, 1307949392, 165938578, 195134475,
                553930435, 49231136,
            ],
        ),
        (
            27,
            "1a4f692a639af6c62eaf73d06fd731eb771d43e32b93ce678b59f998d4da4f3c6fb0e8a5788d623618fe081e78d814322484611cf33763c4a0887b74cb64c85cba05",
            &[
                87336845, 129291033, 30906211, 433549264, 30899891, 53207875, 11959529, 354827862, 82919275,
                489637251, 53561020, 336722992, 408117728, 204506246, 188216092, 9047110, 479817359, 230317256,
            ],
        ),
        (
            28,
            "f1940a876c5f9690e3abf7c0cb2de976dbf85963c16f7c99e3875fc704deb9468e54c0ac4a030d6c8f00",
            &[
                297968956, 19709657, 259702329, 76998112, 1023176123, 29296013, 1602741145, 393745181, 177326295,
                55225536, 75194472,
            ],
        ),
        (
            28,
            "412ce4fe06dc0dbd31a504d56edd9b43b73f11245210804f964bd48067b2dd52c94e02c6d760de0692521edd356471262cfecf8146b27901",
            &[
                532220688, 780594691, 436816483, 163436269, 573044456, 1069604, 39629436, 211410997, 227714491,
                381562898, 75610008, 196754597, 40310339, 15204118, 99010842,
            ],
        ),
        (
            28,
            "b22c263acd669cdb5f072e6fe6f9211052d594f4822248f99d24f6ff2ffc6d3f21651b363456eac42100",
            &[
                219354713, 389598618, 750263679, 554684211, 87381124, 4523497, 287633354, 801308671, 424169435,
                372520475, 277287849,
            ],
        ),
    ];
    for (parameter, data, deltas) in vectors {
        let sums = deltas.iter().scan(0, |sum: &mut u32, delta| {
            *sum = sum.wrapping_add(*delta);
            Some(*sum)
        });
        let numbers: Vec<u32> = [0].into_iter().chain(sums).collect();
        // Some add up to more than a list can hold: they were made for the coder alone.
        let fits = deltas.iter().map(|delta| u64::from(*delta)).sum::<u64>() <= u64::from(u32::MAX);
        let expected = if fits { Ok(numbers.as_slice()) } else { Err(RiceError::Overflow) };
        check(0, parameter, u32::try_from(deltas.len()).unwrap(), data, expected);
    }
}

#[test]
fn public_vectors_of_places() {
    check(172, 28, 5, "720000c0210000100400001a01006017000000", Ok(&[172, 229, 364, 494, 776, 963]));
    check(
        75,
        28,
        7,
        "34010000110000300500000a0000e0100000a80100007a000000",
        Ok(&[75, 229, 297, 463, 473, 608, 714, 958]),
    );
    check(35, 28, 6, "f80100800f000050050000c50000c0020000b4020000", Ok(&[35, 287, 349, 519, 716, 738, 911]));
    check(998, 0, 0, "", Ok(&[998]));
    check(193, 28, 3, "360300c02b0000b8040000", Ok(&[193, 604, 779, 930]));
    check(
        128,
        28,
        7,
        "140000c000000088050000520000c03200004402000024000000",
        Ok(&[128, 138, 141, 318, 400, 806, 951, 1023]),
    );
    check(271, 28, 5, "48000000560000c0010000cd00000002000000", Ok(&[271, 307, 651, 707, 912, 928]));
    check(497, 28, 4, "de0000c00000006805000085000000", Ok(&[497, 608, 611, 784, 917]));
}

#[test]
fn documented_example() {
    let (entry_count, data) = encode(&[1, 5, 7, 13], 2);
    // 4 is 10 00, 2 is 0 01, 6 is 10 01, the low bit of a remainder first; bytes fill from below.
    assert_eq!((entry_count, data.as_slice()), (3, &[0xc1, 0x04][..]));
    let packed = RiceDelta { first_value: 1, parameter: 2, entry_count, data: &data };
    assert_eq!(decode(&packed, 4), Ok(vec![1, 5, 7, 13]));
}

#[test]
fn what_cannot_be_unpacked() {
    for parameter in [0, 1, 29, 32, u32::MAX] {
        check(0, parameter, 1, "0000000000", Err(RiceError::Parameter(parameter)));
        check(0, parameter, 0, "", Ok(&[0]));
    }
    check(0, 2, 1000, "00", Err(RiceError::TooMany { count: 1001, most: 1000 }));
    check(0, 2, u32::MAX, "", Err(RiceError::TooMany { count: 1 << 32, most: 1000 }));
    check(0, 2, 1, "", Err(RiceError::Short));
    check(0, 2, 3, "00", Err(RiceError::Short));
    check(0, 2, 1, "ff", Err(RiceError::Short));
    // Too short for so many, whatever the data.
    check(0, 28, 3, "ffffffffffff", Err(RiceError::Short));
    // The ones end with the data, or leave no room for the remainder.
    check(0, 8, 1, "ff0f", Err(RiceError::Short));
    check(0, 2, 1, &"ff".repeat(9), Err(RiceError::Short));
    check(0, 28, 1, "ffffffffffff", Err(RiceError::Overflow));
    check(0, 28, 1, "ffff0000000000", Err(RiceError::Overflow));
    check(u32::MAX, 2, 1, "02", Err(RiceError::Overflow));
    check(5, 2, 1, "0000", Err(RiceError::Trailing(13)));
    check(5, 0, 0, "00", Err(RiceError::Trailing(8)));
    check(0, 28, 1, "ff7fffffff0f", Ok(&[0, u32::MAX]));
}

proptest! {
    #[test]
    fn what_is_packed_is_unpacked(
        mut numbers in prop_oneof![
            prop::collection::vec(0u32..5000, 1..200),
            prop::collection::vec(any::<u32>(), 1..50),
        ],
        parameter in 2u32..=28,
    ) {
        numbers.sort_unstable();
        // Ones are cheap here and dear with a small parameter.
        let spread = numbers.last().unwrap() - numbers[0];
        let parameter = parameter.max((spread >> 16).checked_ilog2().map_or(0, |log| log + 1));
        let (entry_count, data) = encode(&numbers, parameter);
        let packed = RiceDelta { first_value: numbers[0], parameter, entry_count, data: &data };
        prop_assert_eq!(decode(&packed, 200), Ok(numbers));
    }

    #[test]
    fn anything_is_unpacked_or_refused_within_its_bounds(
        first_value in any::<u32>(),
        parameter in prop_oneof![0u32..40, any::<u32>()],
        entry_count in prop_oneof![0u32..40, any::<u32>()],
        data in prop::collection::vec(prop_oneof![any::<u8>(), Just(0xff), Just(0)], 0..80),
        most in 1u32..50,
    ) {
        let packed = RiceDelta { first_value, parameter, entry_count, data: &data };
        if let Ok(numbers) = decode(&packed, most) {
            prop_assert_eq!(numbers.len(), entry_count as usize + 1);
            prop_assert!(numbers.len() <= most as usize && numbers.is_sorted());
            // Packed again it is the same, but for the bits that fill the last byte.
            let (count, again) = encode(&numbers, parameter.clamp(2, 28));
            prop_assert_eq!(count, entry_count);
            if entry_count > 0 {
                prop_assert!(data.len() - again.len() <= 1);
                let last = again.len() - 1;
                prop_assert_eq!(&data[..last], &again[..last]);
            }
        }
    }
}
