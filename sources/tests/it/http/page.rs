//! Pages: titles, where they send browsers, and how alike they are.

use panopticon_sources::http::page::{Page, PageFacts, read};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

fn title(page: &str) -> Option<String> {
    read(page.as_bytes()).title.map(Into::into)
}

#[test]
fn titles() {
    for (page, expected) in [
        ("<title>Sign in</title>", Some("Sign in")),
        ("<html><head><TITLE lang=en>\n Sign\tin \n</Title ></head>", Some("Sign in")),
        ("<title>A &amp; B &lt;3 &#72;&#x49; &nbsp;&hellip;</title>", Some("A & B <3 HI …")),
        ("<title>AT&T &bogus; &#xD800; &#99999999;</title>", Some("AT&T &bogus; &#xD800; &#99999999;")),
        ("<title>&amp;lt;</title>", Some("&lt;")),
        ("<title>first</title><title>second</title>", Some("first")),
        ("<title></title><title>second</title>", None),
        ("<title>a <b>bold</b> title</title>", Some("a <b>bold</b> title")),
        ("<title>a </titles> b</title>", Some("a </titles> b")),
        ("<title>a </tit</title>", Some("a </tit")),
        ("<title>never closed", Some("never closed")),
        ("<!-- <title>no</title> --><title>yes</title>", Some("yes")),
        ("<!--><title>yes</title>", Some("yes")),
        ("<!doctype html><?php <title>no?><title>yes</title>", Some("yes")),
        ("<script>'<title>no</title>'</script><title>yes</title>", Some("yes")),
        ("<a title='<title>no</title>'></a><title>yes</title>", Some("yes")),
        ("<a title=it's><title>yes</title>", Some("yes")),
        ("<titled>no</titled>", None),
        ("< title>no</title>", None),
        ("<title>\u{202e}gnihsihp\u{0}</title>", None),
        ("<title>\u{202e}gnihsihp\u{7f}</title>", Some("gnihsihp")),
        ("<title>of someone@bank.example</title>", Some("of [email]")),
        ("", None),
    ] {
        assert_eq!(title(page).as_deref(), expected, "{page}");
    }
    assert_eq!(title(&format!("<title>{}</title>", "ü".repeat(5000))).unwrap().chars().count(), 200);
    assert_eq!(read(b"<title>caf\xe9</title>").title.as_deref(), Some("caf\u{fffd}"));
}

#[test]
fn where_pages_send_browsers() {
    for (page, expected) in [
        ("<meta http-equiv=refresh content='0;url=https://a.xx/?a=1&amp;b=2'>", Some("https://a.xx/?a=1&b=2")),
        ("<META CONTENT=\"5; /x\" HTTP-EQUIV=\" Refresh \"/>", Some("/x")),
        ("<meta http-equiv=refresh content=0><meta http-equiv=refresh content='0;/second'>", Some("/second")),
        ("<meta http-equiv=refresh content='0;/first'><meta http-equiv=refresh content='0;/x'>", Some("/first")),
        ("<noscript><meta http-equiv=refresh content='0;/x'></noscript>", Some("/x")),
        ("<meta http-equiv=content-type content='0;/x'>", None),
        ("<meta http-equiv=refresh>", None),
        ("<meta content='0;/x'>", None),
        ("<!-- <meta http-equiv=refresh content='0;/x'> -->", None),
        ("<script>document.write(\"<meta http-equiv=refresh content='0;/x'>\")</script>", None),
        ("</meta http-equiv=refresh content='0;/x'>", None),
    ] {
        assert_eq!(read(page.as_bytes()).refresh.as_deref(), expected, "{page}");
    }
    let long = format!("<meta http-equiv=refresh content='0;/{}'>", "x".repeat(10_000));
    assert_eq!(read(long.as_bytes()).refresh.map(|url| url.len() < 5000), Some(true));
}

fn hash(page: &str) -> u64 {
    read(page.as_bytes()).similarity.unwrap()
}

fn distance(a: &str, b: &str) -> u32 {
    (hash(a) ^ hash(b)).count_ones()
}

#[test]
fn only_visible_words_count() {
    let page = "<p>Sign in to <b>your</b> bank account</p>";
    for like in [
        "sign in TO your-bank: account",
        "<!doctype html><style>p { color: red }</style><p class='a b'>Sign in to your <br/> bank\n account",
        "<script>if (a < b) { x() }</script>Sign in to your bank account<!-- not now -->",
        "<title>another</title>Sign in to your&nbsp;bank &mdash; account<textarea>x</textarea>",
    ] {
        assert_eq!(hash(like), hash(page), "{like}");
    }
    assert_ne!(hash("Sign in to your account"), hash(page));
    assert_eq!((hash(""), hash("<p>.</p>")), (0, 0));
    assert_ne!(hash("one"), hash("two"));
    assert_ne!(hash("one two"), hash("two one"));
    // The hash is kept and compared later: it may never change.
    assert_eq!(hash(page), 1_684_561_455_722_266_628);
}

#[test]
fn what_is_no_text_says_nothing() {
    for content in
        [&b"\x89PNG\r\n\x1a\n\0\0"[..], b"\x7fELF\x02\x01\x01\0", b"PK\x03\x04", b"text\0<title>x</title>"]
    {
        assert_eq!(read(content), PageFacts::default());
    }
    // Behind the head nobody looks for it.
    let late = [&[b'a'; 2000][..], b"\0"].concat();
    assert!(read(&late).similarity.is_some());
}

/// Pages of made-up words.
fn words(seed: u64, count: u64) -> Vec<String> {
    (0..count)
        .map(|number| format!("w{}", blake3::hash(&[seed, number].map(u64::to_le_bytes).concat()).to_hex()))
        .collect()
}

#[test]
fn unlike_pages_differ_in_many_bits() {
    let pages: Vec<String> = (0..30).map(|seed| words(seed, 100).join(" ")).collect();
    let distances: Vec<u32> =
        pages.iter().enumerate().flat_map(|(at, a)| pages[at + 1..].iter().map(|b| distance(a, b))).collect();
    let mean = f64::from(distances.iter().sum::<u32>()) / distances.len() as f64;
    assert!((30.0..34.0).contains(&mean), "{mean}");
    assert!(distances.iter().filter(|distance| **distance <= 24).count() * 20 < distances.len());
}

proptest! {
    #[test]
    fn like_pages_differ_in_few_bits(seed in any::<u64>(), at in 0usize..300, cut in 0usize..20) {
        let page = words(seed, 300);
        let mut changed = page.clone();
        changed[at] = "another".to_owned();
        changed.truncate(300 - cut);
        prop_assert!(distance(&page.join(" "), &changed.join("\n")) <= 24);
    }

    #[test]
    fn any_bytes_are_a_page_however_they_are_cut(
        page in proptest::collection::vec(any::<u8>(), 0..300),
        cuts in proptest::collection::vec(0usize..300, 0..8),
    ) {
        prop_assert_eq!(in_pieces(&page, cuts), read(&page));
    }

    #[test]
    fn any_markup_is_a_page_however_it_is_cut(
        page in "(<(/?(title|meta|script|p|TITLE)|!-?-?|\\?)|[ ='\"/>a-c&;#-]|-->|http-equiv=refresh content=|0;url=|&amp;|\\PC){0,40}",
        cuts in proptest::collection::vec(0usize..300, 0..8),
    ) {
        prop_assert_eq!(in_pieces(page.as_bytes(), cuts), read(page.as_bytes()));
        let title = read(page.as_bytes()).title;
        prop_assert!(title.is_none_or(|title| title.chars().count() <= 200 && !title.contains(char::is_control)));
    }
}

fn in_pieces(page: &[u8], mut cuts: Vec<usize>) -> PageFacts {
    cuts.push(page.len());
    cuts.sort_unstable();
    let mut reader = Page::default();
    let mut from = 0;
    for cut in cuts.into_iter().map(|cut| cut.min(page.len())) {
        reader.push(&page[from..cut]);
        from = cut;
    }
    reader.finish()
}
