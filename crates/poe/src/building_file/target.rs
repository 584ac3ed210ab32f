//! Who is told, and how.

use super::table::Table;
use poe_building::{
    COMMAND_TIME_LIMIT, Class, Delivery, Email, Heartbeat, MailSecurity, Target, TargetGroup, Webhook,
    WebhookFormat,
};
use std::time::Duration;

/// How often the server says that it lives, unless the file says otherwise.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(60);

pub(super) fn target(table: &mut Table<'_, '_>) -> Target {
    Target {
        name: table.needed_text("name", "janitor-mail"),
        delivery: delivery(table),
        expires: table.secs("expires_s"),
    }
}

fn delivery(table: &mut Table<'_, '_>) -> Delivery {
    const WAYS: [&str; 3] = ["email", "webhook", "command"];
    let given: Vec<&'static str> = WAYS.into_iter().filter(|key| table.has(key)).collect();
    let nothing = Delivery::Command { arguments: Vec::new(), time_limit: COMMAND_TIME_LIMIT };
    match given[..] {
        [] => table.refuse("", "reached how? Write email = { .. }, webhook = { .. } or command = { .. }"),
        [_] => {}
        [first, second, ..] => {
            table.refuse(
                second,
                format!("there is {first}, too; write one [[target]] for each and a [[group]] of both"),
            );
        }
    }
    let Some(&way) = given.first() else { return nothing };
    let Some(mut inner) = table.table(way) else { return nothing };
    let delivery = match way {
        "email" => Delivery::Email(email(&mut inner)),
        "webhook" => Delivery::Webhook(webhook(&mut inner)),
        _ => command(&mut inner),
    };
    table.close(inner);
    delivery
}

fn email(table: &mut Table<'_, '_>) -> Email {
    let security = table.word("security", &MailSecurity::ALL).unwrap_or(MailSecurity::StartTls);
    let to = table.texts("to");
    Email {
        host: table.needed_text("host", "mail.local"),
        port: table.port("port").unwrap_or(security.port()),
        security,
        ca_file: table.text("ca_file"),
        user: table.text("user"),
        password_file: table.text("password_file"),
        from: table.needed_text("from", "poe@building.example"),
        to: table.needed("to", to, "[\"janitor@building.example\"]", Vec::new()),
    }
}

fn webhook(table: &mut Table<'_, '_>) -> Webhook {
    Webhook {
        url: table.needed_text("url", "https://10.0.0.5:9000/poe"),
        format: table.word("format", &WebhookFormat::ALL).unwrap_or(WebhookFormat::Json),
        secret_file: table.text("secret_file"),
        ca_file: table.text("ca_file"),
    }
}

fn command(table: &mut Table<'_, '_>) -> Delivery {
    let run = table.texts("run");
    Delivery::Command {
        arguments: table.needed("run", run, "[\"/usr/local/bin/siren\", \"on\"]", Vec::new()),
        time_limit: table.secs("limit_s").unwrap_or(COMMAND_TIME_LIMIT),
    }
}

pub(super) fn group(table: &mut Table<'_, '_>) -> TargetGroup {
    let targets = table.texts("targets");
    TargetGroup {
        name: table.needed_text("name", "day-shift"),
        level: table.byte("level").unwrap_or(1),
        targets: table.needed("targets", targets, "[\"janitor-mail\"]", Vec::new()),
        classes: table.words("classes", &Class::ALL).unwrap_or_else(|| Class::ALL.to_vec()),
        places: table.texts("places").unwrap_or_default(),
        hours: table.parsed_list("hours", "a time of the week", "mon-fri 07:00-18:00").unwrap_or_default(),
    }
}

pub(super) fn heartbeat(table: &mut Table<'_, '_>) -> Heartbeat {
    Heartbeat {
        url: table.needed_text("url", "https://10.0.0.9/alive"),
        interval: table.secs("interval_s").unwrap_or(HEARTBEAT_INTERVAL),
        ca_file: table.text("ca_file"),
    }
}
