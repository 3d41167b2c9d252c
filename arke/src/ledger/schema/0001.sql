-- The ledger, first version. Instants are milliseconds since 1970-01-01T00:00:00Z. Only `messages.recipient`, `host`,
-- `bytes` and `last_reply` hold personal data; `recipient_key` is an HMAC of the address in lower case, with a key of
-- this ledger.
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cases (
    case_id TEXT PRIMARY KEY,
    tld TEXT NOT NULL,
    subject TEXT NOT NULL,
    abuse_class TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    status TEXT NOT NULL,
    remedy TEXT,
    episode INTEGER NOT NULL DEFAULT 1,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    mark TEXT,
    mark_reason TEXT,
    mark_until INTEGER,
    created_at_seen INTEGER,
    last_records_as_of INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX cases_open ON cases (tld, subject) WHERE closed_at IS NULL;

CREATE TABLE messages (
    message_id TEXT PRIMARY KEY,
    header_id TEXT NOT NULL UNIQUE,
    recipient TEXT NOT NULL,
    recipient_key TEXT NOT NULL,
    host TEXT NOT NULL,
    role TEXT NOT NULL,
    language TEXT,
    audience TEXT NOT NULL,
    kind TEXT NOT NULL,
    bytes BLOB NOT NULL,
    envelope_from TEXT NOT NULL,
    daily INTEGER NOT NULL,
    day INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'queued', 'sending', 'accepted', 'deferred', 'bounced', 'uncertain',
        'suppressed', 'cancelled')),
    reason TEXT,
    queued_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    phase TEXT,
    last_reply TEXT,
    sent_at INTEGER,
    sent_day INTEGER,
    accepted_at INTEGER,
    emptied_at INTEGER
) STRICT;
CREATE INDEX messages_due ON messages (next_at) WHERE state IN ('queued', 'deferred');
CREATE INDEX messages_sending ON messages (state) WHERE state = 'sending';
CREATE INDEX messages_waiting ON messages (state) WHERE state IN ('held', 'uncertain');
CREATE INDEX messages_recipient ON messages (recipient_key, audience, day);
CREATE INDEX messages_sent ON messages (sent_at) WHERE sent_at IS NOT NULL;

CREATE TABLE notices (
    notice_id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (case_id),
    episode INTEGER NOT NULL,
    transition TEXT NOT NULL CHECK (transition IN ('notice', 'reminder', 'escalation', 'all-clear', 'correction')),
    round INTEGER NOT NULL,
    recipient_key TEXT NOT NULL,
    message_id TEXT NOT NULL REFERENCES messages (message_id),
    UNIQUE (case_id, episode, transition, round, recipient_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX notices_message ON notices (message_id);

CREATE TABLE suppressions (
    recipient_key TEXT PRIMARY KEY,
    reason TEXT NOT NULL CHECK (reason IN ('hard-bounced', 'complaint', 'opt-out', 'operator')),
    since INTEGER NOT NULL,
    until INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    run_id INTEGER PRIMARY KEY,
    started INTEGER NOT NULL,
    records_as_of INTEGER,
    counts TEXT NOT NULL
) STRICT;

CREATE TABLE events (
    event_id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    message_id TEXT,
    case_id TEXT,
    before TEXT,
    after TEXT,
    detail TEXT
) STRICT;
CREATE INDEX events_answers ON events (event_id) WHERE what IN ('accept', 'defer', 'bounce');
CREATE INDEX events_message ON events (message_id) WHERE message_id IS NOT NULL;
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
