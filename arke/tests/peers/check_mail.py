"""Do other people's programs take arke's mails? Every .eml of a folder is parsed by Python's e-mail library, its
signatures are verified by dkimpy with the keys of keys.tsv, its reports are read by xarf, and SpamAssassin judges it by
its local rules. A line per check; not 0 on any fault.

    check_mail.py FOLDER
"""

import csv
import email
import email.policy
import html.parser
import io
import json
import re
import subprocess
import sys
import warnings
from pathlib import Path

import dkim
import xarf

# Below which Debian's SpamAssassin calls nothing spam.
SPAM = 5.0

faults = []


def expect(condition, path, what):
    if not condition:
        faults.append(f"{path.name}: {what}")


def read_keys(folder):
    lines = (folder / "keys.tsv").read_text().splitlines()
    keys = dict(line.split("\t") for line in lines)
    return lambda name, timeout=5: keys.get(name.decode().rstrip("."), "").encode()


class Page(html.parser.HTMLParser):
    """Collects what a mail must not have: anything that is loaded or clicked; and unclosed tags."""

    VOID = {"meta", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.faults = [], []

    def handle_starttag(self, tag, attributes):
        if tag in {"a", "img", "script", "link", "form", "iframe", "style"}:
            self.faults.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.faults += [name for name, _ in attributes if name in {"href", "src"} or name.startswith("on")]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"/{tag}")


def verified(raw, dnsfunc):
    """The outcome for each signature."""
    signatures = len(re.findall(rb"(?mi)^dkim-signature:", raw.split(b"\r\n\r\n")[0]))
    outcomes = []
    for index in range(signatures):
        try:
            outcomes.append(dkim.DKIM(raw).verify(idx=index, dnsfunc=dnsfunc))
        except dkim.DKIMException as error:
            outcomes.append(str(error))
    return outcomes


def check(path, dnsfunc):
    raw = path.read_bytes()
    expect(max(map(len, raw.split(b"\r\n"))) <= 998, path, "a line is longer than 998")
    expect(raw.count(b"\n") == raw.count(b"\r\n"), path, "a bare line feed")
    message = email.message_from_bytes(raw, policy=email.policy.default)
    reports = []
    for part in message.walk():
        defects = list(part.defects) + [defect for value in part.values() for defect in value.defects]
        expect(not defects, path, f"defects {defects}")
        content_type = part.get_content_type()
        if part.is_multipart():
            continue
        content = part.get_content()
        if content_type == "text/html":
            page = Page()
            page.feed(content)
            expect(not page.faults and not page.open, path, f"html {page.faults} {page.open}")
        if content_type == "application/json":
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                result = xarf.parse(json.loads(content))
            expect(result.report is not None and not result.errors, path, f"xarf {result.errors}")
            reports.append(f"{result.report.category}/{result.report.type}")
        if content_type == "text/csv":
            rows = list(csv.reader(io.StringIO(content)))
            expect(len(rows) > 1 and len({len(row) for row in rows}) == 1, path, "csv of unequal rows")
            expect(all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row), path, "csv formula")
        if content_type in {"text/html", "text/plain"}:
            expect("bakery.xx" not in content and "xn--mller-kva.xx" not in content, path, "a live name")
    outcomes = verified(raw, dnsfunc)
    expect(outcomes == [True, True], path, f"dkim {outcomes}")
    # What is checked can fail: a word changed, and a second From in front.
    for changed in (raw.replace(b"\r\nSubject: ", b"\r\nSubject: x", 1), b"From: x@example.net\r\n" + raw):
        expect(True not in verified(changed, dnsfunc), path, "dkim holds for a changed mail")
    return reports


def spam_scores(paths):
    """Scores and rules of all mails, by one run over a mailbox."""
    mailbox = b"".join(b"From - Tue Nov 24 21:40:00 2026\n" + path.read_bytes().replace(b"\r\n", b"\n") + b"\n" for path in paths)
    done = subprocess.run(["spamassassin", "-L", "-x", "--mbox"], input=mailbox, stdout=subprocess.PIPE, check=True)
    text = done.stdout.decode("utf-8", "replace")
    found = re.findall(r"X-Spam-Status: \w+, score=(-?[\d.]+) required=[\d.]+\s+tests=([\w,\s]*?)\s+autolearn", text)
    return [(float(score), "".join(rules.split())) for score, rules in found]


def main():
    folder = Path(sys.argv[1])
    dnsfunc = read_keys(folder)
    paths = sorted(folder.glob("*.eml"))
    if not paths:
        sys.exit(f"no mail in {folder}")
    reports = [report for path in paths for report in check(path, dnsfunc)]
    print(f"python {sys.version.split()[0]}: {len(paths)} mails, 0 defects expected")
    print(f"dkimpy: {2 * len(paths)} signatures")
    print(f"xarf: {len(reports)} reports of {', '.join(sorted(set(reports)))}")
    scores = spam_scores(paths)
    if len(scores) != len(paths):
        faults.append(f"spamassassin judged {len(scores)} of {len(paths)}")
    for path, (score, rules) in zip(paths, scores):
        expect(score < SPAM, path, f"spam score {score} ({rules})")
    worst = max(zip(scores, paths), default=None)
    print(f"spamassassin: worst {worst[0][0]} ({worst[0][1]}) {worst[1].name}" if worst else "spamassassin: none")
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


main()
