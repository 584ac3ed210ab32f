//! Pictures of pixels: what they are, how large, and whether their end is there. Nothing is decoded.

use poe_building::ImageFormat;

/// What a picture is, with its width and its height; nothing, if it is none of those that are known here, or is cut.
pub(super) fn look_at(bytes: &[u8]) -> Option<(ImageFormat, u32, u32)> {
    let with = |format: ImageFormat| move |(width, height)| (format, width, height);
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        png(bytes).map(with(ImageFormat::Png))
    } else if bytes.starts_with(b"\xFF\xD8\xFF") {
        jpeg(bytes).map(with(ImageFormat::Jpeg))
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        webp(bytes).map(with(ImageFormat::Webp))
    } else {
        None
    }
}

/// Chunks, each with its length, its kind and a sum: the first is the header, which begins with the sides, and one is the
/// end. Whatever follows that is shown by nobody.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    const FRAME_BYTES: usize = 12;
    let number = |bytes: &[u8], at: usize| {
        Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
    };
    let mut rest = bytes.get(8..)?;
    (rest.get(4..8) == Some(b"IHDR")).then_some(())?;
    let sides = (number(rest, 8)?, number(rest, 12)?);
    loop {
        let length = usize::try_from(number(rest, 0)?).ok()?;
        let kind = rest.get(4..8)?;
        rest = rest.get(length.checked_add(FRAME_BYTES)?..)?;
        if kind == b"IEND" {
            return Some(sides);
        }
    }
}

/// Segments, each with its length, until the one that begins a frame; behind it, somewhere, is the end. Within pixels no
/// two bytes look like it.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut rest = bytes.get(2..)?;
    loop {
        rest = rest.strip_prefix(b"\xFF")?;
        // More of them may fill a gap.
        while let Some(filled) = rest.strip_prefix(b"\xFF") {
            rest = filled;
        }
        let (&marker, after) = rest.split_first()?;
        rest = after;
        match marker {
            // Segments without a length.
            0x01 | 0xD0..=0xD8 => {}
            // A frame of any kind; between them are tables and marks that are none.
            0xC0..=0xCF if ![0xC4, 0xC8, 0xCC].contains(&marker) => {
                let number =
                    |at: usize| Some(u32::from(u16::from_be_bytes(after.get(at..at + 2)?.try_into().ok()?)));
                let has_end = after.windows(2).rev().any(|pair| pair == b"\xFF\xD9");
                return if has_end { Some((number(5)?, number(3)?)) } else { None };
            }
            // The pixels, or the end, and no frame before.
            0xD9 | 0xDA => return None,
            _ => {
                let length = u16::from_be_bytes(after.get(..2)?.try_into().ok()?);
                rest = after.get(usize::from(length).max(2)..)?;
            }
        }
    }
}

/// As long as it says behind its first four bytes, then one of three kinds of first chunk (RFC 9649).
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    let length = usize::try_from(u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?)).ok()?;
    let bytes = bytes.get(..length.checked_add(8)?)?;
    let chunk = bytes.get(20..30)?;
    let number = |at: usize, size: usize| {
        chunk
            .get(at..at + size)
            .map(|bytes| bytes.iter().rev().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)))
    };
    match bytes.get(12..16)? {
        b"VP8 " if chunk.get(3..6) == Some(b"\x9d\x01\x2a") => {
            Some((number(6, 2)? & 0x3FFF, number(8, 2)? & 0x3FFF))
        }
        b"VP8L" if chunk.first() == Some(&0x2F) => {
            let sides = number(1, 4)?;
            Some(((sides & 0x3FFF) + 1, (sides >> 14 & 0x3FFF) + 1))
        }
        b"VP8X" => Some((number(4, 3)? + 1, number(7, 3)? + 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0DIHDR\0\0\x03\x20\0\0\x02\x58\x08\x06\0\0\0\0\0\0\0\
        \0\0\0\x02IDATxx\0\0\0\0\0\0\0\0IEND\xAE\x42\x60\x82";
    const JPEG: &[u8] =
        b"\xFF\xD8\xFF\xE0\0\x04ab\xFF\xFF\xDB\0\x03x\xFF\xC2\0\x11\x08\x02\x58\x03\x20\x03\xFF\xD9";
    const LOSSY: &[u8] = b"RIFF\x16\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x20\x03\x58\x02";
    const LOSSLESS: &[u8] = b"RIFF\x16\0\0\0WEBPVP8L\0\0\0\0\x2f\x1f\xc3\x95\0\0\0\0\0\0";
    const EXTENDED: &[u8] = b"RIFF\x16\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x1f\x03\0\x57\x02\0";
    const ALL: [(&[u8], ImageFormat); 5] = [
        (PNG, ImageFormat::Png),
        (JPEG, ImageFormat::Jpeg),
        (LOSSY, ImageFormat::Webp),
        (LOSSLESS, ImageFormat::Webp),
        (EXTENDED, ImageFormat::Webp),
    ];

    #[test]
    fn pictures_tell_what_they_are() {
        for (bytes, format) in ALL {
            assert_eq!(look_at(bytes), Some((format, 800, 600)));
            // Cameras append what only they know.
            assert_eq!(look_at(&[bytes, b"more"].concat()), Some((format, 800, 600)));
        }
    }

    #[test]
    fn what_is_cut_or_something_else_is_no_picture() {
        for (whole, _) in ALL {
            for end in 0..whole.len() {
                assert_eq!(look_at(&whole[..end]), None, "{end} bytes of {whole:?}");
            }
        }
        for other in [
            b"GIF89a".as_slice(),
            b"<svg/>",
            b"\xFF\xD8\xFF\xD9",
            b"\xFF\xD8\xFF\xDA\0\x02",
            b"RIFF\0\0\0\0WAVE",
        ] {
            assert_eq!(look_at(other), None);
        }
        let zeros = [b"\xFF\xD8\xFF\xE0".as_slice(), &[0; 1_000]].concat();
        assert_eq!(look_at(&zeros), None, "a segment of no length");
    }
}
