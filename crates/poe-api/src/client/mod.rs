//! The other end of the local socket and of the network's door, for programs that ask one thing after the other.
//!
//! ```no_run
//! let server = poe_api::client::Client::local("data/poe.sock");
//! let alarms = server.get("/api/v1/alarms?class=alarm")?;
//! println!("{}", alarms["items"]);
//! # Ok::<(), poe_api::client::ClientError>(())
//! ```

mod connection;
mod download;
mod error;
mod events;
mod kept;
mod remote;
mod stopped;
mod token;

pub use download::Download;
pub use error::ClientError;
pub use events::{Event, Events};
pub use remote::{Access, AccessError};
pub use stopped::{
    events as events_of_stopped, token as token_of_stopped, tokens as tokens_of_stopped,
    users as users_of_stopped,
};
pub use token::Token;

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use serde_json::Value;

use connection::{Answer, Connection, Way, Whole};
use kept::Kept;
use remote::Remote;

/// A server answers within milliseconds, and an order waits 250 ms for the disk. Longer, and it stands still.
const ANSWERS_WITHIN: Duration = Duration::from_secs(15);

/// A server, on this machine or in the network. Questions that follow each other closely share a connection.
///
/// Redirections are not followed: a server is where it was said to be.
#[derive(Debug, Clone)]
pub struct Client {
    way: Way,
    headers: Vec<(String, String)>,
    kept: Kept,
    answers_within: Duration,
}

/// An answer that is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// What it says.
    pub text: String,
    /// Its version, if it has one.
    pub etag: Option<String>,
}

impl Client {
    /// The server of this machine whose socket is there.
    pub fn local(path: impl Into<PathBuf>) -> Self {
        Self::by(Way::Local(path.into()))
    }

    /// The server at an address such as `https://poe.example:8443`.
    ///
    /// # Errors
    /// The address makes no sense, the authority's certificate cannot be used, or a token would be sent in the clear.
    pub fn remote(url: &str, access: Access) -> Result<Self, AccessError> {
        Ok(Self::by(Way::Remote(Box::new(Remote::new(url, access)?))))
    }

    fn by(way: Way) -> Self {
        Client { way, headers: Vec::new(), kept: Kept::default(), answers_within: ANSWERS_WITHIN }
    }

    /// The same server, to which each question is sent with one more header, such as `If-Match` or `Idempotency-Key`.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
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

    /// Replaces something by these fields.
    ///
    /// # Errors
    /// No server answers, or it refuses.
    pub fn put(&self, path: &str, fields: &Value) -> Result<Value, ClientError> {
        self.json(Method::PUT, path, Some(fields))
    }

    /// Changes these fields of something.
    ///
    /// # Errors
    /// No server answers, or it refuses.
    pub fn patch(&self, path: &str, fields: &Value) -> Result<Value, ClientError> {
        self.json(Method::PATCH, path, Some(fields))
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
        let answer = self.ask(Method::GET, path, None)?;
        let etag = answer.header("etag");
        Ok(Text { text: answer.text()?, etag })
    }

    /// Asks for something large, which the server may need this long to make.
    ///
    /// # Errors
    /// No server answers, or it refuses.
    pub fn download(&self, path: &str, within: Duration) -> Result<Download, ClientError> {
        let client = Client { answers_within: within, ..self.clone() };
        Ok(Download::new(client.ask(Method::GET, path, None)?))
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
        let body = Some((content_type, text));
        match etag {
            Some(etag) => self.with_header("if-match", etag).ask(Method::PUT, path, body)?.json(),
            None => self.ask(Method::PUT, path, body)?.json(),
        }
    }

    /// Sends a file, which the server may need this long to take.
    ///
    /// # Errors
    /// The file cannot be read, no server answers, or it refuses.
    pub fn upload(
        &self,
        path: &str,
        content_type: &str,
        file: File,
        within: Duration,
    ) -> Result<Value, ClientError> {
        let client = Client { answers_within: within, ..self.clone() };
        let body = Whole::file(file).map_err(|error| ClientError::Broken(error.to_string()))?;
        client.send(Method::POST, path, Some(content_type), body)?.json()
    }

    /// Follows what happens, after the entry `seen` if one is given: the journal and the alarms. It goes on until the
    /// server ends, or the caller.
    ///
    /// # Errors
    /// No server answers, or it refuses.
    pub fn follow(&self, seen: Option<u64>) -> Result<Events, ClientError> {
        self.follow_some("kind=alarm,event", seen)
    }

    /// Follows what these parameters of `/api/v1/live` ask for, such as `kind=reading&zone=kitchen,hall`; everything, if there
    /// are none.
    ///
    /// # Errors
    /// No server answers, or it refuses.
    pub fn follow_some(&self, parameters: &str, seen: Option<u64>) -> Result<Events, ClientError> {
        let path = format!("/api/v1/live?{parameters}");
        let answer = match seen {
            Some(seen) => {
                self.with_header("last-event-id", &seen.to_string()).ask(Method::GET, &path, None)?
            }
            None => self.ask(Method::GET, &path, None)?,
        };
        Ok(Events::new(answer))
    }

    fn json(&self, method: Method, path: &str, fields: Option<&Value>) -> Result<Value, ClientError> {
        let body = fields.map(|fields| ("application/json", fields.to_string()));
        self.ask(method, path, body)?.json()
    }

    fn ask(&self, method: Method, path: &str, body: Option<(&str, String)>) -> Result<Answer, ClientError> {
        let (content_type, text) = body.unzip();
        self.send(method, path, content_type, Whole::new(text.unwrap_or_default().into_bytes()))
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        content_type: Option<&str>,
        body: Whole,
    ) -> Result<Answer, ClientError> {
        let host = match &self.way {
            Way::Local(_) => "localhost",
            Way::Remote(remote) => &remote.authority,
        };
        let mut question = Request::builder().method(method).uri(path).header(HOST, host);
        if let Way::Remote(remote) = &self.way
            && let Some(token) = &remote.token
        {
            question = question.header(AUTHORIZATION, token.header());
        }
        for (name, value) in &self.headers {
            question = question.header(name, value);
        }
        if let Some(content_type) = content_type {
            question = question.header(CONTENT_TYPE, content_type);
        }
        let question = question.body(body).map_err(|error| ClientError::Broken(error.to_string()))?;
        let connection = match self.kept.take() {
            Some(connection) => connection,
            None => Connection::open(&self.way)?,
        };
        connection.ask(question, &self.kept, self.answers_within)
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
