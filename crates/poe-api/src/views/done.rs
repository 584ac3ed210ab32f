//! What has come of an order that has nothing else to show.

use serde::Serialize;
use utoipa::ToSchema;

use crate::server::Ordered;

/// An order was carried out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    /// Its entry in the journal.
    seq: u64,
    /// Whether that is stored already. If not, the disk is slow; the order holds all the same.
    committed: bool,
}

impl From<Ordered> for Done {
    fn from(Ordered { done, stored }: Ordered) -> Self {
        Done { seq: done.seq, committed: stored }
    }
}
