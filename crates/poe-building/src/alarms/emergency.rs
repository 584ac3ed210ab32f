//! What people raise by hand: nothing keeps it quiet but a shelf of its own, and every report is told.

use super::{
    Alarms,
    orders::{Done, OrderRefused, fit_text},
};
use crate::{Emergency, Moment, Source, Text, Who};
use std::sync::Arc;

impl Alarms {
    pub(super) fn emergency(
        &mut self,
        kind: Emergency,
        place: Text,
        note: &str,
        who: &Who,
        now: Moment,
    ) -> Result<Done, OrderRefused> {
        if !self.book.has_place(&place) {
            return Err(OrderRefused::Unknown { what: "zone or other place", name: place });
        }
        fit_text(note)?;
        let source = Source::Place(place);
        let by = format!("{}, raised by {}", kind.message(), who.name);
        let text = if note.is_empty() { by } else { format!("{by}: {note}") };
        let text: Text = text.into();
        // Where it is raised already, this is a report of its own.
        let known = self.find(&source, kind.rule()).filter(|alarm| alarm.state.is_unacknowledged());
        if let Some(id) = known.map(|alarm| alarm.id) {
            self.own_condition(&source, kind.rule(), true, Some(Arc::clone(&text)), now);
            self.raise_again(id, &text, now);
        } else {
            self.own_condition(&source, kind.rule(), false, None, now);
            self.own_condition(&source, kind.rule(), true, Some(text), now);
        }
        if let Some(shelf) = self.shelf_of(&source, &kind.rule().into()) {
            self.unsuppress(shelf, Some(who), "reported by hand", now);
        }
        let alarm = self.find(&source, kind.rule()).cloned();
        Ok(self.done(alarm))
    }
}
