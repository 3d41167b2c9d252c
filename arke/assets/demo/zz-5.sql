-- panopticon records.sql, schema 1.3, for SQLite, PostgreSQL and MariaDB
/*!40101 SET @@session.sql_mode = CONCAT(@@session.sql_mode, ',ANSI_QUOTES') */;
BEGIN;
DROP TABLE IF EXISTS meta;
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
  target TEXT NOT NULL,
  vantage TEXT NOT NULL,
  outcome VARCHAR(32) NOT NULL,
  observed_at_ms BIGINT NOT NULL,
  observed_at VARCHAR(24) NOT NULL,
  valid_until_ms BIGINT NOT NULL,
  valid_until VARCHAR(24) NOT NULL,
  registrable_domain VARCHAR(255),
  PRIMARY KEY (observation_id)
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
  digest VARCHAR(64) NOT NULL,
  PRIMARY KEY (tld)
) /*!40101 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
/*!40101 START TRANSACTION */;
INSERT INTO indicators (indicator_id, observable, kind, host, registrable_domain, host_role, platform, abuse_class, feed_ids, first_seen_ms, first_seen, last_seen_ms, last_seen, ended_at_ms, ended_at, subject, delegation, quad9, http_a, https_a, http_b, https_b, web_risk, "rank", created_at_ms, created_at, epp_statuses, registrar, cloaking, protected) VALUES
('0fee28cb384948816531b1c99e0f8bcd','cheap-pills.zz','host','cheap-pills.zz','cheap-pills.zz','registered',NULL,'phishing','desk',1740895200000,'2025-03-02T06:00:00.000Z',NULL,NULL,NULL,NULL,'cheap-pills.zz','delegated','clear','not-found','not-found','not-found','not-found','clear',NULL,1740856800000,'2025-03-01T19:20:00.000Z','addPeriod','Cheap Names Ltd',0,0),
('84eee3191489745cc4a0eb41dd994943','http://tulips.zz/offer','url','tulips.zz','tulips.zz','registered',NULL,'phishing','openphish',1741154400000,'2025-03-05T06:00:00.000Z',NULL,NULL,NULL,NULL,'tulips.zz','delegated','clear','content','not-found','content','not-found','clear',NULL,1725274800000,'2024-09-02T11:00:00.000Z','ok','Cheap Names Ltd',0,0),
('8d6548a756a49941711852f4c111d3cd','http://books.zz/wp-content/plugins/mail/login.php','url','books.zz','books.zz','registered',NULL,'phishing','openphish',1741154400000,'2025-03-05T06:00:00.000Z',NULL,NULL,NULL,NULL,'books.zz','delegated','clear','content','not-found','content','not-found','clear',NULL,1339668000000,'2012-06-14T10:00:00.000Z','ok','Old Registrar SA',0,0),
('bfcea73eb81b51708bf0eddca17cc157','http://files.garden.zz/a.exe','url','files.garden.zz','garden.zz','subordinate',NULL,'malware','urlhaus',1740807000000,'2025-03-01T05:30:00.000Z',1741150800000,'2025-03-05T05:00:00.000Z',NULL,NULL,'garden.zz','delegated','blocked','content','not-found','content','not-found','match',NULL,1452585600000,'2016-01-12T08:00:00.000Z','ok','Old Registrar SA',0,0);
INSERT INTO cases (case_id, subject, registrable_domain, platform, abuse_class, status, first_seen_ms, first_seen, ended_at_ms, ended_at, evidence_count, feed_ids, delegated, "rank") VALUES
('2512aad41a28d70bc060e56273c2c812','media.co.zz','media.co.zz',NULL,'malware','withdrawn',1740807000000,'2025-03-01T05:30:00.000Z',NULL,NULL,1,'urlhaus',NULL,NULL),
('6d146b9dd835ff2ec0ff964225d8858a','books.zz','books.zz',NULL,'phishing','new',1741154400000,'2025-03-05T06:00:00.000Z',NULL,NULL,1,'openphish',NULL,NULL),
('78aa3ea397871ab6de6cf8c75229a100','tulips.zz','tulips.zz',NULL,'phishing','new',1741154400000,'2025-03-05T06:00:00.000Z',NULL,NULL,1,'openphish',NULL,NULL),
('b778c513d13daeeb5676acca0091b1e4','cheap-pills.zz','cheap-pills.zz',NULL,'phishing','remediated',1740895200000,'2025-03-02T06:00:00.000Z',1740981600000,'2025-03-03T06:00:00.000Z',1,'desk',NULL,NULL),
('b9ee759acdbf0a1cfc7530d1844dcf69','garden.zz','garden.zz',NULL,'malware','recurred',1740807000000,'2025-03-01T05:30:00.000Z',NULL,NULL,1,'urlhaus',NULL,NULL);
INSERT INTO daily_diffs (day, changed_view, subject_id, subject, "change", cause, "before", "after") VALUES
('2025-03-01','cases','2512aad41a28d70bc060e56273c2c812','media.co.zz','added','evidence',NULL,'{"status":"active","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":"compromised","validated":true}'),
('2025-03-01','cases','b9ee759acdbf0a1cfc7530d1844dcf69','garden.zz','added','evidence',NULL,'{"status":"active","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":"compromised","validated":true}'),
('2025-03-02','cases','b778c513d13daeeb5676acca0091b1e4','cheap-pills.zz','added','evidence',NULL,'{"status":"active","abuse_class":"phishing","feed_ids":["desk"],"remedy":"malicious","validated":false}'),
('2025-03-02','cases','b9ee759acdbf0a1cfc7530d1844dcf69','garden.zz','resolved','evidence','{"status":"active","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":"compromised","validated":true}','{"status":"remediated","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":null,"validated":false}'),
('2025-03-03','cases','b778c513d13daeeb5676acca0091b1e4','cheap-pills.zz','resolved','evidence','{"status":"active","abuse_class":"phishing","feed_ids":["desk"],"remedy":"malicious","validated":false}','{"status":"remediated","abuse_class":"phishing","feed_ids":["desk"],"remedy":null,"validated":false}'),
('2025-03-03','cases','b9ee759acdbf0a1cfc7530d1844dcf69','garden.zz','recurred','evidence','{"status":"remediated","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":null,"validated":false}','{"status":"recurred","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":"compromised","validated":true}'),
('2025-03-04','cases','2512aad41a28d70bc060e56273c2c812','media.co.zz','withdrawn','evidence','{"status":"active","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":"compromised","validated":true}','{"status":"withdrawn","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":null,"validated":false}'),
('2025-03-05','cases','6d146b9dd835ff2ec0ff964225d8858a','books.zz','added','evidence',NULL,'{"status":"active","abuse_class":"phishing","feed_ids":["openphish"],"remedy":"compromised","validated":true}'),
('2025-03-05','cases','78aa3ea397871ab6de6cf8c75229a100','tulips.zz','added','evidence',NULL,'{"status":"active","abuse_class":"phishing","feed_ids":["openphish"],"remedy":"unclear","validated":false}');
INSERT INTO validated_indicators (indicator_id, observable, kind, registrable_domain, subject, abuse_class, feed_ids, first_seen_ms, first_seen, confirmed_by, confirmed_at_ms, confirmed_at, valid_until_ms, valid_until) VALUES
('8d6548a756a49941711852f4c111d3cd','http://books.zz/wp-content/plugins/mail/login.php','url','books.zz','books.zz','phishing','openphish',1741154400000,'2025-03-05T06:00:00.000Z','http ch,http nz',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z'),
('bfcea73eb81b51708bf0eddca17cc157','http://files.garden.zz/a.exe','url','garden.zz','garden.zz','malware','urlhaus',1740807000000,'2025-03-01T05:30:00.000Z','http ch,http nz',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z');
INSERT INTO remedies (case_id, subject, registrable_domain, abuse_class, remedy, score, validated, denied, held_back, reasons, parties, registrar, addresses, name_servers) VALUES
('6d146b9dd835ff2ec0ff964225d8858a','books.zz','books.zz','phishing','compromised',-85,1,NULL,NULL,'-30 age-over-six-years registered 2012-06-14,-35 cms-path /wp-content/plugins/mail/login.php,-20 ordinary-root Books of Zz','registrant,hoster','Old Registrar SA','192.0.2.80','ns1.old-host.example'),
('78aa3ea397871ab6de6cf8c75229a100','tulips.zz','tulips.zz','phishing','unclear',10,0,'not-confirmed',NULL,'+10 age-under-year registered 2024-09-02','registrant,registrar','Cheap Names Ltd','192.0.2.80','ns1.park-host.example'),
('b9ee759acdbf0a1cfc7530d1844dcf69','garden.zz','garden.zz','malware','compromised',-25,1,NULL,NULL,'-30 age-over-six-years registered 2016-01-12,-5 subordinate-host,+10 empty-root','registrant,hoster','Old Registrar SA','192.0.2.80','ns1.cheap-host.example');
INSERT INTO probe_summaries (observation_id, kind, target, vantage, outcome, observed_at_ms, observed_at, valid_until_ms, valid_until, registrable_domain) VALUES
('0385cf25bf56b5a612e05858561f50c1','https','https://tulips.zz/offer','ch','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','tulips.zz'),
('0e7208984ce5b448f4bc4b649a340035','http','http://books.zz/','nz','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','books.zz'),
('1c0da121c00fb21136f976689d4de301','http','http://books.zz/wp-content/plugins/mail/login.php','ch','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','books.zz'),
('25844d0a7cc1e2895564040005b6e70a','http','http://files.garden.zz/a.exe','nz','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','garden.zz'),
('2e1c44a9da07e281edfe071342d2febf','http','http://files.garden.zz/a.exe','ch','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','garden.zz'),
('379f17a15a7276932aa85d410a8f4386','filter','files.garden.zz','quad9','blocked',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','garden.zz'),
('3eeb19231f611eaa623404b220e579e0','delegation','books.zz','','delegated',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','books.zz'),
('4310a18db76f2f3d4ff7061be5050742','rdap','books.zz','','found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','books.zz'),
('4bdeced671b28ffa9e47c00c101c51e7','https','https://books.zz/','ch','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','books.zz'),
('56ace8ddfc8a45c73203b4b3ec5bfaf4','https','https://files.garden.zz/','ch','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','garden.zz'),
('5886dff56c8ae9b39b3ddbd2ce8e1065','http','http://tulips.zz/offer','nz','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','tulips.zz'),
('60a4b0916c4671db6208d0b636890e8c','https','https://books.zz/','nz','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','books.zz'),
('613c81b617167c538fa3f16792770a56','web-risk','http://tulips.zz/offer','','clear',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','tulips.zz'),
('67ddb6cae20eeea1076daa844fcecadf','delegation','tulips.zz','','delegated',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','tulips.zz'),
('7e4b92e36959528d0e51b555c5a88c8e','filter','garden.zz','quad9','clear',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','garden.zz'),
('824cfa26cb021655cc7463efbc028380','filter','tulips.zz','quad9','clear',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','tulips.zz'),
('892b5fd89822fd099efcb886a8110103','delegation','garden.zz','','delegated',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','garden.zz'),
('8df0d611729f0757edb559a634988b0e','filter','books.zz','quad9','clear',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','books.zz'),
('93fe729f41e59a075de7ea064bde0375','https','https://tulips.zz/','ch','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','tulips.zz'),
('9465d0917868b8d0c7e1f7116561ac51','http','http://tulips.zz/','ch','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','tulips.zz'),
('962dade306d8689564bb46ff8b402af3','web-risk','http://books.zz/wp-content/plugins/mail/login.php','','clear',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','books.zz'),
('9df6d33c5d6e70064b3b9df6846cc46c','rdap','garden.zz','','found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','garden.zz'),
('a33c115d63550a7e1704d8677152eb45','https','https://tulips.zz/','nz','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','tulips.zz'),
('b34005d56959bffdcd2527383823764b','http','http://tulips.zz/offer','ch','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','tulips.zz'),
('b88e2f264aa944db7689eef392de7da1','https','https://files.garden.zz/a.exe','nz','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','garden.zz'),
('be4c5073c1879b745fe9062deb7afe2a','https','https://files.garden.zz/a.exe','ch','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','garden.zz'),
('c2efde1997398f45fd0a8b74d39c34f2','https','https://books.zz/wp-content/plugins/mail/login.php','nz','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','books.zz'),
('c5b84f9bd6dacaa198c3af8a09487d83','https','https://files.garden.zz/','nz','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','garden.zz'),
('c673e43ad772ecf193dd1a54d72525b2','https','https://books.zz/wp-content/plugins/mail/login.php','ch','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','books.zz'),
('c79ef8a67574186a11f722cac4cbd2f6','http','http://files.garden.zz/','nz','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','garden.zz'),
('d63d90e266fc5c5dcc2fdf515bc5dc8a','http','http://books.zz/','ch','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','books.zz'),
('db8795c9b366eea4c17451482bb04261','web-risk','http://files.garden.zz/a.exe','','match',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','garden.zz'),
('e5757f6d57ad366d93d41437f96d7f28','http','http://books.zz/wp-content/plugins/mail/login.php','nz','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','books.zz'),
('ebbc5625856536e6db5aa38ef3c50f26','https','https://tulips.zz/offer','nz','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','tulips.zz'),
('f10050eae223b86a87092837b85ddc7e','http','http://tulips.zz/','nz','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','tulips.zz'),
('f654c2980155c33fdaaa8821caa1375c','http','http://files.garden.zz/','ch','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','garden.zz'),
('ff830f55742dbc3e2c8837b2e3fd6d63','rdap','tulips.zz','','found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','tulips.zz');
INSERT INTO meta (schema_version, tld, day, closed, as_of_ms, as_of, program, indicators_rows, cases_rows, daily_diffs_rows, validated_indicators_rows, remedies_rows, probe_summaries_rows, digest) VALUES
('1.3','zz','2025-03-05',0,1741154400074,'2025-03-05T06:00:00.074Z','panopticon 0.1.0',4,5,9,2,3,37,'5d8c693284a39abbee8ee6771061e658beaaab17659a8bbd75a28ca98cba0c32');
COMMIT;
