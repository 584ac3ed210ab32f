//! Who is at the other end of a connection.

use nix::unistd::{Uid, User};
use poe_building::Who;
use tokio::net::UnixStream;

/// The user whose program connected to the local socket; nobody in particular, if the system does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer {
    uid: Option<Uid>,
}

impl Peer {
    /// Somebody of whom nothing is known.
    pub(crate) const STRANGER: Peer = Peer { uid: None };

    /// As the system knew it when the connection was made.
    pub(crate) fn of(stream: &UnixStream) -> Peer {
        Peer { uid: stream.peer_cred().ok().map(|cred| Uid::from_raw(cred.uid())) }
    }

    /// How the journal names them. It may ask the system's list of users, which may be on another machine.
    pub(crate) fn who(self) -> Who {
        let name = match self.uid {
            Some(uid) => match User::from_uid(uid) {
                Ok(Some(user)) => user.name,
                _ => format!("uid {uid}"),
            },
            None => "unknown".to_owned(),
        };
        Who::new(name, "socket")
    }
}
