//! Something large, taken piece by piece.

use hyper::body::Bytes;

use crate::client::ClientError;
use crate::client::connection::Answer;

/// What a server sends, for as long as it sends any. The memory that it takes does not grow with it.
pub struct Download {
    answer: Answer,
    bytes: Option<u64>,
}

impl Download {
    pub(super) fn new(answer: Answer) -> Self {
        let bytes = answer.header("content-length").and_then(|text| text.parse().ok());
        Download { answer, bytes }
    }

    /// How much there is of it, if the server says so.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        self.bytes
    }
}

impl Iterator for Download {
    type Item = Result<Bytes, ClientError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.answer.piece().transpose()
    }
}
