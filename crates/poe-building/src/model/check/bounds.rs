//! How much of everything there may be. Each bound is far beyond what a building needs; what is beyond it is a mistake
//! or an attack.

use crate::Supervision;
use core::time::Duration;

/// Problems that are listed. Who has mended a thousand asks again.
pub(super) const PROBLEMS: usize = 1_000;
/// Names that are looked through for the one that may have been meant.
pub(super) const HINTS: usize = 1_000;

/// Rooms of a campus.
pub(super) const PLACES: usize = 10_000;
/// A switch feeds dozens of nodes, so this is more than the nodes need.
pub(super) const SWITCHES: usize = 10_000;
/// As many as the server will know (`max_nodes`).
pub(super) const NODES: usize = 131_072;
/// As many as the server will know (`max_sensors`).
pub(super) const SENSORS: usize = 1_048_576;
/// A setting in every place. Finding the rules of a sensor takes a walk from it outwards, not through this list.
pub(super) const RULES: usize = 10_000;
/// Each has a queue of its own.
pub(super) const TARGETS: usize = 1_000;
/// Looked through for every signal.
pub(super) const GROUPS: usize = 1_000;
/// Times of one group: seven days, a handful each.
pub(super) const HOURS: usize = 50;
/// Who gets one e-mail. Mail servers take a hundred at least (RFC 5321).
pub(super) const RECIPIENTS: usize = 100;
/// Words of one command.
pub(super) const ARGUMENTS: usize = 64;
/// Combinations of settings: a sensor has two bytes to say which is its own, and nodes that nobody described need some.
pub(super) const COMBINATIONS: usize = 60_000;
/// Rules that can apply to one kind of sensor: every reading is held against all of them.
pub(super) const RULES_OF_A_KIND: usize = 32;

/// What people type, say on the phone and read in one column.
pub(super) const NAME_CHARS: usize = 64;
/// What fits into a line of a screen or into a notification.
pub(super) const TITLE_CHARS: usize = 200;
/// The longest path that the system takes (PATH_MAX, 4096, with the byte that ends it).
pub(super) const PATH_BYTES: usize = 4_095;
/// Longer addresses are cut off or refused by servers on the way.
pub(super) const URL_BYTES: usize = 2_000;
/// The longest address of a mailbox (RFC 5321).
pub(super) const MAILBOX_BYTES: usize = 254;
/// The longest name of a host (RFC 1035).
pub(super) const HOST_BYTES: usize = 253;

/// Levels of groups and priorities: one digit.
pub(super) const DIGIT: core::ops::RangeInclusive<u8> = 1..=9;
/// Nodes speak about once a second, so that less would accuse them falsely; the most is the limit of the trade.
pub(super) const SILENCE: (Duration, Duration) = (SECOND, Supervision::MAX);
/// Below a minute nobody needs shelving; what takes more than a day is taken out of service.
pub(super) const SHELVING: (Duration, Duration) = (MINUTE, Duration::from_secs(24 * 60 * 60));
/// What must last for more than an hour before anybody is told is no alarm.
pub(super) const DELAY: (Duration, Duration) = (Duration::ZERO, HOUR);
/// Faster than in 10 s nobody can answer; after a day an alarm is listed as stale anyway.
pub(super) const ANSWER: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(24 * 60 * 60));
/// Nodes speak about once a second; an hour later it is another event.
pub(super) const WINDOW: (Duration, Duration) = (SECOND, HOUR);
/// A hanging command holds up those that wait for it.
pub(super) const COMMAND: (Duration, Duration) = (SECOND, MINUTE);
/// A mail server that restarts needs a minute; what is a week old tells nobody anything new.
pub(super) const EXPIRY: (Duration, Duration) = (MINUTE, Duration::from_secs(7 * 24 * 60 * 60));
/// Who watches us wants to know within the hour, and is asked not more than once in 5 s.
pub(super) const HEARTBEAT: (Duration, Duration) = (Duration::from_secs(5), HOUR);

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
