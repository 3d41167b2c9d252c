"""How likely dgaintel holds each of a list of names for generated.

    dgaintel_scores.py FOLDER

FOLDER holds `names`, a line each. Writes `scores` there, a line each. Prints a line of JSON: CPU seconds, threads.
"""

import json
import os
import pathlib
import sys
import time

# Its model was saved by a Keras of 2019.
os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

from dgaintel.predict import get_prob  # noqa: E402

BATCH = 4096
folder = pathlib.Path(sys.argv[1])
names = (folder / "names").read_text().splitlines()
start = time.process_time()
with open(folder / "scores", "w") as out:
    for at in range(0, len(names), BATCH):
        out.writelines(f"{score:.9f}\n" for score in get_prob(names[at:at + BATCH] + ["a.com"], raw=True)[:-1])
print(json.dumps({"cpu": time.process_time() - start, "names": len(names)}))
