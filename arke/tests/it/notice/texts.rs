//! Every text that arke ships, in every language, as its reader sees it.

use arke::notice::{Audience, DEFAULT, DataError, Kind, RenderError, Rendered, Templates, sample};
use panopticon_model::sighting::AbuseClass;

use super::MESSAGES;

fn render(sample_name: &str, kind: Kind, audience: Audience, lang: &str) -> Rendered {
    let mut data = sample(sample_name, kind, audience);
    data.contact.language = Some(lang.to_owned());
    Templates::read(DEFAULT).unwrap().render(&data).unwrap()
}

fn shown(it: &Rendered) -> String {
    format!("Subject: {}\n\n{}", it.subject, it.plain)
}

#[test]
fn every_text_in_every_language() {
    for lang in ["en", "fr", "es"] {
        for (kind, audience) in MESSAGES {
            let name = format!("{}_{}_{lang}", audience.as_str(), kind.as_str());
            insta::assert_snapshot!(name, shown(&render("full", kind, audience, lang)));
        }
    }
}

#[test]
fn what_is_not_known_is_left_out_and_what_is_many_is_told_apart() {
    for sample_name in ["sparse", "many"] {
        for (kind, audience) in MESSAGES.into_iter().filter(|(kind, _)| *kind != Kind::Reminder) {
            let name = format!("{sample_name}_{}_{}", audience.as_str(), kind.as_str());
            insta::assert_snapshot!(name, shown(&render(sample_name, kind, audience, "en")));
        }
    }
}

/// What each class is called and what helps; the rest of the letter is the same.
#[test]
fn every_class_in_every_language() {
    let templates = Templates::read(DEFAULT).unwrap();
    for lang in ["en", "fr", "es"] {
        let mut told = String::new();
        for class in AbuseClass::ALL {
            let mut data = sample("sparse", Kind::Notice, Audience::Registrant);
            data.contact.language = Some(lang.to_owned());
            data.cases[0].abuse_class = class;
            let plain = templates.render(&data).unwrap().plain;
            let from = plain.find("bakery[.]xx: ").or_else(|| plain.find("bakery[.]xx\u{a0}: ")).unwrap();
            let to = plain.find("XX-7K3F").unwrap();
            told.push_str(&plain[from..to]);
        }
        insta::assert_snapshot!(format!("classes_{lang}"), told);
    }
}

#[test]
fn the_page_says_the_same_in_html() {
    for lang in ["en", "fr", "es"] {
        let it = render("full", Kind::Notice, Audience::Registrant, lang);
        insta::assert_snapshot!(format!("html_{lang}"), it.html);
    }
}

/// What a registrant must never read: what is judged, a live link, anything to load or to click.
#[test]
fn a_registrant_reads_no_verdict_and_no_link() {
    for lang in ["en", "fr", "es"] {
        for (kind, audience) in MESSAGES.into_iter().filter(|(_, it)| *it == Audience::Registrant) {
            for sample_name in ["full", "sparse", "many"] {
                let it = render(sample_name, kind, audience, lang);
                for text in [&it.subject, &it.plain, &it.html] {
                    for word in
                        ["malicious", "compromised", "unclear", "score", "verdict", "bakery.xx", "href", "<img"]
                    {
                        assert!(!text.contains(word), "{word} in {} {lang}", kind.as_str());
                    }
                }
            }
        }
    }
}

#[test]
fn the_language_is_the_wanted_one_or_its_first_part_or_the_default() {
    for (wish, lang) in [("fr", "fr"), ("fr-CA", "fr"), ("ES", "es"), ("de", "en"), ("", "en")] {
        assert_eq!(render("full", Kind::Notice, Audience::Registrant, wish).lang, lang, "{wish}");
    }
}

#[test]
fn what_nobody_can_check_is_not_written() {
    let templates = Templates::read(DEFAULT).unwrap();
    let mut data = sample("full", Kind::Notice, Audience::Registrant);
    data.registry.phone = None;
    assert!(templates.render(&data).is_ok());
    data.registry.verify_url = None;
    assert_eq!(templates.render(&data).err(), Some(RenderError::Data(DataError::NoWayToVerify)));
    data.registry.phone = Some("+1 555 0100".to_owned());
    assert!(templates.render(&data).is_ok());
    data.cases.clear();
    assert_eq!(templates.render(&data).err(), Some(RenderError::Data(DataError::NoCase)));
}
