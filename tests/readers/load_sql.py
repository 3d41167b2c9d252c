#!/usr/bin/env python3
"""Loads records.sql of every TLD, one day over another, into SQLite, PostgreSQL and MariaDB.

After day 2 over day 1 each database must hold day 2 and nothing else: the digest that the script states is
recomputed from the rows as the database gives them back. A difference ends the program with 1.
"""

import argparse
import sqlite3
import subprocess
import sys
from pathlib import Path

from blake3 import blake3

KEYS = {
    "indicators": ["indicator_id"],
    "cases": ["case_id"],
    "daily_diffs": ["day", "changed_view", "subject_id"],
    "validated_indicators": ["indicator_id"],
    "remedies": ["case_id"],
    "probe_summaries": ["observation_id"],
    "high_risk_names": ["name"],
    "protected_names": ["name", "list"],
    "allow_list": ["marked"],
}


class Sqlite:
    """SQLite, through Python's own module."""

    name = f"sqlite {sqlite3.sqlite_version}"

    def __init__(self):
        self.connection = sqlite3.connect(":memory:", isolation_level=None)

    def load(self, script):
        self.connection.executescript(script.read_text(encoding="ascii"))

    def columns(self, table):
        return [row[1] for row in self.connection.execute(f"PRAGMA table_info({table})")]

    def lines(self, table, columns, keys):
        shown, order = ", ".join(f'"{c}"' for c in columns), ", ".join(keys) or "1"
        rows = self.connection.execute(f"SELECT {shown} FROM {table} ORDER BY {order}")
        return "".join("\t".join("\\N" if v is None else str(v) for v in row) + "\n" for row in rows)


class Client:
    """A database behind its command-line client: `command` reads a script or a statement from its input."""

    def __init__(self, name, command, quote, text_type, collation):
        self.name, self.command, self.quote, self.text_type, self.collation = name, command, quote, text_type, collation

    def run(self, data):
        done = subprocess.run(self.command, input=data, capture_output=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"error: {self.name}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode("utf-8")

    def load(self, script):
        self.run(script.read_bytes())

    def columns(self, table):
        wanted = f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'"
        schema = "AND table_schema NOT IN ('information_schema', 'pg_catalog', 'mysql') ORDER BY ordinal_position"
        return self.run(f"{wanted} {schema};".encode()).split()

    def lines(self, table, columns, keys):
        q = self.quote
        null = "CONCAT(CHR(92), 'N')"
        shown = ", ".join(f"COALESCE(CAST({q}{c}{q} AS {self.text_type}), {null})" for c in columns)
        order = ", ".join(f"{key}{self.collation}" for key in keys) or "1"
        return self.run(f"SELECT {shown} FROM {table} ORDER BY {order};".encode())


def text_of(database, with_meta=True):
    """The text that the digest is over, as the database gives it back."""
    text = ""
    for table, keys in KEYS.items():
        text += f"{table}\n" + database.lines(table, database.columns(table), keys)
    if with_meta:
        columns = [column for column in database.columns("meta") if column != "digest"]
        text += "meta\n" + database.lines("meta", columns, [])
    return text


def check(database, first, second):
    """Day 1, then day 2 over it, then day 2 again."""
    faults = []
    for script in [first, second, second]:
        database.load(script)
        text, stated = text_of(database), database.lines("meta", ["digest"], []).strip()
        if blake3(text.encode()).hexdigest() != stated:
            faults.append(f"{database.name}: {script} does not have the digest that it states")
        counts = [name for name in database.columns("meta") if name.endswith("_rows")]
        counted = database.lines("meta", counts, []).split()
        loaded = [str(database.lines(table, keys, keys).count("\n")) for table, keys in KEYS.items()]
        if counted != loaded:
            faults.append(f"{database.name}: {script} states {counted} rows, {loaded} were loaded")
    return faults, text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("day1", type=Path, help="the folder published on day 1")
    parser.add_argument("day2", type=Path, help="the folder published on day 2")
    parser.add_argument("--postgres", metavar="DIR", help="the folder of a PostgreSQL server's socket")
    parser.add_argument("--mariadb", metavar="SOCKET", help="the socket of a MariaDB server")
    options = parser.parse_args()
    faults = []
    for folder in sorted((options.day2 / "records").iterdir()):
        first, second = options.day1 / "records" / folder.name / "records.sql", folder / "records.sql"
        for script in (first, second):
            if b"\\" in script.read_bytes():
                faults.append(f"{script} holds a backslash")
        databases = [Sqlite()]
        if options.postgres:
            psql = ["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", options.postgres]
            psql += ["-U", "readers", "-d", "postgres", "-f", "-"]
            databases.append(Client("postgresql", psql, '"', "TEXT", ' COLLATE "C"'))
        if options.mariadb:
            mariadb = ["mariadb", "--no-defaults", "--batch", "--raw", "--skip-column-names", "-u", "root"]
            mariadb += ["-S", options.mariadb, "-D", "readers"]
            databases.append(Client("mariadb", mariadb, "`", "CHAR", ""))
        texts = {}
        for database in databases:
            found, texts[database.name] = check(database, first, second)
            faults += found
            print(f"{database.name}: tld {folder.name}, day 2 over day 1, {len(texts[database.name])} bytes of rows")
        if len(set(texts.values())) != 1:
            faults.append(f"tld {folder.name}: the databases hold different rows")
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
