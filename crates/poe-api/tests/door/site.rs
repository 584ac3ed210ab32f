//! What a browser gets: the dashboard, or where this program has none, the page that says how to get it.

use std::io::{Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use poe_web::{Coding, File, Site};

use crate::House;

/// The whole content policy. What is added here is allowed to every script that ever gets into the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      worker-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types svelte-trusted-html poe-worker";

fn files() -> &'static [File] {
    Site::default().files
}

/// An answer whose body may be no text.
struct Sent {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Sent {
    #[track_caller]
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut values = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let value = values.next();
        assert_eq!(values.next(), None, "{name} is said twice in\n{}", self.head);
        value
    }
}

fn sent(house: &House, method: &str, path: &str, headers: &str) -> Sent {
    let mut stream = house.tcp();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
        .unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let body = bytes.split_off(end + 4);
    let head = String::from_utf8(bytes).unwrap();
    Sent { status: head.split(' ').nth(1).unwrap().parse().unwrap(), head, body }
}

#[test]
fn every_file_is_there_for_everybody() {
    let house = House::calm();
    for file in files() {
        let told = sent(&house, "GET", file.path, "");
        assert_eq!((told.status, &told.body[..]), (200, file.plain()), "{}", file.path);
        let length = file.plain().len().to_string();
        let caching = match file.path.starts_with("/assets/") {
            true => "public, max-age=31536000, immutable",
            false => "no-cache",
        };
        for (name, value) in [
            ("content-type", Some(file.media_type)),
            ("content-length", Some(&length)),
            ("content-encoding", None),
            ("cache-control", Some(caching)),
            ("etag", file.form(Coding::Plain).map(|form| form.tag)),
            ("vary", Some("Accept-Encoding")),
            ("content-security-policy", Some(POLICY)),
            ("x-content-type-options", Some("nosniff")),
            ("referrer-policy", Some("no-referrer")),
            ("cross-origin-opener-policy", Some("same-origin")),
            ("cross-origin-resource-policy", Some("same-origin")),
            ("set-cookie", None),
        ] {
            assert_eq!(told.header(name), value, "{name} of {}", file.path);
        }
        let head = sent(&house, "HEAD", file.path, "");
        let same = |sent: &Sent| {
            sent.head.lines().filter(|line| !line.starts_with("date")).collect::<Vec<_>>().join("\n")
        };
        assert_eq!((same(&head), head.body), (same(&told), Vec::new()), "HEAD {}", file.path);
        assert_eq!(sent(&house, "GET", &format!("{}?v=1", file.path), "").body, told.body);
    }
}

#[test]
fn the_page_is_html_and_its_policy_is_exact() {
    let house = House::calm();
    for answer in [house.ask("GET", "/"), house.ask_local("GET", "/")] {
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("content-security-policy"), Some(POLICY));
        assert!(answer.body.starts_with("<!doctype html>"), "{}", answer.body);
    }
}

#[test]
fn whoever_takes_a_shorter_form_gets_it() {
    let house = House::calm();
    let mut shorter = 0;
    for file in files() {
        for (accepted, coding) in
            [("gzip", Coding::Gzip), ("br", Coding::Brotli), ("gzip, deflate, br, zstd", Coding::Brotli)]
        {
            let Some(form) = file.form(coding) else { continue };
            // Of two that are wanted alike the shorter is sent.
            let form = if accepted.contains(',') { &file.forms[0] } else { form };
            let told = sent(&house, "GET", file.path, &format!("Accept-Encoding: {accepted}\r\n"));
            assert_eq!((told.status, &told.body[..]), (200, form.bytes), "{} {accepted}", file.path);
            assert_eq!(told.header("content-encoding"), Some(form.coding.name()));
            assert_eq!(told.header("etag"), Some(form.tag));
            assert_eq!(told.header("content-type"), Some(file.media_type), "of what is in it");
            shorter += 1;
        }
    }
    assert!(shorter > 0 || Site::DASHBOARD.is_none());
}

#[test]
fn what_is_known_is_not_sent_again() {
    let house = House::calm();
    for file in files() {
        for form in file.forms {
            let accepted = format!("Accept-Encoding: {}\r\n", form.coding.name());
            let known = sent(&house, "GET", file.path, &format!("{accepted}If-None-Match: {}\r\n", form.tag));
            assert_eq!((known.status, known.body.len()), (304, 0), "{}", file.path);
            // A browser puts these in the place of what it knew: a policy that forbids all would end the page.
            assert_eq!(known.header("content-security-policy"), Some(POLICY));
            assert_eq!(known.header("etag"), Some(form.tag));
            assert!(known.header("cache-control").is_some() && known.header("vary").is_some());
            let other = sent(&house, "GET", file.path, &format!("{accepted}If-None-Match: \"x\"\r\n"));
            assert_eq!((other.status, &other.body[..]), (200, form.bytes));
        }
    }
}

#[test]
fn odd_codings_get_the_file_as_it_is() {
    let house = House::calm();
    let page = Site::default().file("/").unwrap();
    let many = "gzip;q=0,".repeat(500);
    for odd in [
        "",
        "zstd",
        "gzip;q=0, br;q=0",
        "identity;q=0",
        ";;,,=",
        "gzip;q=nan",
        "\u{7f}",
        "../../etc/passwd",
        &many,
    ] {
        let told = sent(&house, "GET", "/", &format!("Accept-Encoding: {odd}\r\n"));
        if told.status != 400 {
            assert_eq!((told.status, &told.body[..]), (200, page.plain()), "{odd:?}");
        }
    }
}

#[test]
fn a_file_is_only_read() {
    let house = House::calm();
    for file in files() {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X"] {
            let told = house.ask(method, file.path);
            assert_eq!(
                (told.status, told.header("allow")),
                (405, Some("GET,HEAD")),
                "{method} {}",
                file.path
            );
            assert_eq!(
                told.header("content-security-policy"),
                Some("default-src 'none'; frame-ancestors 'none'")
            );
        }
        let body = "Content-Length: 2\r\n\r\nhi";
        assert_eq!(sent(&house, "GET", file.path, body).status, 400, "{}", file.path);
    }
}

#[test]
fn no_other_path_leads_anywhere() {
    let house = House::calm();
    let absent = house.ask("GET", "/nowhere").text();
    let asset = files().iter().map(|file| file.path).find(|path| *path != "/").unwrap();
    let name = asset.rsplit('/').next().unwrap();
    for path in [
        "/index.html",
        "/index.html.gz",
        "/assets",
        "/assets/",
        "/assets/index.js",
        "/assets/..",
        "/assets/../",
        "/./",
        "//",
        "/..",
        "/../Cargo.toml",
        "/..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2f..%2fetc/passwd",
        "/assets/%2e%2e/icon.svg",
        "/assets/\\..\\..\\x",
        "/%00",
        "/.keep",
        "/.sources",
        "/.git/config",
        "/src/main.ts",
        "/favicon.ico",
        "/notice",
        &format!("{asset}%00"),
        &format!("{asset}/"),
        &format!("{asset}.gz"),
        &format!("{asset}.br"),
        &format!("{asset};x"),
        &format!("{asset}%20"),
        &format!("/{asset}"),
        &format!("/./{name}"),
        &format!("/assets/../{name}"),
        &format!("/x/..{asset}"),
        &asset.to_uppercase(),
        &asset.replacen('.', "%2e", 1),
    ] {
        assert_eq!(house.ask("GET", path).text(), absent, "{path}");
    }
    for broken in ["/\0", "/assets/\0", "/a b", "/\u{1}"] {
        let told =
            house.say(&format!("GET {broken} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        assert_eq!(told.status, 400, "{broken:?}");
    }
    assert_eq!(house.ask("GET", "http://localhost/").status, 200);
    assert_eq!(house.ask("GET", "http://localhost").status, 200, "that is the same");
}

#[test]
fn a_foreign_name_gets_no_page() {
    let house = House::calm();
    let told = house.say("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assert_eq!(told.status, 421);
    assert!(!told.body.contains("<html"), "{}", told.body);
}

/// The longest file, asked for by many who do not read: the bytes are there once, whoever wants them.
#[test]
fn slow_readers_are_cut_and_cost_nobody_anything() {
    let house = House::impatient();
    let file = files().iter().max_by_key(|file| file.plain().len()).unwrap();
    let one = format!("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", file.path);
    let begun = Instant::now();
    let readers: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = house.tcp();
            stream.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
            let one = one.clone();
            thread::spawn(move || while stream.write_all(one.as_bytes()).is_ok() {})
        })
        .collect();
    assert_eq!(house.ask("GET", "/").status, 200, "others are served meanwhile");
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
