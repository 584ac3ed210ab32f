//! A server with a building and accounts in it.

use crate::{
    speech::{Ask, Told, ask},
    support::{PATIENCE, Server, Setup},
};
use serde_json::{Value, json};
use std::{
    os::unix::net::UnixStream,
    thread,
    time::{Duration, Instant},
};

pub const PASSWORD: &str = "seven grey herons";

/// The site's two houses, each with a kitchen; the node of the tests is in the first.
pub const BUILDING: &str = r#"
site = { name = "campus" }
place = [
    { name = "house", kind = "building" },
    { name = "kitchen", kind = "zone", within = "house" },
    { name = "barn", kind = "building" },
    { name = "stable", kind = "zone", within = "barn" },
]
node = [
    { address = "127.0.0.1", name = "stove", place = "kitchen" },
    { address = "127.0.0.2", name = "manger", place = "stable" },
]
target = [{ name = "siren", command = { run = ["/bin/true"] } }]
"#;

pub struct House {
    pub server: Server,
}

impl House {
    pub fn open() -> Self {
        Self::of(&Setup::new())
    }

    pub fn of(setup: &Setup) -> Self {
        let house = Self { server: setup.start() };
        house.owner(ask("PUT", "/api/v1/building").sent_as("application/toml", BUILDING.into())).check(200);
        house
    }

    /// Asks over the network.
    #[track_caller]
    pub fn told(&self, request: &Ask) -> Told {
        request.to(self.server.http())
    }

    /// Asks through the local socket, as the owner.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "nearly all are made where they are asked")]
    pub fn owner(&self, request: Ask) -> Told {
        let stream = UnixStream::connect(self.server.setup().data_path().join("poe.sock")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        request.over(stream)
    }

    /// The text of a token of this role.
    #[track_caller]
    pub fn token(&self, name: &str, role: &str, buildings: &[&str]) -> String {
        let body = json!({ "name": name, "role": role, "buildings": buildings });
        let told = self.owner(ask("POST", "/api/v1/tokens").json(&body)).check(201);
        told.json()["token"].as_str().unwrap().to_owned()
    }

    /// Somebody with an account, and [`PASSWORD`].
    #[track_caller]
    pub fn user(&self, name: &str, role: &str) {
        let body = json!({ "name": name, "role": role, "password": PASSWORD });
        self.owner(ask("POST", "/api/v1/users").json(&body)).check(201);
    }

    pub fn try_login(&self, name: &str, password: &str) -> Told {
        self.told(&login(name, password))
    }

    /// The cookie of a new session.
    #[track_caller]
    pub fn login(&self, name: &str) -> String {
        self.try_login(name, PASSWORD).check(200).cookie().unwrap()
    }

    /// What the server says of whoever has this cookie.
    pub fn who(&self, cookie: &str) -> Told {
        self.told(&ask("GET", "/api/v1/session").header("Cookie", cookie))
    }

    /// The latest entry of the journal.
    pub fn last_seq(&self) -> u64 {
        let events = self.owner(ask("GET", "/api/v1/events?last=1")).check(200).json();
        events["items"][0]["seq"].as_u64().unwrap_or(0)
    }

    /// The entries of this kind after this one, once there is one; none, if none comes.
    #[track_caller]
    pub fn entries(&self, kind: &str, after: u64) -> Vec<Value> {
        let path = format!("/api/v1/events?kind={kind}&after={after}");
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let items = self.owner(ask("GET", &path)).check(200).json()["items"].as_array().unwrap().clone();
            if !items.is_empty() || Instant::now() > deadline {
                return items;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Memory that the program holds.
    pub fn memory_bytes(&self) -> u64 {
        let page = self.owner(ask("GET", "/metrics")).check(200).body;
        let line = page.lines().find_map(|line| line.strip_prefix("process_resident_memory_bytes "));
        line.unwrap().parse::<f64>().unwrap() as u64
    }

    /// The contract.
    pub fn contract(&self) -> Value {
        self.owner(ask("GET", "/api/openapi.json")).check(200).json()
    }
}

pub fn login(name: &str, password: &str) -> Ask {
    ask("POST", "/api/v1/login").json(&json!({ "name": name, "password": password }))
}
