//! Voting: alarms that several sensors, or one sensor twice, have to agree on.

use super::{Alarms, condition::Evidence};
use crate::{
    Group, Moment, Rule, SensorKey, Source, Text, Ticks, VERIFICATION_CONFIRMS, VERIFICATION_IGNORES, Voting,
    builtin, timers::Timer,
};
use core::time::Duration;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Every group that has ever had a vote, by its number.
#[derive(Default, Debug)]
pub(super) struct Groups {
    numbers: HashMap<(Source, Text), u32>,
    groups: Vec<Votes>,
    /// Until then too few votes say nothing: not everybody has voted again.
    settled: Ticks,
}

/// The sensors that have voted under one rule.
#[derive(Debug)]
struct Votes {
    source: Source,
    rule: Arc<Rule>,
    members: BTreeMap<SensorKey, Vote>,
}

/// What a sensor says.
#[derive(Clone, Copy, Debug)]
struct Vote {
    holds: bool,
    /// When it began to hold, most lately; for a verification, when the first did that may be confirmed.
    tripped: Ticks,
    value: Option<u8>,
}

impl Alarms {
    /// A sensor fulfils a rule that takes several votes, or no longer.
    pub(super) fn vote(
        &mut self,
        key: SensorKey,
        rule: &Arc<Rule>,
        holds: bool,
        value: Option<u8>,
        now: Moment,
    ) {
        let source =
            match rule.voting {
                Voting::Single | Voting::Verification => Source::Sensor(key),
                Voting::Coincidence { group: Group::Node, .. }
                | Voting::CrossZone { group: Group::Node, .. } => Source::Node(key.address),
                Voting::Coincidence { group: Group::Zone, .. }
                | Voting::CrossZone { group: Group::Zone, .. } => match self.book.zone_of(key) {
                    Some(zone) => Source::Place(Arc::clone(zone)),
                    None => Source::Node(key.address),
                },
            };
        let no = self.groups.number(source, rule);
        let votes = &mut self.groups.groups[no as usize];
        let known = votes.members.get(&key).copied();
        if known.map_or(!holds, |vote| vote.holds == holds) {
            return;
        }
        let tripped = match known {
            Some(vote) if !holds => vote.tripped,
            Some(vote) if rule.voting == Voting::Verification && may_be_confirmed(vote, now.ticks) => {
                vote.tripped
            }
            _ => now.ticks,
        };
        votes
            .members
            .insert(key, Vote { holds, tripped, value: value.or(known.and_then(|vote| vote.value)) });
        self.count_votes(no, now);
    }

    pub(super) fn window_over(&mut self, no: u32, now: Moment) {
        self.count_votes(no, now);
    }

    pub(super) fn recount(&mut self, source: &Source, rule: &Text, now: Moment) {
        if let Some(no) = self.groups.numbers.get(&(source.clone(), Arc::clone(rule))) {
            self.count_votes(*no, now);
        }
    }

    /// Decides what the votes of a group mean now, and when they have to be counted again.
    fn count_votes(&mut self, no: u32, now: Moment) {
        let Some(votes) = self.groups.groups.get_mut(no as usize) else { return };
        let rule = Arc::clone(&votes.rule);
        let source = votes.source.clone();
        let (count, window) = match rule.voting {
            Voting::Single => (1, Duration::ZERO),
            Voting::Verification => return self.verify(no, now),
            Voting::Coincidence { count, window, .. } => (usize::from(count), window),
            Voting::CrossZone { window, .. } => (2, window),
        };
        votes.members.retain(|_, vote| vote.holds || now.ticks.since(vote.tripped) < window);
        let counted = votes.members.len();
        let value = votes.members.values().max_by_key(|vote| vote.tripped).and_then(|vote| vote.value);
        let told: Vec<String> = votes.members.keys().take(8).map(SensorKey::to_string).collect();
        let ends = votes.members.values().filter(|vote| !vote.holds).map(|vote| vote.tripped.after(window));
        let single = (counted == 1)
            .then(|| votes.members.iter().next().map(|(key, vote)| (*key, *vote)))
            .flatten()
            .filter(|_| matches!(rule.voting, Voting::CrossZone { .. }));
        let waits = single.map(|(_, vote)| vote.tripped.after(window)).filter(|due| *due > now.ticks);
        if let Some(next) = ends.chain(waits).min() {
            self.timers.set(next, Timer::Group(no));
        }
        if counted < count && now.ticks < self.groups.settled {
            return;
        }
        let text: Text = format!("{}: {}", rule.message, told.join(", ")).into();
        let evidence = Evidence { value, text: Some(text), ..Evidence::default() };
        self.condition(&source, &rule, counted >= count, evidence, now);
        if matches!(rule.voting, Voting::CrossZone { .. }) {
            let alone = single.filter(|(_, vote)| now.ticks.since(vote.tripped) >= window);
            self.tell_single(&source, alone.map(|(key, _)| key), now);
        }
    }

    /// One of two crossed detectors has tripped alone, or no longer.
    fn tell_single(&mut self, source: &Source, alone: Option<SensorKey>, now: Moment) {
        let text = alone.map(|key| format!("{key} tripped, and no other detector did").into());
        self.own_condition(source, builtin::CROSS_ZONE_SINGLE, alone.is_some(), text, now);
    }

    /// The first trip opens a window in which a second look confirms it.
    fn verify(&mut self, no: u32, now: Moment) {
        let Some(votes) = self.groups.groups.get_mut(no as usize) else { return };
        let (rule, source) = (Arc::clone(&votes.rule), votes.source.clone());
        let Some(vote) = votes.members.values().next().copied() else {
            if now.ticks >= self.groups.settled {
                self.condition(&source, &rule, false, Evidence::default(), now);
            }
            return;
        };
        let confirmed_from = vote.tripped.after(VERIFICATION_IGNORES);
        let evidence = Evidence { value: vote.value, ..Evidence::default() };
        if vote.holds && now.ticks < confirmed_from {
            self.timers.set(confirmed_from, Timer::Group(no));
        } else if vote.holds {
            self.condition(&source, &rule, true, evidence, now);
        } else {
            self.condition(&source, &rule, false, evidence, now);
            if !may_be_confirmed(vote, now.ticks) {
                votes_of(&mut self.groups, no).clear();
            }
        }
    }

    /// The rules have changed, or the server has started: all votes are to be given anew, and what votes had decided is
    /// counted again once there was time to.
    pub(super) fn vote_anew(&mut self, settled: Ticks) {
        self.groups = Groups { settled, ..Groups::default() };
        let decided: Vec<(Source, Arc<Rule>)> = self
            .live
            .values()
            .filter(|live| live.alarm.holds && live.rule.voting != Voting::Single)
            .map(|live| (live.alarm.source.clone(), Arc::clone(&live.rule)))
            .collect();
        for (source, rule) in decided {
            let no = self.groups.number(source, &rule);
            self.timers.set(settled, Timer::Group(no));
        }
    }
}

impl Groups {
    /// Whose votes are counted, and under which rule.
    pub(super) fn places(&self) -> impl Iterator<Item = (Source, Text)> {
        self.numbers.keys().cloned()
    }

    fn number(&mut self, source: Source, rule: &Arc<Rule>) -> u32 {
        let place = (source.clone(), Arc::clone(&rule.name));
        *self.numbers.entry(place).or_insert_with(|| {
            self.groups.push(Votes { source, rule: Arc::clone(rule), members: BTreeMap::new() });
            self.groups.len() as u32 - 1
        })
    }
}

fn votes_of(groups: &mut Groups, no: u32) -> &mut BTreeMap<SensorKey, Vote> {
    &mut groups.groups[no as usize].members
}

/// Whether a trip now would confirm the first one. A trip that comes too late is a first one again.
fn may_be_confirmed(vote: Vote, now: Ticks) -> bool {
    now.since(vote.tripped) <= VERIFICATION_IGNORES + VERIFICATION_CONFIRMS
}
