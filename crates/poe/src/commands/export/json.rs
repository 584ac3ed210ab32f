//! Readings as one list of JSON, made from lines of CSV as they come.

use super::super::{Done, ask, pages};
use poe_api::client::Download;
use serde_json::{Value, json};

/// What a list begins with.
const BEGIN: &str = "{\"items\":[";

/// Prints an export as the list `{"items": [...], "next": null}`. One that is cut has no end here either.
pub(super) fn print(download: Download) -> Done {
    let mut lines = Lines::default();
    for piece in download {
        if !pages::print(&lines.take(&piece.map_err(ask::failed)?)?)? {
            return Ok(());
        }
    }
    pages::print(&lines.end()?)?;
    Ok(())
}

/// Lines of CSV that become items.
#[derive(Default)]
struct Lines {
    /// The beginning of a line whose end has not come yet.
    rest: Vec<u8>,
    has_header: bool,
    items: u64,
}

impl Lines {
    /// The items of the lines that end here.
    fn take(&mut self, piece: &[u8]) -> Result<String, String> {
        self.rest.extend_from_slice(piece);
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else { return Ok(String::new()) };
        let rest = self.rest.split_off(end + 1);
        let whole = std::mem::replace(&mut self.rest, rest);
        let mut text = String::with_capacity(3 * whole.len());
        for line in whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            if std::mem::replace(&mut self.has_header, true) {
                text.push_str(if self.items == 0 { BEGIN } else { "," });
                text.push_str(&item(line).ok_or_else(|| strange(line))?.to_string());
                self.items += 1;
            }
        }
        Ok(text)
    }

    /// What comes after the last item.
    fn end(&self) -> Result<String, String> {
        if !self.rest.is_empty() {
            return Err(strange(&self.rest));
        }
        Ok(format!("{}],\"next\":null}}\n", if self.items == 0 { BEGIN } else { "" }))
    }
}

/// A reading. No cell has a comma in it.
fn item(line: &[u8]) -> Option<Value> {
    let mut cells = std::str::from_utf8(line).ok()?.split(',');
    let mut cell = || cells.next();
    let (time, node, sensor, kind, value, status) = (cell()?, cell()?, cell()?, cell()?, cell()?, cell()?);
    let (sensor, value): (u8, u8) = (sensor.parse().ok()?, value.parse().ok()?);
    Some(
        json!({ "time": time, "node": node, "sensor": sensor, "kind": kind, "value": value, "status": status }),
    )
}

fn strange(line: &[u8]) -> String {
    format!("the server has sent a line that is no reading: {:?}", String::from_utf8_lossy(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "time,node,sensor,kind,value,status\n\
                       2026-03-14T09:26:53.589Z,10.0.0.7,3,HUMIDITY,41,normal\n\
                       2026-03-14T09:26:54.000Z,::1,255,SMOKE,210,critical\n";

    #[test]
    fn lines_become_one_list_wherever_pieces_end() {
        let expected = json!({ "items": [
            { "time": "2026-03-14T09:26:53.589Z", "node": "10.0.0.7", "sensor": 3, "kind": "HUMIDITY", "value": 41, "status": "normal" },
            { "time": "2026-03-14T09:26:54.000Z", "node": "::1", "sensor": 255, "kind": "SMOKE", "value": 210, "status": "critical" },
        ], "next": null });
        for size in [1, 7, 60, 1_000] {
            let mut lines = Lines::default();
            let mut text = String::new();
            CSV.as_bytes().chunks(size).for_each(|piece| text.push_str(&lines.take(piece).unwrap()));
            text.push_str(&lines.end().unwrap());
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected, "{size}");
        }
    }

    #[test]
    fn nothing_is_an_empty_list_and_half_a_line_is_no_end() {
        let mut lines = Lines::default();
        let text = lines.take(b"time,node,sensor,kind,value,status\n").unwrap() + &lines.end().unwrap();
        assert_eq!(text, "{\"items\":[],\"next\":null}\n");
        lines.take(b"2026-03-14T09:26:53.589Z,10.0").unwrap();
        assert!(lines.end().is_err());
        assert!(lines.take(b"\n").is_err());
    }
}
