//! The fields of who is told, as the journal shows them: to everybody, and for ever. What may be as good as a key is not
//! told, only that it has changed.

use super::{
    Compared, Subject,
    fields::{Field, quoted},
};
use crate::{
    Delivery, Email, Heartbeat, Source, Target, TargetGroup, Text, Webhook, model::check::words::secs,
};

/// Stands for what is not told.
const HIDDEN: &str = "…";

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
            ("email.password_file", mail(|email| set(&email.password_file))),
            ("email.from", mail(|email| Some(email.from.to_string()))),
            ("email.to", mail(|email| Some(listed(&email.to)))),
            ("webhook.url", hook(|webhook| Some(host(&webhook.url)))),
            ("webhook.format", hook(|webhook| Some(webhook.format.to_string()))),
            ("webhook.secret_file", hook(|webhook| set(&webhook.secret_file))),
            ("webhook.ca_file", hook(|webhook| quoted(&webhook.ca_file))),
            ("command.run", command.map(|(arguments, _)| program(arguments))),
            ("command.limit", command.map(|(_, limit)| secs(*limit))),
            ("expires", self.expires.map(secs)),
        ]
    }

    fn hidden(&self) -> Vec<Field> {
        let (mut password, mut url, mut secret, mut run) = (None, None, None, None);
        match &self.delivery {
            Delivery::Email(email) => password = quoted(&email.password_file),
            Delivery::Webhook(webhook) => {
                url = Some(webhook.url.to_string());
                secret = quoted(&webhook.secret_file);
            }
            Delivery::Command { arguments, time_limit: _ } => run = Some(format!("{arguments:?}")),
        }
        vec![
            ("email.password_file", password),
            ("webhook.url", url),
            ("webhook.secret_file", secret),
            ("command.run", run),
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
        vec![("url", Some(host(url))), ("interval", Some(secs(*interval))), ("ca_file", quoted(ca_file))]
    }

    fn hidden(&self) -> Vec<Field> {
        vec![("url", Some(self.url.to_string()))]
    }
}

/// The scheme, the host and the port of an address. Path, query and user may hold a key.
fn host(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return HIDDEN.to_owned() };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, beyond) = rest.split_at(end);
    let (user, host) = match authority.rsplit_once('@') {
        Some((_, host)) => (format!("{HIDDEN}@"), host),
        None => (String::new(), authority),
    };
    let beyond = if matches!(beyond, "" | "/") { beyond.to_owned() } else { format!("/{HIDDEN}") };
    format!("{scheme}://{user}{host}{beyond}")
}

/// Where a secret lies helps nobody but those who look for it.
fn set(file: &Option<Text>) -> Option<String> {
    file.as_ref().map(|_| "set".to_owned())
}

/// A program without its arguments, for among these may be a key.
fn program(arguments: &[Text]) -> String {
    match arguments {
        [] => "none".to_owned(),
        [program] => format!("{program:?}"),
        [program, _] => format!("{program:?} with 1 argument"),
        [program, more @ ..] => format!("{program:?} with {} arguments", more.len()),
    }
}

fn listed<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(" + ")
}
