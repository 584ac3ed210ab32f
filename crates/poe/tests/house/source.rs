//! The files of the project, as the checks read them.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder that holds everything.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("this crate is two folders below the root")
        .to_owned()
}

/// A file of Rust without its comments, so that the checks can tell deeds from words.
pub struct Source {
    /// From the root on.
    pub path: String,
    pub code: String,
}

/// The sources in a folder and below, the folder given from the root on.
pub fn rust(folder: &str) -> Vec<Source> {
    let mut sources: Vec<Source> = files(&root().join(folder))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| Source { path: from_root(&path), code: without_comments(&read(&path)) })
        .collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// The names of our crates, which are those of their folders.
pub fn crates() -> Vec<String> {
    let mut crates: Vec<String> = fs::read_dir(root().join("crates"))
        .expect("the crates are there")
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| root().join("crates").join(name).join("Cargo.toml").is_file())
        .collect();
    crates.sort();
    crates
}

impl Source {
    /// A complaint for each place where `needle` stands in the code as a word of its own.
    pub fn complaints<'a>(&'a self, needle: &'a str, cure: &'a str) -> impl Iterator<Item = String> + 'a {
        self.words(needle).map(move |at| self.complaint(at, &format!("`{needle}`: {cure}")))
    }

    /// A complaint about what stands at this byte of the code.
    pub fn complaint(&self, at: usize, what: &str) -> String {
        let line = 1 + self.code[..at].matches('\n').count();
        format!("{}:{line}: {what}", self.path)
    }

    /// Where `needle` begins as a word of its own. What may be part of a name is judged at its ends only.
    fn words<'a>(&'a self, needle: &'a str) -> impl Iterator<Item = usize> + 'a {
        let names = |edge: Option<char>| edge.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let (opens, closes) = (names(needle.chars().next()), names(needle.chars().next_back()));
        self.code.match_indices(needle).map(|(at, _)| at).filter(move |at| {
            let (before, after) = (&self.code[..*at], &self.code[at + needle.len()..]);
            !(opens && names(before.chars().next_back()) || closes && names(after.chars().next()))
        })
    }
}

/// Fails with every complaint on a line of its own.
#[track_caller]
pub fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

pub fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file in a folder and below; none if there is no such folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .map(|entry| entry.unwrap())
        .flat_map(|entry| match entry.file_type().unwrap().is_dir() {
            true => files(&entry.path()),
            false => vec![entry.path()],
        })
        .collect()
}

fn from_root(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Blanks line comments, the documentation among them, and keeps every line in its place. A `//` in a string ends its
/// line here too: the checks then see less, never too much.
fn without_comments(text: &str) -> String {
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .fold(String::new(), |code, line| code + line + "\n")
}

#[test]
fn a_word_is_found_where_it_stands_alone() {
    let source =
        Source { path: "a.rs".into(), code: without_comments("// rand\nlet brand = rand();\nstrand") };
    assert_eq!(source.complaints("rand", "no dice").collect::<Vec<_>>(), ["a.rs:2: `rand`: no dice"]);
}
