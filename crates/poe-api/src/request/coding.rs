//! In which coding somebody wants a body.

use axum::http::{HeaderMap, header};

/// As much as anybody can want something: a quality of 1, in thousandths.
const FULLY: u16 = 1_000;

/// How much this coding is wanted, by `Accept-Encoding`, in thousandths; nothing, if it is not spoken of.
pub(crate) fn wanted(headers: &HeaderMap, coding: &str) -> Option<u16> {
    let lines = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|line| line.to_str().ok());
    let mut any = None;
    for entry in lines.flat_map(|line| line.split(',')) {
        let mut parts = entry.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let quality = quality.map_or(FULLY, thousandths);
        if name.eq_ignore_ascii_case(coding) {
            return Some(quality);
        }
        if name == "*" {
            any = Some(quality);
        }
    }
    any
}

/// A quality between 0 and 1. What is none is not wanted.
fn thousandths(quality: &str) -> u16 {
    let quality: f32 = quality.parse().unwrap_or(0.0);
    // What is beyond these bounds, or no number, becomes one within them.
    (quality.clamp(0.0, 1.0) * f32::from(FULLY)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(lines: &[&'static str], coding: &str) -> Option<u16> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(line));
        }
        wanted(&headers, coding)
    }

    #[test]
    fn a_coding_is_wanted_as_much_as_it_says() {
        assert_eq!(of(&[], "gzip"), None);
        assert_eq!(of(&[""], "gzip"), None);
        assert_eq!(of(&["gzip, deflate, br, zstd"], "gzip"), Some(1_000));
        assert_eq!(of(&["deflate", "GZip;q=0.5"], "gzip"), Some(500));
        assert_eq!(of(&["br ; Q=0.25"], "br"), Some(250));
        assert_eq!(of(&["gzipped, x-gzip"], "gzip"), None);
        assert_eq!(of(&["gzip;q=0, *"], "gzip"), Some(0));
        assert_eq!(of(&["*;q=0.1, gzip"], "gzip"), Some(1_000));
        assert_eq!(of(&["*;q=0.1, gzip"], "br"), Some(100));
    }

    #[test]
    fn a_quality_that_is_none_is_not_wanted() {
        for odd in ["gzip;q=", "gzip;q=x", "gzip;q=-1", "gzip;q=NaN", "gzip;q=0.0001"] {
            assert_eq!(of(&[odd], "gzip"), Some(0), "{odd}");
        }
        assert_eq!(of(&["gzip;q=7"], "gzip"), Some(1_000));
        assert_eq!(of(&["gzip;level=9"], "gzip"), Some(1_000));
    }
}
