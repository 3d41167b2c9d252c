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
('3981b9b1597de00cba4d1c20b044696c','https://bank-secure.xx/confirm?mail=[email]','url','bank-secure.xx','bank-secure.xx','registered',NULL,'phishing','openphish',1740895200000,'2025-03-02T06:00:00.000Z',NULL,NULL,NULL,NULL,'bank-secure.xx','delegated','blocked','not-found','content','not-found','content','match',NULL,1740694200000,'2025-02-27T22:10:00.000Z','ok','Cheap Names Ltd',0,0),
('3ce408c5d45850025931198816cea651','http://www.parcel-fee.xx/pay','url','www.parcel-fee.xx','parcel-fee.xx','registered',NULL,'phishing','desk',1740895200000,'2025-03-02T06:00:00.000Z',NULL,NULL,NULL,NULL,'parcel-fee.xx','undelegated','nonexistent','unresolved','unresolved','unresolved','unresolved','clear',NULL,1740714060000,'2025-02-28T03:41:00.000Z','serverHold','Cheap Names Ltd',0,0),
('6264d71191fee6bed65e1620ebf855a1','https://bank-secure.xx/','url','bank-secure.xx','bank-secure.xx','registered',NULL,'phishing','openphish',1740808800000,'2025-03-01T06:00:00.000Z',NULL,NULL,NULL,NULL,'bank-secure.xx','delegated','blocked','content','content','content','content','match',NULL,1740694200000,'2025-02-27T22:10:00.000Z','ok','Cheap Names Ltd',0,0),
('86e9c1f34b1d0785d7765b03cbb50b71','http://login.shop.xx/verify?id=7','url','login.shop.xx','shop.xx','subordinate',NULL,'phishing','openphish',1740808800000,'2025-03-01T06:00:00.000Z',NULL,NULL,1741154400000,'2025-03-05T06:00:00.000Z','shop.xx','delegated','clear','content','not-found','not-found','not-found','clear',2104,1304413200000,'2011-05-03T09:00:00.000Z','clientTransferProhibited','Old Registrar SA',1,1),
('9cd842ebcb1a6c3c3f569dac0ccb60fe','http://cust1.plat.xx/login','url','cust1.plat.xx','plat.xx','platform','plat.xx','phishing','openphish',1740808800000,'2025-03-01T06:00:00.000Z',NULL,NULL,NULL,NULL,'cust1.plat.xx','delegated','clear','content','not-found','content','not-found','clear',88012,1440072000000,'2015-08-20T12:00:00.000Z','clientTransferProhibited,serverDeleteProhibited','Old Registrar SA',0,0),
('ba03625a3500107da6419558f2819e03','http://bank-secure.xx/','url','bank-secure.xx','bank-secure.xx','registered',NULL,'phishing','desk',1740808800000,'2025-03-01T06:00:00.000Z',NULL,NULL,NULL,NULL,'bank-secure.xx','delegated','blocked','content','content','content','content','match',NULL,1740694200000,'2025-02-27T22:10:00.000Z','ok','Cheap Names Ltd',0,0);
INSERT INTO cases (case_id, subject, registrable_domain, platform, abuse_class, status, first_seen_ms, first_seen, ended_at_ms, ended_at, evidence_count, feed_ids, delegated, "rank") VALUES
('1b79a93c4c2b568bb1dc58412901cccd','parcel-fee.xx','parcel-fee.xx',NULL,'phishing','active',1740895200000,'2025-03-02T06:00:00.000Z',NULL,NULL,1,'desk',0,NULL),
('29f6ea3e33a21463cfb0618271ec3bca','bank-secure.xx','bank-secure.xx',NULL,'phishing','active',1740808800000,'2025-03-01T06:00:00.000Z',NULL,NULL,3,'desk,openphish',1,NULL),
('5828f06d83f6097dac0c964fe67dd33f','shop.xx','shop.xx',NULL,'phishing','active',1740808800000,'2025-03-01T06:00:00.000Z',NULL,NULL,1,'openphish',1,2104),
('c42ffdc1f90b039512d93b14787221cc','cust1.plat.xx','plat.xx','plat.xx','phishing','active',1740808800000,'2025-03-01T06:00:00.000Z',NULL,NULL,1,'openphish',1,88012);
INSERT INTO daily_diffs (day, changed_view, subject_id, subject, "change", cause, "before", "after") VALUES
('2025-03-01','cases','29f6ea3e33a21463cfb0618271ec3bca','bank-secure.xx','added','evidence',NULL,'{"status":"active","abuse_class":"phishing","feed_ids":["desk","openphish"],"remedy":"malicious","validated":true}'),
('2025-03-01','cases','5828f06d83f6097dac0c964fe67dd33f','shop.xx','added','evidence',NULL,'{"status":"active","abuse_class":"phishing","feed_ids":["openphish"],"remedy":"compromised","validated":true}'),
('2025-03-01','cases','c42ffdc1f90b039512d93b14787221cc','cust1.plat.xx','added','evidence',NULL,'{"status":"active","abuse_class":"phishing","feed_ids":["openphish"],"remedy":"platform","validated":true}'),
('2025-03-02','cases','1b79a93c4c2b568bb1dc58412901cccd','parcel-fee.xx','added','evidence',NULL,'{"status":"active","abuse_class":"phishing","feed_ids":["desk"],"remedy":"malicious","validated":false}');
INSERT INTO validated_indicators (indicator_id, observable, kind, registrable_domain, subject, abuse_class, feed_ids, first_seen_ms, first_seen, confirmed_by, confirmed_at_ms, confirmed_at, valid_until_ms, valid_until) VALUES
('3981b9b1597de00cba4d1c20b044696c','https://bank-secure.xx/confirm?mail=[email]','url','bank-secure.xx','bank-secure.xx','phishing','openphish',1740895200000,'2025-03-02T06:00:00.000Z','https ch,https nz',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z'),
('6264d71191fee6bed65e1620ebf855a1','https://bank-secure.xx/','url','bank-secure.xx','bank-secure.xx','phishing','openphish',1740808800000,'2025-03-01T06:00:00.000Z','https ch,https nz',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z'),
('86e9c1f34b1d0785d7765b03cbb50b71','http://login.shop.xx/verify?id=7','url','shop.xx','shop.xx','phishing','openphish',1740808800000,'2025-03-01T06:00:00.000Z','http ch,http ch+browser',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z'),
('9cd842ebcb1a6c3c3f569dac0ccb60fe','http://cust1.plat.xx/login','url','plat.xx','cust1.plat.xx','phishing','openphish',1740808800000,'2025-03-01T06:00:00.000Z','http ch,http nz',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z');
INSERT INTO remedies (case_id, subject, registrable_domain, abuse_class, remedy, score, validated, denied, held_back, reasons, parties, registrar, addresses, name_servers) VALUES
('1b79a93c4c2b568bb1dc58412901cccd','parcel-fee.xx','parcel-fee.xx','phishing','malicious',55,0,'too-few-feeds',NULL,'+35 age-under-week registered 2025-02-28,+20 lure-word parcel','registrar,registry','Cheap Names Ltd','',''),
('29f6ea3e33a21463cfb0618271ec3bca','bank-secure.xx','bank-secure.xx','phishing','malicious',55,1,NULL,NULL,'+35 age-under-week registered 2025-02-27,+20 lure-word bank','registrar,registry','Cheap Names Ltd','192.0.2.80','ns1.cheap-host.example,ns2.cheap-host.example'),
('5828f06d83f6097dac0c964fe67dd33f','shop.xx','shop.xx','phishing','compromised',-40,1,NULL,NULL,'-30 age-over-six-years registered 2011-05-03,-25 ranked rank 2104,-5 subordinate-host,+10 empty-root,+10 cloaking','registrant,hoster','Old Registrar SA','192.0.2.80','ns1.shop.xx'),
('c42ffdc1f90b039512d93b14787221cc','cust1.plat.xx','plat.xx','phishing','platform',-20,1,NULL,NULL,'-20 ordinary-root A page on Plat','platform-operator',NULL,'192.0.2.80','');
INSERT INTO probe_summaries (observation_id, kind, target, vantage, outcome, observed_at_ms, observed_at, valid_until_ms, valid_until, registrable_domain) VALUES
('048377f78ecd05a721f32bf55f6e9c01','https','https://bank-secure.xx/confirm?mail=[email]','ch','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','bank-secure.xx'),
('0493cc49283e86a272772f3174ed5121','https','https://cust1.plat.xx/','nz','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','plat.xx'),
('05228f46dff72ac83e74496a95afc20b','https','https://login.shop.xx/','ch','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','shop.xx'),
('15d738ff90134cc0ae14b11f4124aa32','filter','parcel-fee.xx','quad9','nonexistent',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','parcel-fee.xx'),
('1c6c6933d1c1c337500c328e19229bce','filter','shop.xx','quad9','clear',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','shop.xx'),
('3c512c35069f9ac67632bf30ca0a8f8e','http','http://bank-secure.xx/confirm?mail=[email]','nz','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','bank-secure.xx'),
('3ea482e8938898c30048ae06365b1837','http','http://login.shop.xx/verify?id=7','ch','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','shop.xx'),
('3f7206629d074829222fea3306e9e443','http','http://login.shop.xx/verify?id=7','ch+browser','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','shop.xx'),
('44b41a8ebe0a921b65c95ba527d7cec3','http','http://bank-secure.xx/','nz','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','bank-secure.xx'),
('44dd90dec397cd0fb0691741ff55a88a','https','https://www.parcel-fee.xx/pay','ch','unresolved',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','parcel-fee.xx'),
('46422c6687e729e6a44aaad75eaefc73','https','https://login.shop.xx/verify?id=7','nz','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','shop.xx'),
('47eb1798a51fa284e91df0723ed0e228','https','https://login.shop.xx/','nz','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','shop.xx'),
('5015a8f8feda90e2f4bf741a847282ca','filter','login.shop.xx','quad9','clear',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','shop.xx'),
('53b197cc45e107ad0b3fb0732e9a68bb','web-risk','http://login.shop.xx/verify?id=7','','clear',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','shop.xx'),
('5fa232080952ff896fe24f6461fc421f','https','https://login.shop.xx/verify?id=7','ch','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','shop.xx'),
('638a02bff35b815c0c0b316c7d82f528','delegation','parcel-fee.xx','','undelegated',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','parcel-fee.xx'),
('63d2e3a0d590e4e8757baf2aeb5be305','web-risk','https://bank-secure.xx/','','match',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','bank-secure.xx'),
('696d203b1ead589bc76b57f23a6f817d','http','http://login.shop.xx/','nz','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','shop.xx'),
('6abac22757e47b5ef2435fb513d5bad6','http','http://www.parcel-fee.xx/','ch','unresolved',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','parcel-fee.xx'),
('6da39ef0f76ca15807471a0e7e411a6f','http','http://login.shop.xx/','ch','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','shop.xx'),
('70d5c17482072c650b957905791e6423','filter','bank-secure.xx','quad9','blocked',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','bank-secure.xx'),
('720bec2774112ba05ebc2d8ff19be3c0','https','https://cust1.plat.xx/','ch','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','plat.xx'),
('74e0f1de0c4fdaaffc7147e897276457','rdap','shop.xx','','found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','shop.xx'),
('7d90cf11c02446ccfeb7eafa7ec26855','filter','www.parcel-fee.xx','quad9','nonexistent',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','parcel-fee.xx'),
('7fd7efd70e5c560dd1975ff86bdc2515','http','http://cust1.plat.xx/','nz','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','plat.xx'),
('812a5cd55c604cff9518b98d8d42199d','https','https://bank-secure.xx/','nz','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','bank-secure.xx'),
('8495688a65ec4f9db5e550d4047d04b7','web-risk','https://bank-secure.xx/confirm?mail=[email]','','match',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','bank-secure.xx'),
('86ef5b044a0e14ec525a225dc3825e9d','http','http://cust1.plat.xx/login','nz','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','plat.xx'),
('89be7f0f3e66e8cedb05744054b6296d','https','https://cust1.plat.xx/login','nz','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','plat.xx'),
('8a16b874c04802fd08c85d6c6961e78c','https','https://www.parcel-fee.xx/','ch','unresolved',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','parcel-fee.xx'),
('8b95fbf8f47b93102941b4d6c8d7c6e4','http','http://bank-secure.xx/','ch','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','bank-secure.xx'),
('8e7f8e025d3596c209ce0056e703a7fe','http','http://www.parcel-fee.xx/pay','nz','unresolved',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','parcel-fee.xx'),
('922f5ad0ac27ac6658aa317b221a1547','http','http://www.parcel-fee.xx/pay','ch','unresolved',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','parcel-fee.xx'),
('926fe335e81f69ae41c499e767b0f790','https','https://cust1.plat.xx/login','ch','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','plat.xx'),
('93c9a38c6624a6400b8513d8bc085c74','https','https://bank-secure.xx/','ch','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','bank-secure.xx'),
('96d67d9d5fefa9763b5caa4a9ab47f05','http','http://bank-secure.xx/confirm?mail=[email]','ch','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','bank-secure.xx'),
('9dbaebf0913819c64c887d60427617a4','web-risk','http://bank-secure.xx/','','match',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','bank-secure.xx'),
('a09c96825ad368a335f4da41c97d44fc','web-risk','http://cust1.plat.xx/login','','clear',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','plat.xx'),
('ace3f7832b2d3300ebc8589b93448650','rdap','parcel-fee.xx','','found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','parcel-fee.xx'),
('af177bb1dee1ea5d882f216b86e0dace','rdap','bank-secure.xx','','found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','bank-secure.xx'),
('bcf7551c8d8fa34499d4d82d3d6b6120','http','http://www.parcel-fee.xx/','nz','unresolved',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','parcel-fee.xx'),
('bdf6699c7afdefd4f59b656767606058','http','http://cust1.plat.xx/login','ch','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','plat.xx'),
('c51f80f296b84d59789e1106d319c852','http','http://cust1.plat.xx/','ch','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','plat.xx'),
('c831390890fd509b8790e8211f038bf6','filter','cust1.plat.xx','quad9','clear',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','plat.xx'),
('d1a9539e2877ccf6cb42149c383ac2b8','https','https://www.parcel-fee.xx/','nz','unresolved',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','parcel-fee.xx'),
('d8e32aa3f1227fe5fa1ed9ac83995962','web-risk','http://www.parcel-fee.xx/pay','','clear',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','parcel-fee.xx'),
('db46d394309de1c1d650f4365cd08840','http','http://login.shop.xx/verify?id=7','nz','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','shop.xx'),
('e8f3a16aeef0726cd1b9954ba2a88795','delegation','bank-secure.xx','','delegated',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','bank-secure.xx'),
('f30079703205b9de83359f5878beb68c','delegation','shop.xx','','delegated',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','shop.xx'),
('f823300058f889ae1e431cbd4b5baffe','https','https://www.parcel-fee.xx/pay','nz','unresolved',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','parcel-fee.xx'),
('fcafbd21d7275f5e8a9f3a7dd8300fc3','https','https://bank-secure.xx/confirm?mail=[email]','nz','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','bank-secure.xx');
INSERT INTO meta (schema_version, tld, day, closed, as_of_ms, as_of, program, indicators_rows, cases_rows, daily_diffs_rows, validated_indicators_rows, remedies_rows, probe_summaries_rows, digest) VALUES
('1.3','xx','2025-03-03',1,1741046399999,'2025-03-03T23:59:59.999Z','panopticon 0.1.0',6,4,4,4,4,51,'db3f48dc04e43e7b45c4f27b0fc1a37cb5520e19f3751d5c32ccffde44f43dd4');
COMMIT;
