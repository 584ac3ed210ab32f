//! Figures about logins.

use std::fmt;

use crate::accounts::LoginFigures;
use crate::routes::metrics::page::Page;

pub(super) fn write(page: &mut Page<'_>, figures: &LoginFigures) -> fmt::Result {
    page.counter("poe_logins_total", "Sessions that people have begun.", figures.begun)?;
    page.counters(
        "poe_login_failures_total",
        "Logins that failed, by reason.",
        "reason",
        [("password", figures.wrong), ("too_soon", figures.turned_away)],
    )
}
