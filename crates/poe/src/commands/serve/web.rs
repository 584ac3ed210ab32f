//! Where a browser finds the pages, as the start tells it.

use poe::config::Config;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where people find the pages.
pub(super) struct WebAddress {
    /// Where it is listened, as it is told to programs.
    pub(super) listening: String,
    /// What a browser on this machine opens.
    pub(super) url: String,
}

impl WebAddress {
    pub(super) fn new(address: SocketAddr, config: &Config, is_secure: bool) -> Self {
        let protocol = if is_secure { "https" } else { "http" };
        let listening = format!("{protocol} {address}");
        // What is listened to everywhere is also there.
        let here = |ip: IpAddr| match ip {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        let url = match config.host_names.first() {
            // A browser gets through the proxy only, and there at its usual port.
            Some(name) if config.behind_proxy => format!("https://{name}/"),
            // Its certificate says who it is.
            Some(name) if is_secure => format!("https://{name}:{}/", address.port()),
            _ => format!("{protocol}://{}/", SocketAddr::new(here(address.ip()), address.port())),
        };
        Self { listening, url }
    }

    /// The page that makes the first account. What is behind the `#` stays in the browser: no server and no log sees it.
    pub(super) fn setup(&self, token: &str) -> String {
        format!("{}#/setup?token={token}", self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(address: &str, is_secure: bool, change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config::default();
        change(&mut config);
        WebAddress::new(address.parse().unwrap(), &config, is_secure).url
    }

    #[test]
    fn a_browser_is_led_to_where_it_gets_in() {
        let named = |config: &mut Config| config.host_names = vec!["poe.example".to_owned()];
        let proxied = |config: &mut Config| {
            (config.behind_proxy, config.host_names) = (true, vec!["poe.example".to_owned()]);
        };
        assert_eq!(url("127.0.0.1:8080", false, |_| ()), "http://127.0.0.1:8080/");
        assert_eq!(
            url("127.0.0.1:8080", false, named),
            "http://127.0.0.1:8080/",
            "the name may lead elsewhere"
        );
        assert_eq!(url("0.0.0.0:8443", true, |_| ()), "https://127.0.0.1:8443/");
        assert_eq!(url("[::]:8443", true, |_| ()), "https://[::1]:8443/");
        assert_eq!(url("0.0.0.0:8443", true, named), "https://poe.example:8443/", "as in its certificate");
        assert_eq!(url("127.0.0.1:8080", false, proxied), "https://poe.example/");
        let address = WebAddress::new("0.0.0.0:8443".parse().unwrap(), &Config::default(), true);
        assert_eq!(address.listening, "https 0.0.0.0:8443", "for programs, as it is");
        assert_eq!(address.setup("4711"), "https://127.0.0.1:8443/#/setup?token=4711");
    }
}
