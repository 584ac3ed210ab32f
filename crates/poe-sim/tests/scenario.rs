//! Stories: read, played, judged; and the same from the same seed.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]
#![allow(clippy::needless_pass_by_value, reason = "an expectation is written where it is checked")]

use expect_test::{Expect, expect};
use poe_building::{Model, State};
use poe_sim::scenario::{BuildingText, Mistake, PureBuilding, Scenario, Seen, Stage, Witness};
use std::{collections::BTreeMap, time::Duration};

fn parse(text: &str) -> Result<Scenario, Vec<Mistake>> {
    Scenario::parse(text, &mut |_| Ok(Model::default()))
}

fn play(text: &str, seed: u64) -> (Scenario, PureBuilding, Vec<Seen>) {
    let scenario = parse(text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let mut building = PureBuilding::new(scenario.model());
    scenario.play(seed, &mut building).unwrap();
    let seen = building.seen().unwrap();
    (scenario, building, seen)
}

/// Plays a story and compares what its expectations say in the end.
fn check(text: &str, expected: Expect) {
    let (scenario, _, seen) = play(text, 4711);
    let told: String = scenario.judge(&seen).iter().map(|failure| format!("{failure}\n")).collect();
    expected.assert_eq(&told);
}

const NIGHT: &str = "
    nodes 5 from 10.0.0.1 as floor every 2s jitter 300ms
    node 10.0.0.9 as kitchen every 1s jitter 100ms
    01:00 kitchen_8 goes to 220 over 40s
    01:10 kitchen_8 noise 5
    01:30 10.0.0.2 silent
    02:00 floor_17 fails nan_zero
    02:10 ann acknowledges smoke on kitchen_8
    02:20 server killed for 3s
    03:00 kitchen_3 flaps to 0 every 4s 12 times
    04:00 clock jumps -2h
    04:10 disk fails
    04:20 disk works
    05:00 kitchen_8 recovers
    05:20 server restarts
    06:00 10.0.0.2 back
    10:00 end";

#[test]
fn the_same_seed_gives_the_same_events() {
    let told = |seed| play(NIGHT, seed).2.iter().map(|seen| format!("{seen}\n")).collect::<String>();
    assert_eq!(told(4711), told(4711));
    assert_ne!(told(4711), told(4712));
}

#[test]
fn what_the_journal_tells_of_an_alarm_is_what_the_building_has() {
    for seed in 0..20 {
        let (_, building, seen) = play(NIGHT, seed);
        let mut journal = BTreeMap::new();
        for seen in &seen {
            if let (Some(alarm), Some(state)) = (seen.entry.alarm, seen.entry.state) {
                journal.insert(alarm, state);
            }
        }
        journal.retain(|_, state| *state != State::Normal);
        let has = building.alarms().filter(|alarm| alarm.is_shown()).map(|alarm| (alarm.id, alarm.state));
        assert_eq!(has.collect::<BTreeMap<_, _>>(), journal, "seed {seed}");
    }
}

#[test]
fn the_journal_has_no_gap_whatever_happens_to_the_server() {
    for seed in 0..20 {
        let (_, _, seen) = play(NIGHT, seed);
        let numbers: Vec<u64> = seen.iter().map(|seen| seen.entry.seq).collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "seed {seed}");
    }
}

#[test]
fn an_expectation_that_does_not_hold_is_told_with_what_came() {
    check(
        "node 10.0.0.7 as kitchen every 2s
         01:00 kitchen_3 posts 0
         01:00 kitchen_4 posts 0
         01:00 expect within 1s alarm.raised fire on kitchen_3
         01:00 expect within 1s alarm.raised fire on kitchen_5
         01:00 expect within 1s alarm.raised smoke on kitchen_8
         01:00 expect exactly 1 alarm.raised of class alarm ever
         01:00 expect no alarm until 02:00
         02:00 expect state unacknowledged of fire on kitchen_3
         02:00 expect within 5s alarm.raised fire on kitchen_3
         02:00 expect state acknowledged of fire on kitchen_5",
        expect![[r#"
            line 5: expect within 1s alarm.raised fire on kitchen_5 (from 01:00 to 01:01)
                did not come; alike:
                  01:00 alarm.raised fire on 10.0.0.7_3, unacknowledged, value 0 (flame)
                  01:00 alarm.raised fire on 10.0.0.7_4, unacknowledged, value 0 (flame)
            line 6: expect within 1s alarm.raised smoke on kitchen_8 (from 01:00 to 01:01)
                did not come; alike:
                  01:00 alarm.raised fire on 10.0.0.7_3, unacknowledged, value 0 (flame)
                  01:00 alarm.raised fire on 10.0.0.7_4, unacknowledged, value 0 (flame)
            line 7: expect exactly 1 alarm.raised of class alarm ever (from 00:00 to 02:05)
                came 2 times:
                  01:00 alarm.raised fire on 10.0.0.7_3, unacknowledged, value 0 (flame)
                  01:00 alarm.raised fire on 10.0.0.7_4, unacknowledged, value 0 (flame)
            line 8: expect no alarm until 02:00 (from 01:00 to 02:00)
                came 4 times:
                  01:00 alarm.raised fire on 10.0.0.7_3, unacknowledged, value 0 (flame)
                  01:00 alarm.raised fire on 10.0.0.7_4, unacknowledged, value 0 (flame)
                  01:01.893 alarm.returned fire on 10.0.0.7_3, latched_unacknowledged, value 0
                  01:01.893 alarm.returned fire on 10.0.0.7_4, latched_unacknowledged, value 0
            line 9: expect state unacknowledged of fire on kitchen_3 (at 02:00)
                was latched_unacknowledged, since 01:01.893 alarm.returned fire on 10.0.0.7_3, latched_unacknowledged, value 0
            line 10: expect within 5s alarm.raised fire on kitchen_3 (from 02:00 to 02:05)
                came at another time:
                  01:00 alarm.raised fire on 10.0.0.7_3, unacknowledged, value 0 (flame)
            line 11: expect state acknowledged of fire on kitchen_5 (at 02:00)
                was normal, and nothing was told of it
        "#]],
    );
}

#[test]
fn every_mistake_is_told_with_its_line() {
    let text = "node 10.0.0.7 as kitchen every 2s
        nod 10.0.0.8
        node 10.0.0.9 as kitchen
        node 10.0.0.x
        nodes 3 of them
        node 10.0.0.8 every 2s jitter 3s
        00:10 kichen_3 is 0
        00:10 kitchen_3 is 256
        00:10 kitchen_33 is 0
        00:10 kitchen_3 fails stuck
        00:10 kitchen_8 fails stcuk
        00:99 kitchen_3 is 0
        00:10 kitchen_3 burns
        00:10 switch sw-1 lost
        00:10 ann shelves fire on kitchen_3 for 1h
        00:10 expect alarm.raised
        00:10 expect within 5s alarm.rised
        00:10 expect within 5s alarm.raised fier on kitchen_3
        00:10 expect within 5s alarm.raised fire on place canteen
        00:10 expect state latched of fire on kitchen_3
        00:10 expect state acknowledged of fire on kitchen_fire
        00:10 expect no alarm until 00:05
        00:10 expect exactly 1 notification to duty ever
        00:20 kitchen_3 is \"0";
    let mistakes = parse(text).unwrap_err();
    let told: String = mistakes.iter().map(|mistake| format!("{mistake}\n")).collect();
    expect![[r#"
        line 2: `nod` is not understood; a line begins with building, node, nodes, or with a time like 04:30
        line 3: `kitchen` is the name of other nodes already
        line 4: `10.0.0.x` is no address; write it like 10.0.0.7
        line 5: write `nodes COUNT from ADDRESS`, such as `nodes 40 from 10.0.0.1`
        line 6: `every` is 10ms or more, and `jitter` is shorter than `every`
        line 7: there is no node `kichen`; did you mean `kitchen`?
        line 8: `256` is no value; a sensor's value is 0 to 255
        line 9: `33` is no sensor of a node; write 0 to 20, a range like 8-11, or a kind like smoke
        line 10: a sensor for FIRE does not fail by stuck
        line 11: there is no fault `stcuk`; did you mean `stuck`?
        line 12: `00:99` is no time; write it like 04:30, 1:04:30 or 04:30.250
        line 13: there is no verb `burns`
        line 14: there is no switch `sw-1`
        line 15: say for how long and why: `for 1h because ...`
        line 16: say when: `within 5s`, `until 10:00`, `so far` (from the begin to now) or `ever` (in the whole story)
        line 17: there is no kind of event `alarm.rised`; did you mean `alarm.raised`?
        line 18: there is no rule `fier`; did you mean `fire`?
        line 19: there is no place `canteen`
        line 20: there is no state `latched`
        line 21: `kitchen_fire` means 8 of them; name one
        line 22: it ends before it begins; `until` is a time later than the line's
        line 23: there is no target `duty`
        line 24: a quotation mark is not closed
    "#]].assert_eq(&told);
}

#[test]
fn a_building_in_the_story_is_read_by_who_knows_how_and_keeps_its_lines() {
    let text = "building\n    [site]\n    name = 7\n\n    [[node]]\nnode 10.0.0.1\n00:01 end";
    let mut read = String::new();
    let mut load = |building: BuildingText<'_>| match building {
        BuildingText::Inline(text) => {
            text.clone_into(&mut read);
            Err(vec![Mistake::new(3, "site.name: must be a text")])
        }
        BuildingText::File { .. } => Ok(Model::default()),
    };
    let mistakes = Scenario::parse(text, &mut load).unwrap_err();
    assert_eq!(mistakes, [Mistake::new(3, "site.name: must be a text")]);
    assert_eq!(read.lines().nth(1), Some("    [site]"));
    assert_eq!(read.lines().nth(4), Some("    [[node]]"));
}

#[test]
fn a_day_is_over_in_a_moment() {
    let text = "nodes 2 from 10.0.0.1 as floor every 10s jitter 1s
        24:00:00 expect no alarm ever";
    let (scenario, _, seen) = play(text, 1);
    assert_eq!(scenario.length(), Duration::from_secs(24 * 60 * 60));
    assert_eq!(scenario.judge(&seen), []);
}

#[test]
fn what_a_stage_cannot_do_is_told_before_anything_happens() {
    struct Nothing;
    impl Stage for Nothing {
        fn refuses(&self, _: &poe_sim::scenario::ServerDeed) -> Option<&'static str> {
            Some("not here")
        }
        fn wait_until(&mut self, _: Duration) {
            panic!("nothing is played");
        }
        fn send(&mut self, _: poe_sim::scenario::Speaker, _: &[u8]) {}
        fn hang_up(&mut self, _: poe_sim::scenario::Speaker) {}
        fn perform(&mut self, _: &poe_sim::scenario::ServerDeed) {}
    }
    let refused = parse(NIGHT).unwrap().play(1, &mut Nothing).unwrap_err();
    assert_eq!(refused.len(), 6);
    assert!(refused.iter().all(|mistake| mistake.what == "not here"));
}
