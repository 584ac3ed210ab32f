//! The other end of the local socket, for programs that ask one thing after the other.
//!
//! ```no_run
//! let server = poe_api::client::Local::at("data/poe.sock");
//! let alarms = server.get("/api/v1/alarms?class=alarm")?;
//! println!("{}", alarms["items"]);
//! # Ok::<(), poe_api::client::ClientError>(())
//! ```

mod connection;
mod error;
mod events;
mod stopped;

pub use error::ClientError;
pub use events::{Event, Events};
pub use stopped::events as events_of_stopped;

use std::path::{Path, PathBuf};
use std::time::Duration;

use hyper::{Method, StatusCode};
use serde_json::Value;

use connection::Connection;

/// A server answers within milliseconds, and an order waits 250 ms for the disk. Longer, and it stands still.
const ANSWERS_WITHIN: Duration = Duration::from_secs(15);

/// A server on this machine, by its socket. Every question has a connection of its own.
#[derive(Debug, Clone)]
pub struct Local {
    path: PathBuf,
}

/// An answer that is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// What it says.
    pub text: String,
    /// Its version, if it has one.
    pub etag: Option<String>,
}

impl Local {
    /// The server whose socket is there.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Local { path: path.into() }
    }

    /// The socket.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks for something. `path` begins with a slash and is escaped where it has to be; see [`escaped`].
    ///
    /// # Errors
    /// No server answers, or it refuses.
    pub fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.json(Method::GET, path, None)
    }

    /// Gives an order, with its fields, if it has any.
    ///
    /// # Errors
    /// No server answers, or it refuses.
    pub fn post(&self, path: &str, fields: Option<&Value>) -> Result<Value, ClientError> {
        self.json(Method::POST, path, fields)
    }

    /// Ends something.
    ///
    /// # Errors
    /// No server answers, or it refuses.
    pub fn delete(&self, path: &str) -> Result<Value, ClientError> {
        self.json(Method::DELETE, path, None)
    }

    /// Asks for a text.
    ///
    /// # Errors
    /// No server answers, or it refuses.
    pub fn get_text(&self, path: &str) -> Result<Text, ClientError> {
        let connection = Connection::open(&self.path)?;
        let answer = connection.ask(Method::GET, path, &[], Vec::new())?;
        let etag = answer.header("etag");
        Ok(Text { text: answer.text()?, etag })
    }

    /// Replaces something by a text; with an `etag` only if it is still that version.
    ///
    /// # Errors
    /// No server answers, or it refuses.
    pub fn put_text(
        &self,
        path: &str,
        content_type: &str,
        text: String,
        etag: Option<&str>,
    ) -> Result<Value, ClientError> {
        let connection = Connection::open(&self.path)?;
        let mut headers = vec![("content-type", content_type)];
        headers.extend(etag.map(|etag| ("if-match", etag)));
        connection.ask(Method::PUT, path, &headers, text.into_bytes())?.json()
    }

    /// Follows what happens, after the entry `seen` if one is given. It goes on until the server ends, or the caller.
    ///
    /// # Errors
    /// No server answers, or it refuses.
    pub fn follow(&self, seen: Option<u64>) -> Result<Events, ClientError> {
        let connection = Connection::open(&self.path)?;
        let seen = seen.map(|seen| seen.to_string());
        let headers: Vec<_> = seen.iter().map(|seen| ("last-event-id", seen.as_str())).collect();
        Ok(Events::new(connection.ask(Method::GET, "/api/v1/live", &headers, Vec::new())?))
    }

    fn json(&self, method: Method, path: &str, fields: Option<&Value>) -> Result<Value, ClientError> {
        let connection = Connection::open(&self.path)?;
        let body = fields.map(Value::to_string).unwrap_or_default();
        let headers: &[_] = if fields.is_some() { &[("content-type", "application/json")] } else { &[] };
        connection.ask(method, path, headers, body.into_bytes())?.json()
    }
}

/// A name as a part of a path, or as a parameter's value.
#[must_use]
pub fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(byte.into()),
            byte => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

/// Whether the status says that what was asked for was done.
fn is_fine(status: StatusCode) -> bool {
    status.is_success()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_where_they_would_mean_something() {
        assert_eq!(escaped("10.0.0.7_3"), "10.0.0.7_3");
        assert_eq!(escaped("room A/1?&é"), "room%20A%2F1%3F%26%C3%A9");
    }
}
