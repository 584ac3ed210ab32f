//! Every state and every move, as a table: where it leads, and what it brings with it.

use crate::{
    house::{behind_a_switch, group, rule, secs, with_groups},
    night::Night,
};
use expect_test::expect;
use poe_building::{Model, Move, RuleSetting, State, Step, Supervision};
use std::fmt::Write;

/// A state or a move that is added has no place here, which does not compile.
const fn place_of_state(state: State) -> usize {
    match state {
        State::Normal => 0,
        State::Unacknowledged => 1,
        State::Acknowledged => 2,
        State::ReturnedUnacknowledged => 3,
        State::LatchedUnacknowledged => 4,
        State::LatchedAcknowledged => 5,
    }
}

const fn place_of_move(event: Move) -> usize {
    match event {
        Move::Trip => 0,
        Move::Clear => 1,
        Move::Lapse => 2,
        Move::Acknowledge => 3,
        Move::Silence => 4,
        Move::Reset => 5,
        Move::AskAgain => 6,
        Move::Escalate => 7,
    }
}

#[test]
fn every_state_and_every_move_is_listed() {
    assert_eq!(State::ALL.map(place_of_state), [0, 1, 2, 3, 4, 5]);
    assert_eq!(Move::ALL.map(place_of_move), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn every_move_from_every_state() {
    let step = |state: State, event, latching| match state.step(event, latching) {
        Step::To(state) => state.to_string(),
        Step::Refused(refusal) => format!("refused: {refusal:?}"),
    };
    let mut table = String::new();
    for (state, event) in State::ALL.into_iter().flat_map(|state| Move::ALL.map(|event| (state, event))) {
        let (plain, latching) = (step(state, event, false), step(state, event, true));
        let latching = if latching == plain { String::new() } else { format!("; if it latches {latching}") };
        writeln!(table, "{:24}{:12} {plain}{latching}", state.name(), format!("{event:?}")).unwrap();
    }
    expect![[r#"
        normal                  Trip         unacknowledged
        normal                  Clear        normal
        normal                  Lapse        normal
        normal                  Acknowledge  refused: Ended
        normal                  Silence      refused: Ended
        normal                  Reset        refused: Ended
        normal                  AskAgain     refused: NotDue
        normal                  Escalate     refused: NotDue
        unacknowledged          Trip         unacknowledged
        unacknowledged          Clear        returned_unacknowledged; if it latches latched_unacknowledged
        unacknowledged          Lapse        normal; if it latches latched_unacknowledged
        unacknowledged          Acknowledge  acknowledged
        unacknowledged          Silence      unacknowledged
        unacknowledged          Reset        refused: ConditionHolds
        unacknowledged          AskAgain     refused: NotDue
        unacknowledged          Escalate     unacknowledged
        acknowledged            Trip         acknowledged
        acknowledged            Clear        normal; if it latches latched_acknowledged
        acknowledged            Lapse        normal; if it latches latched_acknowledged
        acknowledged            Acknowledge  acknowledged
        acknowledged            Silence      acknowledged
        acknowledged            Reset        refused: ConditionHolds
        acknowledged            AskAgain     unacknowledged
        acknowledged            Escalate     refused: NotDue
        returned_unacknowledged Trip         unacknowledged
        returned_unacknowledged Clear        returned_unacknowledged
        returned_unacknowledged Lapse        returned_unacknowledged
        returned_unacknowledged Acknowledge  normal
        returned_unacknowledged Silence      returned_unacknowledged
        returned_unacknowledged Reset        refused: NotLatched
        returned_unacknowledged AskAgain     refused: NotDue
        returned_unacknowledged Escalate     returned_unacknowledged
        latched_unacknowledged  Trip         unacknowledged
        latched_unacknowledged  Clear        latched_unacknowledged
        latched_unacknowledged  Lapse        latched_unacknowledged
        latched_unacknowledged  Acknowledge  latched_acknowledged
        latched_unacknowledged  Silence      latched_unacknowledged
        latched_unacknowledged  Reset        returned_unacknowledged
        latched_unacknowledged  AskAgain     refused: NotDue
        latched_unacknowledged  Escalate     latched_unacknowledged
        latched_acknowledged    Trip         unacknowledged
        latched_acknowledged    Clear        latched_acknowledged
        latched_acknowledged    Lapse        latched_acknowledged
        latched_acknowledged    Acknowledge  latched_acknowledged
        latched_acknowledged    Silence      latched_acknowledged
        latched_acknowledged    Reset        normal
        latched_acknowledged    AskAgain     refused: NotDue
        latched_acknowledged    Escalate     refused: NotDue
    "#]]
    .assert_eq(&table);
}

/// How a flame detector, or a heat detector that does not latch, comes into a state.
fn way_to(state: State, on: &str, off: &str, latching: bool) -> Option<String> {
    let lines: &[&str] = match (state, latching) {
        (State::Normal, _) => &[off],
        (State::Unacknowledged, _) => &[off, on],
        (State::Acknowledged, _) => &[off, on, "acknowledges"],
        (State::ReturnedUnacknowledged, true) => &[off, on, off, "resets"],
        (State::ReturnedUnacknowledged, false) | (State::LatchedUnacknowledged, true) => &[off, on, off],
        (State::LatchedAcknowledged, true) => &[off, on, "acknowledges", off],
        (State::LatchedUnacknowledged | State::LatchedAcknowledged, false) => return None,
    };
    Some(lines.iter().map(|line| format!("{}\n", line_of(line))).collect())
}

fn line_of(what: &str) -> String {
    if what.starts_with(char::is_uppercase) {
        format!("00:02 10.0.0.1_0 {what}")
    } else {
        format!("00:02 ann {what} 10.0.0.1_0")
    }
}

/// Tries every move in every state, and tells what came of it.
fn effects(rule_name: &str, on: &str, off: &str, latching: bool, first: &str) -> String {
    let mut table = String::new();
    for state in State::ALL {
        let Some(way) = way_to(state, on, off, latching) else { continue };
        // What lapses was quiet, as the table of what is quiet shows.
        for event in Move::ALL.into_iter().filter(|event| *event != Move::Lapse) {
            let mut night = Night::new(&watched(rule_name, latching, event));
            night.play(&format!("00:01 10.0.0.1_0 {off}\n{first}\n{way}"));
            let reached = night.alarm_of("10.0.0.1_0").map_or(State::Normal, |alarm| alarm.state);
            // Where a warning that was kept quiet passes, nobody is to acknowledge it.
            if reached != state {
                continue;
            }
            night.told.clear();
            night.play(&match event {
                Move::Trip => line_of(on),
                Move::Clear | Move::Lapse => line_of(off),
                Move::Acknowledge => line_of("acknowledges"),
                Move::Silence => line_of("silences"),
                Move::Reset => line_of("resets"),
                Move::AskAgain | Move::Escalate => "00:33".to_owned(),
            });
            writeln!(table, "{:24}{:12} {}", state.name(), format!("{event:?}"), effect(&night)).unwrap();
        }
    }
    table
}

fn effect(night: &Night) -> String {
    let kinds = night.told.lines().filter_map(|line| line.split_whitespace().nth(1));
    let kinds: Vec<&str> = kinds.filter(|kind| kind.contains('.')).collect();
    let mut told = if kinds.is_empty() { "-".to_owned() } else { kinds.join(", ") };
    if let Some(alarm) = night.alarm_of("10.0.0.1_0") {
        told.push_str(if alarm.audible { "; sounds" } else { "; silent" });
        told.push_str(alarm.ask_again.map_or("", |_| ", will ask again"));
        told.push_str(alarm.escalate.map_or("", |_| ", will escalate"));
    } else {
        told.push_str("; gone");
    }
    told
}

/// One detector that is asked about again, or escalates, after half a minute.
fn watched(name: &str, latching: bool, event: Move) -> Model {
    let mut model = with_groups([group("porter", 1), group("chief", 2), group("brigade", 3)]);
    let after = |which| (event != which).then(|| secs(30));
    model.rules = vec![RuleSetting {
        latching: Some(latching),
        re_alarm: Some(after(Move::Escalate)),
        escalation: Some(after(Move::AskAgain)),
        ..rule(name)
    }];
    model.supervision = Supervision { late: secs(200), trouble: secs(200) };
    model
}

#[test]
fn what_every_move_brings_with_it() {
    expect![[r#"
        normal                  Trip         alarm.raised, notification.promised; sounds, will escalate
        normal                  Clear        -; gone
        normal                  Acknowledge  command.refused; gone
        normal                  Silence      command.refused; gone
        normal                  Reset        command.refused; gone
        normal                  AskAgain     -; gone
        normal                  Escalate     -; gone
        unacknowledged          Trip         -; sounds, will escalate
        unacknowledged          Clear        alarm.returned; sounds, will escalate
        unacknowledged          Acknowledge  alarm.acknowledged; silent, will ask again
        unacknowledged          Silence      alarm.silenced; silent, will escalate
        unacknowledged          Reset        command.refused; sounds, will escalate
        unacknowledged          AskAgain     -; sounds
        unacknowledged          Escalate     alarm.escalated, notification.promised; sounds, will escalate
        acknowledged            Trip         -; silent, will ask again
        acknowledged            Clear        alarm.returned; silent
        acknowledged            Acknowledge  alarm.acknowledged; silent, will ask again
        acknowledged            Silence      alarm.silenced; silent, will ask again
        acknowledged            Reset        command.refused; silent, will ask again
        acknowledged            AskAgain     alarm.asked_again, notification.promised; sounds
        acknowledged            Escalate     -; silent
        returned_unacknowledged Trip         alarm.tripped; sounds, will escalate
        returned_unacknowledged Clear        -; sounds, will escalate
        returned_unacknowledged Acknowledge  alarm.acknowledged; gone
        returned_unacknowledged Silence      alarm.silenced; silent, will escalate
        returned_unacknowledged Reset        command.refused; sounds, will escalate
        returned_unacknowledged AskAgain     -; sounds
        returned_unacknowledged Escalate     alarm.escalated, notification.promised; sounds, will escalate
        latched_unacknowledged  Trip         alarm.tripped; sounds, will escalate
        latched_unacknowledged  Clear        -; sounds, will escalate
        latched_unacknowledged  Acknowledge  alarm.acknowledged; silent
        latched_unacknowledged  Silence      alarm.silenced; silent, will escalate
        latched_unacknowledged  Reset        alarm.reset; sounds, will escalate
        latched_unacknowledged  AskAgain     -; sounds
        latched_unacknowledged  Escalate     alarm.escalated, notification.promised; sounds, will escalate
        latched_acknowledged    Trip         alarm.raised, notification.promised; sounds, will escalate
        latched_acknowledged    Clear        -; silent
        latched_acknowledged    Acknowledge  alarm.acknowledged; silent
        latched_acknowledged    Silence      alarm.silenced; silent
        latched_acknowledged    Reset        alarm.reset; gone
        latched_acknowledged    AskAgain     -; silent
        latched_acknowledged    Escalate     -; silent
    "#]]
    .assert_eq(&effects("fire", "FIRE 0", "FIRE 1", true, ""));
}

#[test]
fn and_where_the_alarm_does_not_latch() {
    expect![[r#"
        normal                  Trip         alarm.raised, notification.promised; sounds, will escalate
        normal                  Clear        -; gone
        normal                  Acknowledge  command.refused; gone
        normal                  Silence      command.refused; gone
        normal                  Reset        command.refused; gone
        normal                  AskAgain     -; gone
        normal                  Escalate     -; gone
        unacknowledged          Trip         -; sounds, will escalate
        unacknowledged          Clear        alarm.returned; sounds, will escalate
        unacknowledged          Acknowledge  alarm.acknowledged; silent, will ask again
        unacknowledged          Silence      alarm.silenced; silent, will escalate
        unacknowledged          Reset        command.refused; sounds, will escalate
        unacknowledged          AskAgain     -; sounds
        unacknowledged          Escalate     alarm.escalated, notification.promised; sounds, will escalate
        acknowledged            Trip         -; silent, will ask again
        acknowledged            Clear        alarm.returned; gone
        acknowledged            Acknowledge  alarm.acknowledged; silent, will ask again
        acknowledged            Silence      alarm.silenced; silent, will ask again
        acknowledged            Reset        command.refused; silent, will ask again
        acknowledged            AskAgain     alarm.asked_again, notification.promised; sounds
        acknowledged            Escalate     -; silent
        returned_unacknowledged Trip         alarm.tripped; sounds, will escalate
        returned_unacknowledged Clear        -; sounds, will escalate
        returned_unacknowledged Acknowledge  alarm.acknowledged; gone
        returned_unacknowledged Silence      alarm.silenced; silent, will escalate
        returned_unacknowledged Reset        command.refused; sounds, will escalate
        returned_unacknowledged AskAgain     -; sounds
        returned_unacknowledged Escalate     alarm.escalated, notification.promised; sounds, will escalate
    "#]]
    .assert_eq(&effects("fire", "FIRE 0", "FIRE 1", false, ""));
}

#[test]
fn and_where_its_node_is_out_of_service() {
    let first = "00:01 ann disconnects 10.0.0.1 600 test";
    expect![[r#"
        normal                  Trip         alarm.raised; silent
        normal                  Clear        -; gone
        normal                  Acknowledge  command.refused; gone
        normal                  Silence      command.refused; gone
        normal                  Reset        command.refused; gone
        normal                  AskAgain     -; gone
        normal                  Escalate     -; gone
        unacknowledged          Trip         -; silent
        unacknowledged          Clear        alarm.returned; silent
        unacknowledged          Acknowledge  alarm.acknowledged; silent, will ask again
        unacknowledged          Silence      alarm.silenced; silent
        unacknowledged          Reset        command.refused; silent
        unacknowledged          AskAgain     -; silent
        unacknowledged          Escalate     -; silent
        acknowledged            Trip         -; silent, will ask again
        acknowledged            Clear        alarm.returned; silent
        acknowledged            Acknowledge  alarm.acknowledged; silent, will ask again
        acknowledged            Silence      alarm.silenced; silent, will ask again
        acknowledged            Reset        command.refused; silent, will ask again
        acknowledged            AskAgain     alarm.asked_again; silent
        acknowledged            Escalate     -; silent
        returned_unacknowledged Trip         alarm.tripped; silent
        returned_unacknowledged Clear        -; silent
        returned_unacknowledged Acknowledge  alarm.acknowledged; gone
        returned_unacknowledged Silence      alarm.silenced; silent
        returned_unacknowledged Reset        command.refused; silent
        returned_unacknowledged AskAgain     -; silent
        returned_unacknowledged Escalate     -; silent
        latched_unacknowledged  Trip         alarm.tripped; silent
        latched_unacknowledged  Clear        -; silent
        latched_unacknowledged  Acknowledge  alarm.acknowledged; silent
        latched_unacknowledged  Silence      alarm.silenced; silent
        latched_unacknowledged  Reset        alarm.reset; silent
        latched_unacknowledged  AskAgain     -; silent
        latched_unacknowledged  Escalate     -; silent
        latched_acknowledged    Trip         alarm.raised; silent
        latched_acknowledged    Clear        -; silent
        latched_acknowledged    Acknowledge  alarm.acknowledged; silent
        latched_acknowledged    Silence      alarm.silenced; silent
        latched_acknowledged    Reset        alarm.reset; gone
        latched_acknowledged    AskAgain     -; silent
        latched_acknowledged    Escalate     -; silent
    "#]]
    .assert_eq(&effects("fire", "FIRE 0", "FIRE 1", true, first));
}

#[test]
fn and_where_it_is_a_quiet_warning() {
    let first = "00:01 ann disconnects 10.0.0.1 600 test";
    expect![[r#"
        normal                  Trip         alarm.raised; silent
        normal                  Clear        -; gone
        normal                  Acknowledge  command.refused; gone
        normal                  Silence      command.refused; gone
        normal                  Reset        command.refused; gone
        normal                  AskAgain     -; gone
        normal                  Escalate     -; gone
        unacknowledged          Trip         -; silent
        unacknowledged          Clear        alarm.returned; gone
        unacknowledged          Acknowledge  alarm.acknowledged; silent, will ask again
        unacknowledged          Silence      alarm.silenced; silent
        unacknowledged          Reset        command.refused; silent
        unacknowledged          AskAgain     -; silent
        unacknowledged          Escalate     -; silent
        acknowledged            Trip         -; silent, will ask again
        acknowledged            Clear        alarm.returned; gone
        acknowledged            Acknowledge  alarm.acknowledged; silent, will ask again
        acknowledged            Silence      alarm.silenced; silent, will ask again
        acknowledged            Reset        command.refused; silent, will ask again
        acknowledged            AskAgain     alarm.asked_again; silent
        acknowledged            Escalate     -; silent
    "#]]
    .assert_eq(&effects("humidity", "HUMIDITY 90", "HUMIDITY 50", false, first));
}

#[test]
fn what_is_suppressed_by_design_can_be_answered_all_the_same() {
    let mut night = Night::new(&behind_a_switch(2));
    night.play(
        "00:00 10.0.0.1_0 FIRE 1
         00:00 10.0.0.2_0 FIRE 1
         00:40",
    );
    night.told.clear();
    night.play(
        "00:41 ann silences 10.0.0.1
         00:42 ann resets 10.0.0.1
         00:43 ann acknowledges 10.0.0.1
         00:44 ann shelves 10.0.0.1 60 test
         00:45 ann unshelves 10.0.0.1
         00:46 10.0.0.1 speaks",
    );
    expect![[r#"
        00:41 alarm.silenced 10.0.0.1 node.silent unacknowledged by ann (sound off -> off)
        00:42 refused: the condition is still true; reset it once the sensor is back to normal
        00:42 command.refused 10.0.0.1 by ann (reset alarm 2: the condition is still true; reset it once the sensor is back to normal)
        00:43 alarm.acknowledged 10.0.0.1 node.silent acknowledged by ann (unacknowledged -> acknowledged)
        00:44 suppression.began 10.0.0.1 node.silent by ann (shelved: test (until 1970-01-12 13:48:24 UTC))
        00:44 alarm.quieted 10.0.0.1 node.silent acknowledged by ann (shelved)
        00:45 suppression.ended 10.0.0.1 node.silent by ann (shelved: unshelved (until 1970-01-12 13:48:24 UTC -> now))
        00:45 alarm.quieted 10.0.0.1 node.silent acknowledged by ann (suppressed_by_design)
        00:46 node.back 10.0.0.1
        00:46 alarm.returned 10.0.0.1 node.silent normal
        00:46 alarm.returned sw parent.lost returned_unacknowledged
    "#]].assert_eq(&night.told);
}
