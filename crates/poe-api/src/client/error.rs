//! Why a question was not answered.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use poe_store::OpenError;
use thiserror::Error;

use crate::problem::Problem;

/// Why a question was not answered.
#[derive(Debug, Error)]
pub enum ClientError {
    /// There is no socket, or nobody listens at it.
    #[error("no server answers at {}", path.display())]
    NoServer {
        /// The socket.
        path: PathBuf,
    },
    /// There is a socket, and it is not for us.
    #[error("cannot reach the server at {}: {cause}", path.display())]
    Unreachable {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A server in the network cannot be reached.
    #[error("cannot reach {server}: {cause}")]
    Remote {
        /// Its address.
        server: String,
        /// What the system said.
        cause: String,
    },
    /// Whoever answers cannot show that it is the server.
    #[error("{server} is not trusted: {cause}")]
    Untrusted {
        /// Its address.
        server: String,
        /// What is wrong with its certificate.
        cause: String,
    },
    /// The server went away in the middle, or never answered.
    #[error("the server broke off: {0}")]
    Broken(String),
    /// The server says no.
    #[error("{}", told(detail, field.as_deref(), errors))]
    Refused {
        /// The status of HTTP.
        status: u16,
        /// Why.
        detail: String,
        /// The field that it is about.
        field: Option<String>,
        /// One line for each thing to mend, where there may be many.
        errors: Vec<String>,
    },
    /// The folder of a stopped server cannot be read.
    #[error(transparent)]
    Folder(#[from] OpenError),
}

impl ClientError {
    /// Whether the server says no more than that there is nothing, or nothing for the role of whoever asks.
    #[must_use]
    pub fn is_out_of_reach(&self) -> bool {
        matches!(self, ClientError::Refused { status: 404, detail, .. } if *detail == Problem::NOT_FOUND.detail)
    }
}

impl From<Problem> for ClientError {
    fn from(problem: Problem) -> Self {
        let Problem { status, detail, field, errors, .. } = problem;
        let (detail, field) = (detail.into_owned(), field.map(Cow::into_owned));
        ClientError::Refused { status: status.as_u16(), detail, field, errors }
    }
}

fn told(detail: &str, field: Option<&str>, errors: &[String]) -> String {
    match (field, errors) {
        (_, [_, ..]) => errors.join("\n"),
        (Some(field), []) => format!("{field}: {detail}"),
        (None, []) => detail.to_owned(),
    }
}
