"""The rows of a feed through IntelMQ's harmonisation: a file and its format in, CPU seconds out.

What is read of a row is what panopticon reads of it; of PhishTank, for which IntelMQ has a parser, what that adds.
Parsing is Python's own, and is timed apart. Into the file `hosts`
go the ids of the rows with their hosts or addresses.
"""

import csv
import importlib.metadata
import json
import os
import re
import sys
import time
from urllib.parse import urlsplit

import intelmq
from intelmq.lib.message import Event

HARMONIZATION = json.load(open(os.path.join(os.path.dirname(intelmq.__file__), "etc", "harmonization.conf")))


def phishtank_json(text):
    for row in json.loads(text):
        detail = row["details"][0]
        # What its own parser for PhishTank adds, but for the raw line.
        yield {
            "time.source": row["submission_time"],
            "classification.type": "phishing",
            "extra.id": row["phish_id"],
            "source.url": row["url"],
            "event_description.url": row["phish_detail_url"],
            "event_description.target": row["target"],
            "status": "online",
            "extra.phishtank.verified": row["verified"],
            "extra.phishtank.verification_time": row["verification_time"],
            "source.ip": detail["ip_address"],
            "source.network": detail["cidr_block"],
            "source.asn": detail["announcing_network"],
            "source.geolocation.cc": detail["country"],
        }


def threatfox(row, number, tags):
    event = {
        "extra.id": number,
        "time.source": row["first_seen_utc"] + " UTC",
        "malware.name": row["malware_printable"].lower(),
        "feed.accuracy": float(row["confidence_level"]),
        "extra.tags": tags,
        "classification.type": "c2-server" if row["threat_type"] == "botnet_cc" else "malware-distribution",
    }
    value = row["ioc_value"]
    if row["ioc_type"] == "url":
        event["source.url"] = value
    elif row["ioc_type"] == "domain":
        event["source.fqdn"] = value
    else:
        address, port = value.rsplit(":", 1)
        event["source.ip"], event["source.port"] = address.strip("[]"), int(port)
    return event


def threatfox_json(text):
    for number, rows in json.loads(text).items():
        yield threatfox(rows[0], number, rows[0]["tags"])


def threatfox_csv(text):
    header = None
    for line in text.splitlines():
        if line.startswith("#"):
            names = next(csv.reader([line.lstrip("# ")], skipinitialspace=True))
            header = names if "ioc_value" in names else header
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    for row in csv.DictReader(lines, header, skipinitialspace=True):
        yield threatfox(row, row["ioc_id"], row["tags"])


COMPARISON = re.compile(r"(url|domain-name|ipv4-addr):value = '([^']*)'")


def stix(text):
    for row in json.loads(text)["objects"]:
        kind, value = COMPARISON.search(row["pattern"]).groups()
        yield {
            "extra.id": row["id"],
            {"url": "source.url", "domain-name": "source.fqdn", "ipv4-addr": "source.ip"}[kind]: value,
            "time.source": row["created"],
            "feed.accuracy": float(row["confidence"]),
            "extra.tags": ",".join(row["indicator_types"]),
            "classification.type": "malware-distribution",
        }


def main():
    path, form, hosts = sys.argv[1:]
    text = open(path, encoding="utf-8").read()
    start = time.process_time()
    rows = list({"phishtank-json": phishtank_json, "threatfox-json": threatfox_json,
                 "threatfox-csv": threatfox_csv, "stix": stix}[form](text))
    parsed = time.process_time()
    events = []
    for row in rows:
        event = Event(harmonization=HARMONIZATION)
        for key, value in row.items():
            event.add(key, value)
        events.append(event)
    done = time.process_time()
    with open(hosts, "w", encoding="utf-8") as file:
        for event in events:
            url = event.get("source.url")
            host = urlsplit(url).hostname if url else event.get("source.fqdn") or event.get("source.ip")
            file.write(f"{event['extra.id']}\t{host}\n")
    version = importlib.metadata.version("intelmq")
    json.dump({"version": version, "rows": len(events), "parse": parsed - start, "harmonise": done - parsed}, sys.stdout)


main()
