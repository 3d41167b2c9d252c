#!/usr/bin/env python3
"""Reads everything published in OUT with DuckDB and with Polars, and compares what the two find.

For every view: the same columns, the same number of rows in each partition, the same values in every row. Then
views.sql is run, every view in it is queried, and every question is asked. A difference ends the program with 1.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import duckdb
import polars

CONTRACT = {
    "indicators": "indicator_id observable kind host registrable_domain host_role platform abuse_class feed_ids"
    " first_seen last_seen ended_at",
    "evidence": "indicator_id feed_id entry_id label first_seen ended_at end confidence",
    "cases": "case_id subject registrable_domain platform abuse_class status first_seen ended_at evidence_count feed_ids",
    "daily_diffs": "changed_view subject_id subject change cause before after",
    "errors": "feed_id line_id line_number message sample",
    "feeds": "feed_id as_of fetched_at rows kept errors",
    "observations": "kind target vantage outcome observed_at refresh_at valid_until",
    "probe_requests": "kind target vantage priority",
    "validated_indicators": "indicator_id observable kind registrable_domain subject abuse_class feed_ids first_seen"
    " confirmed_by confirmed_at valid_until",
    "remedies": "case_id subject registrable_domain abuse_class remedy score validated denied held_back reasons parties",
    "remediation_times": "case_id subject registrable_domain abuse_class first_seen ended_at days registrar remedy validated_at",
    "feed_scores": "feed_id live unique first confirmed denied dead_on_arrival withdrawn",
    "typosquats": "name target technique edit score tier suppressed_by terms entered_at",
    "algorithmic_names": "name score cut_off reasons suppressed_by entered_at",
    "high_risk_names": "name tier score target techniques algorithmic baseline entered_at",
    "campaigns": "name day kind shared names others",
}
INSTANTS = set(
    "first_seen last_seen ended_at reported_at as_of fetched_at observed_at refresh_at valid_until gone_since"
    " gone_confirmed_at confirmed_at validated_at tls_not_before tls_not_after expire_at created_at changed_at expires_at entered_at".split()
)


def plain(value):
    """A value as text, the same for both readers."""
    return json.dumps(value, default=str, ensure_ascii=False)


def read_duckdb(connection, path):
    """Columns and rows of a file; instants as milliseconds."""
    relation = f"read_parquet('{path}', hive_partitioning = false)"
    columns = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()]
    shown = ", ".join(f'epoch_ms("{c}")' if c in INSTANTS else f'"{c}"' for c in columns)
    return columns, connection.execute(f"SELECT {shown} FROM {relation}").fetchall()


def read_polars(path):
    """Columns and rows of a file; instants as milliseconds."""
    frame = polars.read_parquet(path, hive_partitioning=False)
    for column in INSTANTS.intersection(frame.columns):
        if frame.schema[column] != polars.Datetime("ms", "UTC"):
            raise SystemExit(f"{path}: column {column} is {frame.schema[column]}, not an instant in UTC")
    shown = frame.with_columns(polars.col(c).dt.epoch("ms") for c in INSTANTS.intersection(frame.columns))
    return frame.columns, shown.rows()


def check_files(out):
    """Both readers on every file; gives the counts by view and partition."""
    connection, counts, faults = duckdb.connect(), {}, []
    for path in sorted(out.glob("view=*/tld=*/date=*/*.parquet")):
        view, tld, date = (part.split("=", 1)[1] for part in path.relative_to(out).parts[:3])
        columns, rows = read_duckdb(connection, path)
        other_columns, other_rows = read_polars(path)
        wanted = CONTRACT[view].split()
        if columns[: len(wanted)] != wanted:
            faults.append(f"{path}: columns are {columns}, the contract says {wanted}")
        if columns != other_columns or list(map(plain, rows)) != list(map(plain, other_rows)):
            faults.append(f"{path}: DuckDB and Polars disagree")
        metadata = connection.execute(f"SELECT decode(key), decode(value) FROM parquet_kv_metadata('{path}')")
        stated = dict(metadata.fetchall())
        if (stated.get("panopticon.view"), stated.get("panopticon.day")) != (view, date):
            faults.append(f"{path}: the metadata say {stated}")
        counts[view, tld, date] = len(rows)
    for view in CONTRACT.keys() - {view for view, _, _ in counts}:
        faults.append(f"{out}: view {view} has no file")
    return counts, faults


def check_views(out, counts):
    """views.sql: every view in it, and every question."""
    os.chdir(out)
    connection, faults, questions = duckdb.connect(), [], 0
    connection.execute(Path("views.sql").read_text(encoding="utf-8"))
    listed = "SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1"
    found = {}
    for (name,) in connection.execute(listed).fetchall():
        connection.execute(f"CREATE TEMP TABLE rows_of_{name} AS SELECT * FROM {name}")
        found[name] = connection.execute(f"SELECT count(*) FROM rows_of_{name}").fetchone()[0]
        questions += name.startswith("q")
    connection.execute("CREATE TEMP TABLE history AS FROM q10_history_of('nobody.example')")
    connection.execute("CREATE TEMP TABLE measured AS FROM q11_measured_of('nobody.example')")
    questions += 2
    for view in CONTRACT:
        days = {tld: max(d for v, t, d in counts if (v, t) == (view, tld)) for v, tld, _ in counts if v == view}
        latest = sum(counts[view, tld, day] for tld, day in days.items())
        history = sum(n for (v, _, _), n in counts.items() if v == view)
        if (found.get(view), found.get(f"{view}_history")) != (latest, history):
            faults.append(f"views.sql: {view} has {found.get(view)} rows of {latest}")
    if questions != 13:
        faults.append(f"views.sql asks {questions} questions, not 13")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="the folder of everything published")
    out = parser.parse_args().out.resolve()
    counts, faults = check_files(out)
    print(f"duckdb {duckdb.__version__}, polars {polars.__version__}: {len(counts)} files, {sum(counts.values())} rows")
    faults += check_views(out, counts)
    print("duckdb: views.sql, 13 questions")
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
