//! The ways to reach somebody.

use super::{Item, Problems, bounds, items::repeated, words};
use crate::{Delivery, Email, MailSecurity, Text, Webhook};

pub(super) fn check(item: Item, delivery: &Delivery, problems: &mut Problems) {
    match delivery {
        Delivery::Email(email) => mail(item, email, problems),
        Delivery::Webhook(Webhook { url, format: _, secret_file, ca_file }) => {
            problems.add_some(item, "webhook.url", words::url(url));
            file(item, "webhook.secret_file", secret_file.as_ref(), problems);
            file(item, "webhook.ca_file", ca_file.as_ref(), problems);
        }
        Delivery::Command { arguments, time_limit } => {
            command(item, arguments, problems);
            let why = "others wait behind a command that hangs";
            problems.span(item, "command.limit_s", *time_limit, bounds::COMMAND, why);
        }
    }
}

fn mail(item: Item, email: &Email, problems: &mut Problems) {
    problems.add_some(item, "email.host", words::host(&email.host));
    if email.port == 0 {
        problems.add(item, "email.port", "must be 1 to 65535; 587 is usual with starttls, 465 with tls");
    }
    file(item, "email.ca_file", email.ca_file.as_ref(), problems);
    file(item, "email.password_file", email.password_file.as_ref(), problems);
    problems.add_some(item, "email.user", email.user.as_deref().and_then(words::title));
    match (&email.user, &email.password_file) {
        (Some(_), None) => problems.add(item, "email.user", "a user without a password; set password_file"),
        (None, Some(_)) => problems.add(item, "email.password_file", "a password of whom? Set user"),
        _ => {}
    }
    problems.add_some(item, "email.from", words::mailbox(&email.from));
    for to in &email.to {
        problems.add_some(item, "email.to", words::mailbox(to));
    }
    if !(1..=bounds::RECIPIENTS).contains(&email.to.len()) {
        let (most, length) = (bounds::RECIPIENTS, email.to.len());
        problems.add(item, "email.to", format!("must name 1 to {most} mailboxes, not {length}"));
    }
    for (at, _) in repeated(email.to.iter()) {
        problems.add(item, "email.to", format!("'{}' is there twice", words::shown(&email.to[at])));
    }
}

fn command(item: Item, arguments: &[Text], problems: &mut Problems) {
    match arguments.first() {
        None => problems.add(
            item,
            "command.run",
            "must name a program; write it like [\"/usr/local/bin/siren\", \"on\"]",
        ),
        Some(program) if program.trim().is_empty() => {
            problems.add(item, "command.run", "the program must not be empty; write its whole path");
        }
        Some(_) => {}
    }
    if arguments.len() > bounds::ARGUMENTS {
        problems.add(
            item,
            "command.run",
            format!("can have {} words; put the rest into a script", bounds::ARGUMENTS),
        );
    }
    for word in arguments {
        if word.contains('\0') || word.len() > bounds::PATH_BYTES {
            problems.add(
                item,
                "command.run",
                format!("'{}' cannot be an argument: a zero byte, or too long", words::shown(word)),
            );
        }
    }
}

pub(super) fn file(item: Item, field: &'static str, path: Option<&Text>, problems: &mut Problems) {
    problems.add_some(item, field, path.and_then(|path| words::path(path)));
}

/// What works and may still not be meant.
pub(super) fn warn(item: Item, delivery: &Delivery, problems: &mut Problems) {
    if let Delivery::Email(Email { security: MailSecurity::None, user: Some(_), host, .. }) = delivery
        && !matches!(&**host, "localhost" | "127.0.0.1" | "::1")
    {
        problems.add(
            item,
            "email.security",
            "the password goes through the network in the open; use starttls or tls",
        );
    }
}
