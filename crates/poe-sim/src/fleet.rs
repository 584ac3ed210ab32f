//! Many common nodes at once, over real sockets.

use crate::control::{FleetControl, Report, Shared};
use crate::node::CommonNode;
use crate::seed::Random;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use poe_wire::FRAME_BYTES;
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// A server's backlog may be as short as 128; what does not fit into it waits a second for its next try.
const CONNECTS_AT_ONCE: usize = 128;
/// Longer than the SYN's first two repetitions, after 1 s and 3 s.
const CONNECT_WAIT_MAX: Duration = Duration::from_secs(5);
/// The least time between a failed packet and the next, so that a fleet without a pause does not spin.
const RETRY_PAUSE_MIN: Duration = Duration::from_millis(100);
/// A finite run that has reached nobody ends after this: time enough for a server that is just starting.
const NOBODY_REACHED_MAX: Duration = Duration::from_secs(10);
/// A server that takes nothing for so long counts as lost, so that a finite run ends.
const WRITE_WAIT_MAX: Duration = Duration::from_secs(30);
/// What a client has to finish its packet in once the run is stopped.
const STOP_WAIT_MAX: Duration = Duration::from_secs(2);
/// What the server has to close its side in. After that the kernel delivers what is left.
const CLOSE_WAIT_MAX: Duration = Duration::from_secs(2);

/// A number of nodes that post to one server. A packet is one burst of the 21 sensors, every frame in a write
/// of its own, as the firmware has it.
///
/// ```no_run
/// # fn main() -> std::io::Result<()> {
/// use poe_sim::{Fleet, FleetControl};
/// use std::time::Duration;
///
/// let target = ([127, 0, 0, 1], 1234).into();
/// let fleet = Fleet { clients: 3, packets: Some(5), pause: Duration::from_secs(1), target, seed: 4711 };
/// let control = FleetControl::new();
/// let running = std::thread::spawn({
///     let control = control.clone();
///     move || fleet.run(&control)
/// });
/// println!("{}", control.report()); // how far it is; control.stop() would end it
/// let report = running.join().expect("it does not panic")?;
/// println!("{report}"); // 3 clients, 15 packets, 315 frames in 4.0 s (79 frames/s)
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fleet {
    /// How many nodes.
    pub clients: u32,
    /// How many packets each of them sends; `None` is without end. A packet that is due while its node has no
    /// connection counts as missed and is not made up for.
    pub packets: Option<u64>,
    /// From the end of a client's packet to the begin of its next.
    pub pause: Duration,
    /// The server.
    pub target: SocketAddr,
    /// Each client is a node of its own, which follows from this seed and the client's number.
    pub seed: u64,
}

impl Fleet {
    /// Runs the fleet in the calling thread until every client has sent its packets or `control` stops it, and
    /// returns once what was sent has been handed over. A `control` serves one run.
    ///
    /// What goes wrong with the connections is no error: the clients try again, and the report tells. A
    /// finite run that has reached nobody for 10 s gives up. More than a few hundred clients need
    /// [`raise_descriptor_limit`] first.
    ///
    /// # Errors
    /// When the system denies what it takes to wait for sockets (descriptors, as a rule).
    ///
    /// # Panics
    /// In a thread that already drives asynchronous tasks.
    pub fn run(&self, control: &FleetControl) -> io::Result<Report> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(runtime.block_on(self.sail(control)))
    }

    /// The node that this client plays, as it is before its first packet.
    pub fn node(&self, client: u32) -> CommonNode {
        CommonNode::new(Random::new(self.seed).next() ^ Random::new(client.into()).next())
    }

    /// The source address that this client takes, so that the server sees a node of its own: one in 127/8,
    /// when the target is this machine over IPv4, for every client but the first. `None` is the default
    /// address. The first 16 million differ.
    pub fn source(&self, client: u32) -> Option<IpAddr> {
        let IpAddr::V4(target) = self.target.ip().to_canonical() else { return None };
        let beyond_first =
            client.checked_sub(1).filter(|_| target.is_loopback() || target.is_unspecified())?;
        // The third byte is never 0, which keeps clear of 127.0.0.1; the last one never 0 or 255, which
        // some programs take for a network or a broadcast.
        let [high, middle, low] = [beyond_first / (254 * 254), beyond_first / 254 % 254, beyond_first % 254];
        Some(Ipv4Addr::new(127, high as u8, middle as u8 + 1, low as u8 + 1).into())
    }

    async fn sail(&self, control: &FleetControl) -> Report {
        let shared = control.shared();
        shared.begin(self.clients);
        let gate = Arc::new(Semaphore::new(CONNECTS_AT_ONCE));
        let client = |number| Client::new(*self, number, control.clone(), gate.clone());
        let mut clients: JoinSet<_> = (0..self.clients).map(|number| client(number).live()).collect();
        let mut open = Vec::new();
        let all_sent = async {
            while let Some(client) = clients.join_next().await {
                open.extend(client.expect("a client does not panic and is not aborted before this ends"));
            }
        };
        let stopped = async {
            shared.stopped().await;
            sleep(STOP_WAIT_MAX).await;
        };
        tokio::select! {
            () = all_sent => {}
            () = stopped => {}
            () = nobody_reached(shared), if self.packets.is_some() => {}
        }
        shared.end();
        clients.shutdown().await;
        let goodbyes: JoinSet<()> = open.into_iter().map(say_goodbye).collect();
        let _late_ones_are_left_to_the_kernel = timeout(CLOSE_WAIT_MAX, goodbyes.join_all()).await;
        control.report()
    }
}

/// Lets this process open as many descriptors as its hard limit allows, and returns that number. Each client
/// takes one.
///
/// # Errors
/// When the system denies it.
pub fn raise_descriptor_limit() -> io::Result<u64> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    Ok(hard)
}

struct Client {
    fleet: Fleet,
    number: u32,
    node: CommonNode,
    reached: bool,
    control: FleetControl,
    gate: Arc<Semaphore>,
}

impl Client {
    fn new(fleet: Fleet, number: u32, control: FleetControl, gate: Arc<Semaphore>) -> Self {
        Self { fleet, number, node: fleet.node(number), reached: false, control, gate }
    }

    /// The firmware's loop. It hands back the connection that is open at its end.
    async fn live(mut self) -> Option<TcpStream> {
        let mut connection = None;
        let mut pause = Duration::ZERO;
        for _ in 0..self.fleet.packets.unwrap_or(u64::MAX) {
            if self.control.shared().stopped_within(pause).await {
                break;
            }
            let stream = match connection.and_then(|stream| self.kept(stream)) {
                Some(stream) => Some(stream),
                None => self.connected().await,
            };
            connection = match stream {
                Some(stream) => self.posted(stream).await,
                None => None,
            };
            pause = self.fleet.pause;
            if connection.is_none() {
                self.control.shared().packets_missed.fetch_add(1, Relaxed);
                pause = pause.max(RETRY_PAUSE_MIN);
            }
        }
        connection
    }

    /// The connection, if it is still up. Like the firmware it takes one byte of what the server has sent.
    fn kept(&self, stream: TcpStream) -> Option<TcpStream> {
        match stream.try_read(&mut [0]) {
            Ok(1..) => Some(stream),
            Ok(0) => self.lost(&"the server closed it"),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Some(stream),
            Err(error) => self.lost(&error),
        }
    }

    async fn connected(&mut self) -> Option<TcpStream> {
        let _turn = self.gate.acquire().await.expect("the gate is never closed");
        match within(CONNECT_WAIT_MAX, self.connect()).await {
            Ok(stream) => {
                let first = !std::mem::replace(&mut self.reached, true);
                self.control.shared().connect_succeeded(first);
                Some(stream)
            }
            Err(error) => {
                let Self { number, fleet: Fleet { target, .. }, .. } = self;
                let why = || format!("client {number} could not connect to {target}: {error}");
                self.control.shared().connect_failed(why);
                None
            }
        }
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        let target = SocketAddr::new(self.fleet.target.ip().to_canonical(), self.fleet.target.port());
        let socket = if target.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_nodelay(true)?;
        if let Some(source) = self.fleet.source(self.number) {
            socket.bind(SocketAddr::new(source, 0))?;
        }
        socket.connect(target).await
    }

    /// The connection after the node's next burst, if it has taken all of it.
    async fn posted(&mut self, mut stream: TcpStream) -> Option<TcpStream> {
        let burst = self.node.burst();
        let shared = self.control.shared();
        let all_frames = async {
            for frame in burst.chunks(FRAME_BYTES) {
                stream.write_all(frame).await?;
                shared.frames.fetch_add(1, Relaxed);
            }
            Ok(())
        };
        match within(WRITE_WAIT_MAX, all_frames).await {
            Ok(()) => {
                shared.packets.fetch_add(1, Relaxed);
                Some(stream)
            }
            Err(error) => self.lost(&error),
        }
    }

    fn lost<T>(&self, cause: &dyn fmt::Display) -> Option<T> {
        let Self { number, fleet: Fleet { target, .. }, .. } = self;
        let why = || format!("client {number} lost its connection to {target}: {cause}");
        self.control.shared().connection_lost(why);
        None
    }
}

async fn within<T>(wait: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let too_late = |_| io::Error::new(ErrorKind::TimedOut, format!("no answer within {} s", wait.as_secs()));
    timeout(wait, work).await.map_err(too_late)?
}

async fn nobody_reached(shared: &Shared) {
    sleep(NOBODY_REACHED_MAX).await;
    if shared.reached.load(Relaxed) > 0 {
        std::future::pending::<()>().await;
    }
}

/// Closes so that nothing is lost: a socket that is dropped with unread bytes is reset, which can destroy
/// what it sent last.
async fn say_goodbye(mut stream: TcpStream) {
    let mut unread = [0; 256];
    if stream.shutdown().await.is_ok() {
        while let Ok(1..) = stream.read(&mut unread).await {}
    }
}
