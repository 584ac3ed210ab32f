//! Waiting for sockets, and being woken by other threads.

use nix::{
    errno::Errno,
    sys::{
        epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout},
        eventfd::{EfdFlags, EventFd},
    },
};
use std::{io, os::fd::AsFd, sync::Arc, time::Duration};

/// What became ready.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ready {
    /// Another thread has woken the poller.
    Woken,
    /// The listener with this number has connections to accept.
    Listener(usize),
    /// The datagram socket with this number has datagrams to read.
    Datagrams(usize),
    /// The connection with this key has bytes, or has ended.
    Connection(usize),
}

/// How many sockets one wait can report. The rest is reported by the next one, in turn.
const READY_MAX: usize = 1024;

/// Watches any number of sockets. A socket that is not read empty is reported again, after the others: nobody has
/// to keep a list, and none is starved.
pub(crate) struct Poller {
    epoll: Epoll,
    events: Vec<EpollEvent>,
    waker: Arc<EventFd>,
}

/// Wakes a [`Poller`] from any thread.
#[derive(Clone, Debug)]
pub(crate) struct Waker(Arc<EventFd>);

impl Waker {
    pub(crate) fn wake(&self) {
        // The counter is full only after 2^64 wakes that nobody saw; then the poller is awake anyway.
        self.0.write(1).ok();
    }
}

impl Poller {
    pub(crate) fn new() -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let waker = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?);
        let poller = Self { epoll, events: vec![EpollEvent::empty(); READY_MAX], waker };
        poller.watch(&poller.waker, Ready::Woken)?;
        Ok(poller)
    }

    pub(crate) fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.waker))
    }

    /// Watches a socket until it is closed or [unwatched](Self::unwatch).
    pub(crate) fn watch(&self, socket: impl AsFd, as_what: Ready) -> io::Result<()> {
        Ok(self.epoll.add(socket, EpollEvent::new(EpollFlags::EPOLLIN, as_what.token()))?)
    }

    pub(crate) fn unwatch(&self, socket: impl AsFd) -> io::Result<()> {
        Ok(self.epoll.delete(socket)?)
    }

    /// Waits, at most so long, and tells what is ready.
    pub(crate) fn wait(&mut self, at_most: Duration, ready: &mut Vec<Ready>) -> io::Result<()> {
        // Rounded up: a wait that ends a little early would only be followed by another.
        let timeout = EpollTimeout::try_from(at_most.as_micros().div_ceil(1000).min(60_000) as i32)
            .expect("between 0 and a minute");
        let count = match self.epoll.wait(&mut self.events, timeout) {
            Ok(count) => count,
            Err(Errno::EINTR) => 0,
            Err(errno) => return Err(errno.into()),
        };
        ready.clear();
        ready.extend(self.events[..count].iter().map(|event| Ready::from_token(event.data())));
        if ready.contains(&Ready::Woken) {
            // Read back to zero; it was not zero, so that this does not fail.
            self.waker.read().ok();
        }
        Ok(())
    }
}

const KIND_BITS: u32 = 2;

impl Ready {
    fn token(self) -> u64 {
        let (kind, number) = match self {
            Self::Woken => (0, 0),
            Self::Listener(number) => (1, number),
            Self::Datagrams(number) => (2, number),
            Self::Connection(key) => (3, key),
        };
        (number as u64) << KIND_BITS | kind
    }

    fn from_token(token: u64) -> Self {
        let number = (token >> KIND_BITS) as usize;
        match token & ((1 << KIND_BITS) - 1) {
            0 => Self::Woken,
            1 => Self::Listener(number),
            2 => Self::Datagrams(number),
            _ => Self::Connection(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_there_and_back() {
        for ready in [Ready::Woken, Ready::Listener(3), Ready::Datagrams(0), Ready::Connection(1 << 20)] {
            assert_eq!(Ready::from_token(ready.token()), ready);
        }
    }

    #[test]
    fn a_wake_ends_a_wait_and_counts_once() {
        let mut poller = Poller::new().unwrap();
        let mut ready = Vec::new();
        poller.waker().wake();
        poller.waker().wake();
        poller.wait(Duration::from_secs(5), &mut ready).unwrap();
        assert_eq!(ready, [Ready::Woken]);
        poller.wait(Duration::ZERO, &mut ready).unwrap();
        assert_eq!(ready, []);
    }
}
