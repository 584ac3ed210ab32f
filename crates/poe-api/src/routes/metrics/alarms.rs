//! What is signalled, what is kept quiet, and who is told.

use std::fmt;

use poe_building::{Class, State};

use super::page::Page;
use crate::server::{Metrics, TargetStatus};

pub(super) fn write(page: &mut Page<'_>, metrics: &Metrics) -> fmt::Result {
    // An alarm in the normal state is none that is shown.
    let states = || State::ALL.into_iter().filter(|state| *state != State::Normal);
    let by_state = Class::ALL.into_iter().flat_map(|class| {
        let count = move |state| metrics.alarms.by_state[class as usize][state as usize];
        states().map(move |state| ([("class", class.name()), ("state", state.name())], count(state)))
    });
    page.gauges_of("poe_alarms", "Alarms that are shown, by class and state.", by_state)?;
    let quiet = Class::ALL.map(|class| (class.name(), metrics.alarms.quiet[class as usize]));
    page.gauges("poe_alarms_quiet", "Alarms that are kept quiet, by class.", "class", quiet)?;
    page.gauge("poe_suppressions", "Suppressions in force.", metrics.suppressions)?;
    let flood = u64::from(metrics.flood);
    page.gauge("poe_alarm_flood", "1 while more alarms come than a person can follow.", flood)?;
    page.histogram(
        "poe_alarm_commit_seconds",
        "From an alarm's reading until it was stored.",
        &metrics.alarm_commit_seconds,
    )?;
    page.histogram(
        "poe_alarm_notify_seconds",
        "From an alarm's reading until somebody was told.",
        &metrics.alarm_notify_seconds,
    )?;

    page.counter("poe_journal_entries_total", "Entries in the journal.", metrics.journal_seq)?;
    let help = "How often the mark of the journal's end could not be written.";
    page.counter("poe_journal_mark_failures_total", help, metrics.mark_failures)?;

    // A model bounds its targets, and with them these labels.
    let of = |count: fn(&TargetStatus) -> u64| {
        metrics.targets.iter().map(move |target| ([("target", &*target.name)], count(target)))
    };
    let sent = of(|target| target.sent);
    page.counters_of("poe_notifications_sent_total", "Notifications confirmed, by target.", sent)?;
    let failed = of(|target| target.failed);
    page.counters_of("poe_notification_failures_total", "Tries that failed, by target.", failed)?;
    let dead = of(|target| target.dead);
    page.counters_of("poe_notifications_dead_total", "Notifications given up, by target.", dead)?;
    let waiting = of(|target| target.waiting);
    page.gauges_of("poe_notifications_waiting", "Notifications that wait, by target.", waiting)
}
