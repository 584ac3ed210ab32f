//! The prompt `POE-TERM`.

use poe::Sys;
use std::{io, sync::Arc};

#[derive(Clone, Default)]
pub(crate) struct Printer;

impl<'a> tracing_subscriber::fmt::MakeWriter<'a> for Printer {
    type Writer = io::Stderr;
    fn make_writer(&'a self) -> io::Stderr {
        io::stderr()
    }
}

pub(crate) fn start(_sys: Arc<Sys>, _printer: Printer) -> io::Result<()> {
    Ok(())
}
