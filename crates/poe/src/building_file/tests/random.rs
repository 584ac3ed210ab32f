//! What was written is read as the same model, whatever the model.

use super::super::{parse, write};
use poe_building::{
    Class, Delivery, Email, Enrolment, Group, Heartbeat, Hours, MailSecurity, Model, NodeInfo, Place,
    PlaceKind, ProfileName, RuleScope, RuleSetting, SensorInfo, SensorKey, Supervision, Switch, Target,
    TargetGroup, Text, Voting, Webhook, WebhookFormat,
};
use poe_wire::SensorKind;
use proptest::{
    collection::{btree_set, vec},
    option,
    prelude::*,
    sample::{select, subsequence},
};
use std::{collections::BTreeSet, net::IpAddr, time::Duration};

fn name() -> impl Strategy<Value = Text> {
    "[a-z][a-z0-9_.-]{0,6}".prop_map(Text::from)
}

fn names() -> impl Strategy<Value = BTreeSet<Text>> {
    btree_set(name().prop_filter("taken", |name| !matches!(&**name, "site" | "system")), 0..6)
}

/// Text as people write it, quotes, backslashes and other scripts among it.
fn title() -> impl Strategy<Value = Text> {
    "[a-zA-Zäß\u{4e00}-\u{4e20}\u{1f525} \"'\\\\#=,{}\\[\\]]{0,20}x".prop_map(Text::from)
}

fn file() -> impl Strategy<Value = Text> {
    title().prop_map(|title| format!("/etc/{title}").into())
}

fn millis(least: u64, most: u64) -> impl Strategy<Value = Duration> {
    prop_oneof![(least..=most), (least / 1000 + 1..=most / 1000).prop_map(|secs| secs * 1000)]
        .prop_map(Duration::from_millis)
}

fn address() -> impl Strategy<Value = IpAddr> {
    any::<IpAddr>().prop_map(|address| address.to_canonical())
}

fn supervision() -> impl Strategy<Value = Supervision> {
    (millis(1_000, 100_000), millis(100_000, 200_000))
        .prop_map(|(late, trouble)| Supervision { late, trouble })
}

/// One of these names, or none.
fn one_of(names: &[Text]) -> BoxedStrategy<Option<Text>> {
    if names.is_empty() { Just(None).boxed() } else { option::of(select(names.to_vec())).boxed() }
}

fn some_of(names: &[Text]) -> BoxedStrategy<Vec<Text>> {
    subsequence(names.to_vec(), 0..=names.len()).boxed()
}

fn places(names: &[Text]) -> BoxedStrategy<Vec<Place>> {
    let kinds = vec(
        (select(&PlaceKind::ALL[..]), option::of(title()), any::<proptest::sample::Index>()),
        names.len(),
    );
    let names = names.to_vec();
    kinds
        .prop_map(move |drawn| {
            let larger = |at: usize, index: &proptest::sample::Index| {
                let larger: Vec<usize> =
                    (0..drawn.len()).filter(|&other| drawn[other].0 < drawn[at].0).collect();
                (!larger.is_empty()).then(|| names[larger[index.index(larger.len())]].clone())
            };
            let place = |(at, (kind, title, index)): (usize, &(PlaceKind, Option<Text>, _))| Place {
                name: names[at].clone(),
                kind: *kind,
                within: larger(at, index),
                title: title.clone(),
            };
            drawn.iter().enumerate().map(place).collect()
        })
        .boxed()
}

fn switches(names: &[Text], places: &[Text]) -> BoxedStrategy<Vec<Switch>> {
    let names = names.to_vec();
    vec((one_of(places), option::of(title()), any::<bool>()), names.len())
        .prop_map(move |drawn| {
            let switch = |(at, (place, port, fed)): (usize, (Option<Text>, Option<Text>, bool))| {
                let fed_by = (fed && at > 0).then(|| names[at - 1].clone());
                Switch { name: names[at].clone(), place, port: fed_by.as_ref().and(port), fed_by }
            };
            drawn.into_iter().enumerate().map(switch).collect()
        })
        .boxed()
}

fn nodes(switches: &[Text], places: &[Text]) -> BoxedStrategy<Vec<NodeInfo>> {
    let fields = (
        option::of(title()),
        one_of(places),
        one_of(switches),
        option::of(title()),
        option::of(supervision()),
    );
    proptest::collection::btree_map(address(), fields, 0..5)
        .prop_map(|nodes| {
            let node =
                |(address, (name, place, fed_by, port, supervision)): (_, (_, _, Option<Text>, _, _))| {
                    let port: Option<Text> = fed_by.as_ref().and(port);
                    NodeInfo { address, name, place, fed_by, port, supervision }
                };
            nodes.into_iter().map(node).collect()
        })
        .boxed()
}

fn key() -> impl Strategy<Value = SensorKey> {
    (address(), any::<u8>()).prop_map(|(address, id)| SensorKey { address, id })
}

fn sensors(places: &[Text]) -> BoxedStrategy<Vec<SensorInfo>> {
    proptest::collection::btree_map(key(), (option::of(title()), one_of(places)), 0..5)
        .prop_map(|sensors| {
            sensors.into_iter().map(|(key, (name, place))| SensorInfo { key, name, place }).collect()
        })
        .boxed()
}

fn voting() -> impl Strategy<Value = Voting> {
    let group = || select(vec![Group::Node, Group::Zone]);
    let window = || millis(1_000, 3_600_000);
    prop_oneof![
        Just(Voting::Single),
        (group(), 2..=255u8, window()).prop_map(|(group, count, window)| Voting::Coincidence {
            group,
            count,
            window
        }),
        (group(), window()).prop_map(|(group, window)| Voting::CrossZone { group, window }),
    ]
}

/// Rules of people's own, which say what they are wherever they are set.
fn rules(places: &[Text]) -> BoxedStrategy<Vec<RuleSetting>> {
    let place = if places.is_empty() {
        Just(RuleScope::Everywhere).boxed()
    } else {
        select(places.to_vec()).prop_map(RuleScope::Place).boxed()
    };
    let scope = prop_oneof![
        Just(RuleScope::Everywhere),
        place,
        address().prop_map(RuleScope::Node),
        key().prop_map(RuleScope::Sensor)
    ];
    let delay = || option::of(millis(0, 3_600_000));
    let answer = || option::of(option::of(millis(10_000, 86_400_000)));
    let class = option::of(option::of(select(&Class::ALL[..])));
    let first = (1..=255u8, option::of(1..=9u8), delay(), delay(), option::of(any::<bool>()));
    let second = (answer(), answer(), option::of(title()), option::of(voting()), class);
    proptest::collection::btree_map(scope, (first, second), 0..5)
        .prop_map(|settings| {
            let mut rules = Vec::new();
            for (scope, (first, second)) in settings {
                let (at_least, priority, on_delay, off_delay, latching) = first;
                let (re_alarm, escalation, message, voting, class) = second;
                rules.push(RuleSetting {
                    kind: Some(SensorKind::Water),
                    at_least: Some(at_least),
                    at_most: Some(255),
                    deadband: Some(0),
                    class,
                    priority,
                    on_delay,
                    off_delay,
                    latching,
                    re_alarm,
                    escalation,
                    message,
                    voting,
                    ..RuleSetting::new("x-flood", scope)
                });
            }
            rules.push(RuleSetting {
                voting: Some(Voting::Verification),
                at_most: Some(250),
                ..RuleSetting::new("smoke", RuleScope::Everywhere)
            });
            rules
        })
        .boxed()
}

fn delivery() -> impl Strategy<Value = Delivery> {
    let login = option::of((title(), file()));
    let mail =
        (1..=65535u16, select(&MailSecurity::ALL[..]), option::of(file()), login, btree_set(name(), 1..4));
    let email = mail.prop_map(|(port, security, ca_file, login, to)| {
        let (user, password_file) = login.unzip();
        let to = to.into_iter().map(|name| format!("m.{}@b", name.replace('.', "")).into());
        let to: Vec<Text> = to.collect::<BTreeSet<Text>>().into_iter().collect();
        let (host, from) = ("mail.local".into(), "poe@b".into());
        Delivery::Email(Email { host, port, security, ca_file, user, password_file, from, to })
    });
    let webhook = (select(&WebhookFormat::ALL[..]), option::of(file()), option::of(file())).prop_map(
        |(format, secret_file, ca_file)| {
            Delivery::Webhook(Webhook { url: "https://h:1/a?b=%20#c".into(), format, secret_file, ca_file })
        },
    );
    let words = vec("[^\0]{0,8}".prop_map(Text::from), 0..4);
    let command = (title(), words, millis(1_000, 60_000)).prop_map(|(program, mut arguments, time_limit)| {
        arguments.insert(0, program);
        Delivery::Command { arguments, time_limit }
    });
    prop_oneof![email, webhook, command]
}

fn targets(names: &[Text]) -> BoxedStrategy<Vec<Target>> {
    let names = names.to_vec();
    vec((delivery(), option::of(millis(60_000, 600_000_000))), names.len())
        .prop_map(move |drawn| {
            let named = names.iter().cloned().zip(drawn);
            named.map(|(name, (delivery, expires))| Target { name, delivery, expires }).collect()
        })
        .boxed()
}

fn hours() -> impl Strategy<Value = Hours> {
    (any::<[bool; 7]>(), 0..1440u16, 0..=1440u16)
        .prop_filter("a day", |(days, ..)| days.contains(&true))
        .prop_map(|(days, from, to)| Hours { days, from, to })
}

fn groups(targets: &[Text], places: &[Text]) -> BoxedStrategy<Vec<TargetGroup>> {
    if targets.is_empty() {
        return Just(Vec::new()).boxed();
    }
    let some_targets = subsequence(targets.to_vec(), 1..=targets.len());
    let fields =
        (1..=9u8, some_targets, subsequence(Class::ALL.to_vec(), 1..=3), some_of(places), vec(hours(), 0..4));
    vec(fields, 0..4)
        .prop_map(|drawn| {
            let group =
                |(at, (level, targets, classes, places, hours)): (usize, (u8, _, _, _, _))| TargetGroup {
                    name: format!("g{at}").into(),
                    // Somebody is told first.
                    level: if at == 0 { 1 } else { level },
                    targets,
                    classes,
                    places,
                    hours,
                };
            drawn.into_iter().enumerate().map(group).collect()
        })
        .boxed()
}

fn model() -> impl Strategy<Value = Model> {
    (names(), names(), names()).prop_flat_map(|(places_named, switches_named, targets_named)| {
        let list = |names: BTreeSet<Text>| names.into_iter().collect::<Vec<_>>();
        let (p, s, t) = (list(places_named), list(switches_named), list(targets_named));
        let words = (select(&ProfileName::ALL[..]), select(&Enrolment::ALL[..]));
        let site = (words, supervision(), 60..=86_400u64);
        let told = (targets(&t), groups(&t, &p), option::of((millis(5_000, 3_600_000), option::of(file()))));
        let things = (places(&p), switches(&s, &p), nodes(&s, &p), sensors(&p), rules(&p));
        (site, things, told).prop_map(|(((profile, enrolment), supervision, shelving_secs), things, told)| {
            let (places, switches, nodes, sensors, rules) = things;
            let (targets, groups, heartbeat) = told;
            Model {
                profile,
                enrolment,
                supervision,
                shelving_max: Duration::from_secs(shelving_secs),
                places,
                switches,
                nodes,
                sensors,
                rules,
                targets,
                groups,
                heartbeat: heartbeat.map(|(interval, ca_file)| Heartbeat {
                    url: "http://10.0.0.9/alive".into(),
                    interval,
                    ca_file,
                }),
                ..Model::default()
            }
        })
    })
}

proptest! {
    #[test]
    fn what_was_written_is_read_as_the_same_model(model in model()) {
        prop_assert_eq!(model.check(), []);
        let text = write(&model);
        prop_assert_eq!(parse(&text, "written"), Ok(model), "{}", text);
    }

    #[test]
    fn no_text_is_too_odd_to_be_read(text in "(\\[\\[?[a-z]{4,6}\\]?\\]\n|[a-z_]{1,9} = [0-9\"\\[{}x.-]{0,6}\n|.){0,20}") {
        if let Ok(model) = parse(&text, "odd") {
            prop_assert_eq!(parse(&write(&model), "written"), Ok(model));
        }
    }
}
