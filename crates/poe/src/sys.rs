//! The server, wired together: sockets, engine, recorder.

use crate::{
    Db, Facts, ListenError, Unsaved,
    announce::Announcer,
    clock::Clock,
    engine::{CommitPace, ConnectionView, Engine, EngineGone, Listening, Request, Requests, Told},
    historian::{Historian, KeeperThread},
    net::{doors::Doors, listen, poll::Poller},
    recorder::{GaveUp, RecorderThread},
    stats::Stats,
};
use ipnet::IpNet;
use nix::sys::resource::{Resource, getrlimit};
use poe_api::Run;
use poe_building::{Building, Limits, NodeNo, NodeView, Quarantined, Status, Time};
use poe_history::{History, HistoryError, Options, Retention};
use poe_notify::Reach;
use poe_store::{BackupSource, Board, Latest, LatestSensor};
use poe_wire::SensorKind;
use std::{
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tracing::{error, warn};

/// At a stop, what cannot be written within this time is given up, and said.
const STOP_MAX: Duration = Duration::from_secs(8);
/// Until then a recorder that gives up has said why, unless the disk holds it;
const LAST_WORDS: Duration = Duration::from_secs(1);
/// looked at this often.
const STOP_POLL: Duration = Duration::from_millis(1);
/// Descriptors that are not given to nodes: for files, HTTP clients and the console. A quarter, where there are few.
const DESCRIPTORS_KEPT: u64 = 48;
/// The check of the files' integrity waits until the start is over: it reads everything and is in no hurry.
const CHECK_AFTER: Duration = Duration::from_secs(3);
/// Notices that wait for a watcher. Who falls further behind misses some.
const NOTICES_MAX: usize = 4_096;
/// Sensors copied at once from what has been committed, so that the recorder is not kept waiting.
const SENSORS_PER_COPY: usize = 4_096;

/// A running server. Dropping it stops it; [`Sys::stop`] also tells whether everything was stored.
#[derive(Debug)]
pub struct Sys {
    pub(crate) requests: Requests,
    latest: Arc<Latest>,
    pub(crate) board: Arc<Board>,
    history: Option<Arc<History>>,
    pub(crate) announcer: Arc<Announcer>,
    source: Arc<BackupSource>,
    stats: Arc<Stats>,
    run: Arc<Run>,
    /// Taken by the first who stops the server.
    threads: Mutex<Option<Threads>>,
}

#[derive(Debug)]
struct Threads {
    engine: JoinHandle<io::Result<()>>,
    recorder: RecorderThread,
    keeper: Option<KeeperThread>,
}

/// A sensor and its latest stored value.
#[derive(Clone, PartialEq, Debug)]
pub struct Sensor {
    /// What tables and people call it: `10.89.21.188_17`.
    pub ip_id: String,
    /// The address of its node.
    pub address: IpAddr,
    /// Its number on its node.
    pub id: u8,
    /// What it measures.
    pub kind: SensorKind,
    /// The raw byte.
    pub value: u8,
    /// When it was read.
    pub time: Time,
    /// What the value means, by the rules in force.
    pub status: Status,
    /// What it means by the thresholds of the table's `status` column, whatever the rules.
    pub legacy_status: Status,
}

impl Sensor {
    fn of(sensor: LatestSensor) -> Option<Self> {
        let (value, time, status) = sensor.reading?;
        Some(Self {
            ip_id: sensor.key.to_string(),
            address: sensor.key.address,
            id: sensor.key.id,
            kind: sensor.kind,
            value,
            time,
            status,
            legacy_status: sensor.legacy_status()?,
        })
    }
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is no address.
    #[error("{address:?} is not an address to listen on; write it like 0.0.0.0:1234")]
    Address {
        /// What was given.
        address: String,
    },
    /// An address cannot be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The history cannot be opened.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The system has no threads or descriptors left.
    #[error("the system does not let the server start: {0}")]
    System(#[from] io::Error),
}

/// What went wrong until the end.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// Not everything could be stored.
    #[error(transparent)]
    Unsaved(#[from] Unsaved),
    /// The engine had to end earlier.
    #[error("the engine failed: {0}")]
    Engine(io::Error),
}

/// Settings of a server that is to be started.
#[derive(Clone, Debug)]
pub struct SysBuilder {
    listen: Vec<SocketAddr>,
    udp: Vec<SocketAddr>,
    doors: Doors,
    limits: Limits,
    pace: CommitPace,
    notify_allow: Vec<IpNet>,
    served_beside: Vec<SocketAddr>,
    retention: Option<Retention>,
}

impl SysBuilder {
    /// Listens for nodes on this TCP address too. Port 0 picks a free one.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen.push(address);
        self
    }

    /// Takes datagrams on this UDP address too.
    #[must_use]
    pub fn udp(mut self, address: SocketAddr) -> Self {
        self.udp.push(address);
        self
    }

    /// The most connections, in all (1024) and from one address (64).
    #[must_use]
    pub fn connections(mut self, in_all: usize, per_address: usize) -> Self {
        self.doors.connections_max = in_all;
        self.doors.connections_per_address_max = per_address;
        self
    }

    /// The networks whose peers may connect. By default these are loopback, private and link-local.
    #[must_use]
    pub fn allow(mut self, networks: Vec<IpNet>) -> Self {
        self.doors.allow = networks;
        self
    }

    /// The most sensors, in all (1,048,576).
    #[must_use]
    pub fn sensors(mut self, in_all: u32) -> Self {
        self.limits.sensors = in_all;
        self
    }

    /// The most nodes (131,072).
    #[must_use]
    pub fn nodes(mut self, in_all: u32) -> Self {
        self.limits.nodes = in_all;
        self
    }

    /// The longest that an ordinary reading waits until it begins to be written (40 ms).
    #[must_use]
    pub fn commit_interval(mut self, interval: Duration) -> Self {
        self.pace.interval = interval;
        self
    }

    /// The networks, beside public ones, that webhooks may go to: none by default.
    #[must_use]
    pub fn notify_allow(mut self, networks: Vec<IpNet>) -> Self {
        self.notify_allow = networks;
        self
    }

    /// This program listens on this TCP address, too, such as for its API: no webhook goes there, as none goes to where
    /// nodes connect.
    #[must_use]
    pub fn served_beside(mut self, address: SocketAddr) -> Self {
        self.served_beside.push(address);
        self
    }

    /// What is removed from the history when; `None` keeps no history. By default every reading is kept for ever.
    #[must_use]
    pub fn history(mut self, retention: Option<Retention>) -> Self {
        self.retention = retention;
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    /// An address is taken or no address, or the system is short of something.
    pub fn start(self, db: Db) -> Result<Sys, StartError> {
        let Db { store, known, source } = db;
        let tcp = self
            .listen
            .iter()
            .map(|address| listen::tcp(*address, &self.listen))
            .collect::<Result<Vec<_>, _>>()?;
        let udp = self.udp.iter().map(|address| listen::udp(*address)).collect::<Result<Vec<_>, _>>()?;
        let addresses =
            |sockets: Vec<io::Result<SocketAddr>>| sockets.into_iter().collect::<io::Result<Vec<_>>>();
        let tcp_addresses = addresses(tcp.iter().map(std::net::TcpListener::local_addr).collect())?;
        let udp_addresses = addresses(udp.iter().map(std::net::UdpSocket::local_addr).collect())?;

        let poller = Poller::new()?;
        let (requests, inbox) = Requests::new(poller.waker());
        let stats = Arc::new(Stats::default());
        let latest = store.latest();
        let board = store.board();
        let listeners = [self.served_beside, tcp_addresses.clone()].concat();
        let reach = Reach { allow: self.notify_allow, listeners };
        let announcer =
            Announcer::start(&known, Arc::clone(&board), reach, requests.clone()).map(Arc::new)?;
        let kept = self
            .retention
            .map(|retention| History::open(&Options { data_dir: source.data_dir.clone(), retention }));
        let (history, log, keeper, notices) = match kept.transpose()? {
            Some((history, log, keeper, notices)) => (Some(history), Some(log), Some(keeper), notices),
            None => (None, None, None, mpsc::channel().1),
        };
        let limits = Limits {
            readings_bytes: if history.is_some() { self.limits.readings_bytes } else { 0 },
            ..self.limits
        };
        let historian = log.map(|log| Historian::new(log, &known, Arc::clone(&stats)));
        let (recorder, recorder_thread) = RecorderThread::start(
            store,
            historian,
            Arc::clone(&announcer),
            requests.clone(),
            Arc::clone(&stats),
        )?;

        let stamps = known.sensors.iter().filter_map(|sensor| sensor.latest).map(|reading| reading.time);
        let mut clock = Clock::new(stamps);
        let mut building = Building::restore(limits, &known, clock.now());
        building.set_utc_offset(jiff::Zoned::now().offset().seconds());
        let now = clock.now();
        building.begin(&known, env!("CARGO_PKG_VERSION"), now);
        drop(known);
        let listening = Listening::new(tcp, udp);
        let (descriptors, _) = getrlimit(Resource::RLIMIT_NOFILE).map_err(io::Error::from)?;
        let kept = DESCRIPTORS_KEPT.min(descriptors / 4);
        let doors = Doors { connections_by_descriptors: (descriptors - kept) as usize, ..self.doors };
        let (announcer_too, stats_too) = (Arc::clone(&announcer), Arc::clone(&stats));
        let engine = Engine::new(
            building,
            clock,
            poller,
            doors,
            listening,
            recorder,
            self.pace,
            inbox,
            announcer_too,
            stats_too,
            notices,
        );
        let engine = thread::Builder::new().name("engine".into()).spawn(move || {
            engine.run().inspect_err(|cause| error!(%cause, "the engine has failed: {cause}"))
        })?;
        let files = [
            (source.data_dir.join("state.db"), None),
            (source.table_file.clone(), Some(source.table.clone())),
        ];
        check_later(files, &stats)?;
        let source = Arc::new(source);
        let keeper = keeper.map(KeeperThread::start).transpose()?;
        let threads = Mutex::new(Some(Threads { engine, recorder: recorder_thread, keeper }));
        Ok(Sys {
            requests,
            latest,
            board,
            history,
            announcer,
            source,
            stats,
            run: Arc::new(Run { started: now.time, listen: tcp_addresses, udp: udp_addresses }),
            threads,
        })
    }
}

impl Sys {
    /// Starts a server on one TCP address with everything else as it is by default.
    ///
    /// # Errors
    /// As [`SysBuilder::start`].
    pub fn start(address: &str, max_connections: usize, db: Db) -> Result<Self, StartError> {
        let resolved = address.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
        let resolved = resolved.ok_or_else(|| StartError::Address { address: address.to_owned() })?;
        let builder = Self::builder().listen(resolved);
        let per_address = builder.doors.connections_per_address_max;
        builder.connections(max_connections, per_address).start(db)
    }

    /// Settings to start from: nothing is listened on yet, and everything else is as it is by default.
    pub fn builder() -> SysBuilder {
        let config = crate::config::Config::default();
        SysBuilder {
            listen: Vec::new(),
            udp: Vec::new(),
            doors: Doors {
                allow: config.allow,
                connections_max: config.max_connections,
                connections_per_address_max: config.max_connections_per_address,
                connections_by_descriptors: usize::MAX,
            },
            limits: Limits { sensors: config.max_sensors, nodes: config.max_nodes, ..Limits::default() },
            pace: CommitPace { interval: Duration::from_millis(config.commit_interval_ms) },
            notify_allow: config.notify_allow,
            served_beside: Vec::new(),
            retention: Some(Retention::default()),
        }
    }

    /// The TCP addresses that nodes connect to, with their real ports.
    pub fn tcp_addresses(&self) -> &[SocketAddr] {
        &self.run.listen
    }

    /// The UDP addresses that nodes send to, with their real ports.
    pub fn udp_addresses(&self) -> &[SocketAddr] {
        &self.run.udp
    }

    /// The latest stored value of every sensor that has sent one, by address and id. What is shown here survives a
    /// power cut.
    pub fn sensors(&self) -> Vec<Sensor> {
        let mut sensors = Vec::with_capacity(self.latest.sensor_count());
        for from in (0..).step_by(SENSORS_PER_COPY) {
            let some = self.latest.sensors(from, SENSORS_PER_COPY);
            let last = some.len() < SENSORS_PER_COPY;
            sensors.extend(some.into_iter().filter(|sensor| sensor.reading.is_some()));
            if last {
                break;
            }
        }
        sensors.sort_unstable_by_key(|sensor| sensor.key);
        sensors.into_iter().filter_map(Sensor::of).collect()
    }

    /// The history of all readings; nothing, where none is kept.
    pub fn history(&self) -> Option<&Arc<History>> {
        self.history.as_ref()
    }

    /// The known nodes, by address.
    ///
    /// # Errors
    /// The engine has ended.
    pub fn nodes(&self) -> Result<Vec<NodeView>, EngineGone> {
        // A node that is not stored yet is not shown: a power cut could take it back.
        ask_for_nodes(&self.requests, self.latest.node_count())
    }

    /// The nodes that are not let in, by address. They are held in memory only.
    ///
    /// # Errors
    /// The engine has ended.
    pub fn quarantine(&self) -> Result<Vec<Quarantined>, EngineGone> {
        self.requests.ask(Request::Quarantine)
    }

    /// The open connections, by address and age.
    ///
    /// # Errors
    /// The engine has ended.
    pub fn connections(&self) -> Result<Vec<ConnectionView>, EngineGone> {
        let mut connections = self.requests.ask(Request::Connections)?;
        connections.sort_unstable_by_key(|connection| (connection.address, connection.since));
        Ok(connections)
    }

    /// What happens from now on, told once it is stored. A watcher that does not keep up misses some of it and delays
    /// nobody.
    ///
    /// # Errors
    /// The engine has ended.
    pub fn watch(&self) -> Result<Receiver<Told>, EngineGone> {
        let (sender, receiver) = mpsc::sync_channel(NOTICES_MAX);
        self.requests.send(Request::Watch(sender))?;
        Ok(receiver)
    }

    /// Whether a part of the server has ended without being asked to. [`Sys::stop`] then tells why.
    pub fn has_failed(&self) -> bool {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.as_ref().is_some_and(|threads| threads.engine.is_finished() || threads.recorder.is_finished())
    }

    /// What the server says and takes, for the HTTP interface.
    pub fn facts(&self) -> Facts {
        Facts {
            stats: Arc::clone(&self.stats),
            requests: self.requests.clone(),
            announcer: Arc::clone(&self.announcer),
            board: Arc::clone(&self.board),
            latest: Arc::clone(&self.latest),
            history: self.history.clone(),
            source: Arc::clone(&self.source),
            run: Arc::clone(&self.run),
        }
    }

    /// Lets nobody in any more, reads what has already arrived, stores everything and ends, within 10 s.
    ///
    /// # Errors
    /// Not everything could be stored.
    pub fn stop(&self) -> Result<(), StopError> {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Threads { engine, recorder, keeper }) = threads else { return Ok(()) };
        if let Some(keeper) = &keeper {
            keeper.give_up();
        }
        let deadline = Instant::now() + STOP_MAX;
        recorder.give_up_at(deadline);
        // An engine that has ended already needs no telling.
        self.requests.send(Request::Stop).ok();
        while !(engine.is_finished() && recorder.is_finished()) {
            if Instant::now() > deadline + LAST_WORDS {
                // A disk that does not answer at all: its thread cannot be ended and is left behind.
                let rows = self.stats.engine().rows_unstored;
                return Err(Unsaved { rows, cause: "the disk does not answer".to_owned() }.into());
            }
            thread::sleep(STOP_POLL);
        }
        if let Some(keeper) = keeper {
            keeper.join_until(deadline);
        }
        let engine = engine.join().unwrap_or_else(|_| Err(io::Error::other("it has panicked")));
        let unsaved = |GaveUp(cause)| Unsaved { rows: self.stats.engine().rows_unstored, cause };
        recorder.join().map_err(unsaved)?;
        engine.map_err(StopError::Engine)
    }
}

impl Drop for Sys {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            error!(%error, "{error}");
        }
    }
}

/// The first so many nodes, by address.
pub(crate) fn ask_for_nodes(requests: &Requests, count: usize) -> Result<Vec<NodeView>, EngineGone> {
    let mut nodes: Vec<NodeView> = Vec::new();
    while nodes.len() < count {
        let from = NodeNo(nodes.len() as u32);
        let some = requests.ask(|reply| Request::Nodes(from, reply))?;
        if some.is_empty() {
            break;
        }
        nodes.extend(some);
    }
    nodes.truncate(count);
    nodes.sort_unstable_by_key(|node| node.address);
    Ok(nodes)
}

/// Checks the files from end to end once the start is over.
fn check_later(files: [(PathBuf, Option<String>); 2], stats: &Arc<Stats>) -> io::Result<()> {
    let stats = Arc::downgrade(stats);
    let check = move || {
        thread::sleep(CHECK_AFTER);
        for (file, table) in files {
            let Some(stats) = stats.upgrade() else { return };
            match poe_store::check_integrity(&file, table.as_deref()) {
                Ok(None) => {}
                Ok(Some(damage)) => {
                    let told = format!("{} is damaged: {damage}; restore a backup", file.display());
                    error!("{told}");
                    stats.recorder().damage.push(told);
                }
                Err(cause) => warn!(%cause, "{} could not be checked: {cause}", file.display()),
            }
        }
    };
    thread::Builder::new().name("check".into()).spawn(check).map(drop)
}
