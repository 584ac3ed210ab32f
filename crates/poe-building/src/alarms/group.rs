//! Voting: alarms that several sensors, or one sensor twice, have to agree on.

use super::{Alarms, Live, condition::Evidence};
use crate::{
    Group, Moment, Rule, SensorKey, Source, Text, Ticks, VERIFICATION_CONFIRMS, VERIFICATION_IGNORES, Voting,
    builtin, timers::Timer,
};
use core::{net::IpAddr, time::Duration};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Sensors that are named to people.
const NAMED_MAX: usize = 8;

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
    /// The timer that counts them again.
    armed: Option<Ticks>,
}

/// What a sensor says.
#[derive(Clone, Copy, Debug)]
struct Vote {
    holds: bool,
    /// When it began to hold, most lately; for a verification, when the first did that may be confirmed.
    tripped: Ticks,
    /// When it last ceased to.
    left: Ticks,
    value: Option<u8>,
    /// Whether another has voted with it.
    paired: bool,
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
        let no = self.groups.number(self.group_of(key, rule), rule);
        let votes = &mut self.groups.groups[no as usize];
        let known = votes.members.get(&key).copied();
        if known.map_or(!holds, |vote| vote.holds == holds) {
            return;
        }
        let vote = match known {
            Some(vote) if !holds => Vote { holds, left: now.ticks, ..vote },
            Some(vote) if rule.voting == Voting::Verification && may_be_confirmed(vote, now.ticks) => {
                Vote { holds, value: value.or(vote.value), ..vote }
            }
            _ => Vote { holds, tripped: now.ticks, left: now.ticks, value, paired: false },
        };
        votes.members.insert(key, vote);
        self.count_votes(no, now);
    }

    /// Whose vote a sensor's is.
    fn group_of(&self, key: SensorKey, rule: &Rule) -> Source {
        let group = match rule.voting {
            Voting::Single | Voting::Verification => return Source::Sensor(key),
            Voting::Coincidence { group, .. } | Voting::CrossZone { group, .. } => group,
        };
        match (group, self.book.zone_of(key)) {
            (Group::Zone, Some(zone)) => Source::Place(Arc::clone(zone)),
            (Group::Zone, None) | (Group::Node, _) => Source::Node(key.address),
        }
    }

    pub(super) fn window_over(&mut self, no: u32, now: Moment) {
        if let Some(votes) = self.groups.groups.get_mut(no as usize) {
            votes.armed = None;
            self.count_votes(no, now);
        }
    }

    pub(super) fn recount(&mut self, source: &Source, rule: &Text, now: Moment) {
        if let Some(no) = self.groups.numbers.get(&(source.clone(), Arc::clone(rule))) {
            self.count_votes(*no, now);
        }
    }

    /// Decides what the votes of a group mean now, and when they have to be counted again.
    fn count_votes(&mut self, no: u32, now: Moment) {
        match self.groups.groups[no as usize].rule.voting {
            Voting::Single => {}
            Voting::Verification => self.verify(no, now),
            Voting::Coincidence { count, window, .. } => self.count(no, usize::from(count), window, now),
            Voting::CrossZone { window, .. } => {
                let alone = self.groups.groups[no as usize].alone(window, now.ticks);
                let off_delay_min = self.off_delay_of(no);
                self.count(no, 2, window, now);
                self.tell_single(no, window, alone, off_delay_min, now);
            }
        }
    }

    fn count(&mut self, no: u32, count: usize, window: Duration, now: Moment) {
        let settled = self.groups.settled;
        let off_delay_min = self.off_delay_of(no);
        let votes = &mut self.groups.groups[no as usize];
        votes
            .members
            .retain(|_, vote| votes_until(&votes.rule, vote, window).is_none_or(|end| end > now.ticks));
        let counted = votes.members.len();
        let agreed = counted >= count;
        let waits_for_others = !agreed && now.ticks < settled;
        if agreed {
            votes.members.values_mut().for_each(|vote| vote.paired = true);
        }
        let ends = votes.members.values().filter_map(|vote| votes_until(&votes.rule, vote, window));
        let lone = votes.lone(window).map(|(_, due)| due).filter(|due| *due > now.ticks);
        let next = ends.chain(lone).chain(waits_for_others.then_some(settled)).min();
        self.timers.rearm(&mut votes.armed, next, Timer::Group(no));
        if waits_for_others {
            return;
        }
        let value = votes.members.values().max_by_key(|vote| vote.tripped).and_then(|vote| vote.value);
        let told: Vec<String> = votes.members.keys().take(NAMED_MAX).map(SensorKey::to_string).collect();
        let (source, rule) = (votes.source.clone(), Arc::clone(&votes.rule));
        let text: Text = format!("{}: {}", rule.message, told.join(", ")).into();
        let evidence = Evidence { value, text: Some(text), off_delay_min };
        self.condition(&source, &rule, agreed, evidence, now);
    }

    /// One of two crossed detectors has tripped alone, or no longer. What is over already was so all the same.
    fn tell_single(
        &mut self,
        no: u32,
        window: Duration,
        alone: Option<SensorKey>,
        off_delay_min: Duration,
        now: Moment,
    ) {
        let votes = &self.groups.groups[no as usize];
        let goes_on =
            votes.lone(window).is_some() || (votes.members.is_empty() && now.ticks < self.groups.settled);
        let source = votes.source.clone();
        if let Some(key) = alone {
            let text = format!("{key} tripped, and no other detector did").into();
            self.own_condition(&source, builtin::CROSS_ZONE_SINGLE, true, Some(text), now);
        }
        if !goes_on {
            let evidence = Evidence { off_delay_min, ..Evidence::default() };
            self.own_condition_with(&source, builtin::CROSS_ZONE_SINGLE, false, evidence, now);
        }
    }

    /// How long what a group has agreed on must be gone, by those of its sensors that chatter.
    fn off_delay_of(&self, no: u32) -> Duration {
        let votes = &self.groups.groups[no as usize];
        let members = votes.members.keys().map(|key| self.off_delay_min(*key));
        members.max().unwrap_or_default()
    }

    /// The first trip opens a window in which a second look confirms it.
    fn verify(&mut self, no: u32, now: Moment) {
        let settled = self.groups.settled;
        let off_delay_min = self.off_delay_of(no);
        let votes = &mut self.groups.groups[no as usize];
        let (rule, source) = (Arc::clone(&votes.rule), votes.source.clone());
        let Some(vote) = votes.members.values().next().copied() else {
            let waits = now.ticks < settled;
            self.timers.rearm(&mut votes.armed, waits.then_some(settled), Timer::Group(no));
            if !waits {
                self.condition(&source, &rule, false, Evidence::default(), now);
            }
            return;
        };
        let confirmed_from = vote.tripped.after(VERIFICATION_IGNORES);
        let waits = vote.holds && now.ticks < confirmed_from;
        self.timers.rearm(&mut votes.armed, waits.then_some(confirmed_from), Timer::Group(no));
        if !vote.holds && !may_be_confirmed(vote, now.ticks) {
            votes.members.clear();
        }
        if !waits {
            let evidence = Evidence { value: vote.value, text: None, off_delay_min };
            self.condition(&source, &rule, vote.holds, evidence, now);
        }
    }

    /// The server has started: all votes are to be given anew, and what votes had decided is counted again once there
    /// was time to.
    pub(super) fn vote_anew(&mut self, settled: Ticks) {
        self.groups = Groups { settled, ..Groups::default() };
        for no in self.decided_by_votes() {
            let votes = &mut self.groups.groups[no as usize];
            self.timers.rearm(&mut votes.armed, Some(settled), Timer::Group(no));
        }
    }

    /// The rules have changed: a vote stays where the same group still counts it in the same way.
    pub(super) fn keep_votes(&mut self) {
        let settled = self.groups.settled;
        let old = core::mem::replace(&mut self.groups, Groups { settled, ..Groups::default() });
        for (no, votes) in (0..).zip(old.groups) {
            if let Some(armed) = votes.armed {
                self.timers.take_back(armed, Timer::Group(no));
            }
            for (key, vote) in votes.members {
                let rule = self.book.rule(&Source::Sensor(key), &votes.rule.name);
                let same = |rule: &Arc<Rule>| {
                    rule.voting == votes.rule.voting && self.group_of(key, rule) == votes.source
                };
                if let Some(rule) = rule.filter(same) {
                    let no = self.groups.number(votes.source.clone(), &rule);
                    self.groups.groups[no as usize].members.insert(key, vote);
                }
            }
        }
        self.decided_by_votes();
    }

    /// Numbers the groups whose votes have made an alarm, or lacked one for it.
    fn decided_by_votes(&mut self) -> Vec<u32> {
        let crossed: BTreeSet<&Text> = self
            .book
            .model
            .rules
            .iter()
            .filter(|rule| is_crossed(rule.voting))
            .map(|rule| &rule.rule)
            .collect();
        let mut decided = Vec::new();
        for Live { alarm, rule, .. } in self.live.values().filter(|live| live.alarm.holds) {
            if rule.voting != Voting::Single {
                decided.push((alarm.source.clone(), Arc::clone(rule)));
            } else if &*alarm.rule == builtin::CROSS_ZONE_SINGLE {
                let rules = crossed.iter().filter_map(|name| self.book.rule(&alarm.source, name));
                let rules = rules.filter(|rule| is_crossed(Some(rule.voting)));
                decided.extend(rules.map(|rule| (alarm.source.clone(), rule)));
            }
        }
        decided.into_iter().map(|(source, rule)| self.groups.number(source, &rule)).collect()
    }

    /// The sensors of an address have no vote any more.
    pub(super) fn drop_votes_of(&mut self, address: IpAddr, now: Moment) {
        for no in 0..self.groups.groups.len() as u32 {
            let members = &mut self.groups.groups[no as usize].members;
            let before = members.len();
            members.retain(|key, _| key.address != address);
            if members.len() != before {
                self.count_votes(no, now);
            }
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
            let rule = Arc::clone(rule);
            self.groups.push(Votes { source, rule, members: BTreeMap::new(), armed: None });
            self.groups.len() as u32 - 1
        })
    }
}

impl Votes {
    /// The only one that has voted, if it had no partner either, and when its window ends.
    fn lone(&self, window: Duration) -> Option<(SensorKey, Ticks)> {
        let (key, vote) = self.members.first_key_value().filter(|_| self.members.len() == 1)?;
        (is_crossed(Some(self.rule.voting)) && !vote.paired).then(|| (*key, vote.tripped.after(window)))
    }

    /// The one that has stayed alone until its window ended.
    fn alone(&self, window: Duration, now: Ticks) -> Option<SensorKey> {
        self.lone(window).filter(|(_, end)| *end <= now).map(|(key, _)| key)
    }
}

fn is_crossed(voting: Option<Voting>) -> bool {
    matches!(voting, Some(Voting::CrossZone { .. }))
}

/// Until when a vote counts that no longer holds. One that holds has no end.
fn votes_until(rule: &Rule, vote: &Vote, window: Duration) -> Option<Ticks> {
    let from = match rule.voting {
        Voting::CrossZone { .. } => vote.tripped,
        Voting::Single | Voting::Coincidence { .. } | Voting::Verification => vote.left,
    };
    (!vote.holds).then(|| from.after(window))
}

/// Whether a trip now would confirm the first one. A trip that comes too late is a first one again.
fn may_be_confirmed(vote: Vote, now: Ticks) -> bool {
    now.since(vote.tripped) <= VERIFICATION_IGNORES + VERIFICATION_CONFIRMS
}
