-- Who is known. The latest values are in the table that others read.
CREATE TABLE nodes (
    id            INTEGER PRIMARY KEY,
    address       TEXT NOT NULL UNIQUE,
    first_seen_us INTEGER NOT NULL          -- microseconds since 1970, UTC
) STRICT;

CREATE TABLE sensors (
    node          INTEGER NOT NULL REFERENCES nodes (id),
    id            INTEGER NOT NULL CHECK (id BETWEEN 0 AND 255),
    kind          TEXT NOT NULL,
    first_seen_us INTEGER NOT NULL,
    PRIMARY KEY (node, id)
) STRICT, WITHOUT ROWID;
