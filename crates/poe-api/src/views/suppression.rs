//! What keeps alarms quiet.

use poe_building::{Directory, Source, Suppression, Text};
use serde::Serialize;

use crate::views::{Shown, Stamp};

/// A suppression as people and programs see it.
#[derive(Debug, Serialize)]
pub(crate) struct SuppressionView {
    id: u64,
    kind: &'static str,
    source: Shown<Source>,
    source_kind: &'static str,
    source_name: Option<Text>,
    rule: Option<Text>,
    owner: Text,
    reason: Text,
    began: Stamp,
    /// One by design ends by logic.
    ends: Option<Stamp>,
}

impl SuppressionView {
    pub(crate) fn new(suppression: Suppression, directory: &Directory) -> Self {
        SuppressionView {
            id: suppression.id.0,
            kind: suppression.kind.name(),
            source_kind: suppression.source.kind(),
            source_name: directory.name(&suppression.source),
            source: Shown(suppression.source),
            rule: suppression.rule,
            owner: suppression.owner.name,
            reason: suppression.reason,
            began: suppression.began.into(),
            ends: suppression.ends.map(|due| due.time.into()),
        }
    }
}
