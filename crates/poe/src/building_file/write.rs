//! The model as a file.

use super::rule::{ClassOrJournal, Of};
use poe_building::{
    Delivery, Email, Heartbeat, Model, NodeInfo, RuleScope, RuleSetting, Supervision, Target, TargetGroup,
    Text, Voting,
};
use std::{
    fmt::{Display, Write},
    time::Duration,
};

/// The text from which [`parse`](super::parse) makes the same model, if [`Model::check`] finds nothing wrong with it.
pub fn write(model: &Model) -> String {
    let mut page = Page { text: String::new() };
    page.text +=
        &format!("# The building {}, version {} of its description.\n", shown(&model.site), model.version);
    site(&mut page, model);
    for place in &model.places {
        page.head("[[place]]");
        page.text("name", Some(&place.name));
        page.word("kind", Some(&place.kind));
        page.text("within", place.within.as_ref());
        page.text("title", place.title.as_ref());
    }
    for switch in &model.switches {
        page.head("[[switch]]");
        page.text("name", Some(&switch.name));
        page.text("place", switch.place.as_ref());
        page.text("fed_by", switch.fed_by.as_ref());
        page.text("port", switch.port.as_ref());
    }
    model.nodes.iter().for_each(|described| node(&mut page, described));
    for sensor in &model.sensors {
        page.head("[[sensor]]");
        page.word("sensor", Some(&sensor.key));
        page.text("name", sensor.name.as_ref());
        page.text("place", sensor.place.as_ref());
    }
    model.rules.iter().for_each(|setting| rule(&mut page, setting));
    model.targets.iter().for_each(|way| target(&mut page, way));
    model.groups.iter().for_each(|told| group(&mut page, told));
    if let Some(Heartbeat { url, interval, ca_file }) = &model.heartbeat {
        page.head("[heartbeat]");
        page.text("url", Some(url));
        page.secs("interval_s", Some(*interval));
        page.text("ca_file", ca_file.as_ref());
    }
    page.text
}

fn site(page: &mut Page, model: &Model) {
    page.head("[site]");
    page.text("name", Some(&model.site));
    page.word("profile", Some(&model.profile));
    page.word("enrolment", Some(&model.enrolment));
    supervision(page, model.supervision);
    page.line("shelving_max_h", Some(hours(model.shelving_max)));
}

fn supervision(page: &mut Page, Supervision { late, trouble }: Supervision) {
    page.secs("late_s", Some(late));
    page.secs("trouble_s", Some(trouble));
}

fn node(page: &mut Page, NodeInfo { address, name, place, fed_by, port, supervision: own }: &NodeInfo) {
    page.head("[[node]]");
    page.word("address", Some(address));
    page.text("name", name.as_ref());
    page.text("place", place.as_ref());
    page.text("switch", fed_by.as_ref());
    page.text("port", port.as_ref());
    if let Some(own) = own {
        supervision(page, *own);
    }
}

fn rule(page: &mut Page, setting: &RuleSetting) {
    let or_never = |span: Option<Duration>| span.map_or_else(|| quoted("never"), secs);
    page.head("[[rule]]");
    page.text("rule", Some(&setting.rule));
    match &setting.scope {
        RuleScope::Everywhere => {}
        RuleScope::Place(place) => page.text("place", Some(place)),
        RuleScope::Node(address) => page.word("node", Some(address)),
        RuleScope::Sensor(key) => page.word("sensor", Some(key)),
    }
    page.word("kind", setting.kind.map(|kind| kind.name().to_lowercase()).as_ref());
    page.line("at_least", setting.at_least);
    page.line("at_most", setting.at_most);
    page.line("deadband", setting.deadband);
    page.word("class", setting.class.map(ClassOrJournal).as_ref());
    page.line("priority", setting.priority);
    page.secs("on_delay_s", setting.on_delay);
    page.secs("off_delay_s", setting.off_delay);
    page.line("latching", setting.latching);
    page.line("re_alarm_s", setting.re_alarm.map(or_never));
    page.line("escalation_s", setting.escalation.map(or_never));
    page.text("message", setting.message.as_ref());
    match setting.voting {
        None => {}
        Some(Voting::Single) => page.word("voting", Some(&"single")),
        Some(Voting::Verification) => page.word("voting", Some(&"verification")),
        Some(Voting::Coincidence { group, count, window }) => {
            let (of, window) = (Of(group), secs(window));
            let said = format!("{{ of = \"{of}\", count = {count}, window_s = {window} }}");
            page.line("coincidence", Some(said));
        }
        Some(Voting::CrossZone { group, window }) => {
            let (of, window) = (Of(group), secs(window));
            page.line("cross_zone", Some(format!("{{ of = \"{of}\", window_s = {window} }}")));
        }
    }
}

fn target(page: &mut Page, Target { name, delivery, expires }: &Target) {
    page.head("[[target]]");
    page.text("name", Some(name));
    page.secs("expires_s", *expires);
    match delivery {
        Delivery::Email(email) => page.line("email", Some(inline(&mail(email)))),
        Delivery::Webhook(webhook) => {
            let fields = [
                ("url", Some(quoted(&webhook.url))),
                ("format", Some(quoted(webhook.format.name()))),
                ("secret_file", webhook.secret_file.as_deref().map(quoted)),
                ("ca_file", webhook.ca_file.as_deref().map(quoted)),
            ];
            page.line("webhook", Some(inline(&fields)));
        }
        Delivery::Command { arguments, time_limit } => {
            let fields = [("run", Some(list(arguments))), ("limit_s", Some(secs(*time_limit)))];
            page.line("command", Some(inline(&fields)));
        }
    }
}

fn mail(email: &Email) -> [(&'static str, Option<String>); 8] {
    [
        ("host", Some(quoted(&email.host))),
        ("port", Some(email.port.to_string())),
        ("security", Some(quoted(email.security.name()))),
        ("ca_file", email.ca_file.as_deref().map(quoted)),
        ("user", email.user.as_deref().map(quoted)),
        ("password_file", email.password_file.as_deref().map(quoted)),
        ("from", Some(quoted(&email.from))),
        ("to", Some(list(&email.to))),
    ]
}

fn group(page: &mut Page, TargetGroup { name, level, targets, classes, places, hours }: &TargetGroup) {
    page.head("[[group]]");
    page.text("name", Some(name));
    page.line("level", Some(level));
    page.line("targets", Some(list(targets)));
    page.line("classes", Some(list(classes)));
    page.line("places", (!places.is_empty()).then(|| list(places)));
    page.line("hours", (!hours.is_empty()).then(|| list(hours)));
}

/// The text so far.
struct Page {
    text: String,
}

impl Page {
    fn head(&mut self, head: &str) {
        self.text += &format!("\n{head}\n");
    }

    fn line(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.text += &format!("{key} = {value}\n");
        }
    }

    fn text(&mut self, key: &str, text: Option<&Text>) {
        self.line(key, text.map(|text| quoted(text)));
    }

    fn word(&mut self, key: &str, word: Option<&impl ToString>) {
        self.line(key, word.map(|word| quoted(&word.to_string())));
    }

    fn secs(&mut self, key: &str, span: Option<Duration>) {
        self.line(key, span.map(secs));
    }
}

fn inline(fields: &[(&str, Option<String>)]) -> String {
    let said = fields.iter().filter_map(|(key, value)| Some(format!("{key} = {}", value.as_deref()?)));
    format!("{{ {} }}", said.collect::<Vec<_>>().join(", "))
}

fn list<T: ToString>(items: &[T]) -> String {
    format!("[{}]", items.iter().map(|item| quoted(&item.to_string())).collect::<Vec<_>>().join(", "))
}

/// Seconds, with as many digits of the millisecond as it takes.
fn secs(span: Duration) -> String {
    let text = format!("{}.{:03}", span.as_secs(), span.subsec_millis());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Hours. Four digits tell every second from the next.
fn hours(span: Duration) -> String {
    let text = format!("{:.4}", span.as_secs_f64() / 3600.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// As it can stand in a comment.
fn shown(text: &str) -> String {
    text.escape_debug().to_string()
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                write!(quoted, "\\u{:04X}", u32::from(c)).expect("writing to a String cannot fail");
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}
