//! The journal, from its first entry to its mark.

use super::report::Check;
use poe::config::Config;
use poe_store::{VerifyError, verify};

pub(super) fn check(config: &Config) -> Vec<Check> {
    const NAME: &str = "journal";
    let check = match verify(&config.data_dir) {
        Ok(verified) => match verified.finding {
            None => Check::ok(NAME, format!("{} entries, whole", verified.entries)),
            Some(finding) => {
                let cure = "find out who did that; a backup from before has what was there";
                Check::problem(NAME, finding.to_string(), cure)
            }
        },
        Err(VerifyError::NoJournal) => Check::ok(NAME, "the program that wrote this folder kept none"),
        Err(error) => Check::problem(NAME, error.to_string(), "restore the latest backup: `poe restore`"),
    };
    vec![check]
}
