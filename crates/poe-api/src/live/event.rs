//! One server-sent event.

use hyper::body::Bytes;
use serde::Serialize;

use crate::answer;

/// An event of this kind. Only what is in the journal has an id, for only that can be asked for again.
pub(super) fn event(kind: &str, id: Option<u64>, data: &impl Serialize) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    // JSON in one line: there is no line break that the format would have to know of.
    Bytes::from(format!("{id}event: {kind}\ndata: {}\n\n", answer::text(data)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_of_json_whatever_it_says() {
        let told = event("event", Some(7), &serde_json::json!({ "text": "a\n\ndata: b\r" }));
        assert_eq!(told, "id: 7\nevent: event\ndata: {\"text\":\"a\\n\\ndata: b\\r\"}\n\n");
        assert_eq!(event("heartbeat", None, &0), "event: heartbeat\ndata: 0\n\n");
    }
}
