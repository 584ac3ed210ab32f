//! What the folder of a stopped server tells.

use std::path::Path;
use std::sync::Arc;

use axum::http::Uri;
use poe_building::{Access, Directory, Token};
use poe_store::{JournalReader, read_model};
use serde::Serialize;
use serde_json::Value;

use crate::answer::Page;
use crate::client::ClientError;
use crate::journal::Question;
use crate::request;
use crate::views::{TokenView, UserView};

/// Answers a path under `/api/v1/events` from a data folder, as a server would.
///
/// # Errors
/// The journal cannot be read, or what is asked makes no sense.
pub fn events(folder: &Path, path: &str) -> Result<Value, ClientError> {
    let uri: Uri = path.parse().map_err(|_| ClientError::Broken(format!("{path:?} is no path")))?;
    let model = read_model(folder)?;
    let question = Question::of(request::query(&uri)?, &model)?;
    let directory = Directory::new(Arc::new(model));
    let page = question.ask(&JournalReader::open(folder)?, &directory, |_| true, |_| None)?;
    Ok(written(&page))
}

/// The users, as a server lists them.
#[must_use]
pub fn users(access: &Access) -> Value {
    written(&Page::whole(access.users().map(|user| UserView::from(&**user))))
}

/// The tokens, as a server lists them.
#[must_use]
pub fn tokens(access: &Access) -> Value {
    written(&Page::whole(access.tokens().map(|token| TokenView::from(&**token))))
}

/// A token, as a server shows it.
#[must_use]
pub fn token(token: &Token) -> Value {
    written(&TokenView::from(token))
}

fn written(view: &impl Serialize) -> Value {
    serde_json::to_value(view).expect("views have texts for keys, and nothing in them refuses")
}
