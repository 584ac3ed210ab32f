//! How HTTP is protected, judged from all settings together and from what `poe tls init` has made.

use super::error::{ConfigError, Problem, Refusal};
use super::{Config, Loaded};
use poe_api::tls::TlsFiles;

impl Loaded {
    /// The certificate by which HTTP is served over TLS; nothing: it is served in the clear.
    ///
    /// The certificate that the settings name wins. Otherwise loopback needs none, and a proxy has its own; any other
    /// address is served by the certificate of `poe tls init`.
    ///
    /// # Errors
    /// Other machines could reach it in the clear.
    pub fn tls(&self) -> Result<Option<TlsFiles>, ConfigError> {
        let Config { http, tls_cert, tls_key, behind_proxy, data_dir, .. } = &self.config;
        let Some(http) = http else { return Ok(None) };
        if let (Some(cert), Some(key)) = (tls_cert, tls_key) {
            return Ok(Some(TlsFiles { cert: cert.clone(), key: key.clone() }));
        }
        if *behind_proxy || http.ip().to_canonical().is_loopback() {
            return Ok(None);
        }
        let made = TlsFiles::in_data_dir(data_dir);
        if made.cert.exists() && made.key.exists() {
            return Ok(Some(made));
        }
        let (origin, key, refusal) = (self.origin("http"), "http", Refusal::InTheClear(*http));
        Err(ConfigError { problems: vec![Problem::Value { origin, key, refusal }] })
    }
}
