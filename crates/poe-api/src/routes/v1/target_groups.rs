//! `/api/v1/target_groups`: who is told together, of what, where and when.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use poe_building::{Class, Hours, Item, Model, Role, TargetGroup, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::answer::{Answer, Page};
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::{Problem, ProblemView};
use crate::request::{self, PartOfList, Path};
use crate::routes::table::Routes;
use crate::routes::v1::edit::{Edit, edit, needed_name, same_name, taken};
use crate::routes::v1::versions::{Changed, versioned_unless_known};
use crate::words::{ClassWord, Word};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(Policy::Everywhere(Role::Viewer), routes!(list))
        .add(Policy::Everywhere(Role::Viewer), routes!(show))
        .add(Policy::ENGINEER, routes!(create))
        .add(Policy::ENGINEER, routes!(replace))
        .add(Policy::ENGINEER, routes!(remove))
}

/// Targets that are told together.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GroupBody {
    /// Needed for a new one; otherwise it is the path's.
    #[schema(value_type = Option<String>, max_length = 64)]
    name: Option<Text>,
    /// 1 is told first, and unless it is given.
    #[schema(minimum = 1, maximum = 9)]
    level: Option<u8>,
    #[schema(value_type = Vec<String>, min_items = 1)]
    targets: Vec<Text>,
    /// Which signals; all of them unless they are given.
    classes: Option<Vec<ClassWord>>,
    /// Where, with everything in it; everywhere unless it is given.
    #[schema(value_type = Option<Vec<String>>)]
    places: Option<Vec<Text>>,
    /// When, such as `mon-fri 07:00-18:00`; always unless it is given.
    hours: Option<Vec<String>>,
}

impl GroupBody {
    fn group(self, name: &str, _: Option<&TargetGroup>) -> Result<TargetGroup, Problem> {
        let hours = self.hours.unwrap_or_default().into_iter().enumerate().map(|(at, hours)| {
            let why = "Write a time of the week like mon-fri 07:00-18:00.";
            hours.parse::<Hours>().map_err(|_| Problem::unfit(format!("hours[{at}]"), why))
        });
        let classes = self.classes.map(|classes| classes.into_iter().map(|Word(class)| class).collect());
        Ok(TargetGroup {
            name: name.into(),
            level: self.level.unwrap_or(1),
            targets: self.targets,
            classes: classes.unwrap_or_else(|| Class::ALL.to_vec()),
            places: self.places.unwrap_or_default(),
            hours: hours.collect::<Result<_, _>>()?,
        })
    }
}

/// Targets that are told together, with what they are told of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TargetGroup)]
struct GroupView {
    #[schema(value_type = String)]
    name: Text,
    level: u8,
    #[schema(value_type = Vec<String>)]
    targets: Vec<Text>,
    classes: Vec<ClassWord>,
    /// None: everywhere.
    #[schema(value_type = Vec<String>)]
    places: Vec<Text>,
    /// None: always.
    hours: Vec<String>,
}

impl From<&TargetGroup> for GroupView {
    fn from(group: &TargetGroup) -> Self {
        GroupView {
            name: group.name.clone(),
            level: group.level,
            targets: group.targets.clone(),
            classes: group.classes.iter().copied().map(Word).collect(),
            places: group.places.clone(),
            hours: group.hours.iter().map(Hours::to_string).collect(),
        }
    }
}

/// The groups, in the order in which people describe them. The ETag is the version of all that people say about the building.
#[utoipa::path(get, path = "/api/v1/target_groups", tag = "targets", operation_id = "list_target_groups",
    params(PartOfList, ("If-None-Match" = Option<String>, Header, description = "The ETag that you have.")),
    responses(
        (status = 200, description = "All of them, or a page of them.", body = Page<GroupView>,
            headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 304, description = "You have it."),
    ))]
async fn list(State(door): State<Door>, uri: Uri, headers: HeaderMap) -> Answer {
    let part = PartOfList::of(&uri)?;
    let model = door.server.board().model();
    let page = part.page(model.groups.iter().map(GroupView::from));
    Ok(versioned_unless_known(&headers, model.version, &page))
}

/// A group. The ETag is the version of all that people say about the building.
#[utoipa::path(get, path = "/api/v1/target_groups/{name}", tag = "targets", operation_id = "show_target_group",
    params(("name" = String, Path, description = "Its name."),
        ("If-None-Match" = Option<String>, Header, description = "The ETag that you have.")),
    responses(
        (status = 200, description = "It.", body = GroupView,
            headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 304, description = "You have it."),
    ))]
async fn show(State(door): State<Door>, Path(name): Path<String>, headers: HeaderMap) -> Answer {
    let model = door.server.board().model();
    let at = find(&model, &name)?;
    Ok(versioned_unless_known(&headers, model.version, &GroupView::from(&model.groups[at])))
}

/// Adds a group.
#[utoipa::path(post, path = "/api/v1/target_groups", tag = "targets", operation_id = "create_target_group",
    params(("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = GroupBody,
    responses(
        (status = 201, description = "There it is.", body = Changed, headers(
            ("ETag" = String, description = "The building's version, in quotes."),
            ("Location" = String, description = "Where it is."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn create(State(door): State<Door>, caller: Known, headers: HeaderMap, request: Request) -> Answer {
    let body: GroupBody = request::json(request).await?;
    let name = needed_name(body.name.clone())?;
    let path = format!("/api/v1/target_groups/{name}");
    let change = move |model: &mut Model| -> Edit {
        if model.groups.iter().any(|known| known.name == name) {
            return Err(taken("group", &name));
        }
        let new = body.clone().group(&name, None)?;
        model.groups.push(new);
        Ok(Some(Item::Group(model.groups.len() - 1)))
    };
    let (version, ordered) = edit(&door, &caller, &headers, change).await?;
    Ok(Changed::created(version, ordered, &path))
}

/// All that is said of a group becomes this.
#[utoipa::path(put, path = "/api/v1/target_groups/{name}", tag = "targets", operation_id = "replace_target_group",
    params(("name" = String, Path, description = "Its name."), ("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = GroupBody,
    responses(
        (status = 200, description = "It is in force.", body = Changed, headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn replace(
    State(door): State<Door>,
    caller: Known,
    Path(name): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let body: GroupBody = request::json(request).await?;
    same_name(body.name.as_deref(), &name)?;
    let change = move |model: &mut Model| -> Edit {
        let at = find(model, &name)?;
        model.groups[at] = body.clone().group(&name, Some(&model.groups[at]))?;
        Ok(Some(Item::Group(at)))
    };
    let (version, ordered) = edit(&door, &caller, &headers, change).await?;
    Ok(Changed::answer(version, ordered))
}

/// Removes a group. Its targets stay.
#[utoipa::path(delete, path = "/api/v1/target_groups/{name}", tag = "targets", operation_id = "remove_target_group",
    params(("name" = String, Path, description = "Its name."), ("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    responses(
        (status = 200, description = "It is gone.", body = Changed, headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn remove(
    State(door): State<Door>,
    caller: Known,
    Path(name): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    request::nothing(request).await?;
    let change = move |model: &mut Model| -> Edit {
        let at = find(model, &name)?;
        model.groups.remove(at);
        Ok(None)
    };
    let (version, ordered) = edit(&door, &caller, &headers, change).await?;
    Ok(Changed::answer(version, ordered))
}

fn find(model: &Model, name: &str) -> Result<usize, Problem> {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "There is no group of this name.");
    model.groups.iter().position(|known| *known.name == *name).ok_or_else(unknown)
}
