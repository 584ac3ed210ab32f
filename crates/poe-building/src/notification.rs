//! Who is told: targets, the groups that they are in, and what has been promised to them.

use crate::{AlarmId, Class, Text, Time, words::words};
use core::time::Duration;

/// A way to reach somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Its name.
    pub name: Text,
    /// How.
    pub delivery: Delivery,
    /// A notification older than this is given up and shown as a dead letter. `None`: [`EXPIRES_AFTER`].
    pub expires: Option<Duration>,
}

/// A notification that could not be delivered for so long tells nobody anything new.
pub const EXPIRES_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// How a target is reached. Secrets are named by the file that holds them, so that they are in no database and in no
/// export.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// By e-mail.
    Email(Email),
    /// By a request to an HTTP server.
    Webhook(Webhook),
    /// By a program on this machine, which gets the notification as JSON on its standard input.
    Command {
        /// The program and its arguments; there is no shell.
        arguments: Vec<Text>,
        /// It is ended after this time.
        time_limit: Duration,
    },
}

/// A command that does not end is ended after this time.
pub const COMMAND_TIME_LIMIT: Duration = Duration::from_secs(10);

/// A mailbox and the server that takes its mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Email {
    /// The mail server's name or address.
    pub host: Text,
    /// Its port.
    pub port: u16,
    /// How the connection is kept private.
    pub security: MailSecurity,
    /// A file with the certificates to trust beside the system's.
    pub ca_file: Option<Text>,
    /// The name to log in with.
    pub user: Option<Text>,
    /// The file that holds the password.
    pub password_file: Option<Text>,
    /// Who it comes from.
    pub from: Text,
    /// Who gets it.
    pub to: Vec<Text>,
}

/// How the connection to a mail server is kept private.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailSecurity {
    /// It begins in the open and must turn to TLS before anything is said.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// In the open. For a mail server on the same machine.
    None,
}

impl MailSecurity {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::StartTls, Self::Tls, Self::None];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StartTls => "starttls",
            Self::Tls => "tls",
            Self::None => "none",
        }
    }

    /// The port that mail servers usually have for it.
    pub const fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// An address on an HTTP server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Webhook {
    /// Where to.
    pub url: Text,
    /// What the body looks like.
    pub format: WebhookFormat,
    /// The file that holds the secret by which requests are signed.
    pub secret_file: Option<Text>,
    /// A file with the certificates to trust beside the system's.
    pub ca_file: Option<Text>,
}

/// What the body of a webhook looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WebhookFormat {
    /// Our own JSON.
    Json,
    /// As an ntfy server takes it.
    Ntfy,
    /// As Slack and those who imitate it take it.
    Slack,
    /// OASIS Common Alerting Protocol 1.2, XML.
    Cap,
}

impl WebhookFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Json, Self::Ntfy, Self::Slack, Self::Cap];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ntfy => "ntfy",
            Self::Slack => "slack",
            Self::Cap => "cap",
        }
    }
}

/// Targets that are told together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TargetGroup {
    /// Its name.
    pub name: Text,
    /// Groups of level 1 are told first, those of level 2 when nobody has acknowledged in time, and so on.
    pub level: u8,
    /// Its targets, by name.
    pub targets: Vec<Text>,
    /// The classes that it is told of.
    pub classes: Vec<Class>,
    /// The places that it is told of; none: all of them.
    pub places: Vec<Text>,
    /// When it is on duty; none: always.
    pub hours: Vec<Hours>,
}

/// A time of some days of the week, on the clock of the building.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hours {
    /// Monday is 0.
    pub days: [bool; 7],
    /// Minute of the day at which it begins.
    pub from: u16,
    /// Minute of the day at which it ends; not after `from`: on the next day.
    pub to: u16,
}

impl Hours {
    /// Whether this minute of the week is in it. Minute 0 is Monday at midnight.
    pub fn contains(self, minute_of_week: u32) -> bool {
        const DAY: u32 = 24 * 60;
        let (from, mut to) = (u32::from(self.from), u32::from(self.to));
        if to <= from {
            to += DAY;
        }
        (0..7).filter(|day| self.days[*day as usize]).any(|day| {
            let since = (minute_of_week + 7 * DAY - day * DAY - from) % (7 * DAY);
            since < to - from
        })
    }
}

/// Where the server says that it lives, so that somebody else notices when it does not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heartbeat {
    /// The address that is asked for.
    pub url: Text,
    /// How often.
    pub interval: Duration,
    /// A file with the certificates to trust beside the system's.
    pub ca_file: Option<Text>,
}

/// A promise's number. No number comes twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PromiseId(pub u64);

/// A notification that a target will get: written down before it is sent, and until the target has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Promise {
    /// Its number.
    pub id: PromiseId,
    /// The target's name.
    pub target: Text,
    /// The journal entry that it tells of.
    pub seq: u64,
    /// The alarm that it tells of; a restart notice and a test tell of none.
    pub alarm: Option<AlarmId>,
    /// The class of its signal.
    pub class: Class,
    /// Within its class, 1 before 9.
    pub priority: u8,
    /// Why it is sent.
    pub reason: Reason,
    /// What makes a second copy of it recognisable: source, rule, the reading's stamp, and the reason.
    pub key: Text,
    /// What it says, in one line.
    pub summary: Text,
    /// When it was promised.
    pub promised: Time,
    /// When it is given up.
    pub expires: Time,
}

/// Why a notification is sent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// A signal was raised.
    Raised,
    /// Nobody has acknowledged it in time.
    Escalated,
    /// It was acknowledged and is still active.
    AskedAgain,
    /// It was quiet, is no longer, and is still unacknowledged.
    Unquieted,
    /// The server has started again, and this is still active.
    Restarted,
    /// Somebody wants to know whether it arrives.
    Test,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::Raised, Self::Escalated, Self::AskedAgain, Self::Unquieted, Self::Restarted, Self::Test];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Escalated => "escalated",
            Self::AskedAgain => "asked_again",
            Self::Unquieted => "unquieted",
            Self::Restarted => "restarted",
            Self::Test => "test",
        }
    }
}

/// What became of a promise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The target has said that it has it.
    Confirmed,
    /// A try has failed; it is tried again.
    Failed(Text),
    /// It is given up, for this reason.
    Dead(Text),
}

/// How a promise stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PromiseState {
    /// It has still to be delivered.
    Open,
    /// The target has it.
    Confirmed,
    /// It was given up.
    Dead,
}

impl PromiseState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Confirmed, Self::Dead];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Confirmed => "confirmed",
            Self::Dead => "dead",
        }
    }
}

words!(MailSecurity, WebhookFormat, Reason, PromiseState);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_go_over_midnight_and_over_the_week() {
        let at = |day: u32, hour: u32| day * 24 * 60 + hour * 60;
        let night =
            Hours { days: [false, false, false, false, false, false, true], from: 22 * 60, to: 6 * 60 };
        assert!(night.contains(at(6, 23)));
        assert!(night.contains(at(0, 5)), "Monday morning belongs to Sunday night");
        assert!(!night.contains(at(0, 6)));
        assert!(!night.contains(at(6, 5)));
        let always = Hours { days: [true; 7], from: 0, to: 0 };
        assert!((0..7 * 24).all(|hour| always.contains(hour * 60)));
    }
}
