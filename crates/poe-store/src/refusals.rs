//! Rows that a table would not take, and how often that is told.

use std::path::Path;

/// The rows of one batch that the table would not take: a constraint or a trigger of its owner forbids them.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    pub(crate) rows: usize,
    /// The key of the first one, and why.
    first: Option<(String, rusqlite::Error)>,
}

impl Refused {
    pub(crate) fn add(&mut self, key: &str, cause: rusqlite::Error) {
        self.rows += 1;
        self.first.get_or_insert_with(|| (key.to_owned(), crate::error::in_one_line(cause)));
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.rows += other.rows;
        self.first = self.first.take().or(other.first);
    }
}

/// All that were refused so far. A sensor whose rows are refused sends one every few seconds, so it is told when there
/// is the first, and then each time that there are twice as many.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    total: u64,
    told: u64,
}

impl Refusals {
    pub(crate) fn note(&mut self, refused: &Refused, file: &Path, table: &str) {
        if let Some((key, cause)) = &refused.first
            && self.is_due(refused.rows)
        {
            let (file, refused) = (file.display(), self.total);
            tracing::warn!(
                %file, table, refused, %cause,
                "table {table:?} of {file} refused {refused} rows so far, now that of {key}: {cause}; the other rows are stored"
            );
        }
    }

    fn is_due(&mut self, rows: usize) -> bool {
        self.total += rows as u64;
        let due = self.total >= self.told.saturating_mul(2).max(1);
        if due {
            self.told = self.total;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sensor_that_is_refused_all_night_fills_no_page_of_the_log() {
        let mut refusals = Refusals::default();
        let told: Vec<u32> = (1..=30_000).filter(|_| refusals.is_due(1)).collect();
        assert_eq!(told[..4], [1, 2, 4, 8]);
        assert_eq!(told.len(), 15);
    }
}
