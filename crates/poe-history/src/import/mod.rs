//! Readings from elsewhere, with their times: a table, CSV, or records of 13 bytes.
