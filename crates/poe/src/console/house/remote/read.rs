//! What a server says in JSON, as what it means. Nothing is told of something that is only half understood.

use poe::{Alarm, AlarmId, Entry, NodeView, Occurrence, Sensor, Source, Suppression, Time, Who};
use poe_building::{Due, HeldSensor, NodeNo, Quarantined, SuppressionId, Ticks};
use serde_json::Value;
use std::str::FromStr;

pub(super) fn alarm(it: &Value) -> Option<Alarm> {
    let since = time(it, "since")?;
    let raised = time(it, "raised_at");
    let state: poe::State = word(it, "state")?;
    let acknowledged = text(it, "acknowledged_by").zip(time(it, "acknowledged_at"));
    Some(Alarm {
        id: AlarmId(it["id"].as_u64()?),
        source: source(it)?,
        rule: text(it, "rule")?.into(),
        class: word(it, "class")?,
        priority: number(it, "priority")?,
        state,
        since,
        raised,
        holds: state.is_active(),
        audible: it["audible"].as_bool()?,
        value: number(it, "value"),
        message: text(it, "message")?.into(),
        // By which door is in the journal alone.
        acknowledged: acknowledged.map(|(name, time)| (Who::new(name, ""), time)),
        quiet: word(it, "suppressed"),
        delay: None,
        ask_again: None,
        escalate: None,
        escalations: number(it, "escalations")?,
        first_out: it["first_out"].as_bool()?,
        stamp: raised.unwrap_or(since),
    })
}

pub(super) fn suppression(it: &Value) -> Option<Suppression> {
    Some(Suppression {
        id: SuppressionId(it["id"].as_u64()?),
        kind: word(it, "kind")?,
        source: source(it)?,
        rule: text(it, "rule").map(Into::into),
        owner: Who::new(text(it, "owner")?, ""),
        reason: text(it, "reason")?.into(),
        began: time(it, "began")?,
        // It ends by the server's clock; of ours there is nothing to say.
        ends: time(it, "ends").map(|time| Due { ticks: Ticks(0), time }),
        ended: None,
    })
}

pub(super) fn occurrence(it: &Value) -> Option<Occurrence> {
    Some(Occurrence { entry: entry(it)?, committed: time(it, "committed") })
}

pub(super) fn entry(it: &Value) -> Option<Entry> {
    let source = if it["source"].is_null() { None } else { Some(source(it)?) };
    let who = &it["who"];
    Some(Entry {
        seq: it["seq"].as_u64()?,
        received: time(it, "received")?,
        decided: time(it, "decided")?,
        kind: word(it, "kind")?,
        class: word(it, "class"),
        source,
        rule: text(it, "rule").map(Into::into),
        alarm: it["alarm"].as_u64().map(AlarmId),
        state: word(it, "state"),
        value: number(it, "value"),
        who: text(who, "name").zip(text(who, "origin")).map(|(name, origin)| Who::new(name, origin)),
        text: text(it, "text")?.into(),
    })
}

pub(super) fn node(it: &Value) -> Option<NodeView> {
    Some(NodeView {
        // Its place in the order of those who became known is the server's own.
        node: NodeNo(0),
        address: text(it, "node")?.parse().ok()?,
        first_seen: time(it, "first_seen")?,
        last_seen: time(it, "last_seen"),
        connections: number(it, "connections")?,
        sensors: number(it, "sensors")?,
        frames: it["frames"].as_u64()?,
        invalid_frames: it["invalid_frames"].as_u64()?,
        invalid_opt: 0,
        supervision: word(it, "supervision")?,
        approved: it["approved"].as_bool()?,
    })
}

/// A sensor, if it has a value.
pub(super) fn sensor(it: &Value) -> Option<Sensor> {
    let ip_id = text(it, "ip_id")?.to_owned();
    Some(Sensor {
        address: text(it, "node")?.parse().ok()?,
        id: number(it, "id")?,
        kind: word(it, "kind")?,
        value: number(it, "value")?,
        time: time(it, "time")?,
        status: word(it, "status")?,
        legacy_status: word(it, "legacy_status")?,
        ip_id,
    })
}

/// A node that is not let in.
pub(super) fn held(it: &Value) -> Option<Quarantined> {
    let sensor =
        |it: &Value| Some(HeldSensor { id: number(it, "id")?, kind: word(it, "kind")?, latest: None });
    Some(Quarantined {
        address: text(it, "node")?.parse().ok()?,
        first_seen: time(it, "first_seen")?,
        last_seen: time(it, "last_seen")?,
        connections: number(it, "connections")?,
        frames: it["frames"].as_u64()?,
        sensors: it["sensors"].as_array()?.iter().map(sensor).collect::<Option<_>>()?,
        alarming: it["alarming"].as_bool()?,
    })
}

fn source(it: &Value) -> Option<Source> {
    Source::from_kind_and_name(text(it, "source_kind")?, text(it, "source")?).ok()
}

pub(super) fn text<'a>(it: &'a Value, field: &str) -> Option<&'a str> {
    it[field].as_str()
}

pub(super) fn word<T: FromStr>(it: &Value, field: &str) -> Option<T> {
    it[field].as_str()?.parse().ok()
}

fn number<T: TryFrom<u64>>(it: &Value, field: &str) -> Option<T> {
    T::try_from(it[field].as_u64()?).ok()
}

fn time(it: &Value, field: &str) -> Option<Time> {
    let time: jiff::Timestamp = it[field].as_str()?.parse().ok()?;
    Some(Time(time.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{sample, when::When};
    use poe::{EntryKind, State};
    use serde_json::json;

    #[test]
    fn an_alarm_is_what_the_server_means() {
        let when = When::spring();
        let told = json!({
            "id": 12, "class": "alarm", "priority": 1, "source": "10.89.21.188_7", "source_kind": "sensor",
            "source_name": null, "place": "kitchen", "rule": "fire", "state": "acknowledged",
            "since": "2026-03-29T14:00:07.000Z", "raised_at": "2026-03-29T14:00:07.000Z", "value": 0, "unit": "",
            "message": "flame", "audible": true, "first_out": false, "stale": false, "acknowledged_by": "bob",
            "acknowledged_at": "2026-03-29T14:02:07.000Z", "suppressed": null, "escalations": 0, "committed": true,
        });
        let mut expected = sample::flame(12, &when);
        expected.state = State::Acknowledged;
        expected.acknowledged = Some((Who::new("bob", ""), when.seconds_before(60)));
        assert_eq!(alarm(&told), Some(expected));
        for field in ["id", "source", "state", "since", "message"] {
            let mut torn = told.clone();
            torn[field] = Value::Null;
            assert_eq!(alarm(&torn), None, "{field}");
        }
    }

    #[test]
    fn an_entry_may_be_about_nothing_and_by_nobody() {
        let when = When::spring();
        let mut told = json!({
            "seq": 41, "kind": "server.stopped", "class": null, "source": null, "source_kind": null, "rule": null,
            "alarm": null, "state": null, "value": null, "who": null, "text": "",
            "received": "2026-03-29T14:03:07.000Z", "decided": "2026-03-29T14:03:07.000Z",
            "committed": null, "notified": null, "hash": null,
        });
        assert_eq!(entry(&told), Some(sample::entry(EntryKind::ServerStopped, when.moment(), "")));
        told["who"] = json!({ "name": "anna", "origin": "socket" });
        assert_eq!(entry(&told).and_then(|entry| entry.who), Some(Who::new("anna", "socket")));
        told["kind"] = json!("server.sings");
        assert_eq!(entry(&told), None);
    }

    #[test]
    fn a_sensor_that_has_sent_nothing_is_none() {
        let mut told = json!({
            "ip_id": "10.89.21.188_7", "node": "10.89.21.188", "id": 7, "kind": "FIRE", "value": 1, "unit": "",
            "status": "normal", "legacy_status": "normal", "time": "2026-03-29T14:03:07.000Z", "quality": "good",
        });
        assert_eq!(sensor(&told).map(|it| (it.ip_id, it.value)), Some(("10.89.21.188_7".to_owned(), 1)));
        told["value"] = Value::Null;
        assert!(sensor(&told).is_none());
    }
}
