"""Writes, or holds against dnstwist, what the tests of look-alikes expect of it.

    dnstwist_names.py write FOLDER      FOLDER is dataflow/tests/data
    dnstwist_names.py check FOLDER      not 0 if a file there is not what dnstwist makes

dnstwist_digests.tsv: name, fuzzer, how many labels it makes, and the first 16 hexadecimal digits of the SHA-256 of
them, sorted, a line each. Labels are A-labels; the name itself is not counted.
dnstwist_homoglyphs.tsv: name, label, for all labels that the fuzzer homoglyph makes of a few names.
"""

import hashlib
import pathlib
import random
import sys

import dnstwist
import idna

FUZZERS = [
    "addition", "bitsquatting", "cyrillic", "hyphenation", "insertion", "omission", "plural", "repetition",
    "replacement", "transposition", "vowel-swap",
]
EDGES = """
ab abc a1 aa aaa 123 0o0 x-y a-b-c my-bank-24 access boxes quizzes messes foxzs sss xxxx es ess aaaaaaaa hello llama
mississippi bookkeeper paypal google amazon microsoft facebook bankofamerica americanexpress deutsche-bank ing ebay
qwertzuiop azerty wvvw rnm clod o0o0 l1l1 zszszs büro straße münchen señor façade øre 1und1 t-online web2print
""".split()
HOMOGLYPHS = ["ebay", "clerk", "moon"]
SYLLABLES = "ba ce di fo gu ha ji ko lu ma ne pi qu ro sa te vi wo xy za ing er th sh ss oo 24 -x".split()


def names():
    chance = random.Random(20250130)
    made = ["".join(chance.choice(SYLLABLES) for _ in range(chance.randint(1, 6))).strip("-") for _ in range(460)]
    good = [name for name in EDGES + made if len(name) > 1 and "--" not in name]
    return list(dict.fromkeys(good))


def labels(name, fuzzer):
    domain = idna.encode(name).decode() + ".com"
    fuzz = dnstwist.Fuzzer(domain)
    fuzz.generate([fuzzer])
    made = {entry["domain"].removesuffix(".com") for entry in fuzz.permutations()}
    return sorted(made - {domain.removesuffix(".com")})


def digests():
    for name in names():
        for fuzzer in FUZZERS:
            made = labels(name, fuzzer)
            digest = hashlib.sha256("".join(label + "\n" for label in made).encode()).hexdigest()[:16]
            yield f"{name}\t{fuzzer}\t{len(made)}\t{digest}\n"


def homoglyphs():
    for name in HOMOGLYPHS:
        for label in labels(name, "homoglyph"):
            yield f"{name}\t{label}\n"


def main():
    what, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    origin = f"# Made by tests/readers/dnstwist_names.py with dnstwist {dnstwist.__version__} (Apache-2.0).\n"
    different = []
    for file, lines in [("dnstwist_digests.tsv", digests), ("dnstwist_homoglyphs.tsv", homoglyphs)]:
        text = origin + "".join(lines())
        if what == "write":
            (folder / file).write_text(text)
        elif (folder / file).read_text() != text:
            different.append(file)
    if different:
        sys.exit(f"not what dnstwist {dnstwist.__version__} makes: {', '.join(different)}")
    print("dnstwist: ok")


main()
