-- A node that is gone for good is not missed, until it is heard again.
ALTER TABLE nodes ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;

-- What has happened. `hash` chains each entry to the one before: SHA-256 of that one's hash and of this one's columns.
CREATE TABLE journal (
    seq         INTEGER PRIMARY KEY,
    received_us INTEGER NOT NULL,           -- microseconds since 1970, UTC, as in every column that ends so
    decided_us  INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    class       TEXT,
    source_kind TEXT,
    source      TEXT,
    rule        TEXT,
    alarm       INTEGER,
    state       TEXT,
    value       INTEGER,
    who         TEXT,
    origin      TEXT,
    text        TEXT NOT NULL,
    hash        BLOB NOT NULL
) STRICT;

-- The story of one alarm.
CREATE INDEX journal_alarm ON journal (alarm) WHERE alarm IS NOT NULL;

-- How the latest run ended, without reading the whole journal at each start.
CREATE INDEX journal_runs ON journal (seq) WHERE kind IN ('server.started', 'server.stopped');

-- How long it took until an entry was durable, and until somebody was told. Measures, outside of the hash.
CREATE TABLE stamps (
    seq          INTEGER PRIMARY KEY,
    committed_us INTEGER,
    notified_us  INTEGER
) STRICT;

-- The numbers that come next: a single row.
CREATE TABLE counters (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    seq         INTEGER NOT NULL,
    alarm       INTEGER NOT NULL,
    suppression INTEGER NOT NULL,
    promise     INTEGER NOT NULL
) STRICT;

-- Alarms that have not ended. What was due is written as the wall's time.
CREATE TABLE alarms (
    id                  INTEGER PRIMARY KEY,
    source_kind         TEXT NOT NULL,
    source              TEXT NOT NULL,
    rule                TEXT NOT NULL,
    class               TEXT NOT NULL,
    priority            INTEGER NOT NULL,
    state               TEXT NOT NULL,
    since_us            INTEGER NOT NULL,
    raised_us           INTEGER,
    holds               INTEGER NOT NULL,
    audible             INTEGER NOT NULL,
    value               INTEGER,
    message             TEXT NOT NULL,
    acknowledged_by     TEXT,
    acknowledged_origin TEXT,
    acknowledged_us     INTEGER,
    quiet               TEXT,
    delay_us            INTEGER,
    ask_again_us        INTEGER,
    escalate_us         INTEGER,
    escalations         INTEGER NOT NULL,
    first_out           INTEGER NOT NULL,
    stamp_us            INTEGER NOT NULL
) STRICT;

-- What has ended stays, as a tombstone.
CREATE TABLE suppressions (
    id          INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL,
    source_kind TEXT NOT NULL,
    source      TEXT NOT NULL,
    rule        TEXT,
    owner       TEXT NOT NULL,
    origin      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    began_us    INTEGER NOT NULL,
    ends_us     INTEGER,
    ended_us    INTEGER
) STRICT;

-- The tombstones grow with the years; a start wants the others.
CREATE INDEX suppressions_in_force ON suppressions (id) WHERE ended_us IS NULL;

-- Notifications that have still to be delivered, and dead letters. Of what was delivered the journal tells.
CREATE TABLE promises (
    id          INTEGER PRIMARY KEY,
    target      TEXT NOT NULL,
    seq         INTEGER NOT NULL,
    alarm       INTEGER,
    class       TEXT NOT NULL,
    priority    INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    key         TEXT NOT NULL,
    summary     TEXT NOT NULL,
    promised_us INTEGER NOT NULL,
    expires_us  INTEGER NOT NULL,
    state       TEXT NOT NULL,
    decided_us  INTEGER
) STRICT;

-- The oldest dead letters go when there are too many.
CREATE INDEX dead_letters ON promises (decided_us) WHERE state = 'dead';

-- The building as people describe it. Everything below is replaced as a whole; `position` keeps the order in which it was
-- given. Columns that end in `_ms` are durations in milliseconds.
CREATE TABLE model (
    id                    INTEGER PRIMARY KEY CHECK (id = 1),
    version               INTEGER NOT NULL,
    site                  TEXT NOT NULL,
    profile               TEXT NOT NULL,
    late_ms               INTEGER NOT NULL,
    trouble_ms            INTEGER NOT NULL,
    shelving_max_ms       INTEGER NOT NULL,
    heartbeat_url         TEXT,
    heartbeat_interval_ms INTEGER,
    heartbeat_ca_file     TEXT
) STRICT;

CREATE TABLE places (
    position INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    kind     TEXT NOT NULL,
    within   TEXT,
    title    TEXT
) STRICT;

CREATE TABLE switches (
    position INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    place    TEXT,
    fed_by   TEXT,
    port     TEXT
) STRICT;

CREATE TABLE described_nodes (
    position   INTEGER PRIMARY KEY,
    address    TEXT NOT NULL,
    name       TEXT,
    place      TEXT,
    fed_by     TEXT,
    port       TEXT,
    late_ms    INTEGER,
    trouble_ms INTEGER
) STRICT;

CREATE TABLE described_sensors (
    position INTEGER PRIMARY KEY,
    sensor   TEXT NOT NULL,
    name     TEXT,
    place    TEXT
) STRICT;

CREATE TABLE rules (
    position         INTEGER PRIMARY KEY,
    rule             TEXT NOT NULL,
    scope_kind       TEXT NOT NULL,         -- everywhere, place, node or sensor
    scope            TEXT,
    sensor_kind      TEXT,
    at_least         INTEGER,
    at_most          INTEGER,
    deadband         INTEGER,
    class            TEXT,                  -- none: it is journalled only
    priority         INTEGER,
    on_delay_ms      INTEGER,
    off_delay_ms     INTEGER,
    latching         INTEGER,
    re_alarm_ms      INTEGER,               -- -1: never
    escalation_ms    INTEGER,               -- -1: never
    message          TEXT,
    voting           TEXT,                  -- single, coincidence, cross_zone or verification
    voting_group     TEXT,                  -- node or zone
    voting_count     INTEGER,
    voting_window_ms INTEGER
) STRICT;

CREATE TABLE targets (
    position      INTEGER PRIMARY KEY,
    name          TEXT NOT NULL,
    expires_ms    INTEGER,
    delivery      TEXT NOT NULL,            -- email, webhook or command; the columns of the others are empty
    host          TEXT,
    port          INTEGER,
    security      TEXT,
    user          TEXT,
    password_file TEXT,
    sender        TEXT,
    url           TEXT,
    format        TEXT,
    secret_file   TEXT,
    ca_file       TEXT,
    time_limit_ms INTEGER
) STRICT;

CREATE TABLE target_groups (
    position INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    level    INTEGER NOT NULL
) STRICT;

-- The lists of targets (`to`, `arguments`) and of their groups (`targets`, `classes`, `places`), an item a row.
CREATE TABLE lists (
    owner    TEXT NOT NULL,                 -- the table
    position INTEGER NOT NULL,              -- the row in it
    list     TEXT NOT NULL,
    item     INTEGER NOT NULL,
    text     TEXT NOT NULL,
    PRIMARY KEY (owner, position, list, item)
) STRICT, WITHOUT ROWID;

-- When a group is on duty. Bit 0 of `days` is Monday; the minutes are those of the day.
CREATE TABLE duty_hours (
    position    INTEGER NOT NULL,           -- the row in target_groups
    item        INTEGER NOT NULL,
    days        INTEGER NOT NULL,
    from_minute INTEGER NOT NULL,
    to_minute   INTEGER NOT NULL,
    PRIMARY KEY (position, item)
) STRICT, WITHOUT ROWID;
