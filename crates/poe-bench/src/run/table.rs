//! The table that others read: as it is, and as it should be.

use crate::failure::{Doing, Failure};
use crate::load::Total;
use poe_wire::SensorKind;
use rusqlite::Connection;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// Kind and value of every sensor.
pub struct Table(HashMap<String, (String, u8)>);

impl Table {
    /// What the load says a correct server must hold: `ip_id,kind,value` and more on each line.
    pub fn expected(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path).doing(|| format!("read {}", path.display()))?;
        let row = |line: &str| {
            let mut fields = line.split(',');
            let (key, kind, value) = (fields.next()?, fields.next()?, fields.next()?);
            let kind = SensorKind::from_byte(kind.parse().ok()?)?;
            Some((key.to_owned(), (kind.name().to_owned(), value.parse().ok()?)))
        };
        text.lines()
            .map(|line| row(line).ok_or_else(|| Failure::new(format!("{line:?} is no expected row"))))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// What the file holds now.
    pub fn read(file: &Connection) -> Result<Self, Failure> {
        let read = || -> rusqlite::Result<HashMap<_, _>> {
            file.prepare_cached("SELECT ip_id, sensor, value FROM sensors")?
                .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
                .collect()
        };
        read().doing(|| "read the server's table".into()).map(Self)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Rows that are missing, wrong or too many in `actual`.
    pub fn differences(&self, actual: &Self) -> usize {
        let right = self.0.iter().filter(|(key, reading)| actual.0.get(*key) == Some(reading)).count();
        self.len().max(actual.len()) - right
    }
}

/// What the load says the history of each sensor must have: `ip_id,kind,value,count,sum` on each line.
pub fn totals(path: &Path) -> Result<HashMap<String, Total>, Failure> {
    let text = fs::read_to_string(path).doing(|| format!("read {}", path.display()))?;
    let total = |line: &str| {
        let (key, rest) = line.split_once(',')?;
        let mut numbers = rest.split(',').skip(2).map_while(|number| number.parse().ok());
        Some((key.to_owned(), Total { count: numbers.next()?, sum: numbers.next()? }))
    };
    text.lines()
        .map(|line| total(line).ok_or_else(|| Failure::new(format!("{line:?} tells no total"))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Table;

    fn table(rows: &[(&str, u8)]) -> Table {
        Table(rows.iter().map(|(key, value)| (key.to_string(), ("SMOKE".to_owned(), *value))).collect())
    }

    #[test]
    fn a_row_that_is_missing_wrong_or_too_many_is_a_difference() {
        let expected = table(&[("10.0.0.1_8", 40), ("10.0.0.1_9", 41)]);
        assert_eq!(expected.differences(&expected), 0);
        assert_eq!(expected.differences(&table(&[("10.0.0.1_8", 40)])), 1);
        assert_eq!(expected.differences(&table(&[("10.0.0.1_8", 40), ("10.0.0.1_9", 0)])), 1);
        let one_more = table(&[("10.0.0.1_8", 40), ("10.0.0.1_9", 41), ("10.0.0.2_8", 40)]);
        assert_eq!(expected.differences(&one_more), 1);
    }
}
