-- A node is shown as new until somebody says that it is one of ours.
ALTER TABLE nodes ADD COLUMN approved INTEGER NOT NULL DEFAULT 0;

-- What happens to a node that was never seen before: open, approve or closed.
ALTER TABLE model ADD COLUMN enrolment TEXT NOT NULL DEFAULT 'open';

-- Who may come in. `buildings` limits what somebody sees, a name a line; empty: nothing is out of sight.
CREATE TABLE users (
    name       TEXT PRIMARY KEY,
    role       TEXT NOT NULL,
    buildings  TEXT NOT NULL,
    password   TEXT NOT NULL,               -- argon2id, as a PHC string
    created_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What programs show instead of a password. `hash` is the SHA-256 of the secret half.
CREATE TABLE tokens (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    role         TEXT NOT NULL,
    buildings    TEXT NOT NULL,
    hash         BLOB NOT NULL,
    created_us   INTEGER NOT NULL,
    created_by   TEXT NOT NULL,
    expires_us   INTEGER,
    last_used_us INTEGER
) STRICT, WITHOUT ROWID;

-- Users who are logged in. `hash` is the SHA-256 of the cookie.
CREATE TABLE sessions (
    hash         BLOB PRIMARY KEY,
    user         TEXT NOT NULL REFERENCES users (name),
    origin       TEXT NOT NULL,
    began_us     INTEGER NOT NULL,
    last_used_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Floor plans. Their pictures are files, named by the SHA-256 of their bytes.
CREATE TABLE plans (
    name    TEXT PRIMARY KEY,
    title   TEXT,
    place   TEXT,
    hash    BLOB,
    format  TEXT,
    width   INTEGER,
    height  INTEGER,
    bytes   INTEGER,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Where zones and nodes are on a plan, in millionths of its width and height. Corners: `x y` pairs with commas between.
CREATE TABLE plan_zones (
    plan    TEXT NOT NULL REFERENCES plans (name),
    item    INTEGER NOT NULL,
    place   TEXT NOT NULL,
    corners TEXT NOT NULL,
    PRIMARY KEY (plan, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_placements (
    plan        TEXT NOT NULL REFERENCES plans (name),
    item        INTEGER NOT NULL,
    source_kind TEXT NOT NULL,
    source      TEXT NOT NULL,
    x           INTEGER NOT NULL,
    y           INTEGER NOT NULL,
    PRIMARY KEY (plan, item)
) STRICT, WITHOUT ROWID;
