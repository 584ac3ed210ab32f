//! What is in this very program: the notice always, the dashboard if it was built before.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic, its helpers too")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;

use poe_web::{Coding, Site};

/// What a first look may cost: the page, and the scripts and styles that it names.
const FIRST_LOOK_BYTES_MAX: usize = 200 * 1024;

fn sites() -> impl Iterator<Item = Site> {
    Site::DASHBOARD.into_iter().chain([Site::NOTICE])
}

/// The dashboard; without one, the test is told as skipped.
fn dashboard(test: &str) -> Option<Site> {
    if Site::DASHBOARD.is_none() {
        let list = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("skipped-tests.txt");
        let mut list = fs::OpenOptions::new().create(true).append(true).open(list).unwrap();
        writeln!(list, "{test} (needs the dashboard: `make dashboard`)").unwrap();
    }
    Site::DASHBOARD
}

fn page(site: &Site) -> &'static str {
    str::from_utf8(site.file("/").unwrap().plain()).unwrap()
}

/// What the page loads, from its `src` and `href`.
fn loaded(page: &str) -> Vec<String> {
    let named = [" src=\"", " href=\""].into_iter().flat_map(|name| page.split(name).skip(1));
    let named = named.filter_map(|rest| rest.split('"').next());
    named.filter(|to| *to != "healthz").map(|to| format!("/{}", to.trim_start_matches("./"))).collect()
}

#[test]
fn every_file_has_one_path_and_distinct_forms() {
    for site in sites() {
        let paths: BTreeSet<_> = site.files.iter().map(|file| file.path).collect();
        assert_eq!(paths.len(), site.files.len());
        for file in site.files {
            let tags: BTreeSet<_> = file.forms.iter().map(|form| form.tag).collect();
            assert_eq!(tags.len(), file.forms.len(), "{}", file.path);
            let lengths: Vec<_> = file.forms.iter().map(|form| form.bytes.len()).collect();
            assert!(lengths.is_sorted(), "{}: {lengths:?}", file.path);
            assert_eq!(file.forms.iter().filter(|form| form.coding == Coding::Plain).count(), 1);
            for form in file.forms {
                let hash = form.tag.trim_matches('"');
                assert!(hash.len() == 32 && hash.chars().all(|c| c.is_ascii_hexdigit()), "{}", form.tag);
            }
            assert_eq!(file.is_immutable, file.path.starts_with("/assets/"), "{}", file.path);
        }
    }
}

#[test]
fn a_page_loads_only_files_of_its_own_site() {
    for site in sites() {
        let loaded = loaded(page(&site));
        assert!(!loaded.is_empty());
        for path in loaded {
            assert!(site.file(&path).is_some(), "{path} is not there");
        }
    }
}

/// The content policy forbids it, and what it forbids does not happen.
#[test]
fn nothing_is_written_into_a_page_that_runs_or_paints() {
    for site in sites() {
        let page = page(&site);
        let lower = page.to_lowercase();
        for word in [
            "<style",
            " style=",
            " onload=",
            " onclick=",
            " onerror=",
            "javascript:",
            "data:",
            "http:",
            "https:",
        ] {
            assert!(!lower.contains(word), "{word} in\n{page}");
        }
        for script in lower.split("<script").skip(1) {
            let (head, rest) = script.split_once('>').unwrap();
            assert!(head.contains(" src=") && rest.starts_with("</script>"), "a script within\n{page}");
        }
    }
}

#[test]
fn the_notice_says_how_to_get_the_dashboard() {
    let page = page(&Site::NOTICE);
    for word in [
        "server is running",
        "dashboard",
        "Node.js 20.19",
        "make run",
        "/api/v1",
        "docs/api.md",
        "poe alarms",
    ] {
        assert!(page.contains(word), "{word} is not in\n{page}");
    }
}

#[test]
fn a_first_look_at_the_dashboard_is_light() {
    let Some(site) = dashboard("a_first_look_at_the_dashboard_is_light") else { return };
    let page = page(&site);
    let mut bytes = 0;
    for path in loaded(page).iter().filter(|path| path.ends_with(".js") || path.ends_with(".css")) {
        let file = site.file(path).unwrap();
        // Over plain HTTP browsers take nothing shorter.
        bytes += file.form(Coding::Gzip).unwrap_or_else(|| panic!("{path} has no form by gzip")).bytes.len();
    }
    assert!(bytes > 0 && bytes <= FIRST_LOOK_BYTES_MAX, "{bytes} bytes of scripts and styles");
}

#[test]
fn every_text_of_the_dashboard_is_there_in_shorter_forms() {
    /// Shorter ones do not gain.
    const SHORT_BYTES: usize = 1_024;
    let site = dashboard("every_text_of_the_dashboard_is_there_in_shorter_forms");
    for file in site.iter().flat_map(|site| site.files) {
        let is_text = ["html", "js", "css", "svg", "txt"].iter().any(|end| file.path.ends_with(end));
        let is_text = is_text || file.path == "/";
        if is_text && file.plain().len() > SHORT_BYTES {
            for coding in [Coding::Gzip, Coding::Brotli] {
                let form = file.form(coding).unwrap_or_else(|| panic!("{} has no {coding:?}", file.path));
                assert!(form.bytes.len() < file.plain().len(), "{}", file.path);
            }
        }
    }
}
