//! From the words of a line to what happens.

use super::{
    ServerDeed, Wish, clock,
    parse_names::{Names, unknown},
    script::{Deed, NodeDeed, SensorDeed},
};
use crate::{COMMON_NODE, SensorFault};
use poe_building::{Emergency, Text};
use std::{net::IpAddr, time::Duration};

/// A server is down for this long unless the story says otherwise.
const DOWN: Duration = Duration::from_secs(2);
/// A node that starts anew takes so long.
const BOOT: Duration = Duration::from_secs(5);
/// Frames that one line posts at once.
const POSTS_MAX: u32 = 10_000;

const SENSOR_VERBS: [&str; 7] = ["is", "goes", "noise", "flaps", "posts", "fails", "recovers"];
const NODE_VERBS: [&str; 5] = ["silent", "unplugged", "back", "reboots", "reconnects"];
const OPERATOR_VERBS: [&str; 13] = [
    "acknowledges",
    "silences",
    "resets",
    "shelves",
    "unshelves",
    "takes",
    "returns",
    "raises",
    "moves",
    "retires",
    "approves",
    "dismisses",
    "tests",
];

/// What happens, by the words after the time.
pub(super) fn deed(words: &[&str], names: &Names) -> Result<Deed, String> {
    let (subject, rest) = words.split_first().ok_or("say what happens then, or remove the line")?;
    let verb = rest.first().copied().unwrap_or_default();
    match *subject {
        "server" => server(rest).map(Deed::Server),
        "disk" => match rest {
            ["fails"] => Ok(Deed::Server(ServerDeed::Disk { works: false })),
            ["works"] => Ok(Deed::Server(ServerDeed::Disk { works: true })),
            _ => Err("write `disk fails` or `disk works`".to_owned()),
        },
        "clock" => match rest {
            ["jumps", by] => Ok(Deed::Server(ServerDeed::ClockJumps { by_us: jump(by)? })),
            _ => Err("write `clock jumps +1h` or `clock jumps -90s`".to_owned()),
        },
        "target" => match rest {
            [name, state @ ("fails" | "works")] => {
                names.target(name)?;
                Ok(Deed::Server(ServerDeed::Target { name: (*name).into(), works: *state == "works" }))
            }
            _ => Err("write `target NAME fails` or `target NAME works`".to_owned()),
        },
        "switch" => match rest {
            [name, "lost"] => Ok(Deed::Nodes(names.behind(name)?, NodeDeed::Unplugged)),
            [name, "back"] => Ok(Deed::Nodes(names.behind(name)?, NodeDeed::Back)),
            _ => Err("write `switch NAME lost` or `switch NAME back`".to_owned()),
        },
        who if OPERATOR_VERBS.contains(&verb) => {
            let wish = wish(rest, names)?;
            Ok(Deed::Server(ServerDeed::Order { who: who.into(), wish }))
        }
        _ if NODE_VERBS.contains(&verb) => Ok(Deed::Nodes(names.nodes(subject)?, node(rest)?)),
        _ if SENSOR_VERBS.contains(&verb) => {
            let sensors = names.sensors(subject)?;
            let deed = sensor(rest)?;
            if let SensorDeed::Fails(fault) = deed {
                fits(fault, &sensors)?;
            }
            Ok(Deed::Sensors(sensors, deed))
        }
        _ if verb.is_empty() => Err(format!("say what happens to `{subject}`")),
        _ => {
            let verbs = SENSOR_VERBS.into_iter().chain(NODE_VERBS).chain(OPERATOR_VERBS);
            Err(unknown("verb", verb, verbs))
        }
    }
}

fn sensor(words: &[&str]) -> Result<SensorDeed, String> {
    Ok(match words {
        ["is", to] => SensorDeed::Is(value(to)?),
        ["goes", "to", to, "over", span] => {
            SensorDeed::GoesTo { value: value(to)?, over: clock::span(span)? }
        }
        ["noise", by] => SensorDeed::Noise(value(by)?),
        ["flaps", "to", to, "every", span, count, "times"] => {
            let every = clock::span(span)?;
            if every.is_zero() {
                return Err("`every 0s` is no rhythm".to_owned());
            }
            SensorDeed::Flaps { to: value(to)?, every, times: times(count)? }
        }
        ["posts", to] => SensorDeed::Posts { value: value(to)?, times: 1 },
        ["posts", to, count, "times"] => SensorDeed::Posts { value: value(to)?, times: times(count)? },
        ["fails", fault] => {
            let names = SensorFault::ALL.iter().map(|fault| fault.name());
            SensorDeed::Fails(fault.parse().map_err(|_| unknown("fault", fault, names))?)
        }
        ["recovers"] => SensorDeed::Recovers,
        _ => {
            return Err(format!(
                "`{}` is not understood; a sensor can: is N; goes to N over 30s; noise N; flaps to N every 4s 6 times; \
                 posts N; posts N 6 times; fails FAULT; recovers",
                words.join(" ")
            ));
        }
    })
}

fn node(words: &[&str]) -> Result<NodeDeed, String> {
    Ok(match words {
        ["silent"] => NodeDeed::Silent,
        ["unplugged"] => NodeDeed::Unplugged,
        ["back"] => NodeDeed::Back,
        ["reboots"] => NodeDeed::Reboots { down: BOOT },
        ["reboots", "for", span] => NodeDeed::Reboots { down: clock::span(span)? },
        ["reconnects"] => NodeDeed::Reconnects,
        _ => {
            return Err(format!(
                "`{}` is not understood; a node is or does: {}",
                words.join(" "),
                NODE_VERBS.join(", ")
            ));
        }
    })
}

fn server(words: &[&str]) -> Result<ServerDeed, String> {
    let down = |words: &[&str]| match words {
        [] => Ok(DOWN),
        ["for", span] => clock::span(span),
        _ => Err("write `for` and how long the server is down, or nothing".to_owned()),
    };
    match words {
        ["restarts", rest @ ..] => Ok(ServerDeed::Restarts { down: down(rest)? }),
        ["killed", rest @ ..] => Ok(ServerDeed::Killed { down: down(rest)? }),
        _ => Err("write `server restarts` or `server killed`, with `for 5s` if you like".to_owned()),
    }
}

fn wish(words: &[&str], names: &Names) -> Result<Wish, String> {
    Ok(match words {
        ["acknowledges", aim @ ..] => Wish::Acknowledge(names.aim(aim)?),
        ["silences", aim @ ..] => Wish::Silence(names.aim(aim)?),
        ["resets", aim @ ..] => Wish::Reset(names.aim(aim)?),
        ["shelves", rest @ ..] => {
            let (aim, span, reason) = for_and_because(rest)?;
            Wish::Shelve { aim: names.aim(aim)?, span, reason }
        }
        ["unshelves", aim @ ..] => Wish::Unshelve(names.aim(aim)?),
        ["takes", source @ .., "out", "of", "service"] => {
            return Err(format!(
                "say for how long, and why: `takes {} out of service for 2h because ...`",
                source.join(" ")
            ));
        }
        ["takes", rest @ ..] => {
            let (source, span, reason) = for_and_because(rest)?;
            let [source @ .., "out", "of", "service"] = source else {
                return Err("write `takes SOURCE out of service for 2h because ...`".to_owned());
            };
            Wish::TakeOutOfService { source: names.source(source)?, span, reason }
        }
        ["returns", source @ .., "to", "service"] => Wish::ReturnToService { source: names.source(source)? },
        ["raises", emergency, "in", place] => {
            let known = Emergency::ALL.iter().map(|kind| kind.name());
            let kind = emergency.parse().map_err(|_| unknown("emergency", emergency, known))?;
            names.source(&["place", place])?;
            Wish::Raise { kind, place: (*place).into() }
        }
        ["moves", old, "to", new] => Wish::Move { old: address(old, names)?, new: address(new, names)? },
        ["retires", node] => Wish::Retire(address(node, names)?),
        ["approves", node] => Wish::Approve(address(node, names)?),
        ["dismisses", node] => Wish::Dismiss(address(node, names)?),
        ["tests", target] => {
            names.target(target)?;
            Wish::Test((*target).into())
        }
        _ => {
            return Err(format!(
                "`{}` is not understood; see docs/scenarios.md for what people can order",
                words.join(" ")
            ));
        }
    })
}

/// `... for SPAN because REASON`.
fn for_and_because<'a, 'w>(words: &'a [&'w str]) -> Result<(&'a [&'w str], Duration, Text), String> {
    let at = words.iter().position(|word| *word == "for").ok_or("say for how long: `for 1h`")?;
    match &words[at + 1..] {
        [span, "because", reason @ ..] if !reason.is_empty() => {
            Ok((&words[..at], clock::span(span)?, reason.join(" ").into()))
        }
        _ => Err("say for how long and why: `for 1h because ...`".to_owned()),
    }
}

fn fits(fault: SensorFault, sensors: &[(usize, u8)]) -> Result<(), String> {
    match sensors.iter().map(|(_, id)| COMMON_NODE[usize::from(*id)]).find(|kind| !fault.fits(*kind)) {
        Some(kind) => Err(format!("a sensor for {kind} does not fail by {fault}")),
        None => Ok(()),
    }
}

fn address(word: &str, names: &Names) -> Result<IpAddr, String> {
    match &names.nodes(word) {
        Ok(nodes) if nodes.len() == 1 => Ok(names.nodes[nodes[0]].address),
        Ok(nodes) => Err(format!("`{word}` means {} nodes; name one", nodes.len())),
        Err(why) => word.parse().map_err(|_| why.clone()),
    }
}

fn value(word: &str) -> Result<u8, String> {
    word.parse().map_err(|_| format!("`{word}` is no value; a sensor's value is 0 to 255"))
}

fn times(word: &str) -> Result<u32, String> {
    let count = word.parse().ok().filter(|count| (1..=POSTS_MAX).contains(count));
    count.ok_or_else(|| format!("`{word}` is no count; write 1 to {POSTS_MAX}"))
}

fn jump(word: &str) -> Result<i64, String> {
    let wrong = || format!("`{word}` is no jump; write it with its sign, like +1h or -90s");
    let (sign, span) = match word.split_at_checked(1) {
        Some(("+", span)) => (1, span),
        Some(("-", span)) => (-1, span),
        _ => return Err(wrong()),
    };
    Ok(sign * i64::try_from(clock::span(span)?.as_micros()).map_err(|_| wrong())?)
}
