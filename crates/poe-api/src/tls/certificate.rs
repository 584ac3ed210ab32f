//! What a certificate says of itself.

use std::fs;
use std::io;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, fmt::strtime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use webpki::EndEntityCert;

/// A chain has three or four certificates of 2 KiB each, the list of a whole system some hundreds.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Every certificate of a PEM file, in its order; none, if it holds none.
pub(crate) fn read_all(path: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    parse_all(&read_bounded(path)?)
}

pub(super) fn parse_all(pem: &[u8]) -> io::Result<Vec<CertificateDer<'static>>> {
    let unfit = |error: rustls::pki_types::pem::Error| io::Error::other(error.to_string());
    CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(unfit)
}

/// A file of certificates or keys, unless it is some other, far longer file.
pub(super) fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    use io::Read as _;
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    let fits = bytes.len() as u64 <= FILE_BYTES_MAX;
    fits.then_some(bytes).ok_or_else(|| io::Error::other("it is too long for a file of certificates"))
}

/// The names of hosts that it is valid for, without addresses and wildcards.
pub(super) fn names(certificate: &CertificateDer<'_>) -> Vec<String> {
    let Ok(certificate) = EndEntityCert::try_from(certificate) else { return Vec::new() };
    certificate.valid_dns_names().filter(|name| !name.contains('*')).map(str::to_owned).collect()
}

/// SHA-256 over all of it, as browsers show it: `9F:86:D0:...`.
pub(super) fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let bytes = digest(&SHA256, certificate);
    bytes.as_ref().iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

/// When it ends to be valid; nothing, if it does not say so in the way of RFC 5280.
pub(super) fn valid_until(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let (_, signed, _) = element(certificate)?;
    let (_, mut fields, _) = element(signed)?;
    // All certificates since 1996 begin with their version.
    if fields.first() == Some(&TAG_VERSION) {
        fields = element(fields)?.2;
    }
    // Serial number, algorithm and issuer stand before the validity.
    for _ in 0..3 {
        fields = element(fields)?.2;
    }
    let (_, validity, _) = element(fields)?;
    let (_, _begin, rest) = element(validity)?;
    let (tag, end, _) = element(rest)?;
    time(tag, str::from_utf8(end).ok()?)
}

const TAG_VERSION: u8 = 0xA0;
const TAG_UTC_TIME: u8 = 0x17;
const TAG_GENERALIZED_TIME: u8 = 0x18;

/// An element of DER at the beginning of `bytes`: its tag, what it holds, and what follows it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        // A certificate has less than 16 MiB.
        let digits = usize::from(first & 0x7F);
        let (digits, rest) = rest.split_at_checked(digits).filter(|_| digits <= 3)?;
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// The years of the short form are those from 1950 to 2049.
fn time(tag: u8, text: &str) -> Option<Timestamp> {
    let text = match tag {
        TAG_UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
        TAG_UTC_TIME => format!("19{text}"),
        TAG_GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let time: DateTime = strtime::parse("%Y%m%d%H%M%SZ", text).ok()?.to_datetime().ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    fn made(until_year: i32) -> CertificateDer<'static> {
        let names = ["poe.example", "*.poe.example", "10.0.0.7"].map(str::to_owned);
        let mut params = CertificateParams::new(names).unwrap();
        params.not_after = date_time_ymd(until_year, 3, 9);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    #[test]
    fn its_end_is_read_in_the_short_and_in_the_long_form() {
        for year in [2026, 2049, 2050, 2126] {
            let end = valid_until(&made(year)).unwrap();
            assert_eq!(end.to_string(), format!("{year}-03-09T00:00:00Z"));
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        let whole = made(2030);
        for length in 0..whole.len().min(120) {
            assert_eq!(valid_until(&CertificateDer::from(&whole[..length])), None, "{length}");
        }
        for bytes in [&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF][..], &[0x30, 0x80], &[0x30, 0xFF, 1], &[]] {
            assert_eq!(valid_until(&CertificateDer::from(bytes)), None);
        }
    }

    #[test]
    fn its_names_are_those_by_which_it_can_be_called() {
        assert_eq!(names(&made(2030)), ["poe.example"]);
        assert_eq!(names(&CertificateDer::from(&b"no certificate"[..])), Vec::<String>::new());
    }
}
