//! `/api/v1/alarms`: what is signalled now, and what people do about it.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use poe_building::{Alarm, AlarmId, Class, Order, OrderRefused, Source, State as AlarmState};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::answer::{Answer, Page, ok};
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::Problem;
use crate::request::{self, Path};
use crate::routes::table::Routes;
use crate::routes::v1::refused;
use crate::server::Ordered;
use crate::views::{AlarmView, now};
use crate::words::{ClassWord, SourceKindWord, StateWord, Word};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(Policy::VIEWER, routes!(list))
        .add(Policy::VIEWER, routes!(show))
        .add(Policy::OPERATOR, routes!(acknowledge))
        .add(Policy::OPERATOR, routes!(acknowledge_all))
        .add(Policy::OPERATOR, routes!(silence))
        .add(Policy::OPERATOR, routes!(silence_all))
        .add(Policy::OPERATOR, routes!(reset))
        .add(Policy::OPERATOR, routes!(shelve))
        .add(Policy::OPERATOR, routes!(unshelve))
}

const LIMIT: usize = 1_000;
const LIMIT_MAX: usize = 10_000;

/// Which alarms are meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Only those in this state.
    #[param(value_type = Option<StateWord>)]
    state: Option<Word<AlarmState>>,
    /// Only those of this class.
    #[param(value_type = Option<ClassWord>)]
    class: Option<Word<Class>>,
    /// Only those of this source: a place means everything in it, a node its sensors as well.
    source: Option<String>,
    /// What the source is, where its name could mean several things.
    #[param(value_type = Option<SourceKindWord>)]
    source_kind: Option<SourceKindWord>,
    /// The `next` of the page before, which is the number of the alarm that was told last. The list goes on behind it, whatever
    /// was raised or ended meanwhile; 0 is its beginning.
    after: Option<u64>,
    /// How many at most; 1,000 unless it is given.
    #[param(minimum = 1, maximum = 10000)]
    limit: Option<u64>,
}

/// The alarms that are shown, the most important first: by class, by priority, by age.
#[utoipa::path(get, path = "/api/v1/alarms", tag = "alarms", operation_id = "list_alarms", params(Wanted),
    responses((status = 200, description = "A page of them.", body = Page<AlarmView>)))]
async fn list(State(door): State<Door>, caller: Known, uri: Uri) -> Answer {
    let Wanted { state, class, source, source_kind, after, limit } = request::query(&uri)?;
    let limit = request::limit(limit, LIMIT, LIMIT_MAX)?;
    let directory = door.directory();
    let source = source
        .map(|name| request::source(&name, source_kind.map(SourceKindWord::name), directory.model()))
        .transpose()?;
    let after = after.filter(|id| *id != 0).map(|id| find(&door, &caller, &id.to_string()));
    let after = after.transpose().map_err(|_| gone())?;

    let answer = door.write(move |server, shared| {
        let is_wanted = |alarm: &&Alarm| {
            state.is_none_or(|Word(state)| alarm.state == state)
                && class.is_none_or(|Word(class)| alarm.class == class)
                && source.as_ref().is_none_or(|source| directory.path(&alarm.source).contains(source))
                && caller.sees(&alarm.source, &directory)
        };
        let (board, alarms, now) = (server.board(), shared.glance.alarms(server), now());
        let from = after.map_or(0, |after| alarms.partition_point(|alarm| alarm.rank() <= after.rank()));
        let mut wanted = alarms[from..].iter().filter(is_wanted).peekable();
        let mut items = Vec::new();
        let mut last = None;
        for alarm in wanted.by_ref().take(limit) {
            last = Some(alarm.id.0);
            items.push(AlarmView::new(alarm.clone(), board.is_committed(alarm.id), &directory, now));
        }
        ok(&Page { items, next: last.filter(|_| wanted.peek().is_some()) })
    });
    answer.await?
}

/// The answer to a cursor that means nothing any more.
fn gone() -> Problem {
    Problem::unfit("after", "This alarm is not known any more: begin anew, without `after`.")
}

/// One alarm, also if it has just returned to normal.
#[utoipa::path(get, path = "/api/v1/alarms/{id}", tag = "alarms", operation_id = "show_alarm",
    params(("id" = u64, Path, description = "Its number.")),
    responses((status = 200, description = "The alarm.", body = AlarmView)))]
async fn show(State(door): State<Door>, caller: Known, Path(id): Path<String>) -> Answer {
    let alarm = find(&door, &caller, &id)?;
    let committed = door.server.board().is_committed(alarm.id);
    ok(&AlarmView::new(alarm, committed, &door.directory(), now()))
}

/// Somebody has seen it.
#[utoipa::path(post, path = "/api/v1/alarms/{id}/acknowledge", tag = "alarms",
    operation_id = "acknowledge_alarm", params(("id" = u64, Path, description = "The alarm's number.")),
    responses((status = 200, description = "The alarm, as it is now.", body = AlarmView)))]
async fn acknowledge(
    State(door): State<Door>,
    caller: Known,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    carry_out(&door, &caller, &id, request, Order::Acknowledge).await
}

/// Several alarms.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SeveralAlarms {
    /// The numbers of the alarms that somebody has looked at: what was raised meanwhile is not among them.
    #[schema(min_items = 1, max_items = 1000)]
    alarms: Vec<u64>,
}

/// Somebody has seen these. Those that cannot be acknowledged, or need not be, stay as they are.
#[utoipa::path(post, path = "/api/v1/alarms/acknowledge_all", tag = "alarms",
    operation_id = "acknowledge_alarms", request_body = SeveralAlarms,
    responses((status = 200, description = "Those of them that there are, as they are now.", body = Page<AlarmView>)))]
async fn acknowledge_all(State(door): State<Door>, caller: Known, request: Request) -> Answer {
    of_several(&door, &caller, request, Order::Acknowledge).await
}

/// Its sound ends, and nothing else.
#[utoipa::path(post, path = "/api/v1/alarms/{id}/silence", tag = "alarms", operation_id = "silence_alarm",
    params(("id" = u64, Path, description = "The alarm's number.")),
    responses((status = 200, description = "The alarm, as it is now.", body = AlarmView)))]
async fn silence(
    State(door): State<Door>,
    caller: Known,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    carry_out(&door, &caller, &id, request, Order::Silence).await
}

/// The sound of these ends, and nothing else. Those that cannot be silenced, or need not be, stay as they are.
#[utoipa::path(post, path = "/api/v1/alarms/silence_all", tag = "alarms",
    operation_id = "silence_alarms", request_body = SeveralAlarms,
    responses((status = 200, description = "Those of them that there are, as they are now.", body = Page<AlarmView>)))]
async fn silence_all(State(door): State<Door>, caller: Known, request: Request) -> Answer {
    of_several(&door, &caller, request, Order::Silence).await
}

/// Its latch is released, if the condition is gone.
#[utoipa::path(post, path = "/api/v1/alarms/{id}/reset", tag = "alarms", operation_id = "reset_alarm",
    params(("id" = u64, Path, description = "The alarm's number.")),
    responses((status = 200, description = "The alarm, as it is now.", body = AlarmView)))]
async fn reset(State(door): State<Door>, caller: Known, Path(id): Path<String>, request: Request) -> Answer {
    carry_out(&door, &caller, &id, request, Order::Reset).await
}

/// For how long something is kept quiet, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Shelve {
    /// The building says how many there can be at most.
    #[schema(minimum = 1)]
    minutes: u64,
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// It is kept quiet for a while.
#[utoipa::path(post, path = "/api/v1/alarms/{id}/shelve", tag = "alarms", operation_id = "shelve_alarm",
    params(("id" = u64, Path, description = "The alarm's number.")), request_body = Shelve,
    responses((status = 200, description = "The alarm, as it is now.", body = AlarmView)))]
async fn shelve(State(door): State<Door>, caller: Known, Path(id): Path<String>, request: Request) -> Answer {
    let alarm = meant(&door, &caller, &id)?;
    let Shelve { minutes, reason } = request::json(request).await?;
    let order = Order::Shelve { alarm, span: span_of(minutes), reason: reason.into() };
    settle(&door, &caller, alarm, order).await
}

/// Its shelving ends.
#[utoipa::path(post, path = "/api/v1/alarms/{id}/unshelve", tag = "alarms", operation_id = "unshelve_alarm",
    params(("id" = u64, Path, description = "The alarm's number.")),
    responses((status = 200, description = "The alarm, as it is now.", body = AlarmView)))]
async fn unshelve(
    State(door): State<Door>,
    caller: Known,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    carry_out(&door, &caller, &id, request, Order::Unshelve).await
}

/// So many minutes, which a body may give as any number.
pub(super) fn span_of(minutes: u64) -> Duration {
    Duration::from_secs(minutes.saturating_mul(60))
}

/// The alarm that an order was about, as it is now.
pub(super) fn view(door: &Door, alarm: Alarm, stored: bool) -> AlarmView {
    AlarmView::new(alarm, stored, &door.directory(), now())
}

/// What is no number is the number of no alarm, and what is out of sight does not exist.
fn find(door: &Door, caller: &Known, id: &str) -> Result<Alarm, Problem> {
    let alarm = id.parse().ok().and_then(|id| door.server.board().alarm(AlarmId(id)));
    let is_seen = |source: &Source| caller.sees(source, &door.directory());
    alarm.filter(|alarm| is_seen(&alarm.source)).ok_or_else(unknown)
}

/// The alarm that an order is about. One that there never was is ordered about all the same, by those who see everything: the
/// journal tells of what was refused.
fn meant(door: &Door, caller: &Known, id: &str) -> Result<AlarmId, Problem> {
    match id.parse().map(AlarmId) {
        Ok(id) if caller.reach.is_everywhere() => Ok(id),
        _ => find(door, caller, id).map(|alarm| alarm.id),
    }
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no such alarm, or it returned to normal long ago.")
}

/// An order that needs no words.
async fn carry_out(
    door: &Door,
    caller: &Known,
    id: &str,
    request: Request,
    order: fn(AlarmId) -> Order,
) -> Answer {
    let alarm = meant(door, caller, id)?;
    request::nothing(request).await?;
    settle(door, caller, alarm, order(alarm)).await
}

/// An order about each of several alarms.
async fn of_several(door: &Door, caller: &Known, request: Request, order: fn(AlarmId) -> Order) -> Answer {
    const AT_ONCE_MAX: usize = 1_000;
    let SeveralAlarms { alarms } = request::json(request).await?;
    if !(1..=AT_ONCE_MAX).contains(&alarms.len()) {
        return Err(Problem::unfit("alarms", format!("Give 1 to {AT_ONCE_MAX} alarms.")));
    }
    let mut now_are = Vec::new();
    for id in alarms.into_iter().map(AlarmId) {
        if find(door, caller, &id.to_string()).is_err() {
            continue;
        }
        let stored = match door.order(caller, order(id)).await? {
            Ok(ordered) => ordered.stored,
            Err(_) => door.server.board().is_committed(id),
        };
        now_are.extend(door.server.board().alarm(id).map(|alarm| view(door, alarm, stored)));
    }
    ok(&Page::whole(now_are))
}

async fn settle(door: &Door, caller: &Known, id: AlarmId, order: Order) -> Answer {
    let refused = match door.order(caller, order).await? {
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
