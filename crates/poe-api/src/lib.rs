//! The HTTP door: what people and programs see of a running server.
//!
//! It stands at the end of a reading's road. The server lends it a [`Server`], the views in `routes` turn
//! what that says into HTTP, and nothing here ever reaches back into the engine.
//!
//! ```no_run
//! # fn server() -> std::sync::Arc<dyn poe_api::Server> { unimplemented!() }
//! use poe_api::{Api, Listeners, Settings, bind_http, bind_local};
//!
//! let http = bind_http("127.0.0.1:8080".parse()?)?;
//! println!("listening http {}", http.addr());
//! let listeners = Listeners { http: vec![http], local: Some(bind_local("data/poe.sock")?) };
//! let api = Api::start(listeners, Settings::default(), server())?;
//! api.stop();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod client;
pub mod password;
pub mod tls;
pub mod token;

mod accounts;
mod answer;
mod answered;
mod api;
mod auth;
mod bind;
mod courtesy;
mod door;
mod glance;
mod guard;
mod host;
mod idempotency;
mod journal;
mod limits;
mod live;
mod openapi;
mod peer;
mod places;
mod plans;
mod problem;
mod request;
mod roll;
mod routes;
mod scribe;
mod selection;
mod server;
mod shares;
mod stream;
mod views;
mod whereabouts;
mod words;
mod work;
mod write_deadline;

pub use accounts::SetupToken;
pub use api::{Api, Listeners, Settings, StartError};
pub use bind::{BindError, HttpListener, LocalListener, bind_http, bind_local};
pub use host::is_host_name;
pub use limits::Limits;
pub use plans::keep_picture;
pub use routes::document;
pub use server::{
    AlarmFigures, AlarmSeconds, CommitSeconds, HistoryFigures, Latency, Metrics, Occurrence, OrderFailed,
    Ordered, Readiness, Run, SECONDS_BOUNDS, Seconds, Server, SignalLatency, Spread, TargetStatus,
};
