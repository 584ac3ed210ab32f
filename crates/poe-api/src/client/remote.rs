//! A server in the network: where it is, who it has to be, and who asks.

use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hyper::Uri;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

use crate::client::Token;
use crate::tls::read_certificates;

/// By what a server in the network is asked.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Who asks.
    pub token: Option<Token>,
    /// The certificate of the authority that vouches for the server, as a PEM file; without it, those of this system.
    pub ca: Option<PathBuf>,
    /// Whether the token may be sent in the clear, where everybody on the way can read it.
    pub even_in_clear: bool,
}

/// Why a server cannot even be asked.
#[derive(Debug, Error)]
pub enum AccessError {
    /// Its address makes no sense.
    #[error("{url:?} is no address of a server: {why}; write it like https://poe.example:8443")]
    Url {
        /// The address.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Everybody on the way could read the token.
    #[error("{url} is not encrypted, and everybody on the way could read the token; use https")]
    TokenInClear {
        /// The address.
        url: String,
    },
    /// The authority's certificate cannot be read.
    #[error("cannot read the authority's certificate {}: {cause}", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: io::Error,
    },
    /// There is no authority at all.
    #[error("this system knows no authority for certificates; name the file of one")]
    NoAuthorities,
    /// The library of TLS failed.
    #[error("TLS cannot be used: {0}")]
    Tls(#[from] rustls::Error),
}

/// A server in the network.
#[derive(Debug, Clone)]
pub(super) struct Remote {
    /// As people call it.
    pub(super) url: String,
    /// A name or an address.
    pub(super) host: String,
    pub(super) port: u16,
    /// As the `Host` header calls it.
    pub(super) authority: String,
    pub(super) token: Option<Token>,
    /// What a handshake needs, unless it is asked in the clear.
    pub(super) tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

impl Remote {
    pub(super) fn new(url: &str, access: Access) -> Result<Self, AccessError> {
        let unfit = |why| AccessError::Url { url: url.to_owned(), why };
        let uri: Uri = url.parse().map_err(|_| unfit("it cannot be read"))?;
        let is_secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(unfit("it begins with neither https:// nor http://")),
        };
        let authority = uri.authority().ok_or_else(|| unfit("it names no host"))?.as_str();
        if authority.contains('@') {
            return Err(unfit("it holds a name or a password, which belong into a token"));
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(unfit("a server has no path"));
        }
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        if !is_secure && access.token.is_some() && !access.even_in_clear && !is_here(host) {
            return Err(AccessError::TokenInClear { url: url.to_owned() });
        }
        let tls = match is_secure {
            true => {
                let name =
                    ServerName::try_from(host.to_owned()).map_err(|_| unfit("its host has no name"))?;
                Some((Arc::new(trusting(access.ca.as_deref())?), name))
            }
            false => None,
        };
        let (url, host) = (url.trim_end_matches('/').to_owned(), host.to_owned());
        Ok(Remote { url, host, port, authority: authority.to_owned(), token: access.token, tls })
    }
}

/// Whether what is sent to this host stays on this machine.
fn is_here(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

fn trusting(ca: Option<&Path>) -> Result<ClientConfig, AccessError> {
    let mut authorities = RootCertStore::empty();
    match ca {
        Some(path) => {
            let unfit = |cause| AccessError::Authority { path: path.to_owned(), cause };
            for certificate in read_certificates(path).map_err(unfit)? {
                authorities.add(certificate).map_err(|cause| unfit(io::Error::other(cause.to_string())))?;
            }
            if authorities.is_empty() {
                return Err(unfit(io::Error::other("it holds no certificate")));
            }
        }
        None => {
            // Of a system's hundreds some are always odd; those that are not are enough.
            authorities.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if authorities.is_empty() {
                return Err(AccessError::NoAuthorities);
            }
        }
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(authorities)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(url: &str, token: bool) -> Result<Remote, String> {
        let token = token.then(|| Token::new("poe_7_secret").unwrap());
        let told = |error: AccessError| error.to_string();
        Remote::new(url, Access { token, ..Access::default() }).map_err(told)
    }

    #[test]
    fn an_address_is_a_scheme_a_host_and_a_port() {
        for (url, host, port, authority) in [
            ("http://localhost", "localhost", 80, "localhost"),
            ("http://127.0.0.1:8080/", "127.0.0.1", 8080, "127.0.0.1:8080"),
            ("http://[::1]:8080", "::1", 8080, "[::1]:8080"),
        ] {
            let remote = remote(url, true).unwrap();
            assert_eq!((remote.host.as_str(), remote.port), (host, port));
            assert_eq!(remote.authority, authority);
        }
        for (url, why) in [
            ("poe.example:8443", "neither https:// nor http://"),
            ("ftp://poe.example", "neither https:// nor http://"),
            ("/data/poe.sock", "neither https:// nor http://"),
            ("https://", "cannot be read"),
            ("http://anna:secret@poe.example", "belong into a token"),
            ("http://poe.example/api", "has no path"),
            ("http://poe.example?x=1", "has no path"),
        ] {
            let told = remote(url, false).unwrap_err();
            assert!(told.contains(why), "{url}: {told}");
        }
    }

    #[test]
    fn a_token_leaves_the_machine_only_encrypted() {
        let told = remote("http://10.0.0.7:8080", true).unwrap_err();
        assert!(told.contains("everybody on the way could read the token"), "{told}");
        assert!(!told.contains("secret"), "{told}");
        assert!(remote("http://10.0.0.7:8080", false).is_ok());
        let token = Token::new("poe_7_secret");
        let access = Access { token, even_in_clear: true, ..Access::default() };
        assert!(Remote::new("http://10.0.0.7:8080", access).is_ok());
    }
}
