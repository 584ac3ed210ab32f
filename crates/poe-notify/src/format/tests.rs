//! Each format with a page of every kind of field, and with names that would like to be more than names.

use super::*;
use crate::page::{PAGE_ALARMS_MAX, PageAlarm};
use poe_building::{AlarmId, Promise, PromiseId, State, Time};
use serde_json::Value;
use std::collections::BTreeSet;

const SCHEMA: &str = include_str!("../../../../docs/notification.schema.json");

/// A name that tries everything.
const WILD: &str = "<b>&\"Küche\"</b>\r\nBcc: all@here \u{1b}[31m\u{202e}]]> <!channel> {{x}} \0";

fn page(id: u64, name: &str, alarms: usize) -> Arc<Page> {
    let alarm = PageAlarm {
        id: AlarmId(7),
        class: Class::Alarm,
        priority: 1,
        source: "10.89.21.188_17".into(),
        source_name: Some(name.into()),
        place: Some(name.into()),
        rule: "smoke.critical".into(),
        state: State::LatchedUnacknowledged,
        value: Some(210),
        unit: Some("ppm".into()),
        message: name.into(),
        raised: Time(1_795_415_655_123_456),
        acknowledged_by: Some(name.into()),
    };
    let promise = Promise {
        id: PromiseId(id),
        target: name.into(),
        seq: 99,
        alarm: Some(AlarmId(7)),
        class: Class::Alarm,
        priority: 1,
        reason: Reason::Raised,
        key: format!("{name}/smoke.critical/{id}").into(),
        summary: format!("{name}: smoke").into(),
        promised: Time(1_795_415_655_123_456),
        expires: Time(1_795_502_055_123_456),
    };
    let listed = vec![alarm; alarms.min(PAGE_ALARMS_MAX)].into();
    Arc::new(Page { promise, unsaved: true, alarms: listed, alarms_in_all: alarms })
}

/// Holds a value against the part of the schema that is meant for it: every field is described, every required one is
/// there, types, words and bounds are as they are written.
fn check(value: &Value, schema: &Value, at: &str) {
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        single => vec![single.as_str().unwrap_or_else(|| panic!("{at}: the schema says no type"))],
    };
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(types.contains(&is), "{at} is {is}, the schema says {types:?}");
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{at}: {value} is none of {words:?}");
    }
    if let Some(object) = value.as_object() {
        let described: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
        let required: BTreeSet<&str> =
            schema["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(described, object.keys().collect(), "{at}");
        assert_eq!(
            required,
            object.keys().map(String::as_str).collect(),
            "{at}: every field is always there"
        );
        for (name, value) in object {
            check(value, &schema["properties"][name], &format!("{at}.{name}"));
        }
    }
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        check(item, &schema["items"], &format!("{at}[{number}]"));
    }
}

#[test]
fn json_is_what_the_schema_says() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert_eq!(schema["properties"]["version"]["const"], SCHEMA_VERSION);
    let pages = [page(1, WILD, 2), page(2, "kitchen", 0)];
    for pages in [&pages[..], &pages[..1]] {
        let message = Message::new(WILD, pages);
        let value: Value = serde_json::from_slice(&json(&message).unwrap()).unwrap();
        check(&value, &schema, "body");
        assert_eq!(value["pages"][0]["alarms"][0]["source_name"], WILD, "JSON can hold any text as it is");
        assert_eq!(value["pages"][0]["promised"], "2026-11-23T06:34:15.123456Z");
        assert_eq!(value["unsaved"], true);
    }
}

#[test]
fn what_a_page_does_not_list_it_counts() {
    let pages = [page(1, "kitchen", 20_000)];
    let message = Message::new("site", &pages);
    let value: Value = serde_json::from_slice(&json(&message).unwrap()).unwrap();
    assert_eq!(value["pages"][0]["alarms"].as_array().unwrap().len(), PAGE_ALARMS_MAX);
    assert_eq!(value["pages"][0]["alarms_left_out"], 19_500);
    assert!(body(&message, 500).contains("- and 19900 more\n"));
    assert!(
        String::from_utf8(cap(&message)).unwrap().contains("<note>19900 more alarms are not listed</note>")
    );
}

/// What the words of the building are is known to the building; the schema must not fall behind.
#[test]
fn the_schema_has_every_word() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let page = &schema["properties"]["pages"]["items"]["properties"];
    assert_eq!(page["reason"]["enum"], Value::from(Reason::ALL.map(Reason::name).to_vec()));
    assert_eq!(page["class"]["enum"], Value::from(Class::ALL.map(Class::name).to_vec()));
    let state = &page["alarms"]["items"]["properties"]["state"]["enum"];
    assert_eq!(*state, Value::from(State::ALL.map(State::name).to_vec()));
}

#[test]
fn a_group_has_one_key_that_tells_its_pages_apart_from_others() {
    let (one, two) = (page(1, "kitchen", 1), page(2, "kitchen", 1));
    let key = |pages: &[Arc<Page>]| Message::new("site", pages).key;
    assert_eq!(key(std::slice::from_ref(&one)), "kitchen/smoke.critical/1");
    let group = key(&[Arc::clone(&one), Arc::clone(&two)]);
    assert_eq!(group.len(), 64);
    assert_eq!(group, key(&[Arc::clone(&one), Arc::clone(&two)]));
    assert_ne!(group, key(&[two, one]));
}

#[test]
fn a_key_fits_into_a_header_whatever_it_holds() {
    let header = |key: &str| {
        let pages = [page(1, "", 0)];
        Message { site: "", pages: &pages, key: key.to_owned() }.header_key()
    };
    assert_eq!(header("10.1.2.3_7/smoke@5"), "10.1.2.3_7/smoke@5");
    assert_eq!(header("a b\r\nX: y%ü"), "a%20b%0D%0AX:%20y%25%C3%BC");
    assert_eq!(header(&"x".repeat(500)).len(), 64);
}

#[test]
fn a_subject_is_one_short_line() {
    let one = Message::new("site", &[page(1, "kitchen", 1)]).subject();
    assert_eq!(one, "ALARM: kitchen: smoke");
    let many: Vec<_> = (0..23).map(|id| page(id, "kitchen", 1)).collect();
    assert_eq!(Message::new("site", &many).subject(), "23 alarms: kitchen: smoke, ...");
    let wild = Message::new("site", &[page(1, &WILD.repeat(20), 1)]).subject();
    assert!(wild.len() <= SUBJECT_BYTES_MAX && !wild.chars().any(char::is_control), "{wild}");
}

#[test]
fn text_stays_text_in_a_body() {
    let pages = [page(1, WILD, 150)];
    let text = body(&Message::new(WILD, &pages), 500);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()) && !text.contains('\u{202e}'), "{text}");
    assert!(!text.lines().any(|line| line.starts_with("Bcc")), "{text}");
    assert!(text.contains("- and 50 more\n") && text.contains("\nunsaved: true"), "{text}");
}

#[test]
fn a_digest_names_each_key() {
    let pages: Vec<_> = (0..100).map(|id| page(id, "kitchen", 1)).collect();
    let text = body(&Message::new("site", &pages), 500);
    for id in 0..100 {
        assert!(text.contains(&format!("(key: kitchen/smoke.critical/{id}, unsaved: true)")), "{text}");
    }
}

#[test]
fn ntfy_gets_a_short_message_and_headers_of_one_line() {
    let pages: Vec<_> = (0..20).map(|id| page(id, &WILD.repeat(9), 1)).collect();
    let message = Message::new(WILD, &pages);
    let text = String::from_utf8(ntfy_body(&message)).unwrap();
    assert!(text.len() <= 4_096, "{}", text.len());
    assert_eq!(text.lines().filter(|line| line.starts_with("- ")).count(), 20, "{text}");
    let [(_, title), priority, tags] = ntfy_headers(&message);
    assert!(!title.chars().any(char::is_control), "{title}");
    assert_eq!(priority, ("Priority", "5".to_owned()));
    assert_eq!(tags, ("Tags", "rotating_light,alarm,unsaved".to_owned()));
}

#[test]
fn slack_sees_no_markup_and_calls_nobody() {
    let pages = [page(1, WILD, 1)];
    let value: Value = serde_json::from_slice(&slack(&Message::new(WILD, &pages)).unwrap()).unwrap();
    let text = value["text"].as_str().unwrap();
    assert!(text.contains("&lt;!channel&gt;") && text.contains("&lt;b&gt;&amp;"), "{text}");
    assert!(
        !text.contains(['<', '>']) && !text.contains("@here") && text.contains("unsaved: true"),
        "{text}"
    );
}

#[test]
fn cap_has_the_elements_of_the_standard_in_their_order() {
    const ALERT: [&str; 9] =
        ["identifier", "sender", "sent", "status", "msgType", "scope", "addresses", "note", "info"];
    const INFO: [&str; 12] = [
        "category",
        "event",
        "urgency",
        "severity",
        "certainty",
        "onset",
        "expires",
        "senderName",
        "headline",
        "description",
        "parameter",
        "area",
    ];
    for alarms in [0, 1, 3, 130] {
        let pages = [page(1, WILD, alarms)];
        let xml = String::from_utf8(cap(&Message::new(WILD, &pages))).unwrap();
        let elements = elements(&xml);
        let of = |depth: usize| elements.iter().filter(move |(at, _, _)| *at == depth);
        assert!(in_order(of(1).map(|(_, name, _)| name.as_str()), &ALERT), "{xml}");
        for info in xml.split("<info>").skip(1) {
            let inner = self::elements(&format!("<info>{}</info>", info.split("</info>").next().unwrap()));
            let names = inner.iter().filter(|(at, _, _)| *at == 1).map(|(_, name, _)| name.as_str());
            assert!(in_order(names, &INFO), "{info}");
        }
        assert_eq!(of(1).filter(|(_, name, _)| name == "info").count(), alarms.clamp(1, 100));
        let text = |wanted: &str| {
            elements.iter().find(|(_, name, _)| name == wanted).map(|(_, _, text)| text.clone()).unwrap()
        };
        for name in ["identifier", "sender"] {
            assert!(!text(name).is_empty() && !text(name).contains([' ', ',', '<', '&']), "{}", text(name));
        }
        assert_eq!(text("sent"), "2026-11-23T06:34:15-00:00");
        assert_eq!((text("status"), text("scope")), ("Actual".into(), "Private".into()));
        assert!(!xml.chars().any(|c| c.is_control() && c != '\n'), "{xml}");
        assert!(xml.contains("<valueName>unsaved</valueName>\n<value>true</value>"), "{xml}");
    }
}

/// Depth, name and text of each element; what is not well formed fails.
fn elements(xml: &str) -> Vec<(usize, String, String)> {
    let (mut open, mut found) = (Vec::new(), Vec::new());
    for part in xml.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("a tag ends");
        assert!(!text.contains('>'), "{text}");
        for entity in text.split('&').skip(1) {
            assert!(["amp;", "lt;", "gt;", "quot;"].iter().any(|known| entity.starts_with(known)), "{text}");
        }
        if tag.starts_with('?') {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
        } else {
            let name = tag.split(' ').next().unwrap().to_owned();
            found.push((open.len(), name.clone(), text.to_owned()));
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    found
}

fn in_order<'a>(names: impl Iterator<Item = &'a str>, order: &[&str]) -> bool {
    let places: Option<Vec<usize>> =
        names.map(|name| order.iter().position(|known| *known == name)).collect();
    places.is_some_and(|places| places.is_sorted())
}
