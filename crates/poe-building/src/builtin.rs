//! The server's own rules: what it signals about nodes, sensors and itself, whatever the profile.

use crate::{Class, Emergency, Rule, Text, profile::plain};
use core::time::Duration;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::LazyLock;

/// A node is silent.
pub const NODE_SILENT: &str = "node.silent";
/// Two nodes deliver the same sensors under one address.
pub const NODE_CONFLICT: &str = "node.conflict";
/// A sensor of a known node posts another kind.
pub const NODE_KIND: &str = "node.kind_changed";
/// A node that is not approved reads what would be an alarm.
pub const NODE_UNAPPROVED: &str = "node.unapproved";
/// A switch or a place is lost with everything that it feeds.
pub const PARENT_LOST: &str = "parent.lost";
/// One of two crossed detectors tripped, and the other did not.
pub const CROSS_ZONE_SINGLE: &str = "cross_zone.single";

/// A sensor stays at one value while its siblings move.
pub const HEALTH_STUCK: &str = "health.stuck";
/// A sensor lies at the end of its range, as an open input does.
pub const HEALTH_FLAT: &str = "health.flat";
/// A sensor crosses its threshold again and again.
pub const HEALTH_CHATTER: &str = "health.chatter";
/// A DHT22 gave no number, which its node sends as 0.
pub const HEALTH_NAN_ZERO: &str = "health.nan_zero";
/// A value has left the byte at one end and come back at the other.
pub const HEALTH_BYTE_WRAP: &str = "health.byte_wrap";
/// A value lies far from all its siblings.
pub const HEALTH_OUTLIER: &str = "health.outlier";

/// Nothing can be stored.
pub const STORAGE: &str = "storage";
/// A write-ahead log grows since another program holds a transaction open.
pub const STORAGE_LOG: &str = "storage.log";
/// A file is damaged.
pub const STORAGE_DAMAGE: &str = "storage.damage";
/// Readings cannot be kept in the history, or those that are cannot be put in order.
pub const HISTORY: &str = "history";
/// A file of the history is damaged and set aside.
pub const HISTORY_DAMAGE: &str = "history.damage";
/// Readings are missing in the history.
pub const HISTORY_GAP: &str = "history.gap";
/// The journal lacks entries, or its mark is wrong.
pub const JOURNAL: &str = "journal";
/// The clock was set.
pub const CLOCK: &str = "clock";
/// The run before was not stopped in order.
pub const RESTART: &str = "restart";
/// As many sensors or nodes are known as may be.
pub const LIMIT_SENSORS: &str = "limit.sensors";
/// As many nodes that are not let in are held as may be.
pub const LIMIT_QUARANTINE: &str = "limit.quarantine";
/// As many connections are open as may be.
pub const LIMIT_CONNECTIONS: &str = "limit.connections";
/// The process has no file descriptors left.
pub const LIMIT_DESCRIPTORS: &str = "limit.descriptors";
/// So much waits to be stored or sent that something had to be left out.
pub const LIMIT_QUEUE: &str = "limit.queue";
/// An alarm took longer than the trade allows.
pub const LATENCY: &str = "latency";
/// The watchdog elsewhere does not answer.
pub const HEARTBEAT: &str = "heartbeat";
/// Nobody can be told of anything any more.
pub const NOTIFIER: &str = "notifier";
/// A target cannot be reached: `notify.` and its name.
pub const NOTIFY: &str = "notify.";

/// All of them but those of emergencies and targets.
const ALL: [&str; 29] = [
    NODE_SILENT,
    NODE_CONFLICT,
    NODE_KIND,
    NODE_UNAPPROVED,
    PARENT_LOST,
    CROSS_ZONE_SINGLE,
    HEALTH_STUCK,
    HEALTH_FLAT,
    HEALTH_CHATTER,
    HEALTH_NAN_ZERO,
    HEALTH_BYTE_WRAP,
    HEALTH_OUTLIER,
    STORAGE,
    STORAGE_LOG,
    STORAGE_DAMAGE,
    HISTORY,
    HISTORY_DAMAGE,
    HISTORY_GAP,
    JOURNAL,
    CLOCK,
    RESTART,
    LIMIT_SENSORS,
    LIMIT_QUARANTINE,
    LIMIT_CONNECTIONS,
    LIMIT_DESCRIPTORS,
    LIMIT_QUEUE,
    LATENCY,
    HEARTBEAT,
    NOTIFIER,
];

/// How long something that comes and goes must be there before it is signalled, or gone before its signal ends.
const AWHILE: Duration = Duration::from_secs(60);

/// What is known of a rule of the server's own.
struct Builtin {
    class: Class,
    message: &'static str,
    latching: bool,
    on_delay: Duration,
    off_delay: Duration,
}

/// The rule of this name, if the server has it.
pub(crate) fn rule(name: &str) -> Option<Arc<Rule>> {
    // They are asked for with every crossing; those of targets are as many as people have named.
    static RULES: LazyLock<HashMap<&'static str, Arc<Rule>>> = LazyLock::new(|| {
        let names = ALL.into_iter().chain(Emergency::ALL.map(Emergency::rule));
        names.filter_map(|name| Some((name, make(name)?))).collect()
    });
    RULES.get(name).cloned().or_else(|| make(name))
}

fn make(name: &str) -> Option<Arc<Rule>> {
    let builtin = look_up(name)?;
    let mut rule = plain(name, Some(builtin.class), builtin.message);
    rule.latching = builtin.latching;
    rule.on_delay = builtin.on_delay;
    rule.off_delay = builtin.off_delay;
    Some(Arc::new(rule))
}

/// The name of the trouble of a target that cannot be reached.
pub(crate) fn notify_rule(target: &str) -> Text {
    format!("{NOTIFY}{target}").into()
}

fn look_up(name: &str) -> Option<Builtin> {
    let trouble = |message| Builtin {
        class: Class::Trouble,
        message,
        latching: false,
        on_delay: Duration::ZERO,
        off_delay: Duration::ZERO,
    };
    let passing = |message| Builtin { off_delay: AWHILE, ..trouble(message) };
    let health = |message| Builtin { class: Class::Supervisory, ..trouble(message) };
    let passing_health = |message| Builtin { class: Class::Supervisory, ..passing(message) };
    if let Some(emergency) = Emergency::ALL.into_iter().find(|emergency| emergency.rule() == name) {
        let message = emergency.message();
        return Some(Builtin { class: Class::Alarm, latching: true, ..trouble(message) });
    }
    Some(match name {
        NODE_SILENT => trouble("node is silent"),
        NODE_CONFLICT => passing("two nodes use one address"),
        NODE_KIND => passing("a sensor posts another kind than before"),
        // An unknown peer can flicker as fast as it likes.
        NODE_UNAPPROVED => passing_health("a node that is not approved reads what would be an alarm"),
        PARENT_LOST => trouble("everything behind it is silent"),
        CROSS_ZONE_SINGLE => trouble("one of two crossed detectors tripped alone"),
        HEALTH_STUCK => health("stuck: the value does not move"),
        HEALTH_FLAT => health("flat: the value lies at the end of its range"),
        HEALTH_CHATTER => health("chatter: it crosses its threshold again and again"),
        HEALTH_NAN_ZERO => passing_health("the sensor gives no number, seen as 0"),
        HEALTH_BYTE_WRAP => passing_health("the value has wrapped around its byte"),
        HEALTH_OUTLIER => {
            Builtin { on_delay: AWHILE, ..health("outlier: the value lies far from its siblings") }
        }
        STORAGE => trouble("nothing can be stored"),
        STORAGE_LOG => trouble("a log grows"),
        STORAGE_DAMAGE => trouble("a file is damaged"),
        HISTORY => trouble("readings are not kept"),
        HISTORY_DAMAGE => Builtin { latching: true, ..passing("a file of the history is damaged") },
        HISTORY_GAP => Builtin { latching: true, ..passing("readings are missing in the history") },
        JOURNAL => Builtin { latching: true, ..trouble("the journal is not whole") },
        CLOCK => passing("the clock was set"),
        RESTART => Builtin { latching: true, ..trouble("the server was not stopped in order") },
        LIMIT_SENSORS => passing("new sensors are refused"),
        LIMIT_QUARANTINE => passing("more nodes are not let in than can be held"),
        LIMIT_CONNECTIONS => passing("nodes are refused: too many connections"),
        LIMIT_DESCRIPTORS => passing("nodes are refused: no file descriptors are left"),
        LIMIT_QUEUE => passing("a queue is full"),
        LATENCY => passing("an alarm took too long"),
        NOTIFIER => trouble("nobody can be told"),
        HEARTBEAT => trouble("the watchdog does not answer"),
        name if name.starts_with(NOTIFY) => trouble("a target cannot be reached"),
        _ => return None,
    })
}
