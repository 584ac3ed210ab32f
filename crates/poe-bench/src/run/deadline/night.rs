//! One night: a server with everything around it, flames, and when they came to whom.

use super::flames::{Flames, Lit};
use super::follower::follow;
use super::hardship::{DeafFollower, SlowDisk};
use super::journal::{self, Stamps};
use super::sightings::Sighting;
use super::stages;
use super::webhook::{Hanging, Receiver};
use crate::failure::{Doing, Failure};
use crate::run::client::Client;
use crate::run::lab::{Lab, Nodes};
use crate::run::latency::bare_syncs;
use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

/// More than any scene connects.
const CONNECTIONS_MAX: u32 = 20_000;
/// Until every sensor has been heard and stored.
const SETTLING: Duration = Duration::from_secs(5);
/// An alarm that has not come by now never will.
const PATIENCE: Duration = Duration::from_secs(15);

/// What happens around the flames.
pub struct Scene {
    pub flames: usize,
    pub gap: Duration,
    pub loads: &'static [Nodes],
    /// Whether the disk, a webhook, a client and the console stand still.
    pub stalled: bool,
}

/// What was seen of it.
pub struct Night {
    pub flames: Vec<Flame>,
    pub frames_per_s: f64,
    /// Bare syncs on the same disk, right after the flames.
    pub syncs: Vec<Duration>,
    /// What the server itself says of the alarms: nothing, if it could not store them.
    pub own: Option<Own>,
}

/// One flame, and when it came to whom.
pub struct Flame {
    pub lit: Lit,
    pub client: Option<Sighting>,
    pub webhook: Option<Sighting>,
}

/// The server's own measures.
pub struct Own {
    pub stamps: HashMap<String, Stamps>,
    pub stored_p99_ms: f64,
    pub notified_p99_ms: f64,
}

impl Night {
    pub fn watch(lab: &Lab, scene: &Scene) -> Result<Self, Failure> {
        let folder = lab.folder()?;
        let data = folder.path().join("data");
        let mut server = if scene.stalled {
            lab.server_with_console(&data, CONNECTIONS_MAX)?
        } else {
            lab.server(&data, CONNECTIONS_MAX)?
        };
        let (receiver, hanging) = (Receiver::open()?, Hanging::open()?);
        server.local.put_building(&building(&receiver, scene.stalled.then_some(&hanging)))?;
        let _loads: Vec<_> =
            scene.loads.iter().map(|nodes| lab.load(server.tcp, nodes)).collect::<Result<_, _>>()?;
        let flames = Flames::connect(server.tcp, scene.flames)?;
        thread::sleep(SETTLING);

        let client = follow(&server.local)?;
        let _hardships = if scene.stalled {
            // Every changed status from here on, to an output that nobody reads.
            server.say("v on")?;
            let deaf = DeafFollower::follow(&server.local)?;
            Some((deaf, SlowDisk::of(server.pid(), folder.path())?))
        } else {
            None
        };
        let (frames, began) = (server.frames()?, Instant::now());
        let lit = flames.light(scene.gap)?;
        client.await_count(lit.len(), PATIENCE);
        receiver.told.await_count(lit.len(), PATIENCE);
        let frames_per_s = (server.frames()? - frames) as f64 / began.elapsed().as_secs_f64();

        let syncs = bare_syncs(folder.path()).doing(|| "measure the disk".into())?;
        let own = if scene.stalled { None } else { Some(Own::of(&server.local, lit.len())?) };
        let flames = lit.into_iter().map(|lit| {
            let (client, webhook) = (client.get(&lit.source), receiver.told.get(&lit.source));
            Flame { lit, client, webhook }
        });
        let night = Self { flames: flames.collect(), frames_per_s, syncs, own };
        stages::tell(&night);
        Ok(night)
    }
}

impl Own {
    /// What the server says once all is stored, its knowledge of who was told included.
    fn of(client: &Client, flames: usize) -> Result<Self, Failure> {
        let until = Instant::now() + PATIENCE;
        let complete = |stamps: &Stamps| stamps.committed.is_some() && stamps.notified.is_some();
        let mut stamps = journal::stamps(client)?;
        while stamps.values().filter(|stamps| complete(stamps)).count() < flames && Instant::now() < until {
            thread::sleep(Duration::from_millis(200));
            stamps = journal::stamps(client)?;
        }
        let stored_p99_ms = journal::latency_ms(client, "received_to_committed", "p99_ms")?;
        let notified_p99_ms = journal::latency_ms(client, "received_to_notified", "p99_ms")?;
        Ok(Self { stamps, stored_p99_ms, notified_p99_ms })
    }
}

/// A site where only flames are told, to one webhook that answers, and perhaps to one that does not.
fn building(receiver: &Receiver, hanging: Option<&Hanging>) -> String {
    let target = |name, addr| {
        format!(
            "[[target]]\nname = \"{name}\"\nwebhook = {{ url = \"http://{addr}/\", format = \"json\" }}\n"
        )
    };
    let mut text = "[site]\nname = \"bench\"\nlate_s = 100\ntrouble_s = 200\n".to_owned();
    let mut names = "\"desk\"".to_owned();
    if let Some(hanging) = hanging {
        text += &target("hanging", hanging.addr);
        names = format!("\"hanging\", {names}");
    }
    text += &target("desk", receiver.addr);
    text + &format!("[[group]]\nname = \"all\"\nlevel = 1\ntargets = [{names}]\nclasses = [\"alarm\"]\n")
}
