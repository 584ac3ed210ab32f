//! How the dashboard gets into a program: cargo itself builds this crate with and without one, and without Node.js.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic, its helpers too")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder where a dashboard may be, and a place to build in.
struct Workshop {
    folder: PathBuf,
}

/// What cargo has done.
struct Built {
    succeeded: bool,
    /// What the example tells of the files.
    listed: String,
    said: String,
}

impl Workshop {
    fn open(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(folder.join("dist")).unwrap();
        Workshop { folder }
    }

    fn dist(&self) -> PathBuf {
        self.folder.join("dist")
    }

    fn put(&self, name: &str, content: &str) {
        let path = self.dist().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Builds and runs the example, where nothing but Rust and a linker can be found.
    fn build(&self) -> Built {
        let output = Command::new(env!("CARGO"))
            .args(["run", "--verbose", "--offline", "--locked", "--example", "files"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env("POE_WEB_DIST", self.dist())
            .env("PATH", path_without_node(&self.folder))
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Built { succeeded: output.status.success(), listed: text(output.stdout), said: text(output.stderr) }
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}

impl Built {
    #[track_caller]
    fn check(self) -> Self {
        assert!(self.succeeded, "{}", self.said);
        self
    }

    fn was_fresh(&self) -> bool {
        self.said.contains("Fresh poe-web")
    }
}

/// Every program that this test could find, but for Node.js and what comes with it.
fn path_without_node(folder: &Path) -> PathBuf {
    let programs = folder.join("programs");
    if programs.exists() {
        return programs;
    }
    fs::create_dir(&programs).unwrap();
    for folder in env::split_paths(&env::var_os("PATH").unwrap()) {
        for program in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = program.file_name();
            let link = programs.join(&name);
            if !["node", "nodejs", "npm", "npx"].iter().any(|it| name == *it) && !link.exists() {
                std::os::unix::fs::symlink(program.path(), link).ok();
            }
        }
    }
    programs
}

#[test]
fn a_program_has_what_is_there_when_it_is_built() {
    let workshop = Workshop::open("what-is-there");
    let notice = workshop.build().check();
    assert_eq!(
        notice.listed.lines().map(|line| line.rsplit_once(' ').unwrap().0).collect::<Vec<_>>(),
        ["no", "/: text/html; charset=utf-8: identity", "/notice.css: text/css; charset=utf-8: identity"]
    );
    assert!(workshop.build().check().was_fresh(), "nothing has changed");

    workshop.put("index.html", "<!doctype html>");
    workshop.put(".hidden", "for us alone");
    workshop.put("assets/index-abc.js", "0123456789");
    workshop.put("assets/index-abc.js.br", "012");
    workshop.put("assets/index-abc.js.gz", "0123");
    let first = workshop.build().check();
    assert_eq!(
        first.listed.lines().collect::<Vec<_>>(),
        [
            "the dashboard",
            "/assets/index-abc.js: text/javascript; charset=utf-8: br 3, gzip 4, identity 10",
            "/: text/html; charset=utf-8: identity 15",
        ]
    );
    assert!(workshop.build().check().was_fresh(), "nothing has changed");

    workshop.put("assets/index-abc.js", "0123456789 and more");
    assert!(workshop.build().check().listed.contains("identity 19"), "a file has changed");
    fs::remove_file(workshop.dist().join("assets/index-abc.js.gz")).unwrap();
    assert!(!workshop.build().check().listed.contains("gzip"), "a file is gone");

    fs::remove_dir_all(workshop.dist()).unwrap();
    assert_eq!(workshop.build().check().listed, notice.listed, "the folder is gone");
}

#[test]
fn a_file_that_cannot_be_served_is_told_by_its_name() {
    let workshop = Workshop::open("cannot-be-served");
    workshop.put("index.html", "<!doctype html>");
    for (name, told) in [
        ("assets/film.mpg", "MEDIA_TYPES"),
        ("assets/{name}.js", "a name that no path can have"),
        ("assets/gone.js.gz", "what it is a form of is not there"),
    ] {
        workshop.put(name, "x");
        let built = workshop.build();
        assert!(!built.succeeded, "{name}");
        assert!(built.said.contains(name) && built.said.contains(told), "{}", built.said);
        fs::remove_file(workshop.dist().join(name)).unwrap();
    }
}
