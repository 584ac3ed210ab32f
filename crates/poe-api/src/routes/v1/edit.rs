//! One change of what people say about the building. All of it is one model: it is read, changed, looked at, and put in
//! force as a whole, if nobody else was faster.

use std::mem::discriminant;
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use poe_building::{Item, Model, Order, OrderRefused};
use tokio::time::sleep;

use crate::auth::Known;
use crate::door::Door;
use crate::problem::Problem;
use crate::request::if_match;
use crate::routes::v1::versions::{LOOK_AGAIN, TRIES, still_unseen};
use crate::routes::v1::{refused, trust};
use crate::server::{Ordered, Server};

/// What a change comes to: the item that it is about, if it is still there, by which a problem finds its field.
pub(super) type Edit = Result<Option<Item>, Problem>;

/// Changes the model, and tells which version it has become. With `If-Match`, only from that version; without, from
/// whichever is in force.
pub(super) async fn edit(
    door: &Door,
    caller: &Known,
    headers: &HeaderMap,
    change: impl Fn(&mut Model) -> Edit + Send + Sync + 'static,
) -> Result<(u64, Ordered), Problem> {
    let wanted = if_match(headers, door.server.board().model().version)?;
    let change = Arc::new(change);
    for _ in 0..TRIES {
        let change = Arc::clone(&change);
        let edited = door.work(move |server, _| edited(server, wanted, &*change)).await??;
        if let Some((model, from)) = edited {
            trust::check(caller, &door.server.board().model(), &model)?;
            let order = Order::SetModel { model: Box::new(model), from_version: Some(from) };
            match door.order(caller, order).await? {
                Ok(ordered) => return Ok((from + 1, ordered)),
                Err(OrderRefused::ModelChanged { .. }) if wanted.is_none() => {}
                Err(refused) => return Err(refused::problem(&refused, "building")),
            }
        }
        sleep(LOOK_AGAIN).await;
    }
    Err(still_unseen(wanted))
}

/// The model with the change, and the version that it was made from; nothing, while what is shown is older than what
/// somebody wants to change.
fn edited(
    server: &dyn Server,
    wanted: Option<u64>,
    change: &dyn Fn(&mut Model) -> Edit,
) -> Result<Option<(Model, u64)>, Problem> {
    let model = server.board().model();
    let version = model.version;
    match wanted {
        Some(wanted) if wanted > version => return Ok(None),
        Some(wanted) if wanted < version => {
            return Err(refused::problem(&OrderRefused::ModelChanged { version }, "building"));
        }
        _ => {}
    }
    let mut model = Model::clone(&model);
    let about = change(&mut model)?;
    let problems = model.check();
    if problems.is_empty() { Ok(Some((model, version))) } else { Err(unfit(&model, &problems, about)) }
}

/// What is wrong with the model, and with which field: of several the first, in whose words it is told.
fn unfit(model: &Model, problems: &[poe_building::Problem], about: Option<Item>) -> Problem {
    let is_own = |problem: &poe_building::Problem| Some(problem.item) == about;
    let own = problems.iter().find(|problem| is_own(problem) && !problem.field.is_empty());
    let is_elsewhere = |field: &str| !field.is_empty() && own.is_some_and(|own| own.field != field);
    let errors = problems.iter().map(|problem| match (problem.field, &problem.what) {
        (_, what) if !is_own(problem) => format!("{}: {what}", called(model, problem.item)),
        (field, what) if is_elsewhere(field) => format!("{field}: {what}"),
        (_, what) => what.clone(),
    });
    let errors: Vec<String> = errors.collect();
    let unfit = match (&errors[..], own) {
        ([only], _) => Problem::because(StatusCode::UNPROCESSABLE_ENTITY, only.clone()),
        (_, Some(own)) => Problem::because(StatusCode::UNPROCESSABLE_ENTITY, own.what.clone()),
        _ => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "The building would contradict itself."),
    };
    // All was well before: where another of its kind is at fault now, as when no group is told first any more, it is so by
    // what this one says in that field.
    let kind = about.as_ref().map(discriminant);
    let alike = || problems.iter().find(|it| kind == Some(discriminant(&it.item)) && !it.field.is_empty());
    match own.or_else(alike) {
        Some(problem) => unfit.of(problem.field).with_errors(errors),
        None => unfit.with_errors(errors),
    }
}

/// What people call an item.
fn called(model: &Model, item: Item) -> String {
    match item {
        Item::Site => format!("site {}", model.site),
        Item::Place(at) => format!("place {}", model.places[at].name),
        Item::Switch(at) => format!("switch {}", model.switches[at].name),
        Item::Node(at) => format!("node {}", model.nodes[at].address),
        Item::Sensor(at) => format!("sensor {}", model.sensors[at].key),
        Item::Rule(at) => format!("rule {}", model.rules[at].rule),
        Item::Target(at) => format!("target {}", model.targets[at].name),
        Item::Group(at) => format!("group {}", model.groups[at].name),
        Item::Heartbeat => "heartbeat".to_owned(),
    }
}

/// The refusal of a second one of the same name.
pub(super) fn taken(what: &'static str, name: &str) -> Problem {
    refused::problem(&OrderRefused::Taken { what, name: name.into() }, "name").of("name")
}

/// Refuses a name in the body that is not that of the path: everything refers to things by their names.
pub(super) fn same_name(said: Option<&str>, name: &str) -> Result<(), Problem> {
    match said {
        Some(said) if said != name => {
            Err(Problem::unfit("name", "A name cannot be changed: add another, and remove this one."))
        }
        _ => Ok(()),
    }
}

/// The name of something new.
pub(super) fn needed_name(said: Option<poe_building::Text>) -> Result<poe_building::Text, Problem> {
    said.ok_or_else(|| Problem::unfit("name", "This field is needed."))
}
