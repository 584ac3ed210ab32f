//! TLS: who we are to those who connect, and the authority that says so where nobody else does.

mod authority;
mod certificate;
mod files;
mod identity;

pub use authority::{Made, MakeError, Wanted};
pub use identity::{Identity, TlsError, TlsFiles};

pub(crate) use certificate::read_all as read_certificates;
pub(crate) use identity::keep_current;
