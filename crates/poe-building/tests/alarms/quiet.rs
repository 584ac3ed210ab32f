//! What is kept quiet, by whom, and that it has an end.

use crate::{
    house::{behind_a_switch, group, rule, secs, with_groups},
    night::{check, check_in},
};
use expect_test::expect;
use poe_building::RuleSetting;

#[test]
fn a_shelved_alarm_speaks_again_when_its_time_is_over() {
    check_in(
        &with_groups([group("porter", 1)]),
        "00:01 10.0.0.1_18 TEMPERATURE 120
         00:02 ann shelves 10.0.0.1_18 60 painting the wall
         00:03 10.0.0.1 speaks
         00:11 10.0.0.1 speaks
         00:20 10.0.0.1 speaks
         00:29 10.0.0.1 speaks
         00:38 10.0.0.1 speaks
         00:47 10.0.0.1 speaks
         00:56 10.0.0.1 speaks
         01:05 10.0.0.1 speaks",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_18 temperature-warning unacknowledged 120 (heat)
            00:01 notification.promised (porter 10.0.0.1_18/temperature-warning/…/raised)
            00:02 suppression.began 10.0.0.1_18 temperature-warning by ann (shelved: painting the wall (until 1970-01-12 13:47:42 UTC))
            00:02 alarm.quieted 10.0.0.1_18 temperature-warning unacknowledged 120 by ann (shelved)
            01:02 suppression.ended 10.0.0.1_18 temperature-warning (shelved: its time is over)
            01:02 alarm.unquieted 10.0.0.1_18 temperature-warning unacknowledged 120 (no longer shelved)
            01:02 notification.promised (porter 10.0.0.1_18/temperature-warning/…/unquieted)
        "#]],
    );
}

#[test]
fn a_warning_that_people_were_told_of_before_it_was_shelved_waits_for_them_all_the_same() {
    check(
        "00:01 10.0.0.1_18 TEMPERATURE 120
         00:02 ann shelves 10.0.0.1_18 30 painting
         00:03 10.0.0.1_18 TEMPERATURE 72
         00:04 10.0.0.1_18 TEMPERATURE 120
         00:05 ann unshelves 10.0.0.1_18
         00:06 ann unshelves 10.0.0.1_18",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_18 temperature-warning unacknowledged 120 (heat)
            00:02 suppression.began 10.0.0.1_18 temperature-warning by ann (shelved: painting (until 1970-01-12 13:47:12 UTC))
            00:02 alarm.quieted 10.0.0.1_18 temperature-warning unacknowledged 120 by ann (shelved)
            00:03 alarm.returned 10.0.0.1_18 temperature-warning returned_unacknowledged 120
            00:04 alarm.tripped 10.0.0.1_18 temperature-warning unacknowledged 120 (heat)
            00:05 suppression.ended 10.0.0.1_18 temperature-warning by ann (shelved: unshelved (until 1970-01-12 13:47:12 UTC -> now))
            00:05 alarm.unquieted 10.0.0.1_18 temperature-warning unacknowledged 120 by ann (no longer shelved)
            00:06 refused: there is no shelving of alarm "1"
            00:06 command.refused 10.0.0.1_18 by ann (unshelve alarm 1: there is no shelving of alarm "1")
        "#]],
    );
}

#[test]
fn nothing_is_shelved_for_ever_or_without_a_reason() {
    check(
        "00:01 10.0.0.1_18 TEMPERATURE 120
         00:02 ann shelves 10.0.0.1_18 28801 painting
         00:03 ann shelves 10.0.0.1_18 0 painting
         00:04 ann shelves 10.0.0.1_18 60
         00:05 ann shelves 10.0.0.2_18 60 painting
         00:06 ann disconnects 10.0.0.1 9999999 painting
         00:07 ann disconnects 10.0.0.2 60 painting",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_18 temperature-warning unacknowledged 120 (heat)
            00:02 refused: give it an end between now and 480 minutes from now
            00:02 command.refused 10.0.0.1_18 by ann (shelve alarm 1: give it an end between now and 480 minutes from now)
            00:03 refused: give it an end between now and 480 minutes from now
            00:03 command.refused 10.0.0.1_18 by ann (shelve alarm 1: give it an end between now and 480 minutes from now)
            00:04 refused: say why: a reason is needed
            00:04 command.refused 10.0.0.1_18 by ann (shelve alarm 1: say why: a reason is needed)
            00:05 refused: there is no alarm 0, or it has returned to normal
            00:05 command.refused by ann (shelve alarm 0: there is no alarm 0, or it has returned to normal)
            00:06 refused: give it an end between now and 43200 minutes from now
            00:06 command.refused 10.0.0.1 by ann (take 10.0.0.1 out of service: give it an end between now and 43200 minutes from now)
            00:07 refused: there is no node "10.0.0.2"
            00:07 command.refused 10.0.0.2 by ann (take 10.0.0.2 out of service: there is no node "10.0.0.2")
        "#]],
    );
}

#[test]
fn the_tombstone_of_a_shelf_outlives_a_restart() {
    check(
        "00:01 10.0.0.1_0 FIRE 0
         00:02 ann shelves 10.0.0.1_0 5 test
         00:08 killed
         00:09 ann shelves 10.0.0.1_0 5 test
         00:10 killed
         00:20",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:02 suppression.began 10.0.0.1_0 fire by ann (shelved: test (until 1970-01-12 13:46:47 UTC))
            00:02 alarm.quieted 10.0.0.1_0 fire unacknowledged 0 by ann (shelved)
            00:07 suppression.ended 10.0.0.1_0 fire (shelved: its time is over)
            00:07 alarm.unquieted 10.0.0.1_0 fire unacknowledged 0 (no longer shelved)
            00:08 server.started system (poe 1.0)
            00:08 alarm.raised system restart unacknowledged (the server was not stopped in order; it last wrote something 0 s ago)
            00:08 alarm.returned system restart latched_unacknowledged
            00:09 suppression.began 10.0.0.1_0 fire by ann (shelved: test (until 1970-01-12 13:46:54 UTC))
            00:09 alarm.quieted 10.0.0.1_0 fire unacknowledged 0 by ann (shelved)
            00:10 server.started system (poe 1.0)
            00:10 alarm.tripped system restart unacknowledged (the server was not stopped in order; it last wrote something 0 s ago)
            00:10 alarm.returned system restart latched_unacknowledged
            00:14 suppression.ended 10.0.0.1_0 fire (shelved: its time is over)
            00:14 alarm.unquieted 10.0.0.1_0 fire unacknowledged 0 (no longer shelved)
            00:20 node.late 10.0.0.1 (silent for 10 s)
        "#]],
    );
}

#[test]
fn a_node_out_of_service_is_evaluated_and_journalled_and_rings_at_nobody() {
    check_in(
        &with_groups([group("porter", 1)]),
        "00:00 10.0.0.1_0 FIRE 1
         00:01 ann disconnects 10.0.0.1 20 cleaning
         00:02 10.0.0.1_0 FIRE 0
         00:03 10.0.0.1_18 TEMPERATURE 120
         00:04 10.0.0.1_18 TEMPERATURE 72
         00:12 10.0.0.1 speaks
         00:20 10.0.0.1 speaks
         00:22",
        expect![[r#"
            00:00 node.admitted 10.0.0.1
            00:01 suppression.began 10.0.0.1 by ann (out_of_service: cleaning (until 1970-01-12 13:47:01 UTC))
            00:02 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:03 alarm.raised 10.0.0.1_18 temperature-warning unacknowledged 120 (heat)
            00:04 alarm.returned 10.0.0.1_18 temperature-warning normal 120
            00:21 suppression.ended 10.0.0.1 (out_of_service: its time is over)
            00:21 alarm.unquieted 10.0.0.1_0 fire unacknowledged 0 (no longer out_of_service)
            00:21 notification.promised (porter 10.0.0.1_0/fire/…/unquieted)
        "#]],
    );
}

#[test]
fn a_place_out_of_service_covers_what_is_in_it_and_nothing_else() {
    check_in(
        &behind_a_switch(1),
        "00:01 ann disconnects floor-1 60 cleaning
         00:02 10.0.0.1_0 FIRE 0
         00:03 10.0.0.7_0 FIRE 0
         00:04 ann disconnects cellar 60 cleaning",
        expect![[r#"
            00:01 suppression.began floor-1 by ann (out_of_service: cleaning (until 1970-01-12 13:47:41 UTC))
            00:02 node.admitted 10.0.0.1
            00:02 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:03 node.admitted 10.0.0.7
            00:03 alarm.raised 10.0.0.7_0 fire unacknowledged 0 (flame)
            00:03 notification.promised (porter 10.0.0.7_0/fire/…/raised)
            00:04 refused: there is no place "cellar"
            00:04 command.refused cellar by ann (take cellar out of service: there is no place "cellar")
        "#]],
    );
}

#[test]
fn a_quiet_alarm_does_not_escalate_and_a_loud_one_begins_anew() {
    let mut model = with_groups([group("porter", 1), group("chief", 2)]);
    model.rules = vec![RuleSetting { escalation: Some(Some(secs(10))), ..rule("fire") }];
    check_in(
        &model,
        "00:01 10.0.0.1_0 FIRE 0
         00:05 ann shelves 10.0.0.1_0 10 test
         00:10 10.0.0.1 speaks
         00:18 10.0.0.1 speaks
         00:26 10.0.0.1 speaks",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_0 fire unacknowledged 0 (flame)
            00:01 notification.promised (porter 10.0.0.1_0/fire/…/raised)
            00:05 suppression.began 10.0.0.1_0 fire by ann (shelved: test (until 1970-01-12 13:46:55 UTC))
            00:05 alarm.quieted 10.0.0.1_0 fire unacknowledged 0 by ann (shelved)
            00:15 suppression.ended 10.0.0.1_0 fire (shelved: its time is over)
            00:15 alarm.unquieted 10.0.0.1_0 fire unacknowledged 0 (no longer shelved)
            00:15 notification.promised (porter 10.0.0.1_0/fire/…/unquieted)
            00:25 alarm.escalated 10.0.0.1_0 fire unacknowledged 0 (not acknowledged: level 2 is told)
            00:25 notification.promised (chief 10.0.0.1_0/fire/…/escalated-1)
        "#]],
    );
}

#[test]
fn shelving_anew_calls_nobody_in_between() {
    check_in(
        &with_groups([group("porter", 1)]),
        "00:01 10.0.0.1_18 TEMPERATURE 120
         00:02 ann shelves 10.0.0.1_18 60 painting
         00:03 ann shelves 10.0.0.1_18 90 still painting",
        expect![[r#"
            00:01 node.admitted 10.0.0.1
            00:01 alarm.raised 10.0.0.1_18 temperature-warning unacknowledged 120 (heat)
            00:01 notification.promised (porter 10.0.0.1_18/temperature-warning/…/raised)
            00:02 suppression.began 10.0.0.1_18 temperature-warning by ann (shelved: painting (until 1970-01-12 13:47:42 UTC))
            00:02 alarm.quieted 10.0.0.1_18 temperature-warning unacknowledged 120 by ann (shelved)
            00:03 suppression.began 10.0.0.1_18 temperature-warning by ann (shelved: still painting (until 1970-01-12 13:48:13 UTC))
            00:03 suppression.ended 10.0.0.1_18 temperature-warning by ann (shelved: shelved anew (until 1970-01-12 13:47:42 UTC -> 1970-01-12 13:48:13 UTC))
        "#]],
    );
}

#[test]
fn an_emergency_rings_where_everything_is_out_of_service_and_again_with_every_report() {
    check_in(
        &with_groups([group("porter", 1)]),
        "00:01 ann disconnects site 60 cleaning
         00:02 ann raises fire site hall
         00:03 ann silences site
         00:04 bob raises fire site attic
         00:05 ann shelves site 60 a drill
         00:06 bob raises fire site no drill",
        expect![[r#"
            00:01 suppression.began site by ann (out_of_service: cleaning (until 1970-01-12 13:47:41 UTC))
            00:02 alarm.raised site emergency.fire unacknowledged by ann (fire reported by hand, raised by ann: hall)
            00:02 notification.promised (porter site/emergency.fire/…/raised)
            00:03 alarm.silenced site emergency.fire unacknowledged by ann (sound on -> off)
            00:04 alarm.raised site emergency.fire unacknowledged by bob (again: fire reported by hand, raised by bob: attic)
            00:04 notification.promised (porter site/emergency.fire/…/raised)
            00:05 suppression.began site emergency.fire by ann (shelved: a drill (until 1970-01-12 13:47:45 UTC))
            00:05 alarm.quieted site emergency.fire unacknowledged by ann (shelved)
            00:06 alarm.raised site emergency.fire unacknowledged by bob (again: fire reported by hand, raised by bob: no drill)
            00:06 suppression.ended site emergency.fire by bob (shelved: reported by hand (until 1970-01-12 13:47:45 UTC -> now))
            00:06 alarm.unquieted site emergency.fire unacknowledged by bob (no longer shelved)
            00:06 notification.promised (porter site/emergency.fire/…/unquieted)
        "#]],
    );
}
