use super::check;
use crate::{
    Class, Delivery, Email, Heartbeat, Hours, MailSecurity, Target, TargetGroup, Text, Webhook, WebhookFormat,
};
use core::time::Duration;
use expect_test::expect;

fn command(name: &str, arguments: &[&str], secs: u64) -> Target {
    let arguments = arguments.iter().map(|word| Text::from(*word)).collect();
    let delivery = Delivery::Command { arguments, time_limit: Duration::from_secs(secs) };
    Target { name: name.into(), delivery, expires: None }
}

fn webhook(name: &str, url: &str) -> Target {
    let delivery = Delivery::Webhook(Webhook {
        url: url.into(),
        format: WebhookFormat::Json,
        secret_file: None,
        ca_file: None,
    });
    Target { name: name.into(), delivery, expires: None }
}

fn email() -> Email {
    Email {
        host: "mail.local".into(),
        port: 587,
        security: MailSecurity::StartTls,
        ca_file: None,
        user: None,
        password_file: None,
        from: "poe@building".into(),
        to: vec!["janitor@building".into()],
    }
}

fn mail(email: Email) -> Target {
    Target { name: "mail".into(), delivery: Delivery::Email(email), expires: None }
}

fn group(name: &str, level: u8, targets: &[&str]) -> TargetGroup {
    TargetGroup {
        name: name.into(),
        level,
        targets: targets.iter().map(|name| Text::from(*name)).collect(),
        classes: Class::ALL.to_vec(),
        places: Vec::new(),
        hours: Vec::new(),
    }
}

#[test]
fn an_http_address_has_a_scheme_a_host_and_no_password() {
    for good in [
        "http://10.0.0.5:9000/poe",
        "https://host",
        "https://[::1]:8443/a?b=c#d",
        "http://[fe80::1]/",
        "https://a-b.example./".trim_end_matches("./"),
    ] {
        check(|model| model.targets = vec![webhook("desk", good)], &expect![[""]]);
    }
    for bad in [
        "",
        "ftp://host/",
        "host/path",
        "http://",
        "http:///path",
        "http://host:0/",
        "http://host:65536/",
        "http://host:port/",
        "http://ho st/",
        "http://host/a b",
        "http://host/\n",
        "http://[::1",
        "http://-a/",
        "http://host/ü",
        "HTTP://host/",
    ] {
        let mut found = String::new();
        let check = crate::Model { targets: vec![webhook("desk", bad)], ..Default::default() }.check();
        for problem in check {
            found += &problem.what;
        }
        assert!(found.contains("is not an HTTP address"), "{bad}: {found}");
    }
    check(
        |model| model.targets = vec![webhook("desk", "http://me:secret@host/")],
        &expect![[r#"
            Target(0) webhook.url: holds a name or a password, which would be in every export; leave it out of the address
        "#]],
    );
}

#[test]
fn mail_needs_a_server_and_mailboxes() {
    check(
        |model| {
            model.targets = vec![mail(Email {
                host: "mail local".into(),
                port: 0,
                user: Some("poe".into()),
                ca_file: Some("ca.pem".into()),
                from: "poe".into(),
                to: vec!["a@b".into(), "a@b@c".into(), "A <a@b>".into(), "a@b".into()],
                ..email()
            })];
        },
        &expect![[r#"
            Target(0) email.host: 'mail local' is not a host; write it like mail.local or 10.0.0.5
            Target(0) email.port: must be 1 to 65535; 587 is usual with starttls, 465 with tls
            Target(0) email.ca_file: 'ca.pem' is not the whole path of a file; write it from the root on, like /etc/poe/secret
            Target(0) email.user: a user without a password; set password_file
            Target(0) email.from: 'poe' is not the address of a mailbox; write it like janitor@building.example
            Target(0) email.to: 'a@b@c' is not the address of a mailbox; write it like janitor@building.example
            Target(0) email.to: 'A <a@b>' is not the address of a mailbox; write it like janitor@building.example
            Target(0) email.to: 'a@b' is there twice
        "#]],
    );
    check(
        |model| {
            let password_file = Some("/etc/poe/password".into());
            model.targets = vec![mail(Email { password_file, to: Vec::new(), ..email() })];
        },
        &expect![[r#"
            Target(0) email.password_file: a password of whom? Set user
            Target(0) email.to: must name 1 to 100 mailboxes, not 0
        "#]],
    );
}

#[test]
fn a_command_names_a_program_and_ends() {
    check(
        |model| {
            model.targets = vec![
                command("a", &[], 10),
                command("b", &["", "on"], 10),
                command("c", &["siren", "o\0n"], 61),
                command("d", &["siren", ""], 0),
                Target { expires: Some(Duration::from_secs(1)), ..command("e", &["siren"], 60) },
                command("f", &["x"; 65], 10),
            ];
        },
        &expect![[r#"
            Target(0) command.run: must name a program; write it like ["/usr/local/bin/siren", "on"]
            Target(1) command.run: the program must not be empty; write its whole path
            Target(2) command.run: 'o\0n' cannot be an argument: a zero byte, or too long
            Target(2) command.limit_s: must be 1 s to 60 s, not 61 s: others wait behind a command that hangs
            Target(3) command.limit_s: must be 1 s to 60 s, not 0 s: others wait behind a command that hangs
            Target(4) expires_s: must be 60 s to 168 h, not 1 s: a receiver that restarts needs a minute, and a week later it is no news
            Target(5) command.run: can have 64 words; put the rest into a script
        "#]],
    );
}

#[test]
fn groups_reach_somebody() {
    check(
        |model| {
            model.targets = vec![command("siren", &["siren"], 10), command("lamp", &["lamp"], 10)];
            model.groups = vec![
                TargetGroup {
                    classes: Vec::new(),
                    places: vec!["kitchn".into(), "campus".into()],
                    hours: vec![
                        Hours { days: [false; 7], from: 0, to: 60 },
                        Hours { days: [true; 7], from: 1440, to: 60 },
                    ],
                    ..group("a", 2, &["siren", "horn", "siren"])
                },
                TargetGroup { classes: vec![Class::Alarm; 2], ..group("b", 0, &[]) },
                group("c", 10, &["lam"]),
            ];
        },
        &expect![[r#"
            Group(0) targets: there is no target 'horn'; describe it, or leave it out
            Group(0) targets: 'siren' is there twice
            Group(0) classes: must name a class; leave classes out for all of them
            Group(0) places: there is no place 'kitchn'; did you mean 'kitchen'?
            Group(0) places: 'campus' is the site; leave places out for the whole of it
            Group(0) hours: needs a day, and times from 00:00 to 24:00; write it like mon-fri 07:00-18:00
            Group(0) hours: needs a day, and times from 00:00 to 24:00; write it like mon-fri 07:00-18:00
            Group(1) level: must be 1 to 9, not 0; level 1 is told first
            Group(1) targets: must name a target; a group of nobody is told nothing
            Group(1) classes: 'alarm' is there twice
            Group(2) level: must be 1 to 9, not 10; level 1 is told first
            Group(2) targets: there is no target 'lam'; did you mean 'lamp'?
            Group(0) level: no group has level 1, so nobody would be told first; give one level 1
        "#]],
    );
}

#[test]
fn the_heartbeat_has_an_address_and_a_measure() {
    check(
        |model| {
            model.heartbeat = Some(Heartbeat {
                url: "watchdog".into(),
                interval: Duration::from_secs(4),
                ca_file: Some("".into()),
            });
        },
        &expect![[r#"
            Heartbeat url: 'watchdog' is not an HTTP address; write it like https://host:8443/path
            Heartbeat interval_s: must be 5 s to 1 h, not 4 s: who watches wants to know within the hour, and not to be flooded
            Heartbeat ca_file: '' is not the whole path of a file; write it from the root on, like /etc/poe/secret
        "#]],
    );
}

#[test]
fn what_may_be_meant_is_only_a_warning() {
    let user = Some("poe".into());
    let password_file = Some("/etc/poe/password".into());
    let mut model = super::house();
    model.targets = vec![mail(Email { user, password_file, security: MailSecurity::None, ..email() })];
    assert_eq!(model.check(), []);
    let told: Vec<String> = model.warnings().into_iter().map(|problem| problem.what).collect();
    expect![[r#"
        the password goes through the network in the open; use starttls or tls"#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn a_target_in_no_group_and_alarms_that_nobody_thought_of_are_worth_a_word() {
    let mut model = super::house();
    model.targets = vec![command("siren", &["/bin/siren"], 10), command("horn", &["/bin/horn"], 10)];
    assert_eq!(model.warnings(), [], "without groups every target is told everything");
    model.groups = vec![TargetGroup { classes: vec![Class::Trouble], ..group("a", 1, &["siren"]) }];
    assert_eq!(model.check(), []);
    let told: Vec<String> = model.warnings().into_iter().map(|problem| problem.what).collect();
    expect![[r#"
        target 'horn' is in no group, so it is told of restarts alone
        no group is for class alarm, so an alarm is told to all of them; name the class in one"#]]
    .assert_eq(&told.join("\n"));
}
