"""What openSquat's detector finds for each protected name in a list of labels, at its confidence 1.

    opensquat_pairs.py FOLDER

FOLDER holds `labels` and `names`, a line each. Writes `opensquat` there: name, label. Prints a line of JSON: CPU seconds,
pairs compared. Its own program asks the network for feeds; its detector does not.
"""

import importlib.metadata
import io
import json
import pathlib
import sys
import time

from opensquat.squatting_detector import SquattingDetector

folder = pathlib.Path(sys.argv[1])
labels = (folder / "labels").read_text().splitlines()
names = (folder / "names").read_text().splitlines()
domains = [label + ".com" for label in labels]
detector = SquattingDetector(confidence_level=1)
start = time.process_time()
found = [(name, domain) for name in names for domain in detector.check(name, domains, io.StringIO())]
cpu = time.process_time() - start
(folder / "opensquat").write_text("".join(f"{name}\t{domain.removesuffix('.com')}\n" for name, domain in found))
print(json.dumps({
    "version": importlib.metadata.version("opensquat"),
    "cpu": cpu,
    "compared": len(labels) * len(names),
}))
