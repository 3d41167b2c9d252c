-- What somebody is still to be told, because the message that told it was cancelled.

CREATE TABLE owed (
    case_id TEXT NOT NULL REFERENCES cases (case_id),
    episode INTEGER NOT NULL,
    transition TEXT NOT NULL CHECK (transition IN ('notice', 'reminder', 'escalation', 'all-clear', 'correction')),
    PRIMARY KEY (case_id, episode, transition)
) STRICT, WITHOUT ROWID;
