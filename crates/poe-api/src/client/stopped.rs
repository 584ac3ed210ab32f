//! What the folder of a stopped server tells.

use std::path::Path;

use axum::http::Uri;
use poe_store::{JournalReader, read_model};
use serde_json::Value;

use crate::client::ClientError;
use crate::journal::Question;
use crate::request;

/// Answers a path under `/api/v1/events` from a data folder, as a server would.
///
/// # Errors
/// The journal cannot be read, or what is asked makes no sense.
pub fn events(folder: &Path, path: &str) -> Result<Value, ClientError> {
    let uri: Uri = path.parse().map_err(|_| ClientError::Broken(format!("{path:?} is no path")))?;
    let model = read_model(folder)?;
    let question = Question::of(request::query(&uri)?, &model)?;
    let page = question.ask(&JournalReader::open(folder)?, |_| true, |_| None)?;
    Ok(serde_json::to_value(&page).expect("views have texts for keys, and nothing in them refuses"))
}
