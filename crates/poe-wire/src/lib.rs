//! Bytes and frames: the first step of a reading's way from a node to a screen.
//!
//! A node sends frames of four bytes, `[opt, id, type, data]`, one after another and without a gap. The
//! network may cut that stream anywhere. [`FrameReader`] takes the pieces and gives back whole [`Frame`]s;
//! [`Frame::message`] tells what a frame means. Nothing here allocates, waits or fails.
//!
//! ```
//! use poe_wire::{FrameReader, Message, SensorKind};
//!
//! let mut reader = FrameReader::default();
//! assert_eq!(reader.read(&[1, 255]).count(), 0); // half a frame is no frame yet
//! let frame = reader.read(&[0, 1]).next().unwrap();
//! assert_eq!(frame.message(), Ok(Message::Post { id: 255, kind: SensorKind::Fire, value: 1 }));
//! ```
#![no_std]

mod frame;
mod kind;
mod reader;

pub use frame::{FRAME_BYTES, Frame, Invalid, Message, OPT_INITIALIZATION, OPT_POST};
pub use kind::{SensorKind, UnknownKind};
pub use reader::{FrameReader, Frames};
