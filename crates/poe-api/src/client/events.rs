//! Server-sent events, read one by one.

use serde_json::Value;

use crate::client::ClientError;
use crate::client::connection::Answer;

/// Something that the server tells those who follow it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The number by which the next connection can go on; only entries that are stored have one.
    pub id: Option<u64>,
    /// `snapshot`, `event`, `alarm`, `node`, `reading`, `current` or `heartbeat`.
    pub kind: String,
    /// What it says.
    pub data: Value,
}

/// The events of a server, for as long as it tells any.
pub struct Events {
    answer: Answer,
    /// What came after the last whole event.
    rest: Vec<u8>,
}

impl Events {
    pub(super) fn new(answer: Answer) -> Self {
        Events { answer, rest: Vec::new() }
    }

    fn next_event(&mut self) -> Result<Option<Event>, ClientError> {
        let mut searched = 0;
        loop {
            let ending = self.rest[searched..].windows(2).position(|pair| pair == b"\n\n");
            if let Some(at) = ending {
                let whole: Vec<u8> = self.rest.drain(..searched + at + 2).collect();
                searched = 0;
                if let Some(event) = parse(&String::from_utf8_lossy(&whole))? {
                    return Ok(Some(event));
                }
                continue;
            }
            searched = self.rest.len().saturating_sub(1);
            match self.answer.piece()? {
                Some(piece) => self.rest.extend_from_slice(&piece),
                None => return Ok(None),
            }
        }
    }
}

impl Iterator for Events {
    type Item = Result<Event, ClientError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_event().transpose()
    }
}

/// What the lines of one event say. The format knows comments, which are nothing.
fn parse(lines: &str) -> Result<Option<Event>, ClientError> {
    let (mut id, mut kind, mut data) = (None, "message", String::new());
    for line in lines.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => id = value.parse().ok(),
            "event" => kind = value,
            "data" => data.push_str(value),
            _ => {}
        }
    }
    if data.is_empty() {
        return Ok(None);
    }
    let data = serde_json::from_str(&data)
        .map_err(|_| ClientError::Broken("it tells something that is not JSON".to_owned()))?;
    Ok(Some(Event { id, kind: kind.to_owned(), data }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_as_it_was_told() {
        let event = parse("id: 7\nevent: event\ndata: {\"seq\":7}\n\n").unwrap().unwrap();
        assert_eq!(event, Event { id: Some(7), kind: "event".into(), data: serde_json::json!({"seq": 7}) });
        assert_eq!(parse(": a comment\n\n").unwrap(), None);
        assert!(parse("data: {\n\n").is_err());
    }
}
