//! The ways out of the house, one file each. Whatever happens out there, a try ends within a known time.

mod address;
mod client;
mod command;
mod email;
mod file;
mod own;
mod webhook;

pub use address::{Reach, SETTING_ALLOW};

use crate::{
    failure::Failure,
    format::Message,
    state::{Job, Settings},
};
use client::Client;
use poe_building::{Delivery, Heartbeat, Target, Text};
use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

/// What is kept open for each target between two pages.
#[derive(Default)]
pub(crate) struct Doors(HashMap<Text, Arc<Door>>);

/// What is kept open for one target: the connections to its server, if it has one.
pub(crate) struct Door {
    target: Weak<Target>,
    settings: Weak<Settings>,
    client: Option<Client>,
}

impl Doors {
    /// The door of a target, opened anew when the target or the settings have changed.
    pub(crate) fn of(&mut self, target: &Arc<Target>, settings: &Arc<Settings>) -> Arc<Door> {
        let same = |door: &&Arc<Door>| {
            door.target.as_ptr() == Arc::as_ptr(target) && door.settings.as_ptr() == Arc::as_ptr(settings)
        };
        if let Some(door) = self.0.get(&target.name).filter(same) {
            return Arc::clone(door);
        }
        self.0.retain(|_, door| door.target.strong_count() > 0);
        let client = match &target.delivery {
            Delivery::Webhook(webhook) => {
                Some(Client::new(webhook.url.clone(), webhook.ca_file.clone(), Arc::clone(settings)))
            }
            Delivery::Email(_) | Delivery::Command { .. } => None,
        };
        let (weak_target, weak_settings) = (Arc::downgrade(target), Arc::downgrade(settings));
        let door = Arc::new(Door { target: weak_target, settings: weak_settings, client });
        self.0.insert(target.name.clone(), Arc::clone(&door));
        door
    }
}

impl Door {
    /// Brings pages to their target, as one message.
    pub(crate) async fn deliver(&self, job: &Job) -> Result<(), Failure> {
        let message = Message::new(&job.settings.site, &job.pages);
        match (&job.target.delivery, &self.client) {
            (Delivery::Webhook(webhook), Some(client)) => webhook::deliver(client, webhook, &message).await,
            (Delivery::Webhook(_), None) => Err(Failure::Unreachable("the target has just changed".into())),
            (Delivery::Email(email), _) => email::deliver(email, &message, &job.reached).await,
            (Delivery::Command { arguments, time_limit }, _) => {
                command::deliver(arguments, *time_limit, &message).await
            }
        }
    }
}

/// Says that the server lives.
pub(crate) async fn heartbeat(beat: &Heartbeat, settings: &Arc<Settings>) -> Result<(), Failure> {
    let client = Client::new(beat.url.clone(), beat.ca_file.clone(), Arc::clone(settings));
    webhook::get(&client).await
}
