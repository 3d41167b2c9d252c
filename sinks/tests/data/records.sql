-- panopticon records.sql, schema 1.4, for SQLite, PostgreSQL and MariaDB
/*!40101 SET @@session.sql_mode = CONCAT(@@session.sql_mode, ',ANSI_QUOTES') */;
BEGIN;
DROP TABLE IF EXISTS meta;
DROP TABLE IF EXISTS allow_list;
DROP TABLE IF EXISTS protected_names;
DROP TABLE IF EXISTS high_risk_names;
DROP TABLE IF EXISTS probe_summaries;
DROP TABLE IF EXISTS remedies;
DROP TABLE IF EXISTS validated_indicators;
DROP TABLE IF EXISTS daily_diffs;
DROP TABLE IF EXISTS cases;
DROP TABLE IF EXISTS indicators;
CREATE TABLE indicators (
  indicator_id VARCHAR(32) NOT NULL,
  observable TEXT NOT NULL,
  kind VARCHAR(32) NOT NULL,
  host VARCHAR(255) NOT NULL,
  registrable_domain VARCHAR(255),
  host_role VARCHAR(32) NOT NULL,
  platform VARCHAR(255),
  abuse_class VARCHAR(32) NOT NULL,
  feed_ids TEXT NOT NULL,
  first_seen_ms BIGINT NOT NULL,
  first_seen VARCHAR(24) NOT NULL,
  last_seen_ms BIGINT,
  last_seen VARCHAR(24),
  ended_at_ms BIGINT,
  ended_at VARCHAR(24),
  subject VARCHAR(255),
  delegation VARCHAR(32),
  quad9 VARCHAR(32),
  http_a VARCHAR(32),
  https_a VARCHAR(32),
  http_b VARCHAR(32),
  https_b VARCHAR(32),
  web_risk VARCHAR(32),
  "rank" BIGINT,
  created_at_ms BIGINT,
  created_at VARCHAR(24),
  epp_statuses TEXT,
  registrar TEXT,
  cloaking SMALLINT,
  protected SMALLINT NOT NULL,
  PRIMARY KEY (indicator_id)
) /*!40101 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
CREATE TABLE cases (
  case_id VARCHAR(32) NOT NULL,
  subject VARCHAR(255) NOT NULL,
  registrable_domain VARCHAR(255) NOT NULL,
  platform VARCHAR(255),
  abuse_class VARCHAR(32) NOT NULL,
  status VARCHAR(32) NOT NULL,
  first_seen_ms BIGINT NOT NULL,
  first_seen VARCHAR(24) NOT NULL,
  ended_at_ms BIGINT,
  ended_at VARCHAR(24),
  evidence_count BIGINT NOT NULL,
  feed_ids TEXT NOT NULL,
  delegated SMALLINT,
  "rank" BIGINT,
  PRIMARY KEY (case_id)
) /*!40101 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
CREATE TABLE daily_diffs (
  day VARCHAR(10) NOT NULL,
  changed_view VARCHAR(32) NOT NULL,
  subject_id VARCHAR(32) NOT NULL,
  subject VARCHAR(255) NOT NULL,
  "change" VARCHAR(32) NOT NULL,
  cause VARCHAR(32) NOT NULL,
  "before" TEXT,
  "after" TEXT,
  PRIMARY KEY (day, changed_view, subject_id)
) /*!40101 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
CREATE TABLE validated_indicators (
  indicator_id VARCHAR(32) NOT NULL,
  observable TEXT NOT NULL,
  kind VARCHAR(32) NOT NULL,
  registrable_domain VARCHAR(255),
  subject VARCHAR(255),
  abuse_class VARCHAR(32) NOT NULL,
  feed_ids TEXT NOT NULL,
  first_seen_ms BIGINT NOT NULL,
  first_seen VARCHAR(24) NOT NULL,
  confirmed_by TEXT,
  confirmed_at_ms BIGINT NOT NULL,
  confirmed_at VARCHAR(24) NOT NULL,
  valid_until_ms BIGINT NOT NULL,
  valid_until VARCHAR(24) NOT NULL,
  PRIMARY KEY (indicator_id)
) /*!40101 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
CREATE TABLE remedies (
  case_id VARCHAR(32) NOT NULL,
  subject VARCHAR(255) NOT NULL,
  registrable_domain VARCHAR(255) NOT NULL,
  abuse_class VARCHAR(32) NOT NULL,
  remedy VARCHAR(32) NOT NULL,
  score BIGINT NOT NULL,
  validated SMALLINT NOT NULL,
  denied VARCHAR(32),
  held_back VARCHAR(32),
  reasons TEXT,
  parties TEXT,
  registrar TEXT,
  addresses TEXT,
  name_servers TEXT,
  PRIMARY KEY (case_id)
) /*!40101 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
CREATE TABLE probe_summaries (
  observation_id VARCHAR(32) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  target VARCHAR(255) NOT NULL,
  vantage TEXT NOT NULL,
  outcome VARCHAR(32) NOT NULL,
  observed_at_ms BIGINT NOT NULL,
  observed_at VARCHAR(24) NOT NULL,
  valid_until_ms BIGINT NOT NULL,
  valid_until VARCHAR(24) NOT NULL,
  registrable_domain VARCHAR(255),
  PRIMARY KEY (observation_id)
) /*!40101 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
CREATE TABLE high_risk_names (
  name VARCHAR(255) NOT NULL,
  tier VARCHAR(80) NOT NULL,
  score BIGINT,
  target VARCHAR(255),
  techniques TEXT,
  algorithmic SMALLINT NOT NULL,
  baseline SMALLINT NOT NULL,
  entered_at_ms BIGINT,
  entered_at VARCHAR(24),
  PRIMARY KEY (name)
) /*!40101 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
CREATE TABLE protected_names (
  name VARCHAR(255) NOT NULL,
  list VARCHAR(80) NOT NULL,
  sector TEXT,
  common_word SMALLINT NOT NULL,
  PRIMARY KEY (name, list)
) /*!40101 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
CREATE TABLE allow_list (
  marked VARCHAR(255) NOT NULL,
  subject VARCHAR(255) NOT NULL,
  reason TEXT NOT NULL,
  marked_at_ms BIGINT NOT NULL,
  marked_at VARCHAR(24) NOT NULL,
  valid_until_ms BIGINT,
  valid_until VARCHAR(24),
  PRIMARY KEY (marked)
) /*!40101 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
CREATE TABLE meta (
  schema_version VARCHAR(8) NOT NULL,
  tld VARCHAR(63) NOT NULL,
  day VARCHAR(10) NOT NULL,
  closed SMALLINT NOT NULL,
  as_of_ms BIGINT NOT NULL,
  as_of VARCHAR(24) NOT NULL,
  program VARCHAR(255) NOT NULL,
  indicators_rows BIGINT NOT NULL,
  cases_rows BIGINT NOT NULL,
  daily_diffs_rows BIGINT NOT NULL,
  validated_indicators_rows BIGINT NOT NULL,
  remedies_rows BIGINT NOT NULL,
  probe_summaries_rows BIGINT NOT NULL,
  high_risk_names_rows BIGINT NOT NULL,
  protected_names_rows BIGINT NOT NULL,
  allow_list_rows BIGINT NOT NULL,
  digest VARCHAR(64) NOT NULL,
  PRIMARY KEY (tld)
) /*!40101 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
/*!40101 START TRANSACTION */;
INSERT INTO indicators (indicator_id, observable, kind, host, registrable_domain, host_role, platform, abuse_class, feed_ids, first_seen_ms, first_seen, last_seen_ms, last_seen, ended_at_ms, ended_at, subject, delegation, quad9, http_a, https_a, http_b, https_b, web_risk, "rank", created_at_ms, created_at, epp_statuses, registrar, cloaking, protected) VALUES
('049d65e5ef5016cfce2b80cdafae58b0','xn--bcher-kva.xx','host','xn--bcher-kva.xx','xn--bcher-kva.xx','registered',NULL,'scam','list',1795424400000,'2026-11-23T09:00:00.000Z',NULL,NULL,NULL,NULL,'xn--bcher-kva.xx',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0),
('3166cb266f6c2e3f92a2285c0fe87eca','http://login.bank-it.xx/it''s/?to=[email]&x='';--','url','login.bank-it.xx','bank-it.xx','subordinate',NULL,'phishing','openphish,phishtank',1795309200000,'2026-11-22T01:00:00.000Z',NULL,NULL,NULL,NULL,'bank-it.xx',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0),
('b0e3e56e62b3dc0d9e6e30e0f392dd99','shop.pages.xx','host','shop.pages.xx','pages.xx','platform','pages.xx','phishing','phishtank',1795316400000,'2026-11-22T03:00:00.000Z',NULL,NULL,NULL,NULL,'shop.pages.xx',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO cases (case_id, subject, registrable_domain, platform, abuse_class, status, first_seen_ms, first_seen, ended_at_ms, ended_at, evidence_count, feed_ids, delegated, "rank") VALUES
('201930e71b8fd0d71e835616cef5ba05','bank-it.xx','bank-it.xx',NULL,'phishing','active',1795309200000,'2026-11-22T01:00:00.000Z',NULL,NULL,2,'openphish,phishtank',1,NULL),
('23be3662ba5e80ffedd5eae4975baf60','evil.xx','evil.xx',NULL,'malware','expired',1795320000000,'2026-11-22T04:00:00.000Z',1795395600000,'2026-11-23T01:00:00.000Z',1,'urlhaus',1,4711),
('a1aa02981a888c4534a2e5444fac6976','gone.xx','gone.xx',NULL,'malware','remediated',1795323600000,'2026-11-22T05:00:00.000Z',1795377600000,'2026-11-22T20:00:00.000Z',1,'urlhaus',1,NULL),
('bc686d2865216f9cdce23de0a99405e7','xn--bcher-kva.xx','xn--bcher-kva.xx',NULL,'scam','active',1795424400000,'2026-11-23T09:00:00.000Z',NULL,NULL,1,'list',1,NULL),
('d819a947f2d1b7d116b1220448c70ea6','shop.pages.xx','pages.xx','pages.xx','phishing','active',1795316400000,'2026-11-22T03:00:00.000Z',NULL,NULL,1,'phishtank',NULL,NULL);
INSERT INTO daily_diffs (day, changed_view, subject_id, subject, "change", cause, "before", "after") VALUES
('2026-11-22','cases','201930e71b8fd0d71e835616cef5ba05','bank-it.xx','added','evidence',NULL,'{"status":"active","abuse_class":"phishing","feed_ids":["openphish","phishtank"],"remedy":"compromised","validated":true}'),
('2026-11-22','cases','23be3662ba5e80ffedd5eae4975baf60','evil.xx','added','evidence',NULL,'{"status":"active","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":"compromised","validated":true}'),
('2026-11-22','cases','a1aa02981a888c4534a2e5444fac6976','gone.xx','resolved','evidence',NULL,'{"status":"remediated","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":null,"validated":false}'),
('2026-11-22','cases','d819a947f2d1b7d116b1220448c70ea6','shop.pages.xx','added','evidence',NULL,'{"status":"active","abuse_class":"phishing","feed_ids":["phishtank"],"remedy":"compromised","validated":false}'),
('2026-11-23','cases','23be3662ba5e80ffedd5eae4975baf60','evil.xx','expired','evidence','{"status":"active","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":"compromised","validated":true}','{"status":"expired","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":null,"validated":false}'),
('2026-11-23','cases','bc686d2865216f9cdce23de0a99405e7','xn--bcher-kva.xx','added','evidence',NULL,'{"status":"active","abuse_class":"scam","feed_ids":["list"],"remedy":"compromised","validated":true}');
INSERT INTO validated_indicators (indicator_id, observable, kind, registrable_domain, subject, abuse_class, feed_ids, first_seen_ms, first_seen, confirmed_by, confirmed_at_ms, confirmed_at, valid_until_ms, valid_until) VALUES
('049d65e5ef5016cfce2b80cdafae58b0','xn--bcher-kva.xx','host','xn--bcher-kva.xx','xn--bcher-kva.xx','scam','list',1795424400000,'2026-11-23T09:00:00.000Z','http ch,it''s%2C %22nz%22',1795474800000,'2026-11-23T23:00:00.000Z',1795482000000,'2026-11-24T01:00:00.000Z'),
('3166cb266f6c2e3f92a2285c0fe87eca','http://login.bank-it.xx/it''s/?to=[email]&x='';--','url','bank-it.xx','bank-it.xx','phishing','openphish,phishtank',1795309200000,'2026-11-22T01:00:00.000Z','http ch,it''s%2C %22nz%22',1795474800000,'2026-11-23T23:00:00.000Z',1795482000000,'2026-11-24T01:00:00.000Z');
INSERT INTO remedies (case_id, subject, registrable_domain, abuse_class, remedy, score, validated, denied, held_back, reasons, parties, registrar, addresses, name_servers) VALUES
('201930e71b8fd0d71e835616cef5ba05','bank-it.xx','bank-it.xx','phishing','compromised',-25,1,NULL,NULL,'-20 ordinary-root it''s <[email]>%2C %5C %C3%A9,-5 subordinate-host','registrant,hoster','Registrar, it''s "one"','192.0.2.1,2001:db8::1',''),
('bc686d2865216f9cdce23de0a99405e7','xn--bcher-kva.xx','xn--bcher-kva.xx','scam','compromised',-25,1,NULL,NULL,'-20 ordinary-root it''s <[email]>%2C %5C %C3%A9,-5 subordinate-host','registrant,hoster','Registrar, it''s "one"','192.0.2.1,2001:db8::1',''),
('d819a947f2d1b7d116b1220448c70ea6','shop.pages.xx','pages.xx','phishing','compromised',-25,0,'not-confirmed',NULL,'-20 ordinary-root it''s <[email]>%2C %5C %C3%A9,-5 subordinate-host','registrant,hoster','Registrar, it''s "one"','192.0.2.1,2001:db8::1','');
INSERT INTO high_risk_names (name, tier, score, target, techniques, algorithmic, baseline, entered_at_ms, entered_at) VALUES
('paypa1.xx','review',50,'paypal.com','homoglyph',0,0,1795392000001,'2026-11-23T00:00:00.001Z'),
('xkqzvbtrw.xx','review',NULL,NULL,'',1,1,NULL,NULL);
INSERT INTO protected_names (name, list, sector, common_word) VALUES
('o''garden.xx','shipped',NULL,1),
('paypal.com','shipped','finance',0);
INSERT INTO allow_list (marked, subject, reason, marked_at_ms, marked_at, valid_until_ms, valid_until) VALUES
('garden.xx','garden.xx','it''s ours, says [email]',1,'1970-01-01T00:00:00.001Z',NULL,NULL);
INSERT INTO meta (schema_version, tld, day, closed, as_of_ms, as_of, program, indicators_rows, cases_rows, daily_diffs_rows, validated_indicators_rows, remedies_rows, probe_summaries_rows, high_risk_names_rows, protected_names_rows, allow_list_rows, digest) VALUES
('1.4','xx','2026-11-23',1,1795478400000,'2026-11-24T00:00:00.000Z','panopticon 0.1.0',3,5,6,2,3,0,2,2,1,'17f285b2e424f6cd7e3753440c7f6b37bff153828b351f35fb6f19ccd9425aed');
COMMIT;
