//! What can be wrong with a configuration: each problem says where it is, what it is and what to try.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

/// All that is wrong, one line each, so that one look at the file is enough.
#[derive(Debug, Error)]
#[error("{}", lines(problems))]
pub struct ConfigError {
    /// Never empty; in the order of file, environment, flags.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Error)]
pub enum Problem {
    /// A value is not what its setting takes.
    #[error("{}{refusal}", before(origin, key, refusal))]
    Value {
        /// Where the value was written.
        origin: Origin,
        /// The setting.
        key: &'static str,
        /// Why it was refused.
        refusal: Refusal,
    },
    /// The file has a key that no setting has.
    #[error("{place}: unknown key '{}'; {}", key.escape_debug(), suggestion(*nearest))]
    UnknownKey {
        /// Where the key is.
        place: Place,
        /// The key as written.
        key: String,
        /// A setting with nearly that name.
        nearest: Option<&'static str>,
    },
    /// The file is not TOML, or not text at all.
    #[error("{place}: {message}; `poe config example` shows how settings are written")]
    Syntax {
        /// Where the reader stumbled.
        place: Place,
        /// What it says about it.
        message: String,
    },
    /// The file is not there, or cannot be read.
    #[error("{named_by}: cannot read '{}': {cause}; {}", path.display(), cure(cause))]
    Unreadable {
        /// What named the file.
        named_by: Origin,
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}

/// Why a value was refused.
#[derive(Debug, Error)]
pub enum Refusal {
    /// Not a whole number, or not in the range.
    #[error("{}: must be {least} to {most}", value.escape_debug())]
    Range {
        /// The value as written.
        value: String,
        /// The smallest it can be.
        least: u64,
        /// The largest it can be.
        most: u64,
    },
    /// Not of the form the setting takes.
    #[error("'{}' is not {what}; write it like {like}", text.escape_debug())]
    Form {
        /// The value as written.
        text: String,
        /// What it should be.
        what: &'static str,
        /// How it could look.
        like: &'static str,
    },
    /// Not one of the words the setting takes.
    #[error("'{}' is not one of {words}", text.escape_debug())]
    Choice {
        /// The value as written.
        text: String,
        /// The words, separated by commas.
        words: String,
    },
    /// Nothing was written where something is needed.
    #[error("must not be empty; write for example {0}")]
    Empty(&'static str),
    /// A list or a table where one value is needed.
    #[error("{0}")]
    Shape(&'static str),
    /// HTTP would be open to other machines, in the clear.
    #[error(
        "'{0}' can be reached from other machines, and passwords would cross the network in the clear; make a \
         certificate with `poe tls init`, name one with tls_cert and tls_key, set behind_proxy if a proxy has the \
         TLS, or write 127.0.0.1:{port}", port = .0.port()
    )]
    InTheClear(SocketAddr),
    /// A certificate without its key, or a key without its certificate.
    #[error("goes with {0}, which is empty; give both, or none")]
    Alone(&'static str),
    /// Not a name for a table.
    #[error(
        "'{}' is not a table name; use at most 64 letters, digits and underscores, not a digit or sqlite_ first",
        .0.escape_debug()
    )]
    TableName(String),
    /// Neither TCP nor UDP has an address.
    #[error("no address, and udp has none either, so no node could be heard; write it like 0.0.0.0:1234")]
    NowhereToListen,
    /// No network is admitted.
    #[error("no network, so every node would be refused; write it like 192.168.0.0/16")]
    NobodyAllowed,
}

impl Refusal {
    pub(super) fn not(what: &'static str, like: &'static str, text: &str) -> Self {
        Self::Form { text: text.to_owned(), what, like }
    }
}

/// Where the value of a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The configuration file.
    File(Place),
    /// The variable of this name.
    Environment(String),
    /// The flag of this name, without its dashes.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => write!(f, "default"),
            Self::File(place) => write!(f, "{}:{}", place.path.display(), place.line),
            Self::Environment(name) => write!(f, "{name}"),
            Self::Flag(name) => write!(f, "--{name}"),
        }
    }
}

/// A place in the configuration file; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was named.
    pub path: PathBuf,
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

/// A variable or a flag already says which setting it is; a line of the file does not.
fn before(origin: &Origin, key: &str, refusal: &Refusal) -> String {
    match (origin, refusal) {
        (_, Refusal::Range { .. }) => format!("{origin}: {key} = "),
        (Origin::Default | Origin::File(_), _) => format!("{origin}: {key}: "),
        (Origin::Environment(_) | Origin::Flag(_), _) => format!("{origin}: "),
    }
}

fn suggestion(nearest: Option<&str>) -> String {
    match nearest {
        Some(key) => format!("did you mean '{key}'?"),
        None => "`poe config example` lists every key".to_owned(),
    }
}

fn cure(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::NotFound => "`poe config example` prints a file to start from",
        _ => "name a TOML file that this user may read",
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}
