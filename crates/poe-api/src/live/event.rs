//! One server-sent event.

use std::io::Write;

use serde::Serialize;
use utoipa::ToSchema;

/// A server-sent event: its lines, joined. After each snapshot, once every reading and every node that is followed has been
/// told as well, comes `current`: what was known before holds again. The contract alone asks for this.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "an event is written as lines, and this tells which")]
pub(crate) struct LiveEvent {
    /// What `data` is: `snapshot` (Snapshot), `event` (Event), `alarm` (Alarm), `node` (Node), `reading` (Reading),
    /// `current` (its `time`) and `heartbeat` (its `time`, and whether there is a `flood` of alarms).
    event: LiveEventKind,
    /// JSON in one line.
    data: String,
    /// The number of an entry of the journal that is stored: on `event`, and on `alarm` for those who are told of the
    /// alarm without the entry that it follows from.
    #[schema(nullable = false)]
    id: Option<String>,
}

/// What is told.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "as above")]
pub(crate) enum LiveEventKind {
    Snapshot,
    Event,
    Alarm,
    Node,
    Reading,
    Current,
    Heartbeat,
}

/// An event of this kind. Only what is in the journal has an id, for only that can be asked for again.
pub(super) fn event(kind: &str, id: Option<u64>, data: &impl Serialize) -> Vec<u8> {
    let mut told = Vec::new();
    write(&mut told, kind, id, data);
    told
}

/// The same, after what is there already.
pub(super) fn write(told: &mut Vec<u8>, kind: &str, id: Option<u64>, data: &impl Serialize) {
    let taken = "a Vec takes everything";
    if let Some(id) = id {
        writeln!(told, "id: {id}").expect(taken);
    }
    for text in ["event: ", kind, "\ndata: "] {
        told.extend_from_slice(text.as_bytes());
    }
    // JSON in one line: there is no line break that the format would have to know of.
    serde_json::to_writer(&mut *told, data).expect("views have texts for keys, and a Vec takes everything");
    told.extend_from_slice(b"\n\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_of_json_whatever_it_says() {
        let told = event("event", Some(7), &serde_json::json!({ "text": "a\n\ndata: b\r" }));
        assert_eq!(told, b"id: 7\nevent: event\ndata: {\"text\":\"a\\n\\ndata: b\\r\"}\n\n");
        assert_eq!(event("heartbeat", None, &0), b"event: heartbeat\ndata: 0\n\n");
    }
}
