//! Short texts of which a list has tens of thousands: addresses, keys and times, written without a formatter.

use std::fmt::{self, Write as _};
use std::net::IpAddr;

use poe_building::SensorKey;
use serde::{Serialize, Serializer};

/// The longest IPv6 address has 39 characters, and a key four more.
const LONGEST: usize = 48;

/// An address as `Display` writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) IpAddr);

/// A sensor's key as `Display` writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key(pub(crate) SensorKey);

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = ShortText::default();
        text.address(self.0);
        serializer.serialize_str(text.as_str())
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = ShortText::default();
        text.address(self.0.address);
        text.push(b'_');
        text.number(self.0.id);
        serializer.serialize_str(text.as_str())
    }
}

/// A text that needs no memory of its own. It holds nothing but ASCII.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShortText {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Default for ShortText {
    fn default() -> Self {
        ShortText { bytes: [0; LONGEST], len: 0 }
    }
}

impl ShortText {
    pub(super) fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.len]).expect("only ASCII is pushed")
    }

    pub(super) fn push(&mut self, ascii: u8) {
        self.bytes[self.len] = ascii;
        self.len += 1;
    }

    /// The last digits of a number, with zeros before them.
    pub(super) fn digits(&mut self, mut number: u32, count: usize) {
        for at in (self.len..self.len + count).rev() {
            self.bytes[at] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        self.len += count;
    }

    fn number(&mut self, number: u8) {
        let count = if number < 10 {
            1
        } else if number < 100 {
            2
        } else {
            3
        };
        self.digits(number.into(), count);
    }

    fn address(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(address) => {
                let [first, rest @ ..] = address.octets();
                self.number(first);
                for octet in rest {
                    self.push(b'.');
                    self.number(octet);
                }
            }
            IpAddr::V6(address) => write!(self, "{address}").expect("no address is longer"),
        }
    }
}

impl fmt::Write for ShortText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        let place = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_what_display_writes() {
        let addresses = [
            "0.0.0.0",
            "10.89.21.188",
            "255.255.255.255",
            "::",
            "fe80::1",
            "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
            "::ffff:1.2.3.4",
        ];
        for address in addresses.map(|address| address.parse::<IpAddr>().unwrap()) {
            assert_eq!(serde_json::to_string(&Address(address)).unwrap(), format!("\"{address}\""));
            for id in [0, 9, 10, 99, 100, 255] {
                let key = SensorKey { address, id };
                assert_eq!(serde_json::to_string(&Key(key)).unwrap(), format!("\"{key}\""));
            }
        }
    }
}
