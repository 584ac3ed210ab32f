use crate::{
    Class, Delivery, Email, Heartbeat, MailSecurity, Model, NodeInfo, Place, PlaceKind, ProfileName,
    RuleScope, RuleSetting, Switch, Target, TargetGroup, Voting, Webhook, WebhookFormat,
};
use core::time::Duration;
use expect_test::{Expect, expect};

#[track_caller]
fn check(old: &Model, new: &Model, expected: &Expect) {
    let found = old.diff(new);
    let told: String = found
        .iter()
        .map(|it| {
            let source =
                it.source.as_ref().map_or_else(String::new, |source| format!(" {} {source}", source.kind()));
            format!("{:?}{source} | {}\n", it.subject, it.text)
        })
        .collect();
    expected.assert_eq(&told);
}

fn first() -> Model {
    let place = |name: &str, kind| Place { name: name.into(), kind, within: None, title: None };
    Model {
        places: vec![place("main", PlaceKind::Building), place("kitchen", PlaceKind::Room)],
        switches: vec![Switch { name: "sw".into(), place: None, fed_by: None, port: None }],
        nodes: vec![NodeInfo {
            address: "10.0.0.7".parse().unwrap(),
            name: None,
            place: None,
            fed_by: None,
            port: None,
            supervision: None,
        }],
        rules: vec![RuleSetting {
            at_least: Some(160),
            on_delay: Some(Duration::from_secs(4)),
            ..RuleSetting::new("smoke", RuleScope::Place("kitchen".into()))
        }],
        targets: vec![Target {
            name: "siren".into(),
            delivery: Delivery::Command {
                arguments: vec!["siren".into()],
                time_limit: Duration::from_secs(10),
            },
            expires: None,
        }],
        groups: vec![TargetGroup {
            name: "house".into(),
            level: 1,
            targets: vec!["siren".into()],
            classes: vec![Class::Alarm],
            places: Vec::new(),
            hours: Vec::new(),
        }],
        ..Model::default()
    }
}

#[test]
fn what_was_before_and_what_is_now() {
    let old = first();
    let mut new = first();
    new.site = "campus".into();
    new.profile = ProfileName::Iit2022;
    new.places[1].within = Some("main".into());
    new.switches.clear();
    new.nodes[0].name = Some("Boiler".into());
    new.rules[0].at_least = Some(150);
    new.rules[0].on_delay = Some(Duration::from_millis(2500));
    new.rules[0].class = Some(None);
    new.rules[0].escalation = Some(None);
    new.rules[0].voting = Some(Voting::Verification);
    new.rules.push(RuleSetting::new("fire", RuleScope::Sensor("10.0.0.7_1".parse().unwrap())));
    new.targets[0].delivery = Delivery::Command {
        arguments: vec!["siren".into(), "a\nb".into()],
        time_limit: Duration::from_secs(10),
    };
    new.groups[0].hours = vec!["mon-fri 07:00-18:00".parse().unwrap()];
    let interval = Duration::from_secs(60);
    new.heartbeat = Some(Heartbeat { url: "http://10.0.0.9/".into(), interval, ca_file: None });
    check(
        &old,
        &new,
        &expect![[r#"
        Model place campus | site campus: name site -> campus, profile building -> iit-2022
        Model place kitchen | place kitchen: within none -> main
        Model switch sw | switch sw: removed
        Model node 10.0.0.7 | node 10.0.0.7: name none -> "Boiler"
        Rule place kitchen | rule smoke in kitchen: at_least 160 -> 150, class none -> journal, on_delay 4 s -> 2.5 s, escalation none -> never, voting none -> verification
        Rule sensor 10.0.0.7_1 | rule fire for 10.0.0.7_1: added
        Target | target siren: command.run "siren" -> "siren" with 1 argument
        Target | group house: hours none -> mon-fri 07:00-18:00
        Target | heartbeat: added: url http://10.0.0.9/, interval 60 s
    "#]],
    );
    check(
        &new,
        &old,
        &expect![[r#"
        Model place site | site site: name campus -> site, profile iit-2022 -> building
        Model place kitchen | place kitchen: within main -> none
        Model switch sw | switch sw: added
        Model node 10.0.0.7 | node 10.0.0.7: name "Boiler" -> none
        Rule place kitchen | rule smoke in kitchen: at_least 150 -> 160, class journal -> none, on_delay 2.5 s -> 4 s, escalation never -> none, voting verification -> none
        Rule sensor 10.0.0.7_1 | rule fire for 10.0.0.7_1: removed
        Target | target siren: command.run "siren" with 1 argument -> "siren"
        Target | group house: hours mon-fri 07:00-18:00 -> none
        Target | heartbeat: removed: url http://10.0.0.9/, interval 60 s
    "#]],
    );
}

#[test]
fn neither_order_nor_version_is_a_difference() {
    let old = first();
    let mut new = first();
    new.version = 7;
    new.places.reverse();
    check(&old, &new, &expect![[""]]);
}

#[test]
fn a_journal_entry_is_a_line() {
    let mut new = first();
    new.groups[0].places = (0..10_000).map(|number| format!("room-{number}").into()).collect();
    let found = first().diff(&new);
    assert!(found[0].text.len() < 300, "{}", found[0].text);
}

/// Somebody who is told by a webhook, somebody by mail and somebody by a command, and a heartbeat.
fn told(url: &str, file: Option<&str>, argument: &str) -> Model {
    let target = |name: &str, delivery| Target { name: name.into(), delivery, expires: None };
    let file = file.map(Into::into);
    let webhook =
        Webhook { url: url.into(), format: WebhookFormat::Slack, secret_file: file.clone(), ca_file: None };
    let email = Email {
        host: "mail.local".into(),
        port: 587,
        security: MailSecurity::StartTls,
        ca_file: None,
        user: Some("poe".into()),
        password_file: file,
        from: "poe@house".into(),
        to: vec!["anna@house".into()],
    };
    let arguments = vec!["curl".into(), "-H".into(), argument.into()];
    let command = Delivery::Command { arguments, time_limit: Duration::from_secs(10) };
    Model {
        targets: vec![
            target("slack", Delivery::Webhook(webhook)),
            target("mail", Delivery::Email(email)),
            target("siren", command),
        ],
        heartbeat: Some(Heartbeat { url: url.into(), interval: Duration::from_secs(60), ca_file: None }),
        ..Model::default()
    }
}

#[test]
fn what_may_be_a_key_is_not_told_and_its_change_is() {
    let nobody = Model::default();
    let first = told("https://hooks.local/T0/B0/KEY-1?tok=KEY-2", Some("/etc/KEY-3"), "KEY-4");
    let other_keys = told("https://hooks.local/T0/B0/KEY-5?tok=KEY-2", Some("/etc/KEY-6"), "KEY-7");
    let elsewhere = told("http://me:KEY-8@[fd00::1]:8443?KEY-9", None, "KEY-7");
    for (old, new) in
        [(&nobody, &first), (&first, &other_keys), (&other_keys, &elsewhere), (&elsewhere, &nobody)]
    {
        assert!(old.diff(new).iter().all(|it| !it.text.contains("KEY")), "{:?}", old.diff(new));
    }
    check(
        &nobody,
        &first,
        &expect![[r#"
            Target | target slack: added: webhook.url https://hooks.local/…, webhook.format slack, webhook.secret_file set
            Target | target mail: added: email.host mail.local, email.port 587, email.security starttls, email.user "poe", email.password_file set, email.from poe@house, email.to anna@house
            Target | target siren: added: command.run "curl" with 2 arguments, command.limit 10 s
            Target | heartbeat: added: url https://hooks.local/…, interval 60 s
        "#]],
    );
    check(
        &first,
        &other_keys,
        &expect![[r#"
            Target | target slack: webhook.url https://hooks.local/… (changed in what is not shown), webhook.secret_file set (changed in what is not shown)
            Target | target mail: email.password_file set (changed in what is not shown)
            Target | target siren: command.run "curl" with 2 arguments (changed in what is not shown)
            Target | heartbeat: url https://hooks.local/… (changed in what is not shown)
        "#]],
    );
    check(
        &other_keys,
        &elsewhere,
        &expect![[r#"
            Target | target slack: webhook.url https://hooks.local/… -> http://…@[fd00::1]:8443/…, webhook.secret_file set -> none
            Target | target mail: email.password_file set -> none
            Target | heartbeat: url https://hooks.local/… -> http://…@[fd00::1]:8443/…
        "#]],
    );
}
