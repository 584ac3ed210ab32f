//! The certificate by which HTTP is served.

use super::report::Check;
use jiff::{SignedDuration, Timestamp};
use poe::config::Loaded;
use poe_api::tls::Identity;

/// Time enough to order another one.
const WARN_BEFORE_END: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(super) fn check(loaded: &Loaded) -> Vec<Check> {
    const NAME: &str = "certificate";
    // Without one, or where one is missing, the exposure tells.
    let Ok(Some(files)) = loaded.tls() else { return Vec::new() };
    let path = files.cert.display().to_string();
    let cure = "order another one, or make it with `poe tls init`";
    let check = match Identity::load(files) {
        Err(error) => Check::problem(NAME, error.to_string(), cure),
        Ok(identity) => match identity.valid_until() {
            None => Check::warning(NAME, format!("{path} does not say until when it is valid"), cure),
            Some(end) => validity(NAME, &path, end, Timestamp::now()),
        },
    };
    vec![check]
}

fn validity(name: &'static str, path: &str, end: Timestamp, now: Timestamp) -> Check {
    let cure = "order another one, or make it with `poe tls init`";
    let day = end.strftime("%Y-%m-%d");
    if end <= now {
        Check::problem(name, format!("{path} has ended on {day}: clients refuse it"), cure)
    } else if end.duration_since(now) < WARN_BEFORE_END {
        Check::warning(name, format!("{path} ends on {day}"), cure)
    } else {
        Check::ok(name, format!("{path} is valid until {day}, and has its key"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_told_of_a_month_before_it_ends() {
        let at = |text: &str| text.parse().unwrap();
        let check =
            |now| format!("{:?}", validity("certificate", "server.pem", at("2026-05-31T00:00:00Z"), at(now)));
        assert!(check("2026-04-30T00:00:00Z").contains("state: Ok"));
        assert!(check("2026-05-02T00:00:00Z").contains("state: Warning"));
        assert!(check("2026-05-31T00:00:00Z").contains("state: Problem"));
    }
}
