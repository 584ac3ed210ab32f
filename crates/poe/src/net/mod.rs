//! Sockets: where a reading's way begins.

pub(crate) mod connections;
pub(crate) mod doors;
pub(crate) mod listen;
pub(crate) mod poll;
