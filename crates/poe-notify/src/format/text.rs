//! Pages as people read them: the body of an e-mail, of a push message, of a chat line.

use super::{Message, plain, title};
use crate::page::{Page, PageAlarm};
use jiff::{Timestamp, tz::TimeZone};
use poe_building::Time;
use std::fmt::Write as _;

/// Alarms that one page lists; a restart notice may have more, and says so.
const ALARMS_LISTED_MAX: usize = 100;

/// The body, in which a line from outside takes at most `line_max` bytes.
pub(crate) fn body(message: &Message<'_>, line_max: usize) -> String {
    let mut text = String::new();
    match message.pages {
        [page] => single(&mut text, page, line_max),
        pages => {
            _ = writeln!(text, "{}:", message.count());
            for page in pages {
                let summary = plain::clipped(&plain::line(&page.promise.summary), line_max);
                let key = plain::clipped(&plain::line(&page.promise.key), line_max);
                let unsaved = if page.unsaved { ", unsaved: true" } else { "" };
                let at = local(page.promise.promised);
                _ = writeln!(text, "- {at} {}: {summary}\n  (key: {key}{unsaved})", title(page));
            }
        }
    }
    _ = writeln!(text, "\nsite: {}", plain::clipped(&plain::line(message.site), line_max));
    text
}

fn single(text: &mut String, page: &Page, line_max: usize) {
    let promise = &page.promise;
    _ = writeln!(text, "{}: {}", title(page), plain::clipped(&plain::line(&promise.summary), line_max));
    for alarm in page.alarms.iter().take(ALARMS_LISTED_MAX) {
        _ = writeln!(text, "- {}", plain::clipped(&alarm_line(alarm), line_max));
    }
    if let more @ 1.. = page.left_out(ALARMS_LISTED_MAX) {
        _ = writeln!(text, "- and {more} more");
    }
    _ = writeln!(text, "\nreason: {}", promise.reason.name());
    _ = writeln!(text, "promised: {}", local(promise.promised));
    _ = writeln!(text, "key: {}", plain::clipped(&plain::line(&promise.key), line_max));
    if page.unsaved {
        text.push_str("unsaved: true (it could not be written to the disk yet)\n");
    }
}

fn alarm_line(alarm: &PageAlarm) -> String {
    let mut line = alarm.class.name().to_owned();
    match &alarm.source_name {
        Some(name) => _ = write!(line, ": {} ({})", plain::line(name), plain::line(&alarm.source)),
        None => _ = write!(line, ": {}", plain::line(&alarm.source)),
    }
    if let Some(place) = &alarm.place {
        _ = write!(line, ", {}", plain::line(place));
    }
    _ = write!(line, ": {}", plain::line(&alarm.message));
    if let Some(value) = alarm.value {
        let unit = alarm.unit.as_deref().map(plain::line).unwrap_or_default();
        _ = write!(line, ", {}", format!("{value} {unit}").trim_end());
    }
    _ = write!(line, ", {}", alarm.state.name().replace('_', " "));
    if let Some(who) = &alarm.acknowledged_by {
        _ = write!(line, " by {}", plain::line(who));
    }
    _ = write!(line, ", raised {}, rule {}", local(alarm.raised), plain::line(&alarm.rule));
    line
}

/// A time on the clock of the server's zone, with what that is ahead of UTC.
fn local(time: Time) -> String {
    let time = Timestamp::from_microsecond(time.0).unwrap_or(Timestamp::UNIX_EPOCH);
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}
