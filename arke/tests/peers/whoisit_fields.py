"""What whoisit reads in answers of RDAP: one JSON object a file, for a test that compares it with what arke reads.

    whoisit_fields.py FILE...

Needs tests/readers/requirements.txt.
"""

import json
import sys
from datetime import timezone

import whoisit
from whoisit.parser import parse


def emails(found):
    # What stands in the place of an address is a text to whoisit as well.
    return sorted({mail.lower() for entity in found for mail in entity.get("emails", []) if "@" in mail and "*" not in mail})


def instant(at):
    if at is None:
        return None
    at = at.replace(tzinfo=timezone.utc) if at.tzinfo is None else at.astimezone(timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def fields(path):
    with open(path, encoding="utf-8") as file:
        raw = json.load(file)
    found = parse(whoisit._bootstrap, "domain", raw["ldhName"], raw)
    entities = found["entities"]
    return {
        "registrant": emails(entities.get("registrant", [])),
        "abuse": emails(entities.get("abuse", [])),
        "created": instant(found["registration_date"]),
        "changed": instant(found["last_changed_date"]),
        "expires": instant(found["expiration_date"]),
        "statuses": sorted(set(found["status"])),
    }


for path in sys.argv[1:]:
    print(json.dumps(fields(path), sort_keys=True))
