//! Patterns of STIX 2.1 (part 9), as far as they name URLs, domains and addresses.

use super::row::{Fault, Kind};

/// Comparisons in a pattern; more is no pattern of an indicator that is listed.
const MOST: usize = 1000;
/// Brackets in each other.
const DEEPEST: u32 = 32;

/// The values that a pattern lists: each with what it is. Empty for a pattern that compares other things only.
///
/// # Errors
/// [`Fault::Pattern`] for what is no pattern, and for one that says more than which values are listed.
pub(super) fn values(pattern: &str) -> Result<Vec<(Kind, String)>, Fault> {
    let mut parser = Parser { rest: pattern.trim_ascii(), found: Vec::new(), comparisons: 0 };
    parser.observations(0)?;
    match parser.rest {
        "" => Ok(parser.found),
        rest => Err(refused(&format!("`{}` stands behind its end", start(rest)))),
    }
}

fn refused(why: &str) -> Fault {
    Fault::Pattern(why.to_owned())
}

/// The beginning of a text, for a message.
fn start(text: &str) -> String {
    text.chars().take(24).collect()
}

struct Parser<'p> {
    rest: &'p str,
    found: Vec<(Kind, String)>,
    comparisons: usize,
}

impl<'p> Parser<'p> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn take(&mut self, sign: &str) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// A word in capitals, as `OR` and `IN` are.
    fn word(&mut self) -> &'p str {
        self.skip();
        let end = self.rest.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        word
    }

    fn must(&mut self, sign: &str) -> Result<(), Fault> {
        if self.take(sign) {
            Ok(())
        } else {
            Err(refused(&format!("`{sign}` is missing before `{}`", start(self.rest))))
        }
    }

    /// `[a] OR [b]`, also in brackets.
    fn observations(&mut self, depth: u32) -> Result<(), Fault> {
        loop {
            if depth > DEEPEST {
                return Err(refused("it has too many brackets"));
            }
            if self.take("(") {
                self.observations(depth + 1)?;
                self.must(")")?;
            } else {
                self.must("[")?;
                self.comparisons(depth + 1)?;
                self.must("]")?;
            }
            let before = self.rest;
            match self.word() {
                "OR" | "AND" => {}
                "" => return Ok(()),
                word => {
                    self.rest = before;
                    return Err(refused(&format!("`{word}` asks for an order or for a time")));
                }
            }
        }
    }

    fn comparisons(&mut self, depth: u32) -> Result<(), Fault> {
        loop {
            if depth > DEEPEST {
                return Err(refused("it has too many brackets"));
            }
            if self.take("(") {
                self.comparisons(depth + 1)?;
                self.must(")")?;
            } else {
                self.comparison()?;
            }
            match self.word() {
                "OR" | "AND" => {}
                "" => return Ok(()),
                word => return Err(refused(&format!("`{word}` joins comparisons"))),
            }
        }
    }

    fn comparison(&mut self) -> Result<(), Fault> {
        self.comparisons += 1;
        if self.comparisons > MOST {
            return Err(refused("it has too many comparisons"));
        }
        self.skip();
        let end =
            self.rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '!' | '<' | '>' | '[' | ']' | '('));
        let (path, rest) = self.rest.split_at_checked(end.unwrap_or(self.rest.len())).unwrap_or_default();
        let (kind, path) = match path {
            // A path has steps in quotes and in brackets; those that are read have neither.
            "" | "NOT" => return Err(refused("it takes values back, or has none")),
            "url:value" => (Some(Kind::Url), rest),
            "domain-name:value" => (Some(Kind::Host), rest),
            "ipv4-addr:value" | "ipv6-addr:value" => (Some(Kind::Any), rest),
            _ => (None, rest.trim_start_matches(|c: char| matches!(c, '[' | ']' | '*') || c.is_ascii_digit())),
        };
        self.rest = path;
        // The path of something else may go on behind a bracket.
        if kind.is_none() {
            let end = self.rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '!' | '<' | '>'));
            self.rest = self.rest.get(end.unwrap_or(0)..).unwrap_or_default();
        }
        if self.take("=") {
            return self.value(kind);
        }
        let is_ours = kind.is_some();
        match self.word() {
            "IN" => {
                self.must("(")?;
                self.value(kind)?;
                while self.take(",") {
                    self.value(kind)?;
                }
                self.must(")")
            }
            // Of other things any comparison will do: it names nothing that is read.
            "LIKE" | "MATCHES" | "ISSUBSET" | "ISSUPERSET" if !is_ours => self.value(None),
            "" if !is_ours && ["!=", "<=", ">=", "<", ">"].iter().any(|sign| self.take(sign)) => self.value(None),
            "" => Err(refused(&format!("`{}` compares in a way that lists nothing", start(self.rest)))),
            word => Err(refused(&format!("`{word}` does not list values"))),
        }
    }

    /// A text in quotes, `\` before `'` and `\`; or another constant, for what is not read.
    fn value(&mut self, kind: Option<Kind>) -> Result<(), Fault> {
        self.skip();
        let typed = ["t", "h", "b"].iter().find_map(|sign| self.rest.strip_prefix(sign));
        if let Some(rest) = typed.filter(|rest| rest.starts_with('\'') && kind.is_none()) {
            self.rest = rest;
        }
        let Some(quoted) = self.rest.strip_prefix('\'') else {
            let end = self
                .rest
                .find(|c: char| c.is_whitespace() || matches!(c, ']' | ')' | ','))
                .unwrap_or(self.rest.len());
            let (constant, rest) = self.rest.split_at_checked(end).unwrap_or_default();
            self.rest = rest;
            return if kind.is_none() && !constant.is_empty() {
                Ok(())
            } else {
                Err(refused("a value is no text in quotes"))
            };
        };
        let (mut text, mut chars) = (String::new(), quoted.char_indices());
        while let Some((at, c)) = chars.next() {
            match c {
                '\'' => {
                    self.rest = quoted.get(at + 1..).unwrap_or_default();
                    self.found.extend(kind.map(|kind| (kind, text)));
                    return Ok(());
                }
                '\\' => text.extend(chars.next().map(|(_, c)| c)),
                _ => text.push(c),
            }
        }
        Err(refused("a text has no end"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str) -> Vec<String> {
        values(pattern).unwrap().into_iter().map(|(_, value)| value).collect()
    }

    #[test]
    fn values_of_a_pattern() {
        for (pattern, expected) in [
            ("[domain-name:value = 'a.xx']", &["a.xx"][..]),
            ("[ url:value='http://a.xx/it\\'s?\\\\' ]", &["http://a.xx/it's?\\"]),
            (
                "[ipv4-addr:value IN ('192.0.2.1', '192.0.2.2')] OR [ipv6-addr:value = '2001:db8::1']",
                &["192.0.2.1", "192.0.2.2", "2001:db8::1"],
            ),
            ("([domain-name:value = 'a.xx' OR (domain-name:value = 'b.xx')])", &["a.xx", "b.xx"]),
            ("[domain-name:value = 'a.xx' AND network-traffic:dst_port = 443]", &["a.xx"]),
            ("[file:hashes.'SHA-256' = 'aa' OR domain-name:value = 'a.xx']", &["a.xx"]),
            ("[domain-name:resolves_to_refs[*].value = '192.0.2.1']", &[]),
            ("[file:name LIKE '%.exe' AND file:size > 10]", &[]),
            ("[process:created = t'2026-01-01T00:00:00Z']", &[]),
        ] {
            assert_eq!(read(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn what_lists_no_values_is_refused() {
        for pattern in [
            "",
            "domain-name:value = 'a.xx'",
            "[domain-name:value = 'a.xx'",
            "[domain-name:value = 'a.xx]",
            "[domain-name:value LIKE '%.xx']",
            "[domain-name:value MATCHES 'a.*']",
            "[domain-name:value != 'a.xx']",
            "[NOT domain-name:value = 'a.xx']",
            "[domain-name:value NOT = 'a.xx']",
            "[domain-name:value = 7]",
            "[domain-name:value = 'a.xx'] FOLLOWEDBY [url:value = 'http://a.xx/']",
            "[domain-name:value = 'a.xx'] WITHIN 5 SECONDS",
            "[domain-name:value = 'a.xx'] junk",
        ] {
            assert!(matches!(values(pattern), Err(Fault::Pattern(_))), "{pattern}: {:?}", values(pattern));
        }
        let deep =
            format!("{}domain-name:value = 'a'{}", "[".to_owned() + &"(".repeat(100), ")".repeat(100) + "]");
        assert!(values(&deep).is_err() && values(&"(".repeat(100_000)).is_err());
    }
}
