//! The door of this crate: a handle that never waits, before a thread that may.

use crate::{
    backoff::Dice,
    delivery::Reach,
    dispatch,
    figures::{HeartbeatFigures, TargetFigures},
    page::{Page, Report},
    state::{Settings, State},
};
use poe_building::{Heartbeat, Moment, Target, Text, Ticks, Time};
use std::{
    fmt, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::sync::Notify;

/// A stop waits no longer for the thread, which may be in somebody's report.
const STOP_MAX: Duration = Duration::from_secs(1);

/// Brings pages to their targets. Dropping it stops it; what is unsent then stays promised.
pub struct Notifier {
    shared: Arc<Shared>,
    /// It is closed when the thread ends.
    ended: Mutex<mpsc::Receiver<()>>,
    thread: thread::JoinHandle<()>,
}

/// What the handle and the thread share. The lock is held for as long as it takes to look into a queue, never while
/// something is sent or reported.
pub(crate) struct Shared {
    state: Mutex<State>,
    pub(crate) wake: Notify,
    stopping: AtomicBool,
    began: Instant,
}

impl Notifier {
    /// Starts the thread. `report` is called on it, and should hand on and return: until it does, nothing is sent.
    ///
    /// # Errors
    /// The system has no thread or no descriptor left.
    pub fn start(report: Box<dyn Fn(Report) + Send>) -> io::Result<Self> {
        dispatch::install_cryptography();
        let runtime = dispatch::runtime()?;
        let shared = Arc::new(Shared {
            state: Mutex::new(State::new(Dice::fresh())),
            wake: Notify::new(),
            stopping: AtomicBool::new(false),
            began: Instant::now(),
        });
        let (alive, ended) = mpsc::channel();
        let thread = {
            let shared = Arc::clone(&shared);
            thread::Builder::new().name("notifier".into()).spawn(move || {
                let _alive: mpsc::Sender<()> = alive;
                runtime.block_on(dispatch::run(&shared, &report));
                // A name that is being looked up cannot be interrupted, and is left behind.
                runtime.shutdown_background();
            })?
        };
        Ok(Self { shared, ended: Mutex::new(ended), thread })
    }

    /// Says who can be told, what the site is called, where the heartbeat goes, and where both it and webhooks may
    /// go. This replaces what was said before. A target that stays keeps what waits for it; what waits for one
    /// that is gone is given up.
    pub fn set_targets(&self, site: Text, targets: Vec<Target>, heartbeat: Option<Heartbeat>, reach: Reach) {
        let now = self.shared.now();
        self.shared.state().set_targets(Settings { site, reach }, targets, heartbeat, now);
        self.shared.wake.notify_one();
    }

    /// Takes pages in. A page that is known is not sent twice; one for a target that was never set is given up.
    pub fn send(&self, pages: Vec<Page>) {
        let now = self.shared.now();
        self.shared.state().accept(pages, now);
        self.shared.wake.notify_one();
    }

    /// How each target stands, by name.
    pub fn figures(&self) -> Vec<TargetFigures> {
        self.shared.state().figures(self.shared.now())
    }

    /// How the heartbeat stands, if there is to be one.
    pub fn heartbeat(&self) -> Option<HeartbeatFigures> {
        self.shared.state().heartbeat()
    }

    /// Whether the thread is there. If it is not, nobody is told of anything any more.
    pub fn is_running(&self) -> bool {
        !self.thread.is_finished()
    }

    /// Ends the thread within a second. Pages under way are cut off; they stay promised, as those that wait do.
    pub fn stop(self) {}
}

impl Drop for Notifier {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Release);
        self.shared.wake.notify_one();
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Nothing is ever sent here: it ends by being closed, or is left behind.
        let _ = ended.recv_timeout(STOP_MAX);
    }
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifier").finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Both clocks.
    pub(crate) fn now(&self) -> Moment {
        let time = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX),
        };
        let ticks = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        Moment { time: Time(time), ticks: Ticks(ticks) }
    }

    /// When these ticks are, for a runtime that sleeps.
    pub(crate) fn instant(&self, ticks: Ticks) -> Option<Instant> {
        self.began.checked_add(Duration::from_micros(ticks.0))
    }
}
