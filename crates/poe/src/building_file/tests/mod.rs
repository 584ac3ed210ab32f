//! What a building file says, and what people are told when it does not.

mod random;

use super::{FileError, parse, read, write};
use expect_test::{Expect, expect};
use poe_building::{Class, Delivery, Enrolment, Model, RuleScope, Voting};
use std::time::Duration;

const EXAMPLE: &str = include_str!("../../../../../docs/building.toml");

#[track_caller]
fn check(file: &str, expected: &Expect) {
    expected.assert_eq(&told(&parse(file, "b.toml").expect_err("the file has mistakes")));
}

fn told(errors: &[FileError]) -> String {
    errors.iter().map(|error| format!("{error}\n")).collect()
}

#[test]
fn the_example_is_right_and_says_what_it_seems_to_say() {
    let read = read(EXAMPLE, "docs/building.toml").unwrap_or_else(|errors| panic!("{}", told(&errors)));
    assert_eq!(read.warnings, []);
    let model = read.model;
    assert_eq!(&*model.site, "north-campus");
    assert_eq!(model.enrolment, Enrolment::Open);
    assert_eq!(model.shelving_max, Duration::from_secs(8 * 3600));
    let node = model.nodes[0].supervision.expect("the node has times of its own");
    assert_eq!((node.late, node.trouble), (Duration::from_secs(20), Duration::from_secs(30)));
    assert_eq!(model.rules[0].scope, RuleScope::Place("kitchen".into()));
    assert_eq!(model.rules[0].on_delay, Some(Duration::from_millis(2500)));
    assert_eq!(model.rules[1].voting, Some(Voting::Verification));
    assert!(matches!(&model.targets[0].delivery, Delivery::Email(email) if email.port == 587));
    assert_eq!(model.groups[1].classes, [Class::Alarm]);
    assert_eq!(model.groups[0].hours[0].to_string(), "mon-fri 07:00-18:00");
    assert_eq!(parse(&write(&model), "written"), Ok(model));
}

#[test]
fn an_empty_file_is_a_building_that_nobody_described() {
    assert_eq!(parse("", "b.toml"), Ok(Model::default()));
    assert_eq!(parse(&write(&Model::default()), "b.toml"), Ok(Model::default()));
}

#[test]
fn what_was_written_reads_well() {
    let file = "site.name = \"hut\"\nplace = [{ name = \"main\", kind = \"building\", title = \"Das \\\"Haus\\\"\" }]\n\
                rule = [{ rule = \"smoke\", class = \"supervisory\", re_alarm_s = \"never\", on_delay_s = 0.25 }]";
    expect![[r##"
        # The building hut, version 0 of its description.

        [site]
        name = "hut"
        profile = "building"
        enrolment = "open"
        late_s = 10
        trouble_s = 30
        shelving_max_h = 8

        [[place]]
        name = "main"
        kind = "building"
        title = "Das \"Haus\""

        [[rule]]
        rule = "smoke"
        class = "supervisory"
        on_delay_s = 0.25
        re_alarm_s = "never"
    "##]]
    .assert_eq(&write(&parse(file, "b.toml").unwrap()));
}

#[test]
fn unknown_keys_are_refused_with_the_one_that_was_meant() {
    check(
        "[site]\nnmae = \"x\"\n\n[[plaec]]\nname = \"x\"\n\n[[node]]\naddress = \"10.0.0.1\"\ncolour = \"red\"\n\
         [[target]]\nname = \"t\"\nwebhook = { url = \"http://h/\", metod = 1, secretfile = \"x\" }\n[extra]\n",
        &expect![[r#"
            b.toml:2: site: unknown key 'nmae'; did you mean 'name'?
            b.toml:4: unknown key 'plaec'; did you mean 'place'?
            b.toml:9: node: unknown key 'colour'; known here: address, name, place, switch, port, late_s, trouble_s
            b.toml:12: target.webhook: unknown key 'metod'; known here: url, format, secret_file, ca_file
            b.toml:12: target.webhook: unknown key 'secretfile'; did you mean 'secret_file'?
            b.toml:13: unknown key 'extra'; known here: site, place, switch, node, sensor, rule, target, group, heartbeat
        "#]],
    );
}

#[test]
fn every_mistake_is_told_at_once_in_the_order_of_lines() {
    check(
        r#"
[site]
name = 7
profile = "bilding"
late_s = "10"
trouble_s = 0.0001
shelving_max_h = -1
enrolment = "aprove"
[[place]]
kind = "flor"

[[node]]
address = "10.0.0.300"
switch = ["a"]

[[node]]
name = "x"

[[sensor]]
sensor = "10.0.0.1-9"

[[rule]]
rule = "smoke"
place = "kitchen"
node = "10.0.0.1"
at_least = 256
latching = "yes"
re_alarm_s = "nevr"
coincidence = { of = "floor", window_s = 1979-05-27 }
voting = "single"

[[target]]
name = "t"

[[target]]
name = "u"
email = { host = "h", port = 70000, to = "a@b" }
command = { run = ["x"] }

[[group]]
name = "g"
targets = ["t", 1]
classes = ["alarms"]
hours = ["monday 7-8"]
"#,
        &expect![[r#"
            b.toml:3: site.name: must be text, not a number; write it in quotes
            b.toml:4: site.profile: unknown word 'bilding'; did you mean 'building'?
            b.toml:5: site.late_s: must be a number of seconds, without quotes, not text
            b.toml:6: site.trouble_s: must be whole milliseconds, such as 0.25, not 0.0001
            b.toml:7: site.shelving_max_h: must be a number of hours, 0 or more
            b.toml:8: site.enrolment: unknown word 'aprove'; did you mean 'approve'?
            b.toml:9: place.name: is missing; write it like name = "floor-2"
            b.toml:10: place.kind: unknown word 'flor'; did you mean 'floor'?
            b.toml:13: node.address: '10.0.0.300' is not a node's address; write it like 10.89.21.188
            b.toml:14: node.switch: must be text, not a list; write it in quotes
            b.toml:16: node.address: is missing; write it like address = "10.89.21.188"
            b.toml:20: sensor.sensor: '10.0.0.1-9' is not a sensor's key; write it like 10.89.21.188_9
            b.toml:25: rule.node: there is place, too; a rule is set in one place, so write one [[rule]] for each
            b.toml:26: rule.at_least: must be a whole number from 0 to 255, not 256
            b.toml:27: rule.latching: must be true or false, without quotes, not text
            b.toml:28: rule.re_alarm_s: must be seconds, such as 300, or "never"
            b.toml:29: rule.coincidence: there is voting, too; choose one
            b.toml:32: target: reached how? Write email = { .. }, webhook = { .. } or command = { .. }
            b.toml:37: target.email.from: is missing; write it like from = "poe@building.example"
            b.toml:37: target.email.port: must be a whole number from 0 to 65535, not 70000
            b.toml:37: target.email.to: must be a list, not text; write it in brackets, like ["one", "two"]
            b.toml:38: target.command: there is email, too; write one [[target]] for each and a [[group]] of both
            b.toml:42: group.targets: must be text, not a number; write it in quotes
            b.toml:43: group.classes: unknown word 'alarms'; did you mean 'alarm'?
            b.toml:44: group.hours: 'monday 7-8' is not a time of the week; write it like mon-fri 07:00-18:00
        "#]],
    );
}

#[test]
fn what_makes_no_sense_is_told_at_its_line() {
    check(
        r#"
[[place]]
name = "kitchen"
kind = "room"
within = "mian"

[[place]]
name = "main"
kind = "building"
[[place]]
kind = "building"
name = "main"

[[rule]]
rule = "flood"
at_least = 3

[[rule]]
rule = "smoke"
coincidence = {
    of = "zone",
    count = 1,
}

[[target]]
name = "t"
[target.email]
host = "h"
from = "x"
to = ["a@b"]

[heartbeat]
url = "x"
"#,
        &expect![[r#"
            b.toml:5: place.within: there is no place 'mian'; did you mean 'main'?
            b.toml:12: place.name: there is already a place 'main'; give this one another name
            b.toml:15: rule.rule: profile building has no rule 'flood'; a rule of your own needs kind, and at_least or at_most
            b.toml:22: rule.coincidence.count: must be 2 or more, not 1; one alone needs no coincidence
            b.toml:29: target.email.from: 'x' is not the address of a mailbox; write it like janitor@building.example
            b.toml:33: heartbeat.url: 'x' is not an HTTP address; write it like https://host:8443/path
        "#]],
    );
}

#[test]
fn a_thing_that_was_not_understood_is_judged_no_further() {
    check(
        "[[rule]]\nrule = \"flood\"\nat_least = \"3\"\n[[target]]\nname = \"t\"\nwebhok = 1\n[[group]]\nname = \"g\"\n\
         targets = [\"t\"]\n",
        &expect![[r#"
            b.toml:3: rule.at_least: must be a whole number from 0 to 255, not text
            b.toml:4: target: reached how? Write email = { .. }, webhook = { .. } or command = { .. }
            b.toml:6: target: unknown key 'webhok'; did you mean 'webhook'?
        "#]],
    );
}

#[test]
fn one_or_many() {
    check(
        "place = 1\nheartbeat = 2\nnode = [1]\n[[site]]\n[rule]\nrule = \"x\"\n",
        &expect![[r#"
            b.toml:1: place: there can be many; write [[place]] and not [place]
            b.toml:2: heartbeat: must be a table; write its keys in braces, or below it in brackets
            b.toml:3: node: must be tables; write [[node]] above each
            b.toml:4: site: there is only one; write [site] and not [[site]]
            b.toml:5: rule: there can be many; write [[rule]] and not [rule]
        "#]],
    );
}

#[test]
fn what_is_not_toml_is_told_with_every_line() {
    check(
        "[site\nname = \"x\"\n[[place]]\nname = \"a\"\nname = \"b\"\nkind room\n",
        &expect![[r#"
            b.toml:1: this is not TOML: unclosed table, expected `]`
            b.toml:5: this is not TOML: duplicate key
            b.toml:6: this is not TOML: key with no value, expected `=`
        "#]],
    );
}

#[test]
fn there_is_an_end_to_the_mistakes() {
    let file = "[[place]]\n".repeat(2_000);
    assert_eq!(parse(&file, "b.toml").map_err(|errors| errors.len()), Err(1_000));
}

#[test]
fn lines_are_counted_as_editors_count_them() {
    let line = |file: &str| parse(file, "b.toml").map_err(|errors| errors[0].line);
    assert_eq!(line("a = 1"), Err(1));
    assert_eq!(line("\na = 1\n"), Err(2));
    assert_eq!(line("# ü\r\n\r\na = 1\r\n"), Err(3));
    assert_eq!(line("[[place]]\n"), Err(1));
}

#[test]
fn a_target_that_nobody_asks_is_a_warning() {
    let target = |name| format!("[[target]]\nname = \"{name}\"\ncommand = {{ run = [\"x\"] }}\n");
    let group = "[[group]]\nname = \"g\"\nlevel = 1\ntargets = [\"u\"]\n";
    let file = &[target("t"), target("u"), group.to_owned()].concat();
    let read = read(file, "b.toml").unwrap();
    expect![[r#"
        b.toml:1: target: target 't' is in no group, so it is told of restarts alone
    "#]]
    .assert_eq(&told(&read.warnings));
}
