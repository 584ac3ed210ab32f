//! An HTTP server of the tests' own, on bare sockets, so that it can behave as badly as servers do.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub at: Instant,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What the server does with its n-th request, and whether it goes on with the connection.
pub type Manners = dyn Fn(usize, &Request, &mut TcpStream) -> bool + Send + Sync;

pub struct Server {
    pub url: String,
    pub port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
    pub connections: Arc<AtomicUsize>,
}

impl Server {
    pub fn start(manners: impl Fn(usize, &Request, &mut TcpStream) -> bool + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), manners)
    }

    /// Everything is answered with this.
    pub fn answering(answer: &'static str) -> Self {
        Self::start(move |_, _, stream| stream.write_all(answer.as_bytes()).is_ok())
    }

    pub fn on(
        listener: TcpListener,
        manners: impl Fn(usize, &Request, &mut TcpStream) -> bool + Send + Sync + 'static,
    ) -> Self {
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let manners: Arc<Manners> = Arc::new(manners);
        let (kept, counted) = (Arc::clone(&requests), Arc::clone(&connections));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, manners) = (Arc::clone(&kept), Arc::clone(&manners));
                counted.fetch_add(1, Ordering::Relaxed);
                let stream = stream.unwrap();
                thread::spawn(move || serve(stream, &kept, &*manners));
            }
        });
        Self { url: format!("http://127.0.0.1:{port}/pages?token=s3cret"), port, requests, connections }
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

pub const YES: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// Says yes.
pub fn yes(stream: &mut TcpStream) -> bool {
    stream.write_all(YES.as_bytes()).is_ok()
}

/// Says so, with a word of explanation.
pub fn status(stream: &mut TcpStream, status: &str) -> bool {
    let said = format!("HTTP/1.1 {status}\r\nContent-Length: 7\r\n\r\nbecause");
    stream.write_all(said.as_bytes()).is_ok()
}

/// Says nothing for longer than anybody waits.
pub fn hang() -> bool {
    thread::sleep(Duration::from_secs(60));
    false
}

fn serve(stream: TcpStream, requests: &Mutex<Vec<Request>>, manners: &Manners) {
    let _ = stream.set_nodelay(true);
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        let number = {
            let mut requests = requests.lock().unwrap();
            requests.push(request.clone());
            requests.len()
        };
        if !manners(number, &request, &mut writer) {
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
    let mut headers = Vec::new();
    loop {
        // Headers may hold UTF-8, as those for ntfy do.
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut request =
        Request { line: line.trim_end().to_owned(), headers, body: Vec::new(), at: Instant::now() };
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    request.body = vec![0; length];
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}
