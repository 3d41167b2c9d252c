//! The bytes of mails. Those that other people's programs check (`arke/tests/peers/check_mail.py`) are written here, into
//! the folder that `tests/arke/run` names to them.

use std::fs;
use std::path::{Path, PathBuf};

use arke::contact::Personal;
use arke::notice::{
    Attachment, Audience, ComposeError, DEFAULT, Delivery, Kind, Message, NoticeData, SAMPLES, Sender, Signer,
    Templates, compose, csv, sample, sign, xarf,
};
use arke::verp::{VerpKey, read_verp};
use mailparse::MailHeaderMap;
use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::Epoch;
use proptest::prelude::*;

use super::MESSAGES;

const NOW: Epoch = Epoch(1_795_556_400_000);

fn sender() -> Sender {
    Sender {
        name: "Registry of Example".to_owned(),
        address: "abuse@registry.example".parse().unwrap(),
        reply_to: "desk@registry.example".parse().unwrap(),
        bounce_domain: "bounce.registry.example".to_owned(),
        tld: "xx".to_owned(),
    }
}

fn delivery(to: &str, name: Option<&str>) -> Delivery {
    let to_name = name.and_then(Personal::new);
    Delivery { id: "xx-7k3f-9q2m".to_owned(), to: to.parse().unwrap(), to_name, date: NOW }
}

fn key() -> VerpKey {
    VerpKey::new(b"a key of the tests")
}

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/dkim").join(path)
}

fn signers() -> Vec<Signer> {
    let read = |selector, file| Signer::read_key("registry.example", selector, &data(file)).unwrap();
    vec![read("rsa2026", "rsa.pem"), read("ed2026", "ed25519.pem")]
}

/// What goes with a message in the fullest profile.
fn files(data: &NoticeData) -> Vec<Attachment> {
    if !matches!(data.audience, Audience::Registrar | Audience::Hoster) {
        return Vec::new();
    }
    let mut files = xarf(data, &sender()).unwrap();
    files.push(csv(data));
    files
}

fn mail_of(data: &NoticeData, to: &Delivery, signers: &[Signer]) -> Message {
    let rendered = Templates::read(DEFAULT).unwrap().render(data).unwrap();
    compose(&rendered, to, &sender(), &files(data), &key(), signers).unwrap()
}

/// A mail without its bodies, readable.
fn head(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    text.split_once("\r\n\r\n").unwrap().0.replace('\r', "")
}

fn is_safe(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap();
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "a bare LF");
    assert_eq!(text.matches('\r').count(), text.matches("\r\n").count(), "a bare CR");
    assert!(text.split("\r\n").all(|line| line.len() <= 998), "a long line");
}

#[test]
fn a_mail_to_a_registrant() {
    let data = sample("full", Kind::Reminder, Audience::Registrant);
    let mail = mail_of(&data, &delivery("joerg@example.net", Some("Jörg Müller")), &signers());
    assert_eq!(mail.message_id, "<xx-7k3f-9q2m@registry.example>");
    assert_eq!(read_verp(&mail.envelope_from.reveal(), &key()).as_deref(), Some("xx-7k3f-9q2m"));
    assert!(mail.envelope_from.reveal().ends_with("@bounce.registry.example"));
    is_safe(&mail.bytes);
    assert!(mail.bytes.is_ascii());
    insta::assert_snapshot!("head_registrant", head(&mail.bytes));
}

#[test]
fn a_mail_to_a_registrar_has_files() {
    let data = sample("full", Kind::Digest, Audience::Registrar);
    let mail = mail_of(&data, &delivery("abuse@registrar.example", None), &[]);
    is_safe(&mail.bytes);
    insta::assert_snapshot!("head_registrar", head(&mail.bytes));
    let parsed = mailparse::parse_mail(&mail.bytes).unwrap();
    let names: Vec<String> =
        parsed.parts().filter_map(|part| part.get_content_disposition().params.get("filename").cloned()).collect();
    assert_eq!(names, ["xarf-1.json", "xarf-2.json", "cases.csv"]);
}

#[test]
fn only_reminders_can_be_left() {
    for (kind, audience) in MESSAGES {
        let mail = mail_of(&sample("full", kind, audience), &delivery("a@example.net", None), &[]);
        let can = head(&mail.bytes).contains("List-Unsubscribe:");
        assert_eq!(can, kind == Kind::Reminder, "{}", kind.as_str());
    }
}

#[test]
fn a_registrant_gets_no_file_and_an_id_fits_into_an_address() {
    let data = sample("full", Kind::Notice, Audience::Registrant);
    let rendered = Templates::read(DEFAULT).unwrap().render(&data).unwrap();
    let to = delivery("a@example.net", None);
    let refused = compose(&rendered, &to, &sender(), &[csv(&data)], &key(), &[]);
    assert!(matches!(refused, Err(ComposeError::Attachment)));
    for id in ["", "A", "a b", "a@b", "a\r\nb", &"a".repeat(46)] {
        let to = Delivery { id: id.to_owned(), ..to.clone() };
        assert!(matches!(compose(&rendered, &to, &sender(), &[], &key(), &[]), Err(ComposeError::Id)), "{id:?}");
    }
}

/// Hazards H1 and H2: the signature is ours, over the final bytes, `From` twice, never `Content-Type`.
#[test]
fn signatures_name_what_they_cover() {
    let mail =
        mail_of(&sample("full", Kind::Notice, Audience::Registrant), &delivery("a@example.net", None), &signers());
    let parsed = mailparse::parse_mail(&mail.bytes).unwrap();
    let signatures = parsed.headers.get_all_values("DKIM-Signature");
    assert_eq!(signatures.len(), 2);
    for it in &signatures {
        assert!(it.contains("h=from:from:reply-to:to:subject:date:message-id:mime-version:"), "{it}");
        assert!(!it.to_ascii_lowercase().contains("content-type"), "{it}");
    }
    // The same key in both of its forms signs the same.
    let form = |file| Signer::read_key("registry.example", "s", &data(file)).unwrap();
    let bytes = b"From: a@example.net\r\nSubject: b\r\n\r\nBody\r\n";
    assert_eq!(sign(bytes, &[form("rsa.pem")], NOW).unwrap(), sign(bytes, &[form("rsa-pkcs8.pem")], NOW).unwrap());
    assert!(sign(b"Subject: b\r\n\r\n", &[form("rsa.pem")], NOW).is_err());
    assert_eq!(format!("{:?}", form("rsa.pem")), "Signer(s._domainkey.registry.example, ***)");
}

#[test]
fn what_is_no_key_is_refused_without_being_shown() {
    let pem = fs::read_to_string(data("rsa.pem")).unwrap();
    let middle = pem.lines().nth(5).unwrap();
    let rows = [
        pem.replace("RSA PRIVATE", "EC PRIVATE"),
        pem.replace(middle, "AAAA"),
        "-----BEGIN PRIVATE KEY-----\n%%\n-----END PRIVATE KEY-----".to_owned(),
        String::new(),
    ];
    for text in rows {
        let error = Signer::new("registry.example", "s", &text).unwrap_err().to_string();
        assert!(error.starts_with("not a DKIM key") && !error.contains("AAAA"), "{error}");
    }
    assert!(Signer::new("registry example", "s", &pem).is_err());
    assert!(Signer::read_key("registry.example", "s", Path::new("nowhere.pem")).is_err());
}

/// Hazard H3: lettre ends the program on a display name with line breaks.
#[test]
fn a_name_with_line_breaks_is_one_line() {
    let data = sample("full", Kind::Notice, Audience::Registrant);
    let rendered = Templates::read(DEFAULT).unwrap().render(&data).unwrap();
    let mut sender = sender();
    sender.name = "Registry\r\nBcc: all@example.net".to_owned();
    let to = delivery("a@example.net", Some("Ann\r\nBcc: all@example.net"));
    let mail = compose(&rendered, &to, &sender, &[], &key(), &[]).unwrap();
    let parsed = mailparse::parse_mail(&mail.bytes).unwrap();
    assert_eq!(parsed.headers.get_all_values("Bcc").len(), 0);
    let to = mailparse::addrparse_header(parsed.headers.get_first_header("To").unwrap()).unwrap();
    let to = to.extract_single_info().unwrap();
    assert_eq!(
        (to.addr.as_str(), to.display_name.as_deref()),
        ("a@example.net", Some("Ann Bcc: all@example.net"))
    );
}

/// Hazard H5: lettre leaves U-labels as they are, and a UTF-8 local part needs SMTPUTF8, which the message says.
#[test]
fn addresses_that_are_not_ascii() {
    let data = sample("full", Kind::Notice, Audience::Registrant);
    let domain = mail_of(&data, &delivery("anna@müller.xx", None), &signers());
    assert!(!domain.needs_smtputf8 && domain.bytes.is_ascii());
    assert!(head(&domain.bytes).contains("To: anna@xn--mller-kva.xx"));
    let local = mail_of(&data, &delivery("jörg@müller.xx", Some("Jörg")), &signers());
    assert!(local.needs_smtputf8);
    is_safe(&local.bytes);
    assert!(head(&local.bytes).contains("jörg@xn--mller-kva.xx"));
}

/// Hazard H8: lettre draws a new boundary each time.
#[test]
fn the_same_input_gives_the_same_bytes() {
    for (kind, audience) in MESSAGES {
        let data = sample("full", kind, audience);
        let to = delivery("a@example.net", Some("Ann"));
        assert_eq!(mail_of(&data, &to, &signers()).bytes, mail_of(&data, &to, &signers()).bytes);
    }
}

/// Every text in every language and every sample, signed, for the programs of other people; with the keys that a resolver
/// would find.
#[test]
fn mails_for_other_programs() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mails");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    let signers = signers();
    let records: String =
        signers.iter().map(Signer::record).map(|(name, text)| format!("{name}\t{text}\n")).collect();
    fs::write(folder.join("keys.tsv"), records).unwrap();
    for (kind, audience) in MESSAGES {
        for lang in ["en", "fr", "es"] {
            for name in SAMPLES {
                let mut data = sample(name, kind, audience);
                data.contact.language = Some(lang.to_owned());
                let mail = mail_of(&data, &delivery("joerg@example.net", Some("Jörg Müller")), &signers);
                is_safe(&mail.bytes);
                let file = format!("{}-{}-{name}-{lang}.eml", audience.as_str(), kind.as_str());
                fs::write(folder.join(file), &mail.bytes).unwrap();
            }
        }
    }
    for class in AbuseClass::ALL {
        for (kind, audience) in [(Kind::Digest, Audience::Registrar), (Kind::Notice, Audience::Registrant)] {
            let mut data = sample("full", kind, audience);
            data.cases[0].abuse_class = class;
            let mail = mail_of(&data, &delivery("a@example.net", None), &signers);
            let file = format!("{}-{}.eml", audience.as_str(), class.as_str());
            fs::write(folder.join(file), &mail.bytes).unwrap();
        }
    }
}

/// Text as a stranger may put it into a registration or a URL.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\\r\\n]{1,3}(Bcc|From|Content-Type): .{0,20}",
        "(https?://)?[a-z]{1,9}\\.xx/.{0,80}",
        "[\\u{202a}-\\u{202e}\\u{2066}-\\u{2069}\\u{200b}\\u{feff}\\u{0}-\\u{1f}]{1,9}",
        "(\\{\\{ registry.name \\}\\}|<script>|--=_letter_xx|\\.|# |- |> ){1,4}",
        "[\\u{1f300}-\\u{1f5ff}]{1,60}",
        "x{900,1200}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_from_outside_breaks_a_mail(
        texts in proptest::collection::vec(hostile(), 8),
        at in 0..MESSAGES.len(),
        path in hostile(),
    ) {
        let (kind, audience) = MESSAGES[at];
        let plain = mail_of(&sample("full", kind, audience), &delivery("a@example.net", Some("Ann")), &[]);
        let mut data = sample("full", kind, audience);
        let case = &mut data.cases[0];
        case.domain.unicode.clone_from(&texts[0]);
        case.domain.ascii.clone_from(&texts[1]);
        case.domain.registrar.as_mut().unwrap().name.clone_from(&texts[2]);
        case.domain.reseller.as_mut().unwrap().name.clone_from(&texts[3]);
        case.hoster.as_mut().unwrap().name.clone_from(&texts[4]);
        case.indicators[0].observable = format!("http://live.xx/{path}");
        case.indicators[0].host.clone_from(&texts[5]);
        case.indicators[1].sources = vec![texts[6].clone()];
        data.contact.name = Personal::new(&texts[7]);
        data.registry.name.clone_from(&texts[6]);
        data.reference.clone_from(&texts[2]);
        data.registry.url = None;
        data.registry.verify_url = None;

        let rendered = Templates::read(DEFAULT).unwrap().render(&data).unwrap();
        for text in [&rendered.subject, &rendered.plain, &rendered.html] {
            prop_assert!(!text.contains('\r'));
            let low = text.to_ascii_lowercase();
            prop_assert!(!low.contains("http://") && !low.contains("https://"), "{}", text);
        }
        prop_assert!(!rendered.subject.contains('\n'));
        prop_assert!(!rendered.html.contains("<script"));
        let mail = mail_of(&data, &delivery("a@example.net", Some(&texts[7])), &[]);
        is_safe(&mail.bytes);
        let names = |bytes: &[u8]| {
            let parsed = mailparse::parse_mail(bytes).unwrap();
            parsed.headers.iter().map(mailparse::MailHeader::get_key).collect::<Vec<_>>()
        };
        prop_assert_eq!(names(&mail.bytes), names(&plain.bytes));
        let parts = |bytes: &[u8]| mailparse::parse_mail(bytes).unwrap().parts().count();
        prop_assert_eq!(parts(&mail.bytes), parts(&plain.bytes));
    }
}
