//! The grammar of master files, case by case.

use panopticon_sources::zone::{Options, Record, ZoneError, ZoneReader};
use proptest::prelude::*;

use super::{name, of_zz, records};

/// Reads a zone with origin `zz` and compares its records.
#[track_caller]
fn check(zone: impl AsRef<[u8]>, expected: &[&str]) {
    assert_eq!(records(zone, &of_zz()).unwrap(), expected);
}

/// Reads a zone with origin `zz` that is wrong in this way.
#[track_caller]
fn wrong(zone: impl AsRef<[u8]>, expected: &str) {
    let error = records(zone, &of_zz()).unwrap_err();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn owners() {
    check(
        "a NS ns1.x.\nb.zz. NS ns1.x.\n@ NS ns1.x.\n. NS ns1.x.\n",
        &["a.zz ns ns1.x", "b.zz ns ns1.x", "zz ns ns1.x", ". ns ns1.x"],
    );
    // One name in three spellings (trap 5).
    check(
        "FOO NS NS1.X.\nfoo.zz. NS ns2.x.\nfoo NS ns3\n",
        &["foo.zz ns ns1.x", "foo.zz ns ns2.x", "foo.zz ns ns3.zz"],
    );
    // Inherited, behind blanks or tabs, over comments and empty lines.
    check(
        "a NS ns1.x.\n  NS ns2.x.\n\n; comment\n \t \n\tNS ns3.x.\n",
        &["a.zz ns ns1.x", "a.zz ns ns2.x", "a.zz ns ns3.x"],
    );
    // Inherited from a record that is passed over.
    check("a TXT \"x\"\n NS ns1.x.\n", &["a.zz ns ns1.x"]);
    wrong(" NS ns1.x.\n", "line 1: the first record has no owner");
    // Quoted, as BIND takes it.
    check("\"a\" NS \"ns1.x.\"\n", &["a.zz ns ns1.x"]);
    wrong("\"\" NS ns1.x.\n", "empty label");
    // An owner that looks like a number, a class or a type.
    check(
        "7 NS a.x.\nin NS a.x.\nns NS a.x.\nns in ns ns\n1d 1d in ns 1d\n",
        &["7.zz ns a.x", "in.zz ns a.x", "ns.zz ns a.x", "ns.zz ns ns.zz", "1d.zz ns 1d.zz"],
    );
}

#[test]
fn ttl_and_class_in_any_order_or_missing() {
    for fields in ["", "IN", "in", "3600", "3600 IN", "IN 3600", "1d", "2h30m IN", "IN 30m2h", "CLASS1", "1W 2d"] {
        if fields == "1W 2d" {
            wrong(format!("a {fields} NS ns1.x."), "no record type");
        } else {
            check(format!("a\t{fields}\tNS\tns1.x."), &["a.zz ns ns1.x"]);
        }
    }
    wrong("a 1x NS ns1.x.", "time to live");
    wrong("a 4294967296 NS ns1.x.", "time to live");
    wrong("a 1dd NS ns1.x.", "time to live");
    wrong("a CH NS ns1.x.", "class is not IN");
    wrong("a CLASS3 NS ns1.x.", "class is not IN");
    check("a aNy\n".replace("aNy", "TYPE255 \\# 0"), &[]);
}

#[test]
fn directives() {
    check("$TTL 1d\na NS ns1\n$TTL 2h30m\n$ttl 86400\n", &["a.zz ns ns1.zz"]);
    wrong("$TTL\n", "breaks off");
    wrong("$TTL soon\n", "time to live");
    check(
        "$ORIGIN co.zz.\na NS ns\n$ORIGIN x\na NS ns\n$origin zz.\na NS ns\n",
        &["a.co.zz ns ns.co.zz", "a.x.co.zz ns ns.x.co.zz", "a.zz ns ns.zz"],
    );
    // The same owner text after another $ORIGIN is another name; an inherited owner stays what it was.
    check(
        "a NS ns.x.\n$ORIGIN b.zz.\n NS ns2.x.\na NS ns.x.\n",
        &["a.zz ns ns.x", "a.zz ns ns2.x", "a.b.zz ns ns.x"],
    );
    wrong("$GENERATE 1-9 a$ NS ns.x.\n", "line 1: `$GENERATE` is not read");
    wrong("$FOO\n", "directive is not known");
    wrong("$INCLUDE other\n", "no folder is configured");
    let no_origin = Options::default();
    assert!(records("a NS b.\n", &no_origin).unwrap_err().contains("no `$ORIGIN`"));
    assert_eq!(records("$ORIGIN zz.\na NS b.\n", &no_origin).unwrap(), ["a.zz ns b"]);
}

#[test]
fn parentheses_comments_and_quotes() {
    let soa = "@ IN SOA ns1 host ( ; start\n 2025010101 ; serial\n 2H 1H\n 1w 1h )\n";
    check(soa, &["zz soa 2025010101"]);
    check("a NS ( ns1.x. )\nb NS (\nns1.x.\n)\n", &["a.zz ns ns1.x", "b.zz ns ns1.x"]);
    check("( a\nNS ns1.x. )\n", &["a.zz ns ns1.x"]);
    check("a (( NS ) ns1.x. ( ) ) ; (\nb NS c.x.", &["a.zz ns ns1.x", "b.zz ns c.x"]);
    check("a NS ns1.x.; comment\nb NS ns1.x. ;\" ) (\n;x NS y.\n", &["a.zz ns ns1.x", "b.zz ns ns1.x"]);
    check("a TXT \"; ( \\\" )\" ; c\nb TXT \\; \\( \\\" x\nc NS n.x.\n", &["c.zz ns n.x"]);
    check("a TXT \"x\"\"y\" z\"(\"z\nc NS n.x.\n", &["c.zz ns n.x"]);
    wrong("a NS ( ns1.x.\nb NS ns1.x.\n", "parenthesis is not closed");
    wrong("a NS ns1.x. )\n", "line 1: a parenthesis is closed");
    wrong("a NS n.x.\nb TXT \"x\nc NS n.x.\n", "line 2: a quote is not closed");
}

#[test]
fn ends_of_lines_and_of_the_file() {
    check(
        "a NS ns1.x.\r\n  NS ns2.x.\r\n\r\n; c\r\nb NS ns1.x.",
        &["a.zz ns ns1.x", "a.zz ns ns2.x", "b.zz ns ns1.x"],
    );
    check("\u{feff}a NS ns1.x.\n", &["a.zz ns ns1.x"]);
    check("", &[]);
    check("\n\n;\n \n", &[]);
}

#[test]
fn escapes() {
    check(r"a\046b NS n\.s.x.", &[r"a\.b.zz ns n\.s.x"]);
    check(r"\065 NS \097.x.", &["a.zz ns a.x"]);
    check(r"\@ NS a.x.", &[r"\@.zz ns a.x"]);
    check(r"\$x NS a.x.", &[r"\$x.zz ns a.x"]);
    check(r"a\ b NS a.x.", &[r"a\032b.zz ns a.x"]);
    check(r"\000\001\255 NS a.x.", &[r"\000\001\255.zz ns a.x"]);
    check([&b"caf"[..], &[0xe9], b" NS a.x."].concat(), &[r"caf\233.zz ns a.x"]);
    // Owners that IDNA would refuse or map stay as they are.
    check(
        "xn--0 NS a.x.\nxn--a NS a.x.\na_b NS a.x.\n*.w NS a.x.\n",
        &["xn--0.zz ns a.x", "xn--a.zz ns a.x", "a_b.zz ns a.x", "*.w.zz ns a.x"],
    );
    for zone in [r"\256 NS a.x.", r"\25 NS a.x.", r"\2", "a\\"] {
        wrong(zone, "backslash");
    }
    wrong(b"a\0b NS a.x.", "control character");
}

#[test]
fn names_that_cannot_be() {
    let label = "l".repeat(63);
    check(format!("{label} NS a.x."), &[format!("{label}.zz ns a.x").as_str()]);
    wrong(format!("{label}l NS a.x."), "more than 63 octets");
    wrong("a..b NS a.x.", "empty label");
    wrong(".a NS a.x.", "empty label");
    // 3 * 64 + 58 + 3 + 1 = 254: the longest; then one more.
    let long = format!("{label}.{label}.{label}.");
    check(format!("{long}{} NS a.x.", "m".repeat(57)), &[format!("{long}{}.zz ns a.x", "m".repeat(57)).as_str()]);
    wrong(format!("{long}{} NS a.x.", "m".repeat(59)), "more than 255 octets");
    wrong(format!("{long}{label}. NS a.x."), "more than 255 octets");
}

#[test]
fn types() {
    // What says nothing of delegations is passed over, its owner too: an NSEC3 owner is no name.
    check(
        "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 1 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA\n\
         a RRSIG NS 8 2 3600 20250101000000 20250101000000 1 zz. (\n AAAA\n BBBB )\n\
         a DS 1 8 2 AA\na A 192.0.2.1\na AAAA 2001:db8::1\na HTTPS 1 . alpn=h2\na TYPE65280 \\# 4 0A000001\n",
        &["a.zz ds", "a.zz address", "a.zz address"],
    );
    // RFC 3597: known types by number, and data as digits.
    check(
        "a TYPE2 ns1.x.\na type43 \\# 5 0001080200\na TYPE1 192.0.2.1\na TYPE28 ::\n",
        &["a.zz ns ns1.x", "a.zz ds", "a.zz address", "a.zz address"],
    );
    check("a NS \\# 7 034E5331 01 7800\n", &["a.zz ns ns1.x"]);
    check("@ TYPE6 \\# 24 00 00 00000007 00000000 00000000 00000000 00000000 0000\n", &["zz soa 7"]);
    for data in ["\\# 3 0000", "\\# 2 000", "\\# x 00", "\\# 2 0000", "\\# 1 05", "\\# 0"] {
        wrong(format!("a NS {data}"), "RFC 3597");
    }
    wrong("a NS\n", "breaks off");
    wrong("a DS\n", "breaks off");
    wrong("a\n", "no record type");
    wrong("a 3600 IN\n", "no record type");
    wrong("a N!S b\n", "no record type");
    wrong("a NS b c\n", "more fields");
    wrong("@ SOA a b x 1 1 1 1\n", "serial");
    wrong("@ SOA a b 4294967296 1 1 1 1\n", "serial");
    wrong("@ SOA a b\n", "breaks off");
}

#[test]
fn includes_stay_in_their_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    std::fs::create_dir_all(inside.join("deep")).unwrap();
    std::fs::write(folder.path().join("secret"), "s NS n.x.\n").unwrap();
    std::fs::write(inside.join("a"), "i NS n\n$ORIGIN other.zz.\n$INCLUDE deep/b\n").unwrap();
    std::fs::write(inside.join("deep/b"), "j NS n\n").unwrap();
    std::fs::write(inside.join("loop"), "$INCLUDE loop\n").unwrap();
    std::fs::write(inside.join("broken"), "\n\nx NS (\n").unwrap();
    std::os::unix::fs::symlink(folder.path().join("secret"), inside.join("link")).unwrap();
    let options = Options { include_folder: Some(inside.clone()), ..of_zz() };
    // Origin and owner are those from before, once the file ends (RFC 1035 5.1).
    let zone = "o NS n\n$INCLUDE a sub\n NS m\np NS n\n";
    assert_eq!(
        records(zone, &options).unwrap(),
        ["o.zz ns n.zz", "i.sub.zz ns n.sub.zz", "j.other.zz ns n.other.zz", "o.zz ns m.zz", "p.zz ns n.zz",]
    );
    let outside = folder.path().join("secret");
    for file in ["../secret", "link", "missing", "deep", outside.to_str().unwrap()] {
        let error = records(format!("$INCLUDE {file}\n"), &options).unwrap_err();
        assert!(error.contains("is not in the folder"), "{file}: {error}");
    }
    assert!(records("$INCLUDE loop\n", &options).unwrap_err().contains("too deeply"));
    let error = records("$INCLUDE broken\n", &options).unwrap_err();
    assert!(error.starts_with("line 3 of `") && error.contains("broken"), "{error}");
}

#[test]
fn records_have_a_cap() {
    let options = Options { max_record_bytes: 100, ..of_zz() };
    let long = "x".repeat(200);
    let empty_lines = format!("a TXT ({}", "\n".repeat(200));
    for zone in [format!("a TXT {long}\n"), format!("a TXT ( {} )\n", "x\n".repeat(200)), empty_lines, long] {
        let error = records(zone, &options).unwrap_err();
        assert!(error.contains("more than 100 bytes"), "{error}");
    }
}

#[test]
fn errors_of_the_reader_say_where() {
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk"))
        }
    }
    let bytes = std::io::Read::chain(&b"a NS b.\nc"[..], Failing);
    let mut reader = ZoneReader::new(std::io::BufReader::new(bytes), of_zz());
    assert!(matches!(reader.next_record(), Ok(Some(Record::Ns { .. }))));
    match reader.next_record() {
        Err(ZoneError::Io { at, .. }) => assert_eq!(at.line, 1),
        other => panic!("{other:?}"),
    }
}

#[test]
fn suffixes_count_whole_labels() {
    for (below, apex, expected) in [
        ("a.zz", "zz", true),
        ("zz", "zz", true),
        ("azz", "zz", false),
        ("zz", "a.zz", false),
        ("anything", ".", true),
        // 2 and "zz" as one label of a name that ends in the same octets.
        (r"x\002zz", "zz", false),
    ] {
        assert_eq!(name(below).is_at_or_below(&name(apex)), expected, "{below} {apex}");
    }
}

proptest! {
    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = records(bytes, &of_zz());
    }

    #[test]
    fn near_zones_never_panic(words in prop::collection::vec(
        prop_oneof![
            Just("a"), Just("NS"), Just("IN"), Just("3600"), Just(" "), Just("\t"), Just("\n"), Just("\r\n"), Just("("),
            Just(")"), Just("\""), Just(";"), Just("\\"), Just("\\#"), Just("4"), Just("@"), Just("."), Just("$ORIGIN"),
            Just("$TTL"), Just("$INCLUDE"), Just("SOA"), Just("TYPE6"), Just("\\000"), Just("00ff"), Just("DS"),
        ], 0..60)) {
        let _ = records(words.concat(), &of_zz());
    }

    /// However the bytes are cut into buffers, the records are the same.
    #[test]
    fn buffers_do_not_matter(size in 1usize..40, seed in 0usize..5) {
        let zone = "@ SOA a b ( 7 ; x\n 1 1\r\n 1 1 )\nfoo NS ns1.foo\n NS ns2\nbar 1d IN DS 1 2 3 (\n AA )\n\
                    ns1.foo A 192.0.2.1".repeat(seed);
        let whole = records(&zone, &of_zz());
        let mut reader = ZoneReader::new(std::io::BufReader::with_capacity(size, zone.as_bytes()), of_zz());
        let mut count = 0;
        while let Ok(Some(_)) = reader.next_record() {
            count += 1;
        }
        prop_assert_eq!(whole.map(|records| records.len()), Ok(count));
    }

    /// A line that is read where it lies says what the whole grammar says of it: parentheses, which say nothing
    /// here, make a line not plain.
    #[test]
    fn plain_lines_say_what_the_whole_grammar_says(lines in prop::collection::vec(prop::collection::vec(
        prop_oneof![
            Just("a"), Just("A"), Just("b-_9"), Just("ns"), Just("NS"), Just("Ds"), Just("AAAA"), Just("IN"), Just("ch"),
            Just("3600"), Just("1h"), Just("4294967296"), Just("x.zz."), Just("X.y"), Just("."), Just(".."), Just("@"),
            Just("RRSIG"), Just("TXT"), Just("type2"), Just("\\#"), Just("\\065"), Just(""), Just("$TTL"),
            Just("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ], 0..6), 1..6), blank in prop::sample::select(vec![" ", "\t", "  \t"]), end in prop::sample::select(vec!["\n", "\r\n"])) {
        let lines: Vec<String> = lines.iter().map(|words| words.join(blank)).collect();
        let text = |behind: &str| lines.iter().map(|line| format!("{line}{behind}{end}")).collect::<String>();
        prop_assert_eq!(records(text(""), &of_zz()), records(text(" ()"), &of_zz()));
    }
}
