//! The property that the tests and the fuzz target share.

use poe_wire::{FRAME_BYTES, Frame, FrameReader, Message};

/// Reads `bytes` in pieces of the given lengths, over and over, and compares with one naive read.
pub fn pieces_agree_with_one_read(bytes: &[u8], lengths: &[usize]) {
    let naive: Vec<Frame> =
        bytes.chunks_exact(FRAME_BYTES).map(|four| Frame(four.try_into().unwrap())).collect();

    let mut reader = FrameReader::default();
    let mut read = Vec::new();
    let mut rest = bytes;
    for length in lengths.iter().chain(&[bytes.len()]) {
        let (piece, after) = rest.split_at(rest.len().min(*length));
        read.extend(reader.read(piece));
        rest = after;
    }

    assert_eq!(read, naive, "pieces {lengths:?} of {bytes:02X?}");
    assert_eq!(reader.held(), &bytes[naive.len() * FRAME_BYTES..], "what is left over");
    for frame in read {
        if let Ok(message @ (Message::Post { .. } | Message::Initialization { .. })) = frame.message() {
            assert_eq!(Frame::from(message), frame);
        }
    }
}

/// One input of the fuzzer: the first byte says how many lengths follow, the rest is the stream.
pub fn fuzz(input: &[u8]) {
    let Some((&count, input)) = input.split_first() else { return };
    let (lengths, bytes) = input.split_at(input.len().min(usize::from(count)));
    let lengths: Vec<usize> = lengths.iter().map(|length| usize::from(*length)).collect();
    pieces_agree_with_one_read(bytes, &lengths);
}
