//! The connections to one HTTP server: they stay open between two pages, and go only where webhooks may go.

use super::file;
use crate::{failure::Failure, state::Settings};
use poe_building::Text;
use reqwest::{
    Certificate, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use std::{
    error::Error,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Mutex, Semaphore},
    task::spawn_blocking,
};

/// A server that does not take a connection within this time is tried again later.
pub(crate) const CONNECT_MAX: Duration = Duration::from_secs(3);

/// Open connections that wait for the next page: as many as are ever under way.
const IDLE_MAX: usize = 8;

/// How servers see who calls.
const USER_AGENT: &str = concat!("poe/", env!("CARGO_PKG_VERSION"));

/// The connections to the server of one address.
pub(crate) struct Client {
    url: Text,
    ca_file: Option<Text>,
    settings: Arc<Settings>,
    open: Mutex<Option<(Url, reqwest::Client)>>,
    /// One look-up at a time: the system's cannot be ended, and many that hang would use up all threads.
    looking_up: Arc<Semaphore>,
}

impl Client {
    pub(crate) fn new(url: Text, ca_file: Option<Text>, settings: Arc<Settings>) -> Self {
        Self { url, ca_file, settings, open: Mutex::default(), looking_up: Arc::new(Semaphore::new(1)) }
    }

    /// Somebody to send requests by, and the address to send them to.
    pub(crate) async fn open(&self) -> Result<(Url, reqwest::Client), Failure> {
        let mut open = self.open.lock().await;
        if let Some(client) = &*open {
            return Ok(client.clone());
        }
        let client = self.build().await?;
        Ok(open.insert(client).clone())
    }

    /// Gives up the connections, so that the next try looks at names, certificates and settings anew.
    pub(crate) async fn close(&self) {
        *self.open.lock().await = None;
    }

    async fn build(&self) -> Result<(Url, reqwest::Client), Failure> {
        // The address may hold a token, so no failure repeats it.
        let url = Url::parse(&self.url)
            .map_err(|error| Failure::Unreachable(format!("the address cannot be understood: {error}")))?;
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            other => {
                return Err(Failure::Unreachable(format!("webhooks go to http and https, not to {other}")));
            }
        };
        // Both schemes have a port of their own, so that there is always one.
        let port = url.port_or_known_default().unwrap_or_default();
        // A name is checked when it is looked up; an address is never looked up.
        let host = url.host_str().unwrap_or_default();
        if let Ok(literal) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            self.settings.reach.check((literal, port).into()).map_err(Failure::Unreachable)?;
        }
        let certificates = match &self.ca_file {
            Some(path) if secure => {
                let pem = file::certificates("ca_file", path).await?;
                Certificate::from_pem_bundle(&pem).map_err(|error| file::unusable("ca_file", path, &error))?
            }
            _ => Vec::new(),
        };
        let (settings, one) = (Arc::clone(&self.settings), Arc::clone(&self.looking_up));
        let lookup = Lookup { port, settings, one };
        let builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .no_proxy()
            .http1_only()
            .connect_timeout(CONNECT_MAX)
            .pool_max_idle_per_host(IDLE_MAX)
            .dns_resolver(lookup);
        // Without TLS the system's certificates need not be there.
        let builder =
            if secure { builder.tls_certs_merge(certificates) } else { builder.tls_certs_only(certificates) };
        // The system's certificates are read from the disk.
        let built = spawn_blocking(move || builder.build()).await;
        let client = match built {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => return Err(Failure::Unreachable(told(error))),
            Err(error) => return Err(Failure::Unreachable(error.to_string())),
        };
        Ok((url, client))
    }
}

/// What went wrong, from the outermost to the innermost cause, without the address.
pub(crate) fn told(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
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

/// Looks names up and leaves out the addresses that webhooks must not go to.
struct Lookup {
    /// Where the connection will go to at the address; the look-up itself is of names only.
    port: u16,
    settings: Arc<Settings>,
    one: Arc<Semaphore>,
}

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let (port, settings, one) = (self.port, Arc::clone(&self.settings), Arc::clone(&self.one));
        Box::pin(async move {
            let permit = one.acquire_owned().await?;
            let name = name.as_str().to_owned();
            let found = spawn_blocking(move || {
                // Given back when the system answers, even if nobody waits for it any more.
                let _permit = permit;
                (name.as_str(), 0).to_socket_addrs().map(Iterator::collect::<Vec<SocketAddr>>)
            })
            .await??;
            let mut refusal = "the name has no address".to_owned();
            let mut open = Vec::new();
            for found in found {
                match settings.reach.check((found.ip(), port).into()) {
                    Ok(()) => open.push(found),
                    Err(why) => refusal = why,
                }
            }
            if open.is_empty() {
                return Err(refusal.into());
            }
            Ok(Box::new(open.into_iter()) as Addrs)
        })
    }
}
