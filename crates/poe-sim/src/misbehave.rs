//! What goes wrong with a node's bytes on their way, as functions from a stream to a stream.

use crate::seed::Random;
use poe_wire::{FRAME_BYTES, Frame};
use std::ops::RangeInclusive;

/// The stream without its first `by` bytes: unless `by` is a multiple of four, it never meets a frame's edge.
pub fn shifted(stream: &[u8], by: usize) -> &[u8] {
    &stream[by.min(stream.len())..]
}

/// The stream in pieces of 1 to `longest` bytes, as a network may cut it.
pub fn fragmented(mut stream: &[u8], longest: u16, seed: u64) -> Vec<&[u8]> {
    let mut random = Random::new(seed);
    let mut pieces = Vec::new();
    while !stream.is_empty() {
        let length = random.within(1..=i32::from(longest.max(1))) as usize;
        let (piece, rest) = stream.split_at(length.min(stream.len()));
        pieces.push(piece);
        stream = rest;
    }
    pieces
}

/// The stream with an invalid frame before about one in `one_in` of its own: an unknown operation or an
/// unknown kind of sensor. The stream stays in step.
pub fn with_invalid_frames(stream: &[u8], one_in: u32, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut spoilt = Vec::with_capacity(stream.len() * 2);
    for frame in stream.chunks(FRAME_BYTES) {
        if random.one_in(one_in) {
            spoilt.extend(invalid(&mut random).0);
        }
        spoilt.extend(frame);
    }
    spoilt
}

fn invalid(random: &mut Random) -> Frame {
    let mut byte = |range: RangeInclusive<i32>| random.within(range) as u8;
    let (id, data) = (byte(0..=255), byte(0..=255));
    Frame(match byte(0..=1) {
        0 => [byte(2..=255), id, byte(0..=255), data],
        _ => [byte(0..=1), id, byte(6..=255), data],
    })
}
