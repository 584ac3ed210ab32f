//! `poe events --follow`: one line for each thing that happens, until somebody has seen enough.

use super::{asked, table, who};
use crate::{
    commands::{
        Done,
        ask::{self, clock, told},
    },
    console::when::When,
    process,
};
use clap::ArgMatches;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use poe_api::client::{Client, escaped};
use serde_json::Value;
use std::{
    error::Error,
    io::{self, ErrorKind, Write, stdout},
    os::fd::AsFd,
};

pub(super) fn run(matches: &ArgMatches) -> Done {
    // Whoever follows ends it by a signal; that is no failure.
    process::on_stop_signal(|| std::process::exit(0))?;
    let is_json = matches.get_flag("json");
    let mut seen = matches.get_one::<u64>("after").copied();
    if matches.contains_id("last") {
        let journal = asked(matches)?;
        seen = ask::items(&journal).last().and_then(|entry| entry["seq"].as_u64()).or(seen);
        let said = if is_json { lines(ask::items(&journal)) } else { table(&journal, &When::now()) };
        if !go_on(print(&said))? {
            return Ok(());
        }
    }
    let server = ask::server(matches)?;
    let place = ask::word(matches, "source").filter(|name| is_place(name, &server));
    let wanted = Wanted::new(matches, &server, place.is_some())?;
    let reader = Reader::new();
    // What stands in a place the server knows.
    let events = match place {
        Some(place) => server.follow_some(&format!("kind=event&zone={}", escaped(place)), seen),
        None => server.follow(seen),
    };
    for event in events.map_err(ask::failed)? {
        let event = event.map_err(ask::failed)?;
        if event.kind != "event" {
            // There is a sign of life every two seconds; as often we look whether somebody still reads.
            if reader.has_gone() {
                return Ok(());
            }
            continue;
        }
        seen = event.id.or(seen);
        if wanted.has(&event.data) {
            let said = if is_json { format!("{}\n", event.data) } else { line(&event.data) };
            if !go_on(print(&said))? {
                return Ok(());
            }
        }
    }
    let again = seen.map(|seen| format!("; go on with `--after {seen}`")).unwrap_or_default();
    Err(format!("the server has ended{again}").into())
}

fn print(text: &str) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Whether somebody still reads.
fn go_on(printed: io::Result<()>) -> Result<bool, String> {
    match printed {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(cause) => Err(format!("could not print to standard output: {cause}")),
    }
}

fn lines(entries: &[Value]) -> String {
    entries.iter().map(|entry| format!("{entry}\n")).collect()
}

fn line(entry: &Value) -> String {
    let when = When::now();
    let mut line =
        format!("{:>6}  {}  {}", told(entry, "seq"), clock(entry, "decided", &when), told(entry, "kind"));
    for field in ["source", "rule", "value", "state", "text"] {
        if !entry[field].is_null() && entry[field] != "" {
            line = format!("{line}  {}", told(entry, field));
        }
    }
    if !entry["who"].is_null() {
        line = format!("{line}  by {}", who(entry));
    }
    if entry["committed"].is_null() && entry["hash"].is_null() {
        line.push_str("  (not yet stored)");
    }
    line.push('\n');
    line
}

/// What is wanted of all that happens.
struct Wanted<'a> {
    kind: Option<&'a str>,
    class: Option<&'a str>,
    source: Option<String>,
    who: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    fn new(matches: &'a ArgMatches, server: &Client, in_place: bool) -> Result<Self, Box<dyn Error>> {
        let word = |name| ask::word(matches, name);
        let (kind, class) = (word("kind"), word("class"));
        // The journal knows which words there are. Whoever mistypes one would wait for ever.
        let words = [("kind", kind), ("class", class), ("limit", Some("1"))];
        server.get(&ask::path("/api/v1/events", &words)).map_err(ask::failed)?;
        // Entries name a node by its address, and people by its name.
        let address = |name: &str| {
            let node = server.get(&format!("/api/v1/nodes/{}", escaped(name))).ok();
            node.and_then(|node| node["node"].as_str().map(str::to_owned)).unwrap_or(name.to_owned())
        };
        let source = word("source").filter(|_| !in_place).map(address);
        Ok(Self { kind, class, source, who: word("who") })
    }

    /// As the journal is asked: a subject means all of its kinds, a node its sensors, too.
    fn has(&self, entry: &Value) -> bool {
        let is = |field: &str, wanted: Option<&str>, mark: char| {
            wanted.is_none_or(|wanted| {
                let rest = entry[field].as_str().and_then(|told| told.strip_prefix(wanted));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(mark))
            })
        };
        is("kind", self.kind, '.')
            && is("class", self.class, '\0')
            && is("source", self.source.as_deref(), '_')
            && self.who.is_none_or(|who| entry["who"]["name"] == who)
    }
}

fn is_place(name: &str, server: &Client) -> bool {
    let known = |list: &str| server.get(&format!("/api/v1/{list}/{}", escaped(name))).is_ok();
    known("zones") || known("buildings")
}

/// Whoever reads what we print, as far as the system tells: a file has no end that could go away.
struct Reader(Option<Epoll>);

impl Reader {
    fn new() -> Self {
        let watch = || {
            let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
            epoll.add(stdout().as_fd(), EpollEvent::new(EpollFlags::empty(), 0))?;
            Ok::<_, nix::Error>(epoll)
        };
        Self(watch().ok())
    }

    fn has_gone(&self) -> bool {
        let mut events = [EpollEvent::empty()];
        let errors = EpollFlags::EPOLLERR | EpollFlags::EPOLLHUP;
        self.0.as_ref().is_some_and(|epoll| {
            epoll.wait(&mut events, EpollTimeout::ZERO).is_ok_and(|found| found > 0)
                && events[0].events().intersects(errors)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_wanted_is_wanted_as_in_the_journal() {
        let entry = json!({ "kind": "alarm.raised", "class": "alarm", "source": "10.0.0.7_8" });
        let has = |kind, class, source: Option<&str>| {
            Wanted { kind, class, source: source.map(str::to_owned), who: None }.has(&entry)
        };
        assert!(has(None, None, None));
        assert!(has(Some("alarm"), Some("alarm"), Some("10.0.0.7")));
        assert!(has(Some("alarm.raised"), None, Some("10.0.0.7_8")));
        assert!(!has(Some("al"), None, None));
        assert!(!has(None, Some("trouble"), None));
        assert!(!has(None, None, Some("10.0.0.7_")));
        let none = || Wanted { kind: None, class: None, source: None, who: None };
        assert!(!Wanted { class: Some("alarm"), ..none() }.has(&json!({ "class": null })));
        let by_anna = json!({ "who": { "name": "anna", "origin": "socket" } });
        assert!(Wanted { who: Some("anna"), ..none() }.has(&by_anna));
        assert!(!Wanted { who: Some("ann"), ..none() }.has(&by_anna), "a name is whole");
        assert!(!Wanted { who: Some("anna"), ..none() }.has(&json!({ "who": null })));
    }
}
