//! Files of templates: what is refused, and what is told about their lines.

use std::fmt::Write;

use arke::notice::{Audience, Kind};
use arke::notice::{DEFAULT, PLACEHOLDERS, RenderError, Templates, sample};

/// The first line of a file that holds a text, from 1.
fn line_of(source: &str, text: &str) -> usize {
    source.lines().position(|line| line.contains(text)).unwrap() + 1
}

#[test]
fn what_arke_ships_is_without_fault() {
    let templates = Templates::read(DEFAULT).unwrap();
    assert_eq!(templates.check(), []);
    assert_eq!(templates.languages(), ["en", "fr", "es"]);
    assert_eq!(templates.version(), "2026-11-25");
}

#[test]
fn a_file_that_is_not_as_its_schema_says_is_refused() {
    let mut told = String::new();
    let rows = [
        ("<subject>", "<subjekt>"),
        ("audience=\"registrar\"", "audience=\"owner\""),
        ("kind=\"digest\"", "kind=\"abuse\""),
        ("urn:panopticon:notice-template:1", "urn:panopticon:notice-template:2"),
        ("<language lang=\"es\"", "<language lang=\"fr\""),
        ("id=\"hoster\" kind=\"notice", "id=\"hoster\" kind=\"digest"),
        ("id=\"hoster\"", "id=\"registrar-digest\""),
        ("<text lang=\"es\">", "<text lang=\"de\">"),
        ("defaultLang=\"en\"", "defaultLang=\"de\""),
        ("February March", "March"),
        ("<abuse class=\"scam\">", "<abuse class=\"spam\">"),
        ("by=\"visit\"", "by=\"guess\""),
        ("<name>phishing</name>", "<name>&outside;</name>"),
        ("</noticeTemplates>", ""),
    ];
    for (from, to) in rows {
        assert!(DEFAULT.contains(from), "{from}");
        let error = Templates::read(&DEFAULT.replacen(from, to, 1)).err();
        writeln!(told, "{from} -> {to}\n    {}", error.expect(to)).unwrap();
    }
    let entity = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>";
    writeln!(told, "entity\n    {}", Templates::read(entity).unwrap_err()).unwrap();
    writeln!(told, "path\n    {}", Templates::read_file("nowhere.xml".as_ref()).unwrap_err()).unwrap();
    insta::assert_snapshot!("refused", told);
}

#[test]
fn what_does_not_exist_is_named_with_its_line() {
    let mut told = String::new();
    let endless = "{% for a in 'abcdefghij' %}".repeat(9) + &"{% endfor %}".repeat(9);
    let rows = [
        ("{{ it.unicode | defang }}", "{{ registry.nmae }}"),
        ("Nothing is suspended", "{{ case_id }} {{ nonsense }} is"),
        ("You can check it", "{{ cases[0].remedy }} You can check it"),
        ("# What to do about it", "{% for case in cases %}{{ case.remedy }}{% endfor %}"),
        ("# What to do about it", "{{ desk.accepted }}"),
        ("# What to do about it", "{% if %}"),
        ("# What to do about it", "{{ lang | shout }}"),
        ("# What to do about it", "{{ domain.created | utc | nothing }}"),
        ("# What to do about it", "{% for a in range(9) %}x{% endfor %}"),
        ("# What to do about it", &endless),
        ("> Reference: {{ notice.reference }}", "> Reference"),
        (
            "[{{ notice.reference }}] {% if notice.kind == \"reminder\" %}Reminder: security{% else %}Security{% endif %} problem on \
          {{ domain.unicode | defang }}",
            "{# nothing #}",
        ),
    ];
    for (from, to) in rows {
        assert!(DEFAULT.contains(from), "{from}");
        let broken = DEFAULT.replacen(from, to, 1);
        let complaints = Templates::read(&broken).unwrap().check();
        assert!(!complaints.is_empty(), "{to}");
        for it in &complaints {
            writeln!(told, "{it}").unwrap();
        }
        if to.contains("nmae") || to.contains("nonsense") {
            let word = to.split(' ').nth(1).unwrap();
            assert_eq!(complaints[0].line, line_of(&broken, word), "{to}");
        }
    }
    insta::assert_snapshot!("complaints", told);
}

#[test]
fn a_text_that_fails_on_real_data_does_not_show_them() {
    let broken = DEFAULT.replacen("Hello,", "{{ contact.name }}{{ contact.nickname }}", 2);
    let broken = broken.replacen("Dear {{ contact.name }}", "Dear {{ contact.name }}{{ contact.nick }}", 1);
    let error = Templates::read(&broken).unwrap().render(&sample("full", Kind::Notice, Audience::Registrant));
    let error = error.err().unwrap();
    assert!(matches!(&error, RenderError::Text { .. }), "{error}");
    assert!(!error.to_string().contains("Müller"), "{error}");
    insta::assert_snapshot!("failed", error);
}

#[test]
fn an_html_text_of_its_own_is_escaped() {
    let html = "<plain><![CDATA[x]]></plain><html><![CDATA[<p>{{ registry.name }}</p>]]></html>";
    let at = DEFAULT.find("<plain>").unwrap();
    let end = DEFAULT.find("</plain>").unwrap() + "</plain>".len();
    let own = format!("{}{html}{}", &DEFAULT[..at], &DEFAULT[end..]);
    let mut data = sample("full", Kind::Notice, Audience::Registrant);
    data.registry.name = "A <b> & \"c\"".to_owned();
    let rendered = Templates::read(&own).unwrap().render(&data).unwrap();
    assert_eq!(rendered.html, "<p>A &lt;b&gt; &amp; &quot;c&quot;</p>");
}

#[test]
fn the_documents_have_every_placeholder_and_the_letter() {
    let mut table = "| placeholder | in texts for | says |\n|---|---|---|\n".to_owned();
    for it in PLACEHOLDERS {
        writeln!(table, "| `{}` | {} | {} |", it.name, it.readers(), it.says).unwrap();
    }
    let document = include_str!("../../../../docs/notices.md");
    assert!(document.contains(&table), "docs/notices.md needs this table:\n{table}");
    let letter =
        Templates::read(DEFAULT).unwrap().render(&sample("full", Kind::Notice, Audience::Registrant)).unwrap();
    assert!(document.contains(&letter.plain), "docs/notices.md needs this letter:\n{}", letter.plain);
}
