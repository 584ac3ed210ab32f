//! A target of notifications.

use poe_building::{Delivery, Model, Target, Text};
use poe_store::DeadLetter;
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::TargetStatus;
use crate::views::Stamp;
use crate::words::ClassWord;

/// As many as somebody looks through; the journal has all of them.
const DEAD_LETTERS_MAX: usize = 100;

/// Who can be told, and whether it gets through. Where it leads is not told: an address may be as good as a key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Target)]
pub(crate) struct TargetView {
    #[schema(value_type = String)]
    name: Text,
    /// `email`, `webhook` or `command`.
    delivery: &'static str,
    #[schema(value_type = Vec<String>)]
    groups: Vec<Text>,
    /// Notifications that it has still to get, and the age of the oldest of these in seconds.
    waiting: u64,
    oldest_s: Option<u64>,
    /// Since the start: confirmed, tried in vain, given up.
    sent: u64,
    failed: u64,
    dead: u64,
    /// Tries that have failed since it last said yes; 0: it is well.
    failing: u32,
    #[schema(value_type = Option<String>)]
    last_error: Option<Text>,
    last_error_at: Option<Stamp>,
    last_success: Option<Stamp>,
    dead_letters: Vec<DeadLetterView>,
}

/// A notification that was given up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeadLetter)]
struct DeadLetterView {
    seq: u64,
    alarm: Option<u64>,
    #[schema(value_type = ClassWord)]
    class: &'static str,
    reason: &'static str,
    #[schema(value_type = String)]
    summary: Text,
    promised: Stamp,
    given_up: Stamp,
}

impl TargetView {
    pub(crate) fn new(
        target: &Target,
        status: Option<&TargetStatus>,
        model: &Model,
        letters: &[DeadLetter],
    ) -> Self {
        let groups = model.groups.iter().filter(|group| group.targets.contains(&target.name));
        let mut dead_letters: Vec<_> = letters
            .iter()
            .rev()
            .filter(|letter| letter.promise.target == target.name)
            .take(DEAD_LETTERS_MAX)
            .map(DeadLetterView::from)
            .collect();
        dead_letters.reverse();
        let last_error = status.and_then(|status| status.last_error.clone());
        TargetView {
            name: target.name.clone(),
            delivery: match target.delivery {
                Delivery::Email(_) => "email",
                Delivery::Webhook(_) => "webhook",
                Delivery::Command { .. } => "command",
            },
            groups: groups.map(|group| group.name.clone()).collect(),
            waiting: status.map_or(0, |status| status.waiting),
            oldest_s: status.and_then(|status| status.oldest).map(|age| age.as_secs()),
            sent: status.map_or(0, |status| status.sent),
            failed: status.map_or(0, |status| status.failed),
            dead: status.map_or(0, |status| status.dead),
            failing: status.map_or(0, |status| status.failing),
            last_error_at: last_error.as_ref().map(|(_, when)| Stamp(*when)),
            last_error: last_error.map(|(why, _)| why),
            last_success: status.and_then(|status| status.last_success).map(Stamp),
            dead_letters,
        }
    }
}

impl From<&DeadLetter> for DeadLetterView {
    fn from(letter: &DeadLetter) -> Self {
        let DeadLetter { promise, given_up } = letter;
        DeadLetterView {
            seq: promise.seq,
            alarm: promise.alarm.map(|alarm| alarm.0),
            class: promise.class.name(),
            reason: promise.reason.name(),
            summary: promise.summary.clone(),
            promised: promise.promised.into(),
            given_up: (*given_up).into(),
        }
    }
}
