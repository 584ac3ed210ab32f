//! By e-mail. The steps of SMTP are taken one by one, each within its time, so that one wrong recipient costs only itself.

use super::file;
use crate::{
    failure::Failure,
    format::{self, Message, plain},
    queue::Reached,
};
use lettre::{
    Address,
    message::{
        Mailbox, SinglePart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use poe_building::{Email, MailSecurity, Text};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::{task::spawn_blocking, time::timeout};

/// A mail server that takes longer for one step is tried again later.
const STEP_MAX: Duration = Duration::from_secs(10);

/// All steps together, however many recipients there are.
const TOTAL_MAX: Duration = Duration::from_secs(60);

/// The farewell is a courtesy.
const QUIT_MAX: Duration = Duration::from_secs(1);

/// A line of a mail's text is at most this long before it is cut.
const LINE_BYTES_MAX: usize = 900;

/// Sends a message by e-mail to those of its recipients who do not have it yet.
pub(crate) async fn deliver(email: &Email, message: &Message<'_>, reached: &Reached) -> Result<(), Failure> {
    let too_long =
        |_| Err(Failure::Troubled(format!("the mail server took more than {} s", TOTAL_MAX.as_secs())));
    timeout(TOTAL_MAX, send(email, message, reached)).await.unwrap_or_else(too_long)
}

async fn send(email: &Email, message: &Message<'_>, reached: &Reached) -> Result<(), Failure> {
    let letter = Letter::new(email, message)?;
    let missing: Vec<_> = letter.to.iter().map(|to| (to, Text::from(to.to_string()))).collect();
    let missing: Vec<_> = missing.into_iter().filter(|(_, name)| !reached.contains(name)).collect();
    if missing.is_empty() {
        // Whoever did not have it is no longer among the recipients.
        return Ok(());
    }
    let mut server = connected(email).await?;
    let from = Some(letter.from.clone());
    let introduced = step("MAIL", server.command(Mail::new(from, Vec::new()))).await;
    introduced.map_err(|failure| Failure::Unreachable(format!("the sender was not taken: {failure}")))?;
    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    for (to, name) in missing {
        match step("RCPT", server.command(Rcpt::new(to.clone(), Vec::new()))).await {
            Ok(()) => taken.push(name),
            // After silence nothing more can be said.
            Err(failure @ Failure::Unreachable(_)) => return Err(failure),
            Err(failure) => refused.push((name, failure)),
        }
    }
    if let Some((_, failure)) = refused.first()
        && taken.is_empty()
        && reached.is_empty()
    {
        return Err(Failure::Unreachable(format!("no recipient was taken: {failure}")));
    }
    if !taken.is_empty() {
        step("DATA", server.command(Data)).await?;
        step("the text", server.message(&letter.bytes)).await?;
    }
    let _ = timeout(QUIT_MAX, server.quit()).await;
    partly(taken, &refused)
}

/// Not quite a yes, if somebody was not taken.
fn partly(reached: Vec<Text>, refused: &[(Text, Failure)]) -> Result<(), Failure> {
    let Some((_, failure)) = refused.last() else { return Ok(()) };
    let names: Vec<&str> = refused.iter().map(|(name, _)| &**name).collect();
    Err(Failure::Partly {
        reason: format!("the others have it, but not {}: {failure}", names.join(", ")),
        reached,
        lasting: refused.iter().all(|(_, failure)| matches!(failure, Failure::Refused(_))),
    })
}

/// What is sent.
struct Letter {
    from: Address,
    to: Vec<Address>,
    bytes: Vec<u8>,
}

impl Letter {
    fn new(email: &Email, message: &Message<'_>) -> Result<Self, Failure> {
        let from = mailbox(&email.from)?;
        let to = email.to.iter().map(|to| mailbox(to)).collect::<Result<Vec<_>, _>>()?;
        if to.is_empty() {
            return Err(Failure::Unreachable("the target has no recipients".into()));
        }
        // Of what is sent twice all copies have one name and one date.
        let id = format!("<{}@{}>", message.digest(), from.email.domain());
        let micros = message.pages.first().map_or(0, |page| page.promise.promised.0);
        let written = UNIX_EPOCH + Duration::from_micros(u64::try_from(micros).unwrap_or_default());
        let mut builder = lettre::Message::builder()
            .from(from.clone())
            .subject(message.subject())
            .message_id(Some(id))
            // What no mail can carry as a date is sent under today's.
            .date(if written <= SystemTime::now() { written } else { SystemTime::now() });
        for to in &to {
            builder = builder.to(to.clone());
        }
        let text = format::body(message, LINE_BYTES_MAX);
        let mut letter = builder
            .singlepart(SinglePart::plain(text))
            .map_err(|error| Failure::Refused(format!("the mail cannot be written: {error}")))?;
        let mut header = |name, value| letter.headers_mut().insert_raw(HeaderValue::new(name, value));
        header(HeaderName::new_from_ascii_str("X-Poe-Key"), message.header_key());
        header(HeaderName::new_from_ascii_str("X-Poe-Class"), message.class().name().to_owned());
        // So that nobody's holiday notice comes back.
        header(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        if message.unsaved() {
            header(HeaderName::new_from_ascii_str("X-Poe-Unsaved"), "true".to_owned());
        }
        let to = to.into_iter().map(|to| to.email).collect();
        Ok(Self { from: from.email, to, bytes: letter.formatted() })
    }
}

fn mailbox(text: &str) -> Result<Mailbox, Failure> {
    let text = plain::line(text);
    text.parse().map_err(|error| Failure::Unreachable(format!("`{text}` is no mail address: {error}")))
}

/// A connection on which everything is said that comes before the mail.
async fn connected(email: &Email) -> Result<AsyncSmtpConnection, Failure> {
    let tls = match email.security {
        MailSecurity::None => None,
        MailSecurity::StartTls | MailSecurity::Tls => Some(tls(email).await?),
    };
    let from_start = tls.clone().filter(|_| email.security == MailSecurity::Tls);
    let name = ClientId::default();
    let server = (&*email.host, email.port);
    let connecting = AsyncSmtpConnection::connect_tokio1(server, Some(STEP_MAX), &name, from_start, None);
    let mut server = match timeout(STEP_MAX, connecting).await {
        Ok(connected) => connected.map_err(|error| Failure::Unreachable(told(&error)))?,
        Err(_) => return Err(Failure::Unreachable(format!("no connection within {} s", STEP_MAX.as_secs()))),
    };
    if email.security == MailSecurity::StartTls
        && let Some(tls) = tls
    {
        not_the_pages_fault(step("STARTTLS", server.starttls(tls, &name)).await)?;
    }
    if let Some(user) = &email.user {
        let password = match &email.password_file {
            Some(path) => String::from_utf8_lossy(&file::secret("password_file", path).await?).into_owned(),
            None => String::new(),
        };
        let credentials = Credentials::new(user.to_string(), password);
        let logging_in = step("the login", server.auth(DEFAULT_MECHANISMS, &credentials)).await;
        not_the_pages_fault(logging_in)?;
    }
    Ok(server)
}

async fn tls(email: &Email) -> Result<TlsParameters, Failure> {
    let pem = match &email.ca_file {
        Some(path) => Some(file::certificates("ca_file", path).await?),
        None => None,
    };
    let host = email.host.to_string();
    // The system's certificates are read from the disk.
    let built = spawn_blocking(move || {
        let mut builder = TlsParameters::builder(host);
        if let Some(pem) = pem {
            builder = builder.add_root_certificate(Certificate::from_pem(&pem)?);
        }
        builder.build_rustls()
    });
    match built.await {
        Ok(Ok(tls)) => Ok(tls),
        Ok(Err(error)) => Err(Failure::Unreachable(format!("TLS cannot be set up: {}", told(&error)))),
        Err(error) => Err(Failure::Unreachable(format!("TLS cannot be set up: {error}"))),
    }
}

/// One step, within its time. A page is refused only by a lasting refusal; what may pass makes the target pause.
async fn step<T>(name: &str, step: impl Future<Output = Result<T, Error>>) -> Result<(), Failure> {
    match timeout(STEP_MAX, step).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) if error.is_permanent() => Err(Failure::Refused(format!("{name}: {}", told(&error)))),
        Ok(Err(error)) if error.is_transient() => Err(Failure::Troubled(format!("{name}: {}", told(&error)))),
        Ok(Err(error)) => Err(Failure::Unreachable(format!("{name}: {}", told(&error)))),
        Err(_) => Err(Failure::Unreachable(format!("{name}: no answer within {} s", STEP_MAX.as_secs()))),
    }
}

/// Before the mail is spoken of no page can be at fault.
fn not_the_pages_fault(result: Result<(), Failure>) -> Result<(), Failure> {
    result.map_err(|failure| Failure::Unreachable(failure.to_string()))
}

/// What went wrong, with its causes.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}
