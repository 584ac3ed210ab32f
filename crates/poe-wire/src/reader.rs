//! From pieces of a stream to whole frames.

use crate::{FRAME_BYTES, Frame};
use core::slice;

/// Takes a node's bytes in any pieces and gives back its frames.
///
/// Between two reads it holds the bytes of an unfinished frame, at most three. It is all that a connection
/// has to own, so that a hundred thousand idle ones cost next to nothing.
#[derive(Clone, Copy, Default, Debug)]
pub struct FrameReader {
    held: [u8; FRAME_BYTES - 1],
    len: u8,
}

/// The frames that a piece of the stream completes, in order.
#[derive(Clone, Debug)]
pub struct Frames<'bytes> {
    /// The frame that began in an earlier piece.
    joined: Option<Frame>,
    whole: slice::Iter<'bytes, [u8; FRAME_BYTES]>,
}

impl FrameReader {
    /// The frames that are whole once `bytes` have come. What is left over is held for the next read,
    /// also when the caller drops the iterator half way.
    #[inline]
    pub fn read<'bytes>(&mut self, bytes: &'bytes [u8]) -> Frames<'bytes> {
        let (joined, rest) = self.join(bytes);
        let (whole, leftover) = rest.as_chunks::<FRAME_BYTES>();
        self.hold(leftover);
        Frames { joined, whole: whole.iter() }
    }

    /// The bytes of a frame that has begun and is not whole yet: what is lost if the stream ends here.
    pub fn held(&self) -> &[u8] {
        &self.held[..usize::from(self.len)]
    }

    /// Finishes the held frame with the first of `bytes`, if they are enough; else holds them too.
    fn join<'bytes>(&mut self, bytes: &'bytes [u8]) -> (Option<Frame>, &'bytes [u8]) {
        let held = usize::from(self.len);
        if held == 0 {
            return (None, bytes);
        }
        let (first, rest) = bytes.split_at(bytes.len().min(FRAME_BYTES - held));
        let mut frame = [0; FRAME_BYTES];
        frame[..held].copy_from_slice(&self.held[..held]);
        frame[held..held + first.len()].copy_from_slice(first);
        if held + first.len() < FRAME_BYTES {
            self.hold_all(&frame[..held + first.len()]);
            return (None, rest);
        }
        self.len = 0;
        (Some(Frame(frame)), rest)
    }

    /// Holds what is left after the whole frames; an empty rest leaves what is held already.
    fn hold(&mut self, leftover: &[u8]) {
        if !leftover.is_empty() {
            self.hold_all(leftover);
        }
    }

    fn hold_all(&mut self, bytes: &[u8]) {
        self.held[..bytes.len()].copy_from_slice(bytes);
        self.len = bytes.len() as u8;
    }
}

impl Iterator for Frames<'_> {
    type Item = Frame;

    #[inline]
    fn next(&mut self) -> Option<Frame> {
        if let Some(joined) = self.joined.take() {
            return Some(joined);
        }
        self.whole.next().map(|bytes| Frame(*bytes))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.whole.len() + usize::from(self.joined.is_some());
        (count, Some(count))
    }
}

impl ExactSizeIterator for Frames<'_> {}
