//! The one table of settings. To add a setting, add an entry; everything else follows from it.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use ipnet::IpNet;

use super::error::Refusal;
use super::values::{self, Console, GIB_MAX, Gib, KindDays, LogFormat, Written};
use super::{ENV_PREFIX, text};

/// What can be written for a setting.
#[derive(Debug)]
pub enum Form {
    /// A whole number: what it counts, and the range it must lie in.
    Number(&'static str, RangeInclusive<u64>),
    /// A number that may have decimals: what it counts, and the range it must lie in.
    Decimal(&'static str, RangeInclusive<u64>),
    /// One text of this shape.
    Text(&'static str),
    /// Any number of texts of this shape: an array in TOML, else separated by commas.
    List(&'static str),
    /// Yes or no: `true` or `false`. Its flag alone means `true`.
    Switch,
}

/// One setting: its name, what it means and what it takes.
#[derive(Debug)]
pub struct Setting {
    /// The key in the TOML file; the flag and the variable are made from it.
    pub key: &'static str,
    /// What can be written for it, with unit and range.
    pub form: Form,
    /// What it means, line by line, each with a space before it.
    pub meaning: &'static [&'static str],
    read: fn(&mut Config, &str) -> Result<(), Refusal>,
    write: fn(&Config) -> String,
}

/// Each entry is a documented field of [`Config`] with its default, its form and the function that reads it.
macro_rules! settings {
    ($($(#[doc = $meaning:literal])+ $key:ident: $type:ty = $default:literal, $form:expr, $read:expr;)+) => {
        /// Everything a person can decide before the start.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Config {
            $($(#[doc = $meaning])+ pub $key: $type,)+
        }

        /// All settings, in the order of the example.
        pub static SETTINGS: &[Setting] = &[$(Setting {
            key: stringify!($key),
            form: $form,
            meaning: &[$($meaning),+],
            read: |config, text| $read(text).map(|value| config.$key = value),
            write: |config| config.$key.written(),
        }),+];

        impl Default for Config {
            fn default() -> Self {
                Self { $($key: $read($default).expect("a test sets every setting to its default")),+ }
            }
        }
    };
}

settings! {
    /// Where nodes connect over TCP. Port 0 picks a free port; IPv6 is written `[::]:1234`.
    listen: Vec<SocketAddr> = "0.0.0.0:1234", Form::List("ADDR:PORT"), values::addresses;

    /// Where nodes send datagrams. Empty: nowhere.
    udp: Vec<SocketAddr> = "", Form::List("ADDR:PORT"), values::addresses;

    /// Where HTTP is served, or none. An address that other machines can reach needs TLS, or a proxy that has it.
    http: Option<SocketAddr> = "127.0.0.1:8080", Form::Text("ADDR:PORT|none"), values::http;

    /// The certificate for HTTPS, with those between it and its authority. Empty: if other machines can reach http,
    /// the one that `poe tls init` has made in the data_dir. A change of the file is in force within 10 s.
    tls_cert: Option<PathBuf> = "", Form::Text("PEM FILE"), values::optional_path;

    /// The key of that certificate.
    tls_key: Option<PathBuf> = "", Form::Text("PEM FILE"), values::optional_path;

    /// A proxy has the TLS, and nobody else can reach http: it is believed where clients come from (X-Forwarded-For).
    behind_proxy: bool = "false", Form::Switch, values::switch;

    /// Names by which clients may call this machine, beside its addresses, localhost and those in the certificate.
    host_names: Vec<String> = "", Form::List("NAME"), values::host_names;

    /// The folder of all that is ours. A relative path starts where the program was started.
    data_dir: PathBuf = "./data", Form::Text("DIR"), values::path;

    /// The SQLite file with the table that others read. Empty: poe.db in the data_dir.
    db: Option<PathBuf> = "", Form::Text("PATH"), values::optional_path;

    /// The name of that table: letters, digits and underscores, at most 64 of them.
    table: String = "sensors", Form::Text("NAME"), values::table_name;

    /// The most nodes connected at once.
    max_connections: usize = "1024", Form::Number("connections", 1..=1_000_000), values::number;

    /// The most connections from one address.
    max_connections_per_address: usize = "64", Form::Number("connections", 1..=1_000_000), values::number;

    /// The most sensors known. At this limit a new sensor is refused and told about; known ones go on.
    max_sensors: u32 = "1048576", Form::Number("sensors", 1..=16_777_216), values::number;

    /// The most nodes known. At this limit the sensors of a new node are refused and told about.
    max_nodes: u32 = "131072", Form::Number("nodes", 1..=16_777_216), values::number;

    /// The networks nodes may come from; anyone else is refused before a byte is read.
    /// The default is loopback, private and link-local addresses.
    allow: Vec<IpNet> =
        "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fe80::/10,fc00::/7",
        Form::List("CIDR"), values::networks;

    /// The networks that webhooks may go to beside public addresses; loopback and private ones only if they are
    /// listed here.
    notify_allow: Vec<IpNet> = "", Form::List("CIDR"), values::networks;

    /// The longest an ordinary reading waits before its commit begins; a change of status does not wait.
    /// With the commit itself, whoever reads the table waits about 10 ms longer than this.
    commit_interval_ms: u64 = "40", Form::Number("ms", 1..=1_000), values::number;

    /// Whether every reading is kept, for years, in Parquet files in the data_dir.
    history: bool = "true", Form::Switch, values::switch;

    /// Days after which readings are removed from the history; 0: never.
    history_keep_days: u32 = "0", Form::Number("days", 0..=36_500), values::number;

    /// Days after which readings of single kinds are removed, where that is earlier: MOTION=30.
    history_keep_days_of: Vec<KindDays> = "", Form::List("KIND=DAYS"), values::kind_days;

    /// The most that files with readings may fill, in GiB; beyond it the oldest days are removed. 0: no limit.
    /// Today's files count, and stay; roll-ups and the log do not count.
    /// Whatever is set, the oldest days go first when the disk is nearly full.
    history_max_gib: Gib = "0", Form::Decimal("GiB", 0..=GIB_MAX), values::gib;

    /// Days after which roll-ups (minutes and hours of the readings) are removed; 0: never.
    rollup_keep_days: u32 = "0", Form::Number("days", 0..=36_500), values::number;

    /// The POE-TERM prompt; auto: when standard input is a terminal.
    console: Console = "auto", Form::Text("auto|on|off"), values::choice;

    /// Which log lines are written: a level, or levels by module such as info,poe::engine=debug.
    log: String = "info", Form::Text("FILTER"), values::log_filter;

    /// How log lines are written: text for people, json for machines.
    log_format: LogFormat = "text", Form::Text("text|json"), values::choice;
}

impl Setting {
    /// The flag, without its dashes: `max-connections`.
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// The environment variable: `POE_MAX_CONNECTIONS`.
    pub fn env(&self) -> String {
        format!("{ENV_PREFIX}{}", self.key.to_uppercase())
    }

    /// What it takes and what it is when nobody says: `Takes 1 to 1000 ms; default 40.`
    pub fn takes(&self) -> String {
        let default = text::toml_value(self, &Config::default());
        match &self.form {
            Form::Number(unit, range) => {
                format!("Takes {} to {} {unit}; default {default}.", range.start(), range.end())
            }
            Form::Decimal(unit, range) => {
                let (least, most) = (range.start(), range.end());
                format!("Takes {least} to {most} {unit}, also parts such as 0.5; default {default}.")
            }
            Form::Text(form) => format!("Takes {form}; default {default}."),
            Form::List(form) => format!("Takes any number of {form}; default {default}."),
            Form::Switch => format!("Takes true or false; default {default}."),
        }
    }

    /// Sets it from text, as a flag or a variable holds it; elements of a list are separated by commas.
    pub fn set(&self, config: &mut Config, text: &str) -> Result<(), Refusal> {
        if let Form::Number(_, range) = &self.form
            && !text.parse().is_ok_and(|number| range.contains(&number))
        {
            return Err(Refusal::Range { value: text.to_owned(), least: *range.start(), most: *range.end() });
        }
        (self.read)(config, text)
    }

    /// Its value as text, which [`set`](Self::set) understands.
    pub fn get(&self, config: &Config) -> String {
        (self.write)(config)
    }
}
