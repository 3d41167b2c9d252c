//! What two feeds list, gathered by the name that a case is about.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::{CompactString, ToCompactString};
use panopticon_model::id::Id;
use panopticon_model::name::Places;
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::time::Day;
use panopticon_model::url::{ParsedUrl, UrlHost};

/// What is listed, by subject. One entry of one feed counts once, with its first day.
#[derive(Debug)]
pub struct Listings {
    places: Places,
    subjects: BTreeMap<CompactString, BTreeMap<(Feed, Id), Listed>>,
    /// Entries that are addresses: nobody registered them.
    pub addresses: u64,
    /// Lines that say nothing that can be read, or name a public suffix.
    pub faulty: u64,
}

/// A feed of which the history is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feed {
    /// Domains that serve malware and nothing else (stamparm/blackbook), as trackers of panels know them.
    Blackbook,
    /// Those that it took from URLhaus, which lists what was broken into as well.
    BlackbookOfUrlhaus,
    /// Hosts and URLs from which malware was to be had (URLhaus, by way of curbengh/urlhaus-filter).
    Urlhaus,
}

impl Feed {
    /// Its id.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Feed::Blackbook | Feed::BlackbookOfUrlhaus => "blackbook",
            Feed::Urlhaus => "urlhaus",
        }
    }
}

/// What a line puts onto a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Of whom.
    pub feed: Feed,
    /// On which day.
    pub day: Day,
    /// A host, or a URL with or without its scheme.
    pub value: &'a str,
}

impl<'a> Entry<'a> {
    /// Reads a line of blackbook: name, malware, day, source. None for the header.
    #[must_use]
    pub fn of_blackbook(line: &'a str) -> Option<Entry<'a>> {
        let fields: Vec<&str> = line.split(',').collect();
        let [value, _, day, source] = fields[..] else { return None };
        let feed = if source.trim() == "URLhaus" { Feed::BlackbookOfUrlhaus } else { Feed::Blackbook };
        Some(Entry { feed, day: day.parse().ok()?, value })
    }

    /// Reads a line of URLhaus: day, sign, host or URL. None for the header, and for what leaves the list.
    #[must_use]
    pub fn of_urlhaus(line: &'a str) -> Option<Entry<'a>> {
        let mut fields = line.splitn(3, '\t');
        let (day, sign, value) = (fields.next()?, fields.next()?, fields.next()?);
        let entry = Entry { feed: Feed::Urlhaus, day: day.parse().ok()?, value };
        matches!(sign, "1" | "+1").then_some(entry)
    }
}

/// An entry of a feed, read.
#[derive(Clone, Debug)]
pub struct Listed {
    /// What is listed.
    pub observable: Arc<Observable>,
    /// By whom.
    pub feed: Feed,
    /// Since when.
    pub day: Day,
}

impl Listings {
    /// Nothing yet; names will be placed by `places`.
    #[must_use]
    pub fn new(places: Places) -> Listings {
        Listings { places, subjects: BTreeMap::new(), addresses: 0, faulty: 0 }
    }

    /// The subjects in their order, each with what is listed of it.
    pub fn subjects(&self) -> impl Iterator<Item = (&str, Vec<&Listed>)> {
        self.subjects.iter().map(|(subject, listed)| (subject.as_str(), listed.values().collect()))
    }

    fn add(&mut self, Entry { feed, day, value }: Entry<'_>) {
        let Ok(url) = ParsedUrl::parse(value) else {
            self.faulty += 1;
            return;
        };
        let UrlHost::Name(host) = &url.host else {
            self.addresses += 1;
            return;
        };
        let Ok(placement) = self.places.place(host) else {
            self.faulty += 1;
            return;
        };
        let place = Place::of_name(host, &placement);
        let observable = match value.contains([':', '/']) {
            true => Observable::new(ObservableKind::Url, &url.canonical, None, place),
            false => Observable::new(ObservableKind::Host, host.as_str(), None, place),
        };
        let of_subject = self.subjects.entry(placement.subject.as_str().to_compact_string()).or_default();
        let id = observable.id;
        let listed =
            of_subject.entry((feed, id)).or_insert(Listed { observable: Arc::new(observable), feed, day });
        listed.day = listed.day.min(day);
    }
}

impl<'a> Extend<Entry<'a>> for Listings {
    /// Enters what lines say.
    fn extend<T: IntoIterator<Item = Entry<'a>>>(&mut self, entries: T) {
        entries.into_iter().for_each(|entry| self.add(entry));
    }
}
