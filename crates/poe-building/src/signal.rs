//! What is signalled, about what, and who answers: the words that alarms, journal and notifications share.

use crate::{SensorKey, UnknownWord, words::words};
use core::{fmt, net::IpAddr, str::FromStr};
use std::sync::Arc;

/// A text that many hold and nobody changes.
pub type Text = Arc<str>;

/// The three kinds of signal, the most important first. In every queue one class overtakes the next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// A rule says that people must act: a flame, dense smoke, an emergency raised by hand.
    Alarm,
    /// It needs a person but is no fire: a warning, humidity, a sensor that looks unhealthy.
    Supervisory,
    /// The system cannot be trusted to notice: a silent node, a failing disk, a page that does not get out.
    Trouble,
}

impl Class {
    /// Every class, the most important first.
    pub const ALL: [Self; 3] = [Self::Alarm, Self::Supervisory, Self::Trouble];

    /// The word for it everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alarm => "alarm",
            Self::Supervisory => "supervisory",
            Self::Trouble => "trouble",
        }
    }

    /// Its place in the order of [`Class::ALL`], from 1: the priority of its signals unless a rule says otherwise.
    pub const fn priority(self) -> u8 {
        self as u8 + 1
    }
}

words!(Class);

/// What a signal is about. It is named by what lasts: addresses and names, so that it means the same after a restart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Source {
    /// A sensor, by its key.
    Sensor(SensorKey),
    /// A node, by its address.
    Node(IpAddr),
    /// The site, a building, a floor, a zone or a room, by its name.
    Place(Text),
    /// What feeds nodes with power and network, by its name.
    Switch(Text),
    /// The server itself.
    System,
}

impl Source {
    /// Which of the five it is, as a word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Sensor(_) => "sensor",
            Self::Node(_) => "node",
            Self::Place(_) => "place",
            Self::Switch(_) => "switch",
            Self::System => "system",
        }
    }

    /// Reads what [`Source::kind`] and [`Display`](fmt::Display) write.
    ///
    /// # Errors
    /// There is no such kind, or the name is no key or address.
    pub fn from_kind_and_name(kind: &str, name: &str) -> Result<Self, UnknownWord> {
        match kind {
            "sensor" => name.parse().map(Self::Sensor).map_err(|_| UnknownWord),
            "node" => name.parse().map(Self::Node).map_err(|_| UnknownWord),
            "place" => Ok(Self::Place(name.into())),
            "switch" => Ok(Self::Switch(name.into())),
            "system" => Ok(Self::System),
            _ => Err(UnknownWord),
        }
    }

    /// The node that it is, or is on.
    pub const fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Sensor(key) => Some(key.address),
            Self::Node(address) => Some(*address),
            Self::Place(_) | Self::Switch(_) | Self::System => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sensor(key) => write!(f, "{key}"),
            Self::Node(address) => write!(f, "{address}"),
            Self::Place(name) | Self::Switch(name) => f.write_str(name),
            Self::System => f.write_str("system"),
        }
    }
}

/// A person or a program that gives an order, and the door that it came through.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Who {
    /// The person's name; at the console and the local socket that of the system's user.
    pub name: Text,
    /// From where: `console`, `socket`, `library`, or an address.
    pub origin: Text,
}

impl Who {
    /// Somebody.
    pub fn new(name: impl Into<Text>, origin: impl Into<Text>) -> Self {
        Self { name: name.into(), origin: origin.into() }
    }
}

/// What people raise by hand.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Emergency {
    /// Somebody has seen a fire.
    Fire,
    /// A storm, a flood.
    ExtremeWeather,
    /// Somebody shoots.
    ActiveShooter,
    /// Anything else from which the public must be kept safe.
    PublicSafety,
}

impl Emergency {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Fire, Self::ExtremeWeather, Self::ActiveShooter, Self::PublicSafety];

    /// The word for it in commands.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fire => "fire",
            Self::ExtremeWeather => "extreme_weather",
            Self::ActiveShooter => "active_shooter",
            Self::PublicSafety => "public_safety",
        }
    }

    /// The rule under which it is signalled.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Fire => "emergency.fire",
            Self::ExtremeWeather => "emergency.extreme_weather",
            Self::ActiveShooter => "emergency.active_shooter",
            Self::PublicSafety => "emergency.public_safety",
        }
    }

    /// What people are told.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Fire => "fire reported by hand",
            Self::ExtremeWeather => "extreme weather",
            Self::ActiveShooter => "active shooter",
            Self::PublicSafety => "danger to the public",
        }
    }
}

impl FromStr for Emergency {
    type Err = UnknownWord;

    /// Also with a hyphen in place of the underscore.
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let word = word.replace('-', "_");
        Self::ALL.into_iter().find(|emergency| emergency.name() == word).ok_or(UnknownWord)
    }
}
