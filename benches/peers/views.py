"""Computes `indicators` and `cases` from scratch with DuckDB and with Polars, and what changed since the last time.

    views.py FOLDER SET...

FOLDER holds sightings.csv, zone.csv, base.now and, for each SET, SET.changes.csv, SET.now and SET.expected.csv, which
is what the engine says. Prints one line of JSON for each peer and set. Loading, and applying the changes to the
table of sightings, are not timed: only computing the views again, and comparing them with those before.
"""

import json
import pathlib
import resource
import sys
import time

import duckdb
import polars as pl

folder = pathlib.Path(sys.argv[1])
# Every set with its name, whether it is measured, and the one before it.
names = sys.argv[2:]
sets = [(name.lstrip("+"), not name.startswith("+"), before.lstrip("+")) for before, name in zip(["base"] + names, names)]


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def instant(name):
    return int((folder / f"{name}.now").read_text())


def expected(name):
    # DuckDB reads the file for both: the engine's rows have no comma in them.
    text = (folder / f"{name}.expected.csv").read_text().splitlines()[1:]
    return sorted(tuple(line.split(",", 1)) for line in text)


def report(peer, name, used, passed, rows):
    want, got = expected(name), sorted(rows)
    if want != got:
        missing, extra = sorted(set(want) - set(got)), sorted(set(got) - set(want))
        print(f"{peer} {name}: engine has {missing[:3]}, peer has {extra[:3]}", file=sys.stderr)
    took = {"peer": peer, "set": name, "cpu": used, "wall": passed, "rows": len(got), "same": want == got}
    print(json.dumps(took), flush=True)


# Where the same name stands in two feeds, and a target came back, the history of a case decides its status: the
# running episode begins after the last gap, and the case recurred when every target before it ended offline.
INDICATORS = """
create or replace table indicators_now as
select 'i|' || observable || '|' || class || '|'
    || list_aggregate(list_sort(list_distinct(list(feed) filter (live))), 'string_agg', ' ') || '|'
    || min(first_seen) || '|' || coalesce(max(last_seen)::varchar, '') || '|'
    || case when bool_or(live and ended_at is null) then '' else (max(ended_at) filter (live))::varchar end as row
from (select *, last = 1 and first_seen <= {now} and (ended_at is null or ended_at > {now}) as live from sightings)
group by observable, class
having bool_or(live)
"""
CASES = """
create or replace table cases_now as
with spans as (
    select *, last = 1 and first_seen <= {now} and (ended_at is null or ended_at > {now}) as live from sightings
), plain as (
    select subject, class, any_value(domain) as domain, bool_or(live) as open, bool_and(live) as calm,
        min(first_seen) as first_seen, max(ended_at) as last_end,
        bool_and(began >= {today}) as began_today,
        count(*) filter (live) as live_count, count(*) as all_count,
        list(feed) filter (live) as live_feeds, list(feed) as all_feeds
    from spans join (select feed as f, entry as e, min(first_seen) as began from sightings group by all)
        on feed = f and entry = e
    group by subject, class
), troubled as (
    select spans.* from spans join plain using (subject, class) where not plain.calm
), ordered as (
    select *, max(coalesce(ended_at, 9223372036854775807)) over (
        partition by subject, class order by first_seen rows between unbounded preceding and 1 preceding
    ) as covered from troubled
), episodes as (
    select *, max(case when first_seen > covered then first_seen end) over (partition by subject, class) as running
    from ordered
), words as (
    select subject, class, observable, running, open,
        arg_min("end", ("end" <> 'offline')::int) as word
    from (
        select *, max(ended) over (partition by subject, class, observable) as latest
        from (
            select episodes.*, plain.open, coalesce(ended_at, 9223372036854775807) as ended
            from episodes join plain using (subject, class)
            where not plain.open or episodes.first_seen < running
        )
    )
    where ended = latest
    group by subject, class, observable, running, open
), offline as (
    select subject, class, bool_and(coalesce(word, '') = 'offline') as all_offline
    from words group by subject, class
)
select 'c|' || subject || '|' || class || '|'
    || case
        when not open then case when all_offline then 'remediated' else 'expired' end
        when coalesce(all_offline, false) then 'recurred'
        when began_today then 'new'
        else 'active'
    end || '|' || first_seen || '|'
    || case when open then '' else last_end::varchar end || '|'
    || case when open then live_count else all_count end || '|'
    || list_aggregate(list_sort(list_distinct(case when open then live_feeds else all_feeds end)), 'string_agg', ' ')
    || '|' || case when zone.name is null then 0 else 1 end as row
from plain left join offline using (subject, class) left join zone on zone.name = plain.domain
"""
DIFF = """
select -1 as diff, row from (select row from {view}_before except all select row from {view}_now)
union all select 1, row from (select row from {view}_now except all select row from {view}_before)
"""


def duckdb_compute(db, now):
    values = {"now": now, "today": now - now % 86_400_000}
    db.execute(INDICATORS.format(**values))
    db.execute(CASES.format(**values))


def duckdb_keep(db):
    for view in ("indicators", "cases"):
        db.execute(f"create or replace table {view}_before as select * from {view}_now")


def by_duckdb():
    db = duckdb.connect()
    peer = f"duckdb {duckdb.__version__}"
    types = "types = {'ended_at': 'BIGINT', 'end': 'VARCHAR', 'last_seen': 'BIGINT', 'reported': 'BIGINT'}"
    db.execute(f"create table sightings as from read_csv('{folder}/sightings.csv', header = true, {types})")
    db.execute(f"create table zone as from read_csv('{folder}/zone.csv', header = true)")
    kept = None
    for name, measured, before in sets:
        if measured and kept != before:
            duckdb_compute(db, instant(before))
            duckdb_keep(db)
        db.execute(f"create or replace temp table changes as from read_csv('{folder}/{name}.changes.csv', header = true, {types})")
        keys = "(feed, entry) in (select (feed, entry) from changes where diff = -1)"
        db.execute(f"delete from sightings where {keys}")
        db.execute("insert into sightings select * exclude (diff) from changes where diff = 1")
        if not measured:
            continue
        start, passed = cpu(), time.monotonic()
        duckdb_compute(db, instant(name))
        rows = [row for view in ("indicators", "cases") for row in db.execute(DIFF.format(view=view)).fetchall()]
        used, passed = cpu() - start, time.monotonic() - passed
        duckdb_keep(db)
        kept = name
        report(peer, name, used, passed, [(str(diff), row) for diff, row in rows])


FOREVER = 2**62


def polars_compute(sightings, zone, now):
    today = now - now % 86_400_000
    spans = sightings.lazy().with_columns(
        live=(pl.col("last") == 1) & (pl.col("first_seen") <= now) & (pl.col("ended_at").fill_null(FOREVER) > now),
        ended=pl.col("ended_at").fill_null(FOREVER),
    )
    live = pl.col("live")
    text = pl.col(pl.String)
    joined = lambda feeds: feeds.unique().sort().str.join(" ")
    word = lambda column: pl.col(column).cast(pl.String).fill_null("")
    indicators = (
        spans.group_by("observable", "class")
        .agg(
            any=live.any(),
            feeds=joined(pl.col("feed").filter(live)),
            first_seen=pl.col("first_seen").min(),
            last_seen=pl.col("last_seen").max(),
            held=(live & pl.col("ended_at").is_null()).any(),
            until=pl.col("ended_at").filter(live).max(),
        )
        .filter("any")
        .select(
            row=pl.concat_str(
                pl.lit("i"), "observable", "class", "feeds", word("first_seen"), word("last_seen"),
                pl.when("held").then(pl.lit("")).otherwise(word("until")), separator="|",
            )
        )
    )
    spans = spans.with_columns(began=pl.col("first_seen").min().over("feed", "entry"))
    case = ["subject", "class"]
    plain = spans.group_by(case).agg(
        domain=pl.col("domain").first(),
        open=live.any(),
        calm=live.all(),
        first_seen=pl.col("first_seen").min(),
        last_end=pl.col("ended_at").max(),
        began_today=(pl.col("began") >= today).all(),
        live_count=live.sum(),
        all_count=pl.len(),
        live_feeds=joined(pl.col("feed").filter(live)),
        all_feeds=joined(pl.col("feed")),
    )
    troubled = spans.join(plain.filter(~pl.col("calm")).select(*case, "open"), on=case).sort(*case, "first_seen")
    covered = pl.col("ended").cum_max().shift(1).over(case)
    episodes = troubled.with_columns(gap=pl.col("first_seen") > covered).with_columns(
        running=pl.col("first_seen").filter(pl.col("gap")).max().over(case)
    )
    before = episodes.filter(~pl.col("open") | (pl.col("first_seen") < pl.col("running")))
    offline = (
        before.filter(pl.col("ended") == pl.col("ended").max().over(*case, "observable"))
        .group_by(*case, "observable")
        .agg(word=(pl.col("end").fill_null("") == "offline").any())
        .group_by(case)
        .agg(all_offline=pl.col("word").all())
    )
    status = (
        pl.when(~pl.col("open"))
        .then(pl.when("all_offline").then(pl.lit("remediated")).otherwise(pl.lit("expired")))
        .when(pl.col("all_offline").fill_null(False))
        .then(pl.lit("recurred"))
        .when("began_today")
        .then(pl.lit("new"))
        .otherwise(pl.lit("active"))
    )
    cases = (
        plain.join(offline, on=case, how="left")
        .join(zone.lazy().select(domain="name", delegated=pl.lit("1")), on="domain", how="left")
        .select(
            row=pl.concat_str(
                pl.lit("c"), "subject", "class", status, word("first_seen"),
                pl.when("open").then(pl.lit("")).otherwise(word("last_end")),
                pl.when("open").then(word("live_count")).otherwise(word("all_count")),
                pl.when("open").then("live_feeds").otherwise("all_feeds"),
                pl.col("delegated").fill_null("0"), separator="|",
            )
        )
    )
    return pl.collect_all([indicators, cases])


def by_polars():
    peer = f"polars {pl.__version__}"
    numbers = ("first_seen", "ended_at", "last_seen", "reported", "last")
    schema = {name: pl.Int64 for name in numbers}
    sightings = pl.read_csv(folder / "sightings.csv", schema_overrides=schema | {"end": pl.String})
    zone = pl.read_csv(folder / "zone.csv")
    kept = None
    for name, measured, before in sets:
        if measured and kept != before:
            views = polars_compute(sightings, zone, instant(before))
        changes = pl.read_csv(folder / f"{name}.changes.csv", schema_overrides=schema | {"end": pl.String})
        gone = changes.filter(pl.col("diff") == -1).select("feed", "entry").unique()
        come = changes.filter(pl.col("diff") == 1).drop("diff")
        sightings = pl.concat([sightings.join(gone, on=["feed", "entry"], how="anti"), come]).rechunk()
        if not measured:
            continue
        start, passed = cpu(), time.monotonic()
        after = polars_compute(sightings, zone, instant(name))
        rows = []
        for old, new in zip(views, after):
            rows += [("-1", row) for row in old.join(new, on="row", how="anti")["row"]]
            rows += [("1", row) for row in new.join(old, on="row", how="anti")["row"]]
        used, passed = cpu() - start, time.monotonic() - passed
        views, kept = after, name
        report(peer, name, used, passed, rows)


by_duckdb()
by_polars()
