//! What may be written where a name, a title, a path or an address belongs. Each judge says what is wrong, if anything.

use super::bounds;
use core::time::Duration;

/// What people type and programs put into addresses and headers, so that plain ASCII is all it may hold. Titles are
/// for everything else.
pub(super) fn name(name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let good = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(plain)
        && name.len() <= bounds::NAME_CHARS;
    (!good).then(|| {
        format!(
            "'{}' is not a name; use at most {} letters (a to z), digits, '-', '_' and '.', a letter or digit first",
            shown(name),
            bounds::NAME_CHARS
        )
    })
}

/// Free text in one line.
pub(super) fn title(title: &str) -> Option<String> {
    if title.trim().is_empty() {
        return Some("must not be empty; leave it out instead".into());
    }
    if title.chars().count() > bounds::TITLE_CHARS {
        return Some(format!("is longer than {} characters; say it in fewer", bounds::TITLE_CHARS));
    }
    title
        .chars()
        .find(|&c| unseen(c))
        .map(|c| format!("holds {}, which no screen shows; write one line of plain text", c.escape_unicode()))
}

/// Control characters, line and paragraph separators, and what makes a text run backwards.
fn unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A file on the server's machine.
pub(super) fn path(path: &str) -> Option<String> {
    let good =
        path.starts_with('/') && !path.chars().any(char::is_control) && path.len() <= bounds::PATH_BYTES;
    (!good).then(|| {
        format!(
            "'{}' is not the whole path of a file; write it from the root on, like /etc/poe/secret",
            shown(path)
        )
    })
}

/// An address on an HTTP server.
pub(super) fn url(url: &str) -> Option<String> {
    let Some(rest) = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")) else {
        return Some(format!(
            "'{}' is not an HTTP address; write it like https://host:8443/path",
            shown(url)
        ));
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    if authority.contains('@') {
        return Some(
            "holds a name or a password, which would be in every export; leave it out of the address".into(),
        );
    }
    let (host, port) = match authority.rsplit_once(':') {
        // In an IPv6 address in brackets there are colons, too.
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let good_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 0));
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let good_host = bare.map_or_else(|| is_host(host), |ip| ip.parse::<core::net::Ipv6Addr>().is_ok());
    let good = good_port
        && good_host
        && url.len() <= bounds::URL_BYTES
        && url.chars().all(|c| {
            c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
        });
    (!good).then(|| format!("'{}' is not an HTTP address; write it like https://host:8443/path", shown(url)))
}

/// A host's name or address.
pub(super) fn host(host: &str) -> Option<String> {
    let good = is_host(host) || host.parse::<core::net::IpAddr>().is_ok();
    (!good).then(|| format!("'{}' is not a host; write it like mail.local or 10.0.0.5", shown(host)))
}

fn is_host(host: &str) -> bool {
    host.len() <= bounds::HOST_BYTES
        && !host.is_empty()
        && host.split('.').all(|part| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            !part.is_empty() && part.len() <= 63 && part.chars().all(plain) && !part.starts_with('-')
        })
}

/// The address of a mailbox, and nothing around it.
pub(super) fn mailbox(mailbox: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let good = mailbox.len() <= bounds::MAILBOX_BYTES
        && mailbox.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && local.chars().all(plain)
                && local.split('.').all(|part| !part.is_empty())
                && is_host(domain)
        });
    (!good).then(|| {
        format!(
            "'{}' is not the address of a mailbox; write it like janitor@building.example",
            shown(mailbox)
        )
    })
}

/// A text as a message shows it: in one line, and not all of what somebody poured into a field.
pub(crate) fn shown(text: &str) -> String {
    const CHARS: usize = 80;
    let mut shown: String = text.chars().take(CHARS).flat_map(char::escape_debug).collect();
    if text.chars().nth(CHARS).is_some() {
        shown.push_str("..");
    }
    shown.replace("\\'", "'").replace("\\\"", "\"")
}

/// Seconds, with as much of a fraction as there is; hours, if they are whole.
pub(crate) fn secs(span: Duration) -> String {
    const HOUR: u64 = 60 * 60;
    if span >= Duration::from_secs(HOUR) && span == Duration::from_secs(span.as_secs() / HOUR * HOUR) {
        return format!("{} h", span.as_secs() / HOUR);
    }
    let text = format!("{}.{:09}", span.as_secs(), span.subsec_nanos());
    format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
}
