//! What other threads ask of the engine.

use super::{Engine, Told};
use crate::net::poll::Waker;
use poe_building::{
    Done, Input, NodeNo, NodeView, Order, OrderRefused, Outcome, PromiseId, Quarantined, Time, Who,
};
use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::mpsc::{self, Receiver, SyncSender},
};

/// Requests that wait at once, and that the engine looks at in one round; who finds the queue full waits.
const REQUESTS_MAX: usize = 64;
/// Questions answered in one round: less than a millisecond, and the sockets come next, however many ask again at once. The
/// others keep their turn.
const QUESTIONS_MAX: usize = 8;
/// Nodes told at once, so that a long list delays no reading: some 50 us.
const NODES_MAX: usize = 1_000;

/// One question or order.
#[derive(Debug)]
pub(crate) enum Request {
    /// From the recorder: its batch is written.
    Recorded,
    /// From the recorder: the journal has its part of the batch; the table does not take the values for now.
    TableWaits,
    /// From the recorder: the news that it was given meanwhile are stored.
    NewsStored,
    /// From the recorder: it has ended before its time and writes nothing more.
    GaveUp,
    /// Which connections are open?
    Connections(SyncSender<Vec<ConnectionView>>),
    /// Which nodes are known, from this number on? Up to [`NODES_MAX`].
    Nodes(NodeNo, SyncSender<Vec<NodeView>>),
    /// Which nodes are not let in?
    Quarantine(SyncSender<Vec<Quarantined>>),
    /// Close the connections of this address. How many were there?
    Disconnect(IpAddr, SyncSender<u64>),
    /// Do this, on somebody's behalf.
    Order(Box<Order>, Who, SyncSender<Result<Done, OrderRefused>>),
    /// From the notifier: this has become of a promise, at that time.
    Outcome(PromiseId, Outcome, Time),
    /// Tell what happens, as long as somebody listens.
    Watch(SyncSender<Told>),
    /// Read what has arrived, have it written down, and end.
    Stop,
}

impl Request {
    /// Whether it changes nothing.
    fn is_question(&self) -> bool {
        matches!(self, Self::Connections(_) | Self::Nodes(..) | Self::Quarantine(_))
    }
}

/// An open connection, for people.
#[derive(Clone, PartialEq, Debug)]
pub struct ConnectionView {
    /// The peer's address.
    pub address: IpAddr,
    /// The peer's port.
    pub port: u16,
    /// Whether the peer is a node: a POST has come from its address.
    pub is_node: bool,
    /// When it connected.
    pub since: Time,
    /// When its latest bytes came.
    pub last_heard: Option<Time>,
    /// Whole frames on this connection, the invalid ones included.
    pub frames: u64,
    /// Frames that meant nothing.
    pub invalid: u64,
}

/// The engine has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the server has stopped")]
pub struct EngineGone;

/// The engine's side of the requests.
#[derive(Debug)]
pub(crate) struct Inbox {
    requests: Receiver<Request>,
    /// Whose turn has not come yet. Each of those who ask waits for its answer, so that there are no more than threads.
    questions: VecDeque<Request>,
}

/// Everyone else's side.
#[derive(Clone, Debug)]
pub(crate) struct Requests {
    sender: SyncSender<Request>,
    waker: Waker,
}

impl Requests {
    pub(crate) fn new(waker: Waker) -> (Self, Inbox) {
        let (sender, receiver) = mpsc::sync_channel(REQUESTS_MAX);
        (Self { sender, waker }, Inbox { requests: receiver, questions: VecDeque::new() })
    }

    pub(crate) fn send(&self, request: Request) -> Result<(), EngineGone> {
        self.sender.send(request).map_err(|_| EngineGone)?;
        self.waker.wake();
        Ok(())
    }

    /// What became of a promise. An engine that has ended leaves the promise open for the next run.
    pub(crate) fn report(&self, promise: PromiseId, outcome: Outcome, at: Time) {
        self.send(Request::Outcome(promise, outcome, at)).ok();
    }

    /// Asks and waits for the answer.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(SyncSender<T>) -> Request) -> Result<T, EngineGone> {
        let (reply, answer) = mpsc::sync_channel(1);
        self.send(question(reply))?;
        answer.recv().map_err(|_| EngineGone)
    }
}

impl Inbox {
    /// Waits for the next request; `None` if nobody is left who could ask.
    pub(crate) fn wait(&self) -> Option<Request> {
        self.requests.recv().ok()
    }
}

impl Engine {
    /// Does what was asked for: everything, but of the questions only some. A reply that nobody waits for any more is
    /// dropped.
    pub(super) fn answer_requests(&mut self) {
        let mut taken = 0;
        while taken < REQUESTS_MAX
            && let Ok(request) = self.inbox.requests.try_recv()
        {
            taken += 1;
            if request.is_question() {
                self.inbox.questions.push_back(request);
            } else {
                self.answer(request);
            }
        }
        for _ in 0..QUESTIONS_MAX {
            let Some(question) = self.inbox.questions.pop_front() else { break };
            self.answer(question);
        }
        if taken == REQUESTS_MAX || !self.inbox.questions.is_empty() {
            self.poller.waker().wake();
        }
    }

    fn answer(&mut self, request: Request) {
        match request {
            Request::Recorded => {
                self.handover.written();
                self.watch.stored();
            }
            Request::TableWaits => self.handover.table_waits(),
            Request::NewsStored => self.handover.news_stored(),
            Request::Order(order, who, reply) => {
                let done = self.building.order(*order, &who, self.clock.now());
                self.building.take_events(&mut self.events);
                self.tell_events();
                drop(reply.try_send(done));
            }
            Request::Outcome(promise, outcome, at) => {
                self.announcer.confirmed(promise, &outcome, at);
                let input = Input::Outcome { promise, outcome, at };
                self.building.handle(input, self.clock.now(), &mut self.events);
            }
            Request::Connections(reply) => drop(reply.try_send(self.connection_views())),
            Request::Nodes(from, reply) => {
                drop(reply.try_send(self.building.nodes(from).take(NODES_MAX).collect()));
            }
            Request::Quarantine(reply) => drop(reply.try_send(self.building.quarantine().collect())),
            Request::Disconnect(address, reply) => drop(reply.try_send(self.disconnect(address))),
            Request::Watch(watcher) => self.watch.add(watcher),
            Request::GaveUp => self.handover.give_up(),
            Request::Stop => self.stopping = true,
        }
    }

    fn connection_views(&self) -> Vec<ConnectionView> {
        let view = |connection: &crate::net::connections::Connection| ConnectionView {
            address: connection.session.address(),
            port: connection.port,
            is_node: connection.session.node().is_some(),
            since: connection.since,
            last_heard: connection.last_heard,
            frames: connection.session.frames(),
            invalid: connection.session.invalid(),
        };
        self.connections.iter().map(view).collect()
    }
}
