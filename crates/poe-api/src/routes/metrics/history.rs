//! Figures about the history.

use std::fmt;

use crate::routes::metrics::page::Page;
use crate::server::HistoryFigures;

pub(super) fn write(page: &mut Page<'_>, figures: &HistoryFigures) -> fmt::Result {
    let stored = &figures.stored;
    page.counter("poe_history_readings_total", "Readings added to the history.", figures.readings)?;
    page.counter("poe_history_log_bytes_total", "Bytes that they took in its log.", figures.log_bytes)?;
    page.counter(
        "poe_history_left_out_total",
        "Readings that are missing in the history, since the disk stood still for too long.",
        figures.left_out,
    )?;
    page.gauge(
        "poe_history_failing",
        "Whether the history takes no readings: 1, or 0.",
        u64::from(figures.failing),
    )?;
    page.gauge(
        "poe_history_memory_bytes",
        "Memory of readings that wait for a commit.",
        figures.bytes_in_memory,
    )?;
    page.gauge("poe_history_batches_waiting", "Batches that wait to be sealed.", stored.batches_waiting)?;
    page.gauge("poe_history_readings_waiting", "Readings in them.", stored.readings_waiting)?;
    page.gauge("poe_history_waiting_bytes", "Size of the log that holds them.", stored.bytes_waiting)?;
    page.gauge(
        "poe_history_sealing_lag_seconds",
        "How long the oldest of them has waited.",
        stored.sealing_lag_s,
    )?;
    page.gauge("poe_history_readings_sealed", "Readings in files.", stored.readings_sealed)?;
    page.gauges(
        "poe_history_bytes",
        "Size of the files.",
        "level",
        [("readings", stored.raw_bytes), ("rollups", stored.rollup_bytes)],
    )?;
    page.gauge("poe_history_files", "How many files there are.", stored.files)?;
    page.gauge("poe_history_damaged_files", "Files set aside since they are damaged.", stored.damaged_files)?;
    page.gauge(
        "poe_history_bytes_per_reading",
        "Bytes on disk for each reading in a file, roll-ups included; 0, where there is none.",
        stored.bytes_per_reading().unwrap_or_default(),
    )
}
