//! Four bytes, and what they can mean.

use crate::SensorKind;
use core::fmt;

/// The length of every frame.
pub const FRAME_BYTES: usize = 4;
/// The `opt` of [`Message::Initialization`].
pub const OPT_INITIALIZATION: u8 = 0;
/// The `opt` of [`Message::Post`].
pub const OPT_POST: u8 = 1;

/// How the greetings of other protocols begin: TLS records of any version, SSH, HTTP. Each is an invalid frame, but in
/// what follows some four bytes may look like a valid one.
const GREETINGS: [&[u8]; 13] = [
    &[0x16, 3, 0],
    &[0x16, 3, 1],
    &[0x16, 3, 2],
    &[0x16, 3, 3],
    b"SSH-",
    b"GET ",
    b"HEAD",
    b"POST",
    b"PUT ",
    b"OPTI",
    b"DELE",
    b"CONN",
    b"PRI ",
];

/// Four bytes as a node sent them, `[opt, id, type, data]`. Any four bytes will do.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Frame(pub [u8; FRAME_BYTES]);

/// What a frame means. A frame that means nothing is [`Invalid`] and never gets this far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Message {
    /// The sensor exists on this node. It is no reading; `data` has no meaning yet.
    Initialization {
        /// The sensor's number on its node.
        id: u8,
        /// What it measures.
        kind: SensorKind,
        /// Kept for later use.
        data: u8,
    },
    /// The sensor reads `value` now.
    Post {
        /// The sensor's number on its node.
        id: u8,
        /// What it measures.
        kind: SensorKind,
        /// The reading.
        value: u8,
    },
}

/// Why a frame means nothing. The operation is looked at first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Invalid {
    /// `opt` is neither [`OPT_INITIALIZATION`] nor [`OPT_POST`].
    Opt(u8),
    /// `type` names no [`SensorKind`].
    Kind(u8),
}

impl Frame {
    /// What this frame means.
    #[inline]
    pub const fn message(self) -> Result<Message, Invalid> {
        let [opt, id, kind, data] = self.0;
        if opt > OPT_POST {
            return Err(Invalid::Opt(opt));
        }
        let Some(kind) = SensorKind::from_byte(kind) else {
            return Err(Invalid::Kind(kind));
        };
        Ok(match opt {
            OPT_POST => Message::Post { id, kind, value: data },
            _ => Message::Initialization { id, kind, data },
        })
    }
}

impl Frame {
    /// Whether a stream that begins with these four bytes is somebody speaking another protocol: a port scanner, a
    /// browser, a health check.
    pub fn is_greeting(self) -> bool {
        GREETINGS.iter().any(|greeting| self.0.starts_with(greeting))
    }
}

impl From<Message> for Frame {
    fn from(message: Message) -> Self {
        Self(match message {
            Message::Initialization { id, kind, data } => [OPT_INITIALIZATION, id, kind.byte(), data],
            Message::Post { id, kind, value } => [OPT_POST, id, kind.byte(), value],
        })
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [opt, id, kind, data] = self.0;
        write!(f, "{opt:02X} {id:02X} {kind:02X} {data:02X}")
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opt(opt) => write!(f, "unknown operation {opt}"),
            Self::Kind(kind) => write!(f, "unknown sensor type {kind}"),
        }
    }
}

impl core::error::Error for Invalid {}
