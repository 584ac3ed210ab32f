//! Whoever should look: backups that nobody makes, plans without their picture, alarms that nobody sees, targets that take nothing, accounts.

use super::{report::Check, server::Running};
use jiff::{SignedDuration, Timestamp};
use poe::config::Config;
use poe_building::Time;
use poe_store::{EntryFilter, Inspected, JournalReader, Origin, inspect};

/// Older than this, a backup has little of what people would miss.
const BACKUP_AGE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Nobody looks any more.
const ALARM_AGE: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn check(config: &Config, running: &Running) -> Vec<Check> {
    let mut checks = vec![backup(config)];
    if let Ok(inspected) = inspect(&config.data_dir) {
        checks.push(plans(&inspected));
        checks.push(alarms(&inspected));
        checks.push(accounts(&inspected));
    }
    checks.extend(targets(running));
    checks
}

fn age(time: Time) -> Option<SignedDuration> {
    Some(Timestamp::now().duration_since(Timestamp::from_microsecond(time.0).ok()?))
}

fn backup(config: &Config) -> Check {
    const NAME: &str = "backup";
    const CURE: &str = "make one every day, to another disk: `poe backup TO`";
    let filter = EntryFilter { kind: Some("backup.made".to_owned()), ..EntryFilter::default() };
    let made = JournalReader::open(&config.data_dir).and_then(|journal| journal.last(None, &filter, 1));
    // The journal in a backup ends before the entry that tells of it.
    let origin = Origin::read(&config.data_dir).ok().flatten();
    let origin = origin.map(|origin| (Timestamp::now().duration_since(origin.made), "it was restored"));
    let latest = match made {
        Ok(entries) => {
            let own =
                entries.first().and_then(|stored| Some((age(stored.entry.decided)?, "it was made here")));
            own.into_iter().chain(origin).min_by_key(|(age, _)| *age)
        }
        Err(error) => {
            return Check::warning(NAME, format!("the journal does not tell of any: {error}"), CURE);
        }
    };
    match latest {
        None => Check::warning(NAME, "none was ever made", CURE),
        Some((age, whence)) if age > BACKUP_AGE => {
            Check::warning(NAME, format!("the latest is {} days old; {whence}", age.as_hours() / 24), CURE)
        }
        Some((age, whence)) => {
            let hours = match age.as_hours() {
                ..1 => "less than an hour".to_owned(),
                1 => "an hour".to_owned(),
                hours => format!("{hours} hours"),
            };
            Check::ok(NAME, format!("the latest is {hours} old; {whence}"))
        }
    }
}

fn plans(inspected: &Inspected) -> Check {
    const NAME: &str = "plans";
    let missing = &inspected.plans_without_picture;
    if missing.is_empty() {
        return Check::ok(NAME, "no picture is missing");
    }
    let names = missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let found = format!("the picture's file is missing or damaged of: {names}");
    Check::problem(NAME, found, "send the pictures again, or take the folder plans out of a backup")
}

fn alarms(inspected: &Inspected) -> Check {
    const NAME: &str = "alarms";
    let old = inspected.unacknowledged.and_then(|(alarm, since)| Some((alarm, age(since)?)));
    match old {
        Some((alarm, age)) if age > ALARM_AGE => {
            let found = format!("nobody has acknowledged alarm {} for {} hours", alarm.0, age.as_hours());
            Check::warning(NAME, found, "see `poe alarms`, and acknowledge it: `poe alarms ack`")
        }
        Some(_) => Check::ok(NAME, "one waits to be acknowledged, for less than a day"),
        None => Check::ok(NAME, "none waits to be acknowledged"),
    }
}

fn accounts(inspected: &Inspected) -> Check {
    const NAME: &str = "accounts";
    match inspected.users {
        0 => {
            let cure = "make the first one: `poe user add`, or by the token in the file setup-token of the data folder";
            Check::warning(
                NAME,
                "nobody has one, so that only the local socket and the console are of use",
                cure,
            )
        }
        1 => Check::ok(NAME, "one person has one"),
        users => Check::ok(NAME, format!("{users} people have one")),
    }
}

/// How the targets of notifications are, which only the server knows.
fn targets(running: &Running) -> Vec<Check> {
    const NAME: &str = "targets";
    let Some(answer) = running.ask("/api/v1/targets") else { return Vec::new() };
    let targets = super::ask::items(&answer);
    let failing = targets.iter().filter(|target| super::ask::count(target, "failing") > 0);
    let mut checks: Vec<Check> = failing
        .map(|target| {
            let (name, error) = (super::ask::told(target, "name"), super::ask::told(target, "last_error"));
            let tries = super::ask::count(target, "failing");
            let found = format!("{name} has refused {tries} times: {error}");
            Check::problem(NAME, found, format!("see `poe notify`, and try it: `poe notify test {name}`"))
        })
        .collect();
    let dead = targets
        .iter()
        .filter(|target| target["dead_letters"].as_array().is_some_and(|dead| !dead.is_empty()));
    checks.extend(dead.map(|target| {
        let found = format!("notifications for {} were given up", super::ask::told(target, "name"));
        Check::warning(NAME, found, "read what nobody was told: `poe notify`")
    }));
    if checks.is_empty() {
        let found =
            if targets.is_empty() { "there are none: nobody is notified" } else { "all of them answer" };
        checks.push(Check::ok(NAME, found));
    }
    checks
}
