//! Figures about the HTTP clients.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::places::Counts;
use crate::routes::metrics::page::Page;

pub(super) fn write(page: &mut Page<'_>, counts: &Counts, bodies_refused: u64) -> fmt::Result {
    let count = |count: &AtomicU64| count.load(Relaxed);
    page.gauges(
        "poe_http_connections",
        "HTTP clients connected, by the door they came through.",
        "door",
        [("network", count(&counts.network)), ("local", count(&counts.local))],
    )?;
    page.counters(
        "poe_http_refused_total",
        "HTTP clients refused, by reason.",
        "reason",
        [
            ("address_cap", count(&counts.refused_address_cap)),
            ("handshake", count(&counts.refused_handshake)),
            ("followers", count(&counts.refused_followers)),
        ],
    )?;
    page.counter(
        "poe_http_bodies_refused_total",
        "Bodies refused because too many large ones came at a time.",
        bodies_refused,
    )?;
    page.counter(
        "poe_http_displaced_total",
        "Idle HTTP clients closed to make room.",
        count(&counts.displaced),
    )?;
    page.counter(
        "poe_http_stalled_total",
        "HTTP clients cut because they had stopped reading.",
        count(&counts.stalled),
    )
}
