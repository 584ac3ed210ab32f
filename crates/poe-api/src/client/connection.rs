//! One question over one connection, and its answer.

use std::io::ErrorKind;
use std::path::Path;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::HOST;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::Value;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::net::UnixStream;
use tokio::runtime::{self, Runtime};
use tokio::time::timeout;

use crate::client::{ANSWERS_WITHIN, ClientError, is_fine};

/// A connection and the small runtime that drives it.
pub(super) struct Connection {
    runtime: Runtime,
    sender: SendRequest<Whole>,
}

/// The head of an answer, whose body has still to come.
pub(super) struct Answer {
    runtime: Runtime,
    response: Response<Incoming>,
    /// Dropped, it would close the connection.
    _sender: SendRequest<Whole>,
}

impl Connection {
    pub(super) fn open(path: &Path) -> Result<Self, ClientError> {
        let unreachable = |cause: std::io::Error| match cause.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
                ClientError::NoServer { path: path.to_owned() }
            }
            _ => ClientError::Unreachable { path: path.to_owned(), cause },
        };
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(unreachable)?;
        let sender = runtime.block_on(async {
            let stream = UnixStream::connect(path).await.map_err(unreachable)?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
            tokio::spawn(connection);
            Ok::<_, ClientError>(sender)
        })?;
        Ok(Connection { runtime, sender })
    }

    /// Asks, and waits for the head of the answer. A refusal is an error.
    pub(super) fn ask(
        mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, ClientError> {
        let mut request = Request::builder().method(method).uri(path).header(HOST, "localhost");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(Whole(Some(Bytes::from(body))))
            .map_err(|error| ClientError::Broken(error.to_string()))?;
        let asked = self.runtime.block_on(async {
            let answer = timeout(ANSWERS_WITHIN, self.sender.send_request(request));
            answer.await.map_err(|_| silent())?.map_err(broken)
        });
        let answer = Answer { response: asked?, runtime: self.runtime, _sender: self.sender };
        let status = answer.response.status();
        if is_fine(status) {
            return Ok(answer);
        }
        let text = answer.text()?;
        let problem: Problem = serde_json::from_str(&text).unwrap_or(Problem {
            detail: format!("the server answered {status}"),
            field: None,
            errors: Vec::new(),
        });
        let Problem { detail, field, errors } = problem;
        Err(ClientError::Refused { status: status.as_u16(), detail, field, errors })
    }
}

#[derive(Deserialize)]
struct Problem {
    detail: String,
    field: Option<String>,
    #[serde(default)]
    errors: Vec<String>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.response.headers().get(name)?.to_str().ok().map(str::to_owned)
    }

    /// The whole body.
    pub(super) fn text(mut self) -> Result<String, ClientError> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.piece()? {
            bytes.extend_from_slice(&piece);
        }
        String::from_utf8(bytes).map_err(|_| ClientError::Broken("its answer is not UTF-8".to_owned()))
    }

    /// The whole body, which is JSON.
    pub(super) fn json(self) -> Result<Value, ClientError> {
        let text = self.text()?;
        serde_json::from_str(&text).map_err(|_| ClientError::Broken("its answer is not JSON".to_owned()))
    }

    /// The next piece of the body, as soon as it comes; `None` at the end. A server that goes on tells something all the
    /// time.
    pub(super) fn piece(&mut self) -> Result<Option<Bytes>, ClientError> {
        let body = self.response.body_mut();
        let next = async {
            loop {
                let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await;
                match frame.transpose().map_err(broken)?.map(Frame::into_data) {
                    None => return Ok(None),
                    Some(Ok(bytes)) => return Ok(Some(bytes)),
                    // Trailers say nothing to us.
                    Some(Err(_)) => {}
                }
            }
        };
        self.runtime.block_on(async { timeout(ANSWERS_WITHIN, next).await.map_err(|_| silent())? })
    }
}

/// A body that is there from the start.
struct Whole(Option<Bytes>);

impl Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().filter(|bytes| !bytes.is_empty()).map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

fn silent() -> ClientError {
    ClientError::Broken(format!("it has not answered for {} s", ANSWERS_WITHIN.as_secs()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn broken(error: hyper::Error) -> ClientError {
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    ClientError::Broken(format!("{error}{cause}"))
}
