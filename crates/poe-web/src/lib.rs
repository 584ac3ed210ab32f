//! The dashboard as bytes: what a browser has to load before it can ask for anything.
//!
//! `build.rs` takes every file that `npm run build` has left in `web/dist` into the program, each in the forms in which it
//! is sent. Where nothing was left there, the program is built all the same, and shows a page that says how to get the
//! dashboard. Nothing here knows of HTTP beyond the names of types and codings.

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// Files that belong together. One of them is the page itself, at `/`.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    /// All of them.
    pub files: &'static [File],
}

/// A file, ready to be sent.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Where it is asked for: `/assets/index-IENyDfif.js`. Letters, digits, `/`, `.`, `_` and `-` only.
    pub path: &'static str,
    /// What it is, as `Content-Type` says it.
    pub media_type: &'static str,
    /// Whether its name holds a hash of what is in it, so that what is at this path never changes.
    pub is_immutable: bool,
    /// Its forms, the shortest first. One of them is plain.
    pub forms: &'static [Form],
}

/// A file in one coding.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// The coding.
    pub coding: Coding,
    /// A hash of these very bytes, in quotes: a strong `ETag`.
    pub tag: &'static str,
    /// The bytes.
    pub bytes: &'static [u8],
}

/// How bytes are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// As they are.
    Plain,
    /// By gzip.
    Gzip,
    /// By Brotli.
    Brotli,
}

impl Default for Site {
    /// The dashboard, if it is in this program, or else the notice.
    fn default() -> Self {
        Self::DASHBOARD.unwrap_or(Self::NOTICE)
    }
}

impl Site {
    /// The dashboard; nothing, if it was not there when this program was built.
    pub const DASHBOARD: Option<Site> = DASHBOARD;
    /// What is shown in its place: that the server runs, and how to get the dashboard.
    pub const NOTICE: Site = NOTICE;

    /// The file at this path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&'static File> {
        self.files.iter().find(|file| file.path == path)
    }
}

impl File {
    /// Its bytes as they are.
    #[must_use]
    pub fn plain(&self) -> &'static [u8] {
        self.form(Coding::Plain).expect("build.rs begins every file with its plain form").bytes
    }

    /// Its form in this coding, if it has one.
    #[must_use]
    pub fn form(&self, coding: Coding) -> Option<&'static Form> {
        self.forms.iter().find(|form| form.coding == coding)
    }
}

impl Coding {
    /// Its name in `Accept-Encoding` and `Content-Encoding`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Coding::Plain => "identity",
            Coding::Gzip => "gzip",
            Coding::Brotli => "br",
        }
    }
}
