//! `/api/v1/alarms`: what is signalled now, and what people do about it.

use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri};
use poe_building::{Alarm, AlarmId, Class, Order, OrderRefused, State as AlarmState};

use crate::answer::{Answer, Page, ok};
use crate::door::Door;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::request::{self, Params, one_of};
use crate::routes::v1::refused;
use crate::server::Ordered;
use crate::views::{AlarmView, now};

/// `GET /alarms?state=&class=&source=`: those that are shown, the most important first. A place means everything in it.
pub(super) async fn list(State(door): State<Door>, uri: Uri) -> Answer {
    let mut params = Params::of(&uri)?;
    let state = params.read("state", || one_of(AlarmState::ALL.map(AlarmState::name)))?;
    let class = params.read("class", || one_of(Class::ALL.map(Class::name)))?;
    let (kind, source) = (params.text("source_kind")?, params.text("source")?);
    params.end()?;
    let directory = door.directory();
    let source = source.map(|name| request::source(&name, kind.as_deref(), directory.model())).transpose()?;

    let board = door.server.board();
    let (now, mut alarms) = (now(), board.alarms());
    alarms.retain(|alarm| {
        state.is_none_or(|state| alarm.state == state)
            && class.is_none_or(|class| alarm.class == class)
            && source.as_ref().is_none_or(|source| directory.path(&alarm.source).contains(source))
    });
    ok(&Page::whole(alarms.into_iter().map(|alarm| {
        let committed = board.is_committed(alarm.id);
        AlarmView::new(alarm, committed, &directory, now)
    })))
}

/// `GET /alarms/{id}`: also one that has just returned to normal.
pub(super) async fn show(State(door): State<Door>, Path(id): Path<String>) -> Answer {
    let board = door.server.board();
    let alarm = board.alarm(known(&id)?).ok_or_else(unknown)?;
    let committed = board.is_committed(alarm.id);
    ok(&AlarmView::new(alarm, committed, &door.directory(), now()))
}

/// `POST /alarms/{id}/acknowledge`: somebody has seen it.
pub(super) async fn acknowledge(
    State(door): State<Door>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let id = known(&id)?;
    request::nothing(request).await?;
    carry_out(&door, peer, id, Order::Acknowledge(id)).await
}

/// `POST /alarms/{id}/silence`: its sound ends, and nothing else.
pub(super) async fn silence(
    State(door): State<Door>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let id = known(&id)?;
    request::nothing(request).await?;
    carry_out(&door, peer, id, Order::Silence(id)).await
}

/// `POST /alarms/{id}/reset`: its latch is released, if the condition is gone.
pub(super) async fn reset(
    State(door): State<Door>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let id = known(&id)?;
    request::nothing(request).await?;
    carry_out(&door, peer, id, Order::Reset(id)).await
}

/// `POST /alarms/{id}/shelve {minutes, reason}`: it is kept quiet for a while.
pub(super) async fn shelve(
    State(door): State<Door>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let id = known(&id)?;
    let mut fields = request::fields(request).await?;
    let span = minutes(fields.number("minutes")?);
    let reason = fields.text("reason")?.into();
    fields.end()?;
    carry_out(&door, peer, id, Order::Shelve { alarm: id, span, reason }).await
}

/// `POST /alarms/{id}/unshelve`: its shelving ends.
pub(super) async fn unshelve(
    State(door): State<Door>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let id = known(&id)?;
    request::nothing(request).await?;
    carry_out(&door, peer, id, Order::Unshelve(id)).await
}

/// So many minutes, which a body may give as any number.
pub(super) fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes.saturating_mul(60))
}

/// The alarm that an order was about, as it is now.
pub(super) fn view(door: &Door, alarm: Alarm, stored: bool) -> AlarmView {
    AlarmView::new(alarm, stored, &door.directory(), now())
}

/// What is no number is the number of no alarm.
fn known(id: &str) -> Result<AlarmId, Problem> {
    id.parse().map(AlarmId).map_err(|_| unknown())
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no such alarm, or it returned to normal long ago.")
}

async fn carry_out(door: &Door, peer: Peer, id: AlarmId, order: Order) -> Answer {
    let refused = match door.order(peer, order).await? {
        Ok(Ordered { done, stored }) => {
            let alarm = done.alarm.or_else(|| door.server.board().alarm(id)).ok_or_else(unknown)?;
            return ok(&view(door, alarm, stored));
        }
        Err(refused) => refused,
    };
    let has_ended = || door.server.board().alarm(id).is_some();
    Err(match &refused {
        OrderRefused::NoSuchAlarm(_) if has_ended() => {
            Problem::because(StatusCode::CONFLICT, poe_building::Refusal::Ended.to_string())
        }
        OrderRefused::NoSuchAlarm(_) => unknown(),
        OrderRefused::Unknown { .. } => Problem::new(StatusCode::CONFLICT, "It is not shelved."),
        refused => refused::problem(refused, "reason"),
    })
}
