"""What dnstwist finds for each protected name in a set of labels: it generates, and what it generates is looked up.

    dnstwist_pairs.py FOLDER

FOLDER holds `labels` and `names`, a line each. Writes `typing` and `homoglyph` there: name, label, fuzzer. Prints a
line of JSON: CPU seconds of the typing fuzzers, and of those and homoglyphs. Reading the labels is not timed.
"""

import json
import pathlib
import sys
import time

import dnstwist

TYPING = [
    "addition", "bitsquatting", "hyphenation", "insertion", "omission", "plural", "repetition", "replacement",
    "transposition", "vowel-swap",
]
folder = pathlib.Path(sys.argv[1])
labels = {line + ".com" for line in (folder / "labels").read_text().splitlines()}
names = (folder / "names").read_text().splitlines()


def found(fuzzers):
    start = time.process_time()
    rows = set()
    for name in names:
        fuzz = dnstwist.Fuzzer(name + ".com")
        # One at a time: of all fuzzers that make a label, it keeps only the first.
        for fuzzer in fuzzers:
            fuzz.generate([fuzzer])
            made = {entry["domain"] for entry in fuzz.domains}
            rows |= {(name, label.removesuffix(".com"), fuzzer) for label in made & labels if label != name + ".com"}
    return rows, time.process_time() - start


typing, typing_cpu = found(TYPING)
homoglyphs, homoglyph_cpu = found(["homoglyph"])
for file, rows in [("typing", typing), ("homoglyph", homoglyphs)]:
    (folder / file).write_text("".join("\t".join(row) + "\n" for row in sorted(rows)))
print(json.dumps({
    "version": dnstwist.__version__,
    "typing_cpu": typing_cpu,
    "all_cpu": typing_cpu + homoglyph_cpu,
    "homoglyphs": len(homoglyphs),
}))
