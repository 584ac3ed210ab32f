//! `/api/v1/targets/{name}`: how somebody is reached. Which files hold passwords and secrets can be said, and is never shown.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use poe_building::{
    COMMAND_TIME_LIMIT, Delivery, Email, Item, MailSecurity, Model, Target, Text, Webhook, WebhookFormat,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::answer::Answer;
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::{Problem, ProblemView};
use crate::request::{self, Path, Seconds, maybe};
use crate::routes::table::Routes;
use crate::routes::v1::edit::{Edit, edit, needed_name, same_name, taken};
use crate::routes::v1::versions::{Changed, versioned_unless_known};
use crate::words::{MailSecurityWord, WebhookFormatWord, Word};

const ONE_WAY: &str = "A target is reached in one way: give one of email, webhook and command.";

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(Policy::ENGINEER, routes!(show))
        .add(Policy::ENGINEER, routes!(create))
        .add(Policy::ENGINEER, routes!(replace))
        .add(Policy::ENGINEER, routes!(remove))
}

/// A way to reach somebody: one of `email`, `webhook` and `command`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TargetBody {
    /// Needed for a new one; otherwise it is the path's.
    #[schema(value_type = Option<String>, max_length = 64)]
    name: Option<Text>,
    email: Option<EmailBody>,
    webhook: Option<WebhookBody>,
    command: Option<CommandBody>,
    /// A notification older than this is given up; a day, unless it is given.
    expires_s: Option<Seconds>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EmailBody {
    #[schema(value_type = String)]
    host: Text,
    /// 587 with starttls, 465 with tls and 25 with none, unless it is given.
    port: Option<u16>,
    /// `starttls` unless it is given.
    security: Option<MailSecurityWord>,
    #[schema(value_type = Option<String>)]
    ca_file: Option<Text>,
    #[schema(value_type = Option<String>)]
    user: Option<Text>,
    /// The file that holds the password. It is never shown; left out, it stays as it is, and null clears it.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<String>, write_only)]
    password_file: Option<Option<Text>>,
    #[schema(value_type = String)]
    from: Text,
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 100)]
    to: Vec<Text>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WebhookBody {
    #[schema(value_type = String)]
    url: Text,
    /// `json` unless it is given.
    format: Option<WebhookFormatWord>,
    /// The file that holds the secret. It is never shown; left out, it stays as it is, and null clears it.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<String>, write_only)]
    secret_file: Option<Option<Text>>,
    #[schema(value_type = Option<String>)]
    ca_file: Option<Text>,
}

#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CommandBody {
    /// The program and its arguments; there is no shell.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 64)]
    run: Vec<Text>,
    /// It is ended after this time; 10 s unless it is given.
    limit_s: Option<Seconds>,
}

impl TargetBody {
    fn target(self, name: &str, old: Option<&Target>) -> Result<Target, Problem> {
        let old = old.map(|old| &old.delivery);
        let delivery = match (self.email, self.webhook, self.command) {
            (Some(email), None, None) => Delivery::Email(email.email(old)),
            (None, Some(webhook), None) => Delivery::Webhook(webhook.webhook(old)),
            (None, None, Some(CommandBody { run, limit_s })) => Delivery::Command {
                arguments: run,
                time_limit: limit_s.map_or(COMMAND_TIME_LIMIT, |Seconds(limit)| limit),
            },
            (None, None, None) => return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, ONE_WAY)),
            // The one that is too many.
            (_, _, Some(_)) => return Err(Problem::unfit("command", ONE_WAY)),
            (_, Some(_), _) => return Err(Problem::unfit("webhook", ONE_WAY)),
        };
        let expires: Option<Duration> = self.expires_s.map(|Seconds(span)| span);
        Ok(Target { name: name.into(), delivery, expires })
    }
}

impl EmailBody {
    fn email(self, old: Option<&Delivery>) -> Email {
        let security = self.security.map_or(MailSecurity::StartTls, |Word(security)| security);
        let kept = || match old {
            Some(Delivery::Email(old)) => old.password_file.clone(),
            _ => None,
        };
        Email {
            host: self.host,
            port: self.port.unwrap_or(security.port()),
            security,
            ca_file: self.ca_file,
            user: self.user,
            password_file: self.password_file.unwrap_or_else(kept),
            from: self.from,
            to: self.to,
        }
    }
}

impl WebhookBody {
    fn webhook(self, old: Option<&Delivery>) -> Webhook {
        let kept = || match old {
            Some(Delivery::Webhook(old)) => old.secret_file.clone(),
            _ => None,
        };
        Webhook {
            url: self.url,
            format: self.format.map_or(WebhookFormat::Json, |Word(format)| format),
            secret_file: self.secret_file.unwrap_or_else(kept),
            ca_file: self.ca_file,
        }
    }
}

/// How somebody is reached, without the files that hold secrets.
#[derive(Debug, Serialize, ToSchema)]
struct TargetSettings {
    #[schema(value_type = String)]
    name: Text,
    email: Option<EmailView>,
    webhook: Option<WebhookView>,
    command: Option<CommandBody>,
    expires_s: Option<Seconds>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EmailSettings)]
struct EmailView {
    #[schema(value_type = String)]
    host: Text,
    port: u16,
    security: MailSecurityWord,
    #[schema(value_type = Option<String>)]
    ca_file: Option<Text>,
    #[schema(value_type = Option<String>)]
    user: Option<Text>,
    /// Whether a file with a password is named.
    has_password: bool,
    #[schema(value_type = String)]
    from: Text,
    #[schema(value_type = Vec<String>)]
    to: Vec<Text>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookSettings)]
struct WebhookView {
    #[schema(value_type = String)]
    url: Text,
    format: WebhookFormatWord,
    /// Whether a file with a secret is named.
    has_secret: bool,
    #[schema(value_type = Option<String>)]
    ca_file: Option<Text>,
}

impl From<&Target> for TargetSettings {
    fn from(Target { name, delivery, expires }: &Target) -> Self {
        let (mut email, mut webhook, mut command) = (None, None, None);
        match delivery.clone() {
            Delivery::Email(Email { host, port, security, ca_file, user, password_file, from, to }) => {
                let has_password = password_file.is_some();
                let security = Word(security);
                email = Some(EmailView { host, port, security, ca_file, user, has_password, from, to });
            }
            Delivery::Webhook(Webhook { url, format, secret_file, ca_file }) => {
                let has_secret = secret_file.is_some();
                webhook = Some(WebhookView { url, format: Word(format), has_secret, ca_file });
            }
            Delivery::Command { arguments, time_limit } => {
                command = Some(CommandBody { run: arguments, limit_s: Some(Seconds(time_limit)) });
            }
        }
        TargetSettings { name: name.clone(), email, webhook, command, expires_s: expires.map(Seconds) }
    }
}

/// How somebody is reached. The ETag is the version of all that people say about the building.
#[utoipa::path(get, path = "/api/v1/targets/{name}", tag = "targets", operation_id = "show_target",
    params(("name" = String, Path, description = "Its name."),
        ("If-None-Match" = Option<String>, Header, description = "The ETag that you have.")),
    responses(
        (status = 200, description = "It.", body = TargetSettings,
            headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 304, description = "You have it."),
    ))]
async fn show(State(door): State<Door>, Path(name): Path<String>, headers: HeaderMap) -> Answer {
    let model = door.server.board().model();
    let at = find(&model, &name)?;
    Ok(versioned_unless_known(&headers, model.version, &TargetSettings::from(&model.targets[at])))
}

/// Adds a target.
#[utoipa::path(post, path = "/api/v1/targets", tag = "targets", operation_id = "create_target",
    params(("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = TargetBody,
    responses(
        (status = 201, description = "There it is.", body = Changed, headers(
            ("ETag" = String, description = "The building's version, in quotes."),
            ("Location" = String, description = "Where it is."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn create(State(door): State<Door>, caller: Known, headers: HeaderMap, request: Request) -> Answer {
    let body: TargetBody = request::json(request).await?;
    let name = needed_name(body.name.clone())?;
    let path = format!("/api/v1/targets/{name}");
    let change = move |model: &mut Model| -> Edit {
        if model.targets.iter().any(|known| known.name == name) {
            return Err(taken("target", &name));
        }
        let new = body.clone().target(&name, None)?;
        model.targets.push(new);
        Ok(Some(Item::Target(model.targets.len() - 1)))
    };
    let (version, ordered) = edit(&door, &caller, &headers, change).await?;
    Ok(Changed::created(version, ordered, &path))
}

/// All that is said of a target becomes this, but for the files with secrets, which stay unless they are said.
#[utoipa::path(put, path = "/api/v1/targets/{name}", tag = "targets", operation_id = "replace_target",
    params(("name" = String, Path, description = "Its name."), ("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = TargetBody,
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
    let body: TargetBody = request::json(request).await?;
    same_name(body.name.as_deref(), &name)?;
    let change = move |model: &mut Model| -> Edit {
        let at = find(model, &name)?;
        model.targets[at] = body.clone().target(&name, Some(&model.targets[at]))?;
        Ok(Some(Item::Target(at)))
    };
    let (version, ordered) = edit(&door, &caller, &headers, change).await?;
    Ok(Changed::answer(version, ordered))
}

/// Removes a target that is in no group any more.
#[utoipa::path(delete, path = "/api/v1/targets/{name}", tag = "targets", operation_id = "remove_target",
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
        model.targets.remove(at);
        Ok(None)
    };
    let (version, ordered) = edit(&door, &caller, &headers, change).await?;
    Ok(Changed::answer(version, ordered))
}

fn find(model: &Model, name: &str) -> Result<usize, Problem> {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "There is no target of this name.");
    model.targets.iter().position(|known| *known.name == *name).ok_or_else(unknown)
}
