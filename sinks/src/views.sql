-- The published views for DuckDB, and thirteen questions that they answer.
--
--   cd out && duckdb -init views.sql            views live as long as the session
--   cd out && duckdb panopticon.db < views.sql  views stay in panopticon.db; the data stay in the files
--
-- From another folder, say first where the files are:  SET file_search_path = '/srv/panopticon/out';
-- For each view V: V_history holds every published day, V the latest day of each TLD. `date` is the day, `tld` the
-- TLD (`_` for addresses, errors and feeds). Instants are UTC. A name's history:  FROM q10_history_of('example.xx');

-- Which partitions exist: a day on which a view had no row is a day all the same.
CREATE OR REPLACE VIEW published AS
SELECT regexp_extract(file, 'view=([^/\\]+)', 1) AS view,
       regexp_extract(file, 'tld=([^/\\]+)', 1) AS tld,
       CAST(regexp_extract(file, 'date=([0-9-]+)', 1) AS DATE) AS date
FROM glob('view=*/tld=*/date=*/*.parquet');

CREATE OR REPLACE VIEW latest AS
SELECT view, tld, max(date) AS date FROM published GROUP BY view, tld;

CREATE OR REPLACE VIEW indicators_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=indicators/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW indicators AS
SELECT h.* FROM indicators_history h JOIN latest l ON l.view = 'indicators' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW evidence_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=evidence/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW evidence AS
SELECT h.* FROM evidence_history h JOIN latest l ON l.view = 'evidence' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW cases_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=cases/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW cases AS
SELECT h.* FROM cases_history h JOIN latest l ON l.view = 'cases' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW daily_diffs_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=daily_diffs/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW daily_diffs AS
SELECT h.* FROM daily_diffs_history h JOIN latest l ON l.view = 'daily_diffs' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW errors_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=errors/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW errors AS
SELECT h.* FROM errors_history h JOIN latest l ON l.view = 'errors' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW feeds_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=feeds/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW feeds AS
SELECT h.* FROM feeds_history h JOIN latest l ON l.view = 'feeds' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW observations_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=observations/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW observations AS
SELECT h.* FROM observations_history h JOIN latest l ON l.view = 'observations' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW probe_requests_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=probe_requests/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW probe_requests AS
SELECT h.* FROM probe_requests_history h JOIN latest l ON l.view = 'probe_requests' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW validated_indicators_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=validated_indicators/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW validated_indicators AS
SELECT h.* FROM validated_indicators_history h JOIN latest l ON l.view = 'validated_indicators' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW remedies_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=remedies/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW remedies AS
SELECT h.* FROM remedies_history h JOIN latest l ON l.view = 'remedies' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW remediation_times_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=remediation_times/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW remediation_times AS
SELECT h.* FROM remediation_times_history h JOIN latest l ON l.view = 'remediation_times' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW feed_scores_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=feed_scores/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW feed_scores AS
SELECT h.* FROM feed_scores_history h JOIN latest l ON l.view = 'feed_scores' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW typosquats_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=typosquats/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW typosquats AS
SELECT h.* FROM typosquats_history h JOIN latest l ON l.view = 'typosquats' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW algorithmic_names_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=algorithmic_names/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW algorithmic_names AS
SELECT h.* FROM algorithmic_names_history h JOIN latest l ON l.view = 'algorithmic_names' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW high_risk_names_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=high_risk_names/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW high_risk_names AS
SELECT h.* FROM high_risk_names_history h JOIN latest l ON l.view = 'high_risk_names' AND l.tld = h.tld AND l.date = h.date;

CREATE OR REPLACE VIEW campaigns_history AS
SELECT * EXCLUDE (view)
FROM read_parquet('view=campaigns/tld=*/date=*/*.parquet', union_by_name = true, hive_partitioning = true,
                  hive_types = {'view': VARCHAR, 'tld': VARCHAR, 'date': DATE});
CREATE OR REPLACE VIEW campaigns AS
SELECT h.* FROM campaigns_history h JOIN latest l ON l.view = 'campaigns' AND l.tld = h.tld AND l.date = h.date;

-- 1. Which names are new on the latest day?
CREATE OR REPLACE VIEW q01_new_today AS
SELECT d.tld, d.subject, c.abuse_class, c.platform, c.feed_ids, c.first_seen
FROM daily_diffs d JOIN cases c ON c.case_id = d.subject_id AND c.tld = d.tld
WHERE d.change = 'added'
ORDER BY ALL;

-- 2. Which cases ended on the latest day, and how?
CREATE OR REPLACE VIEW q02_ended_today AS
SELECT d.tld, d.subject, c.abuse_class, d.change, c.first_seen, c.ended_at, c.ended_at - c.first_seen AS lasted
FROM daily_diffs d JOIN cases c ON c.case_id = d.subject_id AND c.tld = d.tld
WHERE d.change IN ('resolved', 'expired')
ORDER BY ALL;

-- 3. Which cases are open the longest?
CREATE OR REPLACE VIEW q03_open_longest AS
SELECT tld, subject, abuse_class, first_seen, date - CAST(make_timestamp(epoch_us(first_seen)) AS DATE) AS days, feed_ids
FROM cases WHERE status IN ('new', 'active', 'recurred')
ORDER BY first_seen, subject, abuse_class LIMIT 100;

-- 4. Which names are reported most?
CREATE OR REPLACE VIEW q04_most_reported AS
SELECT tld, subject, CAST(sum(evidence_count) AS BIGINT) AS evidence,
       list_sort(list_distinct(flatten(list(feed_ids)))) AS feeds,
       list_sort(list(DISTINCT abuse_class)) AS classes
FROM cases WHERE status IN ('new', 'active', 'recurred')
GROUP BY tld, subject ORDER BY len(feeds) DESC, evidence DESC, subject LIMIT 100;

-- 5. What does each feed find that no other has?
CREATE OR REPLACE VIEW q05_unique_finds AS
SELECT feed_id, count(*) AS indicators, count(*) FILTER (WHERE len(feed_ids) = 1) AS unique_indicators,
       round(100.0 * unique_indicators / indicators, 1) AS unique_percent
FROM (SELECT unnest(feed_ids) AS feed_id, feed_ids FROM indicators)
GROUP BY feed_id ORDER BY unique_indicators DESC, feed_id;

-- 6. Which names came back after they were clean?
CREATE OR REPLACE VIEW q06_recurred AS
SELECT tld, subject, json_extract_string(after, '$.abuse_class') AS abuse_class, count(*) AS times, max(date) AS last_day
FROM daily_diffs_history WHERE change = 'recurred'
GROUP BY ALL ORDER BY last_day DESC, subject, abuse_class;

-- 7. What was withdrawn on the day before the latest: whom do we owe a correction?
CREATE OR REPLACE VIEW q07_withdrawn_yesterday AS
SELECT h.tld, h.subject, json_extract_string(h.before, '$.abuse_class') AS abuse_class, h.cause, h.before
FROM daily_diffs_history h JOIN latest l ON l.view = 'daily_diffs' AND l.tld = h.tld AND h.date = l.date - 1
WHERE h.change = 'withdrawn'
ORDER BY ALL;

-- 8. Which platforms have customers with open cases?
CREATE OR REPLACE VIEW q08_platform_customers AS
SELECT tld, platform, count(DISTINCT subject) AS customers, list_sort(list(DISTINCT subject)) AS subjects
FROM cases WHERE platform IS NOT NULL AND status IN ('new', 'active', 'recurred')
GROUP BY tld, platform ORDER BY customers DESC, platform;

-- 9. Which feeds are old, failing or hard to read?
CREATE OR REPLACE VIEW q09_feed_health AS
SELECT f.feed_id, f.as_of, f.rows, f.kept, f.held, f.failure, f.lapsed, count(e.line_id) AS error_lines,
       min(e.message) AS an_error
FROM feeds f LEFT JOIN errors e ON e.feed_id = f.feed_id
GROUP BY ALL ORDER BY failure NULLS LAST, error_lines DESC, feed_id;

-- 10. What is the history of one name?
CREATE OR REPLACE MACRO q10_history_of(name) AS TABLE
SELECT date, change, cause, before, after FROM daily_diffs_history WHERE subject = lower(name) ORDER BY date, subject_id;

-- 11. What did we measure of one name and its pages?
CREATE OR REPLACE MACRO q11_measured_of(name) AS TABLE
SELECT target, kind, vantage, outcome, status, observed_at, valid_until, failure, gone_since
FROM observations WHERE registrable_domain = lower(name) ORDER BY target, kind, vantage;

-- 12. Which open cases are confirmed, what are they, and who can fix them?
CREATE OR REPLACE VIEW q12_confirmed_and_fixable AS
SELECT r.tld, r.subject, r.abuse_class, r.remedy, r.score, r.parties, r.registrar, count(*) AS confirmed,
       max(v.confirmed_at) AS confirmed_at
FROM remedies r JOIN validated_indicators v ON v.subject = r.subject AND v.tld = r.tld
                AND (v.abuse_class = r.abuse_class OR v.abuse_class = 'other')
GROUP BY ALL ORDER BY r.tld, r.subject, r.abuse_class;

-- 13. Which names of the zone has no feed, and why should somebody look at them? New ones first.
CREATE OR REPLACE VIEW q13_look_at AS
SELECT h.tld, h.name, h.tier, h.score, h.target, list_sort(list(DISTINCT t.technique || ': ' || t.edit)) AS how,
       h.algorithmic, h.entered_at
FROM high_risk_names h LEFT JOIN typosquats t ON t.tld = h.tld AND t.name = h.name AND t.target = h.target
GROUP BY ALL ORDER BY h.entered_at DESC NULLS LAST, h.score DESC NULLS LAST, h.name LIMIT 100;
