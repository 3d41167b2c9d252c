//! NOTIFY: who is believed, and what the others are told.

use std::net::IpAddr;
use std::sync::Arc;

use domain::base::iana::{Opcode, Rcode, Rtype};
use domain::base::{Message, MessageBuilder, Name};
use domain::rdata::tsig::Time48;
use domain::tsig::{Algorithm, ClientTransaction, Key};
use panopticon_model::time::Epoch;
use panopticon_sources::fetch::Secret;
use panopticon_sources::zone::transfer::{Notified, TransferKey, Watch, Watched};
use proptest::prelude::*;

use super::name;

const PRIMARY: &str = "192.0.2.1";
const NOW: Epoch = Epoch(1_800_000_000_000);

fn watch() -> Watch {
    let key = |text: &str| Some(TransferKey::parse(&Secret::new(text)).unwrap());
    let primary = PRIMARY.parse().unwrap();
    Watch::new(vec![
        Watched { apex: name("zz"), primary, key: key("hmac-sha256:arke:c2VjcmV0") },
        Watched { apex: name("yy"), primary, key: None },
        Watched { apex: name("xx"), primary, key: key("hmac-sha256:other:c2VjcmV0") },
        Watched { apex: name("ww"), primary, key: key("hmac-sha256:arke:c2VjcmV0") },
    ])
}

/// A message, signed by a key at an instant, in seconds.
fn message(opcode: Opcode, apex: &str, rtype: Rtype, signed: Option<(&str, &[u8], u64)>) -> Vec<u8> {
    let mut builder = MessageBuilder::new_vec();
    builder.header_mut().set_opcode(opcode);
    builder.header_mut().set_id(7);
    let mut builder = builder.question();
    builder.push((apex.parse::<Name<Vec<u8>>>().unwrap(), rtype)).unwrap();
    let mut builder = builder.additional();
    if let Some((name, secret, at)) = signed {
        let key = Key::new(Algorithm::Sha256, secret, name.parse().unwrap(), None, None).unwrap();
        ClientTransaction::request(Arc::new(key), &mut builder, Time48::from_u64(at)).unwrap();
    }
    builder.finish()
}

/// The answer's code and what was heard.
fn ask(message: &[u8], from: &str) -> (Rcode, Option<Notified>) {
    let from: IpAddr = from.parse().unwrap();
    let answer = watch().answer(message, from, NOW).unwrap();
    let header = Message::from_octets(answer.message).unwrap().header();
    assert!(header.qr() && header.id() == 7);
    (header.rcode(), answer.notified)
}

#[test]
fn who_is_believed() {
    let now = NOW.0 / 1000;
    let notify = |apex, signed| message(Opcode::NOTIFY, apex, Rtype::SOA, signed);
    let signed = |apex| notify(apex, Some(("arke", b"secret", now)));
    // With the key of the zone, from anywhere; in any case.
    assert_eq!(ask(&signed("zz"), "198.51.100.9"), (Rcode::NOERROR, Some(Notified(0))));
    assert_eq!(ask(&signed("ZZ"), PRIMARY), (Rcode::NOERROR, Some(Notified(0))));
    assert_eq!(ask(&signed("ww"), PRIMARY), (Rcode::NOERROR, Some(Notified(3))));
    // Without, with another one, with a wrong one, too late.
    assert_eq!(ask(&notify("zz", None), PRIMARY), (Rcode::NOTAUTH, None));
    assert_eq!(ask(&signed("xx"), PRIMARY), (Rcode::NOTAUTH, None));
    assert_eq!(ask(&notify("zz", Some(("arke", b"wrong", now))), PRIMARY), (Rcode::NOTAUTH, None));
    assert_eq!(ask(&notify("zz", Some(("nobody", b"secret", now))), PRIMARY), (Rcode::NOTAUTH, None));
    assert_eq!(ask(&notify("zz", Some(("arke", b"secret", now - 301))), PRIMARY), (Rcode::NOTAUTH, None));
    // A zone without a key: from its primary only.
    assert_eq!(ask(&notify("yy", None), PRIMARY), (Rcode::NOERROR, Some(Notified(1))));
    assert_eq!(ask(&notify("yy", None), "::ffff:192.0.2.1"), (Rcode::NOERROR, Some(Notified(1))));
    assert_eq!(ask(&notify("yy", None), "192.0.2.2"), (Rcode::REFUSED, None));
    // Another zone, another type, another question.
    assert_eq!(ask(&notify("vv", None), PRIMARY), (Rcode::NOTAUTH, None));
    assert_eq!(ask(&message(Opcode::NOTIFY, "yy", Rtype::NS, None), PRIMARY), (Rcode::FORMERR, None));
    assert_eq!(ask(&message(Opcode::QUERY, "yy", Rtype::SOA, None), PRIMARY), (Rcode::NOTIMP, None));
    assert_eq!(ask(&message(Opcode::NOTIFY, "yy", Rtype::SOA, None)[..12], PRIMARY).1, None);
    // An answer is not answered.
    let mut answer = notify("yy", None);
    answer[2] |= 0x80;
    assert_eq!(watch().answer(&answer, PRIMARY.parse().unwrap(), NOW), None);
}

proptest! {
    #[test]
    fn any_message_never_panics(mut bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0usize..200, to: u8) {
        let from = "198.51.100.9".parse().unwrap();
        if let Some(answer) = watch().answer(&bytes, from, NOW) {
            prop_assert_eq!(answer.notified, None);
        }
        // Nearly right: one octet of a signed message is another.
        bytes = message(Opcode::NOTIFY, "zz", Rtype::SOA, Some(("arke", b"secret", NOW.0 / 1000)));
        let at = at % bytes.len();
        let is_same = bytes[at] == to;
        bytes[at] = to;
        let heard = watch().answer(&bytes, from, NOW).and_then(|answer| answer.notified);
        // Letters of names may change their case, the id is that of the sender alone, and class and time to live of a
        // signature say nothing.
        if heard.is_some() {
            let says_nothing = at < 2 || (28..34).contains(&at) || to.is_ascii_alphabetic();
            prop_assert!(is_same || says_nothing, "{at} {to}");
        }
    }
}
