//! Names of machines.

use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::tls::Identity;

/// The names by which this machine may be called, beside its addresses and `localhost`.
#[derive(Debug, Clone)]
pub(crate) struct HostNames {
    given: Arc<[String]>,
    tls: Option<Arc<Identity>>,
}

impl HostNames {
    /// These names, and those in the certificate in force: whoever has given us one for a name wants us to be called so.
    pub(crate) fn new(given: Vec<String>, tls: Option<Arc<Identity>>) -> Self {
        HostNames { given: given.into(), tls }
    }

    /// Whether it is one of them, in any case of letters.
    pub(crate) fn has(&self, host: &str) -> bool {
        self.given.iter().any(|name| host.eq_ignore_ascii_case(name))
            || self.tls.as_ref().is_some_and(|identity| identity.has_name(host))
    }
}

/// Whether it is a name that DNS or a list of hosts can give to a machine: `poe`, `building-1.example`.
#[must_use]
pub fn is_host_name(name: &str) -> bool {
    const NAME_BYTES_MAX: usize = 253;
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= NAME_BYTES_MAX && name.split('.').all(is_label) && name.parse::<Ipv4Addr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_what_is_none() {
        for name in ["poe", "Poe-1.example", "localhost", "1", "a.b.c.d.e", "xn--gebude-6wa"] {
            assert!(is_host_name(name), "{name}");
        }
        let long = ["a.".repeat(126), "bc".to_owned()].concat();
        for other in
            ["", ".", "a..b", "a.", "-a", "a-", "a_b", "*.a", "a:80", "10.0.0.7", "::1", "é", "a b", &long]
        {
            assert!(!is_host_name(other), "{other}");
        }
    }
}
