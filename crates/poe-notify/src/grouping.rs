//! How much goes out at once: several messages side by side, or several pages in one message.

use poe_building::{Delivery, WebhookFormat};

/// Requests to one server that are under way at once: a thousand alarms are through in a moment, and no server minds.
pub(crate) const WEBHOOKS_AT_ONCE: usize = 8;

/// When pages go out together, which only those that wait anyway do.
#[derive(Clone, Copy)]
pub(crate) struct Grouping {
    /// If more wait than this,
    pub(crate) over: usize,
    /// so many go out as one,
    pub(crate) most: usize,
    /// of one class only.
    pub(crate) one_class: bool,
}

/// Nobody reads more than ten messages in a row, and a digest of a hundred lines still fits on a telephone's screen.
const FOR_PEOPLE: Grouping = Grouping { over: 10, most: 100, one_class: true };

/// An ntfy server takes short messages, into which twenty pages with their keys just fit.
const FOR_NTFY: Grouping = Grouping { over: 10, most: 20, one_class: true };

/// Programs read everything. Groups are for the backlog of hours, and fifty keep a request well below any server's limit.
const FOR_PROGRAMS: Grouping = Grouping { over: 100, most: 50, one_class: false };

/// When pages of this target go out together; `None`: never.
pub(crate) const fn grouping(delivery: &Delivery) -> Option<Grouping> {
    match delivery {
        Delivery::Webhook(webhook) => match webhook.format {
            WebhookFormat::Json => Some(FOR_PROGRAMS),
            // An alert of CAP has one identifier.
            WebhookFormat::Cap => None,
            WebhookFormat::Ntfy => Some(FOR_NTFY),
            WebhookFormat::Slack => Some(FOR_PEOPLE),
        },
        Delivery::Email(_) | Delivery::Command { .. } => Some(FOR_PEOPLE),
    }
}

/// How many messages are under way at once to a target that is well.
pub(crate) const fn at_once(delivery: &Delivery) -> usize {
    match delivery {
        Delivery::Webhook(_) => WEBHOOKS_AT_ONCE,
        // A mail server counts connections, and two commands at once would be in each other's way.
        Delivery::Email(_) | Delivery::Command { .. } => 1,
    }
}
