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
('3981b9b1597de00cba4d1c20b044696c','https://bank-secure.xx/confirm?mail=[email]','url','bank-secure.xx','bank-secure.xx','registered',NULL,'phishing','openphish',1740895200000,'2025-03-02T06:00:00.000Z',NULL,NULL,NULL,NULL,'bank-secure.xx','delegated','blocked','not-found','content','not-found','content','match',NULL,1740694200000,'2025-02-27T22:10:00.000Z','ok','Cheap Names Ltd',0,0),
('3ce408c5d45850025931198816cea651','http://www.parcel-fee.xx/pay','url','www.parcel-fee.xx','parcel-fee.xx','registered',NULL,'phishing','desk',1740895200000,'2025-03-02T06:00:00.000Z',NULL,NULL,NULL,NULL,'parcel-fee.xx','undelegated','nonexistent','unresolved','unresolved','unresolved','unresolved','clear',NULL,1740714060000,'2025-02-28T03:41:00.000Z','serverHold','Cheap Names Ltd',0,0),
('6264d71191fee6bed65e1620ebf855a1','https://bank-secure.xx/','url','bank-secure.xx','bank-secure.xx','registered',NULL,'phishing','openphish',1740808800000,'2025-03-01T06:00:00.000Z',NULL,NULL,NULL,NULL,'bank-secure.xx','delegated','blocked','content','content','content','content','match',NULL,1740694200000,'2025-02-27T22:10:00.000Z','ok','Cheap Names Ltd',0,0),
('9cd842ebcb1a6c3c3f569dac0ccb60fe','http://cust1.plat.xx/login','url','cust1.plat.xx','plat.xx','platform','plat.xx','phishing','openphish',1740808800000,'2025-03-01T06:00:00.000Z',NULL,NULL,NULL,NULL,'cust1.plat.xx','delegated','clear','content','not-found','content','not-found','clear',88012,1440072000000,'2015-08-20T12:00:00.000Z','clientTransferProhibited,serverDeleteProhibited','Old Registrar SA',0,0),
('ba03625a3500107da6419558f2819e03','http://bank-secure.xx/','url','bank-secure.xx','bank-secure.xx','registered',NULL,'phishing','desk',1740808800000,'2025-03-01T06:00:00.000Z',NULL,NULL,NULL,NULL,'bank-secure.xx','delegated','blocked','content','content','content','content','match',NULL,1740694200000,'2025-02-27T22:10:00.000Z','ok','Cheap Names Ltd',0,0);
INSERT INTO cases (case_id, subject, registrable_domain, platform, abuse_class, status, first_seen_ms, first_seen, ended_at_ms, ended_at, evidence_count, feed_ids, delegated, "rank") VALUES
('1b79a93c4c2b568bb1dc58412901cccd','parcel-fee.xx','parcel-fee.xx',NULL,'phishing','remediated',1740895200000,'2025-03-02T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z',1,'desk',0,NULL),
('29f6ea3e33a21463cfb0618271ec3bca','bank-secure.xx','bank-secure.xx',NULL,'phishing','active',1740808800000,'2025-03-01T06:00:00.000Z',NULL,NULL,3,'desk,openphish',1,NULL),
('5828f06d83f6097dac0c964fe67dd33f','shop.xx','shop.xx',NULL,'phishing','expired',1740808800000,'2025-03-01T06:00:00.000Z',1741154400000,'2025-03-05T06:00:00.000Z',1,'openphish',1,2104),
('c42ffdc1f90b039512d93b14787221cc','cust1.plat.xx','plat.xx','plat.xx','phishing','active',1740808800000,'2025-03-01T06:00:00.000Z',NULL,NULL,1,'openphish',1,88012);
INSERT INTO daily_diffs (day, changed_view, subject_id, subject, "change", cause, "before", "after") VALUES
('2025-03-01','cases','29f6ea3e33a21463cfb0618271ec3bca','bank-secure.xx','added','evidence',NULL,'{"status":"active","abuse_class":"phishing","feed_ids":["desk","openphish"],"remedy":"malicious","validated":true}'),
('2025-03-01','cases','5828f06d83f6097dac0c964fe67dd33f','shop.xx','added','evidence',NULL,'{"status":"active","abuse_class":"phishing","feed_ids":["openphish"],"remedy":"compromised","validated":true}'),
('2025-03-01','cases','c42ffdc1f90b039512d93b14787221cc','cust1.plat.xx','added','evidence',NULL,'{"status":"active","abuse_class":"phishing","feed_ids":["openphish"],"remedy":"platform","validated":true}'),
('2025-03-02','cases','1b79a93c4c2b568bb1dc58412901cccd','parcel-fee.xx','added','evidence',NULL,'{"status":"active","abuse_class":"phishing","feed_ids":["desk"],"remedy":"malicious","validated":false}'),
('2025-03-04','cases','1b79a93c4c2b568bb1dc58412901cccd','parcel-fee.xx','resolved','evidence','{"status":"active","abuse_class":"phishing","feed_ids":["desk"],"remedy":"malicious","validated":false}','{"status":"remediated","abuse_class":"phishing","feed_ids":["desk"],"remedy":null,"validated":false}'),
('2025-03-04','cases','5828f06d83f6097dac0c964fe67dd33f','shop.xx','changed','evidence','{"status":"active","abuse_class":"phishing","feed_ids":["openphish"],"remedy":"compromised","validated":true}','{"status":"active","abuse_class":"phishing","feed_ids":["openphish"],"remedy":"compromised","validated":false}'),
('2025-03-04','high_risk_names','01491e48dc1055fc07199939248efe88','paypa1.xx','added','evidence',NULL,'{"tier":"review","target":"paypal.com","algorithmic":false}'),
('2025-03-05','cases','5828f06d83f6097dac0c964fe67dd33f','shop.xx','expired','age','{"status":"active","abuse_class":"phishing","feed_ids":["openphish"],"remedy":"compromised","validated":false}','{"status":"expired","abuse_class":"phishing","feed_ids":["openphish"],"remedy":null,"validated":false}'),
('2025-03-05','high_risk_names','8c2013a524179ebf9faf5c5209d986a0','xkqzvbtrwn.xx','added','evidence',NULL,'{"tier":"review","target":null,"algorithmic":true}');
INSERT INTO validated_indicators (indicator_id, observable, kind, registrable_domain, subject, abuse_class, feed_ids, first_seen_ms, first_seen, confirmed_by, confirmed_at_ms, confirmed_at, valid_until_ms, valid_until) VALUES
('3981b9b1597de00cba4d1c20b044696c','https://bank-secure.xx/confirm?mail=[email]','url','bank-secure.xx','bank-secure.xx','phishing','openphish',1740895200000,'2025-03-02T06:00:00.000Z','https ch,https nz',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z'),
('6264d71191fee6bed65e1620ebf855a1','https://bank-secure.xx/','url','bank-secure.xx','bank-secure.xx','phishing','openphish',1740808800000,'2025-03-01T06:00:00.000Z','https ch,https nz',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z'),
('9cd842ebcb1a6c3c3f569dac0ccb60fe','http://cust1.plat.xx/login','url','plat.xx','cust1.plat.xx','phishing','openphish',1740808800000,'2025-03-01T06:00:00.000Z','http ch,http nz',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z');
INSERT INTO remedies (case_id, subject, registrable_domain, abuse_class, remedy, score, validated, denied, held_back, reasons, parties, registrar, addresses, name_servers) VALUES
('29f6ea3e33a21463cfb0618271ec3bca','bank-secure.xx','bank-secure.xx','phishing','malicious',55,1,NULL,NULL,'+35 age-under-week registered 2025-02-27,+20 lure-word bank','registrar,registry','Cheap Names Ltd','192.0.2.80','ns1.cheap-host.example,ns2.cheap-host.example'),
('c42ffdc1f90b039512d93b14787221cc','cust1.plat.xx','plat.xx','phishing','platform',-20,1,NULL,NULL,'-20 ordinary-root A page on Plat','platform-operator',NULL,'192.0.2.80','');
INSERT INTO probe_summaries (observation_id, kind, target, vantage, outcome, observed_at_ms, observed_at, valid_until_ms, valid_until, registrable_domain) VALUES
('048377f78ecd05a721f32bf55f6e9c01','https','https://bank-secure.xx/confirm?mail=[email]','ch','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','bank-secure.xx'),
('0493cc49283e86a272772f3174ed5121','https','https://cust1.plat.xx/','nz','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','plat.xx'),
('3c512c35069f9ac67632bf30ca0a8f8e','http','http://bank-secure.xx/confirm?mail=[email]','nz','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','bank-secure.xx'),
('44b41a8ebe0a921b65c95ba527d7cec3','http','http://bank-secure.xx/','nz','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','bank-secure.xx'),
('63d2e3a0d590e4e8757baf2aeb5be305','web-risk','https://bank-secure.xx/','','match',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','bank-secure.xx'),
('70d5c17482072c650b957905791e6423','filter','bank-secure.xx','quad9','blocked',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','bank-secure.xx'),
('720bec2774112ba05ebc2d8ff19be3c0','https','https://cust1.plat.xx/','ch','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','plat.xx'),
('7fd7efd70e5c560dd1975ff86bdc2515','http','http://cust1.plat.xx/','nz','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','plat.xx'),
('812a5cd55c604cff9518b98d8d42199d','https','https://bank-secure.xx/','nz','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','bank-secure.xx'),
('8495688a65ec4f9db5e550d4047d04b7','web-risk','https://bank-secure.xx/confirm?mail=[email]','','match',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','bank-secure.xx'),
('86ef5b044a0e14ec525a225dc3825e9d','http','http://cust1.plat.xx/login','nz','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','plat.xx'),
('89be7f0f3e66e8cedb05744054b6296d','https','https://cust1.plat.xx/login','nz','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','plat.xx'),
('8b95fbf8f47b93102941b4d6c8d7c6e4','http','http://bank-secure.xx/','ch','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','bank-secure.xx'),
('926fe335e81f69ae41c499e767b0f790','https','https://cust1.plat.xx/login','ch','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','plat.xx'),
('93c9a38c6624a6400b8513d8bc085c74','https','https://bank-secure.xx/','ch','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','bank-secure.xx'),
('96d67d9d5fefa9763b5caa4a9ab47f05','http','http://bank-secure.xx/confirm?mail=[email]','ch','not-found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','bank-secure.xx'),
('9dbaebf0913819c64c887d60427617a4','web-risk','http://bank-secure.xx/','','match',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','bank-secure.xx'),
('a09c96825ad368a335f4da41c97d44fc','web-risk','http://cust1.plat.xx/login','','clear',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','plat.xx'),
('af177bb1dee1ea5d882f216b86e0dace','rdap','bank-secure.xx','','found',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','bank-secure.xx'),
('bdf6699c7afdefd4f59b656767606058','http','http://cust1.plat.xx/login','ch','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','plat.xx'),
('c51f80f296b84d59789e1106d319c852','http','http://cust1.plat.xx/','ch','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','plat.xx'),
('c831390890fd509b8790e8211f038bf6','filter','cust1.plat.xx','quad9','clear',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','plat.xx'),
('e8f3a16aeef0726cd1b9954ba2a88795','delegation','bank-secure.xx','','delegated',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','bank-secure.xx'),
('fcafbd21d7275f5e8a9f3a7dd8300fc3','https','https://bank-secure.xx/confirm?mail=[email]','nz','content',1741154400000,'2025-03-05T06:00:00.000Z',1741240800000,'2025-03-06T06:00:00.000Z','bank-secure.xx');
INSERT INTO high_risk_names (name, tier, score, target, techniques, algorithmic, baseline, entered_at_ms, entered_at) VALUES
('paypa1.xx','review',50,'paypal.com','homoglyph',0,0,1741068000001,'2025-03-04T06:00:00.001Z'),
('paypall.xx','review',35,'paypal.com','addition,repetition',0,1,NULL,NULL),
('xkqzvbtrwn.xx','review',NULL,NULL,'',1,0,1741154400001,'2025-03-05T06:00:00.001Z');
INSERT INTO protected_names (name, list, sector, common_word) VALUES
('adobe.com','shipped','technology',0),
('airbnb.com','shipped','shop',0),
('alibaba.com','shipped','shop',0),
('aliexpress.com','shipped','shop',0),
('allegro.pl','shipped','shop',1),
('amazon.com','shipped','shop',0),
('americanexpress.com','shipped','finance',0),
('apple.com','shipped','technology',1),
('bancosantander.com','shipped','finance',0),
('bankofamerica.com','shipped','finance',0),
('barclays.co.uk','shipped','finance',0),
('bbva.com','shipped','finance',0),
('binance.com','shipped','blockchain',0),
('bitfinex.com','shipped','blockchain',0),
('blockchain.com','shipped','blockchain',1),
('bnpparibas.com','shipped','finance',0),
('booking.com','shipped','shop',1),
('caixabank.com','shipped','finance',0),
('capitalone.com','shipped','finance',0),
('chase.com','shipped','finance',1),
('citibank.com','shipped','finance',0),
('coinbase.com','shipped','blockchain',0),
('commbank.com.au','shipped','finance',0),
('correos.es','shipped','parcel',0),
('credit-agricole.com','shipped','finance',0),
('deutschebank.com','shipped','finance',0),
('deutschepost.de','shipped','parcel',0),
('dhl.com','shipped','parcel',0),
('docusign.com','shipped','technology',0),
('dropbox.com','shipped','technology',0),
('ebay.com','shipped','shop',0),
('facebook.com','shipped','technology',0),
('fedex.com','shipped','parcel',0),
('github.com','shipped','technology',0),
('gmail.com','shipped','technology',0),
('google.com','shipped','technology',0),
('hsbc.com','shipped','finance',0),
('icloud.com','shipped','technology',0),
('instagram.com','shipped','technology',0),
('itau.com.br','shipped','finance',0),
('kraken.com','shipped','blockchain',1),
('laposte.fr','shipped','parcel',0),
('ledger.com','shipped','blockchain',1),
('linkedin.com','shipped','technology',0),
('lloydsbank.com','shipped','finance',0),
('mastercard.com','shipped','finance',0),
('mercadolibre.com','shipped','shop',0),
('metamask.io','shipped','blockchain',0),
('microsoft.com','shipped','technology',0),
('myetherwallet.com','shipped','blockchain',0),
('natwest.com','shipped','finance',0),
('netflix.com','shipped','technology',0),
('office365.com','shipped','technology',0),
('opensea.io','shipped','blockchain',0),
('outlook.com','shipped','technology',1),
('pancakeswap.finance','shipped','blockchain',0),
('payoneer.com','shipped','finance',0),
('paypal.com','shipped','finance',0),
('postnord.com','shipped','parcel',0),
('rabobank.com','shipped','finance',0),
('raiffeisen.com','shipped','finance',0),
('revolut.com','shipped','finance',0),
('roblox.com','shipped','technology',0),
('royalmail.com','shipped','parcel',0),
('sberbank.ru','shipped','finance',0),
('shop.xx','protected:critical',NULL,0),
('societegenerale.com','shipped','finance',0),
('spotify.com','shipped','technology',0),
('steamcommunity.com','shipped','technology',0),
('steampowered.com','shipped','technology',0),
('swisscom.com','shipped','technology',0),
('telegram.org','shipped','technology',1),
('tiktok.com','shipped','technology',0),
('trezor.io','shipped','blockchain',0),
('trustwallet.com','shipped','blockchain',0),
('twitter.com','shipped','technology',0),
('uniswap.org','shipped','blockchain',0),
('usps.com','shipped','parcel',0),
('vodafone.com','shipped','technology',0),
('walletconnect.com','shipped','blockchain',0),
('walmart.com','shipped','shop',0),
('wellsfargo.com','shipped','finance',0),
('westernunion.com','shipped','finance',0),
('whatsapp.com','shipped','technology',0),
('yahoo.com','shipped','technology',0);
INSERT INTO meta (schema_version, tld, day, closed, as_of_ms, as_of, program, indicators_rows, cases_rows, daily_diffs_rows, validated_indicators_rows, remedies_rows, probe_summaries_rows, high_risk_names_rows, protected_names_rows, allow_list_rows, digest) VALUES
('1.4','xx','2025-03-05',0,1741154400075,'2025-03-05T06:00:00.075Z','panopticon 0.1.0',5,4,9,3,2,24,3,85,0,'65c1778228edb8c0de2d8f109ee94d2549530202a93d0a57b9bb8049822e2b45');
COMMIT;
