//! Words of the command line and of file names: instants, days, ids, durations, places to fetch from.

use std::fmt::Display;
use std::str::FromStr;

use panopticon_model::id::Id;
use panopticon_model::time::{Day, Epoch};
use panopticon_sources::fetch::{Target, stamp_in_name};

use super::config::{parse_duration, show_duration};
use super::world::text;

/// What is shown is read as the same again.
pub fn words(data: &[u8]) {
    let text = text(data);
    if let Ok(epoch) = text.parse::<Epoch>() {
        if epoch < LAST {
            round_trip(epoch);
        }
        assert!(epoch.day().start() <= epoch && epoch < epoch.day().end());
    }
    if let Ok(day) = text.parse::<Day>() {
        assert_eq!(day.to_string(), text);
        round_trip(day);
    }
    if let Ok(id) = text.parse::<Id>() {
        assert_eq!(id.to_string(), text.to_ascii_lowercase());
    }
    if let Some(stamp) = stamp_in_name(&text).filter(|stamp| *stamp < LAST) {
        round_trip(stamp);
    }
    if let Some(ms) = parse_duration(&text) {
        assert_eq!(parse_duration(&show_duration(ms)), Some(ms), "{text:?}");
    }
    // A path may hold `://`, so only a URL is its own spelling.
    if let Ok(Target::Url(url)) = text.parse::<Target>() {
        assert_eq!(url, text);
    }
}

/// The general reader of instants ends shortly before the year 10000, where a day by itself is still read.
const LAST: Epoch = Epoch(253_402_128_000_000);

fn round_trip<T: Display + FromStr + PartialEq + Copy + std::fmt::Debug>(value: T) {
    assert_eq!(value.to_string().parse().ok(), Some(value), "{value}");
}
