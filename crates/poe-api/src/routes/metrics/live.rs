//! Figures about those who follow what happens.

use std::fmt;

use crate::live::LiveFigures;
use crate::routes::metrics::page::Page;

pub(super) fn write(page: &mut Page<'_>, figures: LiveFigures) -> fmt::Result {
    let LiveFigures { clients, fallen_behind } = figures;
    page.gauge("poe_live_clients", "Clients that follow what happens.", clients)?;
    page.counter(
        "poe_live_lagging_total",
        "How often a client that follows read too slowly, and was told the newest state instead.",
        fallen_behind,
    )
}
