//! A building with an alarm engine and a journal behind the door, and no sockets of nodes.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use poe_api::client::Client;
use poe_api::{
    Api, Latency, Listeners, Metrics, Occurrence, OrderFailed, Ordered, Readiness, Run, Server, Settings,
    TargetStatus, bind_http, bind_local,
};
use poe_building::{
    Building, Changes, Input, Limits, Model, Moment, NodeNo, NodeView, Order, Place, PlaceKind, Scope,
    Target, Time, Who,
};
use poe_history::{History, Options, Retention};
use poe_store::{Board, DataFolder, JournalReader, Latest, OpenError, Store, StoreOptions};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::broadcast;

/// What the server knows and remembers, done at once by whoever asks.
pub struct Core {
    building: Building,
    store: Store,
    /// What has been told, and not stored.
    unsaved: Vec<Changes>,
}

pub struct Engine {
    core: Mutex<Core>,
    board: Arc<Board>,
    latest: Arc<Latest>,
    told: broadcast::Sender<Arc<Occurrence>>,
    folder: PathBuf,
    /// While it is set, nothing is stored.
    disk_stands_still: AtomicBool,
    /// While it is set, no order is taken.
    pub stops: AtomicBool,
    /// How often a node was disconnected.
    pub disconnected: AtomicU64,
    /// While somebody holds it, nobody reads the journal.
    pub journal: Mutex<()>,
    /// How often somebody asked for all nodes.
    pub looks: AtomicUsize,
    history: Option<Arc<History>>,
}

pub struct Hall {
    pub engine: Arc<Engine>,
    pub addr: SocketAddr,
    pub client: Client,
    pub data: PathBuf,
    _api: Api,
    _folder: TempDir,
}

/// 2026-03-29T00:00:00Z.
const STARTED: Time = Time::from_secs(1_774_742_400);

pub fn now() -> Time {
    Time::default().after(SystemTime::now().duration_since(UNIX_EPOCH).unwrap())
}

/// A site with a kitchen on the ground floor of a house, a node in it, and somebody to be told.
fn model() -> Model {
    let place = |name: &str, kind, within: Option<&str>| Place {
        name: name.into(),
        kind,
        within: within.map(Into::into),
        title: None,
    };
    Model {
        places: vec![
            place("house", PlaceKind::Building, None),
            place("ground", PlaceKind::Floor, Some("house")),
            place("kitchen", PlaceKind::Zone, Some("ground")),
        ],
        nodes: vec![poe_building::NodeInfo {
            address: "10.0.0.7".parse().unwrap(),
            name: Some("stove".into()),
            place: Some("kitchen".into()),
            fed_by: None,
            port: None,
            supervision: None,
        }],
        targets: vec![Target {
            name: "desk".into(),
            delivery: poe_building::Delivery::Command {
                arguments: vec!["/bin/true".into()],
                time_limit: Duration::from_secs(1),
            },
            expires: None,
        }],
        ..Model::default()
    }
}

impl Hall {
    pub fn open() -> Hall {
        Hall::with(poe_api::Limits::default())
    }

    pub fn with(limits: poe_api::Limits) -> Hall {
        Hall::in_folder(limits, tempfile::tempdir().unwrap(), |_| None)
    }

    /// One that keeps a history, in which nothing is yet.
    pub fn with_history() -> Hall {
        Hall::with_retention(Retention::default())
    }

    /// One whose history is kept so long.
    pub fn with_retention(retention: Retention) -> Hall {
        let open = |data: &Path| {
            let options = Options { data_dir: data.to_owned(), retention };
            Some(History::open(&options).unwrap().0)
        };
        Hall::in_folder(poe_api::Limits::default(), tempfile::tempdir().unwrap(), open)
    }

    /// One in whose folder there are these files already.
    pub fn with_files(files: &[(&str, &str)]) -> Hall {
        let write = |data: &Path| {
            for (name, text) in files {
                let path = data.join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            None
        };
        Hall::in_folder(poe_api::Limits::default(), tempfile::tempdir().unwrap(), write)
    }

    fn in_folder(
        limits: poe_api::Limits,
        folder: TempDir,
        history: impl FnOnce(&Path) -> Option<Arc<History>>,
    ) -> Hall {
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        let history = history(&data);
        let options = StoreOptions { table_file: data.join("poe.db"), table: "sensors".to_owned() };
        let (store, known) = Store::open(DataFolder::lock(&data).unwrap(), options).unwrap();
        let building = Building::restore(Limits::default(), &known, now());
        let engine = Arc::new(Engine {
            board: store.board(),
            latest: store.latest(),
            core: Mutex::new(Core { building, store, unsaved: Vec::new() }),
            told: broadcast::channel(16).0,
            folder: data.clone(),
            disk_stands_still: AtomicBool::new(false),
            stops: AtomicBool::new(false),
            disconnected: AtomicU64::new(0),
            journal: Mutex::default(),
            looks: AtomicUsize::new(0),
            history,
        });
        let model = Order::SetModel { model: Box::new(model()), from_version: None };
        engine.order(model, Who::new("test", "library")).unwrap();
        let http = bind_http("127.0.0.1:0".parse().unwrap()).unwrap();
        let addr = http.addr();
        let local = bind_local(data.join("poe.sock")).unwrap();
        let client = Client::local(local.path());
        let listeners = Listeners { http: vec![http], local: Some(local) };
        let api =
            Api::start(listeners, Settings { limits, ..Settings::default() }, Arc::<Engine>::clone(&engine))
                .unwrap();
        Hall { engine, addr, client, data, _api: api, _folder: folder }
    }

    pub fn get(&self, path: &str) -> Value {
        self.client.get(&format!("/api/v1/{path}")).unwrap()
    }

    pub fn post(&self, path: &str, fields: &Value) -> Value {
        self.client.post(&format!("/api/v1/{path}"), Some(fields)).unwrap()
    }

    /// Status and body of a request, said by hand.
    pub fn say(&self, request: &str) -> (u16, String) {
        let mut stream = UnixStream::connect(self.data.join("poe.sock")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// A question of somebody in the network.
    pub fn ask_over_tcp(&self, path: &str, headers: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let host = self.addr;
        write!(stream, "GET /api/v1/{path} HTTP/1.0\r\nHost: {host}\r\n{headers}\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::String(body.to_owned())))
    }

    /// A request with a body.
    pub fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, Value) {
        let length = body.len();
        let (status, body) = self.say(&format!(
            "{method} /api/v1/{path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        ));
        (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
    }

    pub fn send_json(&self, path: &str, body: &str) -> (u16, Value) {
        self.send("POST", path, "Content-Type: application/json\r\n", body)
    }
}

impl Engine {
    /// The stove says something: `[1, 7, 0, 0]` is a flame at sensor 7, `[1, 7, 0, 1]` none.
    pub fn frame(&self, frame: [u8; 4]) {
        self.frames("10.0.0.7", &[frame]);
    }

    /// A node says something on a connection of its own.
    pub fn frames(&self, node: &str, frames: &[[u8; 4]]) {
        let mut core = self.core.lock().unwrap();
        let mut session = core.building.open(node.parse().unwrap());
        let input = Input::Stream { session: &mut session, bytes: frames.as_flattened() };
        core.building.handle(input, now(), &mut Vec::new());
        core.building.handle(Input::Closed { session: &session }, now(), &mut Vec::new());
        self.store(&mut core);
    }

    /// What would be due within so long is, at once.
    pub fn pass(&self, span: Duration) {
        let mut core = self.core.lock().unwrap();
        let until = Moment::from(now().after(span));
        while core.building.next_wake().is_some_and(|next| next <= until.ticks) {
            core.building.wake(until);
        }
        self.store(&mut core);
    }

    /// From now on nothing is stored; or everything again.
    pub fn disk_stands_still(&self, still: bool) {
        self.disk_stands_still.store(still, Ordering::Relaxed);
        self.store(&mut self.core.lock().unwrap());
    }

    /// The disk takes too long: everybody is told of what has not been stored.
    pub fn tell_unsaved(&self) {
        let mut core = self.core.lock().unwrap();
        let changes = core.take();
        self.board.show(&changes);
        self.tell(&changes, None);
        core.unsaved.push(changes);
    }

    fn store(&self, core: &mut Core) -> bool {
        if self.disk_stands_still.load(Ordering::Relaxed) {
            return false;
        }
        for changes in std::mem::take(&mut core.unsaved) {
            core.store.commit(&changes, &mut || {}).unwrap();
        }
        let changes = core.take();
        core.store.commit(&changes, &mut || {}).unwrap();
        self.tell(&changes, Some(now()));
        true
    }

    fn tell(&self, changes: &Changes, committed: Option<Time>) {
        for entry in changes.entries.iter().cloned() {
            // Nobody may be following.
            self.told.send(Arc::new(Occurrence { entry, committed })).ok();
        }
    }
}

impl Core {
    fn take(&mut self) -> Changes {
        let mut changes = Changes::default();
        self.building.take_news(&mut changes, 0);
        self.building.take_changes(Scope::All, &mut changes);
        changes
    }
}

impl Server for Engine {
    fn disconnect(&self, _: std::net::IpAddr) -> u64 {
        self.disconnected.fetch_add(1, Ordering::Relaxed);
        // The engine has other things to do as well.
        std::thread::sleep(Duration::from_millis(10));
        1
    }

    fn stored_at(&self, _seq: u64) -> Option<Time> {
        None
    }

    fn run(&self) -> Run {
        Run {
            started: STARTED,
            listen: vec!["0.0.0.0:1234".parse().unwrap(), "[::1]:1235".parse().unwrap()],
            udp: vec!["127.0.0.1:1236".parse().unwrap()],
        }
    }

    fn readiness(&self) -> Readiness {
        Readiness::default()
    }

    fn metrics(&self) -> Metrics {
        Metrics::default()
    }

    fn flood(&self) -> bool {
        true
    }

    fn board(&self) -> Arc<Board> {
        Arc::clone(&self.board)
    }

    fn latest(&self) -> Arc<Latest> {
        Arc::clone(&self.latest)
    }

    fn journal(&self) -> Result<JournalReader, OpenError> {
        drop(self.journal.lock().unwrap());
        JournalReader::open(&self.folder)
    }

    fn order(&self, order: Order, who: Who) -> Result<Ordered, OrderFailed> {
        if self.stops.load(Ordering::Relaxed) {
            return Err(OrderFailed::Stopped);
        }
        let mut core = self.core.lock().unwrap();
        let done = core.building.order(order, &who, now());
        let stored = self.store(&mut core);
        Ok(Ordered { done: done.map_err(OrderFailed::Refused)?, stored })
    }

    fn follow(&self) -> broadcast::Receiver<Arc<Occurrence>> {
        self.told.subscribe()
    }

    fn nodes(&self) -> Vec<NodeView> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        self.core.lock().unwrap().building.nodes(NodeNo(0)).collect()
    }

    fn quarantine(&self) -> Vec<poe_building::Quarantined> {
        self.core.lock().unwrap().building.quarantine().collect()
    }

    fn targets(&self) -> Vec<TargetStatus> {
        Vec::new()
    }

    fn latency(&self) -> Latency {
        Latency::default()
    }

    fn read_building(&self, text: &str) -> Result<Model, Vec<String>> {
        match text.strip_prefix("site = ") {
            Some(site) => Ok(Model { site: site.trim().into(), ..model() }),
            None => Err(vec!["1: there is no site".to_owned(), "2: nor a house".to_owned()]),
        }
    }

    fn plans_folder(&self) -> PathBuf {
        self.folder.join("plans")
    }

    fn history(&self) -> Option<Arc<History>> {
        self.history.clone()
    }

    fn imports_folder(&self) -> PathBuf {
        self.folder.join("imports")
    }

    fn write_building(&self, model: &Model) -> String {
        format!("site = {}\n", model.site)
    }

    fn backup(&self) -> Result<poe_store::Backup, poe_store::BackupError> {
        Err(poe_store::BackupError::Busy)
    }
}
