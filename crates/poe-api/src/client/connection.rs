//! A connection to a server, and an answer that comes over it.

use std::fs::File;
use std::future::poll_fn;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::{self, Runtime};
use tokio::task::yield_now;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::client::remote::Remote;
use crate::client::{ANSWERS_WITHIN, ClientError, Kept, is_fine};

/// A server in the same building is reached in milliseconds, one at the other end of the world in a second.
const REACHED_WITHIN: Duration = Duration::from_secs(10);

/// More than all events of a question, or the largest building; a server that sends more is none of ours.
const ANSWER_BYTES_MAX: usize = 256 << 20;

/// Where a server is.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// At this socket, on this machine.
    Local(PathBuf),
    /// In the network.
    Remote(Box<Remote>),
}

/// A question as it is sent.
pub(super) type Question = Request<Whole>;

/// A connection and the small runtime that drives it.
pub(super) struct Connection {
    runtime: Runtime,
    sender: SendRequest<Whole>,
}

/// The head of an answer, whose body has still to come.
pub(super) struct Answer {
    response: Response<Incoming>,
    connection: Connection,
    /// Where the connection goes when the whole answer is there.
    kept: Kept,
}

impl Connection {
    pub(super) fn open(way: &Way) -> Result<Self, ClientError> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|cause| unreachable(way, cause))?;
        let reached = runtime.block_on(async {
            let reached = timeout(REACHED_WITHIN, reach(way)).await;
            reached.unwrap_or_else(|_| Err(unreachable(way, ErrorKind::TimedOut.into())))
        });
        match reached {
            Ok(sender) => Ok(Connection { runtime, sender }),
            Err(error) => {
                // A look-up of a name may still hang, and has nobody to tell.
                runtime.shutdown_background();
                Err(error)
            }
        }
    }

    /// Whether the server has not closed it meanwhile.
    pub(super) fn is_open(&self) -> bool {
        // Once for the system to tell what has come, and once for the connection to hear it.
        self.runtime.block_on(async {
            yield_now().await;
            yield_now().await;
        });
        !self.sender.is_closed()
    }

    /// Asks, and waits so long for the head of the answer. A refusal is an error.
    pub(super) fn ask(
        mut self,
        question: Question,
        kept: &Kept,
        within: Duration,
    ) -> Result<Answer, ClientError> {
        let asked = self.runtime.block_on(async {
            let answer = timeout(within, self.sender.send_request(question));
            answer.await.map_err(|_| silent(within))?.map_err(broken)
        });
        let answer = Answer { response: asked?, connection: self, kept: kept.clone() };
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

async fn reach(way: &Way) -> Result<SendRequest<Whole>, ClientError> {
    let failed = |cause| unreachable(way, cause);
    match way {
        Way::Local(path) => converse(UnixStream::connect(path).await.map_err(failed)?).await,
        Way::Remote(remote) => {
            let stream = TcpStream::connect((remote.host.as_str(), remote.port)).await.map_err(failed)?;
            // Without it a question may wait for the acknowledgement of the one before.
            stream.set_nodelay(true).map_err(failed)?;
            let Some((config, name)) = &remote.tls else { return converse(stream).await };
            let connector = TlsConnector::from(config.clone());
            converse(connector.connect(name.clone(), stream).await.map_err(failed)?).await
        }
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> Result<SendRequest<Whole>, ClientError> {
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    tokio::spawn(connection);
    Ok(sender)
}

fn unreachable(way: &Way, cause: io::Error) -> ClientError {
    match way {
        Way::Local(path) => unreachable_here(path, cause),
        Way::Remote(remote) => {
            let server = remote.url.clone();
            let tls = cause.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            match tls {
                Some(rustls::Error::InvalidCertificate(why)) => {
                    ClientError::Untrusted { server, cause: why.to_string() }
                }
                Some(rustls::Error::InvalidMessage(_)) => {
                    let cause = "it does not speak TLS there; try http:// or another port".to_owned();
                    ClientError::Remote { server, cause }
                }
                _ => ClientError::Remote { server, cause: cause.to_string() },
            }
        }
    }
}

fn unreachable_here(path: &Path, cause: io::Error) -> ClientError {
    match cause.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => ClientError::NoServer { path: path.to_owned() },
        _ => ClientError::Unreachable { path: path.to_owned(), cause },
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
            if bytes.len() + piece.len() > ANSWER_BYTES_MAX {
                return Err(ClientError::Broken("its answer is too long".to_owned()));
            }
            bytes.extend_from_slice(&piece);
        }
        self.kept.keep(self.connection);
        String::from_utf8(bytes).map_err(|_| ClientError::Broken("its answer is not UTF-8".to_owned()))
    }

    /// The whole body, which is JSON; nothing, if there is none.
    pub(super) fn json(self) -> Result<Value, ClientError> {
        let text = self.text()?;
        if text.is_empty() {
            return Ok(Value::Null);
        }
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
        let runtime = &self.connection.runtime;
        runtime.block_on(async { timeout(ANSWERS_WITHIN, next).await.map_err(|_| silent(ANSWERS_WITHIN))? })
    }
}

/// A body that is there from the start.
pub(super) struct Whole(Rest);

enum Rest {
    Bytes(Option<Bytes>),
    /// So much is left of a file, if it has an end that is known.
    File(File, Option<u64>),
}

impl Whole {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Whole(Rest::Bytes(Some(Bytes::from(bytes)).filter(|bytes| !bytes.is_empty())))
    }

    /// A file from its beginning, to its end as it is now; or what comes through a pipe.
    pub(super) fn file(file: File) -> io::Result<Self> {
        let known = file.metadata()?;
        Ok(Whole(Rest::File(file, known.is_file().then_some(known.len()))))
    }
}

/// What is read of a file at a time.
const PIECE_BYTES: u64 = 256 * 1024;

impl Body for Whole {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = match &mut self.0 {
            Rest::Bytes(bytes) => bytes.take().map(Ok),
            // The only one who waits meanwhile is the one who has asked for it.
            Rest::File(file, left) => read_piece(file, left).transpose(),
        };
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Rest::Bytes(None) | Rest::File(_, Some(0)))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Rest::Bytes(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Rest::File(_, Some(left)) => SizeHint::with_exact(*left),
            Rest::File(_, None) => SizeHint::default(),
        }
    }
}

/// The next piece of a file; nothing at its end.
fn read_piece(file: &mut File, left: &mut Option<u64>) -> io::Result<Option<Bytes>> {
    let most = left.unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
    let mut piece = Vec::new();
    file.take(most).read_to_end(&mut piece)?;
    if let Some(left) = left {
        if (piece.len() as u64) < most {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        *left -= most;
    }
    Ok(Some(Bytes::from(piece)).filter(|piece| !piece.is_empty()))
}

fn silent(within: Duration) -> ClientError {
    ClientError::Broken(format!("it has not answered for {} s", within.as_secs()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn broken(error: hyper::Error) -> ClientError {
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    if error.is_parse() {
        return ClientError::Broken(format!(
            "it does not speak HTTP ({error}{cause}); if it speaks HTTPS, write https://"
        ));
    }
    ClientError::Broken(format!("{error}{cause}"))
}
