//! The report of a day: what changed, what is open, what is confirmed, what was read, what was measured, and what was
//! not. Made from rows; nothing here reads a file.

use std::collections::{BTreeMap, BTreeSet};

use panopticon_model::observation::ProbeKind;
use panopticon_model::time::{Day, Epoch, HOUR_MS};
use serde_json::Value;

use super::super::output::Row;
use super::published::Material;
use super::words::{
    OPEN, are, class_of, date, defanged, flag, instant, is_open, list, many, number, query, query_days, row,
    tally, text, were, whole_days,
};
use super::{EXAMPLES, Report, SHOWN, Section, Table};

/// The changes of a day, in the order in which they are told.
pub(super) const CHANGES: [&str; 6] = ["added", "recurred", "resolved", "expired", "withdrawn", "changed"];

/// How long cases are open, and from how many full days on.
const AGES: [(&str, u64); 4] = [("less than 1", 0), ("1 to 6", 1), ("7 to 29", 7), ("30 and more", 30)];

/// What all sections of a day have in common.
struct Of<'a> {
    tld: &'a str,
    day: Day,
    as_of: Epoch,
    from: &'a Material,
}

/// The report of a day, as of an instant.
pub(super) fn report(tld: &str, day: Day, as_of: Epoch, from: &Material) -> Report {
    let of = Of { tld, day, as_of, from };
    let sections = [of.changed(), of.open()].into_iter().chain(of.course());
    let sections = sections.chain([of.confirmed(), of.high_risk(), of.read(), of.measured(), of.missing()]);
    let sections = sections.collect();
    Report::new(tld, day.to_string(), format!("Abuse in .{tld} on {day}"), as_of, sections)
}

/// A chart of the open cases at the close of days.
pub(super) fn course(days: &[(Day, u64)], query: String) -> Table {
    let rows =
        days.iter().map(|(day, open)| row([("day", day.to_string().into()), ("open_cases", (*open).into())]));
    let caption = "Open cases at the close of each published day";
    let columns = ["day", "open_cases"];
    let mut table = Table::whole("course", caption, vec![query], &columns, rows.collect());
    table.chart = Some(columns);
    table
}

impl Of<'_> {
    fn query(&self, view: &str, filter: &str) -> String {
        query(view, self.tld, self.day, filter)
    }

    /// The same for a view of the whole installation.
    fn query_all(&self, view: &str) -> String {
        query(view, "_", self.day, "")
    }

    fn changed(&self) -> Section {
        let diffs = &self.from.diffs;
        let counts = tally(diffs, "change");
        let of = |change: &str| counts.get(change).copied().unwrap_or_default();
        let kinds = CHANGES.iter().map(|change| row([("change", (*change).into()), ("cases", of(change).into())]));
        let place = |diff: &Row| CHANGES.iter().position(|change| text(diff, "change") == *change);
        let mut sorted: Vec<&Row> = diffs.iter().collect();
        sorted.sort_by_cached_key(|diff| (place(diff), text(diff, "subject"), class_of(diff)));
        let rows = sorted.into_iter().map(|diff| {
            row([
                ("subject", text(diff, "subject").into()),
                ("change", text(diff, "change").into()),
                ("class", class_of(diff).into()),
                ("cause", text(diff, "cause").into()),
            ])
        });
        let queries = || vec![self.query("daily_diffs", "changed_view=cases")];
        let (by_kind, columns) = (["change", "cases"], ["subject", "change", "class", "cause"]);
        let tables = vec![
            Table::whole("changes_by_kind", "Changes of the day", queries(), &by_kind, kinds.collect()),
            Table::whole("changes", "What changed, and why", queries(), &columns, rows.collect()).capped(SHOWN),
        ];
        let said = match diffs.len() as u64 {
            0 => "Nothing changed on this day.".to_owned(),
            count => format!("{} changed on this day.", many(count, "case")),
        };
        Section::new("changed", "What changed", vec![said], tables)
    }

    fn open(&self) -> Section {
        let mut open: Vec<&Row> = self.from.cases.iter().filter(|case| is_open(case)).collect();
        open.sort_by_cached_key(|case| (instant(case, "first_seen"), text(case, "subject")));
        let age = |case: &Row| instant(case, "first_seen").map_or(0, |first| whole_days(first, self.as_of));
        let count = open.len() as u64;
        let mut says = vec![match count {
            0 => "No case is open.".to_owned(),
            _ => format!("{} {} open.", many(count, "case"), are(count)),
        }];
        if let Some(longest) = open.first() {
            says.push(format!(
                "The longest is {}, for {}.",
                text(longest, "subject"),
                many(age(longest), "full day")
            ));
        }
        if open.iter().any(|case| text(case, "status") == "recurred") {
            says.push("Days count from the first sight; a recurred case was closed in between.".to_owned());
        }
        let silent = count.saturating_sub(self.from.remedies.len() as u64);
        if silent > 0 {
            let who = if silent == count {
                "None of them is".to_owned()
            } else {
                format!("{silent} of them {} not", are(silent))
            };
            says.push(format!("{who} judged: nothing that counts is measured."));
        }
        let rows = open.iter().map(|case| {
            row([
                ("subject", text(case, "subject").into()),
                ("class", text(case, "abuse_class").into()),
                ("status", text(case, "status").into()),
                ("days_open", age(case).into()),
                ("first_seen", date(case, "first_seen")),
                ("feeds", list(case, "feed_ids").into()),
            ])
        });
        let columns = ["subject", "class", "status", "days_open", "first_seen", "feeds"];
        let queries = vec![self.query("cases", OPEN)];
        let caption = "Open cases, the longest first";
        let tables = vec![
            Table::whole("open", caption, queries, &columns, rows.collect()).capped(SHOWN),
            self.by_age(open.iter().map(|case| age(case))),
            self.by_class(&open),
            self.by("by_registrar", "By registrar", "registrar", "not known"),
            self.by("by_remedy", "By what the case is", "remedy", "not judged"),
        ];
        Section::new("open", "What is open", says, tables)
    }

    /// The last days; without two of them there is no course.
    fn course(&self) -> Option<Section> {
        let days = Some(self.from.course.as_slice()).filter(|days| days.len() > 1)?;
        let query = query_days("cases", self.tld, days.iter().map(|(day, _)| *day), OPEN);
        Some(Section::new("course", "Day by day", Vec::new(), vec![course(days, query)]))
    }

    /// Open cases by full days; none of none.
    fn by_age(&self, ages: impl Iterator<Item = u64>) -> Table {
        let mut counts = AGES.map(|_| 0u64);
        for age in ages {
            let place = AGES.iter().rposition(|(_, from)| *from <= age).unwrap_or_default();
            counts.iter_mut().skip(place).take(1).for_each(|count| *count += 1);
        }
        let rows = AGES.iter().zip(counts);
        let rows =
            rows.map(|((days, _), count)| row([("days_open", (*days).into()), ("open_cases", count.into())]));
        let rows = if counts == [0; AGES.len()] { Vec::new() } else { rows.collect() };
        let queries = vec![self.query("cases", OPEN)];
        Table::whole("by_age", "By age", queries, &["days_open", "open_cases"], rows)
    }

    fn by_class(&self, open: &[&Row]) -> Table {
        let counts = [
            tally(open.iter().copied(), "abuse_class"),
            tally(&self.from.indicators, "abuse_class"),
            tally(&self.from.validated, "abuse_class"),
        ];
        let classes: BTreeSet<&String> = counts.iter().flat_map(BTreeMap::keys).collect();
        let rows = classes.into_iter().map(|class| {
            let [cases, indicators, validated] =
                counts.each_ref().map(|counts| Value::from(counts.get(class).copied().unwrap_or_default()));
            row([
                ("class", class.clone().into()),
                ("open_cases", cases),
                ("indicators", indicators),
                ("validated", validated),
            ])
        });
        let queries =
            vec![self.query("cases", OPEN), self.query("indicators", ""), self.query("validated_indicators", "")];
        let columns = ["class", "open_cases", "indicators", "validated"];
        Table::whole("by_class", "By abuse class", queries, &columns, rows.collect())
    }

    /// Open cases by a column of `remedies`, most first.
    fn by(&self, id: &'static str, caption: &'static str, column: &'static str, unknown: &str) -> Table {
        let remedies = &self.from.remedies;
        let validated = tally(remedies.iter().filter(|remedy| flag(remedy, "validated")), column);
        let held = tally(remedies.iter().filter(|remedy| !text(remedy, "held_back").is_empty()), column);
        let mut counts: Vec<(String, u64)> = tally(remedies, column).into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let rows = counts.into_iter().map(|(word, count)| {
            let of = |counts: &BTreeMap<String, u64>| Value::from(counts.get(&word).copied().unwrap_or_default());
            row([
                (column, if word.is_empty() { unknown.to_owned() } else { word.clone() }.into()),
                ("open_cases", count.into()),
                ("validated", of(&validated)),
                ("for_a_human", of(&held)),
            ])
        });
        let columns = [column, "open_cases", "validated", "for_a_human"];
        Table::whole(id, caption, vec![self.query("remedies", "")], &columns, rows.collect()).capped(SHOWN)
    }

    fn confirmed(&self) -> Section {
        let Material { validated, remedies, .. } = self.from;
        let mut by_subject: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
        for remedy in remedies {
            by_subject.entry(text(remedy, "subject")).or_default().push(remedy);
        }
        let rows = validated.iter().map(|seen| {
            let of_subject = by_subject.get(&text(seen, "subject"));
            let judged = of_subject.into_iter().flatten().find(|remedy| joins(remedy, seen));
            let of = |column: &str| judged.map(|remedy| list(remedy, column)).unwrap_or_default();
            row([
                ("observable", defanged(&text(seen, "observable")).into()),
                ("class", text(seen, "abuse_class").into()),
                ("confirmed_by", list(seen, "confirmed_by").into()),
                ("can_be_fixed_by", of("parties").into()),
                ("registrar", of("registrar").into()),
            ])
        });
        let cases = remedies.iter().filter(|remedy| flag(remedy, "validated")).count() as u64;
        let count = validated.len() as u64;
        let says = vec![
            match count {
                0 => "Nothing is confirmed.".to_owned(),
                _ => format!(
                    "{} of {} {} confirmed.",
                    many(count, "indicator"),
                    many(cases, "open case"),
                    are(count)
                ),
            },
            "Confirmed means that the feeds are trusted, no guard holds it back, and a fresh measurement agrees. \
             Only these may lead to a notice of arke."
                .to_owned(),
        ];
        let columns = ["observable", "class", "confirmed_by", "can_be_fixed_by", "registrar"];
        let queries = vec![self.query("validated_indicators", ""), self.query("remedies", "validated=true")];
        let table = Table::whole("confirmed", "Confirmed indicators", queries, &columns, rows.collect());
        Section::new("confirmed", "What is confirmed, and who can fix it", says, vec![table.capped(SHOWN)])
    }

    fn high_risk(&self) -> Section {
        let Material { high_risk, typosquats, .. } = self.from;
        let edits: BTreeMap<(String, String), String> =
            typosquats.iter().map(|row| ((text(row, "name"), text(row, "target")), text(row, "edit"))).collect();
        let is_new = |of: &Row| instant(of, "entered_at").is_some_and(|at| at.day() == self.day);
        let mut sorted: Vec<&Row> = high_risk.iter().collect();
        // New ones first, then those that say most.
        sorted.sort_by_cached_key(|of| {
            let last = std::cmp::Reverse(number(of, "score"));
            (std::cmp::Reverse(instant(of, "entered_at")), text(of, "tier") != "high", last, text(of, "name"))
        });
        let rows = sorted.into_iter().map(|of| {
            let (name, target) = (text(of, "name"), text(of, "target"));
            let why = edits.get(&(name.clone(), target.clone())).cloned();
            let why = why.unwrap_or_else(|| "looks as if a machine had made it".to_owned());
            row([
                ("name", defanged(&name).into()),
                ("tier", text(of, "tier").into()),
                ("score", of.get("score").cloned().unwrap_or(Value::Null)),
                ("imitates", target.into()),
                ("why", why.into()),
                ("entered", date(of, "entered_at")),
            ])
        });
        let count = high_risk.len() as u64;
        let new = high_risk.iter().filter(|of| is_new(of)).count() as u64;
        let baseline = high_risk.iter().filter(|of| flag(of, "baseline")).count() as u64;
        let held = typosquats.iter().filter(|row| !text(row, "suppressed_by").is_empty());
        let held: BTreeSet<String> = held.map(|row| text(row, "name")).collect();
        let mut says = vec![match count {
            0 => "No name of the zone is flagged.".to_owned(),
            _ => format!(
                "{} {} for a person to look at: {new} entered the zone on this day, {baseline} {} there when it was \
                 read first.",
                many(count, "name"),
                are(count),
                were(baseline)
            ),
        }];
        if !held.is_empty() {
            let likenesses = many(held.len() as u64, "name");
            says.push(format!("{likenesses} that imitate somebody are held back, each with its reason."));
        }
        says.push("Letters prove nothing: nobody is written to because of them.".to_owned());
        let columns = ["name", "tier", "score", "imitates", "why", "entered"];
        let queries = vec![self.query("high_risk_names", "")];
        let caption = "Names that no feed has";
        let table = Table::whole("high_risk", caption, queries, &columns, rows.collect());
        let tables = [Some(table.capped(SHOWN)), self.campaigns()].into_iter().flatten().collect();
        Section::new("high-risk", "What no feed has, and looks dangerous", says, tables)
    }

    /// Names that came together; no table where there are none.
    fn campaigns(&self) -> Option<Table> {
        let mut by_trait: BTreeMap<(std::cmp::Reverse<String>, String, String), Vec<&Row>> = BTreeMap::new();
        for of in &self.from.campaigns {
            let key = (std::cmp::Reverse(text(of, "day")), text(of, "shared"), text(of, "kind"));
            by_trait.entry(key).or_default().push(of);
        }
        let rows = by_trait.into_iter().map(|((day, shared, kind), of)| {
            let names: Vec<String> = of.iter().take(EXAMPLES).map(|of| defanged(&text(of, "name"))).collect();
            let others = of.first().map_or(0, |of| number(of, "others"));
            row([
                ("day", day.0.into()),
                ("share", if kind == "shape" { format!("the shape {shared}") } else { shared }.into()),
                ("names", (of.len() as u64).into()),
                ("others_in_the_zone", others.into()),
                ("among_them", names.join(", ").into()),
            ])
        });
        let rows: Vec<_> = rows.collect();
        let columns = ["day", "share", "names", "others_in_the_zone", "among_them"];
        let caption = "Names that came on one day and share something rare: a reason beside others, no verdict";
        let queries = vec![self.query("campaigns", "")];
        (!rows.is_empty()).then(|| Table::whole("campaigns", caption, queries, &columns, rows).capped(SHOWN))
    }

    fn read(&self) -> Section {
        let Material { feeds, errors, .. } = self.from;
        let hours = |feed: &Row| {
            instant(feed, "as_of").map_or(Value::Null, |at| (self.as_of.0.saturating_sub(at.0) / HOUR_MS).into())
        };
        let rows = feeds.iter().map(|feed| {
            row([
                ("feed", text(feed, "feed_id").into()),
                ("age_in_hours", hours(feed)),
                ("rows", number(feed, "rows").into()),
                ("ours", number(feed, "kept").into()),
                ("faulty_lines", number(feed, "errors").into()),
                ("fault", fault(feed).into()),
            ])
        });
        let columns = ["feed", "age_in_hours", "rows", "ours", "faulty_lines", "fault"];
        let faulty = feeds.iter().filter(|feed| !fault(feed).is_empty()).count() as u64;
        let says = vec![format!(
            "{} read for all TLDs of this installation; {faulty} with a fault; {} not understood.",
            many(feeds.len() as u64, "feed"),
            many(errors.len() as u64, "line")
        )];
        let lines = errors.iter().map(|error| {
            row([
                ("feed", text(error, "feed_id").into()),
                ("line", number(error, "line_number").into()),
                ("message", text(error, "message").into()),
            ])
        });
        let (ages, faults) = (vec![self.query_all("feeds")], vec![self.query_all("errors")]);
        let caption = "Lines and sources that could not be read";
        let tables = vec![
            Table::whole("feeds", "Feeds", ages, &columns, rows.collect()),
            Table::whole("errors", caption, faults, &["feed", "line", "message"], lines.collect())
                .capped(SHOWN / 2),
        ];
        Section::new("read", "What was read", says, tables)
    }

    fn measured(&self) -> Section {
        let mut counts: BTreeMap<(String, String), [u64; 2]> = BTreeMap::new();
        for seen in &self.from.observations {
            let [all, failing] = counts.entry((text(seen, "kind"), text(seen, "outcome"))).or_default();
            *all += 1;
            *failing += u64::from(number(seen, "failures") > 0);
        }
        let failing: u64 = counts.values().map(|[_, failing]| failing).sum();
        let said = match self.from.observations.len() as u64 {
            0 => "Nothing was measured.".to_owned(),
            count => {
                format!("{}; the last attempt to repeat them failed for {failing}.", many(count, "observation"))
            }
        };
        let rows = counts.into_iter().map(|((kind, outcome), [all, failing])| {
            row([
                ("kind", kind.into()),
                ("outcome", outcome.into()),
                ("observations", all.into()),
                ("failing_since", failing.into()),
            ])
        });
        let columns = ["kind", "outcome", "observations", "failing_since"];
        let caption = "Observations by kind and outcome";
        let queries = vec![self.query("observations", "")];
        let table = Table::whole("observations", caption, queries, &columns, rows.collect());
        Section::new("measured", "What was measured", vec![said], vec![table])
    }

    fn missing(&self) -> Section {
        let measured = tally(&self.from.observations, "kind");
        let kinds: Vec<&str> =
            ProbeKind::ALL.iter().map(|kind| kind.as_str()).filter(|kind| !measured.contains_key(*kind)).collect();
        let broken: Vec<String> = self
            .from
            .feeds
            .iter()
            .filter(|feed| flag(feed, "lapsed") || !text(feed, "failure").is_empty())
            .map(|feed| text(feed, "feed_id"))
            .collect();
        let mut says = vec![
            if kinds.is_empty() {
                "Every kind of probe has observations.".to_owned()
            } else {
                format!(
                    "No observation of the kinds {}: they are switched off, or had nothing to ask.",
                    kinds.join(", ")
                )
            },
            if broken.is_empty() {
                "No feed fails, and none has lapsed.".to_owned()
            } else {
                format!("Failing feeds, or feeds whose evidence has lapsed: {}.", broken.join(", "))
            },
        ];
        if !self.from.absent.is_empty() {
            let views: Vec<&str> = self.from.absent.iter().map(|view| view.as_str()).collect();
            says.push(format!("Not published for this day: {}.", views.join(", ")));
        }
        let queries = vec![self.query("observations", ""), self.query_all("feeds")];
        Section { id: "missing", title: "What was switched off or failed", says, queries, tables: Vec::new() }
    }
}

/// What is wrong with a feed, in words; empty when nothing is.
fn fault(feed: &Row) -> String {
    let held = number(feed, "held");
    let parts = [
        text(feed, "failure"),
        if flag(feed, "lapsed") { "lapsed: what it said counts no more".to_owned() } else { String::new() },
        if held > 0 { format!("{} held back", many(held, "snapshot")) } else { String::new() },
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// Whether an indicator belongs to the case of a remedy of its subject; class `other` joins the specific ones.
fn joins(remedy: &Row, seen: &Row) -> bool {
    let class = text(seen, "abuse_class");
    class == text(remedy, "abuse_class") || class == "other"
}
