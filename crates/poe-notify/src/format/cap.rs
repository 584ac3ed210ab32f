//! A page as OASIS Common Alerting Protocol 1.2: <https://docs.oasis-open.org/emergency/cap/v1.2/>.

use super::{Message, plain};
use crate::page::{Page, PageAlarm};
use jiff::Timestamp;
use poe_building::{Class, Emergency, Reason, Time};
use std::fmt::Write as _;

/// Alarms that one alert tells of, each in a block of its own. The rest is counted in the note.
const INFOS_MAX: usize = 100;

/// CAP recommends headlines of 160 characters.
const HEADLINE_BYTES_MAX: usize = 160;

/// A description, a name: a few lines.
const TEXT_BYTES_MAX: usize = 1_000;

/// The alert of a page. CAP has one identifier in an alert, so pages are never grouped.
pub(crate) fn cap(message: &Message<'_>) -> Vec<u8> {
    let mut xml = Xml("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned());
    for page in message.pages.iter().take(1) {
        alert(&mut xml, message, page);
    }
    xml.0.into_bytes()
}

// The order of the elements is that of the standard's schema, which is a sequence.
fn alert(xml: &mut Xml, message: &Message<'_>, page: &Page) {
    let promise = &page.promise;
    let test = promise.reason == Reason::Test;
    xml.0.push_str("<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\n");
    xml.element("identifier", &message.digest());
    xml.element("sender", &format!("poe.{}", name(message.site)));
    xml.element("sent", &instant(promise.promised));
    xml.element("status", if test { "Test" } else { "Actual" });
    xml.element("msgType", "Alert");
    xml.element("scope", "Private");
    // Addresses are separated by spaces; one with a space in it is quoted.
    xml.element("addresses", &format!("\"{}\"", plain::line(&promise.target).replace('"', "'")));
    if let more @ 1.. = page.left_out(INFOS_MAX) {
        xml.element("note", &format!("{more} more alarms are not listed"));
    }
    for alarm in page.alarms.iter().take(INFOS_MAX) {
        info(xml, message, page, Some(alarm));
    }
    if page.alarms.is_empty() {
        info(xml, message, page, None);
    }
    xml.0.push_str("</alert>\n");
}

fn info(xml: &mut Xml, message: &Message<'_>, page: &Page, alarm: Option<&PageAlarm>) {
    let promise = &page.promise;
    let class = alarm.map_or(promise.class, |alarm| alarm.class);
    let rule = alarm.map_or("", |alarm| &*alarm.rule);
    let summary = plain::line(&promise.summary);
    let event = alarm.map_or(summary.clone(), |alarm| plain::line(&alarm.message));
    let (urgency, severity) = match class {
        Class::Alarm if rule.starts_with("emergency.") => ("Immediate", "Extreme"),
        Class::Alarm => ("Immediate", "Severe"),
        Class::Supervisory => ("Expected", "Moderate"),
        Class::Trouble => ("Expected", "Minor"),
    };
    let seen = alarm.is_none_or(|alarm| alarm.state.is_active());
    xml.0.push_str("<info>\n");
    xml.element("category", category(class, rule));
    xml.element("event", &plain::clipped(non_empty(&event), HEADLINE_BYTES_MAX));
    xml.element("urgency", urgency);
    xml.element("severity", severity);
    xml.element("certainty", if seen { "Observed" } else { "Likely" });
    if let Some(alarm) = alarm {
        xml.element("onset", &instant(alarm.raised));
    }
    xml.element("expires", &instant(promise.expires));
    xml.element("senderName", &plain::clipped(non_empty(&plain::line(message.site)), TEXT_BYTES_MAX));
    xml.element("headline", &plain::clipped(&summary, HEADLINE_BYTES_MAX));
    if let Some(alarm) = alarm {
        let said = description(alarm);
        xml.element("description", &plain::clipped(&said, TEXT_BYTES_MAX));
        xml.parameter("alarm", &alarm.id.to_string());
        xml.parameter("source", &plain::line(&alarm.source));
        xml.parameter("rule", &plain::line(rule));
        xml.parameter("state", alarm.state.name());
    } else {
        xml.element("description", &plain::clipped(&summary, TEXT_BYTES_MAX));
    }
    xml.parameter("class", class.name());
    xml.parameter("reason", promise.reason.name());
    xml.parameter("key", &plain::line(&promise.key));
    xml.parameter("unsaved", if page.unsaved { "true" } else { "false" });
    let place = alarm.and_then(|alarm| alarm.place.as_deref()).unwrap_or(message.site);
    xml.0.push_str("<area>\n");
    xml.element("areaDesc", &plain::clipped(non_empty(&plain::line(place)), TEXT_BYTES_MAX));
    xml.0.push_str("</area>\n</info>\n");
}

fn description(alarm: &PageAlarm) -> String {
    let source = plain::line(alarm.source_name.as_ref().unwrap_or(&alarm.source));
    let mut text = format!("{source}: {}", plain::line(&alarm.message));
    if let Some(value) = alarm.value {
        let unit = alarm.unit.as_deref().map(plain::line).unwrap_or_default();
        _ = write!(text, ", {}", format!("{value} {unit}").trim_end());
    }
    if let Some(who) = &alarm.acknowledged_by {
        _ = write!(text, ", acknowledged by {}", plain::line(who));
    }
    text
}

/// By the rule's name: what an emergency is about is known, and what detects heat, smoke and flames is about fire.
fn category(class: Class, rule: &str) -> &'static str {
    const OF_FIRE: [&str; 4] = ["fire", "smoke", "flame", "temperature"];
    match class {
        Class::Trouble => "Infra",
        _ if rule == Emergency::ExtremeWeather.rule() => "Met",
        _ if rule == Emergency::ActiveShooter.rule() => "Security",
        _ if OF_FIRE.iter().any(|word| rule.to_lowercase().contains(word)) => "Fire",
        Class::Alarm | Class::Supervisory => "Safety",
    }
}

/// CAP wants an offset in numbers and no fraction.
fn instant(time: Time) -> String {
    let time = Timestamp::from_microsecond(time.0).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%dT%H:%M:%S-00:00").to_string()
}

/// A sender has no spaces, commas, `<` or `&`.
fn name(site: &str) -> String {
    let site = plain::line(site);
    plain::clipped(&site, HEADLINE_BYTES_MAX).replace(|c: char| !c.is_alphanumeric() && c != '-', "_")
}

/// Elements that must say something say at least this.
fn non_empty(text: &str) -> &str {
    if text.is_empty() { "unnamed" } else { text }
}

struct Xml(String);

impl Xml {
    fn element(&mut self, name: &str, text: &str) {
        _ = writeln!(self.0, "<{name}>{}</{name}>", escaped(text));
    }

    fn parameter(&mut self, name: &str, text: &str) {
        self.0.push_str("<parameter>\n");
        self.element("valueName", name);
        self.element("value", text);
        self.0.push_str("</parameter>\n");
    }
}

/// What XML 1.0 cannot hold is gone already: each text was made one line.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
