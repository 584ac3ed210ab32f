//! Which nodes or sensors a person wants to see.

use std::{fmt, net::IpAddr};

/// The optional word after `l`, `n` and `s`.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) enum Filter {
    #[default]
    All,
    /// A whole address: `10.89.21.18` does not mean `10.89.21.188`.
    Node(IpAddr),
    /// The beginning of an address or a sensor's name, or a whole sensor's name.
    Word(String),
}

impl Filter {
    pub(super) fn new(word: &str) -> Self {
        word.parse()
            .map_or_else(|_| Self::Word(word.to_owned()), |node: IpAddr| Self::Node(node.to_canonical()))
    }

    pub(super) fn has_node(&self, address: IpAddr) -> bool {
        match self {
            Self::All => true,
            Self::Node(node) => *node == address,
            Self::Word(word) => address.to_string().starts_with(word),
        }
    }

    pub(super) fn has_sensor(&self, address: IpAddr, ip_id: &str) -> bool {
        match self {
            Self::All => true,
            Self::Node(node) => *node == address,
            // After the address, the number is meant as a whole: `_1` is not `_17`.
            Self::Word(word) if word.contains('_') && !word.ends_with('_') => ip_id == word,
            Self::Word(word) => ip_id.starts_with(word),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::Node(node) => write!(f, "{node}"),
            Self::Word(word) => write!(f, "{}", word.escape_debug()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_node_a_name_one_sensor_and_the_rest_a_beginning() {
        let check = |word: &str, ip_id: &str| {
            let address = ip_id.split_once('_').unwrap().0.parse().unwrap();
            Filter::new(word).has_sensor(address, ip_id)
        };
        assert!(check("10.89.21.18", "10.89.21.18_7"));
        assert!(!check("10.89.21.18", "10.89.21.188_7"));
        assert!(check("10.89.21.188_1", "10.89.21.188_1"));
        assert!(!check("10.89.21.188_1", "10.89.21.188_17"));
        assert!(check("10.89.21.188_", "10.89.21.188_17"));
        assert!(check("10.89.", "10.89.21.188_17"));
        assert!(!check("10.90.", "10.89.21.188_17"));
        assert!(check("fe80:0::1", "fe80::1_3"));
    }
}
