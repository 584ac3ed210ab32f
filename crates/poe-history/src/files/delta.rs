//! Numbers as differences: the encoding `DELTA_BINARY_PACKED`, written so that it compresses well.
//!
//! Two liberties that the format leaves make the difference. Differences fill whole bytes, so that the compressor sees each
//! of them as a symbol. And what they are counted from stays the same from block to block as long as it fits, so that the
//! same times, which a node's sensors share, are the same bytes again.

use super::directory::{put_varint, take_varint};
use bytes::Bytes;

/// Differences in a block. A block's head interrupts what would repeat, so there are few of them.
const BLOCK: usize = 2_048;
/// Differences that share a width. Small, since the one leap from a sensor to the next makes all of them wide.
const MINIBLOCK: usize = 32;
const MINIBLOCKS: usize = BLOCK / MINIBLOCK;

/// A page of these numbers, added to `page`.
pub(super) fn encode(numbers: &[i64], page: &mut Vec<u8>) {
    put_varint(page, BLOCK as u64);
    put_varint(page, MINIBLOCKS as u64);
    put_varint(page, numbers.len() as u64);
    put_varint(page, zigzag(numbers.first().copied().unwrap_or(0)));
    let mut base = 0;
    let mut deltas = [0; BLOCK];
    let mut before = numbers.first().copied().unwrap_or(0);
    for block in numbers.get(1..).unwrap_or_default().chunks(BLOCK) {
        for (delta, number) in deltas.iter_mut().zip(block) {
            *delta = number.wrapping_sub(before);
            before = *number;
        }
        encode_block(&deltas[..block.len()], &mut base, page);
    }
}

fn encode_block(deltas: &[i64], base: &mut i64, page: &mut Vec<u8>) {
    let minis: Vec<(i64, i64)> = deltas
        .chunks(MINIBLOCK)
        .map(|mini| {
            mini.iter().fold((i64::MAX, i64::MIN), |(min, max), delta| (min.min(*delta), max.max(*delta)))
        })
        .collect();
    *base = base_for(&minis, *base);
    put_varint(page, zigzag(*base));
    let widths = page.len();
    page.resize(widths + MINIBLOCKS, 0);
    for (number, mini) in deltas.chunks(MINIBLOCK).enumerate() {
        let widest = mini.iter().fold(0, |all, delta| all | delta.wrapping_sub(*base) as u64);
        let bytes = match widest {
            0 => 0,
            1..=0xff => 1,
            0x100..=0xffff => 2,
            0x1_0000..=0xffff_ffff => 4,
            _ => 8,
        };
        page[widths + number] = 8 * bytes as u8;
        for delta in mini {
            page.extend_from_slice(&(delta.wrapping_sub(*base) as u64).to_le_bytes()[..bytes]);
        }
        // The last one is filled up.
        page.resize(page.len() + (MINIBLOCK - mini.len()) * bytes, 0);
    }
}

/// What the differences of a block are counted from: as before, if that serves most of it.
fn base_for(minis: &[(i64, i64)], before: i64) -> i64 {
    let fits = |(min, max): &&(i64, i64)| *min >= before && max.wrapping_sub(before) as u64 <= 0xff;
    if minis.iter().filter(fits).count() * 2 >= minis.len() {
        return before;
    }
    let mut sorted = minis.to_vec();
    sorted.sort_unstable();
    let (min, max) = sorted[sorted.len() / 2];
    // Room on both sides, so that it serves the next blocks as well; none for what keeps step.
    let room = 0xff_u64.saturating_sub(max.wrapping_sub(min) as u64) / 2;
    if min == max { min } else { min.saturating_sub(room as i64) }
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(bits: u64) -> i64 {
    (bits >> 1) as i64 ^ -((bits & 1) as i64)
}

/// Reads a page.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    page: Bytes,
    /// Where the next byte is.
    at: usize,
    block: usize,
    miniblock: usize,
    /// The number before the next.
    before: i64,
    /// Whether `before` is the first one, which is told as it is.
    fresh: bool,
    /// Numbers that the page still has.
    left: usize,
    base: i64,
    /// Where the widths of the block's further miniblocks are.
    widths: std::ops::Range<usize>,
    /// Bytes of each difference in this miniblock.
    bytes: usize,
    /// Differences that this miniblock still has.
    in_miniblock: usize,
}

/// What a page lacks.
pub(super) type Flaw = &'static str;

impl Decoder {
    /// Begins to read a page of so many numbers.
    pub(super) fn new(page: Bytes, numbers: usize) -> Result<Self, Flaw> {
        let mut rest = &page[..];
        let mut head = || take_varint(&mut rest).ok_or("a page of numbers has no head");
        let (block, miniblocks, count, first) = (head()?, head()?, head()?, head()?);
        let block = usize::try_from(block).unwrap_or(usize::MAX);
        let miniblocks = usize::try_from(miniblocks).unwrap_or(usize::MAX);
        if count != numbers as u64
            || miniblocks == 0
            || block == 0
            || block > 1 << 20
            || block % miniblocks != 0
        {
            return Err("a page of numbers has a senseless head");
        }
        Ok(Self {
            at: page.len() - rest.len(),
            block,
            miniblock: block / miniblocks,
            before: unzigzag(first),
            fresh: true,
            left: numbers,
            page,
            ..Self::default()
        })
    }

    /// Adds the next numbers to `into`.
    pub(super) fn read(&mut self, mut count: usize, into: &mut Vec<i64>) -> Result<(), Flaw> {
        if self.first(&mut count)? {
            into.push(self.before);
        }
        while count > 0 {
            let (now, base, width) = (self.span(count)?, self.base, self.bytes);
            let packed =
                self.page.get(self.at..self.at + now * width).ok_or("a page of numbers is cut short")?;
            let mut before = self.before;
            let mut next = |bits: u64| {
                before = before.wrapping_add(base).wrapping_add(bits as i64);
                before
            };
            match width {
                0 => into.extend((0..now).map(|_| next(0))),
                1 => into.extend(packed.iter().map(|byte| next(u64::from(*byte)))),
                _ => into.extend(packed.chunks_exact(width).map(|bytes| next(little(bytes)))),
            }
            self.before = before;
            self.pass(now);
            count -= now;
        }
        Ok(())
    }

    /// Passes over the next numbers.
    pub(super) fn skip(&mut self, mut count: usize) -> Result<(), Flaw> {
        self.first(&mut count)?;
        while count > 0 {
            let (now, base, width) = (self.span(count)?, self.base, self.bytes);
            let packed =
                self.page.get(self.at..self.at + now * width).ok_or("a page of numbers is cut short")?;
            let sum = match width {
                0 => 0,
                // A miniblock's bytes cannot overflow: a block has a million differences at most.
                1 => u64::from(packed.iter().map(|byte| u32::from(*byte)).sum::<u32>()),
                _ => packed.chunks_exact(width).map(little).fold(0, u64::wrapping_add),
            };
            self.before = self.before.wrapping_add(base.wrapping_mul(now as i64)).wrapping_add(sum as i64);
            self.pass(now);
            count -= now;
        }
        Ok(())
    }

    /// Whether the first number of the page is among the next `count`, which it then is no more.
    fn first(&mut self, count: &mut usize) -> Result<bool, Flaw> {
        if *count > self.left {
            return Err("a page has fewer numbers than rows");
        }
        self.left -= *count;
        let first = self.fresh && *count > 0;
        if first {
            self.fresh = false;
            *count -= 1;
        }
        Ok(first)
    }

    /// How many of the next differences lie side by side. Enters the next miniblock and block where the last one ends.
    fn span(&mut self, count: usize) -> Result<usize, Flaw> {
        if self.in_miniblock == 0 {
            if self.widths.is_empty() {
                let mut rest = self.page.get(self.at..).ok_or("a page of numbers is cut short")?;
                self.base = unzigzag(take_varint(&mut rest).ok_or("a page of numbers is cut short")?);
                self.at = self.page.len() - rest.len();
                self.widths = self.at..self.at + self.block / self.miniblock.max(1);
                self.at = self.widths.end;
            }
            let width = self
                .widths
                .next()
                .and_then(|at| self.page.get(at))
                .ok_or("a page of numbers is cut short")?;
            self.bytes = match width {
                0 => 0,
                8 => 1,
                16 => 2,
                32 => 4,
                64 => 8,
                _ => return Err("a page has numbers of a width that is never written"),
            };
            self.in_miniblock = self.miniblock;
        }
        Ok(count.min(self.in_miniblock))
    }

    fn pass(&mut self, differences: usize) {
        self.at += differences * self.bytes;
        self.in_miniblock -= differences;
    }
}

fn little(bytes: &[u8]) -> u64 {
    match *bytes {
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c, d] => u64::from(u32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers() -> impl Strategy<Value = Vec<i64>> {
        let steps = prop_oneof![
            8 => 0_i64..12,
            2 => Just(2_000),
            1 => -90_000_000..90_000_000_i64,
            1 => any::<i64>(),
        ];
        proptest::collection::vec((steps, 1_usize..200), 0..40).prop_map(|runs| {
            let mut number = 1_760_000_000_000_i64;
            let mut numbers = Vec::new();
            for (step, times) in runs {
                for _ in 0..times {
                    number = number.wrapping_add(step);
                    numbers.push(number);
                }
            }
            numbers
        })
    }

    proptest! {
        #[test]
        fn numbers_are_read_as_they_were_written_in_any_steps(
            numbers in numbers(),
            steps in proptest::collection::vec((any::<bool>(), 0_usize..300), 0..60),
        ) {
            let mut page = Vec::new();
            encode(&numbers, &mut page);
            let mut decoder = Decoder::new(page.into(), numbers.len()).expect("a head");
            let mut at = 0;
            for (skip, count) in steps {
                let count = count.min(numbers.len() - at);
                if skip {
                    decoder.skip(count).expect("numbers");
                } else {
                    let mut read = Vec::new();
                    decoder.read(count, &mut read).expect("numbers");
                    prop_assert_eq!(&read, &numbers[at..at + count]);
                }
                at += count;
            }
            prop_assert!(decoder.read(numbers.len() - at + 1, &mut Vec::new()).is_err());
        }

        #[test]
        fn any_bytes_are_numbers_or_a_flaw(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            count in 0_usize..500,
        ) {
            if let Ok(mut decoder) = Decoder::new(bytes.into(), count) {
                let _ = decoder.skip(count / 3);
                let _ = decoder.read(count / 2, &mut Vec::new());
            }
        }
    }
}
