//! Every command with its words, its arguments and its page of the help.

use super::{
    acknowledge, alarms,
    command::{Command, Entry},
    emergency, events, help, orders, shelve, simulation, verbose,
};

pub(super) static COMMANDS: [Entry; 16] = [
    Entry {
        short: "a",
        long: "alarms",
        arguments: "[all|CLASS|SOURCE]",
        about: "alarms, supervisory and trouble signals that stand, the most important first",
        more: "CLASS is alarm, supervisory or trouble; SOURCE an address, a sensor, a place, a switch or `system`. \
               Before the state stands a mark: ! the condition is true, - it is gone, # it is gone and the alarm is \
               held until somebody resets it; twice, as in !!, when nobody has acknowledged it. First-out is the \
               first alarm after a time without any; stale is what has been active for 24 hours. `all` shows \
               all, where otherwise the first 200 are.",
        examples: &[
            ("a", "what stands"),
            ("a alarm", "no supervisory and trouble signals"),
            ("a kitchen", "in a place"),
        ],
        read: alarms::read,
    },
    Entry {
        short: "ack",
        long: "acknowledge",
        arguments: "ID...|all",
        about: "acknowledge: somebody has seen it; `a` shows the IDs",
        more: "It ends the sound of the alarm and keeps who has seen it. A latched alarm still has to be reset. `all` \
               is every alarm that is unacknowledged now; what is kept quiet is left as it is.",
        examples: &[
            ("ack 12", "alarm 12 has been seen"),
            ("ack 12 13", "both"),
            ("ack all", "every one that asks for it"),
        ],
        read: acknowledge::read,
    },
    Entry {
        short: "silence",
        long: "silence",
        arguments: "ID...",
        about: "end the sound of an alarm, and nothing else",
        more: "It still has to be acknowledged, and sounds again after a restart.",
        examples: &[("silence 12", "alarm 12 makes no sound any more")],
        read: |entry, words| orders::read_ids(entry, words).map(Command::Silence),
    },
    Entry {
        short: "reset",
        long: "reset",
        arguments: "ID...",
        about: "release a latched alarm, once its condition is gone",
        more: "It is refused while the condition is true. An emergency that was raised by hand ends by it.",
        examples: &[("reset 12", "alarm 12 is held no longer")],
        read: |entry, words| orders::read_ids(entry, words).map(Command::Reset),
    },
    Entry {
        short: "shelve",
        long: "shelve",
        arguments: "ID MINUTES REASON...",
        about: "keep an alarm quiet for a while; it is still watched and journalled",
        more: "It speaks again by itself when the time is over. The longest is 8 hours, unless the building says \
               otherwise.",
        examples: &[("shelve 12 60 the oven is being cleaned", "alarm 12 is quiet for an hour")],
        read: shelve::read,
    },
    Entry {
        short: "unshelve",
        long: "unshelve",
        arguments: "ID...",
        about: "end a shelving before its time",
        more: "If the alarm is unacknowledged it sounds again.",
        examples: &[("unshelve 12", "alarm 12 speaks again")],
        read: |entry, words| orders::read_ids(entry, words).map(Command::Unshelve),
    },
    Entry {
        short: "emergency",
        long: "emergency",
        arguments: "KIND ZONE [NOTE...]",
        about: "raise an alarm by hand: fire, extreme_weather, active_shooter or public_safety",
        more: "ZONE is a building, a floor, a zone or a room, or the whole site; `z` shows them. `ack` and `reset` end \
               it.",
        examples: &[("emergency fire kitchen the pan burns", "everybody who is to be told is told")],
        read: emergency::read,
    },
    Entry {
        short: "e",
        long: "events",
        arguments: "[COUNT|KIND|#ALARM|SOURCE ...]",
        about: "the latest entries of the journal (20), the newest last",
        more: "KIND is a kind of event, or what is before its dot: `alarm.raised`, `alarm`; or the class supervisory \
               or trouble. Several together narrow it down.",
        examples: &[
            ("e", "the last 20"),
            ("e 50 alarm", "the last 50 about alarms"),
            ("e #12", "the life of alarm 12"),
            ("e 10.89.21.188", "about a node and its sensors"),
        ],
        read: events::read,
    },
    Entry {
        short: "z",
        long: "zones",
        arguments: "",
        about: "places and the worst that stands in each",
        more: "A place counts everything that is in it.",
        examples: &[("z", "all places")],
        read: |entry, words| entry.alone(words, Command::Zones),
    },
    Entry {
        short: "l",
        long: "list",
        arguments: "[ADDRESS]",
        about: "list connections: since when, how many frames, how many of them invalid",
        more: "",
        examples: &[
            ("l", "all"),
            ("l 10.89.21.188", "those of one address"),
            ("l 10.89", "those that begin so"),
        ],
        read: |entry, words| entry.filter(words).map(Command::Connections),
    },
    Entry {
        short: "n",
        long: "nodes",
        arguments: "[ADDRESS]",
        about: "nodes: first and last seen, connections, sensors, frames",
        more: "",
        examples: &[("n", "all"), ("n 10.89.21.188", "one node"), ("n 10.89", "those that begin so")],
        read: |entry, words| entry.filter(words).map(Command::Nodes),
    },
    Entry {
        short: "s",
        long: "sensors",
        arguments: "[ADDRESS]",
        about: "sensors and their latest values; those of one node: s 10.89.21.188",
        more: "",
        examples: &[("s 10.89.21.188", "those of one node"), ("s 10.89.21.188_17", "one sensor")],
        read: |entry, words| entry.filter(words).map(Command::Sensors),
    },
    Entry {
        short: "t",
        long: "test",
        arguments: "[-c CLIENTS] [-p PACKETS] [-t SECONDS]",
        about: "launch simulated clients (1), each of which sends packets (5; -1: without end), so many seconds \
                apart (0); t stop: stop them",
        more: "",
        examples: &[
            ("t -c 3 -p 5 -t 1", "three clients, five packets each, a second apart"),
            ("t stop", "stop them"),
        ],
        read: |_, words| simulation::read(words),
    },
    Entry {
        short: "v",
        long: "verbose",
        arguments: "[on|off]",
        about: "verbose on and off: show what happens while it happens",
        more: "New alarms are shown in any case.",
        examples: &[("v", "the other of the two"), ("v on", "on")],
        read: verbose::read,
    },
    Entry {
        short: "h",
        long: "help",
        arguments: "[COMMAND]",
        about: "this help, or all about one command",
        more: "",
        examples: &[("h ack", "about `ack`")],
        read: help::read,
    },
    Entry {
        short: "q",
        long: "quit",
        arguments: "",
        about: "quit: store everything and stop the server",
        more: "Ctrl-D leaves the console and lets the server run.",
        examples: &[("q", "stop")],
        read: |entry, words| entry.alone(words, Command::Quit),
    },
];
