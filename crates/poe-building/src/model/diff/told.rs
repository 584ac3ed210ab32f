//! The fields of who is told, as the journal shows them.

use super::{
    Compared, Subject,
    fields::{Field, quoted},
};
use crate::{Delivery, Email, Heartbeat, Source, Target, TargetGroup, Webhook, model::check::words::secs};

impl Compared for Target {
    type Key<'a> = &'a str;
    const SUBJECT: Subject = Subject::Target;

    fn key(&self) -> &str {
        &self.name
    }

    fn name(&self) -> String {
        format!("target {}", self.name)
    }

    fn source(&self) -> Option<Source> {
        None
    }

    fn fields(&self) -> Vec<Field> {
        let (email, webhook, command) = match &self.delivery {
            Delivery::Email(email) => (Some(email), None, None),
            Delivery::Webhook(webhook) => (None, Some(webhook), None),
            Delivery::Command { arguments, time_limit } => (None, None, Some((arguments, time_limit))),
        };
        let mail = |field: fn(&Email) -> Option<String>| email.and_then(field);
        let hook = |field: fn(&Webhook) -> Option<String>| webhook.and_then(field);
        vec![
            ("email.host", mail(|email| Some(email.host.to_string()))),
            ("email.port", mail(|email| Some(email.port.to_string()))),
            ("email.security", mail(|email| Some(email.security.to_string()))),
            ("email.ca_file", mail(|email| quoted(&email.ca_file))),
            ("email.user", mail(|email| quoted(&email.user))),
            ("email.password_file", mail(|email| quoted(&email.password_file))),
            ("email.from", mail(|email| Some(email.from.to_string()))),
            ("email.to", mail(|email| Some(listed(&email.to)))),
            ("webhook.url", hook(|webhook| Some(webhook.url.to_string()))),
            ("webhook.format", hook(|webhook| Some(webhook.format.to_string()))),
            ("webhook.secret_file", hook(|webhook| quoted(&webhook.secret_file))),
            ("webhook.ca_file", hook(|webhook| quoted(&webhook.ca_file))),
            ("command.run", command.map(|(arguments, _)| format!("{arguments:?}"))),
            ("command.limit", command.map(|(_, limit)| secs(*limit))),
            ("expires", self.expires.map(secs)),
        ]
    }
}

impl Compared for TargetGroup {
    type Key<'a> = &'a str;
    const SUBJECT: Subject = Subject::Target;

    fn key(&self) -> &str {
        &self.name
    }

    fn name(&self) -> String {
        format!("group {}", self.name)
    }

    fn source(&self) -> Option<Source> {
        None
    }

    fn fields(&self) -> Vec<Field> {
        let Self { name: _, level, targets, classes, places, hours } = self;
        let some = |list: String| (!list.is_empty()).then_some(list);
        vec![
            ("level", Some(level.to_string())),
            ("targets", some(listed(targets))),
            ("classes", some(listed(classes))),
            ("places", some(listed(places))),
            ("hours", some(listed(hours))),
        ]
    }
}

impl Compared for Heartbeat {
    type Key<'a> = ();
    const SUBJECT: Subject = Subject::Target;

    fn key(&self) {}

    fn name(&self) -> String {
        "heartbeat".to_owned()
    }

    fn source(&self) -> Option<Source> {
        None
    }

    fn fields(&self) -> Vec<Field> {
        let Self { url, interval, ca_file } = self;
        vec![
            ("url", Some(url.to_string())),
            ("interval", Some(secs(*interval))),
            ("ca_file", quoted(ca_file)),
        ]
    }
}

fn listed<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(" + ")
}
