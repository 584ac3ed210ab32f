//! The other end of a webhook: a small HTTP server that remembers every request, and answers as the test wants.

use crate::desk::wait;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// A request, and when it had come.
#[derive(Clone, Debug)]
pub struct Got {
    pub at: Instant,
    /// The header `Idempotency-Key`.
    pub key: String,
    pub body: Value,
}

/// A page, one of those that a request holds.
#[derive(Clone, Debug)]
pub struct Page {
    pub at: Instant,
    pub page: Value,
}

impl Page {
    /// The rule of the first alarm that it lists.
    pub fn rule(&self) -> &str {
        self.page["alarms"][0]["rule"].as_str().unwrap_or_default()
    }

    pub fn reason(&self) -> &str {
        self.page["reason"].as_str().unwrap_or_default()
    }

    pub fn key(&self) -> &str {
        self.page["key"].as_str().unwrap_or_default()
    }
}

/// What it does with a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// Says yes.
    Accept,
    /// Says no, with this status.
    Refuse(u16),
    /// Says nothing at all.
    Hang,
}

/// A step of a request's way, at which something can be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Somebody has connected.
    Connected,
    /// The request is there, and nothing has been answered.
    Arrived,
    /// It has been answered.
    Answered,
}

type Hook = Box<dyn Fn(Step, Option<&Got>) + Send>;

/// The server. It ends with the test.
#[derive(Clone)]
pub struct Receiver {
    address: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    got: Mutex<Vec<Got>>,
    manner: Mutex<Manner>,
    hook: Mutex<Option<Hook>>,
}

impl Receiver {
    pub fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Inner { got: Mutex::default(), manner: Mutex::new(manner), hook: Mutex::default() };
        let receiver = Self { address, inner: Arc::new(inner) };
        let serving = receiver.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                thread::spawn(move || serving.serve(&stream));
            }
        });
        receiver
    }

    /// The target as a building file has it.
    pub fn target(&self, name: &str) -> String {
        let url = format!("http://{}/{name}", self.address);
        format!("[[target]]\nname = \"{name}\"\nwebhook = {{ url = \"{url}\", format = \"json\" }}\n")
    }

    /// From now on it answers in this manner.
    pub fn behave(&self, manner: Manner) {
        *self.inner.manner.lock().unwrap() = manner;
    }

    /// What is done at each step of every request from now on.
    pub fn at_each_step(&self, hook: impl Fn(Step, Option<&Got>) + Send + 'static) {
        *self.inner.hook.lock().unwrap() = Some(Box::new(hook));
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Got> {
        self.inner.got.lock().unwrap().clone()
    }

    /// Every page so far.
    pub fn pages(&self) -> Vec<Page> {
        let pages = |got: Got| {
            let pages = got.body["pages"].as_array().cloned().unwrap_or_default();
            pages.into_iter().map(move |page| Page { at: got.at, page })
        };
        self.requests().into_iter().flat_map(pages).collect()
    }

    /// The pages that tell of an alarm of this rule for this reason.
    pub fn pages_of(&self, rule: &str, reason: &str) -> Vec<Page> {
        let mut pages = self.pages();
        pages.retain(|page| page.reason() == reason && (rule.is_empty() || page.rule() == rule));
        pages
    }

    /// The first page of this rule and reason, waited for.
    #[track_caller]
    pub fn page(&self, rule: &str, reason: &str, longest: Duration) -> Page {
        let found = wait(longest, || self.pages_of(rule, reason).into_iter().next());
        found.unwrap_or_else(|| panic!("no page {rule:?} {reason:?} within {longest:?}: {:?}", self.pages()))
    }

    fn serve(&self, stream: &TcpStream) {
        self.step(Step::Connected, None);
        let mut reader = BufReader::new(stream);
        while let Some((key, body)) = read(&mut reader) {
            let got =
                Got { at: Instant::now(), key, body: serde_json::from_slice(&body).unwrap_or_default() };
            self.inner.got.lock().unwrap().push(got.clone());
            self.step(Step::Arrived, Some(&got));
            let manner = *self.inner.manner.lock().unwrap();
            let status = match manner {
                Manner::Accept => 200,
                Manner::Refuse(status) => status,
                Manner::Hang => loop {
                    thread::park();
                },
            };
            let answer = format!("HTTP/1.1 {status} so\r\nContent-Length: 0\r\n\r\n");
            if (&*stream).write_all(answer.as_bytes()).is_err() {
                return;
            }
            self.step(Step::Answered, Some(&got));
        }
    }

    fn step(&self, step: Step, got: Option<&Got>) {
        if let Some(hook) = &*self.inner.hook.lock().unwrap() {
            hook(step, got);
        }
    }
}

/// The key and the body of the next request.
fn read(reader: &mut BufReader<&TcpStream>) -> Option<(String, Vec<u8>)> {
    let (mut key, mut length) = (String::new(), 0);
    let mut any = false;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() && any {
            break;
        }
        any = true;
        if let Some((name, value)) = line.split_once(": ") {
            if name.eq_ignore_ascii_case("idempotency-key") {
                value.clone_into(&mut key);
            } else if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().ok()?;
            }
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((key, body))
}
