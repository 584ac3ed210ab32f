//! Codes of one byte, as runs or side by side: the encoding `RLE_DICTIONARY`, with eight bits to each code.
//!
//! Fewer bits would do, but a compressor wants symbols of whole bytes.

use super::{
    delta::Flaw,
    directory::{put_varint, take_varint},
};
use bytes::Bytes;

/// From this length on equal codes are written as a run. Shorter ones cost the compressor less as they are.
const RUN_MIN: usize = 64;

/// A page of these codes, added to `page`.
pub(super) fn encode(codes: &[u8], page: &mut Vec<u8>) {
    page.push(8);
    // Those from here on are not written yet. Side by side they come in eights, but for the last ones.
    let mut from = 0;
    let mut at = 0;
    while at < codes.len() {
        let length = codes[at..].iter().take_while(|code| **code == codes[at]).count();
        let end = at + length;
        let run = from + (at - from).next_multiple_of(8);
        if end.saturating_sub(run) >= RUN_MIN {
            side_by_side(&codes[from..run], page);
            put_varint(page, ((end - run) as u64) << 1);
            page.push(codes[at]);
            from = end;
        }
        at = end;
    }
    side_by_side(&codes[from..], page);
}

fn side_by_side(codes: &[u8], page: &mut Vec<u8>) {
    if !codes.is_empty() {
        let eights = codes.len().div_ceil(8);
        put_varint(page, (eights as u64) << 1 | 1);
        page.extend_from_slice(codes);
        page.resize(page.len() + 8 * eights - codes.len(), 0);
    }
}

/// A page of runs of codes that need so many bits, added to `page`.
pub(super) fn encode_runs(runs: impl Iterator<Item = (u32, u64)>, bits: u32, page: &mut Vec<u8>) {
    page.push(bits as u8);
    let bytes = bits.div_ceil(8) as usize;
    for (code, rows) in runs {
        put_varint(page, rows << 1);
        page.extend_from_slice(&code.to_le_bytes()[..bytes]);
    }
}

/// Reads a page.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    page: Bytes,
    /// Where the next byte is.
    at: usize,
    /// The code of the run, if it is one.
    run: Option<u8>,
    /// Codes of this run, or side by side, that are still to come.
    in_run: usize,
    /// Codes that the page still has.
    left: usize,
}

impl Decoder {
    /// Begins to read a page of so many codes.
    pub(super) fn new(page: Bytes, codes: usize) -> Result<Self, Flaw> {
        if page.first() != Some(&8) {
            return Err("a page has codes of a width that is never written");
        }
        Ok(Self { page, at: 1, left: codes, ..Self::default() })
    }

    /// Calls `take` with the next codes, run by run.
    pub(super) fn read(&mut self, mut count: usize, mut take: impl FnMut(Codes<'_>)) -> Result<(), Flaw> {
        if count > self.left {
            return Err("a page has fewer codes than rows");
        }
        self.left -= count;
        while count > 0 {
            if self.in_run == 0 {
                self.enter()?;
            }
            let now = count.min(self.in_run);
            match self.run {
                Some(code) => take(Codes::Run(code, now)),
                None => {
                    let codes =
                        self.page.get(self.at..self.at + now).ok_or("a page of codes is cut short")?;
                    take(Codes::Each(codes));
                    self.at += now;
                }
            }
            self.in_run -= now;
            count -= now;
        }
        Ok(())
    }

    fn enter(&mut self) -> Result<(), Flaw> {
        let mut rest = self.page.get(self.at..).ok_or("a page of codes is cut short")?;
        let head = take_varint(&mut rest).ok_or("a page of codes is cut short")?;
        let count = usize::try_from(head >> 1).ok().filter(|count| *count > 0 && *count <= i32::MAX as usize);
        let count = count.ok_or("a page of codes has a senseless run")?;
        if head & 1 == 0 {
            let (code, after) = rest.split_first().ok_or("a page of codes is cut short")?;
            (self.run, self.in_run, rest) = (Some(*code), count, after);
        } else {
            (self.run, self.in_run) = (None, 8 * count);
        }
        self.at = self.page.len() - rest.len();
        Ok(())
    }
}

/// Codes that come next.
#[derive(Debug)]
pub(super) enum Codes<'a> {
    /// The same, so many times.
    Run(u8, usize),
    /// One by one.
    Each(&'a [u8]),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn codes() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec((any::<u8>(), prop_oneof![3 => 1_usize..4, 1 => 1_usize..300]), 0..60)
            .prop_map(|runs| {
                runs.into_iter().flat_map(|(code, times)| std::iter::repeat_n(code, times)).collect()
            })
    }

    proptest! {
        #[test]
        fn codes_are_read_as_they_were_written_in_any_steps(
            codes in codes(),
            steps in proptest::collection::vec(0_usize..200, 0..60),
        ) {
            let mut page = Vec::new();
            encode(&codes, &mut page);
            let mut decoder = Decoder::new(page.into(), codes.len()).expect("a head");
            let mut read = Vec::new();
            for count in steps.into_iter().chain([codes.len()]) {
                let count = count.min(codes.len() - read.len());
                decoder.read(count, |codes| match codes {
                    Codes::Run(code, times) => read.extend(std::iter::repeat_n(code, times)),
                    Codes::Each(codes) => read.extend_from_slice(codes),
                }).expect("codes");
            }
            prop_assert_eq!(read, codes);
            prop_assert!(decoder.read(1, |_| ()).is_err());
        }

        #[test]
        fn any_bytes_are_codes_or_a_flaw(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let page = [&[8][..], &bytes].concat();
            let mut decoder = Decoder::new(page.into(), 1_000).expect("a head");
            let _ = decoder.read(300, |_| ());
            let _ = decoder.read(700, |_| ());
        }
    }
}
