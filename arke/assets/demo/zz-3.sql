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
('0fee28cb384948816531b1c99e0f8bcd','cheap-pills.zz','host','cheap-pills.zz','cheap-pills.zz','registered',NULL,'phishing','desk',1740895200000,'2025-03-02T06:00:00.000Z',NULL,NULL,NULL,NULL,'cheap-pills.zz','delegated','clear','not-found','not-found','not-found','not-found','clear',NULL,1740856800000,'2025-03-01T19:20:00.000Z','addPeriod','Cheap Names Ltd',0,0),
('1648e6536dea5a5b93ebe33cddc18a2b','http://media.co.zz/x.bin','url','media.co.zz','media.co.zz','registered',NULL,'malware','urlhaus',1740807000000,'2025-03-01T05:30:00.000Z',1740978000000,'2025-03-03T05:00:00.000Z',NULL,NULL,'media.co.zz','delegated','clear','content','not-found','content','not-found','clear',NULL,1383127200000,'2013-10-30T10:00:00.000Z','ok','Old Registrar SA',0,0),
('bfcea73eb81b51708bf0eddca17cc157','http://files.garden.zz/a.exe','url','files.garden.zz','garden.zz','subordinate',NULL,'malware','urlhaus',1740807000000,'2025-03-01T05:30:00.000Z',1740978000000,'2025-03-03T05:00:00.000Z',NULL,NULL,'garden.zz','delegated','blocked','content','not-found','content','not-found','match',NULL,1452585600000,'2016-01-12T08:00:00.000Z','ok','Old Registrar SA',0,0);
INSERT INTO cases (case_id, subject, registrable_domain, platform, abuse_class, status, first_seen_ms, first_seen, ended_at_ms, ended_at, evidence_count, feed_ids, delegated, "rank") VALUES
('2512aad41a28d70bc060e56273c2c812','media.co.zz','media.co.zz',NULL,'malware','active',1740807000000,'2025-03-01T05:30:00.000Z',NULL,NULL,1,'urlhaus',NULL,NULL),
('b778c513d13daeeb5676acca0091b1e4','cheap-pills.zz','cheap-pills.zz',NULL,'phishing','remediated',1740895200000,'2025-03-02T06:00:00.000Z',1740981600000,'2025-03-03T06:00:00.000Z',1,'desk',NULL,NULL),
('b9ee759acdbf0a1cfc7530d1844dcf69','garden.zz','garden.zz',NULL,'malware','recurred',1740807000000,'2025-03-01T05:30:00.000Z',NULL,NULL,1,'urlhaus',NULL,NULL);
INSERT INTO daily_diffs (day, changed_view, subject_id, subject, "change", cause, "before", "after") VALUES
('2025-03-01','cases','2512aad41a28d70bc060e56273c2c812','media.co.zz','added','evidence',NULL,'{"status":"active","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":"compromised","validated":true}'),
('2025-03-01','cases','b9ee759acdbf0a1cfc7530d1844dcf69','garden.zz','added','evidence',NULL,'{"status":"active","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":"compromised","validated":true}'),
('2025-03-02','cases','b778c513d13daeeb5676acca0091b1e4','cheap-pills.zz','added','evidence',NULL,'{"status":"active","abuse_class":"phishing","feed_ids":["desk"],"remedy":"malicious","validated":false}'),
('2025-03-02','cases','b9ee759acdbf0a1cfc7530d1844dcf69','garden.zz','resolved','evidence','{"status":"active","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":"compromised","validated":true}','{"status":"remediated","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":null,"validated":false}'),
('2025-03-03','cases','b778c513d13daeeb5676acca0091b1e4','cheap-pills.zz','resolved','evidence','{"status":"active","abuse_class":"phishing","feed_ids":["desk"],"remedy":"malicious","validated":false}','{"status":"remediated","abuse_class":"phishing","feed_ids":["desk"],"remedy":null,"validated":false}'),
('2025-03-03','cases','b9ee759acdbf0a1cfc7530d1844dcf69','garden.zz','recurred','evidence','{"status":"remediated","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":null,"validated":false}','{"status":"recurred","abuse_class":"malware","feed_ids":["urlhaus"],"remedy":"compromised","validated":true}');
INSERT INTO validated_indicators (indicator_id, observable, kind, registrable_domain, subject, abuse_class, feed_ids, first_seen_ms, first_seen, confirmed_by, confirmed_at_ms, confirmed_at, valid_until_ms, valid_until) VALUES
('1648e6536dea5a5b93ebe33cddc18a2b','http://media.co.zz/x.bin','url','media.co.zz','media.co.zz','malware','urlhaus',1740807000000,'2025-03-01T05:30:00.000Z','http ch,http nz',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z'),
('bfcea73eb81b51708bf0eddca17cc157','http://files.garden.zz/a.exe','url','garden.zz','garden.zz','malware','urlhaus',1740807000000,'2025-03-01T05:30:00.000Z','http ch,http nz',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z');
INSERT INTO remedies (case_id, subject, registrable_domain, abuse_class, remedy, score, validated, denied, held_back, reasons, parties, registrar, addresses, name_servers) VALUES
('2512aad41a28d70bc060e56273c2c812','media.co.zz','media.co.zz','malware','compromised',-50,1,NULL,NULL,'-30 age-over-six-years registered 2013-10-30,-20 ordinary-root Media player firmware','registrant,hoster','Old Registrar SA','192.0.2.80','ns1.media-host.example'),
('b9ee759acdbf0a1cfc7530d1844dcf69','garden.zz','garden.zz','malware','compromised',-25,1,NULL,NULL,'-30 age-over-six-years registered 2016-01-12,-5 subordinate-host,+10 empty-root','registrant,hoster','Old Registrar SA','192.0.2.80','ns1.cheap-host.example');
INSERT INTO probe_summaries (observation_id, kind, target, vantage, outcome, observed_at_ms, observed_at, valid_until_ms, valid_until, registrable_domain) VALUES
('25844d0a7cc1e2895564040005b6e70a','http','http://files.garden.zz/a.exe','nz','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','garden.zz'),
('2e1c44a9da07e281edfe071342d2febf','http','http://files.garden.zz/a.exe','ch','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','garden.zz'),
('31522ddea521abd54339841ffe887562','http','http://media.co.zz/','ch','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','media.co.zz'),
('33cdaf3ab386f73d27bacd96277a8d5f','http','http://media.co.zz/x.bin','ch','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','media.co.zz'),
('3429dddcc9b19e665322689b67b9e8d8','filter','media.co.zz','quad9','clear',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','media.co.zz'),
('379f17a15a7276932aa85d410a8f4386','filter','files.garden.zz','quad9','blocked',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','garden.zz'),
('3d35cf787849e2742bbea1860a780f51','http','http://media.co.zz/x.bin','nz','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','media.co.zz'),
('56ace8ddfc8a45c73203b4b3ec5bfaf4','https','https://files.garden.zz/','ch','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','garden.zz'),
('65111ca84f1eccb79a8148c24780ea5b','https','https://media.co.zz/x.bin','ch','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','media.co.zz'),
('682f4ab2243924eadd435ff75f955e04','http','http://media.co.zz/','nz','content',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','media.co.zz'),
('7e2a372e822f16d034a80300720bb561','https','https://media.co.zz/x.bin','nz','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','media.co.zz'),
('7e4b92e36959528d0e51b555c5a88c8e','filter','garden.zz','quad9','clear',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','garden.zz'),
('86ec3cd53db46ceeb2086ab240fdd65c','web-risk','http://media.co.zz/x.bin','','clear',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','media.co.zz'),
('892b5fd89822fd099efcb886a8110103','delegation','garden.zz','','delegated',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','garden.zz'),
('9df6d33c5d6e70064b3b9df6846cc46c','rdap','garden.zz','','found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','garden.zz'),
('a8c32ed08d07b0fa9c4044406ea7bbd6','https','https://media.co.zz/','nz','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','media.co.zz'),
('b88e2f264aa944db7689eef392de7da1','https','https://files.garden.zz/a.exe','nz','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','garden.zz'),
('be4c5073c1879b745fe9062deb7afe2a','https','https://files.garden.zz/a.exe','ch','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','garden.zz'),
('c5b84f9bd6dacaa198c3af8a09487d83','https','https://files.garden.zz/','nz','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','garden.zz'),
('c79ef8a67574186a11f722cac4cbd2f6','http','http://files.garden.zz/','nz','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','garden.zz'),
('d03b7ace2fb4610d1d16023a776bd37d','https','https://media.co.zz/','ch','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','media.co.zz'),
('d8a95aa119a7008d5548061a88de6c09','delegation','media.co.zz','','delegated',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','media.co.zz'),
('db8795c9b366eea4c17451482bb04261','web-risk','http://files.garden.zz/a.exe','','match',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','garden.zz'),
('efa1db8633a92b88afa2367239ed2721','rdap','media.co.zz','','found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','media.co.zz'),
('f654c2980155c33fdaaa8821caa1375c','http','http://files.garden.zz/','ch','not-found',1740981600000,'2025-03-03T06:00:00.000Z',1741068000000,'2025-03-04T06:00:00.000Z','garden.zz');
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
('1.4','zz','2025-03-03',1,1741046399999,'2025-03-03T23:59:59.999Z','panopticon 0.1.0',3,3,6,2,2,25,0,85,0,'c994f299f2285398b404e71c0e846b88a9839293fef4225d3e21d9ff914f2f2c');
COMMIT;
