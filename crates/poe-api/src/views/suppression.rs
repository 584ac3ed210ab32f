//! What keeps alarms quiet.

use poe_building::{Directory, Source, Suppression, Text};
use serde::Serialize;
use utoipa::ToSchema;

use crate::views::{Shown, Stamp};
use crate::words::{QuietWord, SourceKindWord};

/// What keeps alarms quiet, why, and until when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suppression)]
pub(crate) struct SuppressionView {
    id: u64,
    #[schema(value_type = QuietWord)]
    kind: &'static str,
    #[schema(value_type = String)]
    source: Shown<Source>,
    #[schema(value_type = SourceKindWord)]
    source_kind: &'static str,
    #[schema(value_type = Option<String>)]
    source_name: Option<Text>,
    /// Only the alarm of this rule.
    #[schema(value_type = Option<String>)]
    rule: Option<Text>,
    #[schema(value_type = String)]
    owner: Text,
    #[schema(value_type = String)]
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
