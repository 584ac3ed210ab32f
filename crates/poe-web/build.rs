//! Finds the dashboard that `npm run build` has left in `web/dist`, and writes down where its files are, what they are and in
//! which forms they are there. Needs no Node.js: without a dashboard, only the notice is found.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What a file is, by the end of its name.
const MEDIA_TYPES: [(&str, &str); 10] = [
    ("css", "text/css; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain; charset=utf-8"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("woff2", "font/woff2"),
];
/// How a form of a file is named, and what it is called in the library.
const CODINGS: [(&str, &str); 2] = [(".br", "Brotli"), (".gz", "Gzip")];

fn main() {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=POE_WEB_DIST");

    let notice = here.join("notice");
    let dist = env::var_os("POE_WEB_DIST").map_or_else(|| here.join("../../web/dist"), PathBuf::from);
    for folder in [&notice, &dist] {
        // Cargo looks at all files in it. One that is not there it takes for changed, each time.
        println!("cargo::rerun-if-changed={}", folder.display());
    }

    // Those of the time before go, if there was one.
    let _ = fs::remove_dir_all(copies());
    fs::create_dir_all(copies()).unwrap_or_else(|error| panic!("{}: {error}", copies().display()));

    let dashboard = match dist.join("index.html").is_file() {
        true => format!("Some({})", site(&dist)),
        false => "None".to_owned(),
    };
    let text =
        format!("const DASHBOARD: Option<Site> = {dashboard};\nconst NOTICE: Site = {};\n", site(&notice));
    let target = Path::new(&variable("OUT_DIR")).join("site.rs");
    fs::write(&target, text).unwrap_or_else(|error| panic!("{}: {error}", target.display()));
}

/// A site of all files in this folder, as Rust writes it.
fn site(folder: &Path) -> String {
    let found = names(folder, "");
    let mut text = "Site { files: &[".to_owned();
    for name in found.iter().filter(|name| coding(name).is_none()) {
        text += &file(folder, name, &found);
    }
    for name in &found {
        let of_nothing = coding(name).is_some_and(|(of, _)| !found.iter().any(|it| it == of));
        assert!(!of_nothing, "{}: what it is a form of is not there", folder.join(name).display());
    }
    text + "] }"
}

fn file(folder: &Path, name: &str, found: &[String]) -> String {
    let path = if name == "index.html" { "/".to_owned() } else { format!("/{name}") };
    let mut forms = vec![form(folder, name, "Plain")];
    for (ending, coding) in CODINGS {
        let name = format!("{name}{ending}");
        if found.contains(&name) {
            forms.push(form(folder, &name, coding));
        }
    }
    forms.sort();
    let forms: String = forms.into_iter().map(|(_, text)| text).collect();
    let media_type = media_type(&folder.join(name));
    let is_immutable = name.starts_with("assets/");
    format!(
        "File {{ path: {path:?}, media_type: {media_type:?}, is_immutable: {is_immutable}, forms: &[{forms}] }},"
    )
}

/// A form of a file, after its length.
fn form(folder: &Path, name: &str, coding: &str) -> (usize, String) {
    let path = folder.join(name);
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let tag = format!("{:032x}", hash(&bytes));
    // A copy, named by what is in it: the folder may change before the compiler gets to it.
    let path = copies().join(&tag);
    fs::write(&path, &bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    write!(text, "Form {{ coding: Coding::{coding}, ").expect("a text takes whatever is written");
    write!(text, "tag: \"\\\"{tag}\\\"\", bytes: include_bytes!({path:?}) }},")
        .expect("a text takes whatever is written");
    (bytes.len(), text)
}

/// Where the compiler finds what it takes into the program.
fn copies() -> PathBuf {
    Path::new(&variable("OUT_DIR")).join("copies")
}

/// The names of the files in a folder and below, sorted; hidden ones are for us alone.
fn names(folder: &Path, within: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.expect("a folder that opens can be read");
        let name = entry.file_name().into_string().expect("files are named in ASCII");
        if name.starts_with('.') {
            continue;
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        // Others mean something in a route or in an address.
        assert!(name.chars().all(is_plain), "{}: a name that no path can have", entry.path().display());
        let name = format!("{within}{name}");
        match entry.path().is_dir() {
            true => names.extend(self::names(&entry.path(), &format!("{name}/"))),
            false => names.push(name),
        }
    }
    names.sort();
    names
}

/// What a name is a form of, and in which coding.
fn coding(name: &str) -> Option<(&str, &str)> {
    CODINGS.into_iter().find_map(|(ending, coding)| Some((name.strip_suffix(ending)?, coding)))
}

fn media_type(path: &Path) -> &'static str {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let known = MEDIA_TYPES.into_iter().find(|(known, _)| *known == ending);
    let unknown = || panic!("{}: say in MEDIA_TYPES of {} what this is", path.display(), file!());
    known.unwrap_or_else(unknown).1
}

/// FNV-1a with 128 bits. It tells versions of our own files apart, and nobody gains by two that look alike.
fn hash(bytes: &[u8]) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(BASIS, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}
