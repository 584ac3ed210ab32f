//! How the value of a setting is read from text and written back.

use std::fmt::{self, Display};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use ipnet::IpNet;
use poe_wire::SensorKind;
use tracing_subscriber::EnvFilter;

use super::error::Refusal;

/// Whether the `POE-TERM` prompt is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Console {
    /// When standard input is a terminal.
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// How long readings of one kind are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindDays {
    /// What the sensors measure.
    pub kind: SensorKind,
    /// Days, at least one.
    pub days: u32,
}

impl Display for KindDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.kind, self.days)
    }
}

/// A number of GiB that may have decimals, as it was meant and not as a binary fraction comes near it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gib {
    millionths: u64,
}

/// More than any disk has, and few enough that bytes of them fit into 64 bits.
pub(super) const GIB_MAX: u64 = 1_000_000;

/// A millionth of a GiB is a kilobyte: no file is as small.
const GIB_DECIMALS: usize = 6;
const GIB_PARTS: u64 = 1_000_000;

impl Gib {
    /// In bytes. What is more than nothing is a byte at least, since none would mean no limit.
    pub fn bytes(self) -> u64 {
        let bytes = (u128::from(self.millionths) << 30).div_ceil(u128::from(GIB_PARTS));
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

impl FromStr for Gib {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(whole) || !is_digits(part) || part.len() > GIB_DECIMALS {
            return Err(());
        }
        let part: u64 = format!("{part:0<GIB_DECIMALS$}").parse().map_err(|_| ())?;
        let whole: u64 = whole.parse().map_err(|_| ())?;
        let millionths = whole.checked_mul(GIB_PARTS).and_then(|whole| whole.checked_add(part)).ok_or(())?;
        (millionths <= GIB_MAX * GIB_PARTS).then_some(Self { millionths }).ok_or(())
    }
}

impl Display for Gib {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.millionths / GIB_PARTS, self.millionths % GIB_PARTS);
        if part == 0 {
            return write!(f, "{whole}");
        }
        let part = format!("{part:0>GIB_DECIMALS$}");
        write!(f, "{whole}.{}", part.trim_end_matches('0'))
    }
}

/// A value that is one of a few words.
pub(super) trait Choice: Copy + PartialEq + 'static {
    const WORDS: &'static [(&'static str, Self)];
}

impl Choice for Console {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("on", Self::On), ("off", Self::Off)];
}

impl Choice for LogFormat {
    const WORDS: &'static [(&'static str, Self)] = &[("text", Self::Text), ("json", Self::Json)];
}

pub(super) fn number<T: FromStr>(text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::not("a whole number", "1000", text))
}

pub(super) fn gib(text: &str) -> Result<Gib, Refusal> {
    const WHAT: &str = "a number from 0 to 1000000 with at most six decimals";
    text.parse().map_err(|()| Refusal::not(WHAT, "0.5", text))
}

pub(super) fn choice<T: Choice>(text: &str) -> Result<T, Refusal> {
    let found = T::WORDS.iter().find(|(word, _)| *word == text);
    found.map(|&(_, value)| value).ok_or_else(|| {
        let words: Vec<_> = T::WORDS.iter().map(|&(word, _)| word).collect();
        Refusal::Choice { text: text.to_owned(), words: words.join(", ") }
    })
}

pub(super) fn addresses(text: &str) -> Result<Vec<SocketAddr>, Refusal> {
    let address = |text: &str| text.parse().map_err(|_| Refusal::not("an address", "0.0.0.0:1234", text));
    elements(text).map(address).collect()
}

/// A bare address stands for the network that holds only it.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, Refusal> {
    let network = |text: &str| {
        let bare = || text.parse().map(|address: IpAddr| address.into());
        text.parse().or_else(|_| bare()).map_err(|_| Refusal::not("a network", "192.168.0.0/16", text))
    };
    elements(text).map(network).collect()
}

pub(super) fn kind_days(text: &str) -> Result<Vec<KindDays>, Refusal> {
    let pair = |text: &str| {
        let (kind, days) = text.split_once('=')?;
        let days = days.trim().parse().ok().filter(|days| *days > 0)?;
        Some(KindDays { kind: kind.trim().to_ascii_uppercase().parse().ok()?, days })
    };
    let read = |text| pair(text).ok_or_else(|| Refusal::not("a kind of sensor and days", "MOTION=30", text));
    elements(text).map(read).collect()
}

pub(super) fn http(text: &str) -> Result<Option<SocketAddr>, Refusal> {
    if text == "none" {
        return Ok(None);
    }
    let address = text.parse().map_err(|_| Refusal::not("an address", "127.0.0.1:8080, or none", text))?;
    Ok(Some(address))
}

pub(super) fn switch(text: &str) -> Result<bool, Refusal> {
    text.parse().map_err(|_| Refusal::Choice { text: text.to_owned(), words: "true, false".to_owned() })
}

pub(super) fn host_names(text: &str) -> Result<Vec<String>, Refusal> {
    let name = |text: &str| match poe_api::is_host_name(text) {
        true => Ok(text.to_owned()),
        false => Err(Refusal::not("a host name", "poe.example", text)),
    };
    elements(text).map(name).collect()
}

pub(super) fn path(text: &str) -> Result<PathBuf, Refusal> {
    optional_path(text)?.ok_or(Refusal::Empty("./data"))
}

pub(super) fn optional_path(text: &str) -> Result<Option<PathBuf>, Refusal> {
    Ok((!text.is_empty()).then(|| text.into()))
}

/// The name goes into SQL text, where it cannot be a bound parameter; so it is kept plain. SQLite keeps
/// `sqlite_` for itself.
pub(super) fn table_name(text: &str) -> Result<String, Refusal> {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let starts_well = text.starts_with(|c: char| !c.is_ascii_digit());
    let reserved = text.to_ascii_lowercase().starts_with("sqlite_");
    if !plain || !starts_well || reserved || text.len() > 64 {
        return Err(Refusal::TableName(text.to_owned()));
    }
    Ok(text.to_owned())
}

/// Blanks around the directives go: `EnvFilter` finds its places in the text without them, but cuts the text with them,
/// where it misreads `info, poe=debug` and panics at ` é[`.
pub(super) fn log_filter(text: &str) -> Result<String, Refusal> {
    let filter = elements(text).collect::<Vec<_>>().join(",");
    if filter.is_empty() {
        return Err(Refusal::Empty("info"));
    }
    // The filter takes a word that is no level for the name of a module, and would be silent.
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let level = |word: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word));
    let plain_words = filter.split(',').filter(|directive| !directive.contains(['=', '[', ':']));
    let levels_only = plain_words.into_iter().all(|word| level(word) || word.starts_with("poe"));
    match EnvFilter::try_new(&filter) {
        Ok(_) if levels_only => Ok(filter),
        _ => Err(Refusal::not("a log filter", "info, or info,poe::engine=debug", text)),
    }
}

/// The elements of a list as text; commas separate them, and nothing between two commas is no element.
pub(super) fn elements(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|element| !element.is_empty())
}

/// A value as the text it can be read from again.
pub(super) trait Written {
    fn written(&self) -> String;
}

macro_rules! written {
    ($($type:ty: $value:ident => $text:expr;)+) => {
        $(impl Written for $type {
            fn written(&self) -> String {
                let $value = self;
                $text
            }
        })+
    };
}

written! {
    bool: switch => switch.to_string();
    usize: number => number.to_string();
    u32: number => number.to_string();
    u64: number => number.to_string();
    Gib: size => size.to_string();
    String: text => text.clone();
    PathBuf: path => path.display().to_string();
    Option<PathBuf>: path => path.as_ref().map(Written::written).unwrap_or_default();
    Option<SocketAddr>: address => address.map_or("none".to_owned(), |address| address.to_string());
    Console: choice => word(*choice);
    LogFormat: choice => word(*choice);
}

impl<T: ToString> Written for Vec<T> {
    fn written(&self) -> String {
        self.iter().map(T::to_string).collect::<Vec<_>>().join(",")
    }
}

fn word<T: Choice>(choice: T) -> String {
    let found = T::WORDS.iter().find(|&&(_, value)| value == choice);
    found.map(|&(word, _)| word.to_owned()).expect("every choice has its word")
}
